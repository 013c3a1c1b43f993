/* collect_inputs.c - the inputs that the command line names: paths, lists of paths, standard input */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "cli/collect_inputs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "cli/exec_remote.h"
#include "input/inputs.h"

static bool has_globs(const struct csvr_walk_options *walk)
{
	return walk->include.n_words > 0 || walk->exclude.n_words > 0;
}

static bool is_only_path(const struct csvr_options *options)
{
	return options->paths.n_words == 1 && options->lists.n_words == 0;
}

/* What the last walk did not read because of its name, and the options that read the most frequent of it. They keep
 * the other files, if there are any. The caller frees the text; NULL: there are no such files, or out of memory. */
static char *describe_other_names(const struct csvr_inputs *inputs, bool is_empty)
{
	char *text = NULL;
	size_t n_bytes = 0;
	if (inputs->other_names.n_files == 0)
		return NULL;
	FILE *stream = open_memstream(&text, &n_bytes);
	if (stream == NULL)
		return NULL;
	const char *suffix = csvr_other_names_most_frequent(&inputs->other_names);
	const bool has_suffix = suffix[0] != '\0';
	const bool is_csv = strncmp(suffix, ".csv", 4) == 0 || strncmp(suffix, ".tsv", 4) == 0;
	fputs(is_empty ? ", but " : "", stream);
	csvr_other_names_write(&inputs->other_names, stream);
	fprintf(stream, "; to read %s files%s:", has_suffix ? suffix : "all",
		is_empty || !has_suffix ? "" : " too");
	if (!is_empty && has_suffix)
		fputs(" --include='*.[ct]sv*'", stream);
	if (is_empty || !is_csv)
		fprintf(stream, " --include='*%s'", suffix);
	fclose(stream);
	return text;
}

/* Logs that a walk found no files, or, if the user wants details, which other files it found. */
static void log_walk(const struct csvr_inputs *inputs, const struct csvr_options *options,
		     const char *path, bool is_empty, struct csvr_log *log)
{
	const struct csvr_walk_options *walk = &options->settings.walk;
	char *others = describe_other_names(inputs, is_empty);
	if (is_empty)
		csvr_log_error_at(log, CSVR_EXIT_COMPLETE, path, 0, "%s%s",
				  walk->max_depth == 0
					  ? "directory skipped because of --max-depth=0"
				  : has_globs(walk) ? "no file matches --include and --exclude"
						    : "no *.csv or *.tsv file in this directory",
				  others != NULL ? others : "");
	else if (others != NULL && options->settings.report.verbose)
		csvr_log_error_at(log, CSVR_EXIT_COMPLETE, path, 0, "%s", others);
	free(others);
}

/* Adds one path. A directory without files may be a mistake, so it is logged, unless it is the only
 * path: the message about a run without inputs is then enough. Errors: CSVR_NO_MEMORY;
 * CSVR_INVALID_OPTION, which is logged. */
static enum csvr_status add_path(struct csvr_inputs *inputs, const struct csvr_options *options,
				 const char *path, struct csvr_log *log)
{
	const struct csvr_walk_options *walk = &options->settings.walk;
	const size_t n_before = csvr_inputs_count(inputs);
	if (inputs->remote == NULL && csvr_is_url(path, strlen(path))) {
		csvr_reject_url(path, log);
		return CSVR_INVALID_OPTION;
	}
	const enum csvr_status status = csvr_inputs_add(inputs, path, walk);
	const bool is_empty = csvr_inputs_count(inputs) == n_before;
	if (status == CSVR_OK && !(is_empty && is_only_path(options)))
		log_walk(inputs, options, path, is_empty, log);
	return status;
}

static void log_no_memory(struct csvr_log *log)
{
	csvr_log_error(log, CSVR_EXIT_NO_REPORT,
		       "out of memory while listing the inputs; no report; read fewer of them per "
		       "run, and merge the states");
}

/* ---- lists ---- */

/* For fopencookie. The streams of fopen treat an interrupted read as an error, and the list would
 * end there. */
static ssize_t read_bytes(void *context, char *buffer, size_t n_bytes)
{
	const int *fd = context;
	return csvr_io_read(*fd, buffer, n_bytes);
}

/* Adds the paths of a list, and counts them. In a list `-` is a file of that name. On return errno says
 * why reading ended early, if `*is_read` is false. Errors: those of add_path; CSVR_INVALID_FILE, which is
 * logged. */
static enum csvr_status add_paths(struct csvr_inputs *inputs, const struct csvr_options *options,
				  const char *list, FILE *stream, bool *is_read, size_t *n_paths,
				  struct csvr_log *log)
{
	const int end = options->is_null_separated ? '\0' : '\n';
	enum csvr_status status = CSVR_OK;
	char *path = NULL;
	size_t room = 0;
	ssize_t length = -1;
	errno = 0;
	while (status == CSVR_OK && (length = getdelim(&path, &room, end, stream)) >= 0) {
		if (length > 0 && path[length - 1] == end)
			path[--length] = '\0';
		if (strlen(path) != (size_t)length) {
			csvr_log_error_at(
				log, CSVR_EXIT_NO_REPORT, list, 0,
				"a path contains a NUL byte; use --null if paths end in NUL");
			status = CSVR_INVALID_FILE;
		} else if (length > 0) {
			++*n_paths;
			status = add_path(inputs, options, strcmp(path, "-") == 0 ? "./-" : path,
					  log);
		}
	}
	const int reason = errno;
	*is_read = feof(stream) != 0;
	free(path);
	errno = reason;
	return status;
}

/* Logs that a list has no path. Returns whether the run may have other inputs. */
static bool may_be_empty(const struct csvr_options *options, const char *list, struct csvr_log *log)
{
	const bool is_only = options->paths.n_words == 0 && options->lists.n_words == 1;
	csvr_log_error_at(log, is_only ? CSVR_EXIT_NO_REPORT : CSVR_EXIT_COMPLETE, list, 0,
			  "the list of files is empty%s", is_only ? "; no report" : "");
	return !is_only;
}

static bool add_list(struct csvr_inputs *inputs, const struct csvr_options *options,
		     const char *list, struct csvr_log *log)
{
	const bool is_standard = strcmp(list, "-") == 0;
	int fd = is_standard ? STDIN_FILENO : open(list, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0) {
		csvr_log_error_at(log, CSVR_EXIT_NO_REPORT, list, 0, "cannot open: %s",
				  strerror(errno));
		return false;
	}
	FILE *stream = fopencookie(&fd, "r", (cookie_io_functions_t){ .read = read_bytes });
	bool is_read = false;
	size_t n_paths = 0;
	enum csvr_status status = CSVR_OK;
	if (stream != NULL)
		status = add_paths(inputs, options, list, stream, &is_read, &n_paths, log);
	if (status == CSVR_NO_MEMORY)
		log_no_memory(log);
	else if (status == CSVR_OK && !is_read)
		csvr_log_error_at(log, CSVR_EXIT_NO_REPORT, list, 0, "cannot read: %s",
				  strerror(errno));
	if (stream != NULL)
		(void)fclose(stream);
	if (!is_standard)
		(void)close(fd);
	return status == CSVR_OK && is_read && (n_paths > 0 || may_be_empty(options, list, log));
}

/* ---- all inputs ---- */

bool csvr_check_inputs_are_shared(const struct csvr_options *options, struct csvr_log *log)
{
	static const char *const names[] = { "-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0" };
	bool is_standard = options->paths.n_words == 0 && options->lists.n_words == 0 &&
			   !isatty(STDIN_FILENO);
	for (size_t i = 0; i < options->paths.n_words; i++)
		for (size_t k = 0; k < sizeof names / sizeof names[0]; k++)
			is_standard |= strcmp(options->paths.words[i], names[k]) == 0;
	if (is_standard)
		csvr_log_error(log, CSVR_EXIT_USAGE,
			       "standard input cannot be read by several processes; name files or "
			       "directories, or use csv-report");
	return !is_standard;
}

/* Names the directory and its other files if it is the only path; several were named as they were searched. */
static void log_no_inputs(const struct csvr_inputs *inputs, const struct csvr_options *options,
			  struct csvr_log *log)
{
	const struct csvr_walk_options *walk = &options->settings.walk;
	const bool is_only = is_only_path(options);
	char *others = is_only ? describe_other_names(inputs, true) : NULL;
	csvr_log_error_at(log, CSVR_EXIT_NO_REPORT, is_only ? options->paths.words[0] : NULL, 0,
			  "nothing to read: %s%s%s",
			  walk->max_depth == 0 ? "directories are skipped because of --max-depth=0"
			  : has_globs(walk)    ? "no file matches --include and --exclude"
					       : "no *.csv or *.tsv files found",
			  others != NULL         ? others
			  : has_globs(walk)      ? ""
			  : walk->max_depth != 0 ? " (use --include=GLOB for other names)"
						 : "",
			  walk->max_depth == 0 ? "" : "; hidden files are skipped");
	free(others);
}

bool csvr_collect_inputs(struct csvr_inputs *inputs, const struct csvr_options *options,
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
		log_no_memory(log);
	if (status != CSVR_OK)
		return false;
	for (size_t i = 0; i < options->lists.n_words; i++)
		if (!add_list(inputs, options, options->lists.words[i], log))
			return false;
	if (csvr_inputs_count(inputs) == 0)
		log_no_inputs(inputs, options, log);
	return csvr_inputs_count(inputs) > 0;
}
