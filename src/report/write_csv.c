/* write_csv.c - one line per column, for programs: comma or tab separated */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "report/grouping.h"
#include "report/report.h"
#include "report/writers.h"

/* Programs need the bytes of names unchanged. A terminal obeys control characters, so there they are
 * escaped as in the table. */
struct separated {
	char separator;
	csvr_escape_fn escape, escape_for_terminal;
};

static csvr_escape_fn escape_of(const struct csvr_document *document, const struct separated *form)
{
	return document->options->is_terminal ? form->escape_for_terminal : form->escape;
}

static void write_header(const struct csvr_document *document, const struct separated *form,
			 FILE *stream)
{
	if (document->names != NULL)
		fprintf(stream, "table%c", form->separator);
	if (document->options->per_file)
		fprintf(stream, "file%c", form->separator);
	fputs("column", stream);
	for (size_t i = 0; i < document->n_stats; i++)
		fprintf(stream, "%c%s", form->separator, document->stats[i]->name);
	putc('\n', stream);
}

static void write_block(const struct csvr_report *report, const struct csvr_report_block *block,
			const struct separated *form, FILE *stream)
{
	const struct csvr_document *document = report->document;
	const char *table = document->names != NULL ? document->names[report->table_index] : NULL;
	const char *path = block->file != NULL ? csvr_file_path(document, block->file) : "";
	const csvr_escape_fn escape = escape_of(document, form);
	for (size_t r = 0; r < block->n_rows && !ferror(stream); r++) {
		const struct csvr_report_row *row = &block->rows[r];
		if (table != NULL) {
			escape(stream, table, strlen(table));
			putc(form->separator, stream);
		}
		if (report->options->per_file) {
			escape(stream, path, strlen(path));
			putc(form->separator, stream);
		}
		escape(stream, row->name, row->name_bytes);
		for (size_t i = 0; i < report->n_stats; i++) {
			const struct csvr_value value = csvr_report_row_value(row,
									      report->stats[i]);
			putc(form->separator, stream);
			csvr_value_write(&value, report->options->round_digits, escape, stream);
		}
		putc('\n', stream);
	}
}

static enum csvr_status write_files(const struct csvr_report *report,
				    struct csvr_report_block *block, const struct separated *form,
				    FILE *stream)
{
	const struct csvr_document *document = report->document;
	for (size_t f = 0; f < csvr_document_n_files(document, report->table_index); f++) {
		const struct csvr_file *file = csvr_document_file(document, report->table_index, f);
		if (file->kind != CSVR_FILE_READ)
			continue;
		const enum csvr_status status = csvr_report_block_fill(block, report, file);
		if (status != CSVR_OK || ferror(stream))
			return status;
		write_block(report, block, form, stream);
	}
	return CSVR_OK;
}

/* ---- groups: only they are written ---- */

static void write_group_header(const struct csvr_document *document, const struct separated *form,
			       FILE *stream)
{
	const csvr_escape_fn escape = escape_of(document, form);
	const struct csvr_statistic *stats[CSVR_MAX_SHOWN];
	const size_t n_stats = csvr_document_group_statistics(document, stats);
	if (document->names != NULL)
		fprintf(stream, "table%c", form->separator);
	for (size_t k = 0; k < document->parse->group_by.n_words; k++) {
		const struct csvr_name title = csvr_document_key_title(document, k);
		escape(stream, title.text, title.n_bytes);
		putc(form->separator, stream);
	}
	fputs("column", stream);
	for (size_t i = 0; i < n_stats; i++)
		fprintf(stream, "%c%s", form->separator, stats[i]->name);
	putc('\n', stream);
}

static void write_group_row(const struct csvr_grouping *grouping, size_t group,
			    const struct csvr_report_row *row, const struct separated *form,
			    FILE *stream)
{
	const struct csvr_report *report = grouping->report;
	const struct csvr_document *document = report->document;
	const csvr_escape_fn escape = escape_of(document, form);
	if (document->names != NULL) {
		const char *table = document->names[report->table_index];
		escape(stream, table, strlen(table));
		putc(form->separator, stream);
	}
	for (size_t k = 0; k < grouping->n_keys; k++) {
		const struct csvr_name key = csvr_groups_key(grouping->groups, group, k);
		if (key.text != NULL)
			escape(stream, key.text, key.n_bytes);
		putc(form->separator, stream);
	}
	escape(stream, row->name, row->name_bytes);
	for (size_t i = 0; i < grouping->n_stats; i++) {
		const struct csvr_value value = csvr_report_row_value(row, grouping->stats[i]);
		putc(form->separator, stream);
		csvr_value_write(&value, report->options->round_digits, escape, stream);
	}
	putc('\n', stream);
}

static enum csvr_status write_group(const struct csvr_grouping *grouping, size_t group,
				    struct csvr_group_cells *cells, const void *context,
				    FILE *stream)
{
	enum csvr_status status = CSVR_OK;
	for (size_t i = 0; i < grouping->n_columns && status == CSVR_OK; i++) {
		struct csvr_report_row row;
		status = csvr_grouping_fill_row(grouping, group, i, cells, &row);
		if (status == CSVR_OK)
			write_group_row(grouping, group, &row, context, stream);
	}
	return status;
}

static enum csvr_status write_groups(const struct csvr_report *report, const void *context,
				     FILE *stream)
{
	struct csvr_grouping grouping;
	enum csvr_status status = csvr_grouping_open(&grouping, report);
	if (status == CSVR_OK)
		status = csvr_grouping_write(&grouping, write_group, context, stream);
	csvr_grouping_close(&grouping);
	return status;
}

/* ---- tables ---- */

/* The rows of a table, after those of its files with --per-file. */
static enum csvr_status write_table(const struct csvr_report *report, const void *context,
				    FILE *stream)
{
	const struct separated *form = context;
	struct csvr_report_block block = { 0 };
	enum csvr_status status = CSVR_OK;
	if (report->options->per_file)
		status = write_files(report, &block, form, stream);
	if (status == CSVR_OK)
		status = csvr_report_block_fill(&block, report, NULL);
	if (status == CSVR_OK)
		write_block(report, &block, form, stream);
	free(block.rows);
	return status;
}

static enum csvr_status write_separated(const struct csvr_document *document,
					const struct separated *form, FILE *stream)
{
	if (csvr_document_has_groups(document)) {
		write_group_header(document, form, stream);
		return csvr_document_write_tables(document, write_groups, form, stream);
	}
	write_header(document, form, stream);
	return csvr_document_write_tables(document, write_table, form, stream);
}

static enum csvr_status write_csv(const struct csvr_document *document, FILE *stream)
{
	static const struct separated form = { ',', csvr_escape_csv, csvr_escape_csv_terminal };
	return write_separated(document, &form, stream);
}

static enum csvr_status write_tsv(const struct csvr_document *document, FILE *stream)
{
	static const struct separated form = { '\t', csvr_escape_tsv, csvr_escape_plain };
	return write_separated(document, &form, stream);
}

const struct csvr_writer csvr_writer_csv = {
	.name = "csv",
	.help = "comma-separated values",
	.write = write_csv,
};

const struct csvr_writer csvr_writer_tsv = {
	.name = "tsv",
	.help = "tab-separated values",
	.write = write_tsv,
};
