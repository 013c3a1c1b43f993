/* load_states.c - saved states into a run */
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

/* Bytes of states that are kept between the two looks at them; others are read twice. */
enum { MOST_HELD_BYTES = 64 << 20 };

/* Puts the path in front of the message. */
static enum csvr_status about(const char *path, enum csvr_status status, struct csvr_error *error)
{
	if (status == CSVR_OK || status == CSVR_NO_MEMORY)
		return status;
	char message[CSVR_MESSAGE_BYTES];
	memcpy(message, error->message, sizeof message);
	return csvr_error_set(error, status, 0, "%s: %s", path, message);
}

/* ---- opening ---- */

/* Whether the run reads anything but states. */
static bool has_own(const struct csvr_inputs *inputs)
{
	return inputs->n_states < inputs->n_items;
}

static bool has_default_reading(const struct csvr_settings *settings)
{
	struct csvr_settings defaults;
	csvr_settings_init(&defaults);
	const struct csvr_parse_options *a = &settings->reading, *b = &defaults.reading;
	return a->delimiter == b->delimiter && a->quote == b->quote && a->comment == b->comment &&
	       a->header == b->header && a->by_position == b->by_position &&
	       a->null_values.word == b->null_values.word && a->select.n_words == 0;
}

/* A checkpoint names its share, but does not hold all of it: only who takes what there is may have it. */
static enum csvr_status check_is_over(const struct csvr_state_file *saved,
				      const struct csvr_settings *settings,
				      struct csvr_error *error)
{
	if (!csvr_state_is_checkpoint(saved) || settings->is_partial)
		return CSVR_OK;
	return csvr_error_set(
		error, CSVR_INCOMPATIBLE_STATES, 0,
		"is the checkpoint of a run that is not over; let that go on to its end, or "
		"give --partial for a report of what there is");
}

static enum csvr_status open_one(struct csvr_state_set *states, size_t index,
				 struct csvr_settings *settings, struct csvr_inputs *inputs,
				 bool *may_adopt, size_t *n_held, struct csvr_error *error)
{
	struct csvr_state_file *saved = &states->items[index];
	enum csvr_status status = csvr_state_file_open(saved, states->paths[index], error);
	if (status == CSVR_OK)
		status = check_is_over(saved, settings, error);
	if (status == CSVR_OK && !settings->statistics.has_collection) {
		settings->statistics.collection = saved->collection;
		settings->statistics.has_collection = true;
	}
	if (status == CSVR_OK && *may_adopt)
		status = csvr_state_apply_options(saved, settings, inputs, error);
	*may_adopt &= status != CSVR_OK;
	if (status == CSVR_OK)
		status = csvr_state_check_options(saved, settings, error);
	if (status == CSVR_OK)
		status = csvr_state_append_inputs(saved, inputs, error);
	*n_held += saved->file.n_bytes;
	if (*n_held > MOST_HELD_BYTES) {
		*n_held -= saved->file.n_bytes;
		csvr_state_release(saved);
	}
	return about(states->paths[index], status, error);
}

/* A state that cannot be used is left out and named, as any bad file, where the user asked for what
 * there is. */
static bool is_left_out(const struct csvr_settings *settings, enum csvr_status status)
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
	if (settings->shard.count > 1 && !has_own(inputs))
		return csvr_error_set(error, CSVR_INVALID_OPTION, 0,
				      "--shard=%" PRIu32 "/%" PRIu32
				      ": there are only saved states, and "
				      "every share would hold them whole; leave --shard away",
				      settings->shard.index, settings->shard.count);
	bool may_adopt = !has_own(inputs) && has_default_reading(settings);
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
		status = open_one(states, index, settings, inputs, &may_adopt, &n_held, error);
		if (is_left_out(settings, status)) {
			/* It stays, as a file like others, and whoever reads it will say that it is bad. */
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

/* ---- taking in ---- */

enum csvr_status csvr_states_merge(struct csvr_state_set *states,
				   const struct csvr_summary_config *config,
				   struct csvr_results *results, struct csvr_error *error)
{
	enum csvr_status status = CSVR_OK;
	for (size_t i = 0; i < states->n_items && status == CSVR_OK; i++) {
		struct csvr_state_file *saved = &states->items[i];
		for (size_t s = 0; s < saved->n_summaries && status == CSVR_OK; s++) {
			struct csvr_summary *summary;
			status = csvr_state_decode_summary(saved, config,
							   states->new_index + saved->base,
							   &summary, error);
			if (status == CSVR_OK)
				status = csvr_results_import_named(results, summary, error);
			csvr_summary_free(summary);
		}
		status = about(states->paths[i], status, error);
		csvr_state_file_clear(saved);
	}
	return status;
}

/* ---- completeness ---- */

static const char *state_of(const struct csvr_manifest *manifest)
{
	return manifest->n_present > 0 && manifest->present[0].from != NULL
		       ? manifest->present[0].from
		       : "this run";
}

/* Two lists of which shares are missing may be one that changed in between. */
static enum csvr_status mixed(const struct csvr_manifest *a, const struct csvr_manifest *b,
			      struct csvr_error *error)
{
	if (a->n_shards != b->n_shards)
		return csvr_error_set(error, CSVR_INCOMPATIBLE_STATES, 0,
				      "%s is a share of %" PRIu32 ", %s one of %" PRIu32
				      ": they do not "
				      "belong together; make all with the same --shard=I/N",
				      state_of(a), a->n_shards, state_of(b), b->n_shards);
	if (a->chunk_bytes != b->chunk_bytes)
		return csvr_error_set(error, CSVR_INCOMPATIBLE_STATES, 0,
				      "%s is of big files in pieces of %" PRIu64
				      " bytes, %s in pieces of "
				      "%" PRIu64
				      ": they do not belong together; make all with the same "
				      "--chunk",
				      state_of(a), a->chunk_bytes, state_of(b), b->chunk_bytes);
	const bool is_newer = b->newest_ns >= a->newest_ns;
	return csvr_error_set(error, CSVR_INCOMPATIBLE_STATES, 0,
			      "the inputs changed between the runs: %s is a share of %" PRIu64
			      " inputs, %s of %" PRIu64 " (newest: %s); make all shares again",
			      state_of(a), a->n_inputs, state_of(b), b->n_inputs,
			      is_newer ? b->newest : a->newest);
}

/* An input that may be meant to be the state of a missing share; NULL: there is none. */
static const char *find_unreadable(const struct csvr_inputs *inputs)
{
	for (size_t i = 0; i < inputs->n_items; i++)
		if (inputs->items[i].kind == CSVR_INPUT_FAILED)
			return csvr_inputs_path(inputs, i);
	return NULL;
}

/* An input that stands in two lists of which both lack shares: one list that changed in between. */
static enum csvr_status check_twice(const struct csvr_inputs *inputs, struct csvr_error *error)
{
	const struct csvr_manifests *manifests = inputs->manifests;
	for (size_t i = 1; manifests != NULL && i < inputs->n_items; i++) {
		const uint32_t a = manifests->origins[i - 1].manifest,
			       b = manifests->origins[i].manifest;
		if (a != b && csvr_manifest_n_missing(&manifests->items[a]) > 0 &&
		    csvr_manifest_n_missing(&manifests->items[b]) > 0 &&
		    csvr_inputs_compare(inputs, (uint32_t)(i - 1), (uint32_t)i) == 0)
			return mixed(&manifests->items[a], &manifests->items[b], error);
	}
	return CSVR_OK;
}

enum csvr_status csvr_states_check_complete(const struct csvr_inputs *inputs, bool is_partial,
					    struct csvr_error *error)
{
	const struct csvr_manifests *manifests = inputs->manifests;
	const struct csvr_manifest *missing = NULL;
	if (is_partial)
		return check_twice(inputs, error);
	for (size_t i = 0; manifests != NULL && i < manifests->n_items; i++) {
		const struct csvr_manifest *manifest = &manifests->items[i];
		if (csvr_manifest_n_missing(manifest) == 0)
			continue;
		if (missing != NULL)
			return mixed(missing, manifest, error);
		missing = manifest;
	}
	if (missing == NULL)
		return CSVR_OK;
	char shards[CSVR_SHARDS_BYTES];
	csvr_manifest_missing(missing, shards);
	const bool is_one = csvr_manifest_n_missing(missing) == 1;
	const char *unreadable = find_unreadable(inputs);
	return csvr_error_set(error, CSVR_INCOMPATIBLE_STATES, 0,
			      "%s %s of %" PRIu32
			      " %s missing (%s %s); give the rest too, or --partial "
			      "for a report of what there is",
			      is_one ? "share" : "shares", shards, missing->n_shards,
			      is_one ? "is" : "are",
			      unreadable != NULL ? "cannot be read:" : "there is",
			      unreadable != NULL ? unreadable : state_of(missing));
}

/* ---- going on ---- */

/* A file that failed may be whole now: it is read again, unless it came out of a saved state. */
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

/* The same for chunks of a big one that could not be read, or that failed as far as it was read. */
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

/* Bytes of files that are there in part. */
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

static enum csvr_status take_current(struct csvr_summary *summary, const struct csvr_inputs *inputs,
				     struct csvr_results *results, struct csvr_resume_info *resumed,
				     struct csvr_error *error)
{
	for (size_t i = summary->n_partial_files; i-- > 0;) {
		if (summary->partial_files[i].input != UINT32_MAX)
			continue;
		struct csvr_partial_file gone = csvr_summary_pop_partial(summary, i);
		csvr_partial_file_clear(&gone);
	}
	if (summary->has_lost_inputs)
		return CSVR_OK; /* one of its files changed: all that it sums up is read again */
	forget_failures(summary, inputs);
	for (size_t i = 0; i < summary->n_partial_files; i++)
		if (!inputs->items[summary->partial_files[i].input].is_preloaded)
			forget_bad_chunks(&summary->partial_files[i]);
	resumed->size_bytes += summary->size_bytes + partial_bytes(summary, inputs);
	enum csvr_status status = csvr_results_import(results, summary, error);
	return status == CSVR_OK ? csvr_results_start_generation(results) : status;
}

enum csvr_status csvr_states_resume(const char *path, const struct csvr_settings *settings,
				    struct csvr_inputs *inputs,
				    const struct csvr_summary_config *config,
				    struct csvr_results *results, struct csvr_resume_info *resumed,
				    struct csvr_error *error)
{
	struct csvr_state_file saved;
	*resumed = (struct csvr_resume_info){ 0 };
	if (path == NULL || access(path, F_OK) != 0)
		return CSVR_OK;
	enum csvr_status status = csvr_state_file_open(&saved, path, error);
	uint32_t *index = NULL;
	/* The run that goes on from it would remove it in the end. */
	if (status == CSVR_OK && !csvr_state_is_checkpoint(&saved))
		status = csvr_error_set(
			error, CSVR_INVALID_OPTION, 0,
			"is a saved state and no checkpoint, which the run would remove in "
			"the end; name another file");
	if (status == CSVR_OK)
		status = csvr_state_check_options(&saved, settings, error);
	if (status == CSVR_OK) {
		index = malloc((saved.n_inputs + 1) * sizeof *index);
		status = index == NULL ? CSVR_NO_MEMORY
				       : csvr_state_match_inputs(&saved, inputs, index, error);
	}
	resumed->is_resumed = status == CSVR_OK;
	resumed->n_inputs = status == CSVR_OK ? saved.n_inputs : 0;
	for (size_t i = 0; i < saved.n_inputs && status == CSVR_OK; i++)
		resumed->n_changed += index[i] == UINT32_MAX;
	for (size_t s = 0; s < saved.n_summaries && status == CSVR_OK; s++) {
		struct csvr_summary *summary;
		status = csvr_state_decode_summary(&saved, config, index, &summary, error);
		if (status == CSVR_OK)
			status = take_current(summary, inputs, results, resumed, error);
		csvr_summary_free(summary);
	}
	if (status == CSVR_OK)
		status = csvr_results_mark_resumed(results);
	free(index);
	csvr_state_file_clear(&saved);
	return about(path, status, error);
}
