/* test_collected.c - the states of a column are those of its aggregates, however its cells arrive
 *
 * The oracle is each aggregate on its own, to which all cells are added one by one.
 */
#include <stdlib.h>
#include <string.h>

#include "batch_kernels.h"
#include "check_main.h"
#include "random.h"
#include "stats/collected.h"
#include "stats/statistics.h"

enum { N_PARTS = 4, N_STEPS = 60, SECONDS_PER_DAY = 86400 };

static csvr_collection all_of_the_first_pass(void)
{
	const struct csvr_statistic_options all = { .all = true };
	csvr_collection collection = csvr_collection_of(&all) & ~csvr_collection_of_pass();
	/* To the order of the cells, values are not added here. */
	for (csvr_collection rest = collection; rest != 0; rest &= rest - 1)
		if (csvr_collection_lowest(rest)->append != NULL)
			collection &= ~(rest & -rest);
	return collection;
}

/* ---- the oracle ---- */

/* A state per aggregate. */
struct oracle {
	csvr_collection collection;
	void *state[64];
};

static void oracle_init(struct oracle *oracle, csvr_collection collection)
{
	oracle->collection = collection;
	for (size_t i = 0; csvr_collection_item(collection, i) != NULL; i++)
		oracle->state[i] = calloc(1, csvr_collection_item(collection, i)->state_bytes);
}

static void oracle_add_number(struct oracle *oracle, const struct csvr_number *number)
{
	const struct csvr_aggregate *aggregate;
	for (size_t i = 0; (aggregate = csvr_collection_item(oracle->collection, i)) != NULL; i++)
		if (number->quantity == CSVR_QUANTITY_NUMBER || aggregate->takes_every_quantity)
			ck_assert_int_eq(aggregate->add_number(oracle->state[i], number), CSVR_OK);
}

static void oracle_add_text(struct oracle *oracle, const struct csvr_text *text)
{
	const struct csvr_aggregate *aggregate;
	for (size_t i = 0; (aggregate = csvr_collection_item(oracle->collection, i)) != NULL; i++)
		if (aggregate->add_texts != NULL)
			ck_assert_int_eq(aggregate->add_texts(oracle->state[i], text, 1), CSVR_OK);
}

static void oracle_encode(const struct oracle *oracle, struct csvr_encoder *bytes)
{
	const struct csvr_aggregate *aggregate;
	csvr_encoder_init(bytes);
	for (size_t i = 0; (aggregate = csvr_collection_item(oracle->collection, i)) != NULL; i++) {
		if (aggregate->complete != NULL)
			ck_assert_int_eq(aggregate->complete(oracle->state[i]), CSVR_OK);
		aggregate->encode(oracle->state[i], bytes);
	}
	ck_assert(!bytes->is_out_of_memory);
}

static void oracle_clear(struct oracle *oracle)
{
	const struct csvr_aggregate *aggregate;
	for (size_t i = 0; (aggregate = csvr_collection_item(oracle->collection, i)) != NULL; i++) {
		if (aggregate->clear != NULL)
			aggregate->clear(oracle->state[i]);
		free(oracle->state[i]);
	}
}

/* ---- cells ---- */

/* A column of about `n_distinct` values. */
struct cells {
	uint64_t n_distinct;
	int64_t first, step;
	bool has_texts, has_dates, has_long;
};

static const struct cells kinds[] = {
	{ 1, 7, 1, false, false, false },
	{ 90, -30, 1, false, false, false },
	{ 256, 1, 1, false, true, false },
	{ 257, -100, 1, false, false, false },
	{ 280, 0, 1000003, true, false, false },
	{ 200, 0, 1000003, true, true, true },
	{ 3000, -1500, 1, false, true, false },
	{ 1000000, 0, 1, true, true, true },
	{ 1000000000, -500000000, 7, false, false, true },
};

static struct csvr_number number_of(int64_t value, uint64_t *part, unsigned scale,
				    enum csvr_quantity quantity)
{
	*part = (uint64_t)(value < 0 ? -value : value);
	return (struct csvr_number){ part, 1, -(int)scale, value < 0, quantity, 0 };
}

static void add_text(const struct cells *kind, struct csvr_collected *part, struct oracle *oracle)
{
	unsigned char bytes[CSVR_TEXT_READABLE + 64] = { 0 };
	const int n = snprintf((char *)bytes, sizeof bytes, "text %d of some length",
			       (int)(next_random() % kind->n_distinct));
	const struct csvr_text text = { bytes, (size_t)n, 1 };
	ck_assert_int_eq(csvr_collected_add_texts(part, &text, 1), CSVR_OK);
	oracle_add_text(oracle, &text);
}

static void add_long_number(struct csvr_collected *part, struct oracle *oracle)
{
	const uint64_t parts[2] = { next_random() % 3, next_random() % 3 + 1 };
	const struct csvr_number number = { parts, 2, -20, false, CSVR_QUANTITY_NUMBER, 0 };
	ck_assert_int_eq(csvr_collected_add_number(part, &number), CSVR_OK);
	oracle_add_number(oracle, &number);
}

static void add_cells(const struct cells *kind, struct csvr_collected *part, struct oracle *oracle)
{
	static const int64_t power_of_ten[] = { 1, 10, 100 };
	int64_t values[CSVR_MAX_BATCH];
	const size_t n = next_random() % CSVR_MAX_BATCH + 1;
	const unsigned scale = next_random() % 3;
	const enum csvr_quantity quantity = kind->has_dates && next_random() % 3 == 0
						    ? CSVR_QUANTITY_DATE
						    : CSVR_QUANTITY_NUMBER;
	const int64_t unit = quantity == CSVR_QUANTITY_DATE ? SECONDS_PER_DAY : 1;
	if (kind->has_texts && next_random() % 4 == 0)
		add_text(kind, part, oracle);
	if (kind->has_long && next_random() % 4 == 0)
		add_long_number(part, oracle);
	for (size_t i = 0; i < n; i++) {
		uint64_t magnitude;
		const int64_t index = (int64_t)(next_random() % kind->n_distinct);
		values[i] = (kind->first + index * kind->step) * power_of_ten[scale] * unit;
		const struct csvr_number number = number_of(values[i], &magnitude, scale, quantity);
		oracle_add_number(oracle, &number);
		if (n < 4)
			ck_assert_int_eq(csvr_collected_add_number(part, &number), CSVR_OK);
	}
	if (n < 4)
		return;
	const struct csvr_batch_kernels *kernels = next_batch_kernels();
	struct csvr_batch_sums sums;
	kernels->sum(values, n, &sums);
	const struct csvr_batch batch = { values, n, scale, quantity, &sums, kernels, NULL };
	ck_assert_int_eq(csvr_collected_add_batch(part, &batch), CSVR_OK);
}

static void assert_is(const struct csvr_collected *collected, const struct oracle *oracle)
{
	struct csvr_encoder expected, found;
	oracle_encode(oracle, &expected);
	csvr_encoder_init(&found);
	csvr_collected_encode(collected, oracle->collection, &found);
	ck_assert(!found.is_out_of_memory);
	ck_assert_uint_eq(found.n_bytes, expected.n_bytes);
	ck_assert_mem_eq(found.bytes, expected.bytes, found.n_bytes);
	csvr_encoder_clear(&expected);
	csvr_encoder_clear(&found);
}

static struct csvr_collected *new_block(csvr_collection collection)
{
	struct csvr_collected *block;
	ck_assert_int_eq(csvr_collected_new(collection, &block), CSVR_OK);
	return block;
}

/* ---- laws ---- */

START_TEST(parts_that_are_merged_in_any_order_are_the_whole)
{
	const csvr_collection collection = all_of_the_first_pass();
	for (int round = 0; round < 12; round++) {
		struct oracle oracle;
		struct csvr_collected *part[N_PARTS];
		oracle_init(&oracle, collection);
		for (int i = 0; i < N_PARTS; i++)
			part[i] = new_block(collection);
		const int n_steps = round % 3 == 0 ? 3 : N_STEPS;
		for (int i = 0; i < n_steps; i++)
			add_cells(&kinds[_i], part[next_random() % N_PARTS], &oracle);
		for (int n = N_PARTS; n > 1; n--) {
			const size_t into = next_random() % (size_t)n;
			const size_t from = (into + 1 + next_random() % (size_t)(n - 1)) %
					    (size_t)n;
			ck_assert_int_eq(csvr_collected_merge(&part[into], part[from]), CSVR_OK);
			csvr_collected_free(part[from]);
			part[from] = part[n - 1];
		}
		assert_is(part[0], &oracle);
		csvr_collected_free(part[0]);
		oracle_clear(&oracle);
	}
}
END_TEST

/* As a thread does with one file after another. */
START_TEST(files_that_inherit_from_those_before_are_the_whole_when_merged)
{
	const csvr_collection collection = all_of_the_first_pass();
	struct oracle oracle;
	struct csvr_collected *merged = new_block(collection), *file = new_block(collection);
	oracle_init(&oracle, collection);
	for (int i = 0; i < 12; i++) {
		csvr_collected_reset(file);
		csvr_collected_inherit(file, merged);
		for (int k = 0; k < 8; k++)
			add_cells(&kinds[_i], file, &oracle);
		ck_assert_int_eq(csvr_collected_merge(&merged, file), CSVR_OK);
		/* Reading a state, as a checkpoint does, changes nothing. */
		if (i % 3 == 2)
			assert_is(merged, &oracle);
	}
	assert_is(merged, &oracle);
	csvr_collected_free(merged);
	csvr_collected_free(file);
	oracle_clear(&oracle);
}
END_TEST

/* Two equal values after each other: the order of a part of a file needs the last one, that of files does not. */
START_TEST(a_block_that_is_taken_is_the_block_that_would_be_merged)
{
	static const int64_t values[] = { 1, 2, 2, 3 };
	const csvr_collection collection = all_of_the_first_pass();
	struct csvr_collected *taken = new_block(collection), *merged = NULL;
	const struct csvr_batch_kernels *kernels = next_batch_kernels();
	struct csvr_batch_sums sums;
	kernels->sum(values, 4, &sums);
	const struct csvr_batch batch = {
		values, 4, 0, CSVR_QUANTITY_NUMBER, &sums, kernels, NULL
	};
	ck_assert_int_eq(csvr_collected_add_batch(taken, &batch), CSVR_OK);
	ck_assert_int_eq(csvr_collected_merge(&merged, taken), CSVR_OK);
	ck_assert_int_eq(csvr_collected_finish_file(taken), CSVR_OK);
	struct csvr_encoder a, b;
	csvr_encoder_init(&a);
	csvr_encoder_init(&b);
	csvr_collected_encode(taken, collection, &a);
	csvr_collected_encode(merged, collection, &b);
	ck_assert_uint_eq(a.n_bytes, b.n_bytes);
	ck_assert_mem_eq(a.bytes, b.bytes, a.n_bytes);
	csvr_encoder_clear(&a);
	csvr_encoder_clear(&b);
	csvr_collected_free(taken);
	csvr_collected_free(merged);
}
END_TEST

static void add_cases(Suite *suite)
{
	enum { N_KINDS = sizeof kinds / sizeof kinds[0] };
	TCase *laws = tcase_create("laws");
	tcase_add_loop_test(laws, parts_that_are_merged_in_any_order_are_the_whole, 0, N_KINDS);
	tcase_add_loop_test(laws, files_that_inherit_from_those_before_are_the_whole_when_merged, 0,
			    N_KINDS);
	tcase_add_test(laws, a_block_that_is_taken_is_the_block_that_would_be_merged);
	suite_add_tcase(suite, laws);
}

int main(void)
{
	return check_main("collected", add_cases);
}
