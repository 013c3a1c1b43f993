/* test_condition.c - conditions of --where: what they compare, and the values of a kernel that satisfy them
 *
 * Numbers are compared with integers of 128 bits: the value of a decimal at a scale that has all of its digits.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "check_main.h"
#include "parse/condition.h"
#include "random.h"

enum { ROOM = 128, MOST_DECIMALS = 18 };

static const char *const signs[] = { "=", "!=", "<", "<=", ">", ">=" };
enum { N_SIGNS = sizeof signs / sizeof signs[0] };

static struct csvr_cell_rules rules; /* the usual ones */

static void set_rules(void)
{
	struct csvr_settings settings;
	csvr_settings_init(&settings);
	ck_assert_int_eq(csvr_cell_rules_init(&rules, &settings.parse, '.', NULL), CSVR_OK);
}

static void clear_rules(void)
{
	csvr_cell_rules_clear(&rules);
}

static struct csvr_condition resolve(const char *text, struct csvr_arena *strings)
{
	static const struct csvr_slice name = { (const unsigned char *)"x", 1 };
	static const struct csvr_parse_options options = { .decimal = CSVR_AUTO };
	struct csvr_condition condition;
	const char *column;
	struct csvr_error error;
	memset(&condition, 0, sizeof condition);
	ck_assert_int_eq(csvr_condition_check(text, &options, &error), CSVR_OK);
	ck_assert_int_eq(csvr_condition_resolve(&condition, text, &options, &name, 1, strings,
						&column),
			 CSVR_OK);
	ck_assert_uint_eq(condition.column, 0);
	ck_assert_str_eq(column, "x");
	return condition;
}

/* A number with up to 18 decimals, as text and in units of 10^-18. Most are close to others. */
static __int128 draw_number(char text[ROOM], unsigned most_decimals)
{
	const unsigned n_decimals = below(most_decimals + 1);
	const bool is_negative = below(2) == 0;
	uint64_t digits = below(3) == 0 ? next_random() % 1000000000000000000 : below(40);
	__int128 value = digits;
	uint64_t unit = 1;
	for (unsigned i = 0; i < n_decimals; i++)
		unit *= 10;
	for (unsigned i = n_decimals; i < MOST_DECIMALS; i++)
		value *= 10;
	if (n_decimals > 0)
		snprintf(text, ROOM, "%s%" PRIu64 ".%0*" PRIu64, is_negative ? "-" : "",
			 digits / unit, (int)n_decimals, digits % unit);
	else
		snprintf(text, ROOM, "%s%" PRIu64, is_negative ? "-" : "", digits);
	return is_negative ? -value : value;
}

static bool satisfies(const char *sign, __int128 cell, __int128 value)
{
	const bool has_equal = strchr(sign, '=') != NULL;
	switch (sign[0]) {
	case '=':
		return cell == value;
	case '!':
		return cell != value;
	case '<':
		return cell < value || (has_equal && cell == value);
	default:
		return cell > value || (has_equal && cell == value);
	}
}

START_TEST(numbers_satisfy_a_condition_as_integers_do)
{
	static struct csvr_decimal decimal;
	random_state = 1;
	size_t n_equal = 0;
	for (int i = 0; i < 200000; i++) {
		struct csvr_arena strings;
		csvr_arena_init(&strings);
		char cell_text[ROOM] = "", value_text[ROOM], text[2 * ROOM];
		const __int128 value = draw_number(value_text, MOST_DECIMALS);
		const __int128 cell = draw_number(cell_text, MOST_DECIMALS);
		const char *sign = signs[below(N_SIGNS)];
		snprintf(text, sizeof text, "x%s%s", sign, value_text);
		struct csvr_condition condition = resolve(text, &strings);
		csvr_condition_set_rules(&condition, &rules);
		const struct csvr_slice slice = { (const unsigned char *)cell_text,
						  strlen(cell_text) };
		const enum csvr_relation relation = csvr_condition_relate(&condition, &decimal,
									  slice);
		ck_assert_msg(csvr_condition_accepts(&condition, relation) ==
				      satisfies(sign, cell, value),
			      "%s: %s", text, cell_text);
		n_equal += relation == CSVR_RELATION_EQUAL;
		csvr_arena_clear(&strings);
	}
	ck_assert_uint_gt(n_equal, 100);
}
END_TEST

START_TEST(values_of_a_kernel_satisfy_a_condition_as_integers_do)
{
	random_state = 2;
	size_t n_inside = 0, n_outside = 0;
	for (int i = 0; i < 5000; i++) {
		struct csvr_arena strings;
		csvr_arena_init(&strings);
		char value_text[ROOM], text[2 * ROOM];
		const __int128 value = draw_number(value_text, MOST_DECIMALS);
		const char *sign = signs[below(N_SIGNS)];
		snprintf(text, sizeof text, "x%s%s", sign, value_text);
		struct csvr_condition condition = resolve(text, &strings);
		const unsigned scale = below(CSVR_MAX_SCALE + 1);
		const struct csvr_interval interval = csvr_condition_interval(&condition, scale);
		__int128 unit = 1;
		for (unsigned k = scale; k < MOST_DECIMALS; k++)
			unit *= 10;
		const __int128 near = value / unit;
		const int64_t limit = INT64_C(1000000000000000000) - 1;
		for (int k = -3; k < 40; k++) {
			__int128 drawn = k <= 3 ? near + k : (__int128)(next_random() >> 4);
			drawn = drawn > limit ? limit : drawn < -limit ? -limit : drawn;
			const int64_t cell = below(2) == 0 || k <= 3 ? (int64_t)drawn
								     : -(int64_t)drawn;
			const bool expected = satisfies(sign, cell * unit, value);
			ck_assert_msg(csvr_interval_has(&interval, cell) == expected,
				      "%s: %" PRId64 " at scale %u", text, cell, scale);
			n_inside += expected;
			n_outside += !expected;
		}
		csvr_arena_clear(&strings);
	}
	ck_assert(n_inside > 50000 && n_outside > 50000);
}
END_TEST

static const struct {
	const char *condition, *cell;
	enum csvr_relation relation;
} relations[] = {
	{ "x=1", "1e0", CSVR_RELATION_EQUAL },
	{ "x=0", "-0.000", CSVR_RELATION_EQUAL },
	{ "x=1e-400", "0", CSVR_RELATION_LESS },
	{ "x=123456789012345678901234567890", "123456789012345678901234567891",
	  CSVR_RELATION_GREATER },
	{ "x=-123456789012345678901234567890", "-123456789012345678901234567891",
	  CSVR_RELATION_LESS },
	{ "x=1", "", CSVR_RELATION_MISSING },
	{ "x=1", "a", CSVR_RELATION_OTHER },
	{ "x=1", "nan", CSVR_RELATION_OTHER },
	{ "x=1", "2024-01-01", CSVR_RELATION_OTHER },
	{ "x=2024-01-01", "2024-01-01T00:00:00.000Z", CSVR_RELATION_EQUAL },
	{ "x=2024-01-01", "2024-01-01T00:00:00.0000001", CSVR_RELATION_GREATER },
	{ "x=2024-01-01", "0:00:00", CSVR_RELATION_OTHER },
	{ "x=1:00:00", "0-01:00:00", CSVR_RELATION_EQUAL },
	{ "x=b", "a", CSVR_RELATION_LESS },
	{ "x=b", "bb", CSVR_RELATION_GREATER },
	{ "x=bb", "b", CSVR_RELATION_LESS },
	{ "x='1'", "1.0", CSVR_RELATION_GREATER },
	{ "x~a*", "abc", CSVR_RELATION_EQUAL },
	{ "x~a*", "bc", CSVR_RELATION_LESS },
	{ "x=true", "TRUE", CSVR_RELATION_LESS },
};

START_TEST(a_cell_has_the_relation_of_the_table)
{
	static struct csvr_decimal decimal;
	unsigned char cell[ROOM] = "";
	struct csvr_arena strings;
	csvr_arena_init(&strings);
	struct csvr_condition condition = resolve(relations[_i].condition, &strings);
	csvr_condition_set_rules(&condition, &rules);
	const size_t n_bytes = strlen(relations[_i].cell);
	memcpy(cell, relations[_i].cell, n_bytes);
	ck_assert_int_eq(csvr_condition_relate(&condition, &decimal,
					       (struct csvr_slice){ cell, n_bytes }),
			 relations[_i].relation);
	csvr_arena_clear(&strings);
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *conditions = tcase_create("conditions");
	tcase_set_timeout(conditions, 120);
	tcase_add_checked_fixture(conditions, set_rules, clear_rules);
	tcase_add_test(conditions, numbers_satisfy_a_condition_as_integers_do);
	tcase_add_test(conditions, values_of_a_kernel_satisfy_a_condition_as_integers_do);
	tcase_add_loop_test(conditions, a_cell_has_the_relation_of_the_table, 0,
			    (int)(sizeof relations / sizeof relations[0]));
	suite_add_tcase(suite, conditions);
}

int main(void)
{
	return check_main("condition", add_cases);
}
