/* test_few_values.c - the values of a column that has few: order, the limit, forged states */
#include <stdlib.h>
#include <string.h>

#include "check_main.h"
#include "random.h"
#include "stats/few_values.h"
#include "stats/sample_value.h"

enum { FEW = CSVR_FEW_VALUES };

static const struct csvr_aggregate *const aggregate = &csvr_few_values_aggregate;

static void add_values(struct csvr_few_values *few, const int64_t *values, size_t n, unsigned scale,
		       enum csvr_quantity quantity)
{
	const struct csvr_batch_kernels *kernels = csvr_batch_kernels_for("scalar");
	struct csvr_batch_sums sums;
	kernels->sum(values, n, &sums);
	const struct csvr_batch batch = { values, n, scale, quantity, &sums, kernels, NULL };
	ck_assert_int_eq(aggregate->add_batch(few, &batch), CSVR_OK);
}

static void add_number(struct csvr_few_values *few, int64_t value, unsigned scale,
		       enum csvr_quantity quantity)
{
	const uint64_t part = (uint64_t)(value < 0 ? -value : value);
	const struct csvr_number number = { &part, 1, -(int)scale, value < 0, quantity, 0 };
	ck_assert_int_eq(aggregate->add_number(few, &number), CSVR_OK);
}

static void add_text(struct csvr_few_values *few, const char *text)
{
	const struct csvr_text one = { (const unsigned char *)text, (uint32_t)strlen(text), 1 };
	ck_assert_int_eq(aggregate->add_texts(few, &one, 1), CSVR_OK);
}

static void merge(struct csvr_few_values *into, const struct csvr_few_values *from)
{
	ck_assert_int_eq(aggregate->merge(into, from), CSVR_OK);
}

static void encode(const struct csvr_few_values *few, struct csvr_encoder *bytes)
{
	ck_assert_int_eq(aggregate->complete((void *)(uintptr_t)few), CSVR_OK);
	csvr_encoder_init(bytes);
	aggregate->encode(few, bytes);
	ck_assert(!bytes->is_out_of_memory);
}

static void assert_same(const struct csvr_few_values *a, const struct csvr_few_values *b)
{
	struct csvr_encoder left, right;
	encode(a, &left);
	encode(b, &right);
	ck_assert_uint_eq(left.n_bytes, right.n_bytes);
	ck_assert_mem_eq(left.bytes, right.bytes, left.n_bytes);
	csvr_encoder_clear(&left);
	csvr_encoder_clear(&right);
}

/* The number of values; -1: there are more than FEW. */
static int n_values(const struct csvr_few_values *few)
{
	ck_assert_int_eq(aggregate->complete((void *)(uintptr_t)few), CSVR_OK);
	const struct csvr_sample *sample = csvr_few_values_sample(few);
	return sample != NULL ? (int)csvr_sample_n_values(sample) : -1;
}

/* ---- the limit ---- */

START_TEST(up_to_256_values_are_counted_and_no_more)
{
	struct csvr_few_values few = { 0 };
	int64_t values[FEW + 1];
	for (int i = 0; i <= FEW; i++)
		values[i] = i * (_i % 2 == 0 ? 1 : 1000003) - 100;
	if (_i < 2)
		add_values(&few, values, FEW, 1, CSVR_QUANTITY_NUMBER);
	for (int i = 0; i < FEW; i++)
		add_number(&few, values[i] * 10, 2, CSVR_QUANTITY_NUMBER);
	add_values(&few, values, FEW, 1, CSVR_QUANTITY_NUMBER);
	ck_assert_int_eq(n_values(&few), FEW);
	add_values(&few, values, FEW / 2, 1, CSVR_QUANTITY_NUMBER);
	ck_assert_int_eq(n_values(&few), FEW);
	if (_i == 2)
		add_text(&few, "text");
	else
		add_number(&few, values[FEW], 1, CSVR_QUANTITY_NUMBER);
	ck_assert_int_eq(n_values(&few), -1);
	ck_assert(few.has_more && few.counts == NULL);
	add_values(&few, values, 1, 1, CSVR_QUANTITY_NUMBER);
	add_text(&few, "text");
	ck_assert_int_eq(n_values(&few), -1);
	aggregate->reset(&few);
	ck_assert_int_eq(n_values(&few), 0);
	add_values(&few, values, FEW, 1, CSVR_QUANTITY_NUMBER);
	ck_assert_int_eq(n_values(&few), FEW);
	aggregate->clear(&few);
}
END_TEST

START_TEST(values_of_different_quantities_and_texts_are_distinct)
{
	struct csvr_few_values few = { 0 };
	int64_t values[100];
	for (int i = 0; i < 100; i++)
		values[i] = i % 50;
	for (int quantity = 0; quantity < CSVR_N_QUANTITIES; quantity++)
		add_values(&few, values, 100, 0, (enum csvr_quantity)quantity);
	add_text(&few, "1");
	add_text(&few, "1");
	ck_assert_int_eq(n_values(&few), 3 * 50 + 1);
	aggregate->clear(&few);
}
END_TEST

/* ---- order ---- */

/* A column of about `n_distinct` values in cells of one kind or of several. */
struct cells {
	uint64_t n_distinct;
	int64_t step, first;
	bool has_texts, has_scales;
};

static const struct cells kinds[] = {
	{ 3, 1, 0, false, false },
	{ 100, 1, 1, false, true },
	{ 256, 1, -128, false, true },
	{ 257, 1, -300, false, true },
	{ 200, 7, 0, true, true },
	{ 256, 1000003, 0, false, false },
	{ 240, 1, 999999999999900, true, false },
	{ 300, 1000003, 5, true, true },
	{ 5000, 1, 0, false, true },
};

/* Adds the same cells to two states: a batch to one, number by number to the other. */
static void add_cells(const struct cells *kind, struct csvr_few_values *by_batch,
		      struct csvr_few_values *by_number)
{
	static const int64_t power_of_ten[] = { 1, 10, 100 };
	int64_t values[CSVR_MAX_BATCH];
	const size_t n = next_random() % CSVR_MAX_BATCH + 1;
	const unsigned zeros = kind->has_scales ? next_random() % 3 : 0;
	if (kind->has_texts && next_random() % 3 == 0) {
		char text[32];
		snprintf(text, sizeof text, "text %d", (int)(next_random() % 10));
		add_text(by_batch, text);
		add_text(by_number, text);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		const int64_t index = (int64_t)(next_random() % kind->n_distinct);
		values[i] = (kind->first + index * kind->step) * power_of_ten[zeros];
		add_number(by_number, values[i], 2 + zeros, CSVR_QUANTITY_NUMBER);
	}
	add_values(by_batch, values, n, 2 + zeros, CSVR_QUANTITY_NUMBER);
}

START_TEST(the_state_does_not_depend_on_order_batches_and_merges)
{
	enum { N_PARTS = 5 };
	for (int round = 0; round < 20; round++) {
		struct csvr_few_values by_batch = { 0 }, by_number = { 0 }, part[N_PARTS] = { 0 },
				       empty = { 0 };
		const int n = round % 2 == 0 ? 4 : 60;
		for (int i = 0; i < n; i++) {
			struct csvr_few_values *random_part = &part[next_random() % N_PARTS];
			add_cells(&kinds[_i], random_part, &by_number);
		}
		for (int i = 0; i < N_PARTS; i++)
			merge(&by_batch, &part[i]);
		assert_same(&by_batch, &by_number);
		merge(&part[3], &part[1]);
		merge(&part[0], &part[4]);
		merge(&part[3], &empty);
		merge(&part[2], &part[0]);
		merge(&part[3], &part[2]);
		assert_same(&part[3], &by_number);
		aggregate->clear(&by_batch);
		aggregate->clear(&by_number);
		for (int i = 0; i < N_PARTS; i++)
			aggregate->clear(&part[i]);
	}
}
END_TEST

START_TEST(what_is_inherited_does_not_change_the_merged_state)
{
	struct csvr_few_values all = { 0 }, merged = { 0 }, file = { 0 };
	for (int i = 0; i < 8; i++) {
		aggregate->reset(&file);
		aggregate->inherit(&file, &merged);
		for (int k = 0; k < 5; k++)
			add_cells(&kinds[_i], &file, &all);
		merge(&merged, &file);
		assert_same(&merged, &all);
	}
	aggregate->clear(&all);
	aggregate->clear(&merged);
	aggregate->clear(&file);
}
END_TEST

/* ---- states ---- */

static enum csvr_status decode(const struct csvr_encoder *bytes, uint64_t n_numbers,
			       struct csvr_few_values *few)
{
	const uint64_t cells[CSVR_N_CELL_CLASSES] = { [CSVR_CELL_NUMBER] = n_numbers };
	struct csvr_decoder decoder = { bytes->bytes, bytes->bytes + bytes->n_bytes, false };
	memset(few, 0, sizeof *few);
	enum csvr_status status = aggregate->decode(few, &decoder, cells);
	if (status == CSVR_OK && (decoder.is_bad || decoder.at != decoder.end))
		status = CSVR_INVALID_FILE;
	return status;
}

static void assert_decodes(const struct csvr_encoder *bytes, uint64_t n_numbers,
			   enum csvr_status expected)
{
	struct csvr_few_values few;
	ck_assert_int_eq(decode(bytes, n_numbers, &few), expected);
	aggregate->clear(&few);
}

START_TEST(a_state_is_decoded_to_the_same_bytes)
{
	struct csvr_few_values few = { 0 }, copy;
	struct csvr_encoder bytes;
	int64_t values[200];
	for (int i = 0; i < 200; i++)
		values[i] = i / 2;
	add_values(&few, values, 200, 1, CSVR_QUANTITY_NUMBER);
	add_number(&few, 77777, 3, CSVR_QUANTITY_NUMBER);
	encode(&few, &bytes);
	ck_assert_int_eq(decode(&bytes, 201, &copy), CSVR_OK);
	assert_same(&few, &copy);
	add_number(&copy, 5, 1, CSVR_QUANTITY_NUMBER);
	ck_assert_int_eq(n_values(&copy), 101);
	aggregate->clear(&copy);
	assert_decodes(&bytes, 200, CSVR_INVALID_FILE);
	assert_decodes(&bytes, 202, CSVR_INVALID_FILE);
	csvr_encoder_clear(&bytes);
	aggregate->clear(&few);
}
END_TEST

START_TEST(a_forged_state_is_refused)
{
	struct csvr_encoder bytes;
	struct csvr_sample sample = { 0 };
	csvr_encoder_init(&bytes);
	csvr_encoder_put_varint(&bytes, 1); /* more than 256 values, so there are as many cells */
	assert_decodes(&bytes, FEW, CSVR_INVALID_FILE);
	assert_decodes(&bytes, FEW + 1, CSVR_OK);
	bytes.bytes[0] = 2;
	assert_decodes(&bytes, FEW + 1, CSVR_INVALID_FILE);
	/* A sample that keeps more, and one that has dropped values. */
	for (int i = 0; i < 2; i++) {
		csvr_encoder_clear(&bytes);
		csvr_encoder_init(&bytes);
		csvr_encoder_put_varint(&bytes, 0);
		if (i == 1)
			csvr_sample_limit(&sample, FEW);
		for (uint64_t part = 0; i == 1 && part < 2 * FEW; part++) {
			const struct csvr_number number = {
				&part, 1, 0, false, CSVR_QUANTITY_NUMBER, 0
			};
			ck_assert_int_eq(csvr_sample_add_numbers(&sample, &number, 1), CSVR_OK);
		}
		csvr_sample_encode(&sample, &bytes);
		assert_decodes(&bytes, i == 1 ? 2 * FEW : 0, CSVR_INVALID_FILE);
	}
	csvr_encoder_clear(&bytes);
	csvr_sample_clear(&sample);
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *limit = tcase_create("limit");
	tcase_add_loop_test(limit, up_to_256_values_are_counted_and_no_more, 0, 3);
	tcase_add_test(limit, values_of_different_quantities_and_texts_are_distinct);
	suite_add_tcase(suite, limit);
	TCase *order = tcase_create("order");
	tcase_add_loop_test(order, the_state_does_not_depend_on_order_batches_and_merges, 0,
			    (int)(sizeof kinds / sizeof kinds[0]));
	tcase_add_loop_test(order, what_is_inherited_does_not_change_the_merged_state, 0,
			    (int)(sizeof kinds / sizeof kinds[0]));
	suite_add_tcase(suite, order);
	TCase *states = tcase_create("states");
	tcase_add_test(states, a_state_is_decoded_to_the_same_bytes);
	tcase_add_test(states, a_forged_state_is_refused);
	suite_add_tcase(suite, states);
}

int main(void)
{
	return check_main("few_values", add_cases);
}
