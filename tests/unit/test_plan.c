/* test_plan.c - divides inputs into units of work */
#include <stdlib.h>
#include <string.h>

#include "check_main.h"
#include "run/plan.h"

static struct csvr_plan plan_of(struct csvr_input *items, size_t n_items, uint64_t chunk_bytes)
{
	struct csvr_inputs inputs = { .items = items, .n_items = n_items };
	struct csvr_plan plan;
	ck_assert_int_eq(csvr_plan_build(&plan, &inputs, chunk_bytes), CSVR_OK);
	ck_assert_int_eq(csvr_plan_order(&plan, &inputs), CSVR_OK);
	return plan;
}

/* Asserts that every byte of every input is in exactly one unit. */
static void assert_covers(const struct csvr_plan *plan, const struct csvr_input *items,
			  size_t n_items)
{
	for (size_t i = 0; i < n_items; i++) {
		uint64_t next = 0;
		size_t n_whole = 0;
		for (size_t k = 0; k < plan->n_units; k++) {
			const struct csvr_unit *unit = &plan->units[k];
			if (i < unit->first_input || i >= unit->first_input + unit->n_inputs)
				continue;
			if (unit->n_chunks == 1) {
				n_whole++;
				ck_assert_uint_eq(unit->begin, 0);
				ck_assert(unit->end == UINT64_MAX);
				continue;
			}
			ck_assert_uint_eq(unit->n_inputs, 1);
			ck_assert_uint_eq(unit->begin, next); /* in order, without a gap */
			next = unit->end;
		}
		ck_assert(n_whole == 1 ? next == 0 : n_whole == 0 && next == UINT64_MAX);
		ck_assert(n_whole == 1 || items[i].kind == CSVR_INPUT_REGULAR);
	}
}

START_TEST(every_input_is_read_once_whatever_the_sizes)
{
	static const uint64_t sizes[] = {
		0, 1, 100, 1 << 20, 5000000, 8 << 20, 8388609, 100 << 20
	};
	static const uint64_t chunks[] = { 0, 1 << 20, 1000003, 8 << 20 };
	struct csvr_input items[300];
	uint64_t random = 12345;
	for (size_t i = 0; i < 300; i++) {
		random = random * 6364136223846793005u + 1442695040888963407u;
		items[i] = (struct csvr_input){
			.size_bytes = sizes[(random >> 33) % (i < 150 ? 8 : 3)],
			.kind = (random >> 50) % 20 == 0 ? CSVR_INPUT_FAILED : CSVR_INPUT_REGULAR,
		};
		if ((random >> 55) % 20 == 0)
			items[i] = (struct csvr_input){ .kind = CSVR_INPUT_STREAM };
		if (items[i].kind == CSVR_INPUT_FAILED)
			items[i].size_bytes = 0;
	}
	for (size_t k = 0; k < 4; k++) {
		struct csvr_plan plan = plan_of(items, 300, chunks[k]);
		assert_covers(&plan, items, 300);
		csvr_plan_clear(&plan);
	}
}
END_TEST

START_TEST(streams_come_first_and_then_the_largest_unit)
{
	struct csvr_input items[] = {
		{ .size_bytes = 10, .kind = CSVR_INPUT_REGULAR },
		{ .size_bytes = 3 << 20, .kind = CSVR_INPUT_REGULAR },
		{ .kind = CSVR_INPUT_STREAM },
		{ .size_bytes = 7 << 20, .kind = CSVR_INPUT_REGULAR },
	};
	struct csvr_plan plan = plan_of(items, 4, 0);
	ck_assert_uint_eq(plan.n_units, 4);
	ck_assert_uint_eq(plan.units[0].first_input, 2);
	ck_assert_uint_eq(plan.units[1].first_input, 3);
	ck_assert_uint_eq(plan.units[2].first_input, 1);
	ck_assert_uint_eq(plan.units[3].first_input, 0);
	csvr_plan_clear(&plan);
}
END_TEST

START_TEST(small_files_are_batched)
{
	struct csvr_input items[1000];
	for (size_t i = 0; i < 1000; i++)
		items[i] = (struct csvr_input){ .size_bytes = 4000, .kind = CSVR_INPUT_REGULAR };
	struct csvr_plan plan = plan_of(items, 1000, 0);
	ck_assert_uint_eq(plan.n_units, (1000 + CSVR_BATCH_FILES - 1) / CSVR_BATCH_FILES);
	assert_covers(&plan, items, 1000);
	csvr_plan_clear(&plan);
}
END_TEST

START_TEST(a_file_of_any_size_is_split_into_a_bounded_number_of_units)
{
	static const uint64_t sizes[] = { (UINT64_C(1) << 41) + 1, INT64_MAX, UINT64_MAX };
	for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
		struct csvr_input item = { .size_bytes = sizes[k], .kind = CSVR_INPUT_REGULAR };
		struct csvr_plan plan = plan_of(&item, 1, 0);
		ck_assert_uint_gt(plan.n_units, 1 << 17);
		ck_assert_uint_le(plan.n_units, 1 << 18);
		/* As assert_covers, but fast. */
		uint64_t next = 0;
		bool is_covered = true;
		for (size_t i = 0; i < plan.n_units; i++) {
			is_covered &= plan.units[i].begin == next;
			next = plan.units[i].end;
			is_covered &= next > plan.units[i].begin;
		}
		ck_assert(is_covered && next == UINT64_MAX);
		csvr_plan_clear(&plan);
	}
}
END_TEST

START_TEST(no_inputs_give_no_units)
{
	struct csvr_plan plan = plan_of(NULL, 0, 0);
	ck_assert_uint_eq(plan.n_units, 0);
	csvr_plan_clear(&plan);
}
END_TEST

/* ---- shards ---- */

enum { MOST_INPUTS = 10001 };

static bool are_same(const struct csvr_unit *a, const struct csvr_unit *b)
{
	return a->first_input == b->first_input && a->n_inputs == b->n_inputs &&
	       a->begin == b->begin && a->end == b->end && a->chunk == b->chunk &&
	       a->n_chunks == b->n_chunks;
}

/* Asserts that the shards in sequence are the plan. Returns the size of the largest. */
static uint64_t assert_shards(struct csvr_input *items, size_t n_items, uint32_t n_shards,
			      uint64_t chunk_bytes)
{
	struct csvr_inputs inputs = { .items = items, .n_items = n_items };
	struct csvr_plan all;
	size_t n_units = 0;
	uint64_t most = 0, total = 0;
	ck_assert_int_eq(csvr_plan_build(&all, &inputs, chunk_bytes), CSVR_OK);
	for (uint32_t index = 1; index <= n_shards; index++) {
		struct csvr_plan shard;
		ck_assert_int_eq(csvr_plan_build(&shard, &inputs, chunk_bytes), CSVR_OK);
		csvr_plan_keep_shard(&shard, &inputs, index, n_shards);
		for (size_t i = 0; i < shard.n_units; i++) {
			ck_assert_uint_lt(n_units, all.n_units);
			ck_assert(are_same(&shard.units[i], &all.units[n_units]));
			n_units++;
		}
		total += shard.size_bytes;
		if (shard.size_bytes > most)
			most = shard.size_bytes;
		csvr_plan_clear(&shard);
	}
	ck_assert_uint_eq(n_units, all.n_units);
	ck_assert_uint_eq(total, all.size_bytes);
	csvr_plan_clear(&all);
	return most;
}

static uint64_t total_of(const struct csvr_input *items, size_t n_items)
{
	uint64_t total = 0;
	for (size_t i = 0; i < n_items; i++)
		total += items[i].size_bytes;
	return total;
}

/* Asserts that the largest of 8 shards is less than 1.1 times the mean. */
static void assert_balance(struct csvr_input *items, size_t n_items)
{
	const uint64_t total = total_of(items, n_items);
	ck_assert_uint_lt(assert_shards(items, n_items, 8, 0) * 80, total * 11);
}

START_TEST(shards_of_one_big_file_are_balanced)
{
	struct csvr_input item = { .size_bytes = UINT64_C(4000000000), .kind = CSVR_INPUT_REGULAR };
	assert_balance(&item, 1);
}
END_TEST

START_TEST(shards_of_a_huge_file_and_many_small_files_are_balanced)
{
	static struct csvr_input items[MOST_INPUTS];
	for (size_t at = 0; at < MOST_INPUTS;
	     at += 5000) { /* the big file is first, in the middle, last */
		for (size_t i = 0; i < MOST_INPUTS; i++)
			items[i] = (struct csvr_input){ .size_bytes = 10000,
							.kind = CSVR_INPUT_REGULAR };
		items[at].size_bytes = UINT64_C(1000000000);
		assert_balance(items, MOST_INPUTS);
	}
}
END_TEST

START_TEST(shards_of_equal_files_are_balanced)
{
	static const uint64_t sizes[] = { 10000000, 100000000, 3 << 20 };
	struct csvr_input items[100];
	for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
		for (size_t i = 0; i < 100; i++)
			items[i] = (struct csvr_input){ .size_bytes = sizes[k],
							.kind = CSVR_INPUT_REGULAR };
		assert_balance(items, 100);
	}
}
END_TEST

START_TEST(a_shard_differs_from_the_mean_by_one_unit_at_most)
{
	struct csvr_input items[200];
	uint64_t random = 99;
	for (unsigned round = 0; round < 200; round++) {
		const size_t n_items = 1 + round;
		for (size_t i = 0; i < n_items; i++) {
			random = random * 6364136223846793005u + 1442695040888963407u;
			items[i] = (struct csvr_input){
				.size_bytes = (random >> 40) % (i % 3 == 0 ? 20000000 : 3000),
				.kind = (random >> 33) % 30 == 0 ? CSVR_INPUT_STREAM
								 : CSVR_INPUT_REGULAR
			};
			if (items[i].kind == CSVR_INPUT_STREAM)
				items[i].size_bytes = 0;
		}
		const uint32_t n_shards = 1 + round % 17;
		const uint64_t chunk_bytes = round % 2 == 0 ? 0 : 1000000;
		const uint64_t unit = (round % 2 == 0 ? CSVR_CHUNK_BYTES : 1000000) +
				      CSVR_BATCH_BYTES;
		const uint64_t most = assert_shards(items, n_items, n_shards, chunk_bytes);
		ck_assert_uint_le(most, total_of(items, n_items) / n_shards + 1 + unit);
	}
}
END_TEST

START_TEST(units_without_bytes_are_divided_by_number)
{
	struct csvr_input items[8];
	for (size_t i = 0; i < 8; i++)
		items[i] = (struct csvr_input){ .kind = CSVR_INPUT_STREAM };
	struct csvr_inputs inputs = { .items = items, .n_items = 8 };
	ck_assert_uint_eq(assert_shards(items, 8, 4, 0), 0);
	for (uint32_t index = 1; index <= 4; index++) {
		struct csvr_plan shard;
		ck_assert_int_eq(csvr_plan_build(&shard, &inputs, 0), CSVR_OK);
		csvr_plan_keep_shard(&shard, &inputs, index, 4);
		ck_assert_uint_eq(shard.n_units, 2);
		csvr_plan_clear(&shard);
	}
	assert_shards(NULL, 0, 3, 0);
	assert_shards(items, 8, 1000, 0);
	assert_shards(items, 1, 3, 0);
}
END_TEST

/* ---- inputs that are done ---- */

struct done {
	const bool *inputs;
	uint32_t chunk; /* of every file that is split, the chunk that is done */
};

static bool is_done(void *context, uint32_t input, uint32_t chunk, uint32_t n_chunks)
{
	const struct done *done = context;
	return done->inputs[input] || (n_chunks > 1 && chunk == done->chunk);
}

START_TEST(skipping_done_inputs_keeps_all_others)
{
	enum { N = 300 };
	static struct csvr_input items[N];
	static bool inputs_done[N];
	uint64_t random = 7;
	for (unsigned round = 0; round < 50; round++) {
		unsigned n_expected[N] = { 0 }, n_found[N] = { 0 };
		for (size_t i = 0; i < N; i++) {
			random = random * 6364136223846793005u + 1442695040888963407u;
			items[i] = (struct csvr_input){ .size_bytes = i % 50 == 49 ? 5000000 : 100,
							.kind = CSVR_INPUT_REGULAR };
			inputs_done[i] = (random >> 40) % 10 < round / 5;
			n_expected[i] = inputs_done[i] ? 0 : i % 50 == 49 ? 4 : 1;
		}
		struct csvr_inputs inputs = { .items = items, .n_items = N };
		struct csvr_plan plan;
		struct done done = { inputs_done, 2 };
		ck_assert_int_eq(csvr_plan_build(&plan, &inputs, 1000000), CSVR_OK);
		ck_assert_int_eq(csvr_plan_skip_done(&plan, &inputs, is_done, &done), CSVR_OK);
		uint64_t size_bytes = 0;
		for (size_t k = 0; k < plan.n_units; k++) {
			const struct csvr_unit *unit = &plan.units[k];
			ck_assert_uint_gt(unit->n_inputs, 0);
			ck_assert(unit->n_chunks == 1 || unit->chunk != 2);
			for (uint32_t i = 0; i < unit->n_inputs; i++)
				n_found[unit->first_input + i]++;
			size_bytes += unit->n_chunks > 1 ? 1000000 : 100 * unit->n_inputs;
		}
		ck_assert_mem_eq(n_found, n_expected, sizeof n_found);
		ck_assert_uint_eq(plan.size_bytes, size_bytes);
		csvr_plan_clear(&plan);
	}
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *plan = tcase_create("plan");
	tcase_add_test(plan, every_input_is_read_once_whatever_the_sizes);
	tcase_add_test(plan, streams_come_first_and_then_the_largest_unit);
	tcase_add_test(plan, small_files_are_batched);
	tcase_add_test(plan, a_file_of_any_size_is_split_into_a_bounded_number_of_units);
	tcase_add_test(plan, no_inputs_give_no_units);
	tcase_add_test(plan, shards_of_one_big_file_are_balanced);
	tcase_add_test(plan, shards_of_a_huge_file_and_many_small_files_are_balanced);
	tcase_add_test(plan, shards_of_equal_files_are_balanced);
	tcase_add_test(plan, a_shard_differs_from_the_mean_by_one_unit_at_most);
	tcase_add_test(plan, units_without_bytes_are_divided_by_number);
	tcase_add_test(plan, skipping_done_inputs_keeps_all_others);
	suite_add_tcase(suite, plan);
}

int main(void)
{
	return check_main("plan", add_cases);
}
