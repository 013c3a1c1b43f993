/* group_keys.c - the distinct keys of rows, numbered */
#include "stats/group_keys.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/serialize.h"

/* The fewer keys there are, the more places each has, so that most are found at the first one: a second look is a branch that
 * was not predicted. The places of many keys exceed the caches, which costs more. */
enum {
	FIRST_SLOTS = 64,
	FEW_KEYS = 1 << 11,
	FEW_SPARE = 16,
	SOME_KEYS = 1 << 14,
	SOME_SPARE = 8,
	MANY_SPARE = 2
};

/* Slots from which on they are prefetched: the table is larger than a second-level cache. */
enum { PREFETCHED_SLOTS = 1 << 14 };

static uint64_t multiplier(char name)
{
	return csvr_hash(&name, 1) | 1;
}

void csvr_group_keys_init(struct csvr_group_keys *keys)
{
	memset(keys, 0, sizeof *keys);
	struct csvr_key_seed *seed = &keys->seed;
	seed->low = multiplier('l');
	seed->high = multiplier('h');
	seed->top = multiplier('t');
	seed->rest = multiplier('r');
	for (int i = 0; i < CSVR_KEY_BLOCK_WORDS; i++)
		seed->front[i] = multiplier((char)('0' + i));
}

void csvr_group_keys_clear(struct csvr_group_keys *keys)
{
	free(keys->slots);
	free(keys->texts);
	free(keys->bytes);
	csvr_group_keys_init(keys);
}

void csvr_group_keys_reset(struct csvr_group_keys *keys)
{
	if (keys->n_slots > 4 * FIRST_SLOTS && keys->n_slots > 64 * keys->n_used_slots) {
		csvr_group_keys_clear(keys);
		return;
	}
	if (keys->n_used_slots > 0)
		memset(keys->slots, 0, keys->n_slots * sizeof *keys->slots);
	keys->n_used_slots = keys->n_bytes = 0;
	keys->n_keys = keys->n_keys > 0; /* the missing one */
}

/* ---- the hash table ---- */

static size_t places_for(size_t n_keys)
{
	size_t n = FIRST_SLOTS;
	const size_t spare = n_keys <= FEW_KEYS    ? FEW_SPARE
			     : n_keys <= SOME_KEYS ? SOME_SPARE
						   : MANY_SPARE;
	while (n < n_keys * spare)
		n *= 2;
	return n;
}

static struct csvr_key_slot *new_slots(size_t n)
{
	struct csvr_key_slot *slots = csvr_alloc_lines(n * sizeof *slots);
	if (slots != NULL)
		memset(slots, 0, n * sizeof *slots);
	return slots;
}

static uint64_t hash_of_slot(const struct csvr_group_keys *keys, const struct csvr_key_slot *slot)
{
	const struct csvr_key_seed *seed = &keys->seed;
	uint64_t hash = slot->low * seed->low + slot->high * seed->high + slot->top * seed->top +
			slot->n_bytes;
	/* Long keys are as they are in `texts`. */
	if (slot->n_bytes > CSVR_KEY_WORD_BYTES) {
		const struct csvr_key_text *text = &keys->texts[slot->number_plus_1 - 1];
		hash = csvr_key_hash_front(seed, keys->bytes + text->offset, text->n_bytes, hash);
	}
	return csvr_key_hash_finish(seed, hash);
}

/* The place to look at after `at`; `first` is the first one. The other one in the cache line comes before those of the next
 * line, which is not in the cache. */
static inline size_t next_place(size_t at, size_t first, size_t n_slots)
{
	return ((at ^ first) & 1) == 0 ? at ^ 1 : ((at ^ 1) + 2) & (n_slots - 1);
}

static size_t free_place(const struct csvr_key_slot *slots, size_t n_slots, uint64_t hash)
{
	const size_t first = hash & (n_slots - 1);
	size_t at = first;
	while (slots[at].number_plus_1 != 0)
		at = next_place(at, first, n_slots);
	return at;
}

static enum csvr_status reserve_slot(struct csvr_group_keys *keys)
{
	const size_t n_slots = places_for(keys->n_used_slots + 1);
	if (n_slots <= keys->n_slots)
		return CSVR_OK;
	struct csvr_key_slot *slots = new_slots(n_slots);
	if (slots == NULL)
		return CSVR_NO_MEMORY;
	for (size_t i = 0; i < keys->n_slots; i++) {
		const struct csvr_key_slot *slot = &keys->slots[i];
		if (slot->number_plus_1 != 0)
			slots[free_place(slots, n_slots, hash_of_slot(keys, slot))] = *slot;
	}
	free(keys->slots);
	keys->slots = slots;
	keys->n_slots = n_slots;
	return CSVR_OK;
}

static inline bool has_words(const struct csvr_key_slot *slot, const struct csvr_key_batch *batch,
			     size_t i)
{
	return ((slot->low ^ (uint64_t)batch->low[i]) | (slot->high ^ (uint64_t)batch->high[i]) |
		(slot->top ^ (uint64_t)batch->top[i]) | (slot->n_bytes ^ batch->n_bytes[i])) == 0 &&
	       slot->number_plus_1 != 0;
}

/* Whether the key of this number has the bytes of a long key before its last ones, which have been compared. Whole words are, which
 * the last bytes complete. */
static inline bool has_front(const struct csvr_group_keys *keys, uint32_t number,
			     const unsigned char *start, size_t n_bytes)
{
	const unsigned char *text = keys->bytes + keys->texts[number].offset;
	uint64_t differ = 0;
	for (size_t i = 0; i + CSVR_KEY_WORD_BYTES < n_bytes; i += 8)
		differ |= csvr_load8(text + i) ^ csvr_load8(start + i);
	return differ == 0;
}

/* The slot of a key, or the free one where it would be. */
static inline const struct csvr_key_slot *find_slot(const struct csvr_group_keys *keys,
						    const struct csvr_key_batch *batch, size_t i)
{
	const size_t first = (uint64_t)batch->hash[i] & (keys->n_slots - 1);
	for (size_t at = first;; at = next_place(at, first, keys->n_slots)) {
		const struct csvr_key_slot *slot = &keys->slots[at];
		if (has_words(slot, batch, i) &&
		    (batch->n_bytes[i] <= CSVR_KEY_WORD_BYTES ||
		     has_front(keys, slot->number_plus_1 - 1, batch->start[i], batch->n_bytes[i])))
			return slot;
		if (slot->number_plus_1 == 0)
			return slot;
	}
}

/* ---- adding ---- */

static enum csvr_status add_text(struct csvr_group_keys *keys, const unsigned char *text,
				 size_t n_bytes)
{
	struct csvr_key_text *texts = csvr_array_grow(keys->texts, &keys->keys_capacity,
						      keys->n_keys + 1, sizeof *texts);
	if (texts == NULL)
		return CSVR_NO_MEMORY;
	keys->texts = texts;
	unsigned char *bytes = csvr_array_grow(keys->bytes, &keys->bytes_capacity,
					       keys->n_bytes + n_bytes + CSVR_KEY_READABLE, 1);
	if (bytes == NULL)
		return CSVR_NO_MEMORY;
	keys->bytes = bytes;
	if (n_bytes > 0)
		memcpy(bytes + keys->n_bytes, text, n_bytes);
	texts[keys->n_keys++] = (struct csvr_key_text){ keys->n_bytes, (uint32_t)n_bytes };
	keys->n_bytes += n_bytes;
	return CSVR_OK;
}

static enum csvr_status add_slot(struct csvr_group_keys *keys, const struct csvr_key_batch *batch,
				 size_t i, uint32_t number)
{
	const enum csvr_status status = reserve_slot(keys);
	if (status != CSVR_OK)
		return status;
	keys->slots[free_place(keys->slots, keys->n_slots, (uint64_t)batch->hash[i])] =
		(struct csvr_key_slot){ (uint64_t)batch->low[i], (uint64_t)batch->high[i],
					(uint64_t)batch->top[i], number + 1, batch->n_bytes[i] };
	keys->n_used_slots++;
	return CSVR_OK;
}

/* The number of a text that is as it should be. */
static enum csvr_status find_text(struct csvr_group_keys *keys, const unsigned char *text,
				  size_t n_bytes, uint32_t *number)
{
	struct csvr_key_batch one;
	*number = CSVR_MISSING_KEY;
	if (n_bytes == 0)
		return CSVR_OK;
	one.start[0] = text;
	one.n_bytes[0] = (uint32_t)n_bytes;
	csvr_key_read(&one, 0, &keys->seed);
	const struct csvr_key_slot *slot = find_slot(keys, &one, 0);
	*number = slot->number_plus_1 - 1;
	if (slot->number_plus_1 != 0)
		return CSVR_OK;
	*number = (uint32_t)keys->n_keys;
	const enum csvr_status status = add_text(keys, text, n_bytes);
	return status == CSVR_OK ? add_slot(keys, &one, 0, *number) : status;
}

/* Adds a key of the batch that has no slot. */
__attribute__((noinline)) static enum csvr_status add_key(struct csvr_group_keys *keys,
							  const struct csvr_key_batch *batch,
							  size_t i,
							  const struct csvr_key_resolver *resolver,
							  uint32_t *number)
{
	const unsigned char *text = batch->start[i];
	size_t n_bytes = batch->n_bytes[i];
	if (resolver != NULL)
		resolver->resolve(resolver->context, &text, &n_bytes);
	const enum csvr_status status = find_text(keys, text, n_bytes, number);
	const bool is_same = n_bytes == batch->n_bytes[i] &&
			     memcmp(text, batch->start[i], n_bytes) == 0;
	/* A text as written that becomes another key; those that are long are rare, and resolved again each time. */
	if (status == CSVR_OK && !is_same && batch->n_bytes[i] <= CSVR_KEY_WORD_BYTES)
		return add_slot(keys, batch, i, *number);
	return status;
}

static enum csvr_status start(struct csvr_group_keys *keys)
{
	if (keys->n_keys == 0 && add_text(keys, NULL, 0) != CSVR_OK)
		return CSVR_NO_MEMORY;
	return reserve_slot(keys);
}

/* The number of a key that is not a short one at its first place. */
__attribute__((noinline)) static enum csvr_status find_at_other_place(
	struct csvr_group_keys *keys, const struct csvr_key_batch *batch, size_t i,
	const struct csvr_key_resolver *resolver, uint32_t *number)
{
	*number = CSVR_MISSING_KEY;
	if (batch->n_bytes[i] == 0)
		return CSVR_OK;
	const struct csvr_key_slot *slot = find_slot(keys, batch, i);
	*number = slot->number_plus_1 - 1;
	return slot->number_plus_1 != 0 ? CSVR_OK : add_key(keys, batch, i, resolver, number);
}

enum csvr_status csvr_group_keys_find(struct csvr_group_keys *keys,
				      const struct csvr_key_batch *batch, size_t n,
				      const struct csvr_key_resolver *resolver, uint32_t *numbers)
{
	enum csvr_status status = start(keys);
	if (status != CSVR_OK)
		return status;
	if (keys->n_slots >= PREFETCHED_SLOTS)
		for (size_t i = 0; i < n; i++)
			__builtin_prefetch(
				&keys->slots[(uint64_t)batch->hash[i] & (keys->n_slots - 1)]);
	uint8_t long_keys[CSVR_KEY_BATCH];
	size_t n_long = 0;
	for (size_t i = 0; i < n; i++) {
		const struct csvr_key_slot *slot =
			&keys->slots[(uint64_t)batch->hash[i] & (keys->n_slots - 1)];
		numbers[i] = slot->number_plus_1 - 1;
		long_keys[n_long] = (uint8_t)i;
		n_long += batch->n_bytes[i] > CSVR_KEY_WORD_BYTES;
		if (__builtin_expect(has_words(slot, batch, i), 1))
			continue;
		n_long -= batch->n_bytes[i] > CSVR_KEY_WORD_BYTES;
		status = find_at_other_place(keys, batch, i, resolver, &numbers[i]);
		if (status != CSVR_OK)
			return status;
	}
	/* Long keys are compared at last, since the lengths of keys cannot be predicted. */
	for (size_t k = 0; k < n_long && status == CSVR_OK; k++) {
		const size_t i = long_keys[k];
		if (!has_front(keys, numbers[i], batch->start[i], batch->n_bytes[i]))
			status = find_at_other_place(keys, batch, i, resolver, &numbers[i]);
	}
	return status;
}

void csvr_group_keys_read(const struct csvr_group_keys *from, size_t first, size_t n,
			  struct csvr_key_batch *batch)
{
	for (size_t i = 0; i < n; i++) {
		size_t n_bytes;
		batch->start[i] = csvr_group_key_text(from, first + i, &n_bytes);
		batch->n_bytes[i] = (uint32_t)n_bytes;
		csvr_key_read(batch, i, &from->seed);
	}
}

/* ---- pairs ---- */

void csvr_number_pairs_clear(struct csvr_number_pairs *pairs)
{
	free(pairs->slots);
	free(pairs->pairs);
	memset(pairs, 0, sizeof *pairs);
}

void csvr_number_pairs_reset(struct csvr_number_pairs *pairs)
{
	if (pairs->n_slots > 4 * FIRST_SLOTS && pairs->n_slots > 64 * pairs->n_pairs)
		csvr_number_pairs_clear(pairs);
	if (pairs->n_pairs > 0)
		memset(pairs->slots, 0, pairs->n_slots * sizeof *pairs->slots);
	pairs->n_pairs = 0;
}

/* Numbers are no text that someone chooses, and a fixed multiplier will do. */
static size_t place_of(const struct csvr_number_pairs *pairs, uint64_t pair)
{
	uint64_t hash = pair * UINT64_C(0x9e3779b97f4a7c15);
	hash ^= hash >> 32;
	return hash & (pairs->n_slots - 1);
}

static void place_pair(struct csvr_number_pairs *pairs, size_t number)
{
	size_t at = place_of(pairs, pairs->pairs[number]);
	while (pairs->slots[at] != 0)
		at = (at + 1) & (pairs->n_slots - 1);
	pairs->slots[at] = number + 1;
}

static enum csvr_status reserve_pair(struct csvr_number_pairs *pairs)
{
	const size_t n_slots = places_for(pairs->n_pairs + 1);
	uint64_t *array = csvr_array_grow(pairs->pairs, &pairs->capacity, pairs->n_pairs + 1,
					  sizeof *array);
	if (array == NULL)
		return CSVR_NO_MEMORY;
	pairs->pairs = array;
	if (n_slots <= pairs->n_slots)
		return CSVR_OK;
	free(pairs->slots);
	pairs->slots = calloc(n_slots, sizeof *pairs->slots);
	pairs->n_slots = pairs->slots != NULL ? n_slots : 0;
	if (pairs->slots == NULL)
		return CSVR_NO_MEMORY;
	for (size_t i = 0; i < pairs->n_pairs; i++)
		place_pair(pairs, i);
	return CSVR_OK;
}

enum csvr_status csvr_number_pairs_find(struct csvr_number_pairs *pairs, uint32_t *numbers,
					const uint32_t *second, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (reserve_pair(pairs) != CSVR_OK)
			return CSVR_NO_MEMORY;
		const uint64_t pair = (uint64_t)numbers[i] << 32 | second[i];
		size_t at = place_of(pairs, pair);
		while (pairs->slots[at] != 0 && pairs->pairs[pairs->slots[at] - 1] != pair)
			at = (at + 1) & (pairs->n_slots - 1);
		if (pairs->slots[at] == 0) {
			pairs->pairs[pairs->n_pairs++] = pair;
			pairs->slots[at] = pairs->n_pairs;
		}
		numbers[i] = (uint32_t)(pairs->slots[at] - 1);
	}
	return CSVR_OK;
}
