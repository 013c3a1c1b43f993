/* test_profile.c - samples, folded stacks and flame graphs */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/escape.h"
#include "check_main.h"
#include "perf/samples.h"
#include "perf/stacks.h"
#include "report/flamegraph.h"

/* ---- the table of stacks ---- */

static uint64_t total_of(const struct csvr_samples *samples)
{
	uint64_t n = 0;
	for (size_t i = 0; i < samples->n_slots; i++)
		n += samples->slots[i].weight;
	return n;
}

START_TEST(equal_stacks_are_one_and_their_weights_add_up)
{
	static const uintptr_t a[] = { 1, 2, 3 }, b[] = { 1, 2 }, c[] = { 3, 2, 1 };
	struct csvr_samples samples;
	ck_assert(csvr_samples_init(&samples, 16, 100));
	csvr_samples_add(&samples, a, 3, 1);
	csvr_samples_add(&samples, b, 2, 10);
	csvr_samples_add(&samples, c, 3, 100);
	csvr_samples_add(&samples, a, 3, 1000);
	ck_assert_uint_eq(samples.n_used, 3);
	ck_assert_uint_eq(samples.n_frames, 8);
	bool is_found = false;
	for (size_t i = 0; i < samples.n_slots; i++)
		if (samples.slots[i].weight == 1001) {
			ck_assert_uint_eq(samples.slots[i].n_frames, 3);
			ck_assert_mem_eq(samples.frames + samples.slots[i].first, a, sizeof a);
			is_found = true;
		}
	ck_assert(is_found);
	ck_assert_uint_eq(total_of(&samples), 1111);
	csvr_samples_clear(&samples);
}
END_TEST

START_TEST(stacks_that_do_not_fit_are_counted_as_lost_and_known_ones_still_count)
{
	struct csvr_samples samples;
	ck_assert(csvr_samples_init(&samples, 64, 1000000 / 8));
	for (uintptr_t i = 1; i <= 100; i++)
		csvr_samples_add(&samples, &i, 1, 2);
	ck_assert_uint_eq(samples.n_used, 48); /* three quarters */
	ck_assert_uint_eq(total_of(&samples), 2 * 48);
	ck_assert_uint_eq(samples.n_lost, 2 * 52);
	const uintptr_t first = 1;
	csvr_samples_add(&samples, &first, 1, 5);
	ck_assert_uint_eq(total_of(&samples), 2 * 48 + 5);
	csvr_samples_clear(&samples);
}
END_TEST

START_TEST(frames_never_pass_the_end_of_their_array)
{
	static const uintptr_t deep[] = { 1, 2, 3, 4, 5, 6, 7, 8 }, flat[] = { 9, 9 };
	struct csvr_samples samples;
	ck_assert(csvr_samples_init(&samples, 16, 10));
	csvr_samples_add(&samples, deep, 8, 1);
	csvr_samples_add(&samples, deep + 1, 7, 1);
	ck_assert_uint_eq(samples.n_lost, 1);
	csvr_samples_add(&samples, flat, 2, 1);
	ck_assert_uint_eq(samples.n_frames, 10);
	ck_assert_uint_eq(samples.n_lost, 1);
	csvr_samples_clear(&samples);
}
END_TEST

START_TEST(random_stacks_are_all_accounted_for)
{
	struct csvr_samples samples;
	uint64_t random = 1, n_added = 0;
	ck_assert(csvr_samples_init(&samples, 1024, 3000));
	for (int i = 0; i < 20000; i++) {
		uintptr_t frames[6];
		random = random * 6364136223846793005u + 1442695040888963407u;
		const size_t n = 1 + (random >> 40) % 6;
		for (size_t k = 0; k < n; k++)
			frames[k] = 0x400000 + (random >> (33 + k)) % 7;
		csvr_samples_add(&samples, frames, n, 1 + (random >> 60));
		n_added += 1 + (random >> 60);
	}
	ck_assert_uint_eq(total_of(&samples) + samples.n_lost, n_added);
	ck_assert_uint_gt(samples.n_used, 100);
	csvr_samples_clear(&samples);
}
END_TEST

/* ---- folding ---- */

START_TEST(names_cannot_break_a_line_of_folded_stacks)
{
	struct csvr_folding folding = { 0 };
	ck_assert(csvr_folding_push(&folding, "thread 1 (main)"));
	ck_assert(csvr_folding_push(&folding, "a;b\nc\td\x7f"));
	ck_assert(csvr_folding_push(&folding, "caf\xC3\xA9"));
	ck_assert_str_eq(folding.text, "thread 1 (main);a:b?c?d?;caf\xC3\xA9");
	free(folding.text);
}
END_TEST

START_TEST(a_library_without_names_is_one_frame_and_recursion_stays)
{
	static const char *const names[] = { "root",        "[libc.so.6]", "[libc.so.6]",
					     "[libm.so.6]", "[libc.so.6]", "walk",
					     "walk" };
	struct csvr_folding folding = { 0 };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		ck_assert(csvr_folding_push(&folding, names[i]));
	ck_assert_str_eq(folding.text, "root;[libc.so.6];[libm.so.6];[libc.so.6];walk;walk");
	free(folding.text);
}
END_TEST

static void add(struct csvr_stacks *stacks, const char *text, uint64_t n_samples)
{
	ck_assert_int_eq(csvr_stacks_add(stacks, text, strlen(text), n_samples), CSVR_OK);
}

static char *written(struct csvr_stacks *stacks, const struct csvr_graph_info *facts)
{
	char *text = NULL;
	size_t n_bytes = 0;
	FILE *stream = open_memstream(&text, &n_bytes);
	ck_assert_ptr_nonnull(stream);
	if (facts != NULL)
		ck_assert_int_eq(csvr_flamegraph_write(stacks, facts, stream), CSVR_OK);
	else
		csvr_folded_write(stacks, stream);
	fclose(stream);
	return text;
}

START_TEST(stacks_are_sorted_and_distinct)
{
	struct csvr_stacks stacks;
	csvr_stacks_init(&stacks);
	add(&stacks, "thread 10;work", 1);
	add(&stacks, "thread 2;work;deep", 5);
	add(&stacks, "thread 2;work", 2);
	add(&stacks, "thread 10;work", 3);
	add(&stacks, "thread 1 (main);main", 4);
	csvr_stacks_sort(&stacks);
	char *text = written(&stacks, NULL);
	ck_assert_str_eq(text, "thread 1 (main);main 4\n"
			       "thread 2;work 2\n"
			       "thread 2;work;deep 5\n"
			       "thread 10;work 4\n");
	free(text);
	csvr_stacks_clear(&stacks);
}
END_TEST

/* ---- the picture ---- */

static size_t count(const char *text, const char *part)
{
	size_t n = 0;
	for (const char *at = text; (at = strstr(at, part)) != NULL; at += strlen(part))
		n++;
	return n;
}

static void assert_has(const char *text, const char *part)
{
	ck_assert_msg(strstr(text, part) != NULL, "it lacks %s", part);
}

START_TEST(boxes_are_as_wide_as_their_samples_and_are_above_their_callers)
{
	struct csvr_stacks stacks;
	const struct csvr_graph_info info = { .program = "p", .rate_hz = 250 };
	csvr_stacks_init(&stacks);
	add(&stacks, "thread 1 (main);main;a", 30);
	add(&stacks, "thread 1 (main);main", 20);
	add(&stacks, "thread 1 (main);main;b", 25);
	add(&stacks, "thread 2;work", 125);
	csvr_stacks_sort(&stacks);
	char *text = written(&stacks, &info);
	/* of stacks that share frames: one each */
	ck_assert_uint_eq(count(text, "<svg class=\"box"), 6);
	/* Of 200 samples: main 75 (37.5%) from 0; b 25 (12.5%) from 30 (15%); work from 75. */
	assert_has(text, "x=\"0.0000%\" y=\"178\" width=\"37.5000%\"");
	assert_has(text, "<title>main: 75 samples, 37.5%</title>");
	assert_has(text, "x=\"15.0000%\" y=\"160\" width=\"12.5000%\"");
	assert_has(text, "<title>b: 25 samples, 12.5%</title>");
	assert_has(text, "x=\"37.5000%\" y=\"178\" width=\"62.5000%\"");
	assert_has(text, "<title>work: 125 samples, 62.5%</title>");
	assert_has(text, "200 samples at 250 Hz: 0.80 s of CPU time, 2 threads");
	ck_assert_ptr_null(strstr(text, "Too few"));
	free(text);
	csvr_stacks_clear(&stacks);
}
END_TEST

START_TEST(a_picture_shows_the_losses)
{
	struct csvr_stacks stacks;
	const struct csvr_graph_info info = { .program = "p", .losses = { 1, 1200 } };
	csvr_stacks_init(&stacks);
	char *empty = written(&stacks, &info);
	assert_has(empty, "0 samples, 0 threads");
	assert_has(empty, "Too few samples");
	ck_assert_uint_eq(count(empty, "<svg class=\"box"), 0);
	free(empty);
	add(&stacks, "thread 1 (main);main", 49);
	char *few = written(&stacks, &info);
	assert_has(few, "Too few samples");
	assert_has(few, "1,200 samples lost: the buffer was full.");
	assert_has(few, "1 thread could not be sampled.");
	free(few);
	add(&stacks, "thread 1 (main);main", 1);
	char *enough = written(&stacks, &info);
	ck_assert_ptr_null(strstr(enough, "Too few"));
	free(enough);
	csvr_stacks_clear(&stacks);
}
END_TEST

START_TEST(every_placeholder_of_the_template_is_replaced)
{
	static const char *const places[] = { "@BOXES@",  "@CAUTION@", "@FACTS@",
					      "@HEIGHT@", "@PROGRAM@", "@SAMPLES@" };
	struct csvr_stacks stacks;
	const struct csvr_graph_info info = { .program = "a@b@" };
	csvr_stacks_init(&stacks);
	add(&stacks, "thread 1 (main);main", 1);
	char *text = written(&stacks, &info);
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
		ck_assert_msg(strstr(text, places[i]) == NULL, "%s is still there", places[i]);
	assert_has(text, "Flame graph of a@b@");
	free(text);
	csvr_stacks_clear(&stacks);
}
END_TEST

START_TEST(names_are_escaped_for_xml)
{
	static const char name[] = "std::map<int, \"x\">&\x01\xFF\xE2\x80\xAE\xC3\xA9";
	char *text = NULL;
	size_t n_bytes = 0;
	FILE *stream = open_memstream(&text, &n_bytes);
	ck_assert_ptr_nonnull(stream);
	csvr_escape_xml(stream, name, sizeof name - 1);
	fclose(stream);
	ck_assert_str_eq(text, "std::map&lt;int, &quot;x&quot;&gt;&amp;\xEF\xBF\xBD\xEF\xBF\xBD"
			       "\xEF\xBF\xBD\xC3\xA9");
	free(text);
}
END_TEST

/* ---- sampling ---- */

#ifdef HAVE_LIBBACKTRACE

static double cpu_seconds(void)
{
	struct timespec time;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Two functions that use CPU time. They are static, but must have a name in the profile. */
static __attribute__((noinline)) unsigned burn_inside(unsigned seed)
{
	for (int i = 0; i < 200000; i++)
		seed = seed * 1664525u + 1013904223u;
	return seed;
}

static __attribute__((noinline)) unsigned burn(double seconds)
{
	const double end = cpu_seconds() + seconds;
	unsigned seed = 1;
	while (cpu_seconds() < end)
		seed = burn_inside(seed);
	return seed;
}

static uint64_t samples_with(const struct csvr_profile *profile, const char *part)
{
	struct csvr_stacks stacks;
	uint64_t n = 0;
	csvr_stacks_init(&stacks);
	ck_assert_int_eq(csvr_stacks_fold(&stacks, profile), CSVR_OK);
	for (size_t i = 0; i < stacks.n_items; i++)
		if (strstr(stacks.items[i].text, part) != NULL)
			n += stacks.items[i].n_samples;
	csvr_stacks_clear(&stacks);
	return n;
}

/*
 * Uses CPU time in this thread, attached, until there are `n_wanted` samples of `burn`; returns the CPU time in
 * seconds. How many samples that takes depends on the machine: the kernel delivers none while the hypervisor has
 * taken the CPU away. Ten seconds are enough for any.
 */
static double burn_sampled(struct csvr_profile *profile, uint64_t n_wanted)
{
	const double start = cpu_seconds();
	do {
		struct csvr_profile_thread *sampled = csvr_profile_attach(profile, 0);
		ck_assert_ptr_nonnull(sampled);
		volatile unsigned sink = burn(0.1);
		(void)sink;
		csvr_profile_detach(sampled);
	} while (samples_with(profile, ";burn") < n_wanted && cpu_seconds() - start < 10);
	return cpu_seconds() - start;
}

START_TEST(samples_show_where_cpu_time_was_spent)
{
	struct csvr_profile *profile;
	ck_assert_int_eq(csvr_profile_new(250, &profile, NULL), CSVR_OK);
	struct csvr_profile_thread *sampled = csvr_profile_attach(profile, 0);
	ck_assert_ptr_nonnull(sampled);
	ck_assert_ptr_null(csvr_profile_attach(profile, 0)); /* it is attached */
	csvr_profile_detach(sampled);
	const double seconds = burn_sampled(profile, 50);
	const uint64_t n = samples_with(profile, "thread 1 (main);main;");
	ck_assert_uint_ge(n, 50);
	/* 250 a second, including the periods that the kernel missed. */
	ck_assert_double_le((double)n, 2 * 250 * seconds);
	ck_assert_uint_ge(samples_with(profile, ";burn") * 10, n * 9);
	if (!HAS_THREAD_SANITIZER)
		ck_assert_uint_ge(samples_with(profile, ";burn;burn_inside") * 2, n);
	ck_assert_uint_eq(csvr_profile_n_not_sampled(profile), 0);
	csvr_profile_free(profile);
}
END_TEST

START_TEST(a_detached_thread_is_not_sampled_and_can_attach_again)
{
	struct csvr_profile *profile;
	ck_assert_int_eq(csvr_profile_new(250, &profile, NULL), CSVR_OK);
	csvr_profile_detach(csvr_profile_attach(profile, 0));
	volatile unsigned sink = burn(0.2);
	ck_assert_uint_le(samples_with(profile, "burn"), 1);
	(void)sink;
	burn_sampled(profile, 20);
	ck_assert_uint_ge(samples_with(profile, ";burn"), 20);
	ck_assert_ptr_null(csvr_profile_threads(profile)->next); /* one thread has one record */
	csvr_profile_free(profile);
}
END_TEST

START_TEST(a_sigprof_of_another_process_is_ignored)
{
	struct csvr_profile *profile;
	ck_assert_int_eq(csvr_profile_new(1, &profile, NULL), CSVR_OK);
	struct csvr_profile_thread *sampled = csvr_profile_attach(profile, 0);
	for (int i = 0; i < 10; i++)
		raise(SIGPROF);
	csvr_profile_detach(sampled);
	ck_assert_uint_eq(total_of(&csvr_profile_threads(profile)->samples), 0);
	csvr_profile_free(profile);
}
END_TEST

START_TEST(the_signal_handler_is_restored)
{
	struct csvr_profile *profile;
	struct sigaction ignored = { .sa_handler = SIG_IGN }, found;
	ck_assert_int_eq(sigaction(SIGPROF, &ignored, NULL), 0);
	ck_assert_int_eq(csvr_profile_new(0, &profile, NULL), CSVR_OK);
	csvr_profile_detach(csvr_profile_attach(profile, 0));
	csvr_profile_free(profile);
	ck_assert_int_eq(sigaction(SIGPROF, NULL, &found), 0);
	ck_assert(found.sa_handler == SIG_IGN);
}
END_TEST

#else

START_TEST(a_build_without_libbacktrace_cannot_sample)
{
	struct csvr_profile *profile;
	struct csvr_error error;
	ck_assert(!csvr_profile_is_supported());
	ck_assert_int_eq(csvr_profile_new(0, &profile, &error), CSVR_INVALID_OPTION);
	ck_assert_ptr_null(profile);
	csvr_profile_detach(csvr_profile_attach(profile, 0));
	csvr_profile_free(profile);
}
END_TEST

#endif

static void add_cases(Suite *suite)
{
	TCase *samples = tcase_create("samples");
	tcase_add_test(samples, equal_stacks_are_one_and_their_weights_add_up);
	tcase_add_test(samples,
		       stacks_that_do_not_fit_are_counted_as_lost_and_known_ones_still_count);
	tcase_add_test(samples, frames_never_pass_the_end_of_their_array);
	tcase_add_test(samples, random_stacks_are_all_accounted_for);
	suite_add_tcase(suite, samples);

	TCase *stacks = tcase_create("stacks");
	tcase_add_test(stacks, names_cannot_break_a_line_of_folded_stacks);
	tcase_add_test(stacks, a_library_without_names_is_one_frame_and_recursion_stays);
	tcase_add_test(stacks, stacks_are_sorted_and_distinct);
	suite_add_tcase(suite, stacks);

	TCase *picture = tcase_create("picture");
	tcase_add_test(picture, boxes_are_as_wide_as_their_samples_and_are_above_their_callers);
	tcase_add_test(picture, a_picture_shows_the_losses);
	tcase_add_test(picture, every_placeholder_of_the_template_is_replaced);
	tcase_add_test(picture, names_are_escaped_for_xml);
	suite_add_tcase(suite, picture);

	TCase *sampler = tcase_create("sampler");
	tcase_set_timeout(sampler, 60); /* for busy machines */
#ifdef HAVE_LIBBACKTRACE
	tcase_add_test(sampler, samples_show_where_cpu_time_was_spent);
	tcase_add_test(sampler, a_detached_thread_is_not_sampled_and_can_attach_again);
	tcase_add_test(sampler, a_sigprof_of_another_process_is_ignored);
	tcase_add_test(sampler, the_signal_handler_is_restored);
#else
	tcase_add_test(sampler, a_build_without_libbacktrace_cannot_sample);
#endif
	suite_add_tcase(suite, sampler);
}

int main(void)
{
	return check_main("profile", add_cases);
}
