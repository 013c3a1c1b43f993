/* stat_negative.c - how many of the numbers are below zero
 *
 * -0 and -0.0 are not below zero. -1e-400 is, though its nearest double is 0; a cell too small to be kept
 * exactly (the manual has the bound) is what it is rounded to.
 */
#include "stats/cell_count.h"

static enum csvr_status add_batch(void *state, const struct csvr_batch *batch)
{
	struct csvr_cell_count *count = state;
	uint64_t n = 0;
	if (batch->sums->min >= 0)
		return CSVR_OK;
	for (size_t i = 0; i < batch->n_values; i++)
		n += batch->values[i] < 0;
	count->n += n;
	return CSVR_OK;
}

static enum csvr_status add_number(void *state, const struct csvr_number *number)
{
	struct csvr_cell_count *count = state;
	count->n += number->is_negative && !csvr_number_is_zero(number);
	return CSVR_OK;
}

extern const struct csvr_aggregate csvr_negative_aggregate;
const struct csvr_aggregate csvr_negative_aggregate = { .name = "negative",
							.version = 1,
							.state_bytes = sizeof(
								struct csvr_cell_count),
							.add_batch = add_batch,
							.add_number = add_number,
							.merge = csvr_cell_count_merge,
							.encode = csvr_cell_count_encode,
							.decode = csvr_cell_count_decode };

const struct csvr_statistic csvr_stat_negative = { .name = "negative",
						   .definition = "numbers below zero",
						   .needs = &csvr_negative_aggregate,
						   .value = csvr_cell_count_value };
