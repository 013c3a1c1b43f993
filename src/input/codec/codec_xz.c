/* codec_xz.c - the format xz, by liblzma
 *
 * All streams of a file are one member, because liblzma checks the padding between streams itself.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "input/codec/codec.h"

#ifdef HAVE_LZMA

#include <lzma.h>

/* xz -9 needs 65 MiB. */
#define MOST_BYTES (UINT64_C(256) << 20)

struct functions {
	__typeof__(lzma_stream_decoder) *init;
	__typeof__(lzma_code) *code;
	__typeof__(lzma_end) *end;
};

struct state {
	struct functions functions;
	lzma_stream stream;
};

static enum csvr_status start_member(void *codec_state)
{
	struct state *state = codec_state;
	/* An initialized stream is reused. */
	return state->functions.init(&state->stream, MOST_BYTES, LZMA_CONCATENATED) == LZMA_OK
		       ? CSVR_OK
		       : CSVR_NO_MEMORY;
}

static enum csvr_codec_step decompress(void *codec_state, struct csvr_codec_buffers *buffers)
{
	struct state *state = codec_state;
	lzma_stream *stream = &state->stream;
	stream->next_in = buffers->in;
	stream->avail_in = buffers->n_in;
	stream->next_out = buffers->out;
	stream->avail_out = buffers->n_out;
	const lzma_ret result = state->functions.code(stream,
						      buffers->is_last ? LZMA_FINISH : LZMA_RUN);
	buffers->in = stream->next_in;
	buffers->n_in = stream->avail_in;
	buffers->out = stream->next_out;
	buffers->n_out = stream->avail_out;
	switch (result) {
	case LZMA_OK:
	case LZMA_BUF_ERROR:
		return CSVR_STEP_MORE;
	case LZMA_STREAM_END:
		return CSVR_STEP_END;
	case LZMA_MEM_ERROR:
		return CSVR_STEP_NO_MEMORY;
	case LZMA_MEMLIMIT_ERROR:
		return CSVR_STEP_TOO_BIG;
	default:
		return CSVR_STEP_CORRUPT;
	}
}

static void clear(void *codec_state)
{
	struct state *state = codec_state;
	state->functions.end(&state->stream);
}

static const struct csvr_codec codec = {
	.memory_advice = "256 MiB; recompress it with a smaller dictionary (xz -9 or lower)",
	.library = { .purpose = "to decompress it",
		     .files = { "liblzma.so.5", "liblzma.so" },
		     .functions = {
			     CSVR_DYNLIB_FUNCTION(struct functions, init, lzma_stream_decoder),
			     CSVR_DYNLIB_FUNCTION(struct functions, code, lzma_code),
			     CSVR_DYNLIB_FUNCTION(struct functions, end, lzma_end),
		     } },
	.state_bytes = sizeof(struct state),
	.start_member = start_member,
	.decompress = decompress,
	.clear = clear,
};

#endif

const struct csvr_codec_format csvr_format_xz = {
	.name = "xz",
	.member = "stream",
	.suffixes = { ".xz" },
	.signatures = { { 6, "\xfd\x37zXZ", NULL } }, /* the sixth byte is the NUL */
	.libraries = "liblzma",
#ifdef HAVE_LZMA
	.codecs = { &codec },
#endif
};
