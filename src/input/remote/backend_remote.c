/* backend_remote.c - remote objects as sources
 *
 * An object of known size, on a server that supports range requests, is read through the prefetcher. Any
 * other object is read sequentially by one request (http_stream.h).
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "input/remote/backend_remote.h"

#include "base/error.h"
#include "input/remote/http_stream.h"
#include "input/remote/prefetch.h"
#include "input/remote/remote_context.h"

static struct csvr_remote_context *context_of(const struct csvr_source *source)
{
	return source->inputs->remote->context;
}

static bool is_stream(const struct csvr_source *source)
{
	return source->input->kind == CSVR_INPUT_STREAM;
}

static enum csvr_status remote_open(struct csvr_source *source, struct csvr_error *error)
{
	const struct csvr_remote_context *ctx = context_of(source);
	const struct csvr_input *input = source->input;
	enum csvr_status status;
	if (!csvr_inputs_has_url(source->inputs, input))
		return csvr_error_set(
			error, CSVR_INVALID_FILE, 0,
			"cannot be read again: the query of its URL was not saved because it may be "
			"secret; run again with the full URL");
	if (is_stream(source)) {
		struct csvr_http_stream *stream;
		status = csvr_http_stream_open(ctx->client, source->inputs, input, &stream);
		source->remote = stream;
	} else {
		struct csvr_prefetch_reader *reader;
		status = csvr_prefetch_reader_open(ctx->prefetcher, source->inputs, input,
						   source->begin, &reader);
		source->remote = reader;
		source->size_bytes = input->size_bytes;
	}
	return status == CSVR_NO_MEMORY ? csvr_error_set_no_memory(error) : status;
}

static enum csvr_status remote_read(struct csvr_source *source, uint64_t offset, void *buffer,
				    size_t n_bytes, size_t *n_read, struct csvr_error *error)
{
	return is_stream(source)
		       ? csvr_http_stream_read(source->remote, buffer, n_bytes, n_read, error)
		       : csvr_prefetch_reader_read(source->remote, offset, buffer, n_bytes, n_read,
						   error);
}

static void remote_advance(struct csvr_source *source)
{
	if (!is_stream(source))
		csvr_prefetch_reader_advance(source->remote, source->begin);
}

/* The version of each response was checked when it arrived. */
static enum csvr_status remote_verify(struct csvr_source *source, struct csvr_error *error)
{
	(void)source;
	(void)error;
	return CSVR_OK;
}

static void remote_close(struct csvr_source *source)
{
	if (is_stream(source))
		csvr_http_stream_close(source->remote);
	else
		csvr_prefetch_reader_close(source->remote);
	source->remote = NULL;
}

const struct csvr_backend csvr_backend_remote = {
	.open = remote_open,
	.read = remote_read,
	.advance = remote_advance,
	.verify = remote_verify,
	.close = remote_close,
};
