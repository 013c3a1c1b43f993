/* dynlib.c - shared libraries that are loaded when they are first needed */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "base/dynlib.h"

#include <string.h>

#include "base/error.h"

/* Whether `library` has a function `i`. */
static bool has_function(const struct csvr_dynlib *library, size_t i)
{
	return i < CSVR_MAX_DYNLIB_FUNCTIONS && library->functions[i].name != NULL;
}

#ifdef CSVR_LINK_CODECS

enum csvr_status csvr_dynlib_open(const struct csvr_dynlib *library, void *functions,
				  struct csvr_error *error)
{
	(void)error;
	for (size_t i = 0; has_function(library, i); i++) {
		const struct csvr_dynlib_function *function = &library->functions[i];
		memcpy((char *)functions + function->offset, &function->linked,
		       sizeof function->linked);
	}
	return CSVR_OK;
}

#else

#include <dlfcn.h>

/* POSIX requires that a pointer to an object can hold a pointer to a function. */
_Static_assert(sizeof(void *) == sizeof(csvr_dynlib_fn), "dlsym returns functions as void *");

static enum csvr_status set_load_error(struct csvr_error *error, const struct csvr_dynlib *library)
{
	const char *reason = dlerror();
	return csvr_error_set(error, CSVR_IO_ERROR, 0,
			      "cannot load %s %s (%.150s); install the library", library->files[0],
			      library->purpose, reason != NULL ? reason : "no reason given");
}

enum csvr_status csvr_dynlib_open(const struct csvr_dynlib *library, void *functions,
				  struct csvr_error *error)
{
	void *handle = NULL;
	for (size_t i = 0; i < CSVR_MAX_DYNLIB_FILES && library->files[i] != NULL && handle == NULL;
	     i++)
		handle = dlopen(library->files[i], RTLD_NOW | RTLD_LOCAL);
	if (handle == NULL)
		return set_load_error(error, library);
	for (size_t i = 0; has_function(library, i); i++) {
		const struct csvr_dynlib_function *function = &library->functions[i];
		void *symbol = dlsym(handle, function->name);
		if (symbol == NULL)
			return set_load_error(error, library);
		memcpy((char *)functions + function->offset, &symbol, sizeof symbol);
	}
	return CSVR_OK;
}

#endif
