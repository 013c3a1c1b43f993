/* calendar.h - dates and times as seconds, and back to text
 *
 * Units    seconds since 1970-01-01T00:00:00 of the proleptic Gregorian calendar, without leap seconds; of
 *          times of day and durations, seconds
 * Errors   none
 * Threads  pure; no locale, no time zone database
 * Source   days from year, month and day, and back: Hinnant, "chrono-Compatible Low-Level Date Algorithms"
 */
#ifndef CSVR_BASE_CALENDAR_H
#define CSVR_BASE_CALENDAR_H

#include "csvreport.h"

enum { CSVR_SECONDS_PER_DAY = 86400 };

/* How the cells of a quantity are written. The notations of several cells are or-ed. */
enum csvr_notation {
	CSVR_NOTATION_FRACTION = 1, /* a number with an exponent, or with digits after the point */
	CSVR_NOTATION_DASH = 2, /* 2024-01-31 */
	CSVR_NOTATION_SLASH = 4, /* 2024/01/31 */
	CSVR_NOTATION_T = 8, /* between date and time */
	CSVR_NOTATION_BLANK = 16, /* the same */
	CSVR_NOTATION_ZONE = 32, /* Z or an offset: the value is in UTC */
	CSVR_NOTATION_NO_ZONE = 64, /* a time without one */
	CSVR_NOTATION_DAYS = 128, /* 1-02:03:04 */
	CSVR_MAX_NOTATION = 255
};

/* Sets `*days` to the days from 1970-01-01 to a date. False: the calendar, of years 1 to 9999, has no such day.
 * Inline and almost without branches, as there are columns of dates that differ in every cell. */
static inline bool csvr_days_of_date(unsigned year, unsigned month, unsigned day, int64_t *days)
{
	static const uint8_t length[16] = { 0,  31, 28, 31, 30, 31, 30, 31,
					    31, 30, 31, 30, 31, 0,  0,  0 };
	static const uint16_t days_before[16] = { 0,   0,   31,  59,  90,  120, 151, 181,
						  212, 243, 273, 304, 334, 0,   0,   0 };
	const unsigned century = year / 100, year_of_century = year % 100;
	const bool is_leap = ((year_of_century == 0 ? century : year_of_century) & 3) == 0;
	/* Leap days up to this year. In January and February that of this year is still to come. */
	const unsigned n_leap_days = year / 4 - century + century / 4 - (is_leap & (month <= 2));
	const unsigned n_days = year * 365 + n_leap_days + days_before[month & 15] + day;
	/* From the day before 0000-01-01. Year 0 has 366 days. */
	enum { DAYS_TO_1970 = 719528 };
	*days = (int64_t)n_days - DAYS_TO_1970;
	return (year - 1 < 9999) & (month < 16) &
	       (day - 1 < length[month & 15] + (unsigned)(is_leap & (month == 2)));
}

enum { CSVR_TIME_TEXT_BYTES = 64, CSVR_MAX_FRACTION_DIGITS = 18 };

/* A point in time, or a duration: `seconds` plus 0.`fraction` of a second. */
struct csvr_time {
	int64_t seconds;
	char fraction[CSVR_MAX_FRACTION_DIGITS + 1]; /* digits without trailing zeros; "" is 0 */
};

/* The nearest microsecond, ties to even. `seconds` is below 1e12 in magnitude. */
struct csvr_time csvr_time_of_double(double seconds);

/* Writes a value of quantity CSVR_QUANTITY_DATE or CSVR_QUANTITY_TIME in the notation that the cells have in
 * common, else in that of ISO 8601: 2024-01-31T10:00:00.5Z, 26:03:04 or 1-02:03:04. With `is_date`, a value
 * that is the start of a day is a date only. */
void csvr_time_text(const struct csvr_time *time, enum csvr_quantity quantity, unsigned notation,
		    bool is_date, char text[CSVR_TIME_TEXT_BYTES]);

/* The seconds of a text that csvr_time_text has written for a quantity, within 1 ulp. False: it is none. */
bool csvr_time_parse(const char *text, size_t n_bytes, enum csvr_quantity quantity,
		     double *seconds);

#endif
