/* write_json.c - one object with all statistics and problems, for programs
 *
 * The JSON is valid whatever bytes names and paths contain: bytes that are not UTF-8 become U+FFFD, and
 * control characters are escaped. The order of members is fixed.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/number_format.h"
#include "report/duplicates.h"
#include "report/grouping.h"
#include "report/json_text.h"
#include "report/provenance.h"
#include "report/report.h"
#include "report/writers.h"

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
	csvr_json_member_values(json, row, true);
	csvr_json_member_count(json, "rows", row->n_rows);
	csvr_json_member_values(json, row, false);
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

/* With --where only. */
static void write_filtered(struct csvr_json *json, uint64_t n_filtered)
{
	if (json->document->parse->where.n_words > 0)
		csvr_json_member_count(json, "filtered", n_filtered);
}

/* The files of a table all of whose rows are filtered. */
static uint64_t count_filtered_files(const struct csvr_report *report)
{
	uint64_t n = 0;
	for (size_t f = 0; f < csvr_document_n_files(report->document, report->table_index); f++)
		n += csvr_document_file(report->document, report->table_index, f)->kind ==
		     CSVR_FILE_FILTERED;
	return n;
}

static enum csvr_status write_file(struct csvr_json *json, struct csvr_report_block *block,
				   const struct csvr_file *file)
{
	static const char *const kinds[] = { [CSVR_FILE_READ] = "read",
					     [CSVR_FILE_EMPTY] = "empty",
					     [CSVR_FILE_HEADER_ONLY] = "header_only",
					     [CSVR_FILE_BAD] = "bad",
					     [CSVR_FILE_FILTERED] = "filtered" };
	const struct csvr_file_stats *stats = csvr_summary_file_stats(json->document->summary,
								      file);
	csvr_json_next(json);
	csvr_json_open(json, '{');
	csvr_json_key(json, "file");
	csvr_json_path(json, csvr_file_path(json->document, file));
	csvr_json_key(json, "kind");
	fprintf(json->stream, "\"%s\"", kinds[file->kind]);
	csvr_json_member_count(json, "rows", stats == NULL ? 0 : stats->n_rows);
	write_filtered(json, stats == NULL ? 0 : stats->n_filtered);
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

static void write_group_key(struct csvr_json *json, const struct csvr_grouping *grouping,
			    size_t group)
{
	csvr_json_key(json, "key");
	for (size_t k = 0; k < grouping->n_keys; k++) {
		const struct csvr_name key = csvr_groups_key(grouping->groups, group, k);
		fputs(k == 0 ? "[" : ", ", json->stream);
		csvr_json_string(json, key.text, key.n_bytes);
	}
	putc(']', json->stream);
}

static void write_group_column(struct csvr_json *json, const struct csvr_grouping *grouping,
			       const struct csvr_report_row *row)
{
	csvr_json_open(json, '{');
	csvr_json_key(json, "name");
	csvr_json_string(json, row->name, row->name_bytes);
	for (size_t i = 0; i < grouping->n_stats; i++)
		csvr_json_member_statistic(json, row, grouping->stats[i]);
	csvr_json_close(json, '}');
}

/* A group takes a line, or if it has several columns, a line for each. `context` is the list of all groups. */
static enum csvr_status write_group(const struct csvr_grouping *grouping, size_t group,
				    struct csvr_group_cells *cells, const void *context,
				    FILE *stream)
{
	struct csvr_json json = *(const struct csvr_json *)context;
	enum csvr_status status = CSVR_OK;
	json.stream = stream;
	json.is_first = group == 0;
	csvr_json_next(&json);
	json.is_inline = true;
	csvr_json_open(&json, '{');
	write_group_key(&json, grouping, group);
	csvr_json_member_count(&json, "rows", csvr_groups_n_rows(grouping->groups, group));
	csvr_json_key(&json, "columns");
	csvr_json_open(&json, '[');
	for (size_t i = 0; i < grouping->n_columns && status == CSVR_OK; i++) {
		struct csvr_report_row row;
		status = csvr_grouping_fill_row(grouping, group, i, cells, &row);
		json.is_inline = grouping->n_columns == 1;
		csvr_json_next(&json);
		json.is_inline = true;
		if (status == CSVR_OK)
			write_group_column(&json, grouping, &row);
	}
	csvr_json_close(&json, ']');
	csvr_json_close(&json, '}');
	return status;
}

/* The groups of the table of json->report; none if none of its files has the columns of the keys. */
static enum csvr_status write_groups(struct csvr_json *json)
{
	const size_t n_keys = json->document->parse->group_by.n_words;
	struct csvr_grouping grouping;
	enum csvr_status status = csvr_grouping_open(&grouping, json->report);
	csvr_json_key(json, "group_by");
	for (size_t k = 0; k < n_keys; k++) {
		const struct csvr_name title = csvr_grouping_title(&grouping, k);
		fputs(k == 0 ? "[" : ", ", json->stream);
		csvr_json_string(json, title.text, title.n_bytes);
	}
	putc(']', json->stream);
	csvr_json_key(json, "groups");
	csvr_json_open(json, '[');
	if (status == CSVR_OK)
		status = csvr_grouping_write(&grouping, write_group, json, json->stream);
	json->is_first = grouping.n_groups == 0;
	csvr_json_close(json, ']');
	csvr_grouping_close(&grouping);
	return status;
}

/* Columns, correlations and groups of the table of json->report. */
static enum csvr_status write_table(struct csvr_json *json, struct csvr_report_block *block)
{
	const enum csvr_status status = csvr_report_block_fill(block, json->report, NULL);
	if (status != CSVR_OK)
		return status;
	write_columns(json, block);
	if (json->document->summary->config.has_pairs)
		write_correlations(json);
	return csvr_document_has_groups(json->document) ? write_groups(json) : CSVR_OK;
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
	const uint64_t n_filtered = count_filtered_files(report);
	csvr_json_next(&json);
	csvr_json_open(&json, '{');
	csvr_json_key(&json, "name");
	csvr_json_string(&json, name, strlen(name));
	csvr_json_member_count(&json, "files", report->n_files);
	csvr_json_member_count(&json, "files_header_only",
			       report->n_files - report->table->n_files - n_filtered);
	if (report->parse->where.n_words > 0)
		csvr_json_member_count(&json, "files_filtered", n_filtered);
	csvr_json_member_count(&json, "rows", report->n_rows);
	write_filtered(&json, report->n_filtered);
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
	if (document->parse->where.n_words > 0)
		csvr_json_member_count(json, "files_filtered",
				       document->n_kind[CSVR_FILE_FILTERED]);
	csvr_json_member_count(json, "files_bad", document->summary->n_failures);
	csvr_json_member_count(json, "rows", document->totals.n_rows);
	write_filtered(json, document->totals.n_filtered);
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
	if (document->options->diff != NULL)
		csvr_json_member_comparison(&json, document->options->diff);
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
	.has_comparison = true,
	.has_bare_headers = true,
	.write = write_json,
};
