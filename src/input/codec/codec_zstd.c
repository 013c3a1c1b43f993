/* codec_zstd.c - the format zstd, by libzstd */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "input/codec/codec.h"

#ifdef HAVE_ZSTD

#include <zstd.h>
#include <zstd_errors.h>

/* 128 MiB: enough for all levels, and the limit of the zstd command without --long or --memory. */
enum { WINDOW_LOG = 27 };

struct functions {
	__typeof__(ZSTD_createDCtx) *create;
	__typeof__(ZSTD_freeDCtx) *free;
	__typeof__(ZSTD_DCtx_setParameter) *set;
	__typeof__(ZSTD_DCtx_reset) *reset;
	__typeof__(ZSTD_decompressStream) *decompress;
	__typeof__(ZSTD_isError) *is_error;
	__typeof__(ZSTD_getErrorCode) *error_code;
};

struct state {
	struct functions functions;
	ZSTD_DCtx *stream;
};

static enum csvr_status start_member(void *codec_state)
{
	struct state *state = codec_state;
	const struct functions *functions = &state->functions;
	if (state->stream == NULL) {
		state->stream = functions->create();
		if (state->stream == NULL)
			return CSVR_NO_MEMORY;
		(void)functions->set(state->stream, ZSTD_d_windowLogMax, WINDOW_LOG);
	}
	(void)functions->reset(state->stream, ZSTD_reset_session_only);
	return CSVR_OK;
}

static enum csvr_codec_step decompress(void *codec_state, struct csvr_codec_buffers *buffers)
{
	struct state *state = codec_state;
	const struct functions *functions = &state->functions;
	ZSTD_inBuffer in = { buffers->in, buffers->n_in, 0 };
	ZSTD_outBuffer out = { buffers->out, buffers->n_out, 0 };
	const size_t result = functions->decompress(state->stream, &out, &in);
	buffers->in += in.pos;
	buffers->n_in -= in.pos;
	buffers->out += out.pos;
	buffers->n_out -= out.pos;
	if (!functions->is_error(result))
		return result == 0 ? CSVR_STEP_END : CSVR_STEP_MORE;
	switch (functions->error_code(result)) {
	case ZSTD_error_frameParameter_windowTooLarge:
		return CSVR_STEP_TOO_BIG;
	case ZSTD_error_memory_allocation:
		return CSVR_STEP_NO_MEMORY;
	case ZSTD_error_srcSize_wrong: /* called without input */
		return CSVR_STEP_MORE;
	default:
		return CSVR_STEP_CORRUPT;
	}
}

static void clear(void *codec_state)
{
	struct state *state = codec_state;
	if (state->stream != NULL)
		(void)state->functions.free(state->stream);
}

static const struct csvr_codec codec = {
	.memory_advice = "128 MiB; recompress it with a smaller window (zstd --long=27 or less)",
	.library = { .purpose = "to decompress it",
		     .files = { "libzstd.so.1", "libzstd.so" },
		     .functions = {
			     CSVR_DYNLIB_FUNCTION(struct functions, create, ZSTD_createDCtx),
			     CSVR_DYNLIB_FUNCTION(struct functions, free, ZSTD_freeDCtx),
			     CSVR_DYNLIB_FUNCTION(struct functions, set, ZSTD_DCtx_setParameter),
			     CSVR_DYNLIB_FUNCTION(struct functions, reset, ZSTD_DCtx_reset),
			     CSVR_DYNLIB_FUNCTION(struct functions, decompress, ZSTD_decompressStream),
			     CSVR_DYNLIB_FUNCTION(struct functions, is_error, ZSTD_isError),
			     CSVR_DYNLIB_FUNCTION(struct functions, error_code, ZSTD_getErrorCode),
		     } },
	.state_bytes = sizeof(struct state),
	.start_member = start_member,
	.decompress = decompress,
	.clear = clear,
};

#endif

/* The second signature is that of a skippable frame, of which there are 16 kinds. */
const struct csvr_codec_format csvr_format_zstd = {
	.name = "zstd",
	.member = "frame",
	.suffixes = { ".zst" },
	.signatures = { { 4, "\x28\xb5\x2f\xfd", NULL },
			{ 4, "\x50\x2a\x4d\x18", "\xf0\xff\xff\xff" } },
	.libraries = "libzstd",
#ifdef HAVE_ZSTD
	.codecs = { &codec },
#endif
};
