/* problems.c - collects the problems of a report */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "report/problem_filters.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "input/inputs.h"
#include "input/manifest.h"
#include "report/grouping.h"
#include "report/similar_names.h"
#include "stats/column_type.h"
#include "stats/groups.h"
#include "stats/lookalikes.h"
#include "stats/summary.h"

/* Where problems come from, and the list that they are added to. */
struct collection {
	struct csvr_problems *problems;
	const struct csvr_summary *summary;
	uint32_t table_index;
	const struct csvr_data_table *table;
	const struct csvr_totals *totals;
	bool has_others; /* problems that are not about a table belong to it */
	const struct csvr_inputs *inputs;
	const struct csvr_parse_options *parse;
};

/* Each of the functions below returns false when out of memory. */
bool csvr_problems_append(struct csvr_problems *problems, struct csvr_problem problem)
{
	struct csvr_problem *items = csvr_array_grow(problems->items, &problems->capacity,
						     problems->n_items + 1, sizeof *items);
	if (items == NULL)
		return false;
	problems->items = items;
	items[problems->n_items++] = problem;
	return true;
}

static bool add(const struct collection *to, struct csvr_problem problem)
{
	return csvr_problems_append(to->problems, problem);
}

static const char *path_of_location(const struct csvr_inputs *inputs, struct csvr_location location)
{
	return location.line == 0 ? NULL : csvr_inputs_path(inputs, location.input);
}

static bool add_row_issue(const struct collection *to, enum csvr_problem_kind kind,
			  enum csvr_row_issue issue)
{
	const struct csvr_occurrences *occurrences = &to->totals->issues[issue];
	struct csvr_problem problem = { .kind = kind,
					.n = occurrences->n,
					.path = path_of_location(to->inputs, occurrences->first),
					.line = occurrences->first.line };
	if (issue == CSVR_ROW_LONG)
		problem.n_extra = to->totals->n_extra_fields;
	if (kind == CSVR_PROBLEM_OTHER_DELIMITER)
		problem.n_extra = (uint64_t)(issue - CSVR_ROW_SPLIT_BY_COMMA);
	if (kind == CSVR_PROBLEM_FOOTER_ROWS)
		problem.n_extra = (uint64_t)issue - CSVR_ROW_LAST_1 + 1;
	return occurrences->n == 0 || add(to, problem);
}

static bool add_other_delimiters(const struct collection *to)
{
	for (int issue = CSVR_ROW_SPLIT_BY_COMMA; issue <= CSVR_ROW_SPLIT_BY_BAR; issue++)
		if (!add_row_issue(to, CSVR_PROBLEM_OTHER_DELIMITER, (enum csvr_row_issue)issue))
			return false;
	return true;
}

static struct csvr_problem about_column(const struct csvr_data_table *table, size_t index,
					enum csvr_problem_kind kind)
{
	const struct csvr_summary_column *column = &table->columns[index];
	struct csvr_problem problem = { .kind = kind, .column_index = index };
	const struct csvr_name title = csvr_summary_column_title(column);
	problem.column = title.text;
	problem.column_bytes = title.n_bytes;
	return problem;
}

static bool add_invalid_cells(const struct collection *to)
{
	for (size_t i = 0; i < to->table->n_columns; i++) {
		const struct csvr_column *column = &to->table->columns[i].stats;
		const struct csvr_first_cell *first = csvr_summary_first_invalid(to->summary,
										 column);
		if (first == NULL)
			continue;
		struct csvr_problem problem = about_column(to->table, i,
							   CSVR_PROBLEM_INVALID_CELLS);
		problem.n = csvr_column_n_invalid(column);
		problem.path = csvr_inputs_path(to->inputs, first->input);
		problem.line = first->line;
		problem.example = first;
		problem.stats = column;
		if (!add(to, problem))
			return false;
	}
	return true;
}

/* Whether the user has not listed other null values than the default. */
static bool has_default_nulls(const struct csvr_parse_options *parse)
{
	struct csvr_settings settings;
	csvr_settings_init(&settings);
	const struct csvr_string_list *usual = &settings.parse.null_values;
	bool is_default = parse->null_values.n_words == usual->n_words;
	for (size_t i = 0; i < usual->n_words && is_default; i++)
		is_default = strcmp(parse->null_values.word[i], usual->word[i]) == 0;
	return is_default;
}

/* Adds the cells of column `index` that look so, as `kinds` has them together. */
static bool add_lookalikes_of(const struct collection *to, size_t index, enum csvr_lookalike kind,
			      uint32_t kinds)
{
	const struct csvr_column *column = &to->table->columns[index].stats;
	struct csvr_problem problem = about_column(to->table, index,
						   kind == CSVR_LOOKALIKE_NULL_WORD
							   ? CSVR_PROBLEM_NULL_WORDS
							   : CSVR_PROBLEM_LOOKALIKES);
	const struct csvr_first_cell *first =
		csvr_summary_first_of(to->summary, column->lookalikes->first, kinds);
	for (int i = 0; i < CSVR_N_LOOKALIKES; i++)
		problem.n += (kinds >> i & 1) != 0 ? column->lookalikes->n[i] : 0;
	problem.path = csvr_inputs_path(to->inputs, first->input);
	problem.line = first->line;
	problem.example = first;
	problem.stats = column;
	problem.lookalike = kind;
	return add(to, problem);
}

/* The problems of one kind for all columns of text; in others they are a part of the problem of invalid cells. */
static bool add_lookalikes(const struct collection *to, enum csvr_problem_kind of)
{
	const bool is_about_nulls = of == CSVR_PROBLEM_NULL_WORDS;
	for (size_t i = 0; i < to->table->n_columns; i++) {
		const struct csvr_column *column = &to->table->columns[i].stats;
		struct csvr_lookalike_groups groups;
		csvr_column_group_lookalikes(column, &groups);
		if (column->lookalikes == NULL || csvr_column_type(column) != CSVR_TYPE_TEXT)
			continue;
		for (int kind = 0; kind < CSVR_N_LOOKALIKES; kind++)
			if (groups.kinds[kind] != 0 &&
			    (kind == CSVR_LOOKALIKE_NULL_WORD) == is_about_nulls &&
			    !add_lookalikes_of(to, i, (enum csvr_lookalike)kind,
					       groups.kinds[kind]))
				return false;
	}
	return true;
}

/* Columns of numbers whose minimum often stands for a missing value, and farther from zero than the maximum. */
static bool add_sentinels(const struct collection *to)
{
	for (size_t i = 0; i < to->table->n_columns; i++) {
		const struct csvr_column *column = &to->table->columns[i].stats;
		const struct csvr_quantity_stats *numbers =
			&column->quantities[CSVR_QUANTITY_NUMBER];
		struct csvr_problem problem = about_column(to->table, i, CSVR_PROBLEM_SENTINEL);
		problem.n = 1;
		problem.example = csvr_sentinel_of(numbers->min.value);
		problem.lookalike = CSVR_LOOKALIKE_NULL;
		if (problem.example != NULL && numbers->max.value < -numbers->min.value &&
		    numbers->max.value > numbers->min.value && !add(to, problem))
			return false;
	}
	return true;
}

static bool add_null_words(const struct collection *to)
{
	return !has_default_nulls(to->parse) || add_lookalikes(to, CSVR_PROBLEM_NULL_WORDS);
}

/* The numbers of which affixes were taken off, by column: all, or those of columns with different units. */
static bool add_affixes(const struct collection *to, enum csvr_problem_kind of)
{
	for (size_t i = 0; i < to->table->n_columns; i++) {
		const struct csvr_column *column = &to->table->columns[i].stats;
		struct csvr_problem problem = about_column(to->table, i, of);
		problem.n = csvr_column_n_lookalikes(column, CSVR_LOOKALIKE_AFFIXED);
		if (problem.n == 0 || (of == CSVR_PROBLEM_DIFFERENT_UNITS &&
				       !csvr_column_has_different_units(column)))
			continue;
		problem.example = &column->lookalikes->first[CSVR_LOOKALIKE_AFFIXED];
		problem.path = csvr_inputs_path(to->inputs, problem.example->input);
		problem.line = problem.example->line;
		problem.stats = column;
		if (!add(to, problem))
			return false;
	}
	return true;
}

/* Files whose rows have a missing key, by key. */
static bool add_missing_keys(const struct collection *to)
{
	const struct csvr_groups *groups = csvr_shown_groups(to->table);
	const size_t n_keys = groups != NULL ? csvr_groups_n_keys(groups) : 0;
	for (size_t k = 0; k < n_keys; k++) {
		struct csvr_problem problem = { .kind = CSVR_PROBLEM_NO_KEY_COLUMN };
		problem.n = csvr_groups_n_files_without(groups, k, &problem.n_extra);
		const struct csvr_name title = csvr_key_title(groups, to->parse, k);
		problem.column = title.text;
		problem.column_bytes = title.n_bytes;
		if (problem.n > 0 && !add(to, problem))
			return false;
	}
	return true;
}

static bool add_absent_columns(const struct collection *to)
{
	const uint64_t n_files_with_rows = to->table->n_files;
	struct csvr_problem problem = { .n = 0 };
	for (size_t i = 0; i < to->table->n_columns; i++) {
		const uint64_t n_files = to->table->columns[i].n_files;
		if (n_files == 0 || n_files == n_files_with_rows)
			continue;
		if (problem.n++ > 0)
			continue;
		problem = about_column(to->table, i, CSVR_PROBLEM_ABSENT_COLUMNS);
		problem.n = 1;
		problem.n_extra = n_files_with_rows - n_files;
	}
	return problem.n == 0 || add(to, problem);
}

static bool add_similar_names(const struct collection *to)
{
	struct csvr_similar_names *names;
	size_t n_names;
	if (to->table->n_columns < 2)
		return true;
	bool is_complete = csvr_similar_names_find(to->summary, to->table_index, &names,
						   &n_names) == CSVR_OK;
	for (size_t i = 0; i < n_names && is_complete; i++) {
		const struct csvr_summary_column *second = &to->table->columns[names[i].second];
		struct csvr_problem problem = about_column(to->table, names[i].first,
							   CSVR_PROBLEM_SIMILAR_NAMES);
		problem.n = names[i].n_columns;
		problem.other_column = second->name;
		problem.other_bytes = second->name_bytes;
		is_complete = add(to, problem);
	}
	free(names);
	return is_complete;
}

/* Why some statistics are not exact: those of all files, with the end of a message about them, and those of single
 * files. */
static const struct {
	const char *reason, *remedy, *of_files;
} inexactness_texts[] = {
	[CSVR_INEXACT_NOT] = { "", "", "" },
	[CSVR_INEXACT_STREAM] = { "this input can be read only once", "",
				  "some inputs can be read only once" },
	[CSVR_INEXACT_STATE] = { "this input comes from a saved state",
				 "; to make them exact, merge all states with --format=state, and "
				 "run each shard again with --refine=MERGED.state",
				 "saved states are made exact in total" },
	[CSVR_INEXACT_ROUND] = { "some values need one more round with --refine",
				 "; save this result with --format=state, and run each shard again "
				 "with --refine and that state",
				 "saved states are made exact in total" },
	[CSVR_INEXACT_CHANGED] = { "inputs changed between two passes", "",
				   "inputs changed between two passes" },
	[CSVR_INEXACT_TOO_MANY] = { "too many different values are almost equal", "",
				    "all files together have too many values to keep" },
};

static bool add_estimates(const struct collection *to)
{
	const struct csvr_inexactness *inexactness = &to->summary->inexactness;
	if (inexactness->reason == CSVR_INEXACT_NOT)
		return true;
	const struct csvr_problem problem = {
		.kind = CSVR_PROBLEM_ESTIMATES,
		.n = inexactness->n_columns,
		.path = inexactness->input != CSVR_NO_INDEX
				? csvr_inputs_path(to->inputs, inexactness->input)
				: NULL,
		.reason = inexactness_texts[inexactness->reason].reason,
		.remedy = inexactness_texts[inexactness->reason].remedy,
	};
	return add(to, problem);
}

static bool add_file_estimates(const struct collection *to)
{
	const struct csvr_inexactness *inexactness = &to->summary->inexactness;
	if (inexactness->n_files == 0)
		return true;
	const struct csvr_problem problem = {
		.kind = CSVR_PROBLEM_FILE_ESTIMATES,
		.n = inexactness->n_files,
		.path = csvr_inputs_path(to->inputs, inexactness->first_file),
		.reason = inexactness_texts[inexactness->file_reason].of_files,
		.remedy = "",
	};
	return add(to, problem);
}

static bool add_about_manifest(const struct collection *to, enum csvr_problem_kind kind, uint64_t n,
			       const struct csvr_manifest *manifest)
{
	const struct csvr_problem problem = { .kind = kind, .n = n, .manifest = manifest };
	return n == 0 || add(to, problem);
}

static bool add_missing_shards(const struct collection *to)
{
	const struct csvr_manifests *manifests = to->inputs->manifests;
	for (size_t i = 0; manifests != NULL && i < manifests->n_items; i++)
		if (!add_about_manifest(to, CSVR_PROBLEM_MISSING_SHARDS,
					csvr_manifest_n_missing(&manifests->items[i]),
					&manifests->items[i]))
			return false;
	return true;
}

/* Inputs of complete manifests that are in no state: only a checkpoint of an interrupted run has such
 * manifests. */
static bool add_unread_inputs(const struct collection *to)
{
	const struct csvr_manifests *manifests = to->inputs->manifests;
	if (manifests == NULL)
		return true;
	uint64_t *n_present = calloc(manifests->n_items + 1, sizeof *n_present);
	bool is_added = n_present != NULL;
	for (size_t i = 0; is_added && i < manifests->n_origins; i++)
		n_present[manifests->origins[i].manifest]++;
	for (size_t i = 0; is_added && i < manifests->n_items; i++) {
		const struct csvr_manifest *manifest = &manifests->items[i];
		if (csvr_manifest_n_missing(manifest) == 0 && manifest->n_inputs > n_present[i])
			is_added = add_about_manifest(to, CSVR_PROBLEM_UNREAD_INPUTS,
						      manifest->n_inputs - n_present[i], manifest);
	}
	free(n_present);
	return is_added;
}

static bool add_other_names(const struct collection *to)
{
	const struct csvr_other_names *names = &to->inputs->other_names;
	const struct csvr_problem problem = { .kind = CSVR_PROBLEM_OTHER_NAMES,
					      .n = names->n_probable,
					      .path = names->first_probable };
	return problem.n == 0 || add(to, problem);
}

static bool add_file(const struct collection *to, enum csvr_problem_kind kind, size_t input)
{
	const struct csvr_problem problem = { .kind = kind,
					      .n = 1,
					      .path = csvr_inputs_path(to->inputs, input) };
	return add(to, problem);
}

static int compare_paths(const void *left, const void *right)
{
	const struct csvr_problem *a = left, *b = right;
	return strcmp(a->path, b->path);
}

/* Sorts the items from `first` on. */
static void sort_by_path(struct csvr_problems *problems, size_t first)
{
	if (problems->n_items > first)
		qsort(problems->items + first, problems->n_items - first, sizeof *problems->items,
		      compare_paths);
}

static bool add_files(const struct collection *to, enum csvr_problem_kind kind,
		      enum csvr_file_kind file_kind)
{
	const size_t first = to->problems->n_items;
	for (size_t i = 0; i < to->summary->n_files; i++) {
		const struct csvr_file *file = &to->summary->files[i];
		if (file->kind == file_kind && !add_file(to, kind, file->input))
			return false;
	}
	sort_by_path(to->problems, first);
	return true;
}

static bool add_changed_files(const struct collection *to)
{
	const size_t first = to->problems->n_items;
	for (size_t i = 0; i < to->inputs->n_items; i++)
		if (to->inputs->items[i].is_stale && !add_file(to, CSVR_PROBLEM_CHANGED_FILE, i))
			return false;
	sort_by_path(to->problems, first);
	return true;
}

static bool add_bad_files(const struct collection *to)
{
	for (size_t i = 0; i < to->summary->n_failures; i++) {
		const struct csvr_failure *failure = &to->summary->failures[i];
		const struct csvr_problem problem = {
			.kind = CSVR_PROBLEM_BAD_FILE,
			.n = 1,
			.path = csvr_inputs_path(to->inputs, failure->input),
			.line = failure->line,
			.reason = failure->message,
		};
		if (!add(to, problem))
			return false;
	}
	return true;
}

/* Files without a header are no problem if no file has one. */
static bool add_no_header(const struct collection *to)
{
	uint64_t n_files = 0, n_files_with_rows = 0;
	if (to->totals->issues[CSVR_ROW_NO_HEADER].n == 0)
		return true;
	for (size_t t = 0; t < to->summary->n_tables; t++) {
		n_files += to->summary->tables[t].totals.issues[CSVR_ROW_NO_HEADER].n;
		n_files_with_rows += to->summary->tables[t].n_files;
	}
	return n_files >= n_files_with_rows ||
	       add_row_issue(to, CSVR_PROBLEM_NO_HEADER, CSVR_ROW_NO_HEADER);
}

/* Of all tables. */
static bool add_all_estimates(const struct collection *to)
{
	return !to->has_others || (add_estimates(to) && add_file_estimates(to));
}

/* Of all tables. */
static bool add_filters(const struct collection *to)
{
	return !to->has_others || csvr_problems_add_filters(to->problems, to->inputs);
}

/* The problems that row issues are, in order of weight. */
struct row_problem {
	enum csvr_problem_kind kind;
	enum csvr_row_issue issue;
};

static const struct row_problem damaged_rows[] = {
	{ CSVR_PROBLEM_SHORT_ROWS, CSVR_ROW_SHORT },
	{ CSVR_PROBLEM_LONG_ROWS, CSVR_ROW_LONG },
	{ CSVR_PROBLEM_TEXT_AFTER_QUOTE, CSVR_ROW_TEXT_AFTER_QUOTE },
};

static const struct row_problem footer_rows[] = {
	{ CSVR_PROBLEM_FOOTER_ROWS, CSVR_ROW_LAST_1 },
	{ CSVR_PROBLEM_FOOTER_ROWS, CSVR_ROW_LAST_2 },
	{ CSVR_PROBLEM_FOOTER_ROWS, CSVR_ROW_LAST_3 },
};

static const struct row_problem doubtful_rows[] = {
	{ CSVR_PROBLEM_EMPTY_ROWS, CSVR_ROW_EMPTY },
	{ CSVR_PROBLEM_LIKE_COMMENTS, CSVR_ROW_LIKE_COMMENT },
	{ CSVR_PROBLEM_APOSTROPHES, CSVR_ROW_APOSTROPHES },
	{ CSVR_PROBLEM_QUOTED_WHOLE, CSVR_ROW_QUOTED_WHOLE },
	{ CSVR_PROBLEM_SEEMS_HEADER, CSVR_ROW_SEEMS_HEADER },
	{ CSVR_PROBLEM_SEEMS_DATA, CSVR_ROW_SEEMS_DATA },
};

static const struct row_problem decisions[] = {
	{ CSVR_PROBLEM_KNOWN_NAMES, CSVR_ROW_KNOWN_NAMES },
	{ CSVR_PROBLEM_DECIMAL_COMMAS, CSVR_ROW_DECIMAL_COMMA },
	{ CSVR_PROBLEM_ESCAPED_QUOTES, CSVR_ROW_ESCAPE },
	{ CSVR_PROBLEM_LONG_DELIMITER, CSVR_ROW_LONG_DELIMITER },
	{ CSVR_PROBLEM_LINES_ABOVE, CSVR_ROW_ABOVE_TABLE },
	{ CSVR_PROBLEM_UNITS_ROWS, CSVR_ROW_UNITS },
	{ CSVR_PROBLEM_BLANK_LINES, CSVR_ROW_BLANK },
	{ CSVR_PROBLEM_COMMENT_LINES, CSVR_ROW_COMMENT },
	{ CSVR_PROBLEM_REPEATED_HEADERS, CSVR_ROW_REPEATED_HEADER },
	{ CSVR_PROBLEM_FOOTER_LINES, CSVR_ROW_FOOTER },
	{ CSVR_PROBLEM_NOT_UTF8, CSVR_ROW_NOT_UTF8 },
	{ CSVR_PROBLEM_UTF16, CSVR_ROW_UTF16 },
};

static bool add_row_problems(const struct collection *to, const struct row_problem *problems,
			     size_t n_problems)
{
	bool is_added = true;
	for (size_t i = 0; i < n_problems && is_added; i++)
		is_added = add_row_issue(to, problems[i].kind, problems[i].issue);
	return is_added;
}

#define ADD_ROW_PROBLEMS(to, list) add_row_problems(to, list, sizeof(list) / sizeof((list)[0]))

/* Problems of rows and columns. */
static bool add_data_problems(const struct collection *to)
{
	return ADD_ROW_PROBLEMS(to, damaged_rows) && add_other_delimiters(to) &&
	       add_invalid_cells(to) && add_filters(to) &&
	       add_lookalikes(to, CSVR_PROBLEM_LOOKALIKES) && add_null_words(to) &&
	       add_sentinels(to) && add_affixes(to, CSVR_PROBLEM_DIFFERENT_UNITS) &&
	       add_affixes(to, CSVR_PROBLEM_AFFIXES) && ADD_ROW_PROBLEMS(to, footer_rows) &&
	       add_missing_keys(to) && add_absent_columns(to) && add_similar_names(to) &&
	       add_all_estimates(to) && ADD_ROW_PROBLEMS(to, doubtful_rows) && add_no_header(to) &&
	       ADD_ROW_PROBLEMS(to, decisions);
}

#undef ADD_ROW_PROBLEMS

/* Once all files are one table, the names of headers are no longer counted: there are at least this many. */
static bool add_many_headers(const struct collection *to)
{
	const struct csvr_summary *summary = to->summary;
	const struct csvr_problem problem = { .kind = CSVR_PROBLEM_MANY_HEADERS,
					      .n = CSVR_MAX_HEADER_NAMES + 1 };
	return !summary->is_one_table || summary->config.by_position ||
	       summary->config.tables == CSVR_TABLES_ONE || add(to, problem);
}

/* What the report lacks. */
static bool add_omissions(const struct collection *to)
{
	return add_bad_files(to) && add_changed_files(to) && add_missing_shards(to) &&
	       add_unread_inputs(to) && add_other_names(to) && add_many_headers(to);
}

static bool add_files_without_rows(const struct collection *to)
{
	return add_files(to, CSVR_PROBLEM_EMPTY_FILE, CSVR_FILE_EMPTY) &&
	       add_files(to, CSVR_PROBLEM_HEADER_ONLY_FILE, CSVR_FILE_HEADER_ONLY);
}

enum csvr_status csvr_problems_collect(struct csvr_problems *problems,
				       const struct csvr_summary *summary, uint32_t table,
				       const struct csvr_inputs *inputs,
				       const struct csvr_parse_options *parse)
{
	static const struct csvr_data_table no_table;
	struct csvr_totals totals;
	struct collection to = { .problems = problems,
				 .summary = summary,
				 .table_index = table,
				 .inputs = inputs,
				 .parse = parse };
	to.has_others = table == CSVR_NO_TABLE || summary->n_tables <= 1;
	if (table == CSVR_NO_TABLE) {
		to.table = &no_table;
		to.totals = &summary->headerless;
	} else {
		to.table = csvr_summary_table(summary, table);
		to.totals = &to.table->totals;
	}
	if (to.has_others && table != CSVR_NO_TABLE) {
		totals = csvr_summary_totals(summary);
		to.totals = &totals;
	}
	*problems = (struct csvr_problems){ .summary = summary, .table = to.table, .parse = parse };
	if (table == CSVR_NO_TABLE && summary->n_tables <= 1)
		return CSVR_OK;
	const bool is_complete = (!to.has_others || add_omissions(&to)) && add_data_problems(&to) &&
				 (!to.has_others || add_files_without_rows(&to));
	return is_complete ? CSVR_OK : CSVR_NO_MEMORY;
}

enum csvr_status csvr_problems_visit(const struct csvr_summary *summary,
				     const struct csvr_inputs *inputs,
				     const struct csvr_parse_options *parse, csvr_problem_fn visit,
				     void *context)
{
	enum csvr_status status = CSVR_OK;
	const uint32_t n_tables = summary->n_tables > 0 ? (uint32_t)summary->n_tables : 1;
	for (uint32_t i = 0; i <= n_tables && status == CSVR_OK; i++) {
		struct csvr_problems problems;
		status = csvr_problems_collect(&problems, summary, i == 0 ? CSVR_NO_TABLE : i - 1,
					       inputs, parse);
		for (size_t p = 0; p < problems.n_items && status == CSVR_OK; p++)
			visit(context, &problems, &problems.items[p]);
		csvr_problems_clear(&problems);
	}
	return status;
}

void csvr_problems_clear(struct csvr_problems *problems)
{
	free(problems->items);
	*problems = (struct csvr_problems){ 0 };
}
