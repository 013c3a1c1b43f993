/* test_sample.c - the sample of distinct values: canonical values, the estimate, forged states */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/decimal_to_double.h"
#include "check_main.h"
#include "random.h"
#include "stats/sample_internal.h"
#include "stats/sample_value.h"

enum { K = CSVR_SAMPLE_VALUES };

/* Adds a batch of one value, as csvr_collected_add_batch does. */
static void add_batch_of(struct csvr_sample *sample, enum csvr_quantity quantity, int64_t value,
			 unsigned scale)
{
	const struct csvr_batch_kernels *kernels = csvr_batch_kernels_for("scalar");
	struct csvr_batch_sums sums;
	double doubles[1];
	kernels->sum(&value, 1, &sums);
	kernels->to_doubles(&value, 1, scale, doubles);
	struct csvr_batch batch = { &value, 1, scale, quantity, &sums, kernels, doubles };
	if (!csvr_batch_is_below(&batch, INT64_C(1) << CSVR_DOUBLES_BITS))
		batch.doubles = NULL;
	ck_assert_int_eq(csvr_sample_add_batch(sample, &batch), CSVR_OK);
}

static void add_batch(struct csvr_sample *sample, int64_t value, unsigned scale)
{
	add_batch_of(sample, CSVR_QUANTITY_NUMBER, value, scale);
}

static void add_parts(struct csvr_sample *sample, const uint64_t *part, size_t n_parts,
		      int exponent, bool is_negative)
{
	const struct csvr_number number = {
		part, n_parts, exponent, is_negative, CSVR_QUANTITY_NUMBER, 0
	};
	ck_assert_int_eq(csvr_sample_add_numbers(sample, &number, 1), CSVR_OK);
}

/* A value of a quantity, by `part` of a batch or as one number. */
static void add_quantity(struct csvr_sample *sample, enum csvr_quantity quantity, int64_t value,
			 unsigned scale, bool is_batch)
{
	const uint64_t part = (uint64_t)(value < 0 ? -value : value);
	const struct csvr_number number = { &part, 1, -(int)scale, value < 0, quantity, 0 };
	if (is_batch)
		add_batch_of(sample, quantity, value, scale);
	else
		ck_assert_int_eq(csvr_sample_add_numbers(sample, &number, 1), CSVR_OK);
}

static void add_part(struct csvr_sample *sample, uint64_t part, int exponent)
{
	add_parts(sample, &part, 1, exponent, false);
}

static void add_text(struct csvr_sample *sample, const char *text, size_t n_bytes)
{
	ck_assert_int_eq(csvr_sample_add_texts(sample,
					       &(struct csvr_text){ (const unsigned char *)text,
								    (uint32_t)n_bytes, 1 },
					       1),
			 CSVR_OK);
}

static uint64_t distinct(const struct csvr_sample *sample)
{
	bool is_approximate;
	return csvr_sample_distinct(sample, UINT64_MAX, &is_approximate);
}

static void assert_same(struct csvr_sample *a, struct csvr_sample *b)
{
	struct csvr_encoder left, right;
	ck_assert_int_eq(csvr_sample_settle(a), CSVR_OK);
	ck_assert_int_eq(csvr_sample_settle(b), CSVR_OK);
	csvr_encoder_init(&left);
	csvr_encoder_init(&right);
	csvr_sample_encode(a, &left);
	csvr_sample_encode(b, &right);
	ck_assert_uint_eq(left.n_bytes, right.n_bytes);
	ck_assert_mem_eq(left.bytes, right.bytes, left.n_bytes);
	csvr_encoder_clear(&left);
	csvr_encoder_clear(&right);
}

/* ---- canonical values ---- */

START_TEST(a_number_is_one_value_at_every_scale)
{
	static const int64_t integers[] = { 0, 1, -1, 15, -999, 123456789012345 };
	static const uint64_t power_of_ten[] = { 1, 10, 100, 1000 };
	for (size_t i = 0; i < sizeof integers / sizeof integers[0]; i++) {
		struct csvr_sample one = { 0 }, other = { 0 };
		const int64_t value = integers[i];
		const uint64_t part = (uint64_t)(value < 0 ? -value : value);
		for (unsigned zeros = 0; zeros < 4; zeros++) {
			add_batch(&one, value * (int64_t)power_of_ten[zeros], 2 + zeros);
			const uint64_t longer = part * power_of_ten[zeros];
			add_parts(&other, &longer, 1, -2 - (int)zeros, value < 0);
		}
		ck_assert_uint_eq(distinct(&one), 1);
		assert_same(&one, &other);
		csvr_sample_clear(&one);
		csvr_sample_clear(&other);
	}
}
END_TEST

START_TEST(minus_zero_is_zero)
{
	struct csvr_sample sample = { 0 };
	add_batch(&sample, 0, 0);
	add_batch(&sample, 0, 18);
	add_parts(&sample, (uint64_t[]){ 0 }, 1, 0, true);
	add_parts(&sample, (uint64_t[]){ 0, 0, 0 }, 3, -40, true);
	ck_assert_uint_eq(distinct(&sample), 1);
	csvr_sample_clear(&sample);
}
END_TEST

START_TEST(trailing_zeros_of_long_numbers_do_not_matter)
{
	struct csvr_sample sample = { 0 };
	add_batch(&sample, 100000000000000000, 0);
	add_part(&sample, 1, 17);
	add_parts(&sample, (uint64_t[]){ 0, 100 }, 2, -3, false); /* 100 10^18 10^-3 */
	ck_assert_uint_eq(distinct(&sample), 1);
	add_part(&sample, 1234567890123456, 0);
	add_batch(&sample, 123456789012345600, 2);
	add_parts(&sample, (uint64_t[]){ 0, 1234567890123456 }, 2, -18, false);
	ck_assert_uint_eq(distinct(&sample), 2);
	/* 1 and 36 zeros, then 1: 37 digits */
	add_parts(&sample, (uint64_t[]){ 1, 0, 1 }, 3, 0, false);
	add_parts(&sample, (uint64_t[]){ 1000, 0, 1000 }, 3, -3, false);
	add_parts(&sample, (uint64_t[]){ 0, 1, 0, 1, 0 }, 5, -18, false);
	ck_assert_uint_eq(distinct(&sample), 3);
	add_parts(&sample, (uint64_t[]){ 1, 0, 1 }, 3, 0, true);
	add_parts(&sample, (uint64_t[]){ 1, 0, 1 }, 3, 1, false);
	ck_assert_uint_eq(distinct(&sample), 5);
	csvr_sample_clear(&sample);
}
END_TEST

START_TEST(numbers_that_share_their_nearest_double_are_distinct)
{
	struct csvr_sample sample = { 0 };
	add_batch(&sample, 9007199254740992, 0); /* 2^53 */
	add_batch(&sample, 9007199254740993, 0);
	add_batch(&sample, 10000000000000001, 17); /* 0.10000000000000001 */
	add_batch(&sample, 1, 1);
	add_part(&sample, 1, -400);
	add_part(&sample, 1, -401);
	add_part(&sample, 10, -402);
	ck_assert_uint_eq(distinct(&sample), 6);
	csvr_sample_clear(&sample);
}
END_TEST

START_TEST(texts_are_equal_if_all_their_bytes_are)
{
	struct csvr_sample sample = { 0 };
	char text[2000];
	memset(text, 'a', sizeof text);
	size_t n = 0;
	for (size_t n_bytes = 0; n_bytes < 300; n_bytes++, n++)
		add_text(&sample, text, n_bytes);
	ck_assert_uint_eq(distinct(&sample), n);
	/* Long texts that differ in one byte, wherever it is. */
	for (size_t at = 0; at < sizeof text; at += 97, n++) {
		text[at] = 'b';
		add_text(&sample, text, sizeof text);
		add_text(&sample, text, sizeof text);
		text[at] = 'a';
	}
	ck_assert_uint_eq(distinct(&sample), n);
	add_batch(&sample, 1, 0);
	add_text(&sample, "1", 1);
	ck_assert_uint_eq(distinct(&sample), n + 2);
	csvr_sample_clear(&sample);
}
END_TEST

START_TEST(values_of_different_quantities_are_distinct)
{
	static const int64_t values[] = { 0, 86400, -5, 1234567890123456 };
	struct csvr_sample sample = { 0 };
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
		for (int quantity = 0; quantity < CSVR_N_QUANTITIES; quantity++)
			for (int is_batch = 0; is_batch < 2; is_batch++)
				add_quantity(&sample, (enum csvr_quantity)quantity, values[i], 1,
					     is_batch);
	ck_assert_uint_eq(distinct(&sample), 4 * CSVR_N_QUANTITIES);
	csvr_sample_clear(&sample);
}
END_TEST

/* ---- reading the sample ---- */

/* Of which the last two have the same nearest double. */
START_TEST(a_sample_has_points_in_order_with_exact_counts)
{
	struct csvr_sample sample = { 0 };
	struct csvr_sample_point *points;
	size_t n_points;
	const uint64_t long_part[] = { 1, 1000000000000 }; /* 10^30 + 1 */
	add_parts(&sample, long_part, 2, 0, true);
	add_text(&sample, "text", 4);
	for (int i = 0; i < 3; i++)
		add_batch(&sample, 150, 2);
	add_batch(&sample, -25, 1);
	add_part(&sample, 15, -1);
	add_batch(&sample, 9007199254740993, 0);
	add_batch(&sample, 9007199254740992, 0);
	add_quantity(&sample, CSVR_QUANTITY_DATE, 15, 1, true);
	ck_assert(csvr_sample_is_complete(&sample));
	ck_assert_int_eq(csvr_sample_points(&sample, CSVR_QUANTITY_NUMBER, &points, &n_points),
			 CSVR_OK);
	static const struct csvr_sample_point numbers[] = {
		{ -1e30, 1 }, { -2.5, 1 }, { 1.5, 4 }, { 0x1p53, 2 }
	};
	ck_assert_uint_eq(n_points, 4);
	for (size_t i = 0; i < n_points; i++) {
		ck_assert(points[i].value == numbers[i].value);
		ck_assert_uint_eq(points[i].count, numbers[i].count);
	}
	free(points);
	ck_assert_int_eq(csvr_sample_points(&sample, CSVR_QUANTITY_DATE, &points, &n_points),
			 CSVR_OK);
	ck_assert_uint_eq(n_points, 1);
	ck_assert(points[0].value == 1.5 && points[0].count == 1);
	free(points);
	ck_assert_int_eq(csvr_sample_points(&sample, CSVR_QUANTITY_TIME, &points, &n_points),
			 CSVR_OK);
	ck_assert_uint_eq(n_points, 0);
	free(points);
	csvr_sample_clear(&sample);
}
END_TEST

START_TEST(an_incomplete_sample_has_exact_counts_of_some_values)
{
	enum { N_VALUES = 3 * K };
	struct csvr_sample sample = { 0 };
	struct csvr_sample_point *points;
	size_t n_points;
	for (int copy = 0; copy < 3; copy++)
		for (int64_t i = 0; i < N_VALUES; i++)
			add_batch(&sample, i - K, 1);
	ck_assert(!csvr_sample_is_complete(&sample));
	ck_assert_int_eq(csvr_sample_points(&sample, CSVR_QUANTITY_NUMBER, &points, &n_points),
			 CSVR_OK);
	ck_assert_uint_eq(n_points, K);
	for (size_t i = 0; i < n_points; i++) {
		ck_assert_uint_eq(points[i].count, 3);
		ck_assert(i == 0 || points[i - 1].value < points[i].value);
	}
	free(points);
	csvr_sample_clear(&sample);
}
END_TEST

/* A number of many digits is stored as text, which is shortened. */
START_TEST(a_long_number_has_its_nearest_double)
{
	uint64_t part[80];
	for (size_t n_parts = 2; n_parts <= 78; n_parts++)
		for (int is_negative = 0; is_negative < 2; is_negative++) {
			struct csvr_sample sample = { 0 };
			struct csvr_sample_point *points;
			size_t n_points;
			for (size_t i = 0; i < n_parts; i++)
				part[i] = csvr_sample_mix(n_parts + 80 * i) % 1000000000000000000;
			const int exponent = n_parts < 60 ? -1000 : -1100;
			add_parts(&sample, part, n_parts, exponent, is_negative);
			ck_assert_int_eq(csvr_sample_points(&sample, CSVR_QUANTITY_NUMBER, &points,
							    &n_points),
					 CSVR_OK);
			ck_assert_uint_eq(n_points, 1);
			ck_assert(points[0].value ==
				  csvr_decimal_to_double(part, n_parts, exponent, is_negative));
			free(points);
			csvr_sample_clear(&sample);
		}
}
END_TEST

/* ---- the estimate ---- */

/* Adds the value `index` of a distribution. */
static void add_value(struct csvr_sample *sample, int distribution, uint64_t index, uint64_t offset)
{
	char text[300] = "";
	const uint64_t value = index + offset;
	switch (distribution) {
	case 0: /* identifiers */
		add_batch(sample, (int64_t)value, 0);
		break;
	case 1: /* prices */
		add_batch(sample, (int64_t)value, 2);
		break;
	case 2: /* measurements of 15 digits */
		add_batch(sample, (int64_t)(csvr_sample_mix(value) % 1000000000000000), 12);
		break;
	case 3: /* floats of 17 digits */
		add_batch(sample, (int64_t)(csvr_sample_mix(value) % 1000000000000000000), 18);
		break;
	case 4: /* times in nanoseconds */
		add_batch(sample, (int64_t)(1700000000000000000 / 10 + value * 1000003), 0);
		break;
	case 5: /* long numbers */
		add_parts(sample, (uint64_t[]){ value + 1, 7 }, 2, -20, value % 2 == 0);
		break;
	case 6: /* words */
		add_text(sample, text,
			 (size_t)snprintf(text, sizeof text, "w%llu", (unsigned long long)value));
		break;
	default: /* long texts with a common start */
		memset(text, 'x', sizeof text);
		memcpy(text + 280, &value, sizeof value);
		add_text(sample, text, sizeof text);
	}
}

/* Two standard errors hold about 95% of the estimates, and five all. */
START_TEST(the_estimate_is_within_its_stated_error)
{
	enum { N_TRIALS = 40, N_VALUES = 3 * K };
	int n_outside = 0;
	for (int trial = 0; trial < N_TRIALS; trial++) {
		struct csvr_sample sample = { 0 };
		const uint64_t offset = next_random() % 1000000000;
		for (uint64_t i = 0; i < N_VALUES; i++)
			add_value(&sample, _i, i, offset);
		bool is_approximate;
		const double count = (double)csvr_sample_distinct(&sample, UINT64_MAX,
								  &is_approximate);
		ck_assert(is_approximate);
		/* 1 / sqrt(4095), less the share of the values that are in the sample. */
		const double deviation = (count / N_VALUES - 1) / (1.0 / 64);
		ck_assert(deviation > -5 && deviation < 5);
		n_outside += deviation < -2 || deviation > 2;
		csvr_sample_clear(&sample);
	}
	/* 5% of 40 are 2; more than 8 have a probability of 1 in 4,000. */
	ck_assert_int_le(n_outside, 8);
}
END_TEST

START_TEST(the_count_is_exact_up_to_the_size_of_the_sample)
{
	struct csvr_sample sample = { 0 };
	bool is_approximate;
	for (int64_t i = 0; i < K; i++) {
		add_batch(&sample, i, 1);
		add_batch(&sample, i / 2, 1);
	}
	ck_assert_uint_eq(csvr_sample_distinct(&sample, 2 * K, &is_approximate), K);
	ck_assert(!is_approximate);
	add_batch(&sample, K, 1);
	const uint64_t estimate = csvr_sample_distinct(&sample, 2 * K + 1, &is_approximate);
	ck_assert(is_approximate);
	ck_assert(estimate > K * 0.9 && estimate < K * 1.1);
	/* There are not more distinct values than cells. */
	ck_assert_uint_eq(csvr_sample_distinct(&sample, 5, &is_approximate), 5);
	csvr_sample_clear(&sample);
}
END_TEST

/* ---- order ---- */

/* Numbers and texts of up to 10,000 distinct values, at two scales. */
static void add_cell(struct csvr_sample *sample, uint64_t cell)
{
	const int64_t value = (int64_t)(csvr_sample_mix(cell) % 10000);
	if (cell % 8 == 0)
		add_value(sample, 6 + (int)(cell / 8 % 2), (uint64_t)value, 0);
	else if (cell % 8 == 1)
		add_value(sample, 5, (uint64_t)value, 0);
	else if (cell % 8 == 3)
		add_quantity(sample, (enum csvr_quantity)(cell / 8 % CSVR_N_QUANTITIES), value, 3,
			     cell / 8 % 2 == 0);
	else if (cell % 2 == 0)
		add_batch(sample, value, 3);
	else
		add_batch(sample, value * 100, 5);
}

/* A report gets more columns as files are read, so that samples of several sizes meet. */
START_TEST(the_least_limit_decides_whenever_it_comes)
{
	enum { N_CELLS = 30000, N_PARTS = 6 };
	static const uint32_t limits[] = { K, K / 4, K / 16 };
	for (int round = 0; round < 6; round++) {
		const uint64_t first = next_random() % 1000000, n = N_CELLS >> 2 * (round % 3);
		struct csvr_sample from_start = { 0 }, at_end = { 0 }, merged = { 0 },
				   part[N_PARTS] = { 0 };
		csvr_sample_limit(&from_start, K / 16);
		for (size_t i = 0; i < N_PARTS; i++)
			csvr_sample_limit(&part[i], limits[next_random() % 3]);
		csvr_sample_limit(&part[0], K / 16);
		for (uint64_t i = 0; i < n; i++) {
			struct csvr_sample *random_part = &part[next_random() % N_PARTS];
			add_cell(&from_start, first + i);
			add_cell(&at_end, first + i);
			add_cell(random_part, first + i);
			if (next_random() % 1000 == 0)
				csvr_sample_limit(random_part, limits[next_random() % 3]);
		}
		csvr_sample_limit(&at_end, K / 16);
		for (size_t i = 0; i < N_PARTS; i++)
			ck_assert_int_eq(csvr_sample_merge(&merged, &part[i]), CSVR_OK);
		assert_same(&from_start, &at_end);
		assert_same(&from_start, &merged);
		/* Without the limit it grows again. */
		csvr_sample_reset(&merged);
		for (uint64_t i = 0; i < n; i++)
			add_cell(&merged, first + i);
		csvr_sample_clear(&at_end);
		for (uint64_t i = 0; i < n; i++)
			add_cell(&at_end, first + i);
		assert_same(&at_end, &merged);
		csvr_sample_clear(&from_start);
		csvr_sample_clear(&at_end);
		csvr_sample_clear(&merged);
		for (size_t i = 0; i < N_PARTS; i++)
			csvr_sample_clear(&part[i]);
	}
}
END_TEST

START_TEST(the_state_does_not_depend_on_order_and_merges)
{
	enum { N_CELLS = 60000, N_PARTS = 7 };
	for (int round = 0; round < 6; round++) {
		const uint64_t first = next_random() % 1000000, n = N_CELLS >> 2 * (round % 3);
		struct csvr_sample forward = { 0 }, backward = { 0 }, merged = { 0 },
				   part[N_PARTS] = { 0 };
		for (uint64_t i = 0; i < n; i++) {
			add_cell(&forward, first + i);
			add_cell(&backward, first + n - 1 - i);
			add_cell(&part[next_random() % N_PARTS], first + i);
		}
		assert_same(&forward, &backward);
		ck_assert_int_eq(csvr_sample_merge(&part[1], &part[0]), CSVR_OK);
		ck_assert_int_eq(csvr_sample_merge(&part[3], &part[2]), CSVR_OK);
		ck_assert_int_eq(csvr_sample_merge(&merged, &part[3]), CSVR_OK);
		for (size_t i = N_PARTS; i-- > 4;)
			ck_assert_int_eq(csvr_sample_merge(&merged, &part[i]), CSVR_OK);
		ck_assert_int_eq(csvr_sample_merge(&part[1], &merged), CSVR_OK);
		assert_same(&forward, &part[1]);
		/* An empty sample changes nothing. */
		struct csvr_sample empty = { 0 };
		ck_assert_int_eq(csvr_sample_merge(&part[1], &empty), CSVR_OK);
		assert_same(&forward, &part[1]);
		csvr_sample_clear(&forward);
		csvr_sample_clear(&backward);
		csvr_sample_clear(&merged);
		for (size_t i = 0; i < N_PARTS; i++)
			csvr_sample_clear(&part[i]);
	}
}
END_TEST

/* Random integers of about `n_distinct` values, some of more than 15 digits, in batches of random sizes. The
 * scale changes, but not the values. */
static void add_batches(struct csvr_sample *by_batch, struct csvr_sample *by_number,
			const struct csvr_batch_kernels *kernels, uint64_t n_distinct)
{
	static const int64_t power_of_ten[] = { 1, 10, 100, 1000 };
	int64_t values[CSVR_MAX_BATCH];
	double doubles[CSVR_MAX_BATCH];
	for (int i = 0; i < 200; i++) {
		const size_t n = next_random() % CSVR_MAX_BATCH + 1;
		const unsigned zeros = next_random() % 4;
		const bool is_long = i % 16 == 15, is_constant = i % 16 == 14;
		for (size_t k = 0; k < n; k++) {
			const int64_t value = (int64_t)(next_random() % n_distinct) -
					      (int64_t)n_distinct / 3;
			values[k] = is_constant && k > 0
					    ? values[0]
					    : (value + (is_long ? 999999999999999 : 0)) *
						      (is_long ? 1 : power_of_ten[zeros]);
			const uint64_t part = (uint64_t)(values[k] < 0 ? -values[k] : values[k]);
			const int exponent = -2 - (is_long ? 0 : (int)zeros);
			add_parts(by_number, &part, 1, exponent, values[k] < 0);
		}
		struct csvr_batch_sums sums;
		kernels->sum(values, n, &sums);
		const unsigned scale = 2 + (is_long ? 0 : zeros);
		kernels->to_doubles(values, n, scale, doubles);
		const struct csvr_batch batch = { values, n,       scale,  CSVR_QUANTITY_NUMBER,
						  &sums,  kernels, doubles };
		ck_assert_int_eq(csvr_sample_add_batch(by_batch, &batch), CSVR_OK);
	}
}

START_TEST(batches_of_any_kernel_and_size_give_the_sample_of_their_numbers)
{
	static const uint64_t n_distinct[] = { 5, 300, 4000, 6000, 1000000 };
	const char *kernel;
	bool is_usable;
	for (size_t k = 0; (kernel = csvr_kernel_name(k, &is_usable)) != NULL; k++) {
		struct csvr_sample by_batch = { 0 }, by_number = { 0 };
		if (!is_usable)
			continue;
		add_batches(&by_batch, &by_number, csvr_batch_kernels_for(kernel), n_distinct[_i]);
		assert_same(&by_batch, &by_number);
		/* Merged into itself by vectors: the same values, with counts that are twice as large. */
		struct csvr_sample merged = { 0 };
		ck_assert_int_eq(csvr_sample_merge(&merged, &by_batch), CSVR_OK);
		ck_assert_int_eq(csvr_sample_merge(&merged, &by_number), CSVR_OK);
		ck_assert_int_eq(csvr_sample_merge(&by_batch, &by_number), CSVR_OK);
		assert_same(&merged, &by_batch);
		csvr_sample_clear(&merged);
		csvr_sample_clear(&by_batch);
		csvr_sample_clear(&by_number);
	}
}
END_TEST

/* What one sample has makes values useless in another. */
START_TEST(a_sample_that_inherits_gives_the_same_sample_when_merged)
{
	enum { N_FILES = 5, N_CELLS = 20000 };
	struct csvr_sample all = { 0 }, merged = { 0 }, file = { 0 };
	for (int i = 0; i < N_FILES; i++) {
		csvr_sample_reset(&file);
		if (i == 3)
			csvr_sample_limit(&merged, K / 4);
		csvr_sample_inherit(&file, &merged);
		for (uint64_t cell = 0; cell < N_CELLS; cell++) {
			add_cell(&all, (uint64_t)i * N_CELLS + cell);
			add_cell(&file, (uint64_t)i * N_CELLS + cell);
		}
		ck_assert_int_eq(csvr_sample_merge(&merged, &file), CSVR_OK);
		if (i == 3)
			csvr_sample_limit(&all, K / 4);
		assert_same(&all, &merged);
	}
	csvr_sample_clear(&all);
	csvr_sample_clear(&merged);
	csvr_sample_clear(&file);
}
END_TEST

/* The doubles whose mixed bits are 0 and 1 have the same hash. No batch has them, but numbers that are added one by
 * one, and states can. */
START_TEST(the_two_doubles_of_one_hash_are_distinct)
{
	const enum csvr_quantity quantity = (enum csvr_quantity)_i;
	/* The second is the inverse of the mix of 1. */
	const uint64_t bits[] = { csvr_sample_salt(quantity),
				  csvr_sample_double_of_hash(1, quantity) };
	struct csvr_sample sample = { 0 };
	for (int i = 0; i < 3; i++) {
		double value;
		memcpy(&value, &bits[i % 2], sizeof value);
		ck_assert(fabs(value) < 1e-100 || fabs(value) > 1e100);
		const struct csvr_sample_value one = { .hash = csvr_sample_hash_double(bits[i % 2],
										       quantity),
						       .quantity = quantity,
						       .word = bits[i % 2] };
		ck_assert_uint_eq(one.hash, CSVR_AMBIGUOUS_HASH);
		ck_assert_int_eq(csvr_sample_add(&sample, &one, 1), CSVR_OK);
	}
	ck_assert_uint_eq(distinct(&sample), 2);
	csvr_sample_clear(&sample);
}
END_TEST

/* ---- the table of keys ---- */

/* A count that follows from the key; that of one key in four does not fit into 32 bits. */
static uint64_t count_of(uint64_t key)
{
	return key % 4 == 0 ? key << 32 | key : key;
}

/* Adds keys, most of which collide, and drops some of them. */
START_TEST(a_table_of_keys_keeps_what_is_not_dropped)
{
	for (int round = 0; round < 200; round++) {
		const uint32_t n_slots = CSVR_FIRST_SLOTS << round % 6;
		const uint64_t max_key = next_random() % 1000000, multiplier = next_random() | 1;
		struct csvr_key_table table = { 0 };
		uint64_t keys[CSVR_FIRST_SLOTS << 5];
		uint32_t n = 0, n_kept = 0;
		size_t slot;
		ck_assert_int_eq(csvr_key_table_resize(&table, n_slots, multiplier), CSVR_OK);
		for (; n < n_slots - 1; n++) {
			do
				keys[n] = next_random() % 1000000 + 1;
			while (csvr_key_table_find(&table, keys[n], &slot));
			ck_assert_int_eq(csvr_key_table_insert(&table, keys[n], count_of(keys[n])),
					 CSVR_OK);
		}
		if (round % 2 == 0)
			ck_assert_int_eq(csvr_key_table_resize(&table, 2 * n_slots, multiplier),
					 CSVR_OK);
		csvr_key_table_drop(&table, max_key);
		for (uint32_t i = 0; i < n; i++) {
			const bool is_kept = csvr_key_table_find(&table, keys[i], &slot);
			ck_assert(is_kept == (keys[i] <= max_key));
			ck_assert(!is_kept ||
				  csvr_key_table_count_at(&table, slot) == count_of(keys[i]));
			n_kept += is_kept;
		}
		ck_assert_uint_eq(table.n_keys, n_kept);
		csvr_key_table_clear(&table);
	}
}
END_TEST

/* By values that are added often, by merges, and after values were dropped. */
START_TEST(counts_do_not_overflow)
{
	enum { N_VALUES = 2 * K };
	struct csvr_sample sample = { 0 }, merged = { 0 };
	struct csvr_sample_point *points;
	size_t n_points;
	const uint64_t count = UINT32_MAX - 1;
	for (uint64_t i = 1; i <= N_VALUES; i++) {
		const struct csvr_number number = { &i, 1, 0, false, CSVR_QUANTITY_NUMBER, 0 };
		ck_assert_int_eq(csvr_sample_add_numbers(&sample, &number, count), CSVR_OK);
		ck_assert_int_eq(csvr_sample_add_numbers(&sample, &number, i), CSVR_OK);
	}
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(csvr_sample_merge(&merged, &sample), CSVR_OK);
	ck_assert_int_eq(csvr_sample_points(&merged, CSVR_QUANTITY_NUMBER, &points, &n_points),
			 CSVR_OK);
	ck_assert_uint_eq(n_points, K);
	for (size_t i = 0; i < n_points; i++)
		ck_assert_uint_eq(points[i].count, 3 * (count + (uint64_t)points[i].value));
	free(points);
	csvr_sample_clear(&sample);
	csvr_sample_clear(&merged);
}
END_TEST

/* ---- states ---- */

static enum csvr_status decode_cells(const struct csvr_encoder *bytes,
				     const uint64_t cells[CSVR_N_CELL_CLASSES],
				     struct csvr_sample *sample)
{
	struct csvr_decoder decoder = { bytes->bytes, bytes->bytes + bytes->n_bytes, false };
	memset(sample, 0, sizeof *sample);
	enum csvr_status status = csvr_sample_decode(sample, &decoder, cells);
	if (status == CSVR_OK && (decoder.is_bad || decoder.at != decoder.end))
		status = CSVR_INVALID_FILE;
	return status;
}

static enum csvr_status decode(const struct csvr_encoder *bytes, uint64_t n_numbers,
			       uint64_t n_texts, struct csvr_sample *sample)
{
	const uint64_t cells[CSVR_N_CELL_CLASSES] = {
		[CSVR_CELL_NUMBER] = n_numbers, [CSVR_CELL_TEXT] = n_texts
	};
	return decode_cells(bytes, cells, sample);
}

START_TEST(a_large_sample_is_decoded_to_the_same_bytes)
{
	static const enum csvr_cell_class classes[] = { CSVR_CELL_NUMBER, CSVR_CELL_DATETIME,
							CSVR_CELL_TIME };
	struct csvr_sample sample = { 0 }, copy;
	struct csvr_encoder bytes;
	uint64_t cells[CSVR_N_CELL_CLASSES] = { 0 };
	for (uint64_t i = 0; i < 60000; i++) {
		add_cell(&sample, i);
		cells[i % 8 == 0   ? CSVR_CELL_TEXT
		      : i % 8 == 3 ? classes[i / 8 % 3]
				   : CSVR_CELL_NUMBER]++;
	}
	csvr_encoder_init(&bytes);
	csvr_sample_encode(&sample, &bytes);
	ck_assert_int_eq(decode_cells(&bytes, cells, &copy), CSVR_OK);
	assert_same(&sample, &copy);
	csvr_sample_clear(&copy);
	cells[CSVR_CELL_NUMBER] += cells[CSVR_CELL_TIME];
	cells[CSVR_CELL_TIME] = 0;
	ck_assert_int_eq(decode_cells(&bytes, cells, &copy), CSVR_INVALID_FILE);
	csvr_sample_clear(&copy);
	/* Values were dropped, so there must be more cells than those of the sample. */
	ck_assert_int_eq(decode(&bytes, 4000, 96, &copy), CSVR_INVALID_FILE);
	csvr_sample_clear(&copy);
	csvr_encoder_clear(&bytes);
	csvr_sample_clear(&sample);
}
END_TEST

/* Parts of 18 digits: a number of `n_parts` of them, in long form if it has more than 240 bytes. */
static void add_long_number(struct csvr_sample *sample, size_t n_parts)
{
	uint64_t part[80];
	for (size_t i = 0; i < n_parts; i++)
		part[i] = 123456789012345678 + i;
	add_parts(sample, part, n_parts, -1100, true); /* below 10^308 */
}

START_TEST(a_long_number_is_decoded_and_a_forged_one_is_refused)
{
	enum { LENGTH_AT = 6 }; /* after K, theta and the counts of three forms */
	for (size_t n_parts = 2; n_parts <= 78; n_parts++) {
		struct csvr_sample sample = { 0 }, copy;
		struct csvr_encoder bytes;
		csvr_encoder_init(&bytes);
		add_long_number(&sample, n_parts);
		csvr_sample_encode(&sample, &bytes);
		ck_assert_int_eq(decode(&bytes, 1, 0, &copy), CSVR_OK);
		assert_same(&sample, &copy);
		csvr_sample_clear(&copy);
		if (bytes.bytes[LENGTH_AT] >= 0x80) {
			/* a letter among the digits; then a length that no number has */
			bytes.bytes[LENGTH_AT + 20] ^= 0x40;
			ck_assert_int_eq(decode(&bytes, 1, 0, &copy), CSVR_INVALID_FILE);
			csvr_sample_clear(&copy);
			bytes.bytes[LENGTH_AT + 20] ^= 0x40;
			bytes.bytes[LENGTH_AT + 1] = 0x7f;
			ck_assert_int_eq(decode(&bytes, 1, 0, &copy), CSVR_INVALID_FILE);
			csvr_sample_clear(&copy);
		}
		csvr_encoder_clear(&bytes);
		csvr_sample_clear(&sample);
	}
}
END_TEST

static void put_text(struct csvr_encoder *bytes, const char *text, uint64_t count)
{
	csvr_encoder_put_text(bytes, text, strlen(text));
	csvr_encoder_put_varint(bytes, count);
}

/* States of 3 numbers and 2 texts. The comments say what is wrong. */
static const struct forged {
	uint64_t theta;
	double numbers[3];
	int64_t decimals[2][2]; /* exponent, integer */
	const char *digits, *texts[2];
	unsigned counts[4]; /* of each value of a form; 0: there are no values of it */
	bool is_valid;
} forged[] = {
	{ 0, { 1 }, { { 0, 0 } }, NULL, { "a" }, { 3, 0, 0, 2 }, true },
	{ 0, { -1, 0, 1 }, { { 0, 0 } }, NULL, { "", "a" }, { 1, 0, 0, 1 }, true },
	{ 0, { 1 }, { { 0, 0 } }, NULL, { "a" }, { 2, 0, 0, 2 }, false }, /* a number is missing */
	{ 0, { 1 }, { { 0, 0 } }, NULL, { "a" }, { 4, 0, 0, 2 }, false }, /* too many numbers */
	{ 0, { 1 }, { { 0, 0 } }, NULL, { "a" }, { 3, 0, 0, 1 }, false }, /* a text is missing */
	{ 0, { 1 }, { { 0, 0 } }, NULL, { "a" }, { 3, 0, 0, 3 }, false }, /* too many texts */
	{ 5, { 1 }, { { 0, 0 } }, NULL, { "a" }, { 3, 0, 0, 2 }, false }, /* few cells, but theta */
	{ 0, { 1, 0, 2 }, { { 0, 0 } }, NULL, { "a" }, { 1, 0, 0, 2 }, false }, /* not ascending */
	{ 0, { 0, 0, 1 }, { { 0, 0 } }, NULL, { "a" }, { 1, 0, 0, 2 }, false }, /* equal */
	{ 0, { 1 }, { { 0, 0 } }, NULL, { "b", "a" }, { 3, 0, 0, 1 }, false },
	{ 0, { -0.0 }, { { 0, 0 } }, NULL, { "a" }, { 3, 0, 0, 2 }, false },
	{ 0, { __builtin_nan("") }, { { 0, 0 } }, NULL, { "a" }, { 3, 0, 0, 2 }, false },
	{ 0, { __builtin_inf() }, { { 0, 0 } }, NULL, { "a" }, { 3, 0, 0, 2 }, false },
	{ 0, { 1e-300 }, { { 0, 0 } }, NULL, { "a" }, { 3, 0, 0, 2 }, false },
	{ 0, { 0 }, { { 0, 1000000000000001 } }, NULL, { "a" }, { 0, 3, 0, 2 }, true },
	{ 0, { 0 }, { { -400, -7 } }, NULL, { "a" }, { 0, 3, 0, 2 }, true },
	{ 0, { 0 }, { { 0, 7 } }, NULL, { "a" }, { 0, 3, 0, 2 }, false }, /* a double */
	{ 0, { 0 }, { { 0, 1000000000000010 } }, NULL, { "a" }, { 0, 3, 0, 2 }, false },
	{ 0, { 0 }, { { 0, 1000000000000000001 } }, NULL, { "a" }, { 0, 3, 0, 2 }, false },
	{ 0, { 0 }, { { -400, 0 } }, NULL, { "a" }, { 0, 3, 0, 2 }, false },
	{ 0, { 0 }, { { 309, 1 } }, NULL, { "a" }, { 0, 3, 0, 2 }, false },
	{ 0, { 0 }, { { 308, 7 } }, NULL, { "a" }, { 0, 3, 0, 2 }, false }, /* infinite */
	{ 0, { 0 }, { { -1101, 1 } }, NULL, { "a" }, { 0, 3, 0, 2 }, false },
	{ 0, { 0 }, { { INT64_MAX, 1 } }, NULL, { "a" }, { 0, 3, 0, 2 }, false },
	{ 0, { 0 }, { { 0, 0 } }, "18:1234567890123456789", { "a" }, { 0, 0, 3, 2 }, true },
	{ 0, { 0 }, { { 0, 0 } }, "-12:-1234567890123456789", { "a" }, { 0, 0, 3, 2 }, true },
	{ 0, { 0 }, { { 0, 0 } }, "17:123456789012345678", { "a" }, { 0, 0, 3, 2 }, false },
	{ 0, { 0 }, { { 0, 0 } }, "18:0123456789012345678", { "a" }, { 0, 0, 3, 2 }, false },
	{ 0, { 0 }, { { 0, 0 } }, "18:1234567890123456780", { "a" }, { 0, 0, 3, 2 }, false },
	{ 0, { 0 }, { { 0, 0 } }, "18", { "a" }, { 0, 0, 3, 2 }, false },
	{ 0, { 0 }, { { 0, 0 } }, ":1234567890123456789", { "a" }, { 0, 0, 3, 2 }, false },
	{ 0, { 0 }, { { 0, 0 } }, "01:1234567890123456789", { "a" }, { 0, 0, 3, 2 }, false },
	{ 0, { 0 }, { { 0, 0 } }, "-0:1234567890123456789", { "a" }, { 0, 0, 3, 2 }, false },
	{ 0, { 0 }, { { 0, 0 } }, "18:123456789012345678x", { "a" }, { 0, 0, 3, 2 }, false },
	{ 0, { 0 }, { { 0, 0 } }, "18:--1234567890123456789", { "a" }, { 0, 0, 3, 2 }, false },
	{ 0, { 0 }, { { 0, 0 } }, "1 :1234567890123456789", { "a" }, { 0, 0, 3, 2 }, false },
	{ 0, { 0 }, { { 0, 0 } }, "308:9999999999999999999", { "a" }, { 0, 0, 3, 2 }, false },
	{ 0, { 0 }, { { 0, 0 } }, "308:1234567890123456789", { "a" }, { 0, 0, 3, 2 }, true },
	{ 0, { 0 }, { { 0, 0 } }, "309:1234567890123456789", { "a" }, { 0, 0, 3, 2 }, false },
	{ 0, { 0 }, { { 0, 0 } }, "-1082:1234567890123456789", { "a" }, { 0, 0, 3, 2 }, true },
	{ 0, { 0 }, { { 0, 0 } }, "-1083:1234567890123456789", { "a" }, { 0, 0, 3, 2 }, false },
	{ 0, { 0 }, { { 0, 0 } }, "99999:1234567890123456789", { "a" }, { 0, 0, 3, 2 }, false },
	{ 0, { 0 }, { { 0, 0 } }, "", { "a" }, { 0, 0, 3, 2 }, false },
};

static void put_forged(struct csvr_encoder *bytes, const struct forged *state)
{
	const size_t n_numbers = state->counts[0] == 0 ? 0 : state->counts[0] == 1 ? 3 : 1;
	const size_t n_texts = state->texts[1] != NULL ? 2 : 1;
	csvr_encoder_put_varint(bytes, K);
	csvr_encoder_put_varint(bytes, state->theta);
	csvr_encoder_put_varint(bytes, n_numbers);
	for (size_t i = 0; i < n_numbers; i++) {
		csvr_encoder_put_double(bytes, state->numbers[i]);
		csvr_encoder_put_varint(bytes, state->counts[0]);
	}
	csvr_encoder_put_varint(bytes, state->counts[1] != 0);
	if (state->counts[1] != 0) {
		csvr_encoder_put_zigzag(bytes, state->decimals[0][0]);
		csvr_encoder_put_zigzag(bytes, state->decimals[0][1]);
		csvr_encoder_put_varint(bytes, state->counts[1]);
	}
	csvr_encoder_put_varint(bytes, state->counts[2] != 0);
	if (state->counts[2] != 0)
		put_text(bytes, state->digits, state->counts[2]);
	csvr_encoder_put_bytes(bytes, "\0\0\0\0\0\0", 6); /* no dates, no times */
	csvr_encoder_put_varint(bytes, n_texts);
	for (size_t i = 0; i < n_texts; i++)
		put_text(bytes, state->texts[i], state->counts[3]);
}

START_TEST(a_forged_state_is_refused)
{
	struct csvr_encoder bytes;
	struct csvr_sample sample;
	csvr_encoder_init(&bytes);
	put_forged(&bytes, &forged[_i]);
	const enum csvr_status status = decode(&bytes, 3, 2, &sample);
	ck_assert_int_eq(status, forged[_i].is_valid ? CSVR_OK : CSVR_INVALID_FILE);
	csvr_sample_clear(&sample);
	csvr_encoder_clear(&bytes);
}
END_TEST

START_TEST(a_state_with_a_value_above_theta_or_too_many_values_is_refused)
{
	struct csvr_encoder bytes;
	struct csvr_sample sample;
	const double one = 1;
	uint64_t bits;
	memcpy(&bits, &one, sizeof bits);
	for (uint64_t above = 0; above < 2; above++) {
		csvr_encoder_init(&bytes);
		csvr_encoder_put_varint(&bytes, K);
		csvr_encoder_put_varint(&bytes,
					csvr_sample_hash_double(bits, CSVR_QUANTITY_NUMBER) +
						above);
		csvr_encoder_put_varint(&bytes, 1);
		csvr_encoder_put_double(&bytes, one);
		csvr_encoder_put_varint(&bytes, 7);
		csvr_encoder_put_bytes(&bytes, "\0\0\0\0\0\0\0\0\0", 9);
		ck_assert_int_eq(decode(&bytes, 5000, 0, &sample),
				 above ? CSVR_OK : CSVR_INVALID_FILE);
		csvr_sample_clear(&sample);
		csvr_encoder_clear(&bytes);
	}
	for (uint64_t n = K; n <= K + 1; n++) {
		csvr_encoder_init(&bytes);
		csvr_encoder_put_varint(&bytes, K);
		csvr_encoder_put_varint(&bytes, 0);
		csvr_encoder_put_varint(&bytes, n);
		for (uint64_t i = 0; i < n; i++) {
			csvr_encoder_put_double(&bytes, (double)i);
			csvr_encoder_put_varint(&bytes, 1);
		}
		csvr_encoder_put_bytes(&bytes, "\0\0\0\0\0\0\0\0\0", 9);
		ck_assert_int_eq(decode(&bytes, n, 0, &sample),
				 n == K ? CSVR_OK : CSVR_INVALID_FILE);
		csvr_sample_clear(&sample);
		csvr_encoder_clear(&bytes);
	}
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *values = tcase_create("values");
	tcase_add_test(values, a_number_is_one_value_at_every_scale);
	tcase_add_test(values, minus_zero_is_zero);
	tcase_add_test(values, trailing_zeros_of_long_numbers_do_not_matter);
	tcase_add_test(values, numbers_that_share_their_nearest_double_are_distinct);
	tcase_add_test(values, texts_are_equal_if_all_their_bytes_are);
	tcase_add_test(values, values_of_different_quantities_are_distinct);
	tcase_add_test(values, a_sample_has_points_in_order_with_exact_counts);
	tcase_add_test(values, an_incomplete_sample_has_exact_counts_of_some_values);
	tcase_add_test(values, a_long_number_has_its_nearest_double);
	suite_add_tcase(suite, values);
	TCase *estimate = tcase_create("estimate");
	tcase_set_timeout(estimate, 60);
	tcase_add_loop_test(estimate, the_estimate_is_within_its_stated_error, 0, 8);
	tcase_add_test(estimate, the_count_is_exact_up_to_the_size_of_the_sample);
	tcase_add_test(estimate, the_state_does_not_depend_on_order_and_merges);
	tcase_add_test(estimate, the_least_limit_decides_whenever_it_comes);
	tcase_add_loop_test(estimate,
			    batches_of_any_kernel_and_size_give_the_sample_of_their_numbers, 0, 5);
	tcase_add_test(estimate, a_sample_that_inherits_gives_the_same_sample_when_merged);
	tcase_add_loop_test(estimate, the_two_doubles_of_one_hash_are_distinct, 0,
			    CSVR_N_QUANTITIES);
	tcase_add_test(estimate, a_table_of_keys_keeps_what_is_not_dropped);
	tcase_add_test(estimate, counts_do_not_overflow);
	suite_add_tcase(suite, estimate);
	TCase *states = tcase_create("states");
	tcase_add_test(states, a_large_sample_is_decoded_to_the_same_bytes);
	tcase_add_test(states, a_long_number_is_decoded_and_a_forged_one_is_refused);
	tcase_add_loop_test(states, a_forged_state_is_refused, 0,
			    (int)(sizeof forged / sizeof forged[0]));
	tcase_add_test(states, a_state_with_a_value_above_theta_or_too_many_values_is_refused);
	suite_add_tcase(suite, states);
}

int main(void)
{
	return check_main("sample", add_cases);
}
