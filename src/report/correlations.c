/* correlations.c - Pearson's correlations of the pairs of columns of a report */
#include "report/correlations.h"

#include <stdlib.h>
#include <string.h>

#include "stats/column_type.h"
#include "stats/summary.h"

void csvr_correlations_clear(struct csvr_correlations *correlations)
{
	free(correlations->columns);
	free(correlations->pairs);
	memset(correlations, 0, sizeof *correlations);
}

/* Sets correlations->columns, and `index` to where each of them is in table->pairs. */
static void choose_columns(struct csvr_correlations *correlations,
			   const struct csvr_data_table *table, size_t *index)
{
	const struct csvr_pairs *pairs = &table->pairs;
	for (size_t i = 0; i < pairs->n_columns; i++) {
		const uint32_t column = pairs->columns[i];
		if (csvr_column_n_numbers(&table->columns[column].stats) == 0)
			continue;
		index[correlations->n_columns] = i;
		correlations->columns[correlations->n_columns++] = column;
	}
}

static enum csvr_status compute_pairs(struct csvr_correlations *correlations,
				      const struct csvr_pairs *pairs, const size_t *index)
{
	const size_t n = correlations->n_columns;
	for (size_t i = 0; i < n; i++) {
		for (size_t j = i + 1; j < n; j++) {
			const struct csvr_pair *pair =
				&pairs->pairs[csvr_pair_index(index[i], index[j])];
			struct csvr_correlation *result =
				&correlations->pairs[correlations->n_pairs++];
			*result = (struct csvr_correlation){ .x = correlations->columns[i],
							     .y = correlations->columns[j],
							     .n = pair->n };
			const enum csvr_status status =
				csvr_pair_correlation(pair, &result->is_defined, &result->pearson);
			if (status != CSVR_OK)
				return status;
		}
	}
	return CSVR_OK;
}

enum csvr_status csvr_correlations_compute(struct csvr_correlations *correlations,
					   const struct csvr_data_table *table)
{
	const size_t n = table->pairs.n_columns;
	memset(correlations, 0, sizeof *correlations);
	if (n == 0)
		return CSVR_OK;
	size_t *index = calloc(n, sizeof *index);
	correlations->columns = malloc(n * sizeof *correlations->columns);
	correlations->pairs = calloc(csvr_pair_index(0, n) + 1, sizeof *correlations->pairs);
	enum csvr_status status = CSVR_NO_MEMORY;
	if (index != NULL && correlations->columns != NULL && correlations->pairs != NULL) {
		choose_columns(correlations, table, index);
		status = compute_pairs(correlations, &table->pairs, index);
	}
	free(index);
	return status;
}
