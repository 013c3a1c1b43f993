/* cell_count.h - an aggregate that counts some of the numbers of a column
 *
 * A statistic that counts numbers with some property brings only `add_batch` and `add_number`, which add
 * to `n`, and uses these functions for the rest. Aggregates of this kind have the state `struct
 * csvr_cell_count`; aggregate.h documents the functions, statistics.h `csvr_cell_count_value`.
 */
#ifndef CSVR_STATS_CELL_COUNT_H
#define CSVR_STATS_CELL_COUNT_H

#include "stats/statistics.h"

struct csvr_cell_count {
	uint64_t n;
};

enum csvr_status csvr_cell_count_merge(void *into, const void *from);
void csvr_cell_count_encode(const void *state, struct csvr_encoder *encoder);

/* Refuses a count above that of the numbers. */
enum csvr_status csvr_cell_count_decode(void *state, struct csvr_decoder *decoder,
					const uint64_t cells[CSVR_N_CELL_CLASSES]);

/* The count; no value if the column has no numbers. */
struct csvr_value csvr_cell_count_value(const struct csvr_subject *subject);

/* Whether the number is zero, in any notation. */
bool csvr_number_is_zero(const struct csvr_number *number);

#endif
