/* state_file.c - saved states: files that hold what a run found */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "state/state_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/io.h"
#include "base/memory.h"
#include "base/serialize.h"
#include "base/sha256.h"
#include "base/version.h"
#include "state/summary_codec.h"

enum { FORMAT_VERSION = 2 };

/* Magic, version (4 bytes) and number of bytes that follow (8), lowest first; at the end the digest. */
enum {
	VERSION_AT = CSVR_STATE_MAGIC_BYTES,
	LENGTH_AT = VERSION_AT + 4,
	FRONT_BYTES = LENGTH_AT + 8
};

static void seal(const unsigned char *bytes, size_t n_bytes,
		 unsigned char result[CSVR_SHA256_BYTES])
{
	struct csvr_sha256 digest;
	csvr_sha256_init(&digest);
	csvr_sha256_add(&digest, bytes, n_bytes);
	csvr_sha256_finish(&digest, result);
}

static enum csvr_status nonsense(struct csvr_error *error)
{
	return csvr_error_set(error, CSVR_INVALID_FILE, 0,
			      "is a saved state that makes no sense; make it again");
}

/* ---- options ---- */

static void put_words(struct csvr_encoder *bytes, const struct csvr_string_list *words)
{
	csvr_encoder_put_varint(bytes, words->n_words);
	for (size_t i = 0; i < words->n_words; i++)
		csvr_encoder_put_text(bytes, words->word[i], strlen(words->word[i]));
}

static void put_options(struct csvr_encoder *bytes, const struct csvr_parse_options *reading)
{
	csvr_encoder_put_zigzag(bytes, reading->delimiter);
	csvr_encoder_put_zigzag(bytes, reading->quote);
	csvr_encoder_put_zigzag(bytes, reading->comment);
	csvr_encoder_put_varint(bytes, reading->header);
	csvr_encoder_put_varint(bytes, reading->by_position);
	put_words(bytes, &reading->null_values);
	put_words(bytes, &reading->select);
}

/* Options as they stand in a state, and the memory of their words. */
struct options {
	struct csvr_parse_options reading;
	const char **null_values, **select;
	struct csvr_arena strings;
};

static void options_clear(struct options *options)
{
	free(options->null_values);
	free(options->select);
	csvr_arena_clear(&options->strings);
}

/* A byte that is no line end, or `otherwise`. */
static bool get_byte(struct csvr_decoder *reader, int otherwise, int *byte)
{
	const int64_t value = csvr_decoder_zigzag(reader);
	const bool is_byte = value >= 0 && value <= 255 && value != '\n' && value != '\r';
	*byte = is_byte ? (int)value : otherwise;
	return is_byte || value == otherwise;
}

/* No byte has two meanings. */
static bool are_distinct(const struct csvr_parse_options *reading)
{
	return (reading->delimiter != reading->quote || reading->quote < 0) &&
	       (reading->delimiter != reading->comment || reading->comment < 0) &&
	       (reading->quote != reading->comment || reading->quote < 0);
}

static bool get_words(struct csvr_decoder *reader, struct csvr_string_list *words,
		      const char ***memory, struct csvr_arena *strings)
{
	const size_t n = csvr_decoder_count(reader, 1);
	*memory = calloc(n + 1, sizeof(const char *));
	if (*memory == NULL)
		return false;
	for (size_t i = 0; i < n && !reader->is_bad; i++) {
		size_t n_bytes;
		const char *text = csvr_decoder_text(reader, &n_bytes);
		(*memory)[i] = csvr_arena_copy(strings, text, n_bytes);
		if ((*memory)[i] == NULL)
			return false;
		if (strlen((*memory)[i]) != n_bytes)
			reader->is_bad = true;
	}
	*words = (struct csvr_string_list){ *memory, n };
	return true;
}

static enum csvr_status get_options(struct csvr_decoder *reader, struct options *options)
{
	struct csvr_parse_options *reading = &options->reading;
	*options = (struct options){ 0 };
	csvr_arena_init(&options->strings);
	bool is_good = get_byte(reader, CSVR_AUTO, &reading->delimiter);
	is_good &= get_byte(reader, CSVR_NONE, &reading->quote);
	is_good &= get_byte(reader, CSVR_NONE, &reading->comment);
	is_good &= are_distinct(reading);
	reading->header = (enum csvr_header_mode)csvr_decoder_varint_max(reader, CSVR_HEADER_NO);
	reading->by_position = csvr_decoder_varint_max(reader, 1) != 0;
	if (!get_words(reader, &reading->null_values, &options->null_values, &options->strings) ||
	    !get_words(reader, &reading->select, &options->select, &options->strings))
		return CSVR_NO_MEMORY;
	return is_good && !reader->is_bad ? CSVR_OK : CSVR_INVALID_FILE;
}

static bool are_same(const struct csvr_string_list *a, const struct csvr_string_list *b)
{
	bool is_same = a->n_words == b->n_words;
	for (size_t i = 0; i < a->n_words && is_same; i++)
		is_same = strcmp(a->word[i], b->word[i]) == 0;
	return is_same;
}

static void word_text(const struct csvr_string_list *words, char *text, size_t n_bytes)
{
	size_t n = 0;
	text[0] = '\0';
	for (size_t i = 0; i < words->n_words && n + 1 < n_bytes; i++)
		n += (size_t)snprintf(text + n, n_bytes - n, "%s%s", i > 0 ? "," : "",
				      words->word[i]);
}

static void byte_text(int byte, char *text, size_t n_bytes)
{
	if (byte == CSVR_AUTO || byte == CSVR_NONE)
		snprintf(text, n_bytes, "%s", byte == CSVR_AUTO ? "auto" : "none");
	else if (byte == '\t')
		snprintf(text, n_bytes, "tab");
	else
		snprintf(text, n_bytes, "%c", byte);
}

/* The first option in which the two differ, NULL: none does. */
static const char *find_difference(const struct csvr_parse_options *a,
				   const struct csvr_parse_options *b, char *text_a, char *text_b,
				   size_t n_bytes)
{
	static const char *const headers[] = { "auto", "yes", "no" };
	const struct {
		const char *name;
		int a, b;
	} bytes[] = { { "--delimiter", a->delimiter, b->delimiter },
		      { "--quote", a->quote, b->quote },
		      { "--comment", a->comment, b->comment } };
	for (size_t i = 0; i < sizeof bytes / sizeof bytes[0]; i++) {
		if (bytes[i].a == bytes[i].b)
			continue;
		byte_text(bytes[i].a, text_a, n_bytes);
		byte_text(bytes[i].b, text_b, n_bytes);
		return bytes[i].name;
	}
	if (a->header != b->header) {
		snprintf(text_a, n_bytes, "%s", headers[a->header]);
		snprintf(text_b, n_bytes, "%s", headers[b->header]);
		return "--header";
	}
	if (a->by_position != b->by_position) {
		snprintf(text_a, n_bytes, "%s", a->by_position ? "position" : "name");
		snprintf(text_b, n_bytes, "%s", b->by_position ? "position" : "name");
		return "--columns-by";
	}
	if (!are_same(&a->null_values, &b->null_values)) {
		word_text(&a->null_values, text_a, n_bytes);
		word_text(&b->null_values, text_b, n_bytes);
		return "--null-values";
	}
	if (!are_same(&a->select, &b->select)) {
		word_text(&a->select, text_a, n_bytes);
		word_text(&b->select, text_b, n_bytes);
		return "--select";
	}
	return NULL;
}

enum csvr_status csvr_state_check_options(struct csvr_state_file *saved,
					  const struct csvr_settings *settings,
					  struct csvr_error *error)
{
	struct csvr_decoder reader = saved->options;
	struct options options;
	char its[64], ours[64];
	enum csvr_status status = get_options(&reader, &options);
	if (status == CSVR_OK) {
		const char *name = find_difference(&options.reading, &settings->reading, its, ours,
						   sizeof its);
		if (name != NULL)
			status = csvr_error_set(
				error, CSVR_INVALID_OPTION, 0,
				"was made with %s=%s, and here it is %s=%s; what belongs "
				"together must be read alike",
				name, its, name, ours);
		else if (settings->report.per_file && !saved->has_tables)
			status = csvr_error_set(
				error, CSVR_INVALID_OPTION, 0,
				"was made without --per-file and has no figures of single "
				"files; make it with it, or leave it away here");
	}
	options_clear(&options);
	return status == CSVR_INVALID_FILE ? nonsense(error) : status;
}

enum csvr_status csvr_state_apply_options(struct csvr_state_file *saved,
					  struct csvr_settings *settings,
					  struct csvr_inputs *inputs, struct csvr_error *error)
{
	struct csvr_decoder reader = saved->options;
	struct options options;
	enum csvr_status status = get_options(&reader, &options);
	if (status != CSVR_OK) {
		options_clear(&options);
		return status == CSVR_INVALID_FILE ? nonsense(error) : status;
	}
	settings->reading = options.reading;
	csvr_manifests_own_strings(inputs, options.null_values, options.select, &options.strings);
	return CSVR_OK;
}

/* ---- lists and inputs ---- */

static void put_manifest(struct csvr_encoder *bytes, const struct csvr_manifest *manifest)
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

static const char *get_string(struct csvr_decoder *reader, struct csvr_arena *strings)
{
	size_t n_bytes;
	const char *text = csvr_decoder_text(reader, &n_bytes);
	const char *copy = csvr_arena_copy(strings, text, n_bytes);
	if (copy != NULL && strlen(copy) != n_bytes)
		csvr_decoder_fail(reader);
	return copy;
}

/* Leaves the reader before the shares that were found. False: no memory. */
static bool get_manifest(struct csvr_decoder *reader, struct csvr_arena *strings,
			 struct csvr_manifest *manifest)
{
	*manifest = (struct csvr_manifest){ 0 };
	const unsigned char *digest = csvr_decoder_bytes(reader, sizeof manifest->digest);
	if (digest != NULL)
		memcpy(manifest->digest, digest, sizeof manifest->digest);
	manifest->n_inputs = csvr_decoder_varint_max(reader, UINT32_MAX);
	manifest->size_bytes = csvr_decoder_varint(reader);
	manifest->chunk_bytes = csvr_decoder_varint(reader);
	manifest->first = get_string(reader, strings);
	manifest->newest = get_string(reader, strings);
	manifest->newest_ns = csvr_decoder_zigzag(reader);
	manifest->is_by_path = csvr_decoder_varint_max(reader, 1) != 0;
	manifest->n_shards = (uint32_t)csvr_decoder_varint_max(reader, UINT32_MAX);
	if (manifest->n_shards == 0)
		csvr_decoder_fail(reader);
	return manifest->first != NULL && manifest->newest != NULL;
}

/* The shares of one list, ascending; refuses them if they are not. Whether share `wanted` is there. */
static bool skip_shards(struct csvr_decoder *reader, const struct csvr_manifest *manifest,
			uint64_t wanted)
{
	const size_t n_present = csvr_decoder_count(reader, 1);
	uint64_t before = 0;
	bool is_there = false;
	for (size_t i = 0; i < n_present && !reader->is_bad; i++) {
		const uint64_t index = csvr_decoder_varint_max(reader, manifest->n_shards);
		if (index <= before)
			csvr_decoder_fail(reader);
		is_there |= index == wanted;
		before = index;
	}
	return is_there;
}

/* All lists; `n_inputs` (NULL: not wanted) becomes their sizes, to be freed. */
static enum csvr_status skip_manifests(struct csvr_decoder *reader, size_t *n_manifests,
				       uint64_t **n_inputs)
{
	struct csvr_arena strings;
	csvr_arena_init(&strings);
	*n_manifests = csvr_decoder_count(reader, CSVR_SHA256_BYTES);
	uint64_t *sizes = calloc(*n_manifests + 1, sizeof *sizes);
	enum csvr_status status = sizes == NULL ? CSVR_NO_MEMORY : CSVR_OK;
	for (size_t i = 0; i < *n_manifests && !reader->is_bad && status == CSVR_OK; i++) {
		struct csvr_manifest manifest;
		if (!get_manifest(reader, &strings, &manifest))
			status = CSVR_NO_MEMORY;
		else
			sizes[i] = manifest.n_inputs;
		(void)skip_shards(reader, &manifest, 0);
	}
	csvr_arena_clear(&strings);
	if (n_inputs != NULL)
		*n_inputs = sizes;
	else
		free(sizes);
	return status;
}

/* An input as it stands in a state; its path shares `n_same` bytes with the one before. */
struct entry {
	uint64_t manifest, number;
	uint64_t size_bytes;
	int64_t mtime_ns;
	bool is_stale, is_compressed;
	struct csvr_encoder path; /* with a NUL behind it, which is not counted */
};

static void entry_clear(struct entry *entry)
{
	csvr_encoder_clear(&entry->path);
}

/* The path of an input with a NUL behind it, for as long as it is needed: kept, the paths of millions
 * of inputs would be most of what a run holds. False: no memory. */
static bool compose_path(struct csvr_encoder *path, const struct csvr_inputs *inputs, size_t index)
{
	const struct csvr_path_parts parts = csvr_inputs_split_path(inputs, &inputs->items[index]);
	path->n_bytes = 0;
	csvr_encoder_put_bytes(path, parts.directory, strlen(parts.directory));
	csvr_encoder_put_bytes(path, parts.name, strlen(parts.name) + 1);
	return !path->is_out_of_memory;
}

static void put_entry(struct csvr_encoder *bytes, const struct csvr_inputs *inputs, size_t index,
		      const char *path, const char *before)
{
	const struct csvr_input *input = &inputs->items[index];
	const struct csvr_manifest_entry *origin = &inputs->manifests->origins[index];
	size_t n_same = 0;
	while (path[n_same] != '\0' && path[n_same] == before[n_same])
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

/* The entry behind the one that `entry` holds. False: no memory. */
static bool get_entry(struct csvr_decoder *reader, struct entry *entry)
{
	size_t n_bytes;
	entry->manifest = csvr_decoder_varint(reader);
	entry->number = csvr_decoder_varint_max(reader, UINT32_MAX);
	entry->path.n_bytes = (size_t)csvr_decoder_varint_max(reader, entry->path.n_bytes);
	const char *rest = csvr_decoder_text(reader, &n_bytes);
	if (memchr(rest, '\0', n_bytes) != NULL)
		csvr_decoder_fail(reader);
	csvr_encoder_put_bytes(&entry->path, rest, n_bytes);
	csvr_encoder_put_bytes(&entry->path, "", 1);
	entry->path.n_bytes -= !entry->path.is_out_of_memory;
	entry->size_bytes = csvr_decoder_varint(reader);
	entry->mtime_ns = csvr_decoder_zigzag(reader);
	entry->is_stale = csvr_decoder_varint_max(reader, 1) != 0;
	entry->is_compressed = csvr_decoder_varint_max(reader, 1) != 0;
	return !entry->path.is_out_of_memory;
}

static enum csvr_status doubled(const struct csvr_manifest *manifest,
				const struct csvr_shard_source *twice, struct csvr_error *error)
{
	const char *other = twice->from != NULL ? twice->from : "the inputs named besides";
	if (manifest->n_shards == 1)
		return csvr_error_set(
			error, CSVR_INCOMPATIBLE_STATES, 0,
			"holds the same inputs as %s: they would count twice; leave one out",
			other);
	return csvr_error_set(error, CSVR_INCOMPATIBLE_STATES, 0,
			      "holds share %" PRIu32 "/%" PRIu32 ", and so does %s: it would count "
			      "twice; leave one out",
			      twice->index, manifest->n_shards, other);
}

/* Takes one list and its shares over; `*number` is its number among those of `inputs`. */
static enum csvr_status add_manifest(struct csvr_state_file *saved, struct csvr_decoder *reader,
				     struct csvr_inputs *inputs, uint32_t *number,
				     struct csvr_error *error)
{
	struct csvr_manifests *manifests = inputs->manifests;
	struct csvr_manifest manifest;
	if (!get_manifest(reader, &manifests->strings, &manifest))
		return CSVR_NO_MEMORY;
	if (reader->is_bad)
		return nonsense(error);
	enum csvr_status status = csvr_manifests_add(inputs, &manifest, number);
	const char *from = csvr_arena_copy(&manifests->strings, saved->path, strlen(saved->path));
	if (from == NULL)
		return CSVR_NO_MEMORY;
	const size_t n_present = csvr_decoder_count(reader, 1);
	for (size_t i = 0; i < n_present && status == CSVR_OK; i++) {
		const uint64_t index = csvr_decoder_varint_max(reader, manifest.n_shards);
		const struct csvr_shard_source *twice;
		if (index == 0)
			return nonsense(error);
		status = csvr_manifest_add_shard(&manifests->items[*number], (uint32_t)index, from,
						 &twice);
		if (status == CSVR_OK && twice != NULL)
			return doubled(&manifest, twice, error);
	}
	return status;
}

enum csvr_status csvr_state_append_inputs(struct csvr_state_file *saved, struct csvr_inputs *inputs,
					  struct csvr_error *error)
{
	struct csvr_decoder reader = saved->inputs;
	struct entry entry = { 0 };
	const size_t n_manifests = csvr_decoder_count(&reader, CSVR_SHA256_BYTES);
	uint32_t *numbers = calloc(n_manifests + 1, sizeof *numbers);
	enum csvr_status status = numbers == NULL ? CSVR_NO_MEMORY : CSVR_OK;
	for (size_t i = 0; i < n_manifests && status == CSVR_OK; i++)
		status = add_manifest(saved, &reader, inputs, &numbers[i], error);
	const size_t n_inputs = status == CSVR_OK ? csvr_decoder_count(&reader, 8) : 0;
	saved->base = (uint32_t)inputs->n_items;
	for (size_t i = 0; i < n_inputs && status == CSVR_OK; i++) {
		if (!get_entry(&reader, &entry))
			status = CSVR_NO_MEMORY;
		else if (reader.is_bad || entry.manifest >= n_manifests)
			status = nonsense(error);
		const struct csvr_input known = { .kind = CSVR_INPUT_REGULAR,
						  .size_bytes = entry.size_bytes,
						  .mtime_ns = entry.mtime_ns,
						  .is_compressed = entry.is_compressed,
						  .is_preloaded = true,
						  .is_stale = entry.is_stale };
		if (status == CSVR_OK)
			status = csvr_inputs_add_copy(inputs, (const char *)entry.path.bytes,
						      entry.path.n_bytes, &known);
		if (status == CSVR_OK)
			status = csvr_manifests_append_origin(inputs, numbers[entry.manifest],
							      (uint32_t)entry.number);
	}
	entry_clear(&entry);
	free(numbers);
	return status == CSVR_OK && reader.is_bad ? nonsense(error) : status;
}

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
		if (!get_manifest(reader, &strings, &manifest))
			status = CSVR_NO_MEMORY;
		else
			(*numbers)[i] = csvr_manifests_find(manifests, &manifest);
		is_own |= skip_shards(reader, &manifest, own->index) &&
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

static bool stands_there(const struct finding *finding, const struct entry *entry, uint32_t input)
{
	const struct csvr_manifest_entry *origin = &finding->inputs->manifests->origins[input];
	return entry->manifest < finding->n_manifests &&
	       origin->manifest == finding->manifests[entry->manifest] &&
	       origin->number == entry->number;
}

/* UINT32_MAX: none. */
static uint32_t find_entry(const struct finding *finding, const struct entry *entry,
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
	struct entry entry = { 0 };
	enum csvr_status status = CSVR_OK;
	const size_t n_inputs = csvr_decoder_count(&reader, 8);
	for (size_t i = 0; i < n_inputs && status == CSVR_OK; i++) {
		if (!get_entry(&reader, &entry))
			status = CSVR_NO_MEMORY;
		if (reader.is_bad || status != CSVR_OK)
			break;
		if (looking == AT_ITS_PLACE || index[i] == UINT32_MAX)
			index[i] = find_entry(finding, &entry, looking);
	}
	entry_clear(&entry);
	return status == CSVR_OK && reader.is_bad ? nonsense(error) : status;
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

/* ---- the file ---- */

static enum csvr_status read_file(struct csvr_state_file *saved, struct csvr_error *error)
{
	enum { LEAST_BYTES = 4096 };
	struct csvr_encoder *file = &saved->file;
	csvr_encoder_clear(file);
	const int fd = open(saved->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return csvr_error_set_errno(error, "cannot open");
	/* Its size and one more byte, to see that it ends there: most states are small, and there may
	 * be thousands. */
	struct stat about;
	size_t wanted = LEAST_BYTES;
	if (fstat(fd, &about) == 0 && about.st_size >= LEAST_BYTES)
		wanted = (size_t)about.st_size + 1;
	enum csvr_status status = CSVR_OK;
	ssize_t n = 1;
	while (n != 0 && status == CSVR_OK) {
		if (file->n_bytes == file->capacity && file->n_bytes > 0)
			wanted = file->n_bytes + LEAST_BYTES;
		unsigned char *grown = csvr_array_grow(file->bytes, &file->capacity, wanted, 1);
		if (grown == NULL) {
			status = CSVR_NO_MEMORY;
			break;
		}
		file->bytes = grown;
		n = csvr_io_read(fd, grown + file->n_bytes, file->capacity - file->n_bytes);
		if (n > 0)
			file->n_bytes += (size_t)n;
		else if (n < 0)
			status = csvr_error_set_errno(error, "cannot read");
	}
	(void)close(fd);
	return status;
}

/* Whether the bytes are those of a state that this program can read. */
static enum csvr_status check_frame(const unsigned char *bytes, size_t n_bytes,
				    struct csvr_error *error)
{
	if (!csvr_begins_as_state(bytes, n_bytes))
		return csvr_error_set(error, CSVR_INVALID_FILE, 0, "is no saved state");
	if (n_bytes < FRONT_BYTES)
		return csvr_error_set(error, CSVR_INVALID_FILE, 0,
				      "is a saved state that is cut short; make it again");
	const uint64_t version = csvr_decode_little_endian(bytes + VERSION_AT, 4);
	if (version != FORMAT_VERSION)
		return csvr_error_set(error, CSVR_INVALID_FILE, 0,
				      "is a saved state of format %" PRIu64
				      ", and this is csv-report %s, "
				      "which reads format %d; use the version that made it",
				      version, CSVR_VERSION_STRING, FORMAT_VERSION);
	const uint64_t n_body = csvr_decode_little_endian(bytes + LENGTH_AT, 8);
	const uint64_t n_rest = n_bytes - FRONT_BYTES;
	if (n_rest < CSVR_SHA256_BYTES || n_body != n_rest - CSVR_SHA256_BYTES)
		return csvr_error_set(error, CSVR_INVALID_FILE, 0,
				      "is a saved state that %s; make it again",
				      n_rest < CSVR_SHA256_BYTES ||
						      n_body > n_rest - CSVR_SHA256_BYTES
					      ? "is cut short"
					      : "has something behind its end");
	unsigned char digest[CSVR_SHA256_BYTES];
	seal(bytes, n_bytes - sizeof digest, digest);
	if (memcmp(digest, bytes + n_bytes - sizeof digest, sizeof digest) != 0)
		return csvr_error_set(
			error, CSVR_INVALID_FILE, 0,
			"is a saved state that was altered or damaged: its digest is not "
			"that of its bytes; make it again");
	return CSVR_OK;
}

/* Finds where everything begins. */
static enum csvr_status look_through(struct csvr_state_file *saved, const unsigned char *bytes,
				     size_t n_bytes, struct csvr_error *error)
{
	enum csvr_status status = check_frame(bytes, n_bytes, error);
	if (status != CSVR_OK)
		return status;
	struct csvr_decoder reader = { bytes + FRONT_BYTES, bytes + n_bytes - CSVR_SHA256_BYTES,
				       false };
	struct options options;
	saved->options = reader;
	status = get_options(&reader, &options);
	options_clear(&options);
	if (status != CSVR_OK)
		return status == CSVR_INVALID_FILE ? nonsense(error) : status;

	/* Afterwards nothing in them is refused any more: a state goes in whole or not at all. */
	size_t n_manifests;
	uint64_t *n_inputs;
	saved->inputs = reader;
	status = skip_manifests(&reader, &n_manifests, &n_inputs);
	struct entry entry = { 0 };
	saved->n_inputs = csvr_decoder_count(&reader, 8);
	for (size_t i = 0; i < saved->n_inputs && !reader.is_bad && status == CSVR_OK; i++) {
		if (!get_entry(&reader, &entry))
			status = CSVR_NO_MEMORY;
		else if (entry.manifest >= n_manifests ||
			 entry.number >= n_inputs[entry.manifest] || entry.path.n_bytes == 0)
			csvr_decoder_fail(&reader);
	}
	entry_clear(&entry);
	free(n_inputs);
	saved->has_tables = csvr_decoder_varint_max(&reader, 1) != 0;
	saved->n_summaries = csvr_decoder_count(&reader, 1);
	saved->summaries = reader;
	if (status == CSVR_OK && reader.is_bad)
		return nonsense(error);
	return status;
}

enum csvr_status csvr_state_file_open(struct csvr_state_file *saved, const char *path,
				      struct csvr_error *error)
{
	*saved = (struct csvr_state_file){ .path = path };
	enum csvr_status status = read_file(saved, error);
	return status == CSVR_OK
		       ? look_through(saved, saved->file.bytes, saved->file.n_bytes, error)
		       : status;
}

bool csvr_state_is_checkpoint(const struct csvr_state_file *saved)
{
	/* csvr_results_snapshot puts the partial files into one of their own */
	return saved->n_summaries != 1;
}

void csvr_state_release(struct csvr_state_file *saved)
{
	csvr_encoder_clear(&saved->file);
	saved->summaries.at = NULL;
}

void csvr_state_file_clear(struct csvr_state_file *saved)
{
	csvr_encoder_clear(&saved->file);
}

enum csvr_status csvr_state_decode_summary(struct csvr_state_file *saved,
					   const struct csvr_summary_config *config,
					   const uint32_t *index, struct csvr_summary **summary,
					   struct csvr_error *error)
{
	*summary = NULL;
	if (saved->summaries.at == NULL) {
		const size_t n_inputs = saved->n_inputs;
		enum csvr_status status = read_file(saved, error);
		if (status == CSVR_OK)
			status = look_through(saved, saved->file.bytes, saved->file.n_bytes, error);
		if (status == CSVR_OK && saved->n_inputs != n_inputs)
			status = csvr_error_set(error, CSVR_FILE_CHANGED, 0,
						"changed between two looks at it; run again");
		if (status != CSVR_OK)
			return status;
	}
	struct csvr_decoder *reader = &saved->summaries;
	enum csvr_status status = csvr_summary_decode(reader, config, index, saved->n_inputs,
						      summary);
	if (status == CSVR_OK && ++saved->n_given == saved->n_summaries &&
	    reader->at != reader->end) {
		csvr_summary_free(*summary);
		*summary = NULL;
		status = CSVR_INVALID_FILE;
	}
	return status == CSVR_INVALID_FILE ? nonsense(error) : status;
}

/* ---- writing ---- */

/* Numbers the inputs that some summary knows of; returns how many there are. */
static size_t number_inputs(const struct csvr_inputs *inputs,
			    const struct csvr_summary *const *summaries, size_t n_summaries,
			    uint32_t *number)
{
	size_t n = 0;
	for (size_t s = 0; s < n_summaries; s++) {
		const struct csvr_summary *summary = summaries[s];
		for (size_t i = 0; i < summary->n_files; i++)
			number[summary->files[i].input] = 0;
		for (size_t i = 0; i < summary->n_partial; i++)
			number[summary->partial[i].input] = 0;
	}
	for (size_t i = 0; i < inputs->n_items; i++)
		if (number[i] == 0 || inputs->items[i].is_stale)
			number[i] = (uint32_t)n++;
	return n;
}

static void put_lists(struct csvr_encoder *bytes, const struct csvr_inputs *inputs, size_t n_inputs,
		      const uint32_t *number)
{
	const struct csvr_manifests *manifests = inputs->manifests;
	csvr_encoder_put_varint(bytes, manifests->n_items);
	for (size_t i = 0; i < manifests->n_items; i++)
		put_manifest(bytes, &manifests->items[i]);
	csvr_encoder_put_varint(bytes, n_inputs);
	struct csvr_encoder path, before;
	csvr_encoder_init(&path);
	csvr_encoder_init(&before);
	csvr_encoder_put_bytes(&before, "", 1);
	for (size_t i = 0; i < inputs->n_items && !before.is_out_of_memory; i++) {
		if (number[i] == UINT32_MAX)
			continue;
		if (compose_path(&path, inputs, i))
			put_entry(bytes, inputs, i, (const char *)path.bytes,
				  (const char *)before.bytes);
		const struct csvr_encoder last = before;
		before = path;
		path = last;
	}
	bytes->is_out_of_memory |= path.is_out_of_memory || before.is_out_of_memory;
	csvr_encoder_clear(&path);
	csvr_encoder_clear(&before);
}

enum csvr_status csvr_state_encode(struct csvr_encoder *bytes, const struct csvr_settings *settings,
				   const struct csvr_inputs *inputs,
				   const struct csvr_summary *const *summaries, size_t n_summaries)
{
	uint32_t *number = malloc((inputs->n_items + 1) * sizeof *number);
	if (number == NULL)
		return CSVR_NO_MEMORY;
	memset(number, 0xff, (inputs->n_items + 1) * sizeof *number);
	const size_t n_inputs = number_inputs(inputs, summaries, n_summaries, number);
	const size_t start = bytes->n_bytes;
	unsigned char front[FRONT_BYTES] = { 0 }, digest[CSVR_SHA256_BYTES];
	memcpy(front, csvr_state_magic, sizeof csvr_state_magic);
	csvr_encode_little_endian(front + VERSION_AT, 4, FORMAT_VERSION);
	csvr_encoder_put_bytes(bytes, front, sizeof front);
	put_options(bytes, &settings->reading);
	put_lists(bytes, inputs, n_inputs, number);
	csvr_encoder_put_varint(bytes, settings->report.per_file);
	csvr_encoder_put_varint(bytes, n_summaries);
	for (size_t s = 0; s < n_summaries; s++)
		csvr_summary_encode(bytes, summaries[s], number);
	free(number);
	if (bytes->is_out_of_memory)
		return CSVR_NO_MEMORY;
	const size_t n_front = sizeof front;
	csvr_encode_little_endian(bytes->bytes + start + LENGTH_AT, 8,
				  bytes->n_bytes - start - n_front);
	seal(bytes->bytes + start, bytes->n_bytes - start, digest);
	csvr_encoder_put_bytes(bytes, digest, sizeof digest);
	return bytes->is_out_of_memory ? CSVR_NO_MEMORY : CSVR_OK;
}
