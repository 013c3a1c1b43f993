/* load_states.h - loads saved states into a run: those among its inputs, and its checkpoint
 *
 * Errors   those of state_file.h, with the path of the state before the message;
 *          CSVR_INCOMPATIBLE_STATES (states do not belong together, or some are missing)
 * Threads  the one that called csvr_run
 */
#ifndef CSVR_RUN_LOAD_STATES_H
#define CSVR_RUN_LOAD_STATES_H

#include "csvreport.h"
#include "input/inputs.h"
#include "run/results.h"
#include "state/state_file.h"

struct csvr_state_set {
	struct csvr_state_file *items;
	size_t n_items;
	char **paths; /* of the items */
	uint32_t *new_index; /* the index after sorting of each input before it */
};

/* Opens the states among the inputs, replaces them by the inputs they name, and sorts the inputs.
 * If all inputs are states, `settings` receives their options. Clear `states` also after an
 * error. */
enum csvr_status csvr_state_set_open(struct csvr_state_set *states, struct csvr_settings *settings,
				     struct csvr_inputs *inputs, struct csvr_error *error);
void csvr_state_set_clear(struct csvr_state_set *states);

/* Whether there is one state, and its columns have values that further passes have found. These are valid only for the
 * inputs of that state. */
bool csvr_state_set_is_refined(const struct csvr_state_set *states);

/* Prepends the path of a state to the message of an error. */
enum csvr_status csvr_states_add_path(const char *path, enum csvr_status status,
				      struct csvr_error *error);

/* Whether the parse options are the default ones, so that a state may replace them. */
bool csvr_states_may_set_options(const struct csvr_settings *settings);

/* Merges the states into the results, and closes them. Without config->has_refined, values that further passes have
 * found are left out. */
enum csvr_status csvr_states_merge(struct csvr_state_set *states,
				   const struct csvr_summary_config *config,
				   struct csvr_results *results, struct csvr_error *error);

/* Fails with CSVR_INCOMPATIBLE_STATES unless every manifest has all its shards. With `is_partial`
 * it fails only if an input would count twice, because the list of inputs changed between the runs
 * of two shards. Runs that write a state do not check: a later run may add the missing shards. */
enum csvr_status csvr_states_check_complete(const struct csvr_inputs *inputs, bool is_partial,
					    struct csvr_error *error);

/* How much a run resumes from its checkpoint. */
struct csvr_resume_info {
	bool is_resumed; /* the checkpoint exists */
	uint64_t size_bytes; /* of inputs that need not be read again */
	size_t n_inputs; /* in the checkpoint */
	size_t n_changed; /* of these, inputs that have changed since, or are gone */
};

/* Merges the checkpoint `path` into the results, if it exists (NULL: there is none). Call
 * csvr_inputs_rank_paths first. */
enum csvr_status csvr_states_resume(const char *path, const struct csvr_settings *settings,
				    struct csvr_inputs *inputs,
				    const struct csvr_summary_config *config,
				    struct csvr_results *results, struct csvr_resume_info *resumed,
				    struct csvr_error *error);

#endif
