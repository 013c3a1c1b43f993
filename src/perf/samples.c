/* samples.c - the distinct stacks of one thread and the number of samples of each */
#include "perf/samples.h"

#include <stdlib.h>

#include "base/hash.h"

bool csvr_samples_init(struct csvr_samples *samples, size_t n_slots, size_t max_frames)
{
	*samples = (struct csvr_samples){
		.slots = calloc(n_slots, sizeof *samples->slots),
		.n_slots = n_slots,
		.frames = malloc(max_frames * sizeof *samples->frames),
		.max_frames = max_frames,
	};
	return samples->slots != NULL && samples->frames != NULL;
}

void csvr_samples_clear(struct csvr_samples *samples)
{
	free(samples->slots);
	free(samples->frames);
}

/* FNV-1a over frames instead of bytes. The fold moves the upper half, which is mixed better, to the
 * bits that choose a slot. */
static uint32_t hash_of(const uintptr_t *frames, size_t n_frames)
{
	uint64_t hash = CSVR_FNV1A_START;
	for (size_t i = 0; i < n_frames; i++)
		hash = csvr_fnv1a(hash, frames[i]);
	return (uint32_t)(hash ^ hash >> 32);
}

static bool is_same(const struct csvr_samples *samples, const struct csvr_sample *sample,
		    uint32_t hash, const uintptr_t *frames, size_t n_frames)
{
	if (sample->hash != hash || sample->n_frames != n_frames)
		return false;
	const uintptr_t *known = samples->frames + sample->first;
	for (size_t i = 0; i < n_frames; i++)
		if (known[i] != frames[i])
			return false;
	return true;
}

static bool has_room(const struct csvr_samples *samples, size_t n_frames)
{
	return samples->n_used < samples->n_slots / 4 * 3 &&
	       samples->max_frames - samples->n_frames >= n_frames;
}

void csvr_samples_add(struct csvr_samples *samples, const uintptr_t *frames, size_t n_frames,
		      uint64_t weight)
{
	const uint32_t hash = hash_of(frames, n_frames);
	size_t at = hash & (samples->n_slots - 1);
	/* The loop ends because a quarter of the slots is always free. */
	while (samples->slots[at].weight != 0 &&
	       !is_same(samples, &samples->slots[at], hash, frames, n_frames))
		at = (at + 1) & (samples->n_slots - 1);
	struct csvr_sample *sample = &samples->slots[at];
	if (sample->weight == 0) {
		if (!has_room(samples, n_frames)) {
			samples->n_lost += weight;
			return;
		}
		sample->hash = hash;
		sample->n_frames = (uint32_t)n_frames;
		sample->first = samples->n_frames;
		for (size_t i = 0; i < n_frames; i++)
			samples->frames[samples->n_frames++] = frames[i];
		samples->n_used++;
	}
	sample->weight += weight;
}
