/* lookalikes.h - how many cells of a column look like numbers in another notation, or like missing values
 *
 * Shape    merge is associative and commutative; allocated when a column has the first such cell
 * Units    counts are cells
 * Errors   CSVR_NO_MEMORY
 */
#ifndef CSVR_STATS_LOOKALIKES_H
#define CSVR_STATS_LOOKALIKES_H

#include "stats/column.h"

struct csvr_lookalikes {
	uint64_t n[CSVR_N_LOOKALIKES];
	/* of numbers with affixes: the first and the last unit in byte order; "": none had a unit */
	char first_unit[CSVR_UNIT_BYTES], last_unit[CSVR_UNIT_BYTES];
	struct csvr_first_cell first[CSVR_N_LOOKALIKES];
};

/* Those of a column, which it creates if there are none; NULL: no memory. */
struct csvr_lookalikes *csvr_column_lookalikes(struct csvr_column *column);

/* Adds the unit of a number, of less than CSVR_UNIT_BYTES bytes; "": it had none. */
void csvr_lookalikes_add_unit(struct csvr_lookalikes *lookalikes, const char *unit);

/* Whether affixes of different units were taken off the numbers of a column. */
bool csvr_column_has_different_units(const struct csvr_column *column);

/* The cells that look so; 0 without any. */
static inline uint64_t csvr_column_n_lookalikes(const struct csvr_column *column,
						enum csvr_lookalike kind)
{
	return column->lookalikes != NULL ? column->lookalikes->n[kind] : 0;
}

/* Kinds of a column that people should know of, merged to one where one option reads them. */
struct csvr_lookalike_groups {
	/* By kind: the kinds that it stands for, as bits; 0: it is not reported. */
	uint32_t kinds[CSVR_N_LOOKALIKES];
};

/* A pure function of the counts of the column. In a column of text, a kind is reported only if the numbers, with the cells
 * that look like numbers, are at least half of the cells (nine tenths, if units are among them); cells that look missing
 * only if nothing else is text. In columns of other types all kinds are reported. CSVR_LOOKALIKE_AFFIXED never is. CSVR_LOOKALIKE_NULL_WORD is reported if
 * the column is text, and all texts have the length of the first such word, and the first and the last text its letters'
 * case. */
void csvr_column_group_lookalikes(const struct csvr_column *column,
				  struct csvr_lookalike_groups *groups);

#endif
