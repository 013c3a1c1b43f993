/* signals.c - signals and a time limit, which end a run early */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "cli/signals.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "cli/log.h"

static const struct {
	int number;
	const char *name;
	bool is_personal; /* from someone at a terminal */
} signals[] = {
	{ SIGTERM, "SIGTERM", false },        { SIGINT, "SIGINT", true },
	{ SIGHUP, "SIGHUP", true },           { SIGUSR1, "SIGUSR1", false },
	{ SIGUSR2, "SIGUSR2", false },        { SIGXCPU, "SIGXCPU", false },
	{ SIGALRM, "the time limit", false },
};

enum { N_SIGNALS = sizeof signals / sizeof signals[0] };

/* Read and written in a signal handler: all are ints that change atomically. */
static int stop, n_holds, held_back, is_heeded, is_over;
static bool has_checkpoint, is_silent; /* set before there are handlers */
static int is_exit_odd; /* atomic */

static size_t index_of(int number)
{
	size_t i = 0;
	while (i + 1 < N_SIGNALS && signals[i].number != number)
		i++;
	return i;
}

/* Only what a signal handler may call. */
static void put(const char *text)
{
	const ssize_t ignored = write(STDERR_FILENO, text, strlen(text));
	(void)ignored;
}

static void end_by(int number)
{
	signal(number, SIG_DFL);
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, number);
	raise(number);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

/* Nobody looks at the flag, or someone at a terminal insists. */
static void end(int number)
{
	const size_t index = index_of(number);
	const bool is_insisted_on = __atomic_load_n(&stop, __ATOMIC_RELAXED) == SIGINT;
	const bool is_late = __atomic_load_n(&is_over, __ATOMIC_SEQ_CST) != 0;
	if (is_insisted_on || (signals[index].is_personal && (!has_checkpoint || is_late))) {
		end_by(number);
		return;
	}
	if (is_late)
		return;
	if (!is_silent) {
		put("csv-report: ended by ");
		put(signals[index].name);
		put(has_checkpoint
			    ? ": no report; the same command goes on from the last checkpoint\n"
			    : ": no report; with --checkpoint=FILE the same command goes on from "
			      "where it was\n");
	}
	_exit(CSVR_EXIT_INTERRUPTED);
}

/* Whoever changes one of the two looks at the other behind that, so no signal stays behind. */
static void end_unless_held(void)
{
	if (__atomic_load_n(&n_holds, __ATOMIC_SEQ_CST) > 0)
		return;
	const int number = __atomic_exchange_n(&held_back, 0, __ATOMIC_SEQ_CST);
	if (number != 0)
		end(number);
}

static void on_signal(int number)
{
	const int before = __atomic_load_n(&stop, __ATOMIC_RELAXED);
	if (before != 0 || __atomic_load_n(&is_heeded, __ATOMIC_SEQ_CST) != 0) {
		__atomic_store_n(&stop, number, __ATOMIC_SEQ_CST);
		/* A second press of the key means it. */
		if (before != SIGINT || number != SIGINT)
			return;
	}
	__atomic_store_n(&held_back, number, __ATOMIC_SEQ_CST);
	end_unless_held();
}

void csvr_signals_install(bool is_kept, bool is_mute, double limit_s)
{
	has_checkpoint = is_kept;
	is_silent = is_mute;
	for (size_t i = 0; i < N_SIGNALS; i++) {
		const int number = signals[i].number;
		struct sigaction action = { .sa_handler = on_signal }, before;
		sigemptyset(&action.sa_mask);
		action.sa_flags = SA_RESTART;
		if (sigaction(number, NULL, &before) == 0 &&
		    (before.sa_handler != SIG_IGN || number == SIGALRM))
			sigaction(number, &action, NULL);
	}
	if (limit_s <= 0)
		return;
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	struct itimerval timer = { { 0, 0 }, { 0, 0 } };
	timer.it_value.tv_sec = (time_t)limit_s;
	timer.it_value.tv_usec = (suseconds_t)((limit_s - (double)timer.it_value.tv_sec) * 1e6);
	if (timer.it_value.tv_sec == 0 && timer.it_value.tv_usec == 0)
		timer.it_value.tv_usec = 1;
	setitimer(ITIMER_REAL, &timer, NULL);
}

/* The exit status is that of the runtime, which is 1. */
static void on_exit_within(void)
{
	if (__atomic_load_n(&is_exit_odd, __ATOMIC_SEQ_CST) && !is_silent)
		put("csv-report: OpenMP gave up, for lack of memory or threads: no report; "
		    "--threads=1 needs least of both\n");
}

void csvr_signals_guard_exit(bool is_begun)
{
	static bool is_registered;
	if (!is_registered)
		is_registered = atexit(on_exit_within) == 0;
	__atomic_store_n(&is_exit_odd, is_begun, __ATOMIC_SEQ_CST);
}

void csvr_signals_set_polled(bool is_begun)
{
	__atomic_store_n(&is_heeded, is_begun && has_checkpoint, __ATOMIC_SEQ_CST);
}

void csvr_signals_ignore_all(void)
{
	for (size_t i = 0; i < N_SIGNALS; i++)
		signal(signals[i].number, SIG_IGN);
}

const int *csvr_signals_stop_flag(void)
{
	return &stop;
}

const char *csvr_signals_stop_reason(void)
{
	const int number = __atomic_load_n(&stop, __ATOMIC_RELAXED);
	return number != 0 ? signals[index_of(number)].name : "a signal to another process";
}

void csvr_signals_defer(void)
{
	__atomic_add_fetch(&n_holds, 1, __ATOMIC_SEQ_CST);
}

void csvr_signals_undefer(void)
{
	__atomic_sub_fetch(&n_holds, 1, __ATOMIC_SEQ_CST);
	end_unless_held();
}

void csvr_signals_disarm(void)
{
	__atomic_store_n(&is_over, 1, __ATOMIC_SEQ_CST);
	__atomic_store_n(&held_back, 0, __ATOMIC_SEQ_CST);
}
