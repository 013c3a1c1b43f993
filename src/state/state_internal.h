/* state_internal.h - the parts of a saved state that its files share
 *
 * Shape    state_file.c has the frame, state_options.c the options, state_inputs.c manifests and
 *          inputs, state_match.c finds these inputs in a list
 * Errors   those of state_file.h; a decoder that met invalid bytes remembers that
 * Threads  one
 */
#ifndef CSVR_STATE_STATE_INTERNAL_H
#define CSVR_STATE_STATE_INTERNAL_H

#include "base/error.h"
#include "base/memory.h"
#include "state/state_file.h"
#include "stats/statistics.h"

/* Sets the error for bytes that make no sense, and returns CSVR_INVALID_FILE. */
static inline enum csvr_status csvr_state_invalid(struct csvr_error *error)
{
	return csvr_error_set(error, CSVR_INVALID_FILE, 0,
			      "saved state has invalid contents; recreate it");
}

/* ---- options ---- */

/* The parse options of a state, and the memory of their strings. */
struct csvr_state_options {
	struct csvr_parse_options parse;
	csvr_collection collection; /* aggregates that the columns of the state have */
	bool has_refined; /* and values of further passes */
	const char *unknown; /* the first aggregate that this program does not have; NULL: none */
	const char **null_values, **select, **correlation, **where, **group_by;
	struct csvr_arena strings;
};

void csvr_state_encode_options(struct csvr_encoder *bytes, const struct csvr_parse_options *parse,
			       csvr_collection collection, bool has_refined);

/* Encodes the statistics that a pass refines, for csvr_state_decode_request. */
void csvr_state_encode_request(struct csvr_encoder *bytes,
			       const struct csvr_statistic_options *requested);

/* CSVR_INVALID_FILE: invalid. Errors: CSVR_NO_MEMORY. Clear `options` whatever is returned. */
enum csvr_status csvr_state_decode_options(struct csvr_decoder *decoder,
					   struct csvr_state_options *options);
void csvr_state_options_clear(struct csvr_state_options *options);

/* ---- manifests and inputs ---- */

/* An input of a state. */
struct csvr_state_entry {
	uint64_t manifest, number;
	uint64_t size_bytes;
	int64_t mtime_ns;
	bool is_stale, is_compressed;
	struct csvr_encoder path; /* followed by a NUL that is not counted */
};

enum { CSVR_STATE_ENTRY_BYTES = 8 }; /* the minimum size of an encoded entry */

/* Encodes the manifests, and the inputs that have a number; UINT32_MAX: none. */
void csvr_state_encode_inputs(struct csvr_encoder *bytes, const struct csvr_inputs *inputs,
			      size_t n_inputs, const uint32_t *number);

/* Decodes a manifest up to the shards that are present. `strings` owns its strings. False: no memory. */
bool csvr_state_decode_manifest(struct csvr_decoder *decoder, struct csvr_arena *strings,
				struct csvr_manifest *manifest);

/* Decodes the shards of a manifest, which must be ascending. Returns whether shard `wanted` is
 * among them. */
bool csvr_state_skip_shards(struct csvr_decoder *decoder, const struct csvr_manifest *manifest,
			    uint64_t wanted);

/* Decodes the next entry into `entry`, which must hold the previous entry, or zeros before the
 * first. False: no memory. */
bool csvr_state_decode_entry(struct csvr_decoder *decoder, struct csvr_state_entry *entry);
void csvr_state_entry_clear(struct csvr_state_entry *entry);

/* Checks all manifests and inputs; `*n_inputs` is the number of inputs. */
enum csvr_status csvr_state_skip_inputs(struct csvr_decoder *decoder, size_t *n_inputs);

#endif
