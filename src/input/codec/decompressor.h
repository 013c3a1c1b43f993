/* decompressor.h - a stream of decompressed bytes from one of compressed bytes
 *
 * The members of a gzip or bzip2 file, the frames of a zstd file and the streams of an xz file are
 * decompressed in sequence, as if they were one. Checksums are verified.
 *
 * Shape    compressed bytes are fetched by a function of the caller's, front to back; decompressed
 *          bytes go to the caller's buffers
 * Units    offsets in messages are those of compressed bytes; a corrupt member is named by its first
 *          byte, which does not depend on how the file was read
 * Errors   CSVR_INVALID_FILE: corrupt, truncated, followed by other data, or needs too much memory;
 *          CSVR_IO_ERROR: a library cannot be loaded; any error of the fetch function
 * Threads  a decompressor belongs to one thread. It keeps its libraries' allocations for the next
 *          file: memory is bounded by 128 KiB of compressed bytes and the windows (zstd 128 MiB, xz
 *          256 MiB)
 */
#ifndef CSVR_INPUT_CODEC_DECOMPRESSOR_H
#define CSVR_INPUT_CODEC_DECOMPRESSOR_H

#include "csvreport.h"
#include "input/codec/detect.h"

/* This many bytes are checked before an uncompressed file with the suffix of a compressed one is
 * accepted as text. */
enum { CSVR_TEXT_PROBE_BYTES = 4096 };

/* Reads up to `n_bytes` compressed bytes at `offset`; `*n_read` 0 is the end. */
typedef enum csvr_status (*csvr_fetch_fn)(void *context, uint64_t offset, void *buffer,
					  size_t n_bytes, size_t *n_read, struct csvr_error *error);

/* Called at the start of each member, with its offset and the number of bytes decompressed since
 * csvr_decompressor_start. An error that it returns ends the reading. */
typedef enum csvr_status (*csvr_member_fn)(void *context, uint64_t compressed_offset,
					   uint64_t n_decompressed, struct csvr_error *error);

struct csvr_codec;

struct csvr_decompressor {
	enum csvr_compression compression; /* CSVR_UNCOMPRESSED: bytes are passed through */
	csvr_fetch_fn fetch;
	csvr_member_fn on_member; /* NULL, or set after csvr_decompressor_start */
	void *context;
	uint64_t n_decompressed; /* bytes since csvr_decompressor_start */
	uint64_t member_offset; /* of the current member's first byte */
	/* compressed[position, n_compressed) is not yet decompressed; compressed[0] is byte
	 * compressed_base of the input. */
	unsigned char *compressed;
	size_t n_compressed, position;
	uint64_t compressed_base;
	bool has_all; /* the input ends at compressed[n_compressed) */
	bool is_in_member;
	bool is_at_end;
	/* By compression: the codec that was loaded, and its state; NULL until it is needed. */
	const struct csvr_codec *codecs[CSVR_N_COMPRESSIONS];
	void *states[CSVR_N_COMPRESSIONS];
};

/* Errors: CSVR_NO_MEMORY. Free with csvr_decompressor_free (NULL is fine). */
enum csvr_status csvr_decompressor_new(struct csvr_decompressor **decompressor);
void csvr_decompressor_free(struct csvr_decompressor *decompressor);

/* Starts at byte `offset` of the compressed input: 0, or the first byte of a member. Any earlier
 * input is dropped. If `compression` is CSVR_UNCOMPRESSED, bytes are passed through. */
enum csvr_status csvr_decompressor_start(struct csvr_decompressor *decompressor,
					 enum csvr_compression compression, uint64_t offset,
					 csvr_fetch_fn fetch, void *context,
					 struct csvr_error *error);

/* Starts at byte 0 with the compression that the first bytes show, which `*compression` receives.
 * `has_suffix`: the name of the input has the suffix of a compressed file. */
enum csvr_status csvr_decompressor_detect(struct csvr_decompressor *decompressor, bool has_suffix,
					  csvr_fetch_fn fetch, void *context,
					  enum csvr_compression *compression,
					  struct csvr_error *error);

/* Whether the first CSVR_TEXT_PROBE_BYTES contain no control characters but tabs and line ends. Call
 * after csvr_decompressor_detect has found CSVR_UNCOMPRESSED in an input that `has_suffix`. */
bool csvr_decompressor_looks_like_text(const struct csvr_decompressor *decompressor);

/* Reads the next `n_bytes` decompressed bytes, or all that are left. */
enum csvr_status csvr_decompressor_read(struct csvr_decompressor *decompressor, void *buffer,
					size_t n_bytes, size_t *n_read, struct csvr_error *error);

/* Offset of the first compressed byte not yet consumed: the progress of the reading. */
uint64_t csvr_decompressor_compressed_offset(const struct csvr_decompressor *decompressor);

#endif
