/* state_match.c - finds the inputs of a saved state in the list of inputs */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "state/state_internal.h"

/* The index of the input of each rank, to be freed; NULL: no memory. */
static uint32_t *order_by_rank(const struct csvr_inputs *inputs)
{
	uint32_t *by_rank = malloc((inputs->n_items + 1) * sizeof *by_rank);
	for (size_t i = 0; by_rank != NULL && i < inputs->n_items; i++)
		by_rank[inputs->ranks != NULL ? inputs->ranks[i] : i] = (uint32_t)i;
	return by_rank;
}

/* strcmp of the path of input `index` and another, without making it. */
static int compare_path(const struct csvr_inputs *inputs, uint32_t index, const char *path)
{
	const struct csvr_path_parts parts = csvr_inputs_split_path(inputs, &inputs->items[index]);
	const size_t n = strlen(parts.directory);
	const int order = strncmp(parts.directory, path, n);
	return order != 0 ? order : strcmp(parts.name, path + n);
}

/* The rank of the first input whose path is not less. */
static uint32_t first_of(const struct csvr_inputs *inputs, const uint32_t *by_rank,
			 const char *path)
{
	uint32_t low = 0, high = (uint32_t)inputs->n_items;
	while (low < high) {
		const uint32_t middle = low + (high - low) / 2;
		if (compare_path(inputs, by_rank[middle], path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* What has this path, from rank `rank` on, is not what it was. Streams are no news. */
static void note_changed(struct csvr_inputs *inputs, const uint32_t *by_rank, uint32_t rank,
			 const char *path, const bool *is_taken)
{
	for (; rank < inputs->n_items && compare_path(inputs, by_rank[rank], path) == 0; rank++) {
		struct csvr_input *input = &inputs->items[by_rank[rank]];
		if (input->kind == CSVR_INPUT_REGULAR && !is_taken[by_rank[rank]])
			input->is_stale = true;
	}
}

/* The share that this run has of a list of its own; 0 of 0 if it has no list. */
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

/* Where lists of the state stand among those of the inputs; UINT32_MAX: not there. Two lists of one
 * state are never one here. A state of another share than `own` (count 0: of any) is refused. */
static enum csvr_status match_manifests(struct csvr_decoder *reader,
					const struct csvr_manifests *manifests,
					const struct csvr_shard *own, uint32_t **numbers,
					size_t *n_manifests, struct csvr_error *error)
{
	struct csvr_arena strings;
	csvr_arena_init(&strings);
	*n_manifests = csvr_decoder_count(reader, CSVR_SHA256_BYTES);
	*numbers = malloc((*n_manifests + 1) * sizeof **numbers);
	bool is_own = own->count == 0;
	enum csvr_status status = *numbers == NULL ? CSVR_NO_MEMORY : CSVR_OK;
	for (size_t i = 0; i < *n_manifests && status == CSVR_OK; i++) {
		struct csvr_manifest manifest;
		if (!csvr_state_decode_manifest(reader, &strings, &manifest))
			status = CSVR_NO_MEMORY;
		else
			(*numbers)[i] = csvr_manifests_find(manifests, &manifest);
		is_own |= csvr_state_skip_shards(reader, &manifest, own->index) &&
			  manifest.n_shards == own->count;
	}
	csvr_arena_clear(&strings);
	if (status != CSVR_OK || reader->is_bad || is_own)
		return status;
	return csvr_error_set(error, CSVR_INVALID_OPTION, 0,
			      "is not a checkpoint of --shard=%" PRIu32 "/%" PRIu32
			      " but of another share; name another file",
			      own->index, own->count);
}

/* One input may be there twice, as a file and in a saved state: each entry is to find its own. So
 * those that stand where they stood come first, and only then any with that path. */
enum looking { AT_ITS_PLACE, ANYWHERE };

struct finding {
	struct csvr_inputs *inputs;
	const uint32_t *by_rank; /* the index of each rank */
	const uint32_t *manifests; /* of the state, among those of the inputs */
	size_t n_manifests;
	bool *is_taken;
};

static bool stands_there(const struct finding *finding, const struct csvr_state_entry *entry,
			 uint32_t input)
{
	const struct csvr_manifest_entry *origin = &finding->inputs->manifests->origins[input];
	return entry->manifest < finding->n_manifests &&
	       origin->manifest == finding->manifests[entry->manifest] &&
	       origin->number == entry->number;
}

/* UINT32_MAX: none. */
static uint32_t find_entry(const struct finding *finding, const struct csvr_state_entry *entry,
			   enum looking looking)
{
	struct csvr_inputs *inputs = finding->inputs;
	const char *path = (const char *)entry->path.bytes;
	const uint32_t first = first_of(inputs, finding->by_rank, path);
	for (uint32_t rank = first; rank < inputs->n_items; rank++) {
		const uint32_t found = finding->by_rank[rank];
		if (compare_path(inputs, found, path) != 0)
			break;
		struct csvr_input *input = &inputs->items[found];
		if (finding->is_taken[found] || input->kind != CSVR_INPUT_REGULAR ||
		    input->size_bytes != entry->size_bytes || input->mtime_ns != entry->mtime_ns ||
		    (looking == AT_ITS_PLACE && !stands_there(finding, entry, found)))
			continue;
		finding->is_taken[found] = true;
		input->is_stale |= entry->is_stale;
		return found;
	}
	if (looking == ANYWHERE)
		note_changed(inputs, finding->by_rank, first, path, finding->is_taken);
	return UINT32_MAX;
}

static enum csvr_status find_entries(const struct finding *finding, struct csvr_decoder reader,
				     enum looking looking, uint32_t *index,
				     struct csvr_error *error)
{
	struct csvr_state_entry entry = { 0 };
	enum csvr_status status = CSVR_OK;
	const size_t n_inputs = csvr_decoder_count(&reader, CSVR_STATE_ENTRY_BYTES);
	for (size_t i = 0; i < n_inputs && status == CSVR_OK; i++) {
		if (!csvr_state_decode_entry(&reader, &entry))
			status = CSVR_NO_MEMORY;
		if (reader.is_bad || status != CSVR_OK)
			break;
		if (looking == AT_ITS_PLACE || index[i] == UINT32_MAX)
			index[i] = find_entry(finding, &entry, looking);
	}
	csvr_state_entry_clear(&entry);
	return status == CSVR_OK && reader.is_bad ? csvr_state_invalid(error) : status;
}

enum csvr_status csvr_state_match_inputs(struct csvr_state_file *saved, struct csvr_inputs *inputs,
					 uint32_t *index, struct csvr_error *error)
{
	struct csvr_decoder reader = saved->inputs;
	const struct csvr_shard own = own_shard(inputs->manifests);
	uint32_t *manifests = NULL, *by_rank = order_by_rank(inputs);
	struct finding finding = { .inputs = inputs,
				   .by_rank = by_rank,
				   .is_taken = calloc(inputs->n_items + 1, sizeof(bool)) };
	enum csvr_status status = by_rank == NULL || finding.is_taken == NULL
					  ? CSVR_NO_MEMORY
					  : match_manifests(&reader, inputs->manifests, &own,
							    &manifests, &finding.n_manifests,
							    error);
	finding.manifests = manifests;
	if (status == CSVR_OK)
		status = find_entries(&finding, reader, AT_ITS_PLACE, index, error);
	if (status == CSVR_OK)
		status = find_entries(&finding, reader, ANYWHERE, index, error);
	free(manifests);
	free(by_rank);
	free(finding.is_taken);
	return status;
}
