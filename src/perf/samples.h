/* samples.h - the distinct stacks of one thread and how often each was seen
 *
 * Shape    a hash table and a store of frames, both of fixed size and made beforehand, so that a
 *          signal handler can count into them: adding allocates nothing and calls nothing
 * Units    a weight is in samples; frames are addresses, the innermost first
 * Errors   a stack that finds no room is counted as lost
 * Threads  belongs to one thread; another may read it once that one has stopped adding
 */
#ifndef CSVR_PERF_SAMPLES_H
#define CSVR_PERF_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A deeper stack loses its outermost frames. The deepest of this program are 30 frames; a
 * recursion such as that of a regular expression's compiler adds some tens. */
enum { CSVR_MAX_FRAMES = 256 };

struct csvr_sample {
	uint64_t weight; /* 0: the slot is free */
	uint32_t hash;
	uint32_t n_frames;
	size_t first; /* of its frames, in the store */
};

struct csvr_samples {
	struct csvr_sample *slots;
	size_t n_slots; /* a power of two */
	size_t n_used;
	uintptr_t *frames;
	size_t n_frames, max_frames;
	uint64_t n_lost;
};

/* Room for 3/4 of `n_slots` (a power of two) stacks of together `max_frames` frames. The pages are
 * not touched before they are needed. False: no memory; csvr_samples_clear is due in either case. */
bool csvr_samples_init(struct csvr_samples *samples, size_t n_slots, size_t max_frames);
void csvr_samples_clear(struct csvr_samples *samples);

/* Counts one stack. Safe in a signal handler of the thread that owns the table. */
void csvr_samples_add(struct csvr_samples *samples, const uintptr_t *frames, size_t n_frames,
		      uint64_t weight);

#endif
