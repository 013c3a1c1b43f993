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

/* A place of the hash table: half a cache line, with all bytes of a short key. */
struct csvr_key_slot {
	uint64_t low, high, top; /* as in struct csvr_key_batch */
	uint32_t number_plus_1; /* 0: free */
	uint32_t n_bytes;
};

struct csvr_key_text {
	size_t offset; /* in `bytes` */
	uint32_t n_bytes;
};

struct csvr_group_keys {
	struct csvr_key_seed seed;
	struct csvr_key_slot *slots; /* as many as a power of two; NULL: none yet */
	size_t n_slots, n_used_slots;
	struct csvr_key_text *texts; /* by number; that of the missing key is empty */
	size_t n_keys, keys_capacity;
	unsigned char *bytes;
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

/* The text of a key, which is not the missing one. */
static inline const unsigned char *csvr_group_key_text(const struct csvr_group_keys *keys,
						       size_t number, size_t *n_bytes)
{
	*n_bytes = keys->texts[number].n_bytes;
	return keys->bytes + keys->texts[number].offset;
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
