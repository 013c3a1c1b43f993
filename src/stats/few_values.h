/* few_values.h - the values of a column that has few, with counts
 *
 * Up to CSVR_FEW_VALUES distinct values are counted. Of a column with more, only this fact is kept, so that
 * such columns cost nothing from there on. It does not depend on the order of cells and merges.
 *
 * Shape    a block of zeros has no cells. At most 6 KiB for small integers, 18 KiB for other numbers, 20 KiB
 *          and the bytes of texts
 * Errors   CSVR_NO_MEMORY: cells are missing, and the block may only be cleared
 * Threads  one thread at a time
 */
#ifndef CSVR_STATS_FEW_VALUES_H
#define CSVR_STATS_FEW_VALUES_H

#include "stats/sample.h"

enum { CSVR_FEW_VALUES = 256 };

struct csvr_few_counts;

struct csvr_few_values {
	bool has_more; /* than CSVR_FEW_VALUES values */
	/* Set by the owner: when a batch, text or merge brings too many values, all cells up to and including it are
	 * kept until csvr_few_values_drop. Otherwise nothing is kept of a column with more values. */
	bool keeps_overflow;
	struct csvr_few_counts *counts; /* NULL: no cells are kept */
};

/* Whether cells are kept although there are too many values. */
static inline bool csvr_few_values_has_overflow(const struct csvr_few_values *few)
{
	return few->has_more && few->counts != NULL;
}

/* Adds the cells that are kept to a state of an aggregate that has `add_value`. */
enum csvr_status csvr_few_values_add_to(const struct csvr_few_values *few,
					const struct csvr_aggregate *aggregate, void *state);

/* Frees the cells that are kept, and sets `has_more`. */
void csvr_few_values_drop(struct csvr_few_values *few);

/* A complete sample of the values, after csvr_few_values_aggregate.complete; it belongs to `few`. NULL: the column has
 * more than CSVR_FEW_VALUES values. */
const struct csvr_sample *csvr_few_values_sample(const struct csvr_few_values *few);

struct csvr_subject;

/* The same for the column of a statistic, whose states are those of `sample` and, by default, `few_values`. */
const struct csvr_sample *csvr_few_values_of(const struct csvr_subject *subject);

/* A sample of all values of that column. It has at most CSVR_FEW_VALUES values, or as many as the state `sample` may
 * have if the statistic is requested. NULL: the column has more. */
const struct csvr_sample *csvr_all_values_of(const struct csvr_subject *subject);

/* The aggregate `few_values`, whose state is struct csvr_few_values. */
extern const struct csvr_aggregate csvr_few_values_aggregate;

#endif
