/* untrusted.h - validates values received from a server
 *
 * Errors   none
 * Threads  any
 */
#ifndef CSVR_INPUT_REMOTE_UNTRUSTED_H
#define CSVR_INPUT_REMOTE_UNTRUSTED_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* The maximum size of a file (off_t), so that sums of two sizes cannot overflow. */
#define CSVR_MAX_OBJECT_BYTES ((uint64_t)INT64_MAX)

/* Parses digits only. False: invalid or too big. */
static inline bool csvr_parse_untrusted_size(const char *text, uint64_t *size_bytes)
{
	char *end;
	errno = 0;
	*size_bytes = strtoull(text, &end, 10);
	return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 &&
	       *size_bytes <= CSVR_MAX_OBJECT_BYTES;
}

/* Control characters could end a line of a header that is sent back, or control a terminal. */
static inline bool csvr_is_control(char byte)
{
	return (unsigned char)byte < ' ' || byte == 0x7f;
}

static inline bool csvr_has_controls(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (csvr_is_control(text[i]))
			return true;
	return false;
}

#endif
