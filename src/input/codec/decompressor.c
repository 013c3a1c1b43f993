/* decompressor.c - compressed bytes to the text they stand for, as a stream
 *
 * Which libraries
 * - ISA-L, and zlib where it is not there. On 200 MB of numbers (gzip -6, three to one) one core makes,
 *   about the best of three: ISA-L 1.0 GB of text per second, zlib 1.2 0.35 GB, zstd -3 0.8 GB.
 *   libdeflate needs whole members, so as much memory as they have text: BGZF would be all it is good
 *   for. It was not measured further.
 * - Each library that is linked costs at the start of every program. The first decile of 300 starts of
 *   one that does nothing: none 3.5 ms, zlib 5.0 ms, all six 6.3 ms. Hence none is linked (dynlib.h).
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "input/codec/decompressor.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "input/codec/codec.h"

/* Read at a time: fits the second-level cache next to a block of text; smaller files are read whole. */
enum { RAW_BYTES = 128 * 1024 };

/* ---- formats ---- */

enum { MOST_CODECS = 2, MOST_STARTS = 2 };

/* What a member begins with: bytes and, where some bits of them may vary, which ones must not. */
struct start {
	const char *bytes;
	const char *mask; /* NULL: all bits */
	size_t n_bytes;
};

static const struct format {
	const char *name;
	const char *member; /* what its parts are called */
	const char *ending[2];
	const char *libraries; /* for people, best first */
	struct start starts[MOST_STARTS];
	const struct csvr_codec *codecs[MOST_CODECS]; /* best first */
	bool is_padded; /* zeros may stand behind the last member */
} formats[CSVR_N_COMPRESSIONS] = {
	[CSVR_UNCOMPRESSED] = { .name = NULL },
	[CSVR_GZIP] = { .name = "gzip",
			.member = "member",
			.ending = { ".gz", ".bgz" },
#ifdef HAVE_ISAL
			.libraries = "ISA-L, zlib",
#else
			.libraries = "zlib",
#endif
			.starts = { { "\x1f\x8b\x08", NULL, 3 } },
			.codecs = {
#ifdef HAVE_ISAL
				&csvr_codec_isal,
#endif
				&csvr_codec_zlib,
			},
			.is_padded = true },
	/* The second is a frame to be skipped, of one of 16 kinds. */
	[CSVR_ZSTD] = { .name = "zstd",
			.member = "frame",
			.ending = { ".zst", ".zst" },
			.libraries = "libzstd",
			.starts = { { "\x28\xb5\x2f\xfd", NULL, 4 },
				    { "\x50\x2a\x4d\x18", "\xf0\xff\xff\xff", 4 } },
			.codecs = {
#ifdef HAVE_ZSTD
				&csvr_codec_zstd,
#endif
				NULL },
		      },
	/* A name that is also a word: the beginning of a block, or of the end, must follow it. */
	[CSVR_BZIP2] = { .name = "bzip2",
			 .member = "stream",
			 .ending = { ".bz2", ".bz2" },
			 .libraries = "libbz2",
			 .starts = { { "BZh1\x31\x41\x59\x26\x53\x59", "\xff\xff\xff\xf0\xff\xff\xff\xff\xff\xff", 10 },
				     { "BZh1\x17\x72\x45\x38\x50\x90", "\xff\xff\xff\xf0\xff\xff\xff\xff\xff\xff", 10 } },
			 .codecs = {
#ifdef HAVE_BZIP2
				&csvr_codec_bzip2,
#endif
				NULL },
		       },
	[CSVR_XZ] = { .name = "xz",
		      .member = "stream",
		      .ending = { ".xz", ".xz" },
		      .libraries = "liblzma",
		      .starts = { { "\xfd" "7zXZ\0", NULL, 6 } },
		      .codecs = {
#ifdef HAVE_LZMA
				&csvr_codec_xz,
#endif
				NULL },
		    },
};

/* How many of these bytes are as a start has them: all of it, or all there are, or fewer. */
static size_t matching(const struct start *start, const unsigned char *bytes, size_t n_bytes)
{
	size_t i = 0;
	while (i < n_bytes && i < start->n_bytes) {
		const unsigned mask = start->mask != NULL ? (unsigned char)start->mask[i] : 0xff;
		if (((bytes[i] ^ (unsigned char)start->bytes[i]) & mask) != 0)
			break;
		i++;
	}
	return i;
}

/* Whether a member begins with these bytes, or would if there were more of them. */
static bool begins(enum csvr_compression coding, const unsigned char *bytes, size_t n_bytes,
		   bool is_cut)
{
	for (size_t i = 0; i < MOST_STARTS; i++) {
		const struct start *start = &formats[coding].starts[i];
		const size_t n = matching(start, bytes, n_bytes);
		if (n > 0 && (n == start->n_bytes || (is_cut && n == n_bytes)))
			return true;
	}
	return false;
}

static enum csvr_compression coding_of(const unsigned char *start, size_t n_bytes, bool is_cut)
{
	/* None begins with a small letter, as most headers do; every input is asked about. */
	if (n_bytes == 0 || (start[0] >= 'a' && start[0] <= 'z'))
		return CSVR_UNCOMPRESSED;
	for (int i = CSVR_UNCOMPRESSED + 1; i < CSVR_N_COMPRESSIONS; i++)
		if (begins((enum csvr_compression)i, start, n_bytes, is_cut))
			return (enum csvr_compression)i;
	return CSVR_UNCOMPRESSED;
}

enum csvr_compression csvr_compression_detect(const unsigned char *start, size_t n_bytes)
{
	return coding_of(start, n_bytes, false);
}

enum csvr_compression csvr_compression_detect_prefix(const unsigned char *start, size_t n_bytes)
{
	return coding_of(start, n_bytes, true);
}

enum csvr_compression csvr_compression_from_suffix(const char *name, size_t *length)
{
	/* All endings end so. Most names do not: the question is asked about every input there is, and
	 * cost 3 in 100 of the instructions that 2000 small files take. */
	if (*length == 0 || strchr("zZtT2", name[*length - 1]) == NULL)
		return CSVR_UNCOMPRESSED;
	for (int i = CSVR_UNCOMPRESSED + 1; i < CSVR_N_COMPRESSIONS; i++)
		for (size_t k = 0; k < 2; k++) {
			const char *ending = formats[i].ending[k];
			const size_t n = strlen(ending);
			if (*length > n && strncasecmp(name + *length - n, ending, n) == 0) {
				*length -= n;
				return (enum csvr_compression)i;
			}
		}
	return CSVR_UNCOMPRESSED;
}

const char *csvr_compression_label(enum csvr_compression coding)
{
	return formats[coding].name;
}

const char *csvr_compression_name(size_t index, const char **libraries)
{
	if (index + 1 >= CSVR_N_COMPRESSIONS)
		return NULL;
	const struct format *format = &formats[index + 1];
	*libraries = format->codecs[0] != NULL ? format->libraries : NULL;
	return format->name;
}

bool csvr_compression_is_built(enum csvr_compression coding)
{
	return formats[coding].codecs[0] != NULL;
}

/* ---- states of libraries ---- */

enum csvr_status csvr_decompressor_new(struct csvr_decompressor **decoder)
{
	*decoder = calloc(1, sizeof **decoder);
	if (*decoder == NULL)
		return CSVR_NO_MEMORY;
	(*decoder)->raw = malloc(RAW_BYTES);
	if ((*decoder)->raw != NULL)
		return CSVR_OK;
	free(*decoder);
	*decoder = NULL;
	return CSVR_NO_MEMORY;
}

void csvr_decompressor_free(struct csvr_decompressor *decoder)
{
	if (decoder == NULL)
		return;
	for (size_t i = 0; i < CSVR_N_COMPRESSIONS; i++) {
		if (decoder->states[i] != NULL)
			decoder->codecs[i]->end(decoder->states[i]);
		free(decoder->states[i]);
	}
	free(decoder->raw);
	free(decoder);
}

static enum csvr_status not_built(enum csvr_compression coding, struct csvr_error *error)
{
	const struct format *format = &formats[coding];
	return csvr_error_set(
		error, CSVR_INVALID_FILE, 0,
		"is %s data, which this csv-report was built without; build it with %s, or "
		"decompress it with: %s -dc",
		format->name, format->libraries, format->name);
}

/* The state for a format; the best of its libraries that is to be had is loaded when it is first
 * needed. */
static enum csvr_status find_state(struct csvr_decompressor *decoder, enum csvr_compression coding,
				   struct csvr_error *error)
{
	if (decoder->states[coding] != NULL)
		return CSVR_OK;
	enum csvr_status status = CSVR_INVALID_FILE;
	for (size_t i = 0; i < MOST_CODECS && status != CSVR_OK; i++) {
		const struct csvr_codec *codec = formats[coding].codecs[i];
		if (codec == NULL)
			break;
		/* Its pointers to functions stand first in a state. */
		void *state = calloc(1, codec->state_bytes);
		if (state == NULL)
			return csvr_error_set_no_memory(error);
		status = csvr_dynlib_open(&codec->code, state, error);
		if (status != CSVR_OK) {
			free(state);
			continue;
		}
		decoder->states[coding] = state;
		decoder->codecs[coding] = codec;
	}
	return csvr_compression_is_built(coding) ? status : not_built(coding, error);
}

/* ---- raw bytes ---- */

uint64_t csvr_decompressor_compressed_offset(const struct csvr_decompressor *decoder)
{
	return decoder->raw_base + decoder->at;
}

/* Until there are `n_bytes` of them to be decoded, or no more. */
static enum csvr_status fetch(struct csvr_decompressor *d, size_t n_bytes, struct csvr_error *error)
{
	if (d->n_raw - d->at >= n_bytes || d->has_all)
		return CSVR_OK;
	memmove(d->raw, d->raw + d->at, d->n_raw - d->at);
	d->raw_base += d->at;
	d->n_raw -= d->at;
	d->at = 0;
	while (d->n_raw < n_bytes && !d->has_all) {
		size_t n_read;
		enum csvr_status status = d->fetch(d->context, d->raw_base + d->n_raw,
						   d->raw + d->n_raw, RAW_BYTES - d->n_raw, &n_read,
						   error);
		if (status != CSVR_OK)
			return status;
		d->n_raw += n_read;
		d->has_all = n_read == 0;
	}
	return CSVR_OK;
}

enum csvr_status csvr_decompressor_start(struct csvr_decompressor *decoder,
					 enum csvr_compression coding, uint64_t offset,
					 csvr_fetch_fn fetch_raw, void *context,
					 struct csvr_error *error)
{
	decoder->coding = coding;
	decoder->fetch = fetch_raw;
	decoder->member = NULL;
	decoder->text_bytes = 0;
	decoder->context = context;
	decoder->n_raw = decoder->at = 0;
	decoder->raw_base = offset;
	decoder->has_all = decoder->is_within = decoder->is_over = false;
	return coding == CSVR_UNCOMPRESSED ? CSVR_OK : find_state(decoder, coding, error);
}

enum csvr_status csvr_decompressor_detect(struct csvr_decompressor *decoder, bool is_named,
					  csvr_fetch_fn fetch_raw, void *context,
					  enum csvr_compression *coding, struct csvr_error *error)
{
	enum csvr_status status = csvr_decompressor_start(decoder, CSVR_UNCOMPRESSED, 0, fetch_raw,
							  context, error);
	if (status == CSVR_OK)
		status = fetch(decoder, CSVR_SIGNATURE_BYTES, error);
	if (status != CSVR_OK)
		return status;
	*coding = decoder->coding = coding_of(decoder->raw, decoder->n_raw, is_named);
	if (*coding == CSVR_UNCOMPRESSED && is_named)
		return fetch(decoder, CSVR_TEXT_PROBE_BYTES, error);
	return *coding == CSVR_UNCOMPRESSED ? CSVR_OK : find_state(decoder, *coding, error);
}

bool csvr_decompressor_looks_like_text(const struct csvr_decompressor *d)
{
	const size_t n_left = d->n_raw - d->at;
	const size_t n_bytes = n_left < CSVR_TEXT_PROBE_BYTES ? n_left : CSVR_TEXT_PROBE_BYTES;
	for (size_t i = 0; i < n_bytes; i++) {
		const unsigned char byte = d->raw[d->at + i];
		if (byte < ' ' && byte != '\t' && byte != '\r' && byte != '\n')
			return false;
	}
	return true;
}

/* ---- members ---- */

/* Where a library notices that is its own affair, and depends on how much it is given at a time; in
 * which member it is does not. */
static enum csvr_status corrupt(const struct csvr_decompressor *d, struct csvr_error *error)
{
	const struct format *format = &formats[d->coding];
	return csvr_error_set(error, CSVR_INVALID_FILE, 0,
			      "%s data is corrupt in the %s that begins at byte %" PRIu64
			      "; get it again",
			      format->name, format->member, d->member_at);
}

static enum csvr_status cut_short(const struct csvr_decompressor *d, struct csvr_error *error)
{
	return csvr_error_set(error, CSVR_INVALID_FILE, 0,
			      "ends in the middle of its %s data (at byte %" PRIu64
			      "); get it again whole",
			      formats[d->coding].name, d->raw_base + d->n_raw);
}

/* Zeros to the end of the input, as tapes and some file systems leave them. */
static enum csvr_status skip_padding(struct csvr_decompressor *d, struct csvr_error *error)
{
	enum csvr_status status = CSVR_OK;
	while (status == CSVR_OK && d->at < d->n_raw && d->raw[d->at] == 0) {
		d->at++;
		status = fetch(d, 1, error);
	}
	return status;
}

/* Goes to the next member, or finds that there is none. */
static enum csvr_status next_member(struct csvr_decompressor *d, struct csvr_error *error)
{
	enum csvr_status status = fetch(d, CSVR_SIGNATURE_BYTES, error);
	if (status != CSVR_OK)
		return status;
	const bool is_first = csvr_decompressor_compressed_offset(d) == 0;
	if (begins(d->coding, d->raw + d->at, d->n_raw - d->at, d->has_all)) {
		d->is_within = true;
		d->member_at = csvr_decompressor_compressed_offset(d);
		if (d->member != NULL)
			status = d->member(d->context, d->member_at, d->text_bytes, error);
		if (status != CSVR_OK)
			return status;
		status = d->codecs[d->coding]->begin(d->states[d->coding]);
		return status == CSVR_NO_MEMORY ? csvr_error_set_no_memory(error) : status;
	}
	if (formats[d->coding].is_padded && !is_first)
		status = skip_padding(d, error);
	d->is_over = d->at == d->n_raw && d->has_all;
	if (status != CSVR_OK || d->is_over)
		return status;
	return csvr_error_set(error, CSVR_INVALID_FILE, 0,
			      "has something else behind its %s data, at byte %" PRIu64
			      "; cut that off, or get it again",
			      formats[d->coding].name, csvr_decompressor_compressed_offset(d));
}

/* One step within a member. */
static enum csvr_status decode(struct csvr_decompressor *d, unsigned char *buffer, size_t n_bytes,
			       size_t *n_made, struct csvr_error *error)
{
	const struct csvr_codec *codec = d->codecs[d->coding];
	const size_t n_in = d->n_raw - d->at;
	struct csvr_codec_buffers room = { d->raw + d->at, n_in, buffer, n_bytes, d->has_all };
	const enum csvr_codec_step step = codec->decode(d->states[d->coding], &room);
	d->at += n_in - room.n_in;
	*n_made = n_bytes - room.n_out;
	switch (step) {
	case CSVR_STEP_MORE:
		if (*n_made > 0 || room.n_in < n_in)
			return CSVR_OK;
		return n_in == 0 ? cut_short(d, error) : corrupt(d, error);
	case CSVR_STEP_END:
		d->is_within = false;
		return CSVR_OK;
	case CSVR_STEP_CORRUPT:
		return corrupt(d, error);
	case CSVR_STEP_TOO_BIG:
		return csvr_error_set(error, CSVR_INVALID_FILE, 0,
				      "asks for more memory than it may have: %s", codec->too_big);
	default:
		return csvr_error_set_no_memory(error);
	}
}

static enum csvr_status pass_through(struct csvr_decompressor *d, unsigned char *buffer,
				     size_t n_bytes, size_t *n_read, struct csvr_error *error)
{
	const size_t n_left = d->n_raw - d->at;
	if (n_left == 0 && !d->has_all) {
		enum csvr_status status = d->fetch(d->context, d->raw_base + d->n_raw, buffer,
						   n_bytes, n_read, error);
		d->raw_base += status == CSVR_OK ? *n_read : 0;
		return status;
	}
	*n_read = n_left < n_bytes ? n_left : n_bytes;
	memcpy(buffer, d->raw + d->at, *n_read);
	d->at += *n_read;
	return CSVR_OK;
}

enum csvr_status csvr_decompressor_read(struct csvr_decompressor *d, void *buffer, size_t n_bytes,
					size_t *n_read, struct csvr_error *error)
{
	*n_read = 0;
	if (d->coding == CSVR_UNCOMPRESSED)
		return pass_through(d, buffer, n_bytes, n_read, error);
	enum csvr_status status = CSVR_OK;
	while (status == CSVR_OK && *n_read < n_bytes && !d->is_over) {
		size_t n_made = 0;
		status = fetch(d, 1, error);
		if (status == CSVR_OK && !d->is_within)
			status = next_member(d, error);
		if (status == CSVR_OK && d->is_within)
			status = decode(d, (unsigned char *)buffer + *n_read, n_bytes - *n_read,
					&n_made, error);
		*n_read += n_made;
		d->text_bytes += n_made;
	}
	return status;
}
