/* summary.c - the summary of many files, and adding a file to it */
#include "stats/summary.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/search.h"
#include "stats/column_type.h"
#include "stats/lookalikes.h"
#include "stats/refine.h"
#include "stats/summary_internal.h"

enum csvr_status csvr_summary_new(const struct csvr_summary_config *config,
				  struct csvr_summary **summary)
{
	*summary = calloc(1, sizeof **summary);
	if (*summary == NULL)
		return CSVR_NO_MEMORY;
	(*summary)->config = *config;
	(*summary)->is_one_table = config->by_position || config->tables == CSVR_TABLES_ONE;
	csvr_arena_init(&(*summary)->strings);
	(*summary)->matched = calloc(config->n_selected + 1, sizeof(bool));
	(*summary)->suggestions = calloc(config->n_selected + 1, sizeof(struct csvr_suggestion));
	if ((*summary)->matched != NULL && (*summary)->suggestions != NULL)
		return CSVR_OK;
	csvr_summary_free(*summary);
	*summary = NULL;
	return CSVR_NO_MEMORY;
}

static void file_stats_free(struct csvr_file_stats *stats)
{
	if (stats == NULL)
		return;
	csvr_file_stats_clear(stats);
	free(stats);
}

void csvr_summary_free(struct csvr_summary *summary)
{
	if (summary == NULL)
		return;
	csvr_summary_drop_hash_tables(summary);
	for (size_t i = 0; i < summary->n_tables; i++)
		csvr_data_table_clear(&summary->tables[i]);
	for (size_t i = 0; i < summary->n_layouts; i++)
		free(summary->layouts[i].column);
	for (size_t i = 0; summary->file_stats != NULL && i < summary->n_files; i++)
		file_stats_free(summary->file_stats[i]);
	for (size_t i = 0; i < summary->n_partial_files; i++)
		csvr_partial_file_clear(&summary->partial_files[i]);
	free(summary->file_stats);
	free(summary->partial_files);
	csvr_filter_stats_clear(&summary->filter);
	free(summary->matched);
	free(summary->suggestions);
	free(summary->tables);
	free(summary->names);
	free(summary->headers);
	free(summary->header_names);
	free(summary->layouts);
	free(summary->files);
	free(summary->failures);
	free(summary->runs);
	csvr_arena_clear(&summary->strings);
	csvr_refinement_free(summary->refinement);
	free(summary);
}

/* ---- adding ---- */

static inline bool is_before(const struct csvr_summary *summary, struct csvr_location a,
			     struct csvr_location b)
{
	if (a.line == 0 || b.line == 0)
		return a.line != 0;
	const uint32_t rank_of_a = csvr_summary_path_rank(summary, a.input);
	const uint32_t rank_of_b = csvr_summary_path_rank(summary, b.input);
	return rank_of_a < rank_of_b || (rank_of_a == rank_of_b && a.line < b.line);
}

void csvr_summary_keep_first(const struct csvr_summary *summary, struct csvr_location *first,
			     struct csvr_location location)
{
	if (is_before(summary, location, *first))
		*first = location;
}

static void keep_first_cell(const struct csvr_summary *summary, struct csvr_first_cell *first,
			    const struct csvr_first_cell *cell, uint32_t input)
{
	if (!is_before(summary, (struct csvr_location){ input, cell->line },
		       (struct csvr_location){ first->input, first->line }))
		return;
	*first = *cell;
	first->input = input;
}

void csvr_summary_keep_first_cells(const struct csvr_summary *summary, struct csvr_column *into,
				   const struct csvr_column *from)
{
	for (size_t i = 0; i < CSVR_N_KINDS; i++)
		keep_first_cell(summary, &into->first[i], &from->first[i], from->first[i].input);
	for (size_t i = 0; i < CSVR_N_LOOKALIKES && from->lookalikes != NULL; i++) {
		const struct csvr_first_cell *cell = &from->lookalikes->first[i];
		keep_first_cell(summary, &into->lookalikes->first[i], cell, cell->input);
	}
}

enum csvr_status csvr_summary_append_file(struct csvr_summary *summary,
					  const struct csvr_file *file,
					  struct csvr_file_stats *stats)
{
	struct csvr_file *files = csvr_array_grow(summary->files, &summary->files_capacity,
						  summary->n_files + 1, sizeof *files);
	if (files == NULL)
		return CSVR_NO_MEMORY;
	summary->files = files;
	if (summary->config.keeps_file_stats) {
		struct csvr_file_stats **file_stats =
			csvr_array_grow(summary->file_stats, &summary->file_stats_capacity,
					summary->n_files + 1, sizeof(struct csvr_file_stats *));
		if (file_stats == NULL)
			return CSVR_NO_MEMORY;
		summary->file_stats = file_stats;
		file_stats[summary->n_files] = stats;
	}
	files[summary->n_files++] = *file;
	return CSVR_OK;
}

/* A copy without spare capacity and without pairs; NULL: no memory. */
static struct csvr_file_stats *copy_file_stats(const struct csvr_file_stats *stats)
{
	struct csvr_file_stats *copy = calloc(1, sizeof *copy);
	if (copy == NULL)
		return NULL;
	if (csvr_file_stats_reset(copy, stats->n_columns) == CSVR_OK &&
	    csvr_file_stats_merge(copy, stats, 0) == CSVR_OK) {
		copy->size_bytes = stats->size_bytes;
		csvr_pairs_clear(&copy->pairs);
		return copy;
	}
	file_stats_free(copy);
	return NULL;
}

/* Moves the states of the first file into the column: merging them would copy them. */
static enum csvr_status take_collected(struct csvr_column *into, struct csvr_column *from)
{
	if (into->collected != NULL)
		return CSVR_OK;
	into->collected = from->collected;
	from->collected = NULL;
	return csvr_collected_finish_file(into->collected);
}

/* Adds the columns and rows of a file with a header. */
static enum csvr_status add_columns(struct csvr_summary *summary, const struct csvr_file *file,
				    struct csvr_file_stats *stats)
{
	struct csvr_column_layout *layout = &summary->layouts[file->layout];
	struct csvr_data_table *table = &summary->tables[layout->table];
	const size_t n_names = csvr_summary_count_names(summary);
	const bool has_rows = file->kind == CSVR_FILE_READ;
	layout->n_files += has_rows;
	csvr_data_table_note_file(table, file->input, has_rows);
	for (size_t i = 0; i < layout->n_columns; i++) {
		if (layout->column[i] == CSVR_NO_INDEX)
			continue;
		struct csvr_summary_column *column = &table->columns[layout->column[i]];
		struct csvr_column *found = &stats->columns[i];
		enum csvr_status status;
		if (summary->config.collects_by_file) {
			status = csvr_column_merge_core(&column->stats, found);
		} else {
			status = take_collected(&column->stats, found);
			if (status == CSVR_OK)
				status = csvr_column_merge(&column->stats, found);
		}
		if (status != CSVR_OK)
			return status;
		csvr_collected_limit(column->stats.collected, n_names);
		const uint64_t order = (uint64_t)file->input << 32 | i;
		/* Once a file with rows has the column, headers alone do not count. */
		if ((has_rows && column->n_files == 0) ||
		    (has_rows == (column->n_files > 0) && order < column->order))
			column->order = order;
		column->n_files += has_rows;
		column->n_rows += stats->n_rows;
		for (size_t k = 0; k < CSVR_N_KINDS; k++)
			keep_first_cell(summary, &column->stats.first[k], &found->first[k],
					file->input);
		for (size_t k = 0; k < CSVR_N_LOOKALIKES && found->lookalikes != NULL; k++)
			keep_first_cell(summary, &column->stats.lookalikes->first[k],
					&found->lookalikes->first[k], file->input);
	}
	enum csvr_status status = csvr_rows_merge(&table->rows, &stats->rows);
	if (status == CSVR_OK && stats->groups != NULL && has_rows) {
		csvr_groups_finish_file(stats->groups, stats->n_rows);
		status = csvr_groups_merge(&table->groups, stats->groups, layout->column);
	}
	return status == CSVR_OK ? csvr_pairs_merge(&table->pairs, &stats->pairs, layout->column)
				 : status;
}

static void add_totals(const struct csvr_summary *summary, struct csvr_totals *totals,
		       uint32_t input, const struct csvr_file_stats *stats)
{
	totals->size_bytes += stats->size_bytes;
	totals->n_rows += stats->n_rows;
	totals->n_filtered += stats->n_filtered;
	totals->n_extra_fields += stats->n_extra_fields;
	uint64_t lines = 0; /* most files have no issues */
	for (size_t i = 0; i < CSVR_N_ROW_ISSUES; i++)
		lines |= stats->issues[i].first_line;
	for (size_t i = 0; i < CSVR_N_ROW_ISSUES && lines != 0; i++) {
		totals->issues[i].n += stats->issues[i].n;
		csvr_summary_keep_first(summary, &totals->issues[i].first,
					(struct csvr_location){ input,
								stats->issues[i].first_line });
	}
}

/* Notes `input` as the first file without the column of a condition, if it comes first. */
static void keep_first_without(const struct csvr_summary *summary,
			       struct csvr_condition_stats *condition, uint32_t input)
{
	if (condition->n_files_without == 0 ||
	    csvr_summary_path_rank(summary, input) <
		    csvr_summary_path_rank(summary, condition->first_without))
		condition->first_without = input;
}

/* Adds what the conditions of --where could not decide in a file. */
static enum csvr_status add_filter(struct csvr_summary *summary, uint32_t input,
				   const struct csvr_filter_stats *filter)
{
	if (!csvr_filter_stats_has_any(filter))
		return CSVR_OK;
	for (size_t k = 0; k < filter->n_conditions; k++) {
		const struct csvr_condition_stats *from = &filter->conditions[k];
		struct csvr_condition_stats *to = csvr_filter_stats_at(&summary->filter, k,
								       filter->n_conditions);
		if (to == NULL)
			return CSVR_NO_MEMORY;
		to->n_other += from->n_other;
		keep_first_cell(summary, &to->first, &from->first, input);
		if (from->n_rows_without == 0)
			continue;
		to->n_rows_without += from->n_rows_without;
		keep_first_without(summary, to, input);
		to->n_files_without++;
	}
	return CSVR_OK;
}

enum csvr_status csvr_summary_merge_filter(struct csvr_summary *into,
					   const struct csvr_filter_stats *filter)
{
	for (size_t k = 0; filter->conditions != NULL && k < filter->n_conditions; k++) {
		const struct csvr_condition_stats *from = &filter->conditions[k];
		struct csvr_condition_stats *to = csvr_filter_stats_at(&into->filter, k,
								       filter->n_conditions);
		if (to == NULL)
			return CSVR_NO_MEMORY;
		to->n_other += from->n_other;
		keep_first_cell(into, &to->first, &from->first, from->first.input);
		to->n_rows_without += from->n_rows_without;
		if (from->n_files_without > 0)
			keep_first_without(into, to, from->first_without);
		to->n_files_without += from->n_files_without;
	}
	return CSVR_OK;
}

void csvr_data_table_note_file(struct csvr_data_table *table, uint32_t input, bool has_rows)
{
	/* Once a file has rows, headers alone do not count. */
	if ((has_rows && table->n_files == 0) ||
	    (has_rows == (table->n_files > 0) && input < table->first_input))
		table->first_input = input;
	table->n_files += has_rows;
}

enum csvr_status csvr_summary_add_file(struct csvr_summary *summary, const struct csvr_file *file,
				       struct csvr_file_stats *stats)
{
	struct csvr_file_stats *copy = NULL;
	if (summary->config.keeps_file_stats) {
		copy = copy_file_stats(stats);
		if (copy == NULL)
			return CSVR_NO_MEMORY;
	}
	enum csvr_status status = csvr_summary_append_file(summary, file, copy);
	if (status != CSVR_OK) {
		file_stats_free(copy);
		return status;
	}
	status = add_filter(summary, file->input, &stats->filter);
	if (status != CSVR_OK)
		return status;
	if (!csvr_file_has_header(file)) {
		add_totals(summary, &summary->headerless, file->input, stats);
		return CSVR_OK;
	}
	add_totals(summary, &csvr_summary_table_of(summary, file)->totals, file->input, stats);
	return add_columns(summary, file, stats);
}

enum csvr_status csvr_summary_prepare_next(const struct csvr_summary *summary, uint32_t layout,
					   uint64_t header, struct csvr_file_stats *stats)
{
	/* The statistics of a file must be complete if they are kept. */
	if (summary->config.collection == 0 || summary->config.keeps_file_stats)
		return CSVR_OK;
	if (csvr_file_stats_reset(stats, stats->n_columns) != CSVR_OK)
		return CSVR_NO_MEMORY;
	const struct csvr_data_table *table = &summary->tables[summary->layouts[layout].table];
	for (size_t i = 0; i < stats->n_columns; i++) {
		const uint32_t column = summary->layouts[layout].column[i];
		if (column != CSVR_NO_INDEX && stats->columns[i].collected != NULL)
			csvr_collected_inherit(stats->columns[i].collected,
					       table->columns[column].stats.collected);
	}
	csvr_rows_inherit(&stats->rows, &table->rows);
	stats->reset_for_header = header;
	return CSVR_OK;
}

enum csvr_status csvr_summary_append_failure(struct csvr_summary *summary,
					     const struct csvr_failure *failure)
{
	struct csvr_failure *failures = csvr_array_grow(summary->failures,
							&summary->failures_capacity,
							summary->n_failures + 1, sizeof *failures);
	if (failures == NULL)
		return CSVR_NO_MEMORY;
	summary->failures = failures;
	char *message = csvr_arena_copy(&summary->strings, failure->message,
					strlen(failure->message));
	if (message == NULL)
		return CSVR_NO_MEMORY;
	failures[summary->n_failures] = *failure;
	failures[summary->n_failures++].message = message;
	return CSVR_OK;
}

enum csvr_status csvr_summary_add_failure(struct csvr_summary *summary, uint32_t input,
					  const struct csvr_error *error)
{
	const struct csvr_failure failure = { input, error->line, error->message };
	const struct csvr_file file = { .input = input, .kind = CSVR_FILE_BAD };
	enum csvr_status status = csvr_summary_append_failure(summary, &failure);
	return status == CSVR_OK ? csvr_summary_append_file(summary, &file, NULL) : status;
}

enum csvr_status csvr_summary_add_run(struct csvr_summary *summary,
				      const struct csvr_run_record *run)
{
	struct csvr_run_record *runs = csvr_array_grow(summary->runs, &summary->runs_capacity,
						       summary->n_runs + 1, sizeof *runs);
	if (runs == NULL)
		return CSVR_NO_MEMORY;
	summary->runs = runs;
	struct csvr_run_record copy = *run;
	const char **const texts[] = { &copy.version, &copy.command, &copy.host, &copy.job,
				       &copy.kernel };
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		*texts[i] = csvr_arena_copy(&summary->strings, *texts[i], strlen(*texts[i]));
		if (*texts[i] == NULL)
			return CSVR_NO_MEMORY;
	}
	runs[summary->n_runs++] = copy;
	return CSVR_OK;
}

enum csvr_status csvr_summary_add_partial(struct csvr_summary *summary,
					  struct csvr_partial_file *partial)
{
	struct csvr_partial_file *list = csvr_array_grow(summary->partial_files,
							 &summary->partial_files_capacity,
							 summary->n_partial_files + 1,
							 sizeof *list);
	if (list == NULL)
		return CSVR_NO_MEMORY;
	summary->partial_files = list;
	list[summary->n_partial_files++] = *partial;
	memset(partial, 0, sizeof *partial);
	return CSVR_OK;
}

struct csvr_partial_file csvr_summary_pop_partial(struct csvr_summary *summary, size_t index)
{
	struct csvr_partial_file partial = summary->partial_files[index];
	summary->partial_files[index] = summary->partial_files[--summary->n_partial_files];
	return partial;
}

/* ---- queries ---- */

const struct csvr_file_stats *csvr_summary_file_stats(const struct csvr_summary *summary,
						      const struct csvr_file *file)
{
	return summary->file_stats != NULL ? summary->file_stats[file - summary->files] : NULL;
}

size_t csvr_data_table_count_columns(const struct csvr_data_table *table)
{
	size_t n = 0;
	for (size_t i = 0; i < table->n_columns; i++)
		n += table->columns[i].n_files > 0;
	return n;
}

void csvr_totals_add(const struct csvr_summary *summary, struct csvr_totals *into,
		     const struct csvr_totals *from)
{
	into->n_rows += from->n_rows;
	into->n_filtered += from->n_filtered;
	into->size_bytes += from->size_bytes;
	into->n_extra_fields += from->n_extra_fields;
	for (size_t i = 0; i < CSVR_N_ROW_ISSUES; i++) {
		into->issues[i].n += from->issues[i].n;
		csvr_summary_keep_first(summary, &into->issues[i].first, from->issues[i].first);
	}
}

struct csvr_totals csvr_summary_totals(const struct csvr_summary *summary)
{
	struct csvr_totals totals = summary->headerless;
	for (size_t i = 0; i < summary->n_tables; i++)
		csvr_totals_add(summary, &totals, &summary->tables[i].totals);
	return totals;
}

const struct csvr_data_table *csvr_summary_table(const struct csvr_summary *summary, size_t index)
{
	static const struct csvr_data_table no_table = { .first_input = CSVR_NO_INDEX };
	return summary->n_tables > 0 ? &summary->tables[index] : &no_table;
}

struct layout_search {
	const struct csvr_column_layout *layouts;
	size_t table;
};

static bool has_lesser_table(const void *context, size_t index)
{
	const struct layout_search *search = context;
	return search->layouts[index].table < search->table;
}

void csvr_summary_layouts_of(const struct csvr_summary *summary, size_t table, size_t *first,
			     size_t *end)
{
	const struct layout_search search = { summary->layouts, table };
	const struct layout_search next = { summary->layouts, table + 1 };
	*first = csvr_lower_bound(summary->n_layouts, has_lesser_table, &search);
	*end = csvr_lower_bound(summary->n_layouts, has_lesser_table, &next);
}

size_t csvr_summary_n_columns(const struct csvr_summary *summary)
{
	size_t n = 0;
	for (size_t i = 0; i < summary->n_tables; i++)
		n += summary->tables[i].n_columns;
	return n;
}

bool csvr_summary_is_matched(const struct csvr_summary *summary, size_t index)
{
	return summary->matched[index];
}

const char *csvr_summary_suggestion(const struct csvr_summary *summary, size_t index)
{
	const struct csvr_suggestion *suggestion = &summary->suggestions[index];
	return suggestion->n_edits > 0 ? suggestion->word : NULL;
}

struct csvr_outcome csvr_summary_outcome(const struct csvr_summary *summary)
{
	size_t n_with_header = 0;
	for (size_t i = 0; i < summary->n_files; i++)
		n_with_header += csvr_file_has_header(&summary->files[i]);
	const struct csvr_outcome outcome = {
		.n_read = summary->n_files - summary->n_failures,
		.n_bad = summary->n_failures,
		.n_partial = summary->n_partial_files,
		.n_with_header = n_with_header,
		.n_tables = summary->n_tables,
		.n_columns = csvr_summary_n_columns(summary),
		.n_rows = csvr_summary_totals(summary).n_rows,
		.n_inexact = summary->inexactness.n_columns,
		.has_changed = summary->inexactness.reason == CSVR_INEXACT_CHANGED,
	};
	return outcome;
}

const struct csvr_first_cell *csvr_summary_first_invalid(const struct csvr_summary *summary,
							 const struct csvr_column *column)
{
	const unsigned kinds = csvr_column_invalid_kinds(column);
	return csvr_summary_first_of(summary, column->first, kinds);
}

const struct csvr_first_cell *csvr_summary_first_of(const struct csvr_summary *summary,
						    const struct csvr_first_cell *cells,
						    unsigned kinds)
{
	const struct csvr_first_cell *first = NULL;
	for (unsigned kind = 0; kinds >> kind != 0; kind++) {
		const struct csvr_first_cell *cell = &cells[kind];
		if ((kinds >> kind & 1) == 0 || cell->line == 0)
			continue;
		if (first == NULL ||
		    is_before(summary, (struct csvr_location){ cell->input, cell->line },
			      (struct csvr_location){ first->input, first->line }))
			first = cell;
	}
	return first;
}
