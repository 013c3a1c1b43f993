/* write_json.c - one object with all statistics and problems, for programs
 *
 * The JSON is valid whatever bytes names and paths contain: bytes that are not UTF-8 become U+FFFD, and
 * control characters are escaped. The order of members is fixed.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/number_format.h"
#include "report/duplicates.h"
#include "report/json_text.h"
#include "report/provenance.h"
#include "report/report.h"
#include "report/writers.h"
#include "stats/histogram.h"

/* Whether it is written without quotes. */
static bool is_bare(const struct csvr_value *value)
{
	return value->kind == CSVR_VALUE_COUNT || value->kind == CSVR_VALUE_DECIMAL ||
	       value->kind == CSVR_VALUE_FACT ||
	       (value->kind == CSVR_VALUE_REAL &&
		isfinite(value->real)); /* JSON has no number for the others */
}

static void write_value(struct csvr_json *json, const struct csvr_value *value)
{
	const char *quote = is_bare(value) ? "" : "\"";
	fputs(quote, json->stream);
	csvr_value_write(value, json->document->options->round_digits, csvr_escape_json,
			 json->stream);
	fputs(quote, json->stream);
}

/* { "min": 0, "max": 10, "counts": [3, 1] }, with "max_error" if the counts are estimates. */
static void write_histogram(struct csvr_json *json, const struct csvr_column *column)
{
	struct csvr_histogram histogram;
	if (!csvr_histogram_of(json->report->distribution, column, &histogram)) {
		fputs("null", json->stream);
		return;
	}
	fputs("{ \"min\": ", json->stream);
	write_value(json, &histogram.min);
	fputs(", \"max\": ", json->stream);
	write_value(json, &histogram.max);
	fputs(", \"counts\": [", json->stream);
	for (size_t i = 0; i < histogram.n_bins; i++) {
		fputs(i > 0 ? ", " : "", json->stream);
		csvr_json_count(json, histogram.counts[i]);
	}
	putc(']', json->stream);
	if (histogram.max_error > 0) {
		fputs(", \"max_error\": ", json->stream);
		csvr_json_count(json, histogram.max_error);
	}
	fputs(" }", json->stream);
}

/* The items of a list, with the cells that have each; null if there are none. */
static void member_items(struct csvr_json *json, const struct csvr_report_row *row,
			 const struct csvr_statistic *statistic)
{
	struct csvr_value items[CSVR_MAX_ITEMS];
	const size_t n = csvr_column_items(json->report->distribution, row->column, statistic,
					   csvr_statistic_is_requested(statistic,
								       json->report->requested),
					   items);
	csvr_json_key(json, statistic->name);
	if (n == 0) {
		fputs("null", json->stream);
		return;
	}
	csvr_json_open(json, '[');
	for (size_t i = 0; i < n; i++) {
		csvr_json_next(json);
		fputs("{ \"value\": ", json->stream);
		write_value(json, &items[i]);
		fprintf(json->stream, ", \"count\": %" PRIu64 " }", items[i].n_cells);
	}
	csvr_json_close(json, ']');
}

static void member_value(struct csvr_json *json, const struct csvr_report_row *row,
			 const struct csvr_statistic *statistic)
{
	const struct csvr_value value = csvr_report_row_value(row, statistic);
	csvr_json_key(json, statistic->name);
	if (value.kind == CSVR_VALUE_NONE || value.is_lower_bound)
		fputs("null", json->stream);
	else if (value.kind == CSVR_VALUE_HISTOGRAM)
		write_histogram(json, row->column);
	else
		write_value(json, &value);
	if (value.is_approximate) {
		csvr_json_next(json);
		fprintf(json->stream, "\"%s_approximate\": true", statistic->name);
	}
	if (value.is_lower_bound) {
		csvr_json_next(json);
		fprintf(json->stream, "\"%s_more_than\": %" PRIu64, statistic->name, value.count);
	}
}

/* Statistics from the core of a column are always written, those with states that are collected by default if
 * nothing is requested, the others only if they are. */
static bool is_written(const struct csvr_statistic *statistic,
		       const struct csvr_statistic_options *requested)
{
	const bool is_default = !requested->all && requested->names.n_words == 0;
	return statistic->needs == NULL || csvr_statistic_is_requested(statistic, requested) ||
	       (is_default && statistic->needs_by_default != NULL);
}

static void member_values(struct csvr_json *json, const struct csvr_report_row *row,
			  bool are_cell_counts)
{
	for (size_t i = 0; i < json->document->known.n_items; i++) {
		const struct csvr_statistic *statistic = json->document->known.item[i];
		if (statistic->is_cell_count == are_cell_counts &&
		    is_written(statistic, json->report->requested))
			(statistic->items != NULL ? member_items : member_value)(json, row,
										 statistic);
	}
}

static void visit_listed(void *context, size_t path)
{
	struct csvr_json *json = context;
	fprintf(json->stream, "%s%zu", json->is_first ? "" : ", ", path);
	json->is_first = false;
}

/* The files of the table that have a column, or those that lack it, whichever are fewer: indices into "paths". */
static void member_absence(struct csvr_json *json, const struct csvr_report_row *row)
{
	const uint64_t n_absent = json->report->table->n_files - row->n_files;
	const bool is_by_presence = row->n_files < n_absent;
	csvr_json_key(json, is_by_presence ? "present_in" : "absent_from");
	putc('[', json->stream);
	json->is_first = true;
	csvr_files_with_column(json->report, row->index, is_by_presence, visit_listed, json);
	putc(']', json->stream);
	json->is_first = false;
}

/* The cells by class, and how many of the booleans are true and false. */
static void write_classes(struct csvr_json *json, const struct csvr_column *column)
{
	csvr_json_key(json, "cells");
	csvr_json_open(json, '{');
	for (int class = 0; class < CSVR_N_CELL_CLASSES; class ++)
		csvr_json_member_count(json, csvr_class_name((enum csvr_cell_class) class),
				       column->cells[class]);
	csvr_json_close(json, '}');
	if (column->cells[CSVR_CELL_BOOLEAN] > 0) {
		csvr_json_member_count(json, "true", column->n_true);
		csvr_json_member_count(json, "false",
				       column->cells[CSVR_CELL_BOOLEAN] - column->n_true);
	}
}

static void write_row(struct csvr_json *json, const struct csvr_report_row *row, bool is_total)
{
	csvr_json_next(json);
	csvr_json_open(json, '{');
	csvr_json_key(json, "name");
	csvr_json_string(json, row->name, row->name_bytes);
	member_values(json, row, true);
	csvr_json_member_count(json, "rows", row->n_rows);
	member_values(json, row, false);
	write_classes(json, row->column);
	csvr_json_key(json, "first_invalid");
	if (row->invalid_path != NULL) {
		csvr_json_open(json, '{');
		csvr_json_key(json, "file");
		csvr_json_path(json, row->invalid_path);
		csvr_json_member_line(json, row->first_invalid->line);
		csvr_json_key(json, "cell");
		csvr_json_string(json, (const char *)row->first_invalid->bytes,
				 row->first_invalid->n_bytes);
		csvr_json_close(json, '}');
	} else {
		fputs("null", json->stream);
	}
	if (is_total)
		member_absence(json, row);
	csvr_json_close(json, '}');
}

static void write_columns(struct csvr_json *json, const struct csvr_report_block *block)
{
	csvr_json_key(json, "columns");
	csvr_json_open(json, '[');
	for (size_t r = 0; r < block->n_rows && !ferror(json->stream); r++)
		write_row(json, &block->rows[r], block->file == NULL);
	csvr_json_close(json, ']');
}

static void write_correlation(struct csvr_json *json, const struct csvr_correlation *pair)
{
	const uint32_t columns[] = { pair->x, pair->y };
	const int round_digits = json->document->options->round_digits;
	char text[CSVR_NUMBER_TEXT_BYTES] = "null";
	csvr_json_next(json);
	csvr_json_open(json, '{');
	csvr_json_key(json, "columns");
	for (int i = 0; i < 2; i++) {
		const struct csvr_name title = csvr_summary_column_title(
			&json->report->table->columns[columns[i]]);
		fputs(i == 0 ? "[" : ", ", json->stream);
		csvr_json_string(json, title.text, title.n_bytes);
	}
	putc(']', json->stream);
	csvr_json_member_count(json, "count", pair->n);
	csvr_json_key(json, "pearson");
	if (pair->is_defined && round_digits >= 0)
		csvr_number_fixed(pair->pearson, round_digits, text);
	else if (pair->is_defined)
		csvr_number_shortest(pair->pearson, text);
	fputs(text, json->stream);
	csvr_json_close(json, '}');
}

static void write_correlations(struct csvr_json *json)
{
	const struct csvr_correlations *correlations = &json->report->correlations;
	csvr_json_key(json, "correlation");
	csvr_json_open(json, '[');
	for (size_t i = 0; i < correlations->n_pairs && !ferror(json->stream); i++)
		write_correlation(json, &correlations->pairs[i]);
	csvr_json_close(json, ']');
}

/* Those of a file, or (NULL) of all files; nothing if the report does not show them. */
static void write_duplicates(struct csvr_json *json, const struct csvr_file *file)
{
	if (!csvr_report_has_duplicates(json->report))
		return;
	const struct csvr_duplicates found = csvr_report_duplicates(json->report, file);
	csvr_json_key(json, "duplicates");
	csvr_json_open(json, '{');
	csvr_json_member_count(json, "rows", found.n_rows);
	csvr_json_member_count(json, "distinct_rows", found.n_distinct);
	csvr_json_member_count(json, "repeated_rows", found.n_repeated);
	csvr_json_member_count(json, "duplicate_rows", found.n_duplicates);
	csvr_json_key(json, "approximate");
	fputs(found.is_approximate ? "true" : "false", json->stream);
	csvr_json_close(json, '}');
}

/* The members of a file with a header, which is in the table of json->report. */
static enum csvr_status write_file_of_table(struct csvr_json *json, struct csvr_report_block *block,
					    const struct csvr_file *file,
					    const struct csvr_file_stats *stats)
{
	const enum csvr_status status = csvr_report_block_fill(block, json->report, file);
	if (status != CSVR_OK)
		return status;
	if (json->document->names != NULL)
		csvr_json_member_count(json, "table", json->report->table_index);
	if (file->kind == CSVR_FILE_READ) {
		csvr_json_member_count(json, "short_rows", stats->issues[CSVR_ROW_SHORT].n);
		csvr_json_member_count(json, "long_rows", stats->issues[CSVR_ROW_LONG].n);
		write_duplicates(json, file);
	}
	return CSVR_OK;
}

static enum csvr_status write_file(struct csvr_json *json, struct csvr_report_block *block,
				   const struct csvr_file *file)
{
	static const char *const kinds[] = { [CSVR_FILE_READ] = "read",
					     [CSVR_FILE_EMPTY] = "empty",
					     [CSVR_FILE_HEADER_ONLY] = "header_only",
					     [CSVR_FILE_BAD] = "bad" };
	const struct csvr_file_stats *stats = csvr_summary_file_stats(json->document->summary,
								      file);
	csvr_json_next(json);
	csvr_json_open(json, '{');
	csvr_json_key(json, "file");
	csvr_json_path(json, csvr_file_path(json->document, file));
	csvr_json_key(json, "kind");
	fprintf(json->stream, "\"%s\"", kinds[file->kind]);
	csvr_json_member_count(json, "rows", stats == NULL ? 0 : stats->n_rows);
	csvr_json_member_count(json, "bytes", stats == NULL ? 0 : stats->size_bytes);
	block->n_rows = 0;
	block->file = file;
	if (stats != NULL && csvr_file_has_header(file)) {
		const enum csvr_status status = write_file_of_table(json, block, file, stats);
		if (status != CSVR_OK)
			return status;
	}
	write_columns(json, block);
	csvr_json_close(json, '}');
	return csvr_stream_status(json->stream);
}

/* Files that follow one another are often of different tables. */
static enum csvr_status write_files(struct csvr_json *json, struct csvr_report_block *block)
{
	const struct csvr_summary *summary = json->document->summary;
	struct csvr_report report;
	enum csvr_status status = csvr_report_open_for_files(&report, json->document, 0);
	json->report = &report;
	csvr_json_key(json, "per_file");
	csvr_json_open(json, '[');
	for (size_t f = 0; f < summary->n_files && status == CSVR_OK; f++) {
		const struct csvr_file *file = &summary->files[f];
		if (csvr_file_has_header(file))
			csvr_report_select_table(&report, summary->layouts[file->layout].table);
		status = write_file(json, block, file);
	}
	csvr_report_close(&report);
	json->report = NULL;
	csvr_json_close(json, ']');
	return status;
}

static void write_problem(struct csvr_json *json, const struct csvr_problems *problems,
			  const struct csvr_problem *problem)
{
	char count[CSVR_NUMBER_TEXT_BYTES];
	csvr_json_next(json);
	csvr_json_open(json, '{');
	csvr_json_key(json, "kind");
	fprintf(json->stream, "\"%s\"", csvr_problem_name(problem->kind));
	csvr_json_member_count(json, "count", problem->n);
	csvr_json_key(json, "file");
	csvr_json_path(json, problem->path);
	csvr_json_member_line(json, problem->line);
	csvr_json_key(json, "column");
	csvr_json_string(json, problem->column, problem->column_bytes);
	csvr_json_key(json, "message");
	csvr_number_count(problem->n, count);
	fprintf(json->stream, "\"%s ", count);
	csvr_problem_describe(problems, problem, csvr_escape_json, json->stream);
	putc('"', json->stream);
	csvr_json_close(json, '}');
}

static void write_facts(struct csvr_json *json, const struct csvr_facts *facts)
{
	csvr_json_next(json);
	csvr_json_open(json, '{');
	for (size_t i = 0; i < facts->n_items; i++) {
		const struct csvr_fact *fact = &facts->items[i];
		if (fact->text != NULL)
			csvr_json_member_text(json, fact->key, fact->text);
		else
			csvr_json_member_count(json, fact->key, fact->count);
	}
	csvr_json_close(json, '}');
}

static void write_provenance(struct csvr_json *json)
{
	const struct csvr_manifests *manifests = json->document->inputs->manifests;
	const struct csvr_summary *summary = json->document->summary;
	struct csvr_facts facts;
	csvr_json_key(json, "provenance");
	csvr_json_open(json, '{');
	csvr_json_key(json, "inputs");
	csvr_json_open(json, '[');
	for (size_t i = 0; manifests != NULL && i < manifests->n_items; i++) {
		csvr_facts_of_inputs(&manifests->items[i], &facts);
		write_facts(json, &facts);
	}
	csvr_json_close(json, ']');
	csvr_json_key(json, "runs");
	csvr_json_open(json, '[');
	for (size_t i = 0; i < summary->n_runs; i++) {
		csvr_facts_of_run(&summary->runs[i], &facts);
		write_facts(json, &facts);
	}
	csvr_json_close(json, ']');
	csvr_json_close(json, '}');
}

static void write_problems(struct csvr_json *json, const struct csvr_problems *problems)
{
	csvr_json_key(json, "problems");
	csvr_json_open(json, '[');
	for (size_t p = 0; p < problems->n_items && !ferror(json->stream); p++)
		write_problem(json, problems, &problems->items[p]);
	csvr_json_close(json, ']');
}

/* Columns and correlations of the table of json->report. */
static enum csvr_status write_table(struct csvr_json *json, struct csvr_report_block *block)
{
	const enum csvr_status status = csvr_report_block_fill(block, json->report, NULL);
	if (status != CSVR_OK)
		return status;
	write_columns(json, block);
	if (json->document->summary->config.has_pairs)
		write_correlations(json);
	return CSVR_OK;
}

/* The item of a table in the list of tables, whose indentation is that of `context`. */
static enum csvr_status write_table_item(const struct csvr_report *report, const void *context,
					 FILE *stream)
{
	const struct csvr_json *list = context;
	const char *name = report->document->names[report->table_index];
	struct csvr_report_block block = { 0 };
	struct csvr_json json = { .document = report->document,
				  .report = report,
				  .stream = stream,
				  .indent = list->indent,
				  .is_first = report->table_index == 0 };
	csvr_json_next(&json);
	csvr_json_open(&json, '{');
	csvr_json_key(&json, "name");
	csvr_json_string(&json, name, strlen(name));
	csvr_json_member_count(&json, "files", report->n_files);
	csvr_json_member_count(&json, "files_header_only",
			       report->n_files - report->table->n_files);
	csvr_json_member_count(&json, "rows", report->n_rows);
	csvr_json_member_count(&json, "bytes", report->size_bytes);
	write_duplicates(&json, NULL);
	const enum csvr_status status = write_table(&json, &block);
	write_problems(&json, &report->problems);
	csvr_json_close(&json, '}');
	free(block.rows);
	return status;
}

/* The list of all tables, if there are several. */
static enum csvr_status write_tables(struct csvr_json *json)
{
	csvr_json_key(json, "tables");
	csvr_json_open(json, '[');
	const enum csvr_status status = csvr_document_write_tables(json->document, write_table_item,
								   json, json->stream);
	json->is_first = false;
	csvr_json_close(json, ']');
	return status;
}

/* The paths that "absent_from" and "present_in" of columns refer to. */
static void write_paths(struct csvr_json *json)
{
	const struct csvr_document *document = json->document;
	csvr_json_key(json, "paths");
	csvr_json_open(json, '[');
	for (size_t i = 0; i < document->n_paths && !ferror(json->stream); i++) {
		csvr_json_next(json);
		csvr_json_path(json, csvr_file_path(document, document->paths[i]));
	}
	csvr_json_close(json, ']');
}

static void write_totals(struct csvr_json *json)
{
	const struct csvr_document *document = json->document;
	csvr_json_member_count(json, "files", document->n_files);
	csvr_json_member_count(json, "files_empty", document->n_kind[CSVR_FILE_EMPTY]);
	csvr_json_member_count(json, "files_header_only", document->n_kind[CSVR_FILE_HEADER_ONLY]);
	csvr_json_member_count(json, "files_bad", document->summary->n_failures);
	csvr_json_member_count(json, "rows", document->totals.n_rows);
	csvr_json_member_count(json, "bytes", document->totals.size_bytes);
}

static enum csvr_status write_json(const struct csvr_document *document, FILE *stream)
{
	const bool has_tables = document->names != NULL;
	struct csvr_json json = { .document = document, .stream = stream };
	struct csvr_report_block block = { 0 };
	struct csvr_report report; /* of the only table */
	enum csvr_status status = CSVR_OK;
	memset(&report, 0, sizeof report);
	csvr_json_open(&json, '{');
	if (!has_tables) {
		status = csvr_report_open(&report, document, 0);
		json.report = &report;
		if (status == CSVR_OK)
			status = write_table(&json, &block);
	} else {
		status = write_tables(&json);
	}
	if (status != CSVR_OK)
		goto out;
	write_totals(&json);
	write_paths(&json);
	if (!has_tables)
		write_duplicates(&json, NULL);
	if (document->options->per_file)
		status = write_files(&json, &block);
	if (status != CSVR_OK)
		goto out;
	write_problems(&json, has_tables ? &document->problems : &report.problems);
	if (document->options->provenance)
		write_provenance(&json);
	csvr_json_close(&json, '}');
	putc('\n', stream);
	status = csvr_stream_status(stream);
out:
	csvr_report_close(&report);
	free(block.rows);
	return status;
}

const struct csvr_writer csvr_writer_json = {
	.name = "json",
	.help = "one JSON object with everything",
	.has_provenance = true,
	.has_correlation = true,
	.has_duplicates = true,
	.has_bare_headers = true,
	.write = write_json,
};
