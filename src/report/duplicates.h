/* duplicates.h - the rows of a report that occur more than once
 *
 * Errors   none: the caller checks the stream
 */
#ifndef CSVR_REPORT_DUPLICATES_H
#define CSVR_REPORT_DUPLICATES_H

#include "report/report.h"

/* Whether the report shows them: they were requested, and collected. */
bool csvr_report_has_duplicates(const struct csvr_report *report);

/* Those of a file that was read, or (NULL) of all files. */
struct csvr_duplicates csvr_report_duplicates(const struct csvr_report *report,
					      const struct csvr_file *file);

/* Writes a line about them, for people; nothing if the report does not show them. */
void csvr_duplicates_write(const struct csvr_report *report, const struct csvr_file *file,
			   FILE *stream);

#endif
