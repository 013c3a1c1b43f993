/* html.h - what the files of the HTML page share
 *
 * Shape    write_html.c writes the page and its overview. html_text.c writes names, values and problems, html_card.c
 *          the card of a column, html_histogram.c its histogram, html_strips.c groups and files as strips on a common
 *          axis, html_changes.c the changes since an earlier report. Correlations are in correlations_text.c.
 * Safety   whatever comes from a file is written by csvr_escape_html, as text or in an attribute in double quotes;
 *          long names are cut. Closing tags that HTML does not require are omitted, which saves a tenth of a page.
 * Errors   left to the stream, unless a function has a status
 */
#ifndef CSVR_REPORT_HTML_H
#define CSVR_REPORT_HTML_H

#include "report/report.h"
#include "stats/histogram.h"

/* ---- text (html_text.c) ---- */

/* How wide names may be, in characters. */
enum { CSVR_HTML_NAME_WIDTH = 120, CSVR_HTML_CELL_WIDTH = 48 };

/* Writes a name, cut in the middle to a width, and isolated from the direction of the text around it. */
void csvr_html_name(const char *name, size_t n_bytes, size_t max_width, FILE *stream);

/* What to call the page: the only file, or the directory that all files are in, with a slash, or some words. */
struct csvr_name csvr_html_title(const struct csvr_document *document);

/* Writes a path with a line, or without if it is 0. */
void csvr_html_location(const char *path, uint64_t line, FILE *stream);

/* Writes a value as people read it: counts with separators, numbers in about 7 digits, times, or a cell. */
void csvr_html_value(const struct csvr_value *value, const struct csvr_report_options *options,
		     FILE *stream);

/* Writes the share that `count` is of `of`. */
void csvr_html_share(uint64_t count, uint64_t of, FILE *stream);

/* Writes "1 file" or "2,345 files". */
void csvr_html_counted(uint64_t count, const char *unit, FILE *stream);

/* Writes the problems as a list, of which there is at least one. */
void csvr_html_problems(const struct csvr_problems *problems,
			const struct csvr_report_options *options, FILE *stream);

/* ---- charts (html_histogram.c) ---- */

/* An interval of numbers, or of dates or times in seconds. */
struct csvr_html_axis {
	double min, max;
	enum csvr_quantity quantity;
};

/* Sets `*number` to a number, or to the seconds of a date or time of the quantity. False: it has no finite one. */
bool csvr_html_number(const struct csvr_value *value, enum csvr_quantity quantity, double *number);

/* Where a number is on an axis of `width`, which is at most 10,000; ends of the axis for numbers outside it. */
int csvr_html_position(const struct csvr_html_axis *axis, double number, int width);

/* Writes the histogram of a column, with its axis and the quartiles. */
void csvr_html_histogram(const struct csvr_report_row *row, const struct csvr_histogram *histogram,
			 FILE *stream);

struct csvr_snapshot_column;

/* Writes the histograms of a column before and now on one axis, by density. False: one of them is unknown. */
bool csvr_html_histograms(const struct csvr_snapshot_column *before,
			  const struct csvr_snapshot_column *now, FILE *stream);

/* ---- parts of the page ---- */

/* Writes the id of the card of column `column` of table `table`. */
static inline void csvr_html_id(size_t table, size_t column, FILE *stream)
{
	fprintf(stream, "c%zu", column);
	if (table > 0)
		fprintf(stream, "-%zu", table);
}

/* Writes the card of a column. */
void csvr_html_card(const struct csvr_report_row *row, FILE *stream);

/* Writes the groups of a report, or nothing if it has none; and its files, if the options say so. */
enum csvr_status csvr_html_groups(const struct csvr_report *report, FILE *stream);
enum csvr_status csvr_html_files(const struct csvr_report *report, FILE *stream);

/* Writes the section about the changes since an earlier report. */
void csvr_html_changes(const struct csvr_document *document, FILE *stream);

/* Writes the changes of a column, if there are any. True: with its histograms before and now. */
bool csvr_html_column_changes(const struct csvr_report_row *row, FILE *stream);

#endif
