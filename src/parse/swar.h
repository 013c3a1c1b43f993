/* swar.h - scalar code shared by all kernels, for single cells, fields and bytes
 *
 * Shape    eight bytes in a 64-bit word, first byte lowest whatever the byte order of the machine
 * Threads  pure functions
 */
#ifndef CSVR_PARSE_SWAR_H
#define CSVR_PARSE_SWAR_H

#include <string.h>

#include "base/serialize.h"
#include "base/text.h"
#include "parse/kernel.h"
#include "parse/record_syntax.h"

/* Powers of ten, up to the largest below 2^63. */
extern const int64_t csvr_power_of_ten[19];

/* The value of eight decimal digits, one per byte, first digit lowest; false if a byte is not a
 * digit. */
static inline bool csvr_eight_digits(uint64_t word, uint64_t *value)
{
	const uint64_t high = UINT64_C(0xf0f0f0f0f0f0f0f0), zeros = UINT64_C(0x3030303030303030);
	/* '0' to '9' keep their high half if 6 is added, ':' to '?' do not. */
	if (((word & high) ^ zeros) | (((word + UINT64_C(0x0606060606060606)) & high) ^ zeros))
		return false;
	word &= UINT64_C(0x0f0f0f0f0f0f0f0f);
	word = (word * 10 + (word >> 8)) & UINT64_C(0x00ff00ff00ff00ff);
	word = (word * 100 + (word >> 16)) & UINT64_C(0x0000ffff0000ffff);
	*value = (word * 10000 + (word >> 32)) & UINT64_C(0xffffffff);
	return true;
}

/* Masks of the bits below and above the first byte of a word that equals those of `pattern`; false if it has none. */
static inline bool csvr_find_point(uint64_t word, uint64_t pattern, uint64_t *below,
				   uint64_t *above)
{
	uint64_t points = csvr_bytes_equal(word, pattern);
	if (points == 0)
		return false;
	uint64_t lowest = (points & -points) >> 7; /* bit 0 of its byte */
	*below = lowest - 1;
	*above = -(lowest << 8);
	return true;
}

/* Removes the first `point` from a number of three words of eight bytes, the last bytes in
 * word[0]: the bytes before it move up by one, across the words, and a '0' comes in. Returns the
 * number of bytes after the point, -1 if there is none. */
static inline int csvr_remove_point(uint64_t word[3], unsigned char point)
{
	const uint64_t pattern = csvr_repeat(point);
	uint64_t below, above;
	for (int i = 0; i < 3; i++) {
		if (!csvr_find_point(word[i], pattern, &below, &above))
			continue;
		uint64_t next = i < 2 ? word[i + 1] >> 56 : '0';
		int n_after_point = 8 * i + __builtin_popcountll(above) / 8;
		word[i] = (word[i] & above) | (word[i] & below) << 8 | next;
		for (i++; i < 3; i++)
			word[i] = word[i] << 8 | (i < 2 ? word[i + 1] >> 56 : '0');
		return n_after_point;
	}
	return -1;
}

/* True if a quote may be part of a number, so that a cell may convert both with its quotes and without, and a
 * closing quote inside it may look like a digit. */
static inline bool csvr_quote_may_be_in_number(int quote, unsigned char point)
{
	return (quote >= '0' && quote <= '9') || quote == point || quote == '-' || quote == '+';
}

/* Converts one cell as `convert` of csvr_kernel defines it; `end` points at its entry in the
 * ends. */
static inline bool csvr_convert_cell(const struct csvr_column_slice *cells, const uint32_t *end,
				     unsigned scale, int quote, int64_t *value)
{
	const unsigned char *first = cells->text + (uint32_t)(end[-1] + 1);
	const unsigned char *last = cells->text + *end;
	if (cells->ends_line && last > first && last[-1] == '\r')
		last--;
	csvr_trim(&first, &last);
	const bool is_quoted = last - first >= 2 && *first == quote && last[-1] == quote;
	if (csvr_quote_may_be_in_number(quote, cells->point) && first < last && *first == quote &&
	    (!is_quoted || memchr(first + 1, quote, (size_t)(last - first) - 2) != NULL))
		return false;
	if (is_quoted) {
		first++;
		last--;
		csvr_trim(&first, &last);
	}
	size_t n_bytes = (size_t)(last - first), n_others = 0;
	if (n_bytes == 0 || n_bytes > CSVR_MAX_CONVERT_BYTES)
		return false;

	/* The last bytes go to word[0]; bytes before the cell become '0'. */
	const uint64_t zeros = UINT64_C(0x3030303030303030);
	uint64_t word[3] = { zeros, zeros, zeros };
	size_t n_words = (n_bytes + 7) / 8, n_top = n_bytes - 8 * (n_words - 1);
	for (size_t i = 0; i < n_words; i++)
		word[i] = csvr_load8(last - 8 * (i + 1));
	uint64_t *top = &word[n_words - 1];
	uint64_t own = ~UINT64_C(0) << (64 - 8 * n_top);
	/* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): all n_words are loaded */
	*top = (*top & own) | (zeros & ~own);
	bool is_negative = *first == '-';
	if (is_negative || *first == '+') {
		*top ^= (uint64_t)(*first ^ '0') << (64 - 8 * n_top);
		n_others++;
	}
	int n_after_point = csvr_remove_point(word, cells->point);
	n_others += n_after_point >= 0;
	unsigned n_decimals = n_after_point >= 0 ? (unsigned)n_after_point : 0;
	uint64_t part[3] = { 0, 0, 0 };
	if (n_bytes == n_others || n_decimals > scale)
		return false; /* no digit ("-", "."), or too many decimals */
	for (size_t i = 0; i < n_words; i++)
		if (!csvr_eight_digits(word[i], &part[i]))
			return false;
	if (part[2] >= 100)
		return false; /* 10^18 and more */
	uint64_t magnitude = part[2] * 10000000000000000 + part[1] * 100000000 + part[0];
	/* magnitude 10^missing < 10^18, exactly if magnitude < 10^(18 - missing) */
	unsigned missing = scale - n_decimals;
	if (magnitude >= (uint64_t)csvr_power_of_ten[CSVR_MAX_SCALE - missing])
		return false;
	int64_t scaled = (int64_t)(magnitude * (uint64_t)csvr_power_of_ten[missing]);
	*value = is_negative ? -scaled : scaled;
	return true;
}

/* `convert` of csvr_kernel, cell by cell. */
static inline size_t csvr_convert_cells(const struct csvr_column_slice *cells, unsigned scale,
					int quote, int64_t *values, uint8_t *rejects)
{
	const uint32_t *end = cells->ends;
	size_t n_values = 0, n_rejects = 0;
	for (size_t i = 0; i < cells->n_cells; i++, end += cells->stride) {
		if (csvr_convert_cell(cells, end, scale, quote, &values[n_values]))
			n_values++;
		else
			rejects[n_rejects++] = (uint8_t)i;
	}
	return n_values;
}

/* Finds the text of one cell as `read_keys` of csvr_kernel defines it; `end` points at its entry in the ends. False: it is
 * rejected, and nothing is set. */
static inline bool csvr_find_key(const struct csvr_column_slice *cells, const uint32_t *end,
				 const struct csvr_dialect *dialect, uint32_t most_bytes,
				 const unsigned char **start, uint32_t *n_bytes)
{
	const int quote = dialect->quote, escape = dialect->escape;
	const unsigned char *first = cells->text + (uint32_t)(end[-1] + 1);
	const unsigned char *last = cells->text + *end;
	if (cells->ends_line && last > first && last[-1] == '\r') {
		last--;
		if (last > first && last[-1] == '\r')
			return false;
	}
	/* Blanks, of which one may be the quote. */
	while (first < last && csvr_is_blank(*first) && *first != quote)
		first++;
	const bool has_quote = first < last && *first == quote;
	csvr_trim(&first, &last);
	if (has_quote) {
		if (last - first < 2 || *first++ != quote || *--last != quote)
			return false;
		const size_t n_inside = (size_t)(last - first);
		if (csvr_has_byte(first, n_inside, quote) ||
		    (escape != CSVR_NONE && csvr_has_byte(first, n_inside, escape)))
			return false;
		csvr_trim(&first, &last);
	}
	const size_t n = (size_t)(last - first);
	if (n >= most_bytes &&
	    (csvr_or_of_bytes(first, most_bytes) & UINT64_C(0x8080808080808080)) != 0)
		return false;
	*start = first;
	*n_bytes = n < most_bytes ? (uint32_t)n : most_bytes;
	return true;
}

#endif
