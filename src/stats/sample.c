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

#include "stats/sample_internal.h"

enum { MOST_ENTRIES = CSVR_SAMPLE_VALUES + CSVR_SAMPLE_VALUES / 4, FIRST_CAPACITY = 16 };

_Static_assert(MOST_ENTRIES < UINT16_MAX, "a slot has 16 bits for an index");

uint32_t csvr_sample_max_values(const struct csvr_sample *sample)
{
	return sample->max_values != 0 ? sample->max_values : (uint32_t)CSVR_SAMPLE_VALUES;
}

/* More entries than K, so that the selection of the least is rare: once in K/4 new values. */
static uint32_t max_entries(const struct csvr_sample *sample)
{
	const uint32_t n = csvr_sample_max_values(sample);
	return n + n / 4;
}

/* Entries may have any place in the table. Its order differs between processes, so that the author of a
 * file cannot choose values that all collide. */
static uint64_t process_seed(void)
{
	/* Address space layout randomization makes this address a seed. */
	static const char anchor;
	return csvr_sample_mix((uint64_t)(uintptr_t)&anchor);
}

static void free_bytes(struct csvr_sample_entry *entry)
{
	if (csvr_form_has_bytes(entry->value.form))
		free(entry->value.own_bytes);
}

void csvr_sample_clear(struct csvr_sample *sample)
{
	for (uint32_t i = 0; i < sample->n_entries; i++)
		free_bytes(&sample->entries[i]);
	free(sample->entries);
	free(sample->slots);
	memset(sample, 0, sizeof *sample);
}

/* ---- theta ---- */

static bool is_kept(const struct csvr_sample *sample, uint64_t hash)
{
	return hash <= sample->theta - 1; /* theta is 0: any hash */
}

/* Element k of the sorted array, from 0. Reorders it. */
static uint64_t select_least(uint64_t *hashes, size_t n, size_t k)
{
	size_t low = 0, high = n - 1;
	/* Invariant: the element is in [low, high]; all before are not greater, all after not less. */
	while (low < high) {
		const uint64_t pivot = hashes[low + (high - low) / 2];
		size_t i = low, j = high;
		for (;; i++, j--) {
			while (hashes[i] < pivot)
				i++;
			while (hashes[j] > pivot)
				j--;
			if (i >= j)
				break;
			const uint64_t hash = hashes[i];
			hashes[i] = hashes[j];
			hashes[j] = hash;
		}
		/* [low, i) is not greater than the pivot, (j, high] not less, i is j or j + 1. */
		if (k <= j)
			high = j;
		else
			low = j + 1;
	}
	return hashes[k];
}

uint64_t csvr_canonical_theta(const struct csvr_sample *sample)
{
	const uint32_t n_values = csvr_sample_max_values(sample);
	if (sample->n_entries <= n_values)
		return sample->theta;
	uint64_t hashes[MOST_ENTRIES];
	for (uint32_t i = 0; i < sample->n_entries; i++)
		hashes[i] = sample->entries[i].value.hash;
	return select_least(hashes, sample->n_entries, n_values);
}

/* ---- the table ---- */

static uint32_t n_slots(const struct csvr_sample *sample)
{
	/* A power of two. At most 5/8 of them are in use. */
	return 2 * (sample->capacity == max_entries(sample) ? csvr_sample_max_values(sample)
							    : sample->capacity);
}

static uint32_t tag_of(uint64_t slot_hash)
{
	return (uint32_t)(slot_hash >> 48) << 16;
}

static void fill_slots(struct csvr_sample *sample)
{
	const uint32_t mask = n_slots(sample) - 1;
	const uint64_t seed = process_seed();
	memset(sample->slots, 0, n_slots(sample) * sizeof *sample->slots);
	for (uint32_t i = 0; i < sample->n_entries; i++) {
		const uint64_t slot_hash = csvr_sample_hash(&sample->entries[i].value, seed);
		uint32_t at = (uint32_t)slot_hash & mask;
		while (sample->slots[at] != 0)
			at = (at + 1) & mask;
		sample->slots[at] = tag_of(slot_hash) | (i + 1);
	}
}

/* Sets theta, which is not greater than the current one, and drops the entries from there on. The slots
 * are not valid then. */
static void drop_entries(struct csvr_sample *sample, uint64_t theta)
{
	sample->theta = theta;
	uint32_t n_kept = 0;
	for (uint32_t i = 0; i < sample->n_entries; i++) {
		struct csvr_sample_entry *entry = &sample->entries[i];
		if (is_kept(sample, entry->value.hash))
			sample->entries[n_kept++] = *entry;
		else
			free_bytes(entry);
	}
	sample->n_entries = n_kept;
}

static void lower_theta(struct csvr_sample *sample, uint64_t theta)
{
	drop_entries(sample, theta);
	if (sample->capacity > 0)
		fill_slots(sample);
}

/* Gives memory back; without success the sample keeps what it has. */
static void *shrink(void *memory, size_t n_bytes)
{
	void *smaller = realloc(memory, n_bytes);
	if (smaller == NULL)
		return memory;
	return smaller;
}

void csvr_sample_limit(struct csvr_sample *sample, uint32_t max_values)
{
	if (max_values >= csvr_sample_max_values(sample))
		return;
	sample->max_values = max_values;
	if (sample->capacity <= max_values)
		return;
	drop_entries(sample, csvr_canonical_theta(sample));
	sample->capacity = max_entries(sample);
	sample->entries = shrink(sample->entries, sample->capacity * sizeof *sample->entries);
	sample->slots = shrink(sample->slots, n_slots(sample) * sizeof *sample->slots);
	fill_slots(sample);
}

static enum csvr_status grow(struct csvr_sample *sample)
{
	uint32_t capacity = sample->capacity == 0 ? FIRST_CAPACITY : 2 * sample->capacity;
	if (capacity > max_entries(sample))
		capacity = max_entries(sample);
	struct csvr_sample_entry *entries = realloc(sample->entries, capacity * sizeof *entries);
	if (entries == NULL)
		return CSVR_NO_MEMORY;
	sample->entries = entries;
	const uint32_t old_capacity = sample->capacity;
	sample->capacity = capacity;
	uint32_t *slots = malloc(n_slots(sample) * sizeof *slots);
	if (slots == NULL) {
		sample->capacity = old_capacity;
		return CSVR_NO_MEMORY;
	}
	free(sample->slots);
	sample->slots = slots;
	fill_slots(sample);
	return CSVR_OK;
}

static bool are_equal(const struct csvr_sample_value *a, const struct csvr_sample_value *b)
{
	if (a->hash != b->hash || a->form != b->form || a->quantity != b->quantity ||
	    a->size != b->size)
		return false;
	if (!csvr_form_has_bytes(a->form))
		return a->word == b->word;
	return memcmp(a->bytes, b->bytes, csvr_sample_kept_bytes(a->size)) == 0;
}

/* The slot of the value, or the empty one where it may be added. The table has slots. */
static uint32_t find_slot(const struct csvr_sample *sample, const struct csvr_sample_value *value,
			  uint64_t slot_hash)
{
	const uint32_t mask = n_slots(sample) - 1, tag = tag_of(slot_hash);
	uint32_t at = (uint32_t)slot_hash & mask;
	for (; sample->slots[at] != 0; at = (at + 1) & mask) {
		const uint32_t slot = sample->slots[at];
		if ((slot & 0xffff0000) == tag &&
		    are_equal(&sample->entries[(slot & 0xffff) - 1].value, value))
			break;
	}
	return at;
}

enum csvr_status csvr_sample_add(struct csvr_sample *sample, const struct csvr_sample_value *value,
				 uint64_t count)
{
	const uint64_t slot_hash = csvr_sample_hash(value, process_seed());
	uint32_t at = 0;
	if (sample->capacity > 0) {
		at = find_slot(sample, value, slot_hash);
		if (sample->slots[at] != 0) {
			sample->entries[(sample->slots[at] & 0xffff) - 1].count += count;
			return CSVR_OK;
		}
	}
	if (sample->n_entries == sample->capacity) {
		if (sample->capacity == max_entries(sample))
			lower_theta(sample, csvr_canonical_theta(sample));
		else if (grow(sample) != CSVR_OK)
			return CSVR_NO_MEMORY;
		if (!is_kept(sample, value->hash))
			return CSVR_OK;
		at = find_slot(sample, value, slot_hash);
	}
	struct csvr_sample_entry *entry = &sample->entries[sample->n_entries];
	entry->value = *value;
	entry->count = count;
	if (csvr_form_has_bytes(value->form)) {
		const size_t n_bytes = csvr_sample_kept_bytes(value->size);
		entry->value.own_bytes = malloc(n_bytes + 1);
		if (entry->value.own_bytes == NULL)
			return CSVR_NO_MEMORY;
		memcpy(entry->value.own_bytes, value->bytes, n_bytes);
	}
	sample->slots[at] = tag_of(slot_hash) | ++sample->n_entries;
	return CSVR_OK;
}

void csvr_sample_reset(struct csvr_sample *sample)
{
	/* A capacity that belongs to a limit is not one of those that grow. */
	if (sample->max_values != 0 && sample->capacity == max_entries(sample)) {
		csvr_sample_clear(sample);
		return;
	}
	for (uint32_t i = 0; i < sample->n_entries; i++)
		free_bytes(&sample->entries[i]);
	if (sample->n_entries > 0)
		memset(sample->slots, 0, n_slots(sample) * sizeof *sample->slots);
	sample->n_entries = 0;
	sample->theta = 0;
	sample->max_values = 0;
}

/* ---- cells ---- */

static enum csvr_status add_kept(struct csvr_sample *sample, const struct csvr_sample_value *value)
{
	return is_kept(sample, value->hash) ? csvr_sample_add(sample, value, 1) : CSVR_OK;
}

enum csvr_status csvr_sample_add_number(struct csvr_sample *sample,
					const struct csvr_number *number)
{
	struct csvr_sample_buffer buffer;
	struct csvr_sample_value value;
	csvr_sample_value_of_number(&value, number, &buffer);
	return add_kept(sample, &value);
}

enum csvr_status csvr_sample_add_text(struct csvr_sample *sample, const unsigned char *text,
				      size_t n_bytes)
{
	struct csvr_sample_buffer buffer;
	struct csvr_sample_value value;
	csvr_sample_value_of_text(&value, text, n_bytes, &buffer);
	return add_kept(sample, &value);
}

enum csvr_status csvr_sample_add_batch(struct csvr_sample *sample, const struct csvr_batch *batch)
{
	for (size_t i = 0; i < batch->n_values; i++) {
		const int64_t integer = batch->values[i];
		enum csvr_status status = CSVR_OK;
		if (batch->doubles != NULL && csvr_sample_is_short(integer)) {
			struct csvr_sample_value value = { .form = CSVR_FORM_DOUBLE,
							   .quantity = batch->quantity };
			memcpy(&value.word, &batch->doubles[i], sizeof value.word);
			value.hash = csvr_sample_hash_double(value.word, value.quantity);
			status = add_kept(sample, &value);
		} else {
			const uint64_t part = (uint64_t)(integer < 0 ? -integer : integer);
			const struct csvr_number number = {
				&part, 1, -(int)batch->scale, integer < 0, batch->quantity, 0
			};
			status = csvr_sample_add_number(sample, &number);
		}
		if (status != CSVR_OK)
			return status;
	}
	return CSVR_OK;
}

/* ---- merging and counting ---- */

enum csvr_status csvr_sample_merge(struct csvr_sample *into, const struct csvr_sample *from)
{
	csvr_sample_limit(into, csvr_sample_max_values(from));
	if (from->theta - 1 < into->theta - 1) /* 0 is the greatest theta */
		lower_theta(into, from->theta);
	for (uint32_t i = 0; i < from->n_entries; i++) {
		const struct csvr_sample_entry *entry = &from->entries[i];
		if (!is_kept(into, entry->value.hash))
			continue;
		const enum csvr_status status = csvr_sample_add(into, &entry->value, entry->count);
		if (status != CSVR_OK)
			return status;
	}
	return CSVR_OK;
}

/* ---- what a sample has ---- */

bool csvr_sample_is_complete(const struct csvr_sample *sample)
{
	return csvr_canonical_theta(sample) == 0;
}

static int compare_points(const void *a, const void *b)
{
	const double left = ((const struct csvr_sample_point *)a)->value;
	const double right = ((const struct csvr_sample_point *)b)->value;
	return (left > right) - (left < right);
}

/* Points of the same double, of sorted ones, become one. */
static size_t unite_points(struct csvr_sample_point *points, size_t n)
{
	size_t n_kept = 0;
	for (size_t i = 0; i < n; i++)
		if (n_kept > 0 && points[n_kept - 1].value == points[i].value)
			points[n_kept - 1].count += points[i].count;
		else
			points[n_kept++] = points[i];
	return n_kept;
}

enum csvr_status csvr_sample_points(const struct csvr_sample *sample, enum csvr_quantity quantity,
				    struct csvr_sample_point **points, size_t *n_points)
{
	const uint64_t theta = csvr_canonical_theta(sample);
	*n_points = 0;
	*points = malloc((sample->n_entries + 1) * sizeof **points);
	if (*points == NULL)
		return CSVR_NO_MEMORY;
	size_t n = 0;
	for (uint32_t i = 0; i < sample->n_entries; i++) {
		const struct csvr_sample_value *value = &sample->entries[i].value;
		if (value->form != CSVR_FORM_TEXT && value->quantity == quantity &&
		    value->hash <= theta - 1) /* theta is 0: any hash */
			(*points)[n++] = (struct csvr_sample_point){
				csvr_sample_value_to_double(value), sample->entries[i].count
			};
	}
	qsort(*points, n, sizeof **points, compare_points);
	*n_points = unite_points(*points, n);
	return CSVR_OK;
}

uint64_t csvr_sample_distinct(const struct csvr_sample *sample, uint64_t n_cells,
			      bool *is_approximate)
{
	const uint64_t theta = csvr_canonical_theta(sample);
	*is_approximate = theta != 0;
	if (!*is_approximate)
		return sample->n_entries;
	/* K values below theta, of 2^64 hashes: K 2^64 / theta, rounded. Not fewer than are known. */
	const unsigned __int128 scaled = (unsigned __int128)csvr_sample_max_values(sample) << 64;
	const unsigned __int128 estimate = (scaled + theta / 2) / theta;
	return estimate < n_cells ? (uint64_t)estimate : n_cells;
}
