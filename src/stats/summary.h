/* summary.h - what was found: in one file (a table), and in all of them (a summary)
 *
 * A worker fills a table, columns by position. When the file proved good the table is merged into
 * a summary, columns by name; a file that failed leaves nothing but its failure.
 *
 * Shape    merge is associative and commutative: threads, states and ranks may meet in any order
 * Units    counts are rows, cells, files, bytes; lines are 1-based
 * Errors   CSVR_NO_MEMORY
 * Threads  a table and a summary belong to one thread
 */
#ifndef CSVR_STATS_SUMMARY_H
#define CSVR_STATS_SUMMARY_H

#include "base/memory.h"
#include "csvreport.h"
#include "stats/column.h"

/* What can be odd about rows without making a file bad. */
enum csvr_oddity {
	CSVR_SHORT_ROWS, /* fewer fields than the header: the absent cells are missing */
	CSVR_LONG_ROWS, /* more fields than the header: they are counted in n_extra_fields */
	CSVR_TRAILING_ROWS, /* one more field, and it is empty: fine if all rows of the file are so */
	CSVR_BLANK_LINES,
	CSVR_COMMENT_LINES,
	CSVR_N_ODDITIES
};

/* ---- one file, or one piece of it ---- */

struct csvr_line_tally {
	uint64_t n;
	uint64_t first_line; /* 0: none */
};

struct csvr_table {
	struct csvr_column *columns;
	size_t n_columns, capacity;
	uint64_t n_rows;
	uint64_t n_extra_fields;
	uint64_t n_lines; /* physical lines, also those inside quotes */
	uint64_t size_bytes; /* of the file; the caller's, not added up by a merge */
	struct csvr_line_tally odd[CSVR_N_ODDITIES];
};

void csvr_table_init(struct csvr_table *table);
void csvr_table_clear(struct csvr_table *table);

/* Empties the table and gives it `n_columns` columns, keeping what memory it has. */
enum csvr_status csvr_table_reset(struct csvr_table *table, size_t n_columns);

/* Adds the piece that begins `lines_before` lines into the file; both have the same columns. */
enum csvr_status csvr_table_merge(struct csvr_table *into, const struct csvr_table *piece,
				  uint64_t lines_before);

/* After the last row of a file: rows with a trailing delimiter are fine if every row has one, and
 * long rows otherwise. */
void csvr_table_finish(struct csvr_table *table);

/* ---- all files ---- */

/* A line of an input; `rank` orders inputs by path, so the first place is the same whatever the
 * order of arguments. */
struct csvr_place {
	uint32_t rank;
	uint64_t line; /* 0: no place at all */
};

struct csvr_tally {
	uint64_t n;
	struct csvr_place first;
};

struct csvr_summary_column {
	const char *name; /* may hold any bytes; the key by which columns are merged */
	size_t name_bytes;
	const char *label; /* --columns-by=position: the name all files agree on, or NULL ... */
	size_t label_bytes; /* ... which may hold any bytes as well */
	bool labels_differ; /* they do not agree */
	struct csvr_column stats;
	struct csvr_place first_invalid;
	uint64_t n_files; /* files with at least one row that have it */
	uint64_t n_rows; /* rows of those files */
	uint64_t order; /* where it was first met: input index, then position in its header */
	uint32_t index; /* csvr_summary_finish's own: where it stood before it was put in order */
};

/* A distinct header: which column of the summary stands at each position, UINT32_MAX: not
 * selected. Most inputs share one. */
struct csvr_header_map {
	uint32_t *column; /* index into summary->columns */
	size_t n_columns;
	uint64_t n_files;
};

enum csvr_file_kind {
	CSVR_FILE_READ, /* has rows */
	CSVR_FILE_EMPTY, /* no bytes, or nothing but blank lines */
	CSVR_FILE_HEADER_ONLY,
	CSVR_FILE_BAD /* left out whole; see failures */
};

/* What became of one input. There may be millions: what only --per-file asks for is in the table. */
struct csvr_file {
	uint32_t input; /* index in the list of inputs */
	uint32_t rank;
	uint32_t header; /* index into summary->headers, for CSVR_FILE_READ */
	uint8_t kind;
	struct csvr_table *table; /* --per-file, unless bad: owned, finished; else NULL */
};

struct csvr_failure {
	uint32_t input, rank;
	uint64_t line; /* 0: the file as a whole */
	const char *message;
};

struct csvr_summary {
	bool by_position;
	struct csvr_summary_column *columns;
	size_t n_columns, columns_capacity;
	struct csvr_header_map *headers;
	size_t n_headers, headers_capacity;
	struct csvr_file *files; /* after finish: by input */
	size_t n_files, files_capacity;
	struct csvr_failure *failures; /* after finish: by rank */
	size_t n_failures, failures_capacity;
	uint64_t n_rows;
	uint64_t size_bytes; /* of files read whole */
	uint64_t n_extra_fields;
	struct csvr_tally odd[CSVR_N_ODDITIES]; /* CSVR_TRAILING_ROWS: always 0 here */
	uint32_t *name_table; /* hash table: index into columns, UINT32_MAX free */
	size_t name_table_size;
	uint32_t *header_table; /* the same for headers */
	size_t header_table_size;
	const char **unselected; /* after finish: items of --select that matched nothing anywhere */
	size_t n_unselected;
	struct csvr_arena strings;
};

enum csvr_status csvr_summary_new(bool by_position, struct csvr_summary **summary);

/* The index of the header whose positions have these names, in `*header`; a name of NULL is a
 * position that was not selected. Ask only for files that have rows; `input` is one of them. Names
 * are copied. */
struct csvr_name {
	const char *text;
	size_t n_bytes;
};
enum csvr_status csvr_summary_header(struct csvr_summary *summary, const struct csvr_name *names,
				     size_t n_names, uint32_t input, uint32_t *header);

/* Adds a file that was read whole. `table` must be finished; its columns stand as in header
 * `file->header`. The table stays the caller's. */
enum csvr_status csvr_summary_add_file(struct csvr_summary *summary, const struct csvr_file *file,
				       const struct csvr_table *table);

/* Adds a file that is left out; the message is copied. */
enum csvr_status csvr_summary_add_failure(struct csvr_summary *summary, uint32_t input,
					  uint32_t rank, const struct csvr_error *error);

/* into += from; `from` is emptied but still has to be freed. */
enum csvr_status csvr_summary_merge(struct csvr_summary *into, struct csvr_summary *from);

/* Puts columns, files and failures in the order of the report. Call once, after the last merge. */
enum csvr_status csvr_summary_finish(struct csvr_summary *summary);

#endif
