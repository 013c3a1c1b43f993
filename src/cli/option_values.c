/* option_values.c - parsers of option values
 *
 * Shape    one parser per kind of value, then those of single options
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/suggestion.h"
#include "base/text.h"
#include "cli/options_internal.h"

/* ---- choices ---- */

/* Choice `index` of a row, and its length; NULL past the last. */
static const char *find_choice_name(const struct csvr_option *option, size_t index, size_t *length)
{
	const char *name = option->choices;
	if (option->choice_name != NULL) {
		name = option->choice_name(index);
		*length = name != NULL ? strlen(name) : 0;
		return name;
	}
	for (size_t i = 0; i < index && name != NULL; i++) {
		name = strchr(name, ' ');
		if (name != NULL)
			name++;
	}
	*length = name != NULL ? strcspn(name, " ") : 0;
	return name;
}

bool csvr_option_has_choices(const struct csvr_option *option)
{
	return option->choices != NULL || option->choice_name != NULL;
}

/* The position of value[0, n) among the choices, or -1. */
static int find_choice(const struct csvr_option *option, const char *value, size_t n)
{
	const char *name;
	size_t length;
	for (int i = 0; (name = find_choice_name(option, (size_t)i, &length)) != NULL; i++)
		if (length == n && memcmp(name, value, n) == 0)
			return i;
	return -1;
}

void csvr_option_write_choices(const struct csvr_option *option, const char *separator,
			       const char *last_separator, FILE *stream)
{
	size_t length, next_length;
	const char *name = find_choice_name(option, 0, &length);
	for (size_t i = 1; name != NULL; i++) {
		const char *next = find_choice_name(option, i, &next_length);
		if (i > 1)
			fputs(next != NULL ? separator : last_separator, stream);
		fprintf(stream, "%.*s", (int)length, name);
		name = next;
		length = next_length;
	}
}

/* ---- the expected value in words ---- */

static void describe_choices(const struct csvr_option *option, char text[CSVR_EXPECTED_BYTES])
{
	FILE *stream = fmemopen(text, CSVR_EXPECTED_BYTES, "w");
	text[0] = '\0';
	if (stream == NULL)
		return;
	const bool is_list = option->kind == CSVR_OPTION_CHOICES;
	const bool has_others = option->other_choices != NULL;
	if (is_list)
		fputs("a comma-separated list of ", stream);
	csvr_option_write_choices(option, ", ",
				  has_others ? ", "
				  : is_list  ? " and "
					     : " or ",
				  stream);
	if (has_others)
		fprintf(stream, " and %s", option->other_choices);
	(void)fclose(stream);
	text[CSVR_EXPECTED_BYTES - 1] = '\0';
}

void csvr_option_describe_value(const struct csvr_option *option, char text[CSVR_EXPECTED_BYTES])
{
	const size_t room = CSVR_EXPECTED_BYTES;
	if (option->expected != NULL)
		snprintf(text, room, "%s", option->expected);
	else if (csvr_option_has_choices(option))
		describe_choices(option, text);
	else if (option->kind == CSVR_OPTION_INT && option->most == INT_MAX)
		snprintf(text, room, "an integer of at least %" PRIu64, option->least);
	else if (option->kind == CSVR_OPTION_INT)
		snprintf(text, room, "an integer from %" PRIu64 " to %" PRIu64, option->least,
			 option->most);
	else if (option->kind == CSVR_OPTION_SIZE)
		snprintf(text, room, "a number of bytes from %" PRIu64 " to %" PRIu64,
			 option->least, option->most);
	else if (option->kind == CSVR_OPTION_BYTE)
		snprintf(text, room, "a single byte (not a line end), \\t or tab");
	else
		snprintf(text, room, "a number of seconds greater than 0");
}

/* ---- errors ---- */

/* The choice that has another name in other programs; false: there is none. */
static bool find_synonym(const struct csvr_option *option, const char *item, size_t n_bytes,
			 char choice[32])
{
	char name[32];
	int n_read;
	for (const char *at = option->synonyms;
	     at != NULL && sscanf(at, "%31s %31s %n", name, choice, &n_read) == 2; at += n_read)
		if (strlen(name) == n_bytes && memcmp(name, item, n_bytes) == 0)
			return true;
	return false;
}

/* Rejects `value` because of item[0, n_bytes), an item of a list or the value itself. Names the nearest
 * choice if one is close. */
static bool reject_item(const struct csvr_option_parser *parser, const struct csvr_option *option,
			const char *value, const char *item, size_t n_bytes)
{
	enum { MAX_SHOWN = 40 }; /* the message has all of `value` anyway */
	char expected[CSVR_EXPECTED_BYTES], what[64] = "invalid value", hint[64] = "expected";
	const bool is_short = parser->given[0] == '-' && parser->given[1] != '-';
	struct csvr_suggestion similar = { 0 };
	const char *name;
	size_t length;
	for (size_t i = 0; (name = find_choice_name(option, i, &length)) != NULL; i++)
		csvr_suggestion_offer(&similar, item, n_bytes, name, length);
	char synonym[32];
	if (find_synonym(option, item, n_bytes, synonym))
		snprintf(hint, sizeof hint, "did you mean %s? Expected", synonym);
	else if (similar.n_edits > 0)
		snprintf(hint, sizeof hint, "did you mean %s? Expected", similar.word);
	if (option->kind == CSVR_OPTION_CHOICES && n_bytes > 0)
		snprintf(what, sizeof what, "unknown item '%.*s%s'",
			 n_bytes <= MAX_SHOWN ? (int)n_bytes : MAX_SHOWN, item,
			 n_bytes <= MAX_SHOWN ? "" : "...");
	csvr_option_describe_value(option, expected);
	csvr_log_error(parser->log, CSVR_EXIT_USAGE, "%s%s%s: %s; %s %s", parser->given,
		       is_short ? " " : "=", value[0] != '\0' ? value : "''", what, hint, expected);
	return false;
}

bool csvr_option_reject(struct csvr_option_parser *parser, const struct csvr_option *option,
			const char *value)
{
	/* A list without items has none to name. */
	const bool is_list = option->kind == CSVR_OPTION_CHOICES;
	return reject_item(parser, option, value, value, is_list ? 0 : strlen(value));
}

bool csvr_option_reject_no_memory(struct csvr_option_parser *parser)
{
	csvr_log_error(parser->log, CSVR_EXIT_NO_REPORT,
		       "out of memory while parsing the options; no report");
	return false;
}

/* ---- parsers by kind ---- */

/* Stores an integer in a bool, int, enum, size_t or uint64_t, by the size of the member. */
static void store_integer(struct csvr_options *options, const struct csvr_option *option,
			  uint64_t value)
{
	unsigned char *member = (unsigned char *)options + option->offset;
	const uint8_t value8 = (uint8_t)value;
	const uint32_t value32 = (uint32_t)value;
	if (option->member_bytes == sizeof value8)
		memcpy(member, &value8, sizeof value8);
	else if (option->member_bytes == sizeof value32)
		memcpy(member, &value32, sizeof value32);
	else
		memcpy(member, &value, sizeof value);
}

/* An integer without sign or spaces, from `least` to `most`. */
static bool parse_integer(const char *value, uint64_t least, uint64_t most, uint64_t *number)
{
	if (value[0] < '0' || value[0] > '9')
		return false;
	char *end;
	errno = 0;
	*number = strtoull(value, &end, 10);
	return *end == '\0' && errno == 0 && *number >= least && *number <= most;
}

static bool parse_seconds(const char *value, double *seconds)
{
	char *end;
	*seconds = strtod(value, &end);
	return end != value && *end == '\0' && *seconds > 0 && *seconds < 1e9;
}

static bool parse_byte(const char *value, int *byte)
{
	if (strcmp(value, "\\t") == 0 || strcmp(value, "tab") == 0)
		*byte = '\t';
	else if (value[0] != '\0' && value[1] == '\0' && value[0] != '\n' && value[0] != '\r')
		*byte = (unsigned char)value[0];
	else
		return false;
	return true;
}

/* The value itself, or the choice as its table spells it. */
static bool parse_string(const struct csvr_option *option, const char *value, const char **string)
{
	*string = value;
	if (!csvr_option_has_choices(option))
		return value[0] != '\0';
	const int choice = find_choice(option, value, strlen(value));
	if (choice >= 0 && option->choice_name != NULL)
		*string = option->choice_name((size_t)choice);
	return choice >= 0;
}

/* The kinds that end in an integer. */
static bool parse_as_integer(const struct csvr_option *option, const char *value, uint64_t *number)
{
	int small = 0;
	switch (option->kind) {
	case CSVR_OPTION_SET:
		*number = option->least;
		return true;
	case CSVR_OPTION_INT:
	case CSVR_OPTION_SIZE:
		return parse_integer(value, option->least, option->most, number);
	case CSVR_OPTION_BYTE:
		if (!parse_byte(value, &small))
			return false;
		*number = (uint64_t)small;
		return true;
	default:
		small = find_choice(option, value, strlen(value));
		*number = option->least + (uint64_t)small;
		return small >= 0;
	}
}

bool csvr_string_append(struct csvr_string_builder *list, const char *string)
{
	const char **words = csvr_array_grow(list->words, &list->capacity, list->n_words + 1,
					     sizeof *words);
	if (words == NULL)
		return false;
	list->words = words;
	words[list->n_words++] = string;
	return true;
}

/* Replaces a list by the items of a comma-separated one. Empty items are skipped. */
static bool parse_choices(struct csvr_option_parser *parser, const struct csvr_option *option,
			  const char *value, struct csvr_string_builder *list)
{
	list->n_words = 0;
	for (const char *at = value; *at != '\0';) {
		const size_t n = strcspn(at, ",");
		const int choice = find_choice(option, at, n);
		const char *word = choice >= 0 ? option->choice_name((size_t)choice) : NULL;
		if (choice < 0 && n > 0) {
			if (option->is_other_choice == NULL || !option->is_other_choice(at, n))
				return reject_item(parser, option, value, at, n);
			word = csvr_arena_copy(&parser->options->strings, at, n);
			if (word == NULL)
				return csvr_option_reject_no_memory(parser);
		}
		if (word != NULL && !csvr_string_append(list, word))
			return csvr_option_reject_no_memory(parser);
		at += n + (at[n] == ',');
	}
	return list->n_words > 0 || csvr_option_reject(parser, option, value);
}

bool csvr_option_parse_value(struct csvr_option_parser *parser, const struct csvr_option *option,
			     const char *value)
{
	void *member = (unsigned char *)parser->options + option->offset;
	uint64_t number;
	switch (option->kind) {
	case CSVR_OPTION_CUSTOM:
		return option->parse(parser, option, value);
	case CSVR_OPTION_SECONDS:
		return parse_seconds(value, member) || csvr_option_reject(parser, option, value);
	case CSVR_OPTION_STRING:
		return parse_string(option, value, member) ||
		       csvr_option_reject(parser, option, value);
	case CSVR_OPTION_CHOICES:
		return parse_choices(parser, option, value, member);
	case CSVR_OPTION_STRING_LIST:
		if (value[0] == '\0')
			return csvr_option_reject(parser, option, value);
		return csvr_string_append(member, value) || csvr_option_reject_no_memory(parser);
	default:
		if (!parse_as_integer(option, value, &number))
			return csvr_option_reject(parser, option, value);
		store_integer(parser->options, option, number);
		return true;
	}
}

/* ---- parsers of single options ---- */

/* Parses a delimiter of several bytes, in which \t is a tab. */
static bool parse_long_delimiter(const char *value, char text[CSVR_MOST_DELIMITER_BYTES + 1])
{
	size_t n = 0;
	while (*value != '\0' && n < CSVR_MOST_DELIMITER_BYTES) {
		const bool is_tab = value[0] == '\\' && value[1] == 't';
		text[n++] = is_tab ? '\t' : *value;
		value += is_tab ? 2 : 1;
	}
	text[n] = '\0';
	const bool is_good = *value == '\0' && n > 1 && strpbrk(text, "\n\r\x1f") == NULL &&
			     (strchr(text, ' ') == NULL || strchr(text, '\t') == NULL);
	if (!is_good)
		text[0] = '\0';
	return is_good;
}

bool csvr_parse_delimiter(struct csvr_option_parser *parser, const struct csvr_option *option,
			  const char *value)
{
	struct csvr_parse_options *parse = &parser->options->settings.parse;
	parse->delimiter = CSVR_AUTO;
	parse->long_delimiter[0] = '\0';
	if (strcmp(value, "auto") == 0 || parse_byte(value, &parse->delimiter))
		return true;
	if (!parse_long_delimiter(value, parse->long_delimiter))
		return csvr_option_reject(parser, option, value);
	parse->delimiter = CSVR_UNIT_SEPARATOR;
	return true;
}

bool csvr_parse_escape(struct csvr_option_parser *parser, const struct csvr_option *option,
		       const char *value)
{
	int *escape = &parser->options->settings.parse.escape;
	const int choice = find_choice(option, value, strlen(value));
	if (choice >= 0)
		*escape = choice == 0 ? CSVR_AUTO : CSVR_NONE;
	return choice >= 0 || parse_byte(value, escape) ||
	       csvr_option_reject(parser, option, value);
}

bool csvr_parse_encoding(struct csvr_option_parser *parser, const struct csvr_option *option,
			 const char *value)
{
	/* The choices are the encodings, in their order, and other names of the last one. */
	const int choice = find_choice(option, value, strlen(value));
	if (choice < 0)
		return csvr_option_reject(parser, option, value);
	parser->options->settings.parse.encoding = choice < CSVR_N_ENCODINGS
							   ? (enum csvr_encoding)choice
							   : CSVR_ENCODING_1252;
	return true;
}

bool csvr_parse_decimal(struct csvr_option_parser *parser, const struct csvr_option *option,
			const char *value)
{
	int *decimal = &parser->options->settings.parse.decimal;
	*decimal = strcmp(value, "auto") == 0 ? CSVR_AUTO : (unsigned char)value[0];
	return *decimal == CSVR_AUTO || strcmp(value, ".") == 0 || strcmp(value, ",") == 0 ||
	       csvr_option_reject(parser, option, value);
}

/* Whether a value is one character that can be between the digits of a number: no letter or digit of ASCII, and
 * neither sign nor quote. */
static bool may_separate_digits(const char *value)
{
	static const char others[] = "+-\"0123456789abcdefghijklmnopqrstuvwxyz"
				     "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	const size_t n_bytes = strlen(value);
	struct csvr_escaped_char ignored;
	if (n_bytes < 2)
		return n_bytes == 1 && value[0] >= ' ' && value[0] < 0x7f &&
		       strchr(others, value[0]) == NULL;
	return csvr_escape_next(value, value + n_bytes, &ignored) == value + n_bytes;
}

bool csvr_parse_thousands(struct csvr_option_parser *parser, const struct csvr_option *option,
			  const char *value)
{
	char *thousands = parser->options->settings.parse.thousands;
	if (strcmp(value, "space") == 0)
		value = " ";
	thousands[0] = '\0';
	if (strcmp(value, "none") == 0)
		return true;
	if (!may_separate_digits(value))
		return csvr_option_reject(parser, option, value);
	memcpy(thousands, value, strlen(value) + 1);
	return true;
}

bool csvr_parse_number_affixes(struct csvr_option_parser *parser, const struct csvr_option *option,
			       const char *value)
{
	int *base = &parser->options->settings.parse.affix_base;
	*base = value != NULL && strcmp(value, "1024") == 0 ? 1024 : 1000;
	return value == NULL || strcmp(value, "1000") == 0 || *base == 1024 ||
	       csvr_option_reject(parser, option, value);
}

bool csvr_parse_output(struct csvr_option_parser *parser, const struct csvr_option *option,
		       const char *value)
{
	if (value[0] == '\0')
		return csvr_option_reject(parser, option, value);
	parser->options->output = strcmp(value, "-") == 0 ? NULL : value;
	return true;
}

bool csvr_parse_progress(struct csvr_option_parser *parser, const struct csvr_option *option,
			 const char *value)
{
	/* The choices are the first modes, in their order. */
	const int choice = find_choice(option, value, strlen(value));
	if (choice >= 0) {
		parser->options->progress = (enum csvr_progress_mode)choice;
		return true;
	}
	char *end;
	const double seconds = strtod(value, &end);
	if (value[0] < '.' || value[0] > '9' || *end != '\0' || !(seconds > 0) ||
	    !isfinite(seconds))
		return csvr_option_reject(parser, option, value);
	parser->options->progress = CSVR_PROGRESS_LINES;
	parser->options->progress_s = seconds;
	return true;
}

bool csvr_parse_flamegraph(struct csvr_option_parser *parser, const struct csvr_option *option,
			   const char *value)
{
	static const char svg[] = ".svg", folded[] = ".folded";
	const size_t length = strlen(value);
	const bool is_svg = length >= sizeof svg && csvr_ends_with(value, length, svg);
	const bool is_folded = length >= sizeof folded && csvr_ends_with(value, length, folded);
	if (!is_svg && !is_folded)
		return csvr_option_reject(parser, option, value);
	if (!csvr_profile_is_supported()) {
		csvr_log_error(parser->log, CSVR_EXIT_USAGE,
			       "%s: not supported by this build; rebuild with libbacktrace, which "
			       "comes with gcc",
			       parser->given);
		return false;
	}
	parser->options->flamegraph = value;
	parser->options->graph = is_svg ? CSVR_GRAPH_SVG : CSVR_GRAPH_FOLDED;
	return true;
}

bool csvr_parse_shard(struct csvr_option_parser *parser, const struct csvr_option *option,
		      const char *value)
{
	enum { MOST_SHARDS = 1000000 };
	uint64_t index, count;
	const char *slash = strchr(value, '/');
	char first[16];
	if (slash == NULL || (size_t)(slash - value) >= sizeof first)
		return csvr_option_reject(parser, option, value);
	memcpy(first, value, (size_t)(slash - value));
	first[slash - value] = '\0';
	if (!parse_integer(slash + 1, 1, MOST_SHARDS, &count) ||
	    !parse_integer(first, 1, count, &index))
		return csvr_option_reject(parser, option, value);
	parser->options->settings.shard = (struct csvr_shard){ (uint32_t)index, (uint32_t)count };
	return true;
}

/* Parses [D-]HH:MM:SS or MM:SS, of which only the first part may exceed 59; false if `value` is neither. */
static bool parse_clock_time(const char *value, double *seconds)
{
	unsigned days = 0, part[3] = { 0 };
	int n_read = 0, n_parts;
	/* sscanf would accept signs and blanks as parts of numbers. */
	if (value[strspn(value, "0123456789:-")] != '\0' || value[0] == '-' ||
	    strstr(value, ":-") != NULL || strstr(value, "--") != NULL)
		return false;
	const bool has_days = sscanf(value, "%5u-%n", &days, &n_read) == 1 && n_read > 0;
	if (has_days)
		value += n_read;
	else
		days = 0;
	n_read = 0;
	n_parts = sscanf(value, "%7u:%2u%n:%2u%n", &part[0], &part[1], &n_read, &part[2], &n_read);
	/* With days, Slurm reads two parts as hours and minutes. */
	if (n_parts < 2 || value[n_read] != '\0' || (has_days && n_parts != 3) || part[1] > 59 ||
	    part[2] > 59)
		return false;
	const double last = n_parts == 3 ? part[0] * 3600.0 + part[1] * 60.0 + part[2]
					 : part[0] * 60.0 + part[1];
	*seconds = days * 86400.0 + last;
	return *seconds > 0;
}

bool csvr_parse_time_limit(struct csvr_option_parser *parser, const struct csvr_option *option,
			   const char *value)
{
	static const struct {
		char letter;
		double seconds;
	} units[] = { { '\0', 1 }, { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	double *limit = &parser->options->time_limit_s;
	char *end;
	const double number = strtod(value, &end);
	if (strchr(value, ':') != NULL && parse_clock_time(value, limit))
		return true;
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
		if (end == value || value[0] == '-' || *end != units[i].letter ||
		    (*end != '\0' && end[1] != '\0') || !(number > 0) || number > 1e7)
			continue;
		*limit = number * units[i].seconds;
		return true;
	}
	return csvr_option_reject(parser, option, value);
}
