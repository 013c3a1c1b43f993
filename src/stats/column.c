/* column.c - running summary of one column */
#include "stats/column.h"

#include <math.h>
#include <string.h>

#include "base/decimal_to_double.h"

void csvr_column_init(struct csvr_column *column)
{
	memset(column, 0, sizeof *column);
	csvr_exact_sum_init(&column->exact);
	csvr_column_reset(column);
}

void csvr_column_clear(struct csvr_column *column)
{
	csvr_exact_sum_clear(&column->exact);
}

void csvr_column_reset(struct csvr_column *column)
{
	memset(column->cells, 0, sizeof column->cells);
	csvr_exact_sum_reset(&column->exact);
	column->min = INFINITY;
	column->max = -INFINITY;
	column->invalid_line = 0;
}

static void widen(struct csvr_column *column, double value)
{
	if (value < column->min)
		column->min = value;
	if (value > column->max)
		column->max = value;
}

static double nearest_integer_times(int64_t value, int exponent)
{
	uint64_t part = (uint64_t)(value < 0 ? -value : value);
	return csvr_decimal_to_double(&part, 1, exponent, value < 0);
}

enum csvr_status csvr_column_add_batch(struct csvr_column *column, unsigned scale,
				       const struct csvr_batch_sums *totals)
{
	/* Rounding keeps order: the nearest double of the least integer is the least double. */
	widen(column, nearest_integer_times(totals->min, -(int)scale));
	widen(column, nearest_integer_times(totals->max, -(int)scale));
	column->cells[CSVR_CELL_NUMBER] += totals->n_values;
	return csvr_exact_sum_add_batch(&column->exact, -(int)scale, totals->sum, totals->squares);
}

/* Whether a value is surely no new extreme, by a cheap look. Most are not, and the exact double of
 * a long number is dear. */
static bool is_surely_inside(const struct csvr_column *column, int exponent, const uint64_t *part,
			     size_t n_parts, bool is_negative)
{
	if (n_parts != 1 || exponent > 280 || exponent < -308)
		return false;
	double value = csvr_decimal_approximate(part[0], exponent, is_negative);
	/* The approximation is off by at most 2^-50 of itself. */
	double margin = fabs(value) * 0x1p-49;
	return value - margin > column->min && value + margin < column->max;
}

enum csvr_status csvr_column_add(struct csvr_column *column, int exponent, const uint64_t *part,
				 size_t n_parts, bool is_negative)
{
	if (!is_surely_inside(column, exponent, part, n_parts, is_negative))
		widen(column, csvr_decimal_to_double(part, n_parts, exponent, is_negative));
	column->cells[CSVR_CELL_NUMBER]++;
	return csvr_exact_sum_add(&column->exact, exponent, part, n_parts, is_negative);
}

enum csvr_status csvr_column_merge(struct csvr_column *into, const struct csvr_column *from)
{
	for (int class = 0; class < CSVR_N_CELL_CLASSES; class ++)
		into->cells[class] += from->cells[class];
	if (from->min < into->min)
		into->min = from->min;
	if (from->max > into->max)
		into->max = from->max;
	return csvr_exact_sum_merge(&into->exact, &from->exact);
}

/* ---- figures ---- */

static struct csvr_value whole(uint64_t value)
{
	return (struct csvr_value){ CSVR_VALUE_COUNT, value, 0 };
}

static struct csvr_value real(double value)
{
	return (struct csvr_value){ CSVR_VALUE_REAL, 0, value };
}

struct csvr_value csvr_column_value(const struct csvr_column *column, enum csvr_statistic statistic,
				    uint64_t n_files)
{
	const struct csvr_value absent = { CSVR_VALUE_NONE, 0, 0 };
	const struct csvr_exact_sum *exact = &column->exact;
	uint64_t count = column->cells[CSVR_CELL_NUMBER];
	switch (statistic) {
	case CSVR_STAT_COUNT:
		return whole(count);
	case CSVR_STAT_MISSING:
		return whole(column->cells[CSVR_CELL_MISSING]);
	case CSVR_STAT_NAN:
		return whole(column->cells[CSVR_CELL_NAN]);
	case CSVR_STAT_INFINITE:
		return whole(column->cells[CSVR_CELL_INFINITE]);
	case CSVR_STAT_INVALID:
		return whole(column->cells[CSVR_CELL_INVALID]);
	case CSVR_STAT_FILES:
		return whole(n_files);
	case CSVR_STAT_SUM:
		return count == 0 ? absent : real(csvr_exact_sum_value(exact));
	case CSVR_STAT_MEAN:
		return count == 0 ? absent : real(csvr_exact_sum_mean(exact, count));
	case CSVR_STAT_STDDEV:
		return count < 2 ? absent : real(csvr_exact_sum_stddev(exact, count, 1));
	case CSVR_STAT_STDDEV_POP:
		return count == 0 ? absent : real(csvr_exact_sum_stddev(exact, count, 0));
	case CSVR_STAT_VARIANCE:
		return count < 2 ? absent : real(csvr_exact_sum_variance(exact, count, 1));
	case CSVR_STAT_MIN:
		return count == 0 ? absent : real(column->min);
	case CSVR_STAT_MAX:
		return count == 0 ? absent : real(column->max);
	/* No statistic: it stands here so that the compiler misses one that is added. Nobody asks for it.
	 * LCOV_EXCL_START */
	case CSVR_N_STATISTICS:
		break;
	}
	return absent;
	/* LCOV_EXCL_STOP */
}
