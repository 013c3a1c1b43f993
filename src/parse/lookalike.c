/* lookalike.c - what the text of a cell looks like */
#include "parse/lookalike.h"

#include <string.h>

#include "parse/affixes.h"
#include "parse/decimal.h"

static bool is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

static unsigned char lower(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

/* ---- missing values ---- */

static bool equals_word(const unsigned char *text, size_t n_bytes, const char *word)
{
	size_t i = 0;
	while (i < n_bytes && word[i] != '\0' && lower(text[i]) == lower((unsigned char)word[i]))
		i++;
	return i == n_bytes && word[i] == '\0';
}

/* Words that mean no value in files of many programs, in lower case. */
static const char *const null_words[] = {
	"na",  "n/a", "#n/a",   "#na",     "n.a.",    "<na>",  "-",      "--",     "---",
	"?",   ".",   "..",     "missing", "none",    "null",  "nil",    "(null)", "<null>",
	"nat", "\\n", "#null!", "#div/0!", "#value!", "#ref!", "#name?", "#num!",
};

static bool looks_missing(const struct csvr_cell_rules *rules, const unsigned char *text,
			  size_t n_bytes)
{
	const char first = (char)lower(*text); /* most texts differ here */
	for (size_t i = 0; i < sizeof null_words / sizeof null_words[0]; i++)
		if (null_words[i][0] == first && equals_word(text, n_bytes, null_words[i]))
			return true;
	for (size_t i = 0; i < rules->null_words.n_words; i++)
		if (equals_word(text, n_bytes, rules->null_words.word[i]))
			return true;
	return false;
}

enum csvr_lookalike csvr_lookalike_of_null(const unsigned char *text, size_t n_bytes)
{
	for (size_t i = 0; i < n_bytes; i++)
		if (lower(text[i]) < 'a' || lower(text[i]) > 'z')
			return CSVR_N_LOOKALIKES;
	return n_bytes > 0 ? CSVR_LOOKALIKE_NULL_WORD : CSVR_N_LOOKALIKES;
}

/* ---- numbers ---- */

/* Whether a text is 1,204 or the like: three digits after the only mark, and one to three before it. Zeros come first
 * only before a decimal mark. */
static bool may_be_one_group(const unsigned char *text, size_t n_bytes)
{
	size_t n = 0;
	while (n < n_bytes && is_digit(text[n]))
		n++;
	if (n == 0 || n > 3 || text[0] == '0' || n_bytes != n + 4)
		return false;
	return is_digit(text[n + 1]) && is_digit(text[n + 2]) && is_digit(text[n + 3]);
}

/* Whether all bytes are those of a number in some notation: digits, marks, separators, an exponent. */
static bool has_only_bytes_of_numbers(const unsigned char *text, size_t n_bytes)
{
	static const char others[] = ",. '+-eEdD";
	for (size_t i = 0; i < n_bytes; i++)
		if (!is_digit(text[i]) && text[i] < 0x80 &&
		    memchr(others, text[i], sizeof others - 1) == NULL)
			return false;
	return true;
}

/* What a number without a sign is, if it is none in a file with that decimal mark. */
static enum csvr_lookalike find_notation(unsigned char decimal, const unsigned char *text,
					 size_t n_bytes)
{
	const bool is_comma = decimal == ',';
	const bool starts_with_zero = text[0] == '0';
	if (!has_only_bytes_of_numbers(text, n_bytes))
		return CSVR_N_LOOKALIKES;
	if (csvr_is_numeral(text, n_bytes, is_comma ? '.' : ',', "")) {
		if (may_be_one_group(text, n_bytes))
			return is_comma ? CSVR_LOOKALIKE_POINT_OR_GROUP
					: CSVR_LOOKALIKE_COMMA_OR_GROUP;
		return is_comma ? CSVR_LOOKALIKE_DECIMAL_POINT : CSVR_LOOKALIKE_DECIMAL_COMMA;
	}
	if (starts_with_zero)
		return CSVR_N_LOOKALIKES; /* a telephone number, a version */
	if (csvr_is_numeral(text, n_bytes, '.', ","))
		return CSVR_LOOKALIKE_COMMA_GROUPS;
	if (csvr_is_numeral(text, n_bytes, ',', "."))
		return memchr(text, ',', n_bytes) != NULL ? CSVR_LOOKALIKE_POINT_GROUPS_COMMA
							  : CSVR_LOOKALIKE_POINT_GROUPS;
	if (csvr_is_numeral(text, n_bytes, '.', " "))
		return CSVR_LOOKALIKE_SPACE_GROUPS;
	if (csvr_is_numeral(text, n_bytes, ',', " "))
		return CSVR_LOOKALIKE_SPACE_GROUPS_COMMA;
	return csvr_is_numeral(text, n_bytes, '.', "'") ? CSVR_LOOKALIKE_APOSTROPHE_GROUPS
							: CSVR_N_LOOKALIKES;
}

/* Whether all bytes can be those of a number in any notation, up to a suffix or unit: rejects most texts quickly. */
static bool may_be_number(const unsigned char *text, size_t n_bytes)
{
	enum { MOST_OTHERS = 12 };
	size_t n_digits = 0, n_others = 0;
	for (size_t i = 0; i < n_bytes && n_others <= MOST_OTHERS; i++) {
		n_digits += is_digit(text[i]);
		n_others += !is_digit(text[i]) && text[i] != ',' && text[i] != '.' &&
			    text[i] != ' ' && text[i] != '\'';
	}
	return n_digits > 0 && n_others <= MOST_OTHERS;
}

/* Of the codes of currencies only the most common ones are looked for: other texts begin with capitals, too. */
static bool starts_with_currency(const unsigned char *text, size_t n_bytes)
{
	static const char codes[][4] = { "USD", "EUR", "GBP", "JPY", "CHF" };
	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
		if (n_bytes > 3 && memcmp(text, codes[i], 3) == 0)
			return true;
	return false;
}

enum csvr_lookalike csvr_lookalike_of_text(const struct csvr_cell_rules *rules,
					   const unsigned char *text, size_t n_bytes)
{
	if (csvr_is_no_lookalike(rules, text, n_bytes))
		return CSVR_N_LOOKALIKES;
	const bool is_capital = *text >= 'A' && *text <= 'Z';
	if ((is_capital && !starts_with_currency(text, n_bytes)) || !may_be_number(text, n_bytes))
		return looks_missing(rules, text, n_bytes) ? CSVR_LOOKALIKE_NULL
							   : CSVR_N_LOOKALIKES;
	const bool has_sign = *text == '-' || *text == '+';
	enum csvr_lookalike kind = CSVR_N_LOOKALIKES;
	if (n_bytes > has_sign)
		kind = find_notation(rules->decimal, text + has_sign, n_bytes - has_sign);
	struct csvr_affixes affixes;
	if (kind != CSVR_N_LOOKALIKES || !csvr_affixes_find(&affixes, text, n_bytes))
		return kind;
	const struct csvr_slice core = affixes.core;
	kind = find_notation(rules->decimal, core.start, core.n_bytes);
	if (rules->affix_base != 0)
		return kind; /* else its number would have been read */
	return kind != CSVR_N_LOOKALIKES || csvr_is_numeral(core.start, core.n_bytes,
							    rules->decimal, rules->thousands)
		       ? affixes.kind
		       : CSVR_N_LOOKALIKES;
}
