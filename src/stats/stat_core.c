/* stat_core.c - the statistics of what every column keeps: counts, exact sums, extremes */
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "base/number_format.h"
#include "stats/column_type.h"
#include "stats/statistics.h"

static struct csvr_value count_of(uint64_t count)
{
	struct csvr_value value = csvr_value_of(CSVR_VALUE_COUNT);
	value.count = count;
	return value;
}

static struct csvr_value real_of(double real)
{
	struct csvr_value value = csvr_value_of(CSVR_VALUE_REAL);
	value.real = real;
	return value;
}

static const struct csvr_value none = { .kind = CSVR_VALUE_NONE };

static uint64_t n_numbers(const struct csvr_subject *subject)
{
	return csvr_column_n_numbers(subject->column);
}

/* ---- cells ---- */

static struct csvr_value type(const struct csvr_subject *subject)
{
	return (struct csvr_value){ .kind = CSVR_VALUE_WORD,
				    .word = csvr_type_name(csvr_column_type(subject->column)) };
}

static struct csvr_value count(const struct csvr_subject *subject)
{
	return count_of(csvr_column_n_valid(subject->column));
}

static struct csvr_value missing(const struct csvr_subject *subject)
{
	return count_of(subject->column->cells[CSVR_CELL_MISSING]);
}

static struct csvr_value nan_cells(const struct csvr_subject *subject)
{
	return count_of(subject->column->cells[CSVR_CELL_NAN]);
}

static struct csvr_value infinite(const struct csvr_subject *subject)
{
	return count_of(subject->column->cells[CSVR_CELL_INFINITE]);
}

static struct csvr_value invalid(const struct csvr_subject *subject)
{
	return count_of(csvr_column_n_invalid(subject->column));
}

static struct csvr_value files(const struct csvr_subject *subject)
{
	return count_of(subject->n_files);
}

const struct csvr_statistic csvr_stat_type = {
	.name = "type",
	.definition =
		"integer, decimal, boolean, date, datetime, time or text, whatever at least nine "
		"tenths of the cells are; mixed if no type has as many; empty without cells that "
		"are not missing",
	.in_table = CSVR_SHOW_ALWAYS,
	.in_data = CSVR_SHOW_ALWAYS,
	.is_cell_count = true,
	.value = type
};
const struct csvr_statistic csvr_stat_count = {
	.name = "count",
	.definition = "cells of the type of the column; of a mixed column, those that are numbers",
	.in_table = CSVR_SHOW_ALWAYS,
	.in_data = CSVR_SHOW_ALWAYS,
	.is_cell_count = true,
	.value = count
};
const struct csvr_statistic csvr_stat_missing = {
	.name = "missing",
	.definition = "cells that are missing, those absent from short rows among them",
	.in_table = CSVR_SHOW_IF_NONZERO,
	.in_data = CSVR_SHOW_ALWAYS,
	.is_cell_count = true,
	.has_share = true,
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
		"cells that are not missing, nan or infinite, and not of the type of the column, such as "
		"12 kg among numbers; of a mixed column, those that are not numbers; none in a column of "
		"text",
	.in_table = CSVR_SHOW_IF_NONZERO,
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

static const struct csvr_quantity_stats *numbers_of(const struct csvr_subject *subject)
{
	return &subject->column->quantities[CSVR_QUANTITY_NUMBER];
}

static const struct csvr_exact_sum *exact_of(const struct csvr_subject *subject)
{
	return &numbers_of(subject)->exact;
}

/* The quantity that describes the column, and the number of its values, in `*n`. NULL: there are none. */
static const struct csvr_quantity_stats *values_of(const struct csvr_subject *subject, uint64_t *n,
						   enum csvr_quantity *quantity)
{
	*quantity = csvr_column_quantity(subject->column);
	*n = csvr_column_n_values(subject->column, *quantity);
	return *quantity == CSVR_N_QUANTITIES || *n == 0 ? NULL
							 : &subject->column->quantities[*quantity];
}

enum { MEAN_DECIMALS = 6 }; /* means of dates and times are rounded to microseconds */

static struct csvr_value time_of(const struct csvr_subject *subject, const struct csvr_time *time)
{
	const enum csvr_quantity quantity = csvr_column_quantity(subject->column);
	struct csvr_value value = { .kind = CSVR_VALUE_TIME };
	csvr_time_text(time, quantity, subject->column->quantities[quantity].notation,
		       csvr_column_type(subject->column) == CSVR_TYPE_DATE, value.text);
	return value;
}

/* A decimal, whose nearest double is `nearest`. The double suffices if its text has all digits, which that of a
 * subnormal may lack. What is beyond the range of doubles is infinite. */
static struct csvr_value decimal_of(const struct csvr_subject *subject,
				    const struct csvr_digits *digits, double nearest)
{
	enum { DOUBLE_DIGITS = 15, DOUBLE_PLAIN_TO = 16, REAL_PLAIN_TO = 21 };
	const bool is_integer = csvr_column_type(subject->column) == CSVR_TYPE_INTEGER;
	struct csvr_value value = real_of(nearest);
	const bool has_all_digits = digits->n_digits <= DOUBLE_DIGITS &&
				    (fabs(nearest) >= DBL_MIN || digits->digit[0] == '0');
	if (isinf(nearest) || (has_all_digits && (!is_integer || digits->power <= DOUBLE_PLAIN_TO)))
		return value;
	char text[CSVR_NUMBER_TEXT_BYTES];
	const size_t n = csvr_digits_text(digits, is_integer ? CSVR_MAX_DIGITS : REAL_PLAIN_TO,
					  text);
	value.kind = CSVR_VALUE_DECIMAL;
	memcpy(value.text, text, n + 1);
	return value;
}

/* `numerator` / 10^n_decimals seconds. */
static struct csvr_time time_of_decimal(__int128 numerator, int n_decimals)
{
	__int128 unit = 1;
	for (int i = 0; i < n_decimals; i++)
		unit *= 10;
	__int128 whole = numerator / unit, fraction = numerator % unit;
	if (fraction < 0) {
		fraction += unit;
		whole--;
	}
	struct csvr_time time = { .seconds = (int64_t)whole };
	int n = n_decimals;
	for (; n > 0 && fraction % 10 == 0; n--)
		fraction /= 10;
	if (n > 0)
		snprintf(time.fraction, sizeof time.fraction, "%0*" PRIu64, n, (uint64_t)fraction);
	return time;
}

/* An extreme of dates or times in units of 10^-n_decimals seconds, n_decimals at most 18. What is below a unit
 * is dropped. */
static __int128 scaled_extreme(const struct csvr_extreme *extreme, int n_decimals)
{
	struct csvr_digits digits;
	csvr_extreme_to_digits(extreme, &digits);
	__int128 value = 0;
	for (int i = 0; i < digits.power + n_decimals; i++)
		value = value * 10 + (i < digits.n_digits ? digits.digit[i] - '0' : 0);
	return digits.is_negative ? -value : value;
}

/* Whether decimal_of would give the same text as the double: it has all digits, and plain notation. */
static bool is_plain(const struct csvr_extreme *extreme)
{
	static const uint64_t limit = 1000000000000000; /* 10^15 */
	return extreme->n_parts == 1 && extreme->part[0] < limit && extreme->exponent <= 0 &&
	       extreme->exponent >= -CSVR_MAX_FRACTION_DIGITS;
}

static struct csvr_value extreme_of(const struct csvr_subject *subject,
				    const struct csvr_extreme *extreme)
{
	if (csvr_column_quantity(subject->column) == CSVR_QUANTITY_NUMBER) {
		if (is_plain(extreme))
			return real_of(extreme->value);
		struct csvr_digits digits;
		csvr_extreme_to_digits(extreme, &digits);
		return decimal_of(subject, &digits, extreme->value);
	}
	const struct csvr_time time = time_of_decimal(scaled_extreme(extreme,
								     CSVR_MAX_FRACTION_DIGITS),
						      CSVR_MAX_FRACTION_DIGITS);
	return time_of(subject, &time);
}

static struct csvr_value sum(const struct csvr_subject *subject)
{
	uint64_t n;
	enum csvr_quantity quantity;
	const struct csvr_quantity_stats *values = values_of(subject, &n, &quantity);
	struct csvr_digits digits;
	if (values == NULL || quantity == CSVR_QUANTITY_DATE)
		return none;
	if (quantity == CSVR_QUANTITY_TIME) {
		const __int128 micros = csvr_exact_sum_mean_scaled(&values->exact, 1,
								   MEAN_DECIMALS);
		if (micros < 0 || micros / 1000000 > INT64_MAX)
			return none; /* that is 292 billion years, or the state was forged */
		const struct csvr_time time = time_of_decimal(micros, MEAN_DECIMALS);
		return time_of(subject, &time);
	}
	const double nearest = csvr_exact_sum_value(&values->exact);
	struct csvr_value value = csvr_exact_sum_digits(&values->exact, &digits)
					  ? decimal_of(subject, &digits, nearest)
					  : real_of(nearest);
	value.exact = &values->exact;
	value.divisor = 1;
	return value;
}

static struct csvr_value mean(const struct csvr_subject *subject)
{
	uint64_t n;
	enum csvr_quantity quantity;
	const struct csvr_quantity_stats *values = values_of(subject, &n, &quantity);
	if (values == NULL)
		return none;
	if (quantity == CSVR_QUANTITY_NUMBER) {
		struct csvr_value real = real_of(csvr_exact_sum_mean(&values->exact, n));
		real.exact = &values->exact;
		real.divisor = n;
		return real;
	}
	/* A forged state can have any sum. */
	const __int128 least = scaled_extreme(&values->min, MEAN_DECIMALS) - 1,
		       greatest = scaled_extreme(&values->max, MEAN_DECIMALS) + 1;
	__int128 value = csvr_exact_sum_mean_scaled(&values->exact, n, MEAN_DECIMALS);
	value = value < least ? least : value > greatest ? greatest : value;
	const struct csvr_time time = time_of_decimal(value, MEAN_DECIMALS);
	return time_of(subject, &time);
}

static struct csvr_value stddev(const struct csvr_subject *subject)
{
	const uint64_t n = n_numbers(subject);
	return n < 2 ? none : real_of(csvr_exact_sum_stddev(exact_of(subject), n, 1));
}

static struct csvr_value stddev_pop(const struct csvr_subject *subject)
{
	const uint64_t n = n_numbers(subject);
	return n == 0 ? none : real_of(csvr_exact_sum_stddev(exact_of(subject), n, 0));
}

static struct csvr_value variance(const struct csvr_subject *subject)
{
	const uint64_t n = n_numbers(subject);
	return n < 2 ? none : real_of(csvr_exact_sum_variance(exact_of(subject), n, 1));
}

/* The texts that describe the column; NULL: there are none, or it has another type. */
static const struct csvr_text_stats *texts_of(const struct csvr_subject *subject)
{
	const struct csvr_text_stats *texts = subject->column->texts;
	return csvr_column_type(subject->column) == CSVR_TYPE_TEXT && texts != NULL && texts->n > 0
		       ? texts
		       : NULL;
}

/* A text that was cut does not end within a character. */
static struct csvr_value bytes_of(const struct csvr_kept_text *kept)
{
	struct csvr_value value = { .kind = CSVR_VALUE_BYTES,
				    .bytes = kept->bytes,
				    .n_bytes = kept->n_bytes };
	if (!kept->is_cut)
		return value;
	size_t n = value.n_bytes;
	while (n > 0 && (kept->bytes[n - 1] & 0xc0) == 0x80)
		n--;
	const unsigned char lead = n > 0 ? kept->bytes[n - 1] : 0;
	const size_t n_character = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
	if (value.n_bytes - n + 1 < n_character)
		value.n_bytes = n - 1;
	return value;
}

static struct csvr_value min(const struct csvr_subject *subject)
{
	uint64_t n;
	enum csvr_quantity quantity;
	const struct csvr_quantity_stats *values = values_of(subject, &n, &quantity);
	const struct csvr_text_stats *texts = texts_of(subject);
	return values != NULL  ? extreme_of(subject, &values->min)
	       : texts != NULL ? bytes_of(&texts->first)
			       : none;
}

static struct csvr_value max(const struct csvr_subject *subject)
{
	uint64_t n;
	enum csvr_quantity quantity;
	const struct csvr_quantity_stats *values = values_of(subject, &n, &quantity);
	const struct csvr_text_stats *texts = texts_of(subject);
	return values != NULL  ? extreme_of(subject, &values->max)
	       : texts != NULL ? bytes_of(&texts->last)
			       : none;
}

static struct csvr_value min_length(const struct csvr_subject *subject)
{
	const struct csvr_text_stats *texts = texts_of(subject);
	return texts == NULL ? none : count_of(texts->min_length);
}

static struct csvr_value max_length(const struct csvr_subject *subject)
{
	const struct csvr_text_stats *texts = texts_of(subject);
	return texts == NULL ? none : count_of(texts->max_length);
}

static struct csvr_value mean_length(const struct csvr_subject *subject)
{
	const struct csvr_text_stats *texts = texts_of(subject);
	if (texts == NULL)
		return none;
	struct csvr_bigint total, n;
	csvr_bigint_set(&total, texts->total_length);
	csvr_bigint_set(&n, texts->n);
	return real_of(csvr_bigint_ratio(&total, &n));
}

static struct csvr_value range(const struct csvr_subject *subject)
{
	const struct csvr_quantity_stats *numbers = numbers_of(subject);
	return n_numbers(subject) == 0 ? none : real_of(numbers->max.value - numbers->min.value);
}

static struct csvr_value sem(const struct csvr_subject *subject)
{
	const uint64_t n = n_numbers(subject);
	return n < 2 ? none : real_of(csvr_exact_sum_sem(exact_of(subject), n));
}

static struct csvr_value cv(const struct csvr_subject *subject)
{
	const uint64_t n = n_numbers(subject);
	const struct csvr_exact_sum *exact = exact_of(subject);
	return n < 2 || csvr_exact_sum_is_zero(exact) ? none : real_of(csvr_exact_sum_cv(exact, n));
}

const struct csvr_statistic csvr_stat_sum = { .name = "sum",
					      .definition = "sum of the numbers, or of the times",
					      .value = sum };
const struct csvr_statistic csvr_stat_mean = {
	.name = "mean",
	.definition = "sum divided by count; of dates and times, to "
		      "the microsecond",
	.in_table = CSVR_SHOW_ALWAYS,
	.in_data = CSVR_SHOW_ALWAYS,
	.is_of_amounts = true,
	.value = mean
};
const struct csvr_statistic csvr_stat_stddev = {
	.name = "stddev",
	.definition =
		"standard deviation of a sample (divided by count - 1); absent where count is "
		"less than 2",
	.in_table = CSVR_SHOW_ALWAYS,
	.in_data = CSVR_SHOW_ALWAYS,
	.is_of_amounts = true,
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
const struct csvr_statistic csvr_stat_min = {
	.name = "min",
	.definition = "smallest number, earliest date or time, or the first text in byte order",
	.in_table = CSVR_SHOW_ALWAYS,
	.in_data = CSVR_SHOW_ALWAYS,
	.value = min
};
const struct csvr_statistic csvr_stat_max = {
	.name = "max",
	.definition = "largest number, latest date or time, or the last text in byte order",
	.in_table = CSVR_SHOW_ALWAYS,
	.in_data = CSVR_SHOW_ALWAYS,
	.value = max
};
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

const struct csvr_statistic csvr_stat_min_length = {
	.name = "min_length",
	.definition = "length of the shortest text, in characters; of columns of text",
	.value = min_length
};
const struct csvr_statistic csvr_stat_max_length = {
	.name = "max_length",
	.definition = "length of the longest text, in characters; of columns of text",
	.value = max_length
};
const struct csvr_statistic csvr_stat_mean_length = {
	.name = "mean_length",
	.definition = "mean length of the texts, in characters; of columns of text",
	.value = mean_length
};
