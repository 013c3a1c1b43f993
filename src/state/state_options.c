/* state_options.c - the options of a saved state */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "state/state_internal.h"

static void encode_strings(struct csvr_encoder *bytes, const struct csvr_string_list *words)
{
	csvr_encoder_put_varint(bytes, words->n_words);
	for (size_t i = 0; i < words->n_words; i++)
		csvr_encoder_put_text(bytes, words->word[i], strlen(words->word[i]));
}

/* The names and versions of the aggregates, in the order in which columns have their states. */
static void encode_collection(struct csvr_encoder *bytes, csvr_collection collection)
{
	const struct csvr_aggregate *item;
	csvr_encoder_put_varint(bytes, (uint64_t)__builtin_popcountll(collection));
	for (size_t i = 0; (item = csvr_collection_item(collection, i)) != NULL; i++) {
		csvr_encoder_put_text(bytes, item->name, strlen(item->name));
		csvr_encoder_put_varint(bytes, item->version);
	}
}

void csvr_state_encode_options(struct csvr_encoder *bytes, const struct csvr_parse_options *reading,
			       csvr_collection collection)
{
	csvr_encoder_put_zigzag(bytes, reading->delimiter);
	csvr_encoder_put_zigzag(bytes, reading->quote);
	csvr_encoder_put_zigzag(bytes, reading->comment);
	csvr_encoder_put_varint(bytes, reading->header);
	csvr_encoder_put_varint(bytes, reading->by_position);
	encode_strings(bytes, &reading->null_values);
	encode_strings(bytes, &reading->select);
	encode_collection(bytes, collection);
}

void csvr_state_options_clear(struct csvr_state_options *options)
{
	free(options->null_values);
	free(options->select);
	csvr_arena_clear(&options->strings);
}

/* A byte that is no line end, or `otherwise`. */
static bool decode_byte(struct csvr_decoder *reader, int otherwise, int *byte)
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

static bool decode_strings(struct csvr_decoder *reader, struct csvr_string_list *words,
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

/* False: no memory. Names out of the order of this program are invalid: states follow that order. */
static bool decode_collection(struct csvr_decoder *reader, struct csvr_state_options *options)
{
	const size_t n = csvr_decoder_count(reader, 2);
	for (size_t i = 0; i < n && !reader->is_bad; i++) {
		size_t n_bytes;
		const char *text = csvr_decoder_text(reader, &n_bytes);
		const uint64_t version = csvr_decoder_varint_max(reader, UINT32_MAX);
		const char *name = csvr_arena_copy(&options->strings, text, n_bytes);
		if (name == NULL)
			return false;
		const csvr_collection before = options->collection;
		if (!csvr_collection_add(&options->collection, name, (uint32_t)version))
			options->unknown = options->unknown == NULL ? name : options->unknown;
		else if (options->collection <= before || (options->collection & before) != before)
			reader->is_bad = true;
	}
	return true;
}

enum csvr_status csvr_state_decode_options(struct csvr_decoder *reader,
					   struct csvr_state_options *options)
{
	struct csvr_parse_options *reading = &options->reading;
	*options = (struct csvr_state_options){ 0 };
	csvr_arena_init(&options->strings);
	bool is_good = decode_byte(reader, CSVR_AUTO, &reading->delimiter);
	is_good &= decode_byte(reader, CSVR_NONE, &reading->quote);
	is_good &= decode_byte(reader, CSVR_NONE, &reading->comment);
	is_good &= are_distinct(reading);
	reading->header = (enum csvr_header_mode)csvr_decoder_varint_max(reader, CSVR_HEADER_NO);
	reading->by_position = csvr_decoder_varint_max(reader, 1) != 0;
	if (!decode_strings(reader, &reading->null_values, &options->null_values,
			    &options->strings) ||
	    !decode_strings(reader, &reading->select, &options->select, &options->strings) ||
	    !decode_collection(reader, options))
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

/* The names of a collection, separated by commas. */
static void collection_text(csvr_collection collection, char *text, size_t n_bytes)
{
	const struct csvr_aggregate *item;
	size_t n = 0;
	text[0] = '\0';
	for (size_t i = 0; (item = csvr_collection_item(collection, i)) != NULL && n < n_bytes; i++)
		n += (size_t)snprintf(text + n, n_bytes - n, "%s%s", i > 0 ? "," : "", item->name);
}

static enum csvr_status check_collection(csvr_collection saved, csvr_collection wanted,
					 struct csvr_error *error)
{
	char names[128];
	if ((wanted & ~saved) != 0) {
		collection_text(wanted & ~saved, names, sizeof names);
		return csvr_error_set(error, CSVR_INVALID_OPTION, 0,
				      "was saved without %s; save it again with --stats=%s", names,
				      names);
	}
	if ((saved & ~wanted) != 0) {
		collection_text(saved & ~wanted, names, sizeof names);
		return csvr_error_set(error, CSVR_INVALID_OPTION, 0,
				      "was saved with --stats=%s, which this run does not collect; "
				      "add --stats=%s",
				      names, names);
	}
	return CSVR_OK;
}

enum csvr_status csvr_state_check_options(struct csvr_state_file *saved,
					  const struct csvr_settings *settings,
					  struct csvr_error *error)
{
	struct csvr_decoder reader = saved->options;
	struct csvr_state_options options;
	char its[64], ours[64];
	enum csvr_status status = csvr_state_decode_options(&reader, &options);
	if (status == CSVR_OK) {
		const char *name = find_difference(&options.reading, &settings->reading, its, ours,
						   sizeof its);
		if (name != NULL)
			status = csvr_error_set(
				error, CSVR_INVALID_OPTION, 0,
				"was made with %s=%s, and here it is %s=%s; what belongs "
				"together must be read alike",
				name, its, name, ours);
		else if (settings->report.per_file && !saved->has_file_stats)
			status = csvr_error_set(
				error, CSVR_INVALID_OPTION, 0,
				"was made without --per-file and has no figures of single "
				"files; make it with it, or leave it away here");
		else
			status = check_collection(saved->collection,
						  csvr_collection_of(&settings->statistics), error);
	}
	csvr_state_options_clear(&options);
	return status == CSVR_INVALID_FILE ? csvr_state_invalid(error) : status;
}

enum csvr_status csvr_state_apply_options(struct csvr_state_file *saved,
					  struct csvr_settings *settings,
					  struct csvr_inputs *inputs, struct csvr_error *error)
{
	struct csvr_decoder reader = saved->options;
	struct csvr_state_options options;
	enum csvr_status status = csvr_state_decode_options(&reader, &options);
	if (status != CSVR_OK) {
		csvr_state_options_clear(&options);
		return status == CSVR_INVALID_FILE ? csvr_state_invalid(error) : status;
	}
	settings->reading = options.reading;
	csvr_manifests_own_strings(inputs, options.null_values, options.select, &options.strings);
	return CSVR_OK;
}
