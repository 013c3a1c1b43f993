/* test_sniff.c - what is decided from the first bytes of a file, against the rules of doc/detection.md */
#include <stdio.h>
#include <string.h>

#include "check_main.h"
#include "parse/cell_rules.h"
#include "parse/sniff.h"
#include "random.h"

/* A text in memory of exactly its size, so that AddressSanitizer sees each read after its end. */
struct input {
	unsigned char *bytes;
	struct csvr_settings settings;
	struct csvr_cell_rules rules;
	struct csvr_sniff_input sniffed;
};

static void make_input(struct input *input, const char *text, size_t n_bytes, bool is_whole)
{
	input->bytes = malloc(n_bytes);
	ck_assert(input->bytes != NULL || n_bytes == 0);
	if (n_bytes > 0)
		memcpy(input->bytes, text, n_bytes);
	csvr_settings_init(&input->settings);
	ck_assert_int_eq(csvr_cell_rules_init(&input->rules, &input->settings.parse, '.', NULL),
			 CSVR_OK);
	const int newline = csvr_sniff_newline(input->bytes, n_bytes, is_whole, '"');
	input->sniffed = (struct csvr_sniff_input){
		.text = input->bytes,
		.n_bytes = n_bytes,
		.is_whole = is_whole,
		.newline = newline == 0 ? '\n' : (unsigned char)newline,
		.options = &input->settings.parse,
		.rules = &input->rules,
	};
}

static void clear_input(struct input *input)
{
	csvr_cell_rules_clear(&input->rules);
	free(input->bytes);
}

static struct csvr_sniff sniff(const struct input *input)
{
	const struct csvr_first_line first = csvr_sniff_first_line(&input->sniffed);
	struct csvr_sniff sniff;
	csvr_sniff(&input->sniffed, &first, &sniff);
	return sniff;
}

/* ---- decisions as text ---- */

enum { DECISIONS_BYTES = 128 };

/* The delimiter and the kind of the first record, and what is not usual of the rest. If the delimiter has several bytes, all
 * else is decided again after it was replaced. */
static void describe(const struct csvr_sniff *sniff, char text[DECISIONS_BYTES])
{
	static const char *const first_records[] = {
		[CSVR_FIRST_UNKNOWN] = "header-if-words",
		[CSVR_FIRST_IS_HEADER] = "header",
		[CSVR_FIRST_IS_DATA] = "data",
		[CSVR_FIRST_SEEMS_HEADER] = "seems-header",
		[CSVR_FIRST_SEEMS_DATA] = "seems-data",
	};
	if (sniff->long_delimiter != NULL) {
		snprintf(text, DECISIONS_BYTES, "long '%s'", sniff->long_delimiter);
		return;
	}
	size_t n = (size_t)snprintf(text, DECISIONS_BYTES, "%c %s", sniff->delimiter,
				    first_records[sniff->first_record]);
	if (sniff->start > 0 || sniff->n_lines_above > 0)
		n += (size_t)snprintf(text + n, DECISIONS_BYTES - n, " at %zu below %d",
				      sniff->start, (int)sniff->n_lines_above);
	if (sniff->n_units_rows > 0)
		n += (size_t)snprintf(text + n, DECISIONS_BYTES - n, " units %u",
				      sniff->n_units_rows);
	if (sniff->decimal != '.')
		n += (size_t)snprintf(text + n, DECISIONS_BYTES - n, " decimal %c", sniff->decimal);
	if (sniff->escape != CSVR_NONE)
		n += (size_t)snprintf(text + n, DECISIONS_BYTES - n, " escape %c", sniff->escape);
	if (sniff->comment != CSVR_NONE)
		n += (size_t)snprintf(text + n, DECISIONS_BYTES - n, " comment %c", sniff->comment);
	if (sniff->has_quoted_lines)
		snprintf(text + n, DECISIONS_BYTES - n, " quoted-lines");
}

static const struct {
	const char *text, *decisions;
} cases[] = {
	/* delimiter */
	{ "a,b\n1,2\n", ", header" },
	{ "a;b\n1;2\n", "; header" },
	{ "a\tb\n1\t2\n", "\t header" },
	{ "a|b\n1|2\n", "| header" },
	{ "sep=;\na;b\n1;2\n", "; header at 6 below 1" },
	{ "SEP=^\r\nx^y\r\n1^2\r\n", "^ header at 7 below 1" },
	{ "Report, of May\na;b;c\n1;2;3\n4;5;6\n", "; header at 15 below 1" },
	{ "t\na,x;1\nb,y;2\nc,z;3\n", "; seems-data at 2 below 1" }, /* it gives numbers */
	{ "a\n1\n2\n", ", header-if-words" },
	{ "\"a,b\"\n\"1,2\"\n", ", header-if-words quoted-lines" },
	{ "\"a\"\n\"1\"\n", ", header-if-words" },
	{ "\"a,b\"\n\"1\"\n", ", header-if-words" }, /* not equally often */
	/* delimiters of several bytes */
	{ "a::b\n1::2\n", "long '::'" },
	{ "1::x::3\n2::y::4\n", "long '::'" },
	{ "name\n2001:db8::1\n2001:db8::2\n", ", header-if-words" },
	{ "a||b\n1||2\n", "long '||'" },
	{ "a||b\n1||\n", "long '||'" },
	{ "a|x|b\n1||2\n", "| header" },
	{ "x y z\n1 2 3\n4 5  6\n", "long ' +'" },
	{ "  x   y\n  1   2\n 10  20\n", "long ' +'" },
	{ "  x   y\n \t\n  1   2\n 10  20\n \r\n", "long ' +'" },
	{ " \n\t\n  x   y\n  1   2\n 10  20\n", "long ' +'" },
	{ "height\n5 m\n6 m\n", ", header-if-words" },
	{ "a word or two\nthree words more\nand so on\n", ", header-if-words" },
	/* where the table begins */
	{ "T\n\nU\na,b\n1,2\n3,4\n", ", header at 5 below 3" },
	{ "T,,\n,,\na,b,c\n1,2,3\n", ", header at 7 below 2" },
	{ "TOA5,x,y\nTS,b,c\n,V,m\n,Smp,Avg\nz,1,2\nz,3,4\nz,5,6\nz,7,8\nz,9,9\n",
	  ", header at 9 below 1 units 2" },
	{ "a,b\n1,2,3\n4,5,6\n", ", header" }, /* it is too short */
	{ "a,b,c,d\nk,l,m\nx,2,3\ny,5,6\n", ", header at 8 below 1" },
	{ "\"T\nU\"\na,b\n1,2\n3,4\n", ", header at 6 below 2" },
	/* header or data */
	{ "a,b\nx,y\nz,w\n", ", header-if-words" },
	{ "a,b\n", ", header-if-words" },
	{ "1,2\n", ", header-if-words" },
	{ "2024-01-01,1\n2024-01-02,2\n", ", data" },
	{ "1,2\n3,4\n5,6\n", ", data" },
	{ "a,b\ntrue,x\nfalse,y\n", ", header-if-words" }, /* plain text */
	{ "a,b\ntrue,1x\nfalse,2y\n", ", header" },
	{ "a,b\n15.07.1999,x\n16.07.1999,y\n", ", header" },
	{ ",0,1\n0,1.5,2.5\n1,3.5,4.5\n", ", seems-header" },
	{ ",1,0\n0,1.5,2.5\n1,3.5,4.5\n", ", data" }, /* they do not ascend */
	{ "k,2001,2002\nx,1,2\ny,3,4\n", ", seems-header" },
	{ "k,2001,2003\nx,1,2\ny,3,4\n", ", seems-data" }, /* not successive */
	{ "k,2001\nx,2005\ny,2003\n", ", seems-data" }, /* a year is below */
	{ "x,1\ny,2\nz,3\n", ", seems-data" },
	{ "1,2\n1.5,2.5\n3.5,4.5\n", ", seems-data" },
	{ "red,one\nblue,two\nred,three\n", ", seems-data" },
	{ "red,one\nblue,two\nred,one\n", ", header-if-words" }, /* the header again */
	/* rows of units */
	{ "t,v,w\n,m,kg\nx,1,2\ny,3,4\n", ", header units 1" },
	{ "t,v\n,[m]\nx,1\ny,2\n", ", header units 1" },
	{ "t,v\n,m\nx,1\ny,2\n", ", header" }, /* one word */
	{ "t,v,w\n,5 m,kg\nx,1,2\ny,3,4\n", ", header" },
	{ "t,v,w\n,m,kg\n", ", header-if-words" }, /* no row below */
	/* escape */
	{ "a,b\n1,\"x \\\"y\\\" z\"\n2,\"p\"\n", ", header escape \\" },
	{ "a,b\n1,\"C:\\dir\"\n2,x\n", ", header" },
	{ "a,b\n1,\"C:\\\"\n2,\"D:\\\"\n", ", header" },
	/* decimal mark */
	{ "a;b\nx;1,5\ny;2\nz;3,5\n", "; header decimal ," },
	{ "a;b\nx;1,5\ny;2.5\nz;3,5\n", "; header" },
	{ "a;b\nx;1,234\ny;5,678\n", "; header" }, /* perhaps groups of digits */
	{ "a;b\nx;0,123\ny;0,456\n", "; header decimal ," },
	{ "a;b\nx;1.234,567\ny;2.345,678\n", "; header decimal ," },
	{ "a;b\nx;-1234,567\ny;2345,678\n", "; header decimal ," },
	{ "a;b\nx;1,5\ny;1.234\nz;2,5\n", "; header decimal ," },
	/* comments */
	{ "a,b\n1,2\n# x\n3,4\n", ", header comment #" },
	{ "a,b\n1,2\n#3,4\n", ", header" },
	{ "# x\na,b\n1,2\n3,4\n", ", header at 4 below 1" },
	/* line ends */
	{ "T\ra,b\r1,2\r3,4\r", ", header at 2 below 1" },
	{ "T\r\r\na,b\r\r\n1,2\r\r\n3,4\r\r\n", ", header at 4 below 1" },
	{ "a,b\r\n1,2", ", header" },
};

START_TEST(a_text_is_read_as_the_rules_say)
{
	struct input input;
	char decisions[DECISIONS_BYTES];
	make_input(&input, cases[_i].text, strlen(cases[_i].text), true);
	const struct csvr_sniff found = sniff(&input);
	describe(&found, decisions);
	ck_assert_str_eq(decisions, cases[_i].decisions);
	clear_input(&input);
}
END_TEST

/* ---- options ---- */

START_TEST(options_override_what_the_text_shows)
{
	static const struct {
		const char *text;
		int delimiter, comment;
		enum csvr_header_mode header;
		uint32_t header_rows;
		const char *decisions;
	} overridden[] = {
		{ "a,b\n1,2\n", ';', CSVR_NONE, CSVR_HEADER_AUTO, 1, "; header-if-words" },
		{ "sep=;\na;b\n1;2\n", ',', CSVR_NONE, CSVR_HEADER_AUTO, 1, ", header-if-words" },
		{ "a,b\n1,2\n", CSVR_AUTO, CSVR_NONE, CSVR_HEADER_NO, 1, ", data" },
		{ "1,2\n3,4\n", CSVR_AUTO, CSVR_NONE, CSVR_HEADER_YES, 1, ", header" },
		{ "x,1\ny,2\nz,3\n", CSVR_AUTO, CSVR_NONE, CSVR_HEADER_AUTO, 2, ", header" },
		{ "% t\na,b\n% u\n1,2\n", CSVR_AUTO, '%', CSVR_HEADER_AUTO, 1,
		  ", header comment %" },
		{ "a::b\n1::2\n", ',', CSVR_NONE, CSVR_HEADER_AUTO, 1, ", header-if-words" },
	};
	for (size_t i = 0; i < sizeof overridden / sizeof overridden[0]; i++) {
		struct input input;
		char decisions[DECISIONS_BYTES];
		make_input(&input, overridden[i].text, strlen(overridden[i].text), true);
		input.settings.parse.delimiter = overridden[i].delimiter;
		input.settings.parse.comment = overridden[i].comment;
		input.settings.parse.header = overridden[i].header;
		input.settings.parse.header_rows = overridden[i].header_rows;
		const struct csvr_sniff found = sniff(&input);
		describe(&found, decisions);
		ck_assert_msg(strcmp(decisions, overridden[i].decisions) == 0, "%s: %s, not %s",
			      overridden[i].text, decisions, overridden[i].decisions);
		clear_input(&input);
	}
}
END_TEST

/* ---- runs of blanks that were replaced ---- */

START_TEST(a_line_of_blanks_between_runs_of_blanks_is_no_record)
{
	/* '_' stands for what replaces the delimiter. */
	static const struct {
		const char *text, *replaced, *otherwise;
	} lines[] = {
		{ "  \n x_y\n \t\r\n 1_2\n3_4\n ", "\x1f header", "\x1f header-if-words units 1" },
		{ "x_y_z\n \n _m_kg\n\t\na_1_2\nb_3_4\n", "\x1f header units 1", "\x1f header" },
		{ "x_y\n\"\"\n1_2\n3_4\n", "\x1f header", "\x1f header" },
	};
	for (size_t i = 0; i < 2 * (sizeof lines / sizeof lines[0]); i++) {
		struct input input;
		char decisions[DECISIONS_BYTES];
		const bool is_replaced = i % 2 == 0;
		const char *text = lines[i / 2].text;
		make_input(&input, text, strlen(text), true);
		for (size_t at = 0; at < input.sniffed.n_bytes; at++)
			if (input.bytes[at] == '_')
				input.bytes[at] = CSVR_UNIT_SEPARATOR;
		input.settings.parse.delimiter = CSVR_UNIT_SEPARATOR;
		strcpy(input.settings.parse.long_delimiter,
		       is_replaced ? CSVR_RUNS_OF_BLANKS : "::");
		const struct csvr_sniff found = sniff(&input);
		describe(&found, decisions);
		ck_assert_str_eq(decisions,
				 is_replaced ? lines[i / 2].replaced : lines[i / 2].otherwise);
		clear_input(&input);
	}
}
END_TEST

/* ---- line end ---- */

static const struct {
	const char *text;
	bool is_whole;
	int newline;
} newlines[] = {
	{ "", true, 0 },
	{ "abc", true, 0 },
	{ "a\nb", true, '\n' },
	{ "a\r\nb", true, '\n' },
	{ "a\r\r\nb", true, '\n' },
	{ "a\rb\r", true, '\r' },
	{ "a\rb\n", true, '\r' }, /* the CR comes first */
	{ "a\nb\rc", true, '\n' },
	{ "abc\r", true, '\r' },
	{ "abc\r", false, 0 }, /* an LF may follow */
	{ "abc\r\r", false, 0 },
	{ "\"a\nb\"\rc\r", true, '\r' },
	{ "\"a\rb\"\nc\n", true, '\n' },
	{ "x,\"a\rb\"\nc\n", true, '\n' },
	{ "x; \t\"a\rb\"\nc\n", true, '\n' },
	{ "x\"a\rb\"\nc\n", true, '\r' }, /* no quoted field */
	{ "\"a\"\"\rb\"\nc\n", true, '\n' },
	{ "\"a\nb\"", true, '\n' },
	{ "\"a\rb\"", true, '\r' },
};

START_TEST(the_line_end_is_the_first_outside_quotes)
{
	const size_t n_bytes = strlen(newlines[_i].text);
	unsigned char *text = malloc(n_bytes);
	memcpy(text, newlines[_i].text, n_bytes);
	ck_assert_int_eq(csvr_sniff_newline(text, n_bytes, newlines[_i].is_whole, '"'),
			 newlines[_i].newline);
	free(text);
}
END_TEST

/* ---- random texts ---- */

enum { MOST_BYTES = 1024 };

struct text {
	char bytes[MOST_BYTES];
	size_t n_bytes;
};

static void append(struct text *text, const char *bytes)
{
	const size_t n_bytes = strlen(bytes);
	ck_assert_uint_le(text->n_bytes + n_bytes, MOST_BYTES);
	memcpy(text->bytes + text->n_bytes, bytes, n_bytes);
	text->n_bytes += n_bytes;
}

/* A table whose names begin with letters; its columns are numbers or words, from so few that some recur. */
static void make_plain(struct text *text)
{
	static const char *const words[] = { "a", "bb", "cat", "dog", "e2", "fog", "g h", "item" };
	static const char *const numbers[] = { "1", "2.5", "-3", "40", "1990", "0.125", "" };
	static const char *const delimiters[] = { ",", ";", "\t", "|" };
	const char *delimiter = delimiters[below(4)], *newline = below(2) ? "\n" : "\r\n";
	const unsigned n_columns = 2 + below(4), n_rows = 1 + below(9), is_number = below(16);
	text->n_bytes = 0;
	for (unsigned row = 0; row <= n_rows; row++) {
		for (unsigned column = 0; column < n_columns; column++) {
			const bool is_word = row == 0 || !(is_number >> column & 1);
			const char *quote = below(8) == 0 ? "\"" : "";
			append(text, column > 0 ? delimiter : "");
			append(text, quote);
			append(text, is_word ? words[below(8)] : numbers[below(7)]);
			append(text, quote);
		}
		append(text, row < n_rows || below(2) ? newline : "");
	}
}

/* Of a file whose first line has names, the shortcut is taken if all else is plain; without them, it never is. */
START_TEST(the_shortcut_for_plain_files_decides_as_the_rules_do)
{
	random_state = 1;
	for (int i = 0; i < 20000; i++) {
		struct text text;
		struct input input;
		char shortcut[DECISIONS_BYTES], by_rules[DECISIONS_BYTES];
		struct csvr_sniff found;
		make_plain(&text);
		make_input(&input, text.bytes, text.n_bytes, true);
		struct csvr_first_line first = csvr_sniff_first_line(&input.sniffed);
		ck_assert(first.has_names);
		csvr_sniff(&input.sniffed, &first, &found);
		/* Words that may be a header are one. */
		if (found.first_record == CSVR_FIRST_UNKNOWN)
			found.first_record = CSVR_FIRST_IS_HEADER;
		describe(&found, shortcut);
		first.has_names = false;
		csvr_sniff(&input.sniffed, &first, &found);
		if (found.first_record == CSVR_FIRST_UNKNOWN)
			found.first_record = CSVR_FIRST_IS_HEADER;
		describe(&found, by_rules);
		ck_assert_msg(strcmp(shortcut, by_rules) == 0, "%s, by the rules %s:\n%.*s",
			      shortcut, by_rules, (int)text.n_bytes, text.bytes);
		clear_input(&input);
	}
}
END_TEST

START_TEST(any_bytes_give_a_start_at_a_line_within_them)
{
	static const char alphabet[] = "ab12,;\t|\"\"\\\n\n\n\r#:: .-[]=sep";
	random_state = 2;
	for (int i = 0; i < 20000; i++) {
		char bytes[96];
		const size_t n_bytes = below(sizeof bytes);
		struct input input;
		uint64_t n_lines = 0;
		for (size_t k = 0; k < n_bytes; k++)
			bytes[k] = alphabet[below(sizeof alphabet - 1)];
		make_input(&input, bytes, n_bytes, below(2) != 0);
		const struct csvr_sniff found = sniff(&input);
		ck_assert_uint_le(found.start, n_bytes);
		ck_assert(found.start == 0 || bytes[found.start - 1] == input.sniffed.newline);
		for (size_t k = 0; k < found.start; k++)
			n_lines += (unsigned char)bytes[k] == input.sniffed.newline;
		ck_assert_uint_eq(found.n_lines_above, n_lines);
		clear_input(&input);
	}
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *decisions = tcase_create("decisions");
	tcase_add_loop_test(decisions, a_text_is_read_as_the_rules_say, 0,
			    (int)(sizeof cases / sizeof cases[0]));
	tcase_add_test(decisions, options_override_what_the_text_shows);
	tcase_add_test(decisions, a_line_of_blanks_between_runs_of_blanks_is_no_record);
	suite_add_tcase(suite, decisions);
	TCase *newline = tcase_create("newline");
	tcase_add_loop_test(newline, the_line_end_is_the_first_outside_quotes, 0,
			    (int)(sizeof newlines / sizeof newlines[0]));
	suite_add_tcase(suite, newline);
	TCase *random = tcase_create("random");
	tcase_add_test(random, the_shortcut_for_plain_files_decides_as_the_rules_do);
	tcase_add_test(random, any_bytes_give_a_start_at_a_line_within_them);
	suite_add_tcase(suite, random);
}

int main(void)
{
	return check_main("sniff", add_cases);
}
