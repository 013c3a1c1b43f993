/* power_sum.c - exact sums of long decimals, in bins of 18 digits */
#include "stats/power_sum.h"

#include <stdlib.h>
#include <string.h>

typedef unsigned __int128 u128;

/* ---- groups ---- */

/* value / 10^18, and the remainder. */
static u128 divide_by_group(u128 value, uint64_t *remainder)
{
	/* With value = a 2^59 + b and M = floor(2^123 / 10^18), floor(a M / 2^64) is less than
	 * value / 10^18 by below 3: 1 for M, 0.6 for b, 1 for the floor. */
	const uint64_t reciprocal = 10633823966279326983u;
	if (value >> 123 != 0) {
		*remainder = (uint64_t)(value % CSVR_GROUP);
		return value / CSVR_GROUP;
	}
	uint64_t quotient = (uint64_t)((u128)(uint64_t)(value >> 59) * reciprocal >> 64);
	uint64_t rest = (uint64_t)value - quotient * CSVR_GROUP;
	while (rest >= CSVR_GROUP) {
		rest -= CSVR_GROUP;
		quotient++;
	}
	*remainder = rest;
	return quotient;
}

uint64_t csvr_group_take(u128 *value)
{
	uint64_t remainder;
	*value = divide_by_group(*value, &remainder);
	return remainder;
}

const uint64_t csvr_group_powers[CSVR_GROUP_DIGITS] = {
	1u,
	10u,
	100u,
	1000u,
	10000u,
	100000u,
	1000000u,
	10000000u,
	100000000u,
	1000000000u,
	10000000000u,
	100000000000u,
	1000000000000u,
	10000000000000u,
	100000000000000u,
	1000000000000000u,
	10000000000000000u,
	100000000000000000u,
};

static void trim(struct csvr_wide_integer *number)
{
	while (number->n > 0 && number->group[number->n - 1] == 0)
		number->n--;
}

void csvr_wide_integer_set(struct csvr_wide_integer *number, u128 value)
{
	number->n = 0;
	while (value != 0)
		value = divide_by_group(value, &number->group[number->n++]);
}

void csvr_wide_integer_scale(struct csvr_wide_integer *number, uint64_t factor, u128 addend)
{
	/* Each step adds at most (10^18 - 1) 2^60, a group of the addend and a carry below 2^61. */
	u128 carry = 0;
	for (size_t i = 0; i < number->n || carry != 0 || addend != 0; i++) {
		uint64_t group;
		addend = divide_by_group(addend, &group);
		carry += group;
		if (i < number->n)
			carry += (u128)number->group[i] * factor;
		else
			number->n++;
		carry = divide_by_group(carry, &number->group[i]);
	}
	trim(number);
}

void csvr_wide_integer_multiply(struct csvr_wide_integer *product,
				const struct csvr_wide_integer *a,
				const struct csvr_wide_integer *b)
{
	/* By columns: at most 160 products below 10^36 and a carry below 10^21 stay below 2^128. */
	u128 sum = 0;
	product->n = a->n + b->n;
	for (size_t k = 0; k < product->n; k++) {
		const size_t first = k < b->n ? 0 : k - b->n + 1;
		for (size_t i = first; i <= k && i < a->n; i++)
			sum += (u128)a->group[i] * b->group[k - i];
		sum = divide_by_group(sum, &product->group[k]);
	}
	trim(product);
}

/* ---- bins ---- */

void csvr_power_sum_clear(struct csvr_power_sum *sum)
{
	free(sum->bins);
	memset(sum, 0, sizeof *sum);
}

/* Extends the bins to include positions [low, high). New ones are zero. */
static enum csvr_status reserve(struct csvr_power_sum *sum, int low, int high)
{
	if (csvr_bins_include(&sum->range, low, high))
		return CSVR_OK;
	void *bins = csvr_bins_extend(sum->bins, sizeof *sum->bins, &sum->range, low, high);
	if (bins == NULL)
		return CSVR_NO_MEMORY;
	sum->bins = bins;
	return CSVR_OK;
}

enum csvr_status csvr_power_sum_add(struct csvr_power_sum *sum,
				    const struct csvr_wide_integer *number, int exponent,
				    bool is_negative)
{
	if (number->n == 0)
		return CSVR_OK;
	const int remainder = exponent % CSVR_GROUP_DIGITS;
	const int shift = remainder < 0 ? remainder + CSVR_GROUP_DIGITS : remainder;
	const int position = (exponent - shift) / CSVR_GROUP_DIGITS;
	const enum csvr_status status = reserve(sum, position, position + (int)number->n + 1);
	if (status != CSVR_OK)
		return status;
	__int128 *bin = &sum->bins[position - sum->range.base];
	u128 carry = 0;
	for (size_t i = 0; i <= number->n; i++) {
		uint64_t group;
		if (i < number->n)
			carry += (u128)number->group[i] * csvr_group_powers[shift];
		carry = divide_by_group(carry, &group);
		bin[i] += is_negative ? -(__int128)group : (__int128)group;
	}
	return CSVR_OK;
}

enum csvr_status csvr_power_sum_merge(struct csvr_power_sum *into,
				      const struct csvr_power_sum *from)
{
	if (from->range.n == 0)
		return CSVR_OK;
	const enum csvr_status status = reserve(into, from->range.base,
						from->range.base + from->range.n);
	if (status != CSVR_OK)
		return status;
	for (int i = 0; i < from->range.n; i++)
		into->bins[from->range.base - into->range.base + i] += from->bins[i];
	return CSVR_OK;
}

/* ---- totals ---- */

/* floor(value / 10^18) */
static __int128 carry_of(__int128 value)
{
	const __int128 group = CSVR_GROUP;
	return value / group - (value % group < 0);
}

/* Carries from bin to bin: the total in units of the lowest position of the bins. */
static void carry_all(const struct csvr_power_sum *sum, struct csvr_wide_integer *total,
		      bool *is_negative)
{
	__int128 carry = 0;
	for (size_t i = 0; i < sum->range.n; i++)
		carry = carry_of(sum->bins[i] + carry);
	/* The groups below the last carry are not negative, so its sign is that of the total. */
	*is_negative = carry < 0;
	carry = 0;
	total->n = sum->range.n;
	for (size_t i = 0; i < sum->range.n; i++) {
		const __int128 value = (*is_negative ? -sum->bins[i] : sum->bins[i]) + carry;
		carry = carry_of(value);
		total->group[i] = (uint64_t)(value - carry * (__int128)CSVR_GROUP);
	}
	for (; carry != 0; carry = carry_of(carry))
		total->group[total->n++] = (uint64_t)(carry % (__int128)CSVR_GROUP);
	trim(total);
}

static size_t count_low_zeros(const struct csvr_wide_integer *number)
{
	size_t n = 0;
	while (n < number->n && number->group[n] == 0)
		n++;
	return n;
}

void csvr_power_sum_total(const struct csvr_power_sum *sum, struct csvr_bigint *magnitude,
			  int *exponent, bool *is_negative)
{
	struct csvr_wide_integer total;
	carry_all(sum, &total, is_negative);
	const size_t first = count_low_zeros(&total);
	csvr_bigint_set(magnitude, 0);
	for (size_t i = total.n; i-- > first;)
		csvr_bigint_scale(magnitude, CSVR_GROUP, total.group[i]);
	*exponent = total.n > 0 ? CSVR_GROUP_DIGITS * (sum->range.base + (int)first) : 0;
}

void csvr_power_sum_encode(const struct csvr_power_sum *sum, struct csvr_encoder *encoder)
{
	struct csvr_wide_integer total;
	bool is_negative;
	carry_all(sum, &total, &is_negative);
	const size_t first = count_low_zeros(&total);
	csvr_encoder_put_varint(encoder, total.n - first);
	if (total.n == 0)
		return;
	csvr_encoder_put_varint(encoder, is_negative);
	csvr_encoder_put_zigzag(encoder, sum->range.base + (int)first);
	for (size_t i = first; i < total.n; i++)
		csvr_encoder_put_varint(encoder, total.group[i]);
}

enum csvr_status csvr_power_sum_decode(struct csvr_power_sum *sum, struct csvr_decoder *decoder,
				       struct csvr_power_limits limits)
{
	const size_t n = csvr_decoder_count(decoder, 1);
	if (n == 0)
		return decoder->is_bad ? CSVR_INVALID_FILE : CSVR_OK;
	const bool is_negative = csvr_decoder_varint_max(decoder, 1) != 0;
	const int64_t position = csvr_decoder_zigzag(decoder);
	const int64_t n_allowed = (int64_t)limits.highest - limits.lowest + 1;
	if (decoder->is_bad || n > (uint64_t)n_allowed || position < limits.lowest ||
	    position > limits.highest + 1 - (int64_t)n)
		return CSVR_INVALID_FILE;
	if (reserve(sum, (int)position, (int)position + (int)n) != CSVR_OK)
		return CSVR_NO_MEMORY;
	for (size_t i = 0; i < n; i++) {
		const uint64_t group = csvr_decoder_varint_max(decoder, CSVR_GROUP - 1);
		sum->bins[i] = is_negative ? -(__int128)group : (__int128)group;
	}
	const bool is_trimmed = sum->bins[0] != 0 && sum->bins[n - 1] != 0;
	return decoder->is_bad || !is_trimmed ? CSVR_INVALID_FILE : CSVR_OK;
}
