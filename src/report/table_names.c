/* table_names.c - names that are cut, and yet differ
 *
 * Shape    names in one table often start alike or end alike. They are cut in the middle, or where it
 *          keeps them apart; names that become equal all the same are numbered by their position.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdlib.h>
#include <string.h>

#include "report/table_internal.h"

static int compare_bytes(const char *a, size_t n_a, const char *b, size_t n_b)
{
	const int order = memcmp(a, b, n_a < n_b ? n_a : n_b);
	return order != 0 ? order : (n_a > n_b) - (n_a < n_b);
}

/* Orders names as they are cut. */
static int compare_cut(const void *a, const void *b)
{
	const struct csvr_table_name *x = *(struct csvr_table_name *const *)a;
	const struct csvr_table_name *y = *(struct csvr_table_name *const *)b;
	const int order = compare_bytes(x->name, x->cut.head_bytes, y->name, y->cut.head_bytes);
	if (order != 0)
		return order;
	return compare_bytes(x->name + x->n_bytes - x->cut.tail_bytes, x->cut.tail_bytes,
			     y->name + y->n_bytes - y->cut.tail_bytes, y->cut.tail_bytes);
}

/* Cuts all names to a width and sorts the cut names. False: some are equal. */
static bool cut_names(struct csvr_table *table, size_t width, size_t tail_width)
{
	const size_t n = table->block.n_rows;
	bool is_any_cut = false;
	for (size_t i = 0; i < n; i++) {
		struct csvr_table_name *name = &table->names[i];
		name->number = 0;
		name->cut = csvr_escape_cut(name->name, name->n_bytes, width, tail_width);
		is_any_cut = is_any_cut || name->cut.head_bytes < name->n_bytes;
		table->sorted[i] = name;
	}
	if (!is_any_cut)
		return true;
	qsort(table->sorted, n, sizeof(struct csvr_table_name *), compare_cut);
	for (size_t i = 1; i < n; i++)
		if (compare_cut(&table->sorted[i - 1], &table->sorted[i]) == 0)
			return false;
	return true;
}

static size_t number_width(size_t number)
{
	char text[32];
	return (size_t)sprintf(text, "#%zu", number);
}

/* Numbers the names that are equal; all are sorted. */
static void number_names(struct csvr_table *table, size_t width)
{
	const size_t n = table->block.n_rows;
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1;
		     end < n && compare_cut(&table->sorted[i], &table->sorted[end]) == 0;)
			end++;
		for (size_t k = i; end - i > 1 && k < end; k++)
			table->sorted[k]->number = (size_t)(table->sorted[k] - table->names) + 1;
	}
	for (size_t i = 0; i < n; i++) {
		struct csvr_table_name *name = &table->names[i];
		if (name->number == 0)
			continue;
		const size_t used = number_width(name->number);
		const size_t room = width > used + 1 ? width - used : 1;
		name->cut = csvr_escape_cut(name->name, name->n_bytes, room, (room - 1) / 2);
		name->cut.width += used;
	}
}

bool csvr_table_cut_names(struct csvr_table *table, size_t width)
{
	const size_t tails[] = { (width - 1) / 2, (width - 1) * 3 / 4, (width - 1) / 4 };
	for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++)
		if (cut_names(table, width, tails[i]))
			return true;
	(void)cut_names(table, width, tails[0]);
	number_names(table, width);
	return false;
}

size_t csvr_table_write_name(const struct csvr_table *table, size_t row)
{
	const struct csvr_table_name *name = &table->names[row];
	csvr_escape_write_cut(table->stream, name->name, name->n_bytes, &name->cut);
	if (name->number > 0)
		fprintf(table->stream, "#%zu", name->number);
	return name->cut.width;
}
