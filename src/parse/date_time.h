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

/* A quick reader of the most common dates: YYYY-MM-DD, also with slashes, alone or with Thh:mm:ss or a blank
 * and hh:mm:ss. */
struct csvr_date_reader {
	uint64_t last_date; /* as digits of 8 bytes; 0: none yet */
	int64_t last_seconds;
	enum csvr_cell_class class; /* CSVR_CELL_DATE or CSVR_CELL_DATETIME */
	unsigned notation;
	int64_t seconds;
};

/* Sets class, notation and seconds. False: the text is something else, perhaps also a date;
 * csvr_text_classify decides. */
bool csvr_date_read(struct csvr_date_reader *reader, const unsigned char *text, size_t n_bytes);

#endif
