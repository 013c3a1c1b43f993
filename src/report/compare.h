/* compare.h - the changes from one report to another
 *
 * Tables are matched by the names of their columns: those that share most of their names first. Columns of matched
 * tables are matched by name; of the others, a lost one and a new one may be the same column with another name. Of
 * each matched column its type, its shares of missing, nan and invalid cells, the range, mean and distribution of its
 * values, its frequent values and the number of distinct ones are compared.
 *
 * Schema (lost, new and renamed columns, types) and numbers of rows are compared as they are. All else is a change
 * only if chance is excluded (change_tests.h).
 *
 * Shape    changes of a table are together: first its own, then those of its columns in their order, the greatest
 *          first. A writer walks tables, the columns of each, and the changes of each.
 * Errors   CSVR_NO_MEMORY
 * Threads  const once it is made
 */
#ifndef CSVR_REPORT_COMPARE_H
#define CSVR_REPORT_COMPARE_H

#include "report/change_rules.h"
#include "report/snapshot.h"

struct csvr_change {
	enum csvr_change_kind kind;
	uint32_t table, column; /* indices; CSVR_NO_INDEX: it is about the table */
	/* Before and now: numbers (has_numbers), texts, or NULL. */
	bool has_numbers;
	double old_number, new_number;
	const char *old_text, *new_text;
	double size; /* in the unit of its kind; 0: it has none */
	double threshold; /* of its rule */
	bool is_off; /* its rule is off */
	bool is_beyond; /* its size is above the threshold of its rule, which is not off */
	const char *sentence; /* for people: UTF-8, without a period; values in it are escaped */
};

/* A column of a table before and now; one of them may be NULL. */
struct csvr_compared_column {
	const struct csvr_snapshot_column *before, *now;
	size_t first_change, n_changes; /* of diff->changes */
};

struct csvr_compared_table {
	const struct csvr_snapshot_table *before, *now; /* one may be NULL */
	/* In the order of the columns now; each lost one follows the column that it followed before. NULL unless the
	 * table is in both. */
	struct csvr_compared_column *columns;
	size_t n_columns;
	size_t first_change, n_changes; /* of the table and its columns */
	size_t n_own_changes; /* the first ones, of the table itself */
	size_t n_changed_columns;
};

/* What a report may lack that the other one has, of some column in both. */
enum csvr_lacking {
	CSVR_LACKS_PERCENTILES,
	CSVR_LACKS_HISTOGRAM,
	CSVR_LACKS_DISTINCT,
	CSVR_LACKS_TOP,
	CSVR_N_LACKINGS
};
extern const char *const csvr_lacking_names[CSVR_N_LACKINGS];

struct csvr_diff {
	const char *old_path;
	const struct csvr_snapshot *before; /* of the caller */
	struct csvr_snapshot *now; /* owned */
	struct csvr_compared_table *tables; /* in the order of the tables now; then lost ones */
	size_t n_tables;
	struct csvr_change *changes;
	size_t n_changes, capacity;
	size_t n_beyond; /* changes */
	/* What is not compared for this reason. */
	bool old_lacks[CSVR_N_LACKINGS], new_lacks[CSVR_N_LACKINGS];
	bool *is_matched; /* items of the rules: they are about some column */
	struct csvr_arena strings;
};

/* Compares a snapshot with a finished summary, by settings->report.change_rules. `before`, its path, and the summary
 * must live as long as the comparison. Free it with csvr_diff_free. */
enum csvr_status csvr_compare(const struct csvr_snapshot *before, const char *old_path,
			      const struct csvr_summary *summary, const struct csvr_inputs *inputs,
			      const struct csvr_settings *settings, struct csvr_diff **diff);

/* Compares two snapshots; takes `now`, also after an error. `rules` are valid items. */
enum csvr_status csvr_compare_snapshots(const struct csvr_snapshot *before,
					struct csvr_snapshot *now,
					const struct csvr_string_list *rules,
					struct csvr_diff **diff);

/* NULL is accepted. */
void csvr_diff_free(struct csvr_diff *diff);

/* Column `column` of table `table` of diff->now, with the column before; NULL: the table is new. */
const struct csvr_compared_column *csvr_diff_column(const struct csvr_diff *diff, size_t table,
						    size_t column);

/* Writes `start` and the names of what a report lacks, with commas in between. False: it lacks nothing. */
bool csvr_lacking_write(const bool lacks[CSVR_N_LACKINGS], const char *start, FILE *stream);

/* Writes a change in one line for messages: "TABLE: COLUMN: SENTENCE". */
void csvr_change_write(const struct csvr_diff *diff, const struct csvr_change *change,
		       FILE *stream);

#endif
