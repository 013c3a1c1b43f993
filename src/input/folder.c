/* folder.c - the directory of the file used last, kept open */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "input/folder.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "input/discover.h"

/* A directory that is only looked into needs no permission to be read. */
#ifdef O_PATH
enum { FOLDER_FLAGS = O_PATH | O_DIRECTORY | O_CLOEXEC };
#else
enum { FOLDER_FLAGS = O_RDONLY | O_DIRECTORY | O_CLOEXEC };
#endif

void csvr_folder_init(struct csvr_folder *folder)
{
	folder->n_names = 0;
	folder->fd = -1;
}

void csvr_folder_clear(struct csvr_folder *folder)
{
	if (folder->fd >= 0)
		(void)close(folder->fd);
	csvr_folder_init(folder);
}

int csvr_folder_at(struct csvr_folder *folder, const struct csvr_inputs *inputs,
		   const struct csvr_input *input, const char **path)
{
	const struct csvr_parts parts = csvr_inputs_parts(inputs, input);
	*path = parts.name;
	if (folder->n_names == 0 || parts.number != folder->number) {
		csvr_folder_clear(folder);
		folder->number = parts.number;
	}
	folder->n_names++;
	if (parts.directory[0] == '\0')
		return AT_FDCWD;
	size_t n_directory = strlen(parts.directory), n_name = strlen(parts.name);
	bool is_long = n_directory + n_name >= sizeof folder->path;
	/* Opening pays from the second name on. */
	if (folder->fd < 0 && (folder->n_names == 2 || is_long))
		folder->fd = open(parts.directory, FOLDER_FLAGS);
	if (folder->fd >= 0 && n_name > 0)
		return folder->fd;
	if (is_long)
		return -1;
	memcpy(folder->path, parts.directory, n_directory);
	memcpy(folder->path + n_directory, parts.name, n_name + 1);
	*path = folder->path;
	return AT_FDCWD;
}
