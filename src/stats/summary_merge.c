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

/* Merges the columns; `new_index` becomes the index of each in `table`. */
static enum csvr_status merge_columns(struct csvr_summary *into, struct csvr_data_table *table,
				      struct csvr_data_table *from, uint32_t *new_index)
{
	for (size_t i = 0; i < from->n_columns; i++) {
		struct csvr_summary_column *source = &from->columns[i];
		const struct csvr_name name = { source->name, source->name_bytes };
		enum csvr_status status = csvr_summary_intern_column(into, table, &name,
								     source->order, &new_index[i]);
		if (status != CSVR_OK)
			return status;
		struct csvr_summary_column *target = &table->columns[new_index[i]];
		if (target->stats.collected == NULL) {
			/* The states may be large: move them to a column that has none. */
			target->stats.collected = source->stats.collected;
			source->stats.collected = NULL;
		}
		keep_refined(&target->stats, target->n_rows, &source->stats, source->n_rows);
		status = csvr_column_merge(&target->stats, &source->stats);
		if (status != CSVR_OK)
			return status;
		csvr_collected_limit(target->stats.collected, csvr_summary_count_names(into));
		status = merge_place(into, target, source);
		if (status != CSVR_OK)
			return status;
		target->n_files += source->n_files;
		target->n_rows += source->n_rows;
		csvr_summary_keep_first_cells(into, &target->stats, &source->stats);
	}
	return CSVR_OK;
}

/* Whether the first file of `a` decides the place of a table, rather than that of `b`. */
static bool is_before(const struct csvr_data_table *a, const struct csvr_data_table *b)
{
	if ((a->n_files > 0) != (b->n_files > 0))
		return a->n_files > 0;
	return a->first_input < b->first_input;
}

enum csvr_status csvr_data_table_merge(struct csvr_summary *into, struct csvr_data_table *target,
				       struct csvr_data_table *source, uint32_t *new_column)
{
	enum csvr_status status = merge_columns(into, target, source, new_column);
	if (status == CSVR_OK)
		status = csvr_pairs_merge(&target->pairs, &source->pairs, new_column);
	if (status == CSVR_OK)
		status = csvr_rows_merge(&target->rows, &source->rows);
	if (status == CSVR_OK)
		status = csvr_groups_merge(&target->groups, source->groups, new_column);
	csvr_totals_add(into, &target->totals, &source->totals);
	if (is_before(source, target))
		target->first_input = source->first_input;
	target->n_files += source->n_files;
	return status;
}

/* ---- tables ---- */

/* How the tables of one summary become those of another. */
struct table_map {
	uint32_t *new_table; /* of each table of the source; CSVR_NO_INDEX: not known yet */
	uint32_t *new_name; /* of each name of the source */
	uint32_t *names; /* of all headers of the source, in the numbers of the target, ascending */
	size_t *n_names; /* how many each header has */
};

static void map_clear(struct table_map *map)
{
	free(map->new_table);
	free(map->new_name);
	free(map->names);
	free(map->n_names);
}

/* Translates the names of all headers. */
static enum csvr_status translate_headers(struct csvr_summary *into,
					  const struct csvr_summary *from, struct table_map *map)
{
	map->new_table = malloc((from->n_tables + 1) * sizeof *map->new_table);
	map->new_name = malloc((from->n_names + 1) * sizeof *map->new_name);
	map->names = malloc((from->n_header_names + 1) * sizeof *map->names);
	map->n_names = malloc((from->n_headers + 1) * sizeof *map->n_names);
	if (map->new_table == NULL || map->new_name == NULL || map->names == NULL ||
	    map->n_names == NULL)
		return CSVR_NO_MEMORY;
	memset(map->new_table, 0xff, (from->n_tables + 1) * sizeof *map->new_table);
	for (size_t i = 0; i < from->n_names; i++) {
		const enum csvr_status status = csvr_summary_intern_name(into, &from->names[i].name,
									 &map->new_name[i]);
		if (status != CSVR_OK)
			return status;
	}
	for (size_t h = 0; h < from->n_headers; h++) {
		const struct csvr_header_set *header = &from->headers[h];
		uint32_t *names = map->names + header->first;
		for (size_t i = 0; i < header->n_names; i++)
			names[i] = map->new_name[from->header_names[header->first + i]];
		map->n_names[h] = csvr_sort_names(names, header->n_names);
	}
	return CSVR_OK;
}

/* Finds the tables of the headers that both have. Tables of `into` that one table of `from` connects are joined. */
static enum csvr_status find_common_tables(struct csvr_summary *into,
					   const struct csvr_summary *from, struct table_map *map)
{
	uint32_t *root = malloc((into->n_tables + 1) * sizeof *root);
	if (root == NULL)
		return CSVR_NO_MEMORY;
	for (size_t t = 0; t < into->n_tables; t++)
		root[t] = (uint32_t)t;
	enum csvr_status status = CSVR_OK;
	for (size_t h = 0; h < from->n_headers && status == CSVR_OK; h++) {
		uint32_t known, *new_table = &map->new_table[from->headers[h].table];
		status = csvr_summary_find_header(into, map->names + from->headers[h].first,
						  map->n_names[h], &known);
		if (status != CSVR_OK || known == CSVR_NO_INDEX)
			continue;
		if (*new_table == CSVR_NO_INDEX)
			*new_table = into->headers[known].table;
		else
			csvr_unite(root, *new_table, into->headers[known].table);
	}
	bool has_joined = false;
	for (size_t t = 0; t < into->n_tables; t++) {
		root[t] = csvr_find_root(root, (uint32_t)t);
		has_joined |= root[t] != t;
	}
	if (status == CSVR_OK && has_joined)
		status = csvr_summary_join_tables(into, root);
	for (size_t t = 0; t < from->n_tables; t++)
		if (map->new_table[t] != CSVR_NO_INDEX)
			map->new_table[t] = root[map->new_table[t]];
	free(root);
	return status;
}

/* Adds the headers that `into` does not have, and tables for them. */
static enum csvr_status add_new_headers(struct csvr_summary *into, const struct csvr_summary *from,
					struct table_map *map)
{
	enum csvr_status status = CSVR_OK;
	for (size_t h = 0; h < from->n_headers && status == CSVR_OK; h++) {
		const uint32_t *names = map->names + from->headers[h].first;
		uint32_t known, *new_table = &map->new_table[from->headers[h].table];
		if (*new_table == CSVR_NO_INDEX)
			status = csvr_summary_add_table(into, new_table);
		if (status == CSVR_OK)
			status = csvr_summary_find_header(into, names, map->n_names[h], &known);
		if (status == CSVR_OK && known == CSVR_NO_INDEX)
			status = csvr_summary_add_header(into, names, map->n_names[h], *new_table);
	}
	return status;
}

/* Finds or adds the tables of `into` that those of `from` become a part of. */
static enum csvr_status map_tables(struct csvr_summary *into, const struct csvr_summary *from,
				   struct table_map *map)
{
	enum csvr_status status = translate_headers(into, from, map);
	if (into->is_one_table) {
		for (size_t t = 0; t < from->n_tables && status == CSVR_OK; t++) {
			map->new_table[t] = 0;
			if (into->n_tables == 0)
				status = csvr_summary_add_table(into, &map->new_table[t]);
		}
		return status;
	}
	if (status == CSVR_OK)
		status = find_common_tables(into, from, map);
	return status == CSVR_OK ? add_new_headers(into, from, map) : status;
}

/* Merges a layout; its columns are numbered anew by `new_column`. */
static enum csvr_status merge_layout(struct csvr_summary *into,
				     const struct csvr_column_layout *layout, uint32_t table,
				     const uint32_t *new_column, uint32_t *new_index)
{
	uint32_t *columns = malloc((layout->n_columns + 1) * sizeof *columns);
	if (columns == NULL)
		return CSVR_NO_MEMORY;
	for (size_t j = 0; j < layout->n_columns; j++)
		columns[j] = layout->column[j] == CSVR_NO_INDEX ? CSVR_NO_INDEX
								: new_column[layout->column[j]];
	const enum csvr_status status = csvr_summary_intern_columns(into, table, columns,
								    layout->n_columns, new_index);
	if (status == CSVR_OK)
		into->layouts[*new_index].n_files += layout->n_files;
	return status;
}

/* Moves a table to a place where there is none yet: merging would copy its columns. */
static enum csvr_status move_table(struct csvr_summary *into, struct csvr_data_table *target,
				   struct csvr_data_table *source, uint32_t *new_column)
{
	*target = *source;
	*source = (struct csvr_data_table){ .first_input = CSVR_NO_INDEX };
	for (size_t i = 0; i < target->n_columns; i++) {
		struct csvr_summary_column *column = &target->columns[i];
		const enum csvr_status status = csvr_summary_own_column(into, target, column);
		if (status != CSVR_OK)
			return status;
		new_column[i] = (uint32_t)i;
	}
	return CSVR_OK;
}

static enum csvr_status move_or_merge(struct csvr_summary *into, struct csvr_data_table *target,
				      struct csvr_data_table *source, uint32_t *new_column)
{
	const bool is_new = target->n_columns == 0 && target->first_input == CSVR_NO_INDEX;
	return is_new ? move_table(into, target, source, new_column)
		      : csvr_data_table_merge(into, target, source, new_column);
}

/* Merges the tables and layouts; `new_layout` becomes the index of each layout in `into`. */
static enum csvr_status merge_tables(struct csvr_summary *into, struct csvr_summary *from,
				     const struct table_map *map, uint32_t *new_layout)
{
	size_t *first = malloc((from->n_tables + 1) * sizeof *first);
	uint32_t *new_column = malloc((csvr_summary_n_columns(from) + 1) * sizeof *new_column);
	enum csvr_status status = first != NULL && new_column != NULL ? CSVR_OK : CSVR_NO_MEMORY;
	for (size_t t = 0, n_columns = 0; t < from->n_tables && status == CSVR_OK; t++) {
		first[t] = n_columns;
		n_columns += from->tables[t].n_columns;
		status = move_or_merge(into, &into->tables[map->new_table[t]], &from->tables[t],
				       new_column + first[t]);
	}
	for (size_t l = 0; l < from->n_layouts && status == CSVR_OK; l++) {
		const uint32_t table = from->layouts[l].table;
		status = merge_layout(into, &from->layouts[l], map->new_table[table],
				      new_column + first[table], &new_layout[l]);
	}
	free(first);
	free(new_column);
	return status;
}

/* ---- files ---- */

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

/* If all files of one summary are one table, they become one in the other summary, too. */
static enum csvr_status equalize(struct csvr_summary *into, struct csvr_summary *from)
{
	if (into->is_one_table == from->is_one_table)
		return CSVR_OK;
	return csvr_summary_make_one_table(into->is_one_table ? from : into);
}

enum csvr_status csvr_summary_merge(struct csvr_summary *into, struct csvr_summary *from)
{
	struct table_map map = { NULL, NULL, NULL, NULL };
	uint32_t *new_layout = malloc((from->n_layouts + 1) * sizeof *new_layout);
	enum csvr_status status = new_layout != NULL ? equalize(into, from) : CSVR_NO_MEMORY;
	if (status == CSVR_OK)
		status = map_tables(into, from, &map);
	if (status == CSVR_OK)
		status = merge_tables(into, from, &map, new_layout);
	if (status == CSVR_OK)
		status = merge_files(into, from, new_layout);
	if (status == CSVR_OK)
		status = merge_partial(into, from);
	if (status == CSVR_OK)
		status = csvr_summary_merge_filter(into, &from->filter);
	for (size_t i = 0; i < from->n_runs && status == CSVR_OK; i++)
		status = csvr_summary_add_run(into, &from->runs[i]);
	for (size_t i = 0; i < into->config.n_selected; i++) {
		into->matched[i] |= from->matched[i];
		csvr_suggestion_merge(&into->suggestions[i], &from->suggestions[i]);
	}
	csvr_totals_add(into, &into->headerless, &from->headerless);
	if (status == CSVR_OK && csvr_summary_has_too_many_headers(into))
		status = csvr_summary_make_one_table(into);
	map_clear(&map);
	free(new_layout);
	return status;
}
