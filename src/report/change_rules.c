/* change_rules.c - which changes --fail-on-change is about */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "report/change_rules.h"

#include <fnmatch.h>
#include <string.h>

#include "base/error.h"
#include "base/suggestion.h"

static const char share_of_cells[] = "share of the cells";

const struct csvr_change_type csvr_change_types[CSVR_N_CHANGE_KINDS] = {
	[CSVR_CHANGE_LOST] = { "lost", NULL, 0 },
	[CSVR_CHANGE_NEW] = { "new", NULL, 0 },
	[CSVR_CHANGE_RENAMED] = { "renamed", NULL, 0 },
	[CSVR_CHANGE_TYPE] = { "type", NULL, 0 },
	[CSVR_CHANGE_MISSING] = { "missing", share_of_cells, 0.01 },
	[CSVR_CHANGE_NAN] = { "nan", share_of_cells, 0.01 },
	[CSVR_CHANGE_INVALID] = { "invalid", share_of_cells, 0.001 },
	[CSVR_CHANGE_RANGE] = { "range", "share of the values", 0.01 },
	[CSVR_CHANGE_MEAN] = { "mean", "standard deviations", 0.1 },
	[CSVR_CHANGE_QUANTILES] = { "quantiles", "share of the values", 0.05 },
	[CSVR_CHANGE_VALUES] = { "values", share_of_cells, 0.01 },
	[CSVR_CHANGE_SHARES] = { "shares", share_of_cells, 0.05 },
	[CSVR_CHANGE_DISTINCT] = { "distinct", "share of the distinct values", 0.1 },
	[CSVR_CHANGE_ROWS] = { "rows", "share of the lesser number", 1 },
};

/* The kind of that name, or CSVR_N_CHANGE_KINDS for all; -1: there is none. */
static int find_kind(const char *name, size_t n_bytes, struct csvr_suggestion *similar)
{
	static const char all[] = "all";
	*similar = (struct csvr_suggestion){ 0 };
	for (int i = 0; i < CSVR_N_CHANGE_KINDS; i++) {
		const char *known = csvr_change_types[i].name;
		if (strlen(known) == n_bytes && memcmp(known, name, n_bytes) == 0)
			return i;
		csvr_suggestion_offer(similar, name, n_bytes, known, strlen(known));
	}
	return n_bytes == strlen(all) && memcmp(name, all, n_bytes) == 0 ? CSVR_N_CHANGE_KINDS : -1;
}

static enum csvr_status reject_kind(const char *name, size_t n_bytes,
				    const struct csvr_suggestion *similar, struct csvr_error *error)
{
	char kinds[CSVR_MESSAGE_BYTES / 2] = "";
	if (similar->n_edits > 0)
		return csvr_error_set(error, CSVR_INVALID_OPTION, 0,
				      "unknown kind of change '%.*s'; did you mean %s?",
				      (int)n_bytes, name, similar->word);
	size_t n = 0;
	for (int i = 0; i < CSVR_N_CHANGE_KINDS; i++)
		n += (size_t)snprintf(kinds + n, sizeof kinds - n, "%s, ",
				      csvr_change_types[i].name);
	return csvr_error_set(error, CSVR_INVALID_OPTION, 0,
			      "unknown kind of change '%.*s'; use one of %sall",
			      (int)(n_bytes < 40 ? n_bytes : 40), name, kinds);
}

enum { GLOB_BYTES = 256 };

static bool is_glob(const struct csvr_change_rule *rule)
{
	return memchr(rule->column, '*', rule->column_bytes) != NULL ||
	       memchr(rule->column, '?', rule->column_bytes) != NULL ||
	       memchr(rule->column, '[', rule->column_bytes) != NULL;
}

/* A decimal number of at least 0, in any locale. */
static bool parse_threshold(const char *text, double *threshold)
{
	if (text[0] == '\0' || strspn(text, "0123456789.") < strlen(text) ||
	    strcspn(text, "0123456789") == strlen(text) || strlen(text) > 15)
		return false;
	double whole = 0, unit = 1;
	bool is_fraction = false;
	for (; *text != '\0'; text++) {
		if (*text == '.' && is_fraction)
			return false;
		if (*text == '.') {
			is_fraction = true;
			continue;
		}
		whole = whole * 10 + (*text - '0');
		unit *= is_fraction ? 10 : 1;
	}
	*threshold = whole / unit;
	return true;
}

enum csvr_status csvr_change_rule_parse(const char *item, struct csvr_change_rule *rule,
					struct csvr_error *error)
{
	struct csvr_suggestion similar;
	/* Names may have colons and equals signs, kinds and thresholds have none. */
	const char *colon = strrchr(item, ':');
	const char *kind = colon != NULL ? colon + 1 : item;
	const char *equals = strchr(kind, '=');
	const size_t kind_bytes = equals != NULL ? (size_t)(equals - kind) : strlen(kind);
	*rule = (struct csvr_change_rule){ .column = colon != NULL ? item : NULL,
					   .column_bytes = colon != NULL ? (size_t)(colon - item)
									 : 0 };
	rule->kind = find_kind(kind, kind_bytes, &similar);
	if (rule->kind < 0)
		return reject_kind(kind, kind_bytes, &similar, error);
	if (colon != NULL && is_glob(rule) && rule->column_bytes >= GLOB_BYTES)
		return csvr_error_set(error, CSVR_INVALID_OPTION, 0,
				      "a glob has at most %d bytes; use a shorter one",
				      (int)GLOB_BYTES - 1);
	if (equals == NULL)
		return CSVR_OK;
	rule->is_off = strcmp(equals + 1, "off") == 0;
	if (rule->is_off)
		return CSVR_OK;
	if (!parse_threshold(equals + 1, &rule->threshold))
		return csvr_error_set(
			error, CSVR_INVALID_OPTION, 0,
			"'%.40s' is no threshold; use a number of at least 0, such as "
			"0.05, or off",
			equals + 1);
	if (rule->kind < CSVR_N_CHANGE_KINDS && csvr_change_types[rule->kind].unit == NULL)
		return csvr_error_set(error, CSVR_INVALID_OPTION, 0,
				      "a change of kind %s has no size; use %s, or %s=off",
				      csvr_change_types[rule->kind].name,
				      csvr_change_types[rule->kind].name,
				      csvr_change_types[rule->kind].name);
	return CSVR_OK;
}

/* Whether a rule is about a column of that name. */
static bool is_about(const struct csvr_change_rule *rule, const struct csvr_name *column)
{
	if (column == NULL || rule->column == NULL)
		return false;
	if (rule->column_bytes == column->n_bytes &&
	    memcmp(rule->column, column->text, column->n_bytes) == 0)
		return true;
	char glob[GLOB_BYTES];
	if (!is_glob(rule) || rule->column_bytes >= sizeof glob ||
	    strlen(column->text) != column->n_bytes)
		return false;
	memcpy(glob, rule->column, rule->column_bytes);
	glob[rule->column_bytes] = '\0';
	return fnmatch(glob, column->text, 0) == 0;
}

struct csvr_change_rule csvr_change_rule_for(const struct csvr_string_list *items,
					     enum csvr_change_kind kind,
					     const struct csvr_name *column, bool *is_matched)
{
	struct csvr_change_rule general = { .kind = (int)kind,
					    .threshold = csvr_change_types[kind].threshold };
	struct csvr_change_rule special = { 0 };
	bool has_special = false;
	for (size_t i = 0; i < items->n_words; i++) {
		struct csvr_change_rule rule;
		if (csvr_change_rule_parse(items->word[i], &rule, NULL) != CSVR_OK)
			continue;
		const bool is_special = is_about(&rule, column);
		if (is_special && is_matched != NULL)
			is_matched[i] = true;
		if (rule.kind != (int)kind && rule.kind != CSVR_N_CHANGE_KINDS)
			continue;
		if (is_special)
			special = rule;
		else if (rule.column == NULL)
			general = rule;
		has_special |= is_special;
	}
	return has_special ? special : general;
}
