/* group_keys.h - the distinct keys of rows, numbered
 *
 * A key is a text, or missing. Keys as written in cells can differ although they are the same key, such as null words,
 * and texts in another encoding: these get the number of the key that they become.
 *
 * Shape    number 0 is the missing key, which always exists; others are numbered as they are found, so no
 *          result may depend on the numbers
 * Errors   CSVR_NO_MEMORY
 * Threads  each belongs to one thread at a time
 */
#ifndef CSVR_STATS_GROUP_KEYS_H
#define CSVR_STATS_GROUP_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/key_words.h"
#include "csvreport.h"

enum {
	CSVR_MISSING_KEY = 0,
	CSVR_KEY_READABLE = 32 /* bytes from the end of a key on; see struct csvr_text */
};

/* A place of the hash table. */
struct csvr_key_slot {
	uint32_t tag; /* the upper half of the hash */
	/* The number of the key, or with CSVR_KEY_ALIAS the index of an alias; 0: the place is free. */
	uint32_t number;
};

#define CSVR_KEY_ALIAS (UINT32_C(1) << 31)

/* A key, or an alias: a short text as written that is another key. In memory, the words are the last bytes of the text, after
 * zeros. */
struct csvr_key_record {
	uint64_t top, high, low;
	uint32_t n_bytes;
	/* Of a long key: where `bytes` has the whole text, in units of 8 bytes. Of an alias: the number of the key. */
	uint32_t at;
};

struct csvr_group_keys {
	struct csvr_key_seed seed;
	struct csvr_key_slot *slots; /* as many as a power of two; NULL: none yet */
	size_t n_slots, n_used_slots;
	struct csvr_key_record *records; /* by number; that of the missing key is empty */
	size_t n_keys, keys_capacity;
	struct csvr_key_record *aliases;
	size_t n_aliases, aliases_capacity;
	unsigned char *bytes; /* texts of long keys */
	size_t n_bytes, bytes_capacity;
};

/* Turns the text of a new key, as written, into the key: sets `*text` and `*n_bytes`; 0 bytes: the key is missing. The new
 * text must be valid until the next call. */
struct csvr_key_resolver {
	void (*resolve)(void *context, const unsigned char **text, size_t *n_bytes);
	void *context;
};

void csvr_group_keys_init(struct csvr_group_keys *keys);
void csvr_group_keys_clear(struct csvr_group_keys *keys);

/* Removes all keys but the missing one. Keeps the memory, unless it is much more than the keys have used. */
void csvr_group_keys_reset(struct csvr_group_keys *keys);

/* Sets numbers[i] to the number of each key of the batch; new ones are added. `resolver` NULL: new keys are as they
 * should be. Most keys have been added before. */
enum csvr_status csvr_group_keys_find(struct csvr_group_keys *keys,
				      const struct csvr_key_batch *batch, size_t n,
				      const struct csvr_key_resolver *resolver, uint32_t *numbers);

/* Sets the words and hashes of keys [first, first + n) of `from`, for csvr_group_keys_find. */
void csvr_group_keys_read(const struct csvr_group_keys *from, size_t first, size_t n,
			  struct csvr_key_batch *batch);

/* The text of a key, which is not the missing one. It is valid until a key is added. */
static inline const unsigned char *csvr_group_key_text(const struct csvr_group_keys *keys,
						       size_t number, size_t *n_bytes)
{
	const struct csvr_key_record *record = &keys->records[number];
	*n_bytes = record->n_bytes;
	return record->n_bytes > CSVR_KEY_WORD_BYTES
		       ? keys->bytes + 8 * (size_t)record->at
		       : (const unsigned char *)record + CSVR_KEY_WORD_BYTES - record->n_bytes;
}

/* Numbers for pairs of numbers: groups by several keys, two at a time. */
struct csvr_number_pairs {
	uint64_t *slots; /* index + 1 into `pairs`; 0: free */
	size_t n_slots;
	uint64_t *pairs; /* first << 32 | second, by number */
	size_t n_pairs, capacity;
};

void csvr_number_pairs_clear(struct csvr_number_pairs *pairs);
void csvr_number_pairs_reset(struct csvr_number_pairs *pairs);

/* Sets numbers[i] to the number of the pair (numbers[i], second[i]); new ones are added. */
enum csvr_status csvr_number_pairs_find(struct csvr_number_pairs *pairs, uint32_t *numbers,
					const uint32_t *second, size_t n);

#endif
