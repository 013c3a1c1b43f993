/* html_strips.c - statistics of groups and of files as small charts, one below the other, on the axis of their column
 *
 * A line shows the range, a box the mean plus and minus one standard deviation, and a mark the mean.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <string.h>

#include "report/grouping.h"
#include "report/html.h"

enum {
	WIDTH = 400,
	MOST_STRIPS = 2000, /* on a page, about; */
	MOST_OF_COLUMN = 100,
	LEAST_OF_COLUMN = 10
};

static const char legend[] =
	"<p class=soft>The line shows the range from minimum to maximum, the box the mean plus and minus one "
	"standard deviation within that range, and the mark the mean.\n";

/* How many strips of a column are shown. */
static size_t n_shown(size_t n_all, size_t n_columns)
{
	size_t n = n_columns > 0 ? MOST_STRIPS / n_columns : 0;
	n = n < LEAST_OF_COLUMN ? LEAST_OF_COLUMN : n > MOST_OF_COLUMN ? MOST_OF_COLUMN : n;
	return n < n_all ? n : n_all;
}

static struct csvr_value value_of(const struct csvr_report_row *row, const char *name)
{
	return csvr_column_value(row->distribution, row->column,
				 csvr_statistic_find(name, strlen(name)), row->n_files);
}

static bool number_of(const struct csvr_report_row *row, const char *name,
		      enum csvr_quantity quantity, double *number)
{
	const struct csvr_value value = value_of(row, name);
	return csvr_html_number(&value, quantity, number);
}

static void write_value(const struct csvr_report_row *row, const char *name, FILE *stream)
{
	const struct csvr_value value = value_of(row, name);
	csvr_html_value(&value, row->report->options, stream);
}

/* The axis of a column: from its minimum to its maximum. False: it has no values with a quantity. */
static bool axis_of(const struct csvr_report_row *total, struct csvr_html_axis *axis)
{
	axis->quantity = csvr_column_quantity(total->column);
	return axis->quantity < CSVR_N_QUANTITIES &&
	       number_of(total, "min", axis->quantity, &axis->min) &&
	       number_of(total, "max", axis->quantity, &axis->max) && axis->min < axis->max;
}

static void write_drawing(const struct csvr_report_row *row, const struct csvr_html_axis *axis,
			  FILE *stream)
{
	double min, max, mean, stddev;
	if (!number_of(row, "min", axis->quantity, &min) ||
	    !number_of(row, "max", axis->quantity, &max))
		return;
	fprintf(stream,
		"<svg class=s viewBox=0,0,%d,13 preserveAspectRatio=none aria-hidden=true>"
		"<path d=\"M%d 6.5H%d",
		WIDTH, csvr_html_position(axis, min, WIDTH), csvr_html_position(axis, max, WIDTH));
	const bool has_mean = number_of(row, "mean", axis->quantity, &mean);
	if (has_mean && number_of(row, "stddev", axis->quantity, &stddev)) {
		const double low = mean - stddev, high = mean + stddev;
		const int from = csvr_html_position(axis, low > min ? low : min, WIDTH);
		const int to = csvr_html_position(axis, high < max ? high : max, WIDTH);
		fprintf(stream, "M%d 3.5h%dv6h%dz", from, to - from, from - to);
	}
	fputs("\"/>", stream);
	if (has_mean)
		fprintf(stream, "<path class=k d=\"M%d 1v11\"/>",
			csvr_html_position(axis, mean, WIDTH));
	fputs("</svg>", stream);
}

/* The cells of a strip after its label: the count, the mean and the drawing. */
static void write_strip(const struct csvr_report_row *row, const struct csvr_html_axis *axis,
			FILE *stream)
{
	fputs("<td>", stream);
	write_value(row, "count", stream);
	fputs("<td>", stream);
	write_value(row, "mean", stream);
	fputs("<td>", stream);
	write_drawing(row, axis, stream);
	putc('\n', stream);
}

/* The start of the strips of a column; is_open: they are shown at once. */
static void write_start(const struct csvr_report_row *total, const char *label, bool is_open,
			FILE *stream)
{
	fprintf(stream, "<details%s><summary>", is_open ? " open" : "");
	csvr_html_name(total->name, total->name_bytes, CSVR_HTML_NAME_WIDTH, stream);
	fprintf(stream,
		"</summary><table class=strips>"
		"<thead><tr><th>%s<th>count<th>mean<th><p class=a><b>",
		label);
	write_value(total, "min", stream);
	fputs("</b><b>", stream);
	write_value(total, "max", stream);
	fputs("</b><tbody>\n", stream);
}

static void write_end(size_t n_left, const char *unit, FILE *stream)
{
	fputs("</table>\n", stream);
	if (n_left > 0) {
		fputs("<p class=soft>", stream);
		csvr_html_counted(n_left, unit, stream);
		fputs(" more\n", stream);
	}
	fputs("</details>\n", stream);
}

/* ---- groups ---- */

static void write_keys(const struct csvr_grouping *grouping, size_t group, FILE *stream)
{
	fputs("<tr><th>", stream);
	for (size_t k = 0; k < grouping->n_keys; k++) {
		const struct csvr_name key = csvr_groups_key(grouping->groups, group, k);
		fputs(k > 0 ? ", " : "", stream);
		if (key.text != NULL)
			csvr_html_name(key.text, key.n_bytes, CSVR_HTML_CELL_WIDTH, stream);
		else
			fputs("<small>missing</small>", stream);
	}
}

static enum csvr_status write_column_of_groups(const struct csvr_grouping *grouping, size_t column,
					       FILE *stream)
{
	const struct csvr_report *report = grouping->report;
	const size_t index = grouping->columns[column].index;
	const size_t n = n_shown(grouping->n_groups, grouping->n_columns);
	enum csvr_status status = CSVR_OK;
	struct csvr_report_row total;
	struct csvr_html_axis axis = { 0 };
	csvr_report_row_init(&total, report, index, &report->table->columns[index].stats);
	if (!axis_of(&total, &axis))
		axis = (struct csvr_html_axis){ .quantity = CSVR_QUANTITY_NUMBER };
	write_start(&total, "group", column == 0, stream);
	struct csvr_group_cells cells;
	csvr_group_cells_init(&cells, report->distribution);
	for (size_t g = 0; g < n && status == CSVR_OK; g++) {
		struct csvr_report_row row;
		status = csvr_grouping_fill_row(grouping, g, column, &cells, &row);
		if (status != CSVR_OK)
			break;
		write_keys(grouping, g, stream);
		write_strip(&row, &axis, stream);
	}
	csvr_group_cells_clear(&cells);
	write_end(grouping->n_groups - n, "group", stream);
	return status != CSVR_OK ? status : csvr_stream_status(stream);
}

static void write_title_of_groups(const struct csvr_grouping *grouping, FILE *stream)
{
	char count[CSVR_NUMBER_TEXT_BYTES];
	csvr_number_count(grouping->n_groups, count);
	fputs("<section><h2>Groups by ", stream);
	for (size_t k = 0; k < grouping->n_keys; k++) {
		const struct csvr_name title = csvr_grouping_title(grouping, k);
		fputs(k > 0 ? ", " : "", stream);
		csvr_html_name(title.text, title.n_bytes, CSVR_HTML_NAME_WIDTH, stream);
	}
	fprintf(stream, ": %s</h2>%s", count, legend);
	if (grouping->n_columns == 0)
		fputs("<p>No column of numbers, dates or times; --select names others.\n", stream);
}

enum csvr_status csvr_html_groups(const struct csvr_report *report, FILE *stream)
{
	struct csvr_grouping grouping;
	if (csvr_shown_groups(report->table) == NULL)
		return CSVR_OK;
	enum csvr_status status = csvr_grouping_open(&grouping, report);
	if (status == CSVR_OK)
		write_title_of_groups(&grouping, stream);
	for (size_t i = 0; i < grouping.n_columns && status == CSVR_OK; i++)
		status = write_column_of_groups(&grouping, i, stream);
	csvr_grouping_close(&grouping);
	fputs("</section>\n", stream);
	return status;
}

/* ---- files ---- */

/* The path below the directory of all files. */
static void write_path(const char *path, const struct csvr_name *directory, FILE *stream)
{
	const bool is_below = strlen(path) > directory->n_bytes &&
			      memcmp(path, directory->text, directory->n_bytes) == 0;
	fputs("<tr><th>", stream);
	csvr_html_location(is_below ? path + directory->n_bytes : path, 0, stream);
}

static enum csvr_status write_column_of_files(const struct csvr_report *report, size_t column,
					      const struct csvr_name *directory, FILE *stream)
{
	const struct csvr_document *document = report->document;
	const size_t n_all = csvr_document_n_files(document, report->table_index);
	const size_t n = n_shown(n_all, report->n_columns);
	struct csvr_report_row total;
	struct csvr_html_axis axis;
	csvr_report_row_init(&total, report, column, &report->table->columns[column].stats);
	if (!axis_of(&total, &axis))
		return CSVR_OK;
	write_start(&total, "file", false, stream);
	for (size_t f = 0; f < n; f++) {
		const struct csvr_file *file = csvr_document_file(document, report->table_index, f);
		struct csvr_report_row row;
		if (file->kind != CSVR_FILE_READ ||
		    !csvr_report_file_row(&row, report, file, column))
			continue;
		write_path(csvr_file_path(document, file), directory, stream);
		write_strip(&row, &axis, stream);
	}
	write_end(n_all - n, "file", stream);
	return csvr_stream_status(stream);
}

enum csvr_status csvr_html_files(const struct csvr_report *report, FILE *stream)
{
	enum csvr_status status = CSVR_OK;
	if (!report->options->per_file)
		return CSVR_OK;
	const struct csvr_name directory = csvr_html_title(report->document);
	fprintf(stream, "<section><h2>Files</h2>%s", legend);
	for (size_t i = 0; i < report->n_columns && status == CSVR_OK; i++)
		status = write_column_of_files(report, i, &directory, stream);
	fputs("</section>\n", stream);
	return status;
}
