/* http_attempt.c - one attempt of an HTTP request: sends it, checks and delivers the response
 *
 * An interrupted body is resumed by a range request if the server supports ranges and sent a strong etag.
 * Otherwise a body in a buffer, which nobody has read yet, restarts from its first byte. A body that on_body
 * has received is requested whole again, and the delivered bytes are skipped, if a weak etag or the
 * modification time shows that the version is the same. Without either the request fails: bytes of two
 * versions must never be mixed.
 *
 * Source   RFC 9110 (ranges, conditions); curl_easy_setopt(3)
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "input/remote/http_attempt.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/version.h"
#include "input/inputs.h"
#include "input/remote/http_errors.h"
#include "input/remote/object_version.h"
#include "input/remote/s3_error.h"
#include "input/remote/s3_sign.h"

/* A connection takes a few round trips; 10 s are enough for an intercontinental one over a link that loses
 * every second packet. */
static const long connect_timeout_s = 10;
static const long max_redirects = 10;

/* libcurl's default of 16 KiB is 60,000 calls a second at 1 GB/s. */
static const long receive_buffer_bytes = 128 * 1024;

#define UNKNOWN CSVR_SIZE_UNKNOWN

enum { NS = 1000000000 };

/* ---- versions ---- */

/* The etag that the response must have; "": any. */
static const char *expected_etag(const struct csvr_http_attempt *a)
{
	if (a->request->etag != NULL && a->request->etag[0] != '\0')
		return a->request->etag;
	return a->progress->is_pinned ? a->request->response_etag : "";
}

static int64_t expected_mtime_ns(const struct csvr_http_attempt *a)
{
	if (a->request->expected_mtime_ns != 0)
		return a->request->expected_mtime_ns;
	return a->progress->is_pinned ? a->request->mtime_ns : 0;
}

/* 0: unknown. */
static uint64_t expected_size(const struct csvr_http_attempt *a)
{
	if (a->request->expected_size != 0)
		return a->request->expected_size;
	return a->progress->is_pinned && a->request->size_bytes != UNKNOWN ? a->request->size_bytes
									   : 0;
}

/* The size of the whole object. */
static uint64_t reported_size(const struct csvr_http_response *response)
{
	return response->http_status == 200 ? response->length : response->size_bytes;
}

static bool is_same_version(const struct csvr_http_attempt *a)
{
	const char *etag = expected_etag(a);
	const uint64_t size = expected_size(a), size_bytes = reported_size(&a->response);
	if (size != 0 && size_bytes != UNKNOWN && size != size_bytes)
		return false;
	if (etag[0] != '\0' && a->response.etag[0] != '\0')
		return csvr_etag_matches(etag, a->response.etag);
	const int64_t mtime_ns = expected_mtime_ns(a);
	/* An input from a saved state has its etag only as a hash in its time. */
	if (mtime_ns % NS != 0 && a->response.etag[0] != '\0')
		return mtime_ns == csvr_object_version_time(a->response.mtime_ns, a->response.etag);
	/* A response has whole seconds. */
	return mtime_ns == 0 || a->response.mtime_ns == 0 ||
	       mtime_ns / NS == a->response.mtime_ns / NS;
}

/* Whether the response identifies its version, so that it can be compared with the bytes delivered so far. */
static bool is_version_known(const struct csvr_http_attempt *a)
{
	return (expected_etag(a)[0] != '\0' && a->response.etag[0] != '\0') ||
	       (expected_mtime_ns(a) != 0 && a->response.mtime_ns != 0);
}

/* ---- the header of a response ---- */

/* CURLOPT_HEADERFUNCTION: called for each line, also of redirects. */
static size_t on_header(char *line, size_t size, size_t n_line, void *context)
{
	struct csvr_http_attempt *a = context;
	n_line *= size;
	a->last_byte_ns = csvr_clock_wall_ns();
	if (a->first_byte_ns == 0)
		a->first_byte_ns = a->last_byte_ns;
	csvr_http_response_parse_line(&a->response, line, n_line);
	return n_line;
}

static enum csvr_status set_file_changed(struct csvr_http_attempt *a)
{
	return a->status = csvr_error_set(&a->request->error, CSVR_FILE_CHANGED, 0,
					  "was replaced while it was read; run again when nothing "
					  "replaces it");
}

static enum csvr_status set_protocol_error(struct csvr_http_attempt *a, const char *what)
{
	return a->status = csvr_error_set(&a->request->error, CSVR_IO_ERROR, 0, "%s", what);
}

/* Copies what the header says of the object into the request. Not called for error responses, which must not
 * overwrite the version of the bytes delivered so far. */
static void record_object(struct csvr_http_attempt *a)
{
	struct csvr_http_request *r = a->request;
	const struct csvr_http_response *response = &a->response;
	r->http_status = response->http_status;
	/* A size that an earlier attempt received for the same version is still valid. */
	const uint64_t size_bytes = reported_size(response);
	if (size_bytes != UNKNOWN || !a->progress->is_pinned)
		r->size_bytes = size_bytes;
	r->has_ranges = response->http_status == 206 || response->http_status == 416 ||
			(response->has_ranges && r->begin == 0 && r->n_bytes == 0);
	r->mtime_ns = response->mtime_ns;
	memcpy(r->response_etag, response->etag, sizeof r->response_etag);
	memcpy(r->content_type, response->content_type, sizeof r->content_type);
}

/* Once, when the header is complete: whether the body is content of the right version, and how much of its
 * start to skip. */
static enum csvr_status check_header(struct csvr_http_attempt *a)
{
	const struct csvr_http_request *r = a->request;
	const struct csvr_http_response *response = &a->response;
	if (a->is_header_checked)
		return a->status;
	a->is_header_checked = true;
	a->is_error_response = response->http_status != 200 && response->http_status != 206;
	if (a->is_error_response)
		return CSVR_OK;
	if (!is_same_version(a) && r->query == NULL)
		return set_file_changed(a);
	if (a->progress->n_bytes > 0 && !is_version_known(a))
		return set_protocol_error(
			a, "the response was interrupted, and the server sends neither an ETag nor "
			   "a Last-Modified to resume it with");
	const uint64_t next = r->begin + a->progress->n_bytes;
	const uint64_t begin = response->http_status == 200 ? 0 : response->begin;
	if (begin == UNKNOWN || begin > next)
		return set_protocol_error(a,
					  "the server returned a different range than requested");
	a->n_skip = next - begin;
	a->progress->has_ranges = response->http_status == 206 || response->has_ranges;
	record_object(a);
	return CSVR_OK;
}

/* ---- the body ---- */

/* Grows the body that the receiver will free by `n` bytes. */
static bool reserve_body(struct csvr_http_attempt *a, size_t n)
{
	struct csvr_http_request *r = a->request;
	if (r->capacity > 0 && n > r->capacity - a->progress->n_bytes) {
		a->status = csvr_error_set(&r->error, CSVR_IO_ERROR, 0,
					   "the server returned more than %zu bytes", r->capacity);
		return false;
	}
	unsigned char *body = csvr_array_grow(r->body, &a->progress->capacity,
					      (size_t)a->progress->n_bytes + n, 1);
	if (body != NULL)
		r->body = body;
	else
		a->status = csvr_error_set_no_memory(&r->error);
	return body != NULL;
}

/* Passes bytes to the receiver; returns the number consumed. An error is in a->status. */
static size_t deliver_body(struct csvr_http_attempt *a, const unsigned char *bytes, size_t n)
{
	struct csvr_http_request *r = a->request;
	if (r->on_body != NULL) {
		n = r->on_body(r->context, bytes, n);
	} else if (r->buffer != NULL) {
		if (n > r->capacity - a->progress->n_bytes) {
			set_protocol_error(a, "the server returned more bytes than requested");
			return 0;
		}
		r->body = r->buffer;
		memcpy(r->buffer + a->progress->n_bytes, bytes, n);
	} else {
		if (!reserve_body(a, n))
			return 0;
		memcpy(r->body + a->progress->n_bytes, bytes, n);
	}
	a->progress->n_bytes += n;
	a->progress->is_pinned |= n > 0;
	return n;
}

/* Delivers the requested part of bytes[0, n); returns the number of bytes consumed. */
static size_t deliver_range(struct csvr_http_attempt *a, const unsigned char *bytes, size_t n)
{
	const struct csvr_http_request *r = a->request;
	const size_t n_skipped = a->n_skip < n ? (size_t)a->n_skip : n;
	a->n_skip -= n_skipped;
	size_t n_wanted = n - n_skipped;
	if (r->n_bytes > 0 && n_wanted > r->n_bytes - a->progress->n_bytes)
		n_wanted = (size_t)(r->n_bytes - a->progress->n_bytes);
	const size_t n_done = n_skipped +
			      (n_wanted > 0 ? deliver_body(a, bytes + n_skipped, n_wanted) : 0);
	a->is_complete = n_done < n && a->n_skip == 0 && r->n_bytes > 0 &&
			 a->progress->n_bytes == r->n_bytes;
	return n_done;
}

/* CURLOPT_WRITEFUNCTION. */
static size_t on_write(char *data, size_t size, size_t n, void *context)
{
	struct csvr_http_attempt *a = context;
	n *= size;
	a->last_byte_ns = csvr_clock_wall_ns();
	if (check_header(a) != CSVR_OK)
		return n == 0;
	if (a->is_error_response) {
		const size_t room = sizeof a->error_body - a->n_error_body;
		memcpy(a->error_body + a->n_error_body, data, n < room ? n : room);
		a->n_error_body += n < room ? n : room;
		return n;
	}
	const size_t n_before = a->n_delivered_before;
	const size_t n_done = n_before +
			      deliver_range(a, (unsigned char *)data + n_before, n - n_before);
	a->n_bytes += n_done - n_before;
	if (a->status != CSVR_OK)
		return n == 0;
	if (n_done < n && !a->is_complete) {
		/* When resumed, libcurl passes the same bytes again, perhaps followed by more. */
		a->n_delivered_before = n_done;
		a->is_paused = true;
		return CURL_WRITEFUNC_PAUSE;
	}
	a->n_delivered_before = 0;
	return a->is_complete ? 0 : n; /* 0 ends the transfer with CURLE_WRITE_ERROR */
}

/* ---- the request ---- */

enum csvr_status csvr_http_attempt_new(const struct csvr_s3 *s3, struct csvr_http_attempt **attempt)
{
	struct csvr_http_attempt *a = *attempt = calloc(1, sizeof *a);
	if (a == NULL)
		return CSVR_NO_MEMORY;
	a->s3 = s3;
	a->easy = curl_easy_init();
	if (a->easy != NULL)
		return CSVR_OK;
	free(a);
	*attempt = NULL;
	return CSVR_NO_MEMORY;
}

void csvr_http_attempt_free(struct csvr_http_attempt *a)
{
	if (a == NULL)
		return;
	curl_easy_cleanup(a->easy);
	curl_slist_free_all(a->headers);
	free(a);
}

static bool append_header(struct csvr_http_attempt *a, const char *header)
{
	struct curl_slist *headers = curl_slist_append(a->headers, header);
	if (headers != NULL)
		a->headers = headers;
	return headers != NULL;
}

/* The range that is still missing; 0 bytes: from `*begin` to the end. */
static uint64_t remaining_range(const struct csvr_http_attempt *a, uint64_t *begin)
{
	const struct csvr_http_request *r = a->request;
	const uint64_t n_delivered = a->progress->n_bytes;
	*begin = r->begin;
	/* It cannot be resumed: request it whole; check_header skips the delivered bytes. */
	if (n_delivered > 0 && !(a->progress->has_ranges && csvr_etag_is_strong(expected_etag(a))))
		return r->n_bytes;
	*begin += n_delivered;
	if (r->n_bytes > 0)
		return r->n_bytes - n_delivered;
	return n_delivered > 0 && r->size_bytes != UNKNOWN && r->size_bytes > *begin
		       ? r->size_bytes - *begin
		       : 0;
}

static enum csvr_status set_signed_url(struct csvr_http_attempt *a, uint64_t begin,
				       uint64_t n_bytes)
{
	struct csvr_http_request *r = a->request;
	struct csvr_s3_request signed_request;
	if (n_bytes == 0) /* the whole object; check_header skips up to `begin` */
		begin = 0;
	enum csvr_status status = csvr_s3_sign_request(a->s3, r->url, r->query, begin, n_bytes,
						       expected_etag(a), (int64_t)time(NULL),
						       &signed_request, &r->error);
	if (status != CSVR_OK)
		return status;
	curl_easy_setopt(a->easy, CURLOPT_URL, signed_request.url);
	bool ok = true;
	for (size_t i = 0; i < signed_request.n_headers && ok; i++)
		ok = append_header(a, signed_request.headers[i]);
	csvr_s3_request_clear(&signed_request);
	return ok ? CSVR_OK : CSVR_NO_MEMORY;
}

static enum csvr_status set_plain_url(struct csvr_http_attempt *a, uint64_t begin, uint64_t n_bytes)
{
	curl_easy_setopt(a->easy, CURLOPT_URL, a->request->url);
	curl_easy_setopt(a->easy, CURLOPT_FOLLOWLOCATION, 1L);
	curl_easy_setopt(a->easy, CURLOPT_MAXREDIRS, max_redirects);
	char text[64];
	if (n_bytes > 0 || begin > 0) {
		if (n_bytes > 0)
			snprintf(text, sizeof text, "%" PRIu64 "-%" PRIu64, begin,
				 begin + n_bytes - 1);
		else
			snprintf(text, sizeof text, "%" PRIu64 "-", begin);
		curl_easy_setopt(a->easy, CURLOPT_RANGE, text);
	}
	const char *etag = expected_etag(a);
	if (!csvr_etag_is_strong(etag))
		return CSVR_OK;
	char header[256];
	snprintf(header, sizeof header, "If-Match: %s", etag);
	return append_header(a, header) ? CSVR_OK : CSVR_NO_MEMORY;
}

static void set_ca_bundle(struct csvr_http_attempt *a)
{
	static const char *const names[] = { "AWS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE" };
	const char *bundle = csvr_is_s3(a->request->url) && a->s3 != NULL ? csvr_s3_ca_bundle(a->s3)
									  : NULL;
	for (size_t i = 0; i < sizeof names / sizeof names[0] && bundle == NULL; i++) {
		bundle = getenv(names[i]);
		if (bundle != NULL && bundle[0] == '\0')
			bundle = NULL;
	}
	if (bundle != NULL)
		curl_easy_setopt(a->easy, CURLOPT_CAINFO, bundle);
}

static void set_options(struct csvr_http_attempt *a, bool is_fresh)
{
	CURL *easy = a->easy;
	curl_easy_reset(easy); /* keeps connections */
	curl_easy_setopt(easy, CURLOPT_PRIVATE, (char *)a);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, a->curl_message);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, a);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_write);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, a);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	/* ~/.netrc provides user names and passwords; URLs must not contain them. */
	if (!csvr_is_s3(a->request->url))
		curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_OPTIONAL);
	curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 1L);
#if LIBCURL_VERSION_NUM >= 0x075500
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
#else
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
	curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, connect_timeout_s);
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, receive_buffer_bytes);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "csv-report/" CSVR_VERSION_STRING);
	curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, is_fresh ? 1L : 0L);
}

/* Discards the start of an interrupted body in a buffer if it cannot be resumed. */
static void discard_unresumable_body(struct csvr_http_attempt *a)
{
	if (a->request->on_body == NULL &&
	    !(a->progress->has_ranges && csvr_etag_is_strong(expected_etag(a)))) {
		a->progress->n_bytes = 0;
		a->progress->is_pinned = false;
	}
}

enum csvr_status csvr_http_attempt_start(struct csvr_http_attempt *a,
					 struct csvr_http_request *request,
					 struct csvr_body_progress *progress, bool is_fresh)
{
	a->request = request;
	a->progress = progress;
	csvr_http_response_init(&a->response);
	a->curl_message[0] = '\0';
	a->n_error_body = a->n_delivered_before = 0;
	a->n_skip = a->n_bytes = 0;
	a->is_header_checked = a->is_paused = a->is_complete = a->is_error_response = false;
	a->status = CSVR_OK;
	a->first_byte_ns = 0;
	a->started_ns = a->last_byte_ns = csvr_clock_wall_ns();
	curl_slist_free_all(a->headers);
	a->headers = NULL;
	discard_unresumable_body(a);
	set_options(a, is_fresh);
	set_ca_bundle(a);
	uint64_t begin;
	const uint64_t n_bytes = remaining_range(a, &begin);
	enum csvr_status status = csvr_is_s3(request->url) ? set_signed_url(a, begin, n_bytes)
							   : set_plain_url(a, begin, n_bytes);
	if (status == CSVR_NO_MEMORY)
		csvr_error_set_no_memory(&request->error);
	if (status == CSVR_OK && a->headers != NULL)
		curl_easy_setopt(a->easy, CURLOPT_HTTPHEADER, a->headers);
	return status;
}

/* ---- the outcome ---- */

static enum csvr_http_outcome finish_error_response(struct csvr_http_attempt *a)
{
	struct csvr_http_request *r = a->request;
	const int http_status = a->response.http_status;
	r->http_status = http_status;
	if (http_status == 412 && csvr_etag_is_strong(expected_etag(a))) {
		r->status = set_file_changed(a);
		return CSVR_HTTP_FAILED;
	}
	/* The object was longer when the first bytes were delivered. */
	if (http_status == 416 && a->progress->n_bytes > 0) {
		r->status = set_file_changed(a);
		return CSVR_HTTP_FAILED;
	}
	/* The range starts at or after the end: nothing to read, as with read(2) at the end of a file. */
	if (http_status == 416 && a->response.size_bytes != UNKNOWN &&
	    a->response.size_bytes <= r->begin) {
		record_object(a);
		r->status = CSVR_OK;
		return CSVR_HTTP_DONE;
	}
	r->status = CSVR_IO_ERROR;
	const bool is_transient = csvr_is_s3(r->url) && a->s3 != NULL
					  ? csvr_s3_describe_error(a->s3, http_status,
								   a->error_body, a->n_error_body,
								   &r->error)
					  : csvr_http_describe_status(http_status, &r->error);
	return is_transient ? CSVR_HTTP_RETRY : CSVR_HTTP_FAILED;
}

static void describe_failure(struct csvr_http_attempt *a, CURLcode code, bool is_stalled,
			     struct csvr_http_attempt_result *result)
{
	struct csvr_http_request *r = a->request;
	bool is_transient = true;
	r->status = CSVR_IO_ERROR;
	if (is_stalled)
		csvr_error_set(&r->error, CSVR_IO_ERROR, 0, "the server sent nothing for %.1f s",
			       (double)(csvr_clock_wall_ns() - a->last_byte_ns) * 1e-9);
	else
		is_transient = csvr_http_describe_curl_error(code, a->curl_message,
							     &result->is_unreachable, &r->error);
	result->outcome = is_transient ? CSVR_HTTP_RETRY : CSVR_HTTP_FAILED;
}

/* Whether the whole range was delivered, if its length is known. */
static bool is_body_complete(const struct csvr_http_attempt *a)
{
	const struct csvr_http_request *r = a->request;
	const uint64_t size = r->size_bytes;
	if (a->n_skip > 0)
		return false;
	if (r->n_bytes > 0 && a->progress->n_bytes == r->n_bytes)
		return true;
	if (size == UNKNOWN)
		return false;
	return a->progress->n_bytes == (size > r->begin ? size - r->begin : 0);
}

struct csvr_http_attempt_result csvr_http_attempt_finish(struct csvr_http_attempt *a, CURLcode code,
							 bool is_stalled)
{
	struct csvr_http_request *r = a->request;
	struct csvr_http_attempt_result result = { CSVR_HTTP_FAILED, false, false,
						   a->response.retry_after_s };
	const bool has_header = code == CURLE_OK || a->is_header_checked;
	if (has_header && !is_stalled)
		(void)check_header(a);
	r->n_body = (size_t)a->progress->n_bytes;
	const int http_status = a->response.http_status;
	result.is_throttled = a->is_error_response && (http_status == 429 || http_status == 503);
	if (a->status != CSVR_OK) {
		r->status = a->status;
	} else if (a->is_error_response && a->is_header_checked) {
		result.outcome = finish_error_response(a);
	} else if (a->is_header_checked &&
		   (is_body_complete(a) || (code == CURLE_OK && r->size_bytes == UNKNOWN))) {
		r->status = CSVR_OK;
		result.outcome = CSVR_HTTP_DONE;
	} else {
		describe_failure(a, code == CURLE_OK ? CURLE_PARTIAL_FILE : code, is_stalled,
				 &result);
	}
	if (r->status == CSVR_OK)
		r->error = (struct csvr_error){ .status = CSVR_OK };
	else
		r->error.status = r->status;
	return result;
}
