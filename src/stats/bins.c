/* bins.c - the bins of an exact sum: an array that grows at both ends */
#include "stats/bins.h"

#include <stdlib.h>
#include <string.h>

void *csvr_bins_extend(void *bins, size_t bin_bytes, struct csvr_bin_range *range, int low,
		       int high)
{
	if (range->n > 0) {
		low = low < range->base ? low : range->base;
		high = high > range->base + range->n ? high : range->base + range->n;
	}
	const size_t n = (size_t)(high - low);
	if (n > range->capacity) {
		/* A column has few exponents, which are close together: allocate no more than needed. */
		void *grown = realloc(bins, n * bin_bytes);
		if (grown == NULL)
			return NULL;
		bins = grown;
		range->capacity = (uint16_t)n;
	}
	unsigned char *bytes = bins;
	const size_t before = range->n > 0 ? (size_t)(range->base - low) : 0;
	/* Each file starts without bins, and these calls would take a third of the time. */
	if (range->n > 0) {
		memmove(bytes + before * bin_bytes, bytes, range->n * bin_bytes);
		memset(bytes, 0, before * bin_bytes);
	}
	memset(bytes + (before + range->n) * bin_bytes, 0, (n - before - range->n) * bin_bytes);
	range->base = (int16_t)low;
	range->n = (uint16_t)n;
	return bins;
}
