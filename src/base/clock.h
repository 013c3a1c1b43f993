/* clock.h - wall time, and CPU time of a thread and of the process
 *
 * Units    nanoseconds; wall time on the monotonic clock, which has no date
 * Errors   none: values that the system does not report are CSVR_CLOCK_UNKNOWN
 * Threads  a span and a stopwatch belong to the thread that starts them
 * Cost     wall time 0.03 microseconds (no system call on most machines); a span about 20, since it
 *          reads a file of /proc at both ends: use it for work of milliseconds
 */
#ifndef CSVR_BASE_CLOCK_H
#define CSVR_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "csvreport_perf.h"

static inline uint64_t csvr_clock_wall_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Nanoseconds since 1970, UTC. */
static inline int64_t csvr_clock_realtime_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Start and end a span of the calling thread. In between it contains points in time, not durations. */
void csvr_span_begin(struct csvr_span *span);
void csvr_span_end(struct csvr_span *span);

/* CPU time of the process so far, all threads together. */
void csvr_clock_process(uint64_t *user_ns, uint64_t *system_ns);

/* Bytes that the system has fetched from disks and file servers for this process so far, with readahead,
 * but without bytes that came from the page cache. */
uint64_t csvr_clock_device_bytes(void);

/* Adds up the wall time between starts and stops. If it is off, a call costs a comparison. */
struct csvr_stopwatch {
	bool is_on;
	uint64_t start_ns; /* 0: stopped */
	uint64_t total_ns;
};

/* Does nothing if the watch is running. */
static inline void csvr_stopwatch_start(struct csvr_stopwatch *stopwatch)
{
	if (stopwatch->is_on && stopwatch->start_ns == 0)
		stopwatch->start_ns = csvr_clock_wall_ns();
}

static inline void csvr_stopwatch_stop(struct csvr_stopwatch *stopwatch)
{
	if (stopwatch->start_ns == 0)
		return;
	stopwatch->total_ns += csvr_clock_wall_ns() - stopwatch->start_ns;
	stopwatch->start_ns = 0;
}

#endif
