/* worker.h - one chunk of one input from bytes to a table
 *
 * Shape    one per thread; it owns its buffers, which are made by the thread that uses them
 * Errors   in the chunk: a file that fails must not end the run
 * Threads  a worker belongs to one thread and starts none
 */
#ifndef CSVR_RUN_WORKER_H
#define CSVR_RUN_WORKER_H

#include "csvreport.h"
#include "input/inputs.h"
#include "parse/decimal.h"
#include "parse/header.h"
#include "parse/kernel.h"
#include "stats/summary.h"

struct csvr_worker;

/* Everything a worker needs to know, shared by all and written by none. */
struct csvr_worker_config {
	const struct csvr_inputs *inputs;
	const struct csvr_parse_options *parse_options;
	const struct csvr_kernel *kernel;
	csvr_batch_sums_fn batch_sums; /* made for the same instructions as the kernel */
	struct csvr_null_set nulls;
	csvr_collection collection; /* what columns collect */
	size_t block_bytes;
	bool has_fixed_blocks; /* their size was asked for: it is kept whatever the records */
	bool is_timed; /* workers keep a csvr_io_time */
	/* set atomically: no more is read, chunks end with CSVR_INTERRUPTED; may be NULL */
	const int *stop_flag;
	/* Told of bytes done with, after each block, by the thread that did them. */
	void (*on_progress)(void *context, uint64_t n_bytes);
	void *context;
};

/* Errors: CSVR_NO_MEMORY. Free with csvr_worker_free (NULL is fine). */
enum csvr_status csvr_worker_new(const struct csvr_worker_config *config,
				 struct csvr_worker **worker);
void csvr_worker_free(struct csvr_worker *worker);

/* What the chunks before have shown: where the first record of this one begins, and the line ends of
 * the input; 0: not known. */
struct csvr_chunk_hint {
	uint64_t start;
	int newline;
};

/* Reads the records that begin in [begin, end) of `input` into `chunk`, which is emptied first. If
 * its start is not known it is looked for, and the caller must compare chunk->start with where the
 * chunk before ended. A chunk with begin 0 starts there. Only such a one reads the whole input to
 * find out its line ends, if that is what it takes; others are CSVR_NEEDS_CHUNK_START then. */
void csvr_worker_read(struct csvr_worker *worker, const struct csvr_input *input, uint64_t begin,
		      uint64_t end, struct csvr_chunk_hint known, struct csvr_chunk_stats *chunk);

/* The head of the input read last: column names, selection. Its number changes whenever its columns
 * do, so that the caller can keep what it made of them. */
const struct csvr_header *csvr_worker_header(const struct csvr_worker *worker, uint64_t *number);

/* How a worker came by its bytes: wall time from the opening of an input to its first bytes, and in
 * reading more of them. */
struct csvr_io_time {
	uint64_t read_ns;
	uint64_t n_bytes;
	uint64_t slowest_input_ns; /* the most that one call of csvr_worker_read spent so */
	const struct csvr_input *slowest_input; /* NULL: none */
};

/* Zeros unless the job is timed. */
struct csvr_io_time csvr_worker_io_time(const struct csvr_worker *worker);

#endif
