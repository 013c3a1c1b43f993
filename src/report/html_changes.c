/* html_changes.c - the changes since an earlier report: a list of all, and those of a column on its card */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <string.h>

#include "report/compare.h"
#include "report/html.h"

static void write_change(const struct csvr_change *change, FILE *stream)
{
	fprintf(stream, "<li>%s%s%s: ", change->is_beyond ? "<b class=beyond>" : "",
		csvr_change_types[change->kind].name, change->is_beyond ? " (!)</b>" : "");
	csvr_escape_html(stream, change->sentence, strlen(change->sentence));
	putc('\n', stream);
}

static void write_list(const struct csvr_diff *diff, size_t first, size_t n, FILE *stream)
{
	fputs("<ul>", stream);
	for (size_t i = first; i < first + n && !ferror(stream); i++)
		write_change(&diff->changes[i], stream);
	fputs("</ul>\n", stream);
}

/* ---- the section ---- */

/* The name of a column, as a link to its card if it has one. */
static void write_column(const struct csvr_compared_table *table, size_t table_index,
			 const struct csvr_compared_column *column, FILE *stream)
{
	const struct csvr_snapshot_column *of = column->now != NULL ? column->now : column->before;
	const bool has_card = column->now != NULL && table->now != NULL;
	fputs("<li>", stream);
	if (has_card) {
		fputs("<a href=#", stream);
		csvr_html_id(table_index, (size_t)(column->now - table->now->columns), stream);
		putc('>', stream);
	}
	csvr_html_name(of->name.text, of->name.n_bytes, CSVR_HTML_NAME_WIDTH, stream);
	fputs(has_card ? "</a>" : "", stream);
}

static void write_table(const struct csvr_diff *diff, size_t table_index, FILE *stream)
{
	const struct csvr_compared_table *table = &diff->tables[table_index];
	const struct csvr_snapshot_table *of = table->now != NULL ? table->now : table->before;
	if (table->n_changes == 0)
		return;
	if (of->name.text != NULL) {
		fputs("<h3>", stream);
		csvr_html_name(of->name.text, of->name.n_bytes, CSVR_HTML_NAME_WIDTH, stream);
		fputs("</h3>\n", stream);
	}
	if (table->n_own_changes > 0)
		write_list(diff, table->first_change, table->n_own_changes, stream);
	if (table->n_changed_columns == 0)
		return;
	fputs("<ul>\n", stream);
	for (size_t i = 0; i < table->n_columns && !ferror(stream); i++) {
		const struct csvr_compared_column *column = &table->columns[i];
		if (column->n_changes == 0)
			continue;
		write_column(table, table_index, column, stream);
		write_list(diff, column->first_change, column->n_changes, stream);
	}
	fputs("</ul>\n", stream);
}

/* Names the statistics that are not compared, as one of the reports lacks them. */
static void write_lacking(const bool lacks[CSVR_N_LACKINGS], const char *report, FILE *stream)
{
	if (csvr_lacking_write(lacks, "<p class=soft>Not compared: ", stream))
		fprintf(stream, " (%s needs --all).\n", report);
}

void csvr_html_changes(const struct csvr_document *document, FILE *stream)
{
	const struct csvr_diff *diff = document->options->diff;
	if (diff == NULL)
		return;
	fputs("<section id=changes><h2>Changes since ", stream);
	csvr_html_name(diff->old_path, strlen(diff->old_path), CSVR_HTML_NAME_WIDTH, stream);
	fputs("</h2><p>", stream);
	csvr_html_counted((uint64_t)diff->before->n_rows, "row", stream);
	fputs(" before, ", stream);
	csvr_html_counted((uint64_t)diff->now->n_rows, "row", stream);
	fputs(" now: ", stream);
	csvr_html_counted(diff->n_changes, "change", stream);
	if (diff->n_beyond > 0)
		fprintf(stream, ", <b class=beyond>%zu beyond the rules (!)</b>", diff->n_beyond);
	else if (diff->n_changes > 0)
		fputs(", none beyond the rules", stream);
	fputs(".\n", stream);
	for (size_t t = 0; t < diff->n_tables && !ferror(stream); t++)
		write_table(diff, t, stream);
	write_lacking(diff->old_lacks, "the earlier report", stream);
	write_lacking(diff->new_lacks, "this run", stream);
	fputs("</section>\n", stream);
}

/* ---- a column ---- */

bool csvr_html_column_changes(const struct csvr_report_row *row, FILE *stream)
{
	const struct csvr_diff *diff = row->report->options->diff;
	if (diff == NULL)
		return false;
	const struct csvr_compared_column *column = csvr_diff_column(diff, row->report->table_index,
								     row->index);
	if (column == NULL || column->n_changes == 0)
		return false;
	write_list(diff, column->first_change, column->n_changes, stream);
	if (column->before == NULL || !csvr_html_histograms(column->before, column->now, stream))
		return false;
	fputs("<p class=l><span>now</span> <span class=w>before</span>\n", stream);
	return true;
}
