/* record_syntax.c - the syntax of records, byte by byte */
#include "parse/record_syntax.h"

#include <string.h>

#include "parse/header_repeat.h"

/* ---- quotes ---- */

static size_t after_doubled_quotes(const unsigned char *text, size_t at, size_t to, int quote)
{
	while (at < to) {
		const unsigned char *close = memchr(text + at, quote, to - at);
		if (close == NULL)
			return to;
		at = (size_t)(close - text) + 1;
		if (at == to || text[at] != quote)
			return at;
		at++;
	}
	return to;
}

size_t csvr_after_closing_quote(const unsigned char *text, size_t open, size_t to,
				const struct csvr_dialect *dialect)
{
	const int quote = dialect->quote, escape = dialect->escape;
	if (escape == CSVR_NONE)
		return after_doubled_quotes(text, open + 1, to, quote);
	size_t at = open + 1;
	while (at < to) {
		const bool has_next = at + 1 < to;
		if (text[at] == escape || (text[at] == quote && has_next && text[at + 1] == quote))
			at += 2;
		else if (text[at++] == quote)
			return at;
	}
	return to;
}

size_t csvr_skip_quoted(struct csvr_fields *fields, size_t open, size_t to,
			const struct csvr_dialect *dialect)
{
	const unsigned char *text = fields->text;
	const size_t after = csvr_after_closing_quote(text, open, to, dialect);
	fields->hides_lines |= memchr(text + open, dialect->newline, after - open) != NULL;
	if (after == to || text[after] == dialect->delimiter || text[after] == dialect->newline)
		return after;
	fields->continues_after_quote |= text[after] != '\r' || after + 1 == to ||
					 text[after + 1] != dialect->newline;
	return after;
}

/* Doubles the escaped quotes of the quoted field at fields->text[open]; an escape at the end of the range
 * stays. */
static void double_escaped_quotes(struct csvr_fields *fields, size_t open, size_t to,
				  const struct csvr_dialect *dialect)
{
	unsigned char *text = fields->text;
	for (size_t at = open + 1; at + 1 < to; at++) {
		const bool is_doubled = text[at] == dialect->quote &&
					text[at + 1] == dialect->quote;
		if (text[at] == dialect->escape && text[at + 1] == dialect->quote)
			text[at] = (unsigned char)dialect->quote;
		else if (text[at] == dialect->quote && !is_doubled)
			return;
		else if (text[at] != dialect->escape && !is_doubled)
			continue;
		at++;
	}
}

/* ---- long delimiters ---- */

bool csvr_is_runs_of_blanks(const char *delimiter)
{
	return delimiter != NULL && strcmp(delimiter, CSVR_RUNS_OF_BLANKS) == 0;
}

size_t csvr_line_of_blanks(const unsigned char *text, size_t n_bytes, int newline)
{
	size_t at = 0;
	while (at < n_bytes && csvr_is_blank(text[at]))
		at++;
	if (at == 0)
		return 0;
	while (at < n_bytes && text[at] == '\r' && newline != '\r')
		at++;
	return at < n_bytes && text[at] == newline ? at + 1 : 0;
}

/* Whether the blank at text[at] is the last of a run inside a record. */
static bool ends_run(const struct csvr_dialect *dialect, const unsigned char *text, size_t at,
		     size_t to)
{
	if (at + 1 >= to || !csvr_is_blank(text[at]))
		return false;
	const unsigned char next = text[at + 1];
	return !csvr_is_blank(next) && next != dialect->newline && next != '\r' &&
	       next != dialect->delimiter;
}

size_t csvr_replace_delimiter(const struct csvr_dialect *dialect, unsigned char *text, size_t at,
			      size_t to, bool is_at_start)
{
	if (csvr_is_runs_of_blanks(dialect->long_delimiter)) {
		if (is_at_start || !ends_run(dialect, text, at, to))
			return 0;
		text[at] = dialect->delimiter;
		return 1;
	}
	const size_t n_bytes = strlen(dialect->long_delimiter);
	if (text[at] != (unsigned char)dialect->long_delimiter[0] || to - at < n_bytes ||
	    memcmp(text + at, dialect->long_delimiter, n_bytes) != 0)
		return 0;
	/* Blanks that it does not contain itself, so that no other one arises. They are part of the cell
	 * before, where they are trimmed. */
	memset(text + at, memchr(dialect->long_delimiter, ' ', n_bytes) == NULL ? ' ' : '\t',
	       n_bytes - 1);
	text[at + n_bytes - 1] = dialect->delimiter;
	return n_bytes;
}

bool csvr_may_be_delimiter(const struct csvr_dialect *dialect, const unsigned char *text, size_t at,
			   size_t to)
{
	if (dialect->long_delimiter == NULL)
		return false;
	if (csvr_is_runs_of_blanks(dialect->long_delimiter))
		return at + 1 == to && csvr_is_blank(text[at]);
	return to - at < strlen(dialect->long_delimiter) &&
	       memcmp(text + at, dialect->long_delimiter, to - at) == 0;
}

/* ---- scan ---- */

void csvr_scan_general(const struct csvr_dialect *dialect, size_t from, size_t to,
		       struct csvr_fields *fields)
{
	unsigned char *text = fields->text;
	bool at_record_start = fields->starts_record, at_field_start = true;
	/* The record has nothing but blanks so far. */
	bool is_empty = fields->starts_record;
	fields->n_fields = fields->n_records = 0;
	fields->hides_lines = fields->continues_after_quote = false;
	for (size_t at = from; at < to;) {
		/* What follows a byte order mark is the start of the record: it will be scanned from there. */
		if (at_record_start && to - at >= CSVR_BOM_BYTES && csvr_is_bom(text + at)) {
			at += CSVR_BOM_BYTES;
			continue;
		}
		if (at_record_start && text[at] == dialect->comment) {
			const unsigned char *end = memchr(text + at, dialect->newline, to - at);
			if (end == NULL)
				return;
			at = (size_t)(end - text);
		} else if (at_field_start && text[at] == dialect->quote) {
			if (dialect->escape != CSVR_NONE)
				double_escaped_quotes(fields, at, to, dialect);
			at = csvr_skip_quoted(fields, at, to, dialect);
			at_record_start = at_field_start = is_empty = false;
			continue;
		} else if (dialect->long_delimiter != NULL) {
			const size_t n = csvr_replace_delimiter(dialect, text, at, to, is_empty);
			at += n > 0 ? n - 1 : 0;
		}
		const unsigned char byte = text[at];
		at_record_start = byte == dialect->newline;
		const bool ends_field = at_record_start || byte == dialect->delimiter;
		at_field_start = ends_field || (at_field_start && csvr_is_blank(byte));
		is_empty = at_record_start || (is_empty && csvr_is_blank(byte));
		if (ends_field)
			fields->ends[fields->n_fields++] = (uint32_t)at;
		fields->n_records += at_record_start;
		at++;
	}
}
