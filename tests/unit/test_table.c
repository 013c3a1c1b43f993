/* test_table.c - the table of any values: how it is aligned, and what it gives up on a narrow terminal
 *
 * A report of six statistics and up to four columns, whose values a test states.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check_main.h"
#include "report/table_internal.h"

enum { N_ROWS = 4, N_STATS = 6, N_ROWS_IN_FILE = 1000 };

static struct csvr_summary_column columns[N_ROWS];
static struct csvr_value values[N_ROWS][N_STATS];

static size_t row_of(const struct csvr_subject *subject)
{
	size_t row = 0;
	while (&columns[row].stats != subject->column)
		row++;
	return row;
}

#define VALUE(stat)                                                               \
	static struct csvr_value value_##stat(const struct csvr_subject *subject) \
	{                                                                         \
		return values[row_of(subject)][stat];                             \
	}

VALUE(0)
VALUE(1)
VALUE(2)
VALUE(3)
VALUE(4)
VALUE(5)

static const struct csvr_statistic stats[N_STATS] = {
	{ .name = "type", .value = value_0 },
	{ .name = "missing", .has_share = true, .value = value_1 },
	{ .name = "distinct", .in_table = CSVR_SHOW_IF_ROOM, .value = value_2 },
	{ .name = "mean", .value = value_3 },
	{ .name = "median", .in_table = CSVR_SHOW_IF_ROOM, .value = value_4 },
	{ .name = "max", .value = value_5 },
};

static struct csvr_value word(const char *text)
{
	return (struct csvr_value){ .kind = CSVR_VALUE_WORD, .word = text };
}

static struct csvr_value count(uint64_t number)
{
	return (struct csvr_value){ .kind = CSVR_VALUE_COUNT, .count = number };
}

static struct csvr_value real(double number)
{
	return (struct csvr_value){ .kind = CSVR_VALUE_REAL, .real = number };
}

static struct csvr_value text_of(enum csvr_value_kind kind, const char *text)
{
	struct csvr_value value = { .kind = kind };
	snprintf(value.text, sizeof value.text, "%s", text);
	return value;
}

static struct csvr_value decimal(const char *text)
{
	return text_of(CSVR_VALUE_DECIMAL, text);
}

static struct csvr_value point_in_time(const char *text)
{
	return text_of(CSVR_VALUE_TIME, text);
}

static struct csvr_value bytes(const char *text)
{
	return (struct csvr_value){ .kind = CSVR_VALUE_BYTES,
				    .bytes = (const unsigned char *)text,
				    .n_bytes = strlen(text) };
}

static struct csvr_value estimate(struct csvr_value value)
{
	value.is_approximate = true;
	return value;
}

static void set_row(size_t row, const char *name, const struct csvr_value of[N_STATS])
{
	columns[row] = (struct csvr_summary_column){
		.name = name, .name_bytes = strlen(name), .n_files = 1, .n_rows = N_ROWS_IN_FILE
	};
	memcpy(values[row], of, sizeof values[row]);
}

/* The table of the first `n_rows` columns; statistics of which no column has a value are not shown. */
static char *table_of(size_t n_rows, int width, enum csvr_layout layout, int round_digits)
{
	struct csvr_data_table data = { .columns = columns, .n_columns = n_rows };
	const struct csvr_summary summary = { .tables = &data, .n_tables = 1 };
	const struct csvr_report_options options = { .layout = layout,
						     .width = width,
						     .round_digits = round_digits };
	const struct csvr_statistic_options requested = { .all = false };
	struct csvr_report report = { .summary = &summary,
				      .table = &data,
				      .n_columns = n_rows,
				      .options = &options,
				      .requested = &requested };
	for (size_t i = 0; i < N_STATS; i++) {
		bool has_value = false;
		for (size_t r = 0; r < n_rows; r++)
			has_value = has_value || values[r][i].kind != CSVR_VALUE_NONE;
		if (has_value)
			report.stats[report.n_stats++] = &stats[i];
	}
	char *text = NULL;
	size_t n_bytes;
	struct csvr_table table;
	csvr_table_init(&table, &report, open_memstream(&text, &n_bytes));
	ck_assert_ptr_nonnull(table.stream);
	ck_assert_int_eq(csvr_table_fill(&table, NULL), CSVR_OK);
	csvr_table_write_block(&table);
	ck_assert_int_eq(fclose(table.stream), 0);
	csvr_table_clear(&table);
	return text;
}

static void expect_table(size_t n_rows, int width, enum csvr_layout layout, const char *expected)
{
	char *text = table_of(n_rows, width, layout, -1);
	ck_assert_str_eq(text, expected);
	free(text);
}

static size_t widest_line(const char *text)
{
	size_t widest = 0;
	while (*text != '\0') {
		const size_t n = strcspn(text, "\n");
		const size_t width = csvr_escape_width(text, n);
		widest = width > widest ? width : widest;
		text += n + (text[n] == '\n');
	}
	return widest;
}

static const struct csvr_value none = { .kind = CSVR_VALUE_NONE };

/* ---- kinds of values ---- */

START_TEST(every_kind_of_value_has_its_place)
{
	set_row(0, "id",
		(struct csvr_value[]){ word("integer"), count(0), estimate(count(12345)), real(2.5),
				       none, decimal("12345678901234567890") });
	set_row(1, "day",
		(struct csvr_value[]){ word("date"), count(250), count(3),
				       point_in_time("2024-01-31T12:00:00.5"), none,
				       point_in_time("2024-02-29") });
	set_row(2, "name",
		(struct csvr_value[]){ word("text"), count(0), count(40), none, none,
				       bytes("a cell\033[2J of many words") });
	expect_table(
		3, 100, CSVR_LAYOUT_AUTO,
		"column  type         missing  distinct                   mean                       max\n"
		"---------------------------------------------------------------------------------------\n"
		"id      integer    0           ~12,345                    2.5      12345678901234567890\n"
		"day     date     250 (25.0%)         3  2024-01-31T12:00:00.5  2024-02-29\n"
		"name    text       0                40                    -    a cell\\x1B[2J of many w\xE2\x80\xA6\n");
}
END_TEST

static void set_mixed(void)
{
	set_row(0, "timestamp",
		(struct csvr_value[]){ word("integer"), count(0), count(1000),
				       real(1706747851337.25), real(1706747851000.5),
				       decimal("1706750094888") });
	set_row(1, "started",
		(struct csvr_value[]){ word("datetime"), count(32), count(900),
				       point_in_time("2024-01-31T12:00:00.5"),
				       point_in_time("2024-01-31T12:00:00"),
				       point_in_time("2024-02-29T23:59:59") });
	set_row(2, "country",
		(struct csvr_value[]){ word("text"), count(1), estimate(count(12345)), none, none,
				       bytes("United States of America") });
	set_row(3, "small",
		(struct csvr_value[]){ word("decimal"), count(1000), count(17), real(0.0123456789),
				       real(-0.5), real(1234.5678) });
}

/* Every width from the narrowest that COLUMNS accepts. */
START_TEST(no_line_is_wider_than_the_terminal)
{
	set_mixed();
	for (int width = 20; width < 200; width++) {
		for (int layout = CSVR_LAYOUT_AUTO; layout <= CSVR_LAYOUT_BLOCKS; layout++) {
			char *text = table_of(N_ROWS, width, (enum csvr_layout)layout, -1);
			/* A value of a block is not cut if it is a number. */
			if (layout == CSVR_LAYOUT_AUTO && width >= 40)
				ck_assert_msg(widest_line(text) <= (size_t)width, "%d:\n%s", width,
					      text);
			ck_assert_ptr_null(strstr(text, " \n"));
			free(text);
		}
	}
}
END_TEST

START_TEST(optional_statistics_are_left_out_before_a_table_becomes_blocks)
{
	set_mixed();
	expect_table(
		N_ROWS, 80, CSVR_LAYOUT_AUTO,
		"column    type     missing distinct          mean        median              max\n"
		"--------------------------------------------------------------------------------\n"
		"timestamp integer        0    1,000 1706747851337 1706747851000    1706750094888\n"
		"started   datetime    3.2%      900 2024-01-31    2024-01-31    2024-02-29\n"
		"country   text        0.1%  ~12,345             -             - United States o\xE2\x80\xA6\n"
		"small     decimal     100%       17    0.01234568          -0.5         1234.568\n");
	expect_table(N_ROWS, 65, CSVR_LAYOUT_AUTO,
		     "column    type     missing distinct          mean           max\n"
		     "---------------------------------------------------------------\n"
		     "timestamp integer        0    1,000 1706747851337 1706750094888\n"
		     "started   datetime    3.2%      900 2024-01-31    2024-02-29\n"
		     "country   text        0.1%  ~12,345             - United State\xE2\x80\xA6\n"
		     "small     decimal     100%       17    0.01234568      1234.568\n");
	expect_table(N_ROWS, 54, CSVR_LAYOUT_AUTO,
		     "column    type     missing          mean           max\n"
		     "------------------------------------------------------\n"
		     "timestamp integer        0 1706747851337 1706750094888\n"
		     "started   datetime    3.2% 2024-01-31    2024-02-29\n"
		     "country   text        0.1%             - United State\xE2\x80\xA6\n"
		     "small     decimal     100%    0.01234568      1234.568\n");
	/* Then the statistics are continued once below, all of them, */
	char *text = table_of(N_ROWS, 53, CSVR_LAYOUT_AUTO, -1);
	ck_assert_ptr_nonnull(strstr(text, "\n\ncolumn "));
	ck_assert_ptr_nonnull(strstr(text, "median"));
	free(text);
	/* and then there is a block for each column. */
	text = table_of(N_ROWS, 30, CSVR_LAYOUT_AUTO, -1);
	ck_assert_ptr_nonnull(strstr(text, "\nstarted\n  type      datetime\n"));
	ck_assert_ptr_nonnull(strstr(text, "\n  median    2024-01-31T12:00:00\n"));
	free(text);
}
END_TEST

START_TEST(wrapped_statistics_are_complete)
{
	set_mixed();
	char *text = table_of(N_ROWS, 53, CSVR_LAYOUT_TABLE, -1);
	for (size_t i = 0; i < N_STATS; i++)
		ck_assert_ptr_nonnull(strstr(text, stats[i].name));
	ck_assert_uint_le(widest_line(text), 53);
	free(text);
}
END_TEST

/* ---- dates and times ---- */

static const struct {
	const char *time;
	int width; /* of the terminal */
	const char *shown;
} times[] = {
	{ "2024-01-31T10:20:30.25", 80, "2024-01-31T10:20:30.25" },
	{ "2024-01-31T10:20:30.25", 29, "2024-01-31T10:20:30" },
	{ "2024-01-31T10:20:30.25", 26, "2024-01-31T10:20" },
	{ "2024-01-31T10:20:30.25", 20, "2024-01-31" },
	{ "2024/01/31 10:20:30Z", 80, "2024/01/31 10:20:30Z" },
	{ "2024/01/31 10:20:30Z", 26, "2024/01/31 10:20" },
	{ "2024/01/31", 20, "2024/01/31" },
	{ "26:03:04.123456789", 80, "26:03:04.123456789" },
	{ "26:03:04.123456789", 20, "26:03:04" },
	{ "1-02:03:04.5", 18, "1-02:03:04" },
};

START_TEST(dates_and_times_lose_their_smallest_units_first)
{
	set_row(0, "t",
		(struct csvr_value[]){ none, none, none, none, none,
				       point_in_time(times[_i].time) });
	char *text = table_of(1, times[_i].width, CSVR_LAYOUT_AUTO, -1), line[64];
	const char *gap = strncmp(text, "column  ", 8) == 0 ? "  " : " ";
	snprintf(line, sizeof line, "\nt     %s%s\n", gap, times[_i].shown);
	ck_assert_msg(strstr(text, line) != NULL, "%s", text);
	free(text);
}
END_TEST

/* ---- numbers ---- */

START_TEST(rounded_numbers_are_aligned_too)
{
	set_row(0, "x", (struct csvr_value[]){ none, none, none, real(1), none, decimal("2.675") });
	set_row(1, "y",
		(struct csvr_value[]){ none, none, none, real(-1234.5), none, real(2.675) });
	char *text = table_of(2, 80, CSVR_LAYOUT_AUTO, 2);
	ck_assert_str_eq(text, "column      mean   max\n"
			       "----------------------\n"
			       "x           1.00  2.68\n"
			       "y       -1234.50  2.68\n");
	free(text);
}
END_TEST

/* Five digits fit the terminal; six of the first statistic fit its heading. */
START_TEST(digits_fill_the_width_of_their_column)
{
	set_row(0, "a_long_name_of_24_cells_",
		(struct csvr_value[]){ none, none, real(0.123456789), real(123456.78901234), none,
				       none });
	set_row(1, "y",
		(struct csvr_value[]){ none, none, real(1.5), real(0.000123456789), none, none });
	expect_table(2, 41, CSVR_LAYOUT_AUTO,
		     "column           distinct            mean\n"
		     "-----------------------------------------\n"
		     "a_long_n\xE2\x80\xA6_cells_ 0.123457 123457\n"
		     "y                1.5           0.00012346\n");
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *table = tcase_create("table");
	tcase_add_test(table, every_kind_of_value_has_its_place);
	tcase_add_test(table, no_line_is_wider_than_the_terminal);
	tcase_add_test(table, optional_statistics_are_left_out_before_a_table_becomes_blocks);
	tcase_add_test(table, wrapped_statistics_are_complete);
	tcase_add_loop_test(table, dates_and_times_lose_their_smallest_units_first, 0,
			    (int)(sizeof times / sizeof times[0]));
	tcase_add_test(table, rounded_numbers_are_aligned_too);
	tcase_add_test(table, digits_fill_the_width_of_their_column);
	suite_add_tcase(suite, table);
}

int main(void)
{
	return check_main("table", add_cases);
}
