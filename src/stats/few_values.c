/* few_values.c - the values of a column that has few, with counts */
#include "stats/few_values.h"

#include <stdlib.h>
#include <string.h>

/* ---- giving up ---- */

static void give_up(struct csvr_few_values *few)
{
	csvr_sample_clear(&few->sample);
	free(few->window.counts);
	few->window = (struct csvr_integer_window){ .counts = NULL };
	few->has_more = true;
}

static enum csvr_status check(struct csvr_few_values *few, enum csvr_status status)
{
	if (status == CSVR_OK && !csvr_sample_is_complete(&few->sample))
		give_up(few);
	return status;
}

/* Before values are added. */
static struct csvr_sample *limited_sample(struct csvr_few_values *few)
{
	csvr_sample_limit(&few->sample, CSVR_FEW_VALUES);
	few->sample.keeps_all_or_nothing = true;
	return &few->sample;
}

/* ---- the window ---- */

/* Windows start at multiples of STEP, so that most files of a column have the same window. */
enum { STEP = CSVR_FEW_VALUES / 2, LEAST_CELLS = 64 };
enum { MOST_CELLS = INT32_MAX }; /* of a window, before its counts overflow */

/* Adds the integers that are counted in the window to a sample. */
static enum csvr_status add_window(struct csvr_sample *sample,
				   const struct csvr_integer_window *window)
{
	enum csvr_status status = CSVR_OK;
	for (int i = 0; window->n_cells > 0 && i < CSVR_FEW_VALUES && status == CSVR_OK; i++) {
		if (window->counts[i] == 0)
			continue;
		const int64_t integer = window->base + i;
		const uint64_t part = (uint64_t)(integer < 0 ? -integer : integer);
		const struct csvr_number number = {
			&part, 1, -(int)window->scale, integer < 0, window->quantity, 0
		};
		status = csvr_sample_add_numbers(sample, &number, window->counts[i]);
	}
	return status;
}

/* Moves the counts of the window to the sample. */
static enum csvr_status flush(struct csvr_few_values *few)
{
	const enum csvr_status status = add_window(limited_sample(few), &few->window);
	if (few->window.n_cells > 0)
		memset(few->window.counts, 0, CSVR_FEW_VALUES * sizeof *few->window.counts);
	few->window.n_cells = 0;
	return status;
}

static bool is_in_window(const struct csvr_integer_window *window, const struct csvr_batch *batch)
{
	return window->counts != NULL && batch->scale == window->scale &&
	       batch->quantity == window->quantity && batch->sums->min >= window->base &&
	       batch->sums->max - window->base < CSVR_FEW_VALUES;
}

/* Sets an empty window to the place of another one. */
static enum csvr_status place_window(struct csvr_integer_window *window, int64_t base,
				     unsigned scale, enum csvr_quantity quantity)
{
	if (window->counts == NULL)
		window->counts = calloc(CSVR_FEW_VALUES, sizeof *window->counts);
	if (window->counts == NULL)
		return CSVR_NO_MEMORY;
	window->base = base;
	window->scale = scale;
	window->quantity = quantity;
	return CSVR_OK;
}

/* Whether an empty window can be placed so that the batch is in it, and is worth it. */
static bool fits_window(const struct csvr_integer_window *window, const struct csvr_batch *batch)
{
	return window->n_cells == 0 && batch->n_values >= LEAST_CELLS &&
	       batch->sums->max - batch->sums->min < STEP;
}

static enum csvr_status count_in_window(struct csvr_few_values *few, const struct csvr_batch *batch)
{
	struct csvr_integer_window *window = &few->window;
	for (size_t i = 0; i < batch->n_values; i++)
		window->counts[batch->values[i] - window->base]++;
	window->n_cells += (uint32_t)batch->n_values;
	return window->n_cells > MOST_CELLS ? check(few, flush(few)) : CSVR_OK;
}

/* ---- cells ---- */

static enum csvr_status add_doubles(struct csvr_few_values *few, const struct csvr_batch *batch)
{
	double doubles[CSVR_MAX_BATCH];
	struct csvr_batch with_doubles = *batch;
	if (batch->doubles == NULL && batch->sums->min < batch->sums->max &&
	    csvr_batch_is_below(batch, INT64_C(1) << CSVR_DOUBLES_BITS)) {
		batch->kernels->to_doubles(batch->values, batch->n_values, batch->scale, doubles);
		with_doubles.doubles = doubles;
	}
	return check(few, csvr_sample_add_batch(limited_sample(few), &with_doubles));
}

static enum csvr_status add_batch(void *state, const struct csvr_batch *batch)
{
	struct csvr_few_values *few = state;
	if (few->has_more)
		return CSVR_OK;
	if (is_in_window(&few->window, batch))
		return count_in_window(few, batch);
	if (!fits_window(&few->window, batch))
		return add_doubles(few, batch);
	const int64_t min = batch->sums->min;
	const int64_t base = min - ((min % STEP) + STEP) % STEP;
	const enum csvr_status status = place_window(&few->window, base, batch->scale,
						     batch->quantity);
	return status == CSVR_OK ? count_in_window(few, batch) : status;
}

static enum csvr_status add_number(void *state, const struct csvr_number *number)
{
	struct csvr_few_values *few = state;
	if (few->has_more)
		return CSVR_OK;
	return check(few, csvr_sample_add_numbers(limited_sample(few), number, 1));
}

static enum csvr_status add_texts(void *state, const struct csvr_text *texts, size_t n_texts)
{
	struct csvr_few_values *few = state;
	enum csvr_status status = CSVR_OK;
	for (size_t i = 0; i < n_texts && !few->has_more && status == CSVR_OK; i++)
		status = check(few, csvr_sample_add_text(limited_sample(few), texts[i].bytes,
							 texts[i].n_bytes));
	return status;
}

/* ---- merging and reading ---- */

static enum csvr_status merge_window(struct csvr_few_values *few,
				     const struct csvr_integer_window *from)
{
	struct csvr_integer_window *window = &few->window;
	const bool is_same = window->counts != NULL && window->base == from->base &&
			     window->scale == from->scale && window->quantity == from->quantity;
	if (!is_same && window->n_cells == 0) {
		if (place_window(window, from->base, from->scale, from->quantity) != CSVR_OK)
			return CSVR_NO_MEMORY;
	} else if (!is_same || window->n_cells > MOST_CELLS - (from->n_cells & MOST_CELLS)) {
		return add_window(limited_sample(few), from);
	}
	for (int i = 0; i < CSVR_FEW_VALUES; i++)
		window->counts[i] += from->counts[i];
	window->n_cells += from->n_cells;
	return CSVR_OK;
}

static enum csvr_status merge(void *into, const void *from)
{
	struct csvr_few_values *few = into;
	const struct csvr_few_values *other = from;
	if (few->has_more)
		return CSVR_OK;
	if (other->has_more) {
		give_up(few);
		return CSVR_OK;
	}
	enum csvr_status status = CSVR_OK;
	if (other->window.n_cells > 0)
		status = merge_window(few, &other->window);
	if (status == CSVR_OK)
		status = csvr_sample_merge(limited_sample(few), &other->sample);
	return check(few, status);
}

bool csvr_few_values_read(const struct csvr_few_values *few, struct csvr_sample *sample,
			  enum csvr_status *status)
{
	memset(sample, 0, sizeof *sample);
	*status = CSVR_OK;
	if (few->has_more)
		return false;
	csvr_sample_limit(sample, CSVR_FEW_VALUES);
	*status = csvr_sample_merge(sample, &few->sample);
	if (*status == CSVR_OK)
		*status = add_window(sample, &few->window);
	return *status == CSVR_OK && csvr_sample_is_complete(sample);
}

static void inherit(void *state, const void *merged)
{
	struct csvr_few_values *few = state;
	const struct csvr_few_values *other = merged;
	few->has_more = other->has_more;
}

static void clear(void *state)
{
	struct csvr_few_values *few = state;
	csvr_sample_clear(&few->sample);
	free(few->window.counts);
}

static void reset(void *state)
{
	struct csvr_few_values *few = state;
	few->has_more = false;
	csvr_sample_reset(&few->sample);
	if (few->window.n_cells > 0)
		memset(few->window.counts, 0, CSVR_FEW_VALUES * sizeof *few->window.counts);
	few->window.n_cells = 0;
}

/* ---- states ---- */

static void encode(const void *state, struct csvr_encoder *encoder)
{
	struct csvr_sample sample;
	enum csvr_status status;
	const bool has_all = csvr_few_values_read(state, &sample, &status);
	encoder->is_out_of_memory |= status == CSVR_NO_MEMORY;
	csvr_encoder_put_varint(encoder, !has_all);
	if (has_all)
		csvr_sample_encode(&sample, encoder);
	csvr_sample_clear(&sample);
}

static enum csvr_status decode(void *state, struct csvr_decoder *decoder,
			       const uint64_t cells[CSVR_N_CELL_CLASSES])
{
	struct csvr_few_values *few = state;
	few->has_more = csvr_decoder_varint_max(decoder, 1) != 0;
	if (few->has_more)
		return csvr_sample_n_cells(cells) > CSVR_FEW_VALUES ? CSVR_OK : CSVR_INVALID_FILE;
	const enum csvr_status status = csvr_sample_decode(&few->sample, decoder, cells);
	if (status != CSVR_OK)
		return status;
	return few->sample.max_values == CSVR_FEW_VALUES && csvr_sample_is_complete(&few->sample)
		       ? CSVR_OK
		       : CSVR_INVALID_FILE;
}

const struct csvr_aggregate csvr_few_values_aggregate = { .name = "few_values",
							  .version = 1,
							  .state_bytes = sizeof(
								  struct csvr_few_values),
							  .takes_every_quantity = true,
							  .add_batch = add_batch,
							  .add_number = add_number,
							  .add_texts = add_texts,
							  .merge = merge,
							  .encode = encode,
							  .decode = decode,
							  .clear = clear,
							  .inherit = inherit,
							  .reset = reset };
