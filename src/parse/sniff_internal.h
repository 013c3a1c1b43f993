/* sniff_internal.h - the records of a prefix, as sniff*.c see them */
#ifndef CSVR_PARSE_SNIFF_INTERNAL_H
#define CSVR_PARSE_SNIFF_INTERNAL_H

#include "parse/sniff.h"

/* Records that are looked at, and candidates for the delimiter. */
enum { CSVR_SNIFFED_RECORDS = 256, CSVR_N_CANDIDATES = 4 };

extern const unsigned char csvr_delimiter_candidates[CSVR_N_CANDIDATES];

struct csvr_sniffed_record {
	uint32_t start, end; /* without the line end */
	uint32_t n_fields[CSVR_N_CANDIDATES]; /* with each candidate as the delimiter */
};

/* The complete records of a prefix that are neither blank nor comments. */
struct csvr_sniffed {
	const struct csvr_sniff_input *input;
	unsigned char candidates[CSVR_N_CANDIDATES];
	size_t n_candidates;
	int escape; /* with which the records were split; CSVR_NONE: none */
	bool has_odd_quote; /* text follows a closing quote */
	struct csvr_sniffed_record record[CSVR_SNIFFED_RECORDS];
	size_t n_records;
};

/* Splits the prefix into records. `candidates` and `n_candidates` are set. */
void csvr_sniff_records(struct csvr_sniffed *sniffed, const struct csvr_sniff_input *input,
			int escape);

/* A delimiter with which many records have the same number of fields. */
struct csvr_split {
	size_t candidate; /* index; n_candidates: there is none */
	uint32_t n_fields;
	size_t n_consistent; /* records that have as many */
};

struct csvr_split csvr_sniff_split(const struct csvr_sniffed *sniffed);

/* Whether the first two records have at least two cells, all in apostrophes, which are not the quote. */
bool csvr_sniff_apostrophes(const struct csvr_sniffed *sniffed, unsigned char delimiter);

/* Whether each record is one quoted field, inside which all have the same number of delimiters, of a candidate. */
bool csvr_sniff_quoted_lines(const struct csvr_sniffed *sniffed);

/* The delimiter "::" or CSVR_RUNS_OF_BLANKS, if all records from one on have the same number of fields with it, which
 * are mostly numbers if it is blanks; else NULL. */
const char *csvr_sniff_long_delimiter(const struct csvr_sniffed *sniffed);

/* "||" if the delimiter is '|' and every other field of all records is empty; else NULL. */
const char *csvr_sniff_doubled_delimiter(const struct csvr_sniffed *sniffed,
					 unsigned char delimiter);

/* Whether the only record has no word but a date, time or code: it is data, although not all of its cells are numbers. */
bool csvr_sniff_is_row(const struct csvr_sniffed *sniffed, unsigned char delimiter);

/* Decides all but the delimiter from the cells. */
void csvr_sniff_table(const struct csvr_sniffed *sniffed, const struct csvr_split *split,
		      struct csvr_sniff *sniff);

/* ---- cells ---- */

/* What a cell is to the rules. */
enum csvr_cell_shape {
	CSVR_SHAPE_EMPTY, /* missing, or without a letter or digit */
	CSVR_SHAPE_NUMBER,
	CSVR_SHAPE_TIME, /* a date, datetime or time */
	CSVR_SHAPE_BOOLEAN,
	CSVR_SHAPE_CODE, /* digits and signs without letters: a number or date in another notation */
	CSVR_SHAPE_WORD,
	CSVR_N_SHAPES
};

enum csvr_cell_shape csvr_sniff_shape(const struct csvr_cell_rules *rules, struct csvr_slice text);

/* The cells of one record, from left to right. */
struct csvr_cell_cursor {
	const unsigned char *at, *end; /* at > end: no cell is left */
	unsigned char delimiter;
	int quote, escape;
};

/* Those of record `record`. */
struct csvr_cell_cursor csvr_cells_of(const struct csvr_sniffed *sniffed, size_t record,
				      unsigned char delimiter);

/* The text of the next cell, without quotes and blanks around it; quotes inside are as written. False: there is none. */
bool csvr_next_cell(struct csvr_cell_cursor *cursor, struct csvr_slice *text);

#endif
