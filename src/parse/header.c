/* header.c - the header of a file: parses its first records */
#include "parse/header.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/utf8.h"
#include "parse/column_select.h"
#include "parse/record_syntax.h"
#include "parse/sniff_internal.h"

void csvr_header_init(struct csvr_header *header)
{
	memset(header, 0, sizeof *header);
	csvr_arena_init(&header->strings);
}

static void clear_rules(struct csvr_header *header)
{
	for (size_t i = 0; i < header->n_own_rules; i++)
		csvr_cell_rules_clear(&header->own_rules[i]);
	free(header->own_rules);
	free(header->rules);
	header->own_rules = NULL;
	header->rules = NULL;
	header->n_own_rules = 0;
}

void csvr_header_clear(struct csvr_header *header)
{
	clear_rules(header);
	free(header->names);
	free(header->texts);
	csvr_header_repeat_clear(&header->repeat);
	free(header->is_selected);
	free(header->is_correlated);
	free(header->key_places);
	free(header->conditions);
	free(header->matched);
	free(header->suggestions);
	free(header->record);
	csvr_arena_clear(&header->strings);
	csvr_header_init(header);
}

static enum csvr_status reserve_columns(struct csvr_header *header, size_t n_columns,
					size_t n_items)
{
	struct csvr_slice *names = csvr_array_grow(header->names, &header->columns_capacity,
						   n_columns, sizeof *names);
	if (names == NULL)
		return CSVR_NO_MEMORY;
	header->names = names;
	struct csvr_slice *texts = csvr_array_grow(header->texts, &header->texts_capacity,
						   n_columns, sizeof *texts);
	if (texts == NULL)
		return CSVR_NO_MEMORY;
	header->texts = texts;
	bool *is_selected = csvr_array_grow(header->is_selected, &header->selected_capacity,
					    n_columns, sizeof *is_selected);
	if (is_selected == NULL)
		return CSVR_NO_MEMORY;
	header->is_selected = is_selected;
	bool *is_correlated = csvr_array_grow(header->is_correlated, &header->correlated_capacity,
					      n_columns, sizeof *is_correlated);
	if (is_correlated == NULL)
		return CSVR_NO_MEMORY;
	header->is_correlated = is_correlated;
	if (header->matched == NULL)
		header->matched = calloc(n_items + 1, sizeof *header->matched);
	if (header->suggestions == NULL)
		header->suggestions = calloc(n_items + 1, sizeof *header->suggestions);
	return header->matched != NULL && header->suggestions != NULL ? CSVR_OK : CSVR_NO_MEMORY;
}

/* Where a record starts after its byte order marks; text[end] ends its first field. */
static size_t after_marks(const unsigned char *text, size_t start, size_t end)
{
	while (end - start >= CSVR_BOM_BYTES && csvr_is_bom(text + start))
		start += CSVR_BOM_BYTES;
	return start;
}

/* The number of fields of the longest line that is no comment. */
static size_t count_columns(const struct csvr_header_records *records)
{
	const struct csvr_fields *fields = records->fields;
	size_t n_columns = 0, first = 0, start = records->from;
	for (size_t i = 0; i < fields->n_fields; i++) {
		if (i == first)
			start = after_marks(fields->text, start, fields->ends[i]);
		if (fields->text[fields->ends[i]] != records->dialect->newline)
			continue;
		if (i - first >= n_columns && fields->text[start] != records->dialect->comment)
			n_columns = i + 1 - first;
		first = i + 1;
		start = (size_t)fields->ends[i] + 1;
	}
	return n_columns;
}

/* Appends a text to a name, after a blank. */
static enum csvr_status append(struct csvr_header *header, struct csvr_slice *name,
			       struct csvr_slice text)
{
	const size_t n_bytes = name->n_bytes + (name->n_bytes > 0) + text.n_bytes;
	char *joined = malloc(n_bytes + 1);
	if (joined == NULL)
		return CSVR_NO_MEMORY;
	memcpy(joined, name->start, name->n_bytes);
	if (name->n_bytes > 0)
		joined[name->n_bytes] = ' ';
	memcpy(joined + n_bytes - text.n_bytes, text.start, text.n_bytes);
	const char *copy = csvr_arena_copy(&header->strings, joined, n_bytes);
	free(joined);
	*name = (struct csvr_slice){ (const unsigned char *)copy, n_bytes };
	return copy != NULL ? CSVR_OK : CSVR_NO_MEMORY;
}

/* Where the names of several records are joined. */
struct joining {
	size_t column; /* of the next field */
	bool is_comment;
	bool is_last; /* the last record */
	struct csvr_slice left; /* the text to the left, in the same record */
};

static enum csvr_status add_field(struct csvr_header *header, struct joining *at,
				  struct csvr_slice text)
{
	if (at->is_comment)
		return CSVR_OK;
	if (text.n_bytes == 0 && !at->is_last)
		text = at->left;
	at->left = text;
	struct csvr_slice *name = &header->names[at->column++];
	return text.n_bytes > 0 ? append(header, name, text) : CSVR_OK;
}

/* Copies the texts of all fields to header->strings. */
static enum csvr_status copy_fields(struct csvr_header *header,
				    const struct csvr_header_records *records, size_t n_columns)
{
	const struct csvr_fields *fields = records->fields;
	const size_t n_fields = fields->n_fields;
	size_t from = records->from;
	/* Left texts stay in `scratch`, each at its own place. */
	unsigned char *scratch = malloc(fields->ends[n_fields - 1] - from + 1);
	if (scratch == NULL)
		return CSVR_NO_MEMORY;
	for (size_t i = 0; i < n_columns; i++)
		header->names[i] = (struct csvr_slice){ (const unsigned char *)"", 0 };
	enum csvr_status status = CSVR_OK;
	struct joining at = { .is_last = fields->n_records <= 1 };
	bool is_line_start = true;
	size_t n_records_left = fields->n_records;
	for (size_t i = 0; i < n_fields && status == CSVR_OK; i++) {
		if (is_line_start)
			from = after_marks(fields->text, from, fields->ends[i]);
		const unsigned char *start = fields->text + from;
		const unsigned char *end = fields->text + fields->ends[i];
		const bool ends_line = *end == records->dialect->newline;
		if (is_line_start)
			at.is_comment = *start == records->dialect->comment;
		is_line_start = ends_line;
		while (ends_line && end > start && end[-1] == '\r')
			end--;
		status = add_field(header, &at,
				   csvr_field_text(start, end, records->dialect,
						   scratch + (from - records->from)));
		from = (size_t)fields->ends[i] + 1;
		if (ends_line)
			at = (struct joining){ .is_last = --n_records_left <= 1 };
	}
	free(scratch);
	return status;
}

/* --fold-names. */
static enum csvr_status fold_names(struct csvr_header *header, size_t n_columns)
{
	for (size_t i = 0; i < n_columns; i++) {
		struct csvr_slice *name = &header->names[i];
		char *copy = csvr_arena_copy(&header->strings, (const char *)name->start,
					     name->n_bytes);
		if (copy == NULL)
			return CSVR_NO_MEMORY;
		*name = (struct csvr_slice){ (unsigned char *)copy,
					     csvr_fold_name(copy, name->n_bytes) };
	}
	return CSVR_OK;
}

/* The items of a list as names are folded; `*memory` is the array of the list, to be freed. False: no memory. */
static bool fold_items(struct csvr_header *header, struct csvr_string_list *items,
		       const char ***memory)
{
	*memory = calloc(items->n_words + 1, sizeof(const char *));
	if (*memory == NULL)
		return false;
	for (size_t i = 0; i < items->n_words; i++) {
		char *copy = csvr_arena_copy(&header->strings, items->word[i],
					     strlen(items->word[i]));
		if (copy == NULL)
			return false;
		copy[csvr_fold_name(copy, strlen(copy))] = '\0';
		(*memory)[i] = copy;
	}
	items->word = *memory;
	return true;
}

/* Whether some cell is neither empty nor a number. */
static bool has_words(const struct csvr_slice *names, size_t n_names,
		      const struct csvr_cell_rules *rules)
{
	for (size_t i = 0; i < n_names; i++) {
		const enum csvr_cell_shape shape = csvr_sniff_shape(rules, names[i]);
		if (shape != CSVR_SHAPE_EMPTY && shape != CSVR_SHAPE_NUMBER)
			return true;
	}
	return false;
}

/* Whether an item of --null-values, which is about the column `item`, matches a name. */
static bool is_about_any(const char *item, const struct csvr_slice *names, size_t n_names)
{
	const size_t n_bytes = strlen(item);
	for (size_t i = 0; i < n_names; i++)
		if (names[i].n_bytes == n_bytes && memcmp(names[i].start, item, n_bytes) == 0)
			return true;
	return false;
}

/* Sets `matched` of the items of --null-values, and `*n_about` to the number of those that are about one column. */
static enum csvr_status match_null_items(struct csvr_header *header,
					 const struct csvr_string_list *items, size_t n_columns,
					 size_t first_matched, size_t *n_about)
{
	*n_about = 0;
	for (size_t k = 0; k < items->n_words; k++) {
		bool *matched = &header->matched[first_matched + k];
		const char *column = csvr_null_item_column(items->word[k], &header->strings);
		if (column == NULL)
			return CSVR_NO_MEMORY;
		*n_about += column[0] != '\0';
		*matched |= column[0] == '\0' || is_about_any(column, header->names, n_columns);
		const struct csvr_string_list item = { &column, 1 };
		csvr_select_suggest(item, header->names, n_columns, matched,
				    &header->suggestions[first_matched + k]);
	}
	return CSVR_OK;
}

/* Gives their own rules to the columns that null values are listed for. */
static enum csvr_status choose_rules(struct csvr_header *header,
				     const struct csvr_parse_options *options, size_t n_columns)
{
	const struct csvr_string_list *items = &options->null_values;
	size_t n_about;
	enum csvr_status status =
		match_null_items(header, items, n_columns,
				 options->select.n_words + options->correlation.n_words, &n_about);
	if (status != CSVR_OK || n_about == 0 || n_columns == 0)
		return status;
	/* Names differ, so that at most one column has the name of an item. */
	header->rules = malloc(n_columns * sizeof(const struct csvr_cell_rules *));
	header->own_rules = calloc(n_about, sizeof *header->own_rules);
	if (header->rules == NULL || header->own_rules == NULL)
		return CSVR_NO_MEMORY;
	for (size_t j = 0; j < n_columns; j++)
		header->rules[j] = header->general_rules;
	for (size_t k = 0; k < items->n_words && status == CSVR_OK; k++) {
		const char *column = csvr_null_item_column(items->word[k], &header->strings);
		if (column == NULL)
			return CSVR_NO_MEMORY;
		for (size_t j = 0; j < n_columns && status == CSVR_OK; j++) {
			if (!is_about_any(column, &header->names[j], 1) ||
			    header->rules[j] != header->general_rules)
				continue;
			struct csvr_cell_rules *own = &header->own_rules[header->n_own_rules++];
			status = csvr_cell_rules_init(own, options, header->dialect.decimal,
						      &header->names[j]);
			header->rules[j] = own;
		}
	}
	return status;
}

/* Finds the columns of the conditions, whose rules are known. */
static enum csvr_status resolve_conditions(struct csvr_header *header,
					   const struct csvr_parse_options *options,
					   size_t n_columns)
{
	const struct csvr_string_list *where = &options->where;
	const size_t first_item = options->select.n_words + options->correlation.n_words +
				  options->null_values.n_words;
	enum csvr_status status = CSVR_OK;
	if (where->n_words > 0 && header->conditions == NULL)
		header->conditions = calloc(where->n_words, sizeof *header->conditions);
	if (where->n_words > 0 && header->conditions == NULL)
		return CSVR_NO_MEMORY;
	for (size_t k = 0; k < where->n_words && status == CSVR_OK; k++) {
		struct csvr_condition *condition = &header->conditions[k];
		bool *matched = &header->matched[first_item + k];
		const char *column;
		status = csvr_condition_resolve(condition, where->word[k], options, header->names,
						n_columns, &header->strings, &column);
		if (status != CSVR_OK)
			break;
		if (condition->column != SIZE_MAX) {
			*matched = true;
			csvr_condition_set_rules(condition,
						 csvr_header_rules(header, condition->column));
		}
		const struct csvr_string_list item = { &column, 1 };
		csvr_select_suggest(item, header->names, n_columns, matched,
				    &header->suggestions[first_item + k]);
	}
	return status;
}

static enum csvr_status store_record(struct csvr_header *header, const unsigned char *record,
				     size_t n_bytes)
{
	unsigned char *copy = csvr_array_grow(header->record, &header->record_capacity, n_bytes, 1);
	if (copy == NULL)
		return CSVR_NO_MEMORY;
	memcpy(copy, record, n_bytes);
	header->record = copy;
	header->record_bytes = n_bytes;
	return CSVR_OK;
}

/* Chooses the columns that the items match; `matched` and `suggestions` are those of the items. */
static enum csvr_status match_columns(struct csvr_header *header, struct csvr_string_list items,
				      size_t n_columns, bool *is_chosen, size_t first_item)
{
	bool *matched = header->matched + first_item;
	const enum csvr_status status = csvr_select_columns(items, header->names, n_columns,
							    is_chosen, matched);
	if (status == CSVR_OK)
		csvr_select_suggest(items, header->names, n_columns, matched,
				    header->suggestions + first_item);
	return status;
}

/* --select and --correlation. */
static enum csvr_status select_columns(struct csvr_header *header,
				       const struct csvr_parse_options *options, size_t n_columns)
{
	struct csvr_string_list select = options->select, correlation = options->correlation;
	const char **select_memory = NULL, **correlation_memory = NULL;
	enum csvr_status status = CSVR_NO_MEMORY;
	if (!options->fold_names || (fold_items(header, &select, &select_memory) &&
				     fold_items(header, &correlation, &correlation_memory)))
		status = match_columns(header, select, n_columns, header->is_selected, 0);
	if (status == CSVR_OK)
		status = match_columns(header, correlation, n_columns, header->is_correlated,
				       select.n_words);
	for (size_t i = 0; i < n_columns && status == CSVR_OK; i++)
		header->is_correlated[i] &= options->correlates && header->is_selected[i];
	free(select_memory);
	free(correlation_memory);
	return status;
}

/* --group-by; `first_item` is the index of its first item in `matched`. */
static enum csvr_status find_keys(struct csvr_header *header,
				  const struct csvr_parse_options *options, size_t n_columns,
				  size_t first_item)
{
	struct csvr_string_list items = options->group_by;
	const char **memory = NULL;
	if (items.n_words == 0)
		return CSVR_OK;
	if (header->key_places == NULL)
		header->key_places = calloc(items.n_words, sizeof *header->key_places);
	enum csvr_status status = CSVR_NO_MEMORY;
	if (header->key_places != NULL &&
	    (!options->fold_names || fold_items(header, &items, &memory)))
		status = csvr_key_places_find(items, header->names, n_columns, header->key_places,
					      header->matched + first_item,
					      header->suggestions + first_item);
	free(memory);
	return status;
}

/* Converts the names that are in Windows-1252. */
static enum csvr_status convert_names(struct csvr_header *header, size_t n_columns)
{
	const enum csvr_encoding encoding = header->dialect.encoding;
	for (size_t i = 0; i < n_columns; i++) {
		struct csvr_slice *name = &header->names[i];
		if (!csvr_is_1252(encoding, name->start, name->n_bytes))
			continue;
		unsigned char *converted = malloc(name->n_bytes * CSVR_1252_FACTOR);
		if (converted == NULL)
			return CSVR_NO_MEMORY;
		name->n_bytes = csvr_utf8_from_1252(name->start, name->n_bytes, converted);
		name->start = (const unsigned char *)csvr_arena_copy(&header->strings,
								     (const char *)converted,
								     name->n_bytes);
		free(converted);
		if (name->start == NULL)
			return CSVR_NO_MEMORY;
		header->n_not_utf8 += encoding == CSVR_ENCODING_AUTO;
	}
	return CSVR_OK;
}

static bool decide_is_header(const struct csvr_header_records *records, bool has_words)
{
	switch (records->first_record) {
	case CSVR_FIRST_UNKNOWN:
		return has_words;
	case CSVR_FIRST_IS_HEADER:
	case CSVR_FIRST_SEEMS_HEADER:
		return true;
	default:
		return false;
	}
}

/* Whether the records are those that were parsed before. Equal records of data need not have equal bytes, so only
 * headers are compared. */
static bool is_same(const struct csvr_header *header, const struct csvr_header_records *records,
		    const unsigned char *bytes, size_t n_bytes)
{
	return header->is_header && header->record_bytes == n_bytes &&
	       memcmp(header->record, bytes, n_bytes) == 0 &&
	       csvr_dialect_equals(&header->dialect, records->dialect) &&
	       decide_is_header(records, header->has_words);
}

/* Names the columns of data: those of the header of another file, or column_1, column_2, ... */
static void name_data(struct csvr_header *header, const struct csvr_known_names *known,
		      size_t n_columns)
{
	header->has_known_names = known != NULL && known->n_names == n_columns;
	for (size_t i = 0; i < n_columns; i++)
		if (header->has_known_names)
			header->names[i] = known->names[i];
		else
			header->names[i].n_bytes = 0;
}

/* Finds the columns that options are about, by their names. */
static enum csvr_status apply_options(struct csvr_header *header,
				      const struct csvr_parse_options *options, size_t n_columns)
{
	enum csvr_status status = select_columns(header, options, n_columns);
	if (status == CSVR_OK)
		status = choose_rules(header, options, n_columns);
	if (status == CSVR_OK)
		status = resolve_conditions(header, options, n_columns);
	if (status == CSVR_OK)
		status = find_keys(header, options, n_columns,
				   options->select.n_words + options->correlation.n_words +
					   options->null_values.n_words + options->where.n_words);
	return status;
}

enum csvr_status csvr_header_parse(struct csvr_header *header,
				   const struct csvr_parse_options *options,
				   const struct csvr_cell_rules *rules,
				   const struct csvr_header_records *records, bool *is_new)
{
	const struct csvr_fields *fields = records->fields;
	const unsigned char *record = fields->text + records->from;
	size_t n_bytes = fields->ends[fields->n_fields - 1] - records->from;
	*is_new = !is_same(header, records, record, n_bytes);
	if (!*is_new)
		return CSVR_OK;
	bool was_header = header->is_header;
	size_t n_before = header->n_columns;
	/* Forget the previous record until all is done: an error must not leave names of one
	 * file with the bytes of another. */
	header->is_header = false;
	header->n_columns = 0;
	header->record_bytes = 0;
	header->has_known_names = false;
	header->n_not_utf8 = 0;
	const size_t n_columns = count_columns(records);
	enum csvr_status status =
		reserve_columns(header, n_columns,
				options->select.n_words + options->correlation.n_words +
					options->null_values.n_words + options->where.n_words +
					options->group_by.n_words);
	if (status != CSVR_OK)
		return status;
	csvr_arena_clear(&header->strings);
	clear_rules(header);
	header->general_rules = rules;
	header->dialect = *records->dialect;
	status = copy_fields(header, records, n_columns);
	if (status != CSVR_OK)
		return status;
	header->has_words = has_words(header->names, n_columns, rules);
	const bool is_header = decide_is_header(records, header->has_words);
	memcpy(header->texts, header->names, n_columns * sizeof *header->texts);
	status = csvr_header_repeat_set(&header->repeat, header->texts, is_header ? n_columns : 0,
					records->dialect, rules);
	if (status != CSVR_OK)
		return status;
	if (is_header) {
		status = convert_names(header, n_columns);
	} else {
		name_data(header, records->known, n_columns);
		*is_new = was_header || n_before != n_columns;
	}
	if (is_header && options->fold_names)
		status = fold_names(header, n_columns);
	if (status == CSVR_OK)
		status = csvr_header_make_names(header->names, n_columns, &header->strings);
	if (status == CSVR_OK)
		status = apply_options(header, options, n_columns);
	if (status == CSVR_OK)
		status = store_record(header, record, n_bytes);
	if (status != CSVR_OK)
		return status;
	header->is_header = is_header;
	header->n_columns = n_columns;
	return CSVR_OK;
}

/* ---- names of other files ---- */

enum csvr_status csvr_known_names_set(struct csvr_known_names *known,
				      const struct csvr_header *header)
{
	known->names = calloc(header->n_columns + 1, sizeof *known->names);
	if (known->names == NULL)
		return CSVR_NO_MEMORY;
	for (; known->n_names < header->n_columns; known->n_names++) {
		const struct csvr_slice name = header->names[known->n_names];
		const char *copy = csvr_arena_copy(&known->strings, (const char *)name.start,
						   name.n_bytes);
		if (copy == NULL)
			return CSVR_NO_MEMORY;
		known->names[known->n_names] = (struct csvr_slice){ (const unsigned char *)copy,
								    name.n_bytes };
	}
	return CSVR_OK;
}

void csvr_known_names_clear(struct csvr_known_names *known)
{
	free(known->names);
	csvr_arena_clear(&known->strings);
	*known = (struct csvr_known_names){ .names = NULL };
}
