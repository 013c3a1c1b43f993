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

/* Moves both ends of [*start, *end) over the blanks there. */
static inline void csvr_trim(const unsigned char **start, const unsigned char **end)
{
	while (*start < *end && csvr_is_blank(**start))
		++*start;
	while (*start < *end && csvr_is_blank((*end)[-1]))
		--*end;
}

/* Removes spaces and tabs from a name and converts ASCII letters to lower case, in place: names that become equal differ
 * in nothing else. Returns the new length. */
static inline size_t csvr_fold_name(char *name, size_t n_bytes)
{
	size_t n = 0;
	for (size_t i = 0; i < n_bytes; i++) {
		const unsigned char byte = (unsigned char)name[i];
		if (!csvr_is_blank(byte))
			name[n++] = (char)(byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte);
	}
	return n;
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

/* Sixteen bytes, as a vector type of the compiler: an operation is one instruction where the machine has it. */
typedef unsigned char csvr_bytes __attribute__((vector_size(16)));

static inline csvr_bytes csvr_load16(const unsigned char *text)
{
	csvr_bytes bytes;
	memcpy(&bytes, text, sizeof bytes);
	return bytes;
}

/* All bytes of a text of 16 to 64 bytes and no others, in four parts that overlap. The lengths of texts differ, so
 * that the end of a loop over them would be predicted wrongly. */
struct csvr_four_parts {
	csvr_bytes first, second, third, last;
};

static inline struct csvr_four_parts csvr_four_parts_of(const unsigned char *text, size_t n_bytes)
{
	const size_t last = n_bytes - 16, second = last < 16 ? last : 16,
		     third = n_bytes < 32 ? 0 : n_bytes - 32;
	return (struct csvr_four_parts){ csvr_load16(text), csvr_load16(text + second),
					 csvr_load16(text + third), csvr_load16(text + last) };
}

/* The bytes or-ed to those of a word. */
static inline uint64_t csvr_or_halves(csvr_bytes bytes)
{
	uint64_t half[2];
	memcpy(half, &bytes, sizeof half);
	return half[0] | half[1];
}

/* All bytes of a text, or-ed to those of a word; 8 bytes from the start are readable. */
static inline uint64_t csvr_or_of_bytes(const unsigned char *text, size_t n_bytes)
{
	if (n_bytes < 8)
		return csvr_load8(text) & ((UINT64_C(1) << 8 * n_bytes) - 1);
	if (n_bytes <= 16)
		return csvr_load8(text) | csvr_load8(text + n_bytes - 8);
	if (n_bytes <= 64) {
		const struct csvr_four_parts parts = csvr_four_parts_of(text, n_bytes);
		return csvr_or_halves((parts.first | parts.second) | (parts.third | parts.last));
	}
	csvr_bytes bytes = csvr_load16(text + n_bytes - 16);
	for (size_t i = 0; i < n_bytes - 16; i += 16)
		bytes |= csvr_load16(text + i);
	return csvr_or_halves(bytes);
}

/* Whether one of the bytes is `byte`; 8 bytes from the start are readable. */
static inline bool csvr_has_byte(const unsigned char *text, size_t n_bytes, int byte)
{
	const uint64_t pattern = csvr_repeat((unsigned char)byte);
	if (n_bytes > 64)
		return memchr(text, byte, n_bytes) != NULL;
	if (n_bytes >= 16) {
		const struct csvr_four_parts parts = csvr_four_parts_of(text, n_bytes);
		const csvr_bytes wanted = (csvr_bytes){ 0 } + (unsigned char)byte;
		const csvr_bytes found =
			(csvr_bytes)(((parts.first == wanted) | (parts.second == wanted)) |
				     ((parts.third == wanted) | (parts.last == wanted)));
		return csvr_or_halves(found) != 0;
	}
	if (n_bytes >= 8)
		return (csvr_bytes_equal(csvr_load8(text), pattern) |
			csvr_bytes_equal(csvr_load8(text + n_bytes - 8), pattern)) != 0;
	const uint64_t ours = (UINT64_C(1) << 8 * n_bytes) - 1;
	return (csvr_bytes_equal(csvr_load8(text), pattern) & ours) != 0;
}

#endif
