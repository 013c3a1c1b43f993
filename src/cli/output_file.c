/* output_file.c - where the report goes */
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
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "cli/launcher.h"
#include "cli/signals.h"

enum { DEFAULT_WIDTH = 80, LEAST_WIDTH = 20, MOST_WIDTH = 10000, NAME_TRIES = 100 };

/* A name has at most 255 bytes. */
enum { RANDOM_DIGITS = 16, MOST_NAME_BYTES = 200 };

/* Most reports fit, and are written by one call. */
enum { BUFFER_BYTES = 64 * 1024 };

enum { MOST_LINKS = 40 }; /* as many as Linux follows in a path */

static void forget_temporary(struct csvr_output *output)
{
	free(output->temporary);
	output->temporary = NULL;
	csvr_signals_undefer();
}

static bool fail(struct csvr_output *output, const char *what, int reason)
{
	csvr_log_error_at(output->log, output->cost,
			  output->path != NULL ? output->path : "standard output", 0, "%s: %s; %s",
			  what, strerror(reason), output->lack);
	return false;
}

/* The folder of a path, to be freed: what stands before its last slash. */
static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	if (slash == NULL)
		return strdup(".");
	return strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

/* In a folder where everybody may put files, /tmp say, a link may be a trap: a guessed name, leading to
 * a file that only its victim may replace. Linux keeps open() from following those that are neither the
 * caller's nor the owner's of the folder (protected_symlinks); readlink() needs the rule again. */
static bool is_trap(const char *link)
{
	const mode_t open_to_all = S_ISVTX | S_IWOTH;
	struct stat about, around;
	char *folder = folder_of(link);
	const bool is_open = folder != NULL && stat(folder, &around) == 0 &&
			     (around.st_mode & open_to_all) == open_to_all;
	free(folder);
	return is_open && lstat(link, &about) == 0 && S_ISLNK(about.st_mode) &&
	       about.st_uid != geteuid() && about.st_uid != around.st_uid;
}

/* What a path leads to, to be freed: links are followed to their end, whether or not a file is
 * there. NULL and errno: it cannot be known, or (EACCES) a link is not to be followed. */
static char *follow_links(const char *path)
{
	char *at = strdup(path);
	for (int i = 0; i < MOST_LINKS && at != NULL; i++) {
		char link[PATH_MAX];
		if (is_trap(at)) {
			free(at);
			errno = EACCES;
			return NULL;
		}
		const ssize_t length = readlink(at, link, sizeof link - 1);
		if (length < 0)
			return at; /* no link: a file, or nothing yet */
		link[length] = '\0';
		char *folder = folder_of(at), *next = NULL;
		if (link[0] == '/')
			next = strdup(link);
		else if (folder == NULL || asprintf(&next, "%s/%s", folder, link) < 0)
			next = NULL;
		free(folder);
		free(at);
		at = next;
	}
	const int reason = at == NULL ? ENOMEM : ELOOP;
	free(at);
	errno = reason;
	return NULL;
}

/* /dev/shm is a folder of files like any other. */
static bool is_device_path(const char *path)
{
	return (strncmp(path, "/dev/", 5) == 0 && strncmp(path, "/dev/shm/", 9) != 0) ||
	       strncmp(path, "/proc/", 6) == 0;
}

bool csvr_output_init(struct csvr_output *output, const char *path, const char *lack,
		      enum csvr_exit cost, struct csvr_log *log)
{
	*output = (struct csvr_output){ .log = log, .lack = lack, .cost = cost };
	/* Opened anew it would be written from its beginning, over what a shell's >> had kept. */
	if (path == NULL || strcmp(path, "/dev/stdout") == 0 || strcmp(path, "/dev/fd/1") == 0)
		return true;
	output->path = path;
	struct stat status;
	const bool is_there = stat(path, &status) == 0;
	if (is_there && S_ISDIR(status.st_mode))
		return fail(output, "cannot be written", EISDIR);
	if (is_device_path(path) || (is_there && !S_ISREG(status.st_mode)))
		return true;
	/* A link stays a link: the file it leads to is replaced. */
	output->target = follow_links(path);
	if (output->target == NULL)
		return fail(output,
			    errno == EACCES
				    ? "is a link that another user put into a folder open to all"
				    : "cannot be found",
			    errno);
	char *folder = folder_of(output->target);
	const bool is_writable = folder != NULL && access(folder, W_OK | X_OK) == 0;
	const int reason = errno;
	free(folder);
	return is_writable || fail(output, "cannot be created", reason);
}

static bool is_same_folder(const char *a, const char *b)
{
	char *folder_a = folder_of(a), *folder_b = folder_of(b);
	struct stat status_a, status_b;
	const bool is_same = folder_a != NULL && folder_b != NULL &&
			     stat(folder_a, &status_a) == 0 && stat(folder_b, &status_b) == 0 &&
			     status_a.st_dev == status_b.st_dev &&
			     status_a.st_ino == status_b.st_ino;
	free(folder_a);
	free(folder_b);
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
	       is_same_folder(a->target, b->target);
}

/* Gives a new file, so far its owner's alone, the group and the permissions of the one it will
 * replace. What the old group might do is not for another one, and where the file system knows no
 * permissions nothing is lost. A file of another user that all may write was made so by them, not us. */
static void keep_permissions(int fd, const struct stat *old)
{
	const bool is_group_kept = fchown(fd, (uid_t)-1, old->st_gid) == 0;
	const mode_t others = old->st_uid == geteuid() ? 07 : 05;
	(void)fchmod(fd, old->st_mode & ((is_group_kept ? 0770 : 0700) | others));
}

/* What the names of all temporary files beside the target begin with, to be freed: its own name, as
 * far as there is room for it. */
static char *temporary_prefix(const struct csvr_output *output)
{
	char *prefix = NULL;
	return asprintf(&prefix, ".csv-report.%.*s.", MOST_NAME_BYTES, name_of(output->target)) < 0
		       ? NULL
		       : prefix;
}

/* A new file beside the target, under a name nobody can have foreseen: whoever may write in that
 * folder could otherwise put a link in its place. */
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
		char *folder = folder_of(output->target), *prefix = temporary_prefix(output);
		if (folder == NULL || prefix == NULL ||
		    asprintf(&output->temporary, "%s/%s%0*" PRIx64, folder, prefix, RANDOM_DIGITS,
			     random) < 0)
			output->temporary = NULL;
		free(folder);
		free(prefix);
		if (output->temporary == NULL) {
			errno = ENOMEM;
			return -1;
		}
		const int fd = open(output->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
				    mode);
		if (fd >= 0 && is_there)
			keep_permissions(fd, &old);
		if (fd >= 0 || errno != EEXIST)
			return fd;
	}
	return -1;
}

/* A stream's write function; libc's own takes an interrupted call for a failure. */
static ssize_t put(void *context, const char *bytes, size_t n_bytes)
{
	struct csvr_output *output = context;
	size_t n = 0;
	while (n < n_bytes && !output->is_dropped && output->reason == 0) {
		const ssize_t got = csvr_io_write(output->fd, bytes + n, n_bytes - n);
		if (got >= 0)
			n += (size_t)got;
		else
			output->reason = errno;
	}
	return output->is_dropped ? (ssize_t)n_bytes : (ssize_t)n;
}

bool csvr_output_open(struct csvr_output *output)
{
	/* Killed while a temporary file is there, the program would leave it behind. */
	if (output->target != NULL)
		csvr_signals_defer();
	output->fd = output->path == NULL ? STDOUT_FILENO
		     : output->target != NULL
			     ? create_temporary(output)
			     : open(output->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (output->fd < 0) {
		const int reason = errno;
		if (output->target != NULL)
			forget_temporary(output); /* it was not created */
		return fail(output, "cannot be created", reason);
	}
	/* libc would go on without a buffer, and have written the half of a report when memory fails again. */
	output->buffer = malloc(BUFFER_BYTES);
	if (output->buffer != NULL)
		output->stream = fopencookie(output, "w", (cookie_io_functions_t){ .write = put });
	if (output->stream == NULL) {
		(void)close(output->fd);
		return fail(output, "cannot be written", ENOMEM);
	}
	(void)setvbuf(output->stream, output->buffer, _IOFBF, BUFFER_BYTES);
	return true;
}

void csvr_output_remove_stale_temporaries(const struct csvr_output *output)
{
	char *folder = folder_of(output->target), *prefix = temporary_prefix(output);
	DIR *stream = folder != NULL && prefix != NULL ? opendir(folder) : NULL;
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
	free(folder);
	free(prefix);
}

/* The new name is to outlive a crash of the machine as the bytes do. Where folders cannot be synced
 * the system sees to it in its own time. */
static void sync_folder(const char *target)
{
	char *folder = folder_of(target);
	const int fd = folder != NULL ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (fd >= 0) {
		(void)fsync(fd);
		close(fd);
	}
	free(folder);
}

/* Both may be interrupted and made again; but a number that is closed is gone in any case. */
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

/* What is wrong with what was written, as errno has it; 0: nothing. Nothing more is written after a
 * failure: standard output does not get the half of a report that the stream holds. */
static int end_stream(struct csvr_output *output, enum csvr_status status)
{
	int reason = status == CSVR_OK          ? 0
		     : status == CSVR_NO_MEMORY ? ENOMEM
		     : errno != 0               ? errno
						: EIO;
	output->is_dropped = reason != 0;
	if (fclose(output->stream) != 0 && reason == 0)
		reason = errno;
	output->stream = NULL;
	if (output->reason != 0)
		reason = output->reason;
	if (reason == 0 && output->temporary != NULL && sync_file(output->fd) != 0)
		reason = errno;
	/* NFS tells only now that the disk is full. */
	if (close_file(output->fd) != 0 && reason == 0)
		reason = errno;
	return reason;
}

bool csvr_output_close(struct csvr_output *output, enum csvr_status status)
{
	int reason = end_stream(output, status);
	if (reason == 0 && output->temporary != NULL) {
		if (rename(output->temporary, output->target) != 0)
			reason = errno;
		else
			forget_temporary(output);
	}
	if (reason == 0 && output->target != NULL)
		sync_folder(output->target);
	output->is_unread = reason == EPIPE && output->path == NULL;
	if (reason == 0 || output->is_unread)
		return true;
	return fail(output, "cannot be written", reason);
}

void csvr_output_clear(struct csvr_output *output)
{
	if (output->stream != NULL) {
		output->is_dropped = true;
		(void)fclose(output->stream);
		(void)close(output->fd);
	}
	if (output->temporary != NULL) {
		unlink(output->temporary);
		forget_temporary(output);
	}
	free(output->buffer);
	free(output->target);
}

static bool is_set(const char *variable)
{
	const char *value = getenv(variable);
	return value != NULL && value[0] != '\0';
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
