/* worker_batch.c - counts a run of equal records column by column */
#include <string.h>

#include "base/calendar.h"
#include "run/worker_internal.h"

_Static_assert((int)CSVR_MAX_BATCH <= (int)CSVR_MAX_CELLS, "a batch is one call of the kernel");

/* Null words that are numbers: values equal to `null` are removed from the batch and their cells
 * become rejects. Returns the number of values left. */
static size_t reject_null_numbers(struct csvr_worker *w, size_t n_cells, size_t n_values,
				  int64_t null)
{
	size_t n_found = 0;
	for (size_t i = 0; i < n_values; i++)
		n_found += w->values[i] == null;
	if (n_found == 0)
		return n_values;
	uint8_t rejects[CSVR_MAX_BATCH];
	size_t n_kept = 0, n_old_read = 0, n_rejects = 0, n_old_rejects = n_cells - n_values;
	for (size_t cell = 0, i = 0; cell < n_cells; cell++) {
		bool was_rejected = n_old_read < n_old_rejects && w->rejects[n_old_read] == cell;
		n_old_read += was_rejected;
		if (was_rejected || w->values[i] == null)
			rejects[n_rejects++] = (uint8_t)cell;
		else
			w->values[n_kept++] = w->values[i];
		i += !was_rejected;
	}
	memcpy(w->rejects, rejects, n_rejects);
	return n_kept;
}

/* Writes the cells that are plain numbers at the guessed scale to w->values, the indices of the
 * others to w->rejects. Returns the number of values. */
static size_t convert_cells(struct csvr_worker *w, const struct csvr_column_slice *cells,
			    const struct csvr_scale_guess *guess)
{
	if (guess->is_text) {
		for (size_t i = 0; i < cells->n_cells; i++)
			w->rejects[i] = (uint8_t)i;
		return 0;
	}
	size_t n_values = w->config->kernel->convert(cells, guess->scale, w->dialect.quote,
						     w->values, w->rejects);
	int64_t null;
	for (size_t i = 0; i < w->rules->n_null_numbers; i++)
		if (csvr_null_number(w->rules, i, guess->scale, &null))
			n_values = reject_null_numbers(w, cells->n_cells, n_values, null);
	return n_values;
}

/* Visits the cells that the kernel converted, in order. */
struct converted {
	size_t cell; /* n_cells: past the last */
	size_t n_rejects_before;
};

static bool is_rejected(const struct csvr_worker *w, size_t n_rejects, const struct converted *at)
{
	return at->n_rejects_before < n_rejects && w->rejects[at->n_rejects_before] == at->cell;
}

static void skip_rejects(const struct csvr_worker *w, size_t n_rejects, struct converted *at)
{
	for (; is_rejected(w, n_rejects, at); at->n_rejects_before++)
		at->cell++;
}

/* The cell as written; without the '\r' of a line end, of which there may be several. */
static inline struct csvr_slice cell_as_written(const struct csvr_worker *w,
						const struct csvr_column_slice *cells, size_t cell)
{
	const uint32_t *end = cells->ends + cell * cells->stride;
	const unsigned char *start = w->text + (uint32_t)(end[-1] + 1);
	const unsigned char *stop = w->text + *end;
	if (cells->ends_line)
		stop = csvr_worker_strip_returns(start, stop);
	return (struct csvr_slice){ start, (size_t)(stop - start) };
}

static bool has_digit_after_point(struct csvr_slice text, unsigned char mark)
{
	const unsigned char *point = memchr(text.start, mark, text.n_bytes);
	return point != NULL && point + 1 < text.start + text.n_bytes && point[1] >= '0' &&
	       point[1] <= '9';
}

/* Whether a converted cell has digits after the point. They may all be zeros, which the values do not
 * show. */
static bool has_fraction(const struct csvr_worker *w, const struct csvr_column_slice *cells,
			 size_t n_values, unsigned scale)
{
	int64_t unit = 1;
	for (unsigned i = 0; i < scale; i++)
		unit *= 10;
	for (size_t i = 0; i < n_values && unit > 1; i++)
		if (w->values[i] % unit != 0)
			return true;
	struct converted at = { 0, 0 };
	for (size_t i = 0; i < n_values && unit > 1; i++, at.cell++) {
		skip_rejects(w, cells->n_cells - n_values, &at);
		if (has_digit_after_point(cell_as_written(w, cells, at.cell), cells->point))
			return true;
	}
	return false;
}

/* Notes the first converted cell, unless a rejected cell before it is a number. */
static void note_first_number(struct csvr_worker *w, struct csvr_column *column,
			      const struct csvr_column_slice *cells, const uint32_t *record_ends,
			      size_t n_values)
{
	struct csvr_first_cell *first = &column->first[CSVR_KIND_NUMBER];
	struct converted at = { 0, 0 };
	skip_rejects(w, cells->n_cells - n_values, &at);
	const size_t record = (uint32_t)(record_ends[(ptrdiff_t)(at.cell * cells->stride) - 1] + 1);
	const uint64_t line = csvr_worker_line_of(w, record);
	if (first->line != 0 && first->line < line)
		return;
	/* At most one pair of quotes is around it, and none are inside. */
	const struct csvr_slice cell = cell_as_written(w, cells, at.cell);
	const unsigned char *start = cell.start, *end = start + cell.n_bytes;
	csvr_trim(&start, &end);
	if (*start == w->dialect.quote) {
		start++, end--;
		csvr_trim(&start, &end);
	}
	first->line = 0;
	csvr_column_note_first(column, CSVR_KIND_NUMBER, line, start, (size_t)(end - start));
}

/* Where the kernel stores the values of column `j`, which correlations need beside those of others. */
static void choose_values(struct csvr_worker *w, size_t j)
{
	int64_t *values = csvr_worker_pairs_values(w->pairs, j);
	w->values = values != NULL ? values : w->own_values;
}

/* Grouping is faster only if most cells are equal to others. If they are not, the next batches are not grouped. */
static void adjust_groups(struct csvr_scale_guess *guess, size_t n_tried, size_t n_alike)
{
	enum { LEAST_TRIED = 32, N_UNGROUPED = 31 };
	if (guess->n_ungrouped > 0)
		guess->n_ungrouped--;
	else if (n_alike * 2 < n_tried && n_tried >= LEAST_TRIED)
		guess->n_ungrouped = N_UNGROUPED;
}

/* Counts a rejected cell, which is not empty, of column `j`. Its index in the batch is w->rejects[i]. */
static enum csvr_status count_reject(struct csvr_worker *w, size_t j,
				     const struct csvr_column_slice *cells, size_t i,
				     struct csvr_slice cell)
{
	struct csvr_column *column = &w->chunk->stats.columns[j];
	w->ordered.n_preceding = w->rejects[i] - i;
	w->lookalike = CSVR_N_LOOKALIKES;
	if (column->first[CSVR_KIND_TEXT].line != 0 && csvr_worker_take_plain_text(w, cell)) {
		w->decimal.class = CSVR_CELL_TEXT;
		return CSVR_OK;
	}
	if (csvr_worker_has_times(column) && csvr_worker_take_time(w, column, cell))
		return CSVR_OK;
	/* The record starts after the end of the previous one. */
	const uint32_t *before = cells->ends - j + w->rejects[i] * cells->stride;
	const size_t record = (uint32_t)(before[-1] + 1);
	const enum csvr_status status = csvr_worker_count_cell(w, column, cell, record);
	if (w->pairs == NULL || w->decimal.class != CSVR_CELL_NUMBER || status != CSVR_OK)
		return status;
	return csvr_worker_pairs_add_number(w->pairs, j, w->rejects[i], &w->decimal);
}

/* Counts the cells of column `j` that the kernel rejected, and guesses its scale for the next batch. */
static enum csvr_status count_rejects(struct csvr_worker *w, size_t j,
				      const struct csvr_column_slice *cells, size_t n_rejects)
{
	struct csvr_column *column = &w->chunk->stats.columns[j];
	struct csvr_scale_guess *guess = &w->scale_guesses[j];
	struct csvr_scale_rejects scale_rejects = { 0, 0, 0, 0 };
	const bool is_grouped = guess->n_ungrouped == 0;
	uint8_t *classes = w->groups != NULL ? w->groups->classes : NULL;
	size_t n_missing = 0, n_tried = 0, n_alike = 0;
	enum csvr_status status = CSVR_OK;
	for (size_t i = 0; i < n_rejects && status == CSVR_OK; i++) {
		const struct csvr_slice cell = cell_as_written(w, cells, w->rejects[i]);
		struct csvr_cell_group *group = NULL;
		if (cell.n_bytes == 0) {
			n_missing++;
			if (classes != NULL)
				classes[i] = CSVR_CELL_MISSING;
			continue;
		}
		if (is_grouped && cell.n_bytes <= CSVR_GROUPED_BYTES) {
			n_tried++;
			group = csvr_worker_find_group(w, cell);
			if (group != NULL && group->n_bytes != 0) {
				group->n_cells++;
				n_alike++;
				if (classes != NULL)
					classes[i] = group->class;
				continue;
			}
		}
		status = count_reject(w, j, cells, i, cell);
		if (classes != NULL)
			classes[i] = (uint8_t)w->decimal.class;
		csvr_scale_rejects_note(&scale_rejects, &w->decimal, cell.n_bytes, guess->scale);
		if (group != NULL && status == CSVR_OK)
			csvr_worker_start_group(w, group, cell.n_bytes);
	}
	column->cells[CSVR_CELL_MISSING] += n_missing;
	if (n_rejects > n_missing && status == CSVR_OK)
		status = csvr_worker_flush_cells(w, column);
	adjust_groups(guess, n_tried, n_alike);
	csvr_scale_guess_adjust(guess, &scale_rejects, cells->n_cells);
	return status;
}

/* Whether the kernel converts the first cells of the next batch, and rejects those of all records that are no rows. Then
 * only the records of rejected cells need a look. */
static inline bool breaks_are_rejected(const struct csvr_worker *w)
{
	return w->header.is_selected[0] && !w->scale_guesses[0].is_text &&
	       !w->header.repeat.has_number;
}

/* Cells of one batch. */
struct batch_range {
	const struct csvr_record_run *run;
	size_t first_record, n_cells;
};

static inline const uint32_t *first_end(const struct batch_range *range)
{
	return range->run->ends + range->first_record * range->run->stride;
}

static inline struct csvr_column_slice cells_of(const struct csvr_worker *w, size_t j,
						const struct batch_range *range)
{
	const struct csvr_record_run *run = range->run;
	return (struct csvr_column_slice){
		w->text,        first_end(range) + j,   run->stride,
		range->n_cells, j + 1 == run->n_fields, w->dialect.decimal
	};
}

/* Converts the cells of column `j`, a batch. If the first column shows that a record of the batch is no row, the batch
 * ends before it. Returns the number of values. */
static size_t convert_column(struct csvr_worker *w, size_t j, const struct batch_range *range,
			     struct csvr_column_slice *cells)
{
	for (;;) {
		const size_t n_values = convert_cells(w, cells, &w->scale_guesses[j]);
		if (j > 0 || n_values == cells->n_cells || range->first_record < range->run->n_rows)
			return n_values;
		const size_t end = csvr_worker_find_rejected_break(w, range->run,
								   range->first_record,
								   cells->n_cells - n_values);
		if (end == SIZE_MAX)
			return n_values;
		cells->n_cells = end;
	}
}

/* Counts the cells of column `j`, and sets the number of them. */
static enum csvr_status count_batch(struct csvr_worker *w, size_t j, struct batch_range *range)
{
	struct csvr_column *column = &w->chunk->stats.columns[j];
	struct csvr_scale_guess *guess = &w->scale_guesses[j];
	if (w->pairs != NULL)
		choose_values(w, j);
	const unsigned scale = guess->scale; /* of this batch: rejects may change the guess */
	csvr_worker_start_column(w, j, scale);
	uint64_t n_numbers = column->cells[CSVR_CELL_NUMBER];
	const bool is_first = column->first[CSVR_KIND_NUMBER].line == 0;
	struct csvr_column_slice cells = cells_of(w, j, range);
	const size_t n_values = convert_column(w, j, range, &cells), n_cells = cells.n_cells;
	enum csvr_status status = CSVR_OK;
	range->n_cells = n_cells;
	struct csvr_batch_sums batch_sums;
	const struct csvr_batch batch = { .values = w->values,
					  .n_values = n_values,
					  .scale = scale,
					  .sums = &batch_sums,
					  .kernels = w->config->batch_kernels };
	if (n_cells == 0)
		return CSVR_OK;
	if (n_values > 0) {
		w->config->batch_kernels->sum(w->values, n_values, &batch_sums);
		struct csvr_quantity_stats *numbers = &column->quantities[CSVR_QUANTITY_NUMBER];
		if ((numbers->notation & CSVR_NOTATION_FRACTION) == 0 &&
		    has_fraction(w, &cells, n_values, scale))
			numbers->notation |= CSVR_NOTATION_FRACTION;
		status = csvr_column_add_batch(column, CSVR_CELL_NUMBER, &batch);
	}
	if (status == CSVR_OK)
		status = count_rejects(w, j, &cells, n_cells - n_values);
	if (status == CSVR_OK && csvr_worker_groups_column(w, j))
		status = csvr_worker_group_cells(w, j, range->first_record, &cells, &batch);
	csvr_worker_finish_order(w, n_values);
	if (is_first && n_values > 0)
		note_first_number(w, column, &cells, first_end(range), n_values);
	if (w->pairs != NULL) {
		const struct csvr_converted_column converted = { w->rejects, n_cells, n_values,
								 scale, &batch_sums };
		csvr_worker_pairs_finish_column(w->pairs, j, &converted);
	}
	guess->is_text = n_cells >= CSVR_SAMPLE_CELLS &&
			 column->cells[CSVR_CELL_NUMBER] == n_numbers;
	return status;
}

/* Counts column `j` of records [first_record, *last_record), at most a batch. The first column may show that these end
 * earlier. */
static enum csvr_status count_column(struct csvr_worker *w, const struct csvr_record_run *run,
				     size_t j, size_t first_record, size_t *last_record)
{
	struct batch_range range = { run, first_record, *last_record - first_record };
	const size_t n_cells = range.n_cells;
	if (!w->scale_guesses[j].is_sampled && n_cells > CSVR_SAMPLE_CELLS) {
		range.n_cells = CSVR_SAMPLE_CELLS;
		const enum csvr_status status = count_batch(w, j, &range);
		first_record += range.n_cells;
		*last_record = range.n_cells < CSVR_SAMPLE_CELLS ? first_record : *last_record;
		if (status != CSVR_OK || first_record == *last_record)
			return status;
		range = (struct batch_range){ run, first_record, *last_record - first_record };
	}
	const enum csvr_status status = count_batch(w, j, &range);
	*last_record = first_record + range.n_cells;
	return status;
}

/* The records of the next batch, at most. Correlations need one scale per column and batch, so the
 * first batch is a sample. */
static size_t batch_limit(const struct csvr_worker *w)
{
	for (size_t j = 0; w->pairs != NULL && j < w->header.n_columns; j++)
		if (w->header.is_correlated[j] && !w->scale_guesses[j].is_sampled)
			return CSVR_SAMPLE_CELLS;
	return CSVR_MAX_BATCH;
}

/* Counts records [first, *last) of the run, at most a batch. They may end earlier. */
static enum csvr_status count_records(struct csvr_worker *w, struct csvr_record_run *run,
				      size_t first, size_t *last)
{
	enum csvr_status status = CSVR_OK;
	if (w->groups != NULL)
		status = csvr_worker_find_groups(w, run, first, last);
	else if (run->n_rows < *last && !breaks_are_rejected(w))
		run->n_rows = *last = csvr_worker_find_break(w, run, first, *last);
	for (size_t j = 0; j < w->chunk->stats.n_columns && first < *last && status == CSVR_OK;
	     j++) {
		bool are_counted = false;
		if (!w->header.is_selected[j])
			continue;
		if (w->groups != NULL)
			status = csvr_worker_count_key_texts(w, j, first, *last, &are_counted);
		if (!are_counted && status == CSVR_OK)
			status = count_column(w, run, j, first, last);
	}
	if (status != CSVR_OK || first == *last)
		return status;
	if (w->pairs != NULL)
		status = csvr_worker_pairs_add_batch(w->pairs);
	if (status == CSVR_OK && w->rows != NULL)
		status = csvr_worker_add_rows(w, run, first, *last);
	return status;
}

/* Whether a row of the run looks like a total; `*start` is where it starts. */
static bool is_total(const struct csvr_worker *w, const struct csvr_record_run *run, size_t row,
		     size_t *start)
{
	const uint32_t *end = run->ends + row * run->stride;
	*start = (uint32_t)(end[-1] + 1);
	const unsigned char *cell = w->text + *start, *cell_end = w->text + *end;
	if (run->n_fields == 1)
		cell_end = csvr_worker_strip_returns(cell, cell_end);
	return csvr_worker_is_total(w, (struct csvr_slice){ cell, (size_t)(cell_end - cell) });
}

/* Notes which of the last rows of the run look like totals, up to the last one that does not. */
static void add_last_rows(struct csvr_worker *w, const struct csvr_record_run *run)
{
	struct csvr_file_stats *stats = &w->chunk->stats;
	const size_t n = run->n_records, most = n < CSVR_MOST_LAST_ROWS ? n : CSVR_MOST_LAST_ROWS;
	size_t starts[CSVR_MOST_LAST_ROWS], n_totals = 0;
	while (n_totals < most && is_total(w, run, n - 1 - n_totals, &starts[n_totals]))
		n_totals++;
	if (n_totals < most)
		csvr_file_stats_add_last_row(stats, false, 0);
	while (n_totals-- > 0)
		csvr_file_stats_add_last_row(stats, true, csvr_worker_line_of(w, starts[n_totals]));
}

/* Counts the cells of the run column by column, and its rows. Shortens it as csvr_worker_count_run does. */
static enum csvr_status count_rows(struct csvr_worker *w, struct csvr_record_run *run)
{
	struct csvr_file_stats *stats = &w->chunk->stats;
	/* All columns of a batch are counted before the next batch: the text and ends of a
	 * narrow table then come from the L1 cache for every column but the first. */
	for (size_t i = 0; i < run->n_records;) {
		const size_t left = run->n_records - i, most = batch_limit(w);
		const size_t limit = i + (left < most ? left : most);
		size_t last = limit;
		const enum csvr_status status = count_records(w, run, i, &last);
		if (status != CSVR_OK)
			return status;
		i = last;
		if (last < limit)
			run->n_records = last;
	}
	if (run->n_records == 0)
		return CSVR_OK;
	add_last_rows(w, run);
	stats->n_rows += run->n_records;
	struct csvr_line_count *trailing = &stats->issues[CSVR_ROW_TRAILING_DELIMITER];
	if (run->n_fields > stats->n_columns) {
		const size_t record = (uint32_t)(run->ends[-1] + 1);
		csvr_line_count_add(trailing, run->n_records,
				    trailing->n == 0 ? csvr_worker_line_of(w, record) : 0);
	}
	return CSVR_OK;
}

/* The same for those of its records that satisfy --where. */
static enum csvr_status count_kept_rows(struct csvr_worker *w, struct csvr_record_run *run)
{
	struct csvr_record_run kept;
	run->n_records = csvr_worker_find_break(w, run, 0, run->n_records);
	if (run->n_records == 0)
		return CSVR_OK;
	const enum csvr_status status = csvr_worker_filter_run(w, run, &kept);
	if (status != CSVR_OK || kept.n_records == 0)
		return status;
	for (size_t i = 0; i < kept.n_records && w->fields.continues_after_quote; i++)
		csvr_worker_count_quotes(w, kept.ends + i * kept.stride, kept.n_fields);
	return count_rows(w, &kept);
}

enum csvr_status csvr_worker_count_run(struct csvr_worker *w, struct csvr_record_run *run)
{
	const enum csvr_status status = w->filter != NULL ? count_kept_rows(w, run)
							  : count_rows(w, run);
	if (status != CSVR_OK || run->n_records == 0)
		return status;
	const uint32_t *end = run->ends + run->n_records * run->stride - 1;
	csvr_worker_step_to(w, *end + (size_t)1, run->n_records);
	return CSVR_OK;
}
