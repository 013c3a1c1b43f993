/* signals.h - signals and the time limit, which end a run early
 *
 * While a run with a checkpoint polls the stop flag, a signal only sets the flag, and the run saves a
 * checkpoint and returns. At other times nothing needs saving, so the signal ends the program at once,
 * with exit status 75. A SIGINT or SIGHUP without --checkpoint comes from a user at a terminal; the
 * program then ends by the signal itself.
 *
 * Threads  any; the system chooses the thread that handles a signal
 */
#ifndef CSVR_CLI_SIGNALS_H
#define CSVR_CLI_SIGNALS_H

#include <stdbool.h>

/* Handles SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2 and SIGXCPU unless they are ignored, and SIGALRM,
 * which is sent after `limit_s` seconds (0: never). `is_silent`: another rank writes the messages. */
void csvr_signals_install(bool has_checkpoint, bool is_silent, double limit_s);

/* Whether the run polls the stop flag from now on and ends soon after it is set. Once a signal has set the
 * flag, further signals only change the reason. */
void csvr_signals_set_polled(bool is_polled);

/* The stop flag: 0 until the run must end. */
const int *csvr_signals_stop_flag(void);

/* What ended the run: "SIGTERM", "the time limit", or, if this process received no signal, "a signal to
 * another process". */
const char *csvr_signals_stop_reason(void);

/* Ignores all signals from now on. Called when the work is done: a launcher that sees one rank exit with
 * a nonzero status may send signals to the others. */
void csvr_signals_ignore_all(void);

/* While `is_guarded`, an exit(3) logs that there is no report. The OpenMP runtime calls exit after a
 * message of its own if it gets no memory or no thread. Called by one thread. */
void csvr_signals_guard_exit(bool is_guarded);

/* Between these calls, which nest, a signal that would end the program is deferred, so that it does not
 * leave a temporary file or a half-finished step. */
void csvr_signals_defer(void);
void csvr_signals_undefer(void);

/* Called once the report is written. Deferred and later signals no longer change the outcome while the
 * timing is logged and the flame graph written; only SIGINT and SIGHUP still end the program, by the
 * signal. If signals are not deferred, the report goes to a reader, which may have received all of it even
 * if the signal came first. */
void csvr_signals_disarm(void);

#endif
