/* table.h - what was found in one file, or in pieces of it
 *
 * Shape    a table has its columns by position. Neighbouring pieces of a file that was cut become a
 *          stretch, all stretches together the table of the file.
 * Units    counts are rows, cells, bytes; lines are 1-based
 * Errors   CSVR_NO_MEMORY
 * Threads  each belongs to one thread at a time
 */
#ifndef CSVR_STATS_TABLE_H
#define CSVR_STATS_TABLE_H

#include "base/memory.h"
#include "csvreport.h"
#include "stats/column.h"

/* What can be odd about rows without making a file bad. */
enum csvr_oddity {
	CSVR_SHORT_ROWS, /* fewer fields than the header: the absent cells are missing */
	CSVR_LONG_ROWS, /* more fields than the header: they are counted in n_extra_fields */
	/* one more field, and it is empty: fine if all rows of the file are so */
	CSVR_TRAILING_ROWS,
	CSVR_BLANK_LINES,
	CSVR_COMMENT_LINES,
	CSVR_N_ODDITIES
};

/* ---- a table ---- */

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

/* ---- pieces of one file ---- */

struct csvr_name {
	const char *text;
	size_t n_bytes;
};

/* What reading a part of a file gave. Offsets are bytes from the start of the file. */
struct csvr_piece {
	/* of this piece; CSVR_UNDECIDED: only a start that is known helps */
	enum csvr_status status;
	struct csvr_error error; /* its line counts from the start of the piece */
	uint64_t start; /* where its first record begins; UINT64_MAX: none begins in the piece */
	uint64_t next; /* where the first record behind the piece begins */
	int newline; /* the line ends of the file, 0 if they were not found out */
	uint64_t size_bytes; /* of the file: as listed, or as read from a stream */
	struct csvr_table table; /* columns as in the head of the file */
};

void csvr_piece_init(struct csvr_piece *piece);
void csvr_piece_clear(struct csvr_piece *piece);

/* Neighbouring pieces, first to last, read as if they were one. */
struct csvr_stretch {
	struct csvr_piece piece;
	uint32_t first, last;
};

/* NULL: no memory. */
struct csvr_stretch *csvr_stretch_new(uint32_t first, uint32_t last);
void csvr_stretch_free(struct csvr_stretch *stretch);

/* What the pieces of one file have in common: the head of the file. */
struct csvr_heading {
	struct csvr_name *names; /* by position; a text of NULL: not selected */
	size_t n_names;
	bool has_bare_cr; /* as struct csvr_head says */
	struct csvr_arena strings;
};

void csvr_heading_init(struct csvr_heading *heading);
void csvr_heading_clear(struct csvr_heading *heading);

/* Copies the names. */
enum csvr_status csvr_heading_set(struct csvr_heading *heading, const struct csvr_name *names,
				  size_t n_names, bool has_bare_cr);

/* A big file of which not all pieces were read yet: cut over several shares of the work, or stopped
 * on the way. All pieces but the last have `piece_bytes`. */
struct csvr_unfinished {
	uint32_t input;
	uint32_t n_pieces;
	uint64_t piece_bytes;
	struct csvr_heading heading;
	struct csvr_stretch **stretches; /* owned, in order of pieces */
	size_t n_stretches, stretches_capacity;
};

void csvr_unfinished_clear(struct csvr_unfinished *unfinished);

/* Takes the stretch over; false: no memory, and it is freed. */
bool csvr_unfinished_add(struct csvr_unfinished *unfinished, struct csvr_stretch *stretch);

#endif
