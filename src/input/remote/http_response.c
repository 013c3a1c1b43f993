/* http_response.c - parses the header of an HTTP response, line by line
 *
 * Source   RFC 9110 (ranges, Retry-After)
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "input/remote/http_response.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "input/remote/untrusted.h"

enum { NS = 1000000000 };

void csvr_http_response_init(struct csvr_http_response *response)
{
	*response = (struct csvr_http_response){ .length = CSVR_SIZE_UNKNOWN,
						 .begin = CSVR_SIZE_UNKNOWN,
						 .size_bytes = CSVR_SIZE_UNKNOWN };
}

/* The value of the header `name`, without blanks around it. NULL: the line is another header. */
static const char *header_value(const char *line, size_t n_line, const char *name, size_t *n_value)
{
	const size_t n_name = strlen(name);
	if (n_line <= n_name || line[n_name] != ':' || strncasecmp(line, name, n_name) != 0)
		return NULL;
	const char *value = line + n_name + 1, *end = line + n_line;
	while (value < end && (*value == ' ' || *value == '\t'))
		value++;
	while (end > value && memchr("\r\n\t ", end[-1], 4) != NULL)
		end--;
	*n_value = (size_t)(end - value);
	return value;
}

static void copy_text(char *to, size_t capacity, const char *from, size_t length)
{
	/* A truncated value could be equal to another one, and control characters are invalid: both count as
	 * missing. */
	if (length >= capacity || csvr_has_controls(from, length))
		length = 0;
	memcpy(to, from, length);
	to[length] = '\0';
}

static uint64_t valid_size(uint64_t size)
{
	return size <= CSVR_MAX_OBJECT_BYTES ? size : CSVR_SIZE_UNKNOWN;
}

static uint64_t parse_length(const char *text)
{
	uint64_t length;
	return csvr_parse_untrusted_size(text, &length) ? length : CSVR_SIZE_UNKNOWN;
}

/* Either "bytes 5-9/100", "bytes 5-9/ *" or "bytes * /100" (without the blanks). */
static void parse_content_range(struct csvr_http_response *response, const char *text)
{
	uint64_t begin, last, size;
	if (sscanf(text, "bytes %" SCNu64 "-%" SCNu64 "/%" SCNu64, &begin, &last, &size) == 3) {
		response->begin = begin;
		response->size_bytes = valid_size(size);
	} else if (sscanf(text, "bytes %" SCNu64 "-%" SCNu64 "/*", &begin, &last) == 2) {
		response->begin = begin;
	} else if (sscanf(text, "bytes */%" SCNu64, &size) == 1) {
		response->size_bytes = valid_size(size);
	}
}

/* 0: not a valid date, or one after 2262, which does not fit into nanoseconds. */
static int64_t parse_date(const char *text)
{
	const time_t moment = curl_getdate(text, NULL);
	return moment > 0 && moment < INT64_MAX / NS ? (int64_t)moment * NS : 0;
}

static double parse_retry_after(const char *text)
{
	char *end;
	const double seconds = strtod(text, &end);
	if (end != text)
		return seconds > 0 ? seconds : 0;
	const time_t moment = curl_getdate(text, NULL);
	const time_t now = time(NULL);
	return moment > now ? (double)(moment - now) : 0;
}

static void parse_header(struct csvr_http_response *response, const char *line, size_t n_line)
{
	char text[256];
	size_t n;
	const char *value;
	if ((value = header_value(line, n_line, "etag", &n)) != NULL) {
		copy_text(response->etag, sizeof response->etag, value, n);
		return;
	}
	if ((value = header_value(line, n_line, "content-type", &n)) != NULL) {
		copy_text(response->content_type, sizeof response->content_type, value, n);
		return;
	}
	if (header_value(line, n_line, "transfer-encoding", &n) != NULL) {
		response->is_chunked = true; /* Content-Length must be ignored */
		response->length = CSVR_SIZE_UNKNOWN;
		return;
	}
	static const char *const names[] = { "content-length", "content-range", "last-modified",
					     "retry-after", "accept-ranges" };
	size_t index = 0;
	while (index < sizeof names / sizeof names[0] &&
	       (value = header_value(line, n_line, names[index], &n)) == NULL)
		index++;
	if (value == NULL)
		return;
	copy_text(text, sizeof text, value, n);
	if (index == 0)
		response->length = response->is_chunked ? CSVR_SIZE_UNKNOWN : parse_length(text);
	else if (index == 1)
		parse_content_range(response, text);
	else if (index == 2)
		response->mtime_ns = parse_date(text);
	else if (index == 3)
		response->retry_after_s = parse_retry_after(text);
	else
		response->has_ranges = strcasecmp(text, "bytes") == 0;
}

/* The number of three digits after the version; 0: none. */
static int parse_status(const char *line, size_t n_line)
{
	const char *at = memchr(line, ' ', n_line), *const end = line + n_line;
	int status = 0;
	while (at != NULL && at < end && *at == ' ')
		at++;
	if (at == NULL || end - at < 3)
		return 0;
	for (int i = 0; i < 3; i++) {
		if (at[i] < '0' || at[i] > '9')
			return 0;
		status = status * 10 + (at[i] - '0');
	}
	return end - at > 3 && at[3] >= '0' && at[3] <= '9' ? 0 : status;
}

void csvr_http_response_parse_line(struct csvr_http_response *response, const char *line,
				   size_t n_line)
{
	if (n_line > 5 && strncmp(line, "HTTP/", 5) == 0) {
		csvr_http_response_init(response);
		response->http_status = parse_status(line, n_line);
	} else {
		parse_header(response, line, n_line);
	}
}
