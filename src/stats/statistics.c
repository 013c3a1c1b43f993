/* statistics.c - the list of all statistics
 *
 * To add one, write stats/stat_NAME.c, which defines csvr_stat_NAME, and add a row here.
 */
#include "stats/statistics.h"

#include <string.h>

/* In the order in which reports show them. Counts come first: JSON has `rows` after them. */
/* clang-format off */
#define ROWS(ROW) \
	ROW(type) \
	ROW(count) \
	ROW(missing) \
	ROW(nan) \
	ROW(infinite) \
	ROW(invalid) \
	ROW(files) \
	ROW(distinct) \
	ROW(top) \
	ROW(top_count) \
	ROW(sum) \
	ROW(mean) \
	ROW(stddev) \
	ROW(stddev_pop) \
	ROW(variance) \
	ROW(skewness) \
	ROW(kurtosis) \
	ROW(min) \
	ROW(p1) \
	ROW(p5) \
	ROW(p25) \
	ROW(median) \
	ROW(p75) \
	ROW(p95) \
	ROW(p99) \
	ROW(max) \
	ROW(range) \
	ROW(iqr) \
	ROW(mad) \
	ROW(sem) \
	ROW(cv) \
	ROW(zeros) \
	ROW(negative) \
	ROW(ascending) \
	ROW(unique) \
	ROW(constant) \
	ROW(histogram) \
	ROW(min_length) \
	ROW(max_length) \
	ROW(mean_length) \
	ROW(duplicates)
/* clang-format on */

#define DECLARE(name) extern const struct csvr_statistic csvr_stat_##name;
#define ADDRESS(name) &csvr_stat_##name,

ROWS(DECLARE)

const struct csvr_statistic *const csvr_statistics[] = { ROWS(ADDRESS) NULL };

/* In the order of the bits of a csvr_collection. */
/* clang-format off */
#define AGGREGATES(ROW) \
	ROW(buckets) \
	ROW(few_values) \
	ROW(frequent) \
	ROW(moments) \
	ROW(negative) \
	ROW(order) \
	ROW(ranges) \
	ROW(rows) \
	ROW(sample) \
	ROW(zeros)
/* clang-format on */

#define DECLARE_AGGREGATE(name) extern const struct csvr_aggregate csvr_##name##_aggregate;
#define ADDRESS_AGGREGATE(name) &csvr_##name##_aggregate,
#define INDEX_OF_AGGREGATE(name) INDEX_##name,

AGGREGATES(DECLARE_AGGREGATE)

const struct csvr_aggregate *const csvr_aggregates[] = { AGGREGATES(ADDRESS_AGGREGATE) };
enum { AGGREGATES(INDEX_OF_AGGREGATE) N_AGGREGATES };

_Static_assert(sizeof csvr_statistics / sizeof csvr_statistics[0] <= CSVR_MAX_STATISTICS,
	       "a report has room for all");
_Static_assert(N_AGGREGATES <= 64, "a csvr_collection has a bit for each");

const char *csvr_statistic_name(size_t index)
{
	return index + 1 < sizeof csvr_statistics / sizeof csvr_statistics[0]
		       ? csvr_statistics[index]->name
		       : NULL;
}

const char *csvr_statistic_definition(size_t index)
{
	return csvr_statistics[index]->definition;
}

const struct csvr_statistic *csvr_statistic_find(const char *name, size_t n_bytes)
{
	for (size_t i = 0; csvr_statistics[i] != NULL; i++)
		if (strlen(csvr_statistics[i]->name) == n_bytes &&
		    memcmp(csvr_statistics[i]->name, name, n_bytes) == 0)
			return csvr_statistics[i];
	return NULL;
}

bool csvr_statistic_is_percentile(const char *name, size_t n_bytes)
{
	struct csvr_percentile percentile;
	return csvr_percentile_parse(name, n_bytes, &percentile);
}

static bool is_named(const struct csvr_statistic *statistic,
		     const struct csvr_statistic_options *options)
{
	for (size_t i = 0; i < options->names.n_words; i++)
		if (strcmp(options->names.word[i], statistic->name) == 0)
			return true;
	return false;
}

bool csvr_statistic_is_requested(const struct csvr_statistic *statistic,
				 const struct csvr_statistic_options *options)
{
	return (options->all && !statistic->is_of_rows) || is_named(statistic, options);
}

/* ---- percentiles without a row ---- */

/* Whether a new percentile comes before an item of the list: before those that are greater, and the maximum. */
static bool precedes(struct csvr_percentile percentile, const struct csvr_statistic *item)
{
	struct csvr_percentile other;
	return item == &csvr_stat_max ||
	       (csvr_percentile_parse(item->name, strlen(item->name), &other) &&
		csvr_percentile_compare(percentile, other) < 0);
}

static void add_percentile(struct csvr_statistic_list *list, const char *name)
{
	struct csvr_percentile percentile;
	if (!csvr_percentile_parse(name, strlen(name), &percentile) ||
	    list->n_percentiles == CSVR_MAX_PERCENTILES)
		return;
	size_t at = list->n_items;
	for (size_t i = list->n_items; i-- > 0;) {
		if (strcmp(list->item[i]->name, name) == 0)
			return;
		if (precedes(percentile, list->item[i]))
			at = i;
	}
	struct csvr_statistic *statistic = &list->percentiles[list->n_percentiles++];
	*statistic = csvr_stat_median;
	statistic->name = name;
	memmove(list->item + at + 1, list->item + at,
		(list->n_items - at) * sizeof(const struct csvr_statistic *));
	list->item[at] = statistic;
	list->n_items++;
}

void csvr_statistic_list_init(struct csvr_statistic_list *list,
			      const struct csvr_statistic_options *options)
{
	list->n_items = list->n_percentiles = 0;
	for (size_t i = 0; csvr_statistics[i] != NULL; i++)
		if (!csvr_statistics[i]->is_of_rows)
			list->item[list->n_items++] = csvr_statistics[i];
	for (size_t i = 0; i < options->names.n_words; i++)
		add_percentile(list, options->names.word[i]);
}

/* ---- aggregates ---- */

static csvr_collection bit_of(const struct csvr_aggregate *aggregate)
{
	csvr_collection bit = 1;
	if (aggregate == NULL)
		return 0;
	for (size_t i = 0; csvr_aggregates[i] != aggregate; i++)
		bit <<= 1;
	return bit;
}

static csvr_collection needs_of(const struct csvr_statistic *statistic)
{
	return bit_of(statistic->needs) | bit_of(statistic->also_needs);
}

csvr_collection csvr_collection_of_columns(csvr_collection collection)
{
	return collection & ~((csvr_collection)1 << INDEX_rows);
}

csvr_collection csvr_collection_of_groups(csvr_collection collection)
{
	return csvr_collection_of_columns(collection) & ~bit_of(&csvr_order_aggregate);
}

bool csvr_collection_has_rows(csvr_collection collection)
{
	return (collection >> INDEX_rows & 1) != 0;
}

csvr_collection csvr_collection_of_pass(void)
{
	return bit_of(&csvr_ranges_aggregate) | bit_of(&csvr_frequent_aggregate);
}

csvr_collection csvr_collection_of(const struct csvr_statistic_options *options)
{
	csvr_collection collection = options->has_collection ? options->collection : 0;
	for (size_t i = 0; csvr_statistics[i] != NULL; i++) {
		const struct csvr_statistic *statistic = csvr_statistics[i];
		if (is_named(statistic, options) ||
		    (csvr_statistic_is_requested(statistic, options) && !options->has_collection))
			collection |= needs_of(statistic);
		else if (options->names.n_words == 0 && !options->all && !options->has_collection)
			collection |= statistic->is_fact && !options->facts
					      ? 0
					      : bit_of(statistic->needs_by_default);
	}
	for (size_t i = 0; i < options->names.n_words; i++)
		if (csvr_statistic_is_percentile(options->names.word[i],
						 strlen(options->names.word[i])))
			collection |= needs_of(&csvr_stat_median);
	return collection;
}

const struct csvr_aggregate *csvr_collection_item(csvr_collection collection, size_t index)
{
	for (; collection != 0 && index > 0; index--)
		collection &= collection - 1;
	return csvr_collection_lowest(collection);
}

bool csvr_collection_add(csvr_collection *collection, const char *name, uint32_t version)
{
	for (size_t i = 0; i < N_AGGREGATES; i++) {
		if (csvr_aggregates[i]->version != version ||
		    strcmp(csvr_aggregates[i]->name, name) != 0)
			continue;
		*collection |= bit_of(csvr_aggregates[i]);
		return true;
	}
	return false;
}

/* False: no aggregate that the statistic can be computed from was collected. */
static bool find_states(struct csvr_subject *subject, const struct csvr_statistic *statistic)
{
	const struct csvr_collected *collected = subject->column->collected;
	if (statistic->needs == NULL)
		return true;
	subject->state = csvr_collected_state(collected, statistic->needs);
	if (statistic->also_needs != NULL)
		subject->other_state = csvr_collected_state(collected, statistic->also_needs);
	if (statistic->needs_by_default != NULL)
		subject->default_state = csvr_collected_state(collected,
							      statistic->needs_by_default);
	return subject->state != NULL || subject->default_state != NULL;
}

static struct csvr_value value_of(struct csvr_subject *subject,
				  const struct csvr_statistic *statistic)
{
	if (!find_states(subject, statistic))
		return (struct csvr_value){ .kind = CSVR_VALUE_NONE };
	return statistic->value(subject);
}

static struct csvr_value compute(struct csvr_distribution *distribution,
				 const struct csvr_column *column,
				 const struct csvr_statistic *statistic, uint64_t n_files,
				 struct csvr_wants *wants)
{
	struct csvr_subject subject = { .statistic = statistic,
					.column = column,
					.n_files = n_files,
					.is_requested = true,
					.distribution = distribution,
					.wants = wants };
	/* cppcheck-suppress returnDanglingLifetime ; a value contains no pointer to the subject */
	return value_of(&subject, statistic);
}

struct csvr_value csvr_column_value(struct csvr_distribution *distribution,
				    const struct csvr_column *column,
				    const struct csvr_statistic *statistic, uint64_t n_files)
{
	return compute(distribution, column, statistic, n_files, NULL);
}

void csvr_column_want(struct csvr_distribution *distribution, const struct csvr_column *column,
		      const struct csvr_statistic *statistic, struct csvr_wants *wants)
{
	(void)compute(distribution, column, statistic, 0, wants);
}

struct csvr_value csvr_column_default_value(struct csvr_distribution *distribution,
					    const struct csvr_column *column,
					    const struct csvr_statistic *statistic,
					    uint64_t n_files)
{
	struct csvr_subject subject = { .statistic = statistic,
					.column = column,
					.n_files = n_files,
					.distribution = distribution };
	/* cppcheck-suppress returnDanglingLifetime ; a value contains no pointer to the subject */
	return value_of(&subject, statistic);
}

size_t csvr_column_items(struct csvr_distribution *distribution, const struct csvr_column *column,
			 const struct csvr_statistic *statistic, bool is_requested,
			 struct csvr_value items[CSVR_MAX_ITEMS])
{
	struct csvr_subject subject = { .statistic = statistic,
					.column = column,
					.is_requested = is_requested,
					.distribution = distribution };
	return find_states(&subject, statistic) ? statistic->items(&subject, items) : 0;
}
