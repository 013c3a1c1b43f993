/* group_sums.h - sums and extremes of the numbers of one column in one group
 *
 * Shape    a cache line for each group, in an array by group; merging is addition and minimum
 * Units    integers times 10^-scale of the array
 */
#ifndef CSVR_STATS_GROUP_SUMS_H
#define CSVR_STATS_GROUP_SUMS_H

#include <stdint.h>

struct csvr_group_sums {
	int64_t sum;
	uint64_t squares;
	int64_t n, unused;
	int64_t min, negated_max; /* INT64_MAX: no number */
	int64_t padding[2];
} __attribute__((aligned(64)));

_Static_assert(sizeof(struct csvr_group_sums) == 64, "a cache line");

#endif
