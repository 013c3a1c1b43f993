/* slow.c - the first way of the article: a regular expression, compiled anew for every line
 *
 * Nobody writes this on purpose; one gets it by calling a helper that compiles its pattern inside.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <regex.h>

#include "ways.h"

/* ([^,\n]*),([^,\n]*),... with one group for each column of `header`. */
static size_t make_pattern(const char *header, char *pattern, size_t n_bytes)
{
	size_t n_columns = 1;

	snprintf(pattern, n_bytes, "^([^,\r\n]*)");
	for (; *header != '\0'; header++) {
		if (*header == ',' && n_columns < MAX_COLUMNS) {
			strncat(pattern, ",([^,\r\n]*)", n_bytes - strlen(pattern) - 1);
			n_columns++;
		}
	}
	return n_columns;
}

static void add_line(struct report *report, const char *line, const char *pattern)
{
	regex_t regex;
	regmatch_t match[MAX_COLUMNS + 1];

	if (regcomp(&regex, pattern, REG_EXTENDED) != 0) {
		fprintf(stderr, "slow: the pattern cannot be compiled: %s\n", pattern);
		exit(EXIT_FAILURE);
	}
	if (regexec(&regex, line, report->n_columns + 1, match, 0) == 0)
		for (size_t i = 0; i < report->n_columns; i++)
			add_cell(&report->columns[i], line + match[i + 1].rm_so,
				 line + match[i + 1].rm_eo);
	regfree(&regex);
}

static void read_file(const char *path, struct report *report)
{
	FILE *file = open_file(path);
	char *line = NULL;
	size_t capacity = 0;
	char pattern[MAX_COLUMNS * 16];

	if (getline(&line, &capacity, file) > 0)
		report->n_columns = make_pattern(line, pattern, sizeof pattern);
	while (getline(&line, &capacity, file) > 0)
		add_line(report, line, pattern);
	free(line);
	fclose(file);
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
