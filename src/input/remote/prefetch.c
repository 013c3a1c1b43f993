/* prefetch.c - objects fetched in parts, ahead of those who read them
 *
 * Three ways for bytes to come, tried in this order:
 *  - of the extent that the reader has claimed: parts fetched ahead, in a pool of `n_slots`
 *  - the head of an object, at which the readers of all its chunks look: fetched once, kept for all
 *  - anything else (behind the end of a chunk, chunks that are read again): fetched as it is read, 64 KiB
 *    at first and up to 1 MiB while it goes on in order
 *
 * Why nobody waits for ever. A reader waits for a request that was submitted, and for nothing else: if
 * the part it needs was not asked for, because all slots hold what others are going to read, it asks for
 * it itself, without a slot. (So there is at most one such part for each reader.) A request that was
 * submitted ends in bounded time, whatever readers do: there is memory for its body already. The lock
 * is held while a request is submitted, and taken by `on_complete`, so the carrier must not hold a lock of
 * its own when it calls that, and it does not; a request is given up without the lock. In which order
 * threads take the extents, whether they read them whole, or at all, matters for nothing but speed.
 *
 * Which part is asked for next, when there is a slot: of the extents that are being read, the one
 * that was begun first; then of those that are not; then of the next extent in order. No extent has
 * more than `max_parts_per_range` parts at once, so that a big object that is read slowly leaves slots to others.
 */
#include "input/remote/prefetch.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

enum { PREFIX_BYTES = 64 * 1024, N_PREFIXES = 48 };
enum { MIN_ON_DEMAND = 64 * 1024, MAX_ON_DEMAND = 1024 * 1024 };

/* With more, a node of hundreds of threads would hold gigabytes. */
enum { MAX_SLOTS = 512 };

/* One request, and where its bytes are. */
struct part {
	struct part *next; /* of its extent, in order of bytes */
	struct csvr_prefetcher *prefetcher;
	struct csvr_http_request request;
	/* its own: a part may be on its way for longer than the inputs are there */
	char *url, *etag;
	uint64_t begin, end;
	struct range_state *range; /* NULL: of no extent */
	pthread_cond_t *completed; /* who waits for it, or NULL */
	bool has_slot;
	/* Under the lock. */
	bool is_complete; /* the request is over */
	bool is_cancelled; /* it is being given up */
};

/* An extent of which parts were asked for. */
struct range_state {
	struct range_state *next;
	size_t index; /* its number; SIZE_MAX: it is not expected any more */
	const struct csvr_inputs *inputs;
	const struct csvr_input *input;
	uint64_t end, part_bytes;
	uint64_t requested_end; /* up to where */
	struct part *first, *last;
	size_t n_parts;
	bool has_failed; /* one of them: the rest is not worth asking for */
	bool is_claimed; /* somebody reads it */
};

struct prefix {
	const struct csvr_input *input; /* NULL: free */
	struct part *part;
	int n_readers; /* it stays while there are any */
	uint64_t last_used; /* when: the one that was used least lately goes first */
};

/* Of an input that failed, why: its other chunks would fail as well, each after as long a time. */
struct failure {
	const struct csvr_input *input; /* NULL: none */
	struct csvr_error error;
};

/* Pieces of one input are read at about one time, by some dozens of threads. */
enum { N_FAILURES = 64 };

enum range_stage { PENDING, ACTIVE, FINISHED };

struct csvr_prefetcher {
	struct csvr_transport transport;
	int n_connections;
	uint64_t part_bytes;
	pthread_mutex_t lock;
	/* Under the lock. */
	const struct csvr_inputs *inputs;
	struct csvr_byte_range *byte_ranges;
	uint32_t *by_input; /* their numbers, by input and begin */
	unsigned char *stages;
	size_t n_byte_ranges;
	size_t next; /* all extents before it are begun or over */
	struct range_state *first, *last; /* those begun, in that order */
	size_t n_slots, n_slots_used, max_parts_per_range;
	struct prefix prefixes[N_PREFIXES];
	pthread_cond_t prefix_completed;
	uint64_t n_prefix_reads;
	struct failure failures[N_FAILURES]; /* the last ones */
	size_t n_failures;
	uint64_t n_bytes, max_bytes;
};

struct csvr_prefetch_reader {
	struct csvr_prefetcher *prefetcher;
	const struct csvr_inputs *inputs;
	const struct csvr_input *input;
	struct range_state *range; /* that it has claimed, or NULL */
	struct part *on_demand; /* fetched last outside of it, or NULL */
	size_t on_demand_bytes; /* bytes to be fetched so next time */
	pthread_cond_t completed;
};

/* ---- parts; all under the lock ---- */

static void on_part_complete(void *context, struct csvr_http_request *request)
{
	struct part *part = context;
	struct csvr_prefetcher *prefetcher = part->prefetcher;
	pthread_mutex_lock(&prefetcher->lock);
	part->is_complete = true;
	if (request->status != CSVR_OK && part->range != NULL && !part->is_cancelled)
		part->range->has_failed = true;
	if (part->completed != NULL)
		pthread_cond_broadcast(part->completed);
	pthread_mutex_unlock(&prefetcher->lock);
}

static void free_part(struct part *part)
{
	struct csvr_prefetcher *prefetcher = part->prefetcher;
	prefetcher->n_slots_used -= part->has_slot;
	prefetcher->n_bytes -= part->end - part->begin;
	free(part->request.buffer);
	free(part->url);
	free(part->etag);
	free(part);
}

/* Asks for [begin, end); NULL: no memory. */
static struct part *fetch_part(struct csvr_prefetcher *prefetcher, const struct csvr_inputs *inputs,
			       const struct csvr_input *input, uint64_t begin, uint64_t end,
			       bool is_priority)
{
	struct part *part = calloc(1, sizeof *part);
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
		free_part(part);
		return NULL;
	}
	return part;
}

static void wait_for_part(struct part *part, pthread_cond_t *completed)
{
	part->completed = completed;
	while (!part->is_complete)
		pthread_cond_wait(completed, &part->prefetcher->lock);
}

/* Whether a part that is there holds what was asked for. */
static enum csvr_status check_part(const struct part *part, struct csvr_error *error)
{
	const struct csvr_http_request *request = &part->request;
	if (request->status != CSVR_OK) {
		if (error != NULL)
			*error = request->error;
		return request->status;
	}
	if (request->n_body != part->end - part->begin)
		return csvr_error_set(
			error, CSVR_FILE_CHANGED, 0,
			"was replaced while it was read; run again when nothing replaces it");
	return CSVR_OK;
}

/* Bytes of a part from `offset` on; no lock is needed for a part that is there and stays. */
static size_t copy_part(const struct part *part, uint64_t offset, void *buffer, size_t n_bytes)
{
	const uint64_t left = part->end - offset;
	const size_t n = left < n_bytes ? (size_t)left : n_bytes;
	memcpy(buffer, part->request.buffer + (offset - part->begin), n);
	return n;
}

/* ---- extents; all under the lock ---- */

/* The next part of it; NULL: no memory. */
static struct part *fetch_next(struct csvr_prefetcher *prefetcher, struct range_state *range,
			       bool is_priority)
{
	const uint64_t left = range->end - range->requested_end;
	const uint64_t end = range->requested_end +
			     (left < range->part_bytes ? left : range->part_bytes);
	struct part *part = fetch_part(prefetcher, range->inputs, range->input,
				       range->requested_end, end, is_priority);
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

static void pop_first_part(struct range_state *range)
{
	struct part *part = range->first;
	range->first = part->next;
	if (range->first == NULL)
		range->last = NULL;
	range->n_parts--;
}

static void fetch_more(struct csvr_prefetcher *prefetcher, struct range_state *range)
{
	while (prefetcher->n_slots_used < prefetcher->n_slots &&
	       range->n_parts < prefetcher->max_parts_per_range &&
	       range->requested_end < range->end && !range->has_failed)
		if (fetch_next(prefetcher, range, false) == NULL)
			return; /* its reader will find that out */
}

/* Extent `index`, which is waiting, becomes one of those begun; NULL: no memory. */
static struct range_state *start_range(struct csvr_prefetcher *prefetcher, size_t index)
{
	const struct csvr_byte_range *byte_range = &prefetcher->byte_ranges[index];
	struct range_state *range = calloc(1, sizeof *range);
	if (range == NULL)
		return NULL;
	range->index = index;
	range->inputs = prefetcher->inputs;
	range->input = &prefetcher->inputs->items[byte_range->input];
	range->requested_end = byte_range->begin;
	range->end = byte_range->end;
	/* Parts of about one size. */
	const uint64_t n_bytes = byte_range->end - byte_range->begin;
	const uint64_t n_parts = (n_bytes + prefetcher->part_bytes - 1) / prefetcher->part_bytes;
	range->part_bytes = (n_bytes + n_parts - 1) / n_parts;
	prefetcher->stages[index] = ACTIVE;
	if (prefetcher->last != NULL)
		prefetcher->last->next = range;
	else
		prefetcher->first = range;
	prefetcher->last = range;
	return range;
}

/* Its parts are gone or taken over. */
static void finish_range(struct csvr_prefetcher *prefetcher, struct range_state *range)
{
	struct range_state *previous = NULL;
	for (struct range_state *r = prefetcher->first; r != range; r = r->next)
		previous = r;
	if (previous != NULL)
		previous->next = range->next;
	else
		prefetcher->first = range->next;
	if (prefetcher->last == range)
		prefetcher->last = previous;
	if (range->index != SIZE_MAX)
		prefetcher->stages[range->index] = FINISHED;
	free(range);
}

/* Puts free slots to use. */
static void fill_slots(struct csvr_prefetcher *prefetcher)
{
	for (int is_claimed = 1; is_claimed >= 0; is_claimed--)
		for (struct range_state *r = prefetcher->first; r != NULL; r = r->next)
			if (r->is_claimed == is_claimed && r->index != SIZE_MAX)
				fetch_more(prefetcher, r);
	while (prefetcher->n_slots_used < prefetcher->n_slots &&
	       prefetcher->next < prefetcher->n_byte_ranges) {
		const size_t index = prefetcher->next++;
		if (prefetcher->stages[index] != PENDING)
			continue;
		struct range_state *range = start_range(prefetcher, index);
		if (range == NULL)
			return;
		fetch_more(prefetcher, range);
	}
}

/* Frees parts that nobody is going to read, whose extent is gone. The lock is left for those still on their
 * way. */
static void drop_parts(struct csvr_prefetcher *prefetcher, struct part *parts)
{
	for (struct part *part = parts; part != NULL; part = part->next)
		part->is_cancelled = true;
	for (struct part *part = parts, *next; part != NULL; part = next) {
		next = part->next;
		if (!part->is_complete) {
			pthread_mutex_unlock(&prefetcher->lock);
			prefetcher->transport.cancel(prefetcher->transport.context, &part->request);
			pthread_mutex_lock(&prefetcher->lock);
		}
		free_part(part);
	}
}

/* The number of the extent of `input` that begins at `begin`; SIZE_MAX: there is none. */
static size_t find_range(const struct csvr_prefetcher *prefetcher, const struct csvr_input *input,
			 uint64_t begin)
{
	if (prefetcher->n_byte_ranges == 0)
		return SIZE_MAX;
	const uint32_t input_index = (uint32_t)(input - prefetcher->inputs->items);
	size_t low = 0, high = prefetcher->n_byte_ranges;
	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		const struct csvr_byte_range *byte_range =
			&prefetcher->byte_ranges[prefetcher->by_input[middle]];
		if (byte_range->input < input_index ||
		    (byte_range->input == input_index && byte_range->begin < begin))
			low = middle + 1;
		else
			high = middle;
	}
	if (low == prefetcher->n_byte_ranges)
		return SIZE_MAX;
	const size_t index = prefetcher->by_input[low];
	const struct csvr_byte_range *byte_range = &prefetcher->byte_ranges[index];
	return byte_range->input == input_index && byte_range->begin == begin ? index : SIZE_MAX;
}

/* For a reader of its own; NULL: nobody expected it, or another has it. */
static struct range_state *claim_range(struct csvr_prefetcher *prefetcher,
				       const struct csvr_input *input, uint64_t begin)
{
	const size_t index = find_range(prefetcher, input, begin);
	struct range_state *range = NULL;
	if (index == SIZE_MAX)
		return NULL;
	if (prefetcher->stages[index] == PENDING)
		range = start_range(prefetcher, index);
	else if (prefetcher->stages[index] == ACTIVE)
		for (range = prefetcher->first; range->index != index;)
			range = range->next;
	if (range == NULL || range->is_claimed)
		return NULL;
	range->is_claimed = true;
	return range;
}

/* ---- the pool ---- */

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

/* What was expected is not any more; extents that are being read stay to be read. */
static void cancel_schedule(struct csvr_prefetcher *prefetcher)
{
	prefetcher->n_slots = 0;
	for (struct range_state *r = prefetcher->first, *next; r != NULL; r = next) {
		next = r->next;
		if (r->is_claimed) {
			r->index = SIZE_MAX;
			continue;
		}
		struct part *parts = r->first;
		finish_range(prefetcher, r);
		drop_parts(prefetcher, parts);
	}
	for (size_t i = 0; i < N_PREFIXES; i++)
		if (prefetcher->prefixes[i].input != NULL &&
		    prefetcher->prefixes[i].n_readers == 0) {
			drop_parts(prefetcher, prefetcher->prefixes[i].part);
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

/* The extents that can be fetched ahead, cut to the size of their objects. */
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
	fill_slots(prefetcher);
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

/* ---- reading ---- */

enum csvr_status csvr_prefetch_reader_open(struct csvr_prefetcher *prefetcher,
					   const struct csvr_inputs *inputs,
					   const struct csvr_input *input, uint64_t begin,
					   struct csvr_prefetch_reader **new_reader)
{
	struct csvr_prefetch_reader *reader = *new_reader = calloc(1, sizeof *reader);
	if (reader == NULL)
		return CSVR_NO_MEMORY;
	reader->prefetcher = prefetcher;
	reader->inputs = inputs;
	reader->input = input;
	pthread_cond_init(&reader->completed, NULL);
	pthread_mutex_lock(&prefetcher->lock);
	if (prefetcher->inputs == inputs)
		reader->range = claim_range(prefetcher, input, begin);
	pthread_mutex_unlock(&prefetcher->lock);
	return CSVR_OK;
}

void csvr_prefetch_reader_close(struct csvr_prefetch_reader *reader)
{
	if (reader == NULL)
		return;
	struct csvr_prefetcher *prefetcher = reader->prefetcher;
	pthread_mutex_lock(&prefetcher->lock);
	if (reader->range != NULL) {
		struct part *parts = reader->range->first;
		finish_range(prefetcher, reader->range);
		drop_parts(prefetcher, parts);
		fill_slots(prefetcher);
	}
	if (reader->on_demand != NULL)
		free_part(reader->on_demand); /* it is there */
	pthread_mutex_unlock(&prefetcher->lock);
	pthread_cond_destroy(&reader->completed);
	free(reader);
}

/* Where a read has come to: 0 bytes and CSVR_OK says that the next way is to be tried. */
struct read_call {
	uint64_t offset;
	void *buffer;
	size_t n_bytes, n_read;
	struct csvr_error *error;
};

/* Copies from a part that is there and nobody else frees; the lock is left meanwhile. */
static enum csvr_status read_part(struct csvr_prefetcher *prefetcher, const struct part *part,
				  struct read_call *call)
{
	enum csvr_status status = check_part(part, call->error);
	if (status != CSVR_OK)
		return status;
	pthread_mutex_unlock(&prefetcher->lock);
	call->n_read = copy_part(part, call->offset, call->buffer, call->n_bytes);
	pthread_mutex_lock(&prefetcher->lock);
	return CSVR_OK;
}

/* The part of a claimed extent that holds `offset`, asked for if it was not; NULL: no memory. */
static struct part *part_at(struct csvr_prefetcher *prefetcher, struct range_state *range,
			    uint64_t offset)
{
	if (range->first == NULL && offset > range->requested_end)
		range->requested_end = offset; /* what was left out */
	while (range->requested_end <= offset)
		if (fetch_next(prefetcher, range, true) == NULL)
			return NULL;
	struct part *part = range->first;
	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): one was asked for that ends behind it */
	while (part->end <= offset)
		part = part->next;
	return part;
}

/* Frees the parts of a claimed extent that were read, up to `offset`. */
static void release_read_parts(struct csvr_prefetcher *prefetcher, struct range_state *range,
			       uint64_t offset)
{
	struct part *part;
	bool has_freed = false;
	while ((part = range->first) != NULL && part->is_complete && part->end <= offset) {
		pop_first_part(range);
		free_part(part);
		has_freed = true;
	}
	if (has_freed)
		fill_slots(prefetcher);
}

static enum csvr_status read_ahead(struct csvr_prefetch_reader *reader, struct read_call *call)
{
	struct csvr_prefetcher *prefetcher = reader->prefetcher;
	struct range_state *range = reader->range;
	if (range == NULL || call->offset >= range->end)
		return CSVR_OK;
	/* What is before it was read, and given back. */
	if (call->offset < (range->first != NULL ? range->first->begin : range->requested_end))
		return CSVR_OK;
	struct part *part = part_at(prefetcher, range, call->offset);
	if (part == NULL)
		return csvr_error_set_no_memory(call->error);
	if (!part->is_complete)
		fill_slots(prefetcher); /* more of it, if it was begun out of order */
	wait_for_part(part, &reader->completed);
	enum csvr_status status = read_part(prefetcher, part, call);
	if (status == CSVR_OK)
		release_read_parts(prefetcher, range, call->offset + call->n_read);
	return status;
}

/* The head of the input, asked for if it is not at hand; NULL: there is no room for it. */
static struct prefix *find_prefix(struct csvr_prefetch_reader *reader)
{
	struct csvr_prefetcher *prefetcher = reader->prefetcher;
	struct prefix *oldest = NULL;
	for (size_t i = 0; i < N_PREFIXES; i++) {
		struct prefix *prefix = &prefetcher->prefixes[i];
		if (prefix->input == reader->input)
			return prefix;
		if (prefix->n_readers == 0 &&
		    (oldest == NULL || prefix->last_used < oldest->last_used))
			oldest = prefix;
	}
	if (oldest == NULL)
		return NULL;
	if (oldest->input != NULL)
		free_part(oldest->part);
	oldest->input = NULL;
	const uint64_t size = reader->input->size_bytes;
	oldest->part = fetch_part(prefetcher, reader->inputs, reader->input, 0,
				  size < PREFIX_BYTES ? size : PREFIX_BYTES, true);
	if (oldest->part == NULL)
		return NULL;
	oldest->input = reader->input;
	return oldest;
}

static enum csvr_status read_prefix(struct csvr_prefetch_reader *reader, struct read_call *call)
{
	struct csvr_prefetcher *prefetcher = reader->prefetcher;
	if (call->offset >= PREFIX_BYTES)
		return CSVR_OK;
	struct prefix *prefix = find_prefix(reader);
	if (prefix == NULL)
		return CSVR_OK;
	prefix->n_readers++;
	prefix->last_used = ++prefetcher->n_prefix_reads;
	wait_for_part(prefix->part, &prefetcher->prefix_completed);
	enum csvr_status status = read_part(prefetcher, prefix->part, call);
	prefix->n_readers--;
	if (status != CSVR_OK && prefix->n_readers == 0) { /* others ask again */
		free_part(prefix->part);
		*prefix = (struct prefix){ 0 };
	}
	return status;
}

static enum csvr_status read_on_demand(struct csvr_prefetch_reader *reader, struct read_call *call)
{
	struct csvr_prefetcher *prefetcher = reader->prefetcher;
	const uint64_t offset = call->offset, size = reader->input->size_bytes;
	struct part *part = reader->on_demand;
	if (part == NULL || offset < part->begin || offset >= part->end) {
		const bool is_sequential = part != NULL && offset == part->end;
		reader->on_demand_bytes = is_sequential && reader->on_demand_bytes < MAX_ON_DEMAND
						  ? reader->on_demand_bytes * 2
					  : is_sequential ? reader->on_demand_bytes
							  : MIN_ON_DEMAND;
		if (part != NULL)
			free_part(part);
		const uint64_t end = size - offset < reader->on_demand_bytes
					     ? size
					     : offset + reader->on_demand_bytes;
		part = reader->on_demand = fetch_part(prefetcher, reader->inputs, reader->input,
						      offset, end, true);
		if (part == NULL)
			return csvr_error_set_no_memory(call->error);
	}
	wait_for_part(part, &reader->completed);
	return read_part(prefetcher, part, call);
}

static const struct failure *find_failure(const struct csvr_prefetcher *prefetcher,
					  const struct csvr_input *input)
{
	for (size_t i = 0; i < N_FAILURES; i++)
		if (prefetcher->failures[i].input == input)
			return &prefetcher->failures[i];
	return NULL;
}

static void record_failure(struct csvr_prefetcher *prefetcher, const struct csvr_input *input,
			   const struct csvr_error *error)
{
	if (error->status != CSVR_NO_MEMORY && find_failure(prefetcher, input) == NULL)
		prefetcher->failures[prefetcher->n_failures++ % N_FAILURES] =
			(struct failure){ input, *error };
}

enum csvr_status csvr_prefetch_reader_read(struct csvr_prefetch_reader *reader, uint64_t offset,
					   void *buffer, size_t n_bytes, size_t *n_read,
					   struct csvr_error *error)
{
	struct csvr_prefetcher *prefetcher = reader->prefetcher;
	struct csvr_error reason;
	struct read_call call = { offset, buffer, n_bytes, 0, &reason };
	*n_read = 0;
	if (offset >= reader->input->size_bytes || n_bytes == 0)
		return CSVR_OK;
	enum csvr_status (*const sources[])(struct csvr_prefetch_reader *,
					    struct read_call *) = { read_ahead, read_prefix,
								    read_on_demand };
	enum csvr_status status = CSVR_OK;
	pthread_mutex_lock(&prefetcher->lock);
	const struct failure *failure = find_failure(prefetcher, reader->input);
	if (failure != NULL) {
		reason = failure->error;
		status = reason.status;
	}
	for (size_t i = 0; i < 3 && status == CSVR_OK && call.n_read == 0; i++)
		status = sources[i](reader, &call);
	if (status != CSVR_OK)
		record_failure(prefetcher, reader->input, &reason);
	pthread_mutex_unlock(&prefetcher->lock);
	if (status != CSVR_OK && error != NULL)
		*error = reason;
	*n_read = call.n_read;
	return status;
}
