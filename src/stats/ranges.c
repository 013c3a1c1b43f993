/* ranges.c - the exact values in some ranges of a column */
#include "stats/ranges_internal.h"

#include <stdlib.h>

#include "base/search.h"
#include "stats/buckets_internal.h"

/* ---- which values may be in a range ---- */

/* The first 20 bits of a double, which are those of a bucket (buckets.h), decide. Most values are in no
 * range, and this is found with two loads, of few cache lines. */
enum {
	PREFIX_BITS = 20,
	N_OCTAVES = 1 << 12,
	WORDS_PER_OCTAVE = 4,
	PREFIX_SHIFT = 64 - PREFIX_BITS
};

struct csvr_range_filter {
	uint16_t page[N_OCTAVES]; /* by sign and exponent; page 0 has no bit set */
	/* Of page p, from 256 p on: the first range that has a double of the prefix, if all ranges are of one
	 * quantity. */
	uint32_t *first_range;
	/* Whether a prefix is that of some range, from `first_prefix` on, and once more for all others, which are not;
	 * NULL: they would be too many. */
	unsigned char *is_wanted;
	uint64_t first_prefix, n_prefixes;
	uint64_t words[]; /* of page p: WORDS_PER_OCTAVE from p times that number, with 256 bits */
};

static bool may_be_in_range(const struct csvr_range_filter *filter, double value)
{
	const uint64_t prefix = csvr_double_bits(value) >> PREFIX_SHIFT;
	const size_t page = filter->page[prefix >> 8];
	return (filter->words[page * WORDS_PER_OCTAVE + (prefix >> 6 & 3)] >> (prefix & 63) & 1) !=
	       0;
}

/* Calls `visit` for each prefix of a double in some range, which may be many times for the same. Ranges of one
 * quantity ascend. */
static void visit_prefixes(const struct csvr_range_list *list,
			   void (*visit)(struct csvr_range_filter *filter, size_t prefix,
					 size_t range))
{
	for (size_t i = 0; i < list->first[CSVR_N_QUANTITIES]; i++) {
		const int64_t last = csvr_double_position(list->ranges[i].greatest);
		int64_t position = csvr_double_position(list->ranges[i].least);
		for (;;) {
			const uint64_t bits = csvr_double_bits(csvr_double_at(position));
			visit(list->filter, bits >> PREFIX_SHIFT, i);
			/* The last position of this prefix: magnitudes of negative numbers descend. */
			const uint64_t mask = (UINT64_C(1) << PREFIX_SHIFT) - 1;
			const int64_t end = position < 0 ? -(int64_t)(bits & INT64_MAX & ~mask)
							 : (int64_t)(bits | mask);
			if (end >= last)
				break;
			position = end + 1;
		}
	}
}

/* Numbers the pages from 1 in `of_page[0]`, which has no values itself. */
static void count_page(struct csvr_range_filter *filter, size_t prefix, size_t range)
{
	(void)range;
	filter->page[prefix >> 8] = 1;
}

static void mark_prefix(struct csvr_range_filter *filter, size_t prefix, size_t range)
{
	const size_t page = filter->page[prefix >> 8];
	uint64_t *word = &filter->words[page * WORDS_PER_OCTAVE + (prefix >> 6 & 3)];
	const uint64_t bit = UINT64_C(1) << (prefix & 63);
	if ((*word & bit) == 0)
		filter->first_range[page << 8 | (prefix & 255)] = (uint32_t)range;
	*word |= bit;
}

static void extend_prefixes(struct csvr_range_filter *filter, size_t prefix, size_t range)
{
	(void)range;
	const uint64_t end = filter->first_prefix + filter->n_prefixes;
	const uint64_t first = filter->n_prefixes == 0 || prefix < filter->first_prefix
				       ? prefix
				       : filter->first_prefix;
	filter->n_prefixes = (prefix >= end ? prefix + 1 : end) - first;
	filter->first_prefix = first;
}

static void mark_wanted(struct csvr_range_filter *filter, size_t prefix, size_t range)
{
	(void)range;
	filter->is_wanted[prefix - filter->first_prefix] = 1;
}

static enum csvr_status list_wanted(struct csvr_range_list *list)
{
	enum { MAX_PREFIXES = 1 << 14 }; /* as small as the first cache */
	struct csvr_range_filter *filter = list->filter;
	visit_prefixes(list, extend_prefixes);
	if (filter->n_prefixes > MAX_PREFIXES)
		return CSVR_OK;
	filter->is_wanted = calloc(filter->n_prefixes + 1, 1);
	if (filter->is_wanted == NULL)
		return CSVR_NO_MEMORY;
	visit_prefixes(list, mark_wanted);
	return CSVR_OK;
}

enum csvr_status csvr_range_list_finish(struct csvr_range_list *list)
{
	list->filter = calloc(1, sizeof *list->filter);
	if (list->filter == NULL)
		return CSVR_NO_MEMORY;
	visit_prefixes(list, count_page);
	size_t n_pages = 1;
	for (size_t i = 0; i < N_OCTAVES; i++)
		if (list->filter->page[i] != 0)
			list->filter->page[i] = (uint16_t)n_pages++;
	const size_t n_bytes = n_pages * WORDS_PER_OCTAVE * sizeof(uint64_t);
	struct csvr_range_filter *filter = realloc(list->filter, sizeof *filter + n_bytes);
	if (filter == NULL)
		return CSVR_NO_MEMORY;
	memset(filter->words, 0, n_bytes);
	list->filter = filter;
	filter->first_range = calloc(n_pages << 8, sizeof *filter->first_range);
	if (filter->first_range == NULL)
		return CSVR_NO_MEMORY;
	visit_prefixes(list, mark_prefix);
	return list_wanted(list);
}

void csvr_range_list_clear(struct csvr_range_list *list)
{
	free(list->ranges);
	if (list->filter != NULL) {
		free(list->filter->first_range);
		free(list->filter->is_wanted);
	}
	free(list->filter);
	free(list->own_counters);
	*list = (struct csvr_range_list){ 0 };
}

/* ---- ranges ---- */

struct value_search {
	const struct csvr_range *ranges;
	double value;
};

static bool is_less(const void *context, size_t index)
{
	const struct value_search *search = context;
	return search->ranges[index].greatest < search->value;
}

/* The first range of a quantity whose greatest double is not less than `value`, or the one past its last. */
static size_t lower_bound(const struct csvr_range_list *list, enum csvr_quantity quantity,
			  double value)
{
	const size_t first = list->first[quantity];
	const struct value_search search = { list->ranges + first, value };
	return first + csvr_lower_bound(list->first[quantity + 1] - first, is_less, &search);
}

/* Whether some range of the quantity has a double of the interval. */
static bool are_some_between(const struct csvr_range_list *list, enum csvr_quantity quantity,
			     double least, double greatest)
{
	const size_t i = lower_bound(list, quantity, least);
	return i < list->first[quantity + 1] && list->ranges[i].least <= greatest;
}

struct csvr_range_division csvr_range_divide(const struct csvr_range *range)
{
	const uint64_t last = (uint64_t)csvr_double_position(range->greatest) -
			      (uint64_t)csvr_double_position(range->least);
	const int n_bits = (int)range->n_bits;
	const int n_bits_last = last != 0 ? 64 - __builtin_clzll(last) : 0;
	const unsigned shift = n_bits_last > n_bits ? (unsigned)(n_bits_last - n_bits) : 0;
	return (struct csvr_range_division){ shift, (size_t)(last >> shift) + 1 };
}

uint64_t csvr_range_total(const struct csvr_range *range, const struct csvr_range_counts *counts)
{
	uint64_t n = 0;
	for (uint32_t i = 0; i < counts->values.n_entries; i++)
		n += counts->values.entries[i].count;
	const size_t n_narrower = counts->narrower != NULL ? csvr_range_divide(range).n : 0;
	for (size_t i = 0; i < n_narrower; i++)
		n += counts->narrower[i];
	return n;
}

static size_t index_in(const struct csvr_range *range, struct csvr_range_division division,
		       double nearest)
{
	return (size_t)(((uint64_t)csvr_double_position(nearest) -
			 (uint64_t)csvr_double_position(range->least)) >>
			division.shift);
}

/* Replaces values, of which there are too many, by how many are in narrower ranges. */
static enum csvr_status divide(struct csvr_range_counts *counts, const struct csvr_range *range)
{
	const struct csvr_range_division division = csvr_range_divide(range);
	counts->narrower = calloc(division.n, sizeof *counts->narrower);
	if (counts->narrower == NULL)
		return CSVR_NO_MEMORY;
	for (uint32_t i = 0; i < counts->values.n_entries; i++) {
		const struct csvr_sample_entry *entry = &counts->values.entries[i];
		const double nearest = csvr_sample_value_to_double(&entry->value);
		counts->narrower[index_in(range, division, nearest)] += entry->count;
	}
	csvr_value_counts_clear(&counts->values);
	return CSVR_OK;
}

/* ---- values ---- */

/* Adds cells of a value in range `i`. */
static enum csvr_status add_in_range(struct csvr_ranges *ranges, size_t i,
				     const struct csvr_sample_value *value, double nearest,
				     uint64_t count)
{
	const struct csvr_range *range = &ranges->list->ranges[i];
	struct csvr_range_counts *counts = &ranges->counts[i];
	if (counts->narrower != NULL) {
		const struct csvr_range_division division = csvr_range_divide(range);
		counts->narrower[index_in(range, division, nearest)] += count;
		return CSVR_OK;
	}
	if (csvr_value_counts_add(&counts->values, value, count) != CSVR_OK)
		return CSVR_NO_MEMORY;
	return counts->values.n_entries <= range->max_values ? CSVR_OK : divide(counts, range);
}

static enum csvr_status start(struct csvr_ranges *ranges)
{
	if (ranges->counts == NULL)
		ranges->counts = calloc(ranges->list->first[CSVR_N_QUANTITIES],
					sizeof *ranges->counts);
	return ranges->counts != NULL ? CSVR_OK : CSVR_NO_MEMORY;
}

/* Adds a value if it is in a range. */
static enum csvr_status add_value(struct csvr_ranges *ranges, const struct csvr_sample_value *value,
				  double nearest)
{
	const struct csvr_range_list *list = ranges->list;
	const size_t i = lower_bound(list, value->quantity, nearest);
	if (i == list->first[value->quantity + 1] || nearest < list->ranges[i].least)
		return CSVR_OK;
	return start(ranges) == CSVR_OK ? add_in_range(ranges, i, value, nearest, 1)
					: CSVR_NO_MEMORY;
}

static enum csvr_status add_number(void *state, const struct csvr_number *number)
{
	struct csvr_ranges *ranges = state;
	if (ranges->list == NULL)
		return CSVR_OK;
	if (!may_be_in_range(ranges->list->filter, csvr_double_in_bucket(number)))
		return CSVR_OK;
	const double nearest = csvr_number_to_double(number);
	struct csvr_sample_buffer buffer;
	struct csvr_sample_value value;
	csvr_sample_value_of_number(&value, number, &buffer);
	return add_value(ranges, &value, nearest);
}

/* The indices of the values that may be in a range. */
static size_t filter_batch(const struct csvr_range_filter *filter, const struct csvr_batch *batch,
			   uint8_t candidates[CSVR_MAX_BATCH])
{
	size_t n = 0;
	if (filter->is_wanted == NULL) {
		for (size_t i = 0; i < batch->n_values; i++) {
			candidates[n] = (uint8_t)i;
			n += may_be_in_range(filter, batch->doubles[i]);
		}
		return n;
	}
	int64_t numbers[CSVR_MAX_BATCH];
	batch->kernels->number_prefixes(batch->doubles, batch->n_values, PREFIX_SHIFT,
					filter->first_prefix, filter->n_prefixes, numbers);
	for (size_t i = 0; i < batch->n_values; i++) {
		candidates[n] = (uint8_t)i;
		n += filter->is_wanted[numbers[i]];
	}
	return n;
}

/* The range of a double that passed the filter; SIZE_MAX: none. */
static size_t find_range(const struct csvr_range_list *list, enum csvr_quantity quantity,
			 double value)
{
	const size_t end = list->first[quantity + 1];
	size_t i;
	if (end - list->first[quantity] == list->first[CSVR_N_QUANTITIES]) {
		const uint64_t prefix = csvr_double_bits(value) >> PREFIX_SHIFT;
		i = list->filter->first_range[(size_t)list->filter->page[prefix >> 8] << 8 |
					      (prefix & 255)];
		while (i < end && list->ranges[i].greatest < value)
			i++;
	} else {
		i = lower_bound(list, quantity, value);
	}
	return i < end && list->ranges[i].least <= value ? i : SIZE_MAX;
}

/* A double in a range. */
struct double_in_range {
	size_t range;
	struct csvr_sample_value value;
};

/* Counts values in narrower ranges, and sets `rest` to those whose ranges are not divided. */
static size_t count_narrower(struct csvr_ranges *ranges, const struct csvr_batch *batch,
			     const uint8_t *candidates, size_t n, struct double_in_range *rest)
{
	const struct csvr_range_list *list = ranges->list;
	size_t n_rest = 0;
	for (size_t i = 0; i < n; i++) {
		const double nearest = batch->doubles[candidates[i]];
		const size_t range = find_range(list, batch->quantity, nearest);
		if (range == SIZE_MAX)
			continue;
		const struct csvr_range *found = &list->ranges[range];
		uint64_t *narrower = ranges->counts != NULL ? ranges->counts[range].narrower : NULL;
		if (narrower != NULL) {
			narrower[index_in(found, csvr_range_divide(found), nearest)]++;
			continue;
		}
		const uint64_t bits = csvr_double_bits(nearest);
		rest[n_rest++] = (struct double_in_range){
			range,
			{ .hash = csvr_sample_hash_double(bits, batch->quantity),
			  .form = CSVR_FORM_DOUBLE,
			  .quantity = batch->quantity,
			  .word = bits }
		};
	}
	return n_rest;
}

/* The values are short, so that doubles stand for them. */
static enum csvr_status collect_doubles(struct csvr_ranges *ranges, const struct csvr_batch *batch)
{
	uint8_t candidates[CSVR_MAX_BATCH] = { 0 };
	struct double_in_range rest[CSVR_MAX_BATCH];
	size_t n = filter_batch(ranges->list->filter, batch, candidates);
	n = count_narrower(ranges, batch, candidates, n, rest);
	if (n == 0)
		return CSVR_OK;
	enum csvr_status status = start(ranges);
	if (status != CSVR_OK)
		return status;
	for (size_t i = 0; i < n; i++)
		csvr_value_counts_prefetch(&ranges->counts[rest[i].range].values, &rest[i].value);
	for (size_t i = 0; i < n; i++)
		csvr_value_counts_prefetch_entry(&ranges->counts[rest[i].range].values,
						 &rest[i].value);
	for (size_t i = 0; i < n && status == CSVR_OK; i++)
		status = add_in_range(ranges, rest[i].range, &rest[i].value,
				      csvr_sample_value_to_double(&rest[i].value), 1);
	return status;
}

static enum csvr_status add_batch(void *state, const struct csvr_batch *batch)
{
	struct csvr_ranges *ranges = state;
	if (ranges->list == NULL ||
	    !are_some_between(ranges->list, batch->quantity,
			      csvr_integer_to_double(batch->sums->min, batch->scale),
			      csvr_integer_to_double(batch->sums->max, batch->scale)))
		return CSVR_OK;
	if (batch->doubles != NULL && csvr_batch_is_below(batch, CSVR_SHORT_LIMIT))
		return collect_doubles(ranges, batch);
	return csvr_batch_add_numbers(batch, add_number, state);
}

/* ---- states ---- */

void csvr_ranges_want(struct csvr_ranges *ranges, const struct csvr_range_list *list)
{
	if (ranges->list == list)
		return;
	csvr_ranges_aggregate.clear(ranges);
	ranges->list = list;
}

static enum csvr_status merge_range(struct csvr_ranges *into, const struct csvr_ranges *from,
				    size_t i)
{
	const struct csvr_range *range = &into->list->ranges[i];
	const struct csvr_range_counts *other = &from->counts[i];
	struct csvr_range_counts *counts = &into->counts[i];
	if (other->narrower != NULL) {
		if (counts->narrower == NULL && divide(counts, range) != CSVR_OK)
			return CSVR_NO_MEMORY;
		const size_t n = csvr_range_divide(range).n;
		for (size_t j = 0; j < n; j++)
			counts->narrower[j] += other->narrower[j];
	}
	enum csvr_status status = CSVR_OK;
	enum { PREFETCHED = 64 };
	for (uint32_t j = 0; j < other->values.n_entries && status == CSVR_OK; j++) {
		const struct csvr_sample_entry *entry = &other->values.entries[j];
		const uint32_t n_left = other->values.n_entries - j;
		if (j % PREFETCHED == 0)
			csvr_value_counts_prefetch_entries(&counts->values, entry,
							   n_left < PREFETCHED ? n_left
									       : PREFETCHED);
		status = add_in_range(into, i, &entry->value,
				      csvr_sample_value_to_double(&entry->value), entry->count);
	}
	return status;
}

static struct csvr_range_list *copy_list(const struct csvr_range_list *list)
{
	struct csvr_range_list *copy = malloc(sizeof *copy);
	const size_t n_bytes = list->first[CSVR_N_QUANTITIES] * sizeof *list->ranges;
	if (copy == NULL)
		return NULL;
	*copy = *list;
	copy->filter = NULL;
	copy->own_counters = NULL;
	copy->frequent = (struct csvr_frequent_want){ .is_wanted = false };
	copy->ranges = malloc(n_bytes + 1);
	if (copy->ranges != NULL)
		memcpy(copy->ranges, list->ranges, n_bytes);
	if (copy->ranges != NULL && csvr_range_list_finish(copy) == CSVR_OK)
		return copy;
	csvr_range_list_clear(copy);
	free(copy);
	return NULL;
}

bool csvr_range_lists_equal(const struct csvr_range_list *a, const struct csvr_range_list *b)
{
	if (memcmp(a->first, b->first, sizeof a->first) != 0)
		return false;
	bool are = true;
	for (size_t i = 0; i < a->first[CSVR_N_QUANTITIES]; i++)
		are &= a->ranges[i].least == b->ranges[i].least &&
		       a->ranges[i].greatest == b->ranges[i].greatest &&
		       a->ranges[i].max_values == b->ranges[i].max_values &&
		       a->ranges[i].n_bits == b->ranges[i].n_bits;
	return are;
}

/* Gives a state the list of another one. */
static enum csvr_status merge_list(struct csvr_ranges *into, const struct csvr_ranges *from)
{
	if (into->list == from->list || from->list == NULL)
		return CSVR_OK;
	if (into->list != NULL)
		return csvr_range_lists_equal(into->list, from->list) ? CSVR_OK : CSVR_INVALID_FILE;
	into->list = from->owns_list ? copy_list(from->list) : from->list;
	into->owns_list = from->owns_list;
	return into->list != NULL ? CSVR_OK : CSVR_NO_MEMORY;
}

static enum csvr_status merge(void *into, const void *from)
{
	struct csvr_ranges *ranges = into;
	const struct csvr_ranges *other = from;
	enum csvr_status status = merge_list(ranges, other);
	if (status != CSVR_OK || other->counts == NULL)
		return status;
	status = start(ranges);
	for (size_t i = 0; i < ranges->list->first[CSVR_N_QUANTITIES] && status == CSVR_OK; i++)
		status = merge_range(ranges, other, i);
	return status;
}

static void clear(void *state)
{
	struct csvr_ranges *ranges = state;
	for (size_t i = 0; ranges->counts != NULL && i < ranges->list->first[CSVR_N_QUANTITIES];
	     i++) {
		csvr_value_counts_clear(&ranges->counts[i].values);
		free(ranges->counts[i].narrower);
	}
	free(ranges->counts);
	if (ranges->owns_list && ranges->list != NULL) {
		/* A list that a state owns is not const. */
		struct csvr_range_list *list = (struct csvr_range_list *)ranges->list;
		csvr_range_list_clear(list);
		free(list);
	}
	*ranges = (struct csvr_ranges){ 0 };
}

/* Keeps the list of ranges. */
static void reset(void *state)
{
	struct csvr_ranges *ranges = state;
	for (size_t i = 0; ranges->counts != NULL && i < ranges->list->first[CSVR_N_QUANTITIES];
	     i++) {
		csvr_value_counts_reset(&ranges->counts[i].values);
		free(ranges->counts[i].narrower);
		ranges->counts[i].narrower = NULL;
	}
}

const struct csvr_aggregate csvr_ranges_aggregate = { .name = "ranges",
						      .version = 1,
						      .state_bytes = sizeof(struct csvr_ranges),
						      .takes_every_quantity = true,
						      .wants_doubles = true,
						      .add_batch = add_batch,
						      .add_number = add_number,
						      .merge = merge,
						      .encode = csvr_ranges_encode,
						      .decode = csvr_ranges_decode,
						      .clear = clear,
						      .reset = reset };
