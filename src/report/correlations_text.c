/* correlations_text.c - correlations for people: a matrix, or the strongest ones if it is too wide */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/html.h"
#include "report/report.h"

enum {
	MOST_LISTED = 20, /* correlations, if the matrix is too wide */
	MARKDOWN_COLUMNS = 10, /* of a matrix */
	HTML_COLUMNS = 20,
	HTML_NAME_WIDTH = 24,
	GAP = 2,
	MATRIX_DIGITS = 4, /* after the point, without --round */
	LIST_DIGITS = 7, /* significant ones, without --round, */
	LIST_BYTES = 14, /* and in plain notation up to this length */
	NAME_WIDTH = 16, /* a longer name is shortened */
	CELL_WIDTH = 7 /* -0.1234 */
};

/* ---- values ---- */

/* "-" if the correlation is not defined. */
static void matrix_text(const struct csvr_report *report, const struct csvr_correlation *pair,
			char text[CSVR_NUMBER_TEXT_BYTES])
{
	const int round_digits = report->options->round_digits;
	if (pair->is_defined)
		csvr_number_fixed(pair->pearson, round_digits >= 0 ? round_digits : MATRIX_DIGITS,
				  text);
	else
		memcpy(text, "-", 2);
}

static void list_text(const struct csvr_report *report, const struct csvr_correlation *pair,
		      char text[CSVR_NUMBER_TEXT_BYTES])
{
	const int round_digits = report->options->round_digits;
	char shortest[CSVR_NUMBER_TEXT_BYTES];
	if (!pair->is_defined) {
		memcpy(text, "-", 2);
	} else if (round_digits >= 0) {
		csvr_number_fixed(pair->pearson, round_digits, text);
	} else {
		csvr_number_shortest(pair->pearson, shortest);
		csvr_number_brief(shortest, LIST_DIGITS, LIST_BYTES, text);
	}
}

/* The pair of columns i and j of the matrix, i != j. */
static const struct csvr_correlation *pair_at(const struct csvr_correlations *correlations,
					      size_t i, size_t j)
{
	const size_t a = i < j ? i : j, b = i < j ? j : i;
	return &correlations->pairs[a * (2 * correlations->n_columns - a - 1) / 2 + (b - a - 1)];
}

/* By magnitude, greatest first; those that are not defined come last. */
static int by_strength(const void *a, const void *b)
{
	const struct csvr_correlation *left = a, *right = b;
	const double x = left->is_defined ? fabs(left->pearson) : -1;
	const double y = right->is_defined ? fabs(right->pearson) : -1;
	if (x != y)
		return x > y ? -1 : 1;
	if (left->x != right->x)
		return left->x < right->x ? -1 : 1;
	return left->y < right->y ? -1 : left->y > right->y;
}

/* A sorted copy, to be freed; NULL: no memory. */
static struct csvr_correlation *sort_pairs(const struct csvr_correlations *correlations)
{
	const size_t n_bytes = correlations->n_pairs * sizeof *correlations->pairs;
	struct csvr_correlation *sorted = malloc(n_bytes);
	if (sorted == NULL)
		return NULL;
	memcpy(sorted, correlations->pairs, n_bytes);
	qsort(sorted, correlations->n_pairs, sizeof *sorted, by_strength);
	return sorted;
}

static size_t count_listed(const struct csvr_correlations *correlations)
{
	return correlations->n_pairs < MOST_LISTED ? correlations->n_pairs : MOST_LISTED;
}

/* "over 5,000 rows", or "over 4,000 to 5,000 rows". */
static void write_rows(const struct csvr_correlations *correlations, FILE *stream)
{
	char least[CSVR_NUMBER_TEXT_BYTES], most[CSVR_NUMBER_TEXT_BYTES];
	uint64_t low = UINT64_MAX, high = 0;
	for (size_t i = 0; i < correlations->n_pairs; i++) {
		const uint64_t n = correlations->pairs[i].n;
		low = n < low ? n : low;
		high = n > high ? n : high;
	}
	csvr_number_count(low, least);
	csvr_number_count(high, most);
	if (low == high)
		fprintf(stream, "over %s row%s\n", most, high == 1 ? "" : "s");
	else
		fprintf(stream, "over %s to %s rows\n", least, most);
}

/* "170 more pairs (--format=json lists them)" */
static void write_others(const struct csvr_correlations *correlations, FILE *stream)
{
	char text[CSVR_NUMBER_TEXT_BYTES];
	const size_t n = correlations->n_pairs - count_listed(correlations);
	csvr_number_count(n, text);
	fprintf(stream, "%s more pair%s (--format=json lists them)\n", text, n == 1 ? "" : "s");
}

/* ---- the table ---- */

struct layout {
	size_t name_width; /* of the first column */
	size_t *widths; /* of the others, by column of the matrix */
};

static void name_of(const struct csvr_report *report, uint32_t column, struct csvr_name *name)
{
	*name = csvr_summary_column_title(&report->table->columns[column]);
}

/* The name, cut to a width if it is wider. */
static struct csvr_cut cut_name(const struct csvr_name *name, size_t width)
{
	return csvr_escape_cut(name->text, name->n_bytes, width, (width - 1) / 2);
}

static size_t name_width(const struct csvr_report *report, uint32_t column)
{
	struct csvr_name name;
	name_of(report, column, &name);
	return cut_name(&name, NAME_WIDTH).width;
}

static void write_name(const struct csvr_report *report, uint32_t column, size_t width,
		       bool is_right, FILE *stream)
{
	struct csvr_name name;
	name_of(report, column, &name);
	const struct csvr_cut cut = cut_name(&name, width);
	const int n_blanks = (int)(width - cut.width);
	fprintf(stream, "%*s", is_right ? n_blanks : 0, "");
	csvr_escape_write_cut(stream, name.text, name.n_bytes, &cut);
	fprintf(stream, "%*s", is_right ? 0 : n_blanks, "");
}

static void write_line(size_t width, FILE *stream)
{
	while (width-- > 0)
		putc('-', stream);
	putc('\n', stream);
}

/* Sets the widths; returns their sum, with gaps. */
static size_t measure(const struct csvr_report *report, struct layout *layout)
{
	const struct csvr_correlations *correlations = &report->correlations;
	char text[CSVR_NUMBER_TEXT_BYTES];
	layout->name_width = strlen("column");
	size_t total = 0;
	for (size_t j = 0; j < correlations->n_columns; j++) {
		const size_t name = name_width(report, correlations->columns[j]);
		layout->name_width = name > layout->name_width ? name : layout->name_width;
		size_t widest = name > CELL_WIDTH ? name : CELL_WIDTH;
		for (size_t i = 0; i < correlations->n_columns; i++) {
			if (i == j)
				continue;
			matrix_text(report, pair_at(correlations, i, j), text);
			widest = strlen(text) > widest ? strlen(text) : widest;
		}
		layout->widths[j] = widest;
		total += GAP + widest;
	}
	return layout->name_width + total;
}

static void write_matrix(const struct csvr_report *report, const struct layout *layout,
			 size_t total_width, FILE *stream)
{
	const struct csvr_correlations *correlations = &report->correlations;
	char text[CSVR_NUMBER_TEXT_BYTES];
	fprintf(stream, "%-*s", (int)layout->name_width, "column");
	for (size_t j = 0; j < correlations->n_columns; j++) {
		fprintf(stream, "%*s", GAP, "");
		write_name(report, correlations->columns[j], layout->widths[j], true, stream);
	}
	putc('\n', stream);
	write_line(total_width, stream);
	for (size_t i = 0; i < correlations->n_columns && !ferror(stream); i++) {
		write_name(report, correlations->columns[i], layout->name_width, false, stream);
		const size_t last = correlations->n_columns - (i + 1 == correlations->n_columns);
		for (size_t j = 0; j < last; j++) {
			text[0] = '\0'; /* on the diagonal */
			if (i != j)
				matrix_text(report, pair_at(correlations, i, j), text);
			fprintf(stream, "%*s", (int)(GAP + layout->widths[j]), text);
		}
		putc('\n', stream);
	}
	write_rows(correlations, stream);
}

static enum csvr_status write_list(const struct csvr_report *report, FILE *stream)
{
	const struct csvr_correlations *correlations = &report->correlations;
	const size_t n_listed = count_listed(correlations);
	char text[CSVR_NUMBER_TEXT_BYTES], rows[CSVR_NUMBER_TEXT_BYTES];
	struct csvr_correlation *sorted = sort_pairs(correlations);
	if (sorted == NULL)
		return CSVR_NO_MEMORY;
	size_t x_width = strlen("column"), y_width = strlen("column");
	size_t rows_width = strlen("rows"), width = strlen("correlation");
	for (size_t i = 0; i < n_listed; i++) {
		const size_t x = name_width(report, sorted[i].x),
			     y = name_width(report, sorted[i].y);
		const size_t n = csvr_number_count(sorted[i].n, rows);
		list_text(report, &sorted[i], text);
		x_width = x > x_width ? x : x_width;
		y_width = y > y_width ? y : y_width;
		rows_width = n > rows_width ? n : rows_width;
		width = strlen(text) > width ? strlen(text) : width;
	}
	fprintf(stream, "%-*s%*s%-*s%*s%*s\n", (int)x_width, "column", GAP, "", (int)y_width,
		"column", (int)(GAP + rows_width), "rows", (int)(GAP + width), "correlation");
	write_line(x_width + y_width + rows_width + width + 3 * (size_t)GAP, stream);
	for (size_t i = 0; i < n_listed && !ferror(stream); i++) {
		write_name(report, sorted[i].x, x_width, false, stream);
		fprintf(stream, "%*s", GAP, "");
		write_name(report, sorted[i].y, y_width, false, stream);
		csvr_number_count(sorted[i].n, rows);
		list_text(report, &sorted[i], text);
		fprintf(stream, "%*s%*s\n", (int)(GAP + rows_width), rows, (int)(GAP + width),
			text);
	}
	if (n_listed < correlations->n_pairs)
		write_others(correlations, stream);
	free(sorted);
	return CSVR_OK;
}

enum csvr_status csvr_correlations_write_table(const struct csvr_report *report, FILE *stream)
{
	const struct csvr_correlations *correlations = &report->correlations;
	if (correlations->n_pairs == 0) {
		fputs("fewer than two of the columns to correlate have numbers\n", stream);
		return CSVR_OK;
	}
	struct layout layout = { 0 };
	layout.widths = malloc(correlations->n_columns * sizeof *layout.widths);
	if (layout.widths == NULL)
		return CSVR_NO_MEMORY;
	enum csvr_status status = CSVR_OK;
	const size_t total_width = measure(report, &layout);
	if (total_width <= (size_t)report->options->width)
		write_matrix(report, &layout, total_width, stream);
	else
		status = write_list(report, stream);
	free(layout.widths);
	return status;
}

/* ---- Markdown ---- */

static void write_markdown_name(const struct csvr_report *report, uint32_t column, FILE *stream)
{
	struct csvr_name name;
	name_of(report, column, &name);
	putc(' ', stream);
	csvr_escape_markdown(stream, name.text, name.n_bytes);
	fputs(" |", stream);
}

static void write_markdown_matrix(const struct csvr_report *report, FILE *stream)
{
	const struct csvr_correlations *correlations = &report->correlations;
	char text[CSVR_NUMBER_TEXT_BYTES];
	fputs("| column |", stream);
	for (size_t j = 0; j < correlations->n_columns; j++)
		write_markdown_name(report, correlations->columns[j], stream);
	fputs("\n|---|", stream);
	for (size_t j = 0; j < correlations->n_columns; j++)
		fputs("---:|", stream);
	putc('\n', stream);
	for (size_t i = 0; i < correlations->n_columns; i++) {
		putc('|', stream);
		write_markdown_name(report, correlations->columns[i], stream);
		for (size_t j = 0; j < correlations->n_columns; j++) {
			text[0] = '\0';
			if (i != j)
				matrix_text(report, pair_at(correlations, i, j), text);
			fprintf(stream, " %s%s|", text, i != j ? " " : "");
		}
		putc('\n', stream);
	}
	putc('\n', stream);
	write_rows(correlations, stream);
}

static enum csvr_status write_markdown_list(const struct csvr_report *report, FILE *stream)
{
	const struct csvr_correlations *correlations = &report->correlations;
	const size_t n_listed = count_listed(correlations);
	char text[CSVR_NUMBER_TEXT_BYTES];
	struct csvr_correlation *sorted = sort_pairs(correlations);
	if (sorted == NULL)
		return CSVR_NO_MEMORY;
	fputs("| column | column | rows | correlation |\n|---|---|---:|---:|\n", stream);
	for (size_t i = 0; i < n_listed && !ferror(stream); i++) {
		putc('|', stream);
		write_markdown_name(report, sorted[i].x, stream);
		write_markdown_name(report, sorted[i].y, stream);
		list_text(report, &sorted[i], text);
		fprintf(stream, " %" PRIu64 " | %s |\n", sorted[i].n, text);
	}
	if (n_listed < correlations->n_pairs) {
		putc('\n', stream);
		write_others(correlations, stream);
	}
	free(sorted);
	return CSVR_OK;
}

enum csvr_status csvr_correlations_write_markdown(const struct csvr_report *report, FILE *stream)
{
	const struct csvr_correlations *correlations = &report->correlations;
	fputs("\nCorrelation:\n\n", stream);
	if (correlations->n_pairs == 0)
		fputs("fewer than two of the columns to correlate have numbers\n", stream);
	else if (correlations->n_columns > MARKDOWN_COLUMNS)
		return write_markdown_list(report, stream);
	else
		write_markdown_matrix(report, stream);
	return CSVR_OK;
}

/* ---- HTML ---- */

static void write_html_name(const struct csvr_report *report, uint32_t column, FILE *stream)
{
	struct csvr_name name;
	name_of(report, column, &name);
	fputs("<th>", stream);
	csvr_html_name(name.text, name.n_bytes, HTML_NAME_WIDTH, stream);
}

/* The stronger, the deeper its color, but text in it must be readable. */
static void write_html_cell(const struct csvr_correlation *pair, const char *text, FILE *stream)
{
	enum { DEEPEST_PERCENT = 45 };
	fprintf(stream, "<td%s style=--a:%.0f%%>%s",
		pair->is_defined && pair->pearson < 0 ? " class=n" : "",
		pair->is_defined ? fabs(pair->pearson) * DEEPEST_PERCENT : 0, text);
}

static void write_html_matrix(const struct csvr_report *report, FILE *stream)
{
	const struct csvr_correlations *correlations = &report->correlations;
	char text[CSVR_NUMBER_TEXT_BYTES];
	fputs("<table class=c><thead><tr><th>", stream);
	for (size_t j = 0; j < correlations->n_columns; j++)
		write_html_name(report, correlations->columns[j], stream);
	fputs("<tbody>\n", stream);
	for (size_t i = 0; i < correlations->n_columns; i++) {
		fputs("<tr>", stream);
		write_html_name(report, correlations->columns[i], stream);
		for (size_t j = 0; j < correlations->n_columns; j++) {
			if (i == j) {
				fputs("<td>", stream);
				continue;
			}
			const struct csvr_correlation *pair = pair_at(correlations, i, j);
			matrix_text(report, pair, text);
			write_html_cell(pair, text, stream);
		}
		putc('\n', stream);
	}
	fputs("</table><p class=soft>", stream);
	write_rows(correlations, stream);
}

static enum csvr_status write_html_list(const struct csvr_report *report, FILE *stream)
{
	const struct csvr_correlations *correlations = &report->correlations;
	const size_t n_listed = count_listed(correlations);
	char rows[CSVR_NUMBER_TEXT_BYTES], text[CSVR_NUMBER_TEXT_BYTES];
	struct csvr_correlation *sorted = sort_pairs(correlations);
	if (sorted == NULL)
		return CSVR_NO_MEMORY;
	fputs("<table class=c><thead><tr><th>column<th>column<th>rows<th>correlation<tbody>\n",
	      stream);
	for (size_t i = 0; i < n_listed && !ferror(stream); i++) {
		fputs("<tr>", stream);
		write_html_name(report, sorted[i].x, stream);
		write_html_name(report, sorted[i].y, stream);
		csvr_number_count(sorted[i].n, rows);
		fprintf(stream, "<td style=--a:0%%>%s", rows);
		list_text(report, &sorted[i], text);
		write_html_cell(&sorted[i], text, stream);
		putc('\n', stream);
	}
	fputs("</table>\n", stream);
	if (n_listed < correlations->n_pairs) {
		fputs("<p class=soft>", stream);
		write_others(correlations, stream);
	}
	free(sorted);
	return CSVR_OK;
}

enum csvr_status csvr_correlations_write_html(const struct csvr_report *report, FILE *stream)
{
	const struct csvr_correlations *correlations = &report->correlations;
	enum csvr_status status = CSVR_OK;
	fputs("<section><h2>Correlation</h2><div class=wide>", stream);
	if (correlations->n_pairs == 0)
		fputs("<p>Fewer than two of the columns to correlate have numbers.\n", stream);
	else if (correlations->n_columns > HTML_COLUMNS)
		status = write_html_list(report, stream);
	else
		write_html_matrix(report, stream);
	fputs("</div></section>\n", stream);
	return status;
}
