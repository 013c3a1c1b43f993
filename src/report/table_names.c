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

/* ---- widths ---- */

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t csvr_table_width_of_labels(const struct csvr_table *table, size_t most)
{
	size_t width = (table->n_labels - 1) * CSVR_LABEL_GAP;
	for (size_t i = 0; i < table->n_labels; i++)
		width += smaller(table->labels[i].widest, most);
	return width;
}

size_t csvr_table_measure_labels(struct csvr_table *table)
{
	for (size_t i = 0; i < table->n_labels; i++) {
		struct csvr_table_label *label = &table->labels[i];
		label->widest = csvr_escape_width(label->title, label->title_bytes);
		for (size_t r = 0; r < table->block.n_rows; r++) {
			const struct csvr_table_name *name = &table->names[r * table->n_labels + i];
			const size_t width = csvr_escape_width(name->name, name->n_bytes);
			label->widest = width > label->widest ? width : label->widest;
		}
	}
	return csvr_table_width_of_labels(table, SIZE_MAX);
}

/* Divides a width among the labels: the widest ones are cut to the same width. */
static void divide_width(struct csvr_table *table, size_t width)
{
	size_t most = 1;
	while (most < width && csvr_table_width_of_labels(table, most + 1) <= width)
		most++;
	size_t used = csvr_table_width_of_labels(table, most);
	for (size_t i = 0; i < table->n_labels; i++) {
		struct csvr_table_label *label = &table->labels[i];
		label->width = smaller(label->widest, most);
		if (label->width < label->widest && used < width) {
			label->width++;
			used++;
		}
	}
}

/* ---- cutting ---- */

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

/* Whether two names that are equal as they are cut must not be: keys occur in many rows. */
static bool is_conflict(const struct csvr_table *table, const struct csvr_table_name *a,
			const struct csvr_table_name *b)
{
	return table->n_labels == 1 || compare_bytes(a->name, a->n_bytes, b->name, b->n_bytes) != 0;
}

/* Cuts the names of a label and sorts them as they are cut. False: some are equal. */
static bool cut_names(struct csvr_table *table, size_t label, size_t tail_width)
{
	const size_t n = table->block.n_rows;
	bool is_any_cut = false;
	for (size_t i = 0; i < n; i++) {
		struct csvr_table_name *name = &table->names[i * table->n_labels + label];
		name->number = 0;
		name->cut = csvr_escape_cut(name->name, name->n_bytes, table->labels[label].width,
					    tail_width);
		is_any_cut = is_any_cut || name->cut.head_bytes < name->n_bytes;
		table->sorted[i] = name;
	}
	if (!is_any_cut)
		return true;
	qsort(table->sorted, n, sizeof(struct csvr_table_name *), compare_cut);
	for (size_t i = 1; i < n; i++)
		if (compare_cut(&table->sorted[i - 1], &table->sorted[i]) == 0 &&
		    is_conflict(table, table->sorted[i - 1], table->sorted[i]))
			return false;
	return true;
}

static size_t number_width(size_t number)
{
	char text[32];
	return (size_t)sprintf(text, "#%zu", number);
}

/* Numbers the names of the only label that are equal; all are sorted. */
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

static bool cut_label(struct csvr_table *table, size_t label)
{
	const size_t most = table->labels[label].width - 1;
	const size_t tails[] = { most / 2, most * 3 / 4, most / 4 };
	for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++)
		if (cut_names(table, label, tails[i]))
			return true;
	(void)cut_names(table, label, tails[0]);
	return false;
}

bool csvr_table_cut_names(struct csvr_table *table, size_t width)
{
	bool are_distinct = true;
	divide_width(table, width);
	for (size_t i = 0; i < table->n_labels; i++)
		are_distinct = cut_label(table, i) && are_distinct;
	if (!are_distinct && table->n_labels == 1)
		number_names(table, table->labels[0].width);
	return are_distinct;
}

/* ---- writing ---- */

/* Writes a name of a label after `*n_spaces` spaces; sets it to those that follow. Returns the width of both. */
static size_t write_label(const struct csvr_table *table, size_t label,
			  const struct csvr_table_name *name, size_t *n_spaces)
{
	const size_t rest = table->labels[label].width - name->cut.width;
	const bool is_right = table->labels[label].is_right;
	const size_t before = *n_spaces + (is_right ? rest : 0);
	csvr_table_pad(before, table->stream);
	csvr_escape_write_cut(table->stream, name->name, name->n_bytes, &name->cut);
	if (name->number > 0)
		fprintf(table->stream, "#%zu", name->number);
	*n_spaces = CSVR_LABEL_GAP + (is_right ? 0 : rest);
	return before + name->cut.width;
}

size_t csvr_table_write_titles(const struct csvr_table *table)
{
	size_t width = 0, n_spaces = 0;
	for (size_t i = 0; i < table->n_labels; i++) {
		const struct csvr_table_label *label = &table->labels[i];
		struct csvr_table_name title = { .name = label->title,
						 .n_bytes = label->title_bytes };
		title.cut = csvr_escape_cut(title.name, title.n_bytes, label->width,
					    (label->width - 1) / 2);
		width += write_label(table, i, &title, &n_spaces);
	}
	return width;
}

size_t csvr_table_write_name(const struct csvr_table *table, size_t row)
{
	size_t width = 0, n_spaces = 0;
	for (size_t i = 0; i < table->n_labels; i++)
		width += write_label(table, i, &table->names[row * table->n_labels + i], &n_spaces);
	return width;
}

void csvr_table_write_joined(const struct csvr_table *table, size_t row)
{
	for (size_t i = 0; i < table->n_labels; i++) {
		const struct csvr_table_name *name = &table->names[row * table->n_labels + i];
		if (i > 0)
			fputs(", ", table->stream);
		csvr_escape_write_cut(table->stream, name->name, name->n_bytes, &name->cut);
		if (name->number > 0)
			fprintf(table->stream, "#%zu", name->number);
	}
}
