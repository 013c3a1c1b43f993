/* table_internal.h - what the files of the table share
 *
 * Shape    write_table.c writes a report. For each of its blocks, table_cells.c computes the values and
 *          formats them, table_layout.c chooses a form that fits the terminal, table_names.c cuts names,
 *          table_blocks.c writes the layout of one block per column. table_groups.c writes blocks of groups,
 *          table_problems.c lists the problems, table_tables.c the tables if there are several, and table_changes.c the
 *          changes since an earlier report.
 * Units    widths are terminal columns
 * Errors   a function without a status leaves them to the stream
 */
#ifndef CSVR_REPORT_TABLE_INTERNAL_H
#define CSVR_REPORT_TABLE_INTERNAL_H

#include "report/grouping.h"

#define CSVR_TITLE_ON "\033[1m"
#define CSVR_WARNING_ON "\033[1;33m"
#define CSVR_DIM_ON "\033[2m"
#define CSVR_STYLE_OFF "\033[0m"

/* How tightly cells are written. */
struct csvr_table_form {
	int digits; /* significant ones of a number with a fraction, at least */
	size_t gap; /* spaces between columns */
	size_t name_width; /* names may be cut to this width */
	size_t text_width; /* texts of cells may be cut to this width */
	size_t time_width; /* dates and times of more are shortened to seconds, minutes or days */
	size_t number_bytes; /* a number of more bytes is written with an exponent */
	bool has_shares; /* the share of the rows follows a count; else it may replace it */
	bool is_aligned; /* numbers, at the decimal mark */
	bool has_bars; /* a bar precedes a share that follows a count */
};

/* A value as text. */
struct csvr_table_cell {
	char text[CSVR_NUMBER_TEXT_BYTES + 16];
	size_t width;
	/* Width of what precedes the decimal mark, or the share; `width` if there is neither. Text before it is
	 * ASCII. */
	size_t mark;
	bool has_share;
	bool is_text; /* aligned left */
	bool is_flexible; /* a text that may be cut anywhere */
};

/* A part of the name of rows: the name of the column, or the keys of groups and perhaps the name of the column. */
struct csvr_table_label {
	const char *title;
	size_t title_bytes;
	size_t widest; /* of the title and all names */
	size_t width; /* to which they are cut */
	bool is_right; /* aligned right, as numbers */
};

enum { CSVR_MAX_LABELS = CSVR_MAX_GROUP_KEYS + 1, CSVR_LABEL_GAP = 2 };

/* The name of a row, or one of its keys, cut so that it differs from all others. */
struct csvr_table_name {
	const char *name;
	size_t n_bytes;
	struct csvr_cut cut;
	size_t number; /* written after the name if cutting makes it equal to another one; 0: not */
};

/* One statistic of a block. */
struct csvr_table_column {
	int digits; /* at least those of the form, */
	size_t text_width; /* and at least that of the form, where it does not cost room */
	size_t width;
	size_t before, after; /* of the numbers: widths on both sides of the decimal mark */
	bool is_left; /* no cell is a number: the heading is aligned left */
};

struct csvr_table {
	const struct csvr_report *report;
	FILE *stream;
	const struct csvr_statistic *const *stats; /* of the report, or of its groups */
	size_t n_stats;
	struct csvr_report_block block;
	struct csvr_value *values; /* block.n_rows times n_stats */
	struct csvr_table_label labels[CSVR_MAX_LABELS];
	size_t n_labels;
	struct csvr_table_name *names; /* block.n_rows times n_labels */
	struct csvr_table_name **sorted; /* block.n_rows; scratch */
	size_t capacity; /* of values, names and sorted, in rows */
	/* The statistics that one line shows, as indices of `stats`. */
	size_t shown[CSVR_MAX_SHOWN], n_shown;
	bool is_left_out[CSVR_MAX_SHOWN]; /* for lack of room, from some block */
	struct csvr_table_form form;
	size_t name_width; /* of all labels, with the gaps between them */
	struct csvr_table_column columns[CSVR_MAX_SHOWN]; /* of `stats` */
};

/* Prepares a table of the columns of a report, or of its groups. Nothing is allocated. */
void csvr_table_init(struct csvr_table *table, const struct csvr_report *report, FILE *stream);
void csvr_table_clear(struct csvr_table *table);

/* Computes the values of a file, or (NULL) of the total. Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_table_fill(struct csvr_table *table, const struct csvr_file *file);

/* Makes room for the values and names of `n_rows` rows. */
enum csvr_status csvr_table_reserve(struct csvr_table *table, size_t n_rows);

/* Computes the values of a row of the block. */
void csvr_table_compute(struct csvr_table *table, size_t row);

/* Formats a value of the block as the form and the column of the table say. False: there is no value; the text is a hyphen. */
bool csvr_table_format(const struct csvr_table *table, size_t row, size_t stat,
		       struct csvr_table_cell *cell);

/* Measures the labels of the block. Returns the width of all, with gaps. */
size_t csvr_table_measure_labels(struct csvr_table *table);

/* The same if no label is wider than `most`. */
size_t csvr_table_width_of_labels(const struct csvr_table *table, size_t most);

/* Cuts the names and titles to a width of all labels, after they were measured. True: all differ. False: some are
 * numbered, so that they differ, too; if there are several labels, some may be equal. */
bool csvr_table_cut_names(struct csvr_table *table, size_t width);

/* Writes the titles of the labels, or those of a row; returns the width, without spaces at the end. */
size_t csvr_table_write_titles(const struct csvr_table *table);
size_t csvr_table_write_name(const struct csvr_table *table, size_t row);

/* Writes the labels of a row with commas in between, as a title. */
void csvr_table_write_joined(const struct csvr_table *table, size_t row);

/* Writes the groups of the report, with a heading; nothing if it has none. */
enum csvr_status csvr_table_write_groups(const struct csvr_report *report, FILE *stream);

/* Writes the block in the layout of the options. */
void csvr_table_write_block(struct csvr_table *table);

/* Writes the block in the layout of one block per column. */
void csvr_table_write_blocks(struct csvr_table *table);

/* Writes the list of the problems, of which there is at least one. `report`: that of the table they are about; NULL: they
 * are about none. */
void csvr_table_write_problems(const struct csvr_problems *problems,
			       const struct csvr_report *report,
			       const struct csvr_report_options *options, FILE *stream);

/* Of a document with several tables: the list of the tables, the heading of one, and the line with the totals. */
void csvr_table_write_tables(const struct csvr_document *document, FILE *stream);
void csvr_table_write_heading(const struct csvr_report *report, FILE *stream);
void csvr_table_write_sum(const struct csvr_document *document, FILE *stream);

/* Writes the changes since an earlier report, in place of the report. Errors: CSVR_IO_ERROR. */
enum csvr_status csvr_table_write_comparison(const struct csvr_document *document, FILE *stream);

/* Writes "1 file" or "2,345 files". */
void csvr_table_write_counted(uint64_t count, const char *unit, FILE *stream);

/* Writes an escape sequence if the report is colored. */
void csvr_table_style(const struct csvr_report_options *options, const char *sequence,
		      FILE *stream);

/* Writes `n` spaces. */
void csvr_table_pad(size_t n, FILE *stream);

#endif
