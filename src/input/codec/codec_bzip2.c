/* codec_bzip2.c - bzip2 */
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

/* The library has no way to begin anew with what it has: it frees, and asks for the same two or three
 * blocks again, one of them of some MiB. So they are kept here in between. */
enum { MOST_BLOCKS = 4 };

struct block {
	void *memory;
	size_t n_bytes;
	bool is_used;
};

struct state {
	struct functions library;
	bz_stream stream;
	bool is_there;
	struct block blocks[MOST_BLOCKS];
};

static void *allocate(void *context, int n_items, int item_bytes)
{
	struct state *state = context;
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

static void release(void *context, void *memory)
{
	struct state *state = context;
	for (size_t i = 0; i < MOST_BLOCKS; i++)
		if (state->blocks[i].memory == memory)
			state->blocks[i].is_used = false;
}

static void leave(struct state *state)
{
	if (state->is_there)
		(void)state->library.end(&state->stream);
	state->is_there = false;
}

static enum csvr_status begin(void *context)
{
	struct state *state = context;
	leave(state);
	state->stream = (bz_stream){ .bzalloc = allocate, .bzfree = release, .opaque = state };
	state->is_there = state->library.init(&state->stream, 0, 0) == BZ_OK;
	return state->is_there ? CSVR_OK : CSVR_NO_MEMORY;
}

static enum csvr_codec_step decode(void *context, struct csvr_codec_buffers *room)
{
	struct state *state = context;
	bz_stream *stream = &state->stream;
	stream->next_in = (char *)(uintptr_t)room->in; /* it is not written to */
	stream->avail_in = (unsigned)room->n_in;
	stream->next_out = (char *)room->out;
	stream->avail_out = (unsigned)room->n_out;
	const int result = state->library.decompress(stream);
	room->in += room->n_in - stream->avail_in;
	room->n_in = stream->avail_in;
	room->out += room->n_out - stream->avail_out;
	room->n_out = stream->avail_out;
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

static void end(void *context)
{
	struct state *state = context;
	leave(state);
	for (size_t i = 0; i < MOST_BLOCKS; i++)
		free(state->blocks[i].memory);
}

static const char *const names[] = { "libbz2.so.1.0", "libbz2.so.1", "libbz2.so", NULL };

static const struct csvr_dynlib_function functions[] = {
	CSVR_DYNLIB_FUNCTION(struct functions, init, BZ2_bzDecompressInit),
	CSVR_DYNLIB_FUNCTION(struct functions, decompress, BZ2_bzDecompress),
	CSVR_DYNLIB_FUNCTION(struct functions, end, BZ2_bzDecompressEnd),
};

const struct csvr_codec csvr_codec_bzip2 = {
	.code = { names, functions, sizeof functions / sizeof functions[0] },
	.state_bytes = sizeof(struct state),
	.begin = begin,
	.decode = decode,
	.end = end,
};

#endif
