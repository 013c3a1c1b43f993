/* worker_record.c - counts records: finds runs of equal ones, counts others field by field */
#include <string.h>

#include "run/worker_internal.h"

/* ---- runs of equal records ---- */

/* True if the record at field `first` may be part of a run: data of `stride` fields, neither
 * blank nor a comment. It may have one field more than the header if that field is empty. */
static bool fits_run(const struct csvr_worker *w, size_t first, size_t stride, size_t n_columns)
{
	size_t start, n_first = csvr_worker_field_bytes(w, first, &start);
	if ((stride == 1 && csvr_worker_is_blank_line(w, start, n_first)) ||
	    w->text[start] == w->dialect.comment)
		return false;
	size_t ignored;
	return stride == n_columns ||
	       (stride == n_columns + 1 &&
		csvr_worker_field_bytes(w, first + stride - 1, &ignored) == 0);
}

/* The longest run at field `first`; field `last` - 1 ends a record. */
static struct csvr_record_run find_run(const struct csvr_worker *w, size_t first, size_t last)
{
	size_t n_columns = w->header.n_columns, stride = 1;
	while (!csvr_worker_is_line_end(w, first + stride - 1))
		stride++;
	struct csvr_record_run run = { w->fields.ends + first, stride, stride, 0, 0 };
	for (size_t i = first; i + stride <= last && fits_run(w, i, stride, n_columns);
	     i += stride) {
		size_t j = 0;
		while (j < stride && !csvr_worker_is_line_end(w, i + j))
			j++;
		if (j != stride - 1)
			break;
		run.n_records++;
	}
	return run;
}

/* True if fields [first, last), of `n_records` records, are a run of n_columns fields each:
 * every n-th field ends a line, and since there are as many lines as that, no other field does. */
static bool is_regular(const struct csvr_worker *w, size_t first, size_t last, size_t n_records)
{
	size_t n = w->header.n_columns;
	if (n == 1 || w->dialect.comment != CSVR_NONE || last - first != n_records * n)
		return false;
	for (size_t i = first + n - 1; i < last; i += n)
		if (!csvr_worker_is_line_end(w, i))
			return false;
	return true;
}

/* ---- field by field ---- */

void csvr_worker_start_record(struct csvr_worker *w, size_t start, bool is_blank)
{
	struct csvr_current_record *record = &w->record;
	record->n_fields = 0;
	record->is_like_comment = w->text[start] == '#';
	record->has_text = false;
	record->is_total = false;
	record->line = csvr_worker_line_of(w, start);
	if (w->rows != NULL)
		csvr_row_hash_init(&w->row_hash);
	const uint64_t offset = w->text_offset + start;
	record->starts_header = offset == w->header_offset;
	if (is_blank)
		record->kind = CSVR_RECORD_BLANK;
	else if (w->text[start] == w->dialect.comment)
		record->kind = CSVR_RECORD_COMMENT;
	else if (offset >= w->data_start)
		record->kind = CSVR_RECORD_DATA;
	else
		record->kind = offset < w->header_end ? CSVR_RECORD_HEADER : CSVR_RECORD_UNITS;
}

/* The same for a record that was scanned, at least in part: fields [first, last). */
static enum csvr_status start_scanned_record(struct csvr_worker *w, size_t first, size_t last)
{
	size_t start;
	const size_t n_bytes = csvr_worker_field_bytes(w, first, &start);
	csvr_worker_start_record(w, start,
				 csvr_worker_is_line_end(w, first) &&
					 csvr_worker_is_blank_line(w, start, n_bytes));
	if (w->record.kind != CSVR_RECORD_DATA)
		return CSVR_OK;
	enum csvr_header_match match;
	enum csvr_status status = csvr_worker_match_header(w, first, last, &match);
	bool is_kept = true;
	if (match == CSVR_MATCH_NONE && w->filter != NULL)
		status = csvr_worker_filter_record(w, first, last, &is_kept);
	if (match == CSVR_MATCH_SAME)
		w->record.kind = CSVR_RECORD_REPEATED_HEADER;
	else if (!is_kept)
		w->record.kind = CSVR_RECORD_FILTERED;
	else
		w->record.is_total = csvr_worker_is_total(w, (struct csvr_slice){ w->text + start,
										  n_bytes });
	return status;
}

/* Adds the cells that a short record lacks to its group. */
static enum csvr_status group_absent_cells(struct csvr_worker *w, size_t n_fields)
{
	const struct csvr_slice none = { w->text, 0 };
	enum csvr_status status = CSVR_OK;
	for (size_t j = n_fields; j < w->chunk->stats.n_columns && status == CSVR_OK; j++)
		if (w->header.is_selected[j] && csvr_worker_groups_column(w, j))
			status = csvr_worker_group_cell(w, j, CSVR_CELL_MISSING, none);
	return status;
}

/* Finds the group of the record that has started with field `first`, and is whole. */
static enum csvr_status find_group(struct csvr_worker *w, size_t first)
{
	size_t n_fields = 1;
	if (w->groups == NULL || w->record.kind != CSVR_RECORD_DATA)
		return CSVR_OK;
	while (!csvr_worker_is_line_end(w, first + n_fields - 1))
		n_fields++;
	return csvr_worker_find_group_of_record(w, first, n_fields);
}

enum csvr_status csvr_worker_finish_record(struct csvr_worker *w, size_t n_last)
{
	struct csvr_file_stats *stats = &w->chunk->stats;
	size_t n_columns = stats->n_columns, n_fields = w->record.n_fields;
	uint64_t line = w->record.line;
	w->record.n_fields = 0;
	if (w->record.kind == CSVR_RECORD_HEADER) {
		w->first_not_utf8 = 0;
		if (w->header.n_not_utf8 > 0 && w->record.starts_header)
			csvr_line_count_add(&stats->issues[CSVR_ROW_NOT_UTF8], w->header.n_not_utf8,
					    line);
		return CSVR_OK;
	}
	static const enum csvr_row_issue issues[] = { [CSVR_RECORD_UNITS] = CSVR_ROW_UNITS,
						      [CSVR_RECORD_REPEATED_HEADER] =
							      CSVR_ROW_REPEATED_HEADER,
						      [CSVR_RECORD_COMMENT] = CSVR_ROW_COMMENT,
						      [CSVR_RECORD_BLANK] = CSVR_ROW_BLANK };
	if (w->record.kind == CSVR_RECORD_FILTERED) {
		stats->n_filtered++;
		return CSVR_OK;
	}
	if (w->record.kind != CSVR_RECORD_DATA) {
		csvr_line_count_add(&stats->issues[issues[w->record.kind]], 1, line);
		return CSVR_OK;
	}
	stats->n_rows++;
	if (!w->record.has_text)
		csvr_line_count_add(&stats->issues[CSVR_ROW_EMPTY], 1, line);
	csvr_file_stats_add_last_row(stats, w->record.is_total, line);
	if (n_fields == n_columns + 1 && n_last == 0) {
		csvr_line_count_add(&stats->issues[CSVR_ROW_TRAILING_DELIMITER], 1, line);
	} else if (n_fields != n_columns) {
		csvr_line_count_add(
			&stats->issues[n_fields < n_columns ? CSVR_ROW_SHORT : CSVR_ROW_LONG], 1,
			line);
		if (w->record.is_like_comment)
			csvr_line_count_add(&stats->issues[CSVR_ROW_LIKE_COMMENT], 1, line);
		if (n_fields > n_columns)
			stats->n_extra_fields += n_fields - n_columns;
	}
	for (size_t j = n_fields; j < n_columns; j++)
		stats->columns[j].cells[CSVR_CELL_MISSING] += w->header.is_selected[j];
	if (w->groups != NULL && group_absent_cells(w, n_fields) != CSVR_OK)
		return CSVR_NO_MEMORY;
	if (w->rows != NULL && csvr_worker_finish_row(w) != CSVR_OK)
		return CSVR_NO_MEMORY;
	return w->pairs != NULL ? csvr_worker_pairs_add_record(w->pairs) : CSVR_OK;
}

enum csvr_status csvr_worker_count_record(struct csvr_worker *w, size_t first, size_t last,
					  size_t *next)
{
	size_t i = first;
	bool is_over = false;
	const bool has_quotes = w->filter != NULL && w->fields.continues_after_quote;
	for (; i < last && !is_over; i++) {
		if (w->record.n_fields == 0) {
			enum csvr_status status = start_scanned_record(w, i, last);
			if (status == CSVR_OK)
				status = find_group(w, i);
			if (status != CSVR_OK)
				return status;
		}
		size_t start, n_bytes = csvr_worker_field_bytes(w, i, &start);
		is_over = csvr_worker_is_line_end(w, i);
		w->record.has_text |= n_bytes > 0;
		size_t j = w->record.n_fields++;
		if (w->record.kind == CSVR_RECORD_DATA && j < w->chunk->stats.n_columns &&
		    w->header.is_selected[j]) {
			struct csvr_column *column = &w->chunk->stats.columns[j];
			const struct csvr_slice cell = { w->text + start, n_bytes };
			csvr_worker_start_column(w, j, 0);
			enum csvr_status status = csvr_worker_count_cell(w, column, cell, start);
			if (status == CSVR_OK && w->pairs != NULL &&
			    w->decimal.class == CSVR_CELL_NUMBER)
				status = csvr_worker_pairs_add_number(w->pairs, j, 0, &w->decimal);
			if (status == CSVR_OK)
				status = csvr_worker_flush_cells(w, column);
			if (status == CSVR_OK && csvr_worker_groups_column(w, j))
				status = csvr_worker_group_cell(w, j, w->decimal.class, cell);
			if (status != CSVR_OK)
				return status;
		}
		/* The delimiter after a field is hashed, too. */
		csvr_worker_hash_bytes(w, start, w->fields.ends[i] + (size_t)!is_over);
		if (has_quotes && w->record.kind != CSVR_RECORD_FILTERED)
			csvr_worker_count_quotes(w, w->fields.ends + i, 1);
		if (is_over) {
			enum csvr_status status = csvr_worker_finish_record(w, n_bytes);
			if (status != CSVR_OK)
				return status;
		}
	}
	*next = i;
	csvr_worker_step_to(w, w->fields.ends[i - 1] + (size_t)1, is_over);
	return CSVR_OK;
}

enum csvr_status csvr_worker_count_records(struct csvr_worker *w, size_t first, size_t last,
					   size_t n_records)
{
	enum csvr_status status = CSVR_OK;
	/* The header, and the blank and comment lines before it. */
	while (status == CSVR_OK && first < last &&
	       w->text_offset + w->window_start < w->data_start) {
		if (!csvr_worker_drop_bom(w, first))
			return CSVR_OK;
		status = csvr_worker_count_record(w, first, last, &first);
		n_records--;
	}
	bool is_all_regular = status == CSVR_OK && first < last &&
			      is_regular(w, first, last, n_records);
	while (status == CSVR_OK && first < last && csvr_worker_drop_bom(w, first)) {
		struct csvr_record_run run = { w->fields.ends + first, w->header.n_columns,
					       w->header.n_columns, 0, 0 };
		if (is_all_regular)
			run.n_records = (last - first) / run.stride;
		else
			run = find_run(w, first, last);
		if (run.n_records > 0)
			status = csvr_worker_count_run(w, &run);
		if (status != CSVR_OK)
			break;
		if (run.n_records == 0)
			status = csvr_worker_count_record(w, first, last, &first);
		else
			first += run.n_records * run.stride;
	}
	return status;
}
