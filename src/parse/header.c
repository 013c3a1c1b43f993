/* header.c - the header of a file: parses its first record */
#include "parse/header.h"

#include <stdlib.h>
#include <string.h>

#include "parse/column_select.h"

void csvr_header_init(struct csvr_header *header)
{
	memset(header, 0, sizeof *header);
	csvr_arena_init(&header->strings);
}

void csvr_header_clear(struct csvr_header *header)
{
	free(header->names);
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
	       header->dialect.quote == dialect->quote;
}

static enum csvr_status reserve_columns(struct csvr_header *header, size_t n_columns,
					size_t n_items)
{
	struct csvr_slice *names = csvr_array_grow(header->names, &header->columns_capacity,
						   n_columns, sizeof *names);
	if (names == NULL)
		return CSVR_NO_MEMORY;
	header->names = names;
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
		from = (size_t)fields->ends[i] + 1;
		if (i + 1 == fields->n_fields && end > start && end[-1] == '\r')
			end--;
		if (*start != header->dialect.quote &&
		    memchr(start, '\r', (size_t)(end - start)) != NULL)
			header->has_bare_cr = true;
		struct csvr_slice text = csvr_field_text(start, end, header->dialect.quote,
							 scratch);
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
			      const struct csvr_null_set *nulls)
{
	struct csvr_decimal decimal;
	for (size_t i = 0; i < n_names; i++) {
		if (names[i].n_bytes == 0)
			continue;
		csvr_decimal_parse(&decimal, nulls, names[i].start, names[i].n_bytes);
		if (decimal.class != CSVR_CELL_NUMBER)
			return true;
	}
	return false;
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
				   const struct csvr_null_set *nulls,
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
							  options->correlation.n_words);
	if (status != CSVR_OK)
		return status;
	csvr_arena_clear(&header->strings);
	header->dialect = *dialect;
	size_t n_columns = fields->n_fields;
	status = copy_fields(header, fields, from);
	if (status != CSVR_OK)
		return status;
	bool is_header = options->header == CSVR_HEADER_AUTO
				 ? looks_like_header(header->names, n_columns, nulls)
				 : options->header == CSVR_HEADER_YES;
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
		status = store_record(header, record, n_bytes);
	if (status != CSVR_OK)
		return status;
	header->is_header = is_header;
	header->n_columns = n_columns;
	return CSVR_OK;
}
