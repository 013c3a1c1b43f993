/* http.c - fuzz target: what servers answer, and what is asked of them next
 *
 * No network: each attempt is libcurl's over a pair of sockets, at whose other end the answer waits.
 *
 * Laws  a head tells no more than can be; a range that is told as RFC 9110 has it is understood. An
 *       attempt ends, with content or with a message. Content is of one version, not longer than was
 *       asked for, nor than there is room; it is whole where that can be known. What is asked next has
 *       no headers but ours, whatever the answers before had in theirs.
 * Input a line of words, then answers, with a line `==` between: s of S3, t taken as it comes, h taken by
 *       halves, e of a listed version (etag "v1"), m of a listed time, bN from byte N on, nN that many
 *       bytes, rN with room for so many
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

enum { MOST_INPUT = 32768, MOST_ATTEMPTS = 8, MOST_BODY = 65536, NS = 1000000000 };

/* ---- heads alone ---- */

static bool draw_number(const char **at, const char *end, uint64_t *number)
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

/* A range to the letter, "Content-Range: bytes 5-9/100"; all other forms may be understood or not. */
static void check_range(const char *line, size_t n, const struct csvr_http_response *answer)
{
	static const char name[] = "Content-Range: bytes ";
	const char *at = line + sizeof name - 1, *end = line + n;
	uint64_t begin, last, size;
	if (n < sizeof name || memcmp(line, name, sizeof name - 1) != 0)
		return;
	if (!draw_number(&at, end, &begin) || at == end || *at++ != '-' ||
	    !draw_number(&at, end, &last) || at == end || *at++ != '/' ||
	    !draw_number(&at, end, &size) || at != end || begin > last || last >= size ||
	    size > INT64_MAX)
		return;
	LAW(answer->begin == begin && answer->size_bytes == size,
	    "%.*s: byte %" PRIu64 " of %" PRIu64, (int)n, line, answer->begin, answer->size_bytes);
}

static void check_line(struct csvr_http_response *answer, const char *line, size_t n)
{
	/* Of its own, so that a look at what is behind it is seen. */
	char *copy = need(malloc(n));
	memcpy(copy, line, n);
	csvr_http_response_parse_line(answer, copy, n);
	check_range(copy, n, answer);
	free(copy);
	LAW(answer->http_status >= 0 && answer->http_status <= 999, "%d", answer->http_status);
	LAW(answer->mtime_ns >= 0 && answer->mtime_ns % NS == 0, "%" PRId64, answer->mtime_ns);
	LAW(answer->size_bytes == CSVR_SIZE_UNKNOWN || answer->size_bytes <= INT64_MAX, "%" PRIu64,
	    answer->size_bytes);
	LAW(answer->length == CSVR_SIZE_UNKNOWN || answer->length <= INT64_MAX, "%" PRIu64,
	    answer->length);
	LAW(answer->retry_after_s >= 0, "%g", answer->retry_after_s);
	LAW(strnlen(answer->etag, sizeof answer->etag) < sizeof answer->etag, "etag");
	LAW(strnlen(answer->content_type, sizeof answer->content_type) <
		    sizeof answer->content_type,
	    "type");
	for (const char *at = answer->etag; *at != '\0'; at++)
		LAW((unsigned char)*at >= ' ' && *at != 0x7f, "etag with byte %02x",
		    (unsigned char)*at);
}

static void check_head(const char *text, size_t n)
{
	struct csvr_http_response answer;
	csvr_http_response_init(&answer);
	while (n > 0) {
		const char *end = memchr(text, '\n', n);
		const size_t n_line = end != NULL ? (size_t)(end - text) : n;
		if (n_line > 0)
			check_line(&answer, text, n_line);
		text += n_line + (end != NULL);
		n -= n_line + (end != NULL);
	}
}

/* ---- answers that wait ---- */

struct answers {
	const char *at, *end;
	int peer; /* of the connection at hand; -1: none */
};

/* What is up to a line ==, and goes behind it. */
static const char *next_answer(struct answers *answers, size_t *n)
{
	static const char mark[] = "\n==\n";
	const char *text = answers->at;
	const char *found = memmem(text, (size_t)(answers->end - text), mark, sizeof mark - 1);
	*n = (size_t)((found != NULL ? found + 1 : answers->end) - text);
	answers->at = found != NULL ? found + sizeof mark - 1 : answers->end;
	return text;
}

/* No header but ours: none can have come out of an answer. */
static void check_asked(const char *asked, size_t n)
{
	static const char *const ours[] = {
		"GET ",   "Host:",     "User-Agent:",    "Accept:",
		"Range:", "If-Match:", "Authorization:", "x-amz-",
	};
	while (n > 0) {
		const char *end = memchr(asked, '\n', n);
		const size_t n_line = end != NULL ? (size_t)(end - asked) : n;
		bool is_ours = n_line <= 1;
		for (size_t i = 0; i < sizeof ours / sizeof ours[0] && !is_ours; i++)
			is_ours = n_line >= strlen(ours[i]) &&
				  strncasecmp(asked, ours[i], strlen(ours[i])) == 0;
		LAW(is_ours, "asked with '%.*s'", (int)n_line, asked);
		asked += n_line + (end != NULL);
		n -= n_line + (end != NULL);
	}
}

static void end_connection(struct answers *answers)
{
	static char asked[MOST_INPUT];
	if (answers->peer < 0)
		return;
	const ssize_t n = recv(answers->peer, asked, sizeof asked, MSG_DONTWAIT);
	if (n > 0)
		check_asked(asked, (size_t)n);
	close(answers->peer);
	answers->peer = -1;
}

static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *url)
{
	struct answers *answers = context;
	int pair[2];
	size_t n;
	(void)purpose, (void)url;
	end_connection(answers);
	const char *text = next_answer(answers, &n);
	LAW(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0, "no sockets");
	LAW(fcntl(pair[0], F_SETFL, O_NONBLOCK) == 0, "no sockets");
	LAW(send(pair[1], text, n, MSG_NOSIGNAL) == (ssize_t)n, "an answer is too long");
	shutdown(pair[1], SHUT_WR);
	answers->peer = pair[1];
	return pair[0];
}

static int is_connected(void *context, curl_socket_t fd, curlsocktype purpose)
{
	(void)context, (void)fd, (void)purpose;
	return CURL_SOCKOPT_ALREADY_CONNECTED;
}

static void connect_to(CURL *easy, struct answers *answers, struct curl_slist *here)
{
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, answers);
	curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, is_connected);
	curl_easy_setopt(easy, CURLOPT_CONNECT_TO, here);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
#if LIBCURL_VERSION_NUM >= 0x075500
	curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http");
#else
	curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS, (long)CURLPROTO_HTTP);
#endif
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 5000L);
}

/* As the thread of a transfer does it. */
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

struct taker {
	bool by_halves, is_second;
	size_t n_taken;
};

static size_t take(void *context, const unsigned char *bytes, size_t n)
{
	struct taker *taker = context;
	(void)bytes;
	if (taker->by_halves && n > 1) {
		taker->is_second = !taker->is_second;
		n = taker->is_second ? n / 2 : n;
	}
	taker->n_taken += n;
	return n;
}

static void init_request(struct csvr_http_request *r, const char *words, size_t n,
			 struct taker *taker, unsigned char *buffer)
{
	*r = (struct csvr_http_request){ .url = "http://127.0.0.1/a.csv",
					 .etag = "",
					 .status = CSVR_IO_ERROR,
					 .error = { .status = CSVR_IO_ERROR },
					 .size_bytes = UINT64_MAX };
	for (const char *end = words + n; words < end;) {
		const char letter = *words++;
		uint64_t number;
		(void)draw_number(&words, end, &number);
		if (letter == 's')
			r->url = "s3://bucket/a.csv";
		else if (letter == 't' || letter == 'h')
			r->on_body = take, r->context = taker, taker->by_halves = letter == 'h';
		else if (letter == 'e')
			r->etag = "\"v1\"";
		else if (letter == 'm')
			r->expected_mtime_ns = INT64_C(1767270896) * NS;
		else if (letter == 'z')
			r->expected_size = number;
		else if (letter == 'b')
			r->begin = number % 100000;
		else if (letter == 'n')
			r->n_bytes = number % MOST_BODY;
		else if (letter == 'r')
			r->capacity = (size_t)number % MOST_BODY, r->buffer = buffer;
	}
	/* Who gives a buffer asks for no more than fits. */
	if (r->buffer != NULL && (r->capacity == 0 || r->on_body != NULL))
		r->buffer = NULL, r->capacity = 0;
	if (r->buffer != NULL && (r->n_bytes == 0 || r->n_bytes > r->capacity))
		r->n_bytes = r->capacity;
}

/* What told the version of the bytes that were delivered. */
struct version {
	char etag[160];
	int64_t mtime_ns;
};

static const char *bare(const char *etag)
{
	return etag + (strncmp(etag, "W/", 2) == 0 ? 2 : 0);
}

static bool is_same(const struct version *a, const struct version *b)
{
	if (a->etag[0] != '\0' && b->etag[0] != '\0') {
		char left[160], right[160];
		snprintf(left, sizeof left, "%s", bare(a->etag) + (bare(a->etag)[0] == '"'));
		snprintf(right, sizeof right, "%s", bare(b->etag) + (bare(b->etag)[0] == '"'));
		left[strcspn(left, "\"")] = right[strcspn(right, "\"")] = '\0';
		return strcmp(left, right) == 0;
	}
	return a->mtime_ns != 0 && a->mtime_ns == b->mtime_ns;
}

static void check_end(const struct csvr_http_request *r, const struct csvr_body_progress *progress,
		      const struct csvr_http_attempt_result *result, const struct taker *taker)
{
	LAW((result->outcome == CSVR_HTTP_DONE) == (r->status == CSVR_OK), "status %d",
	    (int)r->status);
	LAW(r->status == r->error.status, "status %d", (int)r->status);
	LAW(r->status == CSVR_OK || is_message(r->error.message, sizeof r->error.message), "'%s'",
	    r->error.message);
	LAW(r->n_body == progress->n_bytes, "%zu bytes", r->n_body);
	LAW(r->n_bytes == 0 || r->n_body <= r->n_bytes, "%zu bytes", r->n_body);
	LAW(r->capacity == 0 || r->n_body <= r->capacity, "%zu bytes", r->n_body);
	LAW(r->on_body == NULL || taker->n_taken == r->n_body, "%zu bytes, %zu are taken",
	    r->n_body, taker->n_taken);
	if (r->status != CSVR_OK || r->size_bytes == UINT64_MAX)
		return;
	const uint64_t rest = r->size_bytes > r->begin ? r->size_bytes - r->begin : 0;
	const uint64_t whole = r->n_bytes > 0 && r->n_bytes < rest ? r->n_bytes : rest;
	LAW(r->n_body == whole, "%zu bytes, not %" PRIu64, r->n_body, whole);
}

static void check_request(const char *words, size_t n_words, struct answers *answers)
{
	static CURLM *multi;
	static struct csvr_s3 *s3;
	static struct csvr_http_attempt *attempt;
	static struct curl_slist *here;
	static unsigned char buffer[MOST_BODY];
	if (multi == NULL) {
		struct csvr_error error;
		setenv("HOME", "/nonexistent", 1);
		setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE", 1);
		setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", 1);
		setenv("AWS_ENDPOINT_URL", "http://127.0.0.1", 1);
		LAW(csvr_s3_new(&s3, &error) == CSVR_OK, "%s", error.message);
		LAW(csvr_http_attempt_new(s3, &attempt) == CSVR_OK, "out of memory");
		multi = curl_multi_init();
		here = curl_slist_append(NULL, "::127.0.0.1:80");
	}
	struct taker taker = { false, false, 0 };
	struct csvr_http_request request;
	struct csvr_body_progress progress = { 0 };
	struct version version = { "", 0 };
	struct csvr_http_attempt_result result = { .outcome = CSVR_HTTP_RETRY };
	init_request(&request, words, n_words, &taker, buffer);
	for (int i = 0;
	     i < MOST_ATTEMPTS && result.outcome == CSVR_HTTP_RETRY && answers->at < answers->end;
	     i++) {
		LAW(csvr_http_attempt_start(attempt, &request, &progress, false) == CSVR_OK, "%s",
		    request.error.message);
		const uint64_t n_before = progress.n_bytes;
		connect_to(attempt->easy, answers, here);
		const CURLcode code = perform(multi, attempt);
		result = csvr_http_attempt_finish(attempt, code, false);
		end_connection(answers);
		check_end(&request, &progress, &result, &taker);
		struct version told = { "", attempt->response.mtime_ns };
		memcpy(told.etag, attempt->response.etag, sizeof told.etag);
		if (progress.n_bytes > n_before && n_before > 0)
			LAW(is_same(&version, &told), "%s %" PRId64 " and %s %" PRId64,
			    version.etag, version.mtime_ns, told.etag, told.mtime_ns);
		if (progress.n_bytes > n_before)
			version = told;
	}
	if (request.body != buffer)
		free(request.body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data, *end = text + size;
	const char *line = memchr(text, '\n', size);
	if (line == NULL || size > MOST_INPUT)
		return 0;
	struct answers answers = { line + 1, end, -1 };
	check_head(line + 1, (size_t)(end - line - 1));
	check_request(text, (size_t)(line - text), &answers);
	return 0;
}
