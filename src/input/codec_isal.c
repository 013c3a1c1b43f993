/* codec_isal.c - gzip by ISA-L */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "input/codec_format.h"

#ifdef HAVE_ISAL

#include <isa-l.h>

/* The state is the caller's, so its layout must be that of the header. */
#define TEXT_OF(number) #number
#define LIBRARY_OF(major) "libisal.so." TEXT_OF(major)

struct functions {
	__typeof__(isal_inflate_init) *init;
	__typeof__(isal_inflate) *inflate;
};

struct state {
	struct functions library;
	struct inflate_state inflate;
};

static enum csvr_status begin(void *context)
{
	struct state *state = context;
	state->library.init(&state->inflate);
	state->inflate.crc_flag = ISAL_GZIP; /* header, checksum and length are looked at */
	return CSVR_OK;
}

static enum csvr_codec_step decode(void *context, struct csvr_codec_room *room)
{
	struct state *state = context;
	struct inflate_state *inflate = &state->inflate;
	inflate->next_in = (uint8_t *)(uintptr_t)room->in; /* it is not written to */
	inflate->avail_in = (uint32_t)room->n_in;
	inflate->next_out = room->out;
	inflate->avail_out = (uint32_t)room->n_out;
	const int result = state->library.inflate(inflate);
	/* Of data that it refuses it may say that more is left than it was given. */
	if (result < 0 || result == ISAL_NEED_DICT || inflate->avail_in > room->n_in)
		return CSVR_STEP_CORRUPT;
	room->in += room->n_in - inflate->avail_in;
	room->n_in = inflate->avail_in;
	room->out += room->n_out - inflate->avail_out;
	room->n_out = inflate->avail_out;
	return inflate->block_state == ISAL_BLOCK_FINISH ? CSVR_STEP_END : CSVR_STEP_MORE;
}

static void end(void *context)
{
	(void)context; /* all of it is in the state */
}

static const char *const names[] = { LIBRARY_OF(ISAL_MAJOR_VERSION), NULL };

static const struct csvr_library_function functions[] = {
	CSVR_LIBRARY_FUNCTION(struct functions, init, isal_inflate_init),
	CSVR_LIBRARY_FUNCTION(struct functions, inflate, isal_inflate),
};

const struct csvr_codec csvr_codec_isal = {
	.code = { names, functions, sizeof functions / sizeof functions[0] },
	.state_bytes = sizeof(struct state),
	.begin = begin,
	.decode = decode,
	.end = end,
};

#endif
