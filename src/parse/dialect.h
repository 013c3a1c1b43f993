/* dialect.h - detects how a file is written, from its first bytes alone
 *
 * Shape    the same for every chunk of a file, since every chunk is parsed with the same prefix
 * Errors   CSVR_INVALID_FILE with a remedy, for bytes that are not CSV text
 * Threads  pure functions
 * Source   record syntax: RFC 4180 and common practice; see the manual
 */
#ifndef CSVR_PARSE_DIALECT_H
#define CSVR_PARSE_DIALECT_H

#include "base/memory.h"
#include "csvreport.h"

/* A fuzzing build divides all limits by this, so that inputs of a few hundred bytes reach them;
 * no other build defines it. */
#ifndef CSVR_LIMITS_DIVISOR
#define CSVR_LIMITS_DIVISOR 1
#endif

/* The prefix of a file, from which the functions below detect its dialect. 64 KiB hold a header
 * of thousands of columns; a longer first record is judged by its start. */
enum { CSVR_PREFIX_BYTES = 64 * 1024 / CSVR_LIMITS_DIVISOR };

/* A cell longer than this, as written, is invalid without being parsed: the limit bounds the
 * memory of a thread. */
enum { CSVR_MAX_CELL_BYTES = 512 * 1024 / CSVR_LIMITS_DIVISOR };

/* The decimal marks, and their order wherever there is something for each. */
#define CSVR_DECIMAL_MARKS ".,"
enum { CSVR_N_DECIMAL_MARKS = sizeof CSVR_DECIMAL_MARKS - 1 };

struct csvr_dialect {
	unsigned char delimiter; /* CSVR_UNIT_SEPARATOR if there is a long one */
	unsigned char newline; /* '\n' or '\r' */
	int quote; /* CSVR_NONE: none */
	int comment; /* CSVR_NONE: none */
	unsigned char decimal; /* the decimal mark: '.' or ',' */
	int escape; /* inside quotes, makes the next byte text; CSVR_NONE: none */
	/* of several bytes, or CSVR_RUNS_OF_BLANKS; NULL: none */
	const char *long_delimiter;
	/* Of names and texts: CSVR_ENCODING_AUTO, CSVR_ENCODING_UTF8 or CSVR_ENCODING_1252. */
	enum csvr_encoding encoding;
};

static inline bool csvr_dialect_equals(const struct csvr_dialect *a, const struct csvr_dialect *b)
{
	return a->delimiter == b->delimiter && a->newline == b->newline && a->quote == b->quote &&
	       a->comment == b->comment && a->decimal == b->decimal && a->escape == b->escape &&
	       a->encoding == b->encoding;
}

/* Sets the length of the byte order mark. Rejects UTF-16, which the source converts if it is
 * recognized, UTF-32, and compressed or binary formats, by name. */
enum csvr_status csvr_dialect_detect_encoding(const unsigned char *prefix, size_t n_bytes,
					      size_t *bom_bytes, struct csvr_error *error);

/* The offset of the first line that is neither blank nor a comment; n_bytes if there is none. */
size_t csvr_first_record_offset(const unsigned char *prefix, size_t n_bytes, int newline,
				int comment);

/* True if the name implies tabs: it ends in .tsv, perhaps followed by the suffix of a compressed
 * file. `path` need not end with a NUL. */
bool csvr_is_tsv(const char *path, size_t length);

/* The delimiter: the one in `options` if set; else a tab if `is_tsv`; else whichever of , ; tab
 * | is most frequent outside quotes in the first record, or the comma if none occurs. `prefix`
 * starts after the byte order mark. */
unsigned char csvr_dialect_detect_delimiter(const struct csvr_parse_options *options, bool is_tsv,
					    const unsigned char *prefix, size_t n_bytes,
					    int newline);

/* For a delimiter that was given: if it does not occur in the prefix, but another one would split each record there
 * into the same number of fields, at least two records into at least two fields each, the index of that one in
 * `, ; tab |`. -1: there is none, or the delimiter occurs. `is_whole`: the file ends with the prefix. */
int csvr_dialect_find_other_delimiter(const struct csvr_dialect *dialect,
				      const unsigned char *prefix, size_t n_bytes, bool is_whole);

/* The text of a field: quotes removed, doubled and escaped ones replaced by one, surrounding spaces and
 * tabs trimmed. [start, end) is the field as written, without its delimiter or line end. The result
 * points into it, or into `scratch` (at least end - start bytes) if quotes inside had to be removed;
 * a field without quotes needs none. */
struct csvr_slice {
	const unsigned char *start;
	size_t n_bytes;
};
struct csvr_slice csvr_field_text(const unsigned char *start, const unsigned char *end,
				  const struct csvr_dialect *dialect, unsigned char *scratch);

/* Whether a text must be converted from Windows-1252 to UTF-8. It depends on nothing but these bytes. */
bool csvr_is_1252(enum csvr_encoding encoding, const unsigned char *text, size_t n_bytes);

/* Turns the texts of a header into names, in place: an empty one becomes column_3, a duplicate
 * a.2. New names are stored in `strings`. Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_header_make_names(struct csvr_slice *names, size_t n_names,
					struct csvr_arena *strings);

#endif
