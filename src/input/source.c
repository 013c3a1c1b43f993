/* source.c - hands each input to the backend that can read it, and decodes what is compressed */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "input/source.h"

#include <errno.h>

#include "base/status.h"
#include "input/backend_file.h"
#include "input/codec.h"
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
	csvr_decoder_free(source->decoder);
	source->decoder = NULL;
}

enum csvr_status csvr_source_open(struct csvr_source *source, const struct csvr_input *input,
				  struct csvr_error *error)
{
	source->input = input;
	source->size_bytes = 0;
	source->is_decoding = source->has_looked = false;
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
	if (status != CSVR_OK)
		return status;
	source->backend = backend;
	source->is_decoding = input->is_coded || input->kind == CSVR_STREAM;
	if (source->is_decoding)
		source->size_bytes = 0;
	return CSVR_OK;
}

/* ---- what is compressed ---- */

/* Raw bytes for the decoder. A file is not asked for more than it was listed with. */
static enum csvr_status fetch(void *context, uint64_t offset, void *buffer, size_t n_bytes,
			      size_t *n_read, struct csvr_error *error)
{
	struct csvr_source *source = context;
	const struct csvr_input *input = source->input;
	if (input->kind == CSVR_REGULAR && input->size_bytes > 0) {
		const uint64_t n_left =
			input->size_bytes > offset ? input->size_bytes - offset : 0;
		n_bytes = n_left < n_bytes ? (size_t)n_left : n_bytes;
	}
	*n_read = 0;
	return n_bytes == 0 ? CSVR_OK :
			      source->backend->read(source, offset, buffer, n_bytes, n_read, error);
}

/* From the first byte on. */
static enum csvr_status begin(struct csvr_source *source, struct csvr_error *error)
{
	if (source->decoder == NULL && csvr_decoder_new(&source->decoder) != CSVR_OK)
		return csvr_fail_memory(error);
	enum csvr_coding coding;
	source->has_looked = true;
	source->text_offset = 0;
	return csvr_decoder_look(source->decoder, source->input->is_coded, fetch, source, &coding,
				 error);
}

static enum csvr_status decode(struct csvr_source *source, uint64_t offset, void *buffer,
			       size_t n_bytes, size_t *n_read, struct csvr_error *error)
{
	enum csvr_status status = CSVR_OK;
	*n_read = 0;
	if (!source->has_looked || offset < source->text_offset)
		status = begin(source, error);
	while (status == CSVR_OK && source->text_offset < offset) {
		const uint64_t gap = offset - source->text_offset;
		status = csvr_decoder_read(source->decoder, buffer,
					   gap < n_bytes ? (size_t)gap : n_bytes, n_read, error);
		if (status == CSVR_OK && *n_read == 0)
			return CSVR_OK; /* it ends before that */
		source->text_offset += *n_read;
		*n_read = 0;
	}
	if (status == CSVR_OK)
		status = csvr_decoder_read(source->decoder, buffer, n_bytes, n_read, error);
	source->text_offset += *n_read;
	return status;
}

enum csvr_status csvr_source_read(struct csvr_source *source, uint64_t offset, void *buffer,
				  size_t n_bytes, size_t *n_read, struct csvr_error *error)
{
	if (source->is_decoding)
		return decode(source, offset, buffer, n_bytes, n_read, error);
	enum csvr_status status =
		source->backend->read(source, offset, buffer, n_bytes, n_read, error);
	if (status != CSVR_OK || offset > 0 || source->has_looked)
		return status;
	source->has_looked = true;
	if (csvr_coding_of(buffer, *n_read) == CSVR_PLAIN)
		return CSVR_OK;
	/* Its name did not say so. */
	source->is_decoding = true;
	source->has_looked = false;
	source->size_bytes = 0;
	return decode(source, offset, buffer, n_bytes, n_read, error);
}

bool csvr_source_is_coded(const struct csvr_source *source)
{
	return source->is_decoding && source->has_looked &&
	       source->decoder->coding != CSVR_PLAIN;
}

bool csvr_source_can_go_back(const struct csvr_source *source)
{
	return source->size_bytes > 0 ||
	       (source->is_decoding && source->input->kind == CSVR_REGULAR);
}

uint64_t csvr_source_progress(const struct csvr_source *source, uint64_t offset)
{
	return source->is_decoding && source->has_looked && source->size_bytes == 0 ?
		       csvr_decoder_raw_offset(source->decoder) :
		       offset;
}

/* ---- the end ---- */

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
