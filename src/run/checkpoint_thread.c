/* checkpoint_thread.c - the thread that saves what a run has found */
#include "run/checkpoint_thread.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/stop_flag.h"

/* It looks this often whether anything is due; threads that are asked have so long to answer. */
enum { LOOK_EVERY_MS = 20, ANSWER_MS = 1000 };

struct csvr_checkpointer {
	struct csvr_checkpointer_config duty;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool is_over; /* under the lock */
};

/* Waits a moment; whether the keeper is to go on. */
static bool wait_a_moment(struct csvr_checkpointer *keeper)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += LOOK_EVERY_MS * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	pthread_mutex_lock(&keeper->lock);
	while (!keeper->is_over &&
	       pthread_cond_timedwait(&keeper->changed, &keeper->lock, &until) == 0)
		;
	const bool is_over = keeper->is_over;
	pthread_mutex_unlock(&keeper->lock);
	return !is_over;
}

static uint64_t nanoseconds(double seconds)
{
	return (uint64_t)(seconds * 1e9);
}

static bool is_stopped(const struct csvr_checkpointer *keeper)
{
	return csvr_stop_requested(keeper->duty.stop);
}

static void *keep(void *argument)
{
	struct csvr_checkpointer *keeper = argument;
	const struct csvr_checkpointer_config *duty = &keeper->duty;
	const uint64_t every_ns = nanoseconds(duty->checkpoint->interval_s);
	const uint64_t grace_ns = nanoseconds(duty->checkpoint->grace_s);
	uint64_t saved_ns = csvr_clock_wall_ns(), asked_ns = 0, stopped_ns = 0;
	while (wait_a_moment(keeper)) {
		const uint64_t now_ns = csvr_clock_wall_ns();
		if (is_stopped(keeper)) {
			if (stopped_ns == 0)
				stopped_ns = now_ns;
			/* Some thread is stuck, in a read as a rule. What it has not handed over is lost. */
			if (now_ns - stopped_ns > grace_ns) {
				duty->save(duty->context);
				duty->checkpoint->abandon(duty->checkpoint->context);
			}
		} else if (asked_ns > 0) {
			if (!duty->is_answered(duty->context) &&
			    now_ns - asked_ns < ANSWER_MS * UINT64_C(1000000))
				continue;
			duty->save(duty->context);
			saved_ns = csvr_clock_wall_ns();
			asked_ns = 0;
		} else if (now_ns - saved_ns >= every_ns) {
			duty->ask(duty->context);
			asked_ns = now_ns;
		}
	}
	return NULL;
}

enum csvr_status csvr_checkpointer_start(const struct csvr_checkpointer_config *duty,
					 struct csvr_checkpointer **keeper,
					 struct csvr_error *error)
{
	*keeper = NULL;
	if (duty->checkpoint == NULL)
		return CSVR_OK;
	struct csvr_checkpointer *made = calloc(1, sizeof *made);
	if (made == NULL)
		return CSVR_NO_MEMORY;
	made->duty = *duty;
	pthread_mutex_init(&made->lock, NULL);
	pthread_condattr_t attributes;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&made->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	/* Signals are for the threads of the program, which expect them. */
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	const int reason = pthread_create(&made->thread, NULL, keep, made);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (reason == 0) {
		*keeper = made;
		return CSVR_OK;
	}
	pthread_cond_destroy(&made->changed);
	pthread_mutex_destroy(&made->lock);
	free(made);
	errno = reason;
	return csvr_error_set_errno(error, "no thread can be started that saves the checkpoint");
}

void csvr_checkpointer_stop(struct csvr_checkpointer *keeper)
{
	if (keeper == NULL)
		return;
	pthread_mutex_lock(&keeper->lock);
	keeper->is_over = true;
	pthread_cond_signal(&keeper->changed);
	pthread_mutex_unlock(&keeper->lock);
	pthread_join(keeper->thread, NULL);
	pthread_cond_destroy(&keeper->changed);
	pthread_mutex_destroy(&keeper->lock);
	free(keeper);
}
