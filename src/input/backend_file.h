/* backend_file.h - what a source asks of the place its bytes come from, and how files answer
 *
 * Shape    four functions, so that a remote place or a decompressor can stand behind a source
 * Errors   as in source.h; a backend fills the error record, source.c adds nothing
 * Threads  a backend has no state of its own; all of it is in the source
 */
#ifndef CSVR_INPUT_BACKEND_FILE_H
#define CSVR_INPUT_BACKEND_FILE_H

#include <sys/stat.h>

#include "input/source.h"

/* `open` finds `inputs`, `input` and `folder` of the source set and nothing else; `close` is called after each
 * `open` that returned CSVR_OK, once. */
struct csvr_backend {
	enum csvr_status (*open)(struct csvr_source *source, struct csvr_error *error);
	enum csvr_status (*read)(struct csvr_source *source, uint64_t offset, void *buffer,
				 size_t n_bytes, size_t *n_read, struct csvr_error *error);
	enum csvr_status (*verify)(struct csvr_source *source, struct csvr_error *error);
	void (*close)(struct csvr_source *source);
};

/* Local files, FIFOs, devices, standard input. */
extern const struct csvr_backend csvr_backend_file;

/* Time of the last change as the listing keeps it. It is only ever compared for equality, so years
 * beyond 2262 may wrap around. */
static inline int64_t csvr_file_mtime_ns(const struct stat *status)
{
	return (int64_t)((uint64_t)status->st_mtim.tv_sec * 1000000000u +
			 (uint64_t)status->st_mtim.tv_nsec);
}

/* The inode as the listing keeps it, in 27 bits on which all of its own have a say; never 0. */
static inline uint32_t csvr_file_inode(const struct stat *status)
{
	const uint64_t inode = (uint64_t)status->st_ino;
	const uint32_t folded = (uint32_t)(inode ^ inode >> 27 ^ inode >> 54) & 0x7ffffff;
	return folded != 0 ? folded : 1;
}

#endif
