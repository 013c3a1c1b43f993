/* aggregate.h - what keeps state for each column, beyond the counts, sums and extremes of all
 *
 * Every column has its core: counts of cells, exact sums, min and max (column.h). A statistic that
 * needs more state brings an aggregate: one file stats/stat_NAME.c, named by a row of
 * stats/statistics.c. It is collected if a statistic that needs it is requested, or needs it by default.
 *
 * Shape    a state is a block of bytes, one per column and thread. A block of zeros is the state of
 *          no cells. A state is a pure function of the multiset of cells: `merge` is associative and
 *          commutative, bit for bit, and so is any way to cut the cells into batches. With `append`, it is a
 *          function of the multiset of files, and of the order of the cells within each.
 * Units    batch values are integers times 10^-scale; numbers are decimals as written; texts are bytes
 * Errors   CSVR_NO_MEMORY; CSVR_INVALID_FILE from `decode`, which trusts nothing it reads
 * Threads  a state belongs to one thread at a time; an aggregate is const
 */
#ifndef CSVR_STATS_AGGREGATE_H
#define CSVR_STATS_AGGREGATE_H

#include "base/decimal_to_double.h"
#include "base/serialize.h"
#include "csvreport.h"
#include "stats/batch_kernels.h"

/* Values of one quantity and scale, as a kernel converts them: 0 < n_values <= CSVR_MAX_BATCH, each below
 * 10^18 in magnitude. */
struct csvr_batch {
	const int64_t *values;
	size_t n_values;
	unsigned scale;
	enum csvr_quantity quantity;
	const struct csvr_batch_sums *sums; /* of the values */
	const struct csvr_batch_kernels *kernels;
	/* The double nearest to each value times 10^-scale; NULL: no aggregate wants doubles, or a value is
	 * not below 2^CSVR_DOUBLES_BITS in magnitude. */
	const double *doubles;
};

/* Whether all values of the batch are below `limit` in magnitude. */
static inline bool csvr_batch_is_below(const struct csvr_batch *batch, int64_t limit)
{
	return batch->sums->min > -limit && batch->sums->max < limit;
}

/* The batch with its doubles, which it stores in `doubles`, unless a value is too large for them. */
static inline struct csvr_batch csvr_batch_with_doubles(const struct csvr_batch *batch,
							double doubles[CSVR_MAX_BATCH])
{
	struct csvr_batch with_doubles = *batch;
	with_doubles.doubles = NULL;
	if (csvr_batch_is_below(batch, INT64_C(1) << CSVR_DOUBLES_BITS)) {
		batch->kernels->to_doubles(batch->values, batch->n_values, batch->scale, doubles);
		with_doubles.doubles = doubles;
	}
	return with_doubles;
}

/* One value of a quantity: the sum of part[i] * 10^(exponent + 18 i), each part below 10^18. */
struct csvr_number {
	const uint64_t *part;
	size_t n_parts;
	int exponent;
	bool is_negative;
	enum csvr_quantity quantity;
	unsigned notation; /* enum csvr_notation, or-ed */
};

/* A text without quotes and surrounding blanks; of a field longer than CSVR_MAX_CELL_BYTES, 0 bytes.
 * CSVR_TEXT_READABLE bytes from the start are readable even if the text is shorter. `bytes` is never NULL. */
enum { CSVR_TEXT_READABLE = 32 };
struct csvr_text {
	const unsigned char *bytes;
	uint32_t n_bytes;
	/* Cells that have this text, at least 1. Other texts of the same call may be equal to it. */
	uint32_t n_cells;
};

/* An integer times 10^-scale, whose magnitude is stored in `*part`. */
static inline struct csvr_number csvr_number_of_integer(int64_t integer, unsigned scale,
							enum csvr_quantity quantity, uint64_t *part)
{
	*part = (uint64_t)(integer < 0 ? -integer : integer);
	return (struct csvr_number){ part, 1, -(int)scale, integer < 0, quantity, 0 };
}

/* The double nearest to a number. */
static inline double csvr_number_to_double(const struct csvr_number *number)
{
	return csvr_decimal_to_double(number->part, number->n_parts, number->exponent,
				      number->is_negative);
}

/* The double nearest to an integer times 10^-scale. */
static inline double csvr_integer_to_double(int64_t integer, unsigned scale)
{
	uint64_t part;
	const struct csvr_number number = csvr_number_of_integer(integer, scale,
								 CSVR_QUANTITY_NUMBER, &part);
	return csvr_number_to_double(&number);
}

/* Adds the values of a batch one by one. */
static inline enum csvr_status csvr_batch_add_numbers(
	const struct csvr_batch *batch,
	enum csvr_status (*add_number)(void *state, const struct csvr_number *number), void *state)
{
	enum csvr_status status = CSVR_OK;
	for (size_t i = 0; i < batch->n_values && status == CSVR_OK; i++) {
		uint64_t part;
		const struct csvr_number number = csvr_number_of_integer(batch->values[i],
									 batch->scale,
									 batch->quantity, &part);
		status = add_number(state, &number);
	}
	return status;
}

struct csvr_sample_value;

struct csvr_aggregate {
	/* Its name and the version of its encoding, which saved states record. A state with another
	 * version is refused. */
	const char *name;
	uint32_t version;
	size_t state_bytes;
	bool takes_every_quantity; /* false: only batches and values of CSVR_QUANTITY_NUMBER are added */
	bool wants_doubles; /* batches should have `doubles` */
	/* NULL, both: the worker adds values itself, in the order of the rows (order.h). */
	enum csvr_status (*add_batch)(void *state, const struct csvr_batch *batch);
	enum csvr_status (*add_number)(void *state, const struct csvr_number *number);
	/* Adds cells of class CSVR_CELL_TEXT or CSVR_CELL_BOOLEAN. NULL: the aggregate does not want texts. */
	enum csvr_status (*add_texts)(void *state, const struct csvr_text *texts, size_t n_texts);
	/* Adds `count` cells of one value, a text among them. The cells of a column with few distinct values are then
	 * not added one by one: the owner of the state counts them, and adds each value before the state is read
	 * (collected.c). NULL: each cell is added by the functions above. */
	enum csvr_status (*add_value)(void *state, const struct csvr_sample_value *value,
				      uint64_t count);
	enum csvr_status (*merge)(void *into, const void *from);
	/* Merges the cells that follow in the same file; NULL: as `merge`, for the order of cells does not
	 * matter. */
	enum csvr_status (*append)(void *into, const void *from);
	/* Does the work that the functions above have put off; called before the state is encoded or read. More cells
	 * may be added afterwards. NULL: nothing is ever put off. */
	enum csvr_status (*complete)(void *state);
	/* The same cells give the same bytes. */
	void (*encode)(const void *state, struct csvr_encoder *encoder);
	/* Fills a state of zeros. `cells` counts the cells of the column by class, so that a state which
	 * no such cells can have is refused. */
	enum csvr_status (*decode)(void *state, struct csvr_decoder *decoder,
				   const uint64_t cells[CSVR_N_CELL_CLASSES]);
	/* Frees what a state owns; NULL if states own nothing. */
	void (*clear)(void *state);
	/* The report has at least `n_columns` columns: the state may keep less. What it keeps is a function
	 * of the largest such number, which is given before the state is encoded or read. NULL: its size does
	 * not depend on it. */
	void (*limit)(void *state, size_t n_columns);
	/* `state` has no cells. Its cells will be merged with those of `merged`: it may leave out what `merged`
	 * makes useless. Until then nothing else is done with it. NULL: nothing can be left out. */
	void (*inherit)(void *state, const void *merged);
	/* Removes all cells, the limit and the inheritance, and keeps the memory; NULL: the state is
	 * cleared. */
	void (*reset)(void *state);
};

#endif
