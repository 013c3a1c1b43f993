/* times.h - booleans, dates and times: the manual's section on cells, once more
 *
 * Days are counted year by year and month by month, from the year 0 on. Shares only the names of classes and
 * notations with src/.
 */
#ifndef CSVR_TESTS_FUZZ_TIMES_H
#define CSVR_TESTS_FUZZ_TIMES_H

#include <ctype.h>
#include <strings.h>

#include "base/calendar.h"
#include "csvreport.h"
#include "digits.h"

/* What is read from a text; a NUL follows its bytes. */
struct moment {
	long days, hours, minutes,
		seconds; /* days since the start of the year 0, or of a duration */
	long offset; /* in minutes; to be subtracted */
	const char *fraction; /* digits */
	size_t n_fraction;
	unsigned notation;
};

/* `least` to `most` digits. */
static inline bool take_digits(const char **at, int least, int most, long *value)
{
	int n = 0;
	for (*value = 0; n < most && isdigit((unsigned char)**at); n++)
		*value = *value * 10 + (*(*at)++ - '0');
	return n >= least;
}

static inline bool take(const char **at, const char *any)
{
	if (**at == '\0' || strchr(any, **at) == NULL)
		return false;
	++*at;
	return true;
}

static inline bool take_blanks(const char **at)
{
	const char *start = *at;
	while (take(at, " \t"))
		;
	return *at > start;
}

/* ":56[.789]" */
static inline bool take_seconds(const char **at, struct moment *m)
{
	if (!take(at, ":") || !take_digits(at, 2, 2, &m->seconds) || m->seconds > 59)
		return false;
	if (!take(at, ".,"))
		return true;
	m->fraction = *at;
	m->n_fraction = strspn(*at, "0123456789");
	*at += m->n_fraction;
	return m->n_fraction >= 1 && m->n_fraction <= 18;
}

static inline long days_of_month(long year, long month)
{
	if (month == 2)
		return year % 400 == 0 || (year % 4 == 0 && year % 100 != 0) ? 29 : 28;
	return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

static inline bool take_date(const char **at, struct moment *m)
{
	long year, month, day;
	if (!take_digits(at, 4, 4, &year))
		return false;
	const char separator[] = { **at, '\0' };
	if (!take(at, "-/") || !take_digits(at, 2, 2, &month) || !take(at, separator) ||
	    !take_digits(at, 2, 2, &day) || year == 0 || month < 1 || month > 12 || day < 1 ||
	    day > days_of_month(year, month))
		return false;
	m->notation |= *separator == '-' ? CSVR_NOTATION_DASH : CSVR_NOTATION_SLASH;
	for (long y = 0; y < year; y++)
		m->days += 337 + days_of_month(y, 2);
	for (long i = 1; i < month; i++)
		m->days += days_of_month(year, i);
	m->days += day - 1;
	return true;
}

static inline bool take_zone(const char **at, struct moment *m)
{
	long hours, minutes = 0;
	m->notation |= CSVR_NOTATION_ZONE;
	if (take(at, "Z"))
		return true;
	const bool is_west = **at == '-';
	if (!take(at, "+-") || !take_digits(at, 2, 2, &hours) || hours > 23)
		return false;
	const bool has_colon = take(at, ":");
	if ((has_colon || isdigit((unsigned char)**at)) &&
	    (!take_digits(at, 2, 2, &minutes) || minutes > 59))
		return false;
	m->offset = (is_west ? -1 : 1) * (hours * 60 + minutes);
	return true;
}

static inline bool take_time_of_day(const char **at, struct moment *m)
{
	if (take(at, "T"))
		m->notation |= CSVR_NOTATION_T;
	else if (take_blanks(at))
		m->notation |= CSVR_NOTATION_BLANK;
	else
		return false;
	if (!take_digits(at, 2, 2, &m->hours) || m->hours > 23 || !take(at, ":") ||
	    !take_digits(at, 2, 2, &m->minutes) || m->minutes > 59)
		return false;
	if (**at == ':' && !take_seconds(at, m))
		return false;
	take_blanks(at);
	if (**at != '\0')
		return take_zone(at, m);
	m->notation |= CSVR_NOTATION_NO_ZONE;
	return true;
}

static inline bool take_duration(const char **at, struct moment *m)
{
	if (!take_digits(at, 1, 9, &m->hours))
		return false;
	if (take(at, "-")) {
		m->notation |= CSVR_NOTATION_DAYS;
		m->days = m->hours;
		if (!take_digits(at, 1, 9, &m->hours) || m->hours > 23)
			return false;
	}
	return take(at, ":") && take_digits(at, 2, 2, &m->minutes) && m->minutes < 60 &&
	       take_seconds(at, m);
}

static inline void digits_of_integer(struct digits *value, unsigned long long magnitude)
{
	digits_zero(value);
	for (int place = 0; magnitude != 0; magnitude /= 10, place++)
		digits_add_digit(value, (unsigned)(magnitude % 10), place);
}

/* The value in seconds. `origin` is the day that is 0. */
static inline void value_of_moment(const struct moment *m, long origin, struct digits *value)
{
	struct digits before;
	/* A day more, so that no offset makes it negative. */
	digits_of_integer(value,
			  86400ULL * (unsigned long long)(m->days + 1) +
				  3600ULL * (unsigned long long)m->hours +
				  (unsigned long long)(60 * (m->minutes + 1440 - m->offset)) +
				  (unsigned long long)m->seconds);
	for (size_t i = 0; i < m->n_fraction; i++)
		digits_add_digit(value, (unsigned)(m->fraction[i] - '0'), -1 - (int)i);
	digits_of_integer(&before, 86400ULL * (unsigned long long)(origin + 2));
	digits_subtract(value, &before);
}

/* Classifies a text that is no number: sets value and notation of a date or time. */
static inline enum csvr_cell_class classify_time(const char *text, size_t n_bytes,
						 struct digits *value, unsigned *notation)
{
	enum { DAYS_TO_1970 = 1970 * 365 + 478 }; /* 478 leap days: the year 0, and 477 after it */
	const char *at = text, *end = text + n_bytes;
	struct moment m = { 0 };
	enum csvr_cell_class class = CSVR_CELL_TEXT;
	if (strlen(text) == n_bytes &&
	    (strcasecmp(text, "true") == 0 || strcasecmp(text, "false") == 0))
		return CSVR_CELL_BOOLEAN;
	if (take_date(&at, &m)) {
		class = at == end ? CSVR_CELL_DATE : CSVR_CELL_DATETIME;
		if (at != end && (!take_time_of_day(&at, &m) || at != end))
			class = CSVR_CELL_TEXT;
	} else {
		at = text;
		m = (struct moment){ 0 };
		if (take_duration(&at, &m) && at == end)
			class = CSVR_CELL_TIME;
	}
	if (class == CSVR_CELL_TEXT)
		return class;
	*notation = m.notation;
	value_of_moment(&m, class == CSVR_CELL_TIME ? 0 : DAYS_TO_1970, value);
	return class;
}

#endif
