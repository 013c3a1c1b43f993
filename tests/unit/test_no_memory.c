/* test_no_memory.c - a failure of the n-th allocation, for every n, is reported and leaks nothing
 *
 * Shape   each function is repeated with a later allocation failing until none fails. A call in which an
 *         allocation failed must return CSVR_NO_MEMORY and free all memory it allocated.
 * Source  the linker replaces the functions of the C library by those below (--wrap)
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check_main.h"
#include "parse/header.h"
#include "report/compare.h"
#include "state/summary_codec.h"
#include "stats/similar_sets.h"
#include "stats/statistics.h"

/* ---- allocations that fail ---- */

static long n_left = -1; /* allocations that succeed before one fails; negative: none fails */
static long n_held; /* allocations that are not freed yet */

void *__real_malloc(size_t n_bytes);
void *__real_calloc(size_t n_items, size_t item_bytes);
void *__real_realloc(void *memory, size_t n_bytes);
void *__real_aligned_alloc(size_t alignment, size_t n_bytes);
char *__real_strndup(const char *text, size_t n_bytes);
void __real_free(void *memory);
void *__wrap_malloc(size_t n_bytes);
void *__wrap_calloc(size_t n_items, size_t item_bytes);
void *__wrap_realloc(void *memory, size_t n_bytes);
void *__wrap_aligned_alloc(size_t alignment, size_t n_bytes);
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

void *__wrap_aligned_alloc(size_t alignment, size_t n_bytes)
{
	void *memory = fails() ? NULL : __real_aligned_alloc(alignment, n_bytes);
	n_held += memory != NULL;
	return memory;
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

/* Repeats the work with one more successful allocation until none fails. The work must not use assertions
 * of Check, which allocate. It returns CSVR_INVALID_FILE if a result is wrong. */
static void exhaust(enum csvr_status (*work)(void *context), void *context)
{
	enum { MAX_ALLOCATIONS = 10000 };
	enum csvr_status status = CSVR_NO_MEMORY;
	long n = 0;
	for (; n < MAX_ALLOCATIONS && status != CSVR_OK; n++) {
		n_left = n;
		n_held = 0;
		status = work(context);
		const long n_leaked = n_held;
		const bool has_failed = n_left < 0;
		n_left = -1;
		ck_assert_int_eq(status, has_failed ? CSVR_NO_MEMORY : CSVR_OK);
		ck_assert_msg(n_leaked == 0, "allocation %ld failed, and %ld leaked", n, n_leaked);
	}
	ck_assert_int_eq(status, CSVR_OK);
	ck_assert_msg(n > 1, "nothing was allocated");
}

/* ---- headers ---- */

static enum csvr_status parse_record(struct csvr_header *header,
				     const struct csvr_parse_options *reading,
				     const struct csvr_cell_rules *rules, const char *record)
{
	enum { MAX_RECORD_BYTES = 4096 }; /* longer than any record here */
	static uint32_t ends[1 + MAX_RECORD_BYTES + CSVR_ENDS_MARGIN];
	const struct csvr_dialect dialect = { .delimiter = ',',
					      .newline = '\n',
					      .quote = '"',
					      .comment = CSVR_NONE,
					      .decimal = '.',
					      .escape = CSVR_NONE };
	/* A scan reads some bytes around the text. */
	static unsigned char text[MAX_RECORD_BYTES + 2 * CSVR_TEXT_MARGIN];
	const size_t n_bytes = strlen(record);
	if (n_bytes > MAX_RECORD_BYTES)
		return CSVR_INVALID_FILE; /* an assertion would allocate memory */
	memcpy(text + CSVR_TEXT_MARGIN, record, n_bytes);
	struct csvr_fields fields = { .text = text + CSVR_TEXT_MARGIN,
				      .ends = ends + 1,
				      .starts_record = true };
	bool is_new;
	ends[0] = UINT32_MAX;
	csvr_kernel_scalar.scan(&dialect, 0, n_bytes, &fields);
	const struct csvr_header_records records = { &dialect, &fields, 0, CSVR_FIRST_UNKNOWN,
						     NULL };
	return csvr_header_parse(header, reading, rules, &records, &is_new);
}

/* Parses names of all kinds, then a longer record, into the same header. */
static enum csvr_status parse_headers(void *context)
{
	static const char *const words[] = { "-999", "NA", "a:-1" };
	static const char *const items[] = { "a", "q*", "!b" };
	const struct csvr_parse_options *reading = context;
	struct csvr_cell_rules rules;
	struct csvr_header header;
	csvr_header_init(&header);
	struct csvr_parse_options options = *reading;
	options.select = (struct csvr_string_list){ items, 3 };
	options.null_values = (struct csvr_string_list){ words, 3 };
	enum csvr_status status = csvr_cell_rules_init(&rules, &options, '.', NULL);
	if (status == CSVR_OK)
		status = parse_record(&header, &options, &rules, "a,b,\"q\"\"r\",,a,a\n");
	if (status == CSVR_OK)
		status = parse_record(&header, &options, &rules, "1,2\n");
	char *long_name = __real_calloc(1, 3000);
	memset(long_name, ',', 300); /* 300 columns without a name: column_1, ... */
	memset(long_name + 300, 'x', 2000);
	long_name[2300] = '\n';
	if (status == CSVR_OK)
		status = parse_record(&header, &options, &rules, long_name);
	__real_free(long_name);
	csvr_header_clear(&header);
	csvr_cell_rules_clear(&rules);
	return status;
}

START_TEST(a_header_reports_a_failed_allocation)
{
	struct csvr_settings settings;
	csvr_settings_init(&settings);
	exhaust(parse_headers, &settings.parse);
}
END_TEST

/* ---- summaries ---- */

/* The test uses every kind of memory: many names, file statistics, cells of several scales, failures and
 * chunks. Texts are so long that each kind of text is sometimes the first one of a block. */
enum { N_NAMES = 70, NAME_BYTES = 1000, N_FAILURES = 9, N_INPUTS = 64 };

static const struct csvr_summary_config with_file_stats = { .by_position = true,
							    .keeps_file_stats = true,
							    .n_selected = 2 };
static const struct csvr_summary_config by_name = { .tables = CSVR_TABLES_SIMILAR };
static const struct csvr_summary_config one_table = { .tables = CSVR_TABLES_ONE };
static const struct csvr_summary_config with_pairs = { .has_pairs = true };

static const struct csvr_summary_config *const all_configs[] = { &by_name, &one_table,
								 &with_file_stats, &with_pairs };
enum { N_CONFIGS = sizeof all_configs / sizeof all_configs[0] };

static void name_columns(struct csvr_name *names, bool *are_selected, char (*text)[NAME_BYTES],
			 size_t n_names, char letter)
{
	for (size_t i = 0; i < n_names; i++) {
		snprintf(text[i], sizeof text[i], "%c%0*zu", letter, NAME_BYTES - 30, i);
		names[i] = (struct csvr_name){ text[i], strlen(text[i]) };
		are_selected[i] = i != 3;
	}
}

/* Two rows, of numbers of different exponents. */
static enum csvr_status fill_pair(struct csvr_pair *pair)
{
	const uint64_t part[] = { 7, 1 };
	uint64_t storage[3];
	const struct csvr_positioned number = csvr_position_number(part, 2, -2, true, storage);
	const struct csvr_pair_batch batch = { 1, -9, -9, 3, 3, 9, 9, { { 9, 0, 0 } } };
	const enum csvr_status status = csvr_pair_add_row(pair, &number, &number);
	return status == CSVR_OK ? csvr_pair_add_batch(pair, &batch) : status;
}

static enum csvr_status fill_pairs(struct csvr_pairs *pairs, size_t n_columns)
{
	enum csvr_status status = CSVR_OK;
	for (uint32_t i = 0; i < 3 && i < n_columns && status == CSVR_OK; i++)
		status = csvr_pairs_add_column(pairs, i);
	for (size_t i = 0; i < csvr_pairs_count(pairs) && status == CSVR_OK; i++)
		status = fill_pair(&pairs->pairs[i]);
	return status;
}

static enum csvr_status fill_stats(struct csvr_file_stats *stats, size_t n_names)
{
	enum csvr_status status = csvr_file_stats_reset(stats, n_names);
	for (size_t i = 0; i < n_names && status == CSVR_OK; i++) {
		csvr_column_note_first(&stats->columns[i], CSVR_KIND_NUMBER, 2,
				       (const unsigned char *)"-7", 2);
		status = csvr_column_add(&stats->columns[i], CSVR_CELL_NUMBER,
					 &(struct csvr_number){ (uint64_t[]){ 7, 1 }, 2, -2, true,
								CSVR_QUANTITY_NUMBER, 0 });
		const struct csvr_batch_sums sums = { 1, 3, 3, 3, 9 };
		const struct csvr_batch batch = { .values = (int64_t[]){ 3 },
						  .n_values = 1,
						  .scale = 9,
						  .sums = &sums,
						  .kernels = csvr_batch_kernels_for("scalar") };
		if (status == CSVR_OK)
			status = csvr_column_add_batch(&stats->columns[i], CSVR_CELL_NUMBER,
						       &batch);
	}
	stats->n_rows = 2;
	stats->size_bytes = 100;
	return status == CSVR_OK ? fill_pairs(&stats->pairs, n_names) : status;
}

static enum csvr_status add_file(struct csvr_summary *summary, uint32_t input, size_t n_names,
				 char letter)
{
	struct csvr_name names[N_NAMES];
	char text[N_NAMES][NAME_BYTES];
	struct csvr_file_stats stats;
	struct csvr_file file = { .input = input, .kind = CSVR_FILE_READ };
	csvr_file_stats_init(&stats);
	bool are_selected[N_NAMES];
	name_columns(names, are_selected, text, n_names, letter);
	enum csvr_status status = fill_stats(&stats, n_names);
	/* A column that is not selected has no cells. */
	if (status == CSVR_OK && n_names > 3)
		csvr_column_reset(&stats.columns[3]);
	if (status == CSVR_OK)
		status = csvr_summary_intern_layout(summary,
						    &(struct csvr_header_columns){
							    names, are_selected, n_names },
						    &file);
	if (status == CSVR_OK)
		status = csvr_summary_add_file(summary, &file, &stats);
	csvr_file_stats_clear(&stats);
	return status;
}

static enum csvr_status add_segment(struct csvr_partial_file *partial, uint32_t chunk)
{
	struct csvr_segment *segment = csvr_segment_new(chunk, chunk);
	if (segment == NULL)
		return CSVR_NO_MEMORY;
	segment->chunk.start = chunk == 0 ? 0 : UINT64_MAX;
	const enum csvr_status status = fill_stats(&segment->chunk.stats, 2);
	if (!csvr_partial_file_add(partial, segment))
		return CSVR_NO_MEMORY;
	return status;
}

static enum csvr_status add_chunks(struct csvr_summary *summary, uint32_t input, uint32_t first)
{
	const struct csvr_name names[] = { { "a", 1 }, { "b", 1 } };
	const bool are_selected[] = { true, false };
	const struct csvr_header_columns columns = { names, are_selected, 2 };
	struct csvr_partial_file partial = { .input = input, .n_chunks = 20, .chunk_bytes = 10 };
	csvr_schema_init(&partial.schema);
	enum csvr_status status = csvr_schema_set(&partial.schema, &columns);
	for (uint32_t i = 0; i < 9 && status == CSVR_OK; i++)
		status = add_segment(&partial, first + i);
	if (status == CSVR_OK)
		status = csvr_summary_add_partial(summary, &partial);
	csvr_partial_file_clear(&partial);
	return status;
}

/* Inputs from `first` on, and chunks of input 60, in no particular order. */
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
	if (status == CSVR_OK) /* as for a checkpoint */
		status = csvr_summary_finish(summary);
	if (status == CSVR_OK)
		status = csvr_summary_merge(summary, other);
	if (status == CSVR_OK)
		status = csvr_summary_finish(summary);
	if (status == CSVR_OK && csvr_summary_totals(summary).n_rows != 12)
		status = CSVR_INVALID_FILE;
	csvr_summary_free(summary);
	csvr_summary_free(other);
	return status;
}

START_TEST(summaries_report_a_failed_allocation)
{
	struct csvr_summary_config config = *all_configs[_i];
	exhaust(merge_summaries, &config);
}
END_TEST

/* Texts that exceed a block. */
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

START_TEST(messages_and_commands_report_a_failed_allocation)
{
	struct csvr_summary_config config = by_name;
	exhaust(add_texts, &config);
}
END_TEST

/* ---- collected statistics ---- */

static enum csvr_status add_numbers(struct csvr_column *column, int least_exponent)
{
	enum csvr_status status = CSVR_OK;
	for (int i = 0; i < 40 && status == CSVR_OK; i++) {
		const uint64_t part = 1 + (uint64_t)i * 7;
		const struct csvr_number number = {
			&part, 1, least_exponent + i, i % 3 == 0, CSVR_QUANTITY_NUMBER, 0
		};
		status = csvr_column_add(column, CSVR_CELL_NUMBER, &number);
	}
	return status;
}

static enum csvr_status add_batches(struct csvr_column *column, unsigned scale)
{
	const struct csvr_batch_kernels *kernels = csvr_batch_kernels_for("scalar");
	struct csvr_batch_sums sums;
	int64_t values[CSVR_MAX_BATCH];
	enum csvr_status status = CSVR_OK;
	for (int i = 0; i < 4 && status == CSVR_OK; i++) {
		for (int k = 0; k < CSVR_MAX_BATCH; k++)
			values[k] = (INT64_C(1) << k % 50) - i;
		kernels->sum(values, CSVR_MAX_BATCH, &sums);
		const struct csvr_batch batch = { .values = values,
						  .n_values = CSVR_MAX_BATCH,
						  .scale = scale,
						  .sums = &sums,
						  .kernels = kernels };
		status = csvr_column_add_batch(column, CSVR_CELL_NUMBER, &batch);
	}
	return status;
}

static enum csvr_status decode_column(const struct csvr_column *column, csvr_collection collection)
{
	struct csvr_encoder bytes;
	struct csvr_collected *copy = NULL;
	csvr_encoder_init(&bytes);
	csvr_collected_encode(column->collected, collection, &bytes);
	struct csvr_decoder decoder = { bytes.bytes, bytes.bytes + bytes.n_bytes, false };
	const enum csvr_status status = bytes.is_out_of_memory
						? CSVR_NO_MEMORY
						: csvr_collected_decode(collection, &decoder,
									column->cells, &copy);
	csvr_collected_free(copy);
	csvr_encoder_clear(&bytes);
	return status;
}

static void add_to_order(struct csvr_column *column, uint64_t value)
{
	const struct csvr_number number = { .part = &value, .n_parts = 1 };
	csvr_order_add_number(column->order, &number);
}

/* All aggregates: batches first, or numbers first; merging, encoding, decoding. */
static enum csvr_status collect(void *context)
{
	const bool has_batches_first = context != NULL;
	const csvr_collection all = csvr_collection_of(
		&(struct csvr_statistic_options){ .all = true });
	struct csvr_column column, other;
	csvr_column_init(&column);
	csvr_column_init(&other);
	enum csvr_status status = csvr_column_collect(&column, all);
	if (status == CSVR_OK && has_batches_first)
		status = add_batches(&column, 2);
	if (status == CSVR_OK)
		status = add_numbers(&column, has_batches_first ? -60 : 20);
	if (status == CSVR_OK) {
		add_to_order(&column, 1);
		status = csvr_column_merge(&other, &column);
	}
	csvr_column_reset(&column);
	if (status == CSVR_OK)
		status = add_numbers(&column, -200);
	if (status == CSVR_OK)
		add_to_order(&column, 2);
	if (status == CSVR_OK)
		status = csvr_column_merge(&other, &column);
	if (status == CSVR_OK)
		status = decode_column(&other, all);
	csvr_column_clear(&column);
	csvr_column_clear(&other);
	return status;
}

START_TEST(collecting_statistics_reports_a_failed_allocation)
{
	int any;
	exhaust(collect, _i == 0 ? NULL : &any);
}
END_TEST

/* ---- pairs of columns ---- */

static enum csvr_status use_pair(void *context)
{
	(void)context;
	const struct csvr_pair_batch batch = { 1, -3, -9, 3, 3, 9, 9, { { 9, 0, 0 } } };
	struct csvr_pair pair = { 0 }, other = { 0 };
	struct csvr_encoder encoder;
	bool is_defined;
	double correlation;
	csvr_encoder_init(&encoder);
	/* The exponents change, so the sums are kept in another form. */
	enum csvr_status status = csvr_pair_add_batch(&pair, &batch);
	if (status == CSVR_OK)
		status = csvr_pair_add_batch(&other, &batch);
	if (status == CSVR_OK)
		status = fill_pair(&pair);
	if (status == CSVR_OK)
		status = csvr_pair_merge(&other, &pair, true);
	if (status == CSVR_OK)
		status = csvr_pair_correlation(&pair, &is_defined, &correlation);
	if (status == CSVR_OK)
		csvr_pair_encode(&other, &encoder);
	if (encoder.is_out_of_memory)
		status = CSVR_NO_MEMORY;
	csvr_encoder_clear(&encoder);
	csvr_pair_clear(&pair);
	csvr_pair_clear(&other);
	return status;
}

START_TEST(a_pair_of_columns_reports_a_failed_allocation)
{
	exhaust(use_pair, NULL);
}
END_TEST

/* ---- rows ---- */

static enum csvr_status use_rows(void *context)
{
	(void)context;
	enum { N_ROWS = 100 };
	uint64_t hashes[N_ROWS];
	struct csvr_rows rows = { 0 }, merged = { 0 }, decoded = { 0 };
	struct csvr_encoder encoder;
	for (uint64_t i = 0; i < N_ROWS; i++)
		hashes[i] = 1 + i / 2;
	csvr_encoder_init(&encoder);
	enum csvr_status status = csvr_rows_add(&rows, csvr_batch_kernels_for("scalar"), hashes,
						N_ROWS);
	if (status == CSVR_OK)
		status = csvr_rows_merge(&merged, &rows);
	if (status == CSVR_OK)
		csvr_rows_encode(&rows, &encoder); /* some are pending */
	if (status == CSVR_OK)
		csvr_rows_encode(&merged, &encoder);
	if (encoder.is_out_of_memory)
		status = CSVR_NO_MEMORY;
	struct csvr_decoder decoder = { encoder.bytes, encoder.bytes + encoder.n_bytes, false };
	if (status == CSVR_OK)
		status = csvr_rows_decode(&decoded, &decoder, N_ROWS);
	if (status == CSVR_OK && csvr_rows_duplicates(&decoded, N_ROWS).n_repeated != N_ROWS / 2)
		status = CSVR_INVALID_FILE;
	csvr_encoder_clear(&encoder);
	csvr_rows_clear(&rows);
	csvr_rows_clear(&merged);
	csvr_rows_clear(&decoded);
	return status;
}

START_TEST(counting_rows_reports_a_failed_allocation)
{
	exhaust(use_rows, NULL);
}
END_TEST

/* ---- similar sets ---- */

static enum csvr_status group_sets(void *context)
{
	(void)context;
	enum { N_SETS = 100, N_IDS = 3 };
	uint32_t ids[N_SETS][N_IDS], root[N_SETS];
	struct csvr_id_set sets[N_SETS];
	for (uint32_t i = 0; i < N_SETS; i++) {
		for (uint32_t k = 0; k < N_IDS; k++)
			ids[i][k] = i / 2 + k * N_SETS;
		sets[i] = (struct csvr_id_set){ ids[i], i < 2 ? 0 : N_IDS };
	}
	enum csvr_status status = csvr_similar_sets_find(sets, N_SETS, N_SETS * N_IDS, root);
	for (uint32_t i = 0; i < N_SETS && status == CSVR_OK; i++)
		if (root[i] != i / 2 * 2)
			status = CSVR_INVALID_FILE;
	return status;
}

START_TEST(grouping_sets_reports_a_failed_allocation)
{
	exhaust(group_sets, NULL);
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
	if (status == CSVR_OK &&
	    (csvr_decoder_remaining(&reader) != 0 || csvr_summary_totals(summary).n_rows != 6))
		status = CSVR_INVALID_FILE;
	csvr_summary_free(summary); /* NULL on failure */
	return status;
}

START_TEST(decoding_a_state_reports_a_failed_allocation)
{
	struct saved saved = { .config = *all_configs[_i] };
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

/* ---- the checkpoint of an interrupted run ---- */

static size_t n_saved;
static int stop_flag;

static void stop_the_work(bool is_polled)
{
	stop_flag |= is_polled;
}

static bool count_save(void *context, const unsigned char *bytes, size_t n_bytes)
{
	(void)context;
	(void)bytes;
	(void)n_bytes;
	n_saved++;
	return true;
}

/* One thread reads the file `path`. */
static enum csvr_status run_file(const char *path, struct csvr_settings *settings,
				 struct csvr_run_hooks *hooks, struct csvr_summary **summary)
{
	struct csvr_inputs *inputs;
	struct csvr_error error = { .status = CSVR_OK };
	settings->tuning.n_threads = 1;
	*summary = NULL;
	enum csvr_status status = csvr_inputs_new(&inputs);
	if (status != CSVR_OK)
		return status;
	status = csvr_inputs_add(inputs, path, &settings->walk);
	if (status == CSVR_OK)
		status = csvr_run(settings, inputs, hooks, summary, &error);
	csvr_inputs_free(inputs);
	return status;
}

/* A run that is interrupted as its work starts saves its checkpoint, or reports that it could not. */
static enum csvr_status interrupt_run(void *context)
{
	const struct csvr_checkpoint_hooks checkpoint = { .path = "no such directory/checkpoint",
							  .interval_s = 1e6,
							  .grace_s = 1e6,
							  .save = count_save };
	struct csvr_run_hooks hooks = { .stop_flag = &stop_flag,
					.on_stop_polled = stop_the_work,
					.checkpoint = &checkpoint };
	struct csvr_settings settings;
	struct csvr_summary *summary;
	n_saved = 0;
	stop_flag = 0;
	csvr_settings_init(&settings);
	settings.statistics.all = true;
	const enum csvr_status status = run_file(context, &settings, &hooks, &summary);
	csvr_summary_free(summary);
	if (status == CSVR_INTERRUPTED)
		return n_saved > 0 ? CSVR_OK : CSVR_INVALID_FILE;
	return status == CSVR_OK ? CSVR_INVALID_FILE : status;
}

START_TEST(an_interrupted_run_reports_that_its_checkpoint_was_not_saved)
{
	char path[] = "/tmp/test_no_memory.XXXXXX";
	const int fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, "x\n1\n", 4), 4);
	close(fd);
	exhaust(interrupt_run, path);
	unlink(path);
}
END_TEST

/* A run with further passes: of integers, and of numbers that are no doubles. */
static enum csvr_status run_passes(void *context)
{
	static const char *const names[] = { "median", "iqr", "mad", "histogram", "top" };
	struct csvr_run_hooks hooks = { 0 };
	struct csvr_settings settings;
	struct csvr_summary *summary;
	csvr_settings_init(&settings);
	settings.tuning.chunk_bytes = 65536;
	settings.statistics.names = (struct csvr_string_list){ names, 5 };
	settings.statistics.exact = true;
	enum csvr_status status = run_file(context, &settings, &hooks, &summary);
	if (status == CSVR_OK &&
	    (hooks.info.n_passes < 2 || summary->inexactness.reason != CSVR_INEXACT_NOT))
		status = CSVR_INVALID_FILE;
	csvr_summary_free(summary);
	return status;
}

START_TEST(further_passes_report_a_failed_allocation)
{
	enum { N_ROWS = 5000 };
	char path[] = "/tmp/test_no_memory.XXXXXX";
	const int fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	FILE *file = fdopen(fd, "w");
	fputs("a,b,c\n", file);
	for (int i = 0; i < N_ROWS; i++)
		fprintf(file, "%d,%s%04d,x\n", 1000000 + i,
			i % 50 == 0 ? "12345678901234567890" : "1", i);
	ck_assert_int_eq(fclose(file), 0);
	exhaust(run_passes, path);
	unlink(path);
}
END_TEST

/* ---- comparisons ---- */

#ifdef HAVE_JANSSON

#define CELLS(n)                                                      \
	"\"rows\": " n ", \"invalid\": 0, \"cells\": {\"number\": " n \
	", \"missing\": 0, \"nan\": 0, "                              \
	"\"infinite\": 0, \"boolean\": 0, \"date\": 0, \"datetime\": 0, \"time\": 0, \"text\": 0}"
#define COLUMN(name, n, low, high)                                                         \
	"{\"name\": \"" name "\", \"type\": \"integer\", \"min\": " low ", \"max\": " high \
	", \"distinct\": 1, \"top\": [{\"value\": " low ", \"count\": " n                  \
	"}], \"histogram\": {\"min\": " low ", \"max\": " high ", \"counts\": [" n         \
	"]}, " CELLS(n) "}"
#define TABLE(columns) "{\"name\": \"t\", \"rows\": 100, \"columns\": [" columns "]}"

/* Changes of all sorts: a lost, a new, a renamed and a changed column, a lost and a new table. */
static enum csvr_status compare_reports(void *context)
{
	static const char old_text[] = "{\"files\": 1, \"rows\": 200, \"tables\": [" TABLE(
		COLUMN("same", "100", "1", "1") ", " COLUMN("range", "100", "1", "9") ", " COLUMN(
			"Name", "100", "2",
			"2") ", " COLUMN("gone", "100", "3",
					 "3")) ", " TABLE(COLUMN("x", "100", "1",
								 "1") ", " COLUMN("y", "100", "1",
										  "1")) "]}";
	static const char new_text[] = "{\"files\": 1, \"rows\": 200, \"tables\": [" TABLE(
		COLUMN("same", "100", "1", "1") ", " COLUMN("range", "100", "20", "29") ", " COLUMN(
			"name", "100", "2",
			"2") ", " COLUMN("other", "100", "3",
					 "4")) ", " TABLE(COLUMN("u", "50", "1",
								 "1") ", " COLUMN("v", "50", "1",
										  "1")) "]}";
	static const struct csvr_string_list no_rules;
	struct csvr_snapshot *before = NULL, *now = NULL;
	struct csvr_diff *diff = NULL;
	struct csvr_error error;
	enum csvr_status status = csvr_snapshot_of_json(old_text, strlen(old_text), &before,
							&error);
	(void)context;
	if (status == CSVR_OK)
		status = csvr_snapshot_of_json(new_text, strlen(new_text), &now, &error);
	if (status == CSVR_OK)
		status = csvr_compare_snapshots(before, now, &no_rules, &diff);
	if (status == CSVR_OK && diff->n_changes != 6)
		status = CSVR_INVALID_FILE;
	csvr_diff_free(diff);
	csvr_snapshot_free(before);
	return status;
}

START_TEST(a_comparison_reports_a_failed_allocation)
{
	exhaust(compare_reports, NULL);
}
END_TEST

#endif

static void add_cases(Suite *suite)
{
	TCase *cases = tcase_create("no_memory");
	tcase_set_timeout(cases, 120);
	tcase_add_test(cases, a_header_reports_a_failed_allocation);
	tcase_add_loop_test(cases, collecting_statistics_reports_a_failed_allocation, 0, 2);
	tcase_add_loop_test(cases, summaries_report_a_failed_allocation, 0, N_CONFIGS);
	tcase_add_test(cases, messages_and_commands_report_a_failed_allocation);
	tcase_add_test(cases, a_pair_of_columns_reports_a_failed_allocation);
	tcase_add_test(cases, counting_rows_reports_a_failed_allocation);
	tcase_add_test(cases, grouping_sets_reports_a_failed_allocation);
	tcase_add_loop_test(cases, decoding_a_state_reports_a_failed_allocation, 0, N_CONFIGS);
	tcase_add_test(cases, an_interrupted_run_reports_that_its_checkpoint_was_not_saved);
	tcase_add_test(cases, further_passes_report_a_failed_allocation);
#ifdef HAVE_JANSSON
	tcase_add_test(cases, a_comparison_reports_a_failed_allocation);
#endif
	suite_add_tcase(suite, cases);
}

int main(void)
{
	return check_main("no_memory", add_cases);
}
