/* column_select.h - which columns of a header --select takes
 *
 * Items are, in this order of trial: a name as written in the header; a 1-based number; a range 3-7,
 * 3- or -7; a glob; each with ! in front to leave out. They are applied from left to right; if the
 * first one leaves out, everything else is taken.
 *
 * Threads  pure
 */
#ifndef CSVR_PARSE_COLUMN_SELECT_H
#define CSVR_PARSE_COLUMN_SELECT_H

#include "csvreport.h"
#include "parse/dialect.h"

/* Sets is_selected[i] for each name, and matched[k] for each item that some column answered to
 * (others stay as they are). Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_select_columns(struct csvr_string_list items, const struct csvr_slice *names,
				     size_t n_names, bool *is_selected, bool *matched);

#endif
