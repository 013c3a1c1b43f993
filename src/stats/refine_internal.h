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
	uint32_t table; /* of the summary; 0 for a file */
	size_t index; /* of the column in the table, or in the file */
	struct csvr_range_list list;
};

struct csvr_wanted_columns {
	struct csvr_wanted_column *items; /* in order of tables and names */
	size_t n_items;
};

/* The wanted ranges of one file. */
struct csvr_wanted_file {
	uint32_t input;
	size_t index; /* in summary->files */
	struct csvr_wanted_columns columns;
};

/* A header of the summary. Other ranks and later runs know it by the digest of its names. */
struct csvr_wanted_header {
	unsigned char digest[CSVR_SHA256_BYTES];
	uint32_t table;
};

struct csvr_refinement {
	struct csvr_wanted_columns columns; /* of all files together; none if there are `files` */
	struct csvr_wanted_file *files; /* in order of inputs */
	size_t n_files;
	struct csvr_wanted_header *headers; /* in order of digests; NULL: all files are table 0 */
	size_t n_headers;
	bool by_position;
	struct csvr_arena strings; /* names, if it was decoded */
};

/* Memory for up to `n_columns`; there are none yet. Clear it also after an error. */
enum csvr_status csvr_wanted_columns_init(struct csvr_wanted_columns *columns, size_t n_columns);
void csvr_wanted_columns_clear(struct csvr_wanted_columns *columns);

/* Sorts them by name. */
void csvr_wanted_columns_sort(struct csvr_wanted_columns *columns);

/* NULL: no column of the table has this name. */
const struct csvr_wanted_column *csvr_wanted_columns_find(const struct csvr_wanted_columns *columns,
							  uint32_t table,
							  const struct csvr_name *name);

/* Sets the headers to those of the summary. */
enum csvr_status csvr_refinement_set_headers(struct csvr_refinement *refinement,
					     const struct csvr_summary *summary);

#endif
