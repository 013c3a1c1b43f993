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

/* The number of keys in each line, as long as place_keys adds them. It follows the counts. */
static unsigned char *n_in_lines(const struct csvr_key_table *table)
{
	return (unsigned char *)(table->counts + table->n_slots);
}

static size_t n_lines(uint32_t n_slots)
{
	return n_slots / CSVR_KEYS_IN_LINE;
}

static void clear_keys(struct csvr_key_table *table)
{
	memset(table->keys, 0, table->n_slots * sizeof(uint64_t));
	memset(n_in_lines(table), 0, n_lines(table->n_slots));
	table->n_keys = 0;
}

/* Adds keys to a table after clear_keys, which has none of them. The way to an empty slot is short, as they are in
 * the order of slots of a table. */
static void place_keys(struct csvr_key_table *table, const uint64_t *keys, const uint64_t *counts,
		       size_t n_keys)
{
	unsigned char *n_in_line = n_in_lines(table);
	const size_t mask = n_lines(table->n_slots) - 1;
	for (size_t i = 0; i < n_keys; i++) {
		size_t line = csvr_key_line(table, keys[i]);
		while (n_in_line[line] == CSVR_KEYS_IN_LINE)
			line = (line + 1) & mask;
		const size_t at = line * CSVR_KEYS_IN_LINE + n_in_line[line]++;
		table->keys[at] = keys[i];
		table->counts[at] = counts[i];
	}
	table->n_keys += (uint32_t)n_keys;
}

static void copy_keys(struct csvr_key_table *into, const struct csvr_key_table *from)
{
	uint64_t keys[CSVR_MAX_BATCH], counts[CSVR_MAX_BATCH];
	size_t n = 0;
	for (uint32_t i = 0; i < from->n_slots; i++) {
		keys[n] = from->keys[i];
		counts[n] = from->counts[i];
		n += keys[n] != 0;
		if (n < CSVR_MAX_BATCH)
			continue;
		place_keys(into, keys, counts, n);
		n = 0;
	}
	place_keys(into, keys, counts, n);
}

enum csvr_status csvr_key_table_resize(struct csvr_key_table *table, uint32_t n_slots,
				       uint64_t multiplier)
{
	const size_t n_bytes = 2 * n_slots * sizeof(uint64_t) + n_lines(n_slots);
	uint64_t *memory = aligned_alloc(LINE_BYTES,
					 (n_bytes + LINE_BYTES - 1) / LINE_BYTES * LINE_BYTES);
	if (memory == NULL)
		return CSVR_NO_MEMORY;
	const unsigned n_bits = (unsigned)__builtin_ctz(n_slots / CSVR_KEYS_IN_LINE);
	struct csvr_key_table resized = { .keys = memory,
					  .counts = memory + n_slots,
					  .multiplier = multiplier,
					  .kernels = table->kernels,
					  .n_slots = n_slots,
					  .shift = 64 - n_bits };
	clear_keys(&resized);
	if (table->n_keys > 0)
		copy_keys(&resized, table);
	free(table->keys);
	*table = resized;
	return CSVR_OK;
}

void csvr_key_table_drop(struct csvr_key_table *table, uint64_t max_key)
{
	uint64_t keys[CSVR_MAX_SLOTS], counts[CSVR_MAX_SLOTS];
	size_t n = 0;
	for (uint32_t i = 0; i < table->n_slots; i++) {
		keys[n] = table->keys[i];
		counts[n] = table->counts[i];
		n += keys[n] - 1 < max_key; /* not for 0 */
	}
	if (n == table->n_keys)
		return;
	clear_keys(table);
	place_keys(table, keys, counts, n);
}
