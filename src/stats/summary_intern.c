/* summary_intern.c - finds or adds columns by name or position, and layouts by their columns
 *
 * Source   open addressing with linear probing, at most half full
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "stats/summary_internal.h"

static uint64_t hash_column(const struct csvr_summary *summary, size_t index)
{
	const struct csvr_summary_column *column = &summary->columns[index];
	return csvr_hash(column->name, column->name_bytes);
}

static uint64_t hash_layout(const struct csvr_summary *summary, size_t index)
{
	const struct csvr_column_layout *layout = &summary->layouts[index];
	return csvr_hash(layout->column, layout->n_columns * sizeof *layout->column);
}

/* Grows a hash table so that one more than `n_items` items leave half of it free. */
static enum csvr_status reserve_slot(const struct csvr_summary *summary, uint32_t **table,
				     size_t *table_size, size_t n_items,
				     uint64_t (*hash)(const struct csvr_summary *, size_t))
{
	if (2 * (n_items + 1) <= *table_size)
		return CSVR_OK;
	size_t size = *table_size == 0 ? 64 : *table_size * 2;
	while (size <
	       2 * (n_items + 1)) /* csvr_summary_finish drops the table and keeps the items */
		size *= 2;
	uint32_t *slots = malloc(size * sizeof *slots);
	if (slots == NULL)
		return CSVR_NO_MEMORY;
	memset(slots, 0xff, size * sizeof *slots);
	for (size_t i = 0; i < n_items; i++) {
		size_t slot = hash(summary, i) & (size - 1);
		while (slots[slot] != CSVR_NO_INDEX)
			slot = (slot + 1) & (size - 1);
		slots[slot] = (uint32_t)i;
	}
	free(*table);
	*table = slots;
	*table_size = size;
	return CSVR_OK;
}

/* The slot of the column with that name, or the free slot for it. */
static uint32_t *find_column(const struct csvr_summary *summary, const struct csvr_name *name)
{
	size_t mask = summary->name_table_size - 1;
	size_t slot = csvr_hash(name->text, name->n_bytes) & mask;
	for (;; slot = (slot + 1) & mask) {
		uint32_t index = summary->name_table[slot];
		if (index == CSVR_NO_INDEX ||
		    (summary->columns[index].name_bytes == name->n_bytes &&
		     memcmp(summary->columns[index].name, name->text, name->n_bytes) == 0))
			return &summary->name_table[slot];
	}
}

void csvr_summary_limit_columns(struct csvr_summary *summary)
{
	for (size_t i = 0; i < summary->n_columns; i++)
		csvr_collected_limit(summary->columns[i].stats.collected, summary->n_columns);
}

enum csvr_status csvr_summary_intern_column(struct csvr_summary *summary,
					    const struct csvr_name *name, uint64_t order,
					    uint32_t *index)
{
	enum csvr_status status = reserve_slot(summary, &summary->name_table,
					       &summary->name_table_size, summary->n_columns,
					       hash_column);
	if (status != CSVR_OK)
		return status;
	uint32_t *slot = find_column(summary, name);
	if (*slot == CSVR_NO_INDEX) {
		if (summary->n_columns == CSVR_NO_INDEX) /* takes 500 GiB: too many for a test */
			return CSVR_NO_MEMORY; /* LCOV_EXCL_LINE */
		struct csvr_summary_column *columns = csvr_array_grow(summary->columns,
								      &summary->columns_capacity,
								      summary->n_columns + 1,
								      sizeof *columns);
		if (columns == NULL)
			return CSVR_NO_MEMORY;
		summary->columns = columns;
		char *copy = csvr_arena_copy(&summary->strings, name->text, name->n_bytes);
		if (copy == NULL)
			return CSVR_NO_MEMORY;
		*slot = (uint32_t)summary->n_columns;
		struct csvr_summary_column *column = &columns[summary->n_columns++];
		memset(column, 0, sizeof *column);
		column->name = copy;
		column->name_bytes = name->n_bytes;
		column->order = order;
		csvr_column_init(&column->stats);
		/* Now and then is enough: csvr_summary_finish does it in the end. */
		enum { FIRST_COLUMNS = 256 };
		const size_t n_before = summary->n_columns - 1;
		if (n_before >= FIRST_COLUMNS && (n_before & (n_before - 1)) == 0)
			csvr_summary_limit_columns(summary);
	}
	*index = *slot;
	return CSVR_OK;
}

enum csvr_status csvr_summary_intern_columns(struct csvr_summary *summary, uint32_t *columns,
					     size_t n_columns, uint32_t *index)
{
	enum csvr_status status = reserve_slot(summary, &summary->layout_table,
					       &summary->layout_table_size, summary->n_layouts,
					       hash_layout);
	if (status != CSVR_OK)
		goto fail;
	size_t n_bytes = n_columns * sizeof *columns, mask = summary->layout_table_size - 1;
	size_t slot = csvr_hash(columns, n_bytes) & mask;
	for (; summary->layout_table[slot] != CSVR_NO_INDEX; slot = (slot + 1) & mask) {
		const struct csvr_column_layout *layout =
			&summary->layouts[summary->layout_table[slot]];
		if (layout->n_columns == n_columns &&
		    (n_bytes == 0 || memcmp(layout->column, columns, n_bytes) == 0)) {
			free(columns);
			*index = summary->layout_table[slot];
			return CSVR_OK;
		}
	}
	status = CSVR_NO_MEMORY;
	struct csvr_column_layout *layouts = csvr_array_grow(summary->layouts,
							     &summary->layouts_capacity,
							     summary->n_layouts + 1,
							     sizeof *layouts);
	if (layouts == NULL || summary->n_layouts == CSVR_MAX_LAYOUTS)
		goto fail;
	summary->layouts = layouts;
	*index = (uint32_t)summary->n_layouts;
	summary->layout_table[slot] = *index;
	layouts[summary->n_layouts++] = (struct csvr_column_layout){ columns, n_columns, 0 };
	return CSVR_OK;
fail:
	free(columns);
	return status;
}

void csvr_summary_merge_label(struct csvr_summary_column *column, const char *label, size_t n_bytes)
{
	if (label == NULL || column->labels_differ)
		return;
	if (column->label == NULL) {
		column->label = label;
		column->label_bytes = n_bytes;
	} else if (column->label_bytes != n_bytes || memcmp(column->label, label, n_bytes) != 0) {
		column->label = NULL;
		column->labels_differ = true;
	}
}

/* Merges the name that a file gives to a column by position into its label. */
static enum csvr_status label_column(struct csvr_summary *summary, uint32_t index,
				     const struct csvr_name *name, bool has_rows)
{
	struct csvr_summary_column *column = &summary->columns[index];
	if (column->n_files > 0 && !has_rows)
		return CSVR_OK;
	if (column->n_files == 0 && has_rows) {
		column->label = NULL;
		column->labels_differ = false;
	}
	if (column->labels_differ || (name->n_bytes == column->name_bytes &&
				      memcmp(name->text, column->name, name->n_bytes) == 0))
		return CSVR_OK; /* column_3 in a file without a header is not a label */
	if (column->label != NULL && column->label_bytes == name->n_bytes &&
	    memcmp(column->label, name->text, name->n_bytes) == 0)
		return CSVR_OK;
	const char *label = csvr_arena_copy(&summary->strings, name->text, name->n_bytes);
	if (label == NULL)
		return CSVR_NO_MEMORY;
	csvr_summary_merge_label(column, label, name->n_bytes);
	return CSVR_OK;
}

struct csvr_name csvr_summary_column_key(bool by_position, const struct csvr_name *name,
					 size_t position, char text[CSVR_COLUMN_KEY_BYTES])
{
	if (!by_position)
		return *name;
	return (struct csvr_name){ .text = text,
				   .n_bytes = (size_t)snprintf(text, CSVR_COLUMN_KEY_BYTES,
							       "column_%zu", position + 1) };
}

enum csvr_status csvr_summary_intern_layout(struct csvr_summary *summary,
					    const struct csvr_name *names, size_t n_names,
					    struct csvr_file *file)
{
	uint32_t layout;
	uint32_t *columns = malloc((n_names + 1) * sizeof *columns);
	if (columns == NULL)
		return CSVR_NO_MEMORY;
	for (size_t i = 0; i < n_names; i++) {
		columns[i] = CSVR_NO_INDEX;
		if (names[i].text == NULL)
			continue;
		char text[CSVR_COLUMN_KEY_BYTES];
		const struct csvr_name key = csvr_summary_column_key(summary->config.by_position,
								     &names[i], i, text);
		enum csvr_status status =
			csvr_summary_intern_column(summary, &key, (uint64_t)file->input << 32 | i,
						   &columns[i]);
		if (status == CSVR_OK && summary->config.by_position)
			status = label_column(summary, columns[i], &names[i],
					      file->kind == CSVR_FILE_READ);
		if (status != CSVR_OK) {
			free(columns);
			return status;
		}
	}
	const enum csvr_status status = csvr_summary_intern_columns(summary, columns, n_names,
								    &layout);
	if (status == CSVR_OK)
		file->layout = layout & (CSVR_MAX_LAYOUTS - 1);
	return status;
}

void csvr_summary_drop_hash_tables(struct csvr_summary *summary)
{
	free(summary->name_table);
	free(summary->layout_table);
	summary->name_table = summary->layout_table = NULL;
	summary->name_table_size = summary->layout_table_size = 0;
}
