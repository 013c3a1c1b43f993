/* worker_window.c - the bytes of an input that a worker holds: reading more of them, moving on */
#include <stdlib.h>
#include <string.h>

#include "run/worker_internal.h"

enum csvr_status csvr_worker_reserve(struct csvr_worker *w, size_t capacity)
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

/* ---- the source, timed ---- */

enum csvr_status csvr_worker_open_source(struct csvr_worker *w)
{
	csvr_stopwatch_start(&w->reads);
	return csvr_source_open(&w->source, w->input, &w->chunk->error);
}

enum csvr_status csvr_worker_read_source(struct csvr_worker *w, uint64_t offset, void *buffer,
					 size_t n_bytes, size_t *n_read)
{
	csvr_stopwatch_start(&w->reads);
	enum csvr_status status = csvr_source_read(&w->source, offset, buffer, n_bytes, n_read,
						   &w->chunk->error);
	csvr_stopwatch_stop(&w->reads);
	w->time.n_bytes += *n_read;
	return status;
}

void csvr_worker_note_read_time(struct csvr_worker *w, uint64_t before_ns)
{
	csvr_stopwatch_stop(&w->reads); /* an opening that failed */
	uint64_t read_ns = w->reads.total_ns - before_ns;
	if (read_ns > w->time.slowest_input_ns) {
		w->time.slowest_input_ns = read_ns;
		w->time.slowest_input = w->input;
	}
}

/* ---- the window ---- */

void csvr_worker_reset_window(struct csvr_worker *w, uint64_t offset)
{
	w->base = w->begun = offset;
	w->length = w->at = w->seen = 0;
	w->has_all = w->is_closed = false;
	w->last_byte = 0;
}

enum csvr_status csvr_worker_read_more(struct csvr_worker *w, size_t n_bytes)
{
	const uint64_t offset = w->base + w->length;
	if (csvr_worker_has_size(w)) {
		const uint64_t size_bytes = w->source.size_bytes;
		uint64_t left = size_bytes > offset ? size_bytes - offset : 0;
		n_bytes = left < n_bytes ? (size_t)left : n_bytes;
	}
	size_t n_read = 0;
	if (n_bytes > 0) {
		enum csvr_status status = csvr_worker_read_source(w, offset, w->text + w->length,
								  n_bytes, &n_read);
		if (status != CSVR_OK)
			return status;
	}
	if (n_read > 0)
		w->last_byte = w->text[w->length + n_read - 1];
	w->length += n_read;
	/* A regular file that ends early has changed: csvr_source_verify will say so. */
	w->has_all = n_read == 0 ||
		     (csvr_worker_has_size(w) && w->base + w->length >= w->source.size_bytes);
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

enum csvr_status csvr_worker_widen_window(struct csvr_worker *w)
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
			status = csvr_worker_read_more(w, block < room ? block : room);
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

enum csvr_status csvr_worker_unterminated_quote(struct csvr_worker *w, uint64_t line)
{
	return csvr_error_set(&w->chunk->error, CSVR_INVALID_FILE, line,
			      "a quote opens here and never closes; close it, or use --no-quote");
}
