/* progress.c - progress of the run: a bar on a terminal, lines in a log */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "cli/progress.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/number_format.h"
#include "cli/launcher.h"

/* A run of less than half a second needs no bar. Ten updates per second look smooth and cost nothing. */
static const double bar_after_s = 0.5, bar_interval_s = 0.1;

/* Faster than any disk, and within the range of uint64_t. */
static const double most_rate = 1e18;

enum { LEAST_WIDTH = 20, MOST_WIDTH = 100, BAR_CELLS = 20 };

static double now_s(void)
{
	return (double)csvr_clock_wall_ns() * 1e-9;
}

static size_t terminal_width(void)
{
	struct winsize size;
	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < LEAST_WIDTH)
		return 80;
	return size.ws_col < MOST_WIDTH ? size.ws_col : MOST_WIDTH;
}

void csvr_progress_open(struct csvr_progress *progress, enum csvr_progress_mode mode,
			double interval_s, struct csvr_log *log)
{
	/* In a job standard error ends in a log, even if it is a terminal. */
	if (mode == CSVR_PROGRESS_AUTO)
		mode = isatty(STDERR_FILENO) && !log->is_quiet && !csvr_launcher_is_rank() &&
				       getenv("SLURM_JOB_ID") == NULL
			       ? CSVR_PROGRESS_ALWAYS
			       : CSVR_PROGRESS_NEVER;
	if (log->is_silent)
		mode = CSVR_PROGRESS_NEVER;
	progress->log = log;
	progress->mode = mode;
	progress->interval_s = mode == CSVR_PROGRESS_LINES ? interval_s : bar_interval_s;
	progress->start_s = now_s();
	progress->next_s = progress->start_s +
			   (mode == CSVR_PROGRESS_LINES ? interval_s : bar_after_s);
	progress->width = terminal_width();
}

struct duration {
	char text[48];
};

static struct duration format_duration(double seconds)
{
	struct duration duration;
	const unsigned long s = seconds < 3.6e9 ? (unsigned long)(seconds + 0.5) : 3600000000UL;
	if (s < 60)
		snprintf(duration.text, sizeof duration.text, "%lu s", s);
	else if (s < 3600)
		snprintf(duration.text, sizeof duration.text, "%lu min %02lu s", s / 60, s % 60);
	else
		snprintf(duration.text, sizeof duration.text, "%lu h %02lu min", s / 3600,
			 s / 60 % 60);
	return duration;
}

/* The total does not include streams. Once more bytes than that are done, it means nothing. */
static bool is_total_valid(uint64_t done_bytes, uint64_t total_bytes)
{
	return total_bytes > 0 && done_bytes <= total_bytes;
}

/* "1.2 GB of 5.0 GB, 12 of 50 files, 310.0 MB/s, 12 s left", without the parts that are unknown. */
static void describe(char *text, size_t room, double elapsed_s, uint64_t done_bytes,
		     uint64_t total_bytes, size_t done_inputs, size_t n_inputs)
{
	char done[CSVR_NUMBER_TEXT_BYTES],
		total[CSVR_NUMBER_TEXT_BYTES + 4] = "", rate_text[CSVR_NUMBER_TEXT_BYTES];
	char left[64] = "";
	double rate = elapsed_s > 0 ? (double)done_bytes / elapsed_s : 0;
	if (rate > most_rate)
		rate = most_rate;
	csvr_number_size(done_bytes, done);
	csvr_number_size((uint64_t)rate, rate_text);
	if (is_total_valid(done_bytes, total_bytes)) {
		memcpy(total, " of ", 4);
		csvr_number_size(total_bytes, total + 4);
		if (rate > 0)
			snprintf(left, sizeof left, ", %s left",
				 format_duration((double)(total_bytes - done_bytes) / rate).text);
	}
	snprintf(text, room, "%s%s, %zu of %zu file%s, %s/s%s", done, total, done_inputs, n_inputs,
		 n_inputs == 1 ? "" : "s", rate_text, left);
}

static void show_bar(struct csvr_progress *progress, const char *text, uint64_t done_bytes,
		     uint64_t total_bytes)
{
	char line[896];
	if (is_total_valid(done_bytes, total_bytes)) {
		char bar[BAR_CELLS + 1];
		const double done = (double)done_bytes / (double)total_bytes;
		for (int i = 0; i < BAR_CELLS; i++)
			bar[i] = i < (int)(done * BAR_CELLS) ? '#' : '.';
		bar[BAR_CELLS] = '\0';
		snprintf(line, sizeof line, "[%s] %3d %%  %s", bar, (int)(done * 100), text);
	} else {
		snprintf(line, sizeof line, "%s", text);
	}
	if (strlen(line) >= progress->width) /* a line that wraps cannot be erased */
		line[progress->width - 1] = '\0';
	csvr_log_show_bar(progress->log, line);
}

void csvr_progress_show(void *context, uint64_t done_bytes, uint64_t total_bytes,
			size_t done_inputs, size_t n_inputs)
{
	struct csvr_progress *progress = context;
	if (progress->mode == CSVR_PROGRESS_NEVER)
		return;
	/* Called after every block: nearly every call returns here. */
	const double now = now_s();
	if (now < progress->next_s)
		return;
	progress->next_s = now + progress->interval_s;
	char text[768];
	describe(text, sizeof text, now - progress->start_s, done_bytes, total_bytes, done_inputs,
		 n_inputs);
	if (progress->mode == CSVR_PROGRESS_LINES)
		csvr_log_error(progress->log, CSVR_EXIT_COMPLETE, "%s", text);
	else
		show_bar(progress, text, done_bytes, total_bytes);
}

void csvr_progress_close(struct csvr_progress *progress)
{
	csvr_log_show_bar(progress->log, NULL);
}
