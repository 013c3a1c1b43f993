/* sample.c - the distinct values of least hash, each with its exact count
 *
 * Why the state does not depend on the order of cells and merges: let D be the distinct values of all
 * cells, and K the limit of the report. The canonical state is all of D if |D| <= K; else T, the K+1-th
 * least hash of D, and the values whose hash is below T. In memory a sample may have more entries and a
 * greater theta. The invariant is that theta is "all" or the K+1-th least hash of a subset of D, and that
 * the entries are the values of D below theta, with their counts. It holds because
 *
 * (1) the K+1-th least hash of a subset is never less than that of the whole. So theta >= T at any time:
 *     a value below T passed the filter at each of its cells and was never dropped. Its count is exact.
 * (2) csvr_canonical_theta yields T. If more than K entries are left, the K+1 least hashes of D are among
 *     them. Otherwise at most K values of D are below theta, so that T >= theta, and with (1) T = theta.
 * (3) a merge takes the lesser theta and adds the entries below it: the invariant for the union.
 *
 * (4) K only falls, and the invariant for a greater K holds for a lesser one, whose theta is less.
 *
 * Equal hashes of different values change nothing in this: fewer than K values may then be left.
 */
#include "stats/sample.h"

#include <stdlib.h>
#include <string.h>

#include "stats/hash_select.h"
#include "stats/sample_internal.h"

/* More values than K, so that the selection of the least is rare: once in K/2 new values. */
enum { MOST_VALUES = CSVR_SAMPLE_VALUES + CSVR_SAMPLE_VALUES / 2, FIRST_SLOTS = 16 };

_Static_assert(MOST_VALUES < UINT16_MAX, "a slot has 16 bits for an index");
_Static_assert((int)CSVR_MAX_SLOTS == 2 * (int)CSVR_SAMPLE_VALUES, "the largest table of keys");

uint32_t csvr_sample_max_values(const struct csvr_sample *sample)
{
	return sample->max_values != 0 ? sample->max_values : (uint32_t)CSVR_SAMPLE_VALUES;
}

/* The most that a sample has in memory: as many as fit into 2 K slots. */
static uint32_t most_values(const struct csvr_sample *sample)
{
	return sample->keeps_all ? (uint32_t)MOST_VALUES : csvr_sample_max_values(sample) / 2 * 3;
}

static void free_all_bytes(struct csvr_sample *sample)
{
	for (uint32_t i = 0; i < sample->n_entries; i++)
		csvr_sample_entry_clear(&sample->entries[i]);
}

static void free_pending(struct csvr_sample *sample)
{
	free(sample->pending);
	sample->pending = NULL;
	sample->n_pending = sample->pending_capacity = 0;
}

void csvr_sample_clear(struct csvr_sample *sample)
{
	free_all_bytes(sample);
	free(sample->entries);
	free(sample->slots);
	free_pending(sample);
	csvr_key_table_clear(&sample->keys);
	memset(sample, 0, sizeof *sample);
}

/* ---- theta ---- */

static bool is_kept(const struct csvr_sample *sample, uint64_t hash)
{
	return hash <= sample->theta - 1; /* theta is 0: any hash */
}

uint32_t csvr_sample_n_values(const struct csvr_sample *sample)
{
	return sample->keys.n_keys + sample->n_entries;
}

/* A function of its own, as its stack frame is large. */
__attribute__((noinline)) static uint64_t select_theta(const struct csvr_sample *sample)
{
	uint64_t hashes[MOST_VALUES + 1];
	size_t n = 0;
	for (uint32_t i = 0; i < sample->keys.n_slots; i++) {
		hashes[n] = sample->keys.keys[i];
		n += hashes[n] != 0;
	}
	for (uint32_t i = 0; i < sample->n_entries; i++)
		hashes[n++] = sample->entries[i].value.hash;
	return csvr_select_hash(hashes, n, csvr_sample_max_values(sample), sample->theta - 1);
}

uint64_t csvr_canonical_theta(const struct csvr_sample *sample)
{
	return csvr_sample_n_values(sample) <= csvr_sample_max_values(sample)
		       ? sample->theta
		       : select_theta(sample);
}

/* ---- the table of entries ---- */

static uint32_t capacity(const struct csvr_sample *sample)
{
	return sample->n_slots / 4 * 3;
}

static uint32_t tag_of(uint64_t slot_hash)
{
	return (uint32_t)(slot_hash >> 48) << 16;
}

static void fill_slots(struct csvr_sample *sample)
{
	const uint32_t mask = sample->n_slots - 1;
	const uint64_t seed = csvr_sample_seed();
	if (sample->n_slots == 0)
		return;
	memset(sample->slots, 0, sample->n_slots * sizeof *sample->slots);
	for (uint32_t i = 0; i < sample->n_entries; i++) {
		const uint64_t slot_hash = csvr_sample_hash(&sample->entries[i].value, seed);
		uint32_t at = (uint32_t)slot_hash & mask;
		while (sample->slots[at] != 0)
			at = (at + 1) & mask;
		sample->slots[at] = tag_of(slot_hash) | (i + 1);
	}
}

/* Sets theta, which is not greater than the current one, and drops the values from there on. */
static void lower_theta(struct csvr_sample *sample, uint64_t theta)
{
	sample->theta = theta;
	csvr_key_table_drop(&sample->keys, theta - 1);
	uint32_t n_kept = 0;
	for (uint32_t i = 0; i < sample->n_entries; i++) {
		struct csvr_sample_entry *entry = &sample->entries[i];
		if (is_kept(sample, entry->value.hash))
			sample->entries[n_kept++] = *entry;
		else
			csvr_sample_entry_clear(entry);
	}
	if (n_kept == sample->n_entries)
		return;
	sample->n_entries = n_kept;
	fill_slots(sample);
}

static enum csvr_status resize_slots(struct csvr_sample *sample, uint32_t n_slots)
{
	uint32_t *slots = malloc(n_slots * sizeof *slots);
	struct csvr_sample_entry *entries = realloc(sample->entries,
						    n_slots / 4 * 3 * sizeof *entries);
	if (entries != NULL)
		sample->entries = entries;
	if (slots == NULL || entries == NULL) {
		free(slots);
		return CSVR_NO_MEMORY;
	}
	free(sample->slots);
	sample->slots = slots;
	sample->n_slots = n_slots;
	fill_slots(sample);
	return CSVR_OK;
}

void csvr_sample_limit(struct csvr_sample *sample, uint32_t max_values)
{
	if (max_values >= csvr_sample_max_values(sample))
		return;
	sample->max_values = max_values;
	if (csvr_sample_n_values(sample) > most_values(sample))
		lower_theta(sample, csvr_canonical_theta(sample));
	/* Gives memory back; without success the sample keeps what it has. */
	if (sample->n_slots > 2 * max_values && resize_slots(sample, 2 * max_values) != CSVR_OK)
		return;
	if (sample->keys.n_slots > 2 * max_values)
		(void)csvr_key_table_resize(&sample->keys, 2 * max_values, csvr_sample_seed() | 1);
}

/* The slot of the value, or the empty one where it may be added. The table has slots. */
static uint32_t find_slot(const struct csvr_sample *sample, const struct csvr_sample_value *value,
			  uint64_t slot_hash)
{
	const uint32_t mask = sample->n_slots - 1, tag = tag_of(slot_hash);
	uint32_t at = (uint32_t)slot_hash & mask;
	for (; sample->slots[at] != 0; at = (at + 1) & mask) {
		const uint32_t slot = sample->slots[at];
		if ((slot & 0xffff0000) == tag &&
		    csvr_sample_value_equals(&sample->entries[(slot & 0xffff) - 1].value, value))
			break;
	}
	return at;
}

static bool is_full(const struct csvr_sample *sample)
{
	return csvr_sample_n_values(sample) >= most_values(sample);
}

/* Makes room for a value that is new. False: there is none for a value of this hash any more. */
static bool has_room_for(struct csvr_sample *sample, uint64_t hash)
{
	if (!is_full(sample))
		return true;
	lower_theta(sample, csvr_canonical_theta(sample));
	return is_kept(sample, hash);
}

static enum csvr_status add_entry(struct csvr_sample *sample, const struct csvr_sample_value *value,
				  uint64_t count)
{
	const uint64_t slot_hash = csvr_sample_hash(value, csvr_sample_seed());
	if (sample->n_slots > 0) {
		const uint32_t slot = sample->slots[find_slot(sample, value, slot_hash)];
		if (slot != 0) {
			sample->entries[(slot & 0xffff) - 1].count += count;
			return CSVR_OK;
		}
	}
	if (!has_room_for(sample, value->hash))
		return CSVR_OK;
	if (sample->n_entries == capacity(sample)) {
		const uint32_t n_slots = sample->n_slots == 0 ? FIRST_SLOTS : 2 * sample->n_slots;
		if (resize_slots(sample, n_slots) != CSVR_OK)
			return CSVR_NO_MEMORY;
	}
	if (!csvr_sample_entry_init(&sample->entries[sample->n_entries], value, count))
		return CSVR_NO_MEMORY;
	sample->slots[find_slot(sample, value, slot_hash)] = tag_of(slot_hash) |
							     ++sample->n_entries;
	return CSVR_OK;
}

/* ---- the table of keys ---- */

/* The most keys that fit into the table without more memory, and into the sample. */
static uint32_t max_keys(const struct csvr_sample *sample)
{
	const uint32_t of_table = csvr_key_table_capacity(sample->keys.n_slots);
	const uint32_t of_sample = most_values(sample) - sample->n_entries;
	return of_table < of_sample ? of_table : of_sample;
}

/* The number of slots for so many keys, at least one more than fit now. */
static uint32_t wanted_slots(const struct csvr_sample *sample, size_t n_keys)
{
	const uint32_t most = most_values(sample) / 3 * 4;
	uint32_t n_slots = sample->keys.n_slots == 0 ? CSVR_FIRST_SLOTS : 4 * sample->keys.n_slots;
	while (n_slots < most && csvr_key_table_capacity(n_slots) < n_keys)
		n_slots *= 2;
	return n_slots < most ? n_slots : most;
}

/* Adds a key, after which `n_others` more will be added. */
static enum csvr_status add_key(struct csvr_sample *sample, uint64_t hash, uint64_t count,
				size_t n_others)
{
	size_t slot;
	if (csvr_key_table_find(&sample->keys, hash, &slot))
		return csvr_key_table_add_at(&sample->keys, slot, count);
	if (!has_room_for(sample, hash))
		return CSVR_OK;
	const uint32_t n_keys = sample->keys.n_keys;
	if (n_keys == csvr_key_table_capacity(sample->keys.n_slots)) {
		const uint32_t n_slots = wanted_slots(sample, n_keys + 1 + n_others);
		if (csvr_key_table_resize(&sample->keys, n_slots, csvr_sample_seed() | 1) !=
		    CSVR_OK)
			return CSVR_NO_MEMORY;
	}
	return csvr_key_table_insert(&sample->keys, hash, count);
}

/* Adds keys; changes the arrays. */
static enum csvr_status add_keys(struct csvr_sample *sample, uint64_t *hashes, uint64_t *counts,
				 size_t n)
{
	while (n > 0) {
		if (sample->keys.n_slots > 0)
			n = csvr_key_table_count(&sample->keys, max_keys(sample), hashes, counts,
						 n);
		if (n == 0)
			break;
		/* The first one makes room for the others, by more memory or a lesser theta. */
		n--;
		if (add_key(sample, hashes[n], counts[n], n) != CSVR_OK)
			return CSVR_NO_MEMORY;
		size_t n_kept = 0;
		for (size_t i = 0; i < n; i++) {
			hashes[n_kept] = hashes[i];
			counts[n_kept] = counts[i];
			n_kept += is_kept(sample, hashes[i]);
		}
		n = n_kept;
	}
	return CSVR_OK;
}

/* Whether doubles of a quantity are in the table of keys: the first quantity is. */
static bool has_keys_of(struct csvr_sample *sample, enum csvr_quantity quantity)
{
	if (sample->key_quantity == 0)
		sample->key_quantity = 1 + (unsigned)quantity;
	return sample->key_quantity == 1 + (unsigned)quantity;
}

enum csvr_status csvr_sample_add(struct csvr_sample *sample, const struct csvr_sample_value *value,
				 uint64_t count)
{
	if (value->form == CSVR_FORM_DOUBLE && value->hash != CSVR_AMBIGUOUS_HASH &&
	    has_keys_of(sample, value->quantity))
		return add_key(sample, value->hash, count, 0);
	return add_entry(sample, value, count);
}

/* ---- pending keys ---- */

enum { PENDING_MARGIN = CSVR_MAX_BATCH + CSVR_HASHES_MARGIN };

/* Adds keys of one cell each, and skips those that are above theta. */
static enum csvr_status add_single_keys(struct csvr_sample *sample, const uint64_t *keys, size_t n)
{
	uint64_t hashes[CSVR_MAX_BATCH], counts[CSVR_MAX_BATCH];
	for (size_t i = 0; i < n;) {
		size_t n_kept = 0;
		for (; i < n && n_kept < CSVR_MAX_BATCH; i++) {
			hashes[n_kept] = keys[i];
			counts[n_kept] = 1;
			n_kept += is_kept(sample, keys[i]);
		}
		if (add_keys(sample, hashes, counts, n_kept) != CSVR_OK)
			return CSVR_NO_MEMORY;
	}
	return CSVR_OK;
}

static enum csvr_status add_pending(struct csvr_sample *sample)
{
	const size_t n = sample->n_pending;
	sample->n_pending = 0;
	return add_single_keys(sample, sample->pending, n);
}

enum csvr_status csvr_sample_settle(struct csvr_sample *sample)
{
	const enum csvr_status status = add_pending(sample);
	free_pending(sample);
	/* Readers ask for the canonical theta again and again. */
	if (status == CSVR_OK && !sample->keeps_all &&
	    csvr_sample_n_values(sample) > csvr_sample_max_values(sample))
		lower_theta(sample, csvr_canonical_theta(sample));
	return status;
}

/* Makes room for the keys of a batch. */
static enum csvr_status reserve_pending(struct csvr_sample *sample)
{
	if (sample->n_pending + PENDING_MARGIN <= sample->pending_capacity)
		return CSVR_OK;
	/* A file that is as long as the one before it has about most_values keys below theta. */
	const uint32_t most = 2 * csvr_sample_max_values(sample) + PENDING_MARGIN;
	const uint32_t capacity = sample->pending_capacity != 0 ? most
								: 2 * (uint32_t)PENDING_MARGIN;
	if (sample->n_pending + PENDING_MARGIN > capacity)
		return add_pending(sample);
	uint64_t *pending = realloc(sample->pending, capacity * sizeof *pending);
	if (pending == NULL)
		return CSVR_NO_MEMORY;
	sample->pending = pending;
	sample->pending_capacity = capacity;
	return CSVR_OK;
}

/* ---- reuse ---- */

void csvr_sample_inherit(struct csvr_sample *sample, const struct csvr_sample *merged)
{
	csvr_sample_limit(sample, csvr_sample_max_values(merged));
	sample->theta = merged->theta;
}

void csvr_sample_reset(struct csvr_sample *sample)
{
	free_all_bytes(sample);
	if (sample->n_entries > 0)
		memset(sample->slots, 0, sample->n_slots * sizeof *sample->slots);
	csvr_key_table_reset(&sample->keys);
	sample->n_entries = sample->n_pending = 0;
	sample->theta = 0;
	sample->key_quantity = 0;
	/* The tables that it keeps may be too large for a lesser limit, which csvr_sample_limit mends. */
	sample->max_values = 0;
}

/* ---- cells ---- */

static enum csvr_status add_kept(struct csvr_sample *sample, const struct csvr_sample_value *value,
				 uint64_t count)
{
	return is_kept(sample, value->hash) ? csvr_sample_add(sample, value, count) : CSVR_OK;
}

enum csvr_status csvr_sample_add_numbers(struct csvr_sample *sample,
					 const struct csvr_number *number, uint64_t count)
{
	struct csvr_sample_buffer buffer;
	struct csvr_sample_value value;
	csvr_sample_value_of_number(&value, number, &buffer);
	return add_kept(sample, &value, count);
}

/* Counts a text that the sample has. False: it may not have it. */
static bool count_known_text(struct csvr_sample *sample, const unsigned char *text, size_t n_bytes,
			     uint64_t count)
{
	/* The fixed hash is needed only to compare it with theta. */
	if (sample->theta != 0 || sample->n_slots == 0 || n_bytes > CSVR_SAMPLE_TEXT_BYTES)
		return false;
	struct csvr_sample_value value = { .form = CSVR_FORM_TEXT, .size = (int32_t)n_bytes };
	value.bytes = text;
	const uint64_t slot_hash = csvr_sample_hash(&value, csvr_sample_seed());
	const uint32_t slot = sample->slots[find_slot(sample, &value, slot_hash)];
	if (slot == 0)
		return false;
	sample->entries[(slot & 0xffff) - 1].count += count;
	return true;
}

enum csvr_status csvr_sample_add_texts(struct csvr_sample *sample, const struct csvr_text *text,
				       uint64_t count)
{
	struct csvr_sample_buffer buffer;
	struct csvr_sample_value value;
	if (count_known_text(sample, text->bytes, text->n_bytes, count))
		return CSVR_OK;
	csvr_sample_value_of_text(&value, text->bytes, text->n_bytes, &buffer);
	return add_kept(sample, &value, count);
}

/* One value of a batch, `count` times. */
static enum csvr_status add_integer(struct csvr_sample *sample, const struct csvr_batch *batch,
				    size_t index, uint64_t count)
{
	uint64_t part;
	const struct csvr_number number = csvr_number_of_integer(batch->values[index], batch->scale,
								 batch->quantity, &part);
	return csvr_sample_add_numbers(sample, &number, count);
}

/* Adds a batch of short numbers of the quantity whose doubles are keys. None has the ambiguous hash, which is that of
 * doubles below 1e-100 or above 1e100 in magnitude. */
static enum csvr_status add_doubles(struct csvr_sample *sample, const struct csvr_batch *batch)
{
	uint64_t own[PENDING_MARGIN];
	if (!sample->keeps_all && reserve_pending(sample) != CSVR_OK)
		return CSVR_NO_MEMORY;
	uint64_t *hashes = sample->keeps_all ? own : sample->pending + sample->n_pending;
	const size_t n = batch->kernels->to_hashes(batch->doubles, batch->n_values,
						   csvr_sample_salt(batch->quantity),
						   sample->theta - 1, hashes);
	sample->keys.kernels = batch->kernels;
	if (sample->keeps_all)
		return add_single_keys(sample, hashes, n);
	sample->n_pending += (uint32_t)n;
	return CSVR_OK;
}

enum csvr_status csvr_sample_add_batch(struct csvr_sample *sample, const struct csvr_batch *batch)
{
	if (batch->sums->min == batch->sums->max)
		return add_integer(sample, batch, 0, batch->n_values);
	if (batch->doubles != NULL && csvr_batch_is_below(batch, CSVR_SHORT_LIMIT) &&
	    has_keys_of(sample, batch->quantity))
		return add_doubles(sample, batch);
	enum csvr_status status = CSVR_OK;
	for (size_t i = 0; i < batch->n_values && status == CSVR_OK; i++)
		status = add_integer(sample, batch, i, 1);
	return status;
}

/* ---- hashes alone ---- */

enum csvr_status csvr_sample_add_hashes(struct csvr_sample *sample, const uint64_t *hashes,
					size_t n)
{
	sample->key_quantity = 1 + CSVR_N_QUANTITIES;
	if (reserve_pending(sample) != CSVR_OK)
		return CSVR_NO_MEMORY;
	uint64_t *pending = sample->pending + sample->n_pending;
	size_t n_kept = 0;
	for (size_t i = 0; i < n; i++) {
		pending[n_kept] = hashes[i];
		n_kept += is_kept(sample, hashes[i]);
	}
	sample->n_pending += (uint32_t)n_kept;
	return CSVR_OK;
}

enum csvr_status csvr_sample_add_hash(struct csvr_sample *sample, uint64_t hash, uint64_t count)
{
	sample->key_quantity = 1 + CSVR_N_QUANTITIES;
	return add_key(sample, hash, count, 0);
}

/* ---- merging ---- */

/* Merges keys of the same quantity. Both tables have keys in about the same order. Visiting lines in that order would
 * fill a part of `into` first, with long searches for empty slots; so they are visited with a stride. */
static enum csvr_status merge_keys(struct csvr_sample *into, const struct csvr_key_table *from)
{
	enum { STRIDE = 0x9e37 | 1 };
	uint64_t hashes[CSVR_MAX_BATCH + CSVR_KEYS_IN_LINE],
		counts[CSVR_MAX_BATCH + CSVR_KEYS_IN_LINE];
	const uint32_t n_lines = from->n_slots / CSVR_KEYS_IN_LINE;
	size_t n = 0;
	for (uint32_t i = 0; i < n_lines; i++) {
		const size_t first = (size_t)(i * STRIDE & (n_lines - 1)) * CSVR_KEYS_IN_LINE;
		for (size_t j = first; j < first + CSVR_KEYS_IN_LINE; j++) {
			hashes[n] = from->keys[j];
			counts[n] = csvr_key_table_count_at(from, j);
			n += hashes[n] - 1 < into->theta - 1 /* not for 0 */;
		}
		if (n < CSVR_MAX_BATCH && i + 1 < n_lines)
			continue;
		if (add_keys(into, hashes, counts, n) != CSVR_OK)
			return CSVR_NO_MEMORY;
		n = 0;
	}
	return CSVR_OK;
}

static enum csvr_status add_pending_entries(struct csvr_sample *into,
					    const struct csvr_sample *from)
{
	enum csvr_status status = CSVR_OK;
	for (uint32_t i = 0; i < from->n_pending && status == CSVR_OK; i++) {
		const struct csvr_sample_value value = csvr_sample_value_of_key(from,
										from->pending[i]);
		status = add_kept(into, &value, 1);
	}
	return status;
}

/* Merges the keys and the pending ones. If `into` has keys of another quantity, those of the table are left to the
 * cursor, which is before them. */
static enum csvr_status merge_keys_of(struct csvr_sample *into, const struct csvr_sample *from,
				      struct csvr_sample_cursor *cursor)
{
	if (!has_keys_of(into, (enum csvr_quantity)(from->key_quantity - 1)))
		return add_pending_entries(into, from);
	if (merge_keys(into, &from->keys) != CSVR_OK)
		return CSVR_NO_MEMORY;
	cursor->slot = from->keys.n_slots;
	return add_single_keys(into, from->pending, from->n_pending);
}

enum csvr_status csvr_sample_merge(struct csvr_sample *into, const struct csvr_sample *from)
{
	csvr_sample_limit(into, csvr_sample_max_values(from));
	if (from->theta - 1 < into->theta - 1) /* 0 is the greatest theta */
		lower_theta(into, from->theta);
	struct csvr_sample_cursor cursor = { .sample = from };
	/* A sample that others are merged into usually gets no batches. */
	if (csvr_sample_settle(into) != CSVR_OK)
		return CSVR_NO_MEMORY;
	if (into->keys.kernels == NULL)
		into->keys.kernels = from->keys.kernels;
	if (from->key_quantity != 0) {
		const enum csvr_status status = merge_keys_of(into, from, &cursor);
		if (status != CSVR_OK)
			return status;
	}
	struct csvr_sample_entry entry;
	while (csvr_sample_next(&cursor, &entry)) {
		if (!is_kept(into, entry.value.hash))
			continue;
		const enum csvr_status status = csvr_sample_add(into, &entry.value, entry.count);
		if (status != CSVR_OK)
			return status;
	}
	return CSVR_OK;
}
