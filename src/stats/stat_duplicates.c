/* stat_duplicates.c - the statistic of rows that occur more than once: its name, for options and states */
#include "stats/rows.h"
#include "stats/statistics.h"

const struct csvr_statistic csvr_stat_duplicates = {
	.name = "duplicates",
	.definition =
		"rows that equal another one of any file byte for byte, all but one of each set; of all rows, "
		"not of a column, and only if it is named: not part of --all. Exact up to 4,096 different "
		"rows, else an estimate with a standard error of at most 1.6% of their number",
	.is_of_rows = true,
	.in_table = CSVR_SHOW_ON_REQUEST,
	.in_data = CSVR_SHOW_ON_REQUEST,
	.needs = &csvr_rows_aggregate
};
