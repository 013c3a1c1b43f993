/* stop.h - signals and a time limit, which end a run early
 *
 * A run that keeps a checkpoint ends when it is told to: the signal only leaves its number. One that
 * keeps nothing has nothing to lose: it ends at once, with exit status 75, or, where a person pressed
 * a key or closed a terminal, by the signal.
 *
 * Threads  any; signals are taken by whichever thread the system chooses
 */
#ifndef CSVR_CLI_STOP_H
#define CSVR_CLI_STOP_H

#include <stdbool.h>

/* Takes SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2 and SIGXCPU, unless they are ignored, and after
 * `limit_s` seconds (0: never) SIGALRM. With `is_mute` another process says what has ended them. */
void csvr_stop_begin(bool is_kept, bool is_mute, double limit_s);

/* What a run looks at: 0 until it is to end. */
const int *csvr_stop_flag(void);

/* What ended it: "SIGTERM", "the time limit", or, if it was not this process that was told, "a signal to
 * another process". */
const char *csvr_stop_reason(void);

/* From now on nothing ends the program but its own end: all is done, and a launcher that sees one of its
 * processes end with another status than 0 may tell the others to. */
void csvr_stop_end(void);

/* While held, a signal that would end the program waits: for moments in which it would leave something
 * half done. */
void csvr_stop_hold(void);
void csvr_stop_release(void);

#endif
