/* summary_intern.c - finds or adds columns by name or position, and layouts by their columns
 *
 * Source   hash tables: open addressing with linear probing, at most half full
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "stats/summary_internal.h"

/* ---- hash tables ---- */

enum csvr_status csvr_slots_reserve(struct csvr_slots *slots, size_t n_items,
				    csvr_item_hash_fn hash, const void *owner)
{
	enum { FEWEST_SLOTS = 16 };
	if (2 * (n_items + 1) <= slots->size)
		return CSVR_OK;
	size_t size = slots->size == 0 ? FEWEST_SLOTS : slots->size * 2;
	while (size < 2 * (n_items + 1)) /* the slots may have been dropped, and the items kept */
		size *= 2;
	uint32_t *grown = malloc(size * sizeof *grown);
	if (grown == NULL)
		return CSVR_NO_MEMORY;
	memset(grown, 0xff, size * sizeof *grown);
	for (size_t i = 0; i < n_items; i++) {
		size_t slot = hash(owner, i) & (size - 1);
		while (grown[slot] != CSVR_NO_INDEX)
			slot = (slot + 1) & (size - 1);
		grown[slot] = (uint32_t)i;
	}
	free(slots->slots);
	*slots = (struct csvr_slots){ grown, size };
	return CSVR_OK;
}

void csvr_slots_clear(struct csvr_slots *slots)
{
	free(slots->slots);
	*slots = (struct csvr_slots){ NULL, 0 };
}

void csvr_summary_drop_hash_tables(struct csvr_summary *summary)
{
	for (size_t i = 0; i < summary->n_tables; i++)
		csvr_slots_clear(&summary->tables[i].by_name);
	csvr_slots_clear(&summary->names_by_text);
	csvr_slots_clear(&summary->headers_by_names);
	csvr_slots_clear(&summary->layouts_by_columns);
}

/* ---- columns ---- */

static uint64_t hash_column(const void *owner, size_t index)
{
	const struct csvr_summary_column *column =
		&((const struct csvr_data_table *)owner)->columns[index];
	return csvr_hash(column->name, column->name_bytes);
}

/* The slot of the column with that name, or the free slot for it. */
static uint32_t *find_column(const struct csvr_data_table *table, const struct csvr_name *name)
{
	size_t mask = table->by_name.size - 1;
	size_t slot = csvr_hash(name->text, name->n_bytes) & mask;
	for (;; slot = (slot + 1) & mask) {
		uint32_t index = table->by_name.slots[slot];
		if (index == CSVR_NO_INDEX ||
		    (table->columns[index].name_bytes == name->n_bytes &&
		     memcmp(table->columns[index].name, name->text, name->n_bytes) == 0))
			return &table->by_name.slots[slot];
	}
}

void csvr_summary_limit_columns(struct csvr_summary *summary)
{
	const size_t n_names = csvr_summary_count_names(summary);
	for (size_t t = 0; t < summary->n_tables; t++)
		for (size_t i = 0; i < summary->tables[t].n_columns; i++)
			csvr_collected_limit(summary->tables[t].columns[i].stats.collected,
					     n_names);
}

/* Counts a name that gets its first column. */
static void count_name(struct csvr_summary *summary, uint32_t name)
{
	if (summary->names[name].has_column)
		return;
	summary->names[name].has_column = true;
	summary->n_names_with_columns++;
}

/* The text of the name of a new column, which the summary owns; NULL: no memory. */
static const char *own_name(struct csvr_summary *summary, const struct csvr_name *name)
{
	uint32_t index;
	if (summary->is_one_table)
		return csvr_arena_copy(&summary->strings, name->text, name->n_bytes);
	if (csvr_summary_intern_name(summary, name, &index) != CSVR_OK)
		return NULL;
	count_name(summary, index);
	return summary->names[index].name.text;
}

/* Limits the columns after a name was added to `n_before` names, if that is a power of two, from 256 on. The other
 * times can be left out, since csvr_summary_finish limits them in any case. */
static void limit_sometimes(struct csvr_summary *summary, size_t n_before)
{
	enum { FIRST_NAMES = 256 };
	if (n_before >= FIRST_NAMES && (n_before & (n_before - 1)) == 0 &&
	    csvr_summary_count_names(summary) > n_before)
		csvr_summary_limit_columns(summary);
}

enum csvr_status csvr_summary_intern_column(struct csvr_summary *summary,
					    struct csvr_data_table *table,
					    const struct csvr_name *name, uint64_t order,
					    uint32_t *index)
{
	enum csvr_status status = csvr_slots_reserve(&table->by_name, table->n_columns, hash_column,
						     table);
	if (status != CSVR_OK)
		return status;
	uint32_t *slot = find_column(table, name);
	*index = *slot;
	if (*slot != CSVR_NO_INDEX)
		return CSVR_OK;
	if (table->n_columns == CSVR_NO_INDEX) /* takes 500 GiB: too many for a test */
		return CSVR_NO_MEMORY; /* LCOV_EXCL_LINE */
	struct csvr_summary_column *columns = csvr_array_grow(table->columns,
							      &table->columns_capacity,
							      table->n_columns + 1,
							      sizeof *columns);
	if (columns == NULL)
		return CSVR_NO_MEMORY;
	table->columns = columns;
	const size_t n_before = csvr_summary_count_names(summary);
	const char *copy = own_name(summary, name);
	if (copy == NULL)
		return CSVR_NO_MEMORY;
	*index = *slot = (uint32_t)table->n_columns;
	struct csvr_summary_column *column = &columns[table->n_columns++];
	memset(column, 0, sizeof *column);
	column->name = copy;
	column->name_bytes = name->n_bytes;
	column->order = order;
	csvr_column_init(&column->stats);
	limit_sometimes(summary, n_before);
	return CSVR_OK;
}

enum csvr_status csvr_summary_own_column(struct csvr_summary *summary,
					 struct csvr_data_table *table,
					 struct csvr_summary_column *column)
{
	const struct csvr_name name = { column->name, column->name_bytes };
	const size_t n_before = summary->is_one_table ? (size_t)(column - table->columns)
						      : csvr_summary_count_names(summary);
	column->name = own_name(summary, &name);
	if (column->name == NULL)
		return CSVR_NO_MEMORY;
	if (column->label != NULL) {
		column->label = csvr_arena_copy(&summary->strings, column->label,
						column->label_bytes);
		if (column->label == NULL)
			return CSVR_NO_MEMORY;
	}
	limit_sometimes(summary, n_before);
	return CSVR_OK;
}

/* ---- layouts ---- */

static uint64_t hash_layout_of(uint32_t table, const uint32_t *columns, size_t n_columns)
{
	return csvr_hash(columns, n_columns * sizeof *columns) + table;
}

static uint64_t hash_layout(const void *owner, size_t index)
{
	const struct csvr_column_layout *layout =
		&((const struct csvr_summary *)owner)->layouts[index];
	return hash_layout_of(layout->table, layout->column, layout->n_columns);
}

enum csvr_status csvr_summary_intern_columns(struct csvr_summary *summary, uint32_t table,
					     uint32_t *columns, size_t n_columns, uint32_t *index)
{
	struct csvr_slots *slots = &summary->layouts_by_columns;
	enum csvr_status status = csvr_slots_reserve(slots, summary->n_layouts, hash_layout,
						     summary);
	if (status != CSVR_OK)
		goto fail;
	size_t n_bytes = n_columns * sizeof *columns, mask = slots->size - 1;
	size_t slot = hash_layout_of(table, columns, n_columns) & mask;
	for (; slots->slots[slot] != CSVR_NO_INDEX; slot = (slot + 1) & mask) {
		const struct csvr_column_layout *layout = &summary->layouts[slots->slots[slot]];
		if (layout->table == table && layout->n_columns == n_columns &&
		    (n_bytes == 0 || memcmp(layout->column, columns, n_bytes) == 0)) {
			free(columns);
			*index = slots->slots[slot];
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
	slots->slots[slot] = *index;
	layouts[summary->n_layouts++] = (struct csvr_column_layout){ columns, n_columns, 0, table };
	return CSVR_OK;
fail:
	free(columns);
	return status;
}

/* ---- labels ---- */

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
static enum csvr_status label_column(struct csvr_summary *summary,
				     struct csvr_summary_column *column,
				     const struct csvr_name *name, bool has_rows)
{
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

/* Sets columns[i] to the index of the column that a file has at position i. */
static enum csvr_status find_columns(struct csvr_summary *summary, struct csvr_data_table *table,
				     const struct csvr_header_columns *header,
				     const struct csvr_file *file, uint32_t *columns)
{
	const bool by_position = summary->config.by_position;
	enum csvr_status status = CSVR_OK;
	/* Most tables have the columns of one header: more room would be wasted. */
	if (table->n_columns == 0) {
		struct csvr_summary_column *room = csvr_array_grow(table->columns,
								   &table->columns_capacity,
								   header->n_columns, sizeof *room);
		if (room == NULL)
			return CSVR_NO_MEMORY;
		table->columns = room;
	}
	for (size_t i = 0; i < header->n_columns && status == CSVR_OK; i++) {
		columns[i] = CSVR_NO_INDEX;
		if (!header->are_selected[i])
			continue;
		char text[CSVR_COLUMN_KEY_BYTES];
		const struct csvr_name key = csvr_summary_column_key(by_position, &header->names[i],
								     i, text);
		status = csvr_summary_intern_column(summary, table, &key,
						    (uint64_t)file->input << 32 | i, &columns[i]);
		if (status == CSVR_OK && by_position)
			status = label_column(summary, &table->columns[columns[i]],
					      &header->names[i], file->kind == CSVR_FILE_READ);
	}
	return status;
}

enum csvr_status csvr_summary_intern_layout(struct csvr_summary *summary,
					    const struct csvr_header_columns *header,
					    struct csvr_file *file)
{
	uint32_t layout, table;
	enum csvr_status status = csvr_summary_find_table(summary, header, &table);
	if (status != CSVR_OK)
		return status;
	uint32_t *columns = malloc((header->n_columns + 1) * sizeof *columns);
	if (columns == NULL)
		return CSVR_NO_MEMORY;
	status = find_columns(summary, &summary->tables[table], header, file, columns);
	if (status != CSVR_OK) {
		free(columns);
		return status;
	}
	status = csvr_summary_intern_columns(summary, table, columns, header->n_columns, &layout);
	if (status == CSVR_OK)
		file->layout = layout & (CSVR_MAX_LAYOUTS - 1);
	return status;
}
