/* problem_filters.h - problems of --where: cells that could not be compared, and files without a column
 *
 * Errors   false: no memory
 */
#ifndef CSVR_REPORT_PROBLEM_FILTERS_H
#define CSVR_REPORT_PROBLEM_FILTERS_H

#include "report/problems.h"

/* Appends them, for all conditions. */
bool csvr_problems_add_filters(struct csvr_problems *problems, const struct csvr_inputs *inputs);

/* The phrases about them. */
void csvr_problem_write_compared(const struct csvr_problems *problems,
				 const struct csvr_problem *problem, csvr_escape_fn escape,
				 FILE *stream);
void csvr_problem_write_without(const struct csvr_problems *problems,
				const struct csvr_problem *problem, csvr_escape_fn escape,
				FILE *stream);
void csvr_problem_write_filtered(const struct csvr_problems *problems,
				 const struct csvr_problem *problem, csvr_escape_fn escape,
				 FILE *stream);

#endif
