/* reassembly.c - merges the chunks of one big file in file order */
#include "run/reassembly.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/search.h"

struct csvr_reassembly {
	pthread_mutex_t lock;
	uint32_t input, n_chunks;
	uint64_t chunk_bytes; /* of all but the last */
	struct csvr_schema schema; /* set once, under the lock; constant after that */
	bool has_schema;
	/* Segments that are not merged yet, in file order; under the lock. */
	struct csvr_segment **waiting;
	size_t n_waiting, waiting_capacity;
	/* The first chunk that is not merged; written by the owner, under the lock. */
	uint32_t next;
	bool is_owned; /* a thread is merging segments; under the lock */
	bool is_complete;
	struct csvr_segment *done; /* chunks [0, next), merged; only the owner uses it */
};

struct csvr_reassembly *csvr_reassembly_new(uint32_t input, uint32_t n_chunks, uint64_t chunk_bytes)
{
	struct csvr_reassembly *reassembly = calloc(1, sizeof *reassembly);
	if (reassembly == NULL)
		return NULL;
	if (pthread_mutex_init(&reassembly->lock, NULL) != 0) {
		free(reassembly);
		return NULL;
	}
	reassembly->input = input;
	reassembly->n_chunks = n_chunks;
	reassembly->chunk_bytes = chunk_bytes;
	csvr_schema_init(&reassembly->schema);
	return reassembly;
}

void csvr_reassembly_free(struct csvr_reassembly *reassembly)
{
	if (reassembly == NULL)
		return;
	for (size_t i = 0; i < reassembly->n_waiting; i++)
		csvr_segment_free(reassembly->waiting[i]);
	free(reassembly->waiting);
	csvr_segment_free(reassembly->done);
	csvr_schema_clear(&reassembly->schema);
	pthread_mutex_destroy(&reassembly->lock);
	free(reassembly);
}

uint32_t csvr_reassembly_input(const struct csvr_reassembly *reassembly)
{
	return reassembly->input;
}

bool csvr_reassembly_matches_chunks(const struct csvr_reassembly *reassembly, uint32_t n_chunks,
				    uint64_t chunk_bytes)
{
	return reassembly->n_chunks == n_chunks && reassembly->chunk_bytes == chunk_bytes;
}

bool csvr_reassembly_needs_schema(struct csvr_reassembly *reassembly)
{
	pthread_mutex_lock(&reassembly->lock);
	const bool needs = !reassembly->has_schema;
	pthread_mutex_unlock(&reassembly->lock);
	return needs;
}

enum csvr_status csvr_reassembly_set_schema(struct csvr_reassembly *reassembly,
					    const struct csvr_header_columns *columns)
{
	enum csvr_status status = CSVR_OK;
	if (columns->n_columns == 0) /* a chunk that could not be read has no header */
		return CSVR_OK;
	pthread_mutex_lock(&reassembly->lock);
	if (!reassembly->has_schema)
		status = csvr_schema_set(&reassembly->schema, columns);
	reassembly->has_schema = status == CSVR_OK;
	pthread_mutex_unlock(&reassembly->lock);
	return status;
}

const struct csvr_schema *csvr_reassembly_schema(const struct csvr_reassembly *reassembly)
{
	return &reassembly->schema;
}

/* ---- segments that wait ---- */

/* Whether the segments are consecutive and the records of `right` start where those of `left`
 * end. */
static bool are_adjacent(const struct csvr_segment *left, const struct csvr_segment *right)
{
	return left->last + 1 == right->first && left->chunk.status == CSVR_OK &&
	       right->chunk.status == CSVR_OK && left->chunk.start != UINT64_MAX &&
	       left->chunk.next == right->chunk.start &&
	       left->chunk.stats.n_columns == right->chunk.stats.n_columns;
}

static struct csvr_segment *remove_at(struct csvr_reassembly *reassembly, size_t index)
{
	struct csvr_segment *segment = reassembly->waiting[index];
	memmove(reassembly->waiting + index, reassembly->waiting + index + 1,
		(--reassembly->n_waiting - index) * sizeof(struct csvr_segment *));
	return segment;
}

struct position {
	const struct csvr_reassembly *reassembly;
	uint32_t first;
};

static bool is_before(const void *context, size_t index)
{
	const struct position *position = context;
	return position->reassembly->waiting[index]->first <= position->first;
}

/* The index in `waiting` of the first segment that starts after chunk `first`. */
static size_t index_after(const struct csvr_reassembly *reassembly, uint32_t first)
{
	const struct position position = { reassembly, first };
	return csvr_lower_bound(reassembly->n_waiting, is_before, &position);
}

/* Removes a waiting segment that `segment` can be joined with; NULL: there is none. Under the
 * lock. */
static struct csvr_segment *remove_neighbour(struct csvr_reassembly *reassembly,
					     const struct csvr_segment *segment)
{
	const size_t i = index_after(reassembly, segment->first);
	if (segment->first <= reassembly->next)
		return NULL; /* it is merged next */
	if (i > 0 && are_adjacent(reassembly->waiting[i - 1], segment))
		return remove_at(reassembly, i - 1);
	if (i < reassembly->n_waiting && are_adjacent(segment, reassembly->waiting[i]))
		return remove_at(reassembly, i);
	return NULL;
}

static enum csvr_status insert(struct csvr_reassembly *reassembly, struct csvr_segment *segment)
{
	struct csvr_segment **waiting = csvr_array_grow(reassembly->waiting,
							&reassembly->waiting_capacity,
							reassembly->n_waiting + 1,
							sizeof(struct csvr_segment *));
	if (waiting == NULL)
		return CSVR_NO_MEMORY;
	reassembly->waiting = waiting;
	const size_t i = index_after(reassembly, segment->first);
	memmove(waiting + i + 1, waiting + i,
		(reassembly->n_waiting++ - i) * sizeof(struct csvr_segment *));
	waiting[i] = segment;
	return CSVR_OK;
}

/* Appends `right`, which is adjacent, to `left`, and frees it. */
static enum csvr_status join(struct csvr_segment *left, struct csvr_segment *right)
{
	enum csvr_status status = csvr_file_stats_merge(&left->chunk.stats, &right->chunk.stats,
							left->chunk.stats.n_lines);
	left->chunk.next = right->chunk.next;
	left->last = right->last;
	csvr_segment_free(right);
	return status;
}

/* Joins the segment with its waiting neighbours and adds it to those that wait. `acquired` NULL:
 * the caller does not become the owner. */
static enum csvr_status add(struct csvr_reassembly *reassembly, struct csvr_segment *segment,
			    bool *acquired)
{
	enum csvr_status status = CSVR_OK;
	while (status == CSVR_OK) {
		pthread_mutex_lock(&reassembly->lock);
		struct csvr_segment *neighbour = remove_neighbour(reassembly, segment);
		if (neighbour == NULL) {
			status = insert(reassembly, segment);
			if (status == CSVR_OK)
				segment = NULL;
			if (status == CSVR_OK && acquired != NULL) {
				*acquired = !reassembly->is_owned && !reassembly->is_complete;
				reassembly->is_owned = true;
			}
		}
		pthread_mutex_unlock(&reassembly->lock);
		if (neighbour == NULL)
			break;
		struct csvr_segment *left = neighbour->first < segment->first ? neighbour : segment;
		status = join(left, left == neighbour ? segment : neighbour);
		segment = left;
	}
	csvr_segment_free(segment);
	return status;
}

enum csvr_status csvr_reassembly_add(struct csvr_reassembly *reassembly,
				     struct csvr_segment *segment, bool *acquired)
{
	*acquired = false;
	return add(reassembly, segment, acquired);
}

enum csvr_status csvr_reassembly_queue(struct csvr_reassembly *reassembly,
				       struct csvr_segment *segment)
{
	return add(reassembly, segment, NULL);
}

/* ---- merging ---- */

/* Makes the file fail at this chunk: later chunks no longer matter. */
static enum csvr_status fail_file(struct csvr_segment *done, const struct csvr_chunk_stats *chunk)
{
	done->chunk.status = chunk->status;
	done->chunk.error = chunk->error;
	if (done->chunk.error.line > 0)
		done->chunk.error.line += done->chunk.stats.n_lines;
	return CSVR_OK;
}

/* Users do not expect that an input named by a saved state is needed, so the message says why. */
static void add_merge_context(struct csvr_chunk_stats *chunk, const struct csvr_input *input)
{
	if (!input->is_preloaded ||
	    (chunk->status != CSVR_IO_ERROR && chunk->status != CSVR_FILE_CHANGED))
		return;
	char message[CSVR_MESSAGE_BYTES];
	memcpy(message, chunk->error.message, sizeof message);
	csvr_error_set(&chunk->error, chunk->status, 0,
		       "the merge must read a chunk of it again: %s", message);
}

/* Merges the segment that is next into `done`, which has all chunks before it. Reads it again if
 * its guess of the first record was wrong. */
static enum csvr_status merge_next(const struct csvr_reassembly *reassembly, csvr_reread_fn reread,
				   void *context, const struct csvr_input *input,
				   struct csvr_segment *next, struct csvr_segment *done)
{
	struct csvr_chunk_stats *chunk = &next->chunk;
	const bool is_first = next->first == 0;
	const uint64_t begin = next->first * reassembly->chunk_bytes;
	const uint64_t end = next->last + 1 == reassembly->n_chunks
				     ? UINT64_MAX
				     : (next->last + 1) * reassembly->chunk_bytes;
	const uint64_t start = done->chunk.next;
	if (chunk->status == CSVR_NO_MEMORY)
		return CSVR_NO_MEMORY;
	if (done->chunk.status != CSVR_OK)
		return CSVR_OK;
	if (chunk->status == CSVR_IO_ERROR || chunk->status == CSVR_FILE_CHANGED)
		return fail_file(done, chunk);
	if (!is_first && (start >= end || (!input->is_compressed && start >= input->size_bytes)))
		return CSVR_OK; /* a record that starts before this segment ends after it */
	const bool is_usable = chunk->status == CSVR_OK || chunk->status == CSVR_INVALID_FILE;
	if (!is_usable || (!is_first && chunk->start != start)) {
		reread(context, input, begin, end, start, chunk);
		add_merge_context(chunk, input);
	}
	if (chunk->status == CSVR_NO_MEMORY || chunk->status == CSVR_INTERRUPTED)
		return chunk->status;
	if (!is_first && chunk->status == CSVR_OK &&
	    chunk->stats.n_columns != done->chunk.stats.n_columns)
		chunk->status =
			csvr_error_set(&chunk->error, CSVR_FILE_CHANGED, 0,
				       "its header changed while it was read; run again when "
				       "nothing writes to it");
	if (chunk->status != CSVR_OK)
		return fail_file(done, chunk);
	done->chunk.next = chunk->next;
	if (is_first) {
		struct csvr_file_stats empty = done->chunk.stats;
		done->chunk.stats = chunk->stats;
		chunk->stats = empty;
		return CSVR_OK;
	}
	return csvr_file_stats_merge(&done->chunk.stats, &chunk->stats, done->chunk.stats.n_lines);
}

/* Merges the first segment. `done` is set only after that: meanwhile a checkpoint may be saved, or
 * the run may be stopped. */
static enum csvr_status merge_first(struct csvr_reassembly *reassembly, csvr_reread_fn reread,
				    void *context, const struct csvr_input *input,
				    struct csvr_segment *next)
{
	struct csvr_segment *done = csvr_segment_new(0, 0);
	if (done == NULL)
		return CSVR_NO_MEMORY;
	enum csvr_status status = merge_next(reassembly, reread, context, input, next, done);
	if (status == CSVR_OK)
		reassembly->done = done;
	else
		csvr_segment_free(done);
	return status;
}

enum csvr_status csvr_reassembly_merge_ready(struct csvr_reassembly *reassembly,
					     csvr_reread_fn reread, void *context,
					     const struct csvr_input *input, bool *is_complete)
{
	*is_complete = false;
	for (;;) {
		struct csvr_segment *next = NULL;
		pthread_mutex_lock(&reassembly->lock);
		if (reassembly->n_waiting > 0 &&
		    reassembly->waiting[0]->first <= reassembly->next && !reassembly->is_complete)
			next = remove_at(reassembly, 0);
		else
			reassembly->is_owned = false;
		pthread_mutex_unlock(&reassembly->lock);
		if (next == NULL)
			return CSVR_OK;
		enum csvr_status status = next->first == 0
						  ? merge_first(reassembly, reread, context, input,
								next)
						  : merge_next(reassembly, reread, context, input,
							       next, reassembly->done);
		const uint32_t last = next->last;
		csvr_segment_free(next);
		if (status != CSVR_OK && status != CSVR_INTERRUPTED)
			return status; /* the run ends, and the reassembly with it */
		pthread_mutex_lock(&reassembly->lock);
		if (status == CSVR_INTERRUPTED) { /* a resumed run reads it again */
			reassembly->is_owned = false;
			pthread_mutex_unlock(&reassembly->lock);
			return CSVR_OK;
		}
		reassembly->done->last = last;
		reassembly->next = last + 1;
		*is_complete = reassembly->is_complete = reassembly->next == reassembly->n_chunks;
		pthread_mutex_unlock(&reassembly->lock);
		if (*is_complete)
			return CSVR_OK;
	}
}

struct csvr_chunk_stats *csvr_reassembly_result(struct csvr_reassembly *reassembly)
{
	return &reassembly->done->chunk;
}

/* ---- incomplete reassemblies ---- */

bool csvr_reassembly_has(const struct csvr_reassembly *reassembly, uint32_t first, uint32_t last)
{
	/* Segments are in order and do not overlap: of those that start at `last` or before, the
	 * last one reaches furthest. */
	const size_t i = index_after(reassembly, last);
	return first < reassembly->next || (i > 0 && reassembly->waiting[i - 1]->last >= first);
}

bool csvr_reassembly_is_complete(const struct csvr_reassembly *reassembly)
{
	return reassembly->is_complete;
}

enum csvr_status csvr_reassembly_borrow(struct csvr_reassembly *reassembly,
					struct csvr_partial_file *partial)
{
	*partial = (struct csvr_partial_file){ .input = reassembly->input,
					       .n_chunks = reassembly->n_chunks,
					       .chunk_bytes = reassembly->chunk_bytes,
					       .schema = reassembly->schema };
	if (reassembly->is_complete || (reassembly->done == NULL && reassembly->n_waiting == 0))
		return CSVR_OK;
	partial->segments = calloc(reassembly->n_waiting + 1, sizeof(struct csvr_segment *));
	if (partial->segments == NULL)
		return CSVR_NO_MEMORY;
	partial->segments_capacity = reassembly->n_waiting + 1;
	if (reassembly->done != NULL)
		partial->segments[partial->n_segments++] = reassembly->done;
	for (size_t i = 0; i < reassembly->n_waiting; i++)
		partial->segments[partial->n_segments++] = reassembly->waiting[i];
	return CSVR_OK;
}

void csvr_reassembly_return(struct csvr_partial_file *partial)
{
	free(partial->segments);
	memset(partial, 0, sizeof *partial);
}

enum csvr_status csvr_reassembly_detach(struct csvr_reassembly *reassembly,
					struct csvr_partial_file *partial)
{
	enum csvr_status status = csvr_reassembly_borrow(reassembly, partial);
	if (status == CSVR_OK && partial->n_segments > 0) {
		reassembly->done = NULL;
		reassembly->n_waiting = 0;
		csvr_schema_init(&reassembly->schema);
	} else {
		csvr_reassembly_return(partial);
	}
	return status;
}
