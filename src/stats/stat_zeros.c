/* stat_zeros.c - how many of the numbers are zero
 *
 * 0, -0, 0.0 and 0e5 are zero. 1e-400 is not, though its nearest double is 0; a cell too small to be
 * kept exactly (the manual has the bound) is what it is rounded to.
 */
#include "stats/statistics.h"

struct zeros {
	uint64_t n;
};

static enum csvr_status add_batch(void *state, const struct csvr_batch *batch)
{
	struct zeros *zeros = state;
	uint64_t n = 0;
	for (size_t i = 0; i < batch->n_values; i++)
		n += batch->values[i] == 0;
	zeros->n += n;
	return CSVR_OK;
}

static enum csvr_status add_number(void *state, const struct csvr_number *number)
{
	struct zeros *zeros = state;
	bool is_zero = true;
	for (size_t i = 0; i < number->n_parts; i++)
		is_zero &= number->part[i] == 0;
	zeros->n += is_zero;
	return CSVR_OK;
}

static enum csvr_status merge(void *into, const void *from)
{
	struct zeros *zeros = into;
	const struct zeros *other = from;
	zeros->n += other->n;
	return CSVR_OK;
}

static void encode(const void *state, struct csvr_encoder *encoder)
{
	const struct zeros *zeros = state;
	csvr_encoder_put_varint(encoder, zeros->n);
}

static enum csvr_status decode(void *state, struct csvr_decoder *decoder,
			       const uint64_t cells[CSVR_N_CELL_CLASSES])
{
	struct zeros *zeros = state;
	zeros->n = csvr_decoder_varint_max(decoder, cells[CSVR_CELL_NUMBER]);
	return decoder->is_bad ? CSVR_INVALID_FILE : CSVR_OK;
}

static const struct csvr_aggregate aggregate = { .name = "zeros",
						 .version = 1,
						 .state_bytes = sizeof(struct zeros),
						 .add_batch = add_batch,
						 .add_number = add_number,
						 .merge = merge,
						 .encode = encode,
						 .decode = decode };

static struct csvr_value value(const struct csvr_subject *subject)
{
	const struct zeros *zeros = subject->state;
	if (subject->column->cells[CSVR_CELL_NUMBER] == 0)
		return (struct csvr_value){ .kind = CSVR_VALUE_NONE };
	return (struct csvr_value){ .kind = CSVR_VALUE_COUNT, .count = zeros->n };
}

const struct csvr_statistic csvr_stat_zeros = {
	.name = "zeros", .definition = "numbers that are zero", .needs = &aggregate, .value = value
};
