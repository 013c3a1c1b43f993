/* sniff_table.c - where the table begins, and what its first records are
 *
 * A table begins at the first record that has as many fields as most. It has a header if a name is above
 * numbers or times; not if its first record is like the rows below. All-text tables have one unless texts
 * of the first record occur again below.
 */
#include <string.h>

#include "base/text.h"
#include "parse/sniff_internal.h"

/* Columns and rows that are looked at. */
enum { MAX_COLUMNS = 256, MAX_ROWS = 30 };

/* Longer cells are words. */
enum { MAX_SHAPE_BYTES = 100 };

/* ---- shapes ---- */

static bool is_digit(unsigned char byte)
{
	return byte >= '0' && byte <= '9';
}

static bool is_letter(unsigned char byte)
{
	return ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z') || byte >= 0x80;
}

static enum csvr_cell_shape shape_of_text(struct csvr_slice text)
{
	bool has_digit = false, has_sign = false;
	for (size_t i = 0; i < text.n_bytes; i++) {
		const unsigned char byte = text.start[i];
		if (is_letter(byte))
			return CSVR_SHAPE_WORD;
		has_digit |= is_digit(byte);
		/* Signs other than those that stand for a missing value. */
		has_sign |= !is_digit(byte) && memchr("-.?*_ \t", byte, 7) == NULL;
	}
	return has_digit ? CSVR_SHAPE_CODE : has_sign ? CSVR_SHAPE_WORD : CSVR_SHAPE_EMPTY;
}

enum csvr_cell_shape csvr_sniff_shape(const struct csvr_cell_rules *rules, struct csvr_slice text)
{
	struct csvr_decimal decimal;
	if (text.n_bytes == 0)
		return CSVR_SHAPE_EMPTY;
	if (text.n_bytes > MAX_SHAPE_BYTES ||
	    csvr_is_certainly_text(rules, text.start, text.n_bytes))
		return shape_of_text(text);
	csvr_decimal_parse(&decimal, rules, text.start, text.n_bytes);
	switch (decimal.class) {
	case CSVR_CELL_MISSING:
		return CSVR_SHAPE_EMPTY;
	case CSVR_CELL_NUMBER:
	case CSVR_CELL_NAN:
	case CSVR_CELL_INFINITE:
		return CSVR_SHAPE_NUMBER;
	case CSVR_CELL_BOOLEAN:
		return CSVR_SHAPE_BOOLEAN;
	case CSVR_CELL_TEXT:
		return shape_of_text(text);
	default:
		return CSVR_SHAPE_TIME;
	}
}

/* ---- columns ---- */

/* The table as decided so far. */
struct table {
	const struct csvr_sniffed *sniffed;
	unsigned char delimiter;
	size_t candidate;
	uint32_t n_fields;
};

/* The shapes of the cells of some rows. */
struct columns {
	size_t n_rows, n_columns;
	uint16_t n[MAX_COLUMNS][CSVR_N_SHAPES];
};

/* One record. */
struct row {
	size_t n_columns;
	struct csvr_slice text[MAX_COLUMNS];
	uint8_t shape[MAX_COLUMNS]; /* enum csvr_cell_shape */
	size_t n_of[CSVR_N_SHAPES];
};

static bool is_of_table(const struct table *table, size_t record)
{
	return table->sniffed->record[record].n_fields[table->candidate] == table->n_fields;
}

static void read_row(const struct table *table, size_t record, struct row *row)
{
	struct csvr_cell_cursor cursor = csvr_cells_of(table->sniffed, record, table->delimiter);
	row->n_columns = 0;
	memset(row->n_of, 0, sizeof row->n_of);
	while (row->n_columns < MAX_COLUMNS &&
	       csvr_next_cell(&cursor, &row->text[row->n_columns])) {
		const enum csvr_cell_shape shape = csvr_sniff_shape(table->sniffed->input->rules,
								    row->text[row->n_columns]);
		row->shape[row->n_columns++] = (uint8_t)shape;
		row->n_of[shape]++;
	}
}

static void read_columns(const struct table *table, size_t first, struct columns *columns)
{
	memset(columns, 0, sizeof *columns);
	columns->n_columns = table->n_fields < MAX_COLUMNS ? table->n_fields : MAX_COLUMNS;
	for (size_t i = first; i < table->sniffed->n_records && columns->n_rows < MAX_ROWS; i++) {
		struct row row;
		if (!is_of_table(table, i))
			continue;
		read_row(table, i, &row);
		columns->n_rows++;
		for (size_t j = 0; j < row.n_columns; j++)
			columns->n[j][row.shape[j]]++;
	}
}

/* The shape of more than half of the cells that are not empty; CSVR_SHAPE_EMPTY: there is none. */
static enum csvr_cell_shape shape_of_column(const struct columns *columns, size_t column)
{
	const uint16_t *n = columns->n[column];
	size_t n_cells = 0;
	for (int shape = CSVR_SHAPE_NUMBER; shape < CSVR_N_SHAPES; shape++)
		n_cells += n[shape];
	for (int shape = CSVR_SHAPE_NUMBER; shape < CSVR_N_SHAPES; shape++)
		if (2 * (size_t)n[shape] > n_cells)
			return (enum csvr_cell_shape)shape;
	return CSVR_SHAPE_EMPTY;
}

/* Whether the column has numbers, times or the like, and not words. */
static bool is_measured(const struct columns *columns, size_t column)
{
	const enum csvr_cell_shape shape = shape_of_column(columns, column);
	return shape != CSVR_SHAPE_EMPTY && shape != CSVR_SHAPE_WORD;
}

/* ---- header ---- */

/* Whether a word is above a number of the next row, or above a column of numbers or times. */
static bool has_names(const struct row *first, const struct row *next,
		      const struct columns *columns)
{
	for (size_t j = 0; j < first->n_columns; j++)
		if (first->shape[j] == CSVR_SHAPE_WORD &&
		    ((j < next->n_columns && next->shape[j] == CSVR_SHAPE_NUMBER) ||
		     is_measured(columns, j)))
			return true;
	return false;
}

/* The value of up to nine digits; -1: the text is something else. */
static long natural_number(struct csvr_slice text)
{
	long value = 0;
	if (text.n_bytes == 0 || text.n_bytes > 9)
		return -1;
	for (size_t i = 0; i < text.n_bytes; i++) {
		if (!is_digit(text.start[i]))
			return -1;
		value = value * 10 + (text.start[i] - '0');
	}
	return value;
}

static bool is_year(long value)
{
	return value >= 1900 && value <= 2100;
}

/* Whether all cells after an empty first one are numbers that ascend, as pandas numbers columns. */
static bool has_numbered_columns(const struct row *first)
{
	long previous = -1;
	if (first->n_columns < 3 || first->text[0].n_bytes > 0)
		return false;
	for (size_t j = 1; j < first->n_columns; j++) {
		const long value = natural_number(first->text[j]);
		if (value <= previous)
			return false;
		previous = value;
	}
	return true;
}

/* Whether the numbers are successive years, two or more or next to words, and the next row has none in their columns. */
static bool has_years(const struct row *first, const struct row *next)
{
	long previous = -1;
	size_t n_years = 0;
	for (size_t j = 0; j < first->n_columns; j++) {
		const long value = natural_number(first->text[j]);
		if (first->shape[j] == CSVR_SHAPE_WORD || (j == 0 && first->text[0].n_bytes == 0))
			continue;
		if (!is_year(value) || (n_years > 0 && value != previous + 1) ||
		    (j < next->n_columns && is_year(natural_number(next->text[j]))))
			return false;
		previous = value;
		n_years++;
	}
	return n_years > 1 || (n_years == 1 && first->n_of[CSVR_SHAPE_WORD] > 0);
}

/* Whether a number or time is above others of its shape. */
static bool is_like_rows(const struct row *first, const struct columns *columns)
{
	for (size_t j = 0; j < first->n_columns; j++)
		if (first->shape[j] != CSVR_SHAPE_EMPTY && first->shape[j] != CSVR_SHAPE_WORD &&
		    first->shape[j] == shape_of_column(columns, j))
			return true;
	return false;
}

static bool texts_are_equal(struct csvr_slice a, struct csvr_slice b)
{
	return a.n_bytes == b.n_bytes && memcmp(a.start, b.start, a.n_bytes) == 0;
}

/* Whether at least half of the words of the first record occur again in their columns, in rows that do not repeat it. */
static bool words_recur(const struct table *table, size_t record, const struct row *first)
{
	bool recurs[MAX_COLUMNS] = { false };
	size_t n_words = 0, n_recurring = 0, n_rows = 0;
	for (size_t i = record + 1; i < table->sniffed->n_records && n_rows < MAX_ROWS; i++) {
		struct row row;
		size_t n_equal = 0;
		if (!is_of_table(table, i))
			continue;
		read_row(table, i, &row);
		n_rows++;
		for (size_t j = 0; j < first->n_columns; j++)
			n_equal += j < row.n_columns &&
				   texts_are_equal(first->text[j], row.text[j]);
		for (size_t j = 0; j < first->n_columns && n_equal < first->n_columns; j++)
			recurs[j] |= j < row.n_columns && first->shape[j] == CSVR_SHAPE_WORD &&
				     texts_are_equal(first->text[j], row.text[j]);
	}
	for (size_t j = 0; j < first->n_columns; j++) {
		n_words += first->shape[j] == CSVR_SHAPE_WORD;
		n_recurring += recurs[j];
	}
	return n_recurring > 0 && 2 * n_recurring >= n_words;
}

/* Whether all names would be integers, and all cells of the rows have fractions. */
static bool is_unlike_rows(const struct table *table, size_t record, const struct row *first)
{
	size_t n_rows = 0;
	for (size_t j = 0; j < first->n_columns; j++)
		if (natural_number(first->text[j]) < 0)
			return false;
	for (size_t i = record + 1; i < table->sniffed->n_records && n_rows < MAX_ROWS; i++) {
		struct row row;
		if (!is_of_table(table, i))
			continue;
		read_row(table, i, &row);
		n_rows++;
		for (size_t j = 0; j < row.n_columns; j++)
			if (row.shape[j] != CSVR_SHAPE_NUMBER ||
			    memchr(row.text[j].start, '.', row.text[j].n_bytes) == NULL)
				return false;
	}
	return n_rows >= 2 && first->n_columns >= 2;
}

static size_t next_of_table(const struct table *table, size_t record)
{
	size_t next = record + 1;
	while (next < table->sniffed->n_records && !is_of_table(table, next))
		next++;
	return next;
}

static enum csvr_first_record decide_first(const struct table *table, size_t record)
{
	const struct csvr_parse_options *options = table->sniffed->input->options;
	const size_t next_record = next_of_table(table, record);
	struct row first, next;
	struct columns columns;
	if (options->header == CSVR_HEADER_NO)
		return CSVR_FIRST_IS_DATA;
	if (options->header == CSVR_HEADER_YES || options->header_rows > 1)
		return CSVR_FIRST_IS_HEADER;
	if (next_record >= table->sniffed->n_records)
		return CSVR_FIRST_UNKNOWN;
	read_row(table, record, &first);
	read_row(table, next_record, &next);
	read_columns(table, next_record, &columns);
	if (has_names(&first, &next, &columns))
		return CSVR_FIRST_IS_HEADER;
	if (has_numbered_columns(&first) || has_years(&first, &next))
		return CSVR_FIRST_SEEMS_HEADER;
	const bool has_words = first.n_of[CSVR_SHAPE_WORD] > 0;
	if (is_like_rows(&first, &columns))
		return has_words || is_unlike_rows(table, record, &first) ? CSVR_FIRST_SEEMS_DATA
									  : CSVR_FIRST_IS_DATA;
	if (has_words && words_recur(table, record, &first))
		return CSVR_FIRST_SEEMS_DATA;
	return CSVR_FIRST_UNKNOWN;
}

static bool is_certain_header(const struct table *table, size_t record)
{
	const size_t next_record = next_of_table(table, record);
	struct row first, next;
	struct columns columns;
	if (next_record >= table->sniffed->n_records)
		return false;
	read_row(table, record, &first);
	read_row(table, next_record, &next);
	read_columns(table, next_record, &columns);
	return has_names(&first, &next, &columns);
}

bool csvr_sniff_is_row(const struct csvr_sniffed *sniffed, unsigned char delimiter)
{
	struct csvr_cell_cursor cursor = csvr_cells_of(sniffed, 0, delimiter);
	struct csvr_slice text;
	bool has_time = false;
	while (csvr_next_cell(&cursor, &text)) {
		const enum csvr_cell_shape shape = csvr_sniff_shape(sniffed->input->rules, text);
		if (shape == CSVR_SHAPE_WORD || shape == CSVR_SHAPE_BOOLEAN)
			return false;
		has_time |= shape == CSVR_SHAPE_TIME || shape == CSVR_SHAPE_CODE;
	}
	return has_time;
}

/* ---- start ---- */

/* The first record that has as many fields as most, and so has the next one. */
static size_t first_of_table(const struct table *table)
{
	const size_t n_records = table->sniffed->n_records;
	for (size_t i = 0; i < n_records; i++)
		if (is_of_table(table, i) && (i + 1 == n_records || is_of_table(table, i + 1)))
			return i;
	return 0;
}

/* Spreadsheets add empty fields to titles: the record after those that have at most one text, if it is a header;
 * else `record`. */
static size_t after_padded_titles(const struct table *table, size_t record)
{
	enum { MAX_TITLES = 20 };
	size_t at = record;
	for (; at < table->sniffed->n_records && at < record + MAX_TITLES; at++) {
		struct row row;
		size_t n_empty = 0;
		if (!is_of_table(table, at))
			return record;
		read_row(table, at, &row);
		for (size_t j = 0; j < row.n_columns; j++)
			n_empty += row.text[j].n_bytes == 0;
		if (n_empty + 1 < row.n_columns)
			return n_empty == 0 && row.n_of[CSVR_SHAPE_WORD] == row.n_columns &&
					       is_certain_header(table, at)
				       ? at
				       : record;
	}
	return record;
}

/* Whether a record with as many fields as the table describes the file instead: Campbell's loggers begin with such a
 * record, and so do exports for accountants, whose numbers show that it is no header. `record` + 1 is the header. */
static bool describes_file(const struct table *table, size_t record)
{
	struct row row, next;
	if (record + 1 >= table->sniffed->n_records || !is_of_table(table, record + 1))
		return false;
	read_row(table, record, &row);
	read_row(table, record + 1, &next);
	if (next.n_of[CSVR_SHAPE_WORD] < next.n_columns)
		return false;
	if (row.text[0].n_bytes == 4 && memcmp(row.text[0].start, "TOA5", 4) == 0)
		return true;
	return row.n_of[CSVR_SHAPE_WORD] > 0 && row.n_of[CSVR_SHAPE_NUMBER] > 0 &&
	       is_certain_header(table, record + 1);
}

/* Titles have one field. If some record above has more, it is a header that is too short or too long, unless a
 * header follows. */
static size_t find_start(const struct table *table)
{
	const size_t first = first_of_table(table);
	for (size_t i = 0; i < first; i++)
		if (table->sniffed->record[i].n_fields[table->candidate] > 1)
			return is_certain_header(table, first) ? first : 0;
	if (describes_file(table, first))
		return first + 1;
	return table->n_fields > 2 ? after_padded_titles(table, first) : first;
}

/* ---- rows of units ---- */

/* Whether a text is in brackets. */
static bool is_bracketed(struct csvr_slice text)
{
	return text.n_bytes > 2 && ((text.start[0] == '[' && text.start[text.n_bytes - 1] == ']') ||
				    (text.start[0] == '(' && text.start[text.n_bytes - 1] == ')'));
}

/* Whether a text begins with a digit, perhaps after quotes and signs: a value with its unit. */
static bool begins_with_digit(struct csvr_slice text)
{
	size_t i = 0;
	while (i < text.n_bytes && memchr("\"'+-", text.start[i], 4) != NULL)
		i++;
	return i < text.n_bytes && is_digit(text.start[i]);
}

/* Whether a record after the header has units, or other words about columns: words above numbers, different ones or in
 * brackets, and no number. A second such record may have a single word. */
static bool has_units(const struct table *table, size_t record, bool is_second)
{
	const size_t next = next_of_table(table, record);
	struct row row;
	struct columns columns;
	size_t n_above_numbers = 0;
	bool is_bracketed_word = false, are_equal = true;
	const struct csvr_slice *first = NULL;
	if (next >= table->sniffed->n_records || !is_of_table(table, record))
		return false;
	read_row(table, record, &row);
	if (row.n_of[CSVR_SHAPE_NUMBER] + row.n_of[CSVR_SHAPE_TIME] + row.n_of[CSVR_SHAPE_CODE] +
		    row.n_of[CSVR_SHAPE_BOOLEAN] >
	    0)
		return false;
	read_columns(table, next, &columns);
	for (size_t j = 0; j < row.n_columns; j++) {
		if (row.shape[j] != CSVR_SHAPE_WORD)
			continue;
		if (begins_with_digit(row.text[j]))
			return false;
		is_bracketed_word |= is_bracketed(row.text[j]);
		if (first == NULL)
			first = &row.text[j];
		are_equal &= texts_are_equal(*first, row.text[j]);
		n_above_numbers += shape_of_column(&columns, j) == CSVR_SHAPE_NUMBER ||
				   shape_of_column(&columns, j) == CSVR_SHAPE_CODE;
	}
	return n_above_numbers > 0 && (is_second || is_bracketed_word || !are_equal);
}

static unsigned count_units_rows(const struct table *table, size_t header)
{
	/* A logger has one row of units and one of kinds. */
	enum { MAX_UNITS_ROWS = 2 };
	unsigned n = 0;
	while (n < MAX_UNITS_ROWS && header + n + 1 < table->sniffed->n_records &&
	       has_units(table, header + n + 1, n > 0))
		n++;
	return n;
}

/* ---- decimal mark ---- */

/* Whether a text is a number with one decimal comma, perhaps after groups of digits with points. Three digits after
 * the comma may be a group themselves. */
static bool has_decimal_comma(struct csvr_slice text)
{
	const unsigned char *at = text.start, *end = at + text.n_bytes;
	at += at < end && (*at == '-' || *at == '+');
	const unsigned char *digits = at;
	bool has_groups = false;
	while (at < end && (is_digit(*at) || (*at == '.' && at > digits))) {
		has_groups |= *at == '.';
		at++;
	}
	const size_t n_before = (size_t)(at - digits);
	if (n_before == 0 || at == end || *at++ != ',')
		return false;
	const unsigned char *fraction = at;
	while (at < end && is_digit(*at))
		at++;
	const size_t n_after = (size_t)(at - fraction);
	return at == end && n_after > 0 &&
	       (n_after != 3 || n_before > 3 || has_groups || *digits == '0');
}

/* Whether a number has a decimal point: "1.234" may be grouped instead. */
static bool has_decimal_point(struct csvr_slice text)
{
	const unsigned char *end = text.start + text.n_bytes;
	const unsigned char *point = memchr(text.start, '.', text.n_bytes);
	return point != NULL && (end - point != 4 || point - text.start > 4);
}

static unsigned char decide_decimal(const struct table *table, size_t first)
{
	size_t n_commas = 0, n_points = 0;
	if (table->delimiter == ',')
		return '.';
	for (size_t i = first; i < table->sniffed->n_records; i++) {
		struct csvr_cell_cursor cursor = csvr_cells_of(table->sniffed, i, table->delimiter);
		struct csvr_slice text;
		while (csvr_next_cell(&cursor, &text)) {
			if (has_decimal_comma(text))
				n_commas++;
			else if (csvr_sniff_shape(table->sniffed->input->rules, text) ==
				 CSVR_SHAPE_NUMBER)
				n_points += has_decimal_point(text);
		}
	}
	return n_commas > 0 && n_points == 0 ? ',' : '.';
}

/* ---- comments ---- */

/* Whether lines below the header begin with a number sign, and none of these has the fields of a row. */
static bool has_comments(const struct table *table, size_t start)
{
	const struct csvr_sniffed *sniffed = table->sniffed;
	const unsigned char *text = sniffed->input->text;
	bool are_found = false;
	for (size_t i = start; i < sniffed->n_records; i++) {
		if (text[sniffed->record[i].start] != '#')
			continue;
		if (i == start || is_of_table(table, i))
			return false;
		are_found = true;
	}
	return are_found;
}

static uint64_t count_lines(const struct csvr_sniff_input *input, size_t to)
{
	uint64_t n = 0;
	for (size_t i = 0; i < to; i++)
		n += input->text[i] == input->newline;
	return n;
}

void csvr_sniff_table(const struct csvr_sniffed *sniffed, const struct csvr_split *split,
		      struct csvr_sniff *sniff)
{
	const struct table table = { sniffed, sniffed->candidates[split->candidate],
				     split->candidate, split->n_fields };
	const struct csvr_parse_options *options = sniffed->input->options;
	const size_t start = find_start(&table);
	sniff->delimiter = table.delimiter;
	if (start > 0) {
		sniff->start = sniffed->record[start].start;
		sniff->n_lines_above = count_lines(sniffed->input, sniff->start);
	}
	sniff->first_record = decide_first(&table, start);
	const bool is_data = sniff->first_record == CSVR_FIRST_IS_DATA ||
			     sniff->first_record == CSVR_FIRST_SEEMS_DATA;
	if (!is_data)
		sniff->n_units_rows = count_units_rows(&table, start + options->header_rows - 1);
	sniff->decimal = decide_decimal(&table, is_data ? start : start + 1);
	if (options->comment == CSVR_NONE && has_comments(&table, start))
		sniff->comment = '#';
}
