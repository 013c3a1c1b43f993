/* decimal.h - one cell to its class and, if it is a number, its exact decimal value
 *
 * This is the slow and right way, for any cell. Kernels convert the common cells by the hundred and
 * must agree with it to the last bit.
 *
 * Units   as written; exponents are powers of ten
 * Errors  none: what is not a number is CSVR_CELL_INVALID, which is data
 * Threads  pure functions; no locale
 */
#ifndef CSVR_PARSE_DECIMAL_H
#define CSVR_PARSE_DECIMAL_H

#include "csvreport.h"

/* A double written out in full has at most 309 digits before the point and 1074 behind it; nothing
 * beyond 10^CSVR_DECIMAL_MIN_EXPONENT is kept, so 18 digits a part make at most 80 parts. */
enum { CSVR_DECIMAL_PARTS = 80, CSVR_DECIMAL_MIN_EXPONENT = -1100 };

struct csvr_decimal {
	enum csvr_cell_class class;
	bool is_negative;
	int exponent; /* CSVR_CELL_NUMBER: value = sum of part[i] * 10^(exponent + 18 i) */
	size_t n_parts; /* at least 1 */
	uint64_t part[CSVR_DECIMAL_PARTS]; /* each below 10^18 */
};

/* Words that mean a missing value, with the first byte of each for a quick no. */
struct csvr_null_set {
	struct csvr_string_list words;
	bool starts_with[256];
	/* text that begins with this byte is CSVR_CELL_INVALID whatever follows */
	bool starts_invalid[256];
	struct csvr_null_number *numbers; /* those that read as numbers: -999 */
	size_t n_numbers;
};

/* Errors: CSVR_NO_MEMORY. Clear it whatever is returned. */
enum csvr_status csvr_null_set_init(struct csvr_null_set *nulls, struct csvr_string_list words);
void csvr_null_set_clear(struct csvr_null_set *nulls);
bool csvr_null_set_has(const struct csvr_null_set *nulls, const unsigned char *text,
		       size_t n_bytes);

/* What null number `index` is in units of 10^-scale; false when a kernel's value cannot equal it. */
bool csvr_null_number(const struct csvr_null_set *nulls, size_t index, unsigned scale,
		      int64_t *value);

/* Classifies trimmed text; `decimal` is filled as far as its class says. Any length: digits below
 * 10^CSVR_DECIMAL_MIN_EXPONENT make the value be rounded to the nearest double first. */
void csvr_decimal_parse(struct csvr_decimal *decimal, const struct csvr_null_set *nulls,
			const unsigned char *text, size_t n_bytes);

#endif
