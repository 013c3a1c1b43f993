/* similar_sets.c - groups of sets that have many ids in common
 *
 * A group is found by a breadth-first search: each set is compared with sets that are in no group yet, and those that
 * are similar join its group. Two sets of n_a and n_b ids are similar if and only if at most (n_a + n_b) / 3 ids are
 * in one of them only. Most comparisons are saved by
 *
 * lists     The ids of all sets are in one order, rare ones first. If the first common id of two sets has position i in
 *           one and j in the other, counted from 0, then at most n_a - i and at most n_b - j ids are common. So
 *           similar sets have n_b <= 2 n_a - 3 i and n_a <= 2 n_b - 3 j. Each id has a list of sets, in descending
 *           order of 2 n_b - 3 j. Sets that may be similar are the first ones of some lists of rare ids.
 * removal   Sets that have joined a group are removed from the lists that are read.
 * sketches  A set has a sketch, in which each id sets one bit. At most as many bits differ in two sketches as ids are
 *           in one of the sets only.
 * bitmaps   Each frequent id has a bitmap of the sets that have it. If the first common id is frequent, all are. Then
 *           the sum of the bitmaps of a set is the number of ids it has in common with each other set. This is
 *           used where it is cheaper than the lists.
 *
 * The time is about that of sorting the ids, if lists are short. For n sets of s ids without any similar ones it is at
 * most in proportion to n^2 s / 64: a rare id is in less than n / 64 sets, and a bitmap has n / 64 words.
 *
 * Source  order and positions of ids: Xiao et al., "Efficient similarity joins for near duplicate detection" (2008)
 */
#include "stats/similar_sets.h"

#include <stdlib.h>

#include "base/search.h"
#include "stats/similar_sets_internal.h"

/* A set in the list of one of its ids. No set of more than `max_size` ids is similar to it, unless an earlier id is
 * common. */
struct entry {
	uint32_t set, max_size;
};

/* Entries from `first` to `end`, in descending order of max_size. Those of sets that have joined a group are removed
 * when they are read. */
struct list {
	size_t first, end;
	size_t n_left; /* entries of sets that are in no group */
};

struct search {
	const struct csvr_set_family *family;
	struct entry *entries; /* of all lists */
	struct list *lists; /* by rank, from first_shared */
	struct csvr_set_bitmaps bitmaps; /* of sets that are in no group */
	bool *is_found; /* by set: it has joined a group */
	uint32_t *compared; /* by set: the last set whose ids were compared with its own */
	uint32_t *found; /* the sets of all groups found so far, in the order of their joining */
	size_t n_found;
};

/* ---- the lists ---- */

/* The entries of all sets of one size at one position of their ids. */
struct layer {
	size_t first_set, end_set, position, max_size;
};

static int compare_layers(const void *left, const void *right)
{
	const struct layer *a = left, *b = right;
	if (a->max_size != b->max_size)
		return a->max_size > b->max_size ? -1 : 1;
	return (a->first_set > b->first_set) - (a->first_set < b->first_set);
}

/* How many ids of a set have it in their lists. A similar set has at least half of its size, so their first common id
 * is at a position up to the middle. */
static size_t count_listed(size_t size)
{
	return size == 0 ? 0 : size / 2 + 1;
}

/* The layers in the order of their entries in a list. The caller frees them. NULL: no memory. */
static struct layer *order_layers(const struct csvr_set_family *family, size_t *n_layers)
{
	size_t n = 0;
	for (size_t k = 0, last_size = 0; k < family->n_sets; k++) {
		const size_t size = csvr_set_family_size(family, k);
		n += size != last_size ? count_listed(size) : 0;
		last_size = size;
	}
	struct layer *layers = malloc((n + 1) * sizeof *layers);
	*n_layers = n;
	n = 0;
	for (size_t k = 0, end; k < family->n_sets && layers != NULL; k = end) {
		const size_t size = csvr_set_family_size(family, k);
		for (end = k + 1; end < family->n_sets; end++)
			if (csvr_set_family_size(family, end) != size)
				break;
		for (size_t i = 0; i < count_listed(size); i++)
			layers[n++] = (struct layer){ k, end, i, 2 * size - 3 * i };
	}
	if (n > 1)
		qsort(layers, n, sizeof *layers, compare_layers);
	return layers;
}

/* The list of the id at a position of a set; NULL: no other set has this id. */
static struct list *list_at(const struct search *search, size_t set, size_t position)
{
	const struct csvr_set_family *family = search->family;
	const uint32_t rank = family->ranks[family->start[set] + position];
	return rank < family->first_shared ? NULL : &search->lists[rank - family->first_shared];
}

/* Allocates the lists, and their entries. All lists are empty, but n_left is set. */
static enum csvr_status allocate_lists(struct search *search)
{
	const struct csvr_set_family *family = search->family;
	const size_t n_lists = family->n_ranks - family->first_shared;
	size_t n_entries = 0;
	search->lists = calloc(n_lists + 1, sizeof *search->lists);
	if (search->lists == NULL)
		return CSVR_NO_MEMORY;
	for (size_t k = 0; k < family->n_sets; k++)
		for (size_t i = 0; i < count_listed(csvr_set_family_size(family, k)); i++) {
			struct list *list = list_at(search, k, i);
			if (list != NULL)
				list->n_left++;
		}
	for (struct list *list = search->lists; list < search->lists + n_lists; list++) {
		list->first = list->end = n_entries;
		n_entries += list->n_left;
	}
	search->entries = malloc((n_entries + 1) * sizeof *search->entries);
	return search->entries == NULL ? CSVR_NO_MEMORY : CSVR_OK;
}

static enum csvr_status fill_lists(struct search *search)
{
	size_t n_layers;
	struct layer *layers = order_layers(search->family, &n_layers);
	if (layers == NULL)
		return CSVR_NO_MEMORY;
	for (const struct layer *layer = layers; layer < layers + n_layers; layer++)
		for (size_t k = layer->first_set; k < layer->end_set; k++) {
			struct list *list = list_at(search, k, layer->position);
			if (list != NULL)
				search->entries[list->end++] =
					(struct entry){ (uint32_t)k, (uint32_t)layer->max_size };
		}
	free(layers);
	return CSVR_OK;
}

/* ---- the search ---- */

static void search_clear(struct search *search)
{
	free(search->entries);
	free(search->lists);
	free(search->is_found);
	free(search->compared);
	free(search->found);
	csvr_set_bitmaps_clear(&search->bitmaps);
}

static enum csvr_status search_init(struct search *search, const struct csvr_set_family *family)
{
	*search = (struct search){ .family = family };
	search->is_found = calloc(family->n_sets, sizeof *search->is_found);
	search->compared = malloc(family->n_sets * sizeof *search->compared);
	search->found = malloc(family->n_sets * sizeof *search->found);
	if (search->is_found == NULL || search->compared == NULL || search->found == NULL)
		return CSVR_NO_MEMORY;
	for (size_t k = 0; k < family->n_sets; k++)
		search->compared[k] = (uint32_t)k;
	enum csvr_status status = allocate_lists(search);
	if (status == CSVR_OK)
		status = fill_lists(search);
	return status == CSVR_OK ? csvr_set_bitmaps_init(&search->bitmaps, family) : status;
}

/* As __builtin_popcountll, which calls a function unless all processors that run the code have the instruction. */
static inline unsigned count_bits(uint64_t word)
{
	word -= word >> 1 & UINT64_C(0x5555555555555555);
	word = (word & UINT64_C(0x3333333333333333)) + (word >> 2 & UINT64_C(0x3333333333333333));
	word = (word + (word >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
	return (unsigned)(word * UINT64_C(0x0101010101010101) >> 56);
}

static inline bool are_sketches_similar(const struct csvr_set_family *family, size_t a, size_t b)
{
	const uint64_t *x = family->sketches + a * family->n_words;
	const uint64_t *y = family->sketches + b * family->n_words;
	const size_t max_different = csvr_set_family_max_different(family, a, b);
	size_t n_different = 0;
	for (size_t i = 0; i < family->n_words && n_different <= max_different; i++)
		n_different += count_bits(x[i] ^ y[i]);
	return n_different <= max_different;
}

static void add_to_group(struct search *search, uint32_t set)
{
	search->is_found[set] = true;
	search->found[search->n_found++] = set;
	csvr_set_bitmaps_remove(&search->bitmaps, set);
	for (size_t i = 0; i < count_listed(csvr_set_family_size(search->family, set)); i++) {
		struct list *list = list_at(search, set, i);
		if (list != NULL)
			list->n_left--;
	}
}

/* Adds `other` to the group of `set` if it is similar; false: it is not. */
static bool add_if_similar(struct search *search, uint32_t set, uint32_t other)
{
	if (search->compared[other] == set)
		return false;
	search->compared[other] = set;
	if (!csvr_set_family_are_similar(search->family, set, other))
		return false;
	add_to_group(search, other);
	return true;
}

struct bound {
	const struct entry *entries;
	size_t size;
};

static bool allows_size(const void *context, size_t index)
{
	const struct bound *bound = context;
	return bound->entries[index].max_size >= bound->size;
}

/* How many entries of a list may be of sets that are similar to one of this size. They are the first ones. */
static size_t count_entries(const struct search *search, const struct list *list, size_t size)
{
	const struct bound bound = { search->entries + list->first, size };
	return csvr_lower_bound(list->end - list->first, allows_size, &bound);
}

/* Adds the sets of a list that are similar to `set` to its group. */
static void read_list(struct search *search, uint32_t set, struct list *list)
{
	struct entry *entries = search->entries + list->first;
	const size_t n = count_entries(search, list, csvr_set_family_size(search->family, set));
	size_t kept = n;
	/* Backwards, so that the entries that are kept are next to those that are not read. Invariant: those from
	 * `kept` to n are of sets in no group. */
	for (size_t i = n; i-- > 0;) {
		const struct entry entry = entries[i];
		if (search->is_found[entry.set])
			continue;
		if (!are_sketches_similar(search->family, set, entry.set) ||
		    !add_if_similar(search, set, entry.set))
			entries[--kept] = entry;
	}
	list->first += kept;
}

/* Adds all sets that are similar to `set` to its group. */
static void add_similar(struct search *search, uint32_t set)
{
	const struct csvr_set_family *family = search->family;
	const size_t size = csvr_set_family_size(family, set);
	const size_t min_size = csvr_set_family_size(family, family->n_sets - 1);
	/* The positions at which the first common id may be, and those of them with rare ids. */
	size_t n_positions = 0, n_rare = 0, n_in_lists = 0;
	while (n_positions < count_listed(size) && 2 * size >= min_size + 3 * n_positions) {
		const uint32_t rank = family->ranks[family->start[set] + n_positions];
		const struct list *list = list_at(search, set, n_positions++);
		if (rank < family->first_frequent) {
			n_rare = n_positions;
			continue;
		}
		const size_t n = count_entries(search, list, size);
		n_in_lists += n < list->n_left ? n : list->n_left;
	}
	/* An entry takes the time of four words of bitmaps. Empty sets are in no list. */
	const size_t n_words = (size - n_rare) * (search->bitmaps.n_left / 64 + 8);
	const bool uses_bitmaps = size == 0 || n_in_lists > n_words / 4;
	for (size_t i = 0; i < (uses_bitmaps ? n_rare : n_positions); i++) {
		struct list *list = list_at(search, set, i);
		if (list != NULL)
			read_list(search, set, list);
	}
	const size_t n = uses_bitmaps ? csvr_set_bitmaps_find(&search->bitmaps, set) : 0;
	for (size_t i = 0; i < n; i++)
		add_if_similar(search, set, search->bitmaps.candidates[i]);
}

/* Finds the group of a set that is in none, and sets the root of its sets. */
static void find_group(struct search *search, uint32_t set, uint32_t *root)
{
	const uint32_t *source = search->family->source;
	const size_t first = search->n_found;
	uint32_t least = source[set];
	add_to_group(search, set);
	for (size_t i = first; i < search->n_found; i++) {
		const uint32_t member = search->found[i];
		least = source[member] < least ? source[member] : least;
		if (search->n_found < search->family->n_sets)
			add_similar(search, member);
	}
	for (size_t i = first; i < search->n_found; i++)
		root[source[search->found[i]]] = least;
}

enum csvr_status csvr_similar_sets_find(const struct csvr_id_set *sets, size_t n_sets,
					size_t n_ids_in_all, uint32_t *root)
{
	struct csvr_set_family family;
	struct search search = { 0 };
	if (n_sets == 0)
		return CSVR_OK;
	enum csvr_status status = csvr_set_family_init(&family, sets, n_sets, n_ids_in_all);
	if (status == CSVR_OK)
		status = search_init(&search, &family);
	for (uint32_t k = 0; k < n_sets && status == CSVR_OK; k++)
		if (!search.is_found[k])
			find_group(&search, k, root);
	search_clear(&search);
	csvr_set_family_clear(&family);
	return status;
}
