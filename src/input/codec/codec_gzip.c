/* codec_gzip.c - the format gzip, and zlib for it; codec_isal.c is faster */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "input/codec/codec.h"

#define ZLIB_CONST
#include <zlib.h>

/* The largest window (15), and the gzip wrapper (+ 16). */
enum { WINDOW_BITS = 15 + 16 };

struct functions {
	__typeof__(inflateInit2_) *init;
	__typeof__(inflateReset) *reset;
	__typeof__(inflate) *inflate;
	__typeof__(inflateEnd) *end;
};

struct state {
	struct functions functions;
	z_stream stream;
	bool is_initialized;
};

static enum csvr_status start_member(void *codec_state)
{
	struct state *state = codec_state;
	const int result = state->is_initialized
				   ? state->functions.reset(&state->stream)
				   : state->functions.init(&state->stream, WINDOW_BITS,
							   ZLIB_VERSION, (int)sizeof state->stream);
	state->is_initialized = result == Z_OK;
	return state->is_initialized ? CSVR_OK : CSVR_NO_MEMORY;
}

static enum csvr_codec_step decompress(void *codec_state, struct csvr_codec_buffers *buffers)
{
	struct state *state = codec_state;
	z_stream *stream = &state->stream;
	stream->next_in = buffers->in;
	stream->avail_in = (uInt)buffers->n_in;
	stream->next_out = buffers->out;
	stream->avail_out = (uInt)buffers->n_out;
	const int result = state->functions.inflate(stream, Z_NO_FLUSH);
	buffers->in = stream->next_in;
	buffers->n_in = stream->avail_in;
	buffers->out = stream->next_out;
	buffers->n_out = stream->avail_out;
	if (result == Z_STREAM_END)
		return CSVR_STEP_END;
	if (result == Z_MEM_ERROR)
		return CSVR_STEP_NO_MEMORY;
	return result == Z_OK || result == Z_BUF_ERROR ? CSVR_STEP_MORE : CSVR_STEP_CORRUPT;
}

static void clear(void *codec_state)
{
	struct state *state = codec_state;
	if (state->is_initialized)
		(void)state->functions.end(&state->stream);
}

static const struct csvr_codec codec = {
	.library = { .purpose = "to decompress it",
		     .files = { "libz.so.1", "libz.so" },
		     .functions = {
			     CSVR_DYNLIB_FUNCTION(struct functions, init, inflateInit2_),
			     CSVR_DYNLIB_FUNCTION(struct functions, reset, inflateReset),
			     CSVR_DYNLIB_FUNCTION(struct functions, inflate, inflate),
			     CSVR_DYNLIB_FUNCTION(struct functions, end, inflateEnd),
		     } },
	.state_bytes = sizeof(struct state),
	.start_member = start_member,
	.decompress = decompress,
	.clear = clear,
};

const struct csvr_codec_format csvr_format_gzip = {
	.name = "gzip",
	.member = "member",
	.suffixes = { ".gz", ".bgz" },
	.signatures = { { 3, "\x1f\x8b\x08", NULL } },
#ifdef HAVE_ISAL
	.libraries = "ISA-L, zlib",
	.codecs = { &csvr_codec_isal, &codec },
#else
	.libraries = "zlib",
	.codecs = { &codec },
#endif
	.has_padding = true,
};
