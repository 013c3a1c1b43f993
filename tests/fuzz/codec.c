/* codec.c - fuzz target: compressed inputs, as a stream and at any offset
 *
 * Why it compresses: compressed bytes that a fuzzer changes rarely get past the checksum, and the
 * libraries are not instrumented, so nothing guides it. So the input describes how to compress a text and
 * how to damage the result; or it is the compressed bytes themselves.
 *
 * Laws  the decompressed bytes, or the message, do not depend on the sizes of fetches and reads. If the
 *       library accepts the input at once (inflate, ZSTD_decompress and so on), so does the decompressor,
 *       with the same bytes. Reads of a file at offsets in any order return the bytes at these offsets,
 *       or fail, with and without a seek index.
 * Input a line of words, then the text: g gzip, b BGZF, z zstd, 2 bzip2, x xz, r raw bytes; lN level, mN
 *       members, cN copies of the text, nN bytes a read, fN bytes a fetch, dN,M alter byte N by M (may
 *       be repeated), tN drop the last N bytes, iN,M insert byte M before byte N, pN append N zeros, s
 *       zstd with a skippable frame, u zstd without content size, k with checksums, oN order of offsets,
 *       w more than CSVR_SEEK_MIN_BYTES
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <sys/mman.h>
#include <unistd.h>

#define ZLIB_CONST
#include <zlib.h>
#ifdef HAVE_ZSTD
#include <zstd.h>
#endif
#ifdef HAVE_BZIP2
#include <bzlib.h>
#endif
#ifdef HAVE_LZMA
#include <lzma.h>
#endif

#include "base/serialize.h"
#include "fuzz.h"
#include "input/codec/decompressor.h"
#include "input/codec/seek_index.h"
#include "input/source.h"
#include "law.h"

enum { MAX_TEXT = 4 << 20, MAX_DAMAGES = 8, BGZF_BYTES = 65280 };

static unsigned char *library_text, *our_text, *read_text; /* MAX_TEXT + 1 each */

/* ---- recipe ---- */

struct damage {
	char what; /* d, t, i, p */
	unsigned long at, by;
};

struct recipe {
	char format;
	int level;
	unsigned long n_members, n_copies, n_read, n_fetched, order;
	bool has_skipped, is_unsized, has_checksum, is_wide;
	struct damage damages[MAX_DAMAGES];
	size_t n_damages;
};

static unsigned long number(const uint8_t **at, const uint8_t *end)
{
	unsigned long n = 0;
	for (; *at < end && **at >= '0' && **at <= '9' && n < 10000000; ++*at)
		n = n * 10 + (unsigned long)(**at - '0');
	return n;
}

static void parse_word(struct recipe *r, const uint8_t **at, const uint8_t *end)
{
	const char letter = (char)*(*at)++;
	const unsigned long n = number(at, end);
	unsigned long by = 0;
	if (*at < end && **at == ',') {
		++*at;
		by = number(at, end);
	}
	if (strchr("gbz2xr", letter) != NULL && letter != '\0')
		r->format = letter;
	else if (letter == 'l')
		r->level = (int)(n % 10);
	else if (letter == 'm')
		r->n_members = n % 100;
	else if (letter == 'c')
		r->n_copies = n % 2000;
	else if (letter == 'n')
		r->n_read = n;
	else if (letter == 'f')
		r->n_fetched = n;
	else if (letter == 'o')
		r->order = n;
	else if (letter == 's')
		r->has_skipped = true;
	else if (letter == 'u')
		r->is_unsized = true;
	else if (letter == 'k')
		r->has_checksum = true;
	else if (letter == 'w')
		r->is_wide = true;
	else if (strchr("dtip", letter) != NULL && letter != '\0' && r->n_damages < MAX_DAMAGES)
		r->damages[r->n_damages++] = (struct damage){ letter, n, by };
}

/* Returns the start of the text. */
static const uint8_t *read_recipe(struct recipe *r, const uint8_t *at, const uint8_t *end)
{
	*r = (struct recipe){ .format = 'g', .level = 1, .n_members = 1, .n_copies = 1 };
	while (at < end && *at != '\n')
		parse_word(r, &at, end);
	r->n_members += r->n_members == 0;
	r->n_copies += r->n_copies == 0;
	r->n_read = r->n_read == 0 ? 100000 : r->n_read;
	r->n_fetched = r->n_fetched == 0 ? 100000 : r->n_fetched;
	return at + (at < end);
}

/* ---- compressing ---- */

static void deflate_into(struct csvr_encoder *out, const unsigned char *text, size_t n, int level,
			 int window_bits)
{
	z_stream stream = { .next_in = text, .avail_in = (uInt)n };
	LAW(deflateInit2(&stream, level, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) == Z_OK,
	    "zlib");
	const size_t room = deflateBound(&stream, n) + 64;
	unsigned char *made = need(malloc(room));
	stream.next_out = made;
	stream.avail_out = (uInt)room;
	LAW(deflate(&stream, Z_FINISH) == Z_STREAM_END, "zlib");
	csvr_encoder_put_bytes(out, made, room - stream.avail_out);
	deflateEnd(&stream);
	free(made);
}

static void put_number(struct csvr_encoder *out, uint32_t value, int n_bytes)
{
	for (int i = 0; i < n_bytes; i++)
		csvr_encoder_put_bytes(out, &(unsigned char){ (unsigned char)(value >> 8 * i) }, 1);
}

static void put_bgzf(struct csvr_encoder *out, const unsigned char *text, size_t n, int level)
{
	static const unsigned char head[] = { 0x1f, 0x8b, 8, 4, 0,   0,   0, 0,
					      0,    255,  6, 0, 'B', 'C', 2, 0 };
	struct csvr_encoder body;
	csvr_encoder_init(&body);
	deflate_into(&body, text, n, level, -15);
	csvr_encoder_put_bytes(out, head, sizeof head);
	put_number(out, (uint32_t)(body.n_bytes + sizeof head + 2 + 8 - 1), 2);
	csvr_encoder_put_bytes(out, body.bytes, body.n_bytes);
	put_number(out, (uint32_t)crc32(0, text, (uInt)n), 4);
	put_number(out, (uint32_t)n, 4);
	csvr_encoder_clear(&body);
}

static void put_zstd(struct csvr_encoder *out, const unsigned char *text, size_t n,
		     const struct recipe *r)
{
#ifdef HAVE_ZSTD
	static ZSTD_CCtx *context;
	context = context != NULL ? context : ZSTD_createCCtx();
	(void)ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, r->has_checksum);
	(void)ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, !r->is_unsized);
	(void)ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, r->level);
	const size_t room = ZSTD_compressBound(n);
	unsigned char *made = need(malloc(room));
	const size_t n_made = ZSTD_compress2(context, made, room, text, n);
	LAW(!ZSTD_isError(n_made), "zstd");
	csvr_encoder_put_bytes(out, made, n_made);
	free(made);
	if (r->has_skipped) {
		put_number(out, 0x184d2a53, 4);
		put_number(out, 5, 4);
		csvr_encoder_put_bytes(out, "12345", 5);
	}
#else
	(void)out, (void)text, (void)n, (void)r;
#endif
}

static void put_bzip2(struct csvr_encoder *out, const unsigned char *text, size_t n, int level)
{
#ifdef HAVE_BZIP2
	unsigned n_made = (unsigned)(n + n / 50 + 1000);
	char *made = need(malloc(n_made));
	LAW(BZ2_bzBuffToBuffCompress(made, &n_made, (char *)(uintptr_t)text, (unsigned)n,
				     level > 0 ? level : 1, 0, 0) == BZ_OK,
	    "bzip2");
	csvr_encoder_put_bytes(out, made, n_made);
	free(made);
#else
	(void)out, (void)text, (void)n, (void)level;
#endif
}

static void put_xz(struct csvr_encoder *out, const unsigned char *text, size_t n, bool has_checksum)
{
#ifdef HAVE_LZMA
	size_t n_made = 0;
	const size_t room = lzma_stream_buffer_bound(n);
	unsigned char *made = need(malloc(room));
	LAW(lzma_easy_buffer_encode(0, has_checksum ? LZMA_CHECK_CRC64 : LZMA_CHECK_NONE, NULL,
				    text, n, made, &n_made, room) == LZMA_OK,
	    "xz");
	csvr_encoder_put_bytes(out, made, n_made);
	free(made);
#else
	(void)out, (void)text, (void)n, (void)has_checksum;
#endif
}

static void put_member(struct csvr_encoder *out, const struct recipe *r, const unsigned char *text,
		       size_t n)
{
	if (r->format == 'g')
		deflate_into(out, text, n, r->level, 31);
	else if (r->format == 'b')
		for (size_t at = 0; at == 0 || at < n; at += BGZF_BYTES)
			put_bgzf(out, text + at, n - at < BGZF_BYTES ? n - at : BGZF_BYTES,
				 r->level);
	else if (r->format == 'z')
		put_zstd(out, text, n, r);
	else if (r->format == '2')
		put_bzip2(out, text, n, r->level);
	else if (r->format == 'x')
		put_xz(out, text, n, r->has_checksum);
	else
		csvr_encoder_put_bytes(out, text, n);
}

/* Makes a file large enough for a seek index, quickly. */
static void put_wide(struct csvr_encoder *out, const struct recipe *r)
{
	static const unsigned char zeros[CSVR_SEEK_MIN_BYTES];
	static struct csvr_encoder blocks;
	if (r->format == 'b') {
		while (blocks.n_bytes < CSVR_SEEK_MIN_BYTES)
			put_bgzf(&blocks, zeros, BGZF_BYTES, 0);
		csvr_encoder_put_bytes(out, blocks.bytes, blocks.n_bytes);
	} else if (r->format == 'z') {
		put_number(out, 0x184d2a50, 4);
		put_number(out, sizeof zeros, 4);
		csvr_encoder_put_bytes(out, zeros, sizeof zeros);
	}
}

/* Offsets are taken modulo the length, so that most numbers mean something. */
static void damage(struct csvr_encoder *bytes, const struct damage *damage)
{
	static const unsigned char zeros[1000];
	const size_t n = bytes->n_bytes, at = n > 0 ? damage->at % n : 0;
	if (damage->what == 'p') {
		csvr_encoder_put_bytes(bytes, zeros, damage->at % sizeof zeros);
	} else if (n == 0) {
		return;
	} else if (damage->what == 'd') {
		bytes->bytes[at] ^= (unsigned char)damage->by;
	} else if (damage->what == 't') {
		bytes->n_bytes -= at;
	} else {
		csvr_encoder_put_bytes(bytes, zeros, 1);
		memmove(bytes->bytes + at + 1, bytes->bytes + at, n - at);
		bytes->bytes[at] = (unsigned char)damage->by;
	}
}

static void make(struct csvr_encoder *out, const struct recipe *r, const uint8_t *text, size_t n)
{
	struct csvr_encoder whole;
	csvr_encoder_init(&whole);
	for (unsigned long i = 0; i < r->n_copies && whole.n_bytes + n <= MAX_TEXT / 2; i++)
		csvr_encoder_put_bytes(&whole, text, n);
	const size_t each = whole.n_bytes / r->n_members;
	for (unsigned long i = 0; i < r->n_members; i++)
		put_member(out, r, n > 0 ? whole.bytes + i * each : (const uint8_t *)"",
			   i + 1 < r->n_members ? each : whole.n_bytes - i * each);
	csvr_encoder_clear(&whole);
	if (r->is_wide)
		put_wide(out, r);
	for (size_t i = 0; i < r->n_damages; i++)
		damage(out, &r->damages[i]);
}

/* ---- by the library ---- */

enum answer { ACCEPTED, REFUSED, TOO_LONG };

/* All members, and zeros after them. */
static enum answer by_zlib(const struct csvr_encoder *compressed, size_t *n_text)
{
	size_t at = 0;
	*n_text = 0;
	while (at < compressed->n_bytes && (at == 0 || compressed->bytes[at] != 0)) {
		z_stream stream = { .next_in = compressed->bytes + at,
				    .avail_in = (uInt)(compressed->n_bytes - at),
				    .next_out = library_text + *n_text,
				    .avail_out = (uInt)(MAX_TEXT - *n_text) };
		LAW(inflateInit2(&stream, 31) == Z_OK, "zlib");
		const int result = inflate(&stream, Z_FINISH);
		const bool is_full = stream.avail_out == 0;
		at = compressed->n_bytes - stream.avail_in;
		*n_text = MAX_TEXT - stream.avail_out;
		inflateEnd(&stream);
		if (result != Z_STREAM_END)
			return is_full ? TOO_LONG : REFUSED;
	}
	for (; at < compressed->n_bytes; at++)
		if (compressed->bytes[at] != 0)
			return REFUSED;
	return ACCEPTED;
}

static enum answer by_zstd(const struct csvr_encoder *compressed, size_t *n_text)
{
	*n_text = 0;
#ifdef HAVE_ZSTD
	const size_t n = ZSTD_decompress(library_text, MAX_TEXT, compressed->bytes,
					 compressed->n_bytes);
	*n_text = ZSTD_isError(n) ? 0 : n;
	return !ZSTD_isError(n)                                    ? ACCEPTED
	       : strstr(ZSTD_getErrorName(n), "too small") != NULL ? TOO_LONG
								   : REFUSED;
#else
	(void)compressed;
	return TOO_LONG;
#endif
}

static enum answer by_bzip2(const struct csvr_encoder *compressed, size_t *n_text)
{
	*n_text = 0;
#ifdef HAVE_BZIP2
	for (size_t at = 0; at < compressed->n_bytes;) {
		bz_stream stream = { .next_in = (char *)compressed->bytes + at,
				     .avail_in = (unsigned)(compressed->n_bytes - at),
				     .next_out = (char *)library_text + *n_text,
				     .avail_out = (unsigned)(MAX_TEXT - *n_text) };
		LAW(BZ2_bzDecompressInit(&stream, 0, 0) == BZ_OK, "bzip2");
		const int result = BZ2_bzDecompress(&stream);
		const bool is_full = stream.avail_out == 0;
		at = compressed->n_bytes - stream.avail_in;
		*n_text = MAX_TEXT - stream.avail_out;
		BZ2_bzDecompressEnd(&stream);
		if (result != BZ_STREAM_END)
			return is_full ? TOO_LONG : REFUSED;
	}
	return ACCEPTED;
#else
	(void)compressed;
	return TOO_LONG;
#endif
}

static enum answer by_lzma(const struct csvr_encoder *compressed, size_t *n_text)
{
	*n_text = 0;
#ifdef HAVE_LZMA
	lzma_stream stream = LZMA_STREAM_INIT;
	LAW(lzma_stream_decoder(&stream, 256 << 20, LZMA_CONCATENATED) == LZMA_OK, "xz");
	stream.next_in = compressed->bytes;
	stream.avail_in = compressed->n_bytes;
	stream.next_out = library_text;
	stream.avail_out = MAX_TEXT;
	const lzma_ret result = lzma_code(&stream, LZMA_FINISH);
	const bool is_full = stream.avail_out == 0;
	*n_text = MAX_TEXT - stream.avail_out;
	lzma_end(&stream);
	return result == LZMA_STREAM_END ? ACCEPTED : is_full ? TOO_LONG : REFUSED;
#else
	(void)compressed;
	return TOO_LONG;
#endif
}

static enum answer by_library(enum csvr_compression compression,
			      const struct csvr_encoder *compressed, size_t *n_text)
{
	static enum answer (*const libraries[CSVR_N_COMPRESSIONS])(const struct csvr_encoder *,
								   size_t *) = {
		[CSVR_GZIP] = by_zlib,
		[CSVR_ZSTD] = by_zstd,
		[CSVR_BZIP2] = by_bzip2,
		[CSVR_XZ] = by_lzma,
	};
	if (compression != CSVR_UNCOMPRESSED)
		return libraries[compression](compressed, n_text);
	*n_text = compressed->n_bytes;
	if (compressed->n_bytes > MAX_TEXT)
		return TOO_LONG;
	if (compressed->n_bytes > 0)
		memcpy(library_text, compressed->bytes, compressed->n_bytes);
	return ACCEPTED;
}

/* ---- by the decompressor ---- */

struct supply {
	const struct csvr_encoder *compressed;
	size_t n_fetched; /* maximum of a fetch */
};

static enum csvr_status fetch(void *context, uint64_t offset, void *buffer, size_t n_bytes,
			      size_t *n_read, struct csvr_error *error)
{
	const struct supply *supply = context;
	(void)error;
	LAW(offset <= supply->compressed->n_bytes, "fetch at byte %llu of %zu",
	    (unsigned long long)offset, supply->compressed->n_bytes);
	const size_t n_left = supply->compressed->n_bytes - (size_t)offset;
	*n_read = n_bytes < n_left ? n_bytes : n_left;
	if (*n_read > supply->n_fetched)
		*n_read = supply->n_fetched;
	if (*n_read > 0)
		memcpy(buffer, supply->compressed->bytes + offset, *n_read);
	return CSVR_OK;
}

/* Reads all bytes that fit; `*status` is that of the last read. */
static size_t decompress(struct csvr_decompressor *decompressor, const struct supply *supply,
			 size_t n_at_once, unsigned char *text, enum csvr_compression *compression,
			 enum csvr_status *status, struct csvr_error *error)
{
	size_t n_text = 0, n = 1;
	*status = csvr_decompressor_detect(decompressor, false, fetch, (void *)(uintptr_t)supply,
					   compression, error);
	while (*status == CSVR_OK && n > 0 && n_text <= MAX_TEXT) {
		const size_t room = MAX_TEXT + 1 - n_text;
		const size_t wanted = n_at_once < room ? n_at_once : room;
		*status = csvr_decompressor_read(decompressor, text + n_text, wanted, &n, error);
		LAW(n <= wanted && (*status != CSVR_OK || n == wanted || n_text + n <= MAX_TEXT),
		    "%zu bytes, %zu are wanted", n, wanted);
		n_text += n;
	}
	LAW(*status == CSVR_OK || *status == CSVR_INVALID_FILE, "status %d", (int)*status);
	LAW(*status == CSVR_OK || is_message(error->message, sizeof error->message), "'%s'",
	    error->message);
	return n_text;
}

static bool is_about_memory(const struct csvr_error *error)
{
	return strstr(error->message, "more memory") != NULL;
}

/* Returns whether the input is valid; `*n_text` is the decompressed size. */
static bool check_stream(const struct csvr_encoder *compressed, const struct recipe *r,
			 size_t *n_text)
{
	struct csvr_decompressor *decompressor;
	struct csvr_error error = { 0 }, again = { 0 };
	enum csvr_compression compression;
	enum csvr_status status, status_again;
	const struct supply at_once = { compressed, SIZE_MAX },
			    bit_by_bit = { compressed, r->n_fetched };
	LAW(csvr_decompressor_new(&decompressor) == CSVR_OK, "out of memory");
	*n_text = decompress(decompressor, &at_once, SIZE_MAX, our_text, &compression, &status,
			     &error);
	if (*n_text > MAX_TEXT) {
		csvr_decompressor_free(decompressor);
		return false;
	}
	/* With the same decompressor, as for the next file; only if it takes few steps. */
	const size_t n_steps = *n_text / r->n_read + compressed->n_bytes / r->n_fetched;
	if (n_steps < 3000) {
		const size_t n = decompress(decompressor, &bit_by_bit, r->n_read, read_text,
					    &compression, &status_again, &again);
		LAW(status == status_again, "%d %s, %d %s", (int)status, error.message,
		    (int)status_again, again.message);
		LAW(strcmp(error.message, again.message) == 0, "%s; %s", error.message,
		    again.message);
		LAW(status != CSVR_OK || (n == *n_text && memcmp(our_text, read_text, n) == 0),
		    "%zu bytes of text, and %zu in bits", *n_text, n);
	}
	csvr_decompressor_free(decompressor);
	size_t n_library;
	const enum answer answer = by_library(compression, compressed, &n_library);
	if (answer == ACCEPTED && !(status == CSVR_INVALID_FILE && is_about_memory(&error))) {
		LAW(status == CSVR_OK, "%s, and the library takes it", error.message);
		LAW(n_library == *n_text && memcmp(library_text, our_text, n_library) == 0,
		    "%zu bytes of text, of the library %zu", *n_text, n_library);
	}
	return status == CSVR_OK;
}

/* ---- files ---- */

static enum csvr_status read_whole(struct csvr_source *source, uint64_t offset, size_t n_bytes,
				   size_t *n_text, struct csvr_error *error)
{
	enum csvr_status status = CSVR_OK;
	size_t n = 1;
	*n_text = 0;
	while (status == CSVR_OK && n > 0 && *n_text < n_bytes) {
		status = csvr_source_read(source, offset + *n_text, read_text + *n_text,
					  n_bytes - *n_text, &n, error);
		*n_text += n;
	}
	return status;
}

/* Reads chunks in a shuffled order. */
static void check_chunks(struct csvr_source *source, const struct recipe *r, size_t n_text,
			 bool is_whole)
{
	enum { N_CHUNKS = 5 };
	struct csvr_error error = { 0 };
	unsigned long order = r->order;
	for (size_t i = 0; i < N_CHUNKS; i++, order = order / 7 * 5 + 3) {
		const size_t offset = n_text > 0 ? order * 104729 % (n_text + 1) : 0;
		const size_t left = n_text - offset, n_wanted = left < r->n_read ? left : r->n_read;
		size_t n;
		if (read_whole(source, offset, n_wanted + (n_wanted == left), &n, &error) !=
		    CSVR_OK)
			continue; /* damaged there, or wrong lengths */
		LAW(is_whole || n <= n_wanted + 1, "more than there is");
		if (is_whole)
			LAW(n == n_wanted && memcmp(read_text, our_text + offset, n) == 0,
			    "%zu bytes at %zu, not %zu", n, offset, n_wanted);
	}
}

static void check_file(const struct csvr_encoder *compressed, const struct recipe *r, size_t n_text,
		       bool is_whole)
{
	static int fd = -1;
	static char path[32];
	struct csvr_inputs *inputs;
	struct csvr_dir_cache dir_cache;
	struct csvr_source source;
	struct csvr_error error = { 0 };
	struct csvr_settings settings;
	if (fd < 0) {
		fd = memfd_create("raw", MFD_CLOEXEC);
		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	}
	LAW(fd >= 0 && ftruncate(fd, 0) == 0 &&
		    pwrite(fd, compressed->bytes, compressed->n_bytes, 0) ==
			    (ssize_t)compressed->n_bytes,
	    "no file");
	csvr_settings_init(&settings);
	csvr_dir_cache_init(&dir_cache);
	LAW(csvr_inputs_new(&inputs) == CSVR_OK, "out of memory");
	LAW(csvr_inputs_add(inputs, path, &settings.walk) == CSVR_OK, "out of memory");
	csvr_input_probe(inputs, &inputs->items[0], &dir_cache);
	LAW(csvr_inputs_sniff(inputs, 1) == CSVR_OK, "out of memory");
	csvr_source_init(&source, inputs, &dir_cache);
	if (inputs->items[0].kind == CSVR_INPUT_REGULAR) {
		LAW(csvr_source_open(&source, &inputs->items[0], &error) == CSVR_OK, "%s",
		    error.message);
		check_chunks(&source, r, n_text, is_whole);
	}
	csvr_source_clear(&source);
	csvr_dir_cache_clear(&dir_cache);
	csvr_inputs_free(inputs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct recipe recipe;
	struct csvr_encoder compressed;
	const uint8_t *text = read_recipe(&recipe, data, data + size);
	if (our_text == NULL) {
		library_text = need(malloc(MAX_TEXT + 1));
		our_text = need(malloc(MAX_TEXT + 1));
		read_text = need(malloc(MAX_TEXT + 1));
	}
	csvr_encoder_init(&compressed);
	make(&compressed, &recipe, text, (size_t)(data + size - text));
	size_t n_text;
	const bool is_whole = check_stream(&compressed, &recipe, &n_text);
	if (n_text <= MAX_TEXT)
		check_file(&compressed, &recipe, n_text, is_whole);
	csvr_encoder_clear(&compressed);
	return 0;
}
