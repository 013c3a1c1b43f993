/* baseline.h - the code that the baselines slow, mid and fast share
 *
 * Shape   columns by position, names from the first file; every file has a header. A baseline includes
 *         this file and defines add_line.
 * Units   doubles, summed in file order, as such programs usually do
 * Errors  end the program with a message
 *
 * No code of the library is used, except by self_profile.h for an optional flame graph.
 */
#ifndef CSVR_BENCH_BASELINE_H
#define CSVR_BENCH_BASELINE_H

#include <dirent.h>
#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "self_profile.h"

enum { MAX_COLUMNS = 64 };

struct column {
	uint64_t count;
	double sum, min, max;
};

struct report {
	size_t n_columns;
	struct column columns[MAX_COLUMNS];
};

struct paths {
	char **path;
	size_t n;
};

static inline _Noreturn void die(const char *path)
{
	perror(path);
	exit(EXIT_FAILURE);
}

static inline FILE *open_file(const char *path)
{
	FILE *file = fopen(path, "r");

	self_profile_attach();
	if (file == NULL)
		die(path);
	return file;
}

/* Adds the cell [start, end) if all of it is a number. The byte after it must not continue a number. */
static inline void add_cell(struct column *column, const char *start, const char *end)
{
	char *rest;
	const double value = strtod(start, &rest);

	if (rest != end || start == end)
		return;
	column->count++;
	column->sum += value;
	if (value < column->min)
		column->min = value;
	if (value > column->max)
		column->max = value;
}

static inline void report_init(struct report *report)
{
	report->n_columns = 0;
	for (size_t i = 0; i < MAX_COLUMNS; i++)
		report->columns[i] = (struct column){ 0, 0, INFINITY, -INFINITY };
}

static inline void report_add(struct report *into, const struct report *from)
{
	if (into->n_columns < from->n_columns)
		into->n_columns = from->n_columns;
	for (size_t i = 0; i < from->n_columns; i++) {
		struct column *column = &into->columns[i];
		const struct column *other = &from->columns[i];

		column->count += other->count;
		column->sum += other->sum;
		if (other->min < column->min)
			column->min = other->min;
		if (other->max > column->max)
			column->max = other->max;
	}
}

/* Tab-separated, one line per column of the first file. */
static inline void report_print(const struct report *report, const char *first_path)
{
	FILE *file = open_file(first_path);
	char *line = NULL, *save = NULL;
	size_t capacity = 0;

	if (getline(&line, &capacity, file) < 0)
		die(first_path);
	printf("column\tcount\tmean\tmin\tmax\n");

	char *name = strtok_r(line, ",\r\n", &save);

	for (size_t i = 0; i < report->n_columns && name != NULL; i++) {
		const struct column *c = &report->columns[i];

		printf("%s\t%" PRIu64 "\t%.4f\t%.4f\t%.4f\n", name, c->count,
		       c->sum / (double)c->count, c->min, c->max);
		name = strtok_r(NULL, ",\r\n", &save);
	}
	free(line);
	fclose(file);
}

/* Defined by each baseline: adds the cells of [line, end), which excludes the line end; *end is NUL. */
static void add_line(struct report *report, const char *line, const char *end);

static inline size_t count_columns(const char *header)
{
	size_t n = 1;

	for (; *header != '\0'; header++)
		n += *header == ',' && n < MAX_COLUMNS;
	return n;
}

static inline void read_file(const char *path, struct report *report)
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
		line[n] = '\0';
		add_line(report, line, line + n);
	}
	free(line);
	fclose(file);
}

static inline int is_csv(const struct dirent *entry)
{
	const size_t n = strlen(entry->d_name);

	return n > 4 && strcmp(entry->d_name + n - 4, ".csv") == 0;
}

/* The *.csv files of the directory that is the program's only argument, sorted by name. */
static inline struct paths list_files(int argc, char **argv)
{
	struct dirent **entries;

	if (argc != 2) {
		fprintf(stderr, "Usage: %s DIRECTORY\n", argv[0]);
		exit(2);
	}
	self_profile_start(argv[0]);

	const int n = scandir(argv[1], &entries, is_csv, alphasort);
	struct paths paths = { n > 0 ? calloc((size_t)n, sizeof *paths.path) : NULL, 0 };

	if (paths.path == NULL) {
		fprintf(stderr, "%s: no CSV files in %s\n", argv[0], argv[1]);
		exit(EXIT_FAILURE);
	}
	for (int i = 0; i < n; i++) {
		const size_t n_bytes = strlen(argv[1]) + strlen(entries[i]->d_name) + 2;
		char *path = malloc(n_bytes);

		if (path == NULL)
			die(argv[1]);
		snprintf(path, n_bytes, "%s/%s", argv[1], entries[i]->d_name);
		paths.path[paths.n++] = path;
		free(entries[i]);
	}
	free(entries);
	return paths;
}

static inline void free_paths(struct paths *paths)
{
	for (size_t i = 0; i < paths->n; i++)
		free(paths->path[i]);
	free(paths->path);
	self_profile_finish();
}

#endif
