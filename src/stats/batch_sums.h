/* batch_sums.h - least, greatest, sum and sum of squares of a batch of integers, exactly
 *
 * Shape    one function for each instruction set, from one template; all give the same
 * Errors   none
 * Threads  pure
 */
#ifndef CSVR_STATS_BATCH_SUMS_H
#define CSVR_STATS_BATCH_SUMS_H

#include "csvreport.h"

/* Integers are handed over in batches of at most this many: the bound that keeps 64-bit partial
 * sums of squares from overflowing (batch_sums_template.h derives it). */
enum { CSVR_MAX_BATCH = 256 };

struct csvr_batch_sums {
	size_t n_values;
	int64_t min, max;
	__int128 sum;
	unsigned __int128 squares;
};

/* Totals of 0 < n_values <= CSVR_MAX_BATCH integers, each below 10^18 in magnitude. */
typedef void (*csvr_batch_sums_fn)(const int64_t *values, size_t n_values,
				   struct csvr_batch_sums *totals);

/* The function made for the kernel of that name (csvr_kernel_name), the plain one if there is none
 * such. The CPU must have what the name says. */
csvr_batch_sums_fn csvr_batch_sums_for(const char *kernel);

#endif
