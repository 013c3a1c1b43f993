/* text_decoder.h - decompressed bytes as text in UTF-8
 *
 * UTF-16 is converted as it is read; a byte order mark shows it. Other bytes are passed through.
 *
 * Shape    reads from a decompressor, front to back, into the caller's buffers
 * Units    offsets in messages are those of decompressed bytes
 * Errors   CSVR_INVALID_FILE: an unpaired surrogate, an odd last byte, or text that is not in the encoding that
 *          the user states; any error of the decompressor
 * Threads  a decoder belongs to one thread. It keeps its buffer, of 64 KiB, for the next file
 */
#ifndef CSVR_INPUT_CODEC_TEXT_DECODER_H
#define CSVR_INPUT_CODEC_TEXT_DECODER_H

#include "base/utf8.h"
#include "csvreport.h"
#include "input/codec/decompressor.h"

/* Whether text starts with a byte order mark of UTF-16. That of UTF-32 is none. */
bool csvr_has_utf16_mark(const unsigned char *bytes, size_t n_bytes);

/* Whether an input that starts with these bytes is read front to back, since it must be decompressed or
 * converted. `n_bytes` is less than CSVR_SIGNATURE_BYTES only if the input is shorter. */
bool csvr_is_decoded(const unsigned char *bytes, size_t n_bytes);

struct csvr_text_decoder {
	struct csvr_decompressor *decompressor; /* not owned */
	bool is_utf16;
	bool is_big_endian;
	bool has_all; /* no input follows bytes[n_bytes) */
	/* bytes[position, n_bytes) is not yet converted; byte 0 is byte `base` of the input. NULL until needed. */
	unsigned char *bytes;
	size_t n_bytes, position;
	uint64_t base;
	/* A character that did not fit into the caller's buffer. */
	unsigned char rest[CSVR_UTF8_BYTES];
	size_t n_rest;
};

/* Frees the buffer; a decoder of all zeros is fine. */
void csvr_text_decoder_clear(struct csvr_text_decoder *decoder);

/* Starts at the first byte of the decompressor's input. `encoding` is that of text without a byte order mark:
 * only that of UTF-16 matters. Errors: also CSVR_NO_MEMORY. */
enum csvr_status csvr_text_decoder_start(struct csvr_text_decoder *decoder,
					 struct csvr_decompressor *decompressor,
					 enum csvr_encoding encoding, struct csvr_error *error);

/* Starts within text, of which all bytes are passed through. */
void csvr_text_decoder_resume(struct csvr_text_decoder *decoder,
			      struct csvr_decompressor *decompressor);

/* Reads up to `n_bytes`, as csvr_decompressor_read. All text before an error is returned first. */
enum csvr_status csvr_text_decoder_read(struct csvr_text_decoder *decoder, void *buffer,
					size_t n_bytes, size_t *n_read, struct csvr_error *error);

#endif
