/* fuzz.h - what all fuzz targets are made of
 *
 * A target gives LLVMFuzzerTestOneInput, which an engine or replay.c calls with any bytes. It returns
 * if what it tests does right with them, and ends the program by wrong() if not.
 */
#ifndef CSVR_TESTS_FUZZ_H
#define CSVR_TESTS_FUZZ_H

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Says what was expected and what was found. */
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

/* Memory is never short in a test; if it is, that is no finding. */
static inline void *need(void *memory)
{
	if (memory == NULL) {
		fputs("out of memory\n", stderr);
		exit(EXIT_FAILURE);
	}
	return memory;
}

/* The input, from front to back. Options come first, a byte each, so that a seed can be written as
 * text; an input that is over gives zeros. */
struct tape {
	const uint8_t *at;
	size_t left;
};

static inline unsigned take_byte(struct tape *tape)
{
	if (tape->left == 0)
		return 0;
	tape->left--;
	return *tape->at++;
}

/* 0 to n - 1. */
static inline unsigned take_below(struct tape *tape, unsigned n)
{
	return take_byte(tape) % n;
}

#endif
