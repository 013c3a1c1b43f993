/* key_places.h - in which columns of a header the keys of --group-by are
 *
 * An item is :file, the path; or a column, as an item of --select names it; or such an item, a colon and the number of bytes
 * that the key takes from the start of the cell.
 *
 * Errors   CSVR_NO_MEMORY
 * Threads  pure
 */
#ifndef CSVR_PARSE_KEY_PLACES_H
#define CSVR_PARSE_KEY_PLACES_H

#include "base/suggestion.h"
#include "csvreport.h"
#include "parse/dialect.h"

struct csvr_key_place {
	enum {
		CSVR_KEY_ABSENT, /* no column is named by the item */
		CSVR_KEY_IN_COLUMN,
		CSVR_KEY_IS_PATH,
		CSVR_KEY_AMBIGUOUS /* several columns are */
	} kind;
	uint32_t column;
	uint32_t other_column; /* if it is ambiguous */
	uint32_t most_bytes; /* of the cell; UINT32_MAX: all */
};

/* Sets the place of each item in a header; matched[k] if there is one, and else offers names to suggestions[k]. */
enum csvr_status csvr_key_places_find(struct csvr_string_list items, const struct csvr_slice *names,
				      size_t n_names, struct csvr_key_place *places, bool *matched,
				      struct csvr_suggestion *suggestions);

#endif
