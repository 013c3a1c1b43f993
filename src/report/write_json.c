/* write_json.c - one object with everything there is, for programs
 *
 * Valid JSON whatever bytes stand in names and paths: what is not UTF-8 becomes U+FFFD, control
 * characters are escaped. Members stand in one order always.
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
#include "report/report.h"
#include "report/writers.h"

/* Where the writer stands: `indent` is that of the members being written. */
struct json {
	const struct csvr_report *report;
	FILE *stream;
	int indent;
	bool is_first; /* of its list or object: no comma before it */
};

static void begin(struct json *json, char bracket)
{
	putc(bracket, json->stream);
	json->indent += 2;
	json->is_first = true;
}

static void next_line(struct json *json)
{
	fprintf(json->stream, "%s\n%*s", json->is_first ? "" : ",", json->indent, "");
	json->is_first = false;
}

static void end(struct json *json, char bracket)
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
	fprintf(json->stream, "\"%s\": ", name);
}

static void put_string(struct json *json, const char *text, size_t n_bytes)
{
	if (text == NULL) {
		fputs("null", json->stream);
		return;
	}
	putc('"', json->stream);
	csvr_escape_json(json->stream, text, n_bytes);
	putc('"', json->stream);
}

static void put_path(struct json *json, const char *path)
{
	put_string(json, path, path != NULL ? strlen(path) : 0);
}

static void member_count(struct json *json, const char *name, uint64_t count)
{
	key(json, name);
	fprintf(json->stream, "%" PRIu64, count);
}

static void member_line(struct json *json, uint64_t line)
{
	key(json, "line");
	if (line > 0)
		fprintf(json->stream, "%" PRIu64, line);
	else
		fputs("null", json->stream);
}

static void member_value(struct json *json, const struct csvr_report_row *row,
			 const struct csvr_statistic *statistic)
{
	char text[CSVR_NUMBER_TEXT_BYTES];
	const struct csvr_value value = csvr_report_row_value(row, statistic);
	key(json, statistic->name);
	csvr_value_text(value, json->report->layout->round_digits, text);
	if (value.kind == CSVR_VALUE_NONE)
		fputs("null", json->stream);
	else if (value.kind == CSVR_VALUE_REAL &&
		 !isfinite(value.real)) /* JSON has no number for it */
		fprintf(json->stream, "\"%s\"", text);
	else
		fputs(text, json->stream);
}

/* Statistics of what each column keeps are always there, the others if they were requested. */
static void member_values(struct json *json, const struct csvr_report_row *row,
			  bool are_cell_counts)
{
	for (size_t i = 0; csvr_statistics[i] != NULL; i++) {
		const struct csvr_statistic *statistic = csvr_statistics[i];
		if (statistic->is_cell_count == are_cell_counts &&
		    (statistic->needs == NULL ||
		     csvr_statistic_is_requested(statistic, json->report->statistics)))
			member_value(json, row, statistic);
	}
}

static void visit_absent(void *context, const char *path)
{
	struct json *json = context;
	next_line(json);
	put_path(json, path);
}

static void put_row(struct json *json, const struct csvr_report_row *row, bool is_total)
{
	next_line(json);
	begin(json, '{');
	key(json, "name");
	put_string(json, row->name, row->name_bytes);
	member_values(json, row, true);
	member_count(json, "rows", row->n_rows);
	member_values(json, row, false);
	key(json, "first_invalid");
	if (row->invalid_path != NULL) {
		begin(json, '{');
		key(json, "file");
		put_path(json, row->invalid_path);
		member_line(json, row->invalid_line);
		end(json, '}');
	} else {
		fputs("null", json->stream);
	}
	if (is_total) {
		key(json, "absent_from");
		begin(json, '[');
		csvr_files_without_column(json->report, row->index, visit_absent, json);
		end(json, ']');
	}
	end(json, '}');
}

static void put_columns(struct json *json, const struct csvr_report_block *block)
{
	key(json, "columns");
	begin(json, '[');
	for (size_t r = 0; r < block->n_rows && !ferror(json->stream); r++)
		put_row(json, &block->rows[r], block->file == NULL);
	end(json, ']');
}

static enum csvr_status put_file(struct json *json, struct csvr_report_block *block,
				 const struct csvr_file *file)
{
	static const char *const kinds[] = { [CSVR_FILE_READ] = "read",
					     [CSVR_FILE_EMPTY] = "empty",
					     [CSVR_FILE_HEADER_ONLY] = "header_only",
					     [CSVR_FILE_BAD] = "bad" };
	const struct csvr_file_stats *table = csvr_summary_file_stats(json->report->summary, file);
	next_line(json);
	begin(json, '{');
	key(json, "file");
	put_path(json, csvr_file_path(json->report, file));
	key(json, "kind");
	fprintf(json->stream, "\"%s\"", kinds[file->kind]);
	member_count(json, "rows", table == NULL ? 0 : table->n_rows);
	member_count(json, "bytes", table == NULL ? 0 : table->size_bytes);
	block->n_rows = 0;
	block->file = file;
	if (table != NULL && file->kind == CSVR_FILE_READ) {
		const enum csvr_status status = csvr_report_block_fill(block, json->report, file);
		if (status != CSVR_OK)
			return status;
		member_count(json, "short_rows", table->issues[CSVR_ROW_SHORT].n);
		member_count(json, "long_rows", table->issues[CSVR_ROW_LONG].n);
	}
	put_columns(json, block);
	end(json, '}');
	return csvr_stream_status(json->stream);
}

static void put_problem(struct json *json, const struct csvr_problem *problem)
{
	char count[CSVR_NUMBER_TEXT_BYTES];
	next_line(json);
	begin(json, '{');
	key(json, "kind");
	fprintf(json->stream, "\"%s\"", csvr_problem_name(problem->kind));
	member_count(json, "count", problem->n);
	key(json, "file");
	put_path(json, problem->path);
	member_line(json, problem->line);
	key(json, "column");
	put_string(json, problem->column, problem->column_bytes);
	key(json, "message");
	csvr_number_count(problem->n, count);
	fprintf(json->stream, "\"%s ", count);
	csvr_problem_describe(&json->report->problems, problem, csvr_escape_json, json->stream);
	putc('"', json->stream);
	end(json, '}');
}

static void member_text(struct json *json, const char *name, const char *text)
{
	key(json, name);
	put_string(json, text[0] != '\0' ? text : NULL, strlen(text));
}

static void put_run(struct json *json, const struct csvr_run_record *run)
{
	char date[CSVR_DATE_BYTES];
	next_line(json);
	begin(json, '{');
	csvr_date_text(run->begin_ns, date);
	member_text(json, "begin", date);
	csvr_date_text(run->end_ns, date);
	member_text(json, "end", date);
	member_text(json, "host", run->host);
	member_text(json, "job", run->job);
	member_text(json, "command", run->command);
	member_text(json, "version", run->version);
	member_text(json, "kernel", run->kernel);
	member_count(json, "threads", run->n_threads);
	member_count(json, "shard", run->shard_index);
	member_count(json, "shards", run->shard_count);
	end(json, '}');
}

static void put_provenance(struct json *json)
{
	const struct csvr_manifests *manifests = json->report->inputs->manifests;
	const struct csvr_summary *summary = json->report->summary;
	key(json, "provenance");
	begin(json, '{');
	key(json, "inputs");
	begin(json, '[');
	for (size_t i = 0; manifests != NULL && i < manifests->n_items; i++) {
		const struct csvr_manifest *manifest = &manifests->items[i];
		char digest[CSVR_SHA256_TEXT_BYTES];
		csvr_sha256_text(manifest->digest, digest);
		next_line(json);
		begin(json, '{');
		member_text(json, "sha256", digest);
		member_count(json, "inputs", manifest->n_inputs);
		member_count(json, "bytes", manifest->size_bytes);
		member_count(json, "shards", manifest->n_shards);
		end(json, '}');
	}
	end(json, ']');
	key(json, "runs");
	begin(json, '[');
	for (size_t i = 0; i < summary->n_runs; i++)
		put_run(json, &summary->runs[i]);
	end(json, ']');
	end(json, '}');
}

static enum csvr_status write_json(const struct csvr_report *report, FILE *stream)
{
	const struct csvr_summary *summary = report->summary;
	struct json json = { .report = report, .stream = stream };
	struct csvr_report_block block = { 0 };
	enum csvr_status status = csvr_report_block_fill(&block, report, NULL);
	if (status != CSVR_OK)
		goto out;
	begin(&json, '{');
	put_columns(&json, &block);
	member_count(&json, "files", report->n_files);
	member_count(&json, "files_empty", report->n_kind[CSVR_FILE_EMPTY]);
	member_count(&json, "files_header_only", report->n_kind[CSVR_FILE_HEADER_ONLY]);
	member_count(&json, "files_bad", summary->n_failures);
	member_count(&json, "rows", summary->n_rows);
	member_count(&json, "bytes", summary->size_bytes);
	if (report->layout->per_file) {
		key(&json, "per_file");
		begin(&json, '[');
		for (size_t f = 0; f < summary->n_files && status == CSVR_OK; f++)
			status = put_file(&json, &block, &summary->files[f]);
		if (status != CSVR_OK)
			goto out;
		end(&json, ']');
	}
	key(&json, "problems");
	begin(&json, '[');
	for (size_t p = 0; p < report->problems.n_items && !ferror(stream); p++)
		put_problem(&json, &report->problems.items[p]);
	end(&json, ']');
	if (report->layout->provenance)
		put_provenance(&json);
	end(&json, '}');
	putc('\n', stream);
	status = csvr_stream_status(stream);
out:
	free(block.rows);
	return status;
}

const struct csvr_writer csvr_writer_json = {
	.name = "json",
	.help = "one JSON object with everything",
	.has_provenance = true,
	.write = write_json,
};
