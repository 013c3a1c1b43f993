/* prefetch.c - the schedule of byte ranges that are fetched ahead of the readers
 *
 * Bytes come from one of three sources, tried in this order:
 *  - the byte range that the reader has claimed: parts fetched ahead, limited by slots (prefetch_range.c)
 *  - the prefix of the object, which the readers of all its chunks examine: fetched once and kept
 *  - on demand, for everything else (bytes after the end of a chunk, chunks that are read again): 64 KiB at
 *    first, doubled up to 1 MiB while reads are sequential
 *
 * Why there is no deadlock. A reader waits for one request that was submitted, and for nothing else: if the
 * part it needs was not requested, because all slots hold parts for other readers, it requests the part
 * itself, without a slot (so there is at most one such part per reader). A submitted request ends in
 * bounded time, whatever readers do: the memory for its body is already allocated. The lock is held
 * during submit, and on_complete acquires it, so the transport must hold no lock of its own when it calls
 * on_complete. The lock is not held during cancel. The order in which threads claim ranges, and whether
 * they read them completely, affects the speed only.
 */
#include "input/remote/prefetch.h"

#include <stdlib.h>
#include <string.h>

#include "input/remote/prefetch_internal.h"

/* Bounds the memory on a node with hundreds of threads. */
enum { MAX_SLOTS = 512 };

enum csvr_status csvr_prefetcher_new(const struct csvr_transport *transport, int n_connections,
				     uint64_t part_bytes, struct csvr_prefetcher **new_prefetcher)
{
	struct csvr_prefetcher *prefetcher = *new_prefetcher = calloc(1, sizeof *prefetcher);
	if (prefetcher == NULL)
		return CSVR_NO_MEMORY;
	prefetcher->transport = *transport;
	prefetcher->n_connections = n_connections;
	prefetcher->part_bytes = part_bytes > 0 ? part_bytes : CSVR_PART_BYTES;
	pthread_mutex_init(&prefetcher->lock, NULL);
	pthread_cond_init(&prefetcher->prefix_completed, NULL);
	return CSVR_OK;
}

/* Discards the schedule, except for the byte ranges that readers have claimed. */
static void cancel_schedule(struct csvr_prefetcher *prefetcher)
{
	prefetcher->n_slots = 0;
	for (struct csvr_prefetch_range *r = prefetcher->first, *next; r != NULL; r = next) {
		next = r->next;
		if (r->is_claimed) {
			r->index = SIZE_MAX;
			continue;
		}
		struct csvr_prefetch_part *parts = r->first;
		csvr_prefetch_range_finish(prefetcher, r);
		csvr_prefetch_parts_cancel(prefetcher, parts);
	}
	for (size_t i = 0; i < CSVR_PREFETCH_PREFIXES; i++)
		if (prefetcher->prefixes[i].input != NULL &&
		    prefetcher->prefixes[i].n_readers == 0) {
			csvr_prefetch_parts_cancel(prefetcher, prefetcher->prefixes[i].part);
			prefetcher->prefixes[i].input = NULL;
		}
	memset(prefetcher->failures, 0, sizeof prefetcher->failures);
	free(prefetcher->byte_ranges);
	free(prefetcher->by_input);
	free(prefetcher->stages);
	prefetcher->byte_ranges = NULL;
	prefetcher->by_input = NULL;
	prefetcher->stages = NULL;
	prefetcher->n_byte_ranges = prefetcher->next = 0;
}

void csvr_prefetcher_free(struct csvr_prefetcher *prefetcher)
{
	if (prefetcher == NULL)
		return;
	pthread_mutex_lock(&prefetcher->lock);
	cancel_schedule(prefetcher);
	pthread_mutex_unlock(&prefetcher->lock);
	pthread_cond_destroy(&prefetcher->prefix_completed);
	pthread_mutex_destroy(&prefetcher->lock);
	free(prefetcher);
}

/* Copies the byte ranges that can be fetched ahead, clipped to the sizes of their objects. */
static void copy_ranges(struct csvr_prefetcher *prefetcher, const struct csvr_inputs *inputs,
			const struct csvr_byte_range *byte_ranges, size_t n_byte_ranges)
{
	for (size_t i = 0; i < n_byte_ranges; i++) {
		struct csvr_byte_range byte_range = byte_ranges[i];
		const struct csvr_input *input = &inputs->items[byte_range.input];
		if (!input->is_remote || input->kind != CSVR_INPUT_REGULAR)
			continue;
		if (byte_range.end > input->size_bytes)
			byte_range.end = input->size_bytes;
		if (byte_range.begin < byte_range.end)
			prefetcher->byte_ranges[prefetcher->n_byte_ranges++] = byte_range;
	}
}

struct range_key {
	uint32_t input, index;
	uint64_t begin;
};

static int compare_keys(const void *a, const void *b)
{
	const struct range_key *left = a, *right = b;
	if (left->input != right->input)
		return left->input < right->input ? -1 : 1;
	if (left->begin != right->begin)
		return left->begin < right->begin ? -1 : 1;
	return left->index < right->index ? -1 : left->index > right->index;
}

static enum csvr_status sort_ranges(struct csvr_prefetcher *prefetcher)
{
	const size_t n = prefetcher->n_byte_ranges;
	struct range_key *keys = malloc((n + 1) * sizeof *keys);
	if (keys == NULL)
		return CSVR_NO_MEMORY;
	for (size_t i = 0; i < n; i++)
		keys[i] = (struct range_key){ prefetcher->byte_ranges[i].input, (uint32_t)i,
					      prefetcher->byte_ranges[i].begin };
	if (n > 1)
		qsort(keys, n, sizeof *keys, compare_keys);
	for (size_t i = 0; i < n; i++)
		prefetcher->by_input[i] = keys[i].index;
	free(keys);
	return CSVR_OK;
}

enum csvr_status csvr_prefetch_schedule(struct csvr_prefetcher *prefetcher,
					const struct csvr_inputs *inputs,
					const struct csvr_byte_range *byte_ranges,
					size_t n_byte_ranges, int n_threads)
{
	enum csvr_status status = CSVR_NO_MEMORY;
	pthread_mutex_lock(&prefetcher->lock);
	cancel_schedule(prefetcher);
	prefetcher->inputs = inputs;
	prefetcher->byte_ranges = malloc((n_byte_ranges + 1) * sizeof *prefetcher->byte_ranges);
	prefetcher->by_input = malloc((n_byte_ranges + 1) * sizeof *prefetcher->by_input);
	prefetcher->stages = calloc(n_byte_ranges + 1, 1);
	if (prefetcher->byte_ranges == NULL || prefetcher->by_input == NULL ||
	    prefetcher->stages == NULL)
		goto done;
	copy_ranges(prefetcher, inputs, byte_ranges, n_byte_ranges);
	status = sort_ranges(prefetcher);
	if (status != CSVR_OK) {
		prefetcher->n_byte_ranges = 0;
		goto done;
	}
	prefetcher->n_slots = (size_t)prefetcher->n_connections + 2 * (size_t)n_threads;
	if (prefetcher->n_slots > MAX_SLOTS)
		prefetcher->n_slots = MAX_SLOTS;
	prefetcher->max_parts_per_range = prefetcher->n_slots / ((size_t)n_threads + 1);
	if (prefetcher->max_parts_per_range < 2)
		prefetcher->max_parts_per_range = 2;
	csvr_prefetch_fill(prefetcher);
done:
	pthread_mutex_unlock(&prefetcher->lock);
	return status;
}

uint64_t csvr_prefetcher_max_bytes(struct csvr_prefetcher *prefetcher)
{
	pthread_mutex_lock(&prefetcher->lock);
	const uint64_t max_bytes = prefetcher->max_bytes;
	pthread_mutex_unlock(&prefetcher->lock);
	return max_bytes;
}
