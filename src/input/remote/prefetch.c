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
 * is held while a request is submitted, and taken by `done`, so the carrier must not hold a lock of
 * its own when it calls that, and it does not; a request is given up without the lock. In which order
 * threads take the extents, whether they read them whole, or at all, matters for nothing but speed.
 *
 * Which part is asked for next, when there is a slot: of the extents that are being read, the one
 * that was begun first; then of those that are not; then of the next extent in order. No extent has
 * more than `most_of_one` parts at once, so that a big object that is read slowly leaves slots to others.
 */
#include "input/remote/prefetch.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

enum { HEAD_BYTES = 64 * 1024, N_HEADS = 48 };
enum { LEAST_UNEXPECTED = 64 * 1024, MOST_UNEXPECTED = 1024 * 1024 };

/* With more, a node of hundreds of threads would hold gigabytes. */
enum { MOST_SLOTS = 512 };

/* One request, and where its bytes are. */
struct part {
	struct part *next; /* of its extent, in order of bytes */
	struct csvr_prefetcher *pool;
	struct csvr_http_request request;
	/* its own: a part may be on its way for longer than the inputs are there */
	char *url, *etag;
	uint64_t begin, end;
	struct ahead *ahead; /* NULL: of no extent */
	pthread_cond_t *arrived; /* who waits for it, or NULL */
	bool has_slot;
	/* Under the lock. */
	bool is_there; /* the request is over */
	bool is_dropped; /* it is being given up */
};

/* An extent of which parts were asked for. */
struct ahead {
	struct ahead *next;
	size_t byte_range; /* its number; SIZE_MAX: it is not expected any more */
	const struct csvr_inputs *inputs;
	const struct csvr_input *input;
	uint64_t end, part_bytes;
	uint64_t asked; /* up to where */
	struct part *first, *last;
	size_t n_parts;
	bool has_failed; /* one of them: the rest is not worth asking for */
	bool is_claimed; /* somebody reads it */
};

struct head {
	const struct csvr_input *input; /* NULL: free */
	struct part *part;
	int n_readers; /* it stays while there are any */
	uint64_t used; /* when: the one that was used least lately goes first */
};

/* Of an input that failed, why: its other chunks would fail as well, each after as long a time. */
struct failure {
	const struct csvr_input *input; /* NULL: none */
	struct csvr_error error;
};

/* Pieces of one input are read at about one time, by some dozens of threads. */
enum { N_FAILURES = 64 };

enum state { WAITING, ACTIVE, OVER };

struct csvr_prefetcher {
	struct csvr_transport carrier;
	int n_connections;
	uint64_t part_bytes;
	pthread_mutex_t lock;
	/* Under the lock. */
	const struct csvr_inputs *inputs;
	struct csvr_byte_range *byte_ranges;
	uint32_t *by_input; /* their numbers, by input and begin */
	unsigned char *states;
	size_t n_extents;
	size_t next; /* all extents before it are begun or over */
	struct ahead *first, *last; /* those begun, in that order */
	size_t n_slots, n_used, most_of_one;
	struct head heads[N_HEADS];
	pthread_cond_t head_arrived;
	uint64_t n_looks;
	struct failure failures[N_FAILURES]; /* the last ones */
	size_t n_failures;
	uint64_t n_bytes, most_bytes;
};

struct csvr_prefetch_reader {
	struct csvr_prefetcher *pool;
	const struct csvr_inputs *inputs;
	const struct csvr_input *input;
	struct ahead *ahead; /* that it has claimed, or NULL */
	struct part *unexpected; /* fetched last outside of it, or NULL */
	size_t wanted; /* bytes to be fetched so next time */
	pthread_cond_t arrived;
};

/* ---- parts; all under the lock ---- */

static void arrive(void *context, struct csvr_http_request *request)
{
	struct part *part = context;
	struct csvr_prefetcher *pool = part->pool;
	pthread_mutex_lock(&pool->lock);
	part->is_there = true;
	if (request->status != CSVR_OK && part->ahead != NULL && !part->is_dropped)
		part->ahead->has_failed = true;
	if (part->arrived != NULL)
		pthread_cond_broadcast(part->arrived);
	pthread_mutex_unlock(&pool->lock);
}

static void free_part(struct part *part)
{
	struct csvr_prefetcher *pool = part->pool;
	pool->n_used -= part->has_slot;
	pool->n_bytes -= part->end - part->begin;
	free(part->request.buffer);
	free(part->url);
	free(part->etag);
	free(part);
}

/* Asks for [begin, end); NULL: no memory. */
static struct part *ask(struct csvr_prefetcher *pool, const struct csvr_inputs *inputs,
			const struct csvr_input *input, uint64_t begin, uint64_t end,
			bool is_priority)
{
	struct part *part = calloc(1, sizeof *part);
	if (part == NULL)
		return NULL;
	part->pool = pool;
	part->begin = begin;
	part->end = end;
	part->url = csvr_inputs_copy_url(inputs, input);
	part->etag = strdup(csvr_inputs_etag(inputs, input));
	part->request = (struct csvr_http_request){ .url = part->url,
						    .begin = begin,
						    .n_bytes = end - begin,
						    .etag = part->etag,
						    .wanted_size = input->size_bytes,
						    .wanted_mtime_ns = csvr_input_mtime_ns(input),
						    .buffer = malloc((size_t)(end - begin)),
						    .capacity = (size_t)(end - begin),
						    .done = arrive,
						    .context = part,
						    .is_priority = is_priority };
	pool->n_bytes += end - begin;
	if (pool->n_bytes > pool->most_bytes)
		pool->most_bytes = pool->n_bytes;
	if (part->url == NULL || part->etag == NULL || part->request.buffer == NULL ||
	    pool->carrier.submit(pool->carrier.context, &part->request) != CSVR_OK) {
		free_part(part);
		return NULL;
	}
	return part;
}

static void wait_for(struct part *part, pthread_cond_t *arrived)
{
	part->arrived = arrived;
	while (!part->is_there)
		pthread_cond_wait(arrived, &part->pool->lock);
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
static struct part *ask_next(struct csvr_prefetcher *pool, struct ahead *ahead, bool is_priority)
{
	const uint64_t left = ahead->end - ahead->asked;
	const uint64_t end = ahead->asked + (left < ahead->part_bytes ? left : ahead->part_bytes);
	struct part *part = ask(pool, ahead->inputs, ahead->input, ahead->asked, end, is_priority);
	if (part == NULL)
		return NULL;
	part->ahead = ahead;
	part->has_slot = pool->n_used < pool->n_slots;
	pool->n_used += part->has_slot;
	ahead->asked = end;
	ahead->n_parts++;
	if (ahead->last != NULL)
		ahead->last->next = part;
	else
		ahead->first = part;
	ahead->last = part;
	return part;
}

static void take_first(struct ahead *ahead)
{
	struct part *part = ahead->first;
	ahead->first = part->next;
	if (ahead->first == NULL)
		ahead->last = NULL;
	ahead->n_parts--;
}

static void ask_more(struct csvr_prefetcher *pool, struct ahead *ahead)
{
	while (pool->n_used < pool->n_slots && ahead->n_parts < pool->most_of_one &&
	       ahead->asked < ahead->end && !ahead->has_failed)
		if (ask_next(pool, ahead, false) == NULL)
			return; /* its reader will find that out */
}

/* Extent `number`, which is waiting, becomes one of those begun; NULL: no memory. */
static struct ahead *begin_extent(struct csvr_prefetcher *pool, size_t number)
{
	const struct csvr_byte_range *byte_range = &pool->byte_ranges[number];
	struct ahead *ahead = calloc(1, sizeof *ahead);
	if (ahead == NULL)
		return NULL;
	ahead->byte_range = number;
	ahead->inputs = pool->inputs;
	ahead->input = &pool->inputs->items[byte_range->input];
	ahead->asked = byte_range->begin;
	ahead->end = byte_range->end;
	/* Parts of about one size. */
	const uint64_t n_bytes = byte_range->end - byte_range->begin;
	const uint64_t n_parts = (n_bytes + pool->part_bytes - 1) / pool->part_bytes;
	ahead->part_bytes = (n_bytes + n_parts - 1) / n_parts;
	pool->states[number] = ACTIVE;
	if (pool->last != NULL)
		pool->last->next = ahead;
	else
		pool->first = ahead;
	pool->last = ahead;
	return ahead;
}

/* Its parts are gone or taken over. */
static void end_extent(struct csvr_prefetcher *pool, struct ahead *ahead)
{
	struct ahead *before = NULL;
	for (struct ahead *a = pool->first; a != ahead; a = a->next)
		before = a;
	if (before != NULL)
		before->next = ahead->next;
	else
		pool->first = ahead->next;
	if (pool->last == ahead)
		pool->last = before;
	if (ahead->byte_range != SIZE_MAX)
		pool->states[ahead->byte_range] = OVER;
	free(ahead);
}

/* Puts free slots to use. */
static void fill(struct csvr_prefetcher *pool)
{
	for (int is_claimed = 1; is_claimed >= 0; is_claimed--)
		for (struct ahead *a = pool->first; a != NULL; a = a->next)
			if (a->is_claimed == is_claimed && a->byte_range != SIZE_MAX)
				ask_more(pool, a);
	while (pool->n_used < pool->n_slots && pool->next < pool->n_extents) {
		const size_t number = pool->next++;
		if (pool->states[number] != WAITING)
			continue;
		struct ahead *ahead = begin_extent(pool, number);
		if (ahead == NULL)
			return;
		ask_more(pool, ahead);
	}
}

/* Frees parts that nobody is going to read, whose extent is gone. The lock is left for those still on their
 * way. */
static void drop_parts(struct csvr_prefetcher *pool, struct part *parts)
{
	for (struct part *part = parts; part != NULL; part = part->next)
		part->is_dropped = true;
	for (struct part *part = parts, *next; part != NULL; part = next) {
		next = part->next;
		if (!part->is_there) {
			pthread_mutex_unlock(&pool->lock);
			pool->carrier.cancel(pool->carrier.context, &part->request);
			pthread_mutex_lock(&pool->lock);
		}
		free_part(part);
	}
}

/* The number of the extent of `input` that begins at `begin`; SIZE_MAX: there is none. */
static size_t find_extent(const struct csvr_prefetcher *pool, const struct csvr_input *input,
			  uint64_t begin)
{
	if (pool->n_extents == 0)
		return SIZE_MAX;
	const uint32_t index = (uint32_t)(input - pool->inputs->items);
	size_t low = 0, high = pool->n_extents;
	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		const struct csvr_byte_range *byte_range =
			&pool->byte_ranges[pool->by_input[middle]];
		if (byte_range->input < index ||
		    (byte_range->input == index && byte_range->begin < begin))
			low = middle + 1;
		else
			high = middle;
	}
	if (low == pool->n_extents)
		return SIZE_MAX;
	const size_t number = pool->by_input[low];
	const struct csvr_byte_range *byte_range = &pool->byte_ranges[number];
	return byte_range->input == index && byte_range->begin == begin ? number : SIZE_MAX;
}

/* For a reader of its own; NULL: nobody expected it, or another has it. */
static struct ahead *claim(struct csvr_prefetcher *pool, const struct csvr_input *input,
			   uint64_t begin)
{
	const size_t number = find_extent(pool, input, begin);
	struct ahead *ahead = NULL;
	if (number == SIZE_MAX)
		return NULL;
	if (pool->states[number] == WAITING)
		ahead = begin_extent(pool, number);
	else if (pool->states[number] == ACTIVE)
		for (ahead = pool->first; ahead->byte_range != number;)
			ahead = ahead->next;
	if (ahead == NULL || ahead->is_claimed)
		return NULL;
	ahead->is_claimed = true;
	return ahead;
}

/* ---- the pool ---- */

enum csvr_status csvr_prefetcher_new(const struct csvr_transport *carrier, int n_connections,
				     uint64_t part_bytes, struct csvr_prefetcher **new_pool)
{
	struct csvr_prefetcher *pool = *new_pool = calloc(1, sizeof *pool);
	if (pool == NULL)
		return CSVR_NO_MEMORY;
	pool->carrier = *carrier;
	pool->n_connections = n_connections;
	pool->part_bytes = part_bytes > 0 ? part_bytes : CSVR_PART_BYTES;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->head_arrived, NULL);
	return CSVR_OK;
}

/* What was expected is not any more; extents that are being read stay to be read. */
static void forget(struct csvr_prefetcher *pool)
{
	pool->n_slots = 0;
	for (struct ahead *a = pool->first, *next; a != NULL; a = next) {
		next = a->next;
		if (a->is_claimed) {
			a->byte_range = SIZE_MAX;
			continue;
		}
		struct part *parts = a->first;
		end_extent(pool, a);
		drop_parts(pool, parts);
	}
	for (size_t i = 0; i < N_HEADS; i++)
		if (pool->heads[i].input != NULL && pool->heads[i].n_readers == 0) {
			drop_parts(pool, pool->heads[i].part);
			pool->heads[i].input = NULL;
		}
	memset(pool->failures, 0, sizeof pool->failures);
	free(pool->byte_ranges);
	free(pool->by_input);
	free(pool->states);
	pool->byte_ranges = NULL;
	pool->by_input = NULL;
	pool->states = NULL;
	pool->n_extents = pool->next = 0;
}

void csvr_prefetcher_free(struct csvr_prefetcher *pool)
{
	if (pool == NULL)
		return;
	pthread_mutex_lock(&pool->lock);
	forget(pool);
	pthread_mutex_unlock(&pool->lock);
	pthread_cond_destroy(&pool->head_arrived);
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}

/* The extents that can be fetched ahead, cut to the size of their objects. */
static void copy_extents(struct csvr_prefetcher *pool, const struct csvr_inputs *inputs,
			 const struct csvr_byte_range *byte_ranges, size_t n_extents)
{
	for (size_t i = 0; i < n_extents; i++) {
		struct csvr_byte_range byte_range = byte_ranges[i];
		const struct csvr_input *input = &inputs->items[byte_range.input];
		if (!input->is_remote || input->kind != CSVR_INPUT_REGULAR)
			continue;
		if (byte_range.end > input->size_bytes)
			byte_range.end = input->size_bytes;
		if (byte_range.begin < byte_range.end)
			pool->byte_ranges[pool->n_extents++] = byte_range;
	}
}

struct place {
	uint32_t input, number;
	uint64_t begin;
};

static int compare_places(const void *a, const void *b)
{
	const struct place *left = a, *right = b;
	if (left->input != right->input)
		return left->input < right->input ? -1 : 1;
	if (left->begin != right->begin)
		return left->begin < right->begin ? -1 : 1;
	return left->number < right->number ? -1 : left->number > right->number;
}

static enum csvr_status sort_extents(struct csvr_prefetcher *pool)
{
	const size_t n = pool->n_extents;
	struct place *places = malloc((n + 1) * sizeof *places);
	if (places == NULL)
		return CSVR_NO_MEMORY;
	for (size_t i = 0; i < n; i++)
		places[i] = (struct place){ pool->byte_ranges[i].input, (uint32_t)i,
					    pool->byte_ranges[i].begin };
	if (n > 1)
		qsort(places, n, sizeof *places, compare_places);
	for (size_t i = 0; i < n; i++)
		pool->by_input[i] = places[i].number;
	free(places);
	return CSVR_OK;
}

enum csvr_status csvr_prefetch_schedule(struct csvr_prefetcher *pool,
					const struct csvr_inputs *inputs,
					const struct csvr_byte_range *byte_ranges, size_t n_extents,
					int n_threads)
{
	enum csvr_status status = CSVR_NO_MEMORY;
	pthread_mutex_lock(&pool->lock);
	forget(pool);
	pool->inputs = inputs;
	pool->byte_ranges = malloc((n_extents + 1) * sizeof *pool->byte_ranges);
	pool->by_input = malloc((n_extents + 1) * sizeof *pool->by_input);
	pool->states = calloc(n_extents + 1, 1);
	if (pool->byte_ranges == NULL || pool->by_input == NULL || pool->states == NULL)
		goto done;
	copy_extents(pool, inputs, byte_ranges, n_extents);
	status = sort_extents(pool);
	if (status != CSVR_OK) {
		pool->n_extents = 0;
		goto done;
	}
	pool->n_slots = (size_t)pool->n_connections + 2 * (size_t)n_threads;
	if (pool->n_slots > MOST_SLOTS)
		pool->n_slots = MOST_SLOTS;
	pool->most_of_one = pool->n_slots / ((size_t)n_threads + 1);
	if (pool->most_of_one < 2)
		pool->most_of_one = 2;
	fill(pool);
done:
	pthread_mutex_unlock(&pool->lock);
	return status;
}

uint64_t csvr_prefetcher_max_bytes(struct csvr_prefetcher *pool)
{
	pthread_mutex_lock(&pool->lock);
	const uint64_t most_bytes = pool->most_bytes;
	pthread_mutex_unlock(&pool->lock);
	return most_bytes;
}

/* ---- reading ---- */

enum csvr_status csvr_prefetch_reader_open(struct csvr_prefetcher *pool,
					   const struct csvr_inputs *inputs,
					   const struct csvr_input *input, uint64_t begin,
					   struct csvr_prefetch_reader **new_pull)
{
	struct csvr_prefetch_reader *pull = *new_pull = calloc(1, sizeof *pull);
	if (pull == NULL)
		return CSVR_NO_MEMORY;
	pull->pool = pool;
	pull->inputs = inputs;
	pull->input = input;
	pthread_cond_init(&pull->arrived, NULL);
	pthread_mutex_lock(&pool->lock);
	if (pool->inputs == inputs)
		pull->ahead = claim(pool, input, begin);
	pthread_mutex_unlock(&pool->lock);
	return CSVR_OK;
}

void csvr_prefetch_reader_close(struct csvr_prefetch_reader *pull)
{
	if (pull == NULL)
		return;
	struct csvr_prefetcher *pool = pull->pool;
	pthread_mutex_lock(&pool->lock);
	if (pull->ahead != NULL) {
		struct part *parts = pull->ahead->first;
		end_extent(pool, pull->ahead);
		drop_parts(pool, parts);
		fill(pool);
	}
	if (pull->unexpected != NULL)
		free_part(pull->unexpected); /* it is there */
	pthread_mutex_unlock(&pool->lock);
	pthread_cond_destroy(&pull->arrived);
	free(pull);
}

/* Where a read has come to: 0 bytes and CSVR_OK says that the next way is to be tried. */
struct reading {
	uint64_t offset;
	void *buffer;
	size_t n_bytes, n_read;
	struct csvr_error *error;
};

/* Copies from a part that is there and nobody else frees; the lock is left meanwhile. */
static enum csvr_status read_part(struct csvr_prefetcher *pool, const struct part *part,
				  struct reading *reading)
{
	enum csvr_status status = check_part(part, reading->error);
	if (status != CSVR_OK)
		return status;
	pthread_mutex_unlock(&pool->lock);
	reading->n_read = copy_part(part, reading->offset, reading->buffer, reading->n_bytes);
	pthread_mutex_lock(&pool->lock);
	return CSVR_OK;
}

/* The part of a claimed extent that holds `offset`, asked for if it was not; NULL: no memory. */
static struct part *part_at(struct csvr_prefetcher *pool, struct ahead *ahead, uint64_t offset)
{
	if (ahead->first == NULL && offset > ahead->asked)
		ahead->asked = offset; /* what was left out */
	while (ahead->asked <= offset)
		if (ask_next(pool, ahead, true) == NULL)
			return NULL;
	struct part *part = ahead->first;
	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): one was asked for that ends behind it */
	while (part->end <= offset)
		part = part->next;
	return part;
}

/* Frees the parts of a claimed extent that were read, up to `offset`. */
static void give_back(struct csvr_prefetcher *pool, struct ahead *ahead, uint64_t offset)
{
	struct part *part;
	bool has_room = false;
	while ((part = ahead->first) != NULL && part->is_there && part->end <= offset) {
		take_first(ahead);
		free_part(part);
		has_room = true;
	}
	if (has_room)
		fill(pool);
}

static enum csvr_status read_ahead(struct csvr_prefetch_reader *pull, struct reading *reading)
{
	struct csvr_prefetcher *pool = pull->pool;
	struct ahead *ahead = pull->ahead;
	if (ahead == NULL || reading->offset >= ahead->end)
		return CSVR_OK;
	/* What is before it was read, and given back. */
	if (reading->offset < (ahead->first != NULL ? ahead->first->begin : ahead->asked))
		return CSVR_OK;
	struct part *part = part_at(pool, ahead, reading->offset);
	if (part == NULL)
		return csvr_error_set_no_memory(reading->error);
	if (!part->is_there)
		fill(pool); /* more of it, if it was begun out of order */
	wait_for(part, &pull->arrived);
	enum csvr_status status = read_part(pool, part, reading);
	if (status == CSVR_OK)
		give_back(pool, ahead, reading->offset + reading->n_read);
	return status;
}

/* The head of the input, asked for if it is not at hand; NULL: there is no room for it. */
static struct head *find_head(struct csvr_prefetch_reader *pull)
{
	struct csvr_prefetcher *pool = pull->pool;
	struct head *oldest = NULL;
	for (size_t i = 0; i < N_HEADS; i++) {
		struct head *head = &pool->heads[i];
		if (head->input == pull->input)
			return head;
		if (head->n_readers == 0 && (oldest == NULL || head->used < oldest->used))
			oldest = head;
	}
	if (oldest == NULL)
		return NULL;
	if (oldest->input != NULL)
		free_part(oldest->part);
	oldest->input = NULL;
	const uint64_t size = pull->input->size_bytes;
	oldest->part = ask(pool, pull->inputs, pull->input, 0,
			   size < HEAD_BYTES ? size : HEAD_BYTES, true);
	if (oldest->part == NULL)
		return NULL;
	oldest->input = pull->input;
	return oldest;
}

static enum csvr_status read_head(struct csvr_prefetch_reader *pull, struct reading *reading)
{
	struct csvr_prefetcher *pool = pull->pool;
	if (reading->offset >= HEAD_BYTES)
		return CSVR_OK;
	struct head *head = find_head(pull);
	if (head == NULL)
		return CSVR_OK;
	head->n_readers++;
	head->used = ++pool->n_looks;
	wait_for(head->part, &pool->head_arrived);
	enum csvr_status status = read_part(pool, head->part, reading);
	head->n_readers--;
	if (status != CSVR_OK && head->n_readers == 0) { /* others ask again */
		free_part(head->part);
		*head = (struct head){ 0 };
	}
	return status;
}

static enum csvr_status read_unexpected(struct csvr_prefetch_reader *pull, struct reading *reading)
{
	struct csvr_prefetcher *pool = pull->pool;
	const uint64_t offset = reading->offset, size = pull->input->size_bytes;
	struct part *part = pull->unexpected;
	if (part == NULL || offset < part->begin || offset >= part->end) {
		const bool goes_on = part != NULL && offset == part->end;
		pull->wanted = goes_on && pull->wanted < MOST_UNEXPECTED ? pull->wanted * 2
			       : goes_on                                 ? pull->wanted
									 : LEAST_UNEXPECTED;
		if (part != NULL)
			free_part(part);
		const uint64_t end = size - offset < pull->wanted ? size : offset + pull->wanted;
		part = pull->unexpected = ask(pool, pull->inputs, pull->input, offset, end, true);
		if (part == NULL)
			return csvr_error_set_no_memory(reading->error);
	}
	wait_for(part, &pull->arrived);
	return read_part(pool, part, reading);
}

static const struct failure *find_failure(const struct csvr_prefetcher *pool,
					  const struct csvr_input *input)
{
	for (size_t i = 0; i < N_FAILURES; i++)
		if (pool->failures[i].input == input)
			return &pool->failures[i];
	return NULL;
}

static void note_failure(struct csvr_prefetcher *pool, const struct csvr_input *input,
			 const struct csvr_error *error)
{
	if (error->status != CSVR_NO_MEMORY && find_failure(pool, input) == NULL)
		pool->failures[pool->n_failures++ % N_FAILURES] = (struct failure){ input, *error };
}

enum csvr_status csvr_prefetch_reader_read(struct csvr_prefetch_reader *pull, uint64_t offset,
					   void *buffer, size_t n_bytes, size_t *n_read,
					   struct csvr_error *error)
{
	struct csvr_prefetcher *pool = pull->pool;
	struct csvr_error reason;
	struct reading reading = { offset, buffer, n_bytes, 0, &reason };
	*n_read = 0;
	if (offset >= pull->input->size_bytes || n_bytes == 0)
		return CSVR_OK;
	enum csvr_status (*const ways[])(struct csvr_prefetch_reader *,
					 struct reading *) = { read_ahead, read_head,
							       read_unexpected };
	enum csvr_status status = CSVR_OK;
	pthread_mutex_lock(&pool->lock);
	const struct failure *failure = find_failure(pool, pull->input);
	if (failure != NULL) {
		reason = failure->error;
		status = reason.status;
	}
	for (size_t i = 0; i < 3 && status == CSVR_OK && reading.n_read == 0; i++)
		status = ways[i](pull, &reading);
	if (status != CSVR_OK)
		note_failure(pool, pull->input, &reason);
	pthread_mutex_unlock(&pool->lock);
	if (status != CSVR_OK && error != NULL)
		*error = reason;
	*n_read = reading.n_read;
	return status;
}
