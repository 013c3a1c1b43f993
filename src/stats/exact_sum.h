/* exact_sum.h - sums and sums of squares of decimals, without rounding
 *
 * A number is an integer times a power of ten. Integers of one exponent share a bin, 128 bits wide
 * for the sum and 192 for the squares, so that adding is one or two machine instructions and cannot
 * overflow. Bins of different exponents are added only when a value is computed.
 *
 * Shape   one per thread and column; merge is associative and commutative, to the last bit
 * Units   values as written in the file; exponents are powers of ten
 * Errors  CSVR_NO_MEMORY when a new exponent needs a bin and there is no memory for it
 * Source  the small superaccumulator of Neal, "Fast exact summation using small and large
 *         superaccumulators" (2015), with decimal bins in place of binary ones
 */
#ifndef CSVR_STATS_EXACT_SUM_H
#define CSVR_STATS_EXACT_SUM_H

#include "base/bigint.h"
#include "base/number_format.h"
#include "csvreport.h"
#include "stats/bins.h"

/* Integers are below 10^18 in magnitude, the largest power of ten that fits int64; so does twice
 * it. */
#define CSVR_EXACT_LIMIT 1000000000000000000

/* Exponents a number may have: those of the digits of every finite double written out in full
 * (2^-1074 ends at 10^-1074), with room for parts of 18 digits. */
enum { CSVR_EXACT_MIN_EXPONENT = -1100, CSVR_EXACT_MAX_EXPONENT = 310 };

/* A sum of squares of integers below 10^18: 10^36 < 2^120, so 2^72 of them fit. */
struct csvr_square_bin {
	uint64_t word[3]; /* little-endian */
};

struct csvr_exact_sum {
	__int128 *sums; /* of the integers of each exponent */
	struct csvr_square_bin *squares; /* of those of each exponent of squares */
	struct csvr_bin_range sum_range, square_range;
};

void csvr_exact_sum_init(struct csvr_exact_sum *exact);
void csvr_exact_sum_clear(struct csvr_exact_sum *exact);

/* Makes sure that sums have bins for exponents [low, high), and squares for [2 low, 2 high - 1); new
 * ones are zero. */
enum csvr_status csvr_exact_sum_reserve(struct csvr_exact_sum *exact, int low, int high);

/* Removes all numbers; keeps the memory. */
void csvr_exact_sum_reset(struct csvr_exact_sum *exact);

/* Adds a batch of integers times 10^exponent, given as the sum of the integers and the sum of their
 * squares. Each integer is below CSVR_EXACT_LIMIT in magnitude. */
enum csvr_status csvr_exact_sum_add_batch(struct csvr_exact_sum *exact, int exponent, __int128 sum,
					  unsigned __int128 squares);

/* The same for a sum of squares of 192 bits, little-endian words. */
enum csvr_status csvr_exact_sum_add_wide(struct csvr_exact_sum *exact, int exponent, __int128 sum,
					 const uint64_t squares[3]);

/* Adds one number of several parts: sum of part[i] * 10^(exponent + 18 i), each < CSVR_EXACT_LIMIT,
 * negated when `is_negative`. */
enum csvr_status csvr_exact_sum_add(struct csvr_exact_sum *exact, int exponent,
				    const uint64_t *part, size_t n_parts, bool is_negative);

/* into += from. */
enum csvr_status csvr_exact_sum_merge(struct csvr_exact_sum *into,
				      const struct csvr_exact_sum *from);

/* Removes the bins at both ends to which nothing but zeros was added, so that bins follow from the numbers and their
 * exponents. */
void csvr_exact_sum_trim(struct csvr_exact_sum *exact);
bool csvr_exact_sum_is_trimmed(const struct csvr_exact_sum *exact);

/* The exact sum: `sum` times 10^n, negated when `is_negative`; returns n. */
int csvr_exact_sum_total(const struct csvr_exact_sum *exact, struct csvr_bigint *sum,
			 bool *is_negative);

/* The exact sum of squares: `squares` times 10^n; returns n, twice that of the sum. */
int csvr_exact_sum_squares(const struct csvr_exact_sum *exact, struct csvr_bigint *squares);

/* The sum, and the mean of `count` numbers, each rounded once from the exact value, ties to
 * even. */
double csvr_exact_sum_value(const struct csvr_exact_sum *exact);
double csvr_exact_sum_mean(const struct csvr_exact_sum *exact, uint64_t count);

/* Writes the exact sum divided by `divisor` with `n_after` (0 to CSVR_MAX_ROUND) digits after the decimal
 * point, rounded once, ties to even. Returns the bytes of the text without the NUL; 0: it would have more
 * than 63 digits before the point. */
size_t csvr_exact_sum_fixed(const struct csvr_exact_sum *exact, uint64_t divisor, unsigned n_after,
			    char text[CSVR_NUMBER_TEXT_BYTES]);

/* All digits of the sum. False: there are more than CSVR_MAX_DIGITS. */
bool csvr_exact_sum_digits(const struct csvr_exact_sum *exact, struct csvr_digits *digits);

/* The mean in units of 10^-n_decimals, rounded to the nearest integer, ties to even; it must be below 2^126
 * in magnitude. */
__int128 csvr_exact_sum_mean_scaled(const struct csvr_exact_sum *exact, uint64_t count,
				    unsigned n_decimals);

/* Variance and standard deviation; `freedom_lost` is 1 for a sample, 0 for a population. `count` must be
 * greater than `freedom_lost`. */
double csvr_exact_sum_variance(const struct csvr_exact_sum *exact, uint64_t count,
			       unsigned freedom_lost);
double csvr_exact_sum_stddev(const struct csvr_exact_sum *exact, uint64_t count,
			     unsigned freedom_lost);

/* The standard error of the mean, stddev / sqrt(count), and the coefficient of variation,
 * stddev / |mean|, with the stddev of a sample. `count` must be at least 2, and the sum of the latter
 * not 0. */
double csvr_exact_sum_sem(const struct csvr_exact_sum *exact, uint64_t count);
double csvr_exact_sum_cv(const struct csvr_exact_sum *exact, uint64_t count);

/* Whether all `count` numbers are equal, which is known exactly. */
bool csvr_exact_sum_is_of_equals(const struct csvr_exact_sum *exact, uint64_t count);

/* Whether the exact sum is 0. A sum whose nearest double is 0 need not be. */
bool csvr_exact_sum_is_zero(const struct csvr_exact_sum *exact);

#endif
