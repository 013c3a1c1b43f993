/* key_places.c - in which columns of a header the keys of --group-by are */
#include "parse/key_places.h"

#include <stdlib.h>
#include <string.h>

#include "parse/column_select.h"

/* The most bytes that an item can take from a cell. */
enum { MOST_BYTES = 1000, MOST_DIGITS = 4 };

/* Sets the kind and the columns of a place from the columns that are chosen. */
static void set_columns(struct csvr_key_place *place, const bool *is_chosen, size_t n_names)
{
	place->kind = CSVR_KEY_ABSENT;
	for (size_t i = 0; i < n_names && place->kind != CSVR_KEY_AMBIGUOUS; i++) {
		if (!is_chosen[i])
			continue;
		if (place->kind == CSVR_KEY_ABSENT) {
			place->kind = CSVR_KEY_IN_COLUMN;
			place->column = (uint32_t)i;
		} else {
			place->kind = CSVR_KEY_AMBIGUOUS;
			place->other_column = (uint32_t)i;
		}
	}
}

/* Finds the columns that `item` names. */
static enum csvr_status find_columns(const char *item, const struct csvr_slice *names,
				     size_t n_names, bool *is_chosen, struct csvr_key_place *place)
{
	const struct csvr_string_list list = { &item, 1 };
	bool is_matched = false;
	const enum csvr_status status = csvr_select_columns(list, names, n_names, is_chosen,
							    &is_matched);
	if (status != CSVR_OK)
		return status;
	if (is_matched)
		set_columns(place, is_chosen, n_names);
	return CSVR_OK;
}

/* The number after the last colon of an item, of which *n_name bytes are before that; 0: there is none. */
static uint32_t read_prefix(const char *item, size_t *n_name)
{
	const char *colon = strrchr(item, ':');
	if (colon == NULL || colon == item)
		return 0;
	const size_t n_digits = strspn(colon + 1, "0123456789");
	if (n_digits == 0 || n_digits > MOST_DIGITS || colon[1 + n_digits] != '\0')
		return 0;
	*n_name = (size_t)(colon - item);
	const unsigned long n = strtoul(colon + 1, NULL, 10);
	return n <= MOST_BYTES ? (uint32_t)n : 0;
}

static enum csvr_status find_place(const char *item, const struct csvr_slice *names, size_t n_names,
				   bool *is_chosen, struct csvr_key_place *place,
				   struct csvr_suggestion *suggestion)
{
	*place = (struct csvr_key_place){ .kind = CSVR_KEY_ABSENT, .most_bytes = UINT32_MAX };
	if (strcmp(item, ":file") == 0) {
		place->kind = CSVR_KEY_IS_PATH;
		return CSVR_OK;
	}
	enum csvr_status status = find_columns(item, names, n_names, is_chosen, place);
	size_t n_name;
	const uint32_t most_bytes = read_prefix(item, &n_name);
	char *name = most_bytes > 0 ? strndup(item, n_name) : NULL;
	if (most_bytes > 0 && name == NULL)
		return CSVR_NO_MEMORY;
	if (name != NULL && status == CSVR_OK && place->kind == CSVR_KEY_ABSENT) {
		status = find_columns(name, names, n_names, is_chosen, place);
		place->most_bytes = most_bytes;
	}
	if (status == CSVR_OK) {
		const char *column = name != NULL ? name : item;
		const struct csvr_string_list list = { &column, 1 };
		const bool is_matched = place->kind != CSVR_KEY_ABSENT;
		csvr_select_suggest(list, names, n_names, &is_matched, suggestion);
	}
	free(name);
	return status;
}

enum csvr_status csvr_key_places_find(struct csvr_string_list items, const struct csvr_slice *names,
				      size_t n_names, struct csvr_key_place *places, bool *matched,
				      struct csvr_suggestion *suggestions)
{
	bool *is_chosen = malloc((n_names + 1) * sizeof *is_chosen);
	enum csvr_status status = is_chosen != NULL ? CSVR_OK : CSVR_NO_MEMORY;
	for (size_t k = 0; k < items.n_words && status == CSVR_OK; k++) {
		status = find_place(items.word[k], names, n_names, is_chosen, &places[k],
				    &suggestions[k]);
		matched[k] |= places[k].kind != CSVR_KEY_ABSENT;
	}
	free(is_chosen);
	return status;
}
