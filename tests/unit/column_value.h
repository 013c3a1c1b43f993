/* column_value.h - the value of one statistic of a column */
#ifndef COLUMN_VALUE_H
#define COLUMN_VALUE_H

#include "stats/distribution.h"

static inline struct csvr_value column_value(const struct csvr_column *column,
					     const struct csvr_statistic *statistic,
					     uint64_t n_files)
{
	struct csvr_distribution distribution;
	csvr_distribution_init(&distribution);
	return csvr_column_value(&distribution, column, statistic, n_files);
}

#endif
