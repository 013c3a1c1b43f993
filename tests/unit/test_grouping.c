/* test_grouping.c - which columns and statistics the groups of a report have, and how they are written in ranges
 *
 * The table has a column for the key, and one each of integers, texts and dates. Its groups are made by hand.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check_main.h"
#include "report/grouping.h"

enum { KEY, NUMBER, TEXT, DATE, N_COLUMNS, MOST_GROUPS = 9000 };

static const char *const item[] = { "key" };
static struct csvr_summary_column columns[N_COLUMNS];
static struct csvr_data_table table;
static struct csvr_summary summary;
static struct csvr_inputs *inputs;
static struct csvr_settings settings;
static struct csvr_document document;
static struct csvr_report report;
static struct csvr_grouping grouping;
static const struct csvr_group_config config = { .n_keys = 1, .max_groups = MOST_GROUPS };

static void set_column(size_t index, const char *name, enum csvr_cell_class class, uint64_t n)
{
	columns[index] = (struct csvr_summary_column){ .name = name,
						       .name_bytes = strlen(name),
						       .n_files = 1 };
	csvr_column_init(&columns[index].stats);
	columns[index].stats.cells[class] = n;
}

/* Groups "1", "2" and so on, with a row each, in which NUMBER is the number of the group. */
static void make_groups(size_t n_groups)
{
	static struct csvr_key_batch keys;
	static uint32_t numbers[CSVR_MAX_GROUP_KEYS][CSVR_MAX_BATCH], ids[CSVR_MAX_BATCH];
	const struct csvr_key_source source = { true, KEY, { "key", 3 } };
	bool is_full;
	ck_assert_int_eq(csvr_groups_new(&config, &table.groups), CSVR_OK);
	ck_assert_int_eq(csvr_groups_reset(table.groups, N_COLUMNS, &source), CSVR_OK);
	struct csvr_group_keys *names = csvr_groups_keys(table.groups, 0);
	for (size_t i = 1; i <= n_groups; i++) {
		char text[64];
		uint64_t part = i;
		const struct csvr_number number = { .part = &part,
						    .n_parts = 1,
						    .quantity = CSVR_QUANTITY_NUMBER };
		keys.start[0] = (unsigned char *)text;
		keys.n_bytes[0] = (uint32_t)sprintf(text, "%zu", i);
		csvr_key_read(&keys, 0, &names->seed);
		ck_assert_int_eq(csvr_group_keys_find(names, &keys, 1, NULL, numbers[0]), CSVR_OK);
		ck_assert_int_eq(csvr_groups_add_rows(table.groups, numbers, 1, ids, &is_full),
				 CSVR_OK);
		ck_assert_int_eq(csvr_groups_add_number(table.groups, NUMBER, CSVR_CELL_NUMBER,
							ids[0], &number),
				 CSVR_OK);
	}
	ck_assert_int_eq(csvr_groups_sort(table.groups), CSVR_OK);
}

static void set_up(void)
{
	set_column(KEY, "key", CSVR_CELL_NUMBER, 9);
	set_column(NUMBER, "number", CSVR_CELL_NUMBER, 9);
	set_column(TEXT, "text", CSVR_CELL_TEXT, 9);
	set_column(DATE, "date", CSVR_CELL_DATE, 9);
	table = (struct csvr_data_table){ .columns = columns,
					  .n_columns = N_COLUMNS,
					  .n_files = 1 };
	summary = (struct csvr_summary){ .tables = &table, .n_tables = 1 };
	csvr_settings_init(&settings);
	settings.parse.group_by = (struct csvr_string_list){ item, 1 };
	ck_assert_int_eq(csvr_inputs_new(&inputs), CSVR_OK);
}

static void tear_down(void)
{
	csvr_grouping_close(&grouping);
	csvr_report_close(&report);
	csvr_groups_free(table.groups);
	csvr_inputs_free(inputs);
	for (size_t i = 0; i < N_COLUMNS; i++)
		csvr_column_clear(&columns[i].stats);
}

static void open_groups(size_t n_groups)
{
	make_groups(n_groups);
	document = (struct csvr_document){ .summary = &summary,
					   .inputs = inputs,
					   .parse = &settings.parse,
					   .options = &settings.report,
					   .requested = &settings.statistics,
					   .n_tables = 1,
					   .n_kind[CSVR_FILE_READ] = 1 };
	csvr_statistic_list_init(&document.known, &settings.statistics);
	ck_assert_int_eq(csvr_report_open_for_files(&report, &document, 0), CSVR_OK);
	ck_assert_int_eq(csvr_grouping_open(&grouping, &report), CSVR_OK);
}

static void expect_columns(const char *const *names)
{
	size_t n = 0;
	for (; names[n] != NULL; n++) {
		ck_assert_uint_lt(n, grouping.n_columns);
		ck_assert_str_eq(grouping.columns[n].name, names[n]);
	}
	ck_assert_uint_eq(grouping.n_columns, n);
}

static void expect_statistics(const char *const *names)
{
	size_t n = 0;
	for (; names[n] != NULL; n++) {
		ck_assert_uint_lt(n, grouping.n_stats);
		ck_assert_str_eq(grouping.stats[n]->name, names[n]);
	}
	ck_assert_uint_eq(grouping.n_stats, n);
}

#define EXPECT(what, ...) expect_##what((const char *const[]){ __VA_ARGS__, NULL })

START_TEST(columns_with_amounts_that_are_no_keys_are_shown)
{
	open_groups(2);
	EXPECT(columns, "number", "date");
}
END_TEST

START_TEST(selected_columns_that_are_no_keys_are_shown)
{
	static const char *const all[] = { "*" };
	settings.parse.select = (struct csvr_string_list){ all, 1 };
	open_groups(2);
	EXPECT(columns, "number", "text", "date");
}
END_TEST

START_TEST(programs_get_the_same_statistics_of_all_groups)
{
	settings.report.format = CSVR_FORMAT_CSV;
	open_groups(2);
	EXPECT(statistics, "count", "missing", "invalid", "mean", "stddev", "min", "max");
}
END_TEST

START_TEST(people_do_not_get_counts_that_are_zero_in_all_groups)
{
	open_groups(2);
	EXPECT(statistics, "count", "mean", "stddev", "min", "max");
}
END_TEST

START_TEST(people_get_counts_that_are_not_zero_in_some_column)
{
	columns[DATE].stats.cells[CSVR_CELL_MISSING] = 1;
	columns[NUMBER].stats.cells[CSVR_CELL_TEXT] = 1;
	open_groups(2);
	EXPECT(statistics, "count", "missing", "invalid", "mean", "stddev", "min", "max");
}
END_TEST

START_TEST(counts_of_columns_that_are_not_shown_do_not_matter)
{
	columns[TEXT].stats.cells[CSVR_CELL_MISSING] = 1;
	columns[KEY].stats.cells[CSVR_CELL_MISSING] = 1;
	open_groups(2);
	EXPECT(statistics, "count", "mean", "stddev", "min", "max");
}
END_TEST

START_TEST(requested_statistics_are_shown_but_for_those_of_files)
{
	static const char *const names[] = { "p99.9", "files", "missing", "sum" };
	settings.statistics.names = (struct csvr_string_list){ names, 4 };
	open_groups(2);
	EXPECT(statistics, "missing", "sum", "p99.9");
}
END_TEST

/* ---- ranges ---- */

static enum csvr_status write_group(const struct csvr_grouping *of, size_t group,
				    struct csvr_group_cells *cells, const void *context,
				    FILE *stream)
{
	struct csvr_report_row row;
	const enum csvr_status status = csvr_grouping_fill_row(of, group, 0, cells, &row);
	const struct csvr_value sum = csvr_report_row_value(&row, context);
	fprintf(stream, "%zu:%.0f\n", group, sum.real);
	return status;
}

static char *write_groups(void)
{
	char *text = NULL;
	size_t n_bytes;
	FILE *stream = open_memstream(&text, &n_bytes);
	ck_assert_ptr_nonnull(stream);
	ck_assert_int_eq(csvr_grouping_write(&grouping, write_group, csvr_statistic_find("sum", 3),
					     stream),
			 CSVR_OK);
	ck_assert_int_eq(fclose(stream), 0);
	return text;
}

static size_t n_calls;

static void run_backwards(int n_threads, size_t n, void (*work)(void *context, size_t index),
			  void *context)
{
	ck_assert_int_eq(n_threads, 3);
	while (n-- > 0) {
		work(context, n);
		n_calls++;
	}
}

START_TEST(ranges_are_written_in_order_however_they_are_formatted)
{
	open_groups(MOST_GROUPS);
	char *text = write_groups(), *line = text, *end;
	for (size_t i = 0; i < MOST_GROUPS; i++, line = end + 1) {
		ck_assert_uint_eq(strtoull(line, &end, 10), i);
		ck_assert_uint_eq(strtoull(end + 1, &end, 10), i + 1);
		ck_assert_int_eq(*end, '\n');
	}
	ck_assert_int_eq(*line, '\0');
	settings.report.parallel = (struct csvr_parallel){ 3, run_backwards };
	char *same = write_groups();
	ck_assert_uint_gt(n_calls, 1);
	ck_assert_str_eq(same, text);
	free(text);
	free(same);
}
END_TEST

static enum csvr_status fail_at_last(const struct csvr_grouping *of, size_t group,
				     struct csvr_group_cells *cells, const void *context,
				     FILE *stream)
{
	(void)of;
	(void)cells;
	(void)context;
	(void)stream;
	return group + 1 < MOST_GROUPS ? CSVR_OK : CSVR_NO_MEMORY;
}

START_TEST(a_group_that_cannot_be_written_fails_the_report)
{
	char *text = NULL;
	size_t n_bytes;
	open_groups(MOST_GROUPS);
	FILE *stream = open_memstream(&text, &n_bytes);
	ck_assert_ptr_nonnull(stream);
	ck_assert_int_eq(csvr_grouping_write(&grouping, fail_at_last, NULL, stream),
			 CSVR_NO_MEMORY);
	fclose(stream);
	free(text);
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *tcase = tcase_create("grouping");
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, columns_with_amounts_that_are_no_keys_are_shown);
	tcase_add_test(tcase, selected_columns_that_are_no_keys_are_shown);
	tcase_add_test(tcase, programs_get_the_same_statistics_of_all_groups);
	tcase_add_test(tcase, people_do_not_get_counts_that_are_zero_in_all_groups);
	tcase_add_test(tcase, people_get_counts_that_are_not_zero_in_some_column);
	tcase_add_test(tcase, counts_of_columns_that_are_not_shown_do_not_matter);
	tcase_add_test(tcase, requested_statistics_are_shown_but_for_those_of_files);
	tcase_add_test(tcase, ranges_are_written_in_order_however_they_are_formatted);
	tcase_add_test(tcase, a_group_that_cannot_be_written_fails_the_report);
	suite_add_tcase(suite, tcase);
}

int main(void)
{
	return check_main("grouping", add_cases);
}
