/* state_options_check.c - whether the options of a saved state are those of a run, or become them */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "state/state_internal.h"

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

static void format_group_by(const struct csvr_string_list *group_by, char *text, size_t n_bytes)
{
	if (group_by->n_words > 0)
		format_list("--group-by", group_by, text, n_bytes);
	else
		snprintf(text, n_bytes, "no --group-by");
}

static void format_groups_collect(const struct csvr_parse_options *parse, char *text,
				  size_t n_bytes)
{
	snprintf(text, n_bytes, "--group-by and %s",
		 parse->groups_collect ? "--stats" : "the default statistics");
}

static void format_where(const struct csvr_string_list *where, char *text, size_t n_bytes)
{
	size_t n = 0;
	for (size_t i = 0; i < where->n_words && n < n_bytes; i++)
		n += (size_t)snprintf(text + n, n_bytes - n, "%s--where='%s'", i > 0 ? " " : "",
				      where->word[i]);
	if (where->n_words == 0)
		snprintf(text, n_bytes, "no --where");
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
	if (!lists_are_equal(&a->where, &b->where)) {
		format_where(&a->where, text_a, n_bytes);
		format_where(&b->where, text_b, n_bytes);
		return true;
	}
	if (!lists_are_equal(&a->group_by, &b->group_by)) {
		format_group_by(&a->group_by, text_a, n_bytes);
		format_group_by(&b->group_by, text_b, n_bytes);
		return true;
	}
	if (a->group_by.n_words > 0 && a->groups_collect != b->groups_collect) {
		format_groups_collect(a, text_a, n_bytes);
		format_groups_collect(b, text_b, n_bytes);
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
						      options.correlation, options.where,
						      options.group_by },
				   &options.strings);
	return CSVR_OK;
}
