/* http_stream.h - an object read by one request, from front to back: its size, or parts of it, cannot be had
 *
 * Memory   1 MiB; the server is held up while that is full
 * Threads  a flow belongs to one thread
 */
#ifndef CSVR_INPUT_REMOTE_HTTP_STREAM_H
#define CSVR_INPUT_REMOTE_HTTP_STREAM_H

#include "input/inputs.h"
#include "input/remote/http_client.h"

struct csvr_http_stream;

/* Asks for the object. Errors: CSVR_NO_MEMORY. Closing gives up what has not come. */
enum csvr_status csvr_http_stream_open(struct csvr_http_client *client,
				       const struct csvr_inputs *inputs,
				       const struct csvr_input *input,
				       struct csvr_http_stream **stream);
void csvr_http_stream_close(struct csvr_http_stream *stream);

/* What has come, up to `n_bytes`; waits if that is nothing. 0 is the end. Errors: CSVR_IO_ERROR,
 * CSVR_FILE_CHANGED, CSVR_NO_MEMORY, behind the bytes that came before it. */
enum csvr_status csvr_http_stream_read(struct csvr_http_stream *stream, void *buffer,
				       size_t n_bytes, size_t *n_read, struct csvr_error *error);

#endif
