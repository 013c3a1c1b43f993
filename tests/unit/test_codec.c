/* test_codec.c - what the libraries compress is decompressed, whatever the sizes of reads
 *
 * Env  CODEC_ROUNDS rounds of each law (default: 400), SEED (default: 1)
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <check.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

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

#include "check_main.h"
#include "input/codec/codec.h"
#include "input/codec/decompressor.h"
#include "random.h"

enum { TEXT_BYTES = 300000, COMPRESSED_BYTES = 2 * TEXT_BYTES, MAX_MEMBERS = 4 };

static unsigned char text[TEXT_BYTES], compressed[COMPRESSED_BYTES], output[TEXT_BYTES + 1];
static size_t n_text, n_compressed;
static unsigned rounds(void)
{
	const char *rounds = getenv("CODEC_ROUNDS"), *seed = getenv("SEED");
	random_state = seed != NULL ? strtoull(seed, NULL, 10) : 1;
	return rounds != NULL ? (unsigned)strtoul(rounds, NULL, 10) : 400;
}

/* ---- compression ---- */

static size_t by_gzip(const unsigned char *in, size_t n_in, unsigned char *out, size_t room)
{
	z_stream stream = {
		.next_in = in, .avail_in = (uInt)n_in, .next_out = out, .avail_out = (uInt)room
	};
	ck_assert_int_eq(deflateInit2(&stream, (int)below(10), Z_DEFLATED, 31, 8,
				      Z_DEFAULT_STRATEGY),
			 Z_OK);
	/* All that a header may contain, so that reads split it anywhere. */
	unsigned char name[] = "name.csv", comment[] = "a comment", extra[300] = { 0 };
	gz_header header = { .name = below(2) > 0 ? name : NULL,
			     .comment = below(4) == 0 ? comment : NULL,
			     .extra = below(2) > 0 ? extra : NULL,
			     .extra_len = below(sizeof extra),
			     .hcrc = below(4) == 0 };
	ck_assert_int_eq(deflateSetHeader(&stream, &header), Z_OK);
	ck_assert_int_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
	ck_assert_int_eq(deflateEnd(&stream), Z_OK);
	return room - stream.avail_out;
}

static size_t by_zstd(const unsigned char *in, size_t n_in, unsigned char *out, size_t room)
{
#ifdef HAVE_ZSTD
	ZSTD_CCtx *context = ZSTD_createCCtx();
	(void)ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
	(void)ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, (int)below(6));
	const size_t n = ZSTD_compress2(context, out, room, in, n_in);
	ck_assert(!ZSTD_isError(n));
	(void)ZSTD_freeCCtx(context);
	return n;
#else
	(void)in, (void)n_in, (void)out, (void)room;
	return 0;
#endif
}

static size_t by_bzip2(const unsigned char *in, size_t n_in, unsigned char *out, size_t room)
{
#ifdef HAVE_BZIP2
	unsigned n = (unsigned)room;
	char nothing = 0;
	ck_assert_int_eq(BZ2_bzBuffToBuffCompress((char *)out, &n,
						  n_in > 0 ? (char *)(uintptr_t)in : &nothing,
						  (unsigned)n_in, 1 + (int)below(9), 0, 0),
			 BZ_OK);
	return n;
#else
	(void)in, (void)n_in, (void)out, (void)room;
	return 0;
#endif
}

static size_t by_xz(const unsigned char *in, size_t n_in, unsigned char *out, size_t room)
{
#ifdef HAVE_LZMA
	size_t n = 0;
	ck_assert_int_eq(lzma_easy_buffer_encode(below(2), LZMA_CHECK_CRC64, NULL, in, n_in, out,
						 &n, room),
			 LZMA_OK);
	return n;
#else
	(void)in, (void)n_in, (void)out, (void)room;
	return 0;
#endif
}

static size_t (*const compressors[CSVR_N_COMPRESSIONS])(const unsigned char *, size_t,
							unsigned char *, size_t) = {
	[CSVR_GZIP] = by_gzip,
	[CSVR_ZSTD] = by_zstd,
	[CSVR_BZIP2] = by_bzip2,
	[CSVR_XZ] = by_xz,
};

/* Some members, possibly empty, of a text that repeats itself now and then. */
static void make_input(enum csvr_compression compression)
{
	const uint32_t variety = 1 + below(200), n_members = 1 + below(MAX_MEMBERS);
	n_text = below(4) == 0 ? below(TEXT_BYTES) : below(3000);
	for (size_t i = 0; i < n_text; i++)
		text[i] = below(8) > 0 && i > 20 ? text[i - 20] : (unsigned char)below(variety);
	n_compressed = 0;
	size_t at = 0;
	for (uint32_t i = 0; i < n_members; i++) {
		const size_t left = n_text - at;
		const size_t n = i + 1 == n_members ? left : below((uint32_t)left + 1);
		n_compressed += compressors[compression](text + at, n, compressed + n_compressed,
							 COMPRESSED_BYTES - n_compressed);
		at += n;
	}
}

/* ---- decompression ---- */

static uint32_t max_fetched, max_read;

/* Returns compressed bytes in portions of any size. */
static enum csvr_status fetch(void *context, uint64_t offset, void *buffer, size_t n_bytes,
			      size_t *n_read, struct csvr_error *error)
{
	(void)context, (void)error;
	ck_assert_uint_le(offset, n_compressed);
	const size_t n = 1 + below(max_fetched), left = n_compressed - (size_t)offset;
	*n_read = n < n_bytes ? n : n_bytes;
	if (*n_read > left)
		*n_read = left;
	memcpy(buffer, compressed + offset, *n_read);
	return CSVR_OK;
}

/* Reads to the end, where the checksums are. Bytes that do not fit `output` are only counted. */
static enum csvr_status decompress(struct csvr_decompressor *decompressor,
				   enum csvr_compression *compression, size_t *n_output,
				   struct csvr_error *error)
{
	static unsigned char rest[65536];
	static const uint32_t portions[] = { 1, 7, 100, 5000, 200000 };
	max_fetched = portions[below(5)];
	max_read = portions[below(5)];
	enum csvr_status status = csvr_decompressor_detect(decompressor, false, fetch, NULL,
							   compression, error);
	size_t n = 1;
	*n_output = 0;
	while (status == CSVR_OK && n > 0) {
		const size_t room = *n_output < sizeof output ? sizeof output - *n_output : 0;
		const size_t most = room > 0 ? room : sizeof rest;
		size_t want = 1 + below(max_read);
		if (want > most)
			want = most;
		status = csvr_decompressor_read(decompressor, room > 0 ? output + *n_output : rest,
						want, &n, error);
		*n_output += n;
	}
	return status;
}

START_TEST(compressed_text_is_restored_whatever_the_sizes_of_reads)
{
	struct csvr_decompressor *decompressor;
	struct csvr_error error;
	ck_assert_int_eq(csvr_decompressor_new(&decompressor), CSVR_OK);
	for (unsigned i = rounds(); i > 0; i--) {
		const enum csvr_compression compression = (enum csvr_compression)(
			1 + below(CSVR_N_COMPRESSIONS - 1));
		enum csvr_compression detected;
		size_t n_output;
		if (!csvr_compression_is_built(compression))
			continue;
		make_input(compression);
		ck_assert_int_eq(decompress(decompressor, &detected, &n_output, &error), CSVR_OK);
		ck_assert_int_eq(detected, compression);
		ck_assert_uint_eq(n_output, n_text);
		ck_assert(memcmp(output, text, n_text) == 0);
		ck_assert_uint_eq(csvr_decompressor_compressed_offset(decompressor), n_compressed);
	}
	csvr_decompressor_free(decompressor);
}
END_TEST

/* An altered byte may be one that does not matter, such as the time in a gzip header. But no
 * other bytes may be returned, unless the input is now of another format or of none. */
START_TEST(altered_bytes_are_an_error_or_change_nothing)
{
	struct csvr_decompressor *decompressor;
	struct csvr_error error;
	unsigned n_refused = 0;
	ck_assert_int_eq(csvr_decompressor_new(&decompressor), CSVR_OK);
	for (unsigned i = rounds(); i > 0; i--) {
		const enum csvr_compression compression = (enum csvr_compression)(
			1 + below(CSVR_N_COMPRESSIONS - 1));
		enum csvr_compression detected;
		size_t n_output;
		if (!csvr_compression_is_built(compression))
			continue;
		make_input(compression);
		for (uint32_t k = 1 + below(3); k > 0; k--)
			compressed[below((uint32_t)n_compressed)] ^= (unsigned char)(1U
										     << below(8));
		const enum csvr_status status = decompress(decompressor, &detected, &n_output,
							   &error);
		if (detected != compression)
			continue;
		if (status == CSVR_OK) {
			ck_assert_uint_eq(n_output, n_text);
			ck_assert(memcmp(output, text, n_text) == 0);
		} else {
			ck_assert_int_eq(status, CSVR_INVALID_FILE);
			n_refused++;
		}
	}
	ck_assert_uint_gt(n_refused, 0);
	csvr_decompressor_free(decompressor);
}
END_TEST

START_TEST(truncated_input_is_an_error)
{
	struct csvr_decompressor *decompressor;
	struct csvr_error error;
	ck_assert_int_eq(csvr_decompressor_new(&decompressor), CSVR_OK);
	for (unsigned i = rounds(); i > 0; i--) {
		const enum csvr_compression compression = (enum csvr_compression)(
			1 + below(CSVR_N_COMPRESSIONS - 1));
		enum csvr_compression detected;
		size_t n_output;
		if (!csvr_compression_is_built(compression))
			continue;
		n_text = below(3000);
		for (size_t k = 0; k < n_text; k++)
			text[k] = (unsigned char)below(60);
		n_compressed = compressors[compression](text, n_text, compressed, COMPRESSED_BYTES);
		if (n_compressed <= CSVR_SIGNATURE_BYTES + 1)
			continue;
		n_compressed = CSVR_SIGNATURE_BYTES +
			       below((uint32_t)n_compressed - CSVR_SIGNATURE_BYTES);
		ck_assert_int_eq(decompress(decompressor, &detected, &n_output, &error),
				 CSVR_INVALID_FILE);
		ck_assert_ptr_nonnull(strstr(error.message, "truncated"));
	}
	csvr_decompressor_free(decompressor);
}
END_TEST

START_TEST(formats_are_detected_from_first_bytes)
{
	static const struct {
		const char *bytes;
		size_t n_bytes;
		enum csvr_compression compression, prefix;
	} signatures[] = {
		{ "\x1f\x8b\x08\x08", 4, CSVR_GZIP, CSVR_GZIP },
		{ "\x1f\x8b", 2, CSVR_UNCOMPRESSED, CSVR_GZIP },
		{ "\x1f\x8b\x07", 3, CSVR_UNCOMPRESSED, CSVR_UNCOMPRESSED },
		{ "\x28\xb5\x2f\xfd", 4, CSVR_ZSTD, CSVR_ZSTD },
		{ "\x5e\x2a\x4d\x18", 4, CSVR_ZSTD, CSVR_ZSTD },
		{ "BZh9\x31\x41\x59\x26\x53\x59", 10, CSVR_BZIP2, CSVR_BZIP2 },
		{ "BZh9", 4, CSVR_UNCOMPRESSED, CSVR_BZIP2 },
		{ "BZh9,temp,", 10, CSVR_UNCOMPRESSED, CSVR_UNCOMPRESSED },
		{ "\xfd"
		  "7zXZ\0",
		  6, CSVR_XZ, CSVR_XZ },
		{ "", 0, CSVR_UNCOMPRESSED, CSVR_UNCOMPRESSED },
		{ "id,temp\n1,2", 10, CSVR_UNCOMPRESSED, CSVR_UNCOMPRESSED },
	};
	for (size_t i = 0; i < sizeof signatures / sizeof signatures[0]; i++) {
		const unsigned char *start = (const unsigned char *)signatures[i].bytes;
		ck_assert_int_eq(csvr_compression_detect(start, signatures[i].n_bytes),
				 signatures[i].compression);
		ck_assert_int_eq(csvr_compression_detect_prefix(start, signatures[i].n_bytes),
				 signatures[i].prefix);
	}
}
END_TEST

START_TEST(formats_are_detected_from_suffixes)
{
	static const struct {
		const char *name;
		enum csvr_compression compression;
		size_t length;
	} names[] = {
		{ "a.csv.gz", CSVR_GZIP, 5 },    { "a.csv.BGZ", CSVR_GZIP, 5 },
		{ "a.tsv.zst", CSVR_ZSTD, 5 },   { "a.bz2", CSVR_BZIP2, 1 },
		{ "a.csv.Xz", CSVR_XZ, 5 },      { "a.csv", CSVR_UNCOMPRESSED, 5 },
		{ ".gz", CSVR_UNCOMPRESSED, 3 }, { "a.gz.csv", CSVR_UNCOMPRESSED, 8 },
	};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		size_t length = strlen(names[i].name);
		ck_assert_int_eq(csvr_compression_from_suffix(names[i].name, &length),
				 names[i].compression);
		ck_assert_uint_eq(length, names[i].length);
	}
}
END_TEST

/* The lookups take shortcuts for plain CSV files; none of them may hide a row of the table. */
START_TEST(every_signature_of_the_table_is_detected)
{
	for (int i = CSVR_UNCOMPRESSED + 1; i < CSVR_N_COMPRESSIONS; i++) {
		const struct csvr_codec_format *format = csvr_codec_format(
			(enum csvr_compression)i);
		ck_assert_uint_gt(format->signatures[0].n_bytes, 0);
		for (size_t k = 0; k < CSVR_MAX_SIGNATURES; k++) {
			const struct csvr_signature *signature = &format->signatures[k];
			if (signature->n_bytes == 0)
				continue;
			ck_assert_uint_le(signature->n_bytes, CSVR_SIGNATURE_BYTES);
			/* Every first byte that the mask allows. */
			for (unsigned byte = 0; byte < 256; byte++) {
				unsigned char bytes[CSVR_SIGNATURE_BYTES];
				memcpy(bytes, signature->bytes, signature->n_bytes);
				const unsigned mask = signature->mask != NULL
							      ? (unsigned char)signature->mask[0]
							      : 0xff;
				if (((byte ^ bytes[0]) & mask) != 0)
					continue;
				bytes[0] = (unsigned char)byte;
				ck_assert_int_eq(csvr_compression_detect(bytes, signature->n_bytes),
						 i);
				ck_assert_int_eq(csvr_compression_detect_prefix(bytes, 1), i);
			}
		}
	}
}
END_TEST

START_TEST(every_suffix_of_the_table_is_recognized_in_either_case)
{
	for (int i = CSVR_UNCOMPRESSED + 1; i < CSVR_N_COMPRESSIONS; i++) {
		const struct csvr_codec_format *format = csvr_codec_format(
			(enum csvr_compression)i);
		ck_assert_int_eq(format->suffixes[0][0], '.');
		for (size_t k = 0; k < 2 * CSVR_MAX_SUFFIXES; k++) {
			const char *suffix = format->suffixes[k / 2];
			if (suffix[0] == '\0')
				continue;
			ck_assert_ptr_eq(strrchr(suffix, '.'), suffix);
			char name[32] = "a.csv";
			for (size_t j = 0; suffix[j] != '\0'; j++) {
				ck_assert(suffix[j] < 'A' || suffix[j] > 'Z');
				name[5 + j] = (char)(k % 2 == 0 ? suffix[j] : toupper(suffix[j]));
			}
			size_t length = strlen(name);
			ck_assert_int_eq(csvr_compression_from_suffix(name, &length), i);
			ck_assert_uint_eq(length, 5);
		}
	}
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *tcase = tcase_create("codec");
	tcase_set_timeout(tcase, 300);
	tcase_add_test(tcase, compressed_text_is_restored_whatever_the_sizes_of_reads);
	tcase_add_test(tcase, altered_bytes_are_an_error_or_change_nothing);
	tcase_add_test(tcase, truncated_input_is_an_error);
	tcase_add_test(tcase, formats_are_detected_from_first_bytes);
	tcase_add_test(tcase, formats_are_detected_from_suffixes);
	tcase_add_test(tcase, every_signature_of_the_table_is_detected);
	tcase_add_test(tcase, every_suffix_of_the_table_is_recognized_in_either_case);
	suite_add_tcase(suite, tcase);
}

int main(void)
{
	return check_main("codec", add_cases);
}
