/* program.c - options and inputs in, one report out: what all programs do */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/program.h"

#include "base/escape.h"
#include "base/io.h"
#include "base/number_format.h"
#include "base/version.h"
#include "cli/checkpoint.h"
#include "cli/diagnostics.h"
#include "cli/exec_remote.h"
#include "cli/launcher.h"
#include "cli/log.h"
#include "cli/options.h"
#include "cli/output_file.h"
#include "cli/progress.h"
#include "cli/signals.h"
#include "csvreport.h"
#include "csvreport_perf.h"
#include "input/inputs.h"
#include "input/remote_ops.h"
#include "report/problems.h"

/* ---- what is not a run ---- */

/* "kernels: avx512 avx2 scalar (avx2 is used; not on this CPU: avx512)"; `used` NULL: the best. */
static void write_kernels(const char *used, FILE *stream)
{
	const char *name;
	bool is_usable, is_any_unusable = false;
	fputs("kernels:", stream);
	for (size_t k = 0; (name = csvr_kernel_name(k, &is_usable)) != NULL; k++) {
		fprintf(stream, " %s", name);
		is_any_unusable |= !is_usable;
		if (used == NULL && is_usable)
			used = name;
	}
	fprintf(stream, " (%s is used", used != NULL ? used : "none");
	if (is_any_unusable)
		fputs("; not on this CPU:", stream);
	for (size_t k = 0; (name = csvr_kernel_name(k, &is_usable)) != NULL; k++)
		if (!is_usable)
			fprintf(stream, " %s", name);
	fputs(")\n", stream);
}

/* "compressed inputs: gzip (ISA-L, zlib), no zstd, ..." */
static void write_compressions(FILE *stream)
{
	const char *name, *libraries;
	fputs("compressed inputs:", stream);
	for (size_t i = 0; (name = csvr_compression_name(i, &libraries)) != NULL; i++)
		if (libraries != NULL)
			fprintf(stream, "%s %s (%s)", i > 0 ? "," : "", name, libraries);
		else
			fprintf(stream, "%s no %s", i > 0 ? "," : "", name);
	fputc('\n', stream);
}

static void write_version(const struct csvr_options *options, const struct csvr_program *program,
			  FILE *stream)
{
	fprintf(stream, "csv-report %s\n", CSVR_VERSION_STRING);
	const char *const flamegraph = csvr_profile_is_supported()
					       ? "flamegraph"
					       : "no flamegraph (without libbacktrace)";
#ifdef _OPENMP
	fprintf(stream, "features: OpenMP (%d)", _OPENMP);
#else
	fputs("features: no OpenMP (one thread)", stream);
#endif
	fprintf(stream, ", %s, %s, %s\n", program->mpi, program->remote, flamegraph);
	write_compressions(stream);
	write_kernels(options->settings.tuning.kernel, stream);
#if defined __clang__
	fprintf(stream, "compiler: clang %d.%d.%d\n", __clang_major__, __clang_minor__,
		__clang_patchlevel__);
#elif defined __GNUC__
	fprintf(stream, "compiler: gcc %s\n", __VERSION__);
#else
	fputs("compiler: unknown\n", stream);
#endif
}

static void write_text(const struct csvr_options *options, const struct csvr_program *program,
		       struct csvr_log *log)
{
	struct csvr_output output;
	if (!csvr_output_init(&output, NULL, "no report", CSVR_EXIT_NO_REPORT, log) ||
	    !csvr_output_open(&output))
		return;
	if (options->action == CSVR_ACTION_VERSION)
		write_version(options, program, output.stream);
	else
		csvr_options_write(options->action, output.stream);
	csvr_output_close(&output, ferror(output.stream) ? CSVR_IO_ERROR : CSVR_OK);
	csvr_output_clear(&output);
}

/* ---- inputs ---- */

static bool has_globs(const struct csvr_walk_options *walk)
{
	return walk->include.n_words > 0 || walk->exclude.n_words > 0;
}

/* Adds one path. A directory that holds nothing for a walk may be a slip, so it is named; if it is
 * all there is, the message about that will do. Errors: CSVR_NO_MEMORY; CSVR_INVALID_OPTION, and said. */
static enum csvr_status add_path(struct csvr_inputs *inputs, const struct csvr_options *options,
				 const char *path, struct csvr_log *log)
{
	const struct csvr_walk_options *walk = &options->settings.walk;
	const bool is_alone = options->paths.n_words == 1 && options->lists.n_words == 0;
	const size_t n_before = csvr_inputs_count(inputs);
	if (inputs->remote == NULL && csvr_is_url(path, strlen(path))) {
		csvr_reject_url(path, log);
		return CSVR_INVALID_OPTION;
	}
	const enum csvr_status status = csvr_inputs_add(inputs, path, walk);
	if (status == CSVR_OK && csvr_inputs_count(inputs) == n_before && !is_alone)
		csvr_log_error_at(log, CSVR_EXIT_COMPLETE, path, 0, "%s",
				  walk->max_depth == 0
					  ? "--max-depth=0 takes nothing from a directory"
				  : has_globs(walk)
					  ? "no file in it matches --include and --exclude"
					  : "no *.csv or *.tsv file in it");
	return status;
}

static void say_list_too_long(struct csvr_log *log)
{
	csvr_log_error(
		log, CSVR_EXIT_NO_REPORT,
		"out of memory while the inputs were listed: no report; name fewer of them, and merge "
		"their states");
}

/* A stream's read function; libc's own takes an interrupted call for the end of a list. */
static ssize_t read_list(void *context, char *buffer, size_t n_bytes)
{
	const int *fd = context;
	return csvr_io_read(*fd, buffer, n_bytes);
}

/* Adds the paths that a list holds. A list names files, so `-` is one of that name there. */
static bool add_list(struct csvr_inputs *inputs, const struct csvr_options *options,
		     const char *list, struct csvr_log *log)
{
	const bool is_standard = strcmp(list, "-") == 0;
	int fd = is_standard ? STDIN_FILENO : open(list, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	FILE *stream = fd >= 0 ? fopencookie(&fd, "r", (cookie_io_functions_t){ .read = read_list })
			       : NULL;
	char *path = NULL;
	size_t room = 0;
	ssize_t length = -1;
	enum csvr_status status = CSVR_OK;
	const int end = options->is_null_separated ? '\0' : '\n';
	while (stream != NULL && status == CSVR_OK &&
	       (length = getdelim(&path, &room, end, stream)) >= 0) {
		if (length > 0 && path[length - 1] == end)
			path[--length] = '\0';
		if (strlen(path) != (size_t)length) {
			csvr_log_error_at(
				log, CSVR_EXIT_NO_REPORT, list, 0,
				"a path holds a NUL byte; give --null if they end in one");
			goto out;
		}
		if (length > 0)
			status = add_path(inputs, options, strcmp(path, "-") == 0 ? "./-" : path,
					  log);
	}
	if (status == CSVR_NO_MEMORY)
		say_list_too_long(log);
	else if (status == CSVR_OK && (stream == NULL || !feof(stream)))
		csvr_log_error_at(log, CSVR_EXIT_NO_REPORT, list, 0, "cannot be read: %s",
				  strerror(errno));
out:
	free(path);
	if (stream != NULL)
		(void)fclose(stream);
	if (fd >= 0 && !is_standard)
		(void)close(fd);
	return log->worst == CSVR_EXIT_COMPLETE;
}

/* Launchers give standard input to one of several processes or to each, as they please; a list may come
 * from there, for the first one reads it. */
static bool has_only_files(const struct csvr_options *options, struct csvr_log *log)
{
	static const char *const names[] = { "-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0" };
	bool is_standard = options->paths.n_words == 0 && options->lists.n_words == 0 &&
			   !isatty(STDIN_FILENO);
	for (size_t i = 0; i < options->paths.n_words; i++)
		for (size_t k = 0; k < sizeof names / sizeof names[0]; k++)
			is_standard |= strcmp(options->paths.words[i], names[k]) == 0;
	if (is_standard)
		csvr_log_error(
			log, CSVR_EXIT_USAGE,
			"several processes cannot read standard input together; name a file or a "
			"directory, or use csv-report");
	return !is_standard;
}

static bool collect(struct csvr_inputs *inputs, const struct csvr_options *options,
		    struct csvr_log *log)
{
	const struct csvr_walk_options *walk = &options->settings.walk;
	enum csvr_status status = CSVR_OK;
	if (options->paths.n_words == 0 && options->lists.n_words == 0) {
		if (isatty(STDIN_FILENO)) {
			csvr_log_raw(log, CSVR_EXIT_USAGE, csvr_short_usage);
			return false;
		}
		status = csvr_inputs_add(inputs, "-", walk);
	}
	for (size_t i = 0; i < options->paths.n_words && status == CSVR_OK; i++)
		status = add_path(inputs, options, options->paths.words[i], log);
	if (status == CSVR_NO_MEMORY)
		say_list_too_long(log);
	if (status != CSVR_OK)
		return false;
	for (size_t i = 0; i < options->lists.n_words; i++)
		if (!add_list(inputs, options, options->lists.words[i], log))
			return false;
	if (csvr_inputs_count(inputs) == 0)
		csvr_log_error(
			log, CSVR_EXIT_NO_REPORT,
			"nothing to read: %s; names that begin with a dot are skipped",
			walk->max_depth == 0 ? "--max-depth=0 takes nothing from a directory"
			: has_globs(walk)
				? "no file matches --include and --exclude"
				: "a walk takes files named *.csv and *.tsv (--include=GLOB: others)");
	return csvr_inputs_count(inputs) > 0;
}

/* ---- after the run ---- */

static void say_how(const struct csvr_run_info *info, const struct csvr_shard *shard,
		    const struct csvr_comm *comm, struct csvr_log *log)
{
	char size[CSVR_NUMBER_TEXT_BYTES];
	if (comm != NULL)
		csvr_log_error(log, CSVR_EXIT_COMPLETE,
			       "processes: %d; what follows is of the first", comm->count);
	csvr_number_size(info->size_bytes, size);
	csvr_log_error(log, CSVR_EXIT_COMPLETE, "threads: %d, from %s", info->n_threads,
		       info->threads_from);
	csvr_log_error(log, CSVR_EXIT_COMPLETE, "kernel: %s", info->kernel);
	csvr_log_error(log, CSVR_EXIT_COMPLETE, "work: %zu unit%s from %zu input%s, %s as listed",
		       info->n_units, info->n_units == 1 ? "" : "s", info->n_inputs,
		       info->n_inputs == 1 ? "" : "s", size);
	if (shard->count > 1)
		csvr_log_error(log, CSVR_EXIT_COMPLETE, "share: %u of %u", (unsigned)shard->index,
			       (unsigned)shard->count);
	if (info->n_states > 0)
		csvr_log_error(log, CSVR_EXIT_COMPLETE, "states: %zu merged", info->n_states);
}

static void say_failures(const struct csvr_summary *summary, const struct csvr_inputs *inputs,
			 size_t n_bad, enum csvr_exit cost, struct csvr_log *log)
{
	for (size_t i = 0; i < n_bad; i++) {
		struct csvr_error error;
		const char *path = csvr_summary_failure(summary, inputs, i, &error);
		const size_t length = strlen(path);
		const bool ends_in_cr = length > 0 && path[length - 1] == '\r';
		csvr_log_error_at(log, cost, path, error.line, "%s%s", error.message,
				  ends_in_cr
					  ? "; its name ends in a carriage return; does the list "
					    "have CRLF line ends?"
					  : "");
	}
}

/* Whether an item of --select is a range such as 7-3, with or without ! in front. */
static bool is_backwards(const char *item, unsigned long *first, unsigned long *last)
{
	static const char digits[] = "0123456789";
	item += item[0] == '!';
	const size_t n_before = strspn(item, digits);
	if (n_before == 0 || n_before > 9 || item[n_before] != '-')
		return false;
	const char *behind = item + n_before + 1;
	const size_t n_behind = strspn(behind, digits);
	if (n_behind == 0 || n_behind > 9 || behind[n_behind] != '\0')
		return false;
	*first = strtoul(item, NULL, 10);
	*last = strtoul(behind, NULL, 10);
	return *first > *last;
}

/* Items of --select that matched nothing: a slip if some did, wrong usage if none did. A range that
 * is backwards can match nothing, but it may be the name of a column, so it is told only now. */
static void say_unselected(const struct csvr_summary *summary,
			   const struct csvr_string_list *select, struct csvr_log *log)
{
	size_t n_wanted = 0, n_unmatched = 0;
	for (size_t i = 0; i < select->n_words; i++) {
		const bool is_wanted = select->word[i][0] != '!';
		n_wanted += is_wanted;
		n_unmatched += is_wanted && !csvr_summary_is_matched(summary, i);
	}
	const bool is_all = n_wanted > 0 && n_unmatched == n_wanted;
	for (size_t i = 0; i < select->n_words; i++) {
		const char *item = select->word[i];
		unsigned long first, last;
		if (csvr_summary_is_matched(summary, i))
			continue;
		if (is_backwards(item, &first, &last))
			csvr_log_error(
				log, CSVR_EXIT_USAGE,
				"--select=%s: no file has a column of that name, and as a range "
				"it is backwards; write %lu-%lu",
				item, last, first);
		else
			csvr_log_error(log, is_all ? CSVR_EXIT_USAGE : CSVR_EXIT_INCOMPLETE,
				       "--select=%s: no file has such a column", item);
	}
	if (is_all)
		csvr_log_error(log, CSVR_EXIT_USAGE,
			       "--select: nothing to report; a run without it lists the columns");
}

/* A problem in the words of the report, to be freed; NULL: no memory. */
static char *describe(const struct csvr_problems *problems, const struct csvr_problem *problem)
{
	char *text = NULL;
	size_t n_bytes = 0;
	FILE *stream = open_memstream(&text, &n_bytes);
	if (stream == NULL)
		return NULL;
	csvr_problem_describe(problems, problem, csvr_escape_plain, stream);
	fclose(stream);
	return text;
}

/* Says what the report, or --strict, finds wrong with the whole: the problems from `first` to `last`,
 * each with its first place if it has one. */
static void say_problems(const struct csvr_summary *summary, const struct csvr_inputs *inputs,
			 enum csvr_problem_kind first, enum csvr_problem_kind last,
			 enum csvr_exit cost, struct csvr_log *log)
{
	struct csvr_problems problems;
	if (csvr_problems_collect(&problems, summary, inputs) != CSVR_OK)
		csvr_log_error(log, CSVR_EXIT_NO_REPORT, "out of memory: no report");
	for (size_t i = 0; i < problems.n_items; i++) {
		const struct csvr_problem *problem = &problems.items[i];
		if (problem->kind < first || problem->kind > last)
			continue;
		char count[CSVR_NUMBER_TEXT_BYTES];
		char *text = describe(&problems, problem);
		const char *said = text != NULL ? text : csvr_problem_name(problem->kind);
		csvr_number_count(problem->n, count);
		if (problem->path != NULL)
			csvr_log_error_at(log, cost, problem->path, problem->line,
					  "%s %s, the first here", count, said);
		else
			csvr_log_error(log, cost, "%s %s", count, said);
		free(text);
	}
	csvr_problems_clear(&problems);
}

/* Whether there is anything to write. The state of a share may be empty, or name nothing but bad
 * files: the run that merges all shares has to know. */
static bool is_anything(const struct csvr_outcome *outcome, const struct csvr_settings *settings)
{
	if (settings->report.format != CSVR_FORMAT_STATE)
		return outcome->n_read > 0;
	return outcome->n_read > 0 || outcome->n_partial > 0 || outcome->n_bad == 0 ||
	       settings->shard.count > 1;
}

/* Says what went wrong with the data; of columns that are missing only a report can speak, for other
 * states may have them; whether there is a report to write is the worst status. */
static void judge(const struct csvr_summary *summary, const struct csvr_inputs *inputs,
		  const struct csvr_options *options, struct csvr_log *log)
{
	const struct csvr_outcome outcome = csvr_summary_outcome(summary);
	const bool is_strict_broken = options->is_strict &&
				      (outcome.n_bad > 0 || outcome.n_ragged > 0 ||
				       outcome.n_invalid > 0);
	const bool is_lost = !is_anything(&outcome, &options->settings) || is_strict_broken;
	say_failures(summary, inputs, outcome.n_bad,
		     is_lost ? CSVR_EXIT_NO_REPORT : CSVR_EXIT_INCOMPLETE, log);
	if (!is_anything(&outcome, &options->settings))
		csvr_log_error(log, CSVR_EXIT_NO_REPORT, "no input could be read, no report");
	if (is_strict_broken && outcome.n_read > 0) {
		say_problems(summary, inputs, CSVR_PROBLEM_SHORT_ROWS, CSVR_PROBLEM_INVALID_CELLS,
			     CSVR_EXIT_NO_REPORT, log);
		csvr_log_error(log, CSVR_EXIT_NO_REPORT, "--strict: no report");
	}
	if (is_lost)
		return;
	if (options->settings.is_partial)
		say_problems(summary, inputs, CSVR_PROBLEM_MISSING_SHARDS,
			     CSVR_PROBLEM_UNREAD_INPUTS, CSVR_EXIT_INCOMPLETE, log);
	if (options->settings.report.format != CSVR_FORMAT_STATE)
		say_unselected(summary, &options->settings.reading.select, log);
}

static enum csvr_status write_result(const struct csvr_summary *summary,
				     const struct csvr_inputs *inputs,
				     const struct csvr_settings *settings, FILE *stream)
{
	return settings->report.format == CSVR_FORMAT_STATE
		       ? csvr_state_write(summary, inputs, settings, stream)
		       : csvr_report_write(summary, inputs, settings, stream);
}

/* What the run went on from. */
static void say_resumed(const struct csvr_run_info *info, const char *path, struct csvr_log *log)
{
	char size[CSVR_NUMBER_TEXT_BYTES];
	if (!info->is_resumed)
		return;
	csvr_number_size(info->resumed_bytes, size);
	csvr_log_error_at(log, CSVR_EXIT_COMPLETE, path, 0,
			  "going on from here: %s need not be read again", size);
	if (info->n_changed > 0)
		csvr_log_error_at(
			log, CSVR_EXIT_COMPLETE, path, 0,
			"%zu of %zu inputs in it changed since or are gone: what is there is read "
			"again",
			info->n_changed, info->n_resumed);
}

/* The run ended early. */
static void say_stopped(const struct csvr_checkpoint *checkpoint, struct csvr_log *log)
{
	if (checkpoint->path == NULL)
		csvr_log_error(log, CSVR_EXIT_INTERRUPTED, "ended by %s: no report",
			       csvr_signals_stop_reason());
	else if (checkpoint->is_saved)
		csvr_log_error_at(
			log, CSVR_EXIT_INTERRUPTED, checkpoint->path, 0,
			"ended by %s: progress is saved, and the same command goes on from there",
			csvr_signals_stop_reason());
	else
		csvr_log_error_at(
			log, CSVR_EXIT_NO_REPORT, checkpoint->path, 0,
			"ended by %s, and progress could not be saved: no report; what was saved "
			"before, if anything, is still there to go on from",
			csvr_signals_stop_reason());
}

/* What a run needs, as far as it is there; each process has its own. */
struct session {
	struct csvr_options *options;
	struct csvr_log *log;
	const struct csvr_program *program;
	const struct csvr_comm *comm; /* NULL: alone */
	struct csvr_inputs *inputs;
	struct csvr_remote *remote; /* once there is an url among the inputs */
	struct csvr_summary *summary;
	struct csvr_run_hooks hooks;
	struct csvr_progress progress;
	struct csvr_diagnostics measure;
	struct csvr_checkpoint checkpoint;
	struct csvr_output output;
};

static bool is_first(const struct session *session)
{
	return session->comm == NULL || session->comm->rank == 0;
}

/* All that can go wrong before the work begins; only the first process sees to it. */
static bool prepare(struct session *session)
{
	struct csvr_options *options = session->options;
	struct csvr_log *log = session->log;
	struct csvr_output *output = &session->output;
	const bool is_measured = csvr_diagnostics_start(&session->measure, options, &session->hooks,
							log);
	if (!csvr_output_init(output, options->output, "no report", CSVR_EXIT_NO_REPORT, log) ||
	    !is_measured || !csvr_checkpoint_init(&session->checkpoint, options, output, log))
		return false;
	if (csvr_output_is_same(output, &session->measure.graph)) {
		csvr_log_error(log, CSVR_EXIT_USAGE,
			       "--flamegraph=%s: the report goes there; name another file",
			       options->flamegraph);
		return false;
	}
	if (options->settings.report.format == CSVR_FORMAT_STATE && output->path == NULL &&
	    isatty(STDOUT_FILENO)) {
		csvr_log_error(log, CSVR_EXIT_USAGE,
			       "--format=state: it is no text for a terminal; give --output=FILE");
		return false;
	}
	csvr_output_detect_terminal(output, &options->settings.report);
	if (session->comm != NULL && !has_only_files(options, log))
		return false;
	return collect(session->inputs, options, log);
}

/* Whether the first process is ready; the others must be. */
static bool all_go(const struct csvr_comm *comm, bool is_ready)
{
	unsigned char ready = is_ready, *word = comm->rank == 0 ? &ready : NULL;
	size_t n_bytes = comm->rank == 0;
	if (comm->rank > 0 && !is_ready)
		comm->abort_all(comm->context, NULL);
	const bool is_good = comm->broadcast(comm->context, &word, &n_bytes) == CSVR_OK &&
			     n_bytes == 1 && *word != 0;
	if (comm->rank > 0)
		free(word);
	return is_good;
}

/* The report is the same, but it took longer. */
static void say_refused(const struct csvr_run_info *info, struct csvr_log *log)
{
	if (info->n_threads_failed > 0)
		csvr_log_error(
			log, CSVR_EXIT_COMPLETE,
			"the system does not start %d threads (see ulimit -u, ulimit -v): %d did all "
			"the work",
			info->n_threads + info->n_threads_failed, info->n_threads);
}

static bool work(struct session *session)
{
	struct csvr_options *options = session->options;
	struct csvr_log *log = session->log;
	struct csvr_error error = { .status = CSVR_OK };
	session->hooks.stop_flag = csvr_signals_stop_flag();
	session->hooks.on_stop_polled = csvr_signals_set_polled;
	if (session->checkpoint.path != NULL)
		session->hooks.checkpoint = &session->checkpoint.hooks;
	csvr_progress_open(&session->progress, options->progress, options->progress_s, log);
	csvr_signals_guard_exit(true);
	const enum csvr_status status = csvr_run(&options->settings, session->inputs,
						 &session->hooks, &session->summary, &error);
	csvr_signals_guard_exit(false);
	csvr_progress_close(&session->progress);
	say_refused(&session->hooks.info, log);
	if (status == CSVR_OK || status == CSVR_INTERRUPTED)
		say_resumed(&session->hooks.info, options->checkpoint, log);
	if (status == CSVR_INTERRUPTED)
		say_stopped(&session->checkpoint, log);
	else if (status == CSVR_NO_MEMORY)
		csvr_log_error(log, CSVR_EXIT_NO_REPORT,
			       "out of memory: no report; --threads=1 needs least of it");
	else if (status != CSVR_OK)
		csvr_log_error(log,
			       status == CSVR_INVALID_OPTION ? CSVR_EXIT_USAGE
							     : CSVR_EXIT_NO_REPORT,
			       "%s", error.message);
	return status == CSVR_OK;
}

static void report(struct session *session)
{
	struct csvr_options *options = session->options;
	struct csvr_log *log = session->log;
	struct csvr_output *output = &session->output;
	if (options->settings.report.verbose)
		say_how(&session->hooks.info, &options->settings.shard, session->comm, log);
	judge(session->summary, session->inputs, options, log);
	if (log->worst != CSVR_EXIT_COMPLETE && log->worst != CSVR_EXIT_INCOMPLETE)
		return;
	/* Once a file is in its place a signal has nothing left to end. */
	const bool is_file = output->target != NULL;
	if (is_file)
		csvr_signals_defer();
	if (csvr_output_open(output) &&
	    csvr_output_close(output, write_result(session->summary, session->inputs,
						   &options->settings, output->stream)) &&
	    !output->is_unread) {
		csvr_checkpoint_remove(&session->checkpoint);
		csvr_signals_disarm();
	}
	if (is_file)
		csvr_signals_undefer();
}

/* Also where all arguments are paths: a saved state may name an url of which some bytes must be read
 * again. */
static bool connect_inputs(struct session *session)
{
	struct csvr_error error = { .status = CSVR_OK };
	if (session->program->connect == NULL)
		return true;
	const enum csvr_status status = session->program->connect(session->options->connections,
								  &session->remote, &error);
	session->inputs->remote = session->remote;
	if (status != CSVR_OK)
		csvr_log_error(session->log,
			       status == CSVR_INVALID_OPTION ? CSVR_EXIT_USAGE
							     : CSVR_EXIT_NO_REPORT,
			       "%s", error.message);
	return status == CSVR_OK;
}

static void run(struct csvr_options *options, const struct csvr_program *program,
		struct csvr_log *log)
{
	const struct csvr_comm *comm = program->comm;
	struct session session = {
		.options = options, .log = log, .program = program, .comm = comm
	};
	session.hooks = (struct csvr_run_hooks){ .progress = csvr_progress_show,
						 .context = &session.progress,
						 .comm = comm };
	csvr_signals_install(options->checkpoint != NULL, log->is_silent, csvr_time_limit(options));
	bool is_ready = csvr_inputs_new(&session.inputs) == CSVR_OK;
	if (!is_ready)
		csvr_log_error(log, CSVR_EXIT_NO_REPORT, "out of memory: no report");
	else if (is_first(&session))
		is_ready = connect_inputs(&session) && prepare(&session);
	if (comm != NULL)
		is_ready = all_go(comm, is_ready);
	if (is_ready && work(&session) && is_first(&session))
		report(&session);
	if (is_first(&session) && session.measure.options != NULL) {
		csvr_output_clear(&session.output);
		csvr_diagnostics_finish(&session.measure, session.inputs,
					session.summary != NULL &&
						csvr_summary_outcome(session.summary).n_read > 0);
	}
	csvr_summary_free(session.summary);
	csvr_inputs_free(session.inputs);
	if (session.remote != NULL)
		program->disconnect(session.remote);
}

/* ---- who runs it ---- */

static void put_quoted(const char *word, FILE *stream)
{
	if (word[0] != '\0' && strpbrk(word, " \t\n'\"\\$*?[]&;|<>()!`#~{}") == NULL) {
		fputs(word, stream);
		return;
	}
	fputc('\'', stream);
	for (; *word != '\0'; word++)
		fputs(*word == '\'' ? "'\\''" : (char[]){ *word, '\0' }, stream);
	fputc('\'', stream);
}

/* The command line in one string, to be freed; what a shell would take apart is quoted. */
static char *join_command(int argc, char **argv)
{
	char *text = NULL;
	size_t n_bytes = 0;
	FILE *stream = open_memstream(&text, &n_bytes);
	if (stream == NULL)
		return NULL;
	for (int i = 0; i < argc; i++) {
		if (i > 0)
			fputc(' ', stream);
		/* No secret of an url gets into a report. */
		const bool is_url = csvr_is_url(argv[i], strlen(argv[i]));
		char *shown = is_url ? csvr_url_redacted(argv[i]) : NULL;
		put_quoted(!is_url ? argv[i] : shown != NULL ? shown : "?", stream);
		free(shown);
	}
	fclose(stream);
	return text;
}

/* "slurm 123", "pbs 123.server"; NULL outside a job. To be freed. */
static char *find_job(void)
{
	static const struct {
		const char *scheduler, *variable;
	} jobs[] = { { "slurm", "SLURM_JOB_ID" },
		     { "pbs", "PBS_JOBID" },
		     { "lsf", "LSB_JOBID" },
		     { "sge", "JOB_ID" } };
	for (size_t i = 0; i < sizeof jobs / sizeof jobs[0]; i++) {
		const char *id = getenv(jobs[i].variable);
		char *text = NULL;
		if (id != NULL && id[0] != '\0' &&
		    asprintf(&text, "%s %s", jobs[i].scheduler, id) >= 0)
			return text;
	}
	return NULL;
}

/* Several processes that do not know of each other each do all of the work. */
static void warn_of_copies(const struct csvr_options *options, struct csvr_log *log)
{
	const struct csvr_launcher_env launch = csvr_launcher_detect();
	if (launch.count > 1 && launch.number == 0 && options->settings.shard.count == 1)
		csvr_log_error(
			log, CSVR_EXIT_COMPLETE,
			"started %ld times, and each of them does all of the work: start one, or "
			"csv-report-mpi, or give each its --shard=I/N",
			launch.count);
}

int csvr_program_run(int argc, char **argv, const struct csvr_program *program)
{
	/* A reader that has seen enough (head, a pager) is no failure: writing then fails with EPIPE,
	 * which ends the run in silence. A file that grows past a limit is told by write() as well.
	 * Killed by either signal, the program would leave its temporary file behind. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	struct csvr_log log;
	struct csvr_options options;
	char host[256] = "";
	char *command = join_command(argc, argv), *job = find_job();
	csvr_log_init(&log);
	log.is_silent = program->comm != NULL && program->comm->rank > 0;
	if (gethostname(host, sizeof host - 1) != 0)
		host[0] = '\0';
	if (csvr_options_parse(&options, argc, argv, &log)) {
		options.settings.runner = (struct csvr_provenance){ command, host, job };
		const bool is_here = options.action != CSVR_ACTION_RUN ||
				     program->connect != NULL || program->comm != NULL ||
				     csvr_exec_remote(&options, argv, &log);
		if (options.action == CSVR_ACTION_RUN && is_here && program->comm == NULL)
			warn_of_copies(&options, &log);
		if (options.action == CSVR_ACTION_RUN && is_here)
			run(&options, program, &log);
		else if (options.action != CSVR_ACTION_RUN && !log.is_silent)
			write_text(&options, program, &log);
	}
	csvr_options_clear(&options);
	free(command);
	free(job);
	return (int)log.worst;
}
