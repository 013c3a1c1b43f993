/* calendar.c - dates and times as seconds, and back to text */
#include "base/calendar.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* ---- days ---- */

/* Years begin in March, so that the leap day is the last of a year; 400 years are an era. */
enum { DAYS_PER_ERA = 146097, DAYS_TO_1970 = 719468 /* since 0000-03-01 */ };

struct date {
	int year, month, day;
};

static struct date date_of_days(int64_t days)
{
	days += DAYS_TO_1970;
	const int64_t era = (days >= 0 ? days : days - (DAYS_PER_ERA - 1)) / DAYS_PER_ERA;
	const int day_of_era = (int)(days - era * DAYS_PER_ERA);
	const int year_of_era =
		(day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	const int day_of_year = day_of_era -
				(365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	const int march_month = (5 * day_of_year + 2) / 153;
	const int month = march_month < 10 ? march_month + 3 : march_month - 9;
	const int year = year_of_era + (int)era * 400 + (month <= 2);
	return (struct date){ year, month, day_of_year - (153 * march_month + 2) / 5 + 1 };
}

/* ---- text ---- */

struct csvr_time csvr_time_of_double(double seconds)
{
	double whole = floor(seconds);
	double micros = rint((seconds - whole) * 1e6); /* the difference is exact */
	if (micros >= 1e6) {
		whole += 1;
		micros = 0;
	}
	struct csvr_time time = { .seconds = (int64_t)whole };
	size_t n = (size_t)snprintf(time.fraction, sizeof time.fraction, "%06d", (int)micros);
	while (n > 0 && time.fraction[n - 1] == '0')
		time.fraction[--n] = '\0';
	return time;
}

/* The remainder is not negative. */
static int64_t divide_floor(int64_t value, int64_t divisor, int64_t *remainder)
{
	int64_t quotient = value / divisor;
	*remainder = value % divisor;
	if (*remainder < 0) {
		*remainder += divisor;
		quotient--;
	}
	return quotient;
}

static int write_clock(char *text, size_t n_bytes, int64_t seconds, const char *fraction)
{
	return snprintf(text, n_bytes, "%02" PRId64 ":%02d:%02d%s%s", seconds / 3600,
			(int)(seconds / 60 % 60), (int)(seconds % 60),
			fraction[0] != '\0' ? "." : "", fraction);
}

static void write_date(const struct csvr_time *time, unsigned notation, bool is_date,
		       char text[CSVR_TIME_TEXT_BYTES])
{
	int64_t second_of_day;
	const struct date date = date_of_days(
		divide_floor(time->seconds, CSVR_SECONDS_PER_DAY, &second_of_day));
	const char separator = (notation & CSVR_NOTATION_SLASH) != 0 &&
					       (notation & CSVR_NOTATION_DASH) == 0
				       ? '/'
				       : '-';
	int used = snprintf(text, CSVR_TIME_TEXT_BYTES, "%04d%c%02d%c%02d", date.year, separator,
			    date.month, separator, date.day);
	if (is_date && second_of_day == 0 && time->fraction[0] == '\0')
		return;
	const bool has_blank = (notation & CSVR_NOTATION_BLANK) != 0 &&
			       (notation & CSVR_NOTATION_T) == 0;
	text[used++] = has_blank ? ' ' : 'T';
	used += write_clock(text + used, CSVR_TIME_TEXT_BYTES - (size_t)used, second_of_day,
			    time->fraction);
	if ((notation & CSVR_NOTATION_ZONE) != 0 && (notation & CSVR_NOTATION_NO_ZONE) == 0)
		snprintf(text + used, CSVR_TIME_TEXT_BYTES - (size_t)used, "Z");
}

void csvr_time_text(const struct csvr_time *time, enum csvr_quantity quantity, unsigned notation,
		    bool is_date, char text[CSVR_TIME_TEXT_BYTES])
{
	if (quantity == CSVR_QUANTITY_DATE) {
		write_date(time, notation, is_date, text);
		return;
	}
	int64_t seconds = time->seconds;
	int used = 0;
	if ((notation & CSVR_NOTATION_DAYS) != 0) {
		used = snprintf(text, CSVR_TIME_TEXT_BYTES, "%" PRId64 "-",
				seconds / CSVR_SECONDS_PER_DAY);
		seconds %= CSVR_SECONDS_PER_DAY;
	}
	write_clock(text + used, CSVR_TIME_TEXT_BYTES - (size_t)used, seconds, time->fraction);
}

/* ---- and back ---- */

struct text {
	const char *at, *end;
};

/* Reads digits, at most 15; false if there are none, or more. */
static bool read_digits(struct text *text, uint64_t *number, int *n_digits)
{
	enum { MOST_DIGITS = 15 };
	*number = 0;
	for (*n_digits = 0; text->at < text->end && *text->at >= '0' && *text->at <= '9';
	     text->at++, ++*n_digits)
		if (*n_digits < MOST_DIGITS)
			*number = *number * 10 + (uint64_t)(*text->at - '0');
	return *n_digits > 0 && *n_digits <= MOST_DIGITS;
}

static bool read_byte(struct text *text, const char *allowed)
{
	if (text->at == text->end || *text->at == '\0' || strchr(allowed, *text->at) == NULL)
		return false;
	text->at++;
	return true;
}

/* The digits after a point; those after the 18th are no more than the rounding of a double. */
static bool read_fraction(struct text *text, double *fraction)
{
	uint64_t digits = 0, unit = 1;
	int n = 0;
	for (; text->at < text->end && *text->at >= '0' && *text->at <= '9'; text->at++, n++)
		if (n < CSVR_MAX_FRACTION_DIGITS) {
			digits = digits * 10 + (uint64_t)(*text->at - '0');
			unit *= 10;
		}
	*fraction = (double)digits / (double)unit;
	return n > 0;
}

/* Hours, minutes and seconds, and the end of the text. `hours` was read if it is not NULL. */
static bool read_clock(struct text *text, const uint64_t *hours, double days, double *seconds)
{
	uint64_t of[3] = { 0 };
	double fraction = 0;
	int n;
	for (int i = 0; i < 3; i++) {
		if (i == 0 && hours != NULL)
			of[0] = *hours;
		else if (!read_digits(text, &of[i], &n))
			return false;
		if (i < 2 && !read_byte(text, ":"))
			return false;
	}
	if (of[1] > 59 || of[2] > 59 || (read_byte(text, ".") && !read_fraction(text, &fraction)))
		return false;
	(void)read_byte(text, "Z");
	*seconds = days * CSVR_SECONDS_PER_DAY + (double)(of[0] * 3600 + of[1] * 60 + of[2]) +
		   fraction;
	return text->at == text->end;
}

static bool parse_date(struct text *text, double *seconds)
{
	uint64_t year, month, day;
	int n;
	int64_t days;
	if (!read_digits(text, &year, &n) || !read_byte(text, "-/") ||
	    !read_digits(text, &month, &n) || !read_byte(text, "-/") ||
	    !read_digits(text, &day, &n) || year > 9999 || month > 12 || day > 31 ||
	    !csvr_days_of_date((unsigned)year, (unsigned)month, (unsigned)day, &days))
		return false;
	*seconds = (double)days * CSVR_SECONDS_PER_DAY;
	return text->at == text->end ||
	       (read_byte(text, "T ") && read_clock(text, NULL, (double)days, seconds));
}

static bool parse_time(struct text *text, double *seconds)
{
	uint64_t number;
	int n;
	if (!read_digits(text, &number, &n))
		return false;
	if (read_byte(text, "-"))
		return read_clock(text, NULL, (double)number, seconds);
	return read_clock(text, &number, 0, seconds);
}

bool csvr_time_parse(const char *text, size_t n_bytes, enum csvr_quantity quantity, double *seconds)
{
	struct text rest = { text, text + n_bytes };
	return quantity == CSVR_QUANTITY_DATE ? parse_date(&rest, seconds)
					      : parse_time(&rest, seconds);
}
