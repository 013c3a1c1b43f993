/* rows.h - how many rows occur more than once
 *
 * Rows are equal if their bytes are, from the first one to the line end. A row is known by a 64-bit hash of
 * them, which is the same in every process: states are merged by it. Of n different rows, two have the same
 * hash by accident with a probability of n^2 / 2^65, and only rows of the sample matter. Who knows the hash
 * can write rows that count as equal, or a file whose estimate is wrong; nothing else depends on it.
 *
 * Shape    the rows of a chunk, a file or all files: a sample (sample.h) whose values are the hashes. Merging
 *          is associative and commutative. Zeroed memory has no rows.
 * Units    counts are rows
 * Errors   CSVR_NO_MEMORY: the state lacks rows, and may only be reset or cleared
 * Threads  one thread at a time
 */
#ifndef CSVR_STATS_ROWS_H
#define CSVR_STATS_ROWS_H

#include "base/serialize.h"
#include "stats/sample.h"

/* ---- the hash of a row ---- */

/* Of a row that is read in several parts. */
struct csvr_row_hash {
	uint64_t state;
	uint64_t n_bytes;
	unsigned char pending[16]; /* bytes that do not fill a block yet */
	unsigned n_pending;
	/* Carriage returns at the end so far, which are not hashed: they may belong to the line end. */
	uint64_t n_returns;
};

void csvr_row_hash_init(struct csvr_row_hash *hash);

/* Adds the bytes that follow, without the newline. */
void csvr_row_hash_add(struct csvr_row_hash *hash, const unsigned char *bytes, size_t n_bytes);

/* The hash of all bytes; carriage returns at their end are part of the line end, and left out. */
uint64_t csvr_row_hash_finish(struct csvr_row_hash *hash);

/* The same for a row as a whole. */
uint64_t csvr_row_hash_of(const unsigned char *row, size_t n_bytes);

/* ---- counts ---- */

struct csvr_rows {
	struct csvr_sample sample; /* of hashes */
};

void csvr_rows_clear(struct csvr_rows *rows);

/* Removes all rows; keeps the memory. */
void csvr_rows_reset(struct csvr_rows *rows);

/* Adds at most CSVR_MAX_BATCH rows by their hashes. */
enum csvr_status csvr_rows_add(struct csvr_rows *rows, const struct csvr_batch_kernels *kernels,
			       const uint64_t *hashes, size_t n_rows);

enum csvr_status csvr_rows_merge(struct csvr_rows *into, const struct csvr_rows *from);

/* Lets a state without rows leave out those that are useless once it is merged with `merged`. */
void csvr_rows_inherit(struct csvr_rows *rows, const struct csvr_rows *merged);

struct csvr_duplicates {
	uint64_t n_rows, n_distinct; /* all rows, and different ones */
	uint64_t n_repeated; /* different rows that occur more than once */
	uint64_t
		n_duplicates; /* n_rows - n_distinct: the rows but the first of each set of equal ones */
	bool is_approximate; /* all but n_rows, with a standard error of at most 1.6% of n_distinct */
};

/* Of a state that others were merged into, to which `n_rows` rows were added in all. */
struct csvr_duplicates csvr_rows_duplicates(const struct csvr_rows *rows, uint64_t n_rows);

/* The same rows give the same bytes. An encoder remembers that there was no memory. */
void csvr_rows_encode(const struct csvr_rows *rows, struct csvr_encoder *encoder);

/* Fills a state without rows. CSVR_INVALID_FILE: no `n_rows` rows can have it. */
enum csvr_status csvr_rows_decode(struct csvr_rows *rows, struct csvr_decoder *decoder,
				  uint64_t n_rows);

/* The aggregate `rows` of a collection. It is of all rows, and no column has its state. */
extern const struct csvr_aggregate csvr_rows_aggregate;

#endif
