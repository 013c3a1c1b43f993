/* s3_internal.h - what the files about S3 share, and tests look into
 *
 * Threads  none of it is written to once csvr_s3_new has returned
 */
#ifndef CSVR_INPUT_REMOTE_S3_INTERNAL_H
#define CSVR_INPUT_REMOTE_S3_INTERNAL_H

#include "base/memory.h"
#include "base/serialize.h"
#include "base/sha256.h"
#include "input/remote/s3_config.h"

struct csvr_s3 {
	const char *key_id, *secret, *token; /* NULL: there is none */
	const char *region; /* never NULL */
	const char *endpoint; /* NULL: that of the region */
	const char *ca_bundle; /* NULL: the system's */
	bool is_unsigned;
	struct csvr_error missing_keys; /* why there are no keys */
	struct csvr_arena arena;
};

/* s3://bucket/key in parts; the key may be empty. */
struct csvr_s3_uri {
	const char *bucket; /* n_bucket bytes, without a NUL */
	size_t n_bucket;
	const char *key;
};

/* False: it is of another kind, or names no bucket. */
bool csvr_s3_split(const char *url, struct csvr_s3_uri *uri);

/* A region becomes part of the name of a host, and of a command to copy. */
bool csvr_s3_is_region(const char *text);

/* All but letters, digits, - . _ ~ (and, in a path, the slash) as %XX. */
void csvr_url_encode(struct csvr_encoder *out, const char *text, size_t n_bytes, bool keeps_slash);

/* RFC 2104, with SHA-256. `mac` may be what `key` or `text` is. */
void csvr_hmac(const void *key, size_t n_key, const void *text, size_t n_text,
	       unsigned char mac[CSVR_SHA256_BYTES]);

#endif
