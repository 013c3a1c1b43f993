/* sniff.h - decides from the first bytes of a file how it is written and where its table begins
 *
 * Decided are the delimiter, the escape and comment characters, the decimal mark, how many lines are above
 * the table, whether its first record is a header, and how many rows of units follow. The rules are in
 * sniff_table.c; doc/dialects.md describes them for users.
 *
 * Shape    a pure function of at most CSVR_PREFIX_BYTES, the options and the name of the file: every chunk
 *          of a file gets the same
 * Errors   none: a file that fits no rule is read as the options say, from its first record
 * Threads  pure functions
 */
#ifndef CSVR_PARSE_SNIFF_H
#define CSVR_PARSE_SNIFF_H

#include "parse/decimal.h"
#include "parse/dialect.h"

struct csvr_sniff_input {
	const unsigned char *text; /* after the byte order mark and the lines of --skip */
	size_t n_bytes;
	bool is_whole; /* the file ends here */
	bool is_tsv; /* csvr_is_tsv of its name */
	unsigned char newline;
	/* `long_delimiter`, if any, was replaced in the text. */
	const struct csvr_parse_options *options;
	const struct csvr_cell_rules *rules;
};

/* What the first record of the table is. */
enum csvr_first_record {
	CSVR_FIRST_UNKNOWN, /* it is not complete: its own cells decide */
	CSVR_FIRST_IS_HEADER,
	CSVR_FIRST_IS_DATA,
	CSVR_FIRST_SEEMS_HEADER, /* its names are numbers */
	CSVR_FIRST_SEEMS_DATA /* it has words, or is unlike the rows below */
};

struct csvr_sniff {
	unsigned char delimiter;
	unsigned char decimal; /* '.' or ',' */
	int escape; /* a byte, or CSVR_NONE */
	int comment; /* a byte, or CSVR_NONE */
	size_t start; /* offset of the first record of the table, or of blank and comment lines before it */
	uint64_t n_lines_above; /* line ends before `start` */
	enum csvr_first_record first_record;
	unsigned n_units_rows; /* after the header */
	bool has_quoted_lines; /* lines are quoted as a whole */
	bool has_apostrophes; /* all cells of the first two records are in apostrophes */
	/* Of several bytes, or CSVR_RUNS_OF_BLANKS; all else then holds for no delimiter, and is to be decided again
	 * after it was replaced. NULL: `delimiter` is it. */
	const char *long_delimiter;
};

/* What the first line of a file shows by itself. Files whose names imply the same and that begin with the same line
 * share it. */
struct csvr_first_line {
	unsigned char
		usual; /* the delimiter that is most frequent in it, or the one of the options */
	bool has_names; /* all its cells are words that begin with a letter; quotes are around whole fields */
	size_t n_fields; /* with that delimiter, if it has names */
	size_t n_bytes; /* without the line end; if it has names */
};

struct csvr_first_line csvr_sniff_first_line(const struct csvr_sniff_input *input);

/* `first` is that of the input. */
void csvr_sniff(const struct csvr_sniff_input *input, const struct csvr_first_line *first,
		struct csvr_sniff *sniff);

/* The line end of a file: '\n', '\r', or 0 if the bytes have none. It is '\r' if no '\n' occurs outside quotes, but
 * for the last byte of the file, or if a '\r' that no '\n' follows comes before the first of them. */
int csvr_sniff_newline(const unsigned char *prefix, size_t n_bytes, bool is_whole, int quote);

#endif
