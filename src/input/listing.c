/* listing.c - lists that runs made of their inputs */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "input/listing.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/bytes.h"
#include "input/list.h"

void csvr_listings_free(struct csvr_listings *listings)
{
	if (listings == NULL)
		return;
	for (size_t i = 0; i < listings->n_items; i++)
		free(listings->items[i].found);
	free(listings->items);
	free(listings->origins);
	free(listings->null_values);
	free(listings->select);
	csvr_arena_clear(&listings->words);
	csvr_arena_clear(&listings->strings);
	free(listings);
}

/* ---- the list of this run ---- */

static bool is_own(const struct csvr_input *input)
{
	return input->kind != CSVR_STATE && !input->is_known;
}

/* What was read from a stream is gone, so no two runs read the same, though nothing about the stream
 * tells them apart: the moment does. But shares are of one list, in whichever moments they are read. */
static int64_t time_of(const struct csvr_input *input, const struct csvr_listing *listing)
{
	struct timespec now;
	if (input->kind != CSVR_STREAM || listing->n_shares > 1)
		return csvr_input_mtime_ns(input);
	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static enum csvr_status describe(const struct csvr_inputs *inputs, struct csvr_listing *listing)
{
	struct csvr_digest digest;
	struct csvr_bytes bytes;
	csvr_bytes_init(&bytes);
	csvr_digest_init(&digest);
	csvr_bytes_put_whole(&bytes, listing->piece_bytes);
	listing->is_by_path = true;
	size_t first = SIZE_MAX, newest = SIZE_MAX, before = SIZE_MAX;
	for (size_t i = 0; i < inputs->n_items && !bytes.is_out_of_memory; i++) {
		const struct csvr_input *input = &inputs->items[i];
		if (!is_own(input))
			continue;
		csvr_inputs_put_path(&bytes, inputs, input);
		csvr_bytes_put_whole(&bytes, input->size_bytes);
		csvr_bytes_put_signed(&bytes, time_of(input, listing));
		csvr_digest_add(&digest, bytes.bytes, bytes.n_bytes);
		bytes.n_bytes = 0;
		if (first == SIZE_MAX)
			first = newest = i;
		if (csvr_input_mtime_ns(input) > csvr_input_mtime_ns(&inputs->items[newest]))
			newest = i;
		listing->is_by_path &= before == SIZE_MAX ||
				       csvr_inputs_compare(inputs, (uint32_t)before, (uint32_t)i) <=
					       0;
		listing->n_inputs++;
		listing->size_bytes += input->size_bytes;
		before = i;
	}
	listing->first = first != SIZE_MAX ? csvr_inputs_path(inputs, first) : "";
	listing->newest = newest != SIZE_MAX ? csvr_inputs_path(inputs, newest) : "";
	listing->newest_ns = newest != SIZE_MAX ? csvr_input_mtime_ns(&inputs->items[newest]) : 0;
	const bool is_out_of_memory = bytes.is_out_of_memory || csvr_inputs_is_cut(inputs);
	csvr_bytes_clear(&bytes);
	csvr_digest_end(&digest, listing->digest);
	return is_out_of_memory ? CSVR_NO_MEMORY : CSVR_OK;
}

enum csvr_status csvr_listings_begin(struct csvr_inputs *inputs, uint64_t piece_bytes,
				     uint32_t index, uint32_t count)
{
	if (inputs->listings != NULL)
		return CSVR_OK;
	inputs->listings = calloc(1, sizeof *inputs->listings);
	if (inputs->listings == NULL)
		return CSVR_NO_MEMORY;
	struct csvr_listings *listings = inputs->listings;
	csvr_arena_init(&listings->strings);
	csvr_arena_init(&listings->words);
	struct csvr_listing own = { .piece_bytes = piece_bytes, .n_shares = count };
	enum csvr_status status = describe(inputs, &own);
	uint32_t number;
	if (status == CSVR_OK)
		status = csvr_listings_add(inputs, &own, &number);
	const struct csvr_share_found *twice;
	if (status == CSVR_OK)
		status = csvr_listing_add_share(&listings->items[number], index, NULL, &twice);
	uint32_t n_own = 0;
	for (size_t i = 0; i < inputs->n_items && status == CSVR_OK; i++)
		status = csvr_listings_place(inputs, 0, is_own(&inputs->items[i]) ? n_own++ : 0);
	return status;
}

/* ---- lists of states ---- */

static int compare_numbers(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

/* By the first pair of two that differ. */
static int compare_pairs(const uint64_t (*pair)[2], size_t n_pairs)
{
	int order = 0;
	for (size_t i = 0; i < n_pairs && order == 0; i++)
		order = compare_numbers(pair[i][0], pair[i][1]);
	return order;
}

/* By all that is told of them. The digest alone decides, unless a state is forged; what is made of forged
 * ones, too, is the same whichever comes first. */
static int compare_listings(const struct csvr_listing *a, const struct csvr_listing *b)
{
	if (a == b)
		return 0;
	const uint64_t numbers[][2] = { { a->n_shares, b->n_shares },
					{ a->n_inputs, b->n_inputs },
					{ a->size_bytes, b->size_bytes },
					{ a->piece_bytes, b->piece_bytes },
					{ (uint64_t)a->newest_ns, (uint64_t)b->newest_ns },
					{ a->is_by_path, b->is_by_path } };
	int order = strcmp(a->first, b->first);
	if (order == 0)
		order = memcmp(a->digest, b->digest, sizeof a->digest);
	if (order == 0)
		order = compare_pairs(numbers, sizeof numbers / sizeof numbers[0]);
	return order != 0 ? order : strcmp(a->newest, b->newest);
}

uint32_t csvr_listings_find(const struct csvr_listings *listings,
			    const struct csvr_listing *listing)
{
	for (size_t i = 0; i < listings->n_items; i++)
		if (compare_listings(&listings->items[i], listing) == 0)
			return (uint32_t)i;
	return UINT32_MAX;
}

enum csvr_status csvr_listings_add(struct csvr_inputs *inputs, const struct csvr_listing *listing,
				   uint32_t *number)
{
	struct csvr_listings *listings = inputs->listings;
	*number = csvr_listings_find(listings, listing);
	if (*number != UINT32_MAX)
		return CSVR_OK;
	struct csvr_listing *items = csvr_grow(listings->items, &listings->capacity,
					       listings->n_items + 1, sizeof *items);
	if (items == NULL)
		return CSVR_NO_MEMORY;
	listings->items = items;
	struct csvr_listing copy = *listing;
	copy.first = csvr_arena_copy(&listings->strings, listing->first, strlen(listing->first));
	copy.newest = csvr_arena_copy(&listings->strings, listing->newest, strlen(listing->newest));
	copy.found = NULL;
	copy.n_found = copy.found_capacity = 0;
	if (copy.first == NULL || copy.newest == NULL)
		return CSVR_NO_MEMORY;
	*number = (uint32_t)listings->n_items;
	items[listings->n_items++] = copy;
	return CSVR_OK;
}

enum csvr_status csvr_listing_add_share(struct csvr_listing *listing, uint32_t index,
					const char *from, const struct csvr_share_found **twice)
{
	*twice = NULL;
	size_t i = listing->n_found;
	while (i > 0 && listing->found[i - 1].index >= index)
		i--;
	if (i < listing->n_found && listing->found[i].index == index) {
		*twice = &listing->found[i];
		return CSVR_OK;
	}
	struct csvr_share_found *found = csvr_grow(listing->found, &listing->found_capacity,
						   listing->n_found + 1, sizeof *found);
	if (found == NULL)
		return CSVR_NO_MEMORY;
	listing->found = found;
	memmove(found + i + 1, found + i, (listing->n_found++ - i) * sizeof *found);
	found[i] = (struct csvr_share_found){ index, from };
	return CSVR_OK;
}

uint32_t csvr_listing_n_missing(const struct csvr_listing *listing)
{
	return listing->n_shares - (uint32_t)listing->n_found;
}

void csvr_listing_missing(const struct csvr_listing *listing, char text[CSVR_SHARES_BYTES])
{
	enum { MOST_NAMED = 8 }; /* enough to go looking */
	size_t n = 0, f = 0, n_named = 0;
	text[0] = '\0';
	for (uint32_t index = 1; index <= listing->n_shares; index++) {
		if (f < listing->n_found && listing->found[f].index == index) {
			f++;
			continue;
		}
		if (n_named++ == MOST_NAMED) {
			snprintf(text + n, CSVR_SHARES_BYTES - n, ", ...");
			return;
		}
		n += (size_t)snprintf(text + n, CSVR_SHARES_BYTES - n, "%s%" PRIu32,
				      n_named > 1 ? ", " : "", index);
	}
}

enum csvr_status csvr_listings_place(struct csvr_inputs *inputs, uint32_t listing, uint32_t number)
{
	struct csvr_listings *listings = inputs->listings;
	struct csvr_origin *origins = csvr_grow(listings->origins, &listings->origins_capacity,
						listings->n_origins + 1, sizeof *origins);
	if (origins == NULL)
		return CSVR_NO_MEMORY;
	listings->origins = origins;
	origins[listings->n_origins++] = (struct csvr_origin){ listing, number };
	return CSVR_OK;
}

void csvr_listings_keep(struct csvr_inputs *inputs, const char **null_values, const char **select,
			struct csvr_arena *strings)
{
	struct csvr_listings *listings = inputs->listings;
	free(listings->null_values);
	free(listings->select);
	csvr_arena_clear(&listings->words);
	listings->null_values = null_values;
	listings->select = select;
	listings->words = *strings;
	csvr_arena_init(strings);
}

/* ---- the order of all ---- */

/* What decides where an input stands; `index` is where it stood. */
struct standing {
	const struct csvr_listing *listing;
	const struct csvr_inputs *inputs;
	uint32_t number, index;
	bool is_gone;
};

/* By what the list of a run tells of them: two of one number differ only if a state is forged. */
static int compare_inputs(const struct standing *a, const struct standing *b)
{
	const struct csvr_input *left = &a->inputs->items[a->index];
	const struct csvr_input *right = &b->inputs->items[b->index];
	const uint64_t numbers[][2] = { { left->size_bytes, right->size_bytes },
					{ (uint64_t)left->mtime_ns, (uint64_t)right->mtime_ns },
					{ left->is_coded, right->is_coded } };
	const int order = csvr_inputs_compare(a->inputs, a->index, b->index);
	return order != 0 ? order : compare_pairs(numbers, sizeof numbers / sizeof numbers[0]);
}

static int compare(const void *left, const void *right)
{
	const struct standing *a = left, *b = right;
	if (a->is_gone || b->is_gone)
		return a->is_gone - b->is_gone;
	if (a->listing->is_by_path != b->listing->is_by_path)
		return a->listing->is_by_path ? -1 : 1;
	int order = a->listing->is_by_path ? csvr_inputs_compare(a->inputs, a->index, b->index) : 0;
	if (order == 0)
		order = compare_listings(a->listing, b->listing);
	if (order == 0)
		order = compare_numbers(a->number, b->number);
	if (order == 0)
		order = compare_inputs(a, b);
	return order != 0 ? order : compare_numbers(a->index, b->index);
}

static bool is_one_input(const struct standing *a, const struct standing *b)
{
	return !a->is_gone && !b->is_gone && a->inputs->items[a->index].is_known &&
	       b->inputs->items[b->index].is_known && a->listing == b->listing &&
	       a->number == b->number && compare_inputs(a, b) == 0;
}

struct numbered {
	struct csvr_listing listing;
	uint32_t old;
};

static int compare_numbered(const void *left, const void *right)
{
	const struct numbered *a = left, *b = right;
	return compare_listings(&a->listing, &b->listing);
}

/* The same lists in the same order, whichever was met first. */
static enum csvr_status arrange_lists(struct csvr_listings *listings)
{
	const size_t n = listings->n_items;
	struct numbered *numbered = malloc(n * sizeof *numbered);
	uint32_t *new_number = malloc(n * sizeof *new_number);
	if (numbered == NULL || new_number == NULL) {
		free(numbered);
		free(new_number);
		return CSVR_NO_MEMORY;
	}
	for (size_t i = 0; i < n; i++)
		numbered[i] = (struct numbered){ listings->items[i], (uint32_t)i };
	qsort(numbered, n, sizeof *numbered, compare_numbered);
	size_t n_kept = 0;
	for (size_t i = 0; i < n; i++) {
		const bool is_kept = n == 1 || numbered[i].old > 0 ||
				     numbered[i].listing.n_inputs > 0;
		new_number[numbered[i].old] = is_kept ? (uint32_t)n_kept : 0;
		if (is_kept)
			listings->items[n_kept++] = numbered[i].listing;
		else
			free(numbered[i].listing.found);
	}
	listings->n_items = n_kept;
	for (size_t i = 0; i < listings->n_origins; i++)
		listings->origins[i].listing = new_number[listings->origins[i].listing];
	free(numbered);
	free(new_number);
	return CSVR_OK;
}

enum csvr_status csvr_listings_arrange(struct csvr_inputs *inputs, uint32_t **new_index)
{
	struct csvr_listings *listings = inputs->listings;
	const size_t n = inputs->n_items;
	*new_index = NULL;
	if (arrange_lists(listings) != CSVR_OK)
		return CSVR_NO_MEMORY;
	struct standing *standings = malloc((n + 1) * sizeof *standings);
	struct csvr_origin *origins = malloc((n + 1) * sizeof *origins);
	uint32_t *old_index = malloc((n + 1) * sizeof *old_index);
	*new_index = malloc((n + 1) * sizeof **new_index);
	enum csvr_status status = CSVR_NO_MEMORY;
	if (standings == NULL || origins == NULL || old_index == NULL || *new_index == NULL)
		goto out;
	for (size_t i = 0; i < n; i++) {
		const struct csvr_origin *origin = &listings->origins[i];
		standings[i] = (struct standing){ &listings->items[origin->listing], inputs,
						  origin->number, (uint32_t)i,
						  inputs->items[i].kind == CSVR_STATE };
	}
	if (n > 1)
		qsort(standings, n, sizeof *standings, compare);
	size_t n_kept = 0;
	for (size_t i = 0; i < n; i++) {
		const uint32_t old = standings[i].index;
		/* Shares that each hold a part of a file each name it. */
		const bool is_same = i > 0 && is_one_input(&standings[i - 1], &standings[i]);
		(*new_index)[old] = standings[i].is_gone ? UINT32_MAX
				    : is_same            ? (uint32_t)(n_kept - 1)
							 : (uint32_t)n_kept;
		if (is_same) /* one share may have seen what another came too late for */
			inputs->items[old_index[n_kept - 1]].has_changed |=
				inputs->items[old].has_changed;
		if (standings[i].is_gone || is_same)
			continue;
		old_index[n_kept] = old;
		origins[n_kept++] = listings->origins[old];
	}
	status = csvr_inputs_rearrange(inputs, old_index, n_kept);
	if (status != CSVR_OK)
		goto out;
	memcpy(listings->origins, origins, n_kept * sizeof *origins);
	listings->n_origins = n_kept;
	inputs->n_states = 0;
out:
	free(standings);
	free(origins);
	free(old_index);
	return status;
}
