/* stacks.h - folded stacks: one line per distinct stack of names, with its samples
 *
 * Shape    "thread 1 (main);main;run;csvr_run 123": the outermost first, as every viewer of flame
 *          graphs reads them
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
	const char *text; /* its frames, separated by semicolons */
	uint64_t n_samples;
};

struct csvr_stacks {
	struct csvr_stack *items;
	size_t n_items, capacity;
	struct csvr_arena strings;
};

void csvr_stacks_init(struct csvr_stacks *stacks);
void csvr_stacks_clear(struct csvr_stacks *stacks);

/* Adds samples of one stack; its text is copied. */
enum csvr_status csvr_stacks_add(struct csvr_stacks *stacks, const char *text, size_t n_bytes,
				 uint64_t n_samples);

/* Orders the stacks, numbers within names by their value, and makes one of those that are alike. */
void csvr_stacks_sort(struct csvr_stacks *stacks);

/* One stack from the outside in, and the names of its frames joined. */
struct csvr_folding {
	char *text;
	size_t n_bytes, capacity;
	size_t last; /* where the last frame begins */
};

/* Appends a frame. In its name a semicolon becomes a colon, and what is no visible character of ASCII
 * or a byte of UTF-8 a question mark. A name in brackets, of a library whose functions have no
 * names, is not repeated. False: no memory. */
bool csvr_folding_push(struct csvr_folding *folding, const char *name);

/* All samples of a profile, named and sorted. `stacks` is empty before. What lies around main is cut
 * off: it is the C library's. */
enum csvr_status csvr_stacks_fold(struct csvr_stacks *stacks, const struct csvr_profile *profile);

#endif
