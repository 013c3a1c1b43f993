/* similar_sets_bitmaps.c - how many frequent ids a set has in common with each of many others
 *
 * Shape   64 sets are counted at a time, with one bit of each count in a word. Carry-save adders add the bitmaps of
 *         four ids with 15 operations, which compilers vectorize.
 * Source  Harley's adder in Warren, "Hacker's Delight" (2nd edition, 2012), 5-1
 */
#include <stdlib.h>
#include <string.h>

#include "stats/similar_sets_internal.h"

enum {
	BLOCK_WORDS = 8, /* whose bits are counted together, and of which all bitmaps consist */
	ADDENDS_AT_ONCE = 4,
	MAX_PLANES = 32 /* words of a count, which is less than 2^31 */
};

/* Counts of the sets of one block. Bit p of the count of a set is in planes[p]. */
struct counts {
	size_t n_planes;
	uint64_t planes[MAX_PLANES][BLOCK_WORDS];
};

void csvr_set_bitmaps_clear(struct csvr_set_bitmaps *bitmaps)
{
	free(bitmaps->bits);
	free(bitmaps->is_left);
	free(bitmaps->sets);
	free(bitmaps->place);
	free(bitmaps->addends);
	free(bitmaps->candidates);
}

static size_t count_words(size_t n_places)
{
	const size_t block_bits = BLOCK_WORDS * 64;
	return (n_places + block_bits - 1) / block_bits * BLOCK_WORDS;
}

static size_t count_bitmaps(const struct csvr_set_bitmaps *bitmaps)
{
	return bitmaps->family->n_ranks - bitmaps->family->first_frequent + 1;
}

static void set_bit(uint64_t *bitmap, size_t place)
{
	bitmap[place / 64] |= UINT64_C(1) << place % 64;
}

/* Gives the places to the sets in `sets`, none of which is removed. */
static void place_sets(struct csvr_set_bitmaps *bitmaps)
{
	memset(bitmaps->is_left, 0, bitmaps->n_words * sizeof *bitmaps->is_left);
	for (size_t place = 0; place < bitmaps->n_places; place++) {
		bitmaps->place[bitmaps->sets[place]] = (uint32_t)place;
		set_bit(bitmaps->is_left, place);
	}
}

/* A frequent id is in at least one set for each word of its bitmap, apart from the last block. So the bitmaps need at
 * most twice the memory of the ids of all sets, and one block for each frequent id. */
enum csvr_status csvr_set_bitmaps_init(struct csvr_set_bitmaps *bitmaps,
				       const struct csvr_set_family *family)
{
	const size_t n_sets = family->n_sets, max_size = csvr_set_family_size(family, 0);
	*bitmaps = (struct csvr_set_bitmaps){ .family = family,
					      .n_words = count_words(n_sets),
					      .n_places = n_sets,
					      .n_left = n_sets };
	const size_t bitmap_bytes = bitmaps->n_words * sizeof *bitmaps->bits;
	bitmaps->bits = malloc(count_bitmaps(bitmaps) * bitmap_bytes);
	bitmaps->is_left = malloc(bitmap_bytes);
	bitmaps->sets = calloc(n_sets, sizeof *bitmaps->sets);
	bitmaps->place = malloc(n_sets * sizeof *bitmaps->place);
	bitmaps->addends = malloc((max_size + ADDENDS_AT_ONCE) * sizeof *bitmaps->addends);
	bitmaps->candidates = malloc(n_sets * sizeof *bitmaps->candidates);
	if (bitmaps->bits == NULL || bitmaps->is_left == NULL || bitmaps->sets == NULL ||
	    bitmaps->place == NULL || bitmaps->addends == NULL || bitmaps->candidates == NULL)
		return CSVR_NO_MEMORY;
	for (size_t k = 0; k < n_sets; k++)
		bitmaps->sets[k] = (uint32_t)k;
	place_sets(bitmaps);
	return CSVR_OK;
}

void csvr_set_bitmaps_remove(struct csvr_set_bitmaps *bitmaps, size_t set)
{
	const size_t place = bitmaps->place[set];
	bitmaps->is_left[place / 64] &= ~(UINT64_C(1) << place % 64);
	bitmaps->n_left--;
}

static uint64_t *bitmap_of(const struct csvr_set_bitmaps *bitmaps, size_t rank)
{
	return bitmaps->bits + (rank - bitmaps->family->first_frequent) * bitmaps->n_words;
}

/* Gives places to the sets that are not removed, and sets all bits. */
static void fill(struct csvr_set_bitmaps *bitmaps)
{
	const struct csvr_set_family *family = bitmaps->family;
	size_t n = 0;
	for (size_t place = 0; place < bitmaps->n_places; place++)
		if (bitmaps->is_left[place / 64] >> place % 64 & 1)
			bitmaps->sets[n++] = bitmaps->sets[place];
	bitmaps->n_places = n;
	bitmaps->n_words = count_words(n);
	place_sets(bitmaps);
	memset(bitmaps->bits, 0, count_bitmaps(bitmaps) * bitmaps->n_words * sizeof *bitmaps->bits);
	for (size_t place = 0; place < n; place++) {
		const size_t k = bitmaps->sets[place];
		for (size_t at = family->start[k + 1]; at-- > family->start[k];) {
			if (family->ranks[at] < family->first_frequent)
				break;
			set_bit(bitmap_of(bitmaps, family->ranks[at]), place);
		}
	}
	bitmaps->is_filled = true;
}

/* The bitmaps of the frequent ids of a set, then zeros up to a multiple of ADDENDS_AT_ONCE. */
static size_t collect_addends(struct csvr_set_bitmaps *bitmaps, size_t set)
{
	const struct csvr_set_family *family = bitmaps->family;
	size_t n = 0;
	for (size_t at = family->start[set + 1]; at-- > family->start[set];) {
		if (family->ranks[at] < family->first_frequent)
			break;
		bitmaps->addends[n++] = bitmap_of(bitmaps, family->ranks[at]);
	}
	while (n % ADDENDS_AT_ONCE != 0)
		bitmaps->addends[n++] = bitmap_of(bitmaps, family->n_ranks);
	return n;
}

/* Adds two bits to each of 64 sums, of which `sums` has the lowest bit. Returns the bits that are carried. */
static inline uint64_t add_bits(uint64_t *sums, uint64_t a, uint64_t b)
{
	const uint64_t half = *sums ^ a;
	const uint64_t carried = (*sums & a) | (half & b);
	*sums = half ^ b;
	return carried;
}

/* Counts the addends that have each bit of the block that starts at `word`. */
static void count_block(const uint64_t *const *addends, size_t n_addends, size_t word,
			struct counts *counts)
{
	uint64_t(*planes)[BLOCK_WORDS] = counts->planes;
	memset(planes, 0, counts->n_planes * sizeof *planes);
	for (size_t i = 0; i < n_addends; i += ADDENDS_AT_ONCE) {
		const uint64_t *a = addends[i] + word, *b = addends[i + 1] + word;
		const uint64_t *c = addends[i + 2] + word, *d = addends[i + 3] + word;
		uint64_t carried[BLOCK_WORDS];
		for (size_t w = 0; w < BLOCK_WORDS; w++) {
			uint64_t ones = planes[0][w], twos = planes[1][w];
			const uint64_t first = add_bits(&ones, a[w], b[w]);
			const uint64_t second = add_bits(&ones, c[w], d[w]);
			carried[w] = add_bits(&twos, first, second);
			planes[0][w] = ones;
			planes[1][w] = twos;
		}
		for (size_t p = 2; p < counts->n_planes; p++)
			for (size_t w = 0; w < BLOCK_WORDS; w++) {
				const uint64_t bits = planes[p][w];
				planes[p][w] = bits ^ carried[w];
				carried[w] &= bits;
			}
	}
}

/* The bits of word `w` of a block whose counts are `least` or more. */
static uint64_t select_counts(const struct counts *counts, size_t w, size_t least)
{
	uint64_t are_equal = ~UINT64_C(0), are_greater = 0;
	if (least >> counts->n_planes != 0)
		return 0;
	/* Invariant: the bits of the planes from p are those of `least` in are_equal, and a greater number in
	 * are_greater. */
	for (size_t p = counts->n_planes; p-- > 0;) {
		const uint64_t bits = counts->planes[p][w];
		if ((least >> p & 1) == 0)
			are_greater |= are_equal & bits;
		are_equal &= (least >> p & 1) == 0 ? ~bits : bits;
	}
	return are_equal | are_greater;
}

/* How many ids a set of this size has in common with a similar one among the sets of a word, at least. */
static size_t least_common(const struct csvr_set_bitmaps *bitmaps, size_t size, size_t word)
{
	const size_t end = 64 * (word + 1);
	const size_t last = (end < bitmaps->n_places ? end : bitmaps->n_places) - 1;
	return (size + csvr_set_family_size(bitmaps->family, bitmaps->sets[last]) + 2) / 3;
}

size_t csvr_set_bitmaps_find(struct csvr_set_bitmaps *bitmaps, size_t set)
{
	if (!bitmaps->is_filled || bitmaps->n_left <= bitmaps->n_places / 2)
		fill(bitmaps);
	const size_t size = csvr_set_family_size(bitmaps->family, set);
	const size_t n_addends = collect_addends(bitmaps, set);
	struct counts counts = { .n_planes = 2 };
	size_t n = 0;
	while (n_addends >> counts.n_planes != 0)
		counts.n_planes++;
	for (size_t word = 0; word < bitmaps->n_words; word++) {
		if (word % BLOCK_WORDS == 0)
			count_block(bitmaps->addends, n_addends, word, &counts);
		uint64_t places = bitmaps->is_left[word] &
				  select_counts(&counts, word % BLOCK_WORDS,
						least_common(bitmaps, size, word));
		for (; places != 0; places &= places - 1)
			bitmaps->candidates[n++] =
				bitmaps->sets[64 * word + (size_t)__builtin_ctzll(places)];
	}
	return n;
}
