/* summary_internal.h - functions that summary*.c share
 *
 * Shape    summary.c adds files, summary_intern.c finds or adds columns and layouts, summary_headers.c headers and
 *          their tables, summary_join.c joins tables, summary_merge.c merges two summaries, summary_order.c sorts one
 * Errors   CSVR_NO_MEMORY
 * Threads  those of the summary
 */
#ifndef CSVR_STATS_SUMMARY_INTERNAL_H
#define CSVR_STATS_SUMMARY_INTERNAL_H

#include "stats/summary.h"

/* The position of an input in the order of paths. */
static inline uint32_t csvr_summary_path_rank(const struct csvr_summary *summary, uint32_t input)
{
	return summary->config.path_ranks != NULL ? summary->config.path_ranks[input] : input;
}

/* Sets `*first` to `location` if that comes earlier in the order of paths. */
void csvr_summary_keep_first(const struct csvr_summary *summary, struct csvr_location *first,
			     struct csvr_location location);

/* The same for the first cells of all kinds. */
void csvr_summary_keep_first_cells(const struct csvr_summary *summary, struct csvr_column *into,
				   const struct csvr_column *from);

/* Adds what the conditions of --where could not decide in the files of another summary. */
enum csvr_status csvr_summary_merge_filter(struct csvr_summary *into,
					   const struct csvr_filter_stats *filter);

/* Appends a file. The summary owns `stats` if it keeps statistics of files and CSVR_OK is returned. */
enum csvr_status csvr_summary_append_file(struct csvr_summary *summary,
					  const struct csvr_file *file,
					  struct csvr_file_stats *stats);

/* Appends a failure with a copy of its message. */
enum csvr_status csvr_summary_append_failure(struct csvr_summary *summary,
					     const struct csvr_failure *failure);

/* ---- hash tables ---- */

typedef uint64_t (*csvr_item_hash_fn)(const void *owner, size_t index);

/* Grows a hash table so that one more than `n_items` items leave half of it free. */
enum csvr_status csvr_slots_reserve(struct csvr_slots *slots, size_t n_items,
				    csvr_item_hash_fn hash, const void *owner);
void csvr_slots_clear(struct csvr_slots *slots);

/* Frees the hash tables; the next call that interns something builds them again. */
void csvr_summary_drop_hash_tables(struct csvr_summary *summary);

/* ---- tables ---- */

/* Appends a table without columns. */
enum csvr_status csvr_summary_add_table(struct csvr_summary *summary, uint32_t *index);
void csvr_data_table_clear(struct csvr_data_table *table);

/* Merges `source`, a table of any summary, into a table of `into`. new_column[i] becomes the index of its column i.
 * `source` may only be cleared afterwards. */
enum csvr_status csvr_data_table_merge(struct csvr_summary *into, struct csvr_data_table *target,
				       struct csvr_data_table *source, uint32_t *new_column);

/* Merges each table into the table root[i]; root[root[i]] is root[i], which is at most i. Tables, layouts and
 * columns are numbered anew; `root` receives the new index of each table. */
enum csvr_status csvr_summary_join_tables(struct csvr_summary *summary, uint32_t *root);

/* Joins the tables whose headers are similar. */
enum csvr_status csvr_summary_join_similar(struct csvr_summary *summary);

/* Whether its headers have too many names for more than one table. */
static inline bool csvr_summary_has_too_many_headers(const struct csvr_summary *summary)
{
	return summary->n_header_names > CSVR_MAX_HEADER_NAMES;
}

/* The root of `item`; halves the paths on the way. A root is its own parent. */
static inline uint32_t csvr_find_root(uint32_t *parent, uint32_t item)
{
	while (parent[item] != item)
		item = parent[item] = parent[parent[item]];
	return item;
}

/* The lesser root becomes that of both. */
static inline void csvr_unite(uint32_t *parent, uint32_t a, uint32_t b)
{
	a = csvr_find_root(parent, a);
	b = csvr_find_root(parent, b);
	parent[a > b ? a : b] = a > b ? b : a;
}

/* ---- headers ---- */

/* The index of a name, which is added if it is new. */
enum csvr_status csvr_summary_intern_name(struct csvr_summary *summary,
					  const struct csvr_name *name, uint32_t *index);

/* The index of the header with these names, ascending and without duplicates; CSVR_NO_INDEX: there is none. */
enum csvr_status csvr_summary_find_header(struct csvr_summary *summary, const uint32_t *names,
					  size_t n_names, uint32_t *index);

/* Appends a header that is not there yet. */
enum csvr_status csvr_summary_add_header(struct csvr_summary *summary, const uint32_t *names,
					 size_t n_names, uint32_t table);

/* Sets `folded` to the folded names of a header, ascending and without duplicates; returns how many there are. */
size_t csvr_summary_fold_header(const struct csvr_summary *summary,
				const struct csvr_header_set *header, uint32_t *folded);

/* Sorts indices and removes duplicates; returns how many are left. */
size_t csvr_sort_names(uint32_t *names, size_t n_names);

/* The table of the header with these columns; both are added if they are new. */
enum csvr_status csvr_summary_find_table(struct csvr_summary *summary,
					 const struct csvr_header_columns *columns,
					 uint32_t *table);

/* ---- columns and layouts ---- */

/* The index of the column with this name. A new column is added if none has it, with `order`. */
enum csvr_status csvr_summary_intern_column(struct csvr_summary *summary,
					    struct csvr_data_table *table,
					    const struct csvr_name *name, uint64_t order,
					    uint32_t *index);

/* Makes the summary own the name and the label of a column that was moved to a table of it. */
enum csvr_status csvr_summary_own_column(struct csvr_summary *summary,
					 struct csvr_data_table *table,
					 struct csvr_summary_column *column);

/* Limits what all columns collect to the number of names that columns have (csvr_collected_limit). That number does
 * not decrease when tables are joined or more is merged. */
void csvr_summary_limit_columns(struct csvr_summary *summary);

static inline size_t csvr_summary_count_names(const struct csvr_summary *summary)
{
	if (!summary->is_one_table)
		return summary->n_names_with_columns;
	return summary->n_tables > 0 ? summary->tables[0].n_columns : 0;
}

/* The index of the layout of a table that has these columns in this order, added if it is new. `columns` is from
 * malloc; the function frees it or hands it to the summary, also on failure. */
enum csvr_status csvr_summary_intern_columns(struct csvr_summary *summary, uint32_t table,
					     uint32_t *columns, size_t n_columns, uint32_t *index);

/* --columns-by=position: keeps the label of a column while all files agree on it. `label` must live as
 * long as the summary; NULL changes nothing. */
void csvr_summary_merge_label(struct csvr_summary_column *column, const char *label,
			      size_t n_bytes);

#endif
