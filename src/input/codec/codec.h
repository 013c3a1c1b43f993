/* codec.h - a compression format, and the libraries that decompress it
 *
 * A codec_*.c file defines a format: its name, how it is recognized, and its codecs, best first. The
 * list of formats is CSVR_CODEC_FORMATS in detect.h.
 *
 * Shape    a format is a constant object; a codec is three functions over a state, which holds what a
 *          library allocates
 * Threads  formats and codecs are constant; a state belongs to one thread
 */
#ifndef CSVR_INPUT_CODEC_CODEC_H
#define CSVR_INPUT_CODEC_CODEC_H

#include "csvreport.h"
#include "input/codec/detect.h"
#include "base/dynlib.h"

/* ---- a library ---- */

enum csvr_codec_step {
	CSVR_STEP_MORE, /* it continues, with more output space or more input */
	CSVR_STEP_END, /* the member is complete; the bytes after it were not consumed */
	CSVR_STEP_CORRUPT,
	CSVR_STEP_TOO_BIG, /* it needs more memory than its limit */
	CSVR_STEP_NO_MEMORY
};

/* Compressed bytes in, decompressed bytes out. A step advances the pointers past the bytes that it
 * has used, and reduces the counts by as many. */
struct csvr_codec_buffers {
	const unsigned char *in;
	size_t n_in;
	unsigned char *out;
	size_t n_out;
	bool is_last; /* no input follows `in` */
};

struct csvr_codec {
	const char *memory_advice; /* for CSVR_STEP_TOO_BIG: the limit, and what to do about it */
	struct csvr_dynlib library; /* its functions are loaded to the start of a state */
	size_t state_bytes; /* size of a state; it starts as zeros */
	/* Starts the next member (in zstd a frame, in xz a stream). The first call allocates what
	 * the library needs; its functions have been loaded. Errors: CSVR_NO_MEMORY. */
	enum csvr_status (*start_member)(void *state);
	enum csvr_codec_step (*decompress)(void *state, struct csvr_codec_buffers *buffers);
	/* Frees what the library has allocated, but not the state itself. */
	void (*clear)(void *state);
};

/* ---- a format ---- */

enum { CSVR_MAX_SIGNATURES = 2, CSVR_MAX_SUFFIXES = 2, CSVR_MAX_CODECS = 2, CSVR_SUFFIX_BYTES = 7 };

/* The first bytes of a member. One that is longer than CSVR_SIGNATURE_BYTES does not compile. */
struct csvr_signature {
	size_t n_bytes;
	char bytes[CSVR_SIGNATURE_BYTES + 1];
	const char *mask; /* the bits of each byte that must match; NULL: all */
};

struct csvr_codec_format {
	const char *name; /* that of its command too: NAME -dc decompresses */
	const char *
		member; /* what the format calls the parts of a file that decompress on their own */
	const char *libraries; /* those of `codecs`, for people */
	char suffixes[CSVR_MAX_SUFFIXES][CSVR_SUFFIX_BYTES + 1]; /* ".gz", in lower case */
	struct csvr_signature signatures[CSVR_MAX_SIGNATURES];
	const struct csvr_codec *codecs[CSVR_MAX_CODECS]; /* best first; none: not built in */
	bool has_padding; /* zeros may follow the last member */
};

#define CSVR_CODEC_DECLARATION(compression, format) extern const struct csvr_codec_format format;
CSVR_CODEC_FORMATS(CSVR_CODEC_DECLARATION)

/* The format of a `compression` that is not CSVR_UNCOMPRESSED. */
const struct csvr_codec_format *csvr_codec_format(enum csvr_compression compression);

/* Whether `bytes` start with a signature of the format, or, if a prefix is enough, end within one. */
bool csvr_codec_starts_member(const struct csvr_codec_format *format, const unsigned char *bytes,
			      size_t n_bytes, bool is_prefix_enough);

/* The second library for gzip (codec_isal.c); it exists only if HAVE_ISAL. */
extern const struct csvr_codec csvr_codec_isal;

#endif
