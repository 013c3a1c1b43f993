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

enum { SLOTS_OF_LINE = 64 / sizeof(struct csvr_key_slot) };

/* Slots from which on they and the records are prefetched: with the sums, these are larger than a second-level cache. */
enum { PREFETCHED_SLOTS = 1 << 14 };

/* Records from which on they grow by less than their number. */
enum { MANY_RECORDS = 1 << 16 };

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

static size_t bytes_of_slots(size_t n)
{
	return n * sizeof(struct csvr_key_slot);
}

/* A text must be readable CSVR_KEY_READABLE bytes from its end on. */
static size_t bytes_of_records(size_t capacity)
{
	return capacity > 0 ? capacity * sizeof(struct csvr_key_record) + CSVR_KEY_READABLE : 0;
}

void csvr_group_keys_clear(struct csvr_group_keys *keys)
{
	csvr_lines_free(keys->slots, bytes_of_slots(keys->n_slots));
	csvr_lines_free(keys->records, bytes_of_records(keys->keys_capacity));
	free(keys->aliases);
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
		memset(keys->slots, 0, bytes_of_slots(keys->n_slots));
	keys->n_used_slots = keys->n_aliases = keys->n_bytes = 0;
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

static const unsigned char *long_text(const struct csvr_group_keys *keys,
				      const struct csvr_key_record *record)
{
	return keys->bytes + 8 * (size_t)record->at;
}

static uint64_t hash_of_record(const struct csvr_group_keys *keys,
			       const struct csvr_key_record *record)
{
	const struct csvr_key_seed *seed = &keys->seed;
	uint64_t hash = record->low * seed->low + record->high * seed->high +
			record->top * seed->top + record->n_bytes;
	if (record->n_bytes > CSVR_KEY_WORD_BYTES)
		hash = csvr_key_hash_front(seed, long_text(keys, record), record->n_bytes, hash);
	return csvr_key_hash_finish(seed, hash);
}

/* The place to look at after `at`; `first` is the first one. The others in the cache line come before those of the next
 * line, which is not in the cache. */
static inline size_t next_place(size_t at, size_t first, size_t n_slots)
{
	const size_t line = at & ~(size_t)(SLOTS_OF_LINE - 1);
	const size_t next = line | ((at + 1) & (SLOTS_OF_LINE - 1));
	return ((next ^ first) & (SLOTS_OF_LINE - 1)) != 0 ? next
							   : (next + SLOTS_OF_LINE) & (n_slots - 1);
}

static void add_slot(struct csvr_group_keys *keys, uint64_t hash, uint32_t number)
{
	const size_t first = hash & (keys->n_slots - 1);
	size_t at = first;
	while (keys->slots[at].number != 0)
		at = next_place(at, first, keys->n_slots);
	keys->slots[at] = (struct csvr_key_slot){ (uint32_t)(hash >> 32), number };
}

/* Makes room for another slot. The old table is freed before there is a new one, which is made from the records. */
static enum csvr_status reserve_slot(struct csvr_group_keys *keys)
{
	const size_t n_slots = places_for(keys->n_used_slots + 1);
	if (n_slots <= keys->n_slots)
		return CSVR_OK;
	csvr_lines_free(keys->slots, bytes_of_slots(keys->n_slots));
	keys->n_slots = 0;
	keys->slots = csvr_lines_grow(NULL, 0, bytes_of_slots(n_slots));
	if (keys->slots == NULL)
		return CSVR_NO_MEMORY;
	keys->n_slots = n_slots;
	for (size_t i = CSVR_MISSING_KEY + 1; i < keys->n_keys; i++)
		add_slot(keys, hash_of_record(keys, &keys->records[i]), (uint32_t)i);
	for (size_t i = 0; i < keys->n_aliases; i++)
		add_slot(keys, hash_of_record(keys, &keys->aliases[i]),
			 CSVR_KEY_ALIAS | (uint32_t)i);
	return CSVR_OK;
}

static inline bool has_words(const struct csvr_key_record *record,
			     const struct csvr_key_batch *batch, size_t i)
{
	return ((record->low ^ (uint64_t)batch->low[i]) |
		(record->high ^ (uint64_t)batch->high[i]) |
		(record->top ^ (uint64_t)batch->top[i]) | (record->n_bytes ^ batch->n_bytes[i])) ==
	       0;
}

/* Whether a record has the bytes of a long key before its last ones, which have been compared. Whole words are, which the last
 * bytes complete. */
static inline bool has_front(const struct csvr_group_keys *keys,
			     const struct csvr_key_record *record, const unsigned char *start,
			     size_t n_bytes)
{
	const unsigned char *text = long_text(keys, record);
	uint64_t differ = 0;
	for (size_t i = 0; i + CSVR_KEY_WORD_BYTES < n_bytes; i += 8)
		differ |= csvr_load8(text + i) ^ csvr_load8(start + i);
	return differ == 0;
}

/* Sets `*number` to that of a key. False: it has none yet. */
static bool find_number(const struct csvr_group_keys *keys, const struct csvr_key_batch *batch,
			size_t i, uint32_t *number)
{
	const uint64_t hash = (uint64_t)batch->hash[i];
	const size_t first = hash & (keys->n_slots - 1);
	for (size_t at = first;; at = next_place(at, first, keys->n_slots)) {
		const struct csvr_key_slot slot = keys->slots[at];
		if (slot.number == 0)
			return false;
		if (slot.tag != (uint32_t)(hash >> 32))
			continue;
		const bool is_alias = (slot.number & CSVR_KEY_ALIAS) != 0;
		const struct csvr_key_record *record =
			is_alias ? &keys->aliases[slot.number & ~CSVR_KEY_ALIAS]
				 : &keys->records[slot.number];
		*number = is_alias ? record->at : slot.number;
		if (has_words(record, batch, i) &&
		    (batch->n_bytes[i] <= CSVR_KEY_WORD_BYTES ||
		     has_front(keys, record, batch->start[i], batch->n_bytes[i])))
			return true;
	}
}

/* ---- adding ---- */

/* Makes room for another key. */
static enum csvr_status reserve_record(struct csvr_group_keys *keys)
{
	const size_t old = keys->keys_capacity;
	if (keys->n_keys < old)
		return CSVR_OK;
	const size_t capacity = old == 0             ? FIRST_SLOTS / FEW_SPARE
				: old < MANY_RECORDS ? 2 * old
						     : old + old / 4;
	if (keys->n_keys >= CSVR_KEY_ALIAS - 1)
		return CSVR_NO_MEMORY;
	struct csvr_key_record *records = csvr_lines_grow(keys->records, bytes_of_records(old),
							  bytes_of_records(capacity));
	if (records == NULL)
		return CSVR_NO_MEMORY;
	keys->records = records;
	keys->keys_capacity = capacity;
	return CSVR_OK;
}

static struct csvr_key_record record_of(const struct csvr_key_batch *batch, size_t i, uint32_t at)
{
	return (struct csvr_key_record){ .top = (uint64_t)batch->top[i],
					 .high = (uint64_t)batch->high[i],
					 .low = (uint64_t)batch->low[i],
					 .n_bytes = batch->n_bytes[i],
					 .at = at };
}

/* Keeps the text of a long key; sets where it is. */
static enum csvr_status add_text(struct csvr_group_keys *keys, const unsigned char *text,
				 size_t n_bytes, uint32_t *at)
{
	if (keys->n_bytes / 8 > UINT32_MAX)
		return CSVR_NO_MEMORY;
	unsigned char *bytes = csvr_array_grow(keys->bytes, &keys->bytes_capacity,
					       keys->n_bytes + n_bytes + CSVR_KEY_READABLE, 1);
	if (bytes == NULL)
		return CSVR_NO_MEMORY;
	keys->bytes = bytes;
	memcpy(bytes + keys->n_bytes, text, n_bytes);
	*at = (uint32_t)(keys->n_bytes / 8);
	keys->n_bytes += (n_bytes + 7) / 8 * 8;
	return CSVR_OK;
}

/* Adds a key of a batch; sets its number. */
static enum csvr_status add_record(struct csvr_group_keys *keys, const struct csvr_key_batch *batch,
				   size_t i, uint32_t *number)
{
	uint32_t at = 0;
	if (reserve_record(keys) != CSVR_OK || reserve_slot(keys) != CSVR_OK)
		return CSVR_NO_MEMORY;
	if (batch->n_bytes[i] > CSVR_KEY_WORD_BYTES &&
	    add_text(keys, batch->start[i], batch->n_bytes[i], &at) != CSVR_OK)
		return CSVR_NO_MEMORY;
	*number = (uint32_t)keys->n_keys++;
	keys->records[*number] = record_of(batch, i, at);
	add_slot(keys, (uint64_t)batch->hash[i], *number);
	keys->n_used_slots++;
	return CSVR_OK;
}

/* Adds a short text as written that becomes another key. */
static enum csvr_status add_alias(struct csvr_group_keys *keys, const struct csvr_key_batch *batch,
				  size_t i, uint32_t number)
{
	struct csvr_key_record *aliases = csvr_array_grow(keys->aliases, &keys->aliases_capacity,
							  keys->n_aliases + 1, sizeof *aliases);
	if (aliases == NULL)
		return CSVR_NO_MEMORY;
	keys->aliases = aliases;
	if (reserve_slot(keys) != CSVR_OK || keys->n_aliases >= CSVR_KEY_ALIAS - 1)
		return CSVR_NO_MEMORY;
	aliases[keys->n_aliases] = record_of(batch, i, number);
	add_slot(keys, (uint64_t)batch->hash[i], CSVR_KEY_ALIAS | (uint32_t)keys->n_aliases);
	keys->n_aliases++;
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
	return find_number(keys, &one, 0, number) ? CSVR_OK : add_record(keys, &one, 0, number);
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
	if (n_bytes == batch->n_bytes[i] && memcmp(text, batch->start[i], n_bytes) == 0)
		return add_record(keys, batch, i, number);
	const enum csvr_status status = find_text(keys, text, n_bytes, number);
	/* Long texts that become another key are rare, and resolved again each time. */
	if (status == CSVR_OK && batch->n_bytes[i] <= CSVR_KEY_WORD_BYTES)
		return add_alias(keys, batch, i, *number);
	return status;
}

static enum csvr_status start(struct csvr_group_keys *keys)
{
	if (keys->n_keys == 0) {
		if (reserve_record(keys) != CSVR_OK)
			return CSVR_NO_MEMORY;
		keys->records[CSVR_MISSING_KEY] = (struct csvr_key_record){ 0 };
		keys->n_keys = 1;
	}
	return reserve_slot(keys);
}

/* The number of a key that is not a short one at its first place. */
__attribute__((noinline)) static enum csvr_status find_at_other_place(
	struct csvr_group_keys *keys, const struct csvr_key_batch *batch, size_t i,
	const struct csvr_key_resolver *resolver, uint32_t *number)
{
	*number = CSVR_MISSING_KEY;
	if (batch->n_bytes[i] == 0)
		return CSVR_OK; /* its words may be anything */
	return find_number(keys, batch, i, number) ? CSVR_OK
						   : add_key(keys, batch, i, resolver, number);
}

/* ---- finding ---- */

/* The key whose slot is in the first line for a hash and has its tag, which is very probably the key; that of no key: none. */
static inline uint32_t find_tag(const struct csvr_group_keys *keys, uint64_t hash)
{
	const size_t first = hash & (keys->n_slots - 1);
	const struct csvr_key_slot *line = &keys->slots[first & ~(size_t)(SLOTS_OF_LINE - 1)];
	for (size_t i = 0; i < SLOTS_OF_LINE; i++) {
		const struct csvr_key_slot *slot = &line[(first + i) & (SLOTS_OF_LINE - 1)];
		if (slot->tag == (uint32_t)(hash >> 32) || slot->number == 0)
			return (slot->number & CSVR_KEY_ALIAS) == 0 ? slot->number
								    : CSVR_MISSING_KEY;
	}
	return CSVR_MISSING_KEY;
}

/* Sets numbers[i] to what keys of a large table probably have. */
static void find_tags(const struct csvr_group_keys *keys, const struct csvr_key_batch *batch,
		      size_t n, uint32_t *numbers)
{
	for (size_t i = 0; i < n; i++)
		__builtin_prefetch(&keys->slots[(uint64_t)batch->hash[i] & (keys->n_slots - 1)]);
	for (size_t i = 0; i < n; i++) {
		numbers[i] = find_tag(keys, (uint64_t)batch->hash[i]);
		__builtin_prefetch(&keys->records[numbers[i]]);
	}
}

enum csvr_status csvr_group_keys_find(struct csvr_group_keys *keys,
				      const struct csvr_key_batch *batch, size_t n,
				      const struct csvr_key_resolver *resolver, uint32_t *numbers)
{
	uint8_t others[CSVR_KEY_BATCH], long_keys[CSVR_KEY_BATCH];
	size_t n_others = 0, n_long = 0;
	enum csvr_status status = start(keys);
	if (status != CSVR_OK)
		return status;
	const bool is_large = keys->n_slots >= PREFETCHED_SLOTS;
	if (is_large)
		find_tags(keys, batch, n, numbers);
	for (size_t i = 0; i < n; i++) {
		const uint32_t number =
			is_large ? numbers[i]
				 : keys->slots[(uint64_t)batch->hash[i] & (keys->n_slots - 1)]
					   .number;
		numbers[i] = number;
		long_keys[n_long] = (uint8_t)i;
		n_long += batch->n_bytes[i] > CSVR_KEY_WORD_BYTES;
		if (__builtin_expect((number & CSVR_KEY_ALIAS) == 0 &&
					     has_words(&keys->records[number], batch, i),
				     1))
			continue;
		n_long -= batch->n_bytes[i] > CSVR_KEY_WORD_BYTES;
		others[n_others++] = (uint8_t)i;
	}
	/* Long keys are compared at last, since the lengths of keys cannot be predicted. */
	for (size_t k = 0; k < n_long; k++) {
		const size_t i = long_keys[k];
		if (!has_front(keys, &keys->records[numbers[i]], batch->start[i],
			       batch->n_bytes[i]))
			others[n_others++] = (uint8_t)i;
	}
	for (size_t k = 0; k < n_others && status == CSVR_OK; k++)
		status = find_at_other_place(keys, batch, others[k], resolver, &numbers[others[k]]);
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
