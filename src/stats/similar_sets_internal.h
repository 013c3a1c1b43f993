/* similar_sets_internal.h - shared by similar_sets.c, similar_sets_family.c and similar_sets_bitmaps.c */
#ifndef CSVR_STATS_SIMILAR_SETS_INTERNAL_H
#define CSVR_STATS_SIMILAR_SETS_INTERNAL_H

#include <stdbool.h>

#include "stats/similar_sets.h"

/* All sets, in descending order of size. Ids are replaced by ranks: the fewer sets have an id, the lower its rank. */
struct csvr_set_family {
	size_t n_sets;
	uint32_t *source; /* by set: its index in the array of the caller */
	size_t *start; /* set k has the ranks from start[k] to start[k + 1], in ascending order */
	uint32_t *ranks;
	size_t n_ranks;
	size_t first_shared; /* the first rank that is in two sets */
	size_t first_frequent; /* the first rank that is also in one of 64 sets or more */
	/* By set, n_words each: one bit for each rank, modulo the number of bits. */
	uint64_t *sketches;
	size_t n_words;
};

static inline size_t csvr_set_family_size(const struct csvr_set_family *family, size_t set)
{
	return family->start[set + 1] - family->start[set];
}

/* How many ids may be in one of two similar sets only. */
static inline size_t csvr_set_family_max_different(const struct csvr_set_family *family, size_t a,
						   size_t b)
{
	return (csvr_set_family_size(family, a) + csvr_set_family_size(family, b)) / 3;
}

/* There is a set, at least. The caller clears the family, also after an error. */
enum csvr_status csvr_set_family_init(struct csvr_set_family *family,
				      const struct csvr_id_set *sets, size_t n_sets,
				      size_t n_ids_in_all);
void csvr_set_family_clear(struct csvr_set_family *family);

bool csvr_set_family_are_similar(const struct csvr_set_family *family, size_t a, size_t b);

/* A bitmap for each frequent id: the places of the sets that have it. Sets are removed one by one, and lose their places
 * when half of the sets with a place have been removed. */
struct csvr_set_bitmaps {
	const struct csvr_set_family *family;
	uint64_t *bits; /* the bitmaps in order of rank, then one of zeros; n_words each */
	uint64_t *is_left; /* one more bitmap: the places of sets that are not removed */
	size_t n_words;
	uint32_t *sets; /* by place, in ascending order */
	uint32_t *place; /* by set */
	size_t n_places, n_left;
	bool is_filled; /* whether `bits` is set, which is not done before it is used */
	const uint64_t **addends; /* room for the bitmaps of one set */
	uint32_t *candidates; /* room for all sets */
};

/* All sets have places. The caller clears the bitmaps, also after an error. */
enum csvr_status csvr_set_bitmaps_init(struct csvr_set_bitmaps *bitmaps,
				       const struct csvr_set_family *family);
void csvr_set_bitmaps_clear(struct csvr_set_bitmaps *bitmaps);

/* Removes a set, once. */
void csvr_set_bitmaps_remove(struct csvr_set_bitmaps *bitmaps, size_t set);

/* Stores `candidates`, and returns their number: all sets that are similar to `set` by their frequent ids alone, and
 * possibly others. Removed sets are excluded. */
size_t csvr_set_bitmaps_find(struct csvr_set_bitmaps *bitmaps, size_t set);

#endif
