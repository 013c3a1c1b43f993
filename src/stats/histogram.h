/* histogram.h - how many values of a column are in each of some equal intervals
 *
 * Shape    bins of equal width from the minimum to the maximum. A value at an edge is in the bin that starts
 *          there, the maximum in the last bin.
 * Errors   none
 * Threads  pure
 */
#ifndef CSVR_STATS_HISTOGRAM_H
#define CSVR_STATS_HISTOGRAM_H

#include "stats/statistics.h"

enum { CSVR_HISTOGRAM_BINS = 40, CSVR_SPARKLINE_BARS = 20 };

struct csvr_histogram {
	struct csvr_value min, max;
	size_t n_bins; /* CSVR_HISTOGRAM_BINS; 1 if minimum and maximum are equal */
	uint64_t counts[CSVR_HISTOGRAM_BINS];
	/* A count differs from the exact one by at most this; 0: they are exact. */
	uint64_t max_error;
};

/* Opens the distribution. False: the column has no values, or nothing was collected for its histogram. */
bool csvr_histogram_of(struct csvr_distribution *distribution, const struct csvr_column *column,
		       struct csvr_histogram *histogram);

/* The same, and adds the ranges of values that a further pass must know so that the counts are exact to `wants`;
 * NULL: they are not asked for. */
bool csvr_histogram_want(struct csvr_distribution *distribution, const struct csvr_column *column,
			 struct csvr_histogram *histogram, struct csvr_wants *wants);

/* The value of the statistic, of kind CSVR_VALUE_HISTOGRAM, has bars for pairs of bins. Its text is their heights,
 * separated by blanks: 8 is the highest, 0 is that of no values. */

#endif
