/* threads.h - how many threads a run is granted, and who says so
 *
 * Shape    asks OpenMP, the environment and the cgroup; starts nothing but threads that end at once
 * Errors   none: what cannot be read grants nothing less
 * Threads  call from the initial thread, outside any parallel region
 */
#ifndef CSVR_RUN_THREADS_H
#define CSVR_RUN_THREADS_H

#include <stdbool.h>
#include <stddef.h>

/* The number of threads for `n_units` chunks of work, at least 1. In this order: `wanted` if it is
 * above 0; what OpenMP says if OMP_NUM_THREADS is set to something it takes; the affinity mask,
 * lowered to the cgroup's CPU quota. Then never more than OMP_THREAD_LIMIT, nor than `n_units`.
 * `*from` names what decided: "--threads", "OMP_NUM_THREADS", "the affinity mask",
 * "the cgroup's CPU quota", "OMP_THREAD_LIMIT", "the number of work units", "built without
 * OpenMP". */
int csvr_threads_available(int wanted, size_t n_units, const char **from);

/* How many of `n_threads` a run can do with, the calling one among them: all of them, or, where the system
 * would not start so many, half of those it did, at least 1. OpenMP's runtimes end the program where they
 * cannot start as many as they are asked for. Tried only under a limit of one's own (ulimit -u, -v). */
int csvr_threads_max_startable(int n_threads);

/* Makes `schedule(runtime)` mean dynamic, a unit at a time, unless OMP_SCHEDULE says otherwise. */
void csvr_threads_set_schedule(void);

/* Within a parallel region of `n_threads`, where every CPU granted gets a thread: moves the calling one
 * to a CPU of its own, and lets it go there, to be moved by the kernel as ever. Left alone, threads
 * that begin together may share a CPU for some milliseconds, which are most of a short run. Does
 * nothing where OpenMP was told to bind threads, or where not every CPU gets one. */
void csvr_threads_pin_once(int n_threads);

/* The number of the calling thread in its team; the one that called csvr_run has 0. */
int csvr_threads_id(void);

/* How many there are in it: fewer than were asked for where OMP_DYNAMIC lets OpenMP decide. */
int csvr_threads_count(void);

/* The CPUs that this process may run on, 0 without OpenMP. */
int csvr_threads_cpus(void);

/* The CPUs (2.5: two and a half) that the cgroups of this process may use at most, 0 when nothing
 * limits them. Knows versions 1 and 2, and containers that see a part of the hierarchy only. `root`
 * stands before every path: "" in use, a directory of made-up files in tests. */
double csvr_cpu_quota(const char *root);

#endif
