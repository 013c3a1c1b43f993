/* state_match.c - finds the inputs of a saved state in the list of inputs */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/search.h"
#include "state/state_internal.h"

/* The index of the input at each rank in the order of paths, to be freed; NULL: no memory. */
static uint32_t *invert_ranks(const struct csvr_inputs *inputs)
{
	uint32_t *by_rank = malloc((inputs->n_items + 1) * sizeof *by_rank);
	for (size_t i = 0; by_rank != NULL && i < inputs->n_items; i++)
		by_rank[inputs->path_ranks != NULL ? inputs->path_ranks[i] : i] = (uint32_t)i;
	return by_rank;
}

/* strcmp of the path of input `index` and `path`, without joining directory and name. */
static int compare_path(const struct csvr_inputs *inputs, uint32_t index, const char *path)
{
	const struct csvr_path_parts parts = csvr_inputs_split_path(inputs, &inputs->items[index]);
	const size_t n = strlen(parts.directory);
	const int order = strncmp(parts.directory, path, n);
	return order != 0 ? order : strcmp(parts.name, path + n);
}

/* The shard of this run's own manifest that it reads; 0 of 0 if it has no manifest. */
static struct csvr_shard own_shard(const struct csvr_manifests *manifests)
{
	for (size_t i = 0; i < manifests->n_items; i++) {
		const struct csvr_manifest *manifest = &manifests->items[i];
		for (size_t j = 0; j < manifest->n_present; j++)
			if (manifest->present[j].from == NULL)
				return (struct csvr_shard){ manifest->present[j].index,
							    manifest->n_shards };
	}
	return (struct csvr_shard){ 0, 0 };
}

/* The numbers that the manifests of the state have among `manifests`; UINT32_MAX: not among them. They
 * are distinct. Fails if the state is of another shard than `own`; a count of 0 allows any. */
static enum csvr_status find_manifests(struct csvr_decoder *decoder,
				       const struct csvr_manifests *manifests,
				       const struct csvr_shard *own, uint32_t **numbers,
				       size_t *n_manifests, struct csvr_error *error)
{
	struct csvr_arena strings;
	csvr_arena_init(&strings);
	*n_manifests = csvr_decoder_count(decoder, CSVR_SHA256_BYTES);
	*numbers = malloc((*n_manifests + 1) * sizeof **numbers);
	bool is_own = own->count == 0;
	enum csvr_status status = *numbers == NULL ? CSVR_NO_MEMORY : CSVR_OK;
	for (size_t i = 0; i < *n_manifests && status == CSVR_OK; i++) {
		struct csvr_manifest manifest;
		if (!csvr_state_decode_manifest(decoder, &strings, &manifest))
			status = CSVR_NO_MEMORY;
		else
			(*numbers)[i] = csvr_manifests_find(manifests, &manifest);
		is_own |= csvr_state_skip_shards(decoder, &manifest, own->index) &&
			  manifest.n_shards == own->count;
	}
	csvr_arena_clear(&strings);
	if (status != CSVR_OK || decoder->is_bad || is_own)
		return status;
	return csvr_error_set(error, CSVR_INVALID_OPTION, 0,
			      "is not a checkpoint of --shard=%" PRIu32 "/%" PRIu32
			      " but of another shard; use another file",
			      own->index, own->count);
}

/* The list may contain an input twice, as a file and from a saved state, and each entry must match its
 * own. So the first pass matches inputs of the same manifest and number, the second any of that path. */
enum match_pass { SAME_POSITION, SAME_PATH };

struct matcher {
	struct csvr_inputs *inputs;
	const uint32_t *by_rank; /* the input at each rank */
	/* by manifest of the state: its number among those of the inputs */
	const uint32_t *manifests;
	size_t n_manifests;
	bool *is_matched; /* by input */
	bool has_common_path; /* an entry has the path of an input, changed or not */
};

struct path_search {
	const struct matcher *matcher;
	const char *path;
};

static bool has_lesser_path(const void *context, size_t rank)
{
	const struct path_search *search = context;
	const struct matcher *matcher = search->matcher;
	return compare_path(matcher->inputs, matcher->by_rank[rank], search->path) < 0;
}

/* The rank of the first input whose path is not less than `path`. */
static size_t first_rank_of(const struct matcher *matcher, const char *path)
{
	const struct path_search search = { matcher, path };
	return csvr_lower_bound(matcher->inputs->n_items, has_lesser_path, &search);
}

/* Marks the unmatched files with this path, from `rank` on. Other kinds of inputs cannot be stale. */
static void mark_stale(const struct matcher *matcher, size_t rank, const char *path)
{
	struct csvr_inputs *inputs = matcher->inputs;
	const uint32_t *by_rank = matcher->by_rank;
	for (; rank < inputs->n_items && compare_path(inputs, by_rank[rank], path) == 0; rank++) {
		struct csvr_input *input = &inputs->items[by_rank[rank]];
		if (input->kind == CSVR_INPUT_REGULAR && !matcher->is_matched[by_rank[rank]])
			input->is_stale = true;
	}
}

static bool is_at_same_position(const struct matcher *matcher, const struct csvr_state_entry *entry,
				uint32_t input)
{
	const struct csvr_manifest_entry *origin = &matcher->inputs->manifests->origins[input];
	return entry->manifest < matcher->n_manifests &&
	       origin->manifest == matcher->manifests[entry->manifest] &&
	       origin->number == entry->number;
}

/* The input that an entry matches, and marks it as matched; UINT32_MAX: none. */
static uint32_t match_entry(struct matcher *matcher, const struct csvr_state_entry *entry,
			    enum match_pass pass)
{
	struct csvr_inputs *inputs = matcher->inputs;
	const char *path = (const char *)entry->path.bytes;
	const size_t first = first_rank_of(matcher, path);
	for (size_t rank = first; rank < inputs->n_items; rank++) {
		const uint32_t index = matcher->by_rank[rank];
		if (compare_path(inputs, index, path) != 0)
			break;
		matcher->has_common_path = true;
		struct csvr_input *input = &inputs->items[index];
		if (matcher->is_matched[index] || input->kind != CSVR_INPUT_REGULAR ||
		    input->size_bytes != entry->size_bytes || input->mtime_ns != entry->mtime_ns ||
		    (pass == SAME_POSITION && !is_at_same_position(matcher, entry, index)))
			continue;
		matcher->is_matched[index] = true;
		input->is_stale |= entry->is_stale;
		return index;
	}
	if (pass == SAME_PATH)
		mark_stale(matcher, first, path);
	return UINT32_MAX;
}

static enum csvr_status match_entries(struct matcher *matcher, struct csvr_decoder decoder,
				      enum match_pass pass, uint32_t *index,
				      struct csvr_error *error)
{
	struct csvr_state_entry entry = { 0 };
	enum csvr_status status = CSVR_OK;
	const size_t n_inputs = csvr_decoder_count(&decoder, CSVR_STATE_ENTRY_BYTES);
	for (size_t i = 0; i < n_inputs && status == CSVR_OK; i++) {
		if (!csvr_state_decode_entry(&decoder, &entry))
			status = CSVR_NO_MEMORY;
		if (decoder.is_bad || status != CSVR_OK)
			break;
		if (pass == SAME_POSITION || index[i] == UINT32_MAX)
			index[i] = match_entry(matcher, &entry, pass);
	}
	csvr_state_entry_clear(&entry);
	return status == CSVR_OK && decoder.is_bad ? csvr_state_invalid(error) : status;
}

/* The checkpoint is probably that of another command, and would be removed at the end of this run. */
static enum csvr_status refuse_other_inputs(size_t n_inputs, struct csvr_error *error)
{
	if (n_inputs == 1)
		return csvr_error_set(error, CSVR_INVALID_OPTION, 0,
				      "its input is not an input of this run; name another file, "
				      "or remove it");
	return csvr_error_set(error, CSVR_INVALID_OPTION, 0,
			      "none of its %zu inputs is an input of this run; name another file, "
			      "or remove it",
			      n_inputs);
}

enum csvr_status csvr_state_match_inputs(struct csvr_state_file *state, struct csvr_inputs *inputs,
					 uint32_t *index, struct csvr_error *error)
{
	struct csvr_decoder decoder = state->inputs;
	const struct csvr_shard own = own_shard(inputs->manifests);
	uint32_t *manifests = NULL, *by_rank = invert_ranks(inputs);
	struct matcher matcher = { .inputs = inputs,
				   .by_rank = by_rank,
				   .is_matched = calloc(inputs->n_items + 1, sizeof(bool)) };
	enum csvr_status status = by_rank == NULL || matcher.is_matched == NULL
					  ? CSVR_NO_MEMORY
					  : find_manifests(&decoder, inputs->manifests, &own,
							   &manifests, &matcher.n_manifests, error);
	matcher.manifests = manifests;
	if (status == CSVR_OK)
		status = match_entries(&matcher, decoder, SAME_POSITION, index, error);
	if (status == CSVR_OK)
		status = match_entries(&matcher, decoder, SAME_PATH, index, error);
	if (status == CSVR_OK && state->n_inputs > 0 && !matcher.has_common_path)
		status = refuse_other_inputs(state->n_inputs, error);
	free(manifests);
	free(by_rank);
	free(matcher.is_matched);
	return status;
}
