/* condition.h - the conditions of --where: COLUMN OPERATOR VALUE
 *
 * A value is a number, a date, a time or a text. Numbers, dates and times are compared with cells that are such, by
 * value; texts by bytes. How a condition is divided into its parts depends on the names of the columns, which may contain
 * operators, and so on the file.
 *
 * Shape    one per condition and header
 * Units    intervals are of values of a kernel: integers in units of 10^-scale
 * Errors   CSVR_NO_MEMORY
 * Threads  one thread at a time
 */
#ifndef CSVR_PARSE_CONDITION_H
#define CSVR_PARSE_CONDITION_H

#include "base/memory.h"
#include "csvreport.h"
#include "parse/decimal.h"
#include "parse/kernel.h"

enum csvr_comparison {
	CSVR_EQUAL,
	CSVR_NOT_EQUAL,
	CSVR_LESS,
	CSVR_AT_MOST,
	CSVR_GREATER,
	CSVR_AT_LEAST,
	CSVR_LIKE, /* a glob */
	CSVR_N_COMPARISONS
};

/* What a cell is to the value of a condition. */
enum csvr_relation {
	CSVR_RELATION_LESS, /* or a text that a glob does not match */
	CSVR_RELATION_EQUAL, /* or one that it matches */
	CSVR_RELATION_GREATER,
	CSVR_RELATION_MISSING, /* the cell is */
	CSVR_RELATION_OTHER /* the value is a number, date or time, and the cell is no such */
};

/* Values from `first` to `first` + `width`, or all others. */
struct csvr_interval {
	int64_t first;
	uint64_t width;
	bool is_inverted;
};

static inline bool csvr_interval_has(const struct csvr_interval *interval, int64_t value)
{
	return ((uint64_t)value - (uint64_t)interval->first <= interval->width) !=
	       interval->is_inverted;
}

/* The value of a condition among those of a kernel. */
struct csvr_threshold {
	int64_t first; /* the least that is not less */
	bool is_equal; /* it is equal */
};

struct csvr_condition {
	size_t column; /* index in the header; SIZE_MAX: the file has no such column */
	enum csvr_comparison comparison;
	/* Of numbers, dates or times that the value is compared with; CSVR_N_QUANTITIES: texts. */
	enum csvr_quantity quantity;
	const char *value; /* as text, with a NUL after it */
	size_t value_bytes;
	bool is_ascii; /* the value */
	bool means_missing; /* a cell with this text is missing */
	const struct csvr_cell_rules *rules; /* of the column */
	struct csvr_decimal decimal; /* the value, unless it is a text */
	/* By scale, those whose bits are set in has_threshold. */
	uint32_t has_threshold;
	struct csvr_threshold thresholds[CSVR_MAX_SCALE + 1];
};

/* Sets a condition, which csvr_condition_check has approved, for the columns of a header. Strings are copied to `strings`.
 * `*column_name` is the name that it asks for, as written. */
enum csvr_status csvr_condition_resolve(struct csvr_condition *condition, const char *text,
					const struct csvr_parse_options *options,
					const struct csvr_slice *names, size_t n_names,
					struct csvr_arena *strings, const char **column_name);

/* Sets the rules of its column. */
void csvr_condition_set_rules(struct csvr_condition *condition,
			      const struct csvr_cell_rules *rules);

/* Whether cells with this relation to the value satisfy the condition. */
bool csvr_condition_accepts(const struct csvr_condition *condition, enum csvr_relation relation);

/* The relation of a trimmed text without quotes, in UTF-8; with CSVR_LIKE a NUL follows it and none is inside.
 * CSVR_TEXT_MARGIN bytes from its end are readable. `*decimal` is the class and the value of the cell, if that matters. */
enum csvr_relation csvr_condition_relate(struct csvr_condition *condition,
					 struct csvr_decimal *decimal, struct csvr_slice text);

/* The same for a text that is not empty, if it is a date or time in a common notation and the value is a date or time.
 * False: csvr_condition_relate decides. */
bool csvr_condition_relate_time(struct csvr_condition *condition, struct csvr_slice text,
				enum csvr_relation *relation);

/* The values of a scale that satisfy a condition whose value is a number, or is a date or time in seconds. */
struct csvr_interval csvr_condition_interval(struct csvr_condition *condition, unsigned scale);

/* -1, 0 or 1: a is less than b, equal, greater. Both are numbers, dates or times. */
int csvr_decimal_compare(const struct csvr_decimal *a, const struct csvr_decimal *b);

#endif
