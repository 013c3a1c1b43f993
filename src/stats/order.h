/* order.h - whether the values of a column ascend in each file
 *
 * The values of a file ascend if none is less than the one before it, in the order of the rows. Missing cells are
 * skipped. Files have no order: their values ascend if those of each file do. While no two values of a file are
 * equal either, the least and the greatest value of each file are kept: if these ranges are disjoint, all values
 * of the column are distinct.
 *
 * Shape    the state of a part of a file, to which csvr_order_append adds the part that follows; or of some files,
 *          to which csvr_order_merge adds others. Both are associative, the second is commutative too.
 * Units    integers times 10^exponent, as written; dates and times in seconds
 * Errors   CSVR_NO_MEMORY: the state may only be cleared
 * Threads  one thread at a time
 */
#ifndef CSVR_STATS_ORDER_H
#define CSVR_STATS_ORDER_H

#include "stats/aggregate.h"

/* In a merge the least counts. */
enum csvr_order_kind {
	/* Some value is less than the one before it, has more than 36 significant digits, or another
	 * quantity. Nothing else is kept. */
	CSVR_ORDER_UNKNOWN = CSVR_BATCH_DESCENDING,
	CSVR_ORDER_ASCENDING = CSVR_BATCH_ASCENDING, /* two values of some file are equal */
	CSVR_ORDER_STRICT = CSVR_BATCH_STRICT /* no two values of a file are */
};

struct csvr_order_value {
	__int128 units; /* below 10^36 in magnitude */
	int exponent;
};

/* The least and the greatest value of a file, or of a part of it. */
struct csvr_order_range {
	struct csvr_order_value first, last;
};

struct csvr_order {
	bool has_values;
	bool has_range; /* of one file: `range`. The list is empty then */
	bool are_dropped; /* ranges are not kept: some overlap, or they are too many, or of no use */
	enum csvr_order_kind kind : 8; /* if it has values */
	enum csvr_quantity quantity : 8; /* unless the kind is CSVR_ORDER_UNKNOWN */
	uint32_t n_ranges, capacity;
	uint32_t max_ranges; /* 0: CSVR_ORDER_RANGES */
	struct csvr_order_range range;
	struct csvr_order_range *ranges; /* of several files, in any order; some may overlap */
};

/* How many ranges of a column are kept at most. In reports of many columns it is fewer, so that all columns
 * together have at most CSVR_ORDER_ALL_RANGES, which are 64 MiB; but not fewer than CSVR_ORDER_LEAST_RANGES. */
enum {
	CSVR_ORDER_RANGES = 1 << 16,
	CSVR_ORDER_ALL_RANGES = 1 << 20,
	CSVR_ORDER_LEAST_RANGES = 1 << 8
};

/* Adds values that follow; `batch->sums` and `batch->doubles` are ignored. */
void csvr_order_add_batch(struct csvr_order *order, const struct csvr_batch *batch);
void csvr_order_add_number(struct csvr_order *order, const struct csvr_number *number);

static inline bool csvr_order_is_unknown(const struct csvr_order *order)
{
	return order->has_values && order->kind == CSVR_ORDER_UNKNOWN;
}

/* Whether the values ascend in each file. */
static inline bool csvr_order_is_ascending(const struct csvr_order *order)
{
	return order->has_values && order->kind != CSVR_ORDER_UNKNOWN;
}

/* Whether it is known that no two cells of a column that have a value are equal: they ascend strictly in each file,
 * the ranges of the files are disjoint, and there are no others. `order` may be NULL. */
bool csvr_order_proves_distinct(const struct csvr_order *order,
				const uint64_t cells[CSVR_N_CELL_CLASSES]);

/* The aggregate `order`, whose state is struct csvr_order. */
extern const struct csvr_aggregate csvr_order_aggregate;

#endif
