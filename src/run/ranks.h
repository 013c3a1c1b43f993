/* ranks.h - the messages between the ranks of one run
 *
 * Shape    rank 0 lists the inputs and plans the work, and broadcasts both. Each rank processes
 *          slices of the plan. Results are reduced along a tree to rank 0, for each checkpoint and
 *          at the end.
 * Errors   CSVR_IO_ERROR (a message was not delivered, or is malformed), CSVR_NO_MEMORY
 * Threads  the one that called csvr_run
 */
#ifndef CSVR_RUN_RANKS_H
#define CSVR_RUN_RANKS_H

#include "csvreport.h"
#include "input/inputs.h"
#include "run/plan.h"
#include "run/results.h"
#include "stats/refine.h"

/* Broadcasts `status` of rank 0 and returns it in every rank, or the error of the broadcast. The
 * other ranks pass any status. */
enum csvr_status csvr_ranks_agree(const struct csvr_comm *comm, enum csvr_status status,
				  struct csvr_error *error);

/* What the other ranks need from rank 0. */
struct csvr_work_plan {
	struct csvr_inputs *inputs; /* empty before, in the other ranks */
	struct csvr_plan *plan;
	struct csvr_summary_config config; /* except the order of inputs in `path_ranks` */
	int n_threads; /* of rank 0; slices are sized for that number in every rank */
};

/* Sends `work` of rank 0 to the other ranks, whose `work` receives it. */
enum csvr_status csvr_ranks_broadcast_plan(const struct csvr_comm *comm,
					   struct csvr_work_plan *work, struct csvr_error *error);

/* What the other ranks need from rank 0 for a further pass. */
struct csvr_pass_plan {
	struct csvr_plan *plan;
	struct csvr_refinement *refinement; /* NULL: there is no further pass */
	uint64_t first_ticket; /* tickets before it were fetched in earlier passes */
};

/* Sends `pass` of rank 0 to the other ranks, whose `pass` receives it: they own the refinement, and their plan
 * is replaced. */
enum csvr_status csvr_ranks_broadcast_pass(const struct csvr_comm *comm,
					   struct csvr_pass_plan *pass, struct csvr_error *error);

/* Guided self-scheduling: each ticket gets a slice of the units, large at first and smaller towards
 * the end. The slice depends only on the ticket and on the first three members, which are the same
 * in all ranks. */
struct csvr_slice_schedule {
	size_t n_units;
	int n_ranks, n_threads;
	uint64_t n_tickets; /* tickets below this number have been passed */
	size_t n_taken; /* units in the slices of those tickets */
};

/* The units [first, last) of the slice of `ticket`, which must be higher than in the previous
 * call. False: no unit is left for it. */
bool csvr_slice_schedule_find(struct csvr_slice_schedule *slices, uint64_t ticket, size_t *first,
			      size_t *last);

/* Merges the results of all ranks into those of rank 0; in the others `*results` is replaced by
 * new, empty ones. `*marks` (flags that the caller defines) becomes the union of the flags of all
 * ranks, in every rank. After an error `*results` may be NULL. */
enum csvr_status csvr_ranks_reduce(const struct csvr_comm *comm, struct csvr_results **results,
				   const struct csvr_summary_config *config, size_t n_inputs,
				   uint64_t *marks, struct csvr_error *error);

#endif
