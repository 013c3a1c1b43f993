/* json_values.c - the statistics of a column in a JSON report */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <inttypes.h>
#include <math.h>

#include "report/json_text.h"
#include "stats/histogram.h"

/* Whether it is written without quotes. */
static bool is_bare(const struct csvr_value *value)
{
	return value->kind == CSVR_VALUE_COUNT || value->kind == CSVR_VALUE_DECIMAL ||
	       value->kind == CSVR_VALUE_FACT ||
	       (value->kind == CSVR_VALUE_REAL &&
		isfinite(value->real)); /* JSON has no number for the others */
}

static void write_value(struct csvr_json *json, const struct csvr_value *value)
{
	const char *quote = is_bare(value) ? "" : "\"";
	fputs(quote, json->stream);
	csvr_value_write(value, json->document->options->round_digits, csvr_escape_json,
			 json->stream);
	fputs(quote, json->stream);
}

/* { "min": 0, "max": 10, "counts": [3, 1] }, with "max_error" if the counts are estimates. */
static void write_histogram(struct csvr_json *json, const struct csvr_report_row *row)
{
	struct csvr_histogram histogram;
	if (!csvr_histogram_of(row->distribution, row->column, &histogram)) {
		fputs("null", json->stream);
		return;
	}
	fputs("{ \"min\": ", json->stream);
	write_value(json, &histogram.min);
	fputs(", \"max\": ", json->stream);
	write_value(json, &histogram.max);
	fputs(", \"counts\": [", json->stream);
	for (size_t i = 0; i < histogram.n_bins; i++) {
		fputs(i > 0 ? ", " : "", json->stream);
		csvr_json_count(json, histogram.counts[i]);
	}
	putc(']', json->stream);
	if (histogram.max_error > 0) {
		fputs(", \"max_error\": ", json->stream);
		csvr_json_count(json, histogram.max_error);
	}
	fputs(" }", json->stream);
}

/* The items of a list, with the cells that have each; null if there are none. */
static void member_items(struct csvr_json *json, const struct csvr_report_row *row,
			 const struct csvr_statistic *statistic)
{
	struct csvr_value items[CSVR_MAX_ITEMS];
	const size_t n = csvr_column_items(row->distribution, row->column, statistic,
					   csvr_statistic_is_requested(statistic,
								       json->report->requested),
					   items);
	csvr_json_key(json, statistic->name);
	if (n == 0) {
		fputs("null", json->stream);
		return;
	}
	csvr_json_open(json, '[');
	for (size_t i = 0; i < n; i++) {
		csvr_json_next(json);
		fputs("{ \"value\": ", json->stream);
		write_value(json, &items[i]);
		fprintf(json->stream, ", \"count\": %" PRIu64 " }", items[i].n_cells);
	}
	csvr_json_close(json, ']');
}

static void member_value(struct csvr_json *json, const struct csvr_report_row *row,
			 const struct csvr_statistic *statistic)
{
	const struct csvr_value value = csvr_report_row_value(row, statistic);
	csvr_json_key(json, statistic->name);
	if (value.kind == CSVR_VALUE_NONE || value.is_lower_bound)
		fputs("null", json->stream);
	else if (value.kind == CSVR_VALUE_HISTOGRAM)
		write_histogram(json, row);
	else
		write_value(json, &value);
	if (value.is_approximate) {
		csvr_json_next(json);
		fprintf(json->stream, "\"%s_approximate\": true", statistic->name);
	}
	if (value.is_lower_bound) {
		csvr_json_next(json);
		fprintf(json->stream, "\"%s_more_than\": %" PRIu64, statistic->name, value.count);
	}
}

void csvr_json_member_statistic(struct csvr_json *json, const struct csvr_report_row *row,
				const struct csvr_statistic *statistic)
{
	(statistic->items != NULL ? member_items : member_value)(json, row, statistic);
}

/* Statistics from the core of a column are always written, those with states that are collected by default if
 * nothing is requested, the others only if they are. */
static bool is_written(const struct csvr_statistic *statistic,
		       const struct csvr_statistic_options *requested)
{
	const bool is_default = !requested->all && requested->names.n_words == 0;
	return statistic->needs == NULL || csvr_statistic_is_requested(statistic, requested) ||
	       (is_default && statistic->needs_by_default != NULL);
}

void csvr_json_member_values(struct csvr_json *json, const struct csvr_report_row *row,
			     bool are_cell_counts)
{
	for (size_t i = 0; i < json->document->known.n_items; i++) {
		const struct csvr_statistic *statistic = json->document->known.item[i];
		if (statistic->is_cell_count == are_cell_counts &&
		    is_written(statistic, json->report->requested))
			csvr_json_member_statistic(json, row, statistic);
	}
}
