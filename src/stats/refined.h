/* refined.h - values of a column that further passes over the inputs have found
 *
 * Shape    ranges of values in ascending order, disjoint. Of some ranges all values are known, of others
 *          only how many there are: those that were too many, divided into narrower ranges.
 * Units    as struct csvr_range
 * Errors   CSVR_NO_MEMORY
 * Threads  one thread at a time
 */
#ifndef CSVR_STATS_REFINED_H
#define CSVR_STATS_REFINED_H

#include "stats/column.h"
#include "stats/ranges.h"

struct csvr_refined_value {
	double nearest; /* its nearest double */
	struct csvr_sample_entry entry; /* `count`: how many values of the range are not greater */
};

struct csvr_refined_range {
	struct csvr_range range;
	struct csvr_refined_value
		*values; /* all distinct ones, ascending; NULL: they are not known */
	size_t n_distinct;
	bool is_final; /* it is one double, and has too many values */
};

/* How to find the frequent values of a column. */
enum csvr_frequent_step {
	CSVR_FREQUENT_KNOWN, /* nothing is left to do */
	CSVR_FREQUENT_HASHES, /* count hashes */
	CSVR_FREQUENT_VALUES /* count the values whose hashes are frequent */
};

struct csvr_refined_ranges {
	struct csvr_refined_range *ranges;
	size_t n_ranges, capacity;
};

struct csvr_refined {
	uint64_t *counters; /* of hashes; NULL: they were not counted */
	bool has_frequent; /* those that follow are all, or not so many that they are known */
	struct csvr_sample_entry *frequent; /* the most frequent first */
	size_t n_frequent;
	struct csvr_refined_ranges of[CSVR_N_QUANTITIES];
};

/* NULL is accepted. */
void csvr_refined_free(struct csvr_refined *refined);

/* The next step, if a frequent value has at least `least` cells. `refined` may be NULL. */
enum csvr_frequent_step csvr_refined_next_step(const struct csvr_refined *refined, uint64_t least);

/* Takes the counters of hashes. */
enum csvr_status csvr_refined_take_counters(struct csvr_refined *refined,
					    struct csvr_frequent *frequent);

/* Takes the values that have at least `least` cells, and clears the others. */
void csvr_refined_take_frequent(struct csvr_refined *refined, uint64_t least,
				struct csvr_value_counts *counts);

/* The range that has the value of that rank, from 0; NULL: none is known, or `refined` is NULL. */
const struct csvr_refined_range *csvr_refined_find(const struct csvr_refined *refined,
						   enum csvr_quantity quantity, uint64_t rank);

/* The value of that rank, which is in the range. The range has values. */
const struct csvr_refined_value *csvr_refined_value(const struct csvr_refined_range *range,
						    uint64_t rank);

/* Adds what a pass has counted in a range, all of whose values it has: one that is new, or a part of one that
 * had no values so far. Takes the values from `counts`. */
enum csvr_status csvr_refined_add(struct csvr_refined *refined, enum csvr_quantity quantity,
				  const struct csvr_range *range, struct csvr_range_counts *counts);

/* Sets `to` to a range of which all values are known, which are taken from `counts`. Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_refined_take_values(struct csvr_refined_range *to,
					  const struct csvr_range *range,
					  struct csvr_value_counts *counts);

/* To bytes and back. NULL is encoded too. csvr_refined_decode sets column->refined, which must agree with the
 * cells and the buckets of the column. Errors: CSVR_INVALID_FILE, CSVR_NO_MEMORY. */
void csvr_refined_encode(const struct csvr_refined *refined, struct csvr_encoder *encoder);
enum csvr_status csvr_refined_decode(struct csvr_decoder *decoder, struct csvr_column *column);

#endif
