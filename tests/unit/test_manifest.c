/* test_manifest.c - manifests and their inputs get the same order, however they are added */
#include <stdio.h>
#include <string.h>

#include "check_main.h"
#include "input/manifest.h"

/* ---- manifests of states ---- */

struct test_list {
	const char *paths[4];
	size_t n_paths;
	bool is_by_path;
};

static const struct test_list test_lists[] = {
	{ { "b", "d" }, 2, true },
	{ { "a", "c", "d" }, 3, true },
	{ { "z", "y" }, 2, false },
	{ { "k", "a" }, 2, false },
};
enum { N_TEST_LISTS = sizeof test_lists / sizeof test_lists[0] };

static struct csvr_inputs *new_inputs(void)
{
	struct csvr_inputs *inputs;
	ck_assert_int_eq(csvr_inputs_new(&inputs), CSVR_OK);
	ck_assert_int_eq(csvr_manifests_init(inputs, 1000, 1, 1), CSVR_OK);
	return inputs;
}

/* As when a state with one shard of the manifest is loaded. */
static void add_manifest(struct csvr_inputs *inputs, uint32_t which, uint32_t n_shards,
			 uint32_t index)
{
	const struct test_list *test_list = &test_lists[which];
	struct csvr_manifest manifest = { .n_inputs = test_list->n_paths,
					  .first = test_list->paths[0],
					  .newest = test_list->paths[0],
					  .is_by_path = test_list->is_by_path,
					  .n_shards = n_shards };
	uint32_t number;
	const struct csvr_shard_source *existing;
	manifest.digest[0] = (unsigned char)which;
	ck_assert_int_eq(csvr_manifests_add(inputs, &manifest, &number), CSVR_OK);
	ck_assert_int_eq(csvr_manifest_add_shard(&inputs->manifests->items[number], index, "x",
						 &existing),
			 CSVR_OK);
	ck_assert_ptr_null(existing);
	for (uint32_t i = 0; i < test_list->n_paths; i++) {
		const struct csvr_input preloaded = { .kind = CSVR_INPUT_REGULAR,
						      .size_bytes = i,
						      .is_preloaded = true };
		ck_assert_int_eq(csvr_inputs_add_copy(inputs, test_list->paths[i],
						      strlen(test_list->paths[i]), &preloaded),
				 CSVR_OK);
		ck_assert_int_eq(csvr_manifests_append_origin(inputs, number, i), CSVR_OK);
	}
}

static void sort_and_describe(struct csvr_inputs *inputs, char *text)
{
	uint32_t *new_index;
	text[0] = '\0';
	const size_t n_before = inputs->n_items;
	char(*before)[8] = calloc(n_before + 1, sizeof *before);
	for (size_t i = 0; i < n_before; i++)
		snprintf(before[i], sizeof *before, "%s", csvr_inputs_path(inputs, i));
	ck_assert_int_eq(csvr_manifests_sort(inputs, &new_index), CSVR_OK);
	for (size_t i = 0; i < n_before; i++) {
		ck_assert_uint_lt(new_index[i], inputs->n_items);
		ck_assert_str_eq(csvr_inputs_path(inputs, new_index[i]), before[i]);
	}
	for (size_t i = 0; i < inputs->n_items; i++)
		strcat(text, csvr_inputs_path(inputs, i));
	for (size_t i = 0; i < inputs->manifests->n_items; i++)
		sprintf(text + strlen(text), " %s%u", inputs->manifests->items[i].first,
			(unsigned)inputs->manifests->items[i].n_present);
	free(new_index);
	free(before);
}

START_TEST(manifests_by_path_are_merged_and_others_follow_in_any_order_of_adding)
{
	for (unsigned code = 0; code < 256; code++) {
		unsigned order[4] = { code & 3, code >> 2 & 3, code >> 4 & 3, code >> 6 };
		unsigned seen = 0;
		for (size_t i = 0; i < 4; i++)
			seen |= 1u << order[i];
		if (seen != 15)
			continue;
		struct csvr_inputs *inputs = new_inputs();
		char text[200];
		for (size_t i = 0; i < 4; i++)
			add_manifest(inputs, order[i], 1, 1);
		sort_and_describe(inputs, text);
		ck_assert_str_eq(text, "abcddkazy a1 b1 k1 z1");
		csvr_inputs_free(inputs);
	}
}
END_TEST

START_TEST(an_input_that_several_shards_contain_is_listed_once)
{
	struct csvr_inputs *inputs = new_inputs();
	char text[200];
	add_manifest(inputs, 2, 3, 3);
	add_manifest(inputs, 2, 3, 1);
	add_manifest(inputs, 2, 3, 2);
	sort_and_describe(inputs, text);
	ck_assert_str_eq(text, "zy z3");
	const struct csvr_manifest *manifest = &inputs->manifests->items[0];
	for (uint32_t i = 0; i < 3; i++)
		ck_assert_uint_eq(manifest->present[i].index, i + 1);
	csvr_inputs_free(inputs);
}
END_TEST

START_TEST(a_shard_that_is_present_is_returned_with_its_state)
{
	struct csvr_inputs *inputs = new_inputs();
	const struct csvr_shard_source *existing;
	add_manifest(inputs, 0, 4, 2);
	add_manifest(inputs, 0, 4, 4);
	struct csvr_manifest *manifest = &inputs->manifests->items[1];
	ck_assert_int_eq(csvr_manifest_add_shard(manifest, 4, "y", &existing), CSVR_OK);
	ck_assert_ptr_nonnull(existing);
	ck_assert_str_eq(existing->from, "x");
	ck_assert_uint_eq(manifest->n_present, 2);
	csvr_inputs_free(inputs);
}
END_TEST

START_TEST(another_number_of_shards_is_another_manifest)
{
	struct csvr_inputs *inputs = new_inputs();
	add_manifest(inputs, 0, 4, 2);
	add_manifest(inputs, 0, 3, 2);
	ck_assert_uint_eq(inputs->manifests->n_items, 3); /* including that of this run */
	csvr_inputs_free(inputs);
}
END_TEST

/* ---- the manifest of a run ---- */

/* The digest of a run over inputs with these paths, sizes and times. */
static void digest_of_run(const char *const *paths, size_t n_paths, uint64_t size, int64_t time,
			  uint64_t chunk_bytes, bool is_by_path, unsigned char *digest)
{
	struct csvr_inputs *inputs;
	ck_assert_int_eq(csvr_inputs_new(&inputs), CSVR_OK);
	for (size_t i = 0; i < n_paths; i++) {
		const struct csvr_input input = { .kind = CSVR_INPUT_REGULAR,
						  .size_bytes = size,
						  .mtime_ns = time };
		ck_assert_int_eq(csvr_inputs_add_copy(inputs, paths[i], strlen(paths[i]), &input),
				 CSVR_OK);
	}
	ck_assert_int_eq(csvr_manifests_init(inputs, chunk_bytes, 2, 3), CSVR_OK);
	const struct csvr_manifest *manifest = &inputs->manifests->items[0];
	memcpy(digest, manifest->digest, CSVR_SHA256_BYTES);
	ck_assert_uint_eq(manifest->n_inputs, n_paths);
	ck_assert_uint_eq(manifest->size_bytes, n_paths * size);
	ck_assert_uint_eq(manifest->n_shards, 3);
	ck_assert_uint_eq(manifest->present[0].index, 2);
	ck_assert(manifest->is_by_path == is_by_path);
	csvr_inputs_free(inputs);
}

START_TEST(the_digest_depends_on_paths_sizes_times_order_and_chunks)
{
	static const char *const paths[] = { "d/a", "d/b" }, *const backward[] = { "d/b", "d/a" };
	static const char *const joined[] = { "d/ad", "/b" };
	unsigned char digest[8][CSVR_SHA256_BYTES];
	digest_of_run(paths, 2, 10, 5, 100, true, digest[0]);
	digest_of_run(backward, 2, 10, 5, 100, false, digest[1]);
	digest_of_run(paths, 2, 11, 5, 100, true, digest[2]);
	digest_of_run(paths, 2, 10, 6, 100, true, digest[3]);
	digest_of_run(paths, 2, 10, 5, 101, true, digest[4]);
	digest_of_run(paths, 1, 10, 5, 100, true, digest[5]);
	digest_of_run(joined, 2, 10, 5, 100, false, digest[6]);
	digest_of_run(paths, 2, 10, 5, 100, true, digest[7]);
	ck_assert_mem_eq(digest[0], digest[7], CSVR_SHA256_BYTES);
	for (size_t i = 0; i < 7; i++)
		for (size_t j = 0; j < i; j++)
			ck_assert_mem_ne(digest[i], digest[j], CSVR_SHA256_BYTES);
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *manifest = tcase_create("manifest");
	tcase_add_test(manifest,
		       manifests_by_path_are_merged_and_others_follow_in_any_order_of_adding);
	tcase_add_test(manifest, an_input_that_several_shards_contain_is_listed_once);
	tcase_add_test(manifest, a_shard_that_is_present_is_returned_with_its_state);
	tcase_add_test(manifest, another_number_of_shards_is_another_manifest);
	tcase_add_test(manifest, the_digest_depends_on_paths_sizes_times_order_and_chunks);
	suite_add_tcase(suite, manifest);
}

int main(void)
{
	return check_main("manifest", add_cases);
}
