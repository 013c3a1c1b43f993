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
	csvr_collected_free(column->collected);
	column->collected = NULL;
}

void csvr_column_reset(struct csvr_column *column)
{
	memset(column->cells, 0, sizeof column->cells);
	csvr_exact_sum_reset(&column->exact);
	column->min = INFINITY;
	column->max = -INFINITY;
	column->invalid_line = 0;
	if (column->collected != NULL)
		csvr_collected_reset(column->collected);
}

enum csvr_status csvr_column_collect(struct csvr_column *column, csvr_collection collection)
{
	const csvr_collection current = column->collected != NULL
						? csvr_collected_collection(column->collected)
						: 0;
	if (current == collection)
		return CSVR_OK;
	csvr_collected_free(column->collected);
	column->collected = NULL;
	return collection == 0 ? CSVR_OK : csvr_collected_new(collection, &column->collected);
}

static void widen(struct csvr_column *column, double value)
{
	if (value < column->min)
		column->min = value;
	if (value > column->max)
		column->max = value;
}

static double to_double(int64_t value, int exponent)
{
	uint64_t part = (uint64_t)(value < 0 ? -value : value);
	return csvr_decimal_to_double(&part, 1, exponent, value < 0);
}

enum csvr_status csvr_column_add_batch(struct csvr_column *column, const struct csvr_batch *batch,
				       const struct csvr_batch_sums *sums)
{
	const int exponent = -(int)batch->scale;
	/* Rounding keeps order: the nearest double of the least integer is the least double. */
	widen(column, to_double(sums->min, exponent));
	widen(column, to_double(sums->max, exponent));
	column->cells[CSVR_CELL_NUMBER] += sums->n_values;
	if (column->collected != NULL) {
		const enum csvr_status status = csvr_collected_add_batch(column->collected, batch);
		if (status != CSVR_OK)
			return status;
	}
	return csvr_exact_sum_add_batch(&column->exact, exponent, sums->sum, sums->squares);
}

/* Whether a value is certainly between the extremes, by an approximation. Most are, and converting a
 * long number exactly is expensive. */
static bool is_within_extremes(const struct csvr_column *column, int exponent, const uint64_t *part,
			       size_t n_parts, bool is_negative)
{
	if (n_parts != 1 || exponent > 280 || exponent < -308)
		return false;
	double value = csvr_decimal_approximate(part[0], exponent, is_negative);
	/* The approximation is off by at most 2^-50 of itself. */
	double margin = fabs(value) * 0x1p-49;
	return value - margin > column->min && value + margin < column->max;
}

/* A function of its own, so that csvr_column_add needs no stack frame where nothing is collected. */
__attribute__((noinline)) static enum csvr_status collect_number(struct csvr_column *column,
								 int exponent, const uint64_t *part,
								 size_t n_parts, bool is_negative)
{
	const struct csvr_number number = { part, n_parts, exponent, is_negative,
					    CSVR_QUANTITY_NUMBER };
	return csvr_collected_add_number(column->collected, &number);
}

enum csvr_status csvr_column_add(struct csvr_column *column, int exponent, const uint64_t *part,
				 size_t n_parts, bool is_negative)
{
	if (!is_within_extremes(column, exponent, part, n_parts, is_negative))
		widen(column, csvr_decimal_to_double(part, n_parts, exponent, is_negative));
	column->cells[CSVR_CELL_NUMBER]++;
	if (column->collected != NULL) {
		const enum csvr_status status = collect_number(column, exponent, part, n_parts,
							       is_negative);
		if (status != CSVR_OK)
			return status;
	}
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
	if (from->collected != NULL) {
		const enum csvr_status status = csvr_collected_merge(&into->collected,
								     from->collected);
		if (status != CSVR_OK)
			return status;
	}
	return csvr_exact_sum_merge(&into->exact, &from->exact);
}
