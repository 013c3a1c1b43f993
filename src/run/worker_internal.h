/* worker_internal.h - the worker and the steps it takes, for the files of worker*.c only
 *
 * Shape    worker.c drives a chunk; worker_window.c reads and scans, worker_header.c finds the first
 *          record, worker_record.c counts records field by field and hands runs of equal ones to
 *          worker_batch.c, and worker_cell.c counts a single cell
 * Threads  as worker.h says
 */
#ifndef CSVR_RUN_WORKER_INTERNAL_H
#define CSVR_RUN_WORKER_INTERNAL_H

#include "base/clock.h"
#include "base/error.h"
#include "input/source.h"
#include "run/worker.h"

/* How a column's numbers are written, as far as seen: the guess its kernel works with. */
struct csvr_scale_guess {
	uint8_t scale; /* digits behind the point */
	bool is_sampled;
	bool is_text; /* no number in the last batch: the kernel is not asked */
};

/* Decided at the first field of a record, before any of its cells is counted: statistics cannot take
 * a cell back. */
enum csvr_record_kind {
	CSVR_RECORD_DATA,
	CSVR_RECORD_HEADER,
	CSVR_RECORD_COMMENT,
	CSVR_RECORD_BLANK
};

/* A record that is taken field by field; it may segment over many turns. */
struct csvr_current_record {
	enum csvr_record_kind kind;
	size_t n_fields; /* so far */
	uint64_t line;
};

enum csvr_oversized_field {
	CSVR_FIELD_NOT_OVERSIZED,
	CSVR_FIELD_PLAIN,
	CSVR_FIELD_QUOTED,
	CSVR_FIELD_COMMENT
};

struct csvr_worker {
	const struct csvr_worker_config *config;

	unsigned char *memory; /* text and a margin on both sides */
	unsigned char *text;
	size_t capacity;
	uint64_t text_offset;
	uint64_t first_offset; /* offset of the first byte that was asked for */
	size_t text_length, window_start, window_end;
	size_t block_bytes;
	bool has_read_all; /* nothing of the input is behind text[length) */
	bool has_added_newline; /* a last line end was put in where the input has none */
	unsigned char last_byte;

	uint32_t *ends; /* room for capacity and a margin; the first is ends[-1] of the fields */
	struct csvr_fields fields;

	struct csvr_source source;
	struct csvr_dir_cache dir_cache;
	const struct csvr_input *input;
	struct csvr_stopwatch read_stopwatch;
	struct csvr_io_time io_time; /* but for read_ns, which is on the stopwatch */
	int newline; /* of the input; 0: not known yet */
	struct csvr_dialect dialect;
	size_t bom_bytes; /* byte order mark */
	uint64_t header_offset; /* of the first record, UINT64_MAX: there is none */
	struct csvr_header header;
	bool is_header_of_tsv; /* it was found in a file named so */
	bool is_header_unquoted; /* no quote is in it */
	/* whose dialect, header_offset and head these are, or NULL */
	const struct csvr_input *header_input;
	uint64_t header_version;
	struct csvr_scale_guess *scale_guesses; /* by column */
	size_t scale_guesses_capacity;

	struct csvr_chunk_stats *chunk;
	uint64_t chunk_end; /* records that begin from here on are not ours */
	bool has_guessed_start;
	uint64_t reported_offset; /* offset up to which job->advance was told */
	uint64_t n_lines; /* line ends before text[at], from the start of the chunk */
	struct csvr_current_record record;
	enum csvr_oversized_field oversized;
	uint64_t oversized_line;

	unsigned char *scratch; /* text of a quoted field; made when first needed */
	struct csvr_decimal decimal;
	int64_t values[CSVR_MAX_BATCH + CSVR_VALUES_MARGIN];
	uint8_t rejects[CSVR_MAX_BATCH];
};

/* A run of whole records that all have `stride` fields, the first of them field `first` of
 * w->fields. */
struct csvr_record_run {
	size_t first, stride, n_records;
};

/* ---- worker_window.c ---- */

/* Room for `capacity` bytes of text and as many ends. */
enum csvr_status csvr_worker_reserve(struct csvr_worker *w, size_t capacity);

/* Leaves the stopwatch running: the first read follows at once, and for a small file two looks at the
 * clock are cheap enough, four are not. */
enum csvr_status csvr_worker_open_source(struct csvr_worker *w);

enum csvr_status csvr_worker_read_source(struct csvr_worker *w, uint64_t offset, void *buffer,
					 size_t n_bytes, size_t *n_read);

/* After the last read of an input, whose time began at `before_ns` on the stopwatch. */
void csvr_worker_note_read_time(struct csvr_worker *w, uint64_t before_ns);

void csvr_worker_reset_window(struct csvr_worker *w, uint64_t offset);

/* Reads up to `n_bytes` more behind text[length). */
enum csvr_status csvr_worker_read_more(struct csvr_worker *w, size_t n_bytes);

/* Widens the window: by a block, or to the end of the chunk if that is nearer. */
enum csvr_status csvr_worker_widen_window(struct csvr_worker *w);

enum csvr_status csvr_worker_unterminated_quote(struct csvr_worker *w, uint64_t line);

/* ---- worker_header.c ---- */

/* The head of the input: the first chunk of it that this thread reads looks for it, the others know.
 * Should the input change in between, the end of each chunk finds that out. */
enum csvr_status csvr_worker_detect_header(struct csvr_worker *w, uint64_t begin,
					   int known_newline);

/* ---- worker_record.c ---- */

/* Takes fields [first, last), up to and with the first line end among them; returns the field behind
 * the last one taken. */
enum csvr_status csvr_worker_count_record(struct csvr_worker *w, size_t first, size_t last,
					  size_t *next);

/* Takes fields [first, last), which end a record and begin one. */
enum csvr_status csvr_worker_count_records(struct csvr_worker *w, size_t first, size_t last,
					   size_t n_records);

/* The field at the front of the window is longer than any cell may be. */
void csvr_worker_start_oversized_field(struct csvr_worker *w);

/* Steps through a field of which the window holds but a part. It is too long to be anything but
 * invalid, so only its end matters. */
void csvr_worker_skip_oversized_field(struct csvr_worker *w);

/* ---- worker_batch.c ---- */

enum csvr_status csvr_worker_count_run(struct csvr_worker *w, const struct csvr_record_run *run);

/* ---- worker_cell.c ---- */

/* Any cell: [start, end) is its raw text, `record` where its record begins. w->decimal says
 * afterwards what it was. */
enum csvr_status csvr_worker_count_cell(struct csvr_worker *w, struct csvr_column *column,
					const unsigned char *start, const unsigned char *end,
					size_t record);

/* ---- what all of them use ---- */

static inline enum csvr_status csvr_worker_fail(struct csvr_worker *w, enum csvr_status status)
{
	if (status == CSVR_NO_MEMORY)
		csvr_error_set_no_memory(&w->chunk->error);
	return status;
}

/* Whether it can be read at any offset; else only from front to back. */
static inline bool csvr_worker_has_size(const struct csvr_worker *w)
{
	return w->source.size_bytes > 0;
}

static inline bool csvr_worker_is_last_window(const struct csvr_worker *w)
{
	return w->has_read_all && w->window_end == w->text_length;
}

static inline uint64_t csvr_worker_count_lines(const struct csvr_worker *w, size_t from, size_t to)
{
	return csvr_count_newlines(&w->dialect, w->text + from, to - from);
}

/* The 1-based line of text[position), within the chunk. */
static inline uint64_t csvr_worker_line_of(const struct csvr_worker *w, size_t position)
{
	return w->n_lines + csvr_worker_count_lines(w, w->window_start, position) + 1;
}

/* Steps over text[at, to), which holds `n_ends` line ends outside quotes. */
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

/* Raw bytes of a field, without the '\r' of its line end. */
static inline size_t csvr_worker_field_bytes(const struct csvr_worker *w, size_t field,
					     size_t *start)
{
	*start = (uint32_t)(w->fields.ends[(ptrdiff_t)field - 1] + 1);
	size_t end = w->fields.ends[field];
	if (csvr_worker_is_line_end(w, field) && end > *start && w->text[end - 1] == '\r')
		end--;
	return end - *start;
}

static inline void csvr_line_count_add(struct csvr_line_count *count, uint64_t n, uint64_t line)
{
	if (count->n == 0)
		count->first_line = line;
	count->n += n;
}

#endif
