/* similar_sets.h - groups of sets that have many ids in common
 *
 * Two sets are similar if they share at least half of all their ids: 3 * n_common >= n_a + n_b, a Jaccard index of
 * 1/2 or more. Two empty sets are similar. A group is a connected component of similar sets.
 *
 * Shape    a pure function of the sets: neither the order of the sets nor the values of the ids affect the groups
 * Errors   CSVR_NO_MEMORY
 * Threads  any
 */
#ifndef CSVR_STATS_SIMILAR_SETS_H
#define CSVR_STATS_SIMILAR_SETS_H

#include <stddef.h>
#include <stdint.h>

#include "csvreport.h"

/* The ids are in ascending order, each once. */
struct csvr_id_set {
	const uint32_t *ids;
	size_t n_ids;
};

/* Sets root[i] to the least index of a set that is in one group with set i: to i if no earlier set is. Ids are below
 * `n_ids_in_all`; there are fewer than 2^31 sets and ids. `root` has room for n_sets indices. */
enum csvr_status csvr_similar_sets_find(const struct csvr_id_set *sets, size_t n_sets,
					size_t n_ids_in_all, uint32_t *root);

#endif
