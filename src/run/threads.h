/* threads.h - the number of threads of a run, and where they run
 *
 * Shape    reads OpenMP's settings, the environment and the cgroup's quota
 * Errors   none: a limit that cannot be read does not apply
 * Threads  call from the initial thread, outside any parallel region, unless noted otherwise
 */
#ifndef CSVR_RUN_THREADS_H
#define CSVR_RUN_THREADS_H

#include <stdbool.h>
#include <stddef.h>

/* The number of threads for `n_units` units of work, at least 1. The first of these that applies:
 * `requested` if it is above 0; OMP_NUM_THREADS if OpenMP accepts its value; the affinity mask,
 * limited by the cgroup's CPU quota. Always limited by OMP_THREAD_LIMIT and `n_units`. `*from`
 * names the source that determined it: "--threads", "OMP_NUM_THREADS", "the affinity mask", "the
 * cgroup's CPU quota", "OMP_THREAD_LIMIT", "the number of work units", "built without OpenMP". */
int csvr_threads_available(int requested, size_t n_units, const char **from);

/* How many of `n_threads`, including the calling one, a run can start: all; or, if the system
 * refuses to start that many, half of those that started, at least 1. OpenMP runtimes end the
 * program if they cannot start the number requested. Starts threads only if a limit is set for the
 * user or process (ulimit -u, -v). */
int csvr_threads_max_startable(int n_threads);

/* Makes `schedule(runtime)` dynamic with one unit at a time, unless OMP_SCHEDULE is set. */
void csvr_threads_set_schedule(void);

/* Moves the calling thread of a parallel region of `n_threads` to a CPU of its own and then
 * releases it, so that the kernel may migrate it as usual. Otherwise threads that start together
 * can share a CPU for some milliseconds, which is most of a short run. Does nothing if OpenMP binds
 * threads, or if the number of CPUs differs from `n_threads`. */
void csvr_threads_pin_once(int n_threads);

/* The number of the calling thread in its team, within a parallel region; the thread that called
 * csvr_run has 0. */
int csvr_threads_id(void);

/* The size of the team, within a parallel region: less than requested if OMP_DYNAMIC lets OpenMP
 * decide. */
int csvr_threads_count(void);

/* The number of CPUs that this process may run on; 0 without OpenMP. */
int csvr_threads_cpus(void);

#endif
