/* serialize.h - whole numbers, doubles and texts to bytes and back, the same on every machine
 *
 * Shape    whole numbers in groups of 7 bits, lowest first, the top bit of each byte says that more
 *          follow (as DWARF's LEB128); doubles as the 8 bytes of their IEEE 754 form, lowest first;
 *          texts as their length and their bytes
 * Errors   a writer that found no memory, and a reader that met nonsense, stay so: ask once, at the
 *          end. A reader never reads past its end, and gives zeros once it is bad.
 * Threads  the caller's own
 */
#ifndef CSVR_BASE_SERIALIZE_H
#define CSVR_BASE_SERIALIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

/* A whole number of `n_words` words, lowest first. */
void csvr_encoder_put_varint_wide(struct csvr_encoder *encoder, const uint64_t *word,
				  size_t n_words);

struct csvr_decoder {
	const unsigned char *at, *end;
	bool is_bad;
};

/* What is left; 0 once the reader is bad. */
size_t csvr_decoder_remaining(const struct csvr_decoder *decoder);

/* The reader is bad from now on; returns false. */
bool csvr_decoder_fail(struct csvr_decoder *decoder);

/* NULL when there is not so much left. */
const unsigned char *csvr_decoder_bytes(struct csvr_decoder *decoder, size_t n_bytes);
uint64_t csvr_decoder_varint(struct csvr_decoder *decoder);
int64_t csvr_decoder_zigzag(struct csvr_decoder *decoder);
double csvr_decoder_double(struct csvr_decoder *decoder);
void csvr_decoder_varint_wide(struct csvr_decoder *decoder, uint64_t *word, size_t n_words);

/* A whole number from 0 to `most`; the reader is bad if it is more. */
uint64_t csvr_decoder_varint_max(struct csvr_decoder *decoder, uint64_t most);

/* The number of items that follow, each of at least `item_bytes` bytes: never more than what is left
 * can hold, so that memory for them can be had without fear. */
size_t csvr_decoder_count(struct csvr_decoder *decoder, size_t item_bytes);

/* Points into the bytes read; no NUL is behind it. */
const char *csvr_decoder_text(struct csvr_decoder *decoder, size_t *n_bytes);

/* A fixed number of bytes, at most 8, the lowest first. */
uint64_t csvr_decode_little_endian(const unsigned char *bytes, size_t n_bytes);
void csvr_encode_little_endian(unsigned char *bytes, size_t n_bytes, uint64_t value);

#endif
