/* dir cache.h - the directory of the file used last, kept open, so that the next name in it is looked up
 * there
 *
 * A path costs the kernel a look-up for each of its chunks, a name in an open directory only one. For
 * 20,000 files of 4 kB three chunks down that is a fifteenth of all that their system calls take.
 *
 * Shape    lists stand ordered by path, so nearly always the next file is in the same directory
 * Errors   where a directory cannot be opened, the whole path serves as before
 * Threads  a dir cache belongs to one thread
 */
#ifndef CSVR_INPUT_DIR_CACHE_H
#define CSVR_INPUT_DIR_CACHE_H

#include <stdint.h>

struct csvr_input;
struct csvr_inputs;

/* No system call takes a longer path on Linux; a longer one is looked up in its open directory. */
enum { CSVR_DIR_CACHE_PATH_BYTES = 4096 };

struct csvr_dir_cache {
	uint32_t number; /* of the directory, as in struct csvr_path_parts */
	unsigned n_names; /* asked for in this directory; 0: there is none */
	int fd; /* open only once a second name was asked for; -1: not, or it cannot be opened */
	char path[CSVR_DIR_CACHE_PATH_BYTES];
};

/* Holds nothing. All that is asked for until it is cleared must be of one list. */
void csvr_dir_cache_init(struct csvr_dir_cache *dir_cache);

/* Closes what is open and holds nothing again. */
void csvr_dir_cache_clear(struct csvr_dir_cache *dir_cache);

/* The directory and, in `*path`, the name in it by which openat and fstatat find `input`; AT_FDCWD and
 * the whole path where nothing is gained; -1 and errno where neither can be had. `*path` is good until
 * the next call. */
int csvr_dir_cache_at(struct csvr_dir_cache *dir_cache, const struct csvr_inputs *inputs,
		      const struct csvr_input *input, const char **path);

#endif
