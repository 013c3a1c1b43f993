/* report.c - prepares a report and hands it to the writer of its format */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "report/report.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "base/number_format.h"
#include "input/inputs.h"
#include "report/writers.h"

/* ---- what the writers share ---- */

const char *csvr_file_path(const struct csvr_report *report, const struct csvr_file *file)
{
	return csvr_inputs_path(report->inputs, file->input);
}

void csvr_date_text(int64_t date_ns, char text[CSVR_DATE_BYTES])
{
	const time_t seconds = (time_t)(date_ns / 1000000000);
	struct tm date;
	if (gmtime_r(&seconds, &date) == NULL ||
	    strftime(text, CSVR_DATE_BYTES, "%Y-%m-%dT%H:%M:%SZ", &date) == 0)
		snprintf(text, CSVR_DATE_BYTES, "%lld s", (long long)seconds);
}

enum csvr_status csvr_stream_status(FILE *stream)
{
	return ferror(stream) ? CSVR_IO_ERROR : CSVR_OK;
}

struct csvr_value csvr_report_row_value(const struct csvr_report_row *row,
					const struct csvr_statistic *statistic)
{
	return csvr_column_value(row->stats, statistic, row->n_files);
}

size_t csvr_value_text(struct csvr_value figure, int round_digits,
		       char text[CSVR_NUMBER_TEXT_BYTES])
{
	text[0] = '\0';
	if (figure.kind == CSVR_VALUE_NONE)
		return 0;
	if (figure.kind == CSVR_VALUE_COUNT)
		return (size_t)snprintf(text, CSVR_NUMBER_TEXT_BYTES, "%llu",
					(unsigned long long)figure.count);
	if (round_digits >= 0)
		return csvr_number_fixed(figure.real, round_digits, text);
	return csvr_number_shortest(figure.real, text);
}

static struct csvr_report_row *next_row(struct csvr_report_block *block)
{
	struct csvr_report_row *rows = csvr_array_grow(block->rows, &block->capacity,
						       block->n_rows + 1, sizeof *rows);
	if (rows == NULL)
		return NULL;
	block->rows = rows;
	rows[block->n_rows] = (struct csvr_report_row){ 0 };
	return &rows[block->n_rows++];
}

static void set_name(struct csvr_report_row *row, const struct csvr_summary *summary, size_t index)
{
	const struct csvr_summary_column *column = &summary->columns[index];
	row->index = index;
	row->name = column->label != NULL ? column->label : column->name;
	row->name_bytes = column->label != NULL ? column->label_bytes : column->name_bytes;
}

static enum csvr_status fill_total(struct csvr_report_block *block,
				   const struct csvr_report *report)
{
	const struct csvr_summary *summary = report->summary;
	for (size_t i = 0; i < summary->n_columns; i++) {
		const struct csvr_summary_column *column = &summary->columns[i];
		struct csvr_report_row *row = next_row(block);
		if (row == NULL)
			return CSVR_NO_MEMORY;
		set_name(row, summary, i);
		row->stats = &column->stats;
		row->n_files = column->n_files;
		row->n_rows = column->n_rows;
		row->invalid_line = column->first_invalid.line;
		if (row->invalid_line > 0)
			row->invalid_path = csvr_inputs_path(report->inputs,
							     column->first_invalid.input);
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
	const struct csvr_column_layout *header = &report->summary->layouts[file->layout];
	const struct csvr_file_stats *table = csvr_summary_file_stats(report->summary, file);
	for (size_t i = 0; i < header->n_columns && i < table->n_columns; i++) {
		if (header->column[i] == UINT32_MAX)
			continue;
		struct csvr_report_row *row = next_row(block);
		if (row == NULL)
			return CSVR_NO_MEMORY;
		set_name(row, report->summary, header->column[i]);
		row->stats = &table->columns[i];
		row->n_files = 1;
		row->n_rows = table->n_rows;
		row->invalid_line = row->stats->invalid_line;
		if (row->invalid_line > 0)
			row->invalid_path = csvr_file_path(report, file);
	}
	return CSVR_OK;
}

/* ---- which files lack a column ---- */

/* Headers are few, or each file has its own; then a column stands in few of them. So for each
 * column the headers that have it, all in one array: headers_of[first[c]] .. [first[c + 1] - 1]. */
struct csvr_missing_columns {
	size_t *first;
	uint32_t *headers_of;
	size_t *marked_for; /* per header: 1 + the column it was last marked for */
};

static void absence_free(struct csvr_missing_columns *absence)
{
	if (absence == NULL)
		return;
	free(absence->first);
	free(absence->headers_of);
	free(absence->marked_for);
	free(absence);
}

static struct csvr_missing_columns *absence_new(const struct csvr_summary *summary)
{
	struct csvr_missing_columns *absence = calloc(1, sizeof *absence);
	if (absence == NULL)
		return NULL;
	size_t n_places = 0;
	for (size_t h = 0; h < summary->n_layouts; h++)
		n_places += summary->layouts[h].n_columns;
	absence->first = calloc(summary->n_columns + 2, sizeof *absence->first);
	absence->headers_of = calloc(n_places + 1, sizeof *absence->headers_of);
	absence->marked_for = calloc(summary->n_layouts + 1, sizeof *absence->marked_for);
	if (absence->first == NULL || absence->headers_of == NULL || absence->marked_for == NULL) {
		absence_free(absence);
		return NULL;
	}
	/* Count into first[c + 2]; add up, so that first[c + 1] is where c begins; then filling
	 * moves first[c + 1] on to where c ends, which is where c + 1 begins. */
	for (size_t h = 0; h < summary->n_layouts; h++)
		for (size_t i = 0; i < summary->layouts[h].n_columns; i++)
			if (summary->layouts[h].column[i] != UINT32_MAX)
				absence->first[summary->layouts[h].column[i] + (size_t)2]++;
	for (size_t c = 2; c < summary->n_columns + 2; c++)
		absence->first[c] += absence->first[c - 1];
	for (size_t h = 0; h < summary->n_layouts; h++) {
		for (size_t i = 0; i < summary->layouts[h].n_columns; i++) {
			const uint32_t c = summary->layouts[h].column[i];
			if (c != UINT32_MAX)
				absence->headers_of[absence->first[c + (size_t)1]++] = (uint32_t)h;
		}
	}
	return absence;
}

void csvr_files_without_column(const struct csvr_report *report, size_t column_index,
			       csvr_path_fn visit, void *context)
{
	struct csvr_missing_columns *absence = report->absence;
	for (size_t i = absence->first[column_index]; i < absence->first[column_index + 1]; i++)
		absence->marked_for[absence->headers_of[i]] = column_index + 1;
	for (size_t i = 0; i < report->n_by_path; i++) {
		const struct csvr_file *file = report->by_path[i];
		if (absence->marked_for[file->layout] != column_index + 1)
			visit(context, csvr_file_path(report, file));
	}
}

/* ---- preparation ---- */

static bool is_nonzero(const struct csvr_statistic *statistic, const struct csvr_summary *summary)
{
	for (size_t i = 0; i < summary->n_columns; i++) {
		const struct csvr_summary_column *column = &summary->columns[i];
		const struct csvr_value value = csvr_column_value(&column->stats, statistic,
								  column->n_files);
		if (value.count != 0 || value.real != 0)
			return true;
	}
	return false;
}

static bool is_shown(const struct csvr_statistic *statistic, const struct csvr_report *report)
{
	if (report->statistics->all || report->statistics->names.n_words > 0)
		return csvr_statistic_is_requested(statistic, report->statistics);
	const enum csvr_visibility visibility =
		csvr_writer_of(report->layout->format)->is_for_people ? statistic->in_table
								      : statistic->in_data;
	return visibility == CSVR_SHOW_ALWAYS ||
	       (visibility == CSVR_SHOW_IF_NONZERO && is_nonzero(statistic, report->summary));
}

static void choose_statistics(struct csvr_report *report)
{
	for (size_t i = 0; csvr_statistics[i] != NULL; i++)
		if (is_shown(csvr_statistics[i], report))
			report->stats[report->n_stats++] = csvr_statistics[i];
}

/* Lists the files with rows by path: each goes to the place its rank says, then the gaps close. */
static enum csvr_status order_by_path(struct csvr_report *report)
{
	const struct csvr_summary *summary = report->summary;
	const uint32_t *ranks = summary->config.ranks;
	const size_t n_inputs = csvr_inputs_count(report->inputs);
	/* Files that all have one header all have its columns: there is nothing to list. */
	if (summary->n_layouts <= 1)
		return CSVR_OK;
	report->by_path = calloc(n_inputs + 1, sizeof(const struct csvr_file *));
	if (report->by_path == NULL)
		return CSVR_NO_MEMORY;
	for (size_t i = 0; i < summary->n_files; i++) {
		const struct csvr_file *file = &summary->files[i];
		if (file->kind == CSVR_FILE_READ)
			report->by_path[ranks != NULL ? ranks[file->input] : file->input] = file;
	}
	for (size_t i = 0; i < n_inputs; i++)
		if (report->by_path[i] != NULL)
			report->by_path[report->n_by_path++] = report->by_path[i];
	return CSVR_OK;
}

static enum csvr_status prepare(struct csvr_report *report)
{
	const struct csvr_summary *summary = report->summary;
	choose_statistics(report);
	report->absence = absence_new(summary);
	if (report->absence == NULL || order_by_path(report) != CSVR_OK)
		return CSVR_NO_MEMORY;
	for (size_t i = 0; i < summary->n_files; i++)
		report->n_kind[summary->files[i].kind]++;
	report->n_files = report->n_kind[CSVR_FILE_READ] + report->n_kind[CSVR_FILE_EMPTY] +
			  report->n_kind[CSVR_FILE_HEADER_ONLY];
	return csvr_problems_collect(&report->problems, summary, report->inputs);
}

enum csvr_status csvr_report_write(const struct csvr_summary *summary,
				   const struct csvr_inputs *inputs,
				   const struct csvr_settings *settings, FILE *stream)
{
	struct csvr_report report = { .summary = summary,
				      .inputs = inputs,
				      .layout = &settings->report,
				      .statistics = &settings->statistics };
	enum csvr_status status = prepare(&report);
	if (status == CSVR_OK)
		status = csvr_writer_of(settings->report.format)->write(&report, stream);
	if (status == CSVR_OK && csvr_inputs_path_failed(inputs))
		status = CSVR_NO_MEMORY;
	csvr_problems_clear(&report.problems);
	absence_free(report.absence);
	free(report.by_path);
	return status;
}
