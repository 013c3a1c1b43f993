/* fuzz.h - shared by all fuzz targets
 *
 * A target defines LLVMFuzzerTestOneInput, which an engine or replay.c calls with any bytes. It
 * returns if the code under test handles them correctly, and ends the program with wrong()
 * otherwise.
 */
#ifndef CSVR_TESTS_FUZZ_H
#define CSVR_TESTS_FUZZ_H

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Prints the expected and the actual result, and aborts. */
static inline _Noreturn __attribute__((format(printf, 1, 2))) void wrong(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	fputs("WRONG: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	abort();
}

/* Running out of memory is not a finding: the program exits. */
static inline void *need(void *memory)
{
	if (memory == NULL) {
		fputs("out of memory\n", stderr);
		exit(EXIT_FAILURE);
	}
	return memory;
}

/* The input, read sequentially. Options come first, one byte each, so that seeds can be written
 * as text; after its end it yields zeros. */
struct tape {
	const uint8_t *at;
	size_t left;
};

static inline unsigned draw_byte(struct tape *tape)
{
	if (tape->left == 0)
		return 0;
	tape->left--;
	return *tape->at++;
}

/* 0 to n - 1. */
static inline unsigned draw_below(struct tape *tape, unsigned n)
{
	return draw_byte(tape) % n;
}

#endif
