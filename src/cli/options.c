/* options.c - parser of the command line */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdlib.h>
#include <string.h>

#include "base/suggestion.h"
#include "cli/options_internal.h"

const char csvr_short_usage[] =
	"Usage: csv-report [OPTION]... [PATH|URL]...\n"
	"Name files or directories to report on, or pipe data to standard input.\n"
	"Try 'csv-report --help' for more information.\n";

/* ---- lookup ---- */

static const struct csvr_option *find_letter(struct csvr_log *log, char letter)
{
	const struct csvr_option *option;
	for (size_t i = 0; (option = csvr_option_at(i)) != NULL; i++)
		if (option->letter == letter)
			return option;
	csvr_log_error(log, CSVR_EXIT_USAGE, "-%c: unknown option; see 'csv-report --help'",
		       letter);
	return NULL;
}

static void log_unknown(struct csvr_log *log, const char *name)
{
	struct csvr_suggestion similar = { 0 };
	const struct csvr_option *option;
	for (size_t i = 0; (option = csvr_option_at(i)) != NULL; i++)
		if (option->help != NULL)
			csvr_suggestion_offer(&similar, name, strlen(name), option->name,
					      strlen(option->name));
	if (similar.n_edits > 0)
		csvr_log_error(log, CSVR_EXIT_USAGE,
			       "--%s: unknown option; did you mean --%s? See 'csv-report --help'",
			       name, similar.word);
	else
		csvr_log_error(log, CSVR_EXIT_USAGE,
			       "--%s: unknown option; see 'csv-report --help'", name);
}

/* Finds an option by its name or an unambiguous prefix of it; a hidden one by its name only. */
static const struct csvr_option *find_name(struct csvr_log *log, const char *name)
{
	const struct csvr_option *match = NULL, *option;
	size_t n_matches = 0;
	char candidates[CSVR_MESSAGE_BYTES] = "";
	for (size_t i = 0; (option = csvr_option_at(i)) != NULL; i++) {
		if (strcmp(option->name, name) == 0)
			return option;
		if (option->help == NULL || strncmp(option->name, name, strlen(name)) != 0)
			continue;
		const size_t used = strlen(candidates);
		snprintf(candidates + used, sizeof candidates - used, "%s--%s",
			 n_matches > 0 ? ", " : "", option->name);
		match = option;
		n_matches++;
	}
	if (n_matches == 1)
		return match;
	if (n_matches > 1)
		csvr_log_error(log, CSVR_EXIT_USAGE, "--%s: ambiguous option; could be any of %s",
			       name, candidates);
	else
		log_unknown(log, name);
	return NULL;
}

/* ---- parsing ---- */

/* The arguments not yet parsed. */
struct arguments {
	char **next; /* NULL-terminated */
};

/* `value` is the one attached to the option; NULL: the next argument, if it needs one. */
static bool parse_option(struct csvr_option_parser *parser, const struct csvr_option *option,
			 const char *value, struct arguments *arguments)
{
	if (option->value_name == NULL && value != NULL) {
		csvr_log_error(parser->log, CSVR_EXIT_USAGE,
			       "%s=%s: option takes no value; see 'csv-report --help'",
			       parser->given, value);
		return false;
	}
	const bool needs_value = option->value_name != NULL && !option->is_value_optional;
	if (needs_value && value == NULL)
		value = *arguments->next != NULL ? *arguments->next++ : NULL;
	if (needs_value && value == NULL) {
		char expected[CSVR_EXPECTED_BYTES];
		csvr_option_describe_value(option, expected);
		csvr_log_error(parser->log, CSVR_EXIT_USAGE, "%s: missing value; expected %s",
			       parser->given, expected);
		return false;
	}
	return csvr_option_parse_value(parser, option, value);
}

static bool parse_long(struct csvr_option_parser *parser, const char *argument,
		       struct arguments *arguments)
{
	char *given = parser->given;
	const size_t room = sizeof parser->given;
	const char *equals = strchr(argument, '=');
	const size_t n = equals != NULL ? (size_t)(equals - argument) : strlen(argument);
	snprintf(given, room, "%.*s", (int)(n < room ? n : room - 1), argument);
	const struct csvr_option *option = find_name(parser->log, given + 2);
	if (option == NULL)
		return false;
	snprintf(given, room, "--%s", option->name);
	return parse_option(parser, option, equals != NULL ? equals + 1 : NULL, arguments);
}

/* Parses letters such as -Avj4: only the last one may have a value. */
static bool parse_letters(struct csvr_option_parser *parser, const char *argument,
			  struct arguments *arguments)
{
	for (const char *at = argument + 1; *at != '\0'; at++) {
		const struct csvr_option *option = find_letter(parser->log, *at);
		if (option == NULL)
			return false;
		snprintf(parser->given, sizeof parser->given, "-%c", *at);
		if (option->value_name != NULL)
			return parse_option(parser, option, at[1] != '\0' ? at + 1 : NULL,
					    arguments);
		if (!parse_option(parser, option, NULL, arguments))
			return false;
	}
	return true;
}

/* The environment variable CSVR_KERNEL is --kernel for programs that cannot pass options. */
static bool parse_environment(struct csvr_option_parser *parser)
{
	const char *kernel = getenv("CSVR_KERNEL");
	if (kernel == NULL || kernel[0] == '\0')
		return true;
	snprintf(parser->given, sizeof parser->given, "CSVR_KERNEL");
	return csvr_option_parse_value(parser, find_name(parser->log, "kernel"), kernel);
}

/* Parses all arguments, or those up to --help and other options that end the parsing. False: an
 * error was logged. */
static bool parse_arguments(struct csvr_option_parser *parser, struct arguments *arguments)
{
	struct csvr_options *options = parser->options;
	bool may_be_option = true;
	while (*arguments->next != NULL && options->action == CSVR_ACTION_RUN) {
		const char *argument = *arguments->next++;
		bool is_valid = true;
		if (!may_be_option || argument[0] != '-' || argument[1] == '\0')
			is_valid = csvr_string_append(&options->paths, argument) ||
				   csvr_option_reject_no_memory(parser);
		else if (strcmp(argument, "--") == 0)
			may_be_option = false;
		else if (argument[1] == '-')
			is_valid = parse_long(parser, argument, arguments);
		else
			is_valid = parse_letters(parser, argument, arguments);
		if (!is_valid)
			return false;
	}
	return true;
}

static struct csvr_string_list as_list(const struct csvr_string_builder *builder)
{
	return (struct csvr_string_list){ builder->words, builder->n_words };
}

bool csvr_options_parse(struct csvr_options *options, int argc, char **argv, struct csvr_log *log)
{
	struct csvr_settings *settings = &options->settings;
	struct csvr_option_parser parser = { .options = options, .log = log };
	struct arguments arguments = { argc > 0 ? argv + 1 : argv };
	*options = (struct csvr_options){ .checkpoint_every_s = 60, .connections = 16 };
	csvr_settings_init(settings);
	csvr_arena_init(&options->strings);
	if (!parse_environment(&parser) || !parse_arguments(&parser, &arguments))
		return false;
	log->is_quiet = options->is_quiet;
	settings->walk.include = as_list(&options->include);
	settings->walk.exclude = as_list(&options->exclude);
	settings->parse.select = as_list(&options->select);
	settings->parse.correlation = as_list(&options->correlation);
	settings->parse.group_by = as_list(&options->group_by);
	settings->parse.where = as_list(&options->where);
	settings->statistics.names = as_list(&options->stats);
	settings->report.change_rules = as_list(&options->change_rules);
	/* A comparison needs what --all does, and so does a page, for its histograms. */
	settings->statistics.is_implied = (options->compare != NULL ||
					   settings->report.format == CSVR_FORMAT_HTML) &&
					  !settings->statistics.all && options->stats.n_words == 0;
	settings->statistics.all |= settings->statistics.is_implied;
	if (options->null_values.words != NULL || settings->parse.null_values.n_words == 0)
		settings->parse.null_values = as_list(&options->null_values);
	return options->action != CSVR_ACTION_RUN || csvr_options_check(options, log);
}

void csvr_options_clear(struct csvr_options *options)
{
	free(options->paths.words);
	free(options->lists.words);
	free(options->include.words);
	free(options->exclude.words);
	free(options->null_values.words);
	free(options->select.words);
	free(options->correlation.words);
	free(options->stats.words);
	free(options->group_by.words);
	free(options->where.words);
	free(options->change_rules.words);
	csvr_arena_clear(&options->strings);
}
