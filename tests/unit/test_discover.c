/* test_discover.c - the inputs that a walk adds, their order, and the errors that it reports */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "check_main.h"
#include "input/backend_file.h"
#include "input/inputs_internal.h"
#include "random.h"

static char home[4096];

static void enter_home(void)
{
	const char *tmp = getenv("TMPDIR");
	ck_assert_int_lt(snprintf(home, sizeof home, "%s/csvr-discover-XXXXXX",
				  tmp != NULL ? tmp : "/tmp"),
			 (int)sizeof home);
	ck_assert_ptr_nonnull(mkdtemp(home));
	ck_assert_int_eq(chdir(home), 0);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *place)
{
	(void)status;
	(void)type;
	(void)place;
	return remove(path);
}

static void leave_home(void)
{
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(nftw(home, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

/* Makes a file that contains its own path, and its parent directories. */
static void make_file(const char *path)
{
	char part[4096];
	for (const char *slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		snprintf(part, sizeof part, "%.*s", (int)(slash - path), path);
		(void)mkdir(part, 0777);
	}
	FILE *file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(path, file), 0);
	ck_assert_int_eq(fclose(file), 0);
}

static void make_files(const char *const *paths)
{
	for (; *paths != NULL; paths++)
		make_file(*paths);
}

#define MAKE(...) make_files((const char *const[]){ __VA_ARGS__, NULL })

/* A walk with the default options; the lists end with NULL. */
static struct csvr_walk_options plain(void)
{
	return (struct csvr_walk_options){ .max_depth = -1 };
}

static struct csvr_string_list words(const char *const *word)
{
	struct csvr_string_list list = { .word = word };
	while (word[list.n_words] != NULL)
		list.n_words++;
	return list;
}

#define WORDS(...) words((const char *const[]){ __VA_ARGS__, NULL })

static struct csvr_inputs *added(const char *path, struct csvr_walk_options walk)
{
	struct csvr_inputs *inputs;
	ck_assert_int_eq(csvr_inputs_new(&inputs), CSVR_OK);
	ck_assert_int_eq(csvr_inputs_add(inputs, path, &walk), CSVR_OK);
	return inputs;
}

/* A list of `paths` that are not probed. */
static struct csvr_inputs *listed(const char *const *paths, size_t n_paths)
{
	struct csvr_inputs *inputs;
	ck_assert_int_eq(csvr_inputs_new(&inputs), CSVR_OK);
	for (size_t i = 0; i < n_paths; i++)
		ck_assert_ptr_nonnull(csvr_inputs_append(inputs, paths[i], strlen(paths[i]),
							 CSVR_INPUT_UNPROBED));
	return inputs;
}

/* Probes one input by its whole path. */
static void probe(struct csvr_inputs *inputs, size_t index)
{
	struct csvr_dir_cache dir_cache;
	csvr_dir_cache_init(&dir_cache);
	csvr_input_probe(inputs, &inputs->items[index], &dir_cache);
	csvr_dir_cache_clear(&dir_cache);
}

/* Checks that `inputs` contains exactly `paths`, and frees it; a leading "!" marks a failed
 * input. */
static void expect_paths(struct csvr_inputs *inputs, const char *const *paths)
{
	size_t n = 0;
	for (; paths[n] != NULL; n++) {
		bool fails = paths[n][0] == '!';
		ck_assert_msg(n < csvr_inputs_count(inputs), "%s is missing", paths[n]);
		ck_assert_str_eq(csvr_inputs_path(inputs, n), paths[n] + fails);
		ck_assert_int_eq(inputs->items[n].kind == CSVR_INPUT_FAILED, fails);
	}
	ck_assert_msg(n == csvr_inputs_count(inputs), "%s is too much",
		      n < csvr_inputs_count(inputs) ? csvr_inputs_path(inputs, n) : "");
	csvr_inputs_free(inputs);
}

#define EXPECT(inputs, ...) expect_paths(inputs, (const char *const[]){ __VA_ARGS__, NULL })

/* ---- walks ---- */

static uint32_t rank_of(const struct csvr_inputs *inputs, size_t index)
{
	return inputs->path_ranks != NULL ? inputs->path_ranks[index] : (uint32_t)index;
}

START_TEST(walk_adds_csv_and_tsv_in_any_case_and_nothing_else)
{
	MAKE("d/a.csv", "d/b.tsv", "d/c.CSV", "d/e.Tsv", "d/f.txt", "d/g.csv.bak", "d/csv",
	     "d/hcsv");
	EXPECT(added("d", plain()), "d/a.csv", "d/b.tsv", "d/c.CSV", "d/e.Tsv");
}
END_TEST

START_TEST(walk_descends_into_directories)
{
	MAKE("d/a.csv", "d/s/b.csv", "d/s/t/c.csv", "d/u/f.csv");
	(void)mkdir("d/empty", 0777);
	(void)mkdir("d/named.csv", 0777);
	make_file("d/named.csv/x.csv");
	EXPECT(added("d", plain()), "d/a.csv", "d/named.csv/x.csv", "d/s/b.csv", "d/s/t/c.csv",
	       "d/u/f.csv");
}
END_TEST

START_TEST(names_that_start_with_a_dot_are_skipped_even_if_a_glob_matches)
{
	MAKE("d/.a.csv", "d/.csv", "d/.git/b.csv", "d/c.csv");
	EXPECT(added("d", plain()), "d/c.csv");
	struct csvr_walk_options walk = plain();
	walk.include = WORDS("*", ".*");
	EXPECT(added("d", walk), "d/c.csv");
}
END_TEST

START_TEST(hidden_directory_given_as_argument_is_walked)
{
	MAKE(".d/a.csv");
	EXPECT(added(".d", plain()), ".d/a.csv");
}
END_TEST

START_TEST(order_is_bytewise_by_full_path)
{
	/* A slash sorts after "-" and ".", before digits and letters. */
	MAKE("d/a/x.csv", "d/a-b.csv", "d/a.csv", "d/a0.csv", "d/B.csv", "d/a/a/y.csv",
	     "d/\xc3\xa9.csv", "d/z.csv", "d/10.csv", "d/9.csv");
	EXPECT(added("d", plain()), "d/10.csv", "d/9.csv", "d/B.csv", "d/a-b.csv", "d/a.csv",
	       "d/a/a/y.csv", "d/a/x.csv", "d/a0.csv", "d/z.csv", "d/\xc3\xa9.csv");
}
END_TEST

START_TEST(names_may_contain_any_byte)
{
	MAKE("d/a\nb.csv", "d/\x01.csv", "d/\xff\xfe.csv", "d/ .csv", "d/*.csv", "d/-.csv",
	     "d/\x1b[31m.csv");
	EXPECT(added("d", plain()), "d/\x01.csv", "d/\x1b[31m.csv", "d/ .csv", "d/*.csv", "d/-.csv",
	       "d/a\nb.csv", "d/\xff\xfe.csv");
}
END_TEST

START_TEST(depth_is_limited_to_max_depth)
{
	MAKE("d/a.csv", "d/s/b.csv", "d/s/t/c.csv");
	struct csvr_walk_options walk = plain();
	walk.max_depth = 0;
	struct csvr_inputs *inputs = added("d", walk);
	ck_assert_uint_eq(csvr_inputs_count(inputs), 0);
	csvr_inputs_free(inputs);
	walk.max_depth = 1;
	EXPECT(added("d", walk), "d/a.csv");
	walk.max_depth = 2;
	EXPECT(added("d", walk), "d/a.csv", "d/s/b.csv");
	walk.max_depth = INT_MAX;
	EXPECT(added("d", walk), "d/a.csv", "d/s/b.csv", "d/s/t/c.csv");
}
END_TEST

START_TEST(max_depth_does_not_affect_a_file_given_as_argument)
{
	MAKE("d/a.csv");
	struct csvr_walk_options walk = plain();
	walk.max_depth = 0;
	EXPECT(added("d/a.csv", walk), "d/a.csv");
}
END_TEST

START_TEST(directories_deeper_than_the_descriptor_limit_are_walked)
{
	char path[4096] = "d";
	ck_assert_int_eq(mkdir(path, 0777), 0);
	for (int depth = 0; depth < 1500; depth++) {
		strcat(path, "/s");
		ck_assert_int_eq(mkdir(path, 0777), 0);
	}
	strcat(path, "/a.csv");
	make_file(path);
	EXPECT(added("d", plain()), path);
}
END_TEST

START_TEST(path_longer_than_the_system_limit_is_a_failed_input)
{
	char name[201];
	memset(name, 'n', 200);
	name[200] = '\0';
	ck_assert_int_eq(mkdir("d", 0777), 0);
	make_file("d/a.csv");
	ck_assert_int_eq(chdir("d"), 0);
	for (int depth = 0; depth < 21; depth++) {
		ck_assert_int_eq(mkdir(name, 0777), 0);
		ck_assert_int_eq(chdir(name), 0);
	}
	make_file("x.csv");
	ck_assert_int_eq(chdir(home), 0);
	struct csvr_inputs *inputs = added("d", plain());
	ck_assert_uint_eq(csvr_inputs_count(inputs), 2);
	ck_assert_str_eq(csvr_inputs_path(inputs, 0), "d/a.csv");
	ck_assert_int_eq(inputs->items[1].kind, CSVR_INPUT_FAILED);
	ck_assert_int_eq(inputs->items[1].error_number, ENAMETOOLONG);
	csvr_inputs_free(inputs);
	/* The cleanup afterwards has the same limit, so shorten the path. */
	ck_assert_int_eq(chdir("d"), 0);
	for (int depth = 0; depth < 10; depth++)
		ck_assert_int_eq(chdir(name), 0);
	ck_assert_int_eq(rename(name, "../../../../../../../../../../../e"), 0);
}
END_TEST

START_TEST(walk_skips_fifos_sockets_and_devices)
{
	MAKE("d/a.csv");
	ck_assert_int_eq(mkfifo("d/pipe.csv", 0666), 0);
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "d/socket.csv" };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	ck_assert_int_eq(symlink("/dev/null", "d/null.csv"), 0);
	struct csvr_walk_options walk = plain();
	walk.follow = true;
	EXPECT(added("d", walk), "d/a.csv");
	(void)close(fd);
}
END_TEST

/* ---- globs ---- */

static const struct glob_case {
	const char *include[3];
	const char *exclude[3];
	const char *expected; /* separated by blanks */
} glob_cases[] = {
	{ { "*.csv" }, { 0 }, "d/a.csv d/raw/b.csv d/raw/old/c.csv d/x/raw/e.csv" },
	{ { "*.txt" }, { 0 }, "d/notes.txt" },
	{ { "*.txt", "b.*" }, { 0 }, "d/notes.txt d/raw/b.csv" },
	{ { "[ab].csv" }, { 0 }, "d/a.csv d/raw/b.csv" },
	{ { "?.csv" }, { "a*" }, "d/raw/b.csv d/raw/old/c.csv d/x/raw/e.csv" },
	{ { 0 }, { "raw" }, "d/a.csv" },
	{ { 0 }, { "raw/" }, "d/a.csv" },
	{ { 0 }, { "/raw" }, "d/a.csv d/x/raw/e.csv" },
	{ { 0 }, { "./raw/" }, "d/a.csv d/x/raw/e.csv" },
	{ { 0 }, { "raw/**" }, "d/a.csv d/x/raw/e.csv" },
	{ { 0 }, { "raw/*" }, "d/a.csv d/x/raw/e.csv" },
	{ { 0 }, { "raw/*.csv" }, "d/a.csv d/raw/old/c.csv d/x/raw/e.csv" },
	{ { 0 }, { "**/raw" }, "d/a.csv" },
	{ { 0 }, { "a.csv/" }, "d/a.csv d/raw/b.csv d/raw/old/c.csv d/x/raw/e.csv" },
	{ { 0 }, { "*" }, "" },
	{ { 0 }, { "", "/", "d" }, "d/a.csv d/raw/b.csv d/raw/old/c.csv d/x/raw/e.csv" },
	{ { "raw/*.csv" }, { 0 }, "d/raw/b.csv" },
	{ { "raw/**" }, { 0 }, "d/raw/b.csv d/raw/old/c.csv" },
	{ { "raw/**/*.csv" }, { 0 }, "d/raw/b.csv d/raw/old/c.csv" },
	{ { "**/raw/*.csv" }, { 0 }, "d/raw/b.csv d/x/raw/e.csv" },
	{ { "**/raw/**/*.csv" }, { "old" }, "d/raw/b.csv d/x/raw/e.csv" },
	{ { "/*" }, { 0 }, "d/a.csv d/notes.txt" },
	{ { "**" }, { "*.csv" }, "d/notes.txt" },
	{ { "d/raw/*" }, { 0 }, "" },
	{ { "" }, { 0 }, "" },
};

START_TEST(globs_select_what_a_walk_adds)
{
	const struct glob_case *expected = &glob_cases[_i];
	MAKE("d/a.csv", "d/notes.txt", "d/raw/b.csv", "d/raw/old/c.csv", "d/x/raw/e.csv");
	struct csvr_walk_options walk = plain();
	walk.include.word = expected->include;
	while (walk.include.n_words < 3 && expected->include[walk.include.n_words] != NULL)
		walk.include.n_words++;
	walk.exclude.word = expected->exclude;
	while (walk.exclude.n_words < 3 && expected->exclude[walk.exclude.n_words] != NULL)
		walk.exclude.n_words++;
	struct csvr_inputs *inputs = added("d/", walk);
	char found[1024] = "";
	for (size_t i = 0; i < csvr_inputs_count(inputs); i++) {
		strcat(found, i > 0 ? " " : "");
		strcat(found, csvr_inputs_path(inputs, i));
	}
	ck_assert_str_eq(found, expected->expected);
	csvr_inputs_free(inputs);
}
END_TEST

START_TEST(globs_do_not_affect_files_given_as_arguments)
{
	MAKE("notes.txt", "a.csv");
	struct csvr_walk_options walk = plain();
	walk.exclude = WORDS("*");
	EXPECT(added("notes.txt", walk), "notes.txt");
	EXPECT(added("a.csv", walk), "a.csv");
}
END_TEST

/* ---- links ---- */

START_TEST(links_are_skipped_silently_unless_followed)
{
	MAKE("d/a.csv", "other/b.csv");
	ck_assert_int_eq(symlink("../other/b.csv", "d/link.csv"), 0);
	ck_assert_int_eq(symlink("../other", "d/sub"), 0);
	ck_assert_int_eq(symlink("nowhere", "d/dangling.csv"), 0);
	EXPECT(added("d", plain()), "d/a.csv");
}
END_TEST

START_TEST(followed_links_add_files_and_directories)
{
	MAKE("d/a.csv", "other/b.csv", "other/c.txt");
	ck_assert_int_eq(symlink("../other/b.csv", "d/link.csv"), 0);
	ck_assert_int_eq(symlink("../other/b.csv", "d/link.txt"), 0);
	ck_assert_int_eq(symlink("../other", "d/sub"), 0);
	struct csvr_walk_options walk = plain();
	walk.follow = true;
	struct csvr_inputs *inputs = added("d", walk);
	probe(inputs, 1);
	ck_assert_int_eq(inputs->items[1].kind, CSVR_INPUT_REGULAR);
	ck_assert_uint_eq(inputs->items[1].size_bytes, strlen("other/b.csv"));
	EXPECT(inputs, "d/a.csv", "d/link.csv", "d/sub/b.csv");
}
END_TEST

START_TEST(followed_links_do_not_loop)
{
	MAKE("d/a.csv", "d/s/b.csv", "d/s/t/c.csv");
	ck_assert_int_eq(symlink(".", "d/here"), 0);
	ck_assert_int_eq(symlink("../..", "d/s/t/up"), 0);
	ck_assert_int_eq(symlink("../s", "d/s/again"), 0);
	struct csvr_walk_options walk = plain();
	walk.follow = true;
	EXPECT(added("d", walk), "d/a.csv", "d/s/b.csv", "d/s/t/c.csv");
}
END_TEST

START_TEST(two_links_to_one_directory_are_both_followed)
{
	MAKE("d/a.csv", "other/b.csv");
	ck_assert_int_eq(symlink("../other", "d/one"), 0);
	ck_assert_int_eq(symlink("../other", "d/two"), 0);
	struct csvr_walk_options walk = plain();
	walk.follow = true;
	EXPECT(added("d", walk), "d/a.csv", "d/one/b.csv", "d/two/b.csv");
}
END_TEST

START_TEST(dangling_link_is_a_failed_input_unless_excluded)
{
	MAKE("d/a.csv");
	ck_assert_int_eq(symlink("nowhere", "d/dangling.csv"), 0);
	ck_assert_int_eq(symlink("/nowhere/data", "d/disk"), 0);
	ck_assert_int_eq(symlink("self.csv", "d/self.csv"), 0);
	struct csvr_walk_options walk = plain();
	walk.follow = true;
	struct csvr_inputs *inputs = added("d", walk);
	ck_assert_uint_eq(csvr_inputs_count(inputs), 4);
	ck_assert_int_eq(inputs->items[1].error_number, ENOENT);
	ck_assert_int_eq(inputs->items[3].error_number, ELOOP);
	EXPECT(inputs, "d/a.csv", "!d/dangling.csv", "!d/disk", "!d/self.csv");
	walk.exclude = WORDS("dangling*", "disk", "self*");
	EXPECT(added("d", walk), "d/a.csv");
}
END_TEST

START_TEST(link_given_as_argument_is_its_target)
{
	MAKE("d/a.csv");
	ck_assert_int_eq(symlink("d", "link"), 0);
	ck_assert_int_eq(symlink("d/a.csv", "link.csv"), 0);
	ck_assert_int_eq(symlink("nowhere", "dangling"), 0);
	EXPECT(added("link", plain()), "link/a.csv");
	EXPECT(added("link/", plain()), "link/a.csv");
	EXPECT(added("link.csv", plain()), "link.csv");
	EXPECT(added("dangling", plain()), "!dangling");
}
END_TEST

/* ---- arguments ---- */

START_TEST(paths_keep_the_spelling_of_the_argument)
{
	MAKE("d/a.csv", "d/s/b.csv");
	EXPECT(added("d/", plain()), "d/a.csv", "d/s/b.csv");
	EXPECT(added("d///", plain()), "d/a.csv", "d/s/b.csv");
	EXPECT(added("./d", plain()), "./d/a.csv", "./d/s/b.csv");
	EXPECT(added("d/../d//s", plain()), "d/../d//s/b.csv");
	ck_assert_int_eq(chdir("d"), 0);
	EXPECT(added(".", plain()), "./a.csv", "./s/b.csv");
	EXPECT(added("./", plain()), "./a.csv", "./s/b.csv");
	EXPECT(added("..", plain()), "../d/a.csv", "../d/s/b.csv");
}
END_TEST

START_TEST(root_directory_gets_no_second_slash)
{
	struct csvr_walk_options walk = plain();
	walk.max_depth = 1;
	walk.include = WORDS("*");
	struct csvr_inputs *inputs = added("//", walk);
	for (size_t i = 0; i < csvr_inputs_count(inputs); i++) {
		ck_assert_int_eq(csvr_inputs_path(inputs, i)[0], '/');
		ck_assert_int_ne(csvr_inputs_path(inputs, i)[1], '/');
	}
	csvr_inputs_free(inputs);
}
END_TEST

START_TEST(file_given_as_argument_is_listed_with_size_time_and_inode)
{
	MAKE("notes.txt");
	const struct timespec times[2] = { { 0, UTIME_OMIT }, { 1700000000, 250000000 } };
	ck_assert_int_eq(utimensat(AT_FDCWD, "notes.txt", times, 0), 0);
	struct stat status;
	ck_assert_int_eq(stat("notes.txt", &status), 0);
	struct csvr_inputs *inputs = added("notes.txt", plain());
	const struct csvr_input *input = &inputs->items[0];
	ck_assert_int_eq(input->kind, CSVR_INPUT_REGULAR);
	ck_assert_uint_eq(input->size_bytes, 9);
	ck_assert_uint_eq(input->inode, csvr_file_inode(&status));
	ck_assert(input->mtime_ns == INT64_C(1700000000250000000) ||
		  input->mtime_ns == INT64_C(1700000000000000000));
	EXPECT(inputs, "notes.txt");
}
END_TEST

START_TEST(minus_is_standard_input_and_a_file_of_that_name_needs_a_directory)
{
	MAKE("-");
	struct csvr_inputs *inputs = added("-", plain());
	ck_assert_int_eq(inputs->items[0].kind, CSVR_INPUT_STREAM);
	EXPECT(inputs, "-");
	inputs = added("./-", plain());
	ck_assert_int_eq(inputs->items[0].kind, CSVR_INPUT_REGULAR);
	EXPECT(inputs, "./-");
	struct csvr_walk_options walk = plain();
	walk.include = WORDS("*");
	EXPECT(added(".", walk), "./-");
}
END_TEST

START_TEST(fifo_and_device_given_as_arguments_are_streams)
{
	ck_assert_int_eq(mkfifo("pipe", 0666), 0);
	struct csvr_inputs *inputs = added("pipe", plain());
	ck_assert_int_eq(inputs->items[0].kind, CSVR_INPUT_STREAM);
	csvr_inputs_free(inputs);
	inputs = added("/dev/null", plain());
	ck_assert_int_eq(inputs->items[0].kind, CSVR_INPUT_STREAM);
	csvr_inputs_free(inputs);
}
END_TEST

START_TEST(unusable_path_is_a_failed_input_with_the_reason)
{
	MAKE("a.csv");
	static const struct {
		const char *path;
		int reason;
	} cases[] = {
		{ "", ENOENT },
		{ "nothing", ENOENT },
		{ "nothing/a.csv", ENOENT },
		{ "a.csv/b.csv", ENOTDIR },
		{ "a.csv/", ENOTDIR },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct csvr_inputs *inputs = added(cases[i].path, plain());
		ck_assert_uint_eq(csvr_inputs_count(inputs), 1);
		ck_assert_str_eq(csvr_inputs_path(inputs, 0), cases[i].path);
		ck_assert_int_eq(inputs->items[0].kind, CSVR_INPUT_FAILED);
		ck_assert_int_eq(inputs->items[0].error_number, cases[i].reason);
		csvr_inputs_free(inputs);
	}
}
END_TEST

START_TEST(directory_that_cannot_be_opened_is_reported_and_the_walk_continues)
{
	MAKE("d/a.csv", "d/closed/b.csv", "d/open/c.csv");
	ck_assert_int_eq(chmod("d/closed", 0), 0);
	const bool is_root = geteuid() == 0; /* root may read everything, so become another user */
	if (is_root) {
		ck_assert_int_eq(chmod(".", 0755), 0);
		ck_assert_int_eq(seteuid(65534), 0);
	}
	struct csvr_inputs *inputs = added("d", plain());
	if (is_root)
		ck_assert_int_eq(seteuid(0), 0);
	ck_assert_int_eq(chmod("d/closed", 0777), 0);
	if (is_root && inputs->items[0].kind == CSVR_INPUT_FAILED) {
		csvr_inputs_free(inputs); /* other users may not enter TMPDIR: nothing to test */
		return;
	}
	ck_assert_uint_eq(csvr_inputs_count(inputs), 3);
	ck_assert_int_eq(inputs->items[1].error_number, EACCES);
	EXPECT(inputs, "d/a.csv", "!d/closed", "d/open/c.csv");
}
END_TEST

START_TEST(directory_without_files_adds_nothing)
{
	ck_assert_int_eq(mkdir("d", 0777), 0);
	struct csvr_inputs *inputs = added("d", plain());
	ck_assert_uint_eq(csvr_inputs_count(inputs), 0);
	ck_assert_int_eq(csvr_inputs_rank_paths(inputs), CSVR_OK);
	csvr_inputs_free(inputs);
	csvr_inputs_free(NULL);
}
END_TEST

/* ---- probing ---- */

START_TEST(walk_adds_names_and_probing_adds_sizes_and_times)
{
	MAKE("d/a.csv");
	struct csvr_inputs *inputs = added("d", plain());
	struct csvr_input *input = &inputs->items[0];
	ck_assert_int_eq(input->kind, CSVR_INPUT_UNPROBED);
	probe(inputs, 0);
	ck_assert_int_eq(input->kind, CSVR_INPUT_REGULAR);
	ck_assert_uint_eq(input->size_bytes, 7);
	ck_assert_uint_ne(input->inode, 0);
	ck_assert_int_eq(truncate("d/a.csv", 3), 0);
	probe(inputs, 0); /* a second probe changes nothing */
	ck_assert_uint_eq(input->size_bytes, 7);
	csvr_inputs_free(inputs);
}
END_TEST

START_TEST(probing_notices_changes_since_the_walk)
{
	MAKE("d/a.csv", "d/b.csv", "d/c.csv");
	struct csvr_inputs *inputs = added("d", plain());
	ck_assert_int_eq(unlink("d/a.csv"), 0);
	ck_assert_int_eq(unlink("d/b.csv"), 0);
	ck_assert_int_eq(unlink("d/c.csv"), 0);
	ck_assert_int_eq(mkdir("d/b.csv", 0777), 0);
	ck_assert_int_eq(mkfifo("d/c.csv", 0666), 0);
	for (size_t i = 0; i < 3; i++)
		probe(inputs, i);
	ck_assert_int_eq(inputs->items[0].error_number, ENOENT);
	ck_assert_int_eq(inputs->items[1].error_number, EISDIR);
	ck_assert_int_eq(inputs->items[2].kind, CSVR_INPUT_STREAM);
	EXPECT(inputs, "!d/a.csv", "!d/b.csv", "d/c.csv");
}
END_TEST

START_TEST(probing_with_a_dir_cache_gives_the_same_as_with_whole_paths)
{
	MAKE("d/a.csv", "d/b.csv", "d/c.csv", "d/e/a.csv", "d/e/b.csv", "d/f/a.csv", "g/b.csv",
	     "h.csv");
	static const char *const paths[] = {
		"h.csv",       "d/a.csv",   "d/b.csv",    "d/c.csv",    "d/e/a.csv",
		"d/e/b.csv",   "d/f/a.csv", "d/none.csv", "none/a.csv", "none/b.csv",
		"g/b.csv",     "./g/b.csv", "h.csv",      "h.csv",      "h.csv/a.csv",
		"h.csv/b.csv", "d/e",       "d/",         "/"
	};
	const size_t n_paths = sizeof paths / sizeof paths[0];
	struct csvr_inputs *inputs = listed(paths, n_paths);
	struct csvr_dir_cache dir_cache;
	csvr_dir_cache_init(&dir_cache);
	for (size_t i = 0; i < n_paths; i++) {
		struct csvr_input among = inputs->items[i];
		csvr_input_probe(inputs, &among, &dir_cache);
		struct stat status;
		if (stat(paths[i], &status) != 0) {
			ck_assert_int_eq(among.kind, CSVR_INPUT_FAILED);
			ck_assert_int_eq(among.error_number, errno);
		} else if (S_ISDIR(status.st_mode)) {
			ck_assert_int_eq(among.kind, CSVR_INPUT_FAILED);
			ck_assert_int_eq(among.error_number, EISDIR);
		} else {
			ck_assert_int_eq(among.kind, CSVR_INPUT_REGULAR);
			ck_assert_uint_eq(among.inode, csvr_file_inode(&status));
		}
	}
	csvr_dir_cache_clear(&dir_cache);
	csvr_inputs_free(inputs);
}
END_TEST

START_TEST(second_name_in_a_directory_opens_it_and_another_directory_closes_it)
{
	MAKE("d/a.csv", "g/b.csv");
	static const char *const paths[] = { "d/a.csv", "d/b.csv", "d/c.csv", "g/b.csv" };
	struct csvr_inputs *inputs = listed(paths, 4);
	struct csvr_dir_cache dir_cache;
	csvr_dir_cache_init(&dir_cache);
	const char *path;
	ck_assert_int_eq(csvr_dir_cache_at(&dir_cache, inputs, &inputs->items[0], &path), AT_FDCWD);
	ck_assert_str_eq(path, "d/a.csv");
	int fd = csvr_dir_cache_at(&dir_cache, inputs, &inputs->items[1], &path);
	ck_assert_int_ge(fd, 0);
	ck_assert_str_eq(path, "b.csv");
	ck_assert_int_eq(csvr_dir_cache_at(&dir_cache, inputs, &inputs->items[2], &path), fd);
	ck_assert_str_eq(path, "c.csv");
	ck_assert_int_eq(csvr_dir_cache_at(&dir_cache, inputs, &inputs->items[3], &path), AT_FDCWD);
	ck_assert_str_eq(path, "g/b.csv");
	ck_assert_int_eq(fcntl(fd, F_GETFD), -1);
	csvr_dir_cache_clear(&dir_cache);
	csvr_inputs_free(inputs);
}
END_TEST

START_TEST(file_with_too_long_a_path_is_opened_in_its_directory)
{
	char chunk[204] = "/";
	memset(chunk + 1, 'n', 200);
	char path[5000] = "d";
	ck_assert_int_eq(mkdir(path, 0777), 0);
	for (int depth = 0; depth < 20; depth++) {
		strcat(path, chunk);
		ck_assert_int_eq(mkdir(path, 0777), 0);
	}
	int fd = open(path, O_RDONLY | O_DIRECTORY);
	memcpy(chunk + 197, ".csv", 4);
	strcat(path, chunk);
	ck_assert_int_ge(fd, 0);
	int file = openat(fd, chunk + 1, O_WRONLY | O_CREAT, 0666);
	ck_assert_int_ge(file, 0);
	ck_assert_int_eq(close(file), 0);
	struct csvr_inputs *inputs = added("d", plain());
	ck_assert_uint_eq(csvr_inputs_count(inputs), 1);
	probe(inputs, 0);
	ck_assert_int_eq(inputs->items[0].kind, CSVR_INPUT_REGULAR);
	/* The cleanup afterwards knows whole paths only. */
	ck_assert_int_eq(unlinkat(fd, chunk + 1, 0), 0);
	ck_assert_int_eq(close(fd), 0);
	EXPECT(inputs, path);
}
END_TEST

/* ---- order and ranks ---- */

START_TEST(arguments_keep_their_order_and_ranks_follow_the_paths)
{
	MAKE("d/a.csv", "d/b.csv", "c.csv", "e.csv");
	static const char *const arguments[] = { "e.csv",   "d",     "c.csv",
						 "d/a.csv", "e.csv", "nothing" };
	static const char *const paths[] = { "e.csv",   "d/a.csv", "d/b.csv", "c.csv",
					     "d/a.csv", "e.csv",   "nothing" };
	static const uint32_t ranks[] = { 4, 1, 3, 0, 2, 5, 6 };
	struct csvr_walk_options walk = plain();
	struct csvr_inputs *inputs;
	ck_assert_int_eq(csvr_inputs_new(&inputs), CSVR_OK);
	for (size_t i = 0; i < 6; i++)
		ck_assert_int_eq(csvr_inputs_add(inputs, arguments[i], &walk), CSVR_OK);
	ck_assert_int_eq(csvr_inputs_rank_paths(inputs), CSVR_OK);
	ck_assert_uint_eq(csvr_inputs_count(inputs), 7);
	for (size_t i = 0; i < 7; i++) {
		ck_assert_str_eq(csvr_inputs_path(inputs, i), paths[i]);
		ck_assert_uint_eq(rank_of(inputs, i), ranks[i]);
	}
	csvr_inputs_free(inputs);
}
END_TEST

START_TEST(sorted_inputs_have_no_ranks)
{
	MAKE("d/a.csv", "d/b.csv", "d/c/a.csv");
	struct csvr_inputs *inputs = added("d", plain());
	struct csvr_walk_options walk = plain();
	ck_assert_int_eq(csvr_inputs_add(inputs, "d/c/a.csv", &walk), CSVR_OK);
	ck_assert_int_eq(csvr_inputs_rank_paths(inputs), CSVR_OK);
	ck_assert_ptr_null(inputs->path_ranks); /* they would be equal to the order */
	csvr_inputs_free(inputs);
}
END_TEST

START_TEST(thousands_of_files_in_many_directories_are_sorted)
{
	char path[64];
	for (int i = 0; i < 3000; i++) {
		snprintf(path, sizeof path, "d/%d/s%d/file-%d.csv", i % 7, i % 13, i * 7919 % 3000);
		make_file(path);
	}
	struct csvr_inputs *inputs = added("d", plain());
	ck_assert_uint_eq(csvr_inputs_count(inputs), 3000);
	for (size_t i = 1; i < 3000; i++)
		ck_assert_str_lt(csvr_inputs_path(inputs, i - 1), csvr_inputs_path(inputs, i));
	csvr_inputs_free(inputs);
}
END_TEST

/* ---- laws ---- */

/* Components that are often prefixes of each other, with bytes on both sides of the slash. */
static void random_chunk(char *chunk)
{
	static const char bytes[] = "a-.0!b\xff";
	size_t n = 1 + below(3);
	chunk[0] = "ab-0"[below(4)];
	for (size_t i = 1; i < n; i++)
		chunk[i] = bytes[below(sizeof bytes - 1)];
	chunk[n] = '\0';
}

static void random_path(char *path, const char *root)
{
	strcpy(path, root);
	for (size_t depth = below(5); depth > 0; depth--) {
		random_chunk(path + strlen(path));
		strcat(path, "/");
	}
	random_chunk(path + strlen(path));
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

enum { N_RANDOM = 400 };

struct random_list {
	char texts[N_RANDOM][64];
	const char *paths[N_RANDOM];
	size_t n;
};

static void random_list_fill(struct random_list *list)
{
	static const char *const roots[] = { "", "", "/", "./", "../", "a/", "a//", "-/" };
	list->n = below(N_RANDOM + 1);
	for (size_t i = 0; i < list->n; i++) {
		random_path(list->texts[i], roots[below(8)]);
		list->paths[i] = list->texts[i];
	}
	if (list->n > 3) {
		list->paths[0] = "";
		list->paths[1] = "/";
		list->paths[2] = "a/";
	}
}

START_TEST(paths_are_displayed_as_given)
{
	struct random_list list;
	for (int round = 0; round < 200; round++) {
		random_list_fill(&list);
		struct csvr_inputs *inputs = listed(list.paths, list.n);
		for (size_t i = list.n; i > 0; i--) {
			const char *path = csvr_inputs_path(inputs, i - 1);
			ck_assert_str_eq(path, list.paths[i - 1]);
			ck_assert_ptr_eq(csvr_inputs_path(inputs, i - 1), path);
		}
		csvr_inputs_free(inputs);
	}
}
END_TEST

START_TEST(displayed_path_stays_valid_when_inputs_are_added)
{
	static const char *const first[] = { "d/a.csv" };
	struct csvr_inputs *inputs = listed(first, 1);
	const char *path = csvr_inputs_path(inputs, 0);
	for (int i = 0; i < 10000; i++)
		ck_assert_ptr_nonnull(
			csvr_inputs_append(inputs, "e/b.csv", 7, CSVR_INPUT_UNPROBED));
	ck_assert_str_eq(csvr_inputs_path(inputs, 10000), "e/b.csv");
	ck_assert_str_eq(path, "d/a.csv");
	ck_assert_ptr_eq(csvr_inputs_path(inputs, 0), path);
	csvr_inputs_free(inputs);
}
END_TEST

START_TEST(directory_of_neighbours_is_stored_once)
{
	struct csvr_inputs *inputs;
	char path[64];
	ck_assert_int_eq(csvr_inputs_new(&inputs), CSVR_OK);
	for (int i = 0; i < 1000; i++) {
		int length = snprintf(path, sizeof path, "a/longish/directory/%03d.csv", i);
		ck_assert_ptr_nonnull(
			csvr_inputs_append(inputs, path, (size_t)length, CSVR_INPUT_UNPROBED));
	}
	ck_assert_uint_eq(inputs->n_text, strlen("a/longish/directory/") + 1 + 1000 * (1 + 8));
	ck_assert_uint_le(sizeof *inputs->items, 24);
	csvr_inputs_free(inputs);
}
END_TEST

START_TEST(path_is_right_whatever_the_number_of_its_directory)
{
	enum { N_DIRECTORIES = 20000 }; /* numbers of one, two and three bytes */
	struct csvr_inputs *inputs;
	char path[64];
	ck_assert_int_eq(csvr_inputs_new(&inputs), CSVR_OK);
	for (int i = 0; i < N_DIRECTORIES; i++) {
		int length = snprintf(path, sizeof path, "d%d/a.csv", i);
		ck_assert_ptr_nonnull(
			csvr_inputs_append(inputs, path, (size_t)length, CSVR_INPUT_UNPROBED));
	}
	for (int i = 0; i < N_DIRECTORIES; i++) {
		snprintf(path, sizeof path, "d%d/a.csv", i);
		ck_assert_str_eq(csvr_inputs_path(inputs, (size_t)i), path);
		ck_assert_uint_eq(csvr_inputs_split_path(inputs, &inputs->items[i]).number, i);
	}
	csvr_inputs_free(inputs);
}
END_TEST

START_TEST(order_and_ranks_are_those_of_whole_paths)
{
	struct random_list list;
	for (int round = 0; round < 200; round++) {
		random_list_fill(&list);
		const char *sorted[N_RANDOM];
		memcpy(sorted, list.paths, sizeof sorted);
		if (list.n > 0)
			qsort(sorted, list.n, sizeof sorted[0], compare_texts);
		struct csvr_inputs *inputs = listed(list.paths, list.n);
		ck_assert_int_eq(csvr_inputs_rank_paths(inputs), CSVR_OK);
		const char *before = NULL;
		uint32_t index_before = 0;
		for (uint32_t rank = 0; rank < list.n; rank++) {
			uint32_t index = 0;
			while (index < list.n && rank_of(inputs, index) != rank)
				index++;
			ck_assert_uint_lt(index, list.n); /* each rank is that of some input */
			ck_assert_str_eq(list.paths[index], sorted[rank]);
			/* Equal paths are in order of the arguments. */
			ck_assert(before == NULL || strcmp(before, sorted[rank]) != 0 ||
				  index_before < index);
			before = sorted[rank];
			index_before = index;
		}
		/* Inputs before the first one to be sorted stay. */
		size_t first = below(list.n + 1);
		memcpy(sorted, list.paths, sizeof sorted);
		if (list.n > first)
			qsort(sorted + first, list.n - first, sizeof sorted[0], compare_texts);
		ck_assert_int_eq(csvr_inputs_sort(inputs, first), CSVR_OK);
		for (size_t i = 0; i < list.n; i++)
			ck_assert_str_eq(csvr_inputs_path(inputs, i), sorted[i]);
		csvr_inputs_free(inputs);
	}
}
END_TEST

START_TEST(walk_of_a_random_tree_is_sorted_by_whole_path)
{
	for (int round = 0; round < 10; round++) {
		struct random_list list = { .n = 0 };
		char root[16];
		snprintf(root, sizeof root, "t%d/", round);
		for (int i = 0; i < 60; i++) {
			char *path = list.texts[list.n];
			random_path(path, root);
			strcat(path, ".csv");
			if (access(path, F_OK) != 0) {
				make_file(path);
				list.paths[list.n++] = path;
			}
		}
		qsort(list.paths, list.n, sizeof list.paths[0], compare_texts);
		list.paths[list.n] = NULL;
		expect_paths(added(root, plain()), list.paths);
	}
}
END_TEST

START_TEST(secrets_of_a_url_are_requested_but_never_displayed)
{
	static const struct {
		const char *path, *shown;
	} urls[] = {
		{ "https://h/a.csv?X-Amz-Signature=ab/cd&x=&token",
		  "https://h/a.csv?X-Amz-Signature=***&x=&***" },
		{ "http://h/a.csv?sig=a=b#part?x=y", "http://h/a.csv?sig=***#part?x=***" },
		{ "http://h:80/a@b:c.csv", "http://h:80/a@b:c.csv" },
		{ "http://[::1]:80/a@b.csv", "http://[::1]:80/a@b.csv" },
		{ "http://u:p@h/a.csv", "http://h/a.csv" },
		{ "https://u:p/q?r@h/a.csv", "https://h/a.csv" },
		{ "https://[u@:p/q]r@h/a.csv", "https://h/a.csv" },
		{ "https://[u@:p]q/r@h/a.csv", "https://h/a.csv" },
		{ "s3://AKIA:SEC/RET@bucket/x.csv", "s3://bucket/x.csv" },
		{ "s3://AKIA:SECRET", "s3://" },
		{ "s3://b/k?x=y@z:1", "s3://b/k?x=y@z:1" },
		{ "d/a.csv?x=y", "d/a.csv?x=y" },
	};
	struct csvr_inputs *inputs;
	ck_assert_int_eq(csvr_inputs_new(&inputs), CSVR_OK);
	for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
		ck_assert_ptr_nonnull(csvr_inputs_append(inputs, urls[i].path, strlen(urls[i].path),
							 CSVR_INPUT_UNPROBED));
		ck_assert_str_eq(csvr_inputs_path(inputs, i), urls[i].shown);
		if (!inputs->items[i].is_remote)
			continue;
		char *address = csvr_inputs_copy_url(inputs, &inputs->items[i]);
		ck_assert_str_eq(address, urls[i].path);
		free(address);
		ck_assert(csvr_inputs_has_url(inputs, &inputs->items[i]));
	}
	ck_assert_ptr_nonnull(
		csvr_inputs_append(inputs, "http://h/a?sig=***", 18, CSVR_INPUT_UNPROBED));
	ck_assert(!csvr_inputs_has_url(inputs, &inputs->items[inputs->n_items - 1]));
	csvr_inputs_free(inputs);
}
END_TEST

START_TEST(file_name_of_a_url_excludes_its_query)
{
	static const struct {
		const char *path, *name, *shown;
		bool is_compressed;
	} names[] = {
		{ "http://h/d/a.tsv?x=a/b.csv.gz", "a.tsv", "http://h/d/a.tsv?x=***", false },
		{ "https://h/a.tsv#f/g", "a.tsv", "https://h/a.tsv#***", false },
		{ "HTTPS://h/a.csv.gz?sig=x/y", "a.csv.gz", "HTTPS://h/a.csv.gz?sig=***", true },
		{ "s3://b/d?x/a?.tsv", "a?.tsv", "s3://b/d?x/a?.tsv", false },
		{ "d?x/a#.tsv", "a#.tsv", "d?x/a#.tsv", false },
	};
	struct csvr_inputs *inputs;
	ck_assert_int_eq(csvr_inputs_new(&inputs), CSVR_OK);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		size_t n;
		ck_assert_ptr_nonnull(csvr_inputs_append(inputs, names[i].path,
							 strlen(names[i].path),
							 CSVR_INPUT_UNPROBED));
		const char *name = csvr_inputs_file_name(inputs, &inputs->items[i], &n);
		ck_assert_uint_eq(n, strlen(names[i].name));
		ck_assert_mem_eq(name, names[i].name, n);
		ck_assert(inputs->items[i].is_compressed == names[i].is_compressed);
		ck_assert_str_eq(csvr_inputs_path(inputs, i), names[i].shown);
	}
	csvr_inputs_free(inputs);
}
END_TEST

/* ---- files of other names ---- */

/* As csvr_other_names_write has them. */
static void expect_other_names(const struct csvr_other_names *names, const char *expected)
{
	char text[1024];
	FILE *stream = fmemopen(text, sizeof text, "w");
	ck_assert_ptr_nonnull(stream);
	csvr_other_names_write(names, stream);
	ck_assert_int_eq(fclose(stream), 0);
	ck_assert_str_eq(text, expected);
}

START_TEST(walk_counts_the_files_of_other_names)
{
	MAKE("d/a.csv", "d/f.txt", "d/s/g.txt", "d/h.csv.7", "d/README", "d/.hidden", "e/a.txt");
	struct csvr_inputs *inputs = added("d", plain());
	expect_other_names(&inputs->other_names, "4 files of other names not read "
						 "(.txt 2, .csv.[0-9]* 1, no suffix 1)");
	ck_assert_str_eq(csvr_other_names_most_frequent(&inputs->other_names), ".txt");
	ck_assert_uint_eq(inputs->other_names.n_probable, 1);
	ck_assert_str_eq(inputs->other_names.first_probable, "d/h.csv.7");
	/* Another walk has its own counts; the probable files are those of all walks. */
	const struct csvr_walk_options walk = plain();
	ck_assert_int_eq(csvr_inputs_add(inputs, "e", &walk), CSVR_OK);
	expect_other_names(&inputs->other_names, "1 file of another name not read (.txt 1)");
	ck_assert_uint_eq(inputs->other_names.n_probable, 1);
	csvr_inputs_free(inputs);
}
END_TEST

/* Hundreds of suffixes, more than are kept, so that some have to make room for others. */
START_TEST(counts_of_other_names_do_not_depend_on_the_order)
{
	enum { N = 2000, SUFFIXES = 300, ROUNDS = 20 };
	static char paths[N][32];
	static unsigned n_of[SUFFIXES];
	struct csvr_other_names first = { 0 };
	random_state = 7;
	memset(n_of, 0, sizeof n_of);
	for (int i = 0; i < N; i++) {
		const unsigned suffix = below(below(SUFFIXES) + 1);
		n_of[suffix]++;
		snprintf(paths[i], sizeof paths[i], "d/%u.csv.old", suffix);
		if (i % 10 != 0)
			snprintf(paths[i], sizeof paths[i], "d/%04u.s%03ux", below(N), suffix);
		else
			n_of[suffix]--;
	}
	for (int round = 0; round < ROUNDS; round++) {
		struct csvr_other_names names = { 0 };
		for (size_t i = N - 1; i > 0; i--) {
			char swapped[sizeof paths[0]];
			const size_t other = below(i + 1);
			memcpy(swapped, paths[i], sizeof swapped);
			memcpy(paths[i], paths[other], sizeof swapped);
			memcpy(paths[other], swapped, sizeof swapped);
		}
		for (int i = 0; i < N; i++)
			ck_assert_int_eq(csvr_other_names_add(&names, paths[i], strlen(paths[i])),
					 CSVR_OK);
		ck_assert_uint_eq(names.n_files, N);
		ck_assert_uint_eq(names.n_suffixes, CSVR_MOST_SUFFIXES);
		ck_assert_uint_eq(names.n_probable, N / 10);
		if (round == 0)
			first = names;
		ck_assert_mem_eq(names.suffixes, first.suffixes, sizeof names.suffixes);
		ck_assert_str_eq(names.first_probable, first.first_probable);
		if (round > 0)
			csvr_other_names_clear(&names);
	}
	/* The first in byte order, with all of their files. */
	ck_assert_str_eq(first.suffixes[0].suffix, ".csv.old");
	for (size_t i = 1, suffix = 0; i < CSVR_MOST_SUFFIXES; i++, suffix++) {
		char expected[CSVR_SUFFIX_BYTES];
		while (n_of[suffix] == 0)
			suffix++;
		snprintf(expected, sizeof expected, ".s%03zux", suffix);
		ck_assert_str_eq(first.suffixes[i].suffix, expected);
		ck_assert_uint_eq(first.suffixes[i].n, n_of[suffix]);
	}
	csvr_other_names_clear(&first);
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *tcase = tcase_create("discover");
	tcase_add_checked_fixture(tcase, enter_home, leave_home);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, walk_adds_csv_and_tsv_in_any_case_and_nothing_else);
	tcase_add_test(tcase, walk_descends_into_directories);
	tcase_add_test(tcase, names_that_start_with_a_dot_are_skipped_even_if_a_glob_matches);
	tcase_add_test(tcase, hidden_directory_given_as_argument_is_walked);
	tcase_add_test(tcase, order_is_bytewise_by_full_path);
	tcase_add_test(tcase, names_may_contain_any_byte);
	tcase_add_test(tcase, depth_is_limited_to_max_depth);
	tcase_add_test(tcase, max_depth_does_not_affect_a_file_given_as_argument);
	tcase_add_test(tcase, directories_deeper_than_the_descriptor_limit_are_walked);
	tcase_add_test(tcase, path_longer_than_the_system_limit_is_a_failed_input);
	tcase_add_test(tcase, walk_skips_fifos_sockets_and_devices);
	tcase_add_loop_test(tcase, globs_select_what_a_walk_adds, 0,
			    (int)(sizeof glob_cases / sizeof glob_cases[0]));
	tcase_add_test(tcase, globs_do_not_affect_files_given_as_arguments);
	tcase_add_test(tcase, links_are_skipped_silently_unless_followed);
	tcase_add_test(tcase, followed_links_add_files_and_directories);
	tcase_add_test(tcase, followed_links_do_not_loop);
	tcase_add_test(tcase, two_links_to_one_directory_are_both_followed);
	tcase_add_test(tcase, dangling_link_is_a_failed_input_unless_excluded);
	tcase_add_test(tcase, link_given_as_argument_is_its_target);
	tcase_add_test(tcase, paths_keep_the_spelling_of_the_argument);
	tcase_add_test(tcase, root_directory_gets_no_second_slash);
	tcase_add_test(tcase, file_given_as_argument_is_listed_with_size_time_and_inode);
	tcase_add_test(tcase, minus_is_standard_input_and_a_file_of_that_name_needs_a_directory);
	tcase_add_test(tcase, fifo_and_device_given_as_arguments_are_streams);
	tcase_add_test(tcase, unusable_path_is_a_failed_input_with_the_reason);
	tcase_add_test(tcase, directory_that_cannot_be_opened_is_reported_and_the_walk_continues);
	tcase_add_test(tcase, directory_without_files_adds_nothing);
	tcase_add_test(tcase, walk_adds_names_and_probing_adds_sizes_and_times);
	tcase_add_test(tcase, probing_notices_changes_since_the_walk);
	tcase_add_test(tcase, probing_with_a_dir_cache_gives_the_same_as_with_whole_paths);
	tcase_add_test(tcase, second_name_in_a_directory_opens_it_and_another_directory_closes_it);
	tcase_add_test(tcase, file_with_too_long_a_path_is_opened_in_its_directory);
	tcase_add_test(tcase, arguments_keep_their_order_and_ranks_follow_the_paths);
	tcase_add_test(tcase, sorted_inputs_have_no_ranks);
	tcase_add_test(tcase, thousands_of_files_in_many_directories_are_sorted);
	tcase_add_test(tcase, paths_are_displayed_as_given);
	tcase_add_test(tcase, displayed_path_stays_valid_when_inputs_are_added);
	tcase_add_test(tcase, directory_of_neighbours_is_stored_once);
	tcase_add_test(tcase, path_is_right_whatever_the_number_of_its_directory);
	tcase_add_test(tcase, order_and_ranks_are_those_of_whole_paths);
	tcase_add_test(tcase, secrets_of_a_url_are_requested_but_never_displayed);
	tcase_add_test(tcase, file_name_of_a_url_excludes_its_query);
	tcase_add_test(tcase, walk_counts_the_files_of_other_names);
	tcase_add_test(tcase, counts_of_other_names_do_not_depend_on_the_order);
	tcase_add_test(tcase, walk_of_a_random_tree_is_sorted_by_whole_path);
	suite_add_tcase(suite, tcase);
}

int main(void)
{
	return check_main("discover", add_cases);
}
