/* cells.h - class and value of a cell: the manual's sections on cells and exactness, once more
 *
 * Shares only the names of the classes with src/parse. strtod merely proposes a double where one is
 * needed; that it is the nearest is checked digit by digit.
 */
#ifndef CSVR_TESTS_FUZZ_CELLS_H
#define CSVR_TESTS_FUZZ_CELLS_H

#include <ctype.h>
#include <strings.h>

#include "csvreport.h"
#include "digits.h"
#include "times.h"

/* Digits below this place are dropped. */
enum { LAST_EXACT_PLACE = -1100 };

struct cell {
	enum csvr_cell_class class;
	bool is_negative;
	unsigned notation; /* of a number, date or time */
	struct digits value; /* the same */
};

/* The parts of a number; places are those of the first and the last nonzero digit. */
struct numeral {
	const char *first, *end; /* digits with at most one point */
	long exponent; /* place of the last digit before the point */
	bool has_fraction; /* an exponent, or digits after the point */
	bool is_zero;
	long most, least;
};

static inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool is_word(const char *text, size_t n_bytes, const char *word)
{
	return n_bytes == strlen(word) && strncasecmp(text, word, n_bytes) == 0;
}

/* Parses optional digits, point, digits, at least one digit in all, and an optional exponent. A
 * NUL follows the n_bytes of `text`. */
static inline bool parse_numeral(const char *text, size_t n_bytes, struct numeral *n)
{
	const char *at = text, *end = text + n_bytes, *point = NULL;
	size_t n_digits = 0;
	n->first = text;
	for (; is_digit(*at) || (*at == '.' && point == NULL); at++) {
		n_digits += *at != '.';
		if (*at == '.')
			point = at;
	}
	n->end = at;
	n->exponent = (long)((point != NULL ? point : at) - text) - 1;
	n->has_fraction = point != NULL && at > point + 1;
	if (n_digits == 0)
		return false;
	if (at < end && (*at == 'e' || *at == 'E')) {
		at++;
		n->has_fraction = true;
		const bool is_negative = *at == '-';
		at += *at == '-' || *at == '+';
		if (!is_digit(*at))
			return false;
		long exponent = 0;
		for (; is_digit(*at); at++)
			exponent = exponent < 100000000 ? exponent * 10 + (*at - '0') : exponent;
		n->exponent += is_negative ? -exponent : exponent;
	}
	return at == end;
}

/* Finds the outermost nonzero digits in one pass: a number may have very many digits. */
static inline void find_ends(struct numeral *n)
{
	long place = n->exponent;
	n->is_zero = true;
	n->most = n->least = 0;
	for (const char *at = n->first; at < n->end; at++) {
		if (*at == '.')
			continue;
		if (*at != '0' && n->is_zero)
			n->most = place;
		if (*at != '0') {
			n->least = place;
			n->is_zero = false;
		}
		place--;
	}
}

/* Digits below the last place of the reference become a 1 there. It is far below half the
 * distance of any two doubles (2^-1075), so it decides on which side of the middle the number
 * is, as those digits would. */
static inline void add_digits(const struct numeral *n, struct digits *value)
{
	long place = n->exponent;
	bool has_rest = false;
	digits_zero(value);
	for (const char *at = n->first; at < n->end; at++) {
		if (*at == '.')
			continue;
		if (*at != '0' && place > LEAST_PLACE)
			digits_add_digit(value, (unsigned)(*at - '0'), (int)place);
		else if (*at != '0')
			has_rest = true;
		place--;
	}
	if (has_rest)
		digits_add_digit(value, 1, LEAST_PLACE);
}

static inline double nearest_to(const char *text, const struct digits *value)
{
	double nearest = fabs(strtod(text, NULL));
	if (!digits_are_nearest(value, 1, nearest))
		wrong("strtod is not exact for %s", text);
	return nearest;
}

static inline void value_of(const char *text, struct numeral *n, struct cell *cell)
{
	cell->class = CSVR_CELL_NUMBER;
	digits_zero(&cell->value);
	find_ends(n);
	if (n->is_zero)
		return;
	if (n->most > 308) {
		cell->class = CSVR_CELL_INFINITE;
		return;
	}
	if (n->most < -400 && n->least < LAST_EXACT_PLACE)
		return; /* the nearest double is 0 */
	add_digits(n, &cell->value);
	if (n->most >= 308 && isinf(nearest_to(text, &cell->value)))
		cell->class = CSVR_CELL_INFINITE;
	else if (n->least < LAST_EXACT_PLACE)
		digits_from_double(&cell->value, nearest_to(text, &cell->value));
	cell->value.is_negative = cell->is_negative;
}

/* Rewrites the exponents of Fortran: d and D become e, and an e is inserted before the sign and the three digits that
 * follow digits and a point. There is room for one more byte. */
static inline void rewrite_exponent(char *text, size_t *n_bytes)
{
	const size_t n_digits = strspn(text, ".0123456789");
	if (n_digits == *n_bytes || n_digits == 0)
		return;
	char *at = text + n_digits;
	if (*at == 'd' || *at == 'D')
		*at = 'e';
	if ((*at != '+' && *at != '-') || memchr(text, '.', n_digits) == NULL ||
	    *n_bytes - n_digits != 4 || strspn(at + 1, "0123456789") != 3)
		return;
	memmove(at + 1, at, 5);
	*at = 'e';
	++*n_bytes;
}

/* The words of Microsoft's C library for nan and infinite, in which zeros may follow the ones with #. */
static inline enum csvr_cell_class classify_microsoft(const char *text, size_t n_bytes)
{
	size_t n = n_bytes;
	if (is_word(text, n, "nan(ind)") || is_word(text, n, "nan(snan)"))
		return CSVR_CELL_NAN;
	while (n > 0 && text[n - 1] == '0')
		n--;
	if (is_word(text, n, "1.#inf"))
		return CSVR_CELL_INFINITE;
	return is_word(text, n, "1.#ind") || is_word(text, n, "1.#qnan") ||
			       is_word(text, n, "1.#snan")
		       ? CSVR_CELL_NAN
		       : CSVR_CELL_TEXT;
}

static inline void classify(const uint8_t *bytes, size_t n_bytes, struct csvr_string_list nulls,
			    struct cell *cell);

/* Whether a number has the value of a null value that is a number. */
static inline bool is_null_value(const struct digits *value, struct csvr_string_list nulls)
{
	static const struct csvr_string_list none;
	struct cell null;
	for (size_t i = 0; i < nulls.n_words; i++) {
		classify((const uint8_t *)nulls.word[i], strlen(nulls.word[i]), none, &null);
		if (null.class == CSVR_CELL_NUMBER && digits_compare(&null.value, value) == 0)
			return true;
	}
	return false;
}

/* Replaces the decimal mark by a point, and points by something that is in no number. */
static inline void rewrite_decimal(char *text, size_t n_bytes, char decimal)
{
	for (size_t i = 0; i < n_bytes && decimal != '.'; i++)
		text[i] = text[i] == decimal ? '.' : text[i] == '.' ? '!' : text[i];
}

/* Classifies text without blanks around it. A null value that is a number has a point in any case. */
static inline void classify_in(const uint8_t *bytes, size_t n_bytes, struct csvr_string_list nulls,
			       unsigned char decimal, struct cell *cell)
{
	cell->class = CSVR_CELL_MISSING;
	cell->notation = 0;
	cell->is_negative = n_bytes > 0 && bytes[0] == '-';
	if (n_bytes == 0)
		return;
	for (size_t i = 0; i < nulls.n_words; i++)
		if (strlen(nulls.word[i]) == n_bytes && memcmp(nulls.word[i], bytes, n_bytes) == 0)
			return;
	const bool has_sign = *bytes == '-' || *bytes == '+';
	const size_t n_text = n_bytes - has_sign;
	size_t n_number = n_text;
	char *text = need(calloc(1, n_text + 1)), *number = need(calloc(1, n_text + 3));
	memcpy(text, bytes + has_sign, n_text);
	memcpy(number, text, n_text);
	rewrite_decimal(number, n_text, (char)decimal);
	rewrite_exponent(number, &n_number);
	struct numeral numeral;
	cell->class = classify_microsoft(text, n_text);
	if (is_word(text, n_text, "nan"))
		cell->class = CSVR_CELL_NAN;
	else if (is_word(text, n_text, "inf") || is_word(text, n_text, "infinity"))
		cell->class = CSVR_CELL_INFINITE;
	else if (parse_numeral(number, n_number, &numeral))
		value_of(number, &numeral, cell);
	else if (!has_sign && cell->class == CSVR_CELL_TEXT)
		cell->class = classify_time(text, n_text, &cell->value, &cell->notation);
	if (cell->class == CSVR_CELL_NUMBER)
		cell->notation = numeral.has_fraction ? CSVR_NOTATION_FRACTION : 0;
	if (cell->class == CSVR_CELL_NUMBER && is_null_value(&cell->value, nulls))
		cell->class = CSVR_CELL_MISSING;
	free(text);
	free(number);
}

static inline void classify(const uint8_t *bytes, size_t n_bytes, struct csvr_string_list nulls,
			    struct cell *cell)
{
	classify_in(bytes, n_bytes, nulls, '.', cell);
}

#endif
