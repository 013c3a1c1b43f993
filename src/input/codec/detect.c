/* detect.c - the table of formats, and lookups in it
  * Why it is fast
 * - The first bytes of every input and every name that a walk meets are looked up, and most are those
 *   of plain CSV files, so these are recognized before the table is searched. Without that, 1,000 files
 *   of two rows take 4% more instructions. test_codec.c looks up every row of the table, so a new row
 *   that a shortcut hides fails a test.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "input/codec/detect.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "input/codec/codec.h"

#define TABLE_ENTRY(compression, format) [compression] = &(format),
/* clang-format off */
static const struct csvr_codec_format *const formats[CSVR_N_COMPRESSIONS] = {
	CSVR_CODEC_FORMATS(TABLE_ENTRY)
};
/* clang-format on */

const struct csvr_codec_format *csvr_codec_format(enum csvr_compression compression)
{
	return formats[compression];
}

/* ---- first bytes ---- */

/* Length of the prefix of `bytes` that matches the signature under its mask. */
static size_t matched_bytes(const struct csvr_signature *signature, const unsigned char *bytes,
			    size_t n_bytes)
{
	size_t i = 0;
	while (i < n_bytes && i < signature->n_bytes) {
		const unsigned mask = signature->mask != NULL ? (unsigned char)signature->mask[i]
							      : 0xff;
		if (((bytes[i] ^ (unsigned char)signature->bytes[i]) & mask) != 0)
			break;
		i++;
	}
	return i;
}

bool csvr_codec_starts_member(const struct csvr_codec_format *format, const unsigned char *bytes,
			      size_t n_bytes, bool is_prefix_enough)
{
	for (size_t i = 0; i < CSVR_MAX_SIGNATURES; i++) {
		const struct csvr_signature *signature = &format->signatures[i];
		const size_t n = matched_bytes(signature, bytes, n_bytes);
		if (n > 0 && (n == signature->n_bytes || (is_prefix_enough && n == n_bytes)))
			return true;
	}
	return false;
}

static enum csvr_compression detect(const unsigned char *bytes, size_t n_bytes,
				    bool is_prefix_enough)
{
	/* No signature starts with a lower-case letter, as most headers do. */
	if (n_bytes == 0 || (bytes[0] >= 'a' && bytes[0] <= 'z'))
		return CSVR_UNCOMPRESSED;
	for (int i = CSVR_UNCOMPRESSED + 1; i < CSVR_N_COMPRESSIONS; i++)
		if (csvr_codec_starts_member(formats[i], bytes, n_bytes, is_prefix_enough))
			return (enum csvr_compression)i;
	return CSVR_UNCOMPRESSED;
}

enum csvr_compression csvr_compression_detect(const unsigned char *bytes, size_t n_bytes)
{
	return detect(bytes, n_bytes, false);
}

enum csvr_compression csvr_compression_detect_prefix(const unsigned char *bytes, size_t n_bytes)
{
	return detect(bytes, n_bytes, true);
}

/* ---- names ---- */

/* Offset of the last dot, if no more than a suffix follows it and a name precedes it; else 0. */
static size_t last_dot(const char *name, size_t length)
{
	const size_t first = length > CSVR_SUFFIX_BYTES ? length - CSVR_SUFFIX_BYTES : 1;
	for (size_t i = length; i > first; i--)
		if (name[i - 1] == '.')
			return i - 1;
	return 0;
}

static bool has_suffix(const struct csvr_codec_format *format, const char *suffix, size_t n_bytes)
{
	for (size_t i = 0; i < CSVR_MAX_SUFFIXES && format->suffixes[i][0] != '\0'; i++) {
		const char *known = format->suffixes[i];
		/* The first letter decides nearly always, and the call is ten times as expensive. */
		if ((suffix[1] | 0x20) == known[1] && known[n_bytes] == '\0' &&
		    strncasecmp(suffix, known, n_bytes) == 0)
			return true;
	}
	return false;
}

enum csvr_compression csvr_compression_from_suffix(const char *name, size_t *length)
{
	if (csvr_ends_with(name, *length, ".csv")) /* as most do */
		return CSVR_UNCOMPRESSED;
	const size_t dot = last_dot(name, *length);
	if (dot == 0 || dot + 1 == *length)
		return CSVR_UNCOMPRESSED;
	for (int i = CSVR_UNCOMPRESSED + 1; i < CSVR_N_COMPRESSIONS; i++)
		if (has_suffix(formats[i], name + dot, *length - dot)) {
			*length = dot;
			return (enum csvr_compression)i;
		}
	return CSVR_UNCOMPRESSED;
}

const char *csvr_compression_label(enum csvr_compression compression)
{
	return compression == CSVR_UNCOMPRESSED ? NULL : formats[compression]->name;
}

const char *csvr_compression_name(size_t index, const char **libraries)
{
	if (index + 1 >= CSVR_N_COMPRESSIONS)
		return NULL;
	const struct csvr_codec_format *format = formats[index + 1];
	*libraries = format->codecs[0] != NULL ? format->libraries : NULL;
	return format->name;
}

bool csvr_compression_is_built(enum csvr_compression compression)
{
	return formats[compression]->codecs[0] != NULL;
}
