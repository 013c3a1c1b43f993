/* codec.h - what the decoder asks of one library for one format
 *
 * Shape    three functions and what they need, so that formats are rows of a table
 * Threads  a state belongs to one thread; a codec has none of its own
 */
#ifndef CSVR_INPUT_CODEC_CODEC_H
#define CSVR_INPUT_CODEC_CODEC_H

#include "csvreport.h"
#include "input/codec/dynlib.h"

enum csvr_codec_step {
	CSVR_STEP_MORE, /* goes on, with more room or more bytes */
	CSVR_STEP_END, /* of a member; what follows was not touched */
	CSVR_STEP_CORRUPT,
	CSVR_STEP_TOO_BIG, /* it asks for more memory than it may have */
	CSVR_STEP_NO_MEMORY
};

/* Both are moved on by what was used. */
struct csvr_codec_buffers {
	const unsigned char *in;
	size_t n_in;
	unsigned char *out;
	size_t n_out;
	bool is_last; /* nothing comes behind `in` */
};

struct csvr_codec {
	const char *too_big; /* what to do about CSVR_STEP_TOO_BIG */
	struct csvr_dynlib code; /* its functions, and where they are kept in a state */
	size_t state_bytes; /* of a state: zeros at first */
	/* The next member begins; functions are there. Errors: CSVR_NO_MEMORY. */
	enum csvr_status (*begin)(void *state);
	enum csvr_codec_step (*decode)(void *state, struct csvr_codec_buffers *room);
	/* Frees what the library holds; not the state. */
	void (*end)(void *state);
};

/* Those that were built in; others are not there. */
extern const struct csvr_codec csvr_codec_isal, csvr_codec_zlib, csvr_codec_zstd, csvr_codec_bzip2,
	csvr_codec_xz;

#endif
