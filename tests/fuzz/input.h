/* input.h - gives the texts of a fuzz target to the library as files
 *
 * Each is an anonymous file, created once, refilled for every input and opened through its
 * descriptor.
 */
#ifndef CSVR_TESTS_FUZZ_INPUT_H
#define CSVR_TESTS_FUZZ_INPUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"
#include "input/codec/text_decoder.h"
#include "input/inputs.h"

enum { MOST_FILES = 3, PATH_BYTES = 32 };

/* Writes the text to file `index` and its path to `path`. */
static inline void fill_file(size_t index, const unsigned char *text, size_t n_bytes, char *path)
{
	static FILE *files[MOST_FILES];
	if (files[index] == NULL)
		files[index] = need(tmpfile());
	const int fd = fileno(files[index]);
	if (ftruncate(fd, 0) != 0 || pwrite(fd, text, n_bytes, 0) != (ssize_t)n_bytes) {
		perror("fuzz: temporary file");
		exit(EXIT_FAILURE);
	}
	snprintf(path, PATH_BYTES, "/dev/fd/%d", fd);
}

static inline bool starts_with(const unsigned char *text, size_t n_bytes, const void *bytes,
			       size_t n)
{
	return n_bytes >= n && memcmp(text, bytes, n) == 0;
}

/* True if it starts like compressed data, UTF-16 or a saved state, which are read differently. */
static inline bool is_other_data(const unsigned char *text, size_t n_bytes)
{
	return starts_with(text, n_bytes, "\x1f\x8b", 2) ||
	       starts_with(text, n_bytes, "\x28\xb5\x2f\xfd", 4) ||
	       starts_with(text, n_bytes,
			   "\xfd"
			   "7zXZ",
			   5) ||
	       starts_with(text, n_bytes, "BZh", 3) ||
	       (n_bytes >= 4 && starts_with(text + 1, n_bytes - 1, "\x2a\x4d\x18", 3)) ||
	       csvr_has_utf16_mark(text, n_bytes) || csvr_begins_as_state(text, n_bytes);
}

#endif
