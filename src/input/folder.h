/* folder.h - the directory of the file used last, kept open, so that the next name in it is looked up
 * there
 *
 * A path costs the kernel a look-up for each of its pieces, a name in an open directory only one. For
 * 20,000 files of 4 kB three pieces down that is a fifteenth of all that their system calls take.
 *
 * Shape    lists stand ordered by path, so nearly always the next file is in the same directory
 * Errors   none: where a directory cannot be opened, the whole path serves as before
 * Threads  a folder belongs to one thread
 */
#ifndef CSVR_INPUT_FOLDER_H
#define CSVR_INPUT_FOLDER_H

#include <stddef.h>

struct csvr_folder {
	const char *path; /* one that was looked up here; its first n_bytes name the directory */
	size_t n_bytes; /* with the slash behind; 0: none */
	int fd; /* open only once a second name was asked for; -1: not, or it cannot be opened */
	unsigned n_names; /* asked for in this directory */
};

/* Holds nothing. */
void csvr_folder_init(struct csvr_folder *folder);

/* Closes what is open and holds nothing again. */
void csvr_folder_clear(struct csvr_folder *folder);

/* The directory and, in `*name`, the name in it by which openat and fstatat find `path`; AT_FDCWD and
 * `path` itself where nothing is gained. `folder` may be NULL, which gives just that. `path` must live
 * until the folder is cleared. */
int csvr_folder_at(struct csvr_folder *folder, const char *path, const char **name);

#endif
