/* buckets.h - how many values are in each of many narrow intervals
 *
 * A bucket is the set of doubles that share sign, exponent and the first bits of the mantissa: 256 buckets
 * for each power of two, an octave. 0 has a bucket of its own. A value belongs to the bucket of its nearest
 * double, so the ranks of values are known exactly at the edges of buckets.
 *
 * If values are in more than 127 octaves, besides that of 0 and subnormals, adjacent buckets are merged until
 * there are at most CSVR_MAX_BUCKETS: the number of bits is a function of the set of octaves, which only
 * grows. Hence neither the order of values nor that of merges has an effect on the result.
 *
 * Shape    a struct of zeros has no values. 1 KiB for each octave with values, up to twice that while it grows; at
 *          most 136 KiB. Twice as much from 2^32 values on.
 * Units    values are doubles, finite and not -0
 * Errors   CSVR_NO_MEMORY: a value is missing, and the buckets may only be cleared; CSVR_INVALID_FILE
 * Threads  one thread at a time
 * Source   buckets of logarithmic width: Masson, Rim and Lee, "DDSketch: a fast and fully-mergeable quantile
 *          sketch with relative-error guarantees" (2019); merging all adjacent buckets: Epicoco et al.,
 *          "UDDSketch: accurate tracking of quantiles in data streams" (2020)
 */
#ifndef CSVR_STATS_BUCKETS_H
#define CSVR_STATS_BUCKETS_H

#include "stats/aggregate.h"

enum {
	CSVR_BUCKET_BITS =
		8, /* of the mantissa: the width of a bucket is at most 2^-8 of its values */
	CSVR_LEAST_BUCKET_LIMIT = 6, /* of them, in reports of many columns */
	CSVR_LEAST_BUCKET_BITS = 3, /* with values in all octaves */
	CSVR_MAX_BUCKETS = 32768
};

struct csvr_buckets {
	/* Page p: counts[p << n_bits] and those that follow, one per bucket of an octave. From 2^32 values on they are
	 * in `wide_counts`, and `counts` is NULL. */
	uint32_t *counts;
	uint64_t *wide_counts;
	uint64_t n_values;
	uint16_t *octaves; /* of pages, ascending; NULL: there are no values */
	uint32_t n_pages, pages_capacity, capacity; /* capacity in counts */
	uint8_t n_bits; /* buckets per octave, as a power of two */
	uint8_t limit; /* of n_bits; 0: CSVR_BUCKET_BITS */
	/* The pages of consecutive octaves that end with the last page of positive values, and the same for negative
	 * values: most values are in these. */
	struct csvr_bucket_run runs[2];
};

void csvr_buckets_clear(struct csvr_buckets *buckets);

/* Removes all values and the limit; keeps the memory. */
void csvr_buckets_reset(struct csvr_buckets *buckets);

/* Lowers n_bits to at most `limit`, which is at least CSVR_LEAST_BUCKET_LIMIT. */
void csvr_buckets_limit(struct csvr_buckets *buckets, unsigned limit);

/* Adds at most CSVR_MAX_BATCH values, which are not subnormal. */
enum csvr_status csvr_buckets_add_batch(struct csvr_buckets *buckets, const double *values,
					size_t n_values, const struct csvr_batch_kernels *kernels);

/* Adds one value `count` times. */
enum csvr_status csvr_buckets_add(struct csvr_buckets *buckets, double value, uint64_t count);

/* The result has the lesser limit of both. */
enum csvr_status csvr_buckets_merge(struct csvr_buckets *into, const struct csvr_buckets *from);

/* A bucket with values. The doubles nearest to them are from `least` to `greatest`. */
struct csvr_bucket {
	double least, greatest;
	uint64_t n_before; /* values in the buckets before it */
	uint64_t n_values; /* values in it */
	uint32_t position; /* of the bucket, in the order of values */
};

/* Visits the buckets with values, in ascending order. A struct of zeros is before the first. False: there are
 * no more. */
bool csvr_buckets_next(const struct csvr_buckets *buckets, struct csvr_bucket *bucket);

/* How many values come before each octave, to find buckets quickly. Valid until there are more values. */
enum { CSVR_MAX_OCTAVES = CSVR_MAX_BUCKETS >> CSVR_LEAST_BUCKET_BITS };
struct csvr_bucket_index {
	size_t n; /* octaves with values, ascending */
	uint64_t n_before[CSVR_MAX_OCTAVES];
	uint16_t page[CSVR_MAX_OCTAVES];
	uint16_t order[CSVR_MAX_OCTAVES]; /* of the octave, in that of values */
};

void csvr_buckets_index(const struct csvr_buckets *buckets, struct csvr_bucket_index *index);

/* The bucket of the value of that rank, from 0, which is less than the number of values. */
struct csvr_bucket csvr_buckets_find(const struct csvr_buckets *buckets,
				     const struct csvr_bucket_index *index, uint64_t rank);

/* As struct csvr_aggregate demands; `n_values` is how many the state must have. */
void csvr_buckets_encode(const struct csvr_buckets *buckets, struct csvr_encoder *encoder);
enum csvr_status csvr_buckets_decode(struct csvr_buckets *buckets, struct csvr_decoder *decoder,
				     uint64_t n_values);

/* ---- the aggregate ---- */

/* The state of `csvr_buckets_aggregate`: values of different quantities are in different buckets. */
struct csvr_column_buckets {
	struct csvr_buckets of[CSVR_N_QUANTITIES];
};

extern const struct csvr_aggregate csvr_buckets_aggregate;

#endif
