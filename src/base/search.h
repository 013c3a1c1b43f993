/* search.h - binary search in any ordered sequence
 *
 * Errors   none
 * Threads  pure
 */
#ifndef CSVR_BASE_SEARCH_H
#define CSVR_BASE_SEARCH_H

#include <stdbool.h>
#include <stddef.h>

/* Whether item `index` comes before the position that is searched for. It must be true for the items
 * [0, k) and false for [k, n) of some k. */
typedef bool (*csvr_is_before_fn)(const void *context, size_t index);

/* The first of `n` items that `is_before` is false for; `n` if it is true for all. */
static inline size_t csvr_lower_bound(size_t n, csvr_is_before_fn is_before, const void *context)
{
	size_t low = 0, high = n;
	/* Invariant: is_before is true for all items below `low`, false for all from `high` on. */
	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		if (is_before(context, middle))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

#endif
