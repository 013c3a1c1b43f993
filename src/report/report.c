/* report.c - prepares a report and calls the writer of its format */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "report/report.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number_format.h"
#include "input/inputs.h"
#include "report/identifier.h"
#include "report/writers.h"
#include "stats/distribution.h"

/* ---- shared by the writers ---- */

const char *csvr_file_path(const struct csvr_document *document, const struct csvr_file *file)
{
	return csvr_inputs_path(document->inputs, file->input);
}

void csvr_location_write(const char *path, uint64_t line, csvr_escape_fn escape, FILE *stream)
{
	path = csvr_display_path(path);
	escape(stream, path, strlen(path));
	if (line > 0)
		fprintf(stream, ":%" PRIu64, line);
}

enum csvr_status csvr_stream_status(FILE *stream)
{
	return ferror(stream) ? CSVR_IO_ERROR : CSVR_OK;
}

struct csvr_value csvr_report_row_value(const struct csvr_report_row *row,
					const struct csvr_statistic *statistic)
{
	struct csvr_distribution *distribution = row->report->distribution;
	if (csvr_statistic_is_requested(statistic, row->report->requested))
		return csvr_column_value(distribution, row->column, statistic, row->n_files);
	if (row->hides_amounts && statistic->is_of_amounts)
		return (struct csvr_value){ .kind = CSVR_VALUE_NONE };
	return csvr_column_default_value(distribution, row->column, statistic, row->n_files);
}

size_t csvr_value_fixed(const struct csvr_value *value, int digits,
			char text[CSVR_NUMBER_TEXT_BYTES])
{
	size_t n_bytes = 0;
	if (value->kind == CSVR_VALUE_DECIMAL)
		return csvr_number_fixed_decimal(value->text, digits, text);
	if (value->exact != NULL)
		n_bytes = csvr_exact_sum_fixed(value->exact, value->divisor, (unsigned)digits,
					       text);
	if (n_bytes > 0)
		return n_bytes;
	/* The shortest text of min and max is the number as written. From 1e16 on it may end in zeros that
	 * are no digits. */
	char shortest[CSVR_NUMBER_TEXT_BYTES];
	csvr_number_shortest(value->real, shortest);
	return fabs(value->real) < 1e16 ? csvr_number_fixed_decimal(shortest, digits, text)
					: csvr_number_fixed(value->real, digits, text);
}

void csvr_value_write(const struct csvr_value *value, int round_digits, csvr_escape_fn escape,
		      FILE *stream)
{
	char text[CSVR_NUMBER_TEXT_BYTES];
	switch (value->kind) {
	case CSVR_VALUE_NONE:
		break;
	case CSVR_VALUE_COUNT:
		fprintf(stream, "%s%" PRIu64, value->is_lower_bound ? ">" : "", value->count);
		break;
	case CSVR_VALUE_REAL:
	case CSVR_VALUE_DECIMAL:
		if (round_digits >= 0)
			csvr_value_fixed(value, round_digits, text);
		else if (value->kind == CSVR_VALUE_REAL)
			csvr_number_shortest(value->real, text);
		fputs(round_digits < 0 && value->kind == CSVR_VALUE_DECIMAL ? value->text : text,
		      stream);
		break;
	case CSVR_VALUE_TIME:
	case CSVR_VALUE_HISTOGRAM:
		escape(stream, value->text, strlen(value->text));
		break;
	case CSVR_VALUE_WORD:
	case CSVR_VALUE_FACT:
		escape(stream, value->word, strlen(value->word));
		break;
	case CSVR_VALUE_BYTES:
		escape(stream, (const char *)value->bytes, value->n_bytes);
		break;
	}
}

/* Whether statistics were requested, rather than those shown by default. */
static bool has_request(const struct csvr_statistic_options *requested)
{
	return requested->all || requested->names.n_words > 0;
}

static struct csvr_report_row *next_row(struct csvr_report_block *block)
{
	struct csvr_report_row *rows = csvr_array_grow(block->rows, &block->capacity,
						       block->n_rows + 1, sizeof *rows);
	if (rows == NULL)
		return NULL;
	block->rows = rows;
	return &rows[block->n_rows++];
}

/* Sets all but the counts of rows and files, and the first invalid cell. */
static void init_row(struct csvr_report_row *row, const struct csvr_report *report, size_t index,
		     const struct csvr_column *stats)
{
	const struct csvr_summary_column *column = &report->table->columns[index];
	*row = (struct csvr_report_row){ .report = report, .index = index, .column = stats };
	row->name = column->label != NULL ? column->label : column->name;
	row->name_bytes = column->label != NULL ? column->label_bytes : column->name_bytes;
	row->hides_amounts = !has_request(report->requested) &&
			     csvr_writer_of(report->options->format)->is_for_people &&
			     csvr_is_identifier(stats, row->name, row->name_bytes);
}

static enum csvr_status fill_total(struct csvr_report_block *block,
				   const struct csvr_report *report)
{
	for (size_t i = 0; i < report->n_columns; i++) {
		const struct csvr_summary_column *column = &report->table->columns[i];
		struct csvr_report_row *row = next_row(block);
		if (row == NULL)
			return CSVR_NO_MEMORY;
		init_row(row, report, i, &column->stats);
		row->n_files = column->n_files;
		row->n_rows = column->n_rows;
		row->first_invalid = csvr_summary_first_invalid(report->summary, &column->stats);
		if (row->first_invalid != NULL)
			row->invalid_path = csvr_inputs_path(report->inputs,
							     row->first_invalid->input);
	}
	return CSVR_OK;
}

enum csvr_status csvr_report_block_fill(struct csvr_report_block *block,
					const struct csvr_report *report,
					const struct csvr_file *file)
{
	block->n_rows = 0;
	block->file = file;
	if (file == NULL)
		return fill_total(block, report);
	const struct csvr_column_layout *layout = &report->summary->layouts[file->layout];
	const struct csvr_file_stats *stats = csvr_summary_file_stats(report->summary, file);
	for (size_t i = 0; i < layout->n_columns && i < stats->n_columns; i++) {
		if (layout->column[i] == UINT32_MAX)
			continue;
		struct csvr_report_row *row = next_row(block);
		if (row == NULL)
			return CSVR_NO_MEMORY;
		init_row(row, report, layout->column[i], &stats->columns[i]);
		row->n_files = 1;
		row->n_rows = stats->n_rows;
		row->first_invalid = csvr_summary_first_invalid(report->summary, row->column);
		if (row->first_invalid != NULL)
			row->invalid_path = csvr_file_path(report->document, file);
	}
	return CSVR_OK;
}

void csvr_files_with_column(const struct csvr_report *report, size_t column_index, bool have_it,
			    csvr_path_fn visit, void *context)
{
	const struct csvr_document *document = report->document;
	const struct csvr_file_lists *lists = &document->by_path;
	csvr_missing_columns_select(report->missing_columns, column_index);
	for (size_t i = lists->first[report->table_index];
	     i < lists->first[report->table_index + 1]; i++) {
		const struct csvr_file *file = document->paths[lists->items[i]];
		if (csvr_layout_lacks_column(report->missing_columns, file->layout) != have_it)
			visit(context, lists->items[i]);
	}
}

/* ---- which statistics are shown ---- */

static bool is_zero(const struct csvr_value *value)
{
	return value->kind == CSVR_VALUE_NONE ||
	       (value->kind == CSVR_VALUE_COUNT && value->count == 0) ||
	       (value->kind == CSVR_VALUE_REAL && value->real == 0);
}

/* Whether some column has a value of the statistic, which was not requested, and one that is not 0 if
 * `is_nonzero`. */
static bool has_value(const struct csvr_statistic *statistic, const struct csvr_report *report,
		      bool is_nonzero)
{
	for (size_t i = 0; i < report->n_columns; i++) {
		struct csvr_report_row row;
		init_row(&row, report, i, &report->table->columns[i].stats);
		row.n_files = report->table->columns[i].n_files;
		const struct csvr_value value = csvr_report_row_value(&row, statistic);
		if (value.kind != CSVR_VALUE_NONE && (!is_nonzero || !is_zero(&value)))
			return true;
	}
	return false;
}

static bool is_shown(const struct csvr_statistic *statistic, const struct csvr_report *report)
{
	if (has_request(report->requested))
		return csvr_statistic_is_requested(statistic, report->requested);
	const bool is_for_people = csvr_writer_of(report->options->format)->is_for_people;
	switch (is_for_people ? statistic->in_table : statistic->in_data) {
	case CSVR_SHOW_IF_ROOM:
	case CSVR_SHOW_ALWAYS:
		return !is_for_people || has_value(statistic, report, false);
	case CSVR_SHOW_IF_NONZERO:
		return has_value(statistic, report, true);
	default:
		return false;
	}
}

static void choose_statistics(struct csvr_report *report)
{
	for (size_t i = 0; i < report->known->n_items; i++)
		if (is_shown(report->known->item[i], report))
			report->stats[report->n_stats++] = report->known->item[i];
}

/* Columns that only files without rows have are shown to programs, and to people if there are no others. */
static size_t count_columns(const struct csvr_report *report)
{
	const struct csvr_document *document = report->document;
	const bool has_rows = document->n_kind[CSVR_FILE_READ] > 0;
	return has_rows && !csvr_writer_of(report->options->format)->has_bare_headers
		       ? csvr_data_table_count_columns(report->table)
		       : report->table->n_columns;
}

/* All that choose_statistics needs. */
static enum csvr_status init_report(struct csvr_report *report,
				    const struct csvr_document *document, size_t table)
{
	*report = (struct csvr_report){ .document = document,
					.summary = document->summary,
					.table_index = table,
					.table = csvr_summary_table(document->summary, table),
					.inputs = document->inputs,
					.options = document->options,
					.parse = document->parse,
					.requested = document->requested,
					.known = &document->known };
	report->n_columns = count_columns(report);
	report->distribution = malloc(sizeof *report->distribution);
	if (report->distribution == NULL)
		return CSVR_NO_MEMORY;
	csvr_distribution_init(report->distribution);
	return CSVR_OK;
}

/* Programs need the same statistics for all tables: those that some table has. */
static enum csvr_status choose_for_all_tables(struct csvr_document *document)
{
	bool are_shown[CSVR_MAX_SHOWN] = { false };
	if (csvr_writer_of(document->options->format)->is_for_people)
		return CSVR_OK;
	for (size_t t = 0; t < document->n_tables; t++) {
		struct csvr_report report;
		const enum csvr_status status = init_report(&report, document, t);
		for (size_t i = 0; i < document->known.n_items && status == CSVR_OK; i++)
			are_shown[i] = are_shown[i] || is_shown(document->known.item[i], &report);
		csvr_report_close(&report);
		if (status != CSVR_OK)
			return status;
	}
	for (size_t i = 0; i < document->known.n_items; i++)
		if (are_shown[i])
			document->stats[document->n_stats++] = document->known.item[i];
	return CSVR_OK;
}

/* ---- the files of each table ---- */

static uint32_t table_of(const struct csvr_document *document, const struct csvr_file *file)
{
	return document->summary->layouts[file->layout].table;
}

/* Whether some of the columns of a table is absent from some of its files. */
static bool lacks_columns(const struct csvr_data_table *table)
{
	bool lacks = false;
	for (size_t i = 0; i < table->n_columns && !lacks; i++)
		lacks = table->columns[i].n_files != table->n_files &&
			table->columns[i].n_files > 0;
	return lacks;
}

/* Lists the files that columns refer to: puts each at its rank, then closes the gaps. */
static enum csvr_status list_paths(struct csvr_document *document)
{
	const struct csvr_summary *summary = document->summary;
	const uint32_t *ranks = summary->config.path_ranks;
	const size_t n_inputs = csvr_inputs_count(document->inputs);
	bool *lack_columns = calloc(document->n_tables + 1, sizeof *lack_columns);
	document->paths = calloc(n_inputs + 1, sizeof *document->paths);
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

/* If there is one table whose files all have the same columns, the lists are needed for --per-file alone. */
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
	for (size_t i = 0; i < document->n_paths && status == CSVR_OK; i++)
		table[i] = table_of(document, document->paths[i]);
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

/* The bytes of the longest directory, with a slash, that contains all files of tables. */
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
	const struct csvr_file *first = NULL, *last = NULL;
	uint32_t least = 0, most = 0;
	for (size_t i = 0; i < csvr_document_n_files(document, table); i++) {
		const struct csvr_file *file = csvr_document_file(document, table, i);
		const uint32_t rank = ranks != NULL ? ranks[file->input] : file->input;
		if (first == NULL || rank < least) {
			first = file;
			least = rank;
		}
		if (last == NULL || rank > most) {
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
	document->names = calloc(document->n_tables, sizeof *document->names);
	if (document->names == NULL)
		return CSVR_NO_MEMORY;
	for (size_t t = 0; t < document->n_tables; t++) {
		document->names[t] = name_table(document, t, n_common);
		if (document->names[t] == NULL)
			return CSVR_NO_MEMORY;
	}
	return CSVR_OK;
}

/* ---- reports and documents ---- */

enum csvr_status csvr_report_open(struct csvr_report *report, const struct csvr_document *document,
				  size_t table)
{
	const struct csvr_summary *summary = document->summary;
	const struct csvr_writer *writer = csvr_writer_of(document->options->format);
	enum csvr_status status = init_report(report, document, table);
	if (status != CSVR_OK)
		return status;
	if (writer->is_for_people) {
		choose_statistics(report);
	} else {
		memcpy(report->stats, document->stats, sizeof report->stats);
		report->n_stats = document->n_stats;
	}
	const bool is_only = document->n_tables == 1;
	const struct csvr_totals *totals = is_only ? &document->totals : &report->table->totals;
	report->n_rows = totals->n_rows;
	report->size_bytes = totals->size_bytes;
	report->n_files = is_only ? document->n_files : csvr_document_n_files(document, table);
	report->missing_columns = csvr_missing_columns_new(summary, table);
	if (report->missing_columns == NULL)
		return CSVR_NO_MEMORY;
	status = csvr_problems_collect(&report->problems, summary, (uint32_t)table,
				       document->inputs, document->parse);
	if (status != CSVR_OK || !writer->has_correlation)
		return status;
	return csvr_correlations_compute(&report->correlations, report->table);
}

void csvr_report_close(struct csvr_report *report)
{
	csvr_problems_clear(&report->problems);
	csvr_correlations_clear(&report->correlations);
	csvr_missing_columns_free(report->missing_columns);
	free(report->distribution);
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
			    document->n_kind[CSVR_FILE_HEADER_ONLY];
	enum csvr_status status = list_files(document);
	if (status == CSVR_OK)
		status = name_tables(document);
	if (status == CSVR_OK)
		status = choose_for_all_tables(document);
	if (status != CSVR_OK)
		return status;
	return csvr_problems_collect(&document->problems, summary, CSVR_NO_TABLE, document->inputs,
				     document->parse);
}

enum csvr_status csvr_report_write(const struct csvr_summary *summary,
				   const struct csvr_inputs *inputs,
				   const struct csvr_settings *settings, FILE *stream)
{
	struct csvr_document document = { .summary = summary,
					  .inputs = inputs,
					  .options = &settings->report,
					  .parse = &settings->parse,
					  .requested = &settings->statistics };
	csvr_arena_init(&document.strings);
	enum csvr_status status = prepare(&document);
	if (status == CSVR_OK)
		status = csvr_writer_of(settings->report.format)->write(&document, stream);
	if (status == CSVR_OK && csvr_inputs_path_failed(inputs))
		status = CSVR_NO_MEMORY;
	csvr_problems_clear(&document.problems);
	file_lists_clear(&document.files);
	file_lists_clear(&document.by_path);
	free(document.paths);
	free(document.names);
	csvr_arena_clear(&document.strings);
	return status;
}
