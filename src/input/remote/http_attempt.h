/* http_attempt.h - one attempt of an HTTP request: sends it, checks and delivers the response
 *
 * Shape    an attempt wraps a handle of libcurl, which serves many requests in sequence; struct
 *          csvr_body_progress holds what a request keeps between its attempts
 * Errors   set in the request
 * Threads  all calls and callbacks are made by the client's thread
 */
#ifndef CSVR_INPUT_REMOTE_HTTP_ATTEMPT_H
#define CSVR_INPUT_REMOTE_HTTP_ATTEMPT_H

#include <curl/curl.h>

#include "input/remote/http_client.h"
#include "input/remote/http_response.h"
#include "input/remote/s3_config.h"

/* The body that all attempts of one request have received. */
struct csvr_body_progress {
	uint64_t n_bytes; /* delivered */
	size_t capacity; /* of a body that is allocated here */
	/* the delivered bytes are of the version response_etag and mtime_ns: the rest must be too */
	bool is_pinned;
	bool has_ranges; /* the server supports range requests for this object */
};

enum { CSVR_ERROR_BODY_BYTES = 4096 };

struct csvr_http_attempt {
	CURL *easy;
	struct curl_slist *headers;
	struct csvr_http_request *request;
	struct csvr_body_progress *progress;
	const struct csvr_s3 *s3;
	struct csvr_http_response response;
	char curl_message[CURL_ERROR_SIZE];
	unsigned char error_body[CSVR_ERROR_BODY_BYTES]; /* first bytes of an error response */
	size_t n_error_body;
	/* bytes at the start of the body that are not wanted or already delivered */
	uint64_t n_skip;
	/* bytes that libcurl will pass again because on_body paused within a block */
	size_t n_delivered_before;
	uint64_t n_bytes; /* of bodies, for the statistics */
	uint64_t started_ns;
	uint64_t first_byte_ns; /* 0: nothing received */
	uint64_t last_byte_ns;
	bool is_header_checked;
	bool is_paused; /* by on_body */
	bool is_complete; /* the requested range is complete, but the server sends more */
	bool is_error_response; /* the body is not content */
	enum csvr_status status; /* an error of the response or of its delivery */
};

enum csvr_http_outcome {
	CSVR_HTTP_DONE,
	CSVR_HTTP_RETRY, /* the failure may be transient */
	CSVR_HTTP_FAILED
};

struct csvr_http_attempt_result {
	enum csvr_http_outcome outcome;
	bool is_throttled; /* 429 or 503 */
	bool is_unreachable; /* no connection could be established */
	double retry_after_s; /* 0: not sent */
};

/* Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_http_attempt_new(const struct csvr_s3 *s3,
				       struct csvr_http_attempt **attempt);
/* `attempt` may be NULL. */
void csvr_http_attempt_free(struct csvr_http_attempt *attempt);

/* Prepares the handle for the part of the request that `progress` lacks. `is_fresh`: over a new connection.
 * Errors, also set in the request: CSVR_NO_MEMORY, CSVR_INVALID_OPTION (it cannot be signed). */
enum csvr_status csvr_http_attempt_start(struct csvr_http_attempt *attempt,
					 struct csvr_http_request *request,
					 struct csvr_body_progress *progress, bool is_fresh);

/* Call it when libcurl has finished with `code`, or, with `is_stalled`, when the attempt was aborted.
 * Sets the response and the error of the request. */
struct csvr_http_attempt_result csvr_http_attempt_finish(struct csvr_http_attempt *attempt,
							 CURLcode code, bool is_stalled);

#endif
