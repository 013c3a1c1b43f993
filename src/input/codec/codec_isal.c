/* codec_isal.c - ISA-L for gzip
 *
 * Why member headers are parsed here: if the input ends within a header's name or extra field, ISA-L
 * (2.30) continues with an uninitialized variable, as valgrind shows. It may then misparse the next block,
 * and report an error or return wrong bytes. Every member of a BGZF file has an extra field.
 *
 * Source   RFC 1952 (member header)
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "input/codec/codec.h"

#ifdef HAVE_ISAL

#include <isa-l.h>

/* The caller allocates the state, so the library must have the major version of the header. */
#define TEXT_OF(number) #number
#define LIBRARY_OF(major) "libisal.so." TEXT_OF(major)

struct functions {
	__typeof__(isal_inflate_init) *init;
	__typeof__(isal_inflate) *inflate;
};

/* The parts of a member header, in order; all but the first are optional. */
enum part { FIXED, EXTRA_LENGTH, EXTRA, NAME, COMMENT, CHECKSUM, N_PARTS };

/* A member header that is being parsed. */
struct header {
	enum part part; /* N_PARTS: it is complete */
	unsigned flags;
	unsigned n_bytes; /* parsed of the part */
	unsigned n_extra; /* length of the extra field */
	unsigned stored_checksum;
	uint32_t checksum; /* of all bytes before the stored one */
};

struct state {
	struct functions functions;
	struct header header;
	struct inflate_state inflate;
};

static enum csvr_status start_member(void *codec_state)
{
	struct state *state = codec_state;
	state->header = (struct header){ .checksum = UINT32_MAX };
	state->functions.init(&state->inflate);
	state->inflate.crc_flag = ISAL_GZIP_NO_HDR_VER; /* verify checksum and length */
	return CSVR_OK;
}

/* CRC-32. Headers are short, and few have a checksum, so it needs no table. */
static uint32_t add_to_checksum(uint32_t checksum, unsigned char byte)
{
	checksum ^= byte;
	for (int bit = 0; bit < 8; bit++)
		checksum = checksum >> 1 ^ (UINT32_C(0xedb88320) & (0 - (checksum & 1)));
	return checksum;
}

static bool has_part(const struct header *header, enum part part)
{
	static const unsigned flags[N_PARTS] = {
		[EXTRA_LENGTH] = 4, [EXTRA] = 4, [NAME] = 8, [COMMENT] = 16, [CHECKSUM] = 2
	};
	return part == N_PARTS ||
	       ((header->flags & flags[part]) != 0 && (part != EXTRA || header->n_extra > 0));
}

/* Parses a byte; returns whether it is the last one of its part. */
static bool parse_byte(struct header *header, unsigned char byte)
{
	enum { FLAGS_AT = 3, FIXED_BYTES = 10 };
	const unsigned at = header->n_bytes++;
	if (header->part != CHECKSUM)
		header->checksum = add_to_checksum(header->checksum, byte);
	switch (header->part) {
	case FIXED:
		if (at == FLAGS_AT)
			header->flags = byte;
		return header->n_bytes == FIXED_BYTES;
	case EXTRA_LENGTH:
		header->n_extra |= (unsigned)byte << 8 * at;
		return header->n_bytes == 2;
	case EXTRA:
		return header->n_bytes == header->n_extra;
	case CHECKSUM:
		header->stored_checksum |= (unsigned)byte << 8 * at;
		return header->n_bytes == 2;
	default:
		return byte == '\0';
	}
}

/* Parses as much of a header as `buffers` holds; false: it is invalid. */
static bool parse_header(struct header *header, struct csvr_codec_buffers *buffers)
{
	enum { RESERVED_FLAGS = 0xe0 };
	for (; header->part != N_PARTS && buffers->n_in > 0; buffers->in++, buffers->n_in--) {
		if (!parse_byte(header, *buffers->in))
			continue;
		header->n_bytes = 0;
		if (header->part == CHECKSUM &&
		    header->stored_checksum != (~header->checksum & 0xffff))
			return false;
		do
			header->part = (enum part)(header->part + 1);
		while (!has_part(header, header->part));
	}
	return (header->flags & RESERVED_FLAGS) == 0;
}

static enum csvr_codec_step decompress(void *codec_state, struct csvr_codec_buffers *buffers)
{
	struct state *state = codec_state;
	struct inflate_state *inflate = &state->inflate;
	if (!parse_header(&state->header, buffers))
		return CSVR_STEP_CORRUPT;
	if (state->header.part != N_PARTS)
		return CSVR_STEP_MORE;
	inflate->next_in = (uint8_t *)(uintptr_t)buffers->in; /* ISA-L does not write to it */
	inflate->avail_in = (uint32_t)buffers->n_in;
	inflate->next_out = buffers->out;
	inflate->avail_out = (uint32_t)buffers->n_out;
	const int result = state->functions.inflate(inflate);
	/* After invalid data, avail_in may be larger than before. */
	if (result < 0 || result == ISAL_NEED_DICT || inflate->avail_in > buffers->n_in)
		return CSVR_STEP_CORRUPT;
	buffers->in += buffers->n_in - inflate->avail_in;
	buffers->n_in = inflate->avail_in;
	buffers->out += buffers->n_out - inflate->avail_out;
	buffers->n_out = inflate->avail_out;
	return inflate->block_state == ISAL_BLOCK_FINISH ? CSVR_STEP_END : CSVR_STEP_MORE;
}

static void clear(void *codec_state)
{
	(void)codec_state; /* ISA-L allocates nothing */
}

const struct csvr_codec csvr_codec_isal = {
	.library = { .purpose = "to decompress it",
		     .files = { LIBRARY_OF(ISAL_MAJOR_VERSION) },
		     .functions = {
			     CSVR_DYNLIB_FUNCTION(struct functions, init, isal_inflate_init),
			     CSVR_DYNLIB_FUNCTION(struct functions, inflate, isal_inflate),
		     } },
	.state_bytes = sizeof(struct state),
	.start_member = start_member,
	.decompress = decompress,
	.clear = clear,
};

#endif
