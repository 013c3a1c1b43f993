/* decimal_text.h - decimal numbers as digits: parsed, rounded and written, without doubles
 *
 * Shape   a struct that the caller holds; equal numbers have equal digits
 * Errors  csvr_decimal_text_parse refuses what is not a decimal; the others have none
 * Threads  no state; independent of the locale
 */
#ifndef CSVR_BASE_DECIMAL_TEXT_H
#define CSVR_BASE_DECIMAL_TEXT_H

#include <stdbool.h>
#include <stddef.h>

enum { CSVR_DECIMAL_TEXT_DIGITS = 63 };

/* d.ddd * 10^power, without zeros at either end of the digits. */
struct csvr_decimal_text {
	bool is_negative;
	int power; /* of the first digit; 0 if there is none */
	int n; /* 0: the number is 0 */
	char digit[CSVR_DECIMAL_TEXT_DIGITS]; /* '0' to '9' */
};

/* Parses an optional sign, at most CSVR_DECIMAL_TEXT_DIGITS digits with an optional point, and an optional exponent;
 * nothing may follow. False: `text` is something else. */
bool csvr_decimal_text_parse(const char *text, struct csvr_decimal_text *digits);

/* Rounds to a multiple of 10^power, ties to even. */
void csvr_decimal_text_round(struct csvr_decimal_text *digits, int power);

/* Number of digits after the point in plain notation. */
int csvr_decimal_text_after_point(const struct csvr_decimal_text *digits);

/* Bytes of each notation. `n_after` is the least number of digits after the point, which zeros fill. A zero
 * has no sign. */
size_t csvr_decimal_text_plain_bytes(const struct csvr_decimal_text *digits, int n_after);
size_t csvr_decimal_text_scientific_bytes(const struct csvr_decimal_text *digits);

/* Writes 0.00123 and 1.23e-3, with a NUL; returns the bytes without it, as above. */
size_t csvr_decimal_text_plain(const struct csvr_decimal_text *digits, int n_after, char *text);
size_t csvr_decimal_text_scientific(const struct csvr_decimal_text *digits, char *text);

#endif
