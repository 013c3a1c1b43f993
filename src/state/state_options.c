/* state_options.c - the options of a saved state */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "state/state_internal.h"

static void encode_strings(struct csvr_encoder *bytes, const struct csvr_string_list *list)
{
	csvr_encoder_put_varint(bytes, list->n_words);
	for (size_t i = 0; i < list->n_words; i++)
		csvr_encoder_put_text(bytes, list->word[i], strlen(list->word[i]));
}

/* Listed after the aggregates if columns have values of further passes. */
static const char refined_name[] = "refined";
enum { REFINED_VERSION = 1 };

/* The names and versions of the aggregates, in the order in which columns have their states. */
static void encode_collection(struct csvr_encoder *bytes, csvr_collection collection,
			      bool has_refined)
{
	const struct csvr_aggregate *item;
	csvr_encoder_put_varint(bytes, (uint64_t)__builtin_popcountll(collection) + has_refined);
	for (size_t i = 0; (item = csvr_collection_item(collection, i)) != NULL; i++) {
		csvr_encoder_put_text(bytes, item->name, strlen(item->name));
		csvr_encoder_put_varint(bytes, item->version);
	}
	if (has_refined) {
		csvr_encoder_put_text(bytes, refined_name, strlen(refined_name));
		csvr_encoder_put_varint(bytes, REFINED_VERSION);
	}
}

void csvr_state_encode_options(struct csvr_encoder *bytes, const struct csvr_parse_options *parse,
			       csvr_collection collection, bool has_refined)
{
	csvr_encoder_put_zigzag(bytes, parse->delimiter);
	csvr_encoder_put_zigzag(bytes, parse->quote);
	csvr_encoder_put_zigzag(bytes, parse->comment);
	csvr_encoder_put_varint(bytes, parse->header);
	csvr_encoder_put_varint(bytes, parse->by_position);
	csvr_encoder_put_varint(bytes, parse->tables);
	encode_strings(bytes, &parse->null_values);
	encode_strings(bytes, &parse->select);
	csvr_encoder_put_varint(bytes, parse->correlates);
	encode_strings(bytes, &parse->correlation);
	csvr_encoder_put_zigzag(bytes, parse->decimal);
	csvr_encoder_put_text(bytes, parse->thousands, strlen(parse->thousands));
	csvr_encoder_put_varint(bytes, (uint64_t)parse->affix_base);
	csvr_encoder_put_varint(bytes, (uint64_t)parse->skip_footer);
	csvr_encoder_put_text(bytes, parse->long_delimiter, strlen(parse->long_delimiter));
	csvr_encoder_put_zigzag(bytes, parse->escape);
	csvr_encoder_put_varint(bytes, parse->skip);
	csvr_encoder_put_varint(bytes, parse->header_rows);
	csvr_encoder_put_zigzag(bytes, parse->skip_after_header);
	csvr_encoder_put_varint(bytes, parse->encoding);
	csvr_encoder_put_varint(bytes, parse->fold_names);
	encode_strings(bytes, &parse->where);
	encode_strings(bytes, &parse->group_by);
	csvr_encoder_put_varint(bytes, parse->group_by.n_words > 0 && parse->groups_collect);
	encode_collection(bytes, collection, has_refined);
}

void csvr_state_options_clear(struct csvr_state_options *options)
{
	free(options->null_values);
	free(options->select);
	free(options->correlation);
	free(options->where);
	free(options->group_by);
	csvr_arena_clear(&options->strings);
}

/* Decodes a byte other than a newline or carriage return, or `none`. False: invalid. */
static bool decode_byte(struct csvr_decoder *decoder, int none, int *byte)
{
	const int64_t value = csvr_decoder_zigzag(decoder);
	const bool is_byte = value >= 0 && value <= 255 && value != '\n' && value != '\r';
	*byte = is_byte ? (int)value : none;
	return is_byte || value == none;
}

/* Whether each byte has one meaning at most. */
static bool bytes_are_distinct(const struct csvr_parse_options *parse)
{
	return (parse->delimiter != parse->quote || parse->quote < 0) &&
	       (parse->delimiter != parse->comment || parse->comment < 0) &&
	       (parse->quote != parse->comment || parse->quote < 0) &&
	       (parse->escape < 0 ||
		(parse->escape != parse->delimiter && parse->escape != parse->quote &&
		 parse->escape != parse->comment));
}

/* False: invalid, or not with the other bytes. */
static bool decode_long_delimiter(struct csvr_decoder *decoder, struct csvr_parse_options *parse)
{
	size_t n_bytes;
	const char *text = csvr_decoder_text(decoder, &n_bytes);
	parse->long_delimiter[0] = '\0';
	if (n_bytes == 0)
		return true;
	if (n_bytes == 1 || n_bytes > CSVR_MOST_DELIMITER_BYTES ||
	    parse->delimiter != CSVR_UNIT_SEPARATOR)
		return false;
	memcpy(parse->long_delimiter, text, n_bytes);
	parse->long_delimiter[n_bytes] = '\0';
	return strlen(parse->long_delimiter) == n_bytes &&
	       strpbrk(parse->long_delimiter, "\n\r\x1f") == NULL &&
	       (strchr(parse->long_delimiter, ' ') == NULL ||
		strchr(parse->long_delimiter, '\t') == NULL) &&
	       (parse->quote <= 0 || strchr(parse->long_delimiter, parse->quote) == NULL) &&
	       (parse->comment <= 0 || strchr(parse->long_delimiter, parse->comment) == NULL);
}

/* A byte, CSVR_AUTO or CSVR_NONE. */
static bool decode_escape(struct csvr_decoder *decoder, int *escape)
{
	const int64_t value = csvr_decoder_zigzag(decoder);
	*escape = value >= CSVR_NONE && value <= 255 ? (int)value : CSVR_NONE;
	return *escape == value && value != '\n' && value != '\r';
}

/* Decodes strings without a NUL. `*memory` is the array of the list, to be freed. False: no memory. */
static bool decode_strings(struct csvr_decoder *decoder, struct csvr_string_list *list,
			   const char ***memory, struct csvr_arena *strings)
{
	const size_t n = csvr_decoder_count(decoder, 1);
	*memory = calloc(n + 1, sizeof(const char *));
	if (*memory == NULL)
		return false;
	for (size_t i = 0; i < n && !decoder->is_bad; i++) {
		size_t n_bytes;
		const char *text = csvr_decoder_text(decoder, &n_bytes);
		(*memory)[i] = csvr_arena_copy(strings, text, n_bytes);
		if ((*memory)[i] == NULL)
			return false;
		if (strlen((*memory)[i]) != n_bytes)
			decoder->is_bad = true;
	}
	*list = (struct csvr_string_list){ *memory, n };
	return true;
}

/* How numbers are written. False: invalid. */
static bool decode_notation(struct csvr_decoder *decoder, struct csvr_parse_options *parse)
{
	size_t n_bytes;
	parse->decimal = (int)csvr_decoder_zigzag(decoder);
	const char *thousands = csvr_decoder_text(decoder, &n_bytes);
	if (decoder->is_bad || n_bytes >= sizeof parse->thousands)
		return false;
	memcpy(parse->thousands, thousands, n_bytes);
	parse->affix_base = (int)csvr_decoder_varint_max(decoder, 1024);
	if (parse->affix_base != 0 && parse->affix_base != 1000 && parse->affix_base != 1024)
		return false;
	return (parse->decimal == CSVR_AUTO || parse->decimal == '.' || parse->decimal == ',') &&
	       strlen(parse->thousands) == n_bytes &&
	       (n_bytes != 1 || parse->thousands[0] != parse->decimal);
}

/* False: no memory. Names out of the order of this program are invalid: states follow that order. */
static bool decode_collection(struct csvr_decoder *decoder, struct csvr_state_options *options)
{
	const size_t n = csvr_decoder_count(decoder, 2);
	for (size_t i = 0; i < n && !decoder->is_bad; i++) {
		size_t n_bytes;
		const char *text = csvr_decoder_text(decoder, &n_bytes);
		const uint64_t version = csvr_decoder_varint_max(decoder, UINT32_MAX);
		const char *name = csvr_arena_copy(&options->strings, text, n_bytes);
		if (name == NULL)
			return false;
		const csvr_collection previous = options->collection;
		if (options->has_refined)
			decoder->is_bad = true; /* it is the last one */
		else if (strcmp(name, refined_name) == 0 && version == REFINED_VERSION)
			options->has_refined = true;
		else if (!csvr_collection_add(&options->collection, name, (uint32_t)version))
			options->unknown = options->unknown == NULL ? name : options->unknown;
		else if (options->collection <= previous ||
			 (options->collection & previous) != previous)
			decoder->is_bad = true;
	}
	/* Those of a further pass occur together and alone. */
	if ((options->collection & csvr_collection_of_pass()) != 0 &&
	    (options->collection != csvr_collection_of_pass() || options->has_refined))
		decoder->is_bad = true;
	return true;
}

/* Whether the conditions of --where are such as the command line permits. */
static bool conditions_are_good(const struct csvr_parse_options *parse)
{
	struct csvr_error ignored;
	bool is_good = parse->where.n_words <= CSVR_MAX_CONDITIONS;
	for (size_t i = 0; i < parse->where.n_words; i++)
		is_good &= csvr_condition_check(parse->where.word[i], parse, &ignored) == CSVR_OK;
	return is_good;
}

enum csvr_status csvr_state_decode_options(struct csvr_decoder *decoder,
					   struct csvr_state_options *options)
{
	struct csvr_parse_options *parse = &options->parse;
	*options = (struct csvr_state_options){ 0 };
	csvr_arena_init(&options->strings);
	bool is_good = decode_byte(decoder, CSVR_AUTO, &parse->delimiter);
	is_good &= decode_byte(decoder, CSVR_NONE, &parse->quote);
	is_good &= decode_byte(decoder, CSVR_NONE, &parse->comment);
	parse->header = (enum csvr_header_mode)csvr_decoder_varint_max(decoder,
								       CSVR_HEADER_KNOWN_NAMES);
	parse->by_position = csvr_decoder_varint_max(decoder, 1) != 0;
	parse->tables = (enum csvr_tables)csvr_decoder_varint_max(decoder, CSVR_TABLES_HEADER);
	if (!decode_strings(decoder, &parse->null_values, &options->null_values,
			    &options->strings) ||
	    !decode_strings(decoder, &parse->select, &options->select, &options->strings))
		return CSVR_NO_MEMORY;
	parse->correlates = csvr_decoder_varint_max(decoder, 1) != 0;
	if (!decode_strings(decoder, &parse->correlation, &options->correlation, &options->strings))
		return CSVR_NO_MEMORY;
	is_good &= decode_notation(decoder, parse);
	parse->skip_footer = (int)csvr_decoder_varint_max(decoder, CSVR_MAX_SKIP_FOOTER);
	is_good &= decode_long_delimiter(decoder, parse);
	is_good &= decode_escape(decoder, &parse->escape);
	is_good &= bytes_are_distinct(parse);
	parse->skip = (uint32_t)csvr_decoder_varint_max(decoder, CSVR_MAX_SKIP);
	parse->header_rows = (uint32_t)csvr_decoder_varint_max(decoder, CSVR_MAX_HEADER_ROWS);
	const int64_t skipped = csvr_decoder_zigzag(decoder);
	is_good &= parse->header_rows > 0 &&
		   (skipped == CSVR_AUTO || (skipped >= 0 && skipped <= CSVR_MAX_SKIP));
	parse->skip_after_header = (int)skipped;
	parse->encoding = (enum csvr_encoding)csvr_decoder_varint_max(decoder,
								      CSVR_N_ENCODINGS - 1);
	parse->fold_names = csvr_decoder_varint_max(decoder, 1) != 0;
	if (!decode_strings(decoder, &parse->where, &options->where, &options->strings) ||
	    !decode_strings(decoder, &parse->group_by, &options->group_by, &options->strings))
		return CSVR_NO_MEMORY;
	parse->groups_collect = csvr_decoder_varint_max(decoder, 1) != 0;
	is_good &= parse->group_by.n_words <= CSVR_MAX_GROUP_KEYS &&
		   (parse->group_by.n_words > 0 || !parse->groups_collect);
	is_good = is_good && !decoder->is_bad && conditions_are_good(parse);
	if (!decode_collection(decoder, options))
		return CSVR_NO_MEMORY;
	is_good &= parse->correlates || parse->correlation.n_words == 0;
	return is_good && !decoder->is_bad ? CSVR_OK : CSVR_INVALID_FILE;
}

/* ---- what a pass refines ---- */

void csvr_state_encode_request(struct csvr_encoder *bytes,
			       const struct csvr_statistic_options *requested)
{
	csvr_encoder_put_varint(bytes, requested->all);
	encode_strings(bytes, &requested->names);
}

enum csvr_status csvr_state_decode_request(struct csvr_decoder *decoder,
					   struct csvr_state_request *request)
{
	*request = (struct csvr_state_request){ .words = NULL };
	csvr_arena_init(&request->strings);
	request->statistics.all = csvr_decoder_varint_max(decoder, 1) != 0;
	if (!decode_strings(decoder, &request->statistics.names, &request->words,
			    &request->strings))
		return CSVR_NO_MEMORY;
	return decoder->is_bad ? CSVR_INVALID_FILE : CSVR_OK;
}

void csvr_state_request_clear(struct csvr_state_request *request)
{
	free(request->words);
	csvr_arena_clear(&request->strings);
	*request = (struct csvr_state_request){ .words = NULL };
}
