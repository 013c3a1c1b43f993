/* inputs.c - the list of inputs: what stands in it, and in which order
 *
 * Why it is small
 * - A path is a directory and a name, and inputs that follow each other mostly share the directory:
 *   it stands once before the names in one text, and before each name its number, in few bytes.
 *   The text grows by doubling, but pages of it that were never written to take no memory.
 * - Whole paths are made for what is shown: as a rule a few of all.
 * - Sorting moves numbers of four bytes, and then each input once, in its place.
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

enum { NUMBER_BYTES = 5 }; /* at most, of 32 bits */

/* Seven bits a byte, the lowest first; all bytes but the last have the eighth bit. So the number
 * of a directory takes one byte where there are few, and two in most trees. */
static size_t put_number(uint32_t number, char bytes[NUMBER_BYTES])
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

/* For `n_bytes` more and a NUL. */
static bool make_text_room(struct csvr_inputs *inputs, size_t n_bytes)
{
	if (n_bytes >= UINT32_MAX - inputs->n_text) /* an offset has 32 bits */
		return false;
	char *text = csvr_array_grow(inputs->text, &inputs->text_capacity,
				     inputs->n_text + n_bytes + 1, 1);
	if (text == NULL)
		return false;
	inputs->text = text;
	return true;
}

/* Behind all text, for which there is room. */
static void add_text(struct csvr_inputs *inputs, const char *bytes, size_t n_bytes)
{
	char *text = inputs->text + inputs->n_text;
	if (n_bytes > 0)
		memcpy(text, bytes, n_bytes);
	inputs->n_text += n_bytes;
}

/* A whole text with a NUL; 0: no memory. */
static uint32_t put_text(struct csvr_inputs *inputs, const char *text)
{
	const size_t n_bytes = strlen(text) + 1;
	if (!make_text_room(inputs, n_bytes + 1))
		return 0;
	if (inputs->n_text == 0) /* no offset is 0 */
		add_text(inputs, "", 1);
	const uint32_t offset = (uint32_t)inputs->n_text;
	add_text(inputs, text, n_bytes);
	return offset;
}

/* Puts a directory in anew unless it is the one put in last. */
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
	if (!make_text_room(inputs, n_bytes))
		return false;
	directories[n] = (uint32_t)inputs->n_text;
	add_text(inputs, path, n_bytes);
	add_text(inputs, "", 1);
	inputs->n_directories++;
	return true;
}

/* Behind the name of a remote input: the offset of its etag, and that of its url as it was given
 * if that is not to be shown; 0 if it has none. */
enum { ETAG_BYTES = sizeof(uint32_t), ADDRESS_BYTES = sizeof(uint32_t) };
static const char no_slots[ETAG_BYTES + ADDRESS_BYTES] = { 0 };

static struct csvr_input *append(struct csvr_inputs *inputs, const char *path, size_t length,
				 enum csvr_input_kind kind)
{
	if (inputs->n_items == UINT32_MAX) /* a rank has 32 bits */
		return NULL;
	struct csvr_input *items = csvr_array_grow(inputs->items, &inputs->capacity,
						   inputs->n_items + 1, sizeof *items);
	if (items == NULL)
		return NULL;
	inputs->items = items;
	const size_t n_place = csvr_url_path_length(path, length);
	size_t n_directory = n_place;
	while (n_directory > 0 && path[n_directory - 1] != '/')
		n_directory--;
	if (!add_directory(inputs, path, n_directory) ||
	    !make_text_room(inputs, NUMBER_BYTES + length - n_directory + sizeof no_slots))
		return NULL;
	struct csvr_input *input = &items[inputs->n_items++];
	*input = (struct csvr_input){ .name = (uint32_t)inputs->n_text,
				      .kind = kind,
				      .is_compressed = csvr_is_compressed_name(path, n_place),
				      .is_remote = csvr_is_url(path, length) };
	char number[NUMBER_BYTES];
	add_text(inputs, number, put_number((uint32_t)(inputs->n_directories - 1), number));
	add_text(inputs, path + n_directory, length - n_directory);
	add_text(inputs, "", 1);
	if (input->is_remote)
		add_text(inputs, no_slots, sizeof no_slots);
	return input;
}

static char *etag_slot(const struct csvr_inputs *inputs, const struct csvr_input *input)
{
	const char *name = csvr_inputs_split_path(inputs, input).name;
	return inputs->text + (name - inputs->text) + strlen(name) + 1;
}

/* The path is what people see, here and in saved states: of an url, what may be shown. */
struct csvr_input *csvr_inputs_append(struct csvr_inputs *inputs, const char *path, size_t length,
				      enum csvr_input_kind kind)
{
	if (!csvr_is_url(path, length))
		return append(inputs, path, length, kind);
	char *given = strndup(path, length);
	char *shown = given != NULL ? csvr_url_redacted(given) : NULL;
	struct csvr_input *input = NULL;
	uint32_t offset = 0;
	if (shown != NULL && strcmp(shown, given) != 0)
		offset = put_text(inputs, given);
	if (shown != NULL && (offset > 0 || strcmp(shown, given) == 0))
		input = append(inputs, shown, strlen(shown), kind);
	if (input != NULL)
		memcpy(etag_slot(inputs, input) + ETAG_BYTES, &offset, ADDRESS_BYTES);
	free(shown);
	free(given);
	return input;
}

static uint32_t url_of(const struct csvr_inputs *inputs, const struct csvr_input *input)
{
	uint32_t offset;
	memcpy(&offset, etag_slot(inputs, input) + ETAG_BYTES, ADDRESS_BYTES);
	return offset;
}

char *csvr_inputs_copy_url(const struct csvr_inputs *inputs, const struct csvr_input *input)
{
	const uint32_t offset = url_of(inputs, input);
	return offset > 0 ? strdup(inputs->text + offset) : csvr_inputs_copy_path(inputs, input);
}

bool csvr_inputs_has_url(const struct csvr_inputs *inputs, const struct csvr_input *input)
{
	size_t length;
	const char *name = csvr_inputs_file_name(inputs, input, &length);
	return url_of(inputs, input) > 0 || strstr(name + length, csvr_url_redaction) == NULL;
}

enum csvr_status csvr_inputs_add_copy(struct csvr_inputs *inputs, const char *path, size_t n_bytes,
				      const struct csvr_input *like)
{
	struct csvr_input *input = csvr_inputs_append(inputs, path, n_bytes, CSVR_INPUT_UNPROBED);
	if (input == NULL)
		return CSVR_NO_MEMORY;
	const struct csvr_input added = *input;
	*input = *like;
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

char *csvr_inputs_copy_path(const struct csvr_inputs *inputs, const struct csvr_input *input)
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

/* ---- what is compressed ---- */

static const struct csvr_seek_index *table_of(const struct csvr_inputs *inputs,
					      const struct csvr_input *input)
{
	const struct csvr_seek_index *table = NULL;
	if (input->is_compressed && input->kind == CSVR_INPUT_REGULAR)
		(void)csvr_seek_indexes_get(inputs->seek_indexes, input->name, &table);
	return table;
}

uint64_t csvr_input_bytes(const struct csvr_inputs *inputs, const struct csvr_input *input)
{
	const struct csvr_seek_index *table = table_of(inputs, input);
	return table != NULL ? table->text_bytes : input->size_bytes;
}

uint64_t csvr_input_least_chunk(const struct csvr_inputs *inputs, const struct csvr_input *input)
{
	/* Both ends of a chunk lie within members as a rule, which are then decoded twice. */
	enum { MEMBERS_IN_PIECE = 4 };
	const struct csvr_seek_index *table = table_of(inputs, input);
	return table != NULL ? MEMBERS_IN_PIECE * table->most_bytes : 0;
}

bool csvr_input_is_seekable(const struct csvr_inputs *inputs, const struct csvr_input *input)
{
	return input->kind == CSVR_INPUT_REGULAR &&
	       (!input->is_compressed || table_of(inputs, input) != NULL);
}

enum csvr_status csvr_inputs_set_etag(struct csvr_inputs *inputs, struct csvr_input *input,
				      const char *etag)
{
	const uint32_t offset = put_text(inputs, etag);
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
	const uint32_t offset = put_text(inputs, reason);
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

/* ---- whole paths ---- */

/* Paths that were asked for. */
struct csvr_path_cache {
	const char **paths; /* by index of the input; NULL: not asked for yet */
	size_t n_paths;
	struct csvr_arena text;
	bool is_cut; /* for one of them there was no memory */
};

enum csvr_status csvr_path_cache_new(struct csvr_path_cache **path_cache)
{
	*path_cache = calloc(1, sizeof **path_cache);
	if (*path_cache == NULL)
		return CSVR_NO_MEMORY;
	csvr_arena_init(&(*path_cache)->text);
	return CSVR_OK;
}

void csvr_path_cache_free(struct csvr_path_cache *path_cache)
{
	if (path_cache == NULL)
		return;
	csvr_arena_clear(&path_cache->text);
	free(path_cache->paths);
	free(path_cache);
}

/* Room for the paths of all inputs; pages of it that are never written to take no memory. */
static bool make_room(struct csvr_path_cache *shown, size_t n_paths)
{
	if (n_paths <= shown->n_paths)
		return true;
	/* Inputs that saved states name come in one state after the other: not all moved for each. */
	if (n_paths < 2 * shown->n_paths)
		n_paths = 2 * shown->n_paths;
	const char **paths = calloc(n_paths, sizeof *paths);
	if (paths == NULL)
		return false;
	if (shown->n_paths > 0)
		memcpy(paths, shown->paths, shown->n_paths * sizeof *paths);
	free(shown->paths);
	shown->paths = paths;
	shown->n_paths = n_paths;
	return true;
}

const char *csvr_inputs_path(const struct csvr_inputs *inputs, size_t index)
{
	struct csvr_path_cache *shown = inputs->path_cache;
	const struct csvr_path_parts parts = csvr_inputs_split_path(inputs, &inputs->items[index]);
	const char *path = NULL;
	if (make_room(shown, inputs->n_items)) {
		if (shown->paths[index] == NULL)
			shown->paths[index] = csvr_arena_join(&shown->text, parts.directory,
							      parts.name);
		path = shown->paths[index];
	}
	shown->is_cut |= path == NULL;
	return path != NULL ? path : parts.name;
}

bool csvr_inputs_path_failed(const struct csvr_inputs *inputs)
{
	return inputs->path_cache->is_cut;
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
	/* Paths were made under the old indices. */
	free(inputs->path_cache->paths);
	inputs->path_cache->paths = NULL;
	inputs->path_cache->n_paths = 0;
	return CSVR_OK;
}
