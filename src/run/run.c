/* run.c - a run: inputs and settings to one summary
 *
 * Shape    probe and index the inputs, load saved states, plan, process the plan, collect the
 *          results. With a comm, rank 0 does everything but the processing, in which all ranks take
 *          part. A run starts again, once, if an input turns out to be a saved state or compressed
 * Threads  the one that called csvr_run; team.c has the parallel regions
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <inttypes.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/internal_status.h"
#include "base/version.h"
#include "input/remote_ops.h"
#include "perf/timing.h"
#include "run/run_internal.h"
#include "run/threads.h"
#include "state/state_file.h"

/* ---- before the work ---- */

static enum csvr_status probe_remote(struct csvr_inputs *inputs)
{
	const struct csvr_remote *remote = inputs->remote;
	return remote == NULL ? CSVR_OK : remote->probe(remote->context, inputs);
}

static enum csvr_status prepare_first_rank(struct csvr_run_context *run,
					   struct csvr_state_set *states, struct csvr_error *error)
{
	csvr_team_probe_inputs(run);
	enum csvr_status status = probe_remote(run->inputs);
	csvr_team_index_inputs(run);
	if (status != CSVR_OK)
		return status;
	/* A stop leaves seek indexes unknown. Such inputs would be split in another way than by the
	 * run that saved the checkpoint, and lose what it has of them: the checkpoint stays as it
	 * is. */
	return csvr_run_is_stopped(run) ? CSVR_INTERRUPTED : csvr_prepare_work(run, states, error);
}

static enum csvr_status prepare(struct csvr_run_context *run, struct csvr_state_set *states,
				struct csvr_error *error)
{
	enum csvr_status status = csvr_prepare_workers(run, error);
	if (status == CSVR_OK && csvr_run_is_first_rank(run))
		status = prepare_first_rank(run, states, error);
	if (run->hooks->comm != NULL)
		status = csvr_run_ranks_share_plan(run, status, error);
	for (size_t i = 0; i < CSVR_N_DECIMAL_MARKS && status == CSVR_OK; i++)
		status = csvr_cell_rules_init(&run->worker_config.rules[i], &run->settings->parse,
					      CSVR_DECIMAL_MARKS[i], NULL);
	if (status == CSVR_OK && run->settings->parse.header == CSVR_HEADER_KNOWN_NAMES)
		status = csvr_prepare_known_names(run);
	return status;
}

/* ---- the work ---- */

static const char *string_or_empty(const char *string)
{
	return string != NULL ? string : "";
}

static void describe_run(struct csvr_run_context *run)
{
	const struct csvr_provenance *provenance = &run->settings->provenance;
	run->record = (struct csvr_run_record){ .version = CSVR_VERSION_STRING,
						.command = string_or_empty(provenance->command),
						.host = string_or_empty(provenance->host),
						.job = string_or_empty(provenance->job),
						.kernel = run->worker_config.kernel->name,
						.n_threads = (uint64_t)run->n_threads,
						.shard_index = run->settings->shard.index,
						.shard_count = run->settings->shard.count,
						.begin_ns = csvr_clock_realtime_ns() };
}

struct resolve_context {
	struct csvr_run_context *run;
	struct csvr_worker *worker;
	struct csvr_summary *summary;
};

static enum csvr_status resolve(void *context, struct csvr_reassembly *reassembly)
{
	struct resolve_context *resolving = context;
	struct csvr_results *results = resolving->run->results;
	csvr_results_lock_shared(results);
	enum csvr_status status = csvr_unit_merge_chunks(resolving->run, reassembly,
							 resolving->worker, resolving->summary);
	csvr_results_unlock_shared(results);
	return status;
}

/* They came from saved states and other ranks. */
enum csvr_status csvr_run_resolve_reassemblies(struct csvr_run_context *run)
{
	struct resolve_context context = { run, NULL, NULL };
	enum csvr_status status = csvr_summary_new(&run->config, &context.summary);
	if (status == CSVR_OK)
		status = csvr_worker_new(&run->worker_config, &context.worker);
	if (status == CSVR_OK)
		status = csvr_results_resolve(run->results, resolve, &context);
	if (status == CSVR_OK)
		status = csvr_results_add(run->results, context.summary);
	csvr_worker_free(context.worker);
	csvr_summary_free(context.summary);
	return status;
}

/* Processes the whole plan in this process. */
static enum csvr_status work_alone(struct csvr_run_context *run, struct csvr_error *error)
{
	struct csvr_checkpointer *checkpointer;
	enum csvr_status status = csvr_checkpoint_start(run, &checkpointer, error);
	if (status != CSVR_OK)
		return status;
	csvr_team_process_units(run, 0, run->plan.n_units);
	status = (enum csvr_status)run->status;
	if (status == CSVR_OK && !csvr_run_is_stopped(run))
		status = csvr_run_resolve_reassemblies(run);
	csvr_checkpointer_stop(checkpointer);
	return status;
}

static enum csvr_status work_with_ranks(struct csvr_run_context *run, struct csvr_error *error)
{
	enum csvr_status status = csvr_run_ranks_work(run, error);
	return status == CSVR_OK && csvr_run_is_first_rank(run) ? csvr_run_resolve_reassemblies(run)
								: status;
}

void csvr_run_set_stop_polled(const struct csvr_run_context *run, bool is_polled)
{
	if (run->hooks->on_stop_polled != NULL)
		run->hooks->on_stop_polled(is_polled);
}

/* Processes the plan, with what surrounds it: number of threads, timing, stop flag. */
static enum csvr_status work(struct csvr_run_context *run, struct csvr_error *error)
{
	struct csvr_run_hooks *hooks = run->hooks;
	const size_t n_units = run->plan.n_units;
	/* No more threads than units. With ranks the slices are sized for all threads. A further pass may
	 * have more units than are left after a checkpoint. */
	const bool is_rest = (hooks->info.is_resumed && csvr_run_may_refine(run)) ||
			     run->settings->refine != NULL;
	if (hooks->comm == NULL && !is_rest && run->n_threads > 1 &&
	    (size_t)run->n_threads > n_units) {
		run->n_threads = n_units > 0 ? (int)n_units : 1;
		hooks->info.threads_from = "the number of work units";
	}
	csvr_team_try_threads(run);
	hooks->info.n_threads = run->n_threads;
	hooks->info.n_threads_failed = run->n_threads_failed;
	describe_run(run);
	csvr_threads_set_schedule();
	enum csvr_status status = csvr_timing_work_begin(hooks->timing, run->n_threads,
							 csvr_threads_cpus());
	csvr_run_set_stop_polled(run, true);
	if (status == CSVR_OK)
		status = hooks->comm == NULL ? work_alone(run, error) : work_with_ranks(run, error);
	csvr_run_set_stop_polled(run, false);
	csvr_timing_work_end(hooks->timing);
	if (hooks->timing != NULL && run->inputs->remote != NULL)
		run->inputs->remote->stats(run->inputs->remote->context, &hooks->timing->network);
	return status;
}

/* ---- after the work ---- */

/* A report leaves out files of which it lacks chunks. */
static enum csvr_status fail_partial(struct csvr_summary *summary)
{
	enum csvr_status status = CSVR_OK;
	while (summary->n_partial_files > 0 && status == CSVR_OK) {
		struct csvr_partial_file partial =
			csvr_summary_pop_partial(summary, summary->n_partial_files - 1);
		struct csvr_error error;
		csvr_error_set(&error, CSVR_INVALID_FILE, 0,
			       "incomplete: the saved states with its other chunks are missing");
		status = csvr_summary_add_failure(summary, partial.input, &error);
		csvr_partial_file_clear(&partial);
	}
	return status;
}

static enum csvr_status refuse_correlations(struct csvr_error *error)
{
	return csvr_error_set(error, CSVR_INVALID_OPTION, 0,
			      "--correlation: a table has more than %d columns; choose some with "
			      "--correlation=LIST",
			      CSVR_MAX_CORRELATED_COLUMNS);
}

/* The message names no group, since which one is too many depends on the order of the work. */
static enum csvr_status refuse_groups(const struct csvr_run_context *run, struct csvr_error *error)
{
	const struct csvr_string_list *keys = &run->settings->parse.group_by;
	return csvr_error_set(error, CSVR_TOO_MANY_GROUPS, 0,
			      "--group-by: more than %" PRIu64 " group%s; %s %s%s the right "
			      "column%s? --max-groups raises the limit",
			      run->config.groups.max_groups,
			      run->config.groups.max_groups == 1 ? "" : "s",
			      keys->n_words > 1 ? "are" : "is", keys->word[0],
			      keys->n_words > 1 ? " and the others" : "",
			      keys->n_words > 1 ? "s" : "");
}

static enum csvr_status finish(struct csvr_run_context *run, struct csvr_summary **summary,
			       struct csvr_error *error)
{
	enum csvr_status status = csvr_results_finish(run->results, summary);
	if (status == CSVR_OK && csvr_run_correlates_too_many(run, *summary))
		return refuse_correlations(error);
	if (status == CSVR_OK && csvr_run_has_too_many_groups(*summary))
		return refuse_groups(run, error);
	if (status == CSVR_OK && run->settings->report.format != CSVR_FORMAT_STATE)
		status = fail_partial(*summary);
	run->record.end_ns = csvr_clock_realtime_ns();
	if (status == CSVR_OK && run->plan.n_units > 0)
		status = csvr_summary_add_run(*summary, &run->record);
	if (status == CSVR_OK)
		status = csvr_summary_finish(*summary);
	if (status == CSVR_OK && csvr_run_has_too_many_groups(*summary)) /* of joined tables */
		return refuse_groups(run, error);
	return status;
}

/* ---- the run ---- */

/* The first rank, after the work: saves a checkpoint if the run was stopped, else completes the summary. */
static enum csvr_status finish_first_rank(struct csvr_run_context *run, enum csvr_status status,
					  struct csvr_state_set *states,
					  struct csvr_summary **summary, struct csvr_error *error)
{
	const bool may_refine = csvr_run_may_refine(run);
	/* A stop can leave chunks unmerged; they stay in their reassemblies, and the checkpoint has
	 * them. */
	if (status == CSVR_OK && csvr_run_is_stopped(run))
		status = CSVR_INTERRUPTED;
	/* If a further pass is interrupted, the run resumes after the first. */
	if (run->hooks->checkpoint != NULL &&
	    (status == CSVR_INTERRUPTED || (status == CSVR_OK && may_refine))) {
		csvr_checkpoint_save(run);
		if (csvr_run_has_failed(run))
			status = (enum csvr_status)run->status;
	}
	if (status == CSVR_OK)
		status = finish(run, summary, error);
	if (status == CSVR_OK && run->settings->refine != NULL)
		status = csvr_refined_state_finish(run, states, summary, error);
	else if (status == CSVR_OK && may_refine)
		status = csvr_run_refine(run, *summary, error);
	/* Other ranks wait for a further pass, unless this one was stopped in it. */
	if (run->is_awaited && (status == CSVR_OK || status == CSVR_INTERRUPTED)) {
		const enum csvr_status shared = csvr_run_ranks_share_pass(run, NULL, error);
		run->is_awaited = false;
		status = shared == CSVR_OK ? status : shared;
	}
	return status;
}

static enum csvr_status run_to_end(struct csvr_run_context *run, struct csvr_state_set *states,
				   struct csvr_summary **summary, struct csvr_error *error)
{
	enum csvr_status status = prepare(run, states, error);
	if (status != CSVR_OK)
		return status;
	status = work(run, error);
	if (run->status == CSVR_INVALID_OPTION)
		status = refuse_correlations(error);
	if (run->status == CSVR_TOO_MANY_GROUPS)
		status = refuse_groups(run, error);
	if (csvr_run_is_first_rank(run))
		return finish_first_rank(run, status, states, summary, error);
	return status == CSVR_OK && csvr_run_may_refine(run)
		       ? csvr_run_ranks_join_passes(run, error)
		       : status;
}

static enum csvr_status run_once(struct csvr_settings *settings, struct csvr_inputs *inputs,
				 struct csvr_run_hooks *hooks, bool has_sniffed,
				 struct csvr_summary **summary, struct csvr_error *error)
{
	struct csvr_run_context run = {
		.settings = settings, .inputs = inputs, .hooks = hooks, .has_sniffed = has_sniffed
	};
	struct csvr_state_set states = { 0 };
	enum csvr_status status = run_to_end(&run, &states, summary, error);
	if (status != CSVR_OK && run.is_awaited)
		hooks->comm->abort_all(hooks->comm->context,
				       status == CSVR_NO_MEMORY ? NULL : error);
	csvr_state_set_clear(&states);
	csvr_refined_state_clear(&run.refined);
	csvr_results_free(run.results);
	csvr_plan_clear(&run.plan);
	for (size_t i = 0; i < CSVR_N_DECIMAL_MARKS; i++)
		csvr_cell_rules_clear(&run.worker_config.rules[i]);
	csvr_known_names_clear(&run.known_names);
	return status;
}

/* Whether a restart would find the bytes of a stream consumed. A stream that is the only input is
 * safe: a worker requests a restart of one only if it can be rewound. */
static bool has_streams(const struct csvr_inputs *inputs)
{
	bool has = false;
	for (size_t i = 0; i < inputs->n_items && inputs->n_items > 1; i++)
		has |= inputs->items[i].kind == CSVR_INPUT_STREAM;
	return has;
}

enum csvr_status csvr_run(struct csvr_settings *settings, struct csvr_inputs *inputs,
			  struct csvr_run_hooks *hooks, struct csvr_summary **summary,
			  struct csvr_error *error)
{
	struct csvr_run_hooks no_hooks = { 0 };
	if (hooks == NULL)
		hooks = &no_hooks;
	*summary = NULL;
	inputs->encoding = settings->parse.encoding;
	/* Sniffing opens every input, so it is done first only where a restart is impossible (ranks,
	 * streams), or where every run must split the inputs alike (shards, checkpoints, states). */
	bool has_sniffed = hooks->comm != NULL || hooks->checkpoint != NULL ||
			   inputs->n_states > 0 || settings->shard.count > 1 ||
			   settings->refine != NULL || has_streams(inputs);
	const uint64_t chunk_bytes = csvr_plan_chunk_bytes(settings);
	enum csvr_status status = has_sniffed ? csvr_inputs_sniff(inputs, chunk_bytes) : CSVR_OK;
	if (status == CSVR_OK)
		status = run_once(settings, inputs, hooks, has_sniffed, summary, error);
	if (status == CSVR_RETRY_AS_STATE || status == CSVR_RETRY_AS_COMPRESSED) {
		status = csvr_inputs_sniff(inputs, chunk_bytes);
		if (status == CSVR_OK)
			status = run_once(settings, inputs, hooks, true, summary, error);
	}
	if (status == CSVR_OK && settings->parse.group_by.n_words > 0)
		settings->report.parallel = csvr_team_parallel(settings);
	if (status == CSVR_OK)
		return CSVR_OK;
	csvr_summary_free(*summary);
	*summary = NULL;
	return status == CSVR_NO_MEMORY ? csvr_error_set_no_memory(error) : status;
}

/* ---- the summary, seen by a program ---- */

enum csvr_status csvr_state_write(const struct csvr_summary *summary,
				  const struct csvr_inputs *inputs,
				  const struct csvr_settings *settings, FILE *stream)
{
	struct csvr_encoder bytes;
	csvr_encoder_init(&bytes);
	enum csvr_status status = csvr_state_encode(&bytes, settings, inputs, &summary, 1);
	if (status == CSVR_OK && fwrite(bytes.bytes, 1, bytes.n_bytes, stream) != bytes.n_bytes)
		status = CSVR_IO_ERROR;
	csvr_encoder_clear(&bytes);
	return status;
}

const char *csvr_summary_failure(const struct csvr_summary *summary,
				 const struct csvr_inputs *inputs, size_t index,
				 struct csvr_error *error)
{
	const struct csvr_failure *failure = &summary->failures[index];
	csvr_error_set(error, CSVR_INVALID_FILE, failure->line, "%s", failure->message);
	return csvr_inputs_path(inputs, failure->input);
}
