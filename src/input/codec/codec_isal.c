/* codec_isal.c - gzip by ISA-L
 *
 * Why the head of a member is read here: where bytes come to an end within a name or an extra field of it,
 * ISA-L (2.30) goes on by what happens to be on the stack, as valgrind shows: it may take what follows for
 * another block than it is, and refuse the data or make text of it. BGZF has an extra field in each member.
 *
 * Source   RFC 1952 (the head of a member)
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "input/codec/codec.h"

#ifdef HAVE_ISAL

#include <isa-l.h>

/* The state is the caller's, so its layout must be that of the header. */
#define TEXT_OF(number) #number
#define LIBRARY_OF(major) "libisal.so." TEXT_OF(major)

struct functions {
	__typeof__(isal_inflate_init) *init;
	__typeof__(isal_inflate) *inflate;
};

/* What a head is made of, in order; all but the first may be missing. */
enum part { FIXED, EXTRA_LENGTH, EXTRA, NAME, COMMENT, CHECKSUM, N_PARTS };

/* How far the head is. */
struct head {
	enum part part; /* N_PARTS: it is over */
	unsigned flags;
	unsigned n_bytes; /* of the part */
	unsigned n_extra; /* of the extra field, as it tells */
	unsigned told; /* checksum */
	uint32_t checksum; /* of all bytes before it */
};

struct state {
	struct functions library;
	struct head head;
	struct inflate_state inflate;
};

static enum csvr_status begin(void *context)
{
	struct state *state = context;
	state->head = (struct head){ .checksum = UINT32_MAX };
	state->library.init(&state->inflate);
	state->inflate.crc_flag = ISAL_GZIP_NO_HDR_VER; /* checksum and length are looked at */
	return CSVR_OK;
}

/* CRC-32. Heads are a few bytes, and few have a checksum, so it needs no table. */
static uint32_t add_to_checksum(uint32_t checksum, unsigned char byte)
{
	checksum ^= byte;
	for (int bit = 0; bit < 8; bit++)
		checksum = checksum >> 1 ^ (UINT32_C(0xedb88320) & (0 - (checksum & 1)));
	return checksum;
}

static bool has_part(const struct head *head, enum part part)
{
	static const unsigned flags[N_PARTS] = {
		[EXTRA_LENGTH] = 4, [EXTRA] = 4, [NAME] = 8, [COMMENT] = 16, [CHECKSUM] = 2
	};
	return part == N_PARTS ||
	       ((head->flags & flags[part]) != 0 && (part != EXTRA || head->n_extra > 0));
}

/* Takes a byte; returns whether it is the last one of its part. */
static bool take_byte(struct head *head, unsigned char byte)
{
	enum { FLAGS_AT = 3, FIXED_BYTES = 10 };
	const unsigned at = head->n_bytes++;
	if (head->part != CHECKSUM)
		head->checksum = add_to_checksum(head->checksum, byte);
	switch (head->part) {
	case FIXED:
		if (at == FLAGS_AT)
			head->flags = byte;
		return head->n_bytes == FIXED_BYTES;
	case EXTRA_LENGTH:
		head->n_extra |= (unsigned)byte << 8 * at;
		return head->n_bytes == 2;
	case EXTRA:
		return head->n_bytes == head->n_extra;
	case CHECKSUM:
		head->told |= (unsigned)byte << 8 * at;
		return head->n_bytes == 2;
	default:
		return byte == '\0';
	}
}

/* Takes what is there of a head; false: it is none. */
static bool take_head(struct head *head, struct csvr_codec_buffers *room)
{
	enum { RESERVED_FLAGS = 0xe0 };
	for (; head->part != N_PARTS && room->n_in > 0; room->in++, room->n_in--) {
		if (!take_byte(head, *room->in))
			continue;
		head->n_bytes = 0;
		if (head->part == CHECKSUM && head->told != (~head->checksum & 0xffff))
			return false;
		do
			head->part = (enum part)(head->part + 1);
		while (!has_part(head, head->part));
	}
	return (head->flags & RESERVED_FLAGS) == 0;
}

static enum csvr_codec_step decode(void *context, struct csvr_codec_buffers *room)
{
	struct state *state = context;
	struct inflate_state *inflate = &state->inflate;
	if (!take_head(&state->head, room))
		return CSVR_STEP_CORRUPT;
	if (state->head.part != N_PARTS)
		return CSVR_STEP_MORE;
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

static const struct csvr_dynlib_function functions[] = {
	CSVR_DYNLIB_FUNCTION(struct functions, init, isal_inflate_init),
	CSVR_DYNLIB_FUNCTION(struct functions, inflate, isal_inflate),
};

const struct csvr_codec csvr_codec_isal = {
	.code = { names, functions, sizeof functions / sizeof functions[0] },
	.state_bytes = sizeof(struct state),
	.begin = begin,
	.decode = decode,
	.end = end,
};

#endif
