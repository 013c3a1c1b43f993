/* table.c - what was found in one file, or in pieces of it */
#include "stats/table.h"

#include <stdlib.h>
#include <string.h>

/* ---- a table ---- */

void csvr_table_init(struct csvr_table *table)
{
	memset(table, 0, sizeof *table);
}

void csvr_table_clear(struct csvr_table *table)
{
	for (size_t i = 0; i < table->capacity; i++)
		csvr_column_clear(&table->columns[i]);
	free(table->columns);
	csvr_table_init(table);
}

enum csvr_status csvr_table_reset(struct csvr_table *table, size_t n_columns)
{
	if (n_columns > table->capacity) {
		size_t capacity = table->capacity;
		struct csvr_column *columns = csvr_grow(table->columns, &capacity, n_columns,
							sizeof *columns);
		if (columns == NULL)
			return CSVR_NO_MEMORY;
		for (size_t i = table->capacity; i < capacity; i++)
			csvr_column_init(&columns[i]);
		table->columns = columns;
		table->capacity = capacity;
	}
	for (size_t i = 0; i < n_columns; i++)
		csvr_column_reset(&table->columns[i]);
	table->n_columns = n_columns;
	table->n_rows = table->n_extra_fields = table->n_lines = table->size_bytes = 0;
	memset(table->odd, 0, sizeof table->odd);
	return CSVR_OK;
}

/* The first of two lines, where 0 is none. */
static uint64_t first_line(uint64_t a, uint64_t b)
{
	return a == 0 || (b != 0 && b < a) ? b : a;
}

static uint64_t shifted_line(uint64_t line, uint64_t lines_before)
{
	return line == 0 ? 0 : line + lines_before;
}

enum csvr_status csvr_table_merge(struct csvr_table *into, const struct csvr_table *piece,
				  uint64_t lines_before)
{
	for (size_t i = 0; i < into->n_columns; i++) {
		struct csvr_column *column = &into->columns[i];
		enum csvr_status status = csvr_column_merge(column, &piece->columns[i]);
		if (status != CSVR_OK)
			return status;
		column->invalid_line = first_line(column->invalid_line,
						  shifted_line(piece->columns[i].invalid_line,
							       lines_before));
	}
	into->n_rows += piece->n_rows;
	into->n_extra_fields += piece->n_extra_fields;
	into->n_lines += piece->n_lines;
	for (size_t i = 0; i < CSVR_N_ODDITIES; i++) {
		into->odd[i].n += piece->odd[i].n;
		into->odd[i].first_line = first_line(into->odd[i].first_line,
						     shifted_line(piece->odd[i].first_line,
								  lines_before));
	}
	return CSVR_OK;
}

void csvr_table_finish(struct csvr_table *table)
{
	struct csvr_line_tally *trailing = &table->odd[CSVR_TRAILING_ROWS];
	struct csvr_line_tally *too_long = &table->odd[CSVR_LONG_ROWS];
	if (trailing->n < table->n_rows) {
		too_long->n += trailing->n;
		too_long->first_line = first_line(too_long->first_line, trailing->first_line);
		table->n_extra_fields += trailing->n;
	}
	trailing->n = trailing->first_line = 0;
}

/* ---- pieces of one file ---- */

void csvr_piece_init(struct csvr_piece *piece)
{
	memset(piece, 0, sizeof *piece);
	csvr_table_init(&piece->table);
}

void csvr_piece_clear(struct csvr_piece *piece)
{
	csvr_table_clear(&piece->table);
}

struct csvr_stretch *csvr_stretch_new(uint32_t first, uint32_t last)
{
	struct csvr_stretch *stretch = malloc(sizeof *stretch);
	if (stretch == NULL)
		return NULL;
	csvr_piece_init(&stretch->piece);
	stretch->first = first;
	stretch->last = last;
	return stretch;
}

void csvr_stretch_free(struct csvr_stretch *stretch)
{
	if (stretch == NULL)
		return;
	csvr_piece_clear(&stretch->piece);
	free(stretch);
}

void csvr_heading_init(struct csvr_heading *heading)
{
	memset(heading, 0, sizeof *heading);
	csvr_arena_init(&heading->strings);
}

void csvr_heading_clear(struct csvr_heading *heading)
{
	free(heading->names);
	csvr_arena_clear(&heading->strings);
	csvr_heading_init(heading);
}

enum csvr_status csvr_heading_set(struct csvr_heading *heading, const struct csvr_name *names,
				  size_t n_names, bool has_bare_cr)
{
	csvr_heading_clear(heading);
	heading->names = calloc(n_names + 1, sizeof *heading->names);
	if (heading->names == NULL)
		return CSVR_NO_MEMORY;
	heading->n_names = n_names;
	heading->has_bare_cr = has_bare_cr;
	for (size_t i = 0; i < n_names; i++) {
		if (names[i].text == NULL)
			continue;
		heading->names[i].text = csvr_arena_copy(&heading->strings, names[i].text,
							 names[i].n_bytes);
		heading->names[i].n_bytes = names[i].n_bytes;
		if (heading->names[i].text == NULL)
			return CSVR_NO_MEMORY;
	}
	return CSVR_OK;
}

void csvr_unfinished_clear(struct csvr_unfinished *unfinished)
{
	for (size_t i = 0; i < unfinished->n_stretches; i++)
		csvr_stretch_free(unfinished->stretches[i]);
	free(unfinished->stretches);
	csvr_heading_clear(&unfinished->heading);
	memset(unfinished, 0, sizeof *unfinished);
}

bool csvr_unfinished_add(struct csvr_unfinished *unfinished, struct csvr_stretch *stretch)
{
	struct csvr_stretch **stretches = csvr_grow(unfinished->stretches,
						    &unfinished->stretches_capacity,
						    unfinished->n_stretches + 1,
						    sizeof(struct csvr_stretch *));
	if (stretches == NULL) {
		csvr_stretch_free(stretch);
		return false;
	}
	unfinished->stretches = stretches;
	size_t i = unfinished->n_stretches++;
	for (; i > 0 && stretches[i - 1]->first > stretch->first; i--)
		stretches[i] = stretches[i - 1];
	stretches[i] = stretch;
	return true;
}
