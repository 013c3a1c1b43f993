/* test_statistics.c - laws that every statistic and every aggregate obeys
 *
 * A new row of stats/statistics.c is tested here without further code: its aggregate is collected for
 * random batches, numbers and texts, and must not depend on how these are divided, ordered or merged.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "check_main.h"
#include "column_value.h"
#include "random.h"
#include "stats/statistics.h"

enum { N_NUMBERS = 600, N_ROUNDS = 200 };

/* Integers times 10^-scale: zeros, small and large integers of both signs. Each has a text too, of
 * `text[i]` of the bytes `letters`. */
struct numbers {
	int64_t value[N_NUMBERS];
	uint16_t text[N_NUMBERS];
	size_t n;
	unsigned scale;
};

static const unsigned char *letters(void)
{
	static unsigned char bytes[1024];
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (unsigned char)('a' + i % 26);
	return bytes;
}

static void draw(struct numbers *numbers)
{
	static const int64_t limits[] = {
		1, 2, 10, 1000, INT64_C(1) << 40, INT64_C(999999999999999999)
	};
	numbers->n = next_random() % N_NUMBERS + 1;
	numbers->scale = (unsigned)(next_random() % 19);
	for (size_t i = 0; i < numbers->n; i++) {
		const int64_t limit = limits[next_random() % 6];
		const int64_t magnitude = (int64_t)(next_random() % (uint64_t)limit);
		numbers->value[i] = next_random() % 2 == 0 ? magnitude : -magnitude;
		numbers->text[i] = (uint16_t)(next_random() % (next_random() % 4 == 0 ? 1000 : 10));
	}
}

/* But those of the order of the cells (test_order.c). */
static csvr_collection all_aggregates(void)
{
	csvr_collection collection = csvr_collection_of(
		&(struct csvr_statistic_options){ .all = true });
	for (csvr_collection rest = collection; rest != 0; rest &= rest - 1)
		if (csvr_collection_lowest(rest)->append != NULL)
			collection &= ~(rest & -rest);
	return collection;
}

static void open_column(struct csvr_column *column)
{
	csvr_column_init(column);
	ck_assert_int_eq(csvr_column_collect(column, all_aggregates()), CSVR_OK);
}

static void add_text(struct csvr_column *column, size_t n_bytes)
{
	column->cells[CSVR_CELL_TEXT]++;
	ck_assert_int_eq(
		csvr_collected_add_texts(column->collected,
					 &(struct csvr_text){ letters(), (uint32_t)n_bytes, 1 }, 1),
		CSVR_OK);
}

static void add_batches(struct csvr_column *column, const struct numbers *numbers, size_t from,
			size_t to)
{
	while (from < to) {
		size_t n = next_random() % CSVR_MAX_BATCH + 1;
		n = n < to - from ? n : to - from;
		struct csvr_batch_sums sums;
		const struct csvr_batch batch = { .values = numbers->value + from,
						  .n_values = n,
						  .scale = numbers->scale,
						  .sums = &sums,
						  .kernels = csvr_batch_kernels_for("scalar") };
		batch.kernels->sum(batch.values, n, &sums);
		ck_assert_int_eq(csvr_column_add_batch(column, CSVR_CELL_NUMBER, &batch), CSVR_OK);
		for (size_t i = 0; i < n; i++)
			add_text(column, numbers->text[from + i]);
		from += n;
	}
}

/* Adds the numbers one by one, from the last to the first. */
static void add_singly(struct csvr_column *column, const struct numbers *numbers, size_t from,
		       size_t to)
{
	while (to-- > from) {
		const int64_t value = numbers->value[to];
		const uint64_t part = (uint64_t)(value < 0 ? -value : value);
		ck_assert_int_eq(csvr_column_add(column, CSVR_CELL_NUMBER,
						 &(struct csvr_number){
							 &part, 1, -(int)numbers->scale, value < 0,
							 CSVR_QUANTITY_NUMBER, 0 }),
				 CSVR_OK);
		add_text(column, numbers->text[to]);
	}
}

static struct csvr_encoder encode(const struct csvr_column *column)
{
	struct csvr_encoder encoder;
	csvr_encoder_init(&encoder);
	csvr_collected_encode(column->collected, all_aggregates(), &encoder);
	ck_assert(!encoder.is_out_of_memory);
	return encoder;
}

static void assert_same(const struct csvr_column *a, const struct csvr_column *b)
{
	struct csvr_encoder left = encode(a), right = encode(b);
	ck_assert_uint_eq(left.n_bytes, right.n_bytes);
	ck_assert(left.n_bytes == 0 || memcmp(left.bytes, right.bytes, left.n_bytes) == 0);
	csvr_encoder_clear(&left);
	csvr_encoder_clear(&right);
	for (size_t i = 0; csvr_statistics[i] != NULL; i++) {
		const struct csvr_value x = column_value(a, csvr_statistics[i], 1);
		const struct csvr_value y = column_value(b, csvr_statistics[i], 1);
		ck_assert_msg(x.kind == y.kind && x.count == y.count &&
				      x.is_approximate == y.is_approximate &&
				      memcmp(&x.real, &y.real, sizeof x.real) == 0,
			      "%s differs", csvr_statistics[i]->name);
	}
}

START_TEST(names_are_distinct_words_and_have_definitions)
{
	for (size_t i = 0; csvr_statistics[i] != NULL; i++) {
		const struct csvr_statistic *statistic = csvr_statistics[i];
		for (const char *c = statistic->name; *c != '\0'; c++)
			ck_assert(islower((unsigned char)*c) || isdigit((unsigned char)*c) ||
				  *c == '_');
		ck_assert_ptr_eq(csvr_statistic_find(statistic->name, strlen(statistic->name)),
				 statistic);
		ck_assert_str_ne(csvr_statistic_definition(i), "");
	}
	ck_assert_ptr_null(csvr_statistic_find("", 0));
	ck_assert_ptr_null(csvr_statistic_find("mea", 3));
}
END_TEST

START_TEST(facts_are_collected_if_the_options_say_so)
{
	const struct csvr_statistic_options without = { 0 }, with = { .facts = true };
	const csvr_collection fewer = csvr_collection_of(&without),
			      more = csvr_collection_of(&with);
	ck_assert_str_eq(csvr_collection_lowest(more & ~fewer)->name, "order");
	ck_assert_uint_eq(more & ~fewer & ((more & ~fewer) - 1), 0);
	ck_assert_uint_eq(fewer & ~more, 0);
}
END_TEST

START_TEST(nothing_but_few_values_is_collected_unless_it_is_requested)
{
	const csvr_collection by_default = csvr_collection_of(
		&(struct csvr_statistic_options){ 0 });
	ck_assert_str_eq(csvr_collection_item(by_default, 0)->name, "few_values");
	ck_assert_ptr_null(csvr_collection_item(by_default, 1));
	for (size_t i = 0; csvr_statistics[i] != NULL; i++) {
		const struct csvr_statistic_options options = {
			.names = { &csvr_statistics[i]->name, 1 }
		};
		const csvr_collection collection = csvr_collection_of(&options);
		const struct csvr_aggregate *needs[] = { csvr_statistics[i]->needs,
							 csvr_statistics[i]->also_needs };
		size_t n_needed = 0;
		for (size_t k = 0; k < 2; k++)
			if (needs[k] != NULL) {
				ck_assert(csvr_collection_item(collection, 0) == needs[k] ||
					  csvr_collection_item(collection, 1) == needs[k]);
				n_needed++;
			}
		ck_assert_ptr_null(csvr_collection_item(collection, n_needed));
	}
}
END_TEST

START_TEST(percentiles_without_a_row_have_their_place_among_the_others)
{
	static const char *const names[] = { "p99.9", "p50", "p0.5", "p2", "p99.9", "p75", "mean" };
	static const char *const expected[] = { "min", "p0.5",   "p1",  "p2",  "p5",
						"p25", "median", "p50", "p75", "p95",
						"p99", "p99.9",  "max" };
	const struct csvr_statistic_options options = { .names = { names, 7 } };
	struct csvr_statistic_list list;
	csvr_statistic_list_init(&list, &options);
	size_t i = 0;
	while (strcmp(list.item[i]->name, "min") != 0)
		i++;
	for (size_t k = 0; k < sizeof expected / sizeof expected[0]; k++)
		ck_assert_str_eq(list.item[i + k]->name, expected[k]);
	static const char *const median[] = { "median" };
	const struct csvr_statistic_options one = { .names = { median, 1 } };
	ck_assert_uint_eq(csvr_collection_of(&options), csvr_collection_of(&one));
	ck_assert_uint_ne(csvr_collection_of(&options), 0);
}
END_TEST

START_TEST(names_of_percentiles)
{
	static const struct {
		const char *name;
		uint64_t numerator, denominator; /* 0: not a percentile */
	} cases[] = { { "median", 50, 100 },
		      { "p50", 50, 100 },
		      { "p1", 1, 100 },
		      { "p0.5", 5, 1000 },
		      { "p99.90", 9990, 10000 },
		      { "p0.000000000001", 1, 100000000000000 },
		      { "p0.0000000000001", 0, 0 },
		      { "p", 0, 0 },
		      { "p0", 0, 0 },
		      { "p0.0", 0, 0 },
		      { "p100", 0, 0 },
		      { "p99.", 0, 0 },
		      { "p.5", 0, 0 },
		      { "p05", 0, 0 },
		      { "p1e1", 0, 0 },
		      { "p-1", 0, 0 },
		      { "p1.5.2", 0, 0 },
		      { "P1", 0, 0 },
		      { "media", 0, 0 },
		      { "medians", 0, 0 } };
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct csvr_percentile p;
		const bool is_one = csvr_percentile_parse(cases[i].name, strlen(cases[i].name), &p);
		ck_assert_msg(is_one == (cases[i].denominator != 0), "%s", cases[i].name);
		if (is_one) {
			ck_assert_uint_eq(p.numerator, cases[i].numerator);
			ck_assert_uint_eq(p.denominator, cases[i].denominator);
		}
	}
}
END_TEST

START_TEST(a_statistic_that_was_not_collected_is_absent)
{
	struct csvr_column column;
	csvr_column_init(&column);
	for (size_t i = 0; csvr_statistics[i] != NULL; i++)
		if (csvr_statistics[i]->needs != NULL)
			ck_assert_int_eq(column_value(&column, csvr_statistics[i], 1).kind,
					 CSVR_VALUE_NONE);
	csvr_column_clear(&column);
}
END_TEST

START_TEST(batches_and_single_numbers_give_the_same_values)
{
	struct numbers numbers;
	struct csvr_column batches, singles;
	open_column(&batches);
	open_column(&singles);
	for (int round = 0; round < N_ROUNDS; round++) {
		draw(&numbers);
		add_batches(&batches, &numbers, 0, numbers.n);
		add_singly(&singles, &numbers, 0, numbers.n);
		assert_same(&batches, &singles);
		csvr_column_reset(&batches);
		csvr_column_reset(&singles);
	}
	csvr_column_clear(&batches);
	csvr_column_clear(&singles);
}
END_TEST

START_TEST(merging_in_any_order_and_grouping_gives_the_same_values)
{
	struct numbers numbers;
	for (int round = 0; round < N_ROUNDS; round++) {
		struct csvr_column whole, part[3], left, right;
		draw(&numbers);
		const size_t a = next_random() % (numbers.n + 1);
		const size_t b = a + next_random() % (numbers.n - a + 1);
		const size_t cut[] = { 0, a, b, numbers.n };
		open_column(&whole);
		add_batches(&whole, &numbers, 0, numbers.n);
		csvr_column_init(&left); /* a merge allocates the aggregates */
		open_column(&right);
		for (int i = 0; i < 3; i++) {
			open_column(&part[i]);
			add_batches(&part[i], &numbers, cut[i], cut[i + 1]);
		}
		for (int i = 0; i < 3; i++)
			ck_assert_int_eq(csvr_column_merge(&left, &part[i]), CSVR_OK);
		ck_assert_int_eq(csvr_column_merge(&part[1], &part[2]), CSVR_OK);
		ck_assert_int_eq(csvr_column_merge(&right, &part[1]), CSVR_OK);
		ck_assert_int_eq(csvr_column_merge(&right, &part[0]), CSVR_OK);
		assert_same(&whole, &left);
		assert_same(&whole, &right);
		for (int i = 0; i < 3; i++)
			csvr_column_clear(&part[i]);
		csvr_column_clear(&whole);
		csvr_column_clear(&left);
		csvr_column_clear(&right);
	}
}
END_TEST

START_TEST(decoding_restores_the_state_and_refuses_a_truncated_one)
{
	struct numbers numbers;
	struct csvr_column column, copy;
	open_column(&column);
	for (int round = 0; round < N_ROUNDS / 8; round++) {
		draw(&numbers);
		numbers.n = numbers.n % 24 + 1; /* each prefix of the state is decoded */
		csvr_column_reset(&column);
		add_batches(&column, &numbers, 0, numbers.n);
		struct csvr_encoder bytes = encode(&column);
		for (size_t n = 0; n <= bytes.n_bytes; n++) {
			struct csvr_decoder decoder = { bytes.bytes, bytes.bytes + n, false };
			csvr_column_init(&copy);
			const enum csvr_status status = csvr_collected_decode(all_aggregates(),
									      &decoder,
									      column.cells,
									      &copy.collected);
			ck_assert(status != CSVR_NO_MEMORY);
			ck_assert((status == CSVR_OK && !decoder.is_bad) == (n == bytes.n_bytes));
			if (n == bytes.n_bytes) {
				struct csvr_encoder again = encode(&copy);
				ck_assert_uint_eq(again.n_bytes, n);
				ck_assert(n == 0 || memcmp(again.bytes, bytes.bytes, n) == 0);
				csvr_encoder_clear(&again);
			}
			csvr_column_clear(&copy);
		}
		csvr_encoder_clear(&bytes);
	}
	csvr_column_clear(&column);
}
END_TEST

START_TEST(a_collection_is_found_by_names_and_versions)
{
	const struct csvr_aggregate *item;
	csvr_collection found = 0;
	for (size_t i = 0; (item = csvr_collection_item(all_aggregates(), i)) != NULL; i++) {
		ck_assert(!csvr_collection_add(&found, item->name, item->version + 1));
		ck_assert(csvr_collection_add(&found, item->name, item->version));
	}
	ck_assert_uint_eq(found, all_aggregates());
	ck_assert(!csvr_collection_add(&found, "no such statistic", 1));
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *laws = tcase_create("laws");
	tcase_add_test(laws, names_are_distinct_words_and_have_definitions);
	tcase_add_test(laws, facts_are_collected_if_the_options_say_so);
	tcase_add_test(laws, nothing_but_few_values_is_collected_unless_it_is_requested);
	tcase_add_test(laws, percentiles_without_a_row_have_their_place_among_the_others);
	tcase_add_test(laws, names_of_percentiles);
	tcase_add_test(laws, a_statistic_that_was_not_collected_is_absent);
	tcase_add_test(laws, batches_and_single_numbers_give_the_same_values);
	tcase_add_test(laws, merging_in_any_order_and_grouping_gives_the_same_values);
	tcase_add_test(laws, decoding_restores_the_state_and_refuses_a_truncated_one);
	tcase_add_test(laws, a_collection_is_found_by_names_and_versions);
	suite_add_tcase(suite, laws);
}

int main(void)
{
	return check_main("statistics", add_cases);
}
