/* http_client.h - HTTP requests, many in flight, by one thread
 *
 * Failures that may be transient are retried: the status codes 429, 500, 502, 503 and 504, S3's SlowDown and
 * RequestTimeout, connection resets, truncated bodies and stalled responses. Each attempt is signed
 * anew. The number of requests in flight adapts to the servers: at most `n_connections`, halved after a
 * 429 or 503, then increased step by step.
 *
 * Shape    submit a request, then wait for it, or let the client's thread call its on_complete
 * Errors   in the request, with the server's own message; they never contain a secret
 * Threads  any number of threads may submit and wait
 */
#ifndef CSVR_INPUT_REMOTE_HTTP_CLIENT_H
#define CSVR_INPUT_REMOTE_HTTP_CLIENT_H

#include "base/error.h"
#include "csvreport.h"
#include "csvreport_perf.h"

struct csvr_s3; /* see input/remote/s3_config.h */
struct csvr_http_client;

struct csvr_http_client_config {
	int n_connections; /* the maximum of requests in flight */
	int max_attempts; /* per request; 0: the default, 10 */
	/* a response that receives no byte for this long is aborted and retried; 0: 3 s */
	double stall_s;
};

/* Starts the client's thread. `s3` must outlive the client; it may be NULL if no URL is of S3.
 * Errors: CSVR_NO_MEMORY, CSVR_IO_ERROR. Freeing does not wait for requests. */
enum csvr_status csvr_http_client_new(const struct csvr_http_client_config *config,
				      struct csvr_s3 *s3, struct csvr_http_client **client,
				      struct csvr_error *error);
void csvr_http_client_free(struct csvr_http_client *client);

/* The caller keeps the strings until the request has completed. */
struct csvr_http_request {
	/* s3://bucket/key with the key unencoded, or http:// or https:// as the user gave it */
	const char *url;
	const char *query; /* S3: the parameters of a listing, encoded and sorted; else NULL */
	uint64_t begin, n_bytes; /* the requested range; n_bytes 0: to the end */
	/* The expected version; if the object has another one, the request fails with CSVR_FILE_CHANGED.
	 * "" (or NULL): any. A strong etag is sent as If-Match. */
	const char *etag;
	uint64_t expected_size; /* of the whole object, compared in addition to the etag; 0: any */
	/* compared if the etag is unknown: whole seconds, or a csvr_object_version_time; 0: any */
	int64_t expected_mtime_ns;
	/* Receives the body; a body longer than `capacity` is an error. NULL: `body` is allocated and the
	 * receiver frees it; then `capacity` is its maximum size, 0: unlimited. */
	unsigned char *buffer;
	size_t capacity;
	/* If not NULL, receives the body in place of `buffer`, as it arrives, on the client's thread. Returns
	 * the number of bytes consumed; fewer than n_bytes pauses the response until
	 * csvr_http_client_resume. A retry continues after the bytes already consumed. */
	size_t (*on_body)(void *context, const unsigned char *bytes, size_t n_bytes);
	/* Called on the client's thread. NULL: a thread waits for the request. */
	void (*on_complete)(void *context, struct csvr_http_request *request);
	void *context;
	bool is_priority; /* starts before all requests that are not */

	/* The response. */
	/* CSVR_OK, CSVR_IO_ERROR, or CSVR_FILE_CHANGED: the object has another version now */
	enum csvr_status status;
	struct csvr_error error;
	int http_status; /* 0: no response */
	unsigned char *body;
	size_t n_body;
	uint64_t size_bytes; /* of the whole object; UINT64_MAX: unknown */
	bool has_ranges; /* the server supports range requests for this object */
	char response_etag[160];
	int64_t mtime_ns; /* 0: unknown */
	char content_type[64];
	struct csvr_http_task *task; /* private to the client */
};

/* Errors: CSVR_NO_MEMORY (nothing was submitted). */
enum csvr_status csvr_http_client_submit(struct csvr_http_client *client,
					 struct csvr_http_request *request);

/* Waits until the request has completed. Its on_complete must be NULL. */
void csvr_http_client_wait(struct csvr_http_client *client, struct csvr_http_request *request);

/* Continues a response that on_body has paused. */
void csvr_http_client_resume(struct csvr_http_client *client, struct csvr_http_request *request);

/* Cancels a request. When this returns, the request is no longer in use: on_complete has returned, or will
 * not be called. Do not call it from on_complete or on_body, or while holding a lock that these acquire. */
void csvr_http_client_cancel(struct csvr_http_client *client, struct csvr_http_request *request);

/* The statistics so far. */
void csvr_http_client_stats(struct csvr_http_client *client, struct csvr_network *stats);

#endif
