/* plan.h - divides inputs into units of work, by their sizes
 *
 * Shape    a pure function of the inputs: the same units for any number of threads
 * Units    bytes of the file
 * Errors   CSVR_NO_MEMORY
 */
#ifndef CSVR_RUN_PLAN_H
#define CSVR_RUN_PLAN_H

#include "csvreport.h"
#include "input/inputs.h"

/* The chunks of big files. With 8 MiB, opening the file and parsing its header again costs under a
 * hundredth of reading a chunk, and a file of a few hundred MB still has dozens of chunks. */
#define CSVR_CHUNK_BYTES (UINT64_C(8) << 20)

/* A batch of small files is full when it has CSVR_BATCH_FILES files, or CSVR_BATCH_BYTES or
 * more. */
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

/* The length of the chunks of big files. */
static inline uint64_t csvr_plan_chunk_bytes(const struct csvr_settings *settings)
{
	/* Which lines of a file are the last is known only when all of it has been read. */
	if (settings->parse.skip_footer > 0)
		return UINT64_MAX;
	return settings->tuning.chunk_bytes > 0 ? settings->tuning.chunk_bytes : CSVR_CHUNK_BYTES;
}

/* The size of a unit in bytes; streams count as 0. */
uint64_t csvr_unit_bytes(const struct csvr_inputs *inputs, const struct csvr_unit *unit);

/* Plans all units, in order of inputs and chunks; preloaded inputs have none. `chunk_bytes` 0: the
 * default. Clear the plan also after an error. Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_plan_build(struct csvr_plan *plan, const struct csvr_inputs *inputs,
				 uint64_t chunk_bytes);

/* Keeps the units of shard `index` (from 1) of `count` only. They are consecutive. Their total
 * size differs from that of all units divided by `count` by at most the size of the largest unit.
 * Every unit is in exactly one shard. A stream has no known size: it counts as 0 and is in one
 * shard as a whole. */
void csvr_plan_keep_shard(struct csvr_plan *plan, const struct csvr_inputs *inputs, uint32_t index,
			  uint32_t count);

/* Removes the whole inputs and the chunks for which `is_done` returns true; for a whole input it is
 * called with chunk 0 and n_chunks 1. A batch that loses an input in its middle becomes two.
 * Errors: CSVR_NO_MEMORY. */
typedef bool (*csvr_done_fn)(void *context, uint32_t input, uint32_t chunk, uint32_t n_chunks);
enum csvr_status csvr_plan_skip_done(struct csvr_plan *plan, const struct csvr_inputs *inputs,
				     csvr_done_fn is_done, void *context);

/* Sorts the units, largest first; chunks of one file stay in order. Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_plan_order(struct csvr_plan *plan, const struct csvr_inputs *inputs);

void csvr_plan_clear(struct csvr_plan *plan);

#endif
