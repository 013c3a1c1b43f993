/* test_state.c - saved states: merging them gives the report of one run, and invalid bytes do no harm
 *
 * States of small files full of row issues are merged in random groups and orders. They are also changed
 * at random, with a correct digest, so that the decoder receives the changes.
 *
 * Env     ROUNDS (default: 400; 20 times as many changes), SEED (default: 1)
 * Source  random numbers: splitmix64 (public domain)
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sha256.h"
#include "check_main.h"
#include "csvreport.h"
#include "input/inputs.h"
#include "random.h"

/* ---- random numbers ---- */

static bool chance(size_t n, size_t of)
{
	return below(of) < n;
}

static unsigned long from_environment(const char *name, unsigned long fallback)
{
	const char *text = getenv(name);
	return text != NULL && text[0] != '\0' ? strtoul(text, NULL, 10) : fallback;
}

/* ---- files ---- */

enum { MAX_FILES = 6, MAX_STATES = 12, PATH_BYTES = 160 };

static char directory[100];

static void write_bytes(const char *path, const void *bytes, size_t n_bytes)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, n_bytes), (ssize_t)n_bytes);
	close(fd);
}

static void write_cell(FILE *stream)
{
	static const char *const cells[] = { "0",
					     "-0",
					     "1.5",
					     "-2.25",
					     "1e5",
					     "3e-40",
					     "NA",
					     "",
					     "nan",
					     "-inf",
					     "1e400",
					     "x",
					     "\"4\"",
					     "\"a\nb\"",
					     "\"5,\n6\"",
					     " 7 ",
					     "123456789012345678901234567890.5",
					     "99999999999999999" };
	if (chance(1, 2))
		fprintf(stream, "%d", (int)below(2000) - 1000);
	else
		fputs(cells[below(sizeof cells / sizeof cells[0])], stream);
}

static void write_random_file(FILE *stream)
{
	static const char *const names[] = { "a", "b", "c", "d e", "\"q\"", "f\"\"g" };
	const size_t n_columns = 1 + below(5), kind = below(20);
	const size_t n_rows = kind == 0 ? 0 : below(chance(1, 3) ? 60 : 6);
	if (kind == 1)
		return; /* empty */
	if (kind == 2) {
		fputs("\xff\xfe"
		      "a",
		      stream); /* bad */
		return;
	}
	if (kind > 3) {
		for (size_t i = 0; i < n_columns; i++)
			fprintf(stream, "%s%s", i > 0 ? "," : "",
				names[below(sizeof names / sizeof names[0])]);
		fputc('\n', stream);
	}
	for (size_t row = 0; row < n_rows; row++) {
		const size_t n = chance(1, 12) ? 1 + below(7) : n_columns;
		for (size_t i = 0; i < n; i++) {
			if (i > 0)
				fputc(',', stream);
			write_cell(stream);
		}
		fputs(chance(1, 15) ? "\n\n" : "\n", stream);
	}
	if (kind == 4)
		fputs("\"without an end\n1,2\n", stream); /* bad */
}

/* ---- runs ---- */

/* The settings of all runs of a round. */
static struct csvr_settings settings;

static void choose_settings(void)
{
	static const char *const nulls[] = { "x", "0" };
	static const char *const selects[] = { "a", "2", "!c", "a,b" };
	static struct csvr_string_list select;
	csvr_settings_init(&settings);
	settings.tuning.n_threads = 1 + (int)below(2);
	settings.tuning.chunk_bytes = 20 + below(200);
	settings.parse.by_position = chance(1, 4);
	settings.report.per_file = chance(1, 3);
	settings.statistics.all = true;
	settings.report.verbose = true;
	if (chance(1, 4))
		settings.parse.null_values = (struct csvr_string_list){ nulls, 2 };
	if (chance(1, 4))
		settings.parse.decimal = ',';
	if (chance(1, 4))
		strcpy(settings.parse.thousands, "'");
	if (chance(1, 4))
		settings.parse.affix_base = 1024;
	if (chance(1, 4))
		settings.parse.skip_footer = (int)below(3);
	if (chance(1, 4))
		settings.parse.skip = below(3);
	if (chance(1, 4))
		settings.parse.header_rows = 1 + below(3);
	if (chance(1, 4))
		settings.parse.skip_after_header = (int)below(3);
	if (chance(1, 4)) {
		select = (struct csvr_string_list){ selects + below(3), 1 };
		settings.parse.select = select;
	}
}

static bool save_nothing(void *context, const unsigned char *bytes, size_t n_bytes)
{
	(void)context;
	(void)bytes;
	(void)n_bytes;
	return true;
}

/* The state of these paths, or their report in all formats; NULL: the run failed with `*error`. */
static char *run(const char *const *paths, size_t n_paths, struct csvr_shard shard, bool to_state,
		 const char *checkpoint_path, size_t *n_bytes, struct csvr_error *error)
{
	struct csvr_settings own = settings;
	const struct csvr_checkpoint_hooks checkpoint = { .path = checkpoint_path,
							  .interval_s = 1e6,
							  .save = save_nothing };
	struct csvr_run_hooks hooks = { .checkpoint = checkpoint_path != NULL ? &checkpoint
									      : NULL };
	struct csvr_inputs *inputs;
	struct csvr_summary *summary;
	ck_assert_int_eq(csvr_inputs_new(&inputs), CSVR_OK);
	for (size_t i = 0; i < n_paths; i++)
		ck_assert_int_eq(csvr_inputs_add(inputs, paths[i], &own.walk), CSVR_OK);
	own.shard = shard;
	own.report.format = to_state ? CSVR_FORMAT_STATE : CSVR_FORMAT_TABLE;
	char *text = NULL;
	enum csvr_status status = csvr_run(&own, inputs, &hooks, &summary, error);
	ck_assert_int_ne(status, CSVR_NO_MEMORY);
	if (status == CSVR_OK) {
		FILE *stream = open_memstream(&text, n_bytes);
		if (to_state) {
			ck_assert_int_eq(csvr_state_write(summary, inputs, &own, stream), CSVR_OK);
		} else {
			for (int format = 0; format < CSVR_N_FORMATS; format++) {
				if (format == CSVR_FORMAT_STATE)
					continue;
				own.report.format = (enum csvr_format)format;
				ck_assert_int_eq(csvr_report_write(summary, inputs, &own, stream),
						 CSVR_OK);
			}
			(void)csvr_summary_outcome(summary);
		}
		fclose(stream);
	}
	csvr_summary_free(summary);
	csvr_inputs_free(inputs);
	return text;
}

static const struct csvr_shard whole = { 1, 1 };

static char *must_run(const char *const *paths, size_t n_paths, struct csvr_shard shard,
		      bool to_state, size_t *n_bytes)
{
	struct csvr_error error = { 0 };
	char *text = run(paths, n_paths, shard, to_state, NULL, n_bytes, &error);
	ck_assert_msg(text != NULL, "refused: %s", error.message);
	return text;
}

/* ---- states of a round ---- */

struct set {
	char file[MAX_FILES][PATH_BYTES];
	size_t n_files;
	char state[2 * MAX_STATES][PATH_BYTES]; /* including merged ones */
	size_t n_states, n_made;
};

static const char *new_state(struct set *set)
{
	char *path = set->state[set->n_states++];
	snprintf(path, PATH_BYTES, "%s/%zu.state", directory, set->n_made++);
	return path;
}

static void make_files(struct set *set)
{
	set->n_files = 1 + below(MAX_FILES);
	for (size_t i = 0; i < set->n_files; i++) {
		snprintf(set->file[i], PATH_BYTES, "%s/%c%zu.csv", directory, 'a' + (char)below(3),
			 i);
		FILE *stream = fopen(set->file[i], "w");
		write_random_file(stream);
		fclose(stream);
	}
	for (size_t i = 1; i < set->n_files; i++) /* sorted, as a walk returns them */
		for (size_t j = i; j > 0 && strcmp(set->file[j - 1], set->file[j]) > 0; j--) {
			char path[PATH_BYTES];
			memcpy(path, set->file[j], PATH_BYTES);
			memcpy(set->file[j], set->file[j - 1], PATH_BYTES);
			memcpy(set->file[j - 1], path, PATH_BYTES);
		}
}

static void list_paths(char (*path)[PATH_BYTES], size_t n_paths, const char **list)
{
	for (size_t i = 0; i < n_paths; i++)
		list[i] = path[i];
}

/* Makes states of shards of all files, or a state of each file. */
static void make_states(struct set *set)
{
	const char *paths[MAX_FILES];
	char *bytes;
	size_t n_bytes;
	list_paths(set->file, set->n_files, paths);
	set->n_states = set->n_made = 0;
	const bool is_sharded = chance(2, 3);
	const uint32_t n = is_sharded ? 1 + (uint32_t)below(9) : (uint32_t)set->n_files;
	for (uint32_t i = 0; i < n; i++) {
		bytes = is_sharded ? must_run(paths, set->n_files, (struct csvr_shard){ i + 1, n },
					      true, &n_bytes)
				   : must_run(paths + i, 1, whole, true, &n_bytes);
		write_bytes(new_state(set), bytes, n_bytes);
		free(bytes);
	}
}

static void shuffle(struct set *set)
{
	for (size_t i = set->n_states; i > 1; i--) {
		const size_t j = below(i);
		char path[PATH_BYTES];
		memcpy(path, set->state[j], PATH_BYTES);
		memcpy(set->state[j], set->state[i - 1], PATH_BYTES);
		memcpy(set->state[i - 1], path, PATH_BYTES);
	}
}

/* Merges random groups of states. */
static void merge_some(struct set *set)
{
	while (set->n_states > 1 && set->n_made < 2 * MAX_STATES - 1 && chance(2, 3)) {
		const char *paths[2 * MAX_STATES];
		size_t n_bytes;
		shuffle(set);
		const size_t n = 1 + below(set->n_states);
		list_paths(set->state + set->n_states - n, n, paths);
		char *bytes = must_run(paths, n, whole, true, &n_bytes);
		set->n_states -= n;
		write_bytes(new_state(set), bytes, n_bytes);
		free(bytes);
	}
}

static void remove_files(const struct set *set)
{
	for (size_t i = 0; i < set->n_files; i++)
		unlink(set->file[i]);
}

static void begin_tests(void)
{
	snprintf(directory, sizeof directory, "%s/csvr-state-XXXXXX",
		 getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	random_state = from_environment("SEED", 1);
}

static void end_tests(void)
{
	char path[PATH_BYTES];
	for (size_t i = 0; i < 2 * MAX_STATES; i++) {
		snprintf(path, sizeof path, "%s/%zu.state", directory, i);
		unlink(path);
	}
	rmdir(directory);
}

START_TEST(states_merged_in_any_groups_and_order_give_the_report_of_one_run)
{
	const unsigned long n_rounds = from_environment("ROUNDS", 400);
	for (unsigned long round = 0; round < n_rounds; round++) {
		struct set set;
		const char *paths[2 * MAX_STATES];
		size_t n_expected, n_merged;
		choose_settings();
		make_files(&set);
		list_paths(set.file, set.n_files, paths);
		char *expected = must_run(paths, set.n_files, whole, false, &n_expected);
		make_states(&set);
		merge_some(&set);
		shuffle(&set);
		list_paths(set.state, set.n_states, paths);
		char *merged = must_run(paths, set.n_states, whole, false, &n_merged);
		ck_assert_msg(strcmp(expected, merged) == 0, "round %lu: expected\n%s\nmerged\n%s",
			      round, expected, merged);
		free(expected);
		free(merged);
		remove_files(&set);
	}
}
END_TEST

/* Files are not divided into chunks: a chunk that is read again may use other bins for the same sum. */
START_TEST(the_same_states_merged_in_any_order_give_the_same_bytes)
{
	const unsigned long n_rounds = from_environment("ROUNDS", 400) / 2;
	for (unsigned long round = 0; round < n_rounds; round++) {
		struct set set;
		const char *paths[2 * MAX_STATES];
		size_t n_expected, n_merged;
		choose_settings();
		settings.tuning.chunk_bytes = 0;
		make_files(&set);
		make_states(&set);
		list_paths(set.state, set.n_states, paths);
		char *expected = must_run(paths, set.n_states, whole, true, &n_expected);
		merge_some(&set);
		shuffle(&set);
		list_paths(set.state, set.n_states, paths);
		char *merged = must_run(paths, set.n_states, whole, true, &n_merged);
		ck_assert_uint_eq(n_merged, n_expected);
		ck_assert_msg(memcmp(expected, merged, n_merged) == 0, "round %lu", round);
		free(expected);
		free(merged);
		remove_files(&set);
	}
}
END_TEST

/* ---- invalid bytes ---- */

enum { LENGTH_OFFSET = 12, BODY_OFFSET = 20, MAX_BYTES = 1 << 16 };

/* Sets length and digest; returns the size of the file. */
static size_t fix_frame(unsigned char *bytes, size_t n_bytes)
{
	for (size_t i = 0; i < 8; i++)
		bytes[LENGTH_OFFSET + i] = (unsigned char)((uint64_t)(n_bytes - BODY_OFFSET) >>
							   8 * i);
	struct csvr_sha256 digest;
	csvr_sha256_init(&digest);
	csvr_sha256_add(&digest, bytes, n_bytes);
	csvr_sha256_finish(&digest, bytes + n_bytes);
	return n_bytes + CSVR_SHA256_BYTES;
}

/* Inserts `n` bytes, if there is room. */
static void insert_bytes(unsigned char *bytes, size_t *n_bytes, size_t at,
			 const unsigned char *more, size_t n)
{
	if (*n_bytes + n + CSVR_SHA256_BYTES > MAX_BYTES)
		return;
	memmove(bytes + at + n, bytes + at, *n_bytes - at);
	memcpy(bytes + at, more, n);
	*n_bytes += n;
}

/* Changes the body at one position. */
static void change(unsigned char *bytes, size_t *n_bytes)
{
	static const unsigned char most[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
					      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
					      0xff, 0xff, 0xff, 0xff, 0x03 };
	static const unsigned char large[] = { 0xff, 0xff, 0xff, 0xff, 0xff,
					       0xff, 0xff, 0xff, 0xff, 0x01 };
	if (*n_bytes <= BODY_OFFSET + 1)
		return;
	const size_t at = BODY_OFFSET + below(*n_bytes - BODY_OFFSET);
	const size_t n_remaining = *n_bytes - at;
	unsigned char chunk[64];
	size_t n = 1 + below(sizeof chunk);
	switch (below(10)) {
	case 0:
		bytes[at] ^= (unsigned char)(1u << below(8));
		break;
	case 1:
		bytes[at] = (unsigned char)next_random();
		break;
	case 2:
	case 3:
		bytes[at] = (unsigned char)below(4);
		break;
	case 4: /* replace a number */
		bytes[at] = 0;
		memmove(bytes + at, bytes + at + 1, n_remaining - 1);
		(*n_bytes)--;
		n = chance(1, 2) ? 5 : 10;
		if (chance(1, 4))
			insert_bytes(bytes, n_bytes, at, most, sizeof most);
		else
			insert_bytes(bytes, n_bytes, at, large + 10 - n, n);
		break;
	case 5:
		n = n < n_remaining ? n : n_remaining;
		memmove(bytes + at, bytes + at + n, n_remaining - n);
		*n_bytes -= n;
		break;
	case 6: /* copy a range */
		n = n < n_remaining ? n : n_remaining;
		memcpy(chunk, bytes + at, n);
		insert_bytes(bytes, n_bytes, BODY_OFFSET + below(*n_bytes - BODY_OFFSET), chunk, n);
		break;
	case 7:
		chunk[0] = (unsigned char)next_random();
		insert_bytes(bytes, n_bytes, at, chunk, 1);
		break;
	case 8:
		bytes[at]++;
		break;
	default:
		bytes[at]--;
		break;
	}
	if (chance(1, 100))
		*n_bytes = BODY_OFFSET + below(*n_bytes - BODY_OFFSET);
}

static size_t read_bytes(const char *path, unsigned char *bytes)
{
	const int fd = open(path, O_RDONLY);
	ck_assert_int_ge(fd, 0);
	const ssize_t n = read(fd, bytes, MAX_BYTES);
	ck_assert_int_gt(n, 0);
	close(fd);
	return (size_t)n;
}

/* Reads a changed state alone, with the others of its set, or as a checkpoint. */
static bool try_state(struct set *set, const char *changed)
{
	const char *paths[2 * MAX_STATES];
	struct csvr_error error = { 0 };
	size_t n_bytes, n_paths = set->n_states;
	list_paths(set->state, set->n_states, paths);
	const bool is_alone = chance(1, 2);
	if (is_alone)
		n_paths = 1;
	paths[is_alone ? 0 : below(set->n_states)] = changed;
	const struct csvr_settings before = settings;
	settings.is_partial = chance(1, 2);
	const bool resumes = chance(1, 5);
	if (resumes) {
		n_paths = set->n_files;
		list_paths(set->file, n_paths, paths);
	}
	char *text = run(paths, n_paths, whole, chance(1, 4), resumes ? changed : NULL, &n_bytes,
			 &error);
	settings = before;
	const bool is_accepted = text != NULL;
	ck_assert(is_accepted || error.message[0] != '\0');
	free(text);
	return is_accepted;
}

/* Replacements for the number of bins, the exponent or the sum of a column that contains 1. */
static const struct {
	const char *name;
	size_t at, n_bytes; /* these replace one byte */
	const char *bytes;
} forged[] = {
	{ "the greatest exponent", 1, 10, "\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01" },
	{ "the least exponent", 1, 10, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01" },
	{ "an exponent too great by one", 1, 2, "\xee\x04" },
	{ "an exponent too small by one", 1, 2, "\x99\x11" },
	{ "a sum too large for one number", 2, 9, "\x82\x80\xa0\xf6\xf4\xac\xdb\xe0\x1b" },
	{ "the greatest sum", 2, 19,
	  "\xfe\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x03" },
	{ "more bins than bytes", 0, 5, "\xff\xff\xff\xff\x0f" },
};

/* Makes the state of a file whose column contains 1; returns its size without the digest. */
static size_t state_of_one(unsigned char bytes[MAX_BYTES])
{
	char path[PATH_BYTES];
	const char *const paths[] = { path };
	size_t n_state;
	snprintf(path, sizeof path, "%s/one.csv", directory);
	csvr_settings_init(&settings);
	write_bytes(path, "a\n1\n", 4);
	char *state = must_run(paths, 1, whole, true, &n_state);
	memcpy(bytes, state, n_state);
	free(state);
	unlink(path);
	return n_state - CSVR_SHA256_BYTES;
}

/* `bytes` is a state without its digest, with room for it. */
static void assert_rejected(unsigned char *bytes, size_t n_bytes, const char *name)
{
	char changed[PATH_BYTES];
	const char *const paths[] = { changed };
	struct csvr_error error;
	size_t n_text;
	snprintf(changed, sizeof changed, "%s/changed.state", directory);
	write_bytes(changed, bytes, fix_frame(bytes, n_bytes));
	char *text = run(paths, 1, whole, false, NULL, &n_text, &error);
	ck_assert_msg(text == NULL, "accepted: %s", name);
	ck_assert_ptr_nonnull(strstr(error.message, "invalid contents"));
	unlink(changed);
}

START_TEST(impossible_sums_are_rejected)
{
	/* Minimum and maximum: 0.1 * 10^1, not negative, one digit. */
	static const unsigned char ones[] = { 2, 0, 1, '1', 2, 0, 1, '1' };
	static unsigned char original[MAX_BYTES], bytes[MAX_BYTES];
	const size_t n_original = state_of_one(original);
	size_t at = BODY_OFFSET;
	while (memcmp(original + at, ones, sizeof ones) != 0)
		ck_assert_uint_lt(at++, n_original);
	at += sizeof ones;
	for (size_t i = 0; i < sizeof forged / sizeof forged[0]; i++) {
		size_t n = n_original;
		memcpy(bytes, original, n);
		const size_t position = at + forged[i].at;
		memmove(bytes + position, bytes + position + 1, --n + 1 - position);
		insert_bytes(bytes, &n, position, (const unsigned char *)forged[i].bytes,
			     forged[i].n_bytes);
		assert_rejected(bytes, n, forged[i].name);
	}
}
END_TEST

START_TEST(trailing_bytes_are_rejected)
{
	static unsigned char bytes[MAX_BYTES];
	size_t n = state_of_one(bytes);
	bytes[n++] = 0;
	assert_rejected(bytes, n, "one byte more");
}
END_TEST

START_TEST(random_changes_of_a_state_do_no_harm)
{
	static unsigned char original[MAX_BYTES], bytes[MAX_BYTES];
	const unsigned long n_rounds = from_environment("ROUNDS", 400) * 20;
	unsigned long n_accepted = 0;
	struct set set = { .n_files = 0 };
	size_t n_original = 0;
	char changed[PATH_BYTES];
	snprintf(changed, sizeof changed, "%s/changed.state", directory);
	/* The number of bytes bounds memory. */
	if (!HAS_ADDRESS_SANITIZER && !HAS_THREAD_SANITIZER) {
		const struct rlimit most = { UINT64_C(1) << 30, UINT64_C(1) << 30 };
		ck_assert_int_eq(setrlimit(RLIMIT_AS, &most), 0);
	}
	for (unsigned long round = 0; round < n_rounds; round++) {
		if (round % 50 == 0) {
			remove_files(&set);
			choose_settings();
			settings.tuning.n_threads = 1;
			make_files(&set);
			make_states(&set);
			n_original = 0;
		}
		if (n_original == 0 || chance(1, 10))
			n_original = read_bytes(set.state[below(set.n_states)], original) -
				     CSVR_SHA256_BYTES;
		size_t n_bytes = n_original;
		memcpy(bytes, original, n_original);
		for (size_t n = 1 + below(chance(1, 4) ? 8 : 2); n > 0; n--)
			change(bytes, &n_bytes);
		n_bytes = fix_frame(bytes, n_bytes);
		write_bytes(changed, bytes, n_bytes);
		n_accepted += try_state(&set, changed);
	}
	remove_files(&set);
	unlink(changed);
	/* Otherwise all were rejected for another reason. */
	ck_assert_uint_gt(n_accepted, 0);
}
END_TEST

START_TEST(a_state_truncated_anywhere_or_with_a_flipped_bit_is_rejected)
{
	static unsigned char bytes[MAX_BYTES];
	struct set set;
	struct csvr_error error;
	size_t n_bytes;
	char changed[PATH_BYTES];
	const char *paths[] = { changed };
	snprintf(changed, sizeof changed, "%s/changed.state", directory);
	choose_settings();
	do
		make_files(&set);
	while (set.n_files > 2);
	make_states(&set);
	const size_t n = read_bytes(set.state[0], bytes);
	/* A file shorter than the magic is not a state. */
	for (size_t cut = 8; cut < n; cut++) {
		write_bytes(changed, bytes, cut);
		ck_assert_ptr_null(run(paths, 1, whole, false, NULL, &n_bytes, &error));
		ck_assert_ptr_nonnull(strstr(error.message, "truncated"));
	}
	for (size_t at = 8; at < n; at++) {
		bytes[at] ^= (unsigned char)(1u << at % 8);
		write_bytes(changed, bytes, n);
		ck_assert_ptr_null(run(paths, 1, whole, false, NULL, &n_bytes, &error));
		bytes[at] ^= (unsigned char)(1u << at % 8);
	}
	remove_files(&set);
	unlink(changed);
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *state = tcase_create("state");
	tcase_set_timeout(state, 600);
	tcase_add_checked_fixture(state, begin_tests, end_tests);
	tcase_add_test(state, states_merged_in_any_groups_and_order_give_the_report_of_one_run);
	tcase_add_test(state, the_same_states_merged_in_any_order_give_the_same_bytes);
	tcase_add_test(state, a_state_truncated_anywhere_or_with_a_flipped_bit_is_rejected);
	tcase_add_test(state, impossible_sums_are_rejected);
	tcase_add_test(state, trailing_bytes_are_rejected);
	tcase_add_test(state, random_changes_of_a_state_do_no_harm);
	suite_add_tcase(suite, state);
}

int main(void)
{
	return check_main("state", add_cases);
}
