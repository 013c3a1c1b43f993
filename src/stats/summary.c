/* summary.c - tables of one file, and their merge into the summary of all */
#include "stats/summary.h"

#include <stdlib.h>
#include <string.h>

#include "base/status.h"

/* ---- one file ---- */

void csvr_table_init(struct csvr_table *table)
{
	memset(table, 0, sizeof *table);
}

void csvr_table_clear(struct csvr_table *table)
{
	for (size_t i = 0; i < table->capacity; i++)
		csvr_column_clear(&table->columns[i]);
	free(table->columns);
	csvr_table_init(table);
}

enum csvr_status csvr_table_reset(struct csvr_table *table, size_t n_columns)
{
	if (n_columns > table->capacity) {
		size_t capacity = table->capacity;
		struct csvr_column *columns =
			csvr_grow(table->columns, &capacity, n_columns, sizeof *columns);
		if (columns == NULL)
			return CSVR_NO_MEMORY;
		for (size_t i = table->capacity; i < capacity; i++)
			csvr_column_init(&columns[i]);
		table->columns = columns;
		table->capacity = capacity;
	}
	for (size_t i = 0; i < n_columns; i++)
		csvr_column_reset(&table->columns[i]);
	table->n_columns = n_columns;
	table->n_rows = table->n_extra_fields = table->n_lines = table->size_bytes = 0;
	memset(table->odd, 0, sizeof table->odd);
	return CSVR_OK;
}

/* The first of two lines, where 0 is none. */
static uint64_t first_line(uint64_t a, uint64_t b)
{
	return a == 0 || (b != 0 && b < a) ? b : a;
}

static uint64_t shifted_line(uint64_t line, uint64_t lines_before)
{
	return line == 0 ? 0 : line + lines_before;
}

enum csvr_status csvr_table_merge(struct csvr_table *into, const struct csvr_table *piece,
				  uint64_t lines_before)
{
	for (size_t i = 0; i < into->n_columns; i++) {
		struct csvr_column *column = &into->columns[i];
		enum csvr_status status = csvr_column_merge(column, &piece->columns[i]);
		if (status != CSVR_OK)
			return status;
		column->invalid_line =
			first_line(column->invalid_line,
				   shifted_line(piece->columns[i].invalid_line, lines_before));
	}
	into->n_rows += piece->n_rows;
	into->n_extra_fields += piece->n_extra_fields;
	into->n_lines += piece->n_lines;
	for (size_t i = 0; i < CSVR_N_ODDITIES; i++) {
		into->odd[i].n += piece->odd[i].n;
		into->odd[i].first_line =
			first_line(into->odd[i].first_line,
				   shifted_line(piece->odd[i].first_line, lines_before));
	}
	return CSVR_OK;
}

void csvr_table_finish(struct csvr_table *table)
{
	struct csvr_line_tally *trailing = &table->odd[CSVR_TRAILING_ROWS];
	struct csvr_line_tally *too_long = &table->odd[CSVR_LONG_ROWS];
	if (trailing->n < table->n_rows) {
		too_long->n += trailing->n;
		too_long->first_line = first_line(too_long->first_line, trailing->first_line);
		table->n_extra_fields += trailing->n;
	}
	trailing->n = trailing->first_line = 0;
}

/* ---- all files ---- */

enum { NONE = UINT32_MAX };

enum csvr_status csvr_summary_new(bool by_position, struct csvr_summary **summary)
{
	*summary = calloc(1, sizeof **summary);
	if (*summary == NULL)
		return CSVR_NO_MEMORY;
	(*summary)->by_position = by_position;
	csvr_arena_init(&(*summary)->strings);
	return CSVR_OK;
}

static void table_free(struct csvr_table *table)
{
	if (table == NULL)
		return;
	csvr_table_clear(table);
	free(table);
}

void csvr_summary_free(struct csvr_summary *summary)
{
	if (summary == NULL)
		return;
	for (size_t i = 0; i < summary->n_columns; i++)
		csvr_column_clear(&summary->columns[i].stats);
	for (size_t i = 0; i < summary->n_headers; i++)
		free(summary->headers[i].column);
	for (size_t i = 0; i < summary->n_files; i++)
		table_free(summary->files[i].table);
	free(summary->columns);
	free(summary->headers);
	free(summary->files);
	free(summary->failures);
	free(summary->name_table);
	free(summary->header_table);
	free(summary->unselected);
	csvr_arena_clear(&summary->strings);
	free(summary);
}

/* ---- names to columns, lists of columns to headers: two hash tables of indices ---- */

static uint64_t hash_bytes(const void *bytes, size_t n_bytes)
{
	const unsigned char *byte = bytes;
	uint64_t hash = 1469598103934665603u; /* FNV-1a */
	for (size_t i = 0; i < n_bytes; i++)
		hash = (hash ^ byte[i]) * 1099511628211u;
	return hash ^ hash >> 32;
}

static uint64_t hash_column(const struct csvr_summary *summary, size_t index)
{
	const struct csvr_summary_column *column = &summary->columns[index];
	return hash_bytes(column->name, column->name_bytes);
}

static uint64_t hash_header(const struct csvr_summary *summary, size_t index)
{
	const struct csvr_header_map *header = &summary->headers[index];
	return hash_bytes(header->column, header->n_columns * sizeof *header->column);
}

/* Makes sure that one more of `n_items` fits with half of the table free, moving those there are. */
static enum csvr_status make_room(const struct csvr_summary *summary, uint32_t **table,
				  size_t *table_size, size_t n_items,
				  uint64_t (*hash)(const struct csvr_summary *, size_t))
{
	if (2 * (n_items + 1) <= *table_size)
		return CSVR_OK;
	size_t size = *table_size == 0 ? 64 : *table_size * 2;
	uint32_t *slots = malloc(size * sizeof *slots);
	if (slots == NULL)
		return CSVR_NO_MEMORY;
	memset(slots, 0xff, size * sizeof *slots);
	for (size_t i = 0; i < n_items; i++) {
		size_t slot = hash(summary, i) & (size - 1);
		while (slots[slot] != NONE)
			slot = (slot + 1) & (size - 1);
		slots[slot] = (uint32_t)i;
	}
	free(*table);
	*table = slots;
	*table_size = size;
	return CSVR_OK;
}

static uint32_t *find_column(const struct csvr_summary *summary, const struct csvr_name *name)
{
	size_t mask = summary->name_table_size - 1;
	size_t slot = hash_bytes(name->text, name->n_bytes) & mask;
	for (;; slot = (slot + 1) & mask) {
		uint32_t index = summary->name_table[slot];
		if (index == NONE || (summary->columns[index].name_bytes == name->n_bytes &&
				      memcmp(summary->columns[index].name, name->text,
					     name->n_bytes) == 0))
			return &summary->name_table[slot];
	}
}

/* The column of that name, made if there is none. */
static enum csvr_status intern_column(struct csvr_summary *summary, const struct csvr_name *name,
				      uint64_t order, uint32_t *index)
{
	enum csvr_status status = make_room(summary, &summary->name_table,
					    &summary->name_table_size, summary->n_columns,
					    hash_column);
	if (status != CSVR_OK)
		return status;
	uint32_t *slot = find_column(summary, name);
	if (*slot == NONE) {
		if (summary->n_columns == NONE)
			return CSVR_NO_MEMORY;
		struct csvr_summary_column *columns =
			csvr_grow(summary->columns, &summary->columns_capacity,
				  summary->n_columns + 1, sizeof *columns);
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
	}
	*index = *slot;
	return CSVR_OK;
}

/* The header that has these columns in this order; takes `columns` over. */
static enum csvr_status intern_header(struct csvr_summary *summary, uint32_t *columns,
				      size_t n_columns, uint32_t *index)
{
	enum csvr_status status = make_room(summary, &summary->header_table,
					    &summary->header_table_size, summary->n_headers,
					    hash_header);
	if (status != CSVR_OK)
		goto fail;
	size_t n_bytes = n_columns * sizeof *columns, mask = summary->header_table_size - 1;
	size_t slot = hash_bytes(columns, n_bytes) & mask;
	for (; summary->header_table[slot] != NONE; slot = (slot + 1) & mask) {
		const struct csvr_header_map *header =
			&summary->headers[summary->header_table[slot]];
		if (header->n_columns == n_columns &&
		    (n_bytes == 0 || memcmp(header->column, columns, n_bytes) == 0)) {
			free(columns);
			*index = summary->header_table[slot];
			return CSVR_OK;
		}
	}
	status = CSVR_NO_MEMORY;
	struct csvr_header_map *headers =
		csvr_grow(summary->headers, &summary->headers_capacity, summary->n_headers + 1,
			  sizeof *headers);
	if (headers == NULL)
		goto fail;
	summary->headers = headers;
	*index = (uint32_t)summary->n_headers;
	summary->header_table[slot] = *index;
	headers[summary->n_headers++] = (struct csvr_header_map){ columns, n_columns, 0 };
	return CSVR_OK;
fail:
	free(columns);
	return status;
}

/* Columns by position are called what all files call them, if they agree. `label` is kept by the
 * summary already. */
static void agree_on_label(struct csvr_summary_column *column, const char *label, size_t n_bytes)
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

static enum csvr_status label_column(struct csvr_summary *summary, uint32_t index,
				     const struct csvr_name *name)
{
	struct csvr_summary_column *column = &summary->columns[index];
	if (column->labels_differ ||
	    (name->n_bytes == column->name_bytes &&
	     memcmp(name->text, column->name, name->n_bytes) == 0))
		return CSVR_OK; /* column_3 of a file without a header is no opinion */
	if (column->label != NULL && column->label_bytes == name->n_bytes &&
	    memcmp(column->label, name->text, name->n_bytes) == 0)
		return CSVR_OK;
	const char *label = csvr_arena_copy(&summary->strings, name->text, name->n_bytes);
	if (label == NULL)
		return CSVR_NO_MEMORY;
	agree_on_label(column, label, name->n_bytes);
	return CSVR_OK;
}

enum csvr_status csvr_summary_header(struct csvr_summary *summary, const struct csvr_name *names,
				     size_t n_names, uint32_t input, uint32_t *header)
{
	uint32_t *columns = malloc((n_names + 1) * sizeof *columns);
	if (columns == NULL)
		return CSVR_NO_MEMORY;
	for (size_t i = 0; i < n_names; i++) {
		columns[i] = NONE;
		if (names[i].text == NULL)
			continue;
		char position[32];
		struct csvr_name key = names[i];
		if (summary->by_position) {
			key.n_bytes = (size_t)snprintf(position, sizeof position, "column_%zu",
						       i + 1);
			key.text = position;
		}
		enum csvr_status status = intern_column(summary, &key, (uint64_t)input << 32 | i,
							&columns[i]);
		if (status == CSVR_OK && summary->by_position)
			status = label_column(summary, columns[i], &names[i]);
		if (status != CSVR_OK) {
			free(columns);
			return status;
		}
	}
	return intern_header(summary, columns, n_names, header);
}

/* ---- adding and merging ---- */

static bool place_less(struct csvr_place a, struct csvr_place b)
{
	if (a.line == 0 || b.line == 0)
		return a.line != 0;
	return a.rank != b.rank ? a.rank < b.rank : a.line < b.line;
}

static void keep_first(struct csvr_place *first, struct csvr_place place)
{
	if (place_less(place, *first))
		*first = place;
}

static enum csvr_status append_file(struct csvr_summary *summary, const struct csvr_file *file)
{
	struct csvr_file *files = csvr_grow(summary->files, &summary->files_capacity,
					    summary->n_files + 1, sizeof *files);
	if (files == NULL)
		return CSVR_NO_MEMORY;
	summary->files = files;
	files[summary->n_files++] = *file;
	return CSVR_OK;
}

static enum csvr_status add_columns(struct csvr_summary *summary, const struct csvr_file *file,
				    const struct csvr_table *table)
{
	struct csvr_header_map *header = &summary->headers[file->header];
	header->n_files++;
	for (size_t i = 0; i < header->n_columns; i++) {
		if (header->column[i] == NONE)
			continue;
		struct csvr_summary_column *column = &summary->columns[header->column[i]];
		const struct csvr_column *found = &table->columns[i];
		enum csvr_status status = csvr_column_merge(&column->stats, found);
		if (status != CSVR_OK)
			return status;
		column->n_files++;
		column->n_rows += table->n_rows;
		keep_first(&column->first_invalid,
			   (struct csvr_place){ file->rank, found->invalid_line });
		uint64_t order = (uint64_t)file->input << 32 | i;
		if (order < column->order)
			column->order = order;
	}
	return CSVR_OK;
}

enum csvr_status csvr_summary_add_file(struct csvr_summary *summary, const struct csvr_file *file,
				       const struct csvr_table *table)
{
	enum csvr_status status = append_file(summary, file);
	if (status != CSVR_OK)
		return status;
	summary->size_bytes += table->size_bytes;
	summary->n_rows += table->n_rows;
	summary->n_extra_fields += table->n_extra_fields;
	for (size_t i = 0; i < CSVR_N_ODDITIES; i++) {
		summary->odd[i].n += table->odd[i].n;
		keep_first(&summary->odd[i].first,
			   (struct csvr_place){ file->rank, table->odd[i].first_line });
	}
	return file->kind == CSVR_FILE_READ ? add_columns(summary, file, table) : CSVR_OK;
}

static enum csvr_status append_failure(struct csvr_summary *summary,
				       const struct csvr_failure *failure)
{
	struct csvr_failure *failures = csvr_grow(summary->failures, &summary->failures_capacity,
						  summary->n_failures + 1, sizeof *failures);
	if (failures == NULL)
		return CSVR_NO_MEMORY;
	summary->failures = failures;
	char *message = csvr_arena_copy(&summary->strings, failure->message,
					strlen(failure->message));
	if (message == NULL)
		return CSVR_NO_MEMORY;
	failures[summary->n_failures] = *failure;
	failures[summary->n_failures++].message = message;
	return CSVR_OK;
}

enum csvr_status csvr_summary_add_failure(struct csvr_summary *summary, uint32_t input,
					  uint32_t rank, const struct csvr_error *error)
{
	const struct csvr_failure failure = { input, rank, error->line, error->message };
	const struct csvr_file file = { .input = input, .rank = rank, .kind = CSVR_FILE_BAD };
	enum csvr_status status = append_failure(summary, &failure);
	return status == CSVR_OK ? append_file(summary, &file) : status;
}

/* Merges the columns and notes in `new_index` where each went. */
static enum csvr_status merge_columns(struct csvr_summary *into, const struct csvr_summary *from,
				      uint32_t *new_index)
{
	for (size_t i = 0; i < from->n_columns; i++) {
		const struct csvr_summary_column *source = &from->columns[i];
		const struct csvr_name name = { source->name, source->name_bytes };
		enum csvr_status status = intern_column(into, &name, source->order, &new_index[i]);
		if (status != CSVR_OK)
			return status;
		struct csvr_summary_column *target = &into->columns[new_index[i]];
		status = csvr_column_merge(&target->stats, &source->stats);
		if (status != CSVR_OK)
			return status;
		target->n_files += source->n_files;
		target->n_rows += source->n_rows;
		keep_first(&target->first_invalid, source->first_invalid);
		const char *label = source->label;
		if (label != NULL) {
			label = csvr_arena_copy(&into->strings, label, source->label_bytes);
			if (label == NULL)
				return CSVR_NO_MEMORY;
		}
		agree_on_label(target, label, source->label_bytes);
		if (source->labels_differ) {
			target->label = NULL;
			target->labels_differ = true;
		}
		if (source->order < target->order)
			target->order = source->order;
	}
	return CSVR_OK;
}

static enum csvr_status merge_headers(struct csvr_summary *into, const struct csvr_summary *from,
				      const uint32_t *new_column, uint32_t *new_index)
{
	for (size_t i = 0; i < from->n_headers; i++) {
		const struct csvr_header_map *header = &from->headers[i];
		uint32_t *columns = malloc((header->n_columns + 1) * sizeof *columns);
		if (columns == NULL)
			return CSVR_NO_MEMORY;
		for (size_t j = 0; j < header->n_columns; j++)
			columns[j] = header->column[j] == NONE ? NONE :
								 new_column[header->column[j]];
		enum csvr_status status =
			intern_header(into, columns, header->n_columns, &new_index[i]);
		if (status != CSVR_OK)
			return status;
		into->headers[new_index[i]].n_files += header->n_files;
	}
	return CSVR_OK;
}

/* Takes the whole list over where there is none yet. */
static void hand_over_files(struct csvr_summary *into, struct csvr_summary *from,
			    const uint32_t *new_header)
{
	for (size_t i = 0; i < from->n_files; i++)
		if (from->files[i].kind == CSVR_FILE_READ)
			from->files[i].header = new_header[from->files[i].header];
	free(into->files);
	into->files = from->files;
	into->n_files = from->n_files;
	into->files_capacity = from->files_capacity;
	from->files = NULL;
	from->n_files = from->files_capacity = 0;
}

static enum csvr_status merge_files(struct csvr_summary *into, struct csvr_summary *from,
				    const uint32_t *new_header)
{
	if (into->n_files == 0)
		hand_over_files(into, from, new_header);
	for (size_t i = 0; i < from->n_files; i++) {
		struct csvr_file file = from->files[i];
		if (file.kind == CSVR_FILE_READ)
			file.header = new_header[file.header];
		enum csvr_status status = append_file(into, &file);
		if (status != CSVR_OK)
			return status;
		from->files[i].table = NULL; /* handed over */
	}
	for (size_t i = 0; i < from->n_failures; i++) {
		enum csvr_status status = append_failure(into, &from->failures[i]);
		if (status != CSVR_OK)
			return status;
	}
	return CSVR_OK;
}

enum csvr_status csvr_summary_merge(struct csvr_summary *into, struct csvr_summary *from)
{
	enum csvr_status status = CSVR_NO_MEMORY;
	uint32_t *new_column = malloc((from->n_columns + 1) * sizeof *new_column);
	uint32_t *new_header = malloc((from->n_headers + 1) * sizeof *new_header);
	if (new_column == NULL || new_header == NULL)
		goto done;
	status = merge_columns(into, from, new_column);
	if (status == CSVR_OK)
		status = merge_headers(into, from, new_column, new_header);
	if (status == CSVR_OK)
		status = merge_files(into, from, new_header);
	into->n_rows += from->n_rows;
	into->size_bytes += from->size_bytes;
	into->n_extra_fields += from->n_extra_fields;
	for (size_t i = 0; i < CSVR_N_ODDITIES; i++) {
		into->odd[i].n += from->odd[i].n;
		keep_first(&into->odd[i].first, from->odd[i].first);
	}
done:
	free(new_column);
	free(new_header);
	return status;
}

/* ---- the order of the report ---- */

static int compare_words(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int by_order(const void *a, const void *b)
{
	const struct csvr_summary_column *left = a, *right = b;
	return compare_words(left->order, right->order);
}

static int by_input(const void *a, const void *b)
{
	const struct csvr_file *left = a, *right = b;
	return compare_words(left->input, right->input);
}

static int by_rank(const void *a, const void *b)
{
	const struct csvr_failure *left = a, *right = b;
	return compare_words(left->rank, right->rank);
}

static void sort(void *items, size_t n_items, size_t item_bytes,
		 int (*compare)(const void *, const void *))
{
	if (n_items > 1)
		qsort(items, n_items, item_bytes, compare);
}

/* As a rule every input has its record, so each knows its place; qsort would copy them all, at a time
 * when millions of them are most of what the program holds. */
static void order_files(struct csvr_file *files, size_t n_files)
{
	bool is_ordered = true;
	for (size_t i = 0; i < n_files; i++) {
		/* Each turn brings a record home for good, so all turns together are at most n_files. */
		for (size_t home; (home = files[i].input) != i && home < n_files &&
				  files[home].input != home;) {
			struct csvr_file file = files[home];
			files[home] = files[i];
			files[i] = file;
		}
		is_ordered &= files[i].input == i;
	}
	if (!is_ordered)
		sort(files, n_files, sizeof *files, by_input);
}

enum csvr_status csvr_summary_finish(struct csvr_summary *summary)
{
	uint32_t *new_index = malloc((summary->n_columns + 1) * sizeof *new_index);
	if (new_index == NULL)
		return CSVR_NO_MEMORY;
	for (size_t i = 0; i < summary->n_columns; i++)
		summary->columns[i].index = (uint32_t)i;
	sort(summary->columns, summary->n_columns, sizeof *summary->columns, by_order);
	for (size_t i = 0; i < summary->n_columns; i++)
		new_index[summary->columns[i].index] = (uint32_t)i;
	for (size_t i = 0; i < summary->n_headers; i++) {
		const struct csvr_header_map *header = &summary->headers[i];
		for (size_t j = 0; j < header->n_columns; j++)
			if (header->column[j] != NONE)
				header->column[j] = new_index[header->column[j]];
	}
	free(new_index);
	order_files(summary->files, summary->n_files);
	sort(summary->failures, summary->n_failures, sizeof *summary->failures, by_rank);
	/* The hash tables' indices are stale now, and nothing is added any more. */
	free(summary->name_table);
	free(summary->header_table);
	summary->name_table = summary->header_table = NULL;
	summary->name_table_size = summary->header_table_size = 0;
	return CSVR_OK;
}

/* ---- what the programs ask ---- */

struct csvr_outcome csvr_summary_outcome(const struct csvr_summary *summary)
{
	struct csvr_outcome outcome = {
		.n_read = summary->n_files - summary->n_failures,
		.n_bad = summary->n_failures,
		.n_ragged = summary->odd[CSVR_SHORT_ROWS].n + summary->odd[CSVR_LONG_ROWS].n,
	};
	for (size_t i = 0; i < summary->n_columns; i++)
		if (summary->columns[i].stats.cells[CSVR_NUMBER] > 0)
			outcome.n_invalid += summary->columns[i].stats.cells[CSVR_INVALID];
	return outcome;
}

const char *csvr_summary_unselected(const struct csvr_summary *summary, size_t index)
{
	return index < summary->n_unselected ? summary->unselected[index] : NULL;
}
