/* inputs_sort.c - the order of inputs by path
 *
 * Why it is fast
 * - Sorting moves indices of four bytes; then each input is moved once, in place.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdlib.h>
#include <string.h>

#include "input/inputs_internal.h"

int csvr_inputs_compare(const struct csvr_inputs *inputs, uint32_t a, uint32_t b)
{
	const struct csvr_path_parts left = csvr_path_parts_of(inputs, &inputs->items[a]);
	const struct csvr_path_parts right = csvr_path_parts_of(inputs, &inputs->items[b]);
	if (left.number == right.number)
		return strcmp(left.name, right.name);
	size_t n_left = strlen(left.directory), n_right = strlen(right.directory);
	size_t n_both = n_left < n_right ? n_left : n_right;
	int order = memcmp(left.directory, right.directory, n_both);
	if (order != 0)
		return order;
	/* Names contain no slash, or only after a "?" or "#", which no such directory contains.
	 * The rest of the longer directory ends with a slash, so it differs from the name before
	 * either ends, and the name that follows the longer directory does not matter. */
	if (n_left < n_right)
		return strcmp(left.name, right.directory + n_both);
	if (n_left > n_right)
		return strcmp(left.directory + n_both, right.name);
	return strcmp(left.name, right.name);
}

static bool is_sorted(const struct csvr_inputs *inputs, size_t first)
{
	for (size_t i = first + 1; i < inputs->n_items; i++)
		if (csvr_inputs_compare(inputs, (uint32_t)(i - 1), (uint32_t)i) > 0)
			return false;
	return true;
}

/* A merge sort, so equal paths keep their order. `scratch` has room for half of them. */
static void sort(const struct csvr_inputs *inputs, uint32_t *order, size_t n, uint32_t *scratch)
{
	if (n < 2)
		return;
	size_t n_left = n / 2;
	sort(inputs, order, n_left, scratch);
	sort(inputs, order + n_left, n - n_left, scratch);
	if (csvr_inputs_compare(inputs, order[n_left - 1], order[n_left]) <= 0)
		return;
	memcpy(scratch, order, n_left * sizeof *order);
	size_t left = 0, right = n_left, out = 0;
	while (left < n_left && right < n)
		order[out++] = csvr_inputs_compare(inputs, order[right], scratch[left]) < 0
				       ? order[right++]
				       : scratch[left++];
	while (left < n_left)
		order[out++] = scratch[left++];
}

/* Indices of the inputs from `first` on, sorted by path; NULL: no memory. */
static uint32_t *sorted_indices(const struct csvr_inputs *inputs, size_t first)
{
	size_t n = inputs->n_items - first;
	uint32_t *order = calloc(n + n / 2 + 1, sizeof *order);
	if (order == NULL)
		return NULL;
	for (size_t i = 0; i < n; i++)
		order[i] = (uint32_t)(first + i);
	sort(inputs, order, n, order + n);
	return order;
}

enum csvr_status csvr_inputs_sort(struct csvr_inputs *inputs, size_t first)
{
	if (is_sorted(inputs, first))
		return CSVR_OK;
	uint32_t *order = sorted_indices(inputs, first);
	if (order == NULL)
		return CSVR_NO_MEMORY;
	struct csvr_input *items = inputs->items;
	for (size_t i = first; i < inputs->n_items; i++) {
		/* Follow one cycle of the permutation; finished slots point to themselves. */
		const struct csvr_input displaced = items[i];
		size_t slot = i;
		while (order[slot - first] != i) {
			size_t from = order[slot - first];
			items[slot] = items[from];
			order[slot - first] = (uint32_t)slot;
			slot = from;
		}
		items[slot] = displaced;
		order[slot - first] = (uint32_t)slot;
	}
	free(order);
	return CSVR_OK;
}

enum csvr_status csvr_inputs_rank_paths(struct csvr_inputs *inputs)
{
	free(inputs->path_ranks);
	inputs->path_ranks = NULL;
	/* Usually there is one directory, which its walk has sorted. */
	if (is_sorted(inputs, 0))
		return CSVR_OK;
	uint32_t *order = sorted_indices(inputs, 0);
	uint32_t *path_ranks = calloc(inputs->n_items, sizeof *path_ranks);
	if (order == NULL || path_ranks == NULL) {
		free(order);
		free(path_ranks);
		return CSVR_NO_MEMORY;
	}
	for (size_t rank = 0; rank < inputs->n_items; rank++)
		path_ranks[order[rank]] = (uint32_t)rank;
	free(order);
	inputs->path_ranks = path_ranks;
	return CSVR_OK;
}
