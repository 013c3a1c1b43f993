/* table.h - the expected statistics of a file: the manual's sections on records, headers and cells, once more
 *
 * Shape    records to a table of counts and exact sums
 * Limits   the caller must recognize bytes that are not CSV text (UTF-16, compressed data)
 * Source   the manual and doc/detection.md; takes decisions.h as given and shares nothing else with src/parse
 */
#ifndef CSVR_TESTS_FUZZ_TABLE_H
#define CSVR_TESTS_FUZZ_TABLE_H

#include "cells.h"
#include "column_names.h"
#include "csvreport.h"
#include "decisions.h"
#include "stats/file_stats.h"

/* Names of more columns are not computed: this takes quadratic time. */
enum { MOST_NAMES = 400 };

/* How files are read: the options, and what files have in common. */
struct reading {
	const struct csvr_parse_options *options;
	struct csvr_string_list nulls; /* of all columns */
	const struct ref_table
		*known; /* the table whose names those without a header have; NULL: none */
	/* Of one file: */
	unsigned char decimal;
	enum csvr_encoding encoding;
	const struct decisions *decided;
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
	bool has_known_names;
	struct csvr_string_list *nulls; /* by column */
	const struct reading *reading;
	/* Of the last rows, the last first: whether all from here on look like totals; the line. */
	bool is_total[3];
	uint64_t last_line[3];
};

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
	if (column->first[kind].n_bytes > 0)
		memcpy(column->first[kind].bytes, field->bytes, column->first[kind].n_bytes);
}

static inline bool is_selected(const struct ref_table *t, size_t i)
{
	const struct string *name = &t->names[i];
	return t->reading->options->select.n_words == 0 || name->n_bytes == 0 ||
	       name->bytes[0] != 'x';
}

static inline void count_cell(struct ref_table *t, size_t i, struct string *field, uint64_t line)
{
	struct ref_column *column = &t->columns[i];
	struct cell cell;
	cell.class = CSVR_CELL_TEXT;
	trim(field);
	if (field->n_written <= LONGEST_CELL)
		classify_in(field->bytes, field->n_bytes, t->nulls[i], t->reading->decimal, &cell);
	column->cells[cell.class]++;
	if (cell.class == CSVR_CELL_TEXT && field->n_written <= LONGEST_CELL &&
	    is_1252(field, t->reading->encoding)) {
		if (t->reading->encoding == CSVR_ENCODING_AUTO && is_selected(t, i))
			count_issue(&t->issues[CSVR_ROW_NOT_UTF8], line);
		convert(field);
	}
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

/* Skips a word in any case, which no letter, digit or underscore follows. */
static inline bool skip_word(const struct string *s, size_t *at, const char *word)
{
	const size_t n = strlen(word);
	if (s->n_bytes - *at < n || strncasecmp((const char *)s->bytes + *at, word, n) != 0)
		return false;
	const int next = *at + n < s->n_bytes ? s->bytes[*at + n] : ' ';
	if (next >= 0x80 || next == '_' || (next >= '0' && next <= '9') ||
	    (next >= 'A' && next <= 'Z') || (next >= 'a' && next <= 'z'))
		return false;
	*at += n;
	return true;
}

static inline bool skip_bytes(const struct string *s, size_t *at, const char *set)
{
	const size_t begin = *at;
	while (*at < s->n_bytes && s->bytes[*at] != 0 && strchr(set, s->bytes[*at]) != NULL)
		++*at;
	return *at > begin;
}

/* Whether a trimmed text begins as those below a table do. */
static inline bool looks_like_total(const struct string *s)
{
	static const char *const words[] = { "total",     "totals", "grand total", "subtotal",
					     "sub-total", "sum",    "summe",       "end of file" };
	size_t at = 0;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (skip_word(s, &at, words[i]))
			return true;
	if (skip_bytes(s, &at, "*#-")) {
		skip_bytes(s, &at, " ");
		return skip_word(s, &at, "end");
	}
	if (skip_word(s, &at, "page"))
		return skip_bytes(s, &at, " ") && skip_bytes(s, &at, "-0123456789") &&
		       skip_bytes(s, &at, " ") && skip_word(s, &at, "of") &&
		       skip_bytes(s, &at, " ") && skip_bytes(s, &at, "0123456789");
	const bool has_parenthesis = skip_bytes(s, &at, "(");
	if (!skip_bytes(s, &at, "0123456789") || !skip_bytes(s, &at, " ") ||
	    !(skip_word(s, &at, "rows") || skip_word(s, &at, "row")))
		return false;
	if (has_parenthesis)
		return at + 1 == s->n_bytes && s->bytes[at] == ')';
	return skip_bytes(s, &at, " ") && skip_word(s, &at, "selected");
}

/* Call it after the cells of the row were counted. */
static inline void note_last_row(struct ref_table *t, const struct record *row)
{
	const struct string *first = &row->fields[0];
	for (int i = 2; i > 0; i--) {
		t->is_total[i] = t->is_total[i - 1];
		t->last_line[i] = t->last_line[i - 1];
	}
	t->is_total[0] = first->n_written <= LONGEST_CELL && looks_like_total(first);
	t->last_line[0] = row->line;
	t->is_total[1] &= t->is_total[0];
	t->is_total[2] &= t->is_total[1];
}

/* Rows at the end look like totals if the first column has no other text, but values. */
static inline void resolve_totals(struct ref_table *t)
{
	const uint64_t *cells = t->columns[0].cells;
	uint64_t n = 0, n_values = t->n_rows - cells[CSVR_CELL_TEXT] - cells[CSVR_CELL_MISSING];
	while (n < 3 && t->is_total[n])
		n++;
	if (n == 0 || cells[CSVR_CELL_TEXT] > n || n_values == 0)
		return;
	t->issues[CSVR_ROW_LAST_1 + n - 1] = (struct csvr_line_count){ n, t->last_line[n - 1] };
}

static inline void count_row(struct ref_table *t, struct record *row, bool is_like_comment)
{
	t->n_rows++;
	for (size_t i = 0; i < t->n_columns; i++) {
		struct string absent = { .bytes = NULL };
		count_cell(t, i, i < row->n_fields ? &row->fields[i] : &absent, row->line);
	}
	note_last_row(t, row);
	const size_t n = row->n_fields;
	bool has_text = false;
	for (size_t i = 0; i < n; i++)
		has_text |= row->fields[i].n_written > 0;
	if (!has_text)
		count_issue(&t->issues[CSVR_ROW_EMPTY], row->line);
	if (n == t->n_columns + 1 && row->fields[t->n_columns].n_written == 0) {
		count_issue(&t->issues[CSVR_ROW_TRAILING_DELIMITER], row->line);
		return;
	}
	if (n != t->n_columns) {
		count_issue(&t->issues[n < t->n_columns ? CSVR_ROW_SHORT : CSVR_ROW_LONG],
			    row->line);
		if (is_like_comment)
			count_issue(&t->issues[CSVR_ROW_LIKE_COMMENT], row->line);
	}
	if (n > t->n_columns)
		t->n_extra_fields += n - t->n_columns;
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

/* ---- headers ---- */

static inline enum csvr_cell_class class_of(const struct string *text,
					    const struct reading *reading)
{
	struct cell cell;
	classify_in(text->bytes, text->n_bytes, reading->nulls, reading->decimal, &cell);
	return cell.class;
}

/* A text without a letter or digit that stands for no value. */
static inline bool is_void(const struct string *text)
{
	for (size_t i = 0; i < text->n_bytes; i++)
		if (memchr("-.?*_ \t", text->bytes[i], 7) == NULL)
			return false;
	return true;
}

/* True if the first record holds names: unless every nonempty cell of it is a number. */
static inline bool has_words(const struct ref_table *t)
{
	struct cell cell;
	for (size_t i = 0; i < t->n_columns; i++) {
		const struct string *name = &t->names[i];
		/* Longer cells are not tested for numbers. */
		cell.class = CSVR_CELL_TEXT;
		if (name->n_bytes <= 100)
			classify_in(name->bytes, name->n_bytes, t->reading->nulls,
				    t->reading->decimal, &cell);
		if (cell.class == CSVR_CELL_MISSING || cell.class == CSVR_CELL_NUMBER ||
		    cell.class == CSVR_CELL_NAN || cell.class == CSVR_CELL_INFINITE)
			continue;
		if (cell.class != CSVR_CELL_TEXT || !is_void(name))
			return true;
	}
	return false;
}

/* Keeps the texts of the header, which may be found again. */
static inline void keep_header(struct ref_table *t, size_t n_bytes)
{
	t->header = need(calloc(t->n_columns, sizeof *t->header));
	t->header_bytes = n_bytes;
	for (size_t i = 0; i < t->n_columns; i++) {
		t->header[i] = copy_of(&t->names[i]);
		t->may_be_permuted |= t->n_columns > 1 &&
				      class_of(&t->header[i], t->reading) == CSVR_CELL_TEXT;
	}
}

/* Appends the texts of one of several records to the names. An empty one, but for the last record, stands for the one to
 * its left. */
static inline void join_names(struct ref_table *t, struct record *record, bool is_last)
{
	const struct string *left = NULL;
	t->names = need(realloc(t->names, (t->n_columns + record->n_fields) * sizeof *t->names));
	for (; t->n_columns < record->n_fields; t->n_columns++)
		t->names[t->n_columns] = (struct string){ .bytes = NULL };
	for (size_t i = 0; i < record->n_fields; i++) {
		struct string *name = &t->names[i];
		trim(&record->fields[i]);
		if (record->fields[i].n_bytes > 0 || is_last || left == NULL)
			left = &record->fields[i];
		if (left->n_bytes == 0)
			continue;
		const size_t n_before = name->n_bytes + (name->n_bytes > 0);
		name->bytes = need(realloc(name->bytes, n_before + left->n_bytes));
		if (n_before > 0)
			name->bytes[n_before - 1] = ' ';
		memcpy(name->bytes + n_before, left->bytes, left->n_bytes);
		name->n_bytes = n_before + left->n_bytes;
	}
}

/* Without a header, columns have the names of another file, or none. */
static inline void name_data(struct ref_table *t)
{
	const struct ref_table *known = t->reading->known;
	t->has_known_names = known != NULL && known->n_columns == t->n_columns;
	for (size_t i = 0; i < t->n_columns; i++) {
		free(t->names[i].bytes);
		t->names[i] = t->has_known_names ? copy_of(&known->names[i])
						 : (struct string){ .bytes = NULL };
	}
}

/* The values that are missing in a column: those of all columns, and those that are listed for it. */
static inline void choose_nulls(struct ref_table *t)
{
	const struct csvr_string_list items = t->reading->options->null_values;
	t->nulls = need(calloc(t->n_columns, sizeof *t->nulls));
	for (size_t i = 0; i < t->n_columns; i++) {
		const char **words = need(calloc(items.n_words + 1, sizeof *words));
		size_t n = 0;
		for (size_t k = 0; k < items.n_words; k++) {
			const char *colon = strchr(items.word[k], ':');
			const struct string name = {
				.bytes = (unsigned char *)items.word[k],
				.n_bytes = colon == NULL ? 0 : (size_t)(colon - items.word[k])
			};
			if (colon == NULL || is_same_string(&name, &t->names[i]))
				words[n++] = colon == NULL ? items.word[k] : colon + 1;
		}
		t->nulls[i] = (struct csvr_string_list){ words, n };
	}
}

/* What is found in the first bytes is said at the line of the first record. */
static inline void note_decisions(struct ref_table *t, uint64_t line)
{
	const struct decisions *d = t->reading->decided;
	const struct csvr_parse_options *options = t->reading->options;
	const bool is_said[CSVR_N_ROW_ISSUES] = {
		[CSVR_ROW_NO_HEADER] = t->header == NULL && options->header == CSVR_HEADER_AUTO,
		[CSVR_ROW_KNOWN_NAMES] = t->has_known_names,
		[CSVR_ROW_DECIMAL_COMMA] = t->reading->decimal == ',' &&
					   options->decimal == CSVR_AUTO &&
					   options->thousands[0] == '\0',
		[CSVR_ROW_ESCAPE] = d->sniff.escape != CSVR_NONE && options->escape == CSVR_AUTO,
		[CSVR_ROW_LONG_DELIMITER] = d->long_delimiter != NULL &&
					    options->long_delimiter[0] == '\0',
		[CSVR_ROW_APOSTROPHES] = d->sniff.has_apostrophes,
		[CSVR_ROW_QUOTED_WHOLE] = d->sniff.has_quoted_lines,
		[CSVR_ROW_SEEMS_HEADER] = d->sniff.first_record == CSVR_FIRST_SEEMS_HEADER,
		[CSVR_ROW_SEEMS_DATA] = d->sniff.first_record == CSVR_FIRST_SEEMS_DATA,
	};
	for (size_t i = 0; i < CSVR_N_ROW_ISSUES; i++)
		if (is_said[i])
			count_issue(&t->issues[i], line);
}

/* The names are complete. */
static inline void finish_names(struct ref_table *t, uint64_t line, size_t n_bytes)
{
	const enum csvr_first_record first = t->reading->decided->sniff.first_record;
	const bool is_header = first == CSVR_FIRST_IS_HEADER || first == CSVR_FIRST_SEEMS_HEADER ||
			       (first == CSVR_FIRST_UNKNOWN && has_words(t));
	t->columns = need(calloc(t->n_columns, sizeof *t->columns));
	t->kind = REF_HEADER_ONLY;
	if (is_header)
		keep_header(t, n_bytes);
	else
		name_data(t);
	for (size_t i = 0; i < t->n_columns && is_header; i++) {
		if (!is_1252(&t->names[i], t->reading->encoding))
			continue;
		convert(&t->names[i]);
		if (t->reading->encoding == CSVR_ENCODING_AUTO)
			count_issue(&t->issues[CSVR_ROW_NOT_UTF8], line);
	}
	if (t->n_columns <= MOST_NAMES)
		name_columns(t->names, t->n_columns);
	choose_nulls(t);
	note_decisions(t, line);
}

/* Whether the first value of a file of one column, which is in the prefix, shows that its column is no text. */
static inline bool first_value_is_no_text(const struct ref_table *t, struct reader r, size_t n_bom)
{
	struct record record;
	size_t n_prefix = t->reading->decided->prefix_bytes;
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
				class = class_of(&record.fields[0], t->reading);
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

static inline void fail(struct ref_table *t, uint64_t line)
{
	t->kind = REF_BAD;
	t->bad_line = line;
}

/* Fields with text after their closing quotes. A field of several lines makes the file bad. */
static inline void note_continued_fields(struct ref_table *t, const struct record *record)
{
	for (size_t i = 0; i < record->n_fields && t->kind != REF_BAD; i++) {
		const struct string *field = &record->fields[i];
		if (field->continued_line == 0)
			continue;
		count_issue(&t->issues[CSVR_ROW_TEXT_AFTER_QUOTE], field->continued_line);
		if (field->is_continued_over_lines)
			fail(t, field->continued_line);
	}
}

/* The records before the rows that are not counted as such. */
struct head {
	size_t n_header, n_skipped; /* still to come */
	struct record first; /* kept: it may be data */
	bool has_first;
	size_t begin;
};

static inline struct head expected_head(const struct reading *reading)
{
	const struct csvr_sniff *sniff = &reading->decided->sniff;
	const struct csvr_parse_options *options = reading->options;
	const bool is_data = sniff->first_record == CSVR_FIRST_IS_DATA ||
			     sniff->first_record == CSVR_FIRST_SEEMS_DATA;
	return (struct head){ .n_header = is_data ? 1 : options->header_rows,
			      .n_skipped = is_data ? 0
					   : options->skip_after_header != CSVR_AUTO
						   ? (size_t)options->skip_after_header
						   : sniff->n_units_rows };
}

/* Adds a record to the names; the last one completes them. */
static inline void read_header(struct ref_table *t, struct head *head, struct record *record,
			       const struct reader *r, size_t n_bom)
{
	if (!head->has_first) {
		head->has_first = true;
		head->begin = record->begin;
		head->first.line = record->line;
	}
	head->n_header--;
	join_names(t, record, head->n_header == 0);
	if (head->n_header > 0)
		return;
	finish_names(t, head->first.line, record->end - head->begin);
	t->may_repeat = t->header != NULL &&
			(t->n_columns > 1 || first_value_is_no_text(t, *r, n_bom));
	if (t->header == NULL) {
		head->n_skipped = 0;
		count_row(t, record, byte_at(r, record->begin) == '#');
	}
}

/* Counts a record; false: the file is bad. */
static inline bool read_one(struct ref_table *t, struct head *head, struct record *record,
			    const struct reader *r, size_t n_bom)
{
	note_continued_fields(t, record);
	if (record->lf_line != 0 && (t->kind != REF_BAD || record->lf_line < t->bad_line))
		fail(t, record->lf_line);
	if (t->kind == REF_BAD)
		return false;
	if (r->is_unterminated)
		fail(t, r->quote_line);
	else if (record->is_comment)
		count_issue(&t->issues[CSVR_ROW_COMMENT], record->line);
	else if (record->is_blank)
		count_issue(&t->issues[CSVR_ROW_BLANK], record->line);
	else if (head->n_header > 0)
		read_header(t, head, record, r, n_bom);
	else if (head->n_skipped > 0 && head->n_skipped--)
		count_issue(&t->issues[CSVR_ROW_UNITS], record->line);
	else if (compare_header(t, record) == 1)
		count_issue(&t->issues[CSVR_ROW_REPEATED_HEADER], record->line);
	else if (compare_header(t, record) == 2)
		fail(t, record->line);
	else
		count_row(t, record, byte_at(r, record->begin) == '#');
	return t->kind != REF_BAD;
}

static inline void read_rows(struct reader *r, size_t n_bom, struct ref_table *t)
{
	struct record record;
	struct head head = expected_head(t->reading);
	bool is_good = true;
	while (is_good && read_record(r, &record)) {
		is_good = read_one(t, &head, &record, r, n_bom);
		free_record(&record);
	}
	if (t->kind == REF_BAD)
		return;
	/* The file ends before the header does. */
	if (head.has_first && head.n_header > 0)
		finish_names(t, head.first.line, r->n_bytes - head.begin);
	if (t->kind == REF_EMPTY)
		return;
	resolve_trailing(t);
	resolve_totals(t);
	t->kind = t->n_rows > 0 ? REF_READ : REF_HEADER_ONLY;
}

/* ---- the last lines ---- */

static inline void count_footer(struct reader r, size_t n_bytes, struct ref_table *t)
{
	for (size_t begin = r.n_bytes, end; begin < n_bytes; begin = end + 1, r.line++) {
		struct reader whole = r;
		whole.n_bytes = n_bytes;
		for (end = begin; end < n_bytes && r.text[end] != r.newline;)
			end++;
		count_issue(&t->issues[!is_skipped_line(&whole, begin, end) ? CSVR_ROW_FOOTER
				       : r.text[begin] == t->reading->options->comment
					       ? CSVR_ROW_COMMENT
					       : CSVR_ROW_BLANK],
			    r.line);
	}
}

/* ---- files ---- */

/* Whether another delimiter than the one that is given would split the records. */
static inline void note_other_delimiter(struct ref_table *t, const struct reader *r, size_t n_bom)
{
	const struct csvr_parse_options *options = t->reading->options;
	const size_t n_prefix = n_bom + r->n_bytes < PREFIX_BYTES ? r->n_bytes
								  : PREFIX_BYTES - n_bom;
	const struct csvr_dialect dialect = {
		.delimiter = (unsigned char)r->delimiter,
		.newline = (unsigned char)r->newline,
		.quote = r->quote,
		.comment = r->comment,
		.decimal = t->reading->decimal,
		.escape = r->escape,
		.long_delimiter = r->long_delimiter,
	};
	if (options->delimiter == CSVR_AUTO || n_prefix == 0 || t->n_columns == 0)
		return;
	const int other = csvr_dialect_find_other_delimiter(
		&dialect, r->text, n_prefix,
		n_prefix == r->n_bytes && t->reading->decided->prefix_bytes >= n_bom + r->n_bytes);
	if (other >= 0)
		count_issue(&t->issues[CSVR_ROW_SPLIT_BY_COMMA + other], 1);
}

/* Computes the expected statistics of a text. `reading` must live as long as the table. */
static inline void read_text(const unsigned char *text, size_t n_bytes, struct reading *reading,
			     struct ref_table *t)
{
	static struct decisions decided;
	const struct csvr_parse_options *options = reading->options;
	const size_t n_bom = n_bytes >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	struct reader r = { .text = text + n_bom,
			    .n_bytes = n_bytes - n_bom,
			    .quote = options->quote,
			    .comment = options->comment };
	*t = (struct ref_table){ .kind = REF_EMPTY, .reading = reading };
	r.has_runs_of_blanks = strcmp(options->long_delimiter, CSVR_RUNS_OF_BLANKS) == 0;
	r.newline = decide_newline(r.text, r.n_bytes, n_bom, r.quote);
	if (r.newline == '\r' && r.n_bytes > 0 && r.text[r.n_bytes - 1] == '\n')
		r.n_bytes--;
	const size_t n_all = r.n_bytes;
	r.n_bytes = cut_footer(&r, options->skip_footer);
	decided = decide(r.text, r.n_bytes, n_bom, r.newline, options);
	reading->decided = &decided;
	reading->decimal = decided.sniff.decimal;
	reading->encoding = n_bom > 0 && options->encoding != CSVR_ENCODING_UTF8
				    ? CSVR_ENCODING_AUTO
				    : options->encoding;
	r.at = decided.start;
	r.line = decided.n_lines_above + 1;
	r.delimiter = decided.sniff.delimiter;
	r.comment = decided.sniff.comment;
	r.escape = decided.sniff.escape;
	r.long_delimiter = decided.long_delimiter;
	r.has_runs_of_blanks = r.long_delimiter != NULL &&
			       strcmp(r.long_delimiter, CSVR_RUNS_OF_BLANKS) == 0;
	if (decided.n_lines_above > 0)
		t->issues[CSVR_ROW_ABOVE_TABLE] = (struct csvr_line_count){ decided.n_lines_above,
									    1 };
	read_rows(&r, n_bom, t);
	if (t->kind == REF_BAD)
		return;
	note_other_delimiter(t, &r, n_bom);
	r.comment = options->comment;
	r.has_runs_of_blanks = strcmp(options->long_delimiter, CSVR_RUNS_OF_BLANKS) == 0;
	count_footer(r, n_all, t);
}

static inline void free_table(struct ref_table *t)
{
	for (size_t i = 0; i < t->n_columns; i++) {
		free(t->names[i].bytes);
		if (t->nulls != NULL)
			free((void *)t->nulls[i].word);
		if (t->header != NULL)
			free(t->header[i].bytes);
		for (size_t k = 0; k < CSVR_N_QUANTITIES && t->columns != NULL; k++)
			free(t->columns[i].sum[k]);
	}
	free(t->names);
	free(t->header);
	free(t->nulls);
	free(t->columns);
}

#endif
