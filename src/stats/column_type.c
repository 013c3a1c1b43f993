/* column_type.c - the type of a column, and what follows from it */
#include "stats/column_type.h"

#include "base/calendar.h"

/* The kind that has at least nine tenths of the cells; CSVR_N_KINDS: none has, or there are no cells. */
static enum csvr_kind find_main_kind(const struct csvr_column *column, uint64_t *n_cells)
{
	uint64_t n[CSVR_N_KINDS + 1] = { 0 }; /* the last one is missing cells */
	for (int class = 0; class < CSVR_N_CELL_CLASSES; class ++)
		n[csvr_kind_of((enum csvr_cell_class) class)] += column->cells[class];
	*n_cells = 0;
	for (int kind = 0; kind < CSVR_N_KINDS; kind++)
		*n_cells += n[kind];
	for (int kind = 0; kind<CSVR_N_KINDS && * n_cells> 0; kind++)
		if (*n_cells - n[kind] <= *n_cells / 10)
			return (enum csvr_kind)kind;
	return CSVR_N_KINDS;
}

static enum csvr_type type_of_numbers(const struct csvr_column *column)
{
	const struct csvr_quantity_stats *numbers = &column->quantities[CSVR_QUANTITY_NUMBER];
	const bool are_integers = column->cells[CSVR_CELL_NUMBER] > 0 &&
				  (numbers->notation & CSVR_NOTATION_FRACTION) == 0;
	return are_integers ? CSVR_TYPE_INTEGER : CSVR_TYPE_DECIMAL;
}

enum csvr_type csvr_column_type(const struct csvr_column *column)
{
	uint64_t n_cells;
	if (column->type_of_whole_plus_1 != 0)
		return (enum csvr_type)(column->type_of_whole_plus_1 - 1);
	switch (find_main_kind(column, &n_cells)) {
	case CSVR_KIND_NUMBER:
		return type_of_numbers(column);
	case CSVR_KIND_BOOLEAN:
		return CSVR_TYPE_BOOLEAN;
	case CSVR_KIND_DATE:
		return column->cells[CSVR_CELL_DATETIME] > 0 ? CSVR_TYPE_DATETIME : CSVR_TYPE_DATE;
	case CSVR_KIND_TIME:
		return CSVR_TYPE_TIME;
	case CSVR_KIND_TEXT:
		return CSVR_TYPE_TEXT;
	default:
		return n_cells > 0 ? CSVR_TYPE_MIXED : CSVR_TYPE_EMPTY;
	}
}

const char *csvr_type_name(enum csvr_type type)
{
	static const char *const names[CSVR_N_TYPES] = {
		[CSVR_TYPE_EMPTY] = "empty",     [CSVR_TYPE_INTEGER] = "integer",
		[CSVR_TYPE_DECIMAL] = "decimal", [CSVR_TYPE_BOOLEAN] = "boolean",
		[CSVR_TYPE_DATE] = "date",       [CSVR_TYPE_DATETIME] = "datetime",
		[CSVR_TYPE_TIME] = "time",       [CSVR_TYPE_TEXT] = "text",
		[CSVR_TYPE_MIXED] = "mixed",
	};
	return names[type];
}

const char *csvr_class_name(enum csvr_cell_class class)
{
	static const char *const names[CSVR_N_CELL_CLASSES] = {
		[CSVR_CELL_NUMBER] = "number",     [CSVR_CELL_MISSING] = "missing",
		[CSVR_CELL_NAN] = "nan",           [CSVR_CELL_INFINITE] = "infinite",
		[CSVR_CELL_BOOLEAN] = "boolean",   [CSVR_CELL_DATE] = "date",
		[CSVR_CELL_DATETIME] = "datetime", [CSVR_CELL_TIME] = "time",
		[CSVR_CELL_TEXT] = "text",
	};
	return names[class];
}

enum csvr_quantity csvr_type_quantity(enum csvr_type type)
{
	switch (type) {
	case CSVR_TYPE_INTEGER:
	case CSVR_TYPE_DECIMAL:
	case CSVR_TYPE_MIXED:
		return CSVR_QUANTITY_NUMBER;
	case CSVR_TYPE_DATE:
	case CSVR_TYPE_DATETIME:
		return CSVR_QUANTITY_DATE;
	case CSVR_TYPE_TIME:
		return CSVR_QUANTITY_TIME;
	default:
		return CSVR_N_QUANTITIES;
	}
}

enum csvr_quantity csvr_column_quantity(const struct csvr_column *column)
{
	return csvr_type_quantity(csvr_column_type(column));
}

uint64_t csvr_column_n_cells(const struct csvr_column *column)
{
	uint64_t n = 0;
	for (int class = 0; class < CSVR_N_CELL_CLASSES; class ++)
		n += column->cells[class];
	return n;
}

uint64_t csvr_column_n_values(const struct csvr_column *column, enum csvr_quantity quantity)
{
	uint64_t n = 0;
	for (int class = 0; class < CSVR_N_CELL_CLASSES; class ++)
		if (csvr_quantity_of((enum csvr_cell_class) class) == quantity)
			n += column->cells[class];
	return n;
}

uint64_t csvr_column_n_numbers(const struct csvr_column *column)
{
	return csvr_column_quantity(column) == CSVR_QUANTITY_NUMBER
		       ? column->cells[CSVR_CELL_NUMBER]
		       : 0;
}

unsigned csvr_column_invalid_kinds(const struct csvr_column *column)
{
	const unsigned all = (1U << CSVR_N_KINDS) - 1;
	switch (csvr_column_type(column)) {
	case CSVR_TYPE_BOOLEAN:
		return all & ~(1U << CSVR_KIND_BOOLEAN);
	case CSVR_TYPE_DATE:
	case CSVR_TYPE_DATETIME:
		return all & ~(1U << CSVR_KIND_DATE);
	case CSVR_TYPE_TIME:
		return all & ~(1U << CSVR_KIND_TIME);
	case CSVR_TYPE_TEXT:
	case CSVR_TYPE_EMPTY:
		return 0;
	default:
		return all & ~(1U << CSVR_KIND_NUMBER);
	}
}

uint64_t csvr_column_n_invalid(const struct csvr_column *column)
{
	const unsigned kinds = csvr_column_invalid_kinds(column);
	uint64_t n = 0;
	for (int class = 0; class < CSVR_N_CELL_CLASSES; class ++) {
		const enum csvr_kind kind = csvr_kind_of((enum csvr_cell_class) class);
		if (kind != CSVR_N_KINDS && (kinds >> kind & 1) != 0 && class != CSVR_CELL_NAN &&
		    class != CSVR_CELL_INFINITE)
			n += column->cells[class];
	}
	return n;
}

uint64_t csvr_column_n_valid(const struct csvr_column *column)
{
	uint64_t n = 0;
	for (int class = 0; class < CSVR_N_CELL_CLASSES; class ++)
		if (class != CSVR_CELL_MISSING && class != CSVR_CELL_NAN &&
		    class != CSVR_CELL_INFINITE)
			n += column->cells[class];
	return n - csvr_column_n_invalid(column);
}
