/* footer.h - recognizes cells that programs write below a table: totals, and marks for its end
 *
 * Errors   none
 * Threads  pure
 */
#ifndef CSVR_PARSE_FOOTER_H
#define CSVR_PARSE_FOOTER_H

#include "parse/dialect.h"

/* Whether the trimmed text of a first cell plainly does not belong to a row of data, such as "Grand Total: 2",
 * "*** END OF FILE ***", "(3 rows)" or "Page 1 of 2". */
bool csvr_is_footer(const struct csvr_slice *text);

#endif
