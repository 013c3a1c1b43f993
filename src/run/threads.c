/* threads.c - how many threads a run is granted, and who says so
 *
 * Source   cgroups(7); proc(5) on /proc/PID/cgroup and /proc/PID/mountinfo; the kernel's
 *          cgroup-v2.rst on cpu.max and sched-bwc.rst on cpu.cfs_quota_us
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "run/threads.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef _OPENMP
#include <omp.h>
#endif

#include "base/memory.h"

/* ---- the cgroup's quota ---- */

/* Hosts of many containers have mount tables of some hundred KiB; what is longer is none. */
enum { TEXT_LIMIT_BYTES = 8 * 1024 * 1024 };

/* The whole file as text, to be freed; NULL when it cannot be had. */
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

/* `root`, `directory` and `name` in one text; NULL when it cannot be had. */
static char *read_text_in(const char *root, const char *directory, const char *name)
{
	char *path;
	if (asprintf(&path, "%s%s%s", root, directory, name) < 0)
		return NULL;
	char *text = read_text(path);
	free(path);
	return text;
}

/* Cuts the text at `*rest` at the next `separator` and returns what stood before it; NULL at the
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

/* Octal escapes stand in mountinfo for blanks and the like. */
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

/* The path of this process's cgroup, to be freed: in version 2, or of the cpu controller in version
 * 1. Lines are `number:controllers:path`; version 2 has number 0 and no controllers. */
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

/* The CPUs that one cgroup's own files grant; 0: no limit there. */
static double quota_in(const char *root, const char *directory, int version)
{
	long long quota = 0;
	long long period = 100000; /* microseconds, the kernel's default */
	char *text = read_text_in(root, directory, version == 2 ? "/cpu.max" : "/cpu.cfs_quota_us");
	if (text == NULL)
		return 0; /* the root group has no such file */
	char *end;
	quota = strtoll(text, &end, 10); /* `max` reads as 0, version 1 says -1 */
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

/* The smaller of two quotas, 0 being none. */
static double smaller_quota(double a, double b)
{
	return a > 0 && (b <= 0 || a < b) ? a : b;
}

/* The smallest quota of the group at `mount_point` + `below` and of its ancestors in that mount. */
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

/* What follows `ancestor` in `path`, "" or with a slash in front; NULL if it is not below it. */
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
	const char *options; /* of the file system: the controllers in version 1 */
};

/* Fields of a line: id, parent, device, root, mount point, options, any number of optional fields,
 * a dash, type, source, file system's options. */
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

/* A group is looked for in every mount that its path lies in. Where it lies in none (a container
 * that is shown its own group at the mount point, and in /proc a path of another namespace), the
 * mount point itself is taken for the group. */
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

/* ---- threads ---- */

#ifdef _OPENMP

/* Whether OMP_NUM_THREADS is set to something OpenMP takes: a positive number, or a list of them,
 * one for each level of nesting. OpenMP warns about anything else and goes on without. */
static bool environment_decides(void)
{
	const char *text = getenv("OMP_NUM_THREADS");
	while (text != NULL) {
		char *end;
		errno = 0;
		long n = strtol(text, &end, 10);
		if (errno != 0 || n <= 0 || end == text)
			return false;
		end += strspn(end, " \t\n");
		if (*end == '\0')
			return true;
		text = *end == ',' ? end + 1 : NULL;
	}
	return false;
}

/* The least whole number of CPUs that can use up `quota`. */
static int whole_cpus(double quota)
{
	if (quota >= (double)INT_MAX)
		return INT_MAX;
	int n = (int)quota;
	return n + (n < quota);
}

static void lower(int *n, int limit, const char **from, const char *reason)
{
	if (limit < *n) {
		*n = limit;
		*from = reason;
	}
}

int csvr_threads_available(int wanted, size_t n_units, const char **from)
{
	int n;
	if (wanted > 0) {
		n = wanted;
		*from = "--threads";
	} else if (environment_decides()) {
		n = omp_get_max_threads();
		*from = "OMP_NUM_THREADS";
	} else {
		n = omp_get_num_procs();
		*from = "the affinity mask";
		double quota = csvr_cpu_quota("");
		if (quota > 0)
			lower(&n, whole_cpus(quota), from, "the cgroup's CPU quota");
	}
	lower(&n, omp_get_thread_limit(), from, "OMP_THREAD_LIMIT");
	if (n_units < INT_MAX)
		lower(&n, n_units > 0 ? (int)n_units : 1, from, "the number of work units");
	return n > 0 ? n : 1;
}

static void *wait_for_turn(void *turn)
{
	pthread_mutex_lock(turn);
	pthread_mutex_unlock(turn);
	return NULL;
}

/* Threads that were joined still count against limits, for some microseconds. */
static void wait_until_alone(void)
{
	/* of a directory: itself, its parent, the thread */
	enum { MOST_LOOKS = 1000, LINKS_OF_ONE = 3 };
	struct stat tasks;
	for (int i = 0; i < MOST_LOOKS; i++) {
		if (stat("/proc/self/task", &tasks) != 0 || tasks.st_nlink <= LINKS_OF_ONE)
			return;
		(void)sched_yield();
	}
}

/* Whether someone has set a limit that threads may meet. The kernel's own limit of processes, by the memory
 * of the machine, is mostly higher than that. */
static bool is_limited(void)
{
	enum { FEW_PROCESSES = 4096 };
	struct rlimit processes, space;
	return getrlimit(RLIMIT_NPROC, &processes) != 0 || processes.rlim_cur <= FEW_PROCESSES ||
	       getrlimit(RLIMIT_AS, &space) != 0 || space.rlim_cur != RLIM_INFINITY;
}

/* To try takes about as long as to start them (330 microseconds a thread on a busy machine of two CPUs,
 * medians of 21), hence only where it may fail. All are there at once, or they would not show what is wanted.
 * Where a limit shows, others may take what is left of it, and memory is wanted for more than stacks: half
 * of what there was will do. */
int csvr_threads_max_startable(int n_threads)
{
	if (n_threads < 2 || !is_limited())
		return n_threads;
	pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
	pthread_t *threads = calloc((size_t)n_threads, sizeof *threads);
	int n = 0;
	if (threads == NULL)
		return 1;
	pthread_mutex_lock(&turn);
	while (n + 1 < n_threads && pthread_create(&threads[n], NULL, wait_for_turn, &turn) == 0)
		n++;
	pthread_mutex_unlock(&turn);
	for (int i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	free(threads);
	wait_until_alone();
	if (n + 1 == n_threads)
		return n_threads;
	return n > 2 ? (n + 1) / 2 : 1;
}

void csvr_threads_set_schedule(void)
{
	if (getenv("OMP_SCHEDULE") == NULL)
		omp_set_schedule(omp_sched_dynamic, 1);
}

/* Two threads on two CPUs then took 0.89 to 0.92 of the time for 172 MB in 50 files, and 0.95 to 0.99 for
 * one file of 350 MB (medians of 25 pairs, three times), as with OMP_PROC_BIND=true. But that ties
 * threads to their CPUs, whoever else runs there. Giving the new threads the first turn, by moving the
 * one that made them or by letting it yield, made no difference. */
void csvr_threads_pin_once(int n_threads)
{
#ifdef CPU_COUNT
	cpu_set_t granted, own;
	if (n_threads < 2 || omp_get_proc_bind() != omp_proc_bind_false ||
	    sched_getaffinity(0, sizeof granted, &granted) != 0 || CPU_COUNT(&granted) != n_threads)
		return;
	int cpu = 0;
	for (int left = omp_get_thread_num(); !CPU_ISSET(cpu, &granted) || left > 0; cpu++)
		left -= CPU_ISSET(cpu, &granted) != 0;
	CPU_ZERO(&own);
	CPU_SET(cpu, &own);
	if (sched_setaffinity(0, sizeof own, &own) == 0)
		(void)sched_setaffinity(0, sizeof granted, &granted);
#else
	(void)n_threads;
#endif
}

int csvr_threads_id(void)
{
	return omp_get_thread_num();
}

int csvr_threads_count(void)
{
	return omp_get_num_threads();
}

int csvr_threads_cpus(void)
{
	return omp_get_num_procs();
}

#else

int csvr_threads_available(int wanted, size_t n_units, const char **from)
{
	(void)wanted;
	(void)n_units;
	*from = "built without OpenMP";
	return 1;
}

int csvr_threads_max_startable(int n_threads)
{
	(void)n_threads;
	return 1;
}

void csvr_threads_set_schedule(void)
{
}

void csvr_threads_pin_once(int n_threads)
{
	(void)n_threads;
}

int csvr_threads_id(void)
{
	return 0;
}

int csvr_threads_count(void)
{
	return 1;
}

int csvr_threads_cpus(void)
{
	return 0;
}

#endif
