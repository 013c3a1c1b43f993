/* worker_quotes.c - notes fields in which text follows the closing quote */
#include <string.h>

#include "parse/record_syntax.h"
#include "run/worker_internal.h"

enum csvr_status csvr_worker_add_text_after_quote(struct csvr_worker *w, bool hides_lines,
						  uint64_t line)
{
	if (!hides_lines) {
		csvr_line_count_add(&w->chunk->stats.issues[CSVR_ROW_TEXT_AFTER_QUOTE], 1, line);
		return CSVR_OK;
	}
	/* Whole rows would be lost if this quote was meant as text. */
	return csvr_error_set(&w->chunk->error, CSVR_INVALID_FILE, line,
			      "text follows the closing quote of a field that contains a line end; "
			      "double the quotes inside it, or use --no-quote");
}

/* The position after the closing quote of the field that ends there, if text other than blanks follows it; else 0. */
static size_t find_text_after_quote(const struct csvr_worker *w, const uint32_t *field_end,
				    size_t *open)
{
	const unsigned char *text = w->text;
	const size_t start = (uint32_t)(field_end[-1] + 1);
	size_t end = *field_end;
	*open = csvr_find_opening_quote(text, start, end, &w->dialect);
	if (*open == end)
		return 0;
	const size_t after = csvr_after_closing_quote(text, *open, end, &w->dialect);
	if (text[end] == w->dialect.newline)
		while (end > after && text[end - 1] == '\r')
			end--;
	size_t at = after;
	while (at < end && csvr_is_blank(text[at]))
		at++;
	return at < end ? after : 0;
}

static bool has_line_end(const struct csvr_worker *w, size_t open, size_t after)
{
	return memchr(w->text + open, w->dialect.newline, after - open) != NULL;
}

enum csvr_status csvr_worker_check_quotes(struct csvr_worker *w, size_t n_fields)
{
	const struct csvr_line_count *count = &w->chunk->stats.issues[CSVR_ROW_TEXT_AFTER_QUOTE];
	enum csvr_status status = CSVR_OK;
	for (size_t i = 0; i < n_fields && status == CSVR_OK; i++) {
		size_t start = (uint32_t)(w->fields.ends[(ptrdiff_t)i - 1] + 1), open;
		const bool starts_record = i > 0 && csvr_worker_is_line_end(w, i - 1);
		if (starts_record && !csvr_worker_find_start(w, &start))
			break;
		const size_t after = find_text_after_quote(w, w->fields.ends + i, &open);
		if (after == 0)
			continue;
		const bool hides = has_line_end(w, open, after);
		if (!hides && w->filter != NULL)
			continue;
		/* Lines are counted from the start of the window, so only if needed. */
		const uint64_t line = hides || count->n == 0 ? csvr_worker_line_of(w, open) : 0;
		status = csvr_worker_add_text_after_quote(w, hides, line);
	}
	return status;
}

void csvr_worker_count_quotes(struct csvr_worker *w, const uint32_t *ends, size_t n_fields)
{
	struct csvr_line_count *count = &w->chunk->stats.issues[CSVR_ROW_TEXT_AFTER_QUOTE];
	for (size_t i = 0; i < n_fields; i++) {
		size_t open;
		if (find_text_after_quote(w, ends + i, &open) > 0)
			csvr_line_count_add(count, 1,
					    count->n == 0 ? csvr_worker_line_of(w, open) : 0);
	}
}

enum csvr_status csvr_worker_unterminated_quote(struct csvr_worker *w, uint64_t line)
{
	return csvr_error_set(&w->chunk->error, CSVR_INVALID_FILE, line,
			      "unterminated quoted field; close the quote or use --no-quote");
}

enum csvr_status csvr_worker_open_quote(struct csvr_worker *w, size_t from)
{
	const size_t n_fields = w->fields.n_fields;
	for (size_t i = 0; i < n_fields && w->fields.continues_after_quote; i++) {
		size_t open;
		const size_t after = find_text_after_quote(w, w->fields.ends + i, &open);
		if (after > 0 && has_line_end(w, open, after))
			return csvr_worker_add_text_after_quote(w, true,
								csvr_worker_line_of(w, open));
	}
	const size_t field = n_fields == 0 ? from : w->fields.ends[n_fields - 1] + (size_t)1;
	return csvr_worker_unterminated_quote(w, csvr_worker_line_of(w, field));
}
