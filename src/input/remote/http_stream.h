/* http_stream.h - reads an object sequentially by one request
 *
 * For objects of unknown size, or on servers without range requests.
 *
 * Memory   a ring of 1 MiB; the response is paused while it is full
 * Threads  a stream belongs to one thread
 */
#ifndef CSVR_INPUT_REMOTE_HTTP_STREAM_H
#define CSVR_INPUT_REMOTE_HTTP_STREAM_H

#include "input/inputs.h"
#include "input/remote/http_client.h"

struct csvr_http_stream;

/* Submits the request. Errors: CSVR_NO_MEMORY. Closing cancels it. */
enum csvr_status csvr_http_stream_open(struct csvr_http_client *client,
				       const struct csvr_inputs *inputs,
				       const struct csvr_input *input,
				       struct csvr_http_stream **stream);
void csvr_http_stream_close(struct csvr_http_stream *stream);

/* Reads up to `n_bytes` bytes; waits for the first one. `*n_read` 0: the end. Errors: CSVR_IO_ERROR,
 * CSVR_FILE_CHANGED, CSVR_NO_MEMORY, after all bytes received before the error were read. */
enum csvr_status csvr_http_stream_read(struct csvr_http_stream *stream, void *buffer,
				       size_t n_bytes, size_t *n_read, struct csvr_error *error);

#endif
