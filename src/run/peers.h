/* peers.h - several processes that do one run: what they tell each other
 *
 * Shape    the first process lists the inputs and plans the work, the others get both from it. Each
 *          takes one stretch of the plan after the other. What they found goes up a tree to the first,
 *          at the end, and whenever it is to be saved.
 * Errors   CSVR_SYSTEM (a message did not get through), CSVR_NO_MEMORY
 * Threads  the one that called csvr_run
 */
#ifndef CSVR_RUN_PEERS_H
#define CSVR_RUN_PEERS_H

#include "csvreport.h"
#include "input/discover.h"
#include "run/found.h"
#include "run/plan.h"

/* Whether all is well with the first process; the others give up if it says no. */
enum csvr_status csvr_peers_agree(const struct csvr_peers *peers, enum csvr_status status,
				  struct csvr_error *error);

/* What the first process knows and the others need: they get it in place of what is theirs. */
struct csvr_peers_work {
	struct csvr_inputs *inputs; /* of the others: empty before */
	struct csvr_plan *plan;
	struct csvr_summary_rules rules; /* but for the ranks */
	int n_threads; /* of the first process: stretches are for so many */
};
enum csvr_status csvr_peers_tell(const struct csvr_peers *peers, struct csvr_peers_work *work,
				 struct csvr_error *error);

/* Stretches of the plan, by ticket: long ones first, shorter ones towards the end. A pure function of
 * the three numbers, which are the same in all processes. */
struct csvr_stretches {
	size_t n_units;
	int n_processes, n_threads;
	uint64_t n_passed; /* tickets */
	size_t at; /* units behind them */
};

/* Where the stretch of `ticket` begins and ends; tickets of later calls must be higher. False: there
 * are not so many. */
bool csvr_stretches_find(struct csvr_stretches *stretches, uint64_t ticket, size_t *first,
			 size_t *last);

/* What all have found into what the first has: it gets the rest, the others are left with nothing.
 * `*marks`, bits, become those that any process has handed in, the same in all of them. */
enum csvr_status csvr_peers_collect(const struct csvr_peers *peers, struct csvr_found **found,
				    const struct csvr_summary_rules *rules, size_t n_inputs,
				    uint64_t *marks, struct csvr_error *error);

#endif
