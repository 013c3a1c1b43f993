/* key_words.h - the keys of a batch of rows as words and hashes, by which rows with equal keys are found
 *
 * A key of up to CSVR_KEY_WORD_BYTES bytes is its last three words, with zeros before its first byte; so two short keys
 * are equal if their words and lengths are. Of a longer one they are its last bytes, and the hash covers the rest.
 *
 * Shape    key i is text[i].bytes[0, text[i].n_bytes); `low` holds its last 8 bytes, `high` the 8 before, `top` the 8 before these
 * Threads  pure
 */
#ifndef CSVR_BASE_KEY_WORDS_H
#define CSVR_BASE_KEY_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { CSVR_KEY_WORD_BYTES = 24, CSVR_KEY_BATCH = 256, CSVR_KEY_MARGIN = 8 };

/* The bytes before the words of a long key are hashed in blocks of this many words. */
enum { CSVR_KEY_BLOCK_WORDS = 8, CSVR_KEY_BLOCK_BYTES = 8 * CSVR_KEY_BLOCK_WORDS };

/* Odd multipliers, random for each run, so that nobody can choose keys with equal hashes. */
struct csvr_key_seed {
	uint64_t low, high, top, rest;
	uint64_t front[CSVR_KEY_BLOCK_WORDS];
};

struct csvr_key_batch {
	const unsigned char *start[CSVR_KEY_BATCH + CSVR_KEY_MARGIN]; /* of each key */
	uint32_t n_bytes[CSVR_KEY_BATCH + CSVR_KEY_MARGIN];
	int64_t low[CSVR_KEY_BATCH + CSVR_KEY_MARGIN], high[CSVR_KEY_BATCH + CSVR_KEY_MARGIN],
		top[CSVR_KEY_BATCH + CSVR_KEY_MARGIN];
	int64_t hash[CSVR_KEY_BATCH + CSVR_KEY_MARGIN];
	const bool *is_marked; /* by byte: set by the caller of read_keys of csvr_kernel */
	bool has_marked; /* the first byte of some cell is marked; cells may be empty */
	/* Keys that read_keys of csvr_kernel leaves to its caller, in order; until then they are empty. */
	uint8_t rejects[CSVR_KEY_BATCH];
	size_t n_rejects;
};

/* The bytes of a key before its last CSVR_KEY_WORD_BYTES, of which there are some, added to a hash. */
static inline uint64_t csvr_key_hash_front(const struct csvr_key_seed *seed,
					   const unsigned char *key, size_t n_bytes, uint64_t hash)
{
	for (size_t i = 0; i + CSVR_KEY_WORD_BYTES < n_bytes; i += 8) {
		const size_t left = n_bytes - CSVR_KEY_WORD_BYTES - i;
		uint64_t word;
		memcpy(&word, key + i, 8);
		if (left < 8)
			word &= (UINT64_C(1) << 8 * left) - 1;
		if (i % CSVR_KEY_BLOCK_BYTES == 0)
			hash = (hash ^ hash >> 32) * seed->rest;
		hash += word * seed->front[i / 8 % CSVR_KEY_BLOCK_WORDS];
	}
	return hash;
}

static inline uint64_t csvr_key_hash_finish(const struct csvr_key_seed *seed, uint64_t hash)
{
	hash ^= hash >> 32;
	hash *= seed->rest;
	return hash ^ hash >> 29;
}

/* Sets the words and the hash of key i, whose start and length are set: the definition that kernels follow. */
static inline void csvr_key_read(struct csvr_key_batch *keys, size_t i,
				 const struct csvr_key_seed *seed)
{
	unsigned char bytes[CSVR_KEY_WORD_BYTES] = { 0 };
	const size_t n = keys->n_bytes[i];
	const size_t n_last = n < CSVR_KEY_WORD_BYTES ? n : CSVR_KEY_WORD_BYTES;
	if (n_last > 0)
		memcpy(bytes + CSVR_KEY_WORD_BYTES - n_last, keys->start[i] + n - n_last, n_last);
	uint64_t low, high, top;
	memcpy(&top, bytes, 8);
	memcpy(&high, bytes + 8, 8);
	memcpy(&low, bytes + 16, 8);
	uint64_t hash = low * seed->low + high * seed->high + top * seed->top + n;
	if (n > CSVR_KEY_WORD_BYTES)
		hash = csvr_key_hash_front(seed, keys->start[i], n, hash);
	keys->low[i] = (int64_t)low;
	keys->high[i] = (int64_t)high;
	keys->top[i] = (int64_t)top;
	keys->hash[i] = (int64_t)csvr_key_hash_finish(seed, hash);
}

#endif
