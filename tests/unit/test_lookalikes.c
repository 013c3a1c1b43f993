/* test_lookalikes.c - what texts look like, and which of that people are told */
#include <stdio.h>
#include <string.h>

#include "base/decimal_to_double.h"
#include "check_main.h"
#include "parse/affixes.h"
#include "parse/decimal.h"
#include "parse/lookalike.h"
#include "stats/lookalikes.h"

static struct csvr_cell_rules rules_for(char decimal)
{
	static const char *const nulls[] = { "NA", "Keine" };
	const struct csvr_parse_options options = { .null_values = { nulls, 2 } };
	struct csvr_cell_rules rules;
	ck_assert_int_eq(csvr_cell_rules_init(&rules, &options, (unsigned char)decimal, NULL),
			 CSVR_OK);
	return rules;
}

static enum csvr_lookalike look_of(const struct csvr_cell_rules *rules, const char *text)
{
	return csvr_lookalike_of_text(rules, (const unsigned char *)text, strlen(text));
}

static const struct {
	const char *text;
	enum csvr_lookalike point, comma; /* in a file with a decimal point, and with a comma */
} looks[] = {
#define BOTH(kind) CSVR_LOOKALIKE_##kind, CSVR_LOOKALIKE_##kind
#define POINT(kind) CSVR_LOOKALIKE_##kind, CSVR_N_LOOKALIKES
#define COMMA(kind) CSVR_N_LOOKALIKES, CSVR_LOOKALIKE_##kind
#define NOTHING CSVR_N_LOOKALIKES, CSVR_N_LOOKALIKES
	{ "1,204", POINT(COMMA_OR_GROUP) },
	{ "-12,300", POINT(COMMA_OR_GROUP) },
	{ "0,250", POINT(DECIMAL_COMMA) },
	{ "1,5", POINT(DECIMAL_COMMA) },
	{ "+1,25e3", POINT(DECIMAL_COMMA) },
	{ ",5", POINT(DECIMAL_COMMA) },
	{ "1234,567", POINT(DECIMAL_COMMA) },
	{ "1.204", COMMA(POINT_OR_GROUP) },
	{ "1.5", COMMA(DECIMAL_POINT) },
	{ "1,050,000", BOTH(COMMA_GROUPS) },
	{ "1,204.5", BOTH(COMMA_GROUPS) },
	{ "1.204.500", BOTH(POINT_GROUPS) },
	{ "1.299,99", BOTH(POINT_GROUPS_COMMA) },
	{ "1 204", BOTH(SPACE_GROUPS) },
	{ "1\xC2\xA0"
	  "204.5",
	  BOTH(SPACE_GROUPS) },
	{ "1 204,5", BOTH(SPACE_GROUPS_COMMA) },
	{ "1'204.50", BOTH(APOSTROPHE_GROUPS) },
	{ "$400.00", BOTH(CURRENCY) },
	{ "-$1,250.00", BOTH(CURRENCY) },
	{ "($30.00)", BOTH(CURRENCY) },
	{ "5 \xE2\x82\xAC", BOTH(CURRENCY) },
	{ "EUR 12", BOTH(CURRENCY) },
	{ "12.50CHF", BOTH(CURRENCY) },
	{ "12%", BOTH(PERCENT) },
	{ "45.5 %", BOTH(PERCENT) },
	{ "(12.50)", BOTH(PARENTHESES) },
	{ "5.00-", BOTH(TRAILING_MINUS) },
	{ "6040K", BOTH(UNIT) },
	{ "1.2G", BOTH(UNIT) },
	{ "3Mi", BOTH(UNIT) },
	{ "12.5 ms", BOTH(UNIT) },
	{ "2.5 p", BOTH(UNIT) },
	{ "21.5 \xC2\xB0"
	  "C",
	  BOTH(UNIT) },
	{ "n/a", BOTH(NULL) },
	{ "#N/A", BOTH(NULL) },
	{ "na", BOTH(NULL) },
	{ "-", BOTH(NULL) },
	{ "--", BOTH(NULL) },
	{ "?", BOTH(NULL) },
	{ "Missing", BOTH(NULL) },
	{ "KEINE", BOTH(NULL) },
	{ "None", BOTH(NULL) },
	{ "0x10", NOTHING },
	{ "1_000", NOTHING },
	{ "12,34,567", NOTHING },
	{ "1,2345,6", NOTHING },
	{ "040 123 456", NOTHING },
	{ "1.2.3", NOTHING },
	{ "192.168.0.1", NOTHING },
	{ "12 Main Street", NOTHING },
	{ "12 Downing", NOTHING },
	{ "2024Q1", NOTHING },
	{ "3M-17", NOTHING },
	{ "A12", NOTHING },
	{ "Monday", NOTHING },
	{ "North", NOTHING },
	{ "Euro", NOTHING },
	{ "$", NOTHING },
	{ "()", NOTHING },
	{ "<0.01", NOTHING },
	{ "%", NOTHING },
	{ "K", NOTHING },
	{ "5K-K", NOTHING },
};

/* Of numbers of a file nothing is asked. */
static void assert_look(char decimal, const char *text, enum csvr_lookalike look)
{
	struct csvr_cell_rules rules = rules_for(decimal);
	struct csvr_decimal parsed;
	csvr_decimal_parse(&parsed, &rules, (const unsigned char *)text, strlen(text));
	if (parsed.class == CSVR_CELL_TEXT)
		ck_assert_msg(look_of(&rules, text) == look, "'%s' is %d", text,
			      (int)look_of(&rules, text));
	else
		ck_assert_int_eq(look, CSVR_N_LOOKALIKES);
	csvr_cell_rules_clear(&rules);
}

START_TEST(a_text_looks_like_a_number_in_another_notation)
{
	assert_look('.', looks[_i].text, looks[_i].point);
	assert_look(',', looks[_i].text, looks[_i].comma);
}
END_TEST

START_TEST(a_text_that_is_certainly_plain_looks_like_nothing)
{
	struct csvr_cell_rules rules = rules_for('.');
	for (size_t i = 0; i < sizeof looks / sizeof looks[0]; i++) {
		const char *text = looks[i].text;
		if (csvr_is_certainly_plain(&rules, (const unsigned char *)text, strlen(text)))
			ck_assert_msg(looks[i].point == CSVR_N_LOOKALIKES, "'%s'", text);
	}
	ck_assert(csvr_is_certainly_plain(&rules, (const unsigned char *)"Alice", 5));
	ck_assert(csvr_is_certainly_plain(&rules, (const unsigned char *)"nonetheless", 11));
	csvr_cell_rules_clear(&rules);
}
END_TEST

/* ---- affixes that are taken off ---- */

static const struct {
	const char *text;
	const char *plain; /* the number without them; NULL: the text stays a text */
	const char *unit;
	int base;
} affixed[] = {
	{ "$400.00", "400.00", "$", 1000 },
	{ "-$1,250.00", "-1250.00", "$", 1000 },
	{ "$-5", "-5", "$", 1000 },
	{ "($30.00)", "-30.00", "$", 1000 },
	{ "(12.50)", "-12.50", "", 1000 },
	{ "( 7 )", "-7", "", 1000 },
	{ "5.00-", "-5.00", "", 1000 },
	{ "5 \xE2\x82\xAC", "5", "\xE2\x82\xAC", 1000 },
	{ "\xC2\xA3"
	  "9.99",
	  "9.99", "\xC2\xA3", 1000 },
	{ "USD 12", "12", "USD", 1000 },
	{ "12.50CHF", "12.50", "CHF", 1000 },
	{ "45.5 %", "45.5", "%", 1000 },
	{ "+3%", "3", "%", 1000 },
	{ "6040K", "6040e3", "", 1000 },
	{ "6040k", "6184960", "", 1024 },
	{ "1.2G", "1.2e9", "", 1000 },
	{ "-.5T", "-.5e12", "", 1000 },
	{ "0K", "0", "", 1000 },
	{ "1P", "1e15", "", 1000 },
	{ "1Ki", "1024", "", 1000 },
	{ "1.5Mi", "1572864.0", "", 1000 },
	{ "3K", "3072", "", 1024 },
	{ "1P", "1125899906842624", "", 1024 },
	{ "123456789012345678901234567890Ki", "126419751948641975194864197519360", "", 1000 },
	{ "$1.2M", "1.2e6", "$", 1000 },
	{ "12.5 ms", "12.5", "ms", 1000 },
	{ "2.5  p", "2.5", "p", 1000 },
	{ "1e3 km/h", "1e3", "km/h", 1000 },
	{ "($-3)", NULL, "", 1000 },
	{ "--3%", NULL, "", 1000 },
	{ "-5-", NULL, "", 1000 },
	{ "(5-)", NULL, "", 1000 },
	{ "5 K", "5", "K", 1000 }, /* a unit, such as kelvin */
	{ "5kK", NULL, "", 1000 },
	{ "5ki", NULL, "", 1000 },
	{ "12 Main Street", NULL, "", 1000 },
	{ "$", NULL, "", 1000 },
	{ "K", NULL, "", 1000 },
	{ "%", NULL, "", 1000 },
	{ "()", NULL, "", 1000 },
	{ "$EUR 5", NULL, "", 1000 },
	{ "0x10", NULL, "", 1000 },
	{ "1,5 %", NULL, "", 1000 },
};

static struct csvr_decimal parse_with(int base, const char *text)
{
	struct csvr_parse_options options = { .affix_base = base, .thousands = "," };
	struct csvr_cell_rules rules;
	struct csvr_decimal decimal;
	ck_assert_int_eq(csvr_cell_rules_init(&rules, &options, '.', NULL), CSVR_OK);
	csvr_decimal_parse(&decimal, &rules, (const unsigned char *)text, strlen(text));
	if (decimal.class != CSVR_CELL_TEXT)
		ck_assert(
			!csvr_is_certainly_text(&rules, (const unsigned char *)text, strlen(text)));
	csvr_cell_rules_clear(&rules);
	return decimal;
}

static double value_of(const struct csvr_decimal *decimal)
{
	return csvr_decimal_to_double(decimal->part, decimal->n_parts, decimal->exponent,
				      decimal->is_negative);
}

START_TEST(affixes_are_taken_off_a_number)
{
	const char *text = affixed[_i].text, *plain = affixed[_i].plain;
	const struct csvr_decimal found = parse_with(affixed[_i].base, text);
	if (plain == NULL) {
		ck_assert_msg(found.class == CSVR_CELL_TEXT, "'%s'", text);
		return;
	}
	const struct csvr_decimal expected = parse_with(0, plain);
	ck_assert_msg(found.class == CSVR_CELL_NUMBER && found.has_affixes, "'%s'", text);
	ck_assert_msg(value_of(&found) == value_of(&expected), "'%s' is %.17g", text,
		      value_of(&found));
	ck_assert_str_eq(found.unit, affixed[_i].unit);
	ck_assert_int_eq(parse_with(0, text).class, CSVR_CELL_TEXT);
}
END_TEST

START_TEST(a_suffix_can_make_a_number_infinite)
{
	ck_assert_int_eq(parse_with(1000, "1e300P").class, CSVR_CELL_INFINITE);
	ck_assert_int_eq(parse_with(1024, "1e300P").class, CSVR_CELL_INFINITE);
	ck_assert_int_eq(parse_with(1000, "1e292P").class, CSVR_CELL_NUMBER);
	ck_assert_int_eq(parse_with(1000, "1.7976931348623157e305K").class, CSVR_CELL_NUMBER);
	ck_assert_int_eq(parse_with(1000, "1.7976931348623159e305K").class, CSVR_CELL_INFINITE);
	ck_assert_int_eq(parse_with(1000, "1e400 %").class, CSVR_CELL_INFINITE);
}
END_TEST

START_TEST(units_are_merged_in_any_order)
{
	struct csvr_lookalikes a, b;
	memset(&a, 0, sizeof a);
	memset(&b, 0, sizeof b);
	static const char *const units[] = { "ms", "", "s", "ms" };
	for (size_t i = 0; i < 4; i++) {
		csvr_lookalikes_add_unit(&a, units[i]);
		csvr_lookalikes_add_unit(&b, units[3 - i]);
	}
	ck_assert_str_eq(a.first_unit, "ms");
	ck_assert_str_eq(a.last_unit, "s");
	ck_assert_mem_eq(&a, &b, sizeof a);
}
END_TEST

/* ---- what is reported ---- */

struct counts {
	enum csvr_lookalike kind;
	uint64_t n;
};

/* A column with `n_texts` texts that look like nothing, some numbers, and the cells in `counts`. */
static void fill(struct csvr_column *column, uint64_t n_texts, uint64_t n_numbers,
		 const struct counts *counts, size_t n_counts)
{
	csvr_column_init(column);
	struct csvr_lookalikes *lookalikes = csvr_column_lookalikes(column);
	column->cells[CSVR_CELL_TEXT] = n_texts;
	column->cells[CSVR_CELL_NUMBER] = n_numbers;
	for (size_t i = 0; i < n_counts; i++) {
		lookalikes->n[counts[i].kind] = counts[i].n;
		column->cells[counts[i].kind == CSVR_LOOKALIKE_NULL_WORD ? CSVR_CELL_MISSING
									 : CSVR_CELL_TEXT] +=
			counts[i].n;
	}
}

static const struct {
	uint64_t n_texts, n_numbers;
	struct counts counts[3];
	uint32_t reported; /* kinds, after they are united */
} columns[] = {
#define KIND(kind) (1U << CSVR_LOOKALIKE_##kind)
#define N(kind, n)                       \
	{                                \
		CSVR_LOOKALIKE_##kind, n \
	}
	/* Half of a column of text, and less than that */
	{ 10, 0, { N(DECIMAL_COMMA, 10) }, KIND(DECIMAL_COMMA) },
	{ 11, 0, { N(DECIMAL_COMMA, 10) }, 0 },
	{ 20, 0, { N(PERCENT, 1) }, 0 },
	/* Units are weaker evidence. */
	{ 1, 0, { N(UNIT, 9) }, KIND(UNIT) },
	{ 2, 0, { N(UNIT, 9) }, 0 },
	{ 0, 0, { N(UNIT, 1), N(CURRENCY, 9) }, KIND(UNIT) | KIND(CURRENCY) },
	/* In a column that is not text, all are reported. */
	{ 0, 99, { N(PERCENT, 1) }, KIND(PERCENT) },
	{ 3, 5, { N(UNIT, 1), N(NULL, 1) }, KIND(UNIT) | KIND(NULL) },
	/* Words that mean no value are, in a column of text, if nothing else is text. */
	{ 10, 0, { N(NULL, 1) }, 0 },
	{ 0, 0, { N(NULL, 5) }, KIND(NULL) },
	{ 0, 0, { N(NULL, 1), N(CURRENCY, 1) }, KIND(NULL) | KIND(CURRENCY) },
	/* A cell of two meanings has that of the others, if they agree. */
	{ 0, 0, { N(COMMA_OR_GROUP, 3) }, KIND(COMMA_OR_GROUP) },
	{ 0, 0, { N(COMMA_OR_GROUP, 3), N(DECIMAL_COMMA, 1) }, KIND(DECIMAL_COMMA) },
	{ 0, 0, { N(COMMA_OR_GROUP, 3), N(COMMA_GROUPS, 1) }, KIND(COMMA_GROUPS) },
	{ 0,
	  0,
	  { N(COMMA_OR_GROUP, 3), N(COMMA_GROUPS, 1), N(DECIMAL_COMMA, 1) },
	  KIND(COMMA_OR_GROUP) | KIND(COMMA_GROUPS) | KIND(DECIMAL_COMMA) },
	{ 0,
	  0,
	  { N(POINT_GROUPS, 3), N(POINT_GROUPS_COMMA, 1), N(DECIMAL_COMMA, 1) },
	  KIND(POINT_GROUPS_COMMA) },
	{ 0, 0, { N(POINT_OR_GROUP, 3), N(DECIMAL_POINT, 1) }, KIND(DECIMAL_POINT) },
};

START_TEST(kinds_are_reported_where_values_are_lost)
{
	struct csvr_column column;
	struct csvr_lookalike_groups groups;
	size_t n = 0;
	while (n < 3 && columns[_i].counts[n].n > 0)
		n++;
	fill(&column, columns[_i].n_texts, columns[_i].n_numbers, columns[_i].counts, n);
	csvr_column_group_lookalikes(&column, &groups);
	uint32_t united = 0, reported = 0;
	for (int kind = 0; kind < CSVR_N_LOOKALIKES; kind++) {
		reported |= groups.kinds[kind] != 0 ? 1U << kind : 0;
		/* Each kind with cells is in one group at most. */
		ck_assert_uint_eq(united & groups.kinds[kind], 0);
		united |= groups.kinds[kind];
	}
	ck_assert_msg(reported == columns[_i].reported, "%x", reported);
	csvr_column_clear(&column);
}
END_TEST

/* Whether the null word is reported in a column of these texts, in byte order. */
static bool is_word_reported(const char *word, const char *first, const char *last)
{
	struct csvr_column column;
	struct csvr_lookalike_groups groups;
	const struct counts counts[] = { N(NULL_WORD, 1) };
	const char *const texts[] = { first, last };
	fill(&column, 2, 0, counts, 1);
	csvr_first_cell_note(&column.lookalikes->first[CSVR_LOOKALIKE_NULL_WORD], 1,
			     (const unsigned char *)word, strlen(word));
	for (size_t i = 0; i < 2; i++) {
		char padded[64 + 1] = "";
		strcpy(padded, texts[i]);
		const struct csvr_text text = { (const unsigned char *)padded,
						(uint32_t)strlen(texts[i]), 1 };
		bool are_ascii;
		ck_assert_int_eq(csvr_column_order_texts(&column, &text, 1, &are_ascii), CSVR_OK);
		ck_assert_int_eq(csvr_column_add_texts(&column, &text, 1, are_ascii), CSVR_OK);
	}
	csvr_column_group_lookalikes(&column, &groups);
	csvr_column_clear(&column);
	return groups.kinds[CSVR_LOOKALIKE_NULL_WORD] != 0;
}

START_TEST(a_null_word_is_reported_among_words_of_its_length_and_case)
{
	ck_assert(is_word_reported("NA", "NO", "NP"));
	ck_assert(!is_word_reported("NA", "NO", "NPL"));
	ck_assert(!is_word_reported("NA", "No", "Np"));
	ck_assert(!is_word_reported("NA", "12", "NP"));
	ck_assert(is_word_reported("None", "Many", "Some"));
	ck_assert(!is_word_reported("null", "Many", "Some"));
}
END_TEST

START_TEST(merging_adds_the_counts)
{
	struct csvr_column a, b;
	const struct counts of_a[] = { N(UNIT, 2), N(NULL, 1) }, of_b[] = { N(UNIT, 3) };
	fill(&a, 0, 0, of_a, 2);
	fill(&b, 0, 0, of_b, 1);
	ck_assert_int_eq(csvr_column_merge(&b, &a), CSVR_OK);
	ck_assert_uint_eq(csvr_column_n_lookalikes(&b, CSVR_LOOKALIKE_UNIT), 5);
	ck_assert_uint_eq(csvr_column_n_lookalikes(&b, CSVR_LOOKALIKE_NULL), 1);
	csvr_column_reset(&b);
	ck_assert_uint_eq(csvr_column_n_lookalikes(&b, CSVR_LOOKALIKE_UNIT), 0);
	csvr_column_clear(&a);
	csvr_column_clear(&b);
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *looking = tcase_create("looking"), *reporting = tcase_create("reporting");
	tcase_add_loop_test(looking, a_text_looks_like_a_number_in_another_notation, 0,
			    sizeof looks / sizeof looks[0]);
	tcase_add_test(looking, a_text_that_is_certainly_plain_looks_like_nothing);
	tcase_add_loop_test(looking, affixes_are_taken_off_a_number, 0,
			    sizeof affixed / sizeof affixed[0]);
	tcase_add_test(looking, a_suffix_can_make_a_number_infinite);
	tcase_add_test(reporting, units_are_merged_in_any_order);
	tcase_add_loop_test(reporting, kinds_are_reported_where_values_are_lost, 0,
			    sizeof columns / sizeof columns[0]);
	tcase_add_test(reporting, a_null_word_is_reported_among_words_of_its_length_and_case);
	tcase_add_test(reporting, merging_adds_the_counts);
	suite_add_tcase(suite, looking);
	suite_add_tcase(suite, reporting);
}

int main(void)
{
	return check_main("lookalikes", add_cases);
}
