/* column.h - running summary of one column
 *
 * Shape   one per thread and column; merge is associative and commutative
 * Units   counts are cells; min and max are doubles nearest to the written values
 * Errors  CSVR_NO_MEMORY from the sums; cells that are not numbers are counted, never an error
 */
#ifndef CSVR_STATS_COLUMN_H
#define CSVR_STATS_COLUMN_H

#include "csvreport.h"
#include "stats/batch_sums.h"
#include "stats/collected.h"
#include "stats/exact_sum.h"

struct csvr_column {
	uint64_t cells[CSVR_N_CELL_CLASSES];
	struct csvr_exact_sum exact; /* of the cells of class CSVR_CELL_NUMBER */
	double min, max; /* of the same cells; +inf and -inf if there are none */
	uint64_t invalid_line; /* line of the first invalid cell, 0: none */
	struct csvr_collected *collected; /* states of aggregates; NULL: none are collected */
};

void csvr_column_init(struct csvr_column *column);
void csvr_column_clear(struct csvr_column *column);

/* Removes all cells; keeps the memory. */
void csvr_column_reset(struct csvr_column *column);

/* Makes a column without cells collect these aggregates. Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_column_collect(struct csvr_column *column, csvr_collection collection);

/* Adds a batch of numbers, whose sums are `sums`. */
enum csvr_status csvr_column_add_batch(struct csvr_column *column, const struct csvr_batch *batch,
				       const struct csvr_batch_sums *sums);

/* Adds one number: the sum of part[i] * 10^(exponent + 18 i). */
enum csvr_status csvr_column_add(struct csvr_column *column, int exponent, const uint64_t *part,
				 size_t n_parts, bool is_negative);

/* Merges counts, sums and extremes; the caller merges `invalid_line`. */
enum csvr_status csvr_column_merge(struct csvr_column *into, const struct csvr_column *from);

#endif
