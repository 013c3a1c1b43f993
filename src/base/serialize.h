/* serialize.h - integers, doubles and strings to bytes and back, the same on every machine
 *
 * Shape    integers in groups of 7 bits, least significant first; the top bit of a byte is set if more
 *          follow (as DWARF's LEB128); doubles as the 8 bytes of their IEEE 754 form, least
 *          significant first; strings as their length and their bytes
 * Errors   an encoder that ran out of memory and a decoder that met invalid bytes stay failed: check
 *          once, at the end. A decoder never reads past its end; once failed, it returns zeros.
 * Threads  one per encoder or decoder
 */
#ifndef CSVR_BASE_SERIALIZE_H
#define CSVR_BASE_SERIALIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct csvr_encoder {
	unsigned char *bytes;
	size_t n_bytes, capacity;
	bool is_out_of_memory;
};

void csvr_encoder_init(struct csvr_encoder *encoder);
void csvr_encoder_clear(struct csvr_encoder *encoder);

void csvr_encoder_put_bytes(struct csvr_encoder *encoder, const void *data, size_t n_bytes);
void csvr_encoder_put_varint(struct csvr_encoder *encoder, uint64_t value);
void csvr_encoder_put_zigzag(struct csvr_encoder *encoder, int64_t value);
void csvr_encoder_put_double(struct csvr_encoder *encoder, double value);
void csvr_encoder_put_text(struct csvr_encoder *encoder, const char *text, size_t n_bytes);

/* An integer of `n_words` words, least significant first. */
void csvr_encoder_put_varint_wide(struct csvr_encoder *encoder, const uint64_t *word,
				  size_t n_words);

struct csvr_decoder {
	const unsigned char *at, *end;
	bool is_bad;
};

/* Bytes left; 0 if the decoder has failed. */
size_t csvr_decoder_remaining(const struct csvr_decoder *decoder);

/* Sets is_bad; returns false. */
bool csvr_decoder_fail(struct csvr_decoder *decoder);

/* Points into the input; NULL if fewer bytes are left. */
const unsigned char *csvr_decoder_bytes(struct csvr_decoder *decoder, size_t n_bytes);
uint64_t csvr_decoder_varint(struct csvr_decoder *decoder);
int64_t csvr_decoder_zigzag(struct csvr_decoder *decoder);
double csvr_decoder_double(struct csvr_decoder *decoder);
void csvr_decoder_varint_wide(struct csvr_decoder *decoder, uint64_t *word, size_t n_words);

/* An integer from 0 to `most`; a larger one fails the decoder. */
uint64_t csvr_decoder_varint_max(struct csvr_decoder *decoder, uint64_t most);

/* The number of items that follow, each of at least `item_bytes` bytes. A count that exceeds the bytes left
 * fails the decoder, so the result is safe as the size of an allocation. */
size_t csvr_decoder_count(struct csvr_decoder *decoder, size_t item_bytes);

/* Points into the input, without a NUL at the end. */
const char *csvr_decoder_text(struct csvr_decoder *decoder, size_t *n_bytes);

/* Integers of a fixed number of bytes, at most 8, least significant first. */
uint64_t csvr_decode_little_endian(const unsigned char *bytes, size_t n_bytes);
void csvr_encode_little_endian(unsigned char *bytes, size_t n_bytes, uint64_t value);

/* Eight bytes, least significant first, in one load. */
static inline uint64_t csvr_load8(const unsigned char *bytes)
{
	uint64_t word;
	memcpy(&word, bytes, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	word = __builtin_bswap64(word);
#endif
	return word;
}

/* Writes a word as eight bytes, lowest first. */
static inline void csvr_store8(unsigned char *bytes, uint64_t word)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	word = __builtin_bswap64(word);
#endif
	memcpy(bytes, &word, sizeof word);
}

/* Fewer than eight bytes, least significant first, without a loop. */
static inline uint64_t csvr_load_few(const unsigned char *bytes, size_t n_bytes)
{
	if (n_bytes >= 4) {
		uint32_t first, last;
		memcpy(&first, bytes, sizeof first);
		memcpy(&last, bytes + n_bytes - 4, sizeof last);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
		first = __builtin_bswap32(first);
		last = __builtin_bswap32(last);
#endif
		return first | (uint64_t)last << 8 * (n_bytes - 4);
	}
	if (n_bytes == 0)
		return 0;
	const size_t middle = n_bytes / 2;
	return bytes[0] | (uint64_t)bytes[middle] << 8 * middle |
	       (uint64_t)bytes[n_bytes - 1] << 8 * (n_bytes - 1);
}

#endif
