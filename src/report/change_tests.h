/* change_tests.h - whether two samples differ by more than chance
 *
 * Each function bounds the probability that two samples of the same distribution differ as much as these do, or more,
 * in the same direction: it is at most e^-E for the evidence E that it returns. The bounds hold for any distribution
 * and any sizes, since they do not replace the distribution of a statistic by its limit. Rows are taken as independent
 * draws.
 *
 * Shape    functions of counts and of doubles, which use arithmetic only: the same result on all machines
 * Units    natural logarithms of probabilities
 * Errors   none: evidence is 0 where nothing is known
 * Threads  pure
 * Source   doc/compare.md derives the bounds
 */
#ifndef CSVR_REPORT_CHANGE_TESTS_H
#define CSVR_REPORT_CHANGE_TESTS_H

#include <stdbool.h>

#include "report/snapshot.h"

/* The natural logarithm of a finite number greater than 0, and the square root of one of at least 0. */
double csvr_logarithm(double number);
double csvr_square_root(double number);

/* Some of the cells of a sample. */
struct csvr_part {
	double k, n; /* 0 <= k <= n, n > 0 */
};

static inline double csvr_share(struct csvr_part part)
{
	return part.k / part.n;
}

/* For different shares. */
double csvr_evidence_of_shares(struct csvr_part before, struct csvr_part now);

/* For k cells of one sample that are all greater, or all less, than all n_other cells of the other one, or have a value
 * that none of these has. */
double csvr_evidence_of_new(double k, double n, double n_other);

/* For different means. Both must be known, with the standard deviations, minima and maxima. `*deviation`: the standard
 * deviation of both samples together. */
double csvr_evidence_of_means(const struct csvr_snapshot_column *before,
			      const struct csvr_snapshot_column *now, double *deviation);

/* Where two distributions differ most: the share of the values up to `at` (less than `at` if `is_below`) is at least
 * `before` in one sample and at most `now` in the other. */
struct csvr_distance {
	double distance; /* 0: nothing is known */
	double at;
	double least, most; /* shares: distance = least - most */
	bool is_rise; /* `least` is of the values before: they are greater now */
	double evidence;
};

/* A lower bound of the distance of Kolmogorov and Smirnov, from percentiles, histograms and extremes. */
struct csvr_distance csvr_distance_of(const struct csvr_snapshot_column *before,
				      const struct csvr_snapshot_column *now);

/* Whether the distributions differ, or the means, by more than chance. */
bool csvr_values_differ(const struct csvr_snapshot_column *before,
			const struct csvr_snapshot_column *now);

/* What decides: the probability that samples of one distribution differ as much is at most one in a million, in
 * either direction: ln(2,000,000). */
#define CSVR_CHANGE_EVIDENCE 14.508657738524219

/* The least share of the values of `of` that are greater than `limit`, or (`is_below`) less. */
double csvr_share_outside(const struct csvr_snapshot_column *of, double limit, bool is_below);

/* How many distinct values a sample of `n` cells has; n_columns: of all tables, on which the error of estimates depends. */
struct csvr_distinct {
	double least, most; /* they are equal if the number is exact */
	double n;
};
struct csvr_distinct csvr_distinct_of(const struct csvr_snapshot_column *column, size_t n_columns);

/* For different numbers of distinct values. `*size`: how many more there are, as a share of the expected number;
 * negative: fewer. */
double csvr_evidence_of_distinct(const struct csvr_distinct *before,
				 const struct csvr_distinct *now, double *size);

#endif
