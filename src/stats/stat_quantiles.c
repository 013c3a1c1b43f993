/* stat_quantiles.c - median, percentiles, interquartile range and median absolute deviation
 *
 * The percentile p of n values is the one of rank h = (n - 1) p / 100, from 0; if h is no integer, it is
 * interpolated linearly between the two values next to it (type 7 of Hyndman and Fan, as in numpy, R and the
 * quantile_cont of DuckDB). Values are the decimals as written, and the result is rounded once.
 *
 * Source  Hyndman and Fan, "Sample quantiles in statistical packages" (1996)
 */
#include <float.h>
#include <math.h>
#include <string.h>

#include "stats/blend.h"
#include "stats/few_values.h"
#include "stats/percentile.h"
#include "stats/statistics.h"

static const struct csvr_value none = { .kind = CSVR_VALUE_NONE };

/* The values that describe the column; NULL: it has none. */
static struct csvr_distribution *open_distribution(const struct csvr_subject *subject)
{
	struct csvr_distribution *distribution = subject->distribution;
	if (subject->state == NULL || subject->other_state == NULL ||
	    !csvr_distribution_open(distribution, subject->column, subject->other_state,
				    subject->state))
		return NULL;
	distribution->wants = subject->wants;
	return distribution;
}

/* ---- percentiles ---- */

static struct csvr_value real_of(double real, bool is_approximate)
{
	return (struct csvr_value){ .kind = CSVR_VALUE_REAL,
				    .is_approximate = is_approximate,
				    .real = real };
}

/* A percentile between two values: that of lesser rank, and how much of the other it has. */
struct between {
	uint64_t rank; /* of `low`; `high` has the next one */
	struct csvr_ordered_value low, high;
	uint64_t low_weight, high_weight;
};

static struct between find_percentile(struct csvr_distribution *distribution,
				      struct csvr_percentile percentile)
{
	const struct csvr_percentile_rank at = csvr_percentile_rank(percentile,
								    distribution->n_values);
	struct between between = { .rank = at.rank,
				   .low_weight = percentile.denominator - at.weight,
				   .high_weight = at.weight };
	between.low = csvr_distribution_find(distribution, at.rank);
	if (at.weight > 0)
		between.high = csvr_distribution_find(distribution, at.rank + 1);
	return between;
}

static void want_percentile(struct csvr_distribution *distribution, const struct between *at)
{
	csvr_distribution_want(distribution, at->rank);
	if (at->high_weight > 0)
		csvr_distribution_want(distribution, at->rank + 1);
}

static struct csvr_value value_at(struct csvr_distribution *distribution, const char *name)
{
	struct csvr_percentile percentile;
	(void)csvr_percentile_parse(name, strlen(name), &percentile);
	const struct between at = find_percentile(distribution, percentile);
	double value = at.low.nearest;
	bool is_approximate = at.low.is_approximate;
	if (at.high_weight > 0) {
		struct csvr_blend blend = { 0 };
		csvr_blend_add(&blend, at.low, at.low_weight);
		csvr_blend_add(&blend, at.high, at.high_weight);
		value = csvr_blend_quotient(&blend, percentile.denominator);
		is_approximate = csvr_blend_is_approximate(&blend);
	}
	if (is_approximate)
		want_percentile(distribution, &at);
	return csvr_distribution_value(distribution, value, is_approximate);
}

/* By default, the median of a column that has few values, from these alone. */
static struct csvr_value value_of_few(const struct csvr_subject *subject)
{
	struct csvr_distribution *distribution = subject->distribution;
	const struct csvr_sample *sample = csvr_few_values_of(subject);
	if (sample == NULL || !csvr_distribution_open(distribution, subject->column, NULL, sample))
		return none;
	return value_at(distribution, subject->statistic->name);
}

static struct csvr_value percentile(const struct csvr_subject *subject)
{
	if (!subject->is_requested)
		return value_of_few(subject);
	struct csvr_distribution *distribution = open_distribution(subject);
	return distribution != NULL ? value_at(distribution, subject->statistic->name) : none;
}

static struct csvr_value iqr(const struct csvr_subject *subject)
{
	static const struct csvr_percentile p25 = { 25, 100 }, p75 = { 75, 100 };
	struct csvr_distribution *distribution = open_distribution(subject);
	if (distribution == NULL)
		return none;
	const struct between low = find_percentile(distribution, p25);
	const struct between high = find_percentile(distribution, p75);
	struct csvr_blend blend = { 0 };
	csvr_blend_add(&blend, high.low, high.low_weight);
	csvr_blend_add(&blend, high.high, high.high_weight);
	csvr_blend_subtract(&blend, low.low, low.low_weight);
	csvr_blend_subtract(&blend, low.high, low.high_weight);
	const bool is_approximate = csvr_blend_is_approximate(&blend);
	if (is_approximate) {
		want_percentile(distribution, &low);
		want_percentile(distribution, &high);
	}
	return real_of(csvr_blend_quotient(&blend, p25.denominator), is_approximate);
}

/* ---- median absolute deviation ---- */

/* The median is between two values, which are equal if there is one in the middle. Those before and after it
 * have deviations that ascend with the distance of their ranks from it: two sorted lists. */
struct deviations {
	struct csvr_distribution *distribution;
	struct csvr_ordered_value low, high; /* the median is (low + high) / 2 */
	uint64_t low_rank, high_rank;
	uint64_t n_before; /* the values of rank n_before - 1 and less are before it */
	bool is_approximate; /* an estimate decided a comparison */
};

static uint64_t rank_before(const struct deviations *deviations, uint64_t i)
{
	return deviations->n_before - 1 - i;
}

static uint64_t rank_after(const struct deviations *deviations, uint64_t i)
{
	return deviations->n_before + i;
}

static double least_of(struct csvr_ordered_value value)
{
	return value.is_approximate ? value.least : value.nearest;
}

static double greatest_of(struct csvr_ordered_value value)
{
	return value.is_approximate ? value.greatest : value.nearest;
}

/* Whether median - before < after - median, or its contrary, holds for all values that are possible. */
static bool is_certain(const struct deviations *deviations, struct csvr_ordered_value before,
		       struct csvr_ordered_value after)
{
	const struct csvr_ordered_value low = deviations->low, high = deviations->high;
	if (csvr_ordered_value_is_known(&low) && csvr_ordered_value_is_known(&high) &&
	    csvr_ordered_value_is_known(&before) && csvr_ordered_value_is_known(&after))
		return true;
	/* Decimals are as near to their doubles as sums are to the rounded ones: 2^-53 of themselves. */
	const double margin = 0x1p-50 * (fabs(before.nearest) + fabs(after.nearest) +
					 fabs(low.nearest) + fabs(high.nearest) + DBL_MIN);
	const double least = least_of(before) + least_of(after);
	const double greatest = greatest_of(before) + greatest_of(after);
	return least - margin > greatest_of(low) + greatest_of(high) ||
	       greatest + margin < least_of(low) + least_of(high);
}

static void want_median(const struct deviations *deviations)
{
	csvr_distribution_want(deviations->distribution, deviations->low_rank);
	csvr_distribution_want(deviations->distribution, deviations->high_rank);
}

/* Whether the deviation of value i before the median is less than that of value j after it. */
static bool is_nearer(struct deviations *deviations, uint64_t i, uint64_t j)
{
	struct csvr_distribution *distribution = deviations->distribution;
	const uint64_t ranks[2] = { rank_before(deviations, i), rank_after(deviations, j) };
	const struct csvr_ordered_value before = csvr_distribution_find(distribution, ranks[0]);
	const struct csvr_ordered_value after = csvr_distribution_find(distribution, ranks[1]);
	if (!is_certain(deviations, before, after)) {
		deviations->is_approximate = true;
		want_median(deviations);
		csvr_distribution_want(distribution, ranks[0]);
		csvr_distribution_want(distribution, ranks[1]);
	}
	struct csvr_blend blend = { 0 };
	csvr_blend_add(&blend, before, 1);
	csvr_blend_add(&blend, after, 1);
	csvr_blend_subtract(&blend, deviations->low, 1);
	csvr_blend_subtract(&blend, deviations->high, 1);
	return csvr_blend_sign(&blend) > 0;
}

/* The rank of the value that has the deviation of that rank. */
static uint64_t find_deviation(struct deviations *deviations, uint64_t rank, bool *is_before)
{
	const uint64_t n_before = deviations->n_before;
	const uint64_t n_after = deviations->distribution->n_values - n_before;
	/* Invariant: of the `rank` least deviations, from `least` to `most` are of values before the median. */
	uint64_t least = rank > n_after ? rank - n_after : 0;
	uint64_t most = rank < n_before ? rank : n_before;
	while (least < most) {
		const uint64_t i = least + (most - least) / 2;
		if (is_nearer(deviations, i, rank - 1 - i))
			least = i + 1;
		else
			most = i;
	}
	*is_before = rank - least >= n_after ||
		     (least < n_before && is_nearer(deviations, least, rank - least));
	return *is_before ? rank_before(deviations, least) : rank_after(deviations, rank - least);
}

/* The mean of the deviations of two values. If one is before and one after the median, the median cancels. */
static struct csvr_value mean_deviation(struct deviations *deviations, const uint64_t ranks[2],
					const bool is_before[2])
{
	struct csvr_distribution *distribution = deviations->distribution;
	struct csvr_blend blend = { 0 };
	for (int i = 0; i < 2; i++) {
		const struct csvr_ordered_value value = csvr_distribution_find(distribution,
									       ranks[i]);
		if (is_before[i])
			csvr_blend_subtract(&blend, value, 1);
		else
			csvr_blend_add(&blend, value, 1);
	}
	if (is_before[0] == is_before[1] && is_before[0]) {
		csvr_blend_add(&blend, deviations->low, 1);
		csvr_blend_add(&blend, deviations->high, 1);
	} else if (is_before[0] == is_before[1]) {
		csvr_blend_subtract(&blend, deviations->low, 1);
		csvr_blend_subtract(&blend, deviations->high, 1);
	}
	const bool is_approximate = csvr_blend_is_approximate(&blend);
	if (is_approximate) {
		want_median(deviations);
		csvr_distribution_want(distribution, ranks[0]);
		csvr_distribution_want(distribution, ranks[1]);
	}
	return real_of(csvr_blend_quotient(&blend, 2),
		       is_approximate || deviations->is_approximate);
}

static struct csvr_value mad(const struct csvr_subject *subject)
{
	struct csvr_distribution *distribution = open_distribution(subject);
	if (distribution == NULL)
		return none;
	const uint64_t n = distribution->n_values, low = (n - 1) / 2, high = n / 2;
	struct deviations deviations = { .distribution = distribution,
					 .low = csvr_distribution_find(distribution, low),
					 .high = csvr_distribution_find(distribution, high),
					 .low_rank = low,
					 .high_rank = high,
					 .n_before = high };
	bool is_before[2];
	const uint64_t ranks[2] = { find_deviation(&deviations, low, &is_before[0]),
				    find_deviation(&deviations, high, &is_before[1]) };
	return mean_deviation(&deviations, ranks, is_before);
}

/* ---- the statistics ---- */

#define PERCENTILE(title, phrase)                                                                \
	const struct csvr_statistic csvr_stat_##title = { .name = #title,                        \
							  .definition = (phrase),                \
							  .needs = &csvr_sample_aggregate,       \
							  .also_needs = &csvr_buckets_aggregate, \
							  .value = percentile };

PERCENTILE(p1, "1st percentile: the value below which 1% of the values are")
PERCENTILE(p5, "5th percentile")
PERCENTILE(p25, "25th percentile, the first quartile")
const struct csvr_statistic csvr_stat_median = {
	.name = "median",
	.definition =
		"50th percentile; by default of columns of at most 256 distinct values. Any other can be "
		"requested by name, such as p99.9",
	.in_table = CSVR_SHOW_IF_ROOM,
	.in_data = CSVR_SHOW_ALWAYS,
	.is_of_amounts = true,
	.needs = &csvr_sample_aggregate,
	.also_needs = &csvr_buckets_aggregate,
	.needs_by_default = &csvr_few_values_aggregate,
	.value = percentile
};
PERCENTILE(p75, "75th percentile, the third quartile")
PERCENTILE(p95, "95th percentile")
PERCENTILE(p99, "99th percentile")

const struct csvr_statistic csvr_stat_iqr = {
	.name = "iqr",
	.definition = "interquartile range, p75 minus p25; of dates and times, in seconds",
	.needs = &csvr_sample_aggregate,
	.also_needs = &csvr_buckets_aggregate,
	.value = iqr
};
const struct csvr_statistic csvr_stat_mad = {
	.name = "mad",
	.definition =
		"median absolute deviation from the median, not scaled; of dates and times, in seconds",
	.needs = &csvr_sample_aggregate,
	.also_needs = &csvr_buckets_aggregate,
	.value = mad
};
