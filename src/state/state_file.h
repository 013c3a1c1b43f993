/* state_file.h - saved states: files with the results of a run, which another run continues or merges
 *
 * Shape    a state contains its options, then its inputs, then summaries of them; doc/state-format.md
 *          describes the bytes. The inputs of all states are sorted before any summary is decoded.
 * Errors   CSVR_IO_ERROR: the file cannot be read. CSVR_INVALID_FILE: it is not a saved state, or it is
 *          truncated, altered, or of another format version. CSVR_INVALID_OPTION: it was saved with
 *          other options. CSVR_NO_MEMORY. The bytes are not trusted.
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
	struct csvr_decoder options, inputs, summaries; /* at the start of each part */
	uint32_t base; /* index of its first input in the list; set by csvr_state_append_inputs */
	size_t n_inputs;
	size_t n_summaries, n_decoded;
	bool has_file_stats; /* it contains the statistics of each file */
	csvr_collection collection; /* aggregates that its columns have */
	bool groups_collect; /* groups have them too */
	bool has_refined; /* its columns have values that further passes have found */
	unsigned char digest[CSVR_SHA256_BYTES]; /* of the file */
	/* Of a pass: the digest of the state that it refines, and the encoded struct csvr_state_request. */
	unsigned char refines[CSVR_SHA256_BYTES];
	struct csvr_encoder request;
};

/* Whether the state was saved by a pass with --refine: it has only what a further pass over the inputs collects, and
 * is useless without the state that it refines. */
bool csvr_state_is_pass(const struct csvr_state_file *state);

/* Statistics that a pass refines. Clear it whatever is returned. Errors: CSVR_INVALID_FILE, CSVR_NO_MEMORY. */
struct csvr_state_request {
	struct csvr_statistic_options statistics;
	const char **words;
	struct csvr_arena strings;
};
enum csvr_status csvr_state_decode_request(struct csvr_decoder *decoder,
					   struct csvr_state_request *request);
void csvr_state_request_clear(struct csvr_state_request *request);

/* Reads the file, and checks all of it but the summaries. Clear `state` whatever is returned. */
enum csvr_status csvr_state_file_open(struct csvr_state_file *state, const char *path,
				      struct csvr_error *error);
void csvr_state_file_clear(struct csvr_state_file *state);

/* Whether the state was saved during a run, so that some of its shard may be missing. */
bool csvr_state_is_checkpoint(const struct csvr_state_file *state);

/* Frees the bytes of the file; csvr_state_decode_summary and csvr_state_hold read it again. CSVR_FILE_CHANGED: it
 * has changed since. */
void csvr_state_release(struct csvr_state_file *state);
enum csvr_status csvr_state_hold(struct csvr_state_file *state, struct csvr_error *error);

/* Checks that the state was saved with the options of `settings`; the error names one that differs. */
enum csvr_status csvr_state_check_options(struct csvr_state_file *state,
					  const struct csvr_settings *settings,
					  struct csvr_error *error);

/* Replaces the parse options of `settings` by those of the state; `inputs` owns their strings. */
enum csvr_status csvr_state_apply_options(struct csvr_state_file *state,
					  struct csvr_settings *settings,
					  struct csvr_inputs *inputs, struct csvr_error *error);

/* Appends the inputs and manifests of the state to `inputs`. CSVR_INCOMPATIBLE_STATES: one of its shards
 * is already present. */
enum csvr_status csvr_state_append_inputs(struct csvr_state_file *state, struct csvr_inputs *inputs,
					  struct csvr_error *error);

/* Finds the inputs of the state in `inputs`. `index` (n_inputs items) becomes the index of each, or
 * UINT32_MAX if no input has the same path, size and modification time. CSVR_INVALID_OPTION: the state
 * is of another shard, or no input has the path of one of its inputs. */
enum csvr_status csvr_state_match_inputs(struct csvr_state_file *state, struct csvr_inputs *inputs,
					 uint32_t *index, struct csvr_error *error);

/* The same for a state that is refined, or that refines another: two inputs are equal if they have the same place in
 * lists with the same digest, whatever the shards. `index` is UINT32_MAX for inputs of other lists. Leaves a state
 * released that was released before. */
enum csvr_status csvr_state_map_inputs(struct csvr_state_file *state,
				       const struct csvr_inputs *inputs, uint32_t *index,
				       struct csvr_error *error);

/* Compares the lists of inputs of a state that is refined with those of this run. `*is_complete`: this run has all
 * lists of the state. CSVR_INCOMPATIBLE_STATES: this run has a list that the state does not have, or the state lacks
 * shards. */
enum csvr_status csvr_state_check_refinable(const struct csvr_state_file *state,
					    const struct csvr_inputs *inputs, bool *is_complete,
					    struct csvr_error *error);

/* Decodes the next summary; `index` maps each input of the state to its index in the list, as
 * csvr_state_match_inputs does; NULL: to itself. Call it n_summaries times. CSVR_FILE_CHANGED: the file was released
 * and has changed since. */
enum csvr_status csvr_state_decode_summary(struct csvr_state_file *state,
					   const struct csvr_summary_config *config,
					   const uint32_t *index, struct csvr_summary **summary,
					   struct csvr_error *error);

/* Encodes a state of these summaries, which must be finished; `inputs` must have manifests. Inputs
 * that are in no summary are left out, except stale ones (struct csvr_input). */
enum csvr_status csvr_state_encode(struct csvr_encoder *bytes, const struct csvr_settings *settings,
				   const struct csvr_inputs *inputs,
				   const struct csvr_summary *const *summaries, size_t n_summaries);

#endif
