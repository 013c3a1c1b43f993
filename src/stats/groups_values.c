/* groups_values.c - sums and extremes of the numbers of one column, by group
 *
 * Values below 2^31 are added to 64-bit words, with one cache line for each group. A budget bounds the squares of all values
 * since the words were emptied last, so no word overflows, whatever the groups; before it is exceeded all words are emptied into
 * wide ones. Larger values, and those for which that would be too often, are added to the wide words at once.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "stats/groups_internal.h"

typedef unsigned __int128 u128;

/* Emptying all words takes time for each group: the budget must last for as many rows for each, and for some batches. */
enum { ROWS_BETWEEN_SPILLS = 4096, ROWS_BETWEEN_SPILLS_BY_GROUP = 16 };

static const int64_t narrow_limit = INT64_C(1) << 31;

/* Groups from which on their lines are prefetched: they exceed the first-level cache. */
enum { PREFETCHED_GROUPS = 1024 };

static void init_sums(struct csvr_group_sums *sums, size_t n)
{
	memset(sums, 0, n * sizeof *sums);
	for (size_t i = 0; i < n; i++)
		sums[i].min = sums[i].negated_max = INT64_MAX;
}

static enum csvr_status grow_wide(struct csvr_group_values *values, size_t capacity)
{
	struct csvr_wide_group_sums *wide = csvr_lines_grow(values->wide,
							    values->wide_capacity * sizeof *wide,
							    capacity * sizeof *wide);
	if (wide == NULL)
		return CSVR_NO_MEMORY;
	values->wide = wide;
	values->wide_capacity = capacity;
	return CSVR_OK;
}

enum csvr_status csvr_group_values_grow(struct csvr_group_values *values, size_t capacity)
{
	const size_t old = values->sums_capacity;
	struct csvr_group_sums *sums = csvr_lines_grow(values->sums, old * sizeof *sums,
						       capacity * sizeof *sums);
	if (sums == NULL)
		return CSVR_NO_MEMORY;
	init_sums(sums + old, capacity - old);
	values->sums = sums;
	values->sums_capacity = capacity;
	return values->wide != NULL ? grow_wide(values, capacity) : CSVR_OK;
}

void csvr_group_values_reset(struct csvr_group_values *values, size_t n_groups)
{
	init_sums(values->sums, n_groups);
	if (values->wide != NULL)
		memset(values->wide, 0, n_groups * sizeof *values->wide);
	values->budget = 0;
}

void csvr_group_values_clear(struct csvr_group_values *values)
{
	csvr_lines_free(values->sums, values->sums_capacity * sizeof *values->sums);
	csvr_lines_free(values->wide, values->wide_capacity * sizeof *values->wide);
}

struct csvr_group_values *csvr_group_values_get(struct csvr_group_column *column, size_t capacity,
						enum csvr_quantity quantity, unsigned scale)
{
	for (size_t i = 0; i < column->n_values; i++)
		if (column->values[i].scale == scale && column->values[i].quantity == quantity)
			return &column->values[i];
	struct csvr_group_values *values = csvr_array_grow(column->values, &column->values_capacity,
							   column->n_values + 1, sizeof *values);
	if (values == NULL)
		return NULL;
	column->values = values;
	struct csvr_group_values *added = &values[column->n_values];
	*added = (struct csvr_group_values){ .scale = (uint8_t)scale,
					     .quantity = (uint8_t)quantity };
	if (csvr_group_values_grow(added, capacity) != CSVR_OK)
		return NULL;
	column->n_values++;
	return added;
}

/* ---- wide sums ---- */

/* Sums of real data cannot overflow. Those of a forged state may: add unsigned, which wraps. */
static void add_sum(struct csvr_wide_group_sums *wide, __int128 sum)
{
	wide->sum = (__int128)((u128)wide->sum + (u128)sum);
}

static void add_squares(struct csvr_wide_group_sums *wide, u128 squares)
{
	const u128 low = ((u128)wide->squares[1] << 64 | wide->squares[0]) + squares;
	wide->squares[2] += low < squares;
	wide->squares[0] = (uint64_t)low;
	wide->squares[1] = (uint64_t)(low >> 64);
}

static enum csvr_status need_wide(struct csvr_group_values *values, size_t capacity)
{
	return values->wide != NULL ? CSVR_OK : grow_wide(values, capacity);
}

/* Moves the words of all groups into the wide ones. */
static enum csvr_status empty_words(struct csvr_group_values *values, size_t n_groups,
				    size_t capacity)
{
	if (need_wide(values, capacity) != CSVR_OK)
		return CSVR_NO_MEMORY;
	for (size_t i = 0; i < n_groups; i++) {
		struct csvr_group_sums *sums = &values->sums[i];
		add_sum(&values->wide[i], sums->sum);
		add_squares(&values->wide[i], sums->squares);
		sums->sum = 0;
		sums->squares = 0;
	}
	values->budget = 0;
	return CSVR_OK;
}

static void add_wide(struct csvr_group_values *values, const uint32_t *ids, const int64_t *of,
		     size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct csvr_group_sums *sums = &values->sums[ids[i]];
		const int64_t value = of[i];
		add_sum(&values->wide[ids[i]], value);
		add_squares(&values->wide[ids[i]], (u128)((__int128)value * value));
		sums->n++;
		sums->min = value < sums->min ? value : sums->min;
		sums->negated_max = -value < sums->negated_max ? -value : sums->negated_max;
	}
}

/* Whether values of at most this magnitude may be added to words without emptying these all the time. */
static bool are_narrow(u128 magnitude, size_t n_groups)
{
	u128 rows = (u128)n_groups * ROWS_BETWEEN_SPILLS_BY_GROUP;
	if (rows < ROWS_BETWEEN_SPILLS)
		rows = ROWS_BETWEEN_SPILLS;
	return magnitude < (u128)narrow_limit && (magnitude * magnitude * rows) >> 63 == 0;
}

/* Reserves a budget for the squares of some values, whose sum is at most `squares` < 2^63. */
static enum csvr_status spend(struct csvr_group_values *values, size_t n_groups, size_t capacity,
			      uint64_t squares)
{
	if (values->budget + squares >= UINT64_C(1) << 63) {
		const enum csvr_status status = empty_words(values, n_groups, capacity);
		if (status != CSVR_OK)
			return status;
	}
	values->budget += squares;
	return CSVR_OK;
}

enum csvr_status csvr_group_values_add(struct csvr_group_values *values, size_t n_groups,
				       size_t capacity, const struct csvr_batch *batch,
				       const uint32_t *ids)
{
	const struct csvr_batch_sums *sums = batch->sums;
	const int64_t largest = sums->max > -sums->min ? sums->max : -sums->min;
	if (n_groups > PREFETCHED_GROUPS)
		for (size_t i = 0; i < batch->n_values; i++)
			__builtin_prefetch(&values->sums[ids[i]], 1);
	if (!are_narrow((u128)largest, n_groups)) {
		if (need_wide(values, capacity) != CSVR_OK)
			return CSVR_NO_MEMORY;
		add_wide(values, ids, batch->values, batch->n_values);
		return CSVR_OK;
	}
	const uint64_t most = (uint64_t)largest * (uint64_t)largest * batch->n_values;
	const enum csvr_status status = spend(values, n_groups, capacity, most);
	if (status == CSVR_OK)
		batch->kernels->add_to_groups(values->sums, ids, batch->values, batch->n_values);
	return status;
}

enum csvr_status csvr_group_values_add_one(struct csvr_group_values *values, size_t n_groups,
					   size_t capacity, int64_t value, uint32_t id)
{
	const uint64_t magnitude = (uint64_t)(value < 0 ? -value : value);
	if (!are_narrow(magnitude, n_groups)) {
		if (need_wide(values, capacity) != CSVR_OK)
			return CSVR_NO_MEMORY;
		add_wide(values, &id, &value, 1);
		return CSVR_OK;
	}
	const uint64_t square = magnitude * magnitude;
	if (spend(values, n_groups, capacity, square) != CSVR_OK)
		return CSVR_NO_MEMORY;
	struct csvr_group_sums *sums = &values->sums[id];
	sums->sum += value;
	sums->squares += square;
	sums->n++;
	sums->min = value < sums->min ? value : sums->min;
	sums->negated_max = -value < sums->negated_max ? -value : sums->negated_max;
	return CSVR_OK;
}

enum csvr_status csvr_group_values_restore(struct csvr_group_values *values, size_t n_groups,
					   size_t capacity, uint32_t id,
					   const struct csvr_group_sums *sums,
					   const struct csvr_wide_group_sums *wide)
{
	const uint64_t squares = wide->squares[0];
	values->sums[id] = *sums;
	/* Most fit into the words: a wide array would take almost as much memory as these. A forged state can have any sum. */
	if ((wide->squares[1] | wide->squares[2]) == 0 && squares < UINT64_C(1) << 40 &&
	    wide->sum <= (__int128)squares && -wide->sum <= (__int128)squares) {
		if (spend(values, n_groups, capacity, squares) != CSVR_OK)
			return CSVR_NO_MEMORY;
		values->sums[id].sum = (int64_t)wide->sum;
		values->sums[id].squares = squares;
		return CSVR_OK;
	}
	if (need_wide(values, capacity) != CSVR_OK)
		return CSVR_NO_MEMORY;
	values->wide[id] = *wide;
	return CSVR_OK;
}

/* ---- merging ---- */

static void merge_wide(struct csvr_wide_group_sums *into, const struct csvr_wide_group_sums *from)
{
	add_sum(into, from->sum);
	add_squares(into, (u128)from->squares[1] << 64 | from->squares[0]);
	into->squares[2] += from->squares[2];
}

enum csvr_status csvr_group_values_merge(struct csvr_group_values *into, size_t n_groups,
					 size_t capacity, struct csvr_group_values *from,
					 size_t n_from, const uint32_t *new_id)
{
	enum { AHEAD = 12 };
	if (spend(into, n_groups, capacity, from->budget) != CSVR_OK)
		return CSVR_NO_MEMORY;
	if (from->wide != NULL && need_wide(into, capacity) != CSVR_OK)
		return CSVR_NO_MEMORY;
	for (size_t i = 0; i < n_from; i++) {
		if (i + AHEAD < n_from)
			__builtin_prefetch(&into->sums[new_id[i + AHEAD]], 1);
		struct csvr_group_sums *sums = &into->sums[new_id[i]];
		const struct csvr_group_sums *more = &from->sums[i];
		sums->sum += more->sum;
		sums->squares += more->squares;
		sums->n = (int64_t)((uint64_t)sums->n + (uint64_t)more->n); /* wraps if forged */
		sums->min = more->min < sums->min ? more->min : sums->min;
		sums->negated_max = more->negated_max < sums->negated_max ? more->negated_max
									  : sums->negated_max;
	}
	for (size_t i = 0; i < n_from && from->wide != NULL; i++)
		merge_wide(&into->wide[new_id[i]], &from->wide[i]);
	return CSVR_OK;
}
