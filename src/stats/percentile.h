/* percentile.h - names of percentiles: p99, p99.9, median
 *
 * Shape   "p", then a decimal number greater than 0 and less than 100, without superfluous zeros in front
 * Errors  false: the name is not one
 * Threads pure
 */
#ifndef CSVR_STATS_PERCENTILE_H
#define CSVR_STATS_PERCENTILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CSVR_PERCENTILE_DECIMALS = 12 };

/* The share of values below it: numerator / denominator, between 0 and 1. */
struct csvr_percentile {
	uint64_t numerator, denominator; /* the latter is a power of ten, at most 10^14 */
};

/* Parses name[0, n_bytes). `median` is 50%. */
bool csvr_percentile_parse(const char *name, size_t n_bytes, struct csvr_percentile *percentile);

/* -1, 0, 1 as a is less than, equal to or greater than b. */
int csvr_percentile_compare(struct csvr_percentile a, struct csvr_percentile b);

/* How the value at a percentile of n values follows from order statistics (type 7): it is the one of rank
 * `rank`, from 0, and if `weight` is not 0, (1 - weight / denominator) of that and weight / denominator of
 * the next. */
struct csvr_percentile_rank {
	uint64_t rank;
	uint64_t weight;
};

/* n_values > 0. */
struct csvr_percentile_rank csvr_percentile_rank(struct csvr_percentile percentile,
						 uint64_t n_values);

#endif
