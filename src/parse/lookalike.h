/* lookalike.h - what the text of a cell looks like: a number in another notation, or no value
 *
 * Threads  pure functions; no locale
 */
#ifndef CSVR_PARSE_LOOKALIKE_H
#define CSVR_PARSE_LOOKALIKE_H

#include "parse/cell_rules.h"

/* What trimmed text of class CSVR_CELL_TEXT, which is not empty, looks like; CSVR_N_LOOKALIKES: nothing of the kind. A
 * hexadecimal number does not look like a number. */
enum csvr_lookalike csvr_lookalike_of_text(const struct csvr_cell_rules *rules,
					   const unsigned char *text, size_t n_bytes);

/* The same for text of class CSVR_CELL_MISSING: CSVR_LOOKALIKE_NULL_WORD if it is a word of letters. */
enum csvr_lookalike csvr_lookalike_of_null(const unsigned char *text, size_t n_bytes);

/* Whether the first byte of a text and its length show that it looks like nothing. */
static inline bool csvr_is_no_lookalike(const struct csvr_cell_rules *rules,
					const unsigned char *text, size_t n_bytes)
{
	return n_bytes > rules->longest_lookalike[*text];
}

#endif
