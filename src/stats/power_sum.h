/* power_sum.h - exact sums of long decimals, in bins of 18 digits
 *
 * Bin i holds integers in units of 10^(18 i), for positive and negative i. A number is cut at these
 * positions and each of its groups of 18 digits is added to its bin, so that a bin is a sum of
 * integers below 10^18. Nothing is carried from bin to bin until a total is requested: 2^64 groups
 * stay below 2^124, and a bin has 127 bits and a sign.
 *
 * Shape    one per thread, column and power; merge is associative and commutative. The encoding is a
 *          pure function of the total, whatever the scales in which the numbers were added.
 * Units    exponents are powers of ten; a position is a power of 10^18
 * Errors   CSVR_NO_MEMORY; CSVR_INVALID_FILE from `decode`
 * Source   Neal, "Fast exact summation using small and large superaccumulators" (2015), in decimal
 */
#ifndef CSVR_STATS_POWER_SUM_H
#define CSVR_STATS_POWER_SUM_H

#include "base/bigint.h"
#include "base/serialize.h"
#include "csvreport.h"
#include "stats/bins.h"

enum { CSVR_GROUP_DIGITS = 18, CSVR_MAX_GROUPS = 328 };
#define CSVR_GROUP 1000000000000000000u

/* A non-negative integer: the sum of group[i] * 10^(18 i). The last group is not 0; no groups: 0.
 * The largest is a fourth power of a number of 80 parts, which has 320, or a total of fourth powers
 * (stat_moments.c has the bounds). */
struct csvr_wide_integer {
	size_t n;
	uint64_t group[CSVR_MAX_GROUPS];
};

void csvr_wide_integer_set(struct csvr_wide_integer *number, unsigned __int128 value);

/* number = number * factor + addend; factor <= 2^60. */
void csvr_wide_integer_scale(struct csvr_wide_integer *number, uint64_t factor,
			     unsigned __int128 addend);

/* `product` is neither a nor b. One of these has at most 160 groups. */
void csvr_wide_integer_multiply(struct csvr_wide_integer *product,
				const struct csvr_wide_integer *a,
				const struct csvr_wide_integer *b);

/* The powers of ten below 10^18. */
extern const uint64_t csvr_group_powers[CSVR_GROUP_DIGITS];

/* Divides `value` by 10^18; returns the remainder. */
uint64_t csvr_group_take(unsigned __int128 *value);

/* Zeroed memory is a sum of nothing. */
struct csvr_power_sum {
	__int128 *bins; /* at the positions of `range` */
	struct csvr_bin_range range;
};

/* Positions that the total of a sum may have. */
struct csvr_power_limits {
	int lowest, highest;
};

void csvr_power_sum_clear(struct csvr_power_sum *sum);

/* Adds a number times 10^exponent, negated when `is_negative`. */
enum csvr_status csvr_power_sum_add(struct csvr_power_sum *sum,
				    const struct csvr_wide_integer *number, int exponent,
				    bool is_negative);

/* into += from. */
enum csvr_status csvr_power_sum_merge(struct csvr_power_sum *into,
				      const struct csvr_power_sum *from);

/* The total is `magnitude` times 10^`exponent`, negated when `is_negative`. */
void csvr_power_sum_total(const struct csvr_power_sum *sum, struct csvr_bigint *magnitude,
			  int *exponent, bool *is_negative);

void csvr_power_sum_encode(const struct csvr_power_sum *sum, struct csvr_encoder *encoder);

/* Fills a sum of nothing. Bytes that `encode` would not write for a total within the limits are
 * refused. A bin of a decoded sum is below 10^18, as if one number had been added. */
enum csvr_status csvr_power_sum_decode(struct csvr_power_sum *sum, struct csvr_decoder *decoder,
				       struct csvr_power_limits limits);

#endif
