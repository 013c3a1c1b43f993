/* test_bottleneck.c - derives the bottleneck of a run from its timing
 *
 * Each row is a run made up of threads that all begin at 1 s; times are in milliseconds. What the
 * fractions must be follows from the definition: all threads together were granted their number times
 * the wall time.
 */
#include <math.h>
#include <string.h>

#include "check_main.h"
#include "csvreport_perf.h"

enum { MOST_THREADS = 4, UNKNOWN = -1 };

/* One thread; it waits when it neither computes nor queues. */
struct times {
	int wall, cpu, queued; /* UNKNOWN: the system does not report it */
	int reads; /* wall time in reads */
};

struct run {
	const char *what;
	struct times listing, reporting;
	int helpers; /* CPU time of other threads while listing */
	struct times threads[MOST_THREADS];
	int n_threads;
	enum csvr_bottleneck_kind kind;
	double computing, waiting, queueing, idle, serial;
	double reading; /* part of waiting */
};

static uint64_t ns(int ms)
{
	return ms == UNKNOWN ? CSVR_CLOCK_UNKNOWN : (uint64_t)ms * 1000000u;
}

static struct csvr_span span_of(const struct times *times, int begin_ms)
{
	return (struct csvr_span){ ns(begin_ms), ns(times->wall), ns(times->cpu),
				   ns(times->queued) };
}

static struct csvr_bottleneck judge(const struct run *run)
{
	struct csvr_thread_time threads[MOST_THREADS];
	memset(threads, 0, sizeof threads);
	int work = 0;
	for (int i = 0; i < run->n_threads; i++) {
		threads[i].span = span_of(&run->threads[i], 1000);
		threads[i].read_ns = ns(run->threads[i].reads);
		work = run->threads[i].wall > work ? run->threads[i].wall : work;
	}
	const struct csvr_timing timing = {
		.listing = span_of(&run->listing, 0),
		.reporting = span_of(&run->reporting, 0),
		.helpers_ns = ns(run->helpers),
		.threads = threads,
		.n_threads = run->n_threads,
		.wall_ns = ns(run->listing.wall + work + run->reporting.wall),
	};
	struct csvr_bottleneck bottleneck;
	csvr_bottleneck_find(&timing, &bottleneck);
	return bottleneck;
}

static const struct run runs[] = {
	/* Runs shorter than 0.2 s are not judged. */
	{ "a run of 199 ms", .threads = { { 199, 199, 0, 0 } }, .n_threads = 1,
	  .kind = CSVR_BOTTLENECK_TOO_SHORT, .computing = 1 },
	{ "a run of 200 ms", .threads = { { 200, 200, 0, 0 } }, .n_threads = 1,
	  .kind = CSVR_BOTTLENECK_CPU, .computing = 1 },
	{ "200 ms, listing and report among them", .listing = { 10, 10, 0, 0 },
	  .reporting = { 10, 10, 0, 0 }, .threads = { { 180, 180, 0, 0 } }, .n_threads = 1,
	  .kind = CSVR_BOTTLENECK_CPU, .computing = 1 },

	/* A loss counts from a quarter on. */
	{ "a thread that waits for 249 of 1000 ms", .threads = { { 1000, 751, 0, 249 } },
	  .n_threads = 1, .kind = CSVR_BOTTLENECK_CPU, .computing = .751, .waiting = .249,
	  .reading = .249 },
	{ "a thread that waits for 250 of 1000 ms", .threads = { { 1000, 750, 0, 250 } },
	  .n_threads = 1, .kind = CSVR_BOTTLENECK_WAITING, .computing = .75, .waiting = .25,
	  .reading = .25 },
	{ "a thread that queues for 249 of 1000 ms", .threads = { { 1000, 751, 249, 0 } },
	  .n_threads = 1, .kind = CSVR_BOTTLENECK_CPU, .computing = .751, .queueing = .249 },
	{ "a thread that queues for 250 of 1000 ms", .threads = { { 1000, 750, 250, 0 } },
	  .n_threads = 1, .kind = CSVR_BOTTLENECK_STARVED, .computing = .75, .queueing = .25 },
	{ "three losses below a quarter each", .threads = { { 1000, 540, 230, 230 } },
	  .n_threads = 1, .kind = CSVR_BOTTLENECK_CPU, .computing = .54, .waiting = .23,
	  .queueing = .23, .reading = .23 },

	/* All cores are busy; copies from the page cache count as computing. */
	{ "two busy threads that read from the cache",
	  .threads = { { 1000, 1000, 0, 400 }, { 1000, 1000, 0, 400 } }, .n_threads = 2,
	  .kind = CSVR_BOTTLENECK_CPU, .computing = 1 },
	{ "two copies on one CPU", .threads = { { 1000, 500, 500, 10 } }, .n_threads = 1,
	  .kind = CSVR_BOTTLENECK_STARVED, .computing = .5, .queueing = .5 },

	/* The larger loss of two is the bottleneck. */
	{ "more waiting than queueing", .threads = { { 1000, 300, 300, 500 } }, .n_threads = 1,
	  .kind = CSVR_BOTTLENECK_WAITING, .computing = .3, .waiting = .4, .queueing = .3,
	  .reading = .4 },
	{ "more queueing than waiting", .threads = { { 1000, 300, 400, 500 } }, .n_threads = 1,
	  .kind = CSVR_BOTTLENECK_STARVED, .computing = .3, .waiting = .3, .queueing = .4,
	  .reading = .3 },
	{ "waiting, but not in reads", .threads = { { 1000, 400, 0, 100 } }, .n_threads = 1,
	  .kind = CSVR_BOTTLENECK_WAITING, .computing = .4, .waiting = .6, .reading = .1 },

	/* One thread still computes, the other has no work: 500 of 2000 ms are a quarter. */
	{ "threads that end 500 of 1000 ms apart",
	  .threads = { { 1000, 1000, 0, 0 }, { 500, 500, 0, 0 } }, .n_threads = 2,
	  .kind = CSVR_BOTTLENECK_UNBALANCED, .computing = .75, .idle = .25 },
	{ "threads that end 498 of 1000 ms apart",
	  .threads = { { 502, 502, 0, 0 }, { 1000, 1000, 0, 0 } }, .n_threads = 2,
	  .kind = CSVR_BOTTLENECK_CPU, .computing = .751, .idle = .249 },
	{ "a giant among small files",
	  .threads = { { 1000, 1000, 0, 0 },
		       { 100, 100, 0, 0 },
		       { 50, 50, 0, 0 },
		       { 50, 50, 0, 0 } },
	  .n_threads = 4, .kind = CSVR_BOTTLENECK_UNBALANCED, .computing = .3, .idle = .7 },
	/* The run takes twice as long because of other programs on the CPU. Dividing the work
	 * evenly would still halve it, and that is up to the user. Thread 1 waits for 950 of 1000
	 * ms, all because it did only a twentieth of the computing. */
	{ "a giant on a CPU that is shared",
	  .threads = { { 1000, 500, 500, 0 }, { 50, 25, 25, 0 } }, .n_threads = 2,
	  .kind = CSVR_BOTTLENECK_UNBALANCED, .computing = .2625, .queueing = .2625, .idle = .475 },
	/* Equal work, but one of the two had only half a CPU: the work was divided evenly. */
	{ "a thread that is late because it queued",
	  .threads = { { 1000, 500, 500, 0 }, { 500, 500, 0, 0 } }, .n_threads = 2,
	  .kind = CSVR_BOTTLENECK_STARVED, .computing = .5, .queueing = .5 },
	/* The last thread waits for a pipe, and so, in effect, do those that have finished: their
	 * idle time is waiting as far as thread 0 waited, 900 of 1000 ms. Thread 1 computed as much
	 * as thread 0, so the work was divided evenly. */
	{ "a slow pipe among small files", .threads = { { 1000, 100, 0, 950 }, { 100, 100, 0, 0 } },
	  .n_threads = 2, .kind = CSVR_BOTTLENECK_WAITING, .computing = .1, .waiting = .9,
	  .reading = .9 },
	{ "a slow pipe that also takes most of the computing",
	  .threads = { { 1000, 200, 0, 850 }, { 0, 0, 0, 0 } }, .n_threads = 2,
	  .kind = CSVR_BOTTLENECK_WAITING, .computing = .1, .waiting = .8, .idle = .1,
	  .reading = .8 },
	{ "granted threads that never were", .threads = { { 1000, 1000, 0, 0 }, { 0, 0, 0, 0 } },
	  .n_threads = 2, .kind = CSVR_BOTTLENECK_UNBALANCED, .computing = .5, .idle = .5 },

	/* Serial phases: with a single thread no other thread waits for them. */
	{ "a listing as long as the work, four threads", .listing = { 500, 500, 0, 0 },
	  .threads = { { 500, 500, 0, 0 },
		       { 500, 500, 0, 0 },
		       { 500, 500, 0, 0 },
		       { 500, 500, 0, 0 } },
	  .n_threads = 4, .kind = CSVR_BOTTLENECK_SERIAL, .computing = .625, .serial = .375 },
	{ "a listing as long as the work, one thread", .listing = { 500, 500, 0, 0 },
	  .threads = { { 500, 500, 0, 0 } }, .n_threads = 1, .kind = CSVR_BOTTLENECK_CPU,
	  .computing = 1 },
	{ "a listing in which all help", .listing = { 500, 500, 0, 0 }, .helpers = 1500,
	  .threads = { { 500, 500, 0, 0 },
		       { 500, 500, 0, 0 },
		       { 500, 500, 0, 0 },
		       { 500, 500, 0, 0 } },
	  .n_threads = 4, .kind = CSVR_BOTTLENECK_CPU, .computing = 1 },
	{ "a listing that waits for a file server", .listing = { 500, 50, 0, 0 },
	  .threads = { { 500, 500, 0, 0 }, { 500, 500, 0, 0 } }, .n_threads = 2,
	  .kind = CSVR_BOTTLENECK_WAITING, .computing = .525, .waiting = .45, .serial = .025 },
	{ "a long report", .reporting = { 600, 600, 0, 0 },
	  .threads = { { 400, 400, 0, 0 }, { 400, 400, 0, 0 } }, .n_threads = 2,
	  .kind = CSVR_BOTTLENECK_SERIAL, .computing = .7, .serial = .3 },

	/* If the kernel does not account for queueing, time off the CPU is waiting only within
	 * reads. */
	{ "unknown queueing, all of it in reads", .threads = { { 1000, 400, UNKNOWN, 700 } },
	  .n_threads = 1, .kind = CSVR_BOTTLENECK_WAITING, .computing = .4, .waiting = .6,
	  .reading = .6 },
	{ "unknown queueing, little of it in reads", .threads = { { 1000, 400, UNKNOWN, 100 } },
	  .n_threads = 1, .kind = CSVR_BOTTLENECK_STARVED, .computing = .4, .waiting = .1,
	  .queueing = .5, .reading = .1 },

	/* Reads that took 990 of 1000 ms cannot be copies from the page cache, whatever queueing
	 * the kernel accounted; reads that took half of it can. */
	{ "a sleep in a read that the kernel took for queueing",
	  .threads = { { 1000, 10, 980, 990 } }, .n_threads = 1, .kind = CSVR_BOTTLENECK_WAITING,
	  .computing = .01, .waiting = .98, .queueing = .01, .reading = .98 },
	{ "copying for half of a starved run", .threads = { { 1000, 300, 700, 500 } },
	  .n_threads = 1, .kind = CSVR_BOTTLENECK_STARVED, .computing = .3, .queueing = .7 },

	/* Clocks that disagree slightly must not give fractions below 0 or above 1. */
	{ "more CPU time than wall time", .threads = { { 1000, 1010, 5, 0 } }, .n_threads = 1,
	  .kind = CSVR_BOTTLENECK_CPU, .computing = 1 },
	{ "more of both than wall time", .threads = { { 1000, 600, 500, 0 } }, .n_threads = 1,
	  .kind = CSVR_BOTTLENECK_STARVED, .computing = .6, .queueing = .4 },
};

START_TEST(each_timing_gives_its_bottleneck)
{
	const struct run *run = &runs[_i];
	const struct csvr_bottleneck bottleneck = judge(run);
	ck_assert_msg(bottleneck.kind == run->kind, "%s: bottleneck %d", run->what,
		      (int)bottleneck.kind);
}
END_TEST

/* A run of one thread that takes 1000 ms; network times are also in milliseconds. */
static const struct {
	const char *what;
	int computing; /* the rest of the time it waits in reads */
	uint64_t n_requests, n_throttled;
	int busy, full, first_byte, body;
	enum csvr_network_bottleneck kind;
} networks[] = {
	{ "no request", 100, 0, 0, 0, 0, 0, 0, CSVR_NETWORK_UNUSED },
	{ "a busy CPU", 900, 100, 50, 1000, 1000, 900, 100, CSVR_NETWORK_HIDDEN },
	{ "waiting, but not for the network", 100, 100, 0, 249, 249, 200, 49, CSVR_NETWORK_HIDDEN },
	{ "one refusal in twenty", 100, 100, 5, 1000, 1000, 900, 100, CSVR_NETWORK_THROTTLED },
	{ "fewer refusals", 100, 100, 4, 1000, 1000, 900, 100, CSVR_NETWORK_LATENCY },
	{ "connections full half of the time", 100, 100, 0, 900, 450, 9000, 100,
	  CSVR_NETWORK_LATENCY },
	{ "connections full for less", 100, 100, 0, 900, 449, 9000, 100,
	  CSVR_NETWORK_FEW_REQUESTS },
	{ "bodies that take as long as first bytes", 100, 100, 0, 900, 900, 5000, 5000,
	  CSVR_NETWORK_BANDWIDTH },
};

START_TEST(network_timing_shows_whether_more_connections_help)
{
	struct csvr_thread_time thread = { .read_ns = ns(1000 - networks[_i].computing) };
	const struct times times = { 1000, networks[_i].computing, 0, 0 }, none = { 0 };
	thread.span = span_of(&times, 1000);
	const struct csvr_timing timing = {
		.listing = span_of(&none, 0),
		.reporting = span_of(&none, 0),
		.threads = &thread,
		.n_threads = 1,
		.wall_ns = ns(1000),
		.network = { .n_requests = networks[_i].n_requests,
			     .n_throttled = networks[_i].n_throttled,
			     .active_ns = ns(networks[_i].busy),
			     .saturated_ns = ns(networks[_i].full),
			     .first_byte_ns = ns(networks[_i].first_byte),
			     .body_ns = ns(networks[_i].body) },
	};
	struct csvr_bottleneck bottleneck;
	csvr_bottleneck_find(&timing, &bottleneck);
	ck_assert_msg(bottleneck.network == networks[_i].kind, "%s: %d", networks[_i].what,
		      (int)bottleneck.network);
}
END_TEST

/* Double arithmetic on numbers up to 1e10 is exact to more than nine digits. */
static void assert_fraction(const struct run *run, const char *name, double found, double expected)
{
	ck_assert_msg(fabs(found - expected) < 1e-9, "%s: %s is %.9f, should be %.9f", run->what,
		      name, found, expected);
}

START_TEST(each_account_gets_its_fraction_of_the_granted_time)
{
	const struct run *run = &runs[_i];
	const struct csvr_bottleneck bottleneck = judge(run);
	assert_fraction(run, "computing", bottleneck.computing, run->computing);
	assert_fraction(run, "waiting", bottleneck.waiting, run->waiting);
	assert_fraction(run, "queueing", bottleneck.queueing, run->queueing);
	assert_fraction(run, "idle", bottleneck.idle, run->idle);
	assert_fraction(run, "serial", bottleneck.serial, run->serial);
	assert_fraction(run, "reading", bottleneck.reading, run->reading);
}
END_TEST

START_TEST(the_fractions_of_any_run_add_up_to_one)
{
	uint64_t random = 2463534242u;
	for (int k = 0; k < 20000; k++) {
		struct run run = { .n_threads = 1 + k % MOST_THREADS };
		struct times *const all[] = { &run.listing,    &run.reporting,  &run.threads[0],
					      &run.threads[1], &run.threads[2], &run.threads[3] };
		for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
			int values[4];
			for (int j = 0; j < 4; j++) {
				random = random * 6364136223846793005u + 1442695040888963407u;
				values[j] = (int)((random >> 33) % 1000) *
					    ((random >> 50) % 4 != 0);
			}
			*all[i] = (struct times){ values[0], values[1], values[2], values[3] };
			if ((random >> 55) % 8 == 0)
				all[i]->queued = UNKNOWN;
		}
		run.helpers = (int)((random >> 40) % 3000);
		const struct csvr_bottleneck v = judge(&run);
		const double fractions[] = { v.computing, v.waiting, v.queueing, v.idle, v.serial };
		double sum = 0;
		for (size_t i = 0; i < sizeof fractions / sizeof fractions[0]; i++) {
			ck_assert_msg(fractions[i] >= -1e-9, "fraction %zu of run %d: %f", i, k,
				      fractions[i]);
			sum += fractions[i];
		}
		ck_assert_msg(fabs(sum - 1) < 1e-9 || sum == 0, "run %d: sum %f", k, sum);
		const double parts = v.reading + v.listing + v.reporting;
		ck_assert_msg(parts <= v.waiting + 1e-9, "run %d: %f of %f", k, parts, v.waiting);
	}
}
END_TEST

START_TEST(the_thread_that_finishes_last_is_named)
{
	const struct run run = { .threads = { { 300, 300, 0, 0 },
					      { 100, 100, 0, 0 },
					      { 900, 900, 0, 0 },
					      { 100, 100, 0, 0 } },
				 .n_threads = 4 };
	ck_assert_uint_eq(judge(&run).thread, 2);
}
END_TEST

/* ---- the lines of text ---- */

struct message {
	enum csvr_bottleneck_kind kind;
	double waiting, reading, listing, reporting;
	struct csvr_thread_time thread;
	int n_cpus;
	uint64_t device_bytes;
	const char *cause, *next; /* the end of the first line, the start of the second */
};

static const struct message messages[] = {
	{ .kind = CSVR_BOTTLENECK_TOO_SHORT,
	  .cause = "too short to judge: less than 0.2 s\n",
	  .next = "next: use more data, or name the same input several times" },
	{ .kind = CSVR_BOTTLENECK_CPU,
	  .cause = "serial 0%\n",
	  .next = "next: --flamegraph=FILE.svg" },
	{ .kind = CSVR_BOTTLENECK_WAITING,
	  .waiting = .5,
	  .reading = .5,
	  .device_bytes = 900000,
	  .thread = { .n_bytes = 1000000, .slowest_input_ns = 1500000000, .slowest_input = 1 },
	  .cause = "; slowest input (1.500 s): second.csv\n",
	  .next = "next: 900.0 kB of 1.0 MB came from disks or file servers; iostat" },
	{ .kind = CSVR_BOTTLENECK_WAITING,
	  .waiting = .5,
	  .reading = .5,
	  .device_bytes = 4096,
	  .thread = { .n_bytes = 1000000, .slowest_input_ns = 1500000000, .slowest_input = 0 },
	  .cause = "; slowest input (1.500 s): first.csv\n",
	  .next = "next: 4.1 kB of 1.0 MB came from disks or file servers; strace" },
	{ .kind = CSVR_BOTTLENECK_WAITING,
	  .waiting = .5,
	  .reading = .5,
	  .device_bytes = CSVR_CLOCK_UNKNOWN,
	  .thread = { .n_bytes = 1000000, .slowest_input_ns = 1, .slowest_input = 0 },
	  .cause = ": first.csv\n",
	  .next = "next: iostat" },
	{ .kind = CSVR_BOTTLENECK_WAITING,
	  .waiting = .5,
	  .reading = .5,
	  .device_bytes = 0,
	  .thread = { .n_bytes = 1000000, .slowest_input_ns = 1, .slowest_input = 0 },
	  .cause = ": first.csv\n",
	  .next = "next: iostat" },
	{ .kind = CSVR_BOTTLENECK_WAITING,
	  .waiting = .5,
	  .reading = .5,
	  .thread = { .slowest_input_ns = 1, .slowest_input = 0, .is_slowest_stream = true },
	  .cause = ": first.csv\n",
	  .next = "next: the program that writes to it is slow" },
	{ .kind = CSVR_BOTTLENECK_WAITING,
	  .waiting = .5,
	  .reading = .1,
	  .listing = .3,
	  .reporting = .1,
	  .cause = "; listing the inputs took 0.700 s\n",
	  .next = "next: the file system" },
	{ .kind = CSVR_BOTTLENECK_WAITING,
	  .waiting = .5,
	  .reading = .1,
	  .listing = .1,
	  .reporting = .3,
	  .cause = "; writing the report took 0.300 s\n",
	  .next = "next: the reader of the report" },
	{ .kind = CSVR_BOTTLENECK_WAITING,
	  .waiting = .5,
	  .reading = .1,
	  .cause = "serial 0%\n",
	  .next = "next: threads waited outside reads" },
	{ .kind = CSVR_BOTTLENECK_STARVED,
	  .n_cpus = 1,
	  .cause = "serial 0%\n",
	  .next = "next: other programs" },
	{ .kind = CSVR_BOTTLENECK_UNBALANCED,
	  .thread = { .last_unit_ns = 2000000000, .last_unit_input = 1, .n_last_unit_inputs = 1 },
	  .cause = "; thread 1 spent its last 2.000 s on second.csv\n",
	  .next = "next: one thread read all of it" },
	{ .kind = CSVR_BOTTLENECK_UNBALANCED,
	  .thread = { .last_unit_ns = 2000000000, .last_unit_input = 0, .n_last_unit_inputs = 2 },
	  .cause = " on first.csv and 1 more\n",
	  .next = "next: the work was divided unevenly" },
	{ .kind = CSVR_BOTTLENECK_UNBALANCED,
	  .thread = { .last_unit_input = 0, .n_last_unit_inputs = 1, .is_last_unit_chunk = true },
	  .cause = " on first.csv\n",
	  .next = "next: the work was divided unevenly" },
	{ .kind = CSVR_BOTTLENECK_UNBALANCED,
	  .thread = { .last_unit_input = 0, .n_last_unit_inputs = 1, .is_last_unit_stream = true },
	  .cause = " on first.csv\n",
	  .next = "next: a stream is read by one thread" },
	{ .kind = CSVR_BOTTLENECK_SERIAL,
	  .cause = "; listing the inputs took 0.700 s\n",
	  .next = "next: fewer, larger files" },
};

START_TEST(each_bottleneck_has_a_cause_and_a_remedy)
{
	const struct message *message = &messages[_i];
	struct csvr_thread_time thread = message->thread;
	const struct csvr_timing timing = { .listing.wall_ns = 700000000,
					    .reporting.wall_ns = 300000000,
					    .threads = &thread,
					    .n_threads = 1,
					    .n_cpus = message->n_cpus,
					    .device_bytes = message->device_bytes };
	const struct csvr_bottleneck bottleneck = { .kind = message->kind,
						    .waiting = message->waiting,
						    .reading = message->reading,
						    .listing = message->listing,
						    .reporting = message->reporting };
	struct csvr_settings settings;
	struct csvr_inputs *inputs;
	csvr_settings_init(&settings);
	ck_assert_int_eq(csvr_inputs_new(&inputs), CSVR_OK);
	ck_assert_int_eq(csvr_inputs_add(inputs, "first.csv", &settings.walk), CSVR_OK);
	ck_assert_int_eq(csvr_inputs_add(inputs, "second.csv", &settings.walk), CSVR_OK);
	char *text;
	size_t n_bytes;
	FILE *stream = open_memstream(&text, &n_bytes);
	ck_assert_ptr_nonnull(stream);
	csvr_timing_write(&timing, &bottleneck, inputs, false, stream);
	fclose(stream);
	const char *next = strstr(text, "\nnext: ");
	ck_assert_ptr_nonnull(next);
	ck_assert_msg(strncmp(next + 1, message->next, strlen(message->next)) == 0, "%s", text);
	const size_t n_cause = strlen(message->cause), n_before = (size_t)(next + 1 - text);
	ck_assert_msg(n_before >= n_cause &&
			      memcmp(next + 1 - n_cause, message->cause, n_cause) == 0,
		      "%s", text);
	free(text);
	csvr_inputs_free(inputs);
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *cases = tcase_create("bottleneck");
	tcase_add_loop_test(cases, network_timing_shows_whether_more_connections_help, 0,
			    sizeof networks / sizeof networks[0]);
	tcase_add_loop_test(cases, each_timing_gives_its_bottleneck, 0,
			    sizeof runs / sizeof runs[0]);
	tcase_add_loop_test(cases, each_account_gets_its_fraction_of_the_granted_time, 0,
			    sizeof runs / sizeof runs[0]);
	tcase_add_loop_test(cases, each_bottleneck_has_a_cause_and_a_remedy, 0,
			    sizeof messages / sizeof messages[0]);
	tcase_add_test(cases, the_fractions_of_any_run_add_up_to_one);
	tcase_add_test(cases, the_thread_that_finishes_last_is_named);
	suite_add_tcase(suite, cases);
}

int main(void)
{
	return check_main("bottleneck", add_cases);
}
