/* sampler.c - CPU timers, their signal, and the threads they belong to */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "perf/sampler.h"

#include "base/error.h"

#ifdef HAVE_LIBBACKTRACE

#include <errno.h>
#include <execinfo.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

/* glibc has the member, but not always its name. */
#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

/* At most 2 MiB of frames and 0.4 MiB of slots for each thread, of which only what is used becomes
 * memory. 4117 samples of a run on two threads were 230 distinct stacks at most in one of them, of
 * together 2635 frames. */
enum { N_SLOTS = 16 * 1024, MAX_FRAMES = 256 * 1024 };

struct thread {
	struct csvr_profile_thread sampled; /* first: a sampled thread is one of these */
	pid_t id;
	timer_t timer;
	sigset_t signals; /* those blocked before it entered */
	bool is_refused; /* and counted as such; the thread's own */
	int is_in; /* atomic: written by the thread itself or who stops it, read by its handler */
	int is_counting; /* atomic: its handler is at work */
};

struct csvr_profile {
	struct csvr_profile_thread *threads; /* atomic: grows at its head */
	unsigned rate_hz;
	size_t n_refused; /* atomic */
	struct sigaction old_action;
};

bool csvr_profile_is_supported(void)
{
	return true;
}

/* ---- in the handler ---- */

/* Where the interrupted code stood; 0 where we do not know how to ask. */
static uintptr_t interrupted_at(const void *context)
{
	const ucontext_t *user = context;
#if defined __x86_64__
	return (uintptr_t)user->uc_mcontext.gregs[REG_RIP];
#elif defined __aarch64__
	return (uintptr_t)user->uc_mcontext.pc;
#else
	(void)user;
	return 0;
#endif
}

/* The handler and the kernel's way into it are no part of the program: the first of the frames that
 * is. Two of them are least, a sanitizer adds some. */
static int first_of_program(void *const *frames, int n_frames, uintptr_t interrupted)
{
	enum { OF_HANDLER = 2 };
	for (int i = 0; i < n_frames; i++)
		if ((uintptr_t)frames[i] == interrupted)
			return i;
	return n_frames < OF_HANDLER ? n_frames : OF_HANDLER;
}

static void count(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	if (info->si_code != SI_TIMER)
		return; /* somebody's kill -PROF */
	struct thread *thread = info->si_value.sival_ptr;
	const int saved_errno = errno;
	__atomic_store_n(&thread->is_counting, 1, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&thread->is_in, __ATOMIC_SEQ_CST)) {
		void *frames[CSVR_MAX_FRAMES];
		const int n = backtrace(frames, CSVR_MAX_FRAMES);
		const int first = first_of_program(frames, n, interrupted_at(context));
		const uint64_t n_missed = info->si_overrun > 0 ? (uint64_t)info->si_overrun : 0;
		csvr_samples_add(&thread->sampled.samples, (const uintptr_t *)frames + first,
				 (size_t)(n - first), 1 + n_missed);
	}
	__atomic_store_n(&thread->is_counting, 0, __ATOMIC_SEQ_CST);
	errno = saved_errno;
}

/* ---- threads ---- */

static struct thread *find(struct csvr_profile *profile, pid_t id)
{
	struct csvr_profile_thread *at = __atomic_load_n(&profile->threads, __ATOMIC_ACQUIRE);
	while (at != NULL && ((struct thread *)at)->id != id)
		at = at->next;
	return (struct thread *)at;
}

/* A record for the calling thread, in the list from now on; NULL: no memory. */
static struct thread *add(struct csvr_profile *profile, pid_t id, int number)
{
	struct thread *thread = calloc(1, sizeof *thread);
	if (thread == NULL)
		return NULL;
	if (!csvr_samples_init(&thread->sampled.samples, N_SLOTS, MAX_FRAMES)) {
		csvr_samples_clear(&thread->sampled.samples);
		free(thread);
		return NULL;
	}
	thread->id = id;
	thread->sampled.number = number;
	thread->sampled.next = __atomic_load_n(&profile->threads, __ATOMIC_ACQUIRE);
	while (!__atomic_compare_exchange_n(&profile->threads, &thread->sampled.next,
					    &thread->sampled, false, __ATOMIC_ACQ_REL,
					    __ATOMIC_ACQUIRE))
		;
	return thread;
}

static bool start_timer(struct thread *thread, unsigned rate_hz)
{
	enum { NS_A_SECOND = 1000000000 };
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGPROF };
	event.sigev_value.sival_ptr = thread;
	event.sigev_notify_thread_id = thread->id;
	if (timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &thread->timer) != 0)
		return false;
	const struct timespec period = { rate_hz == 1, rate_hz == 1 ? 0 : NS_A_SECOND / rate_hz };
	const struct itimerspec times = { period, period };
	if (timer_settime(thread->timer, 0, &times, NULL) == 0)
		return true;
	const int reason = errno;
	timer_delete(thread->timer);
	errno = reason;
	return false;
}

static bool start(struct csvr_profile *profile, struct thread *thread)
{
	/* A parent may have left the signal blocked. */
	sigset_t profiling;
	sigemptyset(&profiling);
	sigaddset(&profiling, SIGPROF);
	pthread_sigmask(SIG_UNBLOCK, &profiling, &thread->signals);
	__atomic_store_n(&thread->is_in, 1, __ATOMIC_SEQ_CST);
	if (start_timer(thread, profile->rate_hz))
		return true;
	__atomic_store_n(&thread->is_in, 0, __ATOMIC_SEQ_CST);
	pthread_sigmask(SIG_SETMASK, &thread->signals, NULL);
	return false;
}

struct csvr_profile_thread *csvr_profile_attach(struct csvr_profile *profile, int number)
{
	if (profile == NULL)
		return NULL;
	const pid_t id = (pid_t)syscall(SYS_gettid);
	struct thread *thread = find(profile, id);
	if (thread != NULL && __atomic_load_n(&thread->is_in, __ATOMIC_SEQ_CST))
		return NULL;
	if (thread == NULL)
		thread = add(profile, id, number);
	if (thread != NULL && start(profile, thread))
		return &thread->sampled;
	if (thread == NULL || !thread->is_refused)
		__atomic_add_fetch(&profile->n_refused, 1, __ATOMIC_RELAXED);
	if (thread != NULL)
		thread->is_refused = true;
	return NULL;
}

/* No handler of the thread counts from here on, whichever thread calls this. */
static void stop(struct thread *thread)
{
	if (!__atomic_exchange_n(&thread->is_in, 0, __ATOMIC_SEQ_CST))
		return;
	timer_delete(thread->timer);
	while (__atomic_load_n(&thread->is_counting, __ATOMIC_SEQ_CST))
		sched_yield();
}

void csvr_profile_detach(struct csvr_profile_thread *sampled)
{
	if (sampled == NULL)
		return;
	struct thread *thread = (struct thread *)sampled;
	/* A signal that is on its way arrives before the next call of the system returns. */
	stop(thread);
	pthread_sigmask(SIG_SETMASK, &thread->signals, NULL);
}

void csvr_profile_stop(struct csvr_profile *profile)
{
	struct csvr_profile_thread *at = __atomic_load_n(&profile->threads, __ATOMIC_ACQUIRE);
	for (; at != NULL; at = at->next)
		stop((struct thread *)at);
}

/* ---- the whole ---- */

enum csvr_status csvr_profile_new(unsigned rate_hz, struct csvr_profile **profile,
				  struct csvr_error *error)
{
	*profile = calloc(1, sizeof **profile);
	if (*profile == NULL)
		return csvr_error_set_no_memory(error);
	(*profile)->rate_hz = rate_hz > 0 ? rate_hz : CSVR_PROFILE_HZ;
	/* The first call loads libgcc, which no signal handler may do. */
	void *frames[1];
	(void)backtrace(frames, 1);
	struct sigaction action = { .sa_sigaction = count, .sa_flags = SA_SIGINFO | SA_RESTART };
	sigemptyset(&action.sa_mask);
	if (sigaction(SIGPROF, &action, &(*profile)->old_action) != 0) {
		free(*profile);
		*profile = NULL;
		return csvr_error_set_errno(error, "cannot sample itself");
	}
	return CSVR_OK;
}

void csvr_profile_free(struct csvr_profile *profile)
{
	if (profile == NULL)
		return;
	csvr_profile_stop(profile);
	sigaction(SIGPROF, &profile->old_action, NULL);
	struct csvr_profile_thread *at = profile->threads;
	while (at != NULL) {
		struct csvr_profile_thread *next = at->next;
		csvr_samples_clear(&at->samples);
		free(at);
		at = next;
	}
	free(profile);
}

const struct csvr_profile_thread *csvr_profile_threads(const struct csvr_profile *profile)
{
	return __atomic_load_n(&profile->threads, __ATOMIC_ACQUIRE);
}

unsigned csvr_profile_rate(const struct csvr_profile *profile)
{
	return profile->rate_hz;
}

size_t csvr_profile_n_not_sampled(const struct csvr_profile *profile)
{
	return profile->n_refused;
}

#else /* without libbacktrace addresses would have no names, so nothing is sampled */

bool csvr_profile_is_supported(void)
{
	return false;
}

enum csvr_status csvr_profile_new(unsigned rate_hz, struct csvr_profile **profile,
				  struct csvr_error *error)
{
	(void)rate_hz;
	*profile = NULL;
	return csvr_error_set(
		error, CSVR_INVALID_OPTION, 0,
		"this build cannot sample itself: configure did not find libbacktrace");
}

void csvr_profile_free(struct csvr_profile *profile)
{
	(void)profile;
}

struct csvr_profile_thread *csvr_profile_attach(struct csvr_profile *profile, int number)
{
	(void)profile, (void)number;
	return NULL;
}

void csvr_profile_detach(struct csvr_profile_thread *sampled)
{
	(void)sampled;
}

void csvr_profile_stop(struct csvr_profile *profile)
{
	(void)profile;
}

const struct csvr_profile_thread *csvr_profile_threads(const struct csvr_profile *profile)
{
	(void)profile;
	return NULL;
}

unsigned csvr_profile_rate(const struct csvr_profile *profile)
{
	(void)profile;
	return 0;
}

size_t csvr_profile_n_not_sampled(const struct csvr_profile *profile)
{
	(void)profile;
	return 0;
}

#endif
