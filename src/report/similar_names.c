/* similar_names.c - columns of different files whose names differ only in case or blanks */
#include "report/similar_names.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

/* A column and its folded name. */
struct folded {
	const char *name;
	size_t n_bytes, column;
};

static int compare_names(const struct folded *a, const struct folded *b)
{
	const int order = memcmp(a->name, b->name,
				 a->n_bytes < b->n_bytes ? a->n_bytes : b->n_bytes);
	return order != 0 ? order : (a->n_bytes > b->n_bytes) - (a->n_bytes < b->n_bytes);
}

static int compare_folded(const void *left, const void *right)
{
	const struct folded *a = left, *b = right;
	const int order = compare_names(a, b);
	return order != 0 ? order : (a->column > b->column) - (a->column < b->column);
}

static int compare_items(const void *left, const void *right)
{
	const struct csvr_similar_names *a = left, *b = right;
	return (a->first > b->first) - (a->first < b->first);
}

/* The columns in the order of their folded names. False: no memory. */
static bool fold_names(const struct csvr_data_table *table, size_t n_columns, struct folded *folded,
		       struct csvr_arena *strings)
{
	for (size_t i = 0; i < n_columns; i++) {
		const struct csvr_summary_column *column = &table->columns[i];
		char *name = csvr_arena_copy(strings, column->name, column->name_bytes);
		if (name == NULL)
			return false;
		folded[i] = (struct folded){ name, csvr_fold_name(name, column->name_bytes), i };
	}
	if (n_columns > 1)
		qsort(folded, n_columns, sizeof *folded, compare_folded);
	return true;
}

/* Stores groups of columns with the same folded name; the index of its group for each column, n_columns: none. */
static size_t find_groups(const struct folded *folded, size_t n_columns,
			  struct csvr_similar_names *groups, size_t *group_of)
{
	size_t n_groups = 0;
	for (size_t i = 0, next; i < n_columns; i = next) {
		for (next = i + 1;
		     next < n_columns && compare_names(&folded[i], &folded[next]) == 0; next++)
			;
		const bool is_group = next > i + 1;
		for (size_t j = i; j < next; j++)
			group_of[folded[j].column] = is_group ? n_groups : n_columns;
		if (is_group)
			groups[n_groups++] = (struct csvr_similar_names){ folded[i].column,
									  folded[i + 1].column,
									  next - i };
	}
	return n_groups;
}

/* Sets n_columns of a group to 0 if some file has two of its columns. `last_layout` has room for all groups. */
static void drop_intended(const struct csvr_summary *summary, size_t table, size_t n_columns,
			  struct csvr_similar_names *groups, const size_t *group_of,
			  size_t *last_layout)
{
	size_t first, end;
	csvr_summary_layouts_of(summary, table, &first, &end);
	for (size_t i = first; i < end; i++) {
		const struct csvr_column_layout *layout = &summary->layouts[i];
		for (size_t j = 0; j < layout->n_columns && layout->n_files > 0; j++) {
			const uint32_t column = layout->column[j];
			if (column >= n_columns || group_of[column] == n_columns)
				continue;
			const size_t group = group_of[column];
			if (last_layout[group] == i + 1)
				groups[group].n_columns = 0;
			last_layout[group] = i + 1;
		}
	}
}

enum csvr_status csvr_similar_names_find(const struct csvr_summary *summary, size_t table,
					 struct csvr_similar_names **items, size_t *n_items)
{
	const struct csvr_data_table *of = csvr_summary_table(summary, table);
	const size_t n_columns = csvr_data_table_count_columns(of);
	struct csvr_arena strings;
	struct folded *folded = malloc((n_columns + 1) * sizeof *folded);
	size_t *group_of = calloc(n_columns + 1, sizeof *group_of);
	size_t *last_layout = calloc(n_columns + 1, sizeof *last_layout);
	enum csvr_status status = CSVR_NO_MEMORY;
	*items = malloc((n_columns + 1) * sizeof **items);
	*n_items = 0;
	csvr_arena_init(&strings);
	if (folded == NULL || group_of == NULL || last_layout == NULL || *items == NULL ||
	    !fold_names(of, n_columns, folded, &strings))
		goto done;
	const size_t n_groups = find_groups(folded, n_columns, *items, group_of);
	drop_intended(summary, table, n_columns, *items, group_of, last_layout);
	for (size_t i = 0; i < n_groups; i++)
		if ((*items)[i].n_columns > 0)
			(*items)[(*n_items)++] = (*items)[i];
	if (*n_items > 1)
		qsort(*items, *n_items, sizeof **items, compare_items);
	status = CSVR_OK;
done:
	free(folded);
	free(group_of);
	free(last_layout);
	csvr_arena_clear(&strings);
	return status;
}
