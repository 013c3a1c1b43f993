/* worker.c - reads one chunk of one input into statistics
 *
 * The window. `text` holds the bytes [text_offset, text_offset + text_length) of the input.
 * Bytes before window_start have been counted, [window_start, window_end) is the window, and the
 * rest has been read ahead. Each iteration extends the window by a block, scans it for field
 * ends, and counts the whole records at its front; the remaining part of a record moves to the
 * front of the buffer before the next read. The scan keeps no state between iterations: a window
 * always starts at a field, outside quotes.
 *
 * Records are counted in one of three ways, fastest first:
 *  - a run of records that all have as many fields as the header: column by column, 256 cells
 *    at a time (worker_batch.c)
 *  - a record of any shape: field by field (worker_record.c)
 *  - a field that exceeds the buffer: byte by byte, and only as an invalid cell
 *    (csvr_worker_skip_oversized_field)
 */
#include "run/worker.h"

#include <stdlib.h>

#include "base/stop_flag.h"
#include "parse/chunk_boundary.h"
#include "run/worker_internal.h"
#include "stats/statistics.h"

/* A chunk whose start is a guess fails this far after its end: an ordinary record has ended by
 * then, while a wrong guess about quotes could run to the end of the file. */
enum { GUESS_OVERRUN_BYTES = (1 << 20) / CSVR_LIMITS_DIVISOR };

/* ---- life ---- */

enum csvr_status csvr_worker_new(const struct csvr_worker_config *config,
				 struct csvr_worker **worker)
{
	struct csvr_worker *w = *worker = calloc(1, sizeof *w);
	if (w == NULL)
		return CSVR_NO_MEMORY;
	w->config = config;
	w->read_stopwatch.is_on = config->is_timed;
	csvr_header_init(&w->header);
	csvr_dir_cache_init(&w->dir_cache);
	csvr_source_init(&w->source, config->inputs, &w->dir_cache);
	/* Pages that no long record touches are never backed by memory. */
	size_t capacity = CSVR_MAX_CELL_BYTES + CSVR_PREFIX_BYTES + config->block_bytes;
	enum csvr_status status = csvr_worker_reserve(w, capacity);
	w->values = w->own_values;
	/* Pages that no text with quotes inside touches are not backed either. */
	w->scratch = malloc(CSVR_MAX_CELL_BYTES + CSVR_TEXT_READABLE + 1);
	if (w->scratch == NULL)
		status = CSVR_NO_MEMORY;
	if (status == CSVR_OK && config->parse_options->correlates && config->refinement == NULL)
		status = csvr_worker_pairs_new(config->parse_options, config->batch_kernels,
					       &w->pairs);
	if (status == CSVR_OK && config->groups.n_keys > 0)
		status = csvr_worker_groups_new(&w->groups);
	if (status == CSVR_OK && config->parse_options->where.n_words > 0) {
		w->filter = csvr_worker_filter_new(config->parse_options->where.n_words);
		status = w->filter != NULL ? CSVR_OK : CSVR_NO_MEMORY;
	}
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
	csvr_header_clear(&w->header);
	free(w->memory);
	free(w->ends);
	free(w->scale_guesses);
	free(w->ranges);
	free(w->scratch);
	free(w->converted);
	csvr_worker_filter_free(w->filter);
	csvr_worker_pairs_free(w->pairs);
	csvr_worker_groups_free(w->groups);
	free(w);
}

const struct csvr_header *csvr_worker_header(const struct csvr_worker *w, uint64_t *version)
{
	*version = w->header_version;
	return &w->header;
}

struct csvr_io_time csvr_worker_io_time(const struct csvr_worker *w)
{
	struct csvr_io_time time = w->io_time;
	time.read_ns = w->read_stopwatch.total_ns;
	return time;
}

/* ---- the loop ---- */

/* The number of scanned fields to count now: whole records, unless a record is long. */
static size_t n_fields_to_count(const struct csvr_worker *w)
{
	const struct csvr_fields *fields = &w->fields;
	size_t n = fields->n_fields;
	if (w->text_offset + w->window_end > w->chunk_end) {
		/* Past the end of the chunk, only the record that started before it. */
		size_t i = 0;
		while (i < n && !csvr_worker_is_line_end(w, i))
			i++;
		n = i < n ? i + 1 : n;
	} else if (fields->n_records > 0) {
		while (!csvr_worker_is_line_end(w, n - 1))
			n--;
	}
	if (n > 0 && csvr_worker_is_line_end(w, n - 1))
		return n;
	const bool is_long = w->window_end - w->window_start > w->long_record_bytes;
	return (is_long && !csvr_worker_must_be_whole(w)) || w->record.n_fields > 0 ? n : 0;
}

/* A record that must be whole, and is longer than the window can be, makes the file bad. */
static enum csvr_status reject_long_record(struct csvr_worker *w)
{
	const struct csvr_fields *fields = &w->fields;
	if (w->window_end - w->window_start <= CSVR_MAX_WHOLE_BYTES ||
	    !csvr_worker_must_be_whole(w))
		return CSVR_OK;
	size_t i = 0;
	while (i < fields->n_fields && !csvr_worker_is_line_end(w, i))
		i++;
	if (i < fields->n_fields && fields->ends[i] - w->window_start <= CSVR_MAX_WHOLE_BYTES)
		return CSVR_OK;
	return csvr_error_set(
		&w->chunk->error, CSVR_INVALID_FILE, csvr_worker_line_of(w, w->window_start),
		"record longer than 16 MiB; --where and --group-by need whole records");
}

/* Counts the first `n` fields of the window, or fewer: see `is_done` of scan_and_count. */
static enum csvr_status count_fields(struct csvr_worker *w, size_t n, bool *is_done)
{
	size_t n_records = w->fields.n_records, first = 0;
	enum csvr_status status = w->dialect.newline == '\r' ? csvr_worker_reject_lf(w, n)
							     : CSVR_OK;
	if (status != CSVR_OK)
		return status;
	if (w->record.n_fields > 0) {
		status = csvr_worker_count_record(w, 0, n, &first);
		n_records -= w->record.n_fields == 0;
	}
	if (status != CSVR_OK || first == n)
		return status;
	if (!csvr_worker_is_line_end(w, n - 1))
		return csvr_worker_count_record(w, first, n, &first);
	const size_t end = w->fields.ends[n - 1] + (size_t)1;
	status = csvr_worker_count_records(
		w, first, n, w->text_offset + w->window_end > w->chunk_end ? 1 : n_records);
	*is_done = w->window_start == end;
	return status;
}

/* Scans the window and counts what it can. `*is_done`: false, the rest must be scanned again. */
static enum csvr_status scan_and_count(struct csvr_worker *w, bool *is_done)
{
	*is_done = true;
	csvr_worker_skip_bom(w);
	csvr_worker_scan(w, w->window_start, w->window_end, w->record.n_fields == 0);
	const enum csvr_status long_status = reject_long_record(w);
	if (long_status != CSVR_OK)
		return long_status;
	const size_t n = n_fields_to_count(w);
	if (n == 0)
		return CSVR_OK;
	if (!w->fields.continues_after_quote || csvr_worker_check_quotes(w, n) == CSVR_OK)
		return count_fields(w, n, is_done);
	/* The file is bad; but the first line that makes it bad is named, whatever the window. */
	const struct csvr_error error = w->chunk->error;
	const enum csvr_status status = count_fields(w, n, is_done);
	if (status != CSVR_OK && (status != CSVR_INVALID_FILE || w->chunk->error.line < error.line))
		return status;
	w->chunk->error = error;
	return CSVR_INVALID_FILE;
}

static enum csvr_status process_window(struct csvr_worker *w)
{
	enum csvr_status status = CSVR_OK;
	bool is_done = false;
	while (status == CSVR_OK && !is_done)
		status = scan_and_count(w, &is_done);
	return status;
}

/* The first byte that may be read of a chunk: guess_start looks at the byte before it. */
static uint64_t first_byte(uint64_t begin)
{
	return begin > 0 ? begin - 1 : 0;
}

/* Moves the end of the chunk to that of the next one, if this worker is to read that, too. */
static bool extend_chunk(struct csvr_worker *w)
{
	const uint64_t begin = w->chunk_end;
	if (w->extension == NULL || !w->extension->extend(w->extension->context, &w->chunk_end))
		return false;
	csvr_source_advance(&w->source, first_byte(begin));
	/* The rest of the window was scanned past the end, for one record only. */
	w->window_end = w->window_start;
	return true;
}

/* True if the next record starts in a chunk that is not read. It may start several chunks later. */
static bool is_done(struct csvr_worker *w)
{
	while (w->oversized.state == CSVR_OVERSIZED_NOT && w->record.n_fields == 0 &&
	       w->text_offset + w->window_start >= w->chunk_end)
		if (!extend_chunk(w))
			return true;
	return false;
}

static void report_progress(struct csvr_worker *w)
{
	const uint64_t offset = csvr_source_progress(&w->source, w->text_offset + w->window_start);
	if (w->config->on_progress != NULL && offset > w->reported_offset)
		w->config->on_progress(w->config->context, offset - w->reported_offset);
	w->reported_offset = offset;
}

static bool is_stopped(const struct csvr_worker *w)
{
	return csvr_stop_requested(w->config->stop_flag);
}

static enum csvr_status read_records(struct csvr_worker *w)
{
	w->reported_offset = csvr_source_is_decoded(&w->source) && !csvr_worker_has_size(w)
				     ? 0
				     : w->text_offset + w->window_start;
	while (!is_done(w)) {
		if (is_stopped(w))
			return CSVR_INTERRUPTED;
		enum csvr_status status = csvr_worker_widen_window(w);
		if (status != CSVR_OK)
			return status;
		if (w->has_guessed_start && w->text_offset + w->window_end > w->chunk_end &&
		    w->text_offset + w->window_end - w->chunk_end > GUESS_OVERRUN_BYTES)
			return CSVR_NEEDS_CHUNK_START;
		size_t before = w->window_start;
		if (w->oversized.state != CSVR_OVERSIZED_NOT)
			status = csvr_worker_skip_oversized_field(w);
		if (w->oversized.state == CSVR_OVERSIZED_NOT && w->window_start < w->window_end &&
		    status == CSVR_OK)
			status = process_window(w);
		if (status != CSVR_OK)
			return status;
		if (csvr_worker_is_last_window(w) && w->window_start == w->window_end &&
		    w->oversized.state == CSVR_OVERSIZED_NOT) {
			report_progress(w);
			return CSVR_OK;
		}
		if (csvr_worker_is_last_window(w) && w->window_start == before) {
			/* Every field that ends has been counted, so this one never ends. */
			if (w->oversized.state == CSVR_OVERSIZED_QUOTED)
				return csvr_worker_unterminated_quote(w, w->oversized.line);
			return csvr_worker_open_quote(w, w->window_start);
		}
		if (w->oversized.state == CSVR_OVERSIZED_NOT && w->window_start == before &&
		    w->window_end - w->window_start > CSVR_MAX_CELL_BYTES + 1 && /* one '\r' */
		    !csvr_worker_must_be_whole(w))
			status = csvr_worker_start_oversized_field(w);
		if (status != CSVR_OK)
			return status;
		report_progress(w);
	}
	return CSVR_OK;
}

/* ---- a chunk ---- */

/* Sets chunk->start from a guess, or to UINT64_MAX if no record starts in the chunk. */
static enum csvr_status guess_start(struct csvr_worker *w, uint64_t begin)
{
	csvr_worker_reset_window(w, begin - 1);
	size_t want = w->block_bytes > CSVR_PREFIX_BYTES ? w->block_bytes : CSVR_PREFIX_BYTES;
	enum csvr_status status = CSVR_OK;
	while (status == CSVR_OK && w->text_length < want && !w->has_read_all)
		status = csvr_worker_read_more(w, want - w->text_length);
	if (status != CSVR_OK)
		return status;
	if (w->dialect.newline == '\r')
		csvr_worker_drop_final_lf(w);
	size_t at = csvr_boundary_guess(w->config->kernel, &w->dialect, w->header.n_columns, 0,
					w->text_length, &w->fields);
	if (at == SIZE_MAX && !w->has_read_all && w->text_offset + w->text_length < w->chunk_end)
		return CSVR_NEEDS_CHUNK_START;
	if (at == SIZE_MAX || w->text_offset + at >= w->chunk_end ||
	    (w->has_read_all && at == w->text_length)) {
		w->chunk->start = UINT64_MAX;
		return CSVR_OK;
	}
	w->window_start = w->window_end = at;
	w->chunk->start = w->text_offset + at;
	return CSVR_OK;
}

/* Moves the window to the start of the table, and counts what is above it. */
static void start_table(struct csvr_worker *w)
{
	struct csvr_line_count *issues = w->chunk->stats.issues;
	w->window_start = w->window_end = w->table_start;
	w->n_lines = w->n_lines_above;
	if (w->n_lines_above > 0)
		csvr_line_count_add(&issues[CSVR_ROW_ABOVE_TABLE], w->n_lines_above, 1);
	if (w->header_offset == UINT64_MAX)
		return;
	const uint64_t line = csvr_worker_line_of(w, (size_t)w->header_offset);
	if (!w->header.is_header && w->config->parse_options->header == CSVR_HEADER_AUTO)
		csvr_line_count_add(&issues[CSVR_ROW_NO_HEADER], 1, line);
	const struct csvr_parse_options *options = w->config->parse_options;
	if (w->dialect.decimal == ',' && options->decimal == CSVR_AUTO &&
	    options->thousands[0] == '\0')
		csvr_line_count_add(&issues[CSVR_ROW_DECIMAL_COMMA], 1, line);
	if (w->dialect.escape != CSVR_NONE && options->escape == CSVR_AUTO)
		csvr_line_count_add(&issues[CSVR_ROW_ESCAPE], 1, line);
	if (w->dialect.long_delimiter != NULL && options->long_delimiter[0] == '\0')
		csvr_line_count_add(&issues[CSVR_ROW_LONG_DELIMITER], 1, line);
	if (w->sniff.has_apostrophes)
		csvr_line_count_add(&issues[CSVR_ROW_APOSTROPHES], 1, line);
	if (w->sniff.has_quoted_lines)
		csvr_line_count_add(&issues[CSVR_ROW_QUOTED_WHOLE], 1, line);
	if (w->header.has_known_names)
		csvr_line_count_add(&issues[CSVR_ROW_KNOWN_NAMES], 1, line);
	if (w->sniff.first_record == CSVR_FIRST_SEEMS_HEADER)
		csvr_line_count_add(&issues[CSVR_ROW_SEEMS_HEADER], 1, line);
	else if (w->sniff.first_record == CSVR_FIRST_SEEMS_DATA)
		csvr_line_count_add(&issues[CSVR_ROW_SEEMS_DATA], 1, line);
}

static enum csvr_status resolve_start(struct csvr_worker *w, uint64_t begin, uint64_t start)
{
	w->chunk->start = 0;
	if (begin == 0) {
		start_table(w);
		return CSVR_OK;
	}
	/* Without a header all is skipped, blank or a comment, and nothing shows where records start. */
	if (start == 0 && w->header_offset == UINT64_MAX)
		return CSVR_NEEDS_CHUNK_START;
	w->has_guessed_start = start == 0;
	if (w->has_guessed_start)
		return guess_start(w, begin);
	csvr_worker_reset_window(w, start);
	w->chunk->start = start;
	return CSVR_OK;
}

/* True if the file was split by its listed size and the size of its text is unknown. */
static bool was_split_but_decoded(const struct csvr_worker *w, uint64_t begin)
{
	return (begin > 0 || w->chunk_end != UINT64_MAX) && csvr_source_is_decoded(&w->source) &&
	       !csvr_worker_has_size(w);
}

/* A file that changed while it was read may look valid or invalid for that reason: report the
 * change instead. */
static enum csvr_status verify_unchanged(struct csvr_worker *w, enum csvr_status status)
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

/* The table of a header in the summary that a pass refines. */
static enum csvr_status find_table(const struct csvr_worker *w, uint32_t *table)
{
	const struct csvr_header *header = &w->header;
	struct csvr_name *names = malloc((header->n_columns + 1) * sizeof *names);
	if (names == NULL)
		return CSVR_NO_MEMORY;
	for (size_t j = 0; j < header->n_columns; j++)
		names[j] = (struct csvr_name){ (const char *)header->names[j].start,
					       header->names[j].n_bytes };
	*table = csvr_refinement_find_table(w->config->refinement, names, header->n_columns);
	free(names);
	return CSVR_OK;
}

/* Finds the wanted ranges of each column. A column without any is not read. */
static enum csvr_status want_ranges(struct csvr_worker *w)
{
	const struct csvr_header *header = &w->header;
	if (w->config->refinement == NULL)
		return CSVR_OK;
	const struct csvr_range_list **ranges =
		csvr_array_grow(w->ranges, &w->ranges_capacity, header->n_columns,
				sizeof(const struct csvr_range_list *));
	if (ranges == NULL)
		return CSVR_NO_MEMORY;
	w->ranges = ranges;
	const struct csvr_refinement *refinement = w->config->refinement;
	const bool is_by_file = csvr_refinement_is_by_file(refinement);
	const uint32_t input = (uint32_t)(w->input - w->config->inputs->items);
	const bool is_known = w->ranges_version == w->header_version && !is_by_file;
	uint32_t table = 0;
	if (!is_known && !is_by_file && find_table(w, &table) != CSVR_OK)
		return CSVR_NO_MEMORY;
	for (size_t j = 0; j < header->n_columns && !is_known; j++) {
		const struct csvr_name name = { (const char *)header->names[j].start,
						header->names[j].n_bytes };
		ranges[j] = csvr_refinement_find(refinement, input, table, &name, j);
	}
	w->ranges_version = w->header_version;
	/* The next file may have the same header and want others. */
	for (size_t j = 0; j < header->n_columns && !is_by_file; j++)
		header->is_selected[j] &= ranges[j] != NULL;
	w->chunk->stats.ranges = ranges;
	return CSVR_OK;
}

static size_t count_selected(const struct csvr_worker *w)
{
	size_t n = 0;
	for (size_t j = 0; j < w->header.n_columns; j++)
		n += w->header.is_selected[j];
	return n;
}

static bool is_utf16_stated(const struct csvr_worker *w)
{
	const enum csvr_encoding stated = w->config->parse_options->encoding;
	return stated == CSVR_ENCODING_UTF16LE || stated == CSVR_ENCODING_UTF16BE;
}

static enum csvr_status read_chunk(struct csvr_worker *w, uint64_t begin, uint64_t start)
{
	w->source.begin = first_byte(begin);
	enum csvr_status status = csvr_worker_open_source(w);
	if (status != CSVR_OK)
		return status;
	status = csvr_worker_detect_header(w, begin);
	if (status == CSVR_OK && was_split_but_decoded(w, begin)) {
		status = csvr_source_verify(&w->source, &w->chunk->error);
		return status == CSVR_OK ? CSVR_RETRY_AS_COMPRESSED : status;
	}
	if (status != CSVR_OK)
		return verify_unchanged(w, status);
	size_t n_columns = w->header_offset == UINT64_MAX ? 0 : w->header.n_columns;
	if (n_columns > 0 && w->filter != NULL)
		csvr_worker_start_filter(w);
	if (n_columns > 0)
		status = csvr_worker_fail(w, want_ranges(w));
	if (status != CSVR_OK)
		return status;
	w->chunk->stats.collection = w->config->collection;
	w->chunk->stats.n_selected = w->config->collection != 0 ? count_selected(w) : 0;
	if (n_columns == 0 || w->chunk->stats.reset_for_header != w->header_version)
		status = csvr_worker_fail(w, csvr_file_stats_reset(&w->chunk->stats, n_columns));
	w->chunk->stats.reset_for_header = 0;
	if (begin == 0 && n_columns > 0 && status == CSVR_OK)
		csvr_worker_check_delimiter(w);
	w->rows = csvr_collection_has_rows(w->config->collection) ? &w->chunk->stats.rows : NULL;
	if (status == CSVR_OK && w->pairs != NULL)
		status = csvr_worker_fail(w, csvr_worker_pairs_start(w->pairs, &w->header,
								     &w->chunk->stats));
	if (status == CSVR_OK && w->groups != NULL)
		status = csvr_worker_fail(w, csvr_worker_groups_start(w));
	if (begin == 0 && csvr_source_is_utf16(&w->source) && !is_utf16_stated(w))
		csvr_line_count_add(&w->chunk->stats.issues[CSVR_ROW_UTF16], 1, 1);
	if (status == CSVR_OK)
		status = resolve_start(w, begin, start);
	if (status == CSVR_OK && w->chunk->start != UINT64_MAX) {
		status = read_records(w);
		if (w->groups != NULL && status == CSVR_OK)
			status = csvr_worker_finish_key_texts(w);
		status = csvr_worker_fail(w, status);
		/* A newline that was appended is not in the input. */
		w->chunk->next = w->text_offset + w->window_start -
				 (w->has_added_newline && w->window_start == w->text_length);
		if (status == CSVR_OK)
			csvr_worker_count_footer(w);
		w->chunk->stats.n_lines = w->n_lines;
	}
	return verify_unchanged(w, status);
}

/* Forgets what was read before. */
static void start_input(struct csvr_worker *w, const struct csvr_input *input, uint64_t end,
			struct csvr_chunk_stats *chunk)
{
	w->input = input;
	w->chunk = chunk;
	w->chunk_end = end;
	w->extension = NULL;
	w->has_guessed_start = false;
	w->n_lines = 0;
	w->record.n_fields = 0;
	w->oversized.state = CSVR_OVERSIZED_NOT;
	csvr_worker_reset_window(w, 0);
	chunk->error.line = 0;
	chunk->start = UINT64_MAX;
	chunk->next = 0;
}

void csvr_worker_read_header(struct csvr_worker *w, const struct csvr_input *input,
			     struct csvr_chunk_stats *chunk)
{
	const uint64_t before_ns = w->read_stopwatch.total_ns;
	start_input(w, input, UINT64_MAX, chunk);
	w->source.begin = 0;
	chunk->status = csvr_worker_open_source(w);
	if (chunk->status == CSVR_OK)
		chunk->status = csvr_worker_detect_header(w, 0);
	if (chunk->status == CSVR_OK)
		chunk->status = csvr_worker_check_header(w);
	csvr_source_close(&w->source);
	csvr_worker_note_read_time(w, before_ns);
}

/* Reads the chunk that start_input has set. */
static void read_started(struct csvr_worker *w, uint64_t begin, uint64_t start)
{
	const uint64_t before_ns = w->read_stopwatch.total_ns;
	struct csvr_chunk_stats *chunk = w->chunk;
	chunk->status = read_chunk(w, begin, start);
	chunk->size_bytes = csvr_worker_has_size(w)
				    ? w->source.size_bytes
				    : w->text_offset + w->text_length + w->held_bytes +
					      w->has_dropped_lf - w->has_added_newline;
	csvr_source_close(&w->source);
	csvr_worker_note_read_time(w, before_ns);
}

void csvr_worker_read(struct csvr_worker *w, const struct csvr_input *input, uint64_t begin,
		      uint64_t end, uint64_t start, struct csvr_chunk_stats *chunk)
{
	start_input(w, input, end, chunk);
	read_started(w, begin, start);
}

void csvr_worker_read_extended(struct csvr_worker *w, const struct csvr_input *input,
			       uint64_t begin, uint64_t end, const struct csvr_extension *extension,
			       struct csvr_chunk_stats *chunk)
{
	static const uint64_t no_start = 0;
	start_input(w, input, end, chunk);
	w->extension = extension;
	read_started(w, begin, no_start);
}
