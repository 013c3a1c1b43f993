/* results.h - the results of a run so far, shared by its threads
 *
 * A thread counts into a summary of its own and adds it here from time to time; chunks of big files
 * are reassembled here. A snapshot can be saved at any moment: each input, or each chunk of
 * a split one, is in it as a whole or not at all.
 *
 * Shape    up to 16 summaries, called generations, and a reassembly per split input. Each snapshot
 *          starts a generation: if a file changes later, a resumed run reads only its generation
 *          again
 * Errors   CSVR_NO_MEMORY
 * Threads  any number may add; a snapshot waits until none does, and blocks them meanwhile
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

/* Creates a reassembly for each input that the plan splits. Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_results_register(struct csvr_results *results, const struct csvr_plan *plan);

/* Merges `summary`, of a saved state or of another rank. Its contents are unspecified afterwards;
 * the caller frees it. Its partial files wait for csvr_results_resolve. Errors: CSVR_INVALID_FILE
 * (a file was split in another way, or the results have some of it already), CSVR_NO_MEMORY. */
enum csvr_status csvr_results_import(struct csvr_results *results, struct csvr_summary *summary,
				     struct csvr_error *error);

/* As csvr_results_import, for a saved state among the inputs: files and chunks that the checkpoint
 * has (csvr_results_mark_resumed) are left out. CSVR_INVALID_FILE also if the checkpoint has some of
 * the files of `summary`, but not all. */
enum csvr_status csvr_results_import_listed(struct csvr_results *results,
					    struct csvr_summary *summary, struct csvr_error *error);

/* Records that everything merged so far came from the checkpoint. Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_results_mark_resumed(struct csvr_results *results);

/* Starts a new summary for what is added from now on, as a snapshot does. Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_results_start_generation(struct csvr_results *results);

/* Whether the imported summaries have the input, or that chunk of it if n_chunks > 1. A
 * csvr_done_fn; `context` is the struct csvr_results. */
bool csvr_results_has(void *context, uint32_t input, uint32_t chunk, uint32_t n_chunks);

/* ---- while the threads run ---- */

/* The reassembly of an input that the plan splits; NULL for other inputs. */
struct csvr_reassembly *csvr_results_reassembly(const struct csvr_results *results, uint32_t input);

/* A thread holds this lock while it changes a reassembly, and its own summary along with that. A
 * snapshot waits until no thread holds it. */
void csvr_results_lock_shared(struct csvr_results *results);
void csvr_results_unlock_shared(struct csvr_results *results);

/* Merges the summary of a thread. Its contents are unspecified afterwards; the caller frees it. The
 * caller must not hold the lock. Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_results_add(struct csvr_results *results, struct csvr_summary *summary);

/* Encodes all results as a saved state. `run` describes the run so far. Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_results_snapshot(struct csvr_results *results,
				       const struct csvr_settings *settings,
				       const struct csvr_inputs *inputs,
				       const struct csvr_run_record *run,
				       struct csvr_encoder *bytes);

/* ---- after the threads ---- */

/* Calls `resolve` for each reassembly that has chunks and is not complete, in order of inputs.
 * Returns the first error of `resolve`. */
typedef enum csvr_status (*csvr_resolve_fn)(void *context, struct csvr_reassembly *reassembly);
enum csvr_status csvr_results_resolve(struct csvr_results *results, csvr_resolve_fn resolve,
				      void *context);

/* Moves everything into one summary, which the caller must finish and free; chunks of incomplete
 * files become its partial files. Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_results_finish(struct csvr_results *results, struct csvr_summary **summary);

#endif
