/* blend.c - weighted sums of a few values, rounded once */
#include "stats/blend.h"

#include <math.h>

static void add_term(struct csvr_blend *blend, struct csvr_ordered_value value, uint64_t weight,
		     bool is_subtracted)
{
	if (weight == 0)
		return;
	const size_t i = blend->n_terms++;
	blend->term[i].value = value;
	blend->term[i].weight = weight;
	blend->term[i].is_subtracted = is_subtracted;
}

void csvr_blend_add(struct csvr_blend *blend, struct csvr_ordered_value value, uint64_t weight)
{
	add_term(blend, value, weight, false);
}

void csvr_blend_subtract(struct csvr_blend *blend, struct csvr_ordered_value value, uint64_t weight)
{
	add_term(blend, value, weight, true);
}

bool csvr_blend_is_approximate(const struct csvr_blend *blend)
{
	for (size_t i = 0; i < blend->n_terms; i++) {
		const struct csvr_ordered_value *value = &blend->term[i].value;
		if (value->is_approximate || (!value->has_value && value->nearest != 0))
			return true;
	}
	return false;
}

/* Sets `sum` times 10^-n_decimals to the magnitude of the exact sum; true: that is negative. */
static bool add_exactly(const struct csvr_blend *blend, struct csvr_bigint *sum,
			unsigned *n_decimals)
{
	struct csvr_exact_decimal decimal[CSVR_BLEND_TERMS];
	struct csvr_bigint negative;
	int unit = 0;
	for (size_t i = 0; i < blend->n_terms; i++) {
		csvr_ordered_value_decimal(&blend->term[i].value, &decimal[i]);
		unit = decimal[i].exponent < unit ? decimal[i].exponent : unit;
	}
	csvr_bigint_set(sum, 0);
	csvr_bigint_set(&negative, 0);
	for (size_t i = 0; i < blend->n_terms; i++) {
		csvr_bigint_scale_ten(&decimal[i].integer, (unsigned)(decimal[i].exponent - unit));
		csvr_bigint_scale(&decimal[i].integer, blend->term[i].weight, 0);
		csvr_bigint_add(decimal[i].is_negative != blend->term[i].is_subtracted ? &negative
										       : sum,
				&decimal[i].integer);
	}
	*n_decimals = (unsigned)-unit;
	if (csvr_bigint_compare(sum, &negative) >= 0) {
		csvr_bigint_subtract(sum, &negative);
		return false;
	}
	csvr_bigint_subtract(&negative, sum);
	csvr_bigint_copy(sum, &negative);
	return true;
}

double csvr_blend_quotient(const struct csvr_blend *blend, uint64_t divisor)
{
	struct csvr_bigint sum, denominator;
	unsigned n_decimals;
	const bool is_negative = add_exactly(blend, &sum, &n_decimals);
	csvr_bigint_set(&denominator, divisor);
	csvr_bigint_scale_ten(&denominator, n_decimals);
	const double quotient = csvr_bigint_ratio(&sum, &denominator);
	return is_negative ? 0.0 - quotient : quotient;
}

int csvr_blend_sign(const struct csvr_blend *blend)
{
	/* Doubles decide unless the terms almost cancel. Each term, product and sum is off by less than 2^-52 of
	 * itself, and there are at most CSVR_BLEND_TERMS. */
	double sum = 0, magnitude = 0;
	for (size_t i = 0; i < blend->n_terms; i++) {
		const double term = blend->term[i].value.nearest * (double)blend->term[i].weight;
		sum += blend->term[i].is_subtracted ? -term : term;
		magnitude += fabs(term);
	}
	if (fabs(sum) > magnitude * 0x1p-48 && magnitude > 0x1p-900 && magnitude < INFINITY)
		return sum < 0 ? -1 : 1;
	struct csvr_bigint exact;
	unsigned n_decimals;
	const bool is_negative = add_exactly(blend, &exact, &n_decimals);
	return csvr_bigint_is_zero(&exact) ? 0 : is_negative ? -1 : 1;
}
