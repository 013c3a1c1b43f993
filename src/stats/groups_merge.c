/* groups_merge.c - merges the groups of files into those of tables, and tables into each other */
#include <stdlib.h>
#include <string.h>

#include "stats/groups_internal.h"

/* Sets new_number[i] to the number in `into` of key i of `from`. */
static enum csvr_status map_keys(struct csvr_group_keys *into, const struct csvr_group_keys *from,
				 uint32_t *new_number)
{
	struct csvr_key_batch batch;
	for (size_t first = 0; first < from->n_keys; first += CSVR_KEY_BATCH) {
		const size_t left = from->n_keys - first;
		const size_t n = left < CSVR_KEY_BATCH ? left : CSVR_KEY_BATCH;
		csvr_group_keys_read(from, first, n, &batch);
		const enum csvr_status status = csvr_group_keys_find(into, &batch, n, NULL,
								     new_number + first);
		if (status != CSVR_OK)
			return status;
	}
	return CSVR_OK;
}

/* Sets new_id[i] to the group of `into` that group i of `from` becomes a part of. */
static enum csvr_status map_groups(struct csvr_groups *into, const struct csvr_groups *from,
				   uint32_t *new_id)
{
	enum csvr_status status = map_keys(&into->keys[0], &from->keys[0], new_id);
	uint32_t *before = NULL, *second = NULL;
	for (size_t k = 1; k < from->config.n_keys && status == CSVR_OK; k++) {
		/* new_id has the numbers of the keys, or pairs, before key k. */
		const struct csvr_number_pairs *pairs = &from->pairs[k - 1];
		const size_t n_before = k == 1 ? from->keys[0].n_keys : from->pairs[k - 2].n_pairs;
		const size_t n_keys = from->keys[k].n_keys;
		free(before);
		free(second);
		before = malloc((n_before + 1) * sizeof *before);
		second = malloc((n_keys + pairs->n_pairs + 1) * sizeof *second);
		if (before == NULL || second == NULL) {
			status = CSVR_NO_MEMORY;
			break;
		}
		memcpy(before, new_id, n_before * sizeof *before);
		status = map_keys(&into->keys[k], &from->keys[k], second);
		uint32_t *partner = second + n_keys;
		for (size_t i = 0; i < pairs->n_pairs; i++) {
			new_id[i] = before[pairs->pairs[i] >> 32];
			partner[i] = second[(uint32_t)pairs->pairs[i]];
		}
		if (status == CSVR_OK)
			status = csvr_number_pairs_find(&into->pairs[k - 1], new_id, partner,
							pairs->n_pairs);
	}
	free(before);
	free(second);
	return status;
}

/* The most numbers that a key, or pairs of keys, have. */
static size_t count_numbers(const struct csvr_groups *groups)
{
	size_t most = 0;
	for (size_t k = 0; k < groups->config.n_keys; k++) {
		most = groups->keys[k].n_keys > most ? groups->keys[k].n_keys : most;
		most = groups->pairs[k].n_pairs > most ? groups->pairs[k].n_pairs : most;
	}
	return most;
}

static enum csvr_status merge_details(const struct csvr_groups *into,
				      struct csvr_group_column *column,
				      struct csvr_group_column *from, size_t n_from,
				      const uint32_t *new_id)
{
	if (column->details == NULL)
		column->details = calloc(into->capacity, sizeof(struct csvr_column *));
	if (column->details == NULL)
		return CSVR_NO_MEMORY;
	for (size_t i = 0; i < n_from; i++) {
		struct csvr_column **detail = &column->details[new_id[i]];
		if (from->details[i] == NULL)
			continue;
		if (*detail == NULL) {
			*detail = from->details[i];
			from->details[i] = NULL;
			continue;
		}
		const enum csvr_status status = csvr_column_merge(*detail, from->details[i]);
		if (status != CSVR_OK)
			return status;
	}
	return CSVR_OK;
}

static enum csvr_status merge_column(const struct csvr_groups *into,
				     struct csvr_group_column *column,
				     struct csvr_group_column *from, size_t n_from,
				     const uint32_t *new_id)
{
	for (size_t i = 0; i < from->n_values; i++) {
		struct csvr_group_values *more = &from->values[i];
		struct csvr_group_values *values =
			csvr_group_values_get(column, into->capacity,
					      (enum csvr_quantity)more->quantity, more->scale);
		if (values == NULL ||
		    csvr_group_values_merge(values, into->n_groups, into->capacity, more, n_from,
					    new_id) != CSVR_OK)
			return CSVR_NO_MEMORY;
	}
	for (int class = 0; class < CSVR_N_CELL_CLASSES; class ++) {
		if (from->cells[class] == NULL)
			continue;
		uint64_t *cells = csvr_group_cells(into, column, (enum csvr_cell_class) class);
		if (cells == NULL)
			return CSVR_NO_MEMORY;
		for (size_t i = 0; i < n_from; i++)
			cells[new_id[i]] += from->cells[class][i];
	}
	return from->details != NULL ? merge_details(into, column, from, n_from, new_id) : CSVR_OK;
}

static enum csvr_status merge_titles(struct csvr_groups *into, const struct csvr_groups *from)
{
	for (size_t k = 0; k < from->config.n_keys; k++) {
		const struct csvr_key_title *title = &from->titles[k];
		into->n_files_without[k] += from->n_files_without[k];
		into->n_rows_without[k] += from->n_rows_without[k];
		if (!title->is_present)
			continue;
		if (csvr_key_title_add(&into->titles[k], title->text, title->n_bytes) != CSVR_OK)
			return CSVR_NO_MEMORY;
		into->titles[k].differs |= title->differs;
	}
	return CSVR_OK;
}

static uint32_t moved(const uint32_t *new_column, size_t column)
{
	return new_column != NULL ? new_column[column] : (uint32_t)column;
}

static enum csvr_status merge_columns(struct csvr_groups *into, struct csvr_groups *from,
				      const uint32_t *new_column, const uint32_t *new_id)
{
	for (size_t i = 0; i < from->n_columns; i++) {
		const uint32_t column = moved(new_column, i);
		if (column == UINT32_MAX)
			continue;
		if (csvr_groups_reserve_columns(into, column + (size_t)1) != CSVR_OK)
			return CSVR_NO_MEMORY;
		into->are_keys[column] |= from->are_keys[i];
		const enum csvr_status status = merge_column(into, &into->columns[column],
							     &from->columns[i], from->n_groups,
							     new_id);
		if (status != CSVR_OK)
			return status;
	}
	return CSVR_OK;
}

/* Moves everything to groups that are empty: merging would copy it. */
static enum csvr_status move_all(struct csvr_groups *into, struct csvr_groups *from,
				 const uint32_t *new_column)
{
	const struct csvr_groups empty = *into;
	*into = *from;
	*from = empty;
	return new_column != NULL ? csvr_groups_move_columns(into, new_column) : CSVR_OK;
}

static enum csvr_status merge_all(struct csvr_groups *into, struct csvr_groups *from,
				  const uint32_t *new_column)
{
	uint32_t *new_id = calloc(count_numbers(from) + 1, sizeof *new_id);
	if (new_id == NULL)
		return CSVR_NO_MEMORY;
	/* The group of the missing key exists even if no key was looked up. */
	new_id[CSVR_MISSING_KEY] = CSVR_MISSING_KEY;
	enum csvr_status status = map_groups(into, from, new_id);
	if (status == CSVR_OK)
		status = csvr_groups_reserve(into);
	for (size_t i = 0; i < from->n_groups && status == CSVR_OK; i++)
		into->n_rows[new_id[i]] += from->n_rows[i];
	if (status == CSVR_OK)
		status = merge_columns(into, from, new_column, new_id);
	if (status == CSVR_OK)
		status = merge_titles(into, from);
	into->has_too_many = csvr_groups_exceed(into);
	free(new_id);
	return status;
}

enum csvr_status csvr_groups_merge(struct csvr_groups **into, struct csvr_groups *from,
				   const uint32_t *new_column)
{
	if (from == NULL)
		return CSVR_OK;
	if (*into == NULL && csvr_groups_new(&from->config, into) != CSVR_OK)
		return CSVR_NO_MEMORY;
	struct csvr_groups *groups = *into;
	groups->n_ordered = 0;
	if (groups->has_too_many || from->has_too_many) {
		groups->has_too_many = true;
		return CSVR_OK;
	}
	if (groups->n_groups == 0 && groups->n_columns == 0 && !csvr_groups_have_keys(groups))
		return move_all(groups, from, new_column);
	return merge_all(groups, from, new_column);
}

void csvr_groups_limit(struct csvr_groups *groups, size_t n_columns)
{
	for (size_t j = 0; j < groups->n_columns; j++) {
		struct csvr_column **details = groups->columns[j].details;
		for (size_t i = 0; details != NULL && i < groups->n_groups; i++)
			if (details[i] != NULL)
				csvr_collected_limit(details[i]->collected,
						     n_columns * groups->n_groups);
	}
}

void csvr_groups_finish_file(struct csvr_groups *groups, uint64_t n_rows)
{
	for (size_t k = 0; k < groups->config.n_keys; k++) {
		const bool is_absent = !groups->titles[k].is_present && n_rows > 0;
		groups->n_files_without[k] = is_absent;
		groups->n_rows_without[k] = is_absent ? n_rows : 0;
	}
}

enum csvr_status csvr_groups_move_columns(struct csvr_groups *groups, const uint32_t *new_column)
{
	size_t n_columns = 0;
	for (size_t i = 0; i < groups->n_columns; i++)
		if (new_column[i] != UINT32_MAX && new_column[i] >= n_columns)
			n_columns = new_column[i] + (size_t)1;
	const size_t n_old = groups->n_columns;
	struct csvr_group_column *columns = groups->columns;
	bool *are_keys = groups->are_keys;
	groups->columns = NULL;
	groups->are_keys = NULL;
	groups->n_columns = groups->columns_capacity = 0;
	const enum csvr_status status = csvr_groups_reserve_columns(groups, n_columns);
	for (size_t i = 0; i < n_old; i++) {
		const uint32_t column = new_column[i];
		if (status == CSVR_OK && column != UINT32_MAX) {
			groups->columns[column] = columns[i];
			groups->are_keys[column] = are_keys[i];
		} else {
			csvr_group_column_clear(&columns[i], groups->n_groups);
		}
	}
	free(columns);
	free(are_keys);
	return status;
}
