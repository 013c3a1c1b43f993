/* missing_columns.h - which files lack a column
 *
 * Shape    an index from columns to the layouts that have them, built once per report
 * Errors   NULL: out of memory
 * Threads  one: a lookup marks layouts
 */
#ifndef CSVR_REPORT_MISSING_COLUMNS_H
#define CSVR_REPORT_MISSING_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

struct csvr_summary;
struct csvr_missing_columns;

/* Of the columns of a table; NULL: no memory. NULL is fine for csvr_missing_columns_free. */
struct csvr_missing_columns *csvr_missing_columns_new(const struct csvr_summary *summary,
						      size_t table);
void csvr_missing_columns_free(struct csvr_missing_columns *missing);

/* Selects the column that csvr_layout_lacks_column is about. `layout` is an index in the summary, of a layout of the
 * table. */
void csvr_missing_columns_select(struct csvr_missing_columns *missing, size_t column);
bool csvr_layout_lacks_column(const struct csvr_missing_columns *missing, size_t layout);

#endif
