/* s3_internal.h - what the S3 files share; tests use it too
 *
 * Threads  struct csvr_s3 is constant once csvr_s3_new has returned; the functions are pure
 */
#ifndef CSVR_INPUT_REMOTE_S3_INTERNAL_H
#define CSVR_INPUT_REMOTE_S3_INTERNAL_H

#include "base/memory.h"
#include "base/serialize.h"
#include "base/sha256.h"
#include "input/remote/s3_config.h"

struct csvr_s3 {
	const char *key_id, *secret, *token; /* NULL: not set */
	const char *region; /* never NULL */
	const char *endpoint; /* NULL: the region's */
	const char *ca_bundle; /* NULL: the system's */
	bool is_unsigned;
	struct csvr_error missing_keys; /* why there are no keys */
	struct csvr_arena arena; /* of the strings */
};

/* The parts of s3://bucket/key; the key may be empty. */
struct csvr_s3_uri {
	const char *bucket; /* n_bucket bytes, no NUL after them */
	size_t n_bucket;
	const char *key;
};

/* False: the URL is not of S3, or has no bucket. */
bool csvr_s3_split(const char *url, struct csvr_s3_uri *uri);

/* Whether a region name has safe characters only: it becomes part of a host name, and of a command that a
 * message suggests. */
bool csvr_s3_is_region(const char *text);

/* Encodes all bytes as %XX but letters, digits, - . _ ~ and, with `keeps_slash`, the slash. */
void csvr_url_encode(struct csvr_encoder *out, const char *text, size_t n_bytes, bool keeps_slash);

/* HMAC-SHA256 (RFC 2104). `mac` may overlap `key` or `text`. */
void csvr_hmac(const void *key, size_t n_key, const void *text, size_t n_text,
	       unsigned char mac[CSVR_SHA256_BYTES]);

#endif
