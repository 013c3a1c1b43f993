/* affixes.h - the marks around numbers: currencies, percent, units, signs of negative amounts
 *
 * Threads  pure functions; no locale
 */
#ifndef CSVR_PARSE_AFFIXES_H
#define CSVR_PARSE_AFFIXES_H

#include "csvreport.h"
#include "parse/dialect.h"

struct csvr_affixes {
	enum csvr_lookalike
		kind; /* of the affixes: CSVR_LOOKALIKE_CURRENCY to CSVR_LOOKALIKE_UNIT */
	bool is_negative; /* a minus before or after the number, or parentheses around it */
	struct csvr_slice core; /* the rest: digits, marks and an exponent, if it is a number */
	struct csvr_slice
		unit; /* a currency, the percent sign, or a unit after a blank; may be empty */
	unsigned
		power; /* of the suffix: 1 for k and K, 2 for M, 3 for G, 4 for T, 5 for P; 0: none */
	bool is_binary; /* the suffix is Ki, Mi, Gi, Ti or Pi */
};

/* Takes the affixes off trimmed text, which is not empty. The order is that of ($ -1.2M): parentheses around all of it;
 * a currency, with the sign of the number before or after it; the number; a suffix, a percent sign, a currency, or a
 * blank and a unit; a minus. False: there are none, or the rest cannot be a number. */
bool csvr_affixes_find(struct csvr_affixes *affixes, const unsigned char *text, size_t n_bytes);

#endif
