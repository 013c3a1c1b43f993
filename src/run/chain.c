/* chain.c - the pieces of one big file on their way into one table */
#include "run/chain.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"

struct csvr_chain {
	pthread_mutex_t lock;
	uint32_t input, n_pieces;
	uint64_t piece_bytes; /* of all but the last */
	struct csvr_heading heading; /* set under the lock, then as it is */
	bool has_heading;
	/* Stretches whose turn has not come, in order; under the lock. */
	struct csvr_stretch **waiting;
	size_t n_waiting, waiting_capacity;
	/* the piece whose turn it is; changed under the lock by who holds the chain */
	uint32_t next;
	bool is_held; /* some thread is taking stretches in; under the lock */
	bool is_complete;
	struct csvr_stretch *done; /* all before `next`; who holds the chain has it */
};

struct csvr_chain *csvr_chain_new(uint32_t input, uint32_t n_pieces, uint64_t piece_bytes)
{
	struct csvr_chain *chain = calloc(1, sizeof *chain);
	if (chain == NULL)
		return NULL;
	if (pthread_mutex_init(&chain->lock, NULL) != 0) {
		free(chain);
		return NULL;
	}
	chain->input = input;
	chain->n_pieces = n_pieces;
	chain->piece_bytes = piece_bytes;
	csvr_heading_init(&chain->heading);
	return chain;
}

void csvr_chain_free(struct csvr_chain *chain)
{
	if (chain == NULL)
		return;
	for (size_t i = 0; i < chain->n_waiting; i++)
		csvr_stretch_free(chain->waiting[i]);
	free(chain->waiting);
	csvr_stretch_free(chain->done);
	csvr_heading_clear(&chain->heading);
	pthread_mutex_destroy(&chain->lock);
	free(chain);
}

uint32_t csvr_chain_input(const struct csvr_chain *chain)
{
	return chain->input;
}

bool csvr_chain_is_cut(const struct csvr_chain *chain, uint32_t n_pieces, uint64_t piece_bytes)
{
	return chain->n_pieces == n_pieces && chain->piece_bytes == piece_bytes;
}

bool csvr_chain_wants_head(struct csvr_chain *chain)
{
	pthread_mutex_lock(&chain->lock);
	const bool wants = !chain->has_heading;
	pthread_mutex_unlock(&chain->lock);
	return wants;
}

enum csvr_status csvr_chain_head(struct csvr_chain *chain, const struct csvr_name *names,
				 size_t n_names, bool has_bare_cr)
{
	enum csvr_status status = CSVR_OK;
	if (n_names == 0) /* who could not read its piece knows nothing of the head either */
		return CSVR_OK;
	pthread_mutex_lock(&chain->lock);
	if (!chain->has_heading)
		status = csvr_heading_set(&chain->heading, names, n_names, has_bare_cr);
	chain->has_heading = status == CSVR_OK;
	pthread_mutex_unlock(&chain->lock);
	return status;
}

const struct csvr_heading *csvr_chain_heading(const struct csvr_chain *chain)
{
	return &chain->heading;
}

/* ---- waiting ---- */

/* Whether `right` begins where `left` ended, as far as both know. */
static bool fit_together(const struct csvr_stretch *left, const struct csvr_stretch *right)
{
	return left->last + 1 == right->first && left->piece.status == CSVR_OK &&
	       right->piece.status == CSVR_OK && left->piece.start != UINT64_MAX &&
	       left->piece.next == right->piece.start &&
	       left->piece.table.n_columns == right->piece.table.n_columns;
}

static struct csvr_stretch *take_out(struct csvr_chain *chain, size_t index)
{
	struct csvr_stretch *stretch = chain->waiting[index];
	memmove(chain->waiting + index, chain->waiting + index + 1,
		(--chain->n_waiting - index) * sizeof(struct csvr_stretch *));
	return stretch;
}

/* Where a stretch that begins with piece `first` belongs among those that wait. */
static size_t place_of(const struct csvr_chain *chain, uint32_t first)
{
	size_t low = 0, high = chain->n_waiting;
	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		if (chain->waiting[middle]->first <= first)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Under the lock. NULL: none fits. */
static struct csvr_stretch *take_neighbour(struct csvr_chain *chain,
					   const struct csvr_stretch *stretch)
{
	size_t i = place_of(chain, stretch->first);
	if (stretch->first <= chain->next)
		return NULL; /* it is its turn */
	if (i > 0 && fit_together(chain->waiting[i - 1], stretch))
		return take_out(chain, i - 1);
	if (i < chain->n_waiting && fit_together(stretch, chain->waiting[i]))
		return take_out(chain, i);
	return NULL;
}

static enum csvr_status insert(struct csvr_chain *chain, struct csvr_stretch *stretch)
{
	struct csvr_stretch **waiting = csvr_grow(chain->waiting, &chain->waiting_capacity,
						  chain->n_waiting + 1,
						  sizeof(struct csvr_stretch *));
	if (waiting == NULL)
		return CSVR_NO_MEMORY;
	chain->waiting = waiting;
	size_t i = place_of(chain, stretch->first);
	memmove(waiting + i + 1, waiting + i,
		(chain->n_waiting++ - i) * sizeof(struct csvr_stretch *));
	waiting[i] = stretch;
	return CSVR_OK;
}

/* left += right, which begins where left ends; frees right. */
static enum csvr_status join(struct csvr_stretch *left, struct csvr_stretch *right)
{
	enum csvr_status status = csvr_table_merge(&left->piece.table, &right->piece.table,
						   left->piece.table.n_lines);
	left->piece.next = right->piece.next;
	left->piece.newline = right->piece.newline;
	left->last = right->last;
	csvr_stretch_free(right);
	return status;
}

/* `is_mine` NULL: nobody is to hold the chain yet. */
static enum csvr_status put_in(struct csvr_chain *chain, struct csvr_stretch *stretch,
			       bool *is_mine)
{
	enum csvr_status status = CSVR_OK;
	while (status == CSVR_OK) {
		pthread_mutex_lock(&chain->lock);
		struct csvr_stretch *neighbour = take_neighbour(chain, stretch);
		if (neighbour == NULL) {
			status = insert(chain, stretch);
			if (status == CSVR_OK)
				stretch = NULL;
			if (status == CSVR_OK && is_mine != NULL) {
				*is_mine = !chain->is_held && !chain->is_complete;
				chain->is_held = true;
			}
		}
		pthread_mutex_unlock(&chain->lock);
		if (neighbour == NULL)
			break;
		struct csvr_stretch *left = neighbour->first < stretch->first ? neighbour : stretch;
		status = join(left, left == neighbour ? stretch : neighbour);
		stretch = left;
	}
	csvr_stretch_free(stretch);
	return status;
}

enum csvr_status csvr_chain_put(struct csvr_chain *chain, struct csvr_stretch *stretch,
				bool *is_mine)
{
	*is_mine = false;
	return put_in(chain, stretch, is_mine);
}

enum csvr_status csvr_chain_wait(struct csvr_chain *chain, struct csvr_stretch *stretch)
{
	return put_in(chain, stretch, NULL);
}

/* ---- taking in ---- */

/* The file fails here: nothing behind matters any more. */
static enum csvr_status fail(struct csvr_stretch *done, const struct csvr_piece *piece)
{
	done->piece.status = piece->status;
	done->piece.error = piece->error;
	if (done->piece.error.line > 0)
		done->piece.error.line += done->piece.table.n_lines;
	return CSVR_OK;
}

/* A file that came with a saved state may not be there; nobody expects that it is needed. */
static void explain(struct csvr_piece *piece, const struct csvr_input *input)
{
	if (!input->is_known || (piece->status != CSVR_SYSTEM && piece->status != CSVR_CHANGED))
		return;
	char message[CSVR_MESSAGE_BYTES];
	memcpy(message, piece->error.message, sizeof message);
	csvr_fail(&piece->error, piece->status, 0,
		  "a piece of it must be read again by the run that merges: %s", message);
}

/* Takes the stretch whose turn it is into `done`, all before it; reads it again if it began at the
 * wrong place. */
static enum csvr_status take_in(const struct csvr_chain *chain, csvr_reread_fn reread,
				void *context, const struct csvr_input *input,
				struct csvr_stretch *turn, struct csvr_stretch *done)
{
	struct csvr_piece *piece = &turn->piece;
	const bool is_first = turn->first == 0;
	const uint64_t begin = turn->first * chain->piece_bytes;
	const uint64_t end = turn->last + 1 == chain->n_pieces
				     ? UINT64_MAX
				     : (turn->last + 1) * chain->piece_bytes;
	const struct csvr_known known = { done->piece.next, done->piece.newline };
	if (piece->status == CSVR_NO_MEMORY)
		return CSVR_NO_MEMORY;
	if (done->piece.status != CSVR_OK)
		return CSVR_OK;
	if (piece->status == CSVR_SYSTEM || piece->status == CSVR_CHANGED)
		return fail(done, piece);
	if (!is_first &&
	    (known.start >= end || (!input->is_coded && known.start >= input->size_bytes)))
		return CSVR_OK; /* a record from further up goes on behind this stretch */
	const bool is_believable = piece->status == CSVR_OK || piece->status == CSVR_BAD_FILE;
	if (!is_believable || (!is_first && piece->start != known.start)) {
		reread(context, input, begin, end, known, piece);
		explain(piece, input);
	}
	if (piece->status == CSVR_NO_MEMORY || piece->status == CSVR_STOPPED)
		return piece->status;
	if (!is_first && piece->status == CSVR_OK &&
	    piece->table.n_columns != done->piece.table.n_columns)
		piece->status =
			csvr_fail(&piece->error, CSVR_CHANGED, 0,
				  "its header changed between two looks at it; run again when "
				  "nothing writes to it");
	if (piece->status != CSVR_OK)
		return fail(done, piece);
	done->piece.next = piece->next;
	done->piece.newline = piece->newline;
	if (is_first) {
		struct csvr_table empty = done->piece.table;
		done->piece.table = piece->table;
		piece->table = empty;
		return CSVR_OK;
	}
	return csvr_table_merge(&done->piece.table, &piece->table, done->piece.table.n_lines);
}

/* The same for the first stretch, before which there is nothing. It is `done` only once it is in: a
 * saving may come in between, and it may be told to stop. */
static enum csvr_status take_first(struct csvr_chain *chain, csvr_reread_fn reread, void *context,
				   const struct csvr_input *input, struct csvr_stretch *turn)
{
	struct csvr_stretch *done = csvr_stretch_new(0, 0);
	if (done == NULL)
		return CSVR_NO_MEMORY;
	enum csvr_status status = take_in(chain, reread, context, input, turn, done);
	if (status == CSVR_OK)
		chain->done = done;
	else
		csvr_stretch_free(done);
	return status;
}

enum csvr_status csvr_chain_advance(struct csvr_chain *chain, csvr_reread_fn reread, void *context,
				    const struct csvr_input *input, bool *is_complete)
{
	*is_complete = false;
	for (;;) {
		struct csvr_stretch *turn = NULL;
		pthread_mutex_lock(&chain->lock);
		if (chain->n_waiting > 0 && chain->waiting[0]->first <= chain->next &&
		    !chain->is_complete)
			turn = take_out(chain, 0);
		else
			chain->is_held = false;
		pthread_mutex_unlock(&chain->lock);
		if (turn == NULL)
			return CSVR_OK;
		enum csvr_status status = turn->first == 0
						  ? take_first(chain, reread, context, input, turn)
						  : take_in(chain, reread, context, input, turn,
							    chain->done);
		const uint32_t last = turn->last;
		csvr_stretch_free(turn);
		if (status != CSVR_OK && status != CSVR_STOPPED)
			return status; /* the run ends: nobody needs the chain any more */
		pthread_mutex_lock(&chain->lock);
		if (status == CSVR_STOPPED) { /* it will be read another time */
			chain->is_held = false;
			pthread_mutex_unlock(&chain->lock);
			return CSVR_OK;
		}
		chain->done->last = last;
		chain->next = last + 1;
		*is_complete = chain->is_complete = chain->next == chain->n_pieces;
		pthread_mutex_unlock(&chain->lock);
		if (*is_complete)
			return CSVR_OK;
	}
}

struct csvr_piece *csvr_chain_result(struct csvr_chain *chain)
{
	return &chain->done->piece;
}

/* ---- what is unfinished ---- */

bool csvr_chain_has(const struct csvr_chain *chain, uint32_t first, uint32_t last)
{
	/* They stand in order, and do not overlap: only the last that begins so early may reach so far. */
	const size_t i = place_of(chain, last);
	return first < chain->next || (i > 0 && chain->waiting[i - 1]->last >= first);
}

bool csvr_chain_is_complete(const struct csvr_chain *chain)
{
	return chain->is_complete;
}

enum csvr_status csvr_chain_lend(struct csvr_chain *chain, struct csvr_unfinished *unfinished)
{
	*unfinished = (struct csvr_unfinished){ .input = chain->input,
						.n_pieces = chain->n_pieces,
						.piece_bytes = chain->piece_bytes,
						.heading = chain->heading };
	if (chain->is_complete || (chain->done == NULL && chain->n_waiting == 0))
		return CSVR_OK;
	unfinished->stretches = calloc(chain->n_waiting + 1, sizeof(struct csvr_stretch *));
	if (unfinished->stretches == NULL)
		return CSVR_NO_MEMORY;
	unfinished->stretches_capacity = chain->n_waiting + 1;
	if (chain->done != NULL)
		unfinished->stretches[unfinished->n_stretches++] = chain->done;
	for (size_t i = 0; i < chain->n_waiting; i++)
		unfinished->stretches[unfinished->n_stretches++] = chain->waiting[i];
	return CSVR_OK;
}

void csvr_chain_unlend(struct csvr_unfinished *unfinished)
{
	free(unfinished->stretches);
	memset(unfinished, 0, sizeof *unfinished);
}

enum csvr_status csvr_chain_leave(struct csvr_chain *chain, struct csvr_unfinished *unfinished)
{
	enum csvr_status status = csvr_chain_lend(chain, unfinished);
	if (status == CSVR_OK && unfinished->n_stretches > 0) {
		chain->done = NULL;
		chain->n_waiting = 0;
		csvr_heading_init(&chain->heading);
	} else {
		csvr_chain_unlend(unfinished);
	}
	return status;
}
