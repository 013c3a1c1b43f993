/* percentile.c - names of percentiles */
#include "stats/percentile.h"

#include <string.h>

typedef unsigned __int128 u128;

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool csvr_percentile_parse(const char *name, size_t n_bytes, struct csvr_percentile *percentile)
{
	enum { MOST_INTEGER_DIGITS = 2 };
	*percentile = (struct csvr_percentile){ 50, 100 };
	if (n_bytes == strlen("median") && memcmp(name, "median", n_bytes) == 0)
		return true;
	if (n_bytes < 2 || name[0] != 'p')
		return false;
	size_t i = 1;
	percentile->numerator = 0;
	for (; i < n_bytes && is_digit(name[i]); i++) {
		if (i > MOST_INTEGER_DIGITS)
			return false;
		percentile->numerator = 10 * percentile->numerator + (uint64_t)(name[i] - '0');
	}
	if (i == 1 || (name[1] == '0' && i > 2))
		return false;
	if (i < n_bytes) {
		if (name[i++] != '.' || i == n_bytes || n_bytes - i > CSVR_PERCENTILE_DECIMALS)
			return false;
		for (; i < n_bytes && is_digit(name[i]); i++) {
			percentile->numerator = 10 * percentile->numerator +
						(uint64_t)(name[i] - '0');
			percentile->denominator *= 10;
		}
	}
	return i == n_bytes && percentile->numerator > 0;
}

int csvr_percentile_compare(struct csvr_percentile a, struct csvr_percentile b)
{
	const u128 left = (u128)a.numerator * b.denominator;
	const u128 right = (u128)b.numerator * a.denominator;
	return (left > right) - (left < right);
}

struct csvr_percentile_rank csvr_percentile_rank(struct csvr_percentile percentile,
						 uint64_t n_values)
{
	const u128 position = (u128)(n_values - 1) * percentile.numerator;
	return (struct csvr_percentile_rank){ (uint64_t)(position / percentile.denominator),
					      (uint64_t)(position % percentile.denominator) };
}
