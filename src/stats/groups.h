/* groups.h - the statistics of groups of rows: those with the same keys
 *
 * Shape    one per chunk, file or table: the distinct keys, and for each group and column exact sums, extremes and counts.
 *          Columns are by index in the file, or in the table. Self-contained: groups of two of these meet only when they
 *          are merged, so a chunk that is rejected leaves no trace. Merge is associative and commutative.
 * Units    counts are rows and cells
 * Errors   CSVR_NO_MEMORY
 * Threads  each belongs to one thread at a time
 */
#ifndef CSVR_STATS_GROUPS_H
#define CSVR_STATS_GROUPS_H

#include "stats/column.h"
#include "stats/file_stats.h"
#include "stats/group_keys.h"

enum {
	CSVR_DEFAULT_MAX_GROUPS = 1000000,
	/* if groups collect more than sums, extremes and counts */
	CSVR_DEFAULT_MAX_COLLECTING_GROUPS = 10000
};

/* Of all groups of a run. */
struct csvr_group_config {
	size_t n_keys; /* of each group; 0: there are no groups */
	uint64_t max_groups; /* of a table */
	csvr_collection collection; /* what each group collects of each column */
	bool has_texts; /* texts have statistics; else they are only counted */
};

struct csvr_groups;

enum csvr_status csvr_groups_new(const struct csvr_group_config *config,
				 struct csvr_groups **groups);
void csvr_groups_free(struct csvr_groups *groups); /* NULL is accepted */

/* Where a file has a key. */
struct csvr_key_source {
	bool is_present; /* false: the file lacks it, and all its rows have the missing key */
	uint32_t column; /* UINT32_MAX: it is no column, but the path */
	struct csvr_name name; /* of the column, or the title of the path */
};

/* Removes all groups, and sets the number of columns and the sources of the keys, whose names are copied. Keeps the
 * memory, unless it is much more than what was used. */
enum csvr_status csvr_groups_reset(struct csvr_groups *groups, size_t n_columns,
				   const struct csvr_key_source *sources);

/* ---- adding rows ---- */

/* The table of key `key`. */
struct csvr_group_keys *csvr_groups_keys(struct csvr_groups *groups, size_t key);

/* Adds `n` rows, at most a batch, whose keys have the numbers numbers[key][i] in csvr_groups_keys, and sets ids[i] to the
 * group of each. False: there are more groups than permitted, and nothing need be added any more. */
enum csvr_status csvr_groups_add_rows(struct csvr_groups *groups,
				      uint32_t (*numbers)[CSVR_MAX_BATCH], size_t n, uint32_t *ids,
				      bool *is_full);

/* How many groups were found. */
size_t csvr_groups_n_found(const struct csvr_groups *groups);

/* How many rows each group has, by id. */
const uint64_t *csvr_groups_row_counts(const struct csvr_groups *groups);

/* Adds values of class CSVR_CELL_NUMBER of a column; ids[i] is the group of value i. */
enum csvr_status csvr_groups_add_batch(struct csvr_groups *groups, size_t column,
				       const struct csvr_batch *batch, const uint32_t *ids);

/* Adds a cell that has a value. */
enum csvr_status csvr_groups_add_number(struct csvr_groups *groups, size_t column,
					enum csvr_cell_class class, uint32_t id,
					const struct csvr_number *number);

/* Adds a cell of any other class, of which only the class is known. */
enum csvr_status csvr_groups_add_cell(struct csvr_groups *groups, size_t column,
				      enum csvr_cell_class class, uint32_t id);

/* Whether csvr_groups_add_text wants cells of the class. */
bool csvr_groups_want_text(const struct csvr_groups *groups, enum csvr_cell_class class);

/* Adds the text of a text or boolean; the cell itself is added by csvr_groups_add_cell. */
enum csvr_status csvr_groups_add_text(struct csvr_groups *groups, size_t column,
				      enum csvr_cell_class class, uint32_t id,
				      const struct csvr_text *text);

/* ---- merging ---- */

/* Adds the groups of a file to those of its table, or of a table to another one; `*into` may be NULL, and is then
 * created. new_column[i] is the index of column i of `from`; UINT32_MAX: it has no statistics. NULL: the columns are the same.
 * `from` may only be reset or freed afterwards; NULL: it has no groups. */
enum csvr_status csvr_groups_merge(struct csvr_groups **into, struct csvr_groups *from,
				   const uint32_t *new_column);

/* Limits what groups collect to a report of at least `n_columns` columns for each group (csvr_collected_limit). */
void csvr_groups_limit(struct csvr_groups *groups, size_t n_columns);

/* Counts a file with `n_rows` rows for the keys whose columns it lacks. Before it is merged into a table. */
void csvr_groups_finish_file(struct csvr_groups *groups, uint64_t n_rows);

/* Whether there are more groups than permitted. */
bool csvr_groups_are_too_many(const struct csvr_groups *groups);

/* Whether some file has some key. */
bool csvr_groups_have_keys(const struct csvr_groups *groups);

/* Numbers columns anew: column i becomes new_column[i]. */
enum csvr_status csvr_groups_move_columns(struct csvr_groups *groups, const uint32_t *new_column);

/* Sorts the groups for the functions below. Afterwards more may be merged, and they must be sorted again. */
enum csvr_status csvr_groups_sort(struct csvr_groups *groups);

/* ---- reading: groups are in the order of the report, and each has rows ---- */

size_t csvr_groups_n_keys(const struct csvr_groups *groups);
size_t csvr_groups_count(const struct csvr_groups *groups);

/* Key `key` of group `group`; its text is NULL if it is missing. */
struct csvr_name csvr_groups_key(const struct csvr_groups *groups, size_t group, size_t key);

/* The name of the column of a key, if all files that have it give the same; its text is NULL if not. */
struct csvr_name csvr_groups_title(const struct csvr_groups *groups, size_t key);

/* Whether column `index` is a key, and so has no statistics in groups. */
bool csvr_groups_is_key(const struct csvr_groups *groups, size_t index);

/* Files with rows that lack the column of a key, and how many rows they have. */
uint64_t csvr_groups_n_files_without(const struct csvr_groups *groups, size_t key,
				     uint64_t *n_rows);

uint64_t csvr_groups_n_rows(const struct csvr_groups *groups, size_t group);

/* Starts to load some of the next groups into the cache. Neighbours in the order are far apart in memory. */
void csvr_groups_prefetch(const struct csvr_groups *groups, size_t group);

/* Sets `column` to the cells of column `index` of a group. The type is that of `whole`, the column of all rows, which must
 * outlive it; NULL: that of the cells. The caller initializes `column` by csvr_column_init, may use it for any groups, and clears it by
 * csvr_groups_column_clear. Threads may do this at the same time, each with a column of its own. */
enum csvr_status csvr_groups_column(const struct csvr_groups *groups, size_t group, size_t index,
				    const struct csvr_column *whole, struct csvr_column *column);
void csvr_groups_column_clear(struct csvr_column *column);

/* ---- saving and restoring ---- */

/* Of a key: the name that files give it, and the files that lack it. */
struct csvr_key_files {
	struct csvr_name title; /* without text: no file has the key */
	bool differs; /* files give the key several names, of which the title is one */
	uint64_t n_files_without, n_rows_without;
};

struct csvr_key_files csvr_groups_key_files(const struct csvr_groups *groups, size_t key);
enum csvr_status csvr_groups_restore_key(struct csvr_groups *groups, size_t key,
					 const struct csvr_key_files *files);

size_t csvr_groups_n_columns(const struct csvr_groups *groups);

/* Set the number of columns, whether there are too many groups, and whether each column is a key. */
enum csvr_status csvr_groups_restore_columns(struct csvr_groups *groups, size_t n_columns);
void csvr_groups_restore_is_key(struct csvr_groups *groups, size_t column);
void csvr_groups_restore_too_many(struct csvr_groups *groups);

/* Adds a group with `n_rows` rows, at least 1; the text of a missing key is NULL. Errors: CSVR_NO_MEMORY; CSVR_INVALID_FILE, the
 * group exists already. */
enum csvr_status csvr_groups_restore_group(struct csvr_groups *groups, const struct csvr_name *keys,
					   uint64_t n_rows, uint32_t *id);

/* Sets the cells of a column of a group, which has none yet. Takes the contents of `cells`, which may only be cleared
 * afterwards. */
enum csvr_status csvr_groups_restore_cells(struct csvr_groups *groups, size_t column, uint32_t id,
					   struct csvr_column *cells);

/* Whether ids[0, n) are the groups in their order, after csvr_groups_sort. */
bool csvr_groups_are_in_order(const struct csvr_groups *groups, const uint32_t *ids, size_t n);

#endif
