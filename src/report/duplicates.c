/* duplicates.c - the rows of a report that occur more than once */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "report/duplicates.h"

bool csvr_report_has_duplicates(const struct csvr_report *report)
{
	return csvr_collection_has_rows(report->summary->config.collection) &&
	       csvr_statistic_is_requested(&csvr_stat_duplicates, report->requested);
}

struct csvr_duplicates csvr_report_duplicates(const struct csvr_report *report,
					      const struct csvr_file *file)
{
	if (file == NULL)
		return csvr_rows_duplicates(&report->table->rows, report->table->totals.n_rows);
	const struct csvr_file_stats *stats = csvr_summary_file_stats(report->summary, file);
	return csvr_rows_duplicates(&stats->rows, stats->n_rows);
}

void csvr_duplicates_write(const struct csvr_report *report, const struct csvr_file *file,
			   FILE *stream)
{
	char n_duplicates[CSVR_NUMBER_TEXT_BYTES], n_rows[CSVR_NUMBER_TEXT_BYTES],
		n_repeated[CSVR_NUMBER_TEXT_BYTES];
	if (!csvr_report_has_duplicates(report))
		return;
	const struct csvr_duplicates found = csvr_report_duplicates(report, file);
	const char *mark = found.is_approximate ? "~" : "";
	csvr_number_count(found.n_duplicates, n_duplicates);
	csvr_number_count(found.n_rows, n_rows);
	csvr_number_count(found.n_repeated, n_repeated);
	fprintf(stream, "duplicate rows: %s%s of %s", mark, n_duplicates, n_rows);
	if (found.n_repeated > 0)
		fprintf(stream, "; %s%s different %s more than once", mark, n_repeated,
			found.n_repeated == 1 ? "row occurs" : "rows occur");
	putc('\n', stream);
}
