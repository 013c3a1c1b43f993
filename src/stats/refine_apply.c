/* refine_apply.c - adds what a further pass has collected to the columns of the first */
#include <stdlib.h>
#include <string.h>

#include "base/search.h"
#include "stats/column_type.h"
#include "stats/refine_internal.h"
#include "stats/refined.h"

/* ---- whether the inputs are the same ---- */

static bool have_same_values(const struct csvr_quantity_stats *a,
			     const struct csvr_quantity_stats *b, uint64_t n)
{
	return n == 0 || (a->min.value == b->min.value && a->max.value == b->max.value &&
			  csvr_exact_sum_value(&a->exact) == csvr_exact_sum_value(&b->exact) &&
			  csvr_exact_sum_variance(&a->exact, n, 0) ==
				  csvr_exact_sum_variance(&b->exact, n, 0));
}

/* Whether two columns have the same cells, as far as counts, sums and extremes tell. */
static bool have_same_cells(const struct csvr_column *a, const struct csvr_column *b)
{
	if (memcmp(a->cells, b->cells, sizeof a->cells) != 0)
		return false;
	bool have = true;
	for (int i = 0; i < CSVR_N_QUANTITIES && have; i++)
		have = have_same_values(&a->quantities[i], &b->quantities[i],
					csvr_column_n_values(a, (enum csvr_quantity)i));
	return have;
}

/* The summary of the pass is not const for the caller. */
static struct csvr_ranges *ranges_of(const struct csvr_collected *collected)
{
	return (struct csvr_ranges *)csvr_collected_state(collected, &csvr_ranges_aggregate);
}

static struct csvr_frequent *frequent_of(const struct csvr_collected *collected)
{
	return (struct csvr_frequent *)csvr_collected_state(collected, &csvr_frequent_aggregate);
}

/* Whether as many values were counted in each range, or its parts together, as it has. */
static bool have_all_values(const struct csvr_range_list *list,
			    const struct csvr_range_counts *counts)
{
	bool have = true;
	uint64_t n_left = 0;
	for (size_t i = 0; i < list->first[CSVR_N_QUANTITIES]; i++) {
		const struct csvr_range *range = &list->ranges[i];
		if (range->n_parts > 0) {
			have &= n_left == 0;
			n_left = range->n_values;
		}
		n_left -= csvr_range_total(range, &counts[i]); /* modulo 2^64 */
	}
	return have && n_left == 0;
}

/* Whether a pass has found the same cells, and all values of the ranges. */
static bool have_same_values_as(const struct csvr_wanted_column *wanted,
				const struct csvr_column *found, const struct csvr_column *column)
{
	const struct csvr_ranges *ranges = ranges_of(found->collected);
	return have_same_cells(found, column) &&
	       (wanted->list.first[CSVR_N_QUANTITIES] == 0 ||
		(ranges != NULL && ranges->counts != NULL &&
		 csvr_range_lists_equal(&wanted->list, ranges->list) &&
		 have_all_values(&wanted->list, ranges->counts)));
}

/* Whether a pass has found the same column, and all values of the ranges. */
static bool is_same_column(const struct csvr_wanted_column *wanted,
			   const struct csvr_summary_column *found,
			   const struct csvr_summary_column *column)
{
	return found->n_rows == column->n_rows && found->n_files == column->n_files &&
	       have_same_values_as(wanted, &found->stats, &column->stats);
}

/* What a refinement wants of a column of the pass; NULL: nothing. */
static const struct csvr_wanted_column *wanted_of(const struct csvr_refinement *refinement,
						  const struct csvr_summary *pass, size_t table,
						  size_t column)
{
	const struct csvr_summary_column *found = &pass->tables[table].columns[column];
	const struct csvr_name name = { found->name, found->name_bytes };
	return csvr_wanted_columns_find(&refinement->columns, (uint32_t)table, &name);
}

/* Whether a table has the same columns; `*n_found` is increased by how many are wanted. */
static bool is_table_consistent(const struct csvr_refinement *refinement,
				const struct csvr_summary *summary, const struct csvr_summary *pass,
				size_t table, size_t *n_found)
{
	bool is = true;
	for (size_t i = 0; i < pass->tables[table].n_columns && is; i++) {
		const struct csvr_wanted_column *wanted = wanted_of(refinement, pass, table, i);
		if (wanted == NULL)
			continue;
		is = is_same_column(wanted, &pass->tables[table].columns[i],
				    &summary->tables[table].columns[wanted->index]);
		++*n_found;
	}
	return is;
}

static bool are_consistent(const struct csvr_refinement *refinement,
			   const struct csvr_summary *summary, const struct csvr_summary *pass)
{
	const struct csvr_totals totals = csvr_summary_totals(summary);
	const struct csvr_totals found = csvr_summary_totals(pass);
	bool are = found.n_rows == totals.n_rows && found.size_bytes == totals.size_bytes &&
		   pass->n_failures == summary->n_failures && pass->n_tables == summary->n_tables;
	size_t n_found = 0;
	for (size_t t = 0; t < pass->n_tables && are; t++)
		are = is_table_consistent(refinement, summary, pass, t, &n_found);
	return are && n_found == refinement->columns.n_items;
}

/* ---- results ---- */

static enum csvr_status refine_frequent(const struct csvr_frequent_want *want,
					struct csvr_refined *refined,
					struct csvr_frequent *frequent)
{
	if (want->counters == NULL)
		return csvr_refined_take_counters(refined, frequent);
	csvr_refined_take_frequent(refined, want->least, &frequent->values);
	return CSVR_OK;
}

static enum csvr_status refine_column(const struct csvr_wanted_column *wanted,
				      struct csvr_column *column,
				      const struct csvr_collected *collected)
{
	struct csvr_ranges *ranges = ranges_of(collected);
	if (column->refined == NULL)
		column->refined = calloc(1, sizeof *column->refined);
	if (column->refined == NULL)
		return CSVR_NO_MEMORY;
	const struct csvr_range_list *list = &wanted->list;
	enum csvr_status status = CSVR_OK;
	uint64_t n_before = 0;
	for (int quantity = 0; quantity < CSVR_N_QUANTITIES; quantity++)
		for (size_t i = list->first[quantity];
		     i < list->first[quantity + 1] && status == CSVR_OK; i++) {
			struct csvr_range range = list->ranges[i];
			if (range.n_parts > 0)
				n_before = range.n_before;
			range.n_before = n_before;
			range.n_values = csvr_range_total(&range, &ranges->counts[i]);
			n_before += range.n_values;
			if (range.n_values > 0)
				status = csvr_refined_add(column->refined,
							  (enum csvr_quantity)quantity, &range,
							  &ranges->counts[i]);
		}
	if (status == CSVR_OK && list->frequent.is_wanted)
		status = refine_frequent(&list->frequent, column->refined, frequent_of(collected));
	return status;
}

static enum csvr_status refine_table(const struct csvr_refinement *refinement,
				     struct csvr_summary *summary, const struct csvr_summary *pass,
				     size_t table)
{
	enum csvr_status status = CSVR_OK;
	for (size_t i = 0; i < pass->tables[table].n_columns && status == CSVR_OK; i++) {
		const struct csvr_wanted_column *wanted = wanted_of(refinement, pass, table, i);
		if (wanted == NULL)
			continue;
		struct csvr_summary_column *column = &summary->tables[table].columns[wanted->index];
		status = refine_column(wanted, &column->stats,
				       pass->tables[table].columns[i].stats.collected);
	}
	return status;
}

enum csvr_status csvr_refinement_apply(const struct csvr_refinement *refinement,
				       struct csvr_summary *summary, struct csvr_summary *pass,
				       bool *is_consistent)
{
	*is_consistent = are_consistent(refinement, summary, pass);
	enum csvr_status status = CSVR_OK;
	for (size_t t = 0; t < pass->n_tables && status == CSVR_OK && *is_consistent; t++)
		status = refine_table(refinement, summary, pass, t);
	summary->config.has_refined |= *is_consistent;
	return status;
}

/* ---- files ---- */

struct input_search {
	const struct csvr_file *files;
	uint32_t input;
};

static bool has_lesser_input(const void *context, size_t index)
{
	const struct input_search *search = context;
	return search->files[index].input < search->input;
}

/* The statistics of a file in a pass; NULL: it was not read. */
static const struct csvr_file_stats *stats_of(const struct csvr_summary *pass, uint32_t input)
{
	const struct input_search search = { pass->files, input };
	const size_t i = csvr_lower_bound(pass->n_files, has_lesser_input, &search);
	return i < pass->n_files && pass->files[i].input == input
		       ? csvr_summary_file_stats(pass, &pass->files[i])
		       : NULL;
}

static bool is_same_file(const struct csvr_wanted_columns *wanted,
			 const struct csvr_file_stats *found, const struct csvr_file_stats *stats)
{
	bool is = found != NULL && found->n_rows == stats->n_rows &&
		  found->n_columns == stats->n_columns;
	for (size_t i = 0; i < wanted->n_items && is; i++) {
		const size_t index = wanted->items[i].index;
		is = have_same_values_as(&wanted->items[i], &found->columns[index],
					 &stats->columns[index]);
	}
	return is;
}

static enum csvr_status refine_file(const struct csvr_wanted_columns *wanted,
				    const struct csvr_file_stats *found,
				    struct csvr_file_stats *stats)
{
	enum csvr_status status = CSVR_OK;
	for (size_t i = 0; i < wanted->n_items && status == CSVR_OK; i++) {
		const size_t index = wanted->items[i].index;
		status = refine_column(&wanted->items[i], &stats->columns[index],
				       found->columns[index].collected);
	}
	return status;
}

enum csvr_status csvr_refinement_apply_to_files(const struct csvr_refinement *refinement,
						struct csvr_summary *summary,
						const struct csvr_summary *pass,
						bool *is_consistent)
{
	enum csvr_status status = CSVR_OK;
	*is_consistent = true;
	for (size_t i = 0; i < refinement->n_files && status == CSVR_OK; i++) {
		const struct csvr_wanted_file *file = &refinement->files[i];
		const struct csvr_file_stats *found = stats_of(pass, file->input);
		struct csvr_file_stats *stats = summary->file_stats[file->index];
		if (is_same_file(&file->columns, found, stats))
			status = refine_file(&file->columns, found, stats);
		else
			*is_consistent = false;
	}
	return status;
}
