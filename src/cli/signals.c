/* signals.c - signals and the time limit, which end a run early */
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
	bool is_from_user; /* usually from a user at a terminal */
} signals[] = {
	{ SIGTERM, "SIGTERM", false },        { SIGINT, "SIGINT", true },
	{ SIGHUP, "SIGHUP", true },           { SIGUSR1, "SIGUSR1", false },
	{ SIGUSR2, "SIGUSR2", false },        { SIGXCPU, "SIGXCPU", false },
	{ SIGALRM, "the time limit", false },
};

enum { N_SIGNALS = sizeof signals / sizeof signals[0] };

/* Accessed by signal handlers: ints that are read and written atomically. */
static int stop_signal, n_deferrals, deferred_signal, is_polled, is_disarmed;
static bool has_checkpoint, is_silent; /* set before the handlers are installed */
static int is_exit_guarded; /* atomic */

static size_t index_of(int number)
{
	size_t i = 0;
	while (i + 1 < N_SIGNALS && signals[i].number != number)
		i++;
	return i;
}

/* Async-signal-safe. */
static void write_stderr(const char *text)
{
	const ssize_t ignored = write(STDERR_FILENO, text, strlen(text));
	(void)ignored;
}

/* With one write, so that no output of another process, such as mpiexec, is inside the line. Async-signal-safe. */
static void write_interrupted(const char *signal_name)
{
	const char *const parts[] = {
		"csv-report: interrupted by ", signal_name,
		has_checkpoint ? "; no report; run the same command again to resume\n"
			       : "; no report; use --checkpoint=FILE to be able to resume\n"
	};
	char line[160];
	size_t n_bytes = 0;
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		const size_t n_left = sizeof line - 1 - n_bytes, n_part = strlen(parts[i]);
		memcpy(line + n_bytes, parts[i], n_part < n_left ? n_part : n_left);
		n_bytes += n_part < n_left ? n_part : n_left;
	}
	line[n_bytes] = '\0';
	write_stderr(line);
}

static void end_by_signal(int number)
{
	signal(number, SIG_DFL);
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, number);
	raise(number);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

/* Ends the program: the flag is not polled, or the user sent SIGINT twice. */
static void end(int number)
{
	const size_t index = index_of(number);
	const bool is_second_interrupt = __atomic_load_n(&stop_signal, __ATOMIC_RELAXED) == SIGINT;
	const bool is_report_written = __atomic_load_n(&is_disarmed, __ATOMIC_SEQ_CST) != 0;
	if (is_second_interrupt ||
	    (signals[index].is_from_user && (!has_checkpoint || is_report_written))) {
		end_by_signal(number);
		return;
	}
	if (is_report_written)
		return;
	if (!is_silent)
		write_interrupted(signals[index].name);
	_exit(CSVR_EXIT_INTERRUPTED);
}

/* Ends the program unless signals are deferred. `n_deferrals` and `deferred_signal` are each checked after
 * a store to the other, so no signal is lost. */
static void end_unless_deferred(void)
{
	if (__atomic_load_n(&n_deferrals, __ATOMIC_SEQ_CST) > 0)
		return;
	const int number = __atomic_exchange_n(&deferred_signal, 0, __ATOMIC_SEQ_CST);
	if (number != 0)
		end(number);
}

static void on_signal(int number)
{
	const int before = __atomic_load_n(&stop_signal, __ATOMIC_RELAXED);
	if (before != 0 || __atomic_load_n(&is_polled, __ATOMIC_SEQ_CST) != 0) {
		__atomic_store_n(&stop_signal, number, __ATOMIC_SEQ_CST);
		/* A second SIGINT ends the program at once. */
		if (before != SIGINT || number != SIGINT)
			return;
	}
	__atomic_store_n(&deferred_signal, number, __ATOMIC_SEQ_CST);
	end_unless_deferred();
}

void csvr_signals_install(bool with_checkpoint, bool without_messages, double limit_s)
{
	has_checkpoint = with_checkpoint;
	is_silent = without_messages;
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

/* The exit status is that of the OpenMP runtime, which is 1. */
static void at_exit(void)
{
	if (__atomic_load_n(&is_exit_guarded, __ATOMIC_SEQ_CST) && !is_silent)
		write_stderr(
			"csv-report: OpenMP ran out of memory or threads; no report; --threads=1 needs "
			"the least of both\n");
}

void csvr_signals_guard_exit(bool is_guarded)
{
	static bool is_registered;
	if (!is_registered)
		is_registered = atexit(at_exit) == 0;
	__atomic_store_n(&is_exit_guarded, is_guarded, __ATOMIC_SEQ_CST);
}

void csvr_signals_set_polled(bool is_polled_now)
{
	__atomic_store_n(&is_polled, is_polled_now && has_checkpoint, __ATOMIC_SEQ_CST);
}

void csvr_signals_ignore_all(void)
{
	for (size_t i = 0; i < N_SIGNALS; i++)
		signal(signals[i].number, SIG_IGN);
}

const int *csvr_signals_stop_flag(void)
{
	return &stop_signal;
}

const char *csvr_signals_stop_reason(void)
{
	const int number = __atomic_load_n(&stop_signal, __ATOMIC_RELAXED);
	return number != 0 ? signals[index_of(number)].name : "a signal to another process";
}

void csvr_signals_defer(void)
{
	__atomic_add_fetch(&n_deferrals, 1, __ATOMIC_SEQ_CST);
}

void csvr_signals_undefer(void)
{
	__atomic_sub_fetch(&n_deferrals, 1, __ATOMIC_SEQ_CST);
	end_unless_deferred();
}

void csvr_signals_disarm(void)
{
	__atomic_store_n(&is_disarmed, 1, __ATOMIC_SEQ_CST);
	__atomic_store_n(&deferred_signal, 0, __ATOMIC_SEQ_CST);
}
