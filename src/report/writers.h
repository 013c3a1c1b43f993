/* writers.h - the formats of a report
 *
 * Each write_*.c defines the row of its format. Names, help, messages and the completion of --format
 * follow from the rows. To add a format, write report/write_NAME.c with its row, and add the row to
 * CSVR_FORMATS in csvreport.h.
 *
 * Shape    a table of constants, indexed by enum csvr_format
 * Threads  const
 */
#ifndef CSVR_REPORT_WRITERS_H
#define CSVR_REPORT_WRITERS_H

#include <stdbool.h>
#include <stdio.h>

#include "csvreport.h"

struct csvr_document;

struct csvr_writer {
	const char *name; /* for --format */
	const char *help; /* a phrase */
	bool is_for_people; /* shows the statistics that people want, rather than those of programs */
	bool has_provenance; /* can show or contain the provenance */
	bool has_correlation; /* can show or contain correlations */
	bool has_duplicates; /* can show or contain the statistic of rows */
	bool has_comparison; /* shows the changes since an earlier report */
	bool has_bare_headers; /* always contains the columns that only files without rows have */
	/* Writes a prepared document. CSVR_IO_ERROR as soon as `stream` has failed; CSVR_NO_MEMORY.
	 * NULL: the format is no report, and csvr_state_write writes it. */
	enum csvr_status (*write)(const struct csvr_document *document, FILE *stream);
};

#define CSVR_DECLARE_WRITER(enumerator, name) extern const struct csvr_writer csvr_writer_##name;
CSVR_FORMATS(CSVR_DECLARE_WRITER)
#undef CSVR_DECLARE_WRITER

/* The row of a format, which must be one. */
const struct csvr_writer *csvr_writer_of(enum csvr_format format);

#endif
