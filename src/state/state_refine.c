/* state_refine.c - compares the inputs of a saved state with those that are read again to refine it */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "state/state_internal.h"

/* ---- lists of inputs ---- */

/* The number of the first manifest with the digest; UINT32_MAX: there is none. */
static uint32_t find_digest(const struct csvr_manifests *manifests,
			    const unsigned char digest[CSVR_SHA256_BYTES])
{
	for (size_t i = 0; i < manifests->n_items; i++)
		if (memcmp(manifests->items[i].digest, digest, CSVR_SHA256_BYTES) == 0)
			return (uint32_t)i;
	return UINT32_MAX;
}

/* Decodes the manifests of a state; of their shards only `n_present` is set. Clear `manifests` also after an error. */
static enum csvr_status decode_manifests(struct csvr_decoder *decoder,
					 struct csvr_manifests *manifests)
{
	*manifests = (struct csvr_manifests){ .items = NULL };
	csvr_arena_init(&manifests->strings);
	const size_t n_items = csvr_decoder_count(decoder, CSVR_SHA256_BYTES);
	manifests->items = calloc(n_items + 1, sizeof *manifests->items);
	if (manifests->items == NULL)
		return CSVR_NO_MEMORY;
	while (manifests->n_items < n_items) {
		struct csvr_manifest *manifest = &manifests->items[manifests->n_items++];
		if (!csvr_state_decode_manifest(decoder, &manifests->strings, manifest))
			return CSVR_NO_MEMORY;
		struct csvr_decoder shards = *decoder;
		manifest->n_present = csvr_decoder_count(&shards, 1);
		(void)csvr_state_skip_shards(decoder, manifest, 0);
	}
	return CSVR_OK;
}

static void clear_manifests(struct csvr_manifests *manifests)
{
	free(manifests->items);
	csvr_arena_clear(&manifests->strings);
}

/* Checks that the state can be refined, whatever the inputs of this run. */
static enum csvr_status check_manifests(const struct csvr_manifests *saved,
					struct csvr_error *error)
{
	for (size_t i = 0; i < saved->n_items; i++) {
		const struct csvr_manifest *manifest = &saved->items[i];
		const uint32_t n_missing = csvr_manifest_n_missing(manifest);
		if (n_missing > 0)
			return csvr_error_set(error, CSVR_INCOMPATIBLE_STATES, 0,
					      "lacks %" PRIu32 " of %" PRIu32
					      " shards; merge the states of all shards, and refine "
					      "the result",
					      n_missing, manifest->n_shards);
		if (find_digest(saved, manifest->digest) < i)
			return csvr_error_set(error, CSVR_INCOMPATIBLE_STATES, 0,
					      "contains the same inputs twice; recreate it");
	}
	return CSVR_OK;
}

/* The manifest of the state that is most like `own`. */
static const struct csvr_manifest *find_similar(const struct csvr_manifests *saved,
						const struct csvr_manifest *own)
{
	for (size_t i = 0; i < saved->n_items; i++)
		if (strcmp(saved->items[i].first, own->first) == 0)
			return &saved->items[i];
	return &saved->items[0];
}

static enum csvr_status set_other_inputs_error(const struct csvr_manifest *saved,
					       const struct csvr_manifest *own,
					       struct csvr_error *error)
{
	const char *newest = own->newest_ns >= saved->newest_ns ? own->newest : saved->newest;
	if (strcmp(saved->first, own->first) != 0)
		return csvr_error_set(error, CSVR_INCOMPATIBLE_STATES, 0,
				      "its inputs are not those of this run: the first is %s, here "
				      "%s; pass the same paths",
				      saved->first, own->first);
	if (saved->chunk_bytes != own->chunk_bytes)
		return csvr_error_set(error, CSVR_INCOMPATIBLE_STATES, 0,
				      "was saved with --chunk=%" PRIu64
				      ", but this run uses --chunk=%" PRIu64 "; use the same",
				      saved->chunk_bytes, own->chunk_bytes);
	if (saved->n_inputs != own->n_inputs)
		return csvr_error_set(error, CSVR_INCOMPATIBLE_STATES, 0,
				      "has %" PRIu64 " inputs, but this run has %" PRIu64
				      " (last modified: %s); pass the same paths, or recreate the "
				      "state if the inputs changed",
				      saved->n_inputs, own->n_inputs, newest);
	return csvr_error_set(error, CSVR_INCOMPATIBLE_STATES, 0,
			      "the inputs changed since it was saved (last modified: %s); recreate "
			      "it",
			      newest);
}

/* Whether all manifests of `some` are among `all`; if not, `*other` is the first that is not. */
static bool are_among(const struct csvr_manifests *some, const struct csvr_manifests *all,
		      const struct csvr_manifest **other)
{
	for (size_t i = 0; i < some->n_items; i++)
		if (find_digest(all, some->items[i].digest) == UINT32_MAX) {
			*other = &some->items[i];
			return false;
		}
	return true;
}

enum csvr_status csvr_state_check_refinable(const struct csvr_state_file *state,
					    const struct csvr_inputs *inputs, bool *is_complete,
					    struct csvr_error *error)
{
	const struct csvr_manifests *own = inputs->manifests;
	const struct csvr_manifest *other;
	struct csvr_decoder decoder = state->inputs;
	struct csvr_manifests saved;
	enum csvr_status status = decode_manifests(&decoder, &saved);
	if (status == CSVR_OK && (decoder.is_bad || saved.n_items == 0))
		status = csvr_state_invalid(error);
	if (status == CSVR_OK)
		status = check_manifests(&saved, error);
	if (status == CSVR_OK && !are_among(own, &saved, &other))
		status = set_other_inputs_error(find_similar(&saved, other), other, error);
	if (status == CSVR_OK)
		*is_complete = are_among(&saved, own, &other);
	clear_manifests(&saved);
	return status;
}

/* ---- single inputs ---- */

/* An input of this run, and where it is in its list. */
struct place {
	struct csvr_manifest_entry origin;
	uint32_t index;
};

static int compare_places(const void *a, const void *b)
{
	const struct csvr_manifest_entry *left = &((const struct place *)a)->origin;
	const struct csvr_manifest_entry *right = &((const struct place *)b)->origin;
	if (left->manifest != right->manifest)
		return left->manifest < right->manifest ? -1 : 1;
	return (left->number > right->number) - (left->number < right->number);
}

static struct place *sort_places(const struct csvr_inputs *inputs)
{
	struct place *places = malloc((inputs->n_items + 1) * sizeof *places);
	for (size_t i = 0; places != NULL && i < inputs->n_items; i++)
		places[i] = (struct place){ inputs->manifests->origins[i], (uint32_t)i };
	if (places != NULL)
		qsort(places, inputs->n_items, sizeof *places, compare_places);
	return places;
}

/* By input of the state: its index among the inputs of this run; UINT32_MAX: it is none of them. `numbers` are
 * those of the state's manifests in this run. */
static enum csvr_status map_entries(struct csvr_decoder *decoder, const uint32_t *numbers,
				    size_t n_manifests, const struct place *places, size_t n_places,
				    uint32_t *index)
{
	struct csvr_state_entry entry = { 0 };
	enum csvr_status status = CSVR_OK;
	const size_t n_inputs = csvr_decoder_count(decoder, CSVR_STATE_ENTRY_BYTES);
	for (size_t i = 0; i < n_inputs && status == CSVR_OK && !decoder->is_bad; i++) {
		if (!csvr_state_decode_entry(decoder, &entry))
			status = CSVR_NO_MEMORY;
		const struct place wanted = {
			{ entry.manifest < n_manifests ? numbers[entry.manifest] : UINT32_MAX,
			  (uint32_t)entry.number },
			0
		};
		const struct place *found = bsearch(&wanted, places, n_places, sizeof *places,
						    compare_places);
		index[i] = found != NULL ? found->index : UINT32_MAX;
	}
	csvr_state_entry_clear(&entry);
	return status == CSVR_OK && decoder->is_bad ? CSVR_INVALID_FILE : status;
}

enum csvr_status csvr_state_map_inputs(struct csvr_state_file *state,
				       const struct csvr_inputs *inputs, uint32_t *index,
				       struct csvr_error *error)
{
	const bool was_released = state->summaries.at == NULL;
	const enum csvr_status held = csvr_state_hold(state, error);
	if (held != CSVR_OK)
		return held;
	struct csvr_decoder decoder = state->inputs;
	struct csvr_manifests saved;
	enum csvr_status status = decode_manifests(&decoder, &saved);
	uint32_t *numbers = malloc((saved.n_items + 1) * sizeof *numbers);
	struct place *places = sort_places(inputs);
	if (numbers == NULL || places == NULL)
		status = CSVR_NO_MEMORY;
	for (size_t i = 0; i < saved.n_items && status == CSVR_OK; i++)
		numbers[i] = find_digest(inputs->manifests, saved.items[i].digest);
	if (status == CSVR_OK)
		status = map_entries(&decoder, numbers, saved.n_items, places, inputs->n_items,
				     index);
	free(places);
	free(numbers);
	clear_manifests(&saved);
	if (was_released)
		csvr_state_release(state);
	return status == CSVR_INVALID_FILE ? csvr_state_invalid(error) : status;
}
