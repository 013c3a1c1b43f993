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
#include "parse/cell_rules.h"

/* A double written in full has at most 309 digits before the point and 1074 after it. Digits
 * below 10^CSVR_DECIMAL_MIN_EXPONENT are not kept, so at 18 digits per part 80 parts suffice. */
enum { CSVR_DECIMAL_PARTS = 80, CSVR_DECIMAL_MIN_EXPONENT = -1100 };

struct csvr_decimal {
	enum csvr_cell_class class;
	bool is_negative;
	bool has_affixes; /* of a number or infinite: some were taken off */
	/* of one with affixes: its currency, percent sign or unit, cut after some bytes; "": it has none */
	char unit[CSVR_UNIT_BYTES];
	unsigned notation; /* of a number, date or time: enum csvr_notation, or-ed */
	/* of a number, date or time: value = sum of part[i] * 10^(exponent + 18 i) */
	int exponent;
	size_t n_parts; /* at least 1 */
	uint64_t part[CSVR_DECIMAL_PARTS]; /* each below 10^18; of a boolean: 1 is true */
};

/* Whether a text is a number without a sign, with that decimal mark and that separator of groups ("": none). */
bool csvr_is_numeral(const unsigned char *text, size_t n_bytes, unsigned char mark,
		     const char *thousands);

/* Classifies trimmed text of any length and sets the value that its class has. If a number has digits
 * below 10^CSVR_DECIMAL_MIN_EXPONENT, the value is first rounded to the nearest double. */
void csvr_decimal_parse(struct csvr_decimal *decimal, const struct csvr_cell_rules *rules,
			const unsigned char *text, size_t n_bytes);

#endif
