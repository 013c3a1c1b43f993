/* problem_types.c - the kinds of problems: a name for programs, a phrase for people */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <string.h>

#include "base/number_format.h"
#include "input/manifest.h"
#include "report/problem_filters.h"
#include "stats/lookalikes.h"
#include "stats/summary.h"

static void write_absent_cells(const struct csvr_problems *problems,
			       const struct csvr_problem *problem, csvr_escape_fn escape,
			       FILE *stream)
{
	(void)problems;
	(void)problem;
	(void)escape;
	fputs(" (the absent cells count as missing)", stream);
}

static void write_extra_fields(const struct csvr_problems *problems,
			       const struct csvr_problem *problem, csvr_escape_fn escape,
			       FILE *stream)
{
	char extra[CSVR_NUMBER_TEXT_BYTES];
	(void)problems;
	(void)escape;
	csvr_number_count(problem->n_extra, extra);
	fprintf(stream, " (%s extra field%s, ignored)", extra, problem->n_extra == 1 ? "" : "s");
}

static void write_no_quote(const struct csvr_problems *problems, const struct csvr_problem *problem,
			   csvr_escape_fn escape, FILE *stream)
{
	static const char backslash[] = "\\";
	(void)problems;
	(void)problem;
	fputs(" (use --no-quote if quotes are text, --escape='", stream);
	escape(stream, backslash, strlen(backslash));
	fputs("' if a backslash escapes them)", stream);
}

static void write_other_delimiter(const struct csvr_problems *problems,
				  const struct csvr_problem *problem, csvr_escape_fn escape,
				  FILE *stream)
{
	static const char *const options[] = { "-d ,", "-d ';'", "-d tab", "-d '|'" };
	(void)problems;
	(void)escape;
	fprintf(stream, " (%s would split all lines evenly)", options[problem->n_extra]);
}

static void write_skip_footer(const struct csvr_problems *problems,
			      const struct csvr_problem *problem, csvr_escape_fn escape,
			      FILE *stream)
{
	(void)problems;
	(void)escape;
	fprintf(stream, ", but %s counted as data; use --skip-footer=%d",
		problem->n == 1 ? "is" : "are", (int)problem->n_extra);
}

static void write_quoted(const struct csvr_problem *problem, csvr_escape_fn escape, FILE *stream)
{
	escape(stream, "\"", 1);
	escape(stream, problem->column, problem->column_bytes);
	escape(stream, "\"", 1);
}

static void write_column(const struct csvr_problems *problems, const struct csvr_problem *problem,
			 csvr_escape_fn escape, FILE *stream)
{
	(void)problems;
	fprintf(stream, " in %s column ", csvr_type_name(csvr_column_type(problem->stats)));
	write_quoted(problem, escape, stream);
}

/* The classes of a mixed column: " (3 dates, 1 text)". */
static void write_classes(const struct csvr_column *column, FILE *stream)
{
	const char *separator = " (";
	for (int class = 0; class < CSVR_N_CELL_CLASSES; class ++) {
		char count[CSVR_NUMBER_TEXT_BYTES];
		if (class == CSVR_CELL_MISSING || column->cells[class] == 0)
			continue;
		csvr_number_count(column->cells[class], count);
		fprintf(stream, "%s%s %s", separator, count,
			csvr_class_name((enum csvr_cell_class) class));
		if (column->cells[class] != 1 && class != CSVR_CELL_NAN &&
		    class != CSVR_CELL_INFINITE)
			putc('s', stream);
		separator = ", ";
	}
	putc(')', stream);
}

/* The first cell, so that people see what the problem is. */
static void write_cell(const struct csvr_first_cell *cell, csvr_escape_fn escape, FILE *stream)
{
	enum { MOST_CHARACTERS = 40 };
	const char *bytes = (const char *)cell->bytes, *end = bytes + cell->n_bytes, *at = bytes;
	struct csvr_escaped_char ignored;
	if (cell->n_bytes == 0)
		return; /* it is too long to be kept */
	for (int i = 0; i < MOST_CHARACTERS && at < end; i++)
		at = csvr_escape_next(at, end, &ignored);
	const size_t n = (size_t)(at - bytes);
	fputs(", such as ", stream);
	escape(stream, "\"", 1);
	escape(stream, bytes, n);
	if (cell->is_cut || n < cell->n_bytes)
		fputs("...", stream);
	escape(stream, "\"", 1);
}

/* What invalid cells look like: " (2 look like numbers with a decimal comma: see --decimal=,)". */
static void write_hints(const struct csvr_problems *problems, const struct csvr_column *column,
			csvr_escape_fn escape, FILE *stream)
{
	struct csvr_lookalike_groups groups;
	const char *separator = " (";
	csvr_column_group_lookalikes(column, &groups);
	for (int i = 0; i < CSVR_N_LOOKALIKES; i++) {
		const enum csvr_lookalike kind = (enum csvr_lookalike)i;
		char count[CSVR_NUMBER_TEXT_BYTES];
		uint64_t n = 0;
		if (groups.kinds[i] == 0)
			continue;
		for (int of = 0; of < CSVR_N_LOOKALIKES; of++)
			n += (groups.kinds[i] >> of & 1) != 0 ? column->lookalikes->n[of] : 0;
		csvr_number_count(n, count);
		fprintf(stream, "%s%s ", separator, count);
		csvr_lookalike_write_kind(kind, n, stream);
		fputs(": see ", stream);
		csvr_lookalike_write_remedy(problems, kind,
					    csvr_summary_first_of(problems->summary,
								  column->lookalikes->first,
								  groups.kinds[i]),
					    escape, stream);
		separator = "; ";
	}
	if (separator[0] == ';')
		putc(')', stream);
}

static void write_example(const struct csvr_problems *problems, const struct csvr_problem *problem,
			  csvr_escape_fn escape, FILE *stream)
{
	if (csvr_column_type(problem->stats) == CSVR_TYPE_MIXED)
		write_classes(problem->stats, stream);
	write_cell(problem->example, escape, stream);
	write_hints(problems, problem->stats, escape, stream);
}

/* " of text column "amount" look like numbers with a decimal comma" */
static void write_lookalike(const struct csvr_problems *problems,
			    const struct csvr_problem *problem, csvr_escape_fn escape, FILE *stream)
{
	(void)problems;
	fputs(" of text column ", stream);
	write_quoted(problem, escape, stream);
	putc(' ', stream);
	csvr_lookalike_write_kind(problem->lookalike, problem->n, stream);
}

static void write_remedy(const struct csvr_problems *problems, const struct csvr_problem *problem,
			 csvr_escape_fn escape, FILE *stream)
{
	fputs(" (see ", stream);
	csvr_lookalike_write_remedy(problems, problem->lookalike, problem->example, escape, stream);
	putc(')', stream);
}

/* "station: their 300 rows are under the missing key" */
static void write_missing_key(const struct csvr_problems *problems,
			      const struct csvr_problem *problem, csvr_escape_fn escape,
			      FILE *stream)
{
	char rows[CSVR_NUMBER_TEXT_BYTES];
	(void)problems;
	csvr_number_count(problem->n_extra, rows);
	escape(stream, problem->column, problem->column_bytes);
	fprintf(stream, ": %s %s row%s under the missing key", problem->n == 1 ? "its" : "their",
		rows, problem->n_extra == 1 ? " is" : "s are");
}

static void write_quote_option(const struct csvr_problems *problems,
			       const struct csvr_problem *problem, csvr_escape_fn escape,
			       FILE *stream)
{
	static const char option[] = "--quote=\"'\"";
	(void)problems;
	(void)problem;
	fputs(" (if these are quotes: ", stream);
	escape(stream, option, sizeof option - 1);
	putc(')', stream);
}

static void write_lookalike_remedy(const struct csvr_problems *problems,
				   const struct csvr_problem *problem, csvr_escape_fn escape,
				   FILE *stream)
{
	write_cell(problem->example, escape, stream);
	write_remedy(problems, problem, escape, stream);
}

/* " of column "temp" is -9999, which often stands for a missing value" */
static void write_sentinel(const struct csvr_problems *problems, const struct csvr_problem *problem,
			   csvr_escape_fn escape, FILE *stream)
{
	const struct csvr_first_cell *number = problem->example;
	(void)problems;
	fputs(" of column ", stream);
	write_quoted(problem, escape, stream);
	fprintf(stream, " is %.*s, which often stands for a missing value", (int)number->n_bytes,
		(const char *)number->bytes);
}

/* " of text column "code" counts as missing, but may be a value" */
static void write_null_words(const struct csvr_problems *problems,
			     const struct csvr_problem *problem, csvr_escape_fn escape,
			     FILE *stream)
{
	(void)problems;
	fputs(" of text column ", stream);
	write_quoted(problem, escape, stream);
	fputs(problem->n == 1 ? " counts as missing, but may be a value"
			      : " count as missing, but may be values",
	      stream);
}

/* " of column "lat" have different units, such as "ms" and "s"" */
static void write_units(const struct csvr_problems *problems, const struct csvr_problem *problem,
			csvr_escape_fn escape, FILE *stream)
{
	const char *units[] = { problem->stats->lookalikes->first_unit,
				problem->stats->lookalikes->last_unit };
	(void)problems;
	fputs(" of column ", stream);
	write_quoted(problem, escape, stream);
	fputs(" have different units, such as ", stream);
	for (size_t i = 0; i < 2; i++) {
		escape(stream, "\"", 1);
		escape(stream, units[i], strlen(units[i]));
		escape(stream, "\"", 1);
		fputs(i == 0 ? " and " : "", stream);
	}
}

/* " of column "fee" had affixes taken off, such as "$5"" */
static void write_affixes(const struct csvr_problems *problems, const struct csvr_problem *problem,
			  csvr_escape_fn escape, FILE *stream)
{
	(void)problems;
	fputs(" of column ", stream);
	write_quoted(problem, escape, stream);
	fputs(" had affixes taken off", stream);
}

static void write_example_cell(const struct csvr_problems *problems,
			       const struct csvr_problem *problem, csvr_escape_fn escape,
			       FILE *stream)
{
	(void)problems;
	write_cell(problem->example, escape, stream);
}

/* ", such as "x", which 2 of 6 files lack" */
static void write_absent_columns(const struct csvr_problems *problems,
				 const struct csvr_problem *problem, csvr_escape_fn escape,
				 FILE *stream)
{
	char lacking[CSVR_NUMBER_TEXT_BYTES], files[CSVR_NUMBER_TEXT_BYTES];
	csvr_number_count(problem->n_extra, lacking);
	csvr_number_count(problems->table->n_files, files);
	fputs(problem->n > 1 ? ", such as " : ": ", stream);
	write_quoted(problem, escape, stream);
	fprintf(stream, ", which %s of %s files %s", lacking, files,
		problem->n_extra == 1 ? "lacks" : "lack");
}

static void write_similar_names(const struct csvr_problems *problems,
				const struct csvr_problem *problem, csvr_escape_fn escape,
				FILE *stream)
{
	(void)problems;
	fputs(problem->n > 2 ? ", such as " : ": ", stream);
	write_quoted(problem, escape, stream);
	fputs(" and ", stream);
	escape(stream, "\"", 1);
	escape(stream, problem->other_column, problem->other_bytes);
	escape(stream, "\"", 1);
}

static void write_fold_names(const struct csvr_problems *problems,
			     const struct csvr_problem *problem, csvr_escape_fn escape,
			     FILE *stream)
{
	(void)problems;
	(void)problem;
	(void)escape;
	fputs("; --fold-names makes them one", stream);
}

static void write_missing_shards(const struct csvr_problems *problems,
				 const struct csvr_problem *problem, csvr_escape_fn escape,
				 FILE *stream)
{
	char shards[CSVR_SHARDS_BYTES];
	(void)problems;
	(void)escape;
	csvr_manifest_missing(problem->manifest, shards);
	fprintf(stream, "of %lu shards missing: %s", (unsigned long)problem->manifest->n_shards,
		shards);
}

static void write_unread_inputs(const struct csvr_problems *problems,
				const struct csvr_problem *problem, csvr_escape_fn escape,
				FILE *stream)
{
	(void)problems;
	(void)escape;
	fprintf(stream, "of %lu inputs not read yet", (unsigned long)problem->manifest->n_inputs);
}

const struct csvr_problem_type csvr_problem_types[CSVR_N_PROBLEMS] = {
	[CSVR_PROBLEM_SHORT_ROWS] = { .name = "short_rows",
				      .one = "short row",
				      .many = "short rows",
				      .write_consequence = write_absent_cells,
				      .is_violation = true },
	[CSVR_PROBLEM_LONG_ROWS] = { .name = "long_rows",
				     .one = "long row",
				     .many = "long rows",
				     .write_consequence = write_extra_fields,
				     .is_violation = true },
	[CSVR_PROBLEM_TEXT_AFTER_QUOTE] = { .name = "text_after_quote",
					    .one = "field with text after its closing quote",
					    .many = "fields with text after their closing quotes",
					    .write_consequence = write_no_quote,
					    .is_violation = true },
	[CSVR_PROBLEM_OTHER_DELIMITER] = { .name = "other_delimiter",
					   .one = "file without the delimiter that was given",
					   .many = "files without the delimiter that was given",
					   .write_consequence = write_other_delimiter,
					   .is_violation = true },
	[CSVR_PROBLEM_INVALID_CELLS] = { .name = "invalid_cells",
					 .one = "invalid cell",
					 .many = "invalid cells",
					 .details = write_column,
					 .write_consequence = write_example,
					 .others = "columns with invalid cells",
					 .is_violation = true },
	[CSVR_PROBLEM_NOT_COMPARED] = { .name = "not_compared",
					.one = "cell",
					.many = "cells",
					.details = csvr_problem_write_compared,
					.write_consequence = write_example_cell,
					.others = "conditions that could not compare cells",
					.is_violation = true },
	[CSVR_PROBLEM_LOOKALIKES] = { .name = "lookalikes",
				      .one = "cell",
				      .many = "cells",
				      .details = write_lookalike,
				      .write_consequence = write_lookalike_remedy,
				      .others = "columns of text that look like numbers",
				      .is_violation = true },
	[CSVR_PROBLEM_SENTINEL] = { .name = "sentinel",
				    .one = "minimum",
				    .many = "minima",
				    .details = write_sentinel,
				    .write_consequence = write_remedy,
				    .others =
					    "columns whose minimum often stands for a missing value" },
	[CSVR_PROBLEM_NULL_WORDS] = { .name = "null_words",
				      .one = "cell",
				      .many = "cells",
				      .details = write_null_words,
				      .write_consequence = write_lookalike_remedy,
				      .others =
					      "columns of text with missing cells that may be values" },
	[CSVR_PROBLEM_DIFFERENT_UNITS] = { .name = "different_units",
					   .one = "cell",
					   .many = "cells",
					   .details = write_units,
					   .others = "columns with different units",
					   .is_violation = true },
	[CSVR_PROBLEM_AFFIXES] = { .name = "affixes",
				   .one = "cell",
				   .many = "cells",
				   .details = write_affixes,
				   .write_consequence = write_example_cell,
				   .others = "columns with affixes taken off" },
	[CSVR_PROBLEM_FOOTER_ROWS] = { .name = "footer_rows",
				       .one = "row at the end of a file that looks like a total",
				       .many = "rows at the ends of files that look like totals",
				       .write_consequence = write_skip_footer,
				       .is_violation = true },
	[CSVR_PROBLEM_NO_KEY_COLUMN] = { .name = "no_key_column",
					 .one = "file without ",
					 .many = "files without ",
					 .details = write_missing_key,
					 .others = "keys that files do not have" },
	[CSVR_PROBLEM_ABSENT_COLUMNS] = { .name = "absent_columns",
					  .one = "column that some files do not have",
					  .many = "columns that some files do not have",
					  .details = write_absent_columns },
	[CSVR_PROBLEM_WITHOUT_CONDITION] = { .name = "without_condition",
					     .one = "file",
					     .many = "files",
					     .details = csvr_problem_write_without,
					     .write_consequence = csvr_problem_write_filtered,
					     .others = "conditions whose column some files lack" },
	[CSVR_PROBLEM_SIMILAR_NAMES] = { .name = "similar_names",
					 .one = "",
					 .many = "columns whose names differ only in case or blanks",
					 .details = write_similar_names,
					 .write_consequence = write_fold_names,
					 .others = "names of columns that differ only in case or "
						   "blanks" },
	[CSVR_PROBLEM_ESTIMATES] = { .name = "estimates",
				     .one = "column that could not be made exact",
				     .many = "columns that could not be made exact",
				     .is_violation = true },
	[CSVR_PROBLEM_FILE_ESTIMATES] = { .name = "file_estimates",
					  .one = "file whose own statistics could not be made "
						 "exact",
					  .many = "files whose own statistics could not be made "
						  "exact" },
	[CSVR_PROBLEM_EMPTY_ROWS] = { .name = "empty_rows",
				      .one = "row of delimiters, all of whose cells count as missing",
				      .many = "rows of delimiters, all of whose cells count as "
					      "missing" },
	[CSVR_PROBLEM_LIKE_COMMENTS] = { .name = "like_comments",
					 .one = "of these rows begins with # (to skip such lines: "
						"--comment='#')",
					 .many = "of these rows begin with # (to skip such lines: "
						 "--comment='#')" },
	[CSVR_PROBLEM_APOSTROPHES] = { .name = "apostrophes",
				       .one = "file whose cells are in apostrophes",
				       .many = "files whose cells are in apostrophes",
				       .write_consequence = write_quote_option,
				       .is_violation = true },
	[CSVR_PROBLEM_QUOTED_WHOLE] = { .name = "quoted_whole",
					.one = "file whose lines are quoted as a whole, so that it "
					       "has one column (to remove these quotes: sed "
					       "'s/^.//; s/.$//' FILE)",
					.many = "files whose lines are quoted as a whole, so that they "
						"have one column (to remove these quotes: sed "
						"'s/^.//; s/.$//' FILE)",
					.is_violation = true },
	[CSVR_PROBLEM_SEEMS_HEADER] = { .name = "seems_header",
					.one = "first record of numbers taken as the header (if it "
					       "is data: --header=no)",
					.many = "first records of numbers taken as headers (if they "
						"are data: --header=no)" },
	[CSVR_PROBLEM_SEEMS_DATA] = { .name = "seems_data",
				      .one = "first record taken as data (if it is a header: "
					     "--header=yes)",
				      .many = "first records taken as data (if they are headers: "
					      "--header=yes)" },
	[CSVR_PROBLEM_NO_HEADER] = { .name = "no_header",
				     .one = "file without a header, unlike others (to give its "
					    "columns their names: --header=names-known)",
				     .many = "files without a header, unlike others (to give their "
					     "columns the same names: --header=names-known)" },
	[CSVR_PROBLEM_KNOWN_NAMES] = { .name = "known_names",
				       .one = "file without a header, read with the names of another",
				       .many = "files without a header, read with the names of "
					       "another" },
	[CSVR_PROBLEM_DECIMAL_COMMAS] = { .name = "decimal_commas",
					  .one = "file read with decimal commas (if they are none: "
						 "--decimal=.)",
					  .many = "files read with decimal commas (if they are none: "
						  "--decimal=.)" },
	[CSVR_PROBLEM_ESCAPED_QUOTES] = { .name = "escaped_quotes",
					  .one = "file whose quotes are escaped by backslashes (if "
						 "they are not: --escape=none)",
					  .many = "files whose quotes are escaped by backslashes (if "
						  "they are not: --escape=none)" },
	[CSVR_PROBLEM_LONG_DELIMITER] = { .name = "long_delimiter",
					  .one = "file whose fields are separated by blanks, :: or || "
						 "(if they are not: --delimiter=,)",
					  .many = "files whose fields are separated by blanks, :: or "
						  "|| (if they are not: --delimiter=,)" },
	[CSVR_PROBLEM_LINES_ABOVE] = { .name = "lines_above",
				       .one = "line above the table, skipped",
				       .many = "lines above the table, skipped" },
	[CSVR_PROBLEM_UNITS_ROWS] = { .name = "units_rows",
				      .one = "record of units after the header, skipped (if it is "
					     "part of the header: --header-rows=2)",
				      .many = "records of units after the header, skipped (if they "
					      "are part of the header: --header-rows=2 or more)" },
	[CSVR_PROBLEM_BLANK_LINES] = { .name = "blank_lines",
				       .one = "blank line, skipped",
				       .many = "blank lines, skipped" },
	[CSVR_PROBLEM_COMMENT_LINES] = { .name = "comment_lines",
					 .one = "comment line, skipped",
					 .many = "comment lines, skipped" },
	[CSVR_PROBLEM_REPEATED_HEADERS] = { .name = "repeated_headers",
					    .one = "repeated header, skipped",
					    .many = "repeated headers, skipped" },
	[CSVR_PROBLEM_FOOTER_LINES] = { .name = "footer_lines",
					.one = "line at the end of a file, skipped",
					.many = "lines at the ends of files, skipped" },
	[CSVR_PROBLEM_NOT_UTF8] = { .name = "not_utf8",
				    .one = "cell or name not in UTF-8, read as Windows-1252 (if all "
					   "are: --encoding=windows-1252)",
				    .many = "cells or names not in UTF-8, read as Windows-1252 (if "
					    "all are: --encoding=windows-1252)" },
	[CSVR_PROBLEM_UTF16] = { .name = "utf16_files",
				 .one = "file in UTF-16, converted",
				 .many = "files in UTF-16, converted" },
	[CSVR_PROBLEM_MISSING_SHARDS] = { .name = "missing_shares",
					  .one = "",
					  .many = "",
					  .details = write_missing_shards,
					  .others = "lists of inputs with missing shards",
					  .is_incompleteness = true },
	[CSVR_PROBLEM_UNREAD_INPUTS] = { .name = "unread_inputs",
					 .one = "",
					 .many = "",
					 .details = write_unread_inputs,
					 .others = "lists of inputs that were not read completely",
					 .is_incompleteness = true },
	[CSVR_PROBLEM_OTHER_NAMES] = { .name = "other_names",
				       .one = "file with another suffix after .csv or .tsv, not read (to "
					      "read it too: --include='*.[ct]sv*')",
				       .many = "files with another suffix after .csv or .tsv, not read "
					       "(to read them too: --include='*.[ct]sv*')" },
	[CSVR_PROBLEM_MANY_HEADERS] = { .name = "many_headers",
					.one = "",
					.many = "or more names in different headers, too many for "
						"several tables: all files are one table" },
	[CSVR_PROBLEM_EMPTY_FILE] = { .name = "empty_file",
				      .one = "empty file",
				      .many = "empty files",
				      .others = "empty files",
				      .is_about_file = true },
	[CSVR_PROBLEM_HEADER_ONLY_FILE] = { .name = "header_only_file",
					    .one = "file with only a header",
					    .many = "files with only a header",
					    .others = "files with only a header",
					    .is_about_file = true },
	[CSVR_PROBLEM_CHANGED_FILE] = { .name = "changed_file",
					.one = "file changed since the checkpoint was written, "
					       "read again",
					.many = "files changed since the checkpoint was written, "
						"read again",
					.others = "files that changed since the checkpoint was "
						  "written",
					.is_about_file = true },
	[CSVR_PROBLEM_BAD_FILE] = { .name = "bad_file",
				    .one = "file left out",
				    .many = "files left out",
				    .others = "files left out",
				    .is_about_file = true },
};

const char *csvr_problem_name(enum csvr_problem_kind kind)
{
	return csvr_problem_types[kind].name;
}

void csvr_problem_write_name(const struct csvr_problems *problems,
			     const struct csvr_problem *problem, csvr_escape_fn escape,
			     FILE *stream)
{
	const struct csvr_problem_type *type = &csvr_problem_types[problem->kind];
	fputs(problem->n == 1 ? type->one : type->many, stream);
	if (type->details != NULL)
		type->details(problems, problem, escape, stream);
}

void csvr_problem_write_phrase(const struct csvr_problems *problems,
			       const struct csvr_problem *problem, csvr_escape_fn escape,
			       FILE *stream)
{
	const struct csvr_problem_type *type = &csvr_problem_types[problem->kind];
	csvr_problem_write_name(problems, problem, escape, stream);
	if (type->write_consequence != NULL)
		type->write_consequence(problems, problem, escape, stream);
}

void csvr_problem_describe(const struct csvr_problems *problems, const struct csvr_problem *problem,
			   csvr_escape_fn escape, FILE *stream)
{
	csvr_problem_write_phrase(problems, problem, escape, stream);
	if (problem->reason != NULL) {
		fputs(": ", stream);
		escape(stream, problem->reason, strlen(problem->reason));
	}
}
