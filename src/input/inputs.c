/* inputs.c - storage of the list of inputs and their paths
 *
 * Why it is small
 * - A path is a directory and a name, and inputs in sequence mostly share the directory. So each
 *   directory is stored once, and before each name the number of its directory, in few bytes. The text
 *   grows by doubling, but its untouched pages take no memory.
 * - Whole paths are built only for display, and few are displayed.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "input/inputs_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "input/codec/seek_index.h"
#include "input/filter.h"
#include "input/url.h"

size_t csvr_inputs_count(const struct csvr_inputs *inputs)
{
	return inputs->n_items;
}

/* ---- text ---- */

enum { MAX_NUMBER_BYTES = 5 }; /* of 32 bits */

/* LEB128: seven bits a byte, lowest first; all bytes but the last have the eighth bit set. A
 * directory number takes one byte below 128, and two in most trees. */
static size_t encode_number(uint32_t number, char bytes[MAX_NUMBER_BYTES])
{
	size_t n_bytes = 0;
	for (; number >= 0x80; number >>= 7)
		bytes[n_bytes++] = (char)(number | 0x80);
	bytes[n_bytes++] = (char)number;
	return n_bytes;
}

struct csvr_path_parts csvr_inputs_split_path(const struct csvr_inputs *inputs,
					      const struct csvr_input *input)
{
	return csvr_path_parts_of(inputs, input);
}

const char *csvr_inputs_file_name(const struct csvr_inputs *inputs, const struct csvr_input *input,
				  size_t *length)
{
	const struct csvr_path_parts parts = csvr_inputs_split_path(inputs, input);
	const bool is_key = csvr_is_s3(parts.directory);
	*length = input->is_remote && !is_key ? strcspn(parts.name, "?#") : strlen(parts.name);
	return parts.name;
}

/* Reserves `n_bytes` and a NUL. */
static bool reserve_text(struct csvr_inputs *inputs, size_t n_bytes)
{
	if (n_bytes >= UINT32_MAX - inputs->n_text) /* offsets have 32 bits */
		return false;
	char *text = csvr_array_grow(inputs->text, &inputs->text_capacity,
				     inputs->n_text + n_bytes + 1, 1);
	if (text == NULL)
		return false;
	inputs->text = text;
	return true;
}

/* Appends bytes for which space has been reserved. */
static void append_bytes(struct csvr_inputs *inputs, const char *bytes, size_t n_bytes)
{
	char *text = inputs->text + inputs->n_text;
	if (n_bytes > 0)
		memcpy(text, bytes, n_bytes);
	inputs->n_text += n_bytes;
}

/* Returns the offset of the copy; 0: no memory. */
static uint32_t store_string(struct csvr_inputs *inputs, const char *text)
{
	const size_t n_bytes = strlen(text) + 1;
	if (!reserve_text(inputs, n_bytes + 1))
		return 0;
	if (inputs->n_text == 0) /* offset 0 means none */
		append_bytes(inputs, "", 1);
	const uint32_t offset = (uint32_t)inputs->n_text;
	append_bytes(inputs, text, n_bytes);
	return offset;
}

/* Appends a directory, unless it is the one appended last. */
static bool add_directory(struct csvr_inputs *inputs, const char *path, size_t n_bytes)
{
	size_t n = inputs->n_directories;
	if (n > 0) {
		const char *last = inputs->text + inputs->directories[n - 1];
		if (strncmp(last, path, n_bytes) == 0 && last[n_bytes] == '\0')
			return true;
	}
	uint32_t *directories = csvr_array_grow(inputs->directories, &inputs->directories_capacity,
						n + 1, sizeof *directories);
	if (directories == NULL)
		return false;
	inputs->directories = directories;
	if (!reserve_text(inputs, n_bytes))
		return false;
	directories[n] = (uint32_t)inputs->n_text;
	append_bytes(inputs, path, n_bytes);
	append_bytes(inputs, "", 1);
	inputs->n_directories++;
	return true;
}

/* These follow the name of a remote input: the offset of its ETag, and the offset of its URL as
 * given if that must not be displayed; 0: none. */
enum { ETAG_BYTES = sizeof(uint32_t), URL_BYTES = sizeof(uint32_t) };
static const char empty_slots[ETAG_BYTES + URL_BYTES] = { 0 };

static struct csvr_input *append(struct csvr_inputs *inputs, const char *path, size_t length,
				 enum csvr_input_kind kind)
{
	if (inputs->n_items == UINT32_MAX) /* ranks have 32 bits */
		return NULL;
	struct csvr_input *items = csvr_array_grow(inputs->items, &inputs->capacity,
						   inputs->n_items + 1, sizeof *items);
	if (items == NULL)
		return NULL;
	inputs->items = items;
	const size_t n_path = csvr_url_path_length(path, length);
	size_t n_directory = n_path;
	while (n_directory > 0 && path[n_directory - 1] != '/')
		n_directory--;
	if (!add_directory(inputs, path, n_directory) ||
	    !reserve_text(inputs, MAX_NUMBER_BYTES + length - n_directory + sizeof empty_slots))
		return NULL;
	struct csvr_input *input = &items[inputs->n_items++];
	*input = (struct csvr_input){ .name = (uint32_t)inputs->n_text,
				      .kind = kind,
				      .is_compressed = csvr_is_compressed_name(path, n_path),
				      .is_remote = csvr_is_url(path, length) };
	char number[MAX_NUMBER_BYTES];
	append_bytes(inputs, number, encode_number((uint32_t)(inputs->n_directories - 1), number));
	append_bytes(inputs, path + n_directory, length - n_directory);
	append_bytes(inputs, "", 1);
	if (input->is_remote)
		append_bytes(inputs, empty_slots, sizeof empty_slots);
	return input;
}

static char *etag_slot(const struct csvr_inputs *inputs, const struct csvr_input *input)
{
	const char *name = csvr_inputs_split_path(inputs, input).name;
	return inputs->text + (name - inputs->text) + strlen(name) + 1;
}

/* The path is displayed and saved, so for a URL it is the redacted one. */
struct csvr_input *csvr_inputs_append(struct csvr_inputs *inputs, const char *path, size_t length,
				      enum csvr_input_kind kind)
{
	if (!csvr_is_url(path, length))
		return append(inputs, path, length, kind);
	char *url = strndup(path, length);
	char *redacted = url != NULL ? csvr_url_redacted(url) : NULL;
	struct csvr_input *input = NULL;
	uint32_t offset = 0;
	if (redacted != NULL && strcmp(redacted, url) != 0)
		offset = store_string(inputs, url);
	if (redacted != NULL && (offset > 0 || strcmp(redacted, url) == 0))
		input = append(inputs, redacted, strlen(redacted), kind);
	if (input != NULL)
		memcpy(etag_slot(inputs, input) + ETAG_BYTES, &offset, URL_BYTES);
	free(redacted);
	free(url);
	return input;
}

static uint32_t url_offset(const struct csvr_inputs *inputs, const struct csvr_input *input)
{
	uint32_t offset;
	memcpy(&offset, etag_slot(inputs, input) + ETAG_BYTES, URL_BYTES);
	return offset;
}

static char *copy_path(const struct csvr_inputs *inputs, const struct csvr_input *input)
{
	const struct csvr_path_parts parts = csvr_inputs_split_path(inputs, input);
	const size_t n_directory = strlen(parts.directory), n_name = strlen(parts.name);
	char *path = malloc(n_directory + n_name + 1);
	if (path == NULL)
		return NULL;
	memcpy(path, parts.directory, n_directory);
	memcpy(path + n_directory, parts.name, n_name + 1);
	return path;
}

char *csvr_inputs_copy_url(const struct csvr_inputs *inputs, const struct csvr_input *input)
{
	const uint32_t offset = url_offset(inputs, input);
	return offset > 0 ? strdup(inputs->text + offset) : copy_path(inputs, input);
}

bool csvr_inputs_has_url(const struct csvr_inputs *inputs, const struct csvr_input *input)
{
	size_t length;
	const char *name = csvr_inputs_file_name(inputs, input, &length);
	return url_offset(inputs, input) > 0 || strstr(name + length, csvr_url_redaction) == NULL;
}

enum csvr_status csvr_inputs_add_copy(struct csvr_inputs *inputs, const char *path, size_t n_bytes,
				      const struct csvr_input *model)
{
	struct csvr_input *input = csvr_inputs_append(inputs, path, n_bytes, CSVR_INPUT_UNPROBED);
	if (input == NULL)
		return CSVR_NO_MEMORY;
	const struct csvr_input added = *input;
	*input = *model;
	input->name = added.name;
	input->is_remote = added.is_remote;
	return CSVR_OK;
}

void csvr_inputs_encode_path(struct csvr_encoder *bytes, const struct csvr_inputs *inputs,
			     const struct csvr_input *input)
{
	const struct csvr_path_parts parts = csvr_inputs_split_path(inputs, input);
	const size_t n_directory = strlen(parts.directory), n_name = strlen(parts.name);
	csvr_encoder_put_varint(bytes, n_directory + n_name);
	csvr_encoder_put_bytes(bytes, parts.directory, n_directory);
	csvr_encoder_put_bytes(bytes, parts.name, n_name);
}

/* ---- compressed inputs ---- */

static const struct csvr_seek_index *seek_index_of(const struct csvr_inputs *inputs,
						   const struct csvr_input *input)
{
	const struct csvr_seek_index *seek_index = NULL;
	if (input->is_compressed && input->kind == CSVR_INPUT_REGULAR)
		(void)csvr_seek_indexes_get(inputs->seek_indexes, input->name, &seek_index);
	return seek_index;
}

uint64_t csvr_input_bytes(const struct csvr_inputs *inputs, const struct csvr_input *input)
{
	const struct csvr_seek_index *seek_index = seek_index_of(inputs, input);
	return seek_index != NULL ? seek_index->decompressed_bytes : input->size_bytes;
}

uint64_t csvr_input_least_chunk(const struct csvr_inputs *inputs, const struct csvr_input *input)
{
	/* The members at both ends of a chunk are usually decompressed twice. */
	enum { MIN_MEMBERS_IN_CHUNK = 4 };
	const struct csvr_seek_index *seek_index = seek_index_of(inputs, input);
	return seek_index != NULL ? MIN_MEMBERS_IN_CHUNK * seek_index->max_member_bytes : 0;
}

bool csvr_input_is_seekable(const struct csvr_inputs *inputs, const struct csvr_input *input)
{
	return input->kind == CSVR_INPUT_REGULAR && inputs->encoding != CSVR_ENCODING_UTF16LE &&
	       inputs->encoding != CSVR_ENCODING_UTF16BE &&
	       (!input->is_compressed || seek_index_of(inputs, input) != NULL);
}

enum csvr_status csvr_inputs_set_etag(struct csvr_inputs *inputs, struct csvr_input *input,
				      const char *etag)
{
	const uint32_t offset = store_string(inputs, etag);
	if (offset == 0)
		return CSVR_NO_MEMORY;
	memcpy(etag_slot(inputs, input), &offset, ETAG_BYTES);
	return CSVR_OK;
}

const char *csvr_inputs_etag(const struct csvr_inputs *inputs, const struct csvr_input *input)
{
	uint32_t offset;
	memcpy(&offset, etag_slot(inputs, input), ETAG_BYTES);
	return offset == 0 ? "" : inputs->text + offset;
}

enum csvr_status csvr_inputs_set_error(struct csvr_inputs *inputs, struct csvr_input *input,
				       const char *reason)
{
	const uint32_t offset = store_string(inputs, reason);
	if (offset == 0)
		return CSVR_NO_MEMORY;
	input->kind = CSVR_INPUT_FAILED;
	input->size_bytes = 0;
	input->mtime_ns = 0;
	input->reason = offset;
	return CSVR_OK;
}

const char *csvr_inputs_reason(const struct csvr_inputs *inputs, const struct csvr_input *input)
{
	return inputs->text + input->reason;
}

/* ---- display ---- */

/* Paths that csvr_inputs_path has built. */
struct csvr_path_cache {
	const char **paths; /* by index of the input; NULL: not built yet */
	size_t n_paths;
	struct csvr_arena strings;
	bool has_failed; /* memory ran out */
};

enum csvr_status csvr_path_cache_new(struct csvr_path_cache **path_cache)
{
	*path_cache = calloc(1, sizeof **path_cache);
	if (*path_cache == NULL)
		return CSVR_NO_MEMORY;
	csvr_arena_init(&(*path_cache)->strings);
	return CSVR_OK;
}

void csvr_path_cache_free(struct csvr_path_cache *path_cache)
{
	if (path_cache == NULL)
		return;
	csvr_arena_clear(&path_cache->strings);
	free(path_cache->paths);
	free(path_cache);
}

/* Reserves entries for all inputs; untouched pages take no memory. */
static bool reserve_paths(struct csvr_path_cache *cache, size_t n_paths)
{
	if (n_paths <= cache->n_paths)
		return true;
	/* Saved states add inputs one state at a time; doubling avoids a copy for each. */
	if (n_paths < 2 * cache->n_paths)
		n_paths = 2 * cache->n_paths;
	const char **paths = calloc(n_paths, sizeof *paths);
	if (paths == NULL)
		return false;
	if (cache->n_paths > 0)
		memcpy(paths, cache->paths, cache->n_paths * sizeof *paths);
	free(cache->paths);
	cache->paths = paths;
	cache->n_paths = n_paths;
	return true;
}

const char *csvr_inputs_path(const struct csvr_inputs *inputs, size_t index)
{
	struct csvr_path_cache *cache = inputs->path_cache;
	const struct csvr_path_parts parts = csvr_inputs_split_path(inputs, &inputs->items[index]);
	const char *path = NULL;
	if (reserve_paths(cache, inputs->n_items)) {
		if (cache->paths[index] == NULL)
			cache->paths[index] = csvr_arena_join(&cache->strings, parts.directory,
							      parts.name);
		path = cache->paths[index];
	}
	cache->has_failed |= path == NULL;
	return path != NULL ? path : parts.name;
}

bool csvr_inputs_path_failed(const struct csvr_inputs *inputs)
{
	return inputs->path_cache->has_failed;
}

enum csvr_status csvr_inputs_permute(struct csvr_inputs *inputs, const uint32_t *old_index,
				     size_t n_items)
{
	struct csvr_input *items = calloc(n_items + 1, sizeof *items);
	if (items == NULL)
		return CSVR_NO_MEMORY;
	for (size_t i = 0; i < n_items; i++)
		items[i] = inputs->items[old_index[i]];
	free(inputs->items);
	inputs->items = items;
	inputs->n_items = n_items;
	inputs->capacity = n_items + 1;
	/* The cache is indexed by the old order. */
	free(inputs->path_cache->paths);
	inputs->path_cache->paths = NULL;
	inputs->path_cache->n_paths = 0;
	return CSVR_OK;
}
