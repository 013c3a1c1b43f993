/* document.c - prepares a document, and calls the writer of its format */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "input/inputs.h"
#include "report/report.h"
#include "report/writers.h"

/* ---- the files of each table ---- */

static uint32_t table_of(const struct csvr_document *document, const struct csvr_file *file)
{
	return document->summary->layouts[file->layout].table;
}

/* Whether a column of a table is absent from some of its files. */
static bool lacks_columns(const struct csvr_data_table *table)
{
	bool lacks = false;
	for (size_t i = 0; i < table->n_columns && !lacks; i++)
		lacks = table->columns[i].n_files != table->n_files &&
			table->columns[i].n_files > 0;
	return lacks;
}

/* Lists the files with rows of all tables in which files lack columns: puts each at its rank, then closes the gaps. */
static enum csvr_status list_paths(struct csvr_document *document)
{
	const struct csvr_summary *summary = document->summary;
	const uint32_t *ranks = summary->config.path_ranks;
	const size_t n_inputs = csvr_inputs_count(document->inputs);
	bool *lack_columns = calloc(document->n_tables + 1, sizeof *lack_columns);
	document->paths = calloc(n_inputs + 1, sizeof(const struct csvr_file *));
	if (lack_columns == NULL || document->paths == NULL) {
		free(lack_columns);
		return CSVR_NO_MEMORY;
	}
	for (size_t t = 0; t < summary->n_tables; t++)
		lack_columns[t] = lacks_columns(&summary->tables[t]);
	for (size_t i = 0; i < summary->n_files; i++) {
		const struct csvr_file *file = &summary->files[i];
		if (file->kind == CSVR_FILE_READ && lack_columns[table_of(document, file)])
			document->paths[ranks != NULL ? ranks[file->input] : file->input] = file;
	}
	for (size_t i = 0; i < n_inputs; i++)
		if (document->paths[i] != NULL)
			document->paths[document->n_paths++] = document->paths[i];
	free(lack_columns);
	return CSVR_OK;
}

/* Divides the indices from 0 to n - 1 among the tables; table[i] is that of i, or CSVR_NO_INDEX. */
static enum csvr_status divide(const uint32_t *table, size_t n, size_t n_tables,
			       struct csvr_file_lists *lists)
{
	lists->items = malloc((n + 1) * sizeof *lists->items);
	lists->first = calloc(n_tables + 2, sizeof *lists->first);
	if (lists->items == NULL || lists->first == NULL)
		return CSVR_NO_MEMORY;
	/* Count into first[t + 2] and add up: first[t + 1] is then the start of table t. Filling moves it to the end
	 * of table t, which is the start of table t + 1. */
	for (size_t i = 0; i < n; i++)
		if (table[i] != CSVR_NO_INDEX)
			lists->first[table[i] + (size_t)2]++;
	for (size_t t = 2; t < n_tables + 2; t++)
		lists->first[t] += lists->first[t - 1];
	for (size_t i = 0; i < n; i++)
		if (table[i] != CSVR_NO_INDEX)
			lists->items[lists->first[table[i] + (size_t)1]++] = (uint32_t)i;
	return CSVR_OK;
}

/* The lists of files are needed if there are several tables, or for --per-file; those of paths if files differ in their
 * columns. Lists that are not needed are empty. */
static enum csvr_status list_files(struct csvr_document *document)
{
	const struct csvr_summary *summary = document->summary;
	const bool has_lists = document->n_tables > 1 || document->options->per_file;
	const size_t n_listed = has_lists ? summary->n_files : 0;
	enum csvr_status status = summary->n_layouts > 1 ? list_paths(document) : CSVR_OK;
	const size_t n_most = n_listed > document->n_paths ? n_listed : document->n_paths;
	uint32_t *table = malloc((n_most + 1) * sizeof *table);
	if (table == NULL)
		status = CSVR_NO_MEMORY;
	for (size_t i = 0; i < n_listed && status == CSVR_OK; i++)
		table[i] = csvr_file_has_header(&summary->files[i])
				   ? table_of(document, &summary->files[i])
				   : CSVR_NO_INDEX;
	if (status == CSVR_OK)
		status = divide(table, n_listed, document->n_tables, &document->files);
	for (size_t i = 0; i < document->n_paths && status == CSVR_OK; i++) {
		const struct csvr_file *file = document->paths[i];
		table[i] = file != NULL ? table_of(document, file) : CSVR_NO_INDEX;
	}
	if (status == CSVR_OK)
		status = divide(table, document->n_paths, document->n_tables, &document->by_path);
	free(table);
	return status;
}

static void file_lists_clear(struct csvr_file_lists *lists)
{
	free(lists->items);
	free(lists->first);
}

/* ---- the names of tables ---- */

/* The number of bytes of the longest directory, with its slash, that contains all files of tables. */
static size_t count_common_bytes(const struct csvr_document *document)
{
	const struct csvr_inputs *inputs = document->inputs;
	const struct csvr_summary *summary = document->summary;
	const char *common = NULL;
	size_t n_bytes = 0;
	for (size_t i = 0; i < summary->n_files; i++) {
		const struct csvr_file *file = &summary->files[i];
		if (!csvr_file_has_header(file))
			continue;
		const char *directory =
			csvr_inputs_split_path(inputs, &inputs->items[file->input]).directory;
		if (directory == common)
			continue;
		if (common == NULL) {
			common = directory;
			n_bytes = strlen(directory);
			continue;
		}
		size_t n = 0;
		for (size_t j = 0; j < n_bytes && directory[j] == common[j]; j++)
			n = common[j] == '/' ? j + 1 : n;
		n_bytes = n;
	}
	return n_bytes;
}

/* Names a table by the first and the last of its files in the order of paths. */
static const char *name_table(struct csvr_document *document, size_t table, size_t n_common)
{
	const uint32_t *ranks = document->summary->config.path_ranks;
	const struct csvr_file *first = csvr_document_file(document, table, 0), *last = first;
	uint32_t least = UINT32_MAX, most = 0;
	for (size_t i = 0; i < csvr_document_n_files(document, table); i++) {
		const struct csvr_file *file = csvr_document_file(document, table, i);
		const uint32_t rank = ranks != NULL ? ranks[file->input] : file->input;
		if (rank < least) {
			first = file;
			least = rank;
		}
		if (rank > most) {
			last = file;
			most = rank;
		}
	}
	const char *path = csvr_display_path(csvr_file_path(document, first));
	const size_t n_skipped = strlen(path) > n_common ? n_common : 0;
	if (first == last)
		return csvr_arena_copy(&document->strings, path + n_skipped,
				       strlen(path + n_skipped));
	const char *start = csvr_arena_join(&document->strings, path + n_skipped, " ... ");
	path = csvr_display_path(csvr_file_path(document, last));
	return start == NULL ? NULL
			     : csvr_arena_join(&document->strings, start,
					       path + (strlen(path) > n_common ? n_common : 0));
}

static enum csvr_status name_tables(struct csvr_document *document)
{
	if (document->n_tables == 1)
		return CSVR_OK;
	const size_t n_common = count_common_bytes(document);
	document->names = calloc(document->n_tables, sizeof(const char *));
	if (document->names == NULL)
		return CSVR_NO_MEMORY;
	for (size_t t = 0; t < document->n_tables; t++) {
		document->names[t] = name_table(document, t, n_common);
		if (document->names[t] == NULL)
			return CSVR_NO_MEMORY;
	}
	return CSVR_OK;
}

/* ---- documents ---- */

enum csvr_status csvr_document_write_tables(const struct csvr_document *document,
					    csvr_write_report_fn write, const void *context,
					    FILE *stream)
{
	enum csvr_status status = CSVR_OK;
	for (size_t t = 0; t < document->n_tables && status == CSVR_OK && !ferror(stream); t++) {
		struct csvr_report report;
		status = csvr_report_open(&report, document, t);
		if (status == CSVR_OK)
			status = write(&report, context, stream);
		csvr_report_close(&report);
	}
	return status != CSVR_OK ? status : csvr_stream_status(stream);
}

static enum csvr_status prepare(struct csvr_document *document)
{
	const struct csvr_summary *summary = document->summary;
	csvr_statistic_list_init(&document->known, document->requested);
	document->n_tables = summary->n_tables > 0 ? summary->n_tables : 1;
	document->totals = csvr_summary_totals(summary);
	for (size_t i = 0; i < summary->n_files; i++)
		document->n_kind[summary->files[i].kind]++;
	document->n_files = document->n_kind[CSVR_FILE_READ] + document->n_kind[CSVR_FILE_EMPTY] +
			    document->n_kind[CSVR_FILE_HEADER_ONLY] +
			    document->n_kind[CSVR_FILE_FILTERED];
	enum csvr_status status = list_files(document);
	if (status == CSVR_OK)
		status = name_tables(document);
	if (status == CSVR_OK)
		status = csvr_document_choose_statistics(document);
	if (status != CSVR_OK)
		return status;
	return csvr_problems_collect(&document->problems, summary, CSVR_NO_TABLE, document->inputs,
				     document->parse);
}

enum csvr_status csvr_document_open(struct csvr_document *document,
				    const struct csvr_summary *summary,
				    const struct csvr_inputs *inputs,
				    const struct csvr_settings *settings)
{
	*document = (struct csvr_document){ .summary = summary,
					    .inputs = inputs,
					    .options = &settings->report,
					    .parse = &settings->parse,
					    .requested = &settings->statistics };
	csvr_arena_init(&document->strings);
	return prepare(document);
}

void csvr_document_close(struct csvr_document *document)
{
	csvr_problems_clear(&document->problems);
	file_lists_clear(&document->files);
	file_lists_clear(&document->by_path);
	free(document->paths);
	free(document->names);
	csvr_arena_clear(&document->strings);
}

enum csvr_status csvr_report_write(const struct csvr_summary *summary,
				   const struct csvr_inputs *inputs,
				   const struct csvr_settings *settings, FILE *stream)
{
	struct csvr_document document;
	enum csvr_status status = csvr_document_open(&document, summary, inputs, settings);
	if (status == CSVR_OK)
		status = csvr_writer_of(settings->report.format)->write(&document, stream);
	if (status == CSVR_OK && csvr_inputs_path_failed(inputs))
		status = CSVR_NO_MEMORY;
	csvr_document_close(&document);
	return status;
}
