/* statistics.h - the statistics that a report can show
 *
 * Shape    a table of rows, in the order in which reports show them. `--stats`, `--help`, the manual,
 *          the completion, JSON keys, saved states and the tests of laws follow from it.
 * Threads  const
 */
#ifndef CSVR_STATS_STATISTICS_H
#define CSVR_STATS_STATISTICS_H

#include <stddef.h>
#include <string.h>

#include "stats/column.h"
#include "stats/percentile.h"

enum { CSVR_VALUE_TEXT_BYTES = 64 };

enum csvr_value_kind {
	CSVR_VALUE_NONE, /* absent */
	CSVR_VALUE_COUNT,
	CSVR_VALUE_REAL,
	CSVR_VALUE_DECIMAL, /* an exact decimal number: `text` holds its digits */
	CSVR_VALUE_TIME, /* a date, datetime or time: `text`, in the notation of the cells */
	CSVR_VALUE_WORD, /* one of a few words of this program: `word` */
	CSVR_VALUE_FACT, /* `word`: "true" or "false" */
	CSVR_VALUE_HISTOGRAM, /* `text`: heights of bars (histogram.h) */
	CSVR_VALUE_BYTES, /* the text of a cell, of any bytes: `bytes`, which the column owns */
};

/* The value of a statistic. */
struct csvr_value {
	enum csvr_value_kind kind;
	bool is_approximate; /* an estimate, whose error the definition states */
	bool is_lower_bound; /* CSVR_VALUE_COUNT: it is more than `count` */
	uint64_t count;
	double real;
	/* The exact value of `real`, `exact` / `divisor`, which the column owns; NULL: unknown. */
	const struct csvr_exact_sum *exact;
	uint64_t divisor;
	const char *word;
	const unsigned char *bytes;
	size_t n_bytes;
	/* Of an item of a list: the cells that have this value, and all that have a value. Else 0. */
	uint64_t n_cells, n_all_cells;
	char text
		[CSVR_VALUE_TEXT_BYTES]; /* ends with NUL; the last member: csvr_value_of leaves it out */
};

/* A value of which only the kind is set. Zeros for the text would take longer than most values. */
static inline struct csvr_value csvr_value_of(enum csvr_value_kind kind)
{
	struct csvr_value value;
	memset(&value, 0, offsetof(struct csvr_value, text) + 1);
	value.kind = kind;
	return value;
}

enum { CSVR_MAX_ITEMS = 10 }; /* of a list */

struct csvr_statistic;
struct csvr_distribution;
struct csvr_wants;

/* What a value is computed from. */
struct csvr_subject {
	const struct csvr_statistic *statistic;
	const struct csvr_column *column;
	uint64_t n_files; /* that have the column */
	const void *state; /* of the aggregate that the statistic needs */
	const void *other_state; /* of the one that it also needs, which may be missing */
	const void *default_state; /* of the one that it needs by default */
	bool is_requested; /* the statistic is: it may show more than by default */
	struct csvr_distribution *distribution; /* scratch memory of the caller; `value` opens it */
	/* Receives the ranges of values that a further pass over the inputs must know so that the value is no
	 * estimate (distribution.h); NULL: they are not asked for. */
	struct csvr_wants *wants;
};

/* When a statistic is shown that was not requested. */
enum csvr_visibility {
	CSVR_SHOW_ON_REQUEST,
	CSVR_SHOW_IF_NONZERO, /* in some column */
	CSVR_SHOW_IF_ROOM, /* unless the table would be too wide */
	CSVR_SHOW_ALWAYS
};

struct csvr_statistic {
	const char *name; /* for --stats, headings and JSON keys */
	const char *definition; /* a phrase, for the manual */
	enum csvr_visibility in_table, in_data; /* the table for people; csv, tsv, json, md */
	bool is_cell_count; /* of all cells, or files: JSON lists these before `rows` */
	bool has_share; /* the table also shows its share of the rows */
	/* Of rows, not of the cells of a column: reports show it apart from these, and only if it is requested by
	 * name. `value` is NULL. */
	bool is_of_rows;
	bool is_of_amounts; /* makes no sense for numbers that are identifiers, such as ids */
	/* The aggregate that it is computed from; NULL: the core of the column is enough. */
	const struct csvr_aggregate *needs;
	const struct csvr_aggregate *also_needs; /* a second one; NULL: none */
	/* One that is collected if nothing is requested; NULL: none. The statistic is computed from either, and its
	 * value is the same unless it is requested. */
	const struct csvr_aggregate *needs_by_default;
	bool is_fact; /* the aggregate is collected by default only if the options say so */
	struct csvr_value (*value)(const struct csvr_subject *subject);
	/* Of a list, whose first item is `value`: sets the items and returns how many there are; 0: the list is
	 * absent. NULL: the statistic is no list. */
	size_t (*items)(const struct csvr_subject *subject,
			struct csvr_value items[CSVR_MAX_ITEMS]);
};

enum { CSVR_MAX_STATISTICS = 64 };

/* Ends with NULL. */
extern const struct csvr_statistic *const csvr_statistics[];

/* The one of rows. */
extern const struct csvr_statistic csvr_stat_duplicates;

/* The row of that name (any bytes); NULL: unknown. */
const struct csvr_statistic *csvr_statistic_find(const char *name, size_t n_bytes);

/* Whether the options request it, by name or as one of all. */
bool csvr_statistic_is_requested(const struct csvr_statistic *statistic,
				 const struct csvr_statistic_options *options);

/* The statistics of columns that a run knows: those of the rows of the table, and between them the percentiles that are requested by name and
 * have no row, such as p99.9. */
enum { CSVR_MAX_SHOWN = CSVR_MAX_STATISTICS + CSVR_MAX_PERCENTILES };
struct csvr_statistic_list {
	const struct csvr_statistic *item[CSVR_MAX_SHOWN]; /* some point into `percentiles` */
	size_t n_items;
	struct csvr_statistic percentiles[CSVR_MAX_PERCENTILES];
	size_t n_percentiles;
};

/* Sets the list, in the order in which reports show it. Of more than CSVR_MAX_PERCENTILES requested ones the
 * first are in it. */
void csvr_statistic_list_init(struct csvr_statistic_list *list,
			      const struct csvr_statistic_options *options);

/* The aggregates to collect: those that the requested statistics need, or those that are collected by default,
 * and those of the saved states. */
csvr_collection csvr_collection_of(const struct csvr_statistic_options *options);

/* What each column collects of a collection, and whether rows are collected (rows.h). */
csvr_collection csvr_collection_of_columns(csvr_collection collection);
/* Of these, what the columns of groups collect: not what depends on the order of rows in files. */
csvr_collection csvr_collection_of_groups(csvr_collection collection);
bool csvr_collection_has_rows(csvr_collection collection);

/* For a further pass over the inputs: ranges of values (ranges.h) and frequent values (frequent.h), which no row
 * needs. */
csvr_collection csvr_collection_of_pass(void);

/* In the order of the bits of a collection. */
extern const struct csvr_aggregate *const csvr_aggregates[];

/* The aggregate of the lowest bit; NULL: there is none. */
static inline const struct csvr_aggregate *csvr_collection_lowest(csvr_collection collection)
{
	return collection != 0 ? csvr_aggregates[__builtin_ctzll(collection)] : NULL;
}

/* Aggregate `index` of a collection, in its order; NULL past the last. */
const struct csvr_aggregate *csvr_collection_item(csvr_collection collection, size_t index);

/* Adds the aggregate of that name and version. False: this program has none. */
bool csvr_collection_add(csvr_collection *collection, const char *name, uint32_t version);

/* `distribution` of the functions below is scratch memory of the caller, initialized once by csvr_distribution_init
 * (distribution.h). It keeps the sorted values of the column that was read last, so that the values of a column are
 * sorted once for all of its statistics. The columns that were read must not change or be freed meanwhile. */

/* The value of a statistic of a column that is requested; CSVR_VALUE_NONE if the aggregate that it needs was not
 * collected. */
struct csvr_value csvr_column_value(struct csvr_distribution *distribution,
				    const struct csvr_column *column,
				    const struct csvr_statistic *statistic, uint64_t n_files);

/* The value that is shown by default, whatever was collected. */
struct csvr_value csvr_column_default_value(struct csvr_distribution *distribution,
					    const struct csvr_column *column,
					    const struct csvr_statistic *statistic,
					    uint64_t n_files);

/* The items of a statistic that is a list, of a column; 0: there is no value. */
size_t csvr_column_items(struct csvr_distribution *distribution, const struct csvr_column *column,
			 const struct csvr_statistic *statistic, bool is_requested,
			 struct csvr_value items[CSVR_MAX_ITEMS]);

/* Adds the ranges of values of the column that a further pass must know so that the statistic is exact. */
void csvr_column_want(struct csvr_distribution *distribution, const struct csvr_column *column,
		      const struct csvr_statistic *statistic, struct csvr_wants *wants);

#endif
