/* stat_distinct.c - how many distinct values a column has
 *
 * Numbers, dates and times are equal if their values are, texts and booleans if their bytes are, without
 * quotes and surrounding blanks. A number, a date, a time and a text are never equal. Fields that are too
 * long to be read count as one text, the empty one, which no other cell is. nan, infinite and missing cells do
 * not count.
 *
 * Who knows the hash can write a file whose estimate is wrong. Exact counts cannot be made wrong.
 */
#include "stats/few_values.h"
#include "stats/order.h"
#include "stats/statistics.h"

static struct csvr_value value(const struct csvr_subject *subject)
{
	struct csvr_value distinct = { .kind = CSVR_VALUE_COUNT };
	const uint64_t *cells = subject->column->cells, n_cells = csvr_sample_n_cells(cells);
	if (subject->is_requested && csvr_order_proves_distinct(subject->other_state, cells)) {
		distinct.count = n_cells;
		return distinct;
	}
	if (subject->is_requested && subject->state != NULL) {
		distinct.count = csvr_sample_distinct(subject->state, n_cells,
						      &distinct.is_approximate);
		return distinct;
	}
	const struct csvr_sample *sample = csvr_few_values_of(subject);
	distinct.is_lower_bound = sample == NULL;
	distinct.count = sample == NULL ? CSVR_FEW_VALUES : csvr_sample_n_values(sample);
	return distinct;
}

const struct csvr_statistic csvr_stat_distinct = {
	.name = "distinct",
	.definition =
		"distinct values of the cells that are not missing, nan or infinite; by default up to 256, "
		"else >256; if requested, exact up to 4,096, else an estimate with a standard "
		"error of 1.6% (in reports of more than 256 columns 1,024 and 3.1%, of more than "
		"1,024 columns 256 and 6.3%). Where unique is known from the order of the values, it is "
		"exact",
	.is_cell_count = true,
	.in_table = CSVR_SHOW_ALWAYS,
	.in_data = CSVR_SHOW_ALWAYS,
	.needs = &csvr_sample_aggregate,
	.also_needs = &csvr_order_aggregate,
	.needs_by_default = &csvr_few_values_aggregate,
	.value = value
};
