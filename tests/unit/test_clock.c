/* test_clock.c - clocks of a thread, the process and a stopwatch over known times
 *
 * A busy machine can only make wall time longer: what is asserted of it has no upper bound.
 */
#include <time.h>

#include "base/clock.h"
#include "check_main.h"

enum { SOME_NS = 30 * 1000 * 1000 }; /* a few of the kernel's ticks */

static void sleep_ns(long ns)
{
	const uint64_t end_ns = csvr_clock_wall_ns() + (uint64_t)ns;
	while (csvr_clock_wall_ns() < end_ns)
		nanosleep(&(struct timespec){ 0, ns }, NULL);
}

static uint64_t cpu_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void compute_ns(uint64_t ns)
{
	const uint64_t end_ns = cpu_ns() + ns;
	while (cpu_ns() < end_ns)
		;
}

/* The kernel itself accounts about one sleep in a thousand as queueing (2 of 2,700 on Linux 6.18,
 * with more threads than CPUs), so it is enough that one of several sleeps is not. */
START_TEST(a_thread_that_sleeps_neither_computes_nor_queues)
{
	enum { TRIES = 5 };
	bool is_recognized = false;
	for (int i = 0; i < TRIES && !is_recognized; i++) {
		struct csvr_span span;
		csvr_span_begin(&span);
		sleep_ns(SOME_NS);
		csvr_span_end(&span);
		ck_assert_uint_ge(span.wall_ns, SOME_NS);
		/* Falling asleep and waking up take microseconds of CPU time. */
		ck_assert_uint_lt(span.cpu_ns, SOME_NS / 2);
		is_recognized = span.queued_ns == CSVR_CLOCK_UNKNOWN ||
				span.queued_ns + SOME_NS / 2 <= span.wall_ns;
	}
	ck_assert(is_recognized);
}
END_TEST

START_TEST(a_computing_thread_has_the_cpu_time_it_used)
{
	struct csvr_span span;
	csvr_span_begin(&span);
	compute_ns(SOME_NS);
	csvr_span_end(&span);
	ck_assert_uint_ge(span.cpu_ns, SOME_NS);
	ck_assert_uint_ge(span.wall_ns, span.cpu_ns);
	if (span.queued_ns != CSVR_CLOCK_UNKNOWN)
		ck_assert_uint_ge(span.wall_ns, span.queued_ns);
}
END_TEST

START_TEST(the_process_has_at_least_the_cpu_time_of_its_thread)
{
	uint64_t user_ns, system_ns, user_later_ns, system_later_ns;
	csvr_clock_process(&user_ns, &system_ns);
	compute_ns(SOME_NS);
	csvr_clock_process(&user_later_ns, &system_later_ns);
	const uint64_t ns = user_later_ns - user_ns + system_later_ns - system_ns;
	ck_assert_uint_ge(ns + 10000, SOME_NS); /* in microseconds, each rounded */
}
END_TEST

START_TEST(bytes_from_devices_never_decrease)
{
	const uint64_t before = csvr_clock_device_bytes();
	const uint64_t after = csvr_clock_device_bytes();
	ck_assert(before == CSVR_CLOCK_UNKNOWN ? after == CSVR_CLOCK_UNKNOWN : after >= before);
}
END_TEST

START_TEST(a_stopwatch_that_is_off_counts_nothing)
{
	struct csvr_stopwatch stopwatch = { .is_on = false };
	csvr_stopwatch_start(&stopwatch);
	sleep_ns(1000000);
	csvr_stopwatch_stop(&stopwatch);
	ck_assert_uint_eq(stopwatch.total_ns, 0);
}
END_TEST

START_TEST(a_stopwatch_counts_from_the_first_start_to_the_stop)
{
	struct csvr_stopwatch stopwatch = { .is_on = true };
	csvr_stopwatch_start(&stopwatch);
	sleep_ns(SOME_NS);
	csvr_stopwatch_start(&stopwatch); /* has no effect */
	csvr_stopwatch_stop(&stopwatch);
	ck_assert_uint_ge(stopwatch.total_ns, SOME_NS);
}
END_TEST

START_TEST(a_stopped_stopwatch_does_not_count)
{
	struct csvr_stopwatch stopwatch = { .is_on = true };
	csvr_stopwatch_start(&stopwatch);
	csvr_stopwatch_stop(&stopwatch);
	const uint64_t total_ns = stopwatch.total_ns;
	sleep_ns(1000000);
	csvr_stopwatch_stop(&stopwatch);
	ck_assert_uint_eq(stopwatch.total_ns, total_ns);
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *cases = tcase_create("clock");
	tcase_add_test(cases, a_thread_that_sleeps_neither_computes_nor_queues);
	tcase_add_test(cases, a_computing_thread_has_the_cpu_time_it_used);
	tcase_add_test(cases, the_process_has_at_least_the_cpu_time_of_its_thread);
	tcase_add_test(cases, bytes_from_devices_never_decrease);
	tcase_add_test(cases, a_stopwatch_that_is_off_counts_nothing);
	tcase_add_test(cases, a_stopwatch_counts_from_the_first_start_to_the_stop);
	tcase_add_test(cases, a_stopped_stopwatch_does_not_count);
	suite_add_tcase(suite, cases);
}

int main(void)
{
	return check_main("clock", add_cases);
}
