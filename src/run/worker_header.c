/* worker_header.c - detects the dialect of an input and parses its header */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdio.h>
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

/* ---- dialect ---- */

/* True if the file name implies tabs. */
static bool is_tsv(const struct csvr_worker *w)
{
	size_t length;
	const char *name = csvr_inputs_file_name(w->config->inputs, w->input, &length);
	return csvr_is_tsv(name, length);
}

static bool is_saved_state(const struct csvr_worker *w)
{
	return csvr_begins_as_state(w->text, w->text_length + w->held_bytes);
}

/* The position of the first record in text[0, n_bytes), after its byte order mark. */
static size_t first_record_start(const struct csvr_worker *w, size_t n_bytes)
{
	size_t at = w->table_start < n_bytes ? w->table_start : n_bytes, before;
	do {
		before = at;
		at += csvr_first_record_offset(w->text + at, n_bytes - at, w->dialect.newline,
					       w->dialect.comment);
		if (n_bytes - at >= CSVR_BOM_BYTES && csvr_worker_has_bom(w, at))
			at += CSVR_BOM_BYTES;
		else if (csvr_is_runs_of_blanks(w->dialect.long_delimiter))
			at += csvr_line_of_blanks(w->text + at, n_bytes - at, w->dialect.newline);
	} while (at > before);
	return at;
}

/* Moves the start of the table after `n_lines` more lines. The last line of an input need not have a line end, and
 * none is then added. */
static void start_table_at(struct csvr_worker *w, size_t start, uint64_t n_lines)
{
	w->table_start = start;
	w->n_lines_above += n_lines;
	if (n_lines > 0 && start == w->text_length)
		w->last_byte = w->dialect.newline;
}

/* Starts the table after the lines that --skip leaves out. False: there are more lines than text. */
static bool skip_lines(struct csvr_worker *w)
{
	const uint64_t n_lines = w->config->parse_options->skip;
	size_t at = w->bom_bytes;
	uint64_t n = 0;
	for (; n < n_lines && at < w->text_length; n++) {
		const unsigned char *end = memchr(w->text + at, w->dialect.newline,
						  w->text_length - at);
		if (end == NULL && !w->has_read_all)
			return false;
		at = end == NULL ? w->text_length : (size_t)(end - w->text) + 1;
	}
	if (n < n_lines && !w->has_read_all)
		return false;
	w->n_lines_above = 0;
	start_table_at(w, at, n);
	return true;
}

/* Whether the text begins with the line of the previous header, to which w->first_line belongs. */
static bool begins_with_header(const struct csvr_worker *w, bool is_tsv)
{
	const struct csvr_header *header = &w->header;
	const size_t n_bytes = header->record_bytes;
	return w->is_header_first_line && is_tsv == w->is_first_line_of_tsv &&
	       w->dialect.newline == header->dialect.newline &&
	       w->text_length - w->table_start > n_bytes &&
	       w->text[w->table_start + n_bytes] == w->dialect.newline &&
	       memcmp(w->text + w->table_start, header->record, n_bytes) == 0;
}

/* The decimal mark, if the bytes of the file do not tell: not the one that separates groups of digits. */
static unsigned char decimal_mark(const struct csvr_parse_options *options)
{
	if (options->decimal != CSVR_AUTO)
		return (unsigned char)options->decimal;
	return strcmp(options->thousands, ".") == 0 ? ',' : '.';
}

/* A byte order mark takes precedence over the option. */
static enum csvr_encoding encoding_of_text(const struct csvr_worker *w)
{
	const enum csvr_encoding stated = w->config->parse_options->encoding;
	if (csvr_source_is_utf16(&w->source))
		return CSVR_ENCODING_UTF8; /* it was converted */
	return w->bom_bytes > 0 && stated != CSVR_ENCODING_UTF8 ? CSVR_ENCODING_AUTO : stated;
}

static const struct csvr_cell_rules *rules_of(const struct csvr_worker *w)
{
	return &w->config->rules[strchr(CSVR_DECIMAL_MARKS, w->dialect.decimal) -
				 CSVR_DECIMAL_MARKS];
}

/* The text that follows the skipped lines, as much of it as every chunk has. */
static struct csvr_sniff_input sniffed_text(const struct csvr_worker *w,
					    const struct csvr_parse_options *options)
{
	const size_t n_left = w->text_length - w->table_start;
	return (struct csvr_sniff_input){
		.text = w->text + w->table_start,
		.n_bytes = n_left < CSVR_PREFIX_BYTES ? n_left : CSVR_PREFIX_BYTES,
		.is_whole = n_left < CSVR_PREFIX_BYTES,
		.is_tsv = is_tsv(w),
		.newline = w->dialect.newline,
		.options = options,
		.rules = rules_of(w),
	};
}

/* Replaces the long delimiter in the text to be sniffed, and decides again, with what replaced it as the delimiter. */
static void sniff_long(struct csvr_worker *w)
{
	struct csvr_parse_options options = *w->config->parse_options;
	options.delimiter = w->dialect.delimiter = CSVR_UNIT_SEPARATOR;
	snprintf(options.long_delimiter, sizeof options.long_delimiter, "%s",
		 w->dialect.long_delimiter);
	const struct csvr_sniff_input input = sniffed_text(w, &options);
	csvr_worker_scan(w, w->table_start, w->table_start + input.n_bytes, true);
	w->first_line = csvr_sniff_first_line(&input);
	csvr_sniff(&input, &w->first_line, &w->sniff);
}

/* Decides how the text is written that follows the skipped lines. */
static void sniff(struct csvr_worker *w)
{
	const struct csvr_parse_options *options = w->config->parse_options;
	const struct csvr_sniff_input input = sniffed_text(w, options);
	if (!begins_with_header(w, input.is_tsv)) {
		w->first_line = csvr_sniff_first_line(&input);
		w->is_first_line_of_tsv = input.is_tsv;
		w->is_header_first_line = false;
	}
	if (w->dialect.long_delimiter == NULL) {
		csvr_sniff(&input, &w->first_line, &w->sniff);
		w->dialect.long_delimiter = w->sniff.long_delimiter;
	}
	if (w->dialect.long_delimiter != NULL)
		sniff_long(w);
	start_table_at(w, w->table_start + w->sniff.start, w->sniff.n_lines_above);
	w->dialect.delimiter = w->sniff.delimiter;
	w->dialect.comment = w->sniff.comment;
	w->dialect.escape = w->sniff.escape;
	if (options->decimal == CSVR_AUTO && strcmp(options->thousands, ",") != 0 &&
	    strcmp(options->thousands, ".") != 0)
		w->dialect.decimal = w->sniff.decimal;
}

/* ---- header ---- */

/* The records at the start of the table that are not data: those of the header, and those that follow it and are
 * skipped. */
struct head {
	size_t n_header, n_skipped;
};

static struct head find_head(const struct csvr_worker *w)
{
	const struct csvr_parse_options *options = w->config->parse_options;
	const bool is_data = w->sniff.first_record == CSVR_FIRST_IS_DATA ||
			     w->sniff.first_record == CSVR_FIRST_SEEMS_DATA;
	if (is_data)
		return (struct head){ 0, 0 };
	return (struct head){ (size_t)options->header_rows,
			      options->skip_after_header != CSVR_AUTO
				      ? (size_t)options->skip_after_header
				      : w->sniff.n_units_rows };
}

/* True if the record at text[from) equals the current header byte for byte, as in most files of a run: all that
 * was derived from the header then holds. */
static bool repeats_header(const struct csvr_worker *w, size_t from)
{
	const struct csvr_header *header = &w->header;
	const struct head head = find_head(w);
	const bool is_header = w->sniff.first_record == CSVR_FIRST_IS_HEADER ||
			       (w->sniff.first_record == CSVR_FIRST_UNKNOWN && header->has_words);
	return header->is_header && is_header && w->is_header_unquoted && head.n_header == 1 &&
	       head.n_skipped == 0 && csvr_dialect_equals(&w->dialect, &header->dialect) &&
	       w->text_length - from > header->record_bytes &&
	       w->text[from + header->record_bytes] == w->dialect.newline &&
	       memcmp(w->text + from, header->record, header->record_bytes) == 0;
}

/* The number of scanned fields of the first `n_records` records, not counting blank lines and comments; of all
 * records if these are fewer. `*n_found` is the number of records counted; sets w->fields.n_records to that of all
 * lines. */
static size_t find_records(struct csvr_worker *w, size_t n_records, size_t *n_found)
{
	size_t first = 0;
	*n_found = 0;
	w->fields.n_records = 0;
	for (size_t i = 0; i < w->fields.n_fields && *n_found < n_records; i++) {
		size_t start;
		if (!csvr_worker_is_line_end(w, i))
			continue;
		size_t n_bytes = csvr_worker_field_bytes(w, first, &start);
		for (; n_bytes >= CSVR_BOM_BYTES && csvr_worker_has_bom(w, start);
		     n_bytes -= CSVR_BOM_BYTES)
			start += CSVR_BOM_BYTES;
		*n_found += (i > first || !csvr_worker_is_blank_line(w, start, n_bytes)) &&
			    w->text[start] != w->dialect.comment;
		w->fields.n_records++;
		first = i + 1;
	}
	return first;
}

/* Scans text[from, to), which starts with the records of a header. */
static void scan_records(struct csvr_worker *w, size_t from, size_t to, size_t n_records)
{
	csvr_worker_scan(w, from, to, true);
	/* A quote after a byte order mark opens a field, which only a scan byte by byte sees. */
	if (n_records > 1 && memmem(w->text + from, to - from, CSVR_BOM, CSVR_BOM_BYTES) != NULL)
		csvr_scan_general(&w->dialect, from, to, &w->fields);
}

/* Scans the records at text[from) that are not data, or else the first one; w->fields then are those of the header,
 * or of that one. Sets w->header_end and w->data_start. False: they do not end before text[n_bytes). */
static bool scan_header(struct csvr_worker *w, size_t from, size_t n_bytes)
{
	const unsigned char *newline = memchr(w->text + from, w->dialect.newline, n_bytes - from);
	if (newline == NULL)
		return false;
	const struct head head = find_head(w);
	const size_t n_records = head.n_header + head.n_skipped;
	size_t to = (size_t)(newline - w->text) + 1;
	if (n_records > 1 || (w->dialect.quote != CSVR_NONE &&
			      memchr(w->text + from, w->dialect.quote, to - from) != NULL))
		to = n_bytes;
	scan_records(w, from, to, n_records);
	size_t n_found;
	const size_t n_fields = find_records(w, n_records > 0 ? n_records : 1, &n_found);
	/* A file may end before all is skipped. */
	if (n_found == 0 || (n_found < n_records && !w->has_read_all))
		return false;
	w->data_start = n_records > 0 ? w->fields.ends[n_fields - 1] + (uint64_t)1 : from;
	w->fields.n_fields = find_records(w, head.n_header > 0 ? head.n_header : 1, &n_found);
	w->header_end = w->fields.ends[w->fields.n_fields - 1] + (uint64_t)1;
	return true;
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
		if (csvr_worker_is_blank_line(w, (size_t)(start - w->text), (size_t)(end - start)))
			continue;
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
	const struct csvr_header_records records = { &w->dialect, &w->fields, from,
						     w->sniff.first_record,
						     w->config->known_names };
	enum csvr_status status = csvr_header_parse(&w->header, w->config->parse_options,
						    rules_of(w), &records, &is_new);
	w->is_header_unquoted = status == CSVR_OK && memchr(w->header.record, w->dialect.quote,
							    w->header.record_bytes) == NULL;
	if (status == CSVR_OK && is_new)
		status = reset_scale_guesses(w);
	if (status == CSVR_OK)
		status = choose_block_size(w);
	w->header_offset = from;
	w->is_header_first_line = status == CSVR_OK && w->header.is_header &&
				  w->is_header_unquoted && from == w->table_start &&
				  w->sniff.start == 0 &&
				  w->header.record_bytes == w->first_line.n_bytes;
	if (!w->header.is_header)
		w->data_start = from;
	if (status == CSVR_OK)
		find_repeats(w);
	return csvr_worker_fail(w, status);
}

static enum csvr_status reuse_header(struct csvr_worker *w, size_t from)
{
	w->header_offset = from;
	w->header_end = w->data_start = from + w->header.record_bytes + 1;
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

int csvr_worker_find_newline(const struct csvr_worker *w)
{
	const size_t n_bytes = w->text_length + w->held_bytes;
	const size_t n_bom = n_bytes >= CSVR_BOM_BYTES && csvr_worker_has_bom(w, 0) ? CSVR_BOM_BYTES
										    : 0;
	return csvr_sniff_newline(w->text + n_bom, n_bytes - n_bom, w->has_reached_end,
				  w->config->parse_options->quote);
}

/* A '\n' after the last '\r' of a file of CR line ends is no record. */
static void drop_final_lf(struct csvr_worker *w)
{
	if (w->dialect.newline == '\r')
		csvr_worker_drop_final_lf(w);
}

/* Detects the dialect of the text. `*is_decided`: it is detected, and w->table_start is set; otherwise more text is
 * needed. */
static enum csvr_status detect_dialect(struct csvr_worker *w, bool *is_decided)
{
	const struct csvr_parse_options *options = w->config->parse_options;
	const size_t n_bytes = w->text_length + w->held_bytes;
	const enum csvr_status status = csvr_dialect_detect_encoding(
		w->text,
		w->held_bytes > 0 || n_bytes < CSVR_PREFIX_BYTES ? n_bytes : CSVR_PREFIX_BYTES,
		&w->bom_bytes, &w->chunk->error);
	if (status != CSVR_OK)
		return status;
	if (w->text_length < w->bom_bytes)
		w->bom_bytes = w->text_length; /* all lines are skipped */
	w->newline = csvr_worker_find_newline(w);
	w->dialect = (struct csvr_dialect){
		.newline = w->newline == '\r' ? '\r' : '\n',
		.quote = options->quote,
		.comment = options->comment,
		.decimal = decimal_mark(options),
		.encoding = encoding_of_text(w),
		.escape = options->escape == CSVR_AUTO ? CSVR_NONE : options->escape,
		.long_delimiter = options->long_delimiter[0] != '\0' ? options->long_delimiter
								     : NULL,
	};
	if (w->newline == 0 && !w->has_read_all)
		return CSVR_OK;
	drop_final_lf(w);
	/* Every chunk decides from the same bytes. */
	*is_decided = skip_lines(w) &&
		      (w->has_read_all || w->text_length - w->table_start >= CSVR_PREFIX_BYTES);
	if (*is_decided)
		sniff(w);
	return CSVR_OK;
}

/* Reads until the header is complete, and parses it. */
static enum csvr_status read_header(struct csvr_worker *w)
{
	bool is_decided = false;
	w->header_offset = UINT64_MAX;
	w->table_start = 0;
	w->n_lines_above = 0;
	for (size_t want = CSVR_PREFIX_BYTES;; want *= 2) {
		enum csvr_status status = csvr_worker_reserve(w, want + w->config->block_bytes);
		while (status == CSVR_OK && w->text_length < want && !w->has_read_all)
			status = csvr_worker_read_more(w, want - w->text_length);
		if (status != CSVR_OK)
			return csvr_worker_fail(w, status);
		status = reject_saved_state(w);
		if (status == CSVR_OK && !is_decided)
			status = detect_dialect(w, &is_decided);
		if (status != CSVR_OK)
			return status;
		size_t n_bytes = w->text_length;
		if (w->has_read_all && n_bytes > w->bom_bytes && w->last_byte != w->dialect.newline)
			w->text[n_bytes++] = w->dialect.newline;
		const size_t from = first_record_start(w, n_bytes);
		if (is_decided && from < n_bytes && repeats_header(w, from))
			return reuse_header(w, from);
		if (is_decided && from < n_bytes && scan_header(w, from, n_bytes))
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

enum csvr_status csvr_worker_detect_header(struct csvr_worker *w, uint64_t begin)
{
	if (begin > 0 && w->header_input == w->input)
		return csvr_worker_fail(w, choose_block_size(w));
	w->header_input = NULL;
	w->newline = 0;
	w->block_bytes = w->config->block_bytes;
	enum csvr_status status = read_header(w);
	if (status == CSVR_OK)
		w->header_input = w->input;
	return status;
}

enum csvr_status csvr_worker_check_header(struct csvr_worker *w)
{
	if (w->header_offset == UINT64_MAX)
		return CSVR_OK;
	/* Its fields are lost: the header may be that of another file, and the array of ends may be a new one. */
	w->window_start = (size_t)w->header_offset;
	scan_records(w, w->window_start, (size_t)w->header_end, find_head(w).n_header);
	enum csvr_status status = w->dialect.newline == '\r'
					  ? csvr_worker_reject_lf(w, w->fields.n_fields)
					  : CSVR_OK;
	if (status == CSVR_OK && w->fields.continues_after_quote)
		status = csvr_worker_check_quotes(w, w->fields.n_fields);
	return status;
}
