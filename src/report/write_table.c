/* write_table.c - the report for people: aligned, shortened, harmless on a terminal
 *
 * Shape   a block that is wider than the terminal loses, in this order, letters of long names, half of
 *         the gaps, digits, and more letters; at last its statistics are wrapped (see fit). Names are
 *         shortened in the middle: names in one table often start alike and end differently.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/number_format.h"
#include "report/provenance.h"
#include "report/table_internal.h"
#include "report/writers.h"

enum {
	WIDE_GAP = 2, /* spaces between columns if the block fits, */
	NARROW_GAP = 1, /* and if it does not */
	MOST_DIGITS = 7, /* significant digits of a real number if the block fits, */
	LEAST_DIGITS = 5, /* and if it does not */
	NAME_SHORT = 16, /* names are shortened to this width before digits are dropped, */
	NAME_SHORTEST = 10, /* and to this width before the statistics are wrapped */
	NAME_WRAPPED = 24, /* width of names when they are wrapped */
	CELL_SHORT = 24 /* width to which the text of a cell is cut */
};

struct table {
	const struct csvr_report *report;
	FILE *stream;
	struct csvr_report_block block;
	struct csvr_value *values; /* block.n_rows times report->n_stats */
	size_t capacity; /* of values */
	int digits;
	size_t gap;
	size_t name_width;
	size_t width[CSVR_MAX_STATISTICS];
};

void csvr_table_style(const struct csvr_report *report, const char *sequence, FILE *stream)
{
	if (report->options->color)
		fputs(sequence, stream);
}

void csvr_table_pad(size_t n, FILE *stream)
{
	fprintf(stream, "%*s", (int)n, "");
}

static void style(const struct table *table, const char *sequence)
{
	csvr_table_style(table->report, sequence, table->stream);
}

/* Writes the text of a value, of any cell at most CSVR_NUMBER_TEXT_BYTES; returns its width. */
static size_t cell_text(const struct table *table, const struct csvr_value *value,
			char text[CSVR_NUMBER_TEXT_BYTES])
{
	const int round_digits = table->report->options->round_digits;
	const size_t n_mark = (size_t)sprintf(text, "%s", csvr_value_mark(value));
	char *rest = text + n_mark;
	switch (value->kind) {
	case CSVR_VALUE_NONE:
		break;
	case CSVR_VALUE_COUNT:
		return n_mark + csvr_number_count(value->count, rest);
	case CSVR_VALUE_REAL:
		if (round_digits >= 0)
			return n_mark + csvr_number_fixed(value->real, round_digits, rest);
		return n_mark + csvr_number_brief(value->real, table->digits, rest);
	case CSVR_VALUE_DECIMAL:
		if (round_digits >= 0)
			return n_mark + csvr_number_fixed_decimal(value->text, round_digits, rest);
		return n_mark + (size_t)sprintf(rest, "%s", value->text);
	case CSVR_VALUE_TIME:
		return n_mark + (size_t)sprintf(rest, "%s", value->text);
	case CSVR_VALUE_WORD:
		return n_mark + (size_t)sprintf(rest, "%s", value->word);
	case CSVR_VALUE_BYTES:
		return n_mark + csvr_escape_head((const char *)value->bytes, value->n_bytes,
						 CELL_SHORT, rest, CSVR_NUMBER_TEXT_BYTES - n_mark);
	}
	memcpy(text, "-", 2);
	return 1;
}

/* ---- layout ---- */

/* Sets the widths of the statistics at table->digits; returns their sum, with gaps. */
static size_t measure(struct table *table)
{
	const struct csvr_report *report = table->report;
	char text[CSVR_NUMBER_TEXT_BYTES];
	size_t total = 0;
	for (size_t i = 0; i < report->n_stats; i++) {
		size_t widest = strlen(report->stats[i]->name);
		for (size_t r = 0; r < table->block.n_rows; r++) {
			const size_t width =
				cell_text(table, &table->values[r * report->n_stats + i], text);
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

/* Chooses digits, gaps and the width of names. False: the statistics must be wrapped. */
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
	const size_t room = (size_t)table->report->options->width;
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

static void write_heading(const struct table *table, size_t from, size_t to)
{
	FILE *stream = table->stream;
	style(table, CSVR_TITLE_ON);
	fputs("column", stream);
	csvr_table_pad(table->name_width - strlen("column"), stream);
	for (size_t i = from; i < to; i++)
		fprintf(stream, "%*s", (int)(table->gap + table->width[i]),
			table->report->stats[i]->name);
	style(table, CSVR_STYLE_OFF);
	putc('\n', stream);
	size_t width = table->name_width;
	for (size_t i = from; i < to; i++)
		width += table->gap + table->width[i];
	style(table, CSVR_DIM_ON);
	while (width-- > 0)
		putc('-', stream);
	style(table, CSVR_STYLE_OFF);
	putc('\n', stream);
}

/* Writes the statistics [from, to), one line per column. */
static void write_lines(const struct table *table, size_t from, size_t to)
{
	const size_t n_stats = table->report->n_stats;
	char text[CSVR_NUMBER_TEXT_BYTES];
	write_heading(table, from, to);
	for (size_t r = 0; r < table->block.n_rows && !ferror(table->stream); r++) {
		const struct csvr_report_row *row = &table->block.rows[r];
		const size_t width = csvr_escape_shortened(table->stream, row->name,
							   row->name_bytes, table->name_width);
		csvr_table_pad(table->name_width - width, table->stream);
		for (size_t i = from; i < to; i++) {
			const size_t n = cell_text(table, &table->values[r * n_stats + i], text);
			csvr_table_pad(table->gap + table->width[i] - n, table->stream);
			fputs(text, table->stream);
		}
		putc('\n', table->stream);
	}
}

static void write_wrapped(const struct table *table)
{
	const size_t room = (size_t)table->report->options->width;
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
	if (n_rows * report->n_stats > table->capacity) {
		free(table->values);
		table->capacity = n_rows * report->n_stats;
		table->values = calloc(table->capacity, sizeof *table->values);
		if (table->values == NULL)
			return CSVR_NO_MEMORY;
	}
	for (size_t r = 0; r < n_rows; r++)
		for (size_t i = 0; i < report->n_stats; i++)
			table->values[r * report->n_stats + i] =
				csvr_report_row_value(&table->block.rows[r], report->stats[i]);
	if (n_rows > 0 && fit(table))
		write_lines(table, 0, report->n_stats);
	else if (n_rows > 0)
		write_wrapped(table);
	return csvr_stream_status(table->stream);
}

/* ---- files and totals ---- */

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
		style(table, CSVR_TITLE_ON);
		csvr_escape_plain(table->stream, path, strlen(path));
		style(table, CSVR_STYLE_OFF);
		fputs(": ", table->stream);
		write_counted(csvr_summary_file_stats(summary, file)->n_rows, "row", table->stream);
		putc('\n', table->stream);
		const enum csvr_status status = write_block(table, file);
		if (status != CSVR_OK)
			return status;
		putc('\n', table->stream);
	}
	style(table, CSVR_TITLE_ON);
	fputs("total", table->stream);
	style(table, CSVR_STYLE_OFF);
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

/* ---- provenance ---- */

static void write_provenance(const struct table *table)
{
	const struct csvr_manifests *manifests = table->report->inputs->manifests;
	const struct csvr_summary *summary = table->report->summary;
	putc('\n', table->stream);
	style(table, CSVR_TITLE_ON);
	fputs("provenance", table->stream);
	style(table, CSVR_STYLE_OFF);
	putc('\n', table->stream);
	for (size_t i = 0; manifests != NULL && i < manifests->n_items; i++) {
		fputs("  ", table->stream);
		csvr_provenance_write_inputs(&manifests->items[i], table->stream);
		putc('\n', table->stream);
	}
	for (size_t i = 0; i < summary->n_runs; i++) {
		const char *command = summary->runs[i].command;
		fputs("  ", table->stream);
		csvr_provenance_write_run(&summary->runs[i], csvr_escape_plain, table->stream);
		fputs("\n    ", table->stream);
		csvr_escape_plain(table->stream, command, strlen(command));
		putc('\n', table->stream);
	}
}

static enum csvr_status write_table(const struct csvr_report *report, FILE *stream)
{
	struct table table = { .report = report, .stream = stream };
	enum csvr_status status = CSVR_OK;
	if (report->options->per_file)
		status = write_files(&table);
	if (status == CSVR_OK)
		status = write_block(&table, NULL);
	if (status != CSVR_OK)
		goto out;
	if (table.block.n_rows > 0)
		putc('\n', stream);
	write_total_line(&table);
	if (report->problems.n_items > 0)
		csvr_table_write_problems(report, stream);
	if (report->options->provenance)
		write_provenance(&table);
	status = csvr_stream_status(stream);
out:
	free(table.block.rows);
	free(table.values);
	return status;
}

const struct csvr_writer csvr_writer_table = {
	.name = "table",
	.help = "aligned columns for people",
	.is_for_people = true,
	.has_provenance = true,
	.write = write_table,
};
