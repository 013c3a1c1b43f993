/* test_kernels.c - every kernel against a slow implementation of its definition, on hostile bytes
 *
 * test_kernels [ROUNDS [SEED]]
 *
 * The reference below shares nothing with the kernels: a state machine for `scan`, and the slow cell
 * parser for `convert`. A kernel that this CPU lacks is skipped by name.
 *
 * Output  TAP, written here since Check cannot report SKIP
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parse/decimal.h"
#include "parse/kernel.h"
#include "random.h"

enum { TEXT_BYTES = 700, MAX_CELLS = CSVR_MAX_CELLS };

/* ---- scan ---- */

/* The definition, byte by byte: a quote is special only at the start of a field, where blanks may precede it. */
static void reference_scan(const struct csvr_dialect *dialect, size_t from, size_t to,
			   struct csvr_fields *fields)
{
	enum { FIELD_START, BLANKS, PLAIN, QUOTED, QUOTE_IN_QUOTED, COMMENT } at = FIELD_START;
	bool record_start = fields->starts_record;
	fields->n_fields = fields->n_records = 0;
	fields->hides_lines = fields->continues_after_quote = false;
	for (size_t i = from; i < to; i++) {
		int byte = fields->text[i];
		const bool ends_line = byte == dialect->newline,
			   ends_field = ends_line || (byte == dialect->delimiter && at != COMMENT);
		const bool precedes_line_end = byte == '\r' && i + 1 < to &&
					       fields->text[i + 1] == dialect->newline;
		if (at == QUOTE_IN_QUOTED && byte != dialect->quote && !precedes_line_end &&
		    !ends_field)
			fields->continues_after_quote = true;
		if (at == FIELD_START && record_start && byte == dialect->comment)
			at = COMMENT;
		else if ((at == FIELD_START || at == BLANKS) && byte == dialect->quote)
			at = QUOTED, byte = -1;
		else if (at == QUOTED && byte == dialect->quote)
			at = QUOTE_IN_QUOTED, byte = -1;
		else if (at == QUOTE_IN_QUOTED && byte == dialect->quote)
			at = QUOTED, byte = -1;
		else if (at == FIELD_START || at == BLANKS)
			at = byte == ' ' || byte == '\t' ? BLANKS : PLAIN;
		else if (at == QUOTE_IN_QUOTED)
			at = PLAIN;
		record_start = false;
		if (at == QUOTED && ends_line)
			fields->hides_lines = true;
		if (at == QUOTED || byte < 0)
			continue;
		if (ends_field) {
			fields->ends[fields->n_fields++] = (uint32_t)i;
			fields->n_records += ends_line;
			record_start = ends_line;
			at = FIELD_START;
		}
	}
}

static void random_text(unsigned char *text, size_t n_bytes)
{
	static const char *const alphabets[] = { ",\n\"",
						 ",,\n\"ab",
						 "0123456789.,\n",
						 "a,b;\"\r\n#",
						 "0123456789abcdefghijklmnopqrstuvw,\n",
						 "\",\",\n\"\"x",
						 ",, \"\"\t\na",
						 "0123456789abcdef, \"\"\n" };
	const char *alphabet = alphabets[below(sizeof alphabets / sizeof alphabets[0])];
	size_t n_letters = strlen(alphabet);
	for (size_t i = 0; i < n_bytes; i++)
		text[i] = below(50) == 0 ? (unsigned char)next_random()
					 : (unsigned char)alphabet[below(n_letters)];
}

static struct csvr_dialect random_dialect(void)
{
	static const unsigned char delimiters[] = { ',', ',', ',', ';', '\t', 'a', 0, 255 };
	struct csvr_dialect dialect = {
		.delimiter = delimiters[below(sizeof delimiters)],
		.newline = below(8) == 0 ? '\r' : '\n',
		.quote = below(4) == 0 ? CSVR_NONE : '"',
		.comment = below(6) == 0 ? '#' : CSVR_NONE,
		.escape = CSVR_NONE,
	};
	return dialect;
}

static bool same_fields(const struct csvr_fields *a, const struct csvr_fields *b)
{
	return a->n_fields == b->n_fields && a->n_records == b->n_records &&
	       a->hides_lines == b->hides_lines &&
	       a->continues_after_quote == b->continues_after_quote &&
	       (a->n_fields == 0 || memcmp(a->ends, b->ends, a->n_fields * sizeof *a->ends) == 0);
}

static bool scan_round(const struct csvr_kernel *kernel)
{
	static unsigned char memory[TEXT_BYTES + 2 * CSVR_TEXT_MARGIN];
	static uint32_t expected_ends[TEXT_BYTES + 2 + CSVR_ENDS_MARGIN],
		found_ends[TEXT_BYTES + 2 + CSVR_ENDS_MARGIN];
	random_text(memory, sizeof memory);
	struct csvr_dialect dialect = random_dialect();
	size_t from = below(TEXT_BYTES), to = from + below(TEXT_BYTES - from + 1);
	struct csvr_fields expected = { .text = memory + CSVR_TEXT_MARGIN,
					.ends = expected_ends + 1,
					.starts_record = below(2) == 0 };
	struct csvr_fields found = expected;
	found.ends = found_ends + 1;
	reference_scan(&dialect, from, to, &expected);
	kernel->scan(&dialect, from, to, &found);
	return same_fields(&expected, &found);
}

/* ---- convert ---- */

/* A cell that is likely to be almost a number. */
static size_t random_cell(unsigned char *cell)
{
	static const char *const almost_numbers[] = {
		"",           "-",      ".",    "-.",    "+1",        "1e5",   "nan",
		"NA",         " 1",     "1 ",   "--1",   "1-",        "1..2",  "1.2.3",
		"0x10",       "\"",     "\"\"", "\"1\"", "\"-1.5\"",  "\"1",   " \"1\"",
		"\t\" 1 \" ", "\"1\" ", " \"1", " \"\"", "\"\"1\"\"", "1\"",   "/",
		":",          "1/2",    "1:2",  "-/",    "\xff",      "1\xb0", "999999999999999999",
		"/./",        "./."
	};
	size_t n = 0;
	switch (below(8)) {
	case 0: {
		const char *text =
			almost_numbers[below(sizeof almost_numbers / sizeof almost_numbers[0])];
		n = strlen(text);
		memcpy(cell, text, n);
		return n;
	}
	case 1: /* any bytes except those that would end the cell */
		for (size_t n_bytes = below(20); n < n_bytes; n++) {
			unsigned char byte = (unsigned char)next_random();
			cell[n] = byte == ',' || byte == '\n' ? '7' : byte;
		}
		return n;
	default: {
		bool is_quoted = below(5) == 0;
		if (is_quoted && below(4) == 0)
			cell[n++] = ' ';
		if (is_quoted)
			cell[n++] = '"';
		if (below(6) == 0)
			cell[n++] = ' ';
		if (below(3) == 0)
			cell[n++] = below(3) == 0 ? '+' : '-';
		size_t n_digits = 1 + below(below(3) == 0 ? 24 : 9),
		       point = below(n_digits * 2 + 2);
		for (size_t i = 0; i < n_digits; i++) {
			if (i == point)
				cell[n++] = '.';
			cell[n++] = (unsigned char)('0' + below(10));
		}
		if (point == n_digits)
			cell[n++] = '.';
		if (below(8) == 0)
			cell[n++] = '\t';
		if (is_quoted)
			cell[n++] = '"';
		if (is_quoted && below(4) == 0)
			cell[n++] = '\t';
		return n;
	}
	}
}

static void trim_reference(const unsigned char **start, const unsigned char **end)
{
	while (*start < *end && (**start == ' ' || **start == '\t'))
		(*start)++;
	while (*start < *end && ((*end)[-1] == ' ' || (*end)[-1] == '\t'))
		(*end)--;
}

/* The definition in kernel.h, by the slow parser. */
static bool reference_cell(const unsigned char *start, const unsigned char *end, bool ends_line,
			   unsigned scale, int quote, unsigned char mark, int64_t *value)
{
	const struct csvr_cell_rules no_rules = { .decimal = mark };
	if (ends_line && end > start && end[-1] == '\r')
		end--;
	trim_reference(&start, &end);
	if (end - start >= 2 && *start == quote && end[-1] == quote) {
		start++;
		end--;
	}
	trim_reference(&start, &end);
	size_t n_bytes = (size_t)(end - start);
	if (n_bytes > CSVR_MAX_CONVERT_BYTES)
		return false;
	for (const unsigned char *p = start; p < end; p++)
		if (!(*p >= '0' && *p <= '9') && *p != mark &&
		    ((*p != '-' && *p != '+') || p > start))
			return false;
	struct csvr_decimal decimal;
	csvr_decimal_parse(&decimal, &no_rules, start, n_bytes);
	if (decimal.class != CSVR_CELL_NUMBER)
		return false;
	const unsigned char *point = n_bytes > 0 ? memchr(start, mark, n_bytes) : NULL;
	unsigned n_decimals = point == NULL ? 0 : (unsigned)(end - point - 1);
	if (n_decimals > scale)
		return false;
	/* 0.00 is as long as it is written although its value has no digits; trailing zeros of a
	 * long number are not kept. */
	unsigned __int128 scaled = decimal.part[0];
	int exponent = decimal.part[0] == 0 ? -(int)n_decimals : decimal.exponent;
	for (int i = -exponent; i < (int)scale && scaled < 1000000000000000000u; i++)
		scaled *= 10;
	if (scaled >= 1000000000000000000u || decimal.n_parts > 1)
		return false;
	*value = decimal.is_negative ? -(int64_t)scaled : (int64_t)scaled;
	return true;
}

static bool count_round(const struct csvr_kernel *kernel)
{
	enum { MOST_BYTES = 5000 };
	static unsigned char memory[MOST_BYTES + CSVR_TEXT_MARGIN];
	random_text(memory, sizeof memory);
	const size_t from = below(64), n_bytes = below(MOST_BYTES - 64);
	const unsigned char byte = memory[below(sizeof memory)];
	size_t expected = 0;
	for (size_t i = 0; i < n_bytes; i++)
		expected += memory[from + i] == byte;
	return kernel->count_byte(memory + from, n_bytes, byte) == expected;
}

static bool convert_round(const struct csvr_kernel *kernel)
{
	enum { MAX_STRIDE = 3, CELL_BYTES = 32 };
	static unsigned char memory[MAX_CELLS * MAX_STRIDE * CELL_BYTES + 2 * CSVR_TEXT_MARGIN];
	static uint32_t ends[MAX_CELLS * MAX_STRIDE + 1];
	static int64_t expected[MAX_CELLS + CSVR_VALUES_MARGIN],
		found[MAX_CELLS + CSVR_VALUES_MARGIN];
	static uint8_t expected_rejects[MAX_CELLS], found_rejects[MAX_CELLS];
	unsigned char *text = memory + CSVR_TEXT_MARGIN;
	size_t stride = 1 + below(MAX_STRIDE), n_cells = below(MAX_CELLS + 1), n_bytes = 0;
	bool has_cr = below(3) == 0, is_uniform = below(2) == 0;
	size_t n_decimals = below(7);
	/* Below 10^4 all numbers of three decimals fit into a word, without the minus. */
	const uint64_t n_hundredths = below(2) == 0 ? 1000000 : 2000000;
	random_text(memory, sizeof memory);
	ends[0] = (uint32_t)-1;
	for (size_t i = 0; i < n_cells * stride; i++) {
		bool ends_line = i % stride == stride - 1;
		if (is_uniform && below(40) != 0)
			/* The common case: one scale, some digits before the point. */
			n_bytes += (size_t)sprintf((char *)text + n_bytes, "%.*f", (int)n_decimals,
						   (double)(int64_t)(next_random() % n_hundredths) /
								   100 -
							   (below(4) == 0 ? 10000 : 0));
		else
			n_bytes += random_cell(text + n_bytes);
		if (ends_line && has_cr && below(20) != 0)
			text[n_bytes++] = '\r';
		ends[i + 1] = (uint32_t)n_bytes;
		text[n_bytes++] = ends_line ? '\n' : ',';
	}
	size_t j = below(stride);
	unsigned scale = (unsigned)(is_uniform ? n_decimals : below(CSVR_MAX_SCALE + 1));
	int quote = below(4) == 0 ? CSVR_NONE : '"';
	const unsigned char mark = below(2) == 0 ? '.' : ',';
	/* With a decimal comma, commas and points change places. */
	for (size_t i = 0; i < n_bytes && mark == ','; i++)
		text[i] = text[i] == '.' ? ',' : text[i] == ',' ? '.' : text[i];
	struct csvr_column_slice cells = { text,    ends + 1 + j,    stride,
					   n_cells, j == stride - 1, mark };
	size_t n_expected = 0, n_rejects = 0;
	for (size_t i = 0; i < n_cells; i++) {
		const uint32_t *end = cells.ends + i * stride;
		if (reference_cell(text + (uint32_t)(end[-1] + 1), text + *end, cells.ends_line,
				   scale, quote, mark, &expected[n_expected]))
			n_expected++;
		else
			expected_rejects[n_rejects++] = (uint8_t)i;
	}
	size_t n_found = kernel->convert(&cells, scale, quote, found, found_rejects);
	return n_found == n_expected && memcmp(found, expected, n_found * sizeof found[0]) == 0 &&
	       memcmp(found_rejects, expected_rejects, n_rejects) == 0;
}

/* ---- TAP ---- */

static int test_number, n_failed;

static void run(const struct csvr_kernel *kernel, const char *sentence,
		bool (*round)(const struct csvr_kernel *), unsigned long n_rounds, uint64_t seed)
{
	test_number++;
	if (!kernel->is_usable()) {
		printf("ok %d - %s %s # SKIP this CPU lacks it\n", test_number, kernel->name,
		       sentence);
		return;
	}
	for (unsigned long i = 0; i < n_rounds; i++) {
		random_state = (seed + i) * 0x9e3779b97f4a7c15u | 1;
		for (int warm_up = 0; warm_up < 4; warm_up++)
			next_random();
		if (!round(kernel)) {
			printf("not ok %d - %s %s\n# differs with seed %llu\n", test_number,
			       kernel->name, sentence, (unsigned long long)(seed + i));
			n_failed++;
			return;
		}
	}
	printf("ok %d - %s %s\n", test_number, kernel->name, sentence);
}

int main(int argc, char **argv)
{
	unsigned long n_rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 20000;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	const struct csvr_kernel *kernel;
	for (size_t i = 0; (kernel = csvr_kernel_at(i)) != NULL; i++) {
		run(kernel, "finds the fields that the definition finds", scan_round, n_rounds,
		    seed);
		run(kernel, "counts the bytes of one value", count_round, n_rounds / 4, seed);
		run(kernel, "converts the cells that the definition converts", convert_round,
		    n_rounds / 4, seed);
	}
	test_number++;
	n_failed += csvr_kernel_choose("no such kernel") != NULL;
	printf("%s %d - an unknown kernel is not found\n",
	       csvr_kernel_choose("no such kernel") == NULL ? "ok" : "not ok", test_number);
	printf("1..%d\n", test_number);
	return n_failed > 0;
}
