/* serialize.c - integers, doubles and strings to bytes and back */
#include "base/serialize.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* ---- encoder ---- */

void csvr_encoder_init(struct csvr_encoder *encoder)
{
	memset(encoder, 0, sizeof *encoder);
}

void csvr_encoder_clear(struct csvr_encoder *encoder)
{
	free(encoder->bytes);
	csvr_encoder_init(encoder);
}

void csvr_encoder_put_bytes(struct csvr_encoder *encoder, const void *data, size_t n_bytes)
{
	if (n_bytes == 0 || encoder->is_out_of_memory)
		return;
	unsigned char *grown = NULL;
	if (n_bytes <= SIZE_MAX - encoder->n_bytes)
		grown = csvr_array_grow(encoder->bytes, &encoder->capacity,
					encoder->n_bytes + n_bytes, 1);
	if (grown == NULL) {
		encoder->is_out_of_memory = true;
		return;
	}
	encoder->bytes = grown;
	memcpy(grown + encoder->n_bytes, data, n_bytes);
	encoder->n_bytes += n_bytes;
}

void csvr_encoder_put_varint_wide(struct csvr_encoder *encoder, const uint64_t *word,
				  size_t n_words)
{
	enum { MOST_WORDS = 4 };
	unsigned char group[MOST_WORDS * 10];
	size_t n = 0, last = 0;
	for (size_t bit = 0; bit < n_words * 64; bit += 7, n++) {
		uint64_t value = word[bit / 64] >> bit % 64;
		if (bit % 64 > 57 && bit / 64 + 1 < n_words)
			/* cppcheck-suppress objectIndex ; of one word there is no next */
			value |= word[bit / 64 + 1] << (64 - bit % 64);
		group[n] = (unsigned char)((value & 0x7f) | 0x80);
		if ((value & 0x7f) != 0)
			last = n;
	}
	group[last] &= 0x7f;
	csvr_encoder_put_bytes(encoder, group, last + 1);
}

void csvr_encoder_put_varint(struct csvr_encoder *encoder, uint64_t value)
{
	csvr_encoder_put_varint_wide(encoder, &value, 1);
}

/* 0, -1, 1, -2, ... become 0, 1, 2, 3, ...: numbers near zero stay short. */
void csvr_encoder_put_zigzag(struct csvr_encoder *encoder, int64_t value)
{
	csvr_encoder_put_varint(encoder, (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0));
}

void csvr_encoder_put_double(struct csvr_encoder *encoder, double value)
{
	uint64_t word;
	unsigned char octet[8];
	memcpy(&word, &value, sizeof word);
	for (size_t i = 0; i < sizeof octet; i++)
		octet[i] = (unsigned char)(word >> 8 * i);
	csvr_encoder_put_bytes(encoder, octet, sizeof octet);
}

void csvr_encoder_put_text(struct csvr_encoder *encoder, const char *text, size_t n_bytes)
{
	csvr_encoder_put_varint(encoder, n_bytes);
	csvr_encoder_put_bytes(encoder, text, n_bytes);
}

/* ---- decoder ---- */

size_t csvr_decoder_remaining(const struct csvr_decoder *decoder)
{
	return decoder->is_bad ? 0 : (size_t)(decoder->end - decoder->at);
}

bool csvr_decoder_fail(struct csvr_decoder *decoder)
{
	decoder->is_bad = true;
	return false;
}

const unsigned char *csvr_decoder_bytes(struct csvr_decoder *decoder, size_t n_bytes)
{
	if (n_bytes > csvr_decoder_remaining(decoder)) {
		decoder->is_bad = true;
		return NULL;
	}
	const unsigned char *bytes = decoder->at;
	decoder->at += n_bytes;
	return bytes;
}

void csvr_decoder_varint_wide(struct csvr_decoder *decoder, uint64_t *word, size_t n_words)
{
	memset(word, 0, n_words * sizeof *word);
	bool is_more = true;
	for (size_t bit = 0; is_more; bit += 7) {
		const unsigned char *octet = csvr_decoder_bytes(decoder, 1);
		if (octet == NULL)
			break;
		uint64_t value = *octet & 0x7f;
		is_more = (*octet & 0x80) != 0;
		/* Each number has one form: it does not end in a zero group, and fits into the words. */
		const size_t n_left = bit < n_words * 64 ? n_words * 64 - bit : 0;
		if ((value == 0 && !is_more && bit > 0) || n_left == 0 ||
		    (n_left < 7 && value >> n_left != 0)) {
			decoder->is_bad = true;
			break;
		}
		word[bit / 64] |= value << bit % 64;
		if (bit % 64 > 57 && bit / 64 + 1 < n_words)
			word[bit / 64 + 1] |= value >> (64 - bit % 64);
	}
	if (decoder->is_bad)
		memset(word, 0, n_words * sizeof *word);
}

uint64_t csvr_decoder_varint(struct csvr_decoder *decoder)
{
	uint64_t value;
	csvr_decoder_varint_wide(decoder, &value, 1);
	return value;
}

int64_t csvr_decoder_zigzag(struct csvr_decoder *decoder)
{
	const uint64_t value = csvr_decoder_varint(decoder);
	const uint64_t folded = value >> 1 ^ ((value & 1) != 0 ? UINT64_MAX : 0);
	int64_t result;
	memcpy(&result, &folded, sizeof result);
	return result;
}

double csvr_decoder_double(struct csvr_decoder *decoder)
{
	const unsigned char *octet = csvr_decoder_bytes(decoder, 8);
	uint64_t word = 0;
	for (size_t i = 0; octet != NULL && i < 8; i++)
		word |= (uint64_t)octet[i] << 8 * i;
	double value;
	memcpy(&value, &word, sizeof value);
	return value;
}

uint64_t csvr_decoder_varint_max(struct csvr_decoder *decoder, uint64_t most)
{
	const uint64_t value = csvr_decoder_varint(decoder);
	if (value <= most)
		return value;
	decoder->is_bad = true;
	return 0;
}

size_t csvr_decoder_count(struct csvr_decoder *decoder, size_t item_bytes)
{
	const uint64_t value = csvr_decoder_varint(decoder);
	if (value <= csvr_decoder_remaining(decoder) / item_bytes)
		return (size_t)value;
	decoder->is_bad = true;
	return 0;
}

const char *csvr_decoder_text(struct csvr_decoder *decoder, size_t *n_bytes)
{
	*n_bytes = csvr_decoder_count(decoder, 1);
	const unsigned char *bytes = csvr_decoder_bytes(decoder, *n_bytes);
	return bytes != NULL ? (const char *)bytes : "";
}

uint64_t csvr_decode_little_endian(const unsigned char *bytes, size_t n_bytes)
{
	uint64_t value = 0;
	for (size_t i = n_bytes; i-- > 0;)
		value = value << 8 | bytes[i];
	return value;
}

void csvr_encode_little_endian(unsigned char *bytes, size_t n_bytes, uint64_t value)
{
	for (size_t i = 0; i < n_bytes; i++)
		bytes[i] = (unsigned char)(value >> 8 * i);
}
