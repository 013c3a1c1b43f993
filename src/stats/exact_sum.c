/* exact_sum.c - sums and sums of squares of decimals, without rounding */
#include "stats/exact_sum.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/short_ratio.h"

typedef unsigned __int128 u128;

void csvr_exact_sum_init(struct csvr_exact_sum *exact)
{
	memset(exact, 0, sizeof *exact);
}

void csvr_exact_sum_clear(struct csvr_exact_sum *exact)
{
	free(exact->sums);
	free(exact->squares);
	csvr_exact_sum_init(exact);
}

void csvr_exact_sum_reset(struct csvr_exact_sum *exact)
{
	exact->sum_range.n = exact->square_range.n = 0;
}

/* ---- bins ---- */

enum csvr_status csvr_exact_sum_reserve(struct csvr_exact_sum *exact, int low, int high)
{
	if (csvr_bins_include(&exact->sum_range, low, high))
		return CSVR_OK;
	void *sums = csvr_bins_extend(exact->sums, sizeof *exact->sums, &exact->sum_range, low,
				      high);
	if (sums == NULL)
		return CSVR_NO_MEMORY;
	exact->sums = sums;
	void *squares = csvr_bins_extend(exact->squares, sizeof *exact->squares,
					 &exact->square_range, 2 * low, 2 * high - 1);
	if (squares == NULL)
		return CSVR_NO_MEMORY;
	exact->squares = squares;
	return CSVR_OK;
}

static void add_square(struct csvr_exact_sum *exact, int exponent, u128 value)
{
	uint64_t *word = exact->squares[exponent - exact->square_range.base].word;
	u128 low = ((u128)word[1] << 64 | word[0]) + value;
	word[2] += low < value;
	word[0] = (uint64_t)low;
	word[1] = (uint64_t)(low >> 64);
}

/* ---- adding ---- */

enum csvr_status csvr_exact_sum_add_batch(struct csvr_exact_sum *exact, int exponent, __int128 sum,
					  u128 squares)
{
	enum csvr_status status = csvr_exact_sum_reserve(exact, exponent, exponent + 1);
	if (status != CSVR_OK)
		return status;
	/* Sums of real data cannot overflow. Those of a forged state may: add unsigned, which wraps. */
	__int128 *bin = &exact->sums[exponent - exact->sum_range.base];
	*bin = (__int128)((u128)*bin + (u128)sum);
	add_square(exact, 2 * exponent, squares);
	return CSVR_OK;
}

enum csvr_status csvr_exact_sum_add_wide(struct csvr_exact_sum *exact, int exponent, __int128 sum,
					 const uint64_t squares[3])
{
	const enum csvr_status status =
		csvr_exact_sum_add_batch(exact, exponent, sum, (u128)squares[1] << 64 | squares[0]);
	if (status == CSVR_OK)
		exact->squares[2 * exponent - exact->square_range.base].word[2] += squares[2];
	return status;
}

enum { PART_DIGITS = 18 };

enum csvr_status csvr_exact_sum_add(struct csvr_exact_sum *exact, int exponent,
				    const uint64_t *part, size_t n_parts, bool is_negative)
{
	enum csvr_status status =
		csvr_exact_sum_reserve(exact, exponent,
				       exponent + PART_DIGITS * ((int)n_parts - 1) + 1);
	if (status != CSVR_OK)
		return status;
	__int128 *sum = &exact->sums[exponent - exact->sum_range.base];
	for (size_t i = 0; i < n_parts; i++) {
		sum[i * PART_DIGITS] += is_negative ? -(__int128)part[i] : (__int128)part[i];
		/* (sum of parts)^2: each pair of different parts counts twice. */
		for (size_t j = i; j < n_parts; j++)
			add_square(exact, 2 * exponent + PART_DIGITS * (int)(i + j),
				   ((u128)part[i] * part[j]) << (i != j));
	}
	return CSVR_OK;
}

enum csvr_status csvr_exact_sum_merge(struct csvr_exact_sum *into,
				      const struct csvr_exact_sum *from)
{
	if (from->sum_range.n == 0)
		return CSVR_OK;
	enum csvr_status status = csvr_exact_sum_reserve(into, from->sum_range.base,
							 from->sum_range.base + from->sum_range.n);
	if (status != CSVR_OK)
		return status;
	for (size_t i = 0; i < from->sum_range.n; i++) {
		__int128 *sum = &into->sums[from->sum_range.base - into->sum_range.base + (int)i];
		*sum = (__int128)((u128)*sum + (u128)from->sums[i]);
	}
	for (size_t i = 0; i < from->square_range.n; i++) {
		int exponent = from->square_range.base + (int)i;
		const uint64_t *word = from->squares[i].word;
		add_square(into, exponent, (u128)word[1] << 64 | word[0]);
		into->squares[exponent - into->square_range.base].word[2] += word[2];
	}
	return CSVR_OK;
}

/* Whether bin i of the sums is 0, and so are those of the squares that numbers with digits there add to. */
static bool is_empty_bin(const struct csvr_exact_sum *exact, size_t i)
{
	const size_t first = i > 0 ? 2 * i - 1 : 0;
	uint64_t bits = 0;
	for (size_t j = first; j <= 2 * i + 1 && j < exact->square_range.n; j++)
		bits |= exact->squares[j].word[0] | exact->squares[j].word[1] |
			exact->squares[j].word[2];
	return exact->sums[i] == 0 && bits == 0;
}

bool csvr_exact_sum_is_trimmed(const struct csvr_exact_sum *exact)
{
	const size_t n = exact->sum_range.n;
	return n == 0 || (!is_empty_bin(exact, 0) && !is_empty_bin(exact, n - 1));
}

void csvr_exact_sum_trim(struct csvr_exact_sum *exact)
{
	size_t first = 0, end = exact->sum_range.n;
	while (first < end && is_empty_bin(exact, first))
		first++;
	while (first < end && is_empty_bin(exact, end - 1))
		end--;
	const size_t n = end - first;
	exact->sum_range.n = (uint16_t)n;
	exact->square_range.n = (uint16_t)(n > 0 ? 2 * n - 1 : 0);
	if (first == 0 || n == 0)
		return;
	memmove(exact->sums, exact->sums + first, n * sizeof *exact->sums);
	memmove(exact->squares, exact->squares + 2 * first, (2 * n - 1) * sizeof *exact->squares);
	exact->sum_range.base = (int16_t)(exact->sum_range.base + (int)first);
	exact->square_range.base = (int16_t)(exact->square_range.base + 2 * (int)first);
}

/* ---- values ---- */

int csvr_exact_sum_total(const struct csvr_exact_sum *exact, struct csvr_bigint *sum,
			 bool *is_negative)
{
	/* Horner's rule from the highest exponent down, separately for positive and negative bins. */
	struct csvr_bigint side[2], term;
	csvr_bigint_set(&side[0], 0);
	csvr_bigint_set(&side[1], 0);
	for (size_t i = exact->sum_range.n; i-- > 0;) {
		__int128 bin = exact->sums[i];
		csvr_bigint_scale(&side[0], 10, 0);
		csvr_bigint_scale(&side[1], 10, 0);
		csvr_bigint_set(&term, bin < 0 ? -(u128)bin : (u128)bin);
		csvr_bigint_add(&side[bin < 0], &term);
	}
	*is_negative = csvr_bigint_compare(&side[0], &side[1]) < 0;
	csvr_bigint_copy(sum, &side[*is_negative]);
	csvr_bigint_subtract(sum, &side[!*is_negative]);
	return exact->sum_range.n > 0 ? exact->sum_range.base : 0;
}

int csvr_exact_sum_squares(const struct csvr_exact_sum *exact, struct csvr_bigint *squares)
{
	struct csvr_bigint term;
	csvr_bigint_set(squares, 0);
	for (size_t i = exact->square_range.n; i-- > 0;) {
		const uint64_t *word = exact->squares[i].word;
		csvr_bigint_scale(squares, 10, 0);
		csvr_bigint_set(&term, word[2]);
		csvr_bigint_shift(&term, 128);
		csvr_bigint_add(squares, &term);
		csvr_bigint_set(&term, (u128)word[1] << 64 | word[0]);
		csvr_bigint_add(squares, &term);
	}
	return exact->square_range.n > 0 ? exact->square_range.base : 0;
}

/* Multiplies the quotient of the two by 10^exponent. */
static void scale_ratio(struct csvr_bigint *numerator, struct csvr_bigint *denominator,
			int exponent)
{
	if (exponent < 0)
		csvr_bigint_scale_ten(denominator, (unsigned)-exponent);
	else
		csvr_bigint_scale_ten(numerator, (unsigned)exponent);
}

/* ---- short sums: those of most groups, and of small columns ---- */

/* Sets `*unit` to 10^k if all numbers are integers times 10^-k, k from 0 to 9. */
static bool has_short_unit(const struct csvr_exact_sum *exact, uint64_t *unit)
{
	static const uint64_t powers[] = { 1,      10,      100,      1000,      10000,
					   100000, 1000000, 10000000, 100000000, 1000000000 };
	enum { MOST_POWER = sizeof powers / sizeof powers[0] - 1 };
	const int base = exact->sum_range.base;
	if (exact->sum_range.n != 1 || base > 0 || base < -MOST_POWER)
		return false;
	*unit = powers[-base];
	return true;
}

static u128 magnitude_of(__int128 sum)
{
	return sum < 0 ? -(u128)sum : (u128)sum;
}

/* The same as divide_sum. False: the sum is not short. */
static bool divide_short_sum(const struct csvr_exact_sum *exact, uint64_t divisor, double *value)
{
	uint64_t unit;
	if (!has_short_unit(exact, &unit) ||
	    !csvr_short_ratio(magnitude_of(exact->sums[0]), (u128)divisor * unit, value))
		return false;
	if (exact->sums[0] < 0)
		*value = 0.0 - *value;
	return true;
}

/* The same as csvr_exact_sum_stddev. False: the sums are not short. The bounds keep all products below 2^126. */
static bool find_short_stddev(const struct csvr_exact_sum *exact, uint64_t count,
			      unsigned freedom_lost, double *value)
{
	uint64_t unit;
	if (!has_short_unit(exact, &unit) || count >> 32 != 0)
		return false;
	const uint64_t *word = exact->squares[0].word;
	const u128 sum = magnitude_of(exact->sums[0]);
	if (sum >> 62 != 0 || word[2] != 0 || word[1] >> 30 != 0)
		return false;
	const u128 scaled = ((u128)word[1] << 64 | word[0]) * count, square = sum * sum;
	/* It is less only in a forged state. */
	const u128 spread = scaled < square ? 0 : scaled - square;
	return csvr_short_root(spread, (u128)(count * (count - freedom_lost)) * (unit * unit),
			       value);
}

/* ---- quotients ---- */

/* The exact sum divided by `divisor`, rounded once. */
static double divide_sum(const struct csvr_exact_sum *exact, uint64_t divisor)
{
	struct csvr_bigint sum, denominator;
	bool is_negative;
	double value;
	if (divide_short_sum(exact, divisor, &value))
		return value;
	const int exponent = csvr_exact_sum_total(exact, &sum, &is_negative);
	csvr_bigint_set(&denominator, divisor);
	scale_ratio(&sum, &denominator, exponent);
	value = csvr_bigint_ratio(&sum, &denominator);
	return is_negative ? 0.0 - value : value;
}

double csvr_exact_sum_value(const struct csvr_exact_sum *exact)
{
	return divide_sum(exact, 1);
}

double csvr_exact_sum_mean(const struct csvr_exact_sum *exact, uint64_t count)
{
	return divide_sum(exact, count);
}

bool csvr_exact_sum_digits(const struct csvr_exact_sum *exact, struct csvr_digits *digits)
{
	enum { ROOM = CSVR_MAX_DIGITS + 18 };
	struct csvr_bigint sum;
	bool is_negative;
	int exponent = csvr_exact_sum_total(exact, &sum, &is_negative);
	if (csvr_bigint_is_zero(&sum)) {
		*digits = (struct csvr_digits){ .digit = "0", .n_digits = 1, .power = 1 };
		return true;
	}
	/* From the last digit to the first; trailing zeros are left out. */
	char reversed[ROOM];
	int n = 0;
	while (!csvr_bigint_is_zero(&sum) && n < ROOM) {
		const uint64_t digit = csvr_bigint_divide(&sum, 10);
		if (n > 0 || digit != 0)
			reversed[n++] = (char)('0' + digit);
		else
			exponent++;
	}
	if (n > CSVR_MAX_DIGITS)
		return false;
	for (int i = 0; i < n; i++)
		digits->digit[i] = reversed[n - 1 - i];
	digits->digit[n] = '\0';
	digits->n_digits = n;
	digits->power = n + exponent;
	digits->is_negative = is_negative;
	return true;
}

/* The sum divided by `divisor` in units of 10^-n_decimals, rounded to the nearest integer, ties to even. With
 * the sum S and D = divisor * 10^k it is floor((2 S + D) / (2 D)), which rounds halves up. The division leaves
 * no remainder exactly if S / D is halfway between two integers. */
static void divide_to_nearest(const struct csvr_exact_sum *exact, uint64_t divisor,
			      unsigned n_decimals, struct csvr_bigint *quotient, bool *is_negative)
{
	struct csvr_bigint denominator, one;
	int exponent = csvr_exact_sum_total(exact, quotient, is_negative) + (int)n_decimals;
	csvr_bigint_set(&denominator, divisor);
	scale_ratio(quotient, &denominator, exponent);
	csvr_bigint_scale(quotient, 2, 0);
	csvr_bigint_add(quotient, &denominator);
	bool has_remainder = csvr_bigint_divide(quotient, divisor) != 0;
	has_remainder |= csvr_bigint_divide(quotient, 2) != 0;
	for (; exponent <= -PART_DIGITS; exponent += PART_DIGITS)
		has_remainder |= csvr_bigint_divide(quotient, CSVR_EXACT_LIMIT) != 0;
	for (; exponent < 0; exponent++)
		has_remainder |= csvr_bigint_divide(quotient, 10) != 0;
	csvr_bigint_set(&one, 1);
	if (!has_remainder && quotient->n_limbs > 0 && quotient->limb[0] % 2 != 0)
		csvr_bigint_subtract(quotient, &one);
	*is_negative = *is_negative && !csvr_bigint_is_zero(quotient);
}

__int128 csvr_exact_sum_mean_scaled(const struct csvr_exact_sum *exact, uint64_t count,
				    unsigned n_decimals)
{
	struct csvr_bigint quotient;
	bool is_negative;
	divide_to_nearest(exact, count, n_decimals, &quotient, &is_negative);
	u128 rounded = 0;
	for (size_t i = quotient.n_limbs; i-- > 0;)
		rounded = rounded << 64 | quotient.limb[i];
	return (__int128)(is_negative ? -rounded : rounded);
}

/* Writes the digits of an integer, at least `n_least`. 0: they are more than `n_most`. */
static size_t write_digits(struct csvr_bigint *number, size_t n_least, size_t n_most, char *digits)
{
	struct csvr_bigint bound;
	csvr_bigint_set(&bound, 1);
	csvr_bigint_scale_ten(&bound, (unsigned)n_most);
	if (csvr_bigint_compare(number, &bound) >= 0)
		return 0;
	size_t n = 0;
	while (n < n_least || !csvr_bigint_is_zero(number))
		digits[n++] = (char)('0' + csvr_bigint_divide(number, 10));
	for (size_t i = 0; i < n / 2; i++) {
		const char digit = digits[i];
		digits[i] = digits[n - 1 - i];
		digits[n - 1 - i] = digit;
	}
	return n;
}

size_t csvr_exact_sum_fixed(const struct csvr_exact_sum *exact, uint64_t divisor, unsigned n_after,
			    char text[CSVR_NUMBER_TEXT_BYTES])
{
	enum { MOST_BEFORE = CSVR_DIGITS_BYTES - 1 };
	char digits[MOST_BEFORE + CSVR_MAX_ROUND];
	struct csvr_bigint sum;
	bool is_negative;
	divide_to_nearest(exact, divisor, n_after, &sum, &is_negative);
	const size_t n = write_digits(&sum, n_after + 1, MOST_BEFORE + n_after, digits);
	if (n == 0)
		return 0;
	const int n_before = (int)(n - n_after);
	return (size_t)snprintf(text, CSVR_NUMBER_TEXT_BYTES, "%s%.*s%s%.*s",
				is_negative ? "-" : "", n_before, digits, n_after > 0 ? "." : "",
				(int)n_after, digits + n_before);
}

bool csvr_exact_sum_is_zero(const struct csvr_exact_sum *exact)
{
	struct csvr_bigint sum;
	bool is_negative;
	(void)csvr_exact_sum_total(exact, &sum, &is_negative);
	return csvr_bigint_is_zero(&sum);
}

/* n sum(x^2) - sum(x)^2, and sum(x)^2, in units of 10^square_range.base. Sums and squares grow together
 * (csvr_exact_sum_reserve), so square_range.base is 2 sum_range.base. */
static void collect_spread(const struct csvr_exact_sum *exact, uint64_t count,
			   struct csvr_bigint *spread, struct csvr_bigint *square_of_sum)
{
	struct csvr_bigint sum;
	bool is_negative;
	(void)csvr_exact_sum_total(exact, &sum, &is_negative);
	csvr_bigint_multiply(square_of_sum, &sum, &sum);
	(void)csvr_exact_sum_squares(exact, spread);
	csvr_bigint_scale(spread, count, 0);
	/* It is less only in a forged state. */
	if (csvr_bigint_compare(spread, square_of_sum) < 0)
		csvr_bigint_set(spread, 0);
	else
		csvr_bigint_subtract(spread, square_of_sum);
}

bool csvr_exact_sum_is_of_equals(const struct csvr_exact_sum *exact, uint64_t count)
{
	struct csvr_bigint spread, square_of_sum;
	collect_spread(exact, count, &spread, &square_of_sum);
	return csvr_bigint_is_zero(&spread);
}

/* spread / (n (n - freedom_lost)) */
static void variance_ratio(const struct csvr_exact_sum *exact, uint64_t count,
			   unsigned freedom_lost, struct csvr_bigint *numerator,
			   struct csvr_bigint *denominator)
{
	struct csvr_bigint square_of_sum;
	collect_spread(exact, count, numerator, &square_of_sum);
	csvr_bigint_set(denominator, (u128)count * (count - freedom_lost));
	scale_ratio(numerator, denominator, exact->sum_range.n > 0 ? exact->square_range.base : 0);
}

double csvr_exact_sum_variance(const struct csvr_exact_sum *exact, uint64_t count,
			       unsigned freedom_lost)
{
	struct csvr_bigint numerator, denominator;
	variance_ratio(exact, count, freedom_lost, &numerator, &denominator);
	return csvr_bigint_ratio(&numerator, &denominator);
}

double csvr_exact_sum_stddev(const struct csvr_exact_sum *exact, uint64_t count,
			     unsigned freedom_lost)
{
	struct csvr_bigint numerator, denominator;
	double stddev;
	if (find_short_stddev(exact, count, freedom_lost, &stddev))
		return stddev;
	variance_ratio(exact, count, freedom_lost, &numerator, &denominator);
	return csvr_bigint_sqrt_ratio(&numerator, &denominator);
}

/* The square is variance / n. */
double csvr_exact_sum_sem(const struct csvr_exact_sum *exact, uint64_t count)
{
	struct csvr_bigint numerator, denominator;
	variance_ratio(exact, count, 1, &numerator, &denominator);
	csvr_bigint_scale(&denominator, count, 0);
	return csvr_bigint_sqrt_ratio(&numerator, &denominator);
}

/* The square is variance / mean^2 = (spread / (n (n - 1))) / (sum^2 / n^2). The powers of ten cancel:
 * it is n spread / ((n - 1) sum^2).
 *
 * Both products fit a csvr_bigint, in forged states too. In units of the lowest bins, sums
 * are below 1.2 * 2^127 * 10^1410 < 2^4812 (1,411 bins), and sums of squares below
 * 1.2 * 2^192 * 10^2820 < 2^9561. So sum^2 < 2^9624, and spread < 2^64 * 2^9561 = 2^9625. The last factor
 * adds 64 bits, the division at most 2: 9,691. */
double csvr_exact_sum_cv(const struct csvr_exact_sum *exact, uint64_t count)
{
	struct csvr_bigint numerator, denominator;
	collect_spread(exact, count, &numerator, &denominator);
	csvr_bigint_scale(&numerator, count, 0);
	csvr_bigint_scale(&denominator, count - 1, 0);
	return csvr_bigint_sqrt_ratio(&numerator, &denominator);
}
