/* refine_want.c - which ranges a further pass over the inputs must collect */
#include <stdlib.h>

#include "stats/distribution.h"
#include "stats/refine_internal.h"
#include "stats/refined.h"
#include "stats/statistics.h"

/* ---- the ranges of a column ---- */

static int compare_wants(const void *a, const void *b)
{
	const double left = ((const struct csvr_want *)a)->range.least;
	const double right = ((const struct csvr_want *)b)->range.least;
	return (left > right) - (left < right);
}

enum {
	MOST_PARTS = 3,
	MOST_IN_PART = 1 << 10, /* distinct values that are kept around the edge of a bin */
	/* Ranges of more are divided at once: it would take long to find out that there are too many. */
	MANY_BITS = 17,
	/* Distinct values that a narrower range should have, and how many of these there are. */
	FEW_BITS = 10,
	LEAST_DIVISION = 8,
	MOST_DIVISION = 16
};

/* Sets how many values of a range are kept, and how it is divided if there are more. */
static void set_division(struct csvr_range *range, uint64_t n_distinct)
{
	const int n_bits = 64 - __builtin_clzll(n_distinct | 1);
	const int division = n_bits - FEW_BITS;
	range->max_values = n_bits <= MANY_BITS ? CSVR_MAX_RANGE_VALUES : 0;
	range->n_bits = division < LEAST_DIVISION  ? LEAST_DIVISION
			: division > MOST_DIVISION ? MOST_DIVISION
						   : (uint32_t)division;
}

/* Sets the range of a want, or the three parts of it; returns how many there are. */
static size_t set_ranges(struct csvr_range *ranges, const struct csvr_want *want)
{
	ranges[0] = want->range;
	ranges[0].n_parts = 1;
	set_division(&ranges[0], want->n_distinct);
	if (!want->has_part)
		return 1;
	ranges[0].n_parts = MOST_PARTS;
	ranges[0].max_values = ranges[0].n_bits = 0;
	ranges[0].greatest = csvr_double_at(csvr_double_position(want->least) - 1);
	ranges[1] = (struct csvr_range){ .least = want->least,
					 .greatest = want->greatest,
					 .max_values = MOST_IN_PART,
					 .n_bits = LEAST_DIVISION };
	ranges[2] = (struct csvr_range){ .least = csvr_double_at(
						 csvr_double_position(want->greatest) + 1),
					 .greatest = want->range.greatest };
	return MOST_PARTS;
}

/* Moves the ranges of all quantities into one array. */
static enum csvr_status list_ranges(struct csvr_range_list *list, struct csvr_wants *wants)
{
	size_t n_wants = 0;
	for (int i = 0; i < CSVR_N_QUANTITIES; i++)
		n_wants += wants->of[i].n_wants;
	list->ranges = malloc((n_wants * MOST_PARTS + 1) * sizeof *list->ranges);
	if (list->ranges == NULL)
		return CSVR_NO_MEMORY;
	size_t n = 0;
	for (int i = 0; i < CSVR_N_QUANTITIES; i++) {
		struct csvr_want *sorted = wants->of[i].wants;
		if (sorted != NULL) {
			qsort(sorted, wants->of[i].n_wants, sizeof *sorted, compare_wants);
			for (size_t j = 0; j < wants->of[i].n_wants; j++)
				n += set_ranges(&list->ranges[n], &sorted[j]);
		}
		list->first[i + 1] = n;
	}
	return CSVR_OK;
}

static bool is_empty(const struct csvr_wants *wants)
{
	bool is = wants->frequent == CSVR_FREQUENT_KNOWN;
	for (int i = 0; i < CSVR_N_QUANTITIES; i++)
		is &= wants->of[i].n_wants == 0;
	return is;
}

/* ---- requested statistics ---- */

struct requests {
	struct csvr_statistic_list statistics; /* those that are requested */
	struct csvr_distribution distribution; /* of the column whose values are read */
};

static void init_requests(struct requests *requests, const struct csvr_statistic_options *options)
{
	struct csvr_statistic_list *list = &requests->statistics;
	csvr_statistic_list_init(list, options);
	csvr_distribution_init(&requests->distribution);
	size_t n = 0;
	for (size_t i = 0; i < list->n_items; i++)
		if (csvr_statistic_is_requested(list->item[i], options))
			list->item[n++] = list->item[i];
	list->n_items = n;
}

/* Adds a column if it has wanted ranges; `place` has its name and index. */
static enum csvr_status add_column(struct csvr_wanted_columns *columns,
				   const struct csvr_column *column,
				   const struct csvr_wanted_column *place,
				   struct requests *requests)
{
	struct csvr_wants wants = { 0 };
	for (size_t i = 0; i < requests->statistics.n_items; i++)
		csvr_column_want(&requests->distribution, column, requests->statistics.item[i],
				 &wants);
	enum csvr_status status = wants.is_out_of_memory ? CSVR_NO_MEMORY : CSVR_OK;
	if (status == CSVR_OK && !is_empty(&wants)) {
		struct csvr_wanted_column *wanted = &columns->items[columns->n_items++];
		*wanted = *place;
		status = list_ranges(&wanted->list, &wants);
		wanted->list.frequent = (struct csvr_frequent_want){
			.is_wanted = wants.frequent != CSVR_FREQUENT_KNOWN,
			.counters = wants.frequent == CSVR_FREQUENT_VALUES
					    ? column->refined->counters
					    : NULL,
			.least = wants.least_frequent
		};
	}
	csvr_wants_clear(&wants);
	return status;
}

/* Whether a statistic is an estimate that buckets give, or lacks values that a further pass would find. */
static bool is_inexact(struct requests *requests, size_t index, const struct csvr_column *column)
{
	const struct csvr_statistic *statistic = requests->statistics.item[index];
	if (statistic->also_needs == &csvr_buckets_aggregate)
		return csvr_column_value(&requests->distribution, column, statistic, 0)
			.is_approximate;
	struct csvr_wants wants = { 0 };
	csvr_column_want(&requests->distribution, column, statistic, &wants);
	const bool is = !is_empty(&wants);
	csvr_wants_clear(&wants);
	return is;
}

static bool has_inexact(const struct csvr_column *column, struct requests *requests)
{
	bool has = false;
	for (size_t i = 0; i < requests->statistics.n_items && !has; i++)
		has = is_inexact(requests, i, column);
	return has;
}

size_t csvr_refinement_count_inexact(const struct csvr_summary *summary,
				     const struct csvr_statistic_options *requested)
{
	struct requests requests;
	init_requests(&requests, requested);
	size_t n = 0;
	for (size_t t = 0; t < summary->n_tables; t++)
		for (size_t i = 0; i < summary->tables[t].n_columns; i++)
			n += has_inexact(&summary->tables[t].columns[i].stats, &requests);
	return n;
}

size_t csvr_refinement_count_inexact_files(const struct csvr_summary *summary,
					   const struct csvr_statistic_options *requested,
					   uint32_t *first)
{
	struct requests requests;
	init_requests(&requests, requested);
	size_t n = 0;
	for (size_t i = 0; i < summary->n_files; i++) {
		const struct csvr_file_stats *file = csvr_summary_file_stats(summary,
									     &summary->files[i]);
		bool has = false;
		for (size_t j = 0; file != NULL && j < file->n_columns && !has; j++)
			has = has_inexact(&file->columns[j], &requests);
		if (has && n++ == 0)
			*first = summary->files[i].input;
	}
	return n;
}

/* ---- limits of memory ---- */

/* How many values a range has at most if it keeps at most `max_values`. */
static uint64_t count_values(const struct csvr_range *range, uint32_t max_values)
{
	if (max_values > range->max_values)
		max_values = range->max_values;
	/* How many values a part has is not known. */
	return range->n_parts == 1 && range->n_values < max_values ? range->n_values : max_values;
}

static uint64_t count_all_values(const struct csvr_wanted_columns *columns, uint32_t max_values)
{
	uint64_t n = 0;
	for (size_t i = 0; i < columns->n_items; i++) {
		const struct csvr_range_list *list = &columns->items[i].list;
		for (size_t j = 0; j < list->first[CSVR_N_QUANTITIES]; j++)
			n += count_values(&list->ranges[j], max_values);
	}
	return n;
}

/* After all columns are added: divides the memory among the ranges. */
static enum csvr_status finish_columns(struct csvr_wanted_columns *columns)
{
	enum { LEAST_VALUES = 1 << 6 };
	uint32_t max_values = CSVR_MAX_RANGE_VALUES;
	while (max_values > LEAST_VALUES &&
	       count_all_values(columns, max_values) > CSVR_REFINE_VALUES)
		max_values /= 2;
	for (size_t i = 0; i < columns->n_items; i++) {
		struct csvr_range_list *list = &columns->items[i].list;
		for (size_t j = 0; j < list->first[CSVR_N_QUANTITIES]; j++)
			if (list->ranges[j].max_values > max_values)
				list->ranges[j].max_values = max_values;
		if (csvr_range_list_finish(list) != CSVR_OK)
			return CSVR_NO_MEMORY;
	}
	csvr_wanted_columns_sort(columns);
	return CSVR_OK;
}

/* The values that a file has, or will have at most after the pass. */
static uint64_t count_file_values(const struct csvr_file_stats *stats,
				  const struct csvr_wanted_columns *columns)
{
	enum { VALUE_BYTES = 80 }; /* counters of hashes are counted as values of the same memory */
	uint64_t n = count_all_values(columns, CSVR_MAX_RANGE_VALUES);
	for (size_t i = 0; i < columns->n_items; i++)
		if (columns->items[i].list.frequent.is_wanted)
			n += CSVR_N_HASH_COUNTERS * sizeof(uint64_t) / VALUE_BYTES;
	for (size_t j = 0; stats != NULL && j < stats->n_columns; j++) {
		const struct csvr_refined *refined = stats->columns[j].refined;
		for (int k = 0; refined != NULL && k < CSVR_N_QUANTITIES; k++)
			for (size_t i = 0; i < refined->of[k].n_ranges; i++)
				n += 1 + refined->of[k].ranges[i].n_distinct;
	}
	return n;
}

/* ---- refinements ---- */

static struct csvr_refinement *new_refinement(const struct csvr_summary *summary)
{
	struct csvr_refinement *refinement = calloc(1, sizeof *refinement);
	if (refinement == NULL)
		return NULL;
	csvr_arena_init(&refinement->strings);
	refinement->by_position = summary->config.by_position;
	return refinement;
}

/* Sets `*refinement` to `wanted`, or to NULL after an error or if nothing is wanted. */
static enum csvr_status finish_refinement(struct csvr_refinement *wanted, enum csvr_status status,
					  struct csvr_refinement **refinement)
{
	const bool is_wanted = status == CSVR_OK &&
			       (wanted->columns.n_items > 0 || wanted->n_files > 0);
	if (!is_wanted)
		csvr_refinement_free(wanted);
	*refinement = is_wanted ? wanted : NULL;
	return status;
}

/* Adds the columns of a table that need ranges. */
static enum csvr_status add_table(struct csvr_wanted_columns *columns,
				  const struct csvr_summary *summary, uint32_t table,
				  struct requests *requests)
{
	enum csvr_status status = CSVR_OK;
	for (size_t i = 0; i < summary->tables[table].n_columns && status == CSVR_OK; i++) {
		const struct csvr_summary_column *column = &summary->tables[table].columns[i];
		const struct csvr_wanted_column place = { .name = column->name,
							  .name_bytes = column->name_bytes,
							  .table = table,
							  .index = i };
		status = add_column(columns, &column->stats, &place, requests);
	}
	return status;
}

enum csvr_status csvr_refinement_new(const struct csvr_summary *summary,
				     const struct csvr_statistic_options *requested,
				     struct csvr_refinement **refinement)
{
	struct requests requests;
	init_requests(&requests, requested);
	*refinement = NULL;
	struct csvr_refinement *wanted = new_refinement(summary);
	if (wanted == NULL)
		return CSVR_NO_MEMORY;
	enum csvr_status status = csvr_wanted_columns_init(&wanted->columns,
							   csvr_summary_n_columns(summary));
	if (status == CSVR_OK)
		status = csvr_refinement_set_headers(wanted, summary);
	for (size_t t = 0; t < summary->n_tables && status == CSVR_OK; t++)
		status = add_table(&wanted->columns, summary, (uint32_t)t, &requests);
	if (status == CSVR_OK)
		status = finish_columns(&wanted->columns);
	return finish_refinement(wanted, status, refinement);
}

/* What the own statistics of a file need; no columns: nothing, or an error. */
static enum csvr_status want_of_file(const struct csvr_summary *summary, size_t index,
				     struct requests *requests, struct csvr_wanted_columns *columns)
{
	const struct csvr_file_stats *stats = summary->file_stats[index];
	*columns = (struct csvr_wanted_columns){ .items = NULL };
	if (stats == NULL || summary->files[index].kind != CSVR_FILE_READ)
		return CSVR_OK;
	const struct csvr_column_layout *layout = &summary->layouts[summary->files[index].layout];
	const struct csvr_data_table *table = &summary->tables[layout->table];
	enum csvr_status status = csvr_wanted_columns_init(columns, layout->n_columns);
	for (size_t j = 0; j < layout->n_columns && status == CSVR_OK; j++) {
		if (layout->column[j] == CSVR_NO_INDEX)
			continue;
		const struct csvr_summary_column *column = &table->columns[layout->column[j]];
		const struct csvr_wanted_column place = { .name = column->name,
							  .name_bytes = column->name_bytes,
							  .index = j };
		status = add_column(columns, &stats->columns[j], &place, requests);
	}
	if (status == CSVR_OK)
		status = finish_columns(columns);
	if (status != CSVR_OK || columns->n_items == 0)
		csvr_wanted_columns_clear(columns);
	return status;
}

/* Takes the columns, also after an error. */
static enum csvr_status add_file(struct csvr_refinement *refinement, size_t *capacity,
				 struct csvr_wanted_file *file)
{
	struct csvr_wanted_file *files = csvr_array_grow(refinement->files, capacity,
							 refinement->n_files + 1, sizeof *files);
	if (files == NULL) {
		csvr_wanted_columns_clear(&file->columns);
		return CSVR_NO_MEMORY;
	}
	refinement->files = files;
	files[refinement->n_files++] = *file;
	return CSVR_OK;
}

enum csvr_status csvr_refinement_new_for_files(const struct csvr_summary *summary,
					       const struct csvr_statistic_options *requested,
					       size_t *next, struct csvr_refinement **refinement)
{
	static const struct csvr_wanted_columns nothing;
	struct requests requests;
	init_requests(&requests, requested);
	*refinement = NULL;
	struct csvr_refinement *wanted = new_refinement(summary);
	enum csvr_status status = wanted != NULL ? CSVR_OK : CSVR_NO_MEMORY;
	size_t capacity = 0;
	uint64_t n_kept = 0, n_in_pass = 0;
	for (size_t i = 0; i < *next && status == CSVR_OK; i++)
		n_kept += count_file_values(summary->file_stats[i], &nothing);
	for (; *next < summary->n_files && status == CSVR_OK; ++*next) {
		struct csvr_wanted_file file = { summary->files[*next].input, *next, nothing };
		status = want_of_file(summary, *next, &requests, &file.columns);
		const uint64_t n_values = count_file_values(summary->file_stats[*next],
							    &file.columns);
		n_kept += n_values;
		n_in_pass += n_values;
		if (file.columns.n_items == 0)
			continue;
		if (n_kept > CSVR_REFINE_FILE_VALUES ||
		    (n_in_pass > CSVR_REFINE_VALUES && wanted->n_files > 0)) {
			csvr_wanted_columns_clear(&file.columns);
			break;
		}
		status = add_file(wanted, &capacity, &file);
	}
	return finish_refinement(wanted, status, refinement);
}
