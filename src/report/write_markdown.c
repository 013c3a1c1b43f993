/* write_markdown.c - a table as GitHub renders it, and a list of the problems, if any */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/number_format.h"
#include "report/duplicates.h"
#include "report/provenance.h"
#include "report/grouping.h"
#include "report/report.h"
#include "report/writers.h"

/* The cells of a line that have statistics, after those that have names. */
static void write_titles(const struct csvr_statistic *const *stats, size_t n_stats, FILE *stream)
{
	for (size_t i = 0; i < n_stats; i++) {
		putc(' ', stream);
		csvr_escape_markdown(stream, stats[i]->name, strlen(stats[i]->name));
		fputs(" |", stream);
	}
	putc('\n', stream);
}

static void write_alignments(size_t n_names, size_t n_stats, FILE *stream)
{
	putc('|', stream);
	for (size_t i = 0; i < n_names; i++)
		fputs("---|", stream);
	for (size_t i = 0; i < n_stats; i++)
		fputs("---:|", stream);
	putc('\n', stream);
}

static void write_values(const struct csvr_report_row *row,
			 const struct csvr_statistic *const *stats, size_t n_stats, FILE *stream)
{
	for (size_t i = 0; i < n_stats; i++) {
		const struct csvr_value value = csvr_report_row_value(row, stats[i]);
		fputs(value.is_approximate ? " ~" : " ", stream);
		csvr_value_write(&value, row->report->options->round_digits, csvr_escape_markdown,
				 stream);
		fputs(" |", stream);
	}
	putc('\n', stream);
}

static void write_block(const struct csvr_report *report, const struct csvr_report_block *block,
			FILE *stream)
{
	fputs("| column |", stream);
	write_titles(report->stats, report->n_stats, stream);
	write_alignments(1, report->n_stats, stream);
	for (size_t r = 0; r < block->n_rows && !ferror(stream); r++) {
		const struct csvr_report_row *row = &block->rows[r];
		fputs("| ", stream);
		csvr_escape_markdown(stream, row->name, row->name_bytes);
		fputs(" |", stream);
		write_values(row, report->stats, report->n_stats, stream);
	}
}

static void write_problem(const struct csvr_problems *problems, const struct csvr_problem *problem,
			  FILE *stream)
{
	fputs("- ", stream);
	if (csvr_problem_types[problem->kind].is_about_file) {
		csvr_location_write(problem->path, problem->line, csvr_escape_markdown, stream);
		fputs(": ", stream);
		csvr_problem_describe(problems, problem, csvr_escape_markdown, stream);
	} else {
		char count[CSVR_NUMBER_TEXT_BYTES];
		csvr_number_count(problem->n, count);
		fprintf(stream, "%s ", count);
		csvr_problem_describe(problems, problem, csvr_escape_markdown, stream);
		if (problem->path != NULL) {
			fputs(", first at ", stream);
			csvr_location_write(problem->path, problem->line, csvr_escape_markdown,
					    stream);
		}
	}
	putc('\n', stream);
}

static void write_problems(const struct csvr_problems *problems, FILE *stream)
{
	if (problems->n_items > 0)
		fputs("\nProblems:\n\n", stream);
	for (size_t p = 0; p < problems->n_items && !ferror(stream); p++)
		write_problem(problems, &problems->items[p], stream);
}

static void write_provenance(const struct csvr_document *document, FILE *stream)
{
	const struct csvr_manifests *manifests = document->inputs->manifests;
	const struct csvr_summary *summary = document->summary;
	fputs("\nProvenance:\n\n", stream);
	for (size_t i = 0; manifests != NULL && i < manifests->n_items; i++) {
		fputs("- ", stream);
		csvr_provenance_write_inputs(&manifests->items[i], stream);
		putc('\n', stream);
	}
	for (size_t i = 0; i < summary->n_runs; i++) {
		const char *command = summary->runs[i].command;
		fputs("- ", stream);
		csvr_provenance_write_run(&summary->runs[i], csvr_escape_markdown, stream);
		fputs(": ", stream);
		csvr_escape_markdown(stream, command, strlen(command));
		putc('\n', stream);
	}
}

static void write_counted(uint64_t count, const char *unit, FILE *stream)
{
	char text[CSVR_NUMBER_TEXT_BYTES];
	csvr_number_count(count, text);
	fprintf(stream, "%s %s%s, ", text, unit, count == 1 ? "" : "s");
}

/* "5 files, 12 columns, 1,000 rows, 1.2 MB" */
static void write_size(const struct csvr_report *report, FILE *stream)
{
	char size[CSVR_NUMBER_TEXT_BYTES];
	putc('\n', stream);
	write_counted(report->n_files, "file", stream);
	write_counted(report->n_columns, "column", stream);
	csvr_report_write_rows(report->parse, report->n_rows, report->n_filtered,
			       csvr_escape_markdown, stream);
	csvr_number_size(report->size_bytes, size);
	fprintf(stream, ", %s\n", size);
}

/* A paragraph of its own, after a table. */
static void write_duplicates(const struct csvr_report *report, const struct csvr_file *file,
			     FILE *stream)
{
	if (!csvr_report_has_duplicates(report))
		return;
	putc('\n', stream);
	csvr_duplicates_write(report, file, stream);
}

/* ---- groups ---- */

static void write_group_heading(const struct csvr_grouping *grouping, FILE *stream)
{
	char count[CSVR_NUMBER_TEXT_BYTES];
	csvr_number_count(grouping->n_groups, count);
	fputs("\nGroups by ", stream);
	for (size_t k = 0; k < grouping->n_keys; k++) {
		const struct csvr_name title = csvr_grouping_title(grouping, k);
		fputs(k > 0 ? ", " : "", stream);
		csvr_escape_markdown(stream, title.text, title.n_bytes);
	}
	fprintf(stream, ": %s", count);
	if (grouping->n_columns == 1) {
		const struct csvr_report_row *column = &grouping->columns[0];
		fputs(" (", stream);
		csvr_escape_markdown(stream, column->name, column->name_bytes);
		putc(')', stream);
	}
	putc('\n', stream);
}

static void write_group_titles(const struct csvr_grouping *grouping, FILE *stream)
{
	fputs("\n|", stream);
	for (size_t k = 0; k < grouping->n_keys; k++) {
		const struct csvr_name title = csvr_grouping_title(grouping, k);
		putc(' ', stream);
		csvr_escape_markdown(stream, title.text, title.n_bytes);
		fputs(" |", stream);
	}
	if (grouping->n_columns > 1)
		fputs(" column |", stream);
	write_titles(grouping->stats, grouping->n_stats, stream);
	write_alignments(grouping->n_keys + (grouping->n_columns > 1), grouping->n_stats, stream);
}

static enum csvr_status write_group(const struct csvr_grouping *grouping, size_t group,
				    struct csvr_group_cells *cells, const void *context,
				    FILE *stream)
{
	enum csvr_status status = CSVR_OK;
	(void)context;
	for (size_t i = 0; i < grouping->n_columns && status == CSVR_OK; i++) {
		struct csvr_report_row row;
		status = csvr_grouping_fill_row(grouping, group, i, cells, &row);
		if (status != CSVR_OK)
			return status;
		putc('|', stream);
		for (size_t k = 0; k < grouping->n_keys; k++) {
			const struct csvr_name key = csvr_groups_key(grouping->groups, group, k);
			putc(' ', stream);
			if (key.text != NULL)
				csvr_escape_markdown(stream, key.text, key.n_bytes);
			else
				putc('-', stream);
			fputs(" |", stream);
		}
		if (grouping->n_columns > 1) {
			putc(' ', stream);
			csvr_escape_markdown(stream, row.name, row.name_bytes);
			fputs(" |", stream);
		}
		write_values(&row, grouping->stats, grouping->n_stats, stream);
	}
	return status;
}

static enum csvr_status write_groups(const struct csvr_report *report, FILE *stream)
{
	struct csvr_grouping grouping;
	if (csvr_shown_groups(report->table) == NULL)
		return CSVR_OK;
	enum csvr_status status = csvr_grouping_open(&grouping, report);
	if (status == CSVR_OK)
		write_group_heading(&grouping, stream);
	if (status == CSVR_OK && grouping.n_columns > 0) {
		write_group_titles(&grouping, stream);
		status = csvr_grouping_write(&grouping, write_group, NULL, stream);
	}
	csvr_grouping_close(&grouping);
	return status;
}

/* ---- tables ---- */

static void write_tables(const struct csvr_document *document, FILE *stream)
{
	fputs("| table | files | rows | columns |\n|---|---:|---:|---:|\n", stream);
	for (size_t t = 0; t < document->n_tables; t++) {
		const struct csvr_data_table *table = &document->summary->tables[t];
		fputs("| ", stream);
		csvr_escape_markdown(stream, document->names[t], strlen(document->names[t]));
		fprintf(stream, " | %zu | %" PRIu64 " | %zu |\n",
			csvr_document_n_files(document, t), table->totals.n_rows,
			csvr_document_n_columns(document, t));
	}
}

/* "6 files, 2 tables, 1,000 rows, 1.2 MB" */
static void write_sum(const struct csvr_document *document, FILE *stream)
{
	char size[CSVR_NUMBER_TEXT_BYTES];
	putc('\n', stream);
	write_counted(document->n_files, "file", stream);
	write_counted(document->n_tables, "table", stream);
	csvr_report_write_rows(document->parse, document->totals.n_rows,
			       document->totals.n_filtered, csvr_escape_markdown, stream);
	csvr_number_size(document->totals.size_bytes, size);
	fprintf(stream, ", %s\n", size);
}

static enum csvr_status write_files(const struct csvr_report *report,
				    struct csvr_report_block *block, FILE *stream)
{
	const struct csvr_document *document = report->document;
	const char *level = document->names != NULL ? "###" : "##";
	for (size_t f = 0; f < csvr_document_n_files(document, report->table_index); f++) {
		const struct csvr_file *file = csvr_document_file(document, report->table_index, f);
		if (file->kind != CSVR_FILE_READ)
			continue;
		const enum csvr_status status = csvr_report_block_fill(block, report, file);
		if (status != CSVR_OK || ferror(stream))
			return status;
		fprintf(stream, "%s# ", level);
		csvr_location_write(csvr_file_path(document, file), 0, csvr_escape_markdown,
				    stream);
		fputs("\n\n", stream);
		write_block(report, block, stream);
		write_duplicates(report, file, stream);
		putc('\n', stream);
	}
	fprintf(stream, "%s# total\n\n", level);
	return CSVR_OK;
}

static enum csvr_status write_report(const struct csvr_report *report,
				     struct csvr_report_block *block, FILE *stream)
{
	enum csvr_status status = CSVR_OK;
	if (report->options->per_file)
		status = write_files(report, block, stream);
	if (status == CSVR_OK)
		status = csvr_report_block_fill(block, report, NULL);
	if (status != CSVR_OK)
		return status;
	write_block(report, block, stream);
	if (report->summary->config.has_pairs)
		status = csvr_correlations_write_markdown(report, stream);
	if (status != CSVR_OK)
		return status;
	write_duplicates(report, NULL, stream);
	write_size(report, stream);
	write_problems(&report->problems, stream);
	return write_groups(report, stream);
}

/* The part of a table, with a heading if there are several. */
static enum csvr_status write_part(const struct csvr_report *report, const void *context,
				   FILE *stream)
{
	const char *const *names = report->document->names;
	struct csvr_report_block block = { 0 };
	(void)context;
	if (!csvr_report_is_needed(report))
		return CSVR_OK;
	if (names != NULL) {
		const char *name = names[report->table_index];
		fputs("\n## ", stream);
		csvr_escape_markdown(stream, name, strlen(name));
		fputs("\n\n", stream);
	}
	const enum csvr_status status = write_report(report, &block, stream);
	free(block.rows);
	return status;
}

static enum csvr_status write_markdown(const struct csvr_document *document, FILE *stream)
{
	if (document->names != NULL)
		write_tables(document, stream);
	const enum csvr_status status = csvr_document_write_tables(document, write_part, NULL,
								   stream);
	if (status != CSVR_OK)
		return status;
	if (document->names != NULL)
		write_sum(document, stream);
	write_problems(&document->problems, stream);
	if (document->options->provenance)
		write_provenance(document, stream);
	return csvr_stream_status(stream);
}

const struct csvr_writer csvr_writer_markdown = {
	.name = "md",
	.help = "a Markdown table",
	.has_provenance = true,
	.has_correlation = true,
	.has_duplicates = true,
	.write = write_markdown,
};
