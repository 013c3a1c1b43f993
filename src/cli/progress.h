/* progress.h - progress of the run: a bar on a terminal, lines in a log
 *
 * Units    seconds on the monotonic clock
 * Threads  the main thread only
 */
#ifndef CSVR_CLI_PROGRESS_H
#define CSVR_CLI_PROGRESS_H

#include "cli/log.h"
#include "csvreport.h"

enum csvr_progress_mode {
	CSVR_PROGRESS_AUTO,
	CSVR_PROGRESS_ALWAYS,
	CSVR_PROGRESS_NEVER,
	CSVR_PROGRESS_LINES
};

struct csvr_progress {
	struct csvr_log *log;
	enum csvr_progress_mode mode; /* never AUTO once opened */
	double interval_s; /* between two updates */
	double start_s;
	double next_s; /* time of the next update */
	size_t width; /* of the terminal */
};

/* Starts the clock. `interval_s` applies to CSVR_PROGRESS_LINES only. */
void csvr_progress_open(struct csvr_progress *progress, enum csvr_progress_mode mode,
			double interval_s, struct csvr_log *log);

/* A csvr_progress_fn whose `context` is the struct csvr_progress. */
void csvr_progress_show(void *context, uint64_t done_bytes, uint64_t total_bytes,
			size_t done_inputs, size_t n_inputs);

/* Erases the bar. */
void csvr_progress_close(struct csvr_progress *progress);

#endif
