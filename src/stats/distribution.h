/* distribution.h - the values of one quantity of a column, in order, as far as they are known
 *
 * Buckets give the exact number of values in each narrow interval. A sample gives values with their exact
 * counts. If the counts of its values in a bucket add up to those of the bucket, all values there are known.
 * Otherwise the values of the sample stand for the others: a value of given rank within the bucket is
 * estimated by that of the same relative rank among them. The true value is in the same bucket.
 *
 * Shape    a view of buckets and a sample, which must not change meanwhile. It owns nothing; 160 KiB.
 * Errors   none
 * Threads  one thread at a time
 */
#ifndef CSVR_STATS_DISTRIBUTION_H
#define CSVR_STATS_DISTRIBUTION_H

#include "base/bigint.h"
#include "stats/buckets.h"
#include "stats/sample.h"
#include "stats/sample_value.h"
#include "stats/statistics.h"

/* A value of the sample. */
struct csvr_distribution_point {
	double nearest; /* its nearest double */
	struct csvr_sample_value value; /* the sample owns its bytes */
	uint64_t n_until; /* values of the sample that are not greater, since the first point */
};

struct csvr_distribution {
	const struct csvr_column *column;
	enum csvr_quantity quantity;
	uint64_t n_values; /* of the quantity */
	const struct csvr_sample *sample;
	const struct csvr_buckets *buckets; /* of the quantity; NULL: the sample is complete */
	double min, max; /* the doubles nearest to the extremes; -infinity, infinity: unknown */

	/* The values of the sample in the interval from `least` to `greatest`, ascending. */
	bool has_points;
	double least, greatest;
	size_t n_points;
	struct csvr_distribution_point points[CSVR_SAMPLE_VALUES];
};

/* Sets a view of the values that describe a column. `buckets` NULL: the sample is complete. False: the column has
 * no values. */
bool csvr_distribution_open(struct csvr_distribution *distribution,
			    const struct csvr_column *column,
			    const struct csvr_column_buckets *buckets,
			    const struct csvr_sample *sample);

/* A value of the distribution, for reports; dates and times to the microsecond. */
struct csvr_value csvr_distribution_value(const struct csvr_distribution *distribution,
					  double value, bool is_approximate);

/* A value, or an estimate of it. */
struct csvr_ordered_value {
	double nearest; /* its nearest double */
	bool is_approximate; /* an estimate */
	bool has_value; /* else only `nearest` is known */
	struct csvr_sample_value value; /* the sample owns its bytes */
};

/* The value of that rank, from 0, which is less than n_values. */
struct csvr_ordered_value csvr_distribution_find(struct csvr_distribution *distribution,
						 uint64_t rank);

/* Sorts all values of the sample, for many calls of csvr_distribution_find. */
void csvr_distribution_load(struct csvr_distribution *distribution);

/* How many values of the bucket are known: all, or those of the sample. */
uint64_t csvr_distribution_n_known(struct csvr_distribution *distribution,
				   const struct csvr_bucket *bucket);

/* Calls `visit` with all values of a bucket of which some are known, ascending, or with what they are estimated to
 * be; n_values of them are equal. */
typedef void (*csvr_value_fn)(void *context, const struct csvr_ordered_value *value,
			      uint64_t n_values);
void csvr_distribution_visit(struct csvr_distribution *distribution,
			     const struct csvr_bucket *bucket, csvr_value_fn visit, void *context);

/* A decimal: `integer` times 10^exponent, negated when `is_negative`. */
struct csvr_exact_decimal {
	struct csvr_bigint integer;
	int exponent;
	bool is_negative;
};

/* The decimal that was written, of at most CSVR_DIGITS_BYTES - 1 digits; if only the nearest double is known,
 * the shortest that it is nearest to. */
void csvr_ordered_value_decimal(const struct csvr_ordered_value *value,
				struct csvr_exact_decimal *decimal);

#endif
