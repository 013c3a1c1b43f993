/* test_extreme.c - the least and the greatest of decimals, exactly and in any order
 *
 * The reference compares numbers written out in full, digit by digit.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/decimal_to_double.h"
#include "check_main.h"
#include "random.h"
#include "stats/extreme.h"

enum { PART_DIGITS = 18, MOST_DIGITS = 72, MOST_NUMBERS = 24 };

/* digits * 10^exponent */
struct decimal {
	bool is_negative;
	char digits[MOST_DIGITS + 1];
	int exponent;
};

/* The parts that the parser would make of it. */
struct parsed {
	uint64_t part[MOST_DIGITS / PART_DIGITS];
	struct csvr_number number;
	double value;
};

static void parse(const struct decimal *decimal, struct parsed *parsed)
{
	size_t n = 0;
	for (int end = (int)strlen(decimal->digits); end > 0; end -= PART_DIGITS) {
		uint64_t part = 0;
		for (int i = end > PART_DIGITS ? end - PART_DIGITS : 0; i < end; i++)
			part = part * 10 + (uint64_t)(decimal->digits[i] - '0');
		parsed->part[n++] = part;
	}
	parsed->number = (struct csvr_number){ parsed->part,         n,
					       decimal->exponent,    decimal->is_negative,
					       CSVR_QUANTITY_NUMBER, 0 };
	parsed->value = csvr_decimal_to_double(parsed->part, n, decimal->exponent,
					       decimal->is_negative);
}

static void add(struct csvr_extreme *extreme, enum csvr_direction direction,
		const struct decimal *decimal)
{
	struct parsed parsed;
	parse(decimal, &parsed);
	csvr_extreme_add(extreme, direction, parsed.value, &parsed.number);
}

/* ---- the reference ---- */

static bool is_zero(const struct decimal *a)
{
	return strspn(a->digits, "0") == strlen(a->digits);
}

/* The digit at 10^place. */
static int digit_at(const struct decimal *a, int place)
{
	const int i = (int)strlen(a->digits) - 1 - (place - a->exponent);
	return i < 0 || i >= (int)strlen(a->digits) ? 0 : a->digits[i] - '0';
}

static int compare(const struct decimal *a, const struct decimal *b)
{
	if (is_zero(a) && is_zero(b))
		return 0;
	const int sign_a = is_zero(a) ? 0 : a->is_negative ? -1 : 1;
	const int sign_b = is_zero(b) ? 0 : b->is_negative ? -1 : 1;
	if (sign_a != sign_b)
		return sign_a < sign_b ? -1 : 1;
	const int low = a->exponent < b->exponent ? a->exponent : b->exponent;
	const int high = (a->exponent > b->exponent ? a->exponent : b->exponent) + MOST_DIGITS;
	for (int place = high; place >= low; place--)
		if (digit_at(a, place) != digit_at(b, place))
			return digit_at(a, place) < digit_at(b, place) ? -sign_a : sign_a;
	return 0;
}

static void check_equal(const struct csvr_extreme *extreme, const struct decimal *expected)
{
	struct csvr_digits digits;
	struct decimal found = { .exponent = 0 };
	csvr_extreme_to_digits(extreme, &digits);
	ck_assert_int_eq(digits.n_digits, (int)strlen(digits.digit));
	ck_assert_int_le(digits.n_digits, CSVR_MAX_DIGITS);
	snprintf(found.digits, sizeof found.digits, "%s", digits.digit);
	found.is_negative = digits.is_negative;
	found.exponent = digits.power - digits.n_digits;
	ck_assert_msg(compare(&found, expected) == 0, "%s%se%d, not %s%se%d",
		      found.is_negative ? "-" : "", found.digits, found.exponent,
		      expected->is_negative ? "-" : "", expected->digits, expected->exponent);
	struct parsed parsed;
	parse(expected, &parsed);
	ck_assert(extreme->value == parsed.value);
	/* One form for each value. */
	if (strcmp(digits.digit, "0") == 0)
		ck_assert(digits.power == 1 && !digits.is_negative);
	else
		ck_assert(digits.digit[0] != '0' && digits.digit[digits.n_digits - 1] != '0');
}

/* ---- random numbers ---- */

/* Many have the same nearest double, or the same digits with other zeros. */
static void random_decimal(struct decimal *decimal)
{
	static const char *const stems[] = {
		"9007199254740993",    "9007199254740992", "12345678901234567", "1", "0",
		"99999999999999999999"
	};
	const char *stem = stems[below(6)];
	const unsigned n_more = below(3) == 0 ? 0 : below(CSVR_MAX_DIGITS + 1 - 20);
	const unsigned n_zeros = below(4) == 0 ? below(20) : 0;
	size_t n = (size_t)snprintf(decimal->digits, sizeof decimal->digits, "%s", stem);
	for (unsigned i = 0; i < n_more; i++)
		decimal->digits[n++] = (char)('0' + (i + 1 == n_more ? below(10) : 0));
	for (unsigned i = 0; i < n_zeros; i++)
		decimal->digits[n++] = '0';
	decimal->digits[n] = '\0';
	decimal->is_negative = below(3) == 0;
	decimal->exponent = -(int)(n_more + n_zeros);
	if (below(8) == 0)
		decimal->exponent -= 400; /* nearest to 0 */
	if (below(8) == 0)
		decimal->exponent = (int)below(5) - 330;
}

static void shuffle(struct decimal *numbers, unsigned n)
{
	for (unsigned i = n; i > 1; i--) {
		const unsigned j = below(i);
		const struct decimal swapped = numbers[j];
		numbers[j] = numbers[i - 1];
		numbers[i - 1] = swapped;
	}
}

static const struct decimal *find(const struct decimal *numbers, unsigned n, int direction)
{
	const struct decimal *found = &numbers[0];
	for (unsigned i = 1; i < n; i++)
		if (compare(&numbers[i], found) == direction)
			found = &numbers[i];
	return found;
}

START_TEST(random_numbers_in_any_order_and_any_grouping_have_the_same_extremes)
{
	for (int round = 0; round < 20000; round++) {
		struct decimal numbers[MOST_NUMBERS];
		const unsigned n = 1 + below(MOST_NUMBERS);
		for (unsigned i = 0; i < n; i++)
			random_decimal(&numbers[i]);
		for (int direction = CSVR_LEAST; direction <= CSVR_GREATEST;
		     direction += CSVR_GREATEST - CSVR_LEAST) {
			struct csvr_extreme all, parts[3];
			csvr_extreme_init(&all, (enum csvr_direction)direction);
			for (int i = 0; i < 3; i++)
				csvr_extreme_init(&parts[i], (enum csvr_direction)direction);
			const struct decimal expected = *find(numbers, n, direction);
			for (unsigned i = 0; i < n; i++)
				add(&all, (enum csvr_direction)direction, &numbers[i]);
			check_equal(&all, &expected);
			shuffle(numbers, n);
			for (unsigned i = 0; i < n; i++)
				add(&parts[below(3)], (enum csvr_direction)direction, &numbers[i]);
			for (int i = 1; i < 3; i++)
				csvr_extreme_merge(&parts[0], (enum csvr_direction)direction,
						   &parts[i]);
			check_equal(&parts[0], &expected);
		}
	}
}
END_TEST

START_TEST(two_numbers_compare_as_their_digits_do)
{
	for (int round = 0; round < 100000; round++) {
		struct decimal numbers[2];
		struct csvr_extreme extremes[2];
		for (int i = 0; i < 2; i++) {
			random_decimal(&numbers[i]);
			csvr_extreme_init(&extremes[i], CSVR_LEAST);
			add(&extremes[i], CSVR_LEAST, &numbers[i]);
		}
		ck_assert_int_eq(csvr_extreme_compare(&extremes[0], &extremes[1]),
				 compare(&numbers[0], &numbers[1]));
		ck_assert_int_eq(csvr_extreme_compare(&extremes[1], &extremes[0]),
				 compare(&numbers[1], &numbers[0]));
	}
}
END_TEST

/* ---- long numbers ---- */

static const struct {
	struct decimal number;
	const char *digits;
	int power;
	bool is_negative;
} long_numbers[] = {
	{ { false, "1234567890123456789012345678901234567891", 0 },
	  "1234567890123456789012345678901234567891",
	  40,
	  false },
	{ { true, "1234567890123456789012345678901234567891000000000000000000", -58 },
	  "1234567890123456789012345678901234567891",
	  0,
	  true },
	{ { false, "0000000000000000000000000000012345678901234567890123", 0 },
	  "12345678901234567890123",
	  23,
	  false },
	/* 41 digits: the shortest decimal of the nearest double */
	{ { false, "10000000000000000000000000000000000000001", 0 }, "1", 41, false },
	{ { true, "12345678901234567890123456789012345678901", 0 }, "12345678901234568", 41, true },
	{ { false, "12345678901234567890123456789012345678901", -440 }, "0", 1, false },
	{ { true, "12345678901234567890123456789012345678901", -440 }, "0", 1, false },
	{ { true, "0", 0 }, "0", 1, false },
	{ { true, "000000000000000000000000000000000000000000", 5 }, "0", 1, false },
	{ { false, "1", -400 }, "1", -399, false },
	{ { true, "5", -324 }, "5", -323, true },
};

START_TEST(a_number_has_at_most_forty_digits)
{
	struct csvr_extreme extreme;
	struct csvr_digits digits;
	csvr_extreme_init(&extreme, CSVR_GREATEST);
	add(&extreme, CSVR_GREATEST, &long_numbers[_i].number);
	csvr_extreme_to_digits(&extreme, &digits);
	ck_assert_str_eq(digits.digit, long_numbers[_i].digits);
	ck_assert_int_eq(digits.power, long_numbers[_i].power);
	ck_assert_int_eq(digits.is_negative, long_numbers[_i].is_negative);
	/* As in a saved state. */
	struct csvr_extreme again;
	ck_assert(csvr_extreme_of_digits(&again, &digits));
	ck_assert_int_eq(csvr_extreme_compare(&again, &extreme), 0);
	ck_assert(again.value == extreme.value);
}
END_TEST

START_TEST(tiny_numbers_are_not_zero)
{
	static const struct decimal tiny = { false, "1", -400 }, zero = { true, "0", 0 },
				    minus_tiny = { true, "1", -400 };
	struct csvr_extreme least, greatest;
	csvr_extreme_init(&least, CSVR_LEAST);
	csvr_extreme_init(&greatest, CSVR_GREATEST);
	add(&least, CSVR_LEAST, &tiny);
	add(&greatest, CSVR_GREATEST, &minus_tiny);
	check_equal(&least, &tiny);
	check_equal(&greatest, &minus_tiny);
	add(&least, CSVR_LEAST, &zero);
	add(&greatest, CSVR_GREATEST, &zero);
	check_equal(&least, &zero);
	check_equal(&greatest, &zero);
	add(&least, CSVR_LEAST, &minus_tiny);
	add(&greatest, CSVR_GREATEST, &tiny);
	check_equal(&least, &minus_tiny);
	check_equal(&greatest, &tiny);
}
END_TEST

START_TEST(digits_in_another_form_are_refused)
{
	static const struct {
		const char *digits;
		int power;
		bool is_negative;
	} wrong[] = {
		{ "", 0, false },
		{ "01", 2, false },
		{ "10", 2, false },
		{ "0", 0, false },
		{ "0", 1, true },
		{ "00", 1, false },
		{ "1x", 2, false },
		{ "-1", 2, false },
		{ "12345678901234567890123456789012345678901", 41, false },
		{ "1", 310, false }, /* 1e309 */
		{ "1", 32767, false },
		{ "1", -32768, false },
	};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct csvr_extreme extreme;
		struct csvr_digits digits = { .n_digits = (int)strlen(wrong[i].digits),
					      .power = wrong[i].power,
					      .is_negative = wrong[i].is_negative };
		snprintf(digits.digit, sizeof digits.digit, "%s", wrong[i].digits);
		ck_assert_msg(!csvr_extreme_of_digits(&extreme, &digits), "%s", wrong[i].digits);
	}
}
END_TEST

START_TEST(a_date_or_time_has_bounds)
{
	static const struct {
		struct decimal number;
		bool is_date, is_time;
	} bounds[] = {
		{ { false, "0", 0 }, true, true },
		{ { true, "62135683140", 0 }, true, false },
		{ { false, "253402387139", 0 }, true, true },
		{ { false, "260000000000", 0 }, false, true },
		{ { false, "86399999999999999999999999999999", -18 }, false, true },
		{ { false, "100000000000000", 0 }, false, false },
		{ { false, "1", -18 }, true, true },
		{ { false, "1", -19 }, false, false },
	};
	for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
		struct csvr_extreme extreme;
		csvr_extreme_init(&extreme, CSVR_LEAST);
		add(&extreme, CSVR_LEAST, &bounds[i].number);
		ck_assert_int_eq(csvr_extreme_is_time(&extreme, CSVR_QUANTITY_DATE),
				 bounds[i].is_date);
		ck_assert_int_eq(csvr_extreme_is_time(&extreme, CSVR_QUANTITY_TIME),
				 bounds[i].is_time);
	}
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *extreme = tcase_create("extreme");
	tcase_set_timeout(extreme, 120);
	tcase_add_test(extreme,
		       random_numbers_in_any_order_and_any_grouping_have_the_same_extremes);
	tcase_add_test(extreme, two_numbers_compare_as_their_digits_do);
	tcase_add_loop_test(extreme, a_number_has_at_most_forty_digits, 0,
			    (int)(sizeof long_numbers / sizeof long_numbers[0]));
	tcase_add_test(extreme, tiny_numbers_are_not_zero);
	tcase_add_test(extreme, digits_in_another_form_are_refused);
	tcase_add_test(extreme, a_date_or_time_has_bounds);
	suite_add_tcase(suite, extreme);
}

int main(void)
{
	return check_main("extreme", add_cases);
}
