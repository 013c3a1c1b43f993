/* bigint.c - non-negative integers of many limbs, and correctly rounded quotients */
#include "base/bigint.h"

#include <string.h>

#include "base/short_ratio.h"

typedef unsigned __int128 u128;

static void trim(struct csvr_bigint *number)
{
	while (number->n_limbs > 0 && number->limb[number->n_limbs - 1] == 0)
		number->n_limbs--;
}

void csvr_bigint_set(struct csvr_bigint *number, u128 value)
{
	number->limb[0] = (uint64_t)value;
	number->limb[1] = (uint64_t)(value >> 64);
	number->n_limbs = 2;
	trim(number);
}

void csvr_bigint_copy(struct csvr_bigint *to, const struct csvr_bigint *from)
{
	to->n_limbs = from->n_limbs;
	memcpy(to->limb, from->limb, from->n_limbs * sizeof from->limb[0]);
}

bool csvr_bigint_is_zero(const struct csvr_bigint *number)
{
	return number->n_limbs == 0;
}

static size_t bits_of(const struct csvr_bigint *number)
{
	if (number->n_limbs == 0)
		return 0;
	return number->n_limbs * 64 - (size_t)__builtin_clzll(number->limb[number->n_limbs - 1]);
}

int csvr_bigint_compare(const struct csvr_bigint *a, const struct csvr_bigint *b)
{
	if (a->n_limbs != b->n_limbs)
		return a->n_limbs < b->n_limbs ? -1 : 1;
	for (size_t i = a->n_limbs; i-- > 0;)
		if (a->limb[i] != b->limb[i])
			return a->limb[i] < b->limb[i] ? -1 : 1;
	return 0;
}

void csvr_bigint_add(struct csvr_bigint *a, const struct csvr_bigint *b)
{
	while (a->n_limbs < b->n_limbs)
		a->limb[a->n_limbs++] = 0;
	u128 carry = 0;
	for (size_t i = 0; i < a->n_limbs; i++) {
		carry += (u128)a->limb[i] + (i < b->n_limbs ? b->limb[i] : 0);
		a->limb[i] = (uint64_t)carry;
		carry >>= 64;
	}
	if (carry != 0)
		a->limb[a->n_limbs++] = (uint64_t)carry;
}

void csvr_bigint_subtract(struct csvr_bigint *a, const struct csvr_bigint *b)
{
	uint64_t borrow = 0;
	for (size_t i = 0; i < a->n_limbs; i++) {
		uint64_t subtrahend = i < b->n_limbs ? b->limb[i] : 0;
		u128 difference = (u128)a->limb[i] - subtrahend - borrow;
		a->limb[i] = (uint64_t)difference;
		borrow = (uint64_t)(difference >> 64) & 1;
	}
	trim(a);
}

void csvr_bigint_scale(struct csvr_bigint *number, uint64_t factor, uint64_t addend)
{
	u128 carry = addend;
	for (size_t i = 0; i < number->n_limbs; i++) {
		carry += (u128)number->limb[i] * factor;
		number->limb[i] = (uint64_t)carry;
		carry >>= 64;
	}
	if (carry != 0)
		number->limb[number->n_limbs++] = (uint64_t)carry;
	trim(number);
}

void csvr_bigint_scale_ten(struct csvr_bigint *number, unsigned power)
{
	for (; power >= 19; power -= 19)
		csvr_bigint_scale(number, 10000000000000000000u, 0);
	uint64_t factor = 1;
	for (; power > 0; power--)
		factor *= 10;
	csvr_bigint_scale(number, factor, 0);
}

void csvr_bigint_shift(struct csvr_bigint *number, size_t n_bits)
{
	size_t n_limbs = n_bits / 64, rest = n_bits % 64;
	if (number->n_limbs == 0)
		return;
	if (n_limbs > 0) {
		memmove(number->limb + n_limbs, number->limb,
			number->n_limbs * sizeof number->limb[0]);
		memset(number->limb, 0, n_limbs * sizeof number->limb[0]);
		number->n_limbs += n_limbs;
	}
	if (rest == 0)
		return;
	uint64_t carry = 0;
	for (size_t i = n_limbs; i < number->n_limbs; i++) {
		uint64_t limb = number->limb[i];
		number->limb[i] = limb << rest | carry;
		carry = limb >> (64 - rest);
	}
	if (carry != 0)
		number->limb[number->n_limbs++] = carry;
}

void csvr_bigint_multiply(struct csvr_bigint *product, const struct csvr_bigint *a,
			  const struct csvr_bigint *b)
{
	product->n_limbs = a->n_limbs + b->n_limbs;
	memset(product->limb, 0, product->n_limbs * sizeof product->limb[0]);
	for (size_t i = 0; i < a->n_limbs; i++) {
		u128 carry = 0;
		for (size_t j = 0; j < b->n_limbs; j++) {
			carry += (u128)a->limb[i] * b->limb[j] + product->limb[i + j];
			product->limb[i + j] = (uint64_t)carry;
			carry >>= 64;
		}
		product->limb[i + b->n_limbs] = (uint64_t)carry;
	}
	trim(product);
}

uint64_t csvr_bigint_divide(struct csvr_bigint *number, uint64_t divisor)
{
	u128 remainder = 0;
	for (size_t i = number->n_limbs; i-- > 0;) {
		remainder = remainder << 64 | number->limb[i];
		number->limb[i] = (uint64_t)(remainder / divisor);
		remainder -= (u128)number->limb[i] * divisor;
	}
	trim(number);
	return (uint64_t)remainder;
}

/* A value of at least digits * 2^exponent and less than (digits + 1) * 2^exponent; `is_exact` if it is
 * equal to the former. */
struct quotient {
	u128 digits;
	int exponent;
	bool is_exact;
};

/* The same as divide, for a denominator below 2^64 and a numerator that is not much greater: those of most means and
 * deviations. False: they are not. */
static bool divide_by_limb(struct csvr_bigint *numerator, const struct csvr_bigint *denominator,
			   int n_bits, struct quotient *quotient)
{
	if (denominator->n_limbs != 1)
		return false;
	const uint64_t divisor = denominator->limb[0];
	/* The quotient of the shifted numerator has n_bits bits, or one less. */
	int shift = n_bits - 1 + (int)bits_of(denominator) - (int)bits_of(numerator);
	if (shift < 0)
		return false;
	csvr_bigint_shift(numerator, (size_t)shift);
	uint64_t remainder = csvr_bigint_divide(numerator, divisor);
	u128 digits = numerator->n_limbs > 1 ? (u128)numerator->limb[1] << 64 : 0;
	digits |= numerator->limb[0];
	u128 rest = (u128)remainder << 1;
	if ((digits >> (n_bits - 1) & 1) == 0) {
		digits = digits << 1 | (rest >= divisor);
		rest -= rest >= divisor ? divisor : 0;
		rest <<= 1;
		shift++;
	}
	csvr_bigint_set(numerator, rest);
	*quotient = (struct quotient){ digits, -shift, rest == 0 };
	return true;
}

/* numerator / denominator to `n_bits` significant bits, by shifting and subtracting. Leaves twice the remainder in the
 * numerator. */
static struct quotient divide(struct csvr_bigint *numerator, struct csvr_bigint *denominator,
			      int n_bits)
{
	struct quotient short_quotient;
	if (divide_by_limb(numerator, denominator, n_bits, &short_quotient))
		return short_quotient;
	int shift = (int)bits_of(denominator) - (int)bits_of(numerator);
	if (shift > 0)
		csvr_bigint_shift(numerator, (size_t)shift);
	else
		csvr_bigint_shift(denominator, (size_t)-shift);
	if (csvr_bigint_compare(numerator, denominator) < 0) {
		csvr_bigint_shift(numerator, 1);
		shift++;
	}
	/* Now 1 <= numerator / denominator < 2; each step computes one bit of it and keeps
	 * numerator < 2 denominator. */
	struct quotient q = { 0, -shift - (n_bits - 1), false };
	for (int i = 0; i < n_bits; i++) {
		q.digits <<= 1;
		if (csvr_bigint_compare(numerator, denominator) >= 0) {
			csvr_bigint_subtract(numerator, denominator);
			q.digits |= 1;
		}
		csvr_bigint_shift(numerator, 1);
	}
	q.is_exact = csvr_bigint_is_zero(numerator);
	return q;
}

/* The double nearest to the quotient, whose digits have their top bit at 63. */
static double round_quotient(struct quotient q)
{
	enum { PRECISION = 53, MIN_EXPONENT = -1022, MAX_EXPONENT = 1023 };
	int top = q.exponent + 63; /* 2^top <= value < 2^(top + 1) */
	int precision = top >= MIN_EXPONENT ? PRECISION : PRECISION - (MIN_EXPONENT - top);
	if (precision < 0)
		return 0.0;
	uint64_t digits = (uint64_t)q.digits;
	int drop = 64 - precision;
	uint64_t mantissa = drop == 64 ? 0 : digits >> drop;
	uint64_t half = UINT64_C(1) << (drop - 1);
	uint64_t rest = digits & (half - 1);
	if ((digits & half) != 0 && (rest != 0 || !q.is_exact || (mantissa & 1) != 0))
		mantissa++;
	/* Assembled as bits, so that a mantissa rounded up to the next power of two carries into the
	 * exponent. */
	uint64_t bits = mantissa;
	if (precision == PRECISION) {
		if (top > MAX_EXPONENT)
			return __builtin_inf();
		bits += (uint64_t)(top - MIN_EXPONENT) << 52;
	}
	double value;
	memcpy(&value, &bits, sizeof value);
	return value;
}

double csvr_bigint_ratio(struct csvr_bigint *numerator, struct csvr_bigint *denominator)
{
	if (csvr_bigint_is_zero(numerator))
		return 0.0;
	return round_quotient(divide(numerator, denominator, 64));
}

/* The largest r with r^2 <= value, for a value of 127 or 128 bits. A step of Newton's method from a double is off by at most
 * a few units. */
static uint64_t integer_root(u128 value)
{
	const double estimate = csvr_approximate_root((double)value);
	uint64_t root = estimate < 0x1p64 ? (uint64_t)estimate : UINT64_MAX;
	const u128 square = (u128)root * root;
	const u128 step = (square <= value ? value - square : square - value) / root / 2;
	if (square > value)
		root -= (uint64_t)step;
	else
		root = step < UINT64_MAX - root ? root + (uint64_t)step : UINT64_MAX;
	while ((u128)root * root > value)
		root--;
	while (root < UINT64_MAX && (u128)(root + 1) * (root + 1) <= value)
		root++;
	return root;
}

double csvr_bigint_sqrt_ratio(struct csvr_bigint *numerator, struct csvr_bigint *denominator)
{
	if (csvr_bigint_is_zero(numerator))
		return 0.0;
	/* 127 bits, and one more if the exponent is odd, since it is halved. The root then has its top
	 * bit at 63. */
	struct quotient q = divide(numerator, denominator, 127);
	if (q.exponent % 2 != 0) {
		q.digits <<= 1;
		q.exponent--;
		/* Compute that bit as divide does; the numerator is already doubled. */
		if (!q.is_exact && csvr_bigint_compare(numerator, denominator) >= 0) {
			csvr_bigint_subtract(numerator, denominator);
			q.digits |= 1;
			q.is_exact = csvr_bigint_is_zero(numerator);
		}
	}
	uint64_t root = integer_root(q.digits);
	bool is_exact = q.is_exact && (u128)root * root == q.digits;
	return round_quotient((struct quotient){ root, q.exponent / 2, is_exact });
}
