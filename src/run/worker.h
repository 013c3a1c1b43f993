/* worker.h - reads one chunk of one input into statistics
 *
 * Shape    one per thread; it owns its buffers, which are allocated by the thread that uses them
 * Errors   stored in the chunk: a file that fails must not end the run
 * Threads  a worker belongs to one thread and starts none
 */
#ifndef CSVR_RUN_WORKER_H
#define CSVR_RUN_WORKER_H

#include "csvreport.h"
#include "input/inputs.h"
#include "parse/decimal.h"
#include "parse/header.h"
#include "parse/kernel.h"
#include "stats/refine.h"
#include "stats/summary.h"

struct csvr_worker;

/* The longest record that is kept in memory as a whole, without its line end. */
enum { CSVR_MAX_WHOLE_BYTES = (16 << 20) / CSVR_LIMITS_DIVISOR };

/* Shared by all workers, written by none. */
struct csvr_worker_config {
	const struct csvr_inputs *inputs;
	const struct csvr_parse_options *parse_options;
	const struct csvr_kernel *kernel;
	/* For the same instruction set as the kernel. */
	const struct csvr_batch_kernels *batch_kernels; /* of the kernel */
	/* of columns that no null value is listed for, in files with a decimal point, and with a decimal comma */
	struct csvr_cell_rules rules[CSVR_N_DECIMAL_MARKS];
	const struct csvr_known_names *known_names; /* of files without a header; NULL: none */
	csvr_collection collection; /* what columns collect, and whether rows are */
	struct csvr_group_config groups; /* of --group-by; no keys: rows are not grouped */
	/* Read only the columns in which it wants ranges; NULL: all that are selected. */
	const struct csvr_refinement *refinement;
	size_t block_bytes;
	bool has_fixed_blocks; /* the user set the size: do not adapt it to the records */
	bool is_timed; /* measure csvr_io_time */
	/* Count a record only once all of it is in memory. A file with a record of more than CSVR_MAX_WHOLE_BYTES is
	 * then bad. */
	bool needs_whole_records;
	/* Set atomically by another thread: workers then stop reading and chunks end with
	 * CSVR_INTERRUPTED. May be NULL. */
	const int *stop_flag;
	/* Called after each block, by the thread that processed it. May be NULL. */
	void (*on_progress)(void *context, uint64_t n_bytes);
	void *context;
};

/* Errors: CSVR_NO_MEMORY. Free with csvr_worker_free, which accepts NULL. */
enum csvr_status csvr_worker_new(const struct csvr_worker_config *config,
				 struct csvr_worker **worker);
void csvr_worker_free(struct csvr_worker *worker);

/* Reads the records that start in [begin, end) of `input` into `chunk`, which is emptied first.
 * `start` is the offset of the first of them, as earlier chunks have shown; 0: it is unknown. Then a chunk with
 * `begin` 0 starts there; of any other, the worker guesses the start, and the caller must compare chunk->start with
 * the end of the previous chunk. If no guess is possible, chunk->status is CSVR_NEEDS_CHUNK_START. */
void csvr_worker_read(struct csvr_worker *worker, const struct csvr_input *input, uint64_t begin,
		      uint64_t end, uint64_t start, struct csvr_chunk_stats *chunk);

/* Decides, when all records that start before the end of a chunk have been read, whether the worker also reads the
 * chunk after it: sets `*end` to the end of that one and returns true. May be called again at the end of that. */
typedef bool (*csvr_extend_fn)(void *context, uint64_t *end);

struct csvr_extension {
	csvr_extend_fn extend;
	void *context;
};

/* As csvr_worker_read from an unknown start, but the chunk grows at its end as long as `extension` extends it. What was
 * added is part of it, whatever its status. */
void csvr_worker_read_extended(struct csvr_worker *worker, const struct csvr_input *input,
			       uint64_t begin, uint64_t end, const struct csvr_extension *extension,
			       struct csvr_chunk_stats *chunk);

/* Reads only the header of an input, into chunk->status and csvr_worker_header. */
void csvr_worker_read_header(struct csvr_worker *worker, const struct csvr_input *input,
			     struct csvr_chunk_stats *chunk);

/* The header of the input that was read last: column names, selection. `version` changes
 * whenever the columns do, so that the caller can cache what it derived from them. */
const struct csvr_header *csvr_worker_header(const struct csvr_worker *worker, uint64_t *version);

/* Time and bytes of a worker's input: wall time of opening inputs and of all reads. */
struct csvr_io_time {
	uint64_t read_ns;
	uint64_t n_bytes;
	uint64_t slowest_input_ns; /* the most that one csvr_worker_read spent */
	const struct csvr_input *slowest_input; /* NULL: none */
};

/* All zero unless the configuration sets is_timed. */
struct csvr_io_time csvr_worker_io_time(const struct csvr_worker *worker);

#endif
