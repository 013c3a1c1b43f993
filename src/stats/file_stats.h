/* file_stats.h - the statistics of one file, or of chunks of it
 *
 * Shape    columns are by position. Adjacent chunks of a file are merged to a segment, all segments to
 *          the statistics of the file.
 * Units    counts are rows, cells, bytes; lines are 1-based
 * Errors   CSVR_NO_MEMORY
 * Threads  each belongs to one thread at a time
 */
#ifndef CSVR_STATS_FILE_STATS_H
#define CSVR_STATS_FILE_STATS_H

#include "base/internal_status.h"
#include "base/memory.h"
#include "csvreport.h"
#include "stats/column.h"
#include "stats/filter_stats.h"
#include "stats/pairs.h"
#include "stats/rows.h"

struct csvr_groups;

/* Issues of rows that do not make a file bad. */
enum { CSVR_MOST_LAST_ROWS = 3 };

enum csvr_row_issue {
	CSVR_ROW_SHORT, /* fewer fields than the header: the absent fields count as missing cells */
	CSVR_ROW_LONG, /* more fields than the header: the others are counted in n_extra_fields */
	/* one more field, which is empty: not an issue if all rows of the file have it */
	CSVR_ROW_TRAILING_DELIMITER,
	CSVR_ROW_BLANK,
	CSVR_ROW_COMMENT,
	CSVR_ROW_REPEATED_HEADER,
	CSVR_ROW_FOOTER, /* skipped with --skip-footer */
	CSVR_ROW_TEXT_AFTER_QUOTE, /* counts fields, with the line of the opening quote */
	/* Of files, by the delimiter that would split all records evenly, while the given one does not occur. */
	CSVR_ROW_SPLIT_BY_COMMA,
	CSVR_ROW_SPLIT_BY_SEMICOLON,
	CSVR_ROW_SPLIT_BY_TAB,
	CSVR_ROW_SPLIT_BY_BAR,
	CSVR_ROW_EMPTY, /* rows of delimiters, all of whose cells are missing */
	CSVR_ROW_ABOVE_TABLE, /* lines before the header, or before the first row */
	CSVR_ROW_UNITS, /* records between the header and the first row, skipped */
	CSVR_ROW_SEEMS_HEADER, /* the first record, of numbers, is taken for the header */
	CSVR_ROW_SEEMS_DATA, /* the first record may be a header but is taken for data */
	CSVR_ROW_NO_HEADER, /* the first record, in a file that was found to have no header */
	CSVR_ROW_KNOWN_NAMES, /* the first record, in a file whose columns have the names of another */
	/* The first record, in a file for which this was found. */
	CSVR_ROW_DECIMAL_COMMA,
	CSVR_ROW_ESCAPE,
	CSVR_ROW_LONG_DELIMITER,
	CSVR_ROW_APOSTROPHES, /* the first record, in a file whose cells are in apostrophes */
	CSVR_ROW_QUOTED_WHOLE, /* the first record, in a file whose lines are quoted as a whole */
	CSVR_ROW_LIKE_COMMENT, /* short or long rows that begin with a number sign */
	CSVR_ROW_UTF16, /* none: the file is in UTF-16, which is not stated, and counted once, at line 1 */
	CSVR_ROW_NOT_UTF8, /* names and cells that are not UTF-8, and were read as Windows-1252, which is not stated */
	/* Of files whose last row, last two or last three rows look like totals, but are data: these rows. Before
	 * csvr_file_stats_finish, and in chunks: the last row, the one before it, and the one before that, if they and
	 * those after them look like totals. */
	CSVR_ROW_LAST_1,
	CSVR_ROW_LAST_2,
	CSVR_ROW_LAST_3,
	CSVR_N_ROW_ISSUES
};

/* ---- one file ---- */

struct csvr_line_count {
	uint64_t n;
	uint64_t first_line; /* 0: none */
};

struct csvr_file_stats {
	struct csvr_column *columns;
	size_t n_columns, capacity;
	csvr_collection collection; /* of the columns and rows, from the next reset on */
	/* Of each column the ranges that are wanted, from the next reset on; NULL: none. */
	const struct csvr_range_list *const *ranges;
	size_t n_selected; /* columns that the report will have at least, from the next reset on */
	/* The header for which csvr_summary_prepare_next has reset the columns; 0: they are not reset. */
	uint64_t reset_for_header;
	struct csvr_pairs pairs; /* of positions; reset removes its columns */
	struct csvr_rows rows; /* if the collection has them */
	struct csvr_groups *groups; /* of --group-by, owned; NULL: none. The caller resets them */
	uint64_t n_rows;
	uint64_t
		n_filtered; /* rows that do not satisfy --where, and are not counted in anything else */
	struct csvr_filter_stats filter;
	uint64_t n_extra_fields;
	uint64_t n_lines; /* physical lines, also those inside quotes */
	uint64_t size_bytes; /* of the file; set by the caller, not merged */
	struct csvr_line_count issues[CSVR_N_ROW_ISSUES];
};

void csvr_file_stats_init(struct csvr_file_stats *stats);
void csvr_file_stats_clear(struct csvr_file_stats *stats);

/* Sets all counts to zero and the number of columns to `n_columns`; keeps the memory. */
enum csvr_status csvr_file_stats_reset(struct csvr_file_stats *stats, size_t n_columns);

/* Merges the chunk that follows `into`; `lines_before` lines of the file come before it. Both must have the same
 * columns. */
enum csvr_status csvr_file_stats_merge(struct csvr_file_stats *into,
				       const struct csvr_file_stats *chunk, uint64_t lines_before);

/* Call it for a row that is added, if it is among the last CSVR_MOST_LAST_ROWS that are added together; `line` matters
 * only if it looks like a total. */
void csvr_file_stats_add_last_row(struct csvr_file_stats *stats, bool is_total, uint64_t line);

/* Call it after the last row of a file. Rows with a trailing delimiter have no issue if all rows have one,
 * otherwise they are long. The last rows look like totals only if the first column has no other texts. */
void csvr_file_stats_finish(struct csvr_file_stats *stats);

/* ---- chunks of one file ---- */

struct csvr_name {
	const char *text;
	size_t n_bytes;
};

/* The order of their bytes; a name comes before those that it is the start of. */
int csvr_name_compare(const struct csvr_name *a, const struct csvr_name *b);

/* The columns of a header, by position; a view. */
struct csvr_header_columns {
	const struct csvr_name *names;
	const bool *are_selected;
	size_t n_columns;
};

/* The statistics of one chunk. Offsets are bytes from the start of the file. */
struct csvr_chunk_stats {
	/* of the chunk; CSVR_NEEDS_CHUNK_START: it must be read again from a known start */
	enum csvr_status status;
	struct csvr_error error; /* its `line` is relative to the start of the chunk */
	uint64_t start; /* of the first record; UINT64_MAX: no record starts in the chunk */
	uint64_t next; /* start of the first record after the chunk */
	uint64_t size_bytes; /* of the file: as listed, or as read from a stream */
	struct csvr_file_stats stats; /* columns are those of the schema */
};

void csvr_chunk_stats_init(struct csvr_chunk_stats *chunk);
void csvr_chunk_stats_clear(struct csvr_chunk_stats *chunk);

/* Adjacent chunks, `first` to `last`, merged to one. */
struct csvr_segment {
	struct csvr_chunk_stats chunk;
	uint32_t first, last;
};

/* An empty segment, for chunks `first` to `last`; NULL: no memory. */
struct csvr_segment *csvr_segment_new(uint32_t first, uint32_t last);
void csvr_segment_free(struct csvr_segment *segment);

/* The column names of a file, which all its chunks share. */
struct csvr_schema {
	struct csvr_name *names; /* by position */
	bool *are_selected;
	size_t n_names;
	struct csvr_arena strings;
};

void csvr_schema_init(struct csvr_schema *schema);
void csvr_schema_clear(struct csvr_schema *schema);

/* Copies the columns. */
enum csvr_status csvr_schema_set(struct csvr_schema *schema,
				 const struct csvr_header_columns *columns);

/* The columns, valid as long as the schema is not changed. */
struct csvr_header_columns csvr_schema_columns(const struct csvr_schema *schema);

/* Whether both have the same names in the same order, and the same are selected. */
bool csvr_schema_equals(const struct csvr_schema *schema, const struct csvr_schema *other);

/* A file of which some chunks were read: it is divided between shards, or the run was interrupted. All
 * chunks but the last have `chunk_bytes`. */
struct csvr_partial_file {
	uint32_t input;
	uint32_t n_chunks;
	uint64_t chunk_bytes;
	struct csvr_schema schema;
	struct csvr_segment **segments; /* owned, in order of chunks */
	size_t n_segments, segments_capacity;
};

void csvr_partial_file_clear(struct csvr_partial_file *partial);

/* Adds a segment, which `partial` owns from now on. False: no memory, and the segment is freed. */
bool csvr_partial_file_add(struct csvr_partial_file *partial, struct csvr_segment *segment);

#endif
