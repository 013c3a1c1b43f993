/* codec_xz.c - xz, all streams of a file as one member: the library knows what may stand between */
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
	struct functions library;
	lzma_stream stream;
};

static enum csvr_status begin(void *context)
{
	struct state *state = context;
	/* One that was there is used again. */
	return state->library.init(&state->stream, MOST_BYTES, LZMA_CONCATENATED) == LZMA_OK
		       ? CSVR_OK
		       : CSVR_NO_MEMORY;
}

static enum csvr_codec_step decode(void *context, struct csvr_codec_buffers *room)
{
	struct state *state = context;
	lzma_stream *stream = &state->stream;
	stream->next_in = room->in;
	stream->avail_in = room->n_in;
	stream->next_out = room->out;
	stream->avail_out = room->n_out;
	const lzma_ret result = state->library.code(stream, room->is_last ? LZMA_FINISH : LZMA_RUN);
	room->in = stream->next_in;
	room->n_in = stream->avail_in;
	room->out = stream->next_out;
	room->n_out = stream->avail_out;
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

static void end(void *context)
{
	struct state *state = context;
	state->library.end(&state->stream);
}

static const char *const names[] = { "liblzma.so.5", "liblzma.so", NULL };

static const struct csvr_dynlib_function functions[] = {
	CSVR_DYNLIB_FUNCTION(struct functions, init, lzma_stream_decoder),
	CSVR_DYNLIB_FUNCTION(struct functions, code, lzma_code),
	CSVR_DYNLIB_FUNCTION(struct functions, end, lzma_end),
};

const struct csvr_codec csvr_codec_xz = {
	.too_big = "more than 256 MiB; compress it again with a smaller dictionary (xz -9 has one)",
	.code = { names, functions, sizeof functions / sizeof functions[0] },
	.state_bytes = sizeof(struct state),
	.begin = begin,
	.decode = decode,
	.end = end,
};

#endif
