/* backend_file.h - the backend for local files, and how a change of a file is detected */
#ifndef CSVR_INPUT_BACKEND_FILE_H
#define CSVR_INPUT_BACKEND_FILE_H

#include <sys/stat.h>

#include "input/backend.h"
#include "input/inputs.h"

/* Local files, FIFOs, devices, standard input. */
extern const struct csvr_backend csvr_backend_file;

/* The modification time as struct csvr_input stores it. It is only compared for equality, so
 * years after 2262 may wrap around. */
static inline int64_t csvr_file_mtime_ns(const struct stat *status)
{
	return (int64_t)((uint64_t)status->st_mtim.tv_sec * 1000000000u +
			 (uint64_t)status->st_mtim.tv_nsec);
}

/* The inode as struct csvr_input stores it: folded to 25 bits, all of its bits contributing;
 * never 0. */
static inline uint32_t csvr_file_inode(const struct stat *status)
{
	const uint64_t inode = (uint64_t)status->st_ino;
	const uint64_t folded = inode ^ inode >> CSVR_INODE_BITS ^ inode >> 2 * CSVR_INODE_BITS;
	const uint32_t kept = (uint32_t)folded & ((1u << CSVR_INODE_BITS) - 1);
	return kept != 0 ? kept : 1;
}

#endif
