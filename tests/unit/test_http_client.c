/* test_http_client.c - HTTP requests to a loopback server that injects faults
 *
 * Check forks a process for each test; the server's threads end with it.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "check_main.h"
#include "input/remote/http_client.h"
#include "input/remote/object_version.h"
#include "input/remote/s3_error.h"
#include "input/remote/s3_sign.h"

/* ---- the server ---- */

enum { OBJECT_BYTES = 300000, ALL = 1000000 };

/* Serves one object. Each kind of fault affects the given number of requests, or ALL. */
static struct server {
	/* Settings; set them before the first request. */
	size_t size, later_size; /* in error responses; 0: the same */
	const char *etag, *later_etag; /* from request `n_before_later` on */
	int n_before_later;
	const char *mtime;
	bool has_no_ranges, has_no_length;
	const char *after_length; /* on the line of Content-Length */
	bool is_chunked; /* with a Content-Length of 0 */
	size_t max_range_bytes; /* sent per range request, with an unknown object size; 0: all */
	int n_errors, error_status, n_before_errors;
	const char *error_headers; /* of error responses */
	int n_reset, n_truncated, n_stalled;
	size_t truncated_at, stalled_at;
	int delay_ms;
	int faults_percent; /* random faults of all kinds */
	/* What it has received. */
	pthread_mutex_t lock;
	int port, n_connections, n_requests, n_active, max_at_once;
	char range[64], if_match[64], path[256], authorization[64];
	unsigned random;
} server = { .lock = PTHREAD_MUTEX_INITIALIZER, .size = OBJECT_BYTES, .etag = "\"v1\"" };

static unsigned char byte_at(uint64_t offset)
{
	return (unsigned char)((offset * 2654435761u) >> 13);
}

static void copy_header(const char *text, const char *name, char *value, size_t capacity)
{
	const char *line = strcasestr(text, name);
	value[0] = '\0';
	if (line == NULL)
		return;
	line += strlen(name);
	const size_t n = strcspn(line, "\r\n");
	snprintf(value, capacity, "%.*s", (int)n, line);
}

/* Whether this request gets the fault. */
static bool consume_fault(int *n_left)
{
	if (*n_left <= 0)
		return false;
	--*n_left;
	return true;
}

static bool send_all(int fd, const void *bytes, size_t n)
{
	for (size_t i = 0; i < n;) {
		const ssize_t sent = send(fd, (const char *)bytes + i, n - i, MSG_NOSIGNAL);
		if (sent <= 0)
			return false;
		i += (size_t)sent;
	}
	return true;
}

struct plan {
	bool is_reset, is_error, is_truncated, is_stalled;
	size_t at;
	const char *etag;
};

static struct plan plan_answer(const char *text)
{
	struct plan plan = { 0 };
	pthread_mutex_lock(&server.lock);
	copy_header(text, "\r\nRange: ", server.range, sizeof server.range);
	copy_header(text, "\r\nIf-Match: ", server.if_match, sizeof server.if_match);
	copy_header(text, "\r\nAuthorization: ", server.authorization, sizeof server.authorization);
	snprintf(server.path, sizeof server.path, "%.*s", (int)strcspn(text + 4, " "), text + 4);
	plan.etag = server.later_etag != NULL && server.n_requests >= server.n_before_later
			    ? server.later_etag
			    : server.etag;
	server.n_requests++;
	if (++server.n_active > server.max_at_once)
		server.max_at_once = server.n_active;
	plan.is_reset = consume_fault(&server.n_reset);
	plan.is_error = !plan.is_reset && server.n_requests > server.n_before_errors &&
			consume_fault(&server.n_errors);
	plan.is_truncated = !plan.is_reset && !plan.is_error && consume_fault(&server.n_truncated);
	plan.is_stalled = !plan.is_reset && !plan.is_error && !plan.is_truncated &&
			  consume_fault(&server.n_stalled);
	plan.at = plan.is_truncated ? server.truncated_at : server.stalled_at;
	server.random = server.random * 1103515245u + 12345u;
	const unsigned dice = server.random >> 8;
	if ((int)(dice % 100) < server.faults_percent) {
		plan.is_reset = dice / 100 % 4 == 0;
		plan.is_error = dice / 100 % 4 == 1;
		plan.is_truncated = dice / 100 % 4 == 2;
		plan.is_stalled = dice / 100 % 4 == 3;
		plan.at = dice / 400 % 5000;
	}
	pthread_mutex_unlock(&server.lock);
	return plan;
}

/* Sends [begin, end) of the object, as far as planned. False: close the connection. */
static bool send_body(int fd, const struct plan *plan, size_t begin, size_t end)
{
	unsigned char bytes[4096];
	const size_t most = plan->is_truncated || plan->is_stalled ? begin + plan->at : end;
	for (size_t at = begin; at < end && at < most;) {
		size_t n = (most < end ? most : end) - at;
		n = n < sizeof bytes ? n : sizeof bytes;
		for (size_t i = 0; i < n; i++)
			bytes[i] = byte_at(at + i);
		if (!send_all(fd, bytes, n))
			return false;
		at += n;
	}
	if (plan->is_stalled && most < end) {
		char ignored;
		(void)recv(fd, &ignored, 1, 0); /* until the client closes the connection */
	}
	return most >= end && !plan->is_truncated;
}

static bool answer(int fd, const char *text)
{
	const struct plan plan = plan_answer(text);
	char head[1024], etag[128] = "", mtime[128] = "";
	size_t begin = 0, end = server.size;
	if (server.delay_ms > 0)
		nanosleep(&(struct timespec){ 0, server.delay_ms * 1000000L }, NULL);
	if (plan.is_reset) {
		const struct linger at_once = { 1, 0 };
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
		return false;
	}
	if (plan.etag != NULL)
		snprintf(etag, sizeof etag, "ETag: %s\r\n", plan.etag);
	if (server.mtime != NULL)
		snprintf(mtime, sizeof mtime, "Last-Modified: %s\r\n", server.mtime);
	char range[64], if_match[64];
	copy_header(text, "\r\nRange: bytes=", range, sizeof range);
	copy_header(text, "\r\nIf-Match: ", if_match, sizeof if_match);
	int status = 200;
	const bool is_partial = range[0] != '\0' && !server.has_no_ranges;
	if (is_partial) {
		size_t last;
		status = 206;
		if (sscanf(range, "%zu-%zu", &begin, &last) == 2 && last + 1 < end)
			end = last + 1;
	}
	if (is_partial && begin >= server.size)
		status = 416;
	if (if_match[0] != '\0' && plan.etag != NULL && strcmp(if_match, plan.etag) != 0)
		status = 412;
	if (plan.is_error)
		status = server.error_status != 0 ? server.error_status : 503;
	if (status == 200 || status == 206) {
		const bool is_capped = status == 206 && server.max_range_bytes > 0;
		if (is_capped && end - begin > server.max_range_bytes)
			end = begin + server.max_range_bytes;
		int n = snprintf(head, sizeof head, "HTTP/1.1 %d Fine\r\n%s%s", status, etag,
				 mtime);
		if (!server.has_no_length)
			n += snprintf(head + n, sizeof head - (size_t)n,
				      "Content-Length: %zu%s\r\n",
				      server.is_chunked ? 0 : end - begin,
				      server.after_length != NULL ? server.after_length : "");
		if (is_capped)
			n += snprintf(head + n, sizeof head - (size_t)n,
				      "Content-Range: bytes %zu-%zu/*\r\n", begin, end - 1);
		else if (status == 206)
			n += snprintf(head + n, sizeof head - (size_t)n,
				      "Content-Range: bytes %zu-%zu/%zu\r\n", begin, end - 1,
				      server.size);
		if (server.max_range_bytes > 0)
			n += snprintf(head + n, sizeof head - (size_t)n,
				      "Accept-Ranges: bytes\r\n");
		if (server.is_chunked)
			n += snprintf(head + n, sizeof head - (size_t)n,
				      "Transfer-Encoding: chunked\r\n\r\n%zx", end - begin);
		snprintf(head + n, sizeof head - (size_t)n, "\r\n");
		if (server.is_chunked)
			return send_all(fd, head, strlen(head)) &&
			       send_body(fd, &plan, begin, end) && send_all(fd, "\r\n0\r\n\r\n", 7);
		return send_all(fd, head, strlen(head)) && send_body(fd, &plan, begin, end) &&
		       !server.has_no_length;
	}
	snprintf(head, sizeof head,
		 "HTTP/1.1 %d No\r\nContent-Length: 5\r\nContent-Range: bytes */%zu\r\n%s\r\nsorry",
		 status, server.later_size > 0 ? server.later_size : server.size,
		 server.error_headers != NULL && plan.is_error ? server.error_headers : "");
	return send_all(fd, head, strlen(head));
}

static void *serve_connection(void *context)
{
	const int fd = *(int *)context;
	free(context);
	const int at_once = 1;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
	char text[4096];
	size_t n = 0;
	for (;;) {
		const ssize_t got = recv(fd, text + n, sizeof text - 1 - n, 0);
		if (got <= 0)
			break;
		n += (size_t)got;
		text[n] = '\0';
		if (strstr(text, "\r\n\r\n") == NULL)
			continue;
		const bool goes_on = answer(fd, text);
		pthread_mutex_lock(&server.lock);
		server.n_active--;
		pthread_mutex_unlock(&server.lock);
		if (!goes_on)
			break;
		n = 0;
	}
	close(fd);
	return NULL;
}

static void *serve(void *context)
{
	const int listener = *(int *)context;
	free(context);
	for (;;) {
		int *fd = malloc(sizeof *fd);
		*fd = accept(listener, NULL, NULL);
		pthread_mutex_lock(&server.lock);
		server.n_connections++;
		pthread_mutex_unlock(&server.lock);
		pthread_t thread;
		if (*fd < 0 || pthread_create(&thread, NULL, serve_connection, fd) != 0)
			return NULL;
		pthread_detach(thread);
	}
}

static void start_server(void)
{
	unsetenv("http_proxy");
	int *listener = malloc(sizeof *listener);
	*listener = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in url = { .sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof url;
	ck_assert_int_eq(bind(*listener, (struct sockaddr *)&url, n), 0);
	ck_assert_int_eq(listen(*listener, 128), 0);
	ck_assert_int_eq(getsockname(*listener, (struct sockaddr *)&url, &n), 0);
	server.port = ntohs(url.sin_port);
	pthread_t thread;
	ck_assert_int_eq(pthread_create(&thread, NULL, serve, listener), 0);
	pthread_detach(thread);
}

static int n_requests(void)
{
	pthread_mutex_lock(&server.lock);
	const int n = server.n_requests;
	pthread_mutex_unlock(&server.lock);
	return n;
}

/* ---- replacements of the signing functions ---- */

static int n_signed; /* written by the client's thread; read it after the request has completed */

enum csvr_status csvr_s3_sign_request(const struct csvr_s3 *s3, const char *url, const char *query,
				      uint64_t begin, uint64_t n_bytes, const char *etag,
				      int64_t now_s, struct csvr_s3_request *request,
				      struct csvr_error *error)
{
	(void)s3, (void)query, (void)etag, (void)now_s;
	if (strcmp(url, "s3://b/unsigned") == 0)
		return csvr_error_set(error, CSVR_INVALID_OPTION, 0, "no credentials");
	*request = (struct csvr_s3_request){ .headers = malloc(2 * sizeof *request->headers) };
	ck_assert_int_gt(asprintf(&request->url, "http://127.0.0.1:%d/%s", server.port, url + 5),
			 0);
	ck_assert_int_gt(asprintf(&request->headers[0], "Authorization: number %d", ++n_signed), 0);
	request->n_headers = 1;
	if (n_bytes > 0)
		ck_assert_int_gt(asprintf(&request->headers[request->n_headers++],
					  "Range: bytes=%" PRIu64 "-%" PRIu64, begin,
					  begin + n_bytes - 1),
				 0);
	return CSVR_OK;
}

void csvr_s3_request_clear(struct csvr_s3_request *request)
{
	free(request->url);
	for (size_t i = 0; i < request->n_headers; i++)
		free(request->headers[i]);
	free(request->headers);
}

bool csvr_s3_describe_error(const struct csvr_s3 *s3, int http_status, const unsigned char *body,
			    size_t n_body, struct csvr_error *error)
{
	(void)s3;
	csvr_error_set(error, CSVR_IO_ERROR, 0, "S3 says %d %.*s", http_status, (int)n_body,
		       (const char *)body);
	return http_status == 503;
}

const char *csvr_s3_ca_bundle(const struct csvr_s3 *s3)
{
	(void)s3;
	return NULL;
}

/* ---- one request ---- */

static struct csvr_http_client *client;
static char url[256];

static void start_client(struct csvr_http_client_config config)
{
	static char anything;
	ck_assert_int_eq(csvr_http_client_new(&config, (struct csvr_s3 *)(void *)&anything, &client,
					      NULL),
			 CSVR_OK);
	snprintf(url, sizeof url, "http://127.0.0.1:%d/object", server.port);
}

static void start_all(void)
{
	start_server();
	start_client((struct csvr_http_client_config){ .n_connections = 4 });
}

static void end_all(void)
{
	csvr_http_client_free(client);
	client = NULL;
}

static struct csvr_http_request get(uint64_t begin, uint64_t n_bytes)
{
	struct csvr_http_request request = { .url = url, .begin = begin, .n_bytes = n_bytes };
	ck_assert_int_eq(csvr_http_client_submit(client, &request), CSVR_OK);
	csvr_http_client_wait(client, &request);
	return request;
}

static struct csvr_http_request get_version(const char *etag, int64_t mtime_ns)
{
	struct csvr_http_request request = {
		.url = url, .begin = 0, .n_bytes = 100, .etag = etag, .expected_mtime_ns = mtime_ns
	};
	ck_assert_int_eq(csvr_http_client_submit(client, &request), CSVR_OK);
	csvr_http_client_wait(client, &request);
	free(request.body);
	return request;
}

static void expect_bytes(const unsigned char *bytes, size_t n, uint64_t begin)
{
	size_t n_right = 0; /* Check writes to a pipe at each assertion */
	while (n_right < n && bytes[n_right] == byte_at(begin + n_right))
		n_right++;
	ck_assert_msg(n_right == n, "byte %" PRIu64, begin + n_right);
}

static void expect_object(struct csvr_http_request *request, uint64_t begin, size_t n)
{
	ck_assert_msg(request->status == CSVR_OK, "%s", request->error.message);
	ck_assert_uint_eq(request->n_body, n);
	expect_bytes(request->body, n, begin);
	free(request->body);
}

static void expect_failure(const struct csvr_http_request *request, enum csvr_status status,
			   const char *words)
{
	ck_assert_int_eq(request->status, status);
	ck_assert_int_eq(request->error.status, status);
	ck_assert_msg(strstr(request->error.message, words) != NULL, "'%s' is not in '%s'", words,
		      request->error.message);
}

START_TEST(a_response_has_the_object_and_its_metadata)
{
	server.mtime = "Sun, 06 Nov 1994 08:49:37 GMT";
	struct csvr_http_request request = get(0, 0);
	ck_assert_uint_eq(request.size_bytes, OBJECT_BYTES);
	ck_assert_str_eq(request.response_etag, "\"v1\"");
	ck_assert_int_eq(request.mtime_ns, INT64_C(784111777) * 1000000000);
	ck_assert_int_eq(request.http_status, 200);
	expect_object(&request, 0, OBJECT_BYTES);
}
END_TEST

/* Nanoseconds since 1970 overflow in 2262. */
START_TEST(a_date_after_2262_is_ignored)
{
	server.mtime = "Fri, 31 Dec 9999 23:59:59 GMT";
	struct csvr_http_request request = get(0, 0);
	ck_assert_int_eq(request.mtime_ns, 0);
	expect_object(&request, 0, OBJECT_BYTES);
}
END_TEST

START_TEST(a_range_request_returns_that_range)
{
	struct csvr_http_request request = get(1000, 5000);
	ck_assert_uint_eq(request.size_bytes, OBJECT_BYTES);
	ck_assert(request.has_ranges);
	expect_object(&request, 1000, 5000);
	request = get(OBJECT_BYTES - 10, 5000);
	expect_object(&request, OBJECT_BYTES - 10, 10);
}
END_TEST

START_TEST(a_server_without_ranges_is_detected_by_its_response)
{
	server.has_no_ranges = true;
	struct csvr_http_request request = get(1000, 5000);
	ck_assert(!request.has_ranges);
	ck_assert_uint_eq(request.size_bytes, OBJECT_BYTES);
	expect_object(&request, 1000, 5000);
}
END_TEST

START_TEST(a_body_without_length_ends_with_the_connection)
{
	server.has_no_length = server.has_no_ranges = true;
	struct csvr_http_request request = get(0, 0);
	ck_assert_uint_eq(request.size_bytes, UINT64_MAX);
	expect_object(&request, 0, OBJECT_BYTES);
}
END_TEST

START_TEST(a_range_after_the_end_is_empty)
{
	struct csvr_http_request request = get(OBJECT_BYTES, 100);
	expect_object(&request, OBJECT_BYTES, 0);
	ck_assert_uint_eq(request.size_bytes, OBJECT_BYTES);
	server.size = 0;
	request = get(0, 100);
	expect_object(&request, 0, 0);
	ck_assert_uint_eq(request.size_bytes, 0);
}
END_TEST

START_TEST(a_body_larger_than_its_buffer_is_an_error)
{
	unsigned char buffer[100];
	struct csvr_http_request request = { .url = url,
					     .buffer = buffer,
					     .capacity = sizeof buffer };
	ck_assert_int_eq(csvr_http_client_submit(client, &request), CSVR_OK);
	csvr_http_client_wait(client, &request);
	expect_failure(&request, CSVR_IO_ERROR, "more bytes than requested");
	request.n_bytes = 100;
	ck_assert_int_eq(csvr_http_client_submit(client, &request), CSVR_OK);
	csvr_http_client_wait(client, &request);
	ck_assert_ptr_eq(request.body, buffer);
	ck_assert_uint_eq(request.n_body, 100);
	expect_bytes(buffer, 100, 0);
}
END_TEST

START_TEST(an_allocated_body_can_be_limited)
{
	struct csvr_http_request request = { .url = url, .capacity = OBJECT_BYTES };
	server.has_no_length = _i > 0;
	ck_assert_int_eq(csvr_http_client_submit(client, &request), CSVR_OK);
	csvr_http_client_wait(client, &request);
	expect_object(&request, 0, OBJECT_BYTES);
	request = (struct csvr_http_request){ .url = url, .capacity = OBJECT_BYTES - 1 };
	ck_assert_int_eq(csvr_http_client_submit(client, &request), CSVR_OK);
	csvr_http_client_wait(client, &request);
	expect_failure(&request, CSVR_IO_ERROR, "more than 299999 bytes");
	free(request.body);
}
END_TEST

/* ---- retries ---- */

static const int transient[] = { 429, 500, 502, 503, 504, 408 };

START_TEST(transient_errors_are_retried)
{
	server.n_errors = 3;
	server.error_status = transient[_i];
	struct csvr_http_request request = get(0, 5000);
	expect_object(&request, 0, 5000);
	struct csvr_network stats;
	csvr_http_client_stats(client, &stats);
	ck_assert_uint_eq(stats.n_requests, 4);
	ck_assert_uint_eq(stats.n_retries, 3);
	ck_assert_uint_eq(stats.n_throttled, transient[_i] == 429 || transient[_i] == 503 ? 3 : 0);
	ck_assert_uint_eq(stats.n_bytes, 5000);
}
END_TEST

static const struct {
	int http_status;
	const char *words;
} permanent[] = {
	{ 404, "404 (Not Found)" }, { 403, "403 (Forbidden)" }, { 400, "400" }, { 418, "418" }
};

START_TEST(permanent_errors_are_reported_at_once)
{
	server.n_errors = ALL;
	server.error_status = permanent[_i].http_status;
	struct csvr_http_request request = get(0, 5000);
	expect_failure(&request, CSVR_IO_ERROR, permanent[_i].words);
	ck_assert_int_eq(request.http_status, permanent[_i].http_status);
	ck_assert_int_eq(n_requests(), 1);
}
END_TEST

START_TEST(retries_end_if_the_server_always_fails)
{
	end_all();
	start_client((struct csvr_http_client_config){ .n_connections = 4, .max_attempts = 4 });
	server.n_errors = ALL;
	struct csvr_http_request request = get(0, 5000);
	expect_failure(&request, CSVR_IO_ERROR, "503 (Service Unavailable); tried 4 times");
	ck_assert_int_eq(n_requests(), 4);
	/* After several failed requests there are fewer attempts, until one succeeds. */
	for (int i = 0; i < 3; i++)
		(void)get(0, 1);
	request = get(0, 5000);
	expect_failure(&request, CSVR_IO_ERROR, "tried 3 times");
	server.n_errors = 2;
	request = get(0, 5000);
	expect_object(&request, 0, 5000);
	server.n_errors = 3;
	request = get(0, 5000);
	expect_object(&request, 0, 5000);
}
END_TEST

START_TEST(retry_after_delays_the_retry)
{
	server.n_errors = 1;
	server.error_headers = "Retry-After: 1\r\n";
	const uint64_t started_ns = csvr_clock_wall_ns();
	struct csvr_http_request request = get(0, 5000);
	expect_object(&request, 0, 5000);
	ck_assert_uint_ge(csvr_clock_wall_ns() - started_ns, 1000000000);
}
END_TEST

START_TEST(a_reset_connection_is_reestablished)
{
	server.n_reset = 2;
	struct csvr_http_request request = get(0, 5000);
	expect_object(&request, 0, 5000);
}
END_TEST

START_TEST(an_interrupted_body_is_resumed)
{
	server.n_truncated = 1;
	server.truncated_at = 1000;
	struct csvr_http_request request = get(100, 5000);
	expect_object(&request, 100, 5000);
	ck_assert_str_eq(server.range, "bytes=1100-5099");
	ck_assert_str_eq(server.if_match, "\"v1\"");
	/* Without a range. */
	server.n_truncated = 1;
	request = get(0, 0);
	expect_object(&request, 0, OBJECT_BYTES);
}
END_TEST

/* A tab after it, not a number, and one that chunked encoding overrides. */
START_TEST(an_invalid_length_does_not_make_a_truncated_body_complete)
{
	static const char *const suffixes[] = { "\t", "x", "" };
	server.after_length = suffixes[_i];
	server.is_chunked = _i == 2;
	struct csvr_http_request request = get(0, 0);
	expect_object(&request, 0, OBJECT_BYTES);
	server.n_truncated = 1;
	server.truncated_at = 1000;
	request = get(0, 0);
	expect_object(&request, 0, OBJECT_BYTES);
}
END_TEST

START_TEST(the_rest_of_a_short_range_is_requested)
{
	server.n_truncated = 1;
	server.truncated_at = 1000;
	server.max_range_bytes = OBJECT_BYTES / 3;
	struct csvr_http_request request = get(0, 0);
	ck_assert_uint_eq(request.size_bytes, OBJECT_BYTES);
	expect_object(&request, 0, OBJECT_BYTES);
	ck_assert_int_eq(n_requests(), 4);
}
END_TEST

START_TEST(a_body_without_version_restarts)
{
	server.n_truncated = 1;
	server.truncated_at = 1000;
	server.etag = NULL;
	struct csvr_http_request request = get(100, 5000);
	expect_object(&request, 100, 5000);
	ck_assert_str_eq(server.range, "bytes=100-5099");
}
END_TEST

START_TEST(two_versions_are_never_mixed)
{
	server.n_truncated = 1;
	server.truncated_at = 1000;
	server.later_etag = "\"v2\"";
	server.n_before_later = 1;
	struct csvr_http_request request = get(100, 5000);
	expect_failure(&request, CSVR_FILE_CHANGED, "was replaced while it was read");
	free(request.body);
}
END_TEST

START_TEST(an_error_response_keeps_the_version)
{
	server.n_truncated = 1;
	server.truncated_at = 1000;
	server.n_errors = server.n_before_errors = 1;
	server.later_etag = "\"v2\"";
	server.n_before_later = _i == 0 ? ALL : 2;
	struct csvr_http_request request = get(100, 5000);
	ck_assert_str_eq(server.range, "bytes=1100-5099");
	ck_assert_str_eq(server.if_match, "\"v1\"");
	ck_assert_int_eq(n_requests(), 3);
	if (_i == 0) {
		expect_object(&request, 100, 5000);
		return;
	}
	expect_failure(&request, CSVR_FILE_CHANGED, "was replaced while it was read");
	free(request.body);
}
END_TEST

START_TEST(an_object_that_became_shorter_has_changed)
{
	server.n_truncated = 1;
	server.truncated_at = 1000;
	server.n_errors = 1;
	server.n_before_errors = 1;
	server.error_status = 416;
	server.size = 5000;
	server.later_size = 50;
	struct csvr_http_request request = get(100, 4000);
	expect_failure(&request, CSVR_FILE_CHANGED, "was replaced while it was read");
	ck_assert_uint_eq(request.size_bytes, 5000);
	ck_assert_str_eq(request.response_etag, "\"v1\"");
	ck_assert_int_eq(n_requests(), 2);
	free(request.body);
}
END_TEST

START_TEST(a_stalled_response_is_retried_over_a_new_connection)
{
	end_all();
	start_client((struct csvr_http_client_config){ .n_connections = 4, .stall_s = 0.2 });
	server.n_stalled = 1;
	server.stalled_at = 2000;
	struct csvr_http_request request = get(100, 5000);
	expect_object(&request, 100, 5000);
	ck_assert_int_eq(server.n_connections, 2);
	ck_assert_str_eq(server.range, "bytes=2100-5099");
}
END_TEST

START_TEST(a_server_that_sends_nothing_is_an_error)
{
	end_all();
	start_client((struct csvr_http_client_config){
		.n_connections = 4, .stall_s = 0.1, .max_attempts = 2 });
	server.n_stalled = ALL;
	server.stalled_at = 0;
	struct csvr_http_request request = get(100, 5000);
	expect_failure(&request, CSVR_IO_ERROR, "sent nothing for");
	free(request.body);
}
END_TEST

START_TEST(connections_are_reused)
{
	for (int i = 0; i < 20; i++) {
		struct csvr_http_request request = get(0, 100);
		expect_object(&request, 0, 100);
	}
	ck_assert_int_eq(server.n_connections, 1);
}
END_TEST

/* ---- versions ---- */

START_TEST(another_etag_means_the_object_changed)
{
	struct csvr_http_request request = get_version("\"v1\"", 0);
	ck_assert_int_eq(request.status, CSVR_OK);
	request = get_version("\"v0\"", 0);
	expect_failure(&request, CSVR_FILE_CHANGED, "was replaced");
	ck_assert_str_eq(server.if_match, "\"v0\"");
	/* A weak etag is not sent as If-Match. */
	server.etag = "W/\"v1\"";
	request = get_version("W/\"v1\"", 0);
	ck_assert_int_eq(request.status, CSVR_OK);
	ck_assert_str_eq(server.if_match, "");
	request = get_version("W/\"v0\"", 0);
	expect_failure(&request, CSVR_FILE_CHANGED, "was replaced");
}
END_TEST

START_TEST(another_time_means_the_object_changed)
{
	server.etag = NULL;
	server.mtime = "Sun, 06 Nov 1994 08:49:37 GMT";
	struct csvr_http_request request = get_version("", INT64_C(784111777) * 1000000000);
	ck_assert_int_eq(request.status, CSVR_OK);
	request = get_version("", INT64_C(784111778) * 1000000000);
	expect_failure(&request, CSVR_FILE_CHANGED, "was replaced");
}
END_TEST

/* An input from a saved state has no etag, but a time that contains its hash. */
START_TEST(another_etag_within_one_second_means_the_object_changed)
{
	const int64_t second = INT64_C(784111777) * 1000000000;
	server.mtime = _i == 0 ? "Sun, 06 Nov 1994 08:49:37 GMT" : NULL;
	const int64_t mtime_ns = _i == 0 ? second : 0;
	ck_assert_int_ne(csvr_object_version_time(mtime_ns, "\"v1\""),
			 csvr_object_version_time(mtime_ns, "\"v0\""));
	ck_assert_int_eq(csvr_object_version_time(mtime_ns, "\"v1\""),
			 csvr_object_version_time(mtime_ns, "W/\"v1\""));
	ck_assert_int_eq(csvr_object_version_time(mtime_ns, ""), mtime_ns);
	struct csvr_http_request request = get_version("", csvr_object_version_time(mtime_ns,
										    "\"v1\""));
	ck_assert_int_eq(request.status, CSVR_OK);
	request = get_version("", csvr_object_version_time(mtime_ns, "\"v0\""));
	expect_failure(&request, CSVR_FILE_CHANGED, "was replaced");
	request = get_version("", csvr_object_version_time(second + 1000000000, "\"v1\""));
	expect_failure(&request, CSVR_FILE_CHANGED, "was replaced");
}
END_TEST

/* Of a server that sends nothing else that identifies a version. */
START_TEST(another_size_means_the_object_changed)
{
	static const uint64_t sizes[] = { OBJECT_BYTES, OBJECT_BYTES + 1, OBJECT_BYTES - 1 };
	server.etag = NULL;
	server.has_no_ranges = _i % 2 != 0;
	struct csvr_http_request request = {
		.url = url, .begin = 50, .n_bytes = 100, .expected_size = sizes[_i / 2]
	};
	ck_assert_int_eq(csvr_http_client_submit(client, &request), CSVR_OK);
	csvr_http_client_wait(client, &request);
	if (_i / 2 == 0) {
		expect_object(&request, 50, 100);
		return;
	}
	expect_failure(&request, CSVR_FILE_CHANGED, "was replaced");
	ck_assert_uint_eq(request.n_body, 0);
	free(request.body);
}
END_TEST

/* ---- URLs ---- */

START_TEST(redirects_are_followed)
{
	char header[300];
	snprintf(header, sizeof header, "Location: http://127.0.0.1:%d/elsewhere\r\n", server.port);
	server.error_headers = header;
	server.n_errors = 1;
	server.error_status = 302;
	struct csvr_http_request request = get(10, 5000);
	expect_object(&request, 10, 5000);
	ck_assert_str_eq(server.path, "/elsewhere");
	server.n_errors = ALL;
	request = get(10, 5000);
	expect_failure(&request, CSVR_IO_ERROR, "too many redirects");
	server.error_headers = "Location: file:///etc/passwd\r\n";
	request = get(10, 5000);
	expect_failure(&request, CSVR_IO_ERROR, "neither http nor https");
}
END_TEST

START_TEST(a_closed_port_is_reported_soon)
{
	/* A bound port that nothing listens on. */
	const int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in free_port = { .sin_family = AF_INET,
					 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof free_port;
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&free_port, n), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&free_port, &n), 0);
	snprintf(url, sizeof url, "http://127.0.0.1:%d/x", ntohs(free_port.sin_port));
	struct csvr_http_request request = get(0, 100);
	expect_failure(&request, CSVR_IO_ERROR, "cannot connect");
	expect_failure(&request, CSVR_IO_ERROR, "tried 3 times");
	ck_assert_int_eq(request.http_status, 0);
	close(fd);
}
END_TEST

START_TEST(each_s3_attempt_is_signed_anew)
{
	strcpy(url, "s3://b/key");
	server.n_errors = 2;
	struct csvr_http_request request = get(10, 5000);
	expect_object(&request, 10, 5000);
	ck_assert_str_eq(server.authorization, "number 3");
	ck_assert_str_eq(server.path, "/b/key");
}
END_TEST

START_TEST(s3_errors_are_described_and_redirects_not_followed)
{
	strcpy(url, "s3://b/key");
	server.n_errors = ALL;
	server.error_status = 307;
	server.error_headers = "Location: http://127.0.0.1:1/\r\n";
	struct csvr_http_request request = get(10, 5000);
	expect_failure(&request, CSVR_IO_ERROR, "S3 says 307 sorry");
	ck_assert_int_eq(n_requests(), 1);
	strcpy(url, "s3://b/unsigned");
	request = get(10, 5000);
	expect_failure(&request, CSVR_INVALID_OPTION, "no credentials");
}
END_TEST

/* ---- a slow receiver ---- */

struct receiver {
	uint64_t n_received;
	size_t credit; /* bytes that it accepts until the response is resumed */
	bool is_corrupt;
	pthread_mutex_t lock;
};

static size_t on_body(void *context, const unsigned char *bytes, size_t n)
{
	struct receiver *receiver = context;
	pthread_mutex_lock(&receiver->lock);
	n = n < receiver->credit ? n : receiver->credit;
	for (size_t i = 0; i < n; i++)
		receiver->is_corrupt |= bytes[i] != byte_at(receiver->n_received + i);
	receiver->n_received += n;
	receiver->credit -= n;
	pthread_mutex_unlock(&receiver->lock);
	return n;
}

static enum csvr_status receive_all(struct receiver *receiver)
{
	struct csvr_http_request request = { .url = url, .on_body = on_body, .context = receiver };
	ck_assert_int_eq(csvr_http_client_submit(client, &request), CSVR_OK);
	for (unsigned i = 0;; i++) {
		pthread_mutex_lock(&receiver->lock);
		const bool has_all = receiver->n_received == OBJECT_BYTES;
		if (receiver->credit == 0)
			receiver->credit = 1 + i * 7919 % 20000;
		pthread_mutex_unlock(&receiver->lock);
		csvr_http_client_resume(client, &request);
		if (has_all || i > 5000)
			break;
		nanosleep(&(struct timespec){ 0, 1000000 }, NULL);
	}
	csvr_http_client_wait(client, &request);
	return request.status;
}

START_TEST(a_receiver_can_pause_the_response)
{
	struct receiver receiver = { .lock = PTHREAD_MUTEX_INITIALIZER };
	ck_assert_int_eq(receive_all(&receiver), CSVR_OK);
	ck_assert_uint_eq(receiver.n_received, OBJECT_BYTES);
	ck_assert(!receiver.is_corrupt);
}
END_TEST

static const char *const etags[] = { "\"v1\"", "W/\"v1\"", NULL };

START_TEST(received_bytes_are_not_delivered_again)
{
	struct receiver receiver = { .lock = PTHREAD_MUTEX_INITIALIZER, .credit = 70000 };
	server.etag = etags[_i];
	server.mtime = etags[_i] == NULL ? "Sun, 06 Nov 1994 08:49:37 GMT" : NULL;
	server.has_no_ranges = _i != 0;
	server.n_truncated = 3;
	server.truncated_at = 70000;
	ck_assert_int_eq(receive_all(&receiver), CSVR_OK);
	ck_assert_uint_eq(receiver.n_received, OBJECT_BYTES);
	ck_assert(!receiver.is_corrupt);
}
END_TEST

START_TEST(received_bytes_are_not_mixed_with_another_version)
{
	struct receiver receiver = { .lock = PTHREAD_MUTEX_INITIALIZER, .credit = SIZE_MAX };
	struct csvr_http_request request = { .url = url, .on_body = on_body, .context = &receiver };
	server.etag = _i == 0 ? "W/\"v1\"" : NULL;
	server.later_etag = _i == 0 ? "W/\"v2\"" : NULL;
	server.n_before_later = 1;
	server.n_truncated = 1;
	server.truncated_at = 70000;
	ck_assert_int_eq(csvr_http_client_submit(client, &request), CSVR_OK);
	csvr_http_client_wait(client, &request);
	if (_i == 0)
		expect_failure(&request, CSVR_FILE_CHANGED, "was replaced");
	else
		expect_failure(&request, CSVR_IO_ERROR, "neither an ETag nor");
	ck_assert_uint_eq(receiver.n_received, 70000);
}
END_TEST

/* ---- concurrent requests ---- */

static pthread_mutex_t order_lock = PTHREAD_MUTEX_INITIALIZER;
static char order[16];

static void record_order(void *context, struct csvr_http_request *request)
{
	(void)request;
	pthread_mutex_lock(&order_lock);
	strncat(order, context, 1);
	pthread_mutex_unlock(&order_lock);
}

static size_t n_recorded(void)
{
	pthread_mutex_lock(&order_lock);
	const size_t n = strlen(order);
	pthread_mutex_unlock(&order_lock);
	return n;
}

START_TEST(priority_requests_start_first)
{
	end_all();
	start_client((struct csvr_http_client_config){ .n_connections = 1 });
	server.delay_ms = 100;
	struct csvr_http_request requests[4];
	static char names[] = "abcd";
	for (int i = 0; i < 4; i++) {
		requests[i] = (struct csvr_http_request){ .url = url,
							  .n_bytes = 10,
							  .on_complete = record_order,
							  .context = &names[i],
							  .is_priority = i == 3 };
		ck_assert_int_eq(csvr_http_client_submit(client, &requests[i]), CSVR_OK);
		while (i == 0 && n_requests() == 0)
			nanosleep(&(struct timespec){ 0, 1000000 }, NULL);
	}
	while (n_recorded() < 4)
		nanosleep(&(struct timespec){ 0, 1000000 }, NULL);
	ck_assert_str_eq(order, "adbc");
	for (int i = 0; i < 4; i++)
		free(requests[i].body);
}
END_TEST

static void *get_many(void *context)
{
	unsigned random = *(unsigned *)context;
	for (int i = 0; i < 40; i++) {
		random = random * 1103515245u + 12345u;
		const uint64_t begin = (random >> 8) % OBJECT_BYTES;
		const uint64_t n_bytes = 1 + (random >> 12) % 20000;
		struct csvr_http_request request = get(begin, n_bytes);
		const uint64_t left = OBJECT_BYTES - begin;
		expect_object(&request, begin, (size_t)(n_bytes < left ? n_bytes : left));
	}
	return NULL;
}

static void get_many_by_threads(void)
{
	pthread_t threads[8];
	unsigned seeds[8];
	for (unsigned i = 0; i < 8; i++) {
		seeds[i] = i + 1;
		ck_assert_int_eq(pthread_create(&threads[i], NULL, get_many, &seeds[i]), 0);
	}
	for (int i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
}

START_TEST(requests_in_flight_are_limited_to_the_connections)
{
	server.delay_ms = 2;
	get_many_by_threads();
	ck_assert_int_le(server.max_at_once, 4);
	struct csvr_network stats;
	csvr_http_client_stats(client, &stats);
	ck_assert_int_le(stats.max_in_flight, 4);
	ck_assert_int_gt(stats.max_in_flight, 1);
	ck_assert_uint_eq(stats.n_requests, 320);
	ck_assert_uint_eq(stats.n_responses, 320);
	ck_assert_uint_ge(stats.first_byte_ns, UINT64_C(320) * 2000000);
	ck_assert_uint_gt(stats.saturated_ns, 0);
	ck_assert_uint_ge(stats.active_ns, stats.saturated_ns);
}
END_TEST

START_TEST(the_bytes_are_right_despite_random_faults)
{
	end_all();
	start_client((struct csvr_http_client_config){
		.n_connections = 8, .stall_s = 0.1, .max_attempts = 30 });
	server.faults_percent = 30;
	server.random = 1;
	get_many_by_threads();
}
END_TEST

START_TEST(throttling_reduces_the_concurrency)
{
	end_all();
	start_client((struct csvr_http_client_config){ .n_connections = 16 });
	server.n_errors = 3;
	struct csvr_http_request request = get(0, 100);
	expect_object(&request, 0, 100);
	struct csvr_network stats;
	csvr_http_client_stats(client, &stats);
	ck_assert_int_eq(stats.n_connections, 16);
	ck_assert_int_eq(stats.concurrency_limit, 2);
	for (int i = 0; i < 10; i++) {
		request = get(0, 100);
		expect_object(&request, 0, 100);
	}
	csvr_http_client_stats(client, &stats);
	ck_assert_int_gt(stats.concurrency_limit, 2);
}
END_TEST

START_TEST(cancelled_requests_do_not_complete)
{
	end_all();
	start_client((struct csvr_http_client_config){ .n_connections = 1 });
	server.n_stalled = 1;
	static char names[] = "ab";
	struct csvr_http_request requests[2];
	for (int i = 0; i < 2; i++) {
		requests[i] = (struct csvr_http_request){ .url = url,
							  .on_complete = record_order,
							  .context = &names[i] };
		ck_assert_int_eq(csvr_http_client_submit(client, &requests[i]), CSVR_OK);
	}
	while (n_requests() == 0)
		nanosleep(&(struct timespec){ 0, 1000000 }, NULL);
	csvr_http_client_cancel(client, &requests[1]); /* queued */
	csvr_http_client_cancel(client, &requests[0]); /* in flight */
	free(requests[0].body);
	struct csvr_http_request request = get(0, 100);
	expect_object(&request, 0, 100);
	ck_assert_str_eq(order, "");
	csvr_http_client_cancel(client, &request); /* completed */
}
END_TEST

START_TEST(a_client_can_be_freed_with_requests_left)
{
	server.n_stalled = ALL;
	struct csvr_http_request requests[8];
	for (int i = 0; i < 8; i++) {
		requests[i] = (struct csvr_http_request){ .url = url };
		ck_assert_int_eq(csvr_http_client_submit(client, &requests[i]), CSVR_OK);
	}
	while (n_requests() < 4)
		nanosleep(&(struct timespec){ 0, 1000000 }, NULL);
	end_all();
	for (int i = 0; i < 8; i++)
		free(requests[i].body);
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *tests = tcase_create("http_client");
	tcase_add_checked_fixture(tests, start_all, end_all);
	tcase_set_timeout(tests, 120);
	tcase_add_test(tests, a_response_has_the_object_and_its_metadata);
	tcase_add_test(tests, a_date_after_2262_is_ignored);
	tcase_add_test(tests, a_range_request_returns_that_range);
	tcase_add_test(tests, a_server_without_ranges_is_detected_by_its_response);
	tcase_add_test(tests, a_body_without_length_ends_with_the_connection);
	tcase_add_test(tests, a_range_after_the_end_is_empty);
	tcase_add_test(tests, a_body_larger_than_its_buffer_is_an_error);
	tcase_add_loop_test(tests, an_allocated_body_can_be_limited, 0, 2);
	tcase_add_loop_test(tests, transient_errors_are_retried, 0,
			    sizeof transient / sizeof transient[0]);
	tcase_add_loop_test(tests, permanent_errors_are_reported_at_once, 0,
			    sizeof permanent / sizeof permanent[0]);
	tcase_add_test(tests, retries_end_if_the_server_always_fails);
	tcase_add_test(tests, retry_after_delays_the_retry);
	tcase_add_test(tests, a_reset_connection_is_reestablished);
	tcase_add_test(tests, an_interrupted_body_is_resumed);
	tcase_add_loop_test(tests, an_invalid_length_does_not_make_a_truncated_body_complete, 0, 3);
	tcase_add_test(tests, the_rest_of_a_short_range_is_requested);
	tcase_add_test(tests, a_body_without_version_restarts);
	tcase_add_test(tests, two_versions_are_never_mixed);
	tcase_add_loop_test(tests, an_error_response_keeps_the_version, 0, 2);
	tcase_add_test(tests, an_object_that_became_shorter_has_changed);
	tcase_add_test(tests, a_stalled_response_is_retried_over_a_new_connection);
	tcase_add_test(tests, a_server_that_sends_nothing_is_an_error);
	tcase_add_test(tests, connections_are_reused);
	tcase_add_test(tests, another_etag_means_the_object_changed);
	tcase_add_test(tests, another_time_means_the_object_changed);
	tcase_add_loop_test(tests, another_etag_within_one_second_means_the_object_changed, 0, 2);
	tcase_add_loop_test(tests, another_size_means_the_object_changed, 0, 6);
	tcase_add_test(tests, redirects_are_followed);
	tcase_add_test(tests, a_closed_port_is_reported_soon);
	tcase_add_test(tests, each_s3_attempt_is_signed_anew);
	tcase_add_test(tests, s3_errors_are_described_and_redirects_not_followed);
	tcase_add_test(tests, a_receiver_can_pause_the_response);
	tcase_add_loop_test(tests, received_bytes_are_not_delivered_again, 0, 3);
	tcase_add_loop_test(tests, received_bytes_are_not_mixed_with_another_version, 0, 2);
	tcase_add_test(tests, priority_requests_start_first);
	tcase_add_test(tests, requests_in_flight_are_limited_to_the_connections);
	tcase_add_test(tests, the_bytes_are_right_despite_random_faults);
	tcase_add_test(tests, throttling_reduces_the_concurrency);
	tcase_add_test(tests, cancelled_requests_do_not_complete);
	tcase_add_test(tests, a_client_can_be_freed_with_requests_left);
	suite_add_tcase(suite, tests);
}

int main(void)
{
	setenv("CK_FORK", "yes", 1); /* the threads of a test end with its process */
	return check_main("http_client", add_cases);
}
