/* bins.h - the bins of an exact sum: an array that grows at both ends
 *
 * Shape    bins of any type, one for each position (or exponent) of a range. The owner keeps the pointer to the
 *          bins beside the range, so that it has their type, and frees it.
 * Errors   CSVR_NO_MEMORY, as a null pointer
 * Threads  one thread at a time
 */
#ifndef CSVR_STATS_BINS_H
#define CSVR_STATS_BINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bin i is that of position base + i. A struct of zeros is the range of no bins. */
struct csvr_bin_range {
	int16_t base;
	uint16_t n, capacity;
};

/* Whether there are bins for all of [low, high). */
static inline bool csvr_bins_include(const struct csvr_bin_range *range, int low, int high)
{
	return range->n > 0 && low >= range->base && high <= range->base + range->n;
}

/* Extends the bins, of `bin_bytes` each, to include [low, high), which is not empty. New bins are zero. Returns the
 * new address of the bins. NULL: no memory; `bins` is still valid, and nothing has changed. */
void *csvr_bins_extend(void *bins, size_t bin_bytes, struct csvr_bin_range *range, int low,
		       int high);

#endif
