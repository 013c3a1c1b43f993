/* checkpoint_thread.c - the thread that saves checkpoints */
#include "run/checkpoint_thread.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/stop_flag.h"

/* The period of the checks, and the time that threads have to flush before a checkpoint is saved
 * without the results of those that have not. */
enum { POLL_MS = 20, FLUSH_MS = 1000 };

struct csvr_checkpointer {
	struct csvr_checkpointer_config config;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool is_over; /* under the lock */
};

/* Sleeps for one period; false: the thread must end. */
static bool wait_for_period(struct csvr_checkpointer *checkpointer)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += POLL_MS * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	pthread_mutex_lock(&checkpointer->lock);
	while (!checkpointer->is_over &&
	       pthread_cond_timedwait(&checkpointer->changed, &checkpointer->lock, &until) == 0)
		;
	const bool is_over = checkpointer->is_over;
	pthread_mutex_unlock(&checkpointer->lock);
	return !is_over;
}

static uint64_t nanoseconds(double seconds)
{
	return (uint64_t)(seconds * 1e9);
}

static void *run_checkpointer(void *argument)
{
	struct csvr_checkpointer *checkpointer = argument;
	const struct csvr_checkpointer_config *config = &checkpointer->config;
	const uint64_t interval_ns = nanoseconds(config->checkpoint->interval_s);
	const uint64_t grace_ns = nanoseconds(config->checkpoint->grace_s);
	uint64_t saved_ns = csvr_clock_wall_ns(), requested_ns = 0, stopped_ns = 0;
	while (wait_for_period(checkpointer)) {
		const uint64_t now_ns = csvr_clock_wall_ns();
		if (csvr_stop_requested(config->stop_flag)) {
			if (stopped_ns == 0)
				stopped_ns = now_ns;
			/* A thread is blocked, usually in a read. Results it has not flushed are
			 * lost. */
			if (now_ns - stopped_ns > grace_ns) {
				config->save(config->context);
				config->checkpoint->abandon(config->checkpoint->context);
			}
		} else if (requested_ns > 0) {
			if (!config->is_flushed(config->context) &&
			    now_ns - requested_ns < FLUSH_MS * UINT64_C(1000000))
				continue;
			config->save(config->context);
			saved_ns = csvr_clock_wall_ns();
			requested_ns = 0;
		} else if (now_ns - saved_ns >= interval_ns) {
			config->request_flush(config->context);
			requested_ns = now_ns;
		}
	}
	return NULL;
}

enum csvr_status csvr_checkpointer_start(const struct csvr_checkpointer_config *config,
					 struct csvr_checkpointer **checkpointer,
					 struct csvr_error *error)
{
	*checkpointer = NULL;
	if (config->checkpoint == NULL)
		return CSVR_OK;
	struct csvr_checkpointer *started = calloc(1, sizeof *started);
	if (started == NULL)
		return CSVR_NO_MEMORY;
	started->config = *config;
	pthread_mutex_init(&started->lock, NULL);
	pthread_condattr_t attributes;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&started->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	/* Signals are handled by the threads of the program. */
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	const int error_number = pthread_create(&started->thread, NULL, run_checkpointer, started);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error_number == 0) {
		*checkpointer = started;
		return CSVR_OK;
	}
	pthread_cond_destroy(&started->changed);
	pthread_mutex_destroy(&started->lock);
	free(started);
	errno = error_number;
	return csvr_error_set_errno(error, "cannot start the checkpoint thread");
}

void csvr_checkpointer_stop(struct csvr_checkpointer *checkpointer)
{
	if (checkpointer == NULL)
		return;
	pthread_mutex_lock(&checkpointer->lock);
	checkpointer->is_over = true;
	pthread_cond_signal(&checkpointer->changed);
	pthread_mutex_unlock(&checkpointer->lock);
	pthread_join(checkpointer->thread, NULL);
	pthread_cond_destroy(&checkpointer->changed);
	pthread_mutex_destroy(&checkpointer->lock);
	free(checkpointer);
}
