/* header.c - the header of a file: parses its first record */
#include "parse/header.h"

#include <stdlib.h>
#include <string.h>

#include "parse/column_select.h"
#include "parse/record_syntax.h"

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
	free(header->matched);
	free(header->suggestions);
	free(header->record);
	csvr_arena_clear(&header->strings);
	csvr_header_init(header);
}

static bool is_same(const struct csvr_header *header, const struct csvr_dialect *dialect,
		    const unsigned char *record, size_t n_bytes)
{
	/* Equal first records of data need not have equal bytes, so compare only headers. */
	return header->is_header && header->record_bytes == n_bytes &&
	       memcmp(header->record, record, n_bytes) == 0 &&
	       header->dialect.delimiter == dialect->delimiter &&
	       header->dialect.newline == dialect->newline &&
	       header->dialect.quote == dialect->quote &&
	       header->dialect.decimal == dialect->decimal &&
	       header->dialect.escape == dialect->escape;
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

/* Copies the texts of all fields to header->strings. */
static enum csvr_status copy_fields(struct csvr_header *header, const struct csvr_fields *fields,
				    size_t from)
{
	unsigned char *scratch = malloc(fields->ends[fields->n_fields - 1] - from + 1);
	if (scratch == NULL)
		return CSVR_NO_MEMORY;
	enum csvr_status status = CSVR_OK;
	for (size_t i = 0; i < fields->n_fields && status == CSVR_OK; i++) {
		const unsigned char *start = fields->text + from;
		const unsigned char *end = fields->text + fields->ends[i];
		const size_t n_bytes = (size_t)(end - start);
		const bool is_quoted = csvr_find_opening_quote(start, 0, n_bytes,
							       &header->dialect) < n_bytes;
		from = (size_t)fields->ends[i] + 1;
		while (i + 1 == fields->n_fields && end > start && end[-1] == '\r')
			end--;
		if (!is_quoted && memchr(start, '\r', (size_t)(end - start)) != NULL)
			header->has_bare_cr = true;
		struct csvr_slice text = csvr_field_text(start, end, &header->dialect, scratch);
		const char *copy = csvr_arena_copy(&header->strings, (const char *)text.start,
						   text.n_bytes);
		if (copy == NULL)
			status = CSVR_NO_MEMORY;
		header->names[i] = (struct csvr_slice){ (const unsigned char *)copy, text.n_bytes };
	}
	free(scratch);
	return status;
}

/* A first record is a header unless every nonempty cell of it is a number. */
static bool looks_like_header(const struct csvr_slice *names, size_t n_names,
			      const struct csvr_cell_rules *rules)
{
	struct csvr_decimal decimal;
	for (size_t i = 0; i < n_names; i++) {
		if (names[i].n_bytes == 0)
			continue;
		csvr_decimal_parse(&decimal, rules, names[i].start, names[i].n_bytes);
		if (decimal.class != CSVR_CELL_NUMBER)
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
	if (status != CSVR_OK || n_about == 0)
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

/* --select and --correlation. */
static enum csvr_status select_columns(struct csvr_header *header,
				       const struct csvr_parse_options *options, size_t n_columns)
{
	const size_t n_select = options->select.n_words;
	enum csvr_status status = csvr_select_columns(options->select, header->names, n_columns,
						      header->is_selected, header->matched);
	if (status == CSVR_OK)
		status = csvr_select_columns(options->correlation, header->names, n_columns,
					     header->is_correlated, header->matched + n_select);
	if (status != CSVR_OK)
		return status;
	csvr_select_suggest(options->select, header->names, n_columns, header->matched,
			    header->suggestions);
	csvr_select_suggest(options->correlation, header->names, n_columns,
			    header->matched + n_select, header->suggestions + n_select);
	for (size_t i = 0; i < n_columns; i++)
		header->is_correlated[i] &= options->correlates && header->is_selected[i];
	return CSVR_OK;
}

enum csvr_status csvr_header_parse(struct csvr_header *header,
				   const struct csvr_parse_options *options,
				   const struct csvr_cell_rules *rules,
				   const struct csvr_dialect *dialect,
				   const struct csvr_fields *fields, size_t from, bool *is_new)
{
	const unsigned char *record = fields->text + from;
	size_t n_bytes = fields->ends[fields->n_fields - 1] - from;
	*is_new = !is_same(header, dialect, record, n_bytes);
	if (!*is_new)
		return CSVR_OK;
	bool was_header = header->is_header;
	size_t n_before = header->n_columns;
	/* Forget the previous record until all is done: an error must not leave names of one
	 * file with the bytes of another. */
	header->is_header = false;
	header->n_columns = 0;
	header->record_bytes = 0;
	header->has_bare_cr = false;
	enum csvr_status status = reserve_columns(header, fields->n_fields,
						  options->select.n_words +
							  options->correlation.n_words +
							  options->null_values.n_words);
	if (status != CSVR_OK)
		return status;
	csvr_arena_clear(&header->strings);
	clear_rules(header);
	header->general_rules = rules;
	header->dialect = *dialect;
	size_t n_columns = fields->n_fields;
	status = copy_fields(header, fields, from);
	if (status != CSVR_OK)
		return status;
	bool is_header = options->header == CSVR_HEADER_AUTO
				 ? looks_like_header(header->names, n_columns, rules)
				 : options->header == CSVR_HEADER_YES;
	memcpy(header->texts, header->names, n_columns * sizeof *header->texts);
	status = csvr_header_repeat_set(&header->repeat, header->texts, is_header ? n_columns : 0,
					dialect, rules);
	if (status != CSVR_OK)
		return status;
	if (!is_header) {
		/* Data: column_1, column_2, ... */
		for (size_t i = 0; i < n_columns; i++)
			header->names[i].n_bytes = 0;
		*is_new = was_header || n_before != n_columns;
	}
	status = csvr_header_make_names(header->names, n_columns, &header->strings);
	if (status == CSVR_OK)
		status = select_columns(header, options, n_columns);
	if (status == CSVR_OK)
		status = choose_rules(header, options, n_columns);
	if (status == CSVR_OK)
		status = store_record(header, record, n_bytes);
	if (status != CSVR_OK)
		return status;
	header->is_header = is_header;
	header->n_columns = n_columns;
	return CSVR_OK;
}
