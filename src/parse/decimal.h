/* decimal.h - classifies one cell and parses a number, date or time to its exact decimal value
 *
 * This is the slow and correct parser, for any cell. Kernels convert the common cells many at a
 * time and must agree with it to the last bit.
 *
 * Units   numbers as written, dates and times in seconds (base/calendar.h); exponents are powers of ten
 * Errors  none: a cell that is nothing else is CSVR_CELL_TEXT, which is data
 * Threads  pure functions; no locale
 */
#ifndef CSVR_PARSE_DECIMAL_H
#define CSVR_PARSE_DECIMAL_H

#include "csvreport.h"

/* A double written in full has at most 309 digits before the point and 1074 after it. Digits
 * below 10^CSVR_DECIMAL_MIN_EXPONENT are not kept, so at 18 digits per part 80 parts suffice. */
enum { CSVR_DECIMAL_PARTS = 80, CSVR_DECIMAL_MIN_EXPONENT = -1100 };

struct csvr_decimal {
	enum csvr_cell_class class;
	bool is_negative;
	unsigned notation; /* of a number, date or time: enum csvr_notation, or-ed */
	/* of a number, date or time: value = sum of part[i] * 10^(exponent + 18 i) */
	int exponent;
	size_t n_parts; /* at least 1 */
	uint64_t part[CSVR_DECIMAL_PARTS]; /* each below 10^18; of a boolean: 1 is true */
};

/* What a text with some first byte can be. */
enum csvr_first_byte {
	CSVR_FIRST_ANY,
	CSVR_FIRST_OF_TEXT, /* CSVR_CELL_TEXT, whatever follows */
	CSVR_FIRST_OF_WORD, /* the same, or a word of at most `longest_word` bytes: nan, true, a null word */
	CSVR_FIRST_OF_DATE /* a digit; null words that begin with it are numbers */
};

/* Words that mean a missing value; starts_with rejects most cells by their first byte. */
struct csvr_null_set {
	struct csvr_string_list words;
	bool starts_with[256];
	uint8_t first_byte[256]; /* enum csvr_first_byte */
	size_t longest_word;
	struct csvr_null_number *numbers; /* the words that are numbers: -999 */
	size_t n_numbers;
};

/* Errors: CSVR_NO_MEMORY. Clear it in any case. */
enum csvr_status csvr_null_set_init(struct csvr_null_set *nulls, struct csvr_string_list words);
void csvr_null_set_clear(struct csvr_null_set *nulls);

/* Whether the first byte of trimmed text, which is not empty, and its length show that it is CSVR_CELL_TEXT. */
static inline bool csvr_is_certainly_text(const struct csvr_null_set *nulls,
					  const unsigned char *text, size_t n_bytes)
{
	return (nulls->first_byte[*text] == CSVR_FIRST_OF_TEXT) |
	       ((nulls->first_byte[*text] == CSVR_FIRST_OF_WORD) & (n_bytes > nulls->longest_word));
}

/* Null number `index` in units of 10^-scale; false if no value of a kernel can equal it. */
bool csvr_null_number(const struct csvr_null_set *nulls, size_t index, unsigned scale,
		      int64_t *value);

/* Classifies trimmed text of any length and sets the value that its class has. If a number has digits
 * below 10^CSVR_DECIMAL_MIN_EXPONENT, the value is first rounded to the nearest double. */
void csvr_decimal_parse(struct csvr_decimal *decimal, const struct csvr_null_set *nulls,
			const unsigned char *text, size_t n_bytes);

#endif
