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
