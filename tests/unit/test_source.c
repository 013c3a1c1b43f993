/* test_source.c - reading inputs, and detecting that they changed */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check_main.h"
#include "input/source.h"

static char home[4096];
static struct csvr_inputs *inputs;
static struct csvr_dir_cache dir_cache;

static void enter_home(void)
{
	const char *tmp = getenv("TMPDIR");
	ck_assert_int_lt(snprintf(home, sizeof home, "%s/csvr-source-XXXXXX",
				  tmp != NULL ? tmp : "/tmp"),
			 (int)sizeof home);
	ck_assert_ptr_nonnull(mkdtemp(home));
	ck_assert_int_eq(chdir(home), 0);
	csvr_dir_cache_init(&dir_cache);
}

static void leave_home(void)
{
	static const char *const names[] = { "a.csv", "b.csv", "pipe", "old" };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (unlink(names[i]) != 0)
			(void)rmdir(names[i]);
	ck_assert_int_eq(chdir("/"), 0);
	(void)rmdir(home);
	csvr_inputs_free(inputs);
	inputs = NULL;
	csvr_dir_cache_clear(&dir_cache);
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
}

static void set_mtime(const char *path, time_t seconds, long nanoseconds)
{
	const struct timespec times[2] = { { 0, UTIME_OMIT }, { seconds, nanoseconds } };
	ck_assert_int_eq(utimensat(AT_FDCWD, path, times, 0), 0);
}

/* The only input of a new list. */
static struct csvr_input *listed(const char *path)
{
	const struct csvr_walk_options walk = { .max_depth = -1 };
	csvr_inputs_free(inputs);
	ck_assert_int_eq(csvr_inputs_new(&inputs), CSVR_OK);
	ck_assert_int_eq(csvr_inputs_add(inputs, path, &walk), CSVR_OK);
	ck_assert_uint_eq(csvr_inputs_count(inputs), 1);
	csvr_dir_cache_clear(&dir_cache);
	return &inputs->items[0];
}

static enum csvr_status open_source(struct csvr_source *source, const struct csvr_input *input,
				    struct csvr_error *error)
{
	csvr_source_init(source, inputs, &dir_cache);
	return csvr_source_open(source, input, error);
}

/* Lists `path` and opens it; the test uses both. */
#define OPEN(path_)                                     \
	const struct csvr_input *input = listed(path_); \
	struct csvr_source source;                      \
	struct csvr_error error = { 0 };                \
	ck_assert_int_eq(open_source(&source, input, &error), CSVR_OK)

static void expect_read(struct csvr_source *source, uint64_t offset, size_t n_bytes,
			const char *expected)
{
	char buffer[256] = { 0 };
	size_t n_read = 999;
	ck_assert_int_eq(csvr_source_read(source, offset, buffer, n_bytes, &n_read, NULL), CSVR_OK);
	ck_assert_uint_eq(n_read, strlen(expected));
	ck_assert_mem_eq(buffer, expected, n_read);
}

START_TEST(regular_file_is_read_at_any_offset)
{
	write_file("a.csv", "0123456789");
	OPEN("a.csv");
	expect_read(&source, 3, 4, "3456");
	expect_read(&source, 0, 2, "01");
	expect_read(&source, 0, 10, "0123456789");
	ck_assert_int_eq(csvr_source_verify(&source, &error), CSVR_OK);
	csvr_source_clear(&source);
}
END_TEST

START_TEST(read_at_the_end_is_short_and_beyond_it_is_empty)
{
	write_file("a.csv", "0123456789");
	OPEN("a.csv");
	expect_read(&source, 8, 100, "89");
	expect_read(&source, 10, 100, "");
	expect_read(&source, 1000000, 100, "");
	expect_read(&source, 0, 0, "");
	csvr_source_clear(&source);
}
END_TEST

START_TEST(empty_file_has_no_bytes)
{
	write_file("a.csv", "");
	OPEN("a.csv");
	expect_read(&source, 0, 100, "");
	ck_assert_int_eq(csvr_source_verify(&source, &error), CSVR_OK);
	csvr_source_clear(&source);
}
END_TEST

START_TEST(two_sources_read_one_input_independently)
{
	write_file("a.csv", "0123456789");
	OPEN("a.csv");
	struct csvr_source second;
	ck_assert_int_eq(open_source(&second, input, NULL), CSVR_OK);
	expect_read(&source, 0, 5, "01234");
	expect_read(&second, 7, 5, "789");
	csvr_source_close(&second);
	expect_read(&source, 5, 5, "56789");
	csvr_source_clear(&source);
}
END_TEST

START_TEST(file_larger_than_a_megabyte_is_read_in_one_call)
{
	const size_t n_bytes = 3 * 1024 * 1024 + 1;
	char *bytes = malloc(n_bytes);
	char *buffer = malloc(n_bytes + 1);
	ck_assert(bytes != NULL && buffer != NULL);
	for (size_t i = 0; i < n_bytes; i++)
		bytes[i] = (char)(i * 7 + i / 251);
	FILE *file = fopen("a.csv", "w");
	ck_assert_uint_eq(fwrite(bytes, 1, n_bytes, file), n_bytes);
	ck_assert_int_eq(fclose(file), 0);
	OPEN("a.csv");
	size_t n_read;
	ck_assert_int_eq(csvr_source_read(&source, 0, buffer, n_bytes + 1, &n_read, NULL), CSVR_OK);
	ck_assert_uint_eq(n_read, n_bytes);
	ck_assert_int_eq(memcmp(bytes, buffer, n_bytes), 0);
	csvr_source_clear(&source);
	free(bytes);
	free(buffer);
}
END_TEST

/* ---- errors ---- */

START_TEST(file_deleted_after_listing_is_an_error_with_the_reason)
{
	write_file("a.csv", "x");
	const struct csvr_input *input = listed("a.csv");
	ck_assert_int_eq(unlink("a.csv"), 0);
	struct csvr_source source;
	struct csvr_error error = { 0 };
	ck_assert_int_eq(open_source(&source, input, &error), CSVR_IO_ERROR);
	ck_assert_str_eq(error.message, "cannot open: No such file or directory");
	ck_assert_uint_eq(error.line, 0);
	csvr_source_clear(&source);
}
END_TEST

START_TEST(failed_input_opens_with_the_reason_it_was_listed_with)
{
	struct csvr_input *input = listed("a.csv");
	input->kind = CSVR_INPUT_FAILED;
	input->error_number = EACCES;
	struct csvr_source source;
	struct csvr_error error = { 0 };
	ck_assert_int_eq(open_source(&source, input, &error), CSVR_IO_ERROR);
	ck_assert_str_eq(error.message, "cannot open: Permission denied");
	csvr_source_clear(&source);
}
END_TEST

START_TEST(file_that_became_a_directory_cannot_be_read)
{
	write_file("a.csv", "x");
	const struct csvr_input *input = listed("a.csv");
	ck_assert_int_eq(unlink("a.csv"), 0);
	ck_assert_int_eq(mkdir("a.csv", 0777), 0);
	struct csvr_source source;
	struct csvr_error error = { 0 };
	char byte;
	size_t n_read = 999;
	ck_assert_int_eq(open_source(&source, input, &error), CSVR_OK);
	ck_assert_int_eq(csvr_source_read(&source, 0, &byte, 1, &n_read, &error), CSVR_IO_ERROR);
	ck_assert_str_eq(error.message, "cannot read: Is a directory");
	ck_assert_uint_eq(n_read, 0);
	csvr_source_clear(&source);
}
END_TEST

START_TEST(file_that_became_a_fifo_does_not_block)
{
	write_file("a.csv", "x");
	const struct csvr_input *input = listed("a.csv");
	ck_assert_int_eq(unlink("a.csv"), 0);
	ck_assert_int_eq(mkfifo("a.csv", 0666), 0);
	struct csvr_source source;
	struct csvr_error error = { 0 };
	char byte;
	size_t n_read;
	ck_assert_int_eq(open_source(&source, input, &error), CSVR_OK);
	ck_assert_int_eq(csvr_source_read(&source, 0, &byte, 1, &n_read, &error),
			 CSVR_FILE_CHANGED);
	ck_assert_ptr_nonnull(strstr(error.message, "no longer a regular file"));
	csvr_source_clear(&source);
}
END_TEST

START_TEST(closing_twice_or_a_source_of_zeros_is_harmless)
{
	struct csvr_source none = { 0 };
	csvr_source_close(&none);
	write_file("a.csv", "x");
	OPEN("a.csv");
	csvr_source_clear(&source);
	csvr_source_clear(&source);
}
END_TEST

/* ---- changes ---- */

START_TEST(file_that_grows_while_read_is_detected_with_both_sizes)
{
	write_file("a.csv", "0123456789");
	OPEN("a.csv");
	expect_read(&source, 0, 10, "0123456789");
	write_file("a.csv", "0123456789abcde");
	ck_assert_int_eq(csvr_source_verify(&source, &error), CSVR_FILE_CHANGED);
	ck_assert_int_eq(error.status, CSVR_FILE_CHANGED);
	ck_assert_str_eq(error.message, "changed while it was read (size 10 -> 15 bytes); "
					"run again when nothing writes to it");
	csvr_source_clear(&source);
}
END_TEST

START_TEST(file_that_shrinks_after_listing_is_detected)
{
	write_file("a.csv", "0123456789");
	const struct csvr_input *input = listed("a.csv");
	write_file("a.csv", "01");
	struct csvr_source source;
	struct csvr_error error = { 0 };
	ck_assert_int_eq(open_source(&source, input, &error), CSVR_OK);
	char buffer[10];
	size_t n_read;
	ck_assert_int_eq(csvr_source_read(&source, 0, buffer, 2, &n_read, &error), CSVR_OK);
	ck_assert_int_eq(csvr_source_read(&source, 0, buffer, 10, &n_read, &error),
			 CSVR_FILE_CHANGED);
	ck_assert_ptr_nonnull(strstr(error.message, "size 10 -> 2 bytes"));
	ck_assert_int_eq(csvr_source_verify(&source, &error), CSVR_FILE_CHANGED);
	csvr_source_clear(&source);
}
END_TEST

/* As with a server that truncates a file without an error. */
START_TEST(file_that_ends_before_its_size_is_detected)
{
	write_file("a.csv", "0123456789");
	struct csvr_input longer = *listed("a.csv");
	struct csvr_source source;
	struct csvr_error error = { 0 };
	char buffer[12];
	size_t n_read;
	ck_assert_int_eq(open_source(&source, &longer, &error), CSVR_OK);
	longer.size_bytes = 12;
	ck_assert_int_eq(csvr_source_read(&source, 0, buffer, 12, &n_read, &error),
			 CSVR_FILE_CHANGED);
	csvr_source_clear(&source);
}
END_TEST

START_TEST(a_nanosecond_of_difference_in_mtime_is_detected)
{
	write_file("a.csv", "0123456789");
	set_mtime("a.csv", 1700000000, 123456788);
	const struct csvr_input *input = listed("a.csv");
	struct csvr_source source;
	struct csvr_error error = { 0 };
	ck_assert_int_eq(open_source(&source, input, &error), CSVR_OK);
	ck_assert_int_eq(csvr_source_verify(&source, &error), CSVR_OK);
	set_mtime("a.csv", 1700000000, 123456789);
	struct stat status;
	ck_assert_int_eq(stat("a.csv", &status), 0);
	if (status.st_mtim.tv_nsec == 123456789) { /* else the file system stores coarser times */
		ck_assert_int_eq(csvr_source_verify(&source, &error), CSVR_FILE_CHANGED);
		ck_assert_ptr_nonnull(strstr(error.message, "modified"));
	}
	set_mtime("a.csv", 1700000001, 123456788);
	ck_assert_int_eq(csvr_source_verify(&source, &error), CSVR_FILE_CHANGED);
	csvr_source_clear(&source);
}
END_TEST

START_TEST(times_before_1970_and_after_2038_are_accepted)
{
	write_file("a.csv", "x");
	static const time_t seconds[] = { -1, -1000000000, 0, 4000000000 };
	for (size_t i = 0; i < sizeof seconds / sizeof seconds[0]; i++) {
		set_mtime("a.csv", seconds[i], 1);
		OPEN("a.csv");
		ck_assert_int_eq(csvr_source_verify(&source, &error), CSVR_OK);
		csvr_source_clear(&source);
	}
}
END_TEST

START_TEST(file_replaced_by_one_of_equal_size_and_time_is_detected)
{
	write_file("a.csv", "0123456789");
	write_file("b.csv", "abcdefghij");
	set_mtime("a.csv", 1700000000, 0);
	set_mtime("b.csv", 1700000000, 0);
	const struct csvr_input *input = listed("a.csv");
	ck_assert_int_eq(rename("a.csv", "old"), 0); /* keeps the inode in use */
	ck_assert_int_eq(rename("b.csv", "a.csv"), 0);
	struct csvr_source source;
	struct csvr_error error = { 0 };
	ck_assert_int_eq(open_source(&source, input, &error), CSVR_OK);
	ck_assert_int_eq(csvr_source_verify(&source, &error), CSVR_FILE_CHANGED);
	ck_assert_ptr_nonnull(strstr(error.message, "replaced"));
	csvr_source_clear(&source);
}
END_TEST

START_TEST(file_deleted_while_read_is_read_whole)
{
	write_file("a.csv", "0123456789");
	OPEN("a.csv");
	ck_assert_int_eq(unlink("a.csv"), 0);
	expect_read(&source, 0, 100, "0123456789");
	ck_assert_int_eq(csvr_source_verify(&source, &error), CSVR_OK);
	csvr_source_clear(&source);
}
END_TEST

/* ---- streams ---- */

/* Reads a whole stream, `n_bytes` at a time. */
static void expect_stream(struct csvr_source *source, size_t n_bytes, const char *expected)
{
	char whole[256] = { 0 };
	uint64_t offset = 0;
	for (size_t n_read = 1; n_read > 0; offset += n_read) {
		ck_assert_uint_le(offset + n_bytes, sizeof whole);
		ck_assert_int_eq(csvr_source_read(source, offset, whole + offset, n_bytes, &n_read,
						  NULL),
				 CSVR_OK);
		ck_assert_uint_le(n_read, n_bytes);
	}
	ck_assert_str_eq(whole, expected);
	ck_assert_int_eq(csvr_source_verify(source, NULL), CSVR_OK);
}

static pid_t write_in_child(int fd, const char *path)
{
	pid_t child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		if (path != NULL)
			fd = open(path, O_WRONLY);
		for (int i = 0; i < 3; i++) {
			if (write(fd, "1,2\n", 4) != 4)
				_exit(1);
			usleep(2000);
		}
		_exit(0);
	}
	return child;
}

static void wait_for(pid_t child)
{
	int status;
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
}

START_TEST(fifo_is_read_to_the_end_after_waiting_for_its_writer)
{
	ck_assert_int_eq(mkfifo("pipe", 0666), 0);
	const struct csvr_input *input = listed("pipe");
	ck_assert_int_eq(input->kind, CSVR_INPUT_STREAM);
	ck_assert_uint_eq(input->size_bytes, 0);
	pid_t child = write_in_child(-1, "pipe");
	struct csvr_source source;
	ck_assert_int_eq(open_source(&source, input, NULL), CSVR_OK);
	expect_stream(&source, 3, "1,2\n1,2\n1,2\n");
	csvr_source_clear(&source);
	wait_for(child);
}
END_TEST

START_TEST(standard_input_is_read_and_left_open)
{
	int ends[2];
	ck_assert_int_eq(pipe(ends), 0);
	pid_t child = write_in_child(ends[1], NULL);
	ck_assert_int_eq(close(ends[1]), 0);
	ck_assert_int_eq(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	const struct csvr_input *input = listed("-");
	struct csvr_source source;
	ck_assert_int_eq(open_source(&source, input, NULL), CSVR_OK);
	expect_stream(&source, 64, "1,2\n1,2\n1,2\n");
	csvr_source_clear(&source);
	ck_assert_int_ge(fcntl(STDIN_FILENO, F_GETFD), 0);
	wait_for(child);
}
END_TEST

START_TEST(non_blocking_standard_input_waits_for_data)
{
	int ends[2];
	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
	pid_t child = write_in_child(ends[1], NULL);
	ck_assert_int_eq(close(ends[1]), 0);
	ck_assert_int_eq(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	const struct csvr_input *input = listed("-");
	struct csvr_source source;
	ck_assert_int_eq(open_source(&source, input, NULL), CSVR_OK);
	expect_stream(&source, 64, "1,2\n1,2\n1,2\n");
	csvr_source_clear(&source);
	wait_for(child);
}
END_TEST

START_TEST(closed_standard_input_is_an_error_with_the_reason)
{
	ck_assert_int_eq(close(STDIN_FILENO), 0);
	const struct csvr_input *input = listed("-");
	struct csvr_source source;
	struct csvr_error error = { 0 };
	char byte;
	size_t n_read;
	ck_assert_int_eq(open_source(&source, input, NULL), CSVR_OK);
	ck_assert_int_eq(csvr_source_read(&source, 0, &byte, 1, &n_read, &error), CSVR_IO_ERROR);
	ck_assert_str_eq(error.message, "cannot read: Bad file descriptor");
	csvr_source_clear(&source);
}
END_TEST

START_TEST(device_is_a_stream)
{
	OPEN("/dev/null");
	ck_assert_int_eq(input->kind, CSVR_INPUT_STREAM);
	expect_stream(&source, 10, "");
	csvr_source_clear(&source);
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *tcase = tcase_create("source");
	tcase_add_checked_fixture(tcase, enter_home, leave_home);
	tcase_add_test(tcase, regular_file_is_read_at_any_offset);
	tcase_add_test(tcase, read_at_the_end_is_short_and_beyond_it_is_empty);
	tcase_add_test(tcase, empty_file_has_no_bytes);
	tcase_add_test(tcase, two_sources_read_one_input_independently);
	tcase_add_test(tcase, file_larger_than_a_megabyte_is_read_in_one_call);
	tcase_add_test(tcase, file_deleted_after_listing_is_an_error_with_the_reason);
	tcase_add_test(tcase, failed_input_opens_with_the_reason_it_was_listed_with);
	tcase_add_test(tcase, file_that_became_a_directory_cannot_be_read);
	tcase_add_test(tcase, file_that_became_a_fifo_does_not_block);
	tcase_add_test(tcase, closing_twice_or_a_source_of_zeros_is_harmless);
	tcase_add_test(tcase, file_that_grows_while_read_is_detected_with_both_sizes);
	tcase_add_test(tcase, file_that_shrinks_after_listing_is_detected);
	tcase_add_test(tcase, file_that_ends_before_its_size_is_detected);
	tcase_add_test(tcase, a_nanosecond_of_difference_in_mtime_is_detected);
	tcase_add_test(tcase, times_before_1970_and_after_2038_are_accepted);
	tcase_add_test(tcase, file_replaced_by_one_of_equal_size_and_time_is_detected);
	tcase_add_test(tcase, file_deleted_while_read_is_read_whole);
	tcase_add_test(tcase, fifo_is_read_to_the_end_after_waiting_for_its_writer);
	tcase_add_test(tcase, standard_input_is_read_and_left_open);
	tcase_add_test(tcase, non_blocking_standard_input_waits_for_data);
	tcase_add_test(tcase, closed_standard_input_is_an_error_with_the_reason);
	tcase_add_test(tcase, device_is_a_stream);
	suite_add_tcase(suite, tcase);
}

int main(void)
{
	return check_main("source", add_cases);
}
