/* report.c - prepares the report of a table */
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
	if (csvr_statistic_is_requested(statistic, row->report->requested))
		return csvr_column_value(row->distribution, row->column, statistic, row->n_files);
	if (row->hides_amounts && statistic->is_of_amounts)
		return (struct csvr_value){ .kind = CSVR_VALUE_NONE };
	return csvr_column_default_value(row->distribution, row->column, statistic, row->n_files);
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
		if (value->is_lower_bound)
			putc('>', stream);
		fwrite(text, 1, csvr_number_integer(value->count, text), stream);
		break;
	case CSVR_VALUE_REAL:
	case CSVR_VALUE_DECIMAL:
		if (round_digits >= 0)
			fwrite(text, 1, csvr_value_fixed(value, round_digits, text), stream);
		else if (value->kind == CSVR_VALUE_REAL)
			fwrite(text, 1, csvr_number_shortest(value->real, text), stream);
		else
			fputs(value->text, stream);
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

void csvr_report_row_init(struct csvr_report_row *row, const struct csvr_report *report,
			  size_t index, const struct csvr_column *cells)
{
	const struct csvr_summary_column *column = &report->table->columns[index];
	*row = (struct csvr_report_row){ .report = report,
					 .index = index,
					 .column = cells,
					 .distribution = report->distribution };
	const struct csvr_name title = csvr_summary_column_title(column);
	row->name = title.text;
	row->name_bytes = title.n_bytes;
	row->hides_amounts = !has_request(report->requested) &&
			     csvr_writer_of(report->options->format)->is_for_people &&
			     csvr_is_identifier(cells, row->name, row->name_bytes);
}

static enum csvr_status fill_total(struct csvr_report_block *block,
				   const struct csvr_report *report)
{
	for (size_t i = 0; i < report->n_columns; i++) {
		const struct csvr_summary_column *column = &report->table->columns[i];
		struct csvr_report_row *row = next_row(block);
		if (row == NULL)
			return CSVR_NO_MEMORY;
		csvr_report_row_init(row, report, i, &column->stats);
		row->n_files = column->n_files;
		row->n_rows = column->n_rows;
		row->first_invalid = csvr_summary_first_invalid(report->summary, &column->stats);
		if (row->first_invalid != NULL)
			row->invalid_path = csvr_inputs_path(report->inputs,
							     row->first_invalid->input);
	}
	return CSVR_OK;
}

/* Sets a row to the column of the table that is column `i` of the file. */
static void set_file_row(struct csvr_report_row *row, const struct csvr_report *report,
			 const struct csvr_file *file, size_t i)
{
	const struct csvr_column_layout *layout = &report->summary->layouts[file->layout];
	const struct csvr_file_stats *stats = csvr_summary_file_stats(report->summary, file);
	csvr_report_row_init(row, report, layout->column[i], &stats->columns[i]);
	row->n_files = 1;
	row->n_rows = stats->n_rows;
	row->first_invalid = csvr_summary_first_invalid(report->summary, row->column);
	if (row->first_invalid != NULL)
		row->invalid_path = csvr_file_path(report->document, file);
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
		set_file_row(row, report, file, i);
	}
	return CSVR_OK;
}

bool csvr_report_file_row(struct csvr_report_row *row, const struct csvr_report *report,
			  const struct csvr_file *file, size_t column)
{
	const struct csvr_column_layout *layout = &report->summary->layouts[file->layout];
	const struct csvr_file_stats *stats = csvr_summary_file_stats(report->summary, file);
	for (size_t i = 0; i < layout->n_columns && i < stats->n_columns; i++) {
		if (layout->column[i] != column)
			continue;
		set_file_row(row, report, file, i);
		return true;
	}
	return false;
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
		csvr_report_row_init(&row, report, i, &report->table->columns[i].stats);
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

void csvr_report_select_table(struct csvr_report *report, size_t table)
{
	report->table_index = table;
	report->table = csvr_summary_table(report->summary, table);
	report->n_columns = count_columns(report);
}

enum csvr_status csvr_report_open_for_files(struct csvr_report *report,
					    const struct csvr_document *document, size_t table)
{
	*report = (struct csvr_report){ .document = document,
					.summary = document->summary,
					.inputs = document->inputs,
					.options = document->options,
					.parse = document->parse,
					.requested = document->requested,
					.known = &document->known };
	csvr_report_select_table(report, table);
	report->distribution = malloc(sizeof *report->distribution);
	if (report->distribution == NULL)
		return CSVR_NO_MEMORY;
	csvr_distribution_init(report->distribution);
	return CSVR_OK;
}

enum csvr_status csvr_document_choose_statistics(struct csvr_document *document)
{
	bool are_shown[CSVR_MAX_SHOWN] = { false };
	if (csvr_writer_of(document->options->format)->is_for_people)
		return CSVR_OK;
	for (size_t t = 0; t < document->n_tables; t++) {
		struct csvr_report report;
		const enum csvr_status status = csvr_report_open_for_files(&report, document, t);
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

/* ---- opening ---- */

enum csvr_status csvr_report_open(struct csvr_report *report, const struct csvr_document *document,
				  size_t table)
{
	const struct csvr_summary *summary = document->summary;
	const struct csvr_writer *writer = csvr_writer_of(document->options->format);
	enum csvr_status status = csvr_report_open_for_files(report, document, table);
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
	report->n_filtered = totals->n_filtered;
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

void csvr_report_write_rows(const struct csvr_parse_options *parse, uint64_t n_rows,
			    uint64_t n_filtered, csvr_escape_fn escape, FILE *stream)
{
	const struct csvr_string_list *where = &parse->where;
	char rows[CSVR_NUMBER_TEXT_BYTES], all[CSVR_NUMBER_TEXT_BYTES];
	csvr_number_count(n_rows, rows);
	csvr_number_count(n_rows + n_filtered, all);
	if (where->n_words == 0) {
		fprintf(stream, "%s row%s", rows, n_rows == 1 ? "" : "s");
		return;
	}
	fprintf(stream, "%s of %s row%s (", rows, all, n_rows + n_filtered == 1 ? "" : "s");
	if (where->n_words == 1) {
		escape(stream, "--where='", sizeof "--where='" - 1);
		escape(stream, where->word[0], strlen(where->word[0]));
		escape(stream, "')", 2);
	} else {
		fprintf(stream, "%zu conditions of --where)", where->n_words);
	}
}
