/* test_prefetch.c - objects fetched in parts, ahead of those who read them
 *
 * No network: requests are carried by a thread that ends them in whatever order, late, or badly.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "check_main.h"
#include "input/remote/prefetch.h"

enum { MOST_REQUESTS = 4096, BLOCK_BYTES = 3000, PART_BYTES = 20000, N_CONNECTIONS = 4 };

/* ---- a carrier ---- */

static struct carrier {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t thread;
	bool is_ending;
	struct csvr_http_request *requests[MOST_REQUESTS]; /* submitted, in order */
	size_t n_requests;
	struct csvr_http_request *told;
	uint64_t random;
	/* What it is to do. */
	bool is_held; /* ends nothing */
	const char *held_url; /* nor this, beginning behind `held_from` */
	uint64_t held_from;
	int failures_of_100, short_of_100;
	/* What it saw. */
	char log[8192]; /* number of the object and first byte of each request */
	size_t n_submitted, n_cancelled, n_heads;
} carrier = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };

static uint64_t draw(uint64_t *random, uint64_t n)
{
	*random = *random * 6364136223846793005u + 1442695040888963407u;
	return (*random >> 33) % n;
}

static unsigned char byte_at(unsigned object, uint64_t offset)
{
	return (unsigned char)(((offset + 1) * 2654435761u + object * 40503u) >> 11);
}

static unsigned number_of(const struct csvr_http_request *request)
{
	return (unsigned)atoi(request->url + strlen("http://x/"));
}

static void end_request(struct csvr_http_request *request, bool fails, bool is_short)
{
	request->n_body = 0;
	request->status = CSVR_OK;
	if (fails) {
		request->status = csvr_error_set(&request->error, CSVR_IO_ERROR, 0,
						 "object %u does not come", number_of(request));
		return;
	}
	ck_assert_uint_le(request->n_bytes, request->capacity);
	request->n_body = (size_t)request->n_bytes - is_short;
	request->body = request->buffer;
	for (size_t i = 0; i < request->n_body; i++)
		request->buffer[i] = byte_at(number_of(request), request->begin + i);
}

static bool is_held(const struct csvr_http_request *request)
{
	return carrier.is_held || (carrier.held_url != NULL && request->begin > carrier.held_from &&
				   strcmp(request->url, carrier.held_url) == 0);
}

static void *carry(void *context)
{
	(void)context;
	pthread_mutex_lock(&carrier.lock);
	while (!carrier.is_ending) {
		/* One of the first few. */
		size_t i = carrier.n_requests == 0
				   ? 0
				   : draw(&carrier.random,
					  carrier.n_requests < 6 ? carrier.n_requests : 6);
		while (i < carrier.n_requests && is_held(carrier.requests[i]))
			i++;
		if (i >= carrier.n_requests) {
			pthread_mutex_unlock(&carrier.lock);
			nanosleep(&(struct timespec){ 0, 50000 }, NULL);
			pthread_mutex_lock(&carrier.lock);
			continue;
		}
		struct csvr_http_request *request = carrier.told = carrier.requests[i];
		carrier.n_requests--;
		memmove(&carrier.requests[i], &carrier.requests[i + 1],
			(carrier.n_requests - i) * sizeof request);
		const bool fails = (int)draw(&carrier.random, 100) < carrier.failures_of_100;
		const bool is_short = (int)draw(&carrier.random, 100) < carrier.short_of_100;
		pthread_mutex_unlock(&carrier.lock);
		end_request(request, fails, is_short);
		request->on_complete(request->context, request);
		pthread_mutex_lock(&carrier.lock);
		carrier.told = NULL;
		pthread_cond_broadcast(&carrier.changed);
	}
	pthread_mutex_unlock(&carrier.lock);
	return NULL;
}

static enum csvr_status submit(void *context, struct csvr_http_request *request)
{
	(void)context;
	pthread_mutex_lock(&carrier.lock);
	const size_t n = strlen(carrier.log);
	if (n + 64 < sizeof carrier.log)
		snprintf(carrier.log + n, sizeof carrier.log - n, "%u:%zu ", number_of(request),
			 (size_t)request->begin);
	carrier.n_submitted++;
	carrier.n_heads += request->is_priority && request->begin == 0;
	const bool has_room = carrier.n_requests < MOST_REQUESTS;
	if (has_room)
		carrier.requests[carrier.n_requests++] = request;
	pthread_mutex_unlock(&carrier.lock);
	return has_room ? CSVR_OK : CSVR_NO_MEMORY;
}

static void cancel(void *context, struct csvr_http_request *request)
{
	(void)context;
	pthread_mutex_lock(&carrier.lock);
	for (size_t i = 0; i < carrier.n_requests; i++)
		if (carrier.requests[i] == request) {
			carrier.n_requests--;
			memmove(&carrier.requests[i], &carrier.requests[i + 1],
				(carrier.n_requests - i) * sizeof request);
			carrier.n_cancelled++;
			break;
		}
	while (carrier.told == request)
		pthread_cond_wait(&carrier.changed, &carrier.lock);
	pthread_mutex_unlock(&carrier.lock);
}

static size_t n_submitted(void)
{
	pthread_mutex_lock(&carrier.lock);
	const size_t n = carrier.n_submitted;
	pthread_mutex_unlock(&carrier.lock);
	return n;
}

/* How many requests for an object are not over. */
static size_t n_waiting(const char *url)
{
	size_t n = 0;
	pthread_mutex_lock(&carrier.lock);
	for (size_t i = 0; i < carrier.n_requests; i++)
		n += strcmp(carrier.requests[i]->url, url) == 0;
	pthread_mutex_unlock(&carrier.lock);
	return n;
}

static void hold(bool is_to_be_held)
{
	pthread_mutex_lock(&carrier.lock);
	carrier.is_held = is_to_be_held;
	pthread_mutex_unlock(&carrier.lock);
}

/* ---- objects ---- */

static struct csvr_inputs *inputs;
static struct csvr_prefetcher *pool;

static void add_object(uint64_t size_bytes)
{
	char path[64];
	const struct csvr_input like = { .kind = CSVR_INPUT_REGULAR, .size_bytes = size_bytes };
	const int n = snprintf(path, sizeof path, "http://x/%zu", csvr_inputs_count(inputs));
	ck_assert_int_eq(csvr_inputs_add_copy(inputs, path, (size_t)n, &like), CSVR_OK);
}

static void begin_all(void)
{
	const struct csvr_transport functions = { submit, cancel, NULL };
	ck_assert_int_eq(csvr_inputs_new(&inputs), CSVR_OK);
	ck_assert_int_eq(csvr_prefetcher_new(&functions, N_CONNECTIONS, PART_BYTES, &pool),
			 CSVR_OK);
	ck_assert_int_eq(pthread_create(&carrier.thread, NULL, carry, NULL), 0);
}

static void end_all(void)
{
	csvr_prefetcher_free(pool);
	pthread_mutex_lock(&carrier.lock);
	ck_assert_uint_eq(carrier.n_requests, 0);
	carrier.is_ending = true;
	pthread_mutex_unlock(&carrier.lock);
	pthread_join(carrier.thread, NULL);
	csvr_inputs_free(inputs);
}

static void expect(const struct csvr_byte_range *byte_ranges, size_t n, int n_threads)
{
	ck_assert_int_eq(csvr_prefetch_schedule(pool, inputs, byte_ranges, n, n_threads), CSVR_OK);
}

static struct csvr_prefetch_reader *open_object(unsigned object, uint64_t begin)
{
	struct csvr_prefetch_reader *pull;
	ck_assert_int_eq(csvr_prefetch_reader_open(pool, inputs, &inputs->items[object], begin,
						   &pull),
			 CSVR_OK);
	return pull;
}

/* Reads up to `n` bytes at `offset`; what comes must be right. Returns how many came. */
static size_t read_some(struct csvr_prefetch_reader *pull, unsigned object, uint64_t offset,
			size_t n, enum csvr_status *status)
{
	unsigned char buffer[70000];
	struct csvr_error error;
	size_t n_read, n_right = 0;
	*status = csvr_prefetch_reader_read(pull, offset, buffer,
					    n < sizeof buffer ? n : sizeof buffer, &n_read, &error);
	if (*status != CSVR_OK)
		return 0;
	while (n_right < n_read && buffer[n_right] == byte_at(object, offset + n_right))
		n_right++;
	ck_assert_msg(n_right == n_read, "byte %zu of object %u", (size_t)offset + n_right, object);
	return n_read;
}

/* Reads [begin, end), which must come. */
static void read_all(struct csvr_prefetch_reader *pull, unsigned object, uint64_t begin,
		     uint64_t end)
{
	while (begin < end) {
		enum csvr_status status;
		const size_t n = read_some(pull, object, begin, (size_t)(end - begin), &status);
		ck_assert_int_eq(status, CSVR_OK);
		ck_assert_uint_gt(n, 0);
		begin += n;
	}
}

START_TEST(extents_are_asked_for_in_their_order)
{
	hold(true);
	for (int i = 0; i < 4; i++)
		add_object(30000);
	const struct csvr_byte_range byte_ranges[] = {
		{ 2, 0, UINT64_MAX }, { 0, 0, 30000 }, { 3, 10000, 30000 }, { 1, 0, 10 }
	};
	expect(byte_ranges, 4, 1);
	ck_assert_str_eq(carrier.log, "2:0 2:15000 0:0 0:15000 3:10000 1:0 ");
	hold(false);
}
END_TEST

START_TEST(a_read_waits_only_for_its_own_part)
{
	add_object(60000);
	carrier.held_url = "http://x/0";
	carrier.held_from = 0;
	const struct csvr_byte_range byte_ranges[] = { { 0, 0, UINT64_MAX } };
	expect(byte_ranges, 1, 1);
	struct csvr_prefetch_reader *pull = open_object(0, 0);
	read_all(pull, 0, 0, 20000);
	csvr_prefetch_reader_close(pull); /* gives up the rest, which never came */
	ck_assert_uint_eq(carrier.n_cancelled, 2);
}
END_TEST

START_TEST(a_big_object_leaves_slots_to_others)
{
	hold(true);
	add_object(10000000);
	add_object(100);
	const struct csvr_byte_range byte_ranges[] = { { 0, 0, UINT64_MAX }, { 1, 0, UINT64_MAX } };
	expect(byte_ranges, 2, 2); /* 8 slots, so 2 for each */
	ck_assert_uint_eq(n_waiting("http://x/0"), 2);
	ck_assert_uint_eq(n_waiting("http://x/1"), 1);
	hold(false);
}
END_TEST

START_TEST(a_part_that_was_read_leaves_its_slot)
{
	add_object(10000000);
	const struct csvr_byte_range byte_ranges[] = { { 0, 0, UINT64_MAX } };
	expect(byte_ranges, 1, 2);
	struct csvr_prefetch_reader *pull = open_object(0, 0);
	ck_assert_uint_eq(n_submitted(), 2);
	read_all(pull, 0, 0, 19999);
	ck_assert_uint_eq(n_submitted(), 2);
	read_all(pull, 0, 19999, 20000);
	ck_assert_uint_eq(n_submitted(), 3);
	read_all(pull, 0, 20000, 1000000);
	csvr_prefetch_reader_close(pull);
	ck_assert_uint_eq(csvr_prefetcher_max_bytes(pool), 2 * PART_BYTES);
}
END_TEST

START_TEST(what_is_given_up_leaves_its_slots)
{
	hold(true);
	for (int i = 0; i < 10; i++)
		add_object(100);
	struct csvr_byte_range byte_ranges[10];
	for (unsigned i = 0; i < 10; i++)
		byte_ranges[i] = (struct csvr_byte_range){ i, 0, UINT64_MAX };
	expect(byte_ranges, 10, 1);
	ck_assert_uint_eq(n_submitted(), 6);
	struct csvr_prefetch_reader *pull = open_object(0, 0);
	csvr_prefetch_reader_close(pull);
	ck_assert_uint_eq(n_submitted(), 7);
	ck_assert_uint_eq(n_waiting("http://x/0"), 0);
	hold(false);
}
END_TEST

START_TEST(the_head_of_an_object_is_fetched_once_for_all_its_chunks)
{
	add_object(1000000);
	struct csvr_byte_range byte_ranges[10];
	for (unsigned i = 0; i < 10; i++)
		byte_ranges[i] = (struct csvr_byte_range){ 0, i * 100000, (i + 1) * 100000 };
	expect(byte_ranges, 10, 1);
	for (unsigned i = 1; i < 10; i++) {
		struct csvr_prefetch_reader *pull = open_object(0, i * 100000);
		read_all(pull, 0, 0, 65536);
		read_all(pull, 0, i * 100000, (i + 1) * 100000);
		csvr_prefetch_reader_close(pull);
	}
	ck_assert_uint_eq(carrier.n_heads, 1);
}
END_TEST

START_TEST(a_reader_out_of_order_waits_for_nobody)
{
	/* All slots hold the first objects, which nobody reads. */
	for (int i = 0; i < 100; i++)
		add_object(50000);
	struct csvr_byte_range byte_ranges[100];
	for (unsigned i = 0; i < 100; i++)
		byte_ranges[i] = (struct csvr_byte_range){ i, 0, UINT64_MAX };
	expect(byte_ranges, 100, 1);
	for (unsigned i = 99; i > 0; i--) {
		struct csvr_prefetch_reader *pull = open_object(i, 0);
		read_all(pull, i, 0, 50000);
		csvr_prefetch_reader_close(pull);
	}
}
END_TEST

START_TEST(nothing_that_was_expected_is_fetched_twice)
{
	/* But what lies behind the end of a chunk, as each read that was not expected. */
	add_object(200000);
	const struct csvr_byte_range byte_ranges[] = { { 0, 0, 100000 }, { 0, 99999, UINT64_MAX } };
	expect(byte_ranges, 2, 1);
	struct csvr_prefetch_reader *pull = open_object(0, 0);
	read_all(pull, 0, 0, 100100);
	csvr_prefetch_reader_close(pull);
	pull = open_object(0, 99999);
	read_all(pull, 0, 99999, 200000);
	csvr_prefetch_reader_close(pull);
	ck_assert_uint_eq(n_submitted(), 5 + 6 + 1);
}
END_TEST

START_TEST(a_part_that_is_short_says_that_the_object_changed)
{
	carrier.short_of_100 = 100;
	add_object(100);
	const struct csvr_byte_range byte_ranges[] = { { 0, 0, 100 } };
	expect(byte_ranges, 1, 1);
	struct csvr_prefetch_reader *pull = open_object(0, 0);
	enum csvr_status status;
	(void)read_some(pull, 0, 0, 100, &status);
	ck_assert_int_eq(status, CSVR_FILE_CHANGED);
	csvr_prefetch_reader_close(pull);
}
END_TEST

START_TEST(a_failure_is_that_of_its_object)
{
	carrier.failures_of_100 = 100;
	add_object(100);
	const struct csvr_byte_range byte_ranges[] = { { 0, 0, 100 } };
	expect(byte_ranges, 1, 1);
	struct csvr_prefetch_reader *pull = open_object(0, 0);
	unsigned char buffer[100];
	size_t n_read;
	struct csvr_error error;
	ck_assert_int_eq(csvr_prefetch_reader_read(pull, 0, buffer, 100, &n_read, &error),
			 CSVR_IO_ERROR);
	ck_assert_str_eq(error.message, "object 0 does not come");
	csvr_prefetch_reader_close(pull);
}
END_TEST

START_TEST(what_failed_is_not_asked_for_again)
{
	/* Each chunk of it would fail after as long a time. */
	carrier.failures_of_100 = 100;
	add_object(100000);
	struct csvr_prefetch_reader *pull = open_object(0, 0);
	enum csvr_status status;
	(void)read_some(pull, 0, 70000, 100, &status);
	ck_assert_int_eq(status, CSVR_IO_ERROR);
	csvr_prefetch_reader_close(pull);
	const size_t n = n_submitted();
	pull = open_object(0, 0);
	(void)read_some(pull, 0, 90000, 100, &status);
	ck_assert_int_eq(status, CSVR_IO_ERROR);
	csvr_prefetch_reader_close(pull);
	ck_assert_uint_eq(n_submitted(), n);
}
END_TEST

START_TEST(nothing_need_be_expected_to_be_read)
{
	add_object(3000000);
	struct csvr_prefetch_reader *pull = open_object(0, 0);
	read_all(pull, 0, 0, 3000000);
	read_all(pull, 0, 123, 456);
	enum csvr_status status;
	ck_assert_uint_eq(read_some(pull, 0, 3000000, 100, &status), 0);
	ck_assert_int_eq(status, CSVR_OK);
	csvr_prefetch_reader_close(pull);
}
END_TEST

START_TEST(what_is_expected_may_be_replaced)
{
	for (int i = 0; i < 20; i++)
		add_object(50000);
	struct csvr_byte_range byte_ranges[20];
	for (unsigned i = 0; i < 20; i++)
		byte_ranges[i] = (struct csvr_byte_range){ i, 0, UINT64_MAX };
	for (int k = 0; k < 20; k++) {
		expect(byte_ranges, 20, 1 + k % 3);
		struct csvr_prefetch_reader *pull = open_object(k % 20, 0);
		read_all(pull, k % 20, 0, 50000);
		csvr_prefetch_reader_close(pull);
	}
}
END_TEST

/* ---- at random ---- */

enum { N_OBJECTS = 30, MOST_EXTENTS = 2000, N_READERS = 6 };

static struct csvr_byte_range all_extents[MOST_EXTENTS];
static size_t n_extents, n_taken, n_failed;
static pthread_mutex_t taking = PTHREAD_MUTEX_INITIALIZER;

static void make_extents(uint64_t seed)
{
	uint64_t random = seed;
	for (uint32_t i = 0; i < N_OBJECTS; i++) {
		const uint64_t size = 1 + draw(&random, draw(&random, 3) == 0 ? 800000 : 30000);
		add_object(size);
		const uint64_t chunk = 1 + draw(&random, 200000);
		for (uint64_t begin = 0; begin < size && n_extents < MOST_EXTENTS; begin += chunk)
			all_extents[n_extents++] = (struct csvr_byte_range){
				i, begin > 0 ? begin - 1 : 0,
				begin + chunk < size ? begin + chunk + BLOCK_BYTES : UINT64_MAX
			};
	}
	/* Not quite in order, as units are. */
	for (size_t i = 0; i + 1 < n_extents; i++) {
		const size_t j = i + draw(&random, n_extents - i < 5 ? n_extents - i : 5);
		const struct csvr_byte_range swapped = all_extents[i];
		all_extents[i] = all_extents[j];
		all_extents[j] = swapped;
	}
}

/* One extent as a worker would read it, more or less. */
static void read_extent(const struct csvr_byte_range *byte_range, uint64_t *random)
{
	const unsigned object = byte_range->input;
	const uint64_t size = inputs->items[object].size_bytes;
	uint64_t end = byte_range->end < size ? byte_range->end : size, at = byte_range->begin;
	struct csvr_prefetch_reader *pull = open_object(object, byte_range->begin);
	enum csvr_status status = CSVR_OK;
	if (draw(random, 4) == 0)
		(void)read_some(pull, object, 0, 65536, &status);
	if (draw(random, 5) == 0)
		end = at + draw(random, end - at); /* given up early */
	else if (draw(random, 5) == 0)
		end = size - end > 50000 ? end + 50000 : size; /* read behind its end */
	if (draw(random, 20) == 0)
		at += draw(random, end - at + 1); /* something left out */
	while (at < end && status == CSVR_OK) {
		const size_t n = read_some(pull, object, at, 1 + draw(random, 2 * BLOCK_BYTES),
					   &status);
		if (status == CSVR_OK)
			ck_assert_uint_gt(n, 0);
		at += n;
	}
	if (draw(random, 10) == 0 && status == CSVR_OK) /* read again */
		(void)read_some(pull, object, byte_range->begin, 100, &status);
	csvr_prefetch_reader_close(pull);
	pthread_mutex_lock(&taking);
	n_failed += status != CSVR_OK;
	pthread_mutex_unlock(&taking);
}

static int order_of_taking; /* 0: one after the other; 1: from the end; 2: each thread its share */

static void *read_extents(void *context)
{
	const size_t number = *(size_t *)context;
	uint64_t random = number;
	for (size_t k = 0;; k++) {
		pthread_mutex_lock(&taking);
		const size_t i = order_of_taking == 2 ? k : n_taken++;
		pthread_mutex_unlock(&taking);
		const size_t shard = n_extents / N_READERS + 1;
		const size_t which = order_of_taking == 0   ? i
				     : order_of_taking == 1 ? n_extents - 1 - i
							    : number * shard + i;
		if (i >= (order_of_taking == 2 ? shard : n_extents))
			return NULL;
		if (which < n_extents)
			read_extent(&all_extents[which], &random);
	}
}

START_TEST(any_readers_get_the_right_bytes_in_bounded_memory)
{
	carrier.random = (uint64_t)_i;
	carrier.failures_of_100 = _i % 4 == 3 ? 10 : 0;
	carrier.short_of_100 = _i % 8 == 7 ? 10 : 0;
	order_of_taking = _i % 3;
	make_extents((uint64_t)_i);
	expect(all_extents, n_extents, N_READERS);
	pthread_t threads[N_READERS];
	size_t numbers[N_READERS];
	for (size_t i = 0; i < N_READERS; i++) {
		numbers[i] = i;
		ck_assert_int_eq(pthread_create(&threads[i], NULL, read_extents, &numbers[i]), 0);
	}
	for (size_t i = 0; i < N_READERS; i++)
		pthread_join(threads[i], NULL);
	if (carrier.failures_of_100 == 0 && carrier.short_of_100 == 0)
		ck_assert_uint_eq(n_failed, 0);
	else
		ck_assert_uint_gt(n_failed, 0);
	const uint64_t slots = N_CONNECTIONS + 2 * N_READERS;
	ck_assert_uint_le(csvr_prefetcher_max_bytes(pool),
			  slots * PART_BYTES + N_READERS * (PART_BYTES + 1048576) + 48 * 65536);
}
END_TEST

START_TEST(what_is_on_its_way_needs_no_text_of_the_inputs)
{
	hold(true);
	add_object(30000);
	ck_assert_int_eq(csvr_inputs_set_etag(inputs, &inputs->items[0], "\"v1\""), CSVR_OK);
	const struct csvr_byte_range byte_ranges[] = { { 0, 0, UINT64_MAX } };
	expect(byte_ranges, 1, 1);
	memset(inputs->text, 'x', inputs->n_text - 1); /* as if it had gone before them */
	ck_assert_uint_eq(carrier.n_requests, 2);
	for (size_t i = 0; i < 2; i++) {
		ck_assert_str_eq(carrier.requests[i]->etag, "\"v1\"");
		ck_assert_str_eq(carrier.requests[i]->url, "http://x/0");
		ck_assert_uint_eq(carrier.requests[i]->expected_size, 30000);
	}
	hold(false);
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *tests = tcase_create("parts");
	tcase_add_checked_fixture(tests, begin_all, end_all);
	tcase_set_timeout(tests, 120);
	tcase_add_test(tests, extents_are_asked_for_in_their_order);
	tcase_add_test(tests, a_read_waits_only_for_its_own_part);
	tcase_add_test(tests, a_big_object_leaves_slots_to_others);
	tcase_add_test(tests, a_part_that_was_read_leaves_its_slot);
	tcase_add_test(tests, what_is_given_up_leaves_its_slots);
	tcase_add_test(tests, the_head_of_an_object_is_fetched_once_for_all_its_chunks);
	tcase_add_test(tests, a_reader_out_of_order_waits_for_nobody);
	tcase_add_test(tests, nothing_that_was_expected_is_fetched_twice);
	tcase_add_test(tests, a_part_that_is_short_says_that_the_object_changed);
	tcase_add_test(tests, a_failure_is_that_of_its_object);
	tcase_add_test(tests, what_failed_is_not_asked_for_again);
	tcase_add_test(tests, nothing_need_be_expected_to_be_read);
	tcase_add_test(tests, what_is_expected_may_be_replaced);
	tcase_add_test(tests, what_is_on_its_way_needs_no_text_of_the_inputs);
	tcase_add_loop_test(tests, any_readers_get_the_right_bytes_in_bounded_memory, 0, 24);
	suite_add_tcase(suite, tests);
}

int main(void)
{
	setenv("CK_FORK", "yes", 1); /* threads are started that go with the child */
	return check_main("parts", add_cases);
}
