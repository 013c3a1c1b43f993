/* dir_cache.c - keeps the directory of the last file open */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "input/dir_cache.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "input/inputs.h"

/* O_PATH needs no permission to read the directory. */
#ifdef O_PATH
enum { DIRECTORY_FLAGS = O_PATH | O_DIRECTORY | O_CLOEXEC };
#else
enum { DIRECTORY_FLAGS = O_RDONLY | O_DIRECTORY | O_CLOEXEC };
#endif

void csvr_dir_cache_init(struct csvr_dir_cache *dir_cache)
{
	dir_cache->n_lookups = 0;
	dir_cache->fd = -1;
}

void csvr_dir_cache_clear(struct csvr_dir_cache *dir_cache)
{
	if (dir_cache->fd >= 0)
		(void)close(dir_cache->fd);
	csvr_dir_cache_init(dir_cache);
}

int csvr_dir_cache_at(struct csvr_dir_cache *dir_cache, const struct csvr_inputs *inputs,
		      const struct csvr_input *input, const char **path)
{
	const struct csvr_path_parts parts = csvr_inputs_split_path(inputs, input);
	*path = parts.name;
	if (dir_cache->n_lookups == 0 || parts.number != dir_cache->number) {
		csvr_dir_cache_clear(dir_cache);
		dir_cache->number = parts.number;
	}
	dir_cache->n_lookups++;
	if (parts.directory[0] == '\0')
		return AT_FDCWD;
	size_t n_directory = strlen(parts.directory), n_name = strlen(parts.name);
	bool is_long = n_directory + n_name >= sizeof dir_cache->path;
	/* Opening pays off at the second lookup. */
	if (dir_cache->fd < 0 && (dir_cache->n_lookups == 2 || is_long))
		dir_cache->fd = open(parts.directory, DIRECTORY_FLAGS);
	if (dir_cache->fd >= 0 && n_name > 0)
		return dir_cache->fd;
	if (is_long)
		return -1;
	memcpy(dir_cache->path, parts.directory, n_directory);
	memcpy(dir_cache->path + n_directory, parts.name, n_name + 1);
	*path = dir_cache->path;
	return AT_FDCWD;
}
