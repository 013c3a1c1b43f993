/* groups_restore.c - groups from a saved state */
#include <stdlib.h>
#include <string.h>

#include "stats/groups_internal.h"

typedef unsigned __int128 u128;

struct csvr_key_files csvr_groups_key_files(const struct csvr_groups *groups, size_t key)
{
	const struct csvr_key_title *title = &groups->titles[key];
	struct csvr_key_files files = { .differs = title->differs,
					.n_files_without = groups->n_files_without[key],
					.n_rows_without = groups->n_rows_without[key] };
	if (title->is_present)
		files.title = (struct csvr_name){ title->text, title->n_bytes };
	return files;
}

enum csvr_status csvr_groups_restore_key(struct csvr_groups *groups, size_t key,
					 const struct csvr_key_files *files)
{
	struct csvr_key_title *title = &groups->titles[key];
	groups->n_files_without[key] = files->n_files_without;
	groups->n_rows_without[key] = files->n_rows_without;
	if (files->title.text == NULL)
		return CSVR_OK;
	const enum csvr_status status = csvr_key_title_add(title, files->title.text,
							   files->title.n_bytes);
	title->differs = files->differs;
	return status;
}

size_t csvr_groups_n_columns(const struct csvr_groups *groups)
{
	return groups->n_columns;
}

enum csvr_status csvr_groups_restore_columns(struct csvr_groups *groups, size_t n_columns)
{
	return csvr_groups_reserve_columns(groups, n_columns);
}

void csvr_groups_restore_is_key(struct csvr_groups *groups, size_t column)
{
	groups->are_keys[column] = true;
}

void csvr_groups_restore_too_many(struct csvr_groups *groups)
{
	groups->has_too_many = true;
}

enum csvr_status csvr_groups_restore_group(struct csvr_groups *groups, const struct csvr_name *keys,
					   uint64_t n_rows, uint32_t *id)
{
	struct csvr_key_batch one;
	for (size_t k = 0; k < groups->config.n_keys; k++) {
		uint32_t number;
		one.start[0] = (const unsigned char *)keys[k].text;
		one.n_bytes[0] = keys[k].text != NULL ? (uint32_t)keys[k].n_bytes : 0;
		csvr_key_read(&one, 0, &groups->keys[k].seed);
		enum csvr_status status = csvr_group_keys_find(&groups->keys[k], &one, 1, NULL,
							       &number);
		if (status == CSVR_OK && k > 0)
			status = csvr_number_pairs_find(&groups->pairs[k - 1], id, &number, 1);
		else
			*id = number;
		if (status != CSVR_OK)
			return status;
	}
	if (csvr_groups_reserve(groups) != CSVR_OK)
		return CSVR_NO_MEMORY;
	if (groups->n_rows[*id] != 0)
		return CSVR_INVALID_FILE;
	groups->n_rows[*id] = n_rows;
	groups->has_too_many |= csvr_groups_exceed(groups);
	return CSVR_OK;
}

/* ---- cells ---- */

/* Adds integers times 10^(base + i) to one times 10^base. False: it does not fit into 126 bits. */
static bool add_scaled(__int128 *total, __int128 value, size_t i)
{
	const __int128 limit = (__int128)1 << 126;
	for (; i > 0; i--) {
		if (value > limit / 10 || value < -(limit / 10))
			return false;
		value *= 10;
	}
	*total += value;
	return *total<limit && * total> - limit;
}

/* The same for squares. */
static bool add_scaled_squares(u128 *total, const struct csvr_square_bin *bin, size_t i)
{
	const u128 limit = (u128)1 << 126;
	u128 value = (u128)bin->word[1] << 64 | bin->word[0];
	if (bin->word[2] != 0)
		return false;
	for (; i > 0; i--) {
		if (value > limit / 10)
			return false;
		value *= 10;
	}
	if (value > limit)
		return false;
	*total += value;
	return *total <= limit;
}

/* An extreme as an integer times 10^-scale, below 10^18. False: it is none. */
static bool integer_of(const struct csvr_extreme *extreme, unsigned scale, int64_t *value)
{
	if (extreme->n_parts != 1 || extreme->exponent < -(int)scale)
		return false;
	uint64_t magnitude = extreme->part[0];
	for (int i = extreme->exponent; i > -(int)scale && magnitude < CSVR_EXACT_LIMIT; i--)
		magnitude *= 10;
	*value = extreme->is_negative ? -(int64_t)magnitude : (int64_t)magnitude;
	return magnitude < CSVR_EXACT_LIMIT;
}

/* The values of one quantity as sums. */
struct restored_values {
	struct csvr_group_sums sums;
	struct csvr_wide_group_sums wide;
	unsigned scale;
};

/* False: the values do not fit, and are kept as a detail. */
static bool restore_values(const struct csvr_quantity_stats *stats, uint64_t n,
			   struct restored_values *values)
{
	const struct csvr_exact_sum *exact = &stats->exact;
	const int base = exact->sum_range.base;
	const int lowest = base < 0 ? base : 0;
	int64_t max;
	__int128 sum = 0;
	u128 squares = 0;
	if (exact->sum_range.n == 0 || lowest <= -CSVR_MAX_GROUP_SCALES)
		return false;
	values->scale = (unsigned)-lowest;
	if (!integer_of(&stats->min, values->scale, &values->sums.min) ||
	    !integer_of(&stats->max, values->scale, &max))
		return false;
	for (size_t i = 0; i < exact->sum_range.n; i++)
		if (!add_scaled(&sum, exact->sums[i], i + (size_t)(base - lowest)))
			return false;
	for (size_t i = 0; i < exact->square_range.n; i++)
		if (!add_scaled_squares(&squares, &exact->squares[i],
					i + 2 * (size_t)(base - lowest)))
			return false;
	values->sums.n = (int64_t)n;
	values->sums.negated_max = -max;
	values->wide.sum = sum;
	values->wide.squares[0] = (uint64_t)squares;
	values->wide.squares[1] = (uint64_t)(squares >> 64);
	return true;
}

/* Sums that fit go into the narrow words. */
static enum csvr_status store_values(struct csvr_groups *groups, struct csvr_group_column *column,
				     uint32_t id, enum csvr_quantity quantity,
				     struct restored_values *values)
{
	struct csvr_group_values *into = csvr_group_values_get(column, groups->capacity, quantity,
							       values->scale);
	return into != NULL ? csvr_group_values_restore(into, groups->n_groups, groups->capacity,
							id, &values->sums, &values->wide)
			    : CSVR_NO_MEMORY;
}

static enum csvr_status keep_detail(struct csvr_groups *groups, struct csvr_group_column *column,
				    uint32_t id, struct csvr_column *cells)
{
	if (column->details == NULL)
		column->details = calloc(groups->capacity, sizeof(struct csvr_column *));
	struct csvr_column *detail = malloc(sizeof *detail);
	if (column->details == NULL || detail == NULL) {
		free(detail);
		return CSVR_NO_MEMORY;
	}
	*detail = *cells;
	detail->order = NULL;
	column->details[id] = detail;
	csvr_column_init(cells);
	return CSVR_OK;
}

static bool has_only_sums(const struct csvr_column *cells)
{
	return cells->collected == NULL && cells->lookalikes == NULL && cells->n_true == 0 &&
	       (cells->texts == NULL || cells->texts->n == 0);
}

enum csvr_status csvr_groups_restore_cells(struct csvr_groups *groups, size_t column, uint32_t id,
					   struct csvr_column *cells)
{
	struct csvr_group_column *into = &groups->columns[column];
	struct restored_values values[CSVR_N_QUANTITIES] = { 0 };
	uint64_t n[CSVR_N_QUANTITIES] = { 0 };
	bool are_short = has_only_sums(cells);
	for (int class = 0; class < CSVR_N_CELL_CLASSES; class ++) {
		const enum csvr_quantity quantity = csvr_quantity_of((enum csvr_cell_class) class);
		if (quantity != CSVR_N_QUANTITIES)
			n[quantity] += cells->cells[class];
	}
	for (int i = 0; i < CSVR_N_QUANTITIES && are_short; i++)
		are_short = n[i] == 0 || restore_values(&cells->quantities[i], n[i], &values[i]);
	if (!are_short)
		return keep_detail(groups, into, id, cells);
	for (int i = 0; i < CSVR_N_QUANTITIES; i++)
		if (n[i] > 0 &&
		    store_values(groups, into, id, (enum csvr_quantity)i, &values[i]) != CSVR_OK)
			return CSVR_NO_MEMORY;
	for (int class = CSVR_CELL_NUMBER + 1; class < CSVR_N_CELL_CLASSES; class ++) {
		if (cells->cells[class] == 0)
			continue;
		uint64_t *counts = csvr_group_cells(groups, into, (enum csvr_cell_class) class);
		if (counts == NULL)
			return CSVR_NO_MEMORY;
		counts[id] = cells->cells[class];
	}
	return CSVR_OK;
}
