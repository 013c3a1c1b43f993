/* html_text.c - names, values and problems as HTML */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <inttypes.h>
#include <string.h>

#include "report/html.h"

enum {
	DIGITS = 7, /* significant ones */
	NUMBER_BYTES = 20,
	MOST_SHOWN = 10, /* problems of one kind that are shown at once, */
	MOST_LISTED = 100 /* and that are listed at all without --verbose */
};

void csvr_html_name(const char *name, size_t n_bytes, size_t max_width, FILE *stream)
{
	const struct csvr_cut cut = csvr_escape_cut(name, n_bytes, max_width, (max_width - 1) / 2);
	fputs("<bdi>", stream);
	csvr_escape_html(stream, name, cut.head_bytes);
	if (cut.head_bytes < n_bytes) {
		fputs("…", stream);
		csvr_escape_html(stream, name + n_bytes - cut.tail_bytes, cut.tail_bytes);
	}
	fputs("</bdi>", stream);
}

struct csvr_name csvr_html_title(const struct csvr_document *document)
{
	static const char plain[] = "CSV report";
	const struct csvr_summary *summary = document->summary;
	const char *first = NULL;
	size_t n_common = 0;
	for (size_t i = 0; i < summary->n_files; i++) {
		const char *path = csvr_file_path(document, &summary->files[i]);
		if (first == NULL) {
			first = path;
			n_common = strlen(path);
			continue;
		}
		size_t n = 0, n_directory = 0;
		for (; n < n_common && path[n] == first[n]; n++)
			if (path[n] == '/')
				n_directory = n + 1;
		n_common = n_directory;
	}
	if (summary->n_files == 1) {
		first = csvr_display_path(first);
		return (struct csvr_name){ first, strlen(first) };
	}
	return n_common > 1 ? (struct csvr_name){ first, n_common }
			    : (struct csvr_name){ plain, sizeof plain - 1 };
}

void csvr_html_location(const char *path, uint64_t line, FILE *stream)
{
	path = csvr_display_path(path);
	fputs("<code>", stream);
	csvr_html_name(path, strlen(path), CSVR_HTML_NAME_WIDTH, stream);
	if (line > 0)
		fprintf(stream, ":%" PRIu64, line);
	fputs("</code>", stream);
}

static void write_number(const struct csvr_value *value, int round_digits, FILE *stream)
{
	char number[CSVR_NUMBER_TEXT_BYTES], text[CSVR_NUMBER_TEXT_BYTES];
	if (round_digits >= 0) {
		csvr_value_fixed(value, round_digits, text);
	} else if (value->kind == CSVR_VALUE_REAL) {
		csvr_number_shortest(value->real, number);
		csvr_number_brief(number, DIGITS, NUMBER_BYTES, text);
	} else {
		csvr_number_brief(value->text, DIGITS, NUMBER_BYTES, text);
	}
	fputs(text, stream);
}

/* The bytes of a date or time without fractions of a second; of a short one, with them. */
static size_t count_time_bytes(const char *time)
{
	enum { SHORT_BYTES = 12 }; /* 10:30:00.125 */
	const size_t n_bytes = strlen(time);
	return n_bytes > SHORT_BYTES ? strcspn(time, ".") : n_bytes;
}

void csvr_html_value(const struct csvr_value *value, const struct csvr_report_options *options,
		     FILE *stream)
{
	char count[CSVR_NUMBER_TEXT_BYTES];
	csvr_escape_html(stream, csvr_value_mark(value), strlen(csvr_value_mark(value)));
	switch (value->kind) {
	case CSVR_VALUE_NONE:
	case CSVR_VALUE_HISTOGRAM: /* drawn */
		break;
	case CSVR_VALUE_COUNT:
		csvr_number_count(value->count, count);
		fputs(count, stream);
		break;
	case CSVR_VALUE_REAL:
	case CSVR_VALUE_DECIMAL:
		write_number(value, options->round_digits, stream);
		break;
	case CSVR_VALUE_TIME:
		csvr_escape_html(stream, value->text, count_time_bytes(value->text));
		break;
	case CSVR_VALUE_WORD:
	case CSVR_VALUE_FACT:
		csvr_escape_html(stream, value->word, strlen(value->word));
		break;
	case CSVR_VALUE_BYTES:
		csvr_html_name((const char *)value->bytes, value->n_bytes, CSVR_HTML_CELL_WIDTH,
			       stream);
		break;
	}
}

void csvr_html_share(uint64_t count, uint64_t of, FILE *stream)
{
	char share[CSVR_SHARE_BYTES];
	csvr_escape_html(stream, share, csvr_number_share(count, of, share));
}

void csvr_html_counted(uint64_t count, const char *unit, FILE *stream)
{
	char text[CSVR_NUMBER_TEXT_BYTES];
	csvr_number_count(count, text);
	fprintf(stream, "%s %s%s", text, unit, count == 1 ? "" : "s");
}

/* ---- problems ---- */

/* A name within a sentence. */
static void escape_name(FILE *stream, const char *name, size_t n_bytes)
{
	csvr_html_name(name, n_bytes, CSVR_HTML_NAME_WIDTH, stream);
}

static void write_problem(const struct csvr_problems *problems, const struct csvr_problem *problem,
			  FILE *stream)
{
	const struct csvr_problem_type *type = &csvr_problem_types[problem->kind];
	char count[CSVR_NUMBER_TEXT_BYTES];
	csvr_number_count(problem->n, count);
	fprintf(stream, "<li><b>%s</b> ", count);
	csvr_problem_write_phrase(problems, problem, escape_name, stream);
	if (problem->path != NULL) {
		fputs(type->is_about_file ? ": " : ", first at ", stream);
		csvr_html_location(problem->path, problem->line, stream);
	}
	if (problem->reason != NULL) {
		fputs(": ", stream);
		csvr_escape_html(stream, problem->reason, strlen(problem->reason));
	}
	putc('\n', stream);
}

/* Problems of one kind: the first ones, and the others where a click shows them. */
static void write_kind(const struct csvr_problems *problems, size_t first, size_t n,
		       bool is_verbose, FILE *stream)
{
	const size_t n_listed = is_verbose || n <= MOST_LISTED ? n : MOST_LISTED;
	const char *others = csvr_problem_types[problems->items[first].kind].others;
	char count[CSVR_NUMBER_TEXT_BYTES];
	for (size_t i = 0; i < n_listed && !ferror(stream); i++) {
		if (i == MOST_SHOWN) {
			csvr_number_count(n - MOST_SHOWN, count);
			fprintf(stream, "<li><details><summary>%s more %s</summary><ul>\n", count,
				others);
		}
		write_problem(problems, &problems->items[first + i], stream);
	}
	if (n_listed < n) {
		csvr_number_count(n - n_listed, count);
		fprintf(stream, "<li>%s more (--verbose lists them)\n", count);
	}
	if (n_listed > MOST_SHOWN)
		fputs("</ul></details>\n", stream);
}

void csvr_html_problems(const struct csvr_problems *problems,
			const struct csvr_report_options *options, FILE *stream)
{
	fputs("<ul class=problems>\n", stream);
	for (size_t p = 0, n; p < problems->n_items && !ferror(stream); p += n) {
		n = 1;
		while (p + n < problems->n_items &&
		       problems->items[p + n].kind == problems->items[p].kind)
			n++;
		write_kind(problems, p, n, options->verbose, stream);
	}
	fputs("</ul>\n", stream);
}
