/* prefetch_reader.c - reads objects from prefetched parts, prefixes, or on demand */
#include "input/remote/prefetch.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "input/remote/prefetch_internal.h"

enum { PREFIX_BYTES = 64 * 1024 };
enum { MIN_ON_DEMAND = 64 * 1024, MAX_ON_DEMAND = 1024 * 1024 };

struct csvr_prefetch_reader {
	struct csvr_prefetcher *prefetcher;
	const struct csvr_inputs *inputs;
	const struct csvr_input *input;
	struct csvr_prefetch_range *range; /* claimed, or NULL */
	struct csvr_prefetch_part *on_demand; /* the last part outside of the range, or NULL */
	size_t on_demand_bytes; /* size of `on_demand` */
	pthread_cond_t completed;
};

/* ---- parts ---- */

static void wait_for_part(struct csvr_prefetch_part *part, pthread_cond_t *completed)
{
	part->completed = completed;
	while (!part->is_complete)
		pthread_cond_wait(completed, &part->prefetcher->lock);
}

/* Whether a complete part has all its bytes. */
static enum csvr_status check_part(const struct csvr_prefetch_part *part, struct csvr_error *error)
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

/* Copies bytes from `offset` on. Needs no lock if the part is complete and nobody frees it. */
static size_t copy_part(const struct csvr_prefetch_part *part, uint64_t offset, void *buffer,
			size_t n_bytes)
{
	const uint64_t left = part->end - offset;
	const size_t n = left < n_bytes ? (size_t)left : n_bytes;
	memcpy(buffer, part->request.buffer + (offset - part->begin), n);
	return n;
}

static void pop_first_part(struct csvr_prefetch_range *range)
{
	struct csvr_prefetch_part *part = range->first;
	range->first = part->next;
	if (range->first == NULL)
		range->last = NULL;
	range->n_parts--;
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
		reader->range = csvr_prefetch_range_claim(prefetcher, input, begin);
	pthread_mutex_unlock(&prefetcher->lock);
	return CSVR_OK;
}

/* Finishes the range that the reader has claimed, if any, so that others get its slots. */
static void release_range(struct csvr_prefetch_reader *reader)
{
	struct csvr_prefetcher *prefetcher = reader->prefetcher;
	struct csvr_prefetch_range *range = reader->range;
	if (range == NULL)
		return;
	reader->range = NULL;
	struct csvr_prefetch_part *parts = range->first;
	csvr_prefetch_range_finish(prefetcher, range);
	csvr_prefetch_parts_cancel(prefetcher, parts);
	csvr_prefetch_fill(prefetcher);
}

void csvr_prefetch_reader_advance(struct csvr_prefetch_reader *reader, uint64_t begin)
{
	struct csvr_prefetcher *prefetcher = reader->prefetcher;
	pthread_mutex_lock(&prefetcher->lock);
	struct csvr_prefetch_range *next = prefetcher->inputs == reader->inputs
						   ? csvr_prefetch_range_claim(prefetcher,
									       reader->input, begin)
						   : NULL;
	if (next != NULL) {
		release_range(reader);
		reader->range = next;
	}
	pthread_mutex_unlock(&prefetcher->lock);
}

void csvr_prefetch_reader_close(struct csvr_prefetch_reader *reader)
{
	if (reader == NULL)
		return;
	struct csvr_prefetcher *prefetcher = reader->prefetcher;
	pthread_mutex_lock(&prefetcher->lock);
	release_range(reader);
	if (reader->on_demand != NULL)
		csvr_prefetch_part_free(reader->on_demand); /* complete: reads wait for it */
	pthread_mutex_unlock(&prefetcher->lock);
	pthread_cond_destroy(&reader->completed);
	free(reader);
}

/* A call of csvr_prefetch_reader_read. A source that returns CSVR_OK with n_read 0 does not have the bytes. */
struct read_call {
	uint64_t offset;
	void *buffer;
	size_t n_bytes, n_read;
	struct csvr_error *error;
};

/* Copies from a complete part that nobody else frees, without the lock. */
static enum csvr_status read_part(struct csvr_prefetcher *prefetcher,
				  const struct csvr_prefetch_part *part, struct read_call *call)
{
	enum csvr_status status = check_part(part, call->error);
	if (status != CSVR_OK)
		return status;
	pthread_mutex_unlock(&prefetcher->lock);
	call->n_read = copy_part(part, call->offset, call->buffer, call->n_bytes);
	pthread_mutex_lock(&prefetcher->lock);
	return CSVR_OK;
}

/* The part of a claimed range that contains `offset`; requests it if necessary. NULL: no memory. */
static struct csvr_prefetch_part *part_at(struct csvr_prefetcher *prefetcher,
					  struct csvr_prefetch_range *range, uint64_t offset)
{
	if (range->first == NULL && offset > range->requested_end)
		range->requested_end = offset; /* the reader has skipped bytes */
	while (range->requested_end <= offset)
		if (csvr_prefetch_range_fetch(prefetcher, range, true) == NULL)
			return NULL;
	struct csvr_prefetch_part *part = range->first;
	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): the last part ends after `offset` */
	while (part->end <= offset)
		part = part->next;
	return part;
}

/* Frees the parts of a claimed range that end at or before `offset`. */
static void release_read_parts(struct csvr_prefetcher *prefetcher,
			       struct csvr_prefetch_range *range, uint64_t offset)
{
	struct csvr_prefetch_part *part;
	bool has_freed = false;
	while ((part = range->first) != NULL && part->is_complete && part->end <= offset) {
		pop_first_part(range);
		csvr_prefetch_part_free(part);
		has_freed = true;
	}
	if (has_freed)
		csvr_prefetch_fill(prefetcher);
}

static enum csvr_status read_ahead(struct csvr_prefetch_reader *reader, struct read_call *call)
{
	struct csvr_prefetcher *prefetcher = reader->prefetcher;
	struct csvr_prefetch_range *range = reader->range;
	if (range == NULL || call->offset >= range->end)
		return CSVR_OK;
	/* Parts before the first one were freed after they were read. */
	if (call->offset < (range->first != NULL ? range->first->begin : range->requested_end))
		return CSVR_OK;
	struct csvr_prefetch_part *part = part_at(prefetcher, range, call->offset);
	if (part == NULL)
		return csvr_error_set_no_memory(call->error);
	if (!part->is_complete)
		csvr_prefetch_fill(prefetcher); /* more parts of it, if it started out of order */
	wait_for_part(part, &reader->completed);
	enum csvr_status status = read_part(prefetcher, part, call);
	if (status == CSVR_OK)
		release_read_parts(prefetcher, range, call->offset + call->n_read);
	return status;
}

/* The prefix of the input; requests it if necessary. NULL: all entries are in use, or no memory. */
static struct csvr_prefetch_prefix *find_prefix(struct csvr_prefetch_reader *reader)
{
	struct csvr_prefetcher *prefetcher = reader->prefetcher;
	struct csvr_prefetch_prefix *oldest = NULL;
	for (size_t i = 0; i < CSVR_PREFETCH_PREFIXES; i++) {
		struct csvr_prefetch_prefix *prefix = &prefetcher->prefixes[i];
		if (prefix->input == reader->input)
			return prefix;
		if (prefix->n_readers == 0 &&
		    (oldest == NULL || prefix->last_used < oldest->last_used))
			oldest = prefix;
	}
	if (oldest == NULL)
		return NULL;
	if (oldest->input != NULL)
		csvr_prefetch_part_free(oldest->part);
	oldest->input = NULL;
	const uint64_t size = reader->input->size_bytes;
	oldest->part = csvr_prefetch_part_new(prefetcher, reader->inputs, reader->input, 0,
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
	struct csvr_prefetch_prefix *prefix = find_prefix(reader);
	if (prefix == NULL)
		return CSVR_OK;
	prefix->n_readers++;
	prefix->last_used = ++prefetcher->n_prefix_reads;
	wait_for_part(prefix->part, &prefetcher->prefix_completed);
	enum csvr_status status = read_part(prefetcher, prefix->part, call);
	prefix->n_readers--;
	if (status != CSVR_OK && prefix->n_readers == 0) { /* the next reader requests it again */
		csvr_prefetch_part_free(prefix->part);
		*prefix = (struct csvr_prefetch_prefix){ 0 };
	}
	return status;
}

static enum csvr_status read_on_demand(struct csvr_prefetch_reader *reader, struct read_call *call)
{
	struct csvr_prefetcher *prefetcher = reader->prefetcher;
	const uint64_t offset = call->offset, size = reader->input->size_bytes;
	struct csvr_prefetch_part *part = reader->on_demand;
	if (part == NULL || offset < part->begin || offset >= part->end) {
		const bool is_sequential = part != NULL && offset == part->end;
		reader->on_demand_bytes = is_sequential && reader->on_demand_bytes < MAX_ON_DEMAND
						  ? reader->on_demand_bytes * 2
					  : is_sequential ? reader->on_demand_bytes
							  : MIN_ON_DEMAND;
		if (part != NULL)
			csvr_prefetch_part_free(part);
		const uint64_t end = size - offset < reader->on_demand_bytes
					     ? size
					     : offset + reader->on_demand_bytes;
		part = reader->on_demand = csvr_prefetch_part_new(prefetcher, reader->inputs,
								  reader->input, offset, end, true);
		if (part == NULL)
			return csvr_error_set_no_memory(call->error);
	}
	wait_for_part(part, &reader->completed);
	return read_part(prefetcher, part, call);
}

static const struct csvr_prefetch_failure *find_failure(const struct csvr_prefetcher *prefetcher,
							const struct csvr_input *input)
{
	for (size_t i = 0; i < CSVR_PREFETCH_FAILURES; i++)
		if (prefetcher->failures[i].input == input)
			return &prefetcher->failures[i];
	return NULL;
}

static void record_failure(struct csvr_prefetcher *prefetcher, const struct csvr_input *input,
			   const struct csvr_error *error)
{
	if (error->status != CSVR_NO_MEMORY && find_failure(prefetcher, input) == NULL)
		prefetcher->failures[prefetcher->n_failures++ % CSVR_PREFETCH_FAILURES] =
			(struct csvr_prefetch_failure){ input, *error };
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
	const struct csvr_prefetch_failure *failure = find_failure(prefetcher, reader->input);
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
