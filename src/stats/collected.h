/* collected.h - the states of all aggregates that a run collects for one column
 *
 * Shape    one allocation per column; absent where nothing is collected
 * Errors   CSVR_NO_MEMORY, and those of the aggregates
 * Threads  a block belongs to one thread at a time
 */
#ifndef CSVR_STATS_COLLECTED_H
#define CSVR_STATS_COLLECTED_H

#include "stats/aggregate.h"

/* Which aggregates are collected: a bit for each, in the order of statistics.c. The same program has the same
 * bits in all of its processes. */
typedef uint64_t csvr_collection;

struct csvr_collected;
struct csvr_order;
struct csvr_range_list;

/* A block of states of no cells. Free with csvr_collected_free (NULL is fine). */
enum csvr_status csvr_collected_new(csvr_collection collection, struct csvr_collected **collected);
void csvr_collected_free(struct csvr_collected *collected);

/* Resets all states to those of no cells. */
void csvr_collected_reset(struct csvr_collected *collected);

csvr_collection csvr_collected_collection(const struct csvr_collected *collected);

/* Makes the block of a whole file what csvr_collected_merge would make of it and of no others: frees what only
 * blocks that get cells, or parts of a file, need. NULL is accepted. */
enum csvr_status csvr_collected_finish_file(struct csvr_collected *collected);

/* Completes the states with all values, after which csvr_collected_state cannot fail until more cells are added.
 * Adding cells takes longer from then on. NULL is accepted. */
enum csvr_status csvr_collected_complete(struct csvr_collected *collected);

/* The state of one aggregate, after csvr_collected_complete, which is called if there is something to complete; NULL if
 * the aggregate is not collected, or there is no memory. `collected` may be NULL. */
const void *csvr_collected_state(const struct csvr_collected *collected,
				 const struct csvr_aggregate *aggregate);

/* The state of the aggregate `order`; NULL if it is not collected. `collected` may be NULL. */
struct csvr_order *csvr_collected_order(struct csvr_collected *collected);

/* `batch->doubles` is ignored: they are computed if an aggregate wants them. */
enum csvr_status csvr_collected_add_batch(struct csvr_collected *collected,
					  const struct csvr_batch *batch);
enum csvr_status csvr_collected_add_number(struct csvr_collected *collected,
					   const struct csvr_number *number);
enum csvr_status csvr_collected_add_texts(struct csvr_collected *collected,
					  const struct csvr_text *texts, size_t n_texts);

/* Sets what ranges and frequent values collect, if they are collected; NULL: nothing. */
void csvr_collected_want(struct csvr_collected *collected, const struct csvr_range_list *list);

/* Limits the states to those of a report of at least `n_columns` columns. NULL is accepted. */
void csvr_collected_limit(struct csvr_collected *collected, size_t n_columns);

/* Lets states of no cells leave out values that are useless once they are merged with `merged`, which collects the
 * same. */
void csvr_collected_inherit(struct csvr_collected *collected, const struct csvr_collected *merged);

/* into += from. `*into` may be NULL, and is then allocated; both collect the same. The cells of csvr_collected_append
 * follow in the same file. */
enum csvr_status csvr_collected_merge(struct csvr_collected **into,
				      const struct csvr_collected *from);
enum csvr_status csvr_collected_append(struct csvr_collected **into,
				       const struct csvr_collected *from);

/* Encodes the states of `collection`; NULL encodes those of no cells. */
void csvr_collected_encode(const struct csvr_collected *collected, csvr_collection collection,
			   struct csvr_encoder *encoder);
enum csvr_status csvr_collected_decode(csvr_collection collection, struct csvr_decoder *decoder,
				       const uint64_t cells[CSVR_N_CELL_CLASSES],
				       struct csvr_collected **collected);

#endif
