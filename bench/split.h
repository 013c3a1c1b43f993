/* split.h - splits a line at its commas, for mid.c and fast.c, which differ only in their loop over files
 */
#ifndef CSVR_BENCH_SPLIT_H
#define CSVR_BENCH_SPLIT_H

#include "baseline.h"

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

#endif
