/* refined.c - values of a column that further passes over the inputs have found */
#include "stats/refined.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/search.h"
#include "stats/distribution.h"

static void clear_range(struct csvr_refined_range *range)
{
	for (size_t i = 0; i < range->n_distinct; i++)
		csvr_sample_entry_clear(&range->values[i].entry);
	free(range->values);
}

void csvr_refined_free(struct csvr_refined *refined)
{
	if (refined == NULL)
		return;
	for (size_t i = 0; i < refined->n_frequent; i++)
		csvr_sample_entry_clear(&refined->frequent[i]);
	free(refined->frequent);
	free(refined->counters);
	for (int i = 0; i < CSVR_N_QUANTITIES; i++) {
		for (size_t j = 0; j < refined->of[i].n_ranges; j++)
			clear_range(&refined->of[i].ranges[j]);
		free(refined->of[i].ranges);
	}
	free(refined);
}

struct rank_search {
	const void *items;
	uint64_t rank;
};

static bool is_range_before(const void *context, size_t index)
{
	const struct rank_search *search = context;
	const struct csvr_refined_range *ranges = search->items;
	return ranges[index].range.n_before + ranges[index].range.n_values <= search->rank;
}

static bool is_value_before(const void *context, size_t index)
{
	const struct rank_search *search = context;
	const struct csvr_refined_value *values = search->items;
	return values[index].entry.count <= search->rank;
}

/* The first range that does not end before the value of that rank, or the number of ranges. */
static size_t lower_bound(const struct csvr_refined_ranges *of, uint64_t rank)
{
	const struct rank_search search = { of->ranges, rank };
	return csvr_lower_bound(of->n_ranges, is_range_before, &search);
}

const struct csvr_refined_range *csvr_refined_find(const struct csvr_refined *refined,
						   enum csvr_quantity quantity, uint64_t rank)
{
	if (refined == NULL)
		return NULL;
	const struct csvr_refined_ranges *of = &refined->of[quantity];
	const size_t i = lower_bound(of, rank);
	return i < of->n_ranges && of->ranges[i].range.n_before <= rank ? &of->ranges[i] : NULL;
}

const struct csvr_refined_value *csvr_refined_value(const struct csvr_refined_range *range,
						    uint64_t rank)
{
	const struct rank_search search = { range->values, rank - range->range.n_before };
	return &range->values[csvr_lower_bound(range->n_distinct - 1, is_value_before, &search)];
}

/* ---- adding ---- */

/* Puts `n` ranges in the place of `n_replaced` from `i` on; the caller sets them. */
static enum csvr_status replace(struct csvr_refined_ranges *of, size_t i, size_t n_replaced,
				size_t n)
{
	struct csvr_refined_range *ranges = csvr_array_grow(of->ranges, &of->capacity,
							    of->n_ranges + n, sizeof *ranges);
	if (ranges == NULL)
		return CSVR_NO_MEMORY;
	of->ranges = ranges;
	memmove(ranges + i + n, ranges + i + n_replaced,
		(of->n_ranges - i - n_replaced) * sizeof *ranges);
	of->n_ranges += n - n_replaced;
	return CSVR_OK;
}

static int compare_values(const void *a, const void *b)
{
	const struct csvr_refined_value *left = a, *right = b;
	if (left->nearest != right->nearest)
		return left->nearest < right->nearest ? -1 : 1;
	return csvr_sample_value_order_exactly(&left->entry.value, &right->entry.value);
}

/* Sorts the values, and adds up their counts. */
enum csvr_status csvr_refined_take_values(struct csvr_refined_range *to,
					  const struct csvr_range *range,
					  struct csvr_value_counts *from)
{
	const size_t n = from->n_entries;
	const struct csvr_range whole = *range; /* it may be in `to` */
	struct csvr_refined_value *values = malloc(n * sizeof *values);
	if (values == NULL)
		return CSVR_NO_MEMORY;
	for (size_t i = 0; i < n; i++)
		values[i] = (struct csvr_refined_value){
			csvr_sample_value_to_double(&from->entries[i].value), from->entries[i]
		};
	from->n_entries = 0;
	csvr_value_counts_clear(from);
	qsort(values, n, sizeof *values, compare_values);
	for (size_t i = 1; i < n; i++)
		values[i].entry.count += values[i - 1].entry.count;
	*to = (struct csvr_refined_range){ .range = whole, .values = values, .n_distinct = n };
	return CSVR_OK;
}

static size_t count_narrower(const struct csvr_range *range, const uint64_t *narrower)
{
	const size_t n_narrower = csvr_range_divide(range).n;
	size_t n = 0;
	for (size_t i = 0; i < n_narrower; i++)
		n += narrower[i] != 0;
	return n;
}

/* Sets `to` to the narrower ranges with values. */
static void list_narrower(const struct csvr_range *range, const uint64_t *narrower,
			  struct csvr_refined_range *to)
{
	const struct csvr_range_division division = csvr_range_divide(range);
	const int64_t first = csvr_double_position(range->least);
	const int64_t last = csvr_double_position(range->greatest);
	uint64_t n_before = range->n_before;
	for (size_t i = 0; i < division.n; i++) {
		if (narrower[i] == 0)
			continue;
		const int64_t least = first + (int64_t)((uint64_t)i << division.shift);
		const bool is_last = ((uint64_t)last - (uint64_t)least) >> division.shift == 0;
		const int64_t greatest = is_last ? last
						 : least + ((INT64_C(1) << division.shift) - 1);
		*to++ = (struct csvr_refined_range){
			.range = { .least = csvr_double_at(least),
				   .greatest = csvr_double_at(greatest),
				   .n_before = n_before,
				   .n_values = narrower[i] },
			.is_final = division.n == 1 && range->n_bits > 0
		};
		n_before += narrower[i];
	}
}

enum csvr_status csvr_refined_add(struct csvr_refined *refined, enum csvr_quantity quantity,
				  const struct csvr_range *range, struct csvr_range_counts *counts)
{
	struct csvr_refined_ranges *of = &refined->of[quantity];
	const size_t at = lower_bound(of, range->n_before);
	const bool is_part = csvr_refined_find(refined, quantity, range->n_before) != NULL;
	const uint64_t *narrower = counts->narrower;
	if (narrower != NULL) {
		if (replace(of, at, is_part, count_narrower(range, narrower)) != CSVR_OK)
			return CSVR_NO_MEMORY;
		list_narrower(range, narrower, &of->ranges[at]);
		return CSVR_OK;
	}
	struct csvr_refined_range known;
	if (csvr_refined_take_values(&known, range, &counts->values) != CSVR_OK)
		return CSVR_NO_MEMORY;
	if (replace(of, at, is_part, 1) != CSVR_OK) {
		clear_range(&known);
		return CSVR_NO_MEMORY;
	}
	of->ranges[at] = known;
	return CSVR_OK;
}

/* ---- frequent values ---- */

enum csvr_frequent_step csvr_refined_next_step(const struct csvr_refined *refined, uint64_t least)
{
	if (refined == NULL || (refined->counters == NULL && !refined->has_frequent))
		return CSVR_FREQUENT_HASHES;
	return refined->has_frequent || !csvr_frequent_is_possible(refined->counters, least)
		       ? CSVR_FREQUENT_KNOWN
		       : CSVR_FREQUENT_VALUES;
}

static int compare_frequent(const void *a, const void *b)
{
	const struct csvr_sample_entry *left = a, *right = b;
	if (left->count != right->count)
		return left->count > right->count ? -1 : 1;
	return csvr_sample_value_order(&left->value, &right->value);
}

enum csvr_status csvr_refined_take_counters(struct csvr_refined *refined,
					    struct csvr_frequent *frequent)
{
	refined->counters = csvr_frequent_take_counters(frequent);
	return refined->counters != NULL ? CSVR_OK : CSVR_NO_MEMORY;
}

void csvr_refined_take_frequent(struct csvr_refined *refined, uint64_t least,
				struct csvr_value_counts *counts)
{
	/* A hash may be frequent though none of its values is. */
	size_t n = 0;
	struct csvr_sample_entry *entries = counts->entries;
	for (uint32_t i = 0; i < counts->n_entries; i++)
		if (entries[i].count >= least)
			entries[n++] = entries[i];
		else
			csvr_sample_entry_clear(&entries[i]);
	if (n > 0)
		qsort(entries, n, sizeof *entries, compare_frequent);
	refined->frequent = entries;
	refined->n_frequent = n;
	refined->has_frequent = true;
	counts->entries = NULL;
	counts->n_entries = 0;
	csvr_value_counts_clear(counts);
}
