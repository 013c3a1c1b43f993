/* codec_gzip.c - gzip by zlib */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "input/codec/codec.h"

#define ZLIB_CONST
#include <zlib.h>

/* The largest window, and gzip's wrapping rather than zlib's. */
enum { WINDOW_BITS = 15 + 16 };

struct functions {
	__typeof__(inflateInit2_) *init;
	__typeof__(inflateReset) *reset;
	__typeof__(inflate) *inflate;
	__typeof__(inflateEnd) *end;
};

struct state {
	struct functions library;
	z_stream stream;
	bool is_there;
};

static enum csvr_status begin(void *context)
{
	struct state *state = context;
	const int result = state->is_there
				   ? state->library.reset(&state->stream)
				   : state->library.init(&state->stream, WINDOW_BITS, ZLIB_VERSION,
							 (int)sizeof state->stream);
	state->is_there = result == Z_OK;
	return state->is_there ? CSVR_OK : CSVR_NO_MEMORY;
}

static enum csvr_codec_step decode(void *context, struct csvr_codec_buffers *room)
{
	struct state *state = context;
	z_stream *stream = &state->stream;
	stream->next_in = room->in;
	stream->avail_in = (uInt)room->n_in;
	stream->next_out = room->out;
	stream->avail_out = (uInt)room->n_out;
	const int result = state->library.inflate(stream, Z_NO_FLUSH);
	room->in = stream->next_in;
	room->n_in = stream->avail_in;
	room->out = stream->next_out;
	room->n_out = stream->avail_out;
	if (result == Z_STREAM_END)
		return CSVR_STEP_END;
	if (result == Z_MEM_ERROR)
		return CSVR_STEP_NO_MEMORY;
	return result == Z_OK || result == Z_BUF_ERROR ? CSVR_STEP_MORE : CSVR_STEP_CORRUPT;
}

static void end(void *context)
{
	struct state *state = context;
	if (state->is_there)
		(void)state->library.end(&state->stream);
}

static const char *const names[] = { "libz.so.1", "libz.so", NULL };

static const struct csvr_dynlib_function functions[] = {
	CSVR_DYNLIB_FUNCTION(struct functions, init, inflateInit2_),
	CSVR_DYNLIB_FUNCTION(struct functions, reset, inflateReset),
	CSVR_DYNLIB_FUNCTION(struct functions, inflate, inflate),
	CSVR_DYNLIB_FUNCTION(struct functions, end, inflateEnd),
};

const struct csvr_codec csvr_codec_zlib = {
	.code = { names, functions, sizeof functions / sizeof functions[0] },
	.state_bytes = sizeof(struct state),
	.begin = begin,
	.decode = decode,
	.end = end,
};
