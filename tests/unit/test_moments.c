/* test_moments.c - exact sums of third and fourth powers, and skewness and kurtosis from them
 *
 * Expected sums are computed with csvr_bigint, expected values by hand.
 */
#include <math.h>
#include <string.h>

#include "check_main.h"
#include "column_value.h"
#include "random.h"
#include "stats/power_sum.h"
#include "stats/statistics.h"

static const struct csvr_aggregate *moments(void)
{
	return csvr_statistic_find("skewness", 8)->needs;
}

static void open_column(struct csvr_column *column)
{
	const char *const names[] = { "skewness" };
	const struct csvr_statistic_options options = { .names = { names, 1 } };
	csvr_column_init(column);
	ck_assert_int_eq(csvr_column_collect(column, csvr_collection_of(&options)), CSVR_OK);
}

static void add_part(struct csvr_column *column, uint64_t part, int exponent, bool is_negative)
{
	ck_assert_int_eq(csvr_column_add(column, CSVR_CELL_NUMBER,
					 &(struct csvr_number){ &part, 1, exponent, is_negative,
								CSVR_QUANTITY_NUMBER, 0 }),
			 CSVR_OK);
}

static void add_batch(struct csvr_column *column, const int64_t *values, size_t n, unsigned scale,
		      const char *kernel)
{
	struct csvr_batch_sums sums;
	const struct csvr_batch batch = { .values = values,
					  .n_values = n,
					  .scale = scale,
					  .sums = &sums,
					  .kernels = csvr_batch_kernels_for(kernel) };
	csvr_batch_kernels_for("scalar")->sum(values, n, &sums);
	ck_assert_int_eq(csvr_column_add_batch(column, CSVR_CELL_NUMBER, &batch), CSVR_OK);
}

static struct csvr_encoder encode(const struct csvr_column *column)
{
	struct csvr_encoder encoder;
	csvr_encoder_init(&encoder);
	moments()->encode(csvr_collected_state(column->collected, moments()), &encoder);
	return encoder;
}

static void assert_same_state(const struct csvr_column *a, const struct csvr_column *b)
{
	struct csvr_encoder left = encode(a), right = encode(b);
	ck_assert_uint_eq(left.n_bytes, right.n_bytes);
	ck_assert_mem_eq(left.bytes, right.bytes, left.n_bytes);
	csvr_encoder_clear(&left);
	csvr_encoder_clear(&right);
}

static struct csvr_value value_of(const struct csvr_column *column, const char *name)
{
	return column_value(column, csvr_statistic_find(name, strlen(name)), 1);
}

static void assert_real(const struct csvr_column *column, const char *name, double expected)
{
	const struct csvr_value value = value_of(column, name);
	ck_assert_int_eq(value.kind, CSVR_VALUE_REAL);
	ck_assert_msg(value.real == expected && signbit(value.real) == signbit(expected),
		      "%s: %.17g expected, %.17g found", name, expected, value.real);
}

/* ---- sums ---- */

/* Values below 2^27, 2^30 and 10^18 take different paths. */
static void assert_batch(const char *kernel, int round)
{
	static const int64_t limits[] = { INT64_C(1) << 27, (INT64_C(1) << 27) + 1,
					  INT64_C(1) << 30, (INT64_C(1) << 30) + 1,
					  INT64_C(1) << 32, CSVR_EXACT_LIMIT };
	int64_t values[CSVR_MAX_BATCH];
	const int64_t limit = limits[round % 6];
	const size_t n = round % 4 != 0 ? CSVR_MAX_BATCH : next_random() % CSVR_MAX_BATCH + 1;
	const unsigned scale = (unsigned)(next_random() % 19);
	const uint64_t signs = round % 5 == 0 ? 0 : round % 5 == 1 ? UINT64_MAX : next_random();
	struct csvr_column batch, numbers;
	open_column(&batch);
	open_column(&numbers);
	for (size_t i = 0; i < n; i++) {
		values[i] = limit - 1 -
			    (int64_t)(next_random() % 2) *
				    (int64_t)(i % 3 * (size_t)(round % 7 != 0));
		values[i] = (signs >> i % 64 & 1) != 0 ? -values[i] : values[i];
		add_part(&numbers, (uint64_t)(values[i] < 0 ? -values[i] : values[i]), -(int)scale,
			 values[i] < 0);
	}
	add_batch(&batch, values, n, scale, kernel);
	assert_same_state(&batch, &numbers);
	csvr_column_clear(&batch);
	csvr_column_clear(&numbers);
}

START_TEST(batches_of_the_largest_values_equal_their_numbers)
{
	const char *kernel;
	bool is_usable;
	for (size_t k = 0; (kernel = csvr_kernel_name(k, &is_usable)) != NULL; k++)
		for (int round = 0; round < 600 && is_usable; round++)
			assert_batch(kernel, round);
}
END_TEST

START_TEST(the_scale_of_a_number_does_not_change_the_state)
{
	struct csvr_column a, b;
	open_column(&a);
	open_column(&b);
	add_part(&a, 15, -1, true);
	add_part(&b, 15000, -4, true);
	add_part(&a, 7, 20, false);
	add_part(&b, 70000000000000000, 4, false);
	assert_same_state(&a, &b);
	/* Numbers that cancel leave no trace in the cubes. */
	add_part(&a, 3, -300, false);
	add_part(&a, 3, -300, true);
	add_part(&b, 3, -300, true);
	add_part(&b, 3, -300, false);
	assert_same_state(&a, &b);
	csvr_column_clear(&a);
	csvr_column_clear(&b);
}
END_TEST

/* Sets `wide` to the sum of part[i] * 10^(18 i). */
static void set_parts(struct csvr_bigint *wide, const uint64_t *part, size_t n_parts)
{
	csvr_bigint_set(wide, 0);
	for (size_t i = n_parts; i-- > 0;)
		csvr_bigint_scale(wide, CSVR_GROUP, part[i]);
}

START_TEST(powers_of_long_numbers_are_exact)
{
	for (int round = 0; round < 300; round++) {
		struct csvr_wide_integer value, square, cube;
		struct csvr_power_sum sum = { 0 };
		struct csvr_bigint wide, product, expected, total;
		int exponent;
		bool is_negative;
		value.n = next_random() % 25 + 1;
		for (size_t i = 0; i < value.n; i++)
			value.group[i] = round % 2 == 0 ? CSVR_GROUP - 1
							: next_random() % CSVR_GROUP;
		value.group[value.n - 1] |= 1;
		csvr_wide_integer_multiply(&square, &value, &value);
		csvr_wide_integer_multiply(&cube, &square, &value);
		const int added_at = (int)(next_random() % 2000) - 1000;
		ck_assert_int_eq(csvr_power_sum_add(&sum, &cube, added_at, round % 3 == 0),
				 CSVR_OK);
		ck_assert_int_eq(csvr_power_sum_add(&sum, &cube, added_at, round % 3 == 0),
				 CSVR_OK);
		set_parts(&wide, value.group, value.n);
		csvr_bigint_multiply(&product, &wide, &wide);
		csvr_bigint_multiply(&expected, &product, &wide);
		csvr_bigint_scale(&expected, 2, 0);
		csvr_power_sum_total(&sum, &total, &exponent, &is_negative);
		if (exponent < added_at)
			csvr_bigint_scale_ten(&expected, (unsigned)(added_at - exponent));
		else
			csvr_bigint_scale_ten(&total, (unsigned)(exponent - added_at));
		ck_assert_int_eq(csvr_bigint_compare(&total, &expected), 0);
		ck_assert_int_eq(is_negative, round % 3 == 0);
		csvr_power_sum_clear(&sum);
	}
}
END_TEST

START_TEST(groups_are_the_digits_of_a_number)
{
	struct csvr_wide_integer number;
	csvr_wide_integer_set(&number, 0);
	ck_assert_uint_eq(number.n, 0);
	csvr_wide_integer_set(&number, ~(unsigned __int128)0); /* 2^128 - 1 */
	ck_assert_uint_eq(number.n, 3);
	ck_assert_uint_eq(number.group[0], 374607431768211455);
	ck_assert_uint_eq(number.group[1], 282366920938463463);
	ck_assert_uint_eq(number.group[2], 340);
	csvr_wide_integer_set(&number, CSVR_GROUP);
	csvr_wide_integer_scale(&number, CSVR_GROUP, CSVR_GROUP - 1);
	ck_assert_uint_eq(number.n, 3);
	ck_assert_uint_eq(number.group[0], CSVR_GROUP - 1);
	ck_assert_uint_eq(number.group[1], 0);
	ck_assert_uint_eq(number.group[2], 1);
	csvr_wide_integer_scale(&number, 0, 0);
	ck_assert_uint_eq(number.n, 0);
}
END_TEST

/* ---- values ---- */

START_TEST(values_do_not_depend_on_the_magnitude)
{
	/* {0, 0, x} has skewness sqrt(3), {0, 0, 0, x} has 2 and kurtosis 4, for any x. */
	static const int exponents[] = { -1100, -324, -18, 0, 17, 290, 307 };
	for (size_t i = 0; i < sizeof exponents / sizeof exponents[0]; i++) {
		for (int is_negative = 0; is_negative < 2; is_negative++) {
			const double sign = is_negative ? -1 : 1;
			struct csvr_column column;
			open_column(&column);
			add_part(&column, 7, exponents[i], is_negative);
			add_part(&column, 0, 0, false);
			ck_assert_int_eq(value_of(&column, "skewness").kind, CSVR_VALUE_NONE);
			add_part(&column, 0, 0, false);
			assert_real(&column, "skewness", sign * 0x1.bb67ae8584caap0);
			ck_assert_int_eq(value_of(&column, "kurtosis").kind, CSVR_VALUE_NONE);
			add_part(&column, 0, 0, false);
			assert_real(&column, "skewness", sign * 2);
			assert_real(&column, "kurtosis", 4);
			csvr_column_clear(&column);
		}
	}
}
END_TEST

START_TEST(a_symmetric_column_has_no_skewness)
{
	struct csvr_column column;
	open_column(&column);
	for (uint64_t i = 1; i <= 5; i++)
		add_part(&column, 1000000000000000 + i, 0, true);
	assert_real(&column, "skewness", 0.0);
	assert_real(&column, "kurtosis", -1.2);
	csvr_column_clear(&column);
}
END_TEST

START_TEST(equal_numbers_have_neither)
{
	struct csvr_column column;
	open_column(&column);
	for (int i = 0; i < 10; i++)
		add_part(&column, 3, -1, false);
	ck_assert_int_eq(value_of(&column, "skewness").kind, CSVR_VALUE_NONE);
	ck_assert_int_eq(value_of(&column, "kurtosis").kind, CSVR_VALUE_NONE);
	csvr_column_clear(&column);
}
END_TEST

/* ---- forged states ---- */

/* The bytes of a sum of `n` groups from `position`, all equal to `group` but for the ends. */
static void put_sum(struct csvr_encoder *encoder, size_t n, bool is_negative, int position,
		    uint64_t low, uint64_t group, uint64_t high)
{
	csvr_encoder_put_varint(encoder, n);
	if (n == 0)
		return;
	csvr_encoder_put_varint(encoder, is_negative);
	csvr_encoder_put_zigzag(encoder, position);
	for (size_t i = 0; i < n; i++)
		csvr_encoder_put_varint(encoder, i == n - 1 ? high : i == 0 ? low : group);
}

static void assert_decodes(struct csvr_encoder *encoder, uint64_t n_numbers, bool is_valid)
{
	const uint64_t cells[CSVR_N_CELL_CLASSES] = { [CSVR_CELL_NUMBER] = n_numbers };
	struct csvr_decoder decoder = { encoder->bytes, encoder->bytes + encoder->n_bytes, false };
	_Alignas(16) unsigned char bytes[256] = { 0 };
	ck_assert_uint_le(moments()->state_bytes, sizeof bytes);
	const enum csvr_status status = moments()->decode(bytes, &decoder, cells);
	ck_assert_int_eq(status == CSVR_OK && !decoder.is_bad, is_valid);
	moments()->clear(bytes);
	csvr_encoder_clear(encoder);
	csvr_encoder_init(encoder);
}

START_TEST(a_forged_state_is_refused)
{
	const uint64_t most = CSVR_GROUP - 1;
	struct csvr_encoder e;
	csvr_encoder_init(&e);
	put_sum(&e, 1, true, 0, 1, 1, 1), put_sum(&e, 1, false, 0, 1, 1, 1);
	assert_decodes(&e, 1, true);
	/* Sums without numbers; cubes without fourth powers; negative fourth powers. */
	put_sum(&e, 1, true, 0, 1, 1, 1), put_sum(&e, 1, false, 0, 1, 1, 1);
	assert_decodes(&e, 0, false);
	put_sum(&e, 1, true, 0, 1, 1, 1), put_sum(&e, 0, false, 0, 0, 0, 0);
	assert_decodes(&e, 1, false);
	put_sum(&e, 0, false, 0, 0, 0, 0), put_sum(&e, 1, true, 0, 1, 1, 1);
	assert_decodes(&e, 1, false);
	/* A group of more than 18 digits; zeros at the ends. */
	put_sum(&e, 1, false, 0, 1, 1, most + 1), put_sum(&e, 1, false, 0, 1, 1, 1);
	assert_decodes(&e, 1, false);
	put_sum(&e, 2, false, 0, 0, 1, 1), put_sum(&e, 1, false, 0, 1, 1, 1);
	assert_decodes(&e, 1, false);
	put_sum(&e, 2, false, 0, 1, 1, 0), put_sum(&e, 1, false, 0, 1, 1, 1);
	assert_decodes(&e, 1, false);
	/* Positions at the limits, and past them. */
	put_sum(&e, 240, true, -184, most, most, most),
		put_sum(&e, 319, false, -245, 1, most, most);
	assert_decodes(&e, 1, true);
	put_sum(&e, 240, true, -185, most, most, most), put_sum(&e, 319, false, -245, 1, 0, most);
	assert_decodes(&e, 1, false);
	put_sum(&e, 240, true, -184, most, most, most), put_sum(&e, 319, false, -244, 1, 0, most);
	assert_decodes(&e, 1, false);
	put_sum(&e, 241, true, -184, most, most, most), put_sum(&e, 319, false, -245, 1, 0, most);
	assert_decodes(&e, 1, false);
}
END_TEST

/* The largest sums that a state can contain, whatever they contradict: the integers of the values
 * stay within CSVR_BIGINT_LIMBS. Sanitizers see it if they do not. */
START_TEST(the_largest_forged_sums_have_values)
{
	enum { N_BINS = CSVR_EXACT_MAX_EXPONENT - CSVR_EXACT_MIN_EXPONENT + 1 };
	const uint64_t most = CSVR_GROUP - 1;
	for (int signs = 0; signs < 8; signs++) {
		struct csvr_column column;
		struct csvr_encoder e;
		csvr_encoder_init(&e);
		open_column(&column);
		put_sum(&e, 240, (signs & 1) != 0, -184, most, most, most);
		put_sum(&e, 319, false, -245, most, most, most);
		struct csvr_decoder decoder = { e.bytes, e.bytes + e.n_bytes, false };
		column.cells[CSVR_CELL_NUMBER] = (signs & 4) != 0 ? UINT64_MAX : 4;
		ck_assert_int_eq(moments()->decode((void *)(uintptr_t)csvr_collected_state(
							   column.collected, moments()),
						   &decoder, column.cells),
				 CSVR_OK);
		ck_assert_int_eq(csvr_exact_sum_reserve(
					 &column.quantities[CSVR_QUANTITY_NUMBER].exact,
					 CSVR_EXACT_MIN_EXPONENT, CSVR_EXACT_MAX_EXPONENT + 1),
				 CSVR_OK);
		for (int i = 0; i < N_BINS; i++) {
			const __int128 bin = (__int128)UINT64_MAX * CSVR_EXACT_LIMIT;
			column.quantities[CSVR_QUANTITY_NUMBER].exact.sums[i] = (signs & 2) != 0
											? -bin
											: bin;
		}
		memset(column.quantities[CSVR_QUANTITY_NUMBER].exact.squares, 0xff,
		       column.quantities[CSVR_QUANTITY_NUMBER].exact.square_range.n *
			       sizeof *column.quantities[CSVR_QUANTITY_NUMBER].exact.squares);
		ck_assert(!isnan(value_of(&column, "skewness").real));
		ck_assert(!isnan(value_of(&column, "kurtosis").real));
		csvr_column_clear(&column);
		csvr_encoder_clear(&e);
	}
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *sums = tcase_create("sums");
	tcase_add_test(sums, batches_of_the_largest_values_equal_their_numbers);
	tcase_add_test(sums, the_scale_of_a_number_does_not_change_the_state);
	tcase_add_test(sums, powers_of_long_numbers_are_exact);
	tcase_add_test(sums, groups_are_the_digits_of_a_number);
	suite_add_tcase(suite, sums);
	TCase *values = tcase_create("values");
	tcase_add_test(values, values_do_not_depend_on_the_magnitude);
	tcase_add_test(values, a_symmetric_column_has_no_skewness);
	tcase_add_test(values, equal_numbers_have_neither);
	suite_add_tcase(suite, values);
	TCase *forged = tcase_create("forged");
	tcase_add_test(forged, a_forged_state_is_refused);
	tcase_add_test(forged, the_largest_forged_sums_have_values);
	suite_add_tcase(suite, forged);
}

int main(void)
{
	return check_main("moments", add_cases);
}
