/* list.c - the list of inputs: what stands in it, and in which order */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "input/list.h"

#include <stdlib.h>
#include <string.h>

enum csvr_status csvr_inputs_new(struct csvr_inputs **inputs)
{
	*inputs = calloc(1, sizeof **inputs);
	if (*inputs == NULL)
		return CSVR_NO_MEMORY;
	csvr_arena_init(&(*inputs)->paths);
	return CSVR_OK;
}

void csvr_inputs_free(struct csvr_inputs *inputs)
{
	if (inputs == NULL)
		return;
	csvr_arena_clear(&inputs->paths);
	free(inputs->items);
	free(inputs->by_rank);
	free(inputs);
}

size_t csvr_inputs_count(const struct csvr_inputs *inputs)
{
	return inputs->n_items;
}

const char *csvr_inputs_path(const struct csvr_inputs *inputs, size_t index)
{
	return inputs->items[index].path;
}

struct csvr_input *csvr_inputs_append(struct csvr_inputs *inputs, const char *path, size_t length,
				      enum csvr_input_kind kind)
{
	if (inputs->n_items == UINT32_MAX) /* a rank has 32 bits */
		return NULL;
	struct csvr_input *items = csvr_grow(inputs->items, &inputs->capacity, inputs->n_items + 1,
					     sizeof *items);
	if (items == NULL)
		return NULL;
	inputs->items = items;
	const char *copy = csvr_arena_copy(&inputs->paths, path, length);
	if (copy == NULL)
		return NULL;
	struct csvr_input *input = &items[inputs->n_items++];
	*input = (struct csvr_input){ .path = copy, .kind = (uint8_t)kind };
	return input;
}

/* ---- ranks ---- */

/* Equal paths in order of arguments: both stand in one array, so their addresses tell. */
static int compare_ranks(const void *a, const void *b)
{
	const struct csvr_input *first = *(const struct csvr_input *const *)a;
	const struct csvr_input *second = *(const struct csvr_input *const *)b;
	int order = strcmp(first->path, second->path);
	return order != 0 ? order : (first > second) - (first < second);
}

static bool is_sorted(const struct csvr_inputs *inputs)
{
	for (size_t i = 1; i < inputs->n_items; i++)
		if (strcmp(inputs->items[i - 1].path, inputs->items[i].path) > 0)
			return false;
	return true;
}

enum csvr_status csvr_inputs_rank(struct csvr_inputs *inputs)
{
	size_t n = inputs->n_items;
	free(inputs->by_rank);
	inputs->by_rank = NULL;
	if (n == 0)
		return CSVR_OK;
	uint32_t *by_rank = calloc(n, sizeof *by_rank);
	struct csvr_input **sorted = NULL;
	if (by_rank == NULL)
		return CSVR_NO_MEMORY;
	/* One directory is the usual case, and its walk has sorted it. */
	if (!is_sorted(inputs)) {
		sorted = calloc(n, sizeof *sorted);
		if (sorted == NULL) {
			free(by_rank);
			return CSVR_NO_MEMORY;
		}
		for (size_t i = 0; i < n; i++)
			sorted[i] = &inputs->items[i];
		qsort(sorted, n, sizeof(struct csvr_input *), compare_ranks);
	}
	for (size_t rank = 0; rank < n; rank++) {
		size_t index = sorted != NULL ? (size_t)(sorted[rank] - inputs->items) : rank;
		by_rank[rank] = (uint32_t)index;
		inputs->items[index].rank = (uint32_t)rank;
	}
	free(sorted);
	inputs->by_rank = by_rank;
	return CSVR_OK;
}
