/* kernel.h - the hot loops, and the choice of the instruction set they are built for
 *
 * scan:        finds where the fields of a block of text end
 * convert:     converts the cells of one column of a run of equal records to integers of one scale
 * read_keys:   hashes the cells of one column of such a run, as keys of groups
 * count_byte:  counts line ends, inside quotes or not
 *
 * Shape    a table of kernels, best first. The scalar kernel is the definition: every other one
 *          returns the same ends, values and rejects for any bytes.
 * Units    positions are bytes from `text`; values are units of 10^-scale
 * Errors   none
 * Threads  kernels are const and pure; one is chosen per run and passed to its workers
 */
#ifndef CSVR_PARSE_KERNEL_H
#define CSVR_PARSE_KERNEL_H

#include "base/key_words.h"
#include "csvreport.h"
#include "parse/dialect.h"

/* Bytes before and after a kernel's text that must be readable; their values do not matter. */
enum { CSVR_TEXT_MARGIN = 64 };

/* Entries of `ends` after the last that a scan may overwrite, and entries of `values` after the
 * last that a conversion may. */
enum { CSVR_ENDS_MARGIN = 16, CSVR_VALUES_MARGIN = 8 };

/* Longer cells, after removal of quotes and blanks, are left to csvr_decimal_parse. 24 bytes
 * hold the 17 digits that distinguish any two doubles, a sign, a point and some zeros. */
enum { CSVR_MAX_CONVERT_BYTES = 24 };

/* Magnitudes are below 10^18; a scale is at most 18. */
enum { CSVR_MAX_SCALE = 18 };

/* Most cells per call of `convert`, and of `read_keys`. */
enum { CSVR_MAX_CELLS = CSVR_KEY_BATCH };

/* A block of text and where its fields end: ends[i] is the position of the delimiter or line end
 * after field i, and field i starts at ends[i - 1] + 1. ends[-1] exists: it is the position
 * before the first field (all ones if that is 0). */
struct csvr_fields {
	unsigned char *text; /* a scan may write to it: see parse/record_syntax.h */
	uint32_t *ends;
	bool starts_record; /* set by the caller: the first field starts a record */
	size_t n_fields;
	size_t n_records; /* number of ends that are line ends */
	bool hides_lines; /* a line end is inside quotes, perhaps in the field left open */
	/* A closing quote is followed by a byte other than the delimiter and the line end, perhaps after one '\r'.
	 * It may be a blank, and then the field is a usual one. */
	bool continues_after_quote;
};

/* Cells of one column of `n_cells` rows of `stride` fields each. */
struct csvr_column_slice {
	const unsigned char *text;
	const uint32_t *ends; /* points at the end of the cell in the first row */
	size_t stride;
	size_t n_cells;
	bool ends_line; /* a '\r' before the end is part of the line end */
	unsigned char point; /* the decimal mark: '.' or ',' */
};

struct csvr_kernel {
	const char *name;

	/* True if the CPU and the operating system support it. */
	bool (*is_usable)(void);

	/* Finds the ends of the fields of text[from, to), where `from` starts a field outside
	 * quotes. A field is quoted if its first byte is the quote, not counting blanks. The caller provides `fields->text` and `fields->ends`, which has room for to -
	 * from entries and the margin. A field that does not end before `to` is not stored. */
	void (*scan)(const struct csvr_dialect *dialect, size_t from, size_t to,
		     struct csvr_fields *fields);

	/* Converts cells that are plain decimals: an optional sign, digits with at most one
	 * point, CSVR_MAX_CONVERT_BYTES bytes or fewer, `scale` or fewer digits after the point,
	 * and a magnitude below 10^18 at that scale. Spaces and tabs around the cell are removed first, then
	 * one pair of quotes (`quote`, or CSVR_NONE), then spaces and tabs again; if the quote may be part of a number, no
	 * cell that starts with it is converted unless it has one pair. Values are stored in row order, and so are the indices of all other cells, in `rejects`. Both arrays have room
	 * for n_cells, at most CSVR_MAX_CELLS, and `values` also for the margin. Returns the
	 * number of values. */
	size_t (*convert)(const struct csvr_column_slice *cells, unsigned scale, int quote,
			  int64_t *values, uint8_t *rejects);

	/* Reads cells as keys, as csvr_key_read does, without the '\r' of a line end, the spaces and tabs around the cell,
	 * one pair of quotes, and the spaces and tabs inside these. Only the first `most_bytes` bytes of a longer text are the key;
	 * UINT32_MAX: all are. Some keys are rejected, and left to csvr_field_text:
	 *  - one that starts with a quote, if no quote ends it, another one or the escape is inside, or the quote is a
	 *    blank;
	 *  - one with two '\r' before the line end;
	 *  - one of at least `most_bytes` bytes, if one of these is not ASCII: it may be part of a character, and in
	 *    another encoding the key has another length.
	 * Sets keys->has_marked if the first byte of some cell as written, or the byte after an empty one, is marked.
	 * Entries of `keys` after the last key may be overwritten, up to its margin. */
	void (*read_keys)(const struct csvr_column_slice *cells, const struct csvr_dialect *dialect,
			  const struct csvr_key_seed *seed, uint32_t most_bytes,
			  struct csvr_key_batch *keys);

	/* How many of the bytes are equal to `byte`. CSVR_TEXT_MARGIN bytes after them must be
	 * readable. */
	size_t (*count_byte)(const unsigned char *text, size_t n_bytes, unsigned char byte);
};

/* Kernel `index`, best first; NULL after the last. */
const struct csvr_kernel *csvr_kernel_at(size_t index);

/* The kernel named `name`, or the best usable one if `name` is NULL. NULL if there is no such
 * kernel or it is not usable. */
const struct csvr_kernel *csvr_kernel_choose(const char *name);

extern const struct csvr_kernel csvr_kernel_scalar;
#if defined __x86_64__
extern const struct csvr_kernel csvr_kernel_avx2, csvr_kernel_avx512;
#elif defined __aarch64__
extern const struct csvr_kernel csvr_kernel_neon;
#endif

#endif
