/* discover.h - paths, directories and lists to an ordered list of inputs
 *
 * Shape    the order of arguments is kept; what a walk finds stands bytewise by path; an input
 *          named twice is read twice. Nothing depends on the order in which a directory is read.
 * Errors   a path that cannot be used is an input of kind CSVR_FAILED with the system's reason
 * Threads  collected by one thread; then any number may probe, each its own inputs
 */
#ifndef CSVR_INPUT_DISCOVER_H
#define CSVR_INPUT_DISCOVER_H

#include "csvreport.h"
#include "input/folder.h"

enum csvr_input_kind {
	CSVR_UNPROBED, /* a name that a walk took; size not yet asked for */
	CSVR_REGULAR, /* a file of known size, readable at any offset by many threads */
	CSVR_STREAM, /* a FIFO, a device, standard input: once, from front to back */
	CSVR_FAILED
};

/* There may be millions: 24 bytes, and the text of the name. */
struct csvr_input {
	uint64_t size_bytes; /* CSVR_REGULAR: as listed; else 0 */
	union {
		int64_t mtime_ns; /* CSVR_REGULAR */
		int error_number; /* CSVR_FAILED: errno */
	};
	uint32_t name; /* offset in the text of the list: see csvr_inputs_parts */
	uint32_t inode : 30; /* folded: with size and time it only tells whether a file was replaced */
	uint32_t kind : 2;
};

struct csvr_inputs {
	struct csvr_input *items;
	size_t n_items;
	size_t capacity;
	/* Directories, each with a NUL behind it, and names, each between the number of its directory
	 * and a NUL. */
	char *text;
	size_t n_text;
	size_t text_capacity;
	uint32_t *directories; /* offsets in the text, by number */
	size_t n_directories;
	size_t directories_capacity;
	uint32_t *ranks; /* csvr_inputs_rank_of; NULL: the inputs stand ordered by path */
	struct csvr_shown *shown; /* what csvr_inputs_path has made */
};

/* A path in two. */
struct csvr_parts {
	const char *directory; /* with the slash behind it, or empty */
	const char *name; /* without one */
	uint32_t number; /* of the directory; the same one may have several, if others came in between */
};

/* The parts of the path of `input`; they stay where they are until an input is added. */
struct csvr_parts csvr_inputs_parts(const struct csvr_inputs *inputs,
				    const struct csvr_input *input);

/* Numbers the inputs by path. Call once, when all are there. Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_inputs_rank(struct csvr_inputs *inputs);

/* The place of input `index` in the bytewise order of paths, equal paths in order of arguments; and
 * the input at a place, which is looked for among all unless they stand in that order. */
uint32_t csvr_inputs_rank_of(const struct csvr_inputs *inputs, size_t index);
uint32_t csvr_inputs_index_of_rank(const struct csvr_inputs *inputs, uint32_t rank);

/* Asks the system for kind, size and time of one input that is CSVR_UNPROBED; others are left as
 * they are. Never fails: an input that cannot be asked becomes CSVR_FAILED. `folder` is the calling
 * thread's. */
void csvr_input_probe(const struct csvr_inputs *inputs, struct csvr_input *input,
		      struct csvr_folder *folder);

#endif
