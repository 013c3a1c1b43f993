/* http_attempt.h - one attempt of a request: what is sent, what comes back, and what that means
 *
 * Shape    an attempt is a handle of libcurl, used for one request after the other; what a request
 *          keeps from attempt to attempt is in struct csvr_body_progress
 * Errors   in the request's answer, for people
 * Threads  all by the thread of the transfer
 */
#ifndef CSVR_INPUT_REMOTE_HTTP_ATTEMPT_H
#define CSVR_INPUT_REMOTE_HTTP_ATTEMPT_H

#include <curl/curl.h>

#include "input/remote/http_client.h"
#include "input/remote/http_response.h"
#include "input/remote/s3.h"

/* What the attempts of one request have brought so far. */
struct csvr_body_progress {
	uint64_t n_bytes; /* of the body, delivered */
	size_t capacity; /* of a body that is made room for here */
	bool is_pinned; /* what was delivered is of response_etag and mtime_ns: the rest must be too */
	bool has_ranges; /* the server has shown that it can go on in the middle */
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
	unsigned char
		error_body[CSVR_ERROR_BODY_BYTES]; /* the beginning of a body that is no content */
	size_t n_error_body;
	uint64_t n_skip; /* of the body that comes: not asked for, or had already */
	/* of the bytes that libcurl hands over next: done with before they were held up */
	size_t n_delivered_before;
	uint64_t n_bytes; /* of bodies, for the figures */
	/* asked; the first byte of an answer (0: none yet), the last */
	uint64_t started_ns, first_byte_ns, last_byte_ns;
	bool is_header_checked; /* the head was looked at */
	bool is_paused; /* `on_body` wants no more for now */
	bool is_complete; /* all that was asked for came, and more was coming */
	bool is_error_response; /* the body is no content */
	enum csvr_status status; /* of the head, or of what the receiver did; CSVR_OK: none */
};

/* What became of an attempt. */
enum csvr_http_outcome {
	CSVR_HTTP_DONE,
	CSVR_HTTP_RETRY, /* the failure may pass */
	CSVR_HTTP_FAILED
};

struct csvr_http_attempt_result {
	enum csvr_http_outcome outcome;
	bool is_throttled; /* 429, 503 */
	bool is_unreachable; /* no connection came about */
	double retry_after_s; /* 0: not told */
};

/* Errors: CSVR_NO_MEMORY. NULL is fine to be freed. */
enum csvr_status csvr_http_attempt_new(const struct csvr_s3 *s3,
				       struct csvr_http_attempt **attempt);
void csvr_http_attempt_free(struct csvr_http_attempt *attempt);

/* Prepares the handle for a request, behind what was had. `is_fresh`: over a new connection.
 * Errors: CSVR_NO_MEMORY, CSVR_INVALID_OPTION (it cannot be signed), in the request too. */
enum csvr_status csvr_http_attempt_start(struct csvr_http_attempt *attempt,
					 struct csvr_http_request *request,
					 struct csvr_body_progress *progress, bool is_fresh);

/* After the last byte, or the failure `code`; `is_stalled`: it was given up. Fills the answer. */
struct csvr_http_attempt_result csvr_http_attempt_finish(struct csvr_http_attempt *attempt,
							 CURLcode code, bool is_stalled);

#endif
