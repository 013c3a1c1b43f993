/* value_counts.c - distinct values, each with the number of its cells */
#include "stats/value_counts.h"

#include <stdlib.h>
#include <string.h>

#include "stats/sample_internal.h"

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
	/* No two doubles have the same hash, so that another one can be computed from it. */
	const uint64_t hash = value->form == CSVR_FORM_DOUBLE
				      ? csvr_sample_mix(value->hash ^ csvr_sample_seed())
				      : csvr_sample_hash(value, csvr_sample_seed());
	return (uint32_t)hash & (2 * counts->capacity - 1);
}

void csvr_value_counts_prefetch(const struct csvr_value_counts *counts,
				const struct csvr_sample_value *value)
{
	if (counts->capacity > 0)
		__builtin_prefetch(&counts->slots[first_slot(counts, value)]);
}

void csvr_value_counts_prefetch_entry(const struct csvr_value_counts *counts,
				      const struct csvr_sample_value *value)
{
	const uint32_t entry = counts->capacity > 0 ? counts->slots[first_slot(counts, value)] : 0;
	if (entry > 0)
		__builtin_prefetch(&counts->entries[entry - 1]);
}

static uint32_t next_slot(const struct csvr_value_counts *counts, uint32_t slot)
{
	return (slot + 1) & (2 * counts->capacity - 1);
}

void csvr_value_counts_prefetch_entries(const struct csvr_value_counts *counts,
					const struct csvr_sample_entry *entries, size_t n_entries)
{
	for (size_t i = 0; i < n_entries; i++)
		csvr_value_counts_prefetch(counts, &entries[i].value);
	for (size_t i = 0; i < n_entries; i++)
		csvr_value_counts_prefetch_entry(counts, &entries[i].value);
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

/* ---- bytes ---- */

static int compare_entries(const void *a, const void *b)
{
	const struct csvr_sample_entry *left = a, *right = b;
	return csvr_sample_value_compare(&left->value, &right->value);
}

void csvr_sample_entries_encode(struct csvr_sample_entry *entries, size_t n_entries,
				struct csvr_encoder *encoder)
{
	if (n_entries > 1)
		qsort(entries, n_entries, sizeof *entries, compare_entries);
	csvr_encoder_put_varint(encoder, n_entries);
	for (size_t i = 0; i < n_entries; i++) {
		csvr_encoder_put_varint(encoder, (uint64_t)csvr_sample_list_of(&entries[i].value));
		csvr_sample_value_encode(&entries[i].value, encoder);
		csvr_encoder_put_varint(encoder, entries[i].count);
	}
}

void csvr_value_counts_encode(const struct csvr_value_counts *counts, struct csvr_encoder *encoder)
{
	struct csvr_sample_entry *entries = malloc((counts->n_entries + (size_t)1) *
						   sizeof *entries);
	if (entries == NULL) {
		encoder->is_out_of_memory = true;
		return;
	}
	if (counts->n_entries > 0)
		memcpy(entries, counts->entries, counts->n_entries * sizeof *entries);
	csvr_sample_entries_encode(entries, counts->n_entries, encoder);
	free(entries);
}

enum csvr_status csvr_value_counts_decode(struct csvr_value_counts *counts,
					  struct csvr_decoder *decoder, size_t max_entries,
					  uint64_t n_cells)
{
	enum { LEAST_VALUE_BYTES = 3 };
	const size_t n_entries = csvr_decoder_count(decoder, LEAST_VALUE_BYTES);
	if (n_entries > max_entries)
		return CSVR_INVALID_FILE;
	struct csvr_sample_value previous = { .word = 0 };
	for (size_t i = 0; i < n_entries; i++) {
		struct csvr_sample_value value = csvr_sample_kind_of_list(
			(int)csvr_decoder_varint_max(decoder, CSVR_N_LISTS - 1));
		if (!csvr_sample_value_decode(&value, decoder) ||
		    (i > 0 && csvr_sample_value_compare(&previous, &value) >= 0))
			return CSVR_INVALID_FILE;
		const uint64_t count = csvr_decoder_varint_max(decoder, n_cells);
		if (count == 0)
			return CSVR_INVALID_FILE;
		if (csvr_value_counts_add(counts, &value, count) != CSVR_OK)
			return CSVR_NO_MEMORY;
		n_cells -= count;
		previous = value; /* its bytes are those of the decoder */
	}
	return decoder->is_bad ? CSVR_INVALID_FILE : CSVR_OK;
}
