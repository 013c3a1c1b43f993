/* state_file.h - saved states: files that hold what a run found, for another to go on with
 *
 * Shape    a state names its options and inputs, then what was found in them; doc/state-format.md has
 *          its bytes. Inputs of all states are put in order before anything that was found is read.
 * Errors   CSVR_IO_ERROR: it cannot be read. CSVR_INVALID_FILE: it is no state, cut short, altered, or of a
 *          newer version. CSVR_INVALID_OPTION: it was made with other options. CSVR_NO_MEMORY.
 *          Nothing that is read is trusted.
 * Threads  one
 */
#ifndef CSVR_STATE_STATE_FILE_H
#define CSVR_STATE_STATE_FILE_H

#include "base/serialize.h"
#include "csvreport.h"
#include "input/inputs.h"
#include "input/manifest.h"
#include "stats/summary.h"

struct csvr_state_file {
	const char *path; /* the caller's */
	struct csvr_encoder file;
	struct csvr_decoder options, inputs, summaries; /* where each begins */
	uint32_t base; /* index of the first of its inputs, once these are in the list */
	size_t n_inputs;
	size_t n_summaries, n_given;
	bool has_file_stats; /* of each file */
	csvr_collection collection; /* aggregates that its columns have */
};

/* Reads the file and looks at all but what was found. Clear it whatever is returned. */
enum csvr_status csvr_state_file_open(struct csvr_state_file *saved, const char *path,
				      struct csvr_error *error);
void csvr_state_file_clear(struct csvr_state_file *saved);

/* Whether it was saved while a run was at work, so that some of its share may not be in it. */
bool csvr_state_is_checkpoint(const struct csvr_state_file *saved);

/* Lets go of the bytes until they are asked for again. */
void csvr_state_release(struct csvr_state_file *saved);

/* Whether it was made with the options of `settings`; says which differs. */
enum csvr_status csvr_state_check_options(struct csvr_state_file *saved,
					  const struct csvr_settings *settings,
					  struct csvr_error *error);

/* Puts the options of a state in place of those of `settings`; `inputs` owns their words. */
enum csvr_status csvr_state_apply_options(struct csvr_state_file *saved,
					  struct csvr_settings *settings,
					  struct csvr_inputs *inputs, struct csvr_error *error);

/* Appends its inputs and lists to `inputs`. A share that is there already is CSVR_INCOMPATIBLE_STATES. */
enum csvr_status csvr_state_append_inputs(struct csvr_state_file *saved, struct csvr_inputs *inputs,
					  struct csvr_error *error);

/* Finds its inputs in a list that is there already: `index` (room for n_inputs) becomes the index of
 * each, or UINT32_MAX where path, size or time are not the same any more. */
enum csvr_status csvr_state_match_inputs(struct csvr_state_file *saved, struct csvr_inputs *inputs,
					 uint32_t *index, struct csvr_error *error);

/* What was found, summary after summary from the first: `index` gives the index of each of its
 * inputs. Call it n_summaries times. */
enum csvr_status csvr_state_decode_summary(struct csvr_state_file *saved,
					   const struct csvr_summary_config *config,
					   const uint32_t *index, struct csvr_summary **summary,
					   struct csvr_error *error);

/* The bytes of a state that holds these summaries, which are finished, of inputs whose manifests are
 * known. Inputs of which nothing is known are left out. */
enum csvr_status csvr_state_encode(struct csvr_encoder *bytes, const struct csvr_settings *settings,
				   const struct csvr_inputs *inputs,
				   const struct csvr_summary *const *summaries, size_t n_summaries);

#endif
