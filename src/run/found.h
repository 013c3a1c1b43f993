/* found.h - what the threads of a run have found so far, where all of them can reach it
 *
 * A thread keeps what it finds to itself and hands it over now and then; pieces of big files meet in
 * chains here. At any moment all of it can be saved: nothing is half in.
 *
 * Shape    a few summaries, one for each stretch of time between two savings (a file that changes later
 *          costs only the one it is in), and the chains
 * Errors   CSVR_NO_MEMORY
 * Threads  any number may add; saving waits until none does, and holds all up meanwhile
 */
#ifndef CSVR_RUN_FOUND_H
#define CSVR_RUN_FOUND_H

#include "base/bytes.h"
#include "csvreport.h"
#include "run/chain.h"
#include "run/plan.h"
#include "stats/summary.h"

struct csvr_found;

/* Errors: CSVR_NO_MEMORY. Free with csvr_found_free (NULL is fine). */
enum csvr_status csvr_found_new(const struct csvr_summary_rules *rules, struct csvr_found **found);
void csvr_found_free(struct csvr_found *found);

/* ---- before the threads start ---- */

/* Makes the chains of the files that a plan cuts. */
enum csvr_status csvr_found_expect(struct csvr_found *found, const struct csvr_plan *plan);

/* Takes in what was found before, out of a saved state; `summary` is emptied. Its unfinished files wait
 * for csvr_found_settle. A file cut in another way, or a piece that is there twice, is CSVR_BAD_FILE. */
enum csvr_status csvr_found_take(struct csvr_found *found, struct csvr_summary *summary,
				 struct csvr_error *error);

/* Takes a saved state that is named among the inputs, after the checkpoint: if that one was made of a
 * run that had it, all of it is there already, and nothing is done. */
enum csvr_status csvr_found_take_named(struct csvr_found *found, struct csvr_summary *summary,
				       struct csvr_error *error);

/* All that was taken so far came out of the checkpoint. */
enum csvr_status csvr_found_resumed(struct csvr_found *found);

/* What comes from now on is kept apart from what came before, as after a saving. */
enum csvr_status csvr_found_part(struct csvr_found *found);

/* Whether an input, or with n_pieces > 1 a piece of it, is in: as a csvr_done_fn, `context` is the
 * struct csvr_found. Only what came out of saved states counts. */
bool csvr_found_has(void *context, uint32_t input, uint32_t piece, uint32_t n_pieces);

/* ---- while they run ---- */

/* The chain of an input that the plan cuts. */
struct csvr_chain *csvr_found_chain(const struct csvr_found *found, uint32_t input);

/* Between these two a thread may change chains and what it finds. */
void csvr_found_enter(struct csvr_found *found);
void csvr_found_leave(struct csvr_found *found);

/* Merges what a thread has found; `summary` is emptied, and to be freed. Not between the two. */
enum csvr_status csvr_found_add(struct csvr_found *found, struct csvr_summary *summary);

/* Writes a saved state of all that is in. `run` is the run so far, to be named in it. */
enum csvr_status csvr_found_save(struct csvr_found *found, const struct csvr_settings *settings,
				 const struct csvr_inputs *inputs,
				 const struct csvr_run_record *run, struct csvr_bytes *bytes);

/* ---- when they have ended ---- */

/* Calls `settle` for each chain that has pieces and is not complete, in order of inputs. */
typedef enum csvr_status (*csvr_settle_fn)(void *context, struct csvr_chain *chain);
enum csvr_status csvr_found_settle(struct csvr_found *found, csvr_settle_fn settle, void *context);

/* All in one summary, which is the caller's then; pieces of files that are not complete are in its
 * unfinished ones. Not yet finished. */
enum csvr_status csvr_found_end(struct csvr_found *found, struct csvr_summary **summary);

#endif
