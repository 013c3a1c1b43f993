/* wide.h - non-negative integers of up to 10,240 bits, and the one rounding of their quotients
 *
 * Shape   a fixed array, so that nothing is allocated; limbs of 64 bits, little-endian, no zeros on top
 * Errors  none: the callers' bounds keep every value in range (the largest is a sum of squares of
 *         doubles written out in full, 10^-2200 to 10^616 with 2^64 of them: 9,490 bits)
 * Threads  values are the caller's own
 * Source  schoolbook arithmetic; Knuth, "The Art of Computer Programming", volume 2, 4.3.1
 */
#ifndef CSVR_BASE_WIDE_H
#define CSVR_BASE_WIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CSVR_WIDE_LIMBS = 160 };

struct csvr_wide {
	size_t n_limbs; /* 0 is zero */
	uint64_t limb[CSVR_WIDE_LIMBS];
};

void csvr_wide_set(struct csvr_wide *wide, unsigned __int128 value);
bool csvr_wide_is_zero(const struct csvr_wide *wide);
size_t csvr_wide_bits(const struct csvr_wide *wide);

/* -1, 0, 1 as a is less than, equal to or greater than b. */
int csvr_wide_compare(const struct csvr_wide *a, const struct csvr_wide *b);

void csvr_wide_add(struct csvr_wide *a, const struct csvr_wide *b); /* a += b */
void csvr_wide_subtract(struct csvr_wide *a, const struct csvr_wide *b); /* a -= b, needs a >= b */
void csvr_wide_scale(struct csvr_wide *wide, uint64_t factor, uint64_t addend); /* w = w f + a */
void csvr_wide_scale_ten(struct csvr_wide *wide, unsigned power); /* w *= 10^power */
void csvr_wide_shift(struct csvr_wide *wide, size_t n_bits); /* w <<= n_bits */
void csvr_wide_multiply(struct csvr_wide *product, const struct csvr_wide *a,
			const struct csvr_wide *b); /* product is neither a nor b */

/* w /= divisor; returns the remainder. */
uint64_t csvr_wide_divide(struct csvr_wide *wide, uint64_t divisor);

/* The double nearest to numerator / denominator, and to its square root: correctly rounded, ties to
 * even, subnormal and infinite results included. denominator > 0. Both arguments are used up. */
double csvr_wide_ratio(struct csvr_wide *numerator, struct csvr_wide *denominator);
double csvr_wide_root_ratio(struct csvr_wide *numerator, struct csvr_wide *denominator);

#endif
