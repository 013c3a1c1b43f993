/* prepare.c - before the work of a run: worker settings, saved states, plan
 *
 * Errors   as csvr_run
 * Threads  the one that called csvr_run
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "base/error.h"
#include "input/manifest.h"
#include "parse/kernel.h"
#include "run/run_internal.h"
#include "run/threads.h"
#include "stats/statistics.h"

/* 256 KiB of text and the ends of its fields fit, or nearly fit, the L2 cache of any CPU of the
 * last ten years (256 KiB to several MiB). On a CPU with 2 MiB, blocks of 128, 256 and 512 KiB made
 * no difference: 153, 153 and 154 ms for one file of 350 MB. */
enum { BLOCK_BYTES = 256 * 1024 / CSVR_LIMITS_DIVISOR };

enum csvr_status csvr_prepare_workers(struct csvr_run_context *run, struct csvr_error *error)
{
	const struct csvr_settings *settings = run->settings;
	run->worker_config = (struct csvr_worker_config){
		.inputs = run->inputs,
		.parse_options = &settings->parse,
		.kernel = csvr_kernel_choose(settings->tuning.kernel),
		.block_bytes = settings->tuning.block_bytes > 0 ? settings->tuning.block_bytes
								: BLOCK_BYTES,
		.has_fixed_blocks = settings->tuning.block_bytes > 0,
		.is_timed = run->hooks->timing != NULL,
		.needs_whole_records = settings->parse.where.n_words > 0 ||
				       settings->parse.group_by.n_words > 0,
		.stop_flag = run->hooks->stop_flag
	};
	if (run->worker_config.kernel == NULL)
		return csvr_error_set(
			error, CSVR_INVALID_OPTION, 0,
			"kernel '%s' is unknown or not supported by this CPU; --version lists the "
			"kernels",
			settings->tuning.kernel);
	/* A checkpoint loses the chunks that are being read. */
	run->joins_chunks = settings->parse.group_by.n_words > 0 && run->hooks->checkpoint == NULL;
	run->worker_config.batch_kernels = csvr_batch_kernels_for(run->worker_config.kernel->name);
	if (run->hooks->progress != NULL) {
		run->worker_config.on_progress = csvr_team_on_progress;
		run->worker_config.context = run;
	}
	run->n_threads = csvr_threads_available(settings->tuning.n_threads, SIZE_MAX,
						&run->threads_from);
	return CSVR_OK;
}

enum csvr_status csvr_prepare_known_names(struct csvr_run_context *run)
{
	const struct csvr_inputs *inputs = run->inputs;
	struct csvr_worker *worker;
	struct csvr_chunk_stats chunk;
	uint64_t ignored;
	csvr_arena_init(&run->known_names.strings);
	enum csvr_status status = csvr_worker_new(&run->worker_config, &worker);
	if (status != CSVR_OK)
		return status;
	const struct csvr_header *header = csvr_worker_header(worker, &ignored);
	bool is_found = false;
	csvr_chunk_stats_init(&chunk);
	for (size_t i = 0; i < inputs->n_items && !is_found && status == CSVR_OK; i++) {
		/* The bytes of a stream cannot be read twice. */
		if (inputs->items[i].kind == CSVR_INPUT_STREAM)
			continue;
		csvr_worker_read_header(worker, &inputs->items[i], &chunk);
		is_found = chunk.status == CSVR_OK && header->is_header && header->n_columns > 0;
		if (chunk.status == CSVR_NO_MEMORY)
			status = CSVR_NO_MEMORY;
	}
	if (is_found)
		status = csvr_known_names_set(&run->known_names, header);
	if (is_found && status == CSVR_OK)
		run->worker_config.known_names = &run->known_names;
	csvr_chunk_stats_clear(&chunk);
	csvr_worker_free(worker);
	return status;
}

/* Whether something that outlives the run names its inputs. */
static bool needs_manifest(const struct csvr_run_context *run)
{
	const struct csvr_settings *settings = run->settings;
	return settings->report.format == CSVR_FORMAT_STATE || settings->report.provenance ||
	       settings->shard.count > 1 || run->hooks->checkpoint != NULL;
}

static void fill_run_info(const struct csvr_run_context *run, const struct csvr_state_set *states,
			  const struct csvr_resume_info *resumed)
{
	run->hooks->info = (struct csvr_run_info){ .n_threads = run->n_threads,
						   .threads_from = run->threads_from,
						   .kernel = run->worker_config.kernel->name,
						   .n_units = run->plan.n_units,
						   .n_inputs = run->inputs->n_items,
						   .size_bytes = run->plan.size_bytes,
						   .n_states = states->n_items,
						   .n_passes = 1,
						   .is_resumed = resumed->is_resumed,
						   .resumed_bytes = resumed->size_bytes,
						   .n_resumed = resumed->n_inputs,
						   .n_changed = resumed->n_changed };
}

/* Opens the saved states among the inputs, which replaces them by the inputs they name. After that
 * the inputs are final, and each gets its rank in the order of paths. */
static enum csvr_status resolve_inputs(struct csvr_run_context *run, struct csvr_state_set *states,
				       struct csvr_error *error)
{
	struct csvr_settings *settings = run->settings;
	struct csvr_inputs *inputs = run->inputs;
	settings->statistics.facts = settings->report.format == CSVR_FORMAT_JSON ||
				     settings->report.format == CSVR_FORMAT_STATE ||
				     run->hooks->checkpoint != NULL;
	if (settings->refine != NULL) {
		const enum csvr_status opened = csvr_refined_state_open(run, states, error);
		return opened == CSVR_OK ? csvr_inputs_rank_paths(inputs) : opened;
	}
	enum csvr_status status = csvr_state_set_open(states, settings, inputs, error);
	if (status == CSVR_OK && needs_manifest(run))
		status = csvr_manifests_init(inputs, csvr_plan_chunk_bytes(settings),
					     settings->shard.index, settings->shard.count);
	if (status == CSVR_OK && settings->report.format != CSVR_FORMAT_STATE)
		status = csvr_states_check_complete(inputs, settings->is_partial, error);
	return status == CSVR_OK ? csvr_inputs_rank_paths(inputs) : status;
}

/* Plans the work of this shard. */
static enum csvr_status build_plan(struct csvr_run_context *run)
{
	const struct csvr_settings *settings = run->settings;
	enum csvr_status status = csvr_plan_build(&run->plan, run->inputs,
						  csvr_plan_chunk_bytes(settings));
	if (status != CSVR_OK)
		return status;
	if (settings->shard.count > 1)
		csvr_plan_keep_shard(&run->plan, run->inputs, settings->shard.index,
				     settings->shard.count);
	return csvr_results_register(run->results, &run->plan);
}

/* A csvr_done_fn. */
static bool is_skipped(void *refinement, uint32_t input, uint32_t chunk, uint32_t n_chunks)
{
	(void)chunk;
	(void)n_chunks;
	return csvr_refinement_skips(refinement, input);
}

enum csvr_status csvr_prepare_pass(struct csvr_run_context *run,
				   const struct csvr_refinement *refinement)
{
	run->config.has_pairs = run->config.has_refined = false;
	run->config.keeps_file_stats = csvr_refinement_is_by_file(refinement);
	run->config.collects_by_file = run->config.keeps_file_stats;
	run->config.collection = csvr_collection_of_pass();
	run->worker_config.collection = run->config.collection;
	run->worker_config.refinement = refinement;
	csvr_results_free(run->results);
	enum csvr_status status = csvr_results_new(&run->config, &run->results);
	if (status == CSVR_OK && csvr_run_is_first_rank(run)) {
		csvr_plan_clear(&run->plan);
		status = build_plan(run);
		if (status == CSVR_OK && csvr_refinement_is_by_file(refinement))
			status = csvr_plan_skip_done(&run->plan, run->inputs, is_skipped,
						     (void *)refinement);
		if (status == CSVR_OK)
			status = csvr_plan_order(&run->plan, run->inputs);
	} else if (status == CSVR_OK) {
		status = csvr_results_register(run->results, &run->plan);
	}
	if (run->settings->refine != NULL) {
		run->hooks->info.n_units = run->plan.n_units;
		run->hooks->info.size_bytes = run->plan.size_bytes;
	}
	run->done_inputs = 0;
	run->planned_bytes = run->done_bytes + run->plan.size_bytes;
	return status;
}

/* Whether all inputs come from saved states. */
static bool are_all_preloaded(const struct csvr_inputs *inputs)
{
	bool are = true;
	for (size_t i = 0; i < inputs->n_items && are; i++)
		are = inputs->items[i].is_preloaded;
	return are;
}

/* Prepares a run that refines a state: it makes only further passes, which have plans of their own. */
static enum csvr_status prepare_refining(struct csvr_run_context *run,
					 const struct csvr_state_set *states,
					 struct csvr_error *error)
{
	static const struct csvr_resume_info not_resumed;
	run->config.has_refined = run->refined.is_complete && run->refined.file.has_refined;
	enum csvr_status status = csvr_results_new(&run->config, &run->results);
	if (status == CSVR_OK)
		status = csvr_refined_state_load(run, error);
	if (status == CSVR_OK)
		fill_run_info(run, states, &not_resumed);
	return status;
}

/* Of --group-by; columns collect `collection`. */
static struct csvr_group_config group_config(const struct csvr_settings *settings,
					     csvr_collection collection)
{
	struct csvr_group_config config = {
		.n_keys = settings->parse.group_by.n_words,
		.max_groups = settings->max_groups,
		.collection = settings->parse.groups_collect ? csvr_collection_of_groups(collection)
							     : 0,
		.has_texts = settings->parse.select.n_words > 0,
	};
	if (config.max_groups == 0)
		config.max_groups = config.collection != 0 ? CSVR_DEFAULT_MAX_COLLECTING_GROUPS
							   : CSVR_DEFAULT_MAX_GROUPS;
	return config;
}

enum csvr_status csvr_prepare_work(struct csvr_run_context *run, struct csvr_state_set *states,
				   struct csvr_error *error)
{
	const struct csvr_settings *settings = run->settings;
	const struct csvr_checkpoint_hooks *checkpoint = run->hooks->checkpoint;
	struct csvr_resume_info resumed;
	/* Saved states know it of their groups. */
	run->settings->parse.groups_collect = settings->statistics.names.n_words > 0 ||
					      (settings->statistics.all &&
					       !settings->statistics.is_implied);
	enum csvr_status status = resolve_inputs(run, states, error);
	if (status != CSVR_OK)
		return status;
	if (settings->parse.tables == CSVR_TABLES_DEFAULT)
		run->settings->parse.tables = CSVR_TABLES_SIMILAR;
	run->worker_config.collection = csvr_collection_of(&settings->statistics);
	run->worker_config.groups = group_config(settings, run->worker_config.collection);
	run->config = (struct csvr_summary_config){
		.groups = run->worker_config.groups,
		.by_position = settings->parse.by_position,
		.tables = settings->parse.tables,
		.keeps_file_stats = settings->report.per_file,
		.n_selected = settings->parse.select.n_words + settings->parse.correlation.n_words +
			      settings->parse.where.n_words + settings->parse.group_by.n_words +
			      settings->parse.null_values.n_words,
		.n_conditions = settings->parse.where.n_words,
		.collection = run->worker_config.collection,
		.has_pairs = settings->parse.correlates,
		.has_refined = csvr_state_set_is_refined(states) && are_all_preloaded(run->inputs),
		.path_ranks = run->inputs->path_ranks
	};
	if (settings->refine != NULL)
		return prepare_refining(run, states, error);
	status = csvr_results_new(&run->config, &run->results);
	if (status == CSVR_OK)
		status = build_plan(run);
	/* A second pass will probably be needed, and reads everything. */
	const uint64_t again_bytes = csvr_run_may_refine(run) ? run->plan.size_bytes : 0;
	/* The checkpoint first: it includes the saved states that were inputs of its run. */
	if (status == CSVR_OK)
		status = csvr_states_resume(checkpoint != NULL ? checkpoint->path : NULL, settings,
					    run->inputs, &run->config, run->results, &resumed,
					    error);
	if (status == CSVR_OK)
		status = csvr_states_merge(states, &run->config, run->results, error);
	if (status == CSVR_OK && resumed.is_resumed)
		status = csvr_plan_skip_done(&run->plan, run->inputs, csvr_results_has,
					     run->results);
	if (status == CSVR_OK)
		status = csvr_plan_order(&run->plan, run->inputs);
	run->planned_bytes = run->plan.size_bytes + again_bytes;
	if (status == CSVR_OK)
		fill_run_info(run, states, &resumed);
	return status;
}
