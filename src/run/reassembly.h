/* reassembly.h - the chunks of one big file on their way into one table
 *
 * A file is cut by size alone. Where one chunk ended, the next must have begun; one that guessed wrong
 * is read again from the right place. Pieces come from the threads of this run, or out of saved
 * states; only when all are in does the file count, so that a file that fails is left out whole.
 *
 * Shape    from the first chunk on all that have had their turn are one segment; the others wait,
 *          joined with their neighbours where these fit
 * Errors   CSVR_NO_MEMORY; a file that fails is in the chain, not an error
 * Threads  any number may put segments in; one at a time takes them in, the one that holds the chain
 */
#ifndef CSVR_RUN_REASSEMBLY_H
#define CSVR_RUN_REASSEMBLY_H

#include "run/worker.h"
#include "stats/file_stats.h"

struct csvr_reassembly;

/* Errors: NULL, no memory. Free with csvr_reassembly_free (NULL is fine). */
struct csvr_reassembly *csvr_reassembly_new(uint32_t input, uint32_t n_chunks,
					    uint64_t chunk_bytes);
void csvr_reassembly_free(struct csvr_reassembly *reassembly);
uint32_t csvr_reassembly_input(const struct csvr_reassembly *reassembly);

/* Whether the chunks of a file that was cut so may go into it. */
bool csvr_reassembly_matches_chunks(const struct csvr_reassembly *reassembly, uint32_t n_chunks,
				    uint64_t chunk_bytes);

/* Whether it is not known yet what the head of the file is. */
bool csvr_reassembly_needs_schema(struct csvr_reassembly *reassembly);

/* Says what it is; the first word counts, for all chunks found the same. No names are no word. */
enum csvr_status csvr_reassembly_set_schema(struct csvr_reassembly *reassembly,
					    const struct csvr_name *names, size_t n_names,
					    bool has_bare_cr);

/* Puts a segment in, together with the neighbours that wait there and fit: so no more of them wait
 * than there are threads, however far these run ahead. Says whether the chain is now the caller's to
 * hold: it must then call csvr_reassembly_merge_ready. Takes `segment` over. */
enum csvr_status csvr_reassembly_add(struct csvr_reassembly *reassembly,
				     struct csvr_segment *segment, bool *is_mine);

/* Puts a segment in that came out of a saved state, before threads are at work on the chain. Takes it
 * over. */
enum csvr_status csvr_reassembly_queue(struct csvr_reassembly *reassembly,
				       struct csvr_segment *segment);

/* Reads bytes [begin, end) of a file as csvr_worker_read does. The chain may be lent meanwhile. */
typedef void (*csvr_reread_fn)(void *context, const struct csvr_input *input, uint64_t begin,
			       uint64_t end, struct csvr_chunk_hint known,
			       struct csvr_chunk_stats *chunk);

/* Takes in all segments whose turn has come, reading again what began at the wrong place, and gives
 * the chain up. `*is_complete`: this was the last chunk of the file; then the chain stays the
 * caller's, to look at csvr_reassembly_result. */
enum csvr_status csvr_reassembly_merge_ready(struct csvr_reassembly *reassembly,
					     csvr_reread_fn reread, void *context,
					     const struct csvr_input *input, bool *is_complete);

/* What came out of a complete chain: a chunk from the first byte to the last, and the head. */
struct csvr_chunk_stats *csvr_reassembly_result(struct csvr_reassembly *reassembly);
const struct csvr_schema *csvr_reassembly_schema(const struct csvr_reassembly *reassembly);

/* Whether some of the chunks from `first` to `last` are in. */
bool csvr_reassembly_has(const struct csvr_reassembly *reassembly, uint32_t first, uint32_t last);

/* Whether all of them are. */
bool csvr_reassembly_is_complete(const struct csvr_reassembly *reassembly);

/* Moves what there is of an incomplete chain into `partial`; there may be nothing. No thread may
 * be at work on the chain. */
enum csvr_status csvr_reassembly_detach(struct csvr_reassembly *reassembly,
					struct csvr_partial_file *partial);

/* The same for as long as it takes to save it: the segments stay the chain's. Undo with
 * csvr_reassembly_return. */
enum csvr_status csvr_reassembly_borrow(struct csvr_reassembly *reassembly,
					struct csvr_partial_file *partial);
void csvr_reassembly_return(struct csvr_partial_file *partial);

#endif
