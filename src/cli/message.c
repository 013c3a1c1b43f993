/* message.c - the only writer to standard error */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "cli/message.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "report/text.h"

/* A line at a time, whichever thread says it. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void csvr_messages_init(struct csvr_messages *messages)
{
	*messages = (struct csvr_messages){ .stream = stderr };
}

static void keep_worst(struct csvr_messages *messages, enum csvr_exit status)
{
	static const int severity[] = { [CSVR_EXIT_COMPLETE] = 0,
					[CSVR_EXIT_INCOMPLETE] = 1,
					[CSVR_EXIT_STOPPED] = 2,
					[CSVR_EXIT_NO_REPORT] = 3,
					[CSVR_EXIT_USAGE] = 4 };
	if (severity[status] > severity[messages->worst])
		messages->worst = status;
}

/* --quiet leaves what the user must know to understand a missing report. */
static bool is_heard(const struct csvr_messages *messages, enum csvr_exit status)
{
	return !messages->is_mute &&
	       (!messages->is_quiet || status == CSVR_EXIT_NO_REPORT || status == CSVR_EXIT_USAGE);
}

/* Under the lock. */
static void show_bar(struct csvr_messages *messages, const char *bar)
{
	const size_t width = bar != NULL ? csvr_text_width(bar, strlen(bar)) : 0;
	if (width == 0 && messages->bar_width == 0)
		return;
	fprintf(messages->stream, "\r%s", bar != NULL ? bar : "");
	if (messages->bar_width > width) /* what is left of a longer one */
		fprintf(messages->stream, "%*s\r%s", (int)(messages->bar_width - width), "",
			bar != NULL ? bar : "");
	messages->bar_width = width;
	fflush(messages->stream);
}

static void say(struct csvr_messages *messages, const char *path, uint64_t line, const char *format,
		va_list arguments)
{
	/* Paths and values may hold anything: the whole line is made, then made harmless. A line
	 * that memory does not suffice for is cut rather than lost. */
	char *text = NULL;
	char cut[512];
	va_list again;
	va_copy(again, arguments);
	if (vasprintf(&text, format, arguments) < 0) {
		text = NULL;
		vsnprintf(cut, sizeof cut, format, again);
	}
	va_end(again);
	const char *said = text != NULL ? text : cut;

	pthread_mutex_lock(&lock);
	show_bar(messages, NULL);
	fputs("csv-report: ", messages->stream);
	if (path != NULL) {
		path = csvr_shown_path(path);
		csvr_put_plain(messages->stream, path, strlen(path));
		if (line > 0)
			fprintf(messages->stream, ":%" PRIu64, line);
		fputs(": ", messages->stream);
	}
	csvr_put_plain(messages->stream, said, strlen(said));
	putc('\n', messages->stream);
	fflush(messages->stream);
	pthread_mutex_unlock(&lock);
	free(text);
}

void csvr_say(struct csvr_messages *messages, enum csvr_exit status, const char *format, ...)
{
	keep_worst(messages, status);
	if (!is_heard(messages, status))
		return;
	va_list arguments;
	va_start(arguments, format);
	say(messages, NULL, 0, format, arguments);
	va_end(arguments);
}

void csvr_say_asked(struct csvr_messages *messages, const char *format, ...)
{
	if (messages->is_mute)
		return;
	va_list arguments;
	va_start(arguments, format);
	say(messages, NULL, 0, format, arguments);
	va_end(arguments);
}

void csvr_say_at(struct csvr_messages *messages, enum csvr_exit status, const char *path,
		 uint64_t line, const char *format, ...)
{
	keep_worst(messages, status);
	if (!is_heard(messages, status))
		return;
	va_list arguments;
	va_start(arguments, format);
	say(messages, path, line, format, arguments);
	va_end(arguments);
}

void csvr_say_text(struct csvr_messages *messages, enum csvr_exit status, const char *text)
{
	keep_worst(messages, status);
	if (messages->is_mute)
		return;
	show_bar(messages, NULL);
	fputs(text, messages->stream);
	fflush(messages->stream);
}

void csvr_show_bar(struct csvr_messages *messages, const char *bar)
{
	pthread_mutex_lock(&lock);
	show_bar(messages, bar);
	pthread_mutex_unlock(&lock);
}
