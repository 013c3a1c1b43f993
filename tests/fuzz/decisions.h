/* decisions.h - what the library finds in the first bytes of a file, which the slow reader takes as given
 *
 * Given are the line end, where the table begins, its delimiter, escape, comments, decimal mark, rows of units,
 * and what its first record is. The target `sniff` tests these functions.
 */
#ifndef CSVR_TESTS_FUZZ_DECISIONS_H
#define CSVR_TESTS_FUZZ_DECISIONS_H

#include <stdbool.h>
#include <string.h>

#include "csvreport.h"
#include "fuzz.h"
#include "parse/cell_rules.h"
#include "parse/record_syntax.h"
#include "parse/sniff.h"

/* 64 KiB and 512 KiB, except in a fuzzing build. */
enum { PREFIX_BYTES = CSVR_PREFIX_BYTES, LONGEST_CELL = CSVR_MAX_CELL_BYTES };

struct decisions {
	int newline;
	size_t n_bytes;
	size_t start; /* of the table */
	uint64_t n_lines_above;
	size_t prefix_bytes; /* with which all was decided */
	struct csvr_sniff sniff;
	const char *long_delimiter;
};

/* The mark that is not decided from the bytes. */
static inline unsigned char stated_decimal(const struct csvr_parse_options *options)
{
	if (options->decimal != CSVR_AUTO)
		return (unsigned char)options->decimal;
	return strcmp(options->thousands, ".") == 0 ? ',' : '.';
}

/* Decides again after the long delimiter was replaced in a copy of the text. */
static inline void sniff_replaced(struct csvr_sniff_input input, const char *long_delimiter,
				  struct csvr_sniff *sniff)
{
	struct csvr_parse_options options = *input.options;
	const struct csvr_dialect dialect = {
		.delimiter = CSVR_UNIT_SEPARATOR,
		.newline = input.newline,
		.quote = options.quote,
		.comment = options.comment,
		.decimal = '.',
		.escape = options.escape == CSVR_AUTO ? CSVR_NONE : options.escape,
		.long_delimiter = long_delimiter,
	};
	unsigned char *text = need(malloc(input.n_bytes + 1));
	struct csvr_fields fields = {
		.text = text,
		.ends = need(malloc((input.n_bytes + 1) * sizeof *fields.ends)),
		.starts_record = true,
	};
	memcpy(text, input.text, input.n_bytes);
	csvr_scan_general(&dialect, 0, input.n_bytes, &fields);
	options.delimiter = CSVR_UNIT_SEPARATOR;
	strcpy(options.long_delimiter, long_delimiter);
	input.text = text;
	input.options = &options;
	const struct csvr_first_line first = csvr_sniff_first_line(&input);
	csvr_sniff(&input, &first, sniff);
	free(text);
	free(fields.ends);
}

static inline void sniff_table(const unsigned char *text, const struct csvr_parse_options *options,
			       struct decisions *d)
{
	struct csvr_cell_rules rules;
	if (csvr_cell_rules_init(&rules, options, stated_decimal(options), NULL) != CSVR_OK)
		need(NULL);
	const size_t n_left = d->n_bytes - d->start;
	const struct csvr_sniff_input input = {
		.text = text + d->start,
		.n_bytes = n_left < PREFIX_BYTES ? n_left : PREFIX_BYTES,
		.is_whole = n_left < PREFIX_BYTES,
		.newline = (unsigned char)d->newline,
		.options = options,
		.rules = &rules,
	};
	d->long_delimiter = options->long_delimiter[0] != '\0' ? options->long_delimiter : NULL;
	if (d->long_delimiter == NULL) {
		const struct csvr_first_line first = csvr_sniff_first_line(&input);
		csvr_sniff(&input, &first, &d->sniff);
		d->long_delimiter = d->sniff.long_delimiter;
	}
	if (d->long_delimiter != NULL)
		sniff_replaced(input, d->long_delimiter, &d->sniff);
	d->start += d->sniff.start;
	d->n_lines_above += d->sniff.n_lines_above;
	if (options->decimal != CSVR_AUTO || strcmp(options->thousands, ",") == 0 ||
	    strcmp(options->thousands, ".") == 0)
		d->sniff.decimal = stated_decimal(options);
	csvr_cell_rules_clear(&rules);
}

/* `text` starts after the byte order mark, of `n_bom` bytes. */
static inline struct decisions decide(const unsigned char *text, size_t n_bytes, size_t n_bom,
				      int newline, const struct csvr_parse_options *options)
{
	struct decisions d = { .newline = newline, .n_bytes = n_bytes };
	for (; d.n_lines_above < options->skip && d.start < d.n_bytes; d.n_lines_above++) {
		const unsigned char *end = memchr(text + d.start, newline, d.n_bytes - d.start);
		d.start = end == NULL ? d.n_bytes : (size_t)(end - text) + 1;
	}
	/* Each time twice as much is read, until the bytes suffice. */
	d.prefix_bytes = PREFIX_BYTES;
	while (d.prefix_bytes < n_bom + d.n_bytes &&
	       d.prefix_bytes < n_bom + d.start + PREFIX_BYTES)
		d.prefix_bytes *= 2;
	sniff_table(text, options, &d);
	return d;
}

/* The line end, from twice as many bytes each time. */
static inline int decide_newline(const unsigned char *text, size_t n_bytes, size_t n_bom, int quote)
{
	int newline = 0;
	for (size_t want = PREFIX_BYTES; newline == 0; want *= 2) {
		const bool is_whole = n_bom + n_bytes <= want;
		newline = csvr_sniff_newline(text, is_whole ? n_bytes : want - n_bom, is_whole,
					     quote);
		if (is_whole && newline == 0)
			newline = '\n';
	}
	return newline;
}

#endif
