/* change_rules.h - which changes --fail-on-change is about
 *
 * Shape    a rule is a threshold for changes of a kind, perhaps of some columns only. The default rules hold where no
 *          item of the option names the kind; items for columns precede those for all, and later items earlier ones.
 * Errors   CSVR_INVALID_OPTION: an item is no rule
 * Threads  pure
 */
#ifndef CSVR_REPORT_CHANGE_RULES_H
#define CSVR_REPORT_CHANGE_RULES_H

#include "base/memory.h"
#include "csvreport.h"
#include "stats/file_stats.h"

enum csvr_change_kind {
	CSVR_CHANGE_LOST, /* a column or table */
	CSVR_CHANGE_NEW,
	CSVR_CHANGE_RENAMED,
	CSVR_CHANGE_TYPE,
	CSVR_CHANGE_MISSING,
	CSVR_CHANGE_NAN, /* also infinite */
	CSVR_CHANGE_INVALID,
	CSVR_CHANGE_RANGE,
	CSVR_CHANGE_MEAN,
	CSVR_CHANGE_QUANTILES,
	CSVR_CHANGE_VALUES, /* new and vanished ones */
	CSVR_CHANGE_SHARES, /* of frequent values */
	CSVR_CHANGE_DISTINCT,
	CSVR_CHANGE_ROWS, /* of a table */
	CSVR_N_CHANGE_KINDS
};

struct csvr_change_type {
	const char *name; /* for rules and JSON */
	const char *unit; /* of the size of a change; NULL: it has none */
	double threshold; /* of the default rule */
};

extern const struct csvr_change_type csvr_change_types[CSVR_N_CHANGE_KINDS];

struct csvr_change_rule {
	const char *column; /* a name or a glob; NULL: all columns */
	size_t column_bytes;
	int kind; /* CSVR_N_CHANGE_KINDS: all kinds */
	double threshold; /* changes of a greater size are beyond the rule */
	bool is_off;
};

/* Parses an item: KIND, KIND=THRESHOLD, KIND=off, and the same after COLUMN and a colon. The rule points into it. */
enum csvr_status csvr_change_rule_parse(const char *item, struct csvr_change_rule *rule,
					struct csvr_error *error);

/* The rule for a kind of change of a column, whose name ends with a NUL (NULL: of a table). Sets is_matched[i] of the items that are about the
 * column; NULL: not needed. All items must be valid. */
struct csvr_change_rule csvr_change_rule_for(const struct csvr_string_list *items,
					     enum csvr_change_kind kind,
					     const struct csvr_name *column, bool *is_matched);

#endif
