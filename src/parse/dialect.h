/* dialect.h - how a file is written: decided from its first bytes alone
 *
 * Shape    the same for every chunk of a file, since every chunk looks at the same head
 * Errors   CSVR_INVALID_FILE with a remedy, for bytes that are not CSV text
 * Threads  pure functions
 * Source   contract of records: RFC 4180 and what is met in practice; see the manual
 */
#ifndef CSVR_PARSE_DIALECT_H
#define CSVR_PARSE_DIALECT_H

#include "base/memory.h"
#include "csvreport.h"

/* A build for fuzzing divides all limits by this, so that inputs of a few hundred bytes meet them; no
 * other build defines it. */
#ifndef CSVR_LIMITS_DIVISOR
#define CSVR_LIMITS_DIVISOR 1
#endif

/* The head of a file: what the decisions below may look at. 64 KiB holds a header of thousands of
 * columns; a first record that is longer is decided on its beginning. */
enum { CSVR_PREFIX_BYTES = 64 * 1024 / CSVR_LIMITS_DIVISOR };

/* A cell whose raw text is longer than this is invalid unread: it bounds the memory of a thread. */
enum { CSVR_MAX_CELL_BYTES = 512 * 1024 / CSVR_LIMITS_DIVISOR };

struct csvr_dialect {
	unsigned char delimiter;
	unsigned char newline; /* '\n', or '\r' in a file that has no '\n' */
	int quote; /* CSVR_NONE: none */
	int comment; /* CSVR_NONE: none */
};

/* Length of the byte order mark; refuses UTF-16, UTF-32, and compressed or binary formats by name. */
enum csvr_status csvr_dialect_detect_encoding(const unsigned char *prefix, size_t n_bytes,
					      size_t *bom_bytes, struct csvr_error *error);

/* Which line ends the head shows: '\n', '\r', or 0 for neither. '\r' is only the answer for the
 * file if no '\n' follows anywhere: the caller has to look. */
int csvr_dialect_detect_newline(const unsigned char *prefix, size_t n_bytes);

/* Where the first line that is neither blank nor a comment begins; n_bytes if there is none. */
size_t csvr_first_record_offset(const unsigned char *prefix, size_t n_bytes, int newline,
				int comment);

/* Whether the name alone says that tabs delimit: it ends in .tsv, or in that and the ending of a compressed
 * file. `path` need not end with a NUL. */
bool csvr_is_tsv(const char *path, size_t length);

/* The delimiter: what `options` says; else a tab where the name says so, else the one of , ; tab | that
 * stands most often outside quotes in the first record, the comma if none. `prefix` begins behind the
 * byte order mark. */
unsigned char csvr_dialect_detect_delimiter(const struct csvr_parse_options *options, bool is_tsv,
					    const unsigned char *prefix, size_t n_bytes,
					    int newline);

/* The text of a field: quotes removed, doubled ones halved, spaces and tabs around it trimmed.
 * [start, end) is the raw field without its delimiter or line end. The text is in place, or in
 * `scratch` (at least end - start bytes) when quotes inside had to go. */
struct csvr_slice {
	const unsigned char *start;
	size_t n_bytes;
};
struct csvr_slice csvr_field_text(const unsigned char *start, const unsigned char *end, int quote,
				  unsigned char *scratch);

/* Makes names out of the texts of a header in place: an empty one becomes column_3, a duplicate
 * a.2. New names are put into `strings`. Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_header_make_names(struct csvr_slice *names, size_t n_names,
					struct csvr_arena *strings);

#endif
