/* table_problems.c - the list of problems below the table
 *
 * Shape    one line each: the count, the phrase, the location; long lists are cut without --verbose
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <string.h>

#include "report/table_internal.h"

enum {
	NAME_IN_PROBLEM = 60,
	MOST_LISTED = 10 /* problems of one kind, without --verbose */
};

static void escape_shortened(FILE *stream, const char *name, size_t n_bytes)
{
	csvr_escape_shortened(stream, name, n_bytes, NAME_IN_PROBLEM);
}

struct indented {
	const struct csvr_document *document;
	FILE *stream;
	int indent;
};

static void write_indented_path(void *context, size_t index)
{
	const struct indented *to = context;
	const char *path = csvr_file_path(to->document, to->document->paths[index]);
	csvr_table_pad((size_t)to->indent, to->stream);
	csvr_escape_plain(to->stream, path, strlen(path));
	putc('\n', to->stream);
}

/* The columns that some files of the table lack, and these files. */
static void write_absent_columns(const struct csvr_report *report, int indent, FILE *stream)
{
	struct indented to = { report->document, stream, indent + 2 };
	for (size_t i = 0; i < report->table->n_columns && !ferror(stream); i++) {
		const struct csvr_summary_column *column = &report->table->columns[i];
		if (column->n_files == 0 || column->n_files == report->table->n_files)
			continue;
		csvr_table_pad((size_t)indent, stream);
		fputs("without column \"", stream);
		const struct csvr_name title = csvr_summary_column_title(column);
		csvr_escape_plain(stream, title.text, title.n_bytes);
		fputs("\":\n", stream);
		csvr_files_with_column(report, i, false, write_indented_path, &to);
	}
}

/* Writes one line: the phrase, the location, the reason. */
static void write_problem(const struct csvr_problems *problems, const struct csvr_problem *problem,
			  const struct csvr_report *report, int count_width, FILE *stream)
{
	const struct csvr_problem_type *type = &csvr_problem_types[problem->kind];
	char text[CSVR_NUMBER_TEXT_BYTES];
	csvr_number_count(problem->n, text);
	fprintf(stream, "%*s  ", count_width, text);
	csvr_problem_write_phrase(problems, problem, escape_shortened, stream);
	if (problem->path != NULL) {
		fputs(type->is_about_file ? ": " : ", first at ", stream);
		csvr_location_write(problem->path, problem->line, csvr_escape_plain, stream);
	}
	if (problem->reason != NULL) {
		fputs(": ", stream);
		csvr_escape_plain(stream, problem->reason, strlen(problem->reason));
	}
	putc('\n', stream);
	if (report != NULL && report->options->verbose &&
	    problem->kind == CSVR_PROBLEM_ABSENT_COLUMNS)
		write_absent_columns(report, count_width + 4, stream);
}

static int widest_count(const struct csvr_problems *problems)
{
	char text[CSVR_NUMBER_TEXT_BYTES];
	size_t widest = 1;
	for (size_t p = 0; p < problems->n_items; p++) {
		const size_t width = csvr_number_count(problems->items[p].n, text);
		if (width > widest)
			widest = width;
	}
	return (int)widest + 2;
}

void csvr_table_write_problems(const struct csvr_problems *problems,
			       const struct csvr_report *report,
			       const struct csvr_report_options *options, FILE *stream)
{
	const int count_width = widest_count(problems);
	size_t n_of_kind[CSVR_N_PROBLEMS] = { 0 };
	for (size_t p = 0; p < problems->n_items; p++)
		n_of_kind[problems->items[p].kind]++;

	putc('\n', stream);
	csvr_table_style(options, CSVR_WARNING_ON, stream);
	fputs(report != NULL ? "problems" : "other problems", stream);
	csvr_table_style(options, CSVR_STYLE_OFF, stream);
	putc('\n', stream);
	for (size_t p = 0, same; p < problems->n_items; p += same) {
		const enum csvr_problem_kind kind = problems->items[p].kind;
		same = n_of_kind[kind];
		const size_t listed = options->verbose || same <= MOST_LISTED ? same : MOST_LISTED;
		for (size_t i = 0; i < listed && !ferror(stream); i++)
			write_problem(problems, &problems->items[p + i], report, count_width,
				      stream);
		if (listed < same) {
			char text[CSVR_NUMBER_TEXT_BYTES];
			csvr_number_count(same - listed, text);
			fprintf(stream, "%*s  %s more %s (--verbose lists them)\n", count_width, "",
				text, csvr_problem_types[kind].others);
		}
	}
}
