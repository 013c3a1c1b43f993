/* html_histogram.c - histograms as SVG
 *
 * The path of a histogram is in values: a bin of 12 values is 12 high, and the viewBox scales it. So the counts need not be
 * written a second time for the script, which reads them from the path.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/calendar.h"
#include "report/html.h"
#include "report/snapshot.h"

enum { BINS = CSVR_HISTOGRAM_BINS, WIDTH = 400, MOST_POSITION = 10000 };

/* ---- axes ---- */

bool csvr_html_number(const struct csvr_value *value, enum csvr_quantity quantity, double *number)
{
	if (value->kind == CSVR_VALUE_TIME)
		return csvr_time_parse(value->text, strlen(value->text), quantity, number);
	*number = value->real;
	return (value->kind == CSVR_VALUE_REAL || value->kind == CSVR_VALUE_DECIMAL) &&
	       isfinite(value->real);
}

int csvr_html_position(const struct csvr_html_axis *axis, double number, int width)
{
	/* Halves do not overflow. */
	const double range = axis->max / 2 - axis->min / 2;
	const double position = range > 0 ? (number / 2 - axis->min / 2) / range * width : 0;
	return position >= width ? width : position > 0 ? (int)(position + 0.5) : 0;
}

static double larger(double a, double b)
{
	return a > b ? a : b;
}

static double magnitude(const struct csvr_html_axis *axis)
{
	return larger(axis->max, -axis->min);
}

/* 1, 2 or 5 times a power of ten, of which about four are in the range; 0: the range is tiny, or huge. */
static double step_of(const struct csvr_html_axis *axis)
{
	enum { N_STEPS = 4, MOST_EXPONENT = 300 };
	const double rough = axis->max / N_STEPS - axis->min / N_STEPS;
	double power = 1;
	int exponent = 0;
	for (; exponent < MOST_EXPONENT && rough >= 10 * power; exponent++)
		power *= 10;
	for (; exponent > -MOST_EXPONENT && rough < power; exponent--)
		power /= 10;
	const double ratio = rough / power;
	if (ratio < 1 || ratio > 10)
		return 0;
	return power * (ratio < 1.5 ? 1 : ratio < 3.5 ? 2 : ratio < 7.5 ? 5 : 10);
}

static void write_label(double number, FILE *stream)
{
	enum { DIGITS = 6, BYTES = 9 };
	char shortest[CSVR_NUMBER_TEXT_BYTES], text[CSVR_NUMBER_TEXT_BYTES];
	csvr_number_shortest(number, shortest);
	csvr_number_brief(shortest, DIGITS, BYTES, text);
	fputs(text, stream);
}

/* Writes the labels of an axis of numbers, which are round. The style aligns the first and the last one with the ends of
 * the axis; without round numbers there, they are empty. False: labels would not differ. */
static bool write_ticks(const struct csvr_html_axis *axis, FILE *stream)
{
	enum {
		MOST_STEPS = 100000, /* from 0 on: the labels of more would have too many digits */
		END_PERCENT = 4
	};
	const double step = step_of(axis);
	if (step == 0 || magnitude(axis) / step > MOST_STEPS)
		return false;
	fputs("<p class=a><b>", stream);
	bool is_open = true; /* the first or the last label */
	for (long i = (long)(axis->min / step); (double)i * step <= axis->max; i++) {
		const double number = (double)i * step;
		const int tenths = csvr_html_position(axis, number, 1000);
		if (number < axis->min)
			continue;
		if (is_open && tenths >= 10 * END_PERCENT) {
			fputs("</b>", stream);
			is_open = false;
		}
		if (tenths > 1000 - 10 * END_PERCENT) {
			fputs("<b>", stream);
			is_open = true;
		} else if (!is_open) {
			fprintf(stream, "<b style=left:%d.%d%%>", tenths / 10, tenths % 10);
		}
		write_label(number, stream);
		fputs(is_open ? "" : "</b>", stream);
	}
	fputs(is_open ? "</b>" : "<b></b>", stream);
	return true;
}

static void write_ends(const struct csvr_value *min, const struct csvr_value *max,
		       const struct csvr_report_options *options, FILE *stream)
{
	fputs("<p class=a><b>", stream);
	csvr_html_value(min, options, stream);
	fputs("</b><b>", stream);
	csvr_html_value(max, options, stream);
	fputs("</b>", stream);
}

/* ---- bins ---- */

/* Bins with values, as shapes that the neighbouring ones share: M3 9v-1h1v1z. */
static void write_bins(const struct csvr_histogram *histogram, uint64_t most, FILE *stream)
{
	uint64_t height = 0;
	fputs("<path d=\"", stream);
	for (size_t i = 0; i < histogram->n_bins; i++) {
		const uint64_t count = histogram->counts[i];
		size_t n = 1;
		while (i + n < histogram->n_bins && histogram->counts[i + n] == count)
			n++;
		if (count > 0 && height == 0)
			fprintf(stream, "M%zu %" PRIu64, i, most);
		if (count != height)
			fprintf(stream, "v%s%" PRIu64, count > height ? "-" : "",
				count > height ? count - height : height - count);
		if (count > 0)
			fprintf(stream, "h%zu", n);
		else if (height > 0)
			putc('z', stream);
		height = count;
		i += n - 1;
	}
	if (height > 0)
		fprintf(stream, "v%" PRIu64 "z", height);
	fputs("\"/>", stream);
}

/* ---- quartiles ---- */

/* "M60 6H300M120 1h80v10h-80zM150 1v10": a line from 5 % to 95 %, a box around the middle half, and the median. Nothing
 * if one of them is unknown. */
static void write_quartiles(const struct csvr_report_row *row, const struct csvr_html_axis *axis,
			    FILE *stream)
{
	static const char *const names[] = { "p5", "p25", "median", "p75", "p95" };
	enum { P5, P25, MEDIAN, P75, P95, N };
	int at[N];
	for (int i = 0; i < N; i++) {
		const struct csvr_value value =
			csvr_report_row_value(row, csvr_statistic_find(names[i], strlen(names[i])));
		double number;
		if (!csvr_html_number(&value, axis->quantity, &number))
			return;
		at[i] = csvr_html_position(axis, number, WIDTH);
	}
	fprintf(stream,
		"<svg class=q viewBox=0,0,%d,11 preserveAspectRatio=none aria-hidden=true>"
		"<path d=\"M%d 5.5H%dM%d .5h%dv10H%dzM%d .5v10\"/></svg>",
		WIDTH, at[P5], at[P95], at[P25], at[P75] - at[P25], at[P25], at[MEDIAN]);
}

/* ---- one histogram ---- */

void csvr_html_histogram(const struct csvr_report_row *row, const struct csvr_histogram *histogram,
			 FILE *stream)
{
	static const char forms[CSVR_N_QUANTITIES] = {
		[CSVR_QUANTITY_NUMBER] = 'n', [CSVR_QUANTITY_DATE] = 'd', [CSVR_QUANTITY_TIME] = 't'
	};
	struct csvr_html_axis axis = { .quantity = csvr_column_quantity(row->column) };
	if (!csvr_html_number(&histogram->min, axis.quantity, &axis.min) ||
	    !csvr_html_number(&histogram->max, axis.quantity, &axis.max))
		return;
	uint64_t most = 1;
	for (size_t i = 0; i < histogram->n_bins; i++)
		most = histogram->counts[i] > most ? histogram->counts[i] : most;
	char min[CSVR_NUMBER_TEXT_BYTES], max[CSVR_NUMBER_TEXT_BYTES];
	csvr_number_shortest(axis.min, min);
	csvr_number_shortest(axis.max, max);
	fprintf(stream,
		"<figure><svg class=h viewBox=0,0,%zu,%" PRIu64
		" preserveAspectRatio=none role=img aria-label=histogram data-x=%c,%s,%s>",
		histogram->n_bins, most, forms[axis.quantity], min, max);
	write_bins(histogram, most, stream);
	fputs("</svg>", stream);
	write_quartiles(row, &axis, stream);
	if (axis.quantity != CSVR_QUANTITY_NUMBER || axis.min == axis.max ||
	    !write_ticks(&axis, stream))
		write_ends(&histogram->min, &histogram->max, row->report->options, stream);
	fputs("</figure>\n", stream);
}

/* ---- two histograms ---- */

/* The share of the values of a bin in each hundredth of the axis. */
static double density_of(const struct csvr_snapshot_histogram *histogram,
			 const struct csvr_html_axis *axis, size_t bin)
{
	double n_values = 0;
	for (size_t i = 0; i < histogram->n_bins; i++)
		n_values += histogram->counts[i];
	const double range = axis->max / 2 - axis->min / 2;
	const double width = (histogram->max / 2 - histogram->min / 2) / (double)histogram->n_bins;
	const double share = n_values > 0 ? histogram->counts[bin] / n_values : 0;
	/* All values are equal: as in one bin of the axis. */
	return width > 0 && range > 0 ? share * range / width / 100 : share * BINS / 100;
}

static double most_dense(const struct csvr_snapshot_histogram *histogram,
			 const struct csvr_html_axis *axis)
{
	double most = 0;
	for (size_t i = 0; i < histogram->n_bins; i++)
		most = larger(most, density_of(histogram, axis, i));
	return most;
}

static void write_density(const struct csvr_snapshot_histogram *histogram,
			  const struct csvr_html_axis *axis, double most, const char *class,
			  FILE *stream)
{
	enum { HEIGHT = 100 };
	const double width = (histogram->max - histogram->min) / (double)histogram->n_bins;
	const int start = csvr_html_position(axis, histogram->min, WIDTH);
	fprintf(stream, "<path%s d=\"M%d %d", class, start, HEIGHT);
	for (size_t i = 0; i < histogram->n_bins; i++) {
		const double height = density_of(histogram, axis, i) / most * HEIGHT;
		int end = csvr_html_position(axis, histogram->min + (double)(i + 1) * width, WIDTH);
		if (histogram->n_bins == 1)
			end = start + WIDTH / BINS < WIDTH ? start + WIDTH / BINS : WIDTH;
		fprintf(stream, "V%dH%d", HEIGHT - (int)(height + 0.5), end);
	}
	fprintf(stream, "V%d\"/>", HEIGHT);
}

bool csvr_html_histograms(const struct csvr_snapshot_column *before,
			  const struct csvr_snapshot_column *now, FILE *stream)
{
	const struct csvr_snapshot_histogram *old = before->histogram, *new = now->histogram;
	if (old == NULL || new == NULL ||
	    csvr_snapshot_quantity(before) != csvr_snapshot_quantity(now))
		return false;
	const struct csvr_html_axis axis = { .min = -larger(-old->min, -new->min),
					     .max = larger(old->max, new->max),
					     .quantity = csvr_snapshot_quantity(now) };
	const double most = larger(most_dense(old, &axis), most_dense(new, &axis));
	if (!(most > 0) || !isfinite(most))
		return false;
	fprintf(stream,
		"<figure><svg class=h viewBox=0,0,%d,100 preserveAspectRatio=none role=img "
		"aria-label=\"histograms before and now\">",
		WIDTH);
	write_density(new, &axis, most, "", stream);
	write_density(old, &axis, most, " class=was", stream);
	fputs("</svg>", stream);
	if (axis.quantity == CSVR_QUANTITY_NUMBER && axis.min < axis.max)
		write_ticks(&axis, stream);
	fputs("</figure>\n", stream);
	return true;
}
