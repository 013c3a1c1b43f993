/* file_stats.h - what was found in one file, or in chunks of it
 *
 * Shape    a table has its columns by position. Neighbouring chunks of a file that was cut become a
 *          segment, all segments together the table of the file.
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

/* What can be odd about rows without making a file bad. */
enum csvr_row_issue {
	CSVR_ROW_SHORT, /* fewer fields than the header: the absent cells are missing */
	CSVR_ROW_LONG, /* more fields than the header: they are counted in n_extra_fields */
	/* one more field, and it is empty: fine if all rows of the file are so */
	CSVR_ROW_TRAILING_DELIMITER,
	CSVR_ROW_BLANK,
	CSVR_ROW_COMMENT,
	CSVR_N_ROW_ISSUES
};

/* ---- a table ---- */

struct csvr_line_count {
	uint64_t n;
	uint64_t first_line; /* 0: none */
};

struct csvr_file_stats {
	struct csvr_column *columns;
	size_t n_columns, capacity;
	csvr_collection collection; /* what the columns collect, from the next reset on */
	uint64_t n_rows;
	uint64_t n_extra_fields;
	uint64_t n_lines; /* physical lines, also those inside quotes */
	uint64_t size_bytes; /* of the file; the caller's, not added up by a merge */
	struct csvr_line_count issues[CSVR_N_ROW_ISSUES];
};

void csvr_file_stats_init(struct csvr_file_stats *table);
void csvr_file_stats_clear(struct csvr_file_stats *table);

/* Empties the table and gives it `n_columns` columns, checkpoint what memory it has. */
enum csvr_status csvr_file_stats_reset(struct csvr_file_stats *table, size_t n_columns);

/* Adds the chunk that begins `lines_before` lines into the file; both have the same columns. */
enum csvr_status csvr_file_stats_merge(struct csvr_file_stats *into,
				       const struct csvr_file_stats *chunk, uint64_t lines_before);

/* After the last row of a file: rows with a trailing delimiter are fine if every row has one, and
 * long rows otherwise. */
void csvr_file_stats_finish(struct csvr_file_stats *table);

/* ---- chunks of one file ---- */

struct csvr_name {
	const char *text;
	size_t n_bytes;
};

/* What reading a part of a file gave. Offsets are bytes from the start of the file. */
struct csvr_chunk_stats {
	/* of this chunk; CSVR_NEEDS_CHUNK_START: only a start that is known helps */
	enum csvr_status status;
	struct csvr_error error; /* its line counts from the start of the chunk */
	uint64_t start; /* where its first record begins; UINT64_MAX: none begins in the chunk */
	uint64_t next; /* where the first record behind the chunk begins */
	int newline; /* the line ends of the file, 0 if they were not found out */
	uint64_t size_bytes; /* of the file: as listed, or as read from a stream */
	struct csvr_file_stats stats; /* columns as in the head of the file */
};

void csvr_chunk_stats_init(struct csvr_chunk_stats *chunk);
void csvr_chunk_stats_clear(struct csvr_chunk_stats *chunk);

/* Neighbouring chunks, first to last, read as if they were one. */
struct csvr_segment {
	struct csvr_chunk_stats chunk;
	uint32_t first, last;
};

/* NULL: no memory. */
struct csvr_segment *csvr_segment_new(uint32_t first, uint32_t last);
void csvr_segment_free(struct csvr_segment *segment);

/* What the chunks of one file have in common: the head of the file. */
struct csvr_schema {
	struct csvr_name *names; /* by position; a text of NULL: not selected */
	size_t n_names;
	bool has_bare_cr; /* as struct csvr_header says */
	struct csvr_arena strings;
};

void csvr_schema_init(struct csvr_schema *schema);
void csvr_schema_clear(struct csvr_schema *schema);

/* Copies the names. */
enum csvr_status csvr_schema_set(struct csvr_schema *schema, const struct csvr_name *names,
				 size_t n_names, bool has_bare_cr);

/* A big file of which not all chunks were read yet: cut over several shares of the work, or stopped
 * on the way. All chunks but the last have `chunk_bytes`. */
struct csvr_partial_file {
	uint32_t input;
	uint32_t n_chunks;
	uint64_t chunk_bytes;
	struct csvr_schema schema;
	struct csvr_segment **segments; /* owned, in order of chunks */
	size_t n_segments, segments_capacity;
};

void csvr_partial_file_clear(struct csvr_partial_file *partial);

/* Takes the segment over; false: no memory, and it is freed. */
bool csvr_partial_file_add(struct csvr_partial_file *partial, struct csvr_segment *segment);

#endif
