/* summary_order.c - sorts a summary in the order of the report */
#include <stdlib.h>
#include <string.h>

#include "stats/summary_internal.h"

static int compare_u64(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static void sort(void *items, size_t n_items, size_t item_bytes,
		 int (*compare)(const void *, const void *))
{
	if (n_items > 1)
		qsort(items, n_items, item_bytes, compare);
}

/* Columns of files with only a header are last. */
static int by_order(const void *a, const void *b)
{
	const struct csvr_summary_column *left = a, *right = b;
	if ((left->n_files == 0) != (right->n_files == 0))
		return left->n_files == 0 ? 1 : -1;
	return compare_u64(left->order, right->order);
}

/* Tables of files with only a header are last. */
static int by_first_input(const void *a, const void *b)
{
	const struct csvr_data_table *left = a, *right = b;
	if ((left->n_files == 0) != (right->n_files == 0))
		return left->n_files == 0 ? 1 : -1;
	return compare_u64(left->first_input, right->first_input);
}

static int by_input(const void *a, const void *b)
{
	const struct csvr_file *left = a, *right = b;
	return compare_u64(left->input, right->input);
}

static int by_partial_input(const void *a, const void *b)
{
	const struct csvr_partial_file *left = a, *right = b;
	return compare_u64(left->input, right->input);
}

/* Compares all members, so that the order is total and only duplicates are equal. */
static int by_start(const void *a, const void *b)
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
		order = compare_u64(left->shard_index, right->shard_index);
	if (order == 0)
		order = compare_u64(left->shard_count, right->shard_count);
	return order != 0 ? order : compare_u64(left->n_threads, right->n_threads);
}

/* Sorts the runs, and removes duplicates, which occur when several merged states include the same one. */
static void order_runs(struct csvr_summary *summary)
{
	sort(summary->runs, summary->n_runs, sizeof *summary->runs, by_start);
	size_t n_kept = 0;
	for (size_t i = 0; i < summary->n_runs; i++)
		if (n_kept == 0 || by_start(&summary->runs[n_kept - 1], &summary->runs[i]) != 0)
			summary->runs[n_kept++] = summary->runs[i];
	summary->n_runs = n_kept;
}

/* `file` must be the first member: by_input compares items as files. */
struct file_with_stats {
	struct csvr_file file;
	struct csvr_file_stats *stats;
};

struct ranked {
	struct csvr_failure failure;
	uint32_t rank;
};

static int by_rank(const void *a, const void *b)
{
	const struct ranked *left = a, *right = b;
	return compare_u64(left->rank, right->rank);
}

static enum csvr_status order_failures(struct csvr_summary *summary)
{
	const size_t n = summary->n_failures;
	struct ranked *ranked = malloc((n + 1) * sizeof *ranked);
	if (ranked == NULL)
		return CSVR_NO_MEMORY;
	for (size_t i = 0; i < n; i++)
		ranked[i] = (struct ranked){ summary->failures[i],
					     csvr_summary_path_rank(summary,
								    summary->failures[i].input) };
	sort(ranked, n, sizeof *ranked, by_rank);
	for (size_t i = 0; i < n; i++)
		summary->failures[i] = ranked[i].failure;
	free(ranked);
	return CSVR_OK;
}

/* If every input has a file, its index is its position, and records are swapped into place. qsort would
 * copy them all, when millions of them are most of the memory of the program. Otherwise they are sorted. */
static enum csvr_status order_files(struct csvr_summary *summary)
{
	struct csvr_file *files = summary->files;
	struct csvr_file_stats **file_stats = summary->file_stats;
	const size_t n_files = summary->n_files;
	for (size_t i = 0; i < n_files; i++) {
		/* Each swap puts a record in its final position, so there are at most n_files swaps. */
		for (size_t home;
		     (home = files[i].input) != i && home < n_files && files[home].input != home;) {
			struct csvr_file file = files[home];
			files[home] = files[i];
			files[i] = file;
			if (file_stats != NULL) {
				struct csvr_file_stats *stats = file_stats[home];
				file_stats[home] = file_stats[i];
				file_stats[i] = stats;
			}
		}
	}
	bool is_ordered = true;
	for (size_t i = 1; i < n_files; i++)
		is_ordered &= files[i - 1].input <= files[i].input;
	if (is_ordered)
		return CSVR_OK;
	if (file_stats == NULL) {
		sort(files, n_files, sizeof *files, by_input);
		return CSVR_OK;
	}
	struct file_with_stats *file_with_stats = malloc((n_files + 1) * sizeof *file_with_stats);
	if (file_with_stats == NULL)
		return CSVR_NO_MEMORY;
	for (size_t i = 0; i < n_files; i++)
		file_with_stats[i] = (struct file_with_stats){ files[i], file_stats[i] };
	sort(file_with_stats, n_files, sizeof *file_with_stats, by_input);
	for (size_t i = 0; i < n_files; i++) {
		files[i] = file_with_stats[i].file;
		file_stats[i] = file_with_stats[i].stats;
	}
	free(file_with_stats);
	return CSVR_OK;
}

static int by_columns(const void *a, const void *b)
{
	const struct csvr_column_layout *left = *(struct csvr_column_layout *const *)a;
	const struct csvr_column_layout *right = *(struct csvr_column_layout *const *)b;
	if (left->table != right->table)
		return compare_u64(left->table, right->table);
	for (size_t i = 0; i < left->n_columns && i < right->n_columns; i++)
		if (left->column[i] != right->column[i])
			return compare_u64(left->column[i], right->column[i]);
	return compare_u64(left->n_columns, right->n_columns);
}

/* Sorts layouts by their tables and columns, which are sorted before, so that the order of merging does not matter. */
static enum csvr_status order_layouts(struct csvr_summary *summary)
{
	const size_t n = summary->n_layouts;
	if (n < 2)
		return CSVR_OK;
	struct csvr_column_layout **ordered = malloc(n * sizeof(struct csvr_column_layout *));
	struct csvr_column_layout *layouts = malloc(n * sizeof *layouts);
	uint32_t *new_index = malloc(n * sizeof *new_index);
	enum csvr_status status = CSVR_NO_MEMORY;
	if (ordered == NULL || layouts == NULL || new_index == NULL)
		goto done;
	for (size_t i = 0; i < n; i++)
		ordered[i] = &summary->layouts[i];
	sort(ordered, n, sizeof(struct csvr_column_layout *), by_columns);
	for (size_t i = 0; i < n; i++) {
		layouts[i] = *ordered[i];
		new_index[ordered[i] - summary->layouts] = (uint32_t)i;
	}
	memcpy(summary->layouts, layouts, n * sizeof *layouts);
	for (size_t i = 0; i < summary->n_files; i++)
		if (csvr_file_has_header(&summary->files[i]))
			summary->files[i].layout = new_index[summary->files[i].layout] &
						   (CSVR_MAX_LAYOUTS - 1);
	status = CSVR_OK;
done:
	free(ordered);
	free(layouts);
	free(new_index);
	return status;
}

static enum csvr_status complete_columns(struct csvr_summary *summary)
{
	enum csvr_status status = CSVR_OK;
	for (size_t t = 0; t < summary->n_tables; t++)
		for (size_t i = 0; i < summary->tables[t].n_columns && status == CSVR_OK; i++)
			status = csvr_collected_complete(
				summary->tables[t].columns[i].stats.collected);
	for (size_t i = 0; i < summary->n_files && summary->config.keeps_file_stats; i++) {
		const struct csvr_file_stats *file = summary->file_stats[i];
		for (size_t j = 0; file != NULL && j < file->n_columns && status == CSVR_OK; j++)
			status = csvr_collected_complete(file->columns[j].collected);
	}
	return status;
}

static enum csvr_status order_groups(struct csvr_summary *summary)
{
	enum csvr_status status = CSVR_OK;
	for (size_t t = 0; t < summary->n_tables && status == CSVR_OK; t++) {
		struct csvr_groups *groups = summary->tables[t].groups;
		if (groups == NULL)
			continue;
		csvr_groups_limit(groups, csvr_summary_count_names(summary));
		status = csvr_groups_sort(groups);
	}
	return status;
}

/* Sorts the columns of a table; `new_index` becomes the index of each. */
static void order_columns(struct csvr_data_table *table, uint32_t *new_index)
{
	for (size_t i = 0; i < table->n_columns; i++)
		table->columns[i].index = (uint32_t)i;
	sort(table->columns, table->n_columns, sizeof *table->columns, by_order);
	for (size_t i = 0; i < table->n_columns; i++)
		new_index[table->columns[i].index] = (uint32_t)i;
}

static void order_tables(struct csvr_summary *summary, uint32_t *new_table)
{
	for (size_t t = 0; t < summary->n_tables; t++)
		summary->tables[t].index = (uint32_t)t;
	sort(summary->tables, summary->n_tables, sizeof *summary->tables, by_first_input);
	for (size_t t = 0; t < summary->n_tables; t++)
		new_table[summary->tables[t].index] = (uint32_t)t;
	for (size_t h = 0; h < summary->n_headers; h++)
		summary->headers[h].table = new_table[summary->headers[h].table];
	for (size_t l = 0; l < summary->n_layouts; l++)
		summary->layouts[l].table = new_table[summary->layouts[l].table];
}

/* Sorts the columns of all tables, and the tables. */
static enum csvr_status order_columns_and_tables(struct csvr_summary *summary)
{
	enum csvr_status status = CSVR_NO_MEMORY;
	size_t *first = malloc((summary->n_tables + 1) * sizeof *first), n_columns = 0;
	uint32_t *new_table = malloc((summary->n_tables + 1) * sizeof *new_table);
	uint32_t *new_column = malloc((csvr_summary_n_columns(summary) + 1) * sizeof *new_column);
	if (first == NULL || new_table == NULL || new_column == NULL)
		goto done;
	status = CSVR_OK;
	for (size_t t = 0; t < summary->n_tables && status == CSVR_OK; t++) {
		struct csvr_data_table *table = &summary->tables[t];
		first[t] = n_columns;
		n_columns += table->n_columns;
		order_columns(table, new_column + first[t]);
		status = csvr_pairs_renumber(&table->pairs, new_column + first[t]);
		if (status == CSVR_OK && table->groups != NULL)
			status = csvr_groups_move_columns(table->groups, new_column + first[t]);
	}
	for (size_t i = 0; i < summary->n_layouts && status == CSVR_OK; i++) {
		const struct csvr_column_layout *layout = &summary->layouts[i];
		for (size_t j = 0; j < layout->n_columns; j++)
			if (layout->column[j] != CSVR_NO_INDEX)
				layout->column[j] =
					new_column[first[layout->table] + layout->column[j]];
	}
	if (status == CSVR_OK)
		order_tables(summary, new_table);
done:
	free(first);
	free(new_table);
	free(new_column);
	return status;
}

enum csvr_status csvr_summary_finish(struct csvr_summary *summary)
{
	enum csvr_status status = CSVR_OK;
	if (summary->config.tables == CSVR_TABLES_SIMILAR)
		status = csvr_summary_join_similar(summary);
	csvr_summary_limit_columns(summary);
	if (status == CSVR_OK)
		status = complete_columns(summary);
	if (status == CSVR_OK)
		status = order_columns_and_tables(summary);
	if (status == CSVR_OK)
		status = order_layouts(summary);
	if (status == CSVR_OK)
		status = order_groups(summary);
	if (status != CSVR_OK)
		return status;
	sort(summary->partial_files, summary->n_partial_files, sizeof *summary->partial_files,
	     by_partial_input);
	order_runs(summary);
	status = order_files(summary);
	if (status == CSVR_OK)
		status = order_failures(summary);
	/* The indices in the hash tables are invalid now. */
	csvr_summary_drop_hash_tables(summary);
	return status;
}
