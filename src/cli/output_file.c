/* output_file.c - the destination of a report */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "cli/output_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "cli/launcher.h"
#include "cli/signals.h"

enum { DEFAULT_WIDTH = 80, LEAST_WIDTH = 20, MOST_WIDTH = 10000, NAME_TRIES = 100 };

/* A file name has at most 255 bytes. */
enum { RANDOM_DIGITS = 16, MOST_NAME_BYTES = 200 };

/* Most reports fit, and are written by one system call. */
enum { BUFFER_BYTES = 64 * 1024 };

enum { MOST_LINKS = 40 }; /* the limit of Linux for one path */

static void drop_temporary(struct csvr_output *output)
{
	free(output->temporary);
	output->temporary = NULL;
	csvr_signals_undefer();
}

static bool fail(struct csvr_output *output, const char *action, int reason)
{
	csvr_log_error_at(output->log, output->exit_on_failure,
			  output->path != NULL ? output->path : "standard output", 0, "%s: %s; %s",
			  action, strerror(reason), output->failure_note);
	return false;
}

/* The part of a path before its last slash; the caller frees it. */
static char *directory_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	if (slash == NULL)
		return strdup(".");
	return strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

/* In a world-writable directory such as /tmp a link may be an attack: another user creates it under a
 * guessed name, and it leads to a file that only the victim can replace. open() of Linux follows such a
 * link only if it belongs to the caller or to the owner of the directory (protected_symlinks). readlink()
 * has no such rule, so it is repeated here. */
static bool is_unsafe_link(const char *link)
{
	const mode_t world_writable = S_ISVTX | S_IWOTH;
	struct stat about, around;
	char *directory = directory_of(link);
	const bool is_shared = directory != NULL && stat(directory, &around) == 0 &&
			       (around.st_mode & world_writable) == world_writable;
	free(directory);
	return is_shared && lstat(link, &about) == 0 && S_ISLNK(about.st_mode) &&
	       about.st_uid != geteuid() && about.st_uid != around.st_uid;
}

/* The path with symbolic links resolved; the caller frees it. The last link may be dangling. NULL: errno
 * says why it cannot be resolved; EACCES: a link is unsafe. */
static char *follow_links(const char *path)
{
	char *at = strdup(path);
	for (int i = 0; i < MOST_LINKS && at != NULL; i++) {
		char link[PATH_MAX];
		if (is_unsafe_link(at)) {
			free(at);
			errno = EACCES;
			return NULL;
		}
		const ssize_t length = readlink(at, link, sizeof link - 1);
		if (length < 0)
			return at; /* not a link: a file, or it does not exist */
		link[length] = '\0';
		char *directory = directory_of(at), *next = NULL;
		if (link[0] == '/')
			next = strdup(link);
		else if (directory == NULL || asprintf(&next, "%s/%s", directory, link) < 0)
			next = NULL;
		free(directory);
		free(at);
		at = next;
	}
	const int reason = at == NULL ? ENOMEM : ELOOP;
	free(at);
	errno = reason;
	return NULL;
}

/* /dev/shm contains regular files. */
static bool is_device_path(const char *path)
{
	return (strncmp(path, "/dev/", 5) == 0 && strncmp(path, "/dev/shm/", 9) != 0) ||
	       strncmp(path, "/proc/", 6) == 0;
}

bool csvr_output_init(struct csvr_output *output, const char *path, const char *failure_note,
		      enum csvr_exit exit_on_failure, struct csvr_log *log)
{
	*output = (struct csvr_output){ .log = log,
					.failure_note = failure_note,
					.exit_on_failure = exit_on_failure };
	/* Opened again, it would be written from its start and overwrite what a shell's >> kept. */
	if (path == NULL || strcmp(path, "/dev/stdout") == 0 || strcmp(path, "/dev/fd/1") == 0)
		return true;
	output->path = path;
	struct stat status;
	const bool is_there = stat(path, &status) == 0;
	if (is_there && S_ISDIR(status.st_mode))
		return fail(output, "cannot write", EISDIR);
	if (is_device_path(path) || (is_there && !S_ISREG(status.st_mode)))
		return true;
	/* A link is kept, and its target is replaced. */
	output->target = follow_links(path);
	if (output->target == NULL)
		return fail(
			output,
			errno == EACCES
				? "refusing to follow another user's link in a world-writable directory"
				: "cannot resolve",
			errno);
	char *directory = directory_of(output->target);
	const bool is_writable = directory != NULL && access(directory, W_OK | X_OK) == 0;
	const int reason = errno;
	free(directory);
	return is_writable || fail(output, "cannot create", reason);
}

static bool is_same_directory(const char *a, const char *b)
{
	char *directory_a = directory_of(a), *directory_b = directory_of(b);
	struct stat status_a, status_b;
	const bool is_same = directory_a != NULL && directory_b != NULL &&
			     stat(directory_a, &status_a) == 0 &&
			     stat(directory_b, &status_b) == 0 &&
			     status_a.st_dev == status_b.st_dev &&
			     status_a.st_ino == status_b.st_ino;
	free(directory_a);
	free(directory_b);
	return is_same;
}

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash == NULL ? path : slash + 1;
}

bool csvr_output_is_same(const struct csvr_output *a, const struct csvr_output *b)
{
	return a->target != NULL && b->target != NULL &&
	       strcmp(name_of(a->target), name_of(b->target)) == 0 &&
	       is_same_directory(a->target, b->target);
}

/* Gives a new file, which only its owner can access so far, the group and permissions of the file it
 * replaces. If the group cannot be kept, neither are its permissions. Others may write only if the old
 * file belongs to this user. Errors are ignored: some file systems have no permissions. */
static void copy_permissions(int fd, const struct stat *old)
{
	const bool is_group_kept = fchown(fd, (uid_t)-1, old->st_gid) == 0;
	const mode_t others = old->st_uid == geteuid() ? 07 : 05;
	(void)fchmod(fd, old->st_mode & ((is_group_kept ? 0770 : 0700) | others));
}

/* The prefix of the names of all temporary files for the target: the name of the target, truncated if
 * necessary. The caller frees it. */
static char *temporary_prefix(const struct csvr_output *output)
{
	char *prefix = NULL;
	return asprintf(&prefix, ".csv-report.%.*s.", MOST_NAME_BYTES, name_of(output->target)) < 0
		       ? NULL
		       : prefix;
}

/* Creates a file in the directory of the target. Its name is unpredictable: a user who can write to the
 * directory could otherwise create a link of that name. */
static int create_temporary(struct csvr_output *output)
{
	struct stat old;
	const bool is_there = stat(output->target, &old) == 0;
	const mode_t mode = is_there ? 0600 : 0666; /* less the umask */
	for (int i = 0; i < NAME_TRIES; i++) {
		uint64_t random;
		if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
			return -1;
		free(output->temporary);
		char *directory = directory_of(output->target), *prefix = temporary_prefix(output);
		if (directory == NULL || prefix == NULL ||
		    asprintf(&output->temporary, "%s/%s%0*" PRIx64, directory, prefix,
			     RANDOM_DIGITS, random) < 0)
			output->temporary = NULL;
		free(directory);
		free(prefix);
		if (output->temporary == NULL) {
			errno = ENOMEM;
			return -1;
		}
		const int fd = open(output->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
				    mode);
		if (fd >= 0 && is_there)
			copy_permissions(fd, &old);
		if (fd >= 0 || errno != EEXIST)
			return fd;
	}
	return -1;
}

/* The write function of a stream. libc's own treats an interrupted call as an error. */
static ssize_t write_bytes(void *context, const char *bytes, size_t n_bytes)
{
	struct csvr_output *output = context;
	size_t n = 0;
	while (n < n_bytes && !output->discard_buffer && output->reason == 0) {
		const ssize_t got = csvr_io_write(output->fd, bytes + n, n_bytes - n);
		if (got >= 0)
			n += (size_t)got;
		else
			output->reason = errno;
	}
	return output->discard_buffer ? (ssize_t)n_bytes : (ssize_t)n;
}

bool csvr_output_open(struct csvr_output *output)
{
	/* Killed while a temporary file exists, the program would not remove it. */
	if (output->target != NULL)
		csvr_signals_defer();
	output->fd = output->path == NULL ? STDOUT_FILENO
		     : output->target != NULL
			     ? create_temporary(output)
			     : open(output->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (output->fd < 0) {
		const int reason = errno;
		if (output->target != NULL)
			drop_temporary(output); /* not created */
		return fail(output, "cannot create", reason);
	}
	/* Without memory for its buffer, libc would write without one, and a later allocation failure
	 * would leave half a report. */
	output->buffer = malloc(BUFFER_BYTES);
	if (output->buffer != NULL)
		output->stream = fopencookie(output, "w",
					     (cookie_io_functions_t){ .write = write_bytes });
	if (output->stream == NULL) {
		(void)close(output->fd);
		return fail(output, "cannot write", ENOMEM);
	}
	(void)setvbuf(output->stream, output->buffer, _IOFBF, BUFFER_BYTES);
	return true;
}

void csvr_output_remove_stale_temporaries(const struct csvr_output *output)
{
	char *directory = directory_of(output->target), *prefix = temporary_prefix(output);
	DIR *stream = directory != NULL && prefix != NULL ? opendir(directory) : NULL;
	const struct dirent *entry;
	while (stream != NULL && (entry = readdir(stream)) != NULL) {
		const size_t n_prefix = strlen(prefix);
		if (strncmp(entry->d_name, prefix, n_prefix) != 0)
			continue;
		const char *random = entry->d_name + n_prefix;
		if (strlen(random) == RANDOM_DIGITS &&
		    strspn(random, "0123456789abcdef") == RANDOM_DIGITS)
			(void)unlinkat(dirfd(stream), entry->d_name, 0);
	}
	if (stream != NULL)
		closedir(stream);
	free(directory);
	free(prefix);
}

/* Makes the new name survive a crash of the machine, as fsync does for the bytes. Not every file system
 * can sync directories, so errors are ignored. */
static void sync_directory(const char *target)
{
	char *directory = directory_of(target);
	const int fd = directory != NULL ? open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (fd >= 0) {
		(void)fsync(fd);
		close(fd);
	}
	free(directory);
}

/* An interrupted fsync is retried. An interrupted close is not: the descriptor is closed anyway. */
static int sync_file(int fd)
{
	int result;
	do
		result = fsync(fd);
	while (result != 0 && errno == EINTR);
	return result;
}

static int close_file(int fd)
{
	return close(fd) != 0 && errno != EINTR ? -1 : 0;
}

/* Closes the stream and returns the errno of the first failure, or 0. After a failure the rest of the
 * buffer is discarded, so that standard output does not receive more of an incomplete report. */
static int close_stream(struct csvr_output *output, enum csvr_status status)
{
	int reason = status == CSVR_OK          ? 0
		     : status == CSVR_NO_MEMORY ? ENOMEM
		     : errno != 0               ? errno
						: EIO;
	output->discard_buffer = reason != 0;
	if (fclose(output->stream) != 0 && reason == 0)
		reason = errno;
	output->stream = NULL;
	if (output->reason != 0)
		reason = output->reason;
	if (reason == 0 && output->temporary != NULL && sync_file(output->fd) != 0)
		reason = errno;
	/* NFS reports a full disk here. */
	if (close_file(output->fd) != 0 && reason == 0)
		reason = errno;
	return reason;
}

bool csvr_output_close(struct csvr_output *output, enum csvr_status status)
{
	int reason = close_stream(output, status);
	if (reason == 0 && output->temporary != NULL) {
		if (rename(output->temporary, output->target) != 0)
			reason = errno;
		else
			drop_temporary(output);
	}
	if (reason == 0 && output->target != NULL)
		sync_directory(output->target);
	output->reader_closed = reason == EPIPE && output->path == NULL;
	if (reason == 0 || output->reader_closed)
		return true;
	return fail(output, "cannot write", reason);
}

void csvr_output_clear(struct csvr_output *output)
{
	if (output->stream != NULL) {
		output->discard_buffer = true;
		(void)fclose(output->stream);
		(void)close(output->fd);
	}
	if (output->temporary != NULL) {
		unlink(output->temporary);
		drop_temporary(output);
	}
	free(output->buffer);
	free(output->target);
}

static bool is_set(const char *variable)
{
	const char *value = getenv(variable);
	return value != NULL && value[0] != '\0';
}

/* Whether the environment names a locale of UTF-8, which need not be installed on this machine: the terminal may
 * belong to another. */
static bool has_utf8_locale(void)
{
	static const char *const variables[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	const char *locale = NULL;
	for (size_t i = 0;
	     i < sizeof variables / sizeof variables[0] && (locale == NULL || locale[0] == '\0');
	     i++)
		locale = getenv(variables[i]);
	const char *codeset = locale != NULL ? strchr(locale, '.') : NULL;
	return codeset != NULL && (strncasecmp(codeset, ".utf-8", strlen(".utf-8")) == 0 ||
				   strncasecmp(codeset, ".utf8", strlen(".utf8")) == 0);
}

void csvr_output_detect_terminal(const struct csvr_output *output,
				 struct csvr_report_options *layout)
{
	const bool is_terminal = output->path == NULL && isatty(STDOUT_FILENO) &&
				 !csvr_launcher_is_rank();
	const char *terminal = getenv("TERM");
	layout->is_terminal = is_terminal;
	layout->color = is_terminal && !is_set("NO_COLOR") && terminal != NULL &&
			strcmp(terminal, "dumb") != 0;
	layout->has_share_bars = is_terminal || layout->bars != CSVR_BARS_AUTO;
	if (layout->bars == CSVR_BARS_AUTO)
		layout->bars = is_terminal && has_utf8_locale() ? CSVR_BARS_BLOCKS
								: CSVR_BARS_ASCII;
	layout->width = DEFAULT_WIDTH;
	struct winsize size;
	const char *columns = getenv("COLUMNS");
	char *end = NULL;
	const long wanted = columns != NULL ? strtol(columns, &end, 10) : 0;
	if (wanted >= LEAST_WIDTH && wanted <= MOST_WIDTH && *end == '\0')
		layout->width = (int)wanted;
	else if (is_terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 &&
		 size.ws_col >= LEAST_WIDTH)
		layout->width = size.ws_col;
}
