/* signals.h - signals and a time limit, which end a run early
 *
 * While a run keeps a checkpoint it ends when it is told to: the signal only leaves its number. Before
 * and behind that, and where nothing is kept, there is nothing to lose: the program ends at once, with
 * exit status 75, or, where there is no checkpoint and a person pressed a key or closed a terminal, by
 * the signal.
 *
 * Threads  any; signals are taken by whichever thread the system chooses
 */
#ifndef CSVR_CLI_SIGNALS_H
#define CSVR_CLI_SIGNALS_H

#include <stdbool.h>

/* Takes SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2 and SIGXCPU, unless they are ignored, and after
 * `limit_s` seconds (0: never) SIGALRM. With `is_mute` another process says what has ended them. */
void csvr_signals_install(bool is_kept, bool is_mute, double limit_s);

/* Whether the flag is looked at from now on, and who does will end the run in time. A signal that was
 * noted stays so, and those behind it only change the reason. */
void csvr_signals_set_polled(bool is_begun);

/* What a run looks at: 0 until it is to end. */
const int *csvr_signals_stop_flag(void);

/* What ended it: "SIGTERM", "the time limit", or, if it was not this process that was told, "a signal to
 * another process". */
const char *csvr_signals_stop_reason(void);

/* From now on nothing ends the program but its own end: all is done, and a launcher that sees one of its
 * processes end with another status than 0 may tell the others to. */
void csvr_signals_ignore_all(void);

/* From `is_begun` on until it is false the program runs what may end it by exit(3): the OpenMP runtime
 * does where it gets no memory or no thread, after words of its own. What follows from that is said then.
 * One thread calls it. */
void csvr_signals_guard_exit(bool is_begun);

/* While held, a signal that would end the program waits: for moments in which it would leave something
 * half done. */
void csvr_signals_defer(void);
void csvr_signals_undefer(void);

/* The report is written: what waits is too late, and so is what comes from now on, while the time is told
 * and a graph is drawn. Only a person still ends the program, by the signal. Where nothing is held the
 * report goes to a reader, who may have all of it although the signal was a moment earlier. */
void csvr_signals_disarm(void);

#endif
