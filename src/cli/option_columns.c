/* option_columns.c - parsers of the options that name columns */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options_internal.h"
#include "report/change_rules.h"

/* Appends the items of a comma-separated list. With `has_quotes`, a comma between double quotes is part
 * of its item. Empty items are skipped. */
static bool parse_items(struct csvr_option_parser *parser, struct csvr_string_builder *list,
			const char *value, bool has_quotes)
{
	char *item = malloc(strlen(value) + 1);
	bool is_stored = item != NULL;
	const char *at = value;
	while (is_stored && *at != '\0') {
		size_t n = 0;
		bool is_quoted = false;
		for (; *at != '\0' && (is_quoted || *at != ','); at++) {
			if (has_quotes && *at == '"')
				is_quoted = !is_quoted;
			else
				item[n++] = *at;
		}
		at += *at == ',';
		const char *copy = csvr_arena_copy(&parser->options->strings, item, n);
		is_stored = copy != NULL && (n == 0 || csvr_string_append(list, copy));
	}
	free(item);
	return is_stored || csvr_option_reject_no_memory(parser);
}

bool csvr_parse_null_values(struct csvr_option_parser *parser, const struct csvr_option *option,
			    const char *value)
{
	(void)option;
	parser->options->null_values.n_words = 0;
	parser->options->settings.parse.null_values.n_words = 0;
	return parse_items(parser, &parser->options->null_values, value, false);
}

bool csvr_parse_select(struct csvr_option_parser *parser, const struct csvr_option *option,
		       const char *value)
{
	const size_t n_before = parser->options->select.n_words;
	if (!parse_items(parser, &parser->options->select, value, true))
		return false;
	/* An empty list would select every column. */
	return parser->options->select.n_words > n_before ||
	       csvr_option_reject(parser, option, value);
}

/* `value` may be NULL: all columns. */
bool csvr_parse_correlation(struct csvr_option_parser *parser, const struct csvr_option *option,
			    const char *value)
{
	struct csvr_string_builder *list = &parser->options->correlation;
	const size_t n_before = list->n_words;
	parser->options->settings.parse.correlates = true;
	if (value == NULL)
		return true;
	if (!parse_items(parser, list, value, true))
		return false;
	return list->n_words > n_before || csvr_option_reject(parser, option, value);
}

/* `value` may be NULL: the default rules. */
bool csvr_parse_fail_on_change(struct csvr_option_parser *parser, const struct csvr_option *option,
			       const char *value)
{
	struct csvr_string_builder *rules = &parser->options->change_rules;
	const size_t n_before = rules->n_words;
	parser->options->fails_on_change = true;
	if (value == NULL)
		return true;
	if (!parse_items(parser, rules, value, true))
		return false;
	for (size_t i = n_before; i < rules->n_words; i++) {
		struct csvr_change_rule rule;
		struct csvr_error error;
		if (csvr_change_rule_parse(rules->words[i], &rule, &error) == CSVR_OK)
			continue;
		csvr_log_error(parser->log, CSVR_EXIT_USAGE, "--fail-on-change=%s: %s",
			       rules->words[i], error.message);
		return false;
	}
	return rules->n_words > n_before || csvr_option_reject(parser, option, value);
}

/* ---- --group-by ---- */

/* The forms of an item of --group-by. A number of a range has at most 9 digits. */
enum key_form { KEY_COLUMN, KEY_RANGE, KEY_OPEN_RANGE, KEY_EXCLUSION };

static enum key_form form_of_key(const char *item, uint64_t *first, uint64_t *last)
{
	static const char digits[] = "0123456789";
	enum { MOST_DIGITS = 9 };
	const size_t n_first = strspn(item, digits);
	const char *end = item + n_first + 1;
	if (item[0] == '!')
		return KEY_EXCLUSION;
	if (item[n_first] != '-')
		return KEY_COLUMN;
	const size_t n_last = strspn(end, digits);
	if (n_first + n_last == 0 || n_first > MOST_DIGITS || n_last > MOST_DIGITS ||
	    end[n_last] != '\0')
		return KEY_COLUMN;
	*first = strtoull(item, NULL, 10);
	*last = strtoull(end, NULL, 10);
	return n_first > 0 && n_last > 0 ? KEY_RANGE : KEY_OPEN_RANGE;
}

static bool reject_range(struct csvr_option_parser *parser, uint64_t first, uint64_t last)
{
	if (first > last)
		csvr_log_error(parser->log, CSVR_EXIT_USAGE,
			       "--group-by=%" PRIu64 "-%" PRIu64
			       ": the range is reversed; use %" PRIu64 "-%" PRIu64,
			       first, last, last, first);
	else
		csvr_log_error(parser->log, CSVR_EXIT_USAGE,
			       "--group-by=%" PRIu64 "-%" PRIu64
			       ": columns are numbered from 1; use 1-%" PRIu64,
			       first, last, last > 0 ? last : 1);
	return false;
}

/* Appends a key for each number of a range; those that are too many are refused later. */
static bool append_range(struct csvr_option_parser *parser, uint64_t first, uint64_t last)
{
	struct csvr_string_builder *keys = &parser->options->group_by;
	if (first > last || first == 0)
		return reject_range(parser, first, last);
	for (uint64_t number = first; number <= last && keys->n_words <= CSVR_MAX_GROUP_KEYS;
	     number++) {
		char text[24];
		const int n = snprintf(text, sizeof text, "%" PRIu64, number);
		const char *copy = csvr_arena_copy(&parser->options->strings, text, (size_t)n);
		if (copy == NULL || !csvr_string_append(keys, copy))
			return csvr_option_reject_no_memory(parser);
	}
	return true;
}

static bool append_key(struct csvr_option_parser *parser, const char *item)
{
	uint64_t first, last;
	switch (form_of_key(item, &first, &last)) {
	case KEY_RANGE:
		return append_range(parser, first, last);
	case KEY_OPEN_RANGE:
		csvr_log_error(parser->log, CSVR_EXIT_USAGE,
			       "--group-by=%s: the range is open; name both ends, as in 2-4", item);
		return false;
	case KEY_EXCLUSION:
		csvr_log_error(parser->log, CSVR_EXIT_USAGE,
			       "--group-by=%s: keys cannot be excluded; name the columns to group "
			       "by",
			       item);
		return false;
	default:
		break;
	}
	for (size_t i = 0; i < parser->options->group_by.n_words; i++) {
		if (strcmp(parser->options->group_by.words[i], item) != 0)
			continue;
		csvr_log_error(parser->log, CSVR_EXIT_USAGE,
			       "--group-by=%s: the key is given twice; omit one of them", item);
		return false;
	}
	return csvr_string_append(&parser->options->group_by, item) ||
	       csvr_option_reject_no_memory(parser);
}

bool csvr_parse_group_by(struct csvr_option_parser *parser, const struct csvr_option *option,
			 const char *value)
{
	struct csvr_string_builder items = { 0 };
	bool is_valid = parse_items(parser, &items, value, true);
	if (is_valid && items.n_words == 0)
		is_valid = csvr_option_reject(parser, option, value);
	for (size_t i = 0; i < items.n_words && is_valid; i++)
		is_valid = append_key(parser, items.words[i]);
	free(items.words);
	if (!is_valid || parser->options->group_by.n_words <= CSVR_MAX_GROUP_KEYS)
		return is_valid;
	csvr_log_error(parser->log, CSVR_EXIT_USAGE,
		       "--group-by=%s: more than %d keys; name the columns that tell groups apart",
		       value, (int)CSVR_MAX_GROUP_KEYS);
	return false;
}
