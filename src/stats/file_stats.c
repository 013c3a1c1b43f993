/* file_stats.c - the statistics of one file, or of chunks of it */
#include "stats/file_stats.h"

#include <stdlib.h>
#include <string.h>

#include "stats/groups.h"
#include "stats/lookalikes.h"
#include "stats/statistics.h"

/* ---- one file ---- */

void csvr_file_stats_init(struct csvr_file_stats *stats)
{
	memset(stats, 0, sizeof *stats);
}

void csvr_file_stats_clear(struct csvr_file_stats *stats)
{
	for (size_t i = 0; i < stats->capacity; i++)
		csvr_column_clear(&stats->columns[i]);
	free(stats->columns);
	csvr_pairs_clear(&stats->pairs);
	csvr_rows_clear(&stats->rows);
	csvr_filter_stats_clear(&stats->filter);
	csvr_groups_free(stats->groups);
	csvr_file_stats_init(stats);
}

enum csvr_status csvr_file_stats_reset(struct csvr_file_stats *stats, size_t n_columns)
{
	if (n_columns > stats->capacity) {
		size_t capacity = stats->capacity;
		struct csvr_column *columns = csvr_array_grow(stats->columns, &capacity, n_columns,
							      sizeof *columns);
		if (columns == NULL)
			return CSVR_NO_MEMORY;
		for (size_t i = stats->capacity; i < capacity; i++)
			csvr_column_init(&columns[i]);
		stats->columns = columns;
		stats->capacity = capacity;
	}
	const csvr_collection collection = csvr_collection_of_columns(stats->collection);
	for (size_t i = 0; i < n_columns; i++) {
		csvr_column_reset(&stats->columns[i]);
		if (collection == 0 && stats->columns[i].collected == NULL)
			continue;
		if (csvr_column_collect(&stats->columns[i], collection) != CSVR_OK)
			return CSVR_NO_MEMORY;
		csvr_collected_limit(stats->columns[i].collected, stats->n_selected);
		if (stats->ranges != NULL)
			csvr_collected_want(stats->columns[i].collected, stats->ranges[i]);
	}
	csvr_pairs_reset(&stats->pairs);
	csvr_rows_reset(&stats->rows);
	csvr_filter_stats_reset(&stats->filter);
	stats->n_columns = n_columns;
	stats->n_rows = stats->n_filtered = stats->n_extra_fields = stats->n_lines =
		stats->size_bytes = 0;
	memset(stats->issues, 0, sizeof stats->issues);
	return CSVR_OK;
}

/* The first of two lines; 0: none. */
static uint64_t first_line(uint64_t a, uint64_t b)
{
	return a == 0 || (b != 0 && b < a) ? b : a;
}

static void merge_first_cells(struct csvr_first_cell *into, const struct csvr_first_cell *chunk,
			      size_t n_kinds, uint64_t lines_before)
{
	for (size_t i = 0; i < n_kinds; i++) {
		const uint64_t line = chunk[i].line;
		if (line == 0 || (into[i].line != 0 && into[i].line < line + lines_before))
			continue;
		into[i] = chunk[i];
		into[i].line += lines_before;
	}
}

static uint64_t shifted_line(uint64_t line, uint64_t lines_before)
{
	return line == 0 ? 0 : line + lines_before;
}

/* How many of the last rows look like totals, as far as that is kept. */
static uint64_t count_totals(const struct csvr_file_stats *stats)
{
	const struct csvr_line_count *last = &stats->issues[CSVR_ROW_LAST_1];
	uint64_t n = 0;
	while (n < CSVR_MOST_LAST_ROWS && last[n].n > 0)
		n++;
	return n;
}

void csvr_file_stats_add_last_row(struct csvr_file_stats *stats, bool is_total, uint64_t line)
{
	struct csvr_line_count *last = &stats->issues[CSVR_ROW_LAST_1];
	if (is_total) {
		memmove(last + 1, last, (CSVR_MOST_LAST_ROWS - 1) * sizeof *last);
		*last = (struct csvr_line_count){ 1, line };
	} else {
		memset(last, 0, CSVR_MOST_LAST_ROWS * sizeof *last);
	}
}

/* The last rows of `into` are followed by those of a chunk. */
static void merge_last_rows(struct csvr_file_stats *into, const struct csvr_file_stats *chunk,
			    uint64_t lines_before)
{
	const struct csvr_line_count *last = &chunk->issues[CSVR_ROW_LAST_1];
	const uint64_t n = count_totals(chunk);
	if (n < chunk->n_rows)
		csvr_file_stats_add_last_row(into, false, 0);
	for (uint64_t i = n; i-- > 0;)
		csvr_file_stats_add_last_row(into, true, last[i].first_line + lines_before);
}

_Static_assert((int)CSVR_ROW_LAST_3 + 1 == (int)CSVR_N_ROW_ISSUES,
	       "issues of last rows follow those that are added up");

enum csvr_status csvr_file_stats_merge(struct csvr_file_stats *into,
				       const struct csvr_file_stats *chunk, uint64_t lines_before)
{
	for (size_t i = 0; i < into->n_columns; i++) {
		struct csvr_column *column = &into->columns[i];
		enum csvr_status status = csvr_column_append(column, &chunk->columns[i]);
		if (status != CSVR_OK)
			return status;
		const struct csvr_column *from = &chunk->columns[i];
		merge_first_cells(column->first, from->first, CSVR_N_KINDS, lines_before);
		if (from->lookalikes != NULL)
			merge_first_cells(column->lookalikes->first, from->lookalikes->first,
					  CSVR_N_LOOKALIKES, lines_before);
	}
	enum csvr_status status = csvr_pairs_merge(&into->pairs, &chunk->pairs, NULL);
	if (status == CSVR_OK)
		status = csvr_rows_merge(&into->rows, &chunk->rows);
	if (status == CSVR_OK)
		status = csvr_filter_stats_append(&into->filter, &chunk->filter, lines_before);
	if (status == CSVR_OK)
		status = csvr_groups_merge(&into->groups, chunk->groups, NULL);
	if (status != CSVR_OK)
		return status;
	into->n_rows += chunk->n_rows;
	into->n_filtered += chunk->n_filtered;
	into->n_extra_fields += chunk->n_extra_fields;
	into->n_lines += chunk->n_lines;
	merge_last_rows(into, chunk, lines_before);
	for (size_t i = 0; i < CSVR_ROW_LAST_1; i++) {
		into->issues[i].n += chunk->issues[i].n;
		into->issues[i].first_line = first_line(into->issues[i].first_line,
							shifted_line(chunk->issues[i].first_line,
								     lines_before));
	}
	return CSVR_OK;
}

/* Whether the last `n` rows are all that have a text in the first column, and others have values. */
static bool are_totals(const struct csvr_file_stats *stats, uint64_t n)
{
	if (n == 0 || stats->n_columns == 0)
		return false;
	const uint64_t *cells = stats->columns[0].cells;
	uint64_t n_values = 0;
	for (int class = 0; class < CSVR_N_CELL_CLASSES; class ++)
		n_values += class != CSVR_CELL_TEXT && class != CSVR_CELL_MISSING ? cells[class]
										  : 0;
	return cells[CSVR_CELL_TEXT] <= n && n_values > 0;
}

static void finish_last_rows(struct csvr_file_stats *stats)
{
	struct csvr_line_count *last = &stats->issues[CSVR_ROW_LAST_1];
	const uint64_t n = count_totals(stats);
	const bool has_totals = are_totals(stats, n);
	const uint64_t first_line = n > 0 ? last[n - 1].first_line : 0;
	csvr_file_stats_add_last_row(stats, false, 0);
	if (has_totals)
		last[n - 1] = (struct csvr_line_count){ n, first_line };
}

void csvr_file_stats_finish(struct csvr_file_stats *stats)
{
	finish_last_rows(stats);
	struct csvr_line_count *trailing = &stats->issues[CSVR_ROW_TRAILING_DELIMITER];
	struct csvr_line_count *too_long = &stats->issues[CSVR_ROW_LONG];
	if (trailing->n < stats->n_rows) {
		too_long->n += trailing->n;
		too_long->first_line = first_line(too_long->first_line, trailing->first_line);
		stats->n_extra_fields += trailing->n;
	}
	trailing->n = trailing->first_line = 0;
}

/* ---- chunks of one file ---- */

void csvr_chunk_stats_init(struct csvr_chunk_stats *chunk)
{
	memset(chunk, 0, sizeof *chunk);
	csvr_file_stats_init(&chunk->stats);
}

void csvr_chunk_stats_clear(struct csvr_chunk_stats *chunk)
{
	csvr_file_stats_clear(&chunk->stats);
}

struct csvr_segment *csvr_segment_new(uint32_t first, uint32_t last)
{
	struct csvr_segment *segment = malloc(sizeof *segment);
	if (segment == NULL)
		return NULL;
	csvr_chunk_stats_init(&segment->chunk);
	segment->first = first;
	segment->last = last;
	return segment;
}

void csvr_segment_free(struct csvr_segment *segment)
{
	if (segment == NULL)
		return;
	csvr_chunk_stats_clear(&segment->chunk);
	free(segment);
}

int csvr_name_compare(const struct csvr_name *a, const struct csvr_name *b)
{
	const size_t n_both = a->n_bytes < b->n_bytes ? a->n_bytes : b->n_bytes;
	const int order = n_both > 0 ? memcmp(a->text, b->text, n_both) : 0;
	return order != 0 ? order : (a->n_bytes > b->n_bytes) - (a->n_bytes < b->n_bytes);
}

void csvr_schema_init(struct csvr_schema *schema)
{
	memset(schema, 0, sizeof *schema);
	csvr_arena_init(&schema->strings);
}

void csvr_schema_clear(struct csvr_schema *schema)
{
	free(schema->names);
	free(schema->are_selected);
	csvr_arena_clear(&schema->strings);
	csvr_schema_init(schema);
}

enum csvr_status csvr_schema_set(struct csvr_schema *schema,
				 const struct csvr_header_columns *columns)
{
	csvr_schema_clear(schema);
	schema->names = calloc(columns->n_columns + 1, sizeof *schema->names);
	schema->are_selected = calloc(columns->n_columns + 1, sizeof *schema->are_selected);
	if (schema->names == NULL || schema->are_selected == NULL)
		return CSVR_NO_MEMORY;
	schema->n_names = columns->n_columns;
	for (size_t i = 0; i < columns->n_columns; i++) {
		const struct csvr_name *name = &columns->names[i];
		schema->are_selected[i] = columns->are_selected[i];
		schema->names[i].text = csvr_arena_copy(&schema->strings, name->text,
							name->n_bytes);
		schema->names[i].n_bytes = name->n_bytes;
		if (schema->names[i].text == NULL)
			return CSVR_NO_MEMORY;
	}
	return CSVR_OK;
}

struct csvr_header_columns csvr_schema_columns(const struct csvr_schema *schema)
{
	return (struct csvr_header_columns){ schema->names, schema->are_selected, schema->n_names };
}

bool csvr_schema_equals(const struct csvr_schema *schema, const struct csvr_schema *other)
{
	if (schema->n_names != other->n_names)
		return false;
	for (size_t i = 0; i < schema->n_names; i++)
		if (schema->are_selected[i] != other->are_selected[i] ||
		    schema->names[i].n_bytes != other->names[i].n_bytes ||
		    memcmp(schema->names[i].text, other->names[i].text, schema->names[i].n_bytes) !=
			    0)
			return false;
	return true;
}

void csvr_partial_file_clear(struct csvr_partial_file *partial)
{
	for (size_t i = 0; i < partial->n_segments; i++)
		csvr_segment_free(partial->segments[i]);
	free(partial->segments);
	csvr_schema_clear(&partial->schema);
	memset(partial, 0, sizeof *partial);
}

bool csvr_partial_file_add(struct csvr_partial_file *partial, struct csvr_segment *segment)
{
	struct csvr_segment **segments = csvr_array_grow(partial->segments,
							 &partial->segments_capacity,
							 partial->n_segments + 1,
							 sizeof(struct csvr_segment *));
	if (segments == NULL) {
		csvr_segment_free(segment);
		return false;
	}
	partial->segments = segments;
	size_t i = partial->n_segments++;
	for (; i > 0 && segments[i - 1]->first > segment->first; i--)
		segments[i] = segments[i - 1];
	segments[i] = segment;
	return true;
}
