/* ranges_internal.h - shared by ranges.c and ranges_codec.c */
#ifndef CSVR_STATS_RANGES_INTERNAL_H
#define CSVR_STATS_RANGES_INTERNAL_H

#include "stats/ranges.h"

/* As struct csvr_aggregate demands. */
void csvr_ranges_encode(const void *state, struct csvr_encoder *encoder);
enum csvr_status csvr_ranges_decode(void *state, struct csvr_decoder *decoder,
				    const uint64_t cells[CSVR_N_CELL_CLASSES]);

#endif
