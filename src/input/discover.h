/* discover.h - paths, directories and lists to an ordered list of inputs
 *
 * Shape    the order of arguments is kept; what a walk finds stands bytewise by path; an input
 *          named twice is read twice. Nothing depends on the order in which a directory is read.
 * Errors   a path that cannot be used is an input of kind CSVR_FAILED with the system's reason
 * Threads  collected by one thread; then any number may probe, each its own inputs
 */
#ifndef CSVR_INPUT_DISCOVER_H
#define CSVR_INPUT_DISCOVER_H

#include "base/memory.h"
#include "csvreport.h"
#include "input/folder.h"

enum csvr_input_kind {
	CSVR_UNPROBED, /* a name that a walk took; size not yet asked for */
	CSVR_REGULAR, /* a file of known size, readable at any offset by many threads */
	CSVR_STREAM, /* a FIFO, a device, standard input: once, from front to back */
	CSVR_STATE, /* a file that a run saved its findings to; other inputs take its place */
	CSVR_FAILED
};

struct csvr_input {
	const char *path; /* "-" is standard input */
	uint64_t size_bytes; /* CSVR_REGULAR: as listed */
	uint64_t inode; /* 0: not known */
	int64_t mtime_ns;
	uint32_t rank; /* place in the bytewise order of paths; equal paths in order of arguments */
	uint16_t error_number; /* CSVR_FAILED: errno */
	uint8_t kind;
	bool is_known; /* what it holds came out of a saved state: it is not read */
};

struct csvr_inputs {
	struct csvr_input *items;
	size_t n_items;
	size_t capacity;
	uint32_t *by_rank; /* index of the input of each rank; set by csvr_inputs_rank */
	uint32_t *ranks; /* and the rank of each */
	struct csvr_arena paths;
	size_t n_states; /* of kind CSVR_STATE */
	struct csvr_listings *listings; /* once states were opened: input/listing.h; else NULL */
};

/* Numbers the inputs by path. Call once, when all are there. Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_inputs_rank(struct csvr_inputs *inputs);

/* The place of each input in the order of paths, once they have been ranked. */
const uint32_t *csvr_inputs_ranks(const struct csvr_inputs *inputs);

/* Asks the system for kind, size and time of one input that is CSVR_UNPROBED; others are left as
 * they are. Never fails: an input that cannot be asked becomes CSVR_FAILED. `folder` may be NULL; else
 * it is the calling thread's, and makes it faster. */
void csvr_input_probe(struct csvr_input *input, struct csvr_folder *folder);

/* Appends an input that is as `like` says, but for its path. Errors: CSVR_NO_MEMORY. `path` is
 * copied. */
enum csvr_status csvr_inputs_add_like(struct csvr_inputs *inputs, const char *path, size_t n_bytes,
				      const struct csvr_input *like);

/* Whether a file begins as a saved state does. */
enum { CSVR_STATE_MAGIC_BYTES = 8 };
extern const unsigned char csvr_state_magic[CSVR_STATE_MAGIC_BYTES];

#endif
