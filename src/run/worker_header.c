/* worker_header.c - detects the dialect of an input and parses its header */
#include <string.h>

#include "input/remote_ops.h"
#include "run/worker_internal.h"

/* The longest header. Its names are kept in memory in any case; longer first records are hardly
 * CSV. */
enum { HEADER_BYTES = 16 << 20 };

/* With very long records a block grows up to LONG_BLOCK_BYTES to hold RECORDS_IN_BLOCK of them:
 * with only a few, the cost of visiting each column dominates. It still fits the L2 cache. */
enum { LONG_BLOCK_BYTES = (1 << 20) / CSVR_LIMITS_DIVISOR, RECORDS_IN_BLOCK = 32 };

/* Records up to this length are counted whole; those of a file with a long header up to CSVR_MAX_CELL_BYTES. */
enum { LONG_RECORD_BYTES = 128 * 1024 / CSVR_LIMITS_DIVISOR };

/* ---- line ends and dialect ---- */

/* True if the file name implies tabs. */
static bool is_tsv(const struct csvr_worker *w)
{
	size_t length;
	const char *name = csvr_inputs_file_name(w->config->inputs, w->input, &length);
	return csvr_is_tsv(name, length);
}

/* Reads the input from the end of the text until a '\n' is found. `*newline` becomes '\n', or
 * '\r' if only that occurs. Called only for files whose prefix contains no '\n'. */
static enum csvr_status search_newline(struct csvr_worker *w, int *newline)
{
	const size_t n_bytes = w->text_length + w->held_bytes;
	unsigned char *room = w->text + n_bytes;
	size_t n_room = w->capacity + w->held_capacity - n_bytes, n_read;
	uint64_t offset = w->text_offset + n_bytes;
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

/* Sets w->newline from the prefix; it remains 0 if the prefix has no line end and the stream
 * continues. */
static enum csvr_status detect_newline(struct csvr_worker *w, uint64_t begin, int known_newline)
{
	w->newline = known_newline != 0
			     ? known_newline
			     : csvr_dialect_detect_newline(w->text, w->text_length + w->held_bytes);
	if (known_newline != 0 || w->newline == '\n' || w->has_reached_end ||
	    !csvr_source_is_rewindable(&w->source))
		return CSVR_OK;
	return begin == 0 ? search_newline(w, &w->newline) : CSVR_NEEDS_CHUNK_START;
}

static bool is_saved_state(const struct csvr_worker *w)
{
	return csvr_begins_as_state(w->text, w->text_length + w->held_bytes);
}

/* The position of the first record in text[0, n_bytes), after its byte order mark. */
static size_t first_record_start(const struct csvr_worker *w, size_t n_bytes)
{
	size_t at = w->bom_bytes, before;
	do {
		before = at;
		at += csvr_first_record_offset(w->text + at, n_bytes - at, w->dialect.newline,
					       w->dialect.comment);
		if (n_bytes - at >= CSVR_BOM_BYTES && csvr_worker_has_bom(w, at))
			at += CSVR_BOM_BYTES;
	} while (at > before);
	return at;
}

/* True if the record at text[from) equals the current header byte for byte and the file name
 * implies the same delimiter, as in most files of a run: all that was derived from the header
 * then holds. A header with quotes never matches, since delimiter detection may see a quoted
 * field that continues after the record. */
static bool repeats_header(const struct csvr_worker *w, size_t from)
{
	const struct csvr_header *header = &w->header;
	return header->is_header && w->is_header_unquoted &&
	       w->dialect.newline == header->dialect.newline &&
	       w->dialect.decimal == header->dialect.decimal &&
	       w->text_length - from > header->record_bytes &&
	       w->text[from + header->record_bytes] == w->dialect.newline &&
	       memcmp(w->text + from, header->record, header->record_bytes) == 0 &&
	       is_tsv(w) == w->is_header_of_tsv;
}

/* The decimal mark, if the bytes of the file do not tell: not the one that separates groups of digits. */
static unsigned char decimal_mark(const struct csvr_parse_options *options)
{
	if (options->decimal != CSVR_AUTO)
		return (unsigned char)options->decimal;
	return strcmp(options->thousands, ".") == 0 ? ',' : '.';
}

/* Sets the dialect except for the delimiter. */
static enum csvr_status init_dialect(struct csvr_worker *w, size_t n_prefix)
{
	const struct csvr_parse_options *parse_options = w->config->parse_options;
	w->dialect = (struct csvr_dialect){
		.newline = w->newline == '\r' ? '\r' : '\n',
		.quote = parse_options->quote,
		.comment = parse_options->comment,
		.decimal = decimal_mark(parse_options),
		.escape = parse_options->escape == CSVR_AUTO ? CSVR_NONE : parse_options->escape,
		.long_delimiter = parse_options->long_delimiter[0] != '\0'
					  ? parse_options->long_delimiter
					  : NULL,
	};
	return csvr_dialect_detect_encoding(w->text, n_prefix, &w->bom_bytes, &w->chunk->error);
}

/* ---- header ---- */

/* Scans the record at text[from) into w->fields; false if it does not end before text[n_bytes). */
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

/* Sets the block size from the length of the header, an estimate of that of a record. */
static enum csvr_status choose_block_size(struct csvr_worker *w)
{
	size_t wanted = w->header.record_bytes * RECORDS_IN_BLOCK;
	w->block_bytes = w->config->block_bytes;
	w->long_record_bytes = w->header.record_bytes > LONG_RECORD_BYTES / 2 ? CSVR_MAX_CELL_BYTES
									      : LONG_RECORD_BYTES;
	if (w->config->has_fixed_blocks || wanted <= w->block_bytes)
		return CSVR_OK;
	w->block_bytes = wanted < LONG_BLOCK_BYTES ? wanted : LONG_BLOCK_BYTES;
	return csvr_worker_reserve(w, CSVR_MAX_CELL_BYTES + CSVR_PREFIX_BYTES + w->block_bytes);
}

/* Whether the first record from text[at) that is neither missing nor the header again is a number, date or time. */
static bool begins_with_value(struct csvr_worker *w, size_t at)
{
	const struct csvr_slice *name = w->header.texts;
	const unsigned char *end;
	while (at < w->text_length &&
	       (end = memchr(w->text + at, w->dialect.newline, w->text_length - at)) != NULL) {
		const unsigned char *start = w->text + at;
		at = (size_t)(end - w->text) + 1;
		while (csvr_worker_has_bom(w, (size_t)(start - w->text)))
			start += CSVR_BOM_BYTES;
		while (end > start && end[-1] == '\r')
			end--;
		/* A text of several lines, or too long to be read. */
		if (end - start > CSVR_MAX_CELL_BYTES ||
		    (*start == w->dialect.quote && end[-1] != *start))
			return false;
		const struct csvr_slice text = csvr_field_text(start, end, &w->dialect, w->scratch);
		csvr_decimal_parse(&w->decimal, csvr_header_rules(&w->header, 0), text.start,
				   text.n_bytes);
		if (*start == w->dialect.comment || w->decimal.class == CSVR_CELL_MISSING ||
		    (text.n_bytes == name->n_bytes &&
		     memcmp(text.start, name->start, name->n_bytes) == 0))
			continue;
		return w->decimal.class != CSVR_CELL_TEXT && w->decimal.class != CSVR_CELL_BOOLEAN;
	}
	return false;
}

/* Decides whether records that equal the header are repeated headers. In a file of one column such a record may as well
 * be a value, unless the values are not texts; the prefix decides, which all chunks have. */
static void find_repeats(struct csvr_worker *w)
{
	w->may_repeat_header = w->header.is_header &&
			       (w->header.n_columns > 1 ||
				begins_with_value(w,
						  w->header_offset + w->header.record_bytes + 1));
}

static enum csvr_status parse_header(struct csvr_worker *w, size_t from)
{
	bool is_new;
	const struct csvr_cell_rules *rules =
		&w->config->rules[strchr(CSVR_DECIMAL_MARKS, w->dialect.decimal) -
				  CSVR_DECIMAL_MARKS];
	enum csvr_status status = csvr_header_parse(&w->header, w->config->parse_options, rules,
						    &w->dialect, &w->fields, from, &is_new);
	w->is_header_of_tsv = is_tsv(w);
	w->is_header_unquoted = status == CSVR_OK && memchr(w->header.record, w->dialect.quote,
							    w->header.record_bytes) == NULL;
	if (status == CSVR_OK && is_new)
		status = reset_scale_guesses(w);
	if (status == CSVR_OK)
		status = choose_block_size(w);
	w->header_offset = from;
	if (status == CSVR_OK)
		find_repeats(w);
	return csvr_worker_fail(w, status);
}

static enum csvr_status reuse_header(struct csvr_worker *w, size_t from)
{
	w->dialect.delimiter = w->header.dialect.delimiter;
	w->header_offset = from;
	find_repeats(w);
	return csvr_worker_fail(w, choose_block_size(w));
}

/* Errors: CSVR_RETRY_AS_STATE if the file can be reread as a saved state. */
static enum csvr_status reject_saved_state(struct csvr_worker *w)
{
	if (!is_saved_state(w))
		return CSVR_OK;
	struct csvr_error *error = &w->chunk->error;
	if (csvr_source_is_compressed(&w->source))
		return csvr_error_set(
			error, CSVR_INVALID_FILE, 0,
			"is a compressed saved state; decompress it and pass the result");
	if (w->input->is_remote)
		return csvr_error_set(error, CSVR_INVALID_FILE, 0, "%s",
				      csvr_remote_state_unsupported);
	if (csvr_source_is_rewindable(&w->source))
		return CSVR_RETRY_AS_STATE;
	/* A stream cannot be reread. */
	return csvr_error_set(error, CSVR_INVALID_FILE, 0,
			      "is a saved state in a stream; save it to a file and pass that");
}

/* Detects the dialect from the prefix in text[0, text_length). `*is_repeated`: the header equals
 * the previous one, and is reused. */
static enum csvr_status detect_dialect(struct csvr_worker *w, uint64_t begin, int known_newline,
				       bool *is_repeated)
{
	size_t n_prefix = w->text_length < CSVR_PREFIX_BYTES ? w->text_length : CSVR_PREFIX_BYTES;
	enum csvr_status status = detect_newline(w, begin, known_newline);
	if (status == CSVR_OK)
		status = init_dialect(w, w->held_bytes > 0 ? w->text_length + w->held_bytes
							   : n_prefix);
	if (n_prefix < w->bom_bytes)
		w->bom_bytes = n_prefix; /* all lines are skipped */
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

/* Reads until the header is complete, and parses it. */
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
		/* The line endings of a stream may show only after more reads. */
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
			return CSVR_OK; /* only blank lines and comments */
		if (w->has_read_all)
			return csvr_worker_open_quote(w, from);
		if (want >= HEADER_BYTES)
			return csvr_error_set(
				&w->chunk->error, CSVR_INVALID_FILE, 1,
				"the first record is longer than %d MiB; not CSV, or a quote is never "
				"closed (see --no-quote)",
				HEADER_BYTES >> 20);
	}
}

void csvr_worker_check_delimiter(struct csvr_worker *w)
{
	static const struct csvr_line_count one = { 1, 1 };
	const size_t n_prefix = w->text_length < CSVR_PREFIX_BYTES ? w->text_length
								   : CSVR_PREFIX_BYTES;
	if (w->config->parse_options->delimiter == CSVR_AUTO || n_prefix <= w->bom_bytes)
		return;
	const int other = csvr_dialect_find_other_delimiter(&w->dialect, w->text + w->bom_bytes,
							    n_prefix - w->bom_bytes,
							    w->has_read_all &&
								    n_prefix == w->text_length);
	if (other >= 0)
		w->chunk->stats.issues[CSVR_ROW_SPLIT_BY_COMMA + other] = one;
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
