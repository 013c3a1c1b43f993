/* sample.h - the distinct values of least hash, each with its exact count
 *
 * Up to K distinct values are all kept. Of more, those of least hash are kept: a uniform sample of the
 * distinct values, whose counts are exact. Their number follows from the least hash that is not kept. K is
 * CSVR_SAMPLE_VALUES, and less in reports of many columns.
 *
 * Shape    a sample of zeros is empty. Memory grows with the number of values, to 160 KiB for numbers,
 *          or 224 KiB and the bytes of texts, at most 1.5 MiB.
 * Errors   CSVR_NO_MEMORY: the sample lacks a value, and may only be cleared; CSVR_INVALID_FILE from decode
 * Threads  one thread at a time
 * Source   Bar-Yossef, Jayram, Kumar, Sivakumar and Trevisan, "Counting distinct elements in a data
 *          stream" (2002); Beyer, Haas, Reinwald, Sismanis and Gemulla, "On synopses for distinct-value
 *          estimation under multiset operations" (2007), whose unbiased estimator this is
 */
#ifndef CSVR_STATS_SAMPLE_H
#define CSVR_STATS_SAMPLE_H

#include "stats/aggregate.h"
#include "stats/key_table.h"

enum { CSVR_SAMPLE_VALUES = 4096 }; /* K: one standard error is 1 / sqrt(K - 1) = 1.6% */

struct csvr_sample_entry;

struct csvr_sample {
	/* Values of this hash and above are not in the sample; 0: all values are. */
	uint64_t theta;
	/* The doubles of a quantity, by hash, from which they follow; or hashes of which nothing else is known. */
	struct csvr_key_table keys;
	/* 1 + this quantity, CSVR_N_QUANTITIES for hashes; 0: there are no keys yet */
	unsigned key_quantity;
	/* Keys of one cell each that are not in the table yet, in any order; they may repeat, and be above theta. A file
	 * with few of them needs no table; adding many at once keeps the table in the cache. */
	uint64_t *pending;
	uint32_t n_pending, pending_capacity;
	/* All other values. */
	struct csvr_sample_entry *entries;
	/* A hash table: 0: empty; else 16 bits of a hash, and 1 + index of an entry. */
	uint32_t *slots;
	uint32_t n_entries, n_slots;
	uint32_t max_values; /* K; 0: CSVR_SAMPLE_VALUES */
	/* Set by the owner, which must not add more than CSVR_SAMPLE_VALUES distinct values: all of them are kept, even
	 * if they are more than K. */
	bool keeps_all;
};

void csvr_sample_clear(struct csvr_sample *sample);

/* Lowers K to `max_values`, a power of two of at least 16; does nothing if it is less already. */
void csvr_sample_limit(struct csvr_sample *sample, uint32_t max_values);

/* Lets an empty sample drop what a merge with `merged` would drop. */
void csvr_sample_inherit(struct csvr_sample *sample, const struct csvr_sample *merged);

/* Removes all values and the limit; keeps the memory. */
void csvr_sample_reset(struct csvr_sample *sample);

/* The values of the batch may stay pending until csvr_sample_settle or csvr_sample_merge; those of the other functions
 * that add values are never pending. */
enum csvr_status csvr_sample_add_batch(struct csvr_sample *sample, const struct csvr_batch *batch);
/* Add `count` cells of one value. */
enum csvr_status csvr_sample_add_numbers(struct csvr_sample *sample,
					 const struct csvr_number *number, uint64_t count);
enum csvr_status csvr_sample_add_texts(struct csvr_sample *sample, const struct csvr_text *text,
				       uint64_t count);

/* Add values of which only the hashes are known, to a sample of such values alone: `n` of one cell each, at most
 * CSVR_MAX_BATCH, which may be pending; or `count` cells of a value whose hash is below theta. */
enum csvr_status csvr_sample_add_hashes(struct csvr_sample *sample, const uint64_t *hashes,
					size_t n);
enum csvr_status csvr_sample_add_hash(struct csvr_sample *sample, uint64_t hash, uint64_t count);

/* The result has the lesser K of both; values of `from` may be pending. */
enum csvr_status csvr_sample_merge(struct csvr_sample *into, const struct csvr_sample *from);

/* Adds the pending values, and frees their memory. Call it before the functions below. */
enum csvr_status csvr_sample_settle(struct csvr_sample *sample);

/* A value and the number of its cells. */
struct csvr_sample_point {
	double value;
	uint64_t count;
};

/* The number of values of a complete sample. */
uint32_t csvr_sample_n_values(const struct csvr_sample *sample);

/* Whether the sample has all values: none was dropped. */
bool csvr_sample_is_complete(const struct csvr_sample *sample);

/* The values of a quantity that are in the sample, each as its nearest double, strictly ascending, with the
 * exact number of cells whose nearest double it is. An incomplete sample has those of its values only. The
 * caller frees `*points`, which is never NULL. Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_sample_points(const struct csvr_sample *sample, enum csvr_quantity quantity,
				    struct csvr_sample_point **points, size_t *n_points);

/* The values of a complete sample that have the most cells: at most `n`, by descending count, then by
 * csvr_sample_value_order. Returns how many there are. The sample owns their bytes. */
size_t csvr_sample_top(const struct csvr_sample *sample, size_t n, struct csvr_sample_entry *top);

/* The cells that have values, of those of a column. */
uint64_t csvr_sample_n_cells(const uint64_t cells[CSVR_N_CELL_CLASSES]);

/* The number of distinct values, of `n_cells` cells. */
uint64_t csvr_sample_distinct(const struct csvr_sample *sample, uint64_t n_cells,
			      bool *is_approximate);

/* As struct csvr_aggregate demands. */
void csvr_sample_encode(const struct csvr_sample *sample, struct csvr_encoder *encoder);
enum csvr_status csvr_sample_decode(struct csvr_sample *sample, struct csvr_decoder *decoder,
				    const uint64_t cells[CSVR_N_CELL_CLASSES]);

/* The aggregate `sample`. */
extern const struct csvr_aggregate csvr_sample_aggregate;

#endif
