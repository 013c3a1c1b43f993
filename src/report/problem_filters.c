/* problem_filters.c - problems of --where: cells that could not be compared, and files without a column */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <inttypes.h>
#include <string.h>

#include "base/number_format.h"
#include "input/inputs.h"
#include "report/problem_filters.h"
#include "stats/summary.h"

bool csvr_problems_add_filters(struct csvr_problems *problems, const struct csvr_inputs *inputs)
{
	const struct csvr_filter_stats *filter = &problems->summary->filter;
	const struct csvr_string_list *where = &problems->parse->where;
	const bool has_any = csvr_filter_stats_has_any(filter);
	for (size_t k = 0; has_any && k < where->n_words && k < filter->n_conditions; k++) {
		const struct csvr_condition_stats *condition = &filter->conditions[k];
		struct csvr_problem problem = { .kind = CSVR_PROBLEM_NOT_COMPARED,
						.n = condition->n_other,
						.condition = where->word[k],
						.example = &condition->first };
		if (problem.n == 0)
			continue;
		problem.path = csvr_inputs_path(inputs, condition->first.input);
		problem.line = condition->first.line;
		if (!csvr_problems_append(problems, problem))
			return false;
	}
	for (size_t k = 0; has_any && k < where->n_words && k < filter->n_conditions; k++) {
		const struct csvr_condition_stats *condition = &filter->conditions[k];
		struct csvr_problem problem = { .kind = CSVR_PROBLEM_WITHOUT_CONDITION,
						.n = condition->n_files_without,
						.n_extra = condition->n_rows_without,
						.condition = where->word[k] };
		if (problem.n == 0)
			continue;
		problem.path = csvr_inputs_path(inputs, condition->first_without);
		if (!csvr_problems_append(problems, problem))
			return false;
	}
	return true;
}

static void write_condition(const struct csvr_problem *problem, csvr_escape_fn escape, FILE *stream)
{
	static const char option[] = "--where='";
	escape(stream, option, sizeof option - 1);
	escape(stream, problem->condition, strlen(problem->condition));
	escape(stream, "'", 1);
}

void csvr_problem_write_compared(const struct csvr_problems *problems,
				 const struct csvr_problem *problem, csvr_escape_fn escape,
				 FILE *stream)
{
	(void)problems;
	fputs(" that ", stream);
	write_condition(problem, escape, stream);
	fputs(" could not compare", stream);
}

void csvr_problem_write_without(const struct csvr_problems *problems,
				const struct csvr_problem *problem, csvr_escape_fn escape,
				FILE *stream)
{
	(void)problems;
	fputs(" without the column of ", stream);
	write_condition(problem, escape, stream);
}

void csvr_problem_write_filtered(const struct csvr_problems *problems,
				 const struct csvr_problem *problem, csvr_escape_fn escape,
				 FILE *stream)
{
	char rows[CSVR_NUMBER_TEXT_BYTES];
	(void)problems;
	(void)escape;
	csvr_number_count(problem->n_extra, rows);
	fprintf(stream, " (%s row%s, filtered)", rows, problem->n_extra == 1 ? "" : "s");
}
