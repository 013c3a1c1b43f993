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

typedef unsigned __int128 u128;

enum {
	MAX_DIGITS = 17, /* 17 significant digits distinguish any two doubles */
	PLAIN_FROM = -4, /* plain notation while 1e-4 <= |x| < 1e16, as Python's repr */
	PLAIN_TO = 16
};

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

/* Any decimal of n_digits digits, slowly. */
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

/* Sets `*scaled` to number * 10^k, rounded to an integer below 2^64, ties to even. False: k is not from 0 to 32, or the
 * number is too small. With a mantissa m and 2^e it is m * 5^k * 2^(e + k), and m * 5^k < 2^53 * 2^75. */
static bool scale_by_ten(double number, int k, uint64_t *scaled)
{
	static const uint64_t powers[] = { 1,           5,          25,         125,
					   625,         3125,       15625,      78125,
					   390625,      1953125,    9765625,    48828125,
					   244140625,   1220703125, 6103515625, 30517578125,
					   152587890625 };
	enum { MOST_POWER = sizeof powers / sizeof powers[0] - 1 };
	int exponent;
	if (k < 0 || k > 2 * MOST_POWER)
		return false;
	const uint64_t mantissa = (uint64_t)ldexp(frexp(number, &exponent), DBL_MANT_DIG);
	const int half = k / 2;
	const u128 product = (u128)powers[half] * powers[k - half] * mantissa;
	const int shift = DBL_MANT_DIG - exponent - k;
	if (shift <= 0) {
		*scaled = (uint64_t)product << -shift;
		return true;
	}
	if (shift > 126)
		return false;
	const u128 whole = product >> shift, rest = product - (whole << shift);
	const u128 tie = (u128)1 << (shift - 1);
	*scaled = (uint64_t)whole + (rest > tie || (rest == tie && (whole & 1) != 0));
	return true;
}

/* The decimal of n_digits digits, 15 to 17, nearest to a positive finite number. */
static struct csvr_shortest nearest_decimal(double number, int n_digits)
{
	static const double least = 1e-12, limit = 1e15; /* there, k is from 0 to 29 */
	static const uint64_t digits_limit[] = { 1000000000000000, 10000000000000000,
						 100000000000000000 };
	struct csvr_shortest decimal;
	if (number < least || number >= limit || n_digits < DBL_DIG)
		return print_nearest(number, n_digits);
	/* log10(2) is 1233 / 4096, but for an error that makes the power of ten one too small at times. */
	int exponent;
	(void)frexp(number, &exponent);
	const int power = ((exponent - 1) * 1233) >> 12;
	const uint64_t too_many = digits_limit[n_digits - DBL_DIG];
	int k = n_digits - 1 - power;
	bool is_scaled = scale_by_ten(number, k, &decimal.digits);
	if (is_scaled && decimal.digits >= too_many)
		is_scaled = scale_by_ten(number, --k, &decimal.digits);
	decimal.exponent = -k;
	return is_scaled && decimal.digits < too_many && decimal.digits >= too_many / 10
		       ? decimal
		       : print_nearest(number, n_digits);
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
		*decimal = nearest_decimal(number, n_digits);
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
		if (reads_back(nearest_decimal(number, middle), number))
			high = middle;
		else
			low = middle + 1;
	}
	return nearest_decimal(number, high);
}

struct csvr_shortest csvr_number_shortest_digits(double number)
{
	int binary_exponent;
	struct csvr_shortest decimal;
	if (frexp(number, &binary_exponent) == 0.5 && find_at_power_of_two(number, &decimal))
		return decimal;
	if (number < DBL_MIN)
		return search_digits(number);
	/* A decimal of at most 15 digits that reads back is nearer to the number than any other: it is the nearest of 15
	 * digits, but for zeros at its end. */
	for (int n_digits = DBL_DIG; n_digits < MAX_DIGITS; n_digits++) {
		decimal = nearest_decimal(number, n_digits);
		if (reads_back(decimal, number))
			break;
		decimal.digits = 0;
	}
	if (decimal.digits == 0)
		return nearest_decimal(number, MAX_DIGITS);
	for (; decimal.digits % 10 == 0; decimal.exponent++)
		decimal.digits /= 10;
	return decimal;
}

size_t csvr_number_integer(uint64_t number, char text[CSVR_NUMBER_TEXT_BYTES])
{
	char digits[24];
	size_t n = sizeof digits;
	do
		digits[--n] = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	memcpy(text, digits + n, sizeof digits - n);
	text[sizeof digits - n] = '\0';
	return sizeof digits - n;
}

/* Writes a decimal: plain if 10^PLAIN_FROM <= |x| < 10^PLAIN_TO, else with an exponent. */
static size_t format_decimal(struct csvr_shortest decimal, bool is_negative,
			     char text[CSVR_NUMBER_TEXT_BYTES])
{
	while (decimal.digits != 0 && decimal.digits % 10 == 0) {
		decimal.digits /= 10;
		decimal.exponent++;
	}
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
