/* reader.h - a slow CSV reader: a second implementation of the manual's section on records
 *
 * Shape    a text, whole in memory, to records of strings, to a table of counts and exact sums
 * Limits   the caller must recognize bytes that are not CSV text (UTF-16, compressed data)
 * Source   RFC 4180 and the manual; shares nothing with src/parse
 */
#ifndef CSVR_TESTS_FUZZ_READER_H
#define CSVR_TESTS_FUZZ_READER_H

#include "cells.h"
#include "csvreport.h"
#include "parse/dialect.h"
#include "stats/file_stats.h"

/* 64 KiB and 512 KiB, except in a fuzzing build. */
enum { PREFIX_BYTES = CSVR_PREFIX_BYTES, LONGEST_CELL = CSVR_MAX_CELL_BYTES };

/* Names of more columns are not computed: this takes quadratic time. */
enum { MOST_NAMES = 400 };

struct string {
	unsigned char *bytes;
	size_t n_bytes, n_written; /* as written in the file, with quotes */
	bool has_cr; /* unquoted and contains a CR */
	uint64_t continued_line; /* of its quote, if text follows the closing one; 0: none does */
	bool is_continued_over_lines;
};

struct record {
	struct string *fields;
	size_t n_fields;
	uint64_t line;
	bool is_comment, is_blank;
	size_t begin, end; /* its bytes, without the line end */
};

struct ref_column {
	uint64_t cells[CSVR_N_CELL_CLASSES];
	uint64_t n_true;
	/* By kind: the first cell, as long as an example may be. */
	struct {
		uint64_t line;
		size_t n_bytes;
		bool is_cut;
		unsigned char bytes[CSVR_EXAMPLE_BYTES];
	} first[CSVR_N_KINDS];
	struct digits *sum[CSVR_N_QUANTITIES]; /* NULL: no cell yet */
	unsigned notation[CSVR_N_QUANTITIES];
};

enum ref_kind { REF_READ, REF_EMPTY, REF_HEADER_ONLY, REF_BAD };

/* The expected statistics of one file. */
struct ref_table {
	enum ref_kind kind;
	uint64_t bad_line;
	struct string *names;
	struct ref_column *columns;
	size_t n_columns;
	uint64_t n_rows, n_extra_fields;
	struct csvr_line_count issues[CSVR_N_ROW_ISSUES];
	struct string *header; /* the texts of the header, if there is one */
	size_t header_bytes; /* as written */
	bool may_repeat, may_be_permuted; /* the header */
};

/* ---- records ---- */

/* The position in a text, and its dialect. */
struct reader {
	const unsigned char *text;
	size_t n_bytes, at;
	uint64_t line;
	int delimiter, newline, quote, comment;
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

/* Reads the field at r->at, up to its delimiter or line end. */
static inline struct string read_field(struct reader *r)
{
	struct string field = { .bytes = NULL };
	const size_t begin = r->at;
	size_t end = begin, capacity = 0;
	bool in_quotes = false, was_quoted = false, is_blank = true, has_lines = false;
	while (in_quotes ? end < r->n_bytes
			 : byte_at(r, end) != r->delimiter && line_end(r, end) < 0) {
		const int byte = byte_at(r, end);
		end++;
		if (byte == r->quote && is_blank) {
			in_quotes = was_quoted = true;
			is_blank = false;
			field.n_bytes = 0;
			r->quote_line = r->line;
			continue;
		}
		if (in_quotes && byte == r->quote && byte_at(r, end) != r->quote) {
			in_quotes = false;
			continue;
		}
		if (in_quotes && byte == r->quote)
			end++; /* the second of two */
		if (byte == r->newline)
			r->line++;
		has_lines |= byte == r->newline;
		is_blank &= byte == ' ' || byte == '\t';
		if (was_quoted && !in_quotes && byte != ' ' && byte != '\t') {
			field.continued_line = r->quote_line;
			field.is_continued_over_lines = has_lines;
		}
		if (field.n_bytes == capacity) {
			capacity = capacity * 2 + 16;
			field.bytes = need(realloc(field.bytes, capacity));
		}
		field.bytes[field.n_bytes++] = (unsigned char)byte;
		field.has_cr |= byte == '\r';
	}
	field.has_cr &= !was_quoted;
	r->is_unterminated |= in_quotes;
	field.n_written = end - begin;
	r->at = end;
	return field;
}

static inline void add_field(struct record *record, struct string field)
{
	const size_t n = record->n_fields;
	if ((n & (n - 1)) == 0) /* grow to the next power of two */
		record->fields = need(realloc(record->fields, (2 * n + 1) * sizeof field));
	record->fields[record->n_fields++] = field;
}

/* A byte order mark at the start of a record is no part of it, unless one of its bytes has another meaning. */
static inline void skip_marks(struct reader *r)
{
	static const unsigned char mark[] = { 0xef, 0xbb, 0xbf };
	if (r->quote == mark[0] || r->comment == mark[0] ||
	    memchr(mark, r->delimiter & 0xff, sizeof mark) != NULL)
		return;
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
		while (r->at < r->n_bytes && r->text[r->at] != r->newline)
			r->at++;
	} else {
		add_field(record, read_field(r));
		while (byte_at(r, r->at) == r->delimiter) {
			r->at++;
			add_field(record, read_field(r));
		}
		record->is_blank = record->n_fields == 1 && record->fields[0].n_written == 0;
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

/* ---- delimiter and names ---- */

/* Whichever of , ; tab | is most frequent outside quotes in the first record, the comma if none
 * occurs. The delimiter is not known yet, so a quoted field may start after any of them. */
static inline int guess_delimiter(const struct reader *r, size_t n_prefix)
{
	static const char candidates[] = ",;\t|";
	size_t counts[4] = { 0 }, best = 0;
	bool at_start = true, in_quotes = false;
	const size_t limit = n_prefix < r->n_bytes ? n_prefix : r->n_bytes;
	for (size_t at = r->at; at < limit; at++) {
		const int byte = r->text[at];
		if (in_quotes) {
			if (byte == r->quote && at + 1 < limit && r->text[at + 1] == r->quote)
				at++;
			else if (byte == r->quote)
				in_quotes = false;
			continue;
		}
		if (byte == r->newline)
			break;
		in_quotes = at_start && byte == r->quote;
		const bool is_candidate = byte != 0 && strchr(candidates, byte) != NULL;
		at_start = is_candidate || (at_start && byte == ' ');
		if (is_candidate)
			counts[strchr(candidates, byte) - candidates]++;
	}
	for (size_t i = 1; i < 4; i++)
		if (counts[i] > counts[best])
			best = i;
	return candidates[best];
}

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

static inline bool is_same_string(const struct string *a, const struct string *b)
{
	return a->n_bytes == b->n_bytes &&
	       (a->n_bytes == 0 || memcmp(a->bytes, b->bytes, a->n_bytes) == 0);
}

static inline bool has_name(const struct string *names, size_t n_names, const struct string *name)
{
	for (size_t i = 0; i < n_names; i++)
		if (is_same_string(&names[i], name))
			return true;
	return false;
}

static inline void set_name(struct string *name, const unsigned char *stem, size_t n_stem,
			    const char *suffix, unsigned long number)
{
	const size_t capacity = n_stem + strlen(suffix) + 24;
	char *text = need(malloc(capacity));
	if (n_stem > 0)
		memcpy(text, stem, n_stem);
	const int n = snprintf(text + n_stem, capacity - n_stem, "%s%lu", suffix, number);
	free(name->bytes);
	name->bytes = (unsigned char *)text;
	name->n_bytes = n_stem + (size_t)n;
}

/* An empty name becomes column_3; a duplicate a.2, the next a.3, skipping names that exist. */
static inline void name_columns(struct string *names, size_t n_names)
{
	bool *is_second = need(calloc(n_names, sizeof *is_second));
	for (size_t i = 0; i < n_names; i++)
		if (names[i].n_bytes == 0)
			set_name(&names[i], NULL, 0, "column_", i + 1);
	for (size_t i = 0; i < n_names; i++)
		is_second[i] = has_name(names, i, &names[i]);
	for (size_t i = 0; i < n_names; i++) {
		if (!is_second[i])
			continue;
		struct string given = { .bytes = NULL };
		unsigned long number = 2;
		do
			set_name(&given, names[i].bytes, names[i].n_bytes, ".", number++);
		while (has_name(names, n_names, &given));
		free(names[i].bytes);
		names[i] = given;
	}
	free(is_second);
}

/* ---- rows ---- */

static inline void count_issue(struct csvr_line_count *count, uint64_t line)
{
	if (count->n++ == 0)
		count->first_line = line;
}

/* The kind and the quantity of a class; CSVR_N_KINDS and CSVR_N_QUANTITIES for none. */
static inline enum csvr_kind ref_kind_of(enum csvr_cell_class class)
{
	switch (class) {
	case CSVR_CELL_NUMBER:
		return CSVR_KIND_NUMBER;
	case CSVR_CELL_BOOLEAN:
		return CSVR_KIND_BOOLEAN;
	case CSVR_CELL_DATE:
	case CSVR_CELL_DATETIME:
		return CSVR_KIND_DATE;
	case CSVR_CELL_TIME:
		return CSVR_KIND_TIME;
	case CSVR_CELL_TEXT:
		return CSVR_KIND_TEXT;
	default:
		return CSVR_N_KINDS;
	}
}

static inline enum csvr_quantity ref_quantity_of(enum csvr_kind kind)
{
	return kind == CSVR_KIND_NUMBER ? CSVR_QUANTITY_NUMBER
	       : kind == CSVR_KIND_DATE ? CSVR_QUANTITY_DATE
	       : kind == CSVR_KIND_TIME ? CSVR_QUANTITY_TIME
					: CSVR_N_QUANTITIES;
}

static inline void note_first(struct ref_column *column, enum csvr_kind kind, uint64_t line,
			      const struct string *field)
{
	if (kind == CSVR_N_KINDS || column->first[kind].line != 0)
		return;
	column->first[kind].line = line;
	if (field->n_written > LONGEST_CELL)
		return;
	column->first[kind].is_cut = field->n_bytes > CSVR_EXAMPLE_BYTES;
	column->first[kind].n_bytes = field->n_bytes < CSVR_EXAMPLE_BYTES ? field->n_bytes
									  : CSVR_EXAMPLE_BYTES;
	memcpy(column->first[kind].bytes, field->bytes, column->first[kind].n_bytes);
}

static inline void count_cell(struct ref_column *column, struct string *field, uint64_t line,
			      struct csvr_string_list nulls)
{
	struct cell cell;
	cell.class = CSVR_CELL_TEXT;
	trim(field);
	if (field->n_written <= LONGEST_CELL)
		classify(field->bytes, field->n_bytes, nulls, &cell);
	column->cells[cell.class]++;
	const enum csvr_kind kind = ref_kind_of(cell.class);
	const enum csvr_quantity quantity = ref_quantity_of(kind);
	note_first(column, kind, line, field);
	if (cell.class == CSVR_CELL_BOOLEAN)
		column->n_true += field->n_bytes == strlen("true");
	if (quantity == CSVR_N_QUANTITIES)
		return;
	column->notation[quantity] |= cell.notation;
	if (column->sum[quantity] == NULL) {
		column->sum[quantity] = need(malloc(sizeof(struct digits)));
		digits_zero(column->sum[quantity]);
	}
	digits_add(column->sum[quantity], &cell.value);
}

static inline void count_row(struct ref_table *t, struct record *row, struct csvr_string_list nulls)
{
	t->n_rows++;
	for (size_t i = 0; i < t->n_columns; i++) {
		struct string absent = { .bytes = NULL };
		count_cell(&t->columns[i], i < row->n_fields ? &row->fields[i] : &absent, row->line,
			   nulls);
	}
	if (row->n_fields < t->n_columns) {
		count_issue(&t->issues[CSVR_ROW_SHORT], row->line);
	} else if (row->n_fields == t->n_columns + 1 && row->fields[t->n_columns].n_written == 0) {
		count_issue(&t->issues[CSVR_ROW_TRAILING_DELIMITER], row->line);
	} else if (row->n_fields > t->n_columns) {
		count_issue(&t->issues[CSVR_ROW_LONG], row->line);
		t->n_extra_fields += row->n_fields - t->n_columns;
	}
}

/* One extra empty field is tolerated if every row has it; else these rows are long. */
static inline void resolve_trailing(struct ref_table *t)
{
	struct csvr_line_count *trailing = &t->issues[CSVR_ROW_TRAILING_DELIMITER];
	struct csvr_line_count *is_long = &t->issues[CSVR_ROW_LONG];
	if (trailing->n > 0 && trailing->n < t->n_rows) {
		t->n_extra_fields += trailing->n;
		if (is_long->n == 0 || trailing->first_line < is_long->first_line)
			is_long->first_line = trailing->first_line;
		is_long->n += trailing->n;
	}
	*trailing = (struct csvr_line_count){ 0, 0 };
}

/* True if the first record holds names: unless every nonempty cell of it is a number. */
static inline bool is_header(struct record *record, const struct csvr_parse_options *reading)
{
	struct cell cell;
	if (reading->header != CSVR_HEADER_AUTO)
		return reading->header == CSVR_HEADER_YES;
	for (size_t i = 0; i < record->n_fields; i++) {
		struct string *field = &record->fields[i];
		trim(field);
		if (field->n_bytes == 0)
			continue;
		classify(field->bytes, field->n_bytes, reading->null_values, &cell);
		if (cell.class != CSVR_CELL_NUMBER)
			return true;
	}
	return false;
}

static inline struct string copy_of(const struct string *s)
{
	struct string copy = *s;
	copy.bytes = need(malloc(s->n_bytes + 1));
	if (s->n_bytes > 0)
		memcpy(copy.bytes, s->bytes, s->n_bytes);
	return copy;
}

static inline enum csvr_cell_class class_of(const struct string *text,
					    const struct csvr_parse_options *reading)
{
	struct cell cell;
	if (text->n_bytes == 0)
		return CSVR_CELL_MISSING;
	classify(text->bytes, text->n_bytes, reading->null_values, &cell);
	return cell.class;
}

/* Keeps the texts of the header, which may be found again. */
static inline void keep_header(struct ref_table *t, const struct record *first,
			       const struct csvr_parse_options *reading)
{
	t->header = need(calloc(t->n_columns, sizeof *t->header));
	t->header_bytes = first->end - first->begin;
	for (size_t i = 0; i < t->n_columns; i++) {
		t->header[i] = copy_of(&first->fields[i]);
		trim(&t->header[i]);
		t->may_be_permuted |= t->n_columns > 1 &&
				      class_of(&t->header[i], reading) == CSVR_CELL_TEXT;
	}
}

/* Whether the first value of a file of one column, which is in the prefix, shows that its column is no text. */
static inline bool first_value_is_no_text(const struct ref_table *t, struct reader r, size_t n_bom,
					  const struct csvr_parse_options *reading)
{
	struct record record;
	size_t n_prefix = PREFIX_BYTES;
	enum csvr_cell_class class = CSVR_CELL_MISSING;
	while (n_prefix < n_bom + r.at)
		n_prefix *= 2;
	while (class == CSVR_CELL_MISSING && read_record(&r, &record)) {
		if (r.is_unterminated || r.at == record.end || n_bom + r.at > n_prefix)
			class = CSVR_CELL_TEXT;
		else if (!record.is_comment && !record.is_blank) {
			trim(&record.fields[0]);
			if (record.n_fields > 1 || record.fields[0].n_written > LONGEST_CELL)
				class = CSVR_CELL_TEXT;
			else if (!is_same_string(&record.fields[0], &t->header[0]))
				class = class_of(&record.fields[0], reading);
		}
		free_record(&record);
	}
	return class != CSVR_CELL_MISSING && class != CSVR_CELL_TEXT && class != CSVR_CELL_BOOLEAN;
}

/* 0: it is no header; 1: it is the header again; 2: in another order. */
static inline int compare_header(const struct ref_table *t, struct record *record)
{
	const size_t longest = t->header_bytes > PREFIX_BYTES ? LONGEST_CELL : 2 * PREFIX_BYTES;
	bool *is_taken, is_same = true, is_found = true;
	if (!t->may_repeat || record->n_fields != t->n_columns ||
	    record->end - record->begin > longest)
		return 0;
	is_taken = need(calloc(t->n_columns, sizeof *is_taken));
	for (size_t i = 0; i < t->n_columns && is_found; i++) {
		trim(&record->fields[i]);
		is_same &= is_same_string(&record->fields[i], &t->header[i]);
		is_found = is_same;
		for (size_t j = 0; j < t->n_columns && !is_found; j++)
			is_found = !is_taken[j] &&
				   is_same_string(&record->fields[i], &t->header[j]) &&
				   (is_taken[j] = true);
		is_taken[i] |= is_same;
	}
	free(is_taken);
	return !is_found ? 0 : is_same ? 1 : t->may_be_permuted ? 2 : 0;
}

/* Parses the first record; its fields become names if it is a header. Returns true if they
 * contain a lone CR. */
static inline bool read_header(struct ref_table *t, struct record *first,
			       const struct csvr_parse_options *reading)
{
	bool has_lone_cr = false;
	t->n_columns = first->n_fields;
	t->columns = need(calloc(t->n_columns, sizeof *t->columns));
	t->names = need(calloc(t->n_columns, sizeof *t->names));
	t->kind = REF_HEADER_ONLY;
	for (size_t i = 0; i < first->n_fields; i++)
		has_lone_cr |= first->fields[i].has_cr;
	if (is_header(first, reading)) {
		keep_header(t, first, reading);
		for (size_t i = 0; i < t->n_columns; i++) {
			t->names[i] = first->fields[i];
			trim(&t->names[i]);
			first->fields[i].bytes = NULL;
		}
	} else {
		count_row(t, first, reading->null_values);
	}
	if (t->n_columns <= MOST_NAMES)
		name_columns(t->names, t->n_columns);
	return has_lone_cr;
}

/* Fields with text after their closing quotes. A field of several lines makes the file bad. */
static inline void note_continued_fields(struct ref_table *t, const struct record *record)
{
	for (size_t i = 0; i < record->n_fields && t->kind != REF_BAD; i++) {
		const struct string *field = &record->fields[i];
		if (field->continued_line == 0)
			continue;
		count_issue(&t->issues[CSVR_ROW_TEXT_AFTER_QUOTE], field->continued_line);
		if (field->is_continued_over_lines) {
			t->kind = REF_BAD;
			t->bad_line = field->continued_line;
		}
	}
}

static inline void read_rows(struct reader *r, const struct csvr_parse_options *reading,
			     size_t n_bom, struct ref_table *t)
{
	struct record record;
	bool has_lone_cr = false;
	while (read_record(r, &record)) {
		if (t->kind != REF_BAD)
			note_continued_fields(t, &record);
		if (t->kind == REF_BAD) {
			free_record(&record);
			break;
		}
		if (r->is_unterminated) {
			t->kind = REF_BAD;
			t->bad_line = r->quote_line;
		} else if (record.is_comment) {
			count_issue(&t->issues[CSVR_ROW_COMMENT], record.line);
		} else if (record.is_blank) {
			count_issue(&t->issues[CSVR_ROW_BLANK], record.line);
		} else if (t->kind == REF_EMPTY) {
			has_lone_cr = read_header(t, &record, reading);
			t->may_repeat = t->header != NULL &&
					(t->n_columns > 1 ||
					 first_value_is_no_text(t, *r, n_bom, reading));
		} else if (compare_header(t, &record) == 1) {
			count_issue(&t->issues[CSVR_ROW_REPEATED_HEADER], record.line);
		} else if (compare_header(t, &record) == 2) {
			t->kind = REF_BAD;
			t->bad_line = record.line;
			free_record(&record);
			return;
		} else {
			count_row(t, &record, reading->null_values);
		}
		free_record(&record);
	}
	if (t->kind == REF_BAD || t->kind == REF_EMPTY)
		return;
	resolve_trailing(t);
	t->kind = t->n_rows > 0 ? REF_READ : REF_HEADER_ONLY;
	/* Lines end in CR, but an LF somewhere makes one line of them all. */
	if (t->kind == REF_HEADER_ONLY && has_lone_cr) {
		t->kind = REF_BAD;
		t->bad_line = 1;
	}
}

/* Computes the expected statistics of a text. */
static inline void read_text(const unsigned char *text, size_t n_bytes,
			     const struct csvr_parse_options *reading, struct ref_table *t)
{
	const size_t n_bom = n_bytes >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	struct reader r = { .text = text + n_bom,
			    .n_bytes = n_bytes - n_bom,
			    .line = 1,
			    .quote = reading->quote,
			    .comment = reading->comment,
			    .newline = '\n' };
	memset(t, 0, sizeof *t);
	t->kind = REF_EMPTY;
	if (n_bytes > 0 && memchr(text, '\n', n_bytes) == NULL &&
	    memchr(text, '\r', n_bytes) != NULL)
		r.newline = '\r';
	r.delimiter = reading->delimiter;
	if (r.delimiter == CSVR_AUTO) {
		struct reader first = r;
		struct record record;
		size_t begin = 0;
		first.delimiter = CSVR_NONE;
		while (line_end(&first, first.at) > 0 || byte_at(&first, first.at) == r.comment) {
			read_record(&first, &record);
			free_record(&record);
			begin = first.at;
		}
		first.at = begin;
		r.delimiter = guess_delimiter(&first, PREFIX_BYTES - n_bom);
	}
	read_rows(&r, reading, n_bom, t);
}

static inline void free_table(struct ref_table *t)
{
	for (size_t i = 0; i < t->n_columns; i++) {
		free(t->names[i].bytes);
		if (t->header != NULL)
			free(t->header[i].bytes);
		for (size_t k = 0; k < CSVR_N_QUANTITIES; k++)
			free(t->columns[i].sum[k]);
	}
	free(t->names);
	free(t->header);
	free(t->columns);
}

#endif
