/* report.h - what the writers of the formats share
 *
 * Shape   a report is prepared once (order of files, problems, chosen statistics), then written by
 *         one writer; a writer sees blocks: the rows of a file, or the total
 * Errors  CSVR_NO_MEMORY; a writer returns CSVR_IO_ERROR as soon as the stream has failed, so that
 *         errno is still of that failure
 */
#ifndef CSVR_REPORT_REPORT_H
#define CSVR_REPORT_REPORT_H

#include "base/number_format.h"
#include "csvreport.h"
#include "input/manifest.h"
#include "report/problems.h"
#include "stats/statistics.h"
#include "stats/summary.h"

struct csvr_report {
	const struct csvr_summary *summary;
	const struct csvr_inputs *inputs;
	const struct csvr_report_options *layout;
	const struct csvr_statistic_options *statistics; /* requested */
	struct csvr_problems problems;
	const struct csvr_statistic *stats[CSVR_MAX_STATISTICS]; /* shown, in order */
	size_t n_stats;
	const struct csvr_file **by_path; /* files with rows; none if all have one header */
	size_t n_by_path;
	size_t n_files; /* read, empty, header only */
	size_t n_kind[CSVR_FILE_BAD + 1];
	struct csvr_missing_columns
		*absence; /* which headers have a column; see csvr_files_without_column */
};

/* One row of a block: a column of a file, or of all of them. */
struct csvr_report_row {
	const char *name;
	size_t name_bytes;
	const struct csvr_column *stats;
	uint64_t n_files;
	uint64_t n_rows;
	const char *invalid_path; /* place of the first invalid cell; NULL: none */
	uint64_t invalid_line;
	size_t index; /* of the summary's column */
};

struct csvr_report_block {
	const struct csvr_file *file; /* NULL: the total */
	struct csvr_report_row *rows;
	size_t n_rows, capacity;
};

/* Fills `block` with the rows of a file that has a table, or (NULL) of the total. A block of zeros
 * may be filled again and again; its owner frees block->rows. */
enum csvr_status csvr_report_block_fill(struct csvr_report_block *block,
					const struct csvr_report *report,
					const struct csvr_file *file);

struct csvr_value csvr_report_row_value(const struct csvr_report_row *row,
					const struct csvr_statistic *statistic);

/* A figure for machines: shortest or rounded; nothing for an absent one. */
size_t csvr_value_text(struct csvr_value figure, int round_digits,
		       char text[CSVR_NUMBER_TEXT_BYTES]);

/* The name and path of a row or file, for the writers. */
const char *csvr_file_path(const struct csvr_report *report, const struct csvr_file *file);

/* Calls `visit` with the path of each file with rows that lacks the column, by path. */
typedef void (*csvr_path_fn)(void *context, const char *path);
void csvr_files_without_column(const struct csvr_report *report, size_t column_index,
			       csvr_path_fn visit, void *context);

/* "2026-11-24T12:30:00Z", for the provenance. */
enum { CSVR_DATE_BYTES = 48 };
void csvr_date_text(int64_t date_ns, char text[CSVR_DATE_BYTES]);

/* CSVR_IO_ERROR when the stream has failed. */
enum csvr_status csvr_stream_status(FILE *stream);

#endif
