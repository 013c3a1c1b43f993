/* options_check.c - options that contradict each other, or require another one */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdio.h>
#include <string.h>

#include "cli/options_internal.h"

static bool is_auto_delimiter_candidate(int byte)
{
	return byte > 0 && strchr(",;\t|", byte) != NULL;
}

/* The bytes of the dialect must differ, also from those that --delimiter=auto may choose. */
static bool check_dialect(const struct csvr_options *options, struct csvr_log *log)
{
	const struct csvr_parse_options *parse = &options->settings.parse;
	const int delimiter = parse->delimiter, quote = parse->quote;
	const int comment = parse->comment;
	static const char auto_problem[] =
		"--delimiter=auto may choose this character; set --delimiter";
	const char *option = NULL, *problem = NULL;
	int byte = comment;
	if (delimiter >= 0 && delimiter == quote) {
		option = "--delimiter", byte = delimiter;
		problem = "same as the quote; choose another --quote, or use --no-quote";
	} else if (delimiter >= 0 && delimiter == comment) {
		option = "--comment";
		problem = "same as the delimiter; choose another character";
	} else if (quote >= 0 && quote == comment) {
		option = "--comment";
		problem = "same as the quote; choose another character, or use --no-quote";
	} else if (delimiter == CSVR_AUTO && is_auto_delimiter_candidate(quote)) {
		option = "--quote", byte = quote;
		problem = auto_problem;
	} else if (delimiter == CSVR_AUTO && is_auto_delimiter_candidate(comment)) {
		option = "--comment";
		problem = auto_problem;
	}
	if (problem != NULL)
		csvr_log_error(log, CSVR_EXIT_USAGE, "%s=%s: %s", option,
			       byte == '\t' ? "\\t" : (const char[]){ (char)byte, '\0' }, problem);
	return problem == NULL;
}

/* Decimal marks and separators of groups must differ from each other and from the delimiter. */
static bool check_notation(const struct csvr_options *options, struct csvr_log *log)
{
	const struct csvr_parse_options *parse = &options->settings.parse;
	const char *thousands = parse->thousands;
	if (parse->decimal >= 0 && thousands[0] == parse->decimal && thousands[1] == '\0')
		csvr_log_error(log, CSVR_EXIT_USAGE,
			       "--thousands=%s: same as the decimal mark; choose another character",
			       thousands);
	else if (parse->decimal >= 0 && parse->decimal == parse->delimiter)
		csvr_log_error(log, CSVR_EXIT_USAGE,
			       "--decimal=%c: same as the delimiter; choose another --delimiter",
			       parse->decimal);
	else
		return true;
	return false;
}

/* A long delimiter must not contain the bytes that have another meaning, nor may the escape have one. */
static bool check_long_dialect(const struct csvr_options *options, struct csvr_log *log)
{
	const struct csvr_parse_options *parse = &options->settings.parse;
	const char *delimiter = parse->long_delimiter;
	if (parse->quote > 0 && strchr(delimiter, parse->quote) != NULL) {
		csvr_log_error(log, CSVR_EXIT_USAGE,
			       "--delimiter=%s: contains the quote; choose another --quote, or use "
			       "--no-quote",
			       delimiter);
		return false;
	}
	if (parse->comment > 0 && strchr(delimiter, parse->comment) != NULL) {
		csvr_log_error(
			log, CSVR_EXIT_USAGE,
			"--delimiter=%s: contains the comment mark; choose another --comment",
			delimiter);
		return false;
	}
	const int escape = parse->escape;
	if (escape < 0 ||
	    (escape != parse->quote && escape != parse->delimiter && escape != parse->comment))
		return true;
	csvr_log_error(
		log, CSVR_EXIT_USAGE,
		"--escape=%s: same as the %s; choose another character, or use --escape=none",
		escape == '\t' ? "\\t" : (const char[]){ (char)escape, '\0' },
		escape == parse->quote       ? "quote"
		: escape == parse->delimiter ? "delimiter"
					     : "comment mark");
	return false;
}

/* "--provenance: not supported by --format=csv; use one of table, json, md" */
static void log_unsupported(const char *option, enum csvr_format format,
			    bool (*is_supported_by)(size_t format), struct csvr_log *log)
{
	char formats[64] = "";
	size_t n = 0;
	for (size_t i = 0; csvr_format_name(i) != NULL && n < sizeof formats; i++)
		if (is_supported_by(i) && i != CSVR_FORMAT_STATE)
			n += (size_t)snprintf(formats + n, sizeof formats - n, "%s%s",
					      n > 0 ? ", " : "", csvr_format_name(i));
	csvr_log_error(log, CSVR_EXIT_USAGE, "%s: not supported by --format=%s; use one of %s",
		       option, csvr_format_name(format), formats);
}

static bool has_statistic(const struct csvr_settings *settings, const char *name)
{
	const struct csvr_string_list *names = &settings->statistics.names;
	for (size_t i = 0; i < names->n_words; i++)
		if (strcmp(names->word[i], name) == 0)
			return true;
	return false;
}

/* Options that some formats cannot show. */
static bool check_format(const struct csvr_options *options, struct csvr_log *log)
{
	const struct csvr_settings *settings = &options->settings;
	const enum csvr_format format = settings->report.format;
	if (settings->report.provenance && !csvr_format_has_provenance(format))
		log_unsupported("--provenance", format, csvr_format_has_provenance, log);
	else if (settings->parse.correlates && !csvr_format_has_correlation(format))
		log_unsupported("--correlation", format, csvr_format_has_correlation, log);
	else if (has_statistic(settings, "duplicates") && !csvr_format_has_duplicates(format))
		log_unsupported("--stats=duplicates", format, csvr_format_has_duplicates, log);
	else
		return true;
	return false;
}

/* Only some formats show a comparison, and changes are those of one. */
static bool check_compare(const struct csvr_options *options, struct csvr_log *log)
{
	const enum csvr_format format = options->settings.report.format;
	if (options->compare != NULL && !csvr_format_has_comparison(format))
		log_unsupported("--compare", format, csvr_format_has_comparison, log);
	else if (options->compare == NULL && options->fails_on_change)
		csvr_log_error(log, CSVR_EXIT_USAGE,
			       "--fail-on-change: requires --compare=OLD, an earlier report");
	else
		return true;
	return false;
}

/* Options for several runs that require others, or exclude them. */
static bool check_several_runs(const struct csvr_options *options, struct csvr_log *log)
{
	const struct csvr_settings *settings = &options->settings;
	const enum csvr_format format = settings->report.format;
	const bool is_state = format == CSVR_FORMAT_STATE, is_shard = settings->shard.count > 1;
	if (is_shard && !is_state)
		csvr_log_error(log, CSVR_EXIT_USAGE,
			       "--shard=%u/%u: a shard may end inside a file, so it can only be "
			       "saved; add --format=state and --output=FILE",
			       settings->shard.index, settings->shard.count);
	else if (settings->is_partial && is_state)
		csvr_log_error(
			log, CSVR_EXIT_USAGE,
			"--partial: not valid with --format=state, since a state may always be "
			"incomplete; omit it");
	else if (is_state && options->is_strict && is_shard)
		csvr_log_error(log, CSVR_EXIT_USAGE,
			       "--strict: one shard does not show all problems; use it in the run "
			       "that merges the shards");
	else
		return true;
	return false;
}

/* A state has what one pass collects. Shards cannot agree on what to collect in a second one, unless their states
 * are merged first. Logs a message if the option has no effect. */
static bool check_exact(const struct csvr_options *options, struct csvr_log *log)
{
	const struct csvr_settings *settings = &options->settings;
	const struct csvr_statistic_options *statistics = &settings->statistics;
	if (statistics->exact && !statistics->all && statistics->names.n_words == 0)
		csvr_log_error(
			log, CSVR_EXIT_COMPLETE,
			"--exact: no statistic is requested; name some with --stats, such as "
			"--stats=median, or use --all");
	if (!statistics->exact || settings->report.format != CSVR_FORMAT_STATE)
		return true;
	csvr_log_error(
		log, CSVR_EXIT_USAGE,
		"--exact: a saved state has what one pass over the inputs collects; omit it, and "
		"make the state of all inputs exact with --refine");
	return false;
}

/* A run that refines a state adds to all of it, or to nothing. */
static bool check_refine(const struct csvr_options *options, struct csvr_log *log)
{
	const struct csvr_settings *settings = &options->settings;
	if (settings->refine == NULL)
		return true;
	if (options->checkpoint != NULL)
		csvr_log_error(log, CSVR_EXIT_USAGE,
			       "--refine: not valid with --checkpoint; omit it, and divide the "
			       "work into shards that need no checkpoint");
	else if (settings->is_partial)
		csvr_log_error(log, CSVR_EXIT_USAGE,
			       "--refine: not valid with --partial, since nothing is exact without "
			       "all inputs; omit one of them");
	else
		return true;
	return false;
}

/* Each condition must be understood, and there may be at most so many. */
static bool check_conditions(const struct csvr_options *options, struct csvr_log *log)
{
	const struct csvr_parse_options *parse = &options->settings.parse;
	for (size_t i = 0; i < parse->where.n_words; i++) {
		struct csvr_error error;
		if (csvr_condition_check(parse->where.word[i], parse, &error) == CSVR_OK)
			continue;
		csvr_log_error(log, CSVR_EXIT_USAGE, "--where=%s: %s", parse->where.word[i],
			       error.message);
		return false;
	}
	if (parse->where.n_words > CSVR_MAX_CONDITIONS)
		csvr_log_error(log, CSVR_EXIT_USAGE,
			       "--where: %zu conditions are more than %d; use fewer",
			       parse->where.n_words, (int)CSVR_MAX_CONDITIONS);
	return parse->where.n_words <= CSVR_MAX_CONDITIONS;
}

/* Options that are not valid with groups. */
static bool check_groups(const struct csvr_options *options, struct csvr_log *log)
{
	const struct csvr_settings *settings = &options->settings;
	const char *other = NULL, *remedy = "omit one of them";
	if (settings->parse.group_by.n_words == 0)
		return true;
	if (settings->report.per_file) {
		other = "--per-file";
		remedy = "--group-by=:file has statistics for each file";
	} else if (settings->parse.correlates) {
		other = "--correlation";
	} else if (settings->statistics.exact) {
		other = "--exact";
	} else if (settings->refine != NULL) {
		other = "--refine";
	} else if (has_statistic(settings, "duplicates")) {
		other = "--stats=duplicates";
	}
	if (other != NULL)
		csvr_log_error(log, CSVR_EXIT_USAGE, "--group-by: not valid with %s; %s", other,
			       remedy);
	return other == NULL;
}

/* Columns that are matched by position are those of one table. */
static bool check_tables(const struct csvr_options *options, struct csvr_log *log)
{
	const struct csvr_parse_options *parse = &options->settings.parse;
	if (!parse->by_position || parse->tables == CSVR_TABLES_DEFAULT ||
	    parse->tables == CSVR_TABLES_ONE)
		return true;
	csvr_log_error(log, CSVR_EXIT_USAGE,
		       "--tables=%s: tables are found by the names of columns; omit it, or omit "
		       "--columns-by=position",
		       parse->tables == CSVR_TABLES_SIMILAR ? "similar" : "header");
	return false;
}

/* Standard input must not be used twice, as data or as a list. */
static bool check_standard_input(const struct csvr_options *options, struct csvr_log *log)
{
	size_t n_uses = 0;
	for (size_t i = 0; i < options->paths.n_words; i++)
		n_uses += strcmp(options->paths.words[i], "-") == 0;
	for (size_t i = 0; i < options->lists.n_words; i++)
		n_uses += strcmp(options->lists.words[i], "-") == 0;
	if (n_uses > 1)
		csvr_log_error(log, CSVR_EXIT_USAGE,
			       "-: standard input can be read only once; name it once");
	return n_uses <= 1;
}

/* --null describes the files of --files-from, so it requires one. */
static bool check_null(const struct csvr_options *options, struct csvr_log *log)
{
	if (!options->is_null_separated || options->lists.n_words > 0)
		return true;
	csvr_log_error(log, CSVR_EXIT_USAGE, "--null: requires --files-from=FILE");
	return false;
}

static bool is_own_percentile(const char *name)
{
	for (size_t i = 0; csvr_statistic_name(i) != NULL; i++)
		if (strcmp(csvr_statistic_name(i), name) == 0)
			return false;
	return csvr_statistic_is_percentile(name, strlen(name));
}

static bool check_percentiles(const struct csvr_options *options, struct csvr_log *log)
{
	const struct csvr_string_list *names = &options->settings.statistics.names;
	size_t n_percentiles = 0;
	for (size_t i = 0; i < names->n_words; i++)
		n_percentiles += is_own_percentile(names->word[i]);
	if (n_percentiles > CSVR_MAX_PERCENTILES)
		csvr_log_error(log, CSVR_EXIT_USAGE,
			       "--stats: %zu percentiles are more than %d; use several runs",
			       n_percentiles, (int)CSVR_MAX_PERCENTILES);
	return n_percentiles <= CSVR_MAX_PERCENTILES;
}

bool csvr_options_check(const struct csvr_options *options, struct csvr_log *log)
{
	return check_dialect(options, log) && check_long_dialect(options, log) &&
	       check_notation(options, log) && check_null(options, log) &&
	       check_percentiles(options, log) && check_several_runs(options, log) &&
	       check_conditions(options, log) && check_groups(options, log) &&
	       check_exact(options, log) && check_tables(options, log) &&
	       check_refine(options, log) && check_format(options, log) &&
	       check_compare(options, log) && check_standard_input(options, log);
}
