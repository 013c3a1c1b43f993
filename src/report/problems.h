/* problems.h - the part of a report that is not numbers: row issues, missing inputs, skipped files
 *
 * Shape   a list in the order of the kinds; within a kind, columns in the order of the summary and files
 *         by path. A table says what each kind is about; the order of the kinds means nothing else.
 * Errors  CSVR_NO_MEMORY
 */
#ifndef CSVR_REPORT_PROBLEMS_H
#define CSVR_REPORT_PROBLEMS_H

#include "base/escape.h"
#include "stats/column_type.h"
#include "csvreport.h"

enum csvr_problem_kind {
	CSVR_PROBLEM_SHORT_ROWS,
	CSVR_PROBLEM_LONG_ROWS,
	CSVR_PROBLEM_TEXT_AFTER_QUOTE,
	CSVR_PROBLEM_OTHER_DELIMITER, /* files; by the delimiter that would do */
	CSVR_PROBLEM_INVALID_CELLS, /* of one column that also has numbers */
	CSVR_PROBLEM_NOT_COMPARED, /* cells of another kind than the value of a condition of --where */
	CSVR_PROBLEM_LOOKALIKES, /* texts of a column of text that look like numbers, or like missing values */
	CSVR_PROBLEM_SENTINEL, /* the minimum of a column may mean a missing value */
	CSVR_PROBLEM_NULL_WORDS, /* missing cells of a column of text that look like the texts */
	CSVR_PROBLEM_DIFFERENT_UNITS, /* numbers of one column whose affixes differ */
	CSVR_PROBLEM_AFFIXES, /* numbers of one column of which affixes were taken off */
	CSVR_PROBLEM_FOOTER_ROWS, /* of files with the same number of them */
	CSVR_PROBLEM_NO_KEY_COLUMN, /* files that lack the column of a key of groups */
	CSVR_PROBLEM_ABSENT_COLUMNS, /* of a table: columns that some of its files lack */
	CSVR_PROBLEM_WITHOUT_CONDITION, /* files that lack the column of a condition of --where */
	CSVR_PROBLEM_SIMILAR_NAMES, /* of columns of different files */
	CSVR_PROBLEM_ESTIMATES, /* columns that could not be made exact (--exact, --refine) */
	CSVR_PROBLEM_FILE_ESTIMATES, /* the same for files and their own statistics */
	CSVR_PROBLEM_EMPTY_ROWS,
	CSVR_PROBLEM_LIKE_COMMENTS,
	CSVR_PROBLEM_APOSTROPHES,
	CSVR_PROBLEM_QUOTED_WHOLE,
	CSVR_PROBLEM_SEEMS_HEADER, /* guesses about first records */
	CSVR_PROBLEM_SEEMS_DATA,
	CSVR_PROBLEM_NO_HEADER, /* files without a header, if others have one */
	CSVR_PROBLEM_KNOWN_NAMES,
	CSVR_PROBLEM_DECIMAL_COMMAS,
	CSVR_PROBLEM_ESCAPED_QUOTES,
	CSVR_PROBLEM_LONG_DELIMITER,
	CSVR_PROBLEM_LINES_ABOVE,
	CSVR_PROBLEM_UNITS_ROWS,
	CSVR_PROBLEM_BLANK_LINES,
	CSVR_PROBLEM_COMMENT_LINES,
	CSVR_PROBLEM_REPEATED_HEADERS,
	CSVR_PROBLEM_FOOTER_LINES,
	CSVR_PROBLEM_NOT_UTF8, /* names and cells */
	CSVR_PROBLEM_UTF16, /* files */
	CSVR_PROBLEM_MISSING_SHARDS, /* of one manifest */
	CSVR_PROBLEM_UNREAD_INPUTS, /* of one manifest, which a checkpoint has not reached */
	CSVR_PROBLEM_OTHER_NAMES, /* files that a walk did not read */
	CSVR_PROBLEM_MANY_HEADERS, /* which is why all files are one table */
	CSVR_PROBLEM_EMPTY_FILE,
	CSVR_PROBLEM_HEADER_ONLY_FILE,
	CSVR_PROBLEM_CHANGED_FILE, /* since a checkpoint was written */
	CSVR_PROBLEM_BAD_FILE,
	CSVR_N_PROBLEMS
};

struct csvr_problem {
	enum csvr_problem_kind kind;
	uint64_t n; /* rows, cells, columns, lines, files, inputs or shards */
	/* long rows: extra fields; without condition: filtered rows; rows like totals: how many each file has; absent columns: files that lack the first
	 * one; no key column: rows of the files; other delimiter: its index in `, ; tab |` */
	uint64_t n_extra;
	const char *path; /* of the first occurrence, or of the file; NULL: none */
	uint64_t line; /* 0: none */
	const char *column; /* name of the column; NULL: not about a column */
	size_t column_bytes;
	size_t column_index; /* in the table */
	const char *other_column; /* similar names: that of the second column; else NULL */
	size_t other_bytes;
	const struct csvr_first_cell
		*example; /* the first of the cells; NULL: the problem is not about cells */
	const struct csvr_column *
		stats; /* of the column of invalid cells, or of those that look like something else */
	enum csvr_lookalike lookalike; /* of the latter */
	const char *condition; /* not compared, without condition: as written; else NULL */
	const char *reason; /* bad files, estimates; else NULL */
	const char *remedy; /* of estimates: the end of a message about them, or empty; else NULL */
	const struct csvr_manifest *manifest; /* missing shards, unread inputs */
};

struct csvr_problems {
	struct csvr_problem *items;
	size_t n_items, capacity;
	const struct csvr_summary *summary;
	const struct csvr_data_table *table; /* whose columns they are about */
	const struct csvr_parse_options *parse;
};

typedef void (*csvr_problem_write_fn)(const struct csvr_problems *problems,
				      const struct csvr_problem *problem, csvr_escape_fn escape,
				      FILE *stream);

struct csvr_problem_type {
	const char *name; /* in JSON */
	/* The start of the phrase that follows the count: for a count of 1, and for others. */
	const char *one, *many;
	csvr_problem_write_fn details; /* writes the rest of the phrase; NULL: none */
	/* Writes what the problem means for the report; NULL: nothing. */
	csvr_problem_write_fn write_consequence;
	const char *others; /* the items that a short list omits: "3 more <others>" */
	bool is_about_file; /* about one file, at `path`; else `path` is the first occurrence */
	bool is_violation; /* --strict refuses such a report */
	bool is_incompleteness; /* --partial permits such a report */
};

extern const struct csvr_problem_type csvr_problem_types[CSVR_N_PROBLEMS];

/* In place of a table: the problems that belong to none, such as bad files. There are such only if there are several
 * tables: the problems of the only table include them. */
enum { CSVR_NO_TABLE = UINT32_MAX };

/* Collects the problems of a table of a finished summary. Free with csvr_problems_clear, also after an error. The list
 * points into the arguments. */
enum csvr_status csvr_problems_collect(struct csvr_problems *problems,
				       const struct csvr_summary *summary, uint32_t table,
				       const struct csvr_inputs *inputs,
				       const struct csvr_parse_options *parse);
void csvr_problems_clear(struct csvr_problems *problems);

/* Appends a problem; false: no memory. */
bool csvr_problems_append(struct csvr_problems *problems, struct csvr_problem problem);

/* Calls `visit` for each problem: those that belong to no table, and those of all tables. Errors: CSVR_NO_MEMORY. */
typedef void (*csvr_problem_fn)(void *context, const struct csvr_problems *problems,
				const struct csvr_problem *problem);
enum csvr_status csvr_problems_visit(const struct csvr_summary *summary,
				     const struct csvr_inputs *inputs,
				     const struct csvr_parse_options *parse, csvr_problem_fn visit,
				     void *context);

/* "short_rows", "bad_file", ... */
const char *csvr_problem_name(enum csvr_problem_kind kind);

/* Of `n` cells that look so, "looks like a number with a decimal comma" or its plural. Not for null words. */
void csvr_lookalike_write_kind(enum csvr_lookalike kind, uint64_t n, FILE *stream);

/* The option, ready to type, that reads such cells, of which `cell` is one; for null words, that makes them texts. */
void csvr_lookalike_write_remedy(const struct csvr_problems *problems, enum csvr_lookalike kind,
				 const struct csvr_first_cell *cell, csvr_escape_fn escape,
				 FILE *stream);

/* The number, as written, that programs write for missing values and that equals `value`; NULL: there is none. */
const struct csvr_first_cell *csvr_sentinel_of(double value);

/* Writes the phrase without count, location and reason: "short rows". */
void csvr_problem_write_name(const struct csvr_problems *problems,
			     const struct csvr_problem *problem, csvr_escape_fn escape,
			     FILE *stream);

/* The same with the consequence for the report: "short rows (the absent cells count as missing)". */
void csvr_problem_write_phrase(const struct csvr_problems *problems,
			       const struct csvr_problem *problem, csvr_escape_fn escape,
			       FILE *stream);

/* Writes the phrase and, for a bad file, ": " and the reason. */
void csvr_problem_describe(const struct csvr_problems *problems, const struct csvr_problem *problem,
			   csvr_escape_fn escape, FILE *stream);

#endif
