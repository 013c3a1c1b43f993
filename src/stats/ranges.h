/* ranges.h - the exact values in some ranges of a column
 *
 * After a first pass over the inputs it is known in which narrow ranges of values the wanted order
 * statistics are, and how many values come before each range (refine.h). A further pass collects this
 * aggregate: the distinct values in each range with their exact counts. If there are more than `max_values`
 * of a range, the values in each of many narrower ranges are counted instead, from which a further pass
 * chooses. Either is a pure function of the multiset of cells.
 *
 * Shape    a state of zeros wants no range and counts nothing. At most 80 bytes times `max_values` for each
 *          range in which there are values, and the bytes of long numbers
 * Units    a value belongs to the range that has its nearest double
 * Errors   CSVR_NO_MEMORY: a value is missing, and the state may only be cleared
 * Threads  a list of ranges is const while columns use it; a state belongs to one thread at a time
 */
#ifndef CSVR_STATS_RANGES_H
#define CSVR_STATS_RANGES_H

#include "base/double_bits.h"
#include "stats/aggregate.h"
#include "stats/frequent.h"
#include "stats/value_counts.h"

/* From `least` to `greatest`, both included, finite and not -0. */
struct csvr_range {
	double least, greatest;
	uint64_t n_before; /* values of the column and quantity that are less */
	uint64_t n_values; /* that are in it, or in all parts of which it is the first */
	/* This and so many adjacent ranges less one are parts of one; 0: it is another part, and n_before and
	 * n_values are 0. */
	uint32_t n_parts;
	/* Up to so many distinct values are kept. If there are more, those in each of 2^n_bits narrower ranges
	 * are counted, or in fewer if it does not have that many doubles. */
	uint32_t max_values, n_bits;
};

struct csvr_range_filter;

/* What a pass collects from a column. */
struct csvr_range_list {
	/* Those of one quantity after those of the other, each quantity in ascending order and disjoint. */
	struct csvr_range *ranges;
	size_t first[CSVR_N_QUANTITIES + 1]; /* of each quantity; the last is the number of all */
	struct csvr_range_filter *filter;
	struct csvr_frequent_want frequent; /* for csvr_frequent_aggregate */
	uint64_t *own_counters; /* of `frequent`, in a list that was decoded; else NULL */
};

enum { CSVR_MAX_RANGE_VALUES = 1 << 17, CSVR_MAX_RANGE_BITS = 18 };

/* Sets the filter from the other members. */
enum csvr_status csvr_range_list_finish(struct csvr_range_list *list);

/* Frees the ranges too. */
void csvr_range_list_clear(struct csvr_range_list *list);

/* Whether both have the same ranges, divided in the same way. */
bool csvr_range_lists_equal(const struct csvr_range_list *a, const struct csvr_range_list *b);

/* The ranges, or all that a pass collects, to bytes and back. Errors: CSVR_INVALID_FILE, CSVR_NO_MEMORY. The
 * caller clears the list in any case. */
void csvr_range_list_encode(const struct csvr_range_list *list, struct csvr_encoder *encoder);
enum csvr_status csvr_range_list_decode(struct csvr_range_list *list, struct csvr_decoder *decoder);
void csvr_column_plan_encode(const struct csvr_range_list *list, struct csvr_encoder *encoder);
enum csvr_status csvr_column_plan_decode(struct csvr_range_list *list,
					 struct csvr_decoder *decoder);

/* The counts of one range. */
struct csvr_range_counts {
	struct csvr_value_counts values;
	/* The values in each narrower range; NULL: `values` has all. */
	uint64_t *narrower;
};

/* The state of the aggregate. */
struct csvr_ranges {
	const struct csvr_range_list *list; /* NULL: none is wanted */
	bool owns_list; /* it was decoded */
	struct csvr_range_counts *counts; /* of each range; NULL: there are no values */
};

extern const struct csvr_aggregate csvr_ranges_aggregate;

/* Sets the ranges of a state without values. The list must outlive the state. All that are merged with it have
 * the same one, or an equal one of their own. */
void csvr_ranges_want(struct csvr_ranges *ranges, const struct csvr_range_list *list);

/* How a range is divided: there are `n` narrower ones of 2^`shift` doubles each, the last may have fewer. */
struct csvr_range_division {
	unsigned shift;
	size_t n;
};
struct csvr_range_division csvr_range_divide(const struct csvr_range *range);

/* Whether all values are numbers of the quantity whose nearest doubles are in the range. */
bool csvr_range_has_all(const struct csvr_range *range, enum csvr_quantity quantity,
			const struct csvr_value_counts *values);

/* The number of values that were counted in the range. */
uint64_t csvr_range_total(const struct csvr_range *range, const struct csvr_range_counts *counts);

#endif
