/* input.h - the texts of a fuzz target as files that the library can open
 *
 * Each is a file without a name, made once and filled anew for every input, opened by its descriptor.
 */
#ifndef CSVR_TESTS_FUZZ_INPUT_H
#define CSVR_TESTS_FUZZ_INPUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"
#include "input/inputs.h"

enum { MOST_FILES = 3, PATH_BYTES = 32 };

/* Puts the path of file `index` into `path`, and the text into the file. */
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

static inline bool begins_with(const unsigned char *text, size_t n_bytes, const void *bytes,
			       size_t n)
{
	return n_bytes >= n && memcmp(text, bytes, n) == 0;
}

/* Whether it begins as compressed data does, or a saved state: those are read in other ways. */
static inline bool is_other_data(const unsigned char *text, size_t n_bytes)
{
	return begins_with(text, n_bytes, "\x1f\x8b", 2) ||
	       begins_with(text, n_bytes, "\x28\xb5\x2f\xfd", 4) ||
	       begins_with(text, n_bytes,
			   "\xfd"
			   "7zXZ",
			   5) ||
	       begins_with(text, n_bytes, "BZh", 3) ||
	       (n_bytes >= 4 && begins_with(text + 1, n_bytes - 1, "\x2a\x4d\x18", 3)) ||
	       csvr_begins_as_state(text, n_bytes);
}

#endif
