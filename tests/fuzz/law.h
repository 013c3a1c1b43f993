/* law.h - laws that the code under test must obey
 *
 * need() of fuzz.h handles failures that the input does not cause (no memory, no file).
 */
#ifndef CSVR_TESTS_FUZZ_LAW_H
#define CSVR_TESTS_FUZZ_LAW_H

#include <stdbool.h>
#include <string.h>

#include "fuzz.h"

/* LAW(holds, FORMAT...): if it does not hold, reports it with the details of the format. */
#define LAW(holds, ...)                                                                            \
	do {                                                                                       \
		if (!(holds)) {                                                                    \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #holds); \
			wrong(__VA_ARGS__);                                                        \
		}                                                                                  \
	} while (0)

/* True if a message is not empty, ends within `capacity`, and contains no terminal control
 * bytes. */
static inline bool is_message(const char *message, size_t capacity)
{
	const size_t n = strnlen(message, capacity);
	if (n == 0 || n == capacity)
		return false;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)message[i] < ' ' || message[i] == 0x7f)
			return false;
	return true;
}

#endif
