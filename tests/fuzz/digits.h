/* digits.h - exact decimal arithmetic, digit by digit: slow and simple
 *
 * Shape    a sign and a row of limbs of nine digits each, the point at a fixed place; low and
 *          high bound the limbs that may be nonzero
 * Units    places are powers of ten, from 10^-2232 to below 10^1008: enough for the square of
 *          any sum of cells (10^-1100 to 10^309, millions of them), and for the square of any
 *          double (2^-1074 ends at 10^-1074)
 */
#ifndef CSVR_TESTS_FUZZ_DIGITS_H
#define CSVR_TESTS_FUZZ_DIGITS_H

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "fuzz.h"

enum { LIMB_DIGITS = 9, LIMB = 1000000000, N_LIMBS = 360, POINT = 248 };
enum { LEAST_PLACE = -LIMB_DIGITS * POINT, MOST_PLACE = LIMB_DIGITS * (N_LIMBS - POINT) - 1 };

struct digits {
	bool is_negative;
	int low, high; /* limbs outside [low, high) are zero */
	uint32_t limb[N_LIMBS]; /* limb[i] times 10^(9 (i - POINT)) */
};

static inline void digits_zero(struct digits *a)
{
	memset(a, 0, sizeof *a);
	a->low = a->high = POINT;
}

static inline bool digits_is_zero(const struct digits *a)
{
	for (int i = a->low; i < a->high; i++)
		if (a->limb[i] != 0)
			return false;
	return true;
}

/* Extends [low, high) to limb `i`. */
static inline void digits_reach(struct digits *a, int i)
{
	if (i < 0 || i >= N_LIMBS)
		wrong("the reference has no place for a number: limb %d", i);
	a->low = i < a->low ? i : a->low;
	a->high = i >= a->high ? i + 1 : a->high;
}

/* Adds n (below 2^32) to limb `i`, with carry. */
static inline void digits_add_limb(struct digits *a, int i, uint64_t n)
{
	for (; n != 0; i++) {
		digits_reach(a, i);
		n += a->limb[i];
		a->limb[i] = (uint32_t)(n % LIMB);
		n /= LIMB;
	}
}

/* Adds a digit times 10^place. */
static inline void digits_add_digit(struct digits *a, unsigned digit, int place)
{
	int i = POINT +
		(place >= 0 ? place / LIMB_DIGITS : -((-place + LIMB_DIGITS - 1) / LIMB_DIGITS));
	uint64_t n = digit;
	for (int j = (i - POINT) * LIMB_DIGITS; j < place; j++)
		n *= 10;
	digits_add_limb(a, i, n);
}

static inline void digits_multiply_by(struct digits *a, uint32_t n)
{
	uint64_t carry = 0;
	int high = a->high;
	for (int i = a->low; i < high; i++) {
		carry += (uint64_t)a->limb[i] * n;
		a->limb[i] = (uint32_t)(carry % LIMB);
		carry /= LIMB;
	}
	digits_add_limb(a, high, carry);
}

/* a *= base^n */
static inline void digits_multiply_by_power(struct digits *a, uint32_t base, int n)
{
	while (n > 0) {
		uint32_t step = base;
		for (n--; n > 0 && step <= UINT32_MAX / base; n--)
			step *= base;
		digits_multiply_by(a, step);
	}
}

/* -1, 0 or 1: how the magnitudes compare. */
static inline int digits_compare_magnitudes(const struct digits *a, const struct digits *b)
{
	for (int i = (a->high > b->high ? a->high : b->high) - 1; i >= 0; i--)
		if (a->limb[i] != b->limb[i])
			return a->limb[i] < b->limb[i] ? -1 : 1;
	return 0;
}

static inline int digits_compare(const struct digits *a, const struct digits *b)
{
	if (digits_is_zero(a) && digits_is_zero(b))
		return 0;
	if (a->is_negative != b->is_negative)
		return a->is_negative ? -1 : 1;
	int order = digits_compare_magnitudes(a, b);
	return a->is_negative ? -order : order;
}

/* a += b */
static inline void digits_add(struct digits *a, const struct digits *b)
{
	if (a->is_negative == b->is_negative) {
		for (int i = b->low; i < b->high; i++)
			digits_add_limb(a, i, b->limb[i]);
		return;
	}
	struct digits smaller = *b;
	if (digits_compare_magnitudes(a, b) < 0) {
		smaller = *a;
		*a = *b;
	}
	int64_t borrow = 0;
	for (int i = smaller.low; i < a->high; i++) {
		int64_t n = (int64_t)a->limb[i] - smaller.limb[i] - borrow;
		borrow = n < 0;
		a->limb[i] = (uint32_t)(n < 0 ? n + LIMB : n);
		a->low = i < a->low ? i : a->low;
	}
}

static inline void digits_subtract(struct digits *a, const struct digits *b)
{
	struct digits negative = *b;
	negative.is_negative = !negative.is_negative;
	digits_add(a, &negative);
}

static inline struct digits digits_product(const struct digits *a, const struct digits *b)
{
	struct digits product;
	digits_zero(&product);
	product.is_negative = a->is_negative != b->is_negative;
	for (int i = a->low; i < a->high; i++) {
		uint64_t carry = 0;
		for (int j = b->low; a->limb[i] != 0 && j < b->high; j++) {
			carry += (uint64_t)a->limb[i] * b->limb[j];
			if (carry % LIMB != 0)
				digits_add_limb(&product, i + j - POINT, carry % LIMB);
			carry /= LIMB;
		}
		if (carry != 0)
			digits_add_limb(&product, i + b->high - POINT, carry);
	}
	return product;
}

/* ---- doubles ---- */

/* m 2^exponent, exactly; of a negative exponent k it is m 5^k 10^-k. */
static inline void digits_from_binary(struct digits *a, uint64_t m, int exponent)
{
	digits_zero(a);
	int n_limbs = exponent < 0 ? (-exponent + LIMB_DIGITS - 1) / LIMB_DIGITS : 0;
	digits_add_limb(a, POINT - n_limbs, m % LIMB);
	digits_add_limb(a, POINT - n_limbs + 1, m / LIMB % LIMB);
	digits_add_limb(a, POINT - n_limbs + 2, m / LIMB / LIMB);
	if (exponent >= 0) {
		digits_multiply_by_power(a, 2, exponent);
	} else {
		digits_multiply_by_power(a, 5, -exponent);
		digits_multiply_by_power(a, 10, n_limbs * LIMB_DIGITS + exponent);
	}
}

/* The smallest double is 2^-1074. */
static inline uint64_t split_mantissa(double value, int *exponent)
{
	double m = frexp(fabs(value), exponent);
	*exponent -= 53;
	if (*exponent < -1074) {
		m = ldexp(m, *exponent + 1074);
		*exponent = -1074;
	}
	return (uint64_t)ldexp(m, 53);
}

static inline void digits_from_double(struct digits *a, double value)
{
	int exponent = 0;
	uint64_t m = split_mantissa(value, &exponent);
	digits_from_binary(a, m, exponent);
	a->is_negative = value < 0;
}

/* The midpoint between |value| and the next double up or down; at the end of the range, to the
 * double that would be next. */
static inline void digits_half_way(struct digits *a, double value, bool up)
{
	int exponent;
	uint64_t m = split_mantissa(value, &exponent);
	const bool is_power = m == UINT64_C(1) << 52 && exponent > -1074;
	if (up)
		digits_from_binary(a, 2 * m + 1, exponent - 1);
	else if (is_power) /* below a power of two doubles are twice as dense */
		digits_from_binary(a, 4 * m - 1, exponent - 2);
	else
		digits_from_binary(a, 2 * m - 1, exponent - 1);
}

/* Whether `value` is the double nearest to a / n, ties to even. Signs of zeros do not matter. */
static inline bool digits_are_nearest(const struct digits *a, uint32_t n, double value)
{
	struct digits magnitude = *a, bound;
	magnitude.is_negative = false;
	if (isnan(value) || (value != 0 && !digits_is_zero(a) && a->is_negative != (value < 0)))
		return false;
	if (isinf(value)) {
		digits_half_way(&bound, DBL_MAX, true);
		digits_multiply_by(&bound, n);
		return digits_compare_magnitudes(&magnitude, &bound) >= 0;
	}
	int exponent;
	const bool is_odd = value != 0 && (split_mantissa(value, &exponent) & 1) != 0;
	digits_half_way(&bound, value, true);
	digits_multiply_by(&bound, n);
	int order = digits_compare_magnitudes(&magnitude, &bound);
	if (order > 0 || (order == 0 && (is_odd || fabs(value) == DBL_MAX)))
		return false;
	if (value == 0)
		return true;
	digits_half_way(&bound, value, false);
	digits_multiply_by(&bound, n);
	order = digits_compare_magnitudes(&magnitude, &bound);
	return order > 0 || (order == 0 && !is_odd);
}

#endif
