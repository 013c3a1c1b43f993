/* manifest.c - the identity of a list of inputs, and the common order of inputs from several
 * lists */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "input/manifest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/serialize.h"
#include "input/inputs_internal.h"

void csvr_manifests_free(struct csvr_manifests *manifests)
{
	if (manifests == NULL)
		return;
	for (size_t i = 0; i < manifests->n_items; i++)
		free(manifests->items[i].present);
	free(manifests->items);
	free(manifests->origins);
	for (int i = 0; i < CSVR_N_OWNED_LISTS; i++)
		free(manifests->lists[i]);
	csvr_arena_clear(&manifests->words);
	csvr_arena_clear(&manifests->strings);
	free(manifests);
}

/* ---- the manifest of this run ---- */

static bool is_own(const struct csvr_input *input)
{
	return input->kind != CSVR_INPUT_STATE && !input->is_preloaded;
}

/* A stream cannot be read twice, so two runs that read one never have the same inputs, although
 * its name, size and time are equal; the time of the reading makes the manifests differ. But
 * shards must have equal manifests, whenever each was run. */
static int64_t identity_time_ns(const struct csvr_input *input,
				const struct csvr_manifest *manifest)
{
	if (input->kind != CSVR_INPUT_STREAM || manifest->n_shards > 1)
		return csvr_input_mtime_ns(input);
	return csvr_clock_realtime_ns();
}

static enum csvr_status compute_manifest(const struct csvr_inputs *inputs,
					 struct csvr_manifest *manifest)
{
	struct csvr_sha256 sha256;
	struct csvr_encoder encoder;
	csvr_encoder_init(&encoder);
	csvr_sha256_init(&sha256);
	csvr_encoder_put_varint(&encoder, manifest->chunk_bytes);
	manifest->is_by_path = true;
	size_t first = SIZE_MAX, newest = SIZE_MAX, before = SIZE_MAX;
	for (size_t i = 0; i < inputs->n_items && !encoder.is_out_of_memory; i++) {
		const struct csvr_input *input = &inputs->items[i];
		if (!is_own(input))
			continue;
		csvr_inputs_encode_path(&encoder, inputs, input);
		csvr_encoder_put_varint(&encoder, input->size_bytes);
		csvr_encoder_put_zigzag(&encoder, identity_time_ns(input, manifest));
		csvr_sha256_add(&sha256, encoder.bytes, encoder.n_bytes);
		encoder.n_bytes = 0;
		if (first == SIZE_MAX)
			first = newest = i;
		if (csvr_input_mtime_ns(input) > csvr_input_mtime_ns(&inputs->items[newest]))
			newest = i;
		manifest->is_by_path &= before == SIZE_MAX ||
					csvr_inputs_compare(inputs, (uint32_t)before,
							    (uint32_t)i) <= 0;
		manifest->n_inputs++;
		manifest->size_bytes += input->size_bytes;
		before = i;
	}
	manifest->first = first != SIZE_MAX ? csvr_inputs_path(inputs, first) : "";
	manifest->newest = newest != SIZE_MAX ? csvr_inputs_path(inputs, newest) : "";
	manifest->newest_ns = newest != SIZE_MAX ? csvr_input_mtime_ns(&inputs->items[newest]) : 0;
	const bool is_out_of_memory = encoder.is_out_of_memory || csvr_inputs_path_failed(inputs);
	csvr_encoder_clear(&encoder);
	csvr_sha256_finish(&sha256, manifest->digest);
	return is_out_of_memory ? CSVR_NO_MEMORY : CSVR_OK;
}

enum csvr_status csvr_manifests_init(struct csvr_inputs *inputs, uint64_t chunk_bytes,
				     uint32_t index, uint32_t count)
{
	if (inputs->manifests != NULL)
		return CSVR_OK;
	inputs->manifests = calloc(1, sizeof *inputs->manifests);
	if (inputs->manifests == NULL)
		return CSVR_NO_MEMORY;
	struct csvr_manifests *manifests = inputs->manifests;
	csvr_arena_init(&manifests->strings);
	csvr_arena_init(&manifests->words);
	struct csvr_manifest own = { .chunk_bytes = chunk_bytes, .n_shards = count };
	enum csvr_status status = compute_manifest(inputs, &own);
	uint32_t number;
	if (status == CSVR_OK)
		status = csvr_manifests_add(inputs, &own, &number);
	const struct csvr_shard_source *existing;
	if (status == CSVR_OK)
		status = csvr_manifest_add_shard(&manifests->items[number], index, NULL, &existing);
	uint32_t n_own = 0;
	for (size_t i = 0; i < inputs->n_items && status == CSVR_OK; i++)
		status = csvr_manifests_append_origin(inputs, 0,
						      is_own(&inputs->items[i]) ? n_own++ : 0);
	return status;
}

/* ---- manifests of states ---- */

static int compare_numbers(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

/* The order of the first pair that differs. */
static int compare_pairs(const uint64_t (*pair)[2], size_t n_pairs)
{
	int order = 0;
	for (size_t i = 0; i < n_pairs && order == 0; i++)
		order = compare_numbers(pair[i][0], pair[i][1]);
	return order;
}

/* Compares all members. The digest alone decides unless a state is forged; even then the order
 * does not depend on which manifest was added first. */
static int compare_manifests(const struct csvr_manifest *a, const struct csvr_manifest *b)
{
	if (a == b)
		return 0;
	const uint64_t numbers[][2] = { { a->n_shards, b->n_shards },
					{ a->n_inputs, b->n_inputs },
					{ a->size_bytes, b->size_bytes },
					{ a->chunk_bytes, b->chunk_bytes },
					{ (uint64_t)a->newest_ns, (uint64_t)b->newest_ns },
					{ a->is_by_path, b->is_by_path } };
	int order = strcmp(a->first, b->first);
	if (order == 0)
		order = memcmp(a->digest, b->digest, sizeof a->digest);
	if (order == 0)
		order = compare_pairs(numbers, sizeof numbers / sizeof numbers[0]);
	return order != 0 ? order : strcmp(a->newest, b->newest);
}

uint32_t csvr_manifests_find(const struct csvr_manifests *manifests,
			     const struct csvr_manifest *manifest)
{
	for (size_t i = 0; i < manifests->n_items; i++)
		if (compare_manifests(&manifests->items[i], manifest) == 0)
			return (uint32_t)i;
	return UINT32_MAX;
}

enum csvr_status csvr_manifests_add(struct csvr_inputs *inputs,
				    const struct csvr_manifest *manifest, uint32_t *number)
{
	struct csvr_manifests *manifests = inputs->manifests;
	*number = csvr_manifests_find(manifests, manifest);
	if (*number != UINT32_MAX)
		return CSVR_OK;
	struct csvr_manifest *items = csvr_array_grow(manifests->items, &manifests->capacity,
						      manifests->n_items + 1, sizeof *items);
	if (items == NULL)
		return CSVR_NO_MEMORY;
	manifests->items = items;
	struct csvr_manifest copy = *manifest;
	copy.first = csvr_arena_copy(&manifests->strings, manifest->first, strlen(manifest->first));
	copy.newest = csvr_arena_copy(&manifests->strings, manifest->newest,
				      strlen(manifest->newest));
	copy.present = NULL;
	copy.n_present = copy.present_capacity = 0;
	if (copy.first == NULL || copy.newest == NULL)
		return CSVR_NO_MEMORY;
	*number = (uint32_t)manifests->n_items;
	items[manifests->n_items++] = copy;
	return CSVR_OK;
}

enum csvr_status csvr_manifest_add_shard(struct csvr_manifest *manifest, uint32_t index,
					 const char *from,
					 const struct csvr_shard_source **existing)
{
	*existing = NULL;
	size_t i = manifest->n_present;
	while (i > 0 && manifest->present[i - 1].index >= index)
		i--;
	if (i < manifest->n_present && manifest->present[i].index == index) {
		*existing = &manifest->present[i];
		return CSVR_OK;
	}
	struct csvr_shard_source *present = csvr_array_grow(manifest->present,
							    &manifest->present_capacity,
							    manifest->n_present + 1,
							    sizeof *present);
	if (present == NULL)
		return CSVR_NO_MEMORY;
	manifest->present = present;
	memmove(present + i + 1, present + i, (manifest->n_present++ - i) * sizeof *present);
	present[i] = (struct csvr_shard_source){ index, from };
	return CSVR_OK;
}

uint32_t csvr_manifest_n_missing(const struct csvr_manifest *manifest)
{
	return manifest->n_shards - (uint32_t)manifest->n_present;
}

void csvr_manifest_missing(const struct csvr_manifest *manifest, char text[CSVR_SHARDS_BYTES])
{
	enum { MAX_LISTED = 8 }; /* enough to find out which runs are missing */
	size_t n = 0, f = 0, n_named = 0;
	text[0] = '\0';
	for (uint32_t index = 1; index <= manifest->n_shards; index++) {
		if (f < manifest->n_present && manifest->present[f].index == index) {
			f++;
			continue;
		}
		if (n_named++ == MAX_LISTED) {
			snprintf(text + n, CSVR_SHARDS_BYTES - n, ", ...");
			return;
		}
		n += (size_t)snprintf(text + n, CSVR_SHARDS_BYTES - n, "%s%" PRIu32,
				      n_named > 1 ? ", " : "", index);
	}
}

enum csvr_status csvr_manifests_append_origin(struct csvr_inputs *inputs, uint32_t manifest,
					      uint32_t number)
{
	struct csvr_manifests *manifests = inputs->manifests;
	struct csvr_manifest_entry *origins = csvr_array_grow(manifests->origins,
							      &manifests->origins_capacity,
							      manifests->n_origins + 1,
							      sizeof *origins);
	if (origins == NULL)
		return CSVR_NO_MEMORY;
	manifests->origins = origins;
	origins[manifests->n_origins++] = (struct csvr_manifest_entry){ manifest, number };
	return CSVR_OK;
}

enum csvr_status csvr_manifests_reset(struct csvr_inputs *inputs)
{
	struct csvr_manifests *manifests = inputs->manifests;
	for (size_t i = 0; i < manifests->n_items; i++)
		free(manifests->items[i].present);
	manifests->n_items = manifests->n_origins = 0;
	inputs->n_states = 0;
	if (csvr_inputs_permute(inputs, NULL, 0) != CSVR_OK)
		return CSVR_NO_MEMORY;
	/* The first manifest is that of this run. */
	const struct csvr_manifest none = { .first = "", .newest = "", .n_shards = 1 };
	uint32_t number;
	return csvr_manifests_add(inputs, &none, &number);
}

void csvr_manifests_own_strings(struct csvr_inputs *inputs, const char **lists[CSVR_N_OWNED_LISTS],
				struct csvr_arena *strings)
{
	struct csvr_manifests *manifests = inputs->manifests;
	csvr_arena_clear(&manifests->words);
	for (int i = 0; i < CSVR_N_OWNED_LISTS; i++) {
		free(manifests->lists[i]);
		manifests->lists[i] = lists[i];
	}
	manifests->words = *strings;
	csvr_arena_init(strings);
}

/* ---- common order ---- */

/* The sort key of an input; `index` is its old index. */
struct sort_item {
	const struct csvr_manifest *manifest;
	const struct csvr_inputs *inputs;
	uint32_t number, index;
	bool is_dropped;
};

/* Compares two inputs by what manifests contain of them. Two with the same number differ only if
 * a state is forged. */
static int compare_inputs(const struct sort_item *a, const struct sort_item *b)
{
	const struct csvr_input *left = &a->inputs->items[a->index];
	const struct csvr_input *right = &b->inputs->items[b->index];
	const uint64_t numbers[][2] = { { left->size_bytes, right->size_bytes },
					{ (uint64_t)left->mtime_ns, (uint64_t)right->mtime_ns },
					{ left->is_compressed, right->is_compressed } };
	const int order = csvr_inputs_compare(a->inputs, a->index, b->index);
	return order != 0 ? order : compare_pairs(numbers, sizeof numbers / sizeof numbers[0]);
}

static int compare(const void *left, const void *right)
{
	const struct sort_item *a = left, *b = right;
	if (a->is_dropped || b->is_dropped)
		return a->is_dropped - b->is_dropped;
	if (a->manifest->is_by_path != b->manifest->is_by_path)
		return a->manifest->is_by_path ? -1 : 1;
	int order = a->manifest->is_by_path ? csvr_inputs_compare(a->inputs, a->index, b->index)
					    : 0;
	if (order == 0)
		order = compare_manifests(a->manifest, b->manifest);
	if (order == 0)
		order = compare_numbers(a->number, b->number);
	if (order == 0)
		order = compare_inputs(a, b);
	return order != 0 ? order : compare_numbers(a->index, b->index);
}

static bool is_one_input(const struct sort_item *a, const struct sort_item *b)
{
	return !a->is_dropped && !b->is_dropped && a->inputs->items[a->index].is_preloaded &&
	       b->inputs->items[b->index].is_preloaded && a->manifest == b->manifest &&
	       a->number == b->number && compare_inputs(a, b) == 0;
}

struct numbered {
	struct csvr_manifest manifest;
	uint32_t old;
};

static int compare_numbered(const void *left, const void *right)
{
	const struct numbered *a = left, *b = right;
	return compare_manifests(&a->manifest, &b->manifest);
}

/* Sorts the manifests, whichever was added first. */
static enum csvr_status sort_manifests(struct csvr_manifests *manifests)
{
	const size_t n = manifests->n_items;
	struct numbered *numbered = malloc(n * sizeof *numbered);
	uint32_t *new_number = malloc(n * sizeof *new_number);
	if (numbered == NULL || new_number == NULL) {
		free(numbered);
		free(new_number);
		return CSVR_NO_MEMORY;
	}
	for (size_t i = 0; i < n; i++)
		numbered[i] = (struct numbered){ manifests->items[i], (uint32_t)i };
	qsort(numbered, n, sizeof *numbered, compare_numbered);
	size_t n_kept = 0;
	for (size_t i = 0; i < n; i++) {
		const bool is_kept = n == 1 || numbered[i].old > 0 ||
				     numbered[i].manifest.n_inputs > 0;
		new_number[numbered[i].old] = is_kept ? (uint32_t)n_kept : 0;
		if (is_kept)
			manifests->items[n_kept++] = numbered[i].manifest;
		else
			free(numbered[i].manifest.present);
	}
	manifests->n_items = n_kept;
	for (size_t i = 0; i < manifests->n_origins; i++)
		manifests->origins[i].manifest = new_number[manifests->origins[i].manifest];
	free(numbered);
	free(new_number);
	return CSVR_OK;
}

enum csvr_status csvr_manifests_sort(struct csvr_inputs *inputs, uint32_t **new_index)
{
	struct csvr_manifests *manifests = inputs->manifests;
	const size_t n = inputs->n_items;
	*new_index = NULL;
	if (sort_manifests(manifests) != CSVR_OK)
		return CSVR_NO_MEMORY;
	struct sort_item *sort_items = malloc((n + 1) * sizeof *sort_items);
	struct csvr_manifest_entry *origins = malloc((n + 1) * sizeof *origins);
	uint32_t *old_index = malloc((n + 1) * sizeof *old_index);
	*new_index = malloc((n + 1) * sizeof **new_index);
	enum csvr_status status = CSVR_NO_MEMORY;
	if (sort_items == NULL || origins == NULL || old_index == NULL || *new_index == NULL)
		goto out;
	for (size_t i = 0; i < n; i++) {
		const struct csvr_manifest_entry *origin = &manifests->origins[i];
		sort_items[i] = (struct sort_item){ &manifests->items[origin->manifest], inputs,
						    origin->number, (uint32_t)i,
						    inputs->items[i].kind == CSVR_INPUT_STATE };
	}
	if (n > 1)
		qsort(sort_items, n, sizeof *sort_items, compare);
	size_t n_kept = 0;
	for (size_t i = 0; i < n; i++) {
		const uint32_t old = sort_items[i].index;
		/* Shards that each have a chunk of a file all contain its entry. */
		const bool is_same = i > 0 && is_one_input(&sort_items[i - 1], &sort_items[i]);
		(*new_index)[old] = sort_items[i].is_dropped ? UINT32_MAX
				    : is_same                ? (uint32_t)(n_kept - 1)
							     : (uint32_t)n_kept;
		if (is_same) /* the change may have been noticed by one shard only */
			inputs->items[old_index[n_kept - 1]].is_stale |=
				inputs->items[old].is_stale;
		if (sort_items[i].is_dropped || is_same)
			continue;
		old_index[n_kept] = old;
		origins[n_kept++] = manifests->origins[old];
	}
	status = csvr_inputs_permute(inputs, old_index, n_kept);
	if (status != CSVR_OK)
		goto out;
	memcpy(manifests->origins, origins, n_kept * sizeof *origins);
	manifests->n_origins = n_kept;
	inputs->n_states = 0;
out:
	free(sort_items);
	free(origins);
	free(old_index);
	return status;
}
