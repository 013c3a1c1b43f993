/* bigint.h - non-negative integers of up to 29,696 bits, and correctly rounded quotients
 *
 * Shape   a fixed array, without allocation; limbs of 64 bits, least significant first; the last is not 0
 * Errors  none: the bounds of the callers keep all values in range (the largest is the square of a sum
 *         of 2^64 cubes, 10^-3312 to 10^1008, times 2^192: 29,100 bits; stats/stat_moments.c)
 * Threads pure
 * Source  schoolbook arithmetic; Knuth, "The Art of Computer Programming", volume 2, 4.3.1
 */
#ifndef CSVR_BASE_BIGINT_H
#define CSVR_BASE_BIGINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CSVR_BIGINT_LIMBS = 464 };

struct csvr_bigint {
	size_t n_limbs; /* 0 is zero */
	uint64_t limb[CSVR_BIGINT_LIMBS];
};

void csvr_bigint_set(struct csvr_bigint *number, unsigned __int128 value);

/* Copies the limbs that are in use, which are few of the array. */
void csvr_bigint_copy(struct csvr_bigint *to, const struct csvr_bigint *from);
bool csvr_bigint_is_zero(const struct csvr_bigint *number);

/* -1, 0, 1 as a is less than, equal to or greater than b. */
int csvr_bigint_compare(const struct csvr_bigint *a, const struct csvr_bigint *b);

void csvr_bigint_add(struct csvr_bigint *a, const struct csvr_bigint *b); /* a += b */
void csvr_bigint_subtract(struct csvr_bigint *a,
			  const struct csvr_bigint *b); /* a -= b, needs a >= b */
void csvr_bigint_scale(struct csvr_bigint *number, uint64_t factor,
		       uint64_t addend); /* w = w f + a */
void csvr_bigint_scale_ten(struct csvr_bigint *number, unsigned power); /* w *= 10^power */
void csvr_bigint_shift(struct csvr_bigint *number, size_t n_bits); /* w <<= n_bits */
void csvr_bigint_multiply(struct csvr_bigint *product, const struct csvr_bigint *a,
			  const struct csvr_bigint *b); /* product is neither a nor b */

/* w /= divisor; returns the remainder. */
uint64_t csvr_bigint_divide(struct csvr_bigint *number, uint64_t divisor);

/* The double nearest to numerator / denominator, and to its square root: correctly rounded, ties to
 * even, subnormal and infinite results included. denominator > 0. Both arguments are overwritten. */
double csvr_bigint_ratio(struct csvr_bigint *numerator, struct csvr_bigint *denominator);
double csvr_bigint_sqrt_ratio(struct csvr_bigint *numerator, struct csvr_bigint *denominator);

#endif
