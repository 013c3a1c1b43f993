/* pairs.c - the sums of all pairs of some columns, for --correlation */
#include "stats/pairs.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void csvr_pairs_clear(struct csvr_pairs *pairs)
{
	for (size_t i = 0; i < pairs->pairs_capacity; i++)
		csvr_pair_clear(&pairs->pairs[i]);
	free(pairs->columns);
	free(pairs->pairs);
	memset(pairs, 0, sizeof *pairs);
}

void csvr_pairs_reset(struct csvr_pairs *pairs)
{
	const size_t n_pairs = csvr_pairs_count(pairs);
	for (size_t i = 0; i < n_pairs; i++)
		csvr_pair_reset(&pairs->pairs[i]);
	pairs->n_columns = 0;
}

enum csvr_status csvr_pairs_add_column(struct csvr_pairs *pairs, uint32_t column)
{
	uint32_t *columns = csvr_array_grow(pairs->columns, &pairs->columns_capacity,
					    pairs->n_columns + 1, sizeof *columns);
	if (columns == NULL)
		return CSVR_NO_MEMORY;
	pairs->columns = columns;
	const size_t n_pairs = csvr_pair_index(0, pairs->n_columns + 1);
	if (n_pairs > pairs->pairs_capacity) {
		size_t capacity = pairs->pairs_capacity;
		struct csvr_pair *grown = csvr_array_grow(pairs->pairs, &capacity, n_pairs,
							  sizeof *grown);
		if (grown == NULL)
			return CSVR_NO_MEMORY;
		memset(grown + pairs->pairs_capacity, 0,
		       (capacity - pairs->pairs_capacity) * sizeof *grown);
		pairs->pairs = grown;
		pairs->pairs_capacity = capacity;
	}
	columns[pairs->n_columns++] = column;
	return CSVR_OK;
}

/* The index of a column in pairs->columns, where it is added if it is new. `guess` is where it probably
 * is. */
static enum csvr_status intern_column(struct csvr_pairs *pairs, uint32_t column, size_t guess,
				      size_t *index)
{
	*index = guess;
	if (guess < pairs->n_columns && pairs->columns[guess] == column)
		return CSVR_OK;
	for (*index = 0; *index < pairs->n_columns; ++*index)
		if (pairs->columns[*index] == column)
			return CSVR_OK;
	return csvr_pairs_add_column(pairs, column);
}

enum csvr_status csvr_pairs_merge(struct csvr_pairs *into, const struct csvr_pairs *from,
				  const uint32_t *new_column)
{
	if (from->n_columns == 0)
		return CSVR_OK;
	enum csvr_status status = CSVR_OK;
	size_t *index = malloc(from->n_columns * sizeof *index);
	if (index == NULL)
		return CSVR_NO_MEMORY;
	for (size_t i = 0; i < from->n_columns && status == CSVR_OK; i++) {
		const uint32_t column = from->columns[i];
		status = intern_column(into, new_column != NULL ? new_column[column] : column, i,
				       &index[i]);
	}
	for (size_t j = 1; j < from->n_columns && status == CSVR_OK; j++) {
		for (size_t i = 0; i < j && status == CSVR_OK; i++) {
			const struct csvr_pair *pair = &from->pairs[csvr_pair_index(i, j)];
			const size_t a = index[i], b = index[j];
			/* In a forged state two positions may have the same column. */
			if (pair->n > 0 && a != b)
				status = csvr_pair_merge(
					&into->pairs[csvr_pair_index(a < b ? a : b, a < b ? b : a)],
					pair, a > b);
		}
	}
	free(index);
	return status;
}

struct numbered {
	uint32_t column;
	size_t index; /* before sorting */
};

static int by_column(const void *a, const void *b)
{
	const struct numbered *left = a, *right = b;
	return left->column < right->column ? -1 : left->column > right->column;
}

enum csvr_status csvr_pairs_renumber(struct csvr_pairs *pairs, const uint32_t *new_column)
{
	const size_t n_columns = pairs->n_columns, n_pairs = csvr_pairs_count(pairs);
	bool is_ascending = true;
	for (size_t i = 0; i < n_columns; i++) {
		pairs->columns[i] = new_column[pairs->columns[i]];
		is_ascending &= i == 0 || pairs->columns[i - 1] < pairs->columns[i];
	}
	if (is_ascending)
		return CSVR_OK;
	struct numbered *order = malloc(n_columns * sizeof *order);
	struct csvr_pair *sorted = malloc((n_pairs + 1) * sizeof *sorted);
	if (order == NULL || sorted == NULL) {
		free(order);
		free(sorted);
		return CSVR_NO_MEMORY;
	}
	for (size_t i = 0; i < n_columns; i++)
		order[i] = (struct numbered){ pairs->columns[i], i };
	qsort(order, n_columns, sizeof *order, by_column);
	for (size_t j = 0; j < n_columns; j++) {
		pairs->columns[j] = order[j].column;
		for (size_t i = 0; i < j; i++) {
			const size_t a = order[i].index, b = order[j].index;
			struct csvr_pair *pair = &sorted[csvr_pair_index(i, j)];
			*pair = pairs->pairs[csvr_pair_index(a < b ? a : b, a < b ? b : a)];
			if (a > b)
				csvr_pair_swap(pair);
		}
	}
	memcpy(pairs->pairs, sorted, n_pairs * sizeof *sorted);
	free(order);
	free(sorted);
	return CSVR_OK;
}
