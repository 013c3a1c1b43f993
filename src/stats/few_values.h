/* few_values.h - the values of a column that has few, with counts
 *
 * Up to CSVR_FEW_VALUES distinct values are counted. Of a column with more, only this fact is kept, so that
 * such columns cost nothing from there on. It does not depend on the order of cells and merges.
 *
 * Shape    a block of zeros has no cells. At most 1 KiB for small integers, 8 KiB for other numbers, 10 KiB
 *          and the bytes of texts
 * Errors   CSVR_NO_MEMORY: cells are missing, and the block may only be cleared
 * Threads  one thread at a time
 */
#ifndef CSVR_STATS_FEW_VALUES_H
#define CSVR_STATS_FEW_VALUES_H

#include "stats/sample.h"

enum { CSVR_FEW_VALUES = 256 };

/* Counts of integers from `base` on, at one scale, which are not in `sample` yet: one addition per cell. What
 * is counted here is a question of time only. */
struct csvr_integer_window {
	uint32_t *counts; /* CSVR_FEW_VALUES; NULL: not allocated */
	int64_t base;
	unsigned scale;
	enum csvr_quantity quantity;
	uint32_t n_cells; /* that are counted */
};

struct csvr_few_values {
	bool has_more; /* nothing else is kept then */
	struct csvr_sample sample; /* of CSVR_FEW_VALUES values */
	struct csvr_integer_window window;
};

/* Sets `*sample` to the values. True: there are no others. False: the column has more than CSVR_FEW_VALUES
 * values, or there is no memory, which `*status` tells. The caller clears the sample in any case. */
bool csvr_few_values_read(const struct csvr_few_values *few, struct csvr_sample *sample,
			  enum csvr_status *status);

/* The aggregate `few_values`, whose state is struct csvr_few_values. */
extern const struct csvr_aggregate csvr_few_values_aggregate;

#endif
