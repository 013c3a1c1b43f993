/* summary.c - tables of files to one summary of all, and summaries to one */
#include "stats/summary.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/hash.h"

enum { NONE = UINT32_MAX };

enum csvr_status csvr_summary_new(const struct csvr_summary_config *config,
				  struct csvr_summary **summary)
{
	*summary = calloc(1, sizeof **summary);
	if (*summary == NULL)
		return CSVR_NO_MEMORY;
	(*summary)->config = *config;
	csvr_arena_init(&(*summary)->strings);
	(*summary)->matched = calloc(config->n_selected + 1, sizeof(bool));
	if ((*summary)->matched != NULL)
		return CSVR_OK;
	free(*summary);
	*summary = NULL;
	return CSVR_NO_MEMORY;
}

static void table_free(struct csvr_file_stats *table)
{
	if (table == NULL)
		return;
	csvr_file_stats_clear(table);
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
	for (size_t i = 0; summary->tables != NULL && i < summary->n_files; i++)
		table_free(summary->tables[i]);
	for (size_t i = 0; i < summary->n_partial; i++)
		csvr_partial_file_clear(&summary->partial[i]);
	free(summary->tables);
	free(summary->partial);
	free(summary->matched);
	free(summary->columns);
	free(summary->headers);
	free(summary->files);
	free(summary->failures);
	free(summary->runs);
	free(summary->name_table);
	free(summary->header_table);
	csvr_arena_clear(&summary->strings);
	free(summary);
}

/* ---- names to columns, lists of columns to headers: two hash tables of indices ---- */

static uint64_t hash_column(const struct csvr_summary *summary, size_t index)
{
	const struct csvr_summary_column *column = &summary->columns[index];
	return csvr_hash(column->name, column->name_bytes);
}

static uint64_t hash_header(const struct csvr_summary *summary, size_t index)
{
	const struct csvr_column_layout *header = &summary->headers[index];
	return csvr_hash(header->column, header->n_columns * sizeof *header->column);
}

/* Makes sure that one more of `n_items` fits with half of the table free, moving those there are. */
static enum csvr_status make_room(const struct csvr_summary *summary, uint32_t **table,
				  size_t *table_size, size_t n_items,
				  uint64_t (*hash)(const struct csvr_summary *, size_t))
{
	if (2 * (n_items + 1) <= *table_size)
		return CSVR_OK;
	size_t size = *table_size == 0 ? 64 : *table_size * 2;
	while (size < 2 * (n_items + 1)) /* after a finish there is no table, but there are items */
		size *= 2;
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
	size_t slot = csvr_hash(name->text, name->n_bytes) & mask;
	for (;; slot = (slot + 1) & mask) {
		uint32_t index = summary->name_table[slot];
		if (index == NONE ||
		    (summary->columns[index].name_bytes == name->n_bytes &&
		     memcmp(summary->columns[index].name, name->text, name->n_bytes) == 0))
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
		if (summary->n_columns == NONE) /* 500 GiB of columns: more than a test can have */
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
	size_t slot = csvr_hash(columns, n_bytes) & mask;
	for (; summary->header_table[slot] != NONE; slot = (slot + 1) & mask) {
		const struct csvr_column_layout *header =
			&summary->headers[summary->header_table[slot]];
		if (header->n_columns == n_columns &&
		    (n_bytes == 0 || memcmp(header->column, columns, n_bytes) == 0)) {
			free(columns);
			*index = summary->header_table[slot];
			return CSVR_OK;
		}
	}
	status = CSVR_NO_MEMORY;
	struct csvr_column_layout *headers = csvr_array_grow(summary->headers,
							     &summary->headers_capacity,
							     summary->n_headers + 1,
							     sizeof *headers);
	if (headers == NULL || summary->n_headers == CSVR_MAX_LAYOUTS)
		goto fail;
	summary->headers = headers;
	*index = (uint32_t)summary->n_headers;
	summary->header_table[slot] = *index;
	headers[summary->n_headers++] = (struct csvr_column_layout){ columns, n_columns, 0 };
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
	if (column->labels_differ || (name->n_bytes == column->name_bytes &&
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

enum csvr_status csvr_summary_intern_layout(struct csvr_summary *summary,
					    const struct csvr_name *names, size_t n_names,
					    uint32_t input, uint32_t *header)
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
		if (summary->config.by_position) {
			key.n_bytes = (size_t)snprintf(position, sizeof position, "column_%zu",
						       i + 1);
			key.text = position;
		}
		enum csvr_status status = intern_column(summary, &key, (uint64_t)input << 32 | i,
							&columns[i]);
		if (status == CSVR_OK && summary->config.by_position)
			status = label_column(summary, columns[i], &names[i]);
		if (status != CSVR_OK) {
			free(columns);
			return status;
		}
	}
	return intern_header(summary, columns, n_names, header);
}

/* ---- adding and merging ---- */

static uint32_t rank_of(const struct csvr_summary *summary, uint32_t input)
{
	return summary->config.ranks != NULL ? summary->config.ranks[input] : input;
}

static void keep_first(const struct csvr_summary *summary, struct csvr_location *first,
		       struct csvr_location place)
{
	if (place.line == 0)
		return;
	const uint32_t rank = rank_of(summary, place.input);
	const uint32_t first_rank = first->line > 0 ? rank_of(summary, first->input) : 0;
	if (first->line == 0 || rank < first_rank ||
	    (rank == first_rank && place.line < first->line))
		*first = place;
}

/* Takes `table` over, where tables are kept. */
static enum csvr_status append_file(struct csvr_summary *summary, const struct csvr_file *file,
				    struct csvr_file_stats *table)
{
	struct csvr_file *files = csvr_array_grow(summary->files, &summary->files_capacity,
						  summary->n_files + 1, sizeof *files);
	if (files == NULL)
		return CSVR_NO_MEMORY;
	summary->files = files;
	if (summary->config.keeps_file_stats) {
		struct csvr_file_stats **tables = csvr_array_grow(summary->tables,
								  &summary->tables_capacity,
								  summary->n_files + 1,
								  sizeof(struct csvr_file_stats *));
		if (tables == NULL)
			return CSVR_NO_MEMORY;
		summary->tables = tables;
		tables[summary->n_files] = table;
	}
	files[summary->n_files++] = *file;
	return CSVR_OK;
}

/* NULL: no memory. */
static struct csvr_file_stats *copy_table(const struct csvr_file_stats *table)
{
	struct csvr_file_stats *copy = calloc(1, sizeof *copy);
	if (copy == NULL)
		return NULL;
	if (csvr_file_stats_reset(copy, table->n_columns) == CSVR_OK &&
	    csvr_file_stats_merge(copy, table, 0) == CSVR_OK) {
		copy->size_bytes = table->size_bytes;
		return copy;
	}
	table_free(copy);
	return NULL;
}

static enum csvr_status add_columns(struct csvr_summary *summary, const struct csvr_file *file,
				    const struct csvr_file_stats *table)
{
	struct csvr_column_layout *header = &summary->headers[file->header];
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
		keep_first(summary, &column->first_invalid,
			   (struct csvr_location){ file->input, found->invalid_line });
		uint64_t order = (uint64_t)file->input << 32 | i;
		if (order < column->order)
			column->order = order;
	}
	return CSVR_OK;
}

enum csvr_status csvr_summary_add_file(struct csvr_summary *summary, const struct csvr_file *file,
				       const struct csvr_file_stats *table)
{
	struct csvr_file_stats *copy = NULL;
	if (summary->config.keeps_file_stats) {
		copy = copy_table(table);
		if (copy == NULL)
			return CSVR_NO_MEMORY;
	}
	enum csvr_status status = append_file(summary, file, copy);
	if (status != CSVR_OK) {
		table_free(copy);
		return status;
	}
	summary->size_bytes += table->size_bytes;
	summary->n_rows += table->n_rows;
	summary->n_extra_fields += table->n_extra_fields;
	for (size_t i = 0; i < CSVR_N_ROW_ISSUES; i++) {
		summary->issues[i].n += table->issues[i].n;
		keep_first(summary, &summary->issues[i].first,
			   (struct csvr_location){ file->input, table->issues[i].first_line });
	}
	return file->kind == CSVR_FILE_READ ? add_columns(summary, file, table) : CSVR_OK;
}

static enum csvr_status append_failure(struct csvr_summary *summary,
				       const struct csvr_failure *failure)
{
	struct csvr_failure *failures = csvr_array_grow(summary->failures,
							&summary->failures_capacity,
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
					  const struct csvr_error *error)
{
	const struct csvr_failure failure = { input, error->line, error->message };
	const struct csvr_file file = { .input = input, .kind = CSVR_FILE_BAD };
	enum csvr_status status = append_failure(summary, &failure);
	return status == CSVR_OK ? append_file(summary, &file, NULL) : status;
}

enum csvr_status csvr_summary_add_run(struct csvr_summary *summary,
				      const struct csvr_run_record *run)
{
	struct csvr_run_record *runs = csvr_array_grow(summary->runs, &summary->runs_capacity,
						       summary->n_runs + 1, sizeof *runs);
	if (runs == NULL)
		return CSVR_NO_MEMORY;
	summary->runs = runs;
	struct csvr_run_record copy = *run;
	const char **const texts[] = { &copy.version, &copy.command, &copy.host, &copy.job,
				       &copy.kernel };
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		*texts[i] = csvr_arena_copy(&summary->strings, *texts[i], strlen(*texts[i]));
		if (*texts[i] == NULL)
			return CSVR_NO_MEMORY;
	}
	runs[summary->n_runs++] = copy;
	return CSVR_OK;
}

enum csvr_status csvr_summary_add_partial(struct csvr_summary *summary,
					  struct csvr_partial_file *partial)
{
	struct csvr_partial_file *list = csvr_array_grow(summary->partial,
							 &summary->partial_capacity,
							 summary->n_partial + 1, sizeof *list);
	if (list == NULL)
		return CSVR_NO_MEMORY;
	summary->partial = list;
	list[summary->n_partial++] = *partial;
	memset(partial, 0, sizeof *partial);
	return CSVR_OK;
}

struct csvr_partial_file csvr_summary_pop_partial(struct csvr_summary *summary, size_t index)
{
	struct csvr_partial_file taken = summary->partial[index];
	summary->partial[index] = summary->partial[--summary->n_partial];
	return taken;
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
		keep_first(into, &target->first_invalid, source->first_invalid);
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
		const struct csvr_column_layout *header = &from->headers[i];
		uint32_t *columns = malloc((header->n_columns + 1) * sizeof *columns);
		if (columns == NULL)
			return CSVR_NO_MEMORY;
		for (size_t j = 0; j < header->n_columns; j++)
			columns[j] = header->column[j] == NONE ? NONE
							       : new_column[header->column[j]];
		enum csvr_status status = intern_header(into, columns, header->n_columns,
							&new_index[i]);
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
	free(into->tables);
	into->files = from->files;
	into->n_files = from->n_files;
	into->files_capacity = from->files_capacity;
	into->tables = from->tables;
	into->tables_capacity = from->tables_capacity;
	from->files = NULL;
	from->tables = NULL;
	from->n_files = from->files_capacity = from->tables_capacity = 0;
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
		enum csvr_status status =
			append_file(into, &file, from->tables != NULL ? from->tables[i] : NULL);
		if (status != CSVR_OK)
			return status;
		if (from->tables != NULL)
			from->tables[i] = NULL; /* handed over */
	}
	for (size_t i = 0; i < from->n_failures; i++) {
		enum csvr_status status = append_failure(into, &from->failures[i]);
		if (status != CSVR_OK)
			return status;
	}
	return CSVR_OK;
}

/* Pieces of one file stand together. */
static enum csvr_status merge_partial(struct csvr_summary *into, struct csvr_summary *from)
{
	while (from->n_partial > 0) {
		struct csvr_partial_file taken = csvr_summary_pop_partial(from,
									  from->n_partial - 1);
		struct csvr_partial_file *same = NULL;
		for (size_t i = 0; i < into->n_partial && same == NULL; i++)
			if (into->partial[i].input == taken.input)
				same = &into->partial[i];
		enum csvr_status status = CSVR_OK;
		if (same == NULL) {
			status = csvr_summary_add_partial(into, &taken);
		} else {
			for (size_t i = 0; i < taken.n_segments; i++) {
				struct csvr_segment *segment = taken.segments[i];
				taken.segments[i] = NULL;
				if (status == CSVR_OK && !csvr_partial_file_add(same, segment))
					status = CSVR_NO_MEMORY;
				else if (status != CSVR_OK)
					csvr_segment_free(segment);
			}
		}
		csvr_partial_file_clear(&taken);
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
	if (status == CSVR_OK)
		status = merge_partial(into, from);
	for (size_t i = 0; i < from->n_runs && status == CSVR_OK; i++)
		status = csvr_summary_add_run(into, &from->runs[i]);
	for (size_t i = 0; i < into->config.n_selected; i++)
		into->matched[i] |= from->matched[i];
	into->n_rows += from->n_rows;
	into->size_bytes += from->size_bytes;
	into->n_extra_fields += from->n_extra_fields;
	for (size_t i = 0; i < CSVR_N_ROW_ISSUES; i++) {
		into->issues[i].n += from->issues[i].n;
		keep_first(into, &into->issues[i].first, from->issues[i].first);
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

static void sort(void *items, size_t n_items, size_t item_bytes,
		 int (*compare)(const void *, const void *))
{
	if (n_items > 1)
		qsort(items, n_items, item_bytes, compare);
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

static int by_number(const void *a, const void *b)
{
	const struct csvr_partial_file *left = a, *right = b;
	return compare_words(left->input, right->input);
}

/* All of it counts: runs that differ in anything are two, and stand in one order. */
static int by_beginning(const void *a, const void *b)
{
	const struct csvr_run_record *left = a, *right = b;
	const char *const texts[][2] = { { left->host, right->host },
					 { left->command, right->command },
					 { left->job, right->job },
					 { left->version, right->version },
					 { left->kernel, right->kernel } };
	int order = (left->begin_ns > right->begin_ns) - (left->begin_ns < right->begin_ns);
	if (order == 0)
		order = (left->end_ns > right->end_ns) - (left->end_ns < right->end_ns);
	for (size_t i = 0; i < sizeof texts / sizeof texts[0] && order == 0; i++)
		order = strcmp(texts[i][0], texts[i][1]);
	if (order == 0)
		order = compare_words(left->shard_index, right->shard_index);
	if (order == 0)
		order = compare_words(left->shard_count, right->shard_count);
	return order != 0 ? order : compare_words(left->n_threads, right->n_threads);
}

/* The same run may have come in with several states that grew out of one. */
static void order_runs(struct csvr_summary *summary)
{
	sort(summary->runs, summary->n_runs, sizeof *summary->runs, by_beginning);
	size_t n_kept = 0;
	for (size_t i = 0; i < summary->n_runs; i++)
		if (n_kept == 0 || by_beginning(&summary->runs[n_kept - 1], &summary->runs[i]) != 0)
			summary->runs[n_kept++] = summary->runs[i];
	summary->n_runs = n_kept;
}

/* by_input looks at the file, which comes first. */
struct filed {
	struct csvr_file file;
	struct csvr_file_stats *table;
};

struct ranked {
	struct csvr_failure failure;
	uint32_t rank;
};

static int by_rank(const void *a, const void *b)
{
	const struct ranked *left = a, *right = b;
	return compare_words(left->rank, right->rank);
}

static enum csvr_status order_failures(struct csvr_summary *summary)
{
	const size_t n = summary->n_failures;
	struct ranked *ranked = malloc((n + 1) * sizeof *ranked);
	if (ranked == NULL)
		return CSVR_NO_MEMORY;
	for (size_t i = 0; i < n; i++)
		ranked[i] = (struct ranked){ summary->failures[i],
					     rank_of(summary, summary->failures[i].input) };
	sort(ranked, n, sizeof *ranked, by_rank);
	for (size_t i = 0; i < n; i++)
		summary->failures[i] = ranked[i].failure;
	free(ranked);
	return CSVR_OK;
}

/* As a rule every input has its record, so each knows its place; qsort would copy them all, at a time
 * when millions of them are most of what the program holds. */
static enum csvr_status order_files(struct csvr_summary *summary)
{
	struct csvr_file *files = summary->files;
	struct csvr_file_stats **tables = summary->tables;
	const size_t n_files = summary->n_files;
	for (size_t i = 0; i < n_files; i++) {
		/* Each turn brings a record home for good, so all turns together are at most n_files. */
		for (size_t home;
		     (home = files[i].input) != i && home < n_files && files[home].input != home;) {
			struct csvr_file file = files[home];
			files[home] = files[i];
			files[i] = file;
			if (tables != NULL) {
				struct csvr_file_stats *table = tables[home];
				tables[home] = tables[i];
				tables[i] = table;
			}
		}
	}
	bool is_ordered = true;
	for (size_t i = 1; i < n_files; i++)
		is_ordered &= files[i - 1].input <= files[i].input;
	if (is_ordered)
		return CSVR_OK;
	if (tables == NULL) {
		sort(files, n_files, sizeof *files, by_input);
		return CSVR_OK;
	}
	struct filed *filed = malloc((n_files + 1) * sizeof *filed);
	if (filed == NULL)
		return CSVR_NO_MEMORY;
	for (size_t i = 0; i < n_files; i++)
		filed[i] = (struct filed){ files[i], tables[i] };
	sort(filed, n_files, sizeof *filed, by_input);
	for (size_t i = 0; i < n_files; i++) {
		files[i] = filed[i].file;
		tables[i] = filed[i].table;
	}
	free(filed);
	return CSVR_OK;
}

static int by_columns(const void *a, const void *b)
{
	const struct csvr_column_layout *left = *(struct csvr_column_layout *const *)a;
	const struct csvr_column_layout *right = *(struct csvr_column_layout *const *)b;
	for (size_t i = 0; i < left->n_columns && i < right->n_columns; i++)
		if (left->column[i] != right->column[i])
			return compare_words(left->column[i], right->column[i]);
	return compare_words(left->n_columns, right->n_columns);
}

/* Headers by their columns, which stand in their own order: so it does not matter who came first. */
static enum csvr_status order_headers(struct csvr_summary *summary)
{
	const size_t n = summary->n_headers;
	if (n < 2)
		return CSVR_OK;
	struct csvr_column_layout **ordered = malloc(n * sizeof(struct csvr_column_layout *));
	struct csvr_column_layout *headers = malloc(n * sizeof *headers);
	uint32_t *new_index = malloc(n * sizeof *new_index);
	enum csvr_status status = CSVR_NO_MEMORY;
	if (ordered == NULL || headers == NULL || new_index == NULL)
		goto done;
	for (size_t i = 0; i < n; i++)
		ordered[i] = &summary->headers[i];
	sort(ordered, n, sizeof(struct csvr_column_layout *), by_columns);
	for (size_t i = 0; i < n; i++) {
		headers[i] = *ordered[i];
		new_index[ordered[i] - summary->headers] = (uint32_t)i;
	}
	memcpy(summary->headers, headers, n * sizeof *headers);
	for (size_t i = 0; i < summary->n_files; i++)
		if (summary->files[i].kind == CSVR_FILE_READ)
			summary->files[i].header = new_index[summary->files[i].header] &
						   (CSVR_MAX_LAYOUTS - 1);
	status = CSVR_OK;
done:
	free(ordered);
	free(headers);
	free(new_index);
	return status;
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
		const struct csvr_column_layout *header = &summary->headers[i];
		for (size_t j = 0; j < header->n_columns; j++)
			if (header->column[j] != NONE)
				header->column[j] = new_index[header->column[j]];
	}
	free(new_index);
	if (order_headers(summary) != CSVR_OK)
		return CSVR_NO_MEMORY;
	sort(summary->partial, summary->n_partial, sizeof *summary->partial, by_number);
	order_runs(summary);
	enum csvr_status status = order_files(summary);
	if (status == CSVR_OK)
		status = order_failures(summary);
	/* The hash tables' indices are stale now, and nothing is added any more. */
	free(summary->name_table);
	free(summary->header_table);
	summary->name_table = summary->header_table = NULL;
	summary->name_table_size = summary->header_table_size = 0;
	return status;
}

/* ---- what is asked ---- */

const struct csvr_file_stats *csvr_summary_file_stats(const struct csvr_summary *summary,
						      const struct csvr_file *file)
{
	return summary->tables != NULL ? summary->tables[file - summary->files] : NULL;
}

bool csvr_summary_is_matched(const struct csvr_summary *summary, size_t index)
{
	return summary->matched[index];
}

struct csvr_outcome csvr_summary_outcome(const struct csvr_summary *summary)
{
	struct csvr_outcome outcome = {
		.n_read = summary->n_files - summary->n_failures,
		.n_bad = summary->n_failures,
		.n_partial = summary->n_partial,
		.n_ragged = summary->issues[CSVR_ROW_SHORT].n + summary->issues[CSVR_ROW_LONG].n,
	};
	for (size_t i = 0; i < summary->n_columns; i++)
		if (summary->columns[i].stats.cells[CSVR_CELL_NUMBER] > 0)
			outcome.n_invalid += summary->columns[i].stats.cells[CSVR_CELL_INVALID];
	return outcome;
}
