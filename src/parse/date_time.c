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
	int64_t days;
	if (!read_pair(at, 100, &century) || !read_pair(at, 100, &year) || at->p == at->end)
		return false;
	const unsigned char separator = *at->p;
	if ((separator != '-' && separator != '/') || !skip(at, separator) ||
	    !read_pair(at, 13, &month) || !skip(at, separator) || !read_pair(at, 32, &day) ||
	    !csvr_days_of_date((unsigned)(century * 100 + year), (unsigned)month, (unsigned)day,
			       &days))
		return false;
	seconds->whole = days * CSVR_SECONDS_PER_DAY;
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

/* ---- the most common notations ---- */

enum { DATE_BYTES = 10, CLOCK_BYTES = 8, DATETIME_BYTES = DATE_BYTES + 1 + CLOCK_BYTES };

/* Three pairs of digits with separators between them: 01-31-59. */
struct pairs {
	unsigned first, second, third;
};

static inline bool read_pairs(struct pairs *pairs, uint64_t word, unsigned char separator)
{
	const uint64_t separators = UINT64_C(0x0000010000010000) * separator;
	/* Digits become 0 to 9, and separators 0. For any other byte the addition sets the high bit. */
	const uint64_t digits = word ^ (UINT64_C(0x3030003030003030) | separators);
	const uint64_t low_bits = UINT64_C(0x7f7f7f7f7f7f7f7f);
	const uint64_t above = (digits & low_bits) + UINT64_C(0x76767f76767f7676);
	if (((above | digits) & ~low_bits) != 0)
		return false;
	const uint64_t values = digits * 10 + (digits >> 8);
	*pairs = (struct pairs){ values & 0xff, values >> 24 & 0xff, values >> 48 & 0xff };
	return true;
}

static inline bool read_day(const unsigned char *text, int64_t *seconds)
{
	struct pairs pairs;
	/* YY-MM-DD after the century */
	const unsigned tens = text[0] - '0', ones = text[1] - '0';
	if (!read_pairs(&pairs, csvr_load8(text + 2), text[4]) || tens > 9 || ones > 9)
		return false;
	const unsigned year = (tens * 10 + ones) * 100 + pairs.first;
	int64_t days;
	if (!csvr_days_of_date(year, pairs.second, pairs.third, &days))
		return false;
	*seconds = days * CSVR_SECONDS_PER_DAY;
	return true;
}

/* hh:mm:ss */
static inline bool read_clock(uint64_t word, unsigned *hours, unsigned *seconds)
{
	struct pairs pairs;
	if (!read_pairs(&pairs, word, ':'))
		return false;
	*hours = pairs.first;
	*seconds = pairs.second * 60 + pairs.third;
	return (pairs.second < 60) & (pairs.third < 60);
}

/* What follows the seconds: nothing, or a point or comma and digits. `time->value` becomes the seconds and the
 * fraction. */
static inline bool read_fraction(struct csvr_quick_time *time, int64_t seconds,
				 const unsigned char *text, size_t n_bytes)
{
	time->value = seconds;
	time->n_digits = 0;
	if (n_bytes == 0)
		return true;
	const size_t n = n_bytes - 1;
	if ((text[0] != '.' && text[0] != ',') || n == 0 || n > CSVR_QUICK_DIGITS)
		return false;
	/* The digits, after zeros */
	const uint64_t word = csvr_load8(text + 1) << (64 - 8 * n) |
			      UINT64_C(0x3030303030303030) >> 8 * n;
	uint64_t fraction;
	if (!csvr_eight_digits(word, &fraction))
		return false;
	time->n_digits = (unsigned)n;
	time->value = seconds * csvr_power_of_ten[n] + (int64_t)fraction;
	return true;
}

/* Z, +hh:mm or -hh:mm before `end`. Returns the number of its bytes, 0 if there is no zone, and sets `*seconds` to
 * the offset. */
static inline size_t read_short_zone(const unsigned char *end, int *seconds)
{
	enum { ZONE_BYTES = 6 };
	const unsigned char *text = end - ZONE_BYTES;
	*seconds = 0;
	if (end[-1] == 'Z')
		return 1;
	if ((text[0] != '+' && text[0] != '-') || text[3] != ':')
		return 0;
	struct cursor at = { text + 1, end };
	int hours, minutes;
	if (!read_pair(&at, 24, &hours) || !skip(&at, ':') || !read_pair(&at, 60, &minutes))
		return 0;
	*seconds = (hours * 60 + minutes) * (text[0] == '+' ? 60 : -60);
	return ZONE_BYTES;
}

static inline bool read_datetime(struct csvr_quick_time *time, const unsigned char *text,
				 size_t n_bytes)
{
	const unsigned char separator = text[4];
	int64_t seconds;
	if ((n_bytes != DATE_BYTES && n_bytes < DATETIME_BYTES) || !read_day(text, &seconds))
		return false;
	time->notation = separator == '-' ? CSVR_NOTATION_DASH : CSVR_NOTATION_SLASH;
	time->class = CSVR_CELL_DATE;
	time->n_digits = 0;
	time->value = seconds;
	if (n_bytes == DATE_BYTES)
		return true;
	unsigned hours, clock;
	if ((text[DATE_BYTES] != 'T' && text[DATE_BYTES] != ' ') ||
	    !read_clock(csvr_load8(text + DATE_BYTES + 1), &hours, &clock) || hours >= 24)
		return false;
	int offset;
	const size_t n_zone = read_short_zone(text + n_bytes, &offset);
	time->class = CSVR_CELL_DATETIME;
	time->notation |= text[DATE_BYTES] == 'T' ? CSVR_NOTATION_T : CSVR_NOTATION_BLANK;
	time->notation |= n_zone > 0 ? CSVR_NOTATION_ZONE : CSVR_NOTATION_NO_ZONE;
	return n_bytes >= DATETIME_BYTES + n_zone &&
	       read_fraction(time, seconds + hours * 3600 + clock - offset, text + DATETIME_BYTES,
			     n_bytes - DATETIME_BYTES - n_zone);
}

static inline bool read_short_time(struct csvr_quick_time *time, const unsigned char *text,
				   size_t n_bytes)
{
	unsigned n_hours = 1, more_hours = 0, hours, clock;
	while (n_hours < 4 && text[n_hours] != ':')
		n_hours++;
	if (n_bytes < n_hours + sizeof ":00:00" - 1)
		return false;
	for (unsigned i = 0; i + 2 < n_hours; i++) {
		if (!is_digit(text[i]))
			return false;
		more_hours = more_hours * 10 + (text[i] - '0');
	}
	const uint64_t word = n_hours == 1 ? csvr_load8(text) << 8 | '0'
					   : csvr_load8(text + n_hours - 2);
	if (!read_clock(word, &hours, &clock))
		return false;
	time->class = CSVR_CELL_TIME;
	time->notation = 0;
	const size_t n_read = n_hours + sizeof ":00:00" - 1;
	return read_fraction(time, (more_hours * 100 + hours) * 3600 + clock, text + n_read,
			     n_bytes - n_read);
}

bool csvr_quick_time_read(struct csvr_quick_time *time, const unsigned char *text, size_t n_bytes)
{
	return text[4] == '-' || text[4] == '/' ? read_datetime(time, text, n_bytes)
						: read_short_time(time, text, n_bytes);
}
