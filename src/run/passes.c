/* passes.c - further passes over the inputs, for exact statistics
 *
 * Shape    all ranks take part, as in the first pass. A pass is the same work as the run before: plan, threads, workers, reassembly, merge. Its columns
 *          collect ranges of values instead of statistics (stats/refine.h).
 * Errors   as csvr_run. If the inputs are not as before, the summary keeps its estimates, which is no error
 * Threads  the one that called csvr_run
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "perf/timing.h"
#include "run/run_internal.h"
#include "stats/refine.h"
#include "stats/statistics.h"

bool csvr_run_may_refine(const struct csvr_run_context *run)
{
	return run->settings->statistics.exact || run->settings->refine != NULL;
}

/* The statistics to make exact. */
static const struct csvr_statistic_options *requested(const struct csvr_run_context *run)
{
	return run->settings->refine != NULL ? &run->refined.request.statistics
					     : &run->settings->statistics;
}

/* The first input that cannot be read again. */
static struct csvr_inexactness find_obstacle(const struct csvr_inputs *inputs)
{
	for (size_t i = 0; i < inputs->n_items; i++) {
		const struct csvr_input *input = &inputs->items[i];
		if (input->is_preloaded)
			return (struct csvr_inexactness){ .reason = CSVR_INEXACT_STATE,
							  .input = (uint32_t)i };
		if (input->kind == CSVR_INPUT_STREAM)
			return (struct csvr_inexactness){ .reason = CSVR_INEXACT_STREAM,
							  .input = (uint32_t)i };
	}
	return (struct csvr_inexactness){ .reason = CSVR_INEXACT_NOT };
}

uint32_t csvr_run_find_changed(const struct csvr_summary *summary, const struct csvr_summary *pass)
{
	uint32_t first = CSVR_NO_INDEX;
	for (size_t i = 0; i < pass->n_failures; i++) {
		const uint32_t input = pass->failures[i].input;
		bool is_known = false;
		for (size_t j = 0; j < summary->n_failures && !is_known; j++)
			is_known = summary->failures[j].input == input;
		if (!is_known && input < first)
			first = input;
	}
	return first;
}

static enum csvr_status work_alone(struct csvr_run_context *run)
{
	csvr_team_process_units(run, 0, run->plan.n_units);
	const enum csvr_status status = (enum csvr_status)run->status;
	return status == CSVR_OK && csvr_run_is_stopped(run) ? CSVR_INTERRUPTED : status;
}

static enum csvr_status work_with_ranks(struct csvr_run_context *run,
					struct csvr_refinement *refinement,
					struct csvr_error *error)
{
	const enum csvr_status status = csvr_run_ranks_share_pass(run, refinement, error);
	return status == CSVR_OK ? csvr_run_ranks_work(run, error) : status;
}

enum csvr_status csvr_run_make_pass(struct csvr_run_context *run,
				    struct csvr_refinement *refinement, struct csvr_summary **pass,
				    struct csvr_error *error)
{
	*pass = NULL;
	run->hooks->info.n_passes++;
	enum csvr_status status = csvr_prepare_pass(run, refinement);
	if (status == CSVR_OK)
		status = run->hooks->comm == NULL ? work_alone(run)
						  : work_with_ranks(run, refinement, error);
	if (status == CSVR_OK)
		status = csvr_run_resolve_reassemblies(run);
	if (status == CSVR_OK)
		status = csvr_results_finish(run->results, pass);
	return status == CSVR_OK ? csvr_summary_finish(*pass) : status;
}

/* Makes a pass if some ranges are wanted. `*is_over`: nothing is wanted, or it cannot be found out. */
static enum csvr_status refine_once(struct csvr_run_context *run, struct csvr_summary *summary,
				    bool *is_over, struct csvr_error *error)
{
	struct csvr_refinement *refinement;
	enum csvr_status status = csvr_refinement_new(summary, requested(run), &refinement);
	*is_over = true;
	if (refinement == NULL)
		return status;
	summary->inexactness = find_obstacle(run->inputs);
	if (summary->inexactness.reason == CSVR_INEXACT_NOT) {
		struct csvr_summary *pass;
		status = csvr_run_make_pass(run, refinement, &pass, error);
		bool is_consistent = true;
		if (status == CSVR_OK)
			status = csvr_refinement_apply(refinement, summary, pass, &is_consistent);
		*is_over = status != CSVR_OK || !is_consistent;
		if (!is_consistent)
			summary->inexactness = (struct csvr_inexactness){
				.reason = CSVR_INEXACT_CHANGED,
				.input = csvr_run_find_changed(summary, pass)
			};
		csvr_summary_free(pass);
	}
	/* The results have columns that point into it. */
	csvr_results_free(run->results);
	run->results = NULL;
	csvr_refinement_free(refinement);
	return status;
}

/* Makes a pass over some files, if ranges are wanted for their own statistics. `*next`: as
 * csvr_refinement_new_for_files. */
static enum csvr_status refine_some_files(struct csvr_run_context *run,
					  struct csvr_summary *summary, size_t *next, bool *is_over,
					  struct csvr_error *error)
{
	struct csvr_refinement *refinement;
	struct csvr_summary *pass = NULL;
	bool is_consistent = true;
	enum csvr_status status = csvr_refinement_new_for_files(summary, requested(run), next,
								&refinement);
	*is_over = refinement == NULL;
	if (refinement == NULL)
		return status;
	status = csvr_run_make_pass(run, refinement, &pass, error);
	if (status == CSVR_OK)
		status = csvr_refinement_apply_to_files(refinement, summary, pass, &is_consistent);
	if (!is_consistent) {
		summary->inexactness.file_reason = CSVR_INEXACT_CHANGED;
		*is_over = true;
	}
	csvr_summary_free(pass);
	/* The results have columns that point into it. */
	csvr_results_free(run->results);
	run->results = NULL;
	csvr_refinement_free(refinement);
	return status;
}

/* Reads files again until their own statistics are exact, or says why they are not. */
static enum csvr_status refine_files(struct csvr_run_context *run, struct csvr_summary *summary,
				     struct csvr_error *error)
{
	struct csvr_inexactness *inexactness = &summary->inexactness;
	enum csvr_status status = CSVR_OK;
	inexactness->file_reason = find_obstacle(run->inputs).reason;
	if (inexactness->reason == CSVR_INEXACT_CHANGED)
		inexactness->file_reason = CSVR_INEXACT_CHANGED;
	const int n_passes = run->hooks->info.n_passes;
	bool has_more = inexactness->file_reason == CSVR_INEXACT_NOT && summary->file_stats != NULL;
	for (int round = 1; has_more && round < CSVR_MAX_PASSES; round++) {
		bool is_over = false;
		size_t next = 0;
		has_more = false;
		while (status == CSVR_OK && !is_over) {
			status = refine_some_files(run, summary, &next, &is_over, error);
			has_more |= !is_over;
		}
		has_more &= status == CSVR_OK && inexactness->file_reason == CSVR_INEXACT_NOT;
	}
	/* Each pass reads only some files: together they count as one. */
	if (run->hooks->info.n_passes > n_passes)
		run->hooks->info.n_passes = n_passes + 1;
	return status;
}

void csvr_run_note_inexactness(const struct csvr_run_context *run, struct csvr_summary *summary)
{
	struct csvr_inexactness *inexactness = &summary->inexactness;
	inexactness->n_columns = csvr_refinement_count_inexact(summary, requested(run));
	inexactness->n_files = csvr_refinement_count_inexact_files(summary, requested(run),
								   &inexactness->first_file);
	if (inexactness->file_reason == CSVR_INEXACT_NOT)
		inexactness->file_reason = CSVR_INEXACT_TOO_MANY;
	if (inexactness->n_columns == 0)
		inexactness->reason = CSVR_INEXACT_NOT;
	else if (inexactness->reason == CSVR_INEXACT_NOT) {
		inexactness->reason = CSVR_INEXACT_TOO_MANY;
		inexactness->input = CSVR_NO_INDEX;
	}
}

enum csvr_status csvr_run_refine(struct csvr_run_context *run, struct csvr_summary *summary,
				 struct csvr_error *error)
{
	enum csvr_status status = CSVR_OK;
	bool is_over = false;
	csvr_run_set_stop_polled(run, true);
	while (status == CSVR_OK && !is_over && run->hooks->info.n_passes < CSVR_MAX_PASSES)
		status = refine_once(run, summary, &is_over, error);
	if (status == CSVR_OK)
		status = refine_files(run, summary, error);
	csvr_run_set_stop_polled(run, false);
	csvr_timing_work_end(run->hooks->timing);
	if (status == CSVR_OK)
		csvr_run_note_inexactness(run, summary);
	return status;
}
