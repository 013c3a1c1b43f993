/* affixes.c - takes currencies, percent, units and signs of negative amounts off numbers */
#include "parse/affixes.h"

#include <string.h>

#include "base/text.h"

/* The rest of a text, from both ends. */
struct rest {
	const unsigned char *p, *end;
};

static bool is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static void trim(struct rest *rest)
{
	while (rest->p < rest->end && csvr_is_blank(*rest->p))
		rest->p++;
	while (rest->p < rest->end && csvr_is_blank(rest->end[-1]))
		rest->end--;
}

static bool skip_first(struct rest *rest, unsigned char c)
{
	if (rest->p == rest->end || *rest->p != c)
		return false;
	rest->p++;
	return true;
}

static bool skip_last(struct rest *rest, unsigned char c)
{
	if (rest->p == rest->end || rest->end[-1] != c)
		return false;
	rest->end--;
	return true;
}

static const char *const currencies[] = {
	"$",   "\xE2\x82\xAC", "\xC2\xA3", "\xC2\xA5", /* dollar, euro, pound, yen */
	"USD", "EUR",          "GBP",      "JPY",      "CHF", "CNY", "AUD", "CAD",
	"NZD", "SEK",          "NOK",      "DKK",      "PLN", "CZK", "HUF", "INR",
	"BRL", "KRW",          "MXN",      "ZAR",      "TRY", "RUB", "SGD", "HKD",
};

/* The length of the currency that the rest begins with, or ends with; 0: none. */
static size_t find_currency(const struct rest *rest, bool at_end)
{
	const size_t n = (size_t)(rest->end - rest->p);
	const unsigned char c = n == 0 ? '0' : at_end ? rest->end[-1] : *rest->p;
	if (c != '$' && c < 0x80 && (c < 'A' || c > 'Z'))
		return 0;
	for (size_t i = 0; i < sizeof currencies / sizeof currencies[0]; i++) {
		const size_t length = strlen(currencies[i]);
		if (length < n &&
		    memcmp(at_end ? rest->end - length : rest->p, currencies[i], length) == 0)
			return length;
	}
	return 0;
}

static void take_first_currency(struct rest *rest, struct csvr_affixes *affixes)
{
	const size_t n = find_currency(rest, false);
	if (n == 0)
		return;
	affixes->kind = CSVR_LOOKALIKE_CURRENCY;
	affixes->unit = (struct csvr_slice){ rest->p, n };
	rest->p += n;
	trim(rest);
}

static void take_last_currency(struct rest *rest, struct csvr_affixes *affixes)
{
	const size_t n = find_currency(rest, true);
	if (n == 0 || affixes->unit.n_bytes > 0)
		return;
	affixes->kind = CSVR_LOOKALIKE_CURRENCY;
	rest->end -= n;
	affixes->unit = (struct csvr_slice){ rest->end, n };
	trim(rest);
}

/* A suffix directly after a digit or the decimal mark: 1.2G, 6040K, 3Mi. */
static void take_suffix(struct rest *rest, struct csvr_affixes *affixes)
{
	static const char letters[] = "kKMGTP";
	static const unsigned char powers[] = { 1, 1, 2, 3, 4, 5 };
	struct rest shorter = *rest;
	const bool is_binary = skip_last(&shorter, 'i');
	if (shorter.end - shorter.p < 2)
		return;
	const unsigned char c = shorter.end[-1], before = shorter.end[-2];
	const char *letter = c != '\0' ? strchr(letters, c) : NULL;
	if (letter == NULL || (!is_digit(before) && before != '.' && before != ',') ||
	    (is_binary && c == 'k'))
		return;
	affixes->power = powers[letter - letters];
	affixes->is_binary = is_binary;
	if (affixes->kind == CSVR_N_LOOKALIKES)
		affixes->kind = CSVR_LOOKALIKE_UNIT;
	rest->end = shorter.end - 1;
}

/* Whether a word can be a unit or a flag: up to 4 letters, or up to 8 bytes with other characters but digits first. */
static bool is_unit(const unsigned char *word, size_t n_bytes)
{
	enum { MOST_LETTERS = 4, MOST_BYTES = 8 };
	size_t n_letters = 0;
	if (n_bytes == 0 || n_bytes > MOST_BYTES || is_digit(word[0]))
		return false;
	for (size_t i = 0; i < n_bytes; i++) {
		const unsigned char c = word[i];
		if (c < 0x80 && !is_letter(c) && strchr("%/^*.23-", c) == NULL)
			return false;
		n_letters += is_letter(c);
	}
	return n_letters < n_bytes ? is_letter(word[0]) || word[0] >= 0x80 || n_bytes == 1
				   : n_letters <= MOST_LETTERS;
}

/* A blank and a unit or flag: 12.5 ms, 2.5 p. */
static void take_unit(struct rest *rest, struct csvr_affixes *affixes)
{
	const unsigned char *word = rest->end;
	while (word > rest->p && !csvr_is_blank(word[-1]))
		word--;
	const size_t n = (size_t)(rest->end - word);
	if (word == rest->p || affixes->unit.n_bytes > 0 || !is_unit(word, n))
		return;
	affixes->unit = (struct csvr_slice){ word, n };
	if (affixes->kind == CSVR_N_LOOKALIKES)
		affixes->kind = CSVR_LOOKALIKE_UNIT;
	rest->end = word;
	trim(rest);
}

static void take_percent(struct rest *rest, struct csvr_affixes *affixes)
{
	if (affixes->unit.n_bytes > 0 || !skip_last(rest, '%'))
		return;
	affixes->unit = (struct csvr_slice){ rest->end, 1 };
	affixes->kind = CSVR_LOOKALIKE_PERCENT;
	trim(rest);
}

bool csvr_affixes_find(struct csvr_affixes *affixes, const unsigned char *text, size_t n_bytes)
{
	struct rest rest = { text, text + n_bytes };
	*affixes = (struct csvr_affixes){ .kind = CSVR_N_LOOKALIKES, .unit = { text, 0 } };
	const bool has_parentheses = rest.end - rest.p > 2 && *rest.p == '(' && rest.end[-1] == ')';
	if (has_parentheses) {
		rest.p++;
		rest.end--;
		trim(&rest);
	}
	const bool has_minus = skip_first(&rest, '-');
	bool has_sign = has_minus || skip_first(&rest, '+');
	take_first_currency(&rest, affixes);
	bool is_negative = has_minus;
	if (!has_sign && affixes->kind == CSVR_LOOKALIKE_CURRENCY) {
		is_negative = skip_first(&rest, '-');
		has_sign = is_negative || skip_first(&rest, '+');
	}
	const bool has_last_minus = !has_sign && !has_parentheses && skip_last(&rest, '-');
	if (has_last_minus)
		trim(&rest);
	take_last_currency(&rest, affixes);
	take_percent(&rest, affixes);
	take_unit(&rest, affixes);
	take_suffix(&rest, affixes);
	if (affixes->kind == CSVR_N_LOOKALIKES && (has_parentheses || has_last_minus))
		affixes->kind = has_parentheses ? CSVR_LOOKALIKE_PARENTHESES
						: CSVR_LOOKALIKE_TRAILING_MINUS;
	affixes->is_negative = is_negative || has_parentheses || has_last_minus;
	affixes->core = (struct csvr_slice){ rest.p, (size_t)(rest.end - rest.p) };
	return affixes->kind != CSVR_N_LOOKALIKES && !(has_parentheses && has_sign) &&
	       rest.p < rest.end && (is_digit(*rest.p) || *rest.p == '.' || *rest.p == ',');
}
