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

/* There may be millions: 32 bytes. Paths are pairs of a directory, with the slash behind it or empty,
 * and a name, without one; both are offsets in the text of the list. */
struct csvr_input {
	uint64_t size_bytes; /* CSVR_REGULAR: as listed */
	int64_t mtime_ns;
	uint32_t inode; /* folded: with size and time it only tells whether a file was replaced */
	uint32_t directory; /* equal only where the directories are, but perhaps not wherever */
	uint32_t name;
	uint16_t error_number; /* CSVR_FAILED: errno */
	uint8_t kind;
};

struct csvr_inputs {
	struct csvr_input *items;
	size_t n_items;
	size_t capacity;
	char *text; /* directories and names, each with a NUL behind it */
	size_t n_text;
	size_t text_capacity;
	uint32_t directory; /* the last one put into the text */
	uint32_t *ranks; /* csvr_inputs_rank_of; NULL: the inputs stand ordered by path */
	struct csvr_shown *shown; /* what csvr_inputs_path has made */
};

/* The two parts of the path of `input`, until an input is added. */
static inline const char *csvr_inputs_directory(const struct csvr_inputs *inputs,
						const struct csvr_input *input)
{
	return inputs->text + input->directory;
}

static inline const char *csvr_inputs_name(const struct csvr_inputs *inputs,
					   const struct csvr_input *input)
{
	return inputs->text + input->name;
}

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
