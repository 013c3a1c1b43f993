/* buckets_internal.h - shared by buckets.c and buckets_codec.c */
#ifndef CSVR_STATS_BUCKETS_INTERNAL_H
#define CSVR_STATS_BUCKETS_INTERNAL_H

#include "stats/buckets.h"

enum {
	CSVR_MANTISSA_BITS = 52, /* of a double */
	CSVR_N_OCTAVES = 4096, /* sign and exponent of a double: the bits before the mantissa */
	CSVR_POSITIVE_OCTAVES = CSVR_N_OCTAVES /
				2 /* the first of them, ascending; then negative ones */
};

/* The double nearest to a number, or one that is in the same bucket however many bits buckets have, which takes less
 * time to find. */
double csvr_double_in_bucket(const struct csvr_number *number);

/* The most bits that buckets of `n_pages` pages may have. */
unsigned csvr_buckets_max_bits(const struct csvr_buckets *buckets, uint32_t n_pages);

/* Adds `count` values to the bucket at a position, whose octave is finite. If n_bits is less than before, they were
 * too many buckets for it, and nothing is added. */
enum csvr_status csvr_buckets_add_at(struct csvr_buckets *buckets, uint32_t position,
				     uint64_t count);

#endif
