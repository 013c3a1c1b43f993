/* filter_stats.h - what the conditions of --where could not decide by comparing a cell
 *
 * Shape    of a file or chunk, or of all files; one entry per condition. Zeroed memory has none, which means that there is
 *          nothing to report. Merging is associative and commutative
 * Units    counts are cells, rows, files; lines are 1-based
 * Errors   CSVR_NO_MEMORY
 * Threads  one thread at a time
 */
#ifndef CSVR_STATS_FILTER_STATS_H
#define CSVR_STATS_FILTER_STATS_H

#include "stats/column.h"

struct csvr_condition_stats {
	uint64_t
		n_other; /* cells that are no number, date or time, as the value is one, and not missing */
	struct csvr_first_cell first; /* of these */
	uint64_t n_rows_without; /* rows of files without the column */
	/* in a summary: */
	uint64_t n_files_without; /* files with such rows */
	uint32_t first_without; /* the first of these, if there are any */
};

struct csvr_filter_stats {
	struct csvr_condition_stats *conditions; /* NULL: all are zero */
	size_t n_conditions;
};

void csvr_filter_stats_clear(struct csvr_filter_stats *stats);

/* Sets everything to zero; keeps the memory. */
void csvr_filter_stats_reset(struct csvr_filter_stats *stats);

/* Whether some condition has counted something. */
bool csvr_filter_stats_has_any(const struct csvr_filter_stats *stats);

/* The entry of a condition, of `n_conditions`; NULL: no memory. */
struct csvr_condition_stats *csvr_filter_stats_at(struct csvr_filter_stats *stats, size_t index,
						  size_t n_conditions);

/* Adds a chunk that follows in the same file, before which the file has `lines_before` lines. */
enum csvr_status csvr_filter_stats_append(struct csvr_filter_stats *into,
					  const struct csvr_filter_stats *chunk,
					  uint64_t lines_before);

#endif
