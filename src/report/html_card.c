/* html_card.c - the card of a column: its type, a bar of its cells, a histogram or frequent values, and facts */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <inttypes.h>
#include <string.h>

#include "report/html.h"

/* A row with the values of the statistics of the report. */
struct card {
	const struct csvr_report_row *row;
	struct csvr_value values[CSVR_MAX_SHOWN];
};

static bool is_one_of(const char *name, const char *const *names)
{
	while (*names != NULL && strcmp(*names, name) != 0)
		names++;
	return *names != NULL;
}

static bool is_shown(const struct csvr_report_row *row, const char *name)
{
	for (size_t i = 0; i < row->report->n_stats; i++)
		if (strcmp(row->report->stats[i]->name, name) == 0)
			return true;
	return false;
}

/* ---- the heading ---- */

/* Facts that are true of the whole column. */
static void write_facts_in_words(const struct card *card, FILE *stream)
{
	const struct csvr_report *report = card->row->report;
	for (size_t i = 0; i < report->n_stats; i++)
		if (card->values[i].kind == CSVR_VALUE_FACT &&
		    strcmp(card->values[i].word, "true") == 0)
			fprintf(stream, ", %s", report->stats[i]->name);
}

static void write_heading(const struct card *card, FILE *stream)
{
	const struct csvr_report_row *row = card->row;
	fputs("<article id=", stream);
	csvr_html_id(row->report->table_index, row->index, stream);
	fputs("><h3><a href=#", stream);
	csvr_html_id(row->report->table_index, row->index, stream);
	putc('>', stream);
	csvr_html_name(row->name, row->name_bytes, CSVR_HTML_NAME_WIDTH, stream);
	fprintf(stream, "</a> <small>%s", csvr_type_name(csvr_column_type(row->column)));
	write_facts_in_words(card, stream);
	fputs("</small></h3>\n", stream);
}

/* ---- the cells ---- */

struct share {
	const char *class, *one, *many;
	uint64_t count;
};

static void write_bar(const struct share *shares, size_t n_shares, FILE *stream)
{
	fputs("<p class=b>", stream);
	for (size_t i = 0; i < n_shares; i++)
		if (shares[i].count > 0)
			fprintf(stream, "<i%s style=flex:%" PRIu64 "></i>", shares[i].class,
				shares[i].count);
	putc('\n', stream);
}

static void write_legend(const struct share *shares, size_t n_shares, uint64_t n_cells,
			 FILE *stream)
{
	fputs("<p class=l>", stream);
	for (size_t i = 0; i < n_shares; i++) {
		char count[CSVR_NUMBER_TEXT_BYTES];
		if (shares[i].count == 0)
			continue;
		csvr_number_count(shares[i].count, count);
		fprintf(stream, "<span%s>%s %s", shares[i].class, count,
			shares[i].count == 1 ? shares[i].one : shares[i].many);
		if (shares[i].count < n_cells) {
			fputs(" (", stream);
			csvr_html_share(shares[i].count, n_cells, stream);
			putc(')', stream);
		}
		fputs("</span> ", stream);
	}
	putc('\n', stream);
}

/* "first invalid: 11,4 at data/2021.csv:3" */
static void write_first_invalid(const struct csvr_report_row *row, FILE *stream)
{
	if (row->invalid_path == NULL)
		return;
	fputs("<p><small>first invalid cell: ", stream);
	csvr_html_name((const char *)row->first_invalid->bytes, row->first_invalid->n_bytes,
		       CSVR_HTML_CELL_WIDTH, stream);
	fputs(" at ", stream);
	csvr_html_location(row->invalid_path, row->first_invalid->line, stream);
	fputs("</small>\n", stream);
}

static void write_cells(const struct csvr_report_row *row, FILE *stream)
{
	const struct csvr_column *column = row->column;
	const struct share shares[] = {
		{ "", "value", "values", csvr_column_n_valid(column) },
		{ " class=x", "invalid", "invalid", csvr_column_n_invalid(column) },
		{ " class=f", "nan or infinite", "nan or infinite",
		  column->cells[CSVR_CELL_NAN] + column->cells[CSVR_CELL_INFINITE] },
		{ " class=m", "missing", "missing", column->cells[CSVR_CELL_MISSING] },
	};
	enum { N_SHARES = sizeof shares / sizeof shares[0] };
	uint64_t n_cells = 0;
	for (size_t i = 0; i < N_SHARES; i++)
		n_cells += shares[i].count;
	if (n_cells == 0)
		return;
	write_bar(shares, N_SHARES, stream);
	write_legend(shares, N_SHARES, n_cells, stream);
	write_first_invalid(row, stream);
}

/* ---- frequent values ---- */

/* The end of a row: how many cells there are. */
static void write_count(uint64_t count, uint64_t n_all, FILE *stream)
{
	char text[CSVR_NUMBER_TEXT_BYTES];
	csvr_number_count(count, text);
	fprintf(stream, "<td>%s<td>", text);
	csvr_html_share(count, n_all, stream);
	putc('\n', stream);
}

static void write_item(const struct csvr_value *item, uint64_t most,
		       const struct csvr_report_options *options, FILE *stream)
{
	fputs("<tr><th>", stream);
	csvr_html_value(item, options, stream);
	if (most > 1)
		fprintf(stream, "<i style=width:%.1f%%></i>",
			100.0 * (double)item->n_cells / (double)most);
	write_count(item->n_cells, item->n_all_cells, stream);
}

/* The most frequent values with their counts; some, if no value is more frequent than others. */
static void write_top(const struct csvr_report_row *row, FILE *stream)
{
	enum { EXAMPLES = 3 };
	static const char name[] = "top";
	struct csvr_value items[CSVR_MAX_ITEMS];
	const struct csvr_statistic *top = csvr_statistic_find(name, strlen(name));
	size_t n = csvr_column_items(row->distribution, row->column, top,
				     csvr_statistic_is_requested(top, row->report->requested),
				     items);
	if (n == 0)
		return;
	if (items[0].n_cells == 1 && n > EXAMPLES)
		n = EXAMPLES;
	uint64_t n_others = items[0].n_all_cells;
	fputs("<table class=t>\n", stream);
	for (size_t i = 0; i < n; i++) {
		write_item(&items[i], items[0].n_cells, row->report->options, stream);
		n_others -= items[i].n_cells < n_others ? items[i].n_cells : n_others;
	}
	if (n_others > 0) {
		fputs("<tr><th><small>other values</small>", stream);
		write_count(n_others, items[0].n_all_cells, stream);
	}
	fputs("</table>\n", stream);
}

/* Numbers, dates and times have a histogram, unless all are equal; other cells a list of the most frequent values. */
static void write_chart(const struct csvr_report_row *row, FILE *stream)
{
	struct csvr_histogram histogram;
	const bool has_histogram = csvr_column_quantity(row->column) < CSVR_N_QUANTITIES &&
				   is_shown(row, "histogram") &&
				   csvr_histogram_of(row->distribution, row->column, &histogram);
	const bool has_top = is_shown(row, "top");
	if (has_histogram && (histogram.n_bins > 1 || !has_top))
		csvr_html_histogram(row, &histogram, stream);
	else if (has_top)
		write_top(row, stream);
}

/* ---- facts ---- */

static const char *const drawn[] = { "type",    "count", "missing",   "nan",   "infinite",
				     "invalid", "top",   "histogram", "files", NULL };

/* Those that a reader wants first: all are in JSON, and in the page if they were requested. */
static const char *const usual[] = { "distinct",    "sum",      "mean",       "stddev",
				     "min",         "p5",       "p25",        "median",
				     "p75",         "p95",      "max",        "skewness",
				     "zeros",       "negative", "min_length", "max_length",
				     "mean_length", NULL };

/* "7 of 10 files" if the column is absent from some. */
static void write_files(const struct csvr_report_row *row, FILE *stream)
{
	const uint64_t n_all = row->report->table->n_files;
	char files[CSVR_NUMBER_TEXT_BYTES], all[CSVR_NUMBER_TEXT_BYTES];
	if (row->n_files >= n_all)
		return;
	csvr_number_count(row->n_files, files);
	csvr_number_count(n_all, all);
	fprintf(stream, "<div><dt>files<dd>%s of %s</div>\n", files, all);
}

static void write_facts(const struct card *card, FILE *stream)
{
	const struct csvr_report_row *row = card->row;
	const struct csvr_report *report = row->report;
	/* Dates with times are too wide for two columns. */
	fputs(csvr_column_quantity(row->column) == CSVR_QUANTITY_DATE ? "<dl class=\"r o\">"
								      : "<dl class=r>",
	      stream);
	for (size_t i = 0; i < report->n_stats; i++) {
		const char *name = report->stats[i]->name;
		const struct csvr_value *value = &card->values[i];
		if (is_one_of(name, drawn) || value->kind == CSVR_VALUE_NONE ||
		    value->kind == CSVR_VALUE_FACT ||
		    (report->requested->is_implied && !is_one_of(name, usual)))
			continue;
		fprintf(stream, "<div><dt>%s<dd>", name);
		csvr_html_value(value, report->options, stream);
		fputs("</div>\n", stream);
	}
	write_files(row, stream);
	fputs("</dl>", stream);
}

void csvr_html_card(const struct csvr_report_row *row, FILE *stream)
{
	struct card card;
	card.row = row;
	for (size_t i = 0; i < row->report->n_stats; i++)
		card.values[i] = csvr_report_row_value(row, row->report->stats[i]);
	write_heading(&card, stream);
	write_cells(row, stream);
	if (!csvr_html_column_changes(row, stream))
		write_chart(row, stream);
	write_facts(&card, stream);
	fputs("</article>\n", stream);
}
