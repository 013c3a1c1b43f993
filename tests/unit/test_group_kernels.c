/* test_group_kernels.c - the functions of each instruction set that --group-by uses
 *
 * Expected results are computed one by one, with nothing that the kernels use.
 */
#include <string.h>

#include "batch_kernels.h"
#include "check_main.h"
#include "random.h"

/* ---- sums of groups ---- */

enum { MOST_GROUPS = 40 };

/* What a group should have. */
struct expected_sums {
	__int128 sum, squares;
	int64_t n, min, max;
};

static void add_expected(struct expected_sums *expected, int64_t value)
{
	expected->sum += value;
	expected->squares += (__int128)value * value;
	if (expected->n == 0 || value < expected->min)
		expected->min = value;
	if (expected->n == 0 || value > expected->max)
		expected->max = value;
	expected->n++;
}

static void assert_sums(const struct csvr_group_sums *found, const struct expected_sums *expected)
{
	ck_assert_int_eq(found->n, expected->n);
	ck_assert(found->sum == expected->sum);
	ck_assert(found->squares == expected->squares);
	ck_assert_int_eq(found->min, expected->n > 0 ? expected->min : INT64_MAX);
	ck_assert_int_eq(found->negated_max, expected->n > 0 ? -expected->max : INT64_MAX);
}

/* So many values below `limit` in magnitude that their squares may just fit into 64 bits. */
static void check_sums(const struct csvr_batch_kernels *kernels, int64_t limit, size_t n_values,
		       size_t n_groups)
{
	static struct csvr_group_sums groups[MOST_GROUPS];
	struct expected_sums expected[MOST_GROUPS] = { { 0, 0, 0, 0, 0 } };
	memset(groups, 0, sizeof groups);
	for (size_t i = 0; i < MOST_GROUPS; i++)
		groups[i].min = groups[i].negated_max = INT64_MAX;
	for (size_t done = 0, n; done < n_values; done += n) {
		int64_t values[CSVR_MAX_BATCH];
		uint32_t ids[CSVR_MAX_BATCH];
		const size_t left = n_values - done;
		n = 1 + below(left < CSVR_MAX_BATCH ? left : CSVR_MAX_BATCH);
		for (size_t i = 0; i < n; i++) {
			const int64_t magnitude = below(4) == 0 ? limit - 1
								: (int64_t)(next_random() %
									    (uint64_t)limit);
			values[i] = below(2) == 0 ? magnitude : -magnitude;
			ids[i] = below(n_groups);
			add_expected(&expected[ids[i]], values[i]);
		}
		kernels->add_to_groups(groups, ids, values, n);
	}
	for (size_t i = 0; i < MOST_GROUPS; i++)
		assert_sums(&groups[i], &expected[i]);
}

START_TEST(sums_of_groups_are_those_of_their_values)
{
	static const struct {
		int64_t limit;
		size_t n_values;
	} rounds[] = {
		{ INT64_C(1) << 31, 4 }, { INT64_C(1) << 26, 4096 }, { 1000, 2000 }, { 1, 9 }
	};
	random_state = 1;
	for (int i = 0; i < 4000; i++)
		check_sums(next_batch_kernels(), rounds[i % 4].limit, rounds[i % 4].n_values,
			   below(3) == 0 ? 1 : MOST_GROUPS);
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *sums = tcase_create("sums");
	tcase_add_test(sums, sums_of_groups_are_those_of_their_values);
	suite_add_tcase(suite, sums);
}

int main(void)
{
	return check_main("group_kernels", add_cases);
}
