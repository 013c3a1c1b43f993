/* s3.h - who asks, where, and how a request to S3 is signed
 *
 * Credentials and endpoint come from the variables and files that all tools of S3 read. No secret ever
 * gets into a message.
 *
 * Shape    texts in, texts out; nothing here goes over the network
 * Source   the signature, version 4, of the S3 reference: "Authenticating Requests"
 * Threads  signing may be done by any number
 */
#ifndef CSVR_INPUT_REMOTE_S3_H
#define CSVR_INPUT_REMOTE_S3_H

#include "base/error.h"
#include "base/serialize.h"
#include "csvreport.h"

struct csvr_s3;

/* Reads AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION, AWS_DEFAULT_REGION,
 * AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, AWS_NO_SIGN_REQUEST, AWS_PROFILE, and the files credentials and
 * config in ~/.aws (or where AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE say).
 * Errors: CSVR_NO_MEMORY; CSVR_INVALID_OPTION where something is set that cannot be, named. Credentials that
 * are missing are an error only when something is to be signed. */
enum csvr_status csvr_s3_new(struct csvr_s3 **s3, struct csvr_error *error);
void csvr_s3_free(struct csvr_s3 *s3);

/* One attempt of a request, to be cleared. */
struct csvr_s3_request {
	char *url; /* encoded, to be sent as it is */
	char **headers; /* "name: value", n_headers of them */
	size_t n_headers;
};

/* A GET of s3://bucket/key (`query` NULL), or of a listing of its bucket, at a time in seconds since 1970.
 * `n_bytes` 0: no range. `etag` "": no If-Match. Errors: CSVR_NO_MEMORY, CSVR_INVALID_OPTION (no credentials:
 * says where they are looked for). */
enum csvr_status csvr_s3_sign_request(const struct csvr_s3 *s3, const char *url, const char *query,
				      uint64_t begin, uint64_t n_bytes, const char *etag,
				      int64_t now_s, struct csvr_s3_request *request,
				      struct csvr_error *error);
void csvr_s3_request_clear(struct csvr_s3_request *request);

/* What the refusal of a server means, for people: its own code and message, and what to do. Returns
 * whether it may pass, so that asking again makes sense. */
bool csvr_s3_describe_error(const struct csvr_s3 *s3, const char *url, int http_status,
			    const unsigned char *body, size_t n_body, struct csvr_error *error);

/* The CA bundle of AWS_CA_BUNDLE or of the profile's ca_bundle; NULL: the system's. */
const char *csvr_s3_ca_bundle(const struct csvr_s3 *s3);

#endif
