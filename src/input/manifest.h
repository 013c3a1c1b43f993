/* manifest.h - lists that runs made of their inputs, and how inputs of several lists stand together
 *
 * A saved state says which list its inputs are from, and which shares of that list it holds. So when
 * states meet it is known whether they belong together, and what is missing.
 *
 * Shape    a set: the same lists and inputs stand in the same order, however they came together.
 *          Lists that are ordered by path, as that of a walk is, are one when they meet: all their
 *          inputs by path. Any other keeps its order, and follows them.
 * Errors   CSVR_NO_MEMORY
 * Threads  one
 */
#ifndef CSVR_INPUT_MANIFEST_H
#define CSVR_INPUT_MANIFEST_H

#include "base/memory.h"
#include "base/sha256.h"
#include "input/inputs.h"

/* A share that is there, and the state that brought it. */
struct csvr_shard_source {
	uint32_t index; /* from 1 */
	const char *from; /* NULL: this run itself */
};

struct csvr_manifest {
	/* of paths, sizes, times, in order, and of chunk_bytes */
	unsigned char digest[CSVR_SHA256_BYTES];
	uint64_t n_inputs;
	uint64_t size_bytes;
	uint64_t chunk_bytes; /* how big files were cut */
	const char *first; /* path of the first input, "" if there is none */
	const char *newest; /* path of the input modified last */
	int64_t newest_ns;
	bool is_by_path;
	uint32_t n_shards; /* 1: it was not cut into shares */
	struct csvr_shard_source *present; /* by index */
	size_t n_present, present_capacity;
};

/* Where an input stands. */
struct csvr_manifest_entry {
	uint32_t manifest;
	uint32_t number; /* in its list */
};

struct csvr_manifests {
	struct csvr_manifest *items;
	size_t n_items, capacity;
	struct csvr_manifest_entry *origins; /* of each input */
	size_t n_origins, origins_capacity;
	struct csvr_arena strings;
	/* Words of options that came with a state, kept as long as the inputs are. */
	const char **null_values, **select;
	struct csvr_arena words;
};

/* NULL is fine. */
void csvr_manifests_free(struct csvr_manifests *manifests);

/* Makes inputs->manifests, with the list of this run as its first: all inputs that are there, of which
 * this run has share `index` of `count`. They must have been probed. Nothing is done where they have
 * been made before. */
enum csvr_status csvr_manifests_init(struct csvr_inputs *inputs, uint64_t chunk_bytes,
				     uint32_t index, uint32_t count);

/* Notes a list that a state names, unless it is known; `*number` is its number. Shares are not taken
 * over. Strings are copied. */
enum csvr_status csvr_manifests_add(struct csvr_inputs *inputs,
				    const struct csvr_manifest *manifest, uint32_t *number);

/* The number of that list, UINT32_MAX if it is not there. */
uint32_t csvr_manifests_find(const struct csvr_manifests *manifests,
			     const struct csvr_manifest *manifest);

/* Notes that share `index` is there. `*twice` is what had brought it before, if it had been there:
 * a share is counted once; else NULL. */
enum csvr_status csvr_manifest_add_shard(struct csvr_manifest *manifest, uint32_t index,
					 const char *from, const struct csvr_shard_source **twice);

/* How many shares are missing, and which, as text: "2, 5, 6"; the first few if they are many. */
uint32_t csvr_manifest_n_missing(const struct csvr_manifest *manifest);
enum { CSVR_SHARDS_BYTES = 128 };
void csvr_manifest_missing(const struct csvr_manifest *manifest, char text[CSVR_SHARDS_BYTES]);

/* Notes where the input that was appended last stands. */
enum csvr_status csvr_manifests_append_origin(struct csvr_inputs *inputs, uint32_t manifest,
					      uint32_t number);

/* Takes over the words of options. */
void csvr_manifests_own_strings(struct csvr_inputs *inputs, const char **null_values,
				const char **select, struct csvr_arena *strings);

/* Puts lists and inputs in order, and leaves out the inputs that stand for states and the list of this
 * run if it has no others; `*new_index` (to be freed) gives for each input that was there its new
 * index, UINT32_MAX for those that are gone. */
enum csvr_status csvr_manifests_sort(struct csvr_inputs *inputs, uint32_t **new_index);

#endif
