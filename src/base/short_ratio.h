/* short_ratio.h - correctly rounded quotients of integers of up to 126 bits, and their roots, in doubles
 *
 * Shape    quick ways for most numbers; bigint.h has the way for all
 * Errors   false: the result is not known, as the integers are too large or it is too close to halfway between two doubles
 * Threads  pure
 * Source   the error of a product is a double: Dekker, "A floating-point technique for extending the available precision" (1971).
 *          A result is known if both ends of the interval that it is in round alike: Ziv, "Fast evaluation of elementary mathematical functions with correctly
 *          rounded last bit" (1991)
 */
#ifndef CSVR_BASE_SHORT_RATIO_H
#define CSVR_BASE_SHORT_RATIO_H

#include <stdbool.h>

/* Sets `*value` to the double nearest to numerator / denominator, and to its square root. denominator > 0. */
bool csvr_short_ratio(unsigned __int128 numerator, unsigned __int128 denominator, double *value);
bool csvr_short_root(unsigned __int128 numerator, unsigned __int128 denominator, double *value);

/* About the root of a positive number, off by a few units in its last place. libm is not linked (configure.ac). */
double csvr_approximate_root(double value);

#endif
