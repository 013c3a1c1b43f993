/* swar.c - scalar code shared by all kernels */
#include "parse/swar.h"

const int64_t csvr_power_of_ten[19] = {
	1,
	10,
	100,
	1000,
	10000,
	100000,
	1000000,
	10000000,
	100000000,
	1000000000,
	10000000000,
	100000000000,
	1000000000000,
	10000000000000,
	100000000000000,
	1000000000000000,
	10000000000000000,
	100000000000000000,
	1000000000000000000,
};

static size_t after_closing_quote(const unsigned char *text, size_t at, size_t to, int quote)
{
	while (at < to) {
		const unsigned char *close = memchr(text + at, quote, to - at);
		if (close == NULL)
			return to;
		at = (size_t)(close - text) + 1;
		if (at == to || text[at] != quote)
			return at;
		at++;
	}
	return to;
}

size_t csvr_skip_quoted(const unsigned char *text, size_t open, size_t to,
			const struct csvr_dialect *dialect, bool *hides_lines)
{
	size_t after = after_closing_quote(text, open + 1, to, dialect->quote);
	*hides_lines |= memchr(text + open, dialect->newline, after - open) != NULL;
	return after;
}

void csvr_scan_scalar_comments(const struct csvr_dialect *dialect, size_t from, size_t to,
			       struct csvr_fields *fields)
{
	const unsigned char *text = fields->text;
	bool at_record_start = fields->starts_record, at_field_start = true;
	fields->n_fields = fields->n_records = 0;
	fields->hides_lines = false;
	for (size_t at = from; at < to;) {
		unsigned char byte = text[at];
		if (at_record_start && byte == dialect->comment) {
			const unsigned char *end = memchr(text + at, dialect->newline, to - at);
			if (end == NULL)
				return;
			at = (size_t)(end - text);
			byte = *end;
		} else if (at_field_start && byte == dialect->quote) {
			at = csvr_skip_quoted(text, at, to, dialect, &fields->hides_lines);
			at_record_start = at_field_start = false;
			continue;
		}
		at_record_start = byte == dialect->newline;
		at_field_start = at_record_start || byte == dialect->delimiter;
		if (at_field_start)
			fields->ends[fields->n_fields++] = (uint32_t)at;
		fields->n_records += at_record_start;
		at++;
	}
}
