/* value_counts.h - distinct values, each with the number of its cells
 *
 * Shape    a struct of zeros is empty. 40 to 80 bytes for each value, and those of long numbers: memory
 *          doubles when it is full
 * Errors   CSVR_NO_MEMORY: a value is missing, and the counts may only be cleared
 * Threads  one thread at a time
 */
#ifndef CSVR_STATS_VALUE_COUNTS_H
#define CSVR_STATS_VALUE_COUNTS_H

#include "stats/sample_value.h"

struct csvr_value_counts {
	struct csvr_sample_entry *entries; /* in order of first occurrence */
	uint32_t *slots; /* a hash table of 2 `capacity`: 0: empty; else 1 + index of an entry */
	uint32_t n_entries, capacity;
};

void csvr_value_counts_clear(struct csvr_value_counts *counts);

/* Removes all values; keeps the memory if much of it was in use. */
void csvr_value_counts_reset(struct csvr_value_counts *counts);

/* Adds cells of a value, which is copied. There are fewer than 2^30 values. */
enum csvr_status csvr_value_counts_add(struct csvr_value_counts *counts,
				       const struct csvr_sample_value *value, uint64_t count);

/* Prefetch the memory that csvr_value_counts_add needs. Before many values are added, call the first function for all
 * of them, and then the second one for all. */
void csvr_value_counts_prefetch(const struct csvr_value_counts *counts,
				const struct csvr_sample_value *value);
void csvr_value_counts_prefetch_entry(const struct csvr_value_counts *counts,
				      const struct csvr_sample_value *value);

/* Calls both for the values of entries that are added next. */
void csvr_value_counts_prefetch_entries(const struct csvr_value_counts *counts,
					const struct csvr_sample_entry *entries, size_t n_entries);

/* Sorts entries, whose counts are not 0, and encodes them: equal sets give equal bytes. */
void csvr_sample_entries_encode(struct csvr_sample_entry *entries, size_t n_entries,
				struct csvr_encoder *encoder);

void csvr_value_counts_encode(const struct csvr_value_counts *counts, struct csvr_encoder *encoder);

/* Fills empty counts: at most `max_entries` values of at most `n_cells` cells. Errors: CSVR_INVALID_FILE,
 * CSVR_NO_MEMORY. The caller clears the counts in any case. */
enum csvr_status csvr_value_counts_decode(struct csvr_value_counts *counts,
					  struct csvr_decoder *decoder, size_t max_entries,
					  uint64_t n_cells);

#endif
