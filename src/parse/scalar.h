/* scalar.h - what every kernel falls back on for one cell, one field, one odd byte
 *
 * Shape    eight bytes in a 64-bit word, first byte lowest whatever the machine
 * Threads  pure functions
 */
#ifndef CSVR_PARSE_SCALAR_H
#define CSVR_PARSE_SCALAR_H

#include <string.h>

#include "parse/kernel.h"

static inline uint64_t csvr_repeat(unsigned char byte)
{
	return byte * UINT64_C(0x0101010101010101);
}

static inline uint64_t csvr_load8(const unsigned char *bytes)
{
	uint64_t word;
	memcpy(&word, bytes, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	word = __builtin_bswap64(word);
#endif
	return word;
}

/* 0x80 in each byte of `word` that equals the byte repeated in `pattern`, 0 in the others. */
static inline uint64_t csvr_bytes_equal(uint64_t word, uint64_t pattern)
{
	const uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f);
	uint64_t difference = word ^ pattern;
	return ~(((difference & low) + low) | difference | low);
}

/* text[open] is the quote that opens a field. Returns the position behind the closing quote, or `to`
 * when it does not close before. */
size_t csvr_skip_quoted(const unsigned char *text, size_t open, size_t to, unsigned char quote);

/* The scan, byte by byte: for dialects with comments, whose lines hide quotes and delimiters. */
void csvr_scan_careful(const struct csvr_dialect *dialect, size_t from, size_t to,
		       struct csvr_fields *fields);

/* Powers of ten, up to the largest below 2^63. */
extern const int64_t csvr_power_of_ten[19];

/* Eight decimal digits, one a byte, first digit lowest; false if a byte is no digit. */
static inline bool csvr_eight_digits(uint64_t word, uint64_t *value)
{
	const uint64_t high = UINT64_C(0xf0f0f0f0f0f0f0f0), zeros = UINT64_C(0x3030303030303030);
	/* '0' to '9' keep their high half when 6 is added, ':' to '?' do not. */
	if (((word & high) ^ zeros) | (((word + UINT64_C(0x0606060606060606)) & high) ^ zeros))
		return false;
	word &= UINT64_C(0x0f0f0f0f0f0f0f0f);
	word = (word * 10 + (word >> 8)) & UINT64_C(0x00ff00ff00ff00ff);
	word = (word * 100 + (word >> 16)) & UINT64_C(0x0000ffff0000ffff);
	*value = (word * 10000 + (word >> 32)) & UINT64_C(0xffffffff);
	return true;
}

/* Takes the first point out of `word`: the bytes before it move up by one, a '0' comes in below.
 * Returns the digits behind it, or -1 when there is none. */
static inline int csvr_remove_point(uint64_t *word)
{
	uint64_t point = csvr_bytes_equal(*word, csvr_repeat('.'));
	if (point == 0)
		return -1;
	unsigned at = (unsigned)__builtin_ctzll(point) & ~7u; /* bits below the point */
	uint64_t below = *word & ((UINT64_C(1) << at) - 1);
	uint64_t above = at == 56 ? 0 : *word >> (at + 8) << (at + 8);
	*word = above | below << 8 | '0';
	return (int)(7 - at / 8);
}

/* One cell as csvr_kernel's `column` defines it; `end` points at its entry among the ends. */
static inline bool csvr_lane_convert(const struct csvr_cells *cells, const uint32_t *end,
				     unsigned scale, int quote, int64_t *value)
{
	const unsigned char *first = cells->text + (uint32_t)(end[-1] + 1);
	const unsigned char *last = cells->text + *end;
	if (cells->ends_line && last > first && last[-1] == '\r')
		last--;
	if (last - first >= 2 && *first == quote && last[-1] == quote) {
		first++;
		last--;
	}
	size_t n_bytes = (size_t)(last - first);
	if (n_bytes == 0 || n_bytes > CSVR_LANE_BYTES)
		return false;

	/* The last eight bytes, and the eight before: what stands before the cell becomes '0'. */
	const uint64_t zeros = UINT64_C(0x3030303030303030);
	uint64_t low = csvr_load8(last - 8), high = zeros;
	size_t n_low = n_bytes < 8 ? n_bytes : 8, n_high = n_bytes - n_low;
	if (n_low < 8) {
		uint64_t outside = (UINT64_C(1) << (64 - 8 * n_low)) - 1;
		low = (low & ~outside) | (zeros & outside);
	}
	if (n_high > 0) {
		high = csvr_load8(last - 16);
		if (n_high < 8) {
			uint64_t outside = (UINT64_C(1) << (64 - 8 * n_high)) - 1;
			high = (high & ~outside) | (zeros & outside);
		}
	}
	bool is_negative = *first == '-';
	if (is_negative) {
		uint64_t *word = n_high > 0 ? &high : &low;
		unsigned at = (unsigned)(8 - (n_high > 0 ? n_high : n_low)) * 8;
		*word ^= (uint64_t)('-' ^ '0') << at;
	}

	/* The point goes, wherever it stands: the bytes before it move up, across the words too. */
	int n_behind = csvr_remove_point(&low);
	unsigned n_points = n_behind >= 0;
	if (n_high > 0) {
		if (n_points > 0) {
			low = (low & ~UINT64_C(0xff)) | high >> 56;
			high = high << 8 | '0';
		} else {
			n_behind = csvr_remove_point(&high);
			if (n_behind >= 0) {
				n_points = 1;
				n_behind += 8;
			}
		}
	}
	if (n_bytes == (size_t)is_negative + n_points)
		return false; /* no digit: "-", "." */
	uint64_t upper = 0, lower;
	if (!csvr_eight_digits(low, &lower) || (n_high > 0 && !csvr_eight_digits(high, &upper)))
		return false;
	uint64_t magnitude = upper * 100000000 + lower;
	unsigned n_decimals = n_points > 0 ? (unsigned)n_behind : 0;
	if (n_decimals > scale)
		return false;
	uint64_t factor = (uint64_t)csvr_power_of_ten[scale - n_decimals], scaled;
	if (__builtin_mul_overflow(magnitude, factor, &scaled) ||
	    scaled >= (uint64_t)csvr_power_of_ten[18])
		return false;
	*value = is_negative ? -(int64_t)scaled : (int64_t)scaled;
	return true;
}

#endif
