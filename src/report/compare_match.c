/* compare_match.c - which tables and columns of two reports are the same */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/suggestion.h"
#include "base/text.h"
#include "report/compare_internal.h"

/* ---- names ---- */

/* A name, and where it is. */
struct place {
	const struct csvr_name *name;
	uint32_t table, column;
};

static int compare_places(const void *left, const void *right)
{
	const struct place *a = left, *b = right;
	const int order = csvr_name_compare(a->name, b->name);
	if (order != 0)
		return order;
	if (a->table != b->table)
		return a->table < b->table ? -1 : 1;
	return (a->column > b->column) - (a->column < b->column);
}

/* The columns of tables in the order of their names; NULL: no memory. */
static struct place *sort_columns(const struct csvr_snapshot_table *tables, size_t n_tables,
				  size_t *n_places)
{
	size_t n = 0;
	for (size_t t = 0; t < n_tables; t++)
		n += tables[t].n_columns;
	struct place *places = calloc(n + 1, sizeof *places);
	*n_places = n;
	if (places == NULL)
		return NULL;
	n = 0;
	for (size_t t = 0; t < n_tables; t++)
		for (size_t i = 0; i < tables[t].n_columns; i++)
			places[n++] = (struct place){ &tables[t].columns[i].name, (uint32_t)t,
						      (uint32_t)i };
	if (n > 1)
		qsort(places, n, sizeof *places, compare_places);
	return places;
}

/* The first place with that name; n_places: there is none. */
static size_t find_name(const struct place *places, size_t n_places, const struct csvr_name *name)
{
	size_t low = 0, high = n_places;
	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		if (csvr_name_compare(places[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < n_places && csvr_name_compare(places[low].name, name) == 0 ? low : n_places;
}

/* ---- tables ---- */

/* Two tables that share names. */
struct pair {
	uint32_t before, now;
	double n_shared, n_all; /* names in both, in either */
};

static int compare_pairs(const void *left, const void *right)
{
	const struct pair *a = left, *b = right;
	const double of_a = a->n_shared * b->n_all, of_b = b->n_shared * a->n_all;
	if (of_a != of_b)
		return of_a > of_b ? -1 : 1;
	if (a->now != b->now)
		return a->now < b->now ? -1 : 1;
	return (a->before > b->before) - (a->before < b->before);
}

struct pairs {
	struct pair *items;
	size_t n_items, capacity;
};

/* Adds the pairs of a table, which share at least a fifth of their names. */
static bool add_pairs(struct pairs *pairs, const struct csvr_snapshot *before,
		      const struct csvr_snapshot *now, uint32_t table, const struct place *places,
		      size_t n_places, uint32_t *n_shared)
{
	enum { LEAST_PART = 5 };
	const struct csvr_snapshot_table *of = &now->tables[table];
	memset(n_shared, 0, before->n_tables * sizeof *n_shared);
	for (size_t i = 0; i < of->n_columns; i++)
		for (size_t p = find_name(places, n_places, &of->columns[i].name);
		     p < n_places && csvr_name_compare(places[p].name, &of->columns[i].name) == 0;
		     p++)
			n_shared[places[p].table]++;
	for (size_t t = 0; t < before->n_tables; t++) {
		const double n = n_shared[t];
		const double n_all = (double)of->n_columns + (double)before->tables[t].n_columns -
				     n;
		if (n == 0 || n * LEAST_PART < n_all)
			continue;
		struct pair *grown = csvr_array_grow(pairs->items, &pairs->capacity,
						     pairs->n_items + 1, sizeof *grown);
		if (grown == NULL)
			return false;
		pairs->items = grown;
		grown[pairs->n_items++] = (struct pair){ (uint32_t)t, table, n, n_all };
	}
	return true;
}

enum csvr_status csvr_match_tables(const struct csvr_snapshot *before,
				   const struct csvr_snapshot *now, uint32_t *match)
{
	memset(match, 0xff, now->n_tables * sizeof *match);
	if (before->n_tables == 1 && now->n_tables == 1) {
		match[0] = 0;
		return CSVR_OK;
	}
	size_t n_places;
	struct pairs pairs = { 0 };
	struct place *places = sort_columns(before->tables, before->n_tables, &n_places);
	uint32_t *n_shared = calloc(before->n_tables, sizeof *n_shared);
	bool *is_taken = calloc(before->n_tables, sizeof *is_taken);
	bool is_complete = places != NULL && n_shared != NULL && is_taken != NULL;
	for (size_t t = 0; t < now->n_tables && is_complete; t++)
		is_complete = add_pairs(&pairs, before, now, (uint32_t)t, places, n_places,
					n_shared);
	if (pairs.n_items > 1)
		qsort(pairs.items, pairs.n_items, sizeof *pairs.items, compare_pairs);
	for (size_t i = 0; i < pairs.n_items && is_complete; i++) {
		const struct pair *pair = &pairs.items[i];
		if (is_taken[pair->before] || match[pair->now] != CSVR_NO_INDEX)
			continue;
		is_taken[pair->before] = true;
		match[pair->now] = pair->before;
	}
	free(pairs.items);
	free(places);
	free(n_shared);
	free(is_taken);
	return is_complete ? CSVR_OK : CSVR_NO_MEMORY;
}

/* ---- renamed columns ---- */

/* How sure it is that two columns are one; 0: it is not. */
enum likeness { UNLIKE, LIKE_ITEMS, LIKE_SPELLING, LIKE_VALUES, LIKE_FOLDED, N_LIKENESSES };

static const char *const reasons_of[N_LIKENESSES] = {
	[LIKE_ITEMS] = "the same frequent values",
	[LIKE_SPELLING] = "a similar name and similar values",
	[LIKE_VALUES] = "the same values",
	[LIKE_FOLDED] = "the same name apart from case and blanks",
};

static bool are_known_equal(const struct csvr_snapshot_value *a,
			    const struct csvr_snapshot_value *b)
{
	return a->is_known && b->is_known && a->value == b->value;
}

static bool have_equal_items(const struct csvr_snapshot_column *a,
			     const struct csvr_snapshot_column *b)
{
	bool are = a->n_items == b->n_items;
	for (size_t i = 0; i < a->n_items && are; i++)
		are = csvr_name_compare(&a->items[i].text, &b->items[i].text) == 0 &&
		      a->items[i].n_cells == b->items[i].n_cells;
	return are;
}

/* Whether the statistics are equal to the last digit, and those of more than a few values. */
static bool have_same_values(const struct csvr_snapshot_column *a,
			     const struct csvr_snapshot_column *b)
{
	enum { FEW = 10, FEW_ITEMS = 3 };
	if (a->type != b->type || !have_equal_items(a, b) || a->distinct.value != b->distinct.value)
		return false;
	for (int class = 0; class < CSVR_N_CELL_CLASSES; class ++)
		if (a->cells[class] != b->cells[class])
			return false;
	if (csvr_snapshot_quantity(a) == CSVR_N_QUANTITIES)
		return a->n_items >= FEW_ITEMS;
	return csvr_snapshot_n_values(a) >= FEW && are_known_equal(&a->min, &b->min) &&
	       are_known_equal(&a->max, &b->max) && a->min.value < a->max.value &&
	       are_known_equal(&a->mean, &b->mean) && a->stddev.value == b->stddev.value;
}

/* Whether most cells have values that are frequent in both columns, with the same shares. */
static bool have_same_items(const struct csvr_snapshot_column *a,
			    const struct csvr_snapshot_column *b)
{
	enum { FEW_ITEMS = 4 };
	const double n_a = csvr_snapshot_n_present(a), n_b = csvr_snapshot_n_present(b);
	double shared_a = 0, shared_b = 0;
	size_t n_shared = 0;
	for (size_t i = 0; i < a->n_items; i++) {
		const struct csvr_snapshot_item *item = &a->items[i];
		const struct csvr_snapshot_item *other = csvr_find_item(b, item);
		if (other == NULL || item->is_number)
			continue;
		const struct csvr_part before = { item->n_cells, n_a },
				       now = { other->n_cells, n_b };
		if (csvr_evidence_of_item(before, now, before.k + now.k) >= CSVR_CHANGE_EVIDENCE)
			return false;
		n_shared++;
		shared_a += item->n_cells;
		shared_b += other->n_cells;
	}
	return n_shared >= FEW_ITEMS && shared_a * 10 >= n_a * 9 && shared_b * 10 >= n_b * 9;
}

/* The position of the next byte that is no blank, or the end. */
static size_t skip_blanks(const struct csvr_name *name, size_t at)
{
	while (at < name->n_bytes && csvr_is_blank((unsigned char)name->text[at]))
		at++;
	return at;
}

static unsigned char lower_of(char byte)
{
	return (unsigned char)(byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte);
}

/* Whether csvr_fold_name makes two names equal. */
static bool equals_folded(const struct csvr_name *a, const struct csvr_name *b)
{
	size_t i = skip_blanks(a, 0), j = skip_blanks(b, 0);
	while (i < a->n_bytes && j < b->n_bytes && lower_of(a->text[i]) == lower_of(b->text[j])) {
		i = skip_blanks(a, i + 1);
		j = skip_blanks(b, j + 1);
	}
	return i == a->n_bytes && j == b->n_bytes;
}

/* The next digit; NULL: there is none. */
static const char *next_digit(const char *at, const char *end)
{
	while (at < end && (*at < '0' || *at > '9'))
		at++;
	return at < end ? at : NULL;
}

/* Names that differ in their digits are of different columns: x1 and x2. */
static bool have_equal_digits(const struct csvr_name *a, const struct csvr_name *b)
{
	const char *end_a = a->text + a->n_bytes, *end_b = b->text + b->n_bytes;
	const char *at_a = next_digit(a->text, end_a), *at_b = next_digit(b->text, end_b);
	while (at_a != NULL && at_b != NULL && *at_a == *at_b) {
		at_a = next_digit(at_a + 1, end_a);
		at_b = next_digit(at_b + 1, end_b);
	}
	return at_a == NULL && at_b == NULL;
}

/* Short names that differ are of different columns. */
static bool is_similar_name(const struct csvr_name *a, const struct csvr_name *b)
{
	enum { LEAST_BYTES = 4 };
	struct csvr_suggestion suggestion = { 0 };
	if (a->n_bytes < LEAST_BYTES || b->n_bytes < LEAST_BYTES)
		return false;
	csvr_suggestion_offer(&suggestion, a->text, a->n_bytes, b->text, b->n_bytes);
	return suggestion.n_edits > 0 && have_equal_digits(a, b);
}

static enum likeness likeness_of(const struct csvr_snapshot_column *before,
				 const struct csvr_snapshot_column *now)
{
	if (!csvr_types_are_alike(before->type, now->type))
		return UNLIKE;
	if (equals_folded(&before->name, &now->name))
		return LIKE_FOLDED;
	if (have_same_values(before, now))
		return LIKE_VALUES;
	if (is_similar_name(&before->name, &now->name) && !csvr_values_differ(before, now))
		return LIKE_SPELLING;
	return have_same_items(before, now) ? LIKE_ITEMS : UNLIKE;
}

/* The lost and the new columns of a table. */
struct unmatched {
	const struct csvr_snapshot_table *before, *now;
	uint32_t *lost, *new;
	size_t n_lost, n_new;
	unsigned char *likeness; /* [lost][new] */
};

/* Matches the columns for which only one other column is as likely. */
static void match_at(const struct unmatched *columns, enum likeness likeness, uint32_t *match,
		     const char **reasons)
{
	for (size_t i = 0; i < columns->n_lost; i++) {
		size_t n_here = 0, n_there = 0, found = 0;
		for (size_t j = 0; j < columns->n_new; j++)
			if (columns->likeness[i * columns->n_new + j] >= likeness) {
				found = j;
				n_here++;
			}
		for (size_t k = 0; k < columns->n_lost && n_here == 1; k++)
			n_there += columns->likeness[k * columns->n_new + found] >= likeness;
		if (n_here != 1 || n_there != 1)
			continue;
		match[columns->new[found]] = columns->lost[i];
		reasons[columns->new[found]] =
			reasons_of[columns->likeness[i * columns->n_new + found]];
		/* Neither is matched again. */
		for (size_t j = 0; j < columns->n_new; j++)
			columns->likeness[i * columns->n_new + j] = UNLIKE;
		for (size_t k = 0; k < columns->n_lost; k++)
			columns->likeness[k * columns->n_new + found] = UNLIKE;
	}
}

static enum csvr_status find_renamed(const struct unmatched *unmatched, uint32_t *match,
				     const char **reasons)
{
	/* More are not columns that were renamed, but another table. */
	enum { MOST_PAIRS = 250000 };
	struct unmatched columns = *unmatched;
	if (columns.n_lost == 0 || columns.n_new == 0 ||
	    columns.n_lost > MOST_PAIRS / columns.n_new)
		return CSVR_OK;
	columns.likeness = malloc(columns.n_lost * columns.n_new);
	if (columns.likeness == NULL)
		return CSVR_NO_MEMORY;
	for (size_t i = 0; i < columns.n_lost; i++)
		for (size_t j = 0; j < columns.n_new; j++)
			columns.likeness[i * columns.n_new + j] = (unsigned char)
				likeness_of(&columns.before->columns[columns.lost[i]],
					    &columns.now->columns[columns.new[j]]);
	for (int likeness = N_LIKENESSES - 1; likeness > UNLIKE; likeness--)
		match_at(&columns, (enum likeness)likeness, match, reasons);
	free(columns.likeness);
	return CSVR_OK;
}

/* ---- columns ---- */

enum csvr_status csvr_match_columns(const struct csvr_snapshot_table *before,
				    const struct csvr_snapshot_table *now, uint32_t *match,
				    const char **reasons)
{
	size_t n_places;
	struct place *places = sort_columns(before, 1, &n_places);
	bool *is_taken = calloc(before->n_columns + 1, sizeof *is_taken);
	struct unmatched columns = { .before = before, .now = now };
	columns.lost = calloc(before->n_columns + 1, sizeof *columns.lost);
	columns.new = calloc(now->n_columns + 1, sizeof *columns.new);
	enum csvr_status status = CSVR_NO_MEMORY;
	if (places == NULL || is_taken == NULL || columns.lost == NULL || columns.new == NULL)
		goto out;
	for (size_t i = 0; i < now->n_columns; i++) {
		const size_t found = find_name(places, n_places, &now->columns[i].name);
		match[i] = found < n_places ? places[found].column : CSVR_NO_INDEX;
		reasons[i] = NULL;
		if (found < n_places)
			is_taken[match[i]] = true;
		else
			columns.new[columns.n_new++] = (uint32_t)i;
	}
	for (size_t i = 0; i < before->n_columns; i++)
		if (!is_taken[i])
			columns.lost[columns.n_lost++] = (uint32_t)i;
	status = find_renamed(&columns, match, reasons);
out:
	free(places);
	free(is_taken);
	free(columns.lost);
	free(columns.new);
	return status;
}
