/* sniff_long.c - delimiters of more than one byte, which are tried if no single byte splits the records */
#include <string.h>

#include "base/text.h"
#include "parse/sniff_internal.h"

/* The next field of a line; false: there is none. Blanks at the ends of a line separate nothing. */
struct field_cursor {
	const unsigned char *at, *end;
};

static bool next_by_blanks(struct field_cursor *line, struct csvr_slice *field)
{
	while (line->at < line->end && csvr_is_blank(*line->at))
		line->at++;
	const unsigned char *start = line->at;
	while (line->at < line->end && !csvr_is_blank(*line->at))
		line->at++;
	*field = (struct csvr_slice){ start, (size_t)(line->at - start) };
	return field->n_bytes > 0;
}

static bool next_by_colons(struct field_cursor *line, struct csvr_slice *field)
{
	if (line->at > line->end)
		return false;
	const unsigned char *end = line->at;
	while (end < line->end && (end + 1 == line->end || end[0] != ':' || end[1] != ':'))
		end++;
	*field = (struct csvr_slice){ line->at, (size_t)(end - line->at) };
	line->at = end < line->end ? end + 2 : line->end + 1;
	return true;
}

typedef bool (*next_fn)(struct field_cursor *line, struct csvr_slice *field);

/* What a delimiter makes of the records. */
struct split {
	size_t n_fields; /* of all records from the first on that has as many; 0: they differ */
	size_t first;
	size_t n_records; /* from that one on */
	size_t n_cells, n_numbers; /* in those after it */
};

static struct split split_records(const struct csvr_sniffed *sniffed, next_fn next)
{
	const struct csvr_sniff_input *input = sniffed->input;
	struct split split = { .n_fields = 0 };
	size_t n_blank = 0; /* lines of blanks between runs of blanks */
	for (size_t i = 0; i < sniffed->n_records; i++) {
		const struct csvr_sniffed_record *record = &sniffed->record[i];
		struct field_cursor line = { input->text + record->start,
					     input->text + record->end };
		struct csvr_slice field;
		size_t n_fields = 0, n_numbers = 0;
		if (*line.at == '#')
			continue;
		while (next(&line, &field)) {
			n_fields++;
			n_numbers += csvr_sniff_shape(input->rules, field) == CSVR_SHAPE_NUMBER;
		}
		if (n_fields == 0) {
			n_blank++;
			continue;
		}
		if (n_fields != split.n_fields) {
			if (split.n_records > 1)
				return (struct split){ .n_fields = 0 };
			split = (struct split){ .n_fields = n_fields,
						.first = i - n_blank,
						.n_records = 1 };
			continue;
		}
		split.n_records++;
		split.n_cells += n_fields;
		split.n_numbers += n_numbers;
	}
	return split;
}

/* If there are two fields, all records must have them: values with units have two parts, and addresses have colons, but
 * their names do not. */
static bool is_table(struct split split, size_t min_records)
{
	return split.n_records >= min_records &&
	       (split.n_fields > 2 || (split.n_fields == 2 && split.first == 0));
}

static bool has_quote(const struct csvr_sniff_input *input)
{
	return input->options->quote != CSVR_NONE &&
	       memchr(input->text, input->options->quote, input->n_bytes) != NULL;
}

const char *csvr_sniff_long_delimiter(const struct csvr_sniffed *sniffed)
{
	enum { MIN_RECORDS = 3, MIN_RECORDS_OF_COLONS = 2 };
	if (has_quote(sniffed->input))
		return NULL;
	const struct split colons = split_records(sniffed, next_by_colons);
	if (is_table(colons, MIN_RECORDS_OF_COLONS))
		return "::";
	/* Texts have blanks, too: most cells must be numbers. */
	const struct split blanks = split_records(sniffed, next_by_blanks);
	return is_table(blanks, MIN_RECORDS) && 2 * blanks.n_numbers > blanks.n_cells
		       ? CSVR_RUNS_OF_BLANKS
		       : NULL;
}

const char *csvr_sniff_doubled_delimiter(const struct csvr_sniffed *sniffed,
					 unsigned char delimiter)
{
	bool has_text = false;
	for (size_t i = 0; i < sniffed->n_records; i++) {
		struct csvr_cell_cursor cursor = csvr_cells_of(sniffed, i, delimiter);
		struct csvr_slice text;
		size_t n_fields = 0;
		for (; csvr_next_cell(&cursor, &text); n_fields++) {
			if (n_fields % 2 == 1 && text.n_bytes > 0)
				return NULL;
			has_text |= n_fields > 0 && text.n_bytes > 0;
		}
		if (n_fields % 2 == 0)
			return NULL;
	}
	return has_text && delimiter == '|' ? "||" : NULL;
}
