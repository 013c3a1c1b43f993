/* test_rows.c - rows that occur more than once: their hashes, counts, estimates and bytes
 *
 * States are compared by their encoding. Expected counts are those of the rows that were generated.
 */
#include <math.h>
#include <string.h>

#include "check_main.h"
#include "random.h"
#include "stats/rows.h"

enum { ROW_BYTES = 80, N_ROUNDS = 300 };

/* ---- hashes ---- */

static uint64_t hash_in_parts(const unsigned char *row, size_t n_bytes)
{
	struct csvr_row_hash hash;
	csvr_row_hash_init(&hash);
	for (size_t i = 0, n; i < n_bytes; i += n) {
		n = 1 + below(below(2) ? 3 : 40);
		n = n < n_bytes - i ? n : n_bytes - i;
		csvr_row_hash_add(&hash, row + i, n);
	}
	csvr_row_hash_add(&hash, row, 0);
	return csvr_row_hash_finish(&hash);
}

START_TEST(the_hash_of_a_row_does_not_depend_on_how_it_is_cut)
{
	unsigned char row[ROW_BYTES];
	for (size_t n = 0; n <= ROW_BYTES; n++)
		for (int round = 0; round < 20; round++) {
			for (size_t i = 0; i < n; i++)
				row[i] = below(8) == 0 ? '\r' : (unsigned char)below(256);
			ck_assert_uint_eq(hash_in_parts(row, n), csvr_row_hash_of(row, n));
		}
}
END_TEST

START_TEST(carriage_returns_at_the_end_of_a_row_are_part_of_the_line_end)
{
	static const unsigned char row[] = "ab\r\r";
	const uint64_t hash = csvr_row_hash_of(row, 2);
	ck_assert_uint_eq(csvr_row_hash_of(row, 3), hash);
	ck_assert_uint_eq(csvr_row_hash_of(row, 4), hash);
	ck_assert_uint_ne(csvr_row_hash_of((const unsigned char *)"ab\rc", 4),
			  csvr_row_hash_of((const unsigned char *)"abc", 3));
	ck_assert_uint_ne(csvr_row_hash_of(row, 1), hash);
}
END_TEST

START_TEST(rows_that_differ_in_one_byte_or_their_length_have_other_hashes)
{
	unsigned char row[ROW_BYTES] = { 0 };
	uint64_t hashes[ROW_BYTES + 1];
	for (size_t n = 0; n <= ROW_BYTES; n++) {
		hashes[n] = csvr_row_hash_of(row, n); /* zeros, as those that fill the last block */
		ck_assert_uint_ne(hashes[n], 0);
		for (size_t i = 0; i < n; i++) {
			ck_assert_uint_ne(hashes[i], hashes[n]);
			row[i] = 1;
			ck_assert_uint_ne(csvr_row_hash_of(row, n), hashes[n]);
			row[i] = 0;
		}
	}
}
END_TEST

/* ---- counts ---- */

static uint64_t hash_of_number(uint64_t number)
{
	unsigned char row[8];
	csvr_encode_little_endian(row, sizeof row, number);
	return csvr_row_hash_of(row, sizeof row);
}

static void add(struct csvr_rows *rows, const uint64_t *numbers, size_t n)
{
	uint64_t hashes[CSVR_MAX_BATCH];
	for (size_t i = 0, n_batch; i < n; i += n_batch) {
		n_batch = 1 + below(CSVR_MAX_BATCH);
		n_batch = n_batch < n - i ? n_batch : n - i;
		for (size_t k = 0; k < n_batch; k++)
			hashes[k] = hash_of_number(numbers[i + k]);
		ck_assert_int_eq(csvr_rows_add(rows, csvr_batch_kernels_for("scalar"), hashes,
					       n_batch),
				 CSVR_OK);
	}
}

static void assert_equal(const struct csvr_rows *a, const struct csvr_rows *b)
{
	struct csvr_encoder left = { 0 }, right = { 0 };
	csvr_rows_encode(a, &left);
	csvr_rows_encode(b, &right);
	ck_assert(!left.is_out_of_memory && !right.is_out_of_memory);
	ck_assert_uint_eq(left.n_bytes, right.n_bytes);
	ck_assert_mem_eq(left.bytes, right.bytes, left.n_bytes);
	csvr_encoder_clear(&left);
	csvr_encoder_clear(&right);
}

/* The duplicates among rows with these numbers. */
static struct csvr_duplicates find(const uint64_t *numbers, size_t n)
{
	struct csvr_rows part = { 0 }, rows = { 0 };
	add(&part, numbers, n);
	ck_assert_int_eq(csvr_rows_merge(&rows, &part), CSVR_OK);
	const struct csvr_duplicates found = csvr_rows_duplicates(&rows, n);
	csvr_rows_clear(&part);
	csvr_rows_clear(&rows);
	return found;
}

enum { N_MOST = 40000 };

START_TEST(up_to_4096_different_rows_are_counted_exactly)
{
	static uint64_t numbers[N_MOST];
	for (size_t i = 0; i < N_MOST; i++)
		numbers[i] = i < 4096 ? i : below(1000);
	const struct csvr_duplicates none = find(numbers, 4096), some = find(numbers, N_MOST);
	ck_assert(!none.is_approximate && !some.is_approximate);
	ck_assert_uint_eq(none.n_distinct, 4096);
	ck_assert_uint_eq(none.n_repeated, 0);
	ck_assert_uint_eq(none.n_duplicates, 0);
	ck_assert_uint_eq(some.n_distinct, 4096);
	ck_assert_uint_eq(some.n_repeated, 1000); /* each is drawn 36 times on average */
	ck_assert_uint_eq(some.n_duplicates, N_MOST - 4096);
	numbers[17] = 4096;
	ck_assert(find(numbers, 4097).is_approximate == false);
	numbers[4096] = 17;
	ck_assert(find(numbers, 4097).is_approximate);
}
END_TEST

START_TEST(estimates_are_within_five_standard_errors)
{
	static uint64_t numbers[N_MOST];
	static unsigned n_of[N_MOST];
	for (int round = 0; round < 40; round++) {
		const unsigned n_different = 5000 + below(N_MOST - 5000);
		memset(n_of, 0, sizeof n_of);
		for (size_t i = 0; i < N_MOST; i++) {
			const unsigned number = below(4) == 0 ? below(100) : below(n_different);
			numbers[i] = (uint64_t)round << 32 | number;
			n_of[number]++;
		}
		uint64_t n_distinct = 0, n_repeated = 0;
		for (size_t i = 0; i < N_MOST; i++) {
			n_distinct += n_of[i] > 0;
			n_repeated += n_of[i] > 1;
		}
		const struct csvr_duplicates found = find(numbers, N_MOST);
		const double error = 5 * (double)n_distinct / sqrt(4095);
		ck_assert(found.is_approximate);
		ck_assert_uint_eq(found.n_rows, N_MOST);
		ck_assert_uint_eq(found.n_distinct + found.n_duplicates, N_MOST);
		ck_assert_double_le(fabs((double)found.n_distinct - (double)n_distinct), error);
		ck_assert_double_le(fabs((double)found.n_repeated - (double)n_repeated), error);
	}
}
END_TEST

START_TEST(without_duplicates_the_estimate_is_exact)
{
	static uint64_t numbers[N_MOST];
	for (size_t i = 0; i < N_MOST; i++)
		numbers[i] = i;
	const struct csvr_duplicates found = find(numbers, N_MOST);
	ck_assert(found.is_approximate);
	ck_assert_uint_eq(found.n_distinct, N_MOST);
	ck_assert_uint_eq(found.n_duplicates, 0);
	ck_assert_uint_eq(found.n_repeated, 0);
}
END_TEST

/* ---- merging ---- */

START_TEST(parts_in_any_order_give_the_state_of_the_whole)
{
	enum { N_PARTS = 5, N_IN_PART = 3000 };
	static uint64_t numbers[N_PARTS * N_IN_PART];
	for (int round = 0; round < N_ROUNDS / 10; round++) {
		struct csvr_rows whole = { 0 }, parts[N_PARTS] = { 0 }, merged = { 0 };
		const unsigned n_different = 100 + below(30000);
		for (size_t i = 0; i < N_PARTS * N_IN_PART; i++)
			numbers[i] = below(n_different);
		add(&whole, numbers, N_PARTS * N_IN_PART);
		const unsigned first = below(N_PARTS);
		for (size_t k = 0; k < N_PARTS; k++) {
			const size_t part = (first + 2 * k) % N_PARTS;
			if (below(2)) /* drops what the merged state makes useless */
				csvr_rows_inherit(&parts[part], &merged);
			add(&parts[part], numbers + part * N_IN_PART, N_IN_PART);
			ck_assert_int_eq(csvr_rows_merge(&merged, &parts[part]), CSVR_OK);
		}
		assert_equal(&merged, &whole);
		csvr_rows_reset(&merged);
		ck_assert_int_eq(csvr_rows_merge(&merged, &whole), CSVR_OK);
		assert_equal(&merged, &whole);
		csvr_rows_clear(&whole);
		csvr_rows_clear(&merged);
		for (size_t k = 0; k < N_PARTS; k++)
			csvr_rows_clear(&parts[k]);
	}
}
END_TEST

/* ---- bytes ---- */

static enum csvr_status decode(const struct csvr_encoder *bytes, size_t n_bytes, uint64_t n_rows,
			       struct csvr_rows *rows)
{
	struct csvr_decoder decoder = { bytes->bytes, bytes->bytes + n_bytes, false };
	*rows = (struct csvr_rows){ .sample = { 0 } };
	return csvr_rows_decode(rows, &decoder, n_rows);
}

START_TEST(a_state_survives_its_bytes_and_no_others_are_accepted)
{
	static const size_t n_rows[] = { 0, 1, 4096, 9000 };
	static uint64_t numbers[9000];
	for (size_t k = 0; k < sizeof n_rows / sizeof n_rows[0]; k++) {
		const size_t n = n_rows[k];
		struct csvr_rows rows = { 0 }, decoded;
		struct csvr_encoder bytes = { 0 };
		for (size_t i = 0; i < n; i++)
			numbers[i] = below(2) ? i : i / 2;
		add(&rows, numbers, n);
		csvr_rows_encode(&rows, &bytes);
		ck_assert_int_eq(decode(&bytes, bytes.n_bytes, n, &decoded), CSVR_OK);
		assert_equal(&rows, &decoded);
		csvr_rows_clear(&decoded);
		if (n < 9000) { /* all rows are in the state */
			ck_assert_int_eq(decode(&bytes, bytes.n_bytes, n + 1, &decoded),
					 CSVR_INVALID_FILE);
			csvr_rows_clear(&decoded);
		}
		if (n > 0) {
			ck_assert_int_eq(decode(&bytes, bytes.n_bytes, n - 1, &decoded),
					 n < 9000 ? CSVR_INVALID_FILE : CSVR_OK);
			csvr_rows_clear(&decoded);
			ck_assert_int_eq(decode(&bytes, bytes.n_bytes - 1, n, &decoded),
					 CSVR_INVALID_FILE);
			csvr_rows_clear(&decoded);
		}
		csvr_rows_clear(&rows);
		csvr_encoder_clear(&bytes);
	}
}
END_TEST

/* A state with these hashes, of one row each. */
static enum csvr_status decode_hashes(uint64_t theta, const uint64_t *steps, size_t n,
				      uint64_t count)
{
	struct csvr_encoder bytes = { 0 };
	struct csvr_rows rows;
	csvr_encoder_put_varint(&bytes, theta);
	csvr_encoder_put_varint(&bytes, n);
	for (size_t i = 0; i < n; i++) {
		csvr_encoder_put_varint(&bytes, steps[i]);
		csvr_encoder_put_varint(&bytes, count);
	}
	const enum csvr_status status = decode(&bytes, bytes.n_bytes, n, &rows);
	csvr_rows_clear(&rows);
	csvr_encoder_clear(&bytes);
	return status;
}

START_TEST(impossible_hashes_and_counts_are_refused)
{
	static uint64_t many[4097];
	for (size_t i = 0; i < 4097; i++)
		many[i] = 1;
	ck_assert_int_eq(decode_hashes(0, (const uint64_t[]){ 1, UINT64_MAX - 1 }, 2, 1), CSVR_OK);
	ck_assert_int_eq(decode_hashes(0, (const uint64_t[]){ 2, UINT64_MAX - 1 }, 2, 1),
			 CSVR_INVALID_FILE);
	ck_assert_int_eq(decode_hashes(0, (const uint64_t[]){ 0 }, 1, 1), CSVR_INVALID_FILE);
	ck_assert_int_eq(decode_hashes(0, (const uint64_t[]){ 5, 0 }, 2, 1), CSVR_INVALID_FILE);
	ck_assert_int_eq(decode_hashes(0, (const uint64_t[]){ 5 }, 1, 0), CSVR_INVALID_FILE);
	ck_assert_int_eq(decode_hashes(9, (const uint64_t[]){ 5 }, 1, 1), CSVR_INVALID_FILE);
	ck_assert_int_eq(decode_hashes(0, many, 4096, 1), CSVR_OK);
	ck_assert_int_eq(decode_hashes(0, many, 4097, 1), CSVR_INVALID_FILE);
	/* All rows are among them, so that none was dropped. */
	ck_assert_int_eq(decode_hashes(5000, many, 4096, 1), CSVR_INVALID_FILE);
}
END_TEST

START_TEST(of_a_sample_only_hashes_below_theta_are_accepted)
{
	struct csvr_encoder bytes = { 0 };
	struct csvr_rows rows;
	for (uint64_t theta = 4096; theta <= 4098; theta++) {
		bytes.n_bytes = 0;
		csvr_encoder_put_varint(&bytes, theta);
		csvr_encoder_put_varint(&bytes, 4096);
		for (size_t i = 0; i < 4096; i++) {
			csvr_encoder_put_varint(&bytes, 1);
			csvr_encoder_put_varint(&bytes, 1);
		}
		ck_assert_int_eq(decode(&bytes, bytes.n_bytes, 4097, &rows),
				 theta > 4096 ? CSVR_OK : CSVR_INVALID_FILE);
		csvr_rows_clear(&rows);
	}
	csvr_encoder_clear(&bytes);
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *hashes = tcase_create("hashes");
	tcase_add_test(hashes, the_hash_of_a_row_does_not_depend_on_how_it_is_cut);
	tcase_add_test(hashes, carriage_returns_at_the_end_of_a_row_are_part_of_the_line_end);
	tcase_add_test(hashes, rows_that_differ_in_one_byte_or_their_length_have_other_hashes);
	suite_add_tcase(suite, hashes);
	TCase *counts = tcase_create("counts");
	tcase_add_test(counts, up_to_4096_different_rows_are_counted_exactly);
	tcase_add_test(counts, estimates_are_within_five_standard_errors);
	tcase_add_test(counts, without_duplicates_the_estimate_is_exact);
	tcase_add_test(counts, parts_in_any_order_give_the_state_of_the_whole);
	suite_add_tcase(suite, counts);
	TCase *bytes = tcase_create("bytes");
	tcase_add_test(bytes, a_state_survives_its_bytes_and_no_others_are_accepted);
	tcase_add_test(bytes, impossible_hashes_and_counts_are_refused);
	tcase_add_test(bytes, of_a_sample_only_hashes_below_theta_are_accepted);
	suite_add_tcase(suite, bytes);
}

int main(void)
{
	return check_main("rows", add_cases);
}
