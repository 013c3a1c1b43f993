/* test_column_type.c - the type of a column against the words of the manual */
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "check_main.h"
#include "random.h"
#include "stats/column_type.h"
#include "stats/summary.h"

/* What is expected of a column. */
struct expected {
	const char *type;
	uint64_t n_valid, n_invalid;
};

/* At least nine tenths, without overflow. */
static bool is_main(uint64_t n, uint64_t n_all)
{
	return (unsigned __int128)n * 10 >= (unsigned __int128)n_all * 9;
}

static struct expected expect(const uint64_t cells[CSVR_N_CELL_CLASSES], bool has_fraction)
{
	const uint64_t numbers = cells[CSVR_CELL_NUMBER];
	const uint64_t dates = cells[CSVR_CELL_DATE] + cells[CSVR_CELL_DATETIME];
	const uint64_t times = cells[CSVR_CELL_TIME], booleans = cells[CSVR_CELL_BOOLEAN];
	const uint64_t finite = numbers + dates + times + booleans + cells[CSVR_CELL_TEXT];
	const uint64_t not_finite = cells[CSVR_CELL_NAN] + cells[CSVR_CELL_INFINITE];
	const uint64_t all = finite + not_finite;
	if (all == 0)
		return (struct expected){ "empty", 0, 0 };
	if (is_main(numbers + not_finite, all))
		return (struct expected){ numbers > 0 && !has_fraction ? "integer" : "decimal",
					  numbers, finite - numbers };
	if (is_main(booleans, all))
		return (struct expected){ "boolean", booleans, finite - booleans };
	if (is_main(dates, all))
		return (struct expected){ cells[CSVR_CELL_DATETIME] > 0 ? "datetime" : "date",
					  dates, finite - dates };
	if (is_main(times, all))
		return (struct expected){ "time", times, finite - times };
	if (is_main(cells[CSVR_CELL_TEXT], all))
		return (struct expected){ "text", finite, 0 };
	return (struct expected){ "mixed", numbers, finite - numbers };
}

static void check(const uint64_t cells[CSVR_N_CELL_CLASSES], bool has_fraction)
{
	struct csvr_column column;
	char counts[256];
	size_t n = 0;
	csvr_column_init(&column);
	for (size_t class = 0; class < CSVR_N_CELL_CLASSES; class ++) {
		column.cells[class] = cells[class];
		n += (size_t)snprintf(counts + n, sizeof counts - n, " %llu",
				      (unsigned long long)cells[class]);
	}
	column.quantities[CSVR_QUANTITY_NUMBER].notation = has_fraction ? CSVR_NOTATION_FRACTION
									: 0;
	const struct expected expected = expect(cells, has_fraction);
	ck_assert_msg(strcmp(csvr_type_name(csvr_column_type(&column)), expected.type) == 0,
		      "%s:%s", csvr_type_name(csvr_column_type(&column)), counts);
	ck_assert_msg(csvr_column_n_valid(&column) == expected.n_valid, "%s", counts);
	ck_assert_msg(csvr_column_n_invalid(&column) == expected.n_invalid, "%s", counts);
	csvr_column_clear(&column);
}

/* One class has nine tenths, or a few cells more or less; the others share the rest. */
START_TEST(random_counts_have_the_type_of_the_manual)
{
	unsigned n_mixed = 0;
	for (int i = 0; i < 300000; i++) {
		uint64_t cells[CSVR_N_CELL_CLASSES] = { 0 };
		const uint64_t n = 1 + next_random() % (below(3) == 0 ? 1000000000000000000 : 40);
		uint64_t rest = n / 10;
		cells[below(CSVR_N_CELL_CLASSES)] += n - rest - below(2);
		rest += below(3);
		while (rest > 0) {
			const uint64_t share = below(3) == 0 ? rest : 1 + next_random() % rest;
			cells[below(CSVR_N_CELL_CLASSES)] += share;
			rest -= share;
		}
		n_mixed += strcmp(expect(cells, false).type, "mixed") == 0;
		check(cells, below(2) == 0);
	}
	ck_assert_uint_gt(n_mixed, 1000);
}
END_TEST

START_TEST(small_counts_of_all_classes_have_the_type_of_the_manual)
{
	/* Every column of at most three classes and few cells. */
	for (size_t a = 0; a < CSVR_N_CELL_CLASSES; a++)
		for (size_t b = 0; b < CSVR_N_CELL_CLASSES; b++)
			for (uint64_t n_a = 0; n_a < 24; n_a++)
				for (uint64_t n_b = 0; n_b < 4; n_b++) {
					uint64_t cells[CSVR_N_CELL_CLASSES] = { 0 };
					cells[a] += n_a;
					cells[b] += n_b;
					cells[CSVR_CELL_NAN] += n_b / 3;
					check(cells, n_a % 2 == 1);
				}
}
END_TEST

START_TEST(the_first_invalid_cell_is_the_first_of_the_kinds_that_are_invalid)
{
	struct csvr_column column;
	struct csvr_summary *summary;
	csvr_column_init(&column);
	ck_assert_int_eq(csvr_summary_new(&(struct csvr_summary_config){ .tables =
										 CSVR_TABLES_ONE },
					  &summary),
			 CSVR_OK);
	ck_assert_ptr_null(csvr_summary_first_invalid(summary, &column));
	column.cells[CSVR_CELL_DATE] = 18;
	column.cells[CSVR_CELL_TEXT] = column.cells[CSVR_CELL_TIME] = 1;
	csvr_column_note_first(&column, CSVR_KIND_DATE, 2, (const unsigned char *)"d", 1);
	csvr_column_note_first(&column, CSVR_KIND_TEXT, 7, (const unsigned char *)"text", 4);
	csvr_column_note_first(&column, CSVR_KIND_TIME, 5, (const unsigned char *)"time", 4);
	csvr_column_note_first(&column, CSVR_KIND_TIME, 9, (const unsigned char *)"late", 4);
	const struct csvr_first_cell *first = csvr_summary_first_invalid(summary, &column);
	ck_assert_uint_eq(first->line, 5);
	ck_assert_int_eq(memcmp(first->bytes, "time", 4), 0);
	/* Now it is mixed, and all that is no number is invalid. */
	column.cells[CSVR_CELL_DATE] = 17;
	ck_assert_uint_eq(csvr_summary_first_invalid(summary, &column)->line, 2);
	/* In a column of texts nothing is. */
	column.cells[CSVR_CELL_TEXT] = 1000;
	ck_assert_ptr_null(csvr_summary_first_invalid(summary, &column));
	csvr_column_clear(&column);
	csvr_summary_free(summary);
}
END_TEST

START_TEST(the_first_cell_is_kept_up_to_its_limit)
{
	unsigned char text[CSVR_EXAMPLE_BYTES + 1];
	struct csvr_column column;
	csvr_column_init(&column);
	memset(text, 'x', sizeof text);
	csvr_column_note_first(&column, CSVR_KIND_TEXT, 1, text, CSVR_EXAMPLE_BYTES);
	csvr_column_note_first(&column, CSVR_KIND_DATE, 1, text, CSVR_EXAMPLE_BYTES + 1);
	csvr_column_note_first(&column, CSVR_KIND_TIME, 1, text, 0);
	ck_assert(!column.first[CSVR_KIND_TEXT].is_cut && column.first[CSVR_KIND_DATE].is_cut);
	ck_assert_uint_eq(column.first[CSVR_KIND_TEXT].n_bytes, CSVR_EXAMPLE_BYTES);
	ck_assert_uint_eq(column.first[CSVR_KIND_DATE].n_bytes, CSVR_EXAMPLE_BYTES);
	ck_assert_uint_eq(column.first[CSVR_KIND_TIME].n_bytes, 0);
	csvr_column_clear(&column);
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *type = tcase_create("column_type");
	tcase_set_timeout(type, 60);
	tcase_add_test(type, random_counts_have_the_type_of_the_manual);
	tcase_add_test(type, small_counts_of_all_classes_have_the_type_of_the_manual);
	tcase_add_test(type, the_first_invalid_cell_is_the_first_of_the_kinds_that_are_invalid);
	tcase_add_test(type, the_first_cell_is_kept_up_to_its_limit);
	suite_add_tcase(suite, type);
}

int main(void)
{
	return check_main("column_type", add_cases);
}
