/* suggestion.h - the known word that a mistyped word probably means
 *
 * Shape    a value without pointers; zeros: no suggestion. The best of the words offered so far: the one
 *          with the fewest edits, the first in byte order among equals, so the order of offers and merges
 *          does not matter
 * Errors   none: words of more than CSVR_SUGGESTION_BYTES - 1 bytes are neither corrected nor suggested
 * Threads  pure
 * Source   optimal string alignment: Damerau, "A technique for computer detection and correction of
 *          spelling errors" (1964)
 */
#ifndef CSVR_BASE_SUGGESTION_H
#define CSVR_BASE_SUGGESTION_H

#include <stddef.h>

enum { CSVR_SUGGESTION_BYTES = 32 };

struct csvr_suggestion {
	size_t n_edits; /* 0: no suggestion */
	char word[CSVR_SUGGESTION_BYTES];
};

/* Suggests `word` for `typed` if it is close enough and better than the suggestion so far. An edit
 * inserts, deletes or replaces a byte, or swaps two adjacent ones. Two edits are close enough, one for a
 * `typed` of fewer than 4 bytes. */
void csvr_suggestion_offer(struct csvr_suggestion *suggestion, const char *typed, size_t n_typed,
			   const char *word, size_t n_bytes);

/* Keeps the better of two suggestions for the same typed word. */
void csvr_suggestion_merge(struct csvr_suggestion *into, const struct csvr_suggestion *from);

#endif
