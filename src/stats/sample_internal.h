/* sample_internal.h - shared by the files of samples */
#ifndef CSVR_STATS_SAMPLE_INTERNAL_H
#define CSVR_STATS_SAMPLE_INTERNAL_H

#include "stats/sample.h"
#include "stats/sample_value.h"

/* The value of a key of the sample. */
static inline struct csvr_sample_value csvr_sample_value_of_key(const struct csvr_sample *sample,
								uint64_t hash)
{
	const enum csvr_quantity quantity = (enum csvr_quantity)(sample->key_quantity - 1);
	struct csvr_sample_value value = { .hash = hash, .quantity = quantity };
	value.word = csvr_sample_double_of_hash(hash, quantity);
	return value;
}

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

/* A value to bytes, but for its form and quantity, and back. False: it is not canonical, or the decoder has
 * failed. It may point into the input. */
void csvr_sample_value_encode(const struct csvr_sample_value *value, struct csvr_encoder *encoder);
bool csvr_sample_value_decode(struct csvr_sample_value *value, struct csvr_decoder *decoder);

/* Adds `count` cells of a value whose hash is below theta. */
enum csvr_status csvr_sample_add(struct csvr_sample *sample, const struct csvr_sample_value *value,
				 uint64_t count);

#endif
