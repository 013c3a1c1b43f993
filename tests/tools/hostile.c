/* hostile.c - generates small CSV files with all syntax that the manual allows
 *
 * Usage    hostile SEED DIR N_FILES: writes DIR/000.csv, DIR/001.tsv and so on
 * Shape    one generator per file, seeded by SEED and the file's number; it computes only with integers,
 *          so a seed gives the same bytes on every machine
 * Source   random numbers: splitmix64 (public domain)
 *
 * It never writes the following, for which the manual leaves the meaning open or refuses the file: an
 * unterminated quote; a first record of empty cells only; a delimiter that cannot be detected from the
 * first record; in a file with LF a CR that ends a cell; names like those generated for duplicate and
 * empty names (a.2, column_3).
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- random numbers ---- */

static uint64_t next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

/* ---- text under construction ---- */

struct text {
	char *bytes;
	size_t n, capacity;
};

static void put(struct text *text, char c)
{
	if (text->n == text->capacity) {
		text->capacity = text->capacity * 2 + 256;
		text->bytes = realloc(text->bytes, text->capacity);
		if (text->bytes == NULL) {
			fprintf(stderr, "hostile: out of memory\n");
			exit(EXIT_FAILURE);
		}
	}
	text->bytes[text->n++] = c;
}

static void put_text(struct text *text, const char *s)
{
	while (*s != '\0')
		put(text, *s++);
}

/* ---- one file ---- */

/* The kind of most cells in a column of one file. */
enum flavour {
	INTEGERS,
	DECIMALS, /* one scale */
	SCALES, /* several */
	SIGNS,
	FLOATS, /* 17 digits, exponents */
	DIGITS, /* up to 40 digits */
	EXPONENTS, /* 1e-60 to 1e60 */
	SPECIALS, /* nan, inf, 1e400 */
	SPARSE,
	WORDS,
	DATES, /* also near misses */
	DATETIMES, /* with and without zone and fraction */
	TIMES, /* of day, and durations */
	BOOLEANS,
	ANYTHING,
	N_FLAVOURS,
	LONG = N_FLAVOURS, /* 41 to 45 digits: only in columns named `long` */
	FAR /* exponents past 60: only in columns named `far` */
};

enum { MOST_COLUMNS = 64 };

struct file {
	uint64_t random;
	struct text out;
	struct text cell; /* the value, before it is quoted */
	char delimiter;
	enum { LF, CRLF, MIXED, CR } line_end;
	unsigned quote_chance; /* that a cell is quoted without need, in 8ths */
	unsigned odd_chance; /* that a cell is irregular, in 64ths */
	unsigned pad_chance; /* that a cell has spaces around it, in 16ths */
	/* also outside quotes, but not in the first record or if tabs delimit */
	bool tabs_are_space;
	unsigned n_columns;
	unsigned flavour[MOST_COLUMNS];
	unsigned scale[MOST_COLUMNS];
};

static unsigned below(struct file *file, unsigned n)
{
	return (unsigned)((next(&file->random) >> 33) % n);
}

/* True with a probability of n / of. */
static bool chance(struct file *file, unsigned n, unsigned of)
{
	return below(file, of) < n;
}

static void put_line_end(struct file *file)
{
	if (file->line_end == CR)
		put(&file->out, '\r');
	else if (file->line_end == CRLF || (file->line_end == MIXED && chance(file, 1, 2)))
		put_text(&file->out, "\r\n");
	else
		put(&file->out, '\n');
}

/* A line end as part of a quoted cell. */
static void value_line_end(struct file *file)
{
	if (file->line_end == CR)
		put(&file->cell, '\r');
	else
		put_text(&file->cell, chance(file, 1, 3) ? "\r\n" : "\n");
}

/* ---- values ---- */

static void digits(struct file *file, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		put(&file->cell, (char)('0' + below(file, 10)));
}

static void format(struct file *file, const char *pattern, ...)
{
	char line[64];
	va_list arguments;

	va_start(arguments, pattern);
	vsnprintf(line, sizeof line, pattern, arguments);
	va_end(arguments);
	put_text(&file->cell, line);
}

/* `n` digits, with or without a decimal point at any position. */
static void pointed_digits(struct file *file, unsigned n)
{
	const unsigned point = below(file, n + 4);

	digits(file, point < n ? point : n);
	if (point <= n)
		put(&file->cell, '.');
	if (point < n)
		digits(file, n - point);
}

static void maybe_sign(struct file *file, unsigned n, unsigned of)
{
	if (chance(file, n, of))
		put(&file->cell, chance(file, 2, 3) ? '-' : '+');
}

static void exponent(struct file *file, int least, int most)
{
	const int value = least + (int)below(file, (unsigned)(most - least + 1));

	put(&file->cell, chance(file, 1, 2) ? 'e' : 'E');
	format(file, chance(file, 1, 2) ? "%+d" : chance(file, 1, 2) ? "%03d" : "%d", value);
}

static void any_case(struct file *file, const char *word)
{
	for (; *word != '\0'; word++)
		put(&file->cell, (char)(chance(file, 1, 3) ? *word & ~0x20 : *word));
}

static const char *const odd_numbers[] = { "0",
					   "-0",
					   "+0",
					   "0.0",
					   "-0.000",
					   ".5",
					   "5.",
					   "-.5",
					   "+5.",
					   "007",
					   "0000000000000000000001",
					   "1E+2",
					   "1e-2",
					   "1e0",
					   "0e0",
					   "0e99",
					   "0e-99999999999999999999",
					   "0.1",
					   "0.10",
					   "1e1",
					   "999999999999999999",
					   "1000000000000000000",
					   "9007199254740993",
					   "9223372036854775808",
					   "-9223372036854775809",
					   "18446744073709551616",
					   "99999999999999999999999999999999999999",
					   "0.30000000000000004",
					   "123456789012345678",
					   "1234567890.12345678",
					   "0.000000000000000001",
					   "1.000000000000000000",
					   "00000000000000000000000000000000000000000000000000.5",
					   "179769313486231570",
					   "4.35",
					   "2.675",
					   "1e22",
					   "1e23",
					   "8.5e-5" };

static const char *const odd_words[] = {
	"-",     "+",      ".",     "e",        "1e",        "1e+",          "e5",       ".e1",
	"--1",   "+-1",    "1.2.3", "1,5",      "1 2",       "0x10",         "1_000",    "$5",
	"12 kg", "nan(1)", "nano",  "infinite", "in",        "na",           "n/a",      "NONE",
	"1e5x",  "1f",     "1d5",   "1e1.5",    "\302\2401", "\357\274\221", "\xff\xfe", "\x01",
	"true",  "-NA",    "\v1",   "'1'",      "4\r5"
};

/* Booleans, dates and times, and what resembles them. */
static const char *const odd_times[] = { "true",
					 "FALSE",
					 "tru",
					 "yes",
					 "-true",
					 "true1",
					 "2024-02-29",
					 "2024-02-30",
					 "2023-02-29",
					 "1900-02-29",
					 "2000/02/29",
					 "2024-1-1",
					 "2024-01/01",
					 "2024-13-01",
					 "2024-00-01",
					 "2024-01-00",
					 "0000-01-01",
					 "0001-01-01",
					 "9999-12-31",
					 "10000-01-01",
					 "0001-01-01T00:00+23:59",
					 "9999-12-31T23:59:59.999999999999999999-23:59",
					 "24-01-01",
					 "20240131",
					 "2024-01",
					 "2024-01-01T",
					 "2024-01-01T24:00",
					 "2024-01-01T23:60",
					 "2024-01-01T23:59:60",
					 "2024-01-01T10",
					 "2024-01-01T10:00",
					 "2024-01-01t10:00",
					 "2024-01-01 10:00:00 +0100",
					 "2024-01-01T10:00:00.",
					 "2024-01-01T10:00:00.1234567890123456789",
					 "2024-01-01T10:00+24",
					 "2024-01-01T10:00+01:60",
					 "2024-01-01T10:00+1",
					 "1969-12-31T23:59:59.9999991",
					 "1970-01-01",
					 "12:00:00",
					 "24:00:00",
					 "12:60:00",
					 "12:00:60",
					 "12:30",
					 "-12:00:00",
					 "12:00:00Z",
					 "1-00:00:00",
					 "1-24:00:00",
					 "1234-05:06:07",
					 "999999999:59:59",
					 "1234567890:00:00",
					 "999999999-23:59:59.999999999999999999" };

static const char *const nulls[] = { "NA", "N/A", "NULL", "null", "None" };
static const char *const infinite[] = { "inf", "infinity" };
static const char *const past_double[] = { "1e400", "-1e309", "1.8e308", "9e99999999999999999999" };

static const char *pick(struct file *file, const char *const *words, size_t n)
{
	return words[below(file, (unsigned)n)];
}

#define PICK(file, words) pick(file, words, sizeof(words) / sizeof((words)[0]))

static void words(struct file *file)
{
	static const char *const parts[] = { "red", "of", "x", ",",        ";",    "\"",  "\t",
					     "|",   " ",  "1", "\xc3\xa4", "\"\"", "a b", "NA" };
	unsigned n = 1 + below(file, 5);

	if (chance(file, 1, 40))
		n = 200 + below(file, 800);
	put(&file->cell, (char)('a' + below(file, 26)));
	for (unsigned i = 0; i < n; i++) {
		if (chance(file, 1, 16))
			value_line_end(file);
		else
			put_text(&file->cell, PICK(file, parts));
	}
}

static void special(struct file *file)
{
	const unsigned what = below(file, 4);

	if (what == 3) {
		put_text(&file->cell, PICK(file, past_double));
		return;
	}
	maybe_sign(file, 1, 3);
	any_case(file, what == 0 ? PICK(file, infinite) : "nan");
}

static void date(struct file *file, char separator)
{
	/* The first and the last year, years before 1970, and leap days. */
	static const unsigned from[] = { 1, 1600, 1890, 1965, 2000, 9990 };
	const unsigned year = from[below(file, 6)] + below(file, 10);

	if (chance(file, 1, 8))
		format(file, "%04u%c%02u%c%02u", 1896 + 4 * below(file, 40), separator, 2,
		       separator, 29);
	else
		format(file, "%04u%c%02u%c%02u", year, separator, 1 + below(file, 12), separator,
		       1 + below(file, 28));
}

static void fraction_of_second(struct file *file)
{
	put(&file->cell, chance(file, 1, 12) && file->delimiter != ',' ? ',' : '.');
	digits(file, chance(file, 3, 4) ? 1 + below(file, 6) : 1 + below(file, 18));
}

/* ":34" or ":34:56.7" */
static void minutes_and_seconds(struct file *file, bool may_lack_seconds)
{
	format(file, ":%02u", below(file, 60));
	if (may_lack_seconds && chance(file, 1, 6))
		return;
	format(file, ":%02u", below(file, 60));
	if (chance(file, 1, 4))
		fraction_of_second(file);
}

static void zone(struct file *file)
{
	if (chance(file, 1, 8))
		put(&file->cell, ' ');
	if (chance(file, 1, 2)) {
		put(&file->cell, 'Z');
		return;
	}
	const unsigned form = below(file, 3), hours = below(file, 24);

	put(&file->cell, chance(file, 1, 2) ? '+' : '-');
	format(file, "%02u", hours);
	if (form == 2)
		put(&file->cell, ':');
	if (form > 0)
		format(file, "%02u", 15 * below(file, 4));
}

/* The notation is that of the column, `style`, except in a few cells. */
static void date_or_time(struct file *file, unsigned flavour, unsigned style)
{
	if (chance(file, 1, 200))
		style = below(file, 10);
	if (flavour == TIMES) {
		if (style % 3 == 0)
			format(file, "%u-", below(file, 400));
		format(file, chance(file, 1, 2) ? "%u" : "%02u",
		       below(file, style % 3 == 2 ? 2000 : 24));
		minutes_and_seconds(file, false);
		return;
	}
	date(file, style % 3 == 0 ? '/' : '-');
	if (flavour == DATES || chance(file, 1, 30))
		return;
	put(&file->cell, style % 2 == 0 ? 'T' : ' ');
	format(file, "%02u", below(file, 24));
	minutes_and_seconds(file, true);
	if (style >= 7 || (style == 6 && chance(file, 1, 2)))
		zone(file);
}

static void value(struct file *file, unsigned flavour, unsigned scale)
{
	switch (flavour) {
	case INTEGERS:
		maybe_sign(file, 1, 8);
		digits(file, 1 + below(file, 1 + scale * 2));
		break;
	case DECIMALS:
		maybe_sign(file, 1, 8);
		digits(file, 1 + below(file, 4));
		if (scale > 0) {
			put(&file->cell, '.');
			digits(file, scale);
		}
		break;
	case SCALES:
		maybe_sign(file, 1, 4);
		pointed_digits(file, 1 + below(file, 8));
		break;
	case SIGNS:
		maybe_sign(file, 3, 4);
		pointed_digits(file, 1 + below(file, 18));
		break;
	case FLOATS:
		maybe_sign(file, 1, 2);
		format(file, "%u.", 1 + below(file, 9));
		digits(file, 16);
		if (chance(file, 1, 2))
			exponent(file, -20, 20);
		break;
	case DIGITS:
		maybe_sign(file, 1, 3);
		pointed_digits(file, 1 + below(file, 40));
		break;
	case EXPONENTS:
		maybe_sign(file, 1, 3);
		pointed_digits(file, 1 + below(file, 12));
		exponent(file, -40, 40);
		break;
	case SPECIALS:
		if (chance(file, 1, 2))
			special(file);
		else
			digits(file, 3);
		break;
	case SPARSE:
		if (chance(file, 1, 3))
			put_text(&file->cell, PICK(file, nulls));
		else if (chance(file, 1, 2))
			digits(file, 2);
		break;
	case WORDS:
		words(file);
		break;
	case DATES:
	case DATETIMES:
	case TIMES:
		date_or_time(file, flavour, scale);
		break;
	case BOOLEANS:
		if (chance(file, 1, 8))
			any_case(file, chance(file, 1, 2) ? "true" : "false");
		else
			put_text(&file->cell, chance(file, 2, 3) ? "True" : "false");
		break;
	case LONG:
		maybe_sign(file, 1, 3);
		format(file, "%u", 1 + below(file, 9));
		pointed_digits(file, 41 + below(file, 4));
		break;
	case FAR:
		maybe_sign(file, 1, 3);
		pointed_digits(file, 1 + below(file, 20));
		exponent(file, -330, 130);
		break;
	default:
		flavour = below(file, ANYTHING);
		value(file, flavour, below(file, 10));
	}
}

/* A value of another kind than its column. */
static void odd_value(struct file *file)
{
	switch (below(file, 10)) {
	case 0:
		put_text(&file->cell, PICK(file, nulls));
		break;
	case 1:
		special(file);
		break;
	case 2:
	case 3:
		put_text(&file->cell, PICK(file, odd_words));
		break;
	case 4:
		words(file);
		break;
	case 5:
		break; /* empty */
	case 6:
	case 7:
		put_text(&file->cell, PICK(file, odd_times));
		break;
	default:
		put_text(&file->cell, PICK(file, odd_numbers));
	}
	if (chance(file, 1, 100))
		put(&file->cell, '\0');
}

/* ---- cells ---- */

static bool needs_quotes(const struct file *file)
{
	const struct text *cell = &file->cell;

	if (cell->n > 0 && cell->bytes[0] == '"')
		return true;
	for (size_t i = 0; i < cell->n; i++)
		if (cell->bytes[i] == file->delimiter || cell->bytes[i] == '\n' ||
		    (cell->bytes[i] == '\r' && (file->line_end == CR || i + 1 == cell->n)))
			return true;
	return false;
}

/* Spaces and tabs, but outside quotes no tab if tabs delimit. */
static void padding(struct file *file, bool is_quoted)
{
	for (unsigned n = below(file, 4); n > 0; n--) {
		const bool tab = chance(file, 1, 3) && (is_quoted || file->tabs_are_space);

		put(&file->out, tab ? '\t' : ' ');
	}
}

/* Writes the value as a field, in quotes if it needs them, and sometimes if not. */
static void put_field(struct file *file, bool quoted)
{
	const struct text *cell = &file->cell;
	const bool padded = chance(file, file->pad_chance, 16);

	if (quoted || needs_quotes(file)) {
		put(&file->out, '"');
		if (padded)
			padding(file, true);
		for (size_t i = 0; i < cell->n; i++) {
			if (cell->bytes[i] == '"')
				put(&file->out, '"');
			put(&file->out, cell->bytes[i]);
		}
		if (padded)
			padding(file, true);
		put(&file->out, '"');
		if (padded && chance(file, 1, 2))
			padding(file, false);
	} else {
		if (padded)
			padding(file, false);
		for (size_t i = 0; i < cell->n; i++)
			put(&file->out, cell->bytes[i]);
		if (padded)
			padding(file, false);
	}
}

/* Fields with misplaced quotes. */
static void put_odd_field(struct file *file)
{
	static const char *const fields[] = {
		"\"12\"3", "\"1\"x",    "\"\"7",     "\"1\"\"2\"",    "\"\"\"\"", "\"\"",
		"\" \"",   "1\"2",      "1\"",       "ab\"c\"d",      " \"3\"",   "\"4\" ",
		"\"5\"\"", "\"6\"a\"b", "\"-\"7.5",  "\"1\".5",       "\"NA\"",   "\" NA \"",
		"\"nan\"", "\"+\"1e2",  "\" true\"", "\"2024\"-01-01"
	};

	/* "5"" opens a quote and never closes it: the doubled quote is text */
	const char *field = PICK(file, fields);

	put_text(&file->out, strcmp(field, "\"5\"\"") == 0 ? "\"5\"\"\"" : field);
}

static void put_cell(struct file *file, unsigned column)
{
	const bool quoted = chance(file, file->quote_chance, 8);

	file->cell.n = 0;
	if (!chance(file, file->odd_chance, 64)) {
		value(file, file->flavour[column], file->scale[column]);
		put_field(file, quoted);
	} else if (chance(file, 1, 4)) {
		put_odd_field(file);
	} else {
		odd_value(file);
		put_field(file, quoted);
	}
}

/* ---- records ---- */

static void put_row(struct file *file, bool is_first, unsigned ragged_chance, bool trailing)
{
	unsigned n = file->n_columns;
	const bool is_ragged = !trailing && chance(file, ragged_chance, 16);

	if (is_ragged && chance(file, 1, 2))
		n = 1 + below(file, n);
	for (unsigned i = 0; i < n; i++) {
		if (i > 0)
			put(&file->out, file->delimiter);
		if (is_first) {
			/* a first row of numbers, for a file without a header */
			file->cell.n = 0;
			digits(file, 1 + i % 5);
			put_field(file, false);
		} else {
			put_cell(file, i);
		}
	}
	if (is_ragged && n == file->n_columns) {
		for (unsigned extra = 1 + below(file, 3); extra > 0; extra--) {
			put(&file->out, file->delimiter);
			if (chance(file, 2, 3))
				put_cell(file, below(file, file->n_columns));
		}
	}
	if (trailing)
		put(&file->out, file->delimiter);
}

/* Duplicate and empty names, names that need quotes, a name that is a number. */
static const char *const names[] = {
	"id",         "price",      "quantity",    "score", "ratio", "long",
	"far",        "date",       "note",        "2020",  "",      "net, gross; or | not",
	"say \"hi\"", "two\nlines", "h\xc3\xb6he", "a b",   "Price", "id",
	"price",      "nan",        "x",           "y",     "z",     "temp_1",
	"temp_2",     "when",       "elapsed",     "done"
};
enum { N_NAMES = sizeof names / sizeof names[0] };

static void put_header(struct file *file, unsigned *name)
{
	for (unsigned i = 0; i < file->n_columns; i++) {
		const char *text = names[name[i]];

		if (i > 0)
			put(&file->out, file->delimiter);
		file->cell.n = 0;
		for (; *text != '\0'; text++) {
			if (*text == '\n')
				value_line_end(file);
			else
				put(&file->cell, *text);
		}
		/* Quotes inside an unquoted name would make the delimiter ambiguous. */
		put_field(file, strpbrk(names[name[i]], ",;\t|\"\n") != NULL ||
					chance(file, file->quote_chance, 8));
	}
}

static void choose_columns(struct file *file, unsigned *name)
{
	const bool is_wide = chance(file, 1, 16);

	file->n_columns = 1 + below(file, is_wide ? MOST_COLUMNS : 8);
	for (unsigned i = 0; i < file->n_columns; i++) {
		name[i] = below(file, N_NAMES);
		file->flavour[i] = below(file, N_FLAVOURS);
		file->scale[i] = below(file, 10);
	}

	/* The delimiter cannot be detected from a header of one name. */
	if (file->n_columns == 1)
		file->delimiter = ',';

	/* At least one name is neither empty nor a number. */
	name[below(file, file->n_columns)] = 0;
	for (unsigned i = 0; i < file->n_columns; i++) {
		if (strcmp(names[name[i]], "long") == 0)
			file->flavour[i] = LONG;
		if (strcmp(names[name[i]], "far") == 0)
			file->flavour[i] = FAR;
		if (strcmp(names[name[i]], "date") == 0)
			file->flavour[i] = DATES;
		if (strcmp(names[name[i]], "when") == 0)
			file->flavour[i] = DATETIMES;
		if (strcmp(names[name[i]], "elapsed") == 0)
			file->flavour[i] = TIMES;
		if (strcmp(names[name[i]], "done") == 0)
			file->flavour[i] = BOOLEANS;
	}
}

static void choose_style(struct file *file)
{
	static const char delimiters[] = { ',', ',', ',', ',', ',', ';', '\t', '|' };
	static const unsigned quote_chances[] = { 0, 0, 1, 4, 8 };

	file->delimiter = delimiters[below(file, sizeof delimiters)];
	file->line_end = below(file, 10) < 5  ? LF
			 : chance(file, 1, 2) ? CRLF
			 : chance(file, 4, 5) ? MIXED
					      : CR;
	file->quote_chance = quote_chances[below(file, 5)];
	file->odd_chance = chance(file, 1, 4) ? 0 : 1 + below(file, 16);
	file->pad_chance = chance(file, 1, 2) ? 0 : 1 + below(file, 8);
}

static void put_blank_lines(struct file *file, unsigned n, unsigned of)
{
	while (chance(file, n, of))
		put_line_end(file);
}

static void put_rows(struct file *file, bool has_header)
{
	const unsigned blank_chance = chance(file, 1, 4) ? 2 : 0;
	const unsigned ragged_chance = chance(file, 1, 3) ? 1 + below(file, 4) : 0;
	const bool trailing = chance(file, 1, 10);
	unsigned n_rows = 1 + below(file, chance(file, 1, 8) ? 400 : 60);

	if (file->n_columns > 8)
		n_rows = n_rows / 4 + 1;
	file->tabs_are_space = has_header && file->delimiter != '\t';
	for (unsigned i = 0; i < n_rows; i++) {
		/* The first row of a file without a header is complete and has only numbers. */
		const bool is_first = i == 0 && !has_header;

		put_row(file, is_first, is_first ? 0 : ragged_chance, trailing && !is_first);
		if (i + 1 < n_rows || chance(file, 3, 4))
			put_line_end(file);
		file->tabs_are_space = file->delimiter != '\t';
		if (i + 1 < n_rows)
			put_blank_lines(file, blank_chance, 16);
	}
}

/* A file without rows: no bytes, a byte order mark, blank lines, or a header. */
static void put_nothing(struct file *file, unsigned *name)
{
	const unsigned what = below(file, 5);

	if (what == 1)
		put_text(&file->out, "\xef\xbb\xbf");
	if (what == 2)
		put_blank_lines(file, 7, 8);
	if (what > 2) {
		put_header(file, name);
		if (chance(file, 1, 2))
			put_line_end(file);
	}
}

static void put_everything(struct file *file)
{
	unsigned name[MOST_COLUMNS];
	const bool has_header = !chance(file, 1, 8);

	choose_style(file);
	choose_columns(file, name);
	file->tabs_are_space = false;
	if (chance(file, 1, 10)) {
		put_nothing(file, name);
		return;
	}
	if (chance(file, 1, 10))
		put_text(&file->out, "\xef\xbb\xbf");
	put_blank_lines(file, 1, 12);
	if (has_header) {
		put_header(file, name);
		put_line_end(file);
	}
	put_rows(file, has_header);
}

/* ---- program ---- */

static bool write_file(const struct file *file, const char *directory, unsigned number)
{
	const bool is_tsv = file->delimiter == '\t' && number % 2 == 0;
	const size_t path_bytes = strlen(directory) + 32;
	char *path = malloc(path_bytes);
	bool is_written = false;

	if (path == NULL)
		return false;
	snprintf(path, path_bytes, "%s/%03u.%s", directory, number, is_tsv ? "tsv" : "csv");

	FILE *stream = fopen(path, "wb");

	if (stream != NULL) {
		is_written = fwrite(file->out.bytes, 1, file->out.n, stream) == file->out.n;
		is_written = fclose(stream) == 0 && is_written;
	}
	free(path);
	return is_written;
}

int main(int argc, char **argv)
{
	if (argc != 4) {
		fprintf(stderr, "Usage: hostile SEED DIR N_FILES\n");
		return 2;
	}

	const uint64_t seed = strtoull(argv[1], NULL, 10);
	const char *directory = argv[2];
	const unsigned n_files = (unsigned)strtoul(argv[3], NULL, 10);
	struct file file = { 0 };
	bool is_done = mkdir(directory, 0777) == 0 || errno == EEXIST;

	for (unsigned i = 0; is_done && i < n_files; i++) {
		file.random = seed * 1000003 + i;
		file.random = next(&file.random);
		file.out.n = 0;
		put_everything(&file);
		is_done = write_file(&file, directory, i);
	}
	if (!is_done)
		fprintf(stderr, "hostile: %s: %s\n", directory, strerror(errno));
	free(file.out.bytes);
	free(file.cell.bytes);
	return is_done ? EXIT_SUCCESS : EXIT_FAILURE;
}
