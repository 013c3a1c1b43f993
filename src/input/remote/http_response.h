/* http_response.h - parses the header of an HTTP response, line by line
 *
 * Servers are not trusted: an invalid value counts as missing.
 *
 * Units    offsets and sizes are bytes, times nanoseconds since 1970
 * Errors   none
 * Threads  the caller's own
 */
#ifndef CSVR_INPUT_REMOTE_HTTP_RESPONSE_H
#define CSVR_INPUT_REMOTE_HTTP_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CSVR_SIZE_UNKNOWN UINT64_MAX

/* The lines parsed so far. */
struct csvr_http_response {
	int http_status;
	uint64_t length; /* of the body; CSVR_SIZE_UNKNOWN */
	uint64_t begin, size_bytes; /* of Content-Range; CSVR_SIZE_UNKNOWN */
	double retry_after_s; /* 0: unknown */
	bool has_ranges, is_chunked;
	int64_t mtime_ns;
	char etag[160];
	char content_type[64];
};

/* No line was parsed. */
void csvr_http_response_init(struct csvr_http_response *response);

/* Parses a line, with or without its line end; it has no NUL. A line that starts with HTTP/ starts another
 * response: a redirect causes several. */
void csvr_http_response_parse_line(struct csvr_http_response *response, const char *line,
				   size_t n_line);

#endif
