/* http_stream.c - an object read by one request, from front to back */
#include "input/remote/http_stream.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* At 1 GB/s a millisecond's worth: longer than a reader that is awake lets it wait. */
enum { RING_BYTES = 1024 * 1024 };

struct csvr_http_stream {
	struct csvr_http_client *transfer;
	struct csvr_http_request request;
	char *url, *etag;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* Under the lock. */
	size_t begin, n_bytes; /* of the ring: what came and was not read */
	bool is_held; /* the answer, because the ring was full */
	bool is_over;
	unsigned char ring[RING_BYTES];
};

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* By the thread of the transfer. */
static size_t take(void *context, const unsigned char *bytes, size_t n_bytes)
{
	struct csvr_http_stream *flow = context;
	pthread_mutex_lock(&flow->lock);
	const size_t n = smaller(n_bytes, RING_BYTES - flow->n_bytes);
	const size_t end = (flow->begin + flow->n_bytes) % RING_BYTES;
	const size_t n_first = smaller(n, RING_BYTES - end);
	memcpy(flow->ring + end, bytes, n_first);
	memcpy(flow->ring, bytes + n_first, n - n_first);
	flow->n_bytes += n;
	flow->is_held = n < n_bytes;
	pthread_cond_signal(&flow->changed);
	pthread_mutex_unlock(&flow->lock);
	return n;
}

static void done(void *context, struct csvr_http_request *request)
{
	struct csvr_http_stream *flow = context;
	(void)request;
	pthread_mutex_lock(&flow->lock);
	flow->is_over = true;
	pthread_cond_signal(&flow->changed);
	pthread_mutex_unlock(&flow->lock);
}

static void free_flow(struct csvr_http_stream *flow)
{
	pthread_cond_destroy(&flow->changed);
	pthread_mutex_destroy(&flow->lock);
	free(flow->url);
	free(flow->etag);
	free(flow);
}

enum csvr_status csvr_http_stream_open(struct csvr_http_client *transfer,
				       const struct csvr_inputs *inputs,
				       const struct csvr_input *input,
				       struct csvr_http_stream **new_flow)
{
	*new_flow = NULL;
	struct csvr_http_stream *flow = malloc(sizeof *flow);
	if (flow == NULL)
		return CSVR_NO_MEMORY;
	flow->transfer = transfer;
	flow->begin = flow->n_bytes = 0;
	flow->is_held = flow->is_over = false;
	flow->url = csvr_inputs_copy_url(inputs, input);
	flow->etag = strdup(csvr_inputs_etag(inputs, input));
	flow->request = (struct csvr_http_request){ .url = flow->url,
						    .etag = flow->etag,
						    .take = take,
						    .done = done,
						    .context = flow,
						    .is_priority = true };
	pthread_mutex_init(&flow->lock, NULL);
	pthread_cond_init(&flow->changed, NULL);
	if (flow->url == NULL || flow->etag == NULL ||
	    csvr_http_client_submit(transfer, &flow->request) != CSVR_OK) {
		free_flow(flow);
		return CSVR_NO_MEMORY;
	}
	*new_flow = flow;
	return CSVR_OK;
}

void csvr_http_stream_close(struct csvr_http_stream *flow)
{
	if (flow == NULL)
		return;
	csvr_http_client_cancel(flow->transfer, &flow->request);
	free_flow(flow);
}

/* Up to `n_bytes` out of the ring; under the lock. */
static size_t take_out(struct csvr_http_stream *flow, unsigned char *buffer, size_t n_bytes)
{
	const size_t n = smaller(n_bytes, flow->n_bytes);
	const size_t n_first = smaller(n, RING_BYTES - flow->begin);
	memcpy(buffer, flow->ring + flow->begin, n_first);
	memcpy(buffer + n_first, flow->ring, n - n_first);
	flow->begin = (flow->begin + n) % RING_BYTES;
	flow->n_bytes -= n;
	return n;
}

enum csvr_status csvr_http_stream_read(struct csvr_http_stream *flow, void *buffer, size_t n_bytes,
				       size_t *n_read, struct csvr_error *error)
{
	pthread_mutex_lock(&flow->lock);
	while (flow->n_bytes == 0 && !flow->is_over)
		pthread_cond_wait(&flow->changed, &flow->lock);
	*n_read = take_out(flow, buffer, n_bytes);
	/* Not for each byte: at half of it the other half hides the way to the server. */
	const bool goes_on = flow->is_held && flow->n_bytes <= RING_BYTES / 2;
	if (goes_on)
		flow->is_held = false;
	const bool is_over = flow->is_over;
	pthread_mutex_unlock(&flow->lock);
	if (goes_on)
		csvr_http_client_resume(flow->transfer, &flow->request);
	if (*n_read > 0 || n_bytes == 0 || !is_over || flow->request.status == CSVR_OK)
		return CSVR_OK;
	if (error != NULL)
		*error = flow->request.error;
	return flow->request.status;
}
