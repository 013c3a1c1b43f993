/* scale_guess.h - how the numbers of a column have been written so far: the kernel converts at this scale
 *
 * Threads  one thread at a time
 */
#ifndef CSVR_RUN_SCALE_GUESS_H
#define CSVR_RUN_SCALE_GUESS_H

#include "parse/decimal.h"
#include "parse/kernel.h"

struct csvr_scale_guess {
	uint8_t scale; /* digits after the point */
	bool is_sampled;
	bool is_text; /* the last batch had no number: skip the kernel */
	uint8_t n_ungrouped; /* of the next batches, whose cells are not grouped, since few were equal */
};

/* A column's scale is first guessed from this many cells. */
enum { CSVR_SAMPLE_CELLS = 16 };

/* Numbers of a batch that the kernel rejected at the guessed scale: evidence for a better guess. */
struct csvr_scale_rejects {
	size_t n_finer, n_coarser; /* more digits after the point; too long at this scale */
	unsigned finest, coarsest;
};

/* Notes a rejected cell of `n_bytes` bytes as written, whose class and value are known. */
static inline void csvr_scale_rejects_note(struct csvr_scale_rejects *rejects,
					   const struct csvr_decimal *decimal, size_t n_bytes,
					   unsigned scale)
{
	if (decimal->class != CSVR_CELL_NUMBER || n_bytes > CSVR_MAX_CONVERT_BYTES ||
	    decimal->n_parts != 1 || decimal->exponent > 0 || decimal->exponent < -CSVR_MAX_SCALE)
		return;
	const unsigned own_scale = (unsigned)-decimal->exponent;
	if (own_scale > scale) {
		rejects->n_finer++;
		if (own_scale > rejects->finest)
			rejects->finest = own_scale;
	} else {
		rejects->n_coarser++;
		if (own_scale > rejects->coarsest)
			rejects->coarsest = own_scale;
	}
}

/* Changes the guess if it was wrong for more than one cell in eight. Counting fewer rejects one
 * by one is cheaper than widening all the others. */
static inline void csvr_scale_guess_adjust(struct csvr_scale_guess *guess,
					   const struct csvr_scale_rejects *rejects, size_t n_cells)
{
	if (rejects->n_finer * 8 > n_cells)
		guess->scale = (uint8_t)rejects->finest;
	else if (rejects->n_coarser * 8 > n_cells)
		guess->scale = (uint8_t)rejects->coarsest;
	guess->is_sampled = true;
}

#endif
