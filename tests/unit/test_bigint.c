/* test_bigint.c - big integers and the single rounding of their quotients
 *
 * The oracle for rounding is the hardware: IEEE division correctly rounds a quotient of integers that
 * are exact as doubles, and sqrt() a square root.
 */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/bigint.h"
#include "base/decimal_to_double.h"
#include "base/short_ratio.h"
#include "check_main.h"
#include "random.h"

typedef unsigned __int128 u128;

START_TEST(a_product_divided_by_one_factor_is_the_other)
{
	for (int round = 0; round < 200; round++) {
		struct csvr_bigint a, b, product, other;
		csvr_bigint_set(&a, next_random());
		csvr_bigint_set(&b, next_random());
		for (int i = 0; i < round % 20; i++)
			csvr_bigint_scale(&a, next_random() | 1, next_random());
		csvr_bigint_multiply(&product, &a, &b);
		csvr_bigint_multiply(&other, &b, &a);
		ck_assert_int_eq(csvr_bigint_compare(&product, &other), 0);
		uint64_t divisor = b.limb[0];
		ck_assert_uint_eq(csvr_bigint_divide(&product, divisor), 0);
		ck_assert_int_eq(csvr_bigint_compare(&product, &a), 0);
	}
}
END_TEST

START_TEST(subtraction_undoes_addition)
{
	for (int round = 0; round < 200; round++) {
		struct csvr_bigint a, b, sum;
		csvr_bigint_set(&a, next_random());
		csvr_bigint_set(&b, next_random());
		csvr_bigint_shift(&a, (size_t)(round * 7));
		csvr_bigint_shift(&b, (size_t)(round * 3));
		sum = a;
		csvr_bigint_add(&sum, &b);
		ck_assert_int_ge(csvr_bigint_compare(&sum, &a), 0);
		csvr_bigint_subtract(&sum, &a);
		ck_assert_int_eq(csvr_bigint_compare(&sum, &b), 0);
	}
}
END_TEST

static double ratio(uint64_t a, uint64_t b)
{
	struct csvr_bigint numerator, denominator;
	csvr_bigint_set(&numerator, a);
	csvr_bigint_set(&denominator, b);
	return csvr_bigint_ratio(&numerator, &denominator);
}

START_TEST(a_ratio_equals_that_of_ieee_division)
{
	for (int round = 0; round < 20000; round++) {
		uint64_t a = next_random() >> (11 + round % 50),
			 b = next_random() >> (11 + round % 47);
		if (b == 0)
			continue;
		ck_assert(ratio(a, b) == (double)a / (double)b);
	}
}
END_TEST

START_TEST(a_root_equals_that_of_ieee_sqrt)
{
	for (int round = 0; round < 20000; round++) {
		uint64_t a = next_random() >> (11 + round % 50);
		struct csvr_bigint numerator, denominator;
		csvr_bigint_set(&numerator, a);
		csvr_bigint_set(&denominator, 1);
		ck_assert(csvr_bigint_sqrt_ratio(&numerator, &denominator) == sqrt((double)a));
		csvr_bigint_set(&numerator, (unsigned __int128)a * a);
		csvr_bigint_set(&denominator, 4);
		ck_assert(csvr_bigint_sqrt_ratio(&numerator, &denominator) == (double)a / 2);
	}
}
END_TEST

/* Quotients by one limb are computed by division, others bit by bit. */
START_TEST(a_quotient_does_not_depend_on_the_length_of_its_parts)
{
	for (int round = 0; round < 20000; round++) {
		struct csvr_bigint a, b, long_a, long_b;
		csvr_bigint_set(&a, next_random() >> below(64));
		csvr_bigint_set(&b, (next_random() >> below(64)) | 1);
		if (round % 3 == 0)
			csvr_bigint_scale(&a, next_random() | 1, next_random());
		const uint64_t factor = next_random() | 1;
		long_a = a;
		long_b = b;
		for (int i = 0; i < 2; i++) {
			csvr_bigint_scale(&long_a, factor, 0);
			csvr_bigint_scale(&long_b, factor, 0);
		}
		struct csvr_bigint root_a = a, root_b = b, long_root_a = long_a,
				   long_root_b = long_b;
		ck_assert(csvr_bigint_ratio(&a, &b) == csvr_bigint_ratio(&long_a, &long_b));
		ck_assert(csvr_bigint_sqrt_ratio(&root_a, &root_b) ==
			  csvr_bigint_sqrt_ratio(&long_root_a, &long_root_b));
	}
}
END_TEST

/* The oracle is the division of big integers. */
START_TEST(a_short_ratio_and_root_equal_those_of_big_integers)
{
	unsigned n_ratios = 0, n_roots = 0, n_wrong = 0;
	for (int round = 0; round < 40000; round++) {
		const unsigned bits_a = 1 + below(round % 2 == 0 ? 53 : 127);
		const unsigned bits_b = 1 + below(round % 3 == 0 ? 53 : 127);
		const u128 a = ((u128)next_random() << 64 | next_random()) >> (128 - bits_a);
		const u128 b = ((u128)next_random() << 64 | next_random()) >> (128 - bits_b) | 1;
		struct csvr_bigint numerator, denominator;
		double value;
		if (csvr_short_ratio(a, b, &value)) {
			csvr_bigint_set(&numerator, a);
			csvr_bigint_set(&denominator, b);
			n_wrong += value != csvr_bigint_ratio(&numerator, &denominator);
			n_ratios++;
		}
		if (csvr_short_root(a, b, &value)) {
			csvr_bigint_set(&numerator, a);
			csvr_bigint_set(&denominator, b);
			n_wrong += value != csvr_bigint_sqrt_ratio(&numerator, &denominator);
			n_roots++;
		}
	}
	ck_assert_uint_eq(n_wrong, 0);
	ck_assert_uint_gt(n_ratios, 5000);
	ck_assert_uint_gt(n_roots, 39000);
}
END_TEST

/* (2 m + 1)^2, whose root is halfway between two doubles, and its neighbours, whose roots are just above and below. */
START_TEST(a_short_root_near_a_tie_is_right_or_unknown)
{
	unsigned n_wrong = 0;
	for (int round = 0; round < 20000; round++) {
		const uint64_t m = next_random() >> 11 | UINT64_C(1) << 52;
		const u128 square = (u128)(2 * m + 1) * (2 * m + 1);
		const u128 factor = 1 + below(1 << 16);
		for (int above = -1; above <= 1; above++) {
			struct csvr_bigint numerator, denominator;
			double value;
			if (!csvr_short_root(square * factor + (u128)above, factor, &value))
				continue;
			csvr_bigint_set(&numerator, square * factor + (u128)above);
			csvr_bigint_set(&denominator, factor);
			n_wrong += value != csvr_bigint_sqrt_ratio(&numerator, &denominator);
		}
	}
	ck_assert_uint_eq(n_wrong, 0);
}
END_TEST

START_TEST(a_tie_is_rounded_to_even)
{
	const uint64_t limit = UINT64_C(1) << 53;
	ck_assert(ratio(limit + 1, 1) == 0x1p53);
	ck_assert(ratio(limit + 3, 1) == 0x1p53 + 4);
	/* A value just above the tie is rounded up: (2^53 + 1) 2^10 + 1 over 2^10. */
	ck_assert(ratio((limit + 1) * 1024 + 1, 1024) == 0x1p53 + 2);
}
END_TEST

static double nearest_text(const char *digits, int exponent)
{
	uint64_t part[80];
	size_t n_parts = 0;
	for (size_t n = strlen(digits); n > 0;) {
		size_t take = n < 18 ? n : 18;
		part[n_parts] = 0;
		for (size_t i = n - take; i < n; i++)
			part[n_parts] = part[n_parts] * 10 + (uint64_t)(digits[i] - '0');
		n_parts++;
		n -= take;
	}
	return csvr_decimal_to_double(part, n_parts, exponent, false);
}

START_TEST(decimals_at_the_limits_of_the_range_are_rounded_to_nearest)
{
	ck_assert(nearest_text("49406564584124654", -340) == 0x1p-1074);
	ck_assert(nearest_text("24703282292062327", -340) ==
		  0); /* just below half of the smallest double */
	ck_assert(nearest_text("24703282292062328", -340) == 0x1p-1074);
	ck_assert(nearest_text("22250738585072014", -324) == DBL_MIN);
	ck_assert(nearest_text("22250738585072011", -324) == DBL_MIN - 0x1p-1074);
	ck_assert(nearest_text("17976931348623157", 292) == DBL_MAX);
	ck_assert(isinf(nearest_text("17976931348623159", 292)));
	ck_assert(nearest_text("9007199254740993", 0) == 9007199254740992.0);
	ck_assert(nearest_text("9007199254740993000001", -6) == 9007199254740994.0);
}
END_TEST

START_TEST(short_decimals_equal_those_of_strtod)
{
	char text[64];
	for (int round = 0; round < 20000; round++) {
		uint64_t part = next_random() % 1000000000000000000u >> (round % 60);
		int exponent = (int)(next_random() % 60) - 40;
		snprintf(text, sizeof text, "%llue%d", (unsigned long long)part, exponent);
		ck_assert_msg(csvr_decimal_to_double(&part, 1, exponent, false) ==
				      strtod(text, NULL),
			      "%s", text);
		double exact = strtod(text, NULL);
		double near;
		ck_assert(csvr_decimal_approximate(&part, 1, exponent, true, &near));
		ck_assert(fabs(near + exact) <= exact * 0x1p-49);
	}
}
END_TEST

START_TEST(decimals_of_several_parts_equal_those_of_strtod)
{
	char text[96];
	for (int round = 0; round < 20000; round++) {
		uint64_t part[3];
		const size_t n_parts = 2 + (size_t)round % 2;
		for (size_t i = 0; i < n_parts; i++)
			part[i] = next_random() % 1000000000000000000u >> (next_random() % 60);
		part[n_parts - 1] += part[n_parts - 1] == 0;
		const int exponent = round % 3 == 0 ? 0 : (int)(next_random() % 60) - 40;
		snprintf(text, sizeof text, "%llu%018llu", (unsigned long long)part[n_parts - 1],
			 (unsigned long long)part[n_parts - 2]);
		if (n_parts == 3)
			snprintf(text + strlen(text), sizeof text - strlen(text), "%018llu",
				 (unsigned long long)part[0]);
		snprintf(text + strlen(text), sizeof text - strlen(text), "e%d", exponent);
		const double exact = strtod(text, NULL);
		double near;
		ck_assert_msg(csvr_decimal_to_double(part, n_parts, exponent, false) == exact, "%s",
			      text);
		ck_assert(csvr_decimal_approximate(part, n_parts, exponent, false, &near));
		ck_assert(fabs(near - exact) <= exact * 0x1p-49);
	}
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *wide = tcase_create("wide");
	tcase_add_test(wide, a_product_divided_by_one_factor_is_the_other);
	tcase_add_test(wide, subtraction_undoes_addition);
	tcase_add_test(wide, a_ratio_equals_that_of_ieee_division);
	tcase_add_test(wide, a_root_equals_that_of_ieee_sqrt);
	tcase_add_test(wide, a_quotient_does_not_depend_on_the_length_of_its_parts);
	tcase_add_test(wide, a_short_ratio_and_root_equal_those_of_big_integers);
	tcase_add_test(wide, a_short_root_near_a_tie_is_right_or_unknown);
	tcase_add_test(wide, a_tie_is_rounded_to_even);
	tcase_add_test(wide, decimals_at_the_limits_of_the_range_are_rounded_to_nearest);
	tcase_add_test(wide, short_decimals_equal_those_of_strtod);
	tcase_add_test(wide, decimals_of_several_parts_equal_those_of_strtod);
	suite_add_tcase(suite, wide);
}

int main(void)
{
	return check_main("wide", add_cases);
}
