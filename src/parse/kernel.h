/* kernel.h - the two hot loops, and the choice of the instructions they are made of
 *
 * scan:    a block of bytes to the end positions of its fields
 * column:  the cells of one column of a run of equal rows to integers of one scale
 *
 * Shape    a table of kernels, best first. The scalar one is the definition: any other gives the
 *          same ends, values and misses for any bytes.
 * Units    positions are bytes from `text`; values are units of 10^-scale
 * Errors   none
 * Threads  kernels are const and pure; one is chosen per run and handed along
 */
#ifndef CSVR_PARSE_KERNEL_H
#define CSVR_PARSE_KERNEL_H

#include "csvreport.h"
#include "parse/dialect.h"

/* Bytes that must be readable, whatever they are, before and behind a text handed to a kernel. */
enum { CSVR_TEXT_MARGIN = 64 };

/* Entries of `ends` behind the last that a scan may write over, and values behind the last that a
 * conversion may. */
enum { CSVR_ENDS_MARGIN = 16, CSVR_VALUES_MARGIN = 8 };

/* Cells longer than this (after quotes and blanks are taken off) are left to csvr_decimal_parse: room for
 * the 17 digits that tell any two doubles apart, with a sign, a point and some zeros. */
enum { CSVR_MAX_CONVERT_BYTES = 24 };

/* Values stay below 10^18 in magnitude; a scale is at most 18. */
enum { CSVR_MAX_SCALE = 18 };

/* Cells handed to `convert` at a time. */
enum { CSVR_MAX_CELLS = 256 };

/* A block of text and where its fields end: ends[i] is the position of the delimiter or line end
 * behind field i, and field i begins at ends[i - 1] + 1. ends[-1] exists, and is the position before
 * the first field (all ones for 0). */
struct csvr_fields {
	const unsigned char *text;
	uint32_t *ends;
	bool starts_record; /* set by the caller: the first field is the first of a record */
	size_t n_fields;
	size_t n_records; /* how many of the ends are line ends */
	bool hides_lines; /* some line end stands in quotes, perhaps in the field left open */
};

/* Cells of one column of `n_cells` rows that all have `stride` fields. */
struct csvr_column_slice {
	const unsigned char *text;
	const uint32_t *ends; /* of the cell in the first row */
	size_t stride;
	size_t n_cells;
	bool ends_line; /* a '\r' before the end belongs to the line end */
};

struct csvr_kernel {
	const char *name;

	/* Whether the CPU and the operating system let it run. */
	bool (*is_usable)(void);

	/* Finds the ends of the fields of text[from, to), where `from` begins a field outside quotes.
	 * `fields->text` and `fields->ends` (room for to - from ends and the margin) are the
	 * caller's. A field that does not end before `to` is not among them. */
	void (*scan)(const struct csvr_dialect *dialect, size_t from, size_t to,
		     struct csvr_fields *fields);

	/* Converts cells that are plain decimals: an optional sign, digits, perhaps a point among them,
	 * at most CSVR_MAX_CONVERT_BYTES bytes, at most `scale` digits behind the point, and below 10^18 at
	 * that scale. One pair of quotes (`quote`, or CSVR_NONE) around it is taken off first, then
	 * spaces and tabs. Values stand in the order of rows, as do the indices of all other cells
	 * in `rejects`; both have room for n_cells, which is at most CSVR_MAX_CELLS, `values` for the
	 * margin, too. Returns the number of values. */
	size_t (*convert)(const struct csvr_column_slice *cells, unsigned scale, int quote,
			  int64_t *values, uint8_t *rejects);
};

/* How many of the bytes are line ends, in quotes or not. */
size_t csvr_count_newlines(const struct csvr_dialect *dialect, const unsigned char *text,
			   size_t n_bytes);

/* Kernel `index`, best first; NULL past the last. */
const struct csvr_kernel *csvr_kernel_at(size_t index);

/* The kernel of that name, or the best usable one for NULL; NULL when there is none such. */
const struct csvr_kernel *csvr_kernel_choose(const char *name);

extern const struct csvr_kernel csvr_kernel_scalar;
#if defined __x86_64__
extern const struct csvr_kernel csvr_kernel_avx2, csvr_kernel_avx512;
#elif defined __aarch64__
extern const struct csvr_kernel csvr_kernel_neon;
#endif

#endif
