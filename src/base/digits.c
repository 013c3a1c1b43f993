/* digits.c - decimal numbers as digits */
#include "base/digits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Keeps the first `n` digits, without the zeros at their end. */
static void keep(struct csvr_digits *digits, int n)
{
	while (n > 0 && digits->digit[n - 1] == '0')
		n--;
	if (n == 0)
		*digits = (struct csvr_digits){ .digit = "0", .n_digits = 1, .power = 1 };
	else
		digits->n_digits = n;
	digits->digit[digits->n_digits] = '\0';
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

bool csvr_digits_parse(const char *text, struct csvr_digits *digits)
{
	*digits = (struct csvr_digits){ .is_negative = *text == '-' };
	const char *at = text + (*text == '-' || *text == '+');
	bool has_digit = false, has_point = false;
	int n = 0, power = 0;
	for (; is_digit(*at) || (*at == '.' && !has_point); at++) {
		if (*at == '.') {
			has_point = true;
			continue;
		}
		has_digit = true;
		if (n > 0 || *at != '0') {
			if (n + 1 == CSVR_DIGITS_BYTES)
				return false;
			digits->digit[n++] = *at;
			power += !has_point;
		} else {
			power -= has_point;
		}
	}
	int exponent;
	if (!has_digit || !parse_exponent(at, &exponent))
		return false;
	digits->power = power + exponent;
	keep(digits, n);
	return true;
}

void csvr_digits_round(struct csvr_digits *digits, int power)
{
	int n = digits->power - power; /* digits to keep */
	if (n >= digits->n_digits)
		return;
	if (n < 0) {
		keep(digits, 0);
		return;
	}
	const char next = digits->digit[n];
	const bool is_tie = next == '5' && digits->n_digits == n + 1;
	const bool is_odd = n > 0 && (digits->digit[n - 1] - '0') % 2 != 0;
	if (next < '5' || (is_tie && !is_odd)) {
		keep(digits, n);
		return;
	}
	while (n > 0 && digits->digit[n - 1] == '9')
		n--;
	if (n > 0) {
		digits->digit[n - 1]++;
	} else { /* 9.99 became 10 */
		digits->digit[n++] = '1';
		digits->power++;
	}
	keep(digits, n);
}

static int max(int a, int b)
{
	return a > b ? a : b;
}

size_t csvr_digits_plain_bytes(const struct csvr_digits *digits, int n_after)
{
	n_after = max(n_after, digits->n_digits - digits->power);
	n_after = max(n_after, 0);
	const int n_bytes = digits->is_negative + max(digits->power, 1) + (n_after > 0) + n_after;
	return (size_t)n_bytes;
}

size_t csvr_digits_plain(const struct csvr_digits *digits, int n_after, char *text)
{
	const int n_before = max(digits->power, 1);
	n_after = max(n_after, digits->n_digits - digits->power);
	char *to = text;
	if (digits->is_negative)
		*to++ = '-';
	for (int place = -n_before; place < n_after; place++) {
		const int i = digits->power + place;
		if (place == 0)
			*to++ = '.';
		*to++ = (char)(i >= 0 && i < digits->n_digits ? digits->digit[i] : '0');
	}
	*to = '\0';
	return (size_t)(to - text);
}

size_t csvr_digits_scientific_bytes(const struct csvr_digits *digits)
{
	char exponent[16];
	const int n_bytes = digits->is_negative + digits->n_digits + (digits->n_digits > 1) +
			    sprintf(exponent, "e%d", digits->power - 1);
	return (size_t)n_bytes;
}

size_t csvr_digits_scientific(const struct csvr_digits *digits, char *text)
{
	return (size_t)sprintf(text, "%s%c%s%se%d", digits->is_negative ? "-" : "",
			       digits->digit[0], digits->n_digits > 1 ? "." : "", digits->digit + 1,
			       digits->power - 1);
}

size_t csvr_digits_text(const struct csvr_digits *digits, int plain_to, char *text)
{
	enum { PLAIN_FROM = -4 };
	return digits->power > PLAIN_FROM && digits->power <= plain_to
		       ? csvr_digits_plain(digits, 0, text)
		       : csvr_digits_scientific(digits, text);
}
