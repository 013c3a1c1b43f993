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

#endif
