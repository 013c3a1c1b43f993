/* slow.c - the first baseline: a regular expression, compiled for every line
 *
 * Nobody writes this on purpose; it results from calling a helper function that compiles its pattern.
 * In glibc, regcomp takes a third of the time: it leaves tables to the first regexec that needs them,
 * which is every one here. The same match with a pattern compiled once takes a tenth of the time.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <regex.h>

#include "baseline.h"

/* ^([^,]*),([^,]*)... with a group for each column. */
static void make_pattern(size_t n_columns, char *pattern)
{
	strcpy(pattern, "^([^,]*)");
	for (size_t i = 1; i < n_columns; i++)
		strcat(pattern, ",([^,]*)");
}

static void add_line(struct report *report, const char *line, const char *end)
{
	char pattern[MAX_COLUMNS * sizeof ",([^,]*)"];
	regex_t regex;
	regmatch_t match[MAX_COLUMNS + 1];

	(void)end;
	make_pattern(report->n_columns, pattern);
	if (regcomp(&regex, pattern, REG_EXTENDED) != 0) {
		fprintf(stderr, "slow: cannot compile the pattern: %s\n", pattern);
		exit(EXIT_FAILURE);
	}
	if (regexec(&regex, line, report->n_columns + 1, match, 0) == 0)
		for (size_t i = 0; i < report->n_columns; i++)
			add_cell(&report->columns[i], line + match[i + 1].rm_so,
				 line + match[i + 1].rm_eo);
	regfree(&regex);
}

int main(int argc, char **argv)
{
	struct paths paths = list_files(argc, argv);
	struct report report;

	report_init(&report);
	for (size_t i = 0; i < paths.n; i++)
		read_file(paths.path[i], &report);
	report_print(&report, paths.path[0]);
	free_paths(&paths);
	return EXIT_SUCCESS;
}
