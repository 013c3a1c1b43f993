/* plan.h - inputs and their sizes to units of work
 *
 * Shape    a pure function of the list: the same units for any number of threads
 * Units    bytes of the file
 * Errors   CSVR_NO_MEMORY
 */
#ifndef CSVR_RUN_PLAN_H
#define CSVR_RUN_PLAN_H

#include "csvreport.h"
#include "input/discover.h"

/* Pieces of big files: large enough that opening the file and looking at its head again costs under
 * a hundredth of reading them, small enough that some dozens make up one file of a few hundred MB. */
#define CSVR_CHUNK_BYTES (UINT64_C(8) << 20)

/* Small files go together until they have this many bytes, or are this many. */
enum { CSVR_BATCH_BYTES = 1 << 20, CSVR_BATCH_FILES = 64 };

/* Either a batch of whole inputs, or one piece [begin, end) of one input. */
struct csvr_unit {
	uint32_t first_input;
	uint32_t n_inputs;
	uint64_t begin, end; /* of a piece; a whole input has 0 and UINT64_MAX */
	uint32_t piece, n_pieces; /* n_pieces is 1 for a batch */
};

struct csvr_plan {
	struct csvr_unit *units; /* largest first; pieces of one file in order */
	size_t n_units;
	size_t capacity;
	uint64_t size_bytes; /* of all regular inputs */
};

/* `chunk_bytes` 0 is the default. Clear the plan whatever is returned. */
enum csvr_status csvr_plan_build(struct csvr_plan *plan, const struct csvr_inputs *inputs,
				 uint64_t chunk_bytes);
void csvr_plan_clear(struct csvr_plan *plan);

#endif
