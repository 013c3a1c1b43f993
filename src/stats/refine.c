/* refine.c - the ranges that a further pass over the inputs collects */
#include "stats/refine.h"

#include <stdlib.h>
#include <string.h>

#include "stats/refine_internal.h"

/* ---- columns ---- */

enum csvr_status csvr_wanted_columns_init(struct csvr_wanted_columns *columns, size_t n_columns)
{
	columns->n_items = 0;
	columns->items = calloc(n_columns + 1, sizeof *columns->items);
	return columns->items != NULL ? CSVR_OK : CSVR_NO_MEMORY;
}

void csvr_wanted_columns_clear(struct csvr_wanted_columns *columns)
{
	for (size_t i = 0; i < columns->n_items; i++)
		csvr_range_list_clear(&columns->items[i].list);
	free(columns->items);
	*columns = (struct csvr_wanted_columns){ .items = NULL };
}

static int compare_columns(const void *a, const void *b)
{
	const struct csvr_wanted_column *left = a, *right = b;
	const size_t n_both = left->name_bytes < right->name_bytes ? left->name_bytes
								   : right->name_bytes;
	const int order = n_both > 0 ? memcmp(left->name, right->name, n_both) : 0;
	return order != 0 ? order
			  : (left->name_bytes > right->name_bytes) -
				    (left->name_bytes < right->name_bytes);
}

void csvr_wanted_columns_sort(struct csvr_wanted_columns *columns)
{
	qsort(columns->items, columns->n_items, sizeof *columns->items, compare_columns);
}

const struct csvr_wanted_column *csvr_wanted_columns_find(const struct csvr_wanted_columns *columns,
							  const struct csvr_name *name)
{
	const struct csvr_wanted_column wanted = { .name = name->text,
						   .name_bytes = name->n_bytes };
	return bsearch(&wanted, columns->items, columns->n_items, sizeof wanted, compare_columns);
}

/* ---- refinements ---- */

void csvr_refinement_free(struct csvr_refinement *refinement)
{
	if (refinement == NULL)
		return;
	csvr_wanted_columns_clear(&refinement->columns);
	for (size_t i = 0; i < refinement->n_files; i++)
		csvr_wanted_columns_clear(&refinement->files[i].columns);
	free(refinement->files);
	csvr_arena_clear(&refinement->strings);
	free(refinement);
}

bool csvr_refinement_is_by_file(const struct csvr_refinement *refinement)
{
	return refinement != NULL && refinement->n_files > 0;
}

static int compare_files(const void *a, const void *b)
{
	const uint32_t left = ((const struct csvr_wanted_file *)a)->input;
	const uint32_t right = ((const struct csvr_wanted_file *)b)->input;
	return (left > right) - (left < right);
}

static const struct csvr_wanted_file *find_file(const struct csvr_refinement *refinement,
						uint32_t input)
{
	const struct csvr_wanted_file wanted = { .input = input };
	return bsearch(&wanted, refinement->files, refinement->n_files, sizeof wanted,
		       compare_files);
}

bool csvr_refinement_skips(const struct csvr_refinement *refinement, uint32_t input)
{
	return csvr_refinement_is_by_file(refinement) && find_file(refinement, input) == NULL;
}

const struct csvr_range_list *csvr_refinement_find(const struct csvr_refinement *refinement,
						   uint32_t input, const struct csvr_name *name,
						   size_t position)
{
	const struct csvr_wanted_columns *columns = &refinement->columns;
	if (csvr_refinement_is_by_file(refinement)) {
		const struct csvr_wanted_file *file = find_file(refinement, input);
		if (file == NULL)
			return NULL;
		columns = &file->columns;
	}
	char text[CSVR_COLUMN_KEY_BYTES];
	const struct csvr_name key = csvr_summary_column_key(refinement->by_position, name,
							     position, text);
	const struct csvr_wanted_column *column = csvr_wanted_columns_find(columns, &key);
	return column != NULL ? &column->list : NULL;
}
