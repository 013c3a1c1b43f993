/* mid.c - the second way of the article: split at commas, strtod for each cell, one thread
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "ways.h"

static size_t count_columns(const char *header)
{
	size_t n = 1;

	for (; *header != '\0'; header++)
		n += *header == ',' && n < MAX_COLUMNS;
	return n;
}

/* [line, end) without its line end. */
static void add_line(struct report *report, const char *line, const char *end)
{
	for (size_t i = 0; i < report->n_columns; i++) {
		const char *comma = memchr(line, ',', (size_t)(end - line));

		add_cell(&report->columns[i], line, comma != NULL ? comma : end);
		if (comma == NULL)
			return;
		line = comma + 1;
	}
}

static void read_file(const char *path, struct report *report)
{
	FILE *file = open_file(path);
	char *line = NULL;
	size_t capacity = 0;
	ssize_t n;

	if (getline(&line, &capacity, file) > 0)
		report->n_columns = count_columns(line);
	while ((n = getline(&line, &capacity, file)) > 0) {
		while (n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\r'))
			n--;
		add_line(report, line, line + n);
	}
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
