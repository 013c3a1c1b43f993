/* folder.c - the directory of the file used last, kept open */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "input/folder.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A directory that is only looked into needs no permission to be read. */
#ifdef O_PATH
enum { FOLDER_FLAGS = O_PATH | O_DIRECTORY | O_CLOEXEC };
#else
enum { FOLDER_FLAGS = O_RDONLY | O_DIRECTORY | O_CLOEXEC };
#endif

void csvr_folder_init(struct csvr_folder *folder)
{
	*folder = (struct csvr_folder){ .fd = -1 };
}

void csvr_folder_clear(struct csvr_folder *folder)
{
	if (folder->fd >= 0)
		(void)close(folder->fd);
	csvr_folder_init(folder);
}

static int open_directory(const char *path, size_t n_bytes)
{
	char *directory = strndup(path, n_bytes);
	int fd = directory == NULL ? -1 : open(directory, FOLDER_FLAGS);
	free(directory);
	return fd;
}

int csvr_folder_at(struct csvr_folder *folder, const char *path, const char **name)
{
	*name = path;
	if (folder == NULL)
		return AT_FDCWD;
	const char *slash = strrchr(path, '/');
	size_t n_bytes = slash == NULL ? 0 : (size_t)(slash - path) + 1;
	if (n_bytes != folder->n_bytes ||
	    (n_bytes > 0 && memcmp(path, folder->path, n_bytes) != 0)) {
		csvr_folder_clear(folder);
		folder->path = path;
		folder->n_bytes = n_bytes;
	}
	if (n_bytes == 0 || path[n_bytes] == '\0')
		return AT_FDCWD;
	/* Opening pays from the second name on. */
	if (++folder->n_names == 2)
		folder->fd = open_directory(path, n_bytes);
	if (folder->fd < 0)
		return AT_FDCWD;
	*name = path + n_bytes;
	return folder->fd;
}
