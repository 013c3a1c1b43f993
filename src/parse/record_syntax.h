/* record_syntax.h - the syntax of records, byte by byte: what all kernels and the slow paths share
 *
 * Shape    positions are bytes of a text; a range [from, to) may end anywhere, and what is undecided at its
 *          end belongs to the field that is open there
 * Errors   none
 * Threads  pure functions, except for the text that csvr_scan_general writes
 */
#ifndef CSVR_PARSE_RECORD_SYNTAX_H
#define CSVR_PARSE_RECORD_SYNTAX_H

#include "base/text.h"
#include "parse/kernel.h"

/* The position of the quote that opens the field at `start`, perhaps after blanks; `to` if the field is
 * not quoted, or consists of blanks so far. */
static inline size_t csvr_find_opening_quote(const unsigned char *text, size_t start, size_t to,
					     const struct csvr_dialect *dialect)
{
	size_t at = start;
	while (at < to && csvr_is_blank(text[at]) && text[at] != dialect->delimiter &&
	       text[at] != dialect->quote)
		at++;
	return at < to && text[at] == dialect->quote ? at : to;
}

/* text[open] is the quote that opens a field. Returns the position after the closing quote, or `to` if it
 * does not close before. An escaped quote must have been doubled by csvr_scan_general. */
size_t csvr_after_closing_quote(const unsigned char *text, size_t open, size_t to,
				const struct csvr_dialect *dialect);

/* csvr_after_closing_quote in fields->text. Notes what was passed in `hides_lines` and
 * `continues_after_quote`. */
size_t csvr_skip_quoted(struct csvr_fields *fields, size_t open, size_t to,
			const struct csvr_dialect *dialect);

/* Whether `delimiter`, a long one or NULL, is runs of blanks. A line of blanks alone then is a blank line. */
bool csvr_is_runs_of_blanks(const char *delimiter);

/* The length of the line of blanks and its line end at the start of the text; 0: it starts with none that ends. */
size_t csvr_line_of_blanks(const unsigned char *text, size_t n_bytes, int newline);

/* Whether scan must use csvr_scan_general. */
static inline bool csvr_needs_general_scan(const struct csvr_dialect *dialect)
{
	return dialect->comment != CSVR_NONE || dialect->escape != CSVR_NONE ||
	       dialect->long_delimiter != NULL;
}

/* Scans byte by byte, for dialects with comments, whose lines hide quotes and delimiters, with an escape, or
 * with a long delimiter. It writes to the text, so that all other functions need to know neither: an escaped
 * quote becomes a doubled one, and a long delimiter becomes blanks and `delimiter`. To scan the result again
 * gives the same fields, as long as a field starts where the first scan found one. */
void csvr_scan_general(const struct csvr_dialect *dialect, size_t from, size_t to,
		       struct csvr_fields *fields);

/* If a long delimiter is at text[at], replaces it as csvr_scan_general does, and returns its length. 0: there is
 * none, or it may continue after `to`. `is_at_start`: the record has nothing but blanks so far. */
size_t csvr_replace_delimiter(const struct csvr_dialect *dialect, unsigned char *text, size_t at,
			      size_t to, bool is_at_start);

/* Whether a long delimiter may start at text[at] and continue after `to`. */
bool csvr_may_be_delimiter(const struct csvr_dialect *dialect, const unsigned char *text, size_t at,
			   size_t to);

#endif
