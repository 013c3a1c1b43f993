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
#include <strings.h>

#include "base/memory.h"
#include "input/codec/seek_index.h"
#include "input/filter.h"
#include "input/manifest.h"

/* Paths that were asked for. */
struct csvr_path_cache {
	const char **paths; /* by index of the input; NULL: not asked for yet */
	size_t n_paths;
	struct csvr_arena text;
	bool is_cut; /* for one of them there was no memory */
};

enum csvr_status csvr_inputs_new(struct csvr_inputs **inputs)
{
	*inputs = calloc(1, sizeof **inputs);
	struct csvr_path_cache *shown = calloc(1, sizeof *shown);
	if (*inputs == NULL || shown == NULL) {
		free(*inputs);
		free(shown);
		*inputs = NULL;
		return CSVR_NO_MEMORY;
	}
	csvr_arena_init(&shown->text);
	(*inputs)->shown = shown;
	enum csvr_status status = csvr_seek_indexes_new(&(*inputs)->seeks);
	if (status != CSVR_OK) {
		csvr_inputs_free(*inputs);
		*inputs = NULL;
	}
	return status;
}

void csvr_inputs_free(struct csvr_inputs *inputs)
{
	if (inputs == NULL)
		return;
	csvr_manifests_free(inputs->manifests);
	csvr_seek_indexes_free(inputs->seeks);
	csvr_arena_clear(&inputs->shown->text);
	free(inputs->shown->paths);
	free(inputs->shown);
	free(inputs->items);
	free(inputs->text);
	free(inputs->directories);
	free(inputs->ranks);
	free(inputs);
}

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

static const char *get_number(const char *bytes, uint32_t *number)
{
	unsigned shift = 0;
	*number = 0;
	for (; (*bytes & 0x80) != 0; shift += 7)
		*number |= (uint32_t)(*bytes++ & 0x7f) << shift;
	*number |= (uint32_t)*bytes++ << shift;
	return bytes;
}

/* Inlined where inputs are sorted. */
static inline struct csvr_path_parts parts_of(const struct csvr_inputs *inputs,
					      const struct csvr_input *input)
{
	struct csvr_path_parts parts;
	parts.name = get_number(inputs->text + input->name, &parts.number);
	parts.directory = inputs->text + inputs->directories[parts.number];
	return parts;
}

struct csvr_path_parts csvr_inputs_split_path(const struct csvr_inputs *inputs,
					      const struct csvr_input *input)
{
	return parts_of(inputs, input);
}

/* Of an url: up to its query and fragment, which name no file. Keys in S3 may have any bytes. */
static size_t length_of_place(const char *path, size_t length)
{
	if (!csvr_is_url(path, length) || csvr_is_s3(path))
		return length;
	size_t n = 0;
	while (n < length && path[n] != '?' && path[n] != '#')
		n++;
	return n;
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
	const size_t n_place = length_of_place(path, length);
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
		(void)csvr_seek_indexes_get(inputs->seeks, input->name, &table);
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

/* ---- what is remote ---- */

bool csvr_is_url(const char *text, size_t length)
{
	static const char *const schemes[] = { "s3://", "http://", "https://" };
	/* Asked about every input there is. */
	if (length < 5 || memchr(text, ':', length < 6 ? length : 6) == NULL)
		return false;
	for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
		if (length >= strlen(schemes[i]) &&
		    strncasecmp(text, schemes[i], strlen(schemes[i])) == 0)
			return true;
	return false;
}

/* Whether what stands before the first slash of an url has a colon that begins no port: a password, or
 * the beginning of one that goes on behind the slash. */
static bool has_colon(const char *host, size_t n, bool is_s3)
{
	const char *at = memchr(host, ':', n), *close = memchr(host, ']', n);
	if (host[0] == '[' && close != NULL && memchr(host, '@', (size_t)(close - host)) == NULL)
		at = memchr(close, ':', n - (size_t)(close - host)); /* behind the colons of IPv6 */
	if (at == NULL)
		return false;
	const size_t n_port = n - (size_t)(at + 1 - host);
	return is_s3 || strspn(at + 1, "0123456789") < n_port;
}

struct csvr_userinfo csvr_url_userinfo(const char *text, size_t length)
{
	struct csvr_userinfo login = { 0 };
	if (!csvr_is_url(text, length))
		return login;
	const bool is_s3 = csvr_is_s3(text);
	login.start = (size_t)(strstr(text, "://") - text) + 3;
	const char *host = text + login.start;
	const size_t n_host = strcspn(host, is_s3 ? "/" : "/?#");
	const char *from = host, *last = NULL;
	const bool is_split = has_colon(host, n_host, is_s3);
	for (; from < host + n_host || (is_split && *from != '\0'); from++)
		if (*from == '@')
			last = from;
	if (last != NULL)
		login.n_bytes = (size_t)(last + 1 - host);
	/* No bucket has a colon in its name: behind a login it is of a password, too. */
	const char *bucket = host + login.n_bytes;
	if (is_s3 && has_colon(bucket, strcspn(bucket, "/"), true))
		login.n_bytes = strlen(host);
	return login;
}

const char csvr_url_redaction[] = "***";

char *csvr_url_redacted(const char *url)
{
	const size_t length = strlen(url);
	const struct csvr_userinfo login = csvr_url_userinfo(url, length);
	/* At most each byte stands for a value, with the sign before it. */
	char *const shown = malloc(length * sizeof csvr_url_redaction + 1);
	if (shown == NULL)
		return NULL;
	memcpy(shown, url, login.start);
	const char *from = url + login.start + login.n_bytes;
	const bool has_query = length_of_place(url, length) < length;
	const size_t n_place = has_query ? strcspn(from, "?#") : strlen(from);
	memcpy(shown + login.start, from, n_place);
	size_t n = login.start + n_place;
	for (from += n_place; *from != '\0';) {
		const char sign = *from++;
		const size_t n_part = strcspn(from, sign == '#' ? "" : "&;#");
		const char *equals = memchr(from, '=', n_part);
		const size_t n_name = equals != NULL ? (size_t)(equals + 1 - from) : 0;
		shown[n++] = sign;
		memcpy(shown + n, from, n_name);
		n += n_name;
		if (n_part > n_name)
			n = (size_t)(stpcpy(shown + n, csvr_url_redaction) - shown);
		from += n_part;
	}
	shown[n] = '\0';
	return shown;
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
	struct csvr_path_cache *shown = inputs->shown;
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
	return inputs->shown->is_cut;
}

/* ---- order ---- */

int csvr_inputs_compare(const struct csvr_inputs *inputs, uint32_t a, uint32_t b)
{
	const struct csvr_path_parts left = parts_of(inputs, &inputs->items[a]);
	const struct csvr_path_parts right = parts_of(inputs, &inputs->items[b]);
	if (left.number == right.number)
		return strcmp(left.name, right.name);
	size_t n_left = strlen(left.directory), n_right = strlen(right.directory);
	size_t n_both = n_left < n_right ? n_left : n_right;
	int order = memcmp(left.directory, right.directory, n_both);
	if (order != 0)
		return order;
	/* No name has a slash, or only behind a ? or # that no such directory has, and what is left of
	 * the longer directory ends with one: they differ before either is over, so what follows
	 * that directory does not matter. */
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

/* Merge sort, so what is equal keeps its order; `scratch` has room for half of it. */
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

/* The indices of the inputs from `first` on, ordered by path; NULL: no memory. */
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
		/* Round one cycle; a place that has got its input points to itself. */
		const struct csvr_input moved = items[i];
		size_t place = i;
		while (order[place - first] != i) {
			size_t from = order[place - first];
			items[place] = items[from];
			order[place - first] = (uint32_t)place;
			place = from;
		}
		items[place] = moved;
		order[place - first] = (uint32_t)place;
	}
	free(order);
	return CSVR_OK;
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
	free(inputs->shown->paths);
	inputs->shown->paths = NULL;
	inputs->shown->n_paths = 0;
	return CSVR_OK;
}

enum csvr_status csvr_inputs_rank(struct csvr_inputs *inputs)
{
	free(inputs->ranks);
	inputs->ranks = NULL;
	/* One directory is the usual case, and its walk has sorted it. */
	if (is_sorted(inputs, 0))
		return CSVR_OK;
	uint32_t *order = sorted_indices(inputs, 0);
	uint32_t *ranks = calloc(inputs->n_items, sizeof *ranks);
	if (order == NULL || ranks == NULL) {
		free(order);
		free(ranks);
		return CSVR_NO_MEMORY;
	}
	for (size_t rank = 0; rank < inputs->n_items; rank++)
		ranks[order[rank]] = (uint32_t)rank;
	free(order);
	inputs->ranks = ranks;
	return CSVR_OK;
}
