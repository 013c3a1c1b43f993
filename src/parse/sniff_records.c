/* sniff_records.c - splits the first bytes of a file into records and cells, whatever its delimiter */
#include <string.h>

#include "base/text.h"
#include "parse/header_repeat.h"
#include "parse/record_syntax.h"
#include "parse/sniff_internal.h"

const unsigned char csvr_delimiter_candidates[CSVR_N_CANDIDATES] = { ',', ';', '\t', '|' };

/* ---- line ends ---- */

/* The position after the quoted field that text[open] opens; n_bytes if it is not closed. */
static size_t after_quoted(const unsigned char *text, size_t open, size_t n_bytes, int quote,
			   int escape)
{
	for (size_t at = open + 1; at < n_bytes; at++) {
		if (text[at] == escape) {
			at++;
		} else if (text[at] == quote) {
			if (at + 1 == n_bytes || text[at + 1] != quote)
				return at + 1;
			at++;
		}
	}
	return n_bytes;
}

int csvr_sniff_newline(const unsigned char *prefix, size_t n_bytes, bool is_whole, int quote)
{
	/* Most first lines have no quote, and no '\r' but before their '\n'. */
	const unsigned char *lf = memchr(prefix, '\n', n_bytes);
	const size_t n_line = lf == NULL ? n_bytes : (size_t)(lf - prefix);
	const unsigned char *cr = memchr(prefix, '\r', n_line);
	if (lf != NULL && (cr == NULL || cr + 1 == lf) &&
	    (quote == CSVR_NONE || memchr(prefix, quote, n_line) == NULL))
		return '\n';
	bool is_field_start = true;
	for (size_t at = 0; at < n_bytes; at++) {
		const unsigned char byte = prefix[at];
		if (byte == quote && is_field_start) {
			at = after_quoted(prefix, at, n_bytes, quote, CSVR_NONE) - 1;
			is_field_start = false;
		} else if (byte == '\n') {
			return '\n';
		} else if (byte == '\r') {
			while (at + 1 < n_bytes && prefix[at + 1] == '\r')
				at++;
			if (at + 1 == n_bytes && !is_whole)
				return 0; /* a '\n' may follow */
			if (at + 1 == n_bytes || prefix[at + 1] != '\n')
				return '\r';
		} else {
			is_field_start = memchr(csvr_delimiter_candidates, byte,
						CSVR_N_CANDIDATES) != NULL ||
					 (is_field_start && csvr_is_blank(byte));
		}
	}
	/* All line ends are inside quotes, or there is none. */
	if (lf != NULL)
		return '\n';
	return is_whole && memchr(prefix, '\r', n_bytes) != NULL ? '\r' : 0;
}

/* ---- records ---- */

/* By byte: the index of a candidate, or one of these. */
enum { OTHER = 16, BLANK, QUOTE, NEWLINE };

static void classify_bytes(const struct csvr_sniffed *sniffed, uint8_t kind[256])
{
	const struct csvr_sniff_input *input = sniffed->input;
	memset(kind, OTHER, 256);
	kind[' '] = kind['\t'] = BLANK;
	for (size_t i = 0; i < sniffed->n_candidates; i++)
		kind[sniffed->candidates[i]] = (uint8_t)i;
	if (input->options->quote != CSVR_NONE)
		kind[input->options->quote] = QUOTE;
	kind[input->newline] = NEWLINE;
}

/* Whether a record is to be looked at. `*end` loses the '\r' of the line end. */
static bool is_of_interest(const struct csvr_sniff_input *input, size_t start, uint32_t *end)
{
	while (*end > start && input->newline == '\n' && input->text[*end - 1] == '\r')
		--*end;
	const unsigned char *first = input->text + start, *last = input->text + *end;
	if (csvr_is_runs_of_blanks(input->options->long_delimiter))
		csvr_trim(&first, &last);
	return last > first && input->text[start] != input->options->comment;
}

/* Splits one record, which starts at `start`; returns the start of the next one, 0 if it does not end here. */
static size_t split_record(struct csvr_sniffed *sniffed, const uint8_t kind[256], size_t start,
			   struct csvr_sniffed_record *record)
{
	const struct csvr_sniff_input *input = sniffed->input;
	const unsigned char *text = input->text;
	bool is_field_start = true;
	for (size_t i = 0; i < CSVR_N_CANDIDATES; i++)
		record->n_fields[i] = 1;
	record->start = (uint32_t)start;
	for (size_t at = start; at < input->n_bytes; at++) {
		const uint8_t of = kind[text[at]];
		if (of < CSVR_N_CANDIDATES) {
			record->n_fields[of]++;
			is_field_start = true;
		} else if (of == NEWLINE) {
			record->end = (uint32_t)at;
			return at + 1;
		} else if (of == QUOTE && is_field_start) {
			const size_t after = after_quoted(text, at, input->n_bytes,
							  input->options->quote, sniffed->escape);
			const unsigned char next = after < input->n_bytes ? text[after] : '\r';
			sniffed->has_odd_quote |= kind[next] == OTHER && next != '\r';
			at = after - 1;
			is_field_start = false;
		} else {
			is_field_start &= of == BLANK;
		}
	}
	record->end = (uint32_t)input->n_bytes;
	return input->is_whole && start < input->n_bytes ? input->n_bytes : 0;
}

void csvr_sniff_records(struct csvr_sniffed *sniffed, const struct csvr_sniff_input *input,
			int escape)
{
	uint8_t kind[256];
	sniffed->input = input;
	sniffed->escape = escape;
	sniffed->has_odd_quote = false;
	sniffed->n_records = 0;
	classify_bytes(sniffed, kind);
	for (size_t start = 0;
	     start < input->n_bytes && sniffed->n_records < CSVR_SNIFFED_RECORDS;) {
		struct csvr_sniffed_record *record = &sniffed->record[sniffed->n_records];
		/* Files that begin with a byte order mark may have been concatenated. */
		if (input->n_bytes - start >= CSVR_BOM_BYTES && csvr_is_bom(input->text + start)) {
			start += CSVR_BOM_BYTES;
			continue;
		}
		const bool is_comment = input->text[start] == input->options->comment;
		const unsigned char *line_end = is_comment ? memchr(input->text + start,
								    input->newline,
								    input->n_bytes - start)
							   : NULL;
		if (is_comment) {
			if (line_end == NULL)
				return;
			start = (size_t)(line_end - input->text) + 1;
			continue;
		}
		const size_t next = split_record(sniffed, kind, start, record);
		if (next == 0)
			return;
		sniffed->n_records += is_of_interest(input, start, &record->end);
		start = next;
	}
}

/* ---- delimiter ---- */

/* The number of fields, 2 or more, that most records have; of several the one that occurs first. */
static struct csvr_split most_frequent(const struct csvr_sniffed *sniffed, size_t candidate)
{
	struct csvr_split best = { .candidate = candidate };
	for (size_t i = 0; i + best.n_consistent < sniffed->n_records; i++) {
		const uint32_t n_fields = sniffed->record[i].n_fields[candidate];
		if (n_fields < 2 || n_fields == best.n_fields)
			continue;
		size_t n = 0;
		for (size_t j = i; j < sniffed->n_records; j++)
			n += sniffed->record[j].n_fields[candidate] == n_fields;
		if (n > best.n_consistent) {
			best.n_fields = n_fields;
			best.n_consistent = n;
		}
	}
	return best;
}

/* Whether the table would begin at the first record that has that many fields, and most have them from there on. */
static bool is_valid(const struct csvr_sniffed *sniffed, const struct csvr_split *split)
{
	size_t first = 0;
	if (split->n_consistent < 2)
		return false;
	while (sniffed->record[first].n_fields[split->candidate] != split->n_fields)
		first++;
	return 2 * split->n_consistent > sniffed->n_records - first;
}

/* Whether a cell is a number, or may be one in another notation: none of these has a delimiter but the comma. */
static bool is_like_number(const struct csvr_sniffed *sniffed, struct csvr_slice text)
{
	switch (csvr_sniff_shape(sniffed->input->rules, text)) {
	case CSVR_SHAPE_NUMBER:
	case CSVR_SHAPE_TIME:
		return true;
	case CSVR_SHAPE_CODE:
		for (size_t i = 0; i < text.n_bytes; i++)
			if (memchr(";\t|", text.start[i], 3) != NULL)
				return false;
		return true;
	default:
		return false;
	}
}

/* Of the cells of consistent records, how many are like numbers. */
static double share_of_numbers(const struct csvr_sniffed *sniffed, const struct csvr_split *split)
{
	size_t n_cells = 0, n_numbers = 0;
	for (size_t i = 0; i < sniffed->n_records; i++) {
		struct csvr_cell_cursor cursor;
		struct csvr_slice text;
		if (sniffed->record[i].n_fields[split->candidate] != split->n_fields)
			continue;
		cursor = csvr_cells_of(sniffed, i, sniffed->candidates[split->candidate]);
		while (csvr_next_cell(&cursor, &text)) {
			n_cells++;
			n_numbers += is_like_number(sniffed, text);
		}
	}
	return (double)n_numbers / (double)n_cells;
}

static bool is_better(const struct csvr_sniffed *sniffed, const struct csvr_split *split,
		      const struct csvr_split *best)
{
	if (split->n_consistent != best->n_consistent)
		return split->n_consistent > best->n_consistent;
	const double share = share_of_numbers(sniffed, split);
	const double best_share = share_of_numbers(sniffed, best);
	return share != best_share ? share > best_share : split->n_fields > best->n_fields;
}

struct csvr_split csvr_sniff_split(const struct csvr_sniffed *sniffed)
{
	struct csvr_split best = { .candidate = sniffed->n_candidates };
	for (size_t i = 0; i < sniffed->n_candidates; i++) {
		const struct csvr_split split = most_frequent(sniffed, i);
		if (is_valid(sniffed, &split) &&
		    (best.candidate == sniffed->n_candidates || is_better(sniffed, &split, &best)))
			best = split;
	}
	return best;
}

bool csvr_sniff_apostrophes(const struct csvr_sniffed *sniffed, unsigned char delimiter)
{
	enum { RECORDS = 2 };
	if (sniffed->n_records < RECORDS || sniffed->input->options->quote == '\'')
		return false;
	for (size_t i = 0; i < RECORDS; i++) {
		struct csvr_cell_cursor cursor = csvr_cells_of(sniffed, i, delimiter);
		struct csvr_slice text;
		size_t n_cells = 0;
		for (; csvr_next_cell(&cursor, &text); n_cells++)
			if (text.n_bytes < 2 || text.start[0] != '\'' ||
			    text.start[text.n_bytes - 1] != '\'')
				return false;
		if (n_cells < 2)
			return false;
	}
	return true;
}

bool csvr_sniff_quoted_lines(const struct csvr_sniffed *sniffed)
{
	const struct csvr_sniff_input *input = sniffed->input;
	size_t n_delimiters[CSVR_N_CANDIDATES] = { 0 };
	bool is_same[CSVR_N_CANDIDATES] = { true, true, true, true };
	for (size_t i = 0; i < sniffed->n_records; i++) {
		const unsigned char *start = input->text + sniffed->record[i].start;
		const unsigned char *end = input->text + sniffed->record[i].end;
		if (end - start < 2 || *start != input->options->quote || end[-1] != *start)
			return false;
		for (size_t c = 0; c < CSVR_N_CANDIDATES; c++) {
			size_t n = 0;
			for (const unsigned char *at = start; at < end; at++)
				n += *at == csvr_delimiter_candidates[c];
			is_same[c] &= i == 0 || n == n_delimiters[c];
			n_delimiters[c] = n;
		}
	}
	bool are_quoted = false;
	for (size_t c = 0; c < CSVR_N_CANDIDATES; c++)
		are_quoted |= is_same[c] && n_delimiters[c] > 0;
	return are_quoted && sniffed->n_records > 1;
}

/* ---- cells ---- */

struct csvr_cell_cursor csvr_cells_of(const struct csvr_sniffed *sniffed, size_t record,
				      unsigned char delimiter)
{
	const struct csvr_sniff_input *input = sniffed->input;
	const struct csvr_sniffed_record *of = &sniffed->record[record];
	return (struct csvr_cell_cursor){ .at = input->text + of->start,
					  .end = input->text + of->end,
					  .delimiter = delimiter,
					  .quote = input->options->quote,
					  .escape = sniffed->escape };
}

bool csvr_next_cell(struct csvr_cell_cursor *cursor, struct csvr_slice *text)
{
	const unsigned char *at = cursor->at, *end = cursor->end;
	if (at > end)
		return false;
	while (at < end && csvr_is_blank(*at) && *at != cursor->delimiter)
		at++;
	const unsigned char *start = at;
	const bool is_quoted = at < end && *at == cursor->quote;
	if (is_quoted)
		at += after_quoted(at, 0, (size_t)(end - at), cursor->quote, cursor->escape);
	const unsigned char *last = memchr(at, cursor->delimiter, (size_t)(end - at));
	if (last == NULL)
		last = end;
	cursor->at = last + 1;
	const unsigned char *closed = at;
	while (at < last && csvr_is_blank(*at))
		at++;
	if (is_quoted && at == last) {
		start++;
		last = closed;
		last -= last > start && last[-1] == cursor->quote;
	}
	while (start < last && csvr_is_blank(*start))
		start++;
	while (start < last && csvr_is_blank(last[-1]))
		last--;
	*text = (struct csvr_slice){ start, (size_t)(last - start) };
	return true;
}
