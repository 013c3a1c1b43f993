/* scan.c - fuzz target: files to statistics, against a slow reader
 *
 * Checks  up to three files read in one run, with a drawn kernel, block size and chunk size: the
 *         kind of each file, the line of its error, names, rows, each class of cell of each
 *         column, exact sums and notations of numbers, dates and times, the first cell of each
 *         kind, and each row issue with its first line
 * Against table.h and reader.h, which take what csvr_sniff decides as given, and share nothing else with
 *         src/
 * Input   eleven option bytes: delimiter, quote, comment, header, null values, select, kernel,
 *         block size, chunk size, whether bytes of the text may be repeated, whether further option bytes
 *         follow: long delimiter, escape, decimal mark, skipped lines, rows of the header, records skipped
 *         after it, skipped last lines, encoding, null values of single columns; then the files,
 *         separated by the byte 0x1e. In a text with repeats, 0x1d and two bytes n and c stand for
 *         16 n^2 times c, so that short inputs make cells, lines and headers that exceed any
 *         buffer.
 */
#include "fuzz.h"

#include "input.h"
#include "parse/dialect.h"
#include "stats/summary.h"
#include "table.h"

enum { FILE_SEPARATOR = 0x1e, REPEAT = 0x1d };
enum { MOST_BYTES = 3 * CSVR_MAX_CELL_BYTES };

struct options {
	struct csvr_settings settings;
	bool can_repeat;
};

static const char *const nulls[][6] = {
	{ "NA", "N/A", "NULL", "null", "None", NULL },
	{ NULL },
	{ "-999", "1e3", "a", NULL },
	{ "0", "nan", "$", NULL },
};
static const char *const leave_out[] = { "!x*" };

/* Items with a name hold for one column. */
static const char *const column_nulls[] = { "NA", "b:-9", "column_2:x", "a:", "b:1e1" };
enum { N_COLUMN_NULLS = sizeof column_nulls / sizeof column_nulls[0] };

static const char *draw_kernel(struct tape *tape)
{
	size_t n = 0;
	bool is_usable;
	while (csvr_kernel_name(n, &is_usable) != NULL)
		n++;
	const char *name = csvr_kernel_name(draw_below(tape, (unsigned)n), &is_usable);
	return is_usable ? name : NULL;
}

static void draw_more(struct tape *tape, struct csvr_parse_options *parse)
{
	static const char *const delimiters[] = { "",      "||", "::", CSVR_RUNS_OF_BLANKS,
						  "\t|\t", "aab" };
	static const int escapes[] = { CSVR_AUTO, CSVR_NONE, '\\', '~', 'n' };
	static const int decimals[] = { CSVR_AUTO, '.', ',' };
	static const enum csvr_encoding encodings[] = { CSVR_ENCODING_AUTO, CSVR_ENCODING_UTF8,
							CSVR_ENCODING_1252 };
	static const int after_header[] = { CSVR_AUTO, 0, 1, 2, 7 };
	strcpy(parse->long_delimiter,
	       delimiters[draw_below(tape, sizeof delimiters / sizeof delimiters[0])]);
	if (parse->long_delimiter[0] != '\0')
		parse->delimiter = CSVR_UNIT_SEPARATOR;
	parse->escape = escapes[draw_below(tape, sizeof escapes / sizeof escapes[0])];
	parse->decimal = decimals[draw_below(tape, sizeof decimals / sizeof decimals[0])];
	parse->skip = draw_below(tape, 4);
	parse->header_rows = 1 + draw_below(tape, 3);
	parse->skip_after_header =
		after_header[draw_below(tape, sizeof after_header / sizeof after_header[0])];
	parse->skip_footer = (int)draw_below(tape, 4);
	parse->encoding = encodings[draw_below(tape, sizeof encodings / sizeof encodings[0])];
	if (draw_below(tape, 2) == 1)
		parse->null_values = (struct csvr_string_list){ column_nulls, N_COLUMN_NULLS };
}

static struct options draw_options(struct tape *tape)
{
	static const int delimiters[] = { CSVR_AUTO, CSVR_AUTO, ',', ';', '\t', '|',
					  ' ',       'a',       '.', '-', '0',  1 };
	static const int quotes[] = { '"', '"', '\'', CSVR_NONE, '5', 'e', '`' };
	static const int comments[] = { CSVR_NONE, CSVR_NONE, '#', '%', '1' };
	static const size_t blocks[] = {
		0, 1, 2, 3, 7, 16, 64, 65, 300, 1000, 4096, 65536, 500000
	};
	static const uint64_t chunks[] = {
		0, 1, 3, 10, 16, 50, 100, 333, 1000, 4096, 70000, 300000
	};
	struct options o;
	csvr_settings_init(&o.settings);
	struct csvr_parse_options *parse = &o.settings.parse;
	parse->delimiter = delimiters[draw_below(tape, sizeof delimiters / sizeof delimiters[0])];
	parse->quote = quotes[draw_below(tape, sizeof quotes / sizeof quotes[0])];
	parse->comment = comments[draw_below(tape, sizeof comments / sizeof comments[0])];
	parse->header = (enum csvr_header_mode)draw_below(tape, 4);
	unsigned list = draw_below(tape, sizeof nulls / sizeof nulls[0]);
	parse->null_values = (struct csvr_string_list){ nulls[list], 0 };
	while (nulls[list][parse->null_values.n_words] != NULL)
		parse->null_values.n_words++;
	parse->select = (struct csvr_string_list){ leave_out, draw_below(tape, 4) == 1 };
	o.settings.tuning.n_threads = 1;
	o.settings.tuning.kernel = draw_kernel(tape);
	o.settings.tuning.block_bytes = blocks[draw_below(tape, sizeof blocks / sizeof blocks[0])];
	o.settings.tuning.chunk_bytes = chunks[draw_below(tape, sizeof chunks / sizeof chunks[0])];
	o.settings.report.per_file = true;
	o.can_repeat = draw_below(tape, 2) == 1;
	if (draw_below(tape, 3) == 1)
		draw_more(tape, parse);
	return o;
}

/* ---- texts ---- */

struct text {
	unsigned char *bytes;
	size_t n_bytes;
};

/* The text up to the next separator. */
static struct text draw_text(struct tape *tape, bool can_repeat)
{
	struct text text = { need(malloc(can_repeat ? MOST_BYTES + tape->left : tape->left + 1)),
			     0 };
	while (tape->left > 0) {
		unsigned byte = draw_byte(tape);
		size_t n = 1;
		if (byte == FILE_SEPARATOR)
			break;
		if (can_repeat && byte == REPEAT && tape->left >= 2) {
			n = draw_byte(tape);
			n = 16 * n * n;
			byte = draw_byte(tape);
		}
		if (n > 1 && text.n_bytes + n > MOST_BYTES)
			n = text.n_bytes < MOST_BYTES ? MOST_BYTES - text.n_bytes : 0;
		memset(text.bytes + text.n_bytes, (int)byte, n);
		text.n_bytes += n;
	}
	return text;
}

/* ---- comparison ---- */

/* A name that equals an item of --select is not matched as a pattern. */
static bool has_pattern_as_name(const struct ref_table *table)
{
	const struct string pattern = { .bytes = (unsigned char *)"x*", .n_bytes = 2 };
	return has_name(table->names, table->n_columns, &pattern);
}

static void compare_count(const char *what, size_t file, size_t column, uint64_t expected,
			  uint64_t found)
{
	if (expected != found)
		wrong("file %zu, column %zu: %s: %llu expected, %llu found", file, column, what,
		      (unsigned long long)expected, (unsigned long long)found);
}

static void compare_first(size_t file, size_t i, size_t kind, const struct ref_column *expected,
			  const struct csvr_first_cell *found)
{
	static const char *const lines[CSVR_N_KINDS] = {
		"line of the first number", "line of the first boolean", "line of the first date",
		"line of the first time", "line of the first text"
	};
	compare_count(lines[kind], file, i, expected->first[kind].line, found->line);
	if (found->line == 0)
		return;
	compare_count("bytes of the first cell", file, i, expected->first[kind].n_bytes,
		      found->n_bytes);
	compare_count("a first cell is cut", file, i, expected->first[kind].is_cut, found->is_cut);
	if (memcmp(expected->first[kind].bytes, found->bytes, found->n_bytes) != 0)
		wrong("file %zu, column %zu: '%.*s' is not the first cell", file, i,
		      (int)found->n_bytes, (const char *)found->bytes);
}

static void compare_column(size_t file, size_t i, const struct ref_column *expected,
			   const struct csvr_column *found)
{
	static const char *const classes[] = { "numbers",   "missing",  "nan",
					       "infinite",  "booleans", "dates",
					       "datetimes", "times",    "texts" };
	for (size_t class = 0; class < CSVR_N_CELL_CLASSES; class ++)
		compare_count(classes[class], file, i, expected->cells[class], found->cells[class]);
	compare_count("booleans that are true", file, i, expected->n_true, found->n_true);
	for (size_t kind = 0; kind < CSVR_N_KINDS; kind++)
		compare_first(file, i, kind, expected, &found->first[kind]);
	for (size_t quantity = 0; quantity < CSVR_N_QUANTITIES; quantity++) {
		const struct csvr_quantity_stats *stats = &found->quantities[quantity];
		if (expected->sum[quantity] == NULL)
			continue;
		compare_count("notation", file, i, expected->notation[quantity], stats->notation);
		const double sum = csvr_exact_sum_value(&stats->exact);
		if (!digits_are_nearest(expected->sum[quantity], 1, sum))
			wrong("file %zu, column %zu: %.17g is not the sum", file, i, sum);
	}
}

static void compare_names(const struct csvr_summary *summary, size_t file,
			  const struct ref_table *expected)
{
	const struct csvr_column_layout *map = &summary->layouts[summary->files[file].layout];
	compare_count("columns of the header", file, 0, expected->n_columns, map->n_columns);
	for (size_t i = 0; i < map->n_columns; i++) {
		compare_count("selected", file, i, is_selected(expected, i),
			      map->column[i] != UINT32_MAX);
		if (map->column[i] == UINT32_MAX)
			continue;
		const struct csvr_summary_column *column =
			&summary->tables[map->table].columns[map->column[i]];
		const struct string found = { .bytes = (unsigned char *)column->name,
					      .n_bytes = column->name_bytes };
		if (!is_same_string(&expected->names[i], &found))
			wrong("file %zu, column %zu: name '%.*s' expected, '%.*s' found", file, i,
			      (int)expected->names[i].n_bytes, (char *)expected->names[i].bytes,
			      (int)found.n_bytes, (char *)found.bytes);
	}
}

static void compare_table(const struct csvr_summary *summary, size_t file,
			  const struct ref_table *expected)
{
	static const char *const row_issues[CSVR_N_ROW_ISSUES] = {
		[CSVR_ROW_SHORT] = "short rows",
		[CSVR_ROW_LONG] = "long rows",
		[CSVR_ROW_TRAILING_DELIMITER] = "trailing rows",
		[CSVR_ROW_BLANK] = "blank lines",
		[CSVR_ROW_COMMENT] = "comment lines",
		[CSVR_ROW_REPEATED_HEADER] = "repeated headers",
		[CSVR_ROW_FOOTER] = "footer lines",
		[CSVR_ROW_TEXT_AFTER_QUOTE] = "texts after quotes",
		[CSVR_ROW_SPLIT_BY_COMMA] = "split by comma",
		[CSVR_ROW_SPLIT_BY_SEMICOLON] = "split by semicolon",
		[CSVR_ROW_SPLIT_BY_TAB] = "split by tab",
		[CSVR_ROW_SPLIT_BY_BAR] = "split by bar",
		[CSVR_ROW_LAST_1] = "one total",
		[CSVR_ROW_LAST_2] = "two totals",
		[CSVR_ROW_LAST_3] = "three totals",
		[CSVR_ROW_EMPTY] = "empty rows",
		[CSVR_ROW_APOSTROPHES] = "apostrophes",
		[CSVR_ROW_ABOVE_TABLE] = "lines above the table",
		[CSVR_ROW_UNITS] = "rows of units",
		[CSVR_ROW_SEEMS_HEADER] = "seems a header",
		[CSVR_ROW_SEEMS_DATA] = "seems data",
		[CSVR_ROW_NO_HEADER] = "no header",
		[CSVR_ROW_KNOWN_NAMES] = "known names",
		[CSVR_ROW_DECIMAL_COMMA] = "decimal comma",
		[CSVR_ROW_ESCAPE] = "escape",
		[CSVR_ROW_LONG_DELIMITER] = "long delimiter",
		[CSVR_ROW_QUOTED_WHOLE] = "quoted lines",
		[CSVR_ROW_LIKE_COMMENT] = "rows like comments",
		[CSVR_ROW_UTF16] = "UTF-16",
		[CSVR_ROW_NOT_UTF8] = "texts that are not UTF-8",
	};
	const struct csvr_file_stats *found = csvr_summary_file_stats(summary,
								      &summary->files[file]);
	compare_count("columns", file, 0, expected->n_columns, found->n_columns);
	compare_count("rows", file, 0, expected->n_rows, found->n_rows);
	compare_count("extra fields", file, 0, expected->n_extra_fields, found->n_extra_fields);
	for (size_t i = 0; i < CSVR_N_ROW_ISSUES; i++) {
		const char *name = row_issues[i];
		if (i >= CSVR_ROW_LAST_1 && expected->n_columns > 0 && !is_selected(expected, 0))
			continue; /* nothing is known of the first column */
		compare_count(name, file, 0, expected->issues[i].n, found->issues[i].n);
		compare_count(name, file, expected->issues[i].first_line != 0,
			      expected->issues[i].first_line, found->issues[i].first_line);
	}
	if (expected->kind != REF_READ)
		return;
	compare_names(summary, file, expected);
	for (size_t i = 0; i < expected->n_columns; i++)
		if (is_selected(expected, i))
			compare_column(file, i, &expected->columns[i], &found->columns[i]);
}

static void compare_failure(const struct csvr_summary *summary, size_t file,
			    const struct ref_table *expected)
{
	for (size_t i = 0; i < summary->n_failures; i++)
		if (summary->failures[i].input == file)
			compare_count(summary->failures[i].message, file, 0, expected->bad_line,
				      summary->failures[i].line);
}

/* Whether the first bytes are not CSV text, which is not the subject of this target. */
static bool is_no_text(const struct text *text)
{
	struct csvr_error error;
	size_t bom_bytes;
	return csvr_dialect_detect_encoding(text->bytes,
					    text->n_bytes < PREFIX_BYTES ? text->n_bytes
									 : PREFIX_BYTES,
					    &bom_bytes, &error) != CSVR_OK;
}

static void compare_file(const struct csvr_summary *summary, size_t file,
			 const struct ref_table *expected)
{
	const struct csvr_parse_options *parse = expected->reading->options;
	if (expected->kind != (enum ref_kind)summary->files[file].kind)
		wrong("file %zu: kind %d expected (line %llu), %d found", file, (int)expected->kind,
		      (unsigned long long)expected->bad_line, (int)summary->files[file].kind);
	if (expected->kind == REF_BAD)
		compare_failure(summary, file, expected);
	else if (expected->n_columns <= MOST_NAMES &&
		 (parse->select.n_words == 0 || !has_pattern_as_name(expected)))
		compare_table(summary, file, expected);
}

/* The null values that hold for all columns. */
static struct csvr_string_list general_nulls(const struct csvr_parse_options *parse)
{
	static const char *words[N_COLUMN_NULLS + sizeof nulls[0] / sizeof nulls[0][0]];
	size_t n = 0;
	for (size_t i = 0; i < parse->null_values.n_words; i++)
		if (strchr(parse->null_values.word[i], ':') == NULL)
			words[n++] = parse->null_values.word[i];
	return (struct csvr_string_list){ words, n };
}

/* Reads a text, and compares it with the summary if that is not NULL. True: it has a header. */
static bool read_file(const struct csvr_parse_options *parse, const struct text *text,
		      struct reading *reading, struct ref_table *table)
{
	*reading = (struct reading){ .options = parse,
				     .nulls = general_nulls(parse),
				     .known = reading->known };
	read_text(text->bytes, text->n_bytes, reading, table);
	if (is_no_text(text)) {
		table->kind = REF_BAD;
		table->bad_line = 0;
		return false;
	}
	return table->header != NULL;
}

static void compare_files(const struct csvr_parse_options *parse,
			  const struct csvr_summary *summary, const struct text *texts,
			  size_t n_texts)
{
	struct reading reading = { .known = NULL };
	struct ref_table first, table;
	bool is_known = false;
	for (size_t i = 0; i < n_texts && !is_known && parse->header == CSVR_HEADER_KNOWN_NAMES;
	     i++) {
		is_known = read_file(parse, &texts[i], &reading, &first);
		if (!is_known)
			free_table(&first);
	}
	reading.known = is_known ? &first : NULL;
	for (size_t i = 0; i < n_texts; i++) {
		read_file(parse, &texts[i], &reading, &table);
		compare_file(summary, i, &table);
		free_table(&table);
	}
	if (is_known)
		free_table(&first);
}

/* The cells of all classes are as many as the rows, in every column of a table. */
static void check_law(const struct csvr_data_table *table)
{
	for (size_t i = 0; i < table->n_columns; i++) {
		uint64_t n = 0;
		for (size_t class = 0; class < CSVR_N_CELL_CLASSES; class ++)
			n += table->columns[i].stats.cells[class];
		compare_count("cells of a column that has as many rows", 0, i,
			      table->columns[i].n_rows, n);
	}
}

/* ---- the run ---- */

static void run(struct options *o, const struct text *texts, size_t n_texts)
{
	struct csvr_inputs *inputs;
	struct csvr_summary *summary;
	struct csvr_error error;
	char path[PATH_BYTES];
	if (csvr_inputs_new(&inputs) != CSVR_OK)
		need(NULL);
	for (size_t i = 0; i < n_texts; i++) {
		fill_file(i, texts[i].bytes, texts[i].n_bytes, path);
		if (csvr_inputs_add(inputs, path, &o->settings.walk) != CSVR_OK)
			need(NULL);
	}
	if (csvr_run(&o->settings, inputs, NULL, &summary, &error) != CSVR_OK)
		wrong("the run failed: %s", error.message);
	compare_count("files", 0, 0, n_texts, summary->n_files);
	compare_files(&o->settings.parse, summary, texts, n_texts);
	for (size_t t = 0; t < summary->n_tables; t++)
		check_law(&summary->tables[t]);
	csvr_summary_free(summary);
	csvr_inputs_free(inputs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tape tape = { data, size };
	struct options o = draw_options(&tape);
	struct text texts[MOST_FILES];
	size_t n_texts = 0, n_bytes = 0;
	bool is_text = true;
	do {
		texts[n_texts] = draw_text(&tape, o.can_repeat);
		is_text &= !is_other_data(texts[n_texts].bytes, texts[n_texts].n_bytes);
		n_bytes += texts[n_texts++].n_bytes;
	} while (tape.left > 0 && n_texts < MOST_FILES);
	/* A few dozen chunks and a few thousand blocks find as much as millions would. */
	struct csvr_run_tuning *tuning = &o.settings.tuning;
	if (tuning->chunk_bytes > 0 && tuning->chunk_bytes < n_bytes / 24)
		tuning->chunk_bytes = n_bytes / 24;
	if (tuning->block_bytes > 0 && tuning->block_bytes < n_bytes / 2048)
		tuning->block_bytes = n_bytes / 2048;
	if (is_text)
		run(&o, texts, n_texts);
	for (size_t i = 0; i < n_texts; i++)
		free(texts[i].bytes);
	return 0;
}
