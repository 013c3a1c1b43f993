/* prefetch_range.c - byte ranges and the parts in which they are fetched
 *
 * Which part is requested next when a slot is free: of the claimed ranges the one that started first, then
 * of the unclaimed ones, then of the next range of the schedule. A range has at most max_parts_per_range
 * parts at a time, so a big object that is read slowly leaves slots to others.
 */
#include "input/remote/prefetch_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/search.h"

/* ---- parts ---- */

static void on_part_complete(void *context, struct csvr_http_request *request)
{
	struct csvr_prefetch_part *part = context;
	struct csvr_prefetcher *prefetcher = part->prefetcher;
	pthread_mutex_lock(&prefetcher->lock);
	part->is_complete = true;
	if (request->status != CSVR_OK && part->range != NULL && !part->is_cancelled)
		part->range->has_failed = true;
	if (part->completed != NULL)
		pthread_cond_broadcast(part->completed);
	pthread_mutex_unlock(&prefetcher->lock);
}

void csvr_prefetch_part_free(struct csvr_prefetch_part *part)
{
	struct csvr_prefetcher *prefetcher = part->prefetcher;
	prefetcher->n_slots_used -= part->has_slot;
	prefetcher->n_bytes -= part->end - part->begin;
	free(part->request.buffer);
	free(part->url);
	free(part->etag);
	free(part);
}

struct csvr_prefetch_part *csvr_prefetch_part_new(struct csvr_prefetcher *prefetcher,
						  const struct csvr_inputs *inputs,
						  const struct csvr_input *input, uint64_t begin,
						  uint64_t end, bool is_priority)
{
	struct csvr_prefetch_part *part = calloc(1, sizeof *part);
	if (part == NULL)
		return NULL;
	part->prefetcher = prefetcher;
	part->begin = begin;
	part->end = end;
	part->url = csvr_inputs_copy_url(inputs, input);
	part->etag = strdup(csvr_inputs_etag(inputs, input));
	part->request = (struct csvr_http_request){ .url = part->url,
						    .begin = begin,
						    .n_bytes = end - begin,
						    .etag = part->etag,
						    .expected_size = input->size_bytes,
						    .expected_mtime_ns = csvr_input_mtime_ns(input),
						    .buffer = malloc((size_t)(end - begin)),
						    .capacity = (size_t)(end - begin),
						    .on_complete = on_part_complete,
						    .context = part,
						    .is_priority = is_priority };
	prefetcher->n_bytes += end - begin;
	if (prefetcher->n_bytes > prefetcher->max_bytes)
		prefetcher->max_bytes = prefetcher->n_bytes;
	if (part->url == NULL || part->etag == NULL || part->request.buffer == NULL ||
	    prefetcher->transport.submit(prefetcher->transport.context, &part->request) !=
		    CSVR_OK) {
		csvr_prefetch_part_free(part);
		return NULL;
	}
	return part;
}

/* ---- byte ranges ---- */

struct csvr_prefetch_part *csvr_prefetch_range_fetch(struct csvr_prefetcher *prefetcher,
						     struct csvr_prefetch_range *range,
						     bool is_priority)
{
	const uint64_t left = range->end - range->requested_end;
	const uint64_t end = range->requested_end +
			     (left < range->part_bytes ? left : range->part_bytes);
	struct csvr_prefetch_part *part = csvr_prefetch_part_new(prefetcher, range->inputs,
								 range->input, range->requested_end,
								 end, is_priority);
	if (part == NULL)
		return NULL;
	part->range = range;
	part->has_slot = prefetcher->n_slots_used < prefetcher->n_slots;
	prefetcher->n_slots_used += part->has_slot;
	range->requested_end = end;
	range->n_parts++;
	if (range->last != NULL)
		range->last->next = part;
	else
		range->first = part;
	range->last = part;
	return part;
}

static void fetch_more(struct csvr_prefetcher *prefetcher, struct csvr_prefetch_range *range)
{
	while (prefetcher->n_slots_used < prefetcher->n_slots &&
	       range->n_parts < prefetcher->max_parts_per_range &&
	       range->requested_end < range->end && !range->has_failed)
		if (csvr_prefetch_range_fetch(prefetcher, range, false) == NULL)
			return; /* no memory: its reader will get the error */
}

/* Makes the pending byte range `index` active. NULL: no memory. */
static struct csvr_prefetch_range *start_range(struct csvr_prefetcher *prefetcher, size_t index)
{
	const struct csvr_byte_range *byte_range = &prefetcher->byte_ranges[index];
	struct csvr_prefetch_range *range = calloc(1, sizeof *range);
	if (range == NULL)
		return NULL;
	range->index = index;
	range->inputs = prefetcher->inputs;
	range->input = &prefetcher->inputs->items[byte_range->input];
	range->requested_end = byte_range->begin;
	range->end = byte_range->end;
	/* Parts of about equal size. */
	const uint64_t n_bytes = byte_range->end - byte_range->begin;
	const uint64_t n_parts = (n_bytes + prefetcher->part_bytes - 1) / prefetcher->part_bytes;
	range->part_bytes = (n_bytes + n_parts - 1) / n_parts;
	prefetcher->stages[index] = CSVR_RANGE_ACTIVE;
	if (prefetcher->last != NULL)
		prefetcher->last->next = range;
	else
		prefetcher->first = range;
	prefetcher->last = range;
	return range;
}

void csvr_prefetch_range_finish(struct csvr_prefetcher *prefetcher,
				struct csvr_prefetch_range *range)
{
	struct csvr_prefetch_range *previous = NULL;
	for (struct csvr_prefetch_range *r = prefetcher->first; r != range; r = r->next)
		previous = r;
	if (previous != NULL)
		previous->next = range->next;
	else
		prefetcher->first = range->next;
	if (prefetcher->last == range)
		prefetcher->last = previous;
	if (range->index != SIZE_MAX)
		prefetcher->stages[range->index] = CSVR_RANGE_FINISHED;
	free(range);
}

void csvr_prefetch_fill(struct csvr_prefetcher *prefetcher)
{
	for (int is_claimed = 1; is_claimed >= 0; is_claimed--)
		for (struct csvr_prefetch_range *r = prefetcher->first; r != NULL; r = r->next)
			if (r->is_claimed == is_claimed && r->index != SIZE_MAX)
				fetch_more(prefetcher, r);
	while (prefetcher->n_slots_used < prefetcher->n_slots &&
	       prefetcher->next < prefetcher->n_byte_ranges) {
		const size_t index = prefetcher->next++;
		if (prefetcher->stages[index] != CSVR_RANGE_PENDING)
			continue;
		struct csvr_prefetch_range *range = start_range(prefetcher, index);
		if (range == NULL)
			return;
		fetch_more(prefetcher, range);
	}
}

void csvr_prefetch_parts_cancel(struct csvr_prefetcher *prefetcher,
				struct csvr_prefetch_part *parts)
{
	for (struct csvr_prefetch_part *part = parts; part != NULL; part = part->next)
		part->is_cancelled = true;
	for (struct csvr_prefetch_part *part = parts, *next; part != NULL; part = next) {
		next = part->next;
		if (!part->is_complete) {
			pthread_mutex_unlock(&prefetcher->lock);
			prefetcher->transport.cancel(prefetcher->transport.context, &part->request);
			pthread_mutex_lock(&prefetcher->lock);
		}
		csvr_prefetch_part_free(part);
	}
}

struct range_search {
	const struct csvr_prefetcher *prefetcher;
	uint32_t input;
	uint64_t begin;
};

static const struct csvr_byte_range *sorted_range(const struct csvr_prefetcher *prefetcher,
						  size_t position)
{
	return &prefetcher->byte_ranges[prefetcher->by_input[position]];
}

static bool is_before(const void *context, size_t position)
{
	const struct range_search *search = context;
	const struct csvr_byte_range *byte_range = sorted_range(search->prefetcher, position);
	return byte_range->input < search->input ||
	       (byte_range->input == search->input && byte_range->begin < search->begin);
}

/* The index of the byte range of `input` that starts at `begin`; SIZE_MAX: none. */
static size_t find_range(const struct csvr_prefetcher *prefetcher, const struct csvr_input *input,
			 uint64_t begin)
{
	if (prefetcher->n_byte_ranges == 0)
		return SIZE_MAX;
	const uint32_t input_index = (uint32_t)(input - prefetcher->inputs->items);
	const struct range_search search = { prefetcher, input_index, begin };
	const size_t position = csvr_lower_bound(prefetcher->n_byte_ranges, is_before, &search);
	if (position == prefetcher->n_byte_ranges)
		return SIZE_MAX;
	const struct csvr_byte_range *byte_range = sorted_range(prefetcher, position);
	return byte_range->input == input_index && byte_range->begin == begin
		       ? prefetcher->by_input[position]
		       : SIZE_MAX;
}

struct csvr_prefetch_range *csvr_prefetch_range_claim(struct csvr_prefetcher *prefetcher,
						      const struct csvr_input *input,
						      uint64_t begin)
{
	const size_t index = find_range(prefetcher, input, begin);
	struct csvr_prefetch_range *range = NULL;
	if (index == SIZE_MAX)
		return NULL;
	if (prefetcher->stages[index] == CSVR_RANGE_PENDING)
		range = start_range(prefetcher, index);
	else if (prefetcher->stages[index] == CSVR_RANGE_ACTIVE)
		for (range = prefetcher->first; range->index != index;)
			range = range->next;
	if (range == NULL || range->is_claimed)
		return NULL;
	range->is_claimed = true;
	return range;
}
