/* probe.c - kind, size and modification time of local inputs */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <errno.h>
#include <sys/stat.h>

#include "input/backend_file.h"
#include "input/inputs_internal.h"

void csvr_input_set_errno(struct csvr_input *input, int error_number)
{
	input->kind = CSVR_INPUT_FAILED;
	input->error_number = error_number;
}

void csvr_input_set_stat(struct csvr_input *input, const struct stat *status)
{
	if (S_ISDIR(status->st_mode)) {
		csvr_input_set_errno(input, EISDIR);
	} else if (S_ISREG(status->st_mode)) {
		input->kind = CSVR_INPUT_REGULAR;
		input->size_bytes = (uint64_t)status->st_size;
		input->inode = csvr_file_inode(status);
		input->mtime_ns = csvr_file_mtime_ns(status);
	} else {
		input->kind = CSVR_INPUT_STREAM;
	}
}

void csvr_input_probe(const struct csvr_inputs *inputs, struct csvr_input *input,
		      struct csvr_dir_cache *dir_cache)
{
	if (input->kind != CSVR_INPUT_UNPROBED || input->is_remote)
		return;
	struct stat status;
	const char *path;
	int directory = csvr_dir_cache_at(dir_cache, inputs, input, &path);
	if (directory == -1 || fstatat(directory, path, &status, 0) != 0)
		csvr_input_set_errno(input, errno);
	else
		csvr_input_set_stat(input, &status);
}
