/* log.c - messages on standard error */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "cli/log.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"

/* Keeps the lines of different threads apart. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void csvr_log_init(struct csvr_log *log)
{
	*log = (struct csvr_log){ .stream = stderr };
}

static void keep_worst(struct csvr_log *log, enum csvr_exit status)
{
	static const int severity[] = {
		[CSVR_EXIT_COMPLETE] = 0,    [CSVR_EXIT_CHANGED] = 1,   [CSVR_EXIT_INCOMPLETE] = 2,
		[CSVR_EXIT_INTERRUPTED] = 3, [CSVR_EXIT_NO_REPORT] = 4, [CSVR_EXIT_USAGE] = 5
	};
	if (severity[status] > severity[log->worst])
		log->worst = status;
}

/* --quiet keeps the messages that explain a missing report. */
static bool is_shown(const struct csvr_log *log, enum csvr_exit status)
{
	return !log->is_silent && (!log->is_quiet || status == CSVR_EXIT_NO_REPORT ||
				   status == CSVR_EXIT_USAGE || status == CSVR_EXIT_INTERRUPTED);
}

/* The caller owns the lock. */
static void show_bar(struct csvr_log *log, const char *bar)
{
	const size_t width = bar != NULL ? csvr_escape_width(bar, strlen(bar)) : 0;
	if (width == 0 && log->bar_width == 0)
		return;
	fprintf(log->stream, "\r%s", bar != NULL ? bar : "");
	if (log->bar_width > width) /* erase the end of a longer bar */
		fprintf(log->stream, "%*s\r%s", (int)(log->bar_width - width), "",
			bar != NULL ? bar : "");
	log->bar_width = width;
	fflush(log->stream);
}

static void write_line(struct csvr_log *log, const char *path, uint64_t line, const char *format,
		       va_list arguments)
{
	/* Paths and values may contain control bytes, so the complete line is formatted first and then
	 * escaped. Without memory the line is truncated rather than lost. */
	char *text = NULL;
	char truncated[512];
	va_list copy;
	va_copy(copy, arguments);
	if (vasprintf(&text, format, arguments) < 0) {
		text = NULL;
		vsnprintf(truncated, sizeof truncated, format, copy);
	}
	va_end(copy);
	const char *message = text != NULL ? text : truncated;

	pthread_mutex_lock(&lock);
	show_bar(log, NULL);
	fputs("csv-report: ", log->stream);
	if (path != NULL) {
		path = csvr_display_path(path);
		csvr_escape_plain(log->stream, path, strlen(path));
		if (line > 0)
			fprintf(log->stream, ":%" PRIu64, line);
		fputs(": ", log->stream);
	}
	csvr_escape_plain(log->stream, message, strlen(message));
	putc('\n', log->stream);
	fflush(log->stream);
	pthread_mutex_unlock(&lock);
	free(text);
}

void csvr_log_error(struct csvr_log *log, enum csvr_exit status, const char *format, ...)
{
	keep_worst(log, status);
	if (!is_shown(log, status))
		return;
	va_list arguments;
	va_start(arguments, format);
	write_line(log, NULL, 0, format, arguments);
	va_end(arguments);
}

void csvr_log_info(struct csvr_log *log, const char *format, ...)
{
	if (log->is_silent)
		return;
	va_list arguments;
	va_start(arguments, format);
	write_line(log, NULL, 0, format, arguments);
	va_end(arguments);
}

void csvr_log_error_at(struct csvr_log *log, enum csvr_exit status, const char *path, uint64_t line,
		       const char *format, ...)
{
	keep_worst(log, status);
	if (!is_shown(log, status))
		return;
	va_list arguments;
	va_start(arguments, format);
	write_line(log, path, line, format, arguments);
	va_end(arguments);
}

void csvr_log_raw(struct csvr_log *log, enum csvr_exit status, const char *text)
{
	keep_worst(log, status);
	if (log->is_silent)
		return;
	show_bar(log, NULL);
	fputs(text, log->stream);
	fflush(log->stream);
}

void csvr_log_show_bar(struct csvr_log *log, const char *bar)
{
	pthread_mutex_lock(&lock);
	show_bar(log, bar);
	pthread_mutex_unlock(&lock);
}
