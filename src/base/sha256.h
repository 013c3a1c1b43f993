/* sha256.h - SHA-256 of a stream of bytes
 *
 * The same digest means the same bytes, but for a negligible probability; sha256sum(1) computes it too.
 *
 * Threads  one per struct
 * Source   FIPS 180-4
 */
#ifndef CSVR_BASE_SHA256_H
#define CSVR_BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { CSVR_SHA256_BYTES = 32 };

struct csvr_sha256 {
	uint32_t state[8];
	uint64_t n_bytes;
	unsigned char block[64];
};

void csvr_sha256_init(struct csvr_sha256 *digest);
void csvr_sha256_add(struct csvr_sha256 *digest, const void *bytes, size_t n_bytes);

/* Nothing may be added afterwards. */
void csvr_sha256_finish(struct csvr_sha256 *digest, unsigned char result[CSVR_SHA256_BYTES]);

/* A digest in hexadecimal, with a NUL. */
enum { CSVR_SHA256_TEXT_BYTES = 2 * CSVR_SHA256_BYTES + 1 };
void csvr_sha256_text(const unsigned char digest[CSVR_SHA256_BYTES],
		      char text[CSVR_SHA256_TEXT_BYTES]);

#endif
