/* problems.c - what a report says besides figures */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "report/problems.h"

#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/memory.h"
#include "base/number_format.h"
#include "input/inputs.h"
#include "input/manifest.h"
#include "stats/summary.h"

static const char *const names[CSVR_N_PROBLEMS] = {
	[CSVR_PROBLEM_SHORT_ROWS] = "short_rows",
	[CSVR_PROBLEM_LONG_ROWS] = "long_rows",
	[CSVR_PROBLEM_INVALID_CELLS] = "invalid_cells",
	[CSVR_PROBLEM_ABSENT_COLUMN] = "absent_column",
	[CSVR_PROBLEM_BLANK_LINES] = "blank_lines",
	[CSVR_PROBLEM_COMMENT_LINES] = "comment_lines",
	[CSVR_PROBLEM_MISSING_SHARDS] = "missing_shares",
	[CSVR_PROBLEM_UNREAD_INPUTS] = "unread_inputs",
	[CSVR_PROBLEM_EMPTY_FILE] = "empty_file",
	[CSVR_PROBLEM_HEADER_ONLY_FILE] = "header_only_file",
	[CSVR_PROBLEM_CHANGED_FILE] = "changed_file",
	[CSVR_PROBLEM_BAD_FILE] = "bad_file",
};

const char *csvr_problem_name(enum csvr_problem_kind kind)
{
	return names[kind];
}

static bool add(struct csvr_problems *problems, struct csvr_problem problem)
{
	struct csvr_problem *items = csvr_array_grow(problems->items, &problems->capacity,
						     problems->n_items + 1, sizeof *items);
	if (items == NULL)
		return false;
	problems->items = items;
	items[problems->n_items++] = problem;
	return true;
}

static const char *path_of_place(const struct csvr_inputs *inputs, struct csvr_location place)
{
	return place.line == 0 ? NULL : csvr_inputs_path(inputs, place.input);
}

static bool add_row_issue(struct csvr_problems *problems, const struct csvr_summary *summary,
			  const struct csvr_inputs *inputs, enum csvr_problem_kind kind,
			  enum csvr_row_issue row_issue)
{
	const struct csvr_occurrences *tally = &summary->issues[row_issue];
	struct csvr_problem problem = { .kind = kind,
					.n = tally->n,
					.path = path_of_place(inputs, tally->first),
					.line = tally->first.line };
	if (row_issue == CSVR_ROW_LONG)
		problem.n_extra = summary->n_extra_fields;
	return tally->n == 0 || add(problems, problem);
}

static struct csvr_problem about_column(const struct csvr_summary *summary, size_t index,
					enum csvr_problem_kind kind)
{
	const struct csvr_summary_column *column = &summary->columns[index];
	struct csvr_problem problem = { .kind = kind, .column_index = index };
	problem.column = column->label != NULL ? column->label : column->name;
	problem.column_bytes = column->label != NULL ? column->label_bytes : column->name_bytes;
	return problem;
}

static bool add_invalid(struct csvr_problems *problems, const struct csvr_summary *summary,
			const struct csvr_inputs *inputs)
{
	for (size_t i = 0; i < summary->n_columns; i++) {
		const struct csvr_summary_column *column = &summary->columns[i];
		const uint64_t *cells = column->stats.cells;
		if (cells[CSVR_CELL_NUMBER] == 0 || cells[CSVR_CELL_INVALID] == 0)
			continue;
		struct csvr_problem problem = about_column(summary, i, CSVR_PROBLEM_INVALID_CELLS);
		problem.n = cells[CSVR_CELL_INVALID];
		problem.path = path_of_place(inputs, column->first_invalid);
		problem.line = column->first_invalid.line;
		if (!add(problems, problem))
			return false;
	}
	return true;
}

static bool add_absent(struct csvr_problems *problems, const struct csvr_summary *summary)
{
	for (size_t i = 0; i < summary->n_columns; i++) {
		const uint64_t n_files = summary->columns[i].n_files;
		struct csvr_problem problem = about_column(summary, i, CSVR_PROBLEM_ABSENT_COLUMN);
		problem.n = problems->n_files_with_rows - n_files;
		problem.n_extra = n_files;
		if (n_files < problems->n_files_with_rows && !add(problems, problem))
			return false;
	}
	return true;
}

static bool add_about_list(struct csvr_problems *problems, enum csvr_problem_kind kind, uint64_t n,
			   const struct csvr_manifest *manifest)
{
	const struct csvr_problem problem = { .kind = kind, .n = n, .manifest = manifest };
	return n == 0 || add(problems, problem);
}

static bool add_missing(struct csvr_problems *problems, const struct csvr_inputs *inputs)
{
	const struct csvr_manifests *manifests = inputs->manifests;
	for (size_t i = 0; manifests != NULL && i < manifests->n_items; i++)
		if (!add_about_list(problems, CSVR_PROBLEM_MISSING_SHARDS,
				    csvr_manifest_n_missing(&manifests->items[i]),
				    &manifests->items[i]))
			return false;
	return true;
}

/* Inputs of lists of which no share is missing, and yet nothing is known of them: a checkpoint is all
 * that there is. */
static bool add_unread(struct csvr_problems *problems, const struct csvr_inputs *inputs)
{
	const struct csvr_manifests *manifests = inputs->manifests;
	if (manifests == NULL)
		return true;
	uint64_t *n_there = calloc(manifests->n_items + 1, sizeof *n_there);
	bool is_added = n_there != NULL;
	for (size_t i = 0; is_added && i < manifests->n_origins; i++)
		n_there[manifests->origins[i].manifest]++;
	for (size_t i = 0; is_added && i < manifests->n_items; i++) {
		const struct csvr_manifest *manifest = &manifests->items[i];
		if (csvr_manifest_n_missing(manifest) == 0 && manifest->n_inputs > n_there[i])
			is_added = add_about_list(problems, CSVR_PROBLEM_UNREAD_INPUTS,
						  manifest->n_inputs - n_there[i], manifest);
	}
	free(n_there);
	return is_added;
}

/* About one file as a whole. */
static bool add_file(struct csvr_problems *problems, enum csvr_problem_kind kind,
		     const struct csvr_inputs *inputs, size_t input)
{
	const struct csvr_problem problem = { .kind = kind,
					      .n = 1,
					      .path = csvr_inputs_path(inputs, input) };
	return add(problems, problem);
}

static int compare_paths(const void *left, const void *right)
{
	const struct csvr_problem *a = left, *b = right;
	return strcmp(a->path, b->path);
}

/* Those from `first` on. */
static void sort_by_path(struct csvr_problems *problems, size_t first)
{
	if (problems->n_items > first)
		qsort(problems->items + first, problems->n_items - first, sizeof *problems->items,
		      compare_paths);
}

static bool add_files(struct csvr_problems *problems, const struct csvr_summary *summary,
		      const struct csvr_inputs *inputs, enum csvr_problem_kind kind,
		      enum csvr_file_kind file_kind)
{
	const size_t first = problems->n_items;
	for (size_t i = 0; i < summary->n_files; i++) {
		const struct csvr_file *file = &summary->files[i];
		if (file->kind == file_kind && !add_file(problems, kind, inputs, file->input))
			return false;
	}
	sort_by_path(problems, first);
	return true;
}

static bool add_changed(struct csvr_problems *problems, const struct csvr_inputs *inputs)
{
	const size_t first = problems->n_items;
	for (size_t i = 0; i < inputs->n_items; i++)
		if (inputs->items[i].is_stale &&
		    !add_file(problems, CSVR_PROBLEM_CHANGED_FILE, inputs, i))
			return false;
	sort_by_path(problems, first);
	return true;
}

static bool add_failures(struct csvr_problems *problems, const struct csvr_summary *summary,
			 const struct csvr_inputs *inputs)
{
	for (size_t i = 0; i < summary->n_failures; i++) {
		const struct csvr_failure *failure = &summary->failures[i];
		const struct csvr_problem problem = { .kind = CSVR_PROBLEM_BAD_FILE,
						      .n = 1,
						      .path = csvr_inputs_path(inputs,
									       failure->input),
						      .line = failure->line,
						      .reason = failure->message };
		if (!add(problems, problem))
			return false;
	}
	return true;
}

enum csvr_status csvr_problems_collect(struct csvr_problems *problems,
				       const struct csvr_summary *summary,
				       const struct csvr_inputs *inputs)
{
	*problems = (struct csvr_problems){ 0 };
	for (size_t i = 0; i < summary->n_files; i++)
		problems->n_files_with_rows += summary->files[i].kind == CSVR_FILE_READ;
	const bool is_complete =
		add_row_issue(problems, summary, inputs, CSVR_PROBLEM_SHORT_ROWS, CSVR_ROW_SHORT) &&
		add_row_issue(problems, summary, inputs, CSVR_PROBLEM_LONG_ROWS, CSVR_ROW_LONG) &&
		add_invalid(problems, summary, inputs) && add_absent(problems, summary) &&
		add_row_issue(problems, summary, inputs, CSVR_PROBLEM_BLANK_LINES,
			      CSVR_ROW_BLANK) &&
		add_row_issue(problems, summary, inputs, CSVR_PROBLEM_COMMENT_LINES,
			      CSVR_ROW_COMMENT) &&
		add_missing(problems, inputs) && add_unread(problems, inputs) &&
		add_files(problems, summary, inputs, CSVR_PROBLEM_EMPTY_FILE, CSVR_FILE_EMPTY) &&
		add_files(problems, summary, inputs, CSVR_PROBLEM_HEADER_ONLY_FILE,
			  CSVR_FILE_HEADER_ONLY) &&
		add_changed(problems, inputs) && add_failures(problems, summary, inputs);
	return is_complete ? CSVR_OK : CSVR_NO_MEMORY;
}

void csvr_problems_clear(struct csvr_problems *problems)
{
	free(problems->items);
	*problems = (struct csvr_problems){ 0 };
}

void csvr_problem_describe(const struct csvr_problems *problems, const struct csvr_problem *problem,
			   csvr_escape_fn put, FILE *stream)
{
	const char *plural = problem->n == 1 ? "" : "s";
	char extra[CSVR_NUMBER_TEXT_BYTES], files[CSVR_NUMBER_TEXT_BYTES];
	csvr_number_count(problem->n_extra, extra);
	csvr_number_count(problems->n_files_with_rows, files);
	switch (problem->kind) {
	case CSVR_PROBLEM_SHORT_ROWS:
		fprintf(stream, "short row%s (the absent cells count as missing)", plural);
		break;
	case CSVR_PROBLEM_LONG_ROWS:
		fprintf(stream, "long row%s (%s extra field%s, in no column)", plural, extra,
			problem->n_extra == 1 ? "" : "s");
		break;
	case CSVR_PROBLEM_INVALID_CELLS:
		fprintf(stream, "invalid cell%s in ", plural);
		put(stream, problem->column, problem->column_bytes);
		break;
	case CSVR_PROBLEM_ABSENT_COLUMN:
		fprintf(stream, "file%s without ", plural);
		put(stream, problem->column, problem->column_bytes);
		fprintf(stream, " (in %s of %s files)", extra, files);
		break;
	case CSVR_PROBLEM_BLANK_LINES:
		fprintf(stream, "blank line%s, skipped", plural);
		break;
	case CSVR_PROBLEM_COMMENT_LINES:
		fprintf(stream, "comment line%s, skipped", plural);
		break;
	case CSVR_PROBLEM_MISSING_SHARDS: {
		char shards[CSVR_SHARDS_BYTES];
		csvr_manifest_missing(problem->manifest, shards);
		fprintf(stream, "share%s of %lu missing: %s; nothing of %s is in any figure",
			plural, (unsigned long)problem->manifest->n_shards, shards,
			problem->n == 1 ? "it" : "them");
		break;
	}
	case CSVR_PROBLEM_UNREAD_INPUTS:
		fprintf(stream, "input%s of %lu not read yet", plural,
			(unsigned long)problem->manifest->n_inputs);
		break;
	case CSVR_PROBLEM_EMPTY_FILE:
		fputs("empty file", stream);
		break;
	case CSVR_PROBLEM_HEADER_ONLY_FILE:
		fputs("file with only a header", stream);
		break;
	case CSVR_PROBLEM_CHANGED_FILE:
		fputs("file changed since the checkpoint was written, read again", stream);
		break;
	case CSVR_PROBLEM_BAD_FILE:
		fputs("file left out: ", stream);
		put(stream, problem->reason, strlen(problem->reason));
		break;
	case CSVR_N_PROBLEMS:
		break;
	}
}
