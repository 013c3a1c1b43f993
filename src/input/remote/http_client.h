/* http_client.h - requests over HTTP, many at once, by one thread of its own
 *
 * A request is tried again where that can help: after refusals that pass (429, 500, 502, 503, 504, and
 * what S3 calls SlowDown or RequestTimeout), resets, bodies that end early, and answers that do not
 * go on. Each attempt is signed anew. How many are in flight follows what the servers bear: at most
 * `n_connections`, fewer after a 429 or 503, slowly more again.
 *
 * Shape    a request is submitted, and waited for; or its `on_complete` is called by the thread of the transfer
 * Errors   in the answer, for people, with the server's own reason; never a secret in it
 * Threads  any number may submit and wait
 */
#ifndef CSVR_INPUT_REMOTE_HTTP_CLIENT_H
#define CSVR_INPUT_REMOTE_HTTP_CLIENT_H

#include "base/error.h"
#include "csvreport.h"
#include "csvreport_perf.h"

struct csvr_s3; /* credentials and how to sign: input/remote/s3_config.h */
struct csvr_http_client;

struct csvr_http_client_config {
	int n_connections; /* at most so many requests in flight */
	int max_attempts; /* of one request; 0: the default, 10 */
	/* an answer that sends nothing for so long is given up and asked for again; 0: 3 s */
	double stall_s;
};

/* Starts its thread. `s3` outlives it, and may be NULL where no url is of S3.
 * Errors: CSVR_NO_MEMORY, CSVR_IO_ERROR. Freeing waits for no request. */
enum csvr_status csvr_http_client_new(const struct csvr_http_client_config *config,
				      struct csvr_s3 *s3, struct csvr_http_client **client,
				      struct csvr_error *error);
void csvr_http_client_free(struct csvr_http_client *client);

/* Texts are the caller's until it is done. */
struct csvr_http_request {
	/* s3://bucket/key with the key as it is, or http(s):// as it was given */
	const char *url;
	const char *query; /* S3: parameters of a listing, encoded and in order; else NULL */
	uint64_t begin, n_bytes; /* the range asked for; n_bytes 0: all of it */
	/* The version it must be of, as listed; else it is CSVR_FILE_CHANGED. "" (or NULL) and 0: whatever there
	 * is. A strong etag is sent as If-Match. */
	const char *etag;
	/* of the whole object, compared whatever else is known; nobody asks for one of 0 */
	uint64_t expected_size;
	/* compared where no etag is known: its whole seconds, or a csvr_object_version_time */
	int64_t expected_mtime_ns;
	/* Where the body goes; if it does not fit that is an error. NULL: memory is made, the receiver
	 * frees it; then `capacity` is the most it may be, 0: any. */
	unsigned char *buffer;
	size_t capacity;
	/* NULL, or where all of a body goes as it comes (by the transfer's thread), instead of `buffer`; it
	 * returns how many of the bytes it takes: less than all holds the answer up until
	 * csvr_http_client_resume. A new attempt begins behind what was taken already. */
	size_t (*on_body)(void *context, const unsigned char *bytes, size_t n_bytes);
	/* Called by the transfer's thread; NULL: somebody waits. */
	void (*on_complete)(void *context, struct csvr_http_request *request);
	void *context;
	bool is_priority; /* before all that are not */

	/* The answer. */
	enum csvr_status
		status; /* CSVR_OK; CSVR_FILE_CHANGED: the version is another now (412, or by the answer's own);
				  * CSVR_IO_ERROR */
	struct csvr_error error;
	int http_status; /* 0: there was no answer */
	unsigned char *body;
	size_t n_body;
	uint64_t size_bytes; /* of the whole object; UINT64_MAX: not told */
	bool has_ranges; /* it answered with the part asked for (206), not with all (200) */
	char response_etag[160];
	int64_t mtime_ns; /* 0: not told */
	char content_type[64];
	struct csvr_http_task *task; /* of the transfer */
};

/* Errors: CSVR_NO_MEMORY (nothing was submitted). */
enum csvr_status csvr_http_client_submit(struct csvr_http_client *client,
					 struct csvr_http_request *request);

/* Until it is done; `on_complete` must be NULL. */
void csvr_http_client_wait(struct csvr_http_client *client, struct csvr_http_request *request);

/* Goes on with an answer that `on_body` held up. */
void csvr_http_client_resume(struct csvr_http_client *client, struct csvr_http_request *request);

/* Gives a request up; it is not in use any more when this returns: `on_complete` has returned, or is not called.
 * Not from `on_complete` or `on_body`, nor with a lock that these take. */
void csvr_http_client_cancel(struct csvr_http_client *client, struct csvr_http_request *request);

/* What it did so far. */
void csvr_http_client_stats(struct csvr_http_client *client, struct csvr_network *stats);

#endif
