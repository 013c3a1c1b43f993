/* buckets.c - how many values are in each of many narrow intervals */
#include "stats/buckets.h"

#include <stdlib.h>
#include <string.h>

#include "base/double_bits.h"
#include "stats/buckets_internal.h"

/* Columns are many, and each has buckets in every thread and file: start small. */
enum { FIRST_CAPACITY = 1 << CSVR_BUCKET_BITS, FIRST_PAGES = 16 };

_Static_assert(CSVR_N_OCTAVES << CSVR_LEAST_BUCKET_BITS == CSVR_MAX_BUCKETS,
	       "the least resolution suffices for values in all octaves");

unsigned csvr_buckets_max_bits(const struct csvr_buckets *buckets, uint32_t n_pages)
{
	unsigned n_bits = buckets->limit != 0 ? buckets->limit : (unsigned)CSVR_BUCKET_BITS;
	while (n_pages << n_bits > CSVR_MAX_BUCKETS)
		n_bits--;
	return n_bits;
}

void csvr_buckets_clear(struct csvr_buckets *buckets)
{
	free(buckets->counts);
	free(buckets->wide_counts);
	free(buckets->octaves);
	memset(buckets, 0, sizeof *buckets);
}

/* ---- pages ---- */

static uint64_t count_at(const struct csvr_buckets *buckets, size_t place)
{
	return buckets->counts != NULL ? buckets->counts[place] : buckets->wide_counts[place];
}

static void set_count(struct csvr_buckets *buckets, size_t place, uint64_t count)
{
	if (buckets->wide_counts != NULL)
		buckets->wide_counts[place] = count;
	else
		buckets->counts[place] = (uint32_t)count;
}

static void add_count(struct csvr_buckets *buckets, size_t place, uint64_t count)
{
	set_count(buckets, place, count_at(buckets, place) + count);
}

/* Sets counts [from, to) to 0. */
static void clear_counts(struct csvr_buckets *buckets, size_t from, size_t to)
{
	if (buckets->wide_counts != NULL)
		memset(buckets->wide_counts + from, 0, (to - from) * sizeof(uint64_t));
	else
		memset(buckets->counts + from, 0, (to - from) * sizeof(uint32_t));
}

/* Moves counts [from, to) up by `n`. */
static void move_counts(struct csvr_buckets *buckets, size_t from, size_t to, size_t n)
{
	if (buckets->wide_counts != NULL)
		memmove(buckets->wide_counts + from + n, buckets->wide_counts + from,
			(to - from) * sizeof(uint64_t));
	else
		memmove(buckets->counts + from + n, buckets->counts + from,
			(to - from) * sizeof(uint32_t));
}

/* Makes room for counts. Those after the last page are 0. */
static enum csvr_status reserve(struct csvr_buckets *buckets, uint32_t n_counts)
{
	if (n_counts <= buckets->capacity)
		return CSVR_OK;
	const uint32_t before = buckets->capacity;
	const uint32_t capacity = before == 0 ? (uint32_t)FIRST_CAPACITY : 2 * before;
	if (buckets->wide_counts != NULL) {
		uint64_t *counts = realloc(buckets->wide_counts, capacity * sizeof *counts);
		if (counts == NULL)
			return CSVR_NO_MEMORY;
		buckets->wide_counts = counts;
	} else {
		uint32_t *counts = realloc(buckets->counts, capacity * sizeof *counts);
		if (counts == NULL)
			return CSVR_NO_MEMORY;
		buckets->counts = counts;
	}
	buckets->capacity = capacity;
	clear_counts(buckets, before, capacity);
	return CSVR_OK;
}

/* Call it before values are added: widens the counts if one of them could overflow. */
static enum csvr_status expect(struct csvr_buckets *buckets, uint64_t n_values)
{
	buckets->n_values += n_values;
	if (buckets->n_values <= UINT32_MAX || buckets->counts == NULL)
		return CSVR_OK;
	uint64_t *wide = malloc(buckets->capacity * sizeof *wide);
	if (wide == NULL)
		return CSVR_NO_MEMORY;
	for (uint32_t i = 0; i < buckets->capacity; i++)
		wide[i] = buckets->counts[i];
	free(buckets->counts);
	buckets->counts = NULL;
	buckets->wide_counts = wide;
	return CSVR_OK;
}

/* Makes room for the octave of one more page. */
static enum csvr_status reserve_page(struct csvr_buckets *buckets)
{
	if (buckets->n_pages < buckets->pages_capacity)
		return CSVR_OK;
	const uint32_t capacity = buckets->pages_capacity == 0 ? (uint32_t)FIRST_PAGES
							       : 2 * buckets->pages_capacity;
	uint16_t *octaves = realloc(buckets->octaves, capacity * sizeof *octaves);
	if (octaves == NULL)
		return CSVR_NO_MEMORY;
	buckets->octaves = octaves;
	buckets->pages_capacity = capacity;
	return CSVR_OK;
}

/* The number of pages of octaves before this one. */
static uint32_t pages_before(const struct csvr_buckets *buckets, size_t octave)
{
	uint32_t low = 0, high = buckets->n_pages;
	while (low < high) {
		const uint32_t middle = low + (high - low) / 2;
		if (buckets->octaves[middle] < octave)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool has_page(const struct csvr_buckets *buckets, uint32_t page, size_t octave)
{
	return page < buckets->n_pages && buckets->octaves[page] == octave;
}

static size_t place_in_page(const struct csvr_buckets *buckets, uint32_t page, uint32_t index)
{
	return ((size_t)page << buckets->n_bits) + (index & ((1U << buckets->n_bits) - 1));
}

/* The place of the count of the bucket with that index. Its octave has a page. */
static size_t place_of(const struct csvr_buckets *buckets, uint32_t index)
{
	return place_in_page(buckets, pages_before(buckets, index >> buckets->n_bits), index);
}

/* The run of consecutive octaves that ends with page `last` and starts at page `least` or after it. */
static struct csvr_bucket_run run_to(const struct csvr_buckets *buckets, uint32_t least,
				     uint32_t last)
{
	uint32_t page = last;
	while (page > least && buckets->octaves[page - 1] + 1 == buckets->octaves[page])
		page--;
	return (struct csvr_bucket_run){ .first = (uint64_t)buckets->octaves[page]
						  << buckets->n_bits,
					 .n = (uint64_t)(last - page + 1) << buckets->n_bits,
					 .place = (uint64_t)page << buckets->n_bits };
}

/* After pages or their sizes changed. */
static void find_runs(struct csvr_buckets *buckets)
{
	const uint32_t n_positive = pages_before(buckets, CSVR_POSITIVE_OCTAVES);
	buckets->runs[0] = run_to(buckets, 0, n_positive - 1);
	buckets->runs[1] = (struct csvr_bucket_run){ 0 };
	if (n_positive < buckets->n_pages)
		buckets->runs[1] = run_to(buckets, n_positive, buckets->n_pages - 1);
}

/* The first page is that of octave 0, so that 0 always has a bucket. */
static void add_first_page(struct csvr_buckets *buckets)
{
	buckets->n_pages = 1;
	buckets->octaves[0] = 0;
	buckets->n_bits = (uint8_t)csvr_buckets_max_bits(buckets, 1);
	find_runs(buckets);
}

static enum csvr_status start(struct csvr_buckets *buckets)
{
	if (buckets->n_pages > 0)
		return CSVR_OK;
	if (reserve(buckets, FIRST_CAPACITY) != CSVR_OK || reserve_page(buckets) != CSVR_OK)
		return CSVR_NO_MEMORY;
	add_first_page(buckets);
	return CSVR_OK;
}

void csvr_buckets_reset(struct csvr_buckets *buckets)
{
	buckets->limit = 0;
	if (buckets->n_pages == 0)
		return;
	clear_counts(buckets, 0, (size_t)buckets->n_pages << buckets->n_bits);
	buckets->n_values = 0;
	add_first_page(buckets);
}

/* Merges pairs of adjacent buckets. 0 keeps its bucket, the first of octave 0: subnormals that would share it
 * are in the second one (see csvr_buckets_add). */
static void halve(struct csvr_buckets *buckets)
{
	const size_t n_counts = (size_t)buckets->n_pages << buckets->n_bits;
	add_count(buckets, 2, count_at(buckets, 1));
	set_count(buckets, 1, 0);
	for (size_t i = 0; i < n_counts / 2; i++)
		set_count(buckets, i, count_at(buckets, 2 * i) + count_at(buckets, 2 * i + 1));
	clear_counts(buckets, n_counts / 2, n_counts);
	buckets->n_bits--;
}

static void halve_to(struct csvr_buckets *buckets, unsigned n_bits)
{
	while (buckets->n_bits > n_bits)
		halve(buckets);
	find_runs(buckets);
}

void csvr_buckets_limit(struct csvr_buckets *buckets, unsigned limit)
{
	if (limit >= (buckets->limit != 0 ? buckets->limit : (unsigned)CSVR_BUCKET_BITS))
		return;
	buckets->limit = (uint8_t)limit;
	if (buckets->n_pages > 0)
		halve_to(buckets, limit);
}

/* Inserts a page for an octave that has none, before the pages of greater ones. A function of its own: most values
 * are in an octave that has a page. */
__attribute__((noinline)) static enum csvr_status add_page(struct csvr_buckets *buckets,
							   size_t octave)
{
	const uint32_t n_pages = buckets->n_pages + 1;
	if (buckets->n_bits > csvr_buckets_max_bits(buckets, n_pages))
		halve_to(buckets, csvr_buckets_max_bits(buckets, n_pages));
	if (reserve(buckets, n_pages << buckets->n_bits) != CSVR_OK ||
	    reserve_page(buckets) != CSVR_OK)
		return CSVR_NO_MEMORY;
	const size_t page = pages_before(buckets, octave), n_after = buckets->n_pages - page;
	const size_t n_counts = (size_t)1 << buckets->n_bits;
	move_counts(buckets, page * n_counts, (page + n_after) * n_counts, n_counts);
	clear_counts(buckets, page * n_counts, (page + 1) * n_counts);
	memmove(buckets->octaves + page + 1, buckets->octaves + page,
		n_after * sizeof *buckets->octaves);
	buckets->octaves[page] = (uint16_t)octave;
	buckets->n_pages = n_pages;
	find_runs(buckets);
	return CSVR_OK;
}

static enum csvr_status require_page(struct csvr_buckets *buckets, size_t octave)
{
	if (start(buckets) != CSVR_OK)
		return CSVR_NO_MEMORY;
	return has_page(buckets, pages_before(buckets, octave), octave) ? CSVR_OK
									: add_page(buckets, octave);
}

/* ---- values ---- */

/* Adds a value `count` times, which is not subnormal. */
static enum csvr_status add_normal(struct csvr_buckets *buckets, double value, uint64_t count)
{
	const uint64_t bits = csvr_double_bits(value);
	const size_t octave = bits >> CSVR_MANTISSA_BITS;
	uint32_t page = pages_before(buckets, octave);
	if (!has_page(buckets, page, octave)) {
		if (add_page(buckets, octave) != CSVR_OK)
			return CSVR_NO_MEMORY;
		page = pages_before(buckets, octave);
	}
	const uint32_t index = (uint32_t)(bits >> (CSVR_MANTISSA_BITS - buckets->n_bits));
	add_count(buckets, place_in_page(buckets, page, index), count);
	return CSVR_OK;
}

/* Adds the values that are in a run, and writes the others to `others`, which may be `values`. Returns how many there
 * are. */
static size_t add_run(struct csvr_buckets *buckets, const struct csvr_bucket_run *run,
		      const double *values, size_t n_values, double *others,
		      const struct csvr_batch_kernels *kernels)
{
	int64_t places[CSVR_MAX_BATCH + CSVR_HASHES_MARGIN];
	const unsigned shift = CSVR_MANTISSA_BITS - buckets->n_bits;
	const size_t n = kernels->find_places(values, n_values, shift, run, places, others);
	uint32_t *counts = buckets->counts;
	for (size_t i = 0; i < n && counts != NULL; i++)
		counts[places[i]]++;
	for (size_t i = 0; i < n && counts == NULL; i++)
		buckets->wide_counts[places[i]]++;
	return n_values - n;
}

enum csvr_status csvr_buckets_add_batch(struct csvr_buckets *buckets, const double *values,
					size_t n_values, const struct csvr_batch_kernels *kernels)
{
	double others[CSVR_MAX_BATCH + CSVR_HASHES_MARGIN];
	if (start(buckets) != CSVR_OK || expect(buckets, n_values) != CSVR_OK)
		return CSVR_NO_MEMORY;
	size_t n = add_run(buckets, &buckets->runs[0], values, n_values, others, kernels);
	if (n > 0 && buckets->runs[1].n > 0)
		n = add_run(buckets, &buckets->runs[1], others, n, others, kernels);
	/* Zeros, and values of octaves that are in neither run. */
	enum csvr_status status = CSVR_OK;
	for (size_t i = 0; i < n && status == CSVR_OK; i++)
		status = add_normal(buckets, others[i], 1);
	return status;
}

enum csvr_status csvr_buckets_add(struct csvr_buckets *buckets, double value, uint64_t count)
{
	const uint64_t bits = csvr_double_bits(value);
	if (start(buckets) != CSVR_OK || expect(buckets, count) != CSVR_OK)
		return CSVR_NO_MEMORY;
	/* 0 has the first bucket for itself, and octave 0 has a page. */
	if (bits != 0 && bits >> (CSVR_MANTISSA_BITS - buckets->n_bits) == 0) {
		add_count(buckets, 1, count);
		return CSVR_OK;
	}
	return add_normal(buckets, value, count);
}

/* Adds the counts of a page. `into` has at most as many bits as `from`. */
static enum csvr_status merge_page(struct csvr_buckets *into, const struct csvr_buckets *from,
				   uint32_t page)
{
	const size_t octave = from->octaves[page], first = (size_t)page << from->n_bits;
	if (require_page(into, octave) != CSVR_OK)
		return CSVR_NO_MEMORY;
	const size_t sum = place_of(into, (uint32_t)octave << into->n_bits);
	const unsigned shift = from->n_bits - into->n_bits;
	const size_t n_counts = (size_t)1 << from->n_bits;
	if (shift == 0 && into->counts != NULL && from->counts != NULL) {
		for (size_t i = 0; i < n_counts; i++)
			into->counts[sum + i] += from->counts[first + i];
		return CSVR_OK;
	}
	for (size_t i = 0; i < n_counts; i++) {
		const size_t to = i >> shift;
		add_count(into, sum + (octave == 0 && i != 0 && to == 0 ? 1 : to),
			  count_at(from, first + i));
	}
	return CSVR_OK;
}

enum csvr_status csvr_buckets_merge(struct csvr_buckets *into, const struct csvr_buckets *from)
{
	if (from->limit != 0)
		csvr_buckets_limit(into, from->limit);
	if (from->n_pages == 0)
		return CSVR_OK;
	if (start(into) != CSVR_OK || expect(into, from->n_values) != CSVR_OK)
		return CSVR_NO_MEMORY;
	if (into->n_bits > from->n_bits)
		halve_to(into, from->n_bits);
	for (uint32_t page = 0; page < from->n_pages; page++)
		if (merge_page(into, from, page) != CSVR_OK)
			return CSVR_NO_MEMORY;
	return CSVR_OK;
}

/* ---- in the order of values ---- */

/* A bucket has an index, which the first bits of its doubles are, and a position in the order of values:
 * negative ones come first, and their magnitudes descend. */
static uint32_t index_of(uint32_t position, unsigned n_bits)
{
	const uint32_t n_positive = (uint32_t)CSVR_POSITIVE_OCTAVES << n_bits;
	return position >= n_positive ? position - n_positive : 2 * n_positive - 1 - position;
}

static void set_bounds(struct csvr_bucket *bucket, unsigned n_bits)
{
	const uint64_t index = index_of(bucket->position, n_bits);
	const unsigned shift = CSVR_MANTISSA_BITS - n_bits;
	const uint64_t sign = UINT64_C(1) << 63;
	uint64_t low = index << shift, high = ((index + 1) << shift) - 1; /* magnitudes ascend */
	if (index == 0)
		high = 0;
	else if (index == 1 || low == sign)
		low = (low & sign) | 1; /* the least subnormal: 0 is in another bucket */
	const bool is_negative = (low & sign) != 0;
	bucket->least = csvr_double_of_bits(is_negative ? high : low);
	bucket->greatest = csvr_double_of_bits(is_negative ? low : high);
}

/* The first octave with a page, in the order of values, from the one of that rank on; CSVR_N_OCTAVES: none. */
static uint32_t next_octave(const struct csvr_buckets *buckets, uint32_t rank)
{
	enum { N_NEGATIVE = CSVR_N_OCTAVES - CSVR_POSITIVE_OCTAVES };
	if (rank < N_NEGATIVE) {
		const uint32_t page = pages_before(buckets, CSVR_N_OCTAVES - rank);
		if (page > 0 && buckets->octaves[page - 1] >= CSVR_POSITIVE_OCTAVES)
			return CSVR_N_OCTAVES - 1U - buckets->octaves[page - 1];
	}
	const uint32_t page = pages_before(buckets, rank < N_NEGATIVE ? 0 : rank - N_NEGATIVE);
	return page < buckets->n_pages && buckets->octaves[page] < CSVR_POSITIVE_OCTAVES
		       ? buckets->octaves[page] + N_NEGATIVE
		       : CSVR_N_OCTAVES;
}

/* Where the count of a position is. The octave has that page. */
static size_t place_at(const struct csvr_buckets *buckets, uint32_t page, uint32_t position)
{
	return place_in_page(buckets, page, index_of(position, buckets->n_bits));
}

/* Visits the next bucket from `position` on. */
static bool visit(const struct csvr_buckets *buckets, uint32_t position, struct csvr_bucket *bucket)
{
	const unsigned n_bits = buckets->n_bits;
	uint32_t octave;
	while ((octave = next_octave(buckets, position >> n_bits)) < CSVR_N_OCTAVES) {
		const uint32_t start = octave << n_bits, end = (octave + 1) << n_bits;
		const uint32_t page = pages_before(buckets, index_of(octave, 0));
		for (position = position > start ? position : start; position < end; position++) {
			const uint64_t n_values = count_at(buckets,
							   place_at(buckets, page, position));
			if (n_values == 0)
				continue;
			bucket->n_before += bucket->n_values;
			bucket->n_values = n_values;
			bucket->position = position;
			set_bounds(bucket, n_bits);
			return true;
		}
	}
	return false;
}

bool csvr_buckets_next(const struct csvr_buckets *buckets, struct csvr_bucket *bucket)
{
	return buckets->n_pages > 0 &&
	       visit(buckets, bucket->n_values == 0 ? 0 : bucket->position + 1, bucket);
}

void csvr_buckets_index(const struct csvr_buckets *buckets, struct csvr_bucket_index *index)
{
	const size_t n_counts = (size_t)1 << buckets->n_bits;
	uint64_t n_before = 0;
	index->n = 0;
	if (buckets->n_pages == 0)
		return;
	for (uint32_t i = next_octave(buckets, 0); i < CSVR_N_OCTAVES;
	     i = next_octave(buckets, i + 1)) {
		const uint32_t page = pages_before(buckets, index_of(i, 0));
		uint64_t n_values = 0;
		for (size_t j = 0; j < n_counts; j++)
			n_values += count_at(buckets, page * n_counts + j);
		if (n_values == 0)
			continue;
		index->n_before[index->n] = n_before;
		index->page[index->n] = (uint16_t)page;
		index->order[index->n++] = (uint16_t)i;
		n_before += n_values;
	}
}

struct csvr_bucket csvr_buckets_find(const struct csvr_buckets *buckets,
				     const struct csvr_bucket_index *index, uint64_t rank)
{
	size_t octave = 0, end = index->n;
	while (end - octave > 1) {
		const size_t middle = octave + (end - octave) / 2;
		if (index->n_before[middle] <= rank)
			octave = middle;
		else
			end = middle;
	}
	struct csvr_bucket bucket = { .n_before = index->n_before[octave],
				      .position = (uint32_t)index->order[octave]
						  << buckets->n_bits };
	for (;; bucket.position++) {
		const size_t place = place_at(buckets, index->page[octave], bucket.position);
		bucket.n_values = count_at(buckets, place);
		if (rank - bucket.n_before < bucket.n_values)
			break;
		bucket.n_before += bucket.n_values;
	}
	set_bounds(&bucket, buckets->n_bits);
	return bucket;
}

enum csvr_status csvr_buckets_add_at(struct csvr_buckets *buckets, uint32_t position,
				     uint64_t count)
{
	if (start(buckets) != CSVR_OK || expect(buckets, count) != CSVR_OK)
		return CSVR_NO_MEMORY;
	const unsigned n_bits = buckets->n_bits;
	const uint32_t index = index_of(position, n_bits);
	if (require_page(buckets, index >> n_bits) != CSVR_OK)
		return CSVR_NO_MEMORY;
	if (buckets->n_bits == n_bits)
		add_count(buckets, place_of(buckets, index), count);
	return CSVR_OK;
}
