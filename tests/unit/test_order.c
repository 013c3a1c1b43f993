/* test_order.c - whether values ascend, in any division of files into parts and of parts into batches
 *
 * Values are integers in a common unit, so that their order is known. They are added in units and notations of
 * their own: as batches of some scale, or one by one with digits that do not matter.
 */
#include <stdlib.h>
#include <string.h>

#include "batch_kernels.h"
#include "check_main.h"
#include "random.h"
#include "stats/collected.h"
#include "stats/order.h"

enum { MOST_VALUES = 60, MOST_FILES = 6, N_ROUNDS = 4000 };

static const struct csvr_aggregate *const aggregate = &csvr_order_aggregate;

/* ---- files ---- */

struct file {
	int64_t values[MOST_VALUES]; /* in units of 10^-3 */
	size_t n;
};

/* A file from `first` on, which ascends, but for some steps. */
static void draw_file(struct file *file, int64_t first)
{
	const size_t n_flat = below(3) == 0 ? below(4) + 1 : 0; /* steps in 64 that are 0 */
	const size_t n_back = below(4) == 0 ? 1 : 0; /* and that are negative */
	file->n = below(8) == 0 ? 0 : below(MOST_VALUES) + 1;
	int64_t value = first;
	for (size_t i = 0; i < file->n; i++) {
		const size_t kind = below(64);
		int64_t step = (int64_t)(below(2) == 0 ? below(3) : below(5000)) + 1;
		if (kind < n_flat)
			step = 0;
		else if (kind < n_flat + n_back)
			step = -step;
		value += i > 0 ? step : 0;
		file->values[i] = value;
	}
}

/* The order of the values, by definition; UNKNOWN also for no values. */
static enum csvr_order_kind kind_of(const struct file *files, size_t n_files)
{
	enum csvr_order_kind kind = CSVR_ORDER_STRICT;
	for (size_t f = 0; f < n_files; f++)
		for (size_t i = 1; i < files[f].n; i++) {
			const int64_t step = files[f].values[i] - files[f].values[i - 1];
			if (step < 0)
				return CSVR_ORDER_UNKNOWN;
			if (step == 0)
				kind = CSVR_ORDER_ASCENDING;
		}
	return kind;
}

static bool are_disjoint(const struct file *files, size_t n_files)
{
	for (size_t f = 0; f < n_files; f++)
		for (size_t g = 0; g < f; g++)
			if (files[f].n > 0 && files[g].n > 0 &&
			    files[f].values[0] <= files[g].values[files[g].n - 1] &&
			    files[g].values[0] <= files[f].values[files[f].n - 1])
				return false;
	return true;
}

/* ---- adding ---- */

/* 10^n */
static uint64_t power(unsigned n)
{
	uint64_t result = 1;
	while (n-- > 0)
		result *= 10;
	return result;
}

/* Adds a value with up to 40 zeros at its end that do not matter, in one to three parts. */
static void add_number(struct csvr_order *order, int64_t value)
{
	const uint64_t magnitude = (uint64_t)(value < 0 ? -value : value);
	const unsigned n_zeros = (unsigned)below(6);
	const size_t n_low = below(3); /* parts that are 0 */
	const uint64_t part[] = { n_low == 0 ? magnitude * power(n_zeros) : 0,
				  n_low == 1 ? magnitude * power(n_zeros) : 0,
				  n_low == 2 ? magnitude * power(n_zeros) : 0, 0 };
	const struct csvr_number number = { .part = part,
					    .n_parts = n_low + 1 + below(4 - n_low),
					    .exponent = -3 - (int)n_zeros - 18 * (int)n_low,
					    .is_negative = value < 0 };
	csvr_order_add_number(order, &number);
}

static void add_batch(struct csvr_order *order, const int64_t *values, size_t n)
{
	int64_t scaled[MOST_VALUES];
	unsigned scale = (unsigned)below(4) + 3;
	for (size_t i = 0; i < n; i++)
		scaled[i] = values[i] * (int64_t)power(scale - 3);
	/* Coarser, if they are multiples of the unit. */
	for (bool is_multiple = below(2) == 0; is_multiple && scale > 0;) {
		for (size_t i = 0; i < n; i++)
			is_multiple &= scaled[i] % 10 == 0;
		for (size_t i = 0; i < n && is_multiple; i++)
			scaled[i] /= 10;
		scale -= is_multiple;
	}
	const struct csvr_batch batch = {
		.values = scaled, .n_values = n, .scale = scale, .kernels = next_batch_kernels()
	};
	csvr_order_add_batch(order, &batch);
}

static void add_date(struct csvr_order *order, int64_t seconds)
{
	const struct csvr_batch batch = { .values = &seconds,
					  .n_values = 1,
					  .quantity = CSVR_QUANTITY_DATE,
					  .kernels = csvr_batch_kernels_for("scalar") };
	csvr_order_add_batch(order, &batch);
}

/* Adds some values of a file in batches, or one by one. */
static void add_values(struct csvr_order *order, const int64_t *values, size_t n)
{
	while (n > 0) {
		const size_t n_batch = below(2) == 0 ? 1 : below(n) + 1;
		if (n_batch == 1 && below(2) == 0)
			add_number(order, *values);
		else
			add_batch(order, values, n_batch);
		values += n_batch;
		n -= n_batch;
	}
}

/* Sets a state to that of a file, which is read in parts; adjacent ones are joined in any order. */
static void read_in_parts(struct csvr_order *order, const struct file *file)
{
	struct csvr_order parts[8] = { 0 };
	size_t n_parts = 1 + below(8), from = 0;
	for (size_t i = 0; i < n_parts; i++) {
		const size_t left = file->n - from;
		const size_t n = i + 1 == n_parts ? left : below(left + 1);
		add_values(&parts[i], file->values + from, n);
		from += n;
	}
	for (; n_parts > 1; n_parts--) {
		const size_t left = below(n_parts - 1);
		ck_assert_int_eq(aggregate->append(&parts[left], &parts[left + 1]), CSVR_OK);
		aggregate->clear(&parts[left + 1]);
		memmove(parts + left + 1, parts + left + 2, (n_parts - left - 2) * sizeof parts[0]);
	}
	*order = parts[0];
}

static void shuffle(struct csvr_order *orders, size_t n)
{
	for (size_t i = n; i > 1; i--) {
		const size_t k = below(i);
		const struct csvr_order swapped = orders[i - 1];
		orders[i - 1] = orders[k];
		orders[k] = swapped;
	}
}

/* ---- comparing ---- */

static void assert_same_bytes(const struct csvr_order *a, const struct csvr_order *b)
{
	struct csvr_encoder left, right;
	csvr_encoder_init(&left);
	csvr_encoder_init(&right);
	aggregate->encode(a, &left);
	aggregate->encode(b, &right);
	ck_assert_uint_eq(left.n_bytes, right.n_bytes);
	ck_assert_mem_eq(left.bytes, right.bytes, left.n_bytes);
	csvr_encoder_clear(&left);
	csvr_encoder_clear(&right);
}

static enum csvr_status decode(struct csvr_order *order, const unsigned char *bytes, size_t n_bytes,
			       uint64_t n_numbers)
{
	const uint64_t cells[CSVR_N_CELL_CLASSES] = { [CSVR_CELL_NUMBER] = n_numbers };
	struct csvr_decoder decoder = { bytes, bytes + n_bytes, false };
	*order = (struct csvr_order){ 0 };
	const enum csvr_status status = aggregate->decode(order, &decoder, cells);
	return decoder.is_bad ? CSVR_INVALID_FILE : status;
}

static void assert_decodes(const struct csvr_order *order, uint64_t n_numbers)
{
	struct csvr_encoder bytes;
	struct csvr_order copy;
	csvr_encoder_init(&bytes);
	aggregate->encode(order, &bytes);
	for (size_t n = 0; n < bytes.n_bytes; n++) {
		ck_assert_int_eq(decode(&copy, bytes.bytes, n, n_numbers), CSVR_INVALID_FILE);
		aggregate->clear(&copy);
	}
	ck_assert_int_eq(decode(&copy, bytes.bytes, bytes.n_bytes, n_numbers), CSVR_OK);
	assert_same_bytes(order, &copy);
	aggregate->clear(&copy);
	csvr_encoder_clear(&bytes);
}

static const uint64_t numbers_only[CSVR_N_CELL_CLASSES] = { [CSVR_CELL_NUMBER] = 1 };

/* ---- tests ---- */

START_TEST(any_division_of_files_has_the_order_of_all_values)
{
	for (int round = 0; round < N_ROUNDS; round++) {
		struct file files[MOST_FILES];
		struct csvr_order orders[MOST_FILES], reference = { 0 };
		const size_t n_files = 1 + below(MOST_FILES);
		uint64_t n_values = 0;
		int64_t first = -(int64_t)below(200000);
		for (size_t f = 0; f < n_files; f++) {
			draw_file(&files[f], first);
			n_values += files[f].n;
			/* Mostly disjoint; the greatest of one may be the least of the next. */
			if (files[f].n > 0 && below(10) > 0)
				first = files[f].values[files[f].n - 1] + (int64_t)below(20);
			struct csvr_order file = { 0 };
			for (size_t i = 0; i < files[f].n; i++)
				add_number(&file, files[f].values[i]);
			ck_assert_int_eq(aggregate->merge(&reference, &file), CSVR_OK);
			aggregate->clear(&file);
			read_in_parts(&orders[f], &files[f]);
			ck_assert_int_eq(csvr_order_is_ascending(&orders[f]),
					 files[f].n > 0 && kind_of(&files[f], 1) > 0);
			assert_decodes(&orders[f], files[f].n);
		}
		shuffle(orders, n_files);
		struct csvr_order merged = { 0 };
		for (size_t n = n_files; n > 1; n--) { /* in any grouping */
			const size_t into = below(n - 1);
			if (below(2) == 0) {
				ck_assert_int_eq(aggregate->merge(&orders[into], &orders[n - 1]),
						 CSVR_OK);
			} else {
				ck_assert_int_eq(aggregate->merge(&orders[n - 1], &orders[into]),
						 CSVR_OK);
				const struct csvr_order swapped = orders[into];
				orders[into] = orders[n - 1];
				orders[n - 1] = swapped;
			}
			aggregate->clear(&orders[n - 1]);
		}
		ck_assert_int_eq(aggregate->merge(&merged, &orders[0]), CSVR_OK);
		aggregate->clear(&orders[0]);
		const enum csvr_order_kind kind = kind_of(files, n_files);
		ck_assert_int_eq(csvr_order_is_ascending(&merged),
				 n_values > 0 && kind != CSVR_ORDER_UNKNOWN);
		ck_assert_int_eq(csvr_order_proves_distinct(&merged, numbers_only),
				 n_values > 0 && kind == CSVR_ORDER_STRICT &&
					 are_disjoint(files, n_files));
		assert_same_bytes(&merged, &reference);
		assert_decodes(&merged, n_values);
		aggregate->clear(&merged);
		aggregate->clear(&reference);
	}
}
END_TEST

/* Each is less than the next one. */
static const struct {
	uint64_t part[4];
	size_t n_parts;
	int exponent;
	bool is_negative;
} ladder[] = {
	{ { 999999999999999999, 999999999999999999 }, 2, 100, true },
	{ { 1, 999999999999999999 }, 2, 0, true },
	{ { 1 }, 1, 0, true },
	{ { 1 }, 1, -1100, true },
	{ { 0 }, 1, 0, false },
	{ { 1 }, 1, -1100, false },
	{ { 999999999999999999 }, 1, -1100, false },
	{ { 1 }, 1, -1, false },
	{ { 100000000000000000, 1 }, 2, -18, false }, /* 1.1 */
	{ { 999999999999999999, 999999999999999999 }, 2, -35, false }, /* 10 - 10^-35 */
	{ { 1 }, 1, 1, false },
	{ { 100000000000000000, 0, 10000000000000000 },
	  3,
	  -51,
	  false }, /* 10.00...01, of 36 digits */
	{ { 999999999999999999 }, 1, 0, false },
	{ { 0, 1 }, 2, 0, false },
	{ { 1, 1 }, 2, 0, false },
	{ { 0, 0, 0, 5 }, 4, 0, false },
	{ { 1 }, 1, 308, false },
};
enum { N_RUNGS = sizeof ladder / sizeof ladder[0] };

static struct csvr_number rung(size_t i)
{
	return (struct csvr_number){ .part = ladder[i].part,
				     .n_parts = ladder[i].n_parts,
				     .exponent = ladder[i].exponent,
				     .is_negative = ladder[i].is_negative };
}

START_TEST(values_of_all_magnitudes_are_compared_exactly)
{
	for (size_t i = 0; i < N_RUNGS; i++)
		for (size_t k = 0; k < N_RUNGS; k++) {
			struct csvr_order order = { 0 };
			const struct csvr_number a = rung(i), b = rung(k);
			csvr_order_add_number(&order, &a);
			csvr_order_add_number(&order, &b);
			ck_assert_msg(order.kind == (i < k    ? CSVR_ORDER_STRICT
						     : i == k ? CSVR_ORDER_ASCENDING
							      : CSVR_ORDER_UNKNOWN),
				      "rungs %zu and %zu", i, k);
			assert_decodes(&order, 2);
			aggregate->clear(&order);
		}
}
END_TEST

START_TEST(a_number_of_more_than_36_digits_ends_the_order)
{
	const struct csvr_number longs[] = {
		{ .part = (const uint64_t[]){ 1, 0, 1 }, .n_parts = 3 },
		{ .part = (const uint64_t[]){ 10, 0, 10 }, .n_parts = 3 },
		{ .part = (const uint64_t[]){ 1, 0, 0, 1 }, .n_parts = 4 },
	};
	for (size_t i = 0; i < sizeof longs / sizeof longs[0]; i++) {
		struct csvr_order order = { 0 }, first = { 0 };
		const struct csvr_number zero = rung(4);
		csvr_order_add_number(&order, &zero);
		csvr_order_add_number(&order, &longs[i]);
		ck_assert(csvr_order_is_unknown(&order));
		csvr_order_add_number(&first, &longs[i]);
		ck_assert(csvr_order_is_unknown(&first));
		csvr_order_add_number(&first, &zero);
		ck_assert(csvr_order_is_unknown(&first));
	}
}
END_TEST

START_TEST(values_of_two_quantities_have_no_order)
{
	for (int i = 0; i < 2; i++) {
		struct csvr_order number = { 0 }, date = { 0 }, file = { 0 };
		add_number(&number, 1);
		add_date(&date, 2);
		add_date(&date, 3);
		ck_assert(csvr_order_is_ascending(&date));
		add_date(&file, 2);
		add_number(&file, 5000);
		ck_assert(csvr_order_is_unknown(&file));
		struct csvr_order *into = i == 0 ? &number : &date;
		ck_assert_int_eq(aggregate->merge(into, i == 0 ? &date : &number), CSVR_OK);
		ck_assert(csvr_order_is_unknown(into));
		aggregate->clear(&number);
		aggregate->clear(&date);
	}
}
END_TEST

START_TEST(dates_are_compared)
{
	static const int64_t dates[][3] = { { 1, 2, 3 }, { 1, 2, 2 }, { 1, 3, 2 }, { -2, -2, -1 } };
	static const enum csvr_order_kind kinds[] = { CSVR_ORDER_STRICT, CSVR_ORDER_ASCENDING,
						      CSVR_ORDER_UNKNOWN, CSVR_ORDER_ASCENDING };
	for (size_t i = 0; i < 4; i++) {
		struct csvr_order order = { 0 };
		for (size_t k = 0; k < 3; k++)
			add_date(&order, dates[i][k]);
		ck_assert_int_eq(order.kind, kinds[i]);
	}
}
END_TEST

/* Merges files of one value each, and limits the state to many columns after some of them. */
static void merge_single_values(struct csvr_order *order, size_t n_files, size_t n_before_limit)
{
	*order = (struct csvr_order){ 0 };
	for (size_t i = 0; i < n_files; i++) {
		struct csvr_order file = { 0 };
		/* 37 is coprime to the numbers of files that are used: each occurs once. */
		add_number(&file, (int64_t)(i * 37 % n_files));
		ck_assert_int_eq(aggregate->merge(order, &file), CSVR_OK);
		aggregate->clear(&file);
		if (i == n_before_limit)
			aggregate->limit(order, 100000);
	}
	aggregate->limit(order, 100000);
}

START_TEST(a_bounded_number_of_ranges_is_kept)
{
	enum { MOST = CSVR_ORDER_LEAST_RANGES };
	for (size_t n_before = 0; n_before <= 300; n_before += 100) {
		struct csvr_order order;
		merge_single_values(&order, MOST, n_before);
		ck_assert(csvr_order_proves_distinct(&order, numbers_only));
		assert_decodes(&order, MOST);
		aggregate->clear(&order);
		merge_single_values(&order, MOST + 1, n_before);
		ck_assert(csvr_order_is_ascending(&order));
		ck_assert(!csvr_order_proves_distinct(&order, numbers_only));
		assert_decodes(&order, MOST + 1);
		/* It stays so. */
		struct csvr_order file = { 0 };
		add_number(&file, 1000000);
		ck_assert_int_eq(aggregate->merge(&file, &order), CSVR_OK);
		ck_assert(!csvr_order_proves_distinct(&file, numbers_only));
		aggregate->clear(&order);
		aggregate->clear(&file);
	}
}
END_TEST

START_TEST(other_cells_may_be_equal)
{
	struct csvr_order order = { 0 };
	add_number(&order, 1);
	static const enum csvr_cell_class others[] = { CSVR_CELL_TEXT, CSVR_CELL_BOOLEAN };
	ck_assert(csvr_order_proves_distinct(&order, numbers_only));
	ck_assert(!csvr_order_proves_distinct(NULL, numbers_only));
	for (size_t i = 0; i < 2; i++) {
		uint64_t cells[CSVR_N_CELL_CLASSES] = { [CSVR_CELL_NUMBER] = 1 };
		cells[others[i]] = 1;
		ck_assert(!csvr_order_proves_distinct(&order, cells));
	}
}
END_TEST

/* A state: kind, ranges of exponents and integers, which are doubled, and inverted if they are negative. */
START_TEST(states_that_no_cells_have_are_refused)
{
	static const struct {
		const char *bytes;
		size_t n_bytes;
		uint64_t n_numbers;
		bool is_valid;
	} cases[] = {
		{ "\0", 1, 0, true },
		{ "\0", 1, 1, false }, /* the cells have an order */
		{ "\1", 1, 0, false },
		{ "\1", 1, 1, true },
		{ "\4", 1, 1, false }, /* no kind */
		{ "\3\1\0\2\0\2", 6, 1, true }, /* 1 to 1 */
		{ "\3\1\0\2\0\4", 6, 1, false }, /* 1 to 2: two cells */
		{ "\3\1\0\2\0\4", 6, 2, true },
		{ "\3\1\0\4\0\2", 6, 2, false }, /* 2 to 1 */
		{ "\3\1\0\1\0\2", 6, 2, true }, /* -1 to 1 */
		{ "\3\1\0\2\0\1", 6, 2, false }, /* 1 to -1 */
		{ "\3\1\2\0\2\0", 6, 1, false }, /* 0 with an exponent */
		{ "\3\1\0\24\0\24", 6, 1, false }, /* 10 as an integer */
		{ "\3\1\2\2\2\2", 6, 1, true },
		{ "\3\1\xac\x0a\2\xac\x0a\2", 8, 1, false }, /* 10^662 */
		{ "\3\0", 2, 1, true },
		{ "\2\0", 2, 2, true },
		{ "\2\0", 2, 1, false },
		{ "\2\1\0\2\0\2", 6, 2, true },
		{ "\2\1\0\2\0\2", 6, 1, false },
		{ "\2\2\0\2\0\2\0\4\0\4", 10, 9, false }, /* two ranges, of no use */
		{ "\3\2\0\2\0\2\0\4\0\4", 10, 2, true },
		{ "\3\2\0\2\0\2\0\4\0\4", 10, 1, false },
		{ "\3\2\0\2\0\2\0\2\0\4", 10, 9, false }, /* 1 is in both */
		{ "\3\2\0\4\0\4\0\2\0\2", 10, 9, false }, /* not in order */
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct csvr_order order;
		const enum csvr_status status = decode(&order,
						       (const unsigned char *)cases[i].bytes,
						       cases[i].n_bytes, cases[i].n_numbers);
		ck_assert_msg(status == (cases[i].is_valid ? CSVR_OK : CSVR_INVALID_FILE),
			      "case %zu", i);
		aggregate->clear(&order);
	}
}
END_TEST

/* What a part of a file cannot be, but a forged state may be. */
START_TEST(nothing_follows_several_files)
{
	static const unsigned char bytes[] = "\3\2\0\2\0\2\0\4\0\4";
	struct csvr_order files, part = { 0 };
	ck_assert_int_eq(decode(&files, bytes, 10, 2), CSVR_OK);
	add_number(&part, 9000);
	ck_assert_int_eq(aggregate->append(&part, &files), CSVR_OK);
	ck_assert(csvr_order_is_unknown(&part));
	part = (struct csvr_order){ 0 };
	add_number(&part, 9000);
	ck_assert_int_eq(aggregate->append(&files, &part), CSVR_OK);
	ck_assert(csvr_order_is_unknown(&files));
	aggregate->clear(&files);
}
END_TEST

START_TEST(what_is_unknown_is_inherited)
{
	struct csvr_order merged = { 0 }, next = { 0 };
	add_number(&merged, 2);
	aggregate->inherit(&next, &merged);
	ck_assert(!csvr_order_is_unknown(&next));
	add_number(&merged, 1);
	aggregate->inherit(&next, &merged);
	ck_assert(csvr_order_is_unknown(&next));
	aggregate->reset(&next);
	add_number(&next, 1);
	ck_assert(csvr_order_is_ascending(&next));
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *laws = tcase_create("laws");
	tcase_add_test(laws, any_division_of_files_has_the_order_of_all_values);
	tcase_add_test(laws, values_of_all_magnitudes_are_compared_exactly);
	tcase_add_test(laws, a_number_of_more_than_36_digits_ends_the_order);
	tcase_add_test(laws, values_of_two_quantities_have_no_order);
	tcase_add_test(laws, dates_are_compared);
	tcase_add_test(laws, a_bounded_number_of_ranges_is_kept);
	tcase_add_test(laws, other_cells_may_be_equal);
	tcase_add_test(laws, what_is_unknown_is_inherited);
	suite_add_tcase(suite, laws);
	TCase *states = tcase_create("states");
	tcase_add_test(states, states_that_no_cells_have_are_refused);
	tcase_add_test(states, nothing_follows_several_files);
	suite_add_tcase(suite, states);
}

int main(void)
{
	return check_main("order", add_cases);
}
