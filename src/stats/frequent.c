/* frequent.c - the values of a column that many of its cells have, with exact counts */
#include "stats/frequent.h"

#include <stdlib.h>
#include <string.h>

#include "stats/sample_internal.h"

/* A small file must not cost the time to empty all counters. */
enum { MOST_HASHES = 1024 };

enum { TABLE = 1 << CSVR_HASH_COUNTER_BITS };

/* The places of the counters of a hash: different bits of it. */
static size_t first_place(uint64_t hash)
{
	return hash >> (64 - CSVR_HASH_COUNTER_BITS);
}

static size_t second_place(uint64_t hash)
{
	return TABLE + (hash >> (64 - 2 * CSVR_HASH_COUNTER_BITS) & (TABLE - 1));
}

/* ---- hashes ---- */

/* Moves the own counters to the others. */
static void flush(struct csvr_frequent *frequent)
{
	for (size_t i = 0; frequent->n_own > 0 && i < CSVR_N_HASH_COUNTERS; i++) {
		frequent->counters[i] += frequent->own_counters[i];
		frequent->own_counters[i] = 0;
	}
	frequent->n_own = 0;
}

/* Counts hashes when there are counters. */
static enum csvr_status count_hashes(struct csvr_frequent *frequent, const uint64_t *hashes,
				     size_t n)
{
	if (frequent->own_counters == NULL)
		frequent->own_counters = calloc(CSVR_N_HASH_COUNTERS,
						sizeof *frequent->own_counters);
	uint32_t *counters = frequent->own_counters;
	if (counters == NULL)
		return CSVR_NO_MEMORY;
	if (n > UINT32_MAX - frequent->n_own)
		flush(frequent);
	for (size_t i = 0; i < n; i++) {
		counters[first_place(hashes[i])]++;
		counters[second_place(hashes[i])]++;
	}
	frequent->n_own += (uint32_t)n;
	return CSVR_OK;
}

/* Moves the hashes to counters. */
static enum csvr_status use_counters(struct csvr_frequent *frequent)
{
	if (frequent->counters != NULL)
		return CSVR_OK;
	frequent->counters = calloc(CSVR_N_HASH_COUNTERS, sizeof *frequent->counters);
	if (frequent->counters == NULL)
		return CSVR_NO_MEMORY;
	const size_t n = frequent->n_hashes;
	frequent->n_hashes = 0;
	return n > 0 ? count_hashes(frequent, frequent->hashes, n) : CSVR_OK;
}

static enum csvr_status add_hashes(struct csvr_frequent *frequent, const uint64_t *hashes, size_t n)
{
	if (frequent->counters == NULL && frequent->n_hashes + n <= MOST_HASHES) {
		if (frequent->hashes == NULL)
			frequent->hashes = malloc(MOST_HASHES * sizeof *frequent->hashes);
		if (frequent->hashes == NULL)
			return CSVR_NO_MEMORY;
		memcpy(frequent->hashes + frequent->n_hashes, hashes, n * sizeof *hashes);
		frequent->n_hashes += (uint32_t)n;
		return CSVR_OK;
	}
	if (use_counters(frequent) != CSVR_OK)
		return CSVR_NO_MEMORY;
	return count_hashes(frequent, hashes, n);
}

/* ---- values ---- */

static void give_up(struct csvr_frequent *frequent)
{
	csvr_value_counts_clear(&frequent->values);
	frequent->has_too_many = true;
}

static enum csvr_status count_value(struct csvr_frequent *frequent,
				    const struct csvr_sample_value *value, uint64_t count)
{
	if (frequent->has_too_many)
		return CSVR_OK;
	if (csvr_value_counts_add(&frequent->values, value, count) != CSVR_OK)
		return CSVR_NO_MEMORY;
	if (frequent->values.n_entries > CSVR_MAX_FREQUENT)
		give_up(frequent);
	return CSVR_OK;
}

static bool may_be_frequent(const struct csvr_frequent_want *want, uint64_t hash)
{
	return want->counters[first_place(hash)] >= want->least &&
	       want->counters[second_place(hash)] >= want->least;
}

/* One value, `count` times. */
static enum csvr_status add_value(struct csvr_frequent *frequent,
				  const struct csvr_sample_value *value, uint32_t count)
{
	enum csvr_status status = CSVR_OK;
	if (frequent->want->counters == NULL) {
		for (uint32_t i = 0; i < count && status == CSVR_OK; i++)
			status = add_hashes(frequent, &value->hash, 1);
		return status;
	}
	return may_be_frequent(frequent->want, value->hash) ? count_value(frequent, value, count)
							    : CSVR_OK;
}

static enum csvr_status add_number(void *state, const struct csvr_number *number)
{
	struct csvr_frequent *frequent = state;
	struct csvr_sample_buffer buffer;
	struct csvr_sample_value value;
	if (frequent->want == NULL)
		return CSVR_OK;
	csvr_sample_value_of_number(&value, number, &buffer);
	return add_value(frequent, &value, 1);
}

static enum csvr_status add_texts(void *state, const struct csvr_text *texts, size_t n_texts)
{
	struct csvr_frequent *frequent = state;
	enum csvr_status status = CSVR_OK;
	for (size_t i = 0; frequent->want != NULL && i < n_texts && status == CSVR_OK; i++) {
		struct csvr_sample_buffer buffer;
		struct csvr_sample_value value;
		csvr_sample_value_of_text(&value, texts[i].bytes, texts[i].n_bytes, &buffer);
		status = add_value(frequent, &value, texts[i].n_cells);
	}
	return status;
}

/* Numbers of few digits, for which doubles stand. */
static enum csvr_status hash_doubles(struct csvr_frequent *frequent, const struct csvr_batch *batch)
{
	uint64_t hashes[CSVR_MAX_BATCH + CSVR_HASHES_MARGIN];
	const struct csvr_frequent_want *want = frequent->want;
	const size_t n = batch->kernels->to_hashes(batch->doubles, batch->n_values,
						   csvr_sample_salt(batch->quantity), UINT64_MAX,
						   hashes);
	if (want->counters == NULL)
		return add_hashes(frequent, hashes, n);
	enum csvr_status status = CSVR_OK;
	for (size_t i = 0; i < n && status == CSVR_OK; i++) {
		if (!may_be_frequent(want, hashes[i]))
			continue;
		struct csvr_sample_value value = { .form = CSVR_FORM_DOUBLE,
						   .quantity = batch->quantity,
						   .hash = hashes[i] };
		memcpy(&value.word, &batch->doubles[i], sizeof value.word);
		status = count_value(frequent, &value, 1);
	}
	return status;
}

static enum csvr_status add_batch(void *state, const struct csvr_batch *batch)
{
	struct csvr_frequent *frequent = state;
	if (frequent->want == NULL)
		return CSVR_OK;
	if (batch->doubles != NULL && csvr_batch_is_below(batch, CSVR_SHORT_LIMIT))
		return hash_doubles(frequent, batch);
	return csvr_batch_add_numbers(batch, add_number, state);
}

/* ---- states ---- */

void csvr_frequent_want(struct csvr_frequent *frequent, const struct csvr_frequent_want *want)
{
	frequent->want = want != NULL && want->is_wanted ? want : NULL;
}

uint64_t *csvr_frequent_take_counters(struct csvr_frequent *frequent)
{
	if (use_counters(frequent) != CSVR_OK)
		return NULL;
	flush(frequent);
	uint64_t *counters = frequent->counters;
	frequent->counters = NULL;
	return counters;
}

bool csvr_frequent_is_possible(const uint64_t *counters, uint64_t least)
{
	bool is[2] = { false, false };
	for (size_t i = 0; i < CSVR_N_HASH_COUNTERS; i++)
		is[i / TABLE] |= counters[i] >= least;
	return is[0] && is[1];
}

static enum csvr_status merge_counters(struct csvr_frequent *into, const struct csvr_frequent *from)
{
	if (use_counters(into) != CSVR_OK)
		return CSVR_NO_MEMORY;
	for (size_t i = 0; i < CSVR_N_HASH_COUNTERS; i++)
		into->counters[i] += from->counters[i];
	for (size_t i = 0; from->n_own > 0 && i < CSVR_N_HASH_COUNTERS; i++)
		into->counters[i] += from->own_counters[i];
	return CSVR_OK;
}

static enum csvr_status complete(void *state)
{
	flush(state);
	return CSVR_OK;
}

static enum csvr_status merge(void *into, const void *from)
{
	struct csvr_frequent *frequent = into;
	const struct csvr_frequent *other = from;
	enum csvr_status status = CSVR_OK;
	if (other->counters != NULL)
		status = merge_counters(frequent, other);
	else if (other->n_hashes > 0)
		status = add_hashes(frequent, other->hashes, other->n_hashes);
	if (other->has_too_many)
		give_up(frequent);
	for (uint32_t i = 0; i < other->values.n_entries && status == CSVR_OK; i++)
		status = count_value(frequent, &other->values.entries[i].value,
				     other->values.entries[i].count);
	return status;
}

static void clear(void *state)
{
	struct csvr_frequent *frequent = state;
	free(frequent->counters);
	free(frequent->own_counters);
	free(frequent->hashes);
	csvr_value_counts_clear(&frequent->values);
	*frequent = (struct csvr_frequent){ 0 };
}

/* Keeps `want`. */
static void reset(void *state)
{
	struct csvr_frequent *frequent = state;
	/* The next cells go to `hashes` again. */
	free(frequent->counters);
	free(frequent->own_counters);
	frequent->counters = NULL;
	frequent->own_counters = NULL;
	frequent->n_hashes = frequent->n_own = 0;
	csvr_value_counts_reset(&frequent->values);
	frequent->has_too_many = false;
}

/* ---- bytes ---- */

void csvr_hash_counters_encode(const uint64_t *counters, struct csvr_encoder *encoder)
{
	const size_t n_counters = counters != NULL ? CSVR_N_HASH_COUNTERS : 0;
	csvr_encoder_put_varint(encoder, n_counters);
	for (size_t i = 0; i < n_counters; i++)
		csvr_encoder_put_varint(encoder, counters[i]);
}

enum csvr_status csvr_hash_counters_decode(uint64_t **counters, struct csvr_decoder *decoder)
{
	*counters = NULL;
	const size_t n_counters = csvr_decoder_count(decoder, 1);
	if (n_counters == 0)
		return CSVR_OK;
	if (n_counters != CSVR_N_HASH_COUNTERS)
		return CSVR_INVALID_FILE;
	*counters = malloc(n_counters * sizeof **counters);
	if (*counters == NULL)
		return CSVR_NO_MEMORY;
	for (size_t i = 0; i < n_counters; i++)
		(*counters)[i] = csvr_decoder_varint(decoder);
	return CSVR_OK;
}

static int compare_hashes(const void *a, const void *b)
{
	const uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
	return (left > right) - (left < right);
}

static void encode_hashes(const struct csvr_frequent *frequent, struct csvr_encoder *encoder)
{
	uint64_t sorted[MOST_HASHES];
	const size_t n = frequent->n_hashes;
	if (n > 0) {
		memcpy(sorted, frequent->hashes, n * sizeof *sorted);
		qsort(sorted, n, sizeof *sorted, compare_hashes);
	}
	csvr_encoder_put_varint(encoder, n);
	for (size_t i = 0; i < n; i++)
		csvr_encoder_put_varint(encoder, sorted[i]);
}

static void encode(const void *state, struct csvr_encoder *encoder)
{
	const struct csvr_frequent *frequent = state;
	csvr_hash_counters_encode(frequent->counters, encoder);
	encode_hashes(frequent, encoder);
	csvr_encoder_put_varint(encoder, frequent->has_too_many);
	csvr_value_counts_encode(&frequent->values, encoder);
}

static enum csvr_status decode_hashes(struct csvr_frequent *frequent, struct csvr_decoder *decoder)
{
	const size_t n_hashes = csvr_decoder_count(decoder, 1);
	if (n_hashes > MOST_HASHES || (n_hashes > 0 && frequent->counters != NULL))
		return CSVR_INVALID_FILE;
	uint64_t previous = 0;
	for (size_t i = 0; i < n_hashes; i++) {
		const uint64_t hash = csvr_decoder_varint(decoder);
		if (hash < previous)
			return CSVR_INVALID_FILE;
		if (add_hashes(frequent, &hash, 1) != CSVR_OK)
			return CSVR_NO_MEMORY;
		previous = hash;
	}
	return CSVR_OK;
}

static enum csvr_status decode(void *state, struct csvr_decoder *decoder,
			       const uint64_t cells[CSVR_N_CELL_CLASSES])
{
	struct csvr_frequent *frequent = state;
	enum csvr_status status = csvr_hash_counters_decode(&frequent->counters, decoder);
	if (status == CSVR_OK)
		status = decode_hashes(frequent, decoder);
	if (status != CSVR_OK)
		return status;
	frequent->has_too_many = csvr_decoder_varint_max(decoder, 1) != 0;
	return csvr_value_counts_decode(&frequent->values, decoder,
					frequent->has_too_many ? 0 : CSVR_MAX_FREQUENT,
					csvr_sample_n_cells(cells));
}

const struct csvr_aggregate csvr_frequent_aggregate = { .name = "frequent",
							.version = 1,
							.state_bytes = sizeof(struct csvr_frequent),
							.takes_every_quantity = true,
							.wants_doubles = true,
							.add_batch = add_batch,
							.add_number = add_number,
							.add_texts = add_texts,
							.complete = complete,
							.merge = merge,
							.encode = encode,
							.decode = decode,
							.clear = clear,
							.reset = reset };
