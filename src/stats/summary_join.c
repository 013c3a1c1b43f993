/* summary_join.c - joins tables of one summary */
#include <stdlib.h>
#include <string.h>

#include "stats/similar_sets.h"
#include "stats/summary_internal.h"

/* Where tables and columns go. */
struct moves {
	uint32_t *root; /* of each table; then its new index */
	size_t *first; /* new_column[first[t] + i] is the new index of column i of table t */
	uint32_t *new_column;
	uint32_t *new_layout;
};

static enum csvr_status moves_init(struct moves *moves, const struct csvr_summary *summary,
				   uint32_t *root)
{
	size_t n_columns = 0;
	*moves = (struct moves){ .root = root };
	moves->first = calloc(summary->n_tables + 1, sizeof *moves->first);
	moves->new_layout = malloc((summary->n_layouts + 1) * sizeof *moves->new_layout);
	if (moves->first == NULL || moves->new_layout == NULL)
		return CSVR_NO_MEMORY;
	for (size_t t = 0; t < summary->n_tables; t++) {
		moves->first[t] = n_columns;
		n_columns += summary->tables[t].n_columns;
	}
	moves->new_column = malloc((n_columns + 1) * sizeof *moves->new_column);
	return moves->new_column != NULL ? CSVR_OK : CSVR_NO_MEMORY;
}

static void moves_clear(struct moves *moves)
{
	free(moves->first);
	free(moves->new_column);
	free(moves->new_layout);
}

/* Merges tables into their roots, and closes the gaps. */
static enum csvr_status join_columns(struct csvr_summary *summary, const struct moves *moves)
{
	struct csvr_data_table *tables = summary->tables;
	for (size_t t = 0; t < summary->n_tables; t++) {
		uint32_t *new_column = moves->new_column + moves->first[t];
		for (size_t i = 0; i < tables[t].n_columns; i++)
			new_column[i] = (uint32_t)i;
		if (moves->root[t] == t)
			continue;
		const enum csvr_status status = csvr_data_table_merge(summary,
								      &tables[moves->root[t]],
								      &tables[t], new_column);
		if (status != CSVR_OK)
			return status;
	}
	size_t n_kept = 0;
	for (size_t t = 0; t < summary->n_tables; t++) {
		if (moves->root[t] != t) {
			moves->root[t] = moves->root[moves->root[t]];
			csvr_data_table_clear(&tables[t]);
			continue;
		}
		moves->root[t] = (uint32_t)n_kept;
		tables[n_kept++] = tables[t];
	}
	summary->n_tables = n_kept;
	return CSVR_OK;
}

/* Layouts of joined tables may have become equal. */
static enum csvr_status join_layouts(struct csvr_summary *summary, const struct moves *moves)
{
	struct csvr_column_layout *layouts = summary->layouts;
	const size_t n_layouts = summary->n_layouts;
	csvr_slots_clear(&summary->layouts_by_columns);
	summary->layouts = NULL;
	summary->n_layouts = summary->layouts_capacity = 0;
	enum csvr_status status = CSVR_OK;
	for (size_t l = 0; l < n_layouts; l++) {
		const uint32_t *new_column = moves->new_column + moves->first[layouts[l].table];
		uint32_t *columns = layouts[l].column;
		if (status != CSVR_OK) {
			free(columns);
			continue;
		}
		for (size_t i = 0; i < layouts[l].n_columns; i++)
			if (columns[i] != CSVR_NO_INDEX)
				columns[i] = new_column[columns[i]];
		status = csvr_summary_intern_columns(summary, moves->root[layouts[l].table],
						     columns, layouts[l].n_columns,
						     &moves->new_layout[l]);
		if (status == CSVR_OK)
			summary->layouts[moves->new_layout[l]].n_files += layouts[l].n_files;
	}
	free(layouts);
	return status;
}

enum csvr_status csvr_summary_join_tables(struct csvr_summary *summary, uint32_t *root)
{
	struct moves moves;
	enum csvr_status status = moves_init(&moves, summary, root);
	if (status == CSVR_OK)
		status = join_columns(summary, &moves);
	if (status == CSVR_OK)
		status = join_layouts(summary, &moves);
	for (size_t i = 0; i < summary->n_headers && status == CSVR_OK; i++)
		summary->headers[i].table = root[summary->headers[i].table];
	for (size_t i = 0; i < summary->n_files && status == CSVR_OK; i++)
		if (csvr_file_has_header(&summary->files[i]))
			summary->files[i].layout = moves.new_layout[summary->files[i].layout] &
						   (CSVR_MAX_LAYOUTS - 1);
	moves_clear(&moves);
	return status;
}

/* Sets root[h] to the first of the headers that are connected with header h. */
static enum csvr_status find_similar(const struct csvr_summary *summary, uint32_t *root)
{
	struct csvr_id_set *sets = malloc((summary->n_headers + 1) * sizeof *sets);
	uint32_t *names = malloc((summary->n_header_names + 1) * sizeof *names);
	enum csvr_status status = sets != NULL && names != NULL ? CSVR_OK : CSVR_NO_MEMORY;
	for (size_t h = 0; h < summary->n_headers && status == CSVR_OK; h++) {
		const struct csvr_header_set *header = &summary->headers[h];
		uint32_t *folded = names + header->first;
		sets[h] = (struct csvr_id_set){ folded,
						csvr_summary_fold_header(summary, header, folded) };
	}
	if (status == CSVR_OK)
		status = csvr_similar_sets_find(sets, summary->n_headers, summary->n_names, root);
	free(sets);
	free(names);
	return status;
}

enum csvr_status csvr_summary_join_similar(struct csvr_summary *summary)
{
	if (summary->n_tables < 2)
		return CSVR_OK;
	uint32_t *header_root = malloc((summary->n_headers + 1) * sizeof *header_root);
	uint32_t *root = malloc((summary->n_tables + 1) * sizeof *root);
	enum csvr_status status = header_root != NULL && root != NULL ? CSVR_OK : CSVR_NO_MEMORY;
	if (status == CSVR_OK)
		status = find_similar(summary, header_root);
	for (size_t t = 0; t < summary->n_tables && status == CSVR_OK; t++)
		root[t] = (uint32_t)t;
	for (size_t h = 0; h < summary->n_headers && status == CSVR_OK; h++)
		csvr_unite(root, summary->headers[h].table, summary->headers[header_root[h]].table);
	bool has_joined = false;
	for (size_t t = 0; t < summary->n_tables && status == CSVR_OK; t++) {
		root[t] = csvr_find_root(root, (uint32_t)t);
		has_joined |= root[t] != t;
	}
	if (has_joined)
		status = csvr_summary_join_tables(summary, root);
	free(header_root);
	free(root);
	return status;
}

enum csvr_status csvr_summary_make_one_table(struct csvr_summary *summary)
{
	if (summary->is_one_table)
		return CSVR_OK;
	enum csvr_status status = CSVR_OK;
	if (summary->n_tables > 1) {
		uint32_t *root = calloc(summary->n_tables, sizeof *root);
		status = root != NULL ? csvr_summary_join_tables(summary, root) : CSVR_NO_MEMORY;
		free(root);
	}
	summary->is_one_table = true;
	/* The names stay, since columns point into them, but only in the arena. */
	free(summary->names);
	free(summary->headers);
	free(summary->header_names);
	csvr_slots_clear(&summary->names_by_text);
	csvr_slots_clear(&summary->headers_by_names);
	summary->names = NULL;
	summary->headers = NULL;
	summary->header_names = NULL;
	summary->n_names = summary->names_capacity = summary->n_names_with_columns = 0;
	summary->n_headers = summary->headers_capacity = 0;
	summary->n_header_names = summary->header_names_capacity = 0;
	return status;
}
