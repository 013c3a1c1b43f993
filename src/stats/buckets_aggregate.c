/* buckets_aggregate.c - the aggregate `buckets` */
#include <math.h>

#include "base/decimal_to_double.h"
#include "base/double_bits.h"
#include "stats/buckets_internal.h"
#include "stats/sample_value.h"

/* Whether all numbers that differ from `value` by a few units of its last place are in its bucket, however
 * many bits buckets have. */
static bool is_far_from_edges(double value)
{
	enum { MARGIN = 32, SHIFT = CSVR_MANTISSA_BITS - CSVR_BUCKET_BITS };
	const uint64_t in_bucket = csvr_double_bits(value) & ((UINT64_C(1) << SHIFT) - 1);
	return in_bucket >= MARGIN && in_bucket < (UINT64_C(1) << SHIFT) - MARGIN;
}

/* A double in the bucket of the one nearest to an integer times 10^-scale. A quotient of two doubles of which
 * one is inexact is off by two units of the last place at most. */
static double integer_in_bucket(int64_t integer, unsigned scale)
{
	static const double power_of_ten[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,
					       1e7,  1e8,  1e9,  1e10, 1e11, 1e12, 1e13,
					       1e14, 1e15, 1e16, 1e17, 1e18 };
	const int64_t exact_limit = INT64_C(1) << 53;
	const double quotient = (double)integer / power_of_ten[scale];
	if ((integer >= -exact_limit && integer <= exact_limit) || is_far_from_edges(quotient))
		return quotient;
	return csvr_integer_to_double(integer, scale);
}

static enum csvr_status add_batch(void *state, const struct csvr_batch *batch)
{
	struct csvr_column_buckets *column = state;
	struct csvr_buckets *buckets = &column->of[batch->quantity];
	/* All values are in one bucket if the extremes are, as in sorted and in constant columns. */
	const double min = integer_in_bucket(batch->sums->min, batch->scale);
	const double max = integer_in_bucket(batch->sums->max, batch->scale);
	const unsigned shift = CSVR_MANTISSA_BITS - CSVR_BUCKET_BITS;
	if (csvr_double_bits(min) >> shift == csvr_double_bits(max) >> shift)
		return csvr_buckets_add(buckets, min, batch->n_values);
	if (batch->doubles != NULL)
		return csvr_buckets_add_batch(buckets, batch->doubles, batch->n_values,
					      batch->kernels);
	double doubles[CSVR_MAX_BATCH];
	for (size_t i = 0; i < batch->n_values; i++)
		doubles[i] = integer_in_bucket(batch->values[i], batch->scale);
	return csvr_buckets_add_batch(buckets, doubles, batch->n_values, batch->kernels);
}

double csvr_double_in_bucket(const struct csvr_number *number)
{
	const double not_subnormal = 1e-300;
	double value;
	const bool is_certain = csvr_decimal_approximate(number->part, number->n_parts,
							 number->exponent, number->is_negative,
							 &value) &&
				fabs(value) >= not_subnormal && is_far_from_edges(value);
	return is_certain ? value : csvr_number_to_double(number);
}

static enum csvr_status add_number(void *state, const struct csvr_number *number)
{
	struct csvr_column_buckets *column = state;
	return csvr_buckets_add(&column->of[number->quantity], csvr_double_in_bucket(number), 1);
}

static enum csvr_status add_value(void *state, const struct csvr_sample_value *value,
				  uint64_t count)
{
	struct csvr_column_buckets *column = state;
	if (value->form == CSVR_FORM_TEXT)
		return CSVR_OK;
	return csvr_buckets_add(&column->of[value->quantity], csvr_sample_value_to_double(value),
				count);
}

static enum csvr_status merge(void *into, const void *from)
{
	struct csvr_column_buckets *column = into;
	const struct csvr_column_buckets *other = from;
	enum csvr_status status = CSVR_OK;
	for (int i = 0; i < CSVR_N_QUANTITIES && status == CSVR_OK; i++)
		status = csvr_buckets_merge(&column->of[i], &other->of[i]);
	return status;
}

static void encode(const void *state, struct csvr_encoder *encoder)
{
	const struct csvr_column_buckets *column = state;
	for (int i = 0; i < CSVR_N_QUANTITIES; i++)
		csvr_buckets_encode(&column->of[i], encoder);
}

static enum csvr_status decode(void *state, struct csvr_decoder *decoder,
			       const uint64_t cells[CSVR_N_CELL_CLASSES])
{
	struct csvr_column_buckets *column = state;
	const uint64_t n_values[CSVR_N_QUANTITIES] = {
		[CSVR_QUANTITY_NUMBER] = cells[CSVR_CELL_NUMBER],
		[CSVR_QUANTITY_DATE] = cells[CSVR_CELL_DATE] + cells[CSVR_CELL_DATETIME],
		[CSVR_QUANTITY_TIME] = cells[CSVR_CELL_TIME]
	};
	enum csvr_status status = CSVR_OK;
	for (int i = 0; i < CSVR_N_QUANTITIES && status == CSVR_OK; i++)
		status = csvr_buckets_decode(&column->of[i], decoder, n_values[i]);
	return status;
}

/* The memory of reports of thousands of columns stays bounded: 20 octaves need 40 KiB, 20 KiB or 10 KiB per
 * column and thread. */
static void limit(void *state, size_t n_columns)
{
	struct csvr_column_buckets *column = state;
	const unsigned bits = n_columns <= 256    ? CSVR_BUCKET_BITS
			      : n_columns <= 1024 ? CSVR_BUCKET_BITS - 1
						  : CSVR_LEAST_BUCKET_LIMIT;
	for (int i = 0; i < CSVR_N_QUANTITIES; i++)
		csvr_buckets_limit(&column->of[i], bits);
}

static void clear(void *state)
{
	struct csvr_column_buckets *column = state;
	for (int i = 0; i < CSVR_N_QUANTITIES; i++)
		csvr_buckets_clear(&column->of[i]);
}

static void reset(void *state)
{
	struct csvr_column_buckets *column = state;
	for (int i = 0; i < CSVR_N_QUANTITIES; i++)
		csvr_buckets_reset(&column->of[i]);
}

const struct csvr_aggregate csvr_buckets_aggregate = { .name = "buckets",
						       .version = 1,
						       .state_bytes = sizeof(
							       struct csvr_column_buckets),
						       .takes_every_quantity = true,
						       .wants_doubles = true,
						       .add_batch = add_batch,
						       .add_number = add_number,
						       .add_value = add_value,
						       .merge = merge,
						       .encode = encode,
						       .decode = decode,
						       .clear = clear,
						       .limit = limit,
						       .reset = reset };
