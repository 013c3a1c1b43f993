/* missing_columns.c - which files lack a column */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "report/missing_columns.h"

#include <stdint.h>
#include <stdlib.h>

#include "stats/summary.h"

/* Either there are few layouts, or each file has its own and a column is in few of them. So the layouts
 * that have a column are listed, for all columns in one array: layouts[first[c]] to
 * layouts[first[c + 1] - 1] have column c. */
struct csvr_missing_columns {
	size_t *first;
	uint32_t *layouts; /* counted from `first_layout` */
	size_t first_layout, end_layout; /* of the table, in the summary */
	size_t *marked_for; /* by layout: 1 + the last selected column that the layout has */
	size_t selected;
};

void csvr_missing_columns_free(struct csvr_missing_columns *missing)
{
	if (missing == NULL)
		return;
	free(missing->first);
	free(missing->layouts);
	free(missing->marked_for);
	free(missing);
}

/* Lists the layouts that have each column, by a counting sort. */
static void index_layouts(struct csvr_missing_columns *missing, const struct csvr_summary *summary,
			  size_t n_columns)
{
	const size_t n_layouts = missing->end_layout - missing->first_layout;
	if (n_layouts == 0)
		return;
	const struct csvr_column_layout *layouts = summary->layouts + missing->first_layout;
	/* Count into first[c + 2] and add up: first[c + 1] is then the start of column c. Filling moves
	 * first[c + 1] to the end of column c, which is the start of column c + 1. */
	for (size_t l = 0; l < n_layouts; l++)
		for (size_t i = 0; i < layouts[l].n_columns; i++)
			if (layouts[l].column[i] != UINT32_MAX)
				missing->first[layouts[l].column[i] + (size_t)2]++;
	for (size_t c = 2; c < n_columns + 2; c++)
		missing->first[c] += missing->first[c - 1];
	for (size_t l = 0; l < n_layouts; l++) {
		for (size_t i = 0; i < layouts[l].n_columns; i++) {
			const uint32_t c = layouts[l].column[i];
			if (c != UINT32_MAX)
				missing->layouts[missing->first[c + (size_t)1]++] = (uint32_t)l;
		}
	}
}

struct csvr_missing_columns *csvr_missing_columns_new(const struct csvr_summary *summary,
						      size_t table)
{
	struct csvr_missing_columns *missing = calloc(1, sizeof *missing);
	if (missing == NULL)
		return NULL;
	const size_t n_columns = csvr_summary_table(summary, table)->n_columns;
	size_t n_entries = 0;
	csvr_summary_layouts_of(summary, table, &missing->first_layout, &missing->end_layout);
	for (size_t l = missing->first_layout; l < missing->end_layout; l++)
		n_entries += summary->layouts[l].n_columns;
	missing->first = calloc(n_columns + 2, sizeof *missing->first);
	missing->layouts = calloc(n_entries + 1, sizeof *missing->layouts);
	missing->marked_for = calloc(missing->end_layout - missing->first_layout + 1,
				     sizeof *missing->marked_for);
	if (missing->first == NULL || missing->layouts == NULL || missing->marked_for == NULL) {
		csvr_missing_columns_free(missing);
		return NULL;
	}
	index_layouts(missing, summary, n_columns);
	return missing;
}

void csvr_missing_columns_select(struct csvr_missing_columns *missing, size_t column)
{
	missing->selected = column;
	for (size_t i = missing->first[column]; i < missing->first[column + 1]; i++)
		missing->marked_for[missing->layouts[i]] = column + 1;
}

bool csvr_layout_lacks_column(const struct csvr_missing_columns *missing, size_t layout)
{
	return missing->marked_for[layout - missing->first_layout] != missing->selected + 1;
}
