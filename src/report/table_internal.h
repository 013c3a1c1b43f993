/* table_internal.h - what the files of the table share
 *
 * Shape    write_table.c writes a report; table_problems.c lists its problems
 * Errors   a function without a status leaves them to the stream
 */
#ifndef CSVR_REPORT_TABLE_INTERNAL_H
#define CSVR_REPORT_TABLE_INTERNAL_H

#include "report/report.h"

#define CSVR_TITLE_ON "\033[1m"
#define CSVR_WARNING_ON "\033[1;33m"
#define CSVR_DIM_ON "\033[2m"
#define CSVR_STYLE_OFF "\033[0m"

/* Writes an escape sequence if the report is colored. */
void csvr_table_style(const struct csvr_report *report, const char *sequence, FILE *stream);

/* Writes `n` spaces. */
void csvr_table_pad(size_t n, FILE *stream);

/* Writes the list of the problems, of which there is at least one. */
void csvr_table_write_problems(const struct csvr_report *report, FILE *stream);

#endif
