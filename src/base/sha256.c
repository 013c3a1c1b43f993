/* sha256.c - SHA-256 of a stream of bytes */
#include "base/sha256.h"

#include <string.h>

/* The first 32 bits of the fractions of the cube roots of the first 64 primes. */
static const uint32_t constant[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
	0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
	0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
	0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
	0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
	0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
	0xc67178f2,
};

static uint32_t rotate(uint32_t word, int n_bits)
{
	return word >> n_bits | word << (32 - n_bits);
}

static void add_block(uint32_t state[8], const unsigned char *block)
{
	uint32_t w[64];
	for (size_t i = 0; i < 16; i++)
		w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
		       (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
	for (size_t i = 16; i < 64; i++) {
		const uint32_t early = w[i - 15], late = w[i - 2];
		w[i] = w[i - 16] + w[i - 7] + (rotate(early, 7) ^ rotate(early, 18) ^ early >> 3) +
		       (rotate(late, 17) ^ rotate(late, 19) ^ late >> 10);
	}
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
	uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
	for (size_t i = 0; i < 64; i++) {
		const uint32_t one = h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) +
				     ((e & f) ^ (~e & g)) + constant[i] + w[i];
		const uint32_t two = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) +
				     ((a & b) ^ (a & c) ^ (b & c));
		h = g;
		g = f;
		f = e;
		e = d + one;
		d = c;
		c = b;
		b = a;
		a = one + two;
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
	state[4] += e;
	state[5] += f;
	state[6] += g;
	state[7] += h;
}

void csvr_sha256_init(struct csvr_sha256 *digest)
{
	/* The first 32 bits of the fractions of the square roots of the first 8 primes. */
	static const uint32_t start[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
					   0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };
	memcpy(digest->state, start, sizeof start);
	digest->n_bytes = 0;
}

void csvr_sha256_add(struct csvr_sha256 *digest, const void *bytes, size_t n_bytes)
{
	const unsigned char *at = bytes;
	size_t n_kept = digest->n_bytes % sizeof digest->block;
	digest->n_bytes += n_bytes;
	while (n_bytes > 0) {
		const size_t room = sizeof digest->block - n_kept;
		const size_t n = n_bytes < room ? n_bytes : room;
		if (n == sizeof digest->block) {
			add_block(digest->state, at);
		} else {
			memcpy(digest->block + n_kept, at, n);
			n_kept += n;
			if (n_kept == sizeof digest->block) {
				add_block(digest->state, digest->block);
				n_kept = 0;
			}
		}
		at += n;
		n_bytes -= n;
	}
}

void csvr_sha256_finish(struct csvr_sha256 *digest, unsigned char result[CSVR_SHA256_BYTES])
{
	static const unsigned char padding[64] = { 0x80 };
	const uint64_t n_bits = digest->n_bytes * 8;
	const size_t n_kept = digest->n_bytes % 64;
	unsigned char length[8];
	for (size_t i = 0; i < sizeof length; i++)
		length[i] = (unsigned char)(n_bits >> (56 - 8 * i));
	csvr_sha256_add(digest, padding, n_kept < 56 ? 56 - n_kept : 120 - n_kept);
	csvr_sha256_add(digest, length, sizeof length);
	for (size_t i = 0; i < CSVR_SHA256_BYTES; i++)
		result[i] = (unsigned char)(digest->state[i / 4] >> (24 - 8 * (i % 4)));
}

void csvr_sha256_text(const unsigned char digest[CSVR_SHA256_BYTES],
		      char text[CSVR_SHA256_TEXT_BYTES])
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < CSVR_SHA256_BYTES; i++) {
		text[2 * i] = digits[digest[i] >> 4];
		text[2 * i + 1] = digits[digest[i] & 15];
	}
	text[2 * CSVR_SHA256_BYTES] = '\0';
}
