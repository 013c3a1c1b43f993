/* digits.h - decimal numbers as digits: parsed, rounded and written, without doubles
 *
 * Shape   a struct that the caller holds; equal numbers have equal digits
 * Errors  csvr_digits_parse refuses what is not a decimal; the others have none
 * Threads  no state; independent of the locale
 */
#ifndef CSVR_BASE_DIGITS_H
#define CSVR_BASE_DIGITS_H

#include <stdbool.h>
#include <stddef.h>

enum {
	CSVR_MAX_DIGITS = 40, /* of the numbers that statistics keep exactly */
	CSVR_DIGITS_BYTES = 64
};

/* 0.DIGITS * 10^power, where neither the first digit nor the last is 0. Zero is "0", with power 1 and no
 * sign. */
struct csvr_digits {
	char digit[CSVR_DIGITS_BYTES]; /* '0' to '9'; ends with NUL */
	int n_digits, power;
	bool is_negative;
};

/* Parses an optional sign, less than CSVR_DIGITS_BYTES digits with an optional point, and an optional
 * exponent; nothing may follow. False: `text` is something else. */
bool csvr_digits_parse(const char *text, struct csvr_digits *digits);

/* Rounds to a multiple of 10^power, ties to even. */
void csvr_digits_round(struct csvr_digits *digits, int power);

/* Bytes of each notation. `n_after` is the least number of digits after the point, which zeros fill. */
size_t csvr_digits_plain_bytes(const struct csvr_digits *digits, int n_after);
size_t csvr_digits_scientific_bytes(const struct csvr_digits *digits);

/* Writes 0.00123 and 1.23e-3, with a NUL; returns the bytes without it, as above. */
size_t csvr_digits_plain(const struct csvr_digits *digits, int n_after, char *text);
size_t csvr_digits_scientific(const struct csvr_digits *digits, char *text);

/* All digits; plain if the first digit is that of 10^-4 to 10^(plain_to - 1), else with an exponent. */
size_t csvr_digits_text(const struct csvr_digits *digits, int plain_to, char *text);

#endif
