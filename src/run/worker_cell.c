/* worker_cell.c - counts one cell: its class, and its value if it is a number */
#include <stdlib.h>

#include "run/worker_internal.h"

static enum csvr_status classify(struct csvr_worker *w, struct csvr_column *column,
				 const unsigned char *start, const unsigned char *end)
{
	if (end - start > CSVR_MAX_CELL_BYTES) {
		w->decimal.class = CSVR_CELL_INVALID;
		return CSVR_OK;
	}
	if (w->scratch == NULL && start < end && *start == w->dialect.quote) {
		w->scratch = malloc(CSVR_MAX_CELL_BYTES + 1);
		if (w->scratch == NULL)
			return CSVR_NO_MEMORY;
	}
	struct csvr_slice text = csvr_field_text(start, end, w->dialect.quote, w->scratch);
	csvr_decimal_parse(&w->decimal, &w->config->nulls, text.start, text.n_bytes);
	if (w->decimal.class != CSVR_CELL_NUMBER)
		return CSVR_OK;
	return csvr_column_add(column, w->decimal.exponent, w->decimal.part, w->decimal.n_parts,
			       w->decimal.is_negative);
}

static void count_invalid(struct csvr_worker *w, struct csvr_column *column, size_t record)
{
	column->cells[CSVR_CELL_INVALID]++;
	if (column->invalid_line == 0)
		column->invalid_line = w->record.n_fields > 0 ? w->record.line
							      : csvr_worker_line_of(w, record);
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
		w->decimal.class = CSVR_CELL_INVALID;
		count_invalid(w, column, record);
		return CSVR_OK;
	}
	enum csvr_status status = classify(w, column, start, end);
	if (w->decimal.class == CSVR_CELL_INVALID)
		count_invalid(w, column, record);
	else if (w->decimal.class != CSVR_CELL_NUMBER) /* csvr_column_add counted those */
		column->cells[w->decimal.class]++;
	return status;
}
