/* write_table.c - the report for people: aligned, shortened, harmless on a terminal
 *
 * Shape   a block wider than the terminal gives up, in this order: letters of long names, half of
 *         the gaps, digits, more letters, and last the one line per column (see fit). Names are cut
 *         in their middle: those of one table often begin alike and end differently.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/number_format.h"
#include "report/report.h"
#include "report/writers.h"

enum {
	WIDE_GAP = 2, /* spaces between columns, where there is room ... */
	NARROW_GAP = 1, /* ... and where there is none */
	MOST_DIGITS = 7, /* significant digits of a real number, where there is room ... */
	LEAST_DIGITS = 5, /* ... and where there is none */
	NAME_SHORT = 16, /* names are cut to this before digits are given up ... */
	NAME_SHORTEST = 10, /* ... and to this before the statistics are wrapped */
	NAME_WRAPPED = 24, /* what a name may take when they are */
	NAME_IN_PROBLEM = 60,
	MOST_LISTED = 10 /* problems of a kind, unless all are asked for */
};

static const char title_on[] = "\033[1m", warning_on[] = "\033[1;33m", dim_on[] = "\033[2m",
		  color_off[] = "\033[0m";

struct table {
	const struct csvr_report *report;
	FILE *stream;
	struct csvr_report_block block;
	struct csvr_value *figures; /* block.n_rows times report->n_stats */
	size_t n_figures; /* room in figures */
	int digits;
	size_t gap;
	size_t name_width;
	size_t width[CSVR_MAX_STATISTICS];
};

static void style(const struct table *table, const char *sequence)
{
	if (table->report->layout->color)
		fputs(sequence, table->stream);
}

static size_t cell_text(const struct table *table, struct csvr_value figure,
			char text[CSVR_NUMBER_TEXT_BYTES])
{
	const int round_digits = table->report->layout->round_digits;
	if (figure.kind == CSVR_VALUE_COUNT)
		return csvr_number_count(figure.count, text);
	if (figure.kind == CSVR_VALUE_REAL && round_digits >= 0)
		return csvr_number_fixed(figure.real, round_digits, text);
	if (figure.kind == CSVR_VALUE_REAL)
		return csvr_number_brief(figure.real, table->digits, text);
	memcpy(text, "-", 2);
	return 1;
}

/* ---- layout ---- */

/* Widths of the statistics at table->digits; returns what they and their gaps take together. */
static size_t measure(struct table *table)
{
	const struct csvr_report *report = table->report;
	char text[CSVR_NUMBER_TEXT_BYTES];
	size_t total = 0;
	for (size_t i = 0; i < report->n_stats; i++) {
		size_t widest = strlen(report->stats[i]->name);
		for (size_t r = 0; r < table->block.n_rows; r++) {
			const size_t width =
				cell_text(table, table->figures[r * report->n_stats + i], text);
			if (width > widest)
				widest = width;
		}
		table->width[i] = widest;
		total += table->gap + widest;
	}
	return total;
}

static size_t widest_name(const struct csvr_report_block *block)
{
	size_t widest = strlen("column");
	for (size_t r = 0; r < block->n_rows; r++) {
		const size_t width = csvr_escape_width(block->rows[r].name,
						       block->rows[r].name_bytes);
		if (width > widest)
			widest = width;
	}
	return widest;
}

/* Chooses digits, gaps and the width of names; false: it does not fit in one line per column. */
static bool fit(struct table *table)
{
	static const struct {
		int digits;
		size_t gap, name_width;
	} steps[] = {
		{ MOST_DIGITS, WIDE_GAP, SIZE_MAX },
		{ MOST_DIGITS, WIDE_GAP, NAME_SHORT },
		{ MOST_DIGITS, NARROW_GAP, NAME_SHORT },
		{ MOST_DIGITS - 1, NARROW_GAP, NAME_SHORT },
		{ LEAST_DIGITS, NARROW_GAP, NAME_SHORT },
		{ LEAST_DIGITS, NARROW_GAP, NAME_SHORTEST },
	};
	const size_t room = (size_t)table->report->layout->width;
	const size_t full = widest_name(&table->block);
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		table->digits = steps[i].digits;
		table->gap = steps[i].gap;
		const size_t total = measure(table);
		const size_t least = full < steps[i].name_width ? full : steps[i].name_width;
		if (total < room && least <= room - total) {
			table->name_width = full < room - total ? full : room - total;
			return true;
		}
	}
	table->digits = MOST_DIGITS;
	table->gap = WIDE_GAP;
	measure(table);
	table->name_width = full < NAME_WRAPPED ? full : NAME_WRAPPED;
	return false;
}

/* ---- blocks ---- */

static void pad(size_t n, FILE *stream)
{
	fprintf(stream, "%*s", (int)n, "");
}

static void write_head(const struct table *table, size_t from, size_t to)
{
	FILE *stream = table->stream;
	style(table, title_on);
	fputs("column", stream);
	pad(table->name_width - strlen("column"), stream);
	for (size_t i = from; i < to; i++)
		fprintf(stream, "%*s", (int)(table->gap + table->width[i]),
			table->report->stats[i]->name);
	style(table, color_off);
	putc('\n', stream);
	size_t width = table->name_width;
	for (size_t i = from; i < to; i++)
		width += table->gap + table->width[i];
	style(table, dim_on);
	while (width-- > 0)
		putc('-', stream);
	style(table, color_off);
	putc('\n', stream);
}

/* Statistics `from` to `to`, one line per column. */
static void write_lines(const struct table *table, size_t from, size_t to)
{
	const size_t n_stats = table->report->n_stats;
	char text[CSVR_NUMBER_TEXT_BYTES];
	write_head(table, from, to);
	for (size_t r = 0; r < table->block.n_rows && !ferror(table->stream); r++) {
		const struct csvr_report_row *row = &table->block.rows[r];
		const size_t width = csvr_escape_fit(table->stream, row->name, row->name_bytes,
						     table->name_width);
		pad(table->name_width - width, table->stream);
		for (size_t i = from; i < to; i++) {
			cell_text(table, table->figures[r * n_stats + i], text);
			fprintf(table->stream, "%*s", (int)(table->gap + table->width[i]), text);
		}
		putc('\n', table->stream);
	}
}

static void write_wrapped(const struct table *table)
{
	const size_t room = (size_t)table->report->layout->width;
	for (size_t from = 0, to; from < table->report->n_stats; from = to) {
		size_t width = table->name_width + table->gap + table->width[from];
		for (to = from + 1; to < table->report->n_stats; to++) {
			width += table->gap + table->width[to];
			if (width > room)
				break;
		}
		if (from > 0)
			putc('\n', table->stream);
		write_lines(table, from, to);
	}
}

static enum csvr_status write_block(struct table *table, const struct csvr_file *file)
{
	const struct csvr_report *report = table->report;
	if (csvr_report_block_fill(&table->block, report, file) != CSVR_OK)
		return CSVR_NO_MEMORY;
	const size_t n_rows = table->block.n_rows;
	if (n_rows * report->n_stats > table->n_figures) {
		free(table->figures);
		table->n_figures = n_rows * report->n_stats;
		table->figures = calloc(table->n_figures, sizeof *table->figures);
		if (table->figures == NULL)
			return CSVR_NO_MEMORY;
	}
	for (size_t r = 0; r < n_rows; r++)
		for (size_t i = 0; i < report->n_stats; i++)
			table->figures[r * report->n_stats + i] =
				csvr_report_row_value(&table->block.rows[r], report->stats[i]);
	if (n_rows > 0 && fit(table))
		write_lines(table, 0, report->n_stats);
	else if (n_rows > 0)
		write_wrapped(table);
	return csvr_stream_status(table->stream);
}

/* ---- what stands around them ---- */

static void write_counted(uint64_t count, const char *unit, FILE *stream)
{
	char text[CSVR_NUMBER_TEXT_BYTES];
	csvr_number_count(count, text);
	fprintf(stream, "%s %s%s", text, unit, count == 1 ? "" : "s");
}

static enum csvr_status write_files(struct table *table)
{
	const struct csvr_summary *summary = table->report->summary;
	for (size_t f = 0; f < summary->n_files; f++) {
		const struct csvr_file *file = &summary->files[f];
		if (file->kind != CSVR_FILE_READ)
			continue;
		const char *path = csvr_file_path(table->report, file);
		style(table, title_on);
		csvr_escape_plain(table->stream, path, strlen(path));
		style(table, color_off);
		fputs(": ", table->stream);
		write_counted(csvr_summary_file_stats(summary, file)->n_rows, "row", table->stream);
		putc('\n', table->stream);
		const enum csvr_status status = write_block(table, file);
		if (status != CSVR_OK)
			return status;
		putc('\n', table->stream);
	}
	style(table, title_on);
	fputs("total", table->stream);
	style(table, color_off);
	putc('\n', table->stream);
	return CSVR_OK;
}

static void write_total_line(const struct table *table)
{
	const struct csvr_report *report = table->report;
	char text[CSVR_NUMBER_TEXT_BYTES];
	write_counted(report->n_files, "file", table->stream);
	fputs(", ", table->stream);
	write_counted(report->summary->n_rows, "row", table->stream);
	csvr_number_size(report->summary->size_bytes, text);
	fprintf(table->stream, ", %s\n", text);
}

/* ---- problems ---- */

static void put_shortened(FILE *stream, const char *name, size_t n_bytes)
{
	csvr_escape_fit(stream, name, n_bytes, NAME_IN_PROBLEM);
}

static void write_place(const char *path, uint64_t line, FILE *stream)
{
	path = csvr_display_path(path);
	csvr_escape_plain(stream, path, strlen(path));
	if (line > 0)
		fprintf(stream, ":%" PRIu64, line);
}

struct indented {
	FILE *stream;
	int indent;
};

static void visit_absent(void *context, const char *path)
{
	const struct indented *to = context;
	pad((size_t)to->indent, to->stream);
	csvr_escape_plain(to->stream, path, strlen(path));
	putc('\n', to->stream);
}

/* One line; of files left out the reason is a file's own, so it follows the path. */
static void write_problem(const struct table *table, const struct csvr_problem *problem,
			  int count_width)
{
	const struct csvr_problems *problems = &table->report->problems;
	FILE *stream = table->stream;
	char text[CSVR_NUMBER_TEXT_BYTES];
	csvr_number_count(problem->n, text);
	fprintf(stream, "%*s  ", count_width, text);
	if (problem->kind == CSVR_PROBLEM_BAD_FILE) {
		fputs("file left out: ", stream);
		write_place(problem->path, problem->line, stream);
		fputs(": ", stream);
		csvr_escape_plain(stream, problem->reason, strlen(problem->reason));
	} else {
		csvr_problem_describe(problems, problem, put_shortened, stream);
		if (problem->path != NULL) {
			fputs(problem->line > 0 ? ", first at " : ": ", stream);
			write_place(problem->path, problem->line, stream);
		}
	}
	putc('\n', stream);
	if (problem->kind == CSVR_PROBLEM_ABSENT_COLUMN && table->report->layout->verbose) {
		struct indented to = { stream, count_width + 4 };
		csvr_files_without_column(table->report, problem->column_index, visit_absent, &to);
	}
}

/* What is said of those of a kind that are not listed one by one. */
static const char *rest_of(enum csvr_problem_kind kind)
{
	switch (kind) {
	case CSVR_PROBLEM_INVALID_CELLS:
		return "more columns with invalid cells";
	case CSVR_PROBLEM_ABSENT_COLUMN:
		return "more columns that some files have not";
	case CSVR_PROBLEM_MISSING_SHARDS:
		return "more lists of which shares are missing";
	case CSVR_PROBLEM_UNREAD_INPUTS:
		return "more lists that were not read to their end";
	case CSVR_PROBLEM_EMPTY_FILE:
		return "more empty files";
	case CSVR_PROBLEM_HEADER_ONLY_FILE:
		return "more files with only a header";
	case CSVR_PROBLEM_CHANGED_FILE:
		return "more files that changed since the checkpoint was written";
	default:
		return "more files left out";
	}
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

static void write_problems(const struct table *table)
{
	const struct csvr_problems *problems = &table->report->problems;
	const int count_width = widest_count(problems);
	size_t n_of_kind[CSVR_N_PROBLEMS] = { 0 };
	for (size_t p = 0; p < problems->n_items; p++)
		n_of_kind[problems->items[p].kind]++;

	putc('\n', table->stream);
	style(table, warning_on);
	fputs("problems", table->stream);
	style(table, color_off);
	putc('\n', table->stream);
	for (size_t p = 0, same; p < problems->n_items; p += same) {
		const enum csvr_problem_kind kind = problems->items[p].kind;
		same = n_of_kind[kind];
		const size_t listed = table->report->layout->verbose || same <= MOST_LISTED
					      ? same
					      : MOST_LISTED;
		for (size_t i = 0; i < listed && !ferror(table->stream); i++)
			write_problem(table, &problems->items[p + i], count_width);
		if (listed < same) {
			char text[CSVR_NUMBER_TEXT_BYTES];
			csvr_number_count(same - listed, text);
			fprintf(table->stream, "%*s  %s %s (--verbose names them)\n", count_width,
				"", text, rest_of(kind));
		}
	}
}

/* ---- provenance ---- */

static void write_list_of_inputs(const struct csvr_manifest *manifest, FILE *stream)
{
	char digest[CSVR_SHA256_TEXT_BYTES], size[CSVR_NUMBER_TEXT_BYTES];
	csvr_sha256_text(manifest->digest, digest);
	csvr_number_size(manifest->size_bytes, size);
	fputs("  ", stream);
	write_counted(manifest->n_inputs, "input", stream);
	fprintf(stream, ", %s, sha256:%s\n", size, digest);
}

static void write_run(const struct csvr_run_record *run, FILE *stream)
{
	char begin[CSVR_DATE_BYTES], end[CSVR_DATE_BYTES];
	csvr_date_text(run->begin_ns, begin);
	csvr_date_text(run->end_ns, end);
	fprintf(stream, "  %s to %s", begin, end);
	if (run->host[0] != '\0') {
		fputs(" on ", stream);
		csvr_escape_plain(stream, run->host, strlen(run->host));
	}
	if (run->job[0] != '\0') {
		fputs(", ", stream);
		csvr_escape_plain(stream, run->job, strlen(run->job));
	}
	fputs(", ", stream);
	write_counted(run->n_threads, "thread", stream);
	fputs(", ", stream);
	csvr_escape_plain(stream, run->kernel, strlen(run->kernel));
	fputs(", csv-report ", stream);
	csvr_escape_plain(stream, run->version, strlen(run->version));
	fputs("\n    ", stream);
	csvr_escape_plain(stream, run->command, strlen(run->command));
	putc('\n', stream);
}

static void write_provenance(const struct table *table)
{
	const struct csvr_manifests *manifests = table->report->inputs->manifests;
	const struct csvr_summary *summary = table->report->summary;
	putc('\n', table->stream);
	style(table, title_on);
	fputs("provenance", table->stream);
	style(table, color_off);
	putc('\n', table->stream);
	for (size_t i = 0; manifests != NULL && i < manifests->n_items; i++)
		write_list_of_inputs(&manifests->items[i], table->stream);
	for (size_t i = 0; i < summary->n_runs; i++)
		write_run(&summary->runs[i], table->stream);
}

static enum csvr_status write_table(const struct csvr_report *report, FILE *stream)
{
	struct table table = { .report = report, .stream = stream };
	enum csvr_status status = CSVR_OK;
	if (report->layout->per_file)
		status = write_files(&table);
	if (status == CSVR_OK)
		status = write_block(&table, NULL);
	if (status != CSVR_OK)
		goto out;
	if (table.block.n_rows > 0)
		putc('\n', stream);
	write_total_line(&table);
	if (report->problems.n_items > 0)
		write_problems(&table);
	if (report->layout->provenance)
		write_provenance(&table);
	status = csvr_stream_status(stream);
out:
	free(table.block.rows);
	free(table.figures);
	return status;
}

const struct csvr_writer csvr_writer_table = {
	.name = "table",
	.help = "aligned columns for people",
	.is_for_people = true,
	.has_provenance = true,
	.write = write_table,
};
