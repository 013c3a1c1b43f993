/* exec_remote.c - replacing this process by csv-report-remote if an input is a URL */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "cli/exec_remote.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "input/inputs.h"

static const char program_name[] = "csv-report-remote";

/* ---- search for a URL ---- */

/* Replaces standard input, which can be read only once, by an unnamed temporary file with its contents.
 * On failure returns false; standard input is then unchanged if nothing could be read from it. */
static bool copy_standard_input(void)
{
	FILE *copy = tmpfile();
	char bytes[65536];
	ssize_t n = -1;
	if (copy == NULL)
		return false;
	while ((n = csvr_io_read(STDIN_FILENO, bytes, sizeof bytes)) > 0)
		if (fwrite(bytes, 1, (size_t)n, copy) != (size_t)n)
			break;
	const bool is_copied = n == 0 && fflush(copy) == 0 &&
			       lseek(fileno(copy), 0, SEEK_SET) == 0 &&
			       dup2(fileno(copy), STDIN_FILENO) == STDIN_FILENO;
	fclose(copy);
	return is_copied;
}

/* The first URL in the rest of a stream; the caller frees it. NULL: none. */
static char *find_in_stream(FILE *stream, int end)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t length;
	while ((length = getdelim(&line, &room, end, stream)) > 0) {
		if (line[length - 1] == end)
			line[--length] = '\0';
		if (csvr_is_url(line, (size_t)length))
			return line;
	}
	free(line);
	return NULL;
}

/* Searches the list on standard input, and restores its read position. */
static char *find_in_standard_input(int end, struct csvr_log *log)
{
	off_t start = lseek(STDIN_FILENO, 0, SEEK_CUR);
	if (start < 0 && errno == ESPIPE) {
		if (!copy_standard_input()) {
			csvr_log_error(log, CSVR_EXIT_NO_REPORT,
				       "-: cannot copy the list to a temporary file: %s",
				       strerror(errno));
			return NULL;
		}
		start = 0;
	}
	const int fd = start >= 0 ? dup(STDIN_FILENO) : -1;
	FILE *stream = fd >= 0 ? fdopen(fd, "r") : NULL;
	if (stream == NULL) {
		if (fd >= 0)
			(void)close(fd);
		return NULL; /* the error is reported when the list is read */
	}
	char *url = find_in_stream(stream, end);
	(void)lseek(fd, start, SEEK_SET);
	fclose(stream);
	return url;
}

static char *find_in_list(const char *list, int end, struct csvr_log *log)
{
	struct stat status;
	if (strcmp(list, "-") == 0)
		return find_in_standard_input(end, log);
	if (stat(list, &status) != 0 || !S_ISREG(status.st_mode))
		return NULL;
	FILE *stream = fopen(list, "r");
	char *url = stream != NULL ? find_in_stream(stream, end) : NULL;
	if (stream != NULL)
		fclose(stream);
	return url;
}

static char *find_url(const struct csvr_options *options, struct csvr_log *log)
{
	const int end = options->is_null_separated ? '\0' : '\n';
	char *url = NULL;
	for (size_t i = 0; i < options->paths.n_words && url == NULL; i++)
		if (csvr_is_url(options->paths.words[i], strlen(options->paths.words[i])))
			url = strdup(options->paths.words[i]);
	for (size_t i = 0; i < options->lists.n_words && url == NULL; i++)
		url = find_in_list(options->lists.words[i], end, log);
	return url;
}

/* ---- the other program ---- */

/* Executes the program in `directory`, unless it is this program under another name. Returns 0 if it
 * does not exist, otherwise the errno of execv. */
static int exec_from(const char *directory, size_t n_directory, char **argv)
{
	char path[PATH_MAX];
	struct stat own, other;
	if (n_directory == 0 || n_directory + 1 + sizeof program_name > sizeof path)
		return 0;
	memcpy(path, directory, n_directory);
	path[n_directory] = '/';
	memcpy(path + n_directory + 1, program_name, sizeof program_name);
	if (stat(path, &other) != 0 || (stat("/proc/self/exe", &own) == 0 &&
					own.st_dev == other.st_dev && own.st_ino == other.st_ino))
		return 0;
	(void)execv(path, argv);
	return errno;
}

/* The directory of this program comes first: both are installed together. */
static int exec_from_own_directory(char **argv)
{
	char own[PATH_MAX];
	const ssize_t n = readlink("/proc/self/exe", own, sizeof own);
	if (n <= 0)
		return 0;
	size_t n_directory = (size_t)n;
	while (n_directory > 0 && own[n_directory - 1] != '/')
		n_directory--;
	return n_directory > 0 ? exec_from(own, n_directory - 1, argv) : 0;
}

static int exec_from_path(char **argv)
{
	const char *at = getenv("PATH");
	int failure = 0;
	while (at != NULL && *at != '\0') {
		const size_t n = strcspn(at, ":");
		const int error = exec_from(at, n, argv);
		if (failure == 0)
			failure = error;
		at += n + (at[n] == ':');
	}
	return failure;
}

/* Logs a usage error about a URL, without the secrets in it. */
static void log_at_url(const char *url, const char *text, struct csvr_log *log)
{
	char *redacted = csvr_url_redacted(url);
	csvr_log_error_at(log, CSVR_EXIT_USAGE, redacted != NULL ? redacted : "a URL", 0, "%s",
			  text);
	free(redacted);
}

void csvr_reject_url(const char *url, struct csvr_log *log)
{
	log_at_url(url, "this program cannot read URLs; use csv-report-remote", log);
}

bool csvr_exec_remote(const struct csvr_options *options, char **argv, struct csvr_log *log)
{
	char *url = find_url(options, log);
	if (url == NULL)
		return log->worst != CSVR_EXIT_NO_REPORT;
	const int own_failure = exec_from_own_directory(argv), path_failure = exec_from_path(argv);
	if (own_failure != 0 || path_failure != 0)
		csvr_log_error(log, CSVR_EXIT_NO_REPORT, "cannot run %s: %s", program_name,
			       strerror(own_failure != 0 ? own_failure : path_failure));
	else
		log_at_url(
			url,
			"needs csv-report-remote, which is neither next to csv-report nor in "
			"PATH; build it with libcurl and expat, or copy the data to this machine",
			log);
	free(url);
	return false;
}
