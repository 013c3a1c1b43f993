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
static const long connect_s = 10;
static const long most_redirects = 10;

/* Libcurl's own are 16 KiB: at a GB/s that is 60,000 calls a second. */
static const long receive_bytes = 128 * 1024;

#define NOT_TOLD CSVR_SIZE_UNKNOWN

enum { NS = 1000000000 };

/* ---- versions ---- */

static bool is_strong(const char *etag)
{
	return etag[0] != '\0' && strncmp(etag, "W/", 2) != 0;
}

/* The version that the answer must be of; "": none is known by an etag. */
static const char *wanted_etag(const struct csvr_http_attempt *a)
{
	if (a->request->etag != NULL && a->request->etag[0] != '\0')
		return a->request->etag;
	return a->had->is_pinned ? a->request->found_etag : "";
}

static int64_t wanted_mtime_ns(const struct csvr_http_attempt *a)
{
	if (a->request->wanted_mtime_ns != 0)
		return a->request->wanted_mtime_ns;
	return a->had->is_pinned ? a->request->mtime_ns : 0;
}

/* 0: not known. */
static uint64_t wanted_size(const struct csvr_http_attempt *a)
{
	if (a->request->wanted_size != 0)
		return a->request->wanted_size;
	return a->had->is_pinned && a->request->size_bytes != NOT_TOLD ? a->request->size_bytes : 0;
}

/* Of the whole object. */
static uint64_t told_size(const struct csvr_http_response *answer)
{
	return answer->http_status == 200 ? answer->length : answer->size_bytes;
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
	const int64_t whole = mtime_ns / NS * NS;
	if (etag[0] == '\0')
		return mtime_ns;
	/* Some servers put quotes around it in one place and not in another. */
	if (strncmp(etag, "W/", 2) == 0)
		etag += 2;
	for (; *etag != '\0'; etag++)
		if (*etag != '"')
			hash = (hash ^ (unsigned char)*etag) * UINT64_C(0x100000001b3);
	return whole + (int64_t)((hash ^ hash >> 32) % NS);
}

static bool is_same_version(const struct csvr_http_attempt *a)
{
	const char *etag = wanted_etag(a);
	const uint64_t size = wanted_size(a), told = told_size(&a->answer);
	if (size != 0 && told != NOT_TOLD && size != told)
		return false;
	if (etag[0] != '\0' && a->answer.etag[0] != '\0')
		return is_same_etag(etag, a->answer.etag);
	const int64_t mtime_ns = wanted_mtime_ns(a);
	/* What came out of a saved state has its etag in its time only. */
	if (mtime_ns % NS != 0 && a->answer.etag[0] != '\0')
		return mtime_ns == csvr_object_version_time(a->answer.mtime_ns, a->answer.etag);
	/* An answer tells whole seconds. */
	return mtime_ns == 0 || a->answer.mtime_ns == 0 || mtime_ns / NS == a->answer.mtime_ns / NS;
}

/* Whether the answer can be known to be of the version that was delivered so far. */
static bool is_known_version(const struct csvr_http_attempt *a)
{
	return (wanted_etag(a)[0] != '\0' && a->answer.etag[0] != '\0') ||
	       (wanted_mtime_ns(a) != 0 && a->answer.mtime_ns != 0);
}

/* ---- the head of an answer ---- */

/* Called for each line, those of redirections too. */
static size_t on_header(char *line, size_t size, size_t n_line, void *context)
{
	struct csvr_http_attempt *a = context;
	n_line *= size;
	a->last_ns = csvr_clock_wall_ns();
	if (a->first_ns == 0)
		a->first_ns = a->last_ns;
	csvr_http_response_parse_line(&a->answer, line, n_line);
	return n_line;
}

static enum csvr_status changed(struct csvr_http_attempt *a)
{
	return a->verdict = csvr_error_set(&a->request->error, CSVR_FILE_CHANGED, 0,
					   "was replaced while it was read; run again when nothing "
					   "replaces it");
}

static enum csvr_status wrong(struct csvr_http_attempt *a, const char *what)
{
	return a->verdict = csvr_error_set(&a->request->error, CSVR_IO_ERROR, 0, "%s", what);
}

/* What the head says of the object, into the request's answer. Not for refusals: the version of what was had
 * already stands there. */
static void tell_object(struct csvr_http_attempt *a)
{
	struct csvr_http_request *r = a->request;
	const struct csvr_http_response *answer = &a->answer;
	r->http_status = answer->http_status;
	/* What was told of the version that was delivered in part still holds. */
	const uint64_t told = told_size(answer);
	if (told != NOT_TOLD || !a->had->is_pinned)
		r->size_bytes = told;
	r->has_ranges = answer->http_status == 206 || answer->http_status == 416 ||
			(answer->has_ranges && r->begin == 0 && r->n_bytes == 0);
	r->mtime_ns = answer->mtime_ns;
	memcpy(r->found_etag, answer->etag, sizeof r->found_etag);
	memcpy(r->content_type, answer->content_type, sizeof r->content_type);
}

/* Once, when the head is there: whether the body is content, and from where on it is wanted. */
static enum csvr_status settle(struct csvr_http_attempt *a)
{
	const struct csvr_http_request *r = a->request;
	const struct csvr_http_response *answer = &a->answer;
	if (a->is_settled)
		return a->verdict;
	a->is_settled = true;
	a->is_refused = answer->http_status != 200 && answer->http_status != 206;
	if (a->is_refused)
		return CSVR_OK;
	if (!is_same_version(a) && r->query == NULL)
		return changed(a);
	if (a->had->n_bytes > 0 && !is_known_version(a))
		return wrong(a, "broke off, and the server names no version by which it could be "
				"gone on with");
	const uint64_t next = r->begin + a->had->n_bytes;
	const uint64_t begin = answer->http_status == 200 ? 0 : answer->begin;
	if (begin == NOT_TOLD || begin > next)
		return wrong(a, "the server answered with another range than was asked for");
	a->n_skip = next - begin;
	a->had->has_ranges = answer->http_status == 206 || answer->has_ranges;
	tell_object(a);
	return CSVR_OK;
}

/* ---- the body ---- */

/* Room for `n` more bytes of a body that the receiver frees. */
static bool make_room(struct csvr_http_attempt *a, size_t n)
{
	struct csvr_http_request *r = a->request;
	if (r->capacity > 0 && n > r->capacity - a->had->n_bytes) {
		a->verdict = csvr_error_set(&r->error, CSVR_IO_ERROR, 0,
					    "the server answered with more than %zu bytes",
					    r->capacity);
		return false;
	}
	unsigned char *body = csvr_array_grow(r->body, &a->had->capacity,
					      (size_t)a->had->n_bytes + n, 1);
	if (body != NULL)
		r->body = body;
	else
		a->verdict = csvr_error_set_no_memory(&r->error);
	return body != NULL;
}

/* Hands bytes on; returns how many were taken. With a->verdict set it is over. */
static size_t deliver(struct csvr_http_attempt *a, const unsigned char *bytes, size_t n)
{
	struct csvr_http_request *r = a->request;
	if (r->take != NULL) {
		n = r->take(r->context, bytes, n);
	} else if (r->buffer != NULL) {
		if (n > r->capacity - a->had->n_bytes) {
			wrong(a, "the server answered with more than was asked for");
			return 0;
		}
		r->body = r->buffer;
		memcpy(r->buffer + a->had->n_bytes, bytes, n);
	} else {
		if (!make_room(a, n))
			return 0;
		memcpy(r->body + a->had->n_bytes, bytes, n);
	}
	a->had->n_bytes += n;
	a->had->is_pinned |= n > 0;
	return n;
}

/* What of `n` bytes at `bytes` is wanted is handed on; returns how many are done with. */
static size_t take_content(struct csvr_http_attempt *a, const unsigned char *bytes, size_t n)
{
	const struct csvr_http_request *r = a->request;
	const size_t n_skipped = a->n_skip < n ? (size_t)a->n_skip : n;
	a->n_skip -= n_skipped;
	size_t n_wanted = n - n_skipped;
	if (r->n_bytes > 0 && n_wanted > r->n_bytes - a->had->n_bytes)
		n_wanted = (size_t)(r->n_bytes - a->had->n_bytes);
	const size_t n_done = n_skipped +
			      (n_wanted > 0 ? deliver(a, bytes + n_skipped, n_wanted) : 0);
	a->is_enough = n_done < n && a->n_skip == 0 && r->n_bytes > 0 &&
		       a->had->n_bytes == r->n_bytes;
	return n_done;
}

static size_t on_body(char *data, size_t size, size_t n, void *context)
{
	struct csvr_http_attempt *a = context;
	n *= size;
	a->last_ns = csvr_clock_wall_ns();
	if (settle(a) != CSVR_OK)
		return n == 0;
	if (a->is_refused) {
		const size_t room = sizeof a->refusal - a->n_refusal;
		memcpy(a->refusal + a->n_refusal, data, n < room ? n : room);
		a->n_refusal += n < room ? n : room;
		return n;
	}
	const size_t n_before = a->n_again;
	const size_t n_done = n_before +
			      take_content(a, (unsigned char *)data + n_before, n - n_before);
	a->n_bytes += n_done - n_before;
	if (a->verdict != CSVR_OK)
		return n == 0;
	if (n_done < n && !a->is_enough) {
		/* The same bytes are handed over again, perhaps with more behind them. */
		a->n_again = n_done;
		a->is_held = true;
		return CURL_WRITEFUNC_PAUSE;
	}
	a->n_again = 0;
	return a->is_enough ? 0 : n; /* it ends here, by what libcurl takes for an error */
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

static bool add_header(struct csvr_http_attempt *a, const char *header)
{
	struct curl_slist *headers = curl_slist_append(a->headers, header);
	if (headers != NULL)
		a->headers = headers;
	return headers != NULL;
}

/* The range that is still to come; 0 bytes: to the end, from `*begin` on. */
static uint64_t rest_of(const struct csvr_http_attempt *a, uint64_t *begin)
{
	const struct csvr_http_request *r = a->request;
	const uint64_t n_had = a->had->n_bytes;
	*begin = r->begin;
	/* Not in the middle, but from its beginning: settle() lets what was had be skipped. */
	if (n_had > 0 && !(a->had->has_ranges && is_strong(wanted_etag(a))))
		return r->n_bytes;
	*begin += n_had;
	if (r->n_bytes > 0)
		return r->n_bytes - n_had;
	return n_had > 0 && r->size_bytes != NOT_TOLD && r->size_bytes > *begin
		       ? r->size_bytes - *begin
		       : 0;
}

static enum csvr_status sign(struct csvr_http_attempt *a, uint64_t begin, uint64_t n_bytes)
{
	struct csvr_http_request *r = a->request;
	struct csvr_s3_request call;
	if (n_bytes == 0) /* it is asked for whole, and skipped */
		begin = 0;
	enum csvr_status status = csvr_s3_sign_request(a->s3, r->url, r->query, begin, n_bytes,
						       wanted_etag(a), (int64_t)time(NULL), &call,
						       &r->error);
	if (status != CSVR_OK)
		return status;
	curl_easy_setopt(a->easy, CURLOPT_URL, call.url);
	bool is_fine = true;
	for (size_t i = 0; i < call.n_headers && is_fine; i++)
		is_fine = add_header(a, call.headers[i]);
	csvr_s3_request_clear(&call);
	return is_fine ? CSVR_OK : CSVR_NO_MEMORY;
}

static enum csvr_status url_plainly(struct csvr_http_attempt *a, uint64_t begin, uint64_t n_bytes)
{
	curl_easy_setopt(a->easy, CURLOPT_URL, a->request->url);
	curl_easy_setopt(a->easy, CURLOPT_FOLLOWLOCATION, 1L);
	curl_easy_setopt(a->easy, CURLOPT_MAXREDIRS, most_redirects);
	char text[64];
	if (n_bytes > 0 || begin > 0) {
		if (n_bytes > 0)
			snprintf(text, sizeof text, "%" PRIu64 "-%" PRIu64, begin,
				 begin + n_bytes - 1);
		else
			snprintf(text, sizeof text, "%" PRIu64 "-", begin);
		curl_easy_setopt(a->easy, CURLOPT_RANGE, text);
	}
	const char *etag = wanted_etag(a);
	if (!is_strong(etag))
		return CSVR_OK;
	char header[256];
	snprintf(header, sizeof header, "If-Match: %s", etag);
	return add_header(a, header) ? CSVR_OK : CSVR_NO_MEMORY;
}

static void trust(struct csvr_http_attempt *a)
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

static void set_up(struct csvr_http_attempt *a, bool is_fresh)
{
	CURL *easy = a->easy;
	curl_easy_reset(easy); /* connections stay */
	curl_easy_setopt(easy, CURLOPT_PRIVATE, (char *)a);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, a->reason);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, a);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
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
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, connect_s);
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, receive_bytes);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "csv-report/" CSVR_VERSION_STRING);
	curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, is_fresh ? 1L : 0L);
}

/* What a body that broke off has left: gone on with, or begun again. */
static void forget_what_cannot_be_gone_on_with(struct csvr_http_attempt *a)
{
	if (a->request->take == NULL && !(a->had->has_ranges && is_strong(wanted_etag(a)))) {
		a->had->n_bytes = 0;
		a->had->is_pinned = false;
	}
}

enum csvr_status csvr_http_attempt_start(struct csvr_http_attempt *a,
					 struct csvr_http_request *request,
					 struct csvr_body_progress *had, bool is_fresh)
{
	a->request = request;
	a->had = had;
	csvr_http_response_init(&a->answer);
	a->reason[0] = '\0';
	a->n_refusal = a->n_again = 0;
	a->n_skip = a->n_bytes = 0;
	a->is_settled = a->is_held = a->is_enough = a->is_refused = false;
	a->verdict = CSVR_OK;
	a->first_ns = 0;
	a->begun_ns = a->last_ns = csvr_clock_wall_ns();
	curl_slist_free_all(a->headers);
	a->headers = NULL;
	forget_what_cannot_be_gone_on_with(a);
	set_up(a, is_fresh);
	trust(a);
	uint64_t begin;
	const uint64_t n_bytes = rest_of(a, &begin);
	enum csvr_status status = csvr_is_s3(request->url) ? sign(a, begin, n_bytes)
							   : url_plainly(a, begin, n_bytes);
	if (status == CSVR_NO_MEMORY)
		csvr_error_set_no_memory(&request->error);
	if (status == CSVR_OK && a->headers != NULL)
		curl_easy_setopt(a->easy, CURLOPT_HTTPHEADER, a->headers);
	return status;
}

/* ---- what it means ---- */

static const char *phrase_of(int http_status)
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

static const char *remedy_of(int http_status)
{
	if (http_status == 404 || http_status == 410)
		return "; check the address";
	if (http_status == 401 || http_status == 403)
		return "; it is not for everybody to read";
	return "";
}

/* A refusal that is not S3's. */
static bool explain_plainly(struct csvr_http_attempt *a)
{
	const int http_status = a->answer.http_status;
	const char *phrase = phrase_of(http_status);
	csvr_error_set(&a->request->error, CSVR_IO_ERROR, 0, "the server answered %d%s%s%s%s",
		       http_status, phrase != NULL ? " (" : "", phrase != NULL ? phrase : "",
		       phrase != NULL ? ")" : "", remedy_of(http_status));
	return http_status == 408 || http_status == 429 || http_status >= 500;
}

static enum csvr_http_outcome end_refused(struct csvr_http_attempt *a)
{
	struct csvr_http_request *r = a->request;
	const int http_status = a->answer.http_status;
	r->http_status = http_status;
	if (http_status == 412 && is_strong(wanted_etag(a))) {
		r->status = changed(a);
		return CSVR_HTTP_FAILED;
	}
	/* It had more a moment ago. */
	if (http_status == 416 && a->had->n_bytes > 0) {
		r->status = changed(a);
		return CSVR_HTTP_FAILED;
	}
	/* Nothing lies where it was asked for: as a read at the end of a file. */
	if (http_status == 416 && a->answer.size_bytes != NOT_TOLD &&
	    a->answer.size_bytes <= r->begin) {
		tell_object(a);
		r->status = CSVR_OK;
		return CSVR_HTTP_DONE;
	}
	r->status = CSVR_IO_ERROR;
	const bool may_pass = csvr_is_s3(r->url) && a->s3 != NULL
				      ? csvr_s3_describe_error(a->s3, r->url, http_status,
							       a->refusal, a->n_refusal, &r->error)
				      : explain_plainly(a);
	return may_pass ? CSVR_HTTP_RETRY : CSVR_HTTP_FAILED;
}

/* How people are told what libcurl met, and what may pass. */
static const struct meaning {
	CURLcode code;
	enum csvr_http_outcome end;
	bool is_unreachable;
	const char *before, *after; /* around libcurl's own words; NULL: without those */
} meanings[] = {
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

static const struct meaning other_meaning = { CURLE_OK, CSVR_HTTP_RETRY, false,
					      "the transfer failed: ", "" };

static const struct meaning *meaning_of(CURLcode code)
{
	for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
		if (meanings[i].code == code)
			return &meanings[i];
	return &other_meaning;
}

static void explain_failure(struct csvr_http_attempt *a, CURLcode code, bool is_stalled,
			    struct csvr_http_attempt_result *news)
{
	struct csvr_http_request *r = a->request;
	r->status = CSVR_IO_ERROR;
	if (is_stalled) {
		news->end = CSVR_HTTP_RETRY;
		csvr_error_set(&r->error, CSVR_IO_ERROR, 0, "the server sent nothing for %.1f s",
			       (double)(csvr_clock_wall_ns() - a->last_ns) * 1e-9);
		return;
	}
	const struct meaning *meaning = meaning_of(code);
	news->end = meaning->end;
	news->is_unreachable = meaning->is_unreachable;
	csvr_error_set(&r->error, CSVR_IO_ERROR, 0, "%s%s%s", meaning->before,
		       a->reason[0] != '\0' ? a->reason : curl_easy_strerror(code), meaning->after);
}

/* Whether all of the content is there, as far as its length is known. */
static bool is_whole(const struct csvr_http_attempt *a)
{
	const struct csvr_http_request *r = a->request;
	const uint64_t size = r->size_bytes;
	if (a->n_skip > 0)
		return false;
	if (r->n_bytes > 0 && a->had->n_bytes == r->n_bytes)
		return true;
	if (size == NOT_TOLD)
		return false;
	return a->had->n_bytes == (size > r->begin ? size - r->begin : 0);
}

struct csvr_http_attempt_result csvr_http_attempt_finish(struct csvr_http_attempt *a, CURLcode code,
							 bool is_stalled)
{
	struct csvr_http_request *r = a->request;
	struct csvr_http_attempt_result news = { CSVR_HTTP_FAILED, false, false,
						 a->answer.retry_after_s };
	const bool has_head = code == CURLE_OK || a->is_settled;
	if (has_head && !is_stalled)
		(void)settle(a);
	r->n_body = (size_t)a->had->n_bytes;
	const int http_status = a->answer.http_status;
	news.is_throttled = a->is_refused && (http_status == 429 || http_status == 503);
	if (a->verdict != CSVR_OK) {
		r->status = a->verdict;
	} else if (a->is_refused && a->is_settled) {
		news.end = end_refused(a);
	} else if (a->is_settled &&
		   (is_whole(a) || (code == CURLE_OK && r->size_bytes == NOT_TOLD))) {
		r->status = CSVR_OK;
		news.end = CSVR_HTTP_DONE;
	} else {
		explain_failure(a, code == CURLE_OK ? CURLE_PARTIAL_FILE : code, is_stalled, &news);
	}
	if (r->status == CSVR_OK)
		r->error = (struct csvr_error){ .status = CSVR_OK };
	else
		r->error.status = r->status;
	return news;
}
