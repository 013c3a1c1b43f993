/* suggestion.c - the known word that a mistyped word probably means */
#include "base/suggestion.h"

#include <stdint.h>
#include <string.h>

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The number of edits between two words of fewer than CSVR_SUGGESTION_BYTES bytes. */
static size_t count_edits(const char *from, size_t n_from, const char *to, size_t n_to)
{
	/* edits[i][j] is the number of edits between from[0, i) and to[0, j). */
	uint8_t edits[CSVR_SUGGESTION_BYTES][CSVR_SUGGESTION_BYTES];
	for (size_t i = 0; i <= n_from; i++) {
		for (size_t j = 0; j <= n_to; j++) {
			if (i == 0 || j == 0) {
				edits[i][j] = (uint8_t)(i + j);
				continue;
			}
			size_t n = edits[i - 1][j - 1] + (size_t)(from[i - 1] != to[j - 1]);
			n = least(n, least(edits[i - 1][j], edits[i][j - 1]) + (size_t)1);
			if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
				n = least(n, edits[i - 2][j - 2] + (size_t)1);
			edits[i][j] = (uint8_t)n;
		}
	}
	return edits[n_from][n_to];
}

void csvr_suggestion_offer(struct csvr_suggestion *suggestion, const char *typed, size_t n_typed,
			   const char *word, size_t n_bytes)
{
	enum { MAX_EDITS = 2, SHORT_BYTES = 4 };
	const size_t max_edits = n_typed < SHORT_BYTES ? 1 : MAX_EDITS;
	if (n_typed >= CSVR_SUGGESTION_BYTES || n_bytes >= CSVR_SUGGESTION_BYTES || n_bytes == 0 ||
	    n_typed > n_bytes + max_edits || n_bytes > n_typed + max_edits)
		return;
	struct csvr_suggestion offered = { .n_edits = count_edits(typed, n_typed, word, n_bytes) };
	if (offered.n_edits > max_edits)
		return;
	memcpy(offered.word, word, n_bytes);
	csvr_suggestion_merge(suggestion, &offered);
}

void csvr_suggestion_merge(struct csvr_suggestion *into, const struct csvr_suggestion *from)
{
	if (from->n_edits == 0)
		return;
	if (into->n_edits == 0 || from->n_edits < into->n_edits ||
	    (from->n_edits == into->n_edits &&
	     memcmp(from->word, into->word, sizeof into->word) < 0))
		*into = *from;
}
