/* test_pairs.c - exact sums of pairs of columns, and Pearson's correlation from them
 *
 * Sums are compared by their encoding, which is a pure function of the totals. Expected correlations are
 * known by algebra, or from exact integers in 128 bits.
 */
#include <float.h>
#include <math.h>
#include <string.h>

#include "check_main.h"
#include "random.h"
#include "stats/pairs.h"

enum { N_ROWS = 300 };

/* A decimal: the sum of part[i] 10^(exponent + 18 i). */
struct decimal {
	uint64_t part[3];
	size_t n_parts;
	int exponent;
	bool is_negative;
};

static void add_row(struct csvr_pair *pair, const struct decimal *x, const struct decimal *y)
{
	uint64_t x_parts[4], y_parts[4];
	const struct csvr_positioned a = csvr_position_number(x->part, x->n_parts, x->exponent,
							      x->is_negative, x_parts);
	const struct csvr_positioned b = csvr_position_number(y->part, y->n_parts, y->exponent,
							      y->is_negative, y_parts);
	ck_assert_int_eq(csvr_pair_add_row(pair, &a, &b), CSVR_OK);
}

static struct decimal decimal_of(int64_t value, int exponent)
{
	return (struct decimal){ .part = { (uint64_t)(value < 0 ? -value : value) },
				 .n_parts = 1,
				 .exponent = exponent,
				 .is_negative = value < 0 };
}

static void add_integers(struct csvr_pair *pair, int64_t x, int64_t y)
{
	const struct decimal a = decimal_of(x, 0), b = decimal_of(y, 0);
	add_row(pair, &a, &b);
}

/* Adds rows [from, to) of integers times 10^exponent as one batch. */
static void add_batch(struct csvr_pair *pair, const int64_t *x, const int64_t *y, size_t n,
		      int x_exponent, int y_exponent)
{
	struct csvr_pair_batch batch = { .n = n,
					 .x_exponent = x_exponent,
					 .y_exponent = y_exponent };
	for (size_t i = 0; i < n; i++) {
		batch.x += x[i];
		batch.y += y[i];
		batch.xx += (unsigned __int128)((__int128)x[i] * x[i]);
		batch.yy += (unsigned __int128)((__int128)y[i] * y[i]);
		csvr_wide_add_signed(&batch.xy, (__int128)x[i] * y[i]);
	}
	ck_assert_int_eq(csvr_pair_add_batch(pair, &batch), CSVR_OK);
}

static struct csvr_encoder encode(const struct csvr_pair *pair)
{
	struct csvr_encoder encoder;
	csvr_encoder_init(&encoder);
	csvr_pair_encode(pair, &encoder);
	ck_assert(!encoder.is_out_of_memory);
	return encoder;
}

static void assert_same(const struct csvr_pair *a, const struct csvr_pair *b)
{
	struct csvr_encoder left = encode(a), right = encode(b);
	ck_assert_uint_eq(left.n_bytes, right.n_bytes);
	ck_assert_mem_eq(left.bytes, right.bytes, left.n_bytes);
	csvr_encoder_clear(&left);
	csvr_encoder_clear(&right);
}

static void assert_correlation(const struct csvr_pair *pair, double expected)
{
	double found = 0;
	bool is_defined;
	ck_assert_int_eq(csvr_pair_correlation(pair, &is_defined, &found), CSVR_OK);
	ck_assert(is_defined == !isnan(expected));
	ck_assert_msg(!is_defined || found == expected, "%.17g expected, %.17g found", expected,
		      found);
}

static double correlation_of(const struct csvr_pair *pair)
{
	double found = NAN;
	bool is_defined;
	ck_assert_int_eq(csvr_pair_correlation(pair, &is_defined, &found), CSVR_OK);
	return is_defined ? found : NAN;
}

/* ---- sums ---- */

/* Up to three parts, any exponent that a cell can have. */
static struct decimal random_decimal(void)
{
	static const int exponents[] = { 0, -2, -17, -18, -19, 7, 30, -36, -300, 250, -1100 };
	struct decimal number = { .n_parts = next_random() % 4 == 0 ? next_random() % 3 + 1 : 1,
				  .is_negative = next_random() % 2 == 0 };
	number.exponent = exponents[next_random() % (sizeof exponents / sizeof exponents[0])];
	for (size_t i = 0; i < number.n_parts; i++)
		number.part[i] = next_random() % 8 == 0 ? CSVR_EXACT_LIMIT - 1
							: next_random() % CSVR_EXACT_LIMIT;
	return number;
}

static uint64_t limit_of(int round)
{
	static const uint64_t limits[] = { 10, UINT64_C(1) << 20, UINT64_C(1) << 31,
					   CSVR_EXACT_LIMIT };
	return limits[round % 4];
}

static int64_t random_value(uint64_t limit)
{
	const int64_t value = (int64_t)(next_random() % 4 == 0 ? limit - 1 : next_random() % limit);
	return next_random() % 2 == 0 ? value : -value;
}

START_TEST(batches_equal_their_rows)
{
	int64_t x[N_ROWS], y[N_ROWS];
	for (int round = 0; round < 200; round++) {
		struct csvr_pair batches = { 0 }, rows = { 0 };
		for (size_t i = 0; i < N_ROWS; i++) {
			x[i] = random_value(limit_of(round));
			y[i] = random_value(limit_of(round / 4));
		}
		for (size_t i = 0, n; i < N_ROWS; i += n) {
			/* Changing exponents move sums from the recent ones to the others. */
			const int x_exponent = -(int)(next_random() % 3), y_exponent = -18;
			n = next_random() % 100 + 1;
			n = n < N_ROWS - i ? n : N_ROWS - i;
			add_batch(&batches, x + i, y + i, n, x_exponent, y_exponent);
			for (size_t k = i; k < i + n; k++) {
				const struct decimal a = decimal_of(x[k], x_exponent);
				const struct decimal b = decimal_of(y[k], y_exponent);
				add_row(&rows, &a, &b);
			}
		}
		ck_assert_uint_eq(batches.n, N_ROWS);
		assert_same(&batches, &rows);
		csvr_pair_clear(&batches);
		csvr_pair_clear(&rows);
	}
}
END_TEST

START_TEST(the_notation_of_a_number_does_not_change_the_sums)
{
	struct csvr_pair a = { 0 }, b = { 0 };
	const struct decimal half = decimal_of(5, -1), also_half = decimal_of(500000000, -9);
	const struct decimal big = decimal_of(12, 40), also_big = { { 0, 0, 120000 }, 3, 0, false };
	add_row(&a, &half, &big);
	add_row(&a, &big, &half);
	add_row(&b, &also_half, &also_big);
	add_row(&b, &also_big, &also_half);
	assert_same(&a, &b);
	csvr_pair_clear(&a);
	csvr_pair_clear(&b);
}
END_TEST

START_TEST(rows_can_be_merged_in_any_grouping_and_order)
{
	struct decimal x[N_ROWS], y[N_ROWS];
	for (int round = 0; round < 60; round++) {
		enum { N_PARTS = 4 };
		struct csvr_pair whole = { 0 }, part[N_PARTS] = { 0 };
		for (size_t i = 0; i < N_ROWS; i++) {
			x[i] = round % 2 == 0 ? random_decimal()
					      : decimal_of(random_value(1000), -2);
			y[i] = round % 3 == 0 ? random_decimal()
					      : decimal_of(random_value(1000), 0);
			add_row(&whole, &x[i], &y[i]);
			add_row(&part[next_random() % N_PARTS], &x[i], &y[i]);
		}
		const int64_t few[] = { 3, -4 };
		add_batch(&whole, few, few, 2, -2, -3);
		add_batch(&part[round % N_PARTS], few, few, 2, -2, -3);
		add_batch(&whole, few + 1, few, 1, -5, -3);
		add_batch(&part[(round + 1) % N_PARTS], few + 1, few, 1, -5, -3);
		for (size_t i = 1; i < N_PARTS; i++) {
			const size_t to = next_random() % i;
			ck_assert_int_eq(csvr_pair_merge(&part[to], &part[i], false), CSVR_OK);
			csvr_pair_reset(&part[i]);
		}
		struct csvr_pair merged = { 0 };
		for (size_t i = N_PARTS; i-- > 0;)
			ck_assert_int_eq(csvr_pair_merge(&merged, &part[i], false), CSVR_OK);
		assert_same(&whole, &merged);
		ck_assert_double_eq(correlation_of(&whole), correlation_of(&merged));
		csvr_pair_clear(&merged);
		csvr_pair_clear(&whole);
		for (size_t i = 0; i < N_PARTS; i++)
			csvr_pair_clear(&part[i]);
	}
}
END_TEST

START_TEST(a_pair_can_be_swapped)
{
	struct csvr_pair pair = { 0 }, swapped = { 0 }, merged = { 0 };
	const int64_t x[] = { 1, 5, 12 }, y[] = { 70, 8, -9 };
	add_batch(&pair, x, y, 3, -1, -4);
	add_batch(&swapped, y, x, 3, -4, -1);
	for (int i = 0; i < 20; i++) {
		const struct decimal a = random_decimal(), b = random_decimal();
		add_row(&pair, &a, &b);
		add_row(&swapped, &b, &a);
	}
	ck_assert_int_eq(csvr_pair_merge(&merged, &pair, true), CSVR_OK);
	assert_same(&merged, &swapped);
	ck_assert_double_eq(correlation_of(&pair), correlation_of(&swapped));
	csvr_pair_swap(&pair);
	assert_same(&pair, &swapped);
	csvr_pair_clear(&pair);
	csvr_pair_clear(&swapped);
	csvr_pair_clear(&merged);
}
END_TEST

START_TEST(encoding_and_decoding_changes_nothing)
{
	for (int round = 0; round < 40; round++) {
		struct csvr_pair pair = { 0 }, copy = { 0 };
		for (int i = 0; i < round; i++) {
			const struct decimal a = random_decimal(), b = random_decimal();
			add_row(&pair, &a, &b);
		}
		struct csvr_encoder bytes = encode(&pair);
		struct csvr_decoder decoder = { bytes.bytes, bytes.bytes + bytes.n_bytes, false };
		ck_assert_int_eq(csvr_pair_decode(&copy, &decoder, (uint64_t)round), CSVR_OK);
		ck_assert_uint_eq(csvr_decoder_remaining(&decoder), 0);
		assert_same(&pair, &copy);
		csvr_pair_clear(&copy);
		/* There are not as many numbers. */
		struct csvr_pair refused = { 0 };
		decoder = (struct csvr_decoder){ bytes.bytes, bytes.bytes + bytes.n_bytes, false };
		if (round > 0)
			ck_assert_int_eq(csvr_pair_decode(&refused, &decoder, (uint64_t)round - 1),
					 CSVR_INVALID_FILE);
		csvr_pair_clear(&refused);
		csvr_encoder_clear(&bytes);
		csvr_pair_clear(&pair);
	}
}
END_TEST

START_TEST(sums_that_no_rows_have_are_refused)
{
	static const unsigned char states[][12] = {
		{ 9, 1, 1, 0, 0, 5, 0, 0, 0, 0 }, /* x is 5, its squares are 0 */
		{ 9, 1, 0, 0, 0, 1, 1, 0, 4, 0 }, /* the squares of y are -4 */
		{ 9, 1, 1, 0, 0, 0, 0, 0, 0, 0 }, /* a group of 0 */
		{ 2, 1, 0 }, /* truncated */
	};
	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
		struct csvr_pair pair = { 0 };
		struct csvr_decoder decoder = { states[i] + 1, states[i] + 1 + states[i][0],
						false };
		ck_assert_int_eq(csvr_pair_decode(&pair, &decoder, 1), CSVR_INVALID_FILE);
		csvr_pair_clear(&pair);
	}
}
END_TEST

/* ---- correlations ---- */

START_TEST(a_linear_relation_has_correlation_one)
{
	for (int round = 0; round < 200; round++) {
		struct csvr_pair rising = { 0 }, falling = { 0 };
		for (int i = 0; i < 9; i++) {
			const int64_t x = random_value(round % 2 == 0 ? 100 : UINT64_C(1) << 40);
			add_integers(&rising, x, 7 * x + 12345);
			add_integers(&falling, x, -3 * x);
		}
		if (!isnan(correlation_of(&rising))) {
			assert_correlation(&rising, 1);
			assert_correlation(&falling, -1);
		}
		csvr_pair_clear(&rising);
		csvr_pair_clear(&falling);
	}
}
END_TEST

START_TEST(correlations_are_rounded_once)
{
	/* r^2 = C^2 / (A B) is a square here, or its root is known: C, A, B by hand. */
	struct csvr_pair pair = { 0 };
	add_integers(&pair, 0, 0);
	add_integers(&pair, 1, 1);
	add_integers(&pair, 2, 0);
	assert_correlation(&pair, 0); /* C = 0 */
	add_integers(&pair, 3, 3);
	assert_correlation(&pair, 0.7302967433402214); /* C = 16, A = 20, B = 24: sqrt(8 / 15) */
	csvr_pair_clear(&pair);
	struct csvr_pair half = { 0 };
	add_integers(&half, 1, 1);
	add_integers(&half, 1, 0);
	add_integers(&half, 0, 1);
	assert_correlation(&half, -0.5);
	csvr_pair_clear(&half);
}
END_TEST

START_TEST(correlations_agree_with_integers)
{
	for (int round = 0; round < 500; round++) {
		struct csvr_pair pair = { 0 };
		__int128 n = 0, sx = 0, sy = 0, sxx = 0, syy = 0, sxy = 0;
		for (size_t i = next_random() % 50 + 2; i > 0; i--) {
			const int64_t x = random_value(1000), y = random_value(1000) + x;
			add_integers(&pair, x, y);
			n++, sx += x, sy += y, sxx += x * x, syy += y * y, sxy += x * y;
		}
		const __int128 c = n * sxy - sx * sy, a = n * sxx - sx * sx, b = n * syy - sy * sy;
		const double found = correlation_of(&pair);
		if (a == 0 || b == 0) {
			ck_assert(isnan(found));
		} else {
			/* In double arithmetic: a few roundings. */
			const double expected = sqrt((double)(c * c) / (double)(a * b));
			ck_assert_double_le(fabs(fabs(found) - expected), 4 * DBL_EPSILON);
			ck_assert(c == 0 || (found < 0) == (c < 0));
			ck_assert_double_le(fabs(found), 1);
		}
		csvr_pair_clear(&pair);
	}
}
END_TEST

START_TEST(units_and_offsets_do_not_change_a_correlation)
{
	for (int round = 0; round < 100; round++) {
		struct csvr_pair plain = { 0 }, moved = { 0 };
		for (int i = 0; i < 12; i++) {
			const int64_t x = random_value(1000), y = random_value(1000);
			add_integers(&plain, x, y);
			/* 1e17 + x in units of 1e-900, and y in units of 1e200 */
			const struct decimal a = decimal_of(100000000000000000 + x, -900);
			const struct decimal b = decimal_of(y, 200);
			add_row(&moved, &a, &b);
		}
		ck_assert_double_eq(correlation_of(&plain), correlation_of(&moved));
		csvr_pair_clear(&plain);
		csvr_pair_clear(&moved);
	}
}
END_TEST

START_TEST(a_correlation_needs_two_rows_and_two_values_of_each_column)
{
	struct csvr_pair pair = { 0 };
	assert_correlation(&pair, NAN);
	add_integers(&pair, 3, 4);
	assert_correlation(&pair, NAN);
	add_integers(&pair, 3, 9);
	assert_correlation(&pair, NAN);
	add_integers(&pair, 5, 9);
	assert_correlation(&pair, 0.5);
	csvr_pair_clear(&pair);
}
END_TEST

/* Digits that cancel in the sums, but not in the sum of products. */
START_TEST(sums_that_cancel_leave_the_digits_of_the_products)
{
	struct csvr_pair pair = { 0 };
	const struct decimal tiny = decimal_of(1, -1000), minus = decimal_of(-1, -1000);
	const struct decimal zero = decimal_of(0, 0), huge = decimal_of(1, 300);
	add_row(&pair, &tiny, &huge);
	add_row(&pair, &minus, &zero);
	assert_correlation(&pair, 1);
	csvr_pair_clear(&pair);
}
END_TEST

START_TEST(forged_sums_give_a_correlation_within_bounds)
{
	/* n = 2, x = 0, y = 0, xx = 1, yy = 1, xy = -1000 */
	static const unsigned char bytes[] = { 2, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 1, 1, 0, 0xe8, 7 };
	struct csvr_pair pair = { 0 };
	struct csvr_decoder decoder = { bytes, bytes + sizeof bytes, false };
	ck_assert_int_eq(csvr_pair_decode(&pair, &decoder, 2), CSVR_OK);
	assert_correlation(&pair, -1);
	csvr_pair_clear(&pair);
}
END_TEST

/* ---- all pairs of some columns ---- */

static void add_to_pair(struct csvr_pairs *pairs, size_t i, size_t j, int64_t x, int64_t y)
{
	add_integers(&pairs->pairs[csvr_pair_index(i, j)], x, y);
}

START_TEST(columns_are_merged_by_number)
{
	enum { N = 5 };
	static const uint32_t new_column[N] = { 3, 0, 4, 1, 2 }, same[N] = { 0, 1, 2, 3, 4 };
	struct csvr_pairs from = { 0 }, into = { 0 }, expected = { 0 };
	for (uint32_t i = 0; i < N; i++) {
		ck_assert_int_eq(csvr_pairs_add_column(&from, i), CSVR_OK);
		ck_assert_int_eq(csvr_pairs_add_column(&expected, i), CSVR_OK);
	}
	ck_assert_int_eq(csvr_pairs_add_column(&into, 4), CSVR_OK);
	for (size_t j = 1; j < N; j++) {
		for (size_t i = 0; i < j; i++) {
			const size_t a = new_column[i], b = new_column[j];
			const int64_t x = random_value(1000), y = random_value(1000);
			add_to_pair(&from, i, j, x, y);
			add_to_pair(&expected, a < b ? a : b, a < b ? b : a, a < b ? x : y,
				    a < b ? y : x);
		}
	}
	ck_assert_int_eq(csvr_pairs_merge(&into, &from, new_column), CSVR_OK);
	ck_assert_uint_eq(into.n_columns, N);
	ck_assert_int_eq(csvr_pairs_renumber(&into, same), CSVR_OK);
	for (uint32_t j = 1; j < N; j++) {
		ck_assert_uint_eq(into.columns[j], j);
		for (size_t i = 0; i < j; i++)
			assert_same(&into.pairs[csvr_pair_index(i, j)],
				    &expected.pairs[csvr_pair_index(i, j)]);
	}
	csvr_pairs_clear(&from);
	csvr_pairs_clear(&into);
	csvr_pairs_clear(&expected);
}
END_TEST

START_TEST(reset_pairs_have_no_rows)
{
	struct csvr_pairs pairs = { 0 };
	const struct csvr_pair empty = { 0 };
	for (uint32_t round = 0; round < 2; round++) {
		for (uint32_t i = 0; i < 3; i++)
			ck_assert_int_eq(csvr_pairs_add_column(&pairs, i), CSVR_OK);
		for (size_t i = 0; i < csvr_pairs_count(&pairs); i++) {
			assert_same(&pairs.pairs[i], &empty);
			add_integers(&pairs.pairs[i], 5, 6);
		}
		csvr_pairs_reset(&pairs);
		ck_assert_uint_eq(pairs.n_columns, 0);
	}
	csvr_pairs_clear(&pairs);
}
END_TEST

START_TEST(each_kernel_multiplies_alike)
{
	const char *kernel;
	bool is_usable;
	for (size_t k = 0; (kernel = csvr_kernel_name(k, &is_usable)) != NULL; k++) {
		for (int round = 0; round < 600 && is_usable; round++) {
			int64_t x[CSVR_MAX_BATCH], y[CSVR_MAX_BATCH], expected = 0;
			const size_t n = next_random() % CSVR_MAX_BATCH + 1;
			/* The products add up to less than 2^63. */
			const uint64_t limit = round % 2 == 0 ? UINT64_C(1) << 31 : 1000;
			const uint64_t other = round % 2 == 0 ? UINT64_C(1) << 24 : 5;
			for (size_t i = 0; i < n; i++) {
				x[i] = random_value(limit);
				y[i] = random_value(other);
				expected += x[i] * y[i];
			}
			ck_assert_int_eq(csvr_batch_kernels_for(kernel)->sum_products(x, y, n),
					 expected);
		}
	}
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *sums = tcase_create("sums"), *correlations = tcase_create("correlations");
	TCase *columns = tcase_create("columns");
	tcase_add_test(sums, batches_equal_their_rows);
	tcase_add_test(sums, the_notation_of_a_number_does_not_change_the_sums);
	tcase_add_test(sums, rows_can_be_merged_in_any_grouping_and_order);
	tcase_add_test(sums, a_pair_can_be_swapped);
	tcase_add_test(sums, encoding_and_decoding_changes_nothing);
	tcase_add_test(sums, sums_that_no_rows_have_are_refused);
	tcase_add_test(sums, each_kernel_multiplies_alike);
	suite_add_tcase(suite, sums);
	tcase_add_test(correlations, a_linear_relation_has_correlation_one);
	tcase_add_test(correlations, correlations_are_rounded_once);
	tcase_add_test(correlations, correlations_agree_with_integers);
	tcase_add_test(correlations, units_and_offsets_do_not_change_a_correlation);
	tcase_add_test(correlations, a_correlation_needs_two_rows_and_two_values_of_each_column);
	tcase_add_test(correlations, sums_that_cancel_leave_the_digits_of_the_products);
	tcase_add_test(correlations, forged_sums_give_a_correlation_within_bounds);
	suite_add_tcase(suite, correlations);
	tcase_add_test(columns, columns_are_merged_by_number);
	tcase_add_test(columns, reset_pairs_have_no_rows);
	suite_add_tcase(suite, columns);
}

int main(void)
{
	return check_main("pairs", add_cases);
}
