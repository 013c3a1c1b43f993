/* worker_internal.h - struct csvr_worker and the functions that its files call in each other
 *
 * Shape    worker.c drives a chunk, worker_window.c reads and scans bytes, worker_header.c detects the dialect and
 *          parses the header, worker_record.c counts records field by field, worker_batch.c counts runs of equal
 *          records column by column, worker_cell.c counts one cell, worker_repeat.c finds repeated headers and byte
 *          order marks, worker_oversized.c skips fields that exceed the buffer, worker_quotes.c notes text after
 *          closing quotes, worker_rows.c hashes rows
 * Threads  see worker.h
 */
#ifndef CSVR_RUN_WORKER_INTERNAL_H
#define CSVR_RUN_WORKER_INTERNAL_H

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "input/source.h"
#include "parse/date_time.h"
#include "parse/lookalike.h"
#include "parse/record_syntax.h"
#include "run/scale_guess.h"
#include "run/worker.h"
#include "run/worker_groups.h"
#include "run/worker_filter.h"
#include "run/worker_pairs.h"
#include "stats/order.h"

/* Decided at the first field of a record, before any of its cells is counted: statistics cannot
 * un-count a cell. */
enum csvr_record_kind {
	CSVR_RECORD_DATA,
	CSVR_RECORD_FILTERED, /* data that does not satisfy --where */
	CSVR_RECORD_HEADER,
	CSVR_RECORD_REPEATED_HEADER,
	CSVR_RECORD_UNITS, /* skipped, after the header */
	CSVR_RECORD_COMMENT,
	CSVR_RECORD_BLANK
};

/* A record that is counted field by field; it may span several windows. */
struct csvr_current_record {
	enum csvr_record_kind kind;
	size_t n_fields; /* so far */
	bool is_like_comment; /* it begins with a number sign */
	bool starts_header; /* it is the first record of the header */
	bool has_text; /* some field has a byte */
	bool is_total; /* its first field looks like that of a total */
	uint64_t line;
};

/* A field that exceeds the buffer. What it is so far decides what ends it. */
struct csvr_oversized_field {
	enum {
		CSVR_OVERSIZED_NOT, /* there is none */
		CSVR_OVERSIZED_BLANK, /* a quote may follow */
		CSVR_OVERSIZED_RETURNS, /* only blanks, and then '\r' */
		CSVR_OVERSIZED_PLAIN,
		CSVR_OVERSIZED_QUOTED,
		CSVR_OVERSIZED_CLOSED, /* only blanks since the closing quote */
		CSVR_OVERSIZED_COMMENT
	} state;
	uint64_t line; /* in which it starts */
	bool may_be_blank_line; /* between runs of blanks; it is counted as soon as it is known that it is none */
	bool hides_lines; /* a line end is inside its quotes */
	bool has_returns; /* '\r' after the closing quote */
};

/* Equal cells of a batch that are neither numbers nor dates nor times: the first is classified, the others are only
 * counted. Columns of few distinct texts, and of null values, have many such cells. */
struct csvr_cell_group {
	uint64_t word[2]; /* the first and the last bytes of the cell as written */
	const unsigned char *start; /* of the first cell */
	uint8_t n_bytes; /* 0: not in use */
	uint8_t class; /* enum csvr_cell_class */
	uint8_t lookalike; /* enum csvr_lookalike */
	uint16_t text; /* of a text or boolean: its index in those of the batch */
	uint32_t n_cells; /* after the first */
};

enum { CSVR_GROUP_BITS = 7, CSVR_N_GROUPS = 1 << CSVR_GROUP_BITS, CSVR_GROUPED_BYTES = 64 };

struct csvr_cell_groups {
	/* A group is at one of two places, which follow from a hash of its cells. */
	struct csvr_cell_group group[CSVR_N_GROUPS];
	uint8_t used[CSVR_N_GROUPS];
	size_t n_used;
};

/* Texts, or booleans. */
struct csvr_cell_texts {
	struct csvr_text text[CSVR_MAX_BATCH];
	size_t n;
};

/* Dates or times of one class, in units of 10^-scale seconds. */
struct csvr_cell_times {
	int64_t values[CSVR_MAX_BATCH];
	size_t n;
	size_t n_ordered; /* of these, the order of the column has */
	unsigned scale;
};

enum { CSVR_N_TIME_CLASSES = CSVR_CELL_TIME - CSVR_CELL_DATE + 1 };

/* Cells of one column that were classified, and are added to it together. There is room for all cells of a batch:
 * csvr_worker_flush_cells is called after it. */
struct csvr_cell_batch {
	struct csvr_cell_texts texts, booleans;
	size_t n_scratch_bytes; /* of the worker's scratch, where some of the texts are */
	uint32_t scratch_origin[CSVR_MAX_BATCH]; /* of these, by text: the position of the cell */
	struct csvr_cell_groups groups;
	struct csvr_cell_times times[CSVR_N_TIME_CLASSES]; /* by class, CSVR_CELL_DATE first */
	unsigned notation; /* of these dates and datetimes */
};

/* For the order of a column, to which values are added as the rows have them. */
struct csvr_ordered_cells {
	struct csvr_order *order; /* NULL: it is not collected, or no longer of interest */
	unsigned scale; /* of the values of the present batch */
	size_t n_added; /* of these values */
	size_t n_preceding; /* of these values, those before the cell that is counted */
};

struct csvr_worker {
	const struct csvr_worker_config *config;

	unsigned char *memory; /* text with a margin on both sides */
	unsigned char *text;
	size_t capacity;
	uint64_t text_offset;
	uint64_t first_offset; /* of the first byte read since the window was reset */
	size_t text_length, window_start, window_end;
	/* Bytes after the text that have been read, but may belong to the last lines of the input, which are skipped; the
	 * memory has room for held_capacity of them. */
	size_t held_bytes, held_capacity;
	bool has_reached_end; /* all of the input is in the text or held */
	size_t block_bytes;
	bool has_read_all; /* no input follows text[text_length) */
	bool has_dropped_lf; /* the input has a line feed after text[text_length) */
	bool has_added_newline; /* a newline was appended, as the input does not end with one */
	unsigned char last_byte;

	uint32_t *ends; /* capacity entries and a margin; fields.ends is ends + 1 */
	struct csvr_fields fields;

	struct csvr_source source;
	struct csvr_dir_cache dir_cache;
	const struct csvr_input *input;
	struct csvr_stopwatch read_stopwatch;
	struct csvr_io_time io_time; /* except read_ns, which read_stopwatch holds */
	int newline; /* of the input; 0: not known yet */
	struct csvr_dialect dialect;
	struct csvr_sniff sniff;
	struct csvr_first_line first_line; /* of the text that was sniffed */
	bool is_first_line_of_tsv;
	bool is_header_first_line; /* the header is that line */
	size_t bom_bytes; /* byte order mark */
	size_t table_start; /* offset after the lines above the table */
	uint64_t n_lines_above;
	uint64_t header_offset; /* of the first record; UINT64_MAX: the input has no record */
	uint64_t header_end; /* if it has a header */
	uint64_t data_start; /* after the header, and the rows of units that follow it */
	struct csvr_header header;
	bool is_header_unquoted; /* it contains no quote */
	bool may_repeat_header; /* a record of this file that equals the header is not data */
	/* A longer record is counted field by field as it arrives, shorter ones whole. Only these may be headers. */
	size_t long_record_bytes;
	/* the input that dialect, header_offset and header belong to, or NULL */
	const struct csvr_input *header_input;
	uint64_t header_version;
	struct csvr_scale_guess *scale_guesses; /* by column */
	size_t scale_guesses_capacity;
	/* By column, if the configuration has a refinement: the wanted ranges, of header `ranges_version`. */
	const struct csvr_range_list **ranges;
	size_t ranges_capacity;
	uint64_t ranges_version;

	struct csvr_chunk_stats *chunk;
	uint64_t chunk_end; /* records that start here or later belong to the next chunk */
	const struct csvr_extension *extension; /* moves chunk_end; NULL: nothing does */
	bool has_guessed_start;
	uint64_t reported_offset; /* progress has been reported up to here */
	uint64_t n_lines; /* line ends from the start of the chunk to text[window_start) */
	struct csvr_current_record record;
	struct csvr_oversized_field oversized;

	unsigned char *scratch; /* unquoted texts of fields */
	unsigned char *converted; /* texts of the batch that were converted from Windows-1252 */
	size_t converted_capacity;
	uint64_t
		first_not_utf8; /* of the chunk: the least offset of a record with a cell that is not UTF-8 */
	const struct csvr_cell_rules *rules; /* of the column that is counted */
	struct csvr_cell_batch cells;
	struct csvr_decimal decimal;
	enum csvr_lookalike
		lookalike; /* of the cell that was counted last, if it is a text or missing */
	struct csvr_worker_groups *groups; /* NULL: rows are not grouped */
	struct csvr_worker_filter *filter; /* NULL: there are no conditions */
	struct csvr_worker_pairs *pairs; /* NULL: no columns are correlated */
	struct csvr_rows *rows; /* of the chunk; NULL: they are not collected */
	struct csvr_row_hash row_hash; /* of `record`, if rows are collected */
	int64_t *values; /* of the batch: own_values, or those of a correlated column */
	int64_t own_values[CSVR_MAX_BATCH + CSVR_VALUES_MARGIN];
	uint8_t rejects[CSVR_MAX_BATCH];
	struct csvr_ordered_cells ordered;
};

/* Whole records of `n_fields` fields each, all of them in the window, in its order. */
struct csvr_record_run {
	/* ends[i * stride + j] is the end of field j of record i; ends[i * stride - 1] is the position before that record.
	 * Of consecutive records the stride is the number of fields. */
	const uint32_t *ends;
	size_t stride, n_fields, n_records;
	size_t n_rows; /* of these, records from the first on that are known to be rows */
};

/* ---- worker_window.c ---- */

/* Grows the buffers to `capacity` bytes of text and as many field ends. Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_worker_reserve(struct csvr_worker *w, size_t capacity);

/* Opens w->input. Leaves the stopwatch running, since the first read follows at once: reading the
 * clock four times per file instead of twice shows for small files. */
enum csvr_status csvr_worker_open_source(struct csvr_worker *w);

/* csvr_source_read, with its time and bytes added to w->io_time. */
enum csvr_status csvr_worker_read_source(struct csvr_worker *w, uint64_t offset, void *buffer,
					 size_t n_bytes, size_t *n_read);

/* Call after the last read of an input; `before_ns` is the stopwatch's total from before it was opened. */
void csvr_worker_note_read_time(struct csvr_worker *w, uint64_t before_ns);

/* Empties the text and the window; the next read is at `offset`. */
void csvr_worker_reset_window(struct csvr_worker *w, uint64_t offset);

/* Appends up to `n_bytes` bytes of the input to the text, which must have room for them. Sets
 * has_read_all at the end of the input. */
enum csvr_status csvr_worker_read_more(struct csvr_worker *w, size_t n_bytes);

/* Removes a line feed from the end of the text if the input ends with it. For files of CR line ends. */
void csvr_worker_drop_final_lf(struct csvr_worker *w);
/* The line end of an input of which all that was read is in the text or held; 0: not known yet. */
int csvr_worker_find_newline(const struct csvr_worker *w);

/* Counts the last lines of the input, which are held; the text before them has been counted. */
void csvr_worker_count_footer(struct csvr_worker *w);

/* Extends the window by a block, or to the end of the chunk if that is nearer. */
enum csvr_status csvr_worker_widen_window(struct csvr_worker *w);

/* In a file of CR line ends, a line feed outside quotes is an error: the file then has several kinds of line ends, and
 * what is a record is uncertain. Looks at `n_fields` fields, at least 1, at the start of the window. Errors:
 * CSVR_INVALID_FILE, set in the chunk. */
enum csvr_status csvr_worker_reject_lf(struct csvr_worker *w, size_t n_fields);

/* Sets that error for a line feed in the line of text[position). Returns CSVR_INVALID_FILE. */
enum csvr_status csvr_worker_lf_error(struct csvr_worker *w, size_t position);

/* ---- worker_header.c ---- */

/* Detects the dialect of the input and parses its header. The worker remembers it while it reads chunks of the same
 * input; if that changes in between, the check at the end of each chunk reports it. */
enum csvr_status csvr_worker_detect_header(struct csvr_worker *w, uint64_t begin);

/* Fails if the records of the detected header make the file bad. */
enum csvr_status csvr_worker_check_header(struct csvr_worker *w);

/* Notes if the delimiter that was given is wrong for the input, whose first bytes are the text. Call it after the
 * statistics of the chunk were reset. */
void csvr_worker_check_delimiter(struct csvr_worker *w);

/* ---- worker_record.c ---- */

/* Counts fields [first, last), up to and including the first line end; `*next` is the field
 * after the last one counted. */
enum csvr_status csvr_worker_count_record(struct csvr_worker *w, size_t first, size_t last,
					  size_t *next);

/* Counts fields [first, last), which start at a record and end with one. Stops before a record that begins with a byte
 * order mark if the fields after it must be scanned again. */
enum csvr_status csvr_worker_count_records(struct csvr_worker *w, size_t first, size_t last,
					   size_t n_records);

/* Starts the record at text[start], or a blank line. */
void csvr_worker_start_record(struct csvr_worker *w, size_t start, bool is_blank);

/* Call after the last field of a record; `n_last` is its length as written. */
enum csvr_status csvr_worker_finish_record(struct csvr_worker *w, size_t n_last);

/* ---- worker_oversized.c ---- */

/* Call if the field at the front of the window exceeds CSVR_MAX_CELL_BYTES. */
enum csvr_status csvr_worker_start_oversized_field(struct csvr_worker *w);

/* Skips as much of the oversized field as the window holds. Such a cell is invalid whatever its
 * text, so only its end matters. */
enum csvr_status csvr_worker_skip_oversized_field(struct csvr_worker *w);

/* ---- worker_quotes.c ---- */

/* Counts a field in which text follows the closing quote, which `line` opened. If the quotes hide a line end, fails
 * with CSVR_INVALID_FILE. */
enum csvr_status csvr_worker_add_text_after_quote(struct csvr_worker *w, bool hides_lines,
						  uint64_t line);

/* Does that for fields [0, n_fields) of the window, selected or not, before these are counted. Leaves out those that
 * csvr_worker_drop_bom will have scanned again. If records are filtered it does not count, but may fail. */
enum csvr_status csvr_worker_check_quotes(struct csvr_worker *w, size_t n_fields);

/* Counts those of `n_fields` fields with these ends, whose record was not filtered. */
void csvr_worker_count_quotes(struct csvr_worker *w, const uint32_t *ends, size_t n_fields);

/* Sets the error of the chunk: the quote that starts in `line` is not closed. Returns
 * CSVR_INVALID_FILE. */
enum csvr_status csvr_worker_unterminated_quote(struct csvr_worker *w, uint64_t line);

/* Does that for the field after the last one that was scanned; the first field starts at `from`. A field before it in
 * which text follows quotes with a line end comes first: whether it is counted by now depends on the window. */
enum csvr_status csvr_worker_open_quote(struct csvr_worker *w, size_t from);

/* ---- worker_batch.c ---- */

/* Counts the cells of the run column by column, and its rows. Shortens it before a record that is a repeated header, or
 * begins with a byte order mark, perhaps to none. */
enum csvr_status csvr_worker_count_run(struct csvr_worker *w, struct csvr_record_run *run);

/* ---- worker_repeat.c ---- */

/* Whether the first field of a row, as written, looks like that of a total at the end of a file. */
bool csvr_worker_is_total(const struct csvr_worker *w, struct csvr_slice field);

/* Compares the record whose first fields are [first, last) with the header; a record that does not end there is not
 * the header. `*match` is CSVR_MATCH_NONE where records like the header are data. Errors: CSVR_INVALID_FILE, it has the
 * names of the header in another order. */
enum csvr_status csvr_worker_match_header(struct csvr_worker *w, size_t first, size_t last,
					  enum csvr_header_match *match);

/* The first of records [first_record, last_record) of the run that is a repeated header, or begins with a byte order
 * mark; last_record: none. */
size_t csvr_worker_find_break(const struct csvr_worker *w, const struct csvr_record_run *run,
			      size_t first_record, size_t last_record);

/* The same for `n_rejects` of the records from `first_record` on: w->rejects. Returns the index of the record from
 * there on; SIZE_MAX: none. */
size_t csvr_worker_find_rejected_break(const struct csvr_worker *w,
				       const struct csvr_record_run *run, size_t first_record,
				       size_t n_rejects);

/* Whether a byte order mark is at text[start), which starts a record. */
bool csvr_worker_has_bom(const struct csvr_worker *w, size_t start);

/* Drops the byte order marks at the start of the window, where a record starts. */
void csvr_worker_skip_bom(struct csvr_worker *w);

/* Moves `*start` over byte order marks at the start of a record. False: what follows them must be scanned again, since
 * it is read in another way at the start of a field. */
bool csvr_worker_find_start(const struct csvr_worker *w, size_t *start);

/* Drops the byte order marks at the start of a scanned record, which is the next to be counted. False: see
 * csvr_worker_find_start. */
bool csvr_worker_drop_bom(struct csvr_worker *w, size_t first);

/* ---- worker_cell.c ---- */

/* Call it before cells of another column, or another batch, are counted. */
static inline void csvr_worker_start_column(struct csvr_worker *w, size_t j, unsigned scale)
{
	struct csvr_column *column = &w->chunk->stats.columns[j];
	w->rules = csvr_header_rules(&w->header, j);
	w->ordered = (struct csvr_ordered_cells){ csvr_column_order(column), scale, 0, 0 };
}

/* Adds the first `n` values of the batch to the order of the column, if it lacks them. */
void csvr_worker_add_order(struct csvr_worker *w, size_t n);

/* Call it after the last cell of a batch of `n` values. */
static inline void csvr_worker_finish_order(struct csvr_worker *w, size_t n)
{
	if (w->ordered.order != NULL)
		csvr_worker_add_order(w, n);
}

/* Counts any cell: `text` is as written, `record` the position of its record's
 * first byte. Leaves the class, and the value of a number, in w->decimal. The cell may be missing from the
 * column until csvr_worker_flush_cells, which must be called before cells of another column are counted. */
enum csvr_status csvr_worker_count_cell(struct csvr_worker *w, struct csvr_column *column,
					struct csvr_slice text, size_t record);

enum csvr_status csvr_worker_flush_cells(struct csvr_worker *w, struct csvr_column *column);

/* Starts a group, which is not in use, with the cell that was counted last, of `n_bytes` bytes as written. Does
 * nothing if that is a number, date or time. */
void csvr_worker_start_group(struct csvr_worker *w, struct csvr_cell_group *group, size_t n_bytes);

/* Whether dates or times may be expected in a column: it has some already. */
static inline bool csvr_worker_has_times(const struct csvr_column *column)
{
	return (column->first[CSVR_KIND_DATE].line | column->first[CSVR_KIND_TIME].line) != 0;
}

/* Collects a cell as written if it is a date or time in a common notation, and the first one of the column has been
 * noted. False: it is something else, or others must be flushed before; csvr_worker_count_cell counts it. */
bool csvr_worker_take_time(struct csvr_worker *w, const struct csvr_column *column,
			   struct csvr_slice cell);

/* Counts a cell of more than CSVR_MAX_CELL_BYTES: a text whose bytes do not matter. Flushes it, too. */
enum csvr_status csvr_worker_count_oversized(struct csvr_worker *w, struct csvr_column *column,
					     size_t record);

/* ---- worker_rows.c ---- */

/* Adds records [first_record, last_record) of a run, at most a batch, to w->rows. */
enum csvr_status csvr_worker_add_rows(struct csvr_worker *w, const struct csvr_record_run *run,
				      size_t first_record, size_t last_record);

/* Hashes bytes [from, to) of the text, which follow in the current record, if rows are collected. */
static inline void csvr_worker_hash_bytes(struct csvr_worker *w, size_t from, size_t to)
{
	if (w->rows != NULL)
		csvr_row_hash_add(&w->row_hash, w->text + from, to - from);
}

/* Adds the current record, whose bytes were hashed, to w->rows. */
enum csvr_status csvr_worker_finish_row(struct csvr_worker *w);

/* ---- shared ---- */

/* Returns `status`; describes CSVR_NO_MEMORY in the error of the chunk. */
static inline enum csvr_status csvr_worker_fail(struct csvr_worker *w, enum csvr_status status)
{
	if (status == CSVR_NO_MEMORY)
		csvr_error_set_no_memory(&w->chunk->error);
	return status;
}

/* True if the source can be read at any offset, false if only sequentially. */
static inline bool csvr_worker_has_size(const struct csvr_worker *w)
{
	return w->source.size_bytes > 0;
}

/* Whether the record at the start of the window must be whole before it is counted. */
static inline bool csvr_worker_must_be_whole(const struct csvr_worker *w)
{
	return w->config->needs_whole_records && w->text[w->window_start] != w->dialect.comment;
}

static inline bool csvr_worker_is_last_window(const struct csvr_worker *w)
{
	return w->has_read_all && w->window_end == w->text_length;
}

static inline uint64_t csvr_worker_count_lines(const struct csvr_worker *w, size_t from, size_t to)
{
	return w->config->kernel->count_byte(w->text + from, to - from, w->dialect.newline);
}

/* The 1-based line of text[position), counted from the start of the chunk. */
static inline uint64_t csvr_worker_line_of(const struct csvr_worker *w, size_t position)
{
	return w->n_lines + csvr_worker_count_lines(w, w->window_start, position) + 1;
}

/* Moves the start of the window to `to`; `n_ends` line ends outside quotes are in between. */
static inline void csvr_worker_step_to(struct csvr_worker *w, size_t to, size_t n_ends)
{
	w->n_lines += w->fields.hides_lines ? csvr_worker_count_lines(w, w->window_start, to)
					    : n_ends;
	w->window_start = to;
}

static inline void csvr_worker_scan(struct csvr_worker *w, size_t from, size_t to,
				    bool starts_record)
{
	w->fields.starts_record = starts_record;
	w->fields.ends[-1] = (uint32_t)(from - 1);
	w->config->kernel->scan(&w->dialect, from, to, &w->fields);
}

static inline bool csvr_worker_is_line_end(const struct csvr_worker *w, size_t field)
{
	return w->text[w->fields.ends[field]] == w->dialect.newline;
}

/* Moves the end of [start, end), the last field of a record, over the '\r' of its line end; of several, only one if
 * the field is too long in any case: whether it exceeds the buffer must not matter. */
static inline const unsigned char *csvr_worker_strip_returns(const unsigned char *start,
							     const unsigned char *end)
{
	if (end > start && end[-1] == '\r') {
		end--;
		while (__builtin_expect(end > start && end[-1] == '\r', 0) &&
		       end - start <= CSVR_MAX_CELL_BYTES)
			end--;
	}
	return end;
}

/* Length of a field as written, without the '\r' of its line end, of which there may be several; `*start`
 * is its position. */
static inline size_t csvr_worker_field_bytes(const struct csvr_worker *w, size_t field,
					     size_t *start)
{
	*start = (uint32_t)(w->fields.ends[(ptrdiff_t)field - 1] + 1);
	const unsigned char *begin = w->text + *start, *end = w->text + w->fields.ends[field];
	if (csvr_worker_is_line_end(w, field))
		end = csvr_worker_strip_returns(begin, end);
	return (size_t)(end - begin);
}

/* Whether a line with one field of `n_bytes` at text[start] is blank. Between runs of blanks, so is a line of them. */
static inline bool csvr_worker_is_blank_line(const struct csvr_worker *w, size_t start,
					     size_t n_bytes)
{
	if (n_bytes == 0 || !csvr_is_runs_of_blanks(w->dialect.long_delimiter))
		return n_bytes == 0;
	const unsigned char *at = w->text + start, *end = at + n_bytes;
	csvr_trim(&at, &end);
	return at == end;
}

/* Sets `*text` to the text of a cell as written, which is not empty. False: there are blanks around it, or quotes other
 * than one pair around it, or escapes, and it needs a closer look. */
static inline bool csvr_worker_find_plain_text(const struct csvr_worker *w, struct csvr_slice cell,
					       struct csvr_slice *text)
{
	const int quote = w->dialect.quote;
	const bool starts_with_quote = *cell.start == quote;
	const bool is_quoted = starts_with_quote && cell.n_bytes >= 2 &&
			       cell.start[cell.n_bytes - 1] == quote;
	*text = (struct csvr_slice){ cell.start + is_quoted, cell.n_bytes - 2 * (size_t)is_quoted };
	return text->n_bytes > 0 && starts_with_quote == is_quoted &&
	       !csvr_is_blank(*text->start) && !csvr_is_blank(text->start[text->n_bytes - 1]) &&
	       !(is_quoted && (csvr_has_byte(text->start, text->n_bytes, quote) ||
			       (w->dialect.escape != CSVR_NONE &&
				csvr_has_byte(text->start, text->n_bytes, w->dialect.escape))));
}

static inline void csvr_worker_add_text(struct csvr_cell_texts *texts,
					const struct csvr_slice *text)
{
	texts->text[texts->n++] = (struct csvr_text){ text->start, (uint32_t)text->n_bytes, 1 };
}

/* Collects a cell as written if it is a text that needs no closer look and looks like nothing else, in a column whose first text has been
 * noted. False: csvr_worker_count_cell decides. */
static inline bool csvr_worker_take_plain_text(struct csvr_worker *w, struct csvr_slice cell)
{
	struct csvr_slice text;
	if (cell.n_bytes == 0 || cell.n_bytes > CSVR_MAX_CELL_BYTES ||
	    !csvr_worker_find_plain_text(w, cell, &text))
		return false;
	if (!csvr_is_certainly_plain(w->rules, text.start, text.n_bytes) &&
	    (!csvr_is_certainly_text(w->rules, text.start, text.n_bytes) ||
	     csvr_lookalike_of_text(w->rules, text.start, text.n_bytes) != CSVR_N_LOOKALIKES))
		return false;
	csvr_worker_add_text(&w->cells.texts, &text);
	return true;
}

/* The group of a cell of 1 to CSVR_GROUPED_BYTES bytes, as written: that of equal cells (n_bytes is not 0), or one
 * that is not in use, or NULL, if others have its places. */
static inline struct csvr_cell_group *csvr_worker_find_group(struct csvr_worker *w,
							     struct csvr_slice cell)
{
	static const uint64_t factor = UINT64_C(0x9e3779b97f4a7c15),
			      last_factor = UINT64_C(0xd6e8feb86659fd93);
	enum { WORD_BYTES = 8 };
	/* Of a cell of fewer than 8 bytes, other bytes are shifted out; without a branch, as lengths vary. */
	const unsigned n_bytes = (unsigned)cell.n_bytes,
		       shift = 8 * (WORD_BYTES - n_bytes) & -(unsigned)(n_bytes < WORD_BYTES);
	const uint64_t first = csvr_load8(cell.start) << shift,
		       last = csvr_load8(cell.start + n_bytes - WORD_BYTES) >> shift;
	uint64_t mixed = first * factor ^ last;
	if (n_bytes > 2 * WORD_BYTES)
		mixed = mixed * factor ^ csvr_load8(cell.start + n_bytes / 2 - WORD_BYTES / 2);
	size_t place = mixed * last_factor >> (64 - CSVR_GROUP_BITS);
	for (int i = 0; i < 2; i++, place ^= 1) {
		struct csvr_cell_group *group = &w->cells.groups.group[place];
		if (group->n_bytes == 0) {
			group->word[0] = first;
			group->word[1] = last;
			group->start = cell.start;
			return group;
		}
		if (((group->word[0] ^ first) | (group->word[1] ^ last) |
		     (group->n_bytes ^ n_bytes)) == 0 &&
		    (n_bytes <= 2 * WORD_BYTES || memcmp(group->start, cell.start, n_bytes) == 0))
			return group;
	}
	return NULL;
}

static inline void csvr_line_count_add(struct csvr_line_count *count, uint64_t n, uint64_t line)
{
	if (count->n == 0)
		count->first_line = line;
	count->n += n;
}

#endif
