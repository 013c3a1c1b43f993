/* pairs.h - the sums of all pairs of some columns, for --correlation
 *
 * Shape    one per file, chunk or summary. Columns are numbers that the owner gives them: positions in
 *          the statistics of a file, indices in a summary. Merging is associative and commutative, but
 *          for the order of the columns, which csvr_pairs_renumber fixes. Zeroed memory has no columns.
 * Errors   CSVR_NO_MEMORY
 * Threads  as pairs of columns (pair_sums.h)
 */
#ifndef CSVR_STATS_PAIRS_H
#define CSVR_STATS_PAIRS_H

#include "stats/pair_sums.h"

struct csvr_pairs {
	uint32_t *columns; /* all different */
	size_t n_columns, columns_capacity;
	/* Of columns[i] and columns[j], i < j, at j (j - 1) / 2 + i: adding a column appends pairs. x is of
	 * columns[i]. Those after the last are of no rows. */
	struct csvr_pair *pairs;
	size_t pairs_capacity;
};

/* The place of the pair of columns[i] and columns[j], i < j. */
static inline size_t csvr_pair_index(size_t i, size_t j)
{
	return j * (j - 1) / 2 + i;
}

static inline size_t csvr_pairs_count(const struct csvr_pairs *pairs)
{
	return pairs->n_columns > 0 ? csvr_pair_index(0, pairs->n_columns) : 0;
}

void csvr_pairs_clear(struct csvr_pairs *pairs);

/* Removes all columns; keeps the memory. */
void csvr_pairs_reset(struct csvr_pairs *pairs);

/* Appends a column, with pairs of no rows. It must not be among the columns. */
enum csvr_status csvr_pairs_add_column(struct csvr_pairs *pairs, uint32_t column);

/* into += from. Column c of `from` is new_column[c] of `into` (NULL: c), and is added if that is new. */
enum csvr_status csvr_pairs_merge(struct csvr_pairs *into, const struct csvr_pairs *from,
				  const uint32_t *new_column);

/* Column c becomes new_column[c], and columns are sorted. All new columns are different. */
enum csvr_status csvr_pairs_renumber(struct csvr_pairs *pairs, const uint32_t *new_column);

#endif
