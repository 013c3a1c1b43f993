/* completeness.c - whether the states of a run have all shards of their manifests */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <inttypes.h>

#include "base/error.h"
#include "input/manifest.h"
#include "run/load_states.h"

/* A saved state of the manifest, for messages. */
static const char *state_of(const struct csvr_manifest *manifest)
{
	return manifest->n_present > 0 && manifest->present[0].from != NULL
		       ? manifest->present[0].from
		       : "this run";
}

/* The error for two incomplete manifests: they may be one list of inputs that changed between the
 * runs. */
static enum csvr_status set_mixed_error(const struct csvr_manifest *a,
					const struct csvr_manifest *b, struct csvr_error *error)
{
	if (a->n_shards != b->n_shards)
		return csvr_error_set(error, CSVR_INCOMPATIBLE_STATES, 0,
				      "%s was made with --shard=I/%" PRIu32
				      ", but %s with --shard=I/%" PRIu32
				      "; recreate all with the same N",
				      state_of(a), a->n_shards, state_of(b), b->n_shards);
	if (a->chunk_bytes != b->chunk_bytes)
		return csvr_error_set(error, CSVR_INCOMPATIBLE_STATES, 0,
				      "%s was saved with --chunk=%" PRIu64
				      " and %s with --chunk=%" PRIu64
				      "; recreate all with the same --chunk",
				      state_of(a), a->chunk_bytes, state_of(b), b->chunk_bytes);
	const char *newest = b->newest_ns >= a->newest_ns ? b->newest : a->newest;
	if (a->n_inputs == b->n_inputs)
		return csvr_error_set(error, CSVR_INCOMPATIBLE_STATES, 0,
				      "the inputs changed between the runs of %s and %s (last "
				      "modified: %s); recreate all shards",
				      state_of(a), state_of(b), newest);
	return csvr_error_set(error, CSVR_INCOMPATIBLE_STATES, 0,
			      "the inputs changed between the runs: %s lists %" PRIu64
			      " inputs, %s %" PRIu64 " (last modified: %s); recreate all shards",
			      state_of(a), a->n_inputs, state_of(b), b->n_inputs, newest);
}

/* An input that may be the state of a missing shard, but could not be read; NULL: there is none. */
static const char *find_unreadable(const struct csvr_inputs *inputs)
{
	for (size_t i = 0; i < inputs->n_items; i++)
		if (inputs->items[i].kind == CSVR_INPUT_FAILED)
			return csvr_inputs_path(inputs, i);
	return NULL;
}

/* Fails if two incomplete manifests have an input in common: they are one list of inputs that
 * changed between the runs. */
static enum csvr_status check_overlap(const struct csvr_inputs *inputs, struct csvr_error *error)
{
	const struct csvr_manifests *manifests = inputs->manifests;
	for (size_t i = 1; manifests != NULL && i < inputs->n_items; i++) {
		const uint32_t a = manifests->origins[i - 1].manifest,
			       b = manifests->origins[i].manifest;
		if (a != b && csvr_manifest_n_missing(&manifests->items[a]) > 0 &&
		    csvr_manifest_n_missing(&manifests->items[b]) > 0 &&
		    csvr_inputs_compare(inputs, (uint32_t)(i - 1), (uint32_t)i) == 0)
			return set_mixed_error(&manifests->items[a], &manifests->items[b], error);
	}
	return CSVR_OK;
}

enum csvr_status csvr_states_check_complete(const struct csvr_inputs *inputs, bool is_partial,
					    struct csvr_error *error)
{
	const struct csvr_manifests *manifests = inputs->manifests;
	const struct csvr_manifest *missing = NULL;
	if (is_partial)
		return check_overlap(inputs, error);
	for (size_t i = 0; manifests != NULL && i < manifests->n_items; i++) {
		const struct csvr_manifest *manifest = &manifests->items[i];
		if (csvr_manifest_n_missing(manifest) == 0)
			continue;
		if (missing != NULL)
			return set_mixed_error(missing, manifest, error);
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
			      " %s missing%s%s%s; pass all shards, or use --partial to report "
			      "those that exist",
			      is_one ? "shard" : "shards", shards, missing->n_shards,
			      is_one ? "is" : "are",
			      unreadable != NULL ? " (cannot read: " : " from the set of ",
			      unreadable != NULL ? unreadable : state_of(missing),
			      unreadable != NULL ? ")" : "");
}
