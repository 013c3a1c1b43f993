/* write_csv.c - one line per column, for programs: comma or tab separated */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "report/report.h"
#include "report/writers.h"

/* Programs need the bytes of names unchanged. A terminal obeys control characters, so there they are
 * escaped as in the table. */
struct separated {
	char separator;
	csvr_escape_fn escape, escape_for_terminal;
};

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
	const csvr_escape_fn escape = report->options->is_terminal ? form->escape_for_terminal
								   : form->escape;
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
