/* sniff.c - decides how a file is written: the plain case at once, others by their records */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "parse/sniff.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "parse/sniff_internal.h"

/* ---- the plain case ---- */

/* A line whose quotes, if any, are around whole fields. */
struct line {
	const unsigned char *start, *end; /* without the line end */
	size_t n_fields; /* 0: it has other quotes, or does not end */
};

/* read_line for a line with quotes. */
static struct line read_quoted_line(const struct csvr_sniff_input *input,
				    const unsigned char *start, unsigned char delimiter)
{
	const unsigned char *end = input->text + input->n_bytes, *at = start;
	const int quote = input->options->quote;
	bool is_field_start = true;
	size_t n_fields = 1;
	for (; at < end && *at != input->newline; at++) {
		if (*at == delimiter) {
			n_fields++;
			is_field_start = true;
			continue;
		}
		if (*at == quote) {
			do
				at++;
			while (is_field_start && at < end && *at != quote && *at != input->newline);
			const bool is_around = is_field_start && at < end && *at == quote &&
					       (at + 1 == end || at[1] == delimiter ||
						at[1] == input->newline || at[1] == '\r');
			if (!is_around)
				return (struct line){ start, start, 0 };
		}
		is_field_start = false;
	}
	return (struct line){ start, at, at < end || input->is_whole ? n_fields : 0 };
}

/* How many bytes of a word csvr_bytes_equal found. */
static size_t count_found(uint64_t found)
{
	return (found >> 7) * csvr_repeat(1) >> 56;
}

static struct line read_line(const struct csvr_sniff_input *input, const unsigned char *start,
			     unsigned char delimiter)
{
	const unsigned char *end = input->text + input->n_bytes, *at = start;
	const unsigned char newline = input->newline;
	const int quote = input->options->quote == CSVR_NONE ? newline : input->options->quote;
	const uint64_t newlines = csvr_repeat(newline), quotes = csvr_repeat((unsigned char)quote),
		       delimiters = csvr_repeat(delimiter);
	uint64_t stop = 0; /* the end of the line, and quotes */
	size_t n_fields = 1;
	for (; end - at >= 8; at += 8) {
		const uint64_t word = csvr_load8(at), found = csvr_bytes_equal(word, delimiters);
		stop = csvr_bytes_equal(word, newlines) | csvr_bytes_equal(word, quotes);
		if (stop != 0) {
			n_fields += count_found(found & (stop - 1));
			at += (size_t)__builtin_ctzll(stop) / 8;
			break;
		}
		n_fields += count_found(found);
	}
	for (; stop == 0 && at < end && *at != newline && *at != quote; at++)
		n_fields += *at == delimiter;
	if (at < end && *at != newline)
		return read_quoted_line(input, start, delimiter);
	return (struct line){ start, at, at < end || input->is_whole ? n_fields : 0 };
}

static const unsigned char *after_line(const struct csvr_sniff_input *input, struct line line)
{
	const unsigned char *end = input->text + input->n_bytes;
	return line.end < end ? line.end + 1 : end;
}

/* The last line that is complete. */
static struct line last_line(const struct csvr_sniff_input *input, unsigned char delimiter)
{
	const unsigned char *text = input->text, *end = text + input->n_bytes;
	while (end > text && !input->is_whole && end[-1] != input->newline)
		end--;
	while (end > text && (end[-1] == input->newline || end[-1] == '\r'))
		end--;
	const unsigned char *before = memrchr(text, input->newline, (size_t)(end - text));
	return read_line(input, before == NULL ? text : before + 1, delimiter);
}

static struct csvr_cell_cursor cells_of(const struct csvr_sniff_input *input, struct line line,
					unsigned char delimiter)
{
	const unsigned char *end = line.end;
	while (input->newline == '\n' && end > line.start && end[-1] == '\r')
		end--;
	return (struct csvr_cell_cursor){ line.start, end, delimiter, input->options->quote,
					  CSVR_NONE };
}

static bool starts_with_letter(struct csvr_slice text)
{
	const unsigned char first = text.n_bytes > 0 ? text.start[0] | 0x20 : 0;
	return first >= 'a' && first <= 'z';
}

struct csvr_first_line csvr_sniff_first_line(const struct csvr_sniff_input *input)
{
	const unsigned char usual = csvr_dialect_detect_delimiter(input->options, input->is_tsv,
								  input->text, input->n_bytes,
								  input->newline);
	const struct line line = read_line(input, input->text, usual);
	struct csvr_cell_cursor cursor = cells_of(input, line, usual);
	struct csvr_slice text;
	bool has_names = line.n_fields > 0;
	while (has_names && csvr_next_cell(&cursor, &text))
		has_names = starts_with_letter(text) &&
			    csvr_sniff_shape(input->rules, text) == CSVR_SHAPE_WORD;
	return (struct csvr_first_line){ usual, has_names, line.n_fields,
					 (size_t)(line.end - line.start) };
}

/* The lines that the plain case depends on, besides the first; the third and the last one may be the second. */
struct sample {
	struct line second, third, last;
};

/* Whether the first three lines, or all, and the last one have the same number of fields, at least two, and quotes
 * only around whole fields. */
static bool is_regular(const struct csvr_sniff_input *input, struct line first,
		       unsigned char delimiter, struct sample *sample)
{
	const unsigned char *end = input->text + input->n_bytes;
	if (first.n_fields < 2 || after_line(input, first) == end)
		return false;
	sample->second = sample->third = sample->last = read_line(input, after_line(input, first),
								  delimiter);
	const unsigned char *third = after_line(input, sample->second);
	if (sample->second.n_fields == first.n_fields && third < end) {
		sample->third = read_line(input, third, delimiter);
		sample->last = last_line(input, delimiter);
	}
	return sample->second.n_fields == first.n_fields &&
	       sample->third.n_fields == first.n_fields && sample->last.n_fields == first.n_fields;
}

/* Whether a cell of the line begins with a digit and is a number. */
static bool has_number(const struct csvr_sniff_input *input, struct line line,
		       unsigned char delimiter)
{
	struct csvr_cell_cursor cursor = cells_of(input, line, delimiter);
	struct csvr_slice text;
	while (csvr_next_cell(&cursor, &text))
		if (text.n_bytes > 0 && text.start[0] >= '0' && text.start[0] <= '9' &&
		    csvr_sniff_shape(input->rules, text) == CSVR_SHAPE_NUMBER)
			return true;
	return false;
}

static bool has_only_letters_first(const struct csvr_sniff_input *input, struct line line,
				   unsigned char delimiter)
{
	struct csvr_cell_cursor cursor = cells_of(input, line, delimiter);
	struct csvr_slice text;
	bool has = true;
	while (has && csvr_next_cell(&cursor, &text))
		has = starts_with_letter(text);
	return has;
}

/* The first place in [at, end) where a text occurs; NULL: none. Most places have other bytes than the first two of the
 * text, and 16 of them are passed at once. */
static const unsigned char *find_text(const unsigned char *at, const unsigned char *end,
				      struct csvr_slice text)
{
	enum { AT_ONCE = sizeof(csvr_bytes) };
	const size_t second = text.n_bytes > 1;
	const csvr_bytes none = { 0 }, wanted = none + text.start[0],
			 wanted_second = none + text.start[second];
	for (; (size_t)(end - at) >= AT_ONCE + text.n_bytes; at += AT_ONCE) {
		const csvr_bytes found = (csvr_bytes)((csvr_load16(at) == wanted) &
						      (csvr_load16(at + second) == wanted_second));
		if (csvr_or_halves(found) == 0)
			continue;
		for (size_t i = 0; i < AT_ONCE; i++)
			if (at[i] == text.start[0] && memcmp(at + i, text.start, text.n_bytes) == 0)
				return at + i;
	}
	return memmem(at, (size_t)(end - at), text.start, text.n_bytes);
}

/* Whether a text occurs below the first line between delimiters, quotes and line ends. */
static bool recurs(const struct csvr_sniff_input *input, const unsigned char *from,
		   struct csvr_slice text, unsigned char delimiter)
{
	const unsigned char *end = input->text + input->n_bytes;
	const unsigned char *at = from;
	const int quote = input->options->quote;
	while ((at = find_text(at, end, text)) != NULL) {
		const unsigned char before = at[-1];
		const unsigned char after = at + text.n_bytes < end ? at[text.n_bytes]
								    : input->newline;
		if ((before == delimiter || before == input->newline || before == quote ||
		     csvr_is_blank(before)) &&
		    (after == delimiter || after == input->newline || after == quote ||
		     after == '\r' || csvr_is_blank(after)))
			return true;
		at++;
	}
	return false;
}

/* Whether all cells of the sample begin with a letter, and no name of the first line occurs again. */
static bool is_plain_text(const struct csvr_sniff_input *input, struct line first,
			  const struct sample *sample, unsigned char delimiter)
{
	struct csvr_cell_cursor cursor = cells_of(input, first, delimiter);
	struct csvr_slice name;
	if (!has_only_letters_first(input, sample->second, delimiter) ||
	    !has_only_letters_first(input, sample->third, delimiter) ||
	    !has_only_letters_first(input, sample->last, delimiter))
		return false;
	while (csvr_next_cell(&cursor, &name))
		if (recurs(input, after_line(input, first), name, delimiter))
			return false;
	return true;
}

static bool contains(const struct csvr_sniff_input *input, int byte)
{
	return byte != CSVR_NONE && memchr(input->text, byte, input->n_bytes) != NULL;
}

/* The escape if there is one; CSVR_NONE: there is none. */
static int likely_escape(const struct csvr_sniff_input *input)
{
	return input->options->escape == CSVR_AUTO ? '\\' : input->options->escape;
}

/* In the plain case: CSVR_FIRST_IS_HEADER if a name is above a number; CSVR_FIRST_UNKNOWN, which means a header too,
 * if all is text. Else CSVR_FIRST_IS_DATA. */
static enum csvr_first_record find_plain(const struct csvr_sniff_input *input,
					 const struct csvr_first_line *first)
{
	const struct line line = { input->text, input->text + first->n_bytes, first->n_fields };
	const unsigned char delimiter = first->usual;
	struct sample sample;
	if (!first->has_names || input->options->header == CSVR_HEADER_NO ||
	    input->options->header_rows > 1 || !is_regular(input, line, delimiter, &sample) ||
	    (delimiter != ',' && contains(input, ',')) || contains(input, '#') ||
	    (contains(input, likely_escape(input)) && contains(input, input->options->quote)))
		return CSVR_FIRST_IS_DATA;
	if (has_number(input, sample.second, delimiter))
		return CSVR_FIRST_IS_HEADER;
	return is_plain_text(input, line, &sample, delimiter) ? CSVR_FIRST_UNKNOWN
							      : CSVR_FIRST_IS_DATA;
}

/* ---- other files ---- */

/* Whether the first lines and the last one are regular with the usual delimiter, and with no other candidate. */
static bool is_only_regular(const struct csvr_sniff_input *input, unsigned char usual)
{
	struct sample ignored;
	bool is_usual = false, is_other = false;
	for (size_t i = 0; i < CSVR_N_CANDIDATES; i++) {
		const unsigned char delimiter = csvr_delimiter_candidates[i];
		const struct line first = read_line(input, input->text, delimiter);
		if (is_regular(input, first, delimiter, &ignored))
			*(delimiter == usual ? &is_usual : &is_other) = true;
	}
	return is_usual && !is_other;
}

/* The line `sep=;` with which spreadsheets name the delimiter; its length, 0: there is none. */
static size_t sep_line(const struct csvr_sniff_input *input, unsigned char *delimiter)
{
	const unsigned char *text = input->text;
	const struct line line = read_line(input, text, '\0');
	size_t n_bytes = (size_t)(line.end - text);
	while (n_bytes > 0 && text[n_bytes - 1] == '\r')
		n_bytes--;
	if (line.n_fields == 0 || n_bytes != 5 || strncasecmp((const char *)text, "sep=", 4) != 0)
		return 0;
	*delimiter = text[4];
	return (size_t)(after_line(input, line) - text);
}

static struct csvr_split split_records(struct csvr_sniffed *sniffed,
				       const struct csvr_sniff_input *input, int escape)
{
	csvr_sniff_records(sniffed, input, escape);
	return csvr_sniff_split(sniffed);
}

/* Splits the records, with a backslash as the escape if that makes more of them consistent, or leaves no text after
 * a closing quote. */
static struct csvr_split split_with_escape(struct csvr_sniffed *sniffed,
					   const struct csvr_sniff_input *input)
{
	const int quote = input->options->quote;
	if (input->options->escape != CSVR_AUTO)
		return split_records(sniffed, input, input->options->escape);
	struct csvr_split split = split_records(sniffed, input, CSVR_NONE);
	if (!contains(input, '\\') || !contains(input, quote))
		return split;
	const bool had_odd_quote = sniffed->has_odd_quote;
	const struct csvr_split escaped = split_records(sniffed, input, '\\');
	if (escaped.n_consistent > split.n_consistent ||
	    (escaped.n_consistent == split.n_consistent && had_odd_quote &&
	     !sniffed->has_odd_quote))
		return escaped;
	return split_records(sniffed, input, CSVR_NONE);
}

static void sniff_records(const struct csvr_sniff_input *input, int delimiter,
			  struct csvr_sniff *sniff)
{
	struct csvr_sniffed sniffed;
	sniffed.n_candidates = delimiter == CSVR_AUTO ? CSVR_N_CANDIDATES : 1;
	memcpy(sniffed.candidates, csvr_delimiter_candidates, CSVR_N_CANDIDATES);
	if (delimiter != CSVR_AUTO)
		sniffed.candidates[0] = (unsigned char)delimiter;
	const struct csvr_split split = split_with_escape(&sniffed, input);
	const bool is_split = split.candidate < sniffed.n_candidates;
	sniff->escape = sniffed.escape;
	if (is_split)
		csvr_sniff_table(&sniffed, &split, sniff);
	else
		sniff->has_quoted_lines = csvr_sniff_quoted_lines(&sniffed);
	if (sniffed.n_records == 1 && input->is_whole &&
	    sniff->first_record == CSVR_FIRST_UNKNOWN &&
	    csvr_sniff_is_row(&sniffed, sniff->delimiter))
		sniff->first_record = CSVR_FIRST_IS_DATA;
	sniff->has_apostrophes = csvr_sniff_apostrophes(&sniffed, sniff->delimiter);
	if (input->options->delimiter == CSVR_AUTO && !input->is_tsv)
		sniff->long_delimiter = is_split ? csvr_sniff_doubled_delimiter(&sniffed,
										sniff->delimiter)
						 : csvr_sniff_long_delimiter(&sniffed);
}

void csvr_sniff(const struct csvr_sniff_input *input, const struct csvr_first_line *first,
		struct csvr_sniff *sniff)
{
	const struct csvr_parse_options *options = input->options;
	const unsigned char usual = first->usual;
	*sniff = (struct csvr_sniff){ .delimiter = usual,
				      .decimal = '.',
				      .comment = options->comment,
				      .escape = options->escape == CSVR_AUTO ? CSVR_NONE
									     : options->escape };
	if (options->header == CSVR_HEADER_NO)
		sniff->first_record = CSVR_FIRST_IS_DATA;
	else if (options->header == CSVR_HEADER_YES || options->header_rows > 1)
		sniff->first_record = CSVR_FIRST_IS_HEADER;
	const enum csvr_first_record plain = find_plain(input, first);
	if (plain != CSVR_FIRST_IS_DATA) {
		if (options->header != CSVR_HEADER_YES)
			sniff->first_record = plain;
		return;
	}
	struct csvr_sniff_input table = *input;
	int delimiter = options->delimiter != CSVR_AUTO || input->is_tsv ? usual : CSVR_AUTO;
	const size_t n_sep = delimiter == CSVR_AUTO ? sep_line(input, &sniff->delimiter) : 0;
	if (n_sep > 0) {
		delimiter = sniff->delimiter;
		table.text += n_sep;
		table.n_bytes -= n_sep;
	} else if (delimiter == CSVR_AUTO) {
		if (is_only_regular(input, usual))
			delimiter = usual;
	}
	sniff_records(&table, delimiter, sniff);
	sniff->start += n_sep;
	sniff->n_lines_above += n_sep > 0;
}
