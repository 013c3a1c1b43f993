/* results.h - what the threads of a run have found so far, where all of them can reach it
 *
 * A thread keeps what it finds to itself and hands it over now and then; chunks of big files meet in
 * chains here. At any moment all of it can be saved: nothing is half in.
 *
 * Shape    a few summaries, one for each segment of time between two savings (a file that changes later
 *          costs only the one it is in), and the chains
 * Errors   CSVR_NO_MEMORY
 * Threads  any number may add; saving waits until none does, and holds all up meanwhile
 */
#ifndef CSVR_RUN_RESULTS_H
#define CSVR_RUN_RESULTS_H

#include "base/serialize.h"
#include "csvreport.h"
#include "run/plan.h"
#include "run/reassembly.h"
#include "stats/summary.h"

struct csvr_results;

/* Errors: CSVR_NO_MEMORY. Free with csvr_results_free (NULL is fine). */
enum csvr_status csvr_results_new(const struct csvr_summary_config *config,
				  struct csvr_results **results);
void csvr_results_free(struct csvr_results *results);

/* ---- before the threads start ---- */

/* Makes the chains of the files that a plan cuts. */
enum csvr_status csvr_results_register(struct csvr_results *results, const struct csvr_plan *plan);

/* Takes in what was found before, out of a saved state; `summary` is emptied. Its partial files wait
 * for csvr_results_resolve. A file cut in another way, or a chunk that is there twice, is CSVR_INVALID_FILE. */
enum csvr_status csvr_results_import(struct csvr_results *results, struct csvr_summary *summary,
				     struct csvr_error *error);

/* Takes a saved state that is named among the inputs, after the checkpoint: if that one was made of a
 * run that had it, all of it is there already, and nothing is done. */
enum csvr_status csvr_results_import_named(struct csvr_results *results,
					   struct csvr_summary *summary, struct csvr_error *error);

/* All that was taken so far came out of the checkpoint. */
enum csvr_status csvr_results_mark_resumed(struct csvr_results *results);

/* What comes from now on is kept apart from what came before, as after a saving. */
enum csvr_status csvr_results_start_generation(struct csvr_results *results);

/* Whether an input, or with n_chunks > 1 a chunk of it, is in: as a csvr_done_fn, `context` is the
 * struct csvr_results. Only what came out of saved states counts. */
bool csvr_results_has(void *context, uint32_t input, uint32_t chunk, uint32_t n_chunks);

/* ---- while they run ---- */

/* The chain of an input that the plan cuts. */
struct csvr_reassembly *csvr_results_reassembly(const struct csvr_results *results, uint32_t input);

/* Between these two a thread may change chains and what it finds. */
void csvr_results_lock_shared(struct csvr_results *results);
void csvr_results_unlock_shared(struct csvr_results *results);

/* Merges what a thread has found; `summary` is emptied, and to be freed. Not between the two. */
enum csvr_status csvr_results_add(struct csvr_results *results, struct csvr_summary *summary);

/* Writes a saved state of all that is in. `run` is the run so far, to be named in it. */
enum csvr_status csvr_results_snapshot(struct csvr_results *results,
				       const struct csvr_settings *settings,
				       const struct csvr_inputs *inputs,
				       const struct csvr_run_record *run,
				       struct csvr_encoder *bytes);

/* ---- when they have ended ---- */

/* Calls `settle` for each chain that has chunks and is not complete, in order of inputs. */
typedef enum csvr_status (*csvr_resolve_fn)(void *context, struct csvr_reassembly *reassembly);
enum csvr_status csvr_results_resolve(struct csvr_results *results, csvr_resolve_fn settle,
				      void *context);

/* All in one summary, which is the caller's then; chunks of files that are not complete are in its
 * partial ones. Not yet finished. */
enum csvr_status csvr_results_finish(struct csvr_results *results, struct csvr_summary **summary);

#endif
