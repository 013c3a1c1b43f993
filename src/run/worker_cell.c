/* worker_cell.c - counts one cell: its class, and its value if it is a number */
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

static enum csvr_status classify(struct csvr_worker *w, struct csvr_column *column,
				 const unsigned char *start, const unsigned char *end)
{
	if (end - start > CSVR_MAX_CELL_BYTES) {
		w->decimal.class = CSVR_CELL_TEXT;
		return CSVR_OK;
	}
	struct csvr_slice text;
	if (unquote(w, start, end, &text) != CSVR_OK)
		return CSVR_NO_MEMORY;
	csvr_decimal_parse(&w->decimal, &w->config->nulls, text.start, text.n_bytes);
	if (w->decimal.class != CSVR_CELL_NUMBER)
		return CSVR_OK;
	return csvr_column_add(column, w->decimal.exponent, w->decimal.part, w->decimal.n_parts,
			       w->decimal.is_negative);
}

static void count_invalid(struct csvr_worker *w, struct csvr_column *column, size_t record)
{
	column->cells[CSVR_CELL_TEXT]++;
	if (column->invalid_line == 0)
		column->invalid_line = w->record.n_fields > 0 ? w->record.line
							      : csvr_worker_line_of(w, record);
}

/* A function of its own, so that its caller needs no stack frame where nothing is collected. */
__attribute__((noinline)) static enum csvr_status collect_invalid(struct csvr_worker *w,
								  struct csvr_column *column,
								  const unsigned char *start,
								  const unsigned char *end,
								  size_t record)
{
	struct csvr_slice text = { start, 0 }; /* an oversized field has no text */
	count_invalid(w, column, record);
	if (end - start <= CSVR_MAX_CELL_BYTES && unquote(w, start, end, &text) != CSVR_OK)
		return CSVR_NO_MEMORY;
	return csvr_collected_add_text(column->collected, text.start, text.n_bytes);
}

enum csvr_status csvr_worker_count_cell(struct csvr_worker *w, struct csvr_column *column,
					const unsigned char *start, const unsigned char *end,
					size_t record)
{
	/* Most cells that are not numbers are recognized at once: they are empty or start with a
	 * letter. */
	if (start == end) {
		w->decimal.class = CSVR_CELL_MISSING;
		column->cells[CSVR_CELL_MISSING]++;
		return CSVR_OK;
	}
	unsigned char first = *start;
	if (first == w->dialect.quote && end - start > 1 && start[1] != first)
		first = start[1];
	if (w->config->nulls.starts_invalid[first] && first != w->dialect.quote) {
		w->decimal.class = CSVR_CELL_TEXT;
		if (column->collected != NULL)
			return collect_invalid(w, column, start, end, record);
		count_invalid(w, column, record);
		return CSVR_OK;
	}
	enum csvr_status status = classify(w, column, start, end);
	if (status != CSVR_OK)
		return status;
	if (w->decimal.class == CSVR_CELL_TEXT && column->collected != NULL)
		return collect_invalid(w, column, start, end, record);
	if (w->decimal.class == CSVR_CELL_TEXT)
		count_invalid(w, column, record);
	else if (w->decimal.class != CSVR_CELL_NUMBER) /* csvr_column_add counted those */
		column->cells[w->decimal.class]++;
	return CSVR_OK;
}
