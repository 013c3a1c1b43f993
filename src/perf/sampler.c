/* sampler.c - CPU timers, their signal, and their threads */
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

/* Some versions of glibc lack this name of the member. */
#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

/* At most 2 MiB of frames and 0.4 MiB of slots per thread; the kernel allocates only the pages that
 * are used. 4117 samples of a run on two threads had at most 230 distinct stacks per thread, with
 * 2635 frames. */
enum { N_SLOTS = 16 * 1024, MAX_FRAMES = 256 * 1024 };

struct thread {
	/* First, so that a pointer to it is one to this struct. */
	struct csvr_profile_thread sampled;
	pid_t id;
	timer_t timer;
	sigset_t signals; /* blocked before it was attached */
	bool is_counted_failed; /* it could not be sampled; used by the thread alone */
	/* Atomic: written by the thread and by csvr_profile_stop, read by its signal handler. */
	int is_attached;
	int is_counting; /* atomic: its signal handler is running */
};

struct csvr_profile {
	struct csvr_profile_thread *threads; /* atomic: list that grows at its head */
	unsigned rate_hz;
	size_t n_threads_failed; /* atomic */
	struct sigaction old_action;
};

bool csvr_profile_is_supported(void)
{
	return true;
}

/* ---- the signal handler ---- */

/* The address of the interrupted instruction; 0 on architectures not listed here. */
static uintptr_t program_counter(const void *context)
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

/* The index of the first frame of the program. The frames before it belong to the signal handler
 * and the kernel's trampoline: at least two, more with a sanitizer. */
static int first_program_frame(void *const *frames, int n_frames, uintptr_t interrupted)
{
	enum { HANDLER_FRAMES = 2 };
	for (int i = 0; i < n_frames; i++)
		if ((uintptr_t)frames[i] == interrupted)
			return i;
	return n_frames < HANDLER_FRAMES ? n_frames : HANDLER_FRAMES;
}

static void on_timer(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	if (info->si_code != SI_TIMER)
		return; /* kill -PROF by another process */
	struct thread *thread = info->si_value.sival_ptr;
	const int saved_errno = errno;
	__atomic_store_n(&thread->is_counting, 1, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&thread->is_attached, __ATOMIC_SEQ_CST)) {
		void *frames[CSVR_MAX_FRAMES];
		const int n = backtrace(frames, CSVR_MAX_FRAMES);
		const int first = first_program_frame(frames, n, program_counter(context));
		const uint64_t n_missed = info->si_overrun > 0 ? (uint64_t)info->si_overrun : 0;
		csvr_samples_add(&thread->sampled.samples, (const uintptr_t *)frames + first,
				 (size_t)(n - first), 1 + n_missed);
	}
	__atomic_store_n(&thread->is_counting, 0, __ATOMIC_SEQ_CST);
	errno = saved_errno;
}

/* ---- threads ---- */

static struct thread *find_thread(struct csvr_profile *profile, pid_t id)
{
	struct csvr_profile_thread *at = __atomic_load_n(&profile->threads, __ATOMIC_ACQUIRE);
	while (at != NULL && ((struct thread *)at)->id != id)
		at = at->next;
	return (struct thread *)at;
}

/* Adds a record of the calling thread to the list; NULL: no memory. */
static struct thread *add_thread(struct csvr_profile *profile, pid_t id, int number)
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
	enum { NS_PER_SECOND = 1000000000 };
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGPROF };
	event.sigev_value.sival_ptr = thread;
	event.sigev_notify_thread_id = thread->id;
	if (timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &thread->timer) != 0)
		return false;
	const struct timespec period = { rate_hz == 1, rate_hz == 1 ? 0 : NS_PER_SECOND / rate_hz };
	const struct itimerspec times = { period, period };
	if (timer_settime(thread->timer, 0, &times, NULL) == 0)
		return true;
	const int error_number = errno;
	timer_delete(thread->timer);
	errno = error_number;
	return false;
}

static bool start_sampling(struct csvr_profile *profile, struct thread *thread)
{
	/* The signal can be blocked since the parent process. */
	sigset_t profiling;
	sigemptyset(&profiling);
	sigaddset(&profiling, SIGPROF);
	pthread_sigmask(SIG_UNBLOCK, &profiling, &thread->signals);
	__atomic_store_n(&thread->is_attached, 1, __ATOMIC_SEQ_CST);
	if (start_timer(thread, profile->rate_hz))
		return true;
	__atomic_store_n(&thread->is_attached, 0, __ATOMIC_SEQ_CST);
	pthread_sigmask(SIG_SETMASK, &thread->signals, NULL);
	return false;
}

struct csvr_profile_thread *csvr_profile_attach(struct csvr_profile *profile, int number)
{
	if (profile == NULL)
		return NULL;
	const pid_t id = (pid_t)syscall(SYS_gettid);
	struct thread *thread = find_thread(profile, id);
	if (thread != NULL && __atomic_load_n(&thread->is_attached, __ATOMIC_SEQ_CST))
		return NULL;
	if (thread == NULL)
		thread = add_thread(profile, id, number);
	if (thread != NULL && start_sampling(profile, thread))
		return &thread->sampled;
	if (thread == NULL || !thread->is_counted_failed)
		__atomic_add_fetch(&profile->n_threads_failed, 1, __ATOMIC_RELAXED);
	if (thread != NULL)
		thread->is_counted_failed = true;
	return NULL;
}

/* Any thread may call this. The handler of `thread` counts no more samples after it returns. */
static void stop_sampling(struct thread *thread)
{
	if (!__atomic_exchange_n(&thread->is_attached, 0, __ATOMIC_SEQ_CST))
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
	/* A signal that is pending is delivered before the next system call returns. */
	stop_sampling(thread);
	pthread_sigmask(SIG_SETMASK, &thread->signals, NULL);
}

void csvr_profile_stop(struct csvr_profile *profile)
{
	struct csvr_profile_thread *at = __atomic_load_n(&profile->threads, __ATOMIC_ACQUIRE);
	for (; at != NULL; at = at->next)
		stop_sampling((struct thread *)at);
}

/* ---- the profile ---- */

enum csvr_status csvr_profile_new(unsigned rate_hz, struct csvr_profile **profile,
				  struct csvr_error *error)
{
	*profile = calloc(1, sizeof **profile);
	if (*profile == NULL)
		return csvr_error_set_no_memory(error);
	(*profile)->rate_hz = rate_hz > 0 ? rate_hz : CSVR_PROFILE_HZ;
	/* The first call of backtrace() loads libgcc, which is not safe in a signal handler. */
	void *frames[1];
	(void)backtrace(frames, 1);
	struct sigaction action = { .sa_sigaction = on_timer, .sa_flags = SA_SIGINFO | SA_RESTART };
	sigemptyset(&action.sa_mask);
	if (sigaction(SIGPROF, &action, &(*profile)->old_action) != 0) {
		free(*profile);
		*profile = NULL;
		return csvr_error_set_errno(error, "cannot handle SIGPROF");
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
	return profile->n_threads_failed;
}

#else /* no sampling without libbacktrace: addresses would have no names */

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
