/* date_time.h - recognizes booleans, dates and times
 *
 * Units    values are decimals in seconds (base/calendar.h)
 * Errors   none: other text is CSVR_CELL_TEXT
 * Threads  pure functions; no locale
 * Source   ISO 8601; durations with days as Slurm writes them
 */
#ifndef CSVR_PARSE_DATE_TIME_H
#define CSVR_PARSE_DATE_TIME_H

#include "parse/decimal.h"

/* Classifies trimmed text that is neither missing, a number, nan nor infinite. Sets decimal->class:
 *
 *	boolean   true, false, in any case; decimal->part[0] is 1 for true
 *	date      YYYY-MM-DD or YYYY/MM/DD, a day of the calendar
 *	datetime  a date, T or blanks, hh:mm[:ss[.fraction]], and optionally blanks and Z or an offset: +hh,
 *	          +hhmm or +hh:mm. With an offset the value is in UTC
 *	time      [d-]h:mm:ss[.fraction]: a time of day or a duration, of up to nine digits of days or hours;
 *	          with days, hours are below 24
 *	text      anything else
 *
 * For dates, datetimes and times, sets the value and decimal->notation. A fraction follows a point or a comma;
 * one of more than CSVR_MAX_FRACTION_DIGITS digits makes the cell a text. */
void csvr_text_classify(struct csvr_decimal *decimal, const unsigned char *text, size_t n_bytes);

/* A date or time in its most common notations: value times 10^-n_digits seconds. */
struct csvr_quick_time {
	enum csvr_cell_class class; /* CSVR_CELL_DATE, CSVR_CELL_DATETIME or CSVR_CELL_TIME */
	unsigned notation;
	unsigned n_digits; /* of the fraction as written: at most CSVR_QUICK_DIGITS */
	int64_t value;
};

enum { CSVR_QUICK_DIGITS = 6, CSVR_QUICK_READABLE = 32 };

/* Reads quickly what csvr_text_classify calls a date; a datetime with T or one blank, seconds, and perhaps Z or an
 * offset with a colon; or a time with at most four digits of hours. Fractions have at most CSVR_QUICK_DIGITS digits.
 * CSVR_QUICK_READABLE bytes from the start are readable. False: the text is something else, perhaps also a date or
 * time; csvr_text_classify decides. */
bool csvr_quick_time_read(struct csvr_quick_time *time, const unsigned char *text, size_t n_bytes);

#endif
