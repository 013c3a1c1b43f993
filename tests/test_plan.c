/* test_plan.c - inputs and sizes to units of work */
#include <string.h>

#include "check_main.h"
#include "run/plan.h"

static struct csvr_plan plan_of(struct csvr_input *items, size_t n_items, uint64_t chunk_bytes)
{
	struct csvr_inputs inputs = { .items = items, .n_items = n_items };
	struct csvr_plan plan;
	ck_assert_int_eq(csvr_plan_build(&plan, &inputs, chunk_bytes), CSVR_OK);
	ck_assert_int_eq(csvr_plan_order(&plan, &inputs), CSVR_OK);
	return plan;
}

/* Every byte of every input is in one unit, and only one. */
static void assert_covers(const struct csvr_plan *plan, const struct csvr_input *items,
			  size_t n_items)
{
	for (size_t i = 0; i < n_items; i++) {
		uint64_t next = 0;
		size_t n_whole = 0;
		for (size_t k = 0; k < plan->n_units; k++) {
			const struct csvr_unit *unit = &plan->units[k];
			if (i < unit->first_input || i >= unit->first_input + unit->n_inputs)
				continue;
			if (unit->n_pieces == 1) {
				n_whole++;
				ck_assert_uint_eq(unit->begin, 0);
				ck_assert(unit->end == UINT64_MAX);
				continue;
			}
			ck_assert_uint_eq(unit->n_inputs, 1);
			ck_assert_uint_eq(unit->begin, next); /* in order, without a gap */
			next = unit->end;
		}
		ck_assert(n_whole == 1 ? next == 0 : n_whole == 0 && next == UINT64_MAX);
		ck_assert(n_whole == 1 || items[i].kind == CSVR_REGULAR);
	}
}

START_TEST(every_input_is_read_once_whatever_the_sizes)
{
	static const uint64_t sizes[] = { 0, 1, 100, 1 << 20, 5000000, 8 << 20, 8388609, 100 << 20 };
	static const uint64_t chunks[] = { 0, 1 << 20, 1000003, 8 << 20 };
	struct csvr_input items[300];
	uint64_t random = 12345;
	for (size_t i = 0; i < 300; i++) {
		random = random * 6364136223846793005u + 1442695040888963407u;
		items[i] = (struct csvr_input){
			.size_bytes = sizes[(random >> 33) % (i < 150 ? 8 : 3)],
			.kind = (random >> 50) % 20 == 0 ? CSVR_FAILED : CSVR_REGULAR,
		};
		if ((random >> 55) % 20 == 0)
			items[i] = (struct csvr_input){ .kind = CSVR_STREAM };
		if (items[i].kind == CSVR_FAILED)
			items[i].size_bytes = 0;
	}
	for (size_t k = 0; k < 4; k++) {
		struct csvr_plan plan = plan_of(items, 300, chunks[k]);
		assert_covers(&plan, items, 300);
		csvr_plan_clear(&plan);
	}
}
END_TEST

START_TEST(the_largest_unit_comes_first_and_streams_before_all)
{
	struct csvr_input items[] = {
		{ .size_bytes = 10, .kind = CSVR_REGULAR },
		{ .size_bytes = 3 << 20, .kind = CSVR_REGULAR },
		{ .kind = CSVR_STREAM },
		{ .size_bytes = 7 << 20, .kind = CSVR_REGULAR },
	};
	struct csvr_plan plan = plan_of(items, 4, 0);
	ck_assert_uint_eq(plan.n_units, 4);
	ck_assert_uint_eq(plan.units[0].first_input, 2);
	ck_assert_uint_eq(plan.units[1].first_input, 3);
	ck_assert_uint_eq(plan.units[2].first_input, 1);
	ck_assert_uint_eq(plan.units[3].first_input, 0);
	csvr_plan_clear(&plan);
}
END_TEST

START_TEST(small_files_go_in_batches)
{
	struct csvr_input items[1000];
	for (size_t i = 0; i < 1000; i++)
		items[i] = (struct csvr_input){ .size_bytes = 4000,
						.kind = CSVR_REGULAR };
	struct csvr_plan plan = plan_of(items, 1000, 0);
	ck_assert_uint_eq(plan.n_units, (1000 + CSVR_BATCH_FILES - 1) / CSVR_BATCH_FILES);
	assert_covers(&plan, items, 1000);
	csvr_plan_clear(&plan);
}
END_TEST

START_TEST(no_input_makes_no_unit)
{
	struct csvr_plan plan = plan_of(NULL, 0, 0);
	ck_assert_uint_eq(plan.n_units, 0);
	csvr_plan_clear(&plan);
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *plan = tcase_create("plan");
	tcase_add_test(plan, every_input_is_read_once_whatever_the_sizes);
	tcase_add_test(plan, the_largest_unit_comes_first_and_streams_before_all);
	tcase_add_test(plan, small_files_go_in_batches);
	tcase_add_test(plan, no_input_makes_no_unit);
	suite_add_tcase(suite, plan);
}

int main(void)
{
	return check_main("plan", add_cases);
}
