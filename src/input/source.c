/* source.c - hands each input to the backend that can read it */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "input/source.h"

#include <errno.h>

#include "base/status.h"
#include "input/backend_file.h"
#include "input/remote.h"

const char csvr_is_not_here[] =
	"is not on this machine, and this program reads only what is; use csv-report-remote";

void csvr_source_init(struct csvr_source *source, const struct csvr_inputs *inputs,
		      struct csvr_folder *folder)
{
	*source = (struct csvr_source){ .inputs = inputs, .folder = folder, .fd = -1 };
}

void csvr_source_clear(struct csvr_source *source)
{
	csvr_source_close(source);
}

enum csvr_status csvr_source_open(struct csvr_source *source, const struct csvr_input *input,
				  struct csvr_error *error)
{
	source->input = input;
	source->size_bytes = 0;
	if (input->kind == CSVR_FAILED && input->is_remote)
		return csvr_fail(error, CSVR_SYSTEM, 0, "%s",
				 csvr_inputs_reason(source->inputs, input));
	if (input->kind == CSVR_FAILED) {
		errno = input->error_number;
		return csvr_fail_errno(error, "cannot open");
	}
	/* Which backend reads which input is decided here and nowhere else. */
	const struct csvr_remote *remote = source->inputs->remote;
	if (input->is_remote && remote == NULL)
		return csvr_fail(error, CSVR_SYSTEM, 0, "%s", csvr_is_not_here);
	const struct csvr_backend *backend = input->is_remote ? remote->backend : &csvr_backend_file;
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
