/* codec_bzip2.c - the format bzip2, by libbz2 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "input/codec/codec.h"

#ifdef HAVE_BZIP2

#include <bzlib.h>
#include <stdlib.h>

struct functions {
	__typeof__(BZ2_bzDecompressInit) *init;
	__typeof__(BZ2_bzDecompress) *decompress;
	__typeof__(BZ2_bzDecompressEnd) *end;
};

/* libbz2 cannot reset a stream: it frees and allocates the same two or three blocks for each, one of them
 * of some MiB. So the blocks are kept here for the next stream. */
enum { MOST_BLOCKS = 4 };

struct block {
	void *memory;
	size_t n_bytes;
	bool is_used;
};

struct state {
	struct functions functions;
	bz_stream stream;
	bool is_initialized;
	struct block blocks[MOST_BLOCKS];
};

static void *allocate(void *codec_state, int n_items, int item_bytes)
{
	struct state *state = codec_state;
	const size_t n_bytes = (size_t)n_items * (size_t)item_bytes;
	struct block *empty = NULL;
	for (size_t i = 0; i < MOST_BLOCKS; i++) {
		struct block *block = &state->blocks[i];
		if (!block->is_used && block->n_bytes >= n_bytes) {
			block->is_used = true;
			return block->memory;
		}
		if (!block->is_used)
			empty = block;
	}
	if (empty == NULL)
		return NULL;
	free(empty->memory);
	*empty = (struct block){ malloc(n_bytes), n_bytes, true };
	if (empty->memory == NULL)
		*empty = (struct block){ 0 };
	return empty->memory;
}

static void release(void *codec_state, void *memory)
{
	struct state *state = codec_state;
	for (size_t i = 0; i < MOST_BLOCKS; i++)
		if (state->blocks[i].memory == memory)
			state->blocks[i].is_used = false;
}

static void end_stream(struct state *state)
{
	if (state->is_initialized)
		(void)state->functions.end(&state->stream);
	state->is_initialized = false;
}

static enum csvr_status start_member(void *codec_state)
{
	struct state *state = codec_state;
	end_stream(state);
	state->stream = (bz_stream){ .bzalloc = allocate, .bzfree = release, .opaque = state };
	state->is_initialized = state->functions.init(&state->stream, 0, 0) == BZ_OK;
	return state->is_initialized ? CSVR_OK : CSVR_NO_MEMORY;
}

static enum csvr_codec_step decompress(void *codec_state, struct csvr_codec_buffers *buffers)
{
	struct state *state = codec_state;
	bz_stream *stream = &state->stream;
	stream->next_in = (char *)(uintptr_t)buffers->in; /* libbz2 does not write to it */
	stream->avail_in = (unsigned)buffers->n_in;
	stream->next_out = (char *)buffers->out;
	stream->avail_out = (unsigned)buffers->n_out;
	const int result = state->functions.decompress(stream);
	buffers->in += buffers->n_in - stream->avail_in;
	buffers->n_in = stream->avail_in;
	buffers->out += buffers->n_out - stream->avail_out;
	buffers->n_out = stream->avail_out;
	switch (result) {
	case BZ_OK:
		return CSVR_STEP_MORE;
	case BZ_STREAM_END:
		return CSVR_STEP_END;
	case BZ_MEM_ERROR:
		return CSVR_STEP_NO_MEMORY;
	default:
		return CSVR_STEP_CORRUPT;
	}
}

static void clear(void *codec_state)
{
	struct state *state = codec_state;
	end_stream(state);
	for (size_t i = 0; i < MOST_BLOCKS; i++)
		free(state->blocks[i].memory);
}

static const struct csvr_codec codec = {
	.library = { .purpose = "to decompress it",
		     .files = { "libbz2.so.1.0", "libbz2.so.1", "libbz2.so" },
		     .functions = {
			     CSVR_DYNLIB_FUNCTION(struct functions, init, BZ2_bzDecompressInit),
			     CSVR_DYNLIB_FUNCTION(struct functions, decompress, BZ2_bzDecompress),
			     CSVR_DYNLIB_FUNCTION(struct functions, end, BZ2_bzDecompressEnd),
		     } },
	.state_bytes = sizeof(struct state),
	.start_member = start_member,
	.decompress = decompress,
	.clear = clear,
};

#endif

/* "BZh" and a level could start a word of text, so the signatures include the marker that follows: of a
 * block, or of the end of the stream. */
#define ANY_LEVEL "\xff\xff\xff\xf0\xff\xff\xff\xff\xff\xff"

const struct csvr_codec_format csvr_format_bzip2 = {
	.name = "bzip2",
	.member = "stream",
	.suffixes = { ".bz2" },
	.signatures = { { 10, "BZh1\x31\x41\x59\x26\x53\x59", ANY_LEVEL },
			{ 10, "BZh1\x17\x72\x45\x38\x50\x90", ANY_LEVEL } },
	.libraries = "libbz2",
#ifdef HAVE_BZIP2
	.codecs = { &codec },
#endif
};
