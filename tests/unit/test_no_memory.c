/* test_no_memory.c - memory runs out at the n-th allocation, for every n: it is said, and nothing is lost
 *
 * Shape   a chunk of work is done again and again; each time another allocation fails, until none does.
 *         All that failed say CSVR_NO_MEMORY, and have freed what they took.
 * Source  the linker puts the functions here in place of those of the C library (--wrap)
 */
#include <stdio.h>
#include <string.h>

#include "check_main.h"
#include "parse/header.h"
#include "state/summary_codec.h"

/* ---- allocations that fail ---- */

static long n_left = -1; /* so many succeed before one fails; negative: all do */
static long n_held; /* allocations that were not freed yet */

void *__real_malloc(size_t n_bytes);
void *__real_calloc(size_t n_items, size_t item_bytes);
void *__real_realloc(void *memory, size_t n_bytes);
char *__real_strndup(const char *text, size_t n_bytes);
void __real_free(void *memory);
void *__wrap_malloc(size_t n_bytes);
void *__wrap_calloc(size_t n_items, size_t item_bytes);
void *__wrap_realloc(void *memory, size_t n_bytes);
char *__wrap_strndup(const char *text, size_t n_bytes);
void __wrap_free(void *memory);

static bool fails(void)
{
	return n_left >= 0 && n_left-- == 0;
}

void *__wrap_malloc(size_t n_bytes)
{
	void *memory = fails() ? NULL : __real_malloc(n_bytes);
	n_held += memory != NULL;
	return memory;
}

void *__wrap_calloc(size_t n_items, size_t item_bytes)
{
	void *memory = fails() ? NULL : __real_calloc(n_items, item_bytes);
	n_held += memory != NULL;
	return memory;
}

void *__wrap_realloc(void *memory, size_t n_bytes)
{
	void *grown = fails() ? NULL : __real_realloc(memory, n_bytes);
	n_held += memory == NULL && grown != NULL;
	return grown;
}

char *__wrap_strndup(const char *text, size_t n_bytes)
{
	char *copy = fails() ? NULL : __real_strndup(text, n_bytes);
	n_held += copy != NULL;
	return copy;
}

void __wrap_free(void *memory)
{
	n_held -= memory != NULL;
	__real_free(memory);
}

/* Does the work with ever more memory until it succeeds. The work asserts nothing: Check takes memory for
 * that. It returns CSVR_INVALID_FILE where it finds something else than expected. */
static void exhaust(enum csvr_status (*work)(void *context), void *context)
{
	enum { MOST = 10000 };
	enum csvr_status status = CSVR_NO_MEMORY;
	long n = 0;
	for (; n < MOST && status != CSVR_OK; n++) {
		n_left = n;
		n_held = 0;
		status = work(context);
		const long n_lost = n_held;
		const bool has_failed = n_left < 0;
		n_left = -1;
		ck_assert_int_eq(status, has_failed ? CSVR_NO_MEMORY : CSVR_OK);
		ck_assert_msg(n_lost == 0, "allocation %ld failed, and %ld are not freed", n,
			      n_lost);
	}
	ck_assert_int_eq(status, CSVR_OK);
	ck_assert_msg(n > 1, "nothing was allocated");
}

/* ---- heads of files ---- */

static enum csvr_status take(struct csvr_header *head, const struct csvr_parse_options *reading,
			     const struct csvr_null_set *nulls, const char *record)
{
	enum { ROOM = 4096 }; /* more than any record here */
	static uint32_t ends[1 + ROOM + CSVR_ENDS_MARGIN];
	const struct csvr_dialect dialect = { ',', '"', CSVR_NONE, '\n' };
	struct csvr_fields fields = { .text = (const unsigned char *)record,
				      .ends = ends + 1,
				      .starts_record = true };
	bool is_new;
	ends[0] = UINT32_MAX;
	csvr_kernel_scalar.scan(&dialect, 0, strlen(record), &fields);
	return csvr_header_parse(head, reading, nulls, &dialect, &fields, 0, &is_new);
}

/* Names of all kinds; then more of them, in the same head. */
static enum csvr_status take_heads(void *context)
{
	static const char *const words[] = { "-999", "NA" };
	static const char *const items[] = { "a", "q*", "!b" };
	const struct csvr_parse_options *reading = context;
	struct csvr_null_set nulls;
	struct csvr_header head;
	csvr_header_init(&head);
	enum csvr_status status = csvr_null_set_init(&nulls, (struct csvr_string_list){ words, 2 });
	struct csvr_parse_options own = *reading;
	own.select = (struct csvr_string_list){ items, 3 };
	if (status == CSVR_OK)
		status = take(&head, &own, &nulls, "a,b,\"q\"\"r\",,a,a\n");
	if (status == CSVR_OK)
		status = take(&head, &own, &nulls, "1,2\n");
	char *long_name = __real_calloc(1, 3000);
	memset(long_name, ',', 300); /* 300 columns without a name: column_1, ... */
	memset(long_name + 300, 'x', 2000);
	long_name[2300] = '\n';
	if (status == CSVR_OK)
		status = take(&head, &own, &nulls, long_name);
	__real_free(long_name);
	csvr_header_clear(&head);
	csvr_null_set_clear(&nulls);
	return status;
}

START_TEST(a_head_says_that_memory_ran_out)
{
	struct csvr_settings settings;
	csvr_settings_init(&settings);
	exhaust(take_heads, &settings.parse);
}
END_TEST

/* ---- summaries ---- */

/* What is done needs all of these: many names, tables, cells of many scales, failures, chunks. Texts are so
 * long that each kind of them is sometimes the first of a block. */
enum { N_NAMES = 70, NAME_BYTES = 1000, N_FAILURES = 9, N_INPUTS = 64 };

static const struct csvr_summary_config kept_by_position = { .by_position = true,
							     .keeps_file_stats = true,
							     .n_selected = 2 };
static const struct csvr_summary_config by_name = { 0 };

static void name_columns(struct csvr_name *names, char (*text)[NAME_BYTES], size_t n_names,
			 char letter)
{
	for (size_t i = 0; i < n_names; i++) {
		snprintf(text[i], sizeof text[i], "%c%0*zu", letter, NAME_BYTES - 30, i);
		names[i] = (struct csvr_name){ i == 3 ? NULL : text[i], strlen(text[i]) };
	}
}

static enum csvr_status fill_table(struct csvr_file_stats *table, size_t n_names)
{
	enum csvr_status status = csvr_file_stats_reset(table, n_names);
	for (size_t i = 0; i < n_names && status == CSVR_OK; i++) {
		status = csvr_column_add(&table->columns[i], -2, (uint64_t[]){ 7, 1 }, 2, true);
		const struct csvr_batch_sums totals = { 1, 3, 3, 3, 9 };
		const struct csvr_batch batch = { (int64_t[]){ 3 }, 1, 9 };
		if (status == CSVR_OK)
			status = csvr_column_add_batch(&table->columns[i], &batch, &totals);
	}
	table->n_rows = 2;
	table->size_bytes = 100;
	return status;
}

static enum csvr_status add_file(struct csvr_summary *summary, uint32_t input, size_t n_names,
				 char letter)
{
	struct csvr_name names[N_NAMES];
	char text[N_NAMES][NAME_BYTES];
	struct csvr_file_stats table;
	struct csvr_file file = { .input = input, .kind = CSVR_FILE_READ };
	uint32_t header;
	csvr_file_stats_init(&table);
	name_columns(names, text, n_names, letter);
	enum csvr_status status = fill_table(&table, n_names);
	/* What was not selected has no cells. */
	if (status == CSVR_OK && n_names > 3)
		csvr_column_reset(&table.columns[3]);
	if (status == CSVR_OK)
		status = csvr_summary_intern_layout(summary, names, n_names, input, &header);
	if (status == CSVR_OK) {
		file.layout = header & (CSVR_MAX_LAYOUTS - 1);
		status = csvr_summary_add_file(summary, &file, &table);
	}
	csvr_file_stats_clear(&table);
	return status;
}

static enum csvr_status add_segment(struct csvr_partial_file *partial, uint32_t chunk)
{
	struct csvr_segment *segment = csvr_segment_new(chunk, chunk);
	if (segment == NULL)
		return CSVR_NO_MEMORY;
	segment->chunk.start = chunk == 0 ? 0 : UINT64_MAX;
	const enum csvr_status status = fill_table(&segment->chunk.stats, 2);
	if (!csvr_partial_file_add(partial, segment))
		return CSVR_NO_MEMORY;
	return status;
}

static enum csvr_status add_chunks(struct csvr_summary *summary, uint32_t input, uint32_t first)
{
	const struct csvr_name names[] = { { "a", 1 }, { NULL, 0 } };
	struct csvr_partial_file partial = { .input = input, .n_chunks = 20, .chunk_bytes = 10 };
	csvr_schema_init(&partial.schema);
	enum csvr_status status = csvr_schema_set(&partial.schema, names, 2, false);
	for (uint32_t i = 0; i < 9 && status == CSVR_OK; i++)
		status = add_segment(&partial, first + i);
	if (status == CSVR_OK)
		status = csvr_summary_add_partial(summary, &partial);
	csvr_partial_file_clear(&partial);
	return status;
}

/* Inputs from `first` on, and chunks of input 60. They were read in no order. */
static enum csvr_status make_summary(const struct csvr_summary_config *config, uint32_t first,
				     struct csvr_summary **summary)
{
	static char command[NAME_BYTES];
	struct csvr_error error = { CSVR_INVALID_FILE, 5, "" };
	memset(error.message, 'm', sizeof error.message - 1);
	memset(command, 'c', sizeof command - 1);
	const struct csvr_run_record record = { command, command, command, "",    "scalar",
						2,       1,       1,       first, 9 };
	enum csvr_status status = csvr_summary_new(config, summary);
	if (status == CSVR_OK)
		status = add_file(*summary, first + 20, N_NAMES, first == 0 ? 'a' : 'b');
	if (status == CSVR_OK)
		status = add_file(*summary, first + 11, 2, 'c');
	for (uint32_t i = 0; i < N_FAILURES && status == CSVR_OK; i++)
		status = csvr_summary_add_failure(*summary, first + i, &error);
	if (status == CSVR_OK)
		status = add_file(*summary, first + 13, 1, 'd');
	if (status == CSVR_OK)
		status = add_chunks(*summary, 60, first == 0 ? 10 : 0);
	if (status == CSVR_OK)
		status = add_chunks(*summary, 61 + (first > 0), 0);
	for (int i = 0; i < 3 && status == CSVR_OK; i++)
		status = csvr_summary_add_run(*summary, &record);
	return status;
}

static enum csvr_status merge_summaries(void *context)
{
	const struct csvr_summary_config *config = context;
	struct csvr_summary *summary = NULL, *other = NULL;
	enum csvr_status status = make_summary(config, 0, &summary);
	if (status == CSVR_OK)
		status = make_summary(config, 30, &other);
	if (status == CSVR_OK) /* as one that is saved on the way */
		status = csvr_summary_finish(summary);
	if (status == CSVR_OK)
		status = csvr_summary_merge(summary, other);
	if (status == CSVR_OK)
		status = csvr_summary_finish(summary);
	if (status == CSVR_OK && summary->n_rows != 12)
		status = CSVR_INVALID_FILE;
	csvr_summary_free(summary);
	csvr_summary_free(other);
	return status;
}

START_TEST(summaries_say_that_memory_ran_out)
{
	struct csvr_summary_config config = _i == 0 ? by_name : kept_by_position;
	exhaust(merge_summaries, &config);
}
END_TEST

/* So much text that it needs memory of its own. */
static enum csvr_status add_texts(void *context)
{
	enum { MANY = 300, COMMAND_BYTES = 70000 };
	static char command[COMMAND_BYTES];
	const struct csvr_summary_config *config = context;
	struct csvr_summary *summary;
	struct csvr_error error = { CSVR_INVALID_FILE, 5, "" };
	memset(error.message, 'm', sizeof error.message - 1);
	memset(command, 'c', sizeof command - 1);
	const struct csvr_run_record record = { command, "", "", "", "", 2, 1, 1, 0, 9 };
	enum csvr_status status = csvr_summary_new(config, &summary);
	for (uint32_t i = 0; i < MANY && status == CSVR_OK; i++)
		status = csvr_summary_add_failure(summary, i, &error);
	if (status == CSVR_OK)
		status = csvr_summary_add_run(summary, &record);
	csvr_summary_free(summary);
	return status;
}

START_TEST(messages_and_commands_say_that_memory_ran_out)
{
	struct csvr_summary_config config = by_name;
	exhaust(add_texts, &config);
}
END_TEST

/* ---- saved states ---- */

struct saved {
	struct csvr_summary_config config;
	struct csvr_encoder bytes;
};

static enum csvr_status read_back(void *context)
{
	const struct saved *saved = context;
	struct csvr_decoder reader = { saved->bytes.bytes,
				       saved->bytes.bytes + saved->bytes.n_bytes, false };
	struct csvr_summary *summary;
	enum csvr_status status = csvr_summary_decode(&reader, &saved->config, NULL, N_INPUTS,
						      &summary);
	if (status == CSVR_OK && (csvr_decoder_remaining(&reader) != 0 || summary->n_rows != 6))
		status = CSVR_INVALID_FILE;
	csvr_summary_free(summary); /* NULL where there is none */
	return status;
}

START_TEST(a_saved_state_says_that_memory_ran_out)
{
	struct saved saved = { .config = _i == 0 ? by_name : kept_by_position };
	struct csvr_summary *summary;
	ck_assert_int_eq(make_summary(&saved.config, 0, &summary), CSVR_OK);
	ck_assert_int_eq(csvr_summary_finish(summary), CSVR_OK);
	csvr_encoder_init(&saved.bytes);
	csvr_summary_encode(&saved.bytes, summary, NULL);
	ck_assert_int_eq(saved.bytes.is_out_of_memory, false);
	csvr_summary_free(summary);
	exhaust(read_back, &saved);
	csvr_encoder_clear(&saved.bytes);
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *cases = tcase_create("no_memory");
	tcase_set_timeout(cases, 120);
	tcase_add_test(cases, a_head_says_that_memory_ran_out);
	tcase_add_loop_test(cases, summaries_say_that_memory_ran_out, 0, 2);
	tcase_add_test(cases, messages_and_commands_say_that_memory_ran_out);
	tcase_add_loop_test(cases, a_saved_state_says_that_memory_ran_out, 0, 2);
	suite_add_tcase(suite, cases);
}

int main(void)
{
	return check_main("no_memory", add_cases);
}
