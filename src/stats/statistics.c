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
	ROW(sum) \
	ROW(mean) \
	ROW(stddev) \
	ROW(stddev_pop) \
	ROW(variance) \
	ROW(skewness) \
	ROW(kurtosis) \
	ROW(min) \
	ROW(max) \
	ROW(range) \
	ROW(sem) \
	ROW(cv) \
	ROW(zeros) \
	ROW(negative) \
	ROW(min_length) \
	ROW(max_length) \
	ROW(mean_length)
/* clang-format on */

#define DECLARE(name) extern const struct csvr_statistic csvr_stat_##name;
#define ADDRESS(name) &csvr_stat_##name,

ROWS(DECLARE)

const struct csvr_statistic *const csvr_statistics[] = { ROWS(ADDRESS) NULL };

_Static_assert(sizeof csvr_statistics / sizeof csvr_statistics[0] <= CSVR_MAX_STATISTICS,
	       "a csvr_collection has a bit for each");

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
	return options->all || is_named(statistic, options);
}

/* The first row that needs an aggregate; its bit stands for the aggregate. */
static size_t row_of(const struct csvr_aggregate *aggregate)
{
	size_t i = 0;
	while (csvr_statistics[i]->needs != aggregate)
		i++;
	return i;
}

csvr_collection csvr_collection_of(const struct csvr_statistic_options *options)
{
	csvr_collection collection = options->has_collection ? options->collection : 0;
	for (size_t i = 0; csvr_statistics[i] != NULL; i++) {
		const struct csvr_aggregate *needs = csvr_statistics[i]->needs;
		if (needs != NULL && ((options->all && !options->has_collection) ||
				      is_named(csvr_statistics[i], options)))
			collection |= UINT64_C(1) << row_of(needs);
	}
	return collection;
}

const struct csvr_aggregate *csvr_collection_item(csvr_collection collection, size_t index)
{
	for (; collection != 0; collection &= collection - 1)
		if (index-- == 0)
			return csvr_statistics[__builtin_ctzll(collection)]->needs;
	return NULL;
}

bool csvr_collection_add(csvr_collection *collection, const char *name, uint32_t version)
{
	for (size_t i = 0; csvr_statistics[i] != NULL; i++) {
		const struct csvr_aggregate *needs = csvr_statistics[i]->needs;
		if (needs == NULL || needs->version != version || strcmp(needs->name, name) != 0)
			continue;
		*collection |= UINT64_C(1) << i;
		return true;
	}
	return false;
}

struct csvr_value csvr_column_value(const struct csvr_column *column,
				    const struct csvr_statistic *statistic, uint64_t n_files)
{
	struct csvr_subject subject = { .column = column, .n_files = n_files };
	if (statistic->needs != NULL) {
		subject.state = csvr_collected_state(column->collected, statistic->needs);
		if (subject.state == NULL)
			return (struct csvr_value){ .kind = CSVR_VALUE_NONE };
	}
	/* cppcheck-suppress returnDanglingLifetime ; a value contains no pointer */
	return statistic->value(&subject);
}
