/* text.h - predicates on text that several rooms need
 *
 * Errors   none
 * Threads  pure; independent of the locale
 */
#ifndef CSVR_BASE_TEXT_H
#define CSVR_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/serialize.h"

/* A space or a tab, which are trimmed around a cell. */
static inline bool csvr_is_blank(unsigned char byte)
{
	return byte == ' ' || byte == '\t';
}

static inline bool csvr_ends_with(const char *text, size_t length, const char *suffix)
{
	const size_t n = strlen(suffix);
	return length >= n && memcmp(text + length - n, suffix, n) == 0;
}

/* The byte in all eight bytes of a word. */
static inline uint64_t csvr_repeat(unsigned char byte)
{
	return byte * UINT64_C(0x0101010101010101);
}

/* 0x80 in each byte of `word` that equals the byte repeated in `pattern`, 0 in the others. */
static inline uint64_t csvr_bytes_equal(uint64_t word, uint64_t pattern)
{
	const uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f);
	uint64_t difference = word ^ pattern;
	return ~(((difference & low) + low) | difference | low);
}

/* Whether one of the bytes is `byte`; short texts are common. 8 bytes from the start are readable. */
static inline bool csvr_has_byte(const unsigned char *text, size_t n_bytes, int byte)
{
	if (n_bytes > 32)
		return memchr(text, byte, n_bytes) != NULL;
	const uint64_t pattern = csvr_repeat((unsigned char)byte);
	size_t i = 0;
	uint64_t found = 0;
	for (; i + 8 < n_bytes; i += 8)
		found |= csvr_bytes_equal(csvr_load8(text + i), pattern);
	const uint64_t ours = i == n_bytes ? 0 : ~UINT64_C(0) >> (64 - 8 * (n_bytes - i));
	return (found | (csvr_bytes_equal(csvr_load8(text + i), pattern) & ours)) != 0;
}

#endif
