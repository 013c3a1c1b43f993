/* column.h - running summary of one column
 *
 * Shape   one per thread and column; merge is associative and commutative
 * Units   counts are cells; min and max are doubles nearest to the written values
 * Errors  CSVR_NO_MEMORY from the sums; cells that are not numbers are counted, never refused
 */
#ifndef CSVR_STATS_COLUMN_H
#define CSVR_STATS_COLUMN_H

#include "csvreport.h"
#include "stats/batch_sums.h"
#include "stats/exact_sum.h"

struct csvr_column {
	uint64_t cells[CSVR_N_CELL_CLASSES];
	struct csvr_exact_sum exact; /* of the cells of class CSVR_CELL_NUMBER */
	double min, max; /* of the same; +inf and -inf while there are none */
	uint64_t invalid_line; /* line of the first invalid cell, 0: none */
};

void csvr_column_init(struct csvr_column *column);
void csvr_column_clear(struct csvr_column *column);
void csvr_column_reset(struct csvr_column *column);

/* Adds a batch of numbers of one scale: integers times 10^-scale. */
enum csvr_status csvr_column_add_batch(struct csvr_column *column, unsigned scale,
				       const struct csvr_batch_sums *totals);

/* Adds one number: the sum of part[i] * 10^(exponent + 18 i). */
enum csvr_status csvr_column_add(struct csvr_column *column, int exponent, const uint64_t *part,
				 size_t n_parts, bool is_negative);

/* Merges counts, sums and extremes; the caller sees to `invalid_line`. */
enum csvr_status csvr_column_merge(struct csvr_column *into, const struct csvr_column *from);

/* ---- figures ---- */

/* The statistics there are, in the order in which reports show them. */
enum csvr_statistic {
	CSVR_STAT_COUNT, /* numbers */
	CSVR_STAT_MISSING,
	CSVR_STAT_NAN,
	CSVR_STAT_INFINITE,
	CSVR_STAT_INVALID,
	CSVR_STAT_FILES, /* files that have the column: known to the summary, not here */
	CSVR_STAT_SUM,
	CSVR_STAT_MEAN,
	CSVR_STAT_STDDEV,
	CSVR_STAT_STDDEV_POP,
	CSVR_STAT_VARIANCE,
	CSVR_STAT_MIN,
	CSVR_STAT_MAX,
	CSVR_N_STATISTICS
};

/* A figure: absent, a count, or a double. */
struct csvr_value {
	enum { CSVR_VALUE_NONE, CSVR_VALUE_COUNT, CSVR_VALUE_REAL } kind;
	uint64_t whole;
	double real;
};

/* One statistic of one column; `n_files` answers CSVR_STAT_FILES. A column without numbers has no
 * numeric figures, one with a single number no sample deviation. */
struct csvr_value csvr_column_value(const struct csvr_column *column, enum csvr_statistic statistic,
				    uint64_t n_files);

#endif
