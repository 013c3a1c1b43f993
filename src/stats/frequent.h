/* frequent.h - the values of a column that many of its cells have, with exact counts
 *
 * A further pass counts the hashes of all values, in two tables of few counters. No value has more cells than
 * either of its counters says, so that only values whose counters are both high can be frequent. Another pass
 * counts these. If there are too many, nothing is known. All is a pure function of the multiset of cells.
 *
 * Shape    a state of zeros wants nothing. 96 KiB for counters, or up to 1.3 MB for values and their bytes
 * Errors   CSVR_NO_MEMORY: a value is missing, and the state may only be cleared
 * Threads  what is wanted is const while columns use it; a state belongs to one thread at a time
 * Source   Cormode and Muthukrishnan, "An improved data stream summary: the count-min sketch and its
 *          applications" (2005)
 */
#ifndef CSVR_STATS_FREQUENT_H
#define CSVR_STATS_FREQUENT_H

#include "stats/aggregate.h"
#include "stats/value_counts.h"

enum {
	CSVR_FREQUENT_SHARE = 2048, /* a frequent value has at least this part of the cells */
	CSVR_HASH_COUNTER_BITS = 12,
	CSVR_N_HASH_COUNTERS = 2 << CSVR_HASH_COUNTER_BITS, /* those of both tables */
	CSVR_MAX_FREQUENT = 1 << 14 /* values that are counted */
};

/* What a pass collects. */
struct csvr_frequent_want {
	bool is_wanted;
	const uint64_t *counters; /* of the column; count values by them. NULL: count hashes */
	uint64_t least; /* cells of a frequent value */
};

/* The state of the aggregate. */
struct csvr_frequent {
	const struct csvr_frequent_want *want; /* NULL: nothing */
	uint64_t *counters; /* NULL: the hashes are in `hashes` */
	/* What is not in `counters` yet: half of their memory, which cells fit into the cache with. NULL: nothing. */
	uint32_t *own_counters;
	uint32_t n_own; /* cells that they count */
	uint64_t *hashes; /* of the first cells; NULL: none */
	uint32_t n_hashes;
	struct csvr_value_counts values;
	bool has_too_many;
};

extern const struct csvr_aggregate csvr_frequent_aggregate;

/* Sets what a state without cells collects. It must outlive the state. NULL: nothing. */
void csvr_frequent_want(struct csvr_frequent *frequent, const struct csvr_frequent_want *want);

/* Takes the counters, which the caller frees; NULL: no memory. */
uint64_t *csvr_frequent_take_counters(struct csvr_frequent *frequent);

/* Whether some value may be frequent. */
bool csvr_frequent_is_possible(const uint64_t *counters, uint64_t least);

/* Counters to bytes and back; NULL is encoded too. Errors: CSVR_INVALID_FILE, CSVR_NO_MEMORY. The caller frees
 * `*counters` in any case. */
void csvr_hash_counters_encode(const uint64_t *counters, struct csvr_encoder *encoder);
enum csvr_status csvr_hash_counters_decode(uint64_t **counters, struct csvr_decoder *decoder);

#endif
