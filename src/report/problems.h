/* problems.h - what a report says besides figures: every row issue and every file left out
 *
 * Shape   a list by kind; within a kind columns as listed, files by path
 * Errors  CSVR_NO_MEMORY
 */
#ifndef CSVR_REPORT_PROBLEMS_H
#define CSVR_REPORT_PROBLEMS_H

#include "base/escape.h"
#include "csvreport.h"

enum csvr_problem_kind {
	CSVR_PROBLEM_SHORT_ROWS,
	CSVR_PROBLEM_LONG_ROWS,
	CSVR_PROBLEM_INVALID_CELLS, /* of one column that also holds numbers */
	CSVR_PROBLEM_ABSENT_COLUMN, /* one column that some files have not */
	CSVR_PROBLEM_BLANK_LINES,
	CSVR_PROBLEM_COMMENT_LINES,
	CSVR_PROBLEM_MISSING_SHARDS, /* of one list of inputs, in a report of what there is */
	CSVR_PROBLEM_UNREAD_INPUTS, /* of one list, that the run of a checkpoint has not come to */
	CSVR_PROBLEM_EMPTY_FILE,
	CSVR_PROBLEM_HEADER_ONLY_FILE,
	CSVR_PROBLEM_CHANGED_FILE, /* since a checkpoint was written */
	CSVR_PROBLEM_BAD_FILE,
	CSVR_N_PROBLEMS
};

struct csvr_problem {
	enum csvr_problem_kind kind;
	uint64_t n; /* rows, cells, lines, files, or shares */
	uint64_t n_extra; /* long rows: fields too many; absent column: files that have it */
	const char *path; /* of the first one, or of the file; NULL: none */
	uint64_t line; /* 0: none */
	const char *column; /* a column's name, NULL: not about one */
	size_t column_bytes;
	size_t column_index; /* of the summary */
	const char *reason; /* bad files */
	const struct csvr_manifest *manifest; /* missing shares, unread inputs */
};

struct csvr_problems {
	struct csvr_problem *items;
	size_t n_items, capacity;
	uint64_t n_files_with_rows;
};

/* Free with csvr_problems_clear, also after an error. The list points into its arguments. */
enum csvr_status csvr_problems_collect(struct csvr_problems *problems,
				       const struct csvr_summary *summary,
				       const struct csvr_inputs *inputs);
void csvr_problems_clear(struct csvr_problems *problems);

/* "short_rows", "bad_file", ... */
const char *csvr_problem_name(enum csvr_problem_kind kind);

/* Writes what it is, without number and place: "short rows (absent cells count as missing)". */
void csvr_problem_describe(const struct csvr_problems *problems, const struct csvr_problem *problem,
			   csvr_escape_fn put, FILE *stream);

#endif
