/* sample_aggregate.c - the aggregate `sample` */
#include "stats/sample_internal.h"

static enum csvr_status add_batch(void *state, const struct csvr_batch *batch)
{
	return csvr_sample_add_batch(state, batch);
}

static enum csvr_status add_number(void *state, const struct csvr_number *number)
{
	return csvr_sample_add_numbers(state, number, 1);
}

static enum csvr_status add_texts(void *state, const struct csvr_text *texts, size_t n_texts)
{
	enum csvr_status status = CSVR_OK;
	for (size_t i = 0; i < n_texts && status == CSVR_OK; i++)
		status = csvr_sample_add_texts(state, &texts[i], texts[i].n_cells);
	return status;
}

static enum csvr_status add_value(void *state, const struct csvr_sample_value *value,
				  uint64_t count)
{
	const struct csvr_sample *sample = state;
	return value->hash <= sample->theta - 1 /* theta is 0: any hash */
		       ? csvr_sample_add(state, value, count)
		       : CSVR_OK;
}

static enum csvr_status complete(void *state)
{
	return csvr_sample_settle(state);
}

static enum csvr_status merge(void *into, const void *from)
{
	return csvr_sample_merge(into, from);
}

static void encode(const void *state, struct csvr_encoder *encoder)
{
	csvr_sample_encode(state, encoder);
}

static enum csvr_status decode(void *state, struct csvr_decoder *decoder,
			       const uint64_t cells[CSVR_N_CELL_CLASSES])
{
	return csvr_sample_decode(state, decoder, cells);
}

/* The memory of reports of thousands of columns stays bounded: 192 KiB, 48 KiB or 12 KiB per column and
 * thread, and the texts. */
static void limit(void *state, size_t n_columns)
{
	csvr_sample_limit(state, n_columns <= 256    ? CSVR_SAMPLE_VALUES
				 : n_columns <= 1024 ? CSVR_SAMPLE_VALUES / 4
						     : CSVR_SAMPLE_VALUES / 16);
}

static void inherit(void *state, const void *merged)
{
	csvr_sample_inherit(state, merged);
}

static void clear(void *state)
{
	csvr_sample_clear(state);
}

static void reset(void *state)
{
	csvr_sample_reset(state);
}

const struct csvr_aggregate csvr_sample_aggregate = { .name = "sample",
						      .version = 1,
						      .state_bytes = sizeof(struct csvr_sample),
						      .takes_every_quantity = true,
						      .wants_doubles = true,
						      .add_batch = add_batch,
						      .add_number = add_number,
						      .add_texts = add_texts,
						      .add_value = add_value,
						      .merge = merge,
						      .complete = complete,
						      .encode = encode,
						      .decode = decode,
						      .limit = limit,
						      .inherit = inherit,
						      .clear = clear,
						      .reset = reset };
