/* load_states.c - loads saved states into a run */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "run/load_states.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "stats/refined.h"

/* States up to this size together stay in memory between opening and merging; others are read
 * twice. */
enum { MAX_HELD_BYTES = 64 << 20 };

enum csvr_status csvr_states_add_path(const char *path, enum csvr_status status,
				      struct csvr_error *error)
{
	if (status == CSVR_OK || status == CSVR_NO_MEMORY)
		return status;
	char message[CSVR_MESSAGE_BYTES];
	memcpy(message, error->message, sizeof message);
	return csvr_error_set(error, status, 0, "%s: %s", path, message);
}

/* ---- opening ---- */

/* Whether the run has inputs other than states. */
static bool has_data_inputs(const struct csvr_inputs *inputs)
{
	return inputs->n_states < inputs->n_items;
}

bool csvr_states_may_set_options(const struct csvr_settings *settings)
{
	struct csvr_settings defaults;
	csvr_settings_init(&defaults);
	const struct csvr_parse_options *a = &settings->parse, *b = &defaults.parse;
	return a->delimiter == b->delimiter && a->quote == b->quote && a->comment == b->comment &&
	       a->long_delimiter[0] == '\0' && a->escape == b->escape && a->header == b->header &&
	       a->by_position == b->by_position && a->null_values.word == b->null_values.word &&
	       a->select.n_words == 0 && !a->correlates && a->skip_footer == b->skip_footer &&
	       !a->fold_names && a->where.n_words == 0 && a->group_by.n_words == 0;
}

/* Runs that refine a state merge the results of passes, and other runs merge other states. */
static enum csvr_status check_is_pass(const struct csvr_state_file *state,
				      const struct csvr_settings *settings,
				      struct csvr_error *error)
{
	const bool is_pass = csvr_state_is_pass(state);
	if (is_pass == (settings->refine != NULL))
		return CSVR_OK;
	if (is_pass)
		return csvr_error_set(error, CSVR_INVALID_OPTION, 0,
				      "was saved with --refine=STATE, and is merged with that: add "
				      "--refine=STATE");
	return csvr_error_set(error, CSVR_INVALID_OPTION, 0,
			      "--refine=%s: this state was not saved with --refine; run its shard "
			      "again with the option",
			      settings->refine);
}

/* A checkpoint lacks a part of its shard, so it is accepted only as a partial result. */
static enum csvr_status check_is_finished(const struct csvr_state_file *state,
					  const struct csvr_settings *settings,
					  struct csvr_error *error)
{
	if (!csvr_state_is_checkpoint(state) || settings->is_partial)
		return CSVR_OK;
	return csvr_error_set(
		error, CSVR_INCOMPATIBLE_STATES, 0,
		"is the checkpoint of an unfinished run; resume that run, or use --partial to "
		"report what it has");
}

static enum csvr_status open_state(struct csvr_state_set *states, size_t index,
				   struct csvr_settings *settings, struct csvr_inputs *inputs,
				   bool *may_apply_options, size_t *n_held,
				   struct csvr_error *error)
{
	struct csvr_state_file *state = &states->items[index];
	enum csvr_status status = csvr_state_file_open(state, states->paths[index], error);
	if (status == CSVR_OK)
		status = check_is_finished(state, settings, error);
	if (status == CSVR_OK)
		status = check_is_pass(state, settings, error);
	if (status == CSVR_OK && !settings->statistics.has_collection) {
		settings->statistics.collection = state->collection;
		settings->statistics.has_collection = true;
		settings->parse.groups_collect = state->groups_collect;
	}
	if (status == CSVR_OK && *may_apply_options)
		status = csvr_state_apply_options(state, settings, inputs, error);
	*may_apply_options &= status != CSVR_OK;
	if (status == CSVR_OK)
		status = csvr_state_check_options(state, settings, error);
	if (status == CSVR_OK)
		status = csvr_state_append_inputs(state, inputs, error);
	*n_held += state->file.n_bytes;
	if (*n_held > MAX_HELD_BYTES) {
		*n_held -= state->file.n_bytes;
		csvr_state_release(state);
	}
	return csvr_states_add_path(states->paths[index], status, error);
}

/* With --partial an unusable state is skipped and reported as any invalid file. */
static bool is_skipped(const struct csvr_settings *settings, enum csvr_status status)
{
	return settings->is_partial && (status == CSVR_INVALID_FILE || status == CSVR_IO_ERROR);
}

enum csvr_status csvr_state_set_open(struct csvr_state_set *states, struct csvr_settings *settings,
				     struct csvr_inputs *inputs, struct csvr_error *error)
{
	*states = (struct csvr_state_set){ 0 };
	const size_t n_states = inputs->n_states, n_before = inputs->n_items;
	if (n_states == 0)
		return CSVR_OK;
	if (settings->shard.count > 1 && !has_data_inputs(inputs))
		return csvr_error_set(error, CSVR_INVALID_OPTION, 0,
				      "--shard=%" PRIu32 "/%" PRIu32
				      ": all inputs are saved states, which are not divided into "
				      "shards; omit --shard",
				      settings->shard.index, settings->shard.count);
	bool may_apply_options = !has_data_inputs(inputs) && csvr_states_may_set_options(settings);
	size_t n_held = 0;
	states->items = calloc(n_states, sizeof *states->items);
	states->paths = calloc(n_states, sizeof(char *));
	if (states->items == NULL || states->paths == NULL)
		return CSVR_NO_MEMORY;
	enum csvr_status status = csvr_manifests_init(inputs, csvr_plan_chunk_bytes(settings),
						      settings->shard.index, settings->shard.count);
	for (size_t i = 0; i < n_before && status == CSVR_OK; i++) {
		if (inputs->items[i].kind != CSVR_INPUT_STATE)
			continue;
		const size_t index = states->n_items;
		states->paths[index] = strdup(csvr_inputs_path(inputs, i));
		if (states->paths[index] == NULL)
			return CSVR_NO_MEMORY;
		states->n_items++;
		status = open_state(states, index, settings, inputs, &may_apply_options, &n_held,
				    error);
		if (is_skipped(settings, status)) {
			/* It is read as a CSV file, which fails and names it. */
			inputs->items[i].kind = CSVR_INPUT_REGULAR;
			status = CSVR_OK;
			csvr_state_file_clear(&states->items[index]);
			states->items[index].n_summaries = 0;
		}
	}
	if (status == CSVR_OK)
		status = csvr_manifests_sort(inputs, &states->new_index);
	return status;
}

void csvr_state_set_clear(struct csvr_state_set *states)
{
	for (size_t i = 0; i < states->n_items; i++) {
		csvr_state_file_clear(&states->items[i]);
		free(states->paths[i]);
	}
	free(states->items);
	free(states->paths);
	free(states->new_index);
	*states = (struct csvr_state_set){ 0 };
}

/* ---- merging ---- */

/* Removes the values that further passes have found in a part of the inputs. */
static void forget_refined(struct csvr_summary *summary)
{
	for (size_t t = 0; t < summary->n_tables; t++)
		for (size_t i = 0; i < summary->tables[t].n_columns; i++) {
			struct csvr_column *column = &summary->tables[t].columns[i].stats;
			csvr_refined_free(column->refined);
			column->refined = NULL;
		}
}

bool csvr_state_set_is_refined(const struct csvr_state_set *states)
{
	return states->n_items == 1 && states->items[0].has_refined;
}

enum csvr_status csvr_states_merge(struct csvr_state_set *states,
				   const struct csvr_summary_config *config,
				   struct csvr_results *results, struct csvr_error *error)
{
	enum csvr_status status = CSVR_OK;
	for (size_t i = 0; i < states->n_items && status == CSVR_OK; i++) {
		struct csvr_state_file *state = &states->items[i];
		for (size_t s = 0; s < state->n_summaries && status == CSVR_OK; s++) {
			struct csvr_summary *summary;
			status = csvr_state_decode_summary(state, config,
							   states->new_index + state->base,
							   &summary, error);
			if (status == CSVR_OK && !config->has_refined)
				forget_refined(summary);
			if (status == CSVR_OK)
				status = csvr_results_import_listed(results, summary, error);
			csvr_summary_free(summary);
		}
		status = csvr_states_add_path(states->paths[i], status, error);
		csvr_state_file_clear(state);
	}
	return status;
}

/* ---- the checkpoint ---- */

/* Removes failed files, so that they are read again: they may be fine now. Those of saved states
 * stay. */
static void forget_failures(struct csvr_summary *summary, const struct csvr_inputs *inputs)
{
	size_t n = 0;
	for (size_t i = 0; i < summary->n_files; i++)
		if (summary->files[i].kind != CSVR_FILE_BAD ||
		    inputs->items[summary->files[i].input].is_preloaded) {
			if (summary->file_stats != NULL)
				summary->file_stats[n] = summary->file_stats[i];
			summary->files[n++] = summary->files[i];
		}
	summary->n_files = n;
	n = 0;
	for (size_t i = 0; i < summary->n_failures; i++)
		if (inputs->items[summary->failures[i].input].is_preloaded)
			summary->failures[n++] = summary->failures[i];
	summary->n_failures = n;
}

/* Removes the chunks of a big file that could not be read, and its start if that failed. */
static void forget_bad_chunks(struct csvr_partial_file *partial)
{
	size_t n = 0;
	for (size_t i = 0; i < partial->n_segments; i++) {
		struct csvr_segment *segment = partial->segments[i];
		const enum csvr_status status = segment->chunk.status;
		if (status == CSVR_IO_ERROR || status == CSVR_FILE_CHANGED ||
		    (segment->first == 0 && status != CSVR_OK))
			csvr_segment_free(segment);
		else
			partial->segments[n++] = segment;
	}
	partial->n_segments = n;
}

/* Bytes of the chunks of partial files. */
static uint64_t partial_bytes(const struct csvr_summary *summary, const struct csvr_inputs *inputs)
{
	uint64_t n_bytes = 0;
	for (size_t i = 0; i < summary->n_partial_files; i++) {
		const struct csvr_partial_file *partial = &summary->partial_files[i];
		const uint64_t size_bytes = csvr_input_bytes(inputs,
							     &inputs->items[partial->input]);
		for (size_t j = 0; j < partial->n_segments; j++) {
			const struct csvr_segment *segment = partial->segments[j];
			const uint64_t begin = segment->first * partial->chunk_bytes;
			const uint64_t end = (segment->last + UINT64_C(1)) * partial->chunk_bytes;
			const uint64_t limit = end < size_bytes ? end : size_bytes;
			n_bytes += limit > begin ? limit - begin : 0;
		}
	}
	return n_bytes;
}

/* Merges the files of a checkpoint summary that are still valid. */
static enum csvr_status import_valid(struct csvr_summary *summary, const struct csvr_inputs *inputs,
				     struct csvr_results *results, struct csvr_resume_info *resumed,
				     struct csvr_error *error)
{
	for (size_t i = summary->n_partial_files; i-- > 0;) {
		if (summary->partial_files[i].input != UINT32_MAX)
			continue;
		struct csvr_partial_file lost = csvr_summary_pop_partial(summary, i);
		csvr_partial_file_clear(&lost);
	}
	if (summary->has_lost_inputs)
		return CSVR_OK; /* one of its files changed: all of them are read again */
	forget_failures(summary, inputs);
	for (size_t i = 0; i < summary->n_partial_files; i++)
		if (!inputs->items[summary->partial_files[i].input].is_preloaded)
			forget_bad_chunks(&summary->partial_files[i]);
	resumed->size_bytes += csvr_summary_totals(summary).size_bytes +
			       partial_bytes(summary, inputs);
	enum csvr_status status = csvr_results_import(results, summary, error);
	return status == CSVR_OK ? csvr_results_start_generation(results) : status;
}

enum csvr_status csvr_states_resume(const char *path, const struct csvr_settings *settings,
				    struct csvr_inputs *inputs,
				    const struct csvr_summary_config *config,
				    struct csvr_results *results, struct csvr_resume_info *resumed,
				    struct csvr_error *error)
{
	struct csvr_state_file state;
	*resumed = (struct csvr_resume_info){ 0 };
	if (path == NULL || access(path, F_OK) != 0)
		return CSVR_OK;
	enum csvr_status status = csvr_state_file_open(&state, path, error);
	uint32_t *index = NULL;
	if (status == CSVR_INVALID_FILE &&
	    !csvr_begins_as_state(state.file.bytes, state.file.n_bytes)) {
		csvr_state_file_clear(&state);
		return csvr_error_set(error, CSVR_INVALID_FILE, 0,
				      "--checkpoint=%s: the file exists and is not a checkpoint; "
				      "name another file",
				      path);
	}
	if (status == CSVR_OK && !csvr_state_is_checkpoint(&state))
		status = csvr_error_set(
			error, CSVR_INVALID_OPTION, 0,
			"is a saved state, not a checkpoint; a run removes its checkpoint at "
			"the end, so name another file");
	if (status == CSVR_OK)
		status = csvr_state_check_options(&state, settings, error);
	if (status == CSVR_OK) {
		index = malloc((state.n_inputs + 1) * sizeof *index);
		status = index == NULL ? CSVR_NO_MEMORY
				       : csvr_state_match_inputs(&state, inputs, index, error);
	}
	resumed->is_resumed = status == CSVR_OK;
	resumed->n_inputs = status == CSVR_OK ? state.n_inputs : 0;
	for (size_t i = 0; i < state.n_inputs && status == CSVR_OK; i++)
		resumed->n_changed += index[i] == UINT32_MAX;
	for (size_t s = 0; s < state.n_summaries && status == CSVR_OK; s++) {
		struct csvr_summary *summary;
		status = csvr_state_decode_summary(&state, config, index, &summary, error);
		if (status == CSVR_OK)
			status = import_valid(summary, inputs, results, resumed, error);
		csvr_summary_free(summary);
	}
	if (status == CSVR_OK)
		status = csvr_results_mark_resumed(results);
	free(index);
	csvr_state_file_clear(&state);
	return csvr_states_add_path(path, status, error);
}
