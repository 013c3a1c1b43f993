/* stat_facts.c - facts about columns: whether the values ascend, are unique, are all the same
 *
 * A fact is proven over all cells, or absent. Missing cells are skipped.
 */
#include "stats/few_values.h"
#include "stats/order.h"
#include "stats/sample_internal.h"
#include "stats/statistics.h"

static const struct csvr_value none = { .kind = CSVR_VALUE_NONE };

static struct csvr_value fact(bool holds)
{
	return (struct csvr_value){ .kind = CSVR_VALUE_FACT, .word = holds ? "true" : "false" };
}

/* ---- ascending ---- */

static struct csvr_value ascending(const struct csvr_subject *subject)
{
	const uint64_t *cells = subject->column->cells;
	const uint64_t n_others = cells[CSVR_CELL_NAN] + cells[CSVR_CELL_INFINITE] +
				  cells[CSVR_CELL_BOOLEAN] + cells[CSVR_CELL_TEXT];
	return n_others == 0 && csvr_order_is_ascending(subject->state) ? fact(true) : none;
}

/* ---- unique ---- */

/* Fields that were too long to be read, of which the sample has all as one value. */
static uint64_t n_unread(const struct csvr_column *column)
{
	return column->cells[CSVR_CELL_TEXT] - (column->texts != NULL ? column->texts->n : 0);
}

/* Whether some value of a sample that is not complete has two cells. */
static bool has_duplicate(const struct csvr_sample *sample)
{
	const uint64_t theta = csvr_canonical_theta(sample);
	struct csvr_sample_cursor cursor = { .sample = sample };
	struct csvr_sample_entry entry;
	while (csvr_sample_next(&cursor, &entry))
		if (entry.value.hash < theta && entry.count > 1 &&
		    !(entry.value.form == CSVR_FORM_TEXT && entry.value.size == 0))
			return true;
	return false;
}

static struct csvr_value unique(const struct csvr_subject *subject)
{
	const struct csvr_column *column = subject->column;
	const struct csvr_order *order = subject->other_state;
	const uint64_t n_cells = csvr_sample_n_cells(column->cells), n_long = n_unread(column);
	const bool may_be_true = n_long == 0 && column->cells[CSVR_CELL_NAN] == 0 &&
				 column->cells[CSVR_CELL_INFINITE] == 0;
	if (n_cells == 0)
		return none;
	if (csvr_order_proves_distinct(order, column->cells))
		return may_be_true ? fact(true) : none;
	if (order != NULL && order->kind == CSVR_ORDER_ASCENDING)
		return fact(false);
	const struct csvr_sample *sample = csvr_all_values_of(subject);
	if (sample != NULL) {
		const uint64_t n_values = csvr_sample_n_values(sample) - (n_long > 0);
		return n_values < n_cells - n_long ? fact(false) : may_be_true ? fact(true) : none;
	}
	return subject->is_requested && subject->state != NULL && has_duplicate(subject->state)
		       ? fact(false)
		       : none;
}

/* ---- constant ---- */

/* The cells of each kind, with those that have no value as kinds of their own. Dates and datetimes are one. */
enum { KIND_NAN = CSVR_N_KINDS, KIND_INFINITE, N_KINDS };

static void count_kinds(const struct csvr_column *column, uint64_t n[N_KINDS])
{
	for (int kind = 0; kind < N_KINDS; kind++)
		n[kind] = 0;
	for (int class = 0; class < CSVR_N_CELL_CLASSES; class ++)
		if (class == CSVR_CELL_NAN || class == CSVR_CELL_INFINITE)
			n[class == CSVR_CELL_NAN ? KIND_NAN : KIND_INFINITE] +=
				column->cells[class];
		else if (class != CSVR_CELL_MISSING)
			n[csvr_kind_of((enum csvr_cell_class) class)] += column->cells[class];
}

static struct csvr_value quantity_is_constant(const struct csvr_column *column,
					      enum csvr_quantity quantity, uint64_t n)
{
	const struct csvr_quantity_stats *values = &column->quantities[quantity];
	/* The extremes are rounded after 40 digits, the sums are not. */
	return fact(csvr_extreme_compare(&values->min, &values->max) == 0 &&
		    csvr_exact_sum_is_of_equals(&values->exact, n));
}

/* Of a long text only the start is kept. */
static struct csvr_value text_is_constant(const struct csvr_column *column, uint64_t n)
{
	const struct csvr_text_stats *texts = column->texts;
	if (n == 1)
		return fact(true);
	if (texts == NULL || texts->n == 0)
		return none;
	if (csvr_kept_text_compare(&texts->first, &texts->last) != 0 ||
	    texts->min_length != texts->max_length)
		return fact(false);
	return texts->first.is_cut || texts->n < n ? none : fact(true);
}

static struct csvr_value constant(const struct csvr_subject *subject)
{
	const struct csvr_column *column = subject->column;
	uint64_t n[N_KINDS];
	int n_kinds = 0, kind = 0;
	count_kinds(column, n);
	for (int i = 0; i < N_KINDS; i++)
		if (n[i] > 0) {
			n_kinds++;
			kind = i;
		}
	if (n_kinds != 1)
		return n_kinds == 0 ? none : fact(false);
	switch (kind) {
	case CSVR_KIND_NUMBER:
		return quantity_is_constant(column, CSVR_QUANTITY_NUMBER, n[kind]);
	case CSVR_KIND_DATE:
		return quantity_is_constant(column, CSVR_QUANTITY_DATE, n[kind]);
	case CSVR_KIND_TIME:
		return quantity_is_constant(column, CSVR_QUANTITY_TIME, n[kind]);
	case CSVR_KIND_BOOLEAN:
		return fact(column->n_true == 0 || column->n_true == n[kind]);
	case CSVR_KIND_TEXT:
		return text_is_constant(column, n[kind]);
	default:
		return none;
	}
}

const struct csvr_statistic csvr_stat_ascending = {
	.name = "ascending",
	.definition =
		"true if no value is less than the one before it in the same file; for columns of numbers, "
		"dates or times. Absent if a value is less, if a cell is of another class, or if a number has "
		"more than 36 significant digits",
	.needs = &csvr_order_aggregate,
	.needs_by_default = &csvr_order_aggregate,
	.is_fact = true,
	.value = ascending
};
const struct csvr_statistic csvr_stat_unique = {
	.name = "unique",
	.definition =
		"true if all values are different, false if two are equal; absent if that is unknown. It is "
		"known if distinct is exact, or if the values of each file ascend strictly and the ranges of "
		"the files do not overlap. It is also known to be false if a value of the sample occurs more "
		"than once",
	.needs = &csvr_sample_aggregate,
	.also_needs = &csvr_order_aggregate,
	.needs_by_default = &csvr_few_values_aggregate,
	.value = unique
};
const struct csvr_statistic csvr_stat_constant = {
	.name = "constant",
	.definition =
		"true if all cells that are not missing have the same value, false otherwise. Absent if all "
		"cells are missing, if all others are nan or infinite, and for texts that are longer than 256 "
		"bytes and equal in the first 256",
	.value = constant
};
