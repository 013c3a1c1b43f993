/* chunk_boundary.c - guesses where the first record of a chunk starts
 *
 * If quotes are near, two guesses compete: the chunk starts outside quotes, or inside. The one
 * after which more records have the right number of fields wins.
 *
 * Source  the idea of speculation with a later check: Ge et al., "Speculative distributed CSV
 *         data parsing for big data analytics" (2019)
 */
#include "parse/chunk_boundary.h"

#include <string.h>

#include "base/text.h"

/* Bytes scanned to compare the two guesses: about a hundred records of ordinary width. */
enum { TRIAL_BYTES = 32 * 1024 / CSVR_LIMITS_DIVISOR };

/* The position after the first newline in [from, to), inside quotes or not; SIZE_MAX: none. */
static size_t after_newline(const struct csvr_dialect *dialect, const unsigned char *text,
			    size_t from, size_t to)
{
	const unsigned char *newline = memchr(text + from, dialect->newline, to - from);
	return newline == NULL ? SIZE_MAX : (size_t)(newline - text) + 1;
}

/* The number of records in [from, to) with `n_columns` fields, minus those with another number. */
static long plausibility(const struct csvr_kernel *kernel, const struct csvr_dialect *dialect,
			 size_t n_columns, size_t from, size_t to, struct csvr_fields *fields)
{
	fields->starts_record = true;
	kernel->scan(dialect, from, to, fields);
	long score = 0;
	size_t first = 0;
	for (size_t i = 0; i < fields->n_fields; i++)
		if (fields->text[fields->ends[i]] == dialect->newline) {
			score += i + 1 - first == n_columns ? 1 : -1;
			first = i + 1;
		}
	return score;
}

size_t csvr_boundary_guess(const struct csvr_kernel *kernel, const struct csvr_dialect *dialect,
			   size_t n_columns, size_t from, size_t to, struct csvr_fields *fields)
{
	const unsigned char *text = fields->text;
	size_t outside = after_newline(dialect, text, from, to);
	size_t trial_end = to - from > TRIAL_BYTES ? from + TRIAL_BYTES : to;
	/* If scans write to the text, one from a wrong start would damage it. */
	if (dialect->quote == CSVR_NONE || outside == SIZE_MAX || dialect->escape != CSVR_NONE ||
	    dialect->long_delimiter != NULL)
		return outside;
	const unsigned char *quote = memchr(text + from, dialect->quote, trial_end - from);
	if (quote == NULL)
		return outside;
	/* Inside quotes: the first quote before a delimiter or line end, perhaps after blanks, closes
	 * them. */
	size_t inside = SIZE_MAX;
	while (quote != NULL && quote + 1 < text + trial_end) {
		const unsigned char *next = quote + 1;
		while (next + 1 < text + trial_end && csvr_is_blank(*next) &&
		       *next != dialect->delimiter)
			next++;
		if (*next == dialect->delimiter || *next == dialect->newline || *next == '\r') {
			inside = after_newline(dialect, text, (size_t)(quote - text), to);
			break;
		}
		quote = memchr(quote + 1, dialect->quote, (size_t)(text + trial_end - quote - 1));
	}
	if (inside == SIZE_MAX || inside == outside || inside >= trial_end || outside >= trial_end)
		return outside;
	long score_outside = plausibility(kernel, dialect, n_columns, outside, trial_end, fields);
	long score_inside = plausibility(kernel, dialect, n_columns, inside, trial_end, fields);
	return score_inside > score_outside ? inside : outside;
}
