/* worker_pairs.c - the numbers of a batch of records side by side, to correlate columns
 *
 * Most numbers of a column are integers of one scale, its *values*. They are added to a pair by one sum of
 * products per batch: rows without a value hold 0. Numbers that are not such integers (1e-30, 20 digits)
 * are kept in a list, and added row by row.
 */
#include "run/worker_pairs.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "stats/summary.h"

typedef unsigned __int128 u128;

enum { WORD_BITS = 64, N_WORDS = CSVR_MAX_BATCH / WORD_BITS };

/* A number that was added by itself. */
struct pair_number {
	uint8_t row;
	bool is_negative;
	int16_t exponent; /* as written */
	int16_t position; /* of the first part, once it is known that it is not a value */
	uint16_t n_parts;
	size_t first_part; /* in the parts of the batch, which have room for one part more */
};

/* One correlated column of the batch. */
struct pair_column {
	/* By row. has_number is 0 while n_numbers is. */
	uint64_t has_value[N_WORDS], has_number[N_WORDS];
	size_t n_values;
	size_t n_absent;
	uint8_t absent[CSVR_MAX_BATCH]; /* the rows without a value */
	size_t first_number, n_numbers; /* in the numbers of the batch, by row */
	unsigned scale; /* of the values; of the last batch until this one is finished */
	/* of the values */
	uint64_t largest; /* no magnitude is greater */
	__int128 sum;
	u128 squares;
	int64_t values[CSVR_MAX_BATCH + CSVR_VALUES_MARGIN]; /* 0 in rows without one */
};

struct csvr_worker_pairs {
	const struct csvr_parse_options *options;
	const struct csvr_batch_kernels *kernels;
	struct csvr_file_stats *stats; /* of the chunk */
	struct pair_column *columns;
	size_t n_columns, columns_capacity;
	uint32_t *places; /* by column of the file: its index in `columns`, or CSVR_NO_INDEX */
	size_t places_capacity;
	size_t n_rows; /* of the batch */
	struct pair_number *numbers;
	size_t n_numbers, numbers_capacity;
	uint64_t *parts;
	size_t n_parts, parts_capacity;
};

enum csvr_status csvr_worker_pairs_new(const struct csvr_parse_options *options,
				       const struct csvr_batch_kernels *kernels,
				       struct csvr_worker_pairs **pairs)
{
	*pairs = calloc(1, sizeof **pairs);
	if (*pairs == NULL)
		return CSVR_NO_MEMORY;
	(*pairs)->options = options;
	(*pairs)->kernels = kernels;
	return CSVR_OK;
}

void csvr_worker_pairs_free(struct csvr_worker_pairs *pairs)
{
	if (pairs == NULL)
		return;
	free(pairs->columns);
	free(pairs->places);
	free(pairs->numbers);
	free(pairs->parts);
	free(pairs);
}

/* ---- a chunk ---- */

static bool has_bit(const uint64_t words[N_WORDS], size_t row)
{
	return (words[row / WORD_BITS] >> row % WORD_BITS & 1) != 0;
}

static void set_bit(uint64_t words[N_WORDS], size_t row)
{
	words[row / WORD_BITS] |= UINT64_C(1) << row % WORD_BITS;
}

/* Sets the bits of rows [0, n_rows), and clears the others. */
static void set_rows(uint64_t words[N_WORDS], size_t n_rows)
{
	for (size_t k = 0; k < N_WORDS; k++) {
		const size_t first = k * WORD_BITS, n = n_rows > first ? n_rows - first : 0;
		words[k] = n >= WORD_BITS ? UINT64_MAX : (UINT64_C(1) << n) - 1;
	}
}

/* Lists the rows without a value. */
static void list_absent(struct pair_column *c, size_t n_rows)
{
	uint64_t rows[N_WORDS];
	set_rows(rows, n_rows);
	c->n_absent = 0;
	for (size_t k = 0; k < N_WORDS; k++)
		for (rows[k] &= ~c->has_value[k]; rows[k] != 0; rows[k] &= rows[k] - 1)
			c->absent[c->n_absent++] = (uint8_t)(k * WORD_BITS +
							     (size_t)__builtin_ctzll(rows[k]));
}

/* Removes the numbers of the last batch. */
static void start_batch(struct csvr_worker_pairs *pairs)
{
	for (size_t i = 0; i < pairs->n_columns && pairs->n_numbers > 0; i++) {
		memset(pairs->columns[i].has_number, 0, sizeof pairs->columns[i].has_number);
		pairs->columns[i].n_numbers = 0;
	}
	pairs->n_numbers = pairs->n_parts = 0;
}

static enum csvr_status add_column(struct csvr_worker_pairs *pairs, size_t position)
{
	struct pair_column *columns = csvr_array_grow(pairs->columns, &pairs->columns_capacity,
						      pairs->n_columns + 1, sizeof *columns);
	if (columns == NULL)
		return CSVR_NO_MEMORY;
	pairs->columns = columns;
	/* The values need no initialization, and are most of it. */
	memset(&columns[pairs->n_columns], 0, offsetof(struct pair_column, values));
	pairs->places[position] = (uint32_t)pairs->n_columns++;
	return csvr_pairs_add_column(&pairs->stats->pairs, (uint32_t)position);
}

enum csvr_status csvr_worker_pairs_start(struct csvr_worker_pairs *pairs,
					 const struct csvr_header *header,
					 struct csvr_file_stats *stats)
{
	uint32_t *places = csvr_array_grow(pairs->places, &pairs->places_capacity,
					   stats->n_columns + 1, sizeof *places);
	if (places == NULL)
		return CSVR_NO_MEMORY;
	pairs->places = places;
	pairs->stats = stats;
	csvr_pairs_reset(&stats->pairs);
	pairs->n_columns = pairs->n_numbers = pairs->n_parts = 0;
	size_t n_correlated = 0;
	for (size_t j = 0; j < stats->n_columns; j++) {
		places[j] = CSVR_NO_INDEX;
		n_correlated += header->is_correlated[j];
	}
	/* If this file counts, the run ends with an error (csvr_unit_read). */
	if (pairs->options->correlation.n_words == 0 && n_correlated > CSVR_MAX_CORRELATED_COLUMNS)
		return CSVR_OK;
	enum csvr_status status = CSVR_OK;
	for (size_t j = 0; j < stats->n_columns && status == CSVR_OK; j++)
		if (header->is_correlated[j])
			status = add_column(pairs, j);
	return status;
}

/* ---- a batch ---- */

static struct pair_column *find_column(const struct csvr_worker_pairs *pairs, size_t column)
{
	const uint32_t place = pairs->places[column];
	return place != CSVR_NO_INDEX ? &pairs->columns[place] : NULL;
}

int64_t *csvr_worker_pairs_values(struct csvr_worker_pairs *pairs, size_t column)
{
	struct pair_column *c = find_column(pairs, column);
	return c != NULL ? c->values : NULL;
}

enum csvr_status csvr_worker_pairs_add_number(struct csvr_worker_pairs *pairs, size_t column,
					      size_t row, const struct csvr_decimal *number)
{
	struct pair_column *c = find_column(pairs, column);
	if (c == NULL)
		return CSVR_OK;
	uint64_t *parts = csvr_array_grow(pairs->parts, &pairs->parts_capacity,
					  pairs->n_parts + number->n_parts + 1, sizeof *parts);
	if (parts == NULL)
		return CSVR_NO_MEMORY;
	pairs->parts = parts;
	struct pair_number *numbers = csvr_array_grow(pairs->numbers, &pairs->numbers_capacity,
						      pairs->n_numbers + 1, sizeof *numbers);
	if (numbers == NULL)
		return CSVR_NO_MEMORY;
	pairs->numbers = numbers;
	if (c->n_numbers++ == 0)
		c->first_number = pairs->n_numbers;
	numbers[pairs->n_numbers++] = (struct pair_number){ .row = (uint8_t)row,
							    .is_negative = number->is_negative,
							    .exponent = (int16_t)number->exponent,
							    .n_parts = (uint16_t)number->n_parts,
							    .first_part = pairs->n_parts };
	memcpy(parts + pairs->n_parts, number->part, number->n_parts * sizeof *parts);
	pairs->n_parts += number->n_parts + 1;
	return CSVR_OK;
}

/* Whether a number is an integer below 10^18 at a scale; `*value` is its magnitude. */
static bool fits_scale(const struct pair_number *number, uint64_t part, unsigned scale,
		       uint64_t *value)
{
	int shift = number->exponent + (int)scale;
	if (number->n_parts != 1 || shift < 0 || (shift > CSVR_MAX_SCALE && part != 0))
		return false;
	*value = part;
	for (; shift > 0 && part != 0; shift--) {
		if (*value >= CSVR_EXACT_LIMIT / 10)
			return false;
		*value *= 10;
	}
	return true;
}

/* Makes values of the numbers of a column that fit its scale, and positions the others. */
static void settle_numbers(struct csvr_worker_pairs *pairs, struct pair_column *c)
{
	struct pair_number *numbers = pairs->numbers + c->first_number;
	size_t n_kept = 0;
	for (size_t i = 0; i < c->n_numbers; i++) {
		struct pair_number number = numbers[i];
		uint64_t magnitude, *parts = pairs->parts + number.first_part;
		if (!fits_scale(&number, parts[0], c->scale, &magnitude)) {
			const struct csvr_positioned positioned =
				csvr_position_number(parts, number.n_parts, number.exponent,
						     number.is_negative, parts);
			number.position = (int16_t)positioned.position;
			number.n_parts = (uint16_t)positioned.n_parts;
			set_bit(c->has_number, number.row);
			numbers[n_kept++] = number;
			continue;
		}
		const int64_t value = number.is_negative ? -(int64_t)magnitude : (int64_t)magnitude;
		c->values[number.row] = value;
		set_bit(c->has_value, number.row);
		c->n_values++;
		c->sum += value;
		c->squares += (u128)magnitude * magnitude;
		c->largest = magnitude > c->largest ? magnitude : c->largest;
	}
	c->n_numbers = n_kept;
}

/* Moves the values to their rows, and sets the others to 0. Rows move up, so they are moved from the last
 * one down, until those that are left are in place. */
static void spread_values(struct pair_column *c, size_t n_rows, size_t n_values)
{
	int64_t *values = c->values;
	for (size_t k = N_WORDS; k-- > 0;) {
		const size_t first = k * WORD_BITS;
		const size_t n = n_rows < first               ? 0
				 : n_rows - first < WORD_BITS ? n_rows - first
							      : WORD_BITS;
		if (n == 0)
			continue;
		uint64_t has_value = c->has_value[k] << (WORD_BITS - n);
		for (size_t row = first + n; row > first && row > n_values; has_value <<= 1) {
			row--;
			const size_t has = has_value >> (WORD_BITS - 1);
			/* Without a branch: which rows have a value cannot be predicted. */
			values[row] = values[n_values - has] & -(int64_t)has;
			n_values -= has;
		}
	}
}

/* Integers of one scale fit another of up to this many digits more. */
static unsigned spare_digits(uint64_t largest)
{
	unsigned n = 0;
	for (; largest < CSVR_EXACT_LIMIT / 10 && n < CSVR_MAX_SCALE; n++)
		largest *= 10;
	return n;
}

/* Raises the scale of the values to `wanted`, as far as all fit it. */
static void raise_scale(struct pair_column *c, unsigned wanted, size_t n_rows)
{
	const unsigned most = c->scale + spare_digits(c->largest);
	int64_t factor = 1;
	for (; c->scale < wanted && c->scale < most; c->scale++)
		factor *= 10;
	if (factor == 1)
		return;
	for (size_t row = 0; row < n_rows; row++)
		c->values[row] *= factor;
	c->largest *= (uint64_t)factor;
	c->sum *= factor;
	c->squares *= (u128)factor * (u128)factor;
}

/* The scale at which the numbers of a column are values, if they are single parts: `scale` or a finer one. */
static unsigned finest_scale(const struct csvr_worker_pairs *pairs, const struct pair_column *c,
			     unsigned scale)
{
	for (size_t i = 0; i < c->n_numbers; i++) {
		const struct pair_number *number = &pairs->numbers[c->first_number + i];
		if (number->n_parts == 1 && -number->exponent > (int)scale &&
		    -number->exponent <= CSVR_MAX_SCALE)
			scale = (unsigned)-number->exponent;
	}
	return scale;
}

void csvr_worker_pairs_finish_column(struct csvr_worker_pairs *pairs, size_t column,
				     const struct csvr_converted_column *converted)
{
	struct pair_column *c = find_column(pairs, column);
	if (c == NULL)
		return;
	const size_t n_rows = converted->n_rows, n_rejects = n_rows - converted->n_values;
	const struct csvr_batch_sums *sums = converted->sums;
	/* The sums of a pair are of one scale for long if columns keep theirs. */
	const unsigned wanted = finest_scale(pairs, c, c->scale);
	pairs->n_rows = n_rows;
	c->scale = converted->scale;
	c->n_absent = 0;
	c->n_values = converted->n_values;
	c->largest = 0;
	c->sum = 0;
	c->squares = 0;
	if (c->n_values > 0) {
		c->largest = (uint64_t)(sums->max > -sums->min ? sums->max : -sums->min);
		c->sum = sums->sum;
		c->squares = sums->squares;
	}
	set_rows(c->has_value, n_rows);
	for (size_t i = 0; i < n_rejects; i++)
		c->has_value[converted->rejects[i] / WORD_BITS] &= ~(
			UINT64_C(1) << converted->rejects[i] % WORD_BITS);
	if (n_rejects > 0)
		spread_values(c, n_rows, c->n_values);
	if (c->scale < wanted)
		raise_scale(c, wanted, n_rows);
	if (c->n_numbers > 0)
		settle_numbers(pairs, c);
	list_absent(c, n_rows);
}

/* ---- all pairs of a batch ---- */

static size_t count_bits(const uint64_t words[N_WORDS])
{
	size_t n = 0;
	for (size_t k = 0; k < N_WORDS; k++)
		n += (size_t)__builtin_popcountll(words[k]);
	return n;
}

/* Subtracts from the sums of a column those of the rows in which another has no value. */
static void subtract_absent(const struct pair_column *c, const struct pair_column *other,
			    __int128 *sum, u128 *squares)
{
	/* Rows in which the column has no value itself are 0. */
	if (c->largest >> 31 == 0) { /* the squares are below 2^62 */
		int64_t small_sum = 0;
		u128 small_squares = 0;
		for (size_t i = 0; i < other->n_absent; i++) {
			const int64_t value = c->values[other->absent[i]];
			small_sum += value;
			small_squares += (uint64_t)(value * value);
		}
		*sum -= small_sum;
		*squares -= small_squares;
		return;
	}
	for (size_t i = 0; i < other->n_absent; i++) {
		const int64_t value = c->values[other->absent[i]];
		*sum -= value;
		*squares -= (u128)((__int128)value * value);
	}
}

/* The sum of the products of the values in all rows. */
static struct csvr_wide multiply_values(const struct csvr_worker_pairs *pairs,
					const struct pair_column *x, const struct pair_column *y)
{
	struct csvr_wide sum = { { 0 } };
	const size_t n_rows = pairs->n_rows;
	if (x->largest >> 31 == 0 && y->largest >> 31 == 0 &&
	    (u128)(x->largest * y->largest) * n_rows >> 63 == 0) {
		csvr_wide_add_signed(&sum,
				     pairs->kernels->sum_products(x->values, y->values, n_rows));
		return sum;
	}
	/* 2^7 products below 2^120 stay below 2^127. */
	enum { MOST_ROWS = 128 };
	for (size_t i = 0; i < n_rows; i += MOST_ROWS) {
		__int128 part = 0;
		for (size_t r = i; r < n_rows && r < i + MOST_ROWS; r++)
			part += (__int128)x->values[r] * y->values[r];
		csvr_wide_add_signed(&sum, part);
	}
	return sum;
}

/* Adds the rows in which both columns have a value. */
static enum csvr_status add_values(const struct csvr_worker_pairs *pairs,
				   const struct pair_column *x, const struct pair_column *y,
				   struct csvr_pair *pair)
{
	struct csvr_pair_batch batch = { .n = pairs->n_rows,
					 .x_exponent = -(int)x->scale,
					 .y_exponent = -(int)y->scale,
					 .x = x->sum,
					 .y = y->sum,
					 .xx = x->squares,
					 .yy = y->squares };
	if (x->n_values < pairs->n_rows || y->n_values < pairs->n_rows) {
		uint64_t common[N_WORDS];
		for (size_t k = 0; k < N_WORDS; k++)
			common[k] = x->has_value[k] & y->has_value[k];
		batch.n = count_bits(common);
		if (batch.n == 0)
			return CSVR_OK;
		if (batch.n < x->n_values)
			subtract_absent(x, y, &batch.x, &batch.xx);
		if (batch.n < y->n_values)
			subtract_absent(y, x, &batch.y, &batch.yy);
	}
	batch.xy = multiply_values(pairs, x, y);
	return csvr_pair_add_batch(pair, &batch);
}

/* The number or value in a row that has one; `storage` is for its parts. `*next` is the index of a number of
 * this row or of one before it, and moves on. */
static struct csvr_positioned number_at(const struct csvr_worker_pairs *pairs,
					const struct pair_column *c, size_t row, size_t *next,
					uint64_t storage[2])
{
	if (has_bit(c->has_value, row)) {
		const int64_t value = c->values[row];
		const uint64_t magnitude = (uint64_t)(value < 0 ? -value : value);
		return csvr_position_number(&magnitude, 1, -(int)c->scale, value < 0, storage);
	}
	while (pairs->numbers[*next].row < row)
		++*next;
	const struct pair_number *number = &pairs->numbers[*next];
	return (struct csvr_positioned){ pairs->parts + number->first_part, number->n_parts,
					 number->position, number->is_negative };
}

/* Adds the rows in which both columns have a number, and at least one of them is not a value. */
static enum csvr_status add_numbers(const struct csvr_worker_pairs *pairs,
				    const struct pair_column *x, const struct pair_column *y,
				    struct csvr_pair *pair)
{
	enum csvr_status status = CSVR_OK;
	size_t x_next = x->first_number, y_next = y->first_number;
	for (size_t k = 0; k < N_WORDS; k++) {
		uint64_t rows = (x->has_number[k] & (y->has_value[k] | y->has_number[k])) |
				(x->has_value[k] & y->has_number[k]);
		for (; rows != 0 && status == CSVR_OK; rows &= rows - 1) {
			const size_t row = k * WORD_BITS + (size_t)__builtin_ctzll(rows);
			uint64_t x_storage[2], y_storage[2];
			const struct csvr_positioned a = number_at(pairs, x, row, &x_next,
								   x_storage);
			const struct csvr_positioned b = number_at(pairs, y, row, &y_next,
								   y_storage);
			status = csvr_pair_add_row(pair, &a, &b);
		}
	}
	return status;
}

enum csvr_status csvr_worker_pairs_add_batch(struct csvr_worker_pairs *pairs)
{
	enum csvr_status status = CSVR_OK;
	for (size_t j = 1; j < pairs->n_columns && status == CSVR_OK; j++) {
		const struct pair_column *y = &pairs->columns[j];
		if (y->n_values + y->n_numbers == 0)
			continue;
		for (size_t i = 0; i < j && status == CSVR_OK; i++) {
			const struct pair_column *x = &pairs->columns[i];
			struct csvr_pair *pair = &pairs->stats->pairs.pairs[csvr_pair_index(i, j)];
			if (x->n_values > 0 && y->n_values > 0)
				status = add_values(pairs, x, y, pair);
			if (x->n_numbers + y->n_numbers > 0 && status == CSVR_OK)
				status = add_numbers(pairs, x, y, pair);
		}
	}
	start_batch(pairs);
	return status;
}

/* ---- a record ---- */

/* Makes a value of the number of a column, at the scale of the last batch if it fits that. */
static void settle_record(struct csvr_worker_pairs *pairs, struct pair_column *c)
{
	const struct pair_number *number = &pairs->numbers[c->first_number];
	const unsigned wanted = finest_scale(pairs, c, c->scale);
	if (number->exponent <= 0 && number->exponent >= -CSVR_MAX_SCALE) {
		c->largest = pairs->parts[number->first_part];
		c->scale = (unsigned)-number->exponent;
		raise_scale(c, wanted, 1);
		c->largest = 0;
	}
	settle_numbers(pairs, c);
}

enum csvr_status csvr_worker_pairs_add_record(struct csvr_worker_pairs *pairs)
{
	if (pairs->n_numbers < 2) {
		start_batch(pairs);
		return CSVR_OK;
	}
	pairs->n_rows = 1;
	for (size_t i = 0; i < pairs->n_columns; i++) {
		struct pair_column *c = &pairs->columns[i];
		memset(c->has_value, 0, sizeof c->has_value);
		c->values[0] = 0;
		c->n_values = 0;
		c->largest = 0;
		c->sum = 0;
		c->squares = 0;
		if (c->n_numbers > 0)
			settle_record(pairs, c);
		list_absent(c, 1);
	}
	return csvr_worker_pairs_add_batch(pairs);
}
