/* test_quantiles.c - the stated errors of percentiles, on random values of several distributions
 *
 * An estimate must always be within 0.4% of the exact value. The share of values below it must differ by at
 * most 1.6 percentage points from the percentile, in at least 95% of all cases.
 *
 * Env     CSVR_TRIALS  trials per distribution (default: 12); if it is set, a table of errors is printed
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check_main.h"
#include "column_value.h"
#include "random.h"
#include "stats/few_values.h"
#include "stats/statistics.h"

/* Uniform, from 0 to 1. */
static double draw_uniform(void)
{
	return (double)(next_random() >> 11) * 0x1p-53;
}

static double draw_normal(void)
{
	double sum = -6;
	for (int i = 0; i < 12; i++)
		sum += draw_uniform();
	return sum;
}

/* ---- distributions: integers times 10^-scale ---- */

static int64_t draw_seconds(int64_t offset)
{
	return 1700000000 + 86400 * (offset % 1000) + (int64_t)(draw_uniform() * 86400);
}

static int64_t draw_ids(int64_t offset)
{
	static int64_t next;
	return 1000000000 + offset + next++ % 30000;
}

static int64_t draw_years(int64_t offset)
{
	return 1950 + offset % 3 + (int64_t)(next_random() % 76);
}

static int64_t draw_lognormal(int64_t offset)
{
	(void)offset;
	return (int64_t)(exp(draw_normal() * 2 + 5) * 100);
}

static int64_t draw_unique(int64_t offset)
{
	(void)offset;
	return (int64_t)(next_random() % 1000000000000000);
}

static int64_t draw_constant(int64_t offset)
{
	return offset;
}

static int64_t draw_negative(int64_t offset)
{
	return -offset + (int64_t)(draw_normal() * 300000);
}

static int64_t draw_scales(int64_t offset)
{
	(void)offset;
	const int64_t magnitude = (int64_t)exp(draw_uniform() * 41);
	return next_random() % 3 == 0 ? -magnitude : magnitude;
}

static const struct distribution {
	const char *name;
	int64_t (*draw)(int64_t offset);
	unsigned scale;
} distributions[] = {
	{ "seconds of a day", draw_seconds, 0 },
	{ "ids", draw_ids, 0 },
	{ "years", draw_years, 0 },
	{ "lognormal", draw_lognormal, 2 },
	{ "unique", draw_unique, 15 },
	{ "constant", draw_constant, 3 },
	{ "mostly negative", draw_negative, 3 },
	{ "all magnitudes", draw_scales, 9 },
};
enum { N_DISTRIBUTIONS = sizeof distributions / sizeof distributions[0], N_VALUES = 30000 };

/* ---- trials ---- */

static const char *const names[] = { "p0.1", "p1",  "p5",  "p25",  "median",
				     "p75",  "p95", "p99", "p99.9" };
enum { N_NAMES = sizeof names / sizeof names[0] };

struct errors {
	size_t n, n_estimates, n_exceeding; /* cases; those with more than 1.6 points */
	double sum_of_ranks, worst_rank; /* percentage points */
	double worst_value; /* relative */
};

static void add_values(struct csvr_column *column, const int64_t *values, unsigned scale)
{
	const struct csvr_batch_kernels *kernels = csvr_batch_kernels_for("scalar");
	struct csvr_batch_sums sums;
	for (size_t from = 0; from < N_VALUES; from += CSVR_MAX_BATCH) {
		const size_t n = N_VALUES - from < CSVR_MAX_BATCH ? N_VALUES - from
								  : CSVR_MAX_BATCH;
		kernels->sum(values + from, n, &sums);
		const struct csvr_batch batch = { .values = values + from,
						  .n_values = n,
						  .scale = scale,
						  .sums = &sums,
						  .kernels = kernels };
		ck_assert_int_eq(csvr_column_add_batch(column, CSVR_CELL_NUMBER, &batch), CSVR_OK);
	}
}

static int compare_integers(const void *a, const void *b)
{
	const int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
	return (left > right) - (left < right);
}

/* How many of the sorted values are less than `limit`. */
static size_t count_below(const int64_t *values, double limit)
{
	size_t low = 0, high = N_VALUES;
	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		if ((double)values[middle] < limit)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The exact value is known up to some rounding, in units of the values. */
static void check_value(const int64_t *values, const struct csvr_value *value, const char *name,
			double unit, struct errors *errors)
{
	struct csvr_percentile percentile;
	ck_assert(csvr_percentile_parse(name, strlen(name), &percentile));
	const double share = (double)percentile.numerator / (double)percentile.denominator;
	const struct csvr_percentile_rank at = csvr_percentile_rank(percentile, N_VALUES);
	const double low = (double)values[at.rank];
	const double high = (double)values[at.rank + (at.weight > 0)];
	const double weight = (double)at.weight / (double)percentile.denominator;
	const double exact = low + (high - low) * weight, found = value->real * unit;
	const double widest = fabs(low) > fabs(high) ? fabs(low) : fabs(high);
	const double error = fabs(found - exact);
	errors->n++;
	if (!value->is_approximate) {
		ck_assert_msg(error <= widest * 0x1p-50, "%s: %.17g, not %.17g", name, found,
			      exact);
		return;
	}
	errors->n_estimates++;
	ck_assert_msg(error <= widest * (0x1p-8 + 0x1p-50), "%s: %.17g, not %.17g", name, found,
		      exact);
	if (widest > 0 && error / widest > errors->worst_value)
		errors->worst_value = error / widest;
	const double tolerance = fabs(found) * 0x1p-50;
	const double least = (double)count_below(values, found - tolerance) / N_VALUES;
	const double most = (double)count_below(values, found + tolerance) / N_VALUES;
	const double points = 100 * (share < least  ? least - share
				     : share > most ? share - most
						    : 0);
	errors->sum_of_ranks += points;
	errors->n_exceeding += points > 1.6;
	if (points > errors->worst_rank)
		errors->worst_rank = points;
}

static void try_distribution(const struct distribution *distribution, struct errors *errors)
{
	const struct csvr_statistic_options options = { .names = { names, N_NAMES } };
	static int64_t values[N_VALUES];
	struct csvr_statistic_list list;
	struct csvr_column column;
	const int64_t offset = (int64_t)(next_random() % 1000000);
	for (size_t i = 0; i < N_VALUES; i++)
		values[i] = distribution->draw(offset);
	csvr_statistic_list_init(&list, &options);
	csvr_column_init(&column);
	ck_assert_int_eq(csvr_column_collect(&column, csvr_collection_of(&options)), CSVR_OK);
	add_values(&column, values, distribution->scale);
	qsort(values, N_VALUES, sizeof values[0], compare_integers);
	for (size_t i = 0; i < list.n_items; i++)
		for (size_t k = 0; k < N_NAMES; k++)
			if (strcmp(list.item[i]->name, names[k]) == 0) {
				const struct csvr_value value = column_value(&column, list.item[i],
									     1);
				ck_assert_int_eq(value.kind, CSVR_VALUE_REAL);
				check_value(values, &value, names[k], pow(10, distribution->scale),
					    errors);
			}
	csvr_column_clear(&column);
}

START_TEST(the_stated_errors_hold)
{
	const char *trials = getenv("CSVR_TRIALS");
	const long n_trials = trials != NULL ? strtol(trials, NULL, 10) : 12;
	const struct distribution *distribution = &distributions[_i];
	struct errors errors = { 0 };
	for (long i = 0; i < n_trials; i++)
		try_distribution(distribution, &errors);
	if (trials != NULL)
		printf("# %-18s %3.0f%% estimates; rank: mean %.3f, greatest %.3f points, %.2f%% "
		       "exceed 1.6; value: at most %.4f%%\n",
		       distribution->name, 100.0 * (double)errors.n_estimates / (double)errors.n,
		       errors.n_estimates > 0 ? errors.sum_of_ranks / (double)errors.n_estimates
					      : 0,
		       errors.worst_rank, 100.0 * (double)errors.n_exceeding / (double)errors.n,
		       100 * errors.worst_value);
	ck_assert_uint_eq(errors.n, (size_t)n_trials * N_NAMES);
	ck_assert(errors.n_exceeding * 20 <= errors.n);
}
END_TEST

/* ---- few values ---- */

/* The median from csvr_few_values alone, as in reports without --stats. */
static struct csvr_value median_of_few(const struct csvr_column *column, const int64_t *values,
				       size_t n)
{
	const struct csvr_batch_kernels *kernels = csvr_batch_kernels_for("scalar");
	const struct csvr_statistic *median = csvr_statistic_find("median", 6);
	struct csvr_few_values few = { 0 };
	struct csvr_batch_sums sums;
	for (size_t from = 0; from < n; from += CSVR_MAX_BATCH) {
		const size_t n_batch = n - from < CSVR_MAX_BATCH ? n - from : CSVR_MAX_BATCH;
		kernels->sum(values + from, n_batch, &sums);
		const struct csvr_batch batch = { .values = values + from,
						  .n_values = n_batch,
						  .scale = 1,
						  .sums = &sums,
						  .kernels = kernels };
		ck_assert_int_eq(csvr_few_values_aggregate.add_batch(&few, &batch), CSVR_OK);
	}
	ck_assert_int_eq(csvr_few_values_aggregate.complete(&few), CSVR_OK);
	struct csvr_distribution distribution;
	csvr_distribution_init(&distribution);
	const struct csvr_subject subject = { .statistic = median,
					      .column = column,
					      .default_state = &few,
					      .distribution = &distribution };
	const struct csvr_value value = median->value(&subject);
	csvr_few_values_aggregate.clear(&few);
	return value;
}

START_TEST(the_median_of_few_values_needs_no_buckets)
{
	static int64_t values[N_VALUES];
	struct csvr_column column;
	csvr_column_init(&column);
	ck_assert_int_eq(median_of_few(&column, values, 0).kind, CSVR_VALUE_NONE);
	for (size_t i = 0; i < 1000; i++)
		values[i] = (int64_t)(i % 256);
	column.cells[CSVR_CELL_NUMBER] = 1000;
	struct csvr_value value = median_of_few(&column, values, 1000);
	ck_assert(value.kind == CSVR_VALUE_REAL && !value.is_approximate);
	/* 1000 = 3 * 256 + 232: 0 to 231 occur four times, ranks 499 and 500 are 124 and 125. */
	ck_assert_double_eq(value.real, 12.45);
	values[7] = 256;
	ck_assert_int_eq(median_of_few(&column, values, 1000).kind, CSVR_VALUE_NONE);
	csvr_column_clear(&column);
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *few = tcase_create("few");
	tcase_add_test(few, the_median_of_few_values_needs_no_buckets);
	suite_add_tcase(suite, few);
	TCase *errors = tcase_create("errors");
	tcase_set_timeout(errors, 0);
	tcase_add_loop_test(errors, the_stated_errors_hold, 0, N_DISTRIBUTIONS);
	suite_add_tcase(suite, errors);
}

int main(void)
{
	return check_main("quantiles", add_cases);
}
