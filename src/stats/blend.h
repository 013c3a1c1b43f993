/* blend.h - weighted sums of a few values, rounded once
 *
 * Shape    a struct of zeros is an empty sum
 * Units    values are decimals as written (csvr_ordered_value_decimal)
 * Errors   none
 * Threads  pure
 */
#ifndef CSVR_STATS_BLEND_H
#define CSVR_STATS_BLEND_H

#include "stats/distribution.h"

enum { CSVR_BLEND_TERMS = 4 };

struct csvr_blend {
	size_t n_terms;
	struct {
		struct csvr_ordered_value value;
		uint64_t weight;
		bool is_subtracted;
	} term[CSVR_BLEND_TERMS];
};

/* Adds a value times `weight`. There are at most CSVR_BLEND_TERMS whose weight is not 0. */
void csvr_blend_add(struct csvr_blend *blend, struct csvr_ordered_value value, uint64_t weight);
void csvr_blend_subtract(struct csvr_blend *blend, struct csvr_ordered_value value,
			 uint64_t weight);

/* Whether a value is an estimate, or has perhaps more digits than are known. */
bool csvr_blend_is_approximate(const struct csvr_blend *blend);

/* The double nearest to the sum divided by `divisor`, which is not 0; never -0. */
double csvr_blend_quotient(const struct csvr_blend *blend, uint64_t divisor);

/* -1, 0, 1 as the sum is negative, 0 or positive. */
int csvr_blend_sign(const struct csvr_blend *blend);

#endif
