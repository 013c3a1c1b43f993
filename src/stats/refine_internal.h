/* refine_internal.h - shared by the files of refinements
 *
 * Shape    refine.c finds what a pass collects from an input, refine_want.c decides what it collects,
 *          refine_codec.c has the bytes for other ranks, refine_apply.c adds the results
 * Errors   CSVR_NO_MEMORY
 * Threads  those of refine.h
 */
#ifndef CSVR_STATS_REFINE_INTERNAL_H
#define CSVR_STATS_REFINE_INTERNAL_H

#include "stats/refine.h"

/* The wanted ranges of one column. */
struct csvr_wanted_column {
	const char *name; /* the summary or the refinement owns it */
	size_t name_bytes;
	size_t index; /* of the column in the summary, or in the file */
	struct csvr_range_list list;
};

struct csvr_wanted_columns {
	struct csvr_wanted_column *items; /* in order of names */
	size_t n_items;
};

/* The wanted ranges of one file. */
struct csvr_wanted_file {
	uint32_t input;
	size_t index; /* in summary->files */
	struct csvr_wanted_columns columns;
};

struct csvr_refinement {
	struct csvr_wanted_columns columns; /* of all files together; none if there are `files` */
	struct csvr_wanted_file *files; /* in order of inputs */
	size_t n_files;
	bool by_position;
	struct csvr_arena strings; /* names, if it was decoded */
};

/* Memory for up to `n_columns`; there are none yet. Clear it also after an error. */
enum csvr_status csvr_wanted_columns_init(struct csvr_wanted_columns *columns, size_t n_columns);
void csvr_wanted_columns_clear(struct csvr_wanted_columns *columns);

/* Sorts them by name. */
void csvr_wanted_columns_sort(struct csvr_wanted_columns *columns);

/* NULL: no column has this name. */
const struct csvr_wanted_column *csvr_wanted_columns_find(const struct csvr_wanted_columns *columns,
							  const struct csvr_name *name);

#endif
