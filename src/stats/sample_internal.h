/* sample_internal.h - shared by sample.c and sample_codec.c */
#ifndef CSVR_STATS_SAMPLE_INTERNAL_H
#define CSVR_STATS_SAMPLE_INTERNAL_H

#include "stats/sample.h"
#include "stats/sample_value.h"

struct csvr_sample_entry {
	struct csvr_sample_value value;
	uint64_t count;
};

/* K. */
uint32_t csvr_sample_max_values(const struct csvr_sample *sample);

/* theta of the canonical state; entries from there on do not belong to it. */
uint64_t csvr_canonical_theta(const struct csvr_sample *sample);

/* Adds `count` cells of a value whose hash is below theta. */
enum csvr_status csvr_sample_add(struct csvr_sample *sample, const struct csvr_sample_value *value,
				 uint64_t count);

#endif
