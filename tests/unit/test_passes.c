/* test_passes.c - further passes over the inputs make percentiles exact, or the summary says why not
 *
 * Shape   csvr_run over generated files. The callback that it makes before and after each time that it can be
 *         interrupted changes a file or stops the run between two passes.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check_main.h"
#include "column_value.h"
#include "csvreport.h"
#include "stats/statistics.h"
#include "stats/summary.h"

enum { N_ROWS = 60000, STEP = 7919 };

static char path[64];
static char checkpoint_path[80];
static int stop_flag;
static int n_begun; /* how often the work of a run began */
static void (*between_passes)(void);

/* The integers from 10^9 on: all in few buckets, so that estimates are far off. */
static void write_file(int first)
{
	FILE *file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	fputs("text,x\n", file);
	for (int i = 0; i < N_ROWS; i++)
		fprintf(file, "a,%d\n", 1000000000 + first + (int)((long)i * STEP % N_ROWS));
	ck_assert_int_eq(fclose(file), 0);
}

static void on_stop_polled(bool is_polled)
{
	n_begun += is_polled;
	if (is_polled && n_begun == 2 && between_passes != NULL)
		between_passes();
}

static bool save_checkpoint(void *context, const unsigned char *bytes, size_t n_bytes)
{
	(void)context;
	FILE *file = fopen(checkpoint_path, "w");
	const bool is_saved = file != NULL && fwrite(bytes, 1, n_bytes, file) == n_bytes;
	return file != NULL && fclose(file) == 0 && is_saved;
}

static enum csvr_status run(bool has_checkpoint, struct csvr_summary **summary, int *n_passes)
{
	static const char *const names[] = { "median", "p99", "mad" };
	const struct csvr_checkpoint_hooks checkpoint = {
		.path = checkpoint_path, .interval_s = 1e6, .grace_s = 1e6, .save = save_checkpoint
	};
	struct csvr_run_hooks hooks = { .stop_flag = &stop_flag,
					.on_stop_polled = on_stop_polled,
					.checkpoint = has_checkpoint ? &checkpoint : NULL };
	struct csvr_settings settings;
	struct csvr_inputs *inputs;
	struct csvr_error error;
	csvr_settings_init(&settings);
	settings.statistics.names = (struct csvr_string_list){ names, 3 };
	settings.statistics.exact = true;
	stop_flag = 0;
	n_begun = 0;
	ck_assert_int_eq(csvr_inputs_new(&inputs), CSVR_OK);
	ck_assert_int_eq(csvr_inputs_add(inputs, path, &settings.walk), CSVR_OK);
	const enum csvr_status status = csvr_run(&settings, inputs, &hooks, summary, &error);
	*n_passes = hooks.info.n_passes;
	csvr_inputs_free(inputs);
	return status;
}

static struct csvr_value value_of(const struct csvr_summary *summary, const char *name)
{
	return column_value(&summary->tables[0].columns[1].stats,
			    csvr_statistic_find(name, strlen(name)), 1);
}

static void expect_exact(const struct csvr_summary *summary, int first)
{
	const struct csvr_value median = value_of(summary, "median"),
				p99 = value_of(summary, "p99");
	const struct csvr_value mad = value_of(summary, "mad");
	ck_assert(!median.is_approximate && !p99.is_approximate && !mad.is_approximate);
	ck_assert_double_eq(median.real, 1000000000 + first + (N_ROWS - 1) / 2.0);
	ck_assert_double_eq(p99.real, 1000000000 + first + (N_ROWS - 1) * 99 / 100.0);
	ck_assert_double_eq(mad.real, N_ROWS / 4.0);
	ck_assert_int_eq(summary->inexactness.reason, CSVR_INEXACT_NOT);
}

static void set_up(void)
{
	snprintf(path, sizeof path, "/tmp/test_passes.%ld.csv", (long)getpid());
	snprintf(checkpoint_path, sizeof checkpoint_path, "%s.checkpoint", path);
	between_passes = NULL;
	write_file(0);
}

static void tear_down(void)
{
	unlink(path);
	unlink(checkpoint_path);
}

START_TEST(a_second_pass_makes_percentiles_exact)
{
	struct csvr_summary *summary;
	int n_passes;
	ck_assert_int_eq(run(false, &summary, &n_passes), CSVR_OK);
	ck_assert_int_eq(n_passes, 2);
	expect_exact(summary, 0);
	ck_assert_uint_eq(csvr_summary_outcome(summary).n_inexact, 0);
	csvr_summary_free(summary);
}
END_TEST

/* ---- files that change ---- */

static void expect_change(uint32_t input)
{
	struct csvr_summary *summary;
	int n_passes;
	ck_assert_int_eq(run(false, &summary, &n_passes), CSVR_OK);
	ck_assert_int_eq(summary->inexactness.reason, CSVR_INEXACT_CHANGED);
	ck_assert_uint_eq(summary->inexactness.input, input);
	ck_assert_uint_eq(summary->inexactness.n_columns, 1);
	ck_assert_uint_eq(summary->n_failures, 0);
	ck_assert_uint_eq(csvr_summary_totals(summary).n_rows, N_ROWS);
	ck_assert(value_of(summary, "median").is_approximate);
	ck_assert(csvr_summary_outcome(summary).has_changed);
	csvr_summary_free(summary);
}

static void append_row(void)
{
	FILE *file = fopen(path, "a");
	fputs("a,1\n", file);
	fclose(file);
}

START_TEST(a_file_that_grows_between_two_passes_leaves_estimates)
{
	between_passes = append_row;
	expect_change(0);
}
END_TEST

static void remove_file(void)
{
	unlink(path);
}

START_TEST(a_file_that_is_removed_between_two_passes_leaves_estimates)
{
	between_passes = remove_file;
	expect_change(0);
}
END_TEST

/* Neither its size nor its time show it. */
static void replace_numbers(void)
{
	struct stat before;
	const int fd = open(path, O_WRONLY);
	ck_assert_int_eq(fstat(fd, &before), 0);
	ck_assert_int_eq(pwrite(fd, "a,1000077777\n", 13, strlen("text,x\n")), 13);
	const struct timespec times[2] = { before.st_atim, before.st_mtim };
	ck_assert_int_eq(futimens(fd, times), 0);
	close(fd);
}

START_TEST(other_numbers_in_the_second_pass_leave_estimates)
{
	between_passes = replace_numbers;
	expect_change(CSVR_NO_INDEX);
}
END_TEST

/* ---- checkpoints ---- */

static void stop(void)
{
	stop_flag = 1;
}

START_TEST(a_run_that_is_interrupted_in_the_second_pass_resumes_after_the_first)
{
	struct csvr_summary *summary;
	int n_passes;
	between_passes = stop;
	ck_assert_int_eq(run(true, &summary, &n_passes), CSVR_INTERRUPTED);
	ck_assert_ptr_null(summary);
	between_passes = NULL;
	ck_assert_int_eq(run(true, &summary, &n_passes), CSVR_OK);
	ck_assert_int_eq(n_passes, 2);
	expect_exact(summary, 0);
	csvr_summary_free(summary);
}
END_TEST

/* ---- many values ---- */

/* More values in a bucket than a pass collects, or equal to a double. */
START_TEST(more_values_than_a_pass_collects_need_a_third_one)
{
	enum { N_MANY = 3000000 };
	struct csvr_summary *summary;
	int n_passes;
	FILE *file = fopen(path, "w");
	fputs("text,x\n", file);
	for (int i = 0; i < N_MANY; i++)
		fprintf(file, "a,%d\n", 1000000000 + (int)((long)i * STEP % N_MANY));
	ck_assert_int_eq(fclose(file), 0);
	ck_assert_int_eq(run(false, &summary, &n_passes), CSVR_OK);
	ck_assert_int_eq(n_passes, 3);
	ck_assert_double_eq(value_of(summary, "median").real, 1000000000 + (N_MANY - 1) / 2.0);
	ck_assert_double_eq(value_of(summary, "p99").real, 1000000000 + (N_MANY - 1) * 99L / 100.0);
	ck_assert_double_eq(value_of(summary, "mad").real, N_MANY / 4.0);
	ck_assert_int_eq(summary->inexactness.reason, CSVR_INEXACT_NOT);
	csvr_summary_free(summary);
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *cases = tcase_create("passes");
	tcase_set_timeout(cases, 120);
	tcase_add_checked_fixture(cases, set_up, tear_down);
	tcase_add_test(cases, a_second_pass_makes_percentiles_exact);
	tcase_add_test(cases, a_file_that_grows_between_two_passes_leaves_estimates);
	tcase_add_test(cases, a_file_that_is_removed_between_two_passes_leaves_estimates);
	tcase_add_test(cases, other_numbers_in_the_second_pass_leave_estimates);
	tcase_add_test(cases, a_run_that_is_interrupted_in_the_second_pass_resumes_after_the_first);
	tcase_add_test(cases, more_values_than_a_pass_collects_need_a_third_one);
	suite_add_tcase(suite, cases);
}

int main(void)
{
	return check_main("passes", add_cases);
}
