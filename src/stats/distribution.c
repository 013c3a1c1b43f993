/* distribution.c - the values of one quantity of a column, in order, as far as they are known */
#include "stats/distribution.h"

#include <math.h>
#include <stdlib.h>

#include "base/calendar.h"
#include "base/double_bits.h"
#include "base/memory.h"
#include "base/number_format.h"
#include "stats/column_type.h"
#include "stats/sample_internal.h"

typedef unsigned __int128 u128;

/* ---- the column ---- */

void csvr_distribution_init(struct csvr_distribution *distribution)
{
	distribution->sorted = NULL;
	distribution->indexed = NULL;
}

bool csvr_distribution_open(struct csvr_distribution *distribution,
			    const struct csvr_column *column,
			    const struct csvr_column_buckets *buckets,
			    const struct csvr_sample *sample)
{
	const enum csvr_quantity quantity = csvr_column_quantity(column);
	distribution->column = column;
	distribution->quantity = quantity;
	distribution->refined = column->refined;
	distribution->wants = NULL;
	if (quantity == CSVR_N_QUANTITIES)
		return false;
	distribution->n_values = csvr_column_n_values(column, quantity);
	distribution->sample = sample;
	distribution->buckets = buckets != NULL ? &buckets->of[quantity] : NULL;
	if (distribution->buckets != NULL && distribution->buckets != distribution->indexed) {
		csvr_buckets_index(distribution->buckets, &distribution->index);
		distribution->indexed = distribution->buckets;
	}
	distribution->min = column->quantities[quantity].min.value;
	distribution->max = column->quantities[quantity].max.value;
	return distribution->n_values > 0;
}

struct csvr_value csvr_distribution_value(const struct csvr_distribution *distribution,
					  double value, bool is_approximate)
{
	const struct csvr_column *column = distribution->column;
	struct csvr_value shown = { .kind = CSVR_VALUE_REAL,
				    .is_approximate = is_approximate,
				    .real = value };
	if (distribution->quantity == CSVR_QUANTITY_NUMBER)
		return shown;
	const struct csvr_time time = csvr_time_of_double(value);
	shown.kind = CSVR_VALUE_TIME;
	csvr_time_text(&time, distribution->quantity,
		       column->quantities[distribution->quantity].notation,
		       csvr_column_type(column) == CSVR_TYPE_DATE, shown.text);
	return shown;
}

/* ---- decimals ---- */

void csvr_ordered_value_decimal(const struct csvr_ordered_value *value,
				struct csvr_exact_decimal *decimal)
{
	struct csvr_digits digits;
	char shortest[CSVR_NUMBER_TEXT_BYTES];
	if (value->has_value) {
		csvr_sample_value_to_decimal(&value->value, &digits);
	} else {
		csvr_number_shortest(value->nearest, shortest);
		(void)csvr_digits_parse(shortest, &digits);
	}
	csvr_bigint_set(&decimal->integer, 0);
	for (int i = 0; i < digits.n_digits; i++)
		csvr_bigint_scale(&decimal->integer, 10, (uint64_t)(digits.digit[i] - '0'));
	decimal->exponent = digits.power - digits.n_digits;
	decimal->is_negative = digits.is_negative;
}

static struct csvr_ordered_value ordered_value(double nearest,
					       const struct csvr_sample_value *value)
{
	return (struct csvr_ordered_value){ .nearest = nearest,
					    .has_value = true,
					    .value = *value };
}

/* ---- the values of the sample ---- */

static int compare_points(const void *a, const void *b)
{
	const struct csvr_distribution_point *left = a, *right = b;
	if (left->nearest != right->nearest)
		return left->nearest < right->nearest ? -1 : 1;
	return csvr_sample_value_order_exactly(&left->value, &right->value);
}

/* Unsigned integers in the order of their doubles. */
static uint64_t order_of(double value)
{
	return (uint64_t)csvr_double_position(value) ^ UINT64_C(1) << 63;
}

struct sort_key {
	uint64_t order;
	size_t index; /* of the point */
};

enum { DIGIT_BITS = 8, N_DIGITS = 64 / DIGIT_BITS, DIGIT_VALUES = 1 << DIGIT_BITS };

/* Sorts by digit from `keys` to `sorted`; false: all digits are the same, and nothing was done. */
static bool sort_by_digit(const struct sort_key *keys, struct sort_key *sorted, size_t n, int digit)
{
	size_t starts[DIGIT_VALUES + 1] = { 0 };
	const int shift = digit * DIGIT_BITS;
	for (size_t i = 0; i < n; i++)
		starts[(keys[i].order >> shift) % DIGIT_VALUES + 1]++;
	if (starts[(keys[0].order >> shift) % DIGIT_VALUES + 1] == n)
		return false;
	for (size_t i = 1; i < DIGIT_VALUES; i++)
		starts[i + 1] += starts[i];
	for (size_t i = 0; i < n; i++)
		sorted[starts[(keys[i].order >> shift) % DIGIT_VALUES]++] = keys[i];
	return true;
}

/* Inserts each key into those before it. */
static void insertion_sort(struct sort_key *keys, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		const struct sort_key key = keys[i];
		size_t place = i;
		for (; place > 0 && keys[place - 1].order > key.order; place--)
			keys[place] = keys[place - 1];
		keys[place] = key;
	}
}

/* Sorts the points by their doubles, in a fifth of the time of qsort. Equal ones keep their order. */
static void sort_by_double(struct csvr_distribution *distribution)
{
	enum { FEW_POINTS = 48 }; /* counting digits takes as long as inserting these */
	struct sort_key buffers[2][CSVR_SAMPLE_VALUES];
	struct csvr_distribution_point unsorted[CSVR_SAMPLE_VALUES];
	const size_t n = distribution->n_points;
	int from = 0;
	for (size_t i = 0; i < n; i++)
		buffers[0][i] = (struct sort_key){ order_of(distribution->points[i].nearest), i };
	if (n <= FEW_POINTS)
		insertion_sort(buffers[0], n);
	for (int digit = 0; digit < N_DIGITS && n > FEW_POINTS; digit++)
		if (sort_by_digit(buffers[from], buffers[1 - from], n, digit))
			from = 1 - from;
	memcpy(unsorted, distribution->points, n * sizeof *unsorted);
	for (size_t i = 0; i < n; i++)
		distribution->points[i] = unsorted[buffers[from][i].index];
}

/* Sorts the points. */
static void sort(struct csvr_distribution *distribution)
{
	struct csvr_distribution_point *points = distribution->points;
	sort_by_double(distribution);
	for (size_t first = 0, last; first < distribution->n_points; first = last) {
		last = first + 1;
		while (last < distribution->n_points &&
		       points[last].nearest == points[first].nearest)
			last++;
		if (last - first > 1)
			qsort(points + first, last - first, sizeof *points, compare_points);
	}
}

/* Sets the points: the values of the sample, unless they are set already. */
static void sort_sample(struct csvr_distribution *distribution)
{
	const struct csvr_sample *sample = distribution->sample;
	if (distribution->sorted == sample &&
	    distribution->sorted_quantity == distribution->quantity)
		return;
	const uint64_t theta = csvr_canonical_theta(sample);
	struct csvr_distribution_point *points = distribution->points;
	struct csvr_sample_cursor cursor = { .sample = sample };
	struct csvr_sample_entry entry;
	distribution->n_points = 0;
	while (csvr_sample_next(&cursor, &entry)) {
		/* If theta is 0, any hash is below it. */
		if (entry.value.form == CSVR_FORM_TEXT ||
		    entry.value.quantity != distribution->quantity || entry.value.hash > theta - 1)
			continue;
		points[distribution->n_points++] = (struct csvr_distribution_point){
			csvr_sample_value_to_double(&entry.value), entry.value, entry.count
		};
	}
	sort(distribution);
	for (size_t i = 1; i < distribution->n_points; i++)
		points[i].n_until += points[i - 1].n_until;
	distribution->sorted = sample;
	distribution->sorted_quantity = distribution->quantity;
}

/* How many points are less than `limit`, or with `or_equal` not greater. */
static size_t count_points(const struct csvr_distribution *distribution, double limit,
			   bool or_equal)
{
	size_t low = 0, high = distribution->n_points;
	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		const double nearest = distribution->points[middle].nearest;
		if (nearest < limit || (or_equal && nearest == limit))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* ---- values by rank ---- */

static double clamp(const struct csvr_distribution *distribution, double value)
{
	if (value < distribution->min)
		return distribution->min;
	return value > distribution->max ? distribution->max : value;
}

/* Makes a value an estimate: one of those of the bucket. */
static struct csvr_ordered_value estimate(const struct csvr_distribution *distribution,
					  const struct csvr_bucket *bucket,
					  struct csvr_ordered_value value)
{
	value.is_approximate = true;
	value.least = clamp(distribution, bucket->least);
	value.greatest = clamp(distribution, bucket->greatest);
	return value;
}

/* A value of a bucket without values of the sample, as if its values had equal distances. */
static struct csvr_ordered_value find_without_points(const struct csvr_distribution *distribution,
						     const struct csvr_bucket *bucket,
						     uint64_t rank)
{
	const double width = bucket->greatest - bucket->least;
	const double share = ((double)rank + 0.5) / (double)bucket->n_values;
	const double nearest = clamp(distribution, bucket->least + width * share);
	return estimate(distribution, bucket, (struct csvr_ordered_value){ .nearest = nearest });
}

/* The points of a bucket: [first, last). */
struct interval {
	size_t first, last;
	uint64_t n_before, n_known; /* values of the sample before it, and in it */
};

static struct interval points_of(struct csvr_distribution *distribution,
				 const struct csvr_bucket *bucket)
{
	sort_sample(distribution);
	const struct csvr_distribution_point *points = distribution->points;
	struct interval in = { .first = count_points(distribution, bucket->least, false),
			       .last = count_points(distribution, bucket->greatest, true) };
	in.n_before = in.first > 0 ? points[in.first - 1].n_until : 0;
	in.n_known = in.last > in.first ? points[in.last - 1].n_until - in.n_before : 0;
	return in;
}

static struct csvr_ordered_value find_in_bucket(struct csvr_distribution *distribution,
						const struct csvr_bucket *bucket, uint64_t rank)
{
	const struct interval in = points_of(distribution, bucket);
	const bool is_known = in.n_known == bucket->n_values;
	if (!is_known && bucket->least == bucket->greatest)
		return (struct csvr_ordered_value){ .nearest = bucket->least };
	if (in.n_known == 0)
		return find_without_points(distribution, bucket, rank);
	/* The first point until which there is a share of at least (rank + 1/2) / n_values. If all values are
	 * known, it is the one of that rank. */
	const struct csvr_distribution_point *points = distribution->points;
	const u128 share = (2 * (u128)rank + 1) * in.n_known;
	size_t low = in.first, high = in.last - 1;
	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		if (2 * (u128)(points[middle].n_until - in.n_before) * bucket->n_values < share)
			low = middle + 1;
		else
			high = middle;
	}
	const struct csvr_ordered_value value = ordered_value(points[low].nearest,
							      &points[low].value);
	return is_known ? value : estimate(distribution, bucket, value);
}

static struct csvr_bucket as_bucket(const struct csvr_range *range)
{
	return (struct csvr_bucket){ .least = range->least,
				     .greatest = range->greatest,
				     .n_before = range->n_before,
				     .n_values = range->n_values };
}

/* The range that starts with the value of that rank and of which all values are known; NULL: none. */
static const struct csvr_refined_range *find_refined(const struct csvr_distribution *distribution,
						     uint64_t rank)
{
	const struct csvr_refined_range *refined = csvr_refined_find(distribution->refined,
								     distribution->quantity, rank);
	return refined != NULL && refined->values != NULL ? refined : NULL;
}

struct csvr_ordered_value csvr_distribution_find(struct csvr_distribution *distribution,
						 uint64_t rank)
{
	struct csvr_bucket bucket = { .least = -INFINITY,
				      .greatest = INFINITY,
				      .n_values = distribution->n_values };
	const struct csvr_refined_range *refined = csvr_refined_find(distribution->refined,
								     distribution->quantity, rank);
	if (refined != NULL && refined->values != NULL) {
		const struct csvr_refined_value *value = csvr_refined_value(refined, rank);
		return ordered_value(value->nearest, &value->entry.value);
	}
	if (refined != NULL)
		bucket = as_bucket(&refined->range);
	else if (distribution->buckets != NULL)
		bucket = csvr_buckets_find(distribution->buckets, &distribution->index, rank);
	const struct csvr_ordered_value value = find_in_bucket(distribution, &bucket,
							       rank - bucket.n_before);
	if (!value.is_approximate)
		return value;
	/* The extremes are known. */
	if (rank == 0 && isfinite(distribution->min))
		return (struct csvr_ordered_value){ .nearest = distribution->min };
	if (rank == distribution->n_values - 1 && isfinite(distribution->max))
		return (struct csvr_ordered_value){ .nearest = distribution->max };
	return value;
}

/* ---- all values ---- */

struct csvr_bucket csvr_distribution_part(const struct csvr_distribution *distribution,
					  const struct csvr_bucket *bucket, uint64_t rank)
{
	const struct csvr_refined_range *refined = csvr_refined_find(distribution->refined,
								     distribution->quantity, rank);
	return refined != NULL ? as_bucket(&refined->range) : *bucket;
}

uint64_t csvr_distribution_n_known(struct csvr_distribution *distribution,
				   const struct csvr_bucket *bucket)
{
	return find_refined(distribution, bucket->n_before) != NULL
		       ? bucket->n_values
		       : points_of(distribution, bucket).n_known;
}

static void visit_refined(const struct csvr_refined_range *refined, csvr_value_fn visit,
			  void *context)
{
	uint64_t n_before = 0;
	for (size_t i = 0; i < refined->n_distinct; i++) {
		const struct csvr_refined_value *known = &refined->values[i];
		const struct csvr_ordered_value value = ordered_value(known->nearest,
								      &known->entry.value);
		visit(context, &value, known->entry.count - n_before);
		n_before = known->entry.count;
	}
}

void csvr_distribution_visit(struct csvr_distribution *distribution,
			     const struct csvr_bucket *bucket, csvr_value_fn visit, void *context)
{
	const struct csvr_refined_range *refined = find_refined(distribution, bucket->n_before);
	if (refined != NULL) {
		visit_refined(refined, visit, context);
		return;
	}
	const struct interval in = points_of(distribution, bucket);
	uint64_t n_visited = 0;
	for (size_t i = in.first; i < in.last; i++) {
		const struct csvr_distribution_point *point = &distribution->points[i];
		/* The share of the values of the sample, rounded. */
		const u128 n_until = (u128)(point->n_until - in.n_before) * bucket->n_values;
		const uint64_t n_all = (uint64_t)((n_until + in.n_known / 2) / in.n_known);
		struct csvr_ordered_value value = ordered_value(point->nearest, &point->value);
		if (in.n_known != bucket->n_values)
			value = estimate(distribution, bucket, value);
		if (n_all > n_visited)
			visit(context, &value, n_all - n_visited);
		n_visited = n_all;
	}
}

/* ---- ranges for further passes ---- */

void csvr_wants_clear(struct csvr_wants *wants)
{
	for (int i = 0; i < CSVR_N_QUANTITIES; i++)
		free(wants->of[i].wants);
	*wants = (struct csvr_wants){ 0 };
}

static void add_want(struct csvr_wants *wants, enum csvr_quantity quantity,
		     const struct csvr_want *want)
{
	struct csvr_want *known = wants->of[quantity].wants;
	const size_t n = wants->of[quantity].n_wants;
	for (size_t i = 0; i < n; i++)
		if (known[i].range.least == want->range.least) {
			/* Two parts: all values. */
			known[i].has_part &= want->has_part && known[i].least == want->least &&
					     known[i].greatest == want->greatest;
			return;
		}
	known = csvr_array_grow(known, &wants->of[quantity].capacity, n + 1, sizeof *known);
	if (known == NULL) {
		wants->is_out_of_memory = true;
		return;
	}
	known[n] = *want;
	wants->of[quantity].wants = known;
	wants->of[quantity].n_wants = n + 1;
}

/* Sets the range of the value of that rank. False: nothing more can be found out about it. */
static bool find_range(const struct csvr_distribution *distribution, uint64_t rank,
		       struct csvr_range *range)
{
	const struct csvr_refined_range *refined = csvr_refined_find(distribution->refined,
								     distribution->quantity, rank);
	if (refined != NULL) {
		*range = refined->range;
		return refined->values == NULL && !refined->is_final;
	}
	if (distribution->buckets == NULL)
		return false;
	const struct csvr_bucket bucket = csvr_buckets_find(distribution->buckets,
							    &distribution->index, rank);
	*range = (struct csvr_range){ .least = bucket.least,
				      .greatest = bucket.greatest,
				      .n_before = bucket.n_before,
				      .n_values = bucket.n_values };
	return true;
}

/* The number of distinct values in a range, from those of the sample, which are of least hash. */
static uint64_t estimate_distinct(struct csvr_distribution *distribution,
				  const struct csvr_range *range)
{
	const struct csvr_bucket bucket = as_bucket(range);
	const struct interval in = points_of(distribution, &bucket);
	const uint64_t theta = csvr_canonical_theta(distribution->sample);
	const u128 n = theta != 0 ? ((u128)(in.last - in.first) << 64) / theta : in.last - in.first;
	return n < range->n_values ? (uint64_t)n : range->n_values;
}

void csvr_distribution_want(struct csvr_distribution *distribution, uint64_t rank)
{
	struct csvr_want want = { .has_part = false };
	if (distribution->wants == NULL || !find_range(distribution, rank, &want.range))
		return;
	want.n_distinct = estimate_distinct(distribution, &want.range);
	add_want(distribution->wants, distribution->quantity, &want);
}

void csvr_distribution_want_part(struct csvr_distribution *distribution, uint64_t rank,
				 double least, double greatest)
{
	struct csvr_want want = { .has_part = true, .least = least, .greatest = greatest };
	if (distribution->wants == NULL || !find_range(distribution, rank, &want.range))
		return;
	want.has_part = least > want.range.least && greatest < want.range.greatest;
	want.n_distinct = estimate_distinct(distribution, &want.range);
	add_want(distribution->wants, distribution->quantity, &want);
}
