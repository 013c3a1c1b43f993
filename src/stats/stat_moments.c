/* stat_moments.c - skewness and kurtosis, from exact sums of third and fourth powers
 *
 * Both are those of a sample, with the correction for its size that pandas, DuckDB and the functions
 * SKEW and KURT of spreadsheets make. With n numbers, S_k the sum of their k-th powers, and
 *
 *	A = n S_2 - S_1^2
 *	B = n^2 S_3 - 3 n S_1 S_2 + 2 S_1^3
 *	C = n^3 S_4 - 4 n^2 S_1 S_3 + 6 n S_1^2 S_2 - 3 S_1^4
 *
 * the central moments are A / n^2, B / n^3 and C / n^4. Hence, without rounding until the end,
 *
 *	skewness   G_1 = sign(B) sqrt(B^2 n (n - 1) / (A^3 (n - 2)^2))
 *	kurtosis   G_2 = (n - 1) ((n + 1) C - 3 (n - 1) A^2) / ((n - 2) (n - 3) A^2)
 *
 * Source  Joanes and Gill, "Comparing measures of sample skewness and kurtosis" (1998)
 */
#include "base/bigint.h"
#include "stats/column_type.h"
#include "stats/power_sum.h"
#include "stats/statistics.h"

typedef unsigned __int128 u128;

struct moments {
	struct csvr_power_sum cubes, fourths;
	/* The powers of batches of one scale that are not in the sums yet: divisions by powers of ten, which adding
	 * to the sums takes, are expensive. */
	struct csvr_batch_powers pending;
	unsigned pending_scale;
};

/* A number is a multiple of 10^CSVR_EXACT_MIN_EXPONENT and below 10^VALUE_DIGITS, and there are fewer
 * than 10^COUNT_DIGITS numbers. Positions round toward minus infinity. */
enum {
	VALUE_DIGITS = CSVR_EXACT_MAX_EXPONENT + CSVR_GROUP_DIGITS,
	COUNT_DIGITS = 20,
	CUBES_LOWEST = (3 * CSVR_EXACT_MIN_EXPONENT - (CSVR_GROUP_DIGITS - 1)) / CSVR_GROUP_DIGITS,
	CUBES_HIGHEST = (3 * VALUE_DIGITS + COUNT_DIGITS - 1) / CSVR_GROUP_DIGITS,
	FOURTHS_LOWEST = (4 * CSVR_EXACT_MIN_EXPONENT - (CSVR_GROUP_DIGITS - 1)) /
			 CSVR_GROUP_DIGITS,
	FOURTHS_HIGHEST = (4 * VALUE_DIGITS + COUNT_DIGITS - 1) / CSVR_GROUP_DIGITS
};

/* 240 bins of cubes and 319 of fourth powers, 9 KiB, if a column has numbers from 1e-1100 to 1e308. */
_Static_assert(CUBES_LOWEST == -184 && CUBES_HIGHEST == 55 && FOURTHS_LOWEST == -245 &&
		       FOURTHS_HIGHEST == 73,
	       "as documented in doc/state-format.md");
_Static_assert(FOURTHS_HIGHEST - FOURTHS_LOWEST + 1 + 3 <= CSVR_MAX_GROUPS,
	       "with a bin that csvr_power_sum_add may add, and two groups of carries");

/* ---- adding ---- */

static enum csvr_status add_powers(struct moments *moments, const struct csvr_batch_powers *powers,
				   unsigned scale)
{
	const __int128 cubes = powers->cubes;
	struct csvr_wide_integer total;
	csvr_wide_integer_set(&total, cubes < 0 ? -(u128)cubes : (u128)cubes);
	const enum csvr_status status = csvr_power_sum_add(&moments->cubes, &total, -3 * (int)scale,
							   cubes < 0);
	if (status != CSVR_OK)
		return status;
	csvr_wide_integer_set(&total, powers->fourths);
	return csvr_power_sum_add(&moments->fourths, &total, -4 * (int)scale, false);
}

static enum csvr_status complete(void *state)
{
	struct moments *moments = state;
	const struct csvr_batch_powers powers = moments->pending;
	moments->pending = (struct csvr_batch_powers){ 0, 0 };
	return add_powers(moments, &powers, moments->pending_scale);
}

/* Fourth powers of a batch are below 2^128, and their third powers below 2^98 in magnitude. */
static enum csvr_status keep_powers(struct moments *moments, const struct csvr_batch_powers *powers,
				    unsigned scale)
{
	enum { MAX_CUBES_BITS = 126, MAX_FOURTHS_BITS = 127 };
	const __int128 max_cubes = (__int128)1 << MAX_CUBES_BITS;
	struct csvr_batch_powers *pending = &moments->pending;
	if (powers->fourths >> MAX_FOURTHS_BITS != 0)
		return add_powers(moments, powers, scale);
	if (moments->pending_scale != scale || pending->fourths >> MAX_FOURTHS_BITS != 0 ||
	    pending->cubes >= max_cubes || pending->cubes <= -max_cubes) {
		if (complete(moments) != CSVR_OK)
			return CSVR_NO_MEMORY;
		moments->pending_scale = scale;
	}
	pending->cubes += powers->cubes;
	pending->fourths += powers->fourths;
	return CSVR_OK;
}

enum { LARGE_BITS = 60, MAX_LARGE_BATCH = 128 };

/* Sums of powers of at most 2^7 numbers v with |v| < 10^18. v^2 = h 2^60 + l, with h < 2^59.6 and
 * l < 2^60: h^2, h l and l^2 are below 2^120, and their sums below 2^127; v h and v l are below
 * 2^119.8 in magnitude, and their sums below 2^127. */
struct large_sums {
	__int128 v_high, v_low;
	u128 high_high, high_low, low_low;
};

static struct large_sums sum_large(const int64_t *values, size_t n_values)
{
	const uint64_t mask = (UINT64_C(1) << LARGE_BITS) - 1;
	struct large_sums sums = { 0, 0, 0, 0, 0 };
	for (size_t i = 0; i < n_values; i++) {
		const int64_t v = values[i];
		const u128 square = (u128)((__int128)v * v);
		const uint64_t high = (uint64_t)(square >> LARGE_BITS);
		const uint64_t low = (uint64_t)square & mask;
		sums.v_high += (__int128)v * (int64_t)high;
		sums.v_low += (__int128)v * (int64_t)low;
		sums.high_high += (u128)high * high;
		sums.high_low += (u128)high * low;
		sums.low_low += (u128)low * low;
	}
	return sums;
}

static enum csvr_status add_large(struct moments *moments, const int64_t *values, size_t n_values,
				  unsigned scale)
{
	const uint64_t unit = UINT64_C(1) << LARGE_BITS;
	struct large_sums sums = sum_large(values, n_values);
	/* Cubes: the magnitude of v_high 2^60 + v_low, as high 2^60 + low. */
	__int128 high = sums.v_high + (sums.v_low >> LARGE_BITS);
	uint64_t low = (uint64_t)sums.v_low & (unit - 1);
	const bool is_negative = high < 0;
	if (is_negative && low != 0) {
		high++;
		low = unit - low;
	}
	struct csvr_wide_integer total;
	csvr_wide_integer_set(&total, (u128)(is_negative ? -high : high));
	csvr_wide_integer_scale(&total, unit, low);
	const enum csvr_status status = csvr_power_sum_add(&moments->cubes, &total, -3 * (int)scale,
							   is_negative);
	if (status != CSVR_OK)
		return status;
	csvr_wide_integer_set(&total, sums.high_high);
	csvr_wide_integer_scale(&total, unit, 2 * sums.high_low);
	csvr_wide_integer_scale(&total, unit, sums.low_low);
	return csvr_power_sum_add(&moments->fourths, &total, -4 * (int)scale, false);
}

static enum csvr_status add_batch(void *state, const struct csvr_batch *batch)
{
	struct csvr_batch_powers powers;
	/* The scalar function accepts larger values than the others. */
	if (batch->kernels->sum_powers(batch->values, batch->n_values, &powers) ||
	    csvr_batch_kernels_for("scalar")->sum_powers(batch->values, batch->n_values, &powers))
		return keep_powers(state, &powers, batch->scale);
	enum csvr_status status = CSVR_OK;
	for (size_t i = 0; i < batch->n_values && status == CSVR_OK; i += MAX_LARGE_BATCH) {
		const size_t n_left = batch->n_values - i;
		status = add_large(state, batch->values + i,
				   n_left < MAX_LARGE_BATCH ? n_left : MAX_LARGE_BATCH,
				   batch->scale);
	}
	return status;
}

static enum csvr_status add_number(void *state, const struct csvr_number *number)
{
	struct moments *moments = state;
	struct csvr_wide_integer value, square, power;
	value.n = number->n_parts;
	while (value.n > 0 && number->part[value.n - 1] == 0)
		value.n--;
	for (size_t i = 0; i < value.n; i++)
		value.group[i] = number->part[i];
	csvr_wide_integer_multiply(&square, &value, &value);
	csvr_wide_integer_multiply(&power, &square, &value);
	const enum csvr_status status = csvr_power_sum_add(&moments->cubes, &power,
							   3 * number->exponent,
							   number->is_negative);
	if (status != CSVR_OK)
		return status;
	csvr_wide_integer_multiply(&power, &square, &square);
	return csvr_power_sum_add(&moments->fourths, &power, 4 * number->exponent, false);
}

static enum csvr_status merge(void *into, const void *from)
{
	struct moments *moments = into;
	const struct moments *other = from;
	enum csvr_status status = csvr_power_sum_merge(&moments->cubes, &other->cubes);
	if (status == CSVR_OK)
		status = csvr_power_sum_merge(&moments->fourths, &other->fourths);
	return status != CSVR_OK ? status
				 : add_powers(moments, &other->pending, other->pending_scale);
}

static void clear(void *state)
{
	struct moments *moments = state;
	csvr_power_sum_clear(&moments->cubes);
	csvr_power_sum_clear(&moments->fourths);
}

/* ---- states ---- */

static void encode(const void *state, struct csvr_encoder *encoder)
{
	const struct moments *moments = state;
	csvr_power_sum_encode(&moments->cubes, encoder);
	csvr_power_sum_encode(&moments->fourths, encoder);
}

static enum csvr_status decode(void *state, struct csvr_decoder *decoder,
			       const uint64_t cells[CSVR_N_CELL_CLASSES])
{
	struct moments *moments = state;
	enum csvr_status status =
		csvr_power_sum_decode(&moments->cubes, decoder,
				      (struct csvr_power_limits){ CUBES_LOWEST, CUBES_HIGHEST });
	if (status == CSVR_OK)
		status = csvr_power_sum_decode(&moments->fourths, decoder,
					       (struct csvr_power_limits){ FOURTHS_LOWEST,
									   FOURTHS_HIGHEST });
	if (status != CSVR_OK)
		return status;
	/* Each decoded sum counts as one group per bin, so there must be a number for it: then no merge
	 * overflows a bin. Fourth powers are not negative, and none is 0 unless its cube is. */
	const struct csvr_power_sum *fourths = &moments->fourths;
	const bool has_fourths = fourths->range.n > 0;
	if ((has_fourths && cells[CSVR_CELL_NUMBER] == 0) ||
	    (has_fourths && fourths->bins[0] < 0) || (!has_fourths && moments->cubes.range.n > 0))
		return CSVR_INVALID_FILE;
	return CSVR_OK;
}

extern const struct csvr_aggregate csvr_moments_aggregate;
const struct csvr_aggregate csvr_moments_aggregate = { .name = "moments",
						       .version = 1,
						       .state_bytes = sizeof(struct moments),
						       .add_batch = add_batch,
						       .add_number = add_number,
						       .merge = merge,
						       .complete = complete,
						       .encode = encode,
						       .decode = decode,
						       .clear = clear };

/* ---- values ---- */

/* S_1 to S_4, in powers of one unit, which cancels in both statistics. Sums of even powers are not
 * negative. */
struct power_sums {
	uint64_t n;
	struct csvr_bigint sum[5];
	bool is_negative[5];
};

static int floor_quotient(int value, int divisor)
{
	return value / divisor - (value % divisor < 0);
}

static void collect_sums(const struct csvr_subject *subject, struct power_sums *s)
{
	const struct csvr_exact_sum *exact =
		&subject->column->quantities[CSVR_QUANTITY_NUMBER].exact;
	const struct moments *moments = subject->state;
	int exponent[5] = { 0 };
	s->n = csvr_column_n_numbers(subject->column);
	exponent[1] = csvr_exact_sum_total(exact, &s->sum[1], &s->is_negative[1]);
	exponent[2] = csvr_exact_sum_squares(exact, &s->sum[2]);
	s->is_negative[2] = false;
	csvr_power_sum_total(&moments->cubes, &s->sum[3], &exponent[3], &s->is_negative[3]);
	csvr_power_sum_total(&moments->fourths, &s->sum[4], &exponent[4], &s->is_negative[4]);
	int unit = exponent[1];
	for (int k = 2; k <= 4; k++) {
		const int least = floor_quotient(exponent[k], k);
		unit = least < unit ? least : unit;
	}
	for (int k = 1; k <= 4; k++)
		csvr_bigint_scale_ten(&s->sum[k], (unsigned)(exponent[k] - k * unit));
}

/* A sum of terms of both signs. */
struct balance {
	struct csvr_bigint side[2]; /* positive and negative terms */
};

static void balance_init(struct balance *balance)
{
	csvr_bigint_set(&balance->side[0], 0);
	csvr_bigint_set(&balance->side[1], 0);
}

/* Adds coefficient n^power a b. */
static void balance_add(struct balance *balance, bool is_negative, unsigned coefficient, uint64_t n,
			unsigned power, const struct csvr_bigint *a, const struct csvr_bigint *b)
{
	struct csvr_bigint term;
	csvr_bigint_multiply(&term, a, b);
	csvr_bigint_scale(&term, coefficient, 0);
	for (; power > 0; power--)
		csvr_bigint_scale(&term, n, 0);
	csvr_bigint_add(&balance->side[is_negative], &term);
}

/* The sum, whose magnitude replaces side[0]; true: it is negative. */
static bool balance_resolve(struct balance *balance)
{
	const bool is_negative = csvr_bigint_compare(&balance->side[0], &balance->side[1]) < 0;
	if (is_negative) {
		csvr_bigint_subtract(&balance->side[1], &balance->side[0]);
		csvr_bigint_copy(&balance->side[0], &balance->side[1]);
	} else {
		csvr_bigint_subtract(&balance->side[0], &balance->side[1]);
	}
	return is_negative;
}

/* A. False if it is not positive: all numbers are equal, or a state is forged. */
static bool collect_spread(const struct power_sums *s, struct csvr_bigint *spread)
{
	struct csvr_bigint square;
	csvr_bigint_copy(spread, &s->sum[2]);
	csvr_bigint_scale(spread, s->n, 0);
	csvr_bigint_multiply(&square, &s->sum[1], &s->sum[1]);
	if (csvr_bigint_compare(spread, &square) <= 0)
		return false;
	csvr_bigint_subtract(spread, &square);
	return true;
}

static struct csvr_value real_of(double magnitude, bool is_negative)
{
	return (struct csvr_value){ .kind = CSVR_VALUE_REAL,
				    .real = is_negative ? 0.0 - magnitude : magnitude };
}

static const struct csvr_value none = { .kind = CSVR_VALUE_NONE };

static struct csvr_value skewness(const struct csvr_subject *subject)
{
	struct power_sums s;
	struct csvr_bigint spread, product, square;
	struct balance b;
	if (csvr_column_n_numbers(subject->column) < 3)
		return none;
	collect_sums(subject, &s);
	if (!collect_spread(&s, &spread))
		return none;
	csvr_bigint_set(&product, 1);
	balance_init(&b);
	balance_add(&b, s.is_negative[3], 1, s.n, 2, &s.sum[3], &product);
	csvr_bigint_multiply(&square, &s.sum[1], &s.sum[1]);
	balance_add(&b, s.is_negative[1], 2, s.n, 0, &square, &s.sum[1]);
	balance_add(&b, !s.is_negative[1], 3, s.n, 1, &s.sum[1], &s.sum[2]);
	const bool is_negative = balance_resolve(&b);
	/* b.side[0] is B: B^2 n (n - 1) into `square`, A^3 (n - 2)^2 into `spread`. */
	csvr_bigint_multiply(&square, &b.side[0], &b.side[0]);
	csvr_bigint_scale(&square, s.n, 0);
	csvr_bigint_scale(&square, s.n - 1, 0);
	csvr_bigint_multiply(&product, &spread, &spread);
	csvr_bigint_multiply(&b.side[0], &product, &spread);
	csvr_bigint_scale(&b.side[0], s.n - 2, 0);
	csvr_bigint_scale(&b.side[0], s.n - 2, 0);
	return real_of(csvr_bigint_sqrt_ratio(&square, &b.side[0]), is_negative);
}

/* C, whose magnitude is c->side[0]; true: it is negative. */
static bool collect_fourth_moment(const struct power_sums *s, struct balance *c)
{
	struct csvr_bigint one, square;
	csvr_bigint_set(&one, 1);
	balance_init(c);
	balance_add(c, false, 1, s->n, 3, &s->sum[4], &one);
	balance_add(c, s->is_negative[1] == s->is_negative[3], 4, s->n, 2, &s->sum[1], &s->sum[3]);
	csvr_bigint_multiply(&square, &s->sum[1], &s->sum[1]);
	balance_add(c, false, 6, s->n, 1, &square, &s->sum[2]);
	balance_add(c, true, 3, s->n, 0, &square, &square);
	return balance_resolve(c);
}

static struct csvr_value kurtosis(const struct csvr_subject *subject)
{
	struct power_sums s;
	struct csvr_bigint spread, denominator, one;
	struct balance c, excess;
	if (csvr_column_n_numbers(subject->column) < 4)
		return none;
	collect_sums(subject, &s);
	if (!collect_spread(&s, &spread))
		return none;
	const bool is_c_negative = collect_fourth_moment(&s, &c);
	csvr_bigint_multiply(&denominator, &spread, &spread);
	csvr_bigint_set(&one, 1);
	/* (n + 1) C in two terms: n + 1 may be 2^64. */
	balance_init(&excess);
	balance_add(&excess, is_c_negative, 1, s.n, 1, &c.side[0], &one);
	balance_add(&excess, is_c_negative, 1, s.n, 0, &c.side[0], &one);
	balance_add(&excess, true, 3, s.n - 1, 1, &denominator, &one);
	const bool is_negative = balance_resolve(&excess);
	csvr_bigint_scale(&excess.side[0], s.n - 1, 0);
	csvr_bigint_scale(&denominator, s.n - 2, 0);
	csvr_bigint_scale(&denominator, s.n - 3, 0);
	return real_of(csvr_bigint_ratio(&excess.side[0], &denominator), is_negative);
}

const struct csvr_statistic csvr_stat_skewness = {
	.name = "skewness",
	.definition =
		"skewness of a sample, corrected for its size (G1); absent where count is less "
		"than 3 or all numbers are equal",
	.needs = &csvr_moments_aggregate,
	.value = skewness
};
const struct csvr_statistic csvr_stat_kurtosis = {
	.name = "kurtosis",
	.definition = "excess kurtosis of a sample, corrected for its size (G2), 0 for a normal "
		      "distribution; absent where count is less than 4 or all numbers are equal",
	.needs = &csvr_moments_aggregate,
	.value = kurtosis
};
