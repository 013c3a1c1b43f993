/* clock.c - wall time, and CPU time of a thread and of the process
 *
 * Source   proc(5) on /proc/PID/io; the kernel's sched-stats.rst on /proc/PID/schedstat: time on the
 *          CPU, time runnable without a CPU, number of times on a CPU
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Reads a short file of /proc; false if it cannot be read. */
static bool read_proc(const char *path, char *text, size_t room)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	ssize_t got;
	do
		got = read(fd, text, room - 1);
	while (got < 0 && errno == EINTR);
	(void)close(fd);
	text[got > 0 ? got : 0] = '\0';
	return got > 0;
}

/* A kernel that does not account for this shows zeros. A thread that reads the file has been on a CPU, so
 * its number of turns is not 0. */
static uint64_t queued_ns(void)
{
	char text[128];
	if (!read_proc("/proc/thread-self/schedstat", text, sizeof text))
		return CSVR_CLOCK_UNKNOWN;
	char *end;
	(void)strtoull(text, &end, 10);
	const uint64_t queued = strtoull(end, &end, 10);
	const uint64_t n_turns = strtoull(end, NULL, 10);
	return n_turns > 0 ? queued : CSVR_CLOCK_UNKNOWN;
}

static uint64_t cpu_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* The end reads the clocks in the reverse order of the start: the wall time includes the others. */
void csvr_span_begin(struct csvr_span *span)
{
	span->begin_ns = span->wall_ns = csvr_clock_wall_ns();
	span->queued_ns = queued_ns();
	span->cpu_ns = cpu_ns();
}

void csvr_span_end(struct csvr_span *span)
{
	const uint64_t cpu = cpu_ns(), queued = queued_ns();
	span->cpu_ns = cpu - span->cpu_ns;
	if (queued == CSVR_CLOCK_UNKNOWN || span->queued_ns == CSVR_CLOCK_UNKNOWN)
		span->queued_ns = CSVR_CLOCK_UNKNOWN;
	else
		span->queued_ns = queued - span->queued_ns;
	span->wall_ns = csvr_clock_wall_ns() - span->wall_ns;
}

static uint64_t time_ns(struct timeval time)
{
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_usec * 1000u;
}

void csvr_clock_process(uint64_t *user_ns, uint64_t *system_ns)
{
	struct rusage usage = { 0 };
	(void)getrusage(RUSAGE_SELF, &usage);
	*user_ns = time_ns(usage.ru_utime);
	*system_ns = time_ns(usage.ru_stime);
}

uint64_t csvr_clock_device_bytes(void)
{
	static const char name[] = "\nread_bytes: ";
	char text[512];
	if (!read_proc("/proc/self/io", text, sizeof text))
		return CSVR_CLOCK_UNKNOWN;
	const char *found = strstr(text, name);
	return found != NULL ? strtoull(found + sizeof name - 1, NULL, 10) : CSVR_CLOCK_UNKNOWN;
}
