/* batch_kernels.h - sums, doubles and counts of a batch of integers, for each instruction set
 *
 * Minimum, maximum, exact sums of powers, nearest doubles, their hashes and how often each occurs.
 *
 * Shape    one record per instruction set, from templates; all have the same results, but the scalar
 *          sum_powers accepts larger integers
 * Errors   none
 * Threads  pure
 */
#ifndef CSVR_STATS_BATCH_KERNELS_H
#define CSVR_STATS_BATCH_KERNELS_H

#include "csvreport.h"
#include "stats/group_sums.h"

/* The maximum size of a batch. It keeps 64-bit partial sums of squares from overflowing;
 * batch_sums_template.h has the derivation. */
enum { CSVR_MAX_BATCH = 256 };

struct csvr_batch_sums {
	size_t n_values;
	int64_t min, max;
	__int128 sum;
	unsigned __int128 squares;
};

/* Sums of third and fourth powers. */
struct csvr_batch_powers {
	__int128 cubes;
	unsigned __int128 fourths;
};

/* Doubles are computed for integers below 2^CSVR_DOUBLES_BITS in magnitude. */
enum { CSVR_DOUBLES_BITS = 51 };
enum { CSVR_HASHES_MARGIN = 8 };

/* Of integers: one is less than the one before it; one is equal to it, and none is less; neither. */
enum csvr_batch_order { CSVR_BATCH_DESCENDING, CSVR_BATCH_ASCENDING, CSVR_BATCH_STRICT };

struct csvr_key_table;

/* Doubles whose bits, shifted right, are in [first, first + n) have their counts at consecutive places. */
struct csvr_bucket_run {
	uint64_t first, n;
	uint64_t place; /* of the count of `first` */
};

/* The functions get 0 < n_values <= CSVR_MAX_BATCH integers, each below 10^18 in magnitude. */
struct csvr_batch_kernels {
	const char *name; /* of the kernel (csvr_kernel_name) */

	/* Sets `*sums`, whatever it held, to those of the integers. */
	void (*sum)(const int64_t *values, size_t n_values, struct csvr_batch_sums *sums);

	/* Sets `*powers`. False: an integer is too large, and `*powers` is undefined. Integers below 2^27
	 * in magnitude are never too large. */
	bool (*sum_powers)(const int64_t *values, size_t n_values,
			   struct csvr_batch_powers *powers);

	/* Sets `doubles` to the doubles nearest to the integers, each below 2^CSVR_DOUBLES_BITS in
	 * magnitude, divided by 10^scale, 0 <= scale <= 22. 0 becomes 0, never -0. */
	void (*to_doubles)(const int64_t *values, size_t n_values, unsigned scale, double *doubles);

	/* Writes the hashes (csvr_sample_hash_double) of the doubles, whose bits are first xored with
	 * `salt`, that are at most `max_hash`. Returns how many. May write CSVR_HASHES_MARGIN more. */
	size_t (*to_hashes)(const double *doubles, size_t n_values, uint64_t salt,
			    uint64_t max_hash, uint64_t *hashes);

	/* Adds counts to those of the keys, which are not 0. New keys are added until the table has
	 * `max_keys` keys, fewer than its slots. The others, and those whose counts would not fit into 32 bits, are
	 * moved to the start of the arrays; returns how many there are. */
	size_t (*count_keys)(struct csvr_key_table *table, uint32_t max_keys, uint64_t *keys,
			     uint64_t *counts, size_t n_keys);

	/* Writes the places of the doubles that are in the run, and the other doubles to `others`, which may be
	 * `doubles`. Returns the number of places. May write CSVR_HASHES_MARGIN more places and others. */
	size_t (*find_places)(const double *doubles, size_t n_values, unsigned shift,
			      const struct csvr_bucket_run *run, int64_t *places, double *others);

	/* Sets `numbers` to the bits of the doubles, shifted right, minus `first`, or to `n_prefixes` if that is less
	 * than 0, or more. */
	void (*number_prefixes)(const double *doubles, size_t n_values, unsigned shift,
				uint64_t first, uint64_t n_prefixes, int64_t *numbers);

	/* The sum of x[i] y[i]. Integers are from -2^31 to 2^31 - 1, and the magnitudes of the products add
	 * up to less than 2^63. */
	int64_t (*sum_products)(const int64_t *x, const int64_t *y, size_t n_values);

	enum csvr_batch_order (*order)(const int64_t *values, size_t n_values);

	/* Adds each integer, below 2^31 in magnitude, to the sums of its group: groups[ids[i]]. No word of these may
	 * overflow. */
	void (*add_to_groups)(struct csvr_group_sums *groups, const uint32_t *ids,
			      const int64_t *values, size_t n_values);
};

/* The record of the kernel of that name, or the scalar one if there is none. The CPU must support the
 * instruction set. */
const struct csvr_batch_kernels *csvr_batch_kernels_for(const char *kernel);

#endif
