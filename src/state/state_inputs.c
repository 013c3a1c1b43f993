/* state_inputs.c - the manifests and inputs of a saved state */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "state/state_internal.h"

/* ---- manifests ---- */

static void encode_manifest(struct csvr_encoder *bytes, const struct csvr_manifest *manifest)
{
	csvr_encoder_put_bytes(bytes, manifest->digest, sizeof manifest->digest);
	csvr_encoder_put_varint(bytes, manifest->n_inputs);
	csvr_encoder_put_varint(bytes, manifest->size_bytes);
	csvr_encoder_put_varint(bytes, manifest->chunk_bytes);
	csvr_encoder_put_text(bytes, manifest->first, strlen(manifest->first));
	csvr_encoder_put_text(bytes, manifest->newest, strlen(manifest->newest));
	csvr_encoder_put_zigzag(bytes, manifest->newest_ns);
	csvr_encoder_put_varint(bytes, manifest->is_by_path);
	csvr_encoder_put_varint(bytes, manifest->n_shards);
	csvr_encoder_put_varint(bytes, manifest->n_present);
	for (size_t i = 0; i < manifest->n_present; i++)
		csvr_encoder_put_varint(bytes, manifest->present[i].index);
}

static const char *decode_string(struct csvr_decoder *decoder, struct csvr_arena *strings)
{
	size_t n_bytes;
	const char *text = csvr_decoder_text(decoder, &n_bytes);
	const char *copy = csvr_arena_copy(strings, text, n_bytes);
	if (copy != NULL && strlen(copy) != n_bytes)
		csvr_decoder_fail(decoder);
	return copy;
}

bool csvr_state_decode_manifest(struct csvr_decoder *decoder, struct csvr_arena *strings,
				struct csvr_manifest *manifest)
{
	*manifest = (struct csvr_manifest){ 0 };
	const unsigned char *digest = csvr_decoder_bytes(decoder, sizeof manifest->digest);
	if (digest != NULL)
		memcpy(manifest->digest, digest, sizeof manifest->digest);
	manifest->n_inputs = csvr_decoder_varint_max(decoder, UINT32_MAX);
	manifest->size_bytes = csvr_decoder_varint(decoder);
	manifest->chunk_bytes = csvr_decoder_varint(decoder);
	manifest->first = decode_string(decoder, strings);
	manifest->newest = decode_string(decoder, strings);
	manifest->newest_ns = csvr_decoder_zigzag(decoder);
	manifest->is_by_path = csvr_decoder_varint_max(decoder, 1) != 0;
	manifest->n_shards = (uint32_t)csvr_decoder_varint_max(decoder, UINT32_MAX);
	if (manifest->n_shards == 0)
		csvr_decoder_fail(decoder);
	return manifest->first != NULL && manifest->newest != NULL;
}

bool csvr_state_skip_shards(struct csvr_decoder *decoder, const struct csvr_manifest *manifest,
			    uint64_t wanted)
{
	const size_t n_present = csvr_decoder_count(decoder, 1);
	uint64_t previous = 0;
	bool is_present = false;
	for (size_t i = 0; i < n_present && !decoder->is_bad; i++) {
		const uint64_t index = csvr_decoder_varint_max(decoder, manifest->n_shards);
		if (index <= previous)
			csvr_decoder_fail(decoder);
		is_present |= index == wanted;
		previous = index;
	}
	return is_present;
}

/* Checks all manifests. `*n_inputs` becomes the number of inputs of each, to be freed. */
static enum csvr_status skip_manifests(struct csvr_decoder *decoder, size_t *n_manifests,
				       uint64_t **n_inputs)
{
	struct csvr_arena strings;
	csvr_arena_init(&strings);
	*n_manifests = csvr_decoder_count(decoder, CSVR_SHA256_BYTES);
	*n_inputs = calloc(*n_manifests + 1, sizeof **n_inputs);
	enum csvr_status status = *n_inputs == NULL ? CSVR_NO_MEMORY : CSVR_OK;
	for (size_t i = 0; i < *n_manifests && !decoder->is_bad && status == CSVR_OK; i++) {
		struct csvr_manifest manifest;
		if (!csvr_state_decode_manifest(decoder, &strings, &manifest))
			status = CSVR_NO_MEMORY;
		else
			(*n_inputs)[i] = manifest.n_inputs;
		(void)csvr_state_skip_shards(decoder, &manifest, 0);
	}
	csvr_arena_clear(&strings);
	return status;
}

/* ---- inputs ---- */

void csvr_state_entry_clear(struct csvr_state_entry *entry)
{
	csvr_encoder_clear(&entry->path);
}

/* Joins directory and name to the path of an input, followed by a NUL. One buffer serves all inputs,
 * since the paths of millions of inputs would be most of the memory of a run. False: no memory. */
static bool compose_path(struct csvr_encoder *path, const struct csvr_inputs *inputs, size_t index)
{
	const struct csvr_path_parts parts = csvr_inputs_split_path(inputs, &inputs->items[index]);
	path->n_bytes = 0;
	csvr_encoder_put_bytes(path, parts.directory, strlen(parts.directory));
	csvr_encoder_put_bytes(path, parts.name, strlen(parts.name) + 1);
	return !path->is_out_of_memory;
}

/* Encodes an input. The bytes that its path has in common with the previous path are left out. */
static void encode_entry(struct csvr_encoder *bytes, const struct csvr_inputs *inputs, size_t index,
			 const char *path, const char *previous)
{
	const struct csvr_input *input = &inputs->items[index];
	const struct csvr_manifest_entry *origin = &inputs->manifests->origins[index];
	size_t n_same = 0;
	while (path[n_same] != '\0' && path[n_same] == previous[n_same])
		n_same++;
	csvr_encoder_put_varint(bytes, origin->manifest);
	csvr_encoder_put_varint(bytes, origin->number);
	csvr_encoder_put_varint(bytes, n_same);
	csvr_encoder_put_text(bytes, path + n_same, strlen(path) - n_same);
	csvr_encoder_put_varint(bytes, input->size_bytes);
	csvr_encoder_put_zigzag(bytes, csvr_input_mtime_ns(input));
	csvr_encoder_put_varint(bytes, input->is_stale);
	csvr_encoder_put_varint(bytes, input->is_compressed);
}

bool csvr_state_decode_entry(struct csvr_decoder *decoder, struct csvr_state_entry *entry)
{
	size_t n_bytes;
	entry->manifest = csvr_decoder_varint(decoder);
	entry->number = csvr_decoder_varint_max(decoder, UINT32_MAX);
	entry->path.n_bytes = (size_t)csvr_decoder_varint_max(decoder, entry->path.n_bytes);
	const char *rest = csvr_decoder_text(decoder, &n_bytes);
	if (memchr(rest, '\0', n_bytes) != NULL)
		csvr_decoder_fail(decoder);
	csvr_encoder_put_bytes(&entry->path, rest, n_bytes);
	csvr_encoder_put_bytes(&entry->path, "", 1);
	entry->path.n_bytes -= !entry->path.is_out_of_memory;
	entry->size_bytes = csvr_decoder_varint(decoder);
	entry->mtime_ns = csvr_decoder_zigzag(decoder);
	entry->is_stale = csvr_decoder_varint_max(decoder, 1) != 0;
	entry->is_compressed = csvr_decoder_varint_max(decoder, 1) != 0;
	return !entry->path.is_out_of_memory;
}

void csvr_state_encode_inputs(struct csvr_encoder *bytes, const struct csvr_inputs *inputs,
			      size_t n_inputs, const uint32_t *number)
{
	const struct csvr_manifests *manifests = inputs->manifests;
	csvr_encoder_put_varint(bytes, manifests->n_items);
	for (size_t i = 0; i < manifests->n_items; i++)
		encode_manifest(bytes, &manifests->items[i]);
	csvr_encoder_put_varint(bytes, n_inputs);
	struct csvr_encoder path, previous;
	csvr_encoder_init(&path);
	csvr_encoder_init(&previous);
	csvr_encoder_put_bytes(&previous, "", 1);
	for (size_t i = 0; i < inputs->n_items && !previous.is_out_of_memory; i++) {
		if (number[i] == UINT32_MAX)
			continue;
		if (compose_path(&path, inputs, i))
			encode_entry(bytes, inputs, i, (const char *)path.bytes,
				     (const char *)previous.bytes);
		const struct csvr_encoder last = previous;
		previous = path;
		path = last;
	}
	bytes->is_out_of_memory |= path.is_out_of_memory || previous.is_out_of_memory;
	csvr_encoder_clear(&path);
	csvr_encoder_clear(&previous);
}

enum csvr_status csvr_state_skip_inputs(struct csvr_decoder *decoder, size_t *n_inputs)
{
	size_t n_manifests;
	uint64_t *manifest_sizes;
	enum csvr_status status = skip_manifests(decoder, &n_manifests, &manifest_sizes);
	struct csvr_state_entry entry = { 0 };
	*n_inputs = csvr_decoder_count(decoder, CSVR_STATE_ENTRY_BYTES);
	for (size_t i = 0; i < *n_inputs && !decoder->is_bad && status == CSVR_OK; i++) {
		if (!csvr_state_decode_entry(decoder, &entry))
			status = CSVR_NO_MEMORY;
		else if (entry.manifest >= n_manifests ||
			 entry.number >= manifest_sizes[entry.manifest] || entry.path.n_bytes == 0)
			csvr_decoder_fail(decoder);
	}
	csvr_state_entry_clear(&entry);
	free(manifest_sizes);
	return status;
}

/* ---- appending ---- */

/* `duplicate` is the earlier source of the shard. */
static enum csvr_status refuse_duplicate_shard(const struct csvr_state_file *state,
					       const struct csvr_manifest *manifest,
					       const struct csvr_shard_source *duplicate,
					       struct csvr_error *error)
{
	const char *other = duplicate->from; /* NULL: files that this run reads */
	if (other != NULL && strcmp(other, state->path) == 0)
		return csvr_error_set(error, CSVR_INCOMPATIBLE_STATES, 0,
				      "given twice; pass each state once");
	if (manifest->n_shards == 1 && other == NULL)
		return csvr_error_set(error, CSVR_INCOMPATIBLE_STATES, 0,
				      "contains the inputs that are also given as files; pass the "
				      "state or the files");
	if (manifest->n_shards == 1)
		return csvr_error_set(error, CSVR_INCOMPATIBLE_STATES, 0,
				      "contains the same inputs as %s; pass only one of them",
				      other);
	if (other == NULL)
		return csvr_error_set(error, CSVR_INCOMPATIBLE_STATES, 0,
				      "contains shard %" PRIu32 "/%" PRIu32
				      ", which this run also reads; pass each shard once",
				      duplicate->index, manifest->n_shards);
	return csvr_error_set(error, CSVR_INCOMPATIBLE_STATES, 0,
			      "contains shard %" PRIu32 "/%" PRIu32
			      ", which %s also contains; pass each shard once",
			      duplicate->index, manifest->n_shards, other);
}

/* Adds one manifest and its shards; `*number` is its number among the manifests of `inputs`. */
static enum csvr_status add_manifest(struct csvr_state_file *state, struct csvr_decoder *decoder,
				     struct csvr_inputs *inputs, uint32_t *number,
				     struct csvr_error *error)
{
	struct csvr_manifests *manifests = inputs->manifests;
	struct csvr_manifest manifest;
	if (!csvr_state_decode_manifest(decoder, &manifests->strings, &manifest))
		return CSVR_NO_MEMORY;
	if (decoder->is_bad)
		return csvr_state_invalid(error);
	enum csvr_status status = csvr_manifests_add(inputs, &manifest, number);
	const char *from = csvr_arena_copy(&manifests->strings, state->path, strlen(state->path));
	if (from == NULL)
		return CSVR_NO_MEMORY;
	const size_t n_present = csvr_decoder_count(decoder, 1);
	for (size_t i = 0; i < n_present && status == CSVR_OK; i++) {
		const uint64_t index = csvr_decoder_varint_max(decoder, manifest.n_shards);
		const struct csvr_shard_source *duplicate;
		if (index == 0)
			return csvr_state_invalid(error);
		status = csvr_manifest_add_shard(&manifests->items[*number], (uint32_t)index, from,
						 &duplicate);
		if (status == CSVR_OK && duplicate != NULL)
			return refuse_duplicate_shard(state, &manifest, duplicate, error);
	}
	return status;
}

enum csvr_status csvr_state_append_inputs(struct csvr_state_file *state, struct csvr_inputs *inputs,
					  struct csvr_error *error)
{
	struct csvr_decoder decoder = state->inputs;
	struct csvr_state_entry entry = { 0 };
	const size_t n_manifests = csvr_decoder_count(&decoder, CSVR_SHA256_BYTES);
	uint32_t *numbers = calloc(n_manifests + 1, sizeof *numbers);
	enum csvr_status status = numbers == NULL ? CSVR_NO_MEMORY : CSVR_OK;
	for (size_t i = 0; i < n_manifests && status == CSVR_OK; i++)
		status = add_manifest(state, &decoder, inputs, &numbers[i], error);
	const size_t n_inputs = status == CSVR_OK
					? csvr_decoder_count(&decoder, CSVR_STATE_ENTRY_BYTES)
					: 0;
	state->base = (uint32_t)inputs->n_items;
	for (size_t i = 0; i < n_inputs && status == CSVR_OK; i++) {
		if (!csvr_state_decode_entry(&decoder, &entry))
			status = CSVR_NO_MEMORY;
		else if (decoder.is_bad || entry.manifest >= n_manifests)
			status = csvr_state_invalid(error);
		const struct csvr_input preloaded = { .kind = CSVR_INPUT_REGULAR,
						      .size_bytes = entry.size_bytes,
						      .mtime_ns = entry.mtime_ns,
						      .is_compressed = entry.is_compressed,
						      .is_preloaded = true,
						      .is_stale = entry.is_stale };
		if (status == CSVR_OK)
			status = csvr_inputs_add_copy(inputs, (const char *)entry.path.bytes,
						      entry.path.n_bytes, &preloaded);
		if (status == CSVR_OK)
			status = csvr_manifests_append_origin(inputs, numbers[entry.manifest],
							      (uint32_t)entry.number);
	}
	csvr_state_entry_clear(&entry);
	free(numbers);
	return status == CSVR_OK && decoder.is_bad ? csvr_state_invalid(error) : status;
}
