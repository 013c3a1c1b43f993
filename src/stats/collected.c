/* collected.c - the states of all aggregates that a run collects for one column
 *
 * The cells of a column with few distinct values are counted in `few`, once for all aggregates that can add a value
 * many times (add_value). This is cheaper than adding each cell to each of them. When there are too many values, or a
 * state is read, these aggregates get the values with their counts, and from then on each cell. The states are the
 * same, whichever cells are counted in `few`.
 */
#include "stats/collected.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "stats/few_values.h"
#include "stats/order.h"
#include "stats/ranges.h"
#include "stats/statistics.h"

/* As that of the memory that calloc returns. */
enum { STATE_ALIGNMENT = _Alignof(max_align_t) };

struct csvr_collected {
	csvr_collection collection;
	bool has_add_value; /* some of the aggregates have it */
	/* The cells that aggregates with add_value do not have yet. With `has_more` there are none: they get each cell. */
	struct csvr_few_values few;
	/* The states, in order of bits, each at a multiple of STATE_ALIGNMENT. */
	_Alignas(STATE_ALIGNMENT) unsigned char states[];
};

/* Visits the aggregates of a collection and the offsets of their states:
 *
 *	for (struct visit v = visit_first(collection); v.aggregate != NULL; visit_next(&v))
 */
struct visit {
	const struct csvr_aggregate *aggregate; /* NULL: past the last */
	size_t offset;
	csvr_collection rest; /* the bit of `aggregate` and those after it */
};

static void visit_lowest(struct visit *visit)
{
	visit->aggregate = csvr_collection_lowest(visit->rest);
}

static struct visit visit_first(csvr_collection collection)
{
	struct visit visit = { .rest = collection };
	visit_lowest(&visit);
	return visit;
}

static void visit_next(struct visit *visit)
{
	const size_t n = visit->aggregate->state_bytes;
	visit->offset += (n + STATE_ALIGNMENT - 1) / STATE_ALIGNMENT * STATE_ALIGNMENT;
	visit->rest &= visit->rest - 1;
	visit_lowest(visit);
}

/* Before there are cells. */
static void start_few(struct csvr_collected *collected)
{
	collected->few.keeps_overflow = true;
	collected->few.has_more = !collected->has_add_value;
}

enum csvr_status csvr_collected_new(csvr_collection collection, struct csvr_collected **collected)
{
	struct visit v = visit_first(collection);
	bool has_add_value = false;
	for (; v.aggregate != NULL; visit_next(&v))
		has_add_value |= v.aggregate->add_value != NULL;
	*collected = NULL;
	struct csvr_collected *block = calloc(1, sizeof *block + v.offset);
	if (block == NULL)
		return CSVR_NO_MEMORY;
	block->collection = collection;
	block->has_add_value = has_add_value;
	start_few(block);
	*collected = block;
	return CSVR_OK;
}

void csvr_collected_free(struct csvr_collected *collected)
{
	if (collected == NULL)
		return;
	for (struct visit v = visit_first(collected->collection); v.aggregate != NULL;
	     visit_next(&v))
		if (v.aggregate->clear != NULL)
			v.aggregate->clear(collected->states + v.offset);
	csvr_few_values_aggregate.clear(&collected->few);
	free(collected);
}

static void reset_state(const struct csvr_aggregate *aggregate, unsigned char *state)
{
	if (aggregate->reset != NULL) {
		aggregate->reset(state);
		return;
	}
	if (aggregate->clear != NULL)
		aggregate->clear(state);
	memset(state, 0, aggregate->state_bytes);
}

void csvr_collected_reset(struct csvr_collected *collected)
{
	for (struct visit v = visit_first(collected->collection); v.aggregate != NULL;
	     visit_next(&v))
		reset_state(v.aggregate, collected->states + v.offset);
	csvr_few_values_aggregate.reset(&collected->few);
	start_few(collected);
}

csvr_collection csvr_collected_collection(const struct csvr_collected *collected)
{
	return collected->collection;
}

/* ---- few values ---- */

/* Adds the cells that `few` has to the states that need them. */
static enum csvr_status add_few(struct csvr_collected *collected, const struct csvr_few_values *few)
{
	enum csvr_status status = CSVR_OK;
	for (struct visit v = visit_first(collected->collection);
	     v.aggregate != NULL && status == CSVR_OK; visit_next(&v))
		if (v.aggregate->add_value != NULL)
			status = csvr_few_values_add_to(few, v.aggregate,
							collected->states + v.offset);
	return status;
}

/* Moves the cells of `few` to the states, which get each cell from now on. */
static enum csvr_status move_few(struct csvr_collected *collected)
{
	const enum csvr_status status = add_few(collected, &collected->few);
	csvr_few_values_drop(&collected->few);
	return status;
}

/* After cells were added to `few`, with that status. */
static enum csvr_status finish_few(struct csvr_collected *collected, enum csvr_status status)
{
	return status == CSVR_OK && csvr_few_values_has_overflow(&collected->few)
		       ? move_few(collected)
		       : status;
}

/* Finishes pending work of all aggregates. */
static enum csvr_status settle(struct csvr_collected *collected)
{
	enum csvr_status status = CSVR_OK;
	if (collected == NULL)
		return CSVR_OK;
	for (struct visit v = visit_first(collected->collection);
	     v.aggregate != NULL && status == CSVR_OK; visit_next(&v))
		if (v.aggregate->complete != NULL)
			status = v.aggregate->complete(collected->states + v.offset);
	return status;
}

/* Merges a state with none. */
static enum csvr_status merge_alone(const struct csvr_aggregate *aggregate, void *state)
{
	void *merged = calloc(1, aggregate->state_bytes);
	if (merged == NULL)
		return CSVR_NO_MEMORY;
	const enum csvr_status status = aggregate->merge(merged, state);
	if (aggregate->clear != NULL)
		aggregate->clear(state);
	memcpy(state, merged, aggregate->state_bytes);
	free(merged);
	return status;
}

enum csvr_status csvr_collected_finish_file(struct csvr_collected *collected)
{
	enum csvr_status status = settle(collected);
	if (collected == NULL)
		return status;
	for (struct visit v = visit_first(collected->collection);
	     v.aggregate != NULL && status == CSVR_OK; visit_next(&v))
		if (v.aggregate->append != NULL)
			status = merge_alone(v.aggregate, collected->states + v.offset);
	return status;
}

enum csvr_status csvr_collected_complete(struct csvr_collected *collected)
{
	const bool has_few = collected != NULL && collected->few.counts != NULL;
	const enum csvr_status status = has_few ? move_few(collected) : CSVR_OK;
	return status == CSVR_OK ? settle(collected) : status;
}

/* The value of the block does not change. */
static enum csvr_status complete(const struct csvr_collected *collected)
{
	return csvr_collected_complete((struct csvr_collected *)collected);
}

const void *csvr_collected_state(const struct csvr_collected *collected,
				 const struct csvr_aggregate *aggregate)
{
	if (collected == NULL || complete(collected) != CSVR_OK)
		return NULL;
	for (struct visit v = visit_first(collected->collection); v.aggregate != NULL;
	     visit_next(&v))
		if (v.aggregate == aggregate)
			return collected->states + v.offset;
	return NULL;
}

struct csvr_order *csvr_collected_order(struct csvr_collected *collected)
{
	if (collected == NULL)
		return NULL;
	for (struct visit v = visit_first(collected->collection); v.aggregate != NULL;
	     visit_next(&v))
		if (v.aggregate == &csvr_order_aggregate)
			return (struct csvr_order *)(collected->states + v.offset);
	return NULL;
}

/* ---- cells ---- */

static bool takes(const struct csvr_aggregate *aggregate, enum csvr_quantity quantity)
{
	return aggregate->add_batch != NULL &&
	       (quantity == CSVR_QUANTITY_NUMBER || aggregate->takes_every_quantity);
}

/* Whether the aggregate gets each cell; `is_few`: `few` gets them. */
static bool gets_cells(const struct csvr_aggregate *aggregate, bool is_few)
{
	return !is_few || aggregate->add_value == NULL;
}

enum csvr_status csvr_collected_add_batch(struct csvr_collected *collected,
					  const struct csvr_batch *batch)
{
	/* Computed when the first aggregate wants them, for all. */
	double doubles[CSVR_MAX_BATCH];
	struct csvr_batch with_doubles = *batch;
	with_doubles.doubles = NULL;
	bool has_doubles = false;
	const bool is_few = !collected->few.has_more;
	enum csvr_status status = CSVR_OK;
	if (is_few)
		status = csvr_few_values_aggregate.add_batch(&collected->few, &with_doubles);
	for (struct visit v = visit_first(collected->collection);
	     v.aggregate != NULL && status == CSVR_OK; visit_next(&v)) {
		if (!takes(v.aggregate, batch->quantity) || !gets_cells(v.aggregate, is_few))
			continue;
		if (v.aggregate->wants_doubles && !has_doubles) {
			with_doubles = csvr_batch_with_doubles(batch, doubles);
			has_doubles = true;
		}
		status = v.aggregate->add_batch(collected->states + v.offset, &with_doubles);
	}
	return finish_few(collected, status);
}

enum csvr_status csvr_collected_add_number(struct csvr_collected *collected,
					   const struct csvr_number *number)
{
	const bool is_few = !collected->few.has_more;
	enum csvr_status status = CSVR_OK;
	if (is_few)
		status = csvr_few_values_aggregate.add_number(&collected->few, number);
	for (struct visit v = visit_first(collected->collection);
	     v.aggregate != NULL && status == CSVR_OK; visit_next(&v))
		if (takes(v.aggregate, number->quantity) && gets_cells(v.aggregate, is_few))
			status = v.aggregate->add_number(collected->states + v.offset, number);
	return finish_few(collected, status);
}

enum csvr_status csvr_collected_add_texts(struct csvr_collected *collected,
					  const struct csvr_text *texts, size_t n_texts)
{
	const bool is_few = !collected->few.has_more;
	enum csvr_status status = CSVR_OK;
	if (is_few)
		status = csvr_few_values_aggregate.add_texts(&collected->few, texts, n_texts);
	for (struct visit v = visit_first(collected->collection);
	     v.aggregate != NULL && status == CSVR_OK; visit_next(&v))
		if (v.aggregate->add_texts != NULL && gets_cells(v.aggregate, is_few))
			status = v.aggregate->add_texts(collected->states + v.offset, texts,
							n_texts);
	return finish_few(collected, status);
}

void csvr_collected_want(struct csvr_collected *collected, const struct csvr_range_list *list)
{
	for (struct visit v = visit_first(collected->collection); v.aggregate != NULL;
	     visit_next(&v))
		if (v.aggregate == &csvr_ranges_aggregate)
			csvr_ranges_want((struct csvr_ranges *)(collected->states + v.offset),
					 list);
		else if (v.aggregate == &csvr_frequent_aggregate)
			csvr_frequent_want((struct csvr_frequent *)(collected->states + v.offset),
					   list != NULL ? &list->frequent : NULL);
}

void csvr_collected_limit(struct csvr_collected *collected, size_t n_columns)
{
	if (collected == NULL)
		return;
	for (struct visit v = visit_first(collected->collection); v.aggregate != NULL;
	     visit_next(&v))
		if (v.aggregate->limit != NULL)
			v.aggregate->limit(collected->states + v.offset, n_columns);
}

void csvr_collected_inherit(struct csvr_collected *collected, const struct csvr_collected *merged)
{
	csvr_few_values_aggregate.inherit(&collected->few, &merged->few);
	for (struct visit v = visit_first(collected->collection); v.aggregate != NULL;
	     visit_next(&v))
		if (v.aggregate->inherit != NULL)
			v.aggregate->inherit(collected->states + v.offset,
					     merged->states + v.offset);
}

/* Adds the cells of another `few` to that of a block, or to the states. */
static enum csvr_status merge_few(struct csvr_collected *into, const struct csvr_few_values *from)
{
	if (into->few.has_more)
		return add_few(into, from);
	return finish_few(into, csvr_few_values_aggregate.merge(&into->few, from));
}

/* Allocates the block, if there is none, and merges all but the states. */
static enum csvr_status start_merge(struct csvr_collected **into, const struct csvr_collected *from)
{
	enum csvr_status status = CSVR_OK;
	if (*into == NULL)
		status = csvr_collected_new(from->collection, into);
	return status == CSVR_OK ? merge_few(*into, &from->few) : status;
}

enum csvr_status csvr_collected_merge(struct csvr_collected **into,
				      const struct csvr_collected *from)
{
	enum csvr_status status = start_merge(into, from);
	for (struct visit v = visit_first(from->collection);
	     v.aggregate != NULL && status == CSVR_OK; visit_next(&v))
		status = v.aggregate->merge((*into)->states + v.offset, from->states + v.offset);
	return status;
}

enum csvr_status csvr_collected_append(struct csvr_collected **into,
				       const struct csvr_collected *from)
{
	enum csvr_status status = start_merge(into, from);
	for (struct visit v = visit_first(from->collection);
	     v.aggregate != NULL && status == CSVR_OK; visit_next(&v)) {
		enum csvr_status (*const add)(void *, const void *) = v.aggregate->append != NULL
									      ? v.aggregate->append
									      : v.aggregate->merge;
		status = add((*into)->states + v.offset, from->states + v.offset);
	}
	return status;
}

void csvr_collected_encode(const struct csvr_collected *collected, csvr_collection collection,
			   struct csvr_encoder *encoder)
{
	struct csvr_collected *empty = NULL;
	if (collected == NULL && collection != 0) {
		if (csvr_collected_new(collection, &empty) != CSVR_OK) {
			encoder->is_out_of_memory = true;
			return;
		}
		collected = empty;
	}
	if (complete(collected) != CSVR_OK)
		encoder->is_out_of_memory = true;
	for (struct visit v = visit_first(collection); v.aggregate != NULL; visit_next(&v))
		v.aggregate->encode(collected->states + v.offset, encoder);
	csvr_collected_free(empty);
}

enum csvr_status csvr_collected_decode(csvr_collection collection, struct csvr_decoder *decoder,
				       const uint64_t cells[CSVR_N_CELL_CLASSES],
				       struct csvr_collected **collected)
{
	*collected = NULL;
	if (collection == 0)
		return CSVR_OK;
	enum csvr_status status = csvr_collected_new(collection, collected);
	for (struct visit v = visit_first(collection); v.aggregate != NULL && status == CSVR_OK;
	     visit_next(&v))
		status = v.aggregate->decode((*collected)->states + v.offset, decoder, cells);
	if (status != CSVR_OK) {
		csvr_collected_free(*collected);
		*collected = NULL;
	}
	return status;
}
