/* table_tables.c - the list of tables, the heading of one and the totals of all, if there are several */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <string.h>

#include "report/table_internal.h"

enum { GAP = 2 };

/* The columns of the list after the names. */
enum { FILES, ROWS, COLUMNS, N_COUNTS };
static const char *const headings[N_COUNTS] = { "files", "rows", "columns" };

static uint64_t count_of(const struct csvr_document *document, size_t table, int of)
{
	const struct csvr_data_table *data = &document->summary->tables[table];
	switch (of) {
	case FILES:
		return csvr_document_n_files(document, table);
	case ROWS:
		return data->totals.n_rows;
	default:
		return csvr_document_n_columns(document, table);
	}
}

static size_t largest(size_t a, size_t b)
{
	return a > b ? a : b;
}

struct widths {
	size_t name, counts[N_COUNTS];
};

/* Names get the room that the counts leave. */
static struct widths measure(const struct csvr_document *document)
{
	enum { LEAST_NAME = 8 };
	struct widths widths = { .name = strlen("table") };
	char text[CSVR_NUMBER_TEXT_BYTES];
	size_t used = 0;
	for (int i = 0; i < N_COUNTS; i++) {
		widths.counts[i] = strlen(headings[i]);
		for (size_t t = 0; t < document->n_tables; t++)
			widths.counts[i] = largest(widths.counts[i],
						   csvr_number_count(count_of(document, t, i),
								     text));
		used += GAP + widths.counts[i];
	}
	for (size_t t = 0; t < document->n_tables; t++)
		widths.name = largest(widths.name, csvr_escape_width(document->names[t],
								     strlen(document->names[t])));
	const size_t room = (size_t)document->options->width;
	const size_t most = room > used + LEAST_NAME ? room - used : LEAST_NAME;
	widths.name = widths.name < most ? widths.name : most;
	return widths;
}

void csvr_table_write_tables(const struct csvr_document *document, FILE *stream)
{
	const struct widths widths = measure(document);
	size_t width = widths.name;
	csvr_table_style(document->options, CSVR_TITLE_ON, stream);
	fprintf(stream, "%-*s", (int)widths.name, "table");
	for (int i = 0; i < N_COUNTS; i++) {
		fprintf(stream, "%*s", (int)(GAP + widths.counts[i]), headings[i]);
		width += GAP + widths.counts[i];
	}
	csvr_table_style(document->options, CSVR_STYLE_OFF, stream);
	putc('\n', stream);
	csvr_table_style(document->options, CSVR_DIM_ON, stream);
	for (size_t i = 0; i < width; i++)
		putc('-', stream);
	csvr_table_style(document->options, CSVR_STYLE_OFF, stream);
	putc('\n', stream);
	for (size_t t = 0; t < document->n_tables && !ferror(stream); t++) {
		const char *name = document->names[t];
		const size_t n_bytes = strlen(name);
		const struct csvr_cut cut = csvr_escape_cut(name, n_bytes, widths.name,
							    (widths.name - 1) / 2);
		csvr_escape_write_cut(stream, name, n_bytes, &cut);
		csvr_table_pad(widths.name - cut.width, stream);
		for (int i = 0; i < N_COUNTS; i++) {
			char text[CSVR_NUMBER_TEXT_BYTES];
			csvr_number_count(count_of(document, t, i), text);
			fprintf(stream, "%*s", (int)(GAP + widths.counts[i]), text);
		}
		putc('\n', stream);
	}
}

void csvr_table_write_heading(const struct csvr_report *report, FILE *stream)
{
	const struct csvr_document *document = report->document;
	const char *name = document->names[report->table_index];
	putc('\n', stream);
	csvr_table_style(report->options, CSVR_TITLE_ON, stream);
	csvr_escape_plain(stream, name, strlen(name));
	csvr_table_style(report->options, CSVR_STYLE_OFF, stream);
	if (report->n_files > 1) {
		fputs(" (", stream);
		csvr_table_write_counted(report->n_files, "file", stream);
		putc(')', stream);
	}
	putc('\n', stream);
}

void csvr_table_write_sum(const struct csvr_document *document, FILE *stream)
{
	char size[CSVR_NUMBER_TEXT_BYTES];
	putc('\n', stream);
	csvr_table_write_counted(document->n_files, "file", stream);
	fputs(", ", stream);
	csvr_table_write_counted(document->n_tables, "table", stream);
	fputs(", ", stream);
	csvr_report_write_rows(document->parse, document->totals.n_rows,
			       document->totals.n_filtered, csvr_escape_plain, stream);
	csvr_number_size(document->totals.size_bytes, size);
	fprintf(stream, ", %s (--tables=one merges the tables by column names)\n", size);
}
