/* test_groups.c - the statistics of groups, against sums by key that are computed one value at a time
 *
 * Values are compared as fixed-point texts, and sums modulo two primes, so that the expectation shares nothing with the
 * sums of the program.
 */
#include <stdio.h>
#include <string.h>

#include "base/serialize.h"
#include "batch_kernels.h"
#include "check_main.h"
#include "random.h"
#include "state/codec_internal.h"
#include "stats/groups.h"

typedef unsigned __int128 u128;

/* ---- values ---- */

/* |value| with POINT digits before the point; in the order of the values. */
enum { POINT = 60, FIXED_DIGITS = 110 };

struct fixed {
	bool is_negative;
	unsigned char digit[FIXED_DIGITS];
};

static const struct fixed zero;

static int compare_fixed(const struct fixed *a, const struct fixed *b)
{
	if (a->is_negative != b->is_negative)
		return a->is_negative ? -1 : 1;
	const int order = memcmp(a->digit, b->digit, FIXED_DIGITS);
	return a->is_negative ? -order : order;
}

static void place_digits(struct fixed *value, uint64_t digits, int exponent)
{
	for (int at = POINT - 1 - exponent; digits > 0; digits /= 10, at--) {
		ck_assert(at >= 0 && at < FIXED_DIGITS);
		value->digit[at] = (unsigned char)(digits % 10);
	}
}

static struct fixed fixed_of_number(const struct csvr_number *number)
{
	struct fixed value = zero;
	for (size_t i = 0; i < number->n_parts; i++)
		place_digits(&value, number->part[i], number->exponent + 18 * (int)i);
	value.is_negative = number->is_negative &&
			    memcmp(value.digit, zero.digit, FIXED_DIGITS) != 0;
	return value;
}

static struct fixed fixed_of_extreme(const struct csvr_extreme *extreme)
{
	struct csvr_digits digits;
	struct fixed value = zero;
	csvr_extreme_to_digits(extreme, &digits);
	for (int i = 0; i < digits.n_digits; i++)
		value.digit[POINT - digits.power + i] = (unsigned char)(digits.digit[i] - '0');
	value.is_negative = digits.is_negative;
	return value;
}

static const uint64_t primes[] = { (UINT64_C(1) << 61) - 1, UINT64_C(0xffffffffffffffc5) };
enum { N_PRIMES = 2 };

static uint64_t multiply(uint64_t a, uint64_t b, uint64_t prime)
{
	return (uint64_t)((u128)a * b % prime);
}

/* value * 10^(FIXED_DIGITS - POINT) */
static uint64_t remainder_of(const struct fixed *value, uint64_t prime)
{
	uint64_t remainder = 0;
	for (int i = 0; i < FIXED_DIGITS; i++)
		remainder = (uint64_t)(((u128)remainder * 10 + value->digit[i]) % prime);
	return value->is_negative ? (prime - remainder) % prime : remainder;
}

static uint64_t power_of_ten(int exponent, uint64_t prime)
{
	uint64_t power = 1;
	for (; exponent > 0; exponent--)
		power = multiply(power, 10, prime);
	return power;
}

/* ---- what groups should have ---- */

enum { MOST_TEXTS = 12, MOST_KEYS = 3, MOST_GROUPS = MOST_TEXTS * MOST_TEXTS * MOST_TEXTS };
enum { N_COLUMNS = 3, SPREAD = FIXED_DIGITS - POINT };

struct expected_values {
	uint64_t n, sum[N_PRIMES], squares[N_PRIMES];
	struct fixed min, max;
};

struct expected_column {
	uint64_t cells[CSVR_N_CELL_CLASSES];
	struct expected_values values[CSVR_N_QUANTITIES];
};

struct expected_group {
	uint64_t n_rows;
	struct expected_column columns[N_COLUMNS];
};

static struct expected_group expected[MOST_GROUPS];

static void add_expected(struct expected_column *column, enum csvr_cell_class class,
			 const struct csvr_number *number)
{
	column->cells[class]++;
	if (number == NULL)
		return;
	struct expected_values *values = &column->values[number->quantity];
	const struct fixed value = fixed_of_number(number);
	for (int p = 0; p < N_PRIMES; p++) {
		const uint64_t prime = primes[p], remainder = remainder_of(&value, prime);
		values->sum[p] = (uint64_t)(((u128)values->sum[p] + remainder) % prime);
		values->squares[p] = (uint64_t)(((u128)values->squares[p] +
						 multiply(remainder, remainder, prime)) %
						prime);
	}
	if (values->n == 0 || compare_fixed(&value, &values->min) < 0)
		values->min = value;
	if (values->n == 0 || compare_fixed(&value, &values->max) > 0)
		values->max = value;
	values->n++;
}

static void assert_sums(const struct csvr_exact_sum *exact, const struct expected_values *values)
{
	for (int p = 0; p < N_PRIMES; p++) {
		const uint64_t prime = primes[p];
		uint64_t sum = 0, squares = 0;
		for (int i = 0; i < exact->sum_range.n; i++) {
			const __int128 bin = exact->sums[i];
			const uint64_t magnitude = (uint64_t)((bin < 0 ? -(u128)bin : (u128)bin) %
							      prime);
			const uint64_t term =
				multiply(magnitude,
					 power_of_ten(exact->sum_range.base + i + SPREAD, prime),
					 prime);
			sum = (uint64_t)(((u128)sum + (bin < 0 ? prime - term : term)) % prime);
		}
		for (int i = 0; i < exact->square_range.n; i++) {
			uint64_t bin = 0;
			for (int w = 3; w-- > 0;)
				bin = (uint64_t)(((u128)bin << 64 | exact->squares[i].word[w]) %
						 prime);
			bin = multiply(bin,
				       power_of_ten(exact->square_range.base + i + 2 * SPREAD,
						    prime),
				       prime);
			squares = (uint64_t)(((u128)squares + bin) % prime);
		}
		ck_assert_uint_eq(sum, values->sum[p]);
		ck_assert_uint_eq(squares, values->squares[p]);
	}
}

static void assert_column(const struct csvr_column *found, const struct expected_column *column)
{
	for (int class = 0; class < CSVR_N_CELL_CLASSES; class ++)
		ck_assert_uint_eq(found->cells[class], column->cells[class]);
	for (int i = 0; i < CSVR_N_QUANTITIES; i++) {
		const struct expected_values *values = &column->values[i];
		if (values->n == 0)
			continue;
		const struct fixed min = fixed_of_extreme(&found->quantities[i].min);
		const struct fixed max = fixed_of_extreme(&found->quantities[i].max);
		ck_assert_int_eq(compare_fixed(&min, &values->min), 0);
		ck_assert_int_eq(compare_fixed(&max, &values->max), 0);
		assert_sums(&found->quantities[i].exact, values);
	}
}

/* ---- keys ---- */

static const char *const texts[MOST_TEXTS] = {
	NULL,
	"a",
	"b",
	"seven",
	"exactly twenty-four byte",
	"one more than 24 bytes, a",
	"two more than 24 bytes, aa",
	"first, and the last 24 bytes are those of others",
	"second, and the last 24 bytes are those of others",
	"a key of more than 88 bytes, whose hash has blocks: 0123456789012345678901234567890123456789",
	"A key of more than 88 bytes, whose hash has blocks: 0123456789012345678901234567890123456789",
	"a\nb"
};

static size_t n_keys, n_texts;

static size_t group_of(const size_t keys[MOST_KEYS])
{
	size_t group = 0;
	for (size_t k = 0; k < n_keys; k++)
		group = group * MOST_TEXTS + keys[k];
	return group;
}

static size_t text_of(struct csvr_name name)
{
	for (size_t i = 1; i < MOST_TEXTS && name.text != NULL; i++)
		if (strlen(texts[i]) == name.n_bytes &&
		    memcmp(texts[i], name.text, name.n_bytes) == 0)
			return i;
	ck_assert_ptr_null(name.text);
	return 0;
}

/* ---- files of random rows ---- */

/* The columns of a file: one without statistics, and those of the table in another order. */
static const uint32_t new_column[] = { 2, UINT32_MAX, 0, 1 };
enum { FILE_COLUMNS = 4 };

/* The sizes of values. */
static const uint64_t limits[] = { 1000, 1 << 25, INT64_C(1) << 31, 100000000000000000,
				   CSVR_EXACT_LIMIT };
static uint64_t limit;

struct number {
	uint64_t part[2];
	struct csvr_number number;
};

static void random_number(struct number *number, enum csvr_quantity quantity)
{
	const unsigned kind = below(50);
	const uint64_t most = kind == 0 ? CSVR_EXACT_LIMIT : limit;
	number->part[0] = below(3) == 0 ? most - 1 : next_random() % most;
	number->part[1] = next_random() % 1000000000000000;
	number->number = (struct csvr_number){ .part = number->part,
					       .n_parts = kind == 1 ? 2 : 1,
					       .exponent = -(int)below(4),
					       .is_negative = below(2) == 0,
					       .quantity = quantity };
	if (quantity != CSVR_QUANTITY_NUMBER) {
		number->part[0] %= 1000000;
		number->number.n_parts = 1;
		number->number.is_negative &= quantity == CSVR_QUANTITY_DATE;
	} else if (kind < 4) {
		number->number.exponent = (int)below(36) - 22;
	}
}

/* The value as an integer times 10^-scale. False: it is none below the limit. */
static bool as_integer(const struct csvr_number *number, unsigned scale, int64_t *integer)
{
	uint64_t magnitude = number->part[0];
	if (number->n_parts != 1 || number->exponent < -(int)scale)
		return false;
	for (int i = number->exponent; i > -(int)scale && magnitude < CSVR_EXACT_LIMIT; i--)
		magnitude *= 10;
	*integer = number->is_negative ? -(int64_t)magnitude : (int64_t)magnitude;
	return magnitude < CSVR_EXACT_LIMIT;
}

static enum csvr_cell_class random_class(void)
{
	return below(4) > 0 ? CSVR_CELL_NUMBER : (enum csvr_cell_class)below(CSVR_N_CELL_CLASSES);
}

static void add_cells(struct csvr_groups *groups, size_t column, const uint32_t *ids, size_t n,
		      const size_t *rows)
{
	int64_t values[CSVR_MAX_BATCH];
	uint32_t value_ids[CSVR_MAX_BATCH];
	struct csvr_batch_sums sums;
	struct csvr_batch batch = {
		.values = values, .scale = below(5), .sums = &sums, .kernels = next_batch_kernels()
	};
	for (size_t i = 0; i < n; i++) {
		struct expected_column *to =
			&expected[rows[i]].columns[new_column[column] % N_COLUMNS];
		const enum csvr_cell_class class = random_class();
		const enum csvr_quantity quantity = csvr_quantity_of(class);
		struct number number;
		if (quantity == CSVR_N_QUANTITIES) {
			ck_assert_int_eq(csvr_groups_add_cell(groups, column, class, ids[i]), 0);
			add_expected(to, class, NULL);
			continue;
		}
		random_number(&number, quantity);
		add_expected(to, class, &number.number);
		if (class == CSVR_CELL_NUMBER && below(30) > 0 &&
		    as_integer(&number.number, batch.scale, &values[batch.n_values]))
			value_ids[batch.n_values++] = ids[i];
		else
			ck_assert_int_eq(csvr_groups_add_number(groups, column, class, ids[i],
								&number.number),
					 0);
	}
	if (batch.n_values == 0)
		return;
	batch.kernels->sum(values, batch.n_values, &sums);
	ck_assert_int_eq(csvr_groups_add_batch(groups, column, &batch, value_ids), 0);
}

static void add_rows(struct csvr_groups *groups, size_t n)
{
	static uint32_t numbers[MOST_KEYS][CSVR_MAX_BATCH];
	size_t keys[CSVR_MAX_BATCH][MOST_KEYS], rows[CSVR_MAX_BATCH];
	uint32_t ids[CSVR_MAX_BATCH];
	bool is_full;
	for (size_t k = 0; k < n_keys; k++) {
		struct csvr_key_batch batch;
		struct csvr_group_keys *of = csvr_groups_keys(groups, k);
		for (size_t i = 0; i < n; i++) {
			const size_t text = keys[i][k] = below(n_texts);
			batch.start[i] = (const unsigned char *)texts[text];
			batch.n_bytes[i] = text > 0 ? (uint32_t)strlen(texts[text]) : 0;
			csvr_key_read(&batch, i, &of->seed);
		}
		ck_assert_int_eq(csvr_group_keys_find(of, &batch, n, NULL, numbers[k]), 0);
	}
	ck_assert_int_eq(csvr_groups_add_rows(groups, numbers, n, ids, &is_full), 0);
	for (size_t i = 0; i < n; i++) {
		rows[i] = group_of(keys[i]);
		expected[rows[i]].n_rows++;
	}
	for (size_t j = 0; j < FILE_COLUMNS; j++)
		if (new_column[j] != UINT32_MAX)
			add_cells(groups, j, ids, n, rows);
}

/* ---- comparing ---- */

static struct csvr_group_config config_of(void)
{
	return (struct csvr_group_config){ .n_keys = n_keys, .max_groups = MOST_GROUPS };
}

static struct csvr_encoder encode(struct csvr_groups *groups)
{
	struct csvr_encoder bytes;
	struct csvr_summary_encoder out = { .encoder = &bytes, .groups = config_of() };
	csvr_encoder_init(&bytes);
	csvr_groups_encode(&out, groups);
	ck_assert(!bytes.is_out_of_memory);
	return bytes;
}

static struct csvr_groups *decode(const struct csvr_encoder *bytes)
{
	struct csvr_decoder decoder = { bytes->bytes, bytes->bytes + bytes->n_bytes, false };
	struct csvr_summary summary = { .config = { .groups = config_of() } };
	struct csvr_summary_decoder in = { .decoder = &decoder, .summary = &summary };
	struct csvr_groups *groups = NULL;
	ck_assert(csvr_groups_decode(&in, &groups, N_COLUMNS, UINT64_MAX));
	ck_assert_ptr_eq(decoder.at, decoder.end);
	return groups;
}

static void assert_same_bytes(const struct csvr_encoder *a, const struct csvr_encoder *b)
{
	ck_assert_uint_eq(a->n_bytes, b->n_bytes);
	ck_assert_mem_eq(a->bytes, b->bytes, a->n_bytes);
}

/* Replaces groups by those that their bytes are decoded to. */
static void save_and_restore(struct csvr_groups **groups)
{
	struct csvr_encoder bytes = encode(*groups);
	csvr_groups_free(*groups);
	*groups = decode(&bytes);
	struct csvr_encoder again = encode(*groups);
	assert_same_bytes(&bytes, &again);
	csvr_encoder_clear(&bytes);
	csvr_encoder_clear(&again);
}

static void assert_groups(struct csvr_groups *groups)
{
	struct csvr_column column;
	size_t n_groups = 0;
	csvr_column_init(&column);
	for (size_t i = 0; i < MOST_GROUPS; i++)
		n_groups += expected[i].n_rows > 0;
	ck_assert_int_eq(csvr_groups_sort(groups), 0);
	ck_assert_uint_eq(csvr_groups_count(groups), n_groups);
	for (size_t i = 0; i < n_groups; i++) {
		size_t keys[MOST_KEYS];
		for (size_t k = 0; k < n_keys; k++)
			keys[k] = text_of(csvr_groups_key(groups, i, k));
		const struct expected_group *group = &expected[group_of(keys)];
		ck_assert_uint_eq(csvr_groups_n_rows(groups, i), group->n_rows);
		for (size_t j = 0; j < N_COLUMNS; j++) {
			ck_assert_int_eq(csvr_groups_column(groups, i, j, NULL, &column), 0);
			assert_column(&column, &group->columns[j]);
		}
	}
	csvr_groups_column_clear(&column);
}

/* ---- merging ---- */

enum { MOST_PARTS = 7 };

/* Adds random files to each table; the same ones for the same seed. */
static void make_parts(struct csvr_groups **parts, size_t n_parts, uint64_t seed)
{
	const struct csvr_key_source sources[MOST_KEYS] = { { true, 1, { "key", 3 } },
							    { false, 0, { NULL, 0 } },
							    { true, UINT32_MAX, { "file", 4 } } };
	const struct csvr_group_config config = config_of();
	struct csvr_groups *file;
	random_state = seed;
	memset(expected, 0, sizeof expected);
	memset(parts, 0, n_parts * sizeof(struct csvr_groups *));
	ck_assert_int_eq(csvr_groups_new(&config, &file), 0);
	for (size_t i = 0; i < 2 * n_parts; i++) {
		uint64_t n_rows = 0;
		ck_assert_int_eq(csvr_groups_reset(file, FILE_COLUMNS, sources), 0);
		/* Some files have a header and no rows. */
		for (unsigned n_batches = below(4) == 0 ? 0 : below(8); n_batches > 0;
		     n_batches--) {
			const size_t n = 1 + below(CSVR_MAX_BATCH);
			add_rows(file, n);
			n_rows += n;
		}
		csvr_groups_finish_file(file, n_rows);
		ck_assert_int_eq(csvr_groups_merge(&parts[i % n_parts], file, new_column), 0);
	}
	csvr_groups_free(file);
}

/* Merges in random order, and saves and restores parts now and then. */
static struct csvr_groups *merge_parts(struct csvr_groups **parts, size_t n_parts)
{
	while (n_parts > 1) {
		const size_t i = below(n_parts);
		if (below(3) == 0)
			save_and_restore(&parts[i]);
		struct csvr_groups *from = parts[i];
		parts[i] = parts[--n_parts];
		ck_assert_int_eq(csvr_groups_merge(&parts[below(n_parts)], from, NULL), 0);
		csvr_groups_free(from);
	}
	return parts[0];
}

START_TEST(groups_have_the_sums_and_counts_of_their_rows_however_they_are_merged)
{
	const uint64_t seed = (uint64_t)_i + 1;
	struct csvr_groups *parts[MOST_PARTS];
	struct csvr_encoder first = { 0 };
	random_state = seed;
	n_keys = 1 + below(MOST_KEYS);
	n_texts = 1 + below(n_keys == 3 ? 5 : MOST_TEXTS);
	limit = limits[below(sizeof limits / sizeof *limits)];
	const size_t n_parts = 1 + below(MOST_PARTS);
	for (uint64_t round = 0; round < 3; round++) {
		make_parts(parts, n_parts, seed);
		random_state = seed << 8 | round;
		struct csvr_groups *merged = merge_parts(parts, n_parts);
		assert_groups(merged);
		uint64_t n_rows_without = 0;
		if (n_keys > 1)
			ck_assert_uint_le(csvr_groups_n_files_without(merged, 1, &n_rows_without),
					  2 * n_parts);
		struct csvr_encoder bytes = encode(merged);
		if (round == 0)
			first = bytes;
		else
			assert_same_bytes(&first, &bytes);
		if (round > 0)
			csvr_encoder_clear(&bytes);
		csvr_groups_free(merged);
	}
	csvr_encoder_clear(&first);
}
END_TEST

/* Adds the same value to one group, in batches or alone. */
static void add_equal(struct csvr_groups *groups, int64_t value, size_t n_batches)
{
	static uint32_t numbers[MOST_KEYS][CSVR_MAX_BATCH];
	uint32_t ids[CSVR_MAX_BATCH];
	int64_t values[CSVR_MAX_BATCH];
	struct csvr_batch_sums sums;
	const struct csvr_key_source source = { .is_present = false };
	bool is_full;
	ck_assert_int_eq(csvr_groups_reset(groups, 1, &source), 0);
	for (size_t i = 0; i < CSVR_MAX_BATCH; i++)
		values[i] = value;
	for (size_t i = 0; i < n_batches; i++) {
		const struct csvr_batch batch = { .values = values,
						  .n_values = CSVR_MAX_BATCH - 1,
						  .sums = &sums,
						  .kernels = next_batch_kernels() };
		const uint64_t part = (uint64_t)(value < 0 ? -value : value);
		const struct csvr_number number = {
			&part, 1, 0, value < 0, CSVR_QUANTITY_NUMBER, 0
		};
		batch.kernels->sum(values, batch.n_values, &sums);
		ck_assert_int_eq(csvr_groups_add_rows(groups, numbers, CSVR_MAX_BATCH, ids,
						      &is_full),
				 0);
		ck_assert_int_eq(csvr_groups_add_batch(groups, 0, &batch, ids), 0);
		ck_assert_int_eq(csvr_groups_add_number(groups, 0, CSVR_CELL_NUMBER, ids[0],
							&number),
				 0);
	}
}

START_TEST(words_are_emptied_before_they_overflow)
{
	/* Up to 2^25 the squares of 4096 values fit into 63 bits, and words are used. */
	static const int64_t large[] = { (1 << 25) - 1, 1 << 25, -(1 << 24), INT64_C(1) << 31,
					 CSVR_EXACT_LIMIT - 1 };
	enum { N_PARTS = 5, N_BATCHES = 60 };
	const int64_t value = large[_i];
	n_keys = 1;
	const struct csvr_group_config config = config_of();
	struct csvr_groups *merged = NULL, *part;
	struct csvr_column column;
	struct expected_values values = { .n = (uint64_t)N_PARTS * N_BATCHES * CSVR_MAX_BATCH };
	for (int p = 0; p < N_PRIMES; p++) {
		const uint64_t prime = primes[p];
		const uint64_t magnitude = multiply((uint64_t)(value < 0 ? -value : value),
						    power_of_ten(SPREAD, prime), prime);
		const uint64_t sum = multiply(magnitude, values.n, prime);
		values.sum[p] = value < 0 ? prime - sum : sum;
		values.squares[p] = multiply(multiply(magnitude, magnitude, prime), values.n,
					     prime);
	}
	ck_assert_int_eq(csvr_groups_new(&config, &part), 0);
	for (int i = 0; i < N_PARTS; i++) {
		add_equal(part, value, N_BATCHES);
		ck_assert_int_eq(csvr_groups_merge(&merged, part, NULL), 0);
	}
	save_and_restore(&merged);
	csvr_column_init(&column);
	ck_assert_uint_eq(csvr_groups_count(merged), 1);
	ck_assert_int_eq(csvr_groups_column(merged, 0, 0, NULL, &column), 0);
	ck_assert_uint_eq(column.cells[CSVR_CELL_NUMBER], values.n);
	assert_sums(&column.quantities[CSVR_QUANTITY_NUMBER].exact, &values);
	csvr_groups_column_clear(&column);
	csvr_groups_free(part);
	csvr_groups_free(merged);
}
END_TEST

/* ---- the order ---- */

static const char *const ordered_texts[] = {
	/* decimals, and then others */
	"-123456789012345678901234",
	"-10",
	"-1.50",
	"-1.5",
	"-.5",
	"-0",
	"+0",
	"0",
	"00",
	"0.0",
	"0.00000000000000000011",
	"0.0000000000000000002",
	"0.000000000000000000199",
	".5",
	"1.",
	"1",
	"01",
	"1.5",
	"1.50",
	"+1.5",
	"7",
	"007",
	"10",
	"9",
	"999999999999999999",
	"1000000000000000000",
	"123456789012345678901234",
	"123456789012345678901235",
	"1234567890123456789012340",
	"0123456789012345678901234.5",
	"1e5",
	"x",
	"-",
	".",
	"+",
	"1,5",
	"sixteen bytes...",
	"sixteen bytes...a",
	"sixteen bytes..",
	"\xc3\xa9",
	"1 "
};
enum { N_ORDERED = sizeof ordered_texts / sizeof *ordered_texts, N_DECIMALS = 30 };

/* A decimal as a fixed-point number. */
static struct fixed fixed_of_text(const char *text)
{
	struct fixed value = zero;
	const char *at = text + (*text == '-' || *text == '+');
	const char *point = strchr(at, '.');
	const size_t n_integer = point != NULL ? (size_t)(point - at) : strlen(at);
	for (size_t i = 0; at[i] != '\0'; i++)
		if (at[i] != '.')
			value.digit[POINT - n_integer + i - (i > n_integer)] =
				(unsigned char)(at[i] - '0');
	value.is_negative = *text == '-' && memcmp(value.digit, zero.digit, FIXED_DIGITS) != 0;
	return value;
}

/* Whether a key comes before another one, or is the same. */
static int compare_keys(const char *a, const char *b, bool are_decimals)
{
	if (a == NULL || b == NULL)
		return (a == NULL) - (b == NULL);
	int order = 0;
	if (are_decimals) {
		const struct fixed x = fixed_of_text(a), y = fixed_of_text(b);
		order = compare_fixed(&x, &y);
	}
	return order != 0 ? order : strcmp(a, b);
}

static const char *ordered_text(struct csvr_name name)
{
	for (size_t i = 0; i < N_ORDERED && name.text != NULL; i++)
		if (strlen(ordered_texts[i]) == name.n_bytes &&
		    memcmp(ordered_texts[i], name.text, name.n_bytes) == 0)
			return ordered_texts[i];
	return NULL;
}

/* One row at a time; index N_ORDERED is the missing key. */
static void add_ordered(struct csvr_groups *groups, size_t k, size_t index, uint32_t *number)
{
	struct csvr_key_batch batch;
	struct csvr_group_keys *of = csvr_groups_keys(groups, k);
	const char *text = index < N_ORDERED ? ordered_texts[index] : "";
	batch.start[0] = (const unsigned char *)text;
	batch.n_bytes[0] = (uint32_t)strlen(text);
	csvr_key_read(&batch, 0, &of->seed);
	ck_assert_int_eq(csvr_group_keys_find(of, &batch, 1, NULL, number), 0);
}

START_TEST(groups_are_sorted_by_value_if_all_keys_are_decimals_else_by_bytes)
{
	static uint32_t numbers[MOST_KEYS][CSVR_MAX_BATCH];
	static const struct csvr_key_source sources[MOST_KEYS];
	random_state = (uint64_t)_i + 1;
	n_keys = 1 + below(MOST_KEYS);
	const struct csvr_group_config config = config_of();
	struct csvr_groups *groups;
	bool are_decimals[MOST_KEYS], is_full;
	size_t n_choices[MOST_KEYS];
	ck_assert_int_eq(csvr_groups_new(&config, &groups), 0);
	ck_assert_int_eq(csvr_groups_reset(groups, 0, sources), 0);
	for (size_t k = 0; k < n_keys; k++) {
		are_decimals[k] = true;
		n_choices[k] = below(2) == 0 ? N_DECIMALS : N_ORDERED;
	}
	for (unsigned i = 0; i < 300; i++) {
		uint32_t id;
		for (size_t k = 0; k < n_keys; k++) {
			const size_t index = below(20) == 0 ? N_ORDERED : below(n_choices[k]);
			are_decimals[k] &= index < N_DECIMALS || index == N_ORDERED;
			add_ordered(groups, k, index, numbers[k]);
		}
		ck_assert_int_eq(csvr_groups_add_rows(groups, numbers, 1, &id, &is_full), 0);
	}
	ck_assert_int_eq(csvr_groups_sort(groups), 0);
	for (size_t i = 1; i < csvr_groups_count(groups); i++) {
		int order = 0;
		for (size_t k = 0; k < n_keys && order == 0; k++)
			order = compare_keys(ordered_text(csvr_groups_key(groups, i - 1, k)),
					     ordered_text(csvr_groups_key(groups, i, k)),
					     are_decimals[k]);
		ck_assert_int_lt(order, 0);
	}
	csvr_groups_free(groups);
}
END_TEST

/* ---- the limit ---- */

START_TEST(whether_there_are_too_many_groups_does_not_depend_on_how_they_are_merged)
{
	const uint64_t seed = (uint64_t)_i + 1;
	struct csvr_groups *parts[MOST_PARTS];
	random_state = seed;
	n_keys = 1 + below(2);
	n_texts = MOST_TEXTS;
	limit = 1000;
	const size_t n_parts = 2 + below(MOST_PARTS - 1);
	make_parts(parts, n_parts, seed);
	size_t n_groups = 0;
	for (size_t i = 0; i < MOST_GROUPS; i++)
		n_groups += expected[i].n_rows > 0;
	for (size_t i = 0; i < n_parts; i++)
		csvr_groups_free(parts[i]);
	for (int more = -1; more <= 1; more++) {
		struct csvr_groups *limited[MOST_PARTS] = { NULL };
		struct csvr_group_config config = config_of();
		config.max_groups = n_groups - (size_t)1 + (size_t)(more + 1);
		make_parts(parts, n_parts, seed);
		for (size_t i = 0; i < n_parts; i++) {
			/* The configuration is that of the groups that others are merged into. */
			ck_assert_int_eq(csvr_groups_new(&config, &limited[i]), 0);
			const struct csvr_key_source sources[MOST_KEYS] = {
				{ true, UINT32_MAX, { "key", 3 } }
			};
			ck_assert_int_eq(csvr_groups_reset(limited[i], N_COLUMNS, sources), 0);
			ck_assert_int_eq(csvr_groups_merge(&limited[i], parts[i], NULL), 0);
			csvr_groups_free(parts[i]);
		}
		for (size_t i = 1; i < n_parts; i++) {
			ck_assert_int_eq(csvr_groups_merge(&limited[0], limited[i], NULL), 0);
			csvr_groups_free(limited[i]);
		}
		ck_assert_int_eq(csvr_groups_are_too_many(limited[0]), more < 0 && n_groups > 0);
		csvr_groups_free(limited[0]);
	}
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *sums = tcase_create("sums"), *order = tcase_create("order"),
	      *most = tcase_create("limit");
	tcase_add_loop_test(sums,
			    groups_have_the_sums_and_counts_of_their_rows_however_they_are_merged,
			    0, 40);
	tcase_add_loop_test(sums, words_are_emptied_before_they_overflow, 0, 5);
	tcase_add_loop_test(order,
			    groups_are_sorted_by_value_if_all_keys_are_decimals_else_by_bytes, 0,
			    100);
	tcase_add_loop_test(
		most, whether_there_are_too_many_groups_does_not_depend_on_how_they_are_merged, 0,
		10);
	suite_add_tcase(suite, sums);
	suite_add_tcase(suite, order);
	suite_add_tcase(suite, most);
}

int main(void)
{
	return check_main("groups", add_cases);
}
