/* groups_column.c - the cells of one column in one group, as a column */
#include <stdlib.h>
#include <string.h>

#include "stats/column_type.h"
#include "stats/groups_internal.h"

typedef unsigned __int128 u128;

/* Widens the extremes of a column by an integer times 10^-scale. */
static void widen(struct csvr_quantity_stats *stats, int64_t integer,
		  const struct csvr_group_values *values)
{
	uint64_t part;
	const struct csvr_number number =
		csvr_number_of_integer(integer, values->scale, (enum csvr_quantity)values->quantity,
				       &part);
	const double nearest = csvr_number_to_double(&number);
	csvr_extreme_add(&stats->min, CSVR_LEAST, nearest, &number);
	csvr_extreme_add(&stats->max, CSVR_GREATEST, nearest, &number);
}

/* Restored groups can have sums without values, which are counted with another scale. */
static bool are_nothing(const struct csvr_group_values *values, uint32_t id)
{
	const struct csvr_group_sums *sums = &values->sums[id];
	if (((uint64_t)sums->n | (uint64_t)sums->sum | sums->squares) != 0)
		return false;
	if (values->wide == NULL)
		return true;
	const struct csvr_wide_group_sums *wide = &values->wide[id];
	return wide->sum == 0 && (wide->squares[0] | wide->squares[1] | wide->squares[2]) == 0;
}

static enum csvr_status add_values(struct csvr_column *column,
				   const struct csvr_group_values *values, uint32_t id)
{
	const struct csvr_group_sums *sums = &values->sums[id];
	if (are_nothing(values, id))
		return CSVR_OK;
	struct csvr_quantity_stats *stats = &column->quantities[values->quantity];
	if (values->quantity == CSVR_QUANTITY_NUMBER)
		column->cells[CSVR_CELL_NUMBER] += (uint64_t)sums->n;
	if (sums->n != 0) {
		widen(stats, sums->min, values);
		widen(stats, -sums->negated_max, values);
	}
	const int exponent = -(int)values->scale;
	enum csvr_status status = csvr_exact_sum_add_batch(&stats->exact, exponent, sums->sum,
							   sums->squares);
	if (status == CSVR_OK && values->wide != NULL) {
		const struct csvr_wide_group_sums *wide = &values->wide[id];
		status = csvr_exact_sum_add_wide(&stats->exact, exponent, wide->sum, wide->squares);
	}
	return status;
}

enum csvr_status csvr_groups_column(const struct csvr_groups *groups, size_t group, size_t index,
				    const struct csvr_column *whole, struct csvr_column *column)
{
	const uint32_t id = groups->order[group];
	column->collected = NULL; /* that of the group before */
	csvr_column_reset(column);
	column->collected = groups->nothing;
	column->type_of_whole_plus_1 = whole != NULL ? (uint8_t)(csvr_column_type(whole) + 1) : 0;
	if (index >= groups->n_columns)
		return CSVR_OK;
	const struct csvr_group_column *from = &groups->columns[index];
	enum csvr_status status = CSVR_OK;
	for (size_t i = 0; i < from->n_values && status == CSVR_OK; i++)
		status = add_values(column, &from->values[i], id);
	for (int class = 0; class < CSVR_N_CELL_CLASSES; class ++)
		if (from->cells[class] != NULL)
			column->cells[class] += from->cells[class][id];
	const struct csvr_column *detail = from->details != NULL ? from->details[id] : NULL;
	if (detail != NULL && status == CSVR_OK) {
		status = csvr_column_merge_core(column, detail);
		column->collected = detail->collected;
	}
	/* The notation of times, and whether numbers have a fraction, are those of all cells. */
	for (size_t i = 0; i < CSVR_N_QUANTITIES && whole != NULL; i++)
		column->quantities[i].notation = whole->quantities[i].notation;
	return status;
}

void csvr_groups_column_clear(struct csvr_column *column)
{
	column->collected = NULL;
	csvr_column_clear(column);
}
