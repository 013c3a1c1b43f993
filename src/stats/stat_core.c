/* stat_core.c - the statistics of what every column keeps: counts, exact sums, extremes */
#include "stats/statistics.h"

static struct csvr_value count_of(uint64_t count)
{
	return (struct csvr_value){ .kind = CSVR_VALUE_COUNT, .count = count };
}

static struct csvr_value real_of(double real)
{
	return (struct csvr_value){ .kind = CSVR_VALUE_REAL, .real = real };
}

static const struct csvr_value none = { .kind = CSVR_VALUE_NONE };

static uint64_t n_numbers(const struct csvr_subject *subject)
{
	return subject->column->cells[CSVR_CELL_NUMBER];
}

/* ---- cells ---- */

#define CELLS_OF(function, class)                                             \
	static struct csvr_value function(const struct csvr_subject *subject) \
	{                                                                     \
		return count_of(subject->column->cells[class]);               \
	}

CELLS_OF(count, CSVR_CELL_NUMBER)
CELLS_OF(missing, CSVR_CELL_MISSING)
CELLS_OF(nan_cells, CSVR_CELL_NAN)
CELLS_OF(infinite, CSVR_CELL_INFINITE)
CELLS_OF(invalid, CSVR_CELL_TEXT)

static struct csvr_value files(const struct csvr_subject *subject)
{
	return count_of(subject->n_files);
}

const struct csvr_statistic csvr_stat_count = { .name = "count",
						.definition = "cells that are numbers",
						.in_table = CSVR_SHOW_ALWAYS,
						.in_data = CSVR_SHOW_ALWAYS,
						.is_cell_count = true,
						.value = count };
const struct csvr_statistic csvr_stat_missing = {
	.name = "missing",
	.definition = "cells that are missing, those absent from short rows among them",
	.in_table = CSVR_SHOW_ALWAYS,
	.in_data = CSVR_SHOW_ALWAYS,
	.is_cell_count = true,
	.value = missing
};
const struct csvr_statistic csvr_stat_nan = {
	.name = "nan",
	.definition = "cells that are nan; not part of any other statistic",
	.in_table = CSVR_SHOW_IF_NONZERO,
	.in_data = CSVR_SHOW_ALWAYS,
	.is_cell_count = true,
	.value = nan_cells
};
const struct csvr_statistic csvr_stat_infinite = {
	.name = "infinite",
	.definition = "cells that are infinite; not part of any other statistic",
	.in_table = CSVR_SHOW_IF_NONZERO,
	.in_data = CSVR_SHOW_ALWAYS,
	.is_cell_count = true,
	.value = infinite
};
const struct csvr_statistic csvr_stat_invalid = {
	.name = "invalid",
	.definition =
		"cells that are neither a number, missing, nan nor infinite, such as text or 12 kg",
	.in_table = CSVR_SHOW_ALWAYS,
	.in_data = CSVR_SHOW_ALWAYS,
	.is_cell_count = true,
	.value = invalid
};
const struct csvr_statistic csvr_stat_files = {
	.name = "files",
	.definition = "files with at least one row that have the column",
	.is_cell_count = true,
	.value = files
};

/* ---- numbers: a column without numbers has no values ---- */

static struct csvr_value sum(const struct csvr_subject *subject)
{
	return n_numbers(subject) == 0 ? none
				       : real_of(csvr_exact_sum_value(&subject->column->exact));
}

static struct csvr_value mean(const struct csvr_subject *subject)
{
	const uint64_t n = n_numbers(subject);
	return n == 0 ? none : real_of(csvr_exact_sum_mean(&subject->column->exact, n));
}

static struct csvr_value stddev(const struct csvr_subject *subject)
{
	const uint64_t n = n_numbers(subject);
	return n < 2 ? none : real_of(csvr_exact_sum_stddev(&subject->column->exact, n, 1));
}

static struct csvr_value stddev_pop(const struct csvr_subject *subject)
{
	const uint64_t n = n_numbers(subject);
	return n == 0 ? none : real_of(csvr_exact_sum_stddev(&subject->column->exact, n, 0));
}

static struct csvr_value variance(const struct csvr_subject *subject)
{
	const uint64_t n = n_numbers(subject);
	return n < 2 ? none : real_of(csvr_exact_sum_variance(&subject->column->exact, n, 1));
}

static struct csvr_value min(const struct csvr_subject *subject)
{
	return n_numbers(subject) == 0 ? none : real_of(subject->column->min);
}

static struct csvr_value max(const struct csvr_subject *subject)
{
	return n_numbers(subject) == 0 ? none : real_of(subject->column->max);
}

static struct csvr_value range(const struct csvr_subject *subject)
{
	const struct csvr_column *column = subject->column;
	return n_numbers(subject) == 0 ? none : real_of(column->max - column->min);
}

static struct csvr_value sem(const struct csvr_subject *subject)
{
	const uint64_t n = n_numbers(subject);
	return n < 2 ? none : real_of(csvr_exact_sum_sem(&subject->column->exact, n));
}

static struct csvr_value cv(const struct csvr_subject *subject)
{
	const uint64_t n = n_numbers(subject);
	const struct csvr_exact_sum *exact = &subject->column->exact;
	return n < 2 || csvr_exact_sum_is_zero(exact) ? none : real_of(csvr_exact_sum_cv(exact, n));
}

const struct csvr_statistic csvr_stat_sum = { .name = "sum",
					      .definition = "sum of the numbers",
					      .value = sum };
const struct csvr_statistic csvr_stat_mean = { .name = "mean",
					       .definition = "sum divided by count",
					       .in_table = CSVR_SHOW_ALWAYS,
					       .in_data = CSVR_SHOW_ALWAYS,
					       .value = mean };
const struct csvr_statistic csvr_stat_stddev = {
	.name = "stddev",
	.definition =
		"standard deviation of a sample (divided by count - 1); absent where count is "
		"less than 2",
	.in_table = CSVR_SHOW_ALWAYS,
	.in_data = CSVR_SHOW_ALWAYS,
	.value = stddev
};
const struct csvr_statistic csvr_stat_stddev_pop = {
	.name = "stddev_pop",
	.definition = "standard deviation of a population (divided by count)",
	.value = stddev_pop
};
const struct csvr_statistic csvr_stat_variance = {
	.name = "variance",
	.definition = "variance of a sample, the square of stddev",
	.value = variance
};
const struct csvr_statistic csvr_stat_min = { .name = "min",
					      .definition = "smallest number",
					      .in_table = CSVR_SHOW_ALWAYS,
					      .in_data = CSVR_SHOW_ALWAYS,
					      .value = min };
const struct csvr_statistic csvr_stat_max = { .name = "max",
					      .definition = "largest number",
					      .in_table = CSVR_SHOW_ALWAYS,
					      .in_data = CSVR_SHOW_ALWAYS,
					      .value = max };
const struct csvr_statistic csvr_stat_range = {
	.name = "range",
	.definition = "max minus min, which are doubles, rounded to the nearest double",
	.value = range
};
const struct csvr_statistic csvr_stat_sem = {
	.name = "sem",
	.definition = "standard error of the mean, stddev divided by the square root of count",
	.value = sem
};
const struct csvr_statistic csvr_stat_cv = {
	.name = "cv",
	.definition = "coefficient of variation, stddev divided by the absolute value of mean; "
		      "absent where the exact mean is 0",
	.value = cv
};
