/* http.c - fuzz target: HTTP responses, and the requests that follow them
 *
 * No network: libcurl connects each attempt to a socket pair whose other end holds the response.
 *
 * Laws  A parsed header has valid values only; a Content-Range of the form of RFC 9110 is parsed. An attempt
 *       ends, with content or with a message. Content is of one version, no longer than requested or
 *       than its buffer, and complete if its length is known. The next request has known headers only,
 *       whatever the responses before contained.
 * Input a line of words, then responses separated by lines `==`. Words: s of S3, t received by a callback, h
 *       by a callback that pauses, e with an expected etag ("v1"), m with an expected time, zN with an
 *       expected size, bN from byte N on, nN of N bytes, rN into a buffer of N bytes
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <fcntl.h>
#include <inttypes.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"
#include "input/remote/http_attempt.h"
#include "law.h"

enum { MAX_INPUT_BYTES = 32768, MAX_ATTEMPTS = 8, MAX_BODY = 65536, NS = 1000000000 };

/* ---- headers alone ---- */

static bool parse_number(const char **at, const char *end, uint64_t *number)
{
	const char *first = *at;
	*number = 0;
	for (; *at < end && **at >= '0' && **at <= '9'; ++*at) {
		const uint64_t digit = (uint64_t)(**at - '0');
		if (*number > (UINT64_MAX - digit) / 10)
			return false;
		*number = *number * 10 + digit;
	}
	return *at > first;
}

/* Content-Range of exactly the form "bytes 5-9/100" must be parsed; other forms may be. */
static void check_range(const char *line, size_t n, const struct csvr_http_response *response)
{
	static const char name[] = "Content-Range: bytes ";
	const char *at = line + sizeof name - 1, *end = line + n;
	uint64_t begin, last, size;
	if (n < sizeof name || memcmp(line, name, sizeof name - 1) != 0)
		return;
	if (!parse_number(&at, end, &begin) || at == end || *at++ != '-' ||
	    !parse_number(&at, end, &last) || at == end || *at++ != '/' ||
	    !parse_number(&at, end, &size) || at != end || begin > last || last >= size ||
	    size > INT64_MAX)
		return;
	LAW(response->begin == begin && response->size_bytes == size,
	    "%.*s: byte %" PRIu64 " of %" PRIu64, (int)n, line, response->begin,
	    response->size_bytes);
}

static void check_line(struct csvr_http_response *response, const char *line, size_t n)
{
	/* A copy of exact size, so that the sanitizer reports reads after its end. */
	char *copy = need(malloc(n));
	memcpy(copy, line, n);
	csvr_http_response_parse_line(response, copy, n);
	check_range(copy, n, response);
	free(copy);
	LAW(response->http_status >= 0 && response->http_status <= 999, "%d",
	    response->http_status);
	LAW(response->mtime_ns >= 0 && response->mtime_ns % NS == 0, "%" PRId64,
	    response->mtime_ns);
	LAW(response->size_bytes == CSVR_SIZE_UNKNOWN || response->size_bytes <= INT64_MAX,
	    "%" PRIu64, response->size_bytes);
	LAW(response->length == CSVR_SIZE_UNKNOWN || response->length <= INT64_MAX, "%" PRIu64,
	    response->length);
	LAW(response->retry_after_s >= 0, "%g", response->retry_after_s);
	LAW(strnlen(response->etag, sizeof response->etag) < sizeof response->etag, "etag");
	LAW(strnlen(response->content_type, sizeof response->content_type) <
		    sizeof response->content_type,
	    "type");
	for (const char *at = response->etag; *at != '\0'; at++)
		LAW((unsigned char)*at >= ' ' && *at != 0x7f, "etag with byte %02x",
		    (unsigned char)*at);
}

static void check_header(const char *text, size_t n)
{
	struct csvr_http_response response;
	csvr_http_response_init(&response);
	while (n > 0) {
		const char *end = memchr(text, '\n', n);
		const size_t n_line = end != NULL ? (size_t)(end - text) : n;
		if (n_line > 0)
			check_line(&response, text, n_line);
		text += n_line + (end != NULL);
		n -= n_line + (end != NULL);
	}
}

/* ---- responses ---- */

struct responses {
	const char *at, *end;
	int peer; /* of the current connection; -1: none */
};

/* The response up to a line ==; advances to after that line. */
static const char *next_response(struct responses *responses, size_t *n)
{
	static const char mark[] = "\n==\n";
	const char *text = responses->at;
	const char *found = memmem(text, (size_t)(responses->end - text), mark, sizeof mark - 1);
	*n = (size_t)((found != NULL ? found + 1 : responses->end) - text);
	responses->at = found != NULL ? found + sizeof mark - 1 : responses->end;
	return text;
}

/* Known headers only: a response must not be able to inject one. */
static void check_sent(const char *sent, size_t n)
{
	static const char *const known[] = {
		"GET ",   "Host:",     "User-Agent:",    "Accept:",
		"Range:", "If-Match:", "Authorization:", "x-amz-",
	};
	while (n > 0) {
		const char *end = memchr(sent, '\n', n);
		const size_t n_line = end != NULL ? (size_t)(end - sent) : n;
		bool is_known = n_line <= 1;
		for (size_t i = 0; i < sizeof known / sizeof known[0] && !is_known; i++)
			is_known = n_line >= strlen(known[i]) &&
				   strncasecmp(sent, known[i], strlen(known[i])) == 0;
		LAW(is_known, "sent '%.*s'", (int)n_line, sent);
		sent += n_line + (end != NULL);
		n -= n_line + (end != NULL);
	}
}

static void end_connection(struct responses *responses)
{
	static char sent[MAX_INPUT_BYTES];
	if (responses->peer < 0)
		return;
	const ssize_t n = recv(responses->peer, sent, sizeof sent, MSG_DONTWAIT);
	if (n > 0)
		check_sent(sent, (size_t)n);
	close(responses->peer);
	responses->peer = -1;
}

static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *url)
{
	struct responses *responses = context;
	int pair[2];
	size_t n;
	(void)purpose, (void)url;
	end_connection(responses);
	const char *text = next_response(responses, &n);
	LAW(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0, "no sockets");
	LAW(fcntl(pair[0], F_SETFL, O_NONBLOCK) == 0, "no sockets");
	LAW(send(pair[1], text, n, MSG_NOSIGNAL) == (ssize_t)n, "a response is too long");
	shutdown(pair[1], SHUT_WR);
	responses->peer = pair[1];
	return pair[0];
}

static int is_connected(void *context, curl_socket_t fd, curlsocktype purpose)
{
	(void)context, (void)fd, (void)purpose;
	return CURL_SOCKOPT_ALREADY_CONNECTED;
}

static void connect_to(CURL *easy, struct responses *responses, struct curl_slist *connect_list)
{
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, responses);
	curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, is_connected);
	curl_easy_setopt(easy, CURLOPT_CONNECT_TO, connect_list);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
#if LIBCURL_VERSION_NUM >= 0x075500
	curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http");
#else
	curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS, (long)CURLPROTO_HTTP);
#endif
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 5000L);
}

/* Like the thread of the client. */
static CURLcode perform(CURLM *multi, struct csvr_http_attempt *attempt)
{
	CURLMsg *message = NULL;
	int n_running = 1, n_left;
	LAW(curl_multi_add_handle(multi, attempt->easy) == CURLM_OK, "curl");
	while (message == NULL) {
		curl_multi_perform(multi, &n_running);
		message = curl_multi_info_read(multi, &n_left);
		if (message == NULL && attempt->is_paused) {
			attempt->is_paused = false;
			curl_easy_pause(attempt->easy, CURLPAUSE_CONT);
		} else if (message == NULL) {
			curl_multi_poll(multi, NULL, 0, 5, NULL);
		}
	}
	const CURLcode code = message->data.result;
	curl_multi_remove_handle(multi, attempt->easy);
	return code;
}

/* ---- requests ---- */

struct receiver {
	bool halves, is_second;
	size_t n_received;
};

static size_t on_body(void *context, const unsigned char *bytes, size_t n)
{
	struct receiver *receiver = context;
	(void)bytes;
	if (receiver->halves && n > 1) {
		receiver->is_second = !receiver->is_second;
		n = receiver->is_second ? n / 2 : n;
	}
	receiver->n_received += n;
	return n;
}

static void init_request(struct csvr_http_request *r, const char *words, size_t n,
			 struct receiver *receiver, unsigned char *buffer)
{
	*r = (struct csvr_http_request){ .url = "http://127.0.0.1/a.csv",
					 .etag = "",
					 .status = CSVR_IO_ERROR,
					 .error = { .status = CSVR_IO_ERROR },
					 .size_bytes = UINT64_MAX };
	for (const char *end = words + n; words < end;) {
		const char letter = *words++;
		uint64_t number;
		(void)parse_number(&words, end, &number);
		if (letter == 's')
			r->url = "s3://bucket/a.csv";
		else if (letter == 't' || letter == 'h')
			r->on_body = on_body, r->context = receiver,
			receiver->halves = letter == 'h';
		else if (letter == 'e')
			r->etag = "\"v1\"";
		else if (letter == 'm')
			r->expected_mtime_ns = INT64_C(1767270896) * NS;
		else if (letter == 'z')
			r->expected_size = number;
		else if (letter == 'b')
			r->begin = number % 100000;
		else if (letter == 'n')
			r->n_bytes = number % MAX_BODY;
		else if (letter == 'r')
			r->capacity = (size_t)number % MAX_BODY, r->buffer = buffer;
	}
	/* A request with a buffer requests no more bytes than fit. */
	if (r->buffer != NULL && (r->capacity == 0 || r->on_body != NULL))
		r->buffer = NULL, r->capacity = 0;
	if (r->buffer != NULL && (r->n_bytes == 0 || r->n_bytes > r->capacity))
		r->n_bytes = r->capacity;
}

/* The version of the delivered bytes. */
struct version {
	char etag[160];
	int64_t mtime_ns;
};

static const char *without_weak_mark(const char *etag)
{
	return etag + (strncmp(etag, "W/", 2) == 0 ? 2 : 0);
}

static bool is_same(const struct version *a, const struct version *b)
{
	if (a->etag[0] != '\0' && b->etag[0] != '\0') {
		char left[160], right[160];
		snprintf(left, sizeof left, "%s",
			 without_weak_mark(a->etag) + (without_weak_mark(a->etag)[0] == '"'));
		snprintf(right, sizeof right, "%s",
			 without_weak_mark(b->etag) + (without_weak_mark(b->etag)[0] == '"'));
		left[strcspn(left, "\"")] = right[strcspn(right, "\"")] = '\0';
		return strcmp(left, right) == 0;
	}
	return a->mtime_ns != 0 && a->mtime_ns == b->mtime_ns;
}

static void check_result(const struct csvr_http_request *r,
			 const struct csvr_body_progress *progress,
			 const struct csvr_http_attempt_result *result,
			 const struct receiver *receiver)
{
	LAW((result->outcome == CSVR_HTTP_DONE) == (r->status == CSVR_OK), "status %d",
	    (int)r->status);
	LAW(r->status == r->error.status, "status %d", (int)r->status);
	LAW(r->status == CSVR_OK || is_message(r->error.message, sizeof r->error.message), "'%s'",
	    r->error.message);
	LAW(r->n_body == progress->n_bytes, "%zu bytes", r->n_body);
	LAW(r->n_bytes == 0 || r->n_body <= r->n_bytes, "%zu bytes", r->n_body);
	LAW(r->capacity == 0 || r->n_body <= r->capacity, "%zu bytes", r->n_body);
	LAW(r->on_body == NULL || receiver->n_received == r->n_body, "%zu bytes, %zu were received",
	    r->n_body, receiver->n_received);
	if (r->status != CSVR_OK || r->size_bytes == UINT64_MAX)
		return;
	const uint64_t available = r->size_bytes > r->begin ? r->size_bytes - r->begin : 0;
	const uint64_t expected = r->n_bytes > 0 && r->n_bytes < available ? r->n_bytes : available;
	LAW(r->n_body == expected, "%zu bytes, not %" PRIu64, r->n_body, expected);
}

static void check_request(const char *words, size_t n_words, struct responses *responses)
{
	static CURLM *multi;
	static struct csvr_s3 *s3;
	static struct csvr_http_attempt *attempt;
	static struct curl_slist *connect_list;
	static unsigned char buffer[MAX_BODY];
	if (multi == NULL) {
		struct csvr_error error;
		setenv("HOME", "/nonexistent", 1);
		setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE", 1);
		setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", 1);
		setenv("AWS_ENDPOINT_URL", "http://127.0.0.1", 1);
		LAW(csvr_s3_new(&s3, &error) == CSVR_OK, "%s", error.message);
		LAW(csvr_http_attempt_new(s3, &attempt) == CSVR_OK, "out of memory");
		multi = curl_multi_init();
		connect_list = curl_slist_append(NULL, "::127.0.0.1:80");
	}
	struct receiver receiver = { false, false, 0 };
	struct csvr_http_request request;
	struct csvr_body_progress progress = { 0 };
	struct version version = { "", 0 };
	struct csvr_http_attempt_result result = { .outcome = CSVR_HTTP_RETRY };
	init_request(&request, words, n_words, &receiver, buffer);
	for (int i = 0; i < MAX_ATTEMPTS && result.outcome == CSVR_HTTP_RETRY &&
			responses->at < responses->end;
	     i++) {
		LAW(csvr_http_attempt_start(attempt, &request, &progress, false) == CSVR_OK, "%s",
		    request.error.message);
		const uint64_t n_before = progress.n_bytes;
		connect_to(attempt->easy, responses, connect_list);
		const CURLcode code = perform(multi, attempt);
		result = csvr_http_attempt_finish(attempt, code, false);
		end_connection(responses);
		check_result(&request, &progress, &result, &receiver);
		struct version seen = { "", attempt->response.mtime_ns };
		memcpy(seen.etag, attempt->response.etag, sizeof seen.etag);
		if (progress.n_bytes > n_before && n_before > 0)
			LAW(is_same(&version, &seen), "%s %" PRId64 " and %s %" PRId64,
			    version.etag, version.mtime_ns, seen.etag, seen.mtime_ns);
		if (progress.n_bytes > n_before)
			version = seen;
	}
	if (request.body != buffer)
		free(request.body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data, *end = text + size;
	const char *line = memchr(text, '\n', size);
	if (line == NULL || size > MAX_INPUT_BYTES)
		return 0;
	struct responses responses = { line + 1, end, -1 };
	check_header(line + 1, (size_t)(end - line - 1));
	check_request(text, (size_t)(line - text), &responses);
	return 0;
}
