/* law.h - laws that a fuzz target holds what it tests to
 *
 * Where the input is not to blame for a failure (no memory, no file), need() of fuzz.h is for it.
 */
#ifndef CSVR_TESTS_FUZZ_LAW_H
#define CSVR_TESTS_FUZZ_LAW_H

#include <stdbool.h>
#include <string.h>

#include "fuzz.h"

/* LAW(holds, FORMAT...): where it does not hold that is said, with what the format tells besides. */
#define LAW(holds, ...)                                                                            \
	do {                                                                                       \
		if (!(holds)) {                                                                    \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #holds); \
			wrong(__VA_ARGS__);                                                        \
		}                                                                                  \
	} while (0)

/* A message for people: there is one, it ends, and nothing in it commands a terminal. */
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
