/* outcome.c - messages about a run that has ended, and their exit status */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "cli/outcome.h"

#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/number_format.h"
#include "cli/signals.h"
#include "input/url.h"
#include "report/problems.h"

/* ---- the run ---- */

void csvr_outcome_log_work(const struct csvr_run_info *info, const struct csvr_shard *shard,
			   const struct csvr_comm *comm, struct csvr_log *log)
{
	char size[CSVR_NUMBER_TEXT_BYTES];
	if (comm != NULL)
		csvr_log_error(log, CSVR_EXIT_COMPLETE, "ranks: %d; the next lines describe rank 0",
			       comm->count);
	csvr_number_size(info->size_bytes, size);
	csvr_log_error(log, CSVR_EXIT_COMPLETE, "threads: %d, from %s", info->n_threads,
		       info->threads_from);
	csvr_log_error(log, CSVR_EXIT_COMPLETE, "instruction set: %s", info->kernel);
	csvr_log_error(log, CSVR_EXIT_COMPLETE, "work: %zu unit%s of %zu input%s, %s%s",
		       info->n_units, info->n_units == 1 ? "" : "s", info->n_inputs,
		       info->n_inputs == 1 ? "" : "s", info->size_bytes > 0 ? size : "size unknown",
		       info->size_bytes > 0 ? " when listed" : "");
	if (shard->count > 1)
		csvr_log_error(log, CSVR_EXIT_COMPLETE, "shard: %u of %u", (unsigned)shard->index,
			       (unsigned)shard->count);
	if (info->n_states > 0)
		csvr_log_error(log, CSVR_EXIT_COMPLETE, "states: %zu merged", info->n_states);
	if (info->n_passes > 1)
		csvr_log_error(log, CSVR_EXIT_COMPLETE,
			       "passes: %d over the inputs, for exact percentiles", info->n_passes);
}

static void log_resumed(const struct csvr_run_info *info, const char *path, struct csvr_log *log)
{
	char size[CSVR_NUMBER_TEXT_BYTES];
	if (!info->is_resumed)
		return;
	csvr_number_size(info->resumed_bytes, size);
	csvr_log_error_at(log, CSVR_EXIT_COMPLETE, path, 0,
			  "resuming from this checkpoint: %s already processed", size);
	if (info->n_changed > 0)
		csvr_log_error_at(
			log, CSVR_EXIT_COMPLETE, path, 0,
			"%zu of %zu inputs in the checkpoint changed or are not inputs of "
			"this run; the changed ones are read again",
			info->n_changed, info->n_resumed);
}

static void log_interrupted(const struct csvr_checkpoint *checkpoint, struct csvr_log *log)
{
	if (checkpoint->path == NULL)
		csvr_log_error(log, CSVR_EXIT_INTERRUPTED,
			       "interrupted by %s; no report; use --checkpoint=FILE to be able to "
			       "resume",
			       csvr_signals_stop_reason());
	else if (checkpoint->is_saved)
		csvr_log_error_at(
			log, CSVR_EXIT_INTERRUPTED, checkpoint->path, 0,
			"interrupted by %s; progress is saved; run the same command again to resume",
			csvr_signals_stop_reason());
	else
		csvr_log_error_at(
			log, CSVR_EXIT_NO_REPORT, checkpoint->path, 0,
			"interrupted by %s, but progress could not be saved; no report; an earlier "
			"checkpoint, if any, is unchanged",
			csvr_signals_stop_reason());
}

void csvr_outcome_log_end(const struct csvr_run_info *info,
			  const struct csvr_checkpoint *checkpoint, enum csvr_status status,
			  const struct csvr_error *error, struct csvr_log *log)
{
	if (info->n_threads_failed > 0)
		csvr_log_error(
			log, CSVR_EXIT_COMPLETE,
			"cannot start %d threads; the run used %d (see ulimit -u, ulimit -v)",
			info->n_threads + info->n_threads_failed, info->n_threads);
	if (status == CSVR_OK && info->exact_state != NULL)
		csvr_log_error_at(
			log, CSVR_EXIT_COMPLETE, info->exact_state, 0,
			"has no estimates that another pass could make exact; no input is read");
	if (status == CSVR_OK || status == CSVR_INTERRUPTED)
		log_resumed(info, checkpoint->path, log);
	if (status == CSVR_INTERRUPTED)
		log_interrupted(checkpoint, log);
	else if (status == CSVR_NO_MEMORY)
		csvr_log_error(log, CSVR_EXIT_NO_REPORT,
			       "out of memory; no report; --threads=1 uses the least memory");
	else if (status != CSVR_OK)
		csvr_log_error(log,
			       status == CSVR_INVALID_OPTION ? CSVR_EXIT_USAGE
							     : CSVR_EXIT_NO_REPORT,
			       "%s", error->message);
}

/* ---- failed inputs ---- */

/* Whether a path starts as a URL: with letters, digits or + - . and then "://". */
static bool has_scheme(const char *path)
{
	static const char scheme[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.";
	const size_t n = strspn(path, scheme);
	return n > 1 && strncmp(path + n, "://", 3) == 0;
}

/* What is probably wrong with the path of an input that cannot be read. */
static const char *hint_about_path(const char *path)
{
	const size_t length = strlen(path);
	if (length > 0 && path[length - 1] == '\r')
		return "; the name ends in a carriage return; does the list have CRLF line ends?";
	if (has_scheme(path) && !csvr_is_url(path, length))
		return "; as a URL it is not supported: only s3, http and https are";
	return "";
}

static void log_failures(const struct csvr_summary *summary, const struct csvr_inputs *inputs,
			 size_t n_bad, enum csvr_exit exit_status, struct csvr_log *log)
{
	for (size_t i = 0; i < n_bad; i++) {
		struct csvr_error error;
		const char *path = csvr_summary_failure(summary, inputs, i, &error);
		csvr_log_error_at(log, exit_status, path, error.line, "%s%s", error.message,
				  hint_about_path(path));
	}
}

/* ---- options that name columns ---- */

/* An option that selects columns. */
struct selection {
	const char *option;
	const struct csvr_string_list *items;
	size_t first; /* index of the first item in csvr_summary_is_matched */
};

/* Whether an item of a selection is a range such as 7-3, with or without a leading exclamation mark. */
static bool is_reversed_range(const char *item, unsigned long *first, unsigned long *last)
{
	static const char digits[] = "0123456789";
	item += item[0] == '!';
	const size_t n_first = strspn(item, digits);
	if (n_first == 0 || n_first > 9 || item[n_first] != '-')
		return false;
	const char *end = item + n_first + 1;
	const size_t n_last = strspn(end, digits);
	if (n_last == 0 || n_last > 9 || end[n_last] != '\0')
		return false;
	*first = strtoul(item, NULL, 10);
	*last = strtoul(end, NULL, 10);
	return *first > *last;
}

/* Writes what an item that is no column probably means; nothing if that is unknown. */
static void suggest_item(const struct csvr_summary *summary, const struct selection *selection,
			 size_t index, char *text, size_t room)
{
	const char *item = selection->items->word[index], *colon = strchr(item, ':');
	const char *similar = csvr_summary_suggestion(summary, selection->first + index);
	const bool is_key = strcmp(selection->option, "--group-by") == 0;
	text[0] = '\0';
	if (similar != NULL)
		snprintf(text, room, "; did you mean %s?", similar);
	else if (is_key && colon == item)
		snprintf(text, room, "; the path of the file is :file");
	else if (is_key && colon != NULL)
		snprintf(text, room, "; NAME:N is the first N bytes of a column, such as %.*s:7",
			 (int)(colon - item), item);
	else if (item[0] != '\0' && item[strspn(item, "0123456789")] == '\0')
		snprintf(text, room, "; the files have %zu columns together",
			 csvr_summary_outcome(summary).n_columns);
}

/* Logs an item, with the column that it probably means. */
static void log_unmatched_item(const struct csvr_summary *summary,
			       const struct selection *selection, size_t index,
			       enum csvr_exit exit_status, struct csvr_log *log)
{
	char hint[256];
	suggest_item(summary, selection, index, hint, sizeof hint);
	csvr_log_error(log, exit_status, "%s=%s: no such column in any file%s", selection->option,
		       selection->items->word[index], hint);
}

/* Logs the items that match no column. If some items match, the others are probably typing errors; if
 * none does, it is a usage error. A reversed range can still be the name of a column, so only now is it
 * known to be an error. Returns whether no item matches. */
static bool log_unmatched(const struct csvr_summary *summary, const struct selection *selection,
			  struct csvr_log *log)
{
	const struct csvr_string_list *items = selection->items;
	size_t n_included = 0, n_unmatched = 0;
	for (size_t i = 0; i < items->n_words; i++) {
		const bool is_included = items->word[i][0] != '!';
		n_included += is_included;
		n_unmatched += is_included &&
			       !csvr_summary_is_matched(summary, selection->first + i);
	}
	const bool is_empty = n_included > 0 && n_unmatched == n_included;
	for (size_t i = 0; i < items->n_words; i++) {
		unsigned long first, last;
		if (csvr_summary_is_matched(summary, selection->first + i))
			continue;
		if (is_reversed_range(items->word[i], &first, &last))
			csvr_log_error(log, CSVR_EXIT_USAGE,
				       "%s=%s: no such column, and the range is reversed; use "
				       "%lu-%lu",
				       selection->option, items->word[i], last, first);
		else
			log_unmatched_item(summary, selection, i,
					   is_empty ? CSVR_EXIT_USAGE : CSVR_EXIT_INCOMPLETE, log);
	}
	if (is_empty)
		csvr_log_error(log, CSVR_EXIT_USAGE,
			       "%s: no columns selected; run without it to list the columns",
			       selection->option);
	return is_empty;
}

/* Logs the null values of columns that no file has. */
static void log_null_values(const struct csvr_summary *summary,
			    const struct csvr_parse_options *parse, uint64_t n_rows,
			    struct csvr_log *log)
{
	const size_t first = parse->select.n_words + parse->correlation.n_words;
	for (size_t i = 0; i < parse->null_values.n_words && n_rows > 0; i++) {
		if (csvr_summary_is_matched(summary, first + i))
			continue;
		const char *similar = csvr_summary_suggestion(summary, first + i);
		const bool has_similar = similar != NULL;
		csvr_log_error(log, CSVR_EXIT_INCOMPLETE,
			       "--null-values=%s: no such column in any file%s%s%s (a colon in a "
			       "value is written \\:)",
			       parse->null_values.word[i], has_similar ? "; did you mean " : "",
			       has_similar ? similar : "", has_similar ? "?" : "");
	}
}

/* Logs the items of an option that no file has a column for, although each needs one: there is nothing to report. */
static void log_required(const struct csvr_summary *summary, const struct selection *selection,
			 struct csvr_log *log)
{
	if (csvr_summary_outcome(summary).n_with_header == 0)
		return;
	for (size_t i = 0; i < selection->items->n_words; i++)
		if (!csvr_summary_is_matched(summary, selection->first + i))
			log_unmatched_item(summary, selection, i, CSVR_EXIT_NO_REPORT, log);
}

static void log_selections(const struct csvr_summary *summary,
			   const struct csvr_parse_options *parse, struct csvr_log *log)
{
	const struct selection select = { "--select", &parse->select, 0 };
	const struct selection correlation = { "--correlation", &parse->correlation,
					       parse->select.n_words };
	const struct csvr_outcome outcome = csvr_summary_outcome(summary);
	if (!log_unmatched(summary, &select, log) && parse->select.n_words > 0 &&
	    outcome.n_columns == 0 && outcome.n_rows > 0)
		csvr_log_error(log, CSVR_EXIT_USAGE,
			       "--select: all columns are excluded; run without it to list the "
			       "columns");
	(void)log_unmatched(summary, &correlation, log);
	log_null_values(summary, parse, outcome.n_rows, log);
	const struct selection where = { "--where", &parse->where,
					 correlation.first + parse->correlation.n_words +
						 parse->null_values.n_words };
	const struct selection keys = { "--group-by", &parse->group_by,
					where.first + parse->where.n_words };
	log_required(summary, &where, log);
	log_required(summary, &keys, log);
}

/* ---- problems ---- */

/* The text that the report has for a problem, without its count and its consequence for the report.
 * The caller frees it; NULL: out of memory. */
static char *name_problem(const struct csvr_problems *problems, const struct csvr_problem *problem)
{
	char *text = NULL;
	size_t n_bytes = 0;
	FILE *stream = open_memstream(&text, &n_bytes);
	if (stream == NULL)
		return NULL;
	csvr_problem_write_name(problems, problem, csvr_escape_plain, stream);
	fclose(stream);
	return text;
}

static bool is_violation(const struct csvr_problem_type *type)
{
	return type->is_violation;
}

static bool is_incompleteness(const struct csvr_problem_type *type)
{
	return type->is_incompleteness;
}

static bool is_other_names(const struct csvr_problem_type *type)
{
	return type == &csvr_problem_types[CSVR_PROBLEM_OTHER_NAMES];
}

/* What a visit of all problems logs. */
struct problem_log {
	bool (*is_logged)(const struct csvr_problem_type *type);
	const char *option; /* that asked for exact statistics */
	enum csvr_exit exit_status;
	struct csvr_log *log;
	bool has_violation;
};

static void log_problem(void *context, const struct csvr_problems *problems,
			const struct csvr_problem *problem)
{
	const struct problem_log *to = context;
	if (!to->is_logged(&csvr_problem_types[problem->kind]))
		return;
	char count[CSVR_NUMBER_TEXT_BYTES];
	char *text = name_problem(problems, problem);
	const char *name = text != NULL ? text : csvr_problem_name(problem->kind);
	csvr_number_count(problem->n, count);
	if (problem->path != NULL && problem->n == 1)
		csvr_log_error_at(to->log, to->exit_status, problem->path, problem->line, "%s",
				  name);
	else if (problem->path != NULL)
		csvr_log_error_at(to->log, to->exit_status, problem->path, problem->line,
				  "first of %s %s", count, name);
	else
		csvr_log_error(to->log, to->exit_status, "%s %s", count, name);
	free(text);
}

static void visit_problems(const struct csvr_summary *summary, const struct csvr_inputs *inputs,
			   const struct csvr_parse_options *parse, csvr_problem_fn visit,
			   struct problem_log *to)
{
	if (csvr_problems_visit(summary, inputs, parse, visit, to) != CSVR_OK)
		csvr_log_error(to->log, CSVR_EXIT_NO_REPORT, "out of memory; no report");
}

/* Logs the problems of the types that `is_logged` selects, each with the first location it has. */
static void log_problems(const struct csvr_summary *summary, const struct csvr_inputs *inputs,
			 const struct csvr_parse_options *parse,
			 bool (*is_logged)(const struct csvr_problem_type *type),
			 enum csvr_exit exit_status, struct csvr_log *log)
{
	struct problem_log to = { .is_logged = is_logged, .exit_status = exit_status, .log = log };
	visit_problems(summary, inputs, parse, log_problem, &to);
}

/* Logs the files that probably belong to the data but were not read, unless the report lists them. One shard does so
 * for all, because each searches the same directories. */
static void log_other_names(const struct csvr_summary *summary, const struct csvr_inputs *inputs,
			    const struct csvr_settings *settings, struct csvr_log *log)
{
	const enum csvr_format format = settings->report.format;
	const bool is_listed = format != CSVR_FORMAT_STATE && format != CSVR_FORMAT_CSV &&
			       format != CSVR_FORMAT_TSV;
	if (!is_listed && settings->shard.index == 1)
		log_problems(summary, inputs, &settings->parse, is_other_names, CSVR_EXIT_COMPLETE,
			     log);
}

static void note_violation(void *context, const struct csvr_problems *problems,
			   const struct csvr_problem *problem)
{
	struct problem_log *to = context;
	(void)problems;
	to->has_violation |= csvr_problem_types[problem->kind].is_violation;
}

static bool has_violation(const struct csvr_summary *summary, const struct csvr_inputs *inputs,
			  const struct csvr_parse_options *parse, struct csvr_log *log)
{
	struct problem_log to = { .log = log };
	visit_problems(summary, inputs, parse, note_violation, &to);
	return to.has_violation;
}

static void log_estimate(void *context, const struct csvr_problems *problems,
			 const struct csvr_problem *problem)
{
	const struct problem_log *to = context;
	(void)problems;
	if (problem->kind != CSVR_PROBLEM_ESTIMATES)
		return;
	if (problem->path != NULL)
		csvr_log_error_at(to->log, to->exit_status, problem->path, 0,
				  "%s: %s; some statistics are not exact%s", to->option,
				  problem->reason, problem->remedy);
	else
		csvr_log_error(to->log, to->exit_status, "%s: %s; some statistics are not exact%s",
			       to->option, problem->reason, problem->remedy);
}

/* Says why some statistics could not be made exact. */
static void log_estimates(const struct csvr_summary *summary, const struct csvr_inputs *inputs,
			  const struct csvr_parse_options *parse, const char *option,
			  enum csvr_exit exit_status, struct csvr_log *log)
{
	struct problem_log to = { .option = option, .exit_status = exit_status, .log = log };
	visit_problems(summary, inputs, parse, log_estimate, &to);
}

/* Says that there are several tables. The report for people says so itself. */
static void log_tables(const struct csvr_outcome *outcome, enum csvr_format format,
		       struct csvr_log *log)
{
	if (outcome->n_tables > 1 && format != CSVR_FORMAT_STATE && format != CSVR_FORMAT_TABLE)
		csvr_log_error(
			log, CSVR_EXIT_COMPLETE,
			"%zu files hold %zu tables; --tables=one merges them by column names",
			outcome->n_with_header, outcome->n_tables);
}

/* Whether the results are worth a report. The state of a shard always is: if it has no input, or failed
 * ones only, the run that merges the shards must know. */
static bool has_results(const struct csvr_outcome *outcome, const struct csvr_settings *settings)
{
	if (settings->report.format != CSVR_FORMAT_STATE)
		return outcome->n_read > 0;
	return outcome->n_read > 0 || outcome->n_partial > 0 || outcome->n_bad == 0 ||
	       settings->shard.count > 1;
}

void csvr_outcome_log_data(const struct csvr_summary *summary, const struct csvr_inputs *inputs,
			   const struct csvr_options *options, struct csvr_log *log)
{
	const struct csvr_settings *settings = &options->settings;
	const struct csvr_outcome outcome = csvr_summary_outcome(summary);
	const bool is_readable = has_results(&outcome, settings);
	const bool violates_strict = options->is_strict &&
				     (outcome.n_bad > 0 ||
				      has_violation(summary, inputs, &settings->parse, log));
	const bool has_report = is_readable && !violates_strict;
	log_failures(summary, inputs, outcome.n_bad,
		     has_report ? CSVR_EXIT_INCOMPLETE : CSVR_EXIT_NO_REPORT, log);
	if (!is_readable && outcome.n_partial > 0) {
		log_problems(summary, inputs, &settings->parse, is_incompleteness,
			     CSVR_EXIT_NO_REPORT, log);
		csvr_log_error(log, CSVR_EXIT_NO_REPORT,
			       "no file is complete in the given states; no report");
	} else if (!is_readable) {
		csvr_log_error(log, CSVR_EXIT_NO_REPORT, "no input could be read; no report");
	}
	if (violates_strict && outcome.n_read > 0) {
		log_problems(summary, inputs, &settings->parse, is_violation, CSVR_EXIT_NO_REPORT,
			     log);
		csvr_log_error(log, CSVR_EXIT_NO_REPORT,
			       "--strict: the data has problems; no report");
	}
	if (!has_report)
		return;
	if (outcome.n_bad > 0)
		csvr_log_error(log, CSVR_EXIT_INCOMPLETE, "incomplete %s: %zu file%s left out",
			       settings->report.format == CSVR_FORMAT_STATE ? "state" : "report",
			       outcome.n_bad, outcome.n_bad == 1 ? "" : "s");
	if (outcome.n_inexact > 0)
		log_estimates(summary, inputs, &settings->parse,
			      settings->refine != NULL ? "--refine" : "--exact",
			      outcome.has_changed ? CSVR_EXIT_INCOMPLETE : CSVR_EXIT_COMPLETE, log);
	if (settings->is_partial)
		log_problems(summary, inputs, &settings->parse, is_incompleteness,
			     CSVR_EXIT_INCOMPLETE, log);
	log_other_names(summary, inputs, settings, log);
	log_tables(&outcome, settings->report.format, log);
	/* Of a state nothing is known about columns: other states may have them. */
	if (settings->report.format != CSVR_FORMAT_STATE)
		log_selections(summary, &settings->parse, log);
}
