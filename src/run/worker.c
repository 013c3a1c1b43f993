/* worker.c - one chunk of one input from bytes to a table
 *
 * The window. `text` holds the bytes [base, base + length) of the input. Of these, [0, at) are done
 * with, [at, seen) are what is looked at now, and the rest was read ahead. A turn of the loop widens
 * the window by a block, finds the ends of its fields, and takes whole records off its front; what
 * is left of a record moves to the front of the buffer before the next read. Nothing of the scan is
 * carried from turn to turn: the window always begins at a field, outside quotes.
 *
 * Three ways to take records, fastest first:
 *  - a run of records that all have as many fields as the header: column by column, 256 cells at a
 *    time (take_run)
 *  - a record of any shape: field by field (take_record)
 *  - a field that does not fit the buffer: byte by byte, only counted (skip_giant)
 */
#include "run/worker.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/stop_flag.h"
#include "input/remote_ops.h"
#include "input/source.h"
#include "parse/chunk_boundary.h"

/* A header may be this long: its names are kept anyway. Anything longer is hardly CSV. */
enum { HEADER_BYTES = 16 << 20 };

/* A chunk with a guessed start gives up this far behind its end: an ordinary record is over by
 * then, a wrong guess about quotes could go on to the end of the file. */
enum { GUESS_OVERRUN_BYTES = (1 << 20) / CSVR_LIMITS_DIVISOR };

/* A record this long is taken field by field as the fields come; shorter ones wait to be whole. */
enum { LONG_RECORD_BYTES = 128 * 1024 / CSVR_LIMITS_DIVISOR };

_Static_assert((int)CSVR_MAX_BATCH <= (int)CSVR_MAX_CELLS, "a batch is one call of the kernel");

/* In files of very long records a block grows, up to this, so that it holds some dozens of them: with
 * a handful each column is visited for next to nothing. Still within a second-level cache. */
enum { LONG_BLOCK_BYTES = (1 << 20) / CSVR_LIMITS_DIVISOR, RECORDS_IN_BLOCK = 32 };

/* Cells looked at before a column's scale is guessed for the first time. */
enum { SAMPLE_CELLS = 16 };

/* How a column's numbers are written, as far as seen: the guess its kernel works with. */
struct lane {
	uint8_t scale; /* digits behind the point */
	bool is_sampled;
	bool is_text; /* no number in the last batch: the kernel is not asked */
};

/* Decided at the first field of a record, before any of its cells is counted: statistics cannot take
 * a cell back. */
enum record_kind { DATA_RECORD, HEADER_RECORD, COMMENT_RECORD, BLANK_RECORD };

/* A record that is taken field by field; it may segment over many turns. */
struct record {
	enum record_kind kind;
	size_t n_fields; /* so far */
	uint64_t line;
};

enum giant { NO_GIANT, GIANT_PLAIN, GIANT_QUOTED, GIANT_COMMENT };

struct csvr_worker {
	const struct csvr_worker_config *job;

	unsigned char *memory; /* text and a margin on both sides */
	unsigned char *text;
	size_t capacity;
	uint64_t base;
	uint64_t begun; /* offset of the first byte that was asked for */
	size_t length, at, seen;
	size_t block_bytes;
	bool has_all; /* nothing of the input is behind text[length) */
	bool is_closed; /* a last line end was put in where the input has none */
	unsigned char last_byte;

	uint32_t *ends; /* room for capacity and a margin; the first is ends[-1] of the fields */
	struct csvr_fields fields;

	struct csvr_source source;
	struct csvr_dir_cache dir_cache;
	const struct csvr_input *input;
	struct csvr_stopwatch reads;
	struct csvr_io_time time; /* but for read_ns, which is on the stopwatch */
	int newline; /* of the input; 0: not known yet */
	struct csvr_dialect dialect;
	size_t mark_bytes; /* byte order mark */
	uint64_t record_offset; /* of the first record, UINT64_MAX: there is none */
	struct csvr_header head;
	bool is_head_of_tsv; /* it was found in a file named so */
	bool is_head_plain; /* no quote is in it */
	/* whose dialect, record_offset and head these are, or NULL */
	const struct csvr_input *head_input;
	uint64_t head_number;
	struct lane *lanes; /* by column */
	size_t lanes_capacity;

	struct csvr_chunk_stats *chunk;
	uint64_t end; /* records that begin from here on are not ours */
	bool is_guess;
	uint64_t reported; /* offset up to which job->advance was told */
	uint64_t n_lines; /* line ends before text[at], from the start of the chunk */
	struct record record;
	enum giant giant;
	uint64_t giant_line;

	unsigned char *scratch; /* text of a quoted field; made when first needed */
	struct csvr_decimal decimal;
	int64_t values[CSVR_MAX_BATCH + CSVR_VALUES_MARGIN];
	uint8_t misses[CSVR_MAX_BATCH];
};

/* ---- life ---- */

/* Room for `capacity` bytes of text and as many ends. */
static enum csvr_status make_room(struct csvr_worker *w, size_t capacity)
{
	if (capacity <= w->capacity)
		return CSVR_OK;
	/* One byte more for a line end that is put in. */
	unsigned char *memory = realloc(w->memory, capacity + 1 + 2 * CSVR_TEXT_MARGIN);
	if (memory == NULL)
		return CSVR_NO_MEMORY;
	if (w->memory == NULL)
		memset(memory, 0, CSVR_TEXT_MARGIN);
	w->memory = memory;
	w->text = memory + CSVR_TEXT_MARGIN;
	free(w->ends);
	w->ends = malloc((capacity + 2 + CSVR_ENDS_MARGIN) * sizeof *w->ends);
	if (w->ends == NULL)
		return CSVR_NO_MEMORY;
	w->fields.text = w->text;
	w->fields.ends = w->ends + 1;
	w->capacity = capacity;
	return CSVR_OK;
}

enum csvr_status csvr_worker_new(const struct csvr_worker_config *job, struct csvr_worker **worker)
{
	struct csvr_worker *w = *worker = calloc(1, sizeof *w);
	if (w == NULL)
		return CSVR_NO_MEMORY;
	w->job = job;
	w->reads.is_on = job->is_timed;
	csvr_header_init(&w->head);
	csvr_dir_cache_init(&w->dir_cache);
	csvr_source_init(&w->source, job->inputs, &w->dir_cache);
	/* Pages of it that no long record needs are never touched, so they cost nothing. */
	size_t capacity = CSVR_MAX_CELL_BYTES + CSVR_PREFIX_BYTES + job->block_bytes;
	enum csvr_status status = make_room(w, capacity);
	if (status != CSVR_OK) {
		csvr_worker_free(w);
		*worker = NULL;
	}
	return status;
}

void csvr_worker_free(struct csvr_worker *w)
{
	if (w == NULL)
		return;
	csvr_source_clear(&w->source);
	csvr_dir_cache_clear(&w->dir_cache);
	csvr_header_clear(&w->head);
	free(w->memory);
	free(w->ends);
	free(w->lanes);
	free(w->scratch);
	free(w);
}

const struct csvr_header *csvr_worker_header(const struct csvr_worker *w, uint64_t *number)
{
	*number = w->head_number;
	return &w->head;
}

struct csvr_io_time csvr_worker_io_time(const struct csvr_worker *w)
{
	struct csvr_io_time time = w->time;
	time.read_ns = w->reads.total_ns;
	return time;
}

/* ---- the source, timed ---- */

/* Leaves the stopwatch running: the first read follows at once, and for a small file two looks at the
 * clock are cheap enough, four are not. */
static enum csvr_status open_source(struct csvr_worker *w)
{
	csvr_stopwatch_start(&w->reads);
	return csvr_source_open(&w->source, w->input, &w->chunk->error);
}

static enum csvr_status read_source(struct csvr_worker *w, uint64_t offset, void *buffer,
				    size_t n_bytes, size_t *n_read)
{
	csvr_stopwatch_start(&w->reads);
	enum csvr_status status = csvr_source_read(&w->source, offset, buffer, n_bytes, n_read,
						   &w->chunk->error);
	csvr_stopwatch_stop(&w->reads);
	w->time.n_bytes += *n_read;
	return status;
}

/* After the last read of an input, whose time began at `before_ns` on the stopwatch. */
static void note_input(struct csvr_worker *w, uint64_t before_ns)
{
	csvr_stopwatch_stop(&w->reads); /* an opening that failed */
	uint64_t read_ns = w->reads.total_ns - before_ns;
	if (read_ns > w->time.slowest_input_ns) {
		w->time.slowest_input_ns = read_ns;
		w->time.slowest_input = w->input;
	}
}

/* ---- the window ---- */

static enum csvr_status fail(struct csvr_worker *w, enum csvr_status status)
{
	if (status == CSVR_NO_MEMORY)
		csvr_error_set_no_memory(&w->chunk->error);
	return status;
}

static void empty_window(struct csvr_worker *w, uint64_t offset)
{
	w->base = w->begun = offset;
	w->length = w->at = w->seen = 0;
	w->has_all = w->is_closed = false;
	w->last_byte = 0;
}

/* Whether the name of the input says that tabs delimit. */
static bool is_tsv(const struct csvr_worker *w)
{
	size_t length;
	const char *name = csvr_inputs_file_name(w->job->inputs, w->input, &length);
	return csvr_is_tsv(name, length);
}

/* Whether it can be read at any offset; else only from front to back. */
static bool has_size(const struct csvr_worker *w)
{
	return w->source.size_bytes > 0;
}

/* Reads up to `n_bytes` more behind text[length). */
static enum csvr_status read_more(struct csvr_worker *w, size_t n_bytes)
{
	const uint64_t offset = w->base + w->length;
	if (has_size(w)) {
		const uint64_t size_bytes = w->source.size_bytes;
		uint64_t left = size_bytes > offset ? size_bytes - offset : 0;
		n_bytes = left < n_bytes ? (size_t)left : n_bytes;
	}
	size_t n_read = 0;
	if (n_bytes > 0) {
		enum csvr_status status = read_source(w, offset, w->text + w->length, n_bytes,
						      &n_read);
		if (status != CSVR_OK)
			return status;
	}
	if (n_read > 0)
		w->last_byte = w->text[w->length + n_read - 1];
	w->length += n_read;
	/* A regular file that ends early has changed: csvr_source_verify will say so. */
	w->has_all = n_read == 0 || (has_size(w) && w->base + w->length >= w->source.size_bytes);
	return CSVR_OK;
}

/* In a stream of lone '\r' a '\n' comes too late: what was read was cut at the wrong places. */
static enum csvr_status check_line_ends(struct csvr_worker *w, size_t from)
{
	if (w->dialect.newline == '\n' || csvr_source_is_rewindable(&w->source) ||
	    memchr(w->text + from, '\n', w->length - from) == NULL)
		return CSVR_OK;
	return csvr_error_set(
		&w->chunk->error, CSVR_INVALID_FILE, 0,
		"line ends change from CR to LF within a stream; write it to a file first");
}

/* Whether anything stands in the input from where the reading began, but for a mark. Nothing does where
 * the last record of a text whose size is not known goes over all of the last chunk. */
static bool has_read(const struct csvr_worker *w)
{
	const uint64_t end = w->base + w->length;
	return end > w->begun && end > w->mark_bytes;
}

/* Widens the window: by a block, or to the end of the chunk if that is nearer. */
static enum csvr_status widen_window(struct csvr_worker *w)
{
	size_t block = w->block_bytes;
	if (w->seen == w->length && !w->has_all) {
		if (w->at > 0) {
			memmove(w->text, w->text + w->at, w->length - w->at);
			w->base += w->at;
			w->length -= w->at;
			w->seen -= w->at;
			w->at = 0;
		}
		size_t from = w->length, room = w->capacity - w->length;
		enum csvr_status status = CSVR_OK;
		/* None is left where a cell is longer than any may be: it goes as soon as that shows. To read
		 * nothing would look like the end of the input. */
		if (room > 0)
			status = read_more(w, block < room ? block : room);
		if (status == CSVR_OK)
			status = check_line_ends(w, from);
		if (status != CSVR_OK)
			return status;
	}
	size_t limit = w->length - w->seen > block ? w->seen + block : w->length;
	if (w->base + w->seen < w->end && w->base + limit > w->end)
		limit = (size_t)(w->end - w->base);
	w->seen = limit;
	bool is_last = w->has_all && w->seen == w->length;
	if (is_last && !w->is_closed && has_read(w) && w->last_byte != w->dialect.newline) {
		w->text[w->length++] = w->dialect.newline;
		w->seen = w->length;
		w->is_closed = true;
	}
	return CSVR_OK;
}

static bool is_last_window(const struct csvr_worker *w)
{
	return w->has_all && w->seen == w->length;
}

static uint64_t count_lines(const struct csvr_worker *w, size_t from, size_t to)
{
	return csvr_count_newlines(&w->dialect, w->text + from, to - from);
}

/* The 1-based line of text[position), within the chunk. */
static uint64_t line_of(const struct csvr_worker *w, size_t position)
{
	return w->n_lines + count_lines(w, w->at, position) + 1;
}

/* Steps over text[at, to), which holds `n_ends` line ends outside quotes. */
static void step_to(struct csvr_worker *w, size_t to, size_t n_ends)
{
	w->n_lines += w->fields.hides_lines ? count_lines(w, w->at, to) : n_ends;
	w->at = to;
}

static void scan(struct csvr_worker *w, size_t from, size_t to, bool begins_record)
{
	w->fields.begins_record = begins_record;
	w->fields.ends[-1] = (uint32_t)(from - 1);
	w->job->kernel->scan(&w->dialect, from, to, &w->fields);
}

/* ---- the head ---- */

/* Goes through the input from text[length) on until a '\n' is found; `*newline` becomes that, or
 * '\r' if one is met and no '\n'. Only in files that show no '\n' at their beginning. */
static enum csvr_status look_for_newline(struct csvr_worker *w, int *newline)
{
	unsigned char *room = w->text + w->length;
	size_t n_room = w->capacity - w->length, n_read;
	uint64_t offset = w->base + w->length;
	do {
		enum csvr_status status = read_source(w, offset, room, n_room, &n_read);
		if (status != CSVR_OK)
			return status;
		int found = csvr_dialect_newline(room, n_read);
		if (found != 0)
			*newline = found;
		offset += n_read;
	} while (n_read > 0 && *newline != '\n');
	return CSVR_OK;
}

/* The line ends, as far as what was read shows; 0 while nothing does, and a stream goes on. */
static enum csvr_status decide_newline(struct csvr_worker *w, uint64_t begin, int known)
{
	w->newline = known != 0 ? known : csvr_dialect_newline(w->text, w->length);
	if (known != 0 || w->newline == '\n' || w->has_all ||
	    !csvr_source_is_rewindable(&w->source))
		return CSVR_OK;
	return begin == 0 ? look_for_newline(w, &w->newline) : CSVR_NEEDS_CHUNK_START;
}

static bool is_state(const struct csvr_worker *w)
{
	return csvr_begins_as_state(w->text, w->length);
}

/* Where it begins in text[0, n_bytes). */
static size_t first_record(const struct csvr_worker *w, size_t n_bytes)
{
	return w->mark_bytes + csvr_first_record(w->text + w->mark_bytes, n_bytes - w->mark_bytes,
						 w->dialect.newline, w->dialect.comment);
}

/* Whether the record at text[from) is that of the head there is, byte for byte, under a name that
 * suggests the same delimiter: as for most files of a run. Then so is all that is made of it, but
 * where a quote stands in it: the guess at the delimiter may take that for the beginning of a field
 * that goes on behind the record. */
static bool is_head_again(const struct csvr_worker *w, size_t from)
{
	const struct csvr_header *head = &w->head;
	return head->is_header && w->is_head_plain && w->dialect.newline == head->dialect.newline &&
	       w->length - from > head->record_bytes &&
	       w->text[from + head->record_bytes] == w->dialect.newline &&
	       memcmp(w->text + from, head->record, head->record_bytes) == 0 &&
	       is_tsv(w) == w->is_head_of_tsv;
}

/* The dialect, but for the delimiter. */
static enum csvr_status decide_dialect(struct csvr_worker *w, size_t n_head)
{
	const struct csvr_parse_options *reading = w->job->reading;
	w->dialect = (struct csvr_dialect){
		.newline = w->newline == '\r' ? '\r' : '\n',
		.quote = reading->quote,
		.comment = reading->comment,
	};
	return csvr_dialect_encoding(w->text, n_head, &w->mark_bytes, &w->chunk->error);
}

/* Leaves the fields of the record at text[from) in w->fields; false when it does not end before
 * text[n_bytes). */
static bool scan_first_record(struct csvr_worker *w, size_t from, size_t n_bytes)
{
	const unsigned char *newline = memchr(w->text + from, w->dialect.newline, n_bytes - from);
	if (newline == NULL)
		return false;
	size_t to = (size_t)(newline - w->text) + 1;
	if (w->dialect.quote != CSVR_NONE &&
	    memchr(w->text + from, w->dialect.quote, to - from) != NULL)
		to = n_bytes;
	scan(w, from, to, true);
	for (size_t i = 0; i < w->fields.n_fields; i++)
		if (w->text[w->fields.ends[i]] == w->dialect.newline) {
			w->fields.n_fields = i + 1;
			return true;
		}
	return false;
}

static enum csvr_status unterminated(struct csvr_worker *w, uint64_t line)
{
	return csvr_error_set(&w->chunk->error, CSVR_INVALID_FILE, line,
			      "a quote opens here and never closes; close it, or use --no-quote");
}

static enum csvr_status grow_lanes(struct csvr_worker *w)
{
	struct lane *lanes = csvr_array_grow(w->lanes, &w->lanes_capacity, w->head.n_columns,
					     sizeof *lanes);
	if (lanes == NULL)
		return CSVR_NO_MEMORY;
	memset(lanes, 0, w->head.n_columns * sizeof *lanes);
	w->lanes = lanes;
	w->head_number++;
	return CSVR_OK;
}

/* How much to parse at a time, now that the length of a record is about known. */
static enum csvr_status size_block(struct csvr_worker *w)
{
	size_t wanted = w->head.record_bytes * RECORDS_IN_BLOCK;
	w->block_bytes = w->job->block_bytes;
	if (w->job->has_fixed_blocks || wanted <= w->block_bytes)
		return CSVR_OK;
	w->block_bytes = wanted < LONG_BLOCK_BYTES ? wanted : LONG_BLOCK_BYTES;
	return make_room(w, CSVR_MAX_CELL_BYTES + CSVR_PREFIX_BYTES + w->block_bytes);
}

static enum csvr_status take_head(struct csvr_worker *w, size_t from)
{
	bool is_new;
	enum csvr_status status = csvr_header_parse(&w->head, w->job->reading, &w->job->nulls,
						    &w->dialect, &w->fields, from, &is_new);
	w->is_head_of_tsv = is_tsv(w);
	w->is_head_plain = status == CSVR_OK &&
			   memchr(w->head.record, w->dialect.quote, w->head.record_bytes) == NULL;
	if (status == CSVR_OK && is_new)
		status = grow_lanes(w);
	if (status == CSVR_OK)
		status = size_block(w);
	w->record_offset = from;
	return fail(w, status);
}

static enum csvr_status take_head_again(struct csvr_worker *w, size_t from)
{
	w->dialect.delimiter = w->head.dialect.delimiter;
	w->record_offset = from;
	return fail(w, size_block(w));
}

/* Reads on until the first record is whole, and takes it. */
static enum csvr_status find_first_record(struct csvr_worker *w, uint64_t begin, int known_newline)
{
	w->record_offset = UINT64_MAX;
	for (size_t want = CSVR_PREFIX_BYTES;; want *= 2) {
		enum csvr_status status = make_room(w, want + w->job->block_bytes);
		while (status == CSVR_OK && w->length < want && !w->has_all)
			status = read_more(w, want - w->length);
		if (status != CSVR_OK)
			return fail(w, status);
		/* A stream shows only as it is read what its line ends are. */
		if (is_state(w) && csvr_source_is_compressed(&w->source))
			return csvr_error_set(
				&w->chunk->error, CSVR_INVALID_FILE, 0,
				"is a saved state that was compressed; decompress it and "
				"name that");
		if (is_state(w) && w->input->is_remote)
			return csvr_error_set(&w->chunk->error, CSVR_INVALID_FILE, 0, "%s",
					      csvr_remote_state_unsupported);
		if (is_state(w) && csvr_source_is_rewindable(&w->source))
			return CSVR_RETRY_AS_STATE;
		if (is_state(w)) /* what was read of it cannot be had again */
			return csvr_error_set(
				&w->chunk->error, CSVR_INVALID_FILE, 0,
				"is a saved state that comes as a stream; save it to a "
				"file and name that");
		if (want == CSVR_PREFIX_BYTES || w->newline != '\n') {
			size_t n_head = w->length < CSVR_PREFIX_BYTES ? w->length
								      : CSVR_PREFIX_BYTES;
			status = decide_newline(w, begin, known_newline);
			if (status == CSVR_OK)
				status = decide_dialect(w, n_head);
			if (status != CSVR_OK)
				return status;
			size_t from = first_record(w, w->length);
			if (is_head_again(w, from))
				return take_head_again(w, from);
			w->dialect.delimiter = csvr_dialect_delimiter(w->job->reading, is_tsv(w),
								      w->text + w->mark_bytes,
								      n_head - w->mark_bytes,
								      w->dialect.newline);
		}
		size_t n_bytes = w->length;
		if (w->has_all && n_bytes > w->mark_bytes && w->last_byte != w->dialect.newline)
			w->text[n_bytes++] = w->dialect.newline;
		const size_t from = first_record(w, n_bytes);
		if (from < n_bytes && scan_first_record(w, from, n_bytes))
			return take_head(w, from);
		if (w->has_all && from >= w->length)
			return CSVR_OK; /* nothing but blank lines */
		if (w->has_all) {
			size_t open = w->fields.n_fields == 0
					      ? from
					      : w->fields.ends[w->fields.n_fields - 1] + 1;
			return unterminated(w, line_of(w, open));
		}
		if (want >= HEADER_BYTES)
			return csvr_error_set(
				&w->chunk->error, CSVR_INVALID_FILE, 1,
				"the first record is longer than %d MiB; is this CSV?",
				HEADER_BYTES >> 20);
	}
}

/* ---- cells ---- */

static enum csvr_status classify(struct csvr_worker *w, struct csvr_column *column,
				 const unsigned char *start, const unsigned char *end)
{
	if (end - start > CSVR_MAX_CELL_BYTES) {
		w->decimal.class = CSVR_CELL_INVALID;
		return CSVR_OK;
	}
	if (w->scratch == NULL && start < end && *start == w->dialect.quote) {
		w->scratch = malloc(CSVR_MAX_CELL_BYTES + 1);
		if (w->scratch == NULL)
			return CSVR_NO_MEMORY;
	}
	struct csvr_slice text = csvr_field_text(start, end, w->dialect.quote, w->scratch);
	csvr_decimal_parse(&w->decimal, &w->job->nulls, text.start, text.n_bytes);
	if (w->decimal.class != CSVR_CELL_NUMBER)
		return CSVR_OK;
	return csvr_column_add(column, w->decimal.exponent, w->decimal.part, w->decimal.n_parts,
			       w->decimal.is_negative);
}

static void count_invalid(struct csvr_worker *w, struct csvr_column *column, size_t record)
{
	column->cells[CSVR_CELL_INVALID]++;
	if (column->invalid_line == 0)
		column->invalid_line = w->record.n_fields > 0 ? w->record.line : line_of(w, record);
}

/* Any cell: [start, end) is its raw text, `record` where its record begins. w->decimal says
 * afterwards what it was. */
static enum csvr_status take_cell(struct csvr_worker *w, struct csvr_column *column,
				  const unsigned char *start, const unsigned char *end,
				  size_t record)
{
	/* Most cells that are no numbers show it at once: nothing there, or a letter. */
	if (start == end) {
		w->decimal.class = CSVR_CELL_MISSING;
		column->cells[CSVR_CELL_MISSING]++;
		return CSVR_OK;
	}
	unsigned char first = *start;
	if (first == w->dialect.quote && end - start > 1 && start[1] != first)
		first = start[1];
	if (w->job->nulls.is_hopeless[first] && first != w->dialect.quote) {
		w->decimal.class = CSVR_CELL_INVALID;
		count_invalid(w, column, record);
		return CSVR_OK;
	}
	enum csvr_status status = classify(w, column, start, end);
	if (w->decimal.class == CSVR_CELL_INVALID)
		count_invalid(w, column, record);
	else if (w->decimal.class != CSVR_CELL_NUMBER) /* these are counted with their value */
		column->cells[w->decimal.class]++;
	return status;
}

/* ---- runs: column by column ---- */

/* A run of whole records that all have `stride` fields, the first of them field `first` of
 * w->fields. */
struct run {
	size_t first, stride, n_records;
};

/* Numbers of a batch that the kernel could not take at the column's scale: what they tell about a
 * better one. */
struct misfits {
	size_t n_finer, n_coarser; /* more digits behind the point; too long at this scale */
	unsigned finest, coarsest;
};

static void note_misfit(struct misfits *misfits, const struct csvr_decimal *decimal, size_t n_bytes,
			unsigned scale)
{
	if (decimal->class != CSVR_CELL_NUMBER || n_bytes > CSVR_MAX_CONVERT_BYTES ||
	    decimal->n_parts != 1 || decimal->exponent > 0 || decimal->exponent < -CSVR_MAX_SCALE)
		return;
	unsigned own_scale = (unsigned)-decimal->exponent;
	if (own_scale > scale) {
		misfits->n_finer++;
		if (own_scale > misfits->finest)
			misfits->finest = own_scale;
	} else {
		misfits->n_coarser++;
		if (own_scale > misfits->coarsest)
			misfits->coarsest = own_scale;
	}
}

/* Changes the guess where more than one in eight cells missed it: fewer are cheaper to take one by
 * one than to make all the others wider. */
static void adapt(struct lane *lane, const struct misfits *misfits, size_t n_cells)
{
	if (misfits->n_finer * 8 > n_cells)
		lane->scale = (uint8_t)misfits->finest;
	else if (misfits->n_coarser * 8 > n_cells)
		lane->scale = (uint8_t)misfits->coarsest;
	lane->is_sampled = true;
}

/* Null values that read as numbers: a value that equals one is taken out of the batch, and its cell
 * put among the misses, where its text decides. Returns the number of values left. */
static size_t set_nulls_aside(struct csvr_worker *w, size_t n_cells, size_t n_values, int64_t null)
{
	size_t n_found = 0;
	for (size_t i = 0; i < n_values; i++)
		n_found += w->values[i] == null;
	if (n_found == 0)
		return n_values;
	uint8_t misses[CSVR_MAX_BATCH];
	size_t n_kept = 0, n_old = 0, n_misses = 0, n_old_misses = n_cells - n_values;
	for (size_t cell = 0, i = 0; cell < n_cells; cell++) {
		bool was_miss = n_old < n_old_misses && w->misses[n_old] == cell;
		n_old += was_miss;
		if (was_miss || w->values[i] == null)
			misses[n_misses++] = (uint8_t)cell;
		else
			w->values[n_kept++] = w->values[i];
		i += !was_miss;
	}
	memcpy(w->misses, misses, n_misses);
	return n_kept;
}

/* The cells that are plain numbers of the column's scale, into w->values; the others are in
 * w->misses. */
static size_t convert(struct csvr_worker *w, const struct csvr_column_slice *cells,
		      const struct lane *lane)
{
	if (lane->is_text) {
		for (size_t i = 0; i < cells->n_cells; i++)
			w->misses[i] = (uint8_t)i;
		return 0;
	}
	const struct csvr_null_set *nulls = &w->job->nulls;
	size_t n_values = w->job->kernel->column(cells, lane->scale, w->dialect.quote, w->values,
						 w->misses);
	int64_t null;
	for (size_t i = 0; i < nulls->n_numbers; i++)
		if (csvr_null_number(nulls, i, lane->scale, &null))
			n_values = set_nulls_aside(w, cells->n_cells, n_values, null);
	return n_values;
}

static enum csvr_status take_batch(struct csvr_worker *w, const struct run *run, size_t j,
				   size_t first_record, size_t n_cells)
{
	const uint32_t *ends = w->fields.ends + run->first + first_record * run->stride;
	const struct csvr_column_slice cells = { w->text, ends + j, run->stride, n_cells,
						 j + 1 == run->stride };
	struct csvr_column *column = &w->chunk->table.columns[j];
	struct lane *lane = &w->lanes[j];
	uint64_t n_numbers = column->cells[CSVR_CELL_NUMBER];
	size_t n_values = convert(w, &cells, lane), n_misses = n_cells - n_values;
	enum csvr_status status = CSVR_OK;
	if (n_values > 0) {
		struct csvr_batch_sums totals;
		w->job->totals(w->values, n_values, &totals);
		status = csvr_column_add_batch(column, lane->scale, &totals);
	}
	struct misfits misfits = { 0, 0, 0, 0 };
	for (size_t i = 0; i < n_misses && status == CSVR_OK; i++) {
		const uint32_t *end = cells.ends + w->misses[i] * run->stride;
		const unsigned char *start = w->text + (uint32_t)(end[-1] + 1);
		const unsigned char *stop = w->text + *end;
		if (cells.ends_line && stop > start && stop[-1] == '\r')
			stop--;
		/* behind the record before */
		const uint32_t *before = ends + w->misses[i] * run->stride;
		size_t record = (uint32_t)(before[-1] + 1);
		status = take_cell(w, column, start, stop, record);
		note_misfit(&misfits, &w->decimal, (size_t)(stop - start), lane->scale);
	}
	adapt(lane, &misfits, n_cells);
	lane->is_text = n_cells >= SAMPLE_CELLS && column->cells[CSVR_CELL_NUMBER] == n_numbers;
	return status;
}

/* Cells of column `j` in records [first_record, last_record) of the run, at most a batch. */
static enum csvr_status take_column(struct csvr_worker *w, const struct run *run, size_t j,
				    size_t first_record, size_t last_record)
{
	enum csvr_status status = CSVR_OK;
	size_t n_cells = last_record - first_record;
	if (!w->lanes[j].is_sampled && n_cells > SAMPLE_CELLS) {
		status = take_batch(w, run, j, first_record, SAMPLE_CELLS);
		first_record += SAMPLE_CELLS;
		n_cells -= SAMPLE_CELLS;
	}
	return status == CSVR_OK ? take_batch(w, run, j, first_record, n_cells) : status;
}

static void tally(struct csvr_line_count *tally, uint64_t n, uint64_t line)
{
	if (tally->n == 0)
		tally->first_line = line;
	tally->n += n;
}

static enum csvr_status take_run(struct csvr_worker *w, const struct run *run)
{
	struct csvr_file_stats *table = &w->chunk->table;
	/* A batch of records goes through all its columns before the next: text and ends of a narrow
	 * table then come from the first-level cache for all columns but the first. */
	for (size_t i = 0; i < run->n_records; i += CSVR_MAX_BATCH) {
		size_t left = run->n_records - i,
		       last = i + (left < CSVR_MAX_BATCH ? left : CSVR_MAX_BATCH);
		for (size_t j = 0; j < table->n_columns; j++) {
			if (!w->head.is_selected[j])
				continue;
			enum csvr_status status = take_column(w, run, j, i, last);
			if (status != CSVR_OK)
				return status;
		}
	}
	table->n_rows += run->n_records;
	struct csvr_line_count *trailing = &table->issues[CSVR_ROW_TRAILING_DELIMITER];
	if (run->stride > table->n_columns) {
		size_t record = (uint32_t)(w->fields.ends[(ptrdiff_t)run->first - 1] + 1);
		tally(trailing, run->n_records, trailing->n == 0 ? line_of(w, record) : 0);
	}
	step_to(w, w->fields.ends[run->first + run->n_records * run->stride - 1] + (size_t)1,
		run->n_records);
	return CSVR_OK;
}

static bool is_line_end(const struct csvr_worker *w, size_t field)
{
	return w->text[w->fields.ends[field]] == w->dialect.newline;
}

/* Raw bytes of a field, without the '\r' of its line end. */
static size_t raw_bytes(const struct csvr_worker *w, size_t field, size_t *start)
{
	*start = (uint32_t)(w->fields.ends[(ptrdiff_t)field - 1] + 1);
	size_t end = w->fields.ends[field];
	if (is_line_end(w, field) && end > *start && w->text[end - 1] == '\r')
		end--;
	return end - *start;
}

/* Whether the record at field `first` is data of `stride` fields, as a run may hold: not blank, no
 * comment; of one field more than the header only if that is empty. */
static bool fits_run(const struct csvr_worker *w, size_t first, size_t stride, size_t n_columns)
{
	size_t start, n_first = raw_bytes(w, first, &start);
	if ((stride == 1 && n_first == 0) || w->text[start] == w->dialect.comment)
		return false;
	size_t ignored;
	return stride == n_columns ||
	       (stride == n_columns + 1 && raw_bytes(w, first + stride - 1, &ignored) == 0);
}

/* The longest run at field `first` of the fields before `last`, which ends a record. */
static struct run find_run(const struct csvr_worker *w, size_t first, size_t last)
{
	size_t n_columns = w->head.n_columns, stride = 1;
	while (!is_line_end(w, first + stride - 1))
		stride++;
	struct run run = { first, stride, 0 };
	for (size_t i = first; i + stride <= last && fits_run(w, i, stride, n_columns);
	     i += stride) {
		size_t j = 0;
		while (j < stride && !is_line_end(w, i + j))
			j++;
		if (j != stride - 1)
			break;
		run.n_records++;
	}
	return run;
}

/* Whether all fields [first, last), of `n_records` records, are one run of records of n_columns
 * fields: then every n-th field ends a line, and as there are just as many lines, no other does. */
static bool is_regular(const struct csvr_worker *w, size_t first, size_t last, size_t n_records)
{
	size_t n = w->head.n_columns;
	if (n == 1 || w->dialect.comment != CSVR_NONE || last - first != n_records * n)
		return false;
	for (size_t i = first + n - 1; i < last; i += n)
		if (!is_line_end(w, i))
			return false;
	return true;
}

/* ---- records: field by field ---- */

static void begin_record(struct csvr_worker *w, size_t start, bool is_blank)
{
	struct record *record = &w->record;
	record->n_fields = 0;
	record->line = line_of(w, start);
	record->kind = DATA_RECORD;
	if (w->head.is_header && w->base + start == w->record_offset)
		record->kind = HEADER_RECORD;
	else if (w->text[start] == w->dialect.comment)
		record->kind = COMMENT_RECORD;
	else if (is_blank)
		record->kind = BLANK_RECORD;
}

/* After the last field, whose raw text has `n_last` bytes. */
static void end_record(struct csvr_worker *w, size_t n_last)
{
	struct csvr_file_stats *table = &w->chunk->table;
	size_t n_columns = table->n_columns, n_fields = w->record.n_fields;
	uint64_t line = w->record.line;
	w->record.n_fields = 0;
	if (w->record.kind == HEADER_RECORD)
		return;
	if (w->record.kind == COMMENT_RECORD) {
		tally(&table->issues[CSVR_ROW_COMMENT], 1, line);
		return;
	}
	if (w->record.kind == BLANK_RECORD) {
		tally(&table->issues[CSVR_ROW_BLANK], 1, line);
		return;
	}
	table->n_rows++;
	if (n_fields < n_columns) {
		tally(&table->issues[CSVR_ROW_SHORT], 1, line);
		for (size_t j = n_fields; j < n_columns; j++)
			table->columns[j].cells[CSVR_CELL_MISSING] += w->head.is_selected[j];
	} else if (n_fields == n_columns + 1 && n_last == 0) {
		tally(&table->issues[CSVR_ROW_TRAILING_DELIMITER], 1, line);
	} else if (n_fields > n_columns) {
		tally(&table->issues[CSVR_ROW_LONG], 1, line);
		table->n_extra_fields += n_fields - n_columns;
	}
}

/* Takes fields [first, last), up to and with the first line end among them; returns the field behind
 * the last one taken. */
static enum csvr_status take_record(struct csvr_worker *w, size_t first, size_t last,
				    size_t *behind)
{
	size_t i = first;
	bool is_over = false;
	for (; i < last && !is_over; i++) {
		size_t start, n_bytes = raw_bytes(w, i, &start);
		is_over = is_line_end(w, i);
		if (w->record.n_fields == 0)
			begin_record(w, start, is_over && n_bytes == 0);
		size_t j = w->record.n_fields++;
		if (w->record.kind == DATA_RECORD && j < w->chunk->table.n_columns &&
		    w->head.is_selected[j]) {
			const unsigned char *cell = w->text + start;
			enum csvr_status status = take_cell(w, &w->chunk->table.columns[j], cell,
							    cell + n_bytes, start);
			if (status != CSVR_OK)
				return status;
		}
		if (is_over)
			end_record(w, n_bytes);
	}
	*behind = i;
	step_to(w, w->fields.ends[i - 1] + (size_t)1, is_over);
	return CSVR_OK;
}

/* Takes fields [first, last), which end a record and begin one. */
static enum csvr_status take_records(struct csvr_worker *w, size_t first, size_t last,
				     size_t n_records)
{
	enum csvr_status status = CSVR_OK;
	/* The header, and what stands before it. */
	while (status == CSVR_OK && first < last && w->base + w->at <= w->record_offset) {
		status = take_record(w, first, last, &first);
		n_records--;
	}
	if (status == CSVR_OK && first < last && is_regular(w, first, last, n_records)) {
		const struct run run = { first, w->head.n_columns, n_records };
		return take_run(w, &run);
	}
	while (status == CSVR_OK && first < last) {
		struct run run = find_run(w, first, last);
		if (run.n_records == 0) {
			status = take_record(w, first, last, &first);
		} else {
			status = take_run(w, &run);
			first += run.n_records * run.stride;
		}
	}
	return status;
}

/* ---- fields that do not fit ---- */

/* Steps through a field of which the window holds but a part. It is too long to be anything but
 * invalid, so only its end matters. */
static void skip_giant(struct csvr_worker *w)
{
	const unsigned char *text = w->text;
	size_t p = w->at;
	if (w->giant == GIANT_QUOTED) {
		/* A quote at the very end may be the first of a pair: it waits for what follows. */
		while (p < w->seen) {
			if (text[p] != w->dialect.quote) {
				p++;
			} else if (p + 1 == w->seen) {
				break;
			} else if (text[p + 1] == w->dialect.quote) {
				p += 2;
			} else {
				p++;
				w->giant = GIANT_PLAIN;
				break;
			}
		}
	}
	bool is_over = false;
	while (w->giant != GIANT_QUOTED && p < w->seen && !is_over) {
		is_over = text[p] == w->dialect.newline ||
			  (text[p] == w->dialect.delimiter && w->giant != GIANT_COMMENT);
		p++;
	}
	w->n_lines += count_lines(w, w->at, p);
	w->at = p;
	if (!is_over)
		return;
	w->giant = NO_GIANT;
	if (text[p - 1] == w->dialect.newline)
		end_record(w, 1);
}

/* The field at the front of the window is longer than any cell may be. */
static void begin_giant(struct csvr_worker *w)
{
	if (w->record.n_fields == 0)
		begin_record(w, w->at, false);
	size_t j = w->record.n_fields++;
	unsigned char first = w->text[w->at];
	w->giant_line = line_of(w, w->at);
	w->giant = w->record.kind == COMMENT_RECORD ? GIANT_COMMENT
		   : first == w->dialect.quote      ? GIANT_QUOTED
						    : GIANT_PLAIN;
	w->at += w->giant == GIANT_QUOTED;
	if (w->record.kind != DATA_RECORD || j >= w->chunk->table.n_columns ||
	    !w->head.is_selected[j])
		return;
	struct csvr_column *column = &w->chunk->table.columns[j];
	column->cells[CSVR_CELL_INVALID]++;
	if (column->invalid_line == 0)
		column->invalid_line = w->record.line;
}

/* ---- the loop ---- */

/* How many of the fields found are to be taken now: whole records as a rule. */
static size_t fields_to_take(const struct csvr_worker *w)
{
	const struct csvr_fields *fields = &w->fields;
	size_t n = fields->n_fields;
	if (w->base + w->seen > w->end) {
		/* Behind the end of the chunk: only the record that began before it. */
		size_t i = 0;
		while (i < n && !is_line_end(w, i))
			i++;
		n = i < n ? i + 1 : n;
	} else if (fields->n_records > 0) {
		while (!is_line_end(w, n - 1))
			n--;
	}
	bool is_whole = n > 0 && is_line_end(w, n - 1);
	return is_whole || w->seen - w->at > LONG_RECORD_BYTES || w->record.n_fields > 0 ? n : 0;
}

static enum csvr_status take_window(struct csvr_worker *w)
{
	scan(w, w->at, w->seen, w->record.n_fields == 0);
	size_t n = fields_to_take(w), n_records = w->fields.n_records, first = 0;
	if (n == 0)
		return CSVR_OK;
	enum csvr_status status = CSVR_OK;
	if (w->record.n_fields > 0) {
		status = take_record(w, 0, n, &first);
		n_records -= w->record.n_fields == 0;
	}
	if (status != CSVR_OK || first == n)
		return status;
	if (is_line_end(w, n - 1))
		return take_records(w, first, n, w->base + w->seen > w->end ? 1 : n_records);
	return take_record(w, first, n, &first);
}

/* Whether the next record is no longer ours. */
static bool is_done(const struct csvr_worker *w)
{
	return w->giant == NO_GIANT && w->record.n_fields == 0 && w->base + w->at >= w->end;
}

/* Says how far the window has moved since the last time. */
static void report_bytes(struct csvr_worker *w)
{
	const uint64_t offset = csvr_source_progress(&w->source, w->base + w->at);
	if (w->job->advance != NULL && offset > w->reported)
		w->job->advance(w->job->context, offset - w->reported);
	w->reported = offset;
}

static bool is_stopped(const struct csvr_worker *w)
{
	return csvr_stop_requested(w->job->stop);
}

static enum csvr_status read_records(struct csvr_worker *w)
{
	w->reported = csvr_source_is_compressed(&w->source) && !has_size(w) ? 0 : w->base + w->at;
	while (!is_done(w)) {
		if (is_stopped(w))
			return CSVR_INTERRUPTED;
		enum csvr_status status = widen_window(w);
		if (status != CSVR_OK)
			return status;
		if (w->is_guess && w->base + w->seen > w->end &&
		    w->base + w->seen - w->end > GUESS_OVERRUN_BYTES)
			return CSVR_NEEDS_CHUNK_START;
		size_t before = w->at;
		if (w->giant != NO_GIANT)
			skip_giant(w);
		if (w->giant == NO_GIANT && w->at < w->seen)
			status = take_window(w);
		if (status != CSVR_OK)
			return status;
		if (is_last_window(w) && w->at == w->seen && w->giant == NO_GIANT) {
			report_bytes(w);
			return CSVR_OK;
		}
		if (is_last_window(w) && w->at == before) {
			/* All fields that end were taken, so this one never does. */
			if (w->giant == GIANT_QUOTED)
				return unterminated(w, w->giant_line);
			size_t open = w->fields.n_fields == 0
					      ? w->at
					      : w->fields.ends[w->fields.n_fields - 1] + (size_t)1;
			return unterminated(w, line_of(w, open));
		}
		if (w->giant == NO_GIANT && w->at == before &&
		    w->seen - w->at > CSVR_MAX_CELL_BYTES + 1) /* a '\r' may be none of it */
			begin_giant(w);
		report_bytes(w);
	}
	return CSVR_OK;
}

/* Where the first record of the chunk begins, as far as one can tell from here. */
static enum csvr_status guess_start(struct csvr_worker *w, uint64_t begin)
{
	empty_window(w, begin - 1);
	size_t want = w->block_bytes > CSVR_PREFIX_BYTES ? w->block_bytes : CSVR_PREFIX_BYTES;
	enum csvr_status status = CSVR_OK;
	while (status == CSVR_OK && w->length < want && !w->has_all)
		status = read_more(w, want - w->length);
	if (status != CSVR_OK)
		return status;
	size_t at = csvr_boundary_guess(w->job->kernel, &w->dialect, w->head.n_columns, 0,
					w->length, &w->fields);
	if (at == SIZE_MAX && !w->has_all && w->base + w->length < w->end)
		return CSVR_NEEDS_CHUNK_START;
	if (at == SIZE_MAX || w->base + at >= w->end || (w->has_all && at == w->length)) {
		w->chunk->start = UINT64_MAX;
		return CSVR_OK;
	}
	w->at = w->seen = at;
	w->chunk->start = w->base + at;
	return CSVR_OK;
}

static enum csvr_status find_start(struct csvr_worker *w, uint64_t begin, uint64_t start)
{
	w->chunk->start = 0;
	if (begin == 0) {
		w->at = w->seen = w->mark_bytes;
		return CSVR_OK;
	}
	w->is_guess = start == 0;
	if (w->is_guess)
		return guess_start(w, begin);
	empty_window(w, start);
	w->chunk->start = start;
	return CSVR_OK;
}

/* The head of the input: the first chunk of it that this thread reads looks for it, the others know.
 * Should the input change in between, the end of each chunk finds that out. */
static enum csvr_status find_head(struct csvr_worker *w, uint64_t begin, int known_newline)
{
	if (begin > 0 && w->head_input == w->input)
		return fail(w, size_block(w));
	w->head_input = NULL;
	w->newline = 0;
	w->block_bytes = w->job->block_bytes;
	enum csvr_status status = find_first_record(w, begin, known_newline);
	if (status == CSVR_OK)
		w->head_input = w->input;
	return status;
}

/* Whether it was cut by its size, and that is not the size of its text. */
static bool is_cut_in_vain(const struct csvr_worker *w, uint64_t begin)
{
	return (begin > 0 || w->end != UINT64_MAX) && csvr_source_is_compressed(&w->source) &&
	       !has_size(w);
}

/* A file that changed under us may look bad for that reason, or good: says that instead. */
static enum csvr_status verify(struct csvr_worker *w, enum csvr_status status)
{
	if (status != CSVR_OK && status != CSVR_INVALID_FILE)
		return status;
	struct csvr_error error = w->chunk->error;
	enum csvr_status verified = csvr_source_verify(&w->source, &w->chunk->error);
	if (verified != CSVR_OK)
		return verified;
	w->chunk->error = error;
	return status;
}

static enum csvr_status read_chunk(struct csvr_worker *w, uint64_t begin,
				   struct csvr_chunk_hint known)
{
	w->source.begin = begin > 0 ? begin - 1 : 0; /* where guess_start() reads from */
	enum csvr_status status = open_source(w);
	if (status != CSVR_OK)
		return status;
	status = find_head(w, begin, known.newline);
	w->chunk->newline = w->newline;
	if (status == CSVR_OK && is_cut_in_vain(w, begin)) {
		status = csvr_source_verify(&w->source, &w->chunk->error);
		return status == CSVR_OK ? CSVR_RETRY_AS_COMPRESSED : status;
	}
	if (status != CSVR_OK)
		return verify(w, status);
	size_t n_columns = w->record_offset == UINT64_MAX ? 0 : w->head.n_columns;
	status = fail(w, csvr_file_stats_reset(&w->chunk->table, n_columns));
	if (status == CSVR_OK)
		status = find_start(w, begin, known.start);
	if (status == CSVR_OK && w->chunk->start != UINT64_MAX) {
		status = fail(w, read_records(w));
		/* The line end that was put in is no byte of the input. */
		w->chunk->next = w->base + w->at - (w->is_closed && w->at == w->length);
		w->chunk->table.n_lines = w->n_lines;
	}
	return verify(w, status);
}

void csvr_worker_read(struct csvr_worker *w, const struct csvr_input *input, uint64_t begin,
		      uint64_t end, struct csvr_chunk_hint known, struct csvr_chunk_stats *chunk)
{
	w->input = input;
	w->chunk = chunk;
	w->end = end;
	w->is_guess = false;
	w->n_lines = 0;
	w->record.n_fields = 0;
	w->giant = NO_GIANT;
	const uint64_t before_ns = w->reads.total_ns;
	empty_window(w, 0);
	chunk->error.line = 0;
	chunk->start = UINT64_MAX;
	chunk->next = 0;
	chunk->newline = 0;
	chunk->status = read_chunk(w, begin, known);
	chunk->size_bytes = has_size(w) ? w->source.size_bytes : w->base + w->length - w->is_closed;
	csvr_source_close(&w->source);
	note_input(w, before_ns);
}
