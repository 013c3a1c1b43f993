/* column_select.c - which columns of a header --select includes */
#include "parse/column_select.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

/* 1-based, both ends included */
struct range {
	size_t first, last;
};

static bool parse_number(const char *text, size_t n_bytes, size_t *number)
{
	enum { MAX_DIGITS = 9 };
	if (n_bytes == 0 || n_bytes > MAX_DIGITS || strspn(text, "0123456789") < n_bytes)
		return false;
	*number = strtoul(text, NULL, 10);
	return true;
}

static bool parse_range(const char *item, size_t n_names, struct range *range)
{
	const char *dash = strchr(item, '-');
	if (dash == NULL) {
		if (!parse_number(item, strlen(item), &range->first))
			return false;
		range->last = range->first;
		return true;
	}
	size_t n_before = (size_t)(dash - item), n_after = strlen(dash + 1);
	range->first = 1;
	range->last = n_names;
	return n_before + n_after > 0 &&
	       (n_before == 0 || parse_number(item, n_before, &range->first)) &&
	       (n_after == 0 || parse_number(dash + 1, n_after, &range->last));
}

static bool equals(const struct csvr_slice *name, const char *item)
{
	return strlen(item) == name->n_bytes && memcmp(item, name->start, name->n_bytes) == 0;
}

/* Sets is_selected of the columns named `item`; false if there is none. */
static bool apply_name(const char *item, const struct csvr_slice *names, size_t n_names,
		       bool *is_selected, bool value)
{
	bool found = false;
	for (size_t i = 0; i < n_names; i++)
		if (equals(&names[i], item)) {
			is_selected[i] = value;
			found = true;
		}
	return found;
}

static bool apply_range(struct range range, size_t n_names, bool *is_selected, bool value)
{
	bool found = false;
	for (size_t i = range.first; i >= 1 && i <= range.last && i <= n_names; i++) {
		is_selected[i - 1] = value;
		found = true;
	}
	return found;
}

static enum csvr_status apply_glob(const char *glob, const struct csvr_slice *names, size_t n_names,
				   bool *is_selected, bool value, bool *found)
{
	for (size_t i = 0; i < n_names; i++) {
		char *name = strndup((const char *)names[i].start, names[i].n_bytes);
		if (name == NULL)
			return CSVR_NO_MEMORY;
		if (fnmatch(glob, name, 0) == 0) {
			is_selected[i] = value;
			*found = true;
		}
		free(name);
	}
	return CSVR_OK;
}

enum csvr_status csvr_select_columns(struct csvr_string_list items, const struct csvr_slice *names,
				     size_t n_names, bool *is_selected, bool *matched)
{
	bool starts_full = items.n_words == 0 || items.word[0][0] == '!';
	for (size_t i = 0; i < n_names; i++)
		is_selected[i] = starts_full;
	for (size_t k = 0; k < items.n_words; k++) {
		const char *item = items.word[k];
		bool found = apply_name(item, names, n_names, is_selected, true);
		if (!found) {
			bool value = item[0] != '!';
			item += !value;
			struct range range;
			if (!value)
				found = apply_name(item, names, n_names, is_selected, value);
			if (!found && parse_range(item, n_names, &range))
				found = apply_range(range, n_names, is_selected, value);
			if (!found && strpbrk(item, "*?[") != NULL) {
				enum csvr_status status = apply_glob(item, names, n_names,
								     is_selected, value, &found);
				if (status != CSVR_OK)
					return status;
			}
		}
		matched[k] |= found;
	}
	return CSVR_OK;
}

void csvr_select_suggest(struct csvr_string_list items, const struct csvr_slice *names,
			 size_t n_names, const bool *matched, struct csvr_suggestion *suggestions)
{
	for (size_t k = 0; k < items.n_words; k++) {
		const char *item = items.word[k] + (items.word[k][0] == '!');
		struct range range;
		if (matched[k] || strpbrk(item, "*?[") != NULL ||
		    parse_range(item, n_names, &range))
			continue;
		for (size_t i = 0; i < n_names; i++)
			csvr_suggestion_offer(&suggestions[k], item, strlen(item),
					      (const char *)names[i].start, names[i].n_bytes);
	}
}
