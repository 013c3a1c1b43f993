/* number_format.h - numbers as text, for reports and messages
 *
 * Shape   the text is written to the caller's buffer, with a NUL
 * Errors  none
 * Threads  no state; independent of the locale
 */
#ifndef CSVR_BASE_NUMBER_FORMAT_H
#define CSVR_BASE_NUMBER_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#include "base/digits.h"

/* Enough for every number below: a sign, 63 digits, the point, CSVR_MAX_ROUND digits after it, and the
 * NUL. */
enum { CSVR_MAX_ROUND = 100, CSVR_NUMBER_TEXT_BYTES = 192 };

/* The shortest decimal that parses to the same double, and of these the nearest: 0.1, 100, 1e16, 1.5e-7;
 * inf, -inf, nan. Like the other functions below, returns the number of bytes without the NUL. */
size_t csvr_number_shortest(double number, char text[CSVR_NUMBER_TEXT_BYTES]);

/* `digits` (0 to CSVR_MAX_ROUND) digits after the point, correctly rounded. From 1e16 on a double has
 * none, and its last digits before the point are meaningless: the text is the shortest. */
size_t csvr_number_fixed(double number, int digits, char text[CSVR_NUMBER_TEXT_BYTES]);

/* A decimal number as text, of less than 64 bytes, rounded in the same way; a text that is none is
 * copied. From 1e63 on the text is copied, too. */
size_t csvr_number_fixed_decimal(const char *decimal, int digits,
				 char text[CSVR_NUMBER_TEXT_BYTES]);

/* The shortest decimal as digits * 10^exponent. `number` is positive and finite. */
struct csvr_shortest {
	uint64_t digits;
	int exponent;
};
struct csvr_shortest csvr_number_shortest_digits(double number);

/* An integer, without separators. Returns the number of bytes, without the NUL. */
size_t csvr_number_integer(uint64_t number, char text[CSVR_NUMBER_TEXT_BYTES]);

/* For people: a decimal number as text, of less than 64 bytes, with about `significant` digits (at least
 * 1). Fractions are rounded, integer parts never are: 1706748012345.67 in 7 digits is 1706748012346. The
 * notation is plain unless it would take more than `max_bytes`, the number is below 1e-4, or `decimal` itself
 * has an exponent that stands for zeros. Other texts, such as nan, are copied. */
size_t csvr_number_brief(const char *decimal, int significant, size_t max_bytes,
			 char text[CSVR_NUMBER_TEXT_BYTES]);

/* 5,000,000 */
size_t csvr_number_count(uint64_t count, char text[CSVR_NUMBER_TEXT_BYTES]);

/* 175.0 MB */
size_t csvr_number_size(uint64_t size_bytes, char text[CSVR_NUMBER_TEXT_BYTES]);

/* The share that `count` is of `of`: 17.7%. Only none and all are 0% and 100%; a share that rounds to these is
 * <0.1% or >99.9%. */
enum { CSVR_SHARE_BYTES = 16 };
size_t csvr_number_share(uint64_t count, uint64_t of, char text[CSVR_SHARE_BYTES]);

#endif
