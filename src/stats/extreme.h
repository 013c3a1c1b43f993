/* extreme.h - the least or greatest of some values, exactly
 *
 * Shape    a value is a decimal of at most CSVR_MAX_DIGITS significant digits. One with more is taken
 *          as the shortest decimal of its nearest double. The result does not depend on the order in which
 *          values are added and extremes merged.
 * Errors   none
 * Threads  one thread at a time
 */
#ifndef CSVR_STATS_EXTREME_H
#define CSVR_STATS_EXTREME_H

#include "base/number_format.h"
#include "stats/aggregate.h"

enum { CSVR_EXTREME_PARTS = 3 };

enum csvr_direction { CSVR_LEAST = -1, CSVR_GREATEST = 1 };

struct csvr_extreme {
	double value; /* the nearest double; infinite: no value was added */
	uint64_t part[CSVR_EXTREME_PARTS]; /* as in struct csvr_number */
	int16_t exponent;
	uint8_t n_parts;
	bool is_negative;
};

void csvr_extreme_init(struct csvr_extreme *extreme, enum csvr_direction direction);

/* Adds a number, whose nearest double is `value`. */
void csvr_extreme_add(struct csvr_extreme *extreme, enum csvr_direction direction, double value,
		      const struct csvr_number *number);

void csvr_extreme_merge(struct csvr_extreme *into, enum csvr_direction direction,
			const struct csvr_extreme *from);

/* -1, 0, 1 as a is less than, equal to or greater than b. */
int csvr_extreme_compare(const struct csvr_extreme *a, const struct csvr_extreme *b);

void csvr_extreme_to_digits(const struct csvr_extreme *extreme, struct csvr_digits *digits);

/* Whether a value of CSVR_QUANTITY_DATE or CSVR_QUANTITY_TIME can be that of a cell. */
bool csvr_extreme_is_time(const struct csvr_extreme *extreme, enum csvr_quantity quantity);

/* Sets the value from digits in canonical form, as a saved state has them. False: they are not, or they
 * are no finite double. */
bool csvr_extreme_of_digits(struct csvr_extreme *extreme, const struct csvr_digits *digits);

#endif
