/* manifest.h - the identity of a list of inputs, and the common order of inputs from several lists
 *
 * A saved state contains the manifest of the run that wrote it, and the shards of it that the state has.
 * So when states are merged, it is known whether they belong together and which shards are missing.
 *
 * Shape    a set: the same manifests and inputs get the same order, however they were added. Manifests
 *          that are sorted by path, such as that of a walk, are merged: all their inputs are sorted by
 *          path. The inputs of any other manifest keep their order and follow.
 * Errors   CSVR_NO_MEMORY
 * Threads  one
 */
#ifndef CSVR_INPUT_MANIFEST_H
#define CSVR_INPUT_MANIFEST_H

#include "base/memory.h"
#include "base/sha256.h"
#include "input/inputs.h"

/* A shard that is present, and the state that contains it. */
struct csvr_shard_source {
	uint32_t index; /* from 1 */
	const char *from; /* path of the state; NULL: this run */
};

struct csvr_manifest {
	/* SHA-256 of chunk_bytes and of all paths, sizes and times in order */
	unsigned char digest[CSVR_SHA256_BYTES];
	uint64_t n_inputs;
	uint64_t size_bytes;
	uint64_t chunk_bytes; /* size of the chunks that big files were split into */
	const char *first; /* path of the first input; "" if there is none */
	const char *newest; /* path of the input that was modified last */
	int64_t newest_ns;
	bool is_by_path;
	uint32_t n_shards; /* 1: not sharded */
	struct csvr_shard_source *present; /* sorted by index */
	size_t n_present, present_capacity;
};

/* The position of an input in its manifest. */
struct csvr_manifest_entry {
	uint32_t manifest;
	uint32_t number; /* from 0 */
};

/* Lists of strings that options of saved states are: null values, columns to select and to correlate, conditions, and
 * keys of groups. */
enum { CSVR_N_OWNED_LISTS = 5 };

struct csvr_manifests {
	struct csvr_manifest *items;
	size_t n_items, capacity;
	struct csvr_manifest_entry *origins; /* by index of the input */
	size_t n_origins, origins_capacity;
	struct csvr_arena strings;
	/* Option words from a saved state, which must live as long as the inputs. */
	const char **lists[CSVR_N_OWNED_LISTS];
	struct csvr_arena words;
};

/* NULL is fine. */
void csvr_manifests_free(struct csvr_manifests *manifests);

/* Allocates inputs->manifests, unless that was done before. The first manifest is that of this
 * run: it contains all inputs so far, which must have been probed, and this run has shard
 * `index` of `count`. */
enum csvr_status csvr_manifests_init(struct csvr_inputs *inputs, uint64_t chunk_bytes,
				     uint32_t index, uint32_t count);

/* Adds a manifest from a saved state, unless an equal one exists; `*number` is its number.
 * Shards are not copied, strings are. */
enum csvr_status csvr_manifests_add(struct csvr_inputs *inputs,
				    const struct csvr_manifest *manifest, uint32_t *number);

/* The number of the equal manifest; UINT32_MAX if there is none. */
uint32_t csvr_manifests_find(const struct csvr_manifests *manifests,
			     const struct csvr_manifest *manifest);

/* Adds shard `index` from state `from`. If the shard was added before, nothing changes, and
 * `*existing` is its source, the only one to be merged; else `*existing` is NULL. */
enum csvr_status csvr_manifest_add_shard(struct csvr_manifest *manifest, uint32_t index,
					 const char *from,
					 const struct csvr_shard_source **existing);

/* The number of missing shards, and their list for a message, such as "2, 5, 6"; the first few
 * if there are many. */
uint32_t csvr_manifest_n_missing(const struct csvr_manifest *manifest);
enum { CSVR_SHARDS_BYTES = 128 };
void csvr_manifest_missing(const struct csvr_manifest *manifest, char text[CSVR_SHARDS_BYTES]);

/* Records the origin of the input that was appended last. */
enum csvr_status csvr_manifests_append_origin(struct csvr_inputs *inputs, uint32_t manifest,
					      uint32_t number);

/* Removes all inputs and manifests; keeps the strings. */
enum csvr_status csvr_manifests_reset(struct csvr_inputs *inputs);

/* Takes ownership of option words. */
void csvr_manifests_own_strings(struct csvr_inputs *inputs, const char **lists[CSVR_N_OWNED_LISTS],
				struct csvr_arena *strings);

/* Sorts manifests and inputs, and removes the inputs of kind CSVR_INPUT_STATE, and the manifest
 * of this run if it has no inputs but there are others. `*new_index` (to be freed) is the new
 * index of each input, UINT32_MAX for removed ones. */
enum csvr_status csvr_manifests_sort(struct csvr_inputs *inputs, uint32_t **new_index);

#endif
