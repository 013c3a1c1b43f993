/* distribution.h - the values of one quantity of a column, in order, as far as they are known
 *
 * Buckets give the exact number of values in each narrow interval. A sample gives values with their exact
 * counts. If the counts of its values in a bucket add up to those of the bucket, all values there are known.
 * Otherwise the values of the sample stand for the others: a value of given rank within the bucket is
 * estimated by that of the same relative rank among them. The true value is in the same bucket. Further
 * passes over the inputs replace the estimates in some ranges by exact values (refined.h).
 *
 * Shape    a view of buckets and a sample, which must not change meanwhile. It owns nothing; 208 KiB, and 288 KiB
 *          of stack while values are sorted.
 * Errors   none
 * Threads  one thread at a time
 */
#ifndef CSVR_STATS_DISTRIBUTION_H
#define CSVR_STATS_DISTRIBUTION_H

#include "base/bigint.h"
#include "stats/buckets.h"
#include "stats/refined.h"
#include "stats/sample.h"
#include "stats/sample_value.h"
#include "stats/statistics.h"

/* A value of the sample. */
struct csvr_distribution_point {
	double nearest; /* its nearest double */
	struct csvr_sample_value value; /* the sample owns its bytes */
	uint64_t n_until; /* values of the sample that are not greater, since the first point */
};

/* A range that a further pass must know so that no estimate is left. */
struct csvr_want {
	struct csvr_range range;
	uint64_t n_distinct; /* of the values that are needed: an estimate */
	/* Only the values from `least` to `greatest`, which is a part of it, and how many come before and after
	 * that are needed; false: all values. */
	bool has_part;
	double least, greatest;
};

/* Those of a column, and the next step to its frequent values. Free with csvr_wants_clear. */
struct csvr_wants {
	enum csvr_frequent_step frequent;
	uint64_t least_frequent; /* cells of a frequent value */
	struct {
		struct csvr_want *wants; /* in no order, without duplicates */
		size_t n_wants, capacity;
	} of[CSVR_N_QUANTITIES];
	bool is_out_of_memory; /* some are missing */
};

void csvr_wants_clear(struct csvr_wants *wants);

struct csvr_distribution {
	const struct csvr_column *column;
	enum csvr_quantity quantity;
	uint64_t n_values; /* of the quantity */
	const struct csvr_sample *sample;
	const struct csvr_buckets *buckets; /* of the quantity; NULL: the sample is complete */
	struct csvr_bucket_index index; /* of `indexed` */
	const struct csvr_buckets *indexed; /* NULL: none */
	double min, max; /* the doubles nearest to the extremes; -infinity, infinity: unknown */
	const struct csvr_refined *refined; /* of the column; NULL: there was one pass */
	/* Receives what csvr_distribution_want wants; NULL: nothing. The caller may set it after opening. */
	struct csvr_wants *wants;

	/* The points are the values of a quantity in this sample, ascending; NULL: there are none yet. */
	const struct csvr_sample *sorted;
	enum csvr_quantity sorted_quantity;
	size_t n_points;
	struct csvr_distribution_point points[CSVR_SAMPLE_VALUES];
};

/* Call it once, before the first column is opened. */
void csvr_distribution_init(struct csvr_distribution *distribution);

/* Sets a view of the values that describe a column. `buckets` NULL: the sample is complete. False: the column has
 * no values. Opening the column again is cheap. */
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
	struct csvr_sample_value value; /* the sample, or `refined`, owns its bytes */
	double least, greatest; /* of an estimate: its nearest double is between them */
};

/* Whether the decimal as written is known. */
static inline bool csvr_ordered_value_is_known(const struct csvr_ordered_value *value)
{
	return !value->is_approximate && (value->has_value || value->nearest == 0);
}

/* The value of that rank, from 0, which is less than n_values. */
struct csvr_ordered_value csvr_distribution_find(struct csvr_distribution *distribution,
						 uint64_t rank);

/* Adds the range of the value of that rank to `wants`, unless nothing more can be found out about it. */
void csvr_distribution_want(struct csvr_distribution *distribution, uint64_t rank);

/* The same, but of the values of that range only those from `least` to `greatest` are needed. */
void csvr_distribution_want_part(struct csvr_distribution *distribution, uint64_t rank,
				 double least, double greatest);

/* The part of a bucket that has the value of that rank, which is in the bucket: the range that further passes have
 * divided it into, or all of it. */
struct csvr_bucket csvr_distribution_part(const struct csvr_distribution *distribution,
					  const struct csvr_bucket *bucket, uint64_t rank);

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
