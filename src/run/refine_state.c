/* refine_state.c - a run that refines a saved state
 *
 * The state takes the place of the first pass over the inputs. A run over all of its inputs makes further passes
 * until the statistics are exact, as any run with --exact. A run over some of them, such as a shard, makes one pass
 * and saves its results. A run whose inputs are such results merges them into the state.
 *
 * Errors   as csvr_run; in messages the path of the state is first
 * Threads  the one that called csvr_run
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/escape.h"
#include "perf/timing.h"
#include "run/run_internal.h"
#include "stats/refine.h"

void csvr_refined_state_clear(struct csvr_refined_state *refined)
{
	csvr_state_file_clear(&refined->file);
	csvr_state_request_clear(&refined->request);
	csvr_summary_free(refined->summary);
	free(refined->index);
	*refined = (struct csvr_refined_state){ .index = NULL };
}

static enum csvr_status add_path(const struct csvr_run_context *run, enum csvr_status status,
				 struct csvr_error *error)
{
	return csvr_states_add_path(run->settings->refine, status, error);
}

/* ---- opening ---- */

/* Checks that the inputs are files that can be read again, or states. */
static enum csvr_status check_kinds(const struct csvr_run_context *run, struct csvr_error *error)
{
	struct csvr_inputs *inputs = run->inputs;
	if (inputs->n_states > 0 && inputs->n_states < inputs->n_items)
		return csvr_error_set(
			error, CSVR_INVALID_OPTION, 0,
			"--refine: the inputs must be either files, or states that were "
			"saved with --refine");
	for (size_t i = 0; i < inputs->n_items; i++)
		if (inputs->items[i].kind == CSVR_INPUT_STREAM)
			return csvr_error_set(error, CSVR_INVALID_OPTION, 0,
					      "--refine: %.160s can be read only once; pass files",
					      csvr_display_path(csvr_inputs_path(inputs, i)));
	return CSVR_OK;
}

/* Checks that the state can be refined. */
static enum csvr_status check_file(const struct csvr_state_file *file, struct csvr_error *error)
{
	if (csvr_state_is_pass(file))
		return csvr_error_set(error, CSVR_INVALID_OPTION, 0,
				      "was itself saved with --refine; merge it with the others of "
				      "its pass, and refine the result");
	if (csvr_state_is_checkpoint(file))
		return csvr_error_set(error, CSVR_INCOMPATIBLE_STATES, 0,
				      "is the checkpoint of an unfinished run; resume that run");
	return CSVR_OK;
}

/* Opens the state, whose options become those of the run. */
static enum csvr_status open_file(struct csvr_run_context *run, struct csvr_error *error)
{
	struct csvr_settings *settings = run->settings;
	struct csvr_state_file *file = &run->refined.file;
	enum csvr_status status = csvr_state_file_open(file, settings->refine, error);
	if (status == CSVR_OK)
		status = check_file(file, error);
	if (status != CSVR_OK)
		return status;
	settings->statistics.collection = file->collection;
	settings->statistics.has_collection = true;
	if (csvr_states_may_set_options(settings))
		status = csvr_state_apply_options(file, settings, run->inputs, error);
	return status == CSVR_OK ? csvr_state_check_options(file, settings, error) : status;
}

/* The statistics to refine: those that are requested, or all that the state has. */
static enum csvr_status set_request(struct csvr_run_context *run,
				    const struct csvr_state_set *passes)
{
	struct csvr_state_request *request = &run->refined.request;
	if (passes->n_items > 0) {
		const struct csvr_encoder *bytes = &passes->items[0].request;
		struct csvr_decoder decoder = { bytes->bytes, bytes->bytes + bytes->n_bytes,
						false };
		const enum csvr_status status = csvr_state_decode_request(&decoder, request);
		request->statistics.has_collection = true;
		request->statistics.collection = run->refined.file.collection;
		return status;
	}
	run->settings->statistics.all |= run->settings->statistics.names.n_words == 0 &&
					 run->settings->report.format == CSVR_FORMAT_STATE;
	request->statistics = run->settings->statistics;
	request->statistics.all |= request->statistics.names.n_words == 0;
	return CSVR_OK;
}

/* Checks that the passes refine this state, and the same statistics. */
static enum csvr_status check_passes(const struct csvr_run_context *run,
				     const struct csvr_state_set *passes, struct csvr_error *error)
{
	for (size_t i = 0; i < passes->n_items; i++) {
		const struct csvr_state_file *pass = &passes->items[i], *first = &passes->items[0];
		enum csvr_status status = CSVR_OK;
		if (memcmp(pass->refines, run->refined.file.digest, sizeof pass->refines) != 0)
			status = csvr_error_set(error, CSVR_INCOMPATIBLE_STATES, 0,
						"refines a state other than %.100s; run its shard "
						"again with --refine=%.100s",
						run->settings->refine, run->settings->refine);
		else if (pass->request.n_bytes != first->request.n_bytes ||
			 memcmp(pass->request.bytes, first->request.bytes,
				first->request.n_bytes) != 0)
			status = csvr_error_set(
				error, CSVR_INCOMPATIBLE_STATES, 0,
				"was saved with a --stats other than that of %.160s; "
				"run all shards again with the same",
				first->path);
		if (status != CSVR_OK)
			return csvr_states_add_path(passes->paths[i], status, error);
	}
	return CSVR_OK;
}

/* Replaces the inputs by those of the state. */
static enum csvr_status list_inputs(struct csvr_run_context *run, struct csvr_error *error)
{
	struct csvr_state_file *file = &run->refined.file;
	enum csvr_status status = csvr_manifests_reset(run->inputs);
	if (status == CSVR_OK)
		status = csvr_state_append_inputs(file, run->inputs, error);
	if (status == CSVR_OK)
		status = csvr_manifests_sort(run->inputs, &run->refined.index);
	return status;
}

/* Finds the inputs of the state among those of this run. */
static enum csvr_status find_inputs(struct csvr_run_context *run, struct csvr_error *error)
{
	struct csvr_state_file *file = &run->refined.file;
	run->refined.index = malloc((file->n_inputs + 1) * sizeof *run->refined.index);
	if (run->refined.index == NULL)
		return CSVR_NO_MEMORY;
	return csvr_state_map_inputs(file, run->inputs, run->refined.index, error);
}

/* Checks that a pass over each shard is given. */
static enum csvr_status check_shards(const struct csvr_run_context *run, struct csvr_error *error)
{
	const struct csvr_manifests *manifests = run->inputs->manifests;
	for (size_t i = 0; i < manifests->n_items; i++) {
		const struct csvr_manifest *manifest = &manifests->items[i];
		if (csvr_manifest_n_missing(manifest) == 0)
			continue;
		char shards[CSVR_SHARDS_BYTES];
		csvr_manifest_missing(manifest, shards);
		return csvr_error_set(error, CSVR_INCOMPATIBLE_STATES, 0,
				      "the refined state of %s %s of %u is missing; run each shard "
				      "with --refine, and pass the states of all",
				      csvr_manifest_n_missing(manifest) == 1 ? "shard" : "shards",
				      shards, (unsigned)manifest->n_shards);
	}
	return CSVR_OK;
}

static enum csvr_status refuse_incomplete(const struct csvr_run_context *run,
					  struct csvr_error *error)
{
	if (run->refined.merges_passes)
		return csvr_error_set(
			error, CSVR_INCOMPATIBLE_STATES, 0,
			"has inputs whose refined states are missing; pass the states of "
			"all runs with --refine");
	return csvr_error_set(error, CSVR_INCOMPATIBLE_STATES, 0,
			      "has more inputs than this run; save the results of each run with "
			      "--format=state, and merge them with --refine");
}

enum csvr_status csvr_refined_state_open(struct csvr_run_context *run,
					 struct csvr_state_set *passes, struct csvr_error *error)
{
	struct csvr_settings *settings = run->settings;
	struct csvr_refined_state *refined = &run->refined;
	refined->merges_passes = run->inputs->n_states > 0;
	enum csvr_status status = check_kinds(run, error);
	if (status == CSVR_OK)
		status = csvr_manifests_init(run->inputs, csvr_plan_chunk_bytes(settings),
					     settings->shard.index, settings->shard.count);
	if (status == CSVR_OK)
		status = add_path(run, open_file(run, error), error);
	if (status == CSVR_OK)
		status = csvr_state_set_open(passes, settings, run->inputs, error);
	if (status == CSVR_OK)
		status = check_passes(run, passes, error);
	if (status == CSVR_OK)
		status = set_request(run, passes);
	if (status == CSVR_OK && refined->merges_passes)
		status = add_path(run, check_shards(run, error), error);
	if (status != CSVR_OK)
		return status;
	status = csvr_state_check_refinable(&refined->file, run->inputs, &refined->is_complete,
					    error);
	refined->is_complete &= settings->shard.count == 1;
	if (status == CSVR_OK && !refined->is_complete &&
	    (refined->merges_passes || settings->report.format != CSVR_FORMAT_STATE))
		status = refuse_incomplete(run, error);
	if (status == CSVR_OK && refined->merges_passes)
		status = list_inputs(run, error);
	else if (status == CSVR_OK && refined->is_complete)
		status = find_inputs(run, error);
	return add_path(run, status, error);
}

/* The tables that a run joins, and their order, must be those of the run that merges the passes. The inputs keep the numbers
 * of the state, since this run has only some of them; so no rank by path is known. */
static enum csvr_status load_for_pass(struct csvr_run_context *run, struct csvr_error *error)
{
	struct csvr_refined_state *refined = &run->refined;
	struct csvr_summary_config config = run->config;
	config.path_ranks = NULL;
	const enum csvr_status status = csvr_state_decode_summary(&refined->file, &config, NULL,
								  &refined->summary, error);
	return status == CSVR_OK ? csvr_summary_finish(refined->summary) : status;
}

/* Loads it into the results. */
static enum csvr_status load_results(struct csvr_run_context *run, struct csvr_error *error)
{
	struct csvr_refined_state *refined = &run->refined;
	const uint32_t *index = refined->index;
	if (refined->merges_passes)
		index += refined->file.base;
	struct csvr_summary *summary;
	enum csvr_status status = csvr_state_decode_summary(&refined->file, &run->config, index,
							    &summary, error);
	if (status == CSVR_OK) {
		status = csvr_results_import(run->results, summary, error);
		csvr_summary_free(summary);
	}
	return status;
}

enum csvr_status csvr_refined_state_load(struct csvr_run_context *run, struct csvr_error *error)
{
	struct csvr_refined_state *refined = &run->refined;
	const enum csvr_status status = refined->is_complete ? load_results(run, error)
							     : load_for_pass(run, error);
	csvr_encoder_clear(&refined->file.file);
	return add_path(run, status, error);
}

/* ---- after the results are finished ---- */

static enum csvr_status refuse_changed(const struct csvr_run_context *run, uint32_t input,
				       struct csvr_error *error)
{
	if (input != CSVR_NO_INDEX)
		csvr_error_set(error, CSVR_INCOMPATIBLE_STATES, 0,
			       "%.160s changed since it was saved; recreate it",
			       csvr_inputs_path(run->inputs, input));
	else
		csvr_error_set(error, CSVR_INCOMPATIBLE_STATES, 0,
			       "the inputs changed since it was saved; recreate it");
	return add_path(run, CSVR_INCOMPATIBLE_STATES, error);
}

/* Adds this run to those of the summary. */
static enum csvr_status add_run(struct csvr_run_context *run, struct csvr_summary *summary)
{
	run->record.end_ns = csvr_clock_realtime_ns();
	const enum csvr_status status = csvr_summary_add_run(summary, &run->record);
	return status == CSVR_OK ? csvr_summary_finish(summary) : status;
}

/* Reads all inputs until the statistics are exact, or cannot be made exact. */
static enum csvr_status refine_all(struct csvr_run_context *run, struct csvr_summary *summary,
				   struct csvr_error *error)
{
	enum csvr_status status = csvr_run_refine(run, summary, error);
	if (status == CSVR_OK && summary->inexactness.reason == CSVR_INEXACT_CHANGED)
		return refuse_changed(run, summary->inexactness.input, error);
	if (run->hooks->info.n_passes == 1)
		run->hooks->info.exact_state = run->settings->refine;
	return status == CSVR_OK && run->hooks->info.n_passes > 1 ? add_run(run, summary) : status;
}

/* Makes a pass over a part of the inputs. If no range is wanted, nothing is read, and the pass has no files. */
static enum csvr_status make_pass(struct csvr_run_context *run, struct csvr_summary **pass,
				  struct csvr_error *error)
{
	struct csvr_refinement *refinement;
	enum csvr_status status = csvr_refinement_new(run->refined.summary,
						      &run->refined.request.statistics,
						      &refinement);
	csvr_run_set_stop_polled(run, true);
	if (status == CSVR_OK && refinement != NULL)
		status = csvr_run_make_pass(run, refinement, pass, error);
	else if (status == CSVR_OK)
		status = csvr_prepare_pass(run, NULL);
	csvr_run_set_stop_polled(run, false);
	csvr_timing_work_end(run->hooks->timing);
	if (refinement == NULL)
		run->hooks->info.exact_state = run->settings->refine;
	if (status == CSVR_OK && refinement == NULL)
		status = csvr_results_finish(run->results, pass);
	if (status != CSVR_OK) {
		/* The results have columns that point into it. */
		csvr_results_free(run->results);
		run->results = NULL;
		csvr_refinement_free(refinement);
		return status;
	}
	(*pass)->refinement = refinement;
	memcpy((*pass)->refines, run->refined.file.digest, sizeof(*pass)->refines);
	return add_run(run, *pass);
}

/* Merges the states into one pass over all inputs. */
static enum csvr_status merge_passes(struct csvr_run_context *run, struct csvr_state_set *passes,
				     struct csvr_summary **pass, struct csvr_error *error)
{
	enum csvr_status status = CSVR_OK;
	for (size_t i = 0; i < passes->n_items && status == CSVR_OK; i++) {
		struct csvr_state_file *state = &passes->items[i];
		status = csvr_states_add_path(passes->paths[i],
					      csvr_state_map_inputs(state, run->inputs,
								    passes->new_index + state->base,
								    error),
					      error);
	}
	if (status == CSVR_OK)
		status = csvr_states_merge(passes, &run->config, run->results, error);
	if (status == CSVR_OK)
		status = csvr_run_resolve_reassemblies(run);
	if (status == CSVR_OK)
		status = csvr_results_finish(run->results, pass);
	return status == CSVR_OK ? csvr_summary_finish(*pass) : status;
}

/* Merges the passes into the summary. */
static enum csvr_status refine_by_passes(struct csvr_run_context *run,
					 struct csvr_state_set *passes,
					 struct csvr_summary *summary, struct csvr_error *error)
{
	struct csvr_refinement *refinement;
	struct csvr_summary *pass = NULL;
	bool is_consistent = true;
	enum csvr_status status = csvr_refinement_new(summary, &run->refined.request.statistics,
						      &refinement);
	if (status != CSVR_OK || refinement == NULL)
		return status;
	status = csvr_prepare_pass(run, refinement);
	if (status == CSVR_OK)
		status = merge_passes(run, passes, &pass, error);
	if (status == CSVR_OK)
		status = csvr_refinement_apply(refinement, summary, pass, &is_consistent);
	if (status == CSVR_OK && !is_consistent)
		status = refuse_changed(run, csvr_run_find_changed(summary, pass), error);
	for (size_t i = 0; status == CSVR_OK && i < pass->n_runs; i++)
		status = csvr_summary_add_run(summary, &pass->runs[i]);
	if (status == CSVR_OK)
		status = csvr_summary_finish(summary);
	csvr_summary_free(pass);
	/* The results have columns that point into it. */
	csvr_results_free(run->results);
	run->results = NULL;
	csvr_refinement_free(refinement);
	return status;
}

/* Notes whether another round can make more statistics exact. */
static enum csvr_status note_next_round(struct csvr_run_context *run, struct csvr_summary *summary)
{
	struct csvr_refinement *refinement;
	const enum csvr_status status =
		csvr_refinement_new(summary, &run->refined.request.statistics, &refinement);
	csvr_run_note_inexactness(run, summary);
	if (refinement != NULL) {
		summary->inexactness.reason = CSVR_INEXACT_ROUND;
		summary->inexactness.input = CSVR_NO_INDEX;
	}
	csvr_refinement_free(refinement);
	return status;
}

enum csvr_status csvr_refined_state_finish(struct csvr_run_context *run,
					   struct csvr_state_set *passes,
					   struct csvr_summary **summary, struct csvr_error *error)
{
	if (!run->refined.is_complete) {
		csvr_summary_free(*summary);
		*summary = NULL;
		return make_pass(run, summary, error);
	}
	if (!run->refined.merges_passes)
		return refine_all(run, *summary, error);
	const enum csvr_status status = refine_by_passes(run, passes, *summary, error);
	return status == CSVR_OK ? note_next_round(run, *summary) : status;
}
