/* http_stream.c - reads an object sequentially by one request */
#include "input/remote/http_stream.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* A millisecond at 1 GB/s: longer than a running reader takes to return. */
enum { RING_BYTES = 1024 * 1024 };

struct csvr_http_stream {
	struct csvr_http_client *client;
	struct csvr_http_request request;
	char *url, *etag;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* Protected by the lock. */
	size_t begin, n_bytes; /* of the ring: received and not read */
	bool is_paused; /* the response, because the ring was full */
	bool is_complete;
	unsigned char ring[RING_BYTES];
};

static size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Called on the client's thread, like on_complete. */
static size_t on_body(void *context, const unsigned char *bytes, size_t n_bytes)
{
	struct csvr_http_stream *stream = context;
	pthread_mutex_lock(&stream->lock);
	const size_t n = min_size(n_bytes, RING_BYTES - stream->n_bytes);
	const size_t end = (stream->begin + stream->n_bytes) % RING_BYTES;
	const size_t n_first = min_size(n, RING_BYTES - end);
	memcpy(stream->ring + end, bytes, n_first);
	memcpy(stream->ring, bytes + n_first, n - n_first);
	stream->n_bytes += n;
	stream->is_paused = n < n_bytes;
	pthread_cond_signal(&stream->changed);
	pthread_mutex_unlock(&stream->lock);
	return n;
}

static void on_complete(void *context, struct csvr_http_request *request)
{
	struct csvr_http_stream *stream = context;
	(void)request;
	pthread_mutex_lock(&stream->lock);
	stream->is_complete = true;
	pthread_cond_signal(&stream->changed);
	pthread_mutex_unlock(&stream->lock);
}

static void free_stream(struct csvr_http_stream *stream)
{
	pthread_cond_destroy(&stream->changed);
	pthread_mutex_destroy(&stream->lock);
	free(stream->url);
	free(stream->etag);
	free(stream);
}

enum csvr_status csvr_http_stream_open(struct csvr_http_client *client,
				       const struct csvr_inputs *inputs,
				       const struct csvr_input *input,
				       struct csvr_http_stream **new_stream)
{
	*new_stream = NULL;
	struct csvr_http_stream *stream = malloc(sizeof *stream);
	if (stream == NULL)
		return CSVR_NO_MEMORY;
	stream->client = client;
	stream->begin = stream->n_bytes = 0;
	stream->is_paused = stream->is_complete = false;
	stream->url = csvr_inputs_copy_url(inputs, input);
	stream->etag = strdup(csvr_inputs_etag(inputs, input));
	stream->request = (struct csvr_http_request){ .url = stream->url,
						      .etag = stream->etag,
						      .on_body = on_body,
						      .on_complete = on_complete,
						      .context = stream,
						      .is_priority = true };
	pthread_mutex_init(&stream->lock, NULL);
	pthread_cond_init(&stream->changed, NULL);
	if (stream->url == NULL || stream->etag == NULL ||
	    csvr_http_client_submit(client, &stream->request) != CSVR_OK) {
		free_stream(stream);
		return CSVR_NO_MEMORY;
	}
	*new_stream = stream;
	return CSVR_OK;
}

void csvr_http_stream_close(struct csvr_http_stream *stream)
{
	if (stream == NULL)
		return;
	csvr_http_client_cancel(stream->client, &stream->request);
	free_stream(stream);
}

/* Copies up to `n_bytes` out of the ring; the caller holds the lock. */
static size_t pop_bytes(struct csvr_http_stream *stream, unsigned char *buffer, size_t n_bytes)
{
	const size_t n = min_size(n_bytes, stream->n_bytes);
	const size_t n_first = min_size(n, RING_BYTES - stream->begin);
	memcpy(buffer, stream->ring + stream->begin, n_first);
	memcpy(buffer + n_first, stream->ring, n - n_first);
	stream->begin = (stream->begin + n) % RING_BYTES;
	stream->n_bytes -= n;
	return n;
}

enum csvr_status csvr_http_stream_read(struct csvr_http_stream *stream, void *buffer,
				       size_t n_bytes, size_t *n_read, struct csvr_error *error)
{
	pthread_mutex_lock(&stream->lock);
	while (stream->n_bytes == 0 && !stream->is_complete)
		pthread_cond_wait(&stream->changed, &stream->lock);
	*n_read = pop_bytes(stream, buffer, n_bytes);
	/* Resume at half: the other half hides the latency to the server. */
	const bool must_resume = stream->is_paused && stream->n_bytes <= RING_BYTES / 2;
	if (must_resume)
		stream->is_paused = false;
	const bool is_complete = stream->is_complete;
	pthread_mutex_unlock(&stream->lock);
	if (must_resume)
		csvr_http_client_resume(stream->client, &stream->request);
	if (*n_read > 0 || n_bytes == 0 || !is_complete || stream->request.status == CSVR_OK)
		return CSVR_OK;
	if (error != NULL)
		*error = stream->request.error;
	return stream->request.status;
}
