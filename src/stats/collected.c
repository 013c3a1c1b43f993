/* collected.c - the states of all aggregates that a run collects for one column */
#include "stats/collected.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "stats/ranges.h"
#include "stats/statistics.h"

/* As that of the memory that calloc returns. */
enum { STATE_ALIGNMENT = _Alignof(max_align_t) };

struct csvr_collected {
	csvr_collection collection;
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

enum csvr_status csvr_collected_new(csvr_collection collection, struct csvr_collected **collected)
{
	struct visit v = visit_first(collection);
	while (v.aggregate != NULL)
		visit_next(&v);
	*collected = NULL;
	struct csvr_collected *block = calloc(1, sizeof *block + v.offset);
	if (block == NULL)
		return CSVR_NO_MEMORY;
	block->collection = collection;
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
}

csvr_collection csvr_collected_collection(const struct csvr_collected *collected)
{
	return collected->collection;
}

const void *csvr_collected_state(const struct csvr_collected *collected,
				 const struct csvr_aggregate *aggregate)
{
	if (collected == NULL)
		return NULL;
	for (struct visit v = visit_first(collected->collection); v.aggregate != NULL;
	     visit_next(&v))
		if (v.aggregate == aggregate)
			return collected->states + v.offset;
	return NULL;
}

static bool takes(const struct csvr_aggregate *aggregate, enum csvr_quantity quantity)
{
	return quantity == CSVR_QUANTITY_NUMBER || aggregate->takes_every_quantity;
}

enum csvr_status csvr_collected_add_batch(struct csvr_collected *collected,
					  const struct csvr_batch *batch)
{
	/* Computed when the first aggregate wants them, for all. */
	double doubles[CSVR_MAX_BATCH];
	struct csvr_batch with_doubles = *batch;
	with_doubles.doubles = NULL;
	bool may_want = csvr_batch_is_below(batch, INT64_C(1) << CSVR_DOUBLES_BITS);
	enum csvr_status status = CSVR_OK;
	for (struct visit v = visit_first(collected->collection);
	     v.aggregate != NULL && status == CSVR_OK; visit_next(&v)) {
		if (!takes(v.aggregate, batch->quantity))
			continue;
		if (may_want && v.aggregate->wants_doubles) {
			batch->kernels->to_doubles(batch->values, batch->n_values, batch->scale,
						   doubles);
			with_doubles.doubles = doubles;
			may_want = false;
		}
		status = v.aggregate->add_batch(collected->states + v.offset, &with_doubles);
	}
	return status;
}

enum csvr_status csvr_collected_add_number(struct csvr_collected *collected,
					   const struct csvr_number *number)
{
	enum csvr_status status = CSVR_OK;
	for (struct visit v = visit_first(collected->collection);
	     v.aggregate != NULL && status == CSVR_OK; visit_next(&v))
		if (takes(v.aggregate, number->quantity))
			status = v.aggregate->add_number(collected->states + v.offset, number);
	return status;
}

enum csvr_status csvr_collected_add_texts(struct csvr_collected *collected,
					  const struct csvr_text *texts, size_t n_texts)
{
	enum csvr_status status = CSVR_OK;
	for (struct visit v = visit_first(collected->collection);
	     v.aggregate != NULL && status == CSVR_OK; visit_next(&v))
		if (v.aggregate->add_texts != NULL)
			status = v.aggregate->add_texts(collected->states + v.offset, texts,
							n_texts);
	return status;
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
	for (struct visit v = visit_first(collected->collection); v.aggregate != NULL;
	     visit_next(&v))
		if (v.aggregate->inherit != NULL)
			v.aggregate->inherit(collected->states + v.offset,
					     merged->states + v.offset);
}

enum csvr_status csvr_collected_merge(struct csvr_collected **into,
				      const struct csvr_collected *from)
{
	enum csvr_status status = CSVR_OK;
	if (*into == NULL)
		status = csvr_collected_new(from->collection, into);
	for (struct visit v = visit_first(from->collection);
	     v.aggregate != NULL && status == CSVR_OK; visit_next(&v))
		status = v.aggregate->merge((*into)->states + v.offset, from->states + v.offset);
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
