/* s3_sign.h - GET requests to S3, signed with AWS Signature Version 4
 *
 * Shape    strings in, strings out; nothing is sent
 * Source   S3 API reference, "Authenticating Requests (AWS Signature Version 4)"
 * Threads  any number of threads may sign with one struct csvr_s3
 */
#ifndef CSVR_INPUT_REMOTE_S3_SIGN_H
#define CSVR_INPUT_REMOTE_S3_SIGN_H

#include "input/remote/s3_config.h"

/* One attempt of a request; free it with csvr_s3_request_clear. */
struct csvr_s3_request {
	char *url; /* encoded; send it unchanged */
	char **headers; /* n_headers lines "name: value" */
	size_t n_headers;
};

/* Builds a GET of s3://bucket/key (`query` NULL) or of a listing of its bucket. `now_s` is in seconds since
 * 1970. `n_bytes` 0: no Range header. `etag` "": no If-Match header.
 * Errors: CSVR_NO_MEMORY; CSVR_INVALID_OPTION if there are no credentials (the message names the places
 * searched) or the URL names no bucket. */
enum csvr_status csvr_s3_sign_request(const struct csvr_s3 *s3, const char *url, const char *query,
				      uint64_t begin, uint64_t n_bytes, const char *etag,
				      int64_t now_s, struct csvr_s3_request *request,
				      struct csvr_error *error);
void csvr_s3_request_clear(struct csvr_s3_request *request);

#endif
