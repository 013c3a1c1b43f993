/* write_table.c - the report for people: aligned, shortened, harmless on a terminal */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/number_format.h"
#include "report/duplicates.h"
#include "report/provenance.h"
#include "report/table_internal.h"
#include "report/writers.h"

static enum csvr_status write_block(struct csvr_table *table, const struct csvr_file *file)
{
	const enum csvr_status status = csvr_table_fill(table, file);
	if (status != CSVR_OK)
		return status;
	csvr_table_write_block(table);
	return csvr_stream_status(table->stream);
}

/* ---- files and totals ---- */

void csvr_table_write_counted(uint64_t count, const char *unit, FILE *stream)
{
	char text[CSVR_NUMBER_TEXT_BYTES];
	csvr_number_count(count, text);
	fprintf(stream, "%s %s%s", text, unit, count == 1 ? "" : "s");
}

static void write_title(const struct csvr_report *report, const char *title, FILE *stream)
{
	csvr_table_style(report->options, CSVR_TITLE_ON, stream);
	csvr_escape_plain(stream, title, strlen(title));
	csvr_table_style(report->options, CSVR_STYLE_OFF, stream);
}

static enum csvr_status write_files(struct csvr_table *table)
{
	const struct csvr_report *report = table->report;
	const struct csvr_document *document = report->document;
	for (size_t f = 0; f < csvr_document_n_files(document, report->table_index); f++) {
		const struct csvr_file *file = csvr_document_file(document, report->table_index, f);
		if (file->kind != CSVR_FILE_READ)
			continue;
		write_title(report, csvr_file_path(document, file), table->stream);
		fputs(": ", table->stream);
		csvr_table_write_counted(csvr_summary_file_stats(report->summary, file)->n_rows,
					 "row", table->stream);
		putc('\n', table->stream);
		const enum csvr_status status = write_block(table, file);
		if (status != CSVR_OK)
			return status;
		csvr_duplicates_write(report, file, table->stream);
		putc('\n', table->stream);
	}
	write_title(report, "total", table->stream);
	putc('\n', table->stream);
	return CSVR_OK;
}

static void write_total_line(const struct csvr_table *table)
{
	const struct csvr_report *report = table->report;
	char text[CSVR_NUMBER_TEXT_BYTES];
	csvr_table_write_counted(report->n_files, "file", table->stream);
	fputs(", ", table->stream);
	csvr_table_write_counted(report->n_columns, "column", table->stream);
	fputs(", ", table->stream);
	csvr_report_write_rows(report->parse, report->n_rows, report->n_filtered, csvr_escape_plain,
			       table->stream);
	csvr_number_size(report->size_bytes, text);
	fprintf(table->stream, ", %s\n", text);
}

/* Names the statistics that a wider terminal would show. */
static void write_left_out(const struct csvr_table *table)
{
	const char *separator = "not shown for lack of room: ";
	for (size_t i = 0; i < table->report->n_stats; i++) {
		if (!table->is_left_out[i])
			continue;
		fprintf(table->stream, "%s%s", separator, table->report->stats[i]->name);
		separator = ", ";
	}
	if (separator[0] == ',')
		fputs(" (use --layout=blocks)\n", table->stream);
}

/* Names the statistics that are not shown for identifiers, if the total has any. */
static void write_hidden(const struct csvr_table *table)
{
	const struct csvr_report *report = table->report;
	const char *separator = "not shown for ids and codes: ";
	bool has_hidden = false;
	for (size_t r = 0; r < table->block.n_rows; r++)
		has_hidden |= table->block.rows[r].hides_amounts;
	for (size_t i = 0; i < report->known->n_items && has_hidden; i++) {
		const struct csvr_statistic *statistic = report->known->item[i];
		if (!statistic->is_of_amounts)
			continue;
		fprintf(table->stream, "%s%s", separator, statistic->name);
		separator = ", ";
	}
	if (separator[0] == ',')
		fputs(" (use --all)\n", table->stream);
}

/* ---- correlations ---- */

static enum csvr_status write_correlations(const struct csvr_table *table)
{
	write_title(table->report, "correlation", table->stream);
	putc('\n', table->stream);
	const enum csvr_status status = csvr_correlations_write_table(table->report, table->stream);
	putc('\n', table->stream);
	return status;
}

/* ---- provenance ---- */

static void write_provenance(const struct csvr_document *document, FILE *stream)
{
	const struct csvr_manifests *manifests = document->inputs->manifests;
	const struct csvr_summary *summary = document->summary;
	putc('\n', stream);
	csvr_table_style(document->options, CSVR_TITLE_ON, stream);
	fputs("provenance", stream);
	csvr_table_style(document->options, CSVR_STYLE_OFF, stream);
	putc('\n', stream);
	for (size_t i = 0; manifests != NULL && i < manifests->n_items; i++) {
		fputs("  ", stream);
		csvr_provenance_write_inputs(&manifests->items[i], stream);
		putc('\n', stream);
	}
	for (size_t i = 0; i < summary->n_runs; i++) {
		const char *command = summary->runs[i].command;
		fputs("  ", stream);
		csvr_provenance_write_run(&summary->runs[i], csvr_escape_plain, stream);
		fputs("\n    ", stream);
		csvr_escape_plain(stream, command, strlen(command));
		putc('\n', stream);
	}
}

/* ---- the report of one table ---- */

static enum csvr_status write_report(const struct csvr_report *report, FILE *stream)
{
	struct csvr_table table;
	enum csvr_status status = CSVR_OK;
	csvr_table_init(&table, report, stream);
	if (report->options->per_file)
		status = write_files(&table);
	if (status == CSVR_OK)
		status = write_block(&table, NULL);
	if (status != CSVR_OK)
		goto out;
	if (table.block.n_rows > 0)
		putc('\n', stream);
	if (report->summary->config.has_pairs)
		status = write_correlations(&table);
	if (status != CSVR_OK)
		goto out;
	csvr_duplicates_write(report, NULL, stream);
	write_total_line(&table);
	write_left_out(&table);
	write_hidden(&table);
	if (report->problems.n_items > 0)
		csvr_table_write_problems(&report->problems, report, report->options, stream);
	status = csvr_stream_status(stream);
	if (status == CSVR_OK)
		status = csvr_table_write_groups(report, stream);
out:
	csvr_table_clear(&table);
	return status;
}

/* The part of a table, with a heading if there are several. */
static enum csvr_status write_part(const struct csvr_report *report, const void *context,
				   FILE *stream)
{
	(void)context;
	if (!csvr_report_is_needed(report))
		return CSVR_OK;
	if (report->document->names != NULL)
		csvr_table_write_heading(report, stream);
	return write_report(report, stream);
}

static enum csvr_status write_table(const struct csvr_document *document, FILE *stream)
{
	if (document->options->diff != NULL)
		return csvr_table_write_comparison(document, stream);
	if (document->names != NULL)
		csvr_table_write_tables(document, stream);
	const enum csvr_status status = csvr_document_write_tables(document, write_part, NULL,
								   stream);
	if (status != CSVR_OK)
		return status;
	if (document->names != NULL)
		csvr_table_write_sum(document, stream);
	if (document->problems.n_items > 0)
		csvr_table_write_problems(&document->problems, NULL, document->options, stream);
	if (document->options->provenance)
		write_provenance(document, stream);
	return csvr_stream_status(stream);
}

const struct csvr_writer csvr_writer_table = {
	.name = "table",
	.help = "aligned columns for people",
	.is_for_people = true,
	.has_provenance = true,
	.has_correlation = true,
	.has_duplicates = true,
	.has_comparison = true,
	.write = write_table,
};
