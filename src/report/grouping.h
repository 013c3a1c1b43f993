/* grouping.h - the groups of a table as reports show them: their keys, columns and statistics
 *
 * Shape    a view of the report of a table, prepared once. Writers go through the groups, and fill a row for each group
 *          and grouped column.
 * Errors   CSVR_NO_MEMORY
 * Threads  several may fill rows at once, each with cells of its own
 */
#ifndef CSVR_REPORT_GROUPING_H
#define CSVR_REPORT_GROUPING_H

#include "report/report.h"
#include "stats/groups.h"

struct csvr_grouping {
	const struct csvr_report *report;
	const struct csvr_groups *groups;
	size_t n_groups, n_keys;
	const struct csvr_statistic *stats[CSVR_MAX_SHOWN]; /* shown, in order */
	size_t n_stats;
	struct csvr_report_row *columns; /* a row for each grouped column, without cells */
	size_t n_columns;
};

/* The groups of a table that reports show; NULL: none of its files has the column of a key. */
const struct csvr_groups *csvr_shown_groups(const struct csvr_data_table *table);

/* Prepares the groups of a table. csvr_shown_groups NULL: there are none. Close it, also after an error. */
enum csvr_status csvr_grouping_open(struct csvr_grouping *grouping,
				    const struct csvr_report *report);
void csvr_grouping_close(struct csvr_grouping *grouping);

/* Whether groups were requested, which only some of the tables may have. */
static inline bool csvr_document_has_groups(const struct csvr_document *document)
{
	return document->parse->group_by.n_words > 0;
}

/* Sets the statistics that all groups have in the formats for programs; returns how many. */
size_t csvr_document_group_statistics(const struct csvr_document *document,
				      const struct csvr_statistic *stats[CSVR_MAX_SHOWN]);

/* The title of a key: that of the table, whose groups may be NULL, or the one that all tables with groups have; else the item
 * as written. */
struct csvr_name csvr_key_title(const struct csvr_groups *groups,
				const struct csvr_parse_options *parse, size_t key);
struct csvr_name csvr_grouping_title(const struct csvr_grouping *grouping, size_t key);
struct csvr_name csvr_document_key_title(const struct csvr_document *document, size_t key);

/* The cells of a group in one column, which a row refers to. */
struct csvr_group_cells {
	struct csvr_column column;
	struct csvr_distribution
		*distribution; /* scratch memory, which other cells may use afterwards */
};

void csvr_group_cells_init(struct csvr_group_cells *cells, struct csvr_distribution *distribution);
void csvr_group_cells_clear(struct csvr_group_cells *cells);

/* Fills a row with the cells of a group in grouped column `column`. The row is valid until `cells` or its
 * distribution is used again, but its values are valid until `cells` is. */
enum csvr_status csvr_grouping_fill_row(const struct csvr_grouping *grouping, size_t group,
					size_t column, struct csvr_group_cells *cells,
					struct csvr_report_row *row);

/* Writes a group. Several threads may call it at once, for different groups. */
typedef enum csvr_status (*csvr_write_group_fn)(const struct csvr_grouping *grouping, size_t group,
						struct csvr_group_cells *cells, const void *context,
						FILE *stream);

/* Writes all groups in their order. Ranges of them are formatted in memory, by several threads if the options of the report
 * say so, in some MiB of memory for each thread. */
enum csvr_status csvr_grouping_write(const struct csvr_grouping *grouping,
				     csvr_write_group_fn write, const void *context, FILE *stream);

#endif
