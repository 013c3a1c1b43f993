/* test_dialect.c - encoding, line ends, delimiter, names, selection, boundaries */
#include <stdio.h>
#include <string.h>

#include "check_main.h"
#include "parse/chunk_boundary.h"
#include "parse/column_select.h"
#include "parse/dialect.h"

static const unsigned char *bytes(const char *text)
{
	return (const unsigned char *)text;
}

static unsigned char delimiter_of(const char *path, const char *prefix)
{
	const struct csvr_parse_options reading = { .delimiter = CSVR_AUTO,
						    .quote = '"',
						    .comment = '#' };
	return csvr_dialect_detect_delimiter(&reading, csvr_is_tsv(path, strlen(path)),
					     bytes(prefix), strlen(prefix), '\n');
}

static const struct {
	const char *path, *prefix;
	unsigned char delimiter;
} delimiters[] = {
	{ "a.csv", "a,b,c\n", ',' },
	{ "a.csv", "a;b;c\n1,5;2,5;3,5\n", ';' },
	{ "a.csv", "a\tb\n", '\t' },
	{ "a.csv", "a|b|c,d\n", '|' },
	{ "a.csv", "a;b,c\n", ',' }, /* a tie: the comma */
	{ "a.csv", "abc\n1;2;3\n", ',' }, /* none in the first record */
	{ "a.csv", "\"a;b;c\",d\n", ',' }, /* quoted ones do not count */
	{ "a.csv", "\"a\n;;;\",b\n", ',' }, /* the record continues after the line end */
	{ "a.csv", "\"a\"\";;\",b\n", ',' },
	{ "a.csv", "\n\r\n# ;;;;\na,b\n", ',' }, /* blank lines and comments are not records */
	{ "a.tsv", "a,b,c\n", '\t' },
	{ "A.TSV", "a,b,c\n", '\t' },
	{ "a.tsv.gz", "a,b,c\n", '\t' },
	{ "a.tsv.Bgz", "a,b,c\n", '\t' },
	{ "a.tsv.zst", "a,b,c\n", '\t' },
	{ "a.tsv.bz2", "a,b,c\n", '\t' },
	{ "a.tsv.xz", "a,b,c\n", '\t' },
	/* the last suffix counts, except that of a compressed file */
	{ "a.tsv.csv", "a,b,c\n", ',' },
	{ "a.tsv.bak", "a,b,c\n", ',' },
	{ "a.tsv.7z", "a,b,c\n", ',' },
	{ "tsv", "a,b,c\n", ',' },
	{ "tsv.gz", "a,b,c\n", ',' },
	{ "a.csv", "", ',' },
};

START_TEST(the_most_frequent_delimiter_of_the_first_record_wins)
{
	ck_assert_int_eq(delimiter_of(delimiters[_i].path, delimiters[_i].prefix),
			 delimiters[_i].delimiter);
}
END_TEST

START_TEST(other_encodings_and_formats_are_rejected_with_a_remedy)
{
	static const struct {
		const char *prefix;
		size_t n_bytes;
		const char *words;
	} rejected[] = {
		{ "a\0,\0b\0\n\0", 8, "--encoding=utf-16le" },
		{ "\0a\0,\0b\0\n", 8, "--encoding=utf-16be" },
		{ "\xff\xfe\0\0a\0\0\0", 8, "iconv -f UTF-32" },
		{ "\x1f\x8b\x08", 3, "gzip" },
		{ "PK\3\4", 4, "zip" },
		{ "BZh91AY&SY\1", 11, "bzip2" },
		{ "PAR1\x15\4", 6, "Parquet" },
		{ "PAR1\0\4", 6, "Parquet" },
	};
	for (size_t i = 0; i < sizeof rejected / sizeof rejected[0]; i++) {
		struct csvr_error error = { 0 };
		size_t bom_bytes;
		ck_assert_int_eq(csvr_dialect_detect_encoding(bytes(rejected[i].prefix),
							      rejected[i].n_bytes, &bom_bytes,
							      &error),
				 CSVR_INVALID_FILE);
		ck_assert_msg(strstr(error.message, rejected[i].words) != NULL, "%s",
			      error.message);
	}
}
END_TEST

START_TEST(a_utf8_bom_is_three_bytes_and_nul_bytes_are_allowed)
{
	size_t bom_bytes;
	ck_assert_int_eq(csvr_dialect_detect_encoding(bytes("\xef\xbb\xbf"
							    "a,b"),
						      6, &bom_bytes, NULL),
			 CSVR_OK);
	ck_assert_uint_eq(bom_bytes, 3);
	ck_assert_int_eq(csvr_dialect_detect_encoding(bytes("a,b\n1,\0\n"), 8, &bom_bytes, NULL),
			 CSVR_OK);
	/* Half of these bytes are NUL, but not every second one. */
	ck_assert_int_eq(csvr_dialect_detect_encoding(bytes("a\0\0"
							    "bc\0\0d"),
						      8, &bom_bytes, NULL),
			 CSVR_OK);
	ck_assert_uint_eq(bom_bytes, 0);
	/* Column names that resemble the signature of a format. */
	ck_assert_int_eq(csvr_dialect_detect_encoding(bytes("PAR1,PAR2\n"), 10, &bom_bytes, NULL),
			 CSVR_OK);
	ck_assert_int_eq(csvr_dialect_detect_encoding(bytes("PAR1\n1\n"), 7, &bom_bytes, NULL),
			 CSVR_OK);
	ck_assert_int_eq(csvr_dialect_detect_encoding(bytes("BZh9,b,c,d\n"), 11, &bom_bytes, NULL),
			 CSVR_OK);
}
END_TEST

static const struct {
	const char *raw, *text;
	int escape;
} fields[] = {
	{ "abc", "abc", CSVR_NONE },
	{ " \tabc\t ", "abc", CSVR_NONE },
	{ "\"abc\"", "abc", CSVR_NONE },
	{ "\" abc \"", "abc", CSVR_NONE },
	{ "\"a\"\"b\"", "a\"b", CSVR_NONE },
	{ "\"a\"b", "ab", CSVR_NONE },
	{ "\"a\"b\"c\"", "ab\"c\"", CSVR_NONE },
	{ "a\"b\"", "a\"b\"", CSVR_NONE },
	{ "\"\"", "", CSVR_NONE },
	{ "\"\"\"\"", "\"", CSVR_NONE },
	{ " \"a\"", "a", CSVR_NONE },
	{ "\t \" a\" \t", "a", CSVR_NONE },
	{ " \"a\"\"\" ", "a\"", CSVR_NONE },
	{ " a\"b\"", "a\"b\"", CSVR_NONE },
	{ "\"a\" ", "a", CSVR_NONE },
	{ "\"a\" \"b\"", "a \"b\"", CSVR_NONE },
	{ "\"a\\\"", "a\\", CSVR_NONE },
	{ "", "", CSVR_NONE },
	{ " ", "", CSVR_NONE },
	{ "\"a\"\"b\"", "a\"b", '\\' },
	{ "\"a\\\\\"", "a\\", '\\' },
	{ "\"\\\\\"\"\"", "\\\"", '\\' },
	{ "\"C:\\dir\"", "C:\\dir", '\\' },
	{ "a\\\\b", "a\\\\b", '\\' },
	{ "\"a\"\\\\", "a\\\\", '\\' },
};

START_TEST(a_field_is_trimmed_and_unquoted)
{
	unsigned char scratch[32];
	const unsigned char *raw = bytes(fields[_i].raw);
	const struct csvr_dialect dialect = { .quote = '"', .escape = fields[_i].escape };
	struct csvr_slice text = csvr_field_text(raw, raw + strlen(fields[_i].raw), &dialect,
						 scratch);
	ck_assert_uint_eq(text.n_bytes, strlen(fields[_i].text));
	ck_assert(memcmp(text.start, fields[_i].text, text.n_bytes) == 0);
}
END_TEST

enum { MAX_NAMES = 16 };

static size_t split(const char *list, struct csvr_slice *names)
{
	size_t n = 0;
	for (const char *p = list;; p++) {
		size_t length = strcspn(p, ",");
		names[n++] = (struct csvr_slice){ bytes(p), length };
		p += length;
		if (*p == '\0')
			return n;
	}
}

START_TEST(names_become_unique)
{
	static const struct {
		const char *header, *names;
	} cases[] = {
		{ "a,b,c", "a,b,c" },
		{ "a,a,a", "a,a.2,a.3" },
		{ "a,a,a.2", "a,a.3,a.2" }, /* a name as written is kept */
		{ "a,,c,", "a,column_2,c,column_4" },
		{ "b,a,b,a", "b,a,b.2,a.2" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct csvr_slice names[MAX_NAMES], expected[MAX_NAMES];
		struct csvr_arena strings;
		csvr_arena_init(&strings);
		size_t n = split(cases[i].header, names);
		ck_assert_uint_eq(split(cases[i].names, expected), n);
		ck_assert_int_eq(csvr_header_make_names(names, n, &strings), CSVR_OK);
		for (size_t k = 0; k < n; k++) {
			ck_assert_uint_eq(names[k].n_bytes, expected[k].n_bytes);
			ck_assert_msg(memcmp(names[k].start, expected[k].start, names[k].n_bytes) ==
					      0,
				      "column %zu of %s", k + 1, cases[i].header);
		}
		csvr_arena_clear(&strings);
	}
}
END_TEST

static const struct {
	const char *items, *picture; /* for the columns id,temp_a,temp_b,3-4,x */
	int n_unmatched;
} selections[] = {
	{ "id", "x....", 0 },
	{ "2", ".x...", 0 },
	{ "2-3", ".xx..", 0 },
	{ "4-", "...xx", 0 },
	{ "-2", "xx...", 0 },
	{ "3-4", "...x.", 0 },
	{ "temp_*", ".xx..", 0 },
	{ "!id", ".xxxx", 0 },
	{ "temp_*,!temp_b", ".x...", 0 },
	{ "!temp_*,temp_a", "xx.xx", 0 },
	{ "nope", ".....", 1 },
	{ "id,9", "x....", 1 },
	{ "0", ".....", 1 },
	{ "!nope", "xxxxx", 1 },
	{ "z*", ".....", 1 },
};

START_TEST(items_select_by_name_number_range_and_glob)
{
	struct csvr_slice names[MAX_NAMES], items[MAX_NAMES];
	size_t n = split("id,temp_a,temp_b,3-4,x", names);
	size_t n_items = split(selections[_i].items, items);
	char text[MAX_NAMES][16];
	const char *words[MAX_NAMES];
	for (size_t i = 0; i < n_items; i++) {
		snprintf(text[i], sizeof text[i], "%.*s", (int)items[i].n_bytes,
			 (const char *)items[i].start);
		words[i] = text[i];
	}
	bool is_selected[MAX_NAMES], matched[MAX_NAMES] = { false };
	ck_assert_int_eq(csvr_select_columns((struct csvr_string_list){ words, n_items }, names, n,
					     is_selected, matched),
			 CSVR_OK);
	int n_unmatched = 0;
	for (size_t i = 0; i < n_items; i++)
		n_unmatched += !matched[i];
	ck_assert_int_eq(n_unmatched, selections[_i].n_unmatched);
	for (size_t i = 0; i < n; i++)
		ck_assert_msg(is_selected[i] == (selections[_i].picture[i] == 'x'), "column %zu",
			      i + 1);
}
END_TEST

static size_t guess(const char *text, size_t from)
{
	static unsigned char memory[512];
	static uint32_t ends[512 + CSVR_ENDS_MARGIN];
	const struct csvr_dialect dialect = { .delimiter = ',',
					      .newline = '\n',
					      .quote = '"',
					      .comment = CSVR_NONE,
					      .decimal = '.',
					      .escape = CSVR_NONE };
	size_t n_bytes = strlen(text);
	memcpy(memory + CSVR_TEXT_MARGIN, text, n_bytes);
	struct csvr_fields room = { .text = memory + CSVR_TEXT_MARGIN, .ends = ends + 1 };
	return csvr_boundary_guess(&csvr_kernel_scalar, &dialect, 2, from, n_bytes, &room);
}

START_TEST(a_chunk_starts_after_the_next_line_end)
{
	ck_assert_uint_eq(guess("1,2\n3,4\n5,6\n", 0), 4);
	ck_assert_uint_eq(guess("1,2\n3,4\n5,6\n", 3), 4); /* the byte before is a line end */
	ck_assert_uint_eq(guess("1,2\n3,4\n5,6\n", 4), 8);
	ck_assert_uint_eq(guess("1,2", 0), SIZE_MAX);
}
END_TEST

START_TEST(a_chunk_that_starts_inside_quotes_is_detected_by_its_shape)
{
	/* From 4 on: the lines inside the quotes have one field, those after them two. */
	ck_assert_uint_eq(guess("1,\"one\ntwo\nthree\"\n2,x\n3,y\n4,z\n5,w\n", 4), 18);
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *dialect = tcase_create("dialect");
	tcase_add_loop_test(dialect, the_most_frequent_delimiter_of_the_first_record_wins, 0,
			    (int)(sizeof delimiters / sizeof delimiters[0]));
	tcase_add_test(dialect, other_encodings_and_formats_are_rejected_with_a_remedy);
	tcase_add_test(dialect, a_utf8_bom_is_three_bytes_and_nul_bytes_are_allowed);
	tcase_add_loop_test(dialect, a_field_is_trimmed_and_unquoted, 0,
			    (int)(sizeof fields / sizeof fields[0]));
	tcase_add_test(dialect, names_become_unique);
	tcase_add_loop_test(dialect, items_select_by_name_number_range_and_glob, 0,
			    (int)(sizeof selections / sizeof selections[0]));
	tcase_add_test(dialect, a_chunk_starts_after_the_next_line_end);
	tcase_add_test(dialect, a_chunk_that_starts_inside_quotes_is_detected_by_its_shape);
	suite_add_tcase(suite, dialect);
}

int main(void)
{
	return check_main("dialect", add_cases);
}
