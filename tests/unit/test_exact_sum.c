/* test_exact_sum.c - sums and deviations without rounding
 *
 * Expected values are computed by hand, or with 128-bit integers.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check_main.h"
#include "random.h"
#include "stats/column.h"
#include "stats/exact_sum.h"

static void add(struct csvr_exact_sum *exact, int64_t value, int exponent)
{
	uint64_t part = (uint64_t)(value < 0 ? -value : value);
	ck_assert_int_eq(csvr_exact_sum_add(exact, exponent, &part, 1, value < 0), CSVR_OK);
}

START_TEST(numbers_that_cancel_leave_the_exact_rest)
{
	struct csvr_exact_sum exact;
	csvr_exact_sum_init(&exact);
	add(&exact, 1, 16);
	add(&exact, 1, 0);
	add(&exact, -1, 16);
	ck_assert(csvr_exact_sum_value(&exact) == 1.0);
	add(&exact, 1, -300);
	add(&exact, -1, 0);
	ck_assert(csvr_exact_sum_value(&exact) == 1e-300);
	add(&exact, 1, 308);
	add(&exact, -1, 308);
	ck_assert(csvr_exact_sum_value(&exact) == 1e-300);
	csvr_exact_sum_clear(&exact);
}
END_TEST

START_TEST(a_negative_total_is_negative)
{
	struct csvr_exact_sum exact;
	csvr_exact_sum_init(&exact);
	add(&exact, -25, -1);
	add(&exact, 1, 0);
	ck_assert(csvr_exact_sum_value(&exact) == -1.5);
	ck_assert(csvr_exact_sum_mean(&exact, 2) == -0.75);
	csvr_exact_sum_clear(&exact);
}
END_TEST

/* ---- rounded to digits after the point ---- */

static const struct {
	int64_t value[3];
	int exponent;
	uint64_t divisor;
	unsigned n_after;
	const char *text;
} fixed[] = {
	{ { 1, 0, 0 }, 0, 3, 20, "0.33333333333333333333" },
	{ { 2, 0, 0 }, 0, 3, 20, "0.66666666666666666667" },
	{ { -2, 0, 0 }, 0, 3, 0, "-1" },
	{ { -1, 0, 0 }, 0, 3, 0, "0" }, /* zero has no sign */
	{ { 1, 0, 0 }, 0, 2, 0, "0" }, /* ties go to even */
	{ { 3, 0, 0 }, 0, 2, 0, "2" },
	{ { 5, 0, 0 }, 0, 2, 0, "2" },
	{ { 2675, 0, 0 }, -3, 1, 2, "2.68" },
	{ { 2665, 0, 0 }, -3, 1, 2, "2.66" },
	{ { 1, 1, 1 }, -1, 3, 25, "0.1000000000000000000000000" }, /* a tenth, not its double */
	{ { 5, 0, 0 }, -1, 1, 0, "0" },
	{ { 1, 0, 0 },
	  -300,
	  1,
	  100,
	  "0.0000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
	  "000000000000000" },
	{ { 123456789012345678, 0, 0 },
	  44,
	  1,
	  1,
	  "12345678901234567800000000000000000000000000000000000000000000.0" },
	{ { 999999999999999999, 0, 0 },
	  45,
	  1,
	  1,
	  "999999999999999999000000000000000000000000000000000000000000000.0" }, /* 63 digits */
	{ { 1, 0, 0 }, 63, 1, 1, "" }, /* one too many */
	{ { 0, 0, 0 }, 0, 7, 2, "0.00" },
	{ { 999, 0, 0 }, -3, 1, 2, "1.00" },
};

START_TEST(a_quotient_is_rounded_once_to_any_digit)
{
	struct csvr_exact_sum exact;
	char text[CSVR_NUMBER_TEXT_BYTES] = "";
	csvr_exact_sum_init(&exact);
	for (int i = 0; i < 3; i++)
		add(&exact, fixed[_i].value[i], fixed[_i].exponent);
	const size_t n = csvr_exact_sum_fixed(&exact, fixed[_i].divisor, fixed[_i].n_after, text);
	ck_assert_str_eq(text, fixed[_i].text);
	ck_assert_uint_eq(n, strlen(text));
	csvr_exact_sum_clear(&exact);
}
END_TEST

/* Sums of millionths below 10^15, divided, in units of the last digit, with 128-bit integers. */
START_TEST(a_quotient_of_random_sums_is_the_nearest_decimal)
{
	for (int round = 0; round < 2000; round++) {
		struct csvr_exact_sum exact;
		char text[CSVR_NUMBER_TEXT_BYTES];
		const uint64_t divisor = 1 + next_random() % (round % 2 == 0 ? 10 : 1000000);
		const unsigned n_after = (unsigned)(next_random() % 10);
		int64_t sum = 0;
		csvr_exact_sum_init(&exact);
		for (int i = 0; i < 3; i++) {
			const int64_t value = (int64_t)(next_random() % 2000000000000000) -
					      1000000000000000;
			add(&exact, value, -6);
			sum += value;
		}
		__int128 scale = 1;
		for (unsigned i = 0; i < n_after; i++)
			scale *= 10;
		/* |sum| scale / (10^6 divisor) */
		const __int128 numerator = (sum < 0 ? -(__int128)sum : sum) * scale;
		const __int128 denominator = (__int128)divisor * 1000000;
		__int128 units = numerator / denominator;
		const __int128 rest = numerator % denominator;
		if (2 * rest > denominator || (2 * rest == denominator && units % 2 != 0))
			units++;
		char expected[64];
		const uint64_t before = (uint64_t)(units / scale),
			       after = (uint64_t)(units % scale);
		snprintf(expected, sizeof expected, n_after > 0 ? "%s%llu.%0*llu" : "%s%llu",
			 sum < 0 && units > 0 ? "-" : "", (unsigned long long)before, (int)n_after,
			 (unsigned long long)after);
		csvr_exact_sum_fixed(&exact, divisor, n_after, text);
		ck_assert_str_eq(text, expected);
		csvr_exact_sum_clear(&exact);
	}
}
END_TEST

START_TEST(a_sum_of_nothing_is_zero)
{
	struct csvr_exact_sum exact;
	csvr_exact_sum_init(&exact);
	ck_assert(csvr_exact_sum_value(&exact) == 0);
	add(&exact, 5, -3);
	csvr_exact_sum_reset(&exact);
	ck_assert(csvr_exact_sum_value(&exact) == 0);
	csvr_exact_sum_clear(&exact);
}
END_TEST

static const struct csvr_quantity_stats *numbers_of(const struct csvr_column *column)
{
	return &column->quantities[CSVR_QUANTITY_NUMBER];
}

/* |values| below 2^28, 2^55 and 10^18 take different paths in batch_sums_template.h. */
static const uint64_t limits[] = { 1000, 1u << 28, UINT64_C(1) << 55, CSVR_EXACT_LIMIT };

static void assert_batch(const struct csvr_batch_kernels *kernels, uint64_t limit, bool is_largest)
{
	int64_t values[CSVR_MAX_BATCH];
	struct csvr_column batch, single;
	struct csvr_batch_sums sums;
	csvr_column_init(&batch);
	csvr_column_init(&single);
	size_t n = next_random() % CSVR_MAX_BATCH + 1;
	for (size_t i = 0; i < n; i++) {
		/* The largest values, whose sums would overflow first. */
		uint64_t m = is_largest ? limit - 1 : next_random() % limit;
		bool is_negative = next_random() % 2 == 0;
		values[i] = is_negative ? -(int64_t)m : (int64_t)m;
		ck_assert_int_eq(csvr_column_add(&single, CSVR_CELL_NUMBER,
						 &(struct csvr_number){ &m, 1, -4, is_negative,
									CSVR_QUANTITY_NUMBER, 0 }),
				 CSVR_OK);
	}
	kernels->sum(values, n, &sums);
	const struct csvr_batch numbers = {
		.values = values, .n_values = n, .scale = 4, .sums = &sums, .kernels = kernels
	};
	ck_assert_int_eq(csvr_column_add_batch(&batch, CSVR_CELL_NUMBER, &numbers), CSVR_OK);
	ck_assert_uint_eq(batch.cells[CSVR_CELL_NUMBER], n);
	ck_assert(numbers_of(&batch)->min.value == numbers_of(&single)->min.value &&
		  numbers_of(&batch)->max.value == numbers_of(&single)->max.value);
	ck_assert(numbers_of(&batch)->exact.sums[0] == numbers_of(&single)->exact.sums[0]);
	for (int word = 0; word < 3; word++)
		ck_assert_uint_eq(numbers_of(&batch)->exact.squares[0].word[word],
				  numbers_of(&single)->exact.squares[0].word[word]);
	csvr_column_clear(&batch);
	csvr_column_clear(&single);
}

START_TEST(a_batch_equals_its_values_added_one_by_one)
{
	const char *kernel;
	bool is_usable;
	for (size_t k = 0; (kernel = csvr_kernel_name(k, &is_usable)) != NULL; k++)
		for (int round = 0; round < 200 && is_usable; round++)
			assert_batch(csvr_batch_kernels_for(kernel), limits[_i], round % 2 == 0);
}
END_TEST

/* One IEEE division of two doubles that are exact, for any instruction set. */
START_TEST(the_doubles_of_a_batch_are_the_nearest)
{
	static const double powers_of_ten[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
						1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
						1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
	const int64_t limit = INT64_C(1) << CSVR_DOUBLES_BITS;
	const char *kernel;
	bool is_usable;
	for (size_t k = 0; (kernel = csvr_kernel_name(k, &is_usable)) != NULL; k++)
		for (int round = 0; round < 200 && is_usable; round++) {
			int64_t values[CSVR_MAX_BATCH];
			double doubles[CSVR_MAX_BATCH + 1];
			const size_t n = next_random() % CSVR_MAX_BATCH + 1;
			for (size_t i = 0; i < n; i++) {
				values[i] = (int64_t)(next_random() >> (13 + next_random() % 51));
				values[i] = next_random() % 64 == 0 ? limit - 1 : values[i];
				values[i] = next_random() % 2 == 0 ? -values[i] : values[i];
			}
			doubles[n] = 7;
			csvr_batch_kernels_for(kernel)->to_doubles(values, n, (unsigned)_i,
								   doubles);
			ck_assert(doubles[n] == 7);
			for (size_t i = 0; i < n; i++) {
				const double expected = (double)values[i] / powers_of_ten[_i];
				ck_assert_mem_eq(&doubles[i], &expected, sizeof expected);
			}
		}
}
END_TEST

START_TEST(merging_in_any_order_gives_the_same_sums)
{
	enum { N = 40 };
	struct csvr_exact_sum part[N], forward, backward;
	csvr_exact_sum_init(&forward);
	csvr_exact_sum_init(&backward);
	for (int i = 0; i < N; i++) {
		csvr_exact_sum_init(&part[i]);
		for (int k = 0; k < 5; k++)
			add(&part[i], (int64_t)(next_random() % 2000000) - 1000000,
			    (int)(next_random() % 80) - 40);
	}
	for (int i = 0; i < N; i++) {
		csvr_exact_sum_merge(&forward, &part[i]);
		csvr_exact_sum_merge(&backward, &part[N - 1 - i]);
	}
	ck_assert(csvr_exact_sum_value(&forward) == csvr_exact_sum_value(&backward));
	ck_assert(csvr_exact_sum_stddev(&forward, 5 * N, 1) ==
		  csvr_exact_sum_stddev(&backward, 5 * N, 1));
	for (int i = 0; i < N; i++)
		csvr_exact_sum_clear(&part[i]);
	csvr_exact_sum_clear(&forward);
	csvr_exact_sum_clear(&backward);
}
END_TEST

START_TEST(the_square_of_a_long_number_is_exact)
{
	/* 10^18 + 1 and -(10^18 + 1): mean 0, sum of squares 2 (10^36 + 2 10^18 + 1). */
	struct csvr_exact_sum exact;
	csvr_exact_sum_init(&exact);
	const uint64_t part[] = { 1, 1 };
	ck_assert_int_eq(csvr_exact_sum_add(&exact, 0, part, 2, false), CSVR_OK);
	ck_assert_int_eq(csvr_exact_sum_add(&exact, 0, part, 2, true), CSVR_OK);
	ck_assert(csvr_exact_sum_value(&exact) == 0);
	ck_assert(csvr_exact_sum_stddev(&exact, 2, 0) == 1000000000000000001.0);
	csvr_exact_sum_clear(&exact);
}
END_TEST

START_TEST(a_constant_column_has_no_deviation)
{
	struct csvr_exact_sum exact;
	csvr_exact_sum_init(&exact);
	for (int i = 0; i < 1000; i++)
		add(&exact, 100000001, -1);
	ck_assert(csvr_exact_sum_stddev(&exact, 1000, 1) == 0);
	ck_assert(csvr_exact_sum_variance(&exact, 1000, 1) == 0);
	csvr_exact_sum_clear(&exact);
}
END_TEST

START_TEST(min_and_max_of_zeros_are_positive_zero)
{
	struct csvr_column column;
	csvr_column_init(&column);
	const uint64_t zero = 0, tiny = 1;
	csvr_column_add(&column, CSVR_CELL_NUMBER,
			&(struct csvr_number){ &zero, 1, 0, true, CSVR_QUANTITY_NUMBER, 0 });
	csvr_column_add(&column, CSVR_CELL_NUMBER,
			&(struct csvr_number){ &tiny, 1, -1000, true, CSVR_QUANTITY_NUMBER, 0 });
	ck_assert(!signbit(numbers_of(&column)->min.value) && numbers_of(&column)->min.value == 0);
	ck_assert(!signbit(numbers_of(&column)->max.value) && numbers_of(&column)->max.value == 0);
	csvr_column_clear(&column);
}
END_TEST

START_TEST(minima_and_maxima_of_adjacent_doubles_are_exact)
{
	/* Adjacent doubles in ascending and descending order, added one by one. */
	struct csvr_column column;
	csvr_column_init(&column);
	uint64_t part = 12345678901234567;
	double least = 0.12345678901234567, greatest = least;
	for (int i = 0; i < 2000; i++) {
		uint64_t p = part + (uint64_t)(i % 2 == 0 ? i : -i);
		csvr_column_add(&column, CSVR_CELL_NUMBER,
				&(struct csvr_number){ &p, 1, -17, false, CSVR_QUANTITY_NUMBER,
						       0 });
	}
	for (int i = 0; i < 2000; i++) {
		char text[40];
		snprintf(text, sizeof text, "0.%llu",
			 (unsigned long long)(part + (uint64_t)(i % 2 == 0 ? i : -i)));
		double value = strtod(text, NULL);
		least = value < least ? value : least;
		greatest = value > greatest ? value : greatest;
	}
	ck_assert(numbers_of(&column)->min.value == least &&
		  numbers_of(&column)->max.value == greatest);
	csvr_column_clear(&column);
}
END_TEST

/* The most bins, each as wide as it can be: a forged state. All values are finite or inf. */
START_TEST(the_widest_bins_of_a_forged_state_fit_the_integers)
{
	struct csvr_exact_sum exact;
	csvr_exact_sum_init(&exact);
	ck_assert_int_eq(csvr_exact_sum_reserve(&exact, CSVR_EXACT_MIN_EXPONENT,
						CSVR_EXACT_MAX_EXPONENT + 1),
			 CSVR_OK);
	for (size_t i = 0; i < exact.sum_range.n; i++)
		exact.sums[i] = (__int128)(~(unsigned __int128)0 >> 1);
	for (size_t i = 0; i < exact.square_range.n; i++)
		memset(&exact.squares[i], 0xff, sizeof exact.squares[i]);
	/* cv^2 = n (n squares / sum^2 - 1) / (n - 1), and squares / sum^2 is about
	 * 0.9 * 2^192 * 10^620 / (2^127 * 10^310)^2 = 0.9 / 2^62. */
	ck_assert(csvr_exact_sum_sem(&exact, UINT64_MAX) >= 0);
	ck_assert(csvr_exact_sum_cv(&exact, UINT64_MAX) > 1);
	ck_assert(csvr_exact_sum_cv(&exact, UINT64_MAX) < 2);
	ck_assert(!csvr_exact_sum_is_zero(&exact));
	csvr_exact_sum_clear(&exact);
}
END_TEST

START_TEST(the_coefficient_of_variation_does_not_depend_on_the_unit)
{
	/* 1 and 3 times 10^k: variance 2, mean 2; cv = sqrt(1/2), sem = 1. */
	for (int exponent = CSVR_EXACT_MIN_EXPONENT; exponent <= 308; exponent += 16) {
		struct csvr_exact_sum exact;
		csvr_exact_sum_init(&exact);
		add(&exact, -1, exponent);
		add(&exact, -3, exponent);
		ck_assert(csvr_exact_sum_cv(&exact, 2) == 0x1.6a09e667f3bcdp-1);
		add(&exact, 4, exponent);
		ck_assert(csvr_exact_sum_is_zero(&exact));
		csvr_exact_sum_clear(&exact);
	}
}
END_TEST

START_TEST(the_standard_error_is_rounded_from_the_exact_sums)
{
	struct csvr_exact_sum exact;
	csvr_exact_sum_init(&exact);
	add(&exact, 1000000000000000 - 1, -2);
	add(&exact, 1000000000000000 + 1, -2);
	ck_assert(csvr_exact_sum_sem(&exact, 2) == 0.01);
	add(&exact, 1000000000000000, -2);
	/* variance 0.0001, divided by 3 */
	ck_assert(csvr_exact_sum_sem(&exact, 3) == 0.005773502691896258);
	csvr_exact_sum_clear(&exact);
}
END_TEST

/* Only a forged state has a sum of squares that is too small for its sum. */
START_TEST(a_forged_sum_of_squares_gives_no_deviation)
{
	struct csvr_exact_sum exact;
	csvr_exact_sum_init(&exact);
	add(&exact, 3, 0);
	add(&exact, 5, 0);
	exact.squares[0].word[0] = 1; /* not 9 + 25 */
	ck_assert(csvr_exact_sum_variance(&exact, 2, 1) == 0);
	ck_assert(csvr_exact_sum_stddev(&exact, 2, 0) == 0);
	ck_assert(csvr_exact_sum_sem(&exact, 2) == 0);
	ck_assert(csvr_exact_sum_cv(&exact, 2) == 0);
	csvr_exact_sum_clear(&exact);
}
END_TEST

/* ---- digits and scaled means, against 128-bit integers ---- */

/* Random integers of units of 10^-9, 10^-6, 1 and 10^3; the sum in units of 10^-9. */
static __int128 add_random(struct csvr_exact_sum *exact, unsigned n, uint64_t limit)
{
	static const int exponents[] = { -9, -6, 0, 3 };
	__int128 total = 0;
	for (unsigned i = 0; i < n; i++) {
		const int exponent = exponents[next_random() % 4];
		const int64_t magnitude = (int64_t)(next_random() % limit);
		const int64_t value = next_random() % 2 == 0 ? magnitude : -magnitude;
		add(exact, value, exponent);
		__int128 scaled = value;
		for (int place = -9; place < exponent; place++)
			scaled *= 10;
		total += scaled;
	}
	return total;
}

/* numerator / denominator, ties to even. */
static __int128 divide_to_even(__int128 numerator, __int128 denominator)
{
	const __int128 magnitude = numerator < 0 ? -numerator : numerator;
	__int128 quotient = magnitude / denominator;
	const __int128 rest = 2 * (magnitude % denominator);
	if (rest > denominator || (rest == denominator && quotient % 2 == 1))
		quotient++;
	return numerator < 0 ? -quotient : quotient;
}

START_TEST(a_scaled_mean_is_rounded_to_even)
{
	for (int round = 0; round < 20000; round++) {
		struct csvr_exact_sum exact;
		csvr_exact_sum_init(&exact);
		/* Few small numbers make ties. */
		const bool is_small = round % 2 == 0;
		const unsigned n = 1 + (unsigned)(next_random() % (is_small ? 4 : 50));
		const __int128 total = add_random(&exact, n, is_small ? 1000 : 1000000000000);
		const uint64_t count = is_small ? n * 500 : n;
		ck_assert(csvr_exact_sum_mean_scaled(&exact, count, 9) ==
			  divide_to_even(total, count));
		ck_assert(csvr_exact_sum_mean_scaled(&exact, count, 6) ==
			  divide_to_even(total, (__int128)count * 1000));
		ck_assert(csvr_exact_sum_mean_scaled(&exact, count, 0) ==
			  divide_to_even(total, (__int128)count * 1000000000));
		ck_assert(csvr_exact_sum_mean_scaled(&exact, count, 12) ==
			  divide_to_even(total * 1000, count));
		csvr_exact_sum_clear(&exact);
	}
}
END_TEST

START_TEST(a_tie_of_a_scaled_mean_goes_to_the_even_neighbour)
{
	static const struct {
		int64_t sum; /* in units of 10^-7 */
		int mean; /* in units of 10^-6 */
	} ties[] = { { 5, 0 },    { 15, 2 },   { 25, 2 },   { 35, 4 }, { -5, 0 },
		     { -15, -2 }, { -25, -2 }, { 6, 1 },    { 4, 0 },  { 16, 2 },
		     { 14, 1 },   { -6, -1 },  { -14, -1 }, { 0, 0 } };
	for (size_t i = 0; i < sizeof ties / sizeof ties[0]; i++) {
		struct csvr_exact_sum exact;
		csvr_exact_sum_init(&exact);
		add(&exact, ties[i].sum, -7);
		ck_assert(csvr_exact_sum_mean_scaled(&exact, 1, 6) == ties[i].mean);
		/* A digit far behind decides. */
		add(&exact, 1, -300);
		ck_assert(csvr_exact_sum_mean_scaled(&exact, 1, 6) >= ties[i].mean);
		csvr_exact_sum_clear(&exact);
	}
}
END_TEST

START_TEST(the_digits_of_a_sum_are_all_of_them)
{
	for (int round = 0; round < 20000; round++) {
		struct csvr_exact_sum exact;
		struct csvr_digits found;
		char digits[64] = "";
		csvr_exact_sum_init(&exact);
		const __int128 total = add_random(&exact, 1 + (unsigned)(next_random() % 20),
						  next_random() % 3 == 0 ? 10 : 1000000000000000);
		ck_assert(csvr_exact_sum_digits(&exact, &found));
		/* From the last digit to the first. */
		unsigned __int128 rest = (unsigned __int128)(total < 0 ? -total : total);
		int n_zeros = 0, n = 0;
		for (; rest != 0 && rest % 10 == 0; rest /= 10)
			n_zeros++;
		for (; rest != 0; rest /= 10, n++) {
			memmove(digits + 1, digits, (size_t)n);
			digits[0] = (char)('0' + (int)(rest % 10));
		}
		ck_assert_str_eq(found.digit, total == 0 ? "0" : digits);
		ck_assert_int_eq(found.n_digits, total == 0 ? 1 : n);
		ck_assert_int_eq(found.power, total == 0 ? 1 : n + n_zeros - 9);
		ck_assert_int_eq(found.is_negative, total < 0);
		csvr_exact_sum_clear(&exact);
	}
}
END_TEST

START_TEST(a_sum_of_more_than_forty_digits_has_none)
{
	struct csvr_exact_sum exact;
	struct csvr_digits digits;
	csvr_exact_sum_init(&exact);
	add(&exact, 1, 39);
	add(&exact, 7, 0);
	ck_assert(csvr_exact_sum_digits(&exact, &digits));
	ck_assert_str_eq(digits.digit, "1000000000000000000000000000000000000007");
	ck_assert_int_eq(digits.power, 40);
	add(&exact, 1, -1);
	ck_assert(!csvr_exact_sum_digits(&exact, &digits));
	add(&exact, 1, 300);
	ck_assert(!csvr_exact_sum_digits(&exact, &digits));
	add(&exact, -1, 39);
	add(&exact, -7, 0);
	add(&exact, -1, -1);
	ck_assert(csvr_exact_sum_digits(&exact, &digits));
	ck_assert_str_eq(digits.digit, "1");
	ck_assert_int_eq(digits.power, 301);
	csvr_exact_sum_clear(&exact);
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *exact = tcase_create("exact");
	tcase_set_timeout(exact, 120);
	tcase_add_test(exact, numbers_that_cancel_leave_the_exact_rest);
	tcase_add_test(exact, a_negative_total_is_negative);
	tcase_add_loop_test(exact, a_quotient_is_rounded_once_to_any_digit, 0,
			    (int)(sizeof fixed / sizeof fixed[0]));
	tcase_add_test(exact, a_quotient_of_random_sums_is_the_nearest_decimal);
	tcase_add_test(exact, a_sum_of_nothing_is_zero);
	tcase_add_loop_test(exact, a_batch_equals_its_values_added_one_by_one, 0,
			    (int)(sizeof limits / sizeof limits[0]));
	tcase_add_loop_test(exact, the_doubles_of_a_batch_are_the_nearest, 0, 23);
	tcase_add_test(exact, merging_in_any_order_gives_the_same_sums);
	tcase_add_test(exact, the_square_of_a_long_number_is_exact);
	tcase_add_test(exact, a_constant_column_has_no_deviation);
	tcase_add_test(exact, min_and_max_of_zeros_are_positive_zero);
	tcase_add_test(exact, minima_and_maxima_of_adjacent_doubles_are_exact);
	tcase_add_test(exact, the_widest_bins_of_a_forged_state_fit_the_integers);
	tcase_add_test(exact, the_coefficient_of_variation_does_not_depend_on_the_unit);
	tcase_add_test(exact, the_standard_error_is_rounded_from_the_exact_sums);
	tcase_add_test(exact, a_forged_sum_of_squares_gives_no_deviation);
	tcase_add_test(exact, a_scaled_mean_is_rounded_to_even);
	tcase_add_test(exact, a_tie_of_a_scaled_mean_goes_to_the_even_neighbour);
	tcase_add_test(exact, the_digits_of_a_sum_are_all_of_them);
	tcase_add_test(exact, a_sum_of_more_than_forty_digits_has_none);
	suite_add_tcase(suite, exact);
}

int main(void)
{
	return check_main("exact", add_cases);
}
