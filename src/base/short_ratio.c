/* short_ratio.c - correctly rounded quotients of integers of up to 126 bits, and their roots, in doubles */
#include "base/short_ratio.h"

#include <float.h>
#include <stdint.h>
#include <string.h>

typedef unsigned __int128 u128;

enum { MOST_BITS = 126 };

/* Whether both are exact as doubles: IEEE division rounds their quotient correctly. */
static bool are_exact(u128 numerator, u128 denominator)
{
	return (numerator | denominator) >> DBL_MANT_DIG == 0;
}

bool csvr_short_ratio(u128 numerator, u128 denominator, double *value)
{
	if (!are_exact(numerator, denominator))
		return false;
	*value = (double)(int64_t)numerator / (double)(int64_t)denominator;
	return true;
}

/* Rounds to the nearest double, and sets `*error` to the rounding error. */
static double nearest(u128 integer, double *error)
{
	const double value = (double)integer;
	*error = (double)((__int128)integer - (__int128)value);
	return value;
}

double csvr_approximate_root(double value)
{
	uint64_t bits;
	memcpy(&bits, &value, sizeof bits);
	/* Half of the exponent is right to an eighth, and each step squares the error. */
	bits = (bits >> 1) + (UINT64_C(1023) << 51);
	double root;
	memcpy(&root, &bits, sizeof root);
	for (int i = 0; i < 4; i++)
		root = (root + value / root) / 2;
	return root;
}

/* The first 26 bits of a double; the others fit into 26 bits with a sign. */
static double head_of(double value)
{
	const double scaled = value * 0x1.0000002p27;
	return scaled - (scaled - value);
}

/* c - a b, where a b differs from c by a few units in the last place. Products of two halves are exact. */
static double residual(double a, double b, double c)
{
	const double a_head = head_of(a), a_tail = a - a_head;
	const double b_head = head_of(b), b_tail = b - b_head;
	const double product = a * b;
	const double error = a_tail * b_tail -
			     (((product - a_head * b_head) - a_tail * b_head) - a_head * b_tail);
	return (c - product) - error;
}

bool csvr_short_root(u128 numerator, u128 denominator, double *value)
{
	if ((numerator | denominator) >> MOST_BITS != 0)
		return false;
	*value = 0;
	if (numerator == 0)
		return true;
	double above_low = 0, below_low = 0, above, below;
	if (are_exact(numerator, denominator)) {
		above = (double)(int64_t)numerator;
		below = (double)(int64_t)denominator;
	} else {
		above = nearest(numerator, &above_low);
		below = nearest(denominator, &below_low);
	}
	/* quotient + rest is the exact quotient, but for a relative error of less than 2^-100; so is root + low the exact
	 * root. */
	const double quotient = above / below;
	const double rest = (residual(quotient, below, above) + above_low - quotient * below_low) /
			    below;
	const double root = csvr_approximate_root(quotient);
	const double low = (residual(root, root, quotient) + rest) / (2 * root);
	const double margin = root * 0x1p-90;
	*value = root + (low - margin);
	return *value == root + (low + margin);
}
