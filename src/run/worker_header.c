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
	const char *name = csvr_inputs_file_name(w->config->inputs, w->input, &length);
	return csvr_is_tsv(name, length);
}

/* Goes through the input from text[length) on until a '\n' is found; `*newline` becomes that, or
 * '\r' if one is met and no '\n'. Only in files that show no '\n' at their beginning. */
static enum csvr_status search_newline(struct csvr_worker *w, int *newline)
{
	unsigned char *room = w->text + w->text_length;
	size_t n_room = w->capacity - w->text_length, n_read;
	uint64_t offset = w->text_offset + w->text_length;
	do {
		enum csvr_status status = csvr_worker_read_source(w, offset, room, n_room, &n_read);
		if (status != CSVR_OK)
			return status;
		int found = csvr_dialect_detect_newline(room, n_read);
		if (found != 0)
			*newline = found;
		offset += n_read;
	} while (n_read > 0 && *newline != '\n');
	return CSVR_OK;
}

/* The line ends, as far as what was read shows; 0 while nothing does, and a stream goes on. */
static enum csvr_status detect_newline(struct csvr_worker *w, uint64_t begin, int known)
{
	w->newline = known != 0 ? known : csvr_dialect_detect_newline(w->text, w->text_length);
	if (known != 0 || w->newline == '\n' || w->has_read_all ||
	    !csvr_source_is_rewindable(&w->source))
		return CSVR_OK;
	return begin == 0 ? search_newline(w, &w->newline) : CSVR_NEEDS_CHUNK_START;
}

static bool is_saved_state(const struct csvr_worker *w)
{
	return csvr_begins_as_state(w->text, w->text_length);
}

/* Where it begins in text[0, n_bytes). */
static size_t first_record_start(const struct csvr_worker *w, size_t n_bytes)
{
	return w->bom_bytes + csvr_first_record_offset(w->text + w->bom_bytes,
						       n_bytes - w->bom_bytes, w->dialect.newline,
						       w->dialect.comment);
}

/* Whether the record at text[from) is that of the head there is, byte for byte, under a name that
 * suggests the same delimiter: as for most files of a run. Then so is all that is made of it, but
 * where a quote stands in it: the guess at the delimiter may take that for the beginning of a field
 * that goes on behind the record. */
static bool repeats_header(const struct csvr_worker *w, size_t from)
{
	const struct csvr_header *header = &w->header;
	return header->is_header && w->is_header_unquoted &&
	       w->dialect.newline == header->dialect.newline &&
	       w->text_length - from > header->record_bytes &&
	       w->text[from + header->record_bytes] == w->dialect.newline &&
	       memcmp(w->text + from, header->record, header->record_bytes) == 0 &&
	       is_tsv(w) == w->is_header_of_tsv;
}

/* The dialect, but for the delimiter. */
static enum csvr_status init_dialect(struct csvr_worker *w, size_t n_prefix)
{
	const struct csvr_parse_options *parse_options = w->config->parse_options;
	w->dialect = (struct csvr_dialect){
		.newline = w->newline == '\r' ? '\r' : '\n',
		.quote = parse_options->quote,
		.comment = parse_options->comment,
	};
	return csvr_dialect_detect_encoding(w->text, n_prefix, &w->bom_bytes, &w->chunk->error);
}

/* ---- the first record ---- */

/* Leaves the fields of the record at text[from) in w->fields; false when it does not end before
 * text[n_bytes). */
static bool scan_header(struct csvr_worker *w, size_t from, size_t n_bytes)
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

static enum csvr_status reset_scale_guesses(struct csvr_worker *w)
{
	struct csvr_scale_guess *scale_guesses = csvr_array_grow(w->scale_guesses,
								 &w->scale_guesses_capacity,
								 w->header.n_columns,
								 sizeof *scale_guesses);
	if (scale_guesses == NULL)
		return CSVR_NO_MEMORY;
	memset(scale_guesses, 0, w->header.n_columns * sizeof *scale_guesses);
	w->scale_guesses = scale_guesses;
	w->header_version++;
	return CSVR_OK;
}

/* How much to parse at a time, now that the length of a record is about known. */
static enum csvr_status choose_block_size(struct csvr_worker *w)
{
	size_t wanted = w->header.record_bytes * RECORDS_IN_BLOCK;
	w->block_bytes = w->config->block_bytes;
	if (w->config->has_fixed_blocks || wanted <= w->block_bytes)
		return CSVR_OK;
	w->block_bytes = wanted < LONG_BLOCK_BYTES ? wanted : LONG_BLOCK_BYTES;
	return csvr_worker_reserve(w, CSVR_MAX_CELL_BYTES + CSVR_PREFIX_BYTES + w->block_bytes);
}

static enum csvr_status parse_header(struct csvr_worker *w, size_t from)
{
	bool is_new;
	enum csvr_status status = csvr_header_parse(&w->header, w->config->parse_options,
						    &w->config->nulls, &w->dialect, &w->fields,
						    from, &is_new);
	w->is_header_of_tsv = is_tsv(w);
	w->is_header_unquoted = status == CSVR_OK && memchr(w->header.record, w->dialect.quote,
							    w->header.record_bytes) == NULL;
	if (status == CSVR_OK && is_new)
		status = reset_scale_guesses(w);
	if (status == CSVR_OK)
		status = choose_block_size(w);
	w->header_offset = from;
	return csvr_worker_fail(w, status);
}

static enum csvr_status reuse_header(struct csvr_worker *w, size_t from)
{
	w->dialect.delimiter = w->header.dialect.delimiter;
	w->header_offset = from;
	return csvr_worker_fail(w, choose_block_size(w));
}

/* Errors: CSVR_RETRY_AS_STATE where the file can be read again as a saved state. */
static enum csvr_status reject_saved_state(struct csvr_worker *w)
{
	if (!is_saved_state(w))
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

/* The dialect, from the head in text[0, length); or that of the input before, if `*is_repeated`. */
static enum csvr_status detect_dialect(struct csvr_worker *w, uint64_t begin, int known_newline,
				       bool *is_repeated)
{
	size_t n_prefix = w->text_length < CSVR_PREFIX_BYTES ? w->text_length : CSVR_PREFIX_BYTES;
	enum csvr_status status = detect_newline(w, begin, known_newline);
	if (status == CSVR_OK)
		status = init_dialect(w, n_prefix);
	if (status != CSVR_OK)
		return status;
	size_t from = first_record_start(w, w->text_length);
	*is_repeated = repeats_header(w, from);
	if (*is_repeated)
		return reuse_header(w, from);
	w->dialect.delimiter = csvr_dialect_detect_delimiter(w->config->parse_options, is_tsv(w),
							     w->text + w->bom_bytes,
							     n_prefix - w->bom_bytes,
							     w->dialect.newline);
	return CSVR_OK;
}

/* Reads on until the first record is whole, and takes it. */
static enum csvr_status read_header(struct csvr_worker *w, uint64_t begin, int known_newline)
{
	w->header_offset = UINT64_MAX;
	for (size_t want = CSVR_PREFIX_BYTES;; want *= 2) {
		enum csvr_status status = csvr_worker_reserve(w, want + w->config->block_bytes);
		while (status == CSVR_OK && w->text_length < want && !w->has_read_all)
			status = csvr_worker_read_more(w, want - w->text_length);
		if (status != CSVR_OK)
			return csvr_worker_fail(w, status);
		bool is_repeated = false;
		status = reject_saved_state(w);
		/* A stream shows only as it is read what its line ends are. */
		if (status == CSVR_OK && (want == CSVR_PREFIX_BYTES || w->newline != '\n'))
			status = detect_dialect(w, begin, known_newline, &is_repeated);
		if (status != CSVR_OK || is_repeated)
			return status;
		size_t n_bytes = w->text_length;
		if (w->has_read_all && n_bytes > w->bom_bytes && w->last_byte != w->dialect.newline)
			w->text[n_bytes++] = w->dialect.newline;
		const size_t from = first_record_start(w, n_bytes);
		if (from < n_bytes && scan_header(w, from, n_bytes))
			return parse_header(w, from);
		if (w->has_read_all && from >= w->text_length)
			return CSVR_OK; /* nothing but blank lines */
		if (w->has_read_all) {
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
	if (begin > 0 && w->header_input == w->input)
		return csvr_worker_fail(w, choose_block_size(w));
	w->header_input = NULL;
	w->newline = 0;
	w->block_bytes = w->config->block_bytes;
	enum csvr_status status = read_header(w, begin, known_newline);
	if (status == CSVR_OK)
		w->header_input = w->input;
	return status;
}
