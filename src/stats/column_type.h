/* column_type.h - the type of a column, and what follows from it
 *
 * The type is a function of the counts of cells by class, so that it does not depend on the order of files
 * or on how the work was divided. Missing cells do not count.
 *
 * Threads  pure
 */
#ifndef CSVR_STATS_COLUMN_TYPE_H
#define CSVR_STATS_COLUMN_TYPE_H

#include "stats/column.h"

enum csvr_type {
	CSVR_TYPE_EMPTY, /* all cells are missing, or there are none */
	CSVR_TYPE_INTEGER, /* numbers, none with an exponent or with digits after the point */
	CSVR_TYPE_DECIMAL, /* numbers */
	CSVR_TYPE_BOOLEAN,
	CSVR_TYPE_DATE,
	CSVR_TYPE_DATETIME, /* datetimes, perhaps with dates among them */
	CSVR_TYPE_TIME,
	CSVR_TYPE_TEXT,
	CSVR_TYPE_MIXED, /* several kinds, none of which has at least nine tenths of the cells */
	CSVR_N_TYPES
};

enum csvr_type csvr_column_type(const struct csvr_column *column);

/* "integer" and so on. */
const char *csvr_type_name(enum csvr_type type);

/* "number" and so on. */
const char *csvr_class_name(enum csvr_cell_class class);

/* The quantity whose statistics describe a column of that type: that of numbers if it is mixed. CSVR_N_QUANTITIES:
 * none does, as for texts. */
enum csvr_quantity csvr_type_quantity(enum csvr_type type);

/* That of the type of the column. */
enum csvr_quantity csvr_column_quantity(const struct csvr_column *column);

/* The cells of all classes, missing ones, too. */
uint64_t csvr_column_n_cells(const struct csvr_column *column);

/* The cells of a quantity. */
uint64_t csvr_column_n_values(const struct csvr_column *column, enum csvr_quantity quantity);

/* The numbers if they describe the column, else 0. */
uint64_t csvr_column_n_numbers(const struct csvr_column *column);

/* The cells of the type of the column, and those of other classes, without missing, nan and infinite ones.
 * In a column of texts all cells are of its type; in a mixed one the numbers are. */
uint64_t csvr_column_n_valid(const struct csvr_column *column);
uint64_t csvr_column_n_invalid(const struct csvr_column *column);

/* The kinds whose cells are invalid: bit i for kind i. */
unsigned csvr_column_invalid_kinds(const struct csvr_column *column);

#endif
