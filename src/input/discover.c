/* discover.c - adds paths to the list of inputs, and walks directories
 *
 * What a walk adds
 * - Regular files that the filter includes (input/filter.h). A file that is given as an argument is
 *   added whatever its name. Files of other names are counted (input/other_names.h).
 * - Names that start with a dot are skipped, even if a glob would match them.
 * - Depth 1 is the directory's own entries; a maximum depth of 0 adds nothing.
 * - Symbolic links are skipped unless they are followed. If they are followed, a directory that is its
 *   own ancestor is not entered again, and a dangling link is a failed input: whether its target was a
 *   file or a directory is unknown, so it must be reported.
 * - FIFOs, sockets and devices are skipped, because reading one could block forever.
 *
 * A path is displayed as `dir/sub/a.csv`, with `dir` as it was given: `.` becomes `./a.csv`, as in
 * ripgrep, so no file is ever displayed as `-`.
 *
 * Why it is fast
 * - The directory contains the type of each entry (d_type), so a walk calls stat for none of them.
 *   Many threads probe their sizes later.
 * - One directory is open at a time and the others are on a stack, so neither depth nor width costs
 *   descriptors. Memory is one path for each directory not yet entered.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "input/inputs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "input/codec/seek_index.h"
#include "input/filter.h"
#include "input/inputs_internal.h"
#include "input/manifest.h"
#include "input/remote_ops.h"
#include "input/url.h"

enum csvr_status csvr_inputs_new(struct csvr_inputs **inputs)
{
	*inputs = calloc(1, sizeof **inputs);
	if (*inputs == NULL)
		return CSVR_NO_MEMORY;
	enum csvr_status status = csvr_path_cache_new(&(*inputs)->path_cache);
	if (status == CSVR_OK)
		status = csvr_seek_indexes_new(&(*inputs)->seek_indexes);
	if (status != CSVR_OK) {
		csvr_inputs_free(*inputs);
		*inputs = NULL;
	}
	return status;
}

void csvr_inputs_free(struct csvr_inputs *inputs)
{
	if (inputs == NULL)
		return;
	csvr_manifests_free(inputs->manifests);
	csvr_other_names_clear(&inputs->other_names);
	csvr_seek_indexes_free(inputs->seek_indexes);
	csvr_path_cache_free(inputs->path_cache);
	free(inputs->items);
	free(inputs->text);
	free(inputs->directories);
	free(inputs->path_ranks);
	free(inputs);
}

static enum csvr_status append_failed(struct csvr_inputs *inputs, const char *path, size_t length,
				      int error_number)
{
	struct csvr_input *input = csvr_inputs_append(inputs, path, length, CSVR_INPUT_FAILED);
	if (input == NULL)
		return CSVR_NO_MEMORY;
	csvr_input_set_errno(input, error_number);
	return CSVR_OK;
}

/* ---- the walk ---- */

struct pending {
	size_t start; /* offset of its path in walker.pending_text; the path ends with a NUL */
	int depth; /* 0: the root of the walk */
};

struct file_id {
	dev_t device;
	ino_t inode;
};

struct walker {
	struct csvr_inputs *inputs;
	const struct csvr_walk_options *options;
	struct csvr_filter filter;

	/* A stack of directories not yet entered, so that everything below a directory is read
	 * before its siblings; `ancestors` has the directories at depths 0 to that of the
	 * current one. */
	struct pending *pending;
	size_t n_pending;
	size_t pending_capacity;
	char *pending_text;
	size_t n_pending_text;
	size_t pending_text_capacity;
	struct file_id *ancestors; /* only if links are followed */
	size_t ancestors_capacity;

	char *path; /* of the current entry, with a NUL */
	size_t path_capacity;
	size_t root_length; /* length of the root's path and a slash */
	size_t directory_length; /* of the current directory, without a slash after it */
};

static void walker_clear(struct walker *walker)
{
	csvr_filter_clear(&walker->filter);
	free(walker->pending);
	free(walker->pending_text);
	free(walker->ancestors);
	free(walker->path);
}

static enum csvr_status push(struct walker *walker, const char *path, size_t length, int depth)
{
	struct pending *pending = csvr_array_grow(walker->pending, &walker->pending_capacity,
						  walker->n_pending + 1, sizeof *pending);
	if (pending == NULL)
		return CSVR_NO_MEMORY;
	walker->pending = pending;
	char *text = csvr_array_grow(walker->pending_text, &walker->pending_text_capacity,
				     walker->n_pending_text + length + 1, 1);
	if (text == NULL)
		return CSVR_NO_MEMORY;
	walker->pending_text = text;
	pending[walker->n_pending++] = (struct pending){ walker->n_pending_text, depth };
	memcpy(text + walker->n_pending_text, path, length);
	text[walker->n_pending_text + length] = '\0';
	walker->n_pending_text += length + 1;
	return CSVR_OK;
}

/* Makes the topmost pending directory the current one. */
static enum csvr_status pop(struct walker *walker, int *depth)
{
	const struct pending *top = &walker->pending[walker->n_pending - 1];
	size_t n_bytes = walker->n_pending_text - top->start;
	char *path = csvr_array_grow(walker->path, &walker->path_capacity, n_bytes, 1);
	if (path == NULL)
		return CSVR_NO_MEMORY;
	walker->path = path;
	memcpy(path, walker->pending_text + top->start, n_bytes);
	walker->directory_length = n_bytes - 1;
	*depth = top->depth;
	walker->n_pending_text = top->start;
	walker->n_pending--;
	return CSVR_OK;
}

/* Sets the path to that of `name` in the current directory; `*length` excludes the NUL. */
static enum csvr_status entry_path(struct walker *walker, const char *name, size_t *length)
{
	size_t start = walker->directory_length;
	size_t n_name = strlen(name);
	char *path = csvr_array_grow(walker->path, &walker->path_capacity, start + n_name + 2, 1);
	if (path == NULL)
		return CSVR_NO_MEMORY;
	walker->path = path;
	if (path[start - 1] != '/') /* it is a slash only in the root directory */
		path[start++] = '/';
	memcpy(path + start, name, n_name + 1);
	*length = start + n_name;
	return CSVR_OK;
}

/* The type of the entry (DT_...), or of its target if links are followed. -1 and errno if it
 * cannot be determined. */
static int entry_type(const struct walker *walker, int directory_fd, const struct dirent *entry)
{
#ifdef _DIRENT_HAVE_D_TYPE
	int type = entry->d_type;
#else
	int type = DT_UNKNOWN;
#endif
	if (type != DT_UNKNOWN && !(type == DT_LNK && walker->options->follow))
		return type;
	struct stat status;
	int flags = walker->options->follow ? 0 : AT_SYMLINK_NOFOLLOW;
	if (fstatat(directory_fd, entry->d_name, &status, flags) != 0)
		return -1;
	return IFTODT(status.st_mode);
}

/* Adds the current entry, a regular file, to the inputs if the filter includes it. Without --include the others may be
 * files that the user expects to be read. */
static enum csvr_status take_file(struct walker *walker, size_t length, bool is_included)
{
	struct csvr_inputs *inputs = walker->inputs;
	if (is_included)
		return csvr_inputs_append(inputs, walker->path, length, CSVR_INPUT_UNPROBED) == NULL
			       ? CSVR_NO_MEMORY
			       : CSVR_OK;
	return walker->options->include.n_words > 0
		       ? CSVR_OK
		       : csvr_other_names_add(&inputs->other_names, walker->path, length);
}

/* Adds an entry to the inputs or to the pending directories, or skips it. `depth` is the
 * entry's. */
static enum csvr_status visit_entry(struct walker *walker, int directory_fd,
				    const struct dirent *entry, int depth)
{
	const char *name = entry->d_name;
	if (name[0] == '.')
		return CSVR_OK;
	bool matches = false;
	size_t length;
	enum csvr_status status = entry_path(walker, name, &length);
	const char *below = walker->path + walker->root_length;
	if (status == CSVR_OK)
		status = csvr_filter_excludes(&walker->filter, below, false, &matches);
	if (status != CSVR_OK || matches)
		return status;

	switch (entry_type(walker, directory_fd, entry)) {
	case DT_REG:
		status = csvr_filter_includes(&walker->filter, below, &matches);
		return status == CSVR_OK ? take_file(walker, length, matches) : status;
	case DT_DIR:
		if (walker->options->max_depth >= 0 && depth >= walker->options->max_depth)
			return CSVR_OK;
		status = csvr_filter_excludes(&walker->filter, below, true, &matches);
		if (status == CSVR_OK && !matches)
			status = push(walker, walker->path, length, depth);
		return status;
	case -1:
		if (errno == ENOENT && !walker->options->follow)
			return CSVR_OK; /* deleted since the directory was read */
		return append_failed(walker->inputs, walker->path, length, errno);
	default:
		return CSVR_OK;
	}
}

/* Whether the directory open as `fd` at `depth` is one of its own ancestors; records it as one. */
static enum csvr_status detect_loop(struct walker *walker, int fd, int depth, bool *is_loop)
{
	struct stat status;
	*is_loop = false;
	struct file_id *ancestors = csvr_array_grow(walker->ancestors, &walker->ancestors_capacity,
						    (size_t)depth + 1, sizeof *ancestors);
	if (ancestors == NULL)
		return CSVR_NO_MEMORY;
	walker->ancestors = ancestors;
	ancestors[depth] = (struct file_id){ 0 };
	if (fstat(fd, &status) != 0)
		return CSVR_OK;
	ancestors[depth] = (struct file_id){ status.st_dev, status.st_ino };
	for (int i = 0; i < depth && !*is_loop; i++)
		*is_loop = ancestors[i].device == status.st_dev &&
			   ancestors[i].inode == status.st_ino;
	return CSVR_OK;
}

/* Reads the current directory, which is at `depth`. */
static enum csvr_status read_directory(struct walker *walker, int depth)
{
	bool nofollow = depth > 0 && !walker->options->follow;
	int fd = open(walker->path,
		      O_RDONLY | O_DIRECTORY | O_CLOEXEC | (nofollow ? O_NOFOLLOW : 0));
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);
	enum csvr_status status = CSVR_OK;
	if (directory == NULL) {
		status = append_failed(walker->inputs, walker->path, walker->directory_length,
				       errno);
		if (fd >= 0)
			(void)close(fd);
		return status;
	}
	bool is_loop = false;
	if (walker->options->follow)
		status = detect_loop(walker, fd, depth, &is_loop);
	while (status == CSVR_OK && !is_loop) {
		errno = 0;
		const struct dirent *entry = readdir(directory);
		if (entry == NULL) {
			/* The entries so far are kept, and the directory is reported as failed. */
			if (errno != 0)
				status = append_failed(walker->inputs, walker->path,
						       walker->directory_length, errno);
			break;
		}
		status = visit_entry(walker, fd, entry, depth + 1);
	}
	(void)closedir(directory);
	return status;
}

static enum csvr_status walk_directory(struct csvr_inputs *inputs, const char *path, size_t length,
				       const struct csvr_walk_options *options)
{
	struct walker walker = { .inputs = inputs, .options = options };
	size_t first = inputs->n_items;
	walker.root_length = length + (path[length - 1] != '/');
	enum csvr_status status = csvr_filter_init(&walker.filter, options);
	if (status == CSVR_OK)
		status = push(&walker, path, length, 0);
	while (status == CSVR_OK && walker.n_pending > 0) {
		int depth;
		status = pop(&walker, &depth);
		if (status == CSVR_OK)
			status = read_directory(&walker, depth);
	}
	walker_clear(&walker);
	if (status == CSVR_OK)
		status = csvr_inputs_sort(inputs, first);
	/* Files that match an --include glob may be saved states, or compressed under any name. */
	if (status == CSVR_OK && options->include.n_words > 0)
		csvr_inputs_sniff_from(inputs, first);
	return status;
}

static enum csvr_status add_remote(struct csvr_inputs *inputs, const char *url,
				   const struct csvr_walk_options *walk)
{
	if (inputs->remote != NULL)
		return inputs->remote->add(inputs->remote->context, inputs, url, walk);
	struct csvr_input *input = csvr_inputs_append(inputs, url, strlen(url),
						      CSVR_INPUT_UNPROBED);
	return input == NULL ? CSVR_NO_MEMORY
			     : csvr_inputs_set_error(inputs, input, csvr_remote_unsupported);
}

enum csvr_status csvr_inputs_add(struct csvr_inputs *inputs, const char *path,
				 const struct csvr_walk_options *walk)
{
	size_t length = strlen(path);
	csvr_other_names_start_walk(&inputs->other_names);
	if (csvr_is_url(path, length))
		return add_remote(inputs, path, walk);
	if (strcmp(path, "-") == 0)
		return csvr_inputs_append(inputs, path, length, CSVR_INPUT_STREAM) == NULL
			       ? CSVR_NO_MEMORY
			       : CSVR_OK;
	struct stat status;
	if (stat(path, &status) != 0)
		return append_failed(inputs, path, length, errno);
	if (S_ISDIR(status.st_mode)) {
		while (length > 1 && path[length - 1] == '/')
			length--;
		return walk->max_depth == 0 ? CSVR_OK : walk_directory(inputs, path, length, walk);
	}
	struct csvr_input *input = csvr_inputs_append(inputs, path, length, CSVR_INPUT_UNPROBED);
	if (input == NULL)
		return CSVR_NO_MEMORY;
	csvr_input_set_stat(input, &status);
	if (!csvr_is_csv_name(path, length))
		csvr_input_sniff(inputs, input, AT_FDCWD, path);
	return CSVR_OK;
}
