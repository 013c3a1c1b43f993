/* threads.c - the number of threads of a run, and where they run */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "run/threads.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef _OPENMP
#include <omp.h>
#endif

#include "run/cpu_quota.h"

#ifdef _OPENMP

/* Whether OpenMP accepts the value of OMP_NUM_THREADS: a positive number, or a list of them, one
 * for each level of nesting. OpenMP warns about any other value and ignores it. */
static bool has_valid_omp_num_threads(void)
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

/* The smallest whole number of CPUs that can use all of `quota`. */
static int round_up(double quota)
{
	if (quota >= (double)INT_MAX)
		return INT_MAX;
	int n = (int)quota;
	return n + (n < quota);
}

static void apply_limit(int *n, int limit, const char **from, const char *reason)
{
	if (limit < *n) {
		*n = limit;
		*from = reason;
	}
}

int csvr_threads_available(int requested, size_t n_units, const char **from)
{
	int n;
	if (requested > 0) {
		n = requested;
		*from = "--threads";
	} else if (has_valid_omp_num_threads()) {
		n = omp_get_max_threads();
		*from = "OMP_NUM_THREADS";
	} else {
		n = omp_get_num_procs();
		*from = "the affinity mask";
		double quota = csvr_cpu_quota("");
		if (quota > 0)
			apply_limit(&n, round_up(quota), from, "the cgroup's CPU quota");
	}
	apply_limit(&n, omp_get_thread_limit(), from, "OMP_THREAD_LIMIT");
	if (n_units < INT_MAX)
		apply_limit(&n, n_units > 0 ? (int)n_units : 1, from, "the number of work units");
	return n > 0 ? n : 1;
}

static void *wait_for_gate(void *gate)
{
	pthread_mutex_lock(gate);
	pthread_mutex_unlock(gate);
	return NULL;
}

/* Waits until the threads that were joined no longer count against limits, which takes some
 * microseconds. */
static void wait_for_exits(void)
{
	/* The links of /proc/self/task: itself, its parent, one per thread. */
	enum { MAX_POLLS = 1000, LINKS_OF_ONE = 3 };
	struct stat tasks;
	for (int i = 0; i < MAX_POLLS; i++) {
		if (stat("/proc/self/task", &tasks) != 0 || tasks.st_nlink <= LINKS_OF_ONE)
			return;
		(void)sched_yield();
	}
}

/* Whether a limit is set that threads can reach. The kernel's default limit of processes, which
 * depends on the memory of the machine, is usually higher than FEW_PROCESSES. */
static bool is_limited(void)
{
	enum { FEW_PROCESSES = 4096 };
	struct rlimit processes, space;
	return getrlimit(RLIMIT_NPROC, &processes) != 0 || processes.rlim_cur <= FEW_PROCESSES ||
	       getrlimit(RLIMIT_AS, &space) != 0 || space.rlim_cur != RLIM_INFINITY;
}

/* The test takes about as long as starting the threads (330 microseconds each on a busy machine
 * with two CPUs, medians of 21), so it is made only if it can fail. All threads exist at the same
 * time, as they will in the run. If a limit is reached only half of it is used: other processes
 * share it, and memory is needed for more than stacks. */
int csvr_threads_max_startable(int n_threads)
{
	if (n_threads < 2 || !is_limited())
		return n_threads;
	pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
	pthread_t *threads = calloc((size_t)n_threads, sizeof *threads);
	int n = 0;
	if (threads == NULL)
		return 1;
	pthread_mutex_lock(&gate);
	while (n + 1 < n_threads && pthread_create(&threads[n], NULL, wait_for_gate, &gate) == 0)
		n++;
	pthread_mutex_unlock(&gate);
	for (int i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	free(threads);
	wait_for_exits();
	if (n + 1 == n_threads)
		return n_threads;
	return n > 2 ? (n + 1) / 2 : 1;
}

void csvr_threads_set_schedule(void)
{
	if (getenv("OMP_SCHEDULE") == NULL)
		omp_set_schedule(omp_sched_dynamic, 1);
}

/* With this, two threads on two CPUs took 0.89 to 0.92 of the time for 172 MB in 50 files, and 0.95
 * to 0.99 for one file of 350 MB (medians of 25 pairs, three times): the same as with
 * OMP_PROC_BIND=true, which however binds threads to CPUs that other programs may use. Moving the
 * parent thread away, or making it yield, had no effect. */
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

int csvr_threads_available(int requested, size_t n_units, const char **from)
{
	(void)requested;
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
