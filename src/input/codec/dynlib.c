/* dynlib.c - libraries that are loaded when they are first needed */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "input/codec/dynlib.h"

#include <string.h>

#include "base/error.h"

#ifdef CSVR_LINK_CODECS

enum csvr_status csvr_dynlib_open(const struct csvr_dynlib *library, void *functions,
				  struct csvr_error *error)
{
	(void)error;
	for (size_t i = 0; i < library->n_functions; i++) {
		const struct csvr_dynlib_function *function = &library->functions[i];
		memcpy((char *)functions + function->offset, &function->linked,
		       sizeof function->linked);
	}
	return CSVR_OK;
}

#else

#include <dlfcn.h>

/* As POSIX has it: a pointer to a function fits one to an object. */
_Static_assert(sizeof(void *) == sizeof(csvr_dynlib_fn), "dlsym returns functions too");

static enum csvr_status fail(struct csvr_error *error, const char *name)
{
	const char *reason = dlerror();
	return csvr_error_set(error, CSVR_IO_ERROR, 0,
			      "cannot load %s to decompress it (%.150s); install it", name,
			      reason != NULL ? reason : "no reason given");
}

enum csvr_status csvr_dynlib_open(const struct csvr_dynlib *library, void *functions,
				  struct csvr_error *error)
{
	void *handle = NULL;
	for (size_t i = 0; library->names[i] != NULL && handle == NULL; i++)
		handle = dlopen(library->names[i], RTLD_NOW | RTLD_LOCAL);
	if (handle == NULL)
		return fail(error, library->names[0]);
	for (size_t i = 0; i < library->n_functions; i++) {
		const struct csvr_dynlib_function *function = &library->functions[i];
		void *symbol = dlsym(handle, function->name);
		if (symbol == NULL)
			return fail(error, library->names[0]);
		memcpy((char *)functions + function->offset, &symbol, sizeof symbol);
	}
	return CSVR_OK;
}

#endif
