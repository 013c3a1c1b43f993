/* double_bits.h - the bits of a double, and its position in the order of all doubles
 *
 * Shape    positions of adjacent doubles differ by one; 0 and -0 are at 0. Infinities have positions, too.
 * Errors   none; nan has bits, but no position
 * Threads  pure
 */
#ifndef CSVR_BASE_DOUBLE_BITS_H
#define CSVR_BASE_DOUBLE_BITS_H

#include <stdint.h>
#include <string.h>

static inline uint64_t csvr_double_bits(double value)
{
	uint64_t bits;
	memcpy(&bits, &value, sizeof bits);
	return bits;
}

static inline double csvr_double_of_bits(uint64_t bits)
{
	double value;
	memcpy(&value, &bits, sizeof value);
	return value;
}

static inline int64_t csvr_double_position(double value)
{
	const uint64_t bits = csvr_double_bits(value);
	return (bits >> 63) != 0 ? -(int64_t)(bits & INT64_MAX) : (int64_t)bits;
}

/* The double at a position; 0, not -0, at 0. */
static inline double csvr_double_at(int64_t position)
{
	return csvr_double_of_bits(position < 0 ? (uint64_t)-position | UINT64_C(1) << 63
						: (uint64_t)position);
}

#endif
