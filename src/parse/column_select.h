/* column_select.h - which columns of a header --select includes
 *
 * Items are tried, in this order, as a name as written in the header; a 1-based number; a range
 * 3-7, 3- or -7; a glob; a leading ! excludes. They are applied from left to right; if the first
 * one excludes, all other columns are included.
 *
 * Threads  pure
 */
#ifndef CSVR_PARSE_COLUMN_SELECT_H
#define CSVR_PARSE_COLUMN_SELECT_H

#include "base/suggestion.h"
#include "csvreport.h"
#include "parse/dialect.h"

/* Sets is_selected[i] for each name, and matched[k] for each item that matches a column; other
 * entries of `matched` are unchanged. Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_select_columns(struct csvr_string_list items, const struct csvr_slice *names,
				     size_t n_names, bool *is_selected, bool *matched);

/* Offers the names to suggestions[k] for each item that is not matched, does not contain `*`, `?` or
 * `[`, and is not a number or range. */
void csvr_select_suggest(struct csvr_string_list items, const struct csvr_slice *names,
			 size_t n_names, const bool *matched, struct csvr_suggestion *suggestions);

#endif
