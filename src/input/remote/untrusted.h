/* untrusted.h - what may be believed of what a server tells
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

/* Nothing is larger than a file may be, so that sizes can be added up and divided. */
#define CSVR_MAX_OBJECT_BYTES ((uint64_t)INT64_MAX)

/* Nothing but digits. False: it is none. */
static inline bool csvr_parse_untrusted_size(const char *text, uint64_t *size_bytes)
{
	char *end;
	errno = 0;
	*size_bytes = strtoull(text, &end, 10);
	return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 &&
	       *size_bytes <= CSVR_MAX_OBJECT_BYTES;
}

/* It would end a line of a header that is sent back, or command a terminal. */
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
