/* test_group_keys.c - many keys: their numbers, texts and order, against a sorted list of texts */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "check_main.h"
#include "random.h"
#include "stats/groups.h"

enum { MOST_BYTES = 60, N_TEXTS = 30000, N_ROUNDS = 12 };

struct text {
	unsigned char bytes[MOST_BYTES];
	size_t n_bytes; /* 0: the missing key */
	uint32_t number_plus_1; /* 0: not known yet */
};

static struct text texts[N_TEXTS];

/* Texts that share ends and beginnings, of any bytes, and some that occur more than once. */
static void draw_texts(bool are_decimals)
{
	for (size_t i = 0; i < N_TEXTS; i++) {
		struct text *text = &texts[i];
		memset(text, 0, sizeof *text);
		const unsigned kind = below(3);
		text->n_bytes = kind == 0 ? 1 + below(8) : 1 + below(MOST_BYTES);
		const size_t at = below(text->n_bytes);
		memset(text->bytes, kind == 2 ? '\0' : 'x', text->n_bytes);
		for (size_t j = 0; j < 3 && at + j < text->n_bytes; j++)
			text->bytes[at + j] = (unsigned char)below(256);
		if (!are_decimals)
			continue;
		text->n_bytes = 1 + below(9);
		for (size_t j = 0; j < text->n_bytes; j++)
			text->bytes[j] = (unsigned char)('0' + (j == 0 ? 1 + below(9) : below(10)));
	}
}

static int by_bytes(const void *left, const void *right)
{
	const struct text *a = left, *b = right;
	const size_t n = a->n_bytes < b->n_bytes ? a->n_bytes : b->n_bytes;
	const int order = memcmp(a->bytes, b->bytes, n);
	return order != 0 ? order : (a->n_bytes > b->n_bytes) - (a->n_bytes < b->n_bytes);
}

/* Of whole numbers without zeros in front. */
static int by_value(const void *left, const void *right)
{
	const struct text *a = left, *b = right;
	return a->n_bytes != b->n_bytes ? (a->n_bytes > b->n_bytes ? 1 : -1) : by_bytes(a, b);
}

/* A resolver: a text that begins with 'A' stands for the one with 'B', and one that begins with 'C' is missing. */
static unsigned char resolved[MOST_BYTES];

static void resolve(void *unused, const unsigned char **text, size_t *n_bytes)
{
	(void)unused;
	if ((*text)[0] == 'C')
		*n_bytes = 0;
	if ((*text)[0] != 'A')
		return;
	memcpy(resolved, *text, *n_bytes);
	resolved[0] = 'B';
	*text = resolved;
}

/* Adds all texts, some of them twice, in batches; sets the number of each. */
static void add_texts(struct csvr_group_keys *keys, struct csvr_groups *groups,
		      const struct csvr_key_resolver *resolver)
{
	static struct csvr_key_batch batch;
	static uint32_t numbers[1][CSVR_MAX_BATCH];
	uint32_t ids[CSVR_MAX_BATCH];
	bool is_full;
	for (size_t first = 0, n; first < N_TEXTS; first += n) {
		n = 1 + below(CSVR_KEY_BATCH);
		n = n < N_TEXTS - first ? n : N_TEXTS - first;
		for (size_t i = 0; i < n; i++) {
			batch.start[i] = texts[first + i].bytes;
			batch.n_bytes[i] = (uint32_t)texts[first + i].n_bytes;
			csvr_key_read(&batch, i, &keys->seed);
		}
		ck_assert_int_eq(csvr_group_keys_find(keys, &batch, n, resolver, numbers[0]), 0);
		for (size_t i = 0; i < n; i++)
			texts[first + i].number_plus_1 = numbers[0][i] + 1;
		if (groups != NULL)
			ck_assert_int_eq(csvr_groups_add_rows(groups, numbers, n, ids, &is_full),
					 0);
		if (below(4) == 0 && first > n)
			first -= n;
	}
}

START_TEST(equal_texts_have_a_number_and_others_have_not)
{
	static struct csvr_group_keys keys;
	const struct csvr_key_resolver resolver = { resolve, NULL };
	random_state = (uint64_t)_i + 1;
	csvr_group_keys_init(&keys);
	for (int again = 0; again < 2; again++) {
		draw_texts(false);
		add_texts(&keys, NULL, &resolver);
		for (size_t i = 0; i < N_TEXTS; i++) {
			struct text *text = &texts[i];
			if (text->bytes[0] == 'C')
				text->n_bytes = 0;
			if (text->bytes[0] == 'A')
				text->bytes[0] = 'B';
			size_t n_bytes = 0;
			const unsigned char *found = text->bytes;
			if (text->n_bytes == 0)
				ck_assert_uint_eq(text->number_plus_1, 1);
			else
				found = csvr_group_key_text(&keys, text->number_plus_1 - 1,
							    &n_bytes);
			ck_assert_uint_eq(n_bytes, text->n_bytes);
			ck_assert_int_eq(memcmp(found, text->bytes, n_bytes), 0);
		}
		qsort(texts, N_TEXTS, sizeof *texts, by_bytes);
		size_t n_different = texts[0].n_bytes > 0;
		for (size_t i = 1; i < N_TEXTS; i++) {
			const bool is_same = by_bytes(&texts[i - 1], &texts[i]) == 0;
			ck_assert_int_eq(is_same,
					 texts[i].number_plus_1 == texts[i - 1].number_plus_1);
			n_different += !is_same;
		}
		ck_assert_uint_eq(keys.n_keys, n_different + 1); /* and the missing one */
		csvr_group_keys_reset(&keys);
	}
	csvr_group_keys_clear(&keys);
}
END_TEST

START_TEST(many_groups_are_in_the_order_of_their_keys)
{
	const struct csvr_group_config config = { .n_keys = 1, .max_groups = N_TEXTS };
	const struct csvr_key_source source = { .is_present = false };
	struct csvr_groups *groups;
	random_state = (uint64_t)_i + 1;
	const bool are_decimals = _i % 2 == 0;
	draw_texts(are_decimals);
	ck_assert_int_eq(csvr_groups_new(&config, &groups), 0);
	ck_assert_int_eq(csvr_groups_reset(groups, 0, &source), 0);
	add_texts(csvr_groups_keys(groups, 0), groups, NULL);
	ck_assert_int_eq(csvr_groups_sort(groups), 0);
	qsort(texts, N_TEXTS, sizeof *texts, are_decimals ? by_value : by_bytes);
	size_t n = 0;
	for (size_t i = 0; i < N_TEXTS; i++) {
		if (i > 0 && by_bytes(&texts[i - 1], &texts[i]) == 0)
			continue;
		const struct csvr_name key = csvr_groups_key(groups, n++, 0);
		ck_assert_uint_eq(key.n_bytes, texts[i].n_bytes);
		ck_assert_int_eq(memcmp(key.text, texts[i].bytes, key.n_bytes), 0);
	}
	ck_assert_uint_eq(csvr_groups_count(groups), n);
	csvr_groups_free(groups);
}
END_TEST

START_TEST(memory_in_lines_keeps_its_contents_and_grows_by_zeros)
{
	static const size_t sizes[] = { 64,      1000,     5 << 20, (5 << 20) + 1,
					7 << 20, 20000000, 64 << 20 };
	unsigned char *lines = NULL;
	size_t n_bytes = 0;
	random_state = 1;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		lines = csvr_lines_grow(lines, n_bytes, sizes[i]);
		ck_assert_ptr_nonnull(lines);
		ck_assert_uint_eq((uintptr_t)lines % 64, 0);
		/* One assertion for all: each takes as long as a system call. */
		size_t n_wrong = 0;
		for (size_t j = 0; j < n_bytes; j++)
			n_wrong += lines[j] != j % 251 + 1;
		for (size_t j = n_bytes; j < sizes[i]; j++)
			n_wrong += lines[j] != 0;
		ck_assert_uint_eq(n_wrong, 0);
		n_bytes = sizes[i];
		for (size_t j = 0; j < n_bytes; j++)
			lines[j] = (unsigned char)(j % 251 + 1);
	}
	csvr_lines_free(lines, n_bytes);
	csvr_lines_free(NULL, 0);
}
END_TEST

static void add_cases(Suite *suite)
{
	TCase *keys = tcase_create("keys");
	tcase_add_loop_test(keys, equal_texts_have_a_number_and_others_have_not, 0, N_ROUNDS);
	tcase_add_loop_test(keys, many_groups_are_in_the_order_of_their_keys, 0, N_ROUNDS);
	tcase_add_test(keys, memory_in_lines_keeps_its_contents_and_grows_by_zeros);
	suite_add_tcase(suite, keys);
}

int main(void)
{
	return check_main("group_keys", add_cases);
}
