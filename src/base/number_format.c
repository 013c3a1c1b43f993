/* number_format.c - numbers as text */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "base/number_format.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/decimal_to_double.h"
#include "base/double_bits.h"

typedef unsigned __int128 u128;

enum {
	MAX_DIGITS = 17, /* 17 significant digits distinguish any two doubles */
	PLAIN_FROM = -4, /* plain notation while 1e-4 <= |x| < 1e16, as Python's repr */
	PLAIN_TO = 16
};

static const uint64_t leading_bit = UINT64_C(1)
				    << (DBL_MANT_DIG - 1); /* of a mantissa; doubles omit it */

/* e, where 2^e <= number < 2^(e + 1), of a positive normal number. */
static int exponent_of(double number)
{
	return (int)(csvr_double_bits(number) >> (DBL_MANT_DIG - 1)) + 1 - DBL_MAX_EXP;
}

static size_t copy_text(char text[CSVR_NUMBER_TEXT_BYTES], const char *from)
{
	const size_t n = strlen(from);
	memcpy(text, from, n + 1);
	return n;
}

static size_t format_not_finite(double number, char text[CSVR_NUMBER_TEXT_BYTES])
{
	return copy_text(text, isnan(number) ? "nan" : number > 0 ? "inf" : "-inf");
}

/* The decimal of n_digits digits that is nearest to a positive finite number, slowly. */
static struct csvr_shortest print_nearest(double number, int n_digits)
{
	char text[64];
	struct csvr_shortest decimal = { 0, 0 };
	snprintf(text, sizeof text, "%.*e", n_digits - 1, number);
	const char *at = text;
	for (; *at != 'e'; at++) /* skips the decimal point of any locale */
		if (*at >= '0' && *at <= '9')
			decimal.digits = decimal.digits * 10 + (uint64_t)(*at - '0');
	decimal.exponent = atoi(at + 1) - (n_digits - 1);
	return decimal;
}

static bool reads_back(struct csvr_shortest decimal, double number)
{
	return csvr_decimal_to_double(&decimal.digits, 1, decimal.exponent, false) == number;
}

/* Doubles are twice as dense below a power of two as above it. So the nearest decimal, if it is below, may
 * not read back, while the next one above, though farther away, does. */
static bool find_at_power_of_two(double number, struct csvr_shortest *decimal)
{
	for (int n_digits = 1; n_digits < MAX_DIGITS; n_digits++) {
		*decimal = print_nearest(number, n_digits);
		if (reads_back(*decimal, number))
			return true;
		decimal->digits++;
		if (reads_back(*decimal, number))
			return true;
	}
	return false;
}

/* Of a number that is not normal: if n digits read back, so do n + 1. */
static struct csvr_shortest search_digits(double number)
{
	/* Invariant: `high` digits read back, fewer than `low` do not. */
	int low = 1, high = MAX_DIGITS;
	while (low < high) {
		const int middle = (low + high) / 2;
		if (reads_back(print_nearest(number, middle), number))
			high = middle;
		else
			low = middle + 1;
	}
	return print_nearest(number, high);
}

/* ---- numbers from 1e-12 to 1e15 ---- */

/* number * 10^k, exactly: whole + rest / 2^shift. Adjacent doubles differ by step / 2^shift. */
struct scaled {
	u128 rest, step;
	uint64_t whole, mantissa;
	int shift; /* from 1 to 126 */
};

/* False: k is not from 0 to 32, or the number is too small or too large. With a mantissa m and 2^e it is m * 5^k * 2^(e + k), and
 * m * 5^k < 2^53 * 2^75. */
static bool scale_by_ten(double number, int k, struct scaled *scaled)
{
	static const uint64_t powers[] = { 1,           5,          25,         125,
					   625,         3125,       15625,      78125,
					   390625,      1953125,    9765625,    48828125,
					   244140625,   1220703125, 6103515625, 30517578125,
					   152587890625 };
	enum { MOST_POWER = sizeof powers / sizeof powers[0] - 1 };
	if (k < 0 || k > 2 * MOST_POWER)
		return false;
	const int half = k / 2;
	scaled->mantissa = (csvr_double_bits(number) & (leading_bit - 1)) | leading_bit;
	scaled->step = (u128)powers[half] * powers[k - half];
	scaled->shift = DBL_MANT_DIG - 1 - exponent_of(number) - k;
	if (scaled->shift < 1 || scaled->shift > 126)
		return false;
	const u128 product = scaled->step * scaled->mantissa, whole = product >> scaled->shift;
	scaled->whole = (uint64_t)whole;
	scaled->rest = product - (whole << scaled->shift);
	return whole >> 64 == 0;
}

/* Sets `*nearest` to the nearest multiple of `unit` (at most 100), ties to even, divided by it. False: that does not read back,
 * since another double is nearer to it. `whole` has at least 53 bits, so `shift` is at most 75. */
static bool round_to_unit(const struct scaled *scaled, uint64_t unit, uint64_t *nearest)
{
	*nearest = scaled->whole / unit;
	u128 distance = ((u128)(scaled->whole % unit) << scaled->shift) + scaled->rest;
	const u128 tie = (u128)unit << (scaled->shift - 1);
	if (distance > tie || (distance == tie && (*nearest & 1) != 0)) {
		distance = 2 * tie - distance;
		++*nearest;
	}
	return 2 * distance < scaled->step ||
	       (2 * distance == scaled->step && (scaled->mantissa & 1) == 0);
}

/* Finds the shortest decimal of at least 15 digits that reads back. The number must not be a power of two. False: it is below
 * 1e-12, or 1e15 or more. */
static bool find_scaled(double number, struct csvr_shortest *decimal)
{
	static const double least = 1e-12, limit = 1e15; /* there, k is from 2 to 29 */
	static const uint64_t too_few = 10000000000000000; /* 10^16 */
	struct scaled scaled;
	if (number < least || number >= limit)
		return false;
	/* log10(2) is 1233 / 4096, but for an error that makes the power of ten one too small at times. */
	int k = MAX_DIGITS - 1 - ((exponent_of(number) * 1233) >> 12);
	bool is_scaled = scale_by_ten(number, k, &scaled);
	if (is_scaled && scaled.whole >= 10 * too_few)
		is_scaled = scale_by_ten(number, --k, &scaled);
	if (!is_scaled || scaled.whole < too_few || scaled.whole >= 10 * too_few)
		return false;
	decimal->exponent = 2 - k;
	if (round_to_unit(&scaled, 100, &decimal->digits))
		return true;
	decimal->exponent = 1 - k;
	if (round_to_unit(&scaled, 10, &decimal->digits))
		return true;
	decimal->exponent = -k;
	(void)round_to_unit(&scaled, 1, &decimal->digits);
	return true;
}

/* The same for a number of any size, slowly. It must not be a power of two. */
static struct csvr_shortest print_shortest(double number)
{
	for (int n_digits = DBL_DIG; n_digits < MAX_DIGITS; n_digits++) {
		const struct csvr_shortest decimal = print_nearest(number, n_digits);
		if (reads_back(decimal, number))
			return decimal;
	}
	return print_nearest(number, MAX_DIGITS);
}

/* Removes zeros at the end of the digits, of which there are at most 20. */
static void strip_zeros(struct csvr_shortest *decimal)
{
	static const struct {
		uint64_t power;
		int n;
	} steps[] = { { 100000000, 8 }, { 100000000, 8 }, { 10000, 4 }, { 100, 2 }, { 10, 1 } };
	if (decimal->digits % 10 != 0 || decimal->digits == 0)
		return;
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		if (decimal->digits % steps[i].power != 0)
			continue;
		decimal->digits /= steps[i].power;
		decimal->exponent += steps[i].n;
	}
}

struct csvr_shortest csvr_number_shortest_digits(double number)
{
	struct csvr_shortest decimal;
	if (number < DBL_MIN)
		return search_digits(number);
	if ((csvr_double_bits(number) & (leading_bit - 1)) == 0)
		return find_at_power_of_two(number, &decimal) ? decimal
							      : print_nearest(number, MAX_DIGITS);
	/* A decimal of at most 15 digits that reads back is nearer to the number than any other: it is the nearest of 15
	 * digits, but for zeros at its end. */
	if (!find_scaled(number, &decimal))
		decimal = print_shortest(number);
	strip_zeros(&decimal);
	return decimal;
}

size_t csvr_number_integer(uint64_t number, char text[CSVR_NUMBER_TEXT_BYTES])
{
	static const char pairs[] = "00010203040506070809101112131415161718192021222324"
				    "25262728293031323334353637383940414243444546474849"
				    "50515253545556575859606162636465666768697071727374"
				    "75767778798081828384858687888990919293949596979899";
	char digits[24];
	size_t n = sizeof digits;
	for (; number >= 10; number /= 100) {
		n -= 2;
		memcpy(digits + n, pairs + 2 * (number % 100), 2);
	}
	if (number > 0 || n == sizeof digits)
		digits[--n] = (char)('0' + number);
	memcpy(text, digits + n, sizeof digits - n);
	text[sizeof digits - n] = '\0';
	return sizeof digits - n;
}

/* Writes a decimal: plain if 10^PLAIN_FROM <= |x| < 10^PLAIN_TO, else with an exponent. */
static size_t format_decimal(struct csvr_shortest decimal, bool is_negative,
			     char text[CSVR_NUMBER_TEXT_BYTES])
{
	strip_zeros(&decimal);
	char digits[CSVR_NUMBER_TEXT_BYTES];
	const int n = (int)csvr_number_integer(decimal.digits, digits);
	const int power = decimal.exponent + n - 1; /* of the first digit */
	char *at = text;
	if (is_negative)
		*at++ = '-';
	if (power < PLAIN_FROM || power >= PLAIN_TO)
		return (size_t)(at - text) + (size_t)snprintf(at, CSVR_NUMBER_TEXT_BYTES - 1,
							      "%c%s%se%d", digits[0],
							      n > 1 ? "." : "", digits + 1, power);
	const int n_before = power < 0 ? 0 : n < power + 1 ? n : power + 1;
	memcpy(at, digits, (size_t)n_before);
	at += n_before;
	for (int i = n_before; i <= power || i == 0; i++)
		*at++ = '0';
	if (n_before < n)
		*at++ = '.';
	for (int i = power + 1; i < 0; i++)
		*at++ = '0';
	memcpy(at, digits + n_before, (size_t)(n - n_before) + 1);
	return (size_t)(at - text) + (size_t)(n - n_before);
}

static size_t integer_text(int64_t number, char text[CSVR_NUMBER_TEXT_BYTES])
{
	const bool is_negative = number < 0;
	text[0] = '-';
	return (size_t)is_negative +
	       csvr_number_integer((uint64_t)(is_negative ? -number : number), text + is_negative);
}

size_t csvr_number_shortest(double number, char text[CSVR_NUMBER_TEXT_BYTES])
{
	if (!isfinite(number))
		return format_not_finite(number, text);
	if (number == 0)
		return copy_text(text, signbit(number) ? "-0" : "0");
	/* Below 2^53 = 9.007e15 every integer is a double, so no shorter decimal reads back. */
	if (fabs(number) < 9e15 && number == (double)(int64_t)number)
		return integer_text((int64_t)number, text);
	return format_decimal(csvr_number_shortest_digits(fabs(number)), number < 0, text);
}

size_t csvr_number_fixed(double number, int digits, char text[CSVR_NUMBER_TEXT_BYTES])
{
	if (!isfinite(number) || fabs(number) >= 1e16)
		return csvr_number_shortest(number, text);
	int used = snprintf(text, CSVR_NUMBER_TEXT_BYTES, "%.*f", digits, number);
	/* -0.001 rounded to two digits is 0.00: drop the sign of zero. */
	if (text[0] == '-' && strspn(text + 1, "0.") == (size_t)used - 1) {
		memmove(text, text + 1, (size_t)used);
		used--;
	}
	return (size_t)used;
}

size_t csvr_number_fixed_decimal(const char *decimal, int digits, char text[CSVR_NUMBER_TEXT_BYTES])
{
	struct csvr_digits parsed;
	if (!csvr_digits_parse(decimal, &parsed) || parsed.power >= CSVR_DIGITS_BYTES)
		return copy_text(text, decimal);
	csvr_digits_round(&parsed, -digits);
	return csvr_digits_plain(&parsed, digits, text);
}

size_t csvr_number_brief(const char *decimal, int significant, size_t max_bytes,
			 char text[CSVR_NUMBER_TEXT_BYTES])
{
	struct csvr_digits number;
	if (!csvr_digits_parse(decimal, &number))
		return copy_text(text, decimal);
	const int last = number.power - significant; /* power of ten of the last digit */
	const bool ends_in_zeros = number.power > number.n_digits && strpbrk(decimal, "eE") != NULL;
	struct csvr_digits plain = number;
	csvr_digits_round(&plain, last < 0 ? last : 0);
	if (number.power > PLAIN_FROM && !ends_in_zeros &&
	    csvr_digits_plain_bytes(&plain, 0) <= max_bytes)
		return csvr_digits_plain(&plain, 0, text);
	csvr_digits_round(&number, last);
	return csvr_digits_scientific(&number, text);
}

size_t csvr_number_count(uint64_t count, char text[CSVR_NUMBER_TEXT_BYTES])
{
	char digits[32];
	const size_t n = (size_t)snprintf(digits, sizeof digits, "%" PRIu64, count);
	size_t used = 0;
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && (n - i) % 3 == 0)
			text[used++] = ',';
		text[used++] = digits[i];
	}
	text[used] = '\0';
	return used;
}

size_t csvr_number_size(uint64_t size_bytes, char text[CSVR_NUMBER_TEXT_BYTES])
{
	static const char units[][3] = { "kB", "MB", "GB", "TB", "PB", "EB" };
	if (size_bytes < 1000)
		return (size_t)snprintf(text, CSVR_NUMBER_TEXT_BYTES, "%d byte%s", (int)size_bytes,
					size_bytes == 1 ? "" : "s");
	double size = (double)size_bytes / 1000;
	size_t unit = 0;
	while (size >= 999.95 && unit + 1 < sizeof units / sizeof units[0]) {
		size /= 1000;
		unit++;
	}
	return (size_t)snprintf(text, CSVR_NUMBER_TEXT_BYTES, "%.1f %s", size, units[unit]);
}

size_t csvr_number_share(uint64_t count, uint64_t of, char text[CSVR_SHARE_BYTES])
{
	const char *extreme = count == 0 ? "0%" : "100%";
	unsigned tenths = 0; /* of 1% */
	if (count > 0 && count < of) {
		tenths = (unsigned)(((unsigned __int128)count * 1000 + of / 2) / of);
		extreme = tenths == 0 ? "<0.1%" : tenths == 1000 ? ">99.9%" : NULL;
	}
	if (extreme != NULL)
		return (size_t)snprintf(text, CSVR_SHARE_BYTES, "%s", extreme);
	return (size_t)snprintf(text, CSVR_SHARE_BYTES, "%u.%u%%", tenths / 10, tenths % 10);
}
