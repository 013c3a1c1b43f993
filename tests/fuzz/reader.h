/* reader.h - a slow CSV reader: a second implementation of the manual's section on records
 *
 * Shape    a text, whole in memory, to records of strings; how it is written is given, see decisions.h
 * Source   RFC 4180 and the manual; shares nothing with src/parse
 */
#ifndef CSVR_TESTS_FUZZ_READER_H
#define CSVR_TESTS_FUZZ_READER_H

#include <string.h>

#include "csvreport.h"
#include "fuzz.h"

struct string {
	unsigned char *bytes;
	size_t n_bytes, n_written; /* as written in the file, with quotes */
	uint64_t continued_line; /* of its quote, if text follows the closing one; 0: none does */
	bool is_continued_over_lines;
	bool has_lf; /* outside quotes, where it ends no line */
	bool is_blank; /* as written: only blanks */
};

struct record {
	struct string *fields;
	size_t n_fields;
	uint64_t line;
	bool is_comment, is_blank;
	uint64_t
		lf_line; /* of the first LF that is no line end, outside quotes; 0: there is none */
	size_t begin, end; /* its bytes, without the line end */
};

/* ---- records ---- */

/* The position in a text, and its dialect. */
struct reader {
	const unsigned char *text;
	size_t n_bytes, at;
	uint64_t line;
	int delimiter, newline, quote, comment, escape;
	const char *long_delimiter; /* NULL: none */
	bool has_runs_of_blanks; /* as the delimiter: lines of blanks are blank */
	bool is_unterminated;
	uint64_t quote_line;
};

static inline int byte_at(const struct reader *r, size_t at)
{
	return at < r->n_bytes ? r->text[at] : -1;
}

/* The length of the line end at `at`, 0 at the end of the text, -1 if there is none. */
static inline int line_end(const struct reader *r, size_t at)
{
	if (at >= r->n_bytes)
		return 0;
	if (r->text[at] == r->newline)
		return 1;
	if (r->newline != '\n')
		return -1;
	size_t end = at;
	while (byte_at(r, end) == '\r')
		end++;
	if (end == at || (end < r->n_bytes && r->text[end] != '\n'))
		return -1;
	return (int)(end - at) + (end < r->n_bytes);
}

static inline bool is_blank_byte(int byte)
{
	return byte == ' ' || byte == '\t';
}

/* The length of the delimiter at `at`, outside quotes; 0: there is none. `is_empty`: the record has nothing but blanks
 * before. */
static inline size_t delimiter_at(const struct reader *r, size_t at, bool is_empty)
{
	if (byte_at(r, at) == r->delimiter)
		return 1;
	if (r->long_delimiter == NULL || at >= r->n_bytes)
		return 0;
	if (strcmp(r->long_delimiter, CSVR_RUNS_OF_BLANKS) != 0) {
		const size_t n = strlen(r->long_delimiter);
		return r->n_bytes - at >= n && memcmp(r->text + at, r->long_delimiter, n) == 0 ? n
											       : 0;
	}
	/* The last blank of a run that does not end the record. */
	const int next = byte_at(r, at + 1);
	return !is_empty && is_blank_byte(r->text[at]) && !is_blank_byte(next) && next != -1 &&
	       next != r->newline && next != '\r' && next != r->delimiter;
}

static inline void append_byte(struct string *field, size_t *capacity, int byte)
{
	if (field->n_bytes == *capacity) {
		*capacity = *capacity * 2 + 16;
		field->bytes = need(realloc(field->bytes, *capacity));
	}
	field->bytes[field->n_bytes++] = (unsigned char)byte;
}

/* Whether the byte at `at`, inside quotes, makes the next one text. */
static inline bool is_escape(const struct reader *r, size_t at)
{
	const int byte = byte_at(r, at), next = byte_at(r, at + 1);
	return (byte == r->escape && (next == r->quote || next == r->escape)) ||
	       (byte == r->quote && next == r->quote);
}

/* Reads the field at r->at, up to its delimiter, whose length is stored, or line end. */
static inline struct string read_field(struct reader *r, bool is_first, size_t *n_delimiter)
{
	struct string field = { .bytes = NULL };
	const size_t begin = r->at;
	size_t end = begin, capacity = 0;
	bool in_quotes = false, was_quoted = false, is_blank = true, has_lines = false;
	*n_delimiter = 0;
	while (in_quotes ? end < r->n_bytes
			 : (*n_delimiter = delimiter_at(r, end, is_first && is_blank)) == 0 &&
				   line_end(r, end) < 0) {
		if (in_quotes && is_escape(r, end))
			end++;
		else if (byte_at(r, end) == r->quote && (in_quotes || is_blank)) {
			r->quote_line = in_quotes ? r->quote_line : r->line;
			field.n_bytes = in_quotes ? field.n_bytes : 0;
			in_quotes = !in_quotes;
			was_quoted = true;
			is_blank = false;
			end++;
			continue;
		}
		const int byte = byte_at(r, end);
		end++;
		r->line += byte == r->newline;
		has_lines |= byte == r->newline;
		is_blank &= is_blank_byte(byte);
		if (was_quoted && !in_quotes && !is_blank_byte(byte)) {
			field.continued_line = r->quote_line;
			field.is_continued_over_lines = has_lines;
		}
		field.has_lf |= byte == '\n' && !in_quotes && r->newline != '\n';
		append_byte(&field, &capacity, byte);
	}
	field.has_lf &= !was_quoted;
	r->is_unterminated |= in_quotes;
	/* All but the last byte of a long delimiter belong to the field before, as blanks. */
	field.is_blank = is_blank;
	field.n_written = end - begin + (*n_delimiter > 0 ? *n_delimiter - 1 : 0);
	r->at = end;
	return field;
}

static inline void add_field(struct record *record, struct string field, uint64_t line)
{
	if (field.has_lf && record->lf_line == 0)
		record->lf_line = line;
	const size_t n = record->n_fields;
	if ((n & (n - 1)) == 0) /* grow to the next power of two */
		record->fields = need(realloc(record->fields, (2 * n + 1) * sizeof field));
	record->fields[record->n_fields++] = field;
}

/* A byte order mark at the start of a record is no part of it. */
static inline void skip_marks(struct reader *r)
{
	static const unsigned char mark[] = { 0xef, 0xbb, 0xbf };
	while (r->n_bytes - r->at >= sizeof mark && memcmp(r->text + r->at, mark, sizeof mark) == 0)
		r->at += sizeof mark;
}

/* Reads the next record; false after the last. */
static inline bool read_record(struct reader *r, struct record *record)
{
	memset(record, 0, sizeof *record);
	record->line = r->line;
	if (r->at >= r->n_bytes)
		return false;
	skip_marks(r);
	record->begin = r->at;
	if (byte_at(r, r->at) == r->comment) {
		record->is_comment = true;
		for (; r->at < r->n_bytes && r->text[r->at] != r->newline; r->at++)
			if (r->text[r->at] == '\n')
				record->lf_line = r->line;
	} else {
		size_t n_delimiter;
		struct string field = read_field(r, true, &n_delimiter);
		add_field(record, field, r->line);
		while (n_delimiter > 0) {
			r->at += n_delimiter;
			field = read_field(r, false, &n_delimiter);
			add_field(record, field, r->line);
		}
		record->is_blank = record->n_fields == 1 &&
				   (record->fields[0].n_written == 0 ||
				    (r->has_runs_of_blanks && record->fields[0].is_blank));
	}
	record->end = r->at;
	r->at += r->at < r->n_bytes ? (size_t)line_end(r, r->at) : 0;
	r->line++;
	return true;
}

static inline void free_record(struct record *record)
{
	for (size_t i = 0; i < record->n_fields; i++)
		free(record->fields[i].bytes);
	free(record->fields);
}

/* ---- the last lines ---- */

/* Whether a line is skipped in any case. */
static inline bool is_skipped_line(const struct reader *r, size_t begin, size_t end)
{
	const bool is_comment = begin < end && r->text[begin] == r->comment;
	while (r->has_runs_of_blanks && begin < end && is_blank_byte(r->text[begin]))
		begin++;
	return is_comment || line_end(r, begin) >= (int)(end - begin);
}

/* Where the last line of [0, n_bytes) begins. */
static inline size_t last_line(const struct reader *r, size_t n_bytes)
{
	size_t begin = n_bytes > 0 ? n_bytes - 1 : 0;
	while (begin > 0 && r->text[begin - 1] != r->newline)
		begin--;
	return begin;
}

/* Cuts the last lines off the text: as many as are skipped, blank lines and comments not counted. */
static inline size_t cut_footer(const struct reader *r, int n_lines)
{
	size_t end = r->n_bytes;
	for (int n = 0; end > 0 && n < n_lines;) {
		const size_t begin = last_line(r, end);
		n += !is_skipped_line(r, begin, end - (r->text[end - 1] == r->newline));
		end = begin;
	}
	return end;
}

/* ---- texts ---- */

static inline void trim(struct string *s)
{
	size_t first = 0;
	while (s->n_bytes > 0 &&
	       (s->bytes[s->n_bytes - 1] == ' ' || s->bytes[s->n_bytes - 1] == '\t'))
		s->n_bytes--;
	while (first < s->n_bytes && (s->bytes[first] == ' ' || s->bytes[first] == '\t'))
		first++;
	if (first > 0)
		memmove(s->bytes, s->bytes + first, s->n_bytes - first);
	s->n_bytes -= first;
}

static inline struct string copy_of(const struct string *s)
{
	struct string copy = *s;
	copy.bytes = need(malloc(s->n_bytes + 1));
	if (s->n_bytes > 0)
		memcpy(copy.bytes, s->bytes, s->n_bytes);
	return copy;
}

static inline bool is_same_string(const struct string *a, const struct string *b)
{
	return a->n_bytes == b->n_bytes &&
	       (a->n_bytes == 0 || memcmp(a->bytes, b->bytes, a->n_bytes) == 0);
}

#endif
