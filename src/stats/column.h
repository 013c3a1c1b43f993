/* column.h - running summary of one column
 *
 * Shape   one per thread and column; merge is associative and commutative
 * Units   counts are cells; dates and times are in seconds (base/calendar.h)
 * Errors  CSVR_NO_MEMORY from the sums; cells of any class are data, never an error
 */
#ifndef CSVR_STATS_COLUMN_H
#define CSVR_STATS_COLUMN_H

#include "csvreport.h"
#include "stats/collected.h"
#include "stats/exact_sum.h"
#include "stats/extreme.h"
#include "stats/order.h"
#include "stats/text_stats.h"

/* The classes that a type of column unites, except missing. */
enum csvr_kind {
	CSVR_KIND_NUMBER, /* also nan and infinite */
	CSVR_KIND_BOOLEAN,
	CSVR_KIND_DATE, /* also datetimes */
	CSVR_KIND_TIME,
	CSVR_KIND_TEXT,
	CSVR_N_KINDS
};

/* The values of one quantity. */
struct csvr_quantity_stats {
	struct csvr_exact_sum exact;
	struct csvr_extreme min, max;
	unsigned notation; /* enum csvr_notation, or-ed */
};

enum { CSVR_EXAMPLE_BYTES = 48 };

/* The first cell of a kind, as written, cut after CSVR_EXAMPLE_BYTES. */
struct csvr_first_cell {
	uint64_t line; /* 0: none */
	uint32_t input; /* in a summary: where the line is */
	uint8_t n_bytes;
	bool is_cut;
	unsigned char bytes[CSVR_EXAMPLE_BYTES];
};

struct csvr_column {
	uint64_t cells[CSVR_N_CELL_CLASSES];
	uint64_t n_true; /* of the booleans */
	struct csvr_order *order; /* see csvr_column_order */
	struct csvr_quantity_stats quantities[CSVR_N_QUANTITIES];
	struct csvr_text_stats *texts; /* of the cells of class CSVR_CELL_TEXT; NULL: none yet */
	/* nan and infinite cells are not among them */
	struct csvr_first_cell first[CSVR_N_KINDS];
	struct csvr_lookalikes *lookalikes; /* of texts and null words; NULL: none yet */
	struct csvr_collected *collected; /* states of aggregates; NULL: none are collected */
	/* Values that further passes over the inputs have found; owned, not merged. NULL: there was one pass. */
	struct csvr_refined *refined;
	/* The type of the column of which this one is a part, plus 1; not merged. 0: its cells decide. */
	uint8_t type_of_whole_plus_1;
};

void csvr_column_init(struct csvr_column *column);
void csvr_column_clear(struct csvr_column *column);

/* Removes all cells; keeps the memory. */
void csvr_column_reset(struct csvr_column *column);

/* Makes a column without cells collect these aggregates. Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_column_collect(struct csvr_column *column, csvr_collection collection);

/* By class. The kind of missing cells is CSVR_N_KINDS; the quantity of cells without a value is
 * CSVR_N_QUANTITIES. */
extern const unsigned char csvr_kind_by_class[CSVR_N_CELL_CLASSES];
extern const unsigned char csvr_quantity_by_class[CSVR_N_CELL_CLASSES];

static inline enum csvr_kind csvr_kind_of(enum csvr_cell_class class)
{
	return (enum csvr_kind)csvr_kind_by_class[class];
}

static inline enum csvr_quantity csvr_quantity_of(enum csvr_cell_class class)
{
	return (enum csvr_quantity)csvr_quantity_by_class[class];
}

/* Adds a batch of cells of one class; `batch->doubles` is ignored. */
enum csvr_status csvr_column_add_batch(struct csvr_column *column, enum csvr_cell_class class,
				       const struct csvr_batch *batch);

/* Adds the cell of a class that has a value. */
enum csvr_status csvr_column_add(struct csvr_column *column, enum csvr_cell_class class,
				 const struct csvr_number *number);

/* Where the values that are added must be added too, in the order of the rows (order.h); NULL: that is not collected,
 * or need not be known any more. A merge does not change it. */
static inline struct csvr_order *csvr_column_order(struct csvr_column *column)
{
	if (column->order != NULL && csvr_order_is_unknown(column->order))
		column->order = NULL;
	return column->order;
}

/* Adds texts, whose cells the caller counts, in two steps: csvr_text_stats_order, and then all else. In between the
 * caller may change texts that are not ASCII. */
enum csvr_status csvr_column_order_texts(struct csvr_column *column, const struct csvr_text *texts,
					 size_t n_texts, bool *are_ascii);
enum csvr_status csvr_column_add_texts(struct csvr_column *column, const struct csvr_text *texts,
				       size_t n_texts, bool are_ascii);

/* The statistics of texts, which it creates if there are none; NULL: no memory. */
struct csvr_text_stats *csvr_column_texts(struct csvr_column *column);

/* Notes a cell as the first one, unless there is one already. */
void csvr_first_cell_note(struct csvr_first_cell *first, uint64_t line, const unsigned char *text,
			  size_t n_bytes);

/* The same for the first cell of a kind. */
void csvr_column_note_first(struct csvr_column *column, enum csvr_kind kind, uint64_t line,
			    const unsigned char *text, size_t n_bytes);

/* Merges all members except `collected`, `refined` and `first`. */
enum csvr_status csvr_column_merge_core(struct csvr_column *into, const struct csvr_column *from);

/* Merges everything except the first cells, which the caller compares. */
enum csvr_status csvr_column_merge(struct csvr_column *into, const struct csvr_column *from);

/* The same for the cells that follow in the same file. */
enum csvr_status csvr_column_append(struct csvr_column *into, const struct csvr_column *from);

#endif
