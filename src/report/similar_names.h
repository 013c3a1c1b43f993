/* similar_names.h - columns of different files whose names differ only in case or blanks
 *
 * Errors   CSVR_NO_MEMORY
 * Threads  pure
 */
#ifndef CSVR_REPORT_SIMILAR_NAMES_H
#define CSVR_REPORT_SIMILAR_NAMES_H

#include "stats/summary.h"

/* Columns whose names --fold-names would make equal; no file has two of them. */
struct csvr_similar_names {
	size_t first, second; /* the first two in the order of the table: indices of columns */
	size_t n_columns;
};

/* Finds all of them among the columns of files with rows, in the order of their first columns. The caller frees
 * `*items`. */
enum csvr_status csvr_similar_names_find(const struct csvr_summary *summary, size_t table,
					 struct csvr_similar_names **items, size_t *n_items);

#endif
