/* state_options.c - the options of a saved state */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
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
	encode_collection(bytes, collection, has_refined);
}

void csvr_state_options_clear(struct csvr_state_options *options)
{
	free(options->null_values);
	free(options->select);
	free(options->correlation);
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

/* ---- comparing options ---- */

static bool lists_are_equal(const struct csvr_string_list *a, const struct csvr_string_list *b)
{
	bool are_equal = a->n_words == b->n_words;
	for (size_t i = 0; i < a->n_words && are_equal; i++)
		are_equal = strcmp(a->word[i], b->word[i]) == 0;
	return are_equal;
}

/* The strings joined by commas, as much as fits. */
static void format_strings(const struct csvr_string_list *list, char *text, size_t n_bytes)
{
	size_t n = 0;
	text[0] = '\0';
	for (size_t i = 0; i < list->n_words && n + 1 < n_bytes; i++)
		n += (size_t)snprintf(text + n, n_bytes - n, "%s%s", i > 0 ? "," : "",
				      list->word[i]);
}

/* A byte option as on the command line; `none` is the text for CSVR_NONE. */
static void format_byte(const char *name, int byte, const char *none, char *text, size_t n_bytes)
{
	if (byte == CSVR_NONE)
		snprintf(text, n_bytes, "%s", none);
	else if (byte == CSVR_AUTO)
		snprintf(text, n_bytes, "%s=auto", name);
	else if (byte == '\t')
		snprintf(text, n_bytes, "%s=tab", name);
	else
		snprintf(text, n_bytes, "%s=%c", name, byte);
}

/* An option with a number as on the command line. */
static void format_number(const char *name, int64_t number, char *text, size_t n_bytes)
{
	if (number == CSVR_AUTO)
		snprintf(text, n_bytes, "no %s", name);
	else
		snprintf(text, n_bytes, "%s=%" PRId64, name, number);
}

static void format_delimiter(const struct csvr_parse_options *parse, char *text, size_t n_bytes)
{
	if (parse->long_delimiter[0] != '\0')
		snprintf(text, n_bytes, "--delimiter='%s'", parse->long_delimiter);
	else
		format_byte("--delimiter", parse->delimiter, "", text, n_bytes);
}

/* A list option as on the command line. */
static void format_list(const char *name, const struct csvr_string_list *list, char *text,
			size_t n_bytes)
{
	const int n = snprintf(text, n_bytes, "%s=", name);
	format_strings(list, text + n, n_bytes - (size_t)n);
}

static void format_select(const struct csvr_string_list *select, char *text, size_t n_bytes)
{
	if (select->n_words > 0)
		format_list("--select", select, text, n_bytes);
	else
		snprintf(text, n_bytes, "no --select");
}

static void format_correlation(const struct csvr_parse_options *parse, char *text, size_t n_bytes)
{
	if (parse->correlation.n_words > 0)
		format_list("--correlation", &parse->correlation, text, n_bytes);
	else
		snprintf(text, n_bytes, parse->correlates ? "--correlation" : "no --correlation");
}

static void format_thousands(const char *thousands, char *text, size_t n_bytes)
{
	snprintf(text, n_bytes, "--thousands=%s",
		 thousands[0] == '\0'          ? "none"
		 : strcmp(thousands, " ") == 0 ? "space"
					       : thousands);
}

static void format_affixes(int base, char *text, size_t n_bytes)
{
	if (base == 0)
		snprintf(text, n_bytes, "no --number-affixes");
	else
		snprintf(text, n_bytes, "--number-affixes=%d", base);
}

/* These return whether an option differs; if so, the first one that does is formatted with both of its values, as on
 * the command line. */
static bool find_different_byte(const struct csvr_parse_options *a,
				const struct csvr_parse_options *b, char *text_a, char *text_b,
				size_t n_bytes)
{
	if (strcmp(a->long_delimiter, b->long_delimiter) != 0) {
		format_delimiter(a, text_a, n_bytes);
		format_delimiter(b, text_b, n_bytes);
		return true;
	}
	const struct {
		const char *name, *none;
		int a, b;
	} bytes[] = { { "--delimiter", "", a->delimiter, b->delimiter },
		      { "--quote", "--no-quote", a->quote, b->quote },
		      { "--comment", "no --comment", a->comment, b->comment },
		      { "--escape", "--escape=none", a->escape, b->escape },
		      { "--decimal", "", a->decimal, b->decimal } };
	for (size_t i = 0; i < sizeof bytes / sizeof bytes[0]; i++) {
		if (bytes[i].a == bytes[i].b)
			continue;
		format_byte(bytes[i].name, bytes[i].a, bytes[i].none, text_a, n_bytes);
		format_byte(bytes[i].name, bytes[i].b, bytes[i].none, text_b, n_bytes);
		return true;
	}
	return false;
}

static bool find_different_number(const struct csvr_parse_options *a,
				  const struct csvr_parse_options *b, char *text_a, char *text_b,
				  size_t n_bytes)
{
	const struct {
		const char *name;
		int64_t a, b;
	} numbers[] = { { "--skip", a->skip, b->skip },
			{ "--header-rows", a->header_rows, b->header_rows },
			{ "--skip-after-header", a->skip_after_header, b->skip_after_header } };
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		if (numbers[i].a == numbers[i].b)
			continue;
		format_number(numbers[i].name, numbers[i].a, text_a, n_bytes);
		format_number(numbers[i].name, numbers[i].b, text_b, n_bytes);
		return true;
	}
	return false;
}

/* Whether files that were saved in some tables can be put into others: tables can be joined, but not separated. */
static bool may_form_tables(enum csvr_tables saved, enum csvr_tables wanted)
{
	if (wanted == CSVR_TABLES_DEFAULT)
		wanted = CSVR_TABLES_SIMILAR;
	return saved == wanted || wanted == CSVR_TABLES_ONE ||
	       (saved == CSVR_TABLES_HEADER && wanted == CSVR_TABLES_SIMILAR);
}

/* Options that say what columns are called, and which are merged. `a` is that of a saved state. */
static bool find_different_naming(const struct csvr_parse_options *a,
				  const struct csvr_parse_options *b, char *text_a, char *text_b,
				  size_t n_bytes)
{
	static const char *const headers[] = { "auto", "yes", "no", "names-known" };
	static const char *const tables[] = { "similar", "one", "header" };
	if (a->header != b->header) {
		snprintf(text_a, n_bytes, "--header=%s", headers[a->header]);
		snprintf(text_b, n_bytes, "--header=%s", headers[b->header]);
		return true;
	}
	if (!may_form_tables(a->tables, b->tables)) {
		snprintf(text_a, n_bytes, "--tables=%s", tables[a->tables]);
		snprintf(
			text_b, n_bytes, "--tables=%s",
			tables[b->tables == CSVR_TABLES_DEFAULT ? CSVR_TABLES_SIMILAR : b->tables]);
		return true;
	}
	if (a->by_position != b->by_position) {
		snprintf(text_a, n_bytes, "--columns-by=%s", a->by_position ? "position" : "name");
		snprintf(text_b, n_bytes, "--columns-by=%s", b->by_position ? "position" : "name");
		return true;
	}
	if (a->fold_names != b->fold_names) {
		snprintf(text_a, n_bytes, "%s--fold-names", a->fold_names ? "" : "no ");
		snprintf(text_b, n_bytes, "%s--fold-names", b->fold_names ? "" : "no ");
		return true;
	}
	return false;
}

static bool find_difference(const struct csvr_parse_options *a, const struct csvr_parse_options *b,
			    char *text_a, char *text_b, size_t n_bytes)
{
	static const char *const encodings[CSVR_N_ENCODINGS] = { "auto", "utf-8", "utf-16le",
								 "utf-16be", "windows-1252" };
	if (find_different_byte(a, b, text_a, text_b, n_bytes) ||
	    find_different_number(a, b, text_a, text_b, n_bytes) ||
	    find_different_naming(a, b, text_a, text_b, n_bytes))
		return true;
	if (!lists_are_equal(&a->null_values, &b->null_values)) {
		format_list("--null-values", &a->null_values, text_a, n_bytes);
		format_list("--null-values", &b->null_values, text_b, n_bytes);
		return true;
	}
	if (!lists_are_equal(&a->select, &b->select)) {
		format_select(&a->select, text_a, n_bytes);
		format_select(&b->select, text_b, n_bytes);
		return true;
	}
	if (strcmp(a->thousands, b->thousands) != 0) {
		format_thousands(a->thousands, text_a, n_bytes);
		format_thousands(b->thousands, text_b, n_bytes);
		return true;
	}
	if (a->affix_base != b->affix_base) {
		format_affixes(a->affix_base, text_a, n_bytes);
		format_affixes(b->affix_base, text_b, n_bytes);
		return true;
	}
	if (a->skip_footer != b->skip_footer) {
		snprintf(text_a, n_bytes, "--skip-footer=%d", a->skip_footer);
		snprintf(text_b, n_bytes, "--skip-footer=%d", b->skip_footer);
		return true;
	}
	if (a->correlates != b->correlates || !lists_are_equal(&a->correlation, &b->correlation)) {
		format_correlation(a, text_a, n_bytes);
		format_correlation(b, text_b, n_bytes);
		return true;
	}
	if (a->encoding != b->encoding) {
		snprintf(text_a, n_bytes, "--encoding=%s", encodings[a->encoding]);
		snprintf(text_b, n_bytes, "--encoding=%s", encodings[b->encoding]);
		return true;
	}
	return false;
}

/* The first statistic that needs an aggregate and no other; NULL: none. */
static const struct csvr_statistic *find_user(const struct csvr_aggregate *aggregate)
{
	size_t i = 0;
	while (csvr_statistics[i] != NULL && csvr_statistics[i]->needs != aggregate)
		i++;
	return csvr_statistics[i];
}

static bool is_by_default(const struct csvr_aggregate *aggregate)
{
	bool is = false;
	for (size_t i = 0; csvr_statistics[i] != NULL; i++)
		is |= csvr_statistics[i]->needs_by_default == aggregate;
	return is;
}

/* The first statistic that needs each aggregate of a collection, separated by commas; empty if one is only collected
 * by default. */
static void format_collection(csvr_collection collection, char *text, size_t n_bytes)
{
	const struct csvr_aggregate *item;
	size_t n = 0;
	text[0] = '\0';
	for (size_t i = 0; (item = csvr_collection_item(collection, i)) != NULL; i++) {
		const struct csvr_statistic *user = find_user(item);
		if (user == NULL && is_by_default(item)) {
			text[0] = '\0';
			return;
		}
		if (user != NULL && n < n_bytes)
			n += (size_t)snprintf(text + n, n_bytes - n, "%s%s", n > 0 ? "," : "",
					      user->name);
	}
}

static enum csvr_status check_collection(csvr_collection saved, csvr_collection wanted,
					 struct csvr_error *error)
{
	char lacking[256], extra[256];
	format_collection(wanted & ~saved, lacking, sizeof lacking);
	format_collection(saved & ~wanted, extra, sizeof extra);
	if (lacking[0] != '\0')
		return csvr_error_set(error, CSVR_INVALID_OPTION, 0,
				      "was saved without %s; recreate it with --stats=%s", lacking,
				      lacking);
	if (saved == wanted)
		return CSVR_OK;
	/* If no statistic has a name, one was saved with --stats, and the other without. */
	return csvr_error_set(error, CSVR_INVALID_OPTION, 0,
			      "was saved %s --stats%s%s, unlike this run or the states before it; "
			      "use the same --stats for all",
			      extra[0] == '\0' && (saved & ~wanted) != 0 ? "without" : "with",
			      extra[0] != '\0' ? "=" : "", extra);
}

/* Checks that the state has what this run reports. A pass has only what it collects. */
static enum csvr_status check_statistics(const struct csvr_state_file *state,
					 const struct csvr_settings *settings,
					 struct csvr_error *error)
{
	if (csvr_state_is_pass(state))
		return CSVR_OK;
	if (settings->report.per_file && !state->has_file_stats)
		return csvr_error_set(error, CSVR_INVALID_OPTION, 0,
				      "was saved without --per-file; recreate it with --per-file "
				      "or omit the option here");
	return check_collection(state->collection, csvr_collection_of(&settings->statistics),
				error);
}

enum csvr_status csvr_state_check_options(struct csvr_state_file *state,
					  const struct csvr_settings *settings,
					  struct csvr_error *error)
{
	struct csvr_decoder decoder = state->options;
	struct csvr_state_options options;
	char saved_text[96], run_text[96];
	enum csvr_status status = csvr_state_decode_options(&decoder, &options);
	if (status == CSVR_INVALID_FILE)
		csvr_state_invalid(error);
	else if (status == CSVR_OK && find_difference(&options.parse, &settings->parse, saved_text,
						      run_text, sizeof saved_text))
		status = csvr_error_set(
			error, CSVR_INVALID_OPTION, 0,
			"was saved with %s, but this run uses %s; use the options it was saved "
			"with, or recreate it",
			saved_text, run_text);
	else if (status == CSVR_OK)
		status = check_statistics(state, settings, error);
	csvr_state_options_clear(&options);
	return status;
}

enum csvr_status csvr_state_apply_options(struct csvr_state_file *state,
					  struct csvr_settings *settings,
					  struct csvr_inputs *inputs, struct csvr_error *error)
{
	struct csvr_decoder decoder = state->options;
	struct csvr_state_options options;
	enum csvr_status status = csvr_state_decode_options(&decoder, &options);
	if (status != CSVR_OK) {
		csvr_state_options_clear(&options);
		return status == CSVR_INVALID_FILE ? csvr_state_invalid(error) : status;
	}
	/* Other tables than those of the state may have been requested (may_form_tables). */
	const enum csvr_tables tables = settings->parse.tables;
	settings->parse = options.parse;
	if (tables != CSVR_TABLES_DEFAULT)
		settings->parse.tables = tables;
	inputs->encoding = options.parse.encoding;
	csvr_manifests_own_strings(inputs,
				   (const char **[]){ options.null_values, options.select,
						      options.correlation },
				   &options.strings);
	return CSVR_OK;
}
