/* stacks.h - folded stacks: one line per distinct stack of names, with its number of samples
 *
 * Shape    "thread 1 (main);main;run;csvr_run 123": the outermost frame first, the format that all
 *          viewers of flame graphs read
 * Units    samples
 * Errors   CSVR_NO_MEMORY
 * Threads  one at a time
 */
#ifndef CSVR_PERF_STACKS_H
#define CSVR_PERF_STACKS_H

#include "base/memory.h"
#include "csvreport.h"
#include "csvreport_perf.h"
#include "perf/sampler.h"

struct csvr_stack {
	const char *text; /* frames separated by semicolons */
	uint64_t n_samples;
};

struct csvr_stacks {
	struct csvr_stack *items;
	size_t n_items, capacity;
	struct csvr_arena strings;
};

void csvr_stacks_init(struct csvr_stacks *stacks);
void csvr_stacks_clear(struct csvr_stacks *stacks);

/* Adds samples of one stack; `text` is copied. Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_stacks_add(struct csvr_stacks *stacks, const char *text, size_t n_bytes,
				 uint64_t n_samples);

/* Sorts the stacks, with numbers within names by value, and merges equal ones. */
void csvr_stacks_sort(struct csvr_stacks *stacks);

/* The text of one stack while it is built, from the outermost frame on. */
struct csvr_folding {
	char *text;
	size_t n_bytes, capacity;
	size_t last; /* offset of the last frame */
};

/* Appends a frame. A semicolon in its name becomes a colon, a control character a question mark. A
 * name in brackets, which is that of a library without symbols, is not repeated. False: no
 * memory. */
bool csvr_folding_push(struct csvr_folding *folding, const char *name);

/* Adds all samples of a profile to `stacks`, which is empty, with names and sorted. Frames outside
 * main, which belong to the C library, are removed. Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_stacks_fold(struct csvr_stacks *stacks, const struct csvr_profile *profile);

#endif
