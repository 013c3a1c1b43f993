/* snapshot_summary.c - the snapshot of a summary */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "report/report.h"
#include "report/snapshot.h"
#include "stats/distribution.h"

/* The column that is read. Its statistics are those of a JSON report: with all if they were collected, else those that
 * are shown by default. */
struct source {
	struct csvr_distribution *distribution;
	const struct csvr_column *column;
	bool is_requested;
	enum csvr_quantity quantity;
};

static struct csvr_value value_of(const struct source *source, const char *name)
{
	const struct csvr_statistic *statistic = csvr_statistic_find(name, strlen(name));
	return source->is_requested
		       ? csvr_column_value(source->distribution, source->column, statistic, 0)
		       : csvr_column_default_value(source->distribution, source->column, statistic,
						   0);
}

static void set_value(struct csvr_snapshot_value *into, const struct source *source,
		      const struct csvr_value *value)
{
	double seconds;
	if (value->kind == CSVR_VALUE_TIME) {
		if (csvr_time_parse(value->text, strlen(value->text), source->quantity, &seconds))
			csvr_snapshot_set(into, seconds, value->is_approximate);
	} else if (value->kind == CSVR_VALUE_REAL || value->kind == CSVR_VALUE_DECIMAL) {
		csvr_snapshot_set(into, value->real, value->is_approximate);
	}
}

static void set_statistic(struct csvr_snapshot_value *into, const struct source *source,
			  const char *name)
{
	const struct csvr_value value = value_of(source, name);
	set_value(into, source, &value);
}

static bool set_histogram(struct csvr_snapshot_column *column, const struct source *source)
{
	struct csvr_histogram found;
	struct csvr_snapshot_value min = { 0 }, max = { 0 };
	if (!source->is_requested ||
	    !csvr_histogram_of(source->distribution, source->column, &found))
		return true;
	set_value(&min, source, &found.min);
	set_value(&max, source, &found.max);
	if (!min.is_known || !max.is_known)
		return true;
	struct csvr_snapshot_histogram *histogram = calloc(1, sizeof *histogram);
	if (histogram == NULL)
		return false;
	histogram->min = min.value;
	histogram->max = max.value;
	histogram->n_bins = found.n_bins;
	histogram->max_error = (double)found.max_error;
	for (size_t i = 0; i < found.n_bins; i++)
		histogram->counts[i] = (double)found.counts[i];
	column->histogram = histogram;
	return true;
}

static void set_distinct(struct csvr_snapshot_column *column, const struct source *source)
{
	const struct csvr_value value = value_of(source, "distinct");
	if (value.kind != CSVR_VALUE_COUNT)
		return;
	csvr_snapshot_set(&column->distinct, (double)value.count, value.is_approximate);
	column->has_more = value.is_lower_bound;
}

static bool set_item(struct csvr_snapshot *snapshot, struct csvr_snapshot_item *item,
		     const struct csvr_value *value)
{
	item->n_cells = (double)value->n_cells;
	if (value->kind == CSVR_VALUE_REAL || value->kind == CSVR_VALUE_DECIMAL)
		return csvr_snapshot_set_number(snapshot, item, value->real);
	item->text = value->kind == CSVR_VALUE_BYTES
			     ? csvr_snapshot_text(snapshot, (const char *)value->bytes,
						  value->n_bytes)
			     : csvr_snapshot_text(snapshot, value->text, strlen(value->text));
	return item->text.text != NULL;
}

static bool set_items(struct csvr_snapshot *snapshot, struct csvr_snapshot_column *column,
		      const struct source *source)
{
	static const char name[] = "top";
	struct csvr_value values[CSVR_MAX_ITEMS];
	const size_t n = csvr_column_items(source->distribution, source->column,
					   csvr_statistic_find(name, strlen(name)),
					   source->is_requested, values);
	if (n == 0)
		return true;
	struct csvr_snapshot_item *items = calloc(n, sizeof *items);
	column->items = items;
	if (items == NULL)
		return false;
	column->n_items = n;
	for (size_t i = 0; i < n; i++)
		if (!set_item(snapshot, &items[i], &values[i]))
			return false;
	return true;
}

static bool set_column(struct csvr_snapshot *snapshot, struct csvr_snapshot_column *column,
		       const struct csvr_summary_column *from,
		       struct csvr_distribution *distribution)
{
	const struct csvr_column *stats = &from->stats;
	const struct csvr_name title = csvr_summary_column_title(from);
	const struct source source = {
		.distribution = distribution,
		.column = stats,
		.is_requested = csvr_collected_state(stats->collected, &csvr_sample_aggregate) !=
				NULL,
		.quantity = csvr_column_quantity(stats)
	};
	column->name = csvr_snapshot_text(snapshot, title.text, title.n_bytes);
	column->type = csvr_column_type(stats);
	column->n_rows = (double)from->n_rows;
	column->n_invalid = (double)csvr_column_n_invalid(stats);
	for (int class = 0; class < CSVR_N_CELL_CLASSES; class ++)
		column->cells[class] = (double)stats->cells[class];
	set_statistic(&column->min, &source, "min");
	set_statistic(&column->max, &source, "max");
	set_statistic(&column->mean, &source, "mean");
	set_statistic(&column->stddev, &source, "stddev");
	for (size_t i = 0; i < CSVR_SNAPSHOT_PERCENTILES; i++)
		set_statistic(&column->percentiles[i], &source, csvr_snapshot_percentile_names[i]);
	set_distinct(column, &source);
	return column->name.text != NULL && set_histogram(column, &source) &&
	       set_items(snapshot, column, &source);
}

static bool set_table(struct csvr_snapshot *snapshot, struct csvr_snapshot_table *table,
		      const struct csvr_report *report)
{
	const struct csvr_document *document = report->document;
	if (document->names != NULL) {
		const char *name = document->names[report->table_index];
		table->name = csvr_snapshot_text(snapshot, name, strlen(name));
		if (table->name.text == NULL)
			return false;
	}
	const size_t n_columns = report->table->n_columns;
	table->n_rows = (double)(document->n_tables == 1 ? document->totals.n_rows
							 : report->table->totals.n_rows);
	table->columns = calloc(n_columns + 1, sizeof *table->columns);
	if (table->columns == NULL)
		return false;
	table->n_columns = n_columns;
	for (size_t i = 0; i < n_columns; i++)
		if (!set_column(snapshot, &table->columns[i], &report->table->columns[i],
				report->distribution))
			return false;
	return true;
}

static enum csvr_status set_tables(struct csvr_snapshot *snapshot,
				   const struct csvr_document *document)
{
	struct csvr_report report;
	enum csvr_status status = csvr_report_open_for_files(&report, document, 0);
	snapshot->tables = calloc(document->n_tables, sizeof *snapshot->tables);
	if (snapshot->tables == NULL)
		status = CSVR_NO_MEMORY;
	else
		snapshot->n_tables = document->n_tables;
	for (size_t t = 0; t < document->n_tables && status == CSVR_OK; t++) {
		csvr_report_select_table(&report, t);
		if (!set_table(snapshot, &snapshot->tables[t], &report))
			status = CSVR_NO_MEMORY;
	}
	csvr_report_close(&report);
	csvr_snapshot_finish(snapshot);
	return status;
}

enum csvr_status csvr_snapshot_of_summary(const struct csvr_summary *summary,
					  const struct csvr_inputs *inputs,
					  const struct csvr_settings *settings,
					  struct csvr_snapshot **snapshot)
{
	struct csvr_document document;
	enum csvr_status status = csvr_document_open(&document, summary, inputs, settings);
	*snapshot = csvr_snapshot_new();
	if (*snapshot == NULL)
		status = CSVR_NO_MEMORY;
	if (status == CSVR_OK)
		status = set_tables(*snapshot, &document);
	csvr_document_close(&document);
	if (status == CSVR_OK)
		return CSVR_OK;
	csvr_snapshot_free(*snapshot);
	*snapshot = NULL;
	return status;
}
