/* told.h - what may be believed of what a server tells
 *
 * Errors   none
 * Threads  any
 */
#ifndef CSVR_INPUT_TOLD_H
#define CSVR_INPUT_TOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Nothing is larger than a file may be, so that sizes can be added up and divided. */
#define CSVR_MOST_TOLD_BYTES ((uint64_t)INT64_MAX)

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
