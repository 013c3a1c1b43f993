/* log.h - the only writer to standard error, and the worst exit status so far
 *
 * Shape   one per program; every message is one line, `csv-report: PATH:LINE: what is wrong`
 * Threads  one at a time, but for csvr_log_error and csvr_log_error_at, which wait for each other
 */
#ifndef CSVR_CLI_LOG_H
#define CSVR_CLI_LOG_H

#include "csvreport.h"

enum csvr_exit {
	CSVR_EXIT_COMPLETE = 0,
	CSVR_EXIT_NO_REPORT = 1,
	CSVR_EXIT_USAGE = 2,
	CSVR_EXIT_INCOMPLETE = 3, /* complete but for what the messages name */
	CSVR_EXIT_INTERRUPTED = 75 /* ended early by a signal or a limit; sysexits.h: EX_TEMPFAIL */
};

struct csvr_log {
	FILE *stream;
	bool is_quiet; /* only what ends the run without a report is said */
	size_t bar_width; /* of the progress bar that stands on the last line; 0: none */
	enum csvr_exit worst; /* usage, then no report, then stopped, then incomplete */
	bool is_silent; /* nothing is said: another process speaks for this one */
};

void csvr_log_init(struct csvr_log *log);

/* Says something that costs the run `status`; of all statuses the worst is kept. */
void csvr_log_error(struct csvr_log *log, enum csvr_exit status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same about a place in an input: `line` 0 is the file as a whole. */
void csvr_log_error_at(struct csvr_log *log, enum csvr_exit status, const char *path, uint64_t line,
		       const char *format, ...) __attribute__((format(printf, 5, 6)));

/* A line that the user has asked for: --quiet does not hold it back. */
void csvr_log_info(struct csvr_log *log, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Text without the program's name before it and several lines long: a short usage. */
void csvr_log_raw(struct csvr_log *log, enum csvr_exit status, const char *text);

/* Puts a bar of progress on the last line of a terminal, in place of the one before; NULL erases
 * it. Messages erase it by themselves. */
void csvr_log_show_bar(struct csvr_log *log, const char *bar);

#endif
