/* unit_queue.c - the units of a plan that the threads of one process take */
#include "run/unit_queue.h"

#include <stdlib.h>
#include <string.h>

/* A chunk of a split input. */
struct chunk {
	uint32_t input, chunk;
	uint32_t turn; /* chunks of a lower turn are taken first */
	size_t index; /* in the units of the queue */
};

enum { NO_TURN = UINT32_MAX };

static int compare_sizes(size_t a, size_t b)
{
	return a < b ? -1 : a > b;
}

static int compare_places(const void *a, const void *b)
{
	const struct chunk *left = a, *right = b;
	return left->input != right->input ? compare_sizes(left->input, right->input)
					   : compare_sizes(left->chunk, right->chunk);
}

static int compare_turns(const void *a, const void *b)
{
	const struct chunk *left = a, *right = b;
	return left->turn != right->turn ? compare_sizes(left->turn, right->turn)
					 : compare_sizes(left->index, right->index);
}

/* The lowest `n_bits` bits in reverse order: of 0, 1, 2, ... each is in the middle of a widest gap between those before it. */
static size_t reverse_bits(size_t bits, unsigned n_bits)
{
	size_t reversed = 0;
	for (unsigned i = 0; i < n_bits; i++)
		reversed |= (bits >> i & 1) << (n_bits - 1 - i);
	return reversed;
}

/* Sets the turns of the chunks of one input, which are in order, in `n_parts` parts, at most as many as chunks. */
static void set_turns(struct chunk *chunks, size_t n_chunks, size_t n_parts)
{
	unsigned n_bits = 0;
	while (n_parts << n_bits < n_chunks)
		n_bits++;
	/* At least one point for each chunk. Those of a part are visited in the order of reversed bits. */
	const size_t part_points = (size_t)1 << n_bits, n_points = n_parts << n_bits;
	for (size_t turn = 0; turn < part_points; turn++)
		for (size_t part = 0; part < n_parts; part++) {
			const uint64_t point = part * part_points + reverse_bits(turn, n_bits);
			struct chunk *chunk = &chunks[point * n_chunks / n_points];
			if (chunk->turn == NO_TURN)
				chunk->turn = (uint32_t)turn;
		}
}

/* Sets the turns of chunks that are sorted by their places. Each input gets its share of the threads. */
static void set_all_turns(struct chunk *chunks, size_t n_chunks, size_t n_threads)
{
	for (size_t first = 0, last; first < n_chunks; first = last) {
		for (last = first + 1;
		     last < n_chunks && chunks[last].input == chunks[first].input;)
			last++;
		const size_t n = last - first;
		const size_t share = (n * n_threads + n_chunks / 2) / n_chunks;
		set_turns(chunks + first, n, share == 0 ? 1 : share < n ? share : n);
	}
}

/* Puts the chunks, of which there are any number, into the places that chunks have in the plan. */
static void order_chunks(struct csvr_unit_queue *queue, const struct chunk *chunks)
{
	size_t n = 0;
	for (size_t i = 0; i < queue->n_units; i++)
		queue->order[i] = queue->units[i].n_chunks > 1 ? chunks[n++].index : i;
}

static enum csvr_status join_chunks(struct csvr_unit_queue *queue, size_t n_threads)
{
	const size_t n_units = queue->n_units;
	size_t n = 0;
	struct chunk *chunks = calloc(n_units + 1, sizeof *chunks);
	queue->order = malloc((n_units + 1) * sizeof *queue->order);
	queue->following = malloc((n_units + 1) * sizeof *queue->following);
	queue->preceding = malloc((n_units + 1) * sizeof *queue->preceding);
	queue->is_taken = calloc(n_units + 1, 1);
	if (chunks == NULL || queue->order == NULL || queue->following == NULL ||
	    queue->preceding == NULL || queue->is_taken == NULL) {
		free(chunks);
		return CSVR_NO_MEMORY;
	}
	for (size_t i = 0; i < n_units; i++) {
		const struct csvr_unit *unit = &queue->units[i];
		queue->following[i] = queue->preceding[i] = SIZE_MAX;
		if (unit->n_chunks > 1)
			chunks[n++] = (struct chunk){ unit->first_input, unit->chunk, NO_TURN, i };
	}
	if (n > 1)
		qsort(chunks, n, sizeof *chunks, compare_places);
	for (size_t i = 1; i < n; i++)
		if (chunks[i].input == chunks[i - 1].input &&
		    chunks[i].chunk == chunks[i - 1].chunk + 1) {
			queue->following[chunks[i - 1].index] = chunks[i].index;
			queue->preceding[chunks[i].index] = chunks[i - 1].index;
		}
	set_all_turns(chunks, n, n_threads);
	if (n > 1)
		qsort(chunks, n, sizeof *chunks, compare_turns);
	order_chunks(queue, chunks);
	free(chunks);
	return CSVR_OK;
}

enum csvr_status csvr_unit_queue_init(struct csvr_unit_queue *queue, const struct csvr_plan *plan,
				      size_t first, size_t last, int n_joining)
{
	*queue = (struct csvr_unit_queue){ .units = plan->units + first, .n_units = last - first };
	return n_joining > 0 ? join_chunks(queue, (size_t)n_joining) : CSVR_OK;
}

void csvr_unit_queue_clear(struct csvr_unit_queue *queue)
{
	free(queue->order);
	free(queue->following);
	free(queue->preceding);
	free(queue->is_taken);
	memset(queue, 0, sizeof *queue);
}

/* Only the number of a unit is exchanged, so no order of memory accesses is needed. */
static const struct csvr_unit *take(struct csvr_unit_queue *queue, size_t index)
{
	return __atomic_exchange_n(&queue->is_taken[index], 1, __ATOMIC_RELAXED) == 0
		       ? &queue->units[index]
		       : NULL;
}

const struct csvr_unit *csvr_unit_queue_take(struct csvr_unit_queue *queue, size_t position)
{
	return queue->order == NULL ? &queue->units[position] : take(queue, queue->order[position]);
}

static bool is_taken(const struct csvr_unit_queue *queue, size_t index)
{
	return __atomic_load_n(&queue->is_taken[index], __ATOMIC_RELAXED) != 0;
}

uint64_t csvr_unit_queue_left(const struct csvr_unit_queue *queue, size_t position)
{
	if (queue->order == NULL || queue->units[queue->order[position]].n_chunks == 1)
		return UINT64_MAX;
	const size_t index = queue->order[position];
	const struct csvr_unit *unit = &queue->units[index];
	/* The last chunk has no end. */
	const uint64_t chunk_bytes = unit->chunk > 0 ? unit->begin / unit->chunk : unit->end;
	uint64_t n_left = 0;
	size_t i;
	for (i = index; i != SIZE_MAX && !is_taken(queue, i); i = queue->preceding[i])
		n_left++;
	if (i == SIZE_MAX)
		return UINT64_MAX;
	for (i = queue->following[index]; n_left > 0 && i != SIZE_MAX && !is_taken(queue, i);) {
		n_left++;
		i = queue->following[i];
	}
	return n_left * chunk_bytes;
}

const struct csvr_unit *csvr_unit_queue_take_following(struct csvr_unit_queue *queue,
						       const struct csvr_unit *unit)
{
	const size_t next = queue->order == NULL ? SIZE_MAX : queue->following[unit - queue->units];
	return next == SIZE_MAX ? NULL : take(queue, next);
}

/* ---- fetching ahead ---- */

static size_t count_remote(const struct csvr_inputs *inputs, const struct csvr_unit *unit)
{
	size_t n = 0;
	for (uint32_t i = 0; i < unit->n_inputs; i++)
		n += inputs->items[unit->first_input + i].is_remote;
	return n;
}

/* A worker reads a chunk from the byte before it on, and beyond it to the end of its last record. */
static struct csvr_byte_range byte_range_of(const struct csvr_unit *unit, uint32_t input,
					    size_t block_bytes)
{
	return (struct csvr_byte_range){ input, unit->begin > 0 ? unit->begin - 1 : 0,
					 unit->end < UINT64_MAX - block_bytes
						 ? unit->end + block_bytes
						 : UINT64_MAX };
}

/* With more threads the order matters less. */
enum { MAX_READERS = 64 };

/* The fixed cost of an object, in bytes. */
enum { OBJECT_BYTES = 64 * 1024 };

/* A simulated thread. */
struct reader {
	const struct csvr_unit *unit; /* NULL: none is left */
	uint32_t next; /* input of the unit */
	uint64_t n_done; /* cost so far, in bytes: the reader with the least continues first */
};

static size_t least_busy(const struct reader *readers, size_t n_readers)
{
	size_t least = 0;
	for (size_t i = 1; i < n_readers; i++)
		if (readers[i].n_done < readers[least].n_done)
			least = i;
	return least;
}

/* The unit that a thread reads after `unit`, which is NULL at first. Units before `*position` have been tried. NULL: none
 * is left. */
static const struct csvr_unit *take_next(struct csvr_unit_queue *queue,
					 const struct csvr_unit *unit, size_t *position)
{
	const struct csvr_unit *next = unit != NULL ? csvr_unit_queue_take_following(queue, unit)
						    : NULL;
	while (next == NULL && *position < queue->n_units)
		next = csvr_unit_queue_take(queue, (*position)++);
	return next;
}

/* Threads process units concurrently, so the inputs of one batch alternate with those of others. */
static void simulate_readers(struct csvr_unit_queue *queue, const struct csvr_inputs *inputs,
			     size_t block_bytes, size_t n_readers,
			     struct csvr_byte_range *byte_ranges)
{
	struct reader readers[MAX_READERS] = { { 0 } };
	size_t n = 0, position = 0;
	for (size_t i = 0; i < n_readers; i++)
		readers[i].unit = take_next(queue, NULL, &position);
	for (;;) {
		struct reader *reader = &readers[least_busy(readers, n_readers)];
		const struct csvr_unit *unit = reader->unit;
		if (unit == NULL) {
			if (reader->n_done == UINT64_MAX)
				return;
			reader->n_done = UINT64_MAX;
			continue;
		}
		const uint32_t index = unit->first_input + reader->next;
		const struct csvr_input *input = &inputs->items[index];
		if (input->is_remote)
			byte_ranges[n++] = byte_range_of(unit, index, block_bytes);
		reader->n_done += OBJECT_BYTES + (unit->n_chunks > 1 ? csvr_unit_bytes(inputs, unit)
								     : input->size_bytes);
		if (++reader->next == unit->n_inputs) {
			reader->unit = take_next(queue, unit, &position);
			reader->next = 0;
		}
	}
}

enum csvr_status csvr_unit_queue_prefetch_ranges(struct csvr_unit_queue *queue,
						 const struct csvr_inputs *inputs,
						 size_t block_bytes, int n_threads,
						 struct csvr_byte_range **byte_ranges,
						 size_t *n_byte_ranges)
{
	*n_byte_ranges = 0;
	for (size_t i = 0; i < queue->n_units; i++)
		*n_byte_ranges += count_remote(inputs, &queue->units[i]);
	*byte_ranges = malloc((*n_byte_ranges + 1) * sizeof **byte_ranges);
	if (*byte_ranges == NULL)
		return CSVR_NO_MEMORY;
	if (*n_byte_ranges > 0)
		simulate_readers(queue, inputs, block_bytes,
				 n_threads < MAX_READERS ? (size_t)n_threads : MAX_READERS,
				 *byte_ranges);
	if (queue->is_taken != NULL)
		memset(queue->is_taken, 0, queue->n_units);
	return CSVR_OK;
}
