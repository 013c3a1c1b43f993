/* correlations.h - Pearson's correlations of the pairs of columns of a report
 *
 * Shape    computed once per report from the sums of pairs; the columns are those that numbers describe
 * Errors   CSVR_NO_MEMORY
 */
#ifndef CSVR_REPORT_CORRELATIONS_H
#define CSVR_REPORT_CORRELATIONS_H

#include "base/escape.h"
#include "csvreport.h"

struct csvr_data_table;
struct csvr_report;

struct csvr_correlation {
	uint32_t x, y; /* indices of the columns in the table, x < y */
	uint64_t n; /* rows in which both have a number */
	bool is_defined;
	double pearson;
};

struct csvr_correlations {
	uint32_t *columns; /* indices in the table, ascending */
	size_t n_columns;
	struct csvr_correlation *pairs; /* by x, then by y */
	size_t n_pairs;
};

/* Fills `correlations` for a table. Clear it whatever is returned. */
enum csvr_status csvr_correlations_compute(struct csvr_correlations *correlations,
					   const struct csvr_data_table *table);
void csvr_correlations_clear(struct csvr_correlations *correlations);

/* Writes a matrix or, if it is too wide, the strongest correlations: for a table of the width of the
 * report, in Markdown, and in HTML. */
enum csvr_status csvr_correlations_write_table(const struct csvr_report *report, FILE *stream);
enum csvr_status csvr_correlations_write_markdown(const struct csvr_report *report, FILE *stream);
enum csvr_status csvr_correlations_write_html(const struct csvr_report *report, FILE *stream);

#endif
