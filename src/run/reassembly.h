/* reassembly.h - merges the chunks of one big file in file order
 *
 * A file is split at fixed offsets, so a chunk guesses where its first record starts. If the chunk
 * before it ends at another offset, the guess was wrong and the chunk is read again. Chunks come
 * from the threads of this run or from saved states. The file counts only when all its chunks are
 * merged, so that a file that fails is left out as a whole.
 *
 * Shape    one segment holds the chunks merged so far, from the first on. The others wait; adjacent
 *          ones are joined
 * Errors   CSVR_NO_MEMORY; a file that fails is recorded in the reassembly
 * Threads  any number may add segments; one at a time owns the reassembly and merges them
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

/* Whether chunks of a file that was split like this can be added. */
bool csvr_reassembly_matches_chunks(const struct csvr_reassembly *reassembly, uint32_t n_chunks,
				    uint64_t chunk_bytes);

/* Whether the schema of the file is still unknown. */
bool csvr_reassembly_needs_schema(struct csvr_reassembly *reassembly);

/* Sets the schema, unless it is known: all chunks have the same. Does nothing if there are no columns.
 * The names are copied. Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_reassembly_set_schema(struct csvr_reassembly *reassembly,
					    const struct csvr_header_columns *columns);

/* Adds a segment, joined with the adjacent ones that wait. If no chunk fails, guesses wrong or is
 * without a record start, no more segments wait than there are threads, however far these run
 * ahead. If `*acquired`, the caller owns the reassembly and must call csvr_reassembly_merge_ready.
 * Takes over `segment`, also after an error. Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_reassembly_add(struct csvr_reassembly *reassembly,
				     struct csvr_segment *segment, bool *acquired);

/* Adds a segment of a saved state, before any thread works on the file. Takes over `segment`,
 * also after an error. Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_reassembly_queue(struct csvr_reassembly *reassembly,
				       struct csvr_segment *segment);

/* Reads bytes [begin, end) of a file as csvr_worker_read does. Meanwhile a checkpoint
 * may call csvr_reassembly_borrow. */
typedef void (*csvr_reread_fn)(void *context, const struct csvr_input *input, uint64_t begin,
			       uint64_t end, uint64_t start, struct csvr_chunk_stats *chunk);

/* Merges the segments that are next in file order, and reads those again that started at a wrong
 * guess. The caller must own the reassembly, and no longer does after the call. If `*is_complete`,
 * the last chunk was merged: the caller remains the owner and may use csvr_reassembly_result.
 * Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_reassembly_merge_ready(struct csvr_reassembly *reassembly,
					     csvr_reread_fn reread, void *context,
					     const struct csvr_input *input, bool *is_complete);

/* The result of a complete reassembly: a chunk that is the whole file, and the schema. */
struct csvr_chunk_stats *csvr_reassembly_result(struct csvr_reassembly *reassembly);
const struct csvr_schema *csvr_reassembly_schema(const struct csvr_reassembly *reassembly);

/* Whether any of the chunks from `first` to `last` has been added. */
bool csvr_reassembly_has(const struct csvr_reassembly *reassembly, uint32_t first, uint32_t last);

/* Whether all chunks have been merged. */
bool csvr_reassembly_is_complete(const struct csvr_reassembly *reassembly);

/* Moves the segments and the schema to `partial`, which the caller must clear. If the reassembly is
 * complete or has no segments, `partial` becomes all zeros. No thread may work on the file. Errors:
 * CSVR_NO_MEMORY. */
enum csvr_status csvr_reassembly_detach(struct csvr_reassembly *reassembly,
					struct csvr_partial_file *partial);

/* Lends the segments and the schema to `partial`, for a checkpoint; a complete reassembly lends no
 * segments. The reassembly still owns them. Undo with csvr_reassembly_return, also after an error.
 * Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_reassembly_borrow(struct csvr_reassembly *reassembly,
					struct csvr_partial_file *partial);
void csvr_reassembly_return(struct csvr_partial_file *partial);

#endif
