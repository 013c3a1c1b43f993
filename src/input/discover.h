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
	CSVR_FAILED
};

struct csvr_input {
	const char *path; /* "-" is standard input */
	uint64_t size_bytes; /* CSVR_REGULAR: as listed */
	uint64_t inode;
	int64_t mtime_ns;
	uint32_t rank; /* place in the bytewise order of paths; equal paths in order of arguments */
	uint16_t error_number; /* CSVR_FAILED: errno */
	uint8_t kind;
};

struct csvr_inputs {
	struct csvr_input *items;
	size_t n_items;
	size_t capacity;
	uint32_t *by_rank; /* index of the input of each rank; set by csvr_inputs_rank */
	struct csvr_arena paths;
};

/* Numbers the inputs by path. Call once, when all are there. Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_inputs_rank(struct csvr_inputs *inputs);

/* Asks the system for kind, size and time of one input that is CSVR_UNPROBED; others are left as
 * they are. Never fails: an input that cannot be asked becomes CSVR_FAILED. `folder` may be NULL; else
 * it is the calling thread's, and makes it faster. */
void csvr_input_probe(struct csvr_input *input, struct csvr_folder *folder);

#endif
