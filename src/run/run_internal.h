/* run_internal.h - what the files of a run share
 *
 * Shape    struct csvr_run_context for the run, struct csvr_thread_context for each of its threads
 *
 *	run.c            the order of events
 *	prepare.c        before the work: saved states, plan, worker settings
 *	team.c           parallel regions; no other file has an OpenMP pragma
 *	unit.c           one unit of work into the summary of its thread
 *	thread_times.c   the timing of each thread
 *	checkpoint.c     saves the results while threads work
 *	passes.c         further passes over the inputs, for exact statistics
 *	refine_state.c   a run that refines a saved state
 *	run_ranks.c      the work when it is divided among the ranks of a job
 */
#ifndef CSVR_RUN_RUN_INTERNAL_H
#define CSVR_RUN_RUN_INTERNAL_H

#include "base/stop_flag.h"
#include "csvreport.h"
#include "csvreport_perf.h"
#include "input/inputs.h"
#include "run/checkpoint_thread.h"
#include "run/load_states.h"
#include "run/plan.h"
#include "run/reassembly.h"
#include "run/results.h"
#include "run/unit_queue.h"
#include "run/worker.h"
#include "stats/summary.h"

/* A saved state that the run refines. */
struct csvr_refined_state {
	struct csvr_state_file file;
	struct csvr_state_request request; /* the statistics to refine */
	uint32_t *index; /* of its inputs in the list of this run; NULL unless is_complete */
	bool merges_passes; /* the inputs are states of passes over parts: no data is read */
	/* The inputs are all those of the state, so that the run makes the state exact. Otherwise it saves what its pass
	 * has found. */
	bool is_complete;
	struct csvr_summary *summary; /* that of the state, unless is_complete */
};

/* One run. The thread that called csvr_run writes it outside parallel regions; within them it is
 * read-only, but for the members marked atomic. */
struct csvr_run_context {
	struct csvr_settings *settings;
	struct csvr_inputs *inputs;
	struct csvr_plan plan;
	struct csvr_worker_config worker_config;
	struct csvr_known_names known_names; /* for worker_config */
	struct csvr_run_hooks *hooks; /* never NULL */
	const char *threads_from;
	int n_threads;
	int n_threads_failed; /* requested but not started, because the system refused */
	bool has_tried_threads; /* the two numbers above are final */
	bool joins_chunks; /* threads read adjacent chunks as one, as chunks are costly to merge */
	bool has_sniffed; /* every input was checked for being a saved state or compressed */
	struct csvr_summary_config config;
	struct csvr_results *results;
	struct csvr_run_record record;
	struct csvr_refined_state refined; /* of the first rank, if settings->refine is set */
	uint64_t planned_bytes; /* of all passes that are expected */
	uint64_t done_bytes; /* atomic; of all passes */
	uint64_t done_inputs; /* atomic */
	int status; /* atomic: the first error that ends the run */
	int n_flush_requests; /* atomic: written by the checkpoint thread */
	int n_flushed; /* atomic: threads that have flushed their summary since the last request */
	int n_slice_threads; /* threads per rank that slices are sized for; the same in all ranks */
	/* Tickets before it, and reductions, that earlier passes have used; the same in all ranks. */
	uint64_t first_ticket, n_reduced;
	bool is_awaited; /* other ranks wait for this one: if it fails it must abort them */
};

/* One thread of a parallel region; only that thread uses it. */
struct csvr_thread_context {
	struct csvr_run_context *run;
	struct csvr_unit_queue *queue; /* shared by the threads */
	struct csvr_worker *worker;
	struct csvr_summary *summary;
	struct csvr_chunk_stats chunk; /* for inputs that are read whole */
	uint64_t header_version; /* of the header that `layout` belongs to */
	uint32_t layout; /* index in summary->layouts */
	bool has_layout;
	struct csvr_name *names; /* scratch: columns of a header */
	size_t names_capacity;
	/* It takes chunks from a run that another thread reads only if at least this many bytes of the run are left: the
	 * thread starts a new table of groups for them, and merging that costs more than waiting for a few chunks. */
	uint64_t least_bytes_left;
	int n_flushes; /* requests that it has fulfilled */
	struct csvr_span span;
	const struct csvr_unit *last_unit; /* NULL: none yet, or the run is not timed */
	uint64_t last_unit_begin_ns;
	size_t n_units;
};

/* ---- the state of a run ---- */

static inline bool csvr_run_is_stopped(const struct csvr_run_context *run)
{
	return csvr_stop_requested(run->hooks->stop_flag);
}

/* Whether this process has the inputs and writes the report. */
static inline bool csvr_run_is_first_rank(const struct csvr_run_context *run)
{
	return run->hooks->comm == NULL || run->hooks->comm->rank == 0;
}

/* Ends the run if `status` is an error; the first error counts. For any thread. */
static inline void csvr_run_fail(struct csvr_run_context *run, enum csvr_status status)
{
	int none = CSVR_OK;
	if (status != CSVR_OK)
		__atomic_compare_exchange_n(&run->status, &none, (int)status, false,
					    __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

static inline bool csvr_run_has_failed(struct csvr_run_context *run)
{
	return __atomic_load_n(&run->status, __ATOMIC_RELAXED) != CSVR_OK;
}

/* The inputs that are finished when `unit` is: a split input counts with its last chunk. */
static inline uint64_t csvr_unit_finished_inputs(const struct csvr_unit *unit)
{
	return unit->n_chunks == 1 ? unit->n_inputs : unit->chunk + 1 == unit->n_chunks;
}

/* Whether all columns are to be correlated, and a table has too many. */
static inline bool csvr_run_correlates_too_many(const struct csvr_run_context *run,
						const struct csvr_summary *summary)
{
	bool has_too_many = false;
	if (!run->settings->parse.correlates || run->settings->parse.correlation.n_words > 0)
		return false;
	for (size_t t = 0; t < summary->n_tables && !has_too_many; t++)
		has_too_many = csvr_data_table_count_columns(&summary->tables[t]) >
			       CSVR_MAX_CORRELATED_COLUMNS;
	return has_too_many;
}

/* Whether a table has more groups than permitted. Merging never removes groups, so the answer is the same for
 * any division of the work. */
static inline bool csvr_run_has_too_many_groups(const struct csvr_summary *summary)
{
	for (size_t t = 0; t < summary->n_tables; t++)
		if (summary->tables[t].groups != NULL &&
		    csvr_groups_are_too_many(summary->tables[t].groups))
			return true;
	return false;
}

/* ---- prepare.c ---- */

/* Chooses the kernel, the batch sums and the number of threads. Errors: CSVR_INVALID_OPTION. */
/* Sets the names of columns of files without a header: those of the first input that has one. Each rank does, with
 * the same inputs. Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_prepare_known_names(struct csvr_run_context *run);

enum csvr_status csvr_prepare_workers(struct csvr_run_context *run, struct csvr_error *error);

/* Loads what saved states hold, plans what is left to do, and fills the run info. Sizes of inputs
 * are known. Errors: as csvr_run. */
enum csvr_status csvr_prepare_work(struct csvr_run_context *run, struct csvr_state_set *states,
				   struct csvr_error *error);

/* Replaces the results by those of a further pass, and in the first rank the plan by that of all inputs.
 * `refinement` must outlive the results; NULL: nothing is wanted, and no unit may be processed. */
enum csvr_status csvr_prepare_pass(struct csvr_run_context *run,
				   const struct csvr_refinement *refinement);

/* ---- passes.c ---- */

/* Whether the options ask for statistics that further passes make exact. */
bool csvr_run_may_refine(const struct csvr_run_context *run);

/* Reads the inputs again until the requested statistics of the summary are exact, or says in it why they are
 * not. Errors: CSVR_NO_MEMORY, CSVR_INTERRUPTED. */
enum csvr_status csvr_run_refine(struct csvr_run_context *run, struct csvr_summary *summary,
				 struct csvr_error *error);

/* One pass over the inputs that this run reads, into `*pass`. */
enum csvr_status csvr_run_make_pass(struct csvr_run_context *run,
				    struct csvr_refinement *refinement, struct csvr_summary **pass,
				    struct csvr_error *error);

/* The first input that is in the list of failures of a pass, but not of the summary; CSVR_NO_INDEX: none. */
uint32_t csvr_run_find_changed(const struct csvr_summary *summary, const struct csvr_summary *pass);

/* Sets what the summary says about statistics that are not exact although they were to be. */
void csvr_run_note_inexactness(const struct csvr_run_context *run, struct csvr_summary *summary);

/* ---- refine_state.c: of the first rank ---- */

/* Opens the state to refine, and finds its inputs among those of the run. Sizes of inputs are known. Errors: as
 * csvr_run. */
enum csvr_status csvr_refined_state_open(struct csvr_run_context *run,
					 struct csvr_state_set *passes, struct csvr_error *error);

/* Decodes the state: into the results if is_complete, else into run->refined.summary. */
enum csvr_status csvr_refined_state_load(struct csvr_run_context *run, struct csvr_error *error);

/* Call it after the results are finished: merges the passes into the summary, or reads the inputs again. Unless
 * is_complete, `*summary` becomes that of the pass. */
enum csvr_status csvr_refined_state_finish(struct csvr_run_context *run,
					   struct csvr_state_set *passes,
					   struct csvr_summary **summary, struct csvr_error *error);

void csvr_refined_state_clear(struct csvr_refined_state *refined);

/* ---- run.c ---- */

/* Merges the chunks that no thread of this run has merged. */
enum csvr_status csvr_run_resolve_reassemblies(struct csvr_run_context *run);

/* Tells the caller of csvr_run whether workers poll its stop flag. */
void csvr_run_set_stop_polled(const struct csvr_run_context *run, bool is_polled);

/* ---- team.c ---- */

/* Sets n_threads to a number that the system can start, before the first parallel region. */
void csvr_team_try_threads(struct csvr_run_context *run);

/* Finds out the size and kind of each input. */
void csvr_team_probe_inputs(struct csvr_run_context *run);

/* Finds the seek indexes of big compressed inputs, at which they can be split. */
void csvr_team_index_inputs(struct csvr_run_context *run);

/* Processes units [first, last) of the plan; run->status is the result. Every thread has flushed its
 * summary when it returns, unless the run failed. */
void csvr_team_process_units(struct csvr_run_context *run, size_t first, size_t last);

/* Counts bytes that the calling thread has processed; a callback of the workers. */
void csvr_team_on_progress(void *run, uint64_t n_bytes);

/* Notes a unit that the thread has taken, for the timing of the run. */
void csvr_team_start_unit(struct csvr_thread_context *thread, const struct csvr_unit *unit);

/* Counts an input that the calling thread has read, for progress: a unit can be many small files. */
void csvr_team_on_input_read(struct csvr_run_context *run);

/* How a report is divided among the threads that a run may have: there may be more than it had units. */
struct csvr_parallel csvr_team_parallel(const struct csvr_settings *settings);

/* ---- unit.c ---- */

/* Reads a unit into the summary of the thread or, if it is a chunk, into the reassembly of its
 * input. Inputs that fail are no error. Errors: CSVR_NO_MEMORY, CSVR_RETRY_AS_STATE,
 * CSVR_RETRY_AS_COMPRESSED, CSVR_INVALID_OPTION (csvr_run_correlates_too_many). */
enum csvr_status csvr_unit_read(struct csvr_thread_context *thread, const struct csvr_unit *unit);

/* Merges the chunks that are next in file order, and the input into `summary` if it is complete. The
 * caller owns the reassembly and holds the shared lock of the results. Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_unit_merge_chunks(struct csvr_run_context *run,
					struct csvr_reassembly *reassembly,
					struct csvr_worker *worker, struct csvr_summary *summary);

/* ---- thread_times.c ---- */

/* Adds what the calling thread did in this parallel region (wall, CPU and read time, bytes, units,
 * slowest input) to its struct csvr_thread_time; does nothing if the run is not timed. The last step
 * of the thread before it waits for the others. */
void csvr_thread_times_add(struct csvr_thread_context *thread);

/* ---- checkpoint.c ---- */

/* Starts the thread that saves checkpoints. `*checkpointer` is NULL if the run has none. Errors:
 * CSVR_IO_ERROR, CSVR_NO_MEMORY. */
enum csvr_status csvr_checkpoint_start(struct csvr_run_context *run,
				       struct csvr_checkpointer **checkpointer,
				       struct csvr_error *error);

/* Saves the results with run->hooks->checkpoint, which must not be NULL; `run` is a struct
 * csvr_run_context. If they cannot be written, the hook's save() has reported why, and the run goes
 * on. If memory runs out before that, save() is not called and the run fails. */
void csvr_checkpoint_save(void *run);

/* ---- run_ranks.c ---- */

/* Agrees with the other ranks that rank 0 could prepare (`status`), and sends its plan to them.
 * Errors: CSVR_IO_ERROR, CSVR_NO_MEMORY, the status of rank 0. */
enum csvr_status csvr_run_ranks_share_plan(struct csvr_run_context *run, enum csvr_status status,
					   struct csvr_error *error);

/* Processes slices of the plan until none is left, and moves the results of all ranks to rank 0.
 * Errors: CSVR_IO_ERROR, CSVR_NO_MEMORY, CSVR_INTERRUPTED. */
enum csvr_status csvr_run_ranks_work(struct csvr_run_context *run, struct csvr_error *error);

/* Sends a further pass, which is prepared, to the other ranks; NULL: there is none, and they end. Errors:
 * CSVR_IO_ERROR, CSVR_NO_MEMORY. */
enum csvr_status csvr_run_ranks_share_pass(struct csvr_run_context *run,
					   struct csvr_refinement *refinement,
					   struct csvr_error *error);

/* Takes part in the passes that rank 0 sends. Errors: as csvr_run_ranks_work. */
enum csvr_status csvr_run_ranks_join_passes(struct csvr_run_context *run, struct csvr_error *error);

#endif
