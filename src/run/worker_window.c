/* worker_window.c - reads bytes of an input into the buffer and moves the window over them */
#ifdef HAVE_CONFIG_H
#include <config.h> /* memrchr */
#endif

#include <stdlib.h>
#include <string.h>

#include "parse/record_syntax.h"
#include "run/worker_internal.h"

/* The most bytes of the last lines of an input, which are kept in memory. */
enum { MOST_FOOTER_BYTES = 64 << 20 };

static enum csvr_status reserve_memory(struct csvr_worker *w, size_t capacity, size_t held_capacity)
{
	/* One byte more for an appended newline. */
	unsigned char *memory = realloc(w->memory,
					capacity + 1 + held_capacity + 2 * CSVR_TEXT_MARGIN);
	if (memory == NULL)
		return CSVR_NO_MEMORY;
	if (w->memory == NULL)
		memset(memory, 0, CSVR_TEXT_MARGIN);
	w->memory = memory;
	w->text = memory + CSVR_TEXT_MARGIN;
	w->fields.text = w->text;
	w->held_capacity = held_capacity;
	return CSVR_OK;
}

enum csvr_status csvr_worker_reserve(struct csvr_worker *w, size_t capacity)
{
	if (capacity <= w->capacity)
		return CSVR_OK;
	if (reserve_memory(w, capacity, w->held_capacity) != CSVR_OK)
		return CSVR_NO_MEMORY;
	free(w->ends);
	w->ends = malloc((capacity + 2 + CSVR_ENDS_MARGIN) * sizeof *w->ends);
	if (w->ends == NULL)
		return CSVR_NO_MEMORY;
	w->fields.ends = w->ends + 1;
	w->capacity = capacity;
	return CSVR_OK;
}

/* ---- timed reads ---- */

enum csvr_status csvr_worker_open_source(struct csvr_worker *w)
{
	csvr_stopwatch_start(&w->read_stopwatch);
	return csvr_source_open(&w->source, w->input, &w->chunk->error);
}

enum csvr_status csvr_worker_read_source(struct csvr_worker *w, uint64_t offset, void *buffer,
					 size_t n_bytes, size_t *n_read)
{
	csvr_stopwatch_start(&w->read_stopwatch);
	enum csvr_status status = csvr_source_read(&w->source, offset, buffer, n_bytes, n_read,
						   &w->chunk->error);
	csvr_stopwatch_stop(&w->read_stopwatch);
	w->io_time.n_bytes += *n_read;
	return status;
}

void csvr_worker_note_read_time(struct csvr_worker *w, uint64_t before_ns)
{
	csvr_stopwatch_stop(&w->read_stopwatch); /* in case the open failed */
	uint64_t read_ns = w->read_stopwatch.total_ns - before_ns;
	if (read_ns > w->io_time.slowest_input_ns) {
		w->io_time.slowest_input_ns = read_ns;
		w->io_time.slowest_input = w->input;
	}
}

/* ---- the window ---- */

void csvr_worker_reset_window(struct csvr_worker *w, uint64_t offset)
{
	w->text_offset = w->first_offset = offset;
	w->text_length = w->window_start = w->window_end = w->held_bytes = 0;
	w->has_read_all = w->has_reached_end = false;
	w->has_dropped_lf = w->has_added_newline = false;
	w->last_byte = 0;
}

/* Adds the line to an error of UTF-16, which all text before it precedes. */
static void note_line(struct csvr_worker *w, enum csvr_status status)
{
	const size_t n_bytes = w->text_length + w->held_bytes - w->window_start;
	const int newline = w->newline == '\r' ? '\r' : '\n';
	if (status == CSVR_INVALID_FILE && csvr_source_is_utf16(&w->source))
		w->chunk->error.line = w->n_lines + 1 +
				       w->config->kernel->count_byte(w->text + w->window_start,
								     n_bytes,
								     (unsigned char)newline);
}

/* Reads up to `n_bytes` bytes to the end of those that are held. */
static enum csvr_status read_bytes(struct csvr_worker *w, size_t n_bytes)
{
	const uint64_t offset = w->text_offset + w->text_length + w->held_bytes;
	if (csvr_worker_has_size(w)) {
		const uint64_t size_bytes = w->source.size_bytes;
		uint64_t left = size_bytes > offset ? size_bytes - offset : 0;
		n_bytes = left < n_bytes ? (size_t)left : n_bytes;
	}
	size_t n_read = 0;
	if (n_bytes > 0) {
		enum csvr_status status =
			csvr_worker_read_source(w, offset, w->text + w->text_length + w->held_bytes,
						n_bytes, &n_read);
		if (status != CSVR_OK) {
			note_line(w, status);
			return status;
		}
	}
	w->held_bytes += n_read;
	/* A regular file that ends early has changed; csvr_source_verify reports that. */
	w->has_reached_end = n_read == 0 ||
			     (csvr_worker_has_size(w) && offset + n_read >= w->source.size_bytes);
	return CSVR_OK;
}

/* Appends the first `n_bytes` bytes that are held to the text. */
static void release_bytes(struct csvr_worker *w, size_t n_bytes)
{
	if (n_bytes > 0)
		w->last_byte = w->text[w->text_length + n_bytes - 1];
	w->text_length += n_bytes;
	w->held_bytes -= n_bytes;
}

/* ---- the last lines ---- */

/* The line end of the bytes read so far. */
static int held_newline(const struct csvr_worker *w)
{
	if (w->newline != 0)
		return w->newline;
	const int newline = csvr_worker_find_newline(w);
	return newline != 0 ? newline : '\n';
}

/* Whether a line without its line end is blank or a comment, so that it is skipped in any case. */
static bool is_skipped(const struct csvr_worker *w, const unsigned char *line, size_t n_bytes)
{
	const struct csvr_parse_options *options = w->config->parse_options;
	if (n_bytes == 0 || (n_bytes == 1 && *line == '\r') || *line == options->comment)
		return true;
	if (!csvr_is_runs_of_blanks(options->long_delimiter))
		return false;
	const unsigned char *end = line + n_bytes;
	while (end > line && end[-1] == '\r')
		end--;
	csvr_trim(&line, &end);
	return end == line;
}

/* The length of the last lines, as many as are skipped, at the end of the bytes that are held; all of these if they
 * have fewer lines. */
static size_t measure_footer(const struct csvr_worker *w)
{
	const unsigned char *start = w->text + w->text_length, *end = start + w->held_bytes;
	const int newline = held_newline(w);
	const unsigned char *line = end;
	for (int n = 0; line > start && n < w->config->parse_options->skip_footer;) {
		const unsigned char *line_end = line - (line[-1] == newline);
		const size_t n_before = (size_t)(line_end - start);
		const unsigned char *before = n_before > 0 ? memrchr(start, newline, n_before)
							   : NULL;
		line = before != NULL ? before + 1 : start;
		n += !is_skipped(w, line, (size_t)(line_end - line));
	}
	return (size_t)(end - line);
}

void csvr_worker_count_footer(struct csvr_worker *w)
{
	struct csvr_line_count *issues = w->chunk->stats.issues;
	const unsigned char *line = w->text + w->text_length, *end = line + w->held_bytes;
	const int newline = held_newline(w);
	while (line < end) {
		const unsigned char *line_end = memchr(line, newline, (size_t)(end - line));
		line_end = line_end != NULL ? line_end : end;
		const enum csvr_row_issue issue = !is_skipped(w, line, (size_t)(line_end - line))
							  ? CSVR_ROW_FOOTER
						  : *line == w->config->parse_options->comment
							  ? CSVR_ROW_COMMENT
							  : CSVR_ROW_BLANK;
		csvr_line_count_add(&issues[issue], 1, ++w->n_lines);
		line = line_end + 1;
	}
}

/* csvr_worker_read_more where lines at the end are skipped. */
static enum csvr_status read_before_footer(struct csvr_worker *w, size_t n_bytes)
{
	if (w->held_bytes + n_bytes > w->held_capacity &&
	    reserve_memory(w, w->capacity, 2 * (w->held_bytes + n_bytes)) != CSVR_OK)
		return csvr_worker_fail(w, CSVR_NO_MEMORY);
	const enum csvr_status status = w->has_reached_end ? CSVR_OK : read_bytes(w, n_bytes);
	if (status != CSVR_OK)
		return status;
	if (w->has_reached_end && w->held_bytes > 0 && held_newline(w) == '\r' &&
	    w->text[w->text_length + w->held_bytes - 1] == '\n') {
		w->held_bytes--;
		w->has_dropped_lf = true;
	}
	const size_t footer_bytes = measure_footer(w), n_ready = w->held_bytes - footer_bytes;
	if (footer_bytes > MOST_FOOTER_BYTES)
		return csvr_error_set(&w->chunk->error, CSVR_INVALID_FILE, 0,
				      "%d lines in a row are longer than %d MiB; use a smaller "
				      "--skip-footer",
				      w->config->parse_options->skip_footer,
				      MOST_FOOTER_BYTES >> 20);
	release_bytes(w, n_ready < n_bytes ? n_ready : n_bytes);
	w->has_read_all = w->has_reached_end && w->held_bytes == footer_bytes;
	return CSVR_OK;
}

enum csvr_status csvr_worker_read_more(struct csvr_worker *w, size_t n_bytes)
{
	if (w->config->parse_options->skip_footer > 0)
		return read_before_footer(w, n_bytes);
	const enum csvr_status status = read_bytes(w, n_bytes);
	release_bytes(w, w->held_bytes);
	w->has_read_all = w->has_reached_end;
	return status;
}

void csvr_worker_drop_final_lf(struct csvr_worker *w)
{
	if (!w->has_read_all || w->has_dropped_lf || w->text_length == w->window_start ||
	    w->text[w->text_length - 1] != '\n')
		return;
	w->text_length--;
	w->window_end -= w->window_end > w->text_length;
	w->last_byte = w->text_length > 0 ? w->text[w->text_length - 1] : '\r';
	w->has_dropped_lf = true;
}

/* True if bytes other than a byte order mark have been read since the window was reset. In an
 * input of unknown size, the last record may cover the whole last chunk, which is then empty. */
static bool has_content(const struct csvr_worker *w)
{
	const uint64_t end = w->text_offset + w->text_length;
	return end > w->first_offset && end > w->bom_bytes;
}

/* The bytes by which the window grows. One that has no whole record although it must is doubled, as it is scanned from
 * its start again; but it need not exceed the longest record and its line end. */
static size_t block_to_add(const struct csvr_worker *w)
{
	const size_t n_bytes = w->window_end - w->window_start;
	if (!w->config->needs_whole_records)
		return w->block_bytes;
	const size_t block = n_bytes > w->block_bytes && csvr_worker_must_be_whole(w)
				     ? n_bytes
				     : w->block_bytes;
	const size_t most = n_bytes < CSVR_MAX_WHOLE_BYTES + 1 ? CSVR_MAX_WHOLE_BYTES + 1 - n_bytes
							       : 1;
	return block < most ? block : most;
}

/* Makes room for a block after the text, where a record must be whole. */
static enum csvr_status make_room(struct csvr_worker *w, size_t block)
{
	const size_t n_bytes = w->text_length + block;
	if (!w->config->needs_whole_records || n_bytes <= w->capacity)
		return CSVR_OK;
	return csvr_worker_fail(w, csvr_worker_reserve(w, n_bytes));
}

enum csvr_status csvr_worker_widen_window(struct csvr_worker *w)
{
	const size_t block = block_to_add(w);
	if (w->window_end == w->text_length && !w->has_read_all) {
		if (w->window_start > 0) {
			memmove(w->text, w->text + w->window_start,
				w->text_length + w->held_bytes - w->window_start);
			w->text_offset += w->window_start;
			w->text_length -= w->window_start;
			w->window_end -= w->window_start;
			w->window_start = 0;
		}
		enum csvr_status status = make_room(w, block);
		const size_t room = w->capacity - w->text_length;
		/* No room is left while a cell exceeds the limit; it is skipped as soon as that
		 * is known. Reading 0 bytes would look like the end of the input. */
		if (room > 0 && status == CSVR_OK)
			status = csvr_worker_read_more(w, block < room ? block : room);
		if (status != CSVR_OK)
			return status;
		if (w->dialect.newline == '\r')
			csvr_worker_drop_final_lf(w);
	}
	size_t limit = w->text_length - w->window_end > block ? w->window_end + block
							      : w->text_length;
	if (w->text_offset + w->window_end < w->chunk_end && w->text_offset + limit > w->chunk_end)
		limit = (size_t)(w->chunk_end - w->text_offset);
	w->window_end = limit;
	bool is_last = w->has_read_all && w->window_end == w->text_length;
	if (is_last && !w->has_added_newline && has_content(w) &&
	    w->last_byte != w->dialect.newline) {
		w->text[w->text_length++] = w->dialect.newline;
		w->window_end = w->text_length;
		w->has_added_newline = true;
	}
	return CSVR_OK;
}

enum csvr_status csvr_worker_lf_error(struct csvr_worker *w, size_t position)
{
	return csvr_error_set(
		&w->chunk->error, CSVR_INVALID_FILE, csvr_worker_line_of(w, position),
		"lines end in CR but there is an LF in this one; convert the file with: "
		"tr '\\r' '\\n' <FILE >NEWFILE");
}

enum csvr_status csvr_worker_reject_lf(struct csvr_worker *w, size_t n_fields)
{
	size_t start = w->window_start;
	if (memchr(w->text + start, '\n', w->fields.ends[n_fields - 1] - start) == NULL)
		return CSVR_OK;
	for (size_t i = 0; i < n_fields; start = w->fields.ends[i++] + (size_t)1) {
		const size_t end = w->fields.ends[i];
		if (memchr(w->text + start, '\n', end - start) != NULL &&
		    csvr_find_opening_quote(w->text, start, end, &w->dialect) == end)
			return csvr_worker_lf_error(w, start);
	}
	return CSVR_OK;
}
