/* column_names.h - names of columns, and texts of Windows-1252: the manual's section on input, once more
 *
 * Shares nothing with src/.
 */
#ifndef CSVR_TESTS_FUZZ_COLUMN_NAMES_H
#define CSVR_TESTS_FUZZ_COLUMN_NAMES_H

#include "csvreport.h"
#include "reader.h"

/* ---- encodings ---- */

/* The length of the character of UTF-8 at text[at], 0 if it is none. */
static inline size_t character_at(const struct string *s, size_t at)
{
	const unsigned char *c = s->bytes + at;
	const size_t n = c[0] < 0x80                   ? 1
			 : c[0] >= 0xc2 && c[0] < 0xe0 ? 2
			 : c[0] >= 0xe0 && c[0] < 0xf0 ? 3
			 : c[0] >= 0xf0 && c[0] < 0xf5 ? 4
						       : 0;
	if (n == 0 || n > s->n_bytes - at)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((c[i] & 0xc0) != 0x80)
			return 0;
	/* Longer than it need be, surrogates, and numbers above the last one. */
	if ((c[0] == 0xe0 && c[1] < 0xa0) || (c[0] == 0xed && c[1] >= 0xa0) ||
	    (c[0] == 0xf0 && c[1] < 0x90) || (c[0] == 0xf4 && c[1] >= 0x90))
		return 0;
	return n;
}

static inline bool is_1252(const struct string *s, enum csvr_encoding encoding)
{
	bool is_ascii = true, is_utf8 = true;
	for (size_t i = 0; i < s->n_bytes; i++)
		is_ascii &= s->bytes[i] < 0x80;
	for (size_t i = 0, n; i < s->n_bytes && is_utf8; i += n) {
		n = character_at(s, i);
		is_utf8 = n > 0;
	}
	return encoding == CSVR_ENCODING_AUTO ? !is_utf8
					      : encoding == CSVR_ENCODING_1252 && !is_ascii;
}

/* Converts from Windows-1252. */
static inline void convert(struct string *s)
{
	static const char high[32][4] = {
		"\u20ac", "\xc2\x81", "\u201a",   "\u0192", "\u201e", "\u2026", "\u2020",
		"\u2021", "\u02c6",   "\u2030",   "\u0160", "\u2039", "\u0152", "\xc2\x8d",
		"\u017d", "\xc2\x8f", "\xc2\x90", "\u2018", "\u2019", "\u201c", "\u201d",
		"\u2022", "\u2013",   "\u2014",   "\u02dc", "\u2122", "\u0161", "\u203a",
		"\u0153", "\xc2\x9d", "\u017e",   "\u0178",
	};
	unsigned char *out = need(malloc(3 * s->n_bytes + 1));
	size_t n = 0;
	for (size_t i = 0; i < s->n_bytes; i++) {
		const unsigned char c = s->bytes[i];
		if (c < 0x80) {
			out[n++] = c;
		} else if (c >= 0xa0) {
			out[n++] = c < 0xc0 ? 0xc2 : 0xc3;
			out[n++] = 0x80 | (c & 0x3f);
		} else {
			const size_t n_high = strlen(high[c - 0x80]);
			memcpy(out + n, high[c - 0x80], n_high);
			n += n_high;
		}
	}
	free(s->bytes);
	s->bytes = out;
	s->n_bytes = n;
}

/* ---- names ---- */

static inline bool has_name(const struct string *names, size_t n_names, const struct string *name)
{
	for (size_t i = 0; i < n_names; i++)
		if (is_same_string(&names[i], name))
			return true;
	return false;
}

static inline void set_name(struct string *name, const unsigned char *stem, size_t n_stem,
			    const char *suffix, unsigned long number)
{
	const size_t capacity = n_stem + strlen(suffix) + 24;
	char *text = need(malloc(capacity));
	if (n_stem > 0)
		memcpy(text, stem, n_stem);
	const int n = snprintf(text + n_stem, capacity - n_stem, "%s%lu", suffix, number);
	free(name->bytes);
	name->bytes = (unsigned char *)text;
	name->n_bytes = n_stem + (size_t)n;
}

/* An empty name becomes column_3; a duplicate a.2, the next a.3, skipping names that exist. */
static inline void name_columns(struct string *names, size_t n_names)
{
	bool *is_second = need(calloc(n_names, sizeof *is_second));
	for (size_t i = 0; i < n_names; i++)
		if (names[i].n_bytes == 0)
			set_name(&names[i], NULL, 0, "column_", i + 1);
	for (size_t i = 0; i < n_names; i++)
		is_second[i] = has_name(names, i, &names[i]);
	for (size_t i = 0; i < n_names; i++) {
		if (!is_second[i])
			continue;
		struct string given = { .bytes = NULL };
		unsigned long number = 2;
		do
			set_name(&given, names[i].bytes, names[i].n_bytes, ".", number++);
		while (has_name(names, n_names, &given));
		free(names[i].bytes);
		names[i] = given;
	}
	free(is_second);
}

#endif
