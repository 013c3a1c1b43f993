/* log.h - messages on standard error, and the worst exit status so far
 *
 * Shape    one per program; every message is one line, `csv-report: PATH:LINE: what is wrong`
 * Threads  csvr_log_error and csvr_log_error_at may be called by any thread, the others by one at a time
 */
#ifndef CSVR_CLI_LOG_H
#define CSVR_CLI_LOG_H

#include "csvreport.h"

enum csvr_exit {
	CSVR_EXIT_COMPLETE = 0,
	CSVR_EXIT_NO_REPORT = 1,
	CSVR_EXIT_USAGE = 2,
	CSVR_EXIT_INCOMPLETE = 3, /* the messages list what is missing */
	CSVR_EXIT_CHANGED = 4, /* since an earlier report; the messages list what */
	CSVR_EXIT_INTERRUPTED = 75 /* by a signal or a time limit; sysexits.h: EX_TEMPFAIL */
};

struct csvr_log {
	FILE *stream;
	bool is_quiet; /* only messages about a missing report are written */
	size_t bar_width; /* of the progress bar on the last line; 0: none */
	enum csvr_exit worst; /* usage, then no report, then interrupted, incomplete, changed */
	bool is_silent; /* no messages: another rank writes them */
};

void csvr_log_init(struct csvr_log *log);

/* Writes a message. `status` is the exit status that the event causes; the worst one is kept. */
void csvr_log_error(struct csvr_log *log, enum csvr_exit status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Writes a message about a location in an input; `line` 0 is the whole file. */
void csvr_log_error_at(struct csvr_log *log, enum csvr_exit status, const char *path, uint64_t line,
		       const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Writes a line that the user requested: --quiet does not suppress it. */
void csvr_log_info(struct csvr_log *log, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Writes several lines of text, without the name of the program: the short usage. */
void csvr_log_raw(struct csvr_log *log, enum csvr_exit status, const char *text);

/* Draws a progress bar on the last line of a terminal, in place of the previous one; NULL erases it.
 * Messages erase it too. */
void csvr_log_show_bar(struct csvr_log *log, const char *bar);

#endif
