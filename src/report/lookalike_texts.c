/* lookalike_texts.c - what people are told about cells that look like numbers or missing values */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdlib.h>
#include <string.h>

#include "base/number_format.h"
#include "report/problems.h"

/* "3 cells look like numbers with a decimal comma", and the options that read them. */
static const struct {
	const char *kind;
	const char *remedy;
} texts[CSVR_N_LOOKALIKES] = {
	[CSVR_LOOKALIKE_COMMA_OR_GROUP] = { "with a decimal comma or grouped digits",
					    "--decimal=, or --thousands=," },
	[CSVR_LOOKALIKE_POINT_OR_GROUP] = { "with a decimal point or grouped digits",
					    "--decimal=. or --thousands=." },
	[CSVR_LOOKALIKE_DECIMAL_COMMA] = { "with a decimal comma", "--decimal=," },
	[CSVR_LOOKALIKE_DECIMAL_POINT] = { "with a decimal point", "--decimal=." },
	[CSVR_LOOKALIKE_COMMA_GROUPS] = { "with grouped digits", "--thousands=," },
	[CSVR_LOOKALIKE_POINT_GROUPS] = { "with grouped digits", "--thousands=." },
	[CSVR_LOOKALIKE_POINT_GROUPS_COMMA] = { "with a decimal comma and grouped digits",
						"--decimal=, --thousands=." },
	[CSVR_LOOKALIKE_SPACE_GROUPS] = { "with grouped digits", "--thousands=space" },
	[CSVR_LOOKALIKE_SPACE_GROUPS_COMMA] = { "with a decimal comma and grouped digits",
						"--decimal=, --thousands=space" },
	[CSVR_LOOKALIKE_APOSTROPHE_GROUPS] = { "with grouped digits", "--thousands=\"'\"" },
	[CSVR_LOOKALIKE_CURRENCY] = { "with a currency", "--number-affixes" },
	[CSVR_LOOKALIKE_PERCENT] = { "with a percent sign", "--number-affixes" },
	[CSVR_LOOKALIKE_PARENTHESES] = { "in parentheses", "--number-affixes" },
	[CSVR_LOOKALIKE_TRAILING_MINUS] = { "with a trailing minus", "--number-affixes" },
	[CSVR_LOOKALIKE_UNIT] = { "with a unit or suffix", "--number-affixes" },
};

/* Whether a shell takes the bytes as they are. */
static bool is_plain_for_shell(const char *text, size_t n_bytes)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789,./:_-";
	for (size_t i = 0; i < n_bytes; i++)
		if (text[i] == '\0' || strchr(plain, text[i]) == NULL)
			return false;
	return true;
}

/* The list of null values with the word of a cell, or without it if it is listed. */
static void write_null_values(const struct csvr_problems *problems,
			      const struct csvr_first_cell *cell, csvr_escape_fn escape,
			      FILE *stream)
{
	const struct csvr_string_list *nulls = &problems->parse->null_values;
	const char *word = (const char *)cell->bytes;
	bool is_plain = is_plain_for_shell(word, cell->n_bytes), is_listed = false;
	for (size_t i = 0; i < nulls->n_words; i++)
		is_plain &= is_plain_for_shell(nulls->word[i], strlen(nulls->word[i]));
	const char *separator = is_plain ? "" : "'";
	fputs("--null-values=", stream);
	for (size_t i = 0; i < nulls->n_words; i++) {
		const size_t n = strlen(nulls->word[i]);
		if (n == cell->n_bytes && memcmp(nulls->word[i], word, n) == 0) {
			is_listed = true;
			continue;
		}
		fputs(separator, stream);
		escape(stream, nulls->word[i], n);
		separator = ",";
	}
	if (!is_listed) {
		fputs(separator, stream);
		escape(stream, word, cell->n_bytes);
	}
	if (!is_plain)
		putc('\'', stream);
}

void csvr_lookalike_write_remedy(const struct csvr_problems *problems, enum csvr_lookalike kind,
				 const struct csvr_first_cell *cell, csvr_escape_fn escape,
				 FILE *stream)
{
	if (texts[kind].remedy != NULL)
		escape(stream, texts[kind].remedy, strlen(texts[kind].remedy));
	else
		write_null_values(problems, cell, escape, stream);
}

void csvr_lookalike_write_kind(enum csvr_lookalike kind, uint64_t n, FILE *stream)
{
	if (kind == CSVR_LOOKALIKE_NULL)
		fputs(n == 1 ? "looks like a missing value" : "look like missing values", stream);
	else
		fprintf(stream, n == 1 ? "looks like a number %s" : "look like numbers %s",
			texts[kind].kind);
}

/* Numbers that programs write for missing values, as null values. */
static const struct csvr_first_cell sentinels[] = {
	{ .n_bytes = 4, .bytes = "-999" },     { .n_bytes = 5, .bytes = "-9999" },
	{ .n_bytes = 6, .bytes = "-99999" },   { .n_bytes = 6, .bytes = "-999.9" },
	{ .n_bytes = 7, .bytes = "-9999.9" },  { .n_bytes = 7, .bytes = "-999.99" },
	{ .n_bytes = 8, .bytes = "-9999.99" },
};

const struct csvr_first_cell *csvr_sentinel_of(double value)
{
	for (size_t i = 0; i < sizeof sentinels / sizeof sentinels[0]; i++)
		if (strtod((const char *)sentinels[i].bytes, NULL) == value)
			return &sentinels[i];
	return NULL;
}
