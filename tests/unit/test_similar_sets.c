/* test_similar_sets.c - groups of sets that have many ids in common
 *
 * Expected groups are those of a search that compares all pairs of sets, id by id, and is repeated until nothing changes.
 */
#include <string.h>

#include "check_main.h"
#include "random.h"
#include "stats/similar_sets.h"

enum { MAX_SETS = 3000, MAX_IDS = 120, N_IDS_IN_ALL = 4096, N_ID_WORDS = N_IDS_IN_ALL / 64 };

/* The sets of one test. Each test process has its own. */
static uint32_t ids[MAX_SETS][MAX_IDS];
static struct csvr_id_set sets[MAX_SETS];
static size_t n_sets;
static uint32_t root[MAX_SETS];

static int compare_ids(const void *left, const void *right)
{
	const uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
	return (a > b) - (a < b);
}

/* Adds a set of ids in any order, of which some may be equal. */
static void add_set(const uint32_t *some, size_t n)
{
	uint32_t *sorted = ids[n_sets];
	struct csvr_id_set *set = &sets[n_sets++];
	*set = (struct csvr_id_set){ sorted, 0 };
	memcpy(sorted, some, n * sizeof *some);
	qsort(sorted, n, sizeof *sorted, compare_ids);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || sorted[i] != sorted[i - 1])
			sorted[set->n_ids++] = sorted[i];
}

static void find_groups(void)
{
	memset(root, 0xff, sizeof root);
	ck_assert_int_eq(csvr_similar_sets_find(sets, n_sets, N_IDS_IN_ALL, root), CSVR_OK);
}

/* ---- the expected groups ---- */

static uint64_t has_id[MAX_SETS][N_ID_WORDS];
static uint32_t expected[MAX_SETS];

static bool are_similar(size_t a, size_t b)
{
	size_t n_common = 0;
	for (size_t i = 0; i < sets[a].n_ids; i++)
		n_common += has_id[b][sets[a].ids[i] / 64] >> sets[a].ids[i] % 64 & 1;
	return 3 * n_common >= sets[a].n_ids + sets[b].n_ids;
}

static void expect_groups(void)
{
	memset(has_id, 0, sizeof has_id);
	for (size_t k = 0; k < n_sets; k++)
		for (size_t i = 0; i < sets[k].n_ids; i++)
			has_id[k][sets[k].ids[i] / 64] |= UINT64_C(1) << sets[k].ids[i] % 64;
	for (size_t k = 0; k < n_sets; k++)
		expected[k] = (uint32_t)k;
	for (size_t a = 0; a < n_sets; a++)
		for (size_t b = 0; b < a; b++) {
			const uint32_t x = expected[a], y = expected[b];
			if (x == y || !are_similar(a, b))
				continue;
			for (size_t k = 0; k <= a; k++)
				if (expected[k] == (x > y ? x : y))
					expected[k] = x < y ? x : y;
		}
}

static void check_groups(const char *kind, int round)
{
	expect_groups();
	find_groups();
	for (size_t k = 0; k < n_sets; k++)
		ck_assert_msg(root[k] == expected[k], "%s %d: set %zu has root %u, not %u", kind,
			      round, k, root[k], expected[k]);
}

/* ---- families of sets ---- */

/* Different numbers below n_all. */
static void draw(uint32_t *numbers, size_t n, size_t n_all)
{
	for (size_t i = 0; i < n;) {
		numbers[i] = below(n_all);
		size_t k = 0;
		while (numbers[k] != numbers[i])
			k++;
		i += k == i;
	}
}

static void add_random(size_t n, size_t max_size, size_t n_all)
{
	uint32_t some[MAX_IDS];
	for (size_t i = 0; i < n; i++) {
		const size_t size = below(max_size + 1);
		draw(some, size, n_all);
		add_set(some, size);
	}
}

/* Each set differs from the one before it in some ids; sometimes a new table starts. */
static void add_drifting(size_t n, size_t size, size_t n_changes, size_t n_all)
{
	uint32_t some[MAX_IDS];
	for (size_t i = 0; i < n; i++) {
		if (i == 0 || below(20) == 0)
			draw(some, size, n_all);
		else
			for (size_t k = 0; k < n_changes; k++)
				some[below(size)] = below(n_all);
		add_set(some, size);
	}
}

/* The sets lack some ids of a few tables. */
static void add_subsets(size_t n, size_t n_tables, size_t size, size_t n_all)
{
	const size_t n_before = n_sets;
	for (size_t i = 0; i < n; i++) {
		uint32_t some[MAX_IDS];
		if (i < n_tables) {
			draw(some, size, n_all);
			add_set(some, size);
			continue;
		}
		const struct csvr_id_set *table = &sets[n_before + below(n_tables)];
		const size_t n_of_all = 1 + below(size);
		size_t n_kept = 0;
		for (size_t k = 0; k < table->n_ids; k++)
			if (below(size) < n_of_all)
				some[n_kept++] = table->ids[k];
		add_set(some, n_kept);
	}
}

/* All sets have some ids, and others of their own. */
static void add_with_common(size_t n, size_t n_common, size_t n_own)
{
	uint32_t some[MAX_IDS];
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < n_common + n_own; k++)
			some[k] = (uint32_t)(k < n_common ? k : 60 + i * n_own + k - n_common);
		add_set(some, n_common + n_own);
	}
}

/* Ten sets each have some rare ids in common, and all sets have some of a few frequent ones. */
static void add_tens(size_t n, size_t n_rare, size_t n_frequent, size_t n_all_frequent)
{
	uint32_t some[MAX_IDS];
	for (size_t i = 0; i < n; i++) {
		draw(some, n_frequent, n_all_frequent);
		for (size_t k = 0; k < n_rare; k++)
			some[n_frequent + k] = (uint32_t)(n_all_frequent + i / 10 * n_rare + k);
		add_set(some, n_rare + n_frequent);
	}
}

/* Pairs that have just enough ids in common, or one too few. */
static void add_borderline(size_t n)
{
	uint32_t some[MAX_IDS];
	for (size_t i = 0; i < n; i += 2) {
		const size_t a = below(60), b = below(60), n_common = (a + b + 2) / 3;
		const size_t n_missing = below(2);
		if (n_common > a || n_common > b || n_common < n_missing)
			continue;
		draw(some, a + b - n_common + n_missing, N_IDS_IN_ALL);
		add_set(some, a);
		add_set(some + a - n_common + n_missing, b);
	}
}

static void add_family(size_t n)
{
	const size_t n_all = 4u << below(11);
	const size_t max_size = n_all < 60 ? n_all : 60;
	const size_t size = 1 + below(max_size);
	switch (below(6)) {
	case 0:
		add_random(n, max_size, n_all);
		break;
	case 1:
		add_drifting(n, size, 1 + below(size), n_all);
		break;
	case 2:
		add_subsets(n, 1 + below(n), size, n_all);
		break;
	case 3:
		add_with_common(n, below(40), 1 + below(20));
		break;
	case 4:
		add_borderline(n);
		break;
	default: /* of one size */
		for (size_t i = 0; i < n; i++) {
			uint32_t some[MAX_IDS];
			draw(some, size, n_all);
			add_set(some, size);
		}
	}
}

/* ---- tests ---- */

START_TEST(few_sets_have_the_groups_that_comparing_all_pairs_finds)
{
	random_state = (uint64_t)_i;
	for (int round = 0; round < 1000; round++) {
		n_sets = 0;
		for (unsigned i = 0; i <= below(3); i++)
			add_family(1 + below(20));
		check_groups("round", round);
	}
}
END_TEST

/* So many sets that bitmaps have several blocks, and some ids are not frequent. */
START_TEST(many_sets_have_the_groups_that_comparing_all_pairs_finds)
{
	enum { N = 1500 };
	random_state = 1000;
	static const struct {
		size_t size, n_all;
	} random[] = { { 12, 30 }, { 20, 60 }, { 20, 300 }, { 20, 2500 }, { 50, 115 }, { 4, 60 } };
	for (int i = 0; i < (int)(sizeof random / sizeof random[0]); i++) {
		n_sets = 0;
		for (size_t k = 0; k < N; k++) {
			uint32_t some[MAX_IDS];
			draw(some, random[i].size, random[i].n_all);
			add_set(some, random[i].size);
		}
		check_groups("random", i);
		n_sets = 0;
		add_random(N, random[i].size, random[i].n_all);
		check_groups("random sizes", i);
		n_sets = 0;
		add_drifting(N, random[i].size, 1 + random[i].size / 5, random[i].n_all);
		check_groups("drifting", i);
		n_sets = 0;
		add_subsets(N, 8, random[i].size, random[i].n_all);
		check_groups("subsets", i);
	}
	n_sets = 0;
	add_tens(N, 8, 22, 40);
	check_groups("tens", 0);
	n_sets = 0;
	add_with_common(200, 20, 20);
	add_borderline(1000);
	add_drifting(1000, 40, 3, N_IDS_IN_ALL);
	check_groups("mixed", 0);
}
END_TEST

START_TEST(sets_are_similar_from_half_of_all_their_ids_on)
{
	enum { MAX_SIZE = 40 };
	uint32_t some[MAX_IDS];
	for (size_t a = 0; a <= MAX_SIZE; a++)
		for (size_t b = 0; b <= MAX_SIZE; b++)
			for (size_t n_common = 0; n_common <= a && n_common <= b; n_common++) {
				for (size_t i = 0; i < MAX_IDS; i++)
					some[i] = (uint32_t)((i * 37 + a + b) % MAX_IDS);
				n_sets = 0;
				add_set(some, a);
				add_set(some + a - n_common, b);
				find_groups();
				const bool is_half = 2 * n_common >= a + b - n_common;
				ck_assert_uint_eq(root[0], 0);
				ck_assert_uint_eq(root[1], is_half ? 0 : 1);
			}
}
END_TEST

START_TEST(the_order_of_the_sets_does_not_change_the_groups)
{
	static struct csvr_id_set in_order[MAX_SETS];
	static uint32_t place[MAX_SETS], old_root[MAX_SETS], least[MAX_SETS];
	random_state = 2000;
	for (int round = 0; round < 500; round++) {
		n_sets = 0;
		add_family(1 + below(100));
		add_family(1 + below(100));
		find_groups();
		memcpy(in_order, sets, sizeof in_order);
		memcpy(old_root, root, sizeof old_root);
		draw(place, n_sets, n_sets);
		memset(least, 0xff, sizeof least);
		for (size_t k = 0; k < n_sets; k++) {
			uint32_t *first = &least[old_root[k]];
			sets[place[k]] = in_order[k];
			*first = place[k] < *first ? place[k] : *first;
		}
		find_groups();
		for (size_t k = 0; k < n_sets; k++)
			ck_assert_uint_eq(root[place[k]], least[old_root[k]]);
	}
}
END_TEST

START_TEST(the_values_of_the_ids_do_not_change_the_groups)
{
	static uint32_t value[N_IDS_IN_ALL], old_root[MAX_SETS];
	random_state = 3000;
	for (int round = 0; round < 50; round++) {
		n_sets = 0;
		add_family(1 + below(200));
		find_groups();
		memcpy(old_root, root, sizeof old_root);
		draw(value, N_IDS_IN_ALL, N_IDS_IN_ALL);
		const size_t n = n_sets;
		for (n_sets = 0; n_sets < n;) {
			uint32_t some[MAX_IDS];
			const size_t n_ids = sets[n_sets].n_ids;
			for (size_t i = 0; i < n_ids; i++)
				some[i] = value[sets[n_sets].ids[i]];
			add_set(some, n_ids);
		}
		find_groups();
		ck_assert_mem_eq(root, old_root, n * sizeof *root);
	}
}
END_TEST

START_TEST(sets_are_in_one_group_through_any_number_of_others)
{
	uint32_t some[3];
	n_sets = 0;
	for (uint32_t k = 0; k < MAX_SETS; k++) {
		for (uint32_t i = 0; i < 3; i++)
			some[i] = MAX_SETS - k + i;
		add_set(some, 3);
	}
	find_groups();
	for (size_t k = 0; k < n_sets; k++)
		ck_assert_uint_eq(root[k], 0);
}
END_TEST

START_TEST(empty_sets_are_a_group)
{
	const uint32_t some[] = { 7 };
	n_sets = 0;
	add_set(some, 1);
	for (size_t k = 1; k < MAX_SETS; k++)
		add_set(some, k % 3 == 0);
	find_groups();
	for (size_t k = 0; k < n_sets; k++)
		ck_assert_uint_eq(root[k], k % 3 != 0);
}
END_TEST

START_TEST(no_set_has_no_group_and_one_set_is_one)
{
	root[0] = 9;
	ck_assert_int_eq(csvr_similar_sets_find(NULL, 0, 0, root), CSVR_OK);
	ck_assert_uint_eq(root[0], 9);
	ck_assert_int_eq(csvr_similar_sets_find(&(struct csvr_id_set){ NULL, 0 }, 1, 0, root),
			 CSVR_OK);
	ck_assert_uint_eq(root[0], 0);
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *cases = tcase_create("similar_sets");
	tcase_add_loop_test(cases, few_sets_have_the_groups_that_comparing_all_pairs_finds, 0, 5);
	tcase_add_test(cases, many_sets_have_the_groups_that_comparing_all_pairs_finds);
	tcase_add_test(cases, sets_are_similar_from_half_of_all_their_ids_on);
	tcase_add_test(cases, the_order_of_the_sets_does_not_change_the_groups);
	tcase_add_test(cases, the_values_of_the_ids_do_not_change_the_groups);
	tcase_add_test(cases, sets_are_in_one_group_through_any_number_of_others);
	tcase_add_test(cases, empty_sets_are_a_group);
	tcase_add_test(cases, no_set_has_no_group_and_one_set_is_one);
	suite_add_tcase(suite, cases);
}

int main(void)
{
	return check_main("similar_sets", add_cases);
}
