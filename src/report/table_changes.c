/* table_changes.c - the changes since an earlier report, for people */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdlib.h>
#include <string.h>

#include "report/compare.h"
#include "report/table_internal.h"

enum {
	KIND_WIDTH = 9, /* of the longest one */
	INDENT = 4 + KIND_WIDTH + 2,
	LEAST_WIDTH = 20 /* of the words of a line */
};

static void write_name(const struct csvr_document *document, const struct csvr_name *name,
		       FILE *stream)
{
	csvr_table_style(document->options, CSVR_TITLE_ON, stream);
	csvr_escape_shortened(stream, name->text, name->n_bytes, (size_t)document->options->width);
	csvr_table_style(document->options, CSVR_STYLE_OFF, stream);
}

/* Writes words that start at `indent`, and continues lines there. */
static void write_wrapped(const char *text, size_t indent, size_t width, FILE *stream)
{
	const size_t most = width > indent + LEAST_WIDTH ? width - indent : LEAST_WIDTH;
	size_t used = 0;
	while (*text != '\0') {
		const size_t n_bytes = strcspn(text, " ");
		const size_t n = csvr_escape_width(text, n_bytes);
		if (used > 0 && used + 1 + n > most) {
			putc('\n', stream);
			csvr_table_pad(indent, stream);
			used = 0;
		} else if (used > 0) {
			putc(' ', stream);
			used++;
		}
		csvr_escape_plain(stream, text, n_bytes);
		used += n;
		text += n_bytes;
		text += strspn(text, " ");
	}
	putc('\n', stream);
}

/* "  ! mean       sentence"; an exclamation mark if it is beyond its rule. */
static void write_change(const struct csvr_document *document, const struct csvr_change *change,
			 FILE *stream)
{
	const struct csvr_report_options *options = document->options;
	const size_t width = options->width > 0 ? (size_t)options->width : 80;
	if (change->is_beyond)
		csvr_table_style(options, CSVR_WARNING_ON, stream);
	fprintf(stream, "  %c %-*s", change->is_beyond ? '!' : ' ', KIND_WIDTH,
		csvr_change_types[change->kind].name);
	if (change->is_beyond)
		csvr_table_style(options, CSVR_STYLE_OFF, stream);
	fputs("  ", stream);
	write_wrapped(change->sentence, INDENT, width, stream);
}

static void write_changes(const struct csvr_document *document, size_t first, size_t n,
			  FILE *stream)
{
	for (size_t i = first; i < first + n && !ferror(stream); i++)
		write_change(document, &document->options->diff->changes[i], stream);
}

static void write_compared(const struct csvr_document *document,
			   const struct csvr_compared_table *table, FILE *stream)
{
	const struct csvr_snapshot_table *of = table->now != NULL ? table->now : table->before;
	if (table->n_changes == 0)
		return;
	if (of->name.text != NULL) {
		fputs("\ntable ", stream);
		write_name(document, &of->name, stream);
		putc('\n', stream);
	}
	write_changes(document, table->first_change, table->n_own_changes, stream);
	for (size_t i = 0; i < table->n_columns; i++) {
		const struct csvr_compared_column *column = &table->columns[i];
		if (column->n_changes == 0)
			continue;
		putc('\n', stream);
		write_name(document,
			   column->now != NULL ? &column->now->name : &column->before->name,
			   stream);
		putc('\n', stream);
		write_changes(document, column->first_change, column->n_changes, stream);
	}
}

static void write_rows(const struct csvr_diff *diff, FILE *stream)
{
	csvr_table_write_counted((uint64_t)diff->before->n_rows, "row", stream);
	fputs(" before, ", stream);
	csvr_table_write_counted((uint64_t)diff->now->n_rows, "row", stream);
	fputs(" now\n", stream);
}

/* "7 changes in 4 of 20 columns, 5 beyond their rules (!)" */
static void write_sum(const struct csvr_diff *diff, FILE *stream)
{
	size_t n_changed = 0, n_columns = 0;
	for (size_t t = 0; t < diff->n_tables; t++) {
		n_changed += diff->tables[t].n_changed_columns;
		n_columns += diff->tables[t].n_columns;
	}
	putc('\n', stream);
	if (diff->n_changes == 0) {
		fputs("no changes in ", stream);
		csvr_table_write_counted(n_columns, "column", stream);
	} else {
		csvr_table_write_counted(diff->n_changes, "change", stream);
		fprintf(stream, ", in %zu of ", n_changed);
		csvr_table_write_counted(n_columns, "column", stream);
		if (diff->n_beyond > 0)
			fprintf(stream, "; %zu beyond the rules (!)", diff->n_beyond);
		else
			fputs("; none beyond the rules", stream);
	}
	putc('\n', stream);
}

/* Names what is not compared, as one of the reports lacks it. */
static void write_lacking(const bool lacks[CSVR_N_LACKINGS], const char *report, FILE *stream)
{
	if (csvr_lacking_write(lacks, "not compared: ", stream))
		fprintf(stream, " (%s needs --all)\n", report);
}

enum csvr_status csvr_table_write_comparison(const struct csvr_document *document, FILE *stream)
{
	const struct csvr_diff *diff = document->options->diff;
	const size_t width = document->options->width > 0 ? (size_t)document->options->width : 80;
	static const char start[] = "compared with ";
	fputs(start, stream);
	csvr_escape_shortened(stream, diff->old_path, strlen(diff->old_path),
			      width > sizeof start + LEAST_WIDTH ? width - sizeof start : 0);
	putc('\n', stream);
	write_rows(diff, stream);
	for (size_t t = 0; t < diff->n_tables && !ferror(stream); t++)
		write_compared(document, &diff->tables[t], stream);
	write_sum(diff, stream);
	write_lacking(diff->old_lacks, "OLD", stream);
	write_lacking(diff->new_lacks, "this run", stream);
	return csvr_stream_status(stream);
}
