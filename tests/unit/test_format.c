/* test_format.c - numbers and names as text, and the table of formats */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/digits.h"
#include "base/escape.h"
#include "base/number_format.h"
#include "base/suggestion.h"
#include "check_main.h"
#include "csvreport.h"
#include "report/report.h"

/* ---- shortest ---- */

static const struct {
	double number;
	const char *text;
} shortest[] = {
	{ 0, "0" },
	{ -0.0, "-0" },
	{ 0.1, "0.1" },
	{ -0.1, "-0.1" },
	{ 100, "100" },
	{ 0.3, "0.3" },
	{ 0.1 + 0.2, "0.30000000000000004" },
	{ 1.0 / 3, "0.3333333333333333" },
	{ 1e15, "1000000000000000" },
	{ 9007199254740993.0, "9007199254740992" },
	{ 9.99e15, "9990000000000000" },
	{ 1e16, "1e16" },
	{ 1.5e16, "1.5e16" },
	{ 1e22, "1e22" },
	{ 1e23, "1e23" },
	{ 123456.789, "123456.789" },
	{ 1e-4, "0.0001" },
	{ 0.000123, "0.000123" },
	{ 1.5e-7, "1.5e-7" },
	{ 9.5367431640625e-7, "9.5367431640625e-7" },
	{ 0x1p-44, "5.684341886080802e-14" }, /* the nearest 16 digits, ...801, do not read back */
	{ -0x1p-44, "-5.684341886080802e-14" },
	{ 0x1p-1074, "5e-324" },
	{ 0x1p-1022, "2.2250738585072014e-308" },
	{ 0x1.ffffffffffffep-1023, "2.225073858507201e-308" },
	{ DBL_MAX, "1.7976931348623157e308" },
	{ 5e-324, "5e-324" },
	{ INFINITY, "inf" },
	{ -INFINITY, "-inf" },
	{ NAN, "nan" },
};

START_TEST(shortest_text_is_that_of_the_table)
{
	char text[CSVR_NUMBER_TEXT_BYTES];
	const size_t n = csvr_number_shortest(shortest[_i].number, text);
	ck_assert_str_eq(text, shortest[_i].text);
	ck_assert_uint_eq(n, strlen(text));
}
END_TEST

static size_t digits_of(const char *text)
{
	char digits[CSVR_NUMBER_TEXT_BYTES];
	size_t n = 0;
	for (; *text != '\0' && *text != 'e'; text++)
		if (*text >= '0' && *text <= '9' && (n > 0 || *text != '0'))
			digits[n++] = *text;
	while (n > 0 && digits[n - 1] == '0')
		n--;
	return n;
}

START_TEST(shortest_text_of_any_double_reads_back_and_none_by_printf_is_shorter)
{
	uint64_t state = 88172645463325252U;
	for (int i = 0; i < 20000; i++) {
		state ^= state << 13, state ^= state >> 7, state ^= state << 17;
		double number;
		memcpy(&number, &state, sizeof number);
		if (!isfinite(number))
			continue;
		char text[CSVR_NUMBER_TEXT_BYTES], other[64];
		csvr_number_shortest(number, text);
		ck_assert_msg(strtod(text, NULL) == number, "%s is not %a", text, number);
		const size_t n = digits_of(text);
		ck_assert_uint_le(n, 17);
		snprintf(other, sizeof other, "%.*e", (int)n - 2, number);
		ck_assert_msg(n < 2 || strtod(other, NULL) != number, "%s is not shortest", text);
	}
}
END_TEST

/* Numbers of usual size are scaled by integers, others by printf. */
START_TEST(digits_of_usual_numbers_are_those_that_printf_rounds_to)
{
	uint64_t state = 88172645463325252U;
	for (int i = 0; i < 40000; i++) {
		state ^= state << 13, state ^= state >> 7, state ^= state << 17;
		const double number = ldexp((double)(state >> (1 + state % 60)), -(int)(i % 110)) /
				      (double)(1 + i % 1000);
		if (number == 0)
			continue;
		const struct csvr_shortest decimal = csvr_number_shortest_digits(number);
		char digits[CSVR_NUMBER_TEXT_BYTES], other[64];
		const int n = (int)csvr_number_integer(decimal.digits, digits);
		snprintf(other, sizeof other, "%.*e", n - 1, number);
		ck_assert_msg(other[0] == digits[0] && (n == 1 || strncmp(other + 2, digits + 1,
									  (size_t)n - 1) == 0),
			      "%s is not %a", digits, number);
		ck_assert_int_eq(atoi(strchr(other, 'e') + 1), decimal.exponent + n - 1);
	}
}
END_TEST

START_TEST(every_power_of_two_reads_back_in_no_more_digits_than_printf_needs)
{
	for (int power = -1074; power <= 1023; power++) {
		const double number = ldexp(1, power);
		char text[CSVR_NUMBER_TEXT_BYTES], other[64];
		csvr_number_shortest(number, text);
		ck_assert_msg(strtod(text, NULL) == number, "%s is not 2^%d", text, power);
		int n = 1;
		do
			snprintf(other, sizeof other, "%.*e", n++ - 1, number);
		while (strtod(other, NULL) != number);
		ck_assert_uint_le(digits_of(text), (size_t)n - 1);
	}
}
END_TEST

/* ---- rounded, shortened ---- */

static const struct {
	double number;
	int digits;
	const char *text;
} fixed[] = {
	{ 0.125, 2, "0.12" }, /* a tie goes to even */
	{ 0.375, 2, "0.38" },
	{ 2.675, 2, "2.67" }, /* the double is below what is written here */
	{ 1234567.891, 0, "1234568" },
	{ -0.001, 2, "0.00" },
	{ -0.001, 3, "-0.001" },
	{ -0.4, 0, "0" },
	{ 1e300, 2, "1e300" },
	{ 1e15, 1, "1000000000000000.0" },
	{ INFINITY, 3, "inf" },
};

START_TEST(rounded_text_is_that_of_the_table)
{
	char text[CSVR_NUMBER_TEXT_BYTES];
	csvr_number_fixed(fixed[_i].number, fixed[_i].digits, text);
	ck_assert_str_eq(text, fixed[_i].text);
}
END_TEST

START_TEST(the_longest_rounded_number_fits_its_buffer)
{
	char text[CSVR_NUMBER_TEXT_BYTES];
	const size_t n = csvr_number_fixed(-9999999999999998.0, CSVR_MAX_ROUND, text);
	ck_assert_uint_eq(n, 1 + 16 + 1 + CSVR_MAX_ROUND);
	ck_assert_uint_eq(n, strlen(text));
}
END_TEST

static const struct {
	const char *decimal;
	int digits;
	const char *text;
} fixed_decimals[] = {
	{ "2.675", 2, "2.68" }, /* exactly a tie, to even */
	{ "2.665", 2, "2.66" },
	{ "0.5", 0, "0" },
	{ "1.5", 0, "2" },
	{ "0.05", 0, "0" },
	{ "0.6", 0, "1" },
	{ "-0.001", 2, "0.00" },
	{ "-0.005", 2, "0.00" },
	{ "-0.0051", 2, "-0.01" },
	{ "99.995", 2, "100.00" },
	{ "12345678901234567890", 1, "12345678901234567890.0" },
	{ "1234567890123456789012345678901234567890", 0,
	  "1234567890123456789012345678901234567890" },
	{ "1e3", 1, "1000.0" },
	{ "-12.5e-2", 3, "-0.125" },
	{ "007", 0, "7" },
	{ "0", 2, "0.00" },
	{ "-0.0", 1, "0.0" },
	{ ".5", 1, "0.5" },
	{ "5.", 1, "5.0" },
	{ "1e63", 2, "1e63" }, /* not written out */
	{ "1.2.3", 1, "1.2.3" }, /* no decimals */
	{ "1e", 1, "1e" },
	{ "1e+", 1, "1e+" },
	{ "-", 1, "-" },
	{ "", 1, "" },
	{ "12 kg", 1, "12 kg" },
};

START_TEST(rounded_text_of_a_decimal_is_that_of_the_table)
{
	char text[CSVR_NUMBER_TEXT_BYTES];
	const size_t n = csvr_number_fixed_decimal(fixed_decimals[_i].decimal,
						   fixed_decimals[_i].digits, text);
	ck_assert_str_eq(text, fixed_decimals[_i].text);
	ck_assert_uint_eq(n, strlen(text));
}
END_TEST

START_TEST(the_longest_rounded_decimal_fits_its_buffer)
{
	char text[CSVR_NUMBER_TEXT_BYTES];
	const size_t n = csvr_number_fixed_decimal(
		"-999999999999999999999999999999999999999999999999999999999999998", CSVR_MAX_ROUND,
		text);
	ck_assert_uint_eq(n, 1 + 63 + 1 + CSVR_MAX_ROUND);
	ck_assert_uint_eq(n, strlen(text));
}
END_TEST

/* Integers of hundredths, so that ties and carries occur, against integer arithmetic. */
START_TEST(decimals_round_to_even_at_every_digit)
{
	for (int hundredths = -25000; hundredths <= 25000; hundredths++) {
		char decimal[16], expected[16], text[CSVR_NUMBER_TEXT_BYTES];
		const int magnitude = abs(hundredths);
		snprintf(decimal, sizeof decimal, "%s%d.%02d", hundredths < 0 ? "-" : "",
			 magnitude / 100, magnitude % 100);
		for (int digits = 0, unit = 100; digits <= 2; digits++, unit /= 10) {
			const int rest = magnitude % unit;
			int units = magnitude / unit;
			if (2 * rest > unit || (2 * rest == unit && units % 2 == 1))
				units++;
			const int scale = 100 / unit;
			const char *sign = hundredths < 0 && units > 0 ? "-" : "";
			if (digits == 0)
				snprintf(expected, sizeof expected, "%s%d", sign, units);
			else
				snprintf(expected, sizeof expected, "%s%d.%0*d", sign,
					 units / scale, digits, units % scale);
			csvr_number_fixed_decimal(decimal, digits, text);
			ck_assert_str_eq(text, expected);
		}
	}
}
END_TEST

static const struct {
	const char *decimal, *plain, *scientific;
} notations[] = {
	{ "0", "0", "0e0" },
	{ "12.50", "12.5", "1.25e1" },
	{ "-0.00123", "-0.00123", "-1.23e-3" },
	{ "1200", "1200", "1.2e3" },
	{ "1e-12", "0.000000000001", "1e-12" },
	{ "1e12", "1000000000000", "1e12" },
};

START_TEST(both_notations_of_digits_have_the_bytes_that_are_promised)
{
	struct csvr_digits digits;
	char text[128];
	ck_assert(csvr_digits_parse(notations[_i].decimal, &digits));
	ck_assert_uint_eq(csvr_digits_plain(&digits, 0, text), strlen(text));
	ck_assert_str_eq(text, notations[_i].plain);
	ck_assert_uint_eq(csvr_digits_plain_bytes(&digits, 0), strlen(text));
	ck_assert_uint_eq(csvr_digits_scientific(&digits, text), strlen(text));
	ck_assert_str_eq(text, notations[_i].scientific);
	ck_assert_uint_eq(csvr_digits_scientific_bytes(&digits), strlen(text));
}
END_TEST

static const struct {
	const char *decimal;
	int significant;
	size_t max_bytes;
	const char *text;
} brief[] = {
	{ "0", 7, 20, "0" },
	{ "-0", 7, 20, "0" },
	{ "0.5", 7, 20, "0.5" },
	{ "0.28867513459", 7, 20, "0.2886751" },
	{ "0.28867513459", 5, 20, "0.28868" },
	{ "100", 7, 20, "100" },
	{ "99999.996", 7, 20, "100000" },
	{ "99999999.7", 7, 20, "100000000" },
	{ "1234567.891", 7, 20, "1234568" },
	{ "1234567.891", 4, 20, "1234568" }, /* integer parts are not rounded */
	{ "1706748012345.678", 7, 20, "1706748012346" },
	{ "1706748012345", 4, 13, "1706748012345" },
	{ "1706748012345", 4, 12, "1.707e12" }, /* unless there is no room */
	{ "-1706748012345", 4, 13, "-1.707e12" },
	{ "12345678901234567890", 4, 20, "12345678901234567890" },
	{ "1234567890123456789012345678901234567890", 7, 40,
	  "1234567890123456789012345678901234567890" },
	{ "999999.99", 4, 6, "1e6" },
	{ "999999.99", 4, 7, "1000000" },
	{ "0.001234", 7, 20, "0.001234" },
	{ "0.00012345678", 7, 20, "0.0001234568" },
	{ "0.00012345678", 4, 20, "0.0001235" },
	{ "0.00012345678", 4, 8, "1.235e-4" },
	{ "0.000012345678", 7, 20, "1.234568e-5" }, /* from 1e-4 on plain */
	{ "1.5e16", 7, 20, "1.5e16" }, /* its zeros are no digits of the number */
	{ "1.5e3", 7, 20, "1.5e3" },
	{ "1.5e0", 7, 20, "1.5" },
	{ "-1.7976931348623157e308", 7, 20, "-1.797693e308" },
	{ "1e-320", 7, 20, "1e-320" },
	{ "0.5000000", 1, 20, "0.5" },
	{ "2.5", 1, 20, "2" }, /* a tie, to even */
	{ "nan", 7, 20, "nan" },
	{ "-inf", 7, 2, "-inf" },
};

START_TEST(brief_text_is_that_of_the_table)
{
	char text[CSVR_NUMBER_TEXT_BYTES];
	const size_t n = csvr_number_brief(brief[_i].decimal, brief[_i].significant,
					   brief[_i].max_bytes, text);
	ck_assert_str_eq(text, brief[_i].text);
	ck_assert_uint_eq(n, strlen(text));
}
END_TEST

START_TEST(counts_have_their_thousands_grouped)
{
	char text[CSVR_NUMBER_TEXT_BYTES];
	csvr_number_count(0, text);
	ck_assert_str_eq(text, "0");
	csvr_number_count(999, text);
	ck_assert_str_eq(text, "999");
	csvr_number_count(1000, text);
	ck_assert_str_eq(text, "1,000");
	csvr_number_count(UINT64_MAX, text);
	ck_assert_str_eq(text, "18,446,744,073,709,551,615");
}
END_TEST

START_TEST(sizes_have_the_unit_that_suits_them)
{
	char text[CSVR_NUMBER_TEXT_BYTES];
	csvr_number_size(1, text);
	ck_assert_str_eq(text, "1 byte");
	csvr_number_size(999, text);
	ck_assert_str_eq(text, "999 bytes");
	csvr_number_size(1000, text);
	ck_assert_str_eq(text, "1.0 kB");
	csvr_number_size(999999, text);
	ck_assert_str_eq(text, "1.0 MB");
	csvr_number_size(175012345, text);
	ck_assert_str_eq(text, "175.0 MB");
	csvr_number_size(UINT64_MAX, text);
	ck_assert_str_eq(text, "18.4 EB");
}
END_TEST

START_TEST(only_none_and_all_are_shares_of_0_and_100_percent)
{
	char text[CSVR_SHARE_BYTES];
	csvr_number_share(0, 10, text);
	ck_assert_str_eq(text, "0%");
	csvr_number_share(1, UINT64_MAX, text);
	ck_assert_str_eq(text, "<0.1%");
	csvr_number_share(177, 1000, text);
	ck_assert_str_eq(text, "17.7%");
	csvr_number_share(UINT64_MAX - 1, UINT64_MAX, text);
	ck_assert_str_eq(text, ">99.9%");
	csvr_number_share(UINT64_MAX, UINT64_MAX, text);
	ck_assert_str_eq(text, "100%");
}
END_TEST

/* ---- names ---- */

/* What a writer makes of a name, in a buffer of the caller. */
static const char *put(csvr_escape_fn writer, const char *name, size_t n_bytes, char text[256])
{
	FILE *stream = fmemopen(text, 256, "w");
	ck_assert_ptr_nonnull(stream);
	writer(stream, name, n_bytes);
	fclose(stream);
	return text;
}

static const struct {
	csvr_escape_fn writer;
	const char *name;
	const char *text;
} names[] = {
	{ csvr_escape_plain, "temp", "temp" },
	{ csvr_escape_plain, "\033[2J", "\\x1B[2J" },
	{ csvr_escape_plain, "a\nb\tc\x7F", "a\\x0Ab\\x09c\\x7F" },
	{ csvr_escape_plain, "\xFFz\xC3", "\\xFFz\\xC3" },
	{ csvr_escape_plain, "\xC0\x80", "\\xC0\\x80" }, /* overlong */
	{ csvr_escape_plain, "\xED\xA0\x80", "\\xED\\xA0\\x80" }, /* a surrogate */
	{ csvr_escape_plain, "\xC2\x9B", "\\u{009B}" }, /* CSI */
	{ csvr_escape_plain, "\xE2\x80\xAE", "\\u{202E}" }, /* right-to-left override */
	{ csvr_escape_plain, "\xE6\xB0\xB4", "\xE6\xB0\xB4" },
	{ csvr_escape_csv, "plain", "plain" },
	{ csvr_escape_csv, "a,b", "\"a,b\"" },
	{ csvr_escape_csv, "a\"b", "\"a\"\"b\"" },
	{ csvr_escape_csv, "a\nb", "\"a\nb\"" },
	{ csvr_escape_csv_terminal, "plain", "plain" },
	{ csvr_escape_csv_terminal, "\033]0;a,\"b\"\n\xFF", "\"\\x1B]0;a,\"\"b\"\"\\x0A\\xFF\"" },
	{ csvr_escape_tsv, "a\tb\\c\nd\re", "a\\tb\\\\c\\nd\\re" },
	{ csvr_escape_json, "a\"b\\c\n\033", "a\\\"b\\\\c\\n\\u001b" },
	{ csvr_escape_json, "\xFF", "\xEF\xBF\xBD" },
	{ csvr_escape_json, "\xF3\xA0\x81\x81",
	  "\\udb40\\udc41" }, /* U+E0041, a tag: cannot be seen */
	{ csvr_escape_markdown, "a|b", "a\\|b" },
	{ csvr_escape_markdown, "temp_a", "temp_a" },
	{ csvr_escape_markdown, "_a_", "\\_a\\_" },
	{ csvr_escape_markdown, "<b>", "\\<b\\>" },
	{ csvr_escape_xml, "<a b=\"c\">&\033", "&lt;a b=&quot;c&quot;&gt;&amp;\xEF\xBF\xBD" },
	{ csvr_escape_html, "<a b=\"c\">&\033", "&lt;a b=&quot;c&quot;&gt;&amp;\\x1B" },
	{ csvr_escape_html, "\xE2\x80\xAE'", "\\u{202E}'" },
};

START_TEST(names_are_written_as_each_format_asks)
{
	char text[256];
	put(names[_i].writer, names[_i].name, strlen(names[_i].name), text);
	ck_assert_str_eq(text, names[_i].text);
}
END_TEST

START_TEST(a_nul_byte_in_a_name_is_shown)
{
	char text[256];
	ck_assert_str_eq(put(csvr_escape_plain, "a\0b", 3, text), "a\\x00b");
	ck_assert_str_eq(put(csvr_escape_json, "a\0b", 3, text), "a\\u0000b");
}
END_TEST

START_TEST(width_counts_cells_of_the_terminal)
{
	ck_assert_uint_eq(csvr_escape_width("abc", 3), 3);
	ck_assert_uint_eq(csvr_escape_width("\xE6\xB0\xB4", 3), 2); /* wide */
	ck_assert_uint_eq(csvr_escape_width("e\xCC\x81", 3), 1); /* combining */
	ck_assert_uint_eq(csvr_escape_width("\xC3\xA9", 2), 1);
	ck_assert_uint_eq(csvr_escape_width("\xF0\x9F\x98\x80", 4), 2); /* emoji */
	ck_assert_uint_eq(csvr_escape_width("\033", 1), 4); /* \x1B */
}
END_TEST

/* A name as the table shows it in `width` cells. */
static const char *cut(const char *name, size_t width, char text[256])
{
	FILE *stream = fmemopen(text, 256, "w");
	ck_assert_ptr_nonnull(stream);
	csvr_escape_shortened(stream, name, strlen(name), width);
	fclose(stream);
	ck_assert_uint_le(csvr_escape_width(text, strlen(text)), width);
	ck_assert_uint_eq(csvr_escape_width(text, strlen(text)),
			  csvr_escape_cut(name, strlen(name), width, (width - 1) / 2).width);
	return text;
}

START_TEST(a_long_name_has_an_ellipsis_and_never_passes_its_width)
{
	static const char name[] = "ab\xE6\xB0\xB4\xE6\xB0\xB4"
				   "cd\033e";
	for (size_t width = 1; width < 16; width++) {
		char text[256];
		cut(name, width, text);
		const bool is_whole = csvr_escape_width(name, sizeof name - 1) <= width;
		ck_assert_int_eq(strstr(text, "\xE2\x80\xA6") == NULL, is_whole);
	}
}
END_TEST

static const struct {
	const char *name;
	size_t width;
	const char *text;
} cuts[] = {
	{ "abcdefgh", 8, "abcdefgh" },
	{ "abcdefgh", 7,
	  "abc\xE2\x80\xA6"
	  "fgh" },
	{ "abcdefgh", 6, "abc\xE2\x80\xA6gh" },
	{ "abcdefgh", 2, "a\xE2\x80\xA6" },
	{ "abcdefgh", 1, "\xE2\x80\xA6" },
	{ "a\033bcdefg", 6,
	  "a\xE2\x80\xA6"
	  "fg" }, /* an escape is whole or not there */
	{ "abcdefg\033", 6, "abc\xE2\x80\xA6" },
	{ "ab\xE6\xB0\xB4\xE6\xB0\xB4"
	  "cd",
	  6,
	  "ab\xE2\x80\xA6"
	  "cd" }, /* wide ones, too */
	{ "ae\xCC\x81zzzbe\xCC\x81", 5,
	  "ae\xCC\x81\xE2\x80\xA6"
	  "be\xCC\x81" },
	{ "abcde\xCC\x81z", 4, "ab\xE2\x80\xA6z" }, /* no accent upon the ellipsis */
};

START_TEST(a_long_name_keeps_its_head_and_its_tail)
{
	char text[256];
	ck_assert_str_eq(cut(cuts[_i].name, cuts[_i].width, text), cuts[_i].text);
}
END_TEST

START_TEST(the_tail_of_a_cut_name_is_as_wide_as_requested)
{
	static const char name[] = "abcdefghijkl";
	for (size_t tail = 0; tail < 8; tail++) {
		const struct csvr_cut cut = csvr_escape_cut(name, strlen(name), 8, tail);
		ck_assert_uint_eq(cut.head_bytes, 8 - 1 - tail);
		ck_assert_uint_eq(cut.tail_bytes, tail);
		ck_assert_uint_eq(cut.width, 8);
	}
}
END_TEST

static const struct {
	const char *text;
	size_t width;
	const char *head;
} heads[] = {
	{ "abcdefgh", 8, "abcdefgh" },
	{ "abcdefgh", 7, "abcdef\xE2\x80\xA6" },
	{ "abcdefgh", 1, "\xE2\x80\xA6" },
	{ "abc\033def", 6, "abc\xE2\x80\xA6" }, /* an escape is whole or not there */
	{ "ab\xE6\xB0\xB4\xE6\xB0\xB4", 5,
	  "ab\xE6\xB0\xB4\xE2\x80\xA6" }, /* wide characters, too */
	{ "ab\xE6\xB0\xB4\xE6\xB0\xB4", 4, "ab\xE2\x80\xA6" },
	{ "abe\xCC\x81", 3, "abe\xCC\x81" },
	{ "abe\xCC\x81z", 3, "ab\xE2\x80\xA6" }, /* no accent upon the ellipsis */
	{ "", 3, "" },
};

START_TEST(the_text_of_a_cell_is_cut_at_its_end)
{
	char head[64];
	const size_t width = csvr_escape_head(heads[_i].text, strlen(heads[_i].text),
					      heads[_i].width, head, sizeof head);
	ck_assert_str_eq(head, heads[_i].head);
	ck_assert_uint_eq(width, csvr_escape_width(head, strlen(head)));
}
END_TEST

START_TEST(a_text_of_characters_without_width_is_cut_at_the_capacity)
{
	char text[256], head[16 + 1];
	memset(head, 'x', sizeof head);
	for (size_t i = 0; i + 1 < sizeof text; i += 2)
		memcpy(text + i, "\xCC\x81", 2);
	csvr_escape_head(text, sizeof text, 20, head, 16);
	ck_assert_str_eq(head, "\xCC\x81\xCC\x81\xCC\x81\xCC\x81\xCC\x81\xCC\x81\xE2\x80\xA6");
	ck_assert_int_eq(head[16], 'x');
}
END_TEST

/* ---- suggestions ---- */

static const struct {
	const char *typed, *words[4];
	const char *word; /* "": no suggestion */
	size_t n_edits;
} typing_errors[] = {
	{ "maen", { "count", "mean", "min" }, "mean", 1 }, /* swapped */
	{ "stdev", { "stddev", "stddev_pop" }, "stddev", 1 },
	{ "stddev_ppo", { "stddev", "stddev_pop" }, "stddev_pop", 1 },
	{ "mix", { "min", "max" }, "max", 1 }, /* equally close: the first in byte order */
	{ "tmeperatura", { "temperature" }, "temperature", 2 },
	{ "temparatura", { "temperature" }, "temperature", 2 },
	{ "tenparatura", { "temperature" }, "", 0 },
	{ "abc", { "adx" }, "", 0 }, /* two of three letters */
	{ "", { "x" }, "x", 1 },
	{ "a", { "", "abc" }, "", 0 },
	{ "1234567890123456789012345678901",
	  { "123456789012345678901234567890" },
	  "123456789012345678901234567890",
	  1 },
	{ "1234567890123456789012345678901", { "12345678901234567890123456789012" }, "", 0 },
	{ "12345678901234567890123456789012", { "1234567890123456789012345678901" }, "", 0 },
};

START_TEST(a_suggestion_is_the_nearest_word_in_any_order_of_offers)
{
	const char *typed = typing_errors[_i].typed;
	struct csvr_suggestion forward = { 0 }, backward = { 0 }, merged = { 0 };
	size_t n = 0;
	while (typing_errors[_i].words[n] != NULL)
		n++;
	for (size_t i = 0; i < n; i++) {
		const char *first = typing_errors[_i].words[i];
		const char *last = typing_errors[_i].words[n - 1 - i];
		struct csvr_suggestion single = { 0 };
		csvr_suggestion_offer(&forward, typed, strlen(typed), first, strlen(first));
		csvr_suggestion_offer(&backward, typed, strlen(typed), last, strlen(last));
		csvr_suggestion_offer(&single, typed, strlen(typed), last, strlen(last));
		csvr_suggestion_merge(&merged, &single);
	}
	ck_assert_str_eq(forward.word, typing_errors[_i].word);
	ck_assert_uint_eq(forward.n_edits, typing_errors[_i].n_edits);
	ck_assert_mem_eq(&forward, &backward, sizeof forward);
	ck_assert_mem_eq(&forward, &merged, sizeof forward);
}
END_TEST

/* ---- values ---- */

static const struct {
	struct csvr_value value;
	int round_digits;
	csvr_escape_fn escape;
	const char *text;
} values[] = {
	{ { .kind = CSVR_VALUE_NONE }, -1, csvr_escape_csv, "" },
	{ { .kind = CSVR_VALUE_COUNT, .count = UINT64_MAX },
	  2,
	  csvr_escape_csv,
	  "18446744073709551615" },
	{ { .kind = CSVR_VALUE_REAL, .real = 2.5 }, -1, csvr_escape_csv, "2.5" },
	{ { .kind = CSVR_VALUE_REAL, .real = 2.5 }, 0, csvr_escape_csv, "2" },
	{ { .kind = CSVR_VALUE_DECIMAL, .text = "12345678901234567890.5" },
	  -1,
	  csvr_escape_csv,
	  "12345678901234567890.5" },
	{ { .kind = CSVR_VALUE_DECIMAL, .text = "12345678901234567890.75" },
	  1,
	  csvr_escape_csv,
	  "12345678901234567890.8" },
	{ { .kind = CSVR_VALUE_TIME, .text = "2024-02-29T23:59:59" },
	  1,
	  csvr_escape_csv,
	  "2024-02-29T23:59:59" },
	{ { .kind = CSVR_VALUE_WORD, .word = "integer" }, 1, csvr_escape_csv, "integer" },
	{ { .kind = CSVR_VALUE_BYTES, .bytes = (const unsigned char *)"a,\"b\"", .n_bytes = 5 },
	  1,
	  csvr_escape_csv,
	  "\"a,\"\"b\"\"\"" },
	{ { .kind = CSVR_VALUE_BYTES, .bytes = (const unsigned char *)"a|\033", .n_bytes = 3 },
	  1,
	  csvr_escape_markdown,
	  "a\\|\\\\x1B" },
	{ { .kind = CSVR_VALUE_BYTES, .bytes = (const unsigned char *)"\"\0\xFF", .n_bytes = 3 },
	  1,
	  csvr_escape_json,
	  "\\\"\\u0000\xEF\xBF\xBD" },
};

START_TEST(a_value_is_written_in_full_and_escaped)
{
	char text[256] = "";
	FILE *stream = fmemopen(text, sizeof text, "w");
	ck_assert_ptr_nonnull(stream);
	csvr_value_write(&values[_i].value, values[_i].round_digits, values[_i].escape, stream);
	fclose(stream);
	ck_assert_str_eq(text, values[_i].text);
}
END_TEST

/* ---- formats ---- */

START_TEST(every_format_has_a_name_of_its_own_and_a_phrase)
{
	for (size_t i = 0; i < CSVR_N_FORMATS; i++) {
		const char *name = csvr_format_name(i);
		ck_assert_ptr_nonnull(name);
		ck_assert_str_ne(csvr_format_help(i), "");
		for (size_t j = 0; j < i; j++)
			ck_assert_str_ne(name, csvr_format_name(j));
	}
	ck_assert_ptr_null(csvr_format_name(CSVR_N_FORMATS));
	ck_assert_str_eq(csvr_format_name(CSVR_FORMAT_STATE), "state");
}
END_TEST

START_TEST(separated_values_are_the_only_formats_without_provenance)
{
	for (size_t i = 0; i < CSVR_N_FORMATS; i++)
		ck_assert_int_eq(csvr_format_has_provenance(i),
				 i != CSVR_FORMAT_CSV && i != CSVR_FORMAT_TSV);
}
END_TEST

#define N(table) ((int)(sizeof table / sizeof table[0]))

static void add_cases(Suite *suite)
{
	TCase *numbers = tcase_create("numbers");
	tcase_add_loop_test(numbers, shortest_text_is_that_of_the_table, 0, N(shortest));
	tcase_add_test(numbers, digits_of_usual_numbers_are_those_that_printf_rounds_to);
	tcase_add_test(numbers,
		       shortest_text_of_any_double_reads_back_and_none_by_printf_is_shorter);
	tcase_add_test(numbers, every_power_of_two_reads_back_in_no_more_digits_than_printf_needs);
	tcase_add_loop_test(numbers, rounded_text_is_that_of_the_table, 0, N(fixed));
	tcase_add_test(numbers, the_longest_rounded_number_fits_its_buffer);
	tcase_add_loop_test(numbers, rounded_text_of_a_decimal_is_that_of_the_table, 0,
			    N(fixed_decimals));
	tcase_add_test(numbers, the_longest_rounded_decimal_fits_its_buffer);
	tcase_add_test(numbers, decimals_round_to_even_at_every_digit);
	tcase_add_loop_test(numbers, both_notations_of_digits_have_the_bytes_that_are_promised, 0,
			    N(notations));
	tcase_add_loop_test(numbers, brief_text_is_that_of_the_table, 0, N(brief));
	tcase_add_test(numbers, counts_have_their_thousands_grouped);
	tcase_add_test(numbers, sizes_have_the_unit_that_suits_them);
	tcase_add_test(numbers, only_none_and_all_are_shares_of_0_and_100_percent);
	suite_add_tcase(suite, numbers);

	TCase *text = tcase_create("names");
	tcase_add_loop_test(text, names_are_written_as_each_format_asks, 0, N(names));
	tcase_add_test(text, a_nul_byte_in_a_name_is_shown);
	tcase_add_test(text, width_counts_cells_of_the_terminal);
	tcase_add_test(text, a_long_name_has_an_ellipsis_and_never_passes_its_width);
	tcase_add_loop_test(text, a_long_name_keeps_its_head_and_its_tail, 0, N(cuts));
	tcase_add_test(text, the_tail_of_a_cut_name_is_as_wide_as_requested);
	tcase_add_loop_test(text, the_text_of_a_cell_is_cut_at_its_end, 0, N(heads));
	tcase_add_test(text, a_text_of_characters_without_width_is_cut_at_the_capacity);
	tcase_add_loop_test(text, a_suggestion_is_the_nearest_word_in_any_order_of_offers, 0,
			    N(typing_errors));
	suite_add_tcase(suite, text);

	TCase *formats = tcase_create("formats");
	tcase_add_loop_test(formats, a_value_is_written_in_full_and_escaped, 0, N(values));
	tcase_add_test(formats, every_format_has_a_name_of_its_own_and_a_phrase);
	tcase_add_test(formats, separated_values_are_the_only_formats_without_provenance);
	suite_add_tcase(suite, formats);
}

int main(void)
{
	return check_main("format", add_cases);
}
