/* test_unit_queue.c - the order in which threads take units, and runs of adjacent chunks
 *
 * Shape   threads of any speed are simulated by drawing which of them has read its chunk next. Only the last test has
 *         threads.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "check_main.h"
#include "random.h"
#include "run/unit_queue.h"

static struct csvr_plan plan_of(struct csvr_input *items, size_t n_items, uint64_t chunk_bytes)
{
	struct csvr_inputs inputs = { .items = items, .n_items = n_items };
	struct csvr_plan plan;
	ck_assert_int_eq(csvr_plan_build(&plan, &inputs, chunk_bytes), CSVR_OK);
	ck_assert_int_eq(csvr_plan_order(&plan, &inputs), CSVR_OK);
	return plan;
}

/* Prepares the chunks of one file, of which all have the same size. */
static struct csvr_plan plan_of_file(size_t n_chunks)
{
	enum { CHUNK_BYTES = 2000000 };
	struct csvr_input item = { .size_bytes = n_chunks * CHUNK_BYTES,
				   .kind = CSVR_INPUT_REGULAR };
	struct csvr_plan plan = plan_of(&item, 1, CHUNK_BYTES);
	ck_assert_uint_eq(plan.n_units, n_chunks);
	return plan;
}

/* ---- the order ---- */

static void expect_order(int n_threads, size_t n_chunks, const uint32_t *expected)
{
	struct csvr_plan plan = plan_of_file(n_chunks);
	struct csvr_unit_queue queue;
	ck_assert_int_eq(csvr_unit_queue_init(&queue, &plan, 0, n_chunks, n_threads), CSVR_OK);
	for (size_t i = 0; i < n_chunks; i++) {
		const struct csvr_unit *unit = csvr_unit_queue_take(&queue, i);
		ck_assert_ptr_nonnull(unit);
		ck_assert_uint_eq(unit->chunk, expected[i]);
	}
	csvr_unit_queue_clear(&queue);
	csvr_plan_clear(&plan);
}

START_TEST(each_chunk_is_in_the_middle_of_a_widest_gap)
{
	static const uint32_t one[] = { 0, 4, 2, 6, 1, 5, 3, 7 };
	static const uint32_t odd[] = { 0, 2, 1, 3, 4 };
	expect_order(1, 8, one);
	expect_order(2, 8, one);
	expect_order(1, 5, odd);
}
END_TEST

START_TEST(the_first_chunks_divide_a_file_among_any_number_of_threads)
{
	static const uint32_t three[] = { 0, 4, 8, 2, 6, 10, 1, 5, 9, 3, 7, 11 };
	static const uint32_t more[] = { 0, 1, 2 };
	expect_order(3, 12, three);
	expect_order(7, 3, more);
}
END_TEST

START_TEST(chunks_that_are_not_joined_come_in_the_order_of_the_plan)
{
	struct csvr_plan plan = plan_of_file(9);
	struct csvr_unit_queue queue;
	ck_assert_int_eq(csvr_unit_queue_init(&queue, &plan, 2, 8, 0), CSVR_OK);
	ck_assert_uint_eq(queue.n_units, 6);
	for (size_t i = 0; i < 6; i++) {
		const struct csvr_unit *unit = csvr_unit_queue_take(&queue, i);
		ck_assert_ptr_eq(unit, &plan.units[2 + i]);
		ck_assert_ptr_null(csvr_unit_queue_take_following(&queue, unit));
	}
	csvr_unit_queue_clear(&queue);
	csvr_plan_clear(&plan);
}
END_TEST

START_TEST(units_other_than_chunks_keep_their_place)
{
	struct csvr_input items[] = {
		{ .size_bytes = 10, .kind = CSVR_INPUT_REGULAR },
		{ .size_bytes = 9000000, .kind = CSVR_INPUT_REGULAR },
		{ .size_bytes = 1500000, .kind = CSVR_INPUT_REGULAR },
		{ .kind = CSVR_INPUT_STREAM },
		{ .size_bytes = 8000000, .kind = CSVR_INPUT_REGULAR },
	};
	struct csvr_plan plan = plan_of(items, 5, 2000000);
	struct csvr_unit_queue queue;
	size_t n_chunks[5] = { 0 };
	ck_assert_int_eq(csvr_unit_queue_init(&queue, &plan, 0, plan.n_units, 2), CSVR_OK);
	for (size_t i = 0; i < plan.n_units; i++) {
		const struct csvr_unit *unit = csvr_unit_queue_take(&queue, i);
		ck_assert_int_eq(unit->n_chunks == 1, plan.units[i].n_chunks == 1);
		if (unit->n_chunks == 1)
			ck_assert_ptr_eq(unit, &plan.units[i]);
		n_chunks[unit->first_input] += unit->n_chunks > 1;
	}
	ck_assert_uint_eq(n_chunks[1], 5);
	ck_assert_uint_eq(n_chunks[4], 4);
	csvr_unit_queue_clear(&queue);
	csvr_plan_clear(&plan);
}
END_TEST

START_TEST(every_file_is_begun_before_any_is_divided_if_there_are_enough)
{
	enum { N_FILES = 6, N_CHUNKS = 5 };
	struct csvr_input items[N_FILES];
	for (size_t i = 0; i < N_FILES; i++)
		items[i] = (struct csvr_input){ .size_bytes = N_CHUNKS * 2000000,
						.kind = CSVR_INPUT_REGULAR };
	struct csvr_plan plan = plan_of(items, N_FILES, 2000000);
	struct csvr_unit_queue queue;
	ck_assert_int_eq(csvr_unit_queue_init(&queue, &plan, 0, plan.n_units, 4), CSVR_OK);
	for (uint32_t i = 0; i < N_FILES; i++) {
		const struct csvr_unit *unit = csvr_unit_queue_take(&queue, i);
		ck_assert_uint_eq(unit->first_input, i);
		for (uint32_t chunk = 0; chunk < N_CHUNKS; chunk++) {
			ck_assert_uint_eq(unit->chunk, chunk);
			unit = csvr_unit_queue_take_following(&queue, unit);
		}
		ck_assert_ptr_null(unit);
	}
	for (size_t i = N_FILES; i < plan.n_units; i++)
		ck_assert_ptr_null(csvr_unit_queue_take(&queue, i));
	csvr_unit_queue_clear(&queue);
	csvr_plan_clear(&plan);
}
END_TEST

/* ---- threads of any speed ---- */

enum { MOST_THREADS = 64 };

/* Takes the next unit of the queue for a thread that cannot go on; NULL: none is left. */
static const struct csvr_unit *take_next(struct csvr_unit_queue *queue, size_t *position)
{
	const struct csvr_unit *unit = NULL;
	while (unit == NULL && *position < queue->n_units)
		unit = csvr_unit_queue_take(queue, (*position)++);
	return unit;
}

/* Has threads take all units, and counts in `n_taken` how often each was. With `is_fair` all threads have the same speed.
 * Returns the number of runs of adjacent chunks. */
static size_t simulate(struct csvr_unit_queue *queue, size_t n_threads, bool is_fair,
		       unsigned *n_taken)
{
	const struct csvr_unit *units[MOST_THREADS];
	size_t position = 0, n_runs = 0, n_left = n_threads;
	for (size_t t = 0; t < n_threads; t++) {
		units[t] = take_next(queue, &position);
		n_runs += units[t] != NULL;
	}
	for (size_t turn = 0; n_left > 0; turn++) {
		const size_t t = is_fair ? turn % n_threads : below(n_threads);
		const struct csvr_unit *unit = units[t];
		if (unit == NULL) {
			n_left = 0;
			for (size_t i = 0; i < n_threads; i++)
				n_left += units[i] != NULL;
			continue;
		}
		n_taken[unit - queue->units]++;
		units[t] = csvr_unit_queue_take_following(queue, unit);
		if (units[t] != NULL) {
			ck_assert_uint_eq(units[t]->first_input, unit->first_input);
			ck_assert_uint_eq(units[t]->chunk, unit->chunk + 1);
			ck_assert_uint_eq(units[t]->begin, unit->end);
			continue;
		}
		units[t] = take_next(queue, &position);
		n_runs += units[t] != NULL;
	}
	return n_runs;
}

START_TEST(every_unit_of_a_slice_is_taken_once_whatever_the_speed_of_the_threads)
{
	enum { N_ITEMS = 30 };
	random_state = 20;
	for (unsigned round = 0; round < 300; round++) {
		struct csvr_input items[N_ITEMS];
		for (size_t i = 0; i < N_ITEMS; i++)
			items[i] = (struct csvr_input){
				.size_bytes = below(round % 3 == 0 ? 30000000 : 3000000),
				.kind = CSVR_INPUT_REGULAR
			};
		struct csvr_plan plan = plan_of(items, N_ITEMS, 1 + below(4000000));
		const size_t first = below(plan.n_units),
			     last = first + below(plan.n_units - first + 1);
		const size_t n_threads = 1 + below(9);
		struct csvr_unit_queue queue;
		unsigned *n_taken = calloc(plan.n_units + 1, sizeof *n_taken);
		ck_assert_ptr_nonnull(n_taken);
		ck_assert_int_eq(csvr_unit_queue_init(&queue, &plan, first, last, (int)n_threads),
				 CSVR_OK);
		(void)simulate(&queue, n_threads, round % 2 == 0, n_taken);
		for (size_t i = 0; i < last - first; i++)
			ck_assert_uint_eq(n_taken[i], 1);
		free(n_taken);
		csvr_unit_queue_clear(&queue);
		csvr_plan_clear(&plan);
	}
}
END_TEST

START_TEST(each_thread_reads_one_run_of_a_file_if_all_have_the_same_speed)
{
	enum { CHUNKS_OF_THREAD = 20 };
	unsigned n_taken[MOST_THREADS * CHUNKS_OF_THREAD] = { 0 };
	for (size_t n_threads = 1; n_threads <= MOST_THREADS; n_threads++) {
		const size_t n_chunks = n_threads * CHUNKS_OF_THREAD;
		struct csvr_plan plan = plan_of_file(n_chunks);
		struct csvr_unit_queue queue;
		ck_assert_int_eq(csvr_unit_queue_init(&queue, &plan, 0, n_chunks, (int)n_threads),
				 CSVR_OK);
		ck_assert_uint_eq(simulate(&queue, n_threads, true, n_taken), n_threads);
		csvr_unit_queue_clear(&queue);
		csvr_plan_clear(&plan);
	}
}
END_TEST

START_TEST(threads_whose_speed_varies_read_few_runs)
{
	enum { N_CHUNKS = 1000, N_ROUNDS = 20, MOST_RUNS_OF_THREAD = 4 };
	unsigned n_taken[N_CHUNKS] = { 0 };
	struct csvr_plan plan = plan_of_file(N_CHUNKS);
	random_state = 21;
	for (size_t n_threads = 2; n_threads <= 16; n_threads++) {
		size_t n_runs = 0;
		for (unsigned round = 0; round < N_ROUNDS; round++) {
			struct csvr_unit_queue queue;
			ck_assert_int_eq(csvr_unit_queue_init(&queue, &plan, 0, N_CHUNKS,
							      (int)n_threads),
					 CSVR_OK);
			n_runs += simulate(&queue, n_threads, false, n_taken);
			csvr_unit_queue_clear(&queue);
		}
		ck_assert_uint_le(n_runs, MOST_RUNS_OF_THREAD * n_threads * N_ROUNDS);
	}
	csvr_plan_clear(&plan);
}
END_TEST

/* ---- fetching ahead ---- */

START_TEST(byte_ranges_are_in_the_order_in_which_threads_read)
{
	/* Two batches of 64 small inputs and one of the rest, a big one in two chunks, and a local
	 * one. */
	struct csvr_input items[131] = { { 0 } };
	for (size_t i = 0; i < 131; i++)
		items[i] = (struct csvr_input){ .kind = CSVR_INPUT_REGULAR,
						.size_bytes = 100,
						.is_remote = true };
	items[0].size_bytes = 1500000;
	items[130].size_bytes = 200;
	items[130].is_remote = false;
	const struct csvr_inputs inputs = { .items = items, .n_items = 131 };
	struct csvr_plan plan = plan_of(items, 131, 1000000);
	struct csvr_unit_queue queue;
	ck_assert_int_eq(csvr_unit_queue_init(&queue, &plan, 0, plan.n_units, 0), CSVR_OK);
	for (int n_threads = 1; n_threads < 100; n_threads += 1 + n_threads / 4) {
		struct csvr_byte_range *byte_ranges;
		size_t n_byte_ranges, n_found[131] = { 0 };
		ck_assert_int_eq(csvr_unit_queue_prefetch_ranges(&queue, &inputs, 1000, n_threads,
								 &byte_ranges, &n_byte_ranges),
				 CSVR_OK);
		ck_assert_uint_eq(n_byte_ranges, 131);
		for (size_t i = 0; i < n_byte_ranges; i++)
			n_found[byte_ranges[i].input]++;
		for (size_t i = 0; i < 131; i++)
			ck_assert_uint_eq(n_found[i], i == 0 ? 2 : i != 130);
		/* The largest unit is first, extended by a block at its end. */
		ck_assert_uint_eq(byte_ranges[0].input, 0);
		ck_assert_uint_eq(byte_ranges[0].begin, 0);
		ck_assert_uint_eq(byte_ranges[0].end, 1001000);
		free(byte_ranges);
	}
	struct csvr_byte_range *byte_ranges;
	size_t n_byte_ranges;
	/* Two threads have a batch each: the inputs of the two alternate. */
	csvr_unit_queue_clear(&queue);
	ck_assert_int_eq(csvr_unit_queue_init(&queue, &plan, plan.n_units - 3, plan.n_units - 1, 0),
			 CSVR_OK);
	ck_assert_int_eq(csvr_unit_queue_prefetch_ranges(&queue, &inputs, 1000, 2, &byte_ranges,
							 &n_byte_ranges),
			 CSVR_OK);
	for (size_t i = 0; i + 1 < 10; i += 2)
		ck_assert_int_ge(abs((int)byte_ranges[i].input - (int)byte_ranges[i + 1].input),
				 60);
	free(byte_ranges);
	csvr_unit_queue_clear(&queue);
	csvr_plan_clear(&plan);
}
END_TEST

START_TEST(byte_ranges_of_chunks_that_are_joined_are_in_the_order_in_which_threads_read)
{
	static const uint64_t chunks[] = { 0, 3, 1, 4, 2, 5 };
	struct csvr_plan plan = plan_of_file(6);
	struct csvr_input item = { .size_bytes = 6 * 2000000,
				   .kind = CSVR_INPUT_REGULAR,
				   .is_remote = true };
	const struct csvr_inputs inputs = { .items = &item, .n_items = 1 };
	struct csvr_unit_queue queue;
	struct csvr_byte_range *byte_ranges;
	size_t n_byte_ranges;
	ck_assert_int_eq(csvr_unit_queue_init(&queue, &plan, 0, 6, 2), CSVR_OK);
	ck_assert_int_eq(csvr_unit_queue_prefetch_ranges(&queue, &inputs, 1000, 2, &byte_ranges,
							 &n_byte_ranges),
			 CSVR_OK);
	ck_assert_uint_eq(n_byte_ranges, 6);
	for (size_t i = 0; i < 6; i++)
		ck_assert_uint_eq(byte_ranges[i].begin, chunks[i] * 2000000 - (chunks[i] > 0));
	/* All units can still be taken. */
	for (size_t i = 0; i < 6; i++)
		ck_assert_ptr_nonnull(csvr_unit_queue_take(&queue, i));
	free(byte_ranges);
	csvr_unit_queue_clear(&queue);
	csvr_plan_clear(&plan);
}
END_TEST

/* ---- threads ---- */

static struct csvr_unit_queue shared;
static size_t shared_position; /* atomic */
static unsigned shared_taken[20000]; /* atomic */

static void *take_all(void *unused)
{
	for (;;) {
		const size_t position = __atomic_fetch_add(&shared_position, 1, __ATOMIC_RELAXED);
		if (position >= shared.n_units)
			return unused;
		const struct csvr_unit *unit = csvr_unit_queue_take(&shared, position);
		for (; unit != NULL; unit = csvr_unit_queue_take_following(&shared, unit))
			__atomic_add_fetch(&shared_taken[unit - shared.units], 1, __ATOMIC_RELAXED);
	}
}

START_TEST(concurrent_threads_take_every_unit_once)
{
	enum { N_THREADS = 4 };
	pthread_t threads[N_THREADS];
	const size_t n_chunks = sizeof shared_taken / sizeof shared_taken[0];
	struct csvr_plan plan = plan_of_file(n_chunks);
	ck_assert_int_eq(csvr_unit_queue_init(&shared, &plan, 0, n_chunks, N_THREADS), CSVR_OK);
	for (size_t t = 0; t < N_THREADS; t++)
		ck_assert_int_eq(pthread_create(&threads[t], NULL, take_all, NULL), 0);
	for (size_t t = 0; t < N_THREADS; t++)
		ck_assert_int_eq(pthread_join(threads[t], NULL), 0);
	for (size_t i = 0; i < n_chunks; i++)
		ck_assert_uint_eq(shared_taken[i], 1);
	csvr_unit_queue_clear(&shared);
	csvr_plan_clear(&plan);
}
END_TEST

/* ---- what is left ---- */

/* What is left is counted from where the threads are, one chunk at a time, by walking over the file. */
START_TEST(what_is_left_is_what_a_thread_on_its_way_to_a_chunk_would_read)
{
	enum { N_CHUNKS = 24, CHUNK_BYTES = 2000000 };
	random_state = 21;
	for (unsigned round = 0; round < 200; round++) {
		struct csvr_plan plan = plan_of_file(N_CHUNKS);
		struct csvr_unit_queue queue;
		bool is_taken[N_CHUNKS] = { false };
		ck_assert_int_eq(csvr_unit_queue_init(&queue, &plan, 0, N_CHUNKS, 3), CSVR_OK);
		for (size_t n = below(N_CHUNKS); n > 0; n--) {
			const struct csvr_unit *unit = csvr_unit_queue_take(&queue,
									    below(N_CHUNKS));
			if (unit != NULL)
				is_taken[unit->chunk] = true;
		}
		for (size_t i = 0; i < N_CHUNKS; i++) {
			const uint32_t chunk = queue.units[queue.order[i]].chunk;
			uint32_t first = chunk, last = chunk;
			while (first > 0 && !is_taken[first])
				first--;
			while (last < N_CHUNKS && !is_taken[last])
				last++;
			const uint64_t left = is_taken[chunk] ? 0
					      : !is_taken[first]
						      ? UINT64_MAX
						      : (last - first - 1) * (uint64_t)CHUNK_BYTES;
			ck_assert_uint_eq(csvr_unit_queue_left(&queue, i), left);
		}
		csvr_unit_queue_clear(&queue);
		csvr_plan_clear(&plan);
	}
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *order = tcase_create("order");
	tcase_add_test(order, each_chunk_is_in_the_middle_of_a_widest_gap);
	tcase_add_test(order, the_first_chunks_divide_a_file_among_any_number_of_threads);
	tcase_add_test(order, chunks_that_are_not_joined_come_in_the_order_of_the_plan);
	tcase_add_test(order, units_other_than_chunks_keep_their_place);
	tcase_add_test(order, every_file_is_begun_before_any_is_divided_if_there_are_enough);
	suite_add_tcase(suite, order);
	TCase *ranges = tcase_create("byte_ranges");
	tcase_add_test(ranges, byte_ranges_are_in_the_order_in_which_threads_read);
	tcase_add_test(
		ranges,
		byte_ranges_of_chunks_that_are_joined_are_in_the_order_in_which_threads_read);
	suite_add_tcase(suite, ranges);
	TCase *left = tcase_create("left");
	tcase_add_test(left, what_is_left_is_what_a_thread_on_its_way_to_a_chunk_would_read);
	suite_add_tcase(suite, left);
	TCase *threads = tcase_create("threads");
	tcase_add_test(threads,
		       every_unit_of_a_slice_is_taken_once_whatever_the_speed_of_the_threads);
	tcase_add_test(threads, each_thread_reads_one_run_of_a_file_if_all_have_the_same_speed);
	tcase_add_test(threads, threads_whose_speed_varies_read_few_runs);
	tcase_add_test(threads, concurrent_threads_take_every_unit_once);
	suite_add_tcase(suite, threads);
}

int main(void)
{
	return check_main("unit_queue", add_cases);
}
