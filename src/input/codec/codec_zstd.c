/* codec_zstd.c - zstd */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "input/codec/codec.h"

#ifdef HAVE_ZSTD

#include <zstd.h>
#include <zstd_errors.h>

/* 128 MiB: what zstd itself takes without being told to (--long=27), and all its levels need. */
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
	struct functions library;
	ZSTD_DCtx *context;
};

static enum csvr_status begin(void *context)
{
	struct state *state = context;
	const struct functions *library = &state->library;
	if (state->context == NULL) {
		state->context = library->create();
		if (state->context == NULL)
			return CSVR_NO_MEMORY;
		(void)library->set(state->context, ZSTD_d_windowLogMax, WINDOW_LOG);
	}
	(void)library->reset(state->context, ZSTD_reset_session_only);
	return CSVR_OK;
}

static enum csvr_codec_step decode(void *context, struct csvr_codec_buffers *room)
{
	struct state *state = context;
	const struct functions *library = &state->library;
	ZSTD_inBuffer in = { room->in, room->n_in, 0 };
	ZSTD_outBuffer out = { room->out, room->n_out, 0 };
	const size_t result = library->decompress(state->context, &out, &in);
	room->in += in.pos;
	room->n_in -= in.pos;
	room->out += out.pos;
	room->n_out -= out.pos;
	if (!library->is_error(result))
		return result == 0 ? CSVR_STEP_END : CSVR_STEP_MORE;
	switch (library->error_code(result)) {
	case ZSTD_error_frameParameter_windowTooLarge:
		return CSVR_STEP_TOO_BIG;
	case ZSTD_error_memory_allocation:
		return CSVR_STEP_NO_MEMORY;
	case ZSTD_error_srcSize_wrong: /* asked to go on without any bytes */
		return CSVR_STEP_MORE;
	default:
		return CSVR_STEP_CORRUPT;
	}
}

static void end(void *context)
{
	struct state *state = context;
	if (state->context != NULL)
		(void)state->library.free(state->context);
}

static const char *const names[] = { "libzstd.so.1", "libzstd.so", NULL };

static const struct csvr_dynlib_function functions[] = {
	CSVR_DYNLIB_FUNCTION(struct functions, create, ZSTD_createDCtx),
	CSVR_DYNLIB_FUNCTION(struct functions, free, ZSTD_freeDCtx),
	CSVR_DYNLIB_FUNCTION(struct functions, set, ZSTD_DCtx_setParameter),
	CSVR_DYNLIB_FUNCTION(struct functions, reset, ZSTD_DCtx_reset),
	CSVR_DYNLIB_FUNCTION(struct functions, decompress, ZSTD_decompressStream),
	CSVR_DYNLIB_FUNCTION(struct functions, is_error, ZSTD_isError),
	CSVR_DYNLIB_FUNCTION(struct functions, error_code, ZSTD_getErrorCode),
};

const struct csvr_codec csvr_codec_zstd = {
	.too_big = "more than 128 MiB; compress it again without --ultra --long above 27",
	.code = { names, functions, sizeof functions / sizeof functions[0] },
	.state_bytes = sizeof(struct state),
	.begin = begin,
	.decode = decode,
	.end = end,
};

#endif
