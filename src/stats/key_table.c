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

/* Adds keys to a table that has none of them, and of which `n_in_line` knows how many keys are in each line, at its
 * start. */
static void place_keys(struct csvr_key_table *table, unsigned char *n_in_line, const uint64_t *keys,
		       const uint64_t *counts, size_t n_keys)
{
	const size_t last_line = table->n_slots / CSVR_KEYS_IN_LINE - 1;
	for (size_t i = 0; i < n_keys; i++) {
		size_t line = csvr_key_line(table, keys[i]);
		while (n_in_line[line] == CSVR_KEYS_IN_LINE)
			line = (line + 1) & last_line;
		const size_t at = line * CSVR_KEYS_IN_LINE + n_in_line[line]++;
		table->keys[at] = keys[i];
		table->counts[at] = counts[i];
	}
	table->n_keys += (uint32_t)n_keys;
}

/* Copies the keys up to `max_key` to an empty table. Both have them in the same order, so that the way to an empty
 * slot is short. */
static void copy_keys(struct csvr_key_table *into, unsigned char *n_in_line,
		      const struct csvr_key_table *from, uint64_t max_key)
{
	uint64_t keys[CSVR_MAX_BATCH], counts[CSVR_MAX_BATCH];
	size_t n = 0;
	for (uint32_t i = 0; i < from->n_slots; i++) {
		keys[n] = from->keys[i];
		counts[n] = from->counts[i];
		n += keys[n] - 1 < max_key; /* not for 0 */
		if (n < CSVR_MAX_BATCH)
			continue;
		place_keys(into, n_in_line, keys, counts, n);
		n = 0;
	}
	place_keys(into, n_in_line, keys, counts, n);
}

enum csvr_status csvr_key_table_rebuild(struct csvr_key_table *table, uint32_t n_slots,
					uint64_t max_key, uint64_t multiplier)
{
	const size_t n_bytes = n_slots * sizeof(uint64_t), n_lines = n_slots / CSVR_KEYS_IN_LINE;
	/* Keys, counts, and the number of keys of each line. */
	const size_t n_all = (2 * n_bytes + n_lines + LINE_BYTES - 1) / LINE_BYTES * LINE_BYTES;
	uint64_t *memory = aligned_alloc(LINE_BYTES, n_all);
	if (memory == NULL)
		return CSVR_NO_MEMORY;
	unsigned char *n_in_line = (unsigned char *)(memory + 2 * (size_t)n_slots);
	memset(memory, 0, n_bytes);
	memset(n_in_line, 0, n_lines);
	const unsigned n_bits = (unsigned)__builtin_ctz(n_slots / CSVR_KEYS_IN_LINE);
	struct csvr_key_table rebuilt = { .keys = memory,
					  .counts = memory + n_slots,
					  .multiplier = multiplier,
					  .kernels = table->kernels,
					  .n_slots = n_slots,
					  .shift = 64 - n_bits };
	copy_keys(&rebuilt, n_in_line, table, max_key);
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
