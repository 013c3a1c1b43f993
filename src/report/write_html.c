/* write_html.c - one page for a browser: an overview, the problems, and a card for each column
 *
 * The page contains its style and its script, requests nothing, and is complete without the script, which sorts, searches
 * and shows the counts of histograms. Its Content-Security-Policy permits the script by its digest, and no other.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/sha256.h"
#include "base/version.h"
#include "report/duplicates.h"
#include "report/grouping.h"
#include "report/html.h"
#include "report/page_css.h"
#include "report/page_js.h"
#include "report/provenance.h"
#include "report/writers.h"

/* Browsers leave out the cards that are not in view, if there are more. */
enum { MANY_COLUMNS = 50 };

/* ---- the head ---- */

/* In base64, of which three bytes are four characters. */
static void write_digest(const char *text, FILE *stream)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	struct csvr_sha256 digest;
	unsigned char bytes[CSVR_SHA256_BYTES + 1] = { 0 };
	csvr_sha256_init(&digest);
	csvr_sha256_add(&digest, text, strlen(text));
	csvr_sha256_finish(&digest, bytes);
	for (size_t i = 0; i < CSVR_SHA256_BYTES; i += 3) {
		const unsigned bits = (unsigned)bytes[i] << 16 | (unsigned)bytes[i + 1] << 8 |
				      (i + 2 < CSVR_SHA256_BYTES ? bytes[i + 2] : 0);
		const bool is_last = i + 3 > CSVR_SHA256_BYTES;
		for (int shift = 18; shift >= (is_last ? 6 : 0); shift -= 6)
			putc(digits[bits >> shift & 63], stream);
	}
	putc('=', stream);
}

static void write_head(const struct csvr_document *document, FILE *stream)
{
	const struct csvr_name title = csvr_html_title(document);
	fputs("<!doctype html>\n<html lang=en><head><meta charset=utf-8>\n"
	      "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; "
	      "style-src 'unsafe-inline'; script-src 'sha256-",
	      stream);
	write_digest(page_js, stream);
	fputs("'; base-uri 'none'; form-action 'none'\">\n"
	      "<meta name=viewport content=\"width=device-width,initial-scale=1\">\n"
	      "<meta name=referrer content=no-referrer>\n<title>",
	      stream);
	csvr_escape_html(
		stream, title.text,
		csvr_escape_cut(title.text, title.n_bytes, CSVR_HTML_NAME_WIDTH, 0).head_bytes);
	fputs(" - csv-report</title>\n<style>\n", stream);
	fputs(page_css, stream);
	fputs("</style></head>\n<body><a class=skip href=#columns>Skip to the columns</a>\n"
	      "<header><p class=\"kicker soft\">csv-report</p><h1>",
	      stream);
	csvr_html_name(title.text, title.n_bytes, CSVR_HTML_NAME_WIDTH, stream);
	fputs("</h1>\n", stream);
}

/* ---- the overview ---- */

/* The columns that are shown, their cells, and the problems. */
struct overview {
	size_t n_columns;
	size_t n_of_type[CSVR_N_TYPES];
	uint64_t n_cells, n_missing, n_invalid;
	size_t n_problems;
};

static void add_columns(struct overview *overview, const struct csvr_report *report)
{
	overview->n_columns += report->n_columns;
	for (size_t i = 0; i < report->n_columns; i++) {
		const struct csvr_column *column = &report->table->columns[i].stats;
		overview->n_cells += csvr_column_n_cells(column);
		overview->n_missing += column->cells[CSVR_CELL_MISSING];
		overview->n_invalid += csvr_column_n_invalid(column);
		overview->n_of_type[csvr_column_type(column)]++;
	}
}

static void count_problem(void *context, const struct csvr_problems *problems,
			  const struct csvr_problem *problem)
{
	(void)problems;
	(void)problem;
	++*(size_t *)context;
}

static void write_item(const char *name, const char *text, bool is_alarm, FILE *stream)
{
	fprintf(stream, "<div%s><dt>%s<dd>", is_alarm ? " class=alarm" : "", name);
	csvr_escape_html(stream, text, strlen(text));
	fputs("</div>\n", stream);
}

static void write_count(uint64_t count, const char *unit, bool is_alarm, FILE *stream)
{
	char text[CSVR_NUMBER_TEXT_BYTES], name[32];
	csvr_number_count(count, text);
	snprintf(name, sizeof name, "%s%s", unit, count == 1 ? "" : "s");
	write_item(name, text, is_alarm, stream);
}

static void write_types(const struct overview *overview, FILE *stream)
{
	const char *separator = "<p class=soft>by type: ";
	for (int type = 0; type < CSVR_N_TYPES; type++) {
		if (overview->n_of_type[type] == 0)
			continue;
		fprintf(stream, "%s%zu %s", separator, overview->n_of_type[type],
			csvr_type_name((enum csvr_type)type));
		separator = ", ";
	}
	putc('\n', stream);
}

static void write_overview(const struct csvr_document *document, const struct overview *overview,
			   FILE *stream)
{
	char text[CSVR_NUMBER_TEXT_BYTES];
	fputs("<dl class=lead>\n", stream);
	write_count(document->totals.n_rows, "row", false, stream);
	if (document->parse->where.n_words > 0)
		write_count(document->totals.n_filtered, "filtered row", false, stream);
	write_count(overview->n_columns, "column", false, stream);
	if (document->n_tables > 1)
		write_count(document->n_tables, "table", false, stream);
	write_count(document->n_files, "file", false, stream);
	csvr_number_size(document->totals.size_bytes, text);
	write_item("read", text, false, stream);
	csvr_number_share(overview->n_missing, overview->n_cells, text);
	write_item("cells missing", text, false, stream);
	if (overview->n_invalid > 0)
		write_count(overview->n_invalid, "invalid cell", true, stream);
	write_count(overview->n_problems, "problem", overview->n_problems > 0, stream);
	fputs("</dl>\n", stream);
	write_types(overview, stream);
	fputs("</header>\n<main>\n", stream);
}

static void write_conditions(const struct csvr_document *document, FILE *stream)
{
	const struct csvr_string_list *where = &document->parse->where;
	for (size_t i = 0; i < where->n_words; i++) {
		fputs(i == 0 ? "<p>Rows for which <code>" : " and <code>", stream);
		csvr_escape_html(stream, where->word[i], strlen(where->word[i]));
		fputs("</code>", stream);
	}
	fputs(where->n_words > 0 ? "\n" : "", stream);
}

static void write_tables(const struct csvr_document *document, FILE *stream)
{
	fputs("<section><h2>Tables</h2><div class=wide><table>"
	      "<thead><tr><th>table<th>files<th>rows<th>columns<tbody>\n",
	      stream);
	for (size_t t = 0; t < document->n_tables; t++) {
		const struct csvr_data_table *table = &document->summary->tables[t];
		char counts[3][CSVR_NUMBER_TEXT_BYTES];
		csvr_number_count(csvr_document_n_files(document, t), counts[0]);
		csvr_number_count(table->totals.n_rows, counts[1]);
		csvr_number_count(csvr_document_n_columns(document, t), counts[2]);
		fprintf(stream, "<tr><th><a href=#t%zu>", t);
		csvr_html_name(document->names[t], strlen(document->names[t]), CSVR_HTML_NAME_WIDTH,
			       stream);
		fprintf(stream, "</a><td>%s<td>%s<td>%s\n", counts[0], counts[1], counts[2]);
	}
	fputs("</table></div></section>\n", stream);
}

/* ---- the index of columns ---- */

static void write_entry(const struct csvr_report *report, size_t index, FILE *stream)
{
	const struct csvr_summary_column *column = &report->table->columns[index];
	const struct csvr_name title = csvr_summary_column_title(column);
	const uint64_t n_missing = column->stats.cells[CSVR_CELL_MISSING];
	const uint64_t n_cells = csvr_column_n_cells(&column->stats);
	fputs("<li", stream);
	if (n_missing > 0)
		fprintf(stream, " data-m=%.4g", (double)n_missing / (double)n_cells);
	fputs("><a href=#", stream);
	csvr_html_id(report->table_index, index, stream);
	putc('>', stream);
	csvr_html_name(title.text, title.n_bytes, CSVR_HTML_CELL_WIDTH, stream);
	fputs("</a>", stream);
	if (n_missing > 0) {
		fputs(" <small title=missing>", stream);
		csvr_html_share(n_missing, n_cells, stream);
		fputs("</small>", stream);
	}
	putc('\n', stream);
}

static enum csvr_status write_index(const struct csvr_document *document,
				    const struct overview *overview, FILE *stream)
{
	struct csvr_report report;
	enum csvr_status status = csvr_report_open_for_files(&report, document, 0);
	fprintf(stream,
		"<div class=\"columns%s\" id=columns><nav aria-label=Columns>\n"
		"<div id=tools hidden><label>Search columns (key: /)"
		"<input id=filter type=search autocomplete=off spellcheck=false></label>\n"
		"<label>Order<select id=order><option value=file>as in the files<option>name"
		"<option>type<option value=missing>share of missing cells</select></label>"
		"<p id=found class=soft aria-live=polite></p></div>\n",
		overview->n_columns > MANY_COLUMNS ? " many" : "");
	for (size_t t = 0; t < document->n_tables && status == CSVR_OK; t++) {
		csvr_report_select_table(&report, t);
		if (report.n_columns == 0)
			continue;
		if (document->names != NULL) {
			fputs("<p>", stream);
			csvr_html_name(document->names[t], strlen(document->names[t]),
				       CSVR_HTML_CELL_WIDTH, stream);
		}
		fputs("<ol>\n", stream);
		for (size_t i = 0; i < report.n_columns && !ferror(stream); i++)
			write_entry(&report, i, stream);
		fputs("</ol>\n", stream);
	}
	csvr_report_close(&report);
	fputs("</nav>\n<div>\n", stream);
	return status;
}

/* ---- the part of a table ---- */

static void write_duplicates(const struct csvr_report *report, FILE *stream)
{
	if (!csvr_report_has_duplicates(report))
		return;
	fputs("<p>", stream);
	csvr_duplicates_write(report, NULL, stream);
}

static enum csvr_status write_cards(const struct csvr_report *report, FILE *stream)
{
	struct csvr_report_block block = { 0 };
	const enum csvr_status status = csvr_report_block_fill(&block, report, NULL);
	fputs("<div class=cards>\n", stream);
	for (size_t i = 0; i < block.n_rows && status == CSVR_OK && !ferror(stream); i++)
		csvr_html_card(&block.rows[i], stream);
	fputs("</div>\n", stream);
	free(block.rows);
	return status;
}

static enum csvr_status write_part(const struct csvr_report *report, const void *context,
				   FILE *stream)
{
	const struct csvr_document *document = report->document;
	(void)context;
	if (!csvr_report_is_needed(report))
		return CSVR_OK;
	fprintf(stream, "<section id=t%zu><h2>", report->table_index);
	if (document->names != NULL) {
		const char *name = document->names[report->table_index];
		csvr_html_name(name, strlen(name), CSVR_HTML_NAME_WIDTH, stream);
		fputs("</h2><p class=soft>", stream);
		csvr_html_counted(report->n_files, "file", stream);
		fputs(", ", stream);
		csvr_report_write_rows(report->parse, report->n_rows, report->n_filtered,
				       csvr_escape_html, stream);
		putc('\n', stream);
		if (report->problems.n_items > 0)
			csvr_html_problems(&report->problems, report->options, stream);
	} else {
		fputs("Columns</h2>\n", stream);
	}
	write_duplicates(report, stream);
	enum csvr_status status = write_cards(report, stream);
	if (status == CSVR_OK)
		status = csvr_html_groups(report, stream);
	if (status == CSVR_OK)
		status = csvr_html_files(report, stream);
	if (status == CSVR_OK && report->summary->config.has_pairs)
		status = csvr_correlations_write_html(report, stream);
	fputs("</section>\n", stream);
	return status;
}

/* ---- problems that belong to no table, or to the only one ---- */

static enum csvr_status write_problems(const struct csvr_document *document, FILE *stream)
{
	struct csvr_report report;
	const struct csvr_problems *problems = &document->problems;
	enum csvr_status status = CSVR_OK;
	if (document->names == NULL) {
		status = csvr_report_open(&report, document, 0);
		problems = &report.problems;
	}
	if (status == CSVR_OK && problems->n_items > 0) {
		fputs("<section id=problems><h2>Problems</h2>\n", stream);
		csvr_html_problems(problems, document->options, stream);
		fputs("</section>\n", stream);
	}
	if (document->names == NULL)
		csvr_report_close(&report);
	return status;
}

/* ---- the foot ---- */

static void write_foot(const struct csvr_document *document, FILE *stream)
{
	const struct csvr_manifests *manifests = document->inputs->manifests;
	const struct csvr_summary *summary = document->summary;
	const bool has_provenance = document->options->provenance;
	fprintf(stream, "</div></div></main>\n<footer><p>csv-report %s\n", CSVR_VERSION_STRING);
	for (size_t i = 0; has_provenance && manifests != NULL && i < manifests->n_items; i++) {
		fputs("<p>", stream);
		csvr_provenance_write_inputs(&manifests->items[i], stream);
		putc('\n', stream);
	}
	for (size_t i = 0; has_provenance && i < summary->n_runs; i++) {
		const char *command = summary->runs[i].command;
		fputs("<p>", stream);
		csvr_provenance_write_run(&summary->runs[i], csvr_escape_html, stream);
		fputs(":<br><code>", stream);
		csvr_escape_html(stream, command, strlen(command));
		fputs("</code>\n", stream);
	}
	fputs("</footer>\n<script>", stream);
	fputs(page_js, stream);
	fputs("</script></body></html>\n", stream);
}

/* ---- the page ---- */

static enum csvr_status count_all(const struct csvr_document *document, struct overview *overview)
{
	struct csvr_report report;
	enum csvr_status status = csvr_report_open_for_files(&report, document, 0);
	for (size_t t = 0; t < document->n_tables && status == CSVR_OK; t++) {
		csvr_report_select_table(&report, t);
		add_columns(overview, &report);
	}
	csvr_report_close(&report);
	if (status != CSVR_OK)
		return status;
	return csvr_problems_visit(document->summary, document->inputs, document->parse,
				   count_problem, &overview->n_problems);
}

static enum csvr_status write_html(const struct csvr_document *document, FILE *stream)
{
	struct overview overview = { 0 };
	enum csvr_status status = count_all(document, &overview);
	if (status != CSVR_OK)
		return status;
	write_head(document, stream);
	write_overview(document, &overview, stream);
	write_conditions(document, stream);
	status = write_problems(document, stream);
	csvr_html_changes(document, stream);
	if (document->names != NULL)
		write_tables(document, stream);
	if (status == CSVR_OK)
		status = write_index(document, &overview, stream);
	if (status == CSVR_OK)
		status = csvr_document_write_tables(document, write_part, NULL, stream);
	write_foot(document, stream);
	return status != CSVR_OK ? status : csvr_stream_status(stream);
}

const struct csvr_writer csvr_writer_html = {
	.name = "html",
	.help = "a page with histograms for a browser",
	.is_for_people = true,
	.has_provenance = true,
	.has_correlation = true,
	.has_duplicates = true,
	.has_comparison = true,
	.write = write_html,
};
