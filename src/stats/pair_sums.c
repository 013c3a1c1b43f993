/* pair_sums.c - exact sums over the rows in which two columns both have a number */
#include "stats/pair_sums.h"

#include <stdlib.h>
#include <string.h>

#include "base/bigint.h"

typedef unsigned __int128 u128;

/* A number is a multiple of 10^CSVR_EXACT_MIN_EXPONENT and below 10^VALUE_DIGITS, and there are fewer
 * than 10^COUNT_DIGITS numbers. Positions round toward minus infinity. */
enum {
	VALUE_DIGITS = CSVR_EXACT_MAX_EXPONENT + CSVR_GROUP_DIGITS,
	COUNT_DIGITS = 20,
	SUMS_LOWEST = (CSVR_EXACT_MIN_EXPONENT - (CSVR_GROUP_DIGITS - 1)) / CSVR_GROUP_DIGITS,
	SUMS_HIGHEST = (VALUE_DIGITS + COUNT_DIGITS - 1) / CSVR_GROUP_DIGITS,
	PRODUCTS_LOWEST = (2 * CSVR_EXACT_MIN_EXPONENT - (CSVR_GROUP_DIGITS - 1)) /
			  CSVR_GROUP_DIGITS,
	PRODUCTS_HIGHEST = (2 * VALUE_DIGITS + COUNT_DIGITS - 1) / CSVR_GROUP_DIGITS
};

_Static_assert(SUMS_LOWEST == -62 && SUMS_HIGHEST == 19 && PRODUCTS_LOWEST == -123 &&
		       PRODUCTS_HIGHEST == 37,
	       "as documented in doc/state-format.md");

static const struct csvr_power_limits limits[CSVR_N_PAIR_SUMS] = {
	[CSVR_PAIR_X] = { SUMS_LOWEST, SUMS_HIGHEST },
	[CSVR_PAIR_Y] = { SUMS_LOWEST, SUMS_HIGHEST },
	[CSVR_PAIR_XX] = { PRODUCTS_LOWEST, PRODUCTS_HIGHEST },
	[CSVR_PAIR_YY] = { PRODUCTS_LOWEST, PRODUCTS_HIGHEST },
	[CSVR_PAIR_XY] = { PRODUCTS_LOWEST, PRODUCTS_HIGHEST },
};

/* The sum in a pair whose x and y are exchanged. */
static const int swapped[CSVR_N_PAIR_SUMS] = {
	[CSVR_PAIR_X] = CSVR_PAIR_Y,   [CSVR_PAIR_Y] = CSVR_PAIR_X,   [CSVR_PAIR_XX] = CSVR_PAIR_YY,
	[CSVR_PAIR_YY] = CSVR_PAIR_XX, [CSVR_PAIR_XY] = CSVR_PAIR_XY,
};

/* ---- bins ---- */

/* Extends the bins to include positions [low, high). New ones are zero. */
static inline enum csvr_status reserve(struct csvr_wide_bins *sum, int low, int high)
{
	if (csvr_bins_include(&sum->range, low, high))
		return CSVR_OK;
	void *bins = csvr_bins_extend(sum->bins, sizeof *sum->bins, &sum->range, low, high);
	if (bins == NULL)
		return CSVR_NO_MEMORY;
	sum->bins = bins;
	return CSVR_OK;
}

/* The magnitude; `*is_negative` is its sign. */
static void split_sign(struct csvr_wide value, struct csvr_wide_integer *magnitude,
		       bool *is_negative)
{
	*is_negative = value.word[2] >> 63 != 0;
	if (*is_negative) {
		struct csvr_wide negated = { { 1, 0, 0 } };
		for (int i = 0; i < 3; i++)
			value.word[i] = ~value.word[i];
		csvr_wide_add(&negated, &value);
		value = negated;
	}
	/* As high 2^120 + low: csvr_wide_integer_scale takes factors up to 2^60. */
	const u128 high = (u128)value.word[2] << 8 | value.word[1] >> 56;
	const u128 low = (u128)(value.word[1] & (UINT64_MAX >> 8)) << 64 | value.word[0];
	csvr_wide_integer_set(magnitude, high == 0 ? low : high);
	if (high != 0) {
		csvr_wide_integer_scale(magnitude, UINT64_C(1) << 60, 0);
		csvr_wide_integer_scale(magnitude, UINT64_C(1) << 60, low);
	}
}

/* Adds value times 10^exponent. */
static enum csvr_status add_wide(struct csvr_wide_bins *sum, struct csvr_wide value, int exponent)
{
	struct csvr_wide_integer magnitude;
	uint64_t storage[sizeof magnitude.group / sizeof magnitude.group[0]];
	bool is_negative;
	split_sign(value, &magnitude, &is_negative);
	const struct csvr_positioned number = csvr_position_number(magnitude.group, magnitude.n,
								   exponent, is_negative, storage);
	if (number.n_parts == 0)
		return CSVR_OK;
	const enum csvr_status status = reserve(sum, number.position,
						number.position + (int)number.n_parts);
	for (size_t i = 0; i < number.n_parts && status == CSVR_OK; i++) {
		const __int128 part = (__int128)number.part[i];
		csvr_wide_add_signed(&sum->bins[number.position - sum->range.base + (int)i],
				     is_negative ? -part : part);
	}
	return status;
}

static enum csvr_status merge_bins(struct csvr_wide_bins *into, const struct csvr_wide_bins *from)
{
	if (from->range.n == 0)
		return CSVR_OK;
	const enum csvr_status status = reserve(into, from->range.base,
						from->range.base + from->range.n);
	for (int i = 0; i < from->range.n && status == CSVR_OK; i++)
		csvr_wide_add(&into->bins[from->range.base - into->range.base + i], &from->bins[i]);
	return status;
}

struct csvr_positioned csvr_position_number(const uint64_t *part, size_t n_parts, int exponent,
					    bool is_negative, uint64_t *to)
{
	const int remainder = exponent % CSVR_GROUP_DIGITS;
	const int shift = remainder < 0 ? remainder + CSVR_GROUP_DIGITS : remainder;
	const uint64_t factor = csvr_group_powers[shift];
	u128 carry = 0;
	size_t n = 0;
	for (; n < n_parts; n++) {
		carry += (u128)part[n] * factor;
		to[n] = csvr_group_take(&carry);
	}
	if (carry != 0)
		to[n++] = (uint64_t)carry;
	return (struct csvr_positioned){ to, n, (exponent - shift) / CSVR_GROUP_DIGITS,
					 is_negative };
}

/* ---- a pair ---- */

void csvr_pair_clear(struct csvr_pair *pair)
{
	for (int k = 0; pair->other != NULL && k < CSVR_N_PAIR_SUMS; k++)
		free(pair->other[k].bins);
	free(pair->other);
	memset(pair, 0, sizeof *pair);
}

void csvr_pair_reset(struct csvr_pair *pair)
{
	struct csvr_wide_bins *other = pair->other;
	for (int k = 0; other != NULL && k < CSVR_N_PAIR_SUMS; k++)
		other[k].range.n = 0;
	*pair = (struct csvr_pair){ .other = other };
}

static enum csvr_status reserve_other(struct csvr_pair *pair)
{
	if (pair->other == NULL)
		pair->other = calloc(CSVR_N_PAIR_SUMS, sizeof *pair->other);
	return pair->other != NULL ? CSVR_OK : CSVR_NO_MEMORY;
}

/* ---- recent sums ---- */

static struct csvr_wide wide_of(__int128 value)
{
	struct csvr_wide wide = { { 0 } };
	csvr_wide_add_signed(&wide, value);
	return wide;
}

struct recent_sum {
	struct csvr_wide value;
	int exponent;
};

static void list_recent(const struct csvr_pair *pair, struct recent_sum recent[CSVR_N_PAIR_SUMS])
{
	const int x = pair->x_exponent, y = pair->y_exponent;
	recent[CSVR_PAIR_X] = (struct recent_sum){ wide_of(pair->x), x };
	recent[CSVR_PAIR_Y] = (struct recent_sum){ wide_of(pair->y), y };
	recent[CSVR_PAIR_XX] = (struct recent_sum){ pair->xx, 2 * x };
	recent[CSVR_PAIR_YY] = (struct recent_sum){ pair->yy, 2 * y };
	recent[CSVR_PAIR_XY] = (struct recent_sum){ pair->xy, x + y };
}

/* Adds the recent sums of `from` to the others of `into`. */
static enum csvr_status add_recent(struct csvr_pair *into, const struct csvr_pair *from,
				   bool is_swapped)
{
	struct recent_sum recent[CSVR_N_PAIR_SUMS];
	list_recent(from, recent);
	enum csvr_status status = reserve_other(into);
	for (int k = 0; k < CSVR_N_PAIR_SUMS && status == CSVR_OK; k++)
		status = add_wide(&into->other[is_swapped ? swapped[k] : k], recent[k].value,
				  recent[k].exponent);
	return status;
}

enum csvr_status csvr_pair_set_exponents(struct csvr_pair *pair, int x_exponent, int y_exponent)
{
	if (pair->has_recent) {
		const enum csvr_status status = add_recent(pair, pair, false);
		if (status != CSVR_OK)
			return status;
		*pair = (struct csvr_pair){ .n = pair->n, .other = pair->other };
	}
	pair->x_exponent = (int16_t)x_exponent;
	pair->y_exponent = (int16_t)y_exponent;
	pair->has_recent = true;
	return CSVR_OK;
}

/* ---- adding ---- */

static void add_parts(struct csvr_wide_bins *sum, const struct csvr_positioned *number)
{
	struct csvr_wide *bin = &sum->bins[number->position - sum->range.base];
	for (size_t i = 0; i < number->n_parts; i++)
		csvr_wide_add_signed(&bin[i], number->is_negative ? -(__int128)number->part[i]
								  : (__int128)number->part[i]);
}

static void add_products(struct csvr_wide_bins *sum, const struct csvr_positioned *a,
			 const struct csvr_positioned *b)
{
	struct csvr_wide *bin = &sum->bins[a->position + b->position - sum->range.base];
	const bool is_negative = a->is_negative != b->is_negative;
	for (size_t i = 0; i < a->n_parts; i++) {
		for (size_t j = 0; j < b->n_parts; j++) {
			const __int128 product = (__int128)((u128)a->part[i] * b->part[j]);
			csvr_wide_add_signed(&bin[i + j], is_negative ? -product : product);
		}
	}
}

enum csvr_status csvr_pair_add_row(struct csvr_pair *pair, const struct csvr_positioned *x,
				   const struct csvr_positioned *y)
{
	const struct csvr_positioned *const factors[CSVR_N_PAIR_SUMS][2] = {
		[CSVR_PAIR_X] = { x },     [CSVR_PAIR_Y] = { y },     [CSVR_PAIR_XX] = { x, x },
		[CSVR_PAIR_YY] = { y, y }, [CSVR_PAIR_XY] = { x, y },
	};
	enum csvr_status status = reserve_other(pair);
	for (int k = 0; k < CSVR_N_PAIR_SUMS && status == CSVR_OK; k++) {
		const struct csvr_positioned *a = factors[k][0], *b = factors[k][1];
		const int low = a->position + (b != NULL ? b->position : 0);
		/* Room for the products of all parts, and one bin even if there are none. */
		const size_t n = a->n_parts + (b != NULL ? b->n_parts : 0) + 1;
		status = reserve(&pair->other[k], low, low + (int)n);
		if (status == CSVR_OK && b != NULL)
			add_products(&pair->other[k], a, b);
		else if (status == CSVR_OK)
			add_parts(&pair->other[k], a);
	}
	pair->n += status == CSVR_OK;
	return status;
}

/* ---- merging ---- */

void csvr_pair_swap(struct csvr_pair *pair)
{
	const struct csvr_pair before = *pair;
	pair->x = before.y;
	pair->y = before.x;
	pair->xx = before.yy;
	pair->yy = before.xx;
	pair->x_exponent = before.y_exponent;
	pair->y_exponent = before.x_exponent;
	if (pair->other == NULL)
		return;
	for (int k = CSVR_PAIR_X; k <= CSVR_PAIR_XX; k += CSVR_PAIR_XX - CSVR_PAIR_X) {
		const struct csvr_wide_bins sum = pair->other[k];
		pair->other[k] = pair->other[swapped[k]];
		pair->other[swapped[k]] = sum;
	}
}

/* Merges the recent sums of `from`. */
static enum csvr_status merge_recent(struct csvr_pair *into, const struct csvr_pair *from,
				     bool is_swapped)
{
	const int x_exponent = is_swapped ? from->y_exponent : from->x_exponent;
	const int y_exponent = is_swapped ? from->x_exponent : from->y_exponent;
	if (into->has_recent && (into->x_exponent != x_exponent || into->y_exponent != y_exponent))
		return add_recent(into, from, is_swapped);
	if (!into->has_recent)
		(void)csvr_pair_set_exponents(into, x_exponent, y_exponent); /* moves nothing */
	into->x += is_swapped ? from->y : from->x;
	into->y += is_swapped ? from->x : from->y;
	csvr_wide_add(&into->xx, is_swapped ? &from->yy : &from->xx);
	csvr_wide_add(&into->yy, is_swapped ? &from->xx : &from->yy);
	csvr_wide_add(&into->xy, &from->xy);
	return CSVR_OK;
}

enum csvr_status csvr_pair_merge(struct csvr_pair *into, const struct csvr_pair *from,
				 bool is_swapped)
{
	enum csvr_status status = CSVR_OK;
	if (from->has_recent)
		status = merge_recent(into, from, is_swapped);
	if (from->other != NULL && status == CSVR_OK)
		status = reserve_other(into);
	for (int k = 0; k < CSVR_N_PAIR_SUMS && from->other != NULL && status == CSVR_OK; k++)
		status = merge_bins(&into->other[is_swapped ? swapped[k] : k], &from->other[k]);
	into->n += from->n;
	return status;
}

/* ---- totals ---- */

static void clear_sums(struct csvr_power_sum sums[CSVR_N_PAIR_SUMS])
{
	for (int k = 0; k < CSVR_N_PAIR_SUMS; k++)
		csvr_power_sum_clear(&sums[k]);
}

/* Adds value times 10^exponent. */
static enum csvr_status add_to_total(struct csvr_power_sum *total, struct csvr_wide value,
				     int exponent)
{
	struct csvr_wide_integer magnitude;
	bool is_negative;
	split_sign(value, &magnitude, &is_negative);
	return csvr_power_sum_add(total, &magnitude, exponent, is_negative);
}

/* Sets `sums` to all of the pair; clear them whatever is returned. */
static enum csvr_status collect_sums(const struct csvr_pair *pair,
				     struct csvr_power_sum sums[CSVR_N_PAIR_SUMS])
{
	struct recent_sum recent[CSVR_N_PAIR_SUMS];
	list_recent(pair, recent);
	memset(sums, 0, CSVR_N_PAIR_SUMS * sizeof *sums);
	enum csvr_status status = CSVR_OK;
	for (int k = 0; k < CSVR_N_PAIR_SUMS && status == CSVR_OK; k++) {
		const struct csvr_wide_bins *bins = pair->other != NULL ? &pair->other[k] : NULL;
		status = add_to_total(&sums[k], recent[k].value, recent[k].exponent);
		for (int i = 0; bins != NULL && i < bins->range.n && status == CSVR_OK; i++)
			status = add_to_total(&sums[k], bins->bins[i],
					      CSVR_GROUP_DIGITS * (bins->range.base + i));
	}
	return status;
}

/* The total of each sum in powers of the units 10^unit[0] of x and 10^unit[1] of y, which cancel. */
struct totals {
	struct csvr_bigint sum[CSVR_N_PAIR_SUMS];
	bool is_negative[CSVR_N_PAIR_SUMS];
};

static int floor_half(int value)
{
	return value / 2 - (value % 2 < 0);
}

static int least(int a, int b)
{
	return a < b ? a : b;
}

static void collect_totals(const struct csvr_power_sum sums[CSVR_N_PAIR_SUMS],
			   struct totals *totals)
{
	int exponent[CSVR_N_PAIR_SUMS];
	for (int k = 0; k < CSVR_N_PAIR_SUMS; k++)
		csvr_power_sum_total(&sums[k], &totals->sum[k], &exponent[k],
				     &totals->is_negative[k]);
	int x = least(exponent[CSVR_PAIR_X], floor_half(exponent[CSVR_PAIR_XX]));
	const int y = least(exponent[CSVR_PAIR_Y], floor_half(exponent[CSVR_PAIR_YY]));
	/* Where digits of the other sums have cancelled, the products may have more of them. */
	x = least(x, exponent[CSVR_PAIR_XY] - y);
	const int unit[CSVR_N_PAIR_SUMS] = { [CSVR_PAIR_X] = x,
					     [CSVR_PAIR_Y] = y,
					     [CSVR_PAIR_XX] = 2 * x,
					     [CSVR_PAIR_YY] = 2 * y,
					     [CSVR_PAIR_XY] = x + y };
	for (int k = 0; k < CSVR_N_PAIR_SUMS; k++)
		csvr_bigint_scale_ten(&totals->sum[k], (unsigned)(exponent[k] - unit[k]));
}

/* n sum(x^2) - sum(x)^2. False if it is not positive: all numbers are equal, or a state is forged. */
static bool collect_spread(const struct csvr_bigint *sum, const struct csvr_bigint *squares,
			   uint64_t n, struct csvr_bigint *spread)
{
	struct csvr_bigint square;
	csvr_bigint_copy(spread, squares);
	csvr_bigint_scale(spread, n, 0);
	csvr_bigint_multiply(&square, sum, sum);
	if (csvr_bigint_compare(spread, &square) <= 0)
		return false;
	csvr_bigint_subtract(spread, &square);
	return true;
}

/* The magnitude of n sum(x y) - sum(x) sum(y); true: it is negative. */
static bool collect_covariance(const struct totals *totals, uint64_t n, struct csvr_bigint *result)
{
	struct csvr_bigint a, b;
	const bool is_a_negative = totals->is_negative[CSVR_PAIR_XY];
	const bool is_b_negative = totals->is_negative[CSVR_PAIR_X] !=
				   totals->is_negative[CSVR_PAIR_Y];
	csvr_bigint_copy(&a, &totals->sum[CSVR_PAIR_XY]);
	csvr_bigint_scale(&a, n, 0);
	csvr_bigint_multiply(&b, &totals->sum[CSVR_PAIR_X], &totals->sum[CSVR_PAIR_Y]);
	if (is_a_negative != is_b_negative) {
		csvr_bigint_copy(result, &a);
		csvr_bigint_add(result, &b);
		return is_a_negative;
	}
	const bool is_less = csvr_bigint_compare(&a, &b) < 0;
	csvr_bigint_copy(result, is_less ? &b : &a);
	csvr_bigint_subtract(result, is_less ? &a : &b);
	return is_a_negative != is_less;
}

/* r^2 = C^2 / (A B), with C = n sum(x y) - sum(x) sum(y), A = n sum(x^2) - sum(x)^2 and B likewise.
 *
 * All values fit a csvr_bigint, in forged states too: they have at most 2 (37 + 1) 18 digits before the
 * point, 2 times 123 times 18 after it in the units of C^2, and n^2 adds 40: fewer than 5,840 digits, or
 * 19,400 bits. */
static bool correlate(const struct totals *totals, uint64_t n, double *correlation)
{
	struct csvr_bigint x_spread, y_spread, denominator, covariance, numerator;
	if (!collect_spread(&totals->sum[CSVR_PAIR_X], &totals->sum[CSVR_PAIR_XX], n, &x_spread) ||
	    !collect_spread(&totals->sum[CSVR_PAIR_Y], &totals->sum[CSVR_PAIR_YY], n, &y_spread))
		return false;
	const bool is_negative = collect_covariance(totals, n, &covariance);
	csvr_bigint_multiply(&numerator, &covariance, &covariance);
	csvr_bigint_multiply(&denominator, &x_spread, &y_spread);
	double magnitude = 1;
	/* It is greater only in a forged state. */
	if (csvr_bigint_compare(&numerator, &denominator) < 0)
		magnitude = csvr_bigint_sqrt_ratio(&numerator, &denominator);
	*correlation = is_negative ? 0.0 - magnitude : magnitude;
	return true;
}

enum csvr_status csvr_pair_correlation(const struct csvr_pair *pair, bool *is_defined,
				       double *correlation)
{
	struct csvr_power_sum sums[CSVR_N_PAIR_SUMS];
	struct totals totals;
	*is_defined = false;
	if (pair->n < 2)
		return CSVR_OK;
	const enum csvr_status status = collect_sums(pair, sums);
	if (status == CSVR_OK) {
		collect_totals(sums, &totals);
		*is_defined = correlate(&totals, pair->n, correlation);
	}
	clear_sums(sums);
	return status;
}

/* ---- states ---- */

void csvr_pair_encode(const struct csvr_pair *pair, struct csvr_encoder *encoder)
{
	struct csvr_power_sum sums[CSVR_N_PAIR_SUMS];
	csvr_encoder_put_varint(encoder, pair->n);
	if (pair->n == 0)
		return;
	if (collect_sums(pair, sums) != CSVR_OK)
		encoder->is_out_of_memory = true;
	for (int k = 0; k < CSVR_N_PAIR_SUMS; k++)
		csvr_power_sum_encode(&sums[k], encoder);
	clear_sums(sums);
}

/* Whether a sum of squares is possible: it is not negative, and 0 only if all numbers are. */
static bool is_possible(const struct csvr_power_sum *squares, const struct csvr_power_sum *sum)
{
	return squares->range.n > 0 ? squares->bins[0] > 0 : sum->range.n == 0;
}

static enum csvr_status decode_sums(struct csvr_power_sum sums[CSVR_N_PAIR_SUMS],
				    struct csvr_decoder *decoder)
{
	enum csvr_status status = CSVR_OK;
	for (int k = 0; k < CSVR_N_PAIR_SUMS && status == CSVR_OK; k++)
		status = csvr_power_sum_decode(&sums[k], decoder, limits[k]);
	if (status == CSVR_OK && (!is_possible(&sums[CSVR_PAIR_XX], &sums[CSVR_PAIR_X]) ||
				  !is_possible(&sums[CSVR_PAIR_YY], &sums[CSVR_PAIR_Y])))
		return CSVR_INVALID_FILE;
	return status;
}

enum csvr_status csvr_pair_decode(struct csvr_pair *pair, struct csvr_decoder *decoder,
				  uint64_t n_rows)
{
	const uint64_t n = csvr_decoder_varint_max(decoder, n_rows);
	if (n == 0)
		return decoder->is_bad ? CSVR_INVALID_FILE : CSVR_OK;
	struct csvr_power_sum sums[CSVR_N_PAIR_SUMS] = { 0 };
	enum csvr_status status = decode_sums(sums, decoder);
	if (status == CSVR_OK)
		status = reserve_other(pair);
	/* Each bin is below 10^18, and there is a row for it: then no merge overflows a bin. */
	for (int k = 0; k < CSVR_N_PAIR_SUMS && status == CSVR_OK; k++) {
		struct csvr_wide_bins *bins = &pair->other[k];
		if (sums[k].range.n > 0)
			status = reserve(bins, sums[k].range.base,
					 sums[k].range.base + sums[k].range.n);
		for (int i = 0; i < sums[k].range.n && status == CSVR_OK; i++)
			csvr_wide_add_signed(&bins->bins[i], sums[k].bins[i]);
	}
	clear_sums(sums);
	pair->n = n;
	return status;
}
