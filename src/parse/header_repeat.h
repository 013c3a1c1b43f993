/* header_repeat.h - recognizes the header of a file among its records, as in files that were concatenated
 *
 * Shape    made once per header. A test of the first two bytes of a record rejects almost all of them; the others
 *          are compared field by field.
 * Errors   CSVR_NO_MEMORY
 * Threads  one per thread
 */
#ifndef CSVR_PARSE_HEADER_REPEAT_H
#define CSVR_PARSE_HEADER_REPEAT_H

#include <limits.h>

#include "parse/decimal.h"
#include "parse/kernel.h"

/* A record compared with the header. */
enum csvr_header_match {
	CSVR_MATCH_NONE,
	CSVR_MATCH_SAME, /* the same texts */
	CSVR_MATCH_PERMUTED /* the same texts in another order */
};

enum { CSVR_BOM_BYTES = 3 };
#define CSVR_BOM "\xef\xbb\xbf"

struct csvr_header_repeat {
	/* The texts of the header by position, before they became names. None: the file has no header. */
	const struct csvr_slice *texts;
	size_t n_texts;
	/* Some text looks like a number, and a kernel may convert it. */
	bool has_number;
	bool may_be_permuted;
	/* By the first two bytes of a record, a set of bits: it may be a header, or begins with a byte order mark; owned. */
	uint64_t *first_bytes;
	bool is_first[UCHAR_MAX + 1]; /* by byte: some of first_bytes have it as the first one */
	unsigned char delimiter; /* that first_bytes are for */
	uint64_t hash_sum; /* of the hashes of all texts */
	uint64_t *hashes; /* of all texts, ascending; owned */
	size_t hashes_capacity;
};

/* A struct of all zeros is cleared. */
void csvr_header_repeat_clear(struct csvr_header_repeat *repeat);

/* Prepares for a header of these texts, which must stay valid; none: for a file without a header. */
enum csvr_status csvr_header_repeat_set(struct csvr_header_repeat *repeat,
					const struct csvr_slice *texts, size_t n_texts,
					const struct csvr_dialect *dialect,
					const struct csvr_cell_rules *rules);

/* False: the record at `start` neither is a header, nor begins with a byte order mark, nor has only delimiters. One byte after `start` must be
 * readable. */
static inline bool csvr_may_be_header(const uint64_t *first_bytes, const unsigned char *start)
{
	const unsigned key = start[0] | (unsigned)start[1] << 8;
	return (first_bytes[key / 64] >> (key % 64) & 1) != 0;
}

static inline bool csvr_is_bom(const unsigned char *start)
{
	return start[0] == 0xef && start[1] == 0xbb && start[2] == 0xbf;
}

/* Compares a record, whose fields are `n_fields` of `fields` from `first` on, with the header. `scratch` has room for
 * the longest field. */
enum csvr_header_match csvr_header_repeat_compare(const struct csvr_header_repeat *repeat,
						  const struct csvr_dialect *dialect,
						  const struct csvr_fields *fields, size_t first,
						  size_t n_fields, unsigned char *scratch);

#endif
