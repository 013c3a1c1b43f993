/* simd_scalar.h - one lane in an ordinary register: the part of the vocabulary that batches need
 *
 * simd_avx512.h documents it.
 */
#include <stdint.h>
#include <string.h>

enum { LANES = 1 };
typedef int64_t lanes;

static inline lanes same(uint64_t value)
{
	return (lanes)value;
}

static inline lanes load(const int64_t *values)
{
	return *values;
}

static inline void store(int64_t *values, lanes a)
{
	*values = a;
}

static inline lanes bit_and(lanes a, lanes b)
{
	return a & b;
}

static inline lanes bit_or(lanes a, lanes b)
{
	return a | b;
}

static inline lanes bit_xor(lanes a, lanes b)
{
	return a ^ b;
}

/* Sums may exceed 2^63 as bit patterns: add unsigned. */
static inline lanes add(lanes a, lanes b)
{
	return (lanes)((uint64_t)a + (uint64_t)b);
}

static inline lanes subtract(lanes a, lanes b)
{
	return (lanes)((uint64_t)a - (uint64_t)b);
}

static inline lanes multiply(lanes a, lanes b)
{
	return (lanes)((uint64_t)a * (uint64_t)b);
}

static inline lanes multiply_signed(lanes a, lanes b)
{
	return (lanes)(int32_t)a * (int32_t)b;
}

static inline lanes multiply_halves(lanes a, lanes b)
{
	return (lanes)((uint64_t)(uint32_t)a * (uint32_t)b);
}

static inline lanes equal(lanes a, lanes b)
{
	return -(lanes)(a == b);
}

static inline lanes greater(lanes a, lanes b)
{
	return -(lanes)(a > b);
}

static inline lanes choose(lanes mask, lanes a, lanes b)
{
	return mask != 0 ? a : b;
}

static inline unsigned which_equal(lanes a, lanes b)
{
	return a == b;
}

static inline unsigned which_greater(lanes a, lanes b)
{
	return a > b;
}

static inline unsigned which_not_above(lanes a, lanes b)
{
	return (uint64_t)a <= (uint64_t)b;
}

static inline void store_some(int64_t *values, lanes a, unsigned which)
{
	if (which != 0)
		*values = a;
}

static inline lanes minimum(lanes a, lanes b)
{
	return a < b ? a : b;
}

static inline lanes maximum(lanes a, lanes b)
{
	return a > b ? a : b;
}

static inline lanes magnitude(lanes a)
{
	return a < 0 ? -a : a;
}

typedef double double_lanes;

static inline double_lanes divide(lanes a, double divisor, double reciprocal)
{
	(void)reciprocal;
	return (double)a / divisor;
}

static inline lanes load_doubles(const double *values)
{
	lanes a;
	memcpy(&a, values, sizeof a);
	return a;
}

static inline void store_doubles(double *values, double_lanes a)
{
	*values = a;
}

#define shift_right(a, n) ((lanes)((uint64_t)(a) >> (n)))

static inline lanes shift_right_each(lanes a, lanes counts)
{
	return shift_right(a, counts);
}
