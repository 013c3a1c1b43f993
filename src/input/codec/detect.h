/* detect.h - the compression of an input, from its first bytes or from its name
 *
 * Shape    lookups in one table, whose rows are defined by the codec_*.c files
 * Errors   none: unknown bytes and names are CSVR_UNCOMPRESSED
 * Threads  pure
 */
#ifndef CSVR_INPUT_CODEC_DETECT_H
#define CSVR_INPUT_CODEC_DETECT_H

#include "csvreport.h"

/* All formats, in the order in which --version lists them: the enumerator, and the object that the
 * format's codec_*.c defines (codec.h). Everything else is derived from these rows. */
#define CSVR_CODEC_FORMATS(ROW)            \
	ROW(CSVR_GZIP, csvr_format_gzip)   \
	ROW(CSVR_ZSTD, csvr_format_zstd)   \
	ROW(CSVR_BZIP2, csvr_format_bzip2) \
	ROW(CSVR_XZ, csvr_format_xz)

#define CSVR_CODEC_ENUMERATOR(compression, format) compression,
enum csvr_compression {
	CSVR_UNCOMPRESSED,
	CSVR_CODEC_FORMATS(CSVR_CODEC_ENUMERATOR) CSVR_N_COMPRESSIONS
};

/* Length of the longest signature: this many first bytes identify any format. */
enum { CSVR_SIGNATURE_BYTES = 10 };

/* The format whose signature the first bytes match; `n_bytes` is less than CSVR_SIGNATURE_BYTES only
 * if the input is shorter. */
enum csvr_compression csvr_compression_detect(const unsigned char *bytes, size_t n_bytes);

/* As csvr_compression_detect, but an input that ends within a signature matches it too: for inputs
 * whose name already has the suffix of a compressed file. */
enum csvr_compression csvr_compression_detect_prefix(const unsigned char *bytes, size_t n_bytes);

/* The format that the suffix of a file name stands for, as in a.csv.gz. `*length` is reduced to the
 * name without the suffix. */
enum csvr_compression csvr_compression_from_suffix(const char *name, size_t *length);

/* The name of the format, such as "gzip"; NULL for CSVR_UNCOMPRESSED. */
const char *csvr_compression_label(enum csvr_compression compression);

/* Whether this build can decompress the format. */
bool csvr_compression_is_built(enum csvr_compression compression);

#endif
