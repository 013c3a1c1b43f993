/* worker_pairs.h - the numbers of a batch of records side by side, to correlate columns
 *
 * A batch path counts one column at a time. Here the numbers of all correlated columns of the batch are
 * kept, with the rows that have them, and added to the pairs of the chunk once all columns are
 * counted. A record that is counted field by field is a batch of one row.
 *
 * Shape    one per worker; NULL if nothing is correlated
 * Errors   CSVR_NO_MEMORY
 * Threads  those of the worker
 */
#ifndef CSVR_RUN_WORKER_PAIRS_H
#define CSVR_RUN_WORKER_PAIRS_H

#include "parse/decimal.h"
#include "parse/header.h"
#include "stats/batch_kernels.h"
#include "stats/file_stats.h"

struct csvr_worker_pairs;

/* Free with csvr_worker_pairs_free, which accepts NULL. */
enum csvr_status csvr_worker_pairs_new(const struct csvr_parse_options *options,
				       const struct csvr_batch_kernels *kernels,
				       struct csvr_worker_pairs **pairs);
void csvr_worker_pairs_free(struct csvr_worker_pairs *pairs);

/* Starts a chunk with this header; its pairs replace those of `stats`, which has the columns of the header. */
enum csvr_status csvr_worker_pairs_start(struct csvr_worker_pairs *pairs,
					 const struct csvr_header *header,
					 struct csvr_file_stats *stats);

/* Where the kernel stores the values of a column in this batch: CSVR_MAX_BATCH, and the margin. NULL:
 * the column is not correlated. */
int64_t *csvr_worker_pairs_values(struct csvr_worker_pairs *pairs, size_t column);

/* Adds the number of one cell: of a record of the batch whose cell the kernel rejected, or of the
 * record that is counted field by field (`row` 0). Call it for ascending rows. */
enum csvr_status csvr_worker_pairs_add_number(struct csvr_worker_pairs *pairs, size_t column,
					      size_t row, const struct csvr_decimal *number);

/* What the kernel stored for a column: `n_values` numbers of a scale, for all of `n_rows` rows but the
 * rejected ones. Call it after the numbers of the rejected cells were added. */
struct csvr_converted_column {
	const uint8_t *rejects; /* n_rows - n_values of them, ascending */
	size_t n_rows, n_values;
	unsigned scale;
	const struct csvr_batch_sums *sums; /* of the values, if there are any */
};

void csvr_worker_pairs_finish_column(struct csvr_worker_pairs *pairs, size_t column,
				     const struct csvr_converted_column *converted);

/* Adds the batch, all of whose columns are finished, to the pairs. */
enum csvr_status csvr_worker_pairs_add_batch(struct csvr_worker_pairs *pairs);

/* Adds a record whose numbers were added one by one; they may be none. */
enum csvr_status csvr_worker_pairs_add_record(struct csvr_worker_pairs *pairs);

#endif
