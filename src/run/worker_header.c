/* worker_header.c - the dialect of an input and its first record */
#include <string.h>

#include "input/remote_ops.h"
#include "run/worker_internal.h"

/* A header may be this long: its names are kept anyway. Anything longer is hardly CSV. */
enum { HEADER_BYTES = 16 << 20 };

/* In files of very long records a block grows, up to this, so that it holds some dozens of them: with
 * a handful each column is visited for next to nothing. Still within a second-level cache. */
enum { LONG_BLOCK_BYTES = (1 << 20) / CSVR_LIMITS_DIVISOR, RECORDS_IN_BLOCK = 32 };

/* ---- line ends and dialect ---- */

/* Whether the name of the input says that tabs delimit. */
static bool is_tsv(const struct csvr_worker *w)
{
	size_t length;
	const char *name = csvr_inputs_file_name(w->job->inputs, w->input, &length);
	return csvr_is_tsv(name, length);
}

/* Goes through the input from text[length) on until a '\n' is found; `*newline` becomes that, or
 * '\r' if one is met and no '\n'. Only in files that show no '\n' at their beginning. */
static enum csvr_status look_for_newline(struct csvr_worker *w, int *newline)
{
	unsigned char *room = w->text + w->length;
	size_t n_room = w->capacity - w->length, n_read;
	uint64_t offset = w->base + w->length;
	do {
		enum csvr_status status = csvr_worker_read_source(w, offset, room, n_room, &n_read);
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

/* ---- the first record ---- */

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
	csvr_worker_scan(w, from, to, true);
	for (size_t i = 0; i < w->fields.n_fields; i++)
		if (w->text[w->fields.ends[i]] == w->dialect.newline) {
			w->fields.n_fields = i + 1;
			return true;
		}
	return false;
}

static enum csvr_status grow_lanes(struct csvr_worker *w)
{
	struct csvr_scale_guess *lanes = csvr_array_grow(w->lanes, &w->lanes_capacity,
							 w->head.n_columns, sizeof *lanes);
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
	return csvr_worker_reserve(w, CSVR_MAX_CELL_BYTES + CSVR_PREFIX_BYTES + w->block_bytes);
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
	return csvr_worker_fail(w, status);
}

static enum csvr_status take_head_again(struct csvr_worker *w, size_t from)
{
	w->dialect.delimiter = w->head.dialect.delimiter;
	w->record_offset = from;
	return csvr_worker_fail(w, size_block(w));
}

/* Errors: CSVR_RETRY_AS_STATE where the file can be read again as a saved state. */
static enum csvr_status check_is_no_state(struct csvr_worker *w)
{
	if (!is_state(w))
		return CSVR_OK;
	struct csvr_error *error = &w->chunk->error;
	if (csvr_source_is_compressed(&w->source))
		return csvr_error_set(error, CSVR_INVALID_FILE, 0,
				      "is a saved state that was compressed; decompress it and "
				      "name that");
	if (w->input->is_remote)
		return csvr_error_set(error, CSVR_INVALID_FILE, 0, "%s",
				      csvr_remote_state_unsupported);
	if (csvr_source_is_rewindable(&w->source))
		return CSVR_RETRY_AS_STATE;
	/* What was read of a stream cannot be had again. */
	return csvr_error_set(error, CSVR_INVALID_FILE, 0,
			      "is a saved state that comes as a stream; save it to a "
			      "file and name that");
}

/* The dialect, from the head in text[0, length); or that of the input before, if `*is_again`. */
static enum csvr_status look_at_head(struct csvr_worker *w, uint64_t begin, int known_newline,
				     bool *is_again)
{
	size_t n_head = w->length < CSVR_PREFIX_BYTES ? w->length : CSVR_PREFIX_BYTES;
	enum csvr_status status = decide_newline(w, begin, known_newline);
	if (status == CSVR_OK)
		status = decide_dialect(w, n_head);
	if (status != CSVR_OK)
		return status;
	size_t from = first_record(w, w->length);
	*is_again = is_head_again(w, from);
	if (*is_again)
		return take_head_again(w, from);
	w->dialect.delimiter = csvr_dialect_delimiter(w->job->reading, is_tsv(w),
						      w->text + w->mark_bytes,
						      n_head - w->mark_bytes, w->dialect.newline);
	return CSVR_OK;
}

/* Reads on until the first record is whole, and takes it. */
static enum csvr_status find_first_record(struct csvr_worker *w, uint64_t begin, int known_newline)
{
	w->record_offset = UINT64_MAX;
	for (size_t want = CSVR_PREFIX_BYTES;; want *= 2) {
		enum csvr_status status = csvr_worker_reserve(w, want + w->job->block_bytes);
		while (status == CSVR_OK && w->length < want && !w->has_all)
			status = csvr_worker_read_more(w, want - w->length);
		if (status != CSVR_OK)
			return csvr_worker_fail(w, status);
		bool is_again = false;
		status = check_is_no_state(w);
		/* A stream shows only as it is read what its line ends are. */
		if (status == CSVR_OK && (want == CSVR_PREFIX_BYTES || w->newline != '\n'))
			status = look_at_head(w, begin, known_newline, &is_again);
		if (status != CSVR_OK || is_again)
			return status;
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
			return csvr_worker_unterminated_quote(w, csvr_worker_line_of(w, open));
		}
		if (want >= HEADER_BYTES)
			return csvr_error_set(
				&w->chunk->error, CSVR_INVALID_FILE, 1,
				"the first record is longer than %d MiB; is this CSV?",
				HEADER_BYTES >> 20);
	}
}

enum csvr_status csvr_worker_detect_header(struct csvr_worker *w, uint64_t begin, int known_newline)
{
	if (begin > 0 && w->head_input == w->input)
		return csvr_worker_fail(w, size_block(w));
	w->head_input = NULL;
	w->newline = 0;
	w->block_bytes = w->job->block_bytes;
	enum csvr_status status = find_first_record(w, begin, known_newline);
	if (status == CSVR_OK)
		w->head_input = w->input;
	return status;
}
