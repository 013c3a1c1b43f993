/* ranks.h - several processes that do one run: what they tell each other
 *
 * Shape    the first process lists the inputs and plans the work, the others get both from it. Each
 *          takes one segment of the plan after the other. What they found goes up a tree to the first,
 *          at the end, and whenever it is to be saved.
 * Errors   CSVR_IO_ERROR (a message did not get through), CSVR_NO_MEMORY
 * Threads  the one that called csvr_run
 */
#ifndef CSVR_RUN_RANKS_H
#define CSVR_RUN_RANKS_H

#include "csvreport.h"
#include "input/inputs.h"
#include "run/plan.h"
#include "run/results.h"

/* Whether all is well with the first process; the others give up if it says no. */
enum csvr_status csvr_ranks_agree(const struct csvr_comm *comm, enum csvr_status status,
				  struct csvr_error *error);

/* What the first process knows and the others need: they get it in place of what is theirs. */
struct csvr_work_plan {
	struct csvr_inputs *inputs; /* of the others: empty before */
	struct csvr_plan *plan;
	struct csvr_summary_config config; /* but for the ranks */
	int n_threads; /* of the first process: segments are for so many */
};
enum csvr_status csvr_ranks_broadcast_plan(const struct csvr_comm *comm,
					   struct csvr_work_plan *work, struct csvr_error *error);

/* Stretches of the plan, by ticket: long ones first, shorter ones towards the end. A pure function of
 * the three numbers, which are the same in all processes. */
struct csvr_slice_schedule {
	size_t n_units;
	int n_processes, n_threads;
	uint64_t n_passed; /* tickets */
	size_t at; /* units behind them */
};

/* Where the segment of `ticket` begins and ends; tickets of later calls must be higher. False: there
 * are not so many. */
bool csvr_slice_schedule_find(struct csvr_slice_schedule *segments, uint64_t ticket, size_t *first,
			      size_t *last);

/* What all have found into what the first has: it gets the rest, the others are left with nothing.
 * `*marks`, bits, become those that any process has handed in, the same in all of them. */
enum csvr_status csvr_ranks_reduce(const struct csvr_comm *comm, struct csvr_results **results,
				   const struct csvr_summary_config *config, size_t n_inputs,
				   uint64_t *marks, struct csvr_error *error);

#endif
