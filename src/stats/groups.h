/* groups.h - the statistics of groups of rows: those with the same keys
 *
 * Shape    one per chunk, file or table: the distinct keys, and for each group and column exact sums, extremes and counts.
 *          Columns are by index in the file, or in the table. Self-contained: merging two of them is the only way in which
 *          groups meet, so a chunk that is rejected leaves no trace.
 * Units    counts are rows and cells
 * Errors   CSVR_NO_MEMORY
 * Threads  each belongs to one thread at a time
 */
#ifndef CSVR_STATS_GROUPS_H
#define CSVR_STATS_GROUPS_H

#include "base/key_words.h"
#include "stats/column.h"
#include "stats/file_stats.h"

struct csvr_groups;

/* ---- for reports: after csvr_groups_sort; groups are in the order of the report ---- */

/* The number of keys of each group, and the number of groups, which have rows. */
size_t csvr_groups_n_keys(const struct csvr_groups *groups);
size_t csvr_groups_count(const struct csvr_groups *groups);

/* Key `key` of group `group`; its text is NULL if it is missing. */
struct csvr_name csvr_groups_key(const struct csvr_groups *groups, size_t group, size_t key);

/* The name of a key: that of the column, if all files give the same; text NULL: they give several, or none. */
struct csvr_name csvr_groups_title(const struct csvr_groups *groups, size_t key);

/* Whether column `index` of the table is a key, and so has no statistics in groups. */
bool csvr_groups_is_key(const struct csvr_groups *groups, size_t index);

/* Files with rows that lack the column of a key, and how many rows they have. */
uint64_t csvr_groups_n_files_without(const struct csvr_groups *groups, size_t key,
				     uint64_t *n_rows);

uint64_t csvr_groups_n_rows(const struct csvr_groups *groups, size_t group);

/* Sets `column` to the cells of column `index` of a group. The type is that of `whole`, the column of all rows. The caller
 * initializes `column` once, may use it for any group, and clears it. Several threads may do this at once, each with a column of
 * its own. Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_groups_column(const struct csvr_groups *groups, size_t group, size_t index,
				    const struct csvr_column *whole, struct csvr_column *column);

#endif
