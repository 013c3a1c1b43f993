/* test_date_time.c - booleans, dates and times: their classes, their values, and back to text
 *
 * Days are counted one by one, by the lengths of months.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "check_main.h"
#include "parse/date_time.h"
#include "random.h"

enum { ROOM = 160 };

static struct csvr_decimal classify(const char *text)
{
	struct csvr_decimal decimal;
	memset(&decimal, 0, sizeof decimal);
	csvr_text_classify(&decimal, (const unsigned char *)text, strlen(text));
	return decimal;
}

/* The value in units of 10^-18 seconds. */
static __int128 value_of(const struct csvr_decimal *decimal)
{
	__int128 value = 0;
	for (size_t i = decimal->n_parts; i-- > 0;)
		value = value * 1000000000000000000 + decimal->part[i];
	ck_assert(decimal->exponent <= 0 && decimal->exponent >= -18);
	for (int i = decimal->exponent; i > -18; i--)
		value *= 10;
	return decimal->is_negative ? -value : value;
}

static __int128 attoseconds(int64_t seconds, const char *fraction)
{
	__int128 value = seconds;
	for (int i = 0; i < 18; i++) {
		value = value * 10 + (*fraction != '\0' ? *fraction - '0' : 0);
		fraction += *fraction != '\0';
	}
	return value;
}

/* ---- tables ---- */

enum { DASH = CSVR_NOTATION_DASH, SLASH = CSVR_NOTATION_SLASH, T = CSVR_NOTATION_T };
enum { BLANK = CSVR_NOTATION_BLANK, ZONE = CSVR_NOTATION_ZONE, DAYS = CSVR_NOTATION_DAYS };
enum { NO_ZONE = CSVR_NOTATION_NO_ZONE };

/* Seconds are those of `date -u -d TEXT +%s`. A fraction is added. */
static const struct {
	const char *text;
	enum csvr_cell_class class;
	unsigned notation;
	int64_t seconds;
	const char *fraction;
} values[] = {
	{ "1970-01-01", CSVR_CELL_DATE, DASH, 0, "" },
	{ "1970/01/01", CSVR_CELL_DATE, SLASH, 0, "" },
	{ "1969-12-31", CSVR_CELL_DATE, DASH, -86400, "" },
	{ "2000-02-29", CSVR_CELL_DATE, DASH, 951782400, "" },
	{ "2000-03-01", CSVR_CELL_DATE, DASH, 951868800, "" },
	{ "2024-12-31", CSVR_CELL_DATE, DASH, 1735603200, "" },
	{ "0001-01-01", CSVR_CELL_DATE, DASH, -62135596800, "" },
	{ "9999-12-31", CSVR_CELL_DATE, DASH, 253402214400, "" },
	{ "1970-01-01T00:00", CSVR_CELL_DATETIME, DASH | T | NO_ZONE, 0, "" },
	{ "1970-01-01 00:00:01", CSVR_CELL_DATETIME, DASH | BLANK | NO_ZONE, 1, "" },
	{ "1970/01/01 \t 23:59:59", CSVR_CELL_DATETIME, SLASH | BLANK | NO_ZONE, 86399, "" },
	{ "1970-01-01T00:00Z", CSVR_CELL_DATETIME, DASH | T | ZONE, 0, "" },
	{ "1970-01-01T01:00+01", CSVR_CELL_DATETIME, DASH | T | ZONE, 0, "" },
	{ "1970-01-01T01:00+0100", CSVR_CELL_DATETIME, DASH | T | ZONE, 0, "" },
	{ "1970-01-01T01:00+01:00", CSVR_CELL_DATETIME, DASH | T | ZONE, 0, "" },
	{ "1970-01-01T00:00-00:01", CSVR_CELL_DATETIME, DASH | T | ZONE, 60, "" },
	{ "1970-01-01T00:00+00:01", CSVR_CELL_DATETIME, DASH | T | ZONE, -60, "" },
	{ "1970-01-01 00:00 Z", CSVR_CELL_DATETIME, DASH | BLANK | ZONE, 0, "" },
	{ "1970-01-01T00:00:00.5", CSVR_CELL_DATETIME, DASH | T | NO_ZONE, 0, "5" },
	{ "1970-01-01T00:00:00,5", CSVR_CELL_DATETIME, DASH | T | NO_ZONE, 0, "5" },
	{ "1970-01-01T00:00:00.000000000000000001Z", CSVR_CELL_DATETIME, DASH | T | ZONE, 0,
	  "000000000000000001" },
	{ "1969-12-31T23:59:59.25", CSVR_CELL_DATETIME, DASH | T | NO_ZONE, -1, "25" },
	{ "1969-12-31T23:59:59.000", CSVR_CELL_DATETIME, DASH | T | NO_ZONE, -1, "" },
	{ "0001-01-01T00:00+23:59", CSVR_CELL_DATETIME, DASH | T | ZONE, -62135683140, "" },
	{ "9999-12-31T23:59:59.999999999999999999-23:59", CSVR_CELL_DATETIME, DASH | T | ZONE,
	  253402387139, "999999999999999999" },
	{ "0:00:00", CSVR_CELL_TIME, 0, 0, "" },
	{ "12:34:56", CSVR_CELL_TIME, 0, 45296, "" },
	{ "24:00:00", CSVR_CELL_TIME, 0, 86400, "" },
	{ "100:00:00.125", CSVR_CELL_TIME, 0, 360000, "125" },
	{ "1-02:03:04", CSVR_CELL_TIME, DAYS, 93784, "" },
	{ "1-2:03:04", CSVR_CELL_TIME, DAYS, 93784, "" },
	{ "0-00:00:00,75", CSVR_CELL_TIME, DAYS, 0, "75" },
	{ "1234-05:06:07", CSVR_CELL_TIME, DAYS, 106635967, "" },
	{ "999999999:59:59", CSVR_CELL_TIME, 0, 3599999999999, "" },
	{ "999999999-23:59:59.999999999999999999", CSVR_CELL_TIME, DAYS, 86399999999999,
	  "999999999999999999" },
};

START_TEST(a_date_or_time_has_the_value_of_the_table)
{
	const struct csvr_decimal found = classify(values[_i].text);
	ck_assert_msg(found.class == values[_i].class, "'%s': class %d", values[_i].text,
		      (int)found.class);
	ck_assert_msg(value_of(&found) == attoseconds(values[_i].seconds, values[_i].fraction),
		      "'%s'", values[_i].text);
	ck_assert_msg(found.notation == values[_i].notation, "'%s': notation %u", values[_i].text,
		      found.notation);
}
END_TEST

static const char *const texts[] = {
	"2024-02-30",
	"2023-02-29",
	"1900-02-29",
	"0000-01-01",
	"2024-13-01",
	"2024-00-01",
	"2024-01-00",
	"2024-01-32",
	"2024-1-1",
	"2024-01/01",
	"2024/01-01",
	"2024-01-1",
	"2024-01-011",
	"2024-01-",
	"24-01-01",
	"02024-01-01",
	"2024-01-01T",
	"2024-01-01 ",
	"2024-01-01T10",
	"2024-01-01T10:",
	"2024-01-01T1:00",
	"2024-01-01T24:00",
	"2024-01-01T10:60",
	"2024-01-01T10:00:60",
	"2024-01-01T10:00:0",
	"2024-01-01T10:00:00.",
	"2024-01-01T10:00:00.0000000000000000000",
	"2024-01-01T10:00.5",
	"2024-01-01t10:00",
	"2024-01-01 T10:00",
	"2024-01-01T 10:00",
	"2024-01-01T10:00z",
	"2024-01-01T10:00+1",
	"2024-01-01T10:00+24",
	"2024-01-01T10:00+010",
	"2024-01-01T10:00+01:",
	"2024-01-01T10:00+01:60",
	"2024-01-01T10:00+01:00Z",
	"2024-01-01T10:00 +01 ",
	"2024-02-30T10:00",
	"12:30",
	"12:60:00",
	"12:00:60",
	"12:0:00",
	"12:00:0",
	"12:00:00.",
	"12:00:00Z",
	"12:00:00.0000000000000000000",
	"-12:00:00",
	"1234567890:00:00",
	"1234567890-00:00:00",
	"1-24:00:00",
	"1-2-3:00:00",
	"1 02:03:04",
	":00:00",
	"0:00:00:00",
	"tru",
	"truee",
	"\x14rue",
	"fals",
	"falsey",
	"True ",
	"-true",
	"yes",
	"",
};

START_TEST(what_resembles_a_boolean_date_or_time_is_text)
{
	ck_assert_msg(classify(texts[_i]).class == CSVR_CELL_TEXT, "'%s'", texts[_i]);
}
END_TEST

START_TEST(true_and_false_are_booleans_in_any_case)
{
	for (unsigned bits = 0; bits < 32; bits++) {
		char yes[] = "true", no[] = "false";
		for (unsigned i = 0; i < 4; i++)
			yes[i] = (char)(bits >> i & 1 ? yes[i] - 32 : yes[i]);
		for (unsigned i = 0; i < 5; i++)
			no[i] = (char)(bits >> i & 1 ? no[i] - 32 : no[i]);
		ck_assert_int_eq(classify(yes).class, CSVR_CELL_BOOLEAN);
		ck_assert_int_eq(classify(no).class, CSVR_CELL_BOOLEAN);
		ck_assert_uint_eq(classify(yes).part[0], 1);
		ck_assert_uint_eq(classify(no).part[0], 0);
	}
}
END_TEST

/* ---- the calendar ---- */

static int days_of_month(int year, int month)
{
	static const int days[] = { 31, 0, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	if (month != 2)
		return days[month - 1];
	return year % 400 == 0 ? 29 : year % 100 == 0 ? 28 : year % 4 == 0 ? 29 : 28;
}

enum { NO_DATE = INT32_MIN };

static int64_t days_of_date(int year, int month, int day)
{
	int64_t days;
	return csvr_days_of_date((unsigned)year, (unsigned)month, (unsigned)day, &days) ? days
											: NO_DATE;
}

START_TEST(every_day_of_the_calendar_follows_the_day_before)
{
	int64_t day_number = -719162; /* 0001-01-01 */
	for (int year = 1; year <= 9999; year++)
		for (int month = 1; month <= 12; month++)
			for (int day = 1; day <= days_of_month(year, month); day++)
				ck_assert_int_eq(days_of_date(year, month, day), day_number++);
	ck_assert_int_eq(day_number, 2932897); /* 10000-01-01 */
}
END_TEST

START_TEST(the_calendar_has_these_days_and_no_others)
{
	for (int year = 1599; year <= 2001; year++)
		for (int month = 0; month <= 13; month++)
			for (int day = 0; day <= 33; day++) {
				const bool is_date = month >= 1 && month <= 12 && day >= 1 &&
						     day <= days_of_month(year, month);
				ck_assert_int_eq(days_of_date(year, month, day) != NO_DATE,
						 is_date);
				char text[ROOM] = "";
				snprintf(text, sizeof text, "%04d-%02d-%02d", year, month, day);
				ck_assert_int_eq(classify(text).class,
						 is_date ? CSVR_CELL_DATE : CSVR_CELL_TEXT);
			}
	ck_assert_int_eq(days_of_date(0, 1, 1), NO_DATE);
	ck_assert_int_eq(days_of_date(10000, 1, 1), NO_DATE);
	for (int month = 0; month < 100; month++)
		ck_assert_int_eq(days_of_date(2000, month, 1) != NO_DATE,
				 month >= 1 && month <= 12);
}
END_TEST

START_TEST(every_day_of_four_hundred_years_is_read_and_written_back)
{
	struct csvr_quick_time time_read;
	int64_t day_number = days_of_date(1600, 1, 1);
	for (int year = 1600; year < 2000; year++)
		for (int month = 1; month <= 12; month++)
			for (int day = 1; day <= days_of_month(year, month); day++) {
				char text[ROOM] = "", again[CSVR_TIME_TEXT_BYTES];
				const struct csvr_time time = { day_number++ * 86400, "" };
				snprintf(text, sizeof text, "%04d-%02d-%02d", year, month, day);
				const struct csvr_decimal found = classify(text);
				ck_assert(value_of(&found) == attoseconds(time.seconds, ""));
				ck_assert(csvr_quick_time_read(&time_read,
							       (const unsigned char *)text, 10));
				ck_assert_int_eq(time_read.value, time.seconds);
				csvr_time_text(&time, CSVR_QUANTITY_DATE, DASH, true, again);
				ck_assert_str_eq(again, text);
			}
}
END_TEST

/* ---- text and back ---- */

static const struct {
	int64_t seconds;
	const char *fraction;
	enum csvr_quantity quantity;
	unsigned notation;
	bool is_date;
	const char *text;
} notations[] = {
	{ 0, "", CSVR_QUANTITY_DATE, DASH, true, "1970-01-01" },
	{ 0, "", CSVR_QUANTITY_DATE, SLASH, true, "1970/01/01" },
	{ 0, "", CSVR_QUANTITY_DATE, DASH | SLASH, true, "1970-01-01" },
	{ 0, "", CSVR_QUANTITY_DATE, 0, true, "1970-01-01" },
	{ 43200, "", CSVR_QUANTITY_DATE, SLASH, true, "1970/01/01T12:00:00" },
	{ 0, "5", CSVR_QUANTITY_DATE, DASH, true, "1970-01-01T00:00:00.5" },
	{ 0, "", CSVR_QUANTITY_DATE, DASH, false, "1970-01-01T00:00:00" },
	{ -1, "875", CSVR_QUANTITY_DATE, DASH | BLANK, false, "1969-12-31 23:59:59.875" },
	{ -1, "", CSVR_QUANTITY_DATE, DASH | BLANK | T, false, "1969-12-31T23:59:59" },
	{ 0, "", CSVR_QUANTITY_DATE, DASH | T | ZONE, false, "1970-01-01T00:00:00Z" },
	{ 0, "", CSVR_QUANTITY_DATE, DASH | T | ZONE | NO_ZONE, false, "1970-01-01T00:00:00" },
	{ -62135683140, "", CSVR_QUANTITY_DATE, DASH | ZONE, false, "0000-12-31T00:01:00Z" },
	{ 253402387139, "", CSVR_QUANTITY_DATE, DASH, false, "10000-01-01T23:58:59" },
	{ 0, "", CSVR_QUANTITY_TIME, 0, false, "00:00:00" },
	{ 93784, "", CSVR_QUANTITY_TIME, 0, false, "26:03:04" },
	{ 93784, "25", CSVR_QUANTITY_TIME, DAYS, false, "1-02:03:04.25" },
	{ 59, "", CSVR_QUANTITY_TIME, DAYS, false, "0-00:00:59" },
	{ 3600000, "", CSVR_QUANTITY_TIME, 0, false, "1000:00:00" },
};

START_TEST(a_value_has_the_text_of_the_table)
{
	char text[CSVR_TIME_TEXT_BYTES];
	struct csvr_time time = { .seconds = notations[_i].seconds };
	snprintf(time.fraction, sizeof time.fraction, "%s", notations[_i].fraction);
	csvr_time_text(&time, notations[_i].quantity, notations[_i].notation, notations[_i].is_date,
		       text);
	ck_assert_str_eq(text, notations[_i].text);
}
END_TEST

/* A random time that is written with one notation. */
static struct csvr_time random_time(enum csvr_quantity quantity)
{
	struct csvr_time time = { .seconds = 0 };
	if (quantity == CSVR_QUANTITY_DATE)
		time.seconds = (int64_t)(next_random() % 315537897600) - 62135596800;
	else
		time.seconds = (int64_t)(next_random() % (below(2) == 0 ? 100000 : 3600000000000));
	const unsigned n = below(3) == 0 ? below(19) : 0;
	for (unsigned i = 0; i < n; i++)
		time.fraction[i] = (char)('0' + below(10));
	if (n > 0)
		time.fraction[n - 1] = (char)('1' + below(9));
	return time;
}

START_TEST(texts_of_random_values_are_read_back)
{
	static const unsigned dates[] = { DASH | T | NO_ZONE, SLASH | BLANK | NO_ZONE,
					  DASH | BLANK | ZONE, SLASH | T | ZONE };
	static const unsigned times[] = { 0, DAYS };
	for (int i = 0; i < 200000; i++) {
		const bool is_time = below(3) == 0;
		const enum csvr_quantity quantity = is_time ? CSVR_QUANTITY_TIME
							    : CSVR_QUANTITY_DATE;
		const unsigned notation = is_time ? times[below(2)] : dates[below(4)];
		const struct csvr_time time = random_time(quantity);
		char text[CSVR_TIME_TEXT_BYTES];
		csvr_time_text(&time, quantity, notation, false, text);
		const struct csvr_decimal found = classify(text);
		ck_assert_msg(found.class == (is_time ? CSVR_CELL_TIME : CSVR_CELL_DATETIME), "%s",
			      text);
		ck_assert_msg(found.notation == notation, "%s", text);
		ck_assert_msg(value_of(&found) == attoseconds(time.seconds, time.fraction), "%s",
			      text);
		double seconds;
		char fraction[CSVR_TIME_TEXT_BYTES];
		snprintf(fraction, sizeof fraction, "0.%s", time.fraction);
		const double expected = (double)time.seconds + strtod(fraction, NULL);
		ck_assert_msg(csvr_time_parse(text, strlen(text), quantity, &seconds), "%s", text);
		ck_assert_msg(fabs(seconds - expected) <= fabs(expected) * 0x1p-52, "%s", text);
	}
}
END_TEST

START_TEST(a_text_that_is_no_date_or_time_has_no_seconds)
{
	static const char *const rejected[] = { "",
						"2024",
						"2024-13-01",
						"2024-02-30",
						"2024-01-01x",
						"2024-01-01T",
						"2024-01-01 1:2",
						"2024-01-01T10:60:00",
						"10:20:30." };
	double seconds;
	for (size_t i = 0; i < sizeof rejected / sizeof rejected[0]; i++)
		ck_assert_msg(!csvr_time_parse(rejected[i], strlen(rejected[i]), CSVR_QUANTITY_DATE,
					       &seconds),
			      "%s", rejected[i]);
	ck_assert(!csvr_time_parse("10:20:30.", 9, CSVR_QUANTITY_TIME, &seconds));
	ck_assert(!csvr_time_parse("2024-01-31", 10, CSVR_QUANTITY_TIME, &seconds));
	ck_assert(csvr_time_parse("1-02:03:04.5", 12, CSVR_QUANTITY_TIME, &seconds));
	ck_assert_double_eq(seconds, 93784.5);
}
END_TEST

START_TEST(a_double_becomes_the_nearest_microsecond)
{
	static const struct {
		double seconds;
		int64_t whole;
		const char *fraction;
	} doubles[] = {
		{ 0, 0, "" },
		{ 1.5, 1, "5" },
		{ -0.25, -1, "75" },
		{ 0x1p-22, 0, "" }, /* 0.238 microseconds */
		{ 0x1.8p-21, 0, "000001" }, /* 0.715 */
		{ -0x1p-22, 0, "" },
		{ 1 - 0x1p-30, 1, "" },
		{ -62135596800, -62135596800, "" },
		{ 253402300799.5, 253402300799, "5" },
	};
	for (size_t i = 0; i < sizeof doubles / sizeof doubles[0]; i++) {
		const struct csvr_time time = csvr_time_of_double(doubles[i].seconds);
		ck_assert_int_eq(time.seconds, doubles[i].whole);
		ck_assert_str_eq(time.fraction, doubles[i].fraction);
	}
}
END_TEST

/* ---- the quick reader ---- */

/* A date, datetime or time, in which some bytes may be replaced. Returns its length. */
static size_t random_time_text(char text[ROOM])
{
	static const char others[] = "0123456789-/: TZ.,+\xff";
	memset(text, 0, ROOM);
	const char separator = below(4) == 0 ? '/' : '-';
	const bool is_time = below(3) == 0;
	const unsigned year = below(8) == 0 ? below(3) : below(10000);
	int n = is_time ? snprintf(text, ROOM, "%0*u", 1 + (int)below(5), below(200))
			: snprintf(text, ROOM, "%04u%c%02u%c%02u", year, separator, 1 + below(12),
				   separator, 1 + below(31));
	const bool has_clock = is_time || below(2) == 0;
	if (has_clock && !is_time)
		n += snprintf(text + n, ROOM - (size_t)n, "%c%02u", below(2) == 0 ? 'T' : ' ',
			      below(25));
	if (has_clock)
		n += snprintf(text + n, ROOM - (size_t)n, ":%02u:%02u", below(61), below(61));
	if (has_clock && below(2) == 0)
		n += snprintf(text + n, ROOM - (size_t)n, "%c%0*u", below(4) == 0 ? ',' : '.',
			      1 + (int)below(7), below(1000));
	if (below(4) == 0)
		text[n++] = 'Z';
	else if (below(4) == 0)
		n += snprintf(text + n, ROOM - (size_t)n, "%c%02u:%02u", below(2) == 0 ? '+' : '-',
			      below(25), below(61));
	for (unsigned changes = below(3) == 0 ? below(3) : 0; changes > 0; changes--)
		text[below((unsigned)n)] = others[below(sizeof others - 1)];
	return (size_t)n;
}

START_TEST(the_quick_reader_agrees_with_the_slow_one)
{
	unsigned n_read = 0, n_short = 0, n_fractions = 0, n_zones = 0;
	for (int i = 0; i < 600000; i++) {
		char text[ROOM];
		struct csvr_quick_time time;
		const size_t n_bytes = random_time_text(text);
		const struct csvr_decimal slow = classify(text);
		const bool is_read = csvr_quick_time_read(&time, (const unsigned char *)text,
							  n_bytes);
		const bool is_time = slow.class == CSVR_CELL_DATE ||
				     slow.class == CSVR_CELL_DATETIME ||
				     slow.class == CSVR_CELL_TIME;
		/* Other notations, such as 2024-01-01T10:00+01, are left to the slow one. */
		ck_assert_msg(is_time || !is_read, "%s", text);
		n_read += is_read;
		if (!is_read)
			continue;
		n_short += slow.class == CSVR_CELL_TIME;
		n_fractions += time.n_digits > 0;
		n_zones += (slow.notation & ZONE) != 0;
		ck_assert_msg(time.class == slow.class && time.notation == slow.notation, "%s",
			      text);
		ck_assert_msg(time.n_digits == (unsigned)-slow.exponent, "%s", text);
		__int128 value = time.value;
		for (unsigned digit = time.n_digits; digit < 18; digit++)
			value *= 10;
		ck_assert_msg(value_of(&slow) == value, "%s", text);
	}
	ck_assert_uint_gt(n_read, 200000);
	ck_assert(n_short > 50000 && n_fractions > 50000 && n_zones > 10000);
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *date_time = tcase_create("date_time");
	tcase_set_timeout(date_time, 120);
	tcase_add_loop_test(date_time, a_date_or_time_has_the_value_of_the_table, 0,
			    (int)(sizeof values / sizeof values[0]));
	tcase_add_loop_test(date_time, what_resembles_a_boolean_date_or_time_is_text, 0,
			    (int)(sizeof texts / sizeof texts[0]));
	tcase_add_test(date_time, true_and_false_are_booleans_in_any_case);
	tcase_add_test(date_time, every_day_of_the_calendar_follows_the_day_before);
	tcase_add_test(date_time, the_calendar_has_these_days_and_no_others);
	tcase_add_test(date_time, every_day_of_four_hundred_years_is_read_and_written_back);
	tcase_add_loop_test(date_time, a_value_has_the_text_of_the_table, 0,
			    (int)(sizeof notations / sizeof notations[0]));
	tcase_add_test(date_time, texts_of_random_values_are_read_back);
	tcase_add_test(date_time, a_text_that_is_no_date_or_time_has_no_seconds);
	tcase_add_test(date_time, a_double_becomes_the_nearest_microsecond);
	tcase_add_test(date_time, the_quick_reader_agrees_with_the_slow_one);
	suite_add_tcase(suite, date_time);
}

int main(void)
{
	return check_main("date_time", add_cases);
}
