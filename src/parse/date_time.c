/* date_time.c - recognizes booleans, dates and times */
#include "parse/date_time.h"

#include "base/calendar.h"
#include "base/text.h"
#include "parse/swar.h"

static const uint64_t part_limit = UINT64_C(1000000000000000000); /* 10^18 */

/* The rest of a text. */
struct cursor {
	const unsigned char *p, *end;
};

static bool is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

static bool skip(struct cursor *at, unsigned char c)
{
	if (at->p == at->end || *at->p != c)
		return false;
	at->p++;
	return true;
}

/* Two digits, below `limit`. */
static bool read_pair(struct cursor *at, int limit, int *value)
{
	if (at->end - at->p < 2 || !is_digit(at->p[0]) || !is_digit(at->p[1]))
		return false;
	*value = (at->p[0] - '0') * 10 + (at->p[1] - '0');
	at->p += 2;
	return *value < limit;
}

/* One digit or more, up to nine. */
static bool read_count(struct cursor *at, int64_t *value)
{
	const unsigned char *start = at->p;
	*value = 0;
	while (at->p < at->end && is_digit(*at->p) && at->p - start < 9)
		*value = *value * 10 + (*at->p++ - '0');
	return at->p > start;
}

/* A value in seconds and a decimal fraction. */
struct seconds {
	int64_t whole;
	uint64_t fraction; /* in units of 10^-n_digits seconds */
	int n_digits;
};

/* :ss[.fraction] */
static bool read_seconds(struct cursor *at, struct seconds *seconds)
{
	int value;
	if (!skip(at, ':') || !read_pair(at, 60, &value))
		return false;
	seconds->whole += value;
	if (!skip(at, '.') && !skip(at, ','))
		return true;
	for (; at->p < at->end && is_digit(*at->p); at->p++) {
		if (seconds->n_digits == CSVR_MAX_FRACTION_DIGITS)
			return false;
		seconds->fraction = seconds->fraction * 10 + (uint64_t)(*at->p - '0');
		seconds->n_digits++;
	}
	return seconds->n_digits > 0;
}

static void set_value(struct csvr_decimal *decimal, const struct seconds *seconds)
{
	/* Below 10^14 * 10^18. */
	unsigned __int128 magnitude = (unsigned __int128)(seconds->whole < 0 ? -seconds->whole
									     : seconds->whole);
	for (int i = 0; i < seconds->n_digits; i++)
		magnitude *= 10;
	if (seconds->whole < 0)
		magnitude -= seconds->fraction;
	else
		magnitude += seconds->fraction;
	decimal->is_negative = seconds->whole < 0;
	decimal->exponent = -seconds->n_digits;
	decimal->part[0] = (uint64_t)(magnitude % part_limit);
	decimal->part[1] = (uint64_t)(magnitude / part_limit);
	decimal->n_parts = decimal->part[1] != 0 ? 2 : 1;
}

/* ---- dates ---- */

static bool read_date(struct cursor *at, struct seconds *seconds, unsigned *notation)
{
	int century, year, month, day;
	if (!read_pair(at, 100, &century) || !read_pair(at, 100, &year) || at->p == at->end)
		return false;
	const unsigned char separator = *at->p;
	if ((separator != '-' && separator != '/') || !skip(at, separator) ||
	    !read_pair(at, 13, &month) || !skip(at, separator) || !read_pair(at, 32, &day) ||
	    !csvr_is_date(century * 100 + year, month, day))
		return false;
	seconds->whole = csvr_days_of_date(century * 100 + year, month, day) * CSVR_SECONDS_PER_DAY;
	*notation |= separator == '-' ? CSVR_NOTATION_DASH : CSVR_NOTATION_SLASH;
	return true;
}

/* Z, or the offset from UTC, which is subtracted. */
static bool read_zone(struct cursor *at, struct seconds *seconds)
{
	if (skip(at, 'Z'))
		return true;
	const bool is_east = skip(at, '+');
	int hours, minutes = 0;
	if ((!is_east && !skip(at, '-')) || !read_pair(at, 24, &hours))
		return false;
	const bool has_colon = skip(at, ':');
	if ((has_colon || at->p < at->end) && !read_pair(at, 60, &minutes))
		return false;
	const int offset = (hours * 60 + minutes) * 60;
	seconds->whole -= is_east ? offset : -offset;
	return true;
}

static void skip_blanks(struct cursor *at)
{
	while (at->p < at->end && csvr_is_blank(*at->p))
		at->p++;
}

/* The time after a date, and the zone. */
static bool read_time_of_day(struct cursor *at, struct seconds *seconds, unsigned *notation)
{
	int hours, minutes;
	if (skip(at, 'T')) {
		*notation |= CSVR_NOTATION_T;
	} else {
		const unsigned char *start = at->p;
		skip_blanks(at);
		if (at->p == start)
			return false;
		*notation |= CSVR_NOTATION_BLANK;
	}
	if (!read_pair(at, 24, &hours) || !skip(at, ':') || !read_pair(at, 60, &minutes))
		return false;
	seconds->whole += (hours * 60 + minutes) * 60;
	if (at->p < at->end && *at->p == ':' && !read_seconds(at, seconds))
		return false;
	skip_blanks(at);
	if (at->p == at->end) {
		*notation |= CSVR_NOTATION_NO_ZONE;
		return true;
	}
	*notation |= CSVR_NOTATION_ZONE;
	return read_zone(at, seconds);
}

static bool parse_date(struct csvr_decimal *decimal, const unsigned char *text, size_t n_bytes)
{
	struct cursor at = { text, text + n_bytes };
	struct seconds seconds = { 0, 0, 0 };
	unsigned notation = 0;
	if (!read_date(&at, &seconds, &notation))
		return false;
	decimal->class = CSVR_CELL_DATE;
	if (at.p < at.end) {
		if (!read_time_of_day(&at, &seconds, &notation) || at.p < at.end)
			return false;
		decimal->class = CSVR_CELL_DATETIME;
	}
	decimal->notation = notation;
	set_value(decimal, &seconds);
	return true;
}

/* ---- times ---- */

static bool parse_time(struct csvr_decimal *decimal, const unsigned char *text, size_t n_bytes)
{
	struct cursor at = { text, text + n_bytes };
	struct seconds seconds = { 0, 0, 0 };
	int64_t days = 0, hours;
	int minutes;
	if (!read_count(&at, &hours))
		return false;
	decimal->notation = 0;
	if (skip(&at, '-')) {
		days = hours;
		decimal->notation = CSVR_NOTATION_DAYS;
		if (!read_count(&at, &hours) || hours >= 24)
			return false;
	}
	if (!skip(&at, ':') || !read_pair(&at, 60, &minutes))
		return false;
	seconds.whole = (days * 24 + hours) * 3600 + minutes * 60;
	if (!read_seconds(&at, &seconds) || at.p < at.end)
		return false;
	decimal->class = CSVR_CELL_TIME;
	set_value(decimal, &seconds);
	return true;
}

/* ---- all ---- */

/* The letters in lower case, the first one lowest; of other bytes, something that is no letter. At most 8. */
static uint64_t lower_case(const unsigned char *text, size_t n_bytes)
{
	return csvr_decode_little_endian(text, n_bytes) |
	       (UINT64_C(0x2020202020202020) >> (64 - 8 * n_bytes));
}

void csvr_text_classify(struct csvr_decimal *decimal, const unsigned char *text, size_t n_bytes)
{
	static const uint64_t true_word = UINT64_C(0x65757274), false_word = UINT64_C(0x65736c6166);
	decimal->class = CSVR_CELL_TEXT;
	if (n_bytes == 4 && lower_case(text, n_bytes) == true_word) {
		decimal->class = CSVR_CELL_BOOLEAN;
		decimal->part[0] = 1;
	} else if (n_bytes == 5 && lower_case(text, n_bytes) == false_word) {
		decimal->class = CSVR_CELL_BOOLEAN;
		decimal->part[0] = 0;
	} else if (n_bytes >= sizeof "0:00:00" - 1 && is_digit(text[0])) {
		const bool is_value = text[4] == '-' || text[4] == '/'
					      ? parse_date(decimal, text, n_bytes)
					      : parse_time(decimal, text, n_bytes);
		/* 1234-05:06:07 */
		if (!is_value && (text[4] != '-' || !parse_time(decimal, text, n_bytes)))
			decimal->class = CSVR_CELL_TEXT;
	}
}

/* ---- the most common dates ---- */

static bool read_clock(const unsigned char *text, int64_t *seconds)
{
	/* hh:mm:ss to the eight digits 00hhmmss */
	const uint64_t word = csvr_load8(text);
	const uint64_t digits = UINT64_C(0x3030) | (word & 0xffff) << 16 |
				(word >> 24 & 0xffff) << 32 | (word >> 48) << 48;
	uint64_t value;
	if (text[2] != ':' || text[5] != ':' || !csvr_eight_digits(digits, &value))
		return false;
	const uint64_t hours = value / 10000, minutes = value / 100 % 100, rest = value % 100;
	*seconds = (int64_t)(hours * 3600 + minutes * 60 + rest);
	return hours < 24 && minutes < 60 && rest < 60;
}

bool csvr_date_read(struct csvr_date_reader *reader, const unsigned char *text, size_t n_bytes)
{
	enum { DATE_BYTES = 10, DATETIME_BYTES = 19 };
	if (n_bytes != DATE_BYTES && n_bytes != DATETIME_BYTES)
		return false;
	const unsigned char separator = text[4];
	if ((separator != '-' && separator != '/') || text[7] != separator)
		return false;
	/* YYYY-MM-DD to YYYYMMDD */
	const uint64_t word = csvr_load8(text);
	const uint64_t digits = (word & UINT64_C(0xffffffff)) | (word >> 40 & 0xffff) << 32 |
				(uint64_t)text[8] << 48 | (uint64_t)text[9] << 56;
	if (digits != reader->last_date) {
		uint64_t value;
		if (!csvr_eight_digits(digits, &value))
			return false;
		const int year = (int)(value / 10000), month = (int)(value / 100 % 100),
			  day = (int)(value % 100);
		if (!csvr_is_date(year, month, day))
			return false;
		reader->last_date = digits;
		reader->last_seconds = csvr_days_of_date(year, month, day) * CSVR_SECONDS_PER_DAY;
	}
	reader->class = CSVR_CELL_DATE;
	reader->seconds = reader->last_seconds;
	reader->notation = separator == '-' ? CSVR_NOTATION_DASH : CSVR_NOTATION_SLASH;
	if (n_bytes == DATE_BYTES)
		return true;
	int64_t seconds;
	if ((text[10] != 'T' && text[10] != ' ') || !read_clock(text + 11, &seconds))
		return false;
	reader->class = CSVR_CELL_DATETIME;
	reader->seconds += seconds;
	reader->notation |= CSVR_NOTATION_NO_ZONE |
			    (text[10] == 'T' ? CSVR_NOTATION_T : CSVR_NOTATION_BLANK);
	return true;
}
