/* decimal_to_double.h - the double nearest to a decimal
 *
 * Shape   a decimal is the sum of part[i] * 10^(exponent + 18 i), each part < 10^18, with a sign:
 *         digits in groups of 18, the least significant group first
 * Errors  none: a value that is too large becomes infinity, one that is too small zero
 * Source  one correctly rounded operation where both operands are exact: Clinger, "How to read
 *         floating point numbers accurately" (1990); else a quotient of big integers
 */
#ifndef CSVR_BASE_DECIMAL_TO_DOUBLE_H
#define CSVR_BASE_DECIMAL_TO_DOUBLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Ties to even; never -0. At most 80 parts and an exponent of at least -2000, which keeps the
 * integers inside csvr_bigint's bound. */
double csvr_decimal_to_double(const uint64_t *part, size_t n_parts, int exponent, bool is_negative);

/* A fast approximation with a relative error of at most 2^-49, from the first two parts. It suffices to rule out
 * that a value is a new extreme. False: the exponent is too large or too small for it. The last part may be
 * 0 only if there is one. */
bool csvr_decimal_approximate(const uint64_t *part, size_t n_parts, int exponent, bool is_negative,
			      double *value);

#endif
