/* batch_sums.h - minimum, maximum and exact sums of the powers of a batch of integers
 *
 * Shape    one of each function per instruction set, from one template; all have the same results,
 *          but the scalar csvr_batch_powers_fn accepts larger integers
 * Errors   none
 * Threads  pure
 */
#ifndef CSVR_STATS_BATCH_SUMS_H
#define CSVR_STATS_BATCH_SUMS_H

#include "csvreport.h"

/* The maximum size of a batch. It keeps 64-bit partial sums of squares from overflowing;
 * batch_sums_template.h has the derivation. */
enum { CSVR_MAX_BATCH = 256 };

struct csvr_batch_sums {
	size_t n_values;
	int64_t min, max;
	__int128 sum;
	unsigned __int128 squares;
};

/* Sets `*sums`, whatever it held, to those of 0 < n_values <= CSVR_MAX_BATCH integers, each below
 * 10^18 in magnitude. */
typedef void (*csvr_batch_sums_fn)(const int64_t *values, size_t n_values,
				   struct csvr_batch_sums *sums);

/* The function for the kernel of that name (csvr_kernel_name), or the scalar one if there is none. The CPU
 * must support the instruction set. */
csvr_batch_sums_fn csvr_batch_sums_for(const char *kernel);

/* Sums of third and fourth powers. */
struct csvr_batch_powers {
	__int128 cubes;
	unsigned __int128 fourths;
};

/* Sets `*powers` to those of 0 < n_values <= CSVR_MAX_BATCH integers. False: one is too large, and
 * `*powers` is undefined. Integers below 2^27 in magnitude are never too large. */
typedef bool (*csvr_batch_powers_fn)(const int64_t *values, size_t n_values,
				     struct csvr_batch_powers *powers);
csvr_batch_powers_fn csvr_batch_powers_for(const char *kernel);

#endif
