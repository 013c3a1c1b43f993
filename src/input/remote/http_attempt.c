/* http_attempt.c - one attempt of a request: what is sent, what comes back, and what that means
 *
 * A body that broke off is gone on with in its middle where the server can do that and names a version
 * that it can be asked for (a strong etag). What nobody has seen yet, because it went into a buffer,
 * begins again otherwise. What was handed on is asked for again whole, and skipped as far as it was had,
 * if the server tells by a weak etag or a time that it is the same; if it tells nothing, it fails: two
 * versions must never be mixed.
 *
 * Source   RFC 9110 (ranges, conditions, Retry-After); libcurl's manual of curl_easy_setopt
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

/* A connection takes a few round trips; 10 s are enough for one to the other side of the world over a
 * link that loses every second packet. */
static const long connect_timeout_s = 10;
static const long max_redirects = 10;

/* Libcurl's own are 16 KiB: at a GB/s that is 60,000 calls a second. */
static const long receive_buffer_bytes = 128 * 1024;

#define UNKNOWN CSVR_SIZE_UNKNOWN

enum { NS = 1000000000 };

/* ---- versions ---- */

static bool is_strong_etag(const char *etag)
{
	return etag[0] != '\0' && strncmp(etag, "W/", 2) != 0;
}

/* The version that the answer must be of; "": none is known by an etag. */
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

/* 0: not known. */
static uint64_t expected_size(const struct csvr_http_attempt *a)
{
	if (a->request->expected_size != 0)
		return a->request->expected_size;
	return a->progress->is_pinned && a->request->size_bytes != UNKNOWN ? a->request->size_bytes
									   : 0;
}

/* Of the whole object. */
static uint64_t reported_size(const struct csvr_http_response *response)
{
	return response->http_status == 200 ? response->length : response->size_bytes;
}

/* Some servers leave the quotes out of one of the two places where they tell it, or the mark of a weak
 * one. */
static bool is_same_etag(const char *a, const char *b)
{
	a += strncmp(a, "W/", 2) == 0 ? 2 : 0;
	b += strncmp(b, "W/", 2) == 0 ? 2 : 0;
	a += *a == '"';
	b += *b == '"';
	const size_t n = strcspn(a, "\"");
	return n == strcspn(b, "\"") && strncmp(a, b, n) == 0;
}

int64_t csvr_object_version_time(int64_t mtime_ns, const char *etag)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
	const int64_t seconds_ns = mtime_ns / NS * NS;
	if (etag[0] == '\0')
		return mtime_ns;
	/* Some servers put quotes around it in one place and not in another. */
	if (strncmp(etag, "W/", 2) == 0)
		etag += 2;
	for (; *etag != '\0'; etag++)
		if (*etag != '"')
			hash = (hash ^ (unsigned char)*etag) * UINT64_C(0x100000001b3);
	return seconds_ns + (int64_t)((hash ^ hash >> 32) % NS);
}

static bool is_same_version(const struct csvr_http_attempt *a)
{
	const char *etag = expected_etag(a);
	const uint64_t size = expected_size(a), size_bytes = reported_size(&a->response);
	if (size != 0 && size_bytes != UNKNOWN && size != size_bytes)
		return false;
	if (etag[0] != '\0' && a->response.etag[0] != '\0')
		return is_same_etag(etag, a->response.etag);
	const int64_t mtime_ns = expected_mtime_ns(a);
	/* What came out of a saved state has its etag in its time only. */
	if (mtime_ns % NS != 0 && a->response.etag[0] != '\0')
		return mtime_ns == csvr_object_version_time(a->response.mtime_ns, a->response.etag);
	/* An answer tells whole seconds. */
	return mtime_ns == 0 || a->response.mtime_ns == 0 ||
	       mtime_ns / NS == a->response.mtime_ns / NS;
}

/* Whether the answer can be known to be of the version that was delivered so far. */
static bool is_version_known(const struct csvr_http_attempt *a)
{
	return (expected_etag(a)[0] != '\0' && a->response.etag[0] != '\0') ||
	       (expected_mtime_ns(a) != 0 && a->response.mtime_ns != 0);
}

/* ---- the head of an answer ---- */

/* Called for each line, those of redirections too. */
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

/* What the head says of the object, into the request's answer. Not for refusals: the version of what was had
 * already stands there. */
static void record_object(struct csvr_http_attempt *a)
{
	struct csvr_http_request *r = a->request;
	const struct csvr_http_response *response = &a->response;
	r->http_status = response->http_status;
	/* What was told of the version that was delivered in part still holds. */
	const uint64_t size_bytes = reported_size(response);
	if (size_bytes != UNKNOWN || !a->progress->is_pinned)
		r->size_bytes = size_bytes;
	r->has_ranges = response->http_status == 206 || response->http_status == 416 ||
			(response->has_ranges && r->begin == 0 && r->n_bytes == 0);
	r->mtime_ns = response->mtime_ns;
	memcpy(r->response_etag, response->etag, sizeof r->response_etag);
	memcpy(r->content_type, response->content_type, sizeof r->content_type);
}

/* Once, when the head is there: whether the body is content, and from where on it is wanted. */
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
			a, "broke off, and the server names no version by which it could be "
			   "gone on with");
	const uint64_t next = r->begin + a->progress->n_bytes;
	const uint64_t begin = response->http_status == 200 ? 0 : response->begin;
	if (begin == UNKNOWN || begin > next)
		return set_protocol_error(
			a, "the server answered with another range than was asked for");
	a->n_skip = next - begin;
	a->progress->has_ranges = response->http_status == 206 || response->has_ranges;
	record_object(a);
	return CSVR_OK;
}

/* ---- the body ---- */

/* Room for `n` more bytes of a body that the receiver frees. */
static bool reserve_body(struct csvr_http_attempt *a, size_t n)
{
	struct csvr_http_request *r = a->request;
	if (r->capacity > 0 && n > r->capacity - a->progress->n_bytes) {
		a->status = csvr_error_set(&r->error, CSVR_IO_ERROR, 0,
					   "the server answered with more than %zu bytes",
					   r->capacity);
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

/* Hands bytes on; returns how many were taken. With a->verdict set it is over. */
static size_t deliver_body(struct csvr_http_attempt *a, const unsigned char *bytes, size_t n)
{
	struct csvr_http_request *r = a->request;
	if (r->on_body != NULL) {
		n = r->on_body(r->context, bytes, n);
	} else if (r->buffer != NULL) {
		if (n > r->capacity - a->progress->n_bytes) {
			set_protocol_error(a, "the server answered with more than was asked for");
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

/* What of `n` bytes at `bytes` is wanted is handed on; returns how many are done with. */
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
		/* The same bytes are handed over again, perhaps with more behind them. */
		a->n_delivered_before = n_done;
		a->is_paused = true;
		return CURL_WRITEFUNC_PAUSE;
	}
	a->n_delivered_before = 0;
	return a->is_complete ? 0 : n; /* it ends here, by what libcurl takes for an error */
}

/* ---- what is sent ---- */

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

/* The range that is still to come; 0 bytes: to the end, from `*begin` on. */
static uint64_t remaining_range(const struct csvr_http_attempt *a, uint64_t *begin)
{
	const struct csvr_http_request *r = a->request;
	const uint64_t n_delivered = a->progress->n_bytes;
	*begin = r->begin;
	/* Not in the middle, but from its beginning: settle() lets what was had be skipped. */
	if (n_delivered > 0 && !(a->progress->has_ranges && is_strong_etag(expected_etag(a))))
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
	if (n_bytes == 0) /* it is asked for whole, and skipped */
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
	if (!is_strong_etag(etag))
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
	curl_easy_reset(easy); /* connections stay */
	curl_easy_setopt(easy, CURLOPT_PRIVATE, (char *)a);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, a->curl_message);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, a);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_write);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, a);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	/* Names and passwords come from there, for no url may hold one. */
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

/* What a body that broke off has left: gone on with, or begun again. */
static void discard_unresumable_body(struct csvr_http_attempt *a)
{
	if (a->request->on_body == NULL &&
	    !(a->progress->has_ranges && is_strong_etag(expected_etag(a)))) {
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

/* ---- what it means ---- */

static const char *reason_phrase(int http_status)
{
	static const struct {
		int http_status;
		const char *phrase;
	} phrases[] = {
		{ 400, "Bad Request" },         { 401, "Unauthorized" },
		{ 403, "Forbidden" },           { 404, "Not Found" },
		{ 408, "Request Timeout" },     { 410, "Gone" },
		{ 412, "Precondition Failed" }, { 416, "Range Not Satisfiable" },
		{ 429, "Too Many Requests" },   { 500, "Internal Server Error" },
		{ 502, "Bad Gateway" },         { 503, "Service Unavailable" },
		{ 504, "Gateway Timeout" },
	};
	for (size_t i = 0; i < sizeof phrases / sizeof phrases[0]; i++)
		if (phrases[i].http_status == http_status)
			return phrases[i].phrase;
	return NULL;
}

static const char *remedy(int http_status)
{
	if (http_status == 404 || http_status == 410)
		return "; check the address";
	if (http_status == 401 || http_status == 403)
		return "; it is not for everybody to read";
	return "";
}

/* A refusal that is not S3's. */
static bool describe_status(struct csvr_http_attempt *a)
{
	const int http_status = a->response.http_status;
	const char *phrase = reason_phrase(http_status);
	csvr_error_set(&a->request->error, CSVR_IO_ERROR, 0, "the server answered %d%s%s%s%s",
		       http_status, phrase != NULL ? " (" : "", phrase != NULL ? phrase : "",
		       phrase != NULL ? ")" : "", remedy(http_status));
	return http_status == 408 || http_status == 429 || http_status >= 500;
}

static enum csvr_http_outcome finish_error_response(struct csvr_http_attempt *a)
{
	struct csvr_http_request *r = a->request;
	const int http_status = a->response.http_status;
	r->http_status = http_status;
	if (http_status == 412 && is_strong_etag(expected_etag(a))) {
		r->status = set_file_changed(a);
		return CSVR_HTTP_FAILED;
	}
	/* It had more a moment ago. */
	if (http_status == 416 && a->progress->n_bytes > 0) {
		r->status = set_file_changed(a);
		return CSVR_HTTP_FAILED;
	}
	/* Nothing lies where it was asked for: as a read at the end of a file. */
	if (http_status == 416 && a->response.size_bytes != UNKNOWN &&
	    a->response.size_bytes <= r->begin) {
		record_object(a);
		r->status = CSVR_OK;
		return CSVR_HTTP_DONE;
	}
	r->status = CSVR_IO_ERROR;
	const bool is_transient = csvr_is_s3(r->url) && a->s3 != NULL
					  ? csvr_s3_describe_error(a->s3, r->url, http_status,
								   a->error_body, a->n_error_body,
								   &r->error)
					  : describe_status(a);
	return is_transient ? CSVR_HTTP_RETRY : CSVR_HTTP_FAILED;
}

/* How people are told what libcurl met, and what may pass. */
static const struct curl_error {
	CURLcode code;
	enum csvr_http_outcome outcome;
	bool is_unreachable;
	const char *before, *after; /* around libcurl's own words; NULL: without those */
} curl_errors[] = {
	{ CURLE_COULDNT_RESOLVE_HOST, CSVR_HTTP_RETRY, true,
	  "cannot find the server: ", "; check the address" },
	{ CURLE_COULDNT_RESOLVE_PROXY, CSVR_HTTP_RETRY, true,
	  "cannot find the proxy: ", "; check http_proxy and https_proxy" },
	{ CURLE_COULDNT_CONNECT, CSVR_HTTP_RETRY, true, "cannot connect: ", "" },
	{ CURLE_OPERATION_TIMEDOUT, CSVR_HTTP_RETRY, true, "cannot connect: ", "" },
	{ CURLE_PEER_FAILED_VERIFICATION, CSVR_HTTP_FAILED, false,
	  "the server's certificate is not trusted: ",
	  "; name the file of its authority in AWS_CA_BUNDLE, CURL_CA_BUNDLE or SSL_CERT_FILE" },
	{ CURLE_SSL_CACERT_BADFILE, CSVR_HTTP_FAILED, false,
	  "cannot read certificates: ", "; check AWS_CA_BUNDLE, CURL_CA_BUNDLE and SSL_CERT_FILE" },
	{ CURLE_TOO_MANY_REDIRECTS, CSVR_HTTP_FAILED, false,
	  "the server sends from one address to the next: ", "" },
	{ CURLE_UNSUPPORTED_PROTOCOL, CSVR_HTTP_FAILED, false,
	  "the server sends to an address that is neither http nor https: ", "" },
	{ CURLE_URL_MALFORMAT, CSVR_HTTP_FAILED, false, "is no address: ", "" },
	{ CURLE_OUT_OF_MEMORY, CSVR_HTTP_FAILED, false, "out of memory: ", "" },
	{ CURLE_PARTIAL_FILE, CSVR_HTTP_RETRY, false, "the answer broke off: ", "" },
	{ CURLE_RECV_ERROR, CSVR_HTTP_RETRY, false, "the connection broke off: ", "" },
	{ CURLE_SEND_ERROR, CSVR_HTTP_RETRY, false, "the connection broke off: ", "" },
	{ CURLE_GOT_NOTHING, CSVR_HTTP_RETRY, false, "the server did not answer: ", "" },
	{ CURLE_SSL_CONNECT_ERROR, CSVR_HTTP_RETRY, true, "no secure connection: ", "" },
};

static const struct curl_error other_curl_error = { CURLE_OK, CSVR_HTTP_RETRY, false,
						    "the transfer failed: ", "" };

static const struct curl_error *curl_error_of(CURLcode code)
{
	for (size_t i = 0; i < sizeof curl_errors / sizeof curl_errors[0]; i++)
		if (curl_errors[i].code == code)
			return &curl_errors[i];
	return &other_curl_error;
}

static void describe_failure(struct csvr_http_attempt *a, CURLcode code, bool is_stalled,
			     struct csvr_http_attempt_result *result)
{
	struct csvr_http_request *r = a->request;
	r->status = CSVR_IO_ERROR;
	if (is_stalled) {
		result->outcome = CSVR_HTTP_RETRY;
		csvr_error_set(&r->error, CSVR_IO_ERROR, 0, "the server sent nothing for %.1f s",
			       (double)(csvr_clock_wall_ns() - a->last_byte_ns) * 1e-9);
		return;
	}
	const struct curl_error *curl_error = curl_error_of(code);
	result->outcome = curl_error->outcome;
	result->is_unreachable = curl_error->is_unreachable;
	csvr_error_set(&r->error, CSVR_IO_ERROR, 0, "%s%s%s", curl_error->before,
		       a->curl_message[0] != '\0' ? a->curl_message : curl_easy_strerror(code),
		       curl_error->after);
}

/* Whether all of the content is there, as far as its length is known. */
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
