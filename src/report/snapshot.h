/* snapshot.h - what a comparison uses of a report: its tables, and the statistics of their columns
 *
 * A saved state and a JSON report of the same run have the same snapshot, if the statistics are those that are
 * collected by default, or all. So numbers are the nearest doubles, dates and times are seconds, and texts are those of
 * JSON, in which bytes that are not UTF-8 are U+FFFD. What a report lacks is unknown.
 *
 * Shape    owns everything that it points to
 * Units    cells, rows; dates are seconds since 1970, times seconds
 * Errors   CSVR_NO_MEMORY, CSVR_IO_ERROR, CSVR_INVALID_FILE
 * Threads  const once it is made
 */
#ifndef CSVR_REPORT_SNAPSHOT_H
#define CSVR_REPORT_SNAPSHOT_H

#include "base/memory.h"
#include "csvreport.h"
#include "stats/column_type.h"
#include "stats/histogram.h"
#include "stats/summary.h"

struct csvr_snapshot_value {
	bool is_known;
	bool is_estimate;
	double value; /* finite */
};

/* A value that is among the most frequent ones. */
struct csvr_snapshot_item {
	struct csvr_name text; /* a number as the shortest text of its nearest double */
	bool is_number; /* else a text, or a date or time in the notation of the cells */
	double number; /* of a number */
	double n_cells;
};

struct csvr_snapshot_histogram {
	double min, max;
	size_t n_bins; /* CSVR_HISTOGRAM_BINS, or 1 */
	double counts[CSVR_HISTOGRAM_BINS];
	double max_error; /* of a count; 0: they are exact */
};

enum { CSVR_SNAPSHOT_PERCENTILES = 7 };

/* Their names, and how many percent they are: 1, 5, 25, 50, 75, 95, 99. */
extern const char *const csvr_snapshot_percentile_names[CSVR_SNAPSHOT_PERCENTILES];
extern const int csvr_snapshot_percents[CSVR_SNAPSHOT_PERCENTILES];

struct csvr_snapshot_column {
	struct csvr_name name;
	enum csvr_type type;
	double n_rows; /* of the files that have the column */
	double cells[CSVR_N_CELL_CLASSES];
	double n_invalid;
	/* Of the cells whose quantity describes the column (csvr_snapshot_quantity). */
	struct csvr_snapshot_value min, max, mean, stddev;
	struct csvr_snapshot_value percentiles[CSVR_SNAPSHOT_PERCENTILES];
	const struct csvr_snapshot_histogram *histogram; /* NULL: unknown */
	/* Distinct values of the cells that are not missing, nan or infinite. If `has_more`, there are more. */
	struct csvr_snapshot_value distinct;
	bool has_more;
	/* The most frequent ones, in the order of the report; NULL: unknown. */
	const struct csvr_snapshot_item *items;
	size_t n_items;
};

struct csvr_snapshot_table {
	struct csvr_name name; /* without text: it is the only table */
	double n_rows;
	struct csvr_snapshot_column *columns; /* in the order of the report */
	size_t n_columns;
};

struct csvr_snapshot {
	struct csvr_snapshot_table *tables; /* at least one */
	size_t n_tables;
	double n_rows; /* of all tables */
	size_t n_columns;
	struct csvr_arena strings;
};

/* Makes the snapshot of a finished summary, with the statistics that it has. Free it with csvr_snapshot_free. Errors:
 * CSVR_NO_MEMORY. */
enum csvr_status csvr_snapshot_of_summary(const struct csvr_summary *summary,
					  const struct csvr_inputs *inputs,
					  const struct csvr_settings *settings,
					  struct csvr_snapshot **snapshot);

/* NULL is accepted. */
void csvr_snapshot_free(struct csvr_snapshot *snapshot);

/* Makes that of the text of a JSON report. Errors: CSVR_INVALID_FILE, it is none, or this program was built without
 * a reader of JSON; CSVR_IO_ERROR, the library that reads JSON cannot be loaded; CSVR_NO_MEMORY. */
enum csvr_status csvr_snapshot_of_json(const char *text, size_t n_bytes,
				       struct csvr_snapshot **snapshot, struct csvr_error *error);

/* The cells that describe a column; CSVR_N_QUANTITIES: none do, as for texts. */
enum csvr_quantity csvr_snapshot_quantity(const struct csvr_snapshot_column *column);
/* How many there are. */
double csvr_snapshot_n_values(const struct csvr_snapshot_column *column);

/* The cells that are not missing, nan or infinite: those that `distinct` and `items` are about. */
double csvr_snapshot_n_present(const struct csvr_snapshot_column *column);

/* Whether `items` are all values. */
bool csvr_snapshot_has_all_items(const struct csvr_snapshot_column *column);

/* ---- for those who make one ---- */

/* An empty snapshot; NULL: no memory. */
struct csvr_snapshot *csvr_snapshot_new(void);

/* Copies bytes as the text that JSON has for them; text NULL: no memory. */
struct csvr_name csvr_snapshot_text(struct csvr_snapshot *snapshot, const char *bytes,
				    size_t n_bytes);

/* Sets a finite number; another one is unknown. */
void csvr_snapshot_set(struct csvr_snapshot_value *value, double number, bool is_estimate);

/* Sets an item whose text is a number. False: no memory. */
bool csvr_snapshot_set_number(struct csvr_snapshot *snapshot, struct csvr_snapshot_item *item,
			      double number);

/* Sets n_rows and n_columns from the tables. */
void csvr_snapshot_finish(struct csvr_snapshot *snapshot);

#endif
