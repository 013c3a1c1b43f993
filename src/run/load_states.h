/* load_states.h - saved states into a run: those among its inputs, and the one it goes on from
 *
 * Errors   those of state_file.h, with the path of the state in front of the message. CSVR_INCOMPATIBLE_STATES:
 *          states that do not belong together, or are not all there.
 * Threads  one
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
	char **paths; /* of each */
	uint32_t *new_index; /* of each input that was there before they were put in order */
};

/* Opens the states among the inputs, and puts the inputs they name in their place, in order. The
 * options are theirs where the run reads nothing else. Clear `states` whatever is returned. */
enum csvr_status csvr_state_set_open(struct csvr_state_set *states, struct csvr_settings *settings,
				     struct csvr_inputs *inputs, struct csvr_error *error);
void csvr_state_set_clear(struct csvr_state_set *states);

/* Takes in what was found in them. */
enum csvr_status csvr_states_merge(struct csvr_state_set *states,
				   const struct csvr_summary_config *config,
				   struct csvr_results *results, struct csvr_error *error);

/* Whether every list is there whole, with all its shares; if not, says what is missing. With
 * `is_partial` only whether shares of lists that are one and the same, but for a change in between,
 * would count an input twice. Not asked where a state is written, for it may be completed later. */
enum csvr_status csvr_states_check_complete(const struct csvr_inputs *inputs, bool is_partial,
					    struct csvr_error *error);

/* What going on from a checkpoint came to. */
struct csvr_resume_info {
	bool is_resumed; /* the checkpoint exists */
	uint64_t size_bytes; /* of inputs that need not be read again */
	size_t n_inputs; /* known in it */
	size_t n_changed; /* of these: not as they were, or gone */
};

/* Goes on from the checkpoint `path`, if there is one. The inputs have been ranked. */
enum csvr_status csvr_states_resume(const char *path, const struct csvr_settings *settings,
				    struct csvr_inputs *inputs,
				    const struct csvr_summary_config *config,
				    struct csvr_results *results, struct csvr_resume_info *resumed,
				    struct csvr_error *error);

#endif
