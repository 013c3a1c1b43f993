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

#include "base/stop_flag.h"
#include "parse/chunk_boundary.h"
#include "run/worker_internal.h"

/* A chunk with a guessed start gives up this far behind its end: an ordinary record is over by
 * then, a wrong guess about quotes could go on to the end of the file. */
enum { GUESS_OVERRUN_BYTES = (1 << 20) / CSVR_LIMITS_DIVISOR };

/* A record this long is taken field by field as the fields come; shorter ones wait to be whole. */
enum { LONG_RECORD_BYTES = 128 * 1024 / CSVR_LIMITS_DIVISOR };

/* ---- life ---- */

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
	enum csvr_status status = csvr_worker_reserve(w, capacity);
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

/* ---- the loop ---- */

/* How many of the fields found are to be taken now: whole records as a rule. */
static size_t fields_to_take(const struct csvr_worker *w)
{
	const struct csvr_fields *fields = &w->fields;
	size_t n = fields->n_fields;
	if (w->base + w->seen > w->end) {
		/* Behind the end of the chunk: only the record that began before it. */
		size_t i = 0;
		while (i < n && !csvr_worker_is_line_end(w, i))
			i++;
		n = i < n ? i + 1 : n;
	} else if (fields->n_records > 0) {
		while (!csvr_worker_is_line_end(w, n - 1))
			n--;
	}
	bool is_whole = n > 0 && csvr_worker_is_line_end(w, n - 1);
	return is_whole || w->seen - w->at > LONG_RECORD_BYTES || w->record.n_fields > 0 ? n : 0;
}

static enum csvr_status take_window(struct csvr_worker *w)
{
	csvr_worker_scan(w, w->at, w->seen, w->record.n_fields == 0);
	size_t n = fields_to_take(w), n_records = w->fields.n_records, first = 0;
	if (n == 0)
		return CSVR_OK;
	enum csvr_status status = CSVR_OK;
	if (w->record.n_fields > 0) {
		status = csvr_worker_count_record(w, 0, n, &first);
		n_records -= w->record.n_fields == 0;
	}
	if (status != CSVR_OK || first == n)
		return status;
	if (csvr_worker_is_line_end(w, n - 1))
		return csvr_worker_count_records(w, first, n,
						 w->base + w->seen > w->end ? 1 : n_records);
	return csvr_worker_count_record(w, first, n, &first);
}

/* Whether the next record is no longer ours. */
static bool is_done(const struct csvr_worker *w)
{
	return w->giant == CSVR_FIELD_NOT_OVERSIZED && w->record.n_fields == 0 &&
	       w->base + w->at >= w->end;
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
	w->reported = csvr_source_is_compressed(&w->source) && !csvr_worker_has_size(w)
			      ? 0
			      : w->base + w->at;
	while (!is_done(w)) {
		if (is_stopped(w))
			return CSVR_INTERRUPTED;
		enum csvr_status status = csvr_worker_widen_window(w);
		if (status != CSVR_OK)
			return status;
		if (w->is_guess && w->base + w->seen > w->end &&
		    w->base + w->seen - w->end > GUESS_OVERRUN_BYTES)
			return CSVR_NEEDS_CHUNK_START;
		size_t before = w->at;
		if (w->giant != CSVR_FIELD_NOT_OVERSIZED)
			csvr_worker_skip_oversized_field(w);
		if (w->giant == CSVR_FIELD_NOT_OVERSIZED && w->at < w->seen)
			status = take_window(w);
		if (status != CSVR_OK)
			return status;
		if (csvr_worker_is_last_window(w) && w->at == w->seen &&
		    w->giant == CSVR_FIELD_NOT_OVERSIZED) {
			report_bytes(w);
			return CSVR_OK;
		}
		if (csvr_worker_is_last_window(w) && w->at == before) {
			/* All fields that end were taken, so this one never does. */
			if (w->giant == CSVR_FIELD_QUOTED)
				return csvr_worker_unterminated_quote(w, w->giant_line);
			size_t open = w->fields.n_fields == 0
					      ? w->at
					      : w->fields.ends[w->fields.n_fields - 1] + (size_t)1;
			return csvr_worker_unterminated_quote(w, csvr_worker_line_of(w, open));
		}
		if (w->giant == CSVR_FIELD_NOT_OVERSIZED && w->at == before &&
		    w->seen - w->at > CSVR_MAX_CELL_BYTES + 1) /* a '\r' may be none of it */
			csvr_worker_start_oversized_field(w);
		report_bytes(w);
	}
	return CSVR_OK;
}

/* ---- a chunk ---- */

/* Where the first record of the chunk begins, as far as one can tell from here. */
static enum csvr_status guess_start(struct csvr_worker *w, uint64_t begin)
{
	csvr_worker_reset_window(w, begin - 1);
	size_t want = w->block_bytes > CSVR_PREFIX_BYTES ? w->block_bytes : CSVR_PREFIX_BYTES;
	enum csvr_status status = CSVR_OK;
	while (status == CSVR_OK && w->length < want && !w->has_all)
		status = csvr_worker_read_more(w, want - w->length);
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
	csvr_worker_reset_window(w, start);
	w->chunk->start = start;
	return CSVR_OK;
}

/* Whether it was cut by its size, and that is not the size of its text. */
static bool is_cut_in_vain(const struct csvr_worker *w, uint64_t begin)
{
	return (begin > 0 || w->end != UINT64_MAX) && csvr_source_is_compressed(&w->source) &&
	       !csvr_worker_has_size(w);
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
	enum csvr_status status = csvr_worker_open_source(w);
	if (status != CSVR_OK)
		return status;
	status = csvr_worker_detect_header(w, begin, known.newline);
	w->chunk->newline = w->newline;
	if (status == CSVR_OK && is_cut_in_vain(w, begin)) {
		status = csvr_source_verify(&w->source, &w->chunk->error);
		return status == CSVR_OK ? CSVR_RETRY_AS_COMPRESSED : status;
	}
	if (status != CSVR_OK)
		return verify(w, status);
	size_t n_columns = w->record_offset == UINT64_MAX ? 0 : w->head.n_columns;
	w->chunk->table.collection = w->job->collection;
	status = csvr_worker_fail(w, csvr_file_stats_reset(&w->chunk->table, n_columns));
	if (status == CSVR_OK)
		status = find_start(w, begin, known.start);
	if (status == CSVR_OK && w->chunk->start != UINT64_MAX) {
		status = csvr_worker_fail(w, read_records(w));
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
	w->giant = CSVR_FIELD_NOT_OVERSIZED;
	const uint64_t before_ns = w->reads.total_ns;
	csvr_worker_reset_window(w, 0);
	chunk->error.line = 0;
	chunk->start = UINT64_MAX;
	chunk->next = 0;
	chunk->newline = 0;
	chunk->status = read_chunk(w, begin, known);
	chunk->size_bytes = csvr_worker_has_size(w) ? w->source.size_bytes
						    : w->base + w->length - w->is_closed;
	csvr_source_close(&w->source);
	csvr_worker_note_read_time(w, before_ns);
}
