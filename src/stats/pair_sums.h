/* pair_sums.h - exact sums over the rows in which two columns both have a number
 *
 * With x and y the numbers of the two columns in such a row: the count of these rows and the sums of x,
 * y, x^2, y^2 and x y. Pearson's correlation follows from them.
 *
 * Shape    one per pair of columns and thread; merge is associative and commutative. What is encoded is
 *          a pure function of the totals. Zeroed memory is the sums of no rows.
 * Units    values as written in the file; exponents are powers of ten
 * Errors   CSVR_NO_MEMORY; CSVR_INVALID_FILE from `decode`
 * Threads  a pair belongs to one thread at a time
 */
#ifndef CSVR_STATS_PAIR_SUMS_H
#define CSVR_STATS_PAIR_SUMS_H

#include "stats/aggregate.h"
#include "stats/exact_sum.h"
#include "stats/power_sum.h"

enum { CSVR_PAIR_X, CSVR_PAIR_Y, CSVR_PAIR_XX, CSVR_PAIR_YY, CSVR_PAIR_XY, CSVR_N_PAIR_SUMS };

/* A signed integer in two's complement, least significant word first. A product of two integers below
 * 10^18 is below 2^120 in magnitude, so sums of 2^64 products fit. */
struct csvr_wide {
	uint64_t word[3];
};

/* A sum by positions: a bin is in units of 10^(18 position). Zeroed memory is a sum of nothing. */
struct csvr_wide_bins {
	struct csvr_wide *bins;
	struct csvr_bin_range range;
};

struct csvr_pair {
	uint64_t n; /* rows in which both columns have a number */
	/* Sums of integers times 10^exponent, all of the same two exponents; those of other exponents are
	 * in `other`. Most pairs never need `other`. */
	__int128 x, y;
	struct csvr_wide xx, yy, xy;
	int16_t x_exponent, y_exponent;
	bool has_recent; /* the sums above are of some rows */
	struct csvr_wide_bins *other; /* CSVR_N_PAIR_SUMS of them; NULL: all are 0 */
};

/* Sums over some rows, of integers times 10^exponent, each below 10^18 in magnitude. */
struct csvr_pair_batch {
	uint64_t n;
	int x_exponent, y_exponent;
	__int128 x, y;
	unsigned __int128 xx, yy;
	struct csvr_wide xy;
};

void csvr_pair_clear(struct csvr_pair *pair);

/* Removes all rows; keeps the memory. */
void csvr_pair_reset(struct csvr_pair *pair);

/* A number whose parts are at positions: its value is the sum of part[i] * 10^(18 (position + i)). */
struct csvr_positioned {
	const uint64_t *part; /* each below 10^18 */
	size_t n_parts;
	int position;
	bool is_negative;
};

/* Positions the parts of a number, which is in units of 10^exponent. `to` has room for one part more than
 * `part`, and may be the same array. */
struct csvr_positioned csvr_position_number(const uint64_t *part, size_t n_parts, int exponent,
					    bool is_negative, uint64_t *to);

/* Adds one row of any two numbers. */
enum csvr_status csvr_pair_add_row(struct csvr_pair *pair, const struct csvr_positioned *x,
				   const struct csvr_positioned *y);

/* into += from; if `is_swapped`, x of one is y of the other. */
enum csvr_status csvr_pair_merge(struct csvr_pair *into, const struct csvr_pair *from,
				 bool is_swapped);

/* Exchanges x and y. */
void csvr_pair_swap(struct csvr_pair *pair);

/* Pearson's correlation, rounded once from the exact value, -1 to 1. `*is_defined` is false if there are
 * fewer than two rows, or all x or all y are equal. */
enum csvr_status csvr_pair_correlation(const struct csvr_pair *pair, bool *is_defined,
				       double *correlation);

void csvr_pair_encode(const struct csvr_pair *pair, struct csvr_encoder *encoder);

/* Fills the sums of no rows; there are at most `n_rows` rows. Free the pair whatever is returned. */
enum csvr_status csvr_pair_decode(struct csvr_pair *pair, struct csvr_decoder *decoder,
				  uint64_t n_rows);

static inline void csvr_wide_add(struct csvr_wide *sum, const struct csvr_wide *term)
{
	const unsigned __int128 low = (unsigned __int128)sum->word[0] + term->word[0];
	const unsigned __int128 middle = (unsigned __int128)sum->word[1] + term->word[1] +
					 (uint64_t)(low >> 64);
	sum->word[0] = (uint64_t)low;
	sum->word[1] = (uint64_t)middle;
	sum->word[2] += term->word[2] + (uint64_t)(middle >> 64);
}

static inline void csvr_wide_add_signed(struct csvr_wide *sum, __int128 term)
{
	const unsigned __int128 bits = (unsigned __int128)term;
	const struct csvr_wide wide = { { (uint64_t)bits, (uint64_t)(bits >> 64),
					  term < 0 ? UINT64_MAX : 0 } };
	csvr_wide_add(sum, &wide);
}

static inline void csvr_wide_add_unsigned(struct csvr_wide *sum, unsigned __int128 term)
{
	const struct csvr_wide wide = { { (uint64_t)term, (uint64_t)(term >> 64), 0 } };
	csvr_wide_add(sum, &wide);
}

/* Makes the recent sums those of integers in these units; see csvr_pair_add_batch. */
enum csvr_status csvr_pair_set_exponents(struct csvr_pair *pair, int x_exponent, int y_exponent);

/* Adds some rows. */
static inline enum csvr_status csvr_pair_add_batch(struct csvr_pair *pair,
						   const struct csvr_pair_batch *batch)
{
	if (!pair->has_recent || pair->x_exponent != batch->x_exponent ||
	    pair->y_exponent != batch->y_exponent) {
		const enum csvr_status status = csvr_pair_set_exponents(pair, batch->x_exponent,
									batch->y_exponent);
		if (status != CSVR_OK)
			return status;
	}
	pair->n += batch->n;
	pair->x += batch->x;
	pair->y += batch->y;
	csvr_wide_add_unsigned(&pair->xx, batch->xx);
	csvr_wide_add_unsigned(&pair->yy, batch->yy);
	csvr_wide_add(&pair->xy, &batch->xy);
	return CSVR_OK;
}

#endif
