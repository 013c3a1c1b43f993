/* dynlib.h - shared libraries that are loaded when they are first needed
 *
 * Most runs read no compressed file and no JSON, and many take 20 ms; linking all libraries would cost each of
 * them a millisecond or two (measured, see decompressor.c).
 *
 * Errors   CSVR_IO_ERROR: the library cannot be loaded, with the loader's reason
 * Threads  any number may open a library at once
 */
#ifndef CSVR_BASE_DYNLIB_H
#define CSVR_BASE_DYNLIB_H

#include <stddef.h>

#include "csvreport.h"

typedef void (*csvr_dynlib_fn)(void);

struct csvr_dynlib_function {
	const char *name;
	size_t offset; /* in the caller's struct of function pointers */
	csvr_dynlib_fn linked; /* the function, if it was linked; else NULL */
};

enum { CSVR_MAX_DYNLIB_FILES = 3, CSVR_MAX_DYNLIB_FUNCTIONS = 9 };

/* Both lists end with a NULL name if they are not full. */
struct csvr_dynlib {
	const char *purpose; /* "to decompress it", for messages */
	const char *files[CSVR_MAX_DYNLIB_FILES]; /* tried in this order */
	struct csvr_dynlib_function functions[CSVR_MAX_DYNLIB_FUNCTIONS];
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

/* Sets the pointers in `functions`. The library is never unloaded: a profile that is written at the
 * end of the program names functions in it. */
enum csvr_status csvr_dynlib_open(const struct csvr_dynlib *library, void *functions,
				  struct csvr_error *error);

#endif
