/* s3_error.h - error responses of S3 to messages
 *
 * Threads  any
 */
#ifndef CSVR_INPUT_REMOTE_S3_ERROR_H
#define CSVR_INPUT_REMOTE_S3_ERROR_H

#include "input/remote/s3_config.h"

/* Sets `error` to the server's code and message and the remedy. Returns whether the error is transient, so
 * that a retry may succeed. */
bool csvr_s3_describe_error(const struct csvr_s3 *s3, int http_status, const unsigned char *body,
			    size_t n_body, struct csvr_error *error);

#endif
