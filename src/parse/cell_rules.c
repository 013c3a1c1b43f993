/* cell_rules.c - what decides the class of a cell besides its text */
#include "parse/cell_rules.h"

#include <stdlib.h>
#include <string.h>

#include "parse/decimal.h"

/* A number without trailing zeros, so that equal numbers have equal members. */
struct csvr_null_number {
	bool is_negative;
	int exponent;
	size_t n_parts;
	uint64_t *part;
};

/* ---- items ---- */

/* The colon that ends the name of the column; NULL: the item has none. */
static const char *find_colon(const char *item)
{
	for (const char *at = item; *at != '\0'; at++) {
		if (at[0] == '\\' && at[1] == ':')
			at++;
		else if (*at == ':')
			return at;
	}
	return NULL;
}

/* A copy of [from, end) with \: as a colon; NULL: no memory. */
static char *copy_unescaped(const char *from, const char *end, struct csvr_arena *strings)
{
	char *copy = csvr_arena_copy(strings, from, (size_t)(end - from));
	char *to = copy;
	for (; copy != NULL && from < end; from++)
		if (from[0] != '\\' || from + 1 == end || from[1] != ':')
			*to++ = *from;
	if (copy != NULL)
		*to = '\0';
	return copy;
}

const char *csvr_null_item_column(const char *item, struct csvr_arena *strings)
{
	const char *colon = find_colon(item);
	return colon == NULL ? "" : copy_unescaped(item, colon, strings);
}

/* Copies the words that hold for a column. */
static enum csvr_status choose_words(struct csvr_cell_rules *rules,
				     const struct csvr_string_list *items,
				     const struct csvr_slice *name, const char **words)
{
	size_t n = 0;
	for (size_t i = 0; i < items->n_words; i++) {
		const char *item = items->word[i], *colon = find_colon(item);
		if (colon != NULL) {
			const char *column = copy_unescaped(item, colon, &rules->strings);
			if (column == NULL)
				return CSVR_NO_MEMORY;
			if (name == NULL || strlen(column) != name->n_bytes ||
			    memcmp(column, name->start, name->n_bytes) != 0)
				continue;
			item = colon + 1;
		}
		words[n] = copy_unescaped(item, item + strlen(item), &rules->strings);
		if (words[n] == NULL)
			return CSVR_NO_MEMORY;
		n += words[n][0] != '\0';
	}
	rules->null_words = (struct csvr_string_list){ words, n };
	return CSVR_OK;
}

/* ---- numbers ---- */

static int remove_zeros(uint64_t *part)
{
	int n = 0;
	for (; *part != 0 && *part % 10 == 0; *part /= 10)
		n++;
	return n;
}

/* The parts of a number of more than 18 digits end in no zeros already. */
static bool equals(const struct csvr_null_number *null, const struct csvr_decimal *number)
{
	if (null->n_parts != number->n_parts)
		return false;
	if (number->n_parts > 1)
		return null->is_negative == number->is_negative &&
		       null->exponent == number->exponent &&
		       memcmp(null->part, number->part, null->n_parts * sizeof *null->part) == 0;
	uint64_t part = number->part[0];
	const int exponent = number->exponent + remove_zeros(&part);
	return null->part[0] == part && (part == 0 || (null->is_negative == number->is_negative &&
						       null->exponent == exponent));
}

bool csvr_is_null_number(const struct csvr_cell_rules *rules, const struct csvr_decimal *number)
{
	for (size_t i = 0; i < rules->n_null_numbers; i++)
		if (equals(&rules->null_numbers[i], number))
			return true;
	return false;
}

bool csvr_null_number(const struct csvr_cell_rules *rules, size_t index, unsigned scale,
		      int64_t *value)
{
	const struct csvr_null_number *null = &rules->null_numbers[index];
	int exponent = null->exponent + (int)scale;
	/* Kernels leave numbers of several parts to csvr_decimal_parse. */
	if (null->n_parts > 1)
		return false;
	*value = null->is_negative ? -(int64_t)null->part[0] : (int64_t)null->part[0];
	if (*value == 0)
		return true;
	if (exponent < 0)
		return false;
	for (; exponent > 0; exponent--)
		if (__builtin_mul_overflow(*value, 10, value))
			return false;
	return true;
}

static enum csvr_status add_number(struct csvr_cell_rules *rules, struct csvr_decimal *decimal)
{
	struct csvr_null_number *null = &rules->null_numbers[rules->n_null_numbers];
	null->part = malloc(decimal->n_parts * sizeof *null->part);
	if (null->part == NULL)
		return CSVR_NO_MEMORY;
	if (decimal->n_parts == 1)
		decimal->exponent += remove_zeros(&decimal->part[0]);
	memcpy(null->part, decimal->part, decimal->n_parts * sizeof *null->part);
	null->n_parts = decimal->n_parts;
	null->is_negative = decimal->is_negative;
	null->exponent = decimal->exponent;
	rules->n_null_numbers++;
	return CSVR_OK;
}

/* ---- groups of digits ---- */

static size_t starts_with(const unsigned char *text, const unsigned char *end, const char *start)
{
	const size_t n = strlen(start);
	return n <= (size_t)(end - text) && memcmp(text, start, n) == 0 ? n : 0;
}

size_t csvr_thousands_bytes(const char *thousands, const unsigned char *text,
			    const unsigned char *end)
{
	/* U+00A0, U+202F, U+2009, U+2019 */
	static const char *const spaces[] = { "\xC2\xA0", "\xE2\x80\xAF", "\xE2\x80\x89" };
	static const char apostrophe[] = "\xE2\x80\x99";
	size_t n = starts_with(text, end, thousands);
	if (thousands[0] == '\'' && n == 0)
		n = starts_with(text, end, apostrophe);
	for (size_t i = 0; i < 3 && thousands[0] == ' ' && n == 0; i++)
		n = starts_with(text, end, spaces[i]);
	return n;
}

/* ---- rules ---- */

static void set_first_bytes(struct csvr_cell_rules *rules)
{
	static const struct {
		const char *bytes;
		uint32_t longest;
	} kinds[] = {
		{ "0123456789+- \t", UINT32_MAX }, { "nN", sizeof "nan(snan)" - 1 },
		{ "iI", sizeof "infinity" - 1 },   { "tT", sizeof "true" - 1 },
		{ "fF", sizeof "false" - 1 },
	};
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		for (const char *at = kinds[i].bytes; *at != '\0'; at++)
			rules->longest_other[(unsigned char)*at] = kinds[i].longest;
	rules->longest_other[rules->decimal] = UINT32_MAX;
	/* Currencies and parentheses */
	for (const char *at = "$(\xC2\xE2UEJGCASNDPHIBKMZTR"; *at != '\0' && rules->affix_base != 0;
	     at++)
		rules->longest_other[(unsigned char)*at] = UINT32_MAX;
	for (int c = '0'; c <= '9'; c++)
		rules->starts_time[c] = true;
}

/* Numbers in other notations, and words that mean no value. */
static void set_lookalikes(struct csvr_cell_rules *rules)
{
	static const struct {
		const char *bytes;
		uint8_t longest;
	} kinds[] = {
		{ "0123456789+-.,$(\xC2\xE2", 64 },
		{ "UEGJC", 16 }, /* the most common currencies: USD, EUR, GBP, JPY, CHF */
		{ "#<", 8 },
		{ "mMnN", 7 },
		{ "?\\", 2 },
	};
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		for (const char *at = kinds[i].bytes; *at != '\0'; at++)
			rules->longest_lookalike[(unsigned char)*at] = kinds[i].longest;
	for (size_t i = 0; i < rules->null_words.n_words; i++) {
		const char *word = rules->null_words.word[i];
		const size_t n = strlen(word) < UINT8_MAX ? strlen(word) : UINT8_MAX;
		const unsigned char c = (unsigned char)word[0];
		const bool is_letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z' && c < 0x80;
		uint8_t *one = &rules->longest_lookalike[c];
		uint8_t *other = &rules->longest_lookalike[is_letter ? c ^ 0x20 : c];
		*one = n > *one ? (uint8_t)n : *one;
		*other = n > *other ? (uint8_t)n : *other;
	}
}

static void set_unknown(struct csvr_cell_rules *rules)
{
	for (size_t c = 0; c < 256; c++) {
		const uint32_t lookalike = rules->longest_lookalike[c];
		rules->longest_unknown[c] = rules->longest_other[c];
		if (lookalike > rules->longest_unknown[c])
			rules->longest_unknown[c] = lookalike;
	}
}

static enum csvr_status add_word(struct csvr_cell_rules *rules, const char *word)
{
	/* Options have numbers with a point, whatever the files have. */
	static const struct csvr_cell_rules no_rules = { .decimal = '.' };
	const unsigned char *text = (const unsigned char *)word;
	uint32_t *longest = &rules->longest_other[*text];
	rules->starts_null_word[*text] = true;
	if (strlen(word) > *longest)
		*longest = (uint32_t)strlen(word);
	struct csvr_decimal decimal;
	csvr_decimal_parse(&decimal, &no_rules, text, strlen(word));
	if (decimal.class == CSVR_CELL_NUMBER)
		return add_number(rules, &decimal);
	/* csvr_quick_time_read does not look for null words. */
	rules->starts_time[*text] = false;
	return CSVR_OK;
}

enum csvr_status csvr_cell_rules_init(struct csvr_cell_rules *rules,
				      const struct csvr_parse_options *options,
				      unsigned char decimal, const struct csvr_slice *name)
{
	memset(rules, 0, sizeof *rules);
	rules->decimal = decimal;
	memcpy(rules->thousands, options->thousands, sizeof rules->thousands);
	rules->affix_base = options->affix_base;
	csvr_arena_init(&rules->strings);
	set_first_bytes(rules);
	const size_t n = options->null_values.n_words;
	const char **words = calloc(n + 1, sizeof *words);
	rules->null_words.word = words;
	rules->null_numbers = calloc(n + 1, sizeof *rules->null_numbers);
	if (words == NULL || rules->null_numbers == NULL)
		return CSVR_NO_MEMORY;
	enum csvr_status status = choose_words(rules, &options->null_values, name, words);
	for (size_t i = 0; i < rules->null_words.n_words && status == CSVR_OK; i++)
		status = add_word(rules, words[i]);
	set_lookalikes(rules);
	set_unknown(rules);
	return status;
}

void csvr_cell_rules_clear(struct csvr_cell_rules *rules)
{
	for (size_t i = 0; i < rules->n_null_numbers; i++)
		free(rules->null_numbers[i].part);
	free(rules->null_numbers);
	free((void *)rules->null_words.word);
	csvr_arena_clear(&rules->strings);
	memset(rules, 0, sizeof *rules);
}

bool csvr_equals_null_word(const struct csvr_cell_rules *rules, const unsigned char *text,
			   size_t n_bytes)
{
	for (size_t i = 0; i < rules->null_words.n_words; i++) {
		/* Compare length and bytes: a cell may contain NUL. */
		const char *word = rules->null_words.word[i];
		if (strlen(word) == n_bytes && memcmp(word, text, n_bytes) == 0)
			return true;
	}
	return false;
}
