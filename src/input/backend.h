/* backend.h - where the bytes of a source come from
 *
 * Shape    functions, so that local files and remote objects can be read through one interface
 * Errors   as in source.h; a backend fills the error record, source.c adds nothing
 * Threads  a backend has no state of its own; per-input state is in the source
 */
#ifndef CSVR_INPUT_BACKEND_H
#define CSVR_INPUT_BACKEND_H

#include "input/source.h"

/* `open` finds `inputs`, `dir_cache` and `input` of the source set, and sets the rest. `close`
 * is called once after each `open` that returned CSVR_OK. */
struct csvr_backend {
	enum csvr_status (*open)(struct csvr_source *source, struct csvr_error *error);
	enum csvr_status (*read)(struct csvr_source *source, uint64_t offset, void *buffer,
				 size_t n_bytes, size_t *n_read, struct csvr_error *error);
	/* The next chunk, which starts at `begin` of the source, is read, too. NULL: nothing to do. */
	void (*advance)(struct csvr_source *source);
	enum csvr_status (*verify)(struct csvr_source *source, struct csvr_error *error);
	void (*close)(struct csvr_source *source);
};

#endif
