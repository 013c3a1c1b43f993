/* decompressor.c - a stream of decompressed bytes from one of compressed bytes
 *
 * Which libraries
 * - For gzip ISA-L, or zlib where ISA-L is missing. On 200 MB of numbers (gzip -6, ratio three to one)
 *   one core decompresses, best of three: ISA-L 1.0 GB/s, zlib 1.2 0.35 GB/s, zstd -3 0.8 GB/s.
 *   libdeflate needs whole members, and memory for all of their decompressed bytes, so it would serve
 *   only BGZF. It was not measured further.
 * - Each linked library costs time at the start of every program. First decile of 300 starts of an
 *   empty program: without libraries 3.5 ms, with zlib 5.0 ms, with all six 6.3 ms. So none is linked
 *   (dynlib.h).
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "input/codec/decompressor.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "input/codec/codec.h"

/* Size of a read: fits the L2 cache next to a block of text. Smaller files are read whole. */
enum { COMPRESSED_BYTES = 128 * 1024 };

/* ---- codecs ---- */

enum csvr_status csvr_decompressor_new(struct csvr_decompressor **decompressor)
{
	*decompressor = calloc(1, sizeof **decompressor);
	if (*decompressor == NULL)
		return CSVR_NO_MEMORY;
	(*decompressor)->compressed = malloc(COMPRESSED_BYTES);
	if ((*decompressor)->compressed != NULL)
		return CSVR_OK;
	free(*decompressor);
	*decompressor = NULL;
	return CSVR_NO_MEMORY;
}

void csvr_decompressor_free(struct csvr_decompressor *decompressor)
{
	if (decompressor == NULL)
		return;
	for (size_t i = 0; i < CSVR_N_COMPRESSIONS; i++) {
		if (decompressor->states[i] != NULL)
			decompressor->codecs[i]->clear(decompressor->states[i]);
		free(decompressor->states[i]);
	}
	free(decompressor->compressed);
	free(decompressor);
}

static enum csvr_status set_not_built(enum csvr_compression compression, struct csvr_error *error)
{
	const struct csvr_codec_format *format = csvr_codec_format(compression);
	return csvr_error_set(error, CSVR_INVALID_FILE, 0,
			      "%s data, but this csv-report was built without %s; rebuild it with "
			      "%s, or decompress the file with: %s -dc",
			      format->name, format->name, format->libraries, format->name);
}

/* Loads the first codec of the format whose library is installed, and makes its state. */
static enum csvr_status load_codec(struct csvr_decompressor *decompressor,
				   enum csvr_compression compression, struct csvr_error *error)
{
	if (decompressor->states[compression] != NULL)
		return CSVR_OK;
	enum csvr_status status = CSVR_INVALID_FILE;
	for (size_t i = 0; i < CSVR_MAX_CODECS && status != CSVR_OK; i++) {
		const struct csvr_codec *codec = csvr_codec_format(compression)->codecs[i];
		if (codec == NULL)
			break;
		/* The pointers to functions are at the start of a state. */
		void *state = calloc(1, codec->state_bytes);
		if (state == NULL)
			return csvr_error_set_no_memory(error);
		status = csvr_dynlib_open(&codec->library, state, error);
		if (status != CSVR_OK) {
			free(state);
			continue;
		}
		decompressor->states[compression] = state;
		decompressor->codecs[compression] = codec;
	}
	return csvr_compression_is_built(compression) ? status : set_not_built(compression, error);
}

/* ---- compressed bytes ---- */

uint64_t csvr_decompressor_compressed_offset(const struct csvr_decompressor *decompressor)
{
	return decompressor->compressed_base + decompressor->position;
}

/* Fetches until at least `n_bytes` are buffered, or until the end of the input. */
static enum csvr_status fetch(struct csvr_decompressor *d, size_t n_bytes, struct csvr_error *error)
{
	if (d->n_compressed - d->position >= n_bytes || d->has_all)
		return CSVR_OK;
	memmove(d->compressed, d->compressed + d->position, d->n_compressed - d->position);
	d->compressed_base += d->position;
	d->n_compressed -= d->position;
	d->position = 0;
	while (d->n_compressed < n_bytes && !d->has_all) {
		size_t n_read;
		enum csvr_status status = d->fetch(d->context, d->compressed_base + d->n_compressed,
						   d->compressed + d->n_compressed,
						   COMPRESSED_BYTES - d->n_compressed, &n_read,
						   error);
		if (status != CSVR_OK)
			return status;
		d->n_compressed += n_read;
		d->has_all = n_read == 0;
	}
	return CSVR_OK;
}

enum csvr_status csvr_decompressor_start(struct csvr_decompressor *decompressor,
					 enum csvr_compression compression, uint64_t offset,
					 csvr_fetch_fn fetch_fn, void *context,
					 struct csvr_error *error)
{
	decompressor->compression = compression;
	decompressor->fetch = fetch_fn;
	decompressor->on_member = NULL;
	decompressor->n_decompressed = 0;
	decompressor->context = context;
	decompressor->n_compressed = decompressor->position = 0;
	decompressor->compressed_base = offset;
	decompressor->has_all = decompressor->is_in_member = decompressor->is_at_end = false;
	return compression == CSVR_UNCOMPRESSED ? CSVR_OK
						: load_codec(decompressor, compression, error);
}

enum csvr_status csvr_decompressor_detect(struct csvr_decompressor *decompressor, bool has_suffix,
					  csvr_fetch_fn fetch_fn, void *context,
					  enum csvr_compression *compression,
					  struct csvr_error *error)
{
	enum csvr_status status = csvr_decompressor_start(decompressor, CSVR_UNCOMPRESSED, 0,
							  fetch_fn, context, error);
	if (status == CSVR_OK)
		status = fetch(decompressor, CSVR_SIGNATURE_BYTES, error);
	if (status != CSVR_OK)
		return status;
	*compression = (has_suffix ? csvr_compression_detect_prefix
				   : csvr_compression_detect)(decompressor->compressed,
							      decompressor->n_compressed);
	decompressor->compression = *compression;
	if (*compression == CSVR_UNCOMPRESSED && has_suffix)
		return fetch(decompressor, CSVR_TEXT_PROBE_BYTES, error);
	return *compression == CSVR_UNCOMPRESSED ? CSVR_OK
						 : load_codec(decompressor, *compression, error);
}

bool csvr_decompressor_looks_like_text(const struct csvr_decompressor *d)
{
	const size_t n_left = d->n_compressed - d->position;
	const size_t n_bytes = n_left < CSVR_TEXT_PROBE_BYTES ? n_left : CSVR_TEXT_PROBE_BYTES;
	for (size_t i = 0; i < n_bytes; i++) {
		const unsigned char byte = d->compressed[d->position + i];
		if (byte < ' ' && byte != '\t' && byte != '\r' && byte != '\n')
			return false;
	}
	return true;
}

/* ---- members ---- */

/* The message names the member, not the byte: at which byte a library notices depends on how much input it
 * was given at a time. */
static enum csvr_status set_corrupt(const struct csvr_decompressor *d, struct csvr_error *error)
{
	const struct csvr_codec_format *format = csvr_codec_format(d->compression);
	return csvr_error_set(error, CSVR_INVALID_FILE, 0,
			      "corrupt %s data in the %s at byte %" PRIu64 "; fetch the file again",
			      format->name, format->member, d->member_offset);
}

static enum csvr_status set_truncated(const struct csvr_decompressor *d, struct csvr_error *error)
{
	return csvr_error_set(error, CSVR_INVALID_FILE, 0,
			      "truncated %s data (ends at byte %" PRIu64 "); fetch the file again",
			      csvr_compression_label(d->compression),
			      d->compressed_base + d->n_compressed);
}

/* Skips zeros to the end of the input: tapes and some file systems pad files with them. */
static enum csvr_status skip_padding(struct csvr_decompressor *d, struct csvr_error *error)
{
	enum csvr_status status = CSVR_OK;
	while (status == CSVR_OK && d->position < d->n_compressed &&
	       d->compressed[d->position] == 0) {
		d->position++;
		status = fetch(d, 1, error);
	}
	return status;
}

/* Starts the next member, or detects the end of the input. */
static enum csvr_status next_member(struct csvr_decompressor *d, struct csvr_error *error)
{
	enum csvr_status status = fetch(d, CSVR_SIGNATURE_BYTES, error);
	if (status != CSVR_OK)
		return status;
	const bool is_first = csvr_decompressor_compressed_offset(d) == 0;
	const struct csvr_codec_format *format = csvr_codec_format(d->compression);
	if (csvr_codec_starts_member(format, d->compressed + d->position,
				     d->n_compressed - d->position, d->has_all)) {
		d->is_in_member = true;
		d->member_offset = csvr_decompressor_compressed_offset(d);
		if (d->on_member != NULL)
			status = d->on_member(d->context, d->member_offset, d->n_decompressed,
					      error);
		if (status != CSVR_OK)
			return status;
		status = d->codecs[d->compression]->start_member(d->states[d->compression]);
		return status == CSVR_NO_MEMORY ? csvr_error_set_no_memory(error) : status;
	}
	if (format->has_padding && !is_first)
		status = skip_padding(d, error);
	d->is_at_end = d->position == d->n_compressed && d->has_all;
	if (status != CSVR_OK || d->is_at_end)
		return status;
	return csvr_error_set(error, CSVR_INVALID_FILE, 0,
			      "trailing garbage after the %s data, at byte %" PRIu64
			      "; remove it, or fetch the file again",
			      format->name, csvr_decompressor_compressed_offset(d));
}

/* One step of the codec within a member. */
static enum csvr_status decompress(struct csvr_decompressor *d, unsigned char *buffer,
				   size_t n_bytes, size_t *n_written, struct csvr_error *error)
{
	const struct csvr_codec *codec = d->codecs[d->compression];
	const size_t n_in = d->n_compressed - d->position;
	struct csvr_codec_buffers buffers = { d->compressed + d->position, n_in, buffer, n_bytes,
					      d->has_all };
	const enum csvr_codec_step step = codec->decompress(d->states[d->compression], &buffers);
	d->position += n_in - buffers.n_in;
	*n_written = n_bytes - buffers.n_out;
	switch (step) {
	case CSVR_STEP_MORE:
		if (*n_written > 0 || buffers.n_in < n_in)
			return CSVR_OK;
		return n_in == 0 ? set_truncated(d, error) : set_corrupt(d, error);
	case CSVR_STEP_END:
		d->is_in_member = false;
		return CSVR_OK;
	case CSVR_STEP_CORRUPT:
		return set_corrupt(d, error);
	case CSVR_STEP_TOO_BIG:
		return csvr_error_set(error, CSVR_INVALID_FILE, 0,
				      "needs more memory than allowed: %s", codec->memory_advice);
	default:
		return csvr_error_set_no_memory(error);
	}
}

static enum csvr_status pass_through(struct csvr_decompressor *d, unsigned char *buffer,
				     size_t n_bytes, size_t *n_read, struct csvr_error *error)
{
	const size_t n_left = d->n_compressed - d->position;
	if (n_left == 0 && !d->has_all) {
		enum csvr_status status = d->fetch(d->context, d->compressed_base + d->n_compressed,
						   buffer, n_bytes, n_read, error);
		d->compressed_base += status == CSVR_OK ? *n_read : 0;
		return status;
	}
	*n_read = n_left < n_bytes ? n_left : n_bytes;
	memcpy(buffer, d->compressed + d->position, *n_read);
	d->position += *n_read;
	return CSVR_OK;
}

enum csvr_status csvr_decompressor_read(struct csvr_decompressor *d, void *buffer, size_t n_bytes,
					size_t *n_read, struct csvr_error *error)
{
	*n_read = 0;
	if (d->compression == CSVR_UNCOMPRESSED)
		return pass_through(d, buffer, n_bytes, n_read, error);
	enum csvr_status status = CSVR_OK;
	while (status == CSVR_OK && *n_read < n_bytes && !d->is_at_end) {
		size_t n_written = 0;
		status = fetch(d, 1, error);
		if (status == CSVR_OK && !d->is_in_member)
			status = next_member(d, error);
		if (status == CSVR_OK && d->is_in_member)
			status = decompress(d, (unsigned char *)buffer + *n_read, n_bytes - *n_read,
					    &n_written, error);
		*n_read += n_written;
		d->n_decompressed += n_written;
	}
	return status;
}
