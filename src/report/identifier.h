/* identifier.h - columns of integers that are identifiers, such as ids and codes
 *
 * Shape    a function of the name and the type alone: it does not depend on the values of a column
 * Errors   none
 * Threads  pure
 */
#ifndef CSVR_REPORT_IDENTIFIER_H
#define CSVR_REPORT_IDENTIFIER_H

#include <stdbool.h>
#include <stddef.h>

#include "stats/column.h"

/* Whether the column is of type integer and its name, of any bytes, ends in a word for an identifier. Words end where
 * the letters do, and before a capital letter after a small one: customer_id, zipCode, "id 2"; but not paid, and not
 * lines_of_code. */
bool csvr_is_identifier(const struct csvr_column *column, const char *name, size_t n_bytes);

#endif
