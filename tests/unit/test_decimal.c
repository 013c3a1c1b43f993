/* test_decimal.c - classes and exact values of cells */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/decimal_to_double.h"
#include "check_main.h"
#include "parse/decimal.h"

static const char *const null_words[] = { "NA", "-999" };

/* Rules with null values, for the column `name`, or any other if that is NULL. */
static struct csvr_cell_rules rules_with(struct csvr_string_list nulls, const char *name)
{
	const struct csvr_parse_options options = { .null_values = nulls };
	struct csvr_slice column = { (const unsigned char *)name, name != NULL ? strlen(name) : 0 };
	struct csvr_cell_rules rules;
	ck_assert_int_eq(csvr_cell_rules_init(&rules, &options, '.', name != NULL ? &column : NULL),
			 CSVR_OK);
	return rules;
}

static struct csvr_cell_rules usual_rules(void)
{
	return rules_with((struct csvr_string_list){ null_words, 2 }, NULL);
}

static struct csvr_decimal parse(const char *text)
{
	struct csvr_cell_rules rules = usual_rules();
	struct csvr_decimal decimal;
	csvr_decimal_parse(&decimal, &rules, (const unsigned char *)text, strlen(text));
	csvr_cell_rules_clear(&rules);
	return decimal;
}

static const struct {
	const char *text;
	enum csvr_cell_class class;
} classes[] = {
	{ "", CSVR_CELL_MISSING },
	{ "NA", CSVR_CELL_MISSING },
	{ "-999", CSVR_CELL_MISSING },
	{ "-999.0", CSVR_CELL_MISSING },
	{ "-9.99e2", CSVR_CELL_MISSING },
	{ "-99900.00000000000000000000000e-2", CSVR_CELL_MISSING },
	{ "999", CSVR_CELL_NUMBER },
	{ "-999.0000000000000000000001", CSVR_CELL_NUMBER },
	{ "-9990", CSVR_CELL_NUMBER },
	{ "na", CSVR_CELL_TEXT },
	{ "0", CSVR_CELL_NUMBER },
	{ "+1", CSVR_CELL_NUMBER },
	{ ".5", CSVR_CELL_NUMBER },
	{ "5.", CSVR_CELL_NUMBER },
	{ "007", CSVR_CELL_NUMBER },
	{ "1E+2", CSVR_CELL_NUMBER },
	{ "-0", CSVR_CELL_NUMBER },
	{ "1e-3", CSVR_CELL_NUMBER },
	{ "1e03", CSVR_CELL_NUMBER },
	{ ".", CSVR_CELL_TEXT },
	{ "-", CSVR_CELL_TEXT },
	{ "+", CSVR_CELL_TEXT },
	{ "-.", CSVR_CELL_TEXT },
	{ "e5", CSVR_CELL_TEXT },
	{ "1e", CSVR_CELL_TEXT },
	{ "1e+", CSVR_CELL_TEXT },
	{ ".e1", CSVR_CELL_TEXT },
	{ "1.2.3", CSVR_CELL_TEXT },
	{ "--1", CSVR_CELL_TEXT },
	{ "+-1", CSVR_CELL_TEXT },
	{ "1 2", CSVR_CELL_TEXT },
	{ "0x10", CSVR_CELL_TEXT },
	{ "1_000", CSVR_CELL_TEXT },
	{ "1,000", CSVR_CELL_TEXT },
	{ "$5", CSVR_CELL_TEXT },
	{ "12 kg", CSVR_CELL_TEXT },
	{ "1e5x", CSVR_CELL_TEXT },
	{ "nan", CSVR_CELL_NAN },
	{ "-NaN", CSVR_CELL_NAN },
	{ "+nan", CSVR_CELL_NAN },
	{ "nano", CSVR_CELL_TEXT },
	{ "inf", CSVR_CELL_INFINITE },
	{ "-Infinity", CSVR_CELL_INFINITE },
	{ "infin", CSVR_CELL_TEXT },
	{ "1e400", CSVR_CELL_INFINITE },
	{ "-1e400", CSVR_CELL_INFINITE },
	{ "1e-400", CSVR_CELL_NUMBER },
	{ "1.0D+03", CSVR_CELL_NUMBER },
	{ "0.15d-02", CSVR_CELL_NUMBER },
	{ "1d", CSVR_CELL_TEXT },
	{ "1.5de3", CSVR_CELL_TEXT },
	{ "0.1+100", CSVR_CELL_NUMBER },
	{ "-.5-100", CSVR_CELL_NUMBER },
	{ "1.+100", CSVR_CELL_NUMBER },
	{ "0.1+400", CSVR_CELL_INFINITE },
	{ "0.1+10", CSVR_CELL_TEXT },
	{ "0.1+1000", CSVR_CELL_TEXT },
	{ "0.1100", CSVR_CELL_NUMBER },
	{ "1+100", CSVR_CELL_TEXT },
	{ "0.1+1e0", CSVR_CELL_TEXT },
	{ ".+100", CSVR_CELL_TEXT },
	{ "555-123", CSVR_CELL_TEXT },
	{ "*****", CSVR_CELL_TEXT },
	{ "1.#QNAN", CSVR_CELL_NAN },
	{ "-1.#IND", CSVR_CELL_NAN },
	{ "1.#IND00", CSVR_CELL_NAN },
	{ "1.#snan", CSVR_CELL_NAN },
	{ "+1.#INF", CSVR_CELL_INFINITE },
	{ "1.#INF00", CSVR_CELL_INFINITE },
	{ "1.#INF1", CSVR_CELL_TEXT },
	{ "1.#IN", CSVR_CELL_TEXT },
	{ "2.#INF", CSVR_CELL_TEXT },
	{ "nan(ind)", CSVR_CELL_NAN },
	{ "-NaN(SNaN)", CSVR_CELL_NAN },
	{ "nan0", CSVR_CELL_TEXT },
	{ "nan(ind)0", CSVR_CELL_TEXT },
	{ "nan\x08ind)", CSVR_CELL_TEXT },
	{ "1e-99999999999999", CSVR_CELL_NUMBER },
	{ "1e99999999999999", CSVR_CELL_INFINITE },
	{ "0e99999999999999", CSVR_CELL_NUMBER },
	{ "1.7976931348623157e308", CSVR_CELL_NUMBER },
	{ "1.7976931348623159e308", CSVR_CELL_INFINITE },
	{ "0.00000000000000000000000000000000000001e340", CSVR_CELL_NUMBER },
};

START_TEST(a_cell_has_the_class_of_the_contract)
{
	ck_assert_msg(parse(classes[_i].text).class == classes[_i].class, "'%s' is %d",
		      classes[_i].text, (int)parse(classes[_i].text).class);
}
END_TEST

/* Whether a text of that first byte and length is a text, whatever follows. */
static bool is_surely_text(const struct csvr_cell_rules *rules, int byte, int n_bytes)
{
	const unsigned char first = (unsigned char)byte;
	return csvr_is_certainly_text(rules, &first, (size_t)n_bytes);
}

START_TEST(the_first_byte_tells_texts_from_other_cells)
{
	static const char *const rests[] = { "",         "1",         "nf",         "an",
					     "A",        "999",       ".5",         "nfinity",
					     "rue",      "alse",      "RUE",        "ALSE",
					     "2:03:04",  "024-01-31", "n-infinity", "1.#INF",
					     "an(snan)", ".#QNAN" };
	struct csvr_cell_rules rules = usual_rules();
	struct csvr_decimal decimal;
	char text[16];
	for (int byte = 0; byte < 256; byte++)
		for (size_t i = 0; i < sizeof rests / sizeof rests[0]; i++) {
			int n = snprintf(text, sizeof text, " %s", rests[i]);
			text[0] = (char)byte;
			csvr_decimal_parse(&decimal, &rules, (const unsigned char *)text,
					   (size_t)n);
			if (is_surely_text(&rules, byte, n))
				ck_assert_int_eq(decimal.class, CSVR_CELL_TEXT);
			if (decimal.class == CSVR_CELL_DATE)
				ck_assert(rules.starts_time[byte]);
		}
	ck_assert(is_surely_text(&rules, 'a', 4) && is_surely_text(&rules, 't', 5));
	ck_assert(!is_surely_text(&rules, 'N', 2) && !is_surely_text(&rules, '-', 2));
	csvr_cell_rules_clear(&rules);
}
END_TEST

START_TEST(a_nul_byte_makes_a_cell_invalid)
{
	struct csvr_cell_rules rules = usual_rules();
	struct csvr_decimal decimal;
	csvr_decimal_parse(&decimal, &rules, (const unsigned char *)"1\0002", 3);
	ck_assert_int_eq(decimal.class, CSVR_CELL_TEXT);
	csvr_decimal_parse(&decimal, &rules, (const unsigned char *)"NA\000", 3);
	ck_assert_int_eq(decimal.class, CSVR_CELL_TEXT);
	csvr_decimal_parse(&decimal, &rules, (const unsigned char *)"\000", 1);
	ck_assert_int_eq(decimal.class, CSVR_CELL_TEXT);
	csvr_cell_rules_clear(&rules);
}
END_TEST

static void assert_parts(const char *text, bool is_negative, int exponent, size_t n_parts,
			 const uint64_t *part)
{
	struct csvr_decimal decimal = parse(text);
	ck_assert_int_eq(decimal.class, CSVR_CELL_NUMBER);
	ck_assert(decimal.is_negative == is_negative);
	ck_assert_int_eq(decimal.exponent, exponent);
	ck_assert_uint_eq(decimal.n_parts, n_parts);
	for (size_t i = 0; i < n_parts; i++)
		ck_assert_uint_eq(decimal.part[i], part[i]);
}

START_TEST(digits_are_kept_exactly)
{
	assert_parts("-1.50", true, -2, 1, (const uint64_t[]){ 150 });
	assert_parts("12e3", false, 3, 1, (const uint64_t[]){ 12 });
	assert_parts("0.001", false, -3, 1, (const uint64_t[]){ 1 });
	assert_parts("999999999999999999", false, 0, 1, (const uint64_t[]){ 999999999999999999 });
	assert_parts("1234567890123456789.01", false, -2, 2,
		     (const uint64_t[]){ 456789012345678901, 123 });
	/* Trailing zeros of a long number are not kept. */
	assert_parts("1000000000000000000000", false, 21, 1, (const uint64_t[]){ 1 });
}
END_TEST

/* Up to 18 digits, with the point after the first `n_before`. */
START_TEST(the_point_may_be_before_any_digit)
{
	static const char digits[] = "123456789123456789";
	for (int n = 1; n <= 18; n++) {
		uint64_t part = 0;
		for (int i = 0; i < n; i++)
			part = part * 10 + (uint64_t)(digits[i] - '0');
		for (int n_before = 0; n_before <= n; n_before++) {
			char text[64];
			snprintf(text, sizeof text, "%.*s.%.*s", n_before, digits, n - n_before,
				 digits + n_before);
			assert_parts(text, false, n_before - n, 1, &part);
			snprintf(text, sizeof text, "0%.*s.%.*se-20", n_before, digits,
				 n - n_before, digits + n_before);
			assert_parts(text, false, n_before - n - 20, 1, &part);
			snprintf(text, sizeof text, "%.*s.%.*s:", n_before, digits, n - n_before,
				 digits + n_before);
			ck_assert_int_eq(parse(text).class, CSVR_CELL_TEXT);
		}
	}
}
END_TEST

START_TEST(a_null_number_matches_at_every_scale)
{
	static const char *const words[] = { "-999", "1.50", "x", "0.0", "1e3" };
	struct csvr_cell_rules rules = rules_with((struct csvr_string_list){ words, 5 }, NULL);
	int64_t value;
	ck_assert_uint_eq(rules.n_null_numbers, 4);
	ck_assert(csvr_null_number(&rules, 0, 2, &value) && value == -99900);
	ck_assert(!csvr_null_number(&rules, 1, 0, &value));
	ck_assert(csvr_null_number(&rules, 1, 1, &value) && value == 15);
	ck_assert(csvr_null_number(&rules, 2, 0, &value) && value == 0);
	ck_assert(csvr_null_number(&rules, 3, 1, &value) && value == 10000);
	ck_assert(!csvr_null_number(&rules, 3, 18, &value)); /* beyond 2^63 */
	csvr_cell_rules_clear(&rules);
}
END_TEST

static enum csvr_cell_class class_of(const struct csvr_cell_rules *rules, const char *text)
{
	struct csvr_decimal decimal;
	csvr_decimal_parse(&decimal, rules, (const unsigned char *)text, strlen(text));
	return decimal.class;
}

START_TEST(a_long_null_number_is_compared_in_full)
{
	static const char *const words[] = { "123456789012345678901234567890", "0" };
	struct csvr_cell_rules rules = rules_with((struct csvr_string_list){ words, 2 }, NULL);
	static const char *const missing[] = { "123456789012345678901234567890.0",
					       "12345678901234567890123456789e1", "-0.0", "0e99" };
	static const char *const others[] = { "123456789012345678901234567891",
					      "-123456789012345678901234567890",
					      "12345678901234567890123456789", "0.1" };
	for (size_t i = 0; i < 4; i++) {
		ck_assert_int_eq(class_of(&rules, missing[i]), CSVR_CELL_MISSING);
		ck_assert_int_eq(class_of(&rules, others[i]), CSVR_CELL_NUMBER);
	}
	csvr_cell_rules_clear(&rules);
}
END_TEST

START_TEST(a_null_value_with_a_name_holds_for_that_column_alone)
{
	static const char *const items[] = { "t:-9", "a\\:b:x", "0\\:00", "t:12:30:00", "t:" };
	struct csvr_string_list list = { items, 5 };
	struct csvr_cell_rules t = rules_with(list, "t"), ab = rules_with(list, "a:b"),
			       none = rules_with(list, NULL);
	ck_assert_int_eq(class_of(&t, "-9.0"), CSVR_CELL_MISSING);
	ck_assert_int_eq(class_of(&t, "12:30:00"), CSVR_CELL_MISSING);
	ck_assert_int_eq(class_of(&t, "x"), CSVR_CELL_TEXT);
	ck_assert_int_eq(class_of(&ab, "x"), CSVR_CELL_MISSING);
	ck_assert_int_eq(class_of(&ab, "-9"), CSVR_CELL_NUMBER);
	ck_assert_int_eq(class_of(&none, "-9"), CSVR_CELL_NUMBER);
	ck_assert_int_eq(class_of(&none, "0:00"), CSVR_CELL_MISSING);
	csvr_cell_rules_clear(&t);
	csvr_cell_rules_clear(&ab);
	csvr_cell_rules_clear(&none);
}
END_TEST

/* Writes `digits` with separators of groups of three, and a fraction after the mark. */
static void write_grouped(char *text, const char *digits, const char *separator, char mark,
			  const char *fraction)
{
	const size_t n = strlen(digits);
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && (n - i) % 3 == 0)
			text += sprintf(text, "%s", separator);
		*text++ = digits[i];
	}
	*text = '\0';
	if (fraction[0] != '\0')
		sprintf(text, "%c%s", mark, fraction);
}

static struct csvr_cell_rules rules_of_notation(char decimal, const char *thousands)
{
	struct csvr_parse_options options = { 0 };
	struct csvr_cell_rules rules;
	strcpy(options.thousands, thousands);
	ck_assert_int_eq(csvr_cell_rules_init(&rules, &options, (unsigned char)decimal, NULL),
			 CSVR_OK);
	return rules;
}

static void assert_equal(const struct csvr_decimal *a, const struct csvr_decimal *b,
			 const char *text)
{
	ck_assert_msg(a->class == b->class && a->notation == b->notation &&
			      a->exponent == b->exponent && a->n_parts == b->n_parts &&
			      memcmp(a->part, b->part, a->n_parts * sizeof a->part[0]) == 0,
		      "'%s'", text);
}

/* By pairs: the separator that is given, and one in the text that it stands for. */
static const char *const separators[][2] = {
	{ ",", "," },
	{ ".", "." },
	{ "'", "'" },
	{ "'", "\xE2\x80\x99" },
	{ " ", " " },
	{ " ", "\xC2\xA0" },
	{ " ", "\xE2\x80\xAF" },
	{ " ", "\xE2\x80\x89" },
	{ "\xD9\xAC", "\xD9\xAC" }, /* the Arabic one */
};

START_TEST(groups_of_digits_do_not_change_a_number)
{
	const char *const given = separators[_i][0], *const written = separators[_i][1];
	const char mark = given[0] == '.' ? ',' : '.';
	struct csvr_cell_rules rules = rules_of_notation(mark, given);
	struct csvr_cell_rules plain = rules_of_notation('.', "");
	static const char *const fractions[] = {
		"", "5", "250", "000", "12345678901234567890", "5e3", "25d-2"
	};
	char digits[64], text[512], ungrouped[512];
	for (int n = 4; n < 60; n++)
		for (size_t f = 0; f < sizeof fractions / sizeof fractions[0]; f++) {
			for (int i = 0; i < n; i++)
				digits[i] = (char)('0' + (i * 7 + n) % 10);
			digits[n] = '\0';
			struct csvr_decimal grouped, expected;
			write_grouped(text, digits, written, mark, fractions[f]);
			write_grouped(ungrouped, digits, "", '.', fractions[f]);
			csvr_decimal_parse(&grouped, &rules, (const unsigned char *)text,
					   strlen(text));
			csvr_decimal_parse(&expected, &plain, (const unsigned char *)ungrouped,
					   strlen(ungrouped));
			ck_assert_int_eq(expected.class, CSVR_CELL_NUMBER);
			assert_equal(&grouped, &expected, text);
			csvr_decimal_parse(&grouped, &plain, (const unsigned char *)text,
					   strlen(text));
			ck_assert(strcmp(written, ".") == 0 || grouped.class == CSVR_CELL_TEXT);
		}
	csvr_cell_rules_clear(&rules);
	csvr_cell_rules_clear(&plain);
}
END_TEST

START_TEST(groups_of_other_lengths_are_text)
{
	struct csvr_cell_rules rules = rules_of_notation('.', ",");
	static const char *const texts[] = { "1,2",       "1,23",    "1,2345",    "1234,567",
					     ",123",      "1,,234",  "1,234,",    "1,234,5",
					     "1,23,456",  "1.5,000", "1,234.5,0", "1,234e",
					     "12,34,567", "+,123",   "1, 234" };
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		ck_assert_msg(class_of(&rules, texts[i]) == CSVR_CELL_TEXT, "%s", texts[i]);
	static const char *const numbers[] = { "1,234",    "-12,345.",    "123,456,789.5e2",
					       "+1,000d1", "1,234.5+100", "000,001",
					       "1234" };
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		ck_assert_msg(class_of(&rules, numbers[i]) == CSVR_CELL_NUMBER, "%s", numbers[i]);
	csvr_cell_rules_clear(&rules);
}
END_TEST

START_TEST(with_a_decimal_comma_a_point_is_no_decimal_mark)
{
	struct csvr_cell_rules rules = rules_of_notation(',', "");
	ck_assert_int_eq(class_of(&rules, "1,5"), CSVR_CELL_NUMBER);
	ck_assert_int_eq(class_of(&rules, ",5e3"), CSVR_CELL_NUMBER);
	ck_assert_int_eq(class_of(&rules, "-,5"), CSVR_CELL_NUMBER);
	ck_assert_int_eq(class_of(&rules, "1.5"), CSVR_CELL_TEXT);
	ck_assert_int_eq(class_of(&rules, "1,5,0"), CSVR_CELL_TEXT);
	ck_assert_int_eq(class_of(&rules, ","), CSVR_CELL_TEXT);
	ck_assert(!csvr_is_certainly_text(&rules, (const unsigned char *)",5", 2));
	csvr_cell_rules_clear(&rules);
}
END_TEST

START_TEST(a_double_written_out_in_full_is_exact)
{
	char text[1200];
	snprintf(text, sizeof text, "%.1074f", 0x1p-1074);
	struct csvr_decimal decimal = parse(text);
	ck_assert_int_eq(decimal.class, CSVR_CELL_NUMBER);
	ck_assert_int_eq(decimal.exponent, -1074);
	ck_assert_uint_eq(decimal.n_parts, 42); /* 751 digits */
	ck_assert(csvr_decimal_to_double(decimal.part, decimal.n_parts, decimal.exponent, false) ==
		  0x1p-1074);
}
END_TEST

START_TEST(digits_beyond_the_bounds_round_to_the_nearest_double)
{
	static char text[3000];
	/* 1 + 2^-53 is a tie and rounds to 1; one more digit, far to the right, makes it round
	 * up. */
	snprintf(text, sizeof text, "%.1500f", 1.0 + 0x1p-52);
	struct csvr_decimal decimal = parse(text);
	ck_assert(csvr_decimal_to_double(decimal.part, decimal.n_parts, decimal.exponent, false) ==
		  1.0 + 0x1p-52);
	snprintf(text, sizeof text,
		 "1.00000000000000011102230246251565404236316680908203125%02000d1", 0);
	decimal = parse(text);
	ck_assert_int_eq(decimal.class, CSVR_CELL_NUMBER);
	ck_assert(csvr_decimal_to_double(decimal.part, decimal.n_parts, decimal.exponent, false) ==
		  1.0 + 0x1p-52);
	/* Nor does the digit after the zeros that are kept. */
	snprintf(text, sizeof text, "996.%02000d1", 0);
	assert_parts(text, false, 0, 1, (const uint64_t[]){ 996 });
	snprintf(text, sizeof text, "0.0996%02000d1", 0);
	decimal = parse(text);
	ck_assert(csvr_decimal_to_double(decimal.part, decimal.n_parts, decimal.exponent, false) ==
		  0.0996);
}
END_TEST

/* One digit at 10^-1201 after a double: too small to be kept or to change it. */
START_TEST(a_rounded_number_is_the_double_in_decimal)
{
	static const struct {
		const char *double_text; /* with a point */
		int exponent;
		uint64_t part;
	} doubles[] = {
		{ "1.5", -1, 15 },
		{ "3.0", 0, 3 },
		{ "9007199254740994.0", 0, 9007199254740994 }, /* 2^53 + 2 */
		{ "0.0", 0, 0 },
	};
	char text[1300];
	for (size_t i = 0; i < sizeof doubles / sizeof doubles[0]; i++) {
		snprintf(text, sizeof text, "%s%01199d1", doubles[i].double_text, 0);
		/* below the smallest double, 10^-324, but above 10^-400 */
		if (doubles[i].part == 0)
			snprintf(text, sizeof text, "1.%0800d1e-350", 0);
		assert_parts(text, false, doubles[i].exponent, 1, &doubles[i].part);
	}
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *decimal = tcase_create("decimal");
	tcase_add_loop_test(decimal, a_cell_has_the_class_of_the_contract, 0,
			    (int)(sizeof classes / sizeof classes[0]));
	tcase_add_test(decimal, the_first_byte_tells_texts_from_other_cells);
	tcase_add_test(decimal, a_nul_byte_makes_a_cell_invalid);
	tcase_add_test(decimal, digits_are_kept_exactly);
	tcase_add_test(decimal, the_point_may_be_before_any_digit);
	tcase_add_test(decimal, a_null_number_matches_at_every_scale);
	tcase_add_test(decimal, a_long_null_number_is_compared_in_full);
	tcase_add_loop_test(decimal, groups_of_digits_do_not_change_a_number, 0,
			    sizeof separators / sizeof separators[0]);
	tcase_add_test(decimal, groups_of_other_lengths_are_text);
	tcase_add_test(decimal, with_a_decimal_comma_a_point_is_no_decimal_mark);
	tcase_add_test(decimal, a_null_value_with_a_name_holds_for_that_column_alone);
	tcase_add_test(decimal, a_double_written_out_in_full_is_exact);
	tcase_add_test(decimal, digits_beyond_the_bounds_round_to_the_nearest_double);
	tcase_add_test(decimal, a_rounded_number_is_the_double_in_decimal);
	suite_add_tcase(suite, decimal);
}

int main(void)
{
	return check_main("decimal", add_cases);
}
