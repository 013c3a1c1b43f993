/* few_values.c - the values of a column that has few, with counts */
#include "stats/few_values.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "stats/sample_internal.h"
#include "stats/statistics.h"

/* Counts of integers from `base` on, at one scale, which are not in the sample yet: one addition per cell.
 * Which cells are counted here changes nothing but the time that it takes. */
struct integer_window {
	uint32_t *counts; /* CSVR_FEW_VALUES; NULL: not allocated */
	int64_t base;
	unsigned scale;
	enum csvr_quantity quantity;
	uint32_t n_cells; /* that are counted */
};

/* The first integers of a column, at one scale, which are not in the sample yet. Most columns have either few
 * values, or so many that they are given up with the next batch, before a table was filled for them. */
struct first_integers {
	int64_t *values; /* NULL: there are none */
	size_t n, capacity;
	unsigned scale;
	enum csvr_quantity quantity;
	const struct csvr_batch_kernels *kernels;
	bool is_over; /* there were more */
};

struct csvr_few_counts {
	struct csvr_sample sample; /* of CSVR_FEW_VALUES values */
	struct integer_window window;
	struct first_integers first;
};

/* Windows start at multiples of STEP, so that most files of a column have the same window. */
enum { STEP = CSVR_FEW_VALUES / 2, LEAST_CELLS = 64 };
enum { MOST_CELLS = INT32_MAX }; /* of a window, before its counts overflow */

/* Before a batch, text or merge is added, the sample, the window and the first integers have at most CSVR_FEW_VALUES
 * values each, and so have those of the block that is added. */
_Static_assert(6 * CSVR_FEW_VALUES <= CSVR_SAMPLE_VALUES, "the sample has room for all values");
_Static_assert((int)CSVR_MAX_BATCH <= (int)CSVR_FEW_VALUES,
	       "first integers have at most CSVR_FEW_VALUES values");

static void free_counts(struct csvr_few_values *few)
{
	if (few->counts == NULL)
		return;
	csvr_sample_clear(&few->counts->sample);
	free(few->counts->window.counts);
	free(few->counts->first.values);
	free(few->counts);
	few->counts = NULL;
}

void csvr_few_values_drop(struct csvr_few_values *few)
{
	free_counts(few);
	few->has_more = true;
}

static void give_up(struct csvr_few_values *few)
{
	if (!few->keeps_overflow)
		free_counts(few);
	few->has_more = true;
}

static bool are_few(const struct csvr_few_counts *counts)
{
	return csvr_sample_n_values(&counts->sample) <= CSVR_FEW_VALUES;
}

/* Gives up if there are too many values. Returns `status`. */
static enum csvr_status check(struct csvr_few_values *few, enum csvr_status status)
{
	if (status == CSVR_OK && !are_few(few->counts))
		give_up(few);
	return status;
}

/* Before values are added. */
static enum csvr_status reserve(struct csvr_few_values *few)
{
	if (few->counts != NULL)
		return CSVR_OK;
	few->counts = calloc(1, sizeof *few->counts);
	if (few->counts == NULL)
		return CSVR_NO_MEMORY;
	csvr_sample_limit(&few->counts->sample, CSVR_FEW_VALUES);
	few->counts->sample.keeps_all = true;
	return CSVR_OK;
}

/* ---- the window ---- */

static struct csvr_number number_of_window(const struct integer_window *window, int index,
					   uint64_t *part)
{
	return csvr_number_of_integer(window->base + index, window->scale, window->quantity, part);
}

static void empty_window(struct integer_window *window)
{
	if (window->n_cells > 0)
		memset(window->counts, 0, CSVR_FEW_VALUES * sizeof *window->counts);
	window->n_cells = 0;
}

static bool is_in_window(const struct integer_window *window, const struct csvr_batch *batch)
{
	return window->counts != NULL && batch->scale == window->scale &&
	       batch->quantity == window->quantity && batch->sums->min >= window->base &&
	       batch->sums->max - window->base < CSVR_FEW_VALUES;
}

/* Sets an empty window to the place of another one. */
static enum csvr_status place_window(struct integer_window *window, int64_t base, unsigned scale,
				     enum csvr_quantity quantity)
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
static bool fits_window(const struct integer_window *window, const struct csvr_batch *batch)
{
	return window->n_cells == 0 && batch->n_values >= LEAST_CELLS &&
	       batch->sums->max - batch->sums->min < STEP;
}

/* ---- the first integers ---- */

static enum csvr_status add_doubles(struct csvr_sample *sample, const struct csvr_batch *batch)
{
	double doubles[CSVR_MAX_BATCH];
	if (batch->doubles != NULL || batch->sums->min == batch->sums->max)
		return csvr_sample_add_batch(sample, batch);
	const struct csvr_batch with_doubles = csvr_batch_with_doubles(batch, doubles);
	return csvr_sample_add_batch(sample, &with_doubles);
}

/* A batch of the first integers from `start` on, of which there are some; its sums are stored in `*sums`. */
static struct csvr_batch batch_of_first(const struct first_integers *first, size_t start,
					struct csvr_batch_sums *sums)
{
	const size_t n_left = first->n - start;
	const size_t n = n_left < CSVR_MAX_BATCH ? n_left : (size_t)CSVR_MAX_BATCH;
	first->kernels->sum(first->values + start, n, sums);
	return (struct csvr_batch){ .values = first->values + start,
				    .n_values = n,
				    .scale = first->scale,
				    .quantity = first->quantity,
				    .sums = sums,
				    .kernels = first->kernels };
}

static bool continues_first(const struct first_integers *first, const struct csvr_batch *batch)
{
	return !first->is_over && batch->n_values <= CSVR_MAX_BATCH - first->n &&
	       (first->n == 0 ||
		(first->scale == batch->scale && first->quantity == batch->quantity));
}

/* There are at most CSVR_MAX_BATCH first integers, besides those of the batch that brings too many values. Columns of small
 * files have few, and there may be many such columns: memory is for as many as there are. */
static enum csvr_status keep_first(struct first_integers *first, const struct csvr_batch *batch)
{
	int64_t *values = csvr_array_grow(first->values, &first->capacity,
					  first->n + batch->n_values, sizeof *values);
	if (values == NULL)
		return CSVR_NO_MEMORY;
	first->values = values;
	memcpy(first->values + first->n, batch->values, batch->n_values * sizeof *first->values);
	first->n += batch->n_values;
	first->scale = batch->scale;
	first->quantity = batch->quantity;
	first->kernels = batch->kernels;
	return CSVR_OK;
}

enum { SET_BITS = 13, SET_WORDS = (1 << SET_BITS) / 64 };

/* Sets a bit per value. Returns how many were not set. */
static unsigned mark(uint64_t set[SET_WORDS], const int64_t *values, size_t n)
{
	unsigned n_marked = 0;
	for (size_t i = 0; i < n; i++) {
		const uint64_t hash = (uint64_t)values[i] * UINT64_C(0x9e3779b97f4a7c15);
		const unsigned at = (unsigned)(hash >> (64 - SET_BITS));
		const uint64_t bit = UINT64_C(1) << at % 64;
		n_marked += (set[at / 64] & bit) == 0;
		set[at / 64] |= bit;
	}
	return n_marked;
}

/* Whether the first integers and those of a batch are certainly too many: they have as many values as bits
 * that they set, or more. */
static bool are_too_many(const struct first_integers *first, const struct csvr_batch *batch)
{
	uint64_t set[SET_WORDS] = { 0 };
	if (first->n + batch->n_values <= CSVR_FEW_VALUES || first->scale != batch->scale ||
	    first->quantity != batch->quantity)
		return false;
	return mark(set, first->values, first->n) + mark(set, batch->values, batch->n_values) >
	       CSVR_FEW_VALUES;
}

/* ---- passing the cells on ---- */

static enum csvr_status add_first_to(const struct first_integers *first,
				     const struct csvr_aggregate *aggregate, void *state)
{
	enum csvr_status status = CSVR_OK;
	for (size_t i = 0; i < first->n && status == CSVR_OK; i += CSVR_MAX_BATCH) {
		double doubles[CSVR_MAX_BATCH];
		struct csvr_batch_sums sums;
		const struct csvr_batch batch = batch_of_first(first, i, &sums);
		const struct csvr_batch with_doubles = csvr_batch_with_doubles(&batch, doubles);
		status = aggregate->add_batch(state, &with_doubles);
	}
	return status;
}

static enum csvr_status add_window_to(const struct integer_window *window,
				      const struct csvr_aggregate *aggregate, void *state)
{
	enum csvr_status status = CSVR_OK;
	for (int i = 0; window->n_cells > 0 && i < CSVR_FEW_VALUES && status == CSVR_OK; i++) {
		if (window->counts[i] == 0)
			continue;
		struct csvr_sample_buffer buffer;
		struct csvr_sample_value value;
		uint64_t part;
		const struct csvr_number number = number_of_window(window, i, &part);
		csvr_sample_value_of_number(&value, &number, &buffer);
		status = aggregate->add_value(state, &value, window->counts[i]);
	}
	return status;
}

enum csvr_status csvr_few_values_add_to(const struct csvr_few_values *few,
					const struct csvr_aggregate *aggregate, void *state)
{
	if (few->counts == NULL)
		return CSVR_OK;
	enum csvr_status status = add_first_to(&few->counts->first, aggregate, state);
	if (status == CSVR_OK)
		status = add_window_to(&few->counts->window, aggregate, state);
	struct csvr_sample_cursor cursor = { .sample = &few->counts->sample };
	struct csvr_sample_entry entry;
	while (status == CSVR_OK && csvr_sample_next(&cursor, &entry))
		status = aggregate->add_value(state, &entry.value, entry.count);
	return status;
}

/* ---- cells ---- */

/* Moves the values of the window, and the first integers to the sample. */
static enum csvr_status flush(struct csvr_few_counts *counts)
{
	enum csvr_status status = add_window_to(&counts->window, &csvr_sample_aggregate,
						&counts->sample);
	empty_window(&counts->window);
	if (status == CSVR_OK)
		status = add_first_to(&counts->first, &csvr_sample_aggregate, &counts->sample);
	counts->first.n = 0;
	return status;
}

static enum csvr_status count_in_window(struct csvr_few_values *few, const struct csvr_batch *batch)
{
	struct integer_window *window = &few->counts->window;
	for (size_t i = 0; i < batch->n_values; i++)
		window->counts[batch->values[i] - window->base]++;
	window->n_cells += (uint32_t)batch->n_values;
	return window->n_cells > MOST_CELLS ? check(few, flush(few->counts)) : CSVR_OK;
}

/* Adds a batch that is not in the window. */
static enum csvr_status add_integers(struct csvr_few_values *few, const struct csvr_batch *batch)
{
	struct first_integers *first = &few->counts->first;
	if (continues_first(first, batch))
		return keep_first(first, batch);
	if (first->n > 0) {
		if (are_too_many(first, batch)) {
			const enum csvr_status status = few->keeps_overflow
								? keep_first(first, batch)
								: CSVR_OK;
			give_up(few);
			return status;
		}
		if (add_first_to(first, &csvr_sample_aggregate, &few->counts->sample) != CSVR_OK)
			return CSVR_NO_MEMORY;
		first->n = 0;
	}
	first->is_over = true;
	return check(few, add_doubles(&few->counts->sample, batch));
}

static enum csvr_status add_batch(void *state, const struct csvr_batch *batch)
{
	struct csvr_few_values *few = state;
	if (few->has_more)
		return CSVR_OK;
	if (reserve(few) != CSVR_OK)
		return CSVR_NO_MEMORY;
	struct integer_window *window = &few->counts->window;
	if (is_in_window(window, batch))
		return count_in_window(few, batch);
	if (!fits_window(window, batch))
		return add_integers(few, batch);
	const int64_t min = batch->sums->min, base = min - ((min % STEP) + STEP) % STEP;
	if (place_window(window, base, batch->scale, batch->quantity) != CSVR_OK)
		return CSVR_NO_MEMORY;
	return count_in_window(few, batch);
}

static enum csvr_status add_number(void *state, const struct csvr_number *number)
{
	struct csvr_few_values *few = state;
	if (few->has_more)
		return CSVR_OK;
	if (reserve(few) != CSVR_OK)
		return CSVR_NO_MEMORY;
	return check(few, csvr_sample_add_numbers(&few->counts->sample, number, 1));
}

/* ---- texts ---- */

static enum csvr_status add_texts(void *state, const struct csvr_text *texts, size_t n_texts)
{
	struct csvr_few_values *few = state;
	if (few->has_more || n_texts == 0)
		return CSVR_OK;
	enum csvr_status status = reserve(few);
	for (size_t i = 0; i < n_texts && few->counts != NULL && status == CSVR_OK; i++)
		status = check(few, csvr_sample_add_texts(&few->counts->sample, &texts[i],
							  texts[i].n_cells));
	return status;
}

/* ---- merging and reading ---- */

static enum csvr_status merge_window(struct csvr_few_counts *counts,
				     const struct integer_window *from)
{
	struct integer_window *window = &counts->window;
	if (window->n_cells == 0 &&
	    place_window(window, from->base, from->scale, from->quantity) != CSVR_OK)
		return CSVR_NO_MEMORY;
	if (window->base != from->base || window->scale != from->scale ||
	    window->quantity != from->quantity || window->n_cells > MOST_CELLS - from->n_cells)
		return add_window_to(from, &csvr_sample_aggregate, &counts->sample);
	for (int i = 0; i < CSVR_FEW_VALUES; i++)
		window->counts[i] += from->counts[i];
	window->n_cells += from->n_cells;
	return CSVR_OK;
}

/* As if the integers came in a batch: small files are many, and few columns need a table. */
static enum csvr_status merge_first(struct csvr_few_values *few, const struct first_integers *from)
{
	struct csvr_batch_sums sums;
	if (from->n == 0)
		return CSVR_OK;
	const struct csvr_batch batch = batch_of_first(from, 0, &sums);
	return add_integers(few, &batch);
}

static enum csvr_status complete(void *state)
{
	struct csvr_few_values *few = state;
	return few->counts != NULL ? check(few, flush(few->counts)) : CSVR_OK;
}

static enum csvr_status merge(void *into, const void *from)
{
	struct csvr_few_values *few = into;
	const struct csvr_few_values *other = from;
	if (few->has_more || other->counts == NULL) {
		if (other->has_more)
			give_up(few);
		return CSVR_OK;
	}
	enum csvr_status status = reserve(few);
	if (status == CSVR_OK && other->counts->window.n_cells > 0)
		status = merge_window(few->counts, &other->counts->window);
	if (status == CSVR_OK)
		status = merge_first(few, &other->counts->first);
	if (few->counts == NULL || status != CSVR_OK)
		return status;
	return check(few, csvr_sample_merge(&few->counts->sample, &other->counts->sample));
}

const struct csvr_sample *csvr_few_values_sample(const struct csvr_few_values *few)
{
	static const struct csvr_sample empty = { .max_values = CSVR_FEW_VALUES };
	if (few->has_more)
		return NULL;
	return few->counts != NULL ? &few->counts->sample : &empty;
}

const struct csvr_sample *csvr_few_values_of(const struct csvr_subject *subject)
{
	if (subject->default_state != NULL)
		return csvr_few_values_sample(subject->default_state);
	const struct csvr_sample *sample = subject->state;
	return csvr_sample_is_complete(sample) && csvr_sample_n_values(sample) <= CSVR_FEW_VALUES
		       ? sample
		       : NULL;
}

const struct csvr_sample *csvr_all_values_of(const struct csvr_subject *subject)
{
	const struct csvr_sample *sample = subject->state;
	if (!subject->is_requested || sample == NULL)
		return csvr_few_values_of(subject);
	return csvr_sample_is_complete(sample) ? sample : NULL;
}

static void inherit(void *state, const void *merged)
{
	struct csvr_few_values *few = state;
	const struct csvr_few_values *other = merged;
	few->has_more = other->has_more;
}

static void clear(void *state)
{
	free_counts(state);
}

static void reset(void *state)
{
	struct csvr_few_values *few = state;
	few->has_more = false;
	if (few->counts == NULL)
		return;
	csvr_sample_reset(&few->counts->sample);
	csvr_sample_limit(&few->counts->sample, CSVR_FEW_VALUES);
	empty_window(&few->counts->window);
	few->counts->first.n = 0;
	few->counts->first.is_over = false;
}

/* ---- states ---- */

static void encode(const void *state, struct csvr_encoder *encoder)
{
	const struct csvr_sample *sample = csvr_few_values_sample(state);
	csvr_encoder_put_varint(encoder, sample == NULL);
	if (sample != NULL)
		csvr_sample_encode(sample, encoder);
}

static enum csvr_status decode(void *state, struct csvr_decoder *decoder,
			       const uint64_t cells[CSVR_N_CELL_CLASSES])
{
	struct csvr_few_values *few = state;
	few->has_more = csvr_decoder_varint_max(decoder, 1) != 0;
	if (few->has_more)
		return csvr_sample_n_cells(cells) > CSVR_FEW_VALUES ? CSVR_OK : CSVR_INVALID_FILE;
	if (reserve(few) != CSVR_OK)
		return CSVR_NO_MEMORY;
	struct csvr_sample *sample = &few->counts->sample;
	sample->max_values = 0; /* as decoding expects */
	const enum csvr_status status = csvr_sample_decode(sample, decoder, cells);
	if (status != CSVR_OK)
		return status;
	return sample->max_values == CSVR_FEW_VALUES && csvr_sample_is_complete(sample)
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
							  .complete = complete,
							  .merge = merge,
							  .encode = encode,
							  .decode = decode,
							  .clear = clear,
							  .inherit = inherit,
							  .reset = reset };
