/* test_summary.c - file statistics and summaries: merging, sorting, encoding and decoding */
#include <stdio.h>
#include <string.h>

#include "check_main.h"
#include "column_value.h"
#include "state/summary_codec.h"
#include "stats/statistics.h"

static const struct csvr_summary_config by_name = { .tables = CSVR_TABLES_ONE };

static struct csvr_name name(const char *text)
{
	return (struct csvr_name){ text, text == NULL ? 0 : strlen(text) };
}

static enum csvr_status intern(struct csvr_summary *summary, const struct csvr_name *names,
			       size_t n_names, struct csvr_file *file)
{
	bool *are_selected = malloc(n_names * sizeof *are_selected);
	ck_assert_ptr_nonnull(are_selected);
	memset(are_selected, true, n_names);
	const struct csvr_header_columns columns = { names, are_selected, n_names };
	const enum csvr_status status = csvr_summary_intern_layout(summary, &columns, file);
	free(are_selected);
	return status;
}

/* Adds a file of `n_rows` rows, or only a header, whose cells are all `value` tenths. */
static void add_file(struct csvr_summary *summary, uint32_t input, const char *const *names,
		     size_t n_names, uint64_t value, uint64_t n_rows, uint64_t short_line)
{
	struct csvr_name list[8];
	struct csvr_file_stats stats;
	csvr_file_stats_init(&stats);
	ck_assert_int_eq(csvr_file_stats_reset(&stats, n_names), CSVR_OK);
	stats.n_rows = n_rows;
	for (size_t i = 0; i < n_names; i++) {
		list[i] = name(names[i]);
		for (uint64_t row = 0; row < n_rows; row++)
			ck_assert_int_eq(csvr_column_add(&stats.columns[i], CSVR_CELL_NUMBER,
							 &(struct csvr_number){
								 &(uint64_t){ value }, 1, -1, false,
								 CSVR_QUANTITY_NUMBER, 0 }),
					 CSVR_OK);
	}
	for (size_t i = 0; i < n_names && n_rows > 0; i++)
		csvr_column_note_first(&stats.columns[i], CSVR_KIND_NUMBER, 2,
				       (const unsigned char *)"0.1", 3);
	if (short_line > 0)
		stats.issues[CSVR_ROW_SHORT] = (struct csvr_line_count){ 1, short_line };
	stats.size_bytes = 10;
	struct csvr_file file = { .input = input,
				  .kind = n_rows > 0 ? CSVR_FILE_READ : CSVR_FILE_HEADER_ONLY };
	ck_assert_int_eq(intern(summary, list, n_names, &file), CSVR_OK);
	ck_assert_int_eq(csvr_summary_add_file(summary, &file, &stats), CSVR_OK);
	csvr_file_stats_clear(&stats);
}

static const char *const ab[] = { "a", "b" };
static const char *const cb[] = { "c", "b" };

static struct csvr_summary *summary_of(unsigned files)
{
	struct csvr_summary *summary;
	ck_assert_int_eq(csvr_summary_new(&by_name, &summary), CSVR_OK);
	if (files & 1)
		add_file(summary, 0, cb, 2, 10, 3, 0);
	if (files & 2)
		add_file(summary, 1, ab, 2, 20, 2, 7);
	if (files & 4)
		add_file(summary, 2, ab, 2, 30, 1, 4);
	if (files & 8) {
		struct csvr_error error = { CSVR_INVALID_FILE, 5, "broken" };
		ck_assert_int_eq(csvr_summary_add_failure(summary, 3, &error), CSVR_OK);
	}
	return summary;
}

/* The contents of a report, as text. */
static void describe(struct csvr_summary *summary, char *text, size_t n_bytes)
{
	ck_assert_int_eq(csvr_summary_finish(summary), CSVR_OK);
	size_t n = 0;
	const struct csvr_data_table *table = csvr_summary_table(summary, 0);
	const struct csvr_totals totals = csvr_summary_totals(summary);
	for (size_t i = 0; i < table->n_columns; i++) {
		const struct csvr_summary_column *c = &table->columns[i];
		struct csvr_value sum = column_value(&c->stats, csvr_statistic_find("sum", 3),
						     c->n_files);
		n += (size_t)snprintf(text + n, n_bytes - n, "%s %llu files %llu rows sum %g; ",
				      c->name, (unsigned long long)c->n_files,
				      (unsigned long long)c->n_rows, sum.real);
	}
	for (size_t i = 0; i < summary->n_files; i++)
		n += (size_t)snprintf(text + n, n_bytes - n, "file %u kind %d; ",
				      summary->files[i].input, summary->files[i].kind);
	for (size_t i = 0; i < summary->n_failures; i++)
		n += (size_t)snprintf(text + n, n_bytes - n, "failure %u %s:%llu; ",
				      summary->failures[i].input, summary->failures[i].message,
				      (unsigned long long)summary->failures[i].line);
	const struct csvr_occurrences *rows = &totals.issues[CSVR_ROW_SHORT];
	snprintf(text + n, n_bytes - n, "short %llu first %u:%llu rows %llu bytes %llu",
		 (unsigned long long)rows->n, rows->first.input,
		 (unsigned long long)rows->first.line, (unsigned long long)totals.n_rows,
		 (unsigned long long)totals.size_bytes);
}

static const char expected[] =
	"c 1 files 3 rows sum 3; b 3 files 6 rows sum 10; a 2 files 3 rows sum 7; "
	"file 0 kind 0; file 1 kind 0; file 2 kind 0; file 3 kind 3; "
	"failure 3 broken:5; short 2 first 1:7 rows 6 bytes 30";

START_TEST(any_split_and_order_of_merging_gives_the_same)
{
	/* All distributions of four files to three summaries, merged in both orders. */
	for (unsigned deal = 0; deal < 81; deal++) {
		unsigned shard[3] = { 0, 0, 0 };
		for (unsigned file = 0, rest = deal; file < 4; file++, rest /= 3)
			shard[rest % 3] |= 1u << file;
		for (int backward = 0; backward < 2; backward++) {
			struct csvr_summary *total = summary_of(0);
			for (int i = 0; i < 3; i++) {
				struct csvr_summary *part = summary_of(shard[backward ? 2 - i : i]);
				ck_assert_int_eq(csvr_summary_merge(total, part), CSVR_OK);
				csvr_summary_free(part);
			}
			char text[1000];
			describe(total, text, sizeof text);
			ck_assert_str_eq(text, expected);
			csvr_summary_free(total);
		}
	}
}
END_TEST

/* Files 0 and 2 have only a header. */
static void add_some(struct csvr_summary *summary, unsigned files)
{
	static const char *const names[][3] = {
		{ "q", "x", "w" }, { "a", "b" }, { "z", "b", "w" }, { "a" }
	};
	static const size_t n_names[] = { 3, 2, 3, 1 };
	for (unsigned i = 0; i < 4; i++)
		if (files >> i & 1)
			add_file(summary, i, names[i], n_names[i], 10, i % 2, 0);
}

/* Merges three summaries, the last into one that is finished. */
static void check_columns(const struct csvr_summary_config *config, const unsigned files[3],
			  const char *columns)
{
	struct csvr_summary *total;
	ck_assert_int_eq(csvr_summary_new(config, &total), CSVR_OK);
	for (int i = 0; i < 3; i++) {
		struct csvr_summary *part;
		ck_assert_int_eq(csvr_summary_new(config, &part), CSVR_OK);
		add_some(part, files[i]);
		ck_assert_int_eq(csvr_summary_merge(total, part), CSVR_OK);
		csvr_summary_free(part);
		if (i > 0)
			ck_assert_int_eq(csvr_summary_finish(total), CSVR_OK);
	}
	char text[200] = "";
	size_t n = 0;
	const struct csvr_data_table *table = csvr_summary_table(total, 0);
	for (size_t i = 0; i < table->n_columns; i++) {
		const struct csvr_summary_column *c = &table->columns[i];
		n += (size_t)snprintf(text + n, sizeof text - n, "%.*s %d ",
				      (int)(c->label != NULL ? c->label_bytes : c->name_bytes),
				      c->label != NULL ? c->label : c->name, (int)c->n_files);
	}
	ck_assert_str_eq(text, columns);
	csvr_summary_free(total);
}

START_TEST(columns_of_headers_alone_are_last_in_any_grouping)
{
	static const struct csvr_summary_config by_position = { .by_position = true };
	for (unsigned deal = 0; deal < 81; deal++) {
		unsigned files[3] = { 0, 0, 0 };
		for (unsigned file = 0, rest = deal; file < 4; file++, rest /= 3)
			files[rest % 3] |= 1u << file;
		check_columns(&by_name, files, "a 2 b 1 q 0 x 0 w 0 z 0 ");
		check_columns(&by_position, files, "a 2 b 1 w 0 ");
		for (int i = 0; i < 3; i++)
			files[i] &= 5;
		check_columns(&by_name, files, "q 0 x 0 w 0 z 0 b 0 ");
		check_columns(&by_position, files, "column_1 0 column_2 0 w 0 ");
	}
}
END_TEST

START_TEST(trailing_delimiters_are_tolerated_if_every_row_has_one)
{
	struct csvr_file_stats stats;
	csvr_file_stats_init(&stats);
	ck_assert_int_eq(csvr_file_stats_reset(&stats, 1), CSVR_OK);
	stats.n_rows = 3;
	stats.issues[CSVR_ROW_TRAILING_DELIMITER] = (struct csvr_line_count){ 3, 2 };
	csvr_file_stats_finish(&stats);
	ck_assert_uint_eq(stats.issues[CSVR_ROW_LONG].n, 0);
	ck_assert_uint_eq(stats.n_extra_fields, 0);

	stats.issues[CSVR_ROW_TRAILING_DELIMITER] = (struct csvr_line_count){ 2, 3 };
	stats.issues[CSVR_ROW_LONG] = (struct csvr_line_count){ 1, 4 };
	stats.n_extra_fields = 5;
	csvr_file_stats_finish(&stats);
	ck_assert_uint_eq(stats.issues[CSVR_ROW_LONG].n, 3);
	ck_assert_uint_eq(stats.issues[CSVR_ROW_LONG].first_line, 3);
	ck_assert_uint_eq(stats.n_extra_fields, 7);
	csvr_file_stats_clear(&stats);
}
END_TEST

START_TEST(line_numbers_of_a_chunk_continue_those_of_the_previous_one)
{
	struct csvr_file_stats whole, chunk;
	csvr_file_stats_init(&whole);
	csvr_file_stats_init(&chunk);
	ck_assert_int_eq(csvr_file_stats_reset(&whole, 1), CSVR_OK);
	ck_assert_int_eq(csvr_file_stats_reset(&chunk, 1), CSVR_OK);
	chunk.n_lines = 10;
	chunk.issues[CSVR_ROW_LONG] = (struct csvr_line_count){ 1, 3 };
	chunk.columns[0].first[CSVR_KIND_TEXT].line = 4;
	ck_assert_int_eq(csvr_file_stats_merge(&whole, &chunk, 100), CSVR_OK);
	ck_assert_int_eq(csvr_file_stats_merge(&whole, &chunk, 110), CSVR_OK);
	ck_assert_uint_eq(whole.issues[CSVR_ROW_LONG].first_line, 103);
	ck_assert_uint_eq(whole.columns[0].first[CSVR_KIND_TEXT].line, 104);
	ck_assert_uint_eq(whole.issues[CSVR_ROW_SHORT].first_line, 0);
	ck_assert_uint_eq(whole.n_lines, 20);
	csvr_file_stats_clear(&whole);
	csvr_file_stats_clear(&chunk);
}
END_TEST

START_TEST(columns_by_position_have_a_label_if_all_files_agree_on_it)
{
	struct csvr_summary *summary;
	ck_assert_int_eq(csvr_summary_new(&(struct csvr_summary_config){ .by_position = true },
					  &summary),
			 CSVR_OK);
	add_file(summary, 0, ab, 2, 1, 1, 0);
	add_file(summary, 1, cb, 2, 1, 1, 0);
	ck_assert_int_eq(csvr_summary_finish(summary), CSVR_OK);
	ck_assert_uint_eq(summary->tables[0].n_columns, 2);
	ck_assert_ptr_null(summary->tables[0].columns[0].label);
	ck_assert_str_eq(summary->tables[0].columns[1].label, "b");
	csvr_summary_free(summary);
}
END_TEST

START_TEST(many_columns_are_distinguished)
{
	enum { N = 3000 };
	struct csvr_summary *summary;
	static char text[N][16];
	static struct csvr_name names[N];
	for (int i = 0; i < N; i++) {
		snprintf(text[i], sizeof text[i], "c%d", i);
		names[i] = name(text[i]);
	}
	ck_assert_int_eq(csvr_summary_new(&by_name, &summary), CSVR_OK);
	struct csvr_file first = { .input = 0, .kind = CSVR_FILE_READ };
	struct csvr_file second = { .input = 1, .kind = CSVR_FILE_READ };
	ck_assert_int_eq(intern(summary, names, N, &first), CSVR_OK);
	ck_assert_int_eq(intern(summary, names, N, &second), CSVR_OK);
	ck_assert_uint_eq(first.layout, second.layout);
	ck_assert_uint_eq(summary->tables[0].n_columns, N);
	ck_assert_int_eq(intern(summary, names, N - 1, &second), CSVR_OK);
	ck_assert_uint_ne(first.layout, second.layout);
	ck_assert_uint_eq(summary->tables[0].n_columns, N);
	csvr_summary_free(summary);
}
END_TEST

/* All sequences of four numbers from 0 to 5: in and out of order, with gaps, with repetitions. */
START_TEST(files_are_sorted_by_input_whatever_the_order_of_reading)
{
	enum { N = 4, MOST = 6 };
	for (unsigned code = 0; code < MOST * MOST * MOST * MOST; code++) {
		struct csvr_summary *summary;
		ck_assert_int_eq(csvr_summary_new(&by_name, &summary), CSVR_OK);
		struct csvr_file_stats nothing = { 0 };
		unsigned count_of[MOST] = { 0 };
		for (unsigned i = 0, digits = code; i < N; i++, digits /= MOST) {
			const struct csvr_file file = { .input = digits % MOST,
							.kind = CSVR_FILE_EMPTY };
			count_of[file.input]++;
			ck_assert_int_eq(csvr_summary_add_file(summary, &file, &nothing), CSVR_OK);
		}
		ck_assert_int_eq(csvr_summary_finish(summary), CSVR_OK);
		for (size_t i = 0, input = 0; i < N; i++) {
			while (count_of[input] == 0)
				input++;
			count_of[input]--;
			ck_assert_uint_eq(summary->files[i].input, input);
		}
		csvr_summary_free(summary);
	}
}
END_TEST

/* An input that is named twice has two indices and one position in the order of paths. */
START_TEST(the_first_line_is_reported_of_a_path_named_twice)
{
	static const uint32_t path_ranks[] = { 0, 0 };
	const struct csvr_summary_config config = { .path_ranks = path_ranks };
	struct csvr_summary *summary;
	ck_assert_int_eq(csvr_summary_new(&config, &summary), CSVR_OK);
	add_file(summary, 0, ab, 2, 1, 1, 7);
	add_file(summary, 1, ab, 2, 1, 1, 4);
	ck_assert_uint_eq(csvr_summary_totals(summary).issues[CSVR_ROW_SHORT].first.line, 4);
	csvr_summary_free(summary);
}
END_TEST

/* ---- encoding and decoding ---- */

static const struct csvr_summary_config with_file_stats = { .keeps_file_stats = true };

static enum csvr_status decode_with(const struct csvr_summary_config *config,
				    const struct csvr_encoder *bytes, struct csvr_summary **summary)
{
	struct csvr_decoder decoder = { bytes->bytes, bytes->bytes + bytes->n_bytes, false };
	return csvr_summary_decode(&decoder, config, NULL, 9, summary);
}

static enum csvr_status decode(const struct csvr_encoder *bytes, struct csvr_summary **summary)
{
	return decode_with(&by_name, bytes, summary);
}

/* Checks that a decoded summary is encoded to the same bytes. Frees `summary`. */
static void assert_round_trip(struct csvr_summary *summary)
{
	struct csvr_encoder bytes[2];
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(csvr_summary_finish(summary), CSVR_OK);
		csvr_encoder_init(&bytes[i]);
		csvr_summary_encode(&bytes[i], summary, NULL);
		csvr_summary_free(summary);
		ck_assert_int_eq(decode(&bytes[i], &summary), CSVR_OK);
	}
	csvr_summary_free(summary);
	ck_assert_uint_eq(bytes[0].n_bytes, bytes[1].n_bytes);
	ck_assert_mem_eq(bytes[0].bytes, bytes[1].bytes, bytes[0].n_bytes);
	csvr_encoder_clear(&bytes[0]);
	csvr_encoder_clear(&bytes[1]);
}

/* No file has these, but a state may. */
START_TEST(numbers_without_sums_round_trip)
{
	struct csvr_summary *summary = summary_of(2);
	ck_assert_uint_eq(summary->tables[0].columns[0].stats.cells[CSVR_CELL_NUMBER], 2);
	csvr_exact_sum_reset(
		&summary->tables[0].columns[0].stats.quantities[CSVR_QUANTITY_NUMBER].exact);
	assert_round_trip(summary);
}
END_TEST

/* A summary of one chunk of a file. */
static struct csvr_summary *summary_of_chunk(void)
{
	struct csvr_summary *summary = summary_of(0);
	struct csvr_partial_file partial = { .input = 3, .n_chunks = 5, .chunk_bytes = 10 };
	struct csvr_segment *segment = csvr_segment_new(1, 2);
	const struct csvr_name name_of_column = { "a", 1 };
	const struct csvr_header_columns column = { &name_of_column, &(bool){ true }, 1 };
	csvr_schema_init(&partial.schema);
	ck_assert_int_eq(csvr_schema_set(&partial.schema, &column), CSVR_OK);
	ck_assert_ptr_nonnull(segment);
	ck_assert_int_eq(csvr_file_stats_reset(&segment->chunk.stats, 1), CSVR_OK);
	ck_assert(csvr_partial_file_add(&partial, segment));
	ck_assert_int_eq(csvr_summary_add_partial(summary, &partial), CSVR_OK);
	return summary;
}

START_TEST(a_chunk_round_trips)
{
	assert_round_trip(summary_of_chunk());
}
END_TEST

/* Checks that the encoded summary is rejected. Frees `summary`. */
static void assert_rejected(struct csvr_summary *summary, const struct csvr_summary_config *config)
{
	struct csvr_summary *again;
	struct csvr_encoder bytes;
	csvr_encoder_init(&bytes);
	ck_assert_int_eq(csvr_summary_finish(summary), CSVR_OK);
	csvr_summary_encode(&bytes, summary, NULL);
	ck_assert_int_eq(decode_with(config, &bytes, &again), CSVR_INVALID_FILE);
	ck_assert_ptr_null(again);
	csvr_summary_free(summary);
	csvr_encoder_clear(&bytes);
}

START_TEST(cells_of_a_kind_without_a_first_one_are_rejected)
{
	struct csvr_summary *summary = summary_of(2);
	summary->tables[0].columns[0].stats.first[CSVR_KIND_NUMBER].line = 0;
	assert_rejected(summary, &by_name);
}
END_TEST

START_TEST(file_stats_of_another_width_than_their_layout_are_rejected)
{
	struct csvr_summary *summary;
	ck_assert_int_eq(csvr_summary_new(&with_file_stats, &summary), CSVR_OK);
	add_file(summary, 0, ab, 2, 10, 3, 0);
	summary->file_stats[0]->n_columns = 1;
	assert_rejected(summary, &with_file_stats);
}
END_TEST

START_TEST(a_state_without_file_stats_is_rejected_if_they_are_needed)
{
	assert_rejected(summary_of(2), &with_file_stats);
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *summary = tcase_create("summary");
	tcase_add_test(summary, any_split_and_order_of_merging_gives_the_same);
	tcase_add_test(summary, columns_of_headers_alone_are_last_in_any_grouping);
	tcase_add_test(summary, trailing_delimiters_are_tolerated_if_every_row_has_one);
	tcase_add_test(summary, line_numbers_of_a_chunk_continue_those_of_the_previous_one);
	tcase_add_test(summary, columns_by_position_have_a_label_if_all_files_agree_on_it);
	tcase_add_test(summary, many_columns_are_distinguished);
	tcase_add_test(summary, files_are_sorted_by_input_whatever_the_order_of_reading);
	tcase_add_test(summary, the_first_line_is_reported_of_a_path_named_twice);
	tcase_add_test(summary, numbers_without_sums_round_trip);
	tcase_add_test(summary, a_chunk_round_trips);
	tcase_add_test(summary, cells_of_a_kind_without_a_first_one_are_rejected);
	tcase_add_test(summary, file_stats_of_another_width_than_their_layout_are_rejected);
	tcase_add_test(summary, a_state_without_file_stats_is_rejected_if_they_are_needed);
	suite_add_tcase(suite, summary);
}

int main(void)
{
	return check_main("summary", add_cases);
}
