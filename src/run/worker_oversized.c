/* worker_oversized.c - skips fields that exceed the buffer, byte by byte */
#include <string.h>

#include "parse/record_syntax.h"
#include "run/worker_internal.h"

/* Text follows a closing quote. */
static enum csvr_status note_text_after_quote(struct csvr_worker *w)
{
	struct csvr_oversized_field *field = &w->oversized;
	field->state = CSVR_OVERSIZED_PLAIN;
	return csvr_worker_add_text_after_quote(w, field->hides_lines, field->line);
}

/* The position after the closing quote, or of the first byte that must wait for the next one: half of a pair. */
static size_t skip_quoted(struct csvr_worker *w, size_t at)
{
	unsigned char *text = w->text;
	const struct csvr_dialect *dialect = &w->dialect;
	while (at < w->window_end) {
		if (text[at] != dialect->quote && text[at] != dialect->escape) {
			w->oversized.hides_lines |= text[at] == dialect->newline;
			at++;
			continue;
		}
		if (at + 1 == w->window_end)
			return at;
		if (text[at] == dialect->quote && text[at + 1] != dialect->quote) {
			w->oversized.state = CSVR_OVERSIZED_CLOSED;
			return at + 1;
		}
		/* As csvr_scan_general does. */
		if (text[at + 1] == dialect->quote)
			text[at] = (unsigned char)dialect->quote;
		w->oversized.hides_lines |= text[at + 1] == dialect->newline;
		at += 2;
	}
	return at;
}

/* A byte outside quotes that does not end the field. */
static enum csvr_status note_byte(struct csvr_worker *w, unsigned char byte)
{
	struct csvr_oversized_field *field = &w->oversized;
	if (field->state == CSVR_OVERSIZED_BLANK) {
		if (byte == w->dialect.quote)
			field->state = CSVR_OVERSIZED_QUOTED;
		else if (byte == '\r')
			field->state = CSVR_OVERSIZED_RETURNS;
		else if (!csvr_is_blank(byte))
			field->state = CSVR_OVERSIZED_PLAIN;
	} else if (field->state == CSVR_OVERSIZED_RETURNS) {
		if (byte != '\r')
			field->state = CSVR_OVERSIZED_PLAIN;
	} else if (field->state == CSVR_OVERSIZED_CLOSED) {
		/* Before a line end they would belong to that. */
		if (byte == '\r')
			field->has_returns = true;
		else if (field->has_returns || !csvr_is_blank(byte))
			return note_text_after_quote(w);
	}
	return CSVR_OK;
}

/* Moves `*at` over bytes outside quotes, up to and including the delimiter or line end. */
static enum csvr_status skip_unquoted(struct csvr_worker *w, size_t *at, bool *is_over)
{
	const struct csvr_dialect *dialect = &w->dialect;
	enum csvr_status status = CSVR_OK;
	while (*at < w->window_end && !*is_over && status == CSVR_OK &&
	       w->oversized.state != CSVR_OVERSIZED_QUOTED) {
		const bool is_at_start = w->oversized.state == CSVR_OVERSIZED_BLANK &&
					 w->record.n_fields == 1;
		if (dialect->long_delimiter != NULL) {
			const size_t n = csvr_replace_delimiter(dialect, w->text, *at,
								w->window_end, is_at_start);
			if (n == 0 && csvr_may_be_delimiter(dialect, w->text, *at, w->window_end))
				return CSVR_OK; /* the next window shows it */
			*at += n > 0 ? n - 1 : 0;
		}
		const unsigned char byte = w->text[*at];
		*is_over = byte == dialect->newline || byte == dialect->delimiter;
		if (byte == '\n' && !*is_over && w->oversized.state != CSVR_OVERSIZED_CLOSED)
			status = csvr_worker_lf_error(w, *at);
		else if (!*is_over)
			status = note_byte(w, byte);
		else if (byte == dialect->delimiter && w->oversized.has_returns)
			status = note_text_after_quote(w);
		++*at;
	}
	return status;
}

static size_t skip_comment(const struct csvr_worker *w, size_t at, bool *is_over)
{
	const unsigned char *newline = memchr(w->text + at, w->dialect.newline, w->window_end - at);
	*is_over = newline != NULL;
	return newline != NULL ? (size_t)(newline - w->text) + 1 : w->window_end;
}

/* Counts the field that starts at text[at] as a text. */
static enum csvr_status count_field(struct csvr_worker *w, size_t at)
{
	const size_t j = w->record.n_fields - 1;
	if (w->record.kind != CSVR_RECORD_DATA || j >= w->chunk->stats.n_columns ||
	    !w->header.is_selected[j])
		return CSVR_OK;
	return csvr_worker_count_oversized(w, &w->chunk->stats.columns[j], at);
}

/* Decides whether the field is a blank line, if the bytes from window_start on show it. */
static enum csvr_status decide_blank_line(struct csvr_worker *w, bool ends_record, bool is_over)
{
	struct csvr_oversized_field *field = &w->oversized;
	const bool has_only_blanks = field->state == CSVR_OVERSIZED_BLANK ||
				     field->state == CSVR_OVERSIZED_RETURNS;
	if (!field->may_be_blank_line || (has_only_blanks && !is_over))
		return CSVR_OK;
	field->may_be_blank_line = false;
	if (has_only_blanks && ends_record) {
		w->record.kind = CSVR_RECORD_BLANK;
		return CSVR_OK;
	}
	return count_field(w, w->window_start);
}

enum csvr_status csvr_worker_skip_oversized_field(struct csvr_worker *w)
{
	size_t at = w->window_start;
	bool is_over = false;
	enum csvr_status status = CSVR_OK;
	if (w->oversized.state == CSVR_OVERSIZED_COMMENT) {
		at = skip_comment(w, at, &is_over);
	} else {
		/* It may be blank, then quoted, then closed. */
		if (w->oversized.state != CSVR_OVERSIZED_QUOTED)
			status = skip_unquoted(w, &at, &is_over);
		if (w->oversized.state == CSVR_OVERSIZED_QUOTED)
			at = skip_quoted(w, at);
		if (w->oversized.state == CSVR_OVERSIZED_CLOSED && !is_over && status == CSVR_OK)
			status = skip_unquoted(w, &at, &is_over);
	}
	if (status != CSVR_OK)
		return status;
	const bool ends_record = is_over && w->text[at - 1] == w->dialect.newline;
	status = decide_blank_line(w, ends_record, is_over);
	if (status != CSVR_OK)
		return status;
	w->n_lines += csvr_worker_count_lines(w, w->window_start, at);
	csvr_worker_hash_bytes(w, w->window_start, at - ends_record);
	w->window_start = at;
	if (is_over)
		w->oversized.state = CSVR_OVERSIZED_NOT;
	return ends_record ? csvr_worker_finish_record(w, 1) : CSVR_OK;
}

enum csvr_status csvr_worker_start_oversized_field(struct csvr_worker *w)
{
	const unsigned char *start = w->text + w->window_start, *end = w->text + w->window_end;
	const bool starts_record = w->record.n_fields == 0;
	if (starts_record)
		csvr_worker_start_record(w, w->window_start, false);
	w->record.n_fields++;
	w->record.has_text = true;
	w->oversized = (struct csvr_oversized_field){
		.state = w->record.kind == CSVR_RECORD_COMMENT ? CSVR_OVERSIZED_COMMENT
							       : CSVR_OVERSIZED_BLANK,
		.line = csvr_worker_line_of(w, w->window_start),
	};
	end = csvr_worker_strip_returns(start, end);
	csvr_trim(&start, &end);
	w->oversized.may_be_blank_line = starts_record && start == end &&
					 csvr_is_runs_of_blanks(w->dialect.long_delimiter);
	return w->oversized.may_be_blank_line ? CSVR_OK : count_field(w, w->window_start);
}
