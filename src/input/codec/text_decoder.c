/* text_decoder.c - decompressed bytes as text in UTF-8
 *
 * Why it is fast
 * - Most units of most files are ASCII. Sixteen of them are tested and narrowed at a time.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "input/codec/text_decoder.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

enum { UNIT_BYTES = 2, MARK_BYTES = 4, BUFFER_BYTES = 64 * 1024 };
_Static_assert((int)BUFFER_BYTES >= (int)CSVR_TEXT_PROBE_BYTES, "the first bytes fit");

/* ---- detection ---- */

bool csvr_has_utf16_mark(const unsigned char *bytes, size_t n_bytes)
{
	if (n_bytes < 2)
		return false;
	const bool is_little = bytes[0] == 0xff && bytes[1] == 0xfe;
	const bool is_utf32 = n_bytes >= 4 && bytes[2] == 0 && bytes[3] == 0;
	return (is_little && !is_utf32) || (bytes[0] == 0xfe && bytes[1] == 0xff);
}

bool csvr_is_decoded(const unsigned char *bytes, size_t n_bytes)
{
	return csvr_compression_detect(bytes, n_bytes) != CSVR_UNCOMPRESSED ||
	       csvr_has_utf16_mark(bytes, n_bytes);
}

/* Whether text of UTF-16 may start with these bytes: the line ends, delimiters and digits of a table have a byte 0.
 * Text of one byte per character has none. */
static bool has_high_zero(const struct csvr_text_decoder *decoder)
{
	for (size_t i = decoder->is_big_endian ? 0 : 1; i < decoder->n_bytes; i += UNIT_BYTES)
		if (decoder->bytes[i] == 0)
			return true;
	return decoder->n_bytes == 0;
}

/* ---- the buffer ---- */

void csvr_text_decoder_clear(struct csvr_text_decoder *decoder)
{
	free(decoder->bytes);
	*decoder = (struct csvr_text_decoder){ 0 };
}

/* Reads until `n_bytes` are in the buffer, or to the end of the input. */
static enum csvr_status fill(struct csvr_text_decoder *decoder, size_t n_bytes,
			     struct csvr_error *error)
{
	if (decoder->n_bytes - decoder->position >= n_bytes || decoder->has_all)
		return CSVR_OK;
	decoder->n_bytes -= decoder->position;
	memmove(decoder->bytes, decoder->bytes + decoder->position, decoder->n_bytes);
	decoder->base += decoder->position;
	decoder->position = 0;
	while (decoder->n_bytes < n_bytes && !decoder->has_all) {
		size_t n_read;
		enum csvr_status status = csvr_decompressor_read(decoder->decompressor,
								 decoder->bytes + decoder->n_bytes,
								 BUFFER_BYTES - decoder->n_bytes,
								 &n_read, error);
		if (status != CSVR_OK)
			return status;
		decoder->n_bytes += n_read;
		decoder->has_all = n_read == 0;
	}
	return CSVR_OK;
}

void csvr_text_decoder_resume(struct csvr_text_decoder *decoder,
			      struct csvr_decompressor *decompressor)
{
	*decoder = (struct csvr_text_decoder){ .decompressor = decompressor,
					       .bytes = decoder->bytes };
}

enum csvr_status csvr_text_decoder_start(struct csvr_text_decoder *decoder,
					 struct csvr_decompressor *decompressor,
					 enum csvr_encoding encoding, struct csvr_error *error)
{
	const bool is_stated = encoding == CSVR_ENCODING_UTF16LE ||
			       encoding == CSVR_ENCODING_UTF16BE;
	csvr_text_decoder_resume(decoder, decompressor);
	if (decoder->bytes == NULL)
		decoder->bytes = malloc(BUFFER_BYTES);
	if (decoder->bytes == NULL)
		return csvr_error_set_no_memory(error);
	enum csvr_status status = fill(decoder, is_stated ? CSVR_TEXT_PROBE_BYTES : MARK_BYTES,
				       error);
	if (status != CSVR_OK)
		return status;
	if (csvr_has_utf16_mark(decoder->bytes, decoder->n_bytes)) {
		decoder->is_utf16 = true;
		decoder->is_big_endian = decoder->bytes[0] == 0xfe;
		decoder->position = UNIT_BYTES;
		return CSVR_OK;
	}
	const bool has_mark =
		(decoder->n_bytes >= 3 && memcmp(decoder->bytes, "\xef\xbb\xbf", 3) == 0) ||
		(decoder->n_bytes >= 4 && memcmp(decoder->bytes, "\xff\xfe\0\0", 4) == 0);
	if (!is_stated || has_mark)
		return CSVR_OK;
	decoder->is_utf16 = true;
	decoder->is_big_endian = encoding == CSVR_ENCODING_UTF16BE;
	if (has_high_zero(decoder))
		return CSVR_OK;
	return csvr_error_set(
		error, CSVR_INVALID_FILE, 0,
		"not in UTF-16%s, which --encoding states; read it without that option",
		decoder->is_big_endian ? "BE" : "LE");
}

/* ---- converting ---- */

static inline uint32_t unit_at(const struct csvr_text_decoder *decoder, size_t position)
{
	const unsigned char *p = decoder->bytes + position;
	return decoder->is_big_endian ? (uint32_t)p[0] << 8 | p[1] : (uint32_t)p[1] << 8 | p[0];
}

/* Four units of ASCII, in the low bytes of a word, as four bytes. */
static inline uint64_t narrow(uint64_t units)
{
	units = (units | units >> 8) & UINT64_C(0x0000ffff0000ffff);
	return (units | units >> 16) & UINT64_C(0xffffffff);
}

/* Narrows units as long as they are ASCII, eight at a time, to at most `n_out` bytes; returns how many. */
static size_t narrow_ascii(const unsigned char *in, size_t n_units, bool is_big_endian,
			   unsigned char *out, size_t n_out)
{
	enum { STEP = 8 };
	const unsigned shift = is_big_endian ? 8 : 0;
	const uint64_t other = is_big_endian ? UINT64_C(0x80ff80ff80ff80ff)
					     : UINT64_C(0xff80ff80ff80ff80);
	const size_t most = n_units < n_out ? n_units : n_out;
	size_t n = 0;
	for (; n + STEP <= most; n += STEP, in += (size_t)UNIT_BYTES * STEP) {
		const uint64_t first = csvr_load8(in), second = csvr_load8(in + STEP);
		if (((first | second) & other) != 0)
			break;
		csvr_store8(out + n, narrow(first >> shift) | narrow(second >> shift) << 32);
	}
	return n;
}

static enum csvr_status set_invalid(const struct csvr_text_decoder *decoder, const char *what,
				    struct csvr_error *error)
{
	return csvr_error_set(error, CSVR_INVALID_FILE, 0,
			      "invalid UTF-16 at byte %" PRIu64
			      ": %s; fetch the file again, or repair it with: iconv -c -f UTF-16 "
			      "-t UTF-8 FILE >NEWFILE",
			      decoder->base + decoder->position, what);
}

/* Converts the next character to decoder->rest; there is at least one byte. */
static enum csvr_status decode_character(struct csvr_text_decoder *decoder,
					 struct csvr_error *error)
{
	const size_t n_left = decoder->n_bytes - decoder->position;
	if (n_left < UNIT_BYTES)
		return set_invalid(decoder, "the last character is cut", error);
	uint32_t code = unit_at(decoder, decoder->position);
	size_t n_used = UNIT_BYTES;
	if (code >= 0xd800 && code < 0xe000) {
		const uint32_t low = n_left >= (size_t)2 * UNIT_BYTES
					     ? unit_at(decoder, decoder->position + UNIT_BYTES)
					     : 0;
		if (code >= 0xdc00 || low < 0xdc00 || low >= 0xe000)
			return set_invalid(decoder, "a surrogate without its pair", error);
		code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
		n_used = (size_t)2 * UNIT_BYTES;
	}
	decoder->n_rest = csvr_utf8_encode(code, decoder->rest);
	decoder->position += n_used;
	return CSVR_OK;
}

/* Moves bytes of decoder->rest to the buffer; returns how many. */
static size_t take_rest(struct csvr_text_decoder *decoder, unsigned char *buffer, size_t n_bytes)
{
	const size_t n = decoder->n_rest < n_bytes ? decoder->n_rest : n_bytes;
	memcpy(buffer, decoder->rest, n);
	decoder->n_rest -= n;
	memmove(decoder->rest, decoder->rest + n, decoder->n_rest);
	return n;
}

/* Whether a character can be decoded: no more bytes are needed, or none follow. */
static bool has_character(const struct csvr_text_decoder *decoder)
{
	const size_t n_left = decoder->n_bytes - decoder->position;
	return n_left >= (size_t)2 * UNIT_BYTES || (decoder->has_all && n_left > 0);
}

/* Converts some of the buffer's text: a run of ASCII, then some characters of any kind. `*n` is the number of bytes
 * in `buffer`. */
static enum csvr_status convert_some(struct csvr_text_decoder *decoder, unsigned char *buffer,
				     size_t n_bytes, size_t *n, struct csvr_error *error)
{
	enum { MOST_CHARACTERS = 8 };
	const size_t n_units = (decoder->n_bytes - decoder->position) / UNIT_BYTES;
	const size_t n_narrow = narrow_ascii(decoder->bytes + decoder->position, n_units,
					     decoder->is_big_endian, buffer + *n, n_bytes - *n);
	decoder->position += n_narrow * UNIT_BYTES;
	*n += n_narrow;
	for (int i = 0; i < MOST_CHARACTERS && *n < n_bytes && has_character(decoder); i++) {
		enum csvr_status status = decode_character(decoder, error);
		if (status != CSVR_OK)
			return status;
		*n += take_rest(decoder, buffer + *n, n_bytes - *n);
	}
	return CSVR_OK;
}

static enum csvr_status read_utf16(struct csvr_text_decoder *decoder, unsigned char *buffer,
				   size_t n_bytes, size_t *n_read, struct csvr_error *error)
{
	*n_read = take_rest(decoder, buffer, n_bytes);
	while (*n_read < n_bytes) {
		struct csvr_error found;
		enum csvr_status status = fill(decoder, (size_t)2 * UNIT_BYTES, error);
		if (status != CSVR_OK || decoder->position == decoder->n_bytes)
			return status;
		status = convert_some(decoder, buffer, n_bytes, n_read, &found);
		/* The text before an error is returned, and the next read finds the error again. */
		if (status != CSVR_OK && *n_read > 0)
			return CSVR_OK;
		if (status != CSVR_OK) {
			*error = found;
			return status;
		}
	}
	return CSVR_OK;
}

static enum csvr_status pass_through(struct csvr_text_decoder *decoder, unsigned char *buffer,
				     size_t n_bytes, size_t *n_read, struct csvr_error *error)
{
	const size_t n_left = decoder->n_bytes - decoder->position;
	const size_t n = n_left < n_bytes ? n_left : n_bytes;
	*n_read = 0;
	if (n == 0)
		return csvr_decompressor_read(decoder->decompressor, buffer, n_bytes, n_read,
					      error);
	memcpy(buffer, decoder->bytes + decoder->position, n);
	decoder->position += n;
	enum csvr_status status = CSVR_OK;
	if (n < n_bytes && !decoder->has_all)
		status = csvr_decompressor_read(decoder->decompressor, buffer + n, n_bytes - n,
						n_read, error);
	*n_read += n;
	return status;
}

enum csvr_status csvr_text_decoder_read(struct csvr_text_decoder *decoder, void *buffer,
					size_t n_bytes, size_t *n_read, struct csvr_error *error)
{
	return (decoder->is_utf16 ? read_utf16 : pass_through)(decoder, buffer, n_bytes, n_read,
							       error);
}
