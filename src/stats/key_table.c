/* key_table.c - a hash table that counts 64-bit keys
 *
 * Invariant: from the first slot of its line (csvr_key_line) to the slot of a key there is no empty slot,
 * around the end of the table.
 */
#include "stats/key_table.h"

#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = CSVR_KEYS_IN_LINE * sizeof(uint64_t) };

void csvr_key_table_clear(struct csvr_key_table *table)
{
	free(table->keys);
	memset(table, 0, sizeof *table);
}

void csvr_key_table_reset(struct csvr_key_table *table)
{
	/* Emptying a large table for each of many small files would take longer than reading them. */
	if (table->n_slots > CSVR_FIRST_SLOTS && table->n_keys < table->n_slots / 16)
		csvr_key_table_clear(table);
	if (table->n_keys > 0)
		memset(table->keys, 0, table->n_slots * sizeof(uint64_t));
	table->n_keys = 0;
}

/* The slot of the key, or the empty one where it belongs. */
static size_t find_slot(const struct csvr_key_table *table, uint64_t key)
{
	const uint64_t *keys = table->keys;
	const size_t mask = table->n_slots - 1;
	size_t at = csvr_key_line(table, key) * CSVR_KEYS_IN_LINE;
	while (keys[at] != key && keys[at] != 0)
		at = (at + 1) & mask;
	return at;
}

uint64_t *csvr_key_table_find(const struct csvr_key_table *table, uint64_t key)
{
	if (table->n_slots == 0)
		return NULL;
	const size_t at = find_slot(table, key);
	return table->keys[at] != 0 ? &table->counts[at] : NULL;
}

static void put(struct csvr_key_table *table, uint64_t key, uint64_t count)
{
	const size_t at = find_slot(table, key);
	table->keys[at] = key;
	table->counts[at] = count;
}

void csvr_key_table_insert(struct csvr_key_table *table, uint64_t key, uint64_t count)
{
	put(table, key, count);
	table->n_keys++;
}

size_t csvr_key_table_count(struct csvr_key_table *table, uint32_t max_keys, uint64_t *keys,
			    uint64_t *counts, size_t n_keys)
{
	if (table->kernels == NULL)
		table->kernels = csvr_batch_kernels_for("scalar");
	return table->kernels->count_keys(table, max_keys, keys, counts, n_keys);
}

/* Copies keys to an empty table. Both have them in the same order, so that the way to an empty slot is short. */
static void copy_keys(struct csvr_key_table *into, const struct csvr_key_table *from,
		      uint64_t max_key)
{
	const size_t mask = into->n_slots - 1;
	uint32_t n = 0;
	for (uint32_t i = 0; i < from->n_slots; i++) {
		const uint64_t key = from->keys[i];
		if (key - 1 >= max_key) /* also for 0 */
			continue;
		size_t at = csvr_key_line(into, key) * CSVR_KEYS_IN_LINE;
		while (into->keys[at] != 0)
			at = (at + 1) & mask;
		into->keys[at] = key;
		into->counts[at] = from->counts[i];
		n++;
	}
	into->n_keys = n;
}

enum csvr_status csvr_key_table_rebuild(struct csvr_key_table *table, uint32_t n_slots,
					uint64_t max_key, uint64_t multiplier)
{
	const size_t n_bytes = n_slots * sizeof(uint64_t);
	uint64_t *memory = aligned_alloc(LINE_BYTES, 2 * n_bytes);
	if (memory == NULL)
		return CSVR_NO_MEMORY;
	memset(memory, 0, n_bytes);
	const unsigned n_bits = (unsigned)__builtin_ctz(n_slots / CSVR_KEYS_IN_LINE);
	struct csvr_key_table rebuilt = { .keys = memory,
					  .counts = memory + n_slots,
					  .multiplier = multiplier,
					  .kernels = table->kernels,
					  .n_slots = n_slots,
					  .shift = 64 - n_bits };
	copy_keys(&rebuilt, table, max_key);
	free(table->keys);
	*table = rebuilt;
	return CSVR_OK;
}

void csvr_key_table_drop(struct csvr_key_table *table, uint64_t max_key)
{
	if (table->n_keys == 0)
		return;
	uint64_t *keys = table->keys;
	const size_t mask = table->n_slots - 1;
	size_t start = 0;
	while (keys[start] != 0)
		start++;
	/* The way to no key crosses an empty slot. After it, each key that is kept is taken out and put
	 * back: into its slot, or one before it that became empty. */
	for (size_t i = 1; i < table->n_slots; i++) {
		const size_t at = (start + i) & mask;
		const uint64_t key = keys[at], count = table->counts[at];
		if (key == 0)
			continue;
		keys[at] = 0;
		if (key <= max_key)
			put(table, key, count);
		else
			table->n_keys--;
	}
}
