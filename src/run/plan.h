/* plan.h - inputs and their sizes to units of work
 *
 * Shape    a pure function of the list: the same units for any number of threads
 * Units    bytes of the file
 * Errors   CSVR_NO_MEMORY
 */
#ifndef CSVR_RUN_PLAN_H
#define CSVR_RUN_PLAN_H

#include "csvreport.h"
#include "input/inputs.h"
#include "input/remote_ops.h"

/* Pieces of big files: large enough that opening the file and looking at its head again costs under
 * a hundredth of reading them, small enough that some dozens make up one file of a few hundred MB. */
#define CSVR_CHUNK_BYTES (UINT64_C(8) << 20)

/* Small files go together until they have this many bytes, or are this many. */
enum { CSVR_BATCH_BYTES = 1 << 20, CSVR_BATCH_FILES = 64 };

/* Either a batch of whole inputs, or one chunk [begin, end) of one input. */
struct csvr_unit {
	uint32_t first_input;
	uint32_t n_inputs;
	uint64_t begin, end; /* of a chunk; a whole input has 0 and UINT64_MAX */
	uint32_t chunk, n_chunks; /* n_chunks is 1 for a batch */
};

struct csvr_plan {
	struct csvr_unit *units;
	size_t n_units;
	size_t capacity;
	uint64_t size_bytes; /* of the units; streams count as 0 */
};

/* How long the chunks of big files are. */
static inline uint64_t csvr_plan_chunk_bytes(const struct csvr_settings *settings)
{
	return settings->tuning.chunk_bytes > 0 ? settings->tuning.chunk_bytes : CSVR_CHUNK_BYTES;
}

/* The bytes of a unit; streams count as 0. */
uint64_t csvr_unit_bytes(const struct csvr_inputs *inputs, const struct csvr_unit *unit);

/* All units, in order of inputs and chunks. Inputs that came out of saved states have none.
 * `chunk_bytes` 0 is the default. Clear the plan whatever is returned. */
enum csvr_status csvr_plan_build(struct csvr_plan *plan, const struct csvr_inputs *inputs,
				 uint64_t chunk_bytes);

/* Leaves share `index` of `count` (from 1): units that stand together, and as many bytes of them as in
 * every other share, but for one unit. All shares together are the plan. A stream is no fraction of
 * anything: it weighs nothing, and falls to one share whole. */
void csvr_plan_keep_shard(struct csvr_plan *plan, const struct csvr_inputs *inputs, uint32_t index,
			  uint32_t count);

/* Leaves out what is done: `is_done` is asked about whole inputs (n_chunks 1) and chunks. Batches fall
 * apart where they must. Errors: CSVR_NO_MEMORY. */
typedef bool (*csvr_done_fn)(void *context, uint32_t input, uint32_t chunk, uint32_t n_chunks);
enum csvr_status csvr_plan_skip_done(struct csvr_plan *plan, const struct csvr_inputs *inputs,
				     csvr_done_fn is_done, void *context);

/* The order of work: largest first; chunks of one file in order. */
enum csvr_status csvr_plan_order(struct csvr_plan *plan, const struct csvr_inputs *inputs);

/* What is remote of units [first, last): the bytes that a worker which reads blocks of `block_bytes` will
 * want of each, in the order in which `n_threads` of them will begin to, about; in `*byte_ranges`, which the
 * caller frees. Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_plan_prefetch_ranges(const struct csvr_plan *plan,
					   const struct csvr_inputs *inputs, size_t first,
					   size_t last, size_t block_bytes, int n_threads,
					   struct csvr_byte_range **byte_ranges, size_t *n_extents);
void csvr_plan_clear(struct csvr_plan *plan);

#endif
