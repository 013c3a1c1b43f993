/* value_counts.c - distinct values, each with the number of its cells */
#include "stats/value_counts.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 32, RARE_SHARE = 8 };

void csvr_value_counts_clear(struct csvr_value_counts *counts)
{
	for (uint32_t i = 0; i < counts->n_entries; i++)
		csvr_sample_entry_clear(&counts->entries[i]);
	free(counts->entries);
	free(counts->slots);
	*counts = (struct csvr_value_counts){ 0 };
}

void csvr_value_counts_reset(struct csvr_value_counts *counts)
{
	/* A small file after a big one must not cost the time to empty a big table. */
	if (counts->capacity > FIRST_CAPACITY &&
	    counts->n_entries < counts->capacity / RARE_SHARE) {
		csvr_value_counts_clear(counts);
		return;
	}
	for (uint32_t i = 0; i < counts->n_entries; i++)
		csvr_sample_entry_clear(&counts->entries[i]);
	if (counts->n_entries > 0)
		memset(counts->slots, 0, 2 * (size_t)counts->capacity * sizeof *counts->slots);
	counts->n_entries = 0;
}

/* The first slot that an entry or value of this hash may have. Slots differ from process to process. */
static uint32_t first_slot(const struct csvr_value_counts *counts,
			   const struct csvr_sample_value *value)
{
	return (uint32_t)csvr_sample_hash(value, csvr_sample_seed()) & (2 * counts->capacity - 1);
}

static uint32_t next_slot(const struct csvr_value_counts *counts, uint32_t slot)
{
	return (slot + 1) & (2 * counts->capacity - 1);
}

static enum csvr_status grow(struct csvr_value_counts *counts)
{
	const uint32_t capacity = counts->capacity == 0 ? (uint32_t)FIRST_CAPACITY
							: 2 * counts->capacity;
	uint32_t *slots = calloc(2 * (size_t)capacity, sizeof *slots);
	if (slots == NULL)
		return CSVR_NO_MEMORY;
	struct csvr_sample_entry *entries = realloc(counts->entries, capacity * sizeof *entries);
	if (entries == NULL) {
		free(slots);
		return CSVR_NO_MEMORY;
	}
	free(counts->slots);
	counts->entries = entries;
	counts->slots = slots;
	counts->capacity = capacity;
	for (uint32_t i = 0; i < counts->n_entries; i++) {
		uint32_t slot = first_slot(counts, &entries[i].value);
		while (slots[slot] != 0)
			slot = next_slot(counts, slot);
		slots[slot] = i + 1;
	}
	return CSVR_OK;
}

enum csvr_status csvr_value_counts_add(struct csvr_value_counts *counts,
				       const struct csvr_sample_value *value, uint64_t count)
{
	if (counts->n_entries == counts->capacity && grow(counts) != CSVR_OK)
		return CSVR_NO_MEMORY;
	uint32_t slot = first_slot(counts, value);
	for (; counts->slots[slot] != 0; slot = next_slot(counts, slot)) {
		struct csvr_sample_entry *entry = &counts->entries[counts->slots[slot] - 1];
		if (csvr_sample_value_equals(&entry->value, value)) {
			entry->count += count;
			return CSVR_OK;
		}
	}
	if (!csvr_sample_entry_init(&counts->entries[counts->n_entries], value, count))
		return CSVR_NO_MEMORY;
	counts->slots[slot] = ++counts->n_entries;
	return CSVR_OK;
}
