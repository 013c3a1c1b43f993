/* bins.h - the bins of an exact sum: an array that grows at both ends
 *
 * Shape    bins for a range of positions or exponents, each of a type that the owner chooses; they and the
 *          range are apart, so that the owner uses them without casts
 * Errors   CSVR_NO_MEMORY
 */
#ifndef CSVR_STATS_BINS_H
#define CSVR_STATS_BINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bin i is that of base + i. Zeroed memory is the range of no bins. */
struct csvr_bin_range {
	int16_t base;
	uint16_t n, capacity;
};

/* Whether there are bins for [low, high). */
static inline bool csvr_bins_include(const struct csvr_bin_range *range, int low, int high)
{
	return range->n > 0 && low >= range->base && high <= range->base + range->n;
}

/* Extends `bins`, of `bin_bytes` each, to include [low, high), which is not empty. New bins are zero. Returns the
 * bins, which replace `bins`; NULL: no memory, and nothing has changed. */
void *csvr_bins_extend(void *bins, size_t bin_bytes, struct csvr_bin_range *range, int low,
		       int high);

#endif
