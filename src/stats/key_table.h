/* key_table.h - a hash table that counts 64-bit keys
 *
 * Shape    open addressing in lines of eight keys, each a cache line, so that one comparison of vectors
 *          finds a key. A table of zeros is empty. 12 bytes for each slot.
 * Errors   CSVR_NO_MEMORY: the table is as before
 * Threads  one thread at a time
 */
#ifndef CSVR_STATS_KEY_TABLE_H
#define CSVR_STATS_KEY_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/batch_kernels.h"

enum {
	CSVR_KEYS_IN_LINE = 8,
	CSVR_FIRST_SLOTS = 2 * CSVR_KEYS_IN_LINE, /* two lines: a shift by 63 selects one */
	CSVR_MAX_SLOTS = 8192
};

/* The upper bits of a count that does not fit into 32 bits: the count of `key` is that of its slot plus 2^32 `n`. */
struct csvr_key_carry {
	uint64_t key, n;
};

struct csvr_key_table {
	/* By slot, in lines that are aligned to cache lines; 0: no key. Owns the memory of `counts`, too. */
	uint64_t *keys;
	uint32_t *counts; /* by slot: the lower 32 bits */
	struct csvr_key_carry *carries; /* in any order; NULL: none */
	size_t n_carries, carries_capacity;
	uint64_t multiplier;
	const struct csvr_batch_kernels *kernels; /* to be used; NULL: the scalar ones */
	uint32_t n_slots; /* a power of two; 0: no memory */
	uint32_t n_keys;
	unsigned shift;
};

/* The line where the search for a key starts. */
static inline size_t csvr_key_line(const struct csvr_key_table *table, uint64_t key)
{
	return (size_t)(key * table->multiplier >> table->shift);
}

/* The most keys that a table of so many slots should have. */
static inline uint32_t csvr_key_table_capacity(uint32_t n_slots)
{
	return n_slots / 4 * 3;
}

void csvr_key_table_clear(struct csvr_key_table *table);

/* Removes all keys. Keeps the memory, unless it was hardly used. */
void csvr_key_table_reset(struct csvr_key_table *table);

/* Changes the number of slots to a power of two, at most CSVR_MAX_SLOTS, where the keys fit. `multiplier` is odd, and
 * the same in all calls for a table. Places in the table depend on it, so that nobody who does not know it can
 * choose keys that collide. */
enum csvr_status csvr_key_table_resize(struct csvr_key_table *table, uint32_t n_slots,
				       uint64_t multiplier);

/* The count of the key in a slot that has one. */
uint64_t csvr_key_table_count_at(const struct csvr_key_table *table, size_t slot);

/* The slot of a key, which is not 0; false: the table does not have it. */
bool csvr_key_table_find(const struct csvr_key_table *table, uint64_t key, size_t *slot);

/* Adds to the count of the key in a slot. */
enum csvr_status csvr_key_table_add_at(struct csvr_key_table *table, size_t slot, uint64_t count);

/* Adds a key that the table does not have; one slot must remain empty. */
enum csvr_status csvr_key_table_insert(struct csvr_key_table *table, uint64_t key, uint64_t count);

/* As csvr_batch_kernels.count_keys. */
size_t csvr_key_table_count(struct csvr_key_table *table, uint32_t max_keys, uint64_t *keys,
			    uint64_t *counts, size_t n_keys);

/* Removes the keys above `max_key`. */
void csvr_key_table_drop(struct csvr_key_table *table, uint64_t max_key);

#endif
