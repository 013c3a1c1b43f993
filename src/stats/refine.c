/* refine.c - the ranges that a further pass over the inputs collects, and its results */
#include "stats/refine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stats/column_type.h"
#include "stats/distribution.h"
#include "stats/statistics.h"

/* The wanted ranges of one column. */
struct wanted_column {
	const char *name; /* the summary or `strings` owns it */
	size_t name_bytes;
	size_t index; /* of the column in the summary */
	struct csvr_range_list list;
	enum csvr_frequent_step step;
};

struct csvr_refinement {
	/* In order of inputs: the refinements of single files. If there are any, there are no columns. */
	struct file_refinement *files;
	size_t n_files;
	bool by_position;
	struct wanted_column *columns; /* in order of names */
	size_t n_columns;
	struct csvr_arena strings; /* names, if it was decoded */
};

struct file_refinement {
	uint32_t input;
	size_t index; /* in summary->files */
	struct csvr_refinement *refinement;
};

void csvr_refinement_free(struct csvr_refinement *refinement)
{
	if (refinement == NULL)
		return;
	for (size_t i = 0; i < refinement->n_files; i++)
		csvr_refinement_free(refinement->files[i].refinement);
	free(refinement->files);
	for (size_t i = 0; i < refinement->n_columns; i++)
		csvr_range_list_clear(&refinement->columns[i].list);
	csvr_arena_clear(&refinement->strings);
	free(refinement->columns);
	free(refinement);
}

/* ---- wanted ranges ---- */

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

/* The statistics that are requested, and the column whose values are read. */
struct requests {
	const struct csvr_statistic_options *options;
	struct csvr_statistic_list statistics;
	struct csvr_distribution distribution;
};

static void init_requests(struct requests *requests, const struct csvr_statistic_options *options)
{
	requests->options = options;
	csvr_statistic_list_init(&requests->statistics, options);
	csvr_distribution_init(&requests->distribution);
}

static bool is_requested(const struct requests *requests, size_t index)
{
	return csvr_statistic_is_requested(requests->statistics.item[index], requests->options);
}

/* Adds a column if it has wanted ranges; `place` has its name and index. */
static enum csvr_status add_column(struct csvr_refinement *refinement,
				   const struct csvr_column *column,
				   const struct wanted_column *place, struct requests *requests)
{
	struct csvr_wants wants = { 0 };
	for (size_t i = 0; i < requests->statistics.n_items; i++)
		if (is_requested(requests, i))
			csvr_column_want(&requests->distribution, column,
					 requests->statistics.item[i], &wants);
	enum csvr_status status = wants.is_out_of_memory ? CSVR_NO_MEMORY : CSVR_OK;
	if (status == CSVR_OK && !is_empty(&wants)) {
		struct wanted_column *wanted = &refinement->columns[refinement->n_columns++];
		*wanted = *place;
		status = list_ranges(&wanted->list, &wants);
		wanted->step = wants.frequent;
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
		has = is_requested(requests, i) && is_inexact(requests, i, column);
	return has;
}

size_t csvr_refinement_count_inexact(const struct csvr_summary *summary,
				     const struct csvr_statistic_options *requested)
{
	struct requests requests;
	init_requests(&requests, requested);
	size_t n = 0;
	for (size_t i = 0; i < summary->n_columns; i++)
		n += has_inexact(&summary->columns[i].stats, &requests);
	return n;
}

size_t csvr_refinement_count_inexact_files(const struct csvr_summary *summary,
					   const struct csvr_statistic_options *requested,
					   uint32_t *first)
{
	struct requests requests;
	init_requests(&requests, requested);
	size_t n = 0;
	for (size_t i = 0; summary->file_stats != NULL && i < summary->n_files; i++) {
		const struct csvr_file_stats *file = summary->file_stats[i];
		bool has = false;
		for (size_t j = 0; file != NULL && j < file->n_columns && !has; j++)
			has = has_inexact(&file->columns[j], &requests);
		if (has && n++ == 0)
			*first = summary->files[i].input;
	}
	return n;
}

static int compare_names(const char *a, size_t a_bytes, const char *b, size_t b_bytes)
{
	const size_t n_both = a_bytes < b_bytes ? a_bytes : b_bytes;
	const int order = n_both > 0 ? memcmp(a, b, n_both) : 0;
	return order != 0 ? order : (a_bytes > b_bytes) - (a_bytes < b_bytes);
}

static int compare_columns(const void *a, const void *b)
{
	const struct wanted_column *left = a, *right = b;
	return compare_names(left->name, left->name_bytes, right->name, right->name_bytes);
}

/* How many values a range has at most if it keeps at most `max_values`. */
static uint64_t count_values(const struct csvr_range *range, uint32_t max_values)
{
	if (max_values > range->max_values)
		max_values = range->max_values;
	/* How many values a part has is not known. */
	return range->n_parts == 1 && range->n_values < max_values ? range->n_values : max_values;
}

static uint64_t count_all_values(const struct csvr_refinement *refinement, uint32_t max_values)
{
	uint64_t n = 0;
	for (size_t i = 0; i < refinement->n_columns; i++) {
		const struct csvr_range_list *list = &refinement->columns[i].list;
		for (size_t j = 0; j < list->first[CSVR_N_QUANTITIES]; j++)
			n += count_values(&list->ranges[j], max_values);
	}
	return n;
}

/* Divides the memory among the ranges. */
static enum csvr_status finish_lists(struct csvr_refinement *refinement)
{
	enum { LEAST_VALUES = 1 << 6 };
	uint32_t max_values = CSVR_MAX_RANGE_VALUES;
	while (max_values > LEAST_VALUES &&
	       count_all_values(refinement, max_values) > CSVR_REFINE_VALUES)
		max_values /= 2;
	for (size_t i = 0; i < refinement->n_columns; i++) {
		struct csvr_range_list *list = &refinement->columns[i].list;
		for (size_t j = 0; j < list->first[CSVR_N_QUANTITIES]; j++)
			if (list->ranges[j].max_values > max_values)
				list->ranges[j].max_values = max_values;
		if (csvr_range_list_finish(list) != CSVR_OK)
			return CSVR_NO_MEMORY;
	}
	return CSVR_OK;
}

/* A refinement without columns, and with memory for some. */
static enum csvr_status new_refinement(const struct csvr_summary *summary, size_t n_columns,
				       struct csvr_refinement **refinement)
{
	*refinement = calloc(1, sizeof **refinement);
	if (*refinement == NULL)
		return CSVR_NO_MEMORY;
	(*refinement)->by_position = summary->config.by_position;
	(*refinement)->columns = calloc(n_columns + 1, sizeof *(*refinement)->columns);
	return (*refinement)->columns != NULL ? CSVR_OK : CSVR_NO_MEMORY;
}

/* After all columns are added. It becomes NULL after an error, or if nothing is wanted. */
static enum csvr_status finish_refinement(struct csvr_refinement **refinement,
					  enum csvr_status status)
{
	struct csvr_refinement *wanted = *refinement;
	if (status == CSVR_OK)
		status = finish_lists(wanted);
	if (status == CSVR_OK && wanted->n_columns > 0) {
		qsort(wanted->columns, wanted->n_columns, sizeof *wanted->columns, compare_columns);
		return CSVR_OK;
	}
	csvr_refinement_free(wanted);
	*refinement = NULL;
	return status;
}

enum csvr_status csvr_refinement_new(const struct csvr_summary *summary,
				     const struct csvr_statistic_options *requested,
				     struct csvr_refinement **refinement)
{
	struct requests requests;
	init_requests(&requests, requested);
	enum csvr_status status = new_refinement(summary, summary->n_columns, refinement);
	for (size_t i = 0; i < summary->n_columns && status == CSVR_OK; i++) {
		const struct csvr_summary_column *column = &summary->columns[i];
		const struct wanted_column place = { .name = column->name,
						     .name_bytes = column->name_bytes,
						     .index = i };
		status = add_column(*refinement, &column->stats, &place, &requests);
	}
	return finish_refinement(refinement, status);
}

/* ---- those of files ---- */

/* What a file needs; NULL: nothing. */
static enum csvr_status refine_file(const struct csvr_summary *summary, size_t index,
				    struct requests *requests, struct csvr_refinement **refinement)
{
	const struct csvr_file_stats *stats = summary->file_stats[index];
	*refinement = NULL;
	if (stats == NULL || summary->files[index].kind != CSVR_FILE_READ)
		return CSVR_OK;
	const struct csvr_column_layout *layout = &summary->layouts[summary->files[index].layout];
	enum csvr_status status = new_refinement(summary, layout->n_columns, refinement);
	for (size_t j = 0; j < layout->n_columns && status == CSVR_OK; j++) {
		if (layout->column[j] == CSVR_NO_INDEX)
			continue;
		const struct csvr_summary_column *column = &summary->columns[layout->column[j]];
		const struct wanted_column place = { .name = column->name,
						     .name_bytes = column->name_bytes,
						     .index = j };
		status = add_column(*refinement, &stats->columns[j], &place, requests);
	}
	return finish_refinement(refinement, status);
}

/* The values that a file has, or will have at most after the pass. */
static uint64_t count_file_values(const struct csvr_file_stats *stats,
				  const struct csvr_refinement *refinement)
{
	enum { VALUE_BYTES = 80 }; /* counters of hashes are counted as values of the same memory */
	uint64_t n = refinement != NULL ? count_all_values(refinement, CSVR_MAX_RANGE_VALUES) : 0;
	for (size_t i = 0; refinement != NULL && i < refinement->n_columns; i++)
		if (refinement->columns[i].step != CSVR_FREQUENT_KNOWN)
			n += CSVR_N_HASH_COUNTERS * sizeof(uint64_t) / VALUE_BYTES;
	for (size_t j = 0; stats != NULL && j < stats->n_columns; j++) {
		const struct csvr_refined *refined = stats->columns[j].refined;
		for (int k = 0; refined != NULL && k < CSVR_N_QUANTITIES; k++)
			for (size_t i = 0; i < refined->of[k].n_ranges; i++)
				n += 1 + refined->of[k].ranges[i].n_distinct;
	}
	return n;
}

enum csvr_status csvr_refinement_new_for_files(const struct csvr_summary *summary,
					       const struct csvr_statistic_options *requested,
					       size_t *next, struct csvr_refinement **refinement)
{
	struct requests requests;
	init_requests(&requests, requested);
	enum csvr_status status = new_refinement(summary, 0, refinement);
	struct csvr_refinement *all = *refinement;
	size_t capacity = 0;
	uint64_t n_kept = 0, n_in_pass = 0;
	for (size_t i = 0; i < *next && status == CSVR_OK; i++)
		n_kept += count_file_values(summary->file_stats[i], NULL);
	size_t i = *next;
	for (; i < summary->n_files && status == CSVR_OK; i++) {
		struct csvr_refinement *wanted;
		status = refine_file(summary, i, &requests, &wanted);
		const uint64_t n_values = count_file_values(summary->file_stats[i], wanted);
		n_kept += n_values;
		n_in_pass += n_values;
		if (wanted == NULL)
			continue;
		struct file_refinement *files = csvr_array_grow(all->files, &capacity,
								all->n_files + 1, sizeof *files);
		if (files != NULL)
			all->files = files;
		else
			status = CSVR_NO_MEMORY;
		if (status != CSVR_OK || n_kept > CSVR_REFINE_FILE_VALUES ||
		    (n_in_pass > CSVR_REFINE_VALUES && all->n_files > 0)) {
			csvr_refinement_free(wanted);
			break;
		}
		files[all->n_files++] = (struct file_refinement){ summary->files[i].input, i,
								  wanted };
	}
	*next = i;
	if (status == CSVR_OK && all->n_files > 0)
		return CSVR_OK;
	csvr_refinement_free(all);
	*refinement = NULL;
	return status;
}

bool csvr_refinement_is_by_file(const struct csvr_refinement *refinement)
{
	return refinement != NULL && refinement->n_files > 0;
}

static int compare_files(const void *a, const void *b)
{
	const uint32_t left = ((const struct file_refinement *)a)->input;
	const uint32_t right = ((const struct file_refinement *)b)->input;
	return (left > right) - (left < right);
}

static const struct csvr_refinement *find_file(const struct csvr_refinement *refinement,
					       uint32_t input)
{
	const struct file_refinement wanted = { .input = input };
	const struct file_refinement *found = bsearch(&wanted, refinement->files,
						      refinement->n_files, sizeof wanted,
						      compare_files);
	return found != NULL ? found->refinement : NULL;
}

bool csvr_refinement_skips(const struct csvr_refinement *refinement, uint32_t input)
{
	return csvr_refinement_is_by_file(refinement) && find_file(refinement, input) == NULL;
}

/* ---- for other ranks ---- */

void csvr_refinement_encode(const struct csvr_refinement *refinement, struct csvr_encoder *encoder)
{
	csvr_encoder_put_varint(encoder, refinement->n_files);
	for (size_t i = 0; i < refinement->n_files; i++) {
		csvr_encoder_put_varint(encoder, refinement->files[i].input);
		csvr_refinement_encode(refinement->files[i].refinement, encoder);
	}
	csvr_encoder_put_varint(encoder, refinement->by_position);
	csvr_encoder_put_varint(encoder, refinement->n_columns);
	for (size_t i = 0; i < refinement->n_columns; i++) {
		const struct wanted_column *column = &refinement->columns[i];
		csvr_encoder_put_text(encoder, column->name, column->name_bytes);
		csvr_encoder_put_varint(encoder, column->index);
		csvr_column_plan_encode(&column->list, encoder);
	}
}

static enum csvr_status decode_column(struct csvr_refinement *refinement,
				      struct csvr_decoder *decoder)
{
	struct wanted_column *column = &refinement->columns[refinement->n_columns++];
	const char *name = csvr_decoder_text(decoder, &column->name_bytes);
	if (decoder->is_bad)
		return CSVR_INVALID_FILE;
	column->name = csvr_arena_copy(&refinement->strings, name, column->name_bytes);
	if (column->name == NULL)
		return CSVR_NO_MEMORY;
	column->index = (size_t)csvr_decoder_varint(decoder);
	return csvr_column_plan_decode(&column->list, decoder);
}

static enum csvr_status decode_refinement(struct csvr_decoder *decoder, bool may_have_files,
					  struct csvr_refinement **refinement);

/* The refinements of files, which cannot contain files themselves. */
static enum csvr_status decode_files(struct csvr_refinement *refinement,
				     struct csvr_decoder *decoder)
{
	enum { LEAST_FILE_BYTES = 4 };
	const size_t n_files = csvr_decoder_count(decoder, LEAST_FILE_BYTES);
	refinement->files = calloc(n_files + 1, sizeof *refinement->files);
	enum csvr_status status = refinement->files != NULL ? CSVR_OK : CSVR_NO_MEMORY;
	for (size_t i = 0; i < n_files && status == CSVR_OK; i++) {
		struct file_refinement *file = &refinement->files[refinement->n_files++];
		file->input = (uint32_t)csvr_decoder_varint_max(decoder, UINT32_MAX);
		status = decode_refinement(decoder, false, &file->refinement);
	}
	return status;
}

static enum csvr_status decode_refinement(struct csvr_decoder *decoder, bool may_have_files,
					  struct csvr_refinement **refinement)
{
	enum { LEAST_COLUMN_BYTES = 6 };
	*refinement = NULL;
	struct csvr_refinement *wanted = calloc(1, sizeof *wanted);
	if (wanted == NULL)
		return CSVR_NO_MEMORY;
	csvr_arena_init(&wanted->strings);
	const enum csvr_status decoded = may_have_files || csvr_decoder_varint_max(decoder, 0) != 0
						 ? decode_files(wanted, decoder)
						 : CSVR_OK;
	if (decoded != CSVR_OK) {
		csvr_refinement_free(wanted);
		return decoded;
	}
	wanted->by_position = csvr_decoder_varint_max(decoder, 1) != 0;
	const size_t n_columns = csvr_decoder_count(decoder, LEAST_COLUMN_BYTES);
	wanted->columns = calloc(n_columns + 1, sizeof *wanted->columns);
	enum csvr_status status = wanted->columns != NULL ? CSVR_OK : CSVR_NO_MEMORY;
	for (size_t i = 0; i < n_columns && status == CSVR_OK; i++)
		status = decode_column(wanted, decoder);
	if (status == CSVR_OK && decoder->is_bad)
		status = CSVR_INVALID_FILE;
	if (status != CSVR_OK) {
		csvr_refinement_free(wanted);
		return status;
	}
	*refinement = wanted;
	return CSVR_OK;
}

enum csvr_status csvr_refinement_decode(struct csvr_decoder *decoder,
					struct csvr_refinement **refinement)
{
	return decode_refinement(decoder, true, refinement);
}

/* ---- during a pass ---- */

static const struct wanted_column *find_column(const struct csvr_refinement *refinement,
					       const char *name, size_t name_bytes)
{
	size_t low = 0, high = refinement->n_columns;
	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		const struct wanted_column *column = &refinement->columns[middle];
		const int order = compare_names(column->name, column->name_bytes, name, name_bytes);
		if (order == 0)
			return column;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

const struct csvr_range_list *csvr_refinement_find(const struct csvr_refinement *refinement,
						   uint32_t input, const struct csvr_name *name,
						   size_t position)
{
	if (csvr_refinement_is_by_file(refinement))
		refinement = find_file(refinement, input);
	if (refinement == NULL)
		return NULL;
	char text[CSVR_COLUMN_KEY_BYTES];
	const struct csvr_name key = csvr_summary_column_key(refinement->by_position, name,
							     position, text);
	const struct wanted_column *column = find_column(refinement, key.text, key.n_bytes);
	return column != NULL ? &column->list : NULL;
}

/* ---- after a pass ---- */

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

static const struct csvr_summary_column *column_of(const struct csvr_summary *pass,
						   const struct wanted_column *wanted)
{
	for (size_t i = 0; i < pass->n_columns; i++)
		if (compare_names(pass->columns[i].name, pass->columns[i].name_bytes, wanted->name,
				  wanted->name_bytes) == 0)
			return &pass->columns[i];
	return NULL;
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
static bool have_same_values_as(const struct wanted_column *wanted, const struct csvr_column *found,
				const struct csvr_column *column)
{
	const struct csvr_ranges *ranges = ranges_of(found->collected);
	return have_same_cells(found, column) &&
	       (wanted->list.first[CSVR_N_QUANTITIES] == 0 ||
		(ranges != NULL && ranges->counts != NULL &&
		 csvr_range_lists_equal(&wanted->list, ranges->list) &&
		 have_all_values(&wanted->list, ranges->counts)));
}

static bool is_consistent_column(const struct csvr_refinement *refinement,
				 const struct csvr_summary *summary,
				 const struct csvr_summary *pass, size_t i)
{
	const struct wanted_column *wanted = &refinement->columns[i];
	const struct csvr_summary_column *column = &summary->columns[wanted->index];
	const struct csvr_summary_column *found = column_of(pass, wanted);
	return found != NULL && found->n_rows == column->n_rows &&
	       found->n_files == column->n_files &&
	       have_same_values_as(wanted, &found->stats, &column->stats);
}

static bool are_consistent(const struct csvr_refinement *refinement,
			   const struct csvr_summary *summary, const struct csvr_summary *pass)
{
	bool are = pass->n_rows == summary->n_rows && pass->size_bytes == summary->size_bytes &&
		   pass->n_failures == summary->n_failures;
	for (size_t i = 0; i < refinement->n_columns && are; i++)
		are = is_consistent_column(refinement, summary, pass, i);
	return are;
}

static enum csvr_status refine_column(const struct wanted_column *wanted,
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
	if (status == CSVR_OK && wanted->step != CSVR_FREQUENT_KNOWN)
		status = csvr_refined_add_frequent(column->refined, wanted->step,
						   list->frequent.least, frequent_of(collected));
	return status;
}

enum csvr_status csvr_refinement_apply(const struct csvr_refinement *refinement,
				       struct csvr_summary *summary, struct csvr_summary *pass,
				       bool *is_consistent)
{
	*is_consistent = are_consistent(refinement, summary, pass);
	enum csvr_status status = CSVR_OK;
	for (size_t i = 0; i < refinement->n_columns && status == CSVR_OK && *is_consistent; i++) {
		const struct wanted_column *wanted = &refinement->columns[i];
		status = refine_column(wanted, &summary->columns[wanted->index].stats,
				       column_of(pass, wanted)->stats.collected);
	}
	summary->config.has_refined |= *is_consistent;
	return status;
}

/* The statistics of a file in a pass; NULL: it was not read. */
static const struct csvr_file_stats *stats_of(const struct csvr_summary *pass, uint32_t input)
{
	size_t low = 0, high = pass->n_files;
	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		if (pass->files[middle].input < input)
			low = middle + 1;
		else
			high = middle;
	}
	return low < pass->n_files && pass->files[low].input == input && pass->file_stats != NULL
		       ? pass->file_stats[low]
		       : NULL;
}

enum csvr_status csvr_refinement_apply_to_files(const struct csvr_refinement *refinement,
						struct csvr_summary *summary,
						const struct csvr_summary *pass,
						bool *is_consistent)
{
	enum csvr_status status = CSVR_OK;
	*is_consistent = true;
	for (size_t i = 0; i < refinement->n_files && status == CSVR_OK; i++) {
		const struct file_refinement *file = &refinement->files[i];
		const struct csvr_refinement *wanted = file->refinement;
		struct csvr_file_stats *stats = summary->file_stats[file->index];
		const struct csvr_file_stats *found = stats_of(pass, file->input);
		bool is_same = found != NULL && found->n_rows == stats->n_rows &&
			       found->n_columns == stats->n_columns;
		for (size_t j = 0; j < wanted->n_columns && is_same; j++)
			is_same = have_same_values_as(&wanted->columns[j],
						      &found->columns[wanted->columns[j].index],
						      &stats->columns[wanted->columns[j].index]);
		for (size_t j = 0; j < wanted->n_columns && is_same && status == CSVR_OK; j++) {
			const size_t index = wanted->columns[j].index;
			status = refine_column(&wanted->columns[j], &stats->columns[index],
					       found->columns[index].collected);
		}
		*is_consistent &= is_same;
	}
	return status;
}
