/* filter_stats.c - what the conditions of --where could not decide */
#include "stats/filter_stats.h"

#include <stdlib.h>
#include <string.h>

void csvr_filter_stats_clear(struct csvr_filter_stats *stats)
{
	free(stats->conditions);
	*stats = (struct csvr_filter_stats){ NULL, 0 };
}

void csvr_filter_stats_reset(struct csvr_filter_stats *stats)
{
	if (stats->conditions != NULL)
		memset(stats->conditions, 0, stats->n_conditions * sizeof *stats->conditions);
}

bool csvr_filter_stats_has_any(const struct csvr_filter_stats *stats)
{
	for (size_t k = 0; stats->conditions != NULL && k < stats->n_conditions; k++)
		if (stats->conditions[k].n_other > 0 || stats->conditions[k].n_rows_without > 0)
			return true;
	return false;
}

struct csvr_condition_stats *csvr_filter_stats_at(struct csvr_filter_stats *stats, size_t index,
						  size_t n_conditions)
{
	if (stats->conditions == NULL) {
		stats->conditions = calloc(n_conditions, sizeof *stats->conditions);
		stats->n_conditions = n_conditions;
	}
	return stats->conditions != NULL ? &stats->conditions[index] : NULL;
}

enum csvr_status csvr_filter_stats_append(struct csvr_filter_stats *into,
					  const struct csvr_filter_stats *chunk,
					  uint64_t lines_before)
{
	if (!csvr_filter_stats_has_any(chunk))
		return CSVR_OK;
	for (size_t k = 0; k < chunk->n_conditions; k++) {
		const struct csvr_condition_stats *from = &chunk->conditions[k];
		struct csvr_condition_stats *to = csvr_filter_stats_at(into, k,
								       chunk->n_conditions);
		if (to == NULL)
			return CSVR_NO_MEMORY;
		if (to->n_other == 0 && from->n_other > 0) {
			to->first = from->first;
			to->first.line += lines_before;
		}
		to->n_other += from->n_other;
		to->n_rows_without += from->n_rows_without;
	}
	return CSVR_OK;
}
