/* sample_internal.h - shared by the files of samples */
#ifndef CSVR_STATS_SAMPLE_INTERNAL_H
#define CSVR_STATS_SAMPLE_INTERNAL_H

#include "stats/sample.h"
#include "stats/sample_value.h"

struct csvr_sample_entry {
	struct csvr_sample_value value;
	uint64_t count;
};

/* Visits all values, in any order: those of the canonical state, and values from its theta on. */
struct csvr_sample_cursor {
	const struct csvr_sample *sample;
	uint32_t slot, entry; /* the next ones */
};

/* False: there are no more. The sample owns the bytes of the value. */
bool csvr_sample_next(struct csvr_sample_cursor *cursor, struct csvr_sample_entry *entry);

/* K. */
uint32_t csvr_sample_max_values(const struct csvr_sample *sample);

/* theta of the canonical state; entries from there on do not belong to it. */
uint64_t csvr_canonical_theta(const struct csvr_sample *sample);

/* Adds `count` cells of a value whose hash is below theta. */
enum csvr_status csvr_sample_add(struct csvr_sample *sample, const struct csvr_sample_value *value,
				 uint64_t count);

#endif
