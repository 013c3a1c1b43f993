/* decimal.c - classifies one cell and parses a number to its exact decimal value */
#include "parse/decimal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/bigint.h"
#include "base/calendar.h"
#include "base/decimal_to_double.h"
#include "parse/affixes.h"
#include "parse/date_time.h"
#include "parse/swar.h"

static const uint64_t part_limit = 1000000000000000000; /* 10^18 */
enum { PART_DIGITS = 18 };

/* Digits kept of a long number: enough for any double written in full (309 + 1074) and for the
 * 767 that decide the rounding of any text to a double. */
enum { MAX_DIGITS = 1420 };

/* Explicit exponents are clamped here: a cell has at most CSVR_MAX_CELL_BYTES digits before or
 * after the point to compensate, so any larger exponent gives zero or infinity. */
enum { EXPONENT_CLAMP = 10 * 1000 * 1000 };

static bool is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

/* `word` is in lower case. */
static bool equals_word(const unsigned char *text, const char *word, size_t n_bytes)
{
	for (size_t i = 0; i < n_bytes; i++) {
		const bool is_capital = text[i] >= 'A' && text[i] <= 'Z';
		if ((is_capital ? text[i] | 0x20 : text[i]) != word[i])
			return false;
	}
	return true;
}

/* The words for nan and infinite, without their sign; those with # and some with parentheses are of Microsoft's C
 * library, which fills them up with zeros. */
static enum csvr_cell_class classify_word(const unsigned char *text, size_t n_bytes)
{
	static const struct {
		const char *word;
		size_t n_bytes;
		enum csvr_cell_class class;
	} words[] = {
		{ "nan", 3, CSVR_CELL_NAN },           { "inf", 3, CSVR_CELL_INFINITE },
		{ "infinity", 8, CSVR_CELL_INFINITE }, { "nan(ind)", 8, CSVR_CELL_NAN },
		{ "nan(snan)", 9, CSVR_CELL_NAN },     { "1.#inf", 6, CSVR_CELL_INFINITE },
		{ "1.#ind", 6, CSVR_CELL_NAN },        { "1.#qnan", 7, CSVR_CELL_NAN },
		{ "1.#snan", 7, CSVR_CELL_NAN },
	};
	if (n_bytes > 0 && *text == '1')
		while (n_bytes > 0 && text[n_bytes - 1] == '0')
			n_bytes--;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (n_bytes == words[i].n_bytes && equals_word(text, words[i].word, n_bytes))
			return words[i].class;
	return CSVR_CELL_TEXT;
}

/* The parts of a number: the value is digits * 10^exponent, where the digits are those of
 * [first, last) without the point and the separators of groups. */
struct numeral {
	const unsigned char *first, *last; /* first nonzero digit, end of the digits */
	size_t n_digits; /* digits in [first, last) */
	uint64_t value; /* of these digits, modulo 2^64 */
	int64_t exponent; /* power of ten of the last digit */
	bool has_fraction; /* an exponent, or digits after the point */
};

/* Reads digits eight at a time, and leaves fewer than that. */
static inline const unsigned char *read_eights(const unsigned char *p, const unsigned char *end,
					       uint64_t *value)
{
	uint64_t eight;
	for (; end - p >= 8 && csvr_eight_digits(csvr_load8(p), &eight); p += 8)
		*value = *value * 100000000 + eight;
	return p;
}

/* Parses [p, end), which follows the digits and is not empty: an exponent. That may lack its letter if a point is among
 * the digits and it has a sign and three digits: Fortran writes 1.0D+05 and 1.0+105. */
static inline bool parse_exponent(const unsigned char *p, const unsigned char *end, bool has_point,
				  int64_t *exponent)
{
	const unsigned char letter = *p | 0x20;
	if (letter == 'e' || letter == 'd')
		p++;
	else if (!has_point || (*p != '+' && *p != '-') || end - p != 4)
		return false;
	if (p == end)
		return false;
	const bool is_negative = *p == '-';
	if ((is_negative || *p == '+') && ++p == end)
		return false;
	*exponent = 0;
	for (; p < end; p++) {
		if (!is_digit(*p))
			return false;
		if (*exponent < EXPONENT_CLAMP)
			*exponent = *exponent * 10 + (*p - '0');
	}
	if (is_negative)
		*exponent = -*exponent;
	return true;
}

/* Parses [p, end), the text after the sign, where `mark` is the decimal mark. False: not a number. */
static inline __attribute__((always_inline)) bool parse_numeral(const unsigned char *p,
								const unsigned char *end,
								unsigned char mark,
								struct numeral *numeral)
{
	const unsigned char *point = NULL, *first = NULL, *start = p;
	uint64_t value = 0;
	for (; p < end; p++) {
		if (is_digit(*p)) {
			if (first == NULL && *p != '0')
				first = p;
			value = value * 10 + (uint64_t)(*p - '0');
		} else if (*p == mark && point == NULL) {
			point = p;
			/* Long numbers have most of their digits here. */
			if (first != NULL)
				p = read_eights(p + 1, end, &value) - 1;
		} else {
			break;
		}
	}
	const unsigned char *last = p;
	if (last - start == (point != NULL))
		return false; /* no digit at all */
	int64_t exponent = 0;
	if (p < end && !parse_exponent(p, end, point != NULL, &exponent))
		return false;
	numeral->has_fraction = last < end || (point != NULL && last - point > 1);
	if (point != NULL)
		exponent -= last - point - 1;
	numeral->first = first;
	numeral->last = last;
	numeral->value = value;
	numeral->exponent = exponent;
	numeral->n_digits = 0;
	if (first != NULL)
		numeral->n_digits = (size_t)(last - first) - (point != NULL && point > first);
	return true;
}

/* Takes n digits. */
static void take_digits(struct numeral *numeral, const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (numeral->first == NULL && p[i] != '0')
			numeral->first = p + i;
		numeral->value = numeral->value * 10 + (uint64_t)(p[i] - '0');
		numeral->n_digits += numeral->first != NULL;
	}
}

static size_t count_digits(const unsigned char *p, const unsigned char *end)
{
	size_t n = 0;
	while (p + n < end && is_digit(p[n]))
		n++;
	return n;
}

/* The same for a number with groups of three digits before the decimal mark, after a first one of one to three. */
static bool parse_grouped(const unsigned char *p, const unsigned char *end, unsigned char mark,
			  const char *thousands, struct numeral *numeral)
{
	size_t n = count_digits(p, end), n_groups = 0, n_separator, n_fraction = 0;
	if (n == 0 || n > 3)
		return false;
	*numeral = (struct numeral){ 0 };
	take_digits(numeral, p, n);
	for (p += n; (n_separator = csvr_thousands_bytes(thousands, p, end)) > 0; p += 3) {
		p += n_separator;
		if (count_digits(p, end) != 3)
			return false;
		take_digits(numeral, p, 3);
		n_groups++;
	}
	const bool has_point = p < end && *p == mark;
	if (has_point) {
		n_fraction = count_digits(++p, end);
		take_digits(numeral, p, n_fraction);
		p += n_fraction;
	}
	numeral->last = p;
	numeral->has_fraction = n_fraction > 0 || p < end;
	if (n_groups == 0 || (p < end && !parse_exponent(p, end, has_point, &numeral->exponent)))
		return false;
	numeral->exponent -= (int64_t)n_fraction;
	return true;
}

static void set_zero(struct csvr_decimal *decimal)
{
	decimal->class = CSVR_CELL_NUMBER;
	decimal->exponent = 0;
	decimal->n_parts = 1;
	decimal->part[0] = 0;
}

/* A finite double as a decimal, exactly: m 2^-k = m 5^k 10^-k. */
static void set_double(struct csvr_decimal *decimal, double value)
{
	if (value == 0) {
		set_zero(decimal);
		return;
	}
	int exponent;
	double fraction = frexp(fabs(value), &exponent);
	uint64_t mantissa = (uint64_t)ldexp(fraction, 53);
	exponent -= 53;
	while ((mantissa & 1) == 0) {
		mantissa >>= 1;
		exponent++;
	}
	struct csvr_bigint wide;
	csvr_bigint_set(&wide, mantissa);
	if (exponent >= 0)
		csvr_bigint_shift(&wide, (size_t)exponent);
	for (int i = exponent; i < 0; i++)
		csvr_bigint_scale(&wide, 5, 0);
	decimal->exponent = exponent < 0 ? exponent : 0;
	decimal->n_parts = 0;
	do
		decimal->part[decimal->n_parts++] = csvr_bigint_divide(&wide, part_limit);
	while (!csvr_bigint_is_zero(&wide));
}

/* The last digit of `digits` becomes the last of part[0]. */
static void set_digits(struct csvr_decimal *decimal, const unsigned char *digits, size_t n_digits,
		       int exponent)
{
	decimal->exponent = exponent;
	decimal->n_parts = 0;
	while (n_digits > 0) {
		size_t n = n_digits < PART_DIGITS ? n_digits : PART_DIGITS;
		uint64_t part = 0;
		for (size_t i = n_digits - n; i < n_digits; i++)
			part = part * 10 + (uint64_t)(digits[i] - '0');
		decimal->part[decimal->n_parts++] = part;
		n_digits -= n;
	}
}

static bool rounds_to_infinity(const struct csvr_decimal *decimal)
{
	return isinf(
		csvr_decimal_to_double(decimal->part, decimal->n_parts, decimal->exponent, false));
}

/* Numbers of more than 18 digits, and those near the ends of the range. */
static void set_long(struct csvr_decimal *decimal, const struct numeral *numeral)
{
	/* Power of ten of the first digit: 308 is the largest that a finite double has. */
	int64_t leading = numeral->exponent + (int64_t)numeral->n_digits - 1;
	if (leading > 308) {
		decimal->class = CSVR_CELL_INFINITE;
		return;
	}
	unsigned char digits[MAX_DIGITS + 1];
	size_t n_digits = 0;
	bool is_truncated = false; /* a nonzero digit was dropped */
	for (const unsigned char *p = numeral->first; p < numeral->last; p++) {
		if (!is_digit(*p))
			continue;
		if (n_digits < MAX_DIGITS)
			digits[n_digits++] = *p;
		else if (*p != '0')
			is_truncated = true;
	}
	int64_t exponent = leading - (int64_t)n_digits + 1;
	while (!is_truncated && n_digits > 1 && digits[n_digits - 1] == '0') {
		n_digits--;
		exponent++;
	}
	if (leading < -400) {
		/* Far below half the smallest double, 10^-324. Keep it all the same if it is
		 * exact. */
		if (is_truncated || exponent < CSVR_DECIMAL_MIN_EXPONENT) {
			set_zero(decimal);
			return;
		}
	}
	/* A nonzero last digit represents all dropped digits: it only has to break ties. */
	if (is_truncated) {
		digits[n_digits++] = '1';
		exponent--;
	}
	set_digits(decimal, digits, n_digits, (int)exponent);
	if (leading == 308 && rounds_to_infinity(decimal))
		decimal->class = CSVR_CELL_INFINITE;
	else if (is_truncated || exponent < CSVR_DECIMAL_MIN_EXPONENT)
		set_double(decimal, csvr_decimal_to_double(decimal->part, decimal->n_parts,
							   decimal->exponent, false));
}

/* Sets the value of a number. */
static inline void set_number(struct csvr_decimal *decimal, const struct numeral *numeral)
{
	decimal->notation = numeral->has_fraction ? CSVR_NOTATION_FRACTION : 0;
	if (numeral->first == NULL) {
		set_zero(decimal);
		return;
	}
	if (numeral->n_digits > PART_DIGITS || numeral->exponent < -300 ||
	    numeral->exponent > 290) {
		set_long(decimal, numeral);
		return;
	}
	decimal->exponent = (int)numeral->exponent;
	decimal->n_parts = 1;
	decimal->part[0] = numeral->value;
}

bool csvr_is_numeral(const unsigned char *text, size_t n_bytes, unsigned char mark,
		     const char *thousands)
{
	struct numeral numeral;
	return parse_numeral(text, text + n_bytes, mark, &numeral) ||
	       (thousands[0] != '\0' &&
		parse_grouped(text, text + n_bytes, mark, thousands, &numeral));
}

/* Multiplies a number by 2^n_bits, which are at most 50. There is room for one more part. */
static void scale_by_bits(struct csvr_decimal *decimal, unsigned n_bits)
{
	uint64_t carry = 0;
	for (size_t i = 0; i < decimal->n_parts; i++) {
		const unsigned __int128 product = ((unsigned __int128)decimal->part[i] << n_bits) +
						  carry;
		decimal->part[i] = (uint64_t)(product % part_limit);
		carry = (uint64_t)(product / part_limit);
	}
	if (carry > 0)
		decimal->part[decimal->n_parts++] = carry;
}

/* Multiplies a number by the power of its suffix. */
static void apply_suffix(struct csvr_decimal *decimal, const struct csvr_affixes *affixes, int base)
{
	enum { SAFE_EXPONENT = 250 };
	if (affixes->power == 0 || decimal->class != CSVR_CELL_NUMBER)
		return;
	if (base == 1024 || affixes->is_binary)
		scale_by_bits(decimal, 10 * affixes->power);
	else if (decimal->n_parts > 1 || decimal->part[0] != 0)
		decimal->exponent += 3 * (int)affixes->power;
	if (decimal->exponent + PART_DIGITS * (int)decimal->n_parts > SAFE_EXPONENT &&
	    rounds_to_infinity(decimal))
		decimal->class = CSVR_CELL_INFINITE;
}

/* Parses a number with affixes. Leaves text as it is. */
static __attribute__((noinline)) void parse_affixed(struct csvr_decimal *decimal,
						    const struct csvr_cell_rules *rules,
						    const unsigned char *text, size_t n_bytes)
{
	struct csvr_affixes affixes;
	struct numeral numeral = { 0 };
	if (!csvr_affixes_find(&affixes, text, n_bytes))
		return;
	const unsigned char *p = affixes.core.start, *end = p + affixes.core.n_bytes;
	if (!parse_numeral(p, end, rules->decimal, &numeral) &&
	    (rules->thousands[0] == '\0' ||
	     !parse_grouped(p, end, rules->decimal, rules->thousands, &numeral)))
		return;
	decimal->class = CSVR_CELL_NUMBER;
	decimal->is_negative = affixes.is_negative;
	decimal->has_affixes = true;
	memset(decimal->unit, 0, sizeof decimal->unit);
	memcpy(decimal->unit, affixes.unit.start,
	       affixes.unit.n_bytes < sizeof decimal->unit ? affixes.unit.n_bytes
							   : sizeof decimal->unit - 1);
	set_number(decimal, &numeral);
	apply_suffix(decimal, &affixes, rules->affix_base);
}

void csvr_decimal_parse(struct csvr_decimal *decimal, const struct csvr_cell_rules *rules,
			const unsigned char *text, size_t n_bytes)
{
	decimal->is_negative = false;
	decimal->has_affixes = false;
	if (n_bytes == 0 || csvr_is_null_word(rules, text, n_bytes)) {
		decimal->class = CSVR_CELL_MISSING;
		return;
	}
	const unsigned char *p = text, *end = text + n_bytes;
	if (*p == '-' || *p == '+') {
		decimal->is_negative = *p == '-';
		p++;
	}
	struct numeral numeral = { 0 };
	decimal->class = CSVR_CELL_TEXT;
	if (p == end || (!is_digit(*p) && *p != rules->decimal))
		decimal->class = classify_word(p, (size_t)(end - p));
	else if (parse_numeral(p, end, rules->decimal, &numeral) ||
		 (rules->thousands[0] != '\0' &&
		  parse_grouped(p, end, rules->decimal, rules->thousands, &numeral)))
		decimal->class = CSVR_CELL_NUMBER;
	else
		decimal->class = classify_word(p, (size_t)(end - p));
	if (decimal->class == CSVR_CELL_TEXT)
		csvr_text_classify(decimal, text, n_bytes);
	if (decimal->class == CSVR_CELL_NUMBER)
		set_number(decimal, &numeral);
	else if (decimal->class == CSVR_CELL_TEXT && rules->affix_base != 0)
		parse_affixed(decimal, rules, text, n_bytes);
	if (rules->n_null_numbers > 0 && decimal->class == CSVR_CELL_NUMBER &&
	    csvr_is_null_number(rules, decimal))
		decimal->class = CSVR_CELL_MISSING;
}
