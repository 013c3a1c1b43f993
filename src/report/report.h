/* report.h - what the writers of the formats share
 *
 * Shape   a document has a report for each table. The document is prepared once (names of tables, order of files),
 *         and each report when it is written (problems, shown statistics). A report writes blocks: the rows of a
 *         file, or of the total.
 * Errors  CSVR_NO_MEMORY; a writer returns CSVR_IO_ERROR as soon as the stream has failed, so that
 *         errno is still that of the failure
 */
#ifndef CSVR_REPORT_REPORT_H
#define CSVR_REPORT_REPORT_H

#include "base/escape.h"
#include "base/number_format.h"
#include "csvreport.h"
#include "input/manifest.h"
#include "report/correlations.h"
#include "report/missing_columns.h"
#include "report/problems.h"
#include "stats/statistics.h"
#include "stats/summary.h"

/* Lists of indices, one after the other: items[first[t]] to items[first[t + 1] - 1] are those of table t. */
struct csvr_file_lists {
	uint32_t *items;
	size_t *first;
};

struct csvr_document {
	const struct csvr_summary *summary;
	const struct csvr_inputs *inputs;
	const struct csvr_parse_options *parse;
	const struct csvr_report_options *options;
	const struct csvr_statistic_options *requested;
	size_t n_tables; /* with a report; at least one */
	const char **names; /* of the tables; NULL: there is only one */
	struct csvr_file_lists files; /* with a header: indices into summary->files */
	/* Files with rows of the tables with columns that some of their files lack, in the order of their paths. */
	const struct csvr_file **paths;
	size_t n_paths;
	struct csvr_file_lists by_path; /* indices into `paths` */
	size_t n_files; /* read, empty, filtered, or with only a header */
	size_t n_kind[CSVR_N_FILE_KINDS];
	struct csvr_totals totals;
	struct csvr_statistic_list known; /* statistics */
	/* Shown for all tables, in order; none if each report shows those that are of use for its table. */
	const struct csvr_statistic *stats[CSVR_MAX_SHOWN];
	size_t n_stats;
	struct csvr_problems problems; /* that belong to no table */
	struct csvr_arena strings;
};

/* The report of one table. */
struct csvr_report {
	const struct csvr_document *document;
	const struct csvr_summary *summary;
	size_t table_index;
	const struct csvr_data_table *table;
	const struct csvr_inputs *inputs;
	const struct csvr_parse_options *parse;
	const struct csvr_report_options *options;
	const struct csvr_statistic_options *requested;
	struct csvr_problems problems;
	struct csvr_correlations correlations; /* of --correlation, in formats that show them */
	const struct csvr_statistic_list *known;
	const struct csvr_statistic *stats[CSVR_MAX_SHOWN]; /* shown, in order */
	size_t n_stats;
	size_t n_columns; /* shown, of the table, from the first */
	size_t n_files; /* of the table; if there is only one, all that could be read */
	uint64_t n_rows, n_filtered, size_bytes;
	struct csvr_missing_columns *missing_columns; /* for csvr_files_with_column */
	struct csvr_distribution *distribution; /* for the functions of statistics.h */
};

/* Prepares the document of a finished summary. Close it, also after an error. */
enum csvr_status csvr_document_open(struct csvr_document *document,
				    const struct csvr_summary *summary,
				    const struct csvr_inputs *inputs,
				    const struct csvr_settings *settings);
void csvr_document_close(struct csvr_document *document);

/* Sets `stats`. Programs need the same statistics for all tables: those that some table has. */
enum csvr_status csvr_document_choose_statistics(struct csvr_document *document);

/* Prepares the report of a table. Close it, also after an error. */
enum csvr_status csvr_report_open(struct csvr_report *report, const struct csvr_document *document,
				  size_t table);
void csvr_report_close(struct csvr_report *report);

/* Prepares what the rows of files need: of a report without problems, correlations and missing columns, which take long.
 * It can be given another table. Close it, also after an error. */
enum csvr_status csvr_report_open_for_files(struct csvr_report *report,
					    const struct csvr_document *document, size_t table);
void csvr_report_select_table(struct csvr_report *report, size_t table);

/* Writes "1,000 rows", or with --where "10 of 1,000 rows (--where='x>0')". */
void csvr_report_write_rows(const struct csvr_parse_options *parse, uint64_t n_rows,
			    uint64_t n_filtered, csvr_escape_fn escape, FILE *stream);

/* Writes the part of a document that is about a table. */
typedef enum csvr_status (*csvr_write_report_fn)(const struct csvr_report *report,
						 const void *context, FILE *stream);

/* Writes the parts of all tables, in their order. */
enum csvr_status csvr_document_write_tables(const struct csvr_document *document,
					    csvr_write_report_fn write, const void *context,
					    FILE *stream);

/* How many files with a header a table has, and one of them. */
static inline size_t csvr_document_n_files(const struct csvr_document *document, size_t table)
{
	return document->files.first[table + 1] - document->files.first[table];
}

static inline const struct csvr_file *csvr_document_file(const struct csvr_document *document,
							 size_t table, size_t index)
{
	const struct csvr_file_lists *files = &document->files;
	return &document->summary->files[files->items[files->first[table] + index]];
}

/* Whether formats for people show the report of a table: it is the only one, or has columns to show or problems. It has
 * no columns to show if none is selected, or if none of its files has rows but files of other tables do. */
static inline bool csvr_report_is_needed(const struct csvr_report *report)
{
	return report->document->n_tables == 1 || report->n_columns > 0 ||
	       report->problems.n_items > 0;
}

/* The columns of a table as its part of a report for people counts them; if it has no rows, those of headers. */
static inline size_t csvr_document_n_columns(const struct csvr_document *document, size_t table)
{
	const struct csvr_data_table *data = csvr_summary_table(document->summary, table);
	return data->n_files > 0 ? csvr_data_table_count_columns(data) : data->n_columns;
}

/* One row of a block: a column of a file, or of all files. */
struct csvr_report_row {
	const char *name;
	size_t name_bytes;
	const struct csvr_column *column;
	uint64_t n_files;
	uint64_t n_rows;
	const struct csvr_first_cell *first_invalid; /* NULL: none */
	const char *invalid_path; /* where it is; NULL: none */
	size_t index; /* of the column in the table */
	const struct csvr_report *report;
	struct csvr_distribution *distribution; /* for the functions of statistics.h */
	bool hides_amounts; /* its numbers are identifiers: statistics of amounts are not shown by default */
};

struct csvr_report_block {
	const struct csvr_file *file; /* NULL: the total */
	struct csvr_report_row *rows;
	size_t n_rows, capacity;
};

/* Sets a row to cells of column `index` of the table, but for the counts of rows and files, and the first invalid cell. */
void csvr_report_row_init(struct csvr_report_row *row, const struct csvr_report *report,
			  size_t index, const struct csvr_column *cells);

/* Fills `block` with the rows of a file with a header, or (NULL) of the total. A block of zeros
 * may be filled repeatedly; its owner frees block->rows. */
enum csvr_status csvr_report_block_fill(struct csvr_report_block *block,
					const struct csvr_report *report,
					const struct csvr_file *file);

/* Sets a row to a column of the table in a file with a header. False: the file has no such column. */
bool csvr_report_file_row(struct csvr_report_row *row, const struct csvr_report *report,
			  const struct csvr_file *file, size_t column);

/* The value that the report shows. */
struct csvr_value csvr_report_row_value(const struct csvr_report_row *row,
					const struct csvr_statistic *statistic);

/* Writes a REAL or DECIMAL value with `digits` digits after the point, rounded from its exact value where that
 * is known; returns the number of bytes. */
size_t csvr_value_fixed(const struct csvr_value *value, int digits,
			char text[CSVR_NUMBER_TEXT_BYTES]);

/* Writes a value for programs: numbers as the shortest text, or rounded; cells and words escaped; ">"
 * before a lower bound; nothing if there is no value. */
void csvr_value_write(const struct csvr_value *value, int round_digits, csvr_escape_fn escape,
		      FILE *stream);

/* Marks an estimate and a lower bound, for people. */
static inline const char *csvr_value_mark(const struct csvr_value *value)
{
	return value->is_approximate ? "~" : value->is_lower_bound ? ">" : "";
}

/* The path of a file. */
const char *csvr_file_path(const struct csvr_document *document, const struct csvr_file *file);

/* Writes PATH:LINE, or PATH if the line is 0. */
void csvr_location_write(const char *path, uint64_t line, csvr_escape_fn escape, FILE *stream);

/* Calls `visit` with each file of the table with rows that has the column, or each that lacks it: its index in
 * document->paths. */
typedef void (*csvr_path_fn)(void *context, size_t path);
void csvr_files_with_column(const struct csvr_report *report, size_t column_index, bool have_it,
			    csvr_path_fn visit, void *context);

/* CSVR_IO_ERROR when the stream has failed. */
enum csvr_status csvr_stream_status(FILE *stream);

#endif
