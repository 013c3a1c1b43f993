/* cpu_quota.c - the CPU quota of the process's cgroups
 *
 * Source   cgroups(7); proc(5) on /proc/PID/cgroup and /proc/PID/mountinfo; the kernel's
 *          cgroup-v2.rst on cpu.max and sched-bwc.rst on cpu.cfs_quota_us
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "run/cpu_quota.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"

/* Hosts of many containers have mount tables of some hundred KiB; a longer text is not read. */
enum { TEXT_LIMIT_BYTES = 8 * 1024 * 1024 };

/* The contents of a file, which the caller frees; NULL if it cannot be read. */
static char *read_text(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	char *text = NULL;
	size_t capacity = 0;
	size_t n = 0;
	ssize_t got = -1;
	while (n < TEXT_LIMIT_BYTES) {
		char *grown = csvr_array_grow(text, &capacity, n + 4096, 1);
		if (grown == NULL)
			break;
		text = grown;
		do
			got = read(fd, text + n, capacity - n - 1);
		while (got < 0 && errno == EINTR);
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	(void)close(fd);
	if (got != 0) {
		free(text);
		return NULL;
	}
	text[n] = '\0';
	return text;
}

/* The contents of the file `root``directory``name`; NULL if it cannot be read. */
static char *read_text_in(const char *root, const char *directory, const char *name)
{
	char *path;
	if (asprintf(&path, "%s%s%s", root, directory, name) < 0)
		return NULL;
	char *text = read_text(path);
	free(path);
	return text;
}

/* Returns the part of `*rest` before the next `separator` and advances `*rest` past it; NULL at the
 * end. */
static char *next_word(char **rest, char separator)
{
	char *word = *rest;
	if (word == NULL)
		return NULL;
	char *end = strchr(word, separator);
	if (end != NULL)
		*end++ = '\0';
	*rest = end;
	return word;
}

static bool list_has(const char *list, const char *word)
{
	size_t length = strlen(word);
	for (;;) {
		size_t n = strcspn(list, ",");
		if (n == length && memcmp(list, word, n) == 0)
			return true;
		if (list[n] == '\0')
			return false;
		list += n + 1;
	}
}

/* mountinfo escapes blanks and control characters in octal. */
static void unescape(char *text)
{
	char *out = text;
	for (const char *in = text; *in != '\0'; in++) {
		if (in[0] == '\\' && in[1] >= '0' && in[1] <= '3' && in[2] >= '0' && in[2] <= '7' &&
		    in[3] >= '0' && in[3] <= '7') {
			*out++ = (char)((in[1] - '0') << 6 | (in[2] - '0') << 3 | (in[3] - '0'));
			in += 3;
		} else {
			*out++ = *in;
		}
	}
	*out = '\0';
}

/* The path of this process's cgroup, which the caller frees: of version 2, or of the cpu controller
 * of version 1. Lines are `number:controllers:path`; version 2 has number 0 and no controllers. */
static char *cgroup_path(const char *root, int version)
{
	char *text = read_text_in(root, "/proc/self/cgroup", "");
	char *rest = text;
	char *found = NULL;
	for (char *line; found == NULL && (line = next_word(&rest, '\n')) != NULL;) {
		const char *number = next_word(&line, ':');
		const char *controllers = next_word(&line, ':');
		const char *path = line;
		if (controllers == NULL || path == NULL || path[0] != '/')
			continue;
		if (version == 2 ? strcmp(number, "0") == 0 && controllers[0] == '\0'
				 : list_has(controllers, "cpu"))
			found = strdup(path);
	}
	free(text);
	return found;
}

/* The quota in the files of one cgroup; 0: no limit there. */
static double quota_in(const char *root, const char *directory, int version)
{
	long long quota = 0;
	long long period = 100000; /* microseconds, the kernel's default */
	char *text = read_text_in(root, directory, version == 2 ? "/cpu.max" : "/cpu.cfs_quota_us");
	if (text == NULL)
		return 0; /* the root cgroup has no such file */
	char *end;
	quota = strtoll(text, &end, 10); /* `max` parses as 0; version 1 has -1 for no limit */
	if (version == 2 && quota > 0 && *end == ' ')
		period = strtoll(end, NULL, 10);
	free(text);
	if (version == 1 && quota > 0) {
		text = read_text_in(root, directory, "/cpu.cfs_period_us");
		if (text != NULL)
			period = strtoll(text, NULL, 10);
		free(text);
	}
	return quota > 0 && period > 0 ? (double)quota / (double)period : 0;
}

/* The smaller of two quotas; 0 is no quota. */
static double smaller_quota(double a, double b)
{
	return a > 0 && (b <= 0 || a < b) ? a : b;
}

/* The smallest quota of the cgroup at `mount_point` + `below` and of its ancestors in that mount. */
static double quota_upwards(const char *root, const char *mount_point, const char *below,
			    int version)
{
	char *directory;
	if (asprintf(&directory, "%s%s", mount_point, below) < 0)
		return 0;
	size_t top = strlen(mount_point);
	double quota = 0;
	for (;;) {
		quota = smaller_quota(quota, quota_in(root, directory, version));
		char *slash = strrchr(directory, '/');
		if (slash == NULL || slash < directory + top)
			break;
		*slash = '\0';
	}
	free(directory);
	return quota;
}

/* The part of `path` after `ancestor`, "" or starting with a slash; NULL if `path` is not below
 * it. */
static const char *path_below(const char *path, const char *ancestor)
{
	size_t length = strlen(ancestor);
	while (length > 0 && ancestor[length - 1] == '/')
		length--;
	if (strncmp(path, ancestor, length) != 0 || (path[length] != '/' && path[length] != '\0'))
		return NULL;
	return strcmp(path + length, "/") == 0 ? "" : path + length;
}

struct mount {
	const char *root; /* the part of the hierarchy that is mounted */
	char *point;
	const char *type;
	const char *options; /* of the file system; in version 1 the controllers */
};

/* Parses a line of mountinfo: id, parent, device, root, mount point, options, any number of
 * optional fields, a dash, type, source, options of the file system. */
static bool parse_mount(char *line, struct mount *mount)
{
	char *field[6];
	for (int i = 0; i < 6; i++)
		field[i] = next_word(&line, ' ');
	if (field[5] == NULL)
		return false;
	const char *word;
	do
		word = next_word(&line, ' ');
	while (word != NULL && strcmp(word, "-") != 0);
	mount->type = next_word(&line, ' ');
	(void)next_word(&line, ' ');
	mount->options = next_word(&line, ' ');
	if (mount->options == NULL)
		return false;
	unescape(field[3]);
	unescape(field[4]);
	mount->root = field[3];
	mount->point = field[4];
	return true;
}

/* Searches every mount that contains the path of the cgroup. If none does, the mount point itself
 * is taken as the cgroup: a container may see its own cgroup there, while /proc has the path in
 * another namespace. */
static double quota_of_version(const char *root, int version)
{
	char *path = cgroup_path(root, version);
	if (path == NULL)
		return 0;
	char *text = read_text_in(root, "/proc/self/mountinfo", "");
	char *rest = text;
	double quota = 0;
	double guess = 0;
	bool is_found = false;
	for (char *line; (line = next_word(&rest, '\n')) != NULL;) {
		struct mount mount;
		if (!parse_mount(line, &mount))
			continue;
		if (version == 2
			    ? strcmp(mount.type, "cgroup2") != 0
			    : strcmp(mount.type, "cgroup") != 0 || !list_has(mount.options, "cpu"))
			continue;
		const char *below = path_below(path, mount.root);
		if (below != NULL && strstr(below, "/..") == NULL) {
			double found = quota_upwards(root, mount.point, below, version);
			quota = smaller_quota(quota, found);
			is_found = true;
		} else if (!is_found) {
			double found = quota_upwards(root, mount.point, "", version);
			guess = smaller_quota(guess, found);
		}
	}
	free(text);
	free(path);
	return is_found ? quota : guess;
}

double csvr_cpu_quota(const char *root)
{
	return smaller_quota(quota_of_version(root, 2), quota_of_version(root, 1));
}
