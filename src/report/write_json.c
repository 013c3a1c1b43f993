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
#include "report/provenance.h"
#include "report/report.h"
#include "report/writers.h"
#include "stats/histogram.h"

/* State of the writer; `indent` is that of the members being written. */
struct json {
	const struct csvr_document *document;
	const struct csvr_report *report; /* of the table that is being written */
	FILE *stream;
	int indent;
	bool is_first; /* in its list or object: no comma before it */
};

static void open_bracket(struct json *json, char bracket)
{
	putc(bracket, json->stream);
	json->indent += 2;
	json->is_first = true;
}

/* Most of a report is keys and counts, for which fprintf takes several times as long. */
static void next_line(struct json *json)
{
	static const char spaces[] = "                                ";
	const size_t indent = (size_t)json->indent;
	if (!json->is_first)
		putc(',', json->stream);
	putc('\n', json->stream);
	fwrite(spaces, 1, indent < sizeof spaces ? indent : sizeof spaces - 1, json->stream);
	json->is_first = false;
}

static void close_bracket(struct json *json, char bracket)
{
	json->indent -= 2;
	if (!json->is_first)
		fprintf(json->stream, "\n%*s", json->indent, "");
	putc(bracket, json->stream);
	json->is_first = false;
}

static void key(struct json *json, const char *name)
{
	next_line(json);
	putc('"', json->stream);
	fputs(name, json->stream);
	fputs("\": ", json->stream);
}

static void write_string(struct json *json, const char *text, size_t n_bytes)
{
	if (text == NULL) {
		fputs("null", json->stream);
		return;
	}
	putc('"', json->stream);
	csvr_escape_json(json->stream, text, n_bytes);
	putc('"', json->stream);
}

static void write_path(struct json *json, const char *path)
{
	write_string(json, path, path != NULL ? strlen(path) : 0);
}

static void write_count(struct json *json, uint64_t count)
{
	char text[CSVR_NUMBER_TEXT_BYTES];
	fwrite(text, 1, csvr_number_integer(count, text), json->stream);
}

static void member_count(struct json *json, const char *name, uint64_t count)
{
	key(json, name);
	write_count(json, count);
}

static void member_line(struct json *json, uint64_t line)
{
	key(json, "line");
	if (line > 0)
		fprintf(json->stream, "%" PRIu64, line);
	else
		fputs("null", json->stream);
}

/* Whether it is written without quotes. */
static bool is_bare(const struct csvr_value *value)
{
	return value->kind == CSVR_VALUE_COUNT || value->kind == CSVR_VALUE_DECIMAL ||
	       value->kind == CSVR_VALUE_FACT ||
	       (value->kind == CSVR_VALUE_REAL &&
		isfinite(value->real)); /* JSON has no number for the others */
}

static void write_value(struct json *json, const struct csvr_value *value)
{
	const char *quote = is_bare(value) ? "" : "\"";
	fputs(quote, json->stream);
	csvr_value_write(value, json->document->options->round_digits, csvr_escape_json,
			 json->stream);
	fputs(quote, json->stream);
}

/* { "min": 0, "max": 10, "counts": [3, 1] }, with "max_error" if the counts are estimates. */
static void write_histogram(struct json *json, const struct csvr_column *column)
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
	for (size_t i = 0; i < histogram.n_bins; i++)
		fprintf(json->stream, "%s%" PRIu64, i > 0 ? ", " : "", histogram.counts[i]);
	putc(']', json->stream);
	if (histogram.max_error > 0)
		fprintf(json->stream, ", \"max_error\": %" PRIu64, histogram.max_error);
	fputs(" }", json->stream);
}

/* The items of a list, with the cells that have each; null if there are none. */
static void member_items(struct json *json, const struct csvr_report_row *row,
			 const struct csvr_statistic *statistic)
{
	struct csvr_value items[CSVR_MAX_ITEMS];
	const size_t n = csvr_column_items(json->report->distribution, row->column, statistic,
					   csvr_statistic_is_requested(statistic,
								       json->report->requested),
					   items);
	key(json, statistic->name);
	if (n == 0) {
		fputs("null", json->stream);
		return;
	}
	open_bracket(json, '[');
	for (size_t i = 0; i < n; i++) {
		next_line(json);
		fputs("{ \"value\": ", json->stream);
		write_value(json, &items[i]);
		fprintf(json->stream, ", \"count\": %" PRIu64 " }", items[i].n_cells);
	}
	close_bracket(json, ']');
}

static void member_value(struct json *json, const struct csvr_report_row *row,
			 const struct csvr_statistic *statistic)
{
	const struct csvr_value value = csvr_report_row_value(row, statistic);
	key(json, statistic->name);
	if (value.kind == CSVR_VALUE_NONE || value.is_lower_bound)
		fputs("null", json->stream);
	else if (value.kind == CSVR_VALUE_HISTOGRAM)
		write_histogram(json, row->column);
	else
		write_value(json, &value);
	if (value.is_approximate) {
		next_line(json);
		fprintf(json->stream, "\"%s_approximate\": true", statistic->name);
	}
	if (value.is_lower_bound) {
		next_line(json);
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

static void member_values(struct json *json, const struct csvr_report_row *row,
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
	struct json *json = context;
	fprintf(json->stream, "%s%zu", json->is_first ? "" : ", ", path);
	json->is_first = false;
}

/* The files of the table that have a column, or those that lack it, whichever are fewer: indices into "paths". */
static void member_absence(struct json *json, const struct csvr_report_row *row)
{
	const uint64_t n_absent = json->report->table->n_files - row->n_files;
	const bool is_by_presence = row->n_files < n_absent;
	key(json, is_by_presence ? "present_in" : "absent_from");
	putc('[', json->stream);
	json->is_first = true;
	csvr_files_with_column(json->report, row->index, is_by_presence, visit_listed, json);
	putc(']', json->stream);
	json->is_first = false;
}

/* The cells by class, and how many of the booleans are true and false. */
static void write_classes(struct json *json, const struct csvr_column *column)
{
	key(json, "cells");
	open_bracket(json, '{');
	for (int class = 0; class < CSVR_N_CELL_CLASSES; class ++)
		member_count(json, csvr_class_name((enum csvr_cell_class) class),
			     column->cells[class]);
	close_bracket(json, '}');
	if (column->cells[CSVR_CELL_BOOLEAN] > 0) {
		member_count(json, "true", column->n_true);
		member_count(json, "false", column->cells[CSVR_CELL_BOOLEAN] - column->n_true);
	}
}

static void write_row(struct json *json, const struct csvr_report_row *row, bool is_total)
{
	next_line(json);
	open_bracket(json, '{');
	key(json, "name");
	write_string(json, row->name, row->name_bytes);
	member_values(json, row, true);
	member_count(json, "rows", row->n_rows);
	member_values(json, row, false);
	write_classes(json, row->column);
	key(json, "first_invalid");
	if (row->invalid_path != NULL) {
		open_bracket(json, '{');
		key(json, "file");
		write_path(json, row->invalid_path);
		member_line(json, row->first_invalid->line);
		key(json, "cell");
		write_string(json, (const char *)row->first_invalid->bytes,
			     row->first_invalid->n_bytes);
		close_bracket(json, '}');
	} else {
		fputs("null", json->stream);
	}
	if (is_total)
		member_absence(json, row);
	close_bracket(json, '}');
}

static void write_columns(struct json *json, const struct csvr_report_block *block)
{
	key(json, "columns");
	open_bracket(json, '[');
	for (size_t r = 0; r < block->n_rows && !ferror(json->stream); r++)
		write_row(json, &block->rows[r], block->file == NULL);
	close_bracket(json, ']');
}

static void write_correlation(struct json *json, const struct csvr_correlation *pair)
{
	const uint32_t columns[] = { pair->x, pair->y };
	const int round_digits = json->document->options->round_digits;
	char text[CSVR_NUMBER_TEXT_BYTES] = "null";
	next_line(json);
	open_bracket(json, '{');
	key(json, "columns");
	for (int i = 0; i < 2; i++) {
		const struct csvr_summary_column *c = &json->report->table->columns[columns[i]];
		fputs(i == 0 ? "[" : ", ", json->stream);
		write_string(json, c->label != NULL ? c->label : c->name,
			     c->label != NULL ? c->label_bytes : c->name_bytes);
	}
	putc(']', json->stream);
	member_count(json, "count", pair->n);
	key(json, "pearson");
	if (pair->is_defined && round_digits >= 0)
		csvr_number_fixed(pair->pearson, round_digits, text);
	else if (pair->is_defined)
		csvr_number_shortest(pair->pearson, text);
	fputs(text, json->stream);
	close_bracket(json, '}');
}

static void write_correlations(struct json *json)
{
	const struct csvr_correlations *correlations = &json->report->correlations;
	key(json, "correlation");
	open_bracket(json, '[');
	for (size_t i = 0; i < correlations->n_pairs && !ferror(json->stream); i++)
		write_correlation(json, &correlations->pairs[i]);
	close_bracket(json, ']');
}

/* Those of a file, or (NULL) of all files; nothing if the report does not show them. */
static void write_duplicates(struct json *json, const struct csvr_file *file)
{
	if (!csvr_report_has_duplicates(json->report))
		return;
	const struct csvr_duplicates found = csvr_report_duplicates(json->report, file);
	key(json, "duplicates");
	open_bracket(json, '{');
	member_count(json, "rows", found.n_rows);
	member_count(json, "distinct_rows", found.n_distinct);
	member_count(json, "repeated_rows", found.n_repeated);
	member_count(json, "duplicate_rows", found.n_duplicates);
	key(json, "approximate");
	fputs(found.is_approximate ? "true" : "false", json->stream);
	close_bracket(json, '}');
}

/* The members of a file with a header, which is in the table of json->report. */
static enum csvr_status write_file_of_table(struct json *json, struct csvr_report_block *block,
					    const struct csvr_file *file,
					    const struct csvr_file_stats *stats)
{
	const enum csvr_status status = csvr_report_block_fill(block, json->report, file);
	if (status != CSVR_OK)
		return status;
	if (json->document->names != NULL)
		member_count(json, "table", json->report->table_index);
	if (file->kind == CSVR_FILE_READ) {
		member_count(json, "short_rows", stats->issues[CSVR_ROW_SHORT].n);
		member_count(json, "long_rows", stats->issues[CSVR_ROW_LONG].n);
		write_duplicates(json, file);
	}
	return CSVR_OK;
}

static enum csvr_status write_file(struct json *json, struct csvr_report_block *block,
				   const struct csvr_file *file)
{
	static const char *const kinds[] = { [CSVR_FILE_READ] = "read",
					     [CSVR_FILE_EMPTY] = "empty",
					     [CSVR_FILE_HEADER_ONLY] = "header_only",
					     [CSVR_FILE_BAD] = "bad" };
	const struct csvr_file_stats *stats = csvr_summary_file_stats(json->document->summary,
								      file);
	next_line(json);
	open_bracket(json, '{');
	key(json, "file");
	write_path(json, csvr_file_path(json->document, file));
	key(json, "kind");
	fprintf(json->stream, "\"%s\"", kinds[file->kind]);
	member_count(json, "rows", stats == NULL ? 0 : stats->n_rows);
	member_count(json, "bytes", stats == NULL ? 0 : stats->size_bytes);
	block->n_rows = 0;
	block->file = file;
	if (stats != NULL && csvr_file_has_header(file)) {
		const enum csvr_status status = write_file_of_table(json, block, file, stats);
		if (status != CSVR_OK)
			return status;
	}
	write_columns(json, block);
	close_bracket(json, '}');
	return csvr_stream_status(json->stream);
}

/* Files that follow one another are often of different tables. */
static enum csvr_status write_files(struct json *json, struct csvr_report_block *block)
{
	const struct csvr_summary *summary = json->document->summary;
	struct csvr_report report;
	enum csvr_status status = csvr_report_open_for_files(&report, json->document, 0);
	json->report = &report;
	key(json, "per_file");
	open_bracket(json, '[');
	for (size_t f = 0; f < summary->n_files && status == CSVR_OK; f++) {
		const struct csvr_file *file = &summary->files[f];
		if (csvr_file_has_header(file))
			csvr_report_select_table(&report, summary->layouts[file->layout].table);
		status = write_file(json, block, file);
	}
	csvr_report_close(&report);
	json->report = NULL;
	close_bracket(json, ']');
	return status;
}

static void write_problem(struct json *json, const struct csvr_problems *problems,
			  const struct csvr_problem *problem)
{
	char count[CSVR_NUMBER_TEXT_BYTES];
	next_line(json);
	open_bracket(json, '{');
	key(json, "kind");
	fprintf(json->stream, "\"%s\"", csvr_problem_name(problem->kind));
	member_count(json, "count", problem->n);
	key(json, "file");
	write_path(json, problem->path);
	member_line(json, problem->line);
	key(json, "column");
	write_string(json, problem->column, problem->column_bytes);
	key(json, "message");
	csvr_number_count(problem->n, count);
	fprintf(json->stream, "\"%s ", count);
	csvr_problem_describe(problems, problem, csvr_escape_json, json->stream);
	putc('"', json->stream);
	close_bracket(json, '}');
}

static void member_text(struct json *json, const char *name, const char *text)
{
	key(json, name);
	write_string(json, text[0] != '\0' ? text : NULL, strlen(text));
}

static void write_facts(struct json *json, const struct csvr_facts *facts)
{
	next_line(json);
	open_bracket(json, '{');
	for (size_t i = 0; i < facts->n_items; i++) {
		const struct csvr_fact *fact = &facts->items[i];
		if (fact->text != NULL)
			member_text(json, fact->key, fact->text);
		else
			member_count(json, fact->key, fact->count);
	}
	close_bracket(json, '}');
}

static void write_provenance(struct json *json)
{
	const struct csvr_manifests *manifests = json->document->inputs->manifests;
	const struct csvr_summary *summary = json->document->summary;
	struct csvr_facts facts;
	key(json, "provenance");
	open_bracket(json, '{');
	key(json, "inputs");
	open_bracket(json, '[');
	for (size_t i = 0; manifests != NULL && i < manifests->n_items; i++) {
		csvr_facts_of_inputs(&manifests->items[i], &facts);
		write_facts(json, &facts);
	}
	close_bracket(json, ']');
	key(json, "runs");
	open_bracket(json, '[');
	for (size_t i = 0; i < summary->n_runs; i++) {
		csvr_facts_of_run(&summary->runs[i], &facts);
		write_facts(json, &facts);
	}
	close_bracket(json, ']');
	close_bracket(json, '}');
}

static void write_problems(struct json *json, const struct csvr_problems *problems)
{
	key(json, "problems");
	open_bracket(json, '[');
	for (size_t p = 0; p < problems->n_items && !ferror(json->stream); p++)
		write_problem(json, problems, &problems->items[p]);
	close_bracket(json, ']');
}

/* Columns and correlations of the table of json->report. */
static enum csvr_status write_table(struct json *json, struct csvr_report_block *block)
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
	const struct json *list = context;
	const char *name = report->document->names[report->table_index];
	struct csvr_report_block block = { 0 };
	struct json json = { .document = report->document,
			     .report = report,
			     .stream = stream,
			     .indent = list->indent,
			     .is_first = report->table_index == 0 };
	next_line(&json);
	open_bracket(&json, '{');
	key(&json, "name");
	write_string(&json, name, strlen(name));
	member_count(&json, "files", report->n_files);
	member_count(&json, "files_header_only", report->n_files - report->table->n_files);
	member_count(&json, "rows", report->n_rows);
	member_count(&json, "bytes", report->size_bytes);
	write_duplicates(&json, NULL);
	const enum csvr_status status = write_table(&json, &block);
	write_problems(&json, &report->problems);
	close_bracket(&json, '}');
	free(block.rows);
	return status;
}

/* The list of all tables, if there are several. */
static enum csvr_status write_tables(struct json *json)
{
	key(json, "tables");
	open_bracket(json, '[');
	const enum csvr_status status = csvr_document_write_tables(json->document, write_table_item,
								   json, json->stream);
	json->is_first = false;
	close_bracket(json, ']');
	return status;
}

/* The paths that "absent_from" and "present_in" of columns refer to. */
static void write_paths(struct json *json)
{
	const struct csvr_document *document = json->document;
	key(json, "paths");
	open_bracket(json, '[');
	for (size_t i = 0; i < document->n_paths && !ferror(json->stream); i++) {
		next_line(json);
		write_path(json, csvr_file_path(document, document->paths[i]));
	}
	close_bracket(json, ']');
}

static void write_totals(struct json *json)
{
	const struct csvr_document *document = json->document;
	member_count(json, "files", document->n_files);
	member_count(json, "files_empty", document->n_kind[CSVR_FILE_EMPTY]);
	member_count(json, "files_header_only", document->n_kind[CSVR_FILE_HEADER_ONLY]);
	member_count(json, "files_bad", document->summary->n_failures);
	member_count(json, "rows", document->totals.n_rows);
	member_count(json, "bytes", document->totals.size_bytes);
}

static enum csvr_status write_json(const struct csvr_document *document, FILE *stream)
{
	const bool has_tables = document->names != NULL;
	struct json json = { .document = document, .stream = stream };
	struct csvr_report_block block = { 0 };
	struct csvr_report report; /* of the only table */
	enum csvr_status status = CSVR_OK;
	memset(&report, 0, sizeof report);
	open_bracket(&json, '{');
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
	close_bracket(&json, '}');
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
