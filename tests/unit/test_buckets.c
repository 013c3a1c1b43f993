/* test_buckets.c - buckets: the values in each, independence of order, less resolution, forged states */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "batch_kernels.h"
#include "check_main.h"
#include "random.h"
#include "stats/buckets.h"

/* A bucket, computed in another way: from the value alone. */
static double relative_width(const struct csvr_bucket *bucket)
{
	const double least = fabs(bucket->least) < fabs(bucket->greatest) ? fabs(bucket->least)
									  : fabs(bucket->greatest);
	return (bucket->greatest - bucket->least) / least;
}

static struct csvr_encoder encode(const struct csvr_buckets *buckets)
{
	struct csvr_encoder encoder;
	csvr_encoder_init(&encoder);
	csvr_buckets_encode(buckets, &encoder);
	ck_assert(!encoder.is_out_of_memory);
	return encoder;
}

static void assert_same(const struct csvr_buckets *a, const struct csvr_buckets *b)
{
	struct csvr_encoder left = encode(a), right = encode(b);
	ck_assert_uint_eq(left.n_bytes, right.n_bytes);
	ck_assert_mem_eq(left.bytes, right.bytes, left.n_bytes);
	csvr_encoder_clear(&left);
	csvr_encoder_clear(&right);
}

static void add(struct csvr_buckets *buckets, double value, uint64_t count)
{
	ck_assert_int_eq(csvr_buckets_add(buckets, value, count), CSVR_OK);
}

static void merge(struct csvr_buckets *into, const struct csvr_buckets *from)
{
	ck_assert_int_eq(csvr_buckets_merge(into, from), CSVR_OK);
}

static int compare_doubles(const void *a, const void *b)
{
	const double left = *(const double *)a, right = *(const double *)b;
	return (left > right) - (left < right);
}

static struct csvr_bucket find(const struct csvr_buckets *buckets, uint64_t rank)
{
	struct csvr_bucket_index index;
	csvr_buckets_index(buckets, &index);
	return csvr_buckets_find(buckets, &index, rank);
}

static uint64_t total(const struct csvr_buckets *buckets)
{
	struct csvr_bucket bucket = { 0 };
	uint64_t n = 0;
	while (csvr_buckets_next(buckets, &bucket))
		n += bucket.n_values;
	return n;
}

/* Each value is in the bucket of its rank, and the buckets are ascending and disjoint. */
static void assert_ranks(const struct csvr_buckets *buckets, double *values, size_t n)
{
	qsort(values, n, sizeof *values, compare_doubles);
	struct csvr_bucket bucket = { 0 };
	uint64_t n_before = 0;
	double last = -INFINITY;
	while (csvr_buckets_next(buckets, &bucket)) {
		ck_assert(bucket.least <= bucket.greatest && bucket.least > last);
		ck_assert_uint_eq(bucket.n_before, n_before);
		ck_assert_uint_gt(bucket.n_values, 0);
		n_before += bucket.n_values;
		last = bucket.greatest;
	}
	ck_assert_uint_eq(n_before, n);
	ck_assert_uint_eq(total(buckets), n);
	for (size_t i = 0; i < n; i += 1 + next_random() % 20) {
		bucket = find(buckets, i);
		ck_assert(bucket.least <= values[i] && values[i] <= bucket.greatest);
		ck_assert(i >= bucket.n_before && i - bucket.n_before < bucket.n_values);
	}
}

/* ---- values ---- */

enum { N_VALUES = 1000 };

/* Doubles of any sign, in `n_octaves` octaves, with zeros and equal values among them. */
static void draw(double *values, size_t n, unsigned n_octaves)
{
	for (size_t i = 0; i < n; i++) {
		const int exponent = (int)(next_random() % n_octaves) - (int)n_octaves / 2;
		const double mantissa = (double)(next_random() >> 11);
		values[i] = ldexp(mantissa, exponent - 52);
		if (next_random() % 2 == 0)
			values[i] = -values[i];
		if (next_random() % 16 == 0 || values[i] == 0)
			values[i] = 0;
		else if (i > 0 && next_random() % 8 == 0)
			values[i] = values[next_random() % i];
	}
}

START_TEST(the_rank_of_a_value_gives_its_bucket)
{
	static const unsigned n_octaves[] = { 1, 3, 20, 60, 70, 130, 250, 900, 1900, 2040 };
	double values[N_VALUES];
	for (size_t i = 0; i < sizeof n_octaves / sizeof n_octaves[0]; i++) {
		struct csvr_buckets buckets = { 0 };
		draw(values, N_VALUES, n_octaves[i]);
		for (size_t k = 0; k < N_VALUES; k++)
			add(&buckets, values[k], 1);
		assert_ranks(&buckets, values, N_VALUES);
		csvr_buckets_clear(&buckets);
	}
}
END_TEST

START_TEST(the_width_of_a_bucket_is_at_most_a_256th_of_its_values)
{
	struct csvr_buckets buckets = { 0 };
	for (int i = -60; i < 60; i++) {
		add(&buckets, ldexp(1, i), 1);
		add(&buckets, ldexp(1.999, i), 1);
	}
	struct csvr_bucket bucket = { 0 };
	while (csvr_buckets_next(&buckets, &bucket))
		ck_assert(relative_width(&bucket) <= 0x1p-8);
	csvr_buckets_clear(&buckets);
}
END_TEST

START_TEST(zero_is_alone_in_its_bucket)
{
	struct csvr_buckets buckets = { 0 };
	double values[] = { -5e-324, 0, 0, 5e-324, 1e-310, 2.2250738585072014e-308, -1e-310 };
	const size_t n = sizeof values / sizeof values[0];
	for (size_t i = 0; i < n; i++)
		add(&buckets, values[i], 1);
	assert_ranks(&buckets, values, n);
	csvr_buckets_limit(&buckets, CSVR_LEAST_BUCKET_LIMIT);
	assert_ranks(&buckets, values, n);
	/* Values in all octaves: the least resolution. */
	for (int i = -1074; i <= 1023; i++) {
		add(&buckets, ldexp(1, i), 1);
		add(&buckets, -ldexp(1, i), 1);
	}
	const struct csvr_bucket bucket = find(&buckets, 3 + 1023 + 1075);
	ck_assert(bucket.least == 0 && bucket.greatest == 0);
	ck_assert_uint_eq(bucket.n_values, 2);
	csvr_buckets_clear(&buckets);
}
END_TEST

/* ---- order ---- */

/* Adds values [from, to) in batches or one by one. */
static void add_range(struct csvr_buckets *buckets, const double *values, size_t from, size_t to)
{
	while (from < to) {
		size_t n = next_random() % 256 + 1;
		n = n < to - from ? n : to - from;
		if (next_random() % 2 == 0)
			ck_assert_int_eq(csvr_buckets_add_batch(buckets, values + from, n,
								next_batch_kernels()),
					 CSVR_OK);
		else
			for (size_t i = 0; i < n; i++)
				add(buckets, values[from + i], 1);
		from += n;
	}
}

static void shuffle(double *values, size_t n)
{
	for (size_t i = n; i > 1; i--) {
		const size_t k = next_random() % i;
		const double value = values[i - 1];
		values[i - 1] = values[k];
		values[k] = value;
	}
}

/* Merges parts in a random tree; the first has the result. */
static void merge_all(struct csvr_buckets *part, size_t n_parts)
{
	while (n_parts > 1) {
		const size_t into = next_random() % n_parts;
		size_t from = next_random() % (n_parts - 1);
		from += from >= into;
		merge(&part[into], &part[from]);
		csvr_buckets_clear(&part[from]);
		part[from] = part[--n_parts];
		if (into == n_parts)
			part[from] = part[into];
	}
}

START_TEST(neither_order_nor_merges_matter)
{
	enum { N_ROUNDS = 63, MOST_PARTS = 8 };
	static const unsigned n_octaves[] = { 2, 20, 63, 64, 100, 128, 300, 700, 2000 };
	double values[N_VALUES];
	struct csvr_buckets whole = { 0 };
	for (int round = 0; round < N_ROUNDS; round++) {
		struct csvr_buckets part[MOST_PARTS] = { 0 };
		const size_t n = next_random() % N_VALUES + 1;
		const size_t n_parts = next_random() % MOST_PARTS + 1;
		const bool is_limited = next_random() % 4 == 0;
		draw(values, n, n_octaves[round % 9]);
		csvr_buckets_reset(&whole);
		add_range(&whole, values, 0, n);
		if (is_limited)
			csvr_buckets_limit(&whole, 7);
		shuffle(values, n);
		size_t from = 0;
		for (size_t i = 0; i < n_parts; i++) {
			const size_t to = i + 1 == n_parts ? n
							   : from + next_random() % (n - from + 1);
			if (is_limited && i == 0)
				csvr_buckets_limit(&part[i], 7);
			add_range(&part[i], values, from, to);
			from = to;
		}
		merge_all(part, n_parts);
		assert_same(&whole, &part[0]);
		csvr_buckets_clear(&part[0]);
	}
	csvr_buckets_clear(&whole);
}
END_TEST

/* More than fit into 32 bits: added, merged, in batches, and with fewer bits. */
START_TEST(counts_do_not_overflow)
{
	struct csvr_buckets one = { 0 }, other = { 0 }, merged = { 0 };
	double values[256];
	for (int i = 0; i < 256; i++)
		values[i] = 3;
	add(&one, 3, UINT32_MAX - 100);
	add(&one, 0, 5);
	add(&one, -7.5, UINT32_MAX);
	ck_assert_int_eq(csvr_buckets_add_batch(&one, values, 256, next_batch_kernels()), CSVR_OK);
	add(&other, 3, UINT32_MAX);
	merge(&merged, &other);
	merge(&merged, &one);
	merge(&merged, &other);
	csvr_buckets_limit(&merged, CSVR_LEAST_BUCKET_LIMIT);
	add(&merged, 1e100, 2);
	static const struct csvr_bucket expected[] = {
		{ .least = -7.5, .n_values = UINT32_MAX },
		{ .least = 0, .n_values = 5 },
		{ .least = 3, .n_values = UINT64_C(3) * UINT32_MAX + 156 },
		{ .least = 1e100, .n_values = 2 },
	};
	struct csvr_bucket bucket = { 0 };
	uint64_t n_before = 0;
	for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
		ck_assert(csvr_buckets_next(&merged, &bucket));
		ck_assert(bucket.least <= expected[i].least &&
			  bucket.greatest >= expected[i].least);
		ck_assert_uint_eq(bucket.n_values, expected[i].n_values);
		ck_assert_uint_eq(bucket.n_before, n_before);
		n_before += bucket.n_values;
	}
	ck_assert(!csvr_buckets_next(&merged, &bucket));
	bucket = find(&merged, n_before - 3);
	ck_assert(bucket.least <= 3 && bucket.greatest >= 3);
	csvr_buckets_reset(&merged);
	add(&merged, 3, 1);
	ck_assert_uint_eq(total(&merged), 1);
	csvr_buckets_clear(&one);
	csvr_buckets_clear(&other);
	csvr_buckets_clear(&merged);
}
END_TEST

START_TEST(resolution_depends_on_the_octaves_only)
{
	struct csvr_buckets one = { 0 }, other = { 0 };
	double values[256];
	/* 127 octaves keep all bits; with one more, half of the buckets are left. */
	for (int i = 0; i < 127; i++) {
		add(&one, ldexp(1 + 0x1p-8, i), 1);
		add(&one, ldexp(1 + 0x2p-8, i), 1);
		add(&one, ldexp(1 + 0x3p-8, i), 1);
	}
	struct csvr_bucket bucket = find(&one, 0);
	ck_assert(bucket.least == 1 + 0x1p-8 && bucket.n_values == 1);
	merge(&other, &one);
	add(&one, -1, 1);
	bucket = find(&one, 1);
	ck_assert(bucket.least == 1 && bucket.n_values == 1);
	bucket = find(&one, 2);
	ck_assert(bucket.least == 1 + 0x1p-7 && bucket.n_values == 2);
	for (int i = 0; i < 256; i++)
		values[i] = -1;
	ck_assert_int_eq(csvr_buckets_add_batch(&other, values, 256, next_batch_kernels()),
			 CSVR_OK);
	add(&one, -1, 255);
	assert_same(&one, &other);
	csvr_buckets_clear(&one);
	csvr_buckets_clear(&other);
}
END_TEST

/* ---- the aggregate ---- */

static void add_integers(void *state, const int64_t *values, size_t n, unsigned scale,
			 enum csvr_quantity quantity)
{
	const struct csvr_batch_kernels *kernels = csvr_batch_kernels_for("scalar");
	struct csvr_batch_sums sums;
	double doubles[CSVR_MAX_BATCH];
	kernels->sum(values, n, &sums);
	struct csvr_batch batch = { values, n, scale, quantity, &sums, kernels, NULL };
	if (csvr_batch_is_below(&batch, INT64_C(1) << CSVR_DOUBLES_BITS) &&
	    next_random() % 2 == 0) {
		kernels->to_doubles(values, n, scale, doubles);
		batch.doubles = doubles;
	}
	ck_assert_int_eq(csvr_buckets_aggregate.add_batch(state, &batch), CSVR_OK);
}

/* Integers whose quotients are next to edges of buckets: the nearest double decides. */
START_TEST(integers_are_in_the_bucket_of_the_nearest_double)
{
	static const double power_of_ten[] = { 1, 10, 100, 1000 };
	for (int round = 0; round < 4000; round++) {
		struct csvr_column_buckets column = { 0 };
		const unsigned scale = (unsigned)(next_random() % 4);
		const double edge = ldexp((double)(256 + next_random() % 256),
					  (int)(next_random() % 51) - 8);
		int64_t value = (int64_t)llrint(edge * power_of_ten[scale]) +
				(int64_t)(next_random() % 5) - 2;
		if (next_random() % 2 == 0)
			value = -value;
		if (value >= 1000000000000000000 || value <= -1000000000000000000)
			continue;
		add_integers(&column, &value, 1, scale, CSVR_QUANTITY_NUMBER);
		const long double exact = (long double)value / power_of_ten[scale];
		const double nearest = (double)exact;
		const struct csvr_bucket bucket = find(&column.of[0], 0);
		if (fabsl(exact) < 0x1p53L) /* the quotient was rounded once */
			ck_assert(bucket.least <= nearest && nearest <= bucket.greatest);
		const uint64_t part = (uint64_t)(value < 0 ? -value : value);
		struct csvr_column_buckets other = { 0 };
		ck_assert_int_eq(csvr_buckets_aggregate.add_number(
					 &other,
					 &(struct csvr_number){ &part, 1, -(int)scale, value < 0,
								CSVR_QUANTITY_NUMBER, 0 }),
				 CSVR_OK);
		assert_same(&column.of[0], &other.of[0]);
		csvr_buckets_aggregate.clear(&column);
		csvr_buckets_aggregate.clear(&other);
	}
}
END_TEST

START_TEST(a_batch_may_be_at_any_scale)
{
	static const int64_t values[] = { 15, -3, 0, 999, 12345 };
	static const int64_t longer[] = { 150000, -30000, 0, 9990000, 123450000 };
	struct csvr_column_buckets one = { 0 }, other = { 0 };
	add_integers(&one, values, 5, 2, CSVR_QUANTITY_NUMBER);
	add_integers(&other, longer, 5, 6, CSVR_QUANTITY_NUMBER);
	assert_same(&one.of[0], &other.of[0]);
	/* A batch of one value is one addition. */
	const int64_t same[] = { 7, 7, 7 };
	add_integers(&one, same, 3, 0, CSVR_QUANTITY_NUMBER);
	add_integers(&other, same, 1, 0, CSVR_QUANTITY_NUMBER);
	add_integers(&other, same, 2, 0, CSVR_QUANTITY_NUMBER);
	assert_same(&one.of[0], &other.of[0]);
	csvr_buckets_aggregate.clear(&one);
	csvr_buckets_aggregate.clear(&other);
}
END_TEST

START_TEST(quantities_are_apart)
{
	static const int64_t values[] = { 1, 2, 3 };
	struct csvr_column_buckets column = { 0 };
	add_integers(&column, values, 1, 0, CSVR_QUANTITY_NUMBER);
	add_integers(&column, values, 2, 0, CSVR_QUANTITY_DATE);
	add_integers(&column, values, 3, 0, CSVR_QUANTITY_TIME);
	for (int i = 0; i < CSVR_N_QUANTITIES; i++)
		ck_assert_uint_eq(total(&column.of[i]), (uint64_t)i + 1);
	csvr_buckets_aggregate.clear(&column);
}
END_TEST

/* ---- states ---- */

static enum csvr_status decode(const struct csvr_encoder *bytes, uint64_t n_values,
			       struct csvr_buckets *buckets)
{
	struct csvr_decoder decoder = { bytes->bytes, bytes->bytes + bytes->n_bytes, false };
	*buckets = (struct csvr_buckets){ 0 };
	const enum csvr_status status = csvr_buckets_decode(buckets, &decoder, n_values);
	return status == CSVR_OK && csvr_decoder_remaining(&decoder) > 0 ? CSVR_INVALID_FILE
									 : status;
}

START_TEST(a_state_is_restored)
{
	static const unsigned n_octaves[] = { 1, 20, 63, 64, 65, 128, 300, 700, 2040 };
	double values[N_VALUES];
	for (int round = 0; round < 54; round++) {
		struct csvr_buckets buckets = { 0 }, copy;
		draw(values, N_VALUES, n_octaves[round % 9]);
		if (round % 3 > 0)
			csvr_buckets_limit(&buckets, 8 - (unsigned)(round % 3));
		add_range(&buckets, values, 0, N_VALUES);
		struct csvr_encoder bytes = encode(&buckets);
		ck_assert_int_eq(decode(&bytes, N_VALUES, &copy), CSVR_OK);
		assert_same(&buckets, &copy);
		csvr_buckets_clear(&copy);
		ck_assert_int_eq(decode(&bytes, N_VALUES + 1, &copy), CSVR_INVALID_FILE);
		csvr_buckets_clear(&copy);
		ck_assert_int_eq(decode(&bytes, N_VALUES - 1, &copy), CSVR_INVALID_FILE);
		csvr_buckets_clear(&copy);
		csvr_buckets_clear(&buckets);
		csvr_encoder_clear(&bytes);
	}
}
END_TEST

/* A state of `n` buckets with one value each; positions as their distances. */
static enum csvr_status decode_forged(unsigned n_bits, const uint64_t *distances, size_t n)
{
	struct csvr_encoder bytes;
	struct csvr_buckets buckets;
	csvr_encoder_init(&bytes);
	csvr_encoder_put_varint(&bytes, n);
	csvr_encoder_put_varint(&bytes, n_bits);
	for (size_t i = 0; i < n; i++) {
		csvr_encoder_put_varint(&bytes, distances[i]);
		csvr_encoder_put_varint(&bytes, 1);
	}
	const enum csvr_status status = decode(&bytes, n, &buckets);
	csvr_buckets_clear(&buckets);
	csvr_encoder_clear(&bytes);
	return status;
}

START_TEST(a_forged_state_is_refused)
{
	enum { ZERO = 2048 << 8, LAST = 4095 << 8 };
	uint64_t distances[200];
	ck_assert_int_eq(decode_forged(8, (uint64_t[]){ ZERO }, 1), CSVR_OK);
	ck_assert_int_eq(decode_forged(9, (uint64_t[]){ ZERO }, 1), CSVR_INVALID_FILE);
	ck_assert_int_eq(decode_forged(7, (uint64_t[]){ ZERO / 2 }, 1), CSVR_OK); /* a limit */
	ck_assert_int_eq(decode_forged(5, (uint64_t[]){ ZERO / 8 }, 1), CSVR_INVALID_FILE);
	ck_assert_int_eq(decode_forged(2, (uint64_t[]){ ZERO / 64 }, 1), CSVR_INVALID_FILE);
	ck_assert_int_eq(decode_forged(0, (uint64_t[]){ 2048 }, 1), CSVR_INVALID_FILE);
	/* infinity */
	ck_assert_int_eq(decode_forged(8, (uint64_t[]){ 255 }, 1), CSVR_INVALID_FILE);
	ck_assert_int_eq(decode_forged(8, (uint64_t[]){ 256 }, 1), CSVR_OK);
	ck_assert_int_eq(decode_forged(8, (uint64_t[]){ LAST }, 1), CSVR_INVALID_FILE);
	ck_assert_int_eq(decode_forged(8, (uint64_t[]){ LAST - 1 }, 1), CSVR_OK);
	ck_assert_int_eq(decode_forged(8, (uint64_t[]){ LAST - 1, 0 }, 2), CSVR_INVALID_FILE);
	ck_assert_int_eq(decode_forged(8, (uint64_t[]){ ZERO, UINT64_MAX - ZERO }, 2),
			 CSVR_INVALID_FILE);
	ck_assert_int_eq(decode_forged(8, (uint64_t[]){ ZERO, UINT32_MAX }, 2), CSVR_INVALID_FILE);
	/* One octave too many for these bits. */
	distances[0] = ZERO + 256;
	for (size_t i = 1; i < 200; i++)
		distances[i] = 255;
	ck_assert_int_eq(decode_forged(8, distances, 127), CSVR_OK);
	ck_assert_int_eq(decode_forged(8, distances, 128), CSVR_INVALID_FILE);
}
END_TEST

START_TEST(a_state_whose_counts_are_wrong_is_refused)
{
	struct csvr_encoder bytes;
	struct csvr_buckets buckets;
	static const uint64_t counts[][3] = { { 2, 0, 2 }, { UINT64_MAX, 3, 2 }, { 1, 1, 3 } };
	for (size_t i = 0; i < 3; i++) {
		csvr_encoder_init(&bytes);
		csvr_encoder_put_varint(&bytes, 2);
		csvr_encoder_put_varint(&bytes, 8);
		for (int k = 0; k < 2; k++) {
			csvr_encoder_put_varint(&bytes, 2048 << 8);
			csvr_encoder_put_varint(&bytes, counts[i][k]);
		}
		ck_assert_int_eq(decode(&bytes, counts[i][2], &buckets), CSVR_INVALID_FILE);
		csvr_buckets_clear(&buckets);
		csvr_encoder_clear(&bytes);
	}
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *values = tcase_create("values");
	tcase_add_test(values, the_rank_of_a_value_gives_its_bucket);
	tcase_add_test(values, the_width_of_a_bucket_is_at_most_a_256th_of_its_values);
	tcase_add_test(values, zero_is_alone_in_its_bucket);
	suite_add_tcase(suite, values);
	TCase *order = tcase_create("order");
	tcase_add_test(order, neither_order_nor_merges_matter);
	tcase_add_test(order, counts_do_not_overflow);
	tcase_add_test(order, resolution_depends_on_the_octaves_only);
	suite_add_tcase(suite, order);
	TCase *aggregate = tcase_create("aggregate");
	tcase_add_test(aggregate, integers_are_in_the_bucket_of_the_nearest_double);
	tcase_add_test(aggregate, a_batch_may_be_at_any_scale);
	tcase_add_test(aggregate, quantities_are_apart);
	suite_add_tcase(suite, aggregate);
	TCase *states = tcase_create("states");
	tcase_add_test(states, a_state_is_restored);
	tcase_add_test(states, a_forged_state_is_refused);
	tcase_add_test(states, a_state_whose_counts_are_wrong_is_refused);
	suite_add_tcase(suite, states);
}

int main(void)
{
	return check_main("buckets", add_cases);
}
