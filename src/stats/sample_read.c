/* sample_read.c - what a sample has: its points, the number of distinct values */
#include <stdlib.h>

#include "stats/sample_internal.h"

bool csvr_sample_next(struct csvr_sample_cursor *cursor, struct csvr_sample_entry *entry)
{
	const struct csvr_sample *sample = cursor->sample;
	while (cursor->slot < sample->keys.n_slots) {
		const uint32_t slot = cursor->slot++;
		const uint64_t hash = sample->keys.keys[slot];
		if (hash == 0)
			continue;
		entry->value = csvr_sample_value_of_key(sample, hash);
		entry->count = csvr_key_table_count_at(&sample->keys, slot);
		return true;
	}
	if (cursor->entry == sample->n_entries)
		return false;
	*entry = sample->entries[cursor->entry++];
	return true;
}

bool csvr_sample_is_complete(const struct csvr_sample *sample)
{
	return sample->theta == 0 && csvr_sample_n_values(sample) <= csvr_sample_max_values(sample);
}

static int compare_points(const void *a, const void *b)
{
	const double left = ((const struct csvr_sample_point *)a)->value;
	const double right = ((const struct csvr_sample_point *)b)->value;
	return (left > right) - (left < right);
}

/* Points of the same double, of sorted ones, become one. */
static size_t unite_points(struct csvr_sample_point *points, size_t n)
{
	size_t n_kept = 0;
	for (size_t i = 0; i < n; i++)
		if (n_kept > 0 && points[n_kept - 1].value == points[i].value)
			points[n_kept - 1].count += points[i].count;
		else
			points[n_kept++] = points[i];
	return n_kept;
}

enum csvr_status csvr_sample_points(const struct csvr_sample *sample, enum csvr_quantity quantity,
				    struct csvr_sample_point **points, size_t *n_points)
{
	const uint64_t theta = csvr_canonical_theta(sample);
	*n_points = 0;
	*points = malloc((csvr_sample_n_values(sample) + 1) * sizeof **points);
	if (*points == NULL)
		return CSVR_NO_MEMORY;
	size_t n = 0;
	struct csvr_sample_cursor cursor = { .sample = sample };
	struct csvr_sample_entry entry;
	while (csvr_sample_next(&cursor, &entry)) {
		const struct csvr_sample_value *value = &entry.value;
		if (value->form != CSVR_FORM_TEXT && value->quantity == quantity &&
		    value->hash <= theta - 1) /* theta is 0: any hash */
			(*points)[n++] = (struct csvr_sample_point){
				csvr_sample_value_to_double(value), entry.count
			};
	}
	qsort(*points, n, sizeof **points, compare_points);
	*n_points = unite_points(*points, n);
	return CSVR_OK;
}

static bool is_before(const struct csvr_sample_entry *a, const struct csvr_sample_entry *b)
{
	if (a->count != b->count)
		return a->count > b->count;
	return csvr_sample_value_order(&a->value, &b->value) < 0;
}

size_t csvr_sample_top(const struct csvr_sample *sample, size_t n, struct csvr_sample_entry *top)
{
	struct csvr_sample_cursor cursor = { .sample = sample };
	struct csvr_sample_entry entry;
	size_t n_found = 0;
	while (csvr_sample_next(&cursor, &entry)) {
		if (n_found == n && !is_before(&entry, &top[n - 1]))
			continue;
		size_t at = n_found < n ? n_found++ : n - 1;
		for (; at > 0 && is_before(&entry, &top[at - 1]); at--)
			top[at] = top[at - 1];
		top[at] = entry;
	}
	return n_found;
}

uint64_t csvr_sample_n_cells(const uint64_t cells[CSVR_N_CELL_CLASSES])
{
	return cells[CSVR_CELL_NUMBER] + cells[CSVR_CELL_DATE] + cells[CSVR_CELL_DATETIME] +
	       cells[CSVR_CELL_TIME] + cells[CSVR_CELL_BOOLEAN] + cells[CSVR_CELL_TEXT];
}

uint64_t csvr_sample_distinct(const struct csvr_sample *sample, uint64_t n_cells,
			      bool *is_approximate)
{
	const uint64_t theta = csvr_canonical_theta(sample);
	*is_approximate = theta != 0;
	if (!*is_approximate)
		return csvr_sample_n_values(sample);
	/* K values below theta, of 2^64 hashes: K 2^64 / theta, rounded. Not fewer than are known. */
	const unsigned __int128 scaled = (unsigned __int128)csvr_sample_max_values(sample) << 64;
	const unsigned __int128 estimate = (scaled + theta / 2) / theta;
	return estimate < n_cells ? (uint64_t)estimate : n_cells;
}
