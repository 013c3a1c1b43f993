/* chain.h - the pieces of one big file on their way into one table
 *
 * A file is cut by size alone. Where one piece ended, the next must have begun; one that guessed wrong
 * is read again from the right place. Pieces come from the threads of this run, or out of saved
 * states; only when all are in does the file count, so that a file that fails is left out whole.
 *
 * Shape    from the first piece on all that have had their turn are one stretch; the others wait,
 *          joined with their neighbours where these fit
 * Errors   CSVR_NO_MEMORY; a file that fails is in the chain, not an error
 * Threads  any number may put stretches in; one at a time takes them in, the one that holds the chain
 */
#ifndef CSVR_RUN_CHAIN_H
#define CSVR_RUN_CHAIN_H

#include "run/worker.h"
#include "stats/table.h"

struct csvr_chain;

/* Errors: NULL, no memory. Free with csvr_chain_free (NULL is fine). */
struct csvr_chain *csvr_chain_new(uint32_t input, uint32_t n_pieces, uint64_t piece_bytes);
void csvr_chain_free(struct csvr_chain *chain);
uint32_t csvr_chain_input(const struct csvr_chain *chain);

/* Whether the pieces of a file that was cut so may go into it. */
bool csvr_chain_is_cut(const struct csvr_chain *chain, uint32_t n_pieces, uint64_t piece_bytes);

/* Whether it is not known yet what the head of the file is. */
bool csvr_chain_wants_head(struct csvr_chain *chain);

/* Says what it is; the first word counts, for all pieces found the same. No names are no word. */
enum csvr_status csvr_chain_head(struct csvr_chain *chain, const struct csvr_name *names,
				 size_t n_names, bool has_bare_cr);

/* Puts a stretch in, together with the neighbours that wait there and fit: so no more of them wait
 * than there are threads, however far these run ahead. Says whether the chain is now the caller's to
 * hold: it must then call csvr_chain_advance. Takes `stretch` over. */
enum csvr_status csvr_chain_put(struct csvr_chain *chain, struct csvr_stretch *stretch,
				bool *is_mine);

/* Puts a stretch in that came out of a saved state, before threads are at work on the chain. Takes it
 * over. */
enum csvr_status csvr_chain_wait(struct csvr_chain *chain, struct csvr_stretch *stretch);

/* Reads bytes [begin, end) of a file as csvr_worker_read does. The chain may be lent meanwhile. */
typedef void (*csvr_reread_fn)(void *context, const struct csvr_input *input, uint64_t begin,
			       uint64_t end, struct csvr_known known, struct csvr_piece *piece);

/* Takes in all stretches whose turn has come, reading again what began at the wrong place, and gives
 * the chain up. `*is_complete`: this was the last piece of the file; then the chain stays the
 * caller's, to look at csvr_chain_result. */
enum csvr_status csvr_chain_advance(struct csvr_chain *chain, csvr_reread_fn reread, void *context,
				    const struct csvr_input *input, bool *is_complete);

/* What came out of a complete chain: a piece from the first byte to the last, and the head. */
struct csvr_piece *csvr_chain_result(struct csvr_chain *chain);
const struct csvr_heading *csvr_chain_heading(const struct csvr_chain *chain);

/* Whether some of the pieces from `first` to `last` are in. */
bool csvr_chain_has(const struct csvr_chain *chain, uint32_t first, uint32_t last);

/* Whether all of them are. */
bool csvr_chain_is_complete(const struct csvr_chain *chain);

/* Moves what there is of an incomplete chain into `unfinished`; there may be nothing. No thread may
 * be at work on the chain. */
enum csvr_status csvr_chain_leave(struct csvr_chain *chain, struct csvr_unfinished *unfinished);

/* The same for as long as it takes to save it: the stretches stay the chain's. Undo with
 * csvr_chain_unlend. */
enum csvr_status csvr_chain_lend(struct csvr_chain *chain, struct csvr_unfinished *unfinished);
void csvr_chain_unlend(struct csvr_unfinished *unfinished);

#endif
