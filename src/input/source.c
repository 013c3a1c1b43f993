/* source.c - hands each input to the backend that can read it */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "input/source.h"

#include <errno.h>

#include "base/status.h"
#include "input/backend_file.h"

enum csvr_status csvr_source_open(struct csvr_source *source, const struct csvr_inputs *inputs,
				  const struct csvr_input *input, struct csvr_folder *folder,
				  struct csvr_error *error)
{
	source->backend = NULL;
	source->inputs = inputs;
	source->input = input;
	source->folder = folder;
	source->fd = -1;
	if (input->kind == CSVR_FAILED) {
		errno = input->error_number;
		return csvr_fail_errno(error, "cannot open");
	}
	/* Which backend reads which input is decided here and nowhere else. */
	const struct csvr_backend *backend = &csvr_backend_file;
	enum csvr_status status = backend->open(source, error);
	if (status == CSVR_OK)
		source->backend = backend;
	return status;
}

enum csvr_status csvr_source_read(struct csvr_source *source, uint64_t offset, void *buffer,
				  size_t n_bytes, size_t *n_read, struct csvr_error *error)
{
	return source->backend->read(source, offset, buffer, n_bytes, n_read, error);
}

enum csvr_status csvr_source_verify(struct csvr_source *source, struct csvr_error *error)
{
	return source->backend->verify(source, error);
}

void csvr_source_close(struct csvr_source *source)
{
	if (source->backend == NULL)
		return;
	source->backend->close(source);
	source->backend = NULL;
	source->fd = -1;
}
