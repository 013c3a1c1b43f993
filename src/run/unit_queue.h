/* unit_queue.h - the units of a plan that the threads of one process take
 *
 * Units are taken in the order of the plan. If chunks are joined, a thread that has read a chunk goes on with the next one,
 * unless that is taken. So that each thread reads many adjacent chunks before it comes to one that is taken, the threads
 * start far apart: each split input has parts of equal length, of which the first chunks come first, then those in the
 * middle of each part, then those in the middle of the halves, and so on.
 *
 * Shape    every unit is taken once. Streams and inputs that are read whole keep their place in the order
 * Errors   CSVR_NO_MEMORY
 * Threads  any number may take units at a time; one calls the other functions, while no other uses the queue
 */
#ifndef CSVR_RUN_UNIT_QUEUE_H
#define CSVR_RUN_UNIT_QUEUE_H

#include "input/remote_ops.h"
#include "run/plan.h"

struct csvr_unit_queue {
	const struct csvr_unit *units; /* of the plan */
	size_t n_units;
	/* If chunks are joined, else NULL, by index in `units`: */
	size_t *order; /* the units in the order of the queue */
	/* The units of the next chunk of the input, and the one before; SIZE_MAX: it is not here. */
	size_t *following, *preceding;
	unsigned char *is_taken; /* atomic */
};

/* Prepares units [first, last) of the plan, which must outlive the queue. `n_joining`: the number of threads that read
 * adjacent chunks as one; 0: chunks are not joined. Clear the queue also after an error. */
enum csvr_status csvr_unit_queue_init(struct csvr_unit_queue *queue, const struct csvr_plan *plan,
				      size_t first, size_t last, int n_joining);
void csvr_unit_queue_clear(struct csvr_unit_queue *queue);

/* Takes the unit at `position` of the queue. Every position below n_units must be tried once. NULL: the unit was taken by
 * csvr_unit_queue_take_following. */
const struct csvr_unit *csvr_unit_queue_take(struct csvr_unit_queue *queue, size_t position);

/* How many bytes are left of the run of chunks to which the unit at `position` belongs, if a thread is on its way to it. It would
 * share them with a thread that takes the unit. UINT64_MAX: no thread is on its way. Others may take units meanwhile. */
uint64_t csvr_unit_queue_left(const struct csvr_unit_queue *queue, size_t position);

/* Takes the chunk after `unit`, which was taken. NULL: there is none, it is taken, or chunks are not joined. */
const struct csvr_unit *csvr_unit_queue_take_following(struct csvr_unit_queue *queue,
						       const struct csvr_unit *unit);

/* The byte ranges of remote inputs in the queue, in about the order in which `n_threads` workers, which read `block_bytes`
 * at a time, will need them. Call it before any unit is taken. The caller frees `*byte_ranges`. Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_unit_queue_prefetch_ranges(struct csvr_unit_queue *queue,
						 const struct csvr_inputs *inputs,
						 size_t block_bytes, int n_threads,
						 struct csvr_byte_range **byte_ranges,
						 size_t *n_byte_ranges);

#endif
