/* plan.c - divides inputs into units of work */
#include "run/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static enum csvr_status append(struct csvr_plan *plan, struct csvr_unit unit)
{
	struct csvr_unit *units = csvr_array_grow(plan->units, &plan->capacity, plan->n_units + 1,
						  sizeof *units);
	if (units == NULL)
		return CSVR_NO_MEMORY;
	plan->units = units;
	units[plan->n_units++] = unit;
	return CSVR_OK;
}

/* Enough for 2 TiB in chunks of 8 MiB; larger files have longer chunks. Limits the memory for units
 * of a sparse file, or of an object whose size the server made up. */
enum { MAX_CHUNKS = 1 << 18 };

static enum csvr_status split(struct csvr_plan *plan, uint32_t input, uint64_t size_bytes,
			      uint64_t chunk_bytes)
{
	uint64_t n_chunks = size_bytes / chunk_bytes + (size_bytes % chunk_bytes != 0);
	if (n_chunks > MAX_CHUNKS) {
		chunk_bytes = size_bytes / MAX_CHUNKS + 1;
		n_chunks = size_bytes / chunk_bytes + (size_bytes % chunk_bytes != 0);
	}
	for (uint64_t i = 0; i < n_chunks; i++) {
		struct csvr_unit unit = { input,           1,
					  i * chunk_bytes, (i + 1) * chunk_bytes,
					  (uint32_t)i,     (uint32_t)n_chunks };
		/* The last chunk is read to the end of the file. */
		if (i + 1 == n_chunks)
			unit.end = UINT64_MAX;
		enum csvr_status status = append(plan, unit);
		if (status != CSVR_OK)
			return status;
	}
	return CSVR_OK;
}

uint64_t csvr_unit_bytes(const struct csvr_inputs *inputs, const struct csvr_unit *unit)
{
	if (unit->n_chunks > 1)
		return (unit->end == UINT64_MAX
				? csvr_input_bytes(inputs, &inputs->items[unit->first_input])
				: unit->end) -
		       unit->begin;
	uint64_t bytes = 0;
	for (uint32_t i = 0; i < unit->n_inputs; i++)
		bytes += csvr_input_bytes(inputs, &inputs->items[unit->first_input + i]);
	return bytes;
}

/* The cost of a compressed byte in plain ones, which must be decompressed first: gzip compresses
 * numbers by a factor of about 3 and repetitive text by 5. */
enum { COMPRESSED_WEIGHT = 4 };

/* A stream can have any size, so it comes first. */
static uint64_t weight(const struct csvr_inputs *inputs, const struct csvr_unit *unit)
{
	const struct csvr_input *first = &inputs->items[unit->first_input];
	if (first->kind == CSVR_INPUT_STREAM)
		return UINT64_MAX;
	const uint64_t n_bytes = csvr_unit_bytes(inputs, unit);
	return unit->n_chunks == 1 && first->is_compressed ? n_bytes * COMPRESSED_WEIGHT : n_bytes;
}

struct weighed {
	uint64_t weight;
	size_t index;
};

static int heavier_first(const void *a, const void *b)
{
	const struct weighed *left = a, *right = b;
	if (left->weight != right->weight)
		return left->weight > right->weight ? -1 : 1;
	return left->index < right->index ? -1 : left->index > right->index;
}

enum csvr_status csvr_plan_order(struct csvr_plan *plan, const struct csvr_inputs *inputs)
{
	size_t n = plan->n_units;
	struct weighed *weighed = malloc((n + 1) * sizeof *weighed);
	struct csvr_unit *units = malloc((n + 1) * sizeof *units);
	enum csvr_status status = CSVR_NO_MEMORY;
	if (weighed == NULL || units == NULL)
		goto done;
	for (size_t i = 0; i < n; i++)
		weighed[i] = (struct weighed){ weight(inputs, &plan->units[i]), i };
	if (n > 1)
		qsort(weighed, n, sizeof *weighed, heavier_first);
	for (size_t i = 0; i < n; i++)
		units[i] = plan->units[weighed[i].index];
	free(plan->units);
	plan->units = units;
	plan->capacity = n + 1;
	units = NULL;
	status = CSVR_OK;
done:
	free(weighed);
	free(units);
	return status;
}

enum csvr_status csvr_plan_build(struct csvr_plan *plan, const struct csvr_inputs *inputs,
				 uint64_t chunk_bytes)
{
	memset(plan, 0, sizeof *plan);
	if (chunk_bytes == 0)
		chunk_bytes = CSVR_CHUNK_BYTES;
	struct csvr_unit batch = { 0, 0, 0, UINT64_MAX, 0, 1 };
	uint64_t batch_bytes = 0;
	enum csvr_status status = CSVR_OK;
	for (size_t i = 0; i <= inputs->n_items && status == CSVR_OK; i++) {
		const struct csvr_input *input = i < inputs->n_items ? &inputs->items[i] : NULL;
		bool is_preloaded = input != NULL && input->is_preloaded;
		bool is_small = input != NULL && !is_preloaded &&
				input->kind != CSVR_INPUT_STREAM &&
				input->size_bytes < CSVR_BATCH_BYTES &&
				input->size_bytes <= chunk_bytes;
		bool is_full = batch.n_inputs == CSVR_BATCH_FILES ||
			       batch_bytes >= CSVR_BATCH_BYTES;
		if (batch.n_inputs > 0 && (is_full || !is_small)) {
			status = append(plan, batch);
			batch.n_inputs = 0;
			batch_bytes = 0;
		}
		if (input == NULL || status != CSVR_OK)
			break;
		if (is_preloaded)
			continue;
		const uint64_t size_bytes = csvr_input_bytes(inputs, input);
		const uint64_t least = csvr_input_least_chunk(inputs, input);
		const uint64_t file_chunk_bytes = least > chunk_bytes ? least : chunk_bytes;
		plan->size_bytes += size_bytes;
		if (is_small) {
			if (batch.n_inputs++ == 0)
				batch.first_input = (uint32_t)i;
			batch_bytes += size_bytes;
		} else if (size_bytes > file_chunk_bytes && csvr_input_is_seekable(inputs, input)) {
			status = split(plan, (uint32_t)i, size_bytes, file_chunk_bytes);
		} else {
			status = append(plan,
					(struct csvr_unit){ (uint32_t)i, 1, 0, UINT64_MAX, 0, 1 });
		}
	}
	return status;
}

void csvr_plan_keep_shard(struct csvr_plan *plan, const struct csvr_inputs *inputs, uint32_t index,
			  uint32_t count)
{
	/* Concatenate all units and divide the bytes into `count` equal parts: a unit is in the
	 * shard in whose part its middle is. If no unit has any bytes, each counts as 1. */
	const uint64_t total = plan->size_bytes;
	const unsigned __int128 whole = total > 0 ? (unsigned __int128)total * 2
						  : (unsigned __int128)plan->n_units * 2;
	unsigned __int128 before = 0;
	size_t n_kept = 0;
	plan->size_bytes = 0;
	for (size_t i = 0; i < plan->n_units; i++) {
		const uint64_t size = total > 0 ? csvr_unit_bytes(inputs, &plan->units[i]) : 1;
		unsigned __int128 shard = (2 * before + size) * count / whole;
		before += size;
		if (shard >= count)
			shard = count - 1;
		if (shard + 1 != index)
			continue;
		plan->size_bytes += total > 0 ? size : 0;
		plan->units[n_kept++] = plan->units[i];
	}
	plan->n_units = n_kept;
}

enum csvr_status csvr_plan_skip_done(struct csvr_plan *plan, const struct csvr_inputs *inputs,
				     csvr_done_fn is_done, void *context)
{
	struct csvr_plan rest = { 0 };
	enum csvr_status status = CSVR_OK;
	for (size_t i = 0; i < plan->n_units && status == CSVR_OK; i++) {
		const struct csvr_unit *unit = &plan->units[i];
		struct csvr_unit part = *unit;
		if (unit->n_chunks > 1) {
			if (!is_done(context, unit->first_input, unit->chunk, unit->n_chunks))
				status = append(&rest, part);
			continue;
		}
		part.n_inputs = 0;
		for (uint32_t j = 0; j <= unit->n_inputs && status == CSVR_OK; j++) {
			const bool is_left = j < unit->n_inputs &&
					     !is_done(context, unit->first_input + j, 0, 1);
			if (is_left && part.n_inputs++ == 0)
				part.first_input = unit->first_input + j;
			if (!is_left && part.n_inputs > 0) {
				status = append(&rest, part);
				part.n_inputs = 0;
			}
		}
	}
	for (size_t i = 0; i < rest.n_units; i++)
		rest.size_bytes += csvr_unit_bytes(inputs, &rest.units[i]);
	free(plan->units);
	*plan = rest;
	return status;
}

void csvr_plan_clear(struct csvr_plan *plan)
{
	free(plan->units);
	memset(plan, 0, sizeof *plan);
}
