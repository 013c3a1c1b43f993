/* summary_internal.h - functions that summary*.c share
 *
 * Shape    summary.c adds files, summary_intern.c finds or adds columns and layouts, summary_merge.c
 *          merges two summaries, summary_order.c sorts one
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

/* Appends a file. The summary owns `stats` if it keeps statistics of files and CSVR_OK is returned. */
enum csvr_status csvr_summary_append_file(struct csvr_summary *summary,
					  const struct csvr_file *file,
					  struct csvr_file_stats *stats);

/* Appends a failure with a copy of its message. */
enum csvr_status csvr_summary_append_failure(struct csvr_summary *summary,
					     const struct csvr_failure *failure);

/* The index of the column with this name. A new column is added if none has it, with `order`. */
enum csvr_status csvr_summary_intern_column(struct csvr_summary *summary,
					    const struct csvr_name *name, uint64_t order,
					    uint32_t *index);

/* Limits what all columns collect to their present number (csvr_collected_limit). */
void csvr_summary_limit_columns(struct csvr_summary *summary);

/* The index of the layout that has these columns in this order, added if it is new. `columns` is from
 * malloc; the function frees it or hands it to the summary, also on failure. */
enum csvr_status csvr_summary_intern_columns(struct csvr_summary *summary, uint32_t *columns,
					     size_t n_columns, uint32_t *index);

/* --columns-by=position: keeps the label of a column while all files agree on it. `label` must live as
 * long as the summary; NULL changes nothing. */
void csvr_summary_merge_label(struct csvr_summary_column *column, const char *label,
			      size_t n_bytes);

/* Frees the hash tables; the next call that interns a column or a layout builds them again. */
void csvr_summary_drop_hash_tables(struct csvr_summary *summary);

#endif
