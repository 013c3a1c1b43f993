/* http_response.h - the head of an answer over HTTP, as it comes line by line
 *
 * A server may be anything: what makes no sense is as if it were not told.
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

/* As far as it has come. */
struct csvr_http_response {
	int http_status;
	uint64_t length; /* of the body; CSVR_SIZE_UNKNOWN */
	uint64_t begin, size_bytes; /* of Content-Range; CSVR_SIZE_UNKNOWN */
	double retry_after_s; /* 0: not told */
	bool has_ranges, is_chunked;
	int64_t mtime_ns;
	char etag[160];
	char content_type[64];
};

/* Nothing has come. */
void csvr_http_response_init(struct csvr_http_response *response);

/* Takes a line, which may but need not have its line end; no NUL is behind it. One that begins with HTTP/
 * begins another answer: after a redirection there are several. */
void csvr_http_response_parse_line(struct csvr_http_response *response, const char *line,
				   size_t n_line);

#endif
