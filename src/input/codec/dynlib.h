/* dynlib.h - libraries that are loaded when they are first needed
 *
 * Most runs read nothing compressed, and many take 20 ms: to link all libraries of decompressor.c costs
 * each of them a millisecond or two (see decompressor.c).
 *
 * Errors   CSVR_IO_ERROR: it cannot be had, with the loader's reason
 * Threads  any number may open a library
 */
#ifndef CSVR_INPUT_CODEC_DYNLIB_H
#define CSVR_INPUT_CODEC_DYNLIB_H

#include <stddef.h>

#include "csvreport.h"

typedef void (*csvr_dynlib_fn)(void);

struct csvr_dynlib_function {
	const char *name;
	size_t offset; /* in the struct of function pointers */
	csvr_dynlib_fn linked; /* where it was linked; else NULL */
};

struct csvr_dynlib {
	const char *const *names; /* of files, in order of trial; NULL behind the last */
	const struct csvr_dynlib_function *functions;
	size_t n_functions;
};

/* A row for `member` of `type`, a pointer to the function `name`. */
/* clang-format off */
#ifdef CSVR_LINK_CODECS
#define CSVR_DYNLIB_FUNCTION(type, member, name) \
	{ #name, offsetof(type, member), (csvr_dynlib_fn)name }
#else
#define CSVR_DYNLIB_FUNCTION(type, member, name) { #name, offsetof(type, member), NULL }
#endif
/* clang-format on */

/* Fills in the pointers in `functions`. The library stays until the program ends: a profile names what
 * was in it when all is over. */
enum csvr_status csvr_dynlib_open(const struct csvr_dynlib *library, void *functions,
				  struct csvr_error *error);

#endif
