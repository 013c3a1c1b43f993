/* samples.h - the distinct stacks of one thread and the number of samples of each
 *
 * Shape    a hash table and an array of frames, both of fixed size and allocated in advance, so
 *          that a signal handler can add to them: adding neither allocates nor calls other
 *          libraries
 * Units    weights are samples; frames are addresses, innermost first
 * Errors   a stack that does not fit is counted as lost
 * Threads  belongs to one thread; others may read it after that thread has stopped adding
 */
#ifndef CSVR_PERF_SAMPLES_H
#define CSVR_PERF_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The outermost frames of a deeper stack are dropped. The deepest stacks of this program have 30
 * frames; recursive functions of libraries, such as regcomp, add some tens. */
enum { CSVR_MAX_FRAMES = 256 };

struct csvr_sample {
	uint64_t weight; /* 0: the slot is free */
	uint32_t hash;
	uint32_t n_frames;
	size_t first; /* index of its first frame in `frames` */
};

struct csvr_samples {
	struct csvr_sample *slots;
	size_t n_slots; /* a power of two */
	size_t n_used;
	uintptr_t *frames;
	size_t n_frames, max_frames;
	uint64_t n_lost;
};

/* Allocates memory for 3/4 of `n_slots` (a power of two) stacks with `max_frames` frames in total,
 * without touching its pages. False: no memory. Clear the samples in either case. */
bool csvr_samples_init(struct csvr_samples *samples, size_t n_slots, size_t max_frames);
void csvr_samples_clear(struct csvr_samples *samples);

/* Counts one stack. Safe in a signal handler of the thread that owns the table. */
void csvr_samples_add(struct csvr_samples *samples, const uintptr_t *frames, size_t n_frames,
		      uint64_t weight);

#endif
