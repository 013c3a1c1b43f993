/* groups_restore.c - groups from a saved state */
#include <stdlib.h>
#include <string.h>

#include "stats/groups_internal.h"

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

bool csvr_groups_are_in_order(const struct csvr_groups *groups, const uint32_t *ids, size_t n)
{
	return n == groups->n_ordered &&
	       (n == 0 || memcmp(groups->order, ids, n * sizeof *ids) == 0);
}

/* ---- cells ---- */

/* Restored values have sums of few scales, or are kept as details: a state must not make a column allocate sums of
 * all scales for all groups. */
enum { MAX_RESTORED_SCALES = 6 };

/* The number of values of one quantity, and their extremes as integers times 10^-scale. */
struct restored_values {
	struct csvr_group_sums extremes; /* without sums */
	unsigned scale;
};

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

static bool is_zero(const struct csvr_square_bin *bin)
{
	return (bin->word[0] | bin->word[1] | bin->word[2]) == 0;
}

/* The sums of the values with this scale, of which there may be none. */
static struct csvr_wide_group_sums sums_of_scale(const struct csvr_exact_sum *exact, unsigned scale)
{
	struct csvr_wide_group_sums sums = { 0 };
	const int i = -(int)scale - exact->sum_range.base;
	if (i >= 0 && i < exact->sum_range.n) {
		sums.sum = exact->sums[i];
		memcpy(sums.squares, exact->squares[2 * i].word, sizeof sums.squares);
	}
	return sums;
}

static bool has_sums(const struct csvr_wide_group_sums *sums)
{
	return sums->sum != 0 || (sums->squares[0] | sums->squares[1] | sums->squares[2]) != 0;
}

/* Whether all bins are those of scales. */
static bool has_scales(const struct csvr_exact_sum *exact)
{
	const int base = exact->sum_range.base;
	if (exact->sum_range.n == 0)
		return true;
	if (base <= -CSVR_MAX_GROUP_SCALES || base + exact->sum_range.n > 1)
		return false;
	for (size_t i = 1; i < exact->square_range.n; i += 2)
		if (!is_zero(&exact->squares[i]))
			return false;
	return true;
}

/* False: the values are not as those that are added to sums, and are kept as a detail. */
static bool restore_values(const struct csvr_quantity_stats *stats, uint64_t n,
			   struct restored_values *values)
{
	const struct csvr_exact_sum *exact = &stats->exact;
	int lowest = exact->sum_range.n > 0 ? exact->sum_range.base : 0;
	lowest = stats->min.exponent < lowest ? stats->min.exponent : lowest;
	lowest = stats->max.exponent < lowest ? stats->max.exponent : lowest;
	int64_t max;
	if (!has_scales(exact) || lowest <= -CSVR_MAX_GROUP_SCALES)
		return false;
	values->scale = (unsigned)-lowest;
	if (!integer_of(&stats->min, values->scale, &values->extremes.min) ||
	    !integer_of(&stats->max, values->scale, &max))
		return false;
	values->extremes.n = (int64_t)n;
	values->extremes.negated_max = -max;
	return true;
}

static bool has_array(const struct csvr_group_column *column, enum csvr_quantity quantity,
		      unsigned scale)
{
	for (size_t i = 0; i < column->n_values; i++)
		if (column->values[i].scale == scale && column->values[i].quantity == quantity)
			return true;
	return false;
}

/* How many scales the column does not have yet. */
static size_t count_new_scales(const struct csvr_group_column *column, enum csvr_quantity quantity,
			       const struct csvr_exact_sum *exact,
			       const struct restored_values *values)
{
	size_t n = 0;
	for (unsigned scale = 0; scale < CSVR_MAX_GROUP_SCALES; scale++) {
		const struct csvr_wide_group_sums sums = sums_of_scale(exact, scale);
		n += (scale == values->scale || has_sums(&sums)) &&
		     !has_array(column, quantity, scale);
	}
	return n;
}

static enum csvr_status store_values(struct csvr_groups *groups, struct csvr_group_column *column,
				     uint32_t id, enum csvr_quantity quantity,
				     const struct csvr_exact_sum *exact,
				     const struct restored_values *values)
{
	static const struct csvr_group_sums none = { .min = INT64_MAX, .negated_max = INT64_MAX };
	enum csvr_status status = CSVR_OK;
	for (unsigned scale = 0; scale < CSVR_MAX_GROUP_SCALES && status == CSVR_OK; scale++) {
		const struct csvr_wide_group_sums wide = sums_of_scale(exact, scale);
		const bool is_counted = scale == values->scale;
		if (!is_counted && !has_sums(&wide))
			continue;
		struct csvr_group_values *into = csvr_group_values_get(column, groups->capacity,
								       quantity, scale);
		status = into != NULL
				 ? csvr_group_values_restore(into, groups->n_groups,
							     groups->capacity, id,
							     is_counted ? &values->extremes : &none,
							     &wide)
				 : CSVR_NO_MEMORY;
	}
	return status;
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

static uint64_t count_values(const struct csvr_column *cells, enum csvr_quantity quantity)
{
	uint64_t n = 0;
	for (int class = 0; class < CSVR_N_CELL_CLASSES; class ++)
		if (csvr_quantity_of((enum csvr_cell_class) class) == quantity)
			n += cells->cells[class];
	return n;
}

static enum csvr_status store_counts(struct csvr_groups *groups, struct csvr_group_column *column,
				     uint32_t id, const struct csvr_column *cells)
{
	for (int class = CSVR_CELL_NUMBER + 1; class < CSVR_N_CELL_CLASSES; class ++) {
		if (cells->cells[class] == 0)
			continue;
		uint64_t *counts = csvr_group_cells(groups, column, (enum csvr_cell_class) class);
		if (counts == NULL)
			return CSVR_NO_MEMORY;
		counts[id] = cells->cells[class];
	}
	return CSVR_OK;
}

enum csvr_status csvr_groups_restore_cells(struct csvr_groups *groups, size_t column, uint32_t id,
					   struct csvr_column *cells)
{
	struct csvr_group_column *into = &groups->columns[column];
	struct restored_values values[CSVR_N_QUANTITIES] = { 0 };
	uint64_t n[CSVR_N_QUANTITIES];
	bool are_sums = has_only_sums(cells);
	size_t n_scales = into->n_values;
	for (int i = 0; i < CSVR_N_QUANTITIES && are_sums; i++) {
		const enum csvr_quantity quantity = (enum csvr_quantity)i;
		n[i] = count_values(cells, quantity);
		if (n[i] == 0)
			continue;
		are_sums = restore_values(&cells->quantities[i], n[i], &values[i]);
		if (are_sums)
			n_scales += count_new_scales(into, quantity, &cells->quantities[i].exact,
						     &values[i]);
	}
	if (!are_sums || (n_scales > into->n_values && n_scales > MAX_RESTORED_SCALES))
		return keep_detail(groups, into, id, cells);
	enum csvr_status status = CSVR_OK;
	for (int i = 0; i < CSVR_N_QUANTITIES && status == CSVR_OK; i++)
		if (n[i] > 0)
			status = store_values(groups, into, id, (enum csvr_quantity)i,
					      &cells->quantities[i].exact, &values[i]);
	return status == CSVR_OK ? store_counts(groups, into, id, cells) : status;
}
