/* worker_cell.c - counts one cell: its class, and its value if it has one */
#include <stdlib.h>

#include "run/worker_internal.h"

/* The text of a cell of at most CSVR_MAX_CELL_BYTES, until the next call. Errors: CSVR_NO_MEMORY. */
static enum csvr_status unquote(struct csvr_worker *w, const unsigned char *start,
				const unsigned char *end, struct csvr_slice *text)
{
	if (w->scratch == NULL && start < end && *start == w->dialect.quote) {
		w->scratch = malloc(CSVR_MAX_CELL_BYTES + 1);
		if (w->scratch == NULL)
			return CSVR_NO_MEMORY;
	}
	*text = csvr_field_text(start, end, w->dialect.quote, w->scratch);
	return CSVR_OK;
}

/* Counts a cell whose class and value are w->decimal. */
static enum csvr_status add_cell(struct csvr_worker *w, struct csvr_column *column,
				 const struct csvr_slice *text)
{
	const struct csvr_decimal *decimal = &w->decimal;
	const enum csvr_quantity quantity = csvr_quantity_of(decimal->class);
	if (quantity != CSVR_N_QUANTITIES) {
		const struct csvr_number number = { decimal->part,     decimal->n_parts,
						    decimal->exponent, decimal->is_negative,
						    quantity,          decimal->notation };
		return csvr_column_add(column, decimal->class, &number);
	}
	column->cells[decimal->class]++;
	if (decimal->class == CSVR_CELL_BOOLEAN)
		column->n_true += decimal->part[0];
	else if (decimal->class != CSVR_CELL_TEXT)
		return CSVR_OK;
	return column->collected == NULL
		       ? CSVR_OK
		       : csvr_collected_add_text(column->collected, text->start, text->n_bytes);
}

static uint64_t line_of_record(const struct csvr_worker *w, size_t record)
{
	return w->record.n_fields > 0 ? w->record.line : csvr_worker_line_of(w, record);
}

/* Notes the cell if it is the first of its kind. */
static void note_first(struct csvr_worker *w, struct csvr_column *column,
		       const struct csvr_slice *text, size_t record)
{
	const enum csvr_kind kind = csvr_kind_of(w->decimal.class);
	if (kind == CSVR_N_KINDS || column->first[kind].line != 0 ||
	    w->decimal.class == CSVR_CELL_NAN || w->decimal.class == CSVR_CELL_INFINITE)
		return;
	csvr_column_note_first(column, kind, line_of_record(w, record), text->start, text->n_bytes);
}

enum csvr_status csvr_worker_count_oversized(struct csvr_worker *w, struct csvr_column *column,
					     size_t record)
{
	const struct csvr_slice none = { w->text + record, 0 };
	w->decimal.class = CSVR_CELL_TEXT;
	note_first(w, column, &none, record);
	return add_cell(w, column, &none);
}

enum csvr_status csvr_worker_count_cell(struct csvr_worker *w, struct csvr_column *column,
					const unsigned char *start, const unsigned char *end,
					size_t record)
{
	if (start == end) {
		w->decimal.class = CSVR_CELL_MISSING;
		column->cells[CSVR_CELL_MISSING]++;
		return CSVR_OK;
	}
	if (end - start > CSVR_MAX_CELL_BYTES)
		return csvr_worker_count_oversized(w, column, record);
	struct csvr_slice text;
	if (unquote(w, start, end, &text) != CSVR_OK)
		return CSVR_NO_MEMORY;
	/* Most texts are recognized by their first letter. */
	if (text.n_bytes > 0 && w->config->nulls.starts_text[*text.start])
		w->decimal.class = CSVR_CELL_TEXT;
	else
		csvr_decimal_parse(&w->decimal, &w->config->nulls, text.start, text.n_bytes);
	note_first(w, column, &text, record);
	return add_cell(w, column, &text);
}
