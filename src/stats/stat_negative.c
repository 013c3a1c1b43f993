/* stat_negative.c - how many of the numbers are below zero
 *
 * -0 and -0.0 are not below zero. -1e-400 is, though its nearest double is 0; a cell too small to be kept
 * exactly (the manual has the bound) is what it is rounded to.
 */
#include "stats/statistics.h"

struct negative {
	uint64_t n;
};

static enum csvr_status add_batch(void *state, const struct csvr_batch *batch)
{
	struct negative *negative = state;
	uint64_t n = 0;
	for (size_t i = 0; i < batch->n_values; i++)
		n += batch->values[i] < 0;
	negative->n += n;
	return CSVR_OK;
}

static enum csvr_status add_number(void *state, const struct csvr_number *number)
{
	struct negative *negative = state;
	bool is_zero = true;
	for (size_t i = 0; i < number->n_parts; i++)
		is_zero &= number->part[i] == 0;
	negative->n += number->is_negative && !is_zero;
	return CSVR_OK;
}

static enum csvr_status merge(void *into, const void *from)
{
	struct negative *negative = into;
	const struct negative *other = from;
	negative->n += other->n;
	return CSVR_OK;
}

static void encode(const void *state, struct csvr_encoder *encoder)
{
	const struct negative *negative = state;
	csvr_encoder_put_varint(encoder, negative->n);
}

static enum csvr_status decode(void *state, struct csvr_decoder *decoder,
			       const uint64_t cells[CSVR_N_CELL_CLASSES])
{
	struct negative *negative = state;
	negative->n = csvr_decoder_varint_max(decoder, cells[CSVR_CELL_NUMBER]);
	return decoder->is_bad ? CSVR_INVALID_FILE : CSVR_OK;
}

static const struct csvr_aggregate aggregate = { .name = "negative",
						 .version = 1,
						 .state_bytes = sizeof(struct negative),
						 .add_batch = add_batch,
						 .add_number = add_number,
						 .merge = merge,
						 .encode = encode,
						 .decode = decode };

static struct csvr_value value(const struct csvr_subject *subject)
{
	const struct negative *negative = subject->state;
	if (subject->column->cells[CSVR_CELL_NUMBER] == 0)
		return (struct csvr_value){ .kind = CSVR_VALUE_NONE };
	return (struct csvr_value){ .kind = CSVR_VALUE_COUNT, .count = negative->n };
}

const struct csvr_statistic csvr_stat_negative = {
	.name = "negative", .definition = "numbers below zero", .needs = &aggregate, .value = value
};
