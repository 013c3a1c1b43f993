/* reassembly.c - the chunks of one big file on their way into one table */
#include "run/reassembly.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

struct csvr_reassembly {
	pthread_mutex_t lock;
	uint32_t input, n_chunks;
	uint64_t chunk_bytes; /* of all but the last */
	struct csvr_schema schema; /* set under the lock, then as it is */
	bool has_schema;
	/* Stretches whose turn has not come, in order; under the lock. */
	struct csvr_segment **waiting;
	size_t n_waiting, waiting_capacity;
	/* the chunk whose turn it is; changed under the lock by who holds the chain */
	uint32_t next;
	bool is_held; /* some thread is taking segments in; under the lock */
	bool is_complete;
	struct csvr_segment *done; /* all before `next`; who holds the chain has it */
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
	const bool wants = !reassembly->has_schema;
	pthread_mutex_unlock(&reassembly->lock);
	return wants;
}

enum csvr_status csvr_reassembly_set_schema(struct csvr_reassembly *reassembly,
					    const struct csvr_name *names, size_t n_names,
					    bool has_bare_cr)
{
	enum csvr_status status = CSVR_OK;
	if (n_names == 0) /* who could not read its chunk knows nothing of the head either */
		return CSVR_OK;
	pthread_mutex_lock(&reassembly->lock);
	if (!reassembly->has_schema)
		status = csvr_schema_set(&reassembly->schema, names, n_names, has_bare_cr);
	reassembly->has_schema = status == CSVR_OK;
	pthread_mutex_unlock(&reassembly->lock);
	return status;
}

const struct csvr_schema *csvr_reassembly_schema(const struct csvr_reassembly *reassembly)
{
	return &reassembly->schema;
}

/* ---- waiting ---- */

/* Whether `right` begins where `left` ended, as far as both know. */
static bool fit_together(const struct csvr_segment *left, const struct csvr_segment *right)
{
	return left->last + 1 == right->first && left->chunk.status == CSVR_OK &&
	       right->chunk.status == CSVR_OK && left->chunk.start != UINT64_MAX &&
	       left->chunk.next == right->chunk.start &&
	       left->chunk.stats.n_columns == right->chunk.stats.n_columns;
}

static struct csvr_segment *take_out(struct csvr_reassembly *reassembly, size_t index)
{
	struct csvr_segment *segment = reassembly->waiting[index];
	memmove(reassembly->waiting + index, reassembly->waiting + index + 1,
		(--reassembly->n_waiting - index) * sizeof(struct csvr_segment *));
	return segment;
}

/* Where a segment that begins with chunk `first` belongs among those that wait. */
static size_t place_of(const struct csvr_reassembly *reassembly, uint32_t first)
{
	size_t low = 0, high = reassembly->n_waiting;
	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		if (reassembly->waiting[middle]->first <= first)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Under the lock. NULL: none fits. */
static struct csvr_segment *take_neighbour(struct csvr_reassembly *reassembly,
					   const struct csvr_segment *segment)
{
	size_t i = place_of(reassembly, segment->first);
	if (segment->first <= reassembly->next)
		return NULL; /* it is its turn */
	if (i > 0 && fit_together(reassembly->waiting[i - 1], segment))
		return take_out(reassembly, i - 1);
	if (i < reassembly->n_waiting && fit_together(segment, reassembly->waiting[i]))
		return take_out(reassembly, i);
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
	size_t i = place_of(reassembly, segment->first);
	memmove(waiting + i + 1, waiting + i,
		(reassembly->n_waiting++ - i) * sizeof(struct csvr_segment *));
	waiting[i] = segment;
	return CSVR_OK;
}

/* left += right, which begins where left ends; frees right. */
static enum csvr_status join(struct csvr_segment *left, struct csvr_segment *right)
{
	enum csvr_status status = csvr_file_stats_merge(&left->chunk.stats, &right->chunk.stats,
							left->chunk.stats.n_lines);
	left->chunk.next = right->chunk.next;
	left->chunk.newline = right->chunk.newline;
	left->last = right->last;
	csvr_segment_free(right);
	return status;
}

/* `is_mine` NULL: nobody is to hold the chain yet. */
static enum csvr_status put_in(struct csvr_reassembly *reassembly, struct csvr_segment *segment,
			       bool *is_mine)
{
	enum csvr_status status = CSVR_OK;
	while (status == CSVR_OK) {
		pthread_mutex_lock(&reassembly->lock);
		struct csvr_segment *neighbour = take_neighbour(reassembly, segment);
		if (neighbour == NULL) {
			status = insert(reassembly, segment);
			if (status == CSVR_OK)
				segment = NULL;
			if (status == CSVR_OK && is_mine != NULL) {
				*is_mine = !reassembly->is_held && !reassembly->is_complete;
				reassembly->is_held = true;
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
				     struct csvr_segment *segment, bool *is_mine)
{
	*is_mine = false;
	return put_in(reassembly, segment, is_mine);
}

enum csvr_status csvr_reassembly_queue(struct csvr_reassembly *reassembly,
				       struct csvr_segment *segment)
{
	return put_in(reassembly, segment, NULL);
}

/* ---- taking in ---- */

/* The file fails here: nothing behind matters any more. */
static enum csvr_status fail(struct csvr_segment *done, const struct csvr_chunk_stats *chunk)
{
	done->chunk.status = chunk->status;
	done->chunk.error = chunk->error;
	if (done->chunk.error.line > 0)
		done->chunk.error.line += done->chunk.stats.n_lines;
	return CSVR_OK;
}

/* A file that came with a saved state may not be there; nobody expects that it is needed. */
static void explain(struct csvr_chunk_stats *chunk, const struct csvr_input *input)
{
	if (!input->is_preloaded ||
	    (chunk->status != CSVR_IO_ERROR && chunk->status != CSVR_FILE_CHANGED))
		return;
	char message[CSVR_MESSAGE_BYTES];
	memcpy(message, chunk->error.message, sizeof message);
	csvr_error_set(&chunk->error, chunk->status, 0,
		       "a piece of it must be read again by the run that merges: %s", message);
}

/* Takes the segment whose turn it is into `done`, all before it; reads it again if it began at the
 * wrong place. */
static enum csvr_status take_in(const struct csvr_reassembly *reassembly, csvr_reread_fn reread,
				void *context, const struct csvr_input *input,
				struct csvr_segment *turn, struct csvr_segment *done)
{
	struct csvr_chunk_stats *chunk = &turn->chunk;
	const bool is_first = turn->first == 0;
	const uint64_t begin = turn->first * reassembly->chunk_bytes;
	const uint64_t end = turn->last + 1 == reassembly->n_chunks
				     ? UINT64_MAX
				     : (turn->last + 1) * reassembly->chunk_bytes;
	const struct csvr_chunk_hint known = { done->chunk.next, done->chunk.newline };
	if (chunk->status == CSVR_NO_MEMORY)
		return CSVR_NO_MEMORY;
	if (done->chunk.status != CSVR_OK)
		return CSVR_OK;
	if (chunk->status == CSVR_IO_ERROR || chunk->status == CSVR_FILE_CHANGED)
		return fail(done, chunk);
	if (!is_first &&
	    (known.start >= end || (!input->is_compressed && known.start >= input->size_bytes)))
		return CSVR_OK; /* a record from further up goes on behind this segment */
	const bool is_believable = chunk->status == CSVR_OK || chunk->status == CSVR_INVALID_FILE;
	if (!is_believable || (!is_first && chunk->start != known.start)) {
		reread(context, input, begin, end, known, chunk);
		explain(chunk, input);
	}
	if (chunk->status == CSVR_NO_MEMORY || chunk->status == CSVR_INTERRUPTED)
		return chunk->status;
	if (!is_first && chunk->status == CSVR_OK &&
	    chunk->stats.n_columns != done->chunk.stats.n_columns)
		chunk->status =
			csvr_error_set(&chunk->error, CSVR_FILE_CHANGED, 0,
				       "its header changed between two looks at it; run again when "
				       "nothing writes to it");
	if (chunk->status != CSVR_OK)
		return fail(done, chunk);
	done->chunk.next = chunk->next;
	done->chunk.newline = chunk->newline;
	if (is_first) {
		struct csvr_file_stats empty = done->chunk.stats;
		done->chunk.stats = chunk->stats;
		chunk->stats = empty;
		return CSVR_OK;
	}
	return csvr_file_stats_merge(&done->chunk.stats, &chunk->stats, done->chunk.stats.n_lines);
}

/* The same for the first segment, before which there is nothing. It is `done` only once it is in: a
 * saving may come in between, and it may be told to stop. */
static enum csvr_status take_first(struct csvr_reassembly *reassembly, csvr_reread_fn reread,
				   void *context, const struct csvr_input *input,
				   struct csvr_segment *turn)
{
	struct csvr_segment *done = csvr_segment_new(0, 0);
	if (done == NULL)
		return CSVR_NO_MEMORY;
	enum csvr_status status = take_in(reassembly, reread, context, input, turn, done);
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
		struct csvr_segment *turn = NULL;
		pthread_mutex_lock(&reassembly->lock);
		if (reassembly->n_waiting > 0 &&
		    reassembly->waiting[0]->first <= reassembly->next && !reassembly->is_complete)
			turn = take_out(reassembly, 0);
		else
			reassembly->is_held = false;
		pthread_mutex_unlock(&reassembly->lock);
		if (turn == NULL)
			return CSVR_OK;
		enum csvr_status status = turn->first == 0 ? take_first(reassembly, reread, context,
									input, turn)
							   : take_in(reassembly, reread, context,
								     input, turn, reassembly->done);
		const uint32_t last = turn->last;
		csvr_segment_free(turn);
		if (status != CSVR_OK && status != CSVR_INTERRUPTED)
			return status; /* the run ends: nobody needs the chain any more */
		pthread_mutex_lock(&reassembly->lock);
		if (status == CSVR_INTERRUPTED) { /* it will be read another time */
			reassembly->is_held = false;
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

/* ---- what is partial ---- */

bool csvr_reassembly_has(const struct csvr_reassembly *reassembly, uint32_t first, uint32_t last)
{
	/* They stand in order, and do not overlap: only the last that begins so early may reach so far. */
	const size_t i = place_of(reassembly, last);
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
