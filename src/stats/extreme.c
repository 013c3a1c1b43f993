/* extreme.c - the least or greatest of some values, exactly */
#include "stats/extreme.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "base/decimal_to_double.h"

enum { PART_DIGITS = 18, MOST_PARTS = 80 };
static const uint64_t short_limit = UINT64_C(1000000000000000); /* 10^15 */

void csvr_extreme_init(struct csvr_extreme *extreme, enum csvr_direction direction)
{
	*extreme = (struct csvr_extreme){ .value = direction == CSVR_LEAST ? INFINITY : -INFINITY };
}

/* ---- digits ---- */

/* Writes the digits of the parts and a NUL, most significant first, without leading zeros. */
static int write_digits(const uint64_t *part, size_t n_parts, char *digits)
{
	while (n_parts > 1 && part[n_parts - 1] == 0)
		n_parts--;
	char first[CSVR_NUMBER_TEXT_BYTES];
	int n = (int)csvr_number_integer(part[n_parts - 1], first);
	memcpy(digits, first, (size_t)n + 1);
	for (size_t i = n_parts - 1; i-- > 0;)
		n += sprintf(digits + n, "%0*llu", PART_DIGITS, (unsigned long long)part[i]);
	return n;
}

void csvr_extreme_to_digits(const struct csvr_extreme *extreme, struct csvr_digits *digits)
{
	int n = write_digits(extreme->part, extreme->n_parts, digits->digit);
	digits->power = n + extreme->exponent;
	while (n > 1 && digits->digit[n - 1] == '0')
		n--;
	digits->digit[n] = '\0';
	digits->n_digits = n;
	digits->is_negative = extreme->is_negative;
	if (digits->digit[0] == '0') {
		digits->power = 1;
		digits->is_negative = false;
	}
}

/* Sets the parts to the digits, of which the last has that exponent. */
static void set_digits(struct csvr_extreme *extreme, const char *digits, int n_digits, int exponent)
{
	extreme->exponent = (int16_t)exponent;
	extreme->n_parts = 0;
	for (int end = n_digits; end > 0; end -= PART_DIGITS) {
		uint64_t part = 0;
		for (int i = end > PART_DIGITS ? end - PART_DIGITS : 0; i < end; i++)
			part = part * 10 + (uint64_t)(digits[i] - '0');
		extreme->part[extreme->n_parts++] = part;
	}
}

bool csvr_extreme_of_digits(struct csvr_extreme *extreme, const struct csvr_digits *digits)
{
	const int n = digits->n_digits;
	const bool is_zero = n == 1 && digits->digit[0] == '0';
	if (n < 1 || n > CSVR_MAX_DIGITS || digits->power < -1100 || digits->power > 310)
		return false;
	for (int i = 0; i < n; i++)
		if (digits->digit[i] < '0' || digits->digit[i] > '9')
			return false;
	if (is_zero ? digits->power != 1 || digits->is_negative
		    : digits->digit[0] == '0' || digits->digit[n - 1] == '0')
		return false;
	set_digits(extreme, digits->digit, n, digits->power - n);
	extreme->is_negative = digits->is_negative;
	extreme->value = csvr_decimal_to_double(extreme->part, extreme->n_parts, extreme->exponent,
						extreme->is_negative);
	return isfinite(extreme->value);
}

bool csvr_extreme_is_time(const struct csvr_extreme *extreme, enum csvr_quantity quantity)
{
	/* Years 0 to 10000, and the longest duration, in seconds. */
	static const double most_date = 2.6e11, most_time = 1e14;
	struct csvr_digits digits;
	csvr_extreme_to_digits(extreme, &digits);
	if (digits.n_digits - digits.power > CSVR_MAX_FRACTION_DIGITS)
		return false;
	return quantity == CSVR_QUANTITY_DATE ? fabs(extreme->value) < most_date
					      : extreme->value >= 0 && extreme->value < most_time;
}

/* ---- order ---- */

/* Decimals of up to 15 digits have different doubles, unless these are subnormal. */
static bool is_short(double value, const uint64_t *part, size_t n_parts)
{
	return n_parts == 1 && part[0] < short_limit && (fabs(value) >= 1e-290 || part[0] == 0);
}

static int sign_of(const struct csvr_digits *digits)
{
	return digits->digit[0] == '0' ? 0 : digits->is_negative ? -1 : 1;
}

int csvr_extreme_compare(const struct csvr_extreme *a, const struct csvr_extreme *b)
{
	if (a->value != b->value)
		return a->value < b->value ? -1 : 1;
	if (is_short(a->value, a->part, a->n_parts) && is_short(b->value, b->part, b->n_parts))
		return 0;
	struct csvr_digits x, y;
	csvr_extreme_to_digits(a, &x);
	csvr_extreme_to_digits(b, &y);
	const int sign = sign_of(&x), other_sign = sign_of(&y);
	if (sign != other_sign || sign == 0)
		return (sign > other_sign) - (sign < other_sign);
	if (x.power != y.power)
		return x.power < y.power ? -sign : sign;
	const int order = strcmp(x.digit, y.digit);
	return order == 0 ? 0 : order < 0 ? -sign : sign;
}

/* ---- adding ---- */

static void set_number(struct csvr_extreme *extreme, double value, const struct csvr_number *number)
{
	extreme->value = value;
	extreme->is_negative = number->is_negative;
	if (number->n_parts == 1) {
		extreme->part[0] = number->part[0];
		extreme->exponent = (int16_t)number->exponent;
		extreme->n_parts = 1;
		return;
	}
	char digits[MOST_PARTS * PART_DIGITS + 1];
	int n = write_digits(number->part, number->n_parts, digits);
	int exponent = number->exponent;
	for (; n > 1 && digits[n - 1] == '0'; n--)
		exponent++;
	if (n <= CSVR_MAX_DIGITS) {
		set_digits(extreme, digits, n, exponent);
		return;
	}
	const struct csvr_shortest shortest = value != 0 ? csvr_number_shortest_digits(fabs(value))
							 : (struct csvr_shortest){ 0, 0 };
	extreme->part[0] = shortest.digits;
	extreme->exponent = (int16_t)shortest.exponent;
	extreme->n_parts = 1;
}

void csvr_extreme_add(struct csvr_extreme *extreme, enum csvr_direction direction, double value,
		      const struct csvr_number *number)
{
	if (direction == CSVR_LEAST ? value > extreme->value : value < extreme->value)
		return;
	if (value == extreme->value && is_short(value, extreme->part, extreme->n_parts) &&
	    is_short(value, number->part, number->n_parts))
		return;
	struct csvr_extreme candidate;
	set_number(&candidate, value, number);
	csvr_extreme_merge(extreme, direction, &candidate);
}

void csvr_extreme_merge(struct csvr_extreme *into, enum csvr_direction direction,
			const struct csvr_extreme *from)
{
	if (isinf(from->value))
		return;
	if (isinf(into->value) || csvr_extreme_compare(from, into) == (int)direction)
		*into = *from;
}
