/* run_ranks.c - one run whose work is divided among the ranks of a job
 *
 * Shape    rank 0 prepares and sends the plan; every rank processes slices of it; results are
 *          reduced to rank 0, for each checkpoint and at the end
 * Errors   after the plan is sent, a rank that fails aborts all others: see is_awaited
 * Threads  the one that called csvr_run
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "base/clock.h"
#include "base/error.h"
#include "run/ranks.h"
#include "run/run_internal.h"

/* ---- the plan ---- */

static struct csvr_work_plan make_work_plan(struct csvr_run_context *run)
{
	return (struct csvr_work_plan){ .inputs = run->inputs,
					.plan = &run->plan,
					.config = run->config,
					.n_threads = run->n_threads };
}

/* Receives what rank 0 has prepared. */
static enum csvr_status receive_plan(struct csvr_run_context *run, struct csvr_error *error)
{
	struct csvr_work_plan work = make_work_plan(run);
	enum csvr_status status = csvr_ranks_broadcast_plan(run->hooks->comm, &work, error);
	if (status == CSVR_OK)
		status = csvr_inputs_rank_paths(run->inputs);
	if (status != CSVR_OK)
		return status;
	run->n_slice_threads = work.n_threads;
	run->config = work.config;
	run->config.path_ranks = run->inputs->path_ranks;
	run->worker_config.collection = run->config.collection;
	run->worker_config.groups = run->config.groups;
	status = csvr_results_new(&run->config, &run->results);
	return status == CSVR_OK ? csvr_results_register(run->results, &run->plan) : status;
}

enum csvr_status csvr_run_ranks_share_plan(struct csvr_run_context *run, enum csvr_status status,
					   struct csvr_error *error)
{
	const bool is_first = csvr_run_is_first_rank(run);
	const enum csvr_status agreed = csvr_ranks_agree(run->hooks->comm,
							 is_first ? status : CSVR_OK, error);
	run->is_awaited = agreed == CSVR_OK;
	if (agreed != CSVR_OK)
		return agreed;
	if (status != CSVR_OK) /* of this rank alone */
		return status;
	if (!is_first)
		return receive_plan(run, error);
	struct csvr_work_plan work = make_work_plan(run);
	run->n_slice_threads = run->n_threads;
	return csvr_ranks_broadcast_plan(run->hooks->comm, &work, error);
}

/* ---- the work ---- */

/* What each rank contributes to a reduction; all receive the union. */
enum { HAS_MORE = 1, WAS_STOPPED = 2 };

/* A further pass saves no checkpoints. */
static const struct csvr_checkpoint_hooks *checkpoint_of(const struct csvr_run_context *run)
{
	return run->worker_config.refinement == NULL ? run->hooks->checkpoint : NULL;
}

/* Moves the results of all ranks to rank 0, which saves a checkpoint unless the run is over. */
static enum csvr_status reduce_results(struct csvr_run_context *run, uint64_t *marks,
				       struct csvr_error *error)
{
	const struct csvr_comm *comm = run->hooks->comm;
	/* Read after the slice: a stop during the slice has left units of it unread. */
	if (csvr_run_is_stopped(run))
		*marks |= WAS_STOPPED;
	enum csvr_status status = csvr_ranks_reduce(comm, &run->results, &run->config,
						    run->inputs->n_items, marks, error);
	if (status == CSVR_OK && comm->rank > 0)
		status = csvr_results_register(run->results, &run->plan);
	if (status == CSVR_OK && comm->rank == 0 && *marks == HAS_MORE &&
	    checkpoint_of(run) != NULL)
		csvr_checkpoint_save(run);
	return status;
}

static bool is_checkpoint_due(const struct csvr_run_context *run, uint64_t saved_ns)
{
	const struct csvr_checkpoint_hooks *checkpoint = checkpoint_of(run);
	return run->hooks->comm->rank == 0 && checkpoint != NULL &&
	       (double)(csvr_clock_wall_ns() - saved_ns) > checkpoint->interval_s * 1e9;
}

/* Counts units [first, last), which other ranks have taken, as done: that is closer to the progress
 * of the job than the units of this rank alone. */
static void count_as_done(struct csvr_run_context *run, size_t first, size_t last)
{
	for (size_t i = first; i < last && run->hooks->progress != NULL; i++) {
		const struct csvr_unit *unit = &run->plan.units[i];
		run->done_bytes += csvr_unit_bytes(run->inputs, unit);
		run->done_inputs += csvr_unit_finished_inputs(unit);
	}
}

/* Takes a slice and processes it. `*is_over`: none is left, or the run was stopped. */
static enum csvr_status process_slice(struct csvr_run_context *run,
				      struct csvr_slice_schedule *slices, bool *is_over)
{
	const struct csvr_comm *comm = run->hooks->comm;
	const size_t n_taken = slices->n_taken;
	uint64_t ticket;
	size_t first, last;
	*is_over = csvr_run_is_stopped(run);
	if (*is_over)
		return CSVR_OK;
	enum csvr_status status = comm->fetch_ticket(comm->context, &ticket);
	if (status != CSVR_OK)
		return status;
	*is_over = !csvr_slice_schedule_find(slices, ticket, &first, &last);
	if (*is_over)
		return CSVR_OK;
	if (csvr_run_is_first_rank(run))
		count_as_done(run, n_taken, first);
	csvr_team_process_units(run, first, last);
	return (enum csvr_status)run->status;
}

/* Processes slices in sequence until none is left.
 *
 * A reduction involves every rank, so all must enter the same ones. Let n be the number of
 * reductions that are complete: it is the same in all ranks that are not in one. `n_called`, which
 * the ranks share, only grows. Rank 0 raises it to n + 1 when a checkpoint is due, any rank does
 * when it is stopped. A rank enters reduction n + 1 if after a slice `n_called` is n + 1, or no
 * slice is left (or it was stopped: then it has raised `n_called` itself). No rank raises it to
 * n + 2 before reduction n + 1 is complete, and that needs all ranks.
 *
 * No rank is missing from a reduction. If one entered because the reduction was called, the
 * others find that too at the end of their slice. If one entered because no slice was left, the
 * others find none left either, or find the call. A slice always ends, or its rank fails, which
 * aborts all. So ranks without work, more ranks than units, and no units at all are not special
 * cases.
 *
 * All ranks continue or none does: the marks decide, and every rank receives them. The run is
 * interrupted if any rank was stopped, because units of its slice were not read. Otherwise it
 * continues while some rank has not seen the end of the work; the others enter the next reduction
 * at once. When all have seen it, every slice was taken, and the rank that took it has processed
 * it. */
enum csvr_status csvr_run_ranks_work(struct csvr_run_context *run, struct csvr_error *error)
{
	const struct csvr_comm *comm = run->hooks->comm;
	struct csvr_slice_schedule slices = { .n_units = run->plan.n_units,
					      .n_ranks = comm->count,
					      .n_threads = run->n_slice_threads,
					      .n_tickets = run->first_ticket };
	uint64_t saved_ns = csvr_clock_wall_ns(), marks = HAS_MORE;
	enum csvr_status status = CSVR_OK;
	while (status == CSVR_OK && marks == HAS_MORE) {
		bool is_over;
		uint64_t n_called;
		status = process_slice(run, &slices, &is_over);
		if (status != CSVR_OK)
			break;
		const bool is_calling = is_checkpoint_due(run, saved_ns) ||
					csvr_run_is_stopped(run);
		status = comm->fetch_max(comm->context, is_calling ? run->n_reduced + 1 : 0,
					 &n_called);
		if (status != CSVR_OK || (n_called <= run->n_reduced && !is_over))
			continue;
		marks = is_over ? 0 : HAS_MORE;
		status = reduce_results(run, &marks, error);
		run->n_reduced++;
		saved_ns = csvr_clock_wall_ns();
	}
	if (status != CSVR_OK)
		return status;
	/* The other ranks wait to hear of a further pass. */
	run->is_awaited = (marks & WAS_STOPPED) == 0 && csvr_run_may_refine(run);
	return (marks & WAS_STOPPED) != 0 ? CSVR_INTERRUPTED : CSVR_OK;
}

/* ---- further passes ---- */

enum csvr_status csvr_run_ranks_share_pass(struct csvr_run_context *run,
					   struct csvr_refinement *refinement,
					   struct csvr_error *error)
{
	const struct csvr_comm *comm = run->hooks->comm;
	/* No rank fetches one now, so that this one is after those of the pass before. */
	uint64_t ticket = 0;
	if (refinement != NULL && comm->fetch_ticket(comm->context, &ticket) != CSVR_OK)
		return csvr_error_set(error, CSVR_IO_ERROR, 0,
				      "cannot communicate with another rank");
	run->first_ticket = ticket + 1;
	struct csvr_pass_plan pass = { &run->plan, refinement, run->first_ticket };
	return csvr_ranks_broadcast_pass(comm, &pass, error);
}

enum csvr_status csvr_run_ranks_join_passes(struct csvr_run_context *run, struct csvr_error *error)
{
	enum csvr_status status = CSVR_OK;
	while (status == CSVR_OK) {
		struct csvr_pass_plan pass = { .plan = &run->plan };
		status = csvr_ranks_broadcast_pass(run->hooks->comm, &pass, error);
		if (pass.refinement == NULL)
			break;
		run->first_ticket = pass.first_ticket;
		status = csvr_prepare_pass(run, pass.refinement);
		if (status == CSVR_OK)
			status = csvr_run_ranks_work(run, error);
		/* The results have columns that point into it. */
		csvr_results_free(run->results);
		run->results = NULL;
		csvr_refinement_free(pass.refinement);
	}
	run->is_awaited &= status != CSVR_OK;
	return status;
}
