/* summary_merge.c - merges one summary into another */
#include <stdlib.h>
#include <string.h>

#include "stats/refined.h"
#include "stats/summary_internal.h"

/* Merges the order and the label. Those of files with only a header do not count once a file with rows has the
 * column. */
static enum csvr_status merge_place(struct csvr_summary *into, struct csvr_summary_column *target,
				    const struct csvr_summary_column *source)
{
	if (target->n_files > 0 && source->n_files == 0)
		return CSVR_OK;
	if (target->n_files == 0 && source->n_files > 0) {
		target->order = source->order;
		target->label = NULL;
		target->labels_differ = false;
	}
	if (source->order < target->order)
		target->order = source->order;
	const char *label = source->label;
	if (label != NULL) {
		label = csvr_arena_copy(&into->strings, label, source->label_bytes);
		if (label == NULL)
			return CSVR_NO_MEMORY;
	}
	csvr_summary_merge_label(target, label, source->label_bytes);
	if (source->labels_differ) {
		target->label = NULL;
		target->labels_differ = true;
	}
	return CSVR_OK;
}

/* Values that further passes have found are valid only while the column gets no other cells. */
static void keep_refined(struct csvr_column *target, uint64_t n_rows, struct csvr_column *source,
			 uint64_t n_more_rows)
{
	if (n_rows == 0) {
		csvr_refined_free(target->refined);
		target->refined = source->refined;
		source->refined = NULL;
	} else if (n_more_rows > 0) {
		csvr_refined_free(target->refined);
		target->refined = NULL;
	}
}

/* Merges the columns; `new_index` becomes the index of each in `into`. */
static enum csvr_status merge_columns(struct csvr_summary *into, struct csvr_summary *from,
				      uint32_t *new_index)
{
	for (size_t i = 0; i < from->n_columns; i++) {
		struct csvr_summary_column *source = &from->columns[i];
		const struct csvr_name name = { source->name, source->name_bytes };
		enum csvr_status status = csvr_summary_intern_column(into, &name, source->order,
								     &new_index[i]);
		if (status != CSVR_OK)
			return status;
		struct csvr_summary_column *target = &into->columns[new_index[i]];
		if (target->stats.collected == NULL) {
			/* The states may be large: move them to a column that has none. */
			target->stats.collected = source->stats.collected;
			source->stats.collected = NULL;
		}
		keep_refined(&target->stats, target->n_rows, &source->stats, source->n_rows);
		status = csvr_column_merge(&target->stats, &source->stats);
		if (status != CSVR_OK)
			return status;
		csvr_collected_limit(target->stats.collected, into->n_columns);
		status = merge_place(into, target, source);
		if (status != CSVR_OK)
			return status;
		target->n_files += source->n_files;
		target->n_rows += source->n_rows;
		csvr_summary_keep_first_cells(into, &target->stats, &source->stats);
	}
	return CSVR_OK;
}

/* Merges the layouts; `new_index` becomes the index of each in `into`. */
static enum csvr_status merge_layouts(struct csvr_summary *into, const struct csvr_summary *from,
				      const uint32_t *new_column, uint32_t *new_index)
{
	for (size_t i = 0; i < from->n_layouts; i++) {
		const struct csvr_column_layout *layout = &from->layouts[i];
		uint32_t *columns = malloc((layout->n_columns + 1) * sizeof *columns);
		if (columns == NULL)
			return CSVR_NO_MEMORY;
		for (size_t j = 0; j < layout->n_columns; j++)
			columns[j] = layout->column[j] == CSVR_NO_INDEX
					     ? CSVR_NO_INDEX
					     : new_column[layout->column[j]];
		enum csvr_status status = csvr_summary_intern_columns(into, columns,
								      layout->n_columns,
								      &new_index[i]);
		if (status != CSVR_OK)
			return status;
		into->layouts[new_index[i]].n_files += layout->n_files;
	}
	return CSVR_OK;
}

/* Moves the list of files to a summary that has none. */
static void move_files(struct csvr_summary *into, struct csvr_summary *from,
		       const uint32_t *new_layout)
{
	for (size_t i = 0; i < from->n_files; i++)
		if (csvr_file_has_header(&from->files[i]))
			from->files[i].layout = new_layout[from->files[i].layout];
	free(into->files);
	free(into->file_stats);
	into->files = from->files;
	into->n_files = from->n_files;
	into->files_capacity = from->files_capacity;
	into->file_stats = from->file_stats;
	into->file_stats_capacity = from->file_stats_capacity;
	from->files = NULL;
	from->file_stats = NULL;
	from->n_files = from->files_capacity = from->file_stats_capacity = 0;
}

static enum csvr_status merge_files(struct csvr_summary *into, struct csvr_summary *from,
				    const uint32_t *new_layout)
{
	if (into->n_files == 0)
		move_files(into, from, new_layout);
	for (size_t i = 0; i < from->n_files; i++) {
		struct csvr_file file = from->files[i];
		if (csvr_file_has_header(&file))
			file.layout = new_layout[file.layout];
		enum csvr_status status = csvr_summary_append_file(
			into, &file, from->file_stats != NULL ? from->file_stats[i] : NULL);
		if (status != CSVR_OK)
			return status;
		if (from->file_stats != NULL)
			from->file_stats[i] = NULL; /* moved */
	}
	for (size_t i = 0; i < from->n_failures; i++) {
		enum csvr_status status = csvr_summary_append_failure(into, &from->failures[i]);
		if (status != CSVR_OK)
			return status;
	}
	return CSVR_OK;
}

/* Segments of the same file are collected in one partial file. */
static enum csvr_status merge_partial(struct csvr_summary *into, struct csvr_summary *from)
{
	while (from->n_partial_files > 0) {
		struct csvr_partial_file partial =
			csvr_summary_pop_partial(from, from->n_partial_files - 1);
		struct csvr_partial_file *same = NULL;
		for (size_t i = 0; i < into->n_partial_files && same == NULL; i++)
			if (into->partial_files[i].input == partial.input)
				same = &into->partial_files[i];
		enum csvr_status status = CSVR_OK;
		if (same == NULL) {
			status = csvr_summary_add_partial(into, &partial);
		} else {
			for (size_t i = 0; i < partial.n_segments; i++) {
				struct csvr_segment *segment = partial.segments[i];
				partial.segments[i] = NULL;
				if (status == CSVR_OK && !csvr_partial_file_add(same, segment))
					status = CSVR_NO_MEMORY;
				else if (status != CSVR_OK)
					csvr_segment_free(segment);
			}
		}
		csvr_partial_file_clear(&partial);
		if (status != CSVR_OK)
			return status;
	}
	return CSVR_OK;
}

enum csvr_status csvr_summary_merge(struct csvr_summary *into, struct csvr_summary *from)
{
	enum csvr_status status = CSVR_NO_MEMORY;
	uint32_t *new_column = malloc((from->n_columns + 1) * sizeof *new_column);
	uint32_t *new_layout = malloc((from->n_layouts + 1) * sizeof *new_layout);
	if (new_column == NULL || new_layout == NULL)
		goto done;
	status = merge_columns(into, from, new_column);
	if (status == CSVR_OK)
		status = csvr_pairs_merge(&into->pairs, &from->pairs, new_column);
	if (status == CSVR_OK)
		status = csvr_rows_merge(&into->rows, &from->rows);
	if (status == CSVR_OK)
		status = merge_layouts(into, from, new_column, new_layout);
	if (status == CSVR_OK)
		status = merge_files(into, from, new_layout);
	if (status == CSVR_OK)
		status = merge_partial(into, from);
	for (size_t i = 0; i < from->n_runs && status == CSVR_OK; i++)
		status = csvr_summary_add_run(into, &from->runs[i]);
	for (size_t i = 0; i < into->config.n_selected; i++) {
		into->matched[i] |= from->matched[i];
		csvr_suggestion_merge(&into->suggestions[i], &from->suggestions[i]);
	}
	into->n_rows += from->n_rows;
	into->size_bytes += from->size_bytes;
	into->n_extra_fields += from->n_extra_fields;
	for (size_t i = 0; i < CSVR_N_ROW_ISSUES; i++) {
		into->issues[i].n += from->issues[i].n;
		csvr_summary_keep_first(into, &into->issues[i].first, from->issues[i].first);
	}
done:
	free(new_column);
	free(new_layout);
	return status;
}
