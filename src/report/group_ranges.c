/* group_ranges.c - formats ranges of groups in memory, perhaps by several threads, and writes them in order
 *
 * A report of a million groups takes longer to format than their rows to read. The bytes do not depend on the number of
 * threads, nor on the size of the ranges.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdio_ext.h>
#include <stdlib.h>

#include "report/grouping.h"
#include "stats/distribution.h"

enum {
	ROWS_OF_RANGE = 4096, /* about 400 KB of text */
	/* For each thread: while the others wait for the last one, they have worked on average on this many less a half. */
	RANGES_OF_THREAD = 8,
	MOST_RANGES = 2048
};

struct range {
	size_t first, last;
	char *text;
	size_t n_bytes;
	enum csvr_status status;
};

/* Ranges that are formatted at the same time. */
struct batch {
	const struct csvr_grouping *grouping;
	csvr_write_group_fn write;
	const void *context;
	struct range *ranges;
	size_t n_ranges;
};

static enum csvr_status format_groups(const struct batch *batch, const struct range *range,
				      FILE *stream)
{
	struct csvr_distribution *distribution = malloc(sizeof *distribution);
	struct csvr_group_cells cells;
	enum csvr_status status = distribution != NULL ? CSVR_OK : CSVR_NO_MEMORY;
	csvr_group_cells_init(&cells, distribution);
	for (size_t g = range->first; g < range->last && status == CSVR_OK; g++) {
		csvr_groups_prefetch(batch->grouping->groups, g);
		status = batch->write(batch->grouping, g, &cells, batch->context, stream);
	}
	csvr_group_cells_clear(&cells);
	free(distribution);
	return status;
}

static void format_range(void *context, size_t index)
{
	const struct batch *batch = context;
	struct range *range = &batch->ranges[index];
	range->text = NULL;
	FILE *stream = open_memstream(&range->text, &range->n_bytes);
	if (stream == NULL) {
		range->status = CSVR_NO_MEMORY;
		return;
	}
	/* The stream belongs to this thread: a lock for each byte would take as long as the formatting. */
	(void)__fsetlocking(stream, FSETLOCKING_BYCALLER);
	range->status = format_groups(batch, range, stream);
	const bool has_failed = ferror(stream) != 0;
	if ((fclose(stream) != 0 || has_failed) && range->status == CSVR_OK)
		range->status = CSVR_NO_MEMORY;
}

static void format_ranges(struct batch *batch)
{
	const struct csvr_parallel *parallel = &batch->grouping->report->options->parallel;
	if (parallel->run != NULL && batch->n_ranges > 1) {
		parallel->run(parallel->n_threads, batch->n_ranges, format_range, batch);
		return;
	}
	for (size_t i = 0; i < batch->n_ranges; i++)
		format_range(batch, i);
}

/* Writes the ranges of a batch, and frees their text. */
static enum csvr_status write_ranges(const struct batch *batch, FILE *stream)
{
	enum csvr_status status = CSVR_OK;
	for (size_t i = 0; i < batch->n_ranges; i++) {
		const struct range *range = &batch->ranges[i];
		if (status == CSVR_OK)
			status = range->status;
		if (status == CSVR_OK) {
			fwrite(range->text, 1, range->n_bytes, stream);
			status = csvr_stream_status(stream);
		}
		free(range->text);
	}
	return status;
}

enum csvr_status csvr_grouping_write(const struct csvr_grouping *grouping,
				     csvr_write_group_fn write, const void *context, FILE *stream)
{
	const struct csvr_parallel *parallel = &grouping->report->options->parallel;
	const size_t n_columns = grouping->n_columns > 0 ? grouping->n_columns : 1;
	const size_t step = n_columns < ROWS_OF_RANGE ? ROWS_OF_RANGE / n_columns : 1;
	size_t n_most = parallel->run != NULL ? (size_t)parallel->n_threads * RANGES_OF_THREAD : 1;
	n_most = n_most < MOST_RANGES ? n_most : MOST_RANGES;
	struct batch batch = { .grouping = grouping, .write = write, .context = context };
	enum csvr_status status = CSVR_OK;
	batch.ranges = calloc(n_most, sizeof *batch.ranges);
	if (batch.ranges == NULL)
		return CSVR_NO_MEMORY;
	for (size_t first = 0; first < grouping->n_groups && status == CSVR_OK;) {
		batch.n_ranges = 0;
		while (batch.n_ranges < n_most && first < grouping->n_groups) {
			const size_t left = grouping->n_groups - first;
			struct range *range = &batch.ranges[batch.n_ranges++];
			range->first = first;
			range->last = first += left < step ? left : step;
		}
		format_ranges(&batch);
		status = write_ranges(&batch, stream);
	}
	free(batch.ranges);
	return status;
}
