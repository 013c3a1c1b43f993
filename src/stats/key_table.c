/* key_table.c - a hash table that counts 64-bit keys
 *
 * Invariant: from the first slot of its line (csvr_key_line) to the slot of a key there is no empty slot,
 * around the end of the table.
 */
#include "stats/key_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { LINE_BYTES = CSVR_KEYS_IN_LINE * sizeof(uint64_t) };

void csvr_key_table_clear(struct csvr_key_table *table)
{
	free(table->keys);
	free(table->carries);
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
	table->n_carries = 0;
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

bool csvr_key_table_find(const struct csvr_key_table *table, uint64_t key, size_t *slot)
{
	if (table->n_slots == 0)
		return false;
	*slot = find_slot(table, key);
	return table->keys[*slot] != 0;
}

/* ---- counts ---- */

enum { COUNT_BITS = 32 };

static struct csvr_key_carry *find_carry(const struct csvr_key_table *table, uint64_t key)
{
	for (size_t i = 0; i < table->n_carries; i++)
		if (table->carries[i].key == key)
			return &table->carries[i];
	return NULL;
}

uint64_t csvr_key_table_count_at(const struct csvr_key_table *table, size_t slot)
{
	const struct csvr_key_carry *carry = find_carry(table, table->keys[slot]);
	return table->counts[slot] + (carry != NULL ? carry->n << COUNT_BITS : 0);
}

static enum csvr_status add_carry(struct csvr_key_table *table, uint64_t key, uint64_t n)
{
	struct csvr_key_carry *carry = find_carry(table, key);
	if (carry != NULL) {
		carry->n += n;
		return CSVR_OK;
	}
	struct csvr_key_carry *carries = csvr_array_grow(table->carries, &table->carries_capacity,
							 table->n_carries + 1, sizeof *carries);
	if (carries == NULL)
		return CSVR_NO_MEMORY;
	table->carries = carries;
	carries[table->n_carries++] = (struct csvr_key_carry){ key, n };
	return CSVR_OK;
}

static void drop_carries(struct csvr_key_table *table, uint64_t max_key)
{
	size_t n = 0;
	for (size_t i = 0; i < table->n_carries; i++)
		if (table->carries[i].key <= max_key)
			table->carries[n++] = table->carries[i];
	table->n_carries = n;
}

enum csvr_status csvr_key_table_add_at(struct csvr_key_table *table, size_t slot, uint64_t count)
{
	const uint64_t low = table->counts[slot] + (count & UINT32_MAX);
	const uint64_t carry = (count >> COUNT_BITS) + (low >> COUNT_BITS);
	table->counts[slot] = (uint32_t)low;
	return carry > 0 ? add_carry(table, table->keys[slot], carry) : CSVR_OK;
}

enum csvr_status csvr_key_table_insert(struct csvr_key_table *table, uint64_t key, uint64_t count)
{
	const size_t slot = find_slot(table, key);
	table->keys[slot] = key;
	table->counts[slot] = 0;
	table->n_keys++;
	return csvr_key_table_add_at(table, slot, count);
}

size_t csvr_key_table_count(struct csvr_key_table *table, uint32_t max_keys, uint64_t *keys,
			    uint64_t *counts, size_t n_keys)
{
	if (table->kernels == NULL)
		table->kernels = csvr_batch_kernels_for("scalar");
	return table->kernels->count_keys(table, max_keys, keys, counts, n_keys);
}

/* The number of keys in each line, in memory after the counts. Valid only while place_keys fills the table. */
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

/* Adds keys that the table does not have; only place_keys has added keys since clear_keys. Searches for an empty slot
 * are short, since the keys are in the order of the slots of another table. */
static void place_keys(struct csvr_key_table *table, const uint64_t *keys, const uint32_t *counts,
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

/* Stores the keys up to `max_key` and their counts. Returns how many there are. */
static size_t gather_keys(const struct csvr_key_table *table, uint64_t max_key,
			  uint64_t keys[CSVR_MAX_SLOTS], uint32_t counts[CSVR_MAX_SLOTS])
{
	size_t n = 0;
	for (uint32_t i = 0; i < table->n_slots; i++) {
		keys[n] = table->keys[i];
		counts[n] = table->counts[i];
		n += keys[n] - 1 < max_key; /* not for 0 */
	}
	return n;
}

enum csvr_status csvr_key_table_resize(struct csvr_key_table *table, uint32_t n_slots,
				       uint64_t multiplier)
{
	const size_t n_bytes = n_slots * (sizeof(uint64_t) + sizeof(uint32_t)) + n_lines(n_slots);
	uint64_t *memory = aligned_alloc(LINE_BYTES,
					 (n_bytes + LINE_BYTES - 1) / LINE_BYTES * LINE_BYTES);
	if (memory == NULL)
		return CSVR_NO_MEMORY;
	const unsigned n_bits = (unsigned)__builtin_ctz(n_slots / CSVR_KEYS_IN_LINE);
	struct csvr_key_table resized = { .keys = memory,
					  .counts = (uint32_t *)(memory + n_slots),
					  .carries = table->carries,
					  .n_carries = table->n_carries,
					  .carries_capacity = table->carries_capacity,
					  .multiplier = multiplier,
					  .kernels = table->kernels,
					  .n_slots = n_slots,
					  .shift = 64 - n_bits };
	clear_keys(&resized);
	if (table->n_keys > 0) {
		uint64_t keys[CSVR_MAX_SLOTS];
		uint32_t counts[CSVR_MAX_SLOTS];
		const size_t n = gather_keys(table, UINT64_MAX, keys, counts);
		place_keys(&resized, keys, counts, n);
	}
	free(table->keys);
	*table = resized;
	return CSVR_OK;
}

void csvr_key_table_drop(struct csvr_key_table *table, uint64_t max_key)
{
	uint64_t keys[CSVR_MAX_SLOTS];
	uint32_t counts[CSVR_MAX_SLOTS];
	const size_t n = gather_keys(table, max_key, keys, counts);
	if (n == table->n_keys)
		return;
	clear_keys(table);
	place_keys(table, keys, counts, n);
	drop_carries(table, max_key);
}
