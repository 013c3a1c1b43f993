/* identifier.c - columns of integers that are identifiers, such as ids and codes */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "report/identifier.h"

#include <string.h>
#include <strings.h>

#include "stats/column_type.h"

static bool is_capital(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_small(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_letter(char c)
{
	return is_capital(c) || is_small(c) || (unsigned char)c >= 0x80;
}

/* The last word of text[0, n_bytes): sets `*begin` and `*end`, which are equal if there is none. */
static void find_last_word(const char *text, size_t n_bytes, size_t *begin, size_t *end)
{
	while (n_bytes > 0 && !is_letter(text[n_bytes - 1]))
		n_bytes--;
	*begin = *end = n_bytes;
	while (*begin > 0 && is_letter(text[*begin - 1])) {
		(*begin)--;
		if (*begin > 0 && is_capital(text[*begin]) && is_small(text[*begin - 1]))
			break;
	}
}

static bool is_word(const char *text, size_t n_bytes, const char *word)
{
	return strlen(word) == n_bytes && strncasecmp(text, word, n_bytes) == 0;
}

bool csvr_is_identifier(const struct csvr_column *column, const char *name, size_t n_bytes)
{
	static const char *const words[] = { "id", "code", "zip", "zipcode", "postcode" };
	size_t begin, end, begin_before, end_before;
	find_last_word(name, n_bytes, &begin, &end);
	bool is_listed = false;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		is_listed |= is_word(name + begin, end - begin, words[i]);
	if (!is_listed || csvr_column_type(column) != CSVR_TYPE_INTEGER)
		return false;
	find_last_word(name, begin, &begin_before, &end_before);
	return !is_word(name + begin_before, end_before - begin_before, "of");
}
