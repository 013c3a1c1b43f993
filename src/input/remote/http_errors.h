/* http_errors.h - HTTP status codes and libcurl's error codes to messages
 *
 * Errors   sets CSVR_IO_ERROR
 * Threads  any
 */
#ifndef CSVR_INPUT_REMOTE_HTTP_ERRORS_H
#define CSVR_INPUT_REMOTE_HTTP_ERRORS_H

#include <curl/curl.h>

#include "base/error.h"

/* Both return whether the error is transient, so that a retry may succeed. */

/* An error response of a server other than S3. */
bool csvr_http_describe_status(int http_status, struct csvr_error *error);

/* `detail` is libcurl's own message; "": that of the code. `*is_unreachable`: no connection could be
 * established. */
bool csvr_http_describe_curl_error(CURLcode code, const char *detail, bool *is_unreachable,
				   struct csvr_error *error);

#endif
