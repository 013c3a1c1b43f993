/* codec.h - compressed bytes to the text they stand for, as a stream
 *
 * Which format it is shows in the first bytes, never in a name alone. Members that follow each other
 * (gzip, bzip2), frames (zstd) and streams (xz) are one text. Checksums are verified.
 *
 * Shape    raw bytes come from a function of the caller's, front to back; text goes to its buffers
 * Units    offsets in messages are those of raw bytes: of where the member begins that is no good, which
 *          does not depend on how it was read
 * Errors   CSVR_BAD_FILE: corrupt, cut short, something else behind it, or too much memory asked for;
 *          CSVR_SYSTEM: a library that cannot be had; what the fetching function returns
 * Threads  a decoder belongs to one thread. It keeps what its libraries have allocated, for the next
 *          file: memory is bounded by 128 KiB of raw bytes and the windows (zstd 128, xz 256 MiB)
 */
#ifndef CSVR_INPUT_CODEC_H
#define CSVR_INPUT_CODEC_H

#include "csvreport.h"

enum csvr_coding { CSVR_PLAIN, CSVR_GZIP, CSVR_ZSTD, CSVR_BZIP2, CSVR_XZ, CSVR_N_CODINGS };

/* As many first bytes tell all formats. */
enum { CSVR_CODING_BYTES = 10 };

/* As many are looked at before something is believed to be text that was named otherwise. */
enum { CSVR_PLAIN_BYTES = 4096 };

/* What a file is that begins with these bytes, all there are if they are fewer than
 * CSVR_CODING_BYTES. */
enum csvr_coding csvr_coding_of(const unsigned char *start, size_t n_bytes);

/* The same where a name has said that it is compressed: the beginning of a beginning is enough. */
enum csvr_coding csvr_coding_of_named(const unsigned char *start, size_t n_bytes);

/* The format that the end of a name stands for, as in a.csv.gz; CSVR_PLAIN: none. `*length` becomes that
 * of the name without it. */
enum csvr_coding csvr_coding_of_name(const char *name, size_t *length);

/* As its makers call it; NULL for CSVR_PLAIN. */
const char *csvr_coding_name(enum csvr_coding coding);

/* Whether this build can decode it; csvr_compression_name tells the names. */
bool csvr_coding_is_built(enum csvr_coding coding);

/* Reads up to `n_bytes` raw bytes at `offset`; `*n_read` 0 is the end. */
typedef enum csvr_status (*csvr_fetch_fn)(void *context, uint64_t offset, void *buffer,
					  size_t n_bytes, size_t *n_read, struct csvr_error *error);

/* Told of each member that begins: at which raw byte, and how much text was made before it since the
 * beginning. Errors: its own. */
typedef enum csvr_status (*csvr_member_fn)(void *context, uint64_t raw_offset, uint64_t text_bytes,
					   struct csvr_error *error);

struct csvr_codec;

struct csvr_decoder {
	enum csvr_coding coding; /* CSVR_PLAIN: nothing is decoded */
	csvr_fetch_fn fetch;
	csvr_member_fn member; /* NULL, or set after csvr_decoder_begin */
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
	const struct csvr_codec *codecs[CSVR_N_CODINGS]; /* whose states these are */
	void *states[CSVR_N_CODINGS];
};

/* Errors: CSVR_NO_MEMORY. Free with csvr_decoder_free (NULL is fine). */
enum csvr_status csvr_decoder_new(struct csvr_decoder **decoder);
void csvr_decoder_free(struct csvr_decoder *decoder);

/* Begins at raw byte `offset`, which is the first of the input or that of a later member; what was
 * decoded before is forgotten. `coding` may be CSVR_PLAIN: then bytes pass through. */
enum csvr_status csvr_decoder_begin(struct csvr_decoder *decoder, enum csvr_coding coding,
				    uint64_t offset, csvr_fetch_fn fetch, void *context,
				    struct csvr_error *error);

/* The same for an input that is decoded if its first bytes say so. `*coding`, what they say. */
enum csvr_status csvr_decoder_look(struct csvr_decoder *decoder, bool is_named, csvr_fetch_fn fetch,
				   void *context, enum csvr_coding *coding,
				   struct csvr_error *error);

/* After csvr_decoder_look at something that was named compressed and is not: whether it looks like text,
 * with no control bytes but those of lines and tabs. */
bool csvr_decoder_shows_text(const struct csvr_decoder *decoder);

/* The next bytes of the text: `n_bytes`, or all that are left. */
enum csvr_status csvr_decoder_read(struct csvr_decoder *decoder, void *buffer, size_t n_bytes,
				   size_t *n_read, struct csvr_error *error);

/* Raw bytes that went into what was read so far, more or less. */
uint64_t csvr_decoder_raw_offset(const struct csvr_decoder *decoder);

#endif
