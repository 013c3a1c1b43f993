/* decompressor.h - compressed bytes to the text they stand for, as a stream
 *
 * Which format it is shows in the first bytes, never in a name alone. Members that follow each other
 * (gzip, bzip2), frames (zstd) and streams (xz) are one text. Checksums are verified.
 *
 * Shape    raw bytes come from a function of the caller's, front to back; text goes to its buffers
 * Units    offsets in messages are those of raw bytes: of where the member begins that is no good, which
 *          does not depend on how it was read
 * Errors   CSVR_INVALID_FILE: corrupt, cut short, something else behind it, or too much memory asked for;
 *          CSVR_IO_ERROR: a library that cannot be had; what the fetching function returns
 * Threads  a decoder belongs to one thread. It keeps what its libraries have allocated, for the next
 *          file: memory is bounded by 128 KiB of raw bytes and the windows (zstd 128, xz 256 MiB)
 */
#ifndef CSVR_INPUT_CODEC_DECOMPRESSOR_H
#define CSVR_INPUT_CODEC_DECOMPRESSOR_H

#include "csvreport.h"

enum csvr_compression {
	CSVR_UNCOMPRESSED,
	CSVR_GZIP,
	CSVR_ZSTD,
	CSVR_BZIP2,
	CSVR_XZ,
	CSVR_N_COMPRESSIONS
};

/* As many first bytes tell all formats. */
enum { CSVR_SIGNATURE_BYTES = 10 };

/* As many are looked at before something is believed to be text that was named otherwise. */
enum { CSVR_TEXT_PROBE_BYTES = 4096 };

/* What a file is that begins with these bytes, all there are if they are fewer than
 * CSVR_SIGNATURE_BYTES. */
enum csvr_compression csvr_compression_detect(const unsigned char *start, size_t n_bytes);

/* The same where a name has said that it is compressed: the beginning of a beginning is enough. */
enum csvr_compression csvr_compression_detect_prefix(const unsigned char *start, size_t n_bytes);

/* The format that the end of a name stands for, as in a.csv.gz; CSVR_UNCOMPRESSED: none. `*length` becomes that
 * of the name without it. */
enum csvr_compression csvr_compression_from_suffix(const char *name, size_t *length);

/* As its makers call it; NULL for CSVR_UNCOMPRESSED. */
const char *csvr_compression_label(enum csvr_compression coding);

/* Whether this build can decode it; csvr_compression_name tells the names. */
bool csvr_compression_is_built(enum csvr_compression coding);

/* Reads up to `n_bytes` raw bytes at `offset`; `*n_read` 0 is the end. */
typedef enum csvr_status (*csvr_fetch_fn)(void *context, uint64_t offset, void *buffer,
					  size_t n_bytes, size_t *n_read, struct csvr_error *error);

/* Told of each member that begins: at which raw byte, and how much text was made before it since the
 * beginning. Errors: its own. */
typedef enum csvr_status (*csvr_member_fn)(void *context, uint64_t raw_offset, uint64_t text_bytes,
					   struct csvr_error *error);

struct csvr_codec;

struct csvr_decompressor {
	enum csvr_compression coding; /* CSVR_UNCOMPRESSED: nothing is decoded */
	csvr_fetch_fn fetch;
	csvr_member_fn member; /* NULL, or set after csvr_decompressor_start */
	void *context;
	uint64_t text_bytes; /* made since then */
	uint64_t member_at; /* raw byte where the current member began */
	/* raw[at, n_raw) is still to be decoded; raw[0] is byte raw_base of the input. */
	unsigned char *raw;
	size_t n_raw, at;
	uint64_t raw_base;
	bool has_all; /* nothing is behind raw[n_raw) */
	bool is_within; /* a member */
	bool is_over;
	const struct csvr_codec *codecs[CSVR_N_COMPRESSIONS]; /* whose states these are */
	void *states[CSVR_N_COMPRESSIONS];
};

/* Errors: CSVR_NO_MEMORY. Free with csvr_decompressor_free (NULL is fine). */
enum csvr_status csvr_decompressor_new(struct csvr_decompressor **decoder);
void csvr_decompressor_free(struct csvr_decompressor *decoder);

/* Begins at raw byte `offset`, which is the first of the input or that of a later member; what was
 * decoded before is forgotten. `coding` may be CSVR_UNCOMPRESSED: then bytes pass through. */
enum csvr_status csvr_decompressor_start(struct csvr_decompressor *decoder,
					 enum csvr_compression coding, uint64_t offset,
					 csvr_fetch_fn fetch, void *context,
					 struct csvr_error *error);

/* The same for an input that is decoded if its first bytes say so. `*coding`, what they say. */
enum csvr_status csvr_decompressor_detect(struct csvr_decompressor *decoder, bool is_named,
					  csvr_fetch_fn fetch, void *context,
					  enum csvr_compression *coding, struct csvr_error *error);

/* After csvr_decompressor_detect at something that was named compressed and is not: whether it looks like text,
 * with no control bytes but those of lines and tabs. */
bool csvr_decompressor_looks_like_text(const struct csvr_decompressor *decoder);

/* The next bytes of the text: `n_bytes`, or all that are left. */
enum csvr_status csvr_decompressor_read(struct csvr_decompressor *decoder, void *buffer,
					size_t n_bytes, size_t *n_read, struct csvr_error *error);

/* Raw bytes that went into what was read so far, more or less. */
uint64_t csvr_decompressor_compressed_offset(const struct csvr_decompressor *decoder);

#endif
