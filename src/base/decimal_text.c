/* decimal_text.c - decimal numbers as digits */
#include "base/decimal_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Removes the zeros at the end; a number without digits is 0. */
static void trim(struct csvr_decimal_text *digits)
{
	while (digits->n > 0 && digits->digit[digits->n - 1] == '0')
		digits->n--;
	if (digits->n == 0) {
		digits->power = 0;
		digits->is_negative = false;
	}
}

/* An exponent that ends the text; absent: 0. */
static bool parse_exponent(const char *at, int *exponent)
{
	enum { MAX_EXPONENT_DIGITS = 5 }; /* far more than any double has */
	*exponent = 0;
	if (*at == '\0')
		return true;
	if (*at != 'e' && *at != 'E')
		return false;
	at++;
	const char *first = at + (*at == '-' || *at == '+');
	const size_t n = strspn(first, "0123456789");
	*exponent = atoi(at);
	return n > 0 && n <= MAX_EXPONENT_DIGITS && first[n] == '\0';
}

bool csvr_decimal_text_parse(const char *text, struct csvr_decimal_text *digits)
{
	*digits = (struct csvr_decimal_text){ .is_negative = *text == '-' };
	const char *at = text + (*text == '-' || *text == '+');
	bool has_digit = false, has_point = false;
	int power =
		-1; /* of the first digit that is not 0, had it been the last before the point */
	for (; is_digit(*at) || (*at == '.' && !has_point); at++) {
		if (*at == '.') {
			has_point = true;
			continue;
		}
		has_digit = true;
		if (digits->n > 0 || *at != '0') {
			if (digits->n == CSVR_DECIMAL_TEXT_DIGITS)
				return false;
			digits->digit[digits->n++] = *at;
			power += !has_point;
		} else {
			power -= has_point;
		}
	}
	int exponent;
	if (!has_digit || !parse_exponent(at, &exponent))
		return false;
	digits->power = power + exponent;
	trim(digits);
	return true;
}

void csvr_decimal_text_round(struct csvr_decimal_text *digits, int power)
{
	const int n_kept = digits->power - power + 1; /* of the digits */
	if (n_kept >= digits->n)
		return;
	if (n_kept < 0) {
		digits->n = 0;
		trim(digits);
		return;
	}
	const char next = digits->digit[n_kept];
	const bool is_tie = next == '5' && digits->n == n_kept + 1;
	const bool is_odd = n_kept > 0 && (digits->digit[n_kept - 1] - '0') % 2 != 0;
	digits->n = n_kept;
	if (next < '5' || (is_tie && !is_odd)) {
		trim(digits);
		return;
	}
	while (digits->n > 0 && digits->digit[digits->n - 1] == '9')
		digits->n--;
	if (digits->n > 0) {
		digits->digit[digits->n - 1]++;
	} else { /* 9.99 became 10 */
		digits->digit[digits->n++] = '1';
		digits->power++;
	}
}

int csvr_decimal_text_after_point(const struct csvr_decimal_text *digits)
{
	const int n_after = digits->n - 1 - digits->power;
	return digits->n > 0 && n_after > 0 ? n_after : 0;
}

static int max(int a, int b)
{
	return a > b ? a : b;
}

size_t csvr_decimal_text_plain_bytes(const struct csvr_decimal_text *digits, int n_after)
{
	n_after = max(n_after, csvr_decimal_text_after_point(digits));
	const int n = digits->is_negative + max(digits->power, 0) + 1 + (n_after > 0) + n_after;
	return (size_t)n;
}

size_t csvr_decimal_text_plain(const struct csvr_decimal_text *digits, int n_after, char *text)
{
	n_after = max(n_after, csvr_decimal_text_after_point(digits));
	char *to = text;
	if (digits->is_negative)
		*to++ = '-';
	for (int power = max(digits->power, 0); power >= -n_after; power--) {
		const int i = digits->power - power;
		if (power == -1)
			*to++ = '.';
		*to++ = (char)(i >= 0 && i < digits->n ? digits->digit[i] : '0');
	}
	*to = '\0';
	return (size_t)(to - text);
}

size_t csvr_decimal_text_scientific_bytes(const struct csvr_decimal_text *digits)
{
	char exponent[16];
	const int n = digits->is_negative + max(digits->n, 1) + (digits->n > 1) +
		      sprintf(exponent, "e%d", digits->power);
	return (size_t)n;
}

size_t csvr_decimal_text_scientific(const struct csvr_decimal_text *digits, char *text)
{
	const char first = (char)(digits->n > 0 ? digits->digit[0] : '0');
	return (size_t)sprintf(text, "%s%c%s%.*se%d", digits->is_negative ? "-" : "", first,
			       digits->n > 1 ? "." : "", digits->n > 1 ? digits->n - 1 : 0,
			       digits->digit + 1, digits->power);
}
