/* exec_remote.c - going on as the program that reads what is on other machines */
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

/* ---- is there an url? ---- */

/* Copies all of standard input, which can be read only once, to a file without a name, and puts that in
 * its place. False: it could not be, and is as it was if nothing had been read. */
static bool keep_standard_input(void)
{
	FILE *copy = tmpfile();
	char bytes[65536];
	ssize_t n = -1;
	if (copy == NULL)
		return false;
	while ((n = csvr_io_read(STDIN_FILENO, bytes, sizeof bytes)) > 0)
		if (fwrite(bytes, 1, (size_t)n, copy) != (size_t)n)
			break;
	const bool is_kept = n == 0 && fflush(copy) == 0 && lseek(fileno(copy), 0, SEEK_SET) == 0 &&
			     dup2(fileno(copy), STDIN_FILENO) == STDIN_FILENO;
	fclose(copy);
	return is_kept;
}

/* The first url in the rest of a stream, to be freed; NULL: there is none. */
static char *find_line(FILE *stream, int end)
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

/* The same for the list on standard input, which is put back to where it was. */
static char *find_in_standard_input(int end, struct csvr_log *log)
{
	off_t start = lseek(STDIN_FILENO, 0, SEEK_CUR);
	if (start < 0 && errno == ESPIPE) {
		if (!keep_standard_input()) {
			csvr_log_error(log, CSVR_EXIT_NO_REPORT,
				       "-: the list cannot be copied to a temporary file: %s",
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
		return NULL; /* whoever reads the list will say why */
	}
	char *line = find_line(stream, end);
	(void)lseek(fd, start, SEEK_SET);
	fclose(stream);
	return line;
}

static char *find_in_list(const char *list, int end, struct csvr_log *log)
{
	struct stat status;
	if (strcmp(list, "-") == 0)
		return find_in_standard_input(end, log);
	if (stat(list, &status) != 0 || !S_ISREG(status.st_mode))
		return NULL;
	FILE *stream = fopen(list, "r");
	char *line = stream != NULL ? find_line(stream, end) : NULL;
	if (stream != NULL)
		fclose(stream);
	return line;
}

static char *find_url(const struct csvr_options *options, struct csvr_log *log)
{
	const int end = options->is_null_separated ? '\0' : '\n';
	char *found = NULL;
	for (size_t i = 0; i < options->paths.n_words && found == NULL; i++)
		if (csvr_is_url(options->paths.words[i], strlen(options->paths.words[i])))
			found = strdup(options->paths.words[i]);
	for (size_t i = 0; i < options->lists.n_words && found == NULL; i++)
		found = find_in_list(options->lists.words[i], end, log);
	return found;
}

/* ---- the other program ---- */

/* Becomes the program in `directory`, unless that is this one under another name. Returns 0 if there is
 * none, else the errno why it cannot be started. */
static int become(const char *directory, size_t n_directory, char **argv)
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

/* Beside this program first: they are installed together. */
static int look_beside(char **argv)
{
	char own[PATH_MAX];
	const ssize_t n = readlink("/proc/self/exe", own, sizeof own);
	if (n <= 0)
		return 0;
	size_t n_directory = (size_t)n;
	while (n_directory > 0 && own[n_directory - 1] != '/')
		n_directory--;
	return n_directory > 0 ? become(own, n_directory - 1, argv) : 0;
}

static int look_in_path(char **argv)
{
	const char *at = getenv("PATH");
	int failure = 0;
	while (at != NULL && *at != '\0') {
		const size_t n = strcspn(at, ":");
		const int error = become(at, n, argv);
		if (failure == 0)
			failure = error;
		at += n + (at[n] == ':');
	}
	return failure;
}

/* Says something about an url, without secrets in it. */
static void say_at(const char *url, const char *text, struct csvr_log *log)
{
	char *shown = csvr_url_redacted(url);
	csvr_log_error_at(log, CSVR_EXIT_USAGE, shown != NULL ? shown : "an address", 0, "%s",
			  text);
	free(shown);
}

void csvr_reject_url(const char *url, struct csvr_log *log)
{
	say_at(url, "this program reads only what is on this machine; use csv-report-remote", log);
}

bool csvr_exec_remote(const struct csvr_options *options, char **argv, struct csvr_log *log)
{
	char *url = find_url(options, log);
	if (url == NULL)
		return log->worst != CSVR_EXIT_NO_REPORT;
	const int beside = look_beside(argv), in_path = look_in_path(argv);
	if (beside != 0 || in_path != 0)
		csvr_log_error(log, CSVR_EXIT_NO_REPORT, "%s cannot be started: %s", program_name,
			       strerror(beside != 0 ? beside : in_path));
	else
		say_at(url,
		       "needs csv-report-remote, which is neither beside csv-report nor in PATH; build "
		       "it where configure finds libcurl and expat, or copy the data to this machine",
		       log);
	free(url);
	return false;
}
