/* similar_sets_family.c - many sets of ids, in the order in which they are compared */
#include <stdlib.h>

#include "stats/similar_sets_internal.h"

void csvr_set_family_clear(struct csvr_set_family *family)
{
	free(family->source);
	free(family->start);
	free(family->ranks);
	free(family->sketches);
}

/* The items 0 to n - 1 in ascending order of their keys, which are at most `max_key`; items of the same key keep
 * their order. The caller frees it. NULL: no memory. */
static uint32_t *sort_by_key(const uint32_t *keys, size_t n, size_t max_key)
{
	uint32_t *order = calloc(n + 1, sizeof *order);
	size_t *next = calloc(max_key + 2, sizeof *next); /* by key: the place of its next item */
	if (order == NULL || next == NULL) {
		free(order);
		free(next);
		return NULL;
	}
	for (size_t i = 0; i < n; i++)
		next[keys[i] + 1]++;
	for (size_t key = 0; key < max_key; key++)
		next[key + 1] += next[key];
	for (size_t i = 0; i < n; i++)
		order[next[keys[i]]++] = (uint32_t)i;
	free(next);
	return order;
}

static enum csvr_status order_sets(struct csvr_set_family *family, const struct csvr_id_set *sets)
{
	const size_t n_sets = family->n_sets;
	uint32_t *keys = calloc(n_sets, sizeof *keys);
	size_t max_size = 0;
	if (keys == NULL)
		return CSVR_NO_MEMORY;
	for (size_t i = 0; i < n_sets; i++)
		max_size = sets[i].n_ids > max_size ? sets[i].n_ids : max_size;
	for (size_t i = 0; i < n_sets; i++)
		keys[i] = (uint32_t)(max_size - sets[i].n_ids);
	family->source = sort_by_key(keys, n_sets, max_size);
	free(keys);
	family->start = calloc(n_sets + 1, sizeof *family->start);
	if (family->source == NULL || family->start == NULL)
		return CSVR_NO_MEMORY;
	for (size_t k = 0; k < n_sets; k++)
		family->start[k + 1] = family->start[k] + sets[family->source[k]].n_ids;
	return CSVR_OK;
}

/* Stores the rank of each id. `n_holders`: how many sets have it. */
static enum csvr_status rank_ids(struct csvr_set_family *family, const uint32_t *n_holders,
				 uint32_t *rank)
{
	const size_t min_frequent = family->n_sets < 128 ? 2 : family->n_sets / 64;
	uint32_t *by_rank = sort_by_key(n_holders, family->n_ranks, family->n_sets);
	if (by_rank == NULL)
		return CSVR_NO_MEMORY;
	for (size_t i = 0; i < family->n_ranks; i++) {
		rank[by_rank[i]] = (uint32_t)i;
		family->first_shared += n_holders[i] < 2;
		family->first_frequent += n_holders[i] < min_frequent;
	}
	free(by_rank);
	return CSVR_OK;
}

static int compare_ranks(const void *left, const void *right)
{
	const uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
	return (a > b) - (a < b);
}

static enum csvr_status replace_ids(struct csvr_set_family *family, const struct csvr_id_set *sets)
{
	uint32_t *n_holders = calloc(family->n_ranks + 1, sizeof *n_holders);
	uint32_t *rank = malloc((family->n_ranks + 1) * sizeof *rank);
	enum csvr_status status = CSVR_NO_MEMORY;
	family->ranks = malloc((family->start[family->n_sets] + 1) * sizeof *family->ranks);
	if (n_holders == NULL || rank == NULL || family->ranks == NULL)
		goto done;
	for (size_t i = 0; i < family->n_sets; i++)
		for (size_t j = 0; j < sets[i].n_ids; j++)
			n_holders[sets[i].ids[j]]++;
	status = rank_ids(family, n_holders, rank);
	for (size_t k = 0; k < family->n_sets && status == CSVR_OK; k++) {
		const struct csvr_id_set *set = &sets[family->source[k]];
		uint32_t *ranks = family->ranks + family->start[k];
		for (size_t j = 0; j < set->n_ids; j++)
			ranks[j] = rank[set->ids[j]];
		if (set->n_ids > 1)
			qsort(ranks, set->n_ids, sizeof *ranks, compare_ranks);
	}
done:
	free(n_holders);
	free(rank);
	return status;
}

/* At least two and a half bits for each id of an average set, so that most bits of sets with few common ids
 * differ. */
static enum csvr_status draw_sketches(struct csvr_set_family *family)
{
	const size_t mean_size = family->start[family->n_sets] / family->n_sets;
	family->n_words = 1 + mean_size / 25;
	family->sketches = calloc(family->n_sets * family->n_words, sizeof *family->sketches);
	if (family->sketches == NULL)
		return CSVR_NO_MEMORY;
	for (size_t k = 0; k < family->n_sets; k++) {
		uint64_t *sketch = family->sketches + k * family->n_words;
		for (size_t at = family->start[k]; at < family->start[k + 1]; at++) {
			const size_t bit = family->ranks[at] % (family->n_words * 64);
			sketch[bit / 64] |= UINT64_C(1) << bit % 64;
		}
	}
	return CSVR_OK;
}

enum csvr_status csvr_set_family_init(struct csvr_set_family *family,
				      const struct csvr_id_set *sets, size_t n_sets,
				      size_t n_ids_in_all)
{
	*family = (struct csvr_set_family){ .n_sets = n_sets, .n_ranks = n_ids_in_all };
	enum csvr_status status = order_sets(family, sets);
	if (status == CSVR_OK)
		status = replace_ids(family, sets);
	return status == CSVR_OK ? draw_sketches(family) : status;
}

bool csvr_set_family_are_similar(const struct csvr_set_family *family, size_t a, size_t b)
{
	const size_t max_different = csvr_set_family_max_different(family, a, b);
	const uint32_t *x = family->ranks + family->start[a];
	const uint32_t *y = family->ranks + family->start[b];
	const uint32_t *x_end = family->ranks + family->start[a + 1];
	const uint32_t *y_end = family->ranks + family->start[b + 1];
	size_t n_different = 0;
	/* Invariant: n_different ranks before x and y are in one of the sets only, and all others in both. */
	while (x < x_end && y < y_end && n_different <= max_different) {
		const uint32_t rank = *x < *y ? *x : *y;
		n_different += *x != *y;
		x += *x == rank;
		y += *y == rank;
	}
	return n_different + (size_t)(x_end - x) + (size_t)(y_end - y) <= max_different;
}
