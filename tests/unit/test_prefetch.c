/* test_prefetch.c - byte ranges of objects, fetched ahead of their readers
 *
 * No network: the transport is a thread that completes requests out of order, late, or with errors.
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

enum { MAX_REQUESTS = 4096, BLOCK_BYTES = 3000, PART_BYTES = 20000, N_CONNECTIONS = 4 };

/* ---- a transport ---- */

static struct transport {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t thread;
	bool is_stopping;
	struct csvr_http_request *requests[MAX_REQUESTS]; /* submitted, in order */
	size_t n_requests;
	struct csvr_http_request *completing;
	uint64_t random;
	/* Settings. */
	bool is_blocked; /* completes no request */
	const char *blocked_url; /* nor requests of this URL that start after `blocked_from` */
	uint64_t blocked_from;
	int failures_percent, short_percent;
	/* What it has received. */
	char log[8192]; /* number of the object and first byte of each request */
	size_t n_submitted, n_cancelled, n_prefixes;
} transport = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };

static uint64_t draw(uint64_t *random, uint64_t n)
{
	*random = *random * 6364136223846793005u + 1442695040888963407u;
	return (*random >> 33) % n;
}

static unsigned char byte_at(unsigned object, uint64_t offset)
{
	return (unsigned char)(((offset + 1) * 2654435761u + object * 40503u) >> 11);
}

static unsigned object_of(const struct csvr_http_request *request)
{
	return (unsigned)atoi(request->url + strlen("http://x/"));
}

static void complete_request(struct csvr_http_request *request, bool fails, bool is_short)
{
	request->n_body = 0;
	request->status = CSVR_OK;
	if (fails) {
		request->status = csvr_error_set(&request->error, CSVR_IO_ERROR, 0,
						 "object %u fails", object_of(request));
		return;
	}
	ck_assert_uint_le(request->n_bytes, request->capacity);
	request->n_body = (size_t)request->n_bytes - is_short;
	request->body = request->buffer;
	for (size_t i = 0; i < request->n_body; i++)
		request->buffer[i] = byte_at(object_of(request), request->begin + i);
}

static bool is_blocked(const struct csvr_http_request *request)
{
	return transport.is_blocked ||
	       (transport.blocked_url != NULL && request->begin > transport.blocked_from &&
		strcmp(request->url, transport.blocked_url) == 0);
}

static void *run_transport(void *context)
{
	(void)context;
	pthread_mutex_lock(&transport.lock);
	while (!transport.is_stopping) {
		/* One of the first few. */
		size_t i = transport.n_requests == 0
				   ? 0
				   : draw(&transport.random,
					  transport.n_requests < 6 ? transport.n_requests : 6);
		while (i < transport.n_requests && is_blocked(transport.requests[i]))
			i++;
		if (i >= transport.n_requests) {
			pthread_mutex_unlock(&transport.lock);
			nanosleep(&(struct timespec){ 0, 50000 }, NULL);
			pthread_mutex_lock(&transport.lock);
			continue;
		}
		struct csvr_http_request *request = transport.completing = transport.requests[i];
		transport.n_requests--;
		memmove(&transport.requests[i], &transport.requests[i + 1],
			(transport.n_requests - i) * sizeof request);
		const bool fails = (int)draw(&transport.random, 100) < transport.failures_percent;
		const bool is_short = (int)draw(&transport.random, 100) < transport.short_percent;
		pthread_mutex_unlock(&transport.lock);
		complete_request(request, fails, is_short);
		request->on_complete(request->context, request);
		pthread_mutex_lock(&transport.lock);
		transport.completing = NULL;
		pthread_cond_broadcast(&transport.changed);
	}
	pthread_mutex_unlock(&transport.lock);
	return NULL;
}

static enum csvr_status submit(void *context, struct csvr_http_request *request)
{
	(void)context;
	pthread_mutex_lock(&transport.lock);
	const size_t n = strlen(transport.log);
	if (n + 64 < sizeof transport.log)
		snprintf(transport.log + n, sizeof transport.log - n, "%u:%zu ", object_of(request),
			 (size_t)request->begin);
	transport.n_submitted++;
	transport.n_prefixes += request->is_priority && request->begin == 0;
	const bool has_room = transport.n_requests < MAX_REQUESTS;
	if (has_room)
		transport.requests[transport.n_requests++] = request;
	pthread_mutex_unlock(&transport.lock);
	return has_room ? CSVR_OK : CSVR_NO_MEMORY;
}

static void cancel(void *context, struct csvr_http_request *request)
{
	(void)context;
	pthread_mutex_lock(&transport.lock);
	for (size_t i = 0; i < transport.n_requests; i++)
		if (transport.requests[i] == request) {
			transport.n_requests--;
			memmove(&transport.requests[i], &transport.requests[i + 1],
				(transport.n_requests - i) * sizeof request);
			transport.n_cancelled++;
			break;
		}
	while (transport.completing == request)
		pthread_cond_wait(&transport.changed, &transport.lock);
	pthread_mutex_unlock(&transport.lock);
}

static size_t n_submitted(void)
{
	pthread_mutex_lock(&transport.lock);
	const size_t n = transport.n_submitted;
	pthread_mutex_unlock(&transport.lock);
	return n;
}

/* The number of incomplete requests for an object. */
static size_t n_waiting(const char *url)
{
	size_t n = 0;
	pthread_mutex_lock(&transport.lock);
	for (size_t i = 0; i < transport.n_requests; i++)
		n += strcmp(transport.requests[i]->url, url) == 0;
	pthread_mutex_unlock(&transport.lock);
	return n;
}

static void set_blocked(bool is_blocked)
{
	pthread_mutex_lock(&transport.lock);
	transport.is_blocked = is_blocked;
	pthread_mutex_unlock(&transport.lock);
}

/* ---- objects ---- */

static struct csvr_inputs *inputs;
static struct csvr_prefetcher *prefetcher;

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
	ck_assert_int_eq(csvr_prefetcher_new(&functions, N_CONNECTIONS, PART_BYTES, &prefetcher),
			 CSVR_OK);
	ck_assert_int_eq(pthread_create(&transport.thread, NULL, run_transport, NULL), 0);
}

static void end_all(void)
{
	csvr_prefetcher_free(prefetcher);
	pthread_mutex_lock(&transport.lock);
	ck_assert_uint_eq(transport.n_requests, 0);
	transport.is_stopping = true;
	pthread_mutex_unlock(&transport.lock);
	pthread_join(transport.thread, NULL);
	csvr_inputs_free(inputs);
}

static void schedule(const struct csvr_byte_range *byte_ranges, size_t n, int n_threads)
{
	ck_assert_int_eq(csvr_prefetch_schedule(prefetcher, inputs, byte_ranges, n, n_threads),
			 CSVR_OK);
}

static struct csvr_prefetch_reader *open_object(unsigned object, uint64_t begin)
{
	struct csvr_prefetch_reader *reader;
	ck_assert_int_eq(csvr_prefetch_reader_open(prefetcher, inputs, &inputs->items[object],
						   begin, &reader),
			 CSVR_OK);
	return reader;
}

/* Reads up to `n` bytes at `offset` and checks them. Returns the number read. */
static size_t read_some(struct csvr_prefetch_reader *reader, unsigned object, uint64_t offset,
			size_t n, enum csvr_status *status)
{
	unsigned char buffer[70000];
	struct csvr_error error;
	size_t n_read, n_right = 0;
	*status = csvr_prefetch_reader_read(reader, offset, buffer,
					    n < sizeof buffer ? n : sizeof buffer, &n_read, &error);
	if (*status != CSVR_OK)
		return 0;
	while (n_right < n_read && buffer[n_right] == byte_at(object, offset + n_right))
		n_right++;
	ck_assert_msg(n_right == n_read, "byte %zu of object %u", (size_t)offset + n_right, object);
	return n_read;
}

/* Reads and checks [begin, end). */
static void read_all(struct csvr_prefetch_reader *reader, unsigned object, uint64_t begin,
		     uint64_t end)
{
	while (begin < end) {
		enum csvr_status status;
		const size_t n = read_some(reader, object, begin, (size_t)(end - begin), &status);
		ck_assert_int_eq(status, CSVR_OK);
		ck_assert_uint_gt(n, 0);
		begin += n;
	}
}

START_TEST(byte_ranges_are_requested_in_order)
{
	set_blocked(true);
	for (int i = 0; i < 4; i++)
		add_object(30000);
	const struct csvr_byte_range byte_ranges[] = {
		{ 2, 0, UINT64_MAX }, { 0, 0, 30000 }, { 3, 10000, 30000 }, { 1, 0, 10 }
	};
	schedule(byte_ranges, 4, 1);
	ck_assert_str_eq(transport.log, "2:0 2:15000 0:0 0:15000 3:10000 1:0 ");
	set_blocked(false);
}
END_TEST

START_TEST(a_read_waits_only_for_its_own_part)
{
	add_object(60000);
	transport.blocked_url = "http://x/0";
	transport.blocked_from = 0;
	const struct csvr_byte_range byte_ranges[] = { { 0, 0, UINT64_MAX } };
	schedule(byte_ranges, 1, 1);
	struct csvr_prefetch_reader *reader = open_object(0, 0);
	read_all(reader, 0, 0, 20000);
	csvr_prefetch_reader_close(reader); /* cancels the rest, which was never completed */
	ck_assert_uint_eq(transport.n_cancelled, 2);
}
END_TEST

START_TEST(a_big_object_leaves_slots_to_others)
{
	set_blocked(true);
	add_object(10000000);
	add_object(100);
	const struct csvr_byte_range byte_ranges[] = { { 0, 0, UINT64_MAX }, { 1, 0, UINT64_MAX } };
	schedule(byte_ranges, 2, 2); /* 8 slots, so 2 for each */
	ck_assert_uint_eq(n_waiting("http://x/0"), 2);
	ck_assert_uint_eq(n_waiting("http://x/1"), 1);
	set_blocked(false);
}
END_TEST

START_TEST(reading_a_part_frees_its_slot)
{
	add_object(10000000);
	const struct csvr_byte_range byte_ranges[] = { { 0, 0, UINT64_MAX } };
	schedule(byte_ranges, 1, 2);
	struct csvr_prefetch_reader *reader = open_object(0, 0);
	ck_assert_uint_eq(n_submitted(), 2);
	read_all(reader, 0, 0, 19999);
	ck_assert_uint_eq(n_submitted(), 2);
	read_all(reader, 0, 19999, 20000);
	ck_assert_uint_eq(n_submitted(), 3);
	read_all(reader, 0, 20000, 1000000);
	csvr_prefetch_reader_close(reader);
	ck_assert_uint_eq(csvr_prefetcher_max_bytes(prefetcher), 2 * PART_BYTES);
}
END_TEST

START_TEST(closing_a_reader_frees_its_slots)
{
	set_blocked(true);
	for (int i = 0; i < 10; i++)
		add_object(100);
	struct csvr_byte_range byte_ranges[10];
	for (unsigned i = 0; i < 10; i++)
		byte_ranges[i] = (struct csvr_byte_range){ i, 0, UINT64_MAX };
	schedule(byte_ranges, 10, 1);
	ck_assert_uint_eq(n_submitted(), 6);
	struct csvr_prefetch_reader *reader = open_object(0, 0);
	csvr_prefetch_reader_close(reader);
	ck_assert_uint_eq(n_submitted(), 7);
	ck_assert_uint_eq(n_waiting("http://x/0"), 0);
	set_blocked(false);
}
END_TEST

START_TEST(the_prefix_of_an_object_is_fetched_once_for_all_its_chunks)
{
	add_object(1000000);
	struct csvr_byte_range byte_ranges[10];
	for (unsigned i = 0; i < 10; i++)
		byte_ranges[i] = (struct csvr_byte_range){ 0, i * 100000, (i + 1) * 100000 };
	schedule(byte_ranges, 10, 1);
	for (unsigned i = 1; i < 10; i++) {
		struct csvr_prefetch_reader *reader = open_object(0, i * 100000);
		read_all(reader, 0, 0, 65536);
		read_all(reader, 0, i * 100000, (i + 1) * 100000);
		csvr_prefetch_reader_close(reader);
	}
	ck_assert_uint_eq(transport.n_prefixes, 1);
}
END_TEST

START_TEST(a_reader_out_of_order_waits_for_no_other)
{
	/* All slots hold the first objects, which nobody reads. */
	for (int i = 0; i < 100; i++)
		add_object(50000);
	struct csvr_byte_range byte_ranges[100];
	for (unsigned i = 0; i < 100; i++)
		byte_ranges[i] = (struct csvr_byte_range){ i, 0, UINT64_MAX };
	schedule(byte_ranges, 100, 1);
	for (unsigned i = 99; i > 0; i--) {
		struct csvr_prefetch_reader *reader = open_object(i, 0);
		read_all(reader, i, 0, 50000);
		csvr_prefetch_reader_close(reader);
	}
}
END_TEST

START_TEST(scheduled_bytes_are_fetched_once)
{
	/* Except for bytes after the end of a chunk, which are fetched on demand. */
	add_object(200000);
	const struct csvr_byte_range byte_ranges[] = { { 0, 0, 100000 }, { 0, 99999, UINT64_MAX } };
	schedule(byte_ranges, 2, 1);
	struct csvr_prefetch_reader *reader = open_object(0, 0);
	read_all(reader, 0, 0, 100100);
	csvr_prefetch_reader_close(reader);
	reader = open_object(0, 99999);
	read_all(reader, 0, 99999, 200000);
	csvr_prefetch_reader_close(reader);
	ck_assert_uint_eq(n_submitted(), 5 + 6 + 1);
}
END_TEST

START_TEST(a_reader_that_advances_uses_the_next_byte_range)
{
	/* Each range is fetched in 6 parts, the last one in 5, and nothing else is. A reader has read a little of the next
	 * range when it advances. */
	enum {
		N_RANGES = 10,
		RANGE_BYTES = 100000,
		MORE_BYTES = 500,
		AHEAD_BYTES = 300,
		OTHER = 7
	};
	struct csvr_byte_range byte_ranges[N_RANGES];
	add_object(N_RANGES * RANGE_BYTES);
	for (unsigned i = 0; i < N_RANGES; i++)
		byte_ranges[i] = (struct csvr_byte_range){ 0, i * RANGE_BYTES,
							   (i + 1) * RANGE_BYTES + MORE_BYTES };
	schedule(byte_ranges, N_RANGES, 2);
	struct csvr_prefetch_reader *reader = open_object(0, 0);
	struct csvr_prefetch_reader *other = open_object(0, OTHER * RANGE_BYTES);
	read_all(reader, 0, 0, RANGE_BYTES + AHEAD_BYTES);
	for (unsigned i = 1; i < OTHER; i++) {
		csvr_prefetch_reader_advance(reader, i * RANGE_BYTES);
		read_all(reader, 0, i * RANGE_BYTES + AHEAD_BYTES,
			 (i + 1) * RANGE_BYTES + AHEAD_BYTES);
	}
	csvr_prefetch_reader_advance(reader,
				     OTHER * RANGE_BYTES); /* it is not taken from `other` */
	csvr_prefetch_reader_close(reader);
	read_all(other, 0, OTHER * RANGE_BYTES, (OTHER + 1) * RANGE_BYTES + AHEAD_BYTES);
	for (unsigned i = OTHER + 1; i < N_RANGES; i++) {
		const uint64_t end = (i + 1) * RANGE_BYTES + AHEAD_BYTES;
		csvr_prefetch_reader_advance(other, i * RANGE_BYTES);
		read_all(other, 0, i * RANGE_BYTES + AHEAD_BYTES,
			 i + 1 < N_RANGES ? end : N_RANGES * RANGE_BYTES);
	}
	csvr_prefetch_reader_close(other);
	ck_assert_uint_eq(n_submitted(), 9 * 6 + 5);
}
END_TEST

START_TEST(a_short_part_means_the_object_changed)
{
	transport.short_percent = 100;
	add_object(100);
	const struct csvr_byte_range byte_ranges[] = { { 0, 0, 100 } };
	schedule(byte_ranges, 1, 1);
	struct csvr_prefetch_reader *reader = open_object(0, 0);
	enum csvr_status status;
	(void)read_some(reader, 0, 0, 100, &status);
	ck_assert_int_eq(status, CSVR_FILE_CHANGED);
	csvr_prefetch_reader_close(reader);
}
END_TEST

START_TEST(a_failure_concerns_its_object_only)
{
	transport.failures_percent = 100;
	add_object(100);
	const struct csvr_byte_range byte_ranges[] = { { 0, 0, 100 } };
	schedule(byte_ranges, 1, 1);
	struct csvr_prefetch_reader *reader = open_object(0, 0);
	unsigned char buffer[100];
	size_t n_read;
	struct csvr_error error;
	ck_assert_int_eq(csvr_prefetch_reader_read(reader, 0, buffer, 100, &n_read, &error),
			 CSVR_IO_ERROR);
	ck_assert_str_eq(error.message, "object 0 fails");
	csvr_prefetch_reader_close(reader);
}
END_TEST

START_TEST(a_failed_object_is_not_requested_again)
{
	/* Each of its chunks would fail after its own retries. */
	transport.failures_percent = 100;
	add_object(100000);
	struct csvr_prefetch_reader *reader = open_object(0, 0);
	enum csvr_status status;
	(void)read_some(reader, 0, 70000, 100, &status);
	ck_assert_int_eq(status, CSVR_IO_ERROR);
	csvr_prefetch_reader_close(reader);
	const size_t n = n_submitted();
	reader = open_object(0, 0);
	(void)read_some(reader, 0, 90000, 100, &status);
	ck_assert_int_eq(status, CSVR_IO_ERROR);
	csvr_prefetch_reader_close(reader);
	ck_assert_uint_eq(n_submitted(), n);
}
END_TEST

START_TEST(bytes_outside_the_schedule_can_be_read)
{
	add_object(3000000);
	struct csvr_prefetch_reader *reader = open_object(0, 0);
	read_all(reader, 0, 0, 3000000);
	read_all(reader, 0, 123, 456);
	enum csvr_status status;
	ck_assert_uint_eq(read_some(reader, 0, 3000000, 100, &status), 0);
	ck_assert_int_eq(status, CSVR_OK);
	csvr_prefetch_reader_close(reader);
}
END_TEST

START_TEST(a_schedule_can_be_replaced)
{
	for (int i = 0; i < 20; i++)
		add_object(50000);
	struct csvr_byte_range byte_ranges[20];
	for (unsigned i = 0; i < 20; i++)
		byte_ranges[i] = (struct csvr_byte_range){ i, 0, UINT64_MAX };
	for (int k = 0; k < 20; k++) {
		schedule(byte_ranges, 20, 1 + k % 3);
		struct csvr_prefetch_reader *reader = open_object(k % 20, 0);
		read_all(reader, k % 20, 0, 50000);
		csvr_prefetch_reader_close(reader);
	}
}
END_TEST

/* ---- random reads ---- */

enum { N_OBJECTS = 30, MOST_BYTE_RANGES = 2000, N_READERS = 6 };

static struct csvr_byte_range all_byte_ranges[MOST_BYTE_RANGES];
static size_t n_byte_ranges, n_taken, n_failed;
static pthread_mutex_t taking = PTHREAD_MUTEX_INITIALIZER;

static void make_byte_ranges(uint64_t seed)
{
	uint64_t random = seed;
	for (uint32_t i = 0; i < N_OBJECTS; i++) {
		const uint64_t size = 1 + draw(&random, draw(&random, 3) == 0 ? 800000 : 30000);
		add_object(size);
		const uint64_t chunk = 1 + draw(&random, 200000);
		for (uint64_t begin = 0; begin < size && n_byte_ranges < MOST_BYTE_RANGES;
		     begin += chunk)
			all_byte_ranges[n_byte_ranges++] = (struct csvr_byte_range){
				i, begin > 0 ? begin - 1 : 0,
				begin + chunk < size ? begin + chunk + BLOCK_BYTES : UINT64_MAX
			};
	}
	/* Almost in order, like work units. */
	for (size_t i = 0; i + 1 < n_byte_ranges; i++) {
		const size_t j = i + draw(&random, n_byte_ranges - i < 5 ? n_byte_ranges - i : 5);
		const struct csvr_byte_range swapped = all_byte_ranges[i];
		all_byte_ranges[i] = all_byte_ranges[j];
		all_byte_ranges[j] = swapped;
	}
}

/* Reads a byte range roughly like a worker. */
static void read_byte_range(const struct csvr_byte_range *byte_range, uint64_t *random)
{
	const unsigned object = byte_range->input;
	const uint64_t size = inputs->items[object].size_bytes;
	uint64_t end = byte_range->end < size ? byte_range->end : size, at = byte_range->begin;
	struct csvr_prefetch_reader *reader = open_object(object, byte_range->begin);
	enum csvr_status status = CSVR_OK;
	if (draw(random, 4) == 0)
		(void)read_some(reader, object, 0, 65536, &status);
	if (draw(random, 5) == 0)
		end = at + draw(random, end - at); /* ends early */
	else if (draw(random, 5) == 0)
		end = size - end > 50000 ? end + 50000 : size; /* reads after its end */
	if (draw(random, 20) == 0)
		at += draw(random, end - at + 1); /* skips bytes */
	while (at < end && status == CSVR_OK) {
		const size_t n = read_some(reader, object, at, 1 + draw(random, 2 * BLOCK_BYTES),
					   &status);
		if (status == CSVR_OK)
			ck_assert_uint_gt(n, 0);
		at += n;
	}
	if (draw(random, 10) == 0 && status == CSVR_OK) /* reads it again */
		(void)read_some(reader, object, byte_range->begin, 100, &status);
	csvr_prefetch_reader_close(reader);
	pthread_mutex_lock(&taking);
	n_failed += status != CSVR_OK;
	pthread_mutex_unlock(&taking);
}

static int work_order; /* 0: forward; 1: backward; 2: each thread its part */

static void *read_byte_ranges(void *context)
{
	const size_t number = *(size_t *)context;
	uint64_t random = number;
	for (size_t k = 0;; k++) {
		pthread_mutex_lock(&taking);
		const size_t i = work_order == 2 ? k : n_taken++;
		pthread_mutex_unlock(&taking);
		const size_t shard = n_byte_ranges / N_READERS + 1;
		const size_t which = work_order == 0   ? i
				     : work_order == 1 ? n_byte_ranges - 1 - i
						       : number * shard + i;
		if (i >= (work_order == 2 ? shard : n_byte_ranges))
			return NULL;
		if (which < n_byte_ranges)
			read_byte_range(&all_byte_ranges[which], &random);
	}
}

START_TEST(any_readers_get_the_right_bytes_in_bounded_memory)
{
	transport.random = (uint64_t)_i;
	transport.failures_percent = _i % 4 == 3 ? 10 : 0;
	transport.short_percent = _i % 8 == 7 ? 10 : 0;
	work_order = _i % 3;
	make_byte_ranges((uint64_t)_i);
	schedule(all_byte_ranges, n_byte_ranges, N_READERS);
	pthread_t threads[N_READERS];
	size_t numbers[N_READERS];
	for (size_t i = 0; i < N_READERS; i++) {
		numbers[i] = i;
		ck_assert_int_eq(pthread_create(&threads[i], NULL, read_byte_ranges, &numbers[i]),
				 0);
	}
	for (size_t i = 0; i < N_READERS; i++)
		pthread_join(threads[i], NULL);
	if (transport.failures_percent == 0 && transport.short_percent == 0)
		ck_assert_uint_eq(n_failed, 0);
	else
		ck_assert_uint_gt(n_failed, 0);
	const uint64_t slots = N_CONNECTIONS + 2 * N_READERS;
	ck_assert_uint_le(csvr_prefetcher_max_bytes(prefetcher),
			  slots * PART_BYTES + N_READERS * (PART_BYTES + 1048576) + 48 * 65536);
}
END_TEST

START_TEST(requests_in_flight_do_not_use_the_inputs_strings)
{
	set_blocked(true);
	add_object(30000);
	ck_assert_int_eq(csvr_inputs_set_etag(inputs, &inputs->items[0], "\"v1\""), CSVR_OK);
	const struct csvr_byte_range byte_ranges[] = { { 0, 0, UINT64_MAX } };
	schedule(byte_ranges, 1, 1);
	memset(inputs->text, 'x', inputs->n_text - 1); /* as if the inputs were freed */
	ck_assert_uint_eq(transport.n_requests, 2);
	for (size_t i = 0; i < 2; i++) {
		ck_assert_str_eq(transport.requests[i]->etag, "\"v1\"");
		ck_assert_str_eq(transport.requests[i]->url, "http://x/0");
		ck_assert_uint_eq(transport.requests[i]->expected_size, 30000);
	}
	set_blocked(false);
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *tests = tcase_create("prefetch");
	tcase_add_checked_fixture(tests, begin_all, end_all);
	tcase_set_timeout(tests, 120);
	tcase_add_test(tests, byte_ranges_are_requested_in_order);
	tcase_add_test(tests, a_read_waits_only_for_its_own_part);
	tcase_add_test(tests, a_big_object_leaves_slots_to_others);
	tcase_add_test(tests, reading_a_part_frees_its_slot);
	tcase_add_test(tests, closing_a_reader_frees_its_slots);
	tcase_add_test(tests, the_prefix_of_an_object_is_fetched_once_for_all_its_chunks);
	tcase_add_test(tests, a_reader_out_of_order_waits_for_no_other);
	tcase_add_test(tests, scheduled_bytes_are_fetched_once);
	tcase_add_test(tests, a_reader_that_advances_uses_the_next_byte_range);
	tcase_add_test(tests, a_short_part_means_the_object_changed);
	tcase_add_test(tests, a_failure_concerns_its_object_only);
	tcase_add_test(tests, a_failed_object_is_not_requested_again);
	tcase_add_test(tests, bytes_outside_the_schedule_can_be_read);
	tcase_add_test(tests, a_schedule_can_be_replaced);
	tcase_add_test(tests, requests_in_flight_do_not_use_the_inputs_strings);
	tcase_add_loop_test(tests, any_readers_get_the_right_bytes_in_bounded_memory, 0, 24);
	suite_add_tcase(suite, tests);
}

int main(void)
{
	setenv("CK_FORK", "yes", 1); /* the threads of a test end with its process */
	return check_main("prefetch", add_cases);
}
