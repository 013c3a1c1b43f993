/* write_markdown.c - a GitHub table and, if there are any, the problems as a list */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/number_format.h"
#include "report/report.h"
#include "report/writers.h"

static void write_block(const struct csvr_report *report, const struct csvr_report_block *block,
			FILE *stream)
{
	char text[CSVR_NUMBER_TEXT_BYTES];
	fputs("| column |", stream);
	for (size_t i = 0; i < report->n_stats; i++) {
		const char *name = report->stats[i]->name;
		putc(' ', stream);
		csvr_escape_markdown(stream, name, strlen(name));
		fputs(" |", stream);
	}
	fputs("\n|---|", stream);
	for (size_t i = 0; i < report->n_stats; i++)
		fputs("---:|", stream);
	putc('\n', stream);
	for (size_t r = 0; r < block->n_rows && !ferror(stream); r++) {
		const struct csvr_report_row *row = &block->rows[r];
		fputs("| ", stream);
		csvr_escape_markdown(stream, row->name, row->name_bytes);
		fputs(" |", stream);
		for (size_t i = 0; i < report->n_stats; i++) {
			csvr_value_text(csvr_report_row_value(row, report->stats[i]),
					report->layout->round_digits, text);
			fprintf(stream, " %s |", text);
		}
		putc('\n', stream);
	}
}

static void write_place(const char *path, uint64_t line, FILE *stream)
{
	path = csvr_display_path(path);
	csvr_escape_markdown(stream, path, strlen(path));
	if (line > 0)
		fprintf(stream, ":%" PRIu64, line);
}

static void write_problem(const struct csvr_report *report, const struct csvr_problem *problem,
			  FILE *stream)
{
	fputs("- ", stream);
	if (problem->kind >= CSVR_PROBLEM_EMPTY_FILE) {
		write_place(problem->path, problem->line, stream);
		fputs(": ", stream);
		csvr_problem_describe(&report->problems, problem, csvr_escape_markdown, stream);
	} else {
		char count[CSVR_NUMBER_TEXT_BYTES];
		csvr_number_count(problem->n, count);
		fprintf(stream, "%s ", count);
		csvr_problem_describe(&report->problems, problem, csvr_escape_markdown, stream);
		if (problem->path != NULL) {
			fputs(", first at ", stream);
			write_place(problem->path, problem->line, stream);
		}
	}
	putc('\n', stream);
}

static void put_text(const char *text, FILE *stream)
{
	csvr_escape_markdown(stream, text, strlen(text));
}

static void write_provenance(const struct csvr_report *report, FILE *stream)
{
	const struct csvr_manifests *manifests = report->inputs->manifests;
	const struct csvr_summary *summary = report->summary;
	char digest[CSVR_SHA256_TEXT_BYTES], begin[CSVR_DATE_BYTES], end[CSVR_DATE_BYTES];
	fputs("\nProvenance:\n\n", stream);
	for (size_t i = 0; manifests != NULL && i < manifests->n_items; i++) {
		const struct csvr_manifest *manifest = &manifests->items[i];
		char inputs[CSVR_NUMBER_TEXT_BYTES], size[CSVR_NUMBER_TEXT_BYTES];
		csvr_sha256_text(manifest->digest, digest);
		csvr_number_count(manifest->n_inputs, inputs);
		csvr_number_size(manifest->size_bytes, size);
		fprintf(stream, "- %s input%s, %s, sha256:%s\n", inputs,
			manifest->n_inputs == 1 ? "" : "s", size, digest);
	}
	for (size_t i = 0; i < summary->n_runs; i++) {
		const struct csvr_run_record *run = &summary->runs[i];
		csvr_date_text(run->begin_ns, begin);
		csvr_date_text(run->end_ns, end);
		fprintf(stream, "- %s to %s", begin, end);
		fputs(run->host[0] != '\0' ? " on " : "", stream);
		put_text(run->host, stream);
		fputs(run->job[0] != '\0' ? ", " : "", stream);
		put_text(run->job, stream);
		fprintf(stream, ", %llu thread%s, ", (unsigned long long)run->n_threads,
			run->n_threads == 1 ? "" : "s");
		put_text(run->kernel, stream);
		fputs(", csv-report ", stream);
		put_text(run->version, stream);
		fputs(": ", stream);
		put_text(run->command, stream);
		putc('\n', stream);
	}
}

static enum csvr_status write_markdown(const struct csvr_report *report, FILE *stream)
{
	const struct csvr_summary *summary = report->summary;
	struct csvr_report_block block = { 0 };
	enum csvr_status status = CSVR_OK;
	for (size_t f = 0; report->layout->per_file && f < summary->n_files; f++) {
		const struct csvr_file *file = &summary->files[f];
		if (file->kind != CSVR_FILE_READ)
			continue;
		status = csvr_report_block_fill(&block, report, file);
		if (status != CSVR_OK || ferror(stream))
			goto out;
		fputs("### ", stream);
		write_place(csvr_file_path(report, file), 0, stream);
		fputs("\n\n", stream);
		write_block(report, &block, stream);
		putc('\n', stream);
	}
	status = csvr_report_block_fill(&block, report, NULL);
	if (status != CSVR_OK)
		goto out;
	if (report->layout->per_file)
		fputs("### total\n\n", stream);
	write_block(report, &block, stream);
	char rows[CSVR_NUMBER_TEXT_BYTES], size[CSVR_NUMBER_TEXT_BYTES],
		files[CSVR_NUMBER_TEXT_BYTES];
	csvr_number_count(report->n_files, files);
	csvr_number_count(summary->n_rows, rows);
	csvr_number_size(summary->size_bytes, size);
	fprintf(stream, "\n%s file%s, %s row%s, %s\n", files, report->n_files == 1 ? "" : "s", rows,
		summary->n_rows == 1 ? "" : "s", size);
	if (report->problems.n_items > 0)
		fputs("\nProblems:\n\n", stream);
	for (size_t p = 0; p < report->problems.n_items && !ferror(stream); p++)
		write_problem(report, &report->problems.items[p], stream);
	if (report->layout->provenance)
		write_provenance(report, stream);
out:
	free(block.rows);
	return status != CSVR_OK ? status : csvr_stream_status(stream);
}

const struct csvr_writer csvr_writer_markdown = {
	.name = "md",
	.help = "a Markdown table",
	.has_provenance = true,
	.write = write_markdown,
};
