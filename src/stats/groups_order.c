/* groups_order.c - sorts groups by their keys
 *
 * Keys are sorted by bytes, or by value if all are plain decimals. Sorting compares 128-bit numbers that are
 * in the same order but for ties: the first bytes of a text, or a decimal in units of 10^-18.
 */
#include <stdlib.h>
#include <string.h>

#include "stats/groups_internal.h"

typedef unsigned __int128 u128;

enum { PREFIX_BYTES = 16, PREFIX_DIGITS = 18 };

struct sorted_key {
	uint64_t high, low; /* of its prefix */
	const unsigned char *text;
	uint32_t n_bytes;
	uint32_t number;
};

/* ---- plain decimals ---- */

/* Digits of a plain decimal, without zeros at the start and, after the point, at the end. */
struct plain_decimal {
	const unsigned char *integer, *fraction;
	size_t n_integer, n_fraction;
	bool is_negative; /* and not 0 */
};

static size_t count_digits(const unsigned char *text, const unsigned char *end)
{
	const unsigned char *at = text;
	while (at < end && *at >= '0' && *at <= '9')
		at++;
	return (size_t)(at - text);
}

/* False: the text is something else. */
static bool read_decimal(const unsigned char *text, size_t n_bytes, struct plain_decimal *decimal)
{
	const unsigned char *at = text, *end = text + n_bytes;
	const bool has_sign = at < end && (*at == '-' || *at == '+');
	decimal->is_negative = has_sign && *at == '-';
	at += has_sign;
	decimal->integer = at;
	decimal->n_integer = count_digits(at, end);
	at += decimal->n_integer;
	const bool has_point = at < end && *at == '.';
	at += has_point;
	decimal->fraction = at;
	decimal->n_fraction = has_point ? count_digits(at, end) : 0;
	at += decimal->n_fraction;
	if (at != end || decimal->n_integer + decimal->n_fraction == 0)
		return false;
	while (decimal->n_integer > 0 && *decimal->integer == '0') {
		decimal->integer++;
		decimal->n_integer--;
	}
	while (decimal->n_fraction > 0 && decimal->fraction[decimal->n_fraction - 1] == '0')
		decimal->n_fraction--;
	decimal->is_negative &= decimal->n_integer + decimal->n_fraction > 0;
	return true;
}

static u128 prefix_of_decimal(const struct plain_decimal *decimal)
{
	const u128 zero = (u128)1 << 127;
	u128 magnitude = 0;
	if (decimal->n_integer > PREFIX_DIGITS)
		return decimal->is_negative ? 0 : ~(u128)0;
	for (size_t i = 0; i < decimal->n_integer; i++)
		magnitude = magnitude * 10 + (decimal->integer[i] - '0');
	for (size_t i = 0; i < PREFIX_DIGITS; i++)
		magnitude = magnitude * 10 +
			    (i < decimal->n_fraction ? decimal->fraction[i] - '0' : 0);
	return decimal->is_negative ? zero - magnitude : zero + magnitude;
}

static int compare_texts(const unsigned char *a, size_t n_a, const unsigned char *b, size_t n_b)
{
	const size_t n = n_a < n_b ? n_a : n_b;
	const int order = n > 0 ? memcmp(a, b, n) : 0;
	return order != 0 ? order : (n_a > n_b) - (n_a < n_b);
}

/* Compares decimals that have equal prefixes, and so the same sign. */
static int compare_decimals(const struct sorted_key *a, const struct sorted_key *b)
{
	struct plain_decimal x, y;
	read_decimal(a->text, a->n_bytes, &x);
	read_decimal(b->text, b->n_bytes, &y);
	int order = (x.n_integer > y.n_integer) - (x.n_integer < y.n_integer);
	if (order == 0)
		order = compare_texts(x.integer, x.n_integer, y.integer, y.n_integer);
	if (order == 0)
		order = compare_texts(x.fraction, x.n_fraction, y.fraction, y.n_fraction);
	return x.is_negative ? -order : order;
}

/* ---- sorting ---- */

static int compare_prefixes(const struct sorted_key *a, const struct sorted_key *b)
{
	if (a->high != b->high)
		return a->high < b->high ? -1 : 1;
	return (a->low > b->low) - (a->low < b->low);
}

static int by_bytes(const void *left, const void *right)
{
	const struct sorted_key *a = left, *b = right;
	const int order = compare_prefixes(a, b);
	return order != 0 ? order : compare_texts(a->text, a->n_bytes, b->text, b->n_bytes);
}

static int by_value(const void *left, const void *right)
{
	const struct sorted_key *a = left, *b = right;
	int order = compare_prefixes(a, b);
	if (order == 0)
		order = compare_decimals(a, b);
	return order != 0 ? order : compare_texts(a->text, a->n_bytes, b->text, b->n_bytes);
}

static void set_prefix(struct sorted_key *key, bool is_decimal)
{
	struct plain_decimal decimal;
	u128 prefix = 0;
	if (is_decimal && read_decimal(key->text, key->n_bytes, &decimal))
		prefix = prefix_of_decimal(&decimal);
	for (size_t i = 0; !is_decimal && i < PREFIX_BYTES; i++)
		prefix = prefix << 8 | (i < key->n_bytes ? key->text[i] : 0);
	key->high = (uint64_t)(prefix >> 64);
	key->low = (uint64_t)prefix;
}

/* Sorts the numbers of keys, of which none is missing. */
static enum csvr_status sort_numbers(const struct csvr_group_keys *keys, uint32_t *numbers,
				     size_t n)
{
	struct sorted_key *sorted = malloc((n + 1) * sizeof *sorted);
	if (sorted == NULL)
		return CSVR_NO_MEMORY;
	bool are_decimals = true;
	for (size_t i = 0; i < n; i++) {
		struct plain_decimal ignored;
		size_t n_bytes;
		sorted[i].text = csvr_group_key_text(keys, numbers[i], &n_bytes);
		sorted[i].n_bytes = (uint32_t)n_bytes;
		sorted[i].number = numbers[i];
		are_decimals = are_decimals && read_decimal(sorted[i].text, n_bytes, &ignored);
	}
	for (size_t i = 0; i < n; i++)
		set_prefix(&sorted[i], are_decimals);
	qsort(sorted, n, sizeof *sorted, are_decimals ? by_value : by_bytes);
	for (size_t i = 0; i < n; i++)
		numbers[i] = sorted[i].number;
	free(sorted);
	return CSVR_OK;
}

/* ---- several keys ---- */

/* Sets the numbers of key `key` that groups[0, n) have, without the missing one; returns how many there are. */
static size_t find_used(const struct csvr_groups *groups, const uint32_t *ids, size_t n, size_t key,
			bool *is_used, uint32_t *used)
{
	uint32_t numbers[CSVR_MAX_GROUP_KEYS];
	size_t n_used = 0;
	memset(is_used, 0, groups->keys[key].n_keys * sizeof *is_used);
	for (size_t i = 0; i < n; i++) {
		csvr_groups_numbers(groups, ids[i], numbers);
		const uint32_t number = numbers[key];
		if (number != CSVR_MISSING_KEY && !is_used[number])
			used[n_used++] = number;
		is_used[number] = true;
	}
	return n_used;
}

/* Sorts `ids` by the ranks of key `key`, and keeps the order of equal ones; the missing key is last. first[r] is where those of
 * rank r begin, in the end. */
static void sort_by_rank(const struct csvr_groups *groups, size_t key, const uint32_t *rank,
			 size_t n_ranks, uint32_t *ids, uint32_t *scratch, size_t *first, size_t n)
{
	uint32_t numbers[CSVR_MAX_GROUP_KEYS];
	memset(first, 0, (n_ranks + 1) * sizeof *first);
	for (size_t i = 0; i < n; i++) {
		csvr_groups_numbers(groups, ids[i], numbers);
		first[rank[numbers[key]] + 1]++;
	}
	for (size_t r = 0; r < n_ranks; r++)
		first[r + 1] += first[r];
	for (size_t i = 0; i < n; i++) {
		csvr_groups_numbers(groups, ids[i], numbers);
		scratch[first[rank[numbers[key]]]++] = ids[i];
	}
	memcpy(ids, scratch, n * sizeof *ids);
}

/* Sorts groups by one key, and keeps the order of those for which it is equal. */
static enum csvr_status sort_by_key(const struct csvr_groups *groups, size_t key, uint32_t *ids,
				    size_t n)
{
	const size_t n_keys = groups->keys[key].n_keys;
	bool *is_used = malloc((n_keys + 1) * sizeof *is_used);
	uint32_t *used = malloc((n_keys + 1) * sizeof *used);
	uint32_t *rank = calloc(n_keys + 1, sizeof *rank);
	uint32_t *scratch = malloc((n + 1) * sizeof *scratch);
	size_t *first = malloc((n_keys + 2) * sizeof *first);
	enum csvr_status status = CSVR_NO_MEMORY;
	if (is_used != NULL && used != NULL && rank != NULL && scratch != NULL && first != NULL) {
		const size_t n_used = find_used(groups, ids, n, key, is_used, used);
		status = sort_numbers(&groups->keys[key], used, n_used);
		for (size_t i = 0; i < n_used; i++)
			rank[used[i]] = (uint32_t)i;
		rank[CSVR_MISSING_KEY] = (uint32_t)n_used;
		if (status == CSVR_OK)
			sort_by_rank(groups, key, rank, n_used + 1, ids, scratch, first, n);
	}
	free(is_used);
	free(used);
	free(rank);
	free(scratch);
	free(first);
	return status;
}

/* ---- groups ---- */

static enum csvr_status complete_details(struct csvr_groups *groups)
{
	if (groups->config.collection != 0 && groups->nothing == NULL &&
	    csvr_collected_new(groups->config.collection, &groups->nothing) != CSVR_OK)
		return CSVR_NO_MEMORY;
	for (size_t j = 0; j < groups->n_columns; j++) {
		struct csvr_column **details = groups->columns[j].details;
		for (size_t i = 0; details != NULL && i < groups->n_groups; i++) {
			if (details[i] == NULL)
				continue;
			const enum csvr_status status = csvr_collected_complete(
				details[i]->collected);
			if (status != CSVR_OK)
				return status;
		}
	}
	return CSVR_OK;
}

enum csvr_status csvr_groups_sort(struct csvr_groups *groups)
{
	const size_t n_keys = groups->config.n_keys;
	free(groups->order);
	groups->order = malloc((groups->n_groups + 1) * sizeof *groups->order);
	groups->n_ordered = 0;
	if (groups->order == NULL)
		return CSVR_NO_MEMORY;
	for (size_t i = n_keys == 1; i < groups->n_groups; i++)
		if (groups->n_rows[i] > 0)
			groups->order[groups->n_ordered++] = (uint32_t)i;
	enum csvr_status status = CSVR_OK;
	if (n_keys == 1) {
		status = sort_numbers(&groups->keys[0], groups->order, groups->n_ordered);
		if (groups->n_groups > 0 && groups->n_rows[CSVR_MISSING_KEY] > 0)
			groups->order[groups->n_ordered++] = CSVR_MISSING_KEY;
	}
	for (size_t k = n_keys; n_keys > 1 && k-- > 0 && status == CSVR_OK;)
		status = sort_by_key(groups, k, groups->order, groups->n_ordered);
	return status == CSVR_OK ? complete_details(groups) : status;
}

size_t csvr_groups_count(const struct csvr_groups *groups)
{
	return groups->n_ordered;
}

struct csvr_name csvr_groups_key(const struct csvr_groups *groups, size_t group, size_t key)
{
	uint32_t numbers[CSVR_MAX_GROUP_KEYS];
	csvr_groups_numbers(groups, groups->order[group], numbers);
	if (numbers[key] == CSVR_MISSING_KEY)
		return (struct csvr_name){ NULL, 0 };
	size_t n_bytes;
	const unsigned char *text = csvr_group_key_text(&groups->keys[key], numbers[key], &n_bytes);
	return (struct csvr_name){ (const char *)text, n_bytes };
}

uint64_t csvr_groups_n_rows(const struct csvr_groups *groups, size_t group)
{
	return groups->n_rows[groups->order[group]];
}

/* The first step loads what is found by the number of a group, the second the text of its key, whose place that is. */
void csvr_groups_prefetch(const struct csvr_groups *groups, size_t group)
{
	enum { FAR = 16, NEAR = 8, MOST_COLUMNS = 8 };
	const struct csvr_group_keys *keys = &groups->keys[0];
	const bool has_one_key = groups->config.n_keys == 1;
	if (group + FAR < groups->n_ordered) {
		const uint32_t id = groups->order[group + FAR];
		__builtin_prefetch(&groups->n_rows[id]);
		if (has_one_key)
			__builtin_prefetch(&keys->texts[id]);
		for (size_t i = 0; i < groups->n_columns && i < MOST_COLUMNS; i++)
			if (groups->columns[i].n_values > 0)
				__builtin_prefetch(&groups->columns[i].values[0].sums[id]);
	}
	if (has_one_key && group + NEAR < groups->n_ordered)
		__builtin_prefetch(keys->bytes + keys->texts[groups->order[group + NEAR]].offset);
}
