/* test_group_kernels.c - the functions of each instruction set that --group-by uses
 *
 * Expected results are computed one by one, with nothing that the kernels use.
 */
#include <limits.h>
#include <string.h>

#include "batch_kernels.h"
#include "check_main.h"
#include "parse/kernel.h"
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

/* ---- keys ---- */

enum { MOST_STRIDE = 3, MOST_CELL_BYTES = 128 };

/* Cells of some columns, one of which has the keys; only the margin around them is readable. */
struct table {
	struct csvr_dialect dialect;
	uint32_t most_bytes;
	struct csvr_column_slice cells;
	unsigned char *memory;
	uint32_t *ends;
};

static const struct csvr_key_seed seed = {
	0x9e3779b97f4a7c15,
	0xbf58476d1ce4e5b9,
	0x94d049bb133111eb,
	0xd6e8feb86659fd93,
	{ 0x165667b19e3779f9, 0xc2b2ae3d27d4eb4f, 0xa0761d6478bd642f, 0xe7037ed1a0b428db,
	  0x8ebc6af09c88c6e3, 0x589965cc75374cc3, 0x1d8e4e27c47d124f, 0xeb44accab455d165 }
};

static unsigned char random_byte(const char *letters)
{
	return (unsigned char)letters[below(strlen(letters))];
}

/* Most cells of a table are of one kind. */
static size_t write_cell(unsigned char *cell, unsigned kind, int quote)
{
	static const char *const letters[] = { "abcdefgh",       "abc \t", "ab\"\\'",
					       "ab\xc3\xa9\xe9", "a\r",    " \"\t\r\\a" };
	const char *alphabet = letters[below(8) == 0 ? 0 : kind % 6];
	const bool is_quoted = quote != CSVR_NONE && (kind & 8) != 0 && below(20) != 0;
	const size_t most = (kind & 16) != 0 ? 8 : (kind & 32) != 0 ? 28 : 100;
	size_t n = 0;
	for (size_t n_blanks = below(16) == 0 ? below(3) : 0; n < n_blanks; n++)
		cell[n] = random_byte(" \t");
	if (is_quoted)
		cell[n++] = (unsigned char)quote;
	for (size_t n_text = below(most + 1); n_text > 0; n_text--)
		cell[n++] = random_byte(alphabet);
	if (is_quoted)
		cell[n++] = (unsigned char)quote;
	for (size_t n_blanks = below(16) == 0 ? below(3) : 0; n_blanks > 0; n_blanks--)
		cell[n++] = random_byte(" \t");
	return n;
}

static struct table random_table(void)
{
	static const int quotes[] = { '"', '"', '"', '\'', ' ', CSVR_NONE };
	static const uint32_t most[] = {
		UINT32_MAX, UINT32_MAX, UINT32_MAX, 1, 3, 7, 8, 24, 25, 60
	};
	struct table t = { .dialect = { .delimiter = below(2) == 0 ? ',' : '\t',
					.newline = '\n',
					.quote = quotes[below(6)],
					.comment = CSVR_NONE,
					.escape = below(3) == 0 ? '\\' : CSVR_NONE,
					.decimal = '.' },
			   .most_bytes = most[below(10)] };
	const unsigned kind = (unsigned)next_random();
	const size_t stride = 1 + below(MOST_STRIDE), column = below(stride);
	const size_t n_cells = below(4) == 0 ? below(10) : below(CSVR_MAX_CELLS + 1);
	static unsigned char bytes[MOST_STRIDE * CSVR_MAX_CELLS * MOST_CELL_BYTES];
	t.ends = malloc((n_cells * stride + 1) * sizeof *t.ends);
	ck_assert_ptr_nonnull(t.ends);
	t.ends[0] = UINT32_MAX;
	size_t n_bytes = 0;
	for (size_t i = 0; i < n_cells * stride; i++) {
		n_bytes += write_cell(bytes + n_bytes, below(30) == 0 ? below(64) : kind,
				      t.dialect.quote);
		for (int n = below(50) == 0 ? 2 : (kind & 64) != 0;
		     n > 0 && i % stride == stride - 1; n--)
			bytes[n_bytes++] = '\r';
		t.ends[i + 1] = (uint32_t)n_bytes;
		bytes[n_bytes++] = i % stride == stride - 1 ? '\n' : t.dialect.delimiter;
	}
	t.memory = malloc(n_bytes + 2 * (size_t)CSVR_TEXT_MARGIN);
	ck_assert_ptr_nonnull(t.memory);
	memset(t.memory, '"', n_bytes + 2 * (size_t)CSVR_TEXT_MARGIN);
	memcpy(t.memory + CSVR_TEXT_MARGIN, bytes, n_bytes);
	t.cells = (struct csvr_column_slice){ t.memory + CSVR_TEXT_MARGIN,
					      t.ends + 1 + column,
					      stride,
					      n_cells,
					      column == stride - 1,
					      '.' };
	return t;
}

static void clear_table(struct table *t)
{
	free(t->memory);
	free(t->ends);
}

static bool is_blank(unsigned char byte)
{
	return byte == ' ' || byte == '\t';
}

/* Whether the quotes of a field, from its first byte that is not a blank on, are one pair around it, without escapes. */
static bool has_one_pair(const unsigned char *start, const unsigned char *end,
			 const struct csvr_dialect *dialect)
{
	size_t n_quotes = 0, n_escapes = 0;
	while (end > start && is_blank(end[-1]))
		end--;
	for (const unsigned char *p = start; p < end; p++) {
		n_quotes += *p == dialect->quote;
		n_escapes += *p == dialect->escape;
	}
	return n_quotes == 2 && n_escapes == 0 && end[-1] == dialect->quote;
}

/* The key of a cell by the words of kernel.h; false: it is rejected. */
static bool reference_key(const struct table *t, size_t i, struct csvr_slice *key)
{
	const uint32_t *at = t->cells.ends + i * t->cells.stride;
	const unsigned char *start = t->cells.text + (uint32_t)(at[-1] + 1);
	const unsigned char *end = t->cells.text + *at;
	static unsigned char scratch[MOST_CELL_BYTES];
	if (t->cells.ends_line && end > start && end[-1] == '\r')
		end--;
	if (t->cells.ends_line && end > start && end[-1] == '\r')
		return false;
	const unsigned char *text = start;
	while (text < end && is_blank(*text) && *text != t->dialect.quote)
		text++;
	if (text < end && *text == t->dialect.quote && !has_one_pair(text, end, &t->dialect))
		return false;
	*key = csvr_field_text(start, end, &t->dialect, scratch);
	if (key->n_bytes < t->most_bytes)
		return true;
	key->n_bytes = t->most_bytes;
	for (size_t k = 0; k < key->n_bytes; k++)
		if (key->start[k] >= 0x80)
			return false;
	return true;
}

/* The value of the eight bytes of a text that start at `from`, which may be before it: the lowest first, those outside 0. */
static uint64_t word_at(const struct csvr_slice *text, ptrdiff_t from, ptrdiff_t end)
{
	uint64_t word = 0;
	for (int i = 0; i < 8; i++)
		if (from + i >= 0 && from + i < end)
			word |= (uint64_t)text->start[from + i] << 8 * i;
	return word;
}

static void assert_key(const struct csvr_key_batch *found, size_t i, const struct csvr_slice *key)
{
	const ptrdiff_t n = (ptrdiff_t)key->n_bytes;
	const uint64_t low = word_at(key, n - 8, n), high = word_at(key, n - 16, n),
		       top = word_at(key, n - 24, n);
	uint64_t hash = low * seed.low + high * seed.high + top * seed.top + (uint64_t)n;
	for (ptrdiff_t at = 0; at < n - 24; at += 8) {
		if (at % 64 == 0)
			hash = (hash ^ hash >> 32) * seed.rest;
		hash += word_at(key, at, n - 24) * seed.front[at % 64 / 8];
	}
	hash = (hash ^ hash >> 32) * seed.rest;
	hash ^= hash >> 29;
	ck_assert_uint_eq(found->n_bytes[i], key->n_bytes);
	ck_assert_mem_eq(found->start[i], key->start, key->n_bytes);
	ck_assert_uint_eq((uint64_t)found->low[i], low);
	ck_assert_uint_eq((uint64_t)found->high[i], high);
	ck_assert_uint_eq((uint64_t)found->top[i], top);
	ck_assert_uint_eq((uint64_t)found->hash[i], hash);
}

/* The bytes that are marked. */
static bool is_marked[UCHAR_MAX + 1];

static void mark_some_bytes(void)
{
	memset(is_marked, 0, sizeof is_marked);
	for (size_t n = below(4); n > 0; n--)
		is_marked[random_byte("aabcdh\xc3\" \t\r,\n")] = true;
}

static void check_keys(const struct csvr_kernel *kernel, const struct table *t)
{
	static struct csvr_key_batch found;
	memset(&found, 0xa5, sizeof found);
	found.is_marked = is_marked;
	bool has_marked = false;
	kernel->read_keys(&t->cells, &t->dialect, &seed, t->most_bytes, &found);
	size_t n_rejects = 0;
	for (size_t i = 0; i < t->cells.n_cells; i++) {
		struct csvr_slice key;
		has_marked |= is_marked[t->cells.text[(
			uint32_t)(t->cells.ends[(ptrdiff_t)(i * t->cells.stride) - 1] + 1)]];
		if (!reference_key(t, i, &key)) {
			ck_assert_uint_lt(n_rejects, found.n_rejects);
			ck_assert_uint_eq(found.rejects[n_rejects++], i);
			key = (struct csvr_slice){ t->cells.text, 0 };
		}
		assert_key(&found, i, &key);
	}
	ck_assert_uint_eq(found.n_rejects, n_rejects);
	ck_assert_int_eq(found.has_marked, has_marked);
}

START_TEST(keys_are_the_texts_of_their_cells)
{
	random_state = 2;
	for (int i = 0; i < 1500; i++) {
		struct table t = random_table();
		const struct csvr_kernel *kernel;
		mark_some_bytes();
		for (size_t k = 0; (kernel = csvr_kernel_at(k)) != NULL; k++)
			if (kernel->is_usable())
				check_keys(kernel, &t);
		clear_table(&t);
	}
}
END_TEST

START_TEST(a_key_does_not_depend_on_the_bytes_around_it)
{
	unsigned char bytes[100];
	static struct csvr_key_batch keys;
	memset(bytes, 'x', sizeof bytes);
	memset(bytes + 40, 'k', 9);
	keys.start[0] = bytes + 40;
	memset(bytes + 70, 'k', 9);
	bytes[69] = bytes[79] = 'y';
	keys.start[1] = bytes + 70;
	for (uint32_t n = 0; n <= 9; n++) {
		keys.n_bytes[0] = keys.n_bytes[1] = n;
		csvr_key_read(&keys, 0, &seed);
		csvr_key_read(&keys, 1, &seed);
		ck_assert_int_eq(keys.hash[0], keys.hash[1]);
		ck_assert_int_eq(keys.low[0], keys.low[1]);
		ck_assert_int_eq(keys.high[0], keys.high[1]);
	}
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *keys = tcase_create("keys");
	tcase_add_test(keys, keys_are_the_texts_of_their_cells);
	tcase_add_test(keys, a_key_does_not_depend_on_the_bytes_around_it);
	suite_add_tcase(suite, keys);
	TCase *sums = tcase_create("sums");
	tcase_add_test(sums, sums_of_groups_are_those_of_their_values);
	suite_add_tcase(suite, sums);
}

int main(void)
{
	return check_main("group_kernels", add_cases);
}
